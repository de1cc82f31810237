// What the running kernel was built without, told from what it refuses.

import Descriptors
import IPRoute
import Netlink
import Wire

/// Runs `body`, which makes a link, and says what is missing where the kernel has no such kind or option.
func orUnsupported<Result>(_ options: LinkOptions, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as NetlinkError where error.isUnknownKind {
        throw WireError(missing: options.kind.kernelOption, "links of kind \(options.kind.rawValue)", error)
    } catch let error as NetlinkError where error.isUnsupported {
        guard case .bridge(let bridge) = options, bridge.vlanFiltering?.isOn == true else { throw error }
        throw WireError(missingVLANFiltering: error)
    }
}

/// The same of a change.
func orUnsupported<Result>(_ change: LinkChange, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as NetlinkError where error.isUnsupported && change.bridge?.vlanFiltering?.isOn == true {
        throw WireError(missingVLANFiltering: error)
    }
}

extension WireError {
    fileprivate init(missingVLANFiltering error: NetlinkError) {
        self.init(missing: "CONFIG_BRIDGE_VLAN_FILTERING", "VLAN filtering by bridges", error)
    }

    fileprivate init(missing option: String, _ what: String, _ error: NetlinkError) {
        var details = Details()
        details.missing = option
        details.errno = error.errno.symbol
        details.operation = error.operation
        details.kernelMessage = error.kernelMessage
        self.init(.unsupported, "the running kernel has no \(what): it needs \(option)", details)
    }
}
