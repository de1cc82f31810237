// The commands, their options and arguments. Written by contrib/generate; edit the commands themselves.

// swift-format-ignore-file

/// What every command takes that has no commands below it.
let commonOptions: [OptionEntry] = [
    OptionEntry("-j --json", "Print the agent's answer as JSON, in the keys of ip -j"),
    OptionEntry("-p --pretty", "With --json: indented"),
    OptionEntry("--color", takes: "auto|always|never", "Colours: auto is on a terminal"),
    OptionEntry("--socket", takes: "path", "The agent's socket, instead of NETNSD_SOCKET or /run/netnsd/netnsd.sock"),
    OptionEntry("--version", "Show the version"),
    OptionEntry("-h --help", "Show help information"),
]

/// A command by its words, `addr add`; the root by none.
func commandEntry(_ path: String) -> CommandEntry? {
    switch path {
    case "": CommandEntry(commands: [
            ("add", "Make namespaces"),
            ("delete", "Delete namespaces"),
            ("list", "List your namespaces"),
            ("get", "Say what a namespace is and which processes are in it"),
            ("show", "Show namespaces with their links, addresses and routes"),
            ("graph", "Draw your network: namespaces, links and what joins them"),
            ("dns", "Show or set the name servers and host names of a namespace"),
            ("identify", "Say which of your namespaces a process is in"),
            ("nsid", "Have one of your namespaces call another by a number"),
            ("chown", "Give namespaces to another owner; for root"),
            ("exec", "Run a program in a namespace"),
            ("shell", "Work in a namespace with your shell"),
            ("ps", "List your programs"),
            ("kill", "Send a signal to a program, or to all in a namespace"),
            ("wait", "Wait for a detached program, and end as it ends"),
            ("link", "Links: the interfaces of namespaces"),
            ("connect", "Join two namespaces by a veth pair, both ends up"),
            ("addr address", "Addresses of links"),
            ("route", "Routes"),
            ("nexthop", "Nexthop objects: ways that routes share by number"),
            ("rule", "Rules that choose a routing table"),
            ("neigh neighbour", "Neighbours: link-layer addresses of others on a link"),
            ("maddr maddress", "Multicast addresses: the groups that links listen to"),
            ("fdb", "Forwarding entries: which address is behind which port of a bridge, or beyond a VXLAN"),
            ("sysctl", "List, read or set kernel parameters of a namespace"),
            ("monitor", "Watch what changes in your namespaces"),
            ("capture", "Capture the packets of a namespace"),
            ("forward", "Forward ports into a namespace, or out of one"),
            ("quota", "Show your limits, what you use, and which rule decided"),
            ("log", "Show what you asked for that changes something, and what came of it"),
            ("check", "Say what this kernel and host can do, and what is missing for the rest"),
            ("info", "Say which agent answers, and who you are to it"),
            ("completions", "Print the script that completes this program's words at a Tab"),
            ("help", "Show subcommand help information"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "add": CommandEntry(options: [
            OptionEntry("--lo-down", "Leave lo down"),
            OptionEntry("--delegate", "Have the capabilities over them yourself, where the policy allows it"),
        ], arguments: ["name"])
    case "delete": CommandEntry(options: [
            OptionEntry("-k --kill", "Kill the programs that run in them"),
        ], arguments: ["name"])
    case "list": CommandEntry(options: [
            OptionEntry("--all-users", "Those of all users; for root"),
            OptionEntry("--set-aside", "Those of accounts that are no more; for root"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ])
    case "get": CommandEntry(arguments: ["name"])
    case "show": CommandEntry(options: [
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["namespace"])
    case "graph": CommandEntry(options: [
            OptionEntry("-f --format", takes: "text|svg|dot|mermaid", "How to draw it"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["namespace"])
    case "dns": CommandEntry(options: [
            OptionEntry("--server", takes: "address", repeats: true, "A name server's address; may be repeated"),
            OptionEntry("--search", takes: "domain", repeats: true, "A domain to look names up in; may be repeated"),
            OptionEntry("--option", takes: "option", repeats: true, "An option of resolv.conf(5); may be repeated"),
            OptionEntry("--host", takes: "name=address", repeats: true, "A name and an address for it; may be repeated"),
            OptionEntry("--clear", "Empty what is not given"),
        ], arguments: ["name"])
    case "identify": CommandEntry(arguments: ["pid"])
    case "nsid": CommandEntry(arguments: ["namespace", "other", "number"])
    case "chown": CommandEntry(arguments: ["user", "name"])
    case "exec": CommandEntry(options: [
            OptionEntry("-t --terminal", "Make a terminal for the program in any case"),
            OptionEntry("-T --no-terminal", "Pass the descriptors even where they are a terminal"),
            OptionEntry("--host-names", "The program finds your other namespaces' addresses by their names (/etc/hosts)"),
            OptionEntry("--tutorial", "The old commands come first in PATH, for your own namespaces: ip, ifconfig, route, netstat, brctl, sysctl, sudo"),
            OptionEntry("--all", "One after another in each of your namespaces, each with a line that names it before it"),
            OptionEntry("-d --detach", "Let the program live on by itself and print its pid; see ps, kill, wait"),
            OptionEntry("-o --output", takes: "file", "With --detach: where its output goes, at the end of a file; without, nowhere"),
            OptionEntry("--journal", "With --detach: its output goes to the journal, under the program's name"),
        ], arguments: ["name -- program"], runs: true)
    case "shell": CommandEntry(options: [
            OptionEntry("--no-prompt", "Leave the prompt alone"),
            OptionEntry("--host-names", "Programs find your other namespaces' addresses by their names (/etc/hosts)"),
            OptionEntry("--tutorial", "The old commands come first in PATH, for your own namespaces: ip, ifconfig, route, netstat, brctl, sysctl, sudo"),
        ], arguments: ["name"], runs: true)
    case "ps": CommandEntry(options: [
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["name"])
    case "kill": CommandEntry(options: [
            OptionEntry("-s --signal", takes: "signal", "By name, with SIG before it or without, or by number; without it, TERM"),
        ], arguments: ["pid-or-name"])
    case "wait": CommandEntry(arguments: ["pid"])
    case "link": CommandEntry(commands: [
            ("add", "Make a link"),
            ("set", "Change a link"),
            ("delete del", "Delete a link, and with an end of a veth pair the other end"),
            ("list show", "List links, of all your namespaces or of some"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "link add": CommandEntry(options: [
            OptionEntry("--kind", takes: "kind", "One of veth bridge dummy vlan vxlan macvlan ipvlan ifb vrf gre gretap ip6gre ip6gretap ipip sit ip6tnl geneve bond"),
            OptionEntry("--address", takes: "address/length", repeats: true, "An address for it; may be repeated"),
            OptionEntry("--mtu", takes: "mtu", "68 to 65535 bytes"),
            OptionEntry("--mac", takes: "mac", "Its Ethernet address"),
            OptionEntry("--master", takes: "master", "The bridge, bond or VRF it is to belong to"),
            OptionEntry("--txqlen", takes: "txqlen", "Length of its transmit queue, in packets"),
            OptionEntry("--alias", takes: "alias", "A note on it"),
            OptionEntry("--up", "Bring it up"),
            OptionEntry("--link", takes: "link", "The link below: of a vlan, macvlan, ipvlan, vxlan or tunnel"),
            OptionEntry("--id", takes: "id", "Number of a vlan, vxlan or geneve"),
            OptionEntry("--remote", takes: "remote", "The other end of a tunnel, vxlan or geneve"),
            OptionEntry("--local", takes: "local", "This end of a tunnel or vxlan"),
            OptionEntry("--port", takes: "port", "UDP port of a vxlan or geneve"),
            OptionEntry("--ttl", takes: "ttl", "Hop limit of a tunnel's, vxlan's or geneve's packets"),
            OptionEntry("--key", takes: "key", "Key of a gre tunnel, both ways"),
            OptionEntry("--mode", takes: "mode", "Mode of a macvlan, ipvlan or bond"),
            OptionEntry("--table", takes: "table", "Routing table of a vrf"),
            OptionEntry("-o --option", takes: "name=value", repeats: true, "Any option, by its key in ip -d -j link; may be repeated"),
        ], arguments: ["place"])
    case "link set": CommandEntry(options: [
            OptionEntry("--up", "Bring it up"),
            OptionEntry("--down", "Take it down"),
            OptionEntry("--name", takes: "name", "Rename it"),
            OptionEntry("--netns", takes: "netns", "Move it into this namespace"),
            OptionEntry("--master", takes: "master", "Add it to this bridge, bond or VRF"),
            OptionEntry("--nomaster", "Take it out of its bridge, bond or VRF"),
            OptionEntry("--mtu", takes: "mtu", "68 to 65535 bytes"),
            OptionEntry("--mac", takes: "mac", "Its Ethernet address"),
            OptionEntry("--txqlen", takes: "txqlen", "Length of its transmit queue, in packets"),
            OptionEntry("--alias", takes: "alias", "A note on it; an empty one takes the note away"),
            OptionEntry("--altname", takes: "altname", repeats: true, "Give it another name too; may be repeated"),
            OptionEntry("--no-altname", takes: "no-altname", repeats: true, "Take such a name away; may be repeated"),
            OptionEntry("--multicast", takes: "on|off", "Multicast"),
            OptionEntry("--allmulticast", takes: "on|off", "Receive all multicast"),
            OptionEntry("--arp", takes: "on|off", "ARP"),
            OptionEntry("--promisc", takes: "on|off", "Receive everything"),
            OptionEntry("--group", takes: "group", "Put it into this group: default or a number"),
            OptionEntry("--addrgenmode", takes: "eui64|none|stable_secret|random", "How IPv6 makes its own addresses"),
            OptionEntry("--mode", takes: "default|dormant", "What it waits for when it comes up"),
            OptionEntry("--carrier", takes: "on|off", "A carrier, where it can be told"),
            OptionEntry("--protodown", takes: "on|off", "Keep it without a carrier"),
            OptionEntry("--bridge", takes: "name=value", repeats: true, "An option of a bridge, by its key in ip -d -j link; may be repeated"),
            OptionEntry("--bridge-port", takes: "name=value", repeats: true, "Likewise of a bridge's port"),
        ], arguments: ["place", "state"])
    case "link delete": CommandEntry(arguments: ["place"])
    case "link list": CommandEntry(options: [
            OptionEntry("--dev", takes: "dev", "Only this link"),
            OptionEntry("--kind", takes: "kind", "Only links of this kind"),
            OptionEntry("--master", takes: "master", "Only links that belong to this bridge, bond or VRF"),
            OptionEntry("--up", "Only links that are up"),
            OptionEntry("-s --statistics", "Bytes and packets too"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["namespace"])
    case "connect": CommandEntry(options: [
            OptionEntry("--address", takes: "address/length", repeats: true, "An address for the first end; may be repeated"),
            OptionEntry("--peer-address", takes: "address/length", repeats: true, "An address for the other end; may be repeated"),
            OptionEntry("--mtu", takes: "mtu", "MTU of both ends, 68 to 65535 bytes"),
            OptionEntry("--mac", takes: "mac", "Ethernet address of the first end"),
            OptionEntry("--peer-mac", takes: "peer-mac", "Ethernet address of the other end"),
            OptionEntry("--master", takes: "master", "The bridge, bond or VRF the first end is to belong to"),
            OptionEntry("--peer-master", takes: "peer-master", "The bridge, bond or VRF the other end is to belong to"),
            OptionEntry("--down", "Leave both ends down"),
        ], arguments: ["end", "peer"])
    case "addr": CommandEntry(commands: [
            ("add", "Give a link an address"),
            ("replace", "Give a link an address, or change that address"),
            ("delete del", "Take an address off a link"),
            ("flush", "Take off all addresses that fit"),
            ("list show", "List addresses, of all your namespaces or of one"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "addr add": CommandEntry(arguments: ["word"])
    case "addr replace": CommandEntry(arguments: ["word"])
    case "addr delete": CommandEntry(arguments: ["word"])
    case "addr flush": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "addr list": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["word"])
    case "route": CommandEntry(commands: [
            ("add", "Add a route"),
            ("replace", "Add a route, or change the one to that destination"),
            ("change", "Change the route to that destination"),
            ("append", "Add a route behind those to that destination"),
            ("prepend", "Add a route before those to that destination"),
            ("delete del", "Remove a route"),
            ("flush", "Remove all routes that fit"),
            ("list show", "List routes, of all your namespaces or of one"),
            ("get", "Ask which way a packet would go"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "route add": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "route replace": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "route change": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "route append": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "route prepend": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "route delete": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "route flush": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "route list": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["word"])
    case "route get": CommandEntry(arguments: ["word"])
    case "nexthop": CommandEntry(commands: [
            ("add", "Add a nexthop object"),
            ("replace", "Add a nexthop object, or put it in the place of the one of that number"),
            ("delete del", "Delete a nexthop object, and what has no other way"),
            ("flush", "Remove all nexthop objects that fit"),
            ("list show", "List nexthop objects, of all your namespaces or of one"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "nexthop add": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "nexthop replace": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "nexthop delete": CommandEntry(arguments: ["word"])
    case "nexthop flush": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "nexthop list": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["word"])
    case "rule": CommandEntry(commands: [
            ("add", "Add a rule"),
            ("delete del", "Remove a rule"),
            ("flush", "Remove all rules that fit"),
            ("list show", "List rules, of all your namespaces or of one"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "rule add": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "rule delete": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "rule flush": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "rule list": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["word"])
    case "neigh": CommandEntry(commands: [
            ("add", "Add a neighbour"),
            ("replace", "Add a neighbour, or change it"),
            ("change", "Change a neighbour that is known"),
            ("delete del", "Remove a neighbour"),
            ("flush", "Remove all neighbours that fit"),
            ("list show", "List neighbours, of all your namespaces or of one"),
            ("get", "Say what is known of one neighbour"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "neigh add": CommandEntry(arguments: ["word"])
    case "neigh replace": CommandEntry(arguments: ["word"])
    case "neigh change": CommandEntry(arguments: ["word"])
    case "neigh delete": CommandEntry(arguments: ["word"])
    case "neigh flush": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
        ], arguments: ["word"])
    case "neigh list": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["word"])
    case "neigh get": CommandEntry(arguments: ["word"])
    case "maddr": CommandEntry(commands: [
            ("add", "Have a link listen to a group of its layer"),
            ("delete del", "Have it leave the group"),
            ("list show", "List groups, of all your namespaces or of one"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "maddr add": CommandEntry(arguments: ["word"])
    case "maddr delete": CommandEntry(arguments: ["word"])
    case "maddr list": CommandEntry(options: [
            OptionEntry("-4", "IPv4"),
            OptionEntry("-6", "IPv6"),
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["word"])
    case "fdb": CommandEntry(commands: [
            ("list show", "List forwarding entries, of all your namespaces or of one"),
        ], options: [
            OptionEntry("--version", "Show the version"),
            OptionEntry("-h --help", "Show help information"),
        ])
    case "fdb list": CommandEntry(options: [
            OptionEntry("-q --quiet", "Names only, one a line"),
            OptionEntry("-w --watch", "Print it anew at each change, until interrupted"),
            OptionEntry("--every", takes: "seconds", "And after so many seconds, for what changes unsaid"),
        ], arguments: ["word"])
    case "sysctl": CommandEntry(options: [
            OptionEntry("-q --quiet", "Names only, one a line"),
        ], arguments: ["key[=value]"])
    case "monitor": CommandEntry(options: [
            OptionEntry("-s --subject", takes: "subject", repeats: true, "Only these; without, the first six: netns link address route neighbour rule nexthop netconf nsid port fdb; may be repeated"),
        ], arguments: ["namespace"])
    case "capture": CommandEntry(options: [
            OptionEntry("-w --write", takes: "file", "Write pcapng to this file; - is stdout"),
            OptionEntry("-c --count", takes: "count", "End after this many packets"),
            OptionEntry("-s --snapshot-length", takes: "bytes", "Keep at most this many bytes of a packet"),
            OptionEntry("-l --lines", "Print a line a packet, even where stdout is no terminal, or a file is written"),
        ], arguments: ["place", "filter"])
    case "forward": CommandEntry(options: [
            OptionEntry("-o --reverse", takes: "namespace:port:port", repeats: true, "What to forward out of a namespace; may be repeated"),
        ], arguments: ["port:namespace:port"])
    case "quota": CommandEntry(options: [
            OptionEntry("--all-users", "Everybody's, in short; for root"),
        ], arguments: ["user"])
    case "log": CommandEntry(options: [
            OptionEntry("-n --lines", takes: "number", "Only the newest so many"),
            OptionEntry("--since", takes: "time", "From then on: so long ago, like 30s, 10m, 2h or 1d"),
            OptionEntry("-f --follow", "And later ones as they come, until interrupted"),
            OptionEntry("--user", takes: "user", "Another user's, by name or uid; for root"),
        ])
    case "check": CommandEntry()
    case "info": CommandEntry()
    case "completions": CommandEntry(arguments: ["shell"])
    default: nil
    }
}
