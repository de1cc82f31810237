// A route as `ip route` shows it (iproute2's ip/iproute.c).

import Glibc
import NetnsClient

extension Printer {
    /// A route, up to the line's end. `hidden` are the parts that all routes shown have in common.
    func route(
        _ route: Route, _ hidden: Set<RoutePart>, lookedUpBy uid: uid_t? = nil, from: IPAddress? = nil,
        mark: Word? = nil, iif: InterfaceName? = nil
    ) {
        let details = style.details > 0
        if route.type != .unicast || details { string("type", route.type.rawValue) }
        string("dst", "\(route.dst)", "", " ", route.dst == .any ? nil : route.family.colour)
        if let source = route.from { string("from", source, "from ", " ", isJSON ? nil : route.family.colour) }
        if !hidden.contains(.gateway) { gateway(route.gateway, route.via) }
        if let dev = route.dev, !hidden.contains(.device) { string("dev", dev, "dev ", " ", .interface) }
        if route.table != .main || details, !hidden.contains(.table), isTableShown(route, hidden, uid) {
            string("table", "\(route.table)", "table ")
        }
        // Of one looked up in IPv4 the kernel says nothing that could be its protocol or scope.
        if route.cache == nil {
            if (route.protocol != .boot || details) && !hidden.contains(.protocol) {
                string("protocol", "\(route.protocol)", "proto ")
            }
            if (route.scope != .global || details) && !hidden.contains(.scope) {
                string("scope", "\(route.scope)", "scope ")
            }
        }
        if let source = route.prefsrc { string("prefsrc", "\(source)", "src ", " ", route.family.colour) }
        if let metric = route.metric { number("metric", metric.value, "metric ") }
        flags(route.flags)
        if let mark {
            isJSON
                ? json("mark", raw: "\(mark)")
                : text("mark \(mark.value >= 16 ? "0x" + String(mark.value, radix: 16) : "\(mark)") ")
        }
        if let uid, route.family == .inet { number("uid", uid, "uid ") }
        if let cache = route.cache { self.cache(cache) }
        if let metrics = route.metrics, !metrics.isEmpty { self.metrics(metrics) }
        if let iif { string("iif", iif.text, "iif ", " ", .interface) }
        if let nexthops = route.nexthops { self.nexthops(nexthops) }
        if let preference = route.pref { string("pref", preference, "pref ", "") }
    }

    /// A list is of the table main unless it says another; that is not repeated.
    private func isTableShown(_ route: Route, _ hidden: Set<RoutePart>, _ uid: uid_t?) -> Bool {
        route.table != .main || uid != nil || hidden.contains(.table)
    }

    private func gateway(_ gateway: IPAddress?, _ via: Route.Via?) {
        if let gateway { string("gateway", "\(gateway)", "via ", " ", gateway.family.colour) }
        guard let via else { return }
        openObject("via")
        string("family", via.family.rawValue, "via ")
        string("host", "\(via.host)", "", " ", via.family.colour)
        closeObject()
    }

    private func flags(_ flags: [String]) {
        openArray("flags")
        for flag in flags { isJSON ? json(nil, flag) : text(flag + " ") }
        closeArray()
    }

    private func cache(_ words: [String]) {
        text(lineBreak + "    cache ")
        openArray("cache")
        for word in words { json(nil, word) }
        closeArray()
        if !words.isEmpty { text("<\(words.joined(separator: ","))> ") }
    }

    private func metrics(_ metrics: [Route.Metrics]) {
        openArray("metrics")
        for metric in metrics {
            openObject()
            if let mtu = metric.mtu { number("mtu", mtu, "mtu ") }
            closeObject()
        }
        closeArray()
    }

    private func nexthops(_ nexthops: [Route.Nexthop]) {
        openArray("nexthops")
        for way in nexthops {
            openObject()
            text(lineBreak + "\tnexthop ")
            gateway(way.gateway, way.via)
            if let dev = way.dev { string("dev", dev, "dev ") }
            number("weight", way.weight, "weight ")
            flags(way.flags)
            closeObject()
        }
        closeArray()
    }
}
