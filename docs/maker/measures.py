"""Tables of docs/measures.md, from the register."""

from __future__ import annotations

import sys

from targeted_universalism.measures.inequality.register import REGISTER, Measure, formula, notes

UNITS = {0: "plain number", 1: "the outcome's", 2: "its square"}
# In the order of the page; a family that is not named here comes last, with its own first line.
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


def tables() -> str:
    """Make one table, and how to read its measures, for each family."""
    families = dict.fromkeys([*FAMILIES, *map(_family_of, REGISTER.values())])
    return "\n".join(map(_family, families)).rstrip()


def _family_of(measure: Measure) -> str:
    return measure.judge.__module__.rpartition(".")[2]


def _family(family: str) -> str:
    mine = [m for m in REGISTER.values() if _family_of(m) == family]
    own = (sys.modules[mine[0].judge.__module__].__doc__ or "").split("\n")[0].rstrip(".")
    return "\n".join(
        [
            f"## {FAMILIES.get(family, own)}",
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
    kinds = f" For {measure.kinds[0]}s." if measure.kinds else ""
    source = measure.source.removesuffix(".")
    return f"- `{measure.name}`: {measure.says} {notes(measure)}{kinds} *{source}.*"
