// socket.open: a socket that lives in a namespace and works in the caller's hands.

public import IPRoute

public enum SocketOpen: Method {
    public static let name = "socket.open"

    public struct Params: Parameters {
        public let place: Place
        public let kind: SocketKind
        /// Of a packet socket: the link it is bound to; without it, none, which is all of them.
        public let dev: InterfaceName?
        /// Of a stream or datagram socket; without it, inet.
        public let family: Family?

        private enum CodingKeys: CodingKey { case kind, dev, family }

        /// A packet socket.
        public init(packetsIn place: Place, dev: InterfaceName? = nil) {
            self.place = place
            kind = .packet
            self.dev = dev
            family = nil
        }

        /// A TCP or UDP socket.
        public init(_ kind: InternetSocketKind, _ family: Family, in place: Place) {
            self.place = place
            self.kind = kind == .stream ? .stream : .datagram
            dev = nil
            self.family = family
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            place = try Place(from: decoder)
            kind = try container.decode(SocketKind.self, forKey: .kind)
            dev = try container.decodeIfPresent(InterfaceName.self, forKey: .dev)
            family = try container.decodeIfPresent(Family.self, forKey: .family)
            if dev != nil && kind != .packet {
                throw DecodingError.dataCorruptedError(
                    forKey: .dev, in: container, debugDescription: "belongs to a socket of kind packet")
            }
            if family != nil && kind == .packet {
                throw DecodingError.dataCorruptedError(
                    forKey: .family, in: container, debugDescription: "belongs to a socket of kind stream or datagram")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try place.encode(to: encoder)
            try container.encode(kind, forKey: .kind)
            try container.encodeIfPresent(dev, forKey: .dev)
            try container.encodeIfPresent(family, forKey: .family)
        }

        public var descriptorIndices: [DescriptorIndex] { place.descriptorIndices }
    }

    public struct Result: Codable, Sendable {
        /// Index into the reply's descriptors.
        public let socketFileDescriptor: Int

        public init(socketFileDescriptor: Int) {
            self.socketFileDescriptor = socketFileDescriptor
        }
    }
}

public enum SocketKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// AF_PACKET, SOCK_RAW (packet(7)), with protocol 0: it receives nothing until bind(2) names a protocol.
    case packet
    /// TCP: AF_INET or AF_INET6, SOCK_STREAM.
    case stream
    /// UDP: AF_INET or AF_INET6, SOCK_DGRAM.
    case datagram
}

/// The kinds that have an address family to choose.
public enum InternetSocketKind: Hashable, Sendable {
    case stream, datagram
}
