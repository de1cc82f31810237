// Capture filters in libpcap's language (pcap-filter(7)). Compiling them is tcpdump's work, if it is installed: it is
// given an empty capture file to say for which kind of link, so that it opens no device and needs no privilege.

import CLinux
import Descriptors
import Glibc
import SystemPackage

/// A filter that the kernel runs on each packet (classic BPF, socket(7) SO_ATTACH_FILTER).
public struct PacketFilter: Sendable {
    public let expression: String
    let program: [clinux_filter_instruction]

    /// Compiles an expression.
    /// - Parameter snapLength: What is left of a packet that passes, in bytes.
    public static func compile(
        _ expression: String, for type: LinkType, snapLength: Int
    ) throws(PacketFilterError) -> PacketFilter {
        let arguments = ["tcpdump", "-ddd", "-s", "\(snapLength)", "-r", "-", "--", expression]
        let result: (output: String, errors: String)
        do {
            result = try run(
                ["tcpdump", "/usr/sbin/tcpdump", "/usr/local/sbin/tcpdump"], arguments, emptyFile(type, snapLength))
        } catch  where error.errno == .noSuchFileOrDirectory {
            throw .compilerMissing
        } catch { throw .failed(error) }
        guard let program = read(result.output) else {
            throw .refused(expression, complaint(result.errors))
        }
        return PacketFilter(expression: expression, program: program)
    }

    /// A pcap file without packets (draft-ietf-opsawg-pcap, section 4), little-endian.
    private static func emptyFile(_ type: LinkType, _ snapLength: Int) -> [UInt8] {
        let words: [UInt32] = [
            0xA1B2_C3D4, 2 | 4 << 16, 0, 0, UInt32(truncatingIfNeeded: snapLength), UInt32(type.rawValue),
        ]
        return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
    }

    /// tcpdump(8), `-ddd`: a line with the number of instructions, then one each, in decimal.
    static func read(_ text: String) -> [clinux_filter_instruction]? {
        let lines = text.split(separator: "\n")
        guard let count = lines.first.flatMap({ Int($0) }), count > 0, lines.count == count + 1 else { return nil }
        var program: [clinux_filter_instruction] = []
        for line in lines.dropFirst() {
            let words = line.split(separator: " ")
            guard words.count == 4, let code = UInt16(words[0]), let jt = UInt8(words[1]), let jf = UInt8(words[2]),
                let k = UInt32(words[3])
            else { return nil }
            program.append(clinux_filter_instruction(code: code, jt: jt, jf: jf, k: k))
        }
        return program
    }

    /// What tcpdump says, without its name and without what it says of the file.
    private static func complaint(_ text: String) -> String {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("reading from file") }
        let line = lines.last.map(String.init) ?? "tcpdump does not say why"
        return line.hasPrefix("tcpdump: ") ? String(line.dropFirst("tcpdump: ".count)) : line
    }
}

public enum PacketFilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no tcpdump.
    case compilerMissing
    /// The expression, and what is wrong with it.
    case refused(String, String)
    case failed(SystemError)

    public var description: String {
        switch self {
        case .compilerMissing:
            "filters are compiled by tcpdump, which is not installed (apt install tcpdump); only filters need it"
        case .refused(let expression, let why): "filter '\(expression)': \(why) (man pcap-filter)"
        case .failed(let error): "tcpdump, which compiles filters: \(error)"
        }
    }
}

// MARK: - A program's output

/// Runs the first of `programs` that there is, and gives what it writes. `input` must fit into a pipe.
private func run(
    _ programs: [String], _ arguments: [String], _ input: [UInt8]
) throws(SystemError) -> (output: String, errors: String) {
    let inputPipe = try PipePair()
    let outputPipe = try PipePair()
    let errorPipe = try PipePair()
    let pid = try spawn(programs, arguments, [inputPipe.reading.raw, outputPipe.writing.raw, errorPipe.writing.raw])
    defer { _ = try? system("waitpid") { waitpid(pid, nil, 0) } }
    try inputPipe.write(input)
    // What is wrong with a filter is a line, which the pipe holds until the output is read.
    return (try outputPipe.readAll(), try errorPipe.readAll())
}

private struct PipePair: ~Copyable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        try system("pipe") { unsafe pipe(&ends) }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
        for end in ends { _ = clinux_fcntl(end, F_SETFD, CLong(FD_CLOEXEC)) }
    }

    /// Writes what fits into a pipe, and closes it.
    consuming func write(_ bytes: [UInt8]) throws(SystemError) {
        try system("write", "pipe") { unsafe Glibc.write(writing.raw, bytes, bytes.count) }
    }

    /// Closes this process's writing end and reads to the end.
    consuming func readAll() throws(SystemError) -> String {
        let reading = close()
        var all: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try system("read", "pipe") { unsafe read(reading.raw, &room, room.count) }
            if count == 0 { return String(decoding: all, as: UTF8.self) }
            all += room.prefix(count)
        }
    }

    private consuming func close() -> Descriptor { reading }
}

/// posix_spawnp(3), with these descriptors as 0, 1 and 2, and no signal blocked that this process may have blocked.
private func spawn(_ programs: [String], _ arguments: [String], _ descriptors: [CInt]) throws(SystemError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in descriptors.enumerated() {
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, CInt(number))
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var pid: pid_t = 0
    var failure: CInt = ENOENT
    for program in programs where failure == ENOENT {
        // It returns its error and leaves errno alone.
        failure = unsafe posix_spawnp(&pid, program, &actions, &attributes, &words, clinux_environment())
    }
    guard failure == 0 else { throw SystemError(Errno(rawValue: failure), "posix_spawnp", programs[0]) }
    return pid
}
