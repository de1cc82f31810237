// What the agent serves: every method of the protocol, one file a verb in Methods/.

import Wire

let handledMethods: [any Handled.Type] = askingMethods + changingMethods

/// Those that leave everything as it is.
private let askingMethods: [any Handled.Type] = [
    AgentInfo.self, AgentCheck.self, RpcDiscover.self, QuotaGet.self, QuotaList.self, LogList.self,
    NetnsList.self, NetnsGet.self,
    ProgramList.self, ProgramAttach.self,
    DNSGet.self,
    LinkList.self, AddrList.self, RouteList.self, RouteGet.self, NexthopList.self, RuleList.self,
    NeighGet.self, NeighList.self, MaddrList.self, FdbList.self,
    SysctlGet.self, SysctlList.self,
    EventSubscribe.self,
]

/// Those that change something, or hand something out to change things with: each request is written down (Audit).
let changingMethods: [any Handled.Type] = [
    NetnsAdd.self, NetnsSet.self, NetnsDelete.self, NetnsChown.self, NetnsExec.self, NetnsEnter.self,
    ProgramKill.self,
    DNSSet.self,
    LinkAdd.self, LinkSet.self, LinkDelete.self,
    AddrAdd.self, AddrReplace.self, AddrDelete.self, AddrFlush.self,
    RouteAdd.self, RouteReplace.self, RouteChange.self, RouteAppend.self, RoutePrepend.self, RouteDelete.self,
    RouteFlush.self,
    NexthopAdd.self, NexthopReplace.self, NexthopDelete.self, NexthopFlush.self,
    RuleAdd.self, RuleDelete.self, RuleFlush.self,
    NeighAdd.self, NeighReplace.self, NeighChange.self, NeighDelete.self, NeighFlush.self,
    MaddrAdd.self, MaddrDelete.self,
    SysctlSet.self,
    SocketOpen.self,
]
