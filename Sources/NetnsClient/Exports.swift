// One import is enough for a client: the protocol's types come with the library.

@_exported public import Descriptors
@_exported public import IPRoute
@_exported public import JSON
@_exported public import Wire
