// Keys of sysctl, level by level: what policy allows, of what there is.
//
// The protocol has no list of keys. Those that do not name a link are the same in each namespace or fewer than the
// host's, so they are read from /proc/sys/net of where one is; the links are those of the namespace in question.

import Glibc
import NetnsClient

extension Completer {
    func sysctlWords(in namespace: String) -> [Candidate] {
        let namespace = namespace.contains(".") && !namespace.hasPrefix("net.") ? namespace : namespacePart(namespace)
        if let equals = line.current.firstIndex(of: "=") {
            return sysctlValues(String(line.current[..<equals]), in: namespace)
        }
        guard let patterns = live.call(QuotaGet.self, .init())?.rights.sysctl else { return [] }
        // Up to the last dot is settled; a slash in a name stands for a dot.
        let levels = line.current.split(separator: ".", omittingEmptySubsequences: false).dropLast().map(String.init)
        let directories = Set(entries("/proc/sys/net/\(fileName(levels))", kind: DT_DIR))
        return level(levels, in: namespace, directories).compactMap { name -> Candidate? in
            let key = (levels + [name]).joined(separator: ".")
            let isLevel = levels.isEmpty || directories.contains(name) || isLinkLevel(levels)
            guard patterns.contains(where: { allows($0, key, isLevel: isLevel) }) else { return nil }
            return Candidate(word: isLevel ? key + "." : key)
        }
    }

    /// The names that can follow; links where the level is one of links.
    private func level(_ levels: [String], in namespace: String, _ directories: Set<String>) -> [String] {
        if levels.isEmpty { return ["net"] }
        guard levels[0] == "net" else { return [] }
        if isLinkLevel(levels) {
            let links = live.linkNames(in: namespace) ?? []
            let own = Set(links.map { String($0.map { $0 == "." ? "/" : $0 }) })
            return (levels[2] == "neigh" ? ["default"] : ["all", "default"]) + own.sorted()
        }
        return entries("/proc/sys/net/\(fileName(levels))", kind: nil).sorted()
    }

    private func isLinkLevel(_ levels: [String]) -> Bool {
        levels.count == 3 && ["ipv4", "ipv6"].contains(levels[1]) && ["conf", "neigh"].contains(levels[2])
    }

    /// Below /proc/sys/net. All links have the same keys, so `default` stands for any.
    private func fileName(_ levels: [String]) -> String {
        var path = Array(levels.dropFirst())
        if path.count > 2, isLinkLevel(Array(levels.prefix(3))) { path[2] = "default" }
        return path.contains("..") ? "" : path.joined(separator: "/")
    }

    private func entries(_ path: String, kind: Int?) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            if let kind, Int(entry.pointee.d_type) != kind { continue }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Of a level it is enough that something below it is allowed.
    private func allows(_ pattern: String, _ key: String, isLevel: Bool) -> Bool {
        let isOpen = pattern.hasSuffix("*")
        let text = isOpen ? String(pattern.dropLast()) : pattern
        if isOpen ? key.hasPrefix(text) : key == text { return true }
        return isLevel && (text.hasPrefix(key + ".") || isOpen && (key + ".").hasPrefix(text))
    }

    /// What it is now; of a switch, both positions.
    private func sysctlValues(_ key: String, in namespace: String) -> [Candidate] {
        guard let selector = NamespaceSelector(namespace), let parsed = SysctlKey(key),
            let now = live.call(SysctlGet.self, ForNamespace(Place(selector), SysctlKeys([parsed])))?.first?.value
        else { return [] }
        let values = now == "0" || now == "1" ? ["0", "1"] : [now]
        guard !now.contains(where: { $0.isWhitespace }) else { return [] }
        return values.map { Candidate(word: "\(key)=\($0)", help: $0 == now ? "as it is" : "") }
    }
}
