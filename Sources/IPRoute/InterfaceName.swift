// Names of links and their link-layer addresses.

/// A link's name as the kernel accepts it (dev_valid_name, net/core/dev.c) and a terminal can show it: 1 to 15 bytes,
/// no `/`, no `:`, no white space, no control character, no byte above 0x7E, no `%`, and not `.` or `..`.
public struct InterfaceName: Hashable, Sendable, Comparable {
    public let text: String
    public static let rule = "must be an interface name: 1 to 15 visible ASCII characters without / : %, not . or .."

    public init?(_ text: String) {
        guard (1...15).contains(text.utf8.count), text != ".", text != "..",
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && ![0x2F, 0x3A, 0x25].contains($0) })
        else { return nil }
        self.text = text
    }

    public static let loopback = InterfaceName("lo")!

    public static func < (left: InterfaceName, right: InterfaceName) -> Bool { left.text < right.text }
}

extension InterfaceName: TextValue {
    public var description: String { text }
}

/// A second name of a link (ip-link(8), `altname`): up to 127 bytes of the characters of an interface name.
public struct AlternativeName: Hashable, Sendable {
    public let text: String
    public static let rule = "must be 1 to 127 visible ASCII characters without / : %, not . or .."

    public init?(_ text: String) {
        guard (1...127).contains(text.utf8.count), text != ".", text != "..",
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && ![0x2F, 0x3A, 0x25].contains($0) })
        else { return nil }
        self.text = text
    }
}

extension AlternativeName: TextValue {
    public var description: String { text }
}

/// A note on a link (IFLA_IFALIAS): at most 255 bytes (IFALIASZ less its NUL) without control characters.
/// The empty one takes an alias away.
public struct LinkAlias: Hashable, Sendable {
    public let text: String
    public static let rule = "must be at most 255 bytes without control characters"

    public init?(_ text: String) {
        guard text.utf8.count <= 255,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else { return nil }
        self.text = text
    }
}

extension LinkAlias: TextValue {
    public var description: String { text }
}

/// An Ethernet address a link can have: six bytes, neither all zero nor a group address (is_valid_ether_addr,
/// linux/etherdevice.h).
public struct MACAddress: Hashable, Sendable {
    public let bytes: [UInt8]
    public static let rule = "must be an Ethernet address like 02:00:00:00:00:01, not zero and not a group's"

    public init?(bytes: [UInt8]) {
        guard bytes.count == 6, bytes[0] & 1 == 0, bytes != [0, 0, 0, 0, 0, 0] else { return nil }
        self.bytes = bytes
    }

    public init?(_ text: String) {
        guard let bytes = hexadecimalBytes(text), let address = MACAddress(bytes: bytes) else { return nil }
        self = address
    }
}

extension MACAddress: TextValue {
    public var description: String { linkLayerText(bytes) }
}

/// Any link-layer address, a neighbour's for instance: 1 to 32 bytes (MAX_ADDR_LEN, linux/netdevice.h).
public struct LinkLayerAddress: Hashable, Sendable {
    public let bytes: [UInt8]
    public static let rule = "must be a link-layer address like 02:00:00:00:00:01"

    public init?(bytes: [UInt8]) {
        guard (1...32).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    public init?(_ text: String) {
        guard let bytes = hexadecimalBytes(text) else { return nil }
        self.init(bytes: bytes)
    }
}

extension LinkLayerAddress: TextValue {
    public var description: String { linkLayerText(bytes) }
}

/// `02:00:…`, as `ip` writes it.
public func linkLayerText(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
}

private func hexadecimalBytes(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 32 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
        guard (1...2).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexadecimalDigit),
            let byte = UInt8(part, radix: 16)
        else { return nil }
        bytes.append(byte)
    }
    return bytes
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}

/// A name that came from the kernel, made fit to show: it accepts bytes a terminal should not see. Those outside
/// 0x21–0x7E, and the backslash, become `\xNN`.
public func escapedKernelName(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes {
        if byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\\") {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return text
}
