// The caller's namespaces by name alone, for a Tab among thousands of them.
//
// The library makes a tree of values of each answer, and of a hundred kilobytes that takes longer than all the rest of
// a Tab. Names hold nothing that JSON would escape, so they can be read off the text as it comes.

import Glibc
import NetnsClient

enum NameScan {
    /// The names of live namespaces; those of all users where `everybody` is set, which only root may ask. Nothing
    /// where there is no agent or it says no.
    static func names(socket: String?, everybody: Bool) -> [String] {
        let path = socket ?? getenv(socketVariable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        guard let agent = try? UnixSocket.connect(to: path ?? standardSocketPath) else { return [] }
        let params = everybody ? #"{"allUsers":true}"# : "{}"
        let request = #"{"jsonrpc":"2.0","id":1,"method":"\#(NetnsList.name)","params":\#(params)}"# + "\n"
        let sent = Array(request.utf8).withUnsafeBytes { try? agent.send($0) }
        guard sent == request.utf8.count else { return [] }
        // As much as a line may be; the pages that are not written to cost nothing.
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: LineBuffer.longestLine + 1, alignment: 1)
        defer { room.deallocate() }
        var count = 0
        while count < room.count, count == 0 || room[count - 1] != UInt8(ascii: "\n"),
            let received = try? agent.receive(into: UnsafeMutableRawBufferPointer(rebasing: room[count...])),
            received.count > 0
        {
            count += received.count
        }
        return live(in: UnsafeRawBufferPointer(rebasing: room[..<count]))
    }

    /// The names of those objects of a list that say that they are live.
    static func live(in reply: UnsafeRawBufferPointer) -> [String] {
        var names: [String] = []
        names.reserveCapacity(reply.count / 64)
        var rest = reply[...]
        while let start = find(UInt8(ascii: "{"), in: rest) {
            rest = rest[(start + 1)...]
            let end = find(UInt8(ascii: "}"), in: rest) ?? rest.endIndex
            // What the reply itself consists of comes before the first object of the list.
            if let inner = find(UInt8(ascii: "{"), in: rest[..<end]) {
                rest = rest[inner...]
                continue
            }
            let object = rest[..<end]
            rest = rest[end...]
            guard let state = member(#""state":""#, of: object), state.elementsEqual("live".utf8),
                let name = member(#""name":""#, of: object), find(UInt8(ascii: "\\"), in: name) == nil
            else { continue }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names
    }

    private typealias Bytes = Slice<UnsafeRawBufferPointer>

    /// memchr(3).
    private static func find(_ byte: UInt8, in bytes: Bytes) -> Int? {
        let buffer = UnsafeRawBufferPointer(rebasing: bytes)
        guard let base = buffer.baseAddress, let found = memchr(base, CInt(byte), buffer.count) else { return nil }
        return bytes.startIndex + (UnsafeRawPointer(found) - base)
    }

    /// The text of a member that is a string. Inside a string its quotes would have backslashes before them, so what
    /// looks like a member is one.
    private static func member(_ beginning: StaticString, of object: Bytes) -> Bytes? {
        let length = beginning.utf8CodeUnitCount
        var rest = object
        while let quote = find(UInt8(ascii: "\""), in: rest), object.endIndex - quote > length {
            if memcmp(object.base.baseAddress! + quote, beginning.utf8Start, length) == 0 {
                let text = object[(quote + length)...]
                return find(UInt8(ascii: "\""), in: text).map { text[..<$0] }
            }
            rest = object[(quote + 1)...]
        }
        return nil
    }
}
