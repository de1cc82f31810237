// What links of some kinds say of themselves beside their options (net/bridge/br_netlink.c, drivers/net/vxlan, macvlan).

import CMnl
import IPRoute

extension BridgeState {
    init(_ data: Attributes) {
        self.init()
        bridgeId = data[IFLA_BR_BRIDGE_ID]?.bridgeId
        rootId = data[IFLA_BR_ROOT_ID]?.bridgeId
        rootPort = data[IFLA_BR_ROOT_PORT]?.uint16.map(Int.init)
        rootPathCost = data[IFLA_BR_ROOT_PATH_COST]?.uint32.map(Int.init)
        topologyChange = data[IFLA_BR_TOPOLOGY_CHANGE]?.uint8.map(Int.init)
        topologyChangeDetected = data[IFLA_BR_TOPOLOGY_CHANGE_DETECTED]?.uint8.map(Int.init)
        helloTimer = data[IFLA_BR_HELLO_TIMER]?.seconds
        tcnTimer = data[IFLA_BR_TCN_TIMER]?.seconds
        topologyChangeTimer = data[IFLA_BR_TOPOLOGY_CHANGE_TIMER]?.seconds
        gcTimer = data[IFLA_BR_GC_TIMER]?.seconds
    }
}

extension BridgePortState {
    init(_ data: Attributes) {
        self.init()
        id = data[IFLA_BRPORT_ID]?.uint16.map { "0x" + String($0, radix: 16) }
        number = data[IFLA_BRPORT_NO]?.uint16.map { "0x" + String($0, radix: 16) }
        designatedPort = data[IFLA_BRPORT_DESIGNATED_PORT]?.uint16.map(Int.init)
        designatedCost = data[IFLA_BRPORT_DESIGNATED_COST]?.uint16.map(Int.init)
        bridgeId = data[IFLA_BRPORT_BRIDGE_ID]?.bridgeId
        rootId = data[IFLA_BRPORT_ROOT_ID]?.bridgeId
        holdTimer = data[IFLA_BRPORT_HOLD_TIMER]?.seconds
        messageAgeTimer = data[IFLA_BRPORT_MESSAGE_AGE_TIMER]?.seconds
        forwardDelayTimer = data[IFLA_BRPORT_FORWARD_DELAY_TIMER]?.seconds
        topologyChangeAck = data[IFLA_BRPORT_TOPOLOGY_CHANGE_ACK]?.uint8.map(Int.init)
        configPending = data[IFLA_BRPORT_CONFIG_PENDING]?.uint8.map(Int.init)
    }
}

extension VXLANState {
    init(_ data: Attributes) {
        self.init()
        df = data[IFLA_VXLAN_DF]?.uint8.map { ["unset", "set", "inherit"][min(Int($0), 2)] }
        udpZeroChecksum6Sent = data[IFLA_VXLAN_UDP_ZERO_CSUM6_TX]?.isOn
        udpZeroChecksum6Received = data[IFLA_VXLAN_UDP_ZERO_CSUM6_RX]?.isOn
        // struct ifla_vxlan_port_range, in network order.
        if let bytes = data[IFLA_VXLAN_PORT_RANGE].map({ Array($0.payload) }), bytes.count >= 4 {
            portRange = PortRange(low: Int(bytes[0]) << 8 | Int(bytes[1]), high: Int(bytes[2]) << 8 | Int(bytes[3]))
        }
    }
}

extension MacvlanState {
    init(_ data: Attributes) {
        self.init()
        broadcastQueueLength = data[IFLA_MACVLAN_BC_QUEUE_LEN]?.uint32.map(Int.init)
        usedBroadcastQueueLength = data[IFLA_MACVLAN_BC_QUEUE_LEN_USED]?.uint32.map(Int.init)
    }
}

extension Attribute {
    /// clock_t, in hundredths of a second.
    fileprivate var seconds: Double? { uint64.map { Double($0) / 100 } }

    /// struct ifla_bridge_id: a priority in network order and an Ethernet address as ether_ntoa(3) has it, without
    /// leading zeros: `8000.2:0:0:0:0:1`.
    fileprivate var bridgeId: String? {
        let bytes = Array(payload)
        guard bytes.count >= 8 else { return nil }
        let priority = String(UInt16(bytes[0]) << 8 | UInt16(bytes[1]), radix: 16)
        let address = bytes[2..<8].map { String($0, radix: 16) }.joined(separator: ":")
        return String(repeating: "0", count: 4 - priority.utf8.count) + priority + "." + address
    }
}
