// The files of /etc that a program in a namespace sees instead of the host's: what dns.set said, the names of the
// caller's other namespaces where that is asked for, and what the administrator put into /etc/netns/NAME (ip-netns(8)).

import Descriptors
import IPRoute
import Linux
import Netlink
import Wire

/// Where the agent keeps such files, a directory a namespace. Root's, but for all to read: programs see them.
struct NameFiles: Sendable {
    let directory: String

    /// What covers /etc for one program. Dangling links are covered; what is not in the host's /etc cannot be.
    func binds(
        pinName: String, id: Int32, _ dns: DNSSettings?, siblings: [DNSSettings.Host]
    ) throws -> [SpawnRequest.Bind] {
        var files: [String: String] = [:]
        let administrators = "/etc/netns/\(pinName)"
        for name in try filesInDirectory(administrators) { files[name] = "\(administrators)/\(name)" }
        if let dns, !dns.servers.isEmpty {
            files["resolv.conf"] = try write(dns.resolverConfiguration, as: "resolv.conf", id)
        }
        let hosts = (dns?.hosts ?? []) + siblings
        if !hosts.isEmpty {
            let rest = try readFile(files["hosts"] ?? "/etc/hosts", missingIsNil: true) ?? []
            let lines = hosts.map { "\($0.address)\t\($0.name)\n" }.joined()
            files["hosts"] = try write(Array(lines.utf8) + rest, as: siblings.isEmpty ? "hosts" : "hosts.siblings", id)
        }
        return files.sorted { $0.key < $1.key }.map { .init(source: $0.value, target: "/etc/\($0.key)") }
            .filter { exists($0.target) }
    }

    /// A file that programs have open stays as it was: it is replaced, not written over.
    private func write(_ bytes: [UInt8], as name: String, _ id: Int32) throws -> String {
        let path = "\(directory)/\(id).\(name)"
        try makeDirectories(directory, mode: 0o755)
        try writeFileAtomically(path, bytes, mode: 0o644)
        return path
    }

    /// Files of namespaces that are no more.
    func leftovers(keeping ids: Set<Int32>) throws -> [Disagreement] {
        try filesInDirectory(directory).filter { file in
            !(Int32(file.prefix { $0 != "." }).map(ids.contains) ?? true)
        }.map { file in
            let path = "\(directory)/\(file)"
            return Disagreement(
                kind: .leftoverFile, subject: path, what: "it is of a namespace that is no more",
                steps: [.removeFile(path)])
        }
    }

    func remove(_ id: Int32) {
        for name in ["resolv.conf", "hosts", "hosts.siblings"] { removeFile("\(directory)/\(id).\(name)") }
    }
}

extension DNSSettings {
    /// resolv.conf(5).
    fileprivate var resolverConfiguration: [UInt8] {
        var text = servers.map { "nameserver \($0)\n" }.joined()
        if !search.isEmpty { text += "search " + search.map(\.text).joined(separator: " ") + "\n" }
        if !options.isEmpty { text += "options " + options.map(\.text).joined(separator: " ") + "\n" }
        return Array(text.utf8)
    }
}

/// The addresses by which a namespace can be reached, under its name.
func hosts(named name: NamespaceName, _ socket: borrowing NetlinkSocket) throws -> [DNSSettings.Host] {
    guard let host = HostName(name.text) else { return [] }
    return try socket.addresses(AddressFilter()).map(\.info.local)
        .filter { !$0.isLoopback && !$0.isLinkLocal }
        .map { DNSSettings.Host(name: host, address: $0) }
}
