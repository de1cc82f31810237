// Routing rules made, removed and listed (ip-rule(8)).

import CMnl
public import IPRoute
import SystemPackage

extension NetlinkSocket {
    /// Without a priority it goes before the first rule but that for `local`. EEXIST where there is one like it.
    public func addRule(_ spec: RuleSpec) throws(NetlinkError) {
        try request(.addRule(spec))
    }

    /// Removes the first rule that has all that `spec` says. ENOENT where there is none; EINVAL where it says nothing.
    public func deleteRule(_ spec: RuleSpec) throws(NetlinkError) {
        guard !spec.saysNothing else {
            throw NetlinkError(
                .invalidArgument, "\(MessageType.deleteRule)", kernelMessage: "nothing says which rule to delete")
        }
        try request(.deleteRule(spec))
    }

    /// The rules that `filter` lets through, in the order in which they are asked, IPv4's first.
    public func rules(_ filter: RuleFilter = RuleFilter()) throws(NetlinkError) -> [Rule] {
        try described(filter).map(\.rule)
    }

    /// Deletes the rules that `filter` lets through, but none of the kernel's own, and gives their number.
    @discardableResult
    public func flushRules(_ filter: RuleFilter = RuleFilter()) throws(NetlinkError) -> Int {
        try flush { () throws(NetlinkError) in
            try described(filter).filter { $0.rule.protocol != .kernel }.compactMap { reply, rule in
                reply.deletion(.deleteRule, fib_rule_hdr(), subject: "priority \(rule.priority)")
            }
        }
    }

    private func described(_ filter: RuleFilter) throws(NetlinkError) -> [(reply: NetlinkReply, rule: Rule)] {
        let families = filter.family.map { [$0] } ?? Family.allCases
        var found: [(reply: NetlinkReply, rule: Rule)] = []
        for family in families {
            found += try dump(.listRules(family: family)).compactMap { reply in
                guard let rule = reply.rule(), rule.family == family, filter.matches(rule) else { return nil }
                return (reply, rule)
            }
        }
        return found
    }
}

extension RuleFilter {
    fileprivate func matches(_ rule: Rule) -> Bool {
        (priority ?? rule.priority) == rule.priority && (table == nil || table == rule.table)
            && (self.protocol == nil || self.protocol == rule.protocol)
    }
}
