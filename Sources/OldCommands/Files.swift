// Files that are read whole, whoever's they are.

import CLinux
import Descriptors
import Glibc

/// All of a file, or of standard input where its name is `-`.
func contents(ofFile name: String) throws(SystemError) -> String {
    let input =
        name == "-"
        ? try Descriptor("dup", name) { clinux_fcntl(0, F_DUPFD_CLOEXEC, 3) }
        : try Descriptor("open", name) { unsafe clinux_open(name, O_RDONLY | O_CLOEXEC, 0) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = try system("read", name) { () -> Int in
            unsafe buffer.withUnsafeMutableBytes { unsafe read(input.raw, $0.baseAddress, $0.count) }
        }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}
