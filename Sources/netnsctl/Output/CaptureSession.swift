// Packets to a file, to the screen or to both, until there is a reason to stop.

import Glibc
import NetnsClient

/// How packets are shown.
enum PacketListing {
    case lines(colour: Bool)
    case json
}

/// A capture and where its packets go.
struct CaptureSession: ~Copyable {
    private let capture: PacketCapture
    private let file: Output?
    private let screen: Output?
    private let listing: PacketListing?
    private let most: Int
    private var writer = PcapngWriter(application: "netnsctl \(programVersion)")
    /// The interface's number in the file, by its index.
    private var interfaces: [Int32: UInt32] = [:]
    private var text: [UInt8] = []
    private var captured = 0
    /// The link was taken down, and has brought no packet since.
    private var isDown = false
    private var counts = PacketCounts()

    /// Bytes that are collected before they are written, while packets go on coming.
    private static let batch = 1 << 18
    /// How often a link that is down is looked at.
    private static let downMilliseconds: CInt = 200

    init(_ capture: PacketCapture, file: SharedDescriptor?, listing: PacketListing?, most: Int) {
        self.capture = capture
        self.file = file.map { Output($0) }
        self.listing = listing
        self.most = most
        screen = listing == nil ? nil : Output.stdout
        if let link = capture.link { addInterface(link) }
    }

    /// Runs until a signal, `most` packets, or the end of the link or of whoever reads.
    mutating func run(until signals: borrowing ForwardedSignals) throws {
        while true {
            let more = try takePackets()
            guard try flush(signals) else { return counts = try capture.takeCounts() }
            if captured >= most { break }
            if !more { guard try wait(signals) else { break } }
        }
        counts = try capture.takeCounts()
        if file != nil, let link = capture.link, let interface = interfaces[link.index] {
            writer.addStatistics(
                interface: interface, nanoseconds: nowNanoseconds(), received: counts.received, dropped: counts.dropped)
        }
        _ = try flush(signals)
    }

    /// On stderr, as tcpdump does.
    func complainAboutCounts() {
        complain("\(captured) packet\(captured == 1 ? "" : "s") captured, \(counts.dropped) dropped by the kernel")
    }

    /// Takes in what is there, up to a batch; false where nothing is left.
    private mutating func takePackets() throws -> Bool {
        while captured < most && writer.count < Self.batch && text.count < Self.batch {
            var taken: (header: PacketHeader, bytes: [UInt8])?
            let wantsText = listing != nil
            let outcome = try capture.next { header, packet in
                if file != nil { add(header, packet) }
                if wantsText { taken = (header, packet.withUnsafeBytes { Array($0) }) }
            }
            switch outcome {
            case .packet:
                captured += 1
                isDown = false
            case .leftOut: continue
            case .nothing: return false
            case .linkDown:
                isDown = true
                return false
            }
            if let taken { list(taken.header, taken.bytes) }
        }
        return true
    }

    private mutating func addInterface(_ link: CapturedLink) {
        guard let type = link.type else { return }
        interfaces[link.index] = writer.addInterface(
            name: link.name, type: type, snapLength: capture.snapLength, filter: capture.filter?.expression)
    }

    private mutating func add(_ header: PacketHeader, _ packet: RawSpan) {
        if interfaces[header.link.index] == nil {
            interfaces[header.link.index] = writer.addInterface(
                name: header.link.name, type: header.type, snapLength: capture.snapLength,
                filter: capture.filter?.expression)
        }
        writer.addPacket(
            interface: interfaces[header.link.index]!, nanoseconds: header.time, direction: header.direction,
            originalLength: header.originalLength, packet)
    }

    private mutating func list(_ header: PacketHeader, _ packet: [UInt8]) {
        let summary = PacketSummary(packet, type: header.type)
        switch listing {
        case .lines(let colour):
            text += Array((header.line(summary).rendered(colour: colour) + "\n").utf8)
        case .json:
            text += JSONValue.object(header.json(summary, captured: packet.count)).serialized() + [UInt8(ascii: "\n")]
        case nil: break
        }
    }

    /// Writes what has come together; false where a signal or a reader that is gone ended the wait for room.
    private mutating func flush(_ signals: borrowing ForwardedSignals) throws -> Bool {
        var goesOn = true
        if let file {
            try writer.drain { bytes in
                goesOn = try bytes.withUnsafeBytes { try file.write($0, unless: signals) }
            }
        }
        if let screen {
            goesOn = try text.withUnsafeBytes { try screen.write($0, unless: signals) } && goesOn
            text.removeAll(keepingCapacity: true)
        }
        return goesOn
    }

    /// Waits for a packet; false where there is a reason to stop instead.
    private func wait(_ signals: borrowing ForwardedSignals) throws -> Bool {
        var entries = [
            pollfd(fd: capture.fileDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0),
            // Nothing is asked, but that nobody reads any more is told all the same (poll(2), POLLERR).
            pollfd(fd: file?.fileDescriptor ?? -1, events: 0, revents: 0),
        ]
        repeat {
            if isDown && capture.isOver {
                complain("\(capture.link?.name ?? "the link") is gone")
                return false
            }
            // A link that is deleted is first taken down, and of what follows nobody tells the socket.
            let wait = isDown ? Self.downMilliseconds : -1
            try system("poll") { poll(&entries, nfds_t(entries.count), wait) }
        } while entries.allSatisfy { $0.revents == 0 }
        return entries[1].revents == 0 && entries[2].revents == 0
    }
}

/// A file, a pipe or a terminal to write to without waiting deaf to signals.
private struct Output {
    let fileDescriptor: CInt
    private let owner: SharedDescriptor?
    /// A write into a pipe with this much room does not wait (pipe(7), PIPE_BUF); to a file it never does.
    private let piece: Int

    static let stdout = Output(1, nil)

    init(_ descriptor: SharedDescriptor) { self.init(descriptor.raw, descriptor) }

    private init(_ fileDescriptor: CInt, _ owner: SharedDescriptor?) {
        self.fileDescriptor = fileDescriptor
        self.owner = owner
        var status = stat()
        piece = fstat(fileDescriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? .max : Int(PIPE_BUF)
    }

    /// False where a signal came while there was no room; what was left is not written then.
    func write(_ bytes: UnsafeRawBufferPointer, unless signals: borrowing ForwardedSignals) throws(SystemError) -> Bool
    {
        var written = 0
        while written < bytes.count {
            var entries = [
                pollfd(fd: fileDescriptor, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            try system("poll") { poll(&entries, nfds_t(entries.count), -1) }
            if entries[0].revents == 0 { return false }
            written += try system("write", "packets") {
                Glibc.write(fileDescriptor, bytes.baseAddress! + written, min(piece, bytes.count - written))
            }
        }
        return true
    }
}

private func nowNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

// MARK: - A packet in a line

extension PacketHeader {
    /// `12:34:56.789012 eth0 out 10.0.0.1 > 10.0.0.2 ICMP echo request id 7 seq 1 length 64`.
    func line(_ summary: PacketSummary) -> Text {
        let way = direction == .outgoing ? "out" : "in "
        return [Text(localTime), Text(link.name, .name), Text(way), Text(summary.description)].joined(by: " ")
    }

    /// The clock's time where the reader is, in microseconds.
    private var localTime: String {
        var seconds = time_t(time / 1_000_000_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        func digits(_ number: some BinaryInteger, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits($0, 2) }.joined(separator: ":")
            + "." + digits(time % 1_000_000_000 / 1000, 6)
    }

    func json(_ summary: PacketSummary, captured: Int) -> JSONObject {
        var object: JSONObject = [
            "timeNanoseconds": .integer(Int64(clamping: time)), "ifname": .string(link.name),
            "direction": .string(direction == .outgoing ? "out" : "in"), "length": .integer(Int64(originalLength)),
            "captured": .integer(Int64(captured)), "protocol": .string(summary.protocolName),
        ]
        if !summary.source.isEmpty { object["src"] = .string(summary.source) }
        if !summary.destination.isEmpty { object["dst"] = .string(summary.destination) }
        if !summary.detail.isEmpty { object["info"] = .string(summary.detail) }
        return object
    }
}
