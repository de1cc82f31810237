// completions: the scripts that make a shell complete netnsctl's words.

import ArgumentParser
import NetnsClient

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the script that completes this program's words at a Tab.",
        discussion: """
            Your own namespaces, links, addresses, routes and programs are completed too, as the agent knows them at \
            that moment. contrib/install puts the scripts where the shells find them. Without it:

              netnsctl completions bash >> ~/.bash_completion
              netnsctl completions zsh > ~/.zfunc/_netnsctl
              netnsctl completions fish > ~/.config/fish/completions/netnsctl.fish

            Each shell takes it at once by:

              source <(netnsctl completions bash)
              netnsctl completions fish | source
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Kind

    @OptionGroup var common: CommonOptions

    func run() throws {
        let script =
            switch shell {
            case .bash: bashScript
            case .zsh: zshScript
            case .fish: fishScript
            }
        try common.print(["shell": .string(shell.rawValue), "script": .string(script)]) { _ in script }
    }
}
