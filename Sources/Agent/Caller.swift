// Who asks: facts from the kernel about the socket's other end, the account behind the uid, and what the policy gives.

import Descriptors
import Glibc
import Linux
import Wire

/// The person at the other end of a connection, as of its connect(2).
struct Caller: Sendable {
    let credentials: PeerCredentials
    let person: Person

    var owner: Owner { Owner(uid: person.uid, user: person.account) }
    var isRoot: Bool { person.uid == 0 }

    /// Asks the account database; off the event loop.
    init(_ credentials: PeerCredentials) {
        self.credentials = credentials
        // The number the kernel shows for a uid that has none in this user namespace is nobody's, whatever account may
        // bear it (user_namespaces(7), /proc/sys/kernel/overflowuid).
        let isOverflow = (try? readSysctl(["kernel", "overflowuid"])) == String(credentials.uid)
        person = Person(
            uid: credentials.uid, account: isOverflow ? nil : account(uid: credentials.uid)?.name,
            groups: Set(credentials.groups + [credentials.gid]))
    }
}
