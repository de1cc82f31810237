// Keys of sysctl, level by level: what policy allows, of what the namespace has.

import NetnsClient

extension Completer {
    func sysctlWords() -> [Candidate] {
        // A namespace may be left out: its place is where one stands.
        var namespace = line.arguments.first
        if let first = namespace, let name = SysctlName(String(first.prefix { $0 != "=" })), name.path.count > 1 {
            namespace = nil
        }
        guard let selector = (namespace ?? standing).flatMap({ NamespaceSelector($0) }) else { return [] }
        if let equals = line.current.firstIndex(of: "=") {
            return values(of: String(line.current[..<equals]), Place(selector))
        }
        // Up to the last dot is settled; in the other spelling, up to the last slash.
        guard let dot = line.current.lastIndex(of: separator) else {
            let isAny = live.call(SysctlList.self, ForNamespace(Place(selector), SysctlScope(shallow: true))) != nil
            return isAny ? [Candidate(word: "net\(separator)", help: "")] : []
        }
        let scope = SysctlScope(under: SysctlName(String(line.current[..<dot])), shallow: true, values: line.describing)
        guard scope.under != nil, let below = live.call(SysctlList.self, ForNamespace(Place(selector), scope)) else {
            return []
        }
        return below.levels.map { Candidate(word: written($0) + String(separator)) }
            + below.keys.map { Candidate(word: written($0.key.name), help: $0.value ?? "") }
    }

    private var separator: Character { line.current.first { $0 == "." || $0 == "/" } ?? "." }

    /// As the word at the cursor begins to be.
    private func written(_ name: SysctlName) -> String {
        separator == "." ? name.description : name.path.joined(separator: "/")
    }

    /// What it is now; of a switch, both positions.
    private func values(of key: String, _ place: Place) -> [Candidate] {
        guard let parsed = SysctlKey(key),
            let now = live.call(SysctlGet.self, ForNamespace(place, SysctlKeys([parsed])))?.first?.value,
            !now.contains(where: { $0.isWhitespace })
        else { return [] }
        let values = now == "0" || now == "1" ? ["0", "1"] : [now]
        return values.map { Candidate(word: "\(key)=\($0)", help: $0 == now ? "as it is" : "") }
    }
}
