// Which box goes into which column: those that are joined come beside each other, so that wires are short.

/// Boxes by column, and parts of the network that are not joined by themselves.
struct Layers {
    /// Each part: the column of each of its boxes; 0 is its middle.
    let parts: [[Int: Int]]

    /// In the middle of each part is the box from which the farthest is nearest. What hangs on it, branch by branch, is
    /// shared out to its left and its right; a box is as many columns away as there are wires between.
    init(_ graph: Graph) {
        let neighbours = graph.neighbours()
        var rest = Set(graph.boxes.indices)
        var parts: [[Int: Int]] = []
        for box in graph.boxes.indices where rest.contains(box) {
            let part = Self.distances(from: box, neighbours).keys.sorted()
            rest.subtract(part)
            parts.append(Self.columns(of: part, neighbours))
        }
        self.parts = parts
    }

    private static func columns(of part: [Int], _ neighbours: [Set<Int>]) -> [Int: Int] {
        let farthest = part.map { (box: $0, distance: distances(from: $0, neighbours).values.max() ?? 0) }
        let middle = farthest.min {
            ($0.distance, -neighbours[$0.box].count, $0.box) < ($1.distance, -neighbours[$1.box].count, $1.box)
        }!.box
        let distance = distances(from: middle, neighbours)
        var branches: [[Int]] = []
        var rest = Set(part).subtracting([middle])
        for box in part where rest.contains(box) {
            let branch = distances(from: box, neighbours, without: middle).keys.sorted()
            rest.subtract(branch)
            branches.append(branch)
        }
        var columns = [middle: 0]
        var (left, right) = (0, 0)
        let inOrder = branches.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
        for branch in inOrder.map(\.element) {
            let goesLeft = branches.count > 1 && left <= right
            if goesLeft { left += branch.count } else { right += branch.count }
            for box in branch { columns[box] = (goesLeft ? -1 : 1) * distance[box]! }
        }
        return columns
    }

    /// How many wires away each is that can be reached (breadth first).
    private static func distances(from start: Int, _ neighbours: [Set<Int>], without barred: Int? = nil) -> [Int: Int] {
        var distances = [start: 0]
        var queue = [start][...]
        while let box = queue.popFirst() {
            for next in neighbours[box].sorted() where distances[next] == nil && next != barred {
                distances[next] = distances[box]! + 1
                queue.append(next)
            }
        }
        return distances
    }
}
