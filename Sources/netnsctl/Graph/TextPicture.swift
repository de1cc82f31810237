// The picture on a terminal, in box-drawing letters (Unicode, U+2500 to U+257F).

/// A sheet of cells. Lines that meet are joined: each cell knows to which sides its line goes.
struct TextPicture {
    private struct Cell {
        var sides: UInt8 = 0
        var isDashed = false
        var letter: Character?
        var style = Style.plain
    }
    private static let (up, down, left, right): (UInt8, UInt8, UInt8, UInt8) = (1, 2, 4, 8)
    /// By the sides a line goes to.
    private static let letters = Array(" ╵╷│╴┘┐┤╶└┌├─┴┬┼")

    private var cells: [[Cell]]

    init(_ layout: Layout) {
        cells = Array(repeating: Array(repeating: Cell(), count: layout.width), count: layout.height)
        for wire in layout.wires {
            for (from, to) in zip(wire.points, wire.points.dropFirst()) {
                line(from, to, wire.isUp ? .up : .down, isDashed: !wire.isUp)
            }
        }
        for box in layout.boxes { draw(box) }
    }

    private mutating func line(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int), _ style: Style, isDashed: Bool = false)
    {
        func set(_ x: Int, _ y: Int, _ sides: UInt8) {
            guard cells.indices.contains(y), cells[y].indices.contains(x) else { return }
            cells[y][x].sides |= sides
            cells[y][x].isDashed = isDashed
            cells[y][x].style = style
        }
        for x in min(from.x, to.x)..<max(from.x, to.x) {
            set(x, from.y, Self.right)
            set(x + 1, from.y, Self.left)
        }
        for y in min(from.y, to.y)..<max(from.y, to.y) {
            set(to.x, y, Self.down)
            set(to.x, y + 1, Self.up)
        }
    }

    private mutating func draw(_ box: Layout.PlacedBox) {
        let (right, bottom) = (box.x + box.width - 1, box.y + box.content.height - 1)
        line((box.x, box.y), (right, box.y), .plain)
        line((box.x, bottom), (right, bottom), .plain)
        line((box.x, box.y), (box.x, bottom), .plain)
        line((right, box.y), (right, bottom), .plain)
        write(Text(" ") + Text(box.content.name, .heading) + Text(" "), box.x + 2, box.y)
        for (number, pieces) in box.content.lines.enumerated() {
            for piece in pieces { write(piece.text, box.x + piece.x, box.y + 1 + number) }
        }
    }

    private mutating func write(_ text: Text, _ x: Int, _ y: Int) {
        var x = x
        for (text, style) in text.pieces {
            for scalar in text.unicodeScalars where cells[y].indices.contains(x) {
                (cells[y][x].letter, cells[y][x].style) = (Character(scalar), style)
                x += 1
            }
        }
    }

    func text(colour: Bool) -> String {
        cells.map { row in
            var line = Text()
            let end = row.lastIndex { $0.sides != 0 || $0.letter.map { $0 != " " } ?? false } ?? -1
            for cell in row.prefix(end + 1) { line += Text(String(Self.letter(of: cell)), cell.style) }
            return line.merged.rendered(colour: colour) + "\n"
        }.joined()
    }

    private static func letter(of cell: Cell) -> Character {
        if let letter = cell.letter { return letter }
        if cell.isDashed && cell.sides == left | right { return "╌" }
        if cell.isDashed && cell.sides == up | down { return "╎" }
        return letters[Int(cell.sides)]
    }
}
