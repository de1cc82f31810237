// Running programs as they are written down: pid and start time together name one process of a boot.

import Descriptors
import Glibc
import JSON
import Linux
import SystemPackage

private struct ProgramRecord: Codable {
    let boot: String
    let pid: pid_t
    /// Clock ticks after boot (proc_pid_stat(5), field 22).
    let startTime: UInt64
    let start: Program.Start
}

extension ProgramRecord {
    /// A pidfd of the process; nil where it has ended. What cannot be found out is an error: it is not forgotten for that.
    fileprivate func runningProcess() throws(SystemError) -> SharedDescriptor? {
        do {
            // The pidfd first: once it is there, its process cannot be taken for another.
            let process = try openProcess(pid)
            return try Linux.startTime(of: pid) == startTime ? process : nil
        } catch  where error.errno == .noSuchProcess {
            return nil
        }
    }
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
        guard let startTime = try startTime(of: pid) else { return }
        let record = ProgramRecord(boot: boot, pid: pid, startTime: startTime, start: start)
        try writeFileAtomically(path(pid), JSONValue(encoding: record).serialized())
    }

    func remove(_ pid: pid_t) { removeFile(path(pid)) }

    /// Those whose process still runs, with a pidfd of it; the others' files are removed.
    func readRunning() throws -> [(pid: pid_t, start: Program.Start, process: SharedDescriptor)] {
        var running: [(pid_t, Program.Start, SharedDescriptor)] = []
        // An agent that was killed while it wrote; its spawner has ended the program.
        for file in try filesInDirectory(directory, withSuffix: ".json.new") { removeFile("\(directory)/\(file)") }
        for file in try filesInDirectory(directory, withSuffix: ".json") {
            let path = "\(directory)/\(file)"
            if let found = try readRunning(path) { running.append(found) } else { removeFile(path) }
        }
        return running
    }

    /// The program that a file is of, if that is so and it runs.
    private func readRunning(_ path: String) throws -> (pid_t, Program.Start, SharedDescriptor)? {
        let bytes = try readFile(path) ?? []
        guard let record = try? JSONValue.parse(bytes[...]).decode(ProgramRecord.self), record.boot == boot,
            let process = try record.runningProcess()
        else { return nil }
        return (record.pid, record.start, process)
    }

    /// Files of programs that do not run any more.
    func disagreements() throws -> [Disagreement] {
        try filesInDirectory(directory, withSuffix: ".json").map { "\(directory)/\($0)" }
            .filter { try readRunning($0) == nil }
            .map { path in
                Disagreement(
                    kind: .programGone, subject: path, what: "it is of no program that runs",
                    steps: [.removeFile(path)])
            }
    }
}
