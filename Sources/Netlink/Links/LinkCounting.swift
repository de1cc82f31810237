// How many links somebody has made in a namespace.

import Glibc
import IPRoute

extension NetlinkSocket {
    /// The links of the namespace that did not come with it: all but `lo` and the fallback devices that the tunnel
    /// modules put into each namespace (Documentation/admin-guide/sysctl/net.rst, fb_tunnels_only_for_init_net).
    public func countLinks() throws(NetlinkError) -> Int {
        let links = try dump(.listLinks(kind: nil, master: nil, statistics: false)).compactMap(RawLink.init)
        return links.count { link in
            link.name != "lo" && (link.kind == nil || Self.fallbackLinks[link.name] != link.kind)
        }
    }

    private static let fallbackLinks: [String: String] = [
        "tunl0": "ipip", "gre0": "gre", "gretap0": "gretap", "erspan0": "erspan", "sit0": "sit", "ip6tnl0": "ip6tnl",
        "ip6gre0": "ip6gre", "ip_vti0": "vti", "ip6_vti0": "vti6",
    ]
}
