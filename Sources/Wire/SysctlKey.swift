// Names of per-namespace kernel parameters (sysctl(8), Documentation/networking/ip-sysctl.rst).

public import IPRoute

/// A key below `net.`, in either of sysctl(8)'s spellings: `net.ipv4.ip_forward` or `net/ipv4/conf/eth0.100/forwarding`.
public struct SysctlKey: Hashable, Sendable {
    public let name: SysctlName
    public static let rule = "must be a key like net.ipv4.ip_forward or net/ipv4/conf/eth0.100/forwarding"

    /// The path below /proc/sys, one element a directory: `["net", "ipv4", "conf", "eth0.100", "forwarding"]`.
    public var path: [String] { name.path }

    public init?(_ text: String) {
        guard let name = SysctlName(text) else { return nil }
        self.init(name)
    }

    /// nil for a level so high that there is none but levels below.
    public init?(_ name: SysctlName) {
        guard name.path.count >= 3 else { return nil }
        self.name = name
    }
}

extension SysctlKey: TextValue {
    public var description: String { name.description }
}

/// The name of a key, or of a level of keys: `net`, `net.ipv4.conf`, `net.ipv4.conf.eth0/100`.
///
/// A name with dots inside can be written both ways: in the dotted spelling of `net.ipv4.conf.NAME.key` and
/// `net.ipv4.neigh.NAME.key` (and ipv6's) all that stands between the table and the last word is the interface's name.
public struct SysctlName: Hashable, Sendable {
    /// The path below /proc/sys.
    public let path: [String]
    public static let rule = "must be a key or a level of keys, like net.ipv4.conf"

    public init?(_ text: String) {
        // sysctl(8)'s spellings: the first separator is that of the elements; the other one is a dot of a name.
        let separator = text.first { $0 == "." || $0 == "/" } ?? "."
        var path = text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        if separator == "." {
            if Self.isBelowLink(path) {
                path = path[..<3] + [path[3..<(path.count - 1)].joined(separator: ".")] + [path[path.count - 1]]
            }
            path = path.map { String($0.map { $0 == "/" ? "." : $0 }) }
        }
        self.init(path)
    }

    /// Of a path below /proc/sys; nil for what is not below `net`, and for what no text names: a link may be called by
    /// any bytes.
    public init?(_ path: [String]) {
        guard path.first == "net", path.allSatisfy({ !["", ".", ".."].contains($0) && !$0.contains("/") }),
            path.reduce(path.count - 1, { $0 + $1.utf8.count }) <= 256,
            path.allSatisfy({ $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } })
        else { return nil }
        self.path = path
    }

    /// So many elements in a table by links that dots alone do not tell where the link's name ends.
    private static func isBelowLink(_ path: [String]) -> Bool {
        path.count > 5 && ["ipv4", "ipv6"].contains(path[1]) && ["conf", "neigh"].contains(path[2])
    }
}

extension SysctlName: TextValue {
    /// With dots, as sysctl(8) prints it: dots inside an interface's name become slashes. With slashes where the dots
    /// would be read as the name's; the kernel has no such keys.
    public var description: String {
        if Self.isBelowLink(path) { return path.joined(separator: "/") }
        return path.map { String($0.map { $0 == "." ? "/" : $0 }) }.joined(separator: ".")
    }
}
