// IPv4 and IPv6 addresses and prefixes, as text (inet_pton(3), RFC 5952) and as the bytes the kernel takes.

import Glibc

/// Address families, by the words of `ip`.
public enum Family: String, Hashable, Sendable, Codable, CaseIterable {
    case inet, inet6

    /// AF_INET, AF_INET6.
    public var number: UInt8 { self == .inet ? UInt8(AF_INET) : UInt8(AF_INET6) }
    public var addressBytes: Int { self == .inet ? 4 : 16 }
    public var addressBits: Int { addressBytes * 8 }

    public init?(number: UInt8) {
        switch CInt(number) {
        case AF_INET: self = .inet
        case AF_INET6: self = .inet6
        default: return nil
        }
    }
}

/// An IPv4 or IPv6 address, without a zone.
public struct IPAddress: Hashable, Sendable {
    public let family: Family
    /// Network order; IPv4 has its four in the first, the rest is zero.
    private let high: UInt64
    private let low: UInt64

    /// 4 or 16 bytes in network order; nil for another number.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: family = .inet
        case 16: family = .inet6
        default: return nil
        }
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 {
                words.0 |= UInt64(byte) << UInt64(56 - index * 8)
            } else {
                words.1 |= UInt64(byte) << UInt64(120 - index * 8)
            }
        }
        (high, low) = words
    }

    public init?(_ text: String) {
        // inet_pton reads up to a NUL; a text with one inside is no address.
        guard !text.utf8.contains(0) else { return nil }
        var room = (UInt64(0), UInt64(0))
        let family: Family = text.utf8.contains(UInt8(ascii: ":")) ? .inet6 : .inet
        let bytes: [UInt8]? = unsafe withUnsafeMutableBytes(of: &room) { room in
            guard unsafe inet_pton(CInt(family.number), text, room.baseAddress) == 1 else { return nil }
            return unsafe Array(room.prefix(family.addressBytes))
        }
        guard let bytes else { return nil }
        self.init(bytes: bytes)
    }

    public var bytes: [UInt8] {
        let words = (high.bigEndian, low.bigEndian)
        return unsafe withUnsafeBytes(of: words) { unsafe Array($0.prefix(family.addressBytes)) }
    }

    /// `0.0.0.0` or `::`.
    public var isUnspecified: Bool { high == 0 && low == 0 }
    /// 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291).
    public var isMulticast: Bool { family == .inet ? high >> 60 == 0xE : high >> 56 == 0xFF }
    /// 127.0.0.0/8 (RFC 1122) or ::1 (RFC 4291).
    public var isLoopback: Bool { family == .inet ? high >> 56 == 127 : high == 0 && low == 1 }
    /// 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291).
    public var isLinkLocal: Bool { family == .inet ? high >> 48 == 0xA9FE : high >> 54 == 0x3FA }

    public static func unspecified(_ family: Family) -> IPAddress {
        IPAddress(bytes: [UInt8](repeating: 0, count: family.addressBytes))!
    }

    /// The bits behind the first `length` are zero.
    func isNetwork(ofLength length: Int) -> Bool {
        let bytes = bytes
        return (0..<bytes.count).allSatisfy { index in
            let fixed = max(0, min(8, length - index * 8))
            return UInt8(truncatingIfNeeded: UInt(bytes[index]) << UInt(fixed)) == 0
        }
    }

    public static let rule = "must be an IPv4 or IPv6 address"
}

extension IPAddress: TextValue {
    public var description: String {
        // INET6_ADDRSTRLEN is 46 (inet_ntop(3)).
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { text in
            unsafe bytes.withUnsafeBytes { bytes in
                _ = unsafe inet_ntop(CInt(family.number), bytes.baseAddress, text.baseAddress, 46)
            }
            return unsafe String(cString: text.baseAddress!)
        }
    }
}

/// An address with the length of its network's prefix: `10.0.0.1/24`. Without a length it is the address alone
/// (`/32`, `/128`).
public struct IPPrefix: Hashable, Sendable {
    public let address: IPAddress
    /// Bits, 0 to 32 or to 128.
    public let length: Int

    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.family.addressBits).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    public init(_ address: IPAddress) {
        self.address = address
        length = address.family.addressBits
    }

    public init?(_ text: String) {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else {
            guard let address = IPAddress(text) else { return nil }
            self.init(address)
            return
        }
        let digits = text[text.utf8.index(after: slash)...]
        guard let address = IPAddress(String(text[..<slash])), let length = decimal(digits, upTo: 128)
        else { return nil }
        self.init(address, length: length)
    }

    public var family: Family { address.family }
    public var isHost: Bool { length == family.addressBits }
    /// No bit is set behind the prefix, as the kernel wants it of a route's destination.
    public var isNetwork: Bool { address.isNetwork(ofLength: length) }

    public static let rule = "must be an address with a prefix length, like 10.0.0.1/24 or fd00::1/64"
}

extension IPPrefix {
    /// The address is in the network.
    public func contains(_ other: IPAddress) -> Bool {
        guard other.family == family, let there = IPPrefix(other, length: length) else { return false }
        return edge(ones: false) == there.edge(ones: false)
    }

    /// All of the other network is in this one.
    public func contains(_ other: IPPrefix) -> Bool { length <= other.length && contains(other.address) }

    /// The network's first address, or its last.
    public func edge(ones: Bool) -> IPAddress {
        var bytes = address.bytes
        for index in bytes.indices {
            let fixed = max(0, min(8, length - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> UInt(fixed))
            bytes[index] = ones ? bytes[index] | ~mask : bytes[index] & mask
        }
        return IPAddress(bytes: bytes)!
    }
}

extension IPPrefix: TextValue {
    public var description: String { "\(address)/\(length)" }
}

/// A route's or a rule's destination or source as `ip` writes it: `default`, `10.0.0.0/8`, or a host `10.0.0.1`.
public enum Destination: Hashable, Sendable {
    /// `default`, and in rules `all`.
    case any
    case prefix(IPPrefix)

    public init?(_ text: String) {
        if text == "default" || text == "all" || text == "any" {
            self = .any
        } else if let prefix = IPPrefix(text), prefix.isNetwork {
            self = .prefix(prefix)
        } else {
            return nil
        }
    }

    /// nil where the word fits both.
    public var family: Family? {
        switch self {
        case .any: nil
        case .prefix(let prefix): prefix.family
        }
    }

    /// As a network; of all addresses of the family where it is any.
    public func network(_ family: Family) -> IPPrefix {
        switch self {
        case .any: IPPrefix(.unspecified(family), length: 0)!
        case .prefix(let prefix): prefix
        }
    }

    public static let rule =
        "must be default, an address, or a network like 10.0.0.0/8 with no bit set behind its prefix"
}

extension Destination: TextValue {
    public var description: String {
        switch self {
        case .any: "default"
        case .prefix(let prefix): prefix.isHost ? prefix.address.description : prefix.description
        }
    }
}

/// Digits only, no sign, no more than they need; nil for anything else or above `most`.
func decimal(_ text: some StringProtocol, upTo most: Int) -> Int? {
    guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"), let value = Int(text), value <= most
    else { return nil }
    return value
}
