// netnsctl --complete: what may stand at the cursor. The scripts in contrib/completions ask it at every Tab.
//
// How it works: main takes this way before the argument parser is touched, so that a Tab costs a process, at most a few
// requests to the agent and nothing else. The words before the cursor are walked through CommandTable.swift, which is
// made of the parser's own description; the agent is asked only about what can stand at that place. Whatever goes
// wrong ends in no answer: a Tab is no place for errors.
//
//     netnsctl --complete SHELL WORD…      the words from `netnsctl` up to the cursor, the last one perhaps empty
//
// A line of the answer is a word, or a word, a tab and what it is. No space is due after one that ends in / = . or :.
// The lines `:files` and `:command N` leave the answer to the shell: a path; the N-th word (from 0) begins a command.

import CLinux
import Glibc
import NetnsClient

struct Candidate: Equatable {
    let word: String
    var help = ""
}

/// What is to be said to the shell.
enum Answer: Equatable {
    case words([Candidate])
    case files
    /// The word where the program's own command line begins.
    case command(Int)
}

/// Answers and ends the process.
func completeAndExit(_ arguments: ArraySlice<String>) -> Never {
    // An agent that says nothing must not hold up a prompt.
    signal(SIGALRM) { _ in _exit(0) }
    alarm(2)
    let words = Array(arguments.dropFirst())
    // Bash takes what it is given; the others choose by their users' own rules, ignoring case for instance.
    let prefix = arguments.first == "bash" ? words.last ?? "" : ""
    var text = ""
    switch CommandLineWords(words, describing: arguments.first != "bash").answer() {
    case .files: text = ":files\n"
    case .command(let index): text = ":command \(index)\n"
    case .words(let candidates):
        for candidate in candidates where candidate.word.hasPrefix(prefix) {
            text += oneLine(candidate.word)
            if !candidate.help.isEmpty && arguments.first != "bash" { text += "\t" + oneLine(candidate.help) }
            text += "\n"
        }
    }
    try? write(text)
    _exit(0)
}

/// Neither what a terminal would obey nor what would be taken for another candidate.
private func oneLine(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    return escaped(String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" ? " " : $0 })))
}

/// The words up to the cursor, taken apart.
struct CommandLineWords {
    let words: [String]
    /// The shell shows what candidates are.
    let describing: Bool
    /// The command's own words, `addr add`.
    private(set) var path = ""
    private(set) var entry = CommandEntry()
    /// Its arguments before the cursor.
    private(set) var arguments: [String] = []
    /// Options given before the cursor, by their long names.
    private(set) var options: [(name: String, value: String)] = []
    /// The option whose value is due.
    private(set) var pending: OptionEntry?
    /// A word that is no command stands where one should, or there is no such command.
    private var isLost = false
    private var onlyArguments = false
    /// Where a program's own words begin.
    private var commandStart: Int?

    /// The word at the cursor, as far as it goes.
    var current: String { words.last ?? "" }

    init(_ words: [String], describing: Bool = true) {
        (self.words, self.describing) = (words, describing)
        guard words.count > 1, let root = commandEntry("") else { return }
        entry = root
        for (index, word) in words.enumerated().dropLast().dropFirst() where commandStart == nil && !isLost {
            take(word, at: index)
        }
    }

    private mutating func take(_ word: String, at index: Int) {
        if let option = pending {
            options.append((option.name, word))
            pending = nil
        } else if word == "--" && !onlyArguments {
            onlyArguments = true
            if entry.runs { commandStart = index + 1 }
        } else if !onlyArguments && word.hasPrefix("-") && word.count > 1 {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard let option = entry.option(parts[0]) else { return }
            if option.value == nil || parts.count > 1 {
                options.append((option.name, parts.count > 1 ? parts[1] : ""))
            } else {
                pending = option
            }
        } else if !entry.commands.isEmpty {
            guard let name = entry.command(word), let below = commandEntry(path.isEmpty ? name : "\(path) \(name)")
            else {
                isLost = true
                return
            }
            path = path.isEmpty ? name : "\(path) \(name)"
            entry = below
        } else {
            arguments.append(word)
            guard entry.runs else { return }
            let next = index + 1
            commandStart = next < words.count - 1 && words[next] == "--" ? next + 1 : next
        }
    }

    func value(of option: String) -> String? { options.last { $0.name == option }?.value }

    func answer() -> Answer {
        if isLost || words.count < 2 { return .words([]) }
        if let commandStart { return .command(commandStart) }
        if let pending { return values(of: pending) }
        if !onlyArguments && current.hasPrefix("-") {
            guard let equals = current.firstIndex(of: "=") else { return .words(optionNames()) }
            let name = String(current[..<equals])
            guard let option = entry.option(name), option.value != nil else { return .words([]) }
            guard case .words(let values) = values(of: option) else { return .words([]) }
            return .words(values.map { Candidate(word: "\(name)=\($0.word)", help: $0.help) })
        }
        if !entry.commands.isEmpty {
            return .words(
                entry.commands.map { names, help in
                    Candidate(word: String(names.prefix { $0 != " " }), help: help)
                })
        }
        return Completer(self).argument()
    }

    private func values(of option: OptionEntry) -> Answer { Completer(self).value(of: option) }

    /// Those that are not there yet; the short ones only where nothing else can be meant.
    private func optionNames() -> [Candidate] {
        let all = entry.commands.isEmpty ? entry.options + commonOptions : entry.options
        return all.filter { option in option.repeats || !options.contains { $0.name == option.name } }
            .flatMap { option in
                option.names.split(separator: " ").filter { $0.hasPrefix("--") || $0.hasPrefix(current) }
                    .filter { $0.hasPrefix("--") || option.name == $0 || current.count > 1 }
                    .map { Candidate(word: String($0), help: option.help) }
            }
    }
}
