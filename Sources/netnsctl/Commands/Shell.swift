// shell: one's own shell in a namespace.

import ArgumentParser
import NetnsClient

struct Shell: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work in a namespace with your shell.",
        usage: "netnsctl shell [<options>] [<name>] [-- <program> [<argument> ...]]",
        discussion: """
            The shell is that of your account (passwd(5)), with job control; where a program is given, that runs \
            instead. Without NAME it is the namespace called default, which is made on first need. NETNSD_NAMESPACE \
            holds the namespace's name. Options of this command stand before NAME.

            The prompt begins with the name in brackets: in bash before PS1 as your .bashrc leaves it, in zsh before \
            PROMPT at each prompt, in fish before what fish_prompt prints; other shells get such a PS1 in their \
            environment. With --no-prompt or NETNSD_PROMPT=off it is left alone; put $NETNSD_NAMESPACE wherever you \
            like then.

            Exit codes are those of exec.

              netnsctl shell server
              NETNSD_PROMPT=off netnsctl shell
              netnsctl shell -- ip -brief addr
            """)

    @Flag(name: .customLong("no-prompt"), help: "Leave the prompt alone.")
    var noPrompt = false

    @Flag(help: "Programs find your other namespaces' addresses by their names (/etc/hosts).")
    var hostNames = false

    @Flag(help: Tutorial.help)
    var tutorial = false

    @OptionGroup var common: CommonOptions

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The namespace; -- and a program, instead of the shell.", valueName: "name"))
    var words: [String] = []

    /// nil where none is named.
    private var nameWord: String? { words.first == "--" ? nil : words.first }

    var name: NamespaceSelector? { nameWord.flatMap { NamespaceSelector($0) } }

    private var argv: [String] {
        let rest = words.first == "--" ? words[...] : words.dropFirst()
        return Array(rest.first == "--" ? rest.dropFirst() : rest)
    }

    func validate() throws {
        if let nameWord { _ = try NamespaceSelector.parse(nameWord) }
        try checkArguments()
    }

    func run() throws {
        var options = common.runOptions
        options.hostNames = hostNames
        let commands = tutorial ? try explained { try Tutorial() } : nil
        if let commands { options.environment = commands.environment(currentEnvironment()) }
        guard argv.isEmpty else { try common.runAndEndAlike(argv, in: name, options) { commands?.remove() } }
        let shell = try explained { try ShellStart(loginShell(), showsNamespace: !noPrompt && !promptIsOff()) }
        options.environment = commands?.environment(shell.environment ?? currentEnvironment()) ?? shell.environment
        try common.runAndEndAlike(shell.argv, in: name, options) {
            shell.removeFiles()
            commands?.remove()
        }
    }
}
