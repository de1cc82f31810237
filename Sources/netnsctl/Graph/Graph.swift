// The caller's network as boxes with links in them and wires between them: what all pictures are drawn from.

import NetnsClient

struct Graph {
    var boxes: [Box] = []
    var wires: [Wire] = []

    /// A namespace.
    struct Box {
        let name: String
        var rows: [Row] = []
    }

    /// A link in a namespace.
    struct Row {
        let name: String
        /// How deep below what it is a port of, or what it stands on.
        let depth: Int
        let kind: String
        let state: Text
        let isUp: Bool
        let addresses: [Text]
        /// Where its other end is, when that is in no box of the picture.
        var elsewhere: String?
        /// The row it is a port of, or stands on.
        let parent: Int?
    }

    /// A link in a box: the box's number and the row's.
    struct End: Hashable {
        let box: Int
        let row: Int
    }

    /// A veth pair.
    struct Wire {
        let ends: (End, End)
        let isUp: Bool
    }

    init() {}

    /// Of all that was listed, what is in these namespaces.
    init(
        _ names: [String], links: [InNamespace<ListedLink>], addresses: [InNamespace<LinkWithAddresses>]
    ) {
        let links = Dictionary(grouping: links) { $0.netns?.description ?? "" }
        let addresses = Dictionary(grouping: addresses) { $0.netns?.description ?? "" }
        for name in names {
            let own = Dictionary(
                (addresses[name] ?? []).map { ($0.value.link.ifindex, $0.value.addresses) },
                uniquingKeysWith: { first, _ in first })
            boxes.append(Box(name: name, rows: Self.rows((links[name] ?? []).map(\.value), own)))
        }
        connect(links)
    }

    /// Its links, ports below their bridge and a vlan below its link; lo only where it has more than it is born with.
    private static func rows(_ links: [ListedLink], _ addresses: [Int32: [AddressInfo]]) -> [Row] {
        let names = Set(links.map(\.link.ifname))
        func parent(of listed: ListedLink) -> String? {
            let lower = listed.link.linkinfo?.kind == "veth" ? nil : listed.link.link
            return [listed.link.master, lower].compactMap { $0 }.first {
                names.contains($0) && $0 != listed.link.ifname
            }
        }
        let below = Dictionary(grouping: links) { parent(of: $0) }
        var rows: [Row] = []
        var seen: Set<String> = []
        func add(_ listed: ListedLink, depth: Int, parent: Int?) {
            let link = listed.link
            guard seen.insert(link.ifname).inserted else { return }
            let shown = (addresses[link.ifindex] ?? []).filter { address in
                address.scope != .link && !(link.linkType == "loopback" && address.scope == .host)
            }
            if link.linkType == "loopback" && shown.isEmpty && link.isUp { return }
            let index = rows.count
            rows.append(
                Row(
                    name: link.ifname, depth: depth, kind: link.linkinfo?.kind ?? link.linkType, state: link.state,
                    isUp: link.isUp && !link.flags.contains("NO-CARRIER"), addresses: shown.map(\.text), parent: parent)
            )
            for next in below[link.ifname] ?? [] { add(next, depth: depth + 1, parent: index) }
        }
        for root in below[nil] ?? [] { add(root, depth: 0, parent: nil) }
        for rest in links { add(rest, depth: 0, parent: nil) }
        return rows
    }

    /// A wire for each pair of which both ends are in the picture, a word for the others.
    private mutating func connect(_ links: [String: [InNamespace<ListedLink>]]) {
        var ends: [String: End] = [:]
        for (box, content) in boxes.enumerated() {
            for (row, link) in content.rows.enumerated() {
                ends["\(content.name)/\(link.name)"] = End(box: box, row: row)
            }
        }
        var joined: Set<End> = []
        for (box, content) in boxes.enumerated() {
            for listed in links[content.name] ?? [] where listed.value.link.linkinfo?.kind == "veth" {
                let name = listed.value.link.ifname
                guard let end = ends["\(content.name)/\(name)"], !joined.contains(end) else { continue }
                let peer = listed.value.peer ?? listed.value.link.link.map { "\(content.name)/\($0)" }
                guard let other = peer.flatMap({ ends[$0] }), other != end else {
                    boxes[box].rows[end.row].elsewhere = peer ?? "elsewhere"
                    continue
                }
                joined.formUnion([end, other])
                wires.append(Wire(ends: (end, other), isUp: self[end].isUp && self[other].isUp))
            }
        }
    }

    subscript(end: End) -> Row { boxes[end.box].rows[end.row] }

    /// Boxes that a wire joins directly.
    func neighbours() -> [Set<Int>] {
        var neighbours = boxes.map { _ in Set<Int>() }
        for wire in wires where wire.ends.0.box != wire.ends.1.box {
            neighbours[wire.ends.0.box].insert(wire.ends.1.box)
            neighbours[wire.ends.1.box].insert(wire.ends.0.box)
        }
        return neighbours
    }
}

extension Graph {
    var json: JSONValue {
        func place(_ end: End) -> JSONValue { .string("\(boxes[end.box].name)/\(self[end].name)") }
        return [
            "namespaces": .array(
                boxes.map { box in
                    ["name": .string(box.name), "links": .array(box.rows.map { .string($0.name) })]
                }),
            "wires": .array(
                wires.map { wire in
                    ["ends": [place(wire.ends.0), place(wire.ends.1)], "up": .bool(wire.isUp)]
                }),
        ]
    }
}
