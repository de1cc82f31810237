// The account database (getpwuid_r(3), getgrnam_r(3)): it may ask the network, so never on the event loop.

import Glibc

public struct Account: Hashable, Sendable {
    public let uid: uid_t
    public let name: String
}

/// Looks an account up by uid; nil where there is none.
public func account(uid: uid_t) -> Account? {
    unsafe lookUp { room, size in
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        let error = unsafe getpwuid_r(uid, &entry, room, size, &found)
        return (
            error,
            unsafe found.map { unsafe Account(uid: $0.pointee.pw_uid, name: String(cString: $0.pointee.pw_name)) }
        )
    }
}

/// Looks an account up by name; nil where there is none.
public func account(named name: String) -> Account? {
    unsafe lookUp { room, size in
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        let error = unsafe getpwnam_r(name, &entry, room, size, &found)
        return (
            error,
            unsafe found.map { unsafe Account(uid: $0.pointee.pw_uid, name: String(cString: $0.pointee.pw_name)) }
        )
    }
}

/// Looks up the account that a person means by its name or its uid in digits; a name that is digits comes first.
public func account(meantBy text: String) -> Account? {
    account(named: text) ?? uid_t(text).flatMap { account(uid: $0) }
}

/// The groups an account is in, its primary one among them (getgrouplist(3)).
public func groups(of account: Account) -> Set<gid_t> {
    let primary = unsafe lookUp { room, size in
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        let error = unsafe getpwuid_r(account.uid, &entry, room, size, &found)
        return (error, unsafe found.map { unsafe $0.pointee.pw_gid })
    }
    guard let primary else { return [] }
    var groups = [gid_t](repeating: 0, count: 65536)  // NGROUPS_MAX
    var count = CInt(groups.count)
    guard unsafe getgrouplist(account.name, primary, &groups, &count) >= 0 else { return [primary] }
    return Set(groups.prefix(Int(count)))
}

/// A group's number by its name; nil where there is none.
public func groupId(of name: String) -> gid_t? {
    unsafe lookUp { room, size in
        var entry = unsafe group()
        var found: UnsafeMutablePointer<group>?
        let error = unsafe getgrnam_r(name, &entry, room, size, &found)
        return (error, unsafe found.map { unsafe $0.pointee.gr_gid })
    }
}

/// Calls with a larger buffer while the answer is ERANGE; groups of a large site can be long.
private func lookUp<Result>(
    _ call: (_ room: UnsafeMutablePointer<CChar>, _ size: Int) -> (error: CInt, result: Result?)
) -> Result? {
    var size = 4096
    while size <= 1 << 24 {
        let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        defer { unsafe room.deallocate() }
        let (error, result) = unsafe call(room, size)
        if error != ERANGE { return result }
        size *= 4
    }
    return nil
}
