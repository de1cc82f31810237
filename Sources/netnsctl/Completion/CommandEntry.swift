// What CommandTable.swift says of a command: enough to complete its words without the argument parser.

struct CommandEntry {
    /// Those below it, each with its aliases after its name, and a sentence.
    var commands: [(names: String, help: String)] = []
    /// But for `commonOptions`.
    var options: [OptionEntry] = []
    /// What its arguments are called in its help.
    var arguments: [String] = []
    /// What follows its first argument is a program and its arguments.
    var runs = false

    /// The full name of a command below that is called so.
    func command(_ word: String) -> String? {
        for (names, _) in commands {
            let names = names.split(separator: " ")
            if names.contains(where: { $0 == word }) { return String(names[0]) }
        }
        return nil
    }

    func option(_ word: String) -> OptionEntry? {
        options.first { $0.isCalled(word) } ?? commonOptions.first { $0.isCalled(word) }
    }
}

struct OptionEntry {
    /// `-j --json`.
    let names: String
    /// What its value is called; nil for those without.
    let value: String?
    let repeats: Bool
    let help: String

    init(_ names: String, takes value: String? = nil, repeats: Bool = false, _ help: String) {
        (self.names, self.value, self.repeats, self.help) = (names, value, repeats, help)
    }

    func isCalled(_ word: String) -> Bool { names.split(separator: " ").contains { $0 == word } }

    /// The long name, where there is one.
    var name: String { String(names.split(separator: " ").last ?? "") }
}
