"""Leaks that were found by hand: the attacker finds them, and they are closed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attacker
import cases
import pandas as pd
import pytest
from known import KNOWN

import targeted_universalism as tu

# What version f2b1327 published of the cases of known.py.
UNSAFE = json.loads((Path(__file__).parent / "known.json").read_text(encoding="utf-8"))


def published(name: str) -> list[Any]:
    """Read the tables that were published of a case, as they were."""
    return [
        SimpleNamespace(
            table=pd.DataFrame(one["rows"], columns=one["columns"]).assign(per=1.0),
            choices={"kind": one["kind"], "suppression": one["suppression"]},
        )
        for one in UNSAFE[name]
    ]


def told(name: str) -> list[Any]:
    """Attack the tables that were published of a case."""
    case = KNOWN[name][0]
    world = case.people.world(**case.meanings)
    public = published(name)
    releases = [cases.read(case, one) for one in public]
    further = [
        leak
        for one, release in zip(public, releases, strict=True)
        for leak in cases.further(case, world, release, one)
    ]
    return attacker.attacked(world, releases) + further


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "a magnitude of one"])
def test_the_attacker_finds_what_was_found_by_hand(name: str) -> None:
    segment, quantity, values = KNOWN[name][1]
    assert [
        leak
        for leak in told(name)
        if (" ".join(leak.where).replace(" race ", " ").endswith(segment), leak.quantity)
        == (True, quantity)
        and leak.values == values
    ]


def test_the_attacker_finds_the_largest_of_a_magnitude() -> None:
    # 90,000 dollars of one person, and 12 people of 100 to 111: Q over the sum, and the root of Q
    assert any("88753 to 90000.7" in str(leak) for leak in told("a magnitude of one"))


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_found_by_hand_is_closed(name: str) -> None:
    found = cases.tried(KNOWN[name][0])
    assert not found.fault, found


FIRST = KNOWN["the same table under another rule"][0]


def again(cells: pd.DataFrame, numerator: str = "x", indicator: str | None = None) -> Any:
    """Publish a table, and another one that knows nothing of it, under a smaller minimum."""
    first = FIRST.steps[0].view.assessed(FIRST.people, FIRST.goal)
    goal = {"grad": FIRST.goal} if indicator else FIRST.goal
    other = tu.assess(
        tu.from_counts(
            cells, numerator=numerator, denominator="n", segments="race", indicator=indicator
        ),
        goal,
    )
    return [first.suppress(), other.suppress(2)], [first, other]


def told_of_a(public: list[Any], confidential: list[Any]) -> bool:
    """Say whether the audit fails the events of A in the first table."""
    audit = tu.audit(*public, census=confidential)
    found = audit[(audit["segment"] == "A") & (audit["quantity"] == "events")]
    return not found["passes"].any()


def test_a_revised_cell_does_not_untie_the_others() -> None:
    cells = FIRST.people.cells
    public, confidential = again(cells.assign(x=cells["x"] + (cells["race"] == "E")))
    leaks = attacker.attacked(FIRST.people.world(), [attacker.release(one) for one in public])
    assert {leak.where[-1] for leak in leaks} == {"A", "C"}
    assert told_of_a(public, confidential)


def test_an_event_that_is_turned_round_is_the_same_event() -> None:
    cells = FIRST.people.cells
    cells = cells.assign(y=cells["n"] - cells["x"])
    public, confidential = again(cells, "y")
    world = replace(FIRST.people, cells=cells).world(turned={"x": "y"})
    releases = [
        attacker.release(one, indicator=name) for one, name in zip(public, "xy", strict=True)
    ]
    assert {leak.where[-1] for leak in attacker.attacked(world, releases)} == {"A", "C"}
    assert told_of_a(public, confidential)


def test_an_indicator_that_one_table_names_is_the_same_one() -> None:
    public, confidential = again(FIRST.people.cells.assign(what="grad"), indicator="what")
    releases = [attacker.release(public[0], indicator="x"), attacker.release(public[1])]
    named = [replace(one, rows=tuple(replace(r, indicator="x") for r in one.rows))
             for one in releases]  # fmt: skip
    leaks = attacker.attacked(FIRST.people.world(), named)
    assert {leak.where[-1] for leak in leaks} == {"A", "C"}
    assert told_of_a(public, confidential)
