"""Leaks that were found by hand, as cases: what the attacker must find, and suppress prevent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from cases import Case, Step
from worlds import People, View

import targeted_universalism as tu

HALF = tu.Goal.at_least(0.5)


def _people(names: str, rows: Sequence[Sequence[Any]], what: str = "x n", **more: Any) -> People:
    """Make people of rows (values of columns, events, people)."""
    columns = names.split()
    cells = pd.DataFrame(rows, columns=[*columns, *what.split()])
    flags = more.get("flags", ())
    values = {name: list(dict.fromkeys(cells[name])) for name in columns if name not in flags}
    return People(cells, values, **more)


def _case(people: People, *steps: Step, **more: Any) -> Case:
    options = {"minimum": 11, **more.pop("options", {})}
    return Case(people, steps, more.pop("goal", HALF), options, more)


COUNTY = [("Alpine", "A", 60, 186), ("Alpine", "B", 88, 221), ("Alpine", "C", 74, 189),
          ("Inyo", "A", 5, 168), ("Inyo", "B", 66, 166), ("Inyo", "C", 55, 181),
          ("Mono", "A", 49, 124), ("Mono", "B", 71, 178), ("Mono", "C", 84, 212)]  # fmt: skip
COUNTY_BY_SEX = [
    (county, race, sex, x // 2 + (sex == "M") * (x % 2), n // 2 + (sex == "M") * (n % 2))
    for (county, race, x, n), sex in product(COUNTY, "FM")
]
CROSSED = [("A", "F", 4, 30), ("A", "M", 40, 90), ("B", "F", 20, 35), ("B", "M", 50, 90),
           ("C", "F", 60, 120), ("C", "M", 70, 150)]  # fmt: skip
TWINS = [("r0", 0, 6, 30), ("r0", 1, 0, 50), ("r1", 0, 15, 40), ("r1", 1, 30, 60),
         ("r2", 0, 0, 0), ("r2", 1, 30, 75)]  # fmt: skip
INSIDE = [("r0", 0, 2, 50), ("r0", 1, 4, 40), ("r1", 0, 2, 140), ("r1", 1, 18, 60),
          ("r2", 0, 0, 25), ("r2", 1, 30, 75), ("r3", 0, 100, 250),
          ("r3", 1, 100, 250)]  # fmt: skip
STAGES = [("A", 5, 2, 400), ("B", 30, 15, 300), ("C", 60, 30, 250), ("D", 70, 33, 260)]
OUTCOMES = [("A", 100, 80, 20, 200), ("B", 150, 140, 10, 300), ("C", 120, 110, 20, 250),
            ("D", 120, 110, 30, 260)]  # fmt: skip
THREE = [("r1", 0, 0, 0, 0), ("r4", 0, 0, 0, 0), ("r0", 10, 11, 0, 12), ("r2", 0, 0, 3, 11),
         ("r3", 6, 3, 4, 15)]  # fmt: skip
STATE = [("c0", "r0", 18, 33), ("c0", "r1", 65, 115), ("c0", "r2", 7, 23), ("c1", "r0", 0, 111),
         ("c1", "r1", 7, 11), ("c1", "r2", 12, 44), ("c2", "r0", 11, 21), ("c2", "r1", 1, 1),
         ("c2", "r2", 11, 22)]  # fmt: skip
MONEY = [("A", [90_000.0]), ("B", np.arange(100.0, 112)), ("C", np.arange(200.0))]


def _money() -> People:
    cells = pd.DataFrame({
        "race": [race for race, _ in MONEY],
        "values": [list(found) for _, found in MONEY],
        "n": [len(found) for _, found in MONEY],
    })  # fmt: skip
    return People(cells, {"race": ["A", "B", "C"]}, indicators=(), kind="mean")


FLAGS = View(["race"], options={"cross": 2}, door="records")
PARTS = View(["race", "sex", "race*sex"])
STANDARD_ERRORS = View(["race"], options={"se": "se"}, door="estimates")
SAMPLES = View(["race"], options={"n": "sample"}, door="estimates")
SMALL = [("c0", "r0", 0, 37), ("c0", "r1", 1, 2), ("c1", "r0", 19, 61), ("c1", "r1", 53, 86)]

# Case, and what the tables told in version f2b1327: (segment, quantity, values).
KNOWN: Mapping[str, tuple[Case, tuple[str, str, tuple[float, ...]]]] = {
    "two tables that add up to one State": (
        _case(_people("county race sex", COUNTY_BY_SEX),
              Step(View(["race"], ["county"])), Step(View(["race"], ["sex"]), told=(0,))),
        ("Inyo A", "events", (5,)),
    ),
    "a margin, then its crossing": (
        _case(_people("race sex", CROSSED), Step(View(["race"])),
              Step(View(["race*sex"]), told=(0,))),
        ("A × F", "events", (4,)),
    ),
    "weights that a census gives": (
        _case(_people("race", [("A", 4, 40), ("B", 23, 55), ("C", 150, 300), ("D", 210, 400)],
                      weights={"A": 43.35, "B": 52.95, "C": 70.05, "D": 75.55}),
              Step(View(["race"], door="records"))),
        ("A", "events", (4,)),
    ),
    "the variance behind a total's interval": (
        _case(_people("race", [("A", 7, 90, 9), ("B", 60, 140, 9), ("C", 300, 500, 9),
                               ("D", 420, 700, 9)], "x n sample"),
              Step(STANDARD_ERRORS), estimates=True),
        ("A", "events", (7,)),
    ),
    "samples of a few": (
        _case(_people("race", [("A", 1500, 5000, 4), ("B", 2400, 6000, 3),
                               ("C", 45_000, 90_000, 200)], "x n sample"),
              Step(SAMPLES), estimates=True),
        ("A", "sample size", (1, 2, 3, 4, 5, 6)),
    ),
    "the same table under another rule": (
        _case(_people("race", [("A", 4, 48), ("B", 30, 50), ("C", 85, 95), ("D", 60, 130),
                               ("E", 70, 140)]),
              Step(View(["race"])), Step(View(["race"]), options={"minimum": 2})),
        ("A", "events", (4,)),
    ),
    "a State's sums and a census": (
        _case(_people("county race", SMALL), Step(View(["race"])),
              Step(View(["race"], ["county"]), beside=(0,), options={"sums_over": ["county"]}),
              options={"zeros": "hide"}),
        ("c1 r1", "events", (52, 53, 54)),
    ),
    "a group wholly inside a flag": (
        _case(_people("race fa", TWINS, flags=["fa"]), Step(FLAGS)),
        ("r2", "events", (30,)),
    ),
    "a part is at most its group": (
        _case(_people("race fa", INSIDE, flags=["fa"]), Step(FLAGS)),
        ("r0", "events", (2, 3, 4, 5, 6)),
    ),
    "parts of one table": (
        _case(_people("race sex", CROSSED),
              *(Step(PARTS, part={"dimension": name}) for name in ("race", "sex", "race*sex"))),
        ("A × F", "events", (4,)),
    ),
    "a magnitude of one": (
        _case(_money(), Step(View(["race"], door="magnitudes")), goal=tu.Goal.at_least(50)),
        ("All", "largest", ()),
    ),
    "stages of one path": (
        _case(_people("race", STAGES, "first later n", indicators=("first", "later"),
                      cohorts={"later": "first"}),
              Step(View(["race"])), options={"same_people": {"first": "later"}},
              chain={"first": "later"}),
        ("A", "events", (5,)),
    ),
    "outcomes that make up a cohort": (
        _case(_people("race", OUTCOMES, "first second third n",
                      indicators=("first", "second", "third")),
              Step(View(["race"])), options={"adds_to": ["first", "second", "third"]},
              adds_up=["first", "second", "third"]),
        ("B", "events", (10,)),
    ),
    "indicators of the same people": (
        _case(_people("race", THREE, "i0 i1 i2 n", indicators=("i0", "i1", "i2"), kind="rate"),
              Step(View(["race"])), goal=tu.Goal.at_least(0.5, per=1)),
        ("r3", "people", (15,)),
    ),
    "counties, then the State": (
        _case(_people("county race", STATE), Step(View(["race"], ["county"])),
              Step(View(["race"]), told=(0,)), options={"minimum": 5}),
        ("c1 r1", "people without the event", (3, 4)),
    ),
}  # fmt: skip
