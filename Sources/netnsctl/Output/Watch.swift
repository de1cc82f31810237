// --watch: what a command prints, again whenever something has changed.
//
// The agent says when (event.subscribe); nothing is asked in between. What no event tells, counters for instance, needs
// --every. The terminal's own scrolling, modes and colours are left alone, so that Ctrl-C may end this at any point.

import ArgumentParser
import Glibc
import NetnsClient

struct WatchOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Print it anew at each change, until interrupted.")
    var watch = false

    @Option(
        help: ArgumentHelp("And after so many seconds, for what changes unsaid.", valueName: "seconds"),
        transform: Seconds.parse)
    var every: Seconds?

    /// Prints what `make` makes, once or for as long as there is an agent. Only changes in these namespaces count,
    /// without any those in all of the caller's.
    func follow(_ agent: Connection, _ namespaces: [NamespaceSelector]?, _ make: () throws -> String) throws {
        guard watch || every != nil else { return try write(try make()) }
        // Poll ends when the window's size changes: a signal that has a handler.
        signal(SIGWINCH) { _ in }
        try agent.call(EventSubscribe.self, .init(netns: namespaces))
        var last: String?
        while true {
            let text = try make()
            if let size = terminalSize() {
                try write((last == nil ? Screen.clear : "") + Screen.redrawn(text.cropped(toRows: size.rows)))
            } else if text != last {
                try write(text)
            }
            last = text
            try agent.waitForChange(milliseconds: every?.milliseconds)
        }
    }
}

/// Control sequences of a terminal (ECMA-48).
private enum Screen {
    static let clear = "\u{1B}[2J"

    /// From the upper left corner (CUP); what was there before is erased line by line (EL, ED), so nothing flickers.
    static func redrawn(_ text: String) -> String {
        "\u{1B}[H" + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\u{1B}[K\n")
            + "\u{1B}[J"
    }
}

/// A time of at least a tenth of a second.
struct Seconds: WordValue {
    let milliseconds: CInt
    static let rule = "must be a number of seconds from 0.1 to 86400"

    static func make(_ word: String) -> Seconds? {
        guard let number = Double(word), (0.1...86400).contains(number) else { return nil }
        return Seconds(milliseconds: CInt(number * 1000))
    }
}

extension Connection {
    /// Changes come in bursts: those that follow one within this time are one to people.
    private static let burstMilliseconds: CInt = 50

    /// Until an event, a signal, or the time is over. All that has come until then is taken in.
    fileprivate func waitForChange(milliseconds: CInt?) throws {
        guard hasNotification || waitForInput(milliseconds ?? -1) else { return }
        usleep(useconds_t(Self.burstMilliseconds) * 1000)
        while hasNotification || waitForInput(0) { _ = try nextNotification() }
    }

    private func waitForInput(_ milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }
}
