// Pictures of networks: shapes drawn whole, and that lines never run over boxes or on top of each other.

import Testing

@testable import NetnsClient
@testable import netnsctl

/// A network by its cables: `a-b` joins two namespaces, each end named by the number it has there; `a` alone is one
/// without links.
private func network(_ cables: String...) -> Graph {
    var graph = Graph()
    var rows: [String: Int] = [:]
    func box(_ name: String) -> Int {
        if let known = rows[name] { return known }
        rows[name] = graph.boxes.count
        graph.boxes.append(Graph.Box(name: name))
        return graph.boxes.count - 1
    }
    func addLink(_ box: Int) -> Graph.End {
        let number = graph.boxes[box].rows.count
        graph.boxes[box].rows.append(
            Graph.Row(
                name: "eth\(number)", depth: 0, kind: "veth", state: Text("UP", .up), isUp: true, addresses: [],
                parent: nil))
        return Graph.End(box: box, row: number)
    }
    for cable in cables {
        let names = cable.split(separator: "-").map(String.init)
        let ends = names.map(box)
        if ends.count == 2 { graph.wires.append(Graph.Wire(ends: (addLink(ends[0]), addLink(ends[1])), isUp: true)) }
    }
    return graph
}

private func drawn(_ graph: Graph, isNarrow: Bool = false) -> String {
    "\n" + TextPicture(Layout(graph, isNarrow: isNarrow)).text(colour: false)
}

private let shapes: [(name: String, graph: Graph)] = [
    ("chain", network("a-b", "b-c", "c-d", "d-e")),
    ("star", network("s-a", "s-b", "s-c", "s-d", "s-e", "s-f", "s-g", "s-h", "s-i")),
    ("ring", network("a-b", "b-c", "c-d", "d-e", "e-f", "f-a")),
    ("odd ring", network("a-b", "b-c", "c-d", "d-e", "e-a")),
    ("two parts", network("a-b", "c-d", "d-e")),
    ("lone", network("a", "b", "c-d")),
    ("loop", network("a-a", "a-b")),
    ("pairs", network("a-b", "a-b", "a-b", "a-b")),
    ("crossed pairs", network("a-b", "b-a", "a-b", "b-c", "c-a", "c-b")),
    ("all with all", network("a-b", "a-c", "a-d", "a-e", "b-c", "b-d", "b-e", "c-d", "c-e", "d-e")),
    ("ten", network("k-r", "k-s", "r-s", "r-x", "s-y", "x-a", "x-b", "y-c", "y-d", "l")),
]

@Suite struct LayoutTests {
    @Test func aChainLiesInALine() {
        #expect(
            drawn(network("a-b", "b-c")) == """

                ┌─ a ──────┐   ┌─ b ──────┐
                │ eth0  UP ├───┤ eth0  UP │   ┌─ c ──────┐
                └──────────┘   │ eth1  UP ├───┤ eth0  UP │
                               └──────────┘   └──────────┘

                """)
    }

    @Test func inOneColumnTheLinesRunBeside() {
        #expect(
            drawn(network("a-b", "b-c", "a-c"), isNarrow: true) == """

                ┌─ a ──────┐
                │ eth0  UP ├─┐
                │ eth1  UP ├─┼─┐
                └──────────┘ │ │
                             │ │
                ┌─ b ──────┐ │ │
                │ eth0  UP ├─┘ │
                │ eth1  UP ├─┐ │
                └──────────┘ │ │
                             │ │
                ┌─ c ──────┐ │ │
                │ eth0  UP ├─┘ │
                │ eth1  UP ├───┘
                └──────────┘

                """)
    }

    @Test(arguments: shapes.map(\.name), [false, true])
    func boxesKeepApart(_ name: String, isNarrow: Bool) throws {
        let graph = try #require(shapes.first { $0.name == name }).graph
        let layout = Layout(graph, isNarrow: isNarrow)
        #expect(layout.boxes.count == graph.boxes.count)
        var taken: Set<[Int]> = []
        for box in layout.boxes {
            for x in box.x..<(box.x + box.width) {
                for y in box.y..<(box.y + box.content.height) { #expect(taken.insert([x, y]).inserted) }
            }
            #expect(box.x >= 0 && box.y >= 0)
            #expect(box.x + box.width <= layout.width && box.y + box.content.height <= layout.height)
        }
    }

    @Test(arguments: shapes.map(\.name), [false, true])
    func wiresLeadFromPinToPinAndOverNothing(_ name: String, isNarrow: Bool) throws {
        let graph = try #require(shapes.first { $0.name == name }).graph
        let layout = Layout(graph, isNarrow: isNarrow)
        #expect(layout.wires.count == graph.wires.count)
        var inside: Set<[Int]> = []
        var pins: Set<[Int]> = []
        for box in layout.boxes {
            for x in box.x..<(box.x + box.width) {
                for y in box.y..<(box.y + box.content.height) { inside.insert([x, y]) }
            }
            for pin in box.content.pins {
                pins.formUnion([[box.x, box.y + pin], [box.x + box.width - 1, box.y + pin]])
            }
        }
        /// Cells that a wire goes along in one direction: another may cross there, but not go along.
        var along: Set<[Int]> = []
        for wire in layout.wires {
            let ends = [wire.points.first, wire.points.last].compactMap { $0 }.map { [$0.x, $0.y] }
            #expect(ends.allSatisfy { pins.remove($0) != nil }, "\(name)")
            for (from, to) in zip(wire.points, wire.points.dropFirst()) where from != to {
                let isLevel = from.y == to.y
                for x in min(from.x, to.x)...max(from.x, to.x) {
                    for y in min(from.y, to.y)...max(from.y, to.y) {
                        if !ends.contains([x, y]) { #expect(!inside.contains([x, y]), "\(name)") }
                        #expect(along.insert([x, y, isLevel ? 1 : 0]).inserted, "\(name): \(x), \(y)")
                    }
                }
            }
        }
    }

    @Test func aStarHasItsMiddleInTheMiddle() throws {
        let layout = Layout(try #require(shapes.first { $0.name == "star" }).graph)
        let middle = try #require(layout.boxes.first { $0.content.name == "s" })
        let left = layout.boxes.filter { $0.x < middle.x }.count
        let right = layout.boxes.filter { $0.x > middle.x }.count
        #expect(left == 5 && right == 4)
    }

    @Test func nothingIsAnEmptyPicture() {
        #expect(TextPicture(Layout(Graph())).text(colour: false).isEmpty)
        #expect(SVGPicture(Layout(Graph())).text().hasSuffix("</svg>\n"))
    }

    @Test func namesAreEscapedInEachLanguage() {
        var graph = network("a-b")
        graph.boxes[0].rows[0] = Graph.Row(
            name: "<&\">#", depth: 0, kind: "bridge", state: Text("DOWN", .down), isUp: false, addresses: [],
            parent: nil)
        #expect(SVGPicture(Layout(graph)).text().contains("&lt;&amp;&quot;&gt;#"))
        #expect(graph.dot().contains("<b>&lt;&amp;&quot;&gt;#</b> bridge"))
        #expect(graph.mermaid().contains("#lt;#amp;#quot;#gt;#35; bridge DOWN"))
    }
}
