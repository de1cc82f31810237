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
        numbers([
            ("num_tx_queues", "numtxqueues", link.numTxQueues), ("num_rx_queues", "numrxqueues", link.numRxQueues),
            ("gso_max_size", "gso_max_size", link.gsoMaxSize), ("gso_max_segs", "gso_max_segs", link.gsoMaxSegs),
            ("tso_max_size", "tso_max_size", link.tsoMaxSize), ("tso_max_segs", "tso_max_segs", link.tsoMaxSegs),
            ("gro_max_size", "gro_max_size", link.groMaxSize),
        ])
    }

    private func numbers(_ values: [(key: String, words: String, value: Int?)]) {
        for (key, words, value) in values {
            if let value { number(key, value, words + " ") }
        }
    }

    private func linkInfo(_ info: LinkInfo) {
        openObject("linkinfo")
        if let kind = info.kind {
            text(lineBreak)
            string("info_kind", kind, "    ")
            if let data = info.data, data.isShown {
                openObject("info_data")
                options(data, info)
                closeObject()
            }
        }
        if let kind = info.slaveKind {
            text(lineBreak)
            isJSON ? json("info_slave_kind", kind) : text("    \(kind)_slave ")
            if let data = info.slaveData {
                openObject("info_slave_data")
                bridgePort(data, info.slaveState ?? BridgePortState())
                closeObject()
            }
        }
        closeObject()
    }

    private func options(_ data: LinkOptions, _ info: LinkInfo) {
        switch data {
        case .bridge(let options): bridge(options, info.bridgeState ?? BridgeState())
        case .vlan(let options):
            string("protocol", options.networkProtocol?.rawValue ?? "802.1Q", "protocol ")
            number("id", options.id.value, "id ")
        case .vxlan(let options): vxlan(options, info.vxlanState ?? VXLANState())
        case .macvlan(let options):
            if let mode = options.mode { string("mode", mode.rawValue, "mode ") }
            numbers([
                ("bcqueuelen", "bcqueuelen", info.macvlanState?.broadcastQueueLength),
                ("usedbcqueuelen", "usedbcqueuelen", info.macvlanState?.usedBroadcastQueueLength),
            ])
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

    // MARK: Bridges

    private func bridge(_ options: BridgeOptions, _ state: BridgeState) {
        numbers([
            ("forward_delay", "forward_delay", options.forwardDelay?.value),
            ("hello_time", "hello_time", options.helloTime?.value), ("max_age", "max_age", options.maxAge?.value),
            ("ageing_time", "ageing_time", options.ageingTime?.value),
            ("stp_state", "stp_state", bit(options.stpState)),
            ("priority", "priority", options.priority?.value),
            ("vlan_filtering", "vlan_filtering", bit(options.vlanFiltering)),
        ])
        if let id = state.bridgeId { string("bridge_id", id, "bridge_id ") }
        if let id = state.rootId { string("root_id", id, "designated_root ") }
        numbers([
            ("root_port", "root_port", state.rootPort), ("root_path_cost", "root_path_cost", state.rootPathCost),
            ("topology_change", "topology_change", state.topologyChange),
            ("topology_change_detected", "topology_change_detected", state.topologyChangeDetected),
        ])
        timers([
            ("hello_timer", state.helloTimer), ("tcn_timer", state.tcnTimer),
            ("topology_change_timer", state.topologyChangeTimer), ("gc_timer", state.gcTimer),
        ])
        numbers([
            ("vlan_default_pvid", "vlan_default_pvid", options.vlanDefaultPvid?.value),
            ("vlan_stats_enabled", "vlan_stats_enabled", bit(options.vlanStatsEnabled)),
        ])
        if let mask = options.groupForwardMask { string("group_fwd_mask", hexadecimal(mask.value), "group_fwd_mask ") }
        if let address = options.groupAddress { string("group_addr", "\(address)", "group_address ") }
        numbers(multicast(options))
        numbers([
            ("nf_call_iptables", "nf_call_iptables", bit(options.nfCallIptables)),
            ("nf_call_ip6tables", "nf_call_ip6tables", bit(options.nfCallIp6tables)),
            ("nf_call_arptables", "nf_call_arptables", bit(options.nfCallArptables)),
        ])
    }

    private func multicast(_ options: BridgeOptions) -> [(
        key: String, words: String, value: Int?
    )] {
        [
            ("mcast_snooping", "mcast_snooping", bit(options.mcastSnooping)),
            ("no_linklocal_learn", "no_linklocal_learn", bit(options.noLinkLocalLearn)),
            ("mcast_vlan_snooping", "mcast_vlan_snooping", bit(options.mcastVlanSnooping)),
            ("mcast_router", "mcast_router", options.mcastRouter?.value),
            ("mcast_query_use_ifaddr", "mcast_query_use_ifaddr", bit(options.mcastQueryUseIfaddr)),
            ("mcast_querier", "mcast_querier", bit(options.mcastQuerier)),
            ("mcast_hash_elasticity", "mcast_hash_elasticity", options.mcastHashElasticity?.value),
            ("mcast_hash_max", "mcast_hash_max", options.mcastHashMax?.value),
            ("mcast_last_member_cnt", "mcast_last_member_count", options.mcastLastMemberCount?.value),
            ("mcast_startup_query_cnt", "mcast_startup_query_count", options.mcastStartupQueryCount?.value),
            ("mcast_last_member_intvl", "mcast_last_member_interval", options.mcastLastMemberInterval?.value),
            ("mcast_membership_intvl", "mcast_membership_interval", options.mcastMembershipInterval?.value),
            ("mcast_querier_intvl", "mcast_querier_interval", options.mcastQuerierInterval?.value),
            ("mcast_query_intvl", "mcast_query_interval", options.mcastQueryInterval?.value),
            ("mcast_query_response_intvl", "mcast_query_response_interval", options.mcastQueryResponseInterval?.value),
            ("mcast_startup_query_intvl", "mcast_startup_query_interval", options.mcastStartupQueryInterval?.value),
            ("mcast_stats_enabled", "mcast_stats_enabled", bit(options.mcastStatsEnabled)),
            ("mcast_igmp_version", "mcast_igmp_version", options.mcastIgmpVersion?.value),
            ("mcast_mld_version", "mcast_mld_version", options.mcastMldVersion?.value),
        ]
    }

    private func bit(_ toggle: Toggle?) -> Int? { toggle.map { $0.isOn ? 1 : 0 } }

    /// printf(3)'s `%#x`.
    private func hexadecimal(_ value: Int) -> String { value == 0 ? "0" : "0x" + String(value, radix: 16) }

    /// Seconds with two decimals, in text seven columns wide.
    private func timers(_ timers: [(key: String, seconds: Double?)]) {
        for (key, seconds) in timers {
            guard let seconds else { continue }
            let hundredths = Int((seconds * 100).rounded())
            let text = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
            isJSON ? json(key, raw: text) : self.text("\(key) \(text.indented(7)) ")
        }
    }

    private func switches(_ switches: [(key: String, isOn: Bool?)]) {
        for (key, isOn) in switches {
            if let isOn { onOff(key, isOn) }
        }
    }

    private func bridgePort(_ port: BridgePortOptions, _ state: BridgePortState) {
        if let state = port.state { string("state", state.rawValue, "state ") }
        numbers([("priority", "priority", port.priority?.value), ("cost", "cost", port.cost?.value)])
        switches([
            ("hairpin", port.hairpin), ("guard", port.guardBPDU), ("root_block", port.rootBlock),
            ("fastleave", port.fastLeave), ("learning", port.learning), ("flood", port.flood),
        ])
        if let id = state.id { string("id", id, "port_id ") }
        if let number = state.number { string("no", number, "port_no ") }
        numbers([
            ("designated_port", "designated_port", state.designatedPort),
            ("designated_cost", "designated_cost", state.designatedCost),
        ])
        if let id = state.bridgeId { string("bridge_id", id, "designated_bridge ") }
        if let id = state.rootId { string("root_id", id, "designated_root ") }
        timers([
            ("hold_timer", state.holdTimer), ("message_age_timer", state.messageAgeTimer),
            ("forward_delay_timer", state.forwardDelayTimer),
        ])
        numbers([
            ("topology_change_ack", "topology_change_ack", state.topologyChangeAck),
            ("config_pending", "config_pending", state.configPending),
        ])
        switches([("proxy_arp", port.proxyARP), ("proxy_arp_wifi", port.proxyARPWifi)])
        numbers([("multicast_router", "mcast_router", port.multicastRouter?.value)])
        // iproute2 says this one a second time, in text alone.
        if let isOn = port.fastLeave { text("mcast_fast_leave \(isOn ? "on" : "off") ") }
        switches([
            ("mcast_flood", port.mcastFlood), ("bcast_flood", port.bcastFlood),
            ("mcast_to_unicast", port.mcastToUnicast),
            ("neigh_suppress", port.neighbourSuppress),
        ])
        if let mask = port.groupForwardMask?.value {
            string("group_fwd_mask", hexadecimal(mask), "group_fwd_mask ")
            string("group_fwd_mask_str", "0x" + String(mask, radix: 16), "group_fwd_mask_str ")
        }
        switches([("vlan_tunnel", port.vlanTunnel), ("isolated", port.isolated), ("locked", port.locked)])
    }

    // MARK: VXLAN

    private func vxlan(_ options: VXLANOptions, _ state: VXLANState) {
        number("id", options.id.value, "id ")
        for (key, address) in [("group", options.group), ("remote", options.remote), ("local", options.local)] {
            guard let address else { continue }
            isJSON ? json(address.family == .inet ? key : key + "6", "\(address)") : text("\(key) \(address) ")
        }
        if let link = state.link { string("link", link, "dev ") }
        if let range = state.portRange {
            openObject("port_range")
            number("low", range.low, "srcport ")
            number("high", range.high, "")
            closeObject()
        }
        if let port = options.port { number("port", port.value, "dstport ") }
        if let learning = options.learning {
            isJSON ? json("learning", raw: "\(learning)") : text(learning ? "" : "nolearning ")
        }
        for (key, isOn) in [
            ("proxy", options.proxy), ("rsc", options.rsc), ("l2miss", options.l2miss), ("l3miss", options.l3miss),
        ] where isOn == true {
            flag(key, key + " ")
        }
        if let tos = options.tos { string("tos", hexadecimal(tos.value), "tos ") }
        if let ttl = options.ttl {
            isJSON ? json("ttl", raw: "\(ttl)") : text("ttl \(ttl.value == 0 ? "auto" : "\(ttl)") ")
        }
        if let df = state.df { isJSON ? json("df", df) : text(df == "unset" ? "" : "df \(df) ") }
        if let ageing = options.ageing {
            isJSON ? json("ageing", raw: "\(ageing)") : text(ageing.value == 0 ? "ageing none " : "ageing \(ageing) ")
        }
        for (key, words, isOn) in [
            ("udp_csum", "udpcsum", options.udpChecksum),
            ("udp_zero_csum6_tx", "udp6zerocsumtx", state.udpZeroChecksum6Sent),
            ("udp_zero_csum6_rx", "udp6zerocsumrx", state.udpZeroChecksum6Received),
        ] {
            if let isOn { isJSON ? json(key, raw: "\(isOn)") : text("\(isOn ? "" : "no")\(words) ") }
        }
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
