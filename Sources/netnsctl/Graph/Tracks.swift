// Wires in the gap between two columns, each on a vertical track where it meets no other for longer than to cross it.

struct Tracks {
    struct Wire {
        /// The height at its left end and at its right; of a loop the upper and the lower.
        let from: Int
        let to: Int
        /// Both its ends are at this side.
        let loop: Side?
        let isUp: Bool

        enum Side { case left, right }

        var leftEnds: [Int] { loop == .left ? [from, to] : loop == .right ? [] : [from] }
        var rightEnds: [Int] { loop == .right ? [from, to] : loop == .left ? [] : [to] }
        var range: ClosedRange<Int> { min(from, to)...max(from, to) }
        var isStraight: Bool { loop == nil && from == to }
    }

    /// Each wire's track, from the left; nil for one that runs straight through.
    private(set) var numbers: [Int?]
    private(set) var count = 0
    /// No two wires run on top of each other.
    private(set) var isPossible = true

    init(_ wires: [Wire]) {
        numbers = wires.map { _ in nil }
        var waiting = wires.indices.filter { !wires[$0].isStraight }.sorted { Self.comesBefore(wires[$0], wires[$1]) }
        var taken: [[ClosedRange<Int>]] = []
        while !waiting.isEmpty {
            // Where a wire leaves at the left on the height at which another arrives at the right, its track is further left.
            func mustWait(_ one: Int) -> Bool {
                waiting.contains { other in
                    other != one && wires[other].leftEnds.contains { wires[one].rightEnds.contains($0) }
                }
            }
            let position = waiting.firstIndex { !mustWait($0) }
            if position == nil { isPossible = false }
            let wire = waiting.remove(at: position ?? 0)
            let least =
                wires.indices.filter { other in
                    numbers[other] != nil && wires[other].leftEnds.contains { wires[wire].rightEnds.contains($0) }
                }.compactMap { numbers[$0] }.max().map { $0 + 1 } ?? 0
            var track = least
            while track < taken.count && taken[track].contains(where: { $0.overlaps(wires[wire].range) }) { track += 1 }
            while taken.count <= track { taken.append([]) }
            taken[track].append(wires[wire].range)
            numbers[wire] = track
        }
        count = taken.count
    }

    /// The order that makes few crossings: of those that fall the lowest first, of those that rise the highest, and of
    /// loops the shortest, which then lie inside the longer ones.
    private static func comesBefore(_ one: Wire, _ other: Wire) -> Bool {
        func key(_ wire: Wire) -> (Int, Int) {
            if wire.loop == .left { return (0, wire.range.count) }
            if wire.loop == .right { return (2, -wire.range.count) }
            return (1, wire.to > wire.from ? -wire.from : wire.from)
        }
        return key(one) < key(other)
    }
}
