// What links of some kinds say of themselves beside their options, under the keys of `ip -j -d link`.

/// What a bridge says of itself and cannot be set here (IFLA_BR_*).
public struct BridgeState: Hashable, Sendable, Codable {
    /// The bridge's id.
    public var bridgeId: String?
    /// The id of the tree's root.
    public var rootId: String?
    /// The port towards the root.
    public var rootPort: Int?
    /// The cost of the way to it.
    public var rootPathCost: Int?
    /// 0 or 1.
    public var topologyChange: Int?
    /// 0 or 1.
    public var topologyChangeDetected: Int?
    /// Seconds.
    public var helloTimer: Double?
    /// Seconds.
    public var tcnTimer: Double?
    /// Seconds.
    public var topologyChangeTimer: Double?
    /// Seconds.
    public var gcTimer: Double?

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case bridgeId = "bridge_id", rootId = "root_id", rootPort = "root_port"
        case rootPathCost = "root_path_cost", topologyChange = "topology_change"
        case topologyChangeDetected = "topology_change_detected", helloTimer = "hello_timer"
        case tcnTimer = "tcn_timer", topologyChangeTimer = "topology_change_timer", gcTimer = "gc_timer"
    }
}

/// What a bridge says of a port of its (IFLA_BRPORT_*).
public struct BridgePortState: Hashable, Sendable, Codable {
    /// The port's id.
    public var id: String?
    /// Its number.
    public var number: String?
    /// The segment's port towards the root.
    public var designatedPort: Int?
    /// Its cost.
    public var designatedCost: Int?
    /// The segment's bridge.
    public var bridgeId: String?
    /// The id of the tree's root.
    public var rootId: String?
    /// Seconds.
    public var holdTimer: Double?
    /// Seconds.
    public var messageAgeTimer: Double?
    /// Seconds.
    public var forwardDelayTimer: Double?
    /// 0 or 1.
    public var topologyChangeAck: Int?
    /// 0 or 1.
    public var configPending: Int?

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case id, number = "no", designatedPort = "designated_port", designatedCost = "designated_cost"
        case bridgeId = "bridge_id", rootId = "root_id", holdTimer = "hold_timer"
        case messageAgeTimer = "message_age_timer", forwardDelayTimer = "forward_delay_timer"
        case topologyChangeAck = "topology_change_ack", configPending = "config_pending"
    }
}

/// What else a VXLAN says of itself (IFLA_VXLAN_*).
public struct VXLANState: Hashable, Sendable, Codable {
    /// The link its packets leave by.
    public var link: String?
    /// The outer packet's don't-fragment bit: unset, set or inherit.
    public var df: String?
    /// Sends no checksums over IPv6.
    public var udpZeroChecksum6Sent: Bool?
    /// Takes packets without them.
    public var udpZeroChecksum6Received: Bool?
    /// UDP ports its packets come from.
    public var portRange: PortRange?

    public init() {}

    public struct PortRange: Hashable, Sendable, Codable {
        public var low, high: Int
        public init(low: Int, high: Int) { (self.low, self.high) = (low, high) }
    }

    private enum CodingKeys: String, CodingKey {
        case link, df, udpZeroChecksum6Sent = "udp_zero_csum6_tx"
        case udpZeroChecksum6Received = "udp_zero_csum6_rx", portRange = "port_range"
    }
}

/// What a macvlan says of its queue (IFLA_MACVLAN_*).
public struct MacvlanState: Hashable, Sendable, Codable {
    /// Packets that were asked for.
    public var broadcastQueueLength: Int?
    /// Packets.
    public var usedBroadcastQueueLength: Int?

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case broadcastQueueLength = "bcqueuelen", usedBroadcastQueueLength = "usedbcqueuelen"
    }
}
