"""netnsctl(1) in mdoc(7), from the argument parser's description of the program. Used by contrib/generate."""

import textwrap


def escaped(text):
    """Text that mdoc does not take for anything else."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return text.replace("^", "\\(ha").replace("~", "\\(ti")


def line(text):
    """A line of text: none begins as a request does."""
    text = escaped(text)
    return "\\&" + text if text.startswith((".", "\\(aq")) else text


def lines(text):
    """Sentences, each on lines of its own, as mdoc wants them."""
    parts, rest = [], " ".join(text.split())
    while ". " in rest:
        head, rest = rest.split(". ", 1)
        parts.append(head + ".")
    wrapped = (textwrap.wrap(part, 72, break_on_hyphens=False, break_long_words=False) for part in parts + [rest])
    return [line(piece) for part in wrapped for piece in part]


def argument_words(argument):
    dashes = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    return [dashes[name["kind"]] + name["name"] for name in argument["names"]]


def flag(word):
    """Fl puts one dash itself."""
    return "Fl " + escaped(word.removeprefix("-"))


def synopsis(path, command):
    positionals = [a for a in command.get("arguments", []) if a["kind"] == "positional"]
    out = [f".Nm netnsctl Cm {' '.join(escaped(word) for word in path)}", ".Op Ar option ..."]
    for argument in positionals:
        dots = " ..." if argument.get("isRepeating") else ""
        word = f"Ar {escaped(argument['valueName'])}{dots}"
        out.append(f".Op {word}" if argument.get("isOptional") else f".{word}")
    return out


def discussion(text):
    """Paragraphs as they are, indented lines as examples."""
    out, example = [], False
    for row in (text or "").strip("\n").split("\n"):
        if row.startswith("  "):
            if not example:
                out.append(".Bd -literal -offset indent")
            example = True
            out.append(line(row.strip()))
            continue
        if example:
            out.append(".Ed")
        example = False
        if row:
            if out and out[-1] != ".Pp":
                out.append(".Pp")
            out += lines(row)
    if example:
        out.append(".Ed")
    return out


def options(arguments):
    out = [".Bl -tag -width indent"]
    for argument in arguments:
        words = argument_words(argument)
        value = f" Ar {escaped(argument['valueName'])}" if argument["kind"] == "option" else ""
        out.append(".It " + " , ".join(flag(word) + value for word in words))
        out += lines(argument.get("abstract") or "")
    return out + [".El"]


def ends(command, path=()):
    for below in command.get("subcommands", []):
        if not below.get("shouldDisplay", True) or below["commandName"] == "help":
            continue
        if below.get("subcommands"):
            yield from ends(below, (*path, below["commandName"]))
        else:
            yield (*path, below["commandName"]), below


def own_arguments(commands):
    """The options of all commands, and of each those that it alone has."""
    def shown(command):
        return [a for a in command.get("arguments", []) if a["kind"] != "positional" and a.get("shouldDisplay", True)]

    every = [a for a in shown(commands[0][1]) if all(a in shown(command) for _, command in commands)]
    return every, {path: [a for a in shown(command) if a not in every] for path, command in commands}


def manual_page(root):
    commands = list(ends(root))
    common, own = own_arguments(commands)
    out = [
        '.\\" Written by contrib/generate from the commands\' own help; edit that.',
        ".Dd $Mdocdate$",
        ".Dt NETNSCTL 1",
        ".Os",
        ".Sh NAME",
        ".Nm netnsctl",
        f".Nd {escaped(root['abstract'].rstrip('.')[0].lower() + root['abstract'].rstrip('.')[1:])}",
        ".Sh SYNOPSIS",
        ".Nm",
        ".Ar command",
        ".Op Ar option ...",
        ".Op Ar argument ...",
        ".Sh DESCRIPTION",
        ".Nm",
        "talks to the agent",
        ".Xr netnsd 8 ,",
        "which makes network namespaces for people who are not root.",
    ]
    out += discussion(root["discussion"])
    out += [".Sh OPTIONS", "Every command takes these:"]
    out += options(common)
    out.append(".Sh COMMANDS")
    for path, command in commands:
        out.append(f".Ss {' '.join(escaped(word) for word in path)}")
        out += synopsis(path, command)
        out.append(".Pp")
        out += lines(command["abstract"])
        if command.get("aliases"):
            out += [".Pp", "Also called " + " or ".join(escaped(alias) for alias in command["aliases"]) + "."]
        out += discussion(command.get("discussion"))
        helps = [a for a in command.get("arguments", []) if a["kind"] == "positional" and a.get("abstract")]
        if helps:
            out.append(".Bl -tag -width indent")
            for argument in helps:
                out.append(f".It Ar {escaped(argument['valueName'])}")
                out += lines(argument["abstract"])
            out.append(".El")
        if own[path]:
            out += options(own[path])
    out += [
        ".Sh ENVIRONMENT",
        ".Bl -tag -width NETNSD_NAMESPACE",
        ".It Ev NETNSD_SOCKET",
        "Path of the agent\\(aqs socket.",
        ".It Ev NETNSD_NAMESPACE",
        "Name of the namespace a program was started in.",
        ".It Ev NO_COLOR",
        "If set and not empty, there are no colours.",
        ".El",
        ".Sh FILES",
        ".Bl -tag -width indent",
        ".It Pa /run/netnsd/netnsd.sock",
        "The agent\\(aqs socket.",
        ".El",
        ".Sh SEE ALSO",
        ".Xr netnsd-policy 5 ,",
        ".Xr netnsd-protocol 7 ,",
        ".Xr ip-netns 8 ,",
        ".Xr netnsd 8",
        "",
    ]
    return "\n".join(out).replace(".Dd $Mdocdate$", ".Dd November 25, 2026")
