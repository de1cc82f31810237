// The protocol's table of contents.

/// Every method of the protocol, by noun.
public let allMethods: [any Method.Type] = [
    AgentInfo.self, AgentCheck.self, RpcDiscover.self, QuotaGet.self,
    NetnsAdd.self, NetnsList.self, NetnsGet.self, NetnsDelete.self, NetnsExec.self,
    NetnsEnter.self,
    ProgramList.self, ProgramKill.self, ProgramAttach.self,
    DNSGet.self, DNSSet.self,
    LinkAdd.self, LinkSet.self, LinkDelete.self, LinkList.self,
    AddrAdd.self, AddrReplace.self, AddrDelete.self, AddrFlush.self, AddrList.self,
    RouteAdd.self, RouteReplace.self, RouteDelete.self, RouteFlush.self, RouteList.self, RouteGet.self,
    RuleAdd.self, RuleDelete.self, RuleFlush.self, RuleList.self,
    NeighAdd.self, NeighReplace.self, NeighDelete.self, NeighFlush.self, NeighList.self,
    SysctlGet.self, SysctlSet.self,
    SocketOpen.self,
    EventSubscribe.self,
]
