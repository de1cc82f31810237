// Reading words in iproute2's manner: keywords, each followed by its value.

import ArgumentParser
import NetnsClient

/// The words that are left to read.
struct Words {
    private var rest: ArraySlice<String>
    private var seen: Set<String> = []

    init(_ words: some Collection<String>) { rest = ArraySlice(Array(words)) }

    var isEmpty: Bool { rest.isEmpty }
    var first: String? { rest.first }
    var second: String? { rest.dropFirst().first }

    /// Takes the next word if it is one of these.
    mutating func take(_ words: String...) -> Bool {
        guard let first = rest.first, words.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    /// The next word, whatever it is.
    mutating func next() -> String? { rest.popFirst() }

    /// The next word where a keyword is due; the same one twice is an error.
    mutating func keyword() throws -> String? {
        guard let word = rest.popFirst() else { return nil }
        guard seen.insert(word).inserted else { throw ValidationError("'\(word)' is there twice") }
        return word
    }

    /// The value that follows a keyword.
    mutating func value<Value: WordValue>(_ keyword: String, as type: Value.Type = Value.self) throws -> Value {
        try Value.read(try text(keyword), keyword)
    }

    /// The word that follows a keyword, as it is.
    mutating func text(_ keyword: String) throws -> String {
        guard let text = rest.popFirst() else { throw ValidationError("'\(keyword)' needs a value after it") }
        return text
    }

    /// The value that stands here without a keyword.
    mutating func positional<Value: WordValue>(_ what: String, as type: Value.Type = Value.self) throws -> Value {
        guard let text = rest.popFirst() else { throw ValidationError("the \(what) is missing") }
        return try Value.read(text, what)
    }
}

/// The error for a word that is none of the keywords.
func unknown(_ word: String, _ known: [String]) -> ValidationError {
    if let near = nearest(to: word, known) {
        return ValidationError("unknown word '\(word)'; did you mean '\(near)'?")
    }
    return ValidationError("unknown word '\(word)'; expected one of: \(known.joined(separator: " "))")
}

/// The word that was probably meant; nil where none is near.
func nearest(to word: String, _ known: some Sequence<String>) -> String? {
    let near = known.map { (word: $0, distance: editDistance($0, word)) }.min { $0.distance < $1.distance }
    return near.flatMap { $0.distance <= max(1, (word.count + 1) / 3) ? $0.word : nil }
}

/// Letters to be put in, left out, changed or swapped with the next to make one word of the other (optimal string
/// alignment).
private func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    var (before, above) = ([Int](), Array(0...right.count))
    for row in left.indices {
        var distances = [row + 1]
        for column in right.indices {
            let change = above[column] + (left[row] == right[column] ? 0 : 1)
            var distance = min(change, distances[column] + 1, above[column + 1] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                distance = min(distance, before[column - 1] + 1)
            }
            distances.append(distance)
        }
        (before, above) = (above, distances)
    }
    return above[right.count]
}
