// Small files, whole: read, written so that a reader sees the old or the new, listed.

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// The bytes of a file; nil where it is missing and that is allowed.
public func readFile(_ path: String, missingIsNil: Bool = false) throws(SystemError) -> [UInt8]? {
    do {
        return try read(Descriptor("open", path) { unsafe clinux_open(path, O_RDONLY | O_CLOEXEC, 0) }, path)
    } catch  where missingIsNil && error.errno == .noSuchFileOrDirectory {
        return nil
    }
}

/// A regular file, open for reading; nil for what is none.
public func openFile(_ path: String) throws(SystemError) -> SharedDescriptor? {
    // Not waiting for the other end of a FIFO (open(2)).
    let file = try Descriptor("open", path) { unsafe clinux_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0) }
    let raw = file.raw
    var status = stat()
    try system("fstat", path) { unsafe fstat(raw, &status) }
    return status.st_mode & S_IFMT == S_IFREG ? SharedDescriptor(file) : nil
}

/// All that can be read from a descriptor.
public func read(_ descriptor: borrowing Descriptor, _ subject: String) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    let raw = descriptor.raw
    while true {
        let count = try system("read", subject) {
            unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(raw, $0.baseAddress, $0.count) }
        }
        if count == 0 { return bytes }
        bytes.append(contentsOf: chunk.prefix(count))
    }
}

/// Writes a file beside `path` and renames it over `path` (rename(2) is atomic).
public func writeFileAtomically(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws(SystemError) {
    let temporary = path + ".new"
    do {
        let file = try Descriptor("open", temporary) {
            unsafe clinux_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        }
        try write(bytes, to: file, temporary)
        try system("rename", path) { unsafe rename(temporary, path) }
    } catch {
        unsafe unlink(temporary)
        throw error
    }
}

/// Writes all bytes.
public func write(_ bytes: [UInt8], to descriptor: borrowing Descriptor, _ subject: String) throws(SystemError) {
    try write(bytes, toRaw: descriptor.raw, subject)
}

/// Writes all bytes.
public func write(_ bytes: [UInt8], to descriptor: SharedDescriptor, _ subject: String) throws(SystemError) {
    try write(bytes, toRaw: descriptor.raw, subject)
}

private func write(_ bytes: [UInt8], toRaw raw: CInt, _ subject: String) throws(SystemError) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let part = rest
        let count = try system("write", subject) {
            unsafe part.withUnsafeBytes { unsafe Glibc.write(raw, $0.baseAddress, $0.count) }
        }
        rest = rest.dropFirst(count)
    }
}

/// The names in a directory that end with `suffix`, in order; none where there is no such directory.
public func filesInDirectory(_ path: String, withSuffix suffix: String = "") throws(SystemError) -> [String] {
    guard let directory = unsafe opendir(path) else {
        let error = Errno(rawValue: errno)
        if error == .noSuchFileOrDirectory { return [] }
        throw SystemError(error, "opendir", path)
    }
    defer { unsafe closedir(directory) }
    return unsafe entries(of: directory).map(\.name).filter { $0.hasSuffix(suffix) }.sorted()
}

/// What is in an open directory, in its own order.
func directoryEntries(
    _ descriptor: borrowing Descriptor, _ subject: String
) throws(SystemError) -> [(name: String, isDirectory: Bool)] {
    // The stream closes its own.
    let copy = try system("dup", subject) { dup(descriptor.raw) }
    guard let directory = unsafe fdopendir(copy) else {
        let error = Errno(rawValue: errno)
        close(copy)
        throw SystemError(error, "fdopendir", subject)
    }
    defer { unsafe closedir(directory) }
    return unsafe entries(of: directory)
}

/// All but `.` and `..`.
private func entries(of directory: OpaquePointer) -> [(name: String, isDirectory: Bool)] {
    var entries: [(name: String, isDirectory: Bool)] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        entries.append((name, unsafe Int(entry.pointee.d_type) == DT_DIR))
    }
    return entries
}

/// Removes a file; one that is gone already is no error, and any other failure leaves it there.
public func removeFile(_ path: String) {
    unsafe unlink(path)
}

public func renameFile(_ path: String, to new: String) throws(SystemError) {
    try system("rename", path) { unsafe rename(path, new) }
}

/// Makes a directory and those above it, where they are missing (mkdir(2)).
public func makeDirectories(_ path: String, mode: mode_t) throws(SystemError) {
    do {
        try system("mkdir", path) { unsafe mkdir(path, mode) }
    } catch  where error.errno == .fileExists {
        return
    } catch  where error.errno == .noSuchFileOrDirectory {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw error }
        try makeDirectories(String(path[..<slash]), mode: 0o755)
        try system("mkdir", path) { unsafe mkdir(path, mode) }
    }
}

/// Removes what is at `path` if it is an empty regular file, and nothing else.
public func removeIfEmptyFile(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 else { return }
    removeFile(path)
}

public func sleepMilliseconds(_ milliseconds: UInt32) {
    usleep(milliseconds * 1000)
}

/// What a symbolic link says (readlink(2)).
public func linkTarget(_ path: String) throws(SystemError) -> String {
    var room = [UInt8](repeating: 0, count: 4096)  // PATH_MAX
    let count = try system("readlink", path) {
        unsafe room.withUnsafeMutableBytes {
            unsafe readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
    }
    return String(decoding: room.prefix(count), as: UTF8.self)
}

/// Whether anything is at the path, a dangling link too.
public func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
}

public func isSocket(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
}

/// Writes to descriptor 2, past the C library's buffer; what cannot be written is lost.
public func writeToStandardError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
