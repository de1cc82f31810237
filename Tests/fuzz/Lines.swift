// Framing: a stream of bytes cut into lines, however it arrives.

import Wire

/// The first byte says in what pieces the rest arrives. The lines must be those that cutting the whole at once gives.
func fuzzLines(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let stream = input.dropFirst()
    let piece = Int(first) + 1
    var buffer = LineBuffer()
    var lines: [[UInt8]] = []
    for start in stride(from: stream.startIndex, to: stream.endIndex, by: piece) {
        unsafe stream[start..<min(start + piece, stream.endIndex)].withUnsafeBytes { unsafe buffer.append($0) }
        while let line = buffer.nextLine() { lines.append(Array(line)) }
    }
    var expected = stream.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    let begun = expected.removeLast()
    require(lines == expected, "\(lines) instead of \(expected)")
    require(buffer.count == begun.count, "\(buffer.count) bytes wait instead of \(begun.count)")
}
