// The names of devices for lists that tell of them by index. Nothing is remembered: a name may be another device's a
// moment later.

import CMnl
import IPRoute
import SystemPackage

extension NetlinkSocket {
    /// What each device is called, by its index.
    public func deviceNames() throws(NetlinkError) -> [Int32: String] {
        let named = try dump(.deviceNames()).compactMap { reply -> (Int32, String)? in
            guard let (body, attributes) = reply.body(ifinfomsg()), let name = attributes[IFLA_IFNAME] else {
                return nil
            }
            return (body.ifi_index, escapedKernelName(name.stringBytes))
        }
        return Dictionary(named) { _, last in last }
    }
}

extension NetlinkError {
    /// The name of a device that a request was about and that does not exist.
    public var unknownDevice: String? {
        errno == .operationNotSupportedByDevice && operation == "\(MessageType.getLink)" ? subject : nil  // ENODEV
    }
}

extension NetlinkMessage {
    static func deviceNames() -> NetlinkMessage {
        var message = NetlinkMessage(.getLink, body: ifinfomsg())
        message.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        return message
    }
}

extension NetlinkReply {
    /// The fixed structure at the front alone: cheaper than `body`.
    func header<Body: BitwiseCopyable>(_ zero: Body) -> Body? {
        guard payload.count >= MemoryLayout<Body>.size else { return nil }
        return Attribute(type: 0, payload: payload).structure(zero: zero)
    }
}
