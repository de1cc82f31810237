// What is to be forwarded: the words for it, and the addresses they mean.

import Descriptors
import Glibc
public import IPRoute
public import Wire

/// Connections to a port on one side go to a port on the other.
public struct ForwardSpec: Hashable, Sendable {
    public enum Direction: Hashable, Sendable {
        /// Listens where this process is and connects in the namespace.
        case inward
        /// Listens in the namespace and connects from where this process is.
        case outward
    }

    public enum Transport: String, Hashable, Sendable {
        case tcp, udp
    }

    /// Where to listen.
    public enum Bind: Hashable, Sendable {
        /// 127.0.0.1 and ::1.
        case loopback
        /// 0.0.0.0 and ::.
        case any
        case address(IPAddress)
    }

    /// Whom to connect to.
    public enum Host: Hashable, Sendable {
        case address(IPAddress)
        /// To be looked up where this process is; only outward.
        case name(String)
    }

    public let direction: Direction
    public let transport: Transport
    public let netns: NamespaceSelector
    public let bind: Bind
    /// 0: one that the kernel chooses.
    public let listenPort: UInt16
    public let host: Host
    public let port: UInt16

    /// Inward `[BIND:]PORT:NAMESPACE:[ADDRESS:]PORT[/udp]`, outward `NAMESPACE:[BIND:]PORT:[HOST:]PORT[/udp]`. An IPv6
    /// address stands in brackets. nil where the text is none of this.
    public init?(_ text: String, _ direction: Direction) {
        var text = Substring(text)
        transport = text.hasSuffix("/udp") ? .udp : .tcp
        if text.hasSuffix("/udp") || text.hasSuffix("/tcp") { text = text.dropLast(4) }
        guard let fields = Fields(text), let port = fields.last.flatMap({ UInt16(port: $0) }), port != 0 else {
            return nil
        }
        self.direction = direction
        self.port = port
        var rest = fields.words.dropLast()
        switch direction {
        case .inward:
            guard let listening = Self.takeListening(&rest) else { return nil }
            // A word that is an address is one, unless it is all there is to name the namespace.
            let address = rest.count > 1 ? rest.last.flatMap(\.address) : nil
            if address != nil { rest.removeLast() }
            guard let netns = Self.takeNamespace(&rest), rest.isEmpty else { return nil }
            self.netns = netns
            (bind, listenPort) = listening
            host = .address(address ?? .loopback)
        case .outward:
            guard let netns = Self.takeNamespace(&rest), let listening = Self.takeListening(&rest), rest.count <= 1
            else { return nil }
            self.netns = netns
            (bind, listenPort) = listening
            guard let word = rest.first else {
                host = .address(.loopback)
                return
            }
            if let address = word.address {
                host = .address(address)
            } else if !word.isBracketed && !word.text.isEmpty {
                host = .name(word.text)
            } else {
                return nil
            }
        }
    }

    /// `[BIND:]PORT`.
    private static func takeListening(_ rest: inout ArraySlice<Word>) -> (bind: Bind, port: UInt16)? {
        guard let first = rest.popFirst() else { return nil }
        if let port = UInt16(port: first) { return (.loopback, port) }
        guard let bind = Bind(first), let second = rest.popFirst(), let port = UInt16(port: second) else { return nil }
        return (bind, port)
    }

    /// `NAME`, or for root `OWNER:NAME`: two words where the second is neither a port nor somewhere to listen.
    private static func takeNamespace(_ rest: inout ArraySlice<Word>) -> NamespaceSelector? {
        guard let first = rest.popFirst(), !first.isBracketed else { return nil }
        if let second = rest.first, !second.isBracketed, UInt16(port: second) == nil, Bind(second) == nil,
            let selector = NamespaceSelector("\(first.text):\(second.text)")
        {
            rest.removeFirst()
            return selector
        }
        return NamespaceSelector(first.text)
    }

    public static let inwardRule = "must be [BIND:]PORT:NAMESPACE:[ADDRESS:]PORT[/udp], like 8080:server:80"
    public static let outwardRule = "must be NAMESPACE:[BIND:]PORT:[HOST:]PORT[/udp], like server:8080:80"
}

extension ForwardSpec: CustomStringConvertible {
    /// Whom it connects to, and where: `server 127.0.0.1:80`, or outward `example.org:80`.
    public var description: String { direction == .inward ? "\(netns) \(target)" : target }

    /// Whom it connects to: `127.0.0.1:80`, `example.org:80`.
    public var target: String {
        switch host {
        case .address(let address): SocketAddress.text(address, port)
        case .name(let name): "\(name):\(port)"
        }
    }
}

extension ForwardSpec {
    var listenAddresses: [SocketAddress] {
        let addresses: [IPAddress] =
            switch bind {
            case .loopback: [.loopback, IPAddress("::1")!]
            case .any: [.unspecified(.inet), .unspecified(.inet6)]
            case .address(let address): [address]
            }
        return addresses.map { SocketAddress($0, listenPort) }
    }

    /// Looks a name up (getaddrinfo(3)); may wait for that.
    func targets() throws(ForwardingError) -> [SocketAddress] {
        switch host {
        case .address(let address): return [SocketAddress(address, port)]
        case .name(let name):
            let addresses = try lookUp(name)
            return addresses.map { SocketAddress($0, port) }
        }
    }
}

public enum ForwardingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A host's name and why it has no address.
    case unknownHost(String, String)
    /// Where nothing could be listened on, and why.
    case cannotListen(String, SystemError)

    public var description: String {
        switch self {
        case .unknownHost(let name, let why): "\(name): \(why)"
        case .cannotListen(let place, let error): "cannot listen on \(place): \(error)"
        }
    }
}

// MARK: - Words between colons

private struct Fields {
    let words: [Word]
    var last: Word? { words.last }

    /// Cuts at colons, but not at those in brackets.
    init?(_ text: Substring) {
        var words: [Word] = []
        var rest = text
        while true {
            if rest.first == "[" {
                guard let end = rest.firstIndex(of: "]") else { return nil }
                words.append(Word(text: String(rest[rest.index(after: rest.startIndex)..<end]), isBracketed: true))
                rest = rest[rest.index(after: end)...]
                guard rest.isEmpty || rest.first == ":" else { return nil }
            } else {
                let word = rest.prefix { $0 != ":" }
                words.append(Word(text: String(word), isBracketed: false))
                rest = rest[word.endIndex...]
            }
            if rest.isEmpty { break }
            rest.removeFirst()
        }
        self.words = words
    }
}

private struct Word {
    let text: String
    let isBracketed: Bool

    var address: IPAddress? {
        guard let address = IPAddress(text), isBracketed == (address.family == .inet6) else { return nil }
        return address
    }
}

extension ForwardSpec.Bind {
    fileprivate init?(_ word: Word) {
        if let address = word.address {
            self = .address(address)
        } else if word.isBracketed {
            return nil
        } else if word.text == "*" {
            self = .any
        } else if word.text == "localhost" {
            self = .loopback
        } else {
            return nil
        }
    }
}

extension UInt16 {
    /// Decimal digits and nothing else.
    fileprivate init?(port word: Word) {
        guard !word.isBracketed, !word.text.isEmpty, word.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self.init(word.text)
    }
}

extension IPAddress {
    /// 127.0.0.1.
    fileprivate static var loopback: IPAddress { IPAddress(bytes: [127, 0, 0, 1])! }
}
