// ip -batch: a file of commands, one a line (ip(8)).

import Descriptors
import Glibc
import SystemPackage

extension IP {
    /// Runs the commands of a file, `-` being standard input, until one fails; with `-force` all of them.
    func runBatch(_ file: String) throws -> CInt {
        let text: String
        do {
            text = try contents(ofFile: file)
        } catch {
            throw Failure(
                "Cannot open file \"\(file)\" for reading: \(errnoText(error.errno.rawValue))", code: 1)
        }
        var code: CInt = 0
        for (number, line) in logicalLines(text) {
            let words = Words(splitWords(line))
            if words.isEmpty { continue }
            guard run(words) != 0 else { continue }
            console.complain("Command failed \(file):\(number)")
            code = 1
            if !force { break }
        }
        return code
    }
}

/// The lines with the number each begins at. `#` begins a comment; a backslash at the end goes on with the next line.
func logicalLines(_ text: String) -> [(number: Int, text: String)] {
    var lines: [(number: Int, text: String)] = []
    var begun: (number: Int, text: String)?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let uncommented = line.prefix { $0 != "#" }
        let text = (begun?.text ?? "") + uncommented
        let number = begun?.number ?? index + 1
        if text.hasSuffix("\\") {
            begun = (number, String(text.dropLast()))
        } else {
            lines.append((number, text))
            begun = nil
        }
    }
    if let begun { lines.append(begun) }
    return lines
}

/// Words between blanks; quotation marks hold one together.
func splitWords(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
        if let open = quote {
            if character == open { quote = nil } else { word = (word ?? "") + String(character) }
        } else if character == "\"" || character == "'" {
            quote = character
            word = word ?? ""
        } else if character == " " || character == "\t" || character == "\r" {
            if let whole = word { words.append(whole) }
            word = nil
        } else {
            word = (word ?? "") + String(character)
        }
    }
    if let whole = word { words.append(whole) }
    return words
}

/// strerror(3).
func errnoText(_ number: CInt) -> String { unsafe String(cString: strerror(number)) }
