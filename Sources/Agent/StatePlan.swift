// What is written down, what is pinned and what the kernel knows, compared; and what brings them together again.
// The agent carries it out before it serves; netnsd --check-state shows it, and with --repair carries it out.
//
// | written down  | pinned, same id | not pinned, id lives      | gone   |
// | creating      | undone          | undone (nothing holds it) | undone |
// | live          | live            | deleted: counts on        | forgotten |
// | deleting      | finished        | deleted                   | forgotten |
// | deleted       | finished        | deleted                   | forgotten |
// | nothing       | live: its id is of the agent's range, its pin names the owner (the record was lost)

import Descriptors
import Glibc
import JSON
import Linux
import Netlink
import SystemPackage
import Wire

/// One thing that is not as it should be, and the steps that mend it; none where it can only be said.
struct Disagreement: Sendable {
    let kind: Kind
    /// A pin's name or a file.
    let subject: String
    /// A clause that says what is the matter.
    let what: String
    let steps: [MendingStep]

    enum Kind: String, Codable, Sendable, CaseIterable {
        case unreadableRecord = "unreadable-record"
        case unfinishedWrite = "unfinished-write"
        case earlierBoot = "earlier-boot"
        case unfinishedAdd = "unfinished-add"
        case unfinishedDelete = "unfinished-delete"
        case unfinishedHandover = "unfinished-handover"
        case namespaceGone = "namespace-gone"
        case pinGone = "pin-gone"
        case wrongIdentity = "wrong-identity"
        case recordGone = "record-gone"
        case uncounted
        case ownerUnknown = "owner-unknown"
        case programGone = "program-gone"
        case leftoverFile = "leftover-file"
    }

    var remedy: String { steps.isEmpty ? "for you to decide" : steps.map(\.description).joined(separator: ", ") }
}

enum MendingStep: Sendable, CustomStringConvertible {
    case setAside(file: String)
    case removeFile(String)
    case removeRecord(Int32)
    case writeRecord(Record)
    case unpin(String)
    case movePin(String, to: String)
    /// What is left of a pin that was taken away: an empty file.
    case removeLeftoverPin(String)

    var description: String {
        switch self {
        case .setAside(let file): "the file is set aside as \(file).bad"
        case .removeFile: "the file is removed"
        case .removeRecord: "the record is removed"
        case .writeRecord(let record): "it is written down as \(record.state) and \(record.owner.text)'s"
        case .unpin(let pin): "\(pin) is unpinned"
        case .movePin(let pin, let new): "\(pin) becomes \(new)"
        case .removeLeftoverPin(let pin): "what is left of \(pin) in \(Agent.pinDirectory) is removed"
        }
    }

    func carryOut(_ records: Records) throws {
        switch self {
        case .setAside(let file): try renameFile(file, to: file + ".bad")
        case .removeFile(let file): Linux.removeFile(file)
        case .removeRecord(let id): records.remove(id)
        case .writeRecord(let record): try records.write(record)
        case .unpin(let pin): try NetworkNamespace.unpin(Agent.pinPath(pin))
        case .movePin(let pin, let new): try NetworkNamespace.movePin(Agent.pinPath(pin), to: Agent.pinPath(new))
        case .removeLeftoverPin(let pin): removeIfEmptyFile(Agent.pinPath(pin))
        }
    }
}

/// A namespace that the agent made, as something in /run/netns shows it.
struct Pin: Sendable {
    let id: Int32
    let identity: NamespaceIdentity
    let isDelegated: Bool

    /// What is pinned and has an id of the agent's, by the pin's name.
    static func all() throws -> [String: Pin] {
        let host = try NetlinkSocket()
        var pins: [String: Pin] = [:]
        for name in try filesInDirectory(Agent.pinDirectory) {
            // Whatever is no namespace is somebody else's.
            guard let namespace = try? NetworkNamespace.open(Agent.pinPath(name)),
                let id = try host.namespaceId(of: namespace.descriptor.raw), id >= Registry.firstId
            else { continue }
            let isDelegated = try UserNamespace(owning: namespace).identity() != UserNamespace.own
            pins[name] = Pin(id: id, identity: try namespace.identity(), isDelegated: isDelegated)
        }
        return pins
    }
}

struct StatePlan {
    private(set) var disagreements: [Disagreement] = []
    /// The records as they are once all is mended: live or deleted.
    private(set) var kept: [Record] = []
    private let boot: String

    /// - Parameter living: the ids of all namespaces there are.
    /// - Parameter pins: by their names.
    init(_ records: Records, living: Set<Int32>, pins: [String: Pin]) throws {
        boot = records.boot
        var pins = pins
        let contents = try records.contents()
        disagreements = contents.disagreements
        for record in contents.records { settle(record, &pins, isLiving: living.contains(record.id)) }
        let known = Set(kept.map(\.id))
        for (name, pin) in pins.sorted(by: { $0.key < $1.key }) where !known.contains(pin.id) { adopt(name, pin) }
        let met = Set(contents.records.map(\.id) + pins.values.map(\.id))
        for id in living.sorted() where id >= Registry.firstId && !met.contains(id) {
            add(
                .uncounted, "nsid \(id)", "it has no record and no pin, and counts for nobody until what holds it ends",
                [])
        }
    }

    private mutating func settle(_ record: Record, _ pins: inout [String: Pin], isLiving: Bool) {
        let name = record.pinName
        var pin = pins[name].flatMap { $0.id == record.id ? $0 : nil }
        if pin != nil { pins[name] = nil }
        var steps: [MendingStep] = []
        if let former = record.formerPin {
            let old = pins[former].flatMap { $0.id == record.id ? $0 : nil }
            if old != nil {
                pins[former] = nil
                steps.append(pin == nil ? .movePin(former, to: name) : .unpin(former))
            } else {
                steps.append(.removeLeftoverPin(former))
            }
            pin = pin ?? old
        }
        switch (record.state, pin) {
        case (.live, let pin?):
            let whole = record.with(.live, pin.identity)
            kept.append(whole)
            if record.formerPin != nil {
                add(.unfinishedHandover, name, "handing it over was not finished", steps + [.writeRecord(whole)])
            } else if record.identity != pin.identity {
                add(.wrongIdentity, name, "the record is of another namespace than the pin", [.writeRecord(whole)])
            }
            return
        case (_, .some): steps.append(.unpin(name))
        case (_, nil): steps.append(.removeLeftoverPin(name))
        }
        if record.state == .creating || !isLiving {
            let (kind, what): (Disagreement.Kind, String) =
                record.state == .creating
                ? (.unfinishedAdd, "making it was not finished")
                : (.namespaceGone, "it is written down as \(record.state), and there is no such namespace any more")
            return add(kind, name, what, steps + [.removeRecord(record.id)])
        }
        let rest = record.with(.deleted, record.identity)
        kept.append(rest)
        switch record.state {
        case .deleted where pin == nil: return  // as it should be
        case .live: add(.pinGone, name, "it is live, and its pin is gone", steps + [.writeRecord(rest)])
        default: add(.unfinishedDelete, name, "deleting it was not finished", steps + [.writeRecord(rest)])
        }
    }

    /// A namespace of the agent's whose record is lost: its pin says whose it is.
    private mutating func adopt(_ pinName: String, _ pin: Pin) {
        guard let selector = NamespaceSelector(pinName) else { return }
        guard let owner = Owner(pinnedAs: selector.owner) else {
            return add(.ownerUnknown, pinName, "it has no record, and nobody has the account that its pin names", [])
        }
        let record = Record(
            boot: boot, id: pin.id, owner: owner, name: selector.name, pin: pinName, state: .live,
            identity: pin.identity, delegated: pin.isDelegated)
        kept.append(record)
        add(.recordGone, pinName, "it has no record", [.writeRecord(record)])
    }

    private mutating func add(_ kind: Disagreement.Kind, _ subject: String, _ what: String, _ steps: [MendingStep]) {
        disagreements.append(Disagreement(kind: kind, subject: subject, what: what, steps: steps))
    }
}

extension Owner {
    /// Whom a pin's name says; nil for nobody.
    fileprivate init?(pinnedAs text: String?) {
        guard let text else {
            self = .root
            return
        }
        if let account = account(named: text) {
            self.init(uid: account.uid, user: text)
        } else if let uid = uid_t(text) {
            self.init(uid: uid, user: nil)
        } else if let at = text.lastIndex(of: "@"), let uid = uid_t(text[text.index(after: at)...]) {
            self.init(uid: uid, user: String(text[..<at]))
        } else {
            return nil
        }
    }
}
