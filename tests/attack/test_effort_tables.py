"""The tables of effort, allocations, spending and joint intervals, attacked with what is public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import cases
import effort_tables
import numpy as np
import pandas as pd
import pytest
from effort_tables import Asked
from known import KNOWN
from worlds import People, View

import targeted_universalism as tu
from make import some_of

ROUND = 20  # tables of one long test
QUICK = 1
HALF = tu.Goal.at_least(0.5)


def faults(case: cases.Case, public: Any, tables: Sequence[Asked]) -> list[str]:
    """Name what tables tell that the public table they were asked of does not."""
    world, release = case.people.world(**case.meanings), cases.read(case, public)
    found = effort_tables.unexplained(public, tables) + effort_tables.beside_hidden(public, tables)
    found += effort_tables.narrowed(world, release, case.goal, tables)
    release, leaks = effort_tables.joint_leaks(world, release, tables)
    return [*found, *map(str, leaks), *map(str, cases.further(case, world, release, public))]


def flags(case: cases.Case) -> list[str]:
    """Name the dimension of a case whose segments overlap."""
    return ["prog"] * bool(case.people.flags)


def held(family: str, numbers: range) -> None:
    """Publish cases, ask for every table, and fail with all that is told."""
    told, tables = [], 0
    for number in numbers:
        case, found = cases.released(family, number)
        for public in found.public:
            asked = effort_tables.asked(public, flags(case))
            told += [f"{number}: {fault}" for fault in faults(case, public, asked)]
            tables += len(asked)
    assert not told, "\n".join([f"{len(told)} in {family}", *told])
    assert tables, "nothing to attack"


# Each release of several is asked by itself: two of them stand for three.
SINGLE = [name for name in cases.FAMILIES if name not in ("three_releases", "untold_releases")]


@pytest.mark.parametrize("family", some_of(cases.FAMILIES, *SINGLE))
def test_no_table_of_effort_tells_more_than_is_published(family: str) -> None:
    held(family, range(QUICK))


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, 200, ROUND))
@pytest.mark.parametrize("family", cases.FAMILIES)
def test_no_table_of_effort_tells_more_in_200_tables(family: str, first: int) -> None:
    held(family, range(first, first + ROUND))


# --- the attacker finds what is told, if it is ----------------------------------------------------

# A has few graduates and B few others: both are hidden, and 68 of both together have graduated.
# At a goal of half, all that A needs is 100 less its graduates; B needs somebody below 33 of them.
HIDDEN = [("A", 10, 200), ("B", 58, 66)]


def of_groups(*rows: tuple[str, int, int]) -> cases.Case:
    """Publish one table of groups, A and B and more."""
    cells = pd.DataFrame([*HIDDEN, *rows], columns=["race", "x", "n"])
    people = People(cells, {"race": list(cells["race"])})
    return cases.Case(people, [cases.Step(View(["race"]))], HALF, {"minimum": 11})


WAITING = of_groups(("C", 60, 130), ("D", 70, 140), ("E", 40, 100))
AT_THE_GOAL = of_groups(("C", 800, 1000), ("D", 700, 800))  # a sum of needs with a narrow range


@cache
def asked(case: cases.Case) -> tuple[Any, list[Asked], list[Asked]]:
    """Publish a case, and ask for every table of it, and of what was there before hiding."""
    found = cases.published(case)
    (public,), (confidential,) = found.public, found.confidential
    return public, *(effort_tables.asked(one, flags(case)) for one in (public, confidential))


def mutated(
    case: cases.Case, what: str, columns: Sequence[str], **only: Any
) -> tuple[Any, list[Asked]]:
    """Ask a public assessment, but some columns of what was there before anything was hidden.

    Parameters
    ----------
    what : str
        The question whose columns are computed before hiding; hidden rows stay empty.
    only
        Values of the columns of the table whose rows are asked, the others are left empty.
    """
    public, after, before = asked(case)
    tables = list(after)
    rows = effort_tables.shown(public).lines
    hidden = {place for place, _, line in rows if line["status"] == "suppressed"}
    for i, (one, other) in enumerate(zip(tables, before, strict=True)):
        if one.what == what:
            asked_of = np.array([place not in hidden for place, _, _ in one.lines])
            for name, value in only.items():
                asked_of &= (one.table[name] == value).to_numpy()
            table = one.table.astype(object)
            for name in columns:
                table.loc[asked_of, name] = other.table.astype(object).loc[asked_of, name]
            tables[i] = replace(one, table=table)
    return public, tables


def narrowed(case: cases.Case, public: Any, tables: Sequence[Asked]) -> list[str]:
    """Attack a case by its sums alone."""
    world, release = case.people.world(**case.meanings), cases.read(case, public)
    return effort_tables.narrowed(world, release, case.goal, tables)


@pytest.mark.parametrize(
    ("what", "column"),
    [
        ("effort", "dimension_needed"), ("effort", "dimension_cost"), ("effort", "effort_share"),
        ("effort", "effort_index"), ("spending", "effort_share"), ("allocate", "awarded"),
        ("allocate", "spent"), ("allocate", "rate_after"), ("allocate", "gap_after"),
        ("allocate", "gap_closed"), ("allocate", "needed_after"), ("allocate", "unspent"),
        ("allocate", "worst_rate_after"),
    ],
)  # fmt: skip
def test_a_column_computed_before_hiding_is_found(what: str, column: str) -> None:
    public, tables = mutated(WAITING, what, [column])
    assert effort_tables.beside_hidden(public, tables)
    assert narrowed(WAITING, public, tables)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("what", ["needed", "cost"])
def test_the_range_of_a_sum_computed_before_hiding_is_found(what: str, end: str) -> None:
    public, tables = mutated(AT_THE_GOAL, "effort", [f"dimension_{what}_{end}"])
    assert effort_tables.beside_hidden(public, tables)
    assert narrowed(AT_THE_GOAL, public, tables)


@pytest.mark.parametrize("rule", effort_tables.RULES)
def test_awards_of_each_rule_computed_before_hiding_are_found(rule: str) -> None:
    public, tables = mutated(WAITING, "allocate", ["awarded"], rule=rule)
    assert narrowed(WAITING, public, tables)


def test_a_share_of_people_tells_how_many_are_hidden() -> None:
    """Where the total's people are not known, a share gives those of all groups together."""
    public, tables = mutated(WAITING, "spending", ["population_share"])
    assert effort_tables.beside_hidden(public, tables)
    board = effort_tables.Board(
        effort_tables.Attack(WAITING.people.world(), [cases.read(WAITING, public)], census=False),
        HALF,
    )
    board.read(tables)
    assert board.said == 3  # C, D and E have 130, 140 and 100 of 636
    assert {round(high) for _, _, high in board.attack.program.sums[-3:]} == {636}


def test_what_a_pool_gives_to_counties_without_a_hidden_group_tells_of_the_others() -> None:
    rows = [("c0", *row) for row in HIDDEN] + [("c0", "C", 60, 130), ("c1", "A", 30, 100),
            ("c1", "B", 70, 120), ("c1", "C", 40, 90)]  # fmt: skip
    cells = pd.DataFrame(rows, columns=["county", "race", "x", "n"])
    people = People(cells, {"county": ["c0", "c1"], "race": ["A", "B", "C"]})
    case = cases.Case(people, [cases.Step(View(["race"], ["county"]))], HALF, {"minimum": 11})
    public, tables = mutated(case, "allocate", ["awarded", "unspent", "spent"], county="c1")
    assert not narrowed(case, public, tables)  # c0 may have been left out
    public, tables = mutated(case, "allocate", ["awarded", "unspent", "spent"])
    assert narrowed(case, public, tables)


@pytest.mark.parametrize(
    "name", ["weights that a census gives", "the variance behind a total's interval"]
)
def test_a_joint_interval_made_before_hiding_is_found(name: str) -> None:
    case = KNOWN[name][0]
    public, tables = mutated(case, "joint", ["rate", "ci_low", "ci_high"])
    world, release = case.people.world(**case.meanings), cases.read(case, public)
    (before,) = cases.published(case).confidential
    unrounded = before.table.astype(object).iloc[0]  # as the joint table's rate shows it to be
    names = ("population", "n", "events", "rate", "per")
    sums = {name: float(unrounded[name]) for name in names if pd.notna(unrounded[name])}
    total, *segments = release.rows
    release = replace(release, rows=(replace(total, shown=sums, unit=0), *segments))
    release, leaks = effort_tables.joint_leaks(world, release, tables)
    assert leaks + cases.further(case, world, release, public)
