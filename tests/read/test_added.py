"""Survey estimates that are added up: margins by the Census Bureau's formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import targeted_universalism as tu
from targeted_universalism.measures.margins import margin_of_ratio, margin_of_share, margin_of_sum

COLUMNS: dict[str, Any] = {
    "numerator": "x", "numerator_moe": "xm", "denominator": "n", "denominator_moe": "nm",
}  # fmt: skip


def one(*values: float) -> list[np.ndarray]:
    return [np.array([value]) for value in values]


def added(rows: list[tuple[Any, ...]], **said: Any) -> pd.DataFrame:
    data = pd.DataFrame(rows, columns=["tract", "race", "x", "xm", "n", "nm"])
    return tu.add_estimates(data, **{**COLUMNS, "by": "race", **said})


def test_the_handbook_s_examples() -> None:
    """US Census Bureau, Understanding and Using ACS Data (2018), ch. 8: three Virginia counties.

    Never-married females: 203,119 ± 5,070; among 630,498 ± 831 females 0.322 ± 0.008; for each of
    226,840 ± 5,556 males 0.895 ± 0.031. More digits by census-data-aggregator 0.0.8.
    """
    counts, moes = np.array([135173.0, 43104, 24842]), np.array([3860.0, 2642, 1957])
    [total] = margin_of_sum(counts, moes, np.zeros(3, dtype=np.int64), 1)
    assert total == pytest.approx(5070.4647715963865, rel=1e-12)
    share = margin_of_share(*one(203119, 5070, 630498, 831))
    assert share == pytest.approx(0.008030044578210322, rel=1e-12)
    ratio = margin_of_ratio(*one(203119, 5070, 226840, 5556))
    assert ratio == pytest.approx(0.031313726718299836, rel=1e-12)


def test_of_several_zeros_the_largest_margin_counts_once() -> None:
    """The Bureau's slides of 2016, as S. Kolenikov applies them: 27, where tidycensus has 39.7."""
    zeros, moes = np.zeros(4), np.array([27.0, 19, 22, 27])
    codes = np.zeros(4, dtype=np.int64)
    assert margin_of_sum(zeros, moes, codes, 1) == 27
    assert margin_of_sum(np.array([0, 60.0, 0]), np.array([13, 41, 17.0]), codes[:3], 1) == (
        pytest.approx(np.hypot(41, 17))
    )


def test_a_share_without_a_root_has_the_ratio_s_margin() -> None:
    share, ratio = (f(*one(379, 100, 400, 300)) for f in (margin_of_share, margin_of_ratio))
    assert share == ratio == pytest.approx(np.hypot(100, 379 / 400 * 300) / 400)
    assert margin_of_share(*one(0, 12, 400, 300)) == pytest.approx(12 / 400)


def test_margins_are_those_of_draws() -> None:
    """A share that hangs on no size of its whole, and two numbers apart, spread as is said."""
    rng = np.random.default_rng(5)
    share, whole = rng.normal(0.25, 0.008, 400_000), rng.normal(8_000, 110, 400_000)
    found = margin_of_share(*one(2_000, float(np.std(share * whole)), 8_000, 110))
    assert found == pytest.approx(0.008, rel=0.01)
    above, below = rng.normal(2_000, 60, 400_000), rng.normal(6_000, 90, 400_000)
    ratio = margin_of_ratio(*one(2_000, 60, 6_000, 90))
    assert ratio == pytest.approx(np.std(above / below), rel=0.01)


TRACTS = [
    (1, "Black", 402, 121, 1310, 214), (1, "White", 101, 58, 880, 152),
    (2, "Black", 520, 150, 1890, 260), (2, "White", 75, 49, 640, 130),
]  # fmt: skip


def test_rows_are_added_up_and_go_to_from_estimates() -> None:
    found = added(TRACTS, per=100)
    assert found["race"].tolist() == ["Black", "White"]
    assert found["events"].tolist() == [922, 176]
    assert found["population"].tolist() == [3200, 1520]
    assert found["estimate"].tolist() == pytest.approx([100 * 922 / 3200, 100 * 176 / 1520])
    assert found["events_moe"].tolist() == pytest.approx([np.hypot(121, 150), np.hypot(58, 49)])
    assert found["population_moe"].tolist() == pytest.approx(
        [np.hypot(214, 260), np.hypot(152, 130)]
    )
    p, top, bottom = 922 / 3200, np.hypot(121, 150), np.hypot(214, 260)
    by_hand = 100 * np.sqrt(top**2 - p**2 * bottom**2) / 3200
    assert found["moe"][0] == pytest.approx(by_hand)
    s = tu.from_estimates(
        found, estimate="estimate", moe="moe", population="population", segments="race",
        kind="proportion", per=100,
    )  # fmt: skip
    assert s.cells.stats["se"][1, 0] == pytest.approx(by_hand / 1.645)


def test_rates_beside_their_denominator_are_ratios() -> None:
    found = added([(1, "Black", 30, 6, 20, 4), (2, "Black", 10, 8, 20, 3)], kind="rate", per=1000)
    assert found["estimate"].tolist() == [1000.0]
    assert found["moe"][0] == pytest.approx(1000 * np.sqrt(10**2 + 5**2) / 40)
    with pytest.raises(tu.InputError, match=r"row 0 .*more 'x' than 'n'.*kind='rate'"):
        added([(1, "Black", 30, 6, 20, 4), (2, "Black", 30, 8, 20, 3)])


def test_the_survey_s_codes_are_no_numbers() -> None:
    controlled, unknown, absent = -555555555, -222222222, -666666666
    found = added(
        [
            (1, "Black", 40, controlled, 100, controlled), (2, "Black", 20, 6, 100, controlled),
            (1, "White", 40, unknown, 100, 8), (2, "White", 20, 6, 100, 6),
            (1, "Asian", absent, unknown, 100, 8), (2, "Asian", 20, 6, 100, 6),
        ]
    ).set_index("race")  # fmt: skip
    assert found.loc["Black", ["estimate", "moe", "population_moe"]].tolist() == [0.3, 0.03, 0]
    assert found.loc["White", "estimate"] == 0.3
    assert found.loc[["White", "Asian"], "moe"].isna().all()
    assert found.loc["Asian", ["estimate", "events"]].isna().all()
    assert found.loc["Asian", "population_moe"] == 10


def test_nobody_and_nothing() -> None:
    found = added([(1, "Black", 0, 12, 0, 12), (1, None, 1, 1, 9, 3)])
    assert np.isnan(found["estimate"][0])
    assert np.isnan(found["moe"][0])
    assert found["population"].tolist() == [0, 9]
    assert found["race"].isna().tolist() == [False, True]
    assert added([]).empty


def test_every_kind_of_frame_is_added_alike_and_never_changed() -> None:
    data = pl.DataFrame(TRACTS, schema=["tract", "race", "x", "xm", "n", "nm"], orient="row")
    twin = data.clone()
    found = tu.add_estimates(data, **COLUMNS, by="race")
    pd.testing.assert_frame_equal(found, added(TRACTS))
    assert data.equals(twin)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"by": ()}, "by= names the columns that stay apart"),
        ({"by": "rase"}, "no column 'rase'.*Did you mean 'race'"),
        ({"by": "race", "numerator": "y"}, "no column 'y'"),
        ({"kind": "mean"}, "kind='mean'"),
        ({"per": 0}, "per=0"),
    ],
)
def test_what_cannot_be_added_is_an_error(said: dict[str, Any], message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        added(TRACTS, **said)


@pytest.mark.parametrize("wrong", [-5, -123456789, float("inf")])
def test_numbers_below_0_are_errors_where_they_are_no_codes(wrong: float) -> None:
    with pytest.raises(tu.InputError, match=r"Column 'xm' holds .* in data row 0"):
        added([(1, "Black", 40, wrong, 100, 8)])
    with pytest.raises(tu.InputError, match="is a column of the sums: rename it"):
        tu.add_estimates(
            pd.DataFrame({"estimate": ["a"], "x": [1], "xm": 1, "n": 2, "nm": 1}),
            **COLUMNS, by="estimate",
        )  # fmt: skip
