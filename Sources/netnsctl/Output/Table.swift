// Rows under headings, aligned.

/// A table. A column in which no row has anything is left out, a table without rows is nothing at all.
struct Table {
    /// One a column; without any, rows alone.
    var headings: [String] = []
    var rows: [[Text]] = []
    /// Columns of numbers are aligned at their right.
    var numeric: Set<Int> = []
    var indent = 0

    init(_ headings: String..., numeric: Set<Int> = []) {
        self.headings = headings
        self.numeric = numeric
    }

    mutating func add(_ cells: Text...) { rows.append(cells) }

    /// One for the headings, if there are any, then one a row; two spaces between columns, none at the end.
    func lines(colour: Bool) -> [String] {
        let all = headings.isEmpty ? rows : [headings.map { Text($0, .heading) }] + rows
        let columns = (0..<(rows.map(\.count).max() ?? 0)).filter { column in
            rows.contains { column < $0.count && !$0[column].isEmpty }
        }
        guard !columns.isEmpty else { return [] }
        let widths = columns.map { column in all.map { column < $0.count ? $0[column].width : 0 }.max() ?? 0 }
        return all.map { row in line(row, columns, widths, colour) }
    }

    private func line(_ row: [Text], _ columns: [Int], _ widths: [Int], _ colour: Bool) -> String {
        var line = String(repeating: " ", count: indent)
        var gap = 0
        for (column, width) in zip(columns, widths) {
            let cell = column < row.count ? row[column] : Text()
            let room = width - cell.width
            if numeric.contains(column) { gap += room }
            if !cell.isEmpty {
                line += String(repeating: " ", count: gap) + cell.rendered(colour: colour)
                gap = 0
            } else {
                gap += cell.width
            }
            if !numeric.contains(column) { gap += room }
            gap += 2
        }
        return line
    }

    func text(colour: Bool) -> String {
        lines(colour: colour).map { $0 + "\n" }.joined()
    }
}
