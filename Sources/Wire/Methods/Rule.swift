// rule.add, delete, flush, list: the rules that choose a routing table.

public import IPRoute

public enum RuleAdd: Method {
    public static let name = "rule.add"
    public typealias Params = ForNamespace<RuleSpec>
    public typealias Result = Nothing
}

public enum RuleDelete: Method {
    public static let name = "rule.delete"
    public typealias Params = ForNamespace<RuleSpec>
    public typealias Result = Nothing
}

public enum RuleFlush: Method {
    public static let name = "rule.flush"
    public typealias Params = ForNamespace<RuleFilter>
    public typealias Result = Flushed
}

public enum RuleList: Method {
    public static let name = "rule.list"
    public typealias Params = ForList<RuleFilter>
    public typealias Result = [InNamespace<Rule>]
}
