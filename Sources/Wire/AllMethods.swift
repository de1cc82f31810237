// The protocol's table of contents.

/// Every method of the protocol, by noun.
public let allMethods: [any Method.Type] = [
    AgentInfo.self, AgentCheck.self, RpcDiscover.self, QuotaGet.self, QuotaList.self, LogList.self,
    NetnsAdd.self, NetnsList.self, NetnsGet.self, NetnsSet.self, NetnsDelete.self, NetnsChown.self, NetnsExec.self,
    NetnsEnter.self,
    ProgramList.self, ProgramKill.self, ProgramAttach.self,
    DNSGet.self, DNSSet.self,
    LinkAdd.self, LinkSet.self, LinkDelete.self, LinkList.self,
    AddrAdd.self, AddrReplace.self, AddrDelete.self, AddrFlush.self, AddrList.self,
    RouteAdd.self, RouteReplace.self, RouteChange.self, RouteAppend.self, RoutePrepend.self,
    RouteDelete.self, RouteFlush.self, RouteList.self, RouteGet.self,
    NexthopAdd.self, NexthopReplace.self, NexthopDelete.self, NexthopFlush.self, NexthopList.self,
    RuleAdd.self, RuleDelete.self, RuleFlush.self, RuleList.self,
    NeighAdd.self, NeighReplace.self, NeighChange.self, NeighDelete.self, NeighFlush.self, NeighGet.self,
    NeighList.self,
    MaddrAdd.self, MaddrDelete.self, MaddrList.self,
    FdbList.self,
    SysctlGet.self, SysctlSet.self, SysctlList.self,
    SocketOpen.self,
    EventSubscribe.self,
]
