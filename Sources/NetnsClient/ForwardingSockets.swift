// The socket calls that forwarding makes, none of which waits.

import CLinux
import Descriptors
import Glibc
import IPRoute
import SystemPackage

/// Gives a new socket, now or when the agent has opened it.
typealias OpenSocket = (Family, @escaping (Result<SharedDescriptor, any Error>) -> Void) -> Void

extension SharedDescriptor {
    /// A socket where this process is.
    static func localSocket(_ kind: InternetSocketKind, _ family: Family) throws(SystemError) -> SharedDescriptor {
        let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        return SharedDescriptor(
            try Descriptor("socket", family.rawValue) {
                socket(CInt(family.number), CInt(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
            })
    }

    func setNonBlocking() throws(SystemError) {
        try system("fcntl", "F_SETFL") { clinux_fcntl(raw, F_SETFL, CLong(O_NONBLOCK)) }
    }

    private func set(_ level: CInt, _ option: CInt, _ value: CInt) {
        var value = value
        _ = unsafe setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Binds, and listens if it is a stream's; gives the address it has then.
    func listen(_ kind: InternetSocketKind, on address: SocketAddress) throws(SystemError) -> SocketAddress {
        try setNonBlocking()
        if kind == .stream { set(SOL_SOCKET, SO_REUSEADDR, 1) }
        // :: is not to take what is 0.0.0.0's (ipv6(7)).
        if address.family == .inet6 { set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        try system("bind", address.description) { unsafe address.withPointer { unsafe bind(raw, $0, $1) } }
        if kind == .stream { try system("listen", address.description) { Glibc.listen(raw, SOMAXCONN) } }
        let name = try unsafe SocketAddress.filled { (storage, length) throws(SystemError) in
            try system("getsockname") { unsafe getsockname(raw, storage, length) }
        }
        return name.address ?? address
    }

    /// The next connection; nil where there is none.
    func accept() throws(SystemError) -> SharedDescriptor? {
        do {
            return SharedDescriptor(try Descriptor("accept4") { clinux_accept(raw) })
        } catch {
            // What came and went before it was accepted is nobody's error (accept(2)).
            if error.errno == .wouldBlock || error.errno == .connectionAbort { return nil }
            throw error
        }
    }

    /// Begins to connect: true where that is done at once.
    func connect(to address: SocketAddress) throws(SystemError) -> Bool {
        try setNonBlocking()
        do {
            try system("connect", address.description) {
                unsafe address.withPointer { unsafe Glibc.connect(raw, $0, $1) }
            }
            return true
        } catch {
            if error.errno == .nowInProgress { return false }
            throw error
        }
    }

    /// What has become of a connect(2) that was begun.
    func checkConnected(to address: SocketAddress) throws(SystemError) {
        var error: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        try system("getsockopt", "SO_ERROR") { unsafe getsockopt(raw, SOL_SOCKET, SO_ERROR, &error, &length) }
        if error != 0 { throw SystemError(Errno(rawValue: error), "connect", address.description) }
    }

    /// Reads what is there; 0 is the end of a stream, nil that there is nothing now.
    func read(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        try unlessItWouldWait { () throws(SystemError) in
            try system("recv") { unsafe recv(raw, bytes.baseAddress, bytes.count, 0) }
        }
    }

    /// Writes what there is room for; nil where there is none now.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        try unlessItWouldWait { () throws(SystemError) in
            try system("send") { unsafe send(raw, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL)) }
        }
    }

    /// A datagram and who sent it.
    func readDatagram(
        into bytes: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> (count: Int, sender: SocketAddress)? {
        let received = try unlessItWouldWait { () throws(SystemError) in
            try unsafe SocketAddress.filled { (storage, length) throws(SystemError) in
                try system("recvfrom") { unsafe recvfrom(raw, bytes.baseAddress, bytes.count, 0, storage, length) }
            }
        }
        guard let received, let sender = received.address else { return nil }
        return (received.value, sender)
    }

    func writeDatagram(_ bytes: UnsafeRawBufferPointer, to address: SocketAddress) throws(SystemError) {
        _ = try unlessItWouldWait { () throws(SystemError) in
            try system("sendto", address.description) {
                unsafe address.withPointer { unsafe sendto(raw, bytes.baseAddress, bytes.count, 0, $0, $1) }
            }
        }
    }

    /// The other end is told that nothing more comes.
    func endWriting() { _ = shutdown(raw, CInt(SHUT_WR)) }

    /// When it is closed, the other end is told that the connection broke (socket(7), SO_LINGER of 0).
    func breakWhenClosed() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

private func unlessItWouldWait<Value>(_ call: () throws(SystemError) -> Value) throws(SystemError) -> Value? {
    do { return try call() } catch {
        if error.errno == .wouldBlock { return nil }
        throw error
    }
}

/// The addresses of a host's name, IPv6 and IPv4 in the order to be tried (RFC 6724).
func lookUp(_ name: String) throws(ForwardingError) -> [IPAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let failure = unsafe getaddrinfo(name, nil, &hints, &list)
    guard failure == 0 else { throw .unknownHost(name, unsafe String(cString: gai_strerror(failure))) }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next?.pointee {
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))
        if let address = SocketAddress(bytes[...])?.address { addresses.append(address) }
        unsafe next = entry.ai_next
    }
    if addresses.isEmpty { throw .unknownHost(name, "it has no address") }
    return addresses
}
