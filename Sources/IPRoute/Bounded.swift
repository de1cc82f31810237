// Integers with a range, checked where they are made and never again.

/// An integer that exists only within its range.
public protocol BoundedInteger: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    static var range: ClosedRange<Int> { get }
    var value: Int { get }
    /// The caller has looked: `value` is in `range`.
    init(unchecked value: Int)
}

extension BoundedInteger {
    /// nil outside the range.
    public init?(_ value: Int) {
        guard Self.range.contains(value) else { return nil }
        self.init(unchecked: value)
    }

    public static var rule: String { "must be an integer from \(range.lowerBound) to \(range.upperBound)" }

    /// Decimal digits only; nil for anything else and outside the range.
    public init?(text: String) {
        guard let value = Int(text) else { return nil }
        self.init(value)
    }

    public var description: String { String(value) }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    public init(from decoder: any Decoder) throws {
        guard let value = Self(try decoder.singleValueContainer().decode(Int.self)) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: Self.rule))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A link's number; 0 is none.
public struct LinkIndex: BoundedInteger {
    public static let range = 1...0x7FFF_FFFF
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// The largest packet a link carries, in bytes. 68 is IPv4's least (RFC 791); 65535 is the most any link kind takes.
public struct MTU: BoundedInteger {
    public static let range = 68...65535
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// An 802.1Q VLAN's number; 0 is priority tagging and 4095 is reserved (IEEE 802.1Q).
public struct VLANId: BoundedInteger {
    public static let range = 1...4094
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// The VLAN of untagged packets at a bridge's port; 0 is none.
public struct PortVLAN: BoundedInteger {
    public static let range = 0...4094
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// A VXLAN or Geneve network identifier: 24 bits (RFC 7348, RFC 8926).
public struct VNI: BoundedInteger {
    public static let range = 0...16_777_215
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// A TCP or UDP port.
public struct Port: BoundedInteger {
    public static let range = 1...65535
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// A byte: a TTL, a TOS, a hop limit.
public struct Octet: BoundedInteger {
    public static let range = 0...255
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// 16 bits: a bridge's priority, a mask of group addresses.
public struct Halfword: BoundedInteger {
    public static let range = 0...65535
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// A bridge port's priority: six bits (BR_PORT_BITS, net/bridge/br_private.h).
public struct PortPriority: BoundedInteger {
    public static let range = 0...63
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// How many multicast groups a bridge remembers. The kernel would take more, of its own memory.
public struct GroupCount: BoundedInteger {
    public static let range = 1...65536
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// The length of a prefix of either family.
public struct PrefixLength: BoundedInteger {
    public static let range = 0...128
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// 32 bits of anything: a route's metric, a rule's priority, a mark, a lifetime in seconds, a queue length.
public struct Word: BoundedInteger {
    public static let range = 0...0xFFFF_FFFF
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
    public init(_ value: UInt32) { self.value = Int(value) }
    public var bits: UInt32 { UInt32(value) }
    /// What the kernel takes a lifetime of no end to be (INFINITY_LIFE_TIME, linux/if_addr.h).
    public static let forever = Word(UInt32.max)
}
