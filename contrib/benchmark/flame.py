"""A flame graph of the agent while it wires namespaces: what perf(1) saw, as an SVG that needs nothing else."""

import html
import shutil
import subprocess
from collections import Counter

from contestants import Pipelined
from world import SANDBOX, agent, run, settle

WIDTH, ROW = 1600, 17


def profile(path, brief):
    if not shutil.which("perf"):
        raise SystemExit("profile: there is no perf(1); install linux-perf or linux-tools for this kernel")
    data = SANDBOX / "perf.data"
    count, rounds = (50, 1) if brief else (500, 8)
    with agent() as running:
        one = Pipelined()
        one.prepare(3)
        perf = subprocess.Popen(
            ["perf", "record", "--quiet", "--event=cpu-clock", "--freq=4999", "--call-graph=dwarf,16384",
             f"--pid={running.pid}", f"--output={data}"], stderr=subprocess.PIPE, text=True)
        for turn in range(rounds):
            one.wire(turn * count, count)
            one.delete(turn * count, count)
            settle()
        perf.terminate()
        errors = perf.communicate()[1]
        one.clean()
    script = run(["perf", "script", f"--input={data}", "--fields=comm,ip,sym"], allow_failure=True)
    stacks = folded(script)
    if not stacks:
        raise SystemExit(f"profile: perf saw nothing: {errors}")
    path.write_text(flame_graph(stacks))
    total = sum(stacks.values())
    print(f"{path}: {total} samples. Where the agent was, callees not included:")
    for name, number in Counter(leaves(stacks)).most_common(25):
        print(f"  {number / total:6.1%}  {name}")


def folded(script):
    """Stacks from the outermost call to the innermost, the thread's name first, and how often each was seen."""
    stacks = Counter()
    for sample in script.split("\n\n"):
        lines = sample.strip().split("\n")
        if len(lines) < 2:
            continue
        calls = [line.strip().split(" ", 1)[-1] for line in lines[1:]]
        stacks[(lines[0].strip(), *reversed(calls))] += 1
    return stacks


def leaves(stacks):
    found = Counter()
    for stack, number in stacks.items():
        found[stack[-1]] += number
    return found


def flame_graph(stacks):
    """Each call a box as wide as it was seen often, on the call that made it; its name and share where one points."""
    total = sum(stacks.values())
    depth = max(map(len, stacks))
    boxes = []

    def draw(children, level, left):
        for name in sorted(children):
            below = children[name]
            number = sum(below.values())
            width = number / total * WIDTH
            if width >= 0.3:
                boxes.append(box(name, number / total, left, (depth - level - 1) * ROW, width))
                draw(by_first(below), level + 1, left)
            left += width

    draw(by_first(stacks), 0, 0.0)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{depth * ROW}" font-family="monospace" '
            f'font-size="11">\n' + "\n".join(boxes) + "\n</svg>\n")


def by_first(stacks):
    """Stacks by their first call; what is left of each."""
    children = {}
    for stack, number in stacks.items():
        if stack:
            children.setdefault(stack[0], Counter())[stack[1:]] += number
    return children


def box(name, share, left, top, width):
    hue = 10 + sum(name.encode()) % 45
    text = html.escape(name[:int(width / 7)]) if width > 20 else ""
    return (f'<g><title>{html.escape(name)}: {share:.2%}</title><rect x="{left:.1f}" y="{top}" width="{width:.1f}" '
            f'height="{ROW - 1}" fill="hsl({hue} 90% 65%)"/><text x="{left + 2:.1f}" y="{top + 12}">{text}</text></g>')
