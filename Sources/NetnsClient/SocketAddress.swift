// Addresses of internet sockets, as text and as the kernel's structures (ip(7), ipv6(7)).

import Descriptors
import Glibc
public import IPRoute

/// An address and a port. It compares by all of the kernel's structure, an IPv6 zone among it.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// struct sockaddr_in or sockaddr_in6.
    let bytes: [UInt8]

    public init(_ address: IPAddress, _ port: UInt16) {
        // sin_port and sin6_port follow the family; sin_addr is behind it, sin6_addr behind sin6_flowinfo too.
        var bytes = [UInt8](
            repeating: 0,
            count: address.family == .inet ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
        let family = sa_family_t(address.family.number)
        unsafe withUnsafeBytes(of: family) { unsafe bytes.replaceSubrange(0..<2, with: $0) }
        bytes[2] = UInt8(port >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: port)
        let start = Self.addressOffset(address.family)
        bytes.replaceSubrange(start..<start + address.family.addressBytes, with: address.bytes)
        self.bytes = bytes
    }

    /// What the kernel filled in; nil for another family.
    init?(_ storage: ArraySlice<UInt8>) {
        guard storage.count >= MemoryLayout<sockaddr_in>.size else { return nil }
        let family = unsafe storage.withUnsafeBytes { unsafe $0.loadUnaligned(as: sa_family_t.self) }
        guard let family = Family(number: UInt8(truncatingIfNeeded: family)),
            storage.count >= Self.addressOffset(family) + family.addressBytes
        else { return nil }
        bytes = Array(storage)
    }

    private static func addressOffset(_ family: Family) -> Int { family == .inet ? 4 : 8 }

    public var family: Family { bytes.count == MemoryLayout<sockaddr_in>.size ? .inet : .inet6 }
    public var port: UInt16 { UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }
    public var address: IPAddress {
        IPAddress(bytes: bytes[Self.addressOffset(family)...].prefix(family.addressBytes))!
    }

    /// `10.0.0.1:80`, `[fd00::1]:80` (RFC 5952, 6).
    public var description: String { Self.text(address, port) }

    static func text(_ address: IPAddress, _ port: UInt16) -> String {
        address.family == .inet ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { raw in
            unsafe body(raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }

    /// Asks a call that fills in a sockaddr.
    static func filled<Failure: Error, Value>(
        by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) throws(Failure) -> Value
    ) throws(Failure) -> (value: Value, address: SocketAddress?) {
        var storage = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_in6>.size)
        var length = socklen_t(storage.count)
        let value = try unsafe storage.withUnsafeMutableBufferPointer { (raw) throws(Failure) in
            let address = unsafe UnsafeMutableRawPointer(raw.baseAddress!).assumingMemoryBound(to: sockaddr.self)
            return try unsafe call(address, &length)
        }
        return (value, SocketAddress(storage.prefix(Int(length))))
    }
}
