// Names of per-namespace kernel parameters (sysctl(8), Documentation/networking/ip-sysctl.rst).

public import IPRoute

/// A key below `net.`, in either of sysctl(8)'s spellings: `net.ipv4.ip_forward` or `net/ipv4/conf/eth0.100/forwarding`.
///
/// A name with dots inside can be written both ways: in the dotted spelling of `net.ipv4.conf.NAME.key` and
/// `net.ipv4.neigh.NAME.key` (and ipv6's) all that stands between the table and the last word is the interface's name.
public struct SysctlKey: Hashable, Sendable {
    /// The path below /proc/sys, one element a directory: `["net", "ipv4", "conf", "eth0.100", "forwarding"]`.
    public let path: [String]
    public static let rule = "must be a key like net.ipv4.ip_forward or net/ipv4/conf/eth0.100/forwarding"

    public init?(_ text: String) {
        guard text.utf8.count <= 256, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        guard let separator = text.first(where: { $0 == "." || $0 == "/" }) else { return nil }
        var path = text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        if separator == ".", path.count > 5, path[1] == "ipv4" || path[1] == "ipv6",
            path[2] == "conf" || path[2] == "neigh"
        {
            path = path[..<3] + [path[3..<(path.count - 1)].joined(separator: ".")] + [path[path.count - 1]]
        }
        // sysctl(8) swaps the two: a slash between dots is a dot of the name.
        if separator == "." { path = path.map { String($0.map { $0 == "/" ? "." : $0 }) } }
        guard path.count >= 3, path[0] == "net",
            path.allSatisfy({ !["", ".", ".."].contains($0) && !$0.contains("/") })
        else { return nil }
        self.path = path
    }

    /// With dots, as sysctl(8) prints it: dots inside an interface's name become slashes.
    public var dotted: String {
        path.map { String($0.map { $0 == "." ? "/" : $0 }) }.joined(separator: ".")
    }
}

extension SysctlKey: TextValue {
    public var description: String { dotted }
}
