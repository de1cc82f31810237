// Values that are known to exist, written as text.

import IPRoute

extension InterfaceName: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = InterfaceName(text)! }
}

extension AlternativeName: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = AlternativeName(text)! }
}

extension MACAddress: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = MACAddress(text)! }
}

extension IPAddress: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = IPAddress(text)! }
}

extension IPPrefix: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = IPPrefix(text)! }
}

extension Destination: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = Destination(text)! }
}
