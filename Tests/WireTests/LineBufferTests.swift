// Bytes of a stream, however they are cut, make the same lines.

import Testing
import Wire

@Suite("Line buffer")
struct LineBufferTests {
    private static let stream = "{\"a\":1}\n\n{\"b\":\"é\"}\nrest"
    private static let lines = ["{\"a\":1}", "", "{\"b\":\"é\"}"]

    private func append(_ bytes: some Sequence<UInt8>, to buffer: inout LineBuffer) {
        Array(bytes).withUnsafeBytes { buffer.append($0) }
    }

    private func drain(_ buffer: inout LineBuffer) -> [String] {
        var lines: [String] = []
        while let line = buffer.nextLine() { lines.append(String(decoding: line, as: UTF8.self)) }
        return lines
    }

    @Test("Split at each byte", arguments: 0...stream.utf8.count)
    func split(at index: Int) {
        var buffer = LineBuffer()
        append(Self.stream.utf8.prefix(index), to: &buffer)
        var lines = drain(&buffer)
        append(Self.stream.utf8.dropFirst(index), to: &buffer)
        lines += drain(&buffer)
        #expect(lines == Self.lines)
        #expect(buffer.count == 4)
    }

    @Test("A byte at a time, and lines taken only at the end")
    func bytewise() {
        var eager = LineBuffer()
        var lazy = LineBuffer()
        var lines: [String] = []
        for byte in Self.stream.utf8 {
            append([byte], to: &eager)
            append([byte], to: &lazy)
            lines += drain(&eager)
        }
        #expect(lines == Self.lines)
        #expect(drain(&lazy) == Self.lines)
        #expect(eager.count == 4 && lazy.count == 4)
    }

    @Test("A line of the greatest length is one; a byte more is overlong, whole or begun")
    func overlong() {
        let longest = [UInt8](repeating: UInt8(ascii: "x"), count: LineBuffer.longestLine)
        var buffer = LineBuffer()
        append(longest, to: &buffer)
        #expect(!buffer.isOverlong)
        append("\n".utf8, to: &buffer)
        #expect(!buffer.isOverlong)
        #expect(buffer.nextLine()?.count == LineBuffer.longestLine)
        #expect(buffer.count == 0)

        append(longest, to: &buffer)
        #expect(buffer.nextLine() == nil)
        append("x".utf8, to: &buffer)
        #expect(buffer.isOverlong)
    }

    @Test("What was given out takes no room")
    func room() {
        var buffer = LineBuffer()
        for _ in 0..<1000 {
            append("0123456789\n".utf8, to: &buffer)
            #expect(buffer.nextLine()?.count == 10)
        }
        #expect(buffer.count == 0)
        #expect(buffer.nextLine() == nil)
    }
}
