"""The scorecard: the table's own numbers, each on its goal, and a symbol that the point decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import assessed, estimates, goals, groups, identical, plain, row_of

# 90 of 100 against 90 %: at the goal; 960 of 1,000 surely past it, 700 of 1,000 surely short.
MIXED = pd.DataFrame(
    [
        ("Inyo", "grad", "A", 960, 1000), ("Inyo", "grad", "B", 700, 1000),
        ("Inyo", "grad", "C", 90, 100), ("Inyo", "grad", "D", 89, 100),
        ("Inyo", "entries", "A", 2, 1000), ("Inyo", "entries", "B", 40, 1000),
        ("Inyo", "entries", "C", 0, 0), ("Inyo", "entries", "D", "*", 900),
        ("Mono", "grad", "A", 45, 50), ("Mono", "entries", "A", 3, 1000),
    ],
    columns=["county", "what", "race", "x", "n"],
)  # fmt: skip
GOALS = {
    "grad": tu.Goal.at_least(0.9, name="Graduate in four years"),
    "entries": tu.Goal.at_most(5, per=1000, name="Entries into care"),
}


def mixed(**options: Any) -> tu.Assessment:
    return assessed(
        MIXED, GOALS, by="county", indicator="what", suppressed={"*": None},
        kind={"grad": "proportion", "entries": "rate"}, total=(), **options,
    )  # fmt: skip


def test_each_row_has_the_goal_and_the_unit_of_its_indicator() -> None:
    found, table = mixed().scorecard(), mixed().table
    assert found.columns.tolist() == [
        "county", "indicator", "dimension", "segment", "status", "symbol", "rate", "goal", "per",
        "gap", "reason",
    ]  # fmt: skip
    identical(found.drop(columns="symbol"), table[found.columns.drop("symbol")])
    of_grad = found["indicator"] == "grad"
    assert set(map(tuple, found[of_grad][["goal", "per"]].to_numpy())) == {(0.9, 1)}
    assert set(map(tuple, found[~of_grad][["goal", "per"]].to_numpy())) == {(5, 1000)}


@pytest.mark.parametrize(
    ("what", "race", "symbol"),
    [
        ("grad", "A", "✓"), ("grad", "B", "▲"), ("grad", "C", "~✓"), ("grad", "D", "~▲"),
        ("entries", "A", "~✓"), ("entries", "B", "▲"), ("entries", "C", "–"),
        ("entries", "D", "■"),
    ],
)  # fmt: skip
def test_the_symbol_says_the_status_and_what_the_point_says_of_a_doubt(
    what: str, race: str, symbol: str
) -> None:
    assert row_of(mixed().scorecard(), race, county="Inyo", indicator=what)["symbol"] == symbol


@given(rows=groups(60, 5), goal=goals, confidence=st.sampled_from([0.95, 0.5, None]))
def test_a_triangle_stands_wherever_there_is_way_to_go_and_nowhere_else(
    rows: list[tuple[str, int, int]], goal: tu.Goal, confidence: float | None
) -> None:
    found = assessed(rows, goal, confidence=confidence).scorecard()
    assert (found["symbol"].astype(str).str.contains("▲") == (found["gap"] > 0)).all()
    assert (found["symbol"].astype(str).str.contains("✓") == (found["gap"] <= 0)).all()
    doubt = found["symbol"].astype(str).str.startswith("~")
    assert (doubt == (found["status"] == "uncertain")).all()


@pytest.mark.parametrize("options", [{}, {"se": "se"}, {"n": "n"}])
def test_published_rates_have_the_same_symbols(options: dict[str, str]) -> None:
    data = {"race": list("AB"), "rate": [0.7, 0.95], "se": [0.01, np.nan], "n": [50, 60]}
    found = assessed(data, GOALS["grad"], make=estimates, **options).scorecard()
    assert (found["symbol"].astype(str).str.contains("▲") == (found["gap"] > 0)).all()
    assert found["symbol"].tolist()[1] == ("▲" if options else "~▲")
    assert found["symbol"].tolist()[2] == "~✓"


def test_rounded_counts_are_in_doubt_where_some_counts_are_short_and_some_are_not() -> None:
    found = assessed([("A", 90, 100), ("B", 20, 100)], GOALS["grad"], rounded=5).scorecard()
    assert found["symbol"].tolist()[1:] == ["~✓", "▲"]


def test_nobody_is_ranked_and_nothing_is_averaged() -> None:
    found, table = mixed(rollup=True).scorecard(), mixed(rollup=True).table
    keys = ["county", "indicator", "dimension", "segment"]
    identical(found[keys], table[keys])
    assert "■" in found["symbol"].tolist()


def test_a_public_scorecard_knows_what_is_public() -> None:
    public = mixed().suppress()
    found = public.scorecard()
    hidden = found["status"] == "suppressed"
    assert hidden.sum() > 1
    assert set(found[hidden]["symbol"]) == {"■"}
    assert found[hidden][["rate", "gap"]].isna().all().all()
    assert set(found[hidden]["goal"]) <= {0.9, 5}
    one = plain(public.where(county="Inyo").scorecard())
    identical(one, plain(found[found["county"] == "Inyo"]))
