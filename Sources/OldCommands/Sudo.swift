// sudo, which here is nobody but the user: it runs its arguments as they are, and says so once.

import CLinux
import Glibc

enum Sudo {
    static func run(_ arguments: [String], _ console: Console) -> CInt {
        var words = Words(arguments)
        while let word = words.first, word.hasPrefix("-") {
            words.skip()
            if word == "--" { break }
            switch word {
            case "-u", "-g", "-U", "-p", "-C", "-h", "-r", "-t", "--user", "--group":
                let name = words.next()
                if word == "-u" || word == "--user", let name, name != "root", name != "#0" {
                    console.complain("sudo: this sudo changes to no other user, not to \(name) either")
                    return 1
                }
            case "-i", "-s", "--login", "--shell":
                return start([environment("SHELL") ?? "/bin/sh"] + words.all, console)
            case "-v", "-k", "-K", "--validate": return 0
            case "-V", "--version":
                console.write("sudo, of netnsd: it runs its arguments as the user who calls it\n")
                return 0
            default: break  // -E -H -n -S -b and their like change nothing here
            }
        }
        // NAME=VALUE words before the command are its environment.
        while let word = words.first, let equals = word.firstIndex(of: "="), !word.hasPrefix("/") {
            unsafe setenv(String(word[..<equals]), String(word[word.index(after: equals)...]), 1)
            words.skip()
        }
        if words.isEmpty {
            console.complain("usage: sudo [-E] [-H] [-n] [-u root] command [arg ...]")
            return 1
        }
        sayOnce(console)
        return start(words.all, console)
    }

    /// The notice is for people: once for each of their logins or terminals, marked by a file of their own.
    private static func sayOnce(_ console: Console) {
        let directory = environment("XDG_RUNTIME_DIR") ?? "/tmp"
        let mark = "\(directory)/.netnsd-sudo-\(getuid())-\(getsid(0))"
        let file = unsafe clinux_open(mark, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        close(file)
        console.complain("sudo: netnsd's sudo runs commands as yourself; its ip, route and the rest need no root")
    }

    private static func start(_ command: [String], _ console: Console) -> CInt {
        console.flush()
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        unsafe execvp(command[0], &arguments)
        let code = errno
        console.complain("sudo: \(command[0]): \(code == ENOENT ? "command not found" : errnoText(code))")
        return code == ENOENT ? 127 : 126
    }
}
