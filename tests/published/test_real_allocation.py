"""A thousand places over the 58 counties of California: one at a time, in fractions, as a heap."""

from __future__ import annotations

import heapq
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import targeted_universalism as tu

GOAL = Fraction(9, 10)
GROUPS = {
    "RA": "Asian", "RB": "African American", "RF": "Filipino", "RH": "Hispanic or Latino",
    "RI": "American Indian", "RP": "Pacific Islander", "RT": "Two or more", "RW": "White",
}  # fmt: skip
COSTS = {"African American": 900, "American Indian": 1_100}
RULES = ["proportional", "maximin", "most people"]


@pytest.fixture(scope="module")
def cohorts(shared: Path) -> pd.DataFrame:
    """Students who should have graduated in 2021, by county and group; 0 stands for 1 to 10."""
    rows = pd.read_csv(
        shared / "data" / "ca_acgr_county_2017_2022.csv", encoding="utf-8-sig",
    )  # fmt: skip
    rows = rows[(rows["AcademicYear"] == "2020-21") & rows["ReportingCategory"].isin(GROUPS)]
    n = rows["CohortStudents"]
    return pd.DataFrame({
        "county": rows["CountyName"], "group": rows["ReportingCategory"].map(GROUPS), "n": n,
        "x": (n * rows["Graduation Rate (%)"]).round().astype(int),
    })  # fmt: skip


def assessed(rows: pd.DataFrame, **options: Any) -> tu.Assessment:
    s = tu.from_counts(
        rows, numerator="x", denominator="n", segments="group", by="county", **options
    )
    return tu.assess(s, tu.Goal.at_least(0.9, name="Graduate in four years"))


@pytest.fixture(scope="module")
def shown(cohorts: pd.DataFrame) -> tu.Assessment:
    """The cohorts that are shown; hidden ones have no row and take no part."""
    return assessed(cohorts[cohorts["n"] > 0])


def heap(table: pd.DataFrame, amount: int, rule: str, costs: dict[str, int]) -> list[int]:
    """Reach one student after another, whichever is first in a heap of all counties' groups."""
    cells = [
        (int(x), int(n), costs.get(str(g), 700) if costs else 1)
        for x, n, g in table[["events", "population", "segment"]].itertuples(index=False)
    ]
    needed = [max(0, -int((x - GOAL * n) // 1)) for x, n, _ in cells]
    reached, left = [0] * len(cells), amount

    def place(i: int) -> tuple[Any, ...]:
        x, n, cost = cells[i]
        gap = GOAL - Fraction(x + reached[i], n)
        webster = Fraction(2 * reached[i] + 1, 2 * needed[i])
        return {"proportional": (webster,), "maximin": (-gap,), "most people": (cost, -gap)}[rule]

    queue = [(place(i), i) for i, need in enumerate(needed) if need]
    heapq.heapify(queue)
    while queue:
        _, i = heapq.heappop(queue)
        if cells[i][2] <= left:
            reached[i] += 1
            left -= cells[i][2]
            if reached[i] < needed[i]:
                heapq.heappush(queue, (place(i), i))
    return reached


def of_groups(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of groups that are there, in the order of the table."""
    return table[(table["segment"] != "All") & table["needed"].notna()].reset_index(drop=True)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("amount", "costs"), [(1_000, {}), (1_000_000, COSTS)])
def test_places_and_money_are_shared_out_as_one_at_a_time(
    shown: tu.Assessment, rule: str, amount: int, costs: dict[str, int]
) -> None:
    money: dict[str, Any] = {"cost": costs, "default_cost": 700} if costs else {}
    found = of_groups(shown.allocate(amount, rule=rule, pool=True, **money))
    wanted = heap(of_groups(shown.table), amount, rule, costs)
    assert found["awarded"].tolist() == wanted
    spent = sum(
        people * (costs.get(str(g), 700) if costs else 1)
        for people, g in zip(wanted, found["segment"], strict=True)
    )
    assert (found["unspent"] == amount - spent).all()


def test_what_differs_between_the_rules(shown: tu.Assessment) -> None:
    """Proportional spreads places over most counties; maximin lifts a few groups to one level."""
    found = of_groups(shown.allocate(1_000, rule=RULES, pool=True))
    by_rule = {rule: found[found["rule"] == rule] for rule in RULES}
    counties = {
        rule: rows[rows["awarded"] > 0]["county"].nunique() for rule, rows in by_rule.items()
    }
    worst = {rule: rows["worst_rate_after"].min() for rule, rows in by_rule.items()}
    assert found["county"].nunique() == 57  # Alpine shows no group
    assert all(rows["awarded"].sum() == 1_000 for rows in by_rule.values())
    assert counties["proportional"] == 42
    assert counties["maximin"] == 10
    assert worst["proportional"] < 0.01
    assert 0.59 < worst["maximin"] < 0.60
    # Where everybody costs the same no rule reaches more people, and this one is maximin.
    assert by_rule["most people"]["awarded"].tolist() == by_rule["maximin"]["awarded"].tolist()
    lifted = by_rule["maximin"][by_rule["maximin"]["awarded"] > 1]
    assert (lifted["rate_after"] - worst["maximin"]).max() < 0.15


def test_counties_that_hide_a_group_have_no_award_and_say_so(cohorts: pd.DataFrame) -> None:
    a = assessed(cohorts, suppressed={"n": {0: (1, 10)}})
    table = a.table
    hides = set(table[table["status"] == "suppressed"]["county"].astype(str)) - {""}
    found = a.allocate(1_000, rule="maximin", pool=True)
    here = found["county"].astype(str).isin(hides)
    assert len(hides) == 34
    assert found[here]["awarded"].isna().all()
    rated = here & found["rate_after"].isna() & (found["segment"] == "Hispanic or Latino")
    assert found[rated & found["needed"].notna()]["reason"].str.contains("suppressed segment").all()
    assert found[found["segment"] == "All"]["awarded"].sum() == 1_000
    # What the hidden counts allow is told for every county.
    ends = found[(found["segment"] == "All") & here][["awarded_low", "awarded_high"]]
    assert ends.notna().all().all()
