// --tutorial: the old commands (ip, ifconfig, route, netstat, brctl, sysctl, sudo) come first in a program's PATH.

import ArgumentParser
import CLinux
import Glibc
import NetnsClient

/// A directory of the old commands, for one run of a program.
///
/// It is PREFIX/lib/netnsd/tutorial beside this program's PREFIX/bin. Where the program was not installed, it is a
/// directory made for this run, of links to the netns-tools beside the program.
struct Tutorial {
    let directory: String
    private let isTemporary: Bool

    static let help: ArgumentHelp =
        "The old commands come first in PATH, for your own namespaces: ip, ifconfig, route, netstat, brctl, sysctl, sudo."

    /// The names that netns-tools goes by.
    private static let names = ["ip", "ifconfig", "route", "netstat", "brctl", "sysctl", "sudo"]

    init() throws {
        let beside = try Self.programDirectory()
        let installed = beside + "/../lib/netnsd/tutorial"
        if access(installed + "/ip", X_OK) == 0 {
            (directory, isTemporary) = (installed, false)
            return
        }
        let tools = beside + "/netns-tools"
        guard access(tools, X_OK) == 0 else {
            throw WireError(.notFound, "the old commands are not installed: there is neither \(installed) nor \(tools)")
        }
        (directory, isTemporary) = (try Self.linked(to: tools), true)
    }

    /// An environment (`NAME=value` each) with the old commands first in its PATH.
    func environment(_ variables: [String]) -> [String] {
        let old = variables.last { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count) ?? "/usr/local/bin:/usr/bin:/bin"
        return variables.filter { !$0.hasPrefix("PATH=") } + ["PATH=\(directory):\(old)"]
    }

    /// Takes away what was made for this run.
    func remove() {
        guard isTemporary else { return }
        for name in Self.names { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    private static func programDirectory() throws -> String {
        var room = [CChar](repeating: 0, count: 4096)
        let count = try system("readlink", "/proc/self/exe") {
            room.withUnsafeMutableBufferPointer { readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
        }
        let path = String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// A fresh directory that is the user's alone: one whose name is known before could be somebody else's.
    private static func linked(to tools: String) throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/netnsd-tutorial-XXXXXX".utf8CString)
        try system("mkdtemp", parent) { mkdtemp(&template) == nil ? -1 : 0 }
        let directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        for name in names { try system("symlink", name) { symlink(tools, "\(directory)/\(name)") } }
        return directory
    }
}
