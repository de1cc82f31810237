// "Did you mean": what the caller has that is called nearly so.

import NetnsClient

extension WireError {
    /// This, where something was not found, with the namespace or link that was probably meant. The caller's own
    /// things are all that is looked at; whatever goes wrong on the way, the refusal is what is told.
    func suggesting(from agent: Connection, _ params: some Encodable) -> WireError {
        guard reason == .notFound, let words = try? JSONValue(encoding: params),
            let own = try? agent.namespaces().filter({ $0.state == .live }).map(\.name.description)
        else { return self }
        for place in [words, words["peer"] ?? .null] {
            let namespaces =
                (place["netns"]?.arrayValue ?? [place["netns"], place["name"], place["moveTo"]].compactMap { $0 })
                .compactMap(\.stringValue)
            for name in namespaces where !own.contains(name) {
                return meaning(nearest(to: name, own), instead: name)
            }
            guard let name = namespaces.first.flatMap({ NamespaceSelector($0) }) else { continue }
            let devices = [place["dev"], place["master"], place["link"]].compactMap { $0?.stringValue }
            guard !devices.isEmpty, let links = try? agent.links(in: [name]).map(\.value.link.ifname) else { continue }
            for device in devices where !links.contains(device) {
                return meaning(nearest(to: device, links.filter { $0 != "lo" }), instead: device)
            }
        }
        return self
    }

    private func meaning(_ near: String?, instead word: String) -> WireError {
        guard let near else { return self }
        return WireError(reason, message + "; did you mean '\(near)' instead of '\(word)'?", details)
    }
}
