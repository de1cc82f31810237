# Each number of the list of faults has a test, or it is said where what is in its place is.

import pathlib
import re

import pytest

HERE = pathlib.Path(__file__).parent
NUMBERS = range(1, 51)
# Beside this directory: a file of the project, and what of it.
ELSEWHERE = {
    49: ("contrib/bench", "load"),
}


def cases():
    """Names of hostile cases in the sources, with their numbers; () is one beyond the list."""
    found = []
    for path in sorted(HERE.glob("test_*.py")):
        marked = None
        for line in path.read_text().splitlines():
            if mark := re.match(r"@pytest\.mark\.hostile(?:\(([\d, ]*)\))?$", line):
                marked = tuple(int(number) for number in (mark[1] or "").split(",") if number)
            elif test := re.match(r"def (test_(?:hostile_(\d\d)_)?\w+)", line):
                numbers = (int(test[2]),) if test[2] else marked
                if numbers is not None:
                    found.append((path.name, test[1], numbers))
                marked = None
    return found


@pytest.mark.parametrize("number", NUMBERS)
def test_each_number_has_a_test(number):
    if number in ELSEWHERE:
        path, word = ELSEWHERE[number]
        assert word in (HERE.parents[1] / path).read_text(), f"{path} has no {word}"
        return
    assert [name for _, name, numbers in cases() if number in numbers], f"no test for {number}"


def test_there_are_eighty():
    assert len(cases()) >= 80, len(cases())


if __name__ == "__main__":
    # The table: number, tests.
    for number in NUMBERS:
        names = [f"{file}::{name}" for file, name, numbers in cases() if number in numbers]
        print(f"{number:02}", ", ".join(names) or " ".join(ELSEWHERE[number]))
    print("beyond the list:", *(f"{file}::{name}" for file, name, numbers in cases() if not numbers), sep="\n   ")
