// sysctl.get, set, list: per-namespace kernel parameters.

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

public enum SysctlList: Method {
    public static let name = "sysctl.list"
    public typealias Params = ForNamespace<SysctlScope>

    public struct Result: Codable, Sendable {
        /// In the kernel's order, level by level.
        public let keys: [Listed]
        /// With `shallow`, the levels directly below; without, none.
        public let levels: [SysctlName]

        public init(keys: [Listed], levels: [SysctlName] = []) {
            self.keys = keys
            self.levels = levels
        }
    }

    public struct Listed: Codable, Sendable, Equatable {
        public let key: SysctlKey
        /// Where values were asked for and this one can be read.
        public let value: String?

        public init(_ key: SysctlKey, value: String? = nil) {
            self.key = key
            self.value = value
        }
    }
}

/// Which keys are listed: of those that policy allows and the kernel has.
public struct SysctlScope: Codable, Sendable {
    /// A key, or a level: all that is below it. Without, `net`.
    public var under: SysctlName?
    /// Only what is directly below.
    public var shallow: Bool?
    /// With their values.
    public var values: Bool?

    public init(under: SysctlName? = nil, shallow: Bool? = nil, values: Bool? = nil) {
        self.under = under
        self.shallow = shallow
        self.values = values
    }
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
