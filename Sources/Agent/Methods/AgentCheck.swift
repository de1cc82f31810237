// agent.check: what this kernel and host can do, found out by trying, in a namespace that is gone right after.

import Descriptors
import IPRoute
import Linux
import Netlink
import SystemPackage
import Wire

extension AgentCheck: Handled {
    static func handle(_: Nothing, _ call: Call) async throws -> Result {
        if let known = call.agent.checks { return known }
        let result = try await call.agent.workers.run(for: call.owner.uid) {
            Result(kernel: try kernelRelease(), checks: try checkHost())
        }
        call.agent.checks = result
        return result
    }
}

private func checkHost() throws -> [AgentCheck.Check] {
    var checks: [AgentCheck.Check] = []
    try NetworkNamespace.scratch {
        let socket = try NetlinkSocket()
        let base = try socket.addLink(LinkSpec(.veth, ifname: InterfaceName("base")), peer: nil).ifname
        for kind in LinkKind.allCases {
            checks.append(checkKind(kind, socket, lower: InterfaceName(base)!))
        }
        checks.append(checkPing())
        checks.append(checkDelegation())
    }
    return checks
}

private func checkKind(_ kind: LinkKind, _ socket: borrowing NetlinkSocket, lower: InterfaceName) -> AgentCheck.Check {
    let what = "link kind \(kind.rawValue)"
    do {
        var spec = LinkSpec(LinkOptions(probing: kind), ifname: InterfaceName("probe"))
        if kind.needsLower { spec.link = lower }
        let link = try socket.addLink(spec)
        try socket.deleteLink(link.ifindex)
        return .init(what: what, works: true)
    } catch {
        guard error.isUnsupported else {
            return .init(what: what, works: false, remedy: "the kernel says: \(error)")
        }
        return .init(
            what: what, works: false, missing: kind.kernelOption,
            remedy: "a kernel built with \(kind.kernelOption), or its module")
    }
}

private func checkPing() -> AgentCheck.Check {
    let works = (try? readSysctl(["net", "ipv4", "ping_group_range"])) != nil
    return .init(
        what: "ping without privileges", works: works, missing: works ? nil : "CONFIG_INET",
        remedy: works ? nil : "a kernel with net.ipv4.ping_group_range")
}

private func checkDelegation() -> AgentCheck.Check {
    let what = "delegated namespaces"
    guard let most = try? readSysctl(["user", "max_user_namespaces"]) else {
        return .init(
            what: what, works: false, missing: "CONFIG_USER_NS", remedy: "a kernel built with CONFIG_USER_NS")
    }
    guard most != "0" else {
        return .init(
            what: what, works: false,
            remedy: "sysctl user.max_user_namespaces above 0; users can be kept from making any by other means")
    }
    return .init(what: what, works: true)
}

extension LinkOptions {
    /// The least options a kind is made with.
    fileprivate init(probing kind: LinkKind) {
        self =
            switch kind {
            case .vlan: .vlan(VLANOptions(id: VLANId(1)!))
            case .vxlan: .vxlan(VXLANOptions(id: VNI(1)!))
            case .vrf: .vrf(VRFOptions(table: Word(1)))
            case .geneve: .geneve(GeneveOptions(id: VNI(1)!, remote: IPAddress("192.0.2.1")!))  // RFC 5737
            default: LinkOptions(defaultsOf: kind)!
            }
    }
}
