"""Samples, what they come to, and the tables that show it."""

import statistics
import sys


class Samples:
    """What one way of doing a work took: seconds an operation, a number for each round, and all operations' own."""

    def __init__(self):
        self.rounds = []
        self.each = []

    def add(self, seconds_each):
        """A round's operations; or one number where only the round's average is known."""
        self.rounds.append(statistics.fmean(seconds_each))
        self.each += seconds_each

    @property
    def median(self):
        return statistics.median(self.rounds)

    @property
    def spread(self):
        """Half the distance between the quartiles of the rounds, relative to their median."""
        if len(self.rounds) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.rounds, n=4, method="inclusive")
        return (high - low) / 2 / self.median

    def percentile(self, percent):
        return percentile(self.each, percent)

    def as_json(self):
        return {"median": self.median, "spread": self.spread, "rounds": self.rounds}


def percentile(values, percent):
    """The smallest value that at least `percent` of all are not above."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1) if percent == int(percent)
                   else min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def duration(seconds):
    if abs(seconds) < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    if abs(seconds) < 1:
        return f"{seconds * 1e3:.2f} ms"
    return f"{seconds:.2f} s"


def show(title, head, rows):
    """Prints a table: the first column to the left, the others to the right."""
    rows = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    print(f"\n{title}")
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  " + "   ".join(cells).rstrip())
    sys.stdout.flush()


class Goals:
    """What is to be reached, and what was."""

    def __init__(self):
        self.rows = []

    def add(self, what, goal, reached, text, is_met):
        self.rows.append({"what": what, "goal": goal, "reached": reached, "text": text, "met": bool(is_met)})

    def at_most(self, what, limit, reached, text=None):
        self.add(what, f"≤ {limit:g}", reached, text or f"{reached:.2f}", reached <= limit)

    def at_least(self, what, limit, reached, text=None):
        self.add(what, f"≥ {limit:g}", reached, text or f"{reached:.2f}", reached >= limit)

    def show(self):
        if self.rows:
            show("Goals", ["", "goal", "reached", ""],
                 [[row["what"], row["goal"], row["text"], "" if row["met"] else "missed"] for row in self.rows])
