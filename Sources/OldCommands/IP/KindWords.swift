// What stands behind `type KIND`: the options of each kind of link (ip-link(8)).

import NetnsClient

/// Reads a kind's options.
struct KindWords {
    private var words: Words

    init(_ words: Words) { self.words = words }

    /// The options, and the link below where they name it (`dev`); nil where one is missing that must be there.
    func options(_ kind: LinkKind) throws -> (options: LinkOptions, lower: String?)? {
        var reader = self
        let plain = LinkOptions(defaultsOf: kind)
        switch kind {
        case .veth, .dummy, .ifb:
            if let word = reader.words.next() { throw unknown(word, kind.rawValue) }
            return plain.map { ($0, nil) }
        case .bridge: return (.bridge(try reader.bridge()), nil)
        case .vlan: return (.vlan(try reader.vlan()), nil)
        case .vxlan:
            let (options, lower) = try reader.vxlan()
            return (.vxlan(options), lower)
        case .macvlan: return (.macvlan(try reader.macvlan()), nil)
        case .ipvlan: return (.ipvlan(try reader.ipvlan()), nil)
        case .vrf: return (.vrf(try reader.vrf()), nil)
        case .geneve: return (.geneve(try reader.geneve()), nil)
        case .bond: return (.bond(try reader.bond()), nil)
        case .gre: return try reader.tunnel { .gre($0) }
        case .gretap: return try reader.tunnel { .gretap($0) }
        case .ip6gre: return try reader.tunnel { .ip6gre($0) }
        case .ip6gretap: return try reader.tunnel { .ip6gretap($0) }
        case .ipip: return try reader.tunnel { .ipip($0) }
        case .sit: return try reader.tunnel { .sit($0) }
        case .ip6tnl: return try reader.tunnel { .ip6tnl($0) }
        }
    }

    private func unknown(_ word: String, _ kind: String) -> Failure {
        Failure("\(kind): unknown command \"\(word)\"?", code: 255)
    }

    private mutating func address() throws -> IPAddress {
        let word = try words.value()
        guard let address = IPAddress(word) else {
            throw Failure("Error: any valid address is expected rather than \"\(word)\".", code: 1)
        }
        return address
    }

    private mutating func toggle(_ name: String) throws -> Toggle {
        let word = try words.value()
        guard let value = number(word), value <= 1 else { throw Failure.invalid(word, "invalid \(name)") }
        return Toggle(value == 1)
    }

    private mutating func value<Value: BoundedInteger>(_ name: String) throws -> Value {
        let word = try words.value()
        guard let value = number(word).flatMap(Value.init) else { throw Failure.invalid(word, "invalid \(name)") }
        return value
    }

    private mutating func word<Value: RawRepresentable>(_ name: String) throws -> Value where Value.RawValue == String {
        let word = try words.value()
        guard let value = Value(rawValue: word) else { throw Failure.invalid(word, "invalid \(name)") }
        return value
    }

    private mutating func bridge() throws -> BridgeOptions {
        var options = BridgeOptions()
        while let word = words.next() {
            switch word {
            case _ where word.begins("forward_delay"): options.forwardDelay = try value(word)
            case _ where word.begins("hello_time"): options.helloTime = try value(word)
            case _ where word.begins("max_age"): options.maxAge = try value(word)
            case _ where word.begins("ageing_time"): options.ageingTime = try value(word)
            case _ where word.begins("stp_state"): options.stpState = try toggle("stp_state")
            case _ where word.begins("priority"): options.priority = try value(word)
            case _ where word.begins("vlan_filtering"): options.vlanFiltering = try toggle("vlan_filtering")
            case _ where word.begins("vlan_default_pvid"): options.vlanDefaultPvid = try value(word)
            case _ where word.begins("vlan_stats_enabled"): options.vlanStatsEnabled = try toggle(word)
            case _ where word.begins("mcast_snooping"): options.mcastSnooping = try toggle("mcast_snooping")
            case _ where word.begins("mcast_querier"): options.mcastQuerier = try toggle("mcast_querier")
            case _ where word.begins("group_fwd_mask"): options.groupForwardMask = try value(word)
            case _ where word.begins("group_address"):
                let text = try words.value()
                guard let address = LinkLayerAddress(text) else {
                    throw Failure("\"\(text)\" is invalid lladdr.", code: 1)
                }
                options.groupAddress = address
            default: try bridgeMulticast(word, &options)
            }
        }
        return options
    }

    private mutating func bridgeMulticast(_ word: String, _ options: inout BridgeOptions) throws {
        switch word {
        case "mcast_router": options.mcastRouter = try value(word)
        case "mcast_query_use_ifaddr": options.mcastQueryUseIfaddr = try toggle(word)
        case "mcast_hash_elasticity": options.mcastHashElasticity = try value(word)
        case "mcast_hash_max": options.mcastHashMax = try value(word)
        case "mcast_last_member_count": options.mcastLastMemberCount = try value(word)
        case "mcast_startup_query_count": options.mcastStartupQueryCount = try value(word)
        case "mcast_last_member_interval": options.mcastLastMemberInterval = try value(word)
        case "mcast_membership_interval": options.mcastMembershipInterval = try value(word)
        case "mcast_querier_interval": options.mcastQuerierInterval = try value(word)
        case "mcast_query_interval": options.mcastQueryInterval = try value(word)
        case "mcast_query_response_interval": options.mcastQueryResponseInterval = try value(word)
        case "mcast_startup_query_interval": options.mcastStartupQueryInterval = try value(word)
        case "mcast_stats_enabled": options.mcastStatsEnabled = try toggle(word)
        case "mcast_igmp_version": options.mcastIgmpVersion = try value(word)
        case "mcast_mld_version": options.mcastMldVersion = try value(word)
        case "nf_call_iptables": options.nfCallIptables = try toggle(word)
        case "nf_call_ip6tables": options.nfCallIp6tables = try toggle(word)
        case "nf_call_arptables": options.nfCallArptables = try toggle(word)
        case "no_linklocal_learn": options.noLinkLocalLearn = try toggle(word)
        case "mcast_vlan_snooping": options.mcastVlanSnooping = try toggle(word)
        default: throw unknown(word, "bridge")
        }
    }

    /// `ip link set DEV type bridge_slave …`.
    func bridgePort() throws -> BridgePortOptions {
        var reader = self
        var options = BridgePortOptions()
        while let word = reader.words.next() {
            switch word {
            case "state":
                let text = try reader.words.value()
                guard let number = number(text) else { throw Failure.invalid(text, "state is invalid") }
                guard BridgePortOptions.State.allCases.indices.contains(number) else {
                    throw Failure("RTNETLINK answers: Invalid argument", code: 2)
                }
                options.state = BridgePortOptions.State.allCases[number]
            case "priority": options.priority = try reader.stated(word)
            case "cost": options.cost = try reader.stated(word)
            case "mcast_router": options.multicastRouter = try reader.value(word)
            case "group_fwd_mask": options.groupForwardMask = try reader.value(word)
            default:
                guard let path = Self.portSwitches[word] else { throw unknown(word, "bridge_slave") }
                options[keyPath: path] = try oneOfOnOff(reader.words.value(), word, code: 1)
            }
        }
        return options
    }

    private mutating func stated<Value: BoundedInteger>(_ name: String) throws -> Value {
        let word = try words.value()
        guard let value = number(word).flatMap(Value.init) else { throw Failure.invalid(word, "\(name) is invalid") }
        return value
    }

    private static var portSwitches: [String: WritableKeyPath<BridgePortOptions, Bool?>] {
        [
            "hairpin": \.hairpin, "guard": \.guardBPDU, "root_block": \.rootBlock, "fastleave": \.fastLeave,
            "learning": \.learning, "flood": \.flood, "mcast_flood": \.mcastFlood, "bcast_flood": \.bcastFlood,
            "proxy_arp": \.proxyARP, "neigh_suppress": \.neighbourSuppress, "isolated": \.isolated, "locked": \.locked,
            "mcast_fast_leave": \.fastLeave, "proxy_arp_wifi": \.proxyARPWifi, "mcast_to_unicast": \.mcastToUnicast,
            "vlan_tunnel": \.vlanTunnel,
        ]
    }

    private mutating func vlan() throws -> VLANOptions {
        var id: VLANId?
        var networkProtocol: VLANOptions.NetworkProtocol?
        while let word = words.next() {
            switch word {
            case _ where word.begins("protocol"):
                let name = try words.value()
                networkProtocol = .init(rawValue: name.lowercased() == "802.1q" ? "802.1Q" : name.lowercased())
                if networkProtocol == nil { throw Failure.invalid(name, "protocol is invalid\n") }
            case _ where word.begins("id"): id = try bounded(words.value(), "id")
            default: throw unknown(word, "vlan")
            }
        }
        guard let id else { throw Failure("RTNETLINK answers: Invalid argument", code: 2) }
        var options = VLANOptions(id: id)
        options.networkProtocol = networkProtocol
        return options
    }

    private mutating func macvlan() throws -> MacvlanOptions {
        var options = MacvlanOptions()
        while let word = words.next() {
            guard word.begins("mode") else { throw unknown(word, "macvlan") }
            options.mode = try self.word("mode")
        }
        return options
    }

    private mutating func ipvlan() throws -> IPVlanOptions {
        var options = IPVlanOptions()
        while let word = words.next() {
            if word == "mode" {
                options.mode = try self.word("mode")
            } else if let flag = IPVlanOptions.Flag(rawValue: word) {
                options.flag = flag
            } else {
                throw unknown(word, "ipvlan")
            }
        }
        return options
    }

    private mutating func vrf() throws -> VRFOptions {
        var table: Word?
        while let word = words.next() {
            guard word.begins("table") else { throw unknown(word, "vrf") }
            let name = try words.value()
            guard let known = RouteTable(name) else { throw Failure.invalid(name, "invalid table ID\n") }
            table = Word(known.number)
        }
        guard let table else { throw Failure("Error: argument \"vrf\" is wrong: missing table", code: 255) }
        return VRFOptions(table: table)
    }
}

extension KindWords {
    private mutating func vxlan() throws -> (VXLANOptions, lower: String?) {
        var id: VNI?
        var options = VXLANOptions(id: VNI(unchecked: 0))
        var lower: String?
        while let word = words.next() {
            switch word {
            case _ where word.begins("id", "vni"): id = try bounded(words.value(), "id")
            case "group": options.group = try address()
            case "remote": options.remote = try address()
            case "local": options.local = try address()
            case "dev": lower = try words.value()
            case "dstport": options.port = try bounded(words.value(), "dst port")
            case "ttl", "hoplimit": options.ttl = try bounded(words.value(), "TTL")
            case "tos", "dsfield": options.tos = try bounded(words.value(), "TOS")
            case "ageing": options.ageing = try bounded(words.value(), "ageing timer")
            case "learning", "nolearning": options.learning = word == "learning"
            case "proxy", "noproxy": options.proxy = word == "proxy"
            case "rsc", "norsc": options.rsc = word == "rsc"
            case "l2miss", "nol2miss": options.l2miss = word == "l2miss"
            case "l3miss", "nol3miss": options.l3miss = word == "l3miss"
            case "udpcsum", "noudpcsum": options.udpChecksum = word == "udpcsum"
            default: throw unknown(word, "vxlan")
            }
        }
        // A group that is no multicast address is a remote end, and the other way round.
        if let group = options.group, !group.isMulticast { (options.group, options.remote) = (nil, group) }
        if let remote = options.remote, remote.isMulticast { (options.remote, options.group) = (nil, remote) }
        guard let id else {
            throw Failure("Error: Required attributes not provided to perform the operation.", code: 2)
        }
        options.id = id
        return (options, lower)
    }

    private mutating func geneve() throws -> GeneveOptions {
        var id: VNI?
        var remote: IPAddress?
        var rest = GeneveOptions(id: VNI(unchecked: 0), remote: .unspecified(.inet))
        while let word = words.next() {
            switch word {
            case _ where word.begins("id", "vni"): id = try bounded(words.value(), "id")
            case "remote": remote = try address()
            case "dstport": rest.port = try bounded(words.value(), "dstport")
            case "ttl", "hoplimit": rest.ttl = try bounded(words.value(), "TTL")
            case "tos", "dsfield": rest.tos = try bounded(words.value(), "TOS")
            default: throw unknown(word, "geneve")
            }
        }
        guard let id, let remote else { throw Failure("geneve: missing virtual network identifier", code: 255) }
        (rest.id, rest.remote) = (id, remote)
        return rest
    }

    private mutating func bond() throws -> BondOptions {
        var options = BondOptions()
        while let word = words.next() {
            switch word {
            case "mode": options.mode = try self.word("mode")
            case "miimon": options.miimon = try bounded(words.value(), word)
            case "updelay": options.updelay = try bounded(words.value(), word)
            case "downdelay": options.downdelay = try bounded(words.value(), word)
            case "xmit_hash_policy": options.xmitHashPolicy = try self.word(word)
            case "lacp_rate": options.lacpRate = try self.word(word)
            case "min_links": options.minLinks = try bounded(words.value(), word)
            default: throw unknown(word, "bond")
            }
        }
        return options
    }

    private mutating func tunnel(
        _ make: (TunnelOptions) -> LinkOptions
    ) throws -> (options: LinkOptions, lower: String?) {
        var options = TunnelOptions()
        var lower: String?
        while let word = words.next() {
            switch word {
            case "remote": options.remote = try address()
            case "local": options.local = try address()
            case "dev": lower = try words.value()
            case "ttl", "hoplimit":
                let value = try words.value()
                options.ttl = value == "inherit" ? Octet(0) : try bounded(value, "TTL")
            case "tos", "dsfield": options.tos = try bounded(words.value(), "TOS")
            case "pmtudisc", "nopmtudisc": options.pathMTUDiscovery = word == "pmtudisc"
            case "key":
                options.inputKey = try tunnelKey()
                options.outputKey = options.inputKey
            case "ikey": options.inputKey = try tunnelKey()
            case "okey": options.outputKey = try tunnelKey()
            case "mode", "any": break
            default: throw unknown(word, "tunnel")
            }
        }
        return (make(options), lower)
    }

    private mutating func tunnelKey() throws -> TunnelKey {
        let word = try words.value()
        if let address = IPAddress(word), address.family == .inet {
            return TunnelKey(address.bytes.reduce(0) { $0 << 8 | UInt32($1) })
        }
        guard let key = number(word).flatMap(UInt32.init(exactly:)) else {
            throw Failure.invalid(word, "invalid value for \"key\"\n")
        }
        return TunnelKey(key)
    }
}
