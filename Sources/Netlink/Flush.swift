// Deleting all of a list. What is deleted is named by the kernel's own description of it, so that an entry our types
// cannot express goes as well as any other, and no other goes in its place.

import CMnl
import SystemPackage

extension NetlinkSocket {
    /// How often a list is read again (iproute2's MAX_ROUNDS): others may add to it while we delete.
    private static let flushRounds = 10

    /// Sends the deletions that `rest` gives until it gives none, or nothing that can be deleted. What vanished
    /// meanwhile is no error. After another error the rest of the round is still deleted, then the first is thrown.
    /// Gives how many went. EINTR where there were new ones after ten rounds.
    func flush(_ rest: () throws(NetlinkError) -> [NetlinkMessage]) throws(NetlinkError) -> Int {
        var total = 0
        for _ in 0..<Self.flushRounds {
            // Later ones first: a primary IPv4 address takes its secondaries, which are listed behind it, along.
            let deletions = Array(try rest().reversed())
            let (deleted, failure) = try delete(deletions)
            total += deleted
            if let failure { throw failure }
            if deleted == 0 { return total }
        }
        if let next = try rest().first {
            throw NetlinkError(
                .interrupted, "\(next.type)", next.subject,
                kernelMessage: "after \(total) deletions there still were new ones")
        }
        return total
    }

    private func delete(_ deletions: [NetlinkMessage]) throws(NetlinkError) -> (Int, NetlinkError?) {
        var deleted = 0
        var failure: NetlinkError?
        for result in try transact(deletions) {
            switch result {
            case .success: deleted += 1
            case .failure(let error) where error.isOfSomethingGone: break
            case .failure(let error): failure = failure ?? error
            }
        }
        return (deleted, failure)
    }
}

extension NetlinkError {
    /// What a deletion says of something that is not there: ESRCH for routes, ENOENT for rules and neighbours,
    /// EADDRNOTAVAIL for addresses, ENODEV where the device is gone.
    var isOfSomethingGone: Bool {
        switch errno {
        case .noSuchProcess, .noSuchFileOrDirectory, .addressNotAvailable, .operationNotSupportedByDevice: true
        default: false
        }
    }
}

extension NetlinkReply {
    /// The request that deletes what this message describes: the same structure and attributes, under another type.
    /// `without` names attributes that the request leaves out.
    func deletion<Body: BitwiseCopyable>(
        _ type: MessageType, _ zero: Body, subject: String, without left: [UInt16] = []
    ) -> NetlinkMessage? {
        guard let (header, attributes) = body(zero) else { return nil }
        var message = NetlinkMessage(type, body: header, subject: subject)
        for attribute in attributes where !left.contains(attribute.type) {
            message.attribute(Int(attribute.type), bytes: attribute.bytes)
        }
        return message
    }
}
