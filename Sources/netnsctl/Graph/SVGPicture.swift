// The picture as SVG 1.1, which browsers, documents and converters take.

/// The layout's cells, scaled to pixels.
struct SVGPicture {
    private static let (cellWidth, cellHeight) = (8.6, 20.0)
    private static let margin = 16.0
    private static let fontSize = 14.0

    private let layout: Layout

    init(_ layout: Layout) { self.layout = layout }

    private func x(_ column: Double) -> Double { Self.margin + column * Self.cellWidth }
    private func y(_ row: Double) -> Double { Self.margin + row * Self.cellHeight }

    func text() -> String {
        let width = 2 * Self.margin + Double(layout.width) * Self.cellWidth
        let height = 2 * Self.margin + Double(layout.height) * Self.cellHeight
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(short(width))" height="\(short(height))" \
            viewBox="0 0 \(short(width)) \(short(height))">
            <style>
            text { font: \(short(Self.fontSize))px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #334155; white-space: pre; }
            .heading { font-weight: bold; fill: #ffffff; }
            .name { fill: #0e7490; font-weight: bold; } .up { fill: #15803d; } .down { fill: #b91c1c; }
            .inet { fill: #7e22ce; } .inet6 { fill: #1d4ed8; }
            .box { fill: #f8fafc; stroke: #475569; stroke-width: 1.5; } .title { fill: #475569; }
            .wire { fill: none; stroke: #ffffff; stroke-width: 6; } .pin { stroke: #ffffff; }
            .wire-up { fill: none; stroke: #15803d; stroke-width: 2; }
            .wire-down { fill: none; stroke: #b91c1c; stroke-width: 2; stroke-dasharray: 6 4; }
            .pin-up { fill: #15803d; } .pin-down { fill: #b91c1c; }
            </style>
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
        // Each over a white one a little wider, so that of two that cross one passes below.
        for wire in layout.wires {
            let path = path(wire)
            text += "<path class=\"wire\" d=\"\(path)\"/>\n"
            text += "<path class=\"wire-\(wire.isUp ? "up" : "down")\" d=\"\(path)\"/>\n"
        }
        for box in layout.boxes { text += self.text(of: box) }
        for wire in layout.wires {
            for point in [wire.points.first, wire.points.last].compactMap({ $0 }) {
                let spot = position(point)
                text +=
                    "<circle class=\"pin-\(wire.isUp ? "up" : "down")\" cx=\"\(short(spot.x))\" cy=\"\(short(spot.y))\" r=\"4\"/>\n"
            }
        }
        return text + "</svg>\n"
    }

    private func position(_ point: (x: Int, y: Int)) -> (x: Double, y: Double) {
        (x(Double(point.x) + 0.5), y(Double(point.y) + 0.5))
    }

    /// From corner to corner, each rounded.
    private func path(_ wire: Layout.PlacedWire) -> String {
        let points = wire.points.map(position)
        var path = "M \(short(points[0].x)) \(short(points[0].y))"
        for index in points.indices.dropFirst() {
            guard index < points.count - 1 else {
                path += " L \(short(points[index].x)) \(short(points[index].y))"
                break
            }
            let corner = points[index]
            func towards(_ other: (x: Double, y: Double)) -> (x: Double, y: Double) {
                let length = max(abs(other.x - corner.x), abs(other.y - corner.y))
                let share = length == 0 ? 0 : min(7, length / 2) / length
                return (corner.x + (other.x - corner.x) * share, corner.y + (other.y - corner.y) * share)
            }
            let (before, after) = (towards(points[index - 1]), towards(points[index + 1]))
            path += " L \(short(before.x)) \(short(before.y))"
            path += " Q \(short(corner.x)) \(short(corner.y)) \(short(after.x)) \(short(after.y))"
        }
        return path
    }

    private func text(of box: Layout.PlacedBox) -> String {
        let (left, top) = (x(Double(box.x) + 0.5), y(Double(box.y)))
        let width = Double(box.width - 1) * Self.cellWidth
        let height = (Double(box.content.height) - 0.6) * Self.cellHeight
        let name = xml(escaped(box.content.name))
        var text = "<g><title>\(name)</title>\n"
        text += "<rect class=\"box\" x=\"\(short(left))\" y=\"\(short(top))\" width=\"\(short(width))\" "
        text += "height=\"\(short(height))\" rx=\"6\"/>\n"
        text +=
            "<path class=\"title\" d=\"M \(short(left)) \(short(top + 20)) v -14 q 0 -6 6 -6 h \(short(width - 12)) "
        text += "q 6 0 6 6 v 14 z\"/>\n"
        text += line([(Double(box.x) + 2, Text(box.content.name, .heading))], y: top + 15)
        for (number, pieces) in box.content.lines.enumerated() {
            text += line(pieces.map { (Double(box.x + $0.x), $0.text) }, y: y(Double(box.y + 1 + number)) + 15)
        }
        return text + "</g>\n"
    }

    private func line(_ pieces: [(column: Double, text: Text)], y: Double) -> String {
        pieces.map { column, text in
            let spans = text.pieces.map { text, style in
                style == .plain ? xml(text) : "<tspan class=\"\(style)\">\(xml(text))</tspan>"
            }
            return "<text x=\"\(short(x(column)))\" y=\"\(short(y))\">\(spans.joined())</text>\n"
        }.joined()
    }
}

/// With one digit after the point at most.
private func short(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
}

/// Text between tags or in an attribute (XML 1.0, section 2.4).
func xml(_ text: String) -> String {
    text.reduce(into: "") { result, letter in
        switch letter {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        default: result.append(letter)
        }
    }
}
