// `ip -d link`: limits, and the options of a link's kind and of its place in a bridge.

import NetnsClient

extension Printer {
    func linkDetails(_ link: Link, _ view: LinkView) {
        if let count = link.promiscuity { number("promiscuity", count, " promiscuity ") }
        if let count = link.allmulti { number("allmulti", count, " allmulti ") }
        if let mtu = link.minMTU { number("min_mtu", mtu, "minmtu ") }
        if let mtu = link.maxMTU { number("max_mtu", mtu, "maxmtu ") }
        if let info = link.linkinfo { linkInfo(info) }
        if view == .link, let mode = link.inet6AddressGenerationMode {
            string("inet6_addr_gen_mode", mode, "addrgenmode ")
        }
        let limits = [
            ("num_tx_queues", "numtxqueues ", link.numTxQueues), ("num_rx_queues", "numrxqueues ", link.numRxQueues),
            ("gso_max_size", "gso_max_size ", link.gsoMaxSize), ("gso_max_segs", "gso_max_segs ", link.gsoMaxSegs),
            ("tso_max_size", "tso_max_size ", link.tsoMaxSize), ("tso_max_segs", "tso_max_segs ", link.tsoMaxSegs),
            ("gro_max_size", "gro_max_size ", link.groMaxSize),
        ]
        for (key, words, value) in limits {
            if let value { number(key, value, words) }
        }
    }

    private func linkInfo(_ info: LinkInfo) {
        openObject("linkinfo")
        if let kind = info.kind {
            text(lineBreak)
            string("info_kind", kind, "    ")
            if let data = info.data, data.isShown {
                openObject("info_data")
                options(data)
                closeObject()
            }
        }
        if let kind = info.slaveKind {
            text(lineBreak)
            isJSON ? json("info_slave_kind", kind) : text("    \(kind)_slave ")
            if let data = info.slaveData {
                openObject("info_slave_data")
                bridgePort(data)
                closeObject()
            }
        }
        closeObject()
    }

    private func options(_ data: LinkOptions) {
        switch data {
        case .bridge(let options): bridge(options)
        case .vlan(let options):
            string("protocol", options.networkProtocol?.rawValue ?? "802.1Q", "protocol ")
            number("id", options.id.value, "id ")
        case .vxlan(let options): vxlan(options)
        case .macvlan(let options): if let mode = options.mode { string("mode", mode.rawValue, "mode ") }
        case .ipvlan(let options):
            if let mode = options.mode { string("mode", mode.rawValue, " mode ") }
            if let flag = options.flag { string("mode_flag", flag.rawValue, "") }
        case .vrf(let options): number("table", options.table.value, "table ")
        case .geneve(let options):
            number("id", options.id.value, "id ")
            string("remote", "\(options.remote)", "remote ")
        case .gre(let options), .gretap(let options), .ip6gre(let options), .ip6gretap(let options),
            .ipip(let options), .sit(let options), .ip6tnl(let options):
            string("remote", options.remote.map { "\($0)" } ?? "any", "remote ")
            string("local", options.local.map { "\($0)" } ?? "any", "local ")
        case .bond(let options): if let mode = options.mode { string("mode", mode.rawValue, "mode ") }
        case .veth, .dummy, .ifb: break
        }
    }

    private func bridge(_ options: BridgeOptions) {
        let numbers = [
            ("forward_delay", options.forwardDelay?.value), ("hello_time", options.helloTime?.value),
            ("max_age", options.maxAge?.value), ("ageing_time", options.ageingTime?.value),
            ("stp_state", options.stpState.map { $0.isOn ? 1 : 0 }), ("priority", options.priority?.value),
            ("vlan_filtering", options.vlanFiltering.map { $0.isOn ? 1 : 0 }),
        ]
        for (key, value) in numbers {
            if let value { number(key, value, key + " ") }
        }
    }

    private func bridgePort(_ port: BridgePortOptions) {
        if let state = port.state { string("state", state.rawValue, "state ") }
        if let priority = port.priority { number("priority", priority.value, "priority ") }
        if let cost = port.cost { number("cost", cost.value, "cost ") }
        let switches = [
            ("hairpin", port.hairpin), ("guard", port.guardBPDU), ("root_block", port.rootBlock),
            ("fastleave", port.fastLeave), ("learning", port.learning), ("flood", port.flood),
        ]
        for (key, value) in switches {
            if let value { onOff(key, value) }
        }
    }

    private func vxlan(_ options: VXLANOptions) {
        number("id", options.id.value, "id ")
        if let group = options.group { string(group.family == .inet ? "group" : "group6", "\(group)", "group ") }
        if let remote = options.remote { string(remote.family == .inet ? "remote" : "remote6", "\(remote)", "remote ") }
        if let local = options.local { string(local.family == .inet ? "local" : "local6", "\(local)", "local ") }
    }
}

extension LinkOptions {
    /// iproute2 knows nothing to say of these.
    fileprivate var isShown: Bool {
        switch self {
        case .veth, .dummy, .ifb: false
        default: true
        }
    }
}
