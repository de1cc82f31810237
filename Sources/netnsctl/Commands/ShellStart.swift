// How a shell is started so that its prompt shows the namespace, whatever the user's own files do to it.

import CLinux
import Glibc
import NetnsClient

/// A shell's command line and environment, and the files it reads at its start.
struct ShellStart {
    var argv: [String]
    /// `NAME=value` each; nil: this process's.
    var environment: [String]?
    /// A directory for this start alone.
    private var directory: String?

    /// In front of the user's own prompt. The shell expands it each time: the agent sets the variable.
    private static let mark = "[$NETNSD_NAMESPACE] "

    init(_ path: String, showsNamespace: Bool) throws(SystemError) {
        argv = [path]
        guard showsNamespace else { return }
        switch path.split(separator: "/").last {
        case "bash":
            try write("bashrc", Self.bash)
            argv += ["--rcfile", "\(directory ?? "")/bashrc", "-i"]
        case "zsh":
            try write(".zshenv", Self.zsh)
            let own = value(of: "ZDOTDIR")
            set("NETNSD_ZDOTDIR", own ?? "")
            set("ZDOTDIR", directory ?? "")
        case "fish":
            argv += ["--init-command", Self.fish]
        default:
            set("PS1", Self.mark + (geteuid() == 0 ? "# " : "$ "))
        }
    }

    /// The file goes with its reading: a shell that outlives this program finds nothing to tidy up.
    private static let bash = """
        # What an interactive bash reads (bash(1), INVOCATION), then the namespace before the prompt.
        rm -rf -- "${BASH_SOURCE[0]%/*}"
        if [ -r /etc/bash.bashrc ]; then . /etc/bash.bashrc; fi
        if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
        PS1='\(mark)'"$PS1"

        """

    /// ZDOTDIR is the user's again before any other file is read. The hook runs after whatever sets the prompt.
    private static let zsh = """
        rm -rf -- "$ZDOTDIR"
        if [[ -n $NETNSD_ZDOTDIR ]]; then ZDOTDIR=$NETNSD_ZDOTDIR; else unset ZDOTDIR; fi
        unset NETNSD_ZDOTDIR
        if [[ -r ${ZDOTDIR:-$HOME}/.zshenv ]]; then . "${ZDOTDIR:-$HOME}/.zshenv"; fi
        _netnsd_prompt() {
            local mark="[${NETNSD_NAMESPACE//\\%/%%}] "
            [[ $PROMPT == "$mark"* ]] || PROMPT=$mark$PROMPT
        }
        typeset -ga precmd_functions
        precmd_functions+=(_netnsd_prompt)

        """

    private static let fish = """
        functions --copy fish_prompt _netnsd_prompt; or function _netnsd_prompt; echo '> '; end; \
        function fish_prompt; echo -n "[$NETNSD_NAMESPACE] "; _netnsd_prompt; end
        """

    private mutating func write(_ name: String, _ text: String) throws(SystemError) {
        let parent = value(of: "XDG_RUNTIME_DIR") ?? value(of: "TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/netnsctl-shell-XXXXXX".utf8CString)
        try system("mkdtemp", parent) { mkdtemp(&template) == nil ? -1 : 0 }
        let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        directory = made
        let file = try Descriptor("open", "\(made)/\(name)") {
            clinux_open("\(made)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        let bytes = Array(text.utf8)
        try system("write", name) { bytes.withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress, $0.count) } }
    }

    private mutating func set(_ name: String, _ value: String) {
        var variables = environment ?? currentEnvironment()
        variables.removeAll { $0.hasPrefix(name + "=") }
        environment = variables + ["\(name)=\(value)"]
    }

    /// Where the shell has not done so itself.
    func removeFiles() {
        guard let directory else { return }
        for name in ["bashrc", ".zshenv"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}

/// The shell of this user's account; /bin/sh where it says none (passwd(5)).
func loginShell() -> String {
    guard let entry = getpwuid(getuid()), let shell = entry.pointee.pw_shell, shell.pointee != 0 else {
        return "/bin/sh"
    }
    return String(cString: shell)
}

/// The user wants no namespace in the prompt.
func promptIsOff() -> Bool { value(of: "NETNSD_PROMPT") == "off" }

private func value(of name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}
