// After a start: what earlier agents left is taken up.

import Linux
import Logging
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
        log.info("ready", metadata: ["namespaces": "\(registry.all.count)"])
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
