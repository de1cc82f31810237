// The calls that programs make most, in fewer words than `call` needs.

import CLinux
import Descriptors
import Glibc
public import IPRoute
public import Wire

extension Connection {
    /// The caller's namespaces; for root, on request, everybody's.
    public func namespaces(allUsers: Bool = false) throws -> [NamespaceInfo] {
        try call(NetnsList.self, .init(allUsers: allUsers ? true : nil))
    }

    /// Makes a namespace, with `lo` up.
    @discardableResult
    public func addNamespace(_ name: NamespaceSelector) throws -> NamespaceInfo {
        try call(NetnsAdd.self, .init(name: name))
    }

    /// Deletes a namespace; refused as `busy` while programs run in it, unless they are to be killed.
    public func deleteNamespace(_ name: NamespaceSelector, killing: Bool = false) throws {
        try call(NetnsDelete.self, .init(name: name, kill: killing ? true : nil))
    }

    /// The links of these namespaces; without any, of all the caller's.
    public func links(
        in namespaces: [NamespaceSelector]? = nil, _ filter: LinkFilter = LinkFilter()
    ) throws -> [InNamespace<ListedLink>] {
        try call(LinkList.self, ForList(namespaces, filter))
    }

    /// Joins two namespaces by a veth pair, both ends up. All of it is done, or nothing.
    @discardableResult
    public func connect(
        _ name: InterfaceName, in netns: NamespaceSelector, addresses: [IPPrefix] = [], to peerName: InterfaceName,
        in peerNetns: NamespaceSelector, peerAddresses: [IPPrefix] = []
    ) throws -> [InNamespace<Link>] {
        var link = LinkSpec(.veth, ifname: name)
        link.up = true
        let peer = LinkAdd.Peer(netns: peerNetns, ifname: peerName, up: true, addresses: peerAddresses)
        return try call(LinkAdd.self, .init(Place(netns), link: link, addresses: addresses, peer: peer))
    }

    /// The namespace this process is in, to be passed where a `Place` is chosen by its descriptor.
    public static func ownNamespace() throws(SystemError) -> Descriptor {
        try Descriptor("open", "/proc/self/ns/net") { unsafe clinux_open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0) }
    }
}
