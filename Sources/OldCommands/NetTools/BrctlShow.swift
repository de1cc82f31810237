// What brctl shows: bridges with their ports, the addresses they have learned, the state of the spanning tree.

import NetnsClient

extension Brctl {
    func show(_ names: [String]) throws {
        let links = try links()
        var chosen = links.filter { $0.isOf(kind: "bridge") }.sorted { $0.ifname < $1.ifname }
        var missing: [Failure] = []
        if !names.isEmpty {
            chosen = []
            for name in names {
                do { chosen.append(try bridge(name, among: links)) } catch let failure as Failure {
                    missing.append(failure)
                }
            }
        }
        if !chosen.isEmpty { console.write("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n") }
        for bridge in chosen { console.write(line(bridge, links)) }
        for failure in missing { if let message = failure.message { console.complain(message) } }
        if !missing.isEmpty { throw Failure(nil, code: 1) }
    }

    private func line(_ bridge: Link, _ links: [Link]) -> String {
        guard case .bridge(let options)? = bridge.linkinfo?.data else { return "" }
        let ports = links.filter { $0.master == bridge.ifname }.map(\.ifname).sorted()
        var text = "\(bridge.ifname)\t\t\(bridgeId(bridge.linkinfo?.bridgeState?.bridgeId))\t"
        text += (options.stpState?.isOn == true ? "yes" : "no") + "\t\t"
        return text + ports.joined(separator: "\n\t\t\t\t\t\t\t") + "\n"
    }

    // MARK: Addresses

    func showAddresses(_ words: [String]) throws {
        let links = try links()
        let bridge: Link
        switch links.first(where: { $0.ifname == words[0] }) {
        case nil: throw Failure("read of forward table failed: No such device", code: 1)
        case let link? where !link.isOf(kind: "bridge"):
            throw Failure("read of forward table failed: Operation not supported", code: 1)
        case let link?: bridge = link
        }
        var numbers: [String: Int] = [:]
        for port in links where port.master == bridge.ifname {
            numbers[port.ifname] = number(port.linkinfo?.slaveState?.number)
        }
        var filter = ForwardingFilter()
        filter.bridge = InterfaceName(bridge.ifname)
        let entries = try standing.list(FdbList.self, filter)
        console.write("port no\tmac addr\t\tis local?\tageing timer\n")
        for entry in entries.sorted(by: { $0.mac < $1.mac }) {
            // The bridge's own addresses and those that a device listens to are no port's.
            guard !entry.flags.contains("self"), let port = entry.ifname.flatMap({ numbers[$0] }) else { continue }
            let stays = entry.state == "permanent" || entry.state == "static"
            let age = stays ? 0 : entry.updated ?? 0
            console.write(
                "\(String(port).indented(3))\t\(entry.mac)\t\(entry.state == "permanent" ? "yes" : "no")\t\t\(timer(age))\n"
            )
        }
    }

    // MARK: The spanning tree

    func showSpanningTree(_ words: [String]) throws {
        let links = try links()
        let bridge = try bridge(words[0], among: links)
        guard case .bridge(let options)? = bridge.linkinfo?.data, let state = bridge.linkinfo?.bridgeState else {
            return
        }
        func pair(_ label: String, _ value: Word?, _ gap: String) -> String {
            let time = timer(Double(value?.value ?? 0) / 100)
            return " \(label)\t\t\(time)\t\t\tbridge \(label)\(gap)\(time)\n"
        }
        var text = "\(bridge.ifname)\n bridge id\t\t\(bridgeId(state.bridgeId))\n"
        text += " designated root\t\(bridgeId(state.rootId))\n"
        text += " root port\t\t\(String(state.rootPort ?? 0).indented(4))\t\t\t"
        text += "path cost\t\t\(String(state.rootPathCost ?? 0).indented(4))\n"
        text += pair("max age", options.maxAge, "\t\t") + pair("hello time", options.helloTime, "\t")
        text += pair("forward delay", options.forwardDelay, "\t")
        text += " ageing time\t\t\(timer(Double(options.ageingTime?.value ?? 0) / 100))\n"
        text += " hello timer\t\t\(timer(state.helloTimer))\t\t\ttcn timer\t\t\(timer(state.tcnTimer))\n"
        text += " topology change timer\t\(timer(state.topologyChangeTimer))\t\t\tgc timer\t\t\(timer(state.gcTimer))\n"
        text += " flags\t\t\t"
        if state.topologyChange == 1 { text += "TOPOLOGY_CHANGE " }
        if state.topologyChangeDetected == 1 { text += "TOPOLOGY_CHANGE_DETECTED " }
        text += "\n\n\n"
        let ports = links.filter { $0.master == bridge.ifname }.sorted { $0.ifname < $1.ifname }
        console.write(text + ports.map(portText).joined())
    }

    private func portText(_ port: Link) -> String {
        guard let options = port.linkinfo?.slaveData, let state = port.linkinfo?.slaveState else { return "" }
        var text = "\(port.ifname) (\(number(state.number)))\n"
        text += " port id\t\t\(hex(number(state.id)))\t\t\tstate\t\t\((options.state?.rawValue ?? "").indented(15))\n"
        text +=
            " designated root\t\(bridgeId(state.rootId))\tpath cost\t\t\(String(options.cost?.value ?? 0).indented(4))\n"
        text += " designated bridge\t\(bridgeId(state.bridgeId))\tmessage age timer\t\(timer(state.messageAgeTimer))\n"
        text += " designated port\t\(hex(state.designatedPort ?? 0))\t\t\tforward delay timer\t"
        text += "\(timer(state.forwardDelayTimer))\n"
        text += " designated cost\t\(String(state.designatedCost ?? 0).indented(4))\t\t\t"
        text += "hold timer\t\t\(timer(state.holdTimer))\n flags\t\t\t"
        if state.configPending == 1 { text += "CONFIG_PENDING " }
        if state.topologyChangeAck == 1 { text += "TOPOLOGY_CHANGE_ACK " }
        text += "\n"
        if options.hairpin == true { text += " hairpin mode\t\t   1\n" }
        return text + "\n"
    }

    // MARK: Numbers

    /// Seconds, as `%4i.%.2i`.
    private func timer(_ seconds: Double?) -> String {
        let hundredths = Int(((seconds ?? 0) * 100).rounded())
        let rest = hundredths % 100
        return String(hundredths / 100).indented(4) + (rest < 10 ? ".0" : ".") + String(rest)
    }

    private func hex(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    /// `0x8001`.
    private func number(_ text: String?) -> Int { text.flatMap { Int($0.dropFirst(2), radix: 16) } ?? 0 }

    /// `8000.2:0:0:0:0:1` as `8000.020000000001`.
    private func bridgeId(_ id: String?) -> String {
        guard let id, let dot = id.firstIndex(of: ".") else { return "0000.000000000000" }
        let bytes = id[id.index(after: dot)...].split(separator: ":")
        return id[...dot] + bytes.map { $0.utf8.count < 2 ? "0" + $0 : String($0) }.joined()
    }
}
