// sysctl: a namespace's kernel parameters.

import ArgumentParser
import NetnsClient

struct Sysctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read or set kernel parameters of a namespace.",
        discussion: """
            Keys below net. that policy allows, in either of sysctl(8)'s spellings. Of several values to be set \
            either all are, or none.

              netnsctl sysctl gateway net.ipv4.ip_forward=1
              netnsctl sysctl gateway net.ipv4.ip_forward net/ipv4/conf/eth0.100/forwarding
            """)

    @Argument(help: ArgumentHelp("NAMESPACE, then keys, or keys with their new values.", valueName: "key[=value]"))
    var words: [String]

    @OptionGroup var common: CommonOptions

    enum Wish {
        case read(SysctlGet.Params)
        case set(SysctlSet.Params)
    }

    func wish() throws -> Wish {
        func key(_ word: String) -> String { String(word.prefix { $0 != "=" }) }
        var words = Words(words)
        let place = Place(orHere: try words.namespace(unless: { SysctlKey(key($0)) != nil }))
        var (keys, values): ([SysctlKey], [SysctlValue]) = ([], [])
        while let word = words.next() {
            let name = try SysctlKey.read(key(word), "key")
            keys.append(name)
            guard let equals = word.firstIndex(of: "=") else { continue }
            values.append(SysctlValue(key: name, value: String(word[word.index(after: equals)...])))
        }
        if keys.isEmpty { throw ValidationError("the key is missing, net.ipv4.ip_forward for instance") }
        if values.isEmpty { return .read(ForNamespace(place, SysctlKeys(keys))) }
        if values.count < keys.count { throw ValidationError("some keys have a value and some have none") }
        return .set(ForNamespace(place, SysctlValues(values)))
    }

    func validate() throws { _ = try wish() }

    func run() throws {
        let agent = try common.connect()
        switch try wish() {
        case .read(let params): try show(agent.exchange(SysctlGet.self, params))
        case .set(let params): try show(agent.exchange(SysctlSet.self, params))
        }
    }

    private func show<Called: Method>(_ response: Response<Called>) throws where Called.Result == [SysctlValue] {
        try common.print(response.json) { _ in
            response.result.map { "\($0.key) = \(escaped($0.value))\n" }.joined()
        }
    }
}
