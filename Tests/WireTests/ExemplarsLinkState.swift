// Exemplars of what links of some kinds say of themselves beside their options.

import IPRoute

extension Exemplars {
    static var bridgeState: BridgeState {
        var state = BridgeState()
        state.bridgeId = "8000.2:0:0:0:0:1"
        state.rootId = "8000.2:0:0:0:0:1"
        state.rootPort = 1
        state.rootPathCost = 1
        state.topologyChange = 1
        state.topologyChangeDetected = 1
        state.helloTimer = 2.5
        state.tcnTimer = 2.5
        state.topologyChangeTimer = 2.5
        state.gcTimer = 2.5
        return state
    }

    static var bridgePortState: BridgePortState {
        var state = BridgePortState()
        state.id = "8000.2:0:0:0:0:1"
        state.number = "8000.2:0:0:0:0:1"
        state.designatedPort = 1
        state.designatedCost = 1
        state.bridgeId = "8000.2:0:0:0:0:1"
        state.rootId = "8000.2:0:0:0:0:1"
        state.holdTimer = 2.5
        state.messageAgeTimer = 2.5
        state.forwardDelayTimer = 2.5
        state.topologyChangeAck = 1
        state.configPending = 1
        return state
    }

    static var vxlanState: VXLANState {
        var state = VXLANState()
        state.link = "8000.2:0:0:0:0:1"
        state.df = "8000.2:0:0:0:0:1"
        state.udpZeroChecksum6Sent = true
        state.udpZeroChecksum6Received = true
        state.portRange = .init(low: 0, high: 65535)
        return state
    }

    static var macvlanState: MacvlanState {
        var state = MacvlanState()
        state.broadcastQueueLength = 1
        state.usedBroadcastQueueLength = 1
        return state
    }
}
