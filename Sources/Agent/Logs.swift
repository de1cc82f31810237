// Log lines on standard error: one event a line, whatever is in it.

import Linux
import Logging

func makeLogger(_ level: Logger.Level) -> Logger {
    var log = Logger(label: "netnsd") { _ in LineLogHandler() }
    log.logLevel = level
    return log
}

/// Writes `level: message key=value …`, with what could fool a terminal or pretend to be another line escaped. In
/// front of it, where the journal reads, the priority as sd-daemon(3) has it.
private struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    private static let journalReads = environment("JOURNAL_STREAM") != nil

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = Self.journalReads ? "<\(event.level.priority)>" : "\(event.level.rawValue): "
        line += escaped(event.message.description)
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(quoted(value.description))" }
        line += "\n"
        writeToStandardError(line)
    }
}

extension Logger.Level {
    /// syslog(3)'s number.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

private func quoted(_ text: String) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
    return isPlain
        ? text
        : "\"\(escaped(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\""))\""
}

/// Control characters as `\u{1b}`.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
        {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
