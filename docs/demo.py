"""The main job on real data: chronic absence in California, 2021-22, against one goal."""

from pathlib import Path

import pandas as pd

import targeted_universalism as tu

ROOT = Path(__file__).parents[1]
OUT = ROOT / "out"
DOLLARS = 350  # for each pupil; an example, not what any programme costs


def assessed() -> tu.Assessment:
    """Assess the sample against the goal."""
    pupils = pd.read_csv(ROOT / "data" / "sample" / "chronic_absence_california_2021_22.csv")
    segments = tu.from_counts(
        pupils,
        numerator="chronically_absent",
        denominator="eligible",
        segments="group",
        dimension="dimension",
        total="All students",
        exclusive={"programme": False},
    )
    goal = tu.Goal.at_most(
        10,
        per=100,
        name="Chronic absence, California, kindergarten to grade 8, 2021-22",
        deadline=2030,
        people="pupils",
        rationale="An example for this demonstration: a county sets its own goal.",
        source="Counts: California Department of Education, California School Dashboard 2022.",
    )
    return tu.assess(segments, goal)


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


def main() -> None:
    """Print what was found, and write the page and the pictures."""
    print("Reading the sample and assessing it against the goal …", flush=True)
    a = assessed()
    print(a, a.describe(), effort(a), sep="\n\n", end="\n\n")

    print("Drawing the page and the pictures …", flush=True)
    OUT.mkdir(exist_ok=True)
    written = [a.report(OUT / "report.html")]
    for name in ("gaps", "needed"):
        path = OUT / f"{name}.png"
        getattr(a.plot, name)().figure.savefig(path, dpi=150, bbox_inches="tight")
        written.append(path)
    print("Written:", *(str(path.relative_to(ROOT)) for path in written), sep="\n  ")


if __name__ == "__main__":
    main()
