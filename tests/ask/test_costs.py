"""Costs by segment: one for everybody, by label, the default; what cannot be meant is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from make import HALF, counts
from targeted_universalism.ask.costs import by_segment, unit_costs

ROWS = [("Black", "Female", 30, 90), ("Black", "Male", 20, 80), ("White", "Female", 50, 90)]


def answer() -> Any:
    rows = pd.DataFrame([*ROWS, (None, "Male", 3, 9)], columns=["race", "sex", "x", "n"])
    return tu.assess(counts(rows, segments=["race", "sex"]), HALF)._answer


def costs(cost: Any = None, default_cost: Any = None) -> dict[str, float]:
    found = answer()
    made = unit_costs(found, cost, default_cost)
    return {k: v for k, v in zip(found.labels, made.tolist(), strict=True) if not np.isnan(v)}


def test_one_cost_is_everybodys() -> None:
    assert set(costs(700)) == {"All", "Black", "White", "Unknown", "Female", "Male"}
    assert set(costs(Decimal("700.10")).values()) == {700.1} == set(costs(None, 700.1).values())
    assert costs() == {} == costs({})


def test_named_segments_have_their_own_cost_and_the_others_the_default() -> None:
    assert costs({"Black": 900}, 700) == {
        "All": 700, "Black": 900, "White": 700, "Unknown": 700, "Female": 700, "Male": 700,
    }  # fmt: skip
    both = {"Black": 900, "White": Fraction(1401, 2)}
    assert costs(both) == {"Black": 900, "White": 700.5}
    assert costs(pd.Series(both)) == costs(both)


def test_labels_are_matched_as_they_read() -> None:
    assert costs({" Black\u00a0": 9, "White": np.int64(8), "All": 7, "Unknown": np.float32(6)}) == {
        "Black": 9, "White": 8, "All": 7, "Unknown": 6,
    }  # fmt: skip
    numbers = pd.DataFrame({"race": [1, 2], "x": [1, 2], "n": [4, 4]})
    made = unit_costs(tu.assess(counts(numbers), HALF)._answer, {1.0: 5, 2: 6}, None)
    assert made[1:].tolist() == [5, 6]


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        ({"Blck": 900}, "names 'Blck', which is no segment. Did you mean 'Black'?"),
        ({"Black": 900}, "some segments of 'race' and not 'White'"),
        ({"Black": 900, " Black": 800}, "names 'Black' twice"),
        ({"Black": float("nan"), "White": 1}, "cost['Black']=nan must be a number above 0"),
        ({"Black": 0, "White": 1}, "nobody is reached for nothing"),
        ({"Black": -1, "White": 1}, "cost['Black']=-1 must be a number above 0"),
        ({"Black": None, "White": 1}, "cost['Black']=None must be a number above 0"),
        ({"Black": True, "White": 1}, "cost['Black']=True must be a number above 0"),
        ({"Black": 10**400, "White": 1}, "must be a number above 0"),
        (0, "cost=0 must be a number above 0"),
        (float("inf"), "cost=inf must be a number above 0"),
        (Decimal("sNaN"), "cost=Decimal('sNaN') must be a number above 0"),
        ("700", "cost='700' must be a number above 0: one cost for everybody, or a mapping"),
        ([700, 900], "a mapping of segment to cost"),
    ],
)
def test_what_cannot_be_a_cost_is_refused(cost: Any, words: str) -> None:
    with pytest.raises(tu.InputError) as error:
        costs(cost)
    assert words in str(error.value)


@pytest.mark.parametrize("default", [0, float("nan"), -5, "700", None, False])
def test_a_default_is_a_cost_too(default: Any) -> None:
    with pytest.raises(tu.InputError, match="default_cost=" if default is not None else "White"):
        costs({"Black": 900}, default)


def test_a_number_leaves_nobody_for_a_default() -> None:
    with pytest.raises(tu.InputError, match="leaves nobody for default_cost="):
        costs(700, 900)


def test_other_money_may_be_nothing() -> None:
    assert by_segment(answer(), "money", {"Black": 0, "White": 5}, zero=True)["Black"] == 0
    with pytest.raises(tu.InputError, match=r"money\['Black'\]=-1 must be a number 0 or more\."):
        by_segment(answer(), "money", {"Black": -1}, zero=True)
