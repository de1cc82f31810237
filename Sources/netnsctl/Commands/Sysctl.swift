// sysctl: a namespace's kernel parameters.

import ArgumentParser
import NetnsClient

struct Sysctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, read or set kernel parameters of a namespace.",
        discussion: """
            Keys below net. that policy allows, in either of sysctl(8)'s spellings; of a level, net.ipv4.conf for \
            instance, all below it; without any, all there are. Of several values to be set either all are, or none.

              netnsctl sysctl gateway net.ipv4.ip_forward=1
              netnsctl sysctl gateway net.ipv4.ip_forward net/ipv4/conf/eth0.100/forwarding
              netnsctl sysctl gateway net.ipv4.conf.eth0
            """)

    @Argument(
        help: ArgumentHelp(
            "NAMESPACE, then keys or levels of keys, or keys with their new values.", valueName: "key[=value]"))
    var words: [String] = []

    @Flag(name: [.short, .long], help: "Names only, one a line.")
    var quiet = false

    @OptionGroup var common: CommonOptions

    enum Wish {
        /// Each a key or a level; without any, all.
        case read(Place, [SysctlName])
        case set(SysctlSet.Params)
    }

    func wish() throws -> Wish {
        func key(_ word: String) -> String { String(word.prefix { $0 != "=" }) }
        /// Completion leaves a level with the dot behind it.
        func level(_ word: String) -> String { word.last == "." || word.last == "/" ? String(word.dropLast()) : word }
        var words = Words(words)
        let place = Place(orHere: try words.namespace(unless: { (SysctlName(level(key($0)))?.path.count ?? 0) > 1 }))
        var (names, values): ([SysctlName], [SysctlValue]) = ([], [])
        while let word = words.next() {
            guard let equals = word.firstIndex(of: "=") else {
                names.append(try SysctlName.read(level(word), "key"))
                continue
            }
            let name = try SysctlKey.read(key(word), "key")
            values.append(SysctlValue(key: name, value: String(word[word.index(after: equals)...])))
        }
        if values.isEmpty { return .read(place, names) }
        if !names.isEmpty { throw ValidationError("some keys have a value and some have none") }
        return .set(ForNamespace(place, SysctlValues(values)))
    }

    func validate() throws { _ = try wish() }

    func run() throws {
        let agent = try common.connect()
        switch try wish() {
        case .read(let place, let names): try list(agent, place, names)
        case .set(let params):
            let response = try agent.exchange(SysctlSet.self, params)
            try common.print(response.json) { _ in response.result.map { line($0.key, $0.value) }.joined() }
        }
    }

    private func list(_ agent: Connection, _ place: Place, _ names: [SysctlName]) throws {
        var keys: [SysctlList.Listed] = []
        var json: [JSONValue] = []
        let scopes: [SysctlName?] = names.isEmpty ? [nil] : names
        for name in scopes {
            let scope = SysctlScope(under: name, values: quiet ? nil : true)
            let response = try agent.exchange(SysctlList.self, ForNamespace(place, scope))
            keys += response.result.keys
            json += response.json["keys"]?.arrayValue ?? []
        }
        try common.print(.array(json)) { _ in
            keys.map { listed in
                quiet || listed.value == nil ? "\(listed.key)\n" : line(listed.key, listed.value ?? "")
            }.joined()
        }
    }

    private func line(_ key: SysctlKey, _ value: String) -> String { "\(key) = \(escaped(value))\n" }
}
