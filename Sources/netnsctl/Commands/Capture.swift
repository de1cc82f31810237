// capture: the packets of a namespace, for people to read or for Wireshark and its kin.

import ArgumentParser
import Glibc
import NetnsClient

struct Capture: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Capture the packets of a namespace.",
        discussion: """
            On a terminal a line a packet; into a pipe or a file pcapng, which wireshark, tshark and tcpdump read. \
            Without INTERFACE all links of the namespace are captured, those made later too. Ends on Ctrl-C, after \
            COUNT packets, or when the interface or the reader is gone, and says on stderr how many packets there \
            were. While it runs, a deleted namespace goes on to count against your quota.

            FILTER is in the words of tcpdump (man pcap-filter), which must be installed to compile it. It sees \
            packets as they are in the kernel: a VLAN tag is put back into them only after it.

              netnsctl capture server
              netnsctl capture server/eth0 icmp or arp
              netnsctl capture -c 10 -w ten.pcapng server/eth0 tcp port 80
              netnsctl capture server/eth0 | wireshark -k -i -
              netnsctl capture server/eth0 -w - | tcpdump -n -r -
            """)

    @Argument(
        help: ArgumentHelp("The namespace, or a link in it: server, server/eth0.", valueName: "place"),
        transform: CapturePlace.parse)
    var place: CapturePlace

    @Argument(help: ArgumentHelp("Only packets that this is true of.", valueName: "filter"))
    var filter: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Write pcapng to this file; - is stdout.", valueName: "file"))
    var write: String?

    @Option(name: [.short, .long], help: "End after this many packets.", transform: PacketNumber.parse)
    var count: PacketNumber?

    @Option(
        name: [.short, .customLong("snapshot-length")],
        help: ArgumentHelp("Keep at most this many bytes of a packet.", valueName: "bytes"),
        transform: SnapLength.parse)
    var snapLength: SnapLength?

    @Flag(
        name: [.short, .long], help: "Print a line a packet, even where stdout is no terminal, or a file is written.")
    var lines = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if write == "-" && (lines || common.json) {
            throw ValidationError("stdout can have pcapng or lines, not both: name a file")
        }
        if write == "-" && isatty(1) == 1 {
            throw ValidationError("pcapng is nothing for a terminal: name a file, or pipe it to a program")
        }
    }

    func run() throws {
        let signals = try ForwardedSignals([SIGINT, SIGTERM, SIGHUP])
        let capture = try start()
        let listing: PacketListing? =
            common.json ? .json : lines || (write == nil && isatty(1) == 1) ? .lines(colour: wantsColour()) : nil
        let file = try packetFile(hasListing: listing != nil)
        var session = CaptureSession(capture, file: file, listing: listing, most: count?.value ?? .max)
        if isatty(2) == 1 { complain("capturing \(what); Ctrl-C ends it") }
        defer { session.complainAboutCounts() }
        try session.run(until: signals)
    }

    private var what: String {
        let filter = filter.isEmpty ? "" : ", \(filter.joined(separator: " "))"
        return "\(place.netns)\(place.link.map { "/\($0)" } ?? ", all links")\(filter)"
    }

    private func start() throws -> PacketCapture {
        do {
            return try PacketCapture(
                common.connect(), in: place.netns, link: place.link,
                filter: filter.isEmpty ? nil : filter.joined(separator: " "),
                snapLength: snapLength?.value ?? PacketCapture.mostSnapLength)
        } catch let error as PacketFilterError {
            throw CommandFailure(description: error.description)
        } catch let error as PacketCaptureError {
            throw CommandFailure(description: error.description)
        }
    }

    /// Where pcapng goes, if it goes anywhere.
    private func packetFile(hasListing: Bool) throws -> SharedDescriptor? {
        if let write, write != "-" {
            return SharedDescriptor(try Descriptor("open", write) { creat(write, 0o666) })
        }
        guard write == "-" || !hasListing else { return nil }
        return SharedDescriptor(try Descriptor("dup", "stdout") { dup(1) })
    }
}

/// What was asked could not be begun, and why.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
}

/// `server`, `server/eth0`, for root `alice:server/eth0`.
struct CapturePlace: WordValue {
    let netns: NamespaceSelector
    let link: InterfaceName?
    static let rule = "must be a namespace, or a place like server/eth0"

    static func make(_ word: String) -> CapturePlace? {
        guard word.contains("/") else { return NamespaceSelector(word).map { CapturePlace(netns: $0, link: nil) } }
        guard let place = LinkPlace.make(word), let netns = place.netns else { return nil }
        return CapturePlace(netns: netns, link: place.link)
    }
}

struct PacketNumber: BoundedInteger, WordValue {
    static let range = 1...Int(Int32.max)
    let value: Int
    init(unchecked value: Int) { self.value = value }
}

struct SnapLength: BoundedInteger, WordValue {
    static let range = 1...PacketCapture.mostSnapLength
    let value: Int
    init(unchecked value: Int) { self.value = value }
}
