// A record under /run/netnsd/state, as a crash, a full disk or another version may have left it.

import JSON

@testable import Agent

/// What was read must be written so that it is read as the same.
func fuzzRecord(_ input: [UInt8]) {
    guard let record = try? JSONValue.parse(input).decode(Record.self) else { return }
    guard let written = try? JSONValue(encoding: record) else { fatalError("cannot be written: \(record)") }
    require((try? written.decode(Record.self)) == record, "reads otherwise: \(written)")
}
