// netns.enter: the descriptors that lead into a delegated namespace of the caller's, and the files it has of its own.

import Descriptors
import Linux
import Wire

extension NetnsEnter: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let namespace = try call.namespace(params.netns)
        guard namespace.isDelegated else {
            throw WireError(
                .permissionDenied,
                "\"\(params.netns)\" is not delegated: programs run in it by way of the agent (netns.exec)")
        }
        guard namespace.owner == call.owner else {
            throw WireError(.permissionDenied, "a delegated namespace is entered by its owner; nobody else can")
        }
        _ = try await call.processTraits()
        let uid = namespace.owner.uid
        let siblings = try await call.siblingHosts(params.hostNames == true ? namespace.owner : nil)
        let (id, pinName, dns, nameFiles) = (namespace.id, namespace.pinName, namespace.dns, call.agent.nameFiles)
        let opened = try await call.agent.kernel(.namespace(namespace), for: call.owner) { place in
            guard let user = try place.userNamespace(of: uid) else {
                throw WireError(.permissionDenied, "the user namespace is not yours any more")
            }
            let binds = try nameFiles.binds(pinName: pinName, id: id, dns, siblings: siblings)
            return Opened(
                namespaces: [SharedDescriptor(try place.open().intoDescriptor()), user],
                files: try binds.compactMap { bind in try openFile(bind.source).map { (bind.target, $0) } })
        }
        guard opened.files.count <= mostDescriptors - 2 else {
            throw WireError(
                .unsupported, "/etc/netns/\(pinName) has more than the \(mostDescriptors - 2) files that can be passed")
        }
        call.replyDescriptors = opened.namespaces + opened.files.map(\.content)
        return Result(
            netnsFileDescriptor: 0, userNamespaceFileDescriptor: 1,
            files: opened.files.enumerated().map { File(path: $1.path, contentFileDescriptor: $0 + 2) })
    }
}

private struct Opened: Sendable {
    let namespaces: [SharedDescriptor]
    let files: [(path: String, content: SharedDescriptor)]
}
