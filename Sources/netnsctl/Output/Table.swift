// Rows under headings, aligned.

/// A table. A column in which no row has anything is left out, a table without rows is nothing at all.
struct Table {
    /// One a column; without any, rows alone.
    var headings: [String] = []
    var rows: [[Text]] = []
    /// Columns of numbers are aligned at their right.
    var numeric: Set<Int> = []
    /// Columns that may be left out, the first first, where a terminal is too narrow for all words.
    var expendable: [Int] = []
    var indent = 0

    init(_ headings: String..., numeric: Set<Int> = []) {
        self.headings = headings
        self.numeric = numeric
    }

    mutating func add(_ cells: Text...) { rows.append(cells) }

    /// The lines of the headings, if there are any, then those of each row: several where a row must be broken to fit
    /// so many columns. Two spaces between columns, none at a line's end.
    func rowLines(colour: Bool, fitting width: Int? = terminalWidth()) -> [[String]] {
        let all = headings.isEmpty ? rows : [headings.map { Text($0, .heading) }] + rows
        var columns = (0..<(rows.map(\.count).max() ?? 0)).filter { column in
            rows.contains { column < $0.count && !$0[column].isEmpty }
        }
        for column in expendable where width.map({ leastWidth(columns, all) > $0 }) ?? false {
            columns.removeAll { $0 == column }
        }
        guard !columns.isEmpty else { return rows.map { _ in [""] } }
        let widths = fitted(columns.map { column in all.compactMap { $0.cell(column) } }, to: width)
        return all.map { row in
            let cells = zip(columns, widths).map { column, width in (row.cell(column) ?? Text()).wrapped(to: width) }
            let height = cells.map(\.count).max() ?? 1
            return (0..<height).map { index in
                line(cells.map { index < $0.count ? $0[index] : Text() }, columns, widths, colour)
            }
        }
    }

    /// Lines, one below the other.
    func lines(colour: Bool, fitting width: Int? = terminalWidth()) -> [String] {
        rows.isEmpty ? [] : rowLines(colour: colour, fitting: width).flatMap { $0 }.filter { !$0.isEmpty }
    }

    /// That of the table with each column as narrow as its longest word.
    private func leastWidth(_ columns: [Int], _ rows: [[Text]]) -> Int {
        let words = columns.map { column in rows.compactMap { $0.cell(column) }.map(\.longestWord).max() ?? 0 }
        return indent + words.reduce(0, +) + 2 * (words.count - 1)
    }

    /// No column is made narrower than this; then the terminal has to break the lines.
    private static let narrowest = 8

    /// Widths of columns: those of their widest cells. Where that is too much the widest columns are narrowed, first down
    /// to their longest words, then on, so that words are broken. Nothing is cut off.
    private func fitted(_ columns: [[Text]], to width: Int?) -> [Int] {
        var widths = columns.map { $0.map(\.width).max() ?? 0 }
        guard let width else { return widths }
        let words = columns.map { $0.map(\.longestWord).max() ?? 0 }
        var excess = indent + widths.reduce(0, +) + 2 * (widths.count - 1) - width
        for least in [words, words.map { min($0, Self.narrowest) }] {
            while excess > 0,
                let widest = widths.indices.filter({ widths[$0] > least[$0] }).max(by: { widths[$0] < widths[$1] })
            {
                widths[widest] -= 1
                excess -= 1
            }
        }
        return zip(columns, widths).map { cells, width in
            cells.flatMap { $0.wrapped(to: width) }.map(\.width).max() ?? 0
        }
    }

    /// `row` has a cell for each of these columns.
    private func line(_ row: [Text], _ columns: [Int], _ widths: [Int], _ colour: Bool) -> String {
        var line = String(repeating: " ", count: indent)
        var gap = 0
        for ((column, width), cell) in zip(zip(columns, widths), row) {
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

    func text(colour: Bool, fitting width: Int? = terminalWidth()) -> String {
        lines(colour: colour, fitting: width).map { $0 + "\n" }.joined()
    }
}

extension [Text] {
    fileprivate func cell(_ column: Int) -> Text? { column < count ? self[column] : nil }
}
