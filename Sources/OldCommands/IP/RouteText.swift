// A route as `ip route` shows it (iproute2's ip/iproute.c).

import Glibc
import NetnsClient

extension Printer {
    /// A route, up to the line's end. `hidden` are the parts that all routes shown have in common.
    func route(
        _ route: Route, _ hidden: Set<RoutePart>, lookedUpBy uid: uid_t? = nil, from: IPAddress? = nil,
        mark: Word? = nil, iif: InterfaceName? = nil, nexthop: Nexthop? = nil,
        isListed: Bool = true
    ) {
        let details = style.details > 0
        if route.type != .unicast || details { string("type", route.type.rawValue) }
        string("dst", "\(route.dst)", "", " ", route.dst == .any ? nil : route.family.colour)
        if let source = route.from { string("from", source, "from ", " ", isJSON ? nil : route.family.colour) }
        if let tos = route.tos, !hidden.contains(.tos) { string("tos", tos, "tos ") }
        if let id = route.nhid { number("nhid", id.value, "nhid ") }
        if !hidden.contains(.gateway) { gateway(route.gateway, route.via) }
        if let dev = route.dev, !hidden.contains(.device) { string("dev", dev, "dev ", " ", .interface) }
        if route.table != .main || details, !hidden.contains(.table), !isListed || isTableShown(route, hidden, uid) {
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
        if let source = route.prefsrc, !hidden.contains(.source) {
            string("prefsrc", "\(source)", "src ", " ", route.family.colour)
        }
        if let metric = route.metric, !hidden.contains(.metric) { number("metric", metric.value, "metric ") }
        flags(route.flags)
        if let mark {
            isJSON
                ? json("mark", raw: "\(mark)")
                : text("mark \(mark.value >= 16 ? "0x" + String(mark.value, radix: 16) : "\(mark)") ")
        }
        if let uid, route.family == .inet { number("uid", uid, "uid ") }
        if let cache = route.cache { self.cache(cache) }
        if let flow = route.flow { realms(flow) }
        if let seconds = route.expires { isJSON ? json("expires", raw: "\(seconds)") : text("expires \(seconds)sec ") }
        if let metrics = route.metrics, !metrics.isEmpty { self.metrics(metrics) }
        if let iif { string("iif", iif.text, "iif ", " ", .interface) }
        if let preference = route.pref { string("pref", preference, "pref ", "") }
        if let nexthop { self.nexthop(of: nexthop) }
        if let nexthops = route.nexthops { self.nexthops(nexthops) }
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

    func flags(_ flags: [String]) {
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

    private func metrics(_ metrics: [RouteMetrics]) {
        openArray("metrics")
        for values in metrics {
            openObject()
            for (_, key, path) in RouteMetrics.members {
                guard let value = values[keyPath: path]?.value else { continue }
                let lock = values.locked?.contains(key) == true ? "lock " : ""
                let isTime = ["rtt", "rttvar", "rto_min"].contains(key)
                isJSON ? json(key, raw: "\(value)") : text("\(key) \(lock)\(isTime ? time(value) : "\(value)") ")
            }
            closeObject()
        }
        closeArray()
    }

    /// Milliseconds, or from one second on seconds as printf(3)'s `%g` has them.
    private func time(_ milliseconds: Int) -> String {
        guard milliseconds >= 1000 else { return "\(milliseconds)ms" }
        var fraction = String(milliseconds % 1000 + 1000).dropFirst()
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(milliseconds / 1000)" + (fraction.isEmpty ? "s" : ".\(fraction)s")
    }

    private func realms(_ realms: Route.Realms) {
        openObject("flow")
        text("realms ")
        if let from = realms.from { string("from", from, "", "/") }
        string("to", realms.to, "", " ")
        closeObject()
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
