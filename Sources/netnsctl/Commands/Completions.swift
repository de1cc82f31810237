// completions: the scripts that make a shell complete netnsctl's words.

import ArgumentParser

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

    func run() throws {
        switch shell {
        case .bash: try write(bashScript)
        case .zsh: try write(zshScript)
        case .fish: try write(fishScript)
        }
    }
}
