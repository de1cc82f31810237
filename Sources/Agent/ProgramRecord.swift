// Running programs as they are written down: pid and start time together name one process of a boot.

import Descriptors
import Glibc
import JSON
import Linux

private struct ProgramRecord: Codable {
    let boot: String
    let pid: pid_t
    /// Clock ticks after boot (proc_pid_stat(5), field 22).
    let startTime: UInt64
    let start: Program.Start
}

/// The directory they are in: a file a program, by its pid.
struct ProgramRecords: Sendable {
    private let directory: String
    private let boot: String

    /// Makes no directory.
    init(lookingAt directory: String, boot: String) throws {
        self.directory = directory
        self.boot = boot
    }

    init(directory: String, boot: String) throws {
        try self.init(lookingAt: directory, boot: boot)
        try makeDirectories(directory, mode: 0o700)
    }

    private func path(_ pid: pid_t) -> String { "\(directory)/\(pid).json" }

    /// A program that has ended by now needs none.
    func write(_ pid: pid_t, _ start: Program.Start) throws {
        guard let startTime = startTime(of: pid) else { return }
        let record = ProgramRecord(boot: boot, pid: pid, startTime: startTime, start: start)
        try writeFileAtomically(path(pid), JSONValue(encoding: record).serialized())
    }

    func remove(_ pid: pid_t) { removeFile(path(pid)) }

    /// Those whose process still runs, with a pidfd of it; the others' files are removed.
    func readRunning() throws -> [(pid: pid_t, start: Program.Start, process: SharedDescriptor)] {
        var running: [(pid_t, Program.Start, SharedDescriptor)] = []
        for file in try filesInDirectory(directory, withSuffix: ".json") {
            let path = "\(directory)/\(file)"
            if let found = readRunning(path) { running.append(found) } else { removeFile(path) }
        }
        return running
    }

    /// The program that a file is of, if that is so and it runs.
    private func readRunning(_ path: String) -> (pid_t, Program.Start, SharedDescriptor)? {
        let record = try? JSONValue.parse((readFile(path) ?? [])[...]).decode(ProgramRecord.self)
        // The pidfd first: once it is there, its process cannot be taken for another.
        guard let record, record.boot == boot, let process = try? openProcess(record.pid),
            startTime(of: record.pid) == record.startTime
        else { return nil }
        return (record.pid, record.start, process)
    }

    /// Files of programs that do not run any more.
    func disagreements() throws -> [Disagreement] {
        try filesInDirectory(directory, withSuffix: ".json").map { "\(directory)/\($0)" }
            .filter { readRunning($0) == nil }
            .map { path in
                Disagreement(
                    kind: .programGone, subject: path, what: "it is of no program that runs",
                    steps: [.removeFile(path)])
            }
    }
}
