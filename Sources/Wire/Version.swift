// The numbers and places both halves agree on.

/// The version of the programs, agent and client alike.
public let programVersion = "0.1.0"

/// The protocol's version: within it there are only additions.
public let protocolVersion = 1

/// Where the agent listens unless told otherwise.
public let standardSocketPath = "/run/netnsd/netnsd.sock"

/// The environment variable that tells a client, or an agent, another path.
public let socketVariable = "NETNSD_SOCKET"
