"""The tables of time and of plans, attacked with what is public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import cases
import numpy as np
import pandas as pd
import pytest
import time_tables
from time_tables import Asked, Published
from worlds import People, View

import targeted_universalism as tu

ROUND = 20  # panels of one long test
QUICK = 1


def faults(case: cases.Case, public: Any, tables: Sequence[Asked]) -> list[str]:
    """Name what tables tell that the public table they were asked of does not."""
    return [
        *time_tables.unexplained(public, case.goal, tables),
        *narrowed(case, public, tables),
    ]


def narrowed(case: cases.Case, public: Any, tables: Sequence[Asked]) -> list[str]:
    world, release = case.people.world(**case.meanings), cases.read(case, public)
    known = Published(public.table, case.goal)
    return time_tables.narrowed(world, release, known, tables)


def held(numbers: range) -> None:
    """Publish panels, ask for every table, and fail with all that is told."""
    told, hidden = [], 0
    for number in numbers:
        case = time_tables.panel(np.random.default_rng([14, number]))
        for public in cases.published(case).public:
            tables = time_tables.asked(public, case.goal)
            told += [f"{number}: {fault}" for fault in faults(case, public, tables)]
            hidden += int((public.table["status"] == "suppressed").sum())
    assert not told, "\n".join([f"{len(told)}", *told[:60]])
    assert hidden, "nothing to attack"


def test_no_table_of_time_tells_more_than_is_published() -> None:
    held(range(QUICK))


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, 200, ROUND))
def test_no_table_of_time_tells_more_in_200_panels(first: int) -> None:
    held(range(first, first + ROUND))


# --- the attacker finds what is told, if it is ----------------------------------------------------

# In the last year A and B are hidden; together 68 of their 266 people have graduated.
ROWS = [
    ("2020", 20, 200, 40, 66), ("2021", 22, 200, 45, 66), ("2022", 10, 200, 58, 66),
]  # fmt: skip
MORE = [("C", 600, 1000), ("D", 700, 900)]


@cache
def of_groups(goal: tu.Goal) -> cases.Case:
    """Publish three years of four groups."""
    rows = [(year, "A", xa, na) for year, xa, na, _, _ in ROWS]
    rows += [(year, "B", xb, nb) for year, _, _, xb, nb in ROWS]
    rows += [(row[0], *more) for row in ROWS for more in MORE]
    cells = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    people = People(cells, {"race": list("ABCD"), "year": list(time_tables.YEARS)})
    return cases.Case(people, [cases.Step(View(["race"], ["year"]))], goal, {"minimum": 11})


@cache
def asked(case: cases.Case) -> tuple[Any, list[Asked], list[Asked]]:
    """Publish a case, and ask for every table of it, and of what was there before hiding."""
    found = cases.published(case)
    (public,), (confidential,) = found.public, found.confidential
    return public, *(time_tables.asked(one, case.goal) for one in (public, confidential))


def mutated(case: cases.Case, what: str, columns: Sequence[str]) -> tuple[Any, list[Asked]]:
    """Ask a public assessment, but some columns of what was there before anything was hidden."""
    public, after, before = asked(case)
    tables = list(after)
    for i, (one, other) in enumerate(zip(tables, before, strict=True)):
        if one.what == what and columns:
            table = one.table.astype(object)
            table[list(columns)] = other.table.astype(object)[list(columns)]
            tables[i] = replace(one, table=table)
        elif one.what == what:
            tables[i] = other
    return public, tables


LOW = tu.Goal.at_least(0.04, deadline=2030)  # everybody is there
TENTH = tu.Goal.at_least(0.1, deadline=2030)
HALF = tu.Goal.at_least(0.5, deadline=2030)


@pytest.mark.parametrize(
    ("what", "columns", "goal"),
    [
        ("progress", ["change"], HALF), ("progress", ["pace_so_far"], HALF),
        ("progress", ["projected_time"], HALF), ("progress", ["probability"], HALF),
        ("progress", ["leveling_down"], HALF), ("progress", ["masked_shortfall"], LOW),
        ("progress", ["latest_rate"], HALF), ("milestones", ["milestone"], HALF),
        ("gap_trends", ["difference_change"], HALF), ("gap_trends", ["trend"], HALF),
        ("candidates", ["value"], HALF), ("scorecard", ["gap"], HALF),
        ("scorecard", ["symbol"], HALF), ("check", [], TENTH), ("coverage", [], TENTH),
    ],
)  # fmt: skip
def test_a_column_computed_before_hiding_is_found(
    what: str, columns: list[str], goal: tu.Goal
) -> None:
    case = of_groups(goal)
    public, tables = mutated(case, what, columns)
    assert time_tables.unexplained(public, goal, tables)


@pytest.mark.parametrize(
    ("what", "columns", "goal"),
    [
        ("progress", ["masked_shortfall"], LOW), ("candidates", ["value"], HALF),
        ("check", [], TENTH), ("coverage", [], TENTH),
    ],
)  # fmt: skip
def test_what_is_told_narrows_what_is_hidden(what: str, columns: list[str], goal: tu.Goal) -> None:
    case = of_groups(goal)
    public, tables = mutated(case, what, columns)
    assert narrowed(case, public, tables)
