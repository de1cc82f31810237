// The words of a command line, read as iproute2 reads them: one after the other, commands by their beginnings.

/// The words not read yet.
struct Words {
    private var rest: ArraySlice<String>

    init(_ words: some Sequence<String>) { rest = Array(words)[...] }

    var first: String? { rest.first }
    var second: String? { rest.dropFirst().first }
    var isEmpty: Bool { rest.isEmpty }
    var all: [String] { Array(rest) }

    mutating func next() -> String? { rest.popFirst() }
    mutating func skip() { _ = rest.popFirst() }

    /// The word behind a keyword, which must be there.
    mutating func value() throws(Failure) -> String {
        guard let word = rest.popFirst() else { throw .incomplete }
        return word
    }

    /// Takes the next word where it is this one.
    mutating func take(_ word: String) -> Bool {
        guard first == word else { return false }
        skip()
        return true
    }
}

extension String {
    /// It is the beginning of one of these; iproute2's way to abbreviate, where the order of asking decides.
    func begins(_ words: String...) -> Bool { !isEmpty && words.contains { $0.hasPrefix(self) } }
}

extension Failure {
    // In iproute2's words (lib/utils.c), which scripts know.

    static let incomplete = Failure("Command line is not complete. Try option \"help\"", code: 255)

    static func invalid(_ word: String, _ what: String) -> Failure {
        Failure("Error: argument \"\(word)\" is wrong: \(what)", code: 255)
    }

    static func duplicate(_ keyword: String, _ word: String) -> Failure {
        Failure("Error: either \"\(keyword)\" is duplicate, or \"\(word)\" is a garbage.", code: 255)
    }

    static func missing(_ keyword: String) -> Failure {
        Failure("Not enough information: \"\(keyword)\" argument is required.", code: 1)
    }

    static func unknownCommand(_ word: String, of object: String) -> Failure {
        Failure("Command \"\(word)\" is unknown, try \"ip \(object) help\".", code: 255)
    }

    static func noDevice(_ name: String) -> Failure { Failure("Cannot find device \"\(name)\"", code: 1) }

    /// What the real program can and this one cannot.
    static func notOffered(_ what: String) -> Failure { Failure("Error: netnsd does not offer \(what).", code: 255) }
}
