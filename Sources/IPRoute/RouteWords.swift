// The words of routing: tables, scopes, protocols and types, by iproute2's names and the kernel's numbers
// (linux/rtnetlink.h, iproute2's etc/rt_tables, rt_scopes and rt_protos).

/// A routing table: `default`, `main`, `local` or a number. 0 is no table.
public struct RouteTable: Hashable, Sendable {
    public let number: UInt32

    public init?(_ number: UInt32) {
        guard number > 0 else { return nil }
        self.number = number
    }

    public static let standard = RouteTable(253)!
    public static let main = RouteTable(254)!
    public static let local = RouteTable(255)!

    public init?(_ text: String) {
        if let named = Self.names.first(where: { $0.name == text }) {
            self = named.table
        } else {
            guard let number = decimal(text, upTo: Int(UInt32.max)) else { return nil }
            self.init(UInt32(number))
        }
    }

    private static let names: [(name: String, table: RouteTable)] = [
        ("default", standard), ("main", main), ("local", local),
    ]
    public static let rule = "must be main, local, default or a number from 1 to 4294967295"
}

extension RouteTable: Codable, CustomStringConvertible {
    public var description: String { Self.names.first { $0.table == self }?.name ?? String(number) }

    public init(from decoder: any Decoder) throws {
        self = try decoder.nameOrNumber(
            Self.rule, name: RouteTable.init, number: { UInt32(exactly: $0).flatMap { RouteTable($0) } })
    }

    public func encode(to encoder: any Encoder) throws { try encoder.text(description) }
}

/// How far a destination or an address reaches (RT_SCOPE_*).
public struct RouteScope: Hashable, Sendable {
    public let number: UInt8
    public init(_ number: UInt8) { self.number = number }

    public static let global = RouteScope(0)
    public static let site = RouteScope(200)
    public static let link = RouteScope(253)
    public static let host = RouteScope(254)
    public static let nowhere = RouteScope(255)

    public init?(_ text: String) {
        if let named = Self.names.first(where: { $0.name == text }) {
            self = named.scope
        } else {
            guard let number = decimal(text, upTo: 255) else { return nil }
            self.init(UInt8(number))
        }
    }

    private static let names: [(name: String, scope: RouteScope)] = [
        ("global", global), ("site", site), ("link", link), ("host", host), ("nowhere", nowhere),
    ]
    public static let rule = "must be global, site, link, host, nowhere or a number from 0 to 255"
}

extension RouteScope: Codable, CustomStringConvertible {
    public var description: String { Self.names.first { $0.scope == self }?.name ?? String(number) }

    public init(from decoder: any Decoder) throws {
        self = try decoder.nameOrNumber(
            Self.rule, name: RouteScope.init, number: { UInt8(exactly: $0).map { RouteScope($0) } })
    }

    public func encode(to encoder: any Encoder) throws { try encoder.text(description) }
}

/// Who made a route (RTPROT_*).
public struct RouteProtocol: Hashable, Sendable {
    public let number: UInt8
    public init(_ number: UInt8) { self.number = number }

    public static let unspecified = RouteProtocol(0)
    public static let redirect = RouteProtocol(1)
    public static let kernel = RouteProtocol(2)
    public static let boot = RouteProtocol(3)
    public static let `static` = RouteProtocol(4)
    public static let ra = RouteProtocol(9)
    public static let dhcp = RouteProtocol(16)

    public init?(_ text: String) {
        if let named = Self.names.first(where: { $0.name == text }) {
            self = named.value
        } else {
            guard let number = decimal(text, upTo: 255) else { return nil }
            self.init(UInt8(number))
        }
    }

    /// The kernel makes these itself.
    public var isAutomatic: Bool { [.redirect, .kernel, .ra].contains(self) }

    private static let names: [(name: String, value: RouteProtocol)] = [
        ("unspec", unspecified), ("redirect", redirect), ("kernel", kernel), ("boot", boot), ("static", .static),
        ("gated", .init(8)), ("ra", ra), ("mrt", .init(10)), ("zebra", .init(11)), ("bird", .init(12)),
        ("dnrouted", .init(13)), ("xorp", .init(14)), ("ntk", .init(15)), ("dhcp", dhcp), ("keepalived", .init(18)),
        ("babel", .init(42)), ("openr", .init(99)), ("bgp", .init(186)), ("isis", .init(187)), ("ospf", .init(188)),
        ("rip", .init(189)), ("eigrp", .init(192)),
    ]
    public static let rule = "must be a routing protocol like boot or static, or a number from 0 to 255"
}

extension RouteProtocol: Codable, CustomStringConvertible {
    public var description: String { Self.names.first { $0.value == self }?.name ?? String(number) }

    public init(from decoder: any Decoder) throws {
        self = try decoder.nameOrNumber(
            Self.rule, name: RouteProtocol.init, number: { UInt8(exactly: $0).map { RouteProtocol($0) } })
    }

    public func encode(to encoder: any Encoder) throws { try encoder.text(description) }
}

/// What a route does with a packet (RTN_*, in the kernel's order).
public enum RouteType: String, Hashable, Sendable, Codable, CaseIterable {
    case unspec, unicast, local, broadcast, anycast, multicast, blackhole, unreachable, prohibit, `throw`, nat, xresolve

    public var number: UInt8 { UInt8(Self.allCases.firstIndex(of: self)!) }

    public init?(number: UInt8) {
        guard Int(number) < Self.allCases.count else { return nil }
        self = Self.allCases[Int(number)]
    }

    /// It goes nowhere, so it has no gateway and no device.
    public var isDeadEnd: Bool { [.blackhole, .unreachable, .prohibit, .throw].contains(self) }
}

/// Which of several routers a host takes (ICMPV6_ROUTER_PREF_*, linux/icmpv6.h, RFC 4191).
public enum RouterPreference: String, Hashable, Sendable, Codable, CaseIterable {
    case low, medium, high

    public var number: UInt8 {
        switch self {
        case .medium: 0
        case .high: 1
        case .low: 3
        }
    }
}

/// What the kernel keeps of the way to a destination (RTAX_*, ip-route(8)). Times are in milliseconds.
public struct RouteMetrics: Hashable, Sendable, Codable {
    public var mtu, window, rtt, rttvar, ssthresh, cwnd, advmss, reordering, hoplimit, initcwnd: Word?
    public var rtoMin, initrwnd, quickack: Word?
    /// Those that the kernel may not change, by their keys.
    public var locked: [String]?

    public init() {}

    /// By the kernel's number for it (RTAX_MTU is 2), in that order, which is also `ip`'s.
    public static var members: [(number: Int, key: String, path: WritableKeyPath<RouteMetrics, Word?>)] {
        [
            (2, "mtu", \.mtu), (3, "window", \.window), (4, "rtt", \.rtt), (5, "rttvar", \.rttvar),
            (6, "ssthresh", \.ssthresh), (7, "cwnd", \.cwnd), (8, "advmss", \.advmss),
            (9, "reordering", \.reordering), (10, "hoplimit", \.hoplimit), (11, "initcwnd", \.initcwnd),
            (13, "rto_min", \.rtoMin), (14, "initrwnd", \.initrwnd), (15, "quickack", \.quickack),
        ]
    }

    /// What they are called.
    public static var keys: [String] { members.map(\.key) }

    private enum CodingKeys: String, CodingKey {
        case mtu, window, rtt, rttvar, ssthresh, cwnd, advmss, reordering, hoplimit, initcwnd, rtoMin = "rto_min"
        case initrwnd, quickack, locked
    }
}
