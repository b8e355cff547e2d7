"""The main job on real data: chronic absence in California, 2021-22, against one goal."""

from os.path import relpath
from pathlib import Path
from shlex import join

import pandas as pd

import targeted_universalism as tu
from targeted_universalism.command import main as tu_command

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample" / "chronic_absence_california_2021_22.csv"
OUT = ROOT / "out"
GOAL = tu.Goal.at_most(
    10,
    per=100,
    name="Chronic absence, California, kindergarten to grade 8, 2021-22",
    deadline=2030,
    people="pupils",
    rationale="An example for this demonstration: a county sets its own goal.",
    source="Counts: California Department of Education, California School Dashboard 2022.",
)
DOLLARS = 350  # for each pupil; an example, not what any programme costs


def assessed() -> tu.Assessment:
    """Assess the sample against the goal."""
    pupils = pd.read_csv(SAMPLE)
    segments = tu.from_counts(
        pupils,
        numerator="chronically_absent",
        denominator="eligible",
        segments="group",
        dimension="dimension",
        total="All students",
        exclusive={"programme": False},
    )
    return tu.assess(segments, GOAL)


def effort(a: tu.Assessment) -> str:
    """Say how many, for whom, at what cost: the total and every group of race and ethnicity."""
    found = a.where(dimension="race/ethnicity").effort(default_cost=DOLLARS)
    people, shares = ["needed", "needed_low", "needed_high"], ["effort_share", "intensity"]
    columns = ["segment", *people, *shares, "cost"]
    formats = {**dict.fromkeys([*people, "cost"], "{:,.0f}".format),
               **dict.fromkeys(shares, "{:.1%}".format)}  # fmt: skip
    table = found[columns].to_string(index=False, na_rep="", formatters=formats)
    return (
        f"How many, for whom, at what cost. {DOLLARS} dollars for each pupil are an example: put "
        f"your own cost there, or one for each group.\n{table}"
    )


def line() -> list[str]:
    """Give the command that does the same, and writes the page."""
    words = ("name", "deadline", "people", "rationale", "source")
    return [
        "assess", relpath(SAMPLE), "--numerator", "chronically_absent", "--denominator", "eligible",
        "--segments", "group", "--dimension", "dimension", "--total", "All students",
        "--exclusive", "programme=false", "--goal", "at most 10 %",
        *(text for word in words for text in (f"--{word}", str(getattr(GOAL, word)))),
        "--out", relpath(OUT / "report.html"),
    ]  # fmt: skip


def main() -> int:
    """Run the command on the sample, and say who it takes, at what cost."""
    OUT.mkdir(exist_ok=True)
    argv = line()
    print("Without a line of code:\n\n  tu", join(argv), end="\n\n", flush=True)
    code = tu_command(argv)
    print("", effort(assessed()), sep="\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
