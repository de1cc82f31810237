// What stands in a box: a line a link, in columns.

/// A box's lines and its size in a terminal's cells, borders included.
struct BoxContent {
    struct Piece {
        /// Columns from the box's left border.
        let x: Int
        let text: Text
    }

    let name: String
    private(set) var lines: [[Piece]] = []
    /// The line, counted from the upper border, on which a link's wire leaves.
    private(set) var pins: [Int] = []
    let width: Int
    var height: Int { lines.count + 2 }

    init(_ box: Graph.Box) {
        name = box.name
        let rows = box.rows.enumerated().map { index, row in Self.cells(row, box.rows, index) }
        let columns = (0..<3).map { column in rows.map { $0.fixed[column].width }.max() ?? 0 }
        var starts: [Int] = []
        var x = 2
        for width in columns {
            starts.append(x)
            if width > 0 { x += width + 2 }
        }
        for row in rows {
            pins.append(lines.count + 1)
            var line: [Piece] = []
            for (start, cell) in zip(starts, row.fixed) where !cell.isEmpty { line.append(Piece(x: start, text: cell)) }
            if let first = row.details.first { line.append(Piece(x: x, text: first)) }
            lines.append(line)
            for next in row.details.dropFirst() { lines.append([Piece(x: x, text: next)]) }
        }
        if rows.isEmpty { lines = [[Piece(x: 2, text: "no links but lo")]] }
        let widest = lines.compactMap(\.last).map { $0.x + $0.text.width }.max() ?? 0
        width = max(widest + 2, name.unicodeScalars.count + 6)
    }

    /// Its name behind the branch it hangs on, its kind, its state; then addresses and the rest, one below the other.
    private static func cells(_ row: Graph.Row, _ all: [Graph.Row], _ index: Int) -> (fixed: [Text], details: [Text]) {
        var branch = ""
        if row.depth > 0 {
            let isLast = !all[(index + 1)...].contains { $0.parent == row.parent }
            branch = String(repeating: "  ", count: row.depth - 1) + (isLast ? "└ " : "├ ")
        }
        var details = row.addresses
        if let elsewhere = row.elsewhere { details.append(Text("peer \(elsewhere)")) }
        return (
            [Text(branch) + Text(row.name, .name), Text(row.kind == "veth" ? "" : row.kind), row.state], details
        )
    }
}
