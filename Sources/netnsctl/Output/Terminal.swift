// The terminal that stdout is, if it is one.

import Glibc

/// Columns and rows of stdout's terminal (TIOCGWINSZ, ioctl_tty(2)); nil where stdout is none or does not say.
func terminalSize() -> (columns: Int, rows: Int)? {
    var size = winsize()
    guard isatty(1) == 1, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
}

func terminalWidth() -> Int? { terminalSize()?.columns }

extension String {
    /// The first lines, as many as fit a terminal of so many rows; the last says how many there are more.
    func cropped(toRows rows: Int) -> String {
        let lines = split(separator: "\n", omittingEmptySubsequences: false)
        // The cursor stands on a line of its own below the text.
        guard lines.count > rows else { return self }
        let shown = max(rows - 2, 1)
        return lines.prefix(shown).map { $0 + "\n" }.joined() + "… \(lines.count - 1 - shown) more lines\n"
    }
}
