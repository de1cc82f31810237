// The policy file: YAML, and what may stand in it. The administrator writes it, and a tool may write it badly.

import JSON

@testable import Agent

/// What cannot be used is refused with the place, and nothing of it is taken.
func fuzzPolicy(_ input: [UInt8]) {
    var policy = Policy()
    do {
        try policy.add(input, from: "policy.yaml")
        _ = policy.grants(for: Person(uid: 1000, account: "alice", groups: [0]))
    } catch {
        require("\(error)".hasPrefix("policy.yaml"), "no place in: \(error)")
        require(policy.files.isEmpty, "a refused file counts as read")
    }
}
