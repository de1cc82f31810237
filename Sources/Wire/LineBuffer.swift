// Bytes of a stream, cut into lines.

/// Collects bytes and gives out whole lines, without their newline, up to a bound.
public struct LineBuffer: Sendable {
    /// The longest line either side accepts, newline not counted: 1 MiB.
    public static let longestLine = 1 << 20

    private var bytes: [UInt8] = []
    /// Where the first line not yet given out begins.
    private var start = 0
    /// Up to here there is no newline.
    private var searched = 0

    public init() {}

    /// Bytes waiting, of whole lines and of a begun one.
    public var count: Int { bytes.count - start }

    /// The line begun is longer than any may be.
    public var isOverlong: Bool { lineEnd == nil && count > Self.longestLine }

    private var lineEnd: Int? { bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) }

    public mutating func append(_ more: UnsafeRawBufferPointer) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        unsafe bytes.append(contentsOf: more)
    }

    /// The next whole line, if there is one. A line over the limit is not given out: see `isOverlong`.
    public mutating func nextLine() -> ArraySlice<UInt8>? {
        guard let end = lineEnd else {
            searched = bytes.count
            return nil
        }
        defer {
            start = end + 1
            searched = start
        }
        return bytes[start..<end]
    }
}
