"""Flags of published rates: judged by what was published, never by what was not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import targeted_universalism as tu


def flagged(goal: tu.Goal, **columns: Any) -> tuple[str, str]:
    """Flag and reason of one published rate."""
    options = {
        name: columns.pop(name) for name in ("kind", "per", "ci", "se", "n") if name in columns
    }
    options = {name: value for name, value in options.items() if value is not None}
    people = {"population": "pop"} if "pop" in columns else {}
    data = pd.DataFrame({"g": ["a"], **{name: [value] for name, value in columns.items()}})
    made = tu.from_estimates(data, estimate="r", segments="g", **options, **people)
    found = tu.assess(made, goal).table.iloc[1]
    return found["flag"], found["reason"]


@pytest.mark.parametrize(
    ("low", "high", "flag"),
    [(4.0, 12.5, "unreliable"), (2.2, 10.15, "ok"), (2.3, 10.4, "unreliable")],
)
def test_a_published_interval_is_judged_by_its_own_width(
    low: float, high: float, flag: str
) -> None:
    goal = tu.Goal.at_most(3, per=1000)
    found, _ = flagged(
        goal, r=5.0, lo=low, hi=high, pop=2000.0, kind="rate", per=1000, ci=("lo", "hi")
    )
    assert found == flag


def test_fewer_than_ten_implied_events_are_unreliable_however_narrow() -> None:
    goal = tu.Goal.at_most(3, per=1000)
    assert flagged(goal, r=4.5, s=0.1, pop=2000.0, kind="rate", per=1000, se="s")[0] == "unreliable"
    assert flagged(goal, r=5.0, s=0.1, pop=2000.0, kind="rate", per=1000, se="s")[0] == "ok"


def test_a_population_is_no_sample_size() -> None:
    goal = tu.Goal.at_least(90, per=100)
    flag, reason = flagged(goal, r=80.0, pop=500_000.0, kind="proportion", per=100)
    assert flag == "ok"
    assert "reliability not assessed" in reason


def test_a_population_below_thirty_is_too_few_for_any_sample() -> None:
    goal = tu.Goal.at_least(90, per=100)
    flag, reason = flagged(goal, r=80.0, pop=29.0, kind="proportion", per=100)
    assert flag == "unreliable"
    assert "not assessed" not in reason


@pytest.mark.parametrize(("n", "flag"), [(29.0, "unreliable"), (400.0, "ok")])
def test_a_sample_size_is_judged_as_a_count(n: float, flag: str) -> None:
    goal = tu.Goal.at_least(90, per=100)
    found, _ = flagged(goal, r=80.0, size=n, kind="proportion", per=100, n="size")
    assert found == flag


def test_a_roll_up_is_not_blamed_for_the_total_of_one_stratum() -> None:
    data = pd.DataFrame(
        {
            "c": [1, 1, 1, 2, 2, 2], "g": ["T", "a", "b"] * 2,
            "r": [9.0, 1.0, 2.0, 2.5, 2.0, 3.0], "pop": [20.0, 10, 10, 2000, 1000, 1000],
        }
    )  # fmt: skip
    made = tu.from_estimates(
        data, estimate="r", segments="g", kind="rate", per=1000, population="pop", total="T", by="c"
    )
    table = tu.assess(made, tu.Goal.at_most(3, per=1000), rollup=True).table
    totals = table[table["dimension"] == "total"]["reason"]
    outside = totals.str.contains("declared total outside the range of its segments")
    assert outside.tolist() == [True, False, False]
