"""contrib/bench's sections, one after the other, and the goals at the end. Run by contrib/bench, in its sandbox."""

import argparse
import json
import os
import platform
from pathlib import Path

import commands
import flame
import load
import network
import operations
import resources
from table import Goals

SECTIONS = {
    "operations": operations.run, "commands": commands.run, "load": load.run, "network": network.run,
    "resources": resources.run}


def main():
    parser = argparse.ArgumentParser(prog="contrib/bench")
    parser.add_argument("sections", nargs="*", help=", ".join(SECTIONS) + "; or profile and a file")
    parser.add_argument("--brief", action="store_true", help="to see that it works")
    parser.add_argument("--rounds", type=int, default=9, help="of each measurement (9)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    options = parser.parse_intermixed_args()

    if options.sections[:1] == ["profile"]:
        flame.profile(Path((options.sections[1:] or ["netnsd-profile.svg"])[0]), options.brief)
        return
    for section in options.sections:
        if section not in SECTIONS:
            parser.error(f"no section {section}; there are {', '.join(SECTIONS)}, profile")
    machine = f"Linux {platform.release()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    print(machine)
    if options.brief:
        print("Brief: these figures mean nothing.")
    goals = Goals()
    found = {"machine": machine, "brief": options.brief}
    for section in options.sections or SECTIONS:
        found[section] = SECTIONS[section](options, goals)
    goals.show()
    found["goals"] = goals.rows
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
