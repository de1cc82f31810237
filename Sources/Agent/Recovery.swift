// After a start: what earlier agents left is taken up.

import IPRoute
import Linux
import Logging
import Netlink
import Wire

extension Agent {
    /// Runs before anything else is served. What cannot be mended, on a full disk for instance, is said, and the agent
    /// serves all the same: the kernel is the truth, and the next start tries again.
    func recover() throws {
        let living = try namespaceWatch.livingIds()
        registry.skipIds(living)
        let plan = try StatePlan(records, living: living, pins: Pin.all())
        for disagreement in plan.disagreements {
            log.log(
                level: disagreement.kind.level, "\(disagreement.what)",
                metadata: ["subject": "\(disagreement.subject)", "remedy": "\(disagreement.remedy)"])
            do {
                for step in disagreement.steps { try step.carryOut(records) }
            } catch {
                log.error("that could not be mended", metadata: ["error": "\(error)"])
            }
        }
        for record in plan.kept {
            let namespace = Namespace(
                id: record.id, owner: record.owner, name: record.name, pinName: record.pinName,
                isDelegated: record.delegated == true, identity: record.identity, state: record.state, usage: nil)
            namespace.dns = record.dns
            registry.add(namespace)
        }
        removeUnfinishedLinks()
        log.info("ready", metadata: ["namespaces": "\(registry.all.count)"])
    }

    /// Links that an earlier agent was ended over (LinkAdd.swift): nobody was told that they are there.
    private func removeUnfinishedLinks() {
        let live = registry.all.filter { $0.state == .live }
        for place in [.host] + live.map({ kernelPlace(of: $0) }) {
            do {
                try place.withNetlink { try $0.deleteLinks(in: .unfinished) }
            } catch {
                log.error("what was half made cannot be looked for", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension Disagreement.Kind {
    fileprivate var level: Logger.Level {
        switch self {
        case .unreadableRecord, .ownerUnknown, .wrongIdentity: .error
        case .earlierBoot, .unfinishedWrite, .programGone, .leftoverFile: .debug
        default: .notice
        }
    }
}
