// netnsd --check-state: says where records, pins and kernel disagree; with --repair it mends that, as an agent does that
// starts. It looks from the network namespace it is started in, which must be the agent's.

import Descriptors
import Glibc
import JSON
import Linux
import Netlink
import Wire

/// What to look at, and what to do about it.
struct StateCheck: Sendable {
    var repair = false
    var json = false

    /// - Returns: the exit status: 0 where all agrees, or does by now; 1 where it does not.
    /// - Throws: where it cannot be looked at, and where an agent is in the way of mending.
    func run(_ directory: String) throws -> CInt {
        guard geteuid() == 0 else { throw StartProblem("--check-state needs root") }
        let lock = repair ? try lockForRepair(directory) : nil
        defer { withExtendedLifetime(lock) {} }
        let records = try Records(lookingAt: directory)
        let living = Set(try NetlinkSocket().namespaceIds())
        let plan = try StatePlan(records, living: living, pins: Pin.all())
        let programs = try ProgramRecords(lookingAt: directory + "/programs", boot: records.boot)
        let files = try NameFiles(directory: directory + "/files").leftovers(keeping: Set(plan.kept.map(\.id)))
        let disagreements = plan.disagreements + (try programs.disagreements()) + files
        let findings = disagreements.map { finding($0, records) }
        print(json ? try text(of: findings) : findings.map(\.line).joined(), terminator: "")
        return findings.allSatisfy { $0.mended == true } ? 0 : 1
    }

    private func lockForRepair(_ directory: String) throws -> SharedDescriptor {
        do {
            return try lockStateDirectory(directory)
        } catch is StartProblem {
            throw StartProblem(
                "an agent uses \(directory) and mends what it finds at its start; stop it first, or restart it")
        }
    }

    private func finding(_ disagreement: Disagreement, _ records: Records) -> Finding {
        var finding = Finding(
            kind: disagreement.kind, subject: escaped(disagreement.subject), what: escaped(disagreement.what),
            remedy: escaped(disagreement.remedy), mended: nil, error: nil)
        guard repair && !disagreement.steps.isEmpty else { return finding }
        do {
            for step in disagreement.steps { try step.carryOut(records) }
            finding.mended = true
        } catch {
            finding.mended = false
            finding.error = escaped("\(error)")
        }
        return finding
    }

    private func text(of findings: [Finding]) throws -> String {
        String(decoding: try JSONValue(encoding: ["disagreements": findings]).serialized(), as: UTF8.self) + "\n"
    }
}

/// A disagreement as it is printed.
private struct Finding: Encodable {
    let kind: Disagreement.Kind
    let subject: String
    let what: String
    let remedy: String
    /// nil: nothing was tried.
    var mended: Bool?
    var error: String?

    var line: String {
        let end =
            switch mended {
            case nil: "to mend it: \(remedy)"
            case true?: "mended: \(remedy)"
            case false?: "not mended: \(error ?? "")"
            }
        return "\(subject): \(what) (\(end))\n"
    }
}
