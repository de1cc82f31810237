// Where boxes stand and wires run, in cells of a terminal; pictures in other formats scale it.
//
// How it works: boxes are in columns (Layers.swift). From the middle outwards each column is ordered by where its wires
// come from, and each box put as high as its wires would have it, as far as there is room. Wires run in the gaps between
// columns: across from a box to a track, along that, and across to the other box. Wires between two boxes of the same
// column run in the gap on its outer side.

struct Layout {
    struct PlacedBox {
        let content: BoxContent
        var x: Int
        var y: Int
        /// That of its column.
        var width: Int
    }

    struct PlacedWire {
        /// Corners, from one box's border to the other's.
        var points: [(x: Int, y: Int)]
        let isUp: Bool
    }

    private(set) var boxes: [PlacedBox] = []
    private(set) var wires: [PlacedWire] = []
    private(set) var width = 0
    private(set) var height = 0

    /// - Parameter isNarrow: all boxes in one column, the wires at its right.
    init(_ graph: Graph, isNarrow: Bool = false) {
        let contents = graph.boxes.map(BoxContent.init)
        let parts =
            isNarrow
            ? [Dictionary(uniqueKeysWithValues: graph.boxes.indices.map { ($0, 0) })] : Layers(graph).parts
        // Those that are joined first; single boxes fill the lines below.
        for part in parts where part.count > 1 || isNarrow {
            add(PartLayout(graph, contents, part), x: 0, y: height == 0 ? 0 : height + 1)
        }
        var (x, y, right) = (0, height == 0 ? 0 : height + 1, max(width, 100))
        for part in parts where part.count == 1 && !isNarrow {
            let layout = PartLayout(graph, contents, part)
            if x > 0 && x + layout.width > right { (x, y) = (0, height + 1) }
            add(layout, x: x, y: y)
            x += layout.width + 2
            right = max(right, width)
        }
    }

    private mutating func add(_ part: PartLayout, x: Int, y: Int) {
        boxes += part.boxes.map { box in
            var moved = box
            (moved.x, moved.y) = (box.x + x, box.y + y)
            return moved
        }
        wires += part.wires.map { wire in
            PlacedWire(points: wire.points.map { ($0.x + x, $0.y + y) }, isUp: wire.isUp)
        }
        width = max(width, x + part.width)
        height = max(height, y + part.height)
    }
}

/// The layout of boxes that hang together.
struct PartLayout {
    private(set) var boxes: [Layout.PlacedBox] = []
    private(set) var wires: [Layout.PlacedWire] = []
    private(set) var width = 0
    private(set) var height = 0

    private let graph: Graph
    private let contents: [BoxContent]
    /// The column of each box.
    private let columns: [Int: Int]
    private var tops: [Int: Int] = [:]

    init(_ graph: Graph, _ contents: [BoxContent], _ columns: [Int: Int]) {
        (self.graph, self.contents, self.columns) = (graph, contents, columns)
        let range = (columns.values.min() ?? 0)...(columns.values.max() ?? 0)
        place(column: 0)
        for column in range where column > 0 { place(column: column) }
        for column in range.reversed() where column < 0 { place(column: column) }
        let highest = tops.values.min() ?? 0
        tops = tops.mapValues { $0 - highest }
        var x = 0
        for column in (range.lowerBound - 1)...range.upperBound {
            if column >= range.lowerBound { x = addBoxes(column, x) }
            x = addWires(rightOf: column, x, isInside: range.contains(column) && range.contains(column + 1))
        }
        width = max(x, boxes.map { $0.x + $0.width }.max() ?? 0)
        height = boxes.map { $0.y + $0.content.height }.max() ?? 0
        for wire in wires { height = max(height, (wire.points.map(\.y).max() ?? 0) + 1) }
    }

    private func y(_ end: Graph.End) -> Int { tops[end.box]! + contents[end.box].pins[end.row] }

    /// Ends of wires between this box and the column one further in: here and there.
    private func inner(_ box: Int) -> [(own: Graph.End, other: Graph.End)] {
        let column = columns[box]!
        return graph.wires.compactMap { wire in
            for (own, other) in [wire.ends, (wire.ends.1, wire.ends.0)]
            where own.box == box && abs(columns[other.box] ?? .max) < abs(column) { return (own, other) }
            return nil
        }
    }

    /// From top to bottom, each where its wires from the column further in come straight, if nothing is there already.
    private mutating func place(column: Int) {
        let members = columns.filter { $0.value == column }.keys.sorted()
        let wished = members.map { box -> (box: Int, order: Double, top: Double) in
            let ends = inner(box)
            guard !ends.isEmpty else { return (box, Double(box), 0) }
            let count = Double(ends.count)
            let order = ends.map { Double(y($0.other)) }.reduce(0, +) / count
            let top = ends.map { Double(y($0.other) - contents[box].pins[$0.own.row]) }.reduce(0, +) / count
            return (box, order, top)
        }.sorted { ($0.order, $0.box) < ($1.order, $1.box) }
        var next = -Double.infinity
        var placed: [(box: Int, top: Double)] = []
        var moved = 0.0
        for wish in wished {
            let top = max(wish.top, next)
            moved += top - wish.top
            placed.append((wish.box, top))
            next = top + Double(contents[wish.box].height + 1)
        }
        // All a little higher, so that some are above where they should be and some below.
        let shift = column == 0 ? 0 : moved / Double(max(placed.count, 1))
        for (box, top) in placed { tops[box] = Int((top - shift).rounded()) }
        // Where two wires would have to pass each other on one line, a line further down they need not.
        var tries = 0
        while column != 0 && tries < 6 && !Tracks(wires(in: gap(insideOf: column))).isPossible {
            for box in members { tops[box]! += 1 }
            tries += 1
        }
    }

    /// The gap is named after the column at its left.
    private func gap(insideOf column: Int) -> Int { column > 0 ? column - 1 : column }

    /// Those that run in the gap at a column's right.
    private func wires(in gap: Int) -> [Tracks.Wire] {
        graph.wires.compactMap { wire in
            var (first, second) = wire.ends
            guard var from = columns[first.box], var to = columns[second.box] else { return nil }
            if from > to { (first, second, from, to) = (second, first, to, from) }
            guard tops[first.box] != nil, tops[second.box] != nil else { return nil }
            let isLoop = from == to
            guard isLoop ? (from >= 0 ? from == gap : from == gap + 1) : from == gap && to == gap + 1 else {
                return nil
            }
            let (start, end) = (y(first), y(second))
            return Tracks.Wire(
                from: min(start, isLoop ? end : start), to: isLoop ? max(start, end) : end,
                loop: isLoop ? (from >= 0 ? .left : .right) : nil, isUp: wire.isUp)
        }
    }

    private mutating func addBoxes(_ column: Int, _ x: Int) -> Int {
        let members = columns.filter { $0.value == column }.keys.sorted { tops[$0]! < tops[$1]! }
        let width = members.map { contents[$0].width }.max() ?? 0
        for box in members {
            boxes.append(Layout.PlacedBox(content: contents[box], x: x, y: tops[box]!, width: width))
        }
        return x + width
    }

    /// `isInside`: there are boxes at both of its sides.
    private mutating func addWires(rightOf column: Int, _ x: Int, isInside: Bool) -> Int {
        let running = wires(in: column)
        guard !running.isEmpty || isInside else { return x }
        let tracks = Tracks(running)
        let room = 3 + 2 * tracks.count
        let (left, right) = (x - 1, x + room)
        for (wire, track) in zip(running, tracks.numbers) {
            let middle = x + 1 + 2 * (track ?? 0)
            let (start, end) = (wire.loop == .right ? right : left, wire.loop == .left ? left : right)
            let points =
                track == nil
                ? [(left, wire.from), (right, wire.to)]
                : [(start, wire.from), (middle, wire.from), (middle, wire.to), (end, wire.to)]
            wires.append(Layout.PlacedWire(points: points.map { (x: $0.0, y: $0.1) }, isUp: wire.isUp))
        }
        return x + room
    }
}
