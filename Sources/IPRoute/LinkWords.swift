// Words about links that are neither names nor numbers of their own (ip-link(8)).

/// A group of links, `default` being 0 (iproute2's etc/group names no other).
public struct LinkGroup: Hashable, Sendable {
    public let number: UInt32
    public init(_ number: UInt32) { self.number = number }

    public static let rule = "must be default or a number from 0 to 4294967295"

    public init?(_ text: String) {
        if text == "default" {
            self.init(0)
        } else {
            guard let number = decimal(text, upTo: Int(UInt32.max)) else { return nil }
            self.init(UInt32(number))
        }
    }
}

extension LinkGroup: Codable, CustomStringConvertible {
    public var description: String { number == 0 ? "default" : String(number) }

    public init(from decoder: any Decoder) throws {
        self = try decoder.nameOrNumber(
            Self.rule, name: LinkGroup.init, number: { UInt32(exactly: $0).map { LinkGroup($0) } })
    }

    public func encode(to encoder: any Encoder) throws { try encoder.text(description) }
}

/// How IPv6 makes a link's own addresses: `enum in6_addr_gen_mode` (linux/if_link.h), in the kernel's order.
public enum AddressGeneration: String, Hashable, Sendable, Codable, CaseIterable {
    case eui64, none, stableSecret = "stable_secret", random
}

/// What a link that comes up waits for: IF_LINK_MODE_* (linux/if.h), in the kernel's order.
public enum LinkMode: String, Hashable, Sendable, Codable, CaseIterable {
    case standard = "DEFAULT"
    case dormant = "DORMANT"
}

/// What a program may say of a link's state: IF_OPER_* by number (linux/if.h, RFC 2863).
public enum OperationalState: String, Hashable, Sendable, Codable, CaseIterable {
    case unknown = "UNKNOWN", notPresent = "NOTPRESENT", down = "DOWN", lowerLayerDown = "LOWERLAYERDOWN"
    case testing = "TESTING", dormant = "DORMANT", up = "UP"
}
