"""Write the tables of docs/measures.md from the register: ``python docs/write_measures.py``."""

from __future__ import annotations

import inspect
from pathlib import Path

from targeted_universalism.measures.inequality.register import REGISTER, Measure, formula, notes

PAGE = Path(__file__).with_name("measures.md")
BEGIN, END = "<!-- measures: made by docs/write_measures.py -->", "<!-- measures: end -->"
UNITS = {0: "plain number", 1: "the outcome's", 2: "its square"}
FAMILIES = {
    "simple": "Differences and ratios",
    "deviations": "Mean differences",
    "variance": "Variance",
    "entropy": "Entropies",
    "healthy_people": "Healthy People",
    "attributable": "What equality with the best would gain",
    "rank": "Concentration, for dimensions with an order",
    "slope": "Slope, for dimensions with an order",
}
_ORDER = {True: "with an order", False: "without an order", None: "any"}


def written(page: str) -> str:
    """Give the page with its tables as the register has them now."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{rest.split(END)[1]}"


def tables() -> str:
    """Make one table, and how to read its measures, for each family."""
    return "\n".join(map(_family, FAMILIES))


def _family(module: str) -> str:
    mine = [m for m in REGISTER.values() if m.function.__module__.endswith(f".{module}")]
    return "\n".join(
        [
            f"## {FAMILIES[module]}",
            "",
            "| code | function | formula | unit | weighted | dimensions | at equality |",
            "|---|---|---|---|---|---|---:|",
            *map(_row, mine),
            "",
            *map(_reading, mine),
            "",
        ]
    )


def _row(measure: Measure) -> str:
    code = measure.code if measure.choice is None else f"{measure.code}({measure.choice})"
    codes = [code, measure.also] if measure.also else [code]
    at_equality = f"{measure.value_at_equality:g}"
    cells = [
        ", ".join(f"`{c}`" for c in codes),
        f"`{measure.name}`",
        formula(measure).replace("|", "\\|"),
        UNITS[measure.degree],
        "yes" if measure.weighted else "no",
        _ORDER[measure.ordered],
        f"{at_equality} if the goal is met" if "goal" in measure.needs else at_equality,
    ]
    return f"| {' | '.join(cells)} |"


def _reading(measure: Measure) -> str:
    summary = inspect.cleandoc(measure.function.__doc__ or "").splitlines()[0]
    kinds = f" For {measure.kinds[0]}s." if measure.kinds else ""
    source = measure.source.removesuffix(".")
    return f"- `{measure.name}`: {summary} {notes(measure)}{kinds} *{source}.*"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {PAGE.name}.")
