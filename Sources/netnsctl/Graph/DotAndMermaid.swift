// The picture in the languages of programs that lay it out themselves.

extension Graph {
    /// For graphviz: a namespace is a table with a port at each link.
    func dot() -> String {
        var text = """
            graph netns {
              graph [rankdir=LR, nodesep=0.4, ranksep=1.2, bgcolor=white];
              node [shape=plain, fontname="DejaVu Sans Mono", fontsize=11];
              edge [penwidth=1.6, color="#15803d"];

            """
        for (number, box) in boxes.enumerated() {
            var rows =
                "<tr><td bgcolor=\"#475569\" colspan=\"2\"><font color=\"white\"><b>\(cell(box.name))</b></font></td></tr>"
            for (index, row) in box.rows.enumerated() {
                let indent = String(repeating: "&#160;&#160;", count: row.depth)
                let kind = row.kind == "veth" ? "" : " " + cell(row.kind)
                let state =
                    "<font color=\"\(row.isUp ? "#15803d" : "#b91c1c")\">\(cell(row.state.rendered(colour: false)))</font>"
                let details = row.details.map(cell).joined(separator: "<br align=\"left\"/>")
                rows +=
                    "<tr><td align=\"left\" port=\"w\(index)\">\(indent)<b>\(cell(row.name))</b>\(kind) \(state)</td>"
                rows += "<td align=\"left\" port=\"e\(index)\">\(details.isEmpty ? "&#160;" : details)</td></tr>"
            }
            if box.rows.isEmpty { rows += "<tr><td colspan=\"2\">no links but lo</td></tr>" }
            text += "  n\(number) [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"4\" "
            text += "color=\"#475569\" bgcolor=\"#f8fafc\">\(rows)</table>>];\n"
        }
        // Left to right, as the columns of the other pictures go.
        let columns = Layers(self).parts.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        for wire in wires {
            var (from, to) = wire.ends
            if columns[from.box]! > columns[to.box]! { swap(&from, &to) }
            let style = wire.isUp ? "" : " [style=dashed, color=\"#b91c1c\"]"
            text += "  n\(from.box):e\(from.row):e -- n\(to.box):w\(to.row):w\(style);\n"
        }
        return text + "}\n"
    }

    private func cell(_ text: String) -> String { xml(escaped(text)) }

    /// For Mermaid, which Markdown pages draw: a namespace is a group of its links.
    func mermaid() -> String {
        var text = "flowchart LR\n"
        for (number, box) in boxes.enumerated() {
            text += "  subgraph n\(number)[\"\(quotable(box.name))\"]\n"
            for (index, row) in box.rows.enumerated() {
                let kind = row.kind == "veth" ? [] : [row.kind]
                let first = ([row.name] + kind + [row.state.rendered(colour: false)]).joined(separator: " ")
                let label = ([first] + row.details).map(quotable).joined(separator: "<br/>")
                text += "    n\(number)l\(index)[\"\(label)\"]\n"
            }
            if box.rows.isEmpty { text += "    n\(number)l[\"no links but lo\"]\n" }
            for (index, row) in box.rows.enumerated() {
                if let parent = row.parent { text += "    n\(number)l\(parent) --- n\(number)l\(index)\n" }
            }
            text += "  end\n"
        }
        for wire in wires {
            let line = wire.isUp ? "===" : "-.-"
            text += "  n\(wire.ends.0.box)l\(wire.ends.0.row) \(line) n\(wire.ends.1.box)l\(wire.ends.1.row)\n"
        }
        return text
    }

    /// Inside quotes all but these stand for themselves (Mermaid's entity codes).
    private func quotable(_ text: String) -> String {
        escaped(text).reduce(into: "") { result, letter in
            switch letter {
            case "\"": result += "#quot;"
            case "#": result += "#35;"
            case "<": result += "#lt;"
            case ">": result += "#gt;"
            case "&": result += "#amp;"
            case "`": result += "#96;"
            default: result.append(letter)
            }
        }
    }
}

extension Graph.Row {
    /// Addresses, and where the other end is if it is in no box.
    fileprivate var details: [String] {
        addresses.map { $0.rendered(colour: false) } + (elsewhere.map { ["peer \($0)"] } ?? [])
    }
}
