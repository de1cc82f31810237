// Which members of an object were asked for while decoding; the rest are unknown.

/// What was asked of one array or object of the tree.
final class Visit {
    /// Everything from here down was taken as it is.
    var tookWhole = false
    /// The type decoded asked which keys there are.
    var sawAllKeys = false
    /// Keys asked for that were not there: what an unknown key may have been meant to be.
    private var absent: [String] = []
    /// Bit n: member n was asked for. The first 64 need no allocation.
    private var firstSeen: UInt64 = 0
    private var furtherSeen: [UInt64] = []
    /// Visits of members or elements that hold further values, by position.
    private var children: [Visit?] = []

    struct Unknown {
        var path: [PathStep]
        /// The key that the unknown one resembles.
        var suggestion: String?
    }

    func see(_ index: Int) {
        guard index >= 64 else {
            firstSeen |= 1 << UInt64(index)
            return
        }
        let word = index / 64 - 1
        if word >= furtherSeen.count {
            furtherSeen.append(contentsOf: repeatElement(0, count: word + 1 - furtherSeen.count))
        }
        furtherSeen[word] |= 1 << UInt64(index % 64)
    }

    func miss(_ key: String) { absent.append(key) }

    /// The visit of the value at this position among `count`; the same one each time.
    func child(at index: Int, of count: Int) -> Visit {
        if children.isEmpty { children = Array(repeating: nil, count: count) }
        if let child = children[index] { return child }
        let child = Visit()
        children[index] = child
        return child
    }

    /// The first member, in the order of the text, that nobody asked for. Recursion ends where decoding's did.
    func firstUnknown(in value: JSONValue) -> Unknown? {
        if tookWhole { return nil }
        switch value {
        case .array(let elements):
            for (index, child) in children.enumerated() {
                guard var unknown = child?.firstUnknown(in: elements[index]) else { continue }
                unknown.path.insert(.element(index), at: 0)
                return unknown
            }
        case .object(let object):
            if sawAllKeys && children.isEmpty { return nil }
            for (index, member) in object.enumerated() {
                if !sawAllKeys && !sees(index) {
                    return Unknown(path: [.member(member.key)], suggestion: suggestion(for: member.key, in: object))
                }
                guard !children.isEmpty, var unknown = children[index]?.firstUnknown(in: member.value) else { continue }
                unknown.path.insert(.member(member.key), at: 0)
                return unknown
            }
        default: break
        }
        return nil
    }

    private func sees(_ index: Int) -> Bool {
        if index < 64 { return firstSeen >> UInt64(index) & 1 == 1 }
        let word = index / 64 - 1
        return word < furtherSeen.count && furtherSeen[word] >> UInt64(index % 64) & 1 == 1
    }

    /// The nearest key that was asked for, at most two edits away; one not given before one given.
    private func suggestion(for key: String, in object: JSONObject) -> String? {
        let given = object.indices.lazy.filter(sees).map { object[$0].key }
        var best: (key: String, distance: Int)?
        for candidates in [absent, Array(given)] {
            for candidate in candidates {
                guard let distance = editDistance(key, candidate, atMost: 2), distance < candidate.utf8.count else {
                    continue
                }
                if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
            }
        }
        return best?.key
    }
}

/// Levenshtein's distance in bytes, or nil where it is more than `limit`.
func editDistance(_ left: String, _ right: String, atMost limit: Int) -> Int? {
    guard abs(left.utf8.count - right.utf8.count) <= limit, left.utf8.count <= 64 else { return nil }
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (line, byte) in left.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for column in right.indices {
            let substitution = diagonal + (byte == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(substitution, diagonal + 1, row[column] + 1)
        }
    }
    return row[right.count] <= limit ? row[right.count] : nil
}
