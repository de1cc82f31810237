// sysctl.get, sysctl.set: per-namespace kernel parameters.

public enum SysctlGet: Method {
    public static let name = "sysctl.get"

    public typealias Params = ForNamespace<SysctlKeys>
    /// In the order asked.
    public typealias Result = [SysctlValue]
}

public enum SysctlSet: Method {
    public static let name = "sysctl.set"

    public typealias Params = ForNamespace<SysctlValues>
    public typealias Result = [SysctlValue]
}

public struct SysctlKeys: Codable, Sendable {
    public let keys: [SysctlKey]

    public init(_ keys: [SysctlKey]) {
        self.keys = keys
    }
}

public struct SysctlValues: Codable, Sendable {
    /// All are looked at before the first is written; where the kernel refuses one, those written get their old values back.
    public let values: [SysctlValue]

    public init(_ values: [SysctlValue]) {
        self.values = values
    }
}

public struct SysctlValue: Codable, Sendable, Equatable {
    public let key: SysctlKey
    /// As the file has it, without the last newline.
    public let value: String

    public init(key: SysctlKey, value: String) {
        self.key = key
        self.value = value
    }
}
