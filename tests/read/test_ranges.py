"""What the input leaves open, against every count that it allows."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from statsmodels.stats.proportion import proportion_confint

import targeted_universalism as tu

INF = float("inf")
COLUMNS = ["gap_low", "gap_high", "needed_low", "needed_high"]


def row(table: pd.DataFrame, segment: str) -> Any:
    return table[table["segment"] == segment].iloc[0]


def nearest(value: int, step: int) -> set[int]:
    """Both neighbours where a count lies in the middle: the rule for ties is not known."""
    below = value // step * step
    least = min(value - below, below + step - value)
    return {end for end in (below, below + step) if abs(end - value) == least}


def goal_of(direction: str, kind: str) -> tuple[tu.Goal, Fraction, int]:
    target = "0.7" if kind == "proportion" else "1.3"
    make, sign = (tu.Goal.at_least, 1) if direction == "at least" else (tu.Goal.at_most, -1)
    return make(float(target), per=1), Fraction(target), sign


@given(
    st.integers(0, 30),
    st.integers(1, 30),
    st.sampled_from([2, 3, 5, 10]),
    st.sampled_from(["at least", "at most"]),
    st.sampled_from(["proportion", "rate"]),
)
def test_rounded_counts_give_the_range_of_all_counts_that_round_to_them(
    x: int, n: int, step: int, direction: str, kind: str
) -> None:
    x = min(x, n) if kind == "proportion" else x
    shown = max(nearest(x, step)), max(nearest(n, step))
    data = pd.DataFrame({"race": ["A", "B"], "x": [shown[0], 0], "n": [shown[1], 0]})
    goal, target, sign = goal_of(direction, kind)
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", kind=kind,
        rounded={"x": step, "n": step},
    )  # fmt: skip
    found = row(tu.assess(made, goal).table, "A")
    allowed = [
        (i, j)
        for i in range(shown[0] + step + 1)
        for j in range(1, shown[1] + step + 1)
        if shown[0] in nearest(i, step) and shown[1] in nearest(j, step)
        and (i <= j or kind == "rate")
    ]  # fmt: skip
    assert (x, n) in allowed
    gaps = [sign * (target - Fraction(i, j)) for i, j in allowed]
    needs = [max(0, ceil(sign * (target * j - i))) for i, j in allowed]
    right = [min(gaps), max(gaps), min(needs), max(needs)]
    if shown[1] == 0:
        assert found["reason"] == "rounded in the input: range of possible values"
        return
    assert found[COLUMNS].astype(float).tolist() == pytest.approx([*map(float, right)], abs=1e-12)
    assert found["needed_low"] <= found["needed"] <= found["needed_high"]
    assert "rounded in the input: range of possible values" in found["reason"]
    if kind == "proportion":
        limits = [proportion_confint(i, j, method="wilson") for i, j in allowed]
        assert found["ci_low"] <= min(low for low, _ in limits) + 1e-12
        assert found["ci_high"] >= max(high for _, high in limits) - 1e-12
        each = {_status(low, high, float(target), sign) for low, high in limits}
        assert found["status"] == (each.pop() if len(each) == 1 else "uncertain")


def _status(low: float, high: float, target: float, sign: int) -> str:
    met, short = (low >= target, high < target) if sign > 0 else (high <= target, low > target)
    return "met" if met else "short" if short else "uncertain"


def test_the_total_of_rounded_counts_has_the_range_of_its_parts_and_stays_public() -> None:
    data = pd.DataFrame({"race": ["A", "B", "C"], "x": [30, 35, 0], "n": [50, 50, 0]})
    a = tu.assess(
        tu.from_counts(data, numerator="x", denominator="n", segments="race", rounded=5),
        tu.Goal.at_least(0.9),
    )
    total = row(a.table, "All")
    assert (total["rate"], total["needed"]) == (0.65, 25)
    # Most: 32, 37 and 2 with the event, 16 and 11 without;
    # least: 28 and 33 with, 24, 19 and 2 without.
    assert (total["needed_low"], total["needed_high"]) == (
        ceil(Fraction(9, 10) * 98 - 71), ceil(Fraction(9, 10) * 106 - 61),
    )  # fmt: skip
    assert a.choices["rounded"] == {"x": 5, "n": 5}
    public = a.suppress(minimum=11)
    kept = row(public.table, "A")
    assert kept[COLUMNS].tolist() == row(a.table, "A")[COLUMNS].tolist()


@pytest.mark.parametrize(
    ("rounded", "words"),
    [(10, "no multiple of rounded=10"), (1, "whole number"), ({"y": 5}, "names 'y'")],
)
def test_what_cannot_be_rounded_so_is_an_error(rounded: Any, words: str) -> None:
    data = pd.DataFrame({"race": ["A"], "x": [5], "n": [20]})
    with pytest.raises(tu.InputError, match=words):
        tu.from_counts(data, numerator="x", denominator="n", segments="race", rounded=rounded)


@given(
    st.integers(0, 8),
    st.integers(0, 12),
    st.integers(1, 12),
    st.floats(0, 100),
    st.sampled_from(["at least", "at most"]),
)
def test_a_hidden_population_gives_the_range_of_hidden_counts(
    low: int, more: int, size: int, placeholder: float, direction: str
) -> None:
    """The cell, the total and the roll-up, as counts with the same cell hidden give them."""
    data = pd.DataFrame(
        {
            "county": ["I", "I", "M", "M"], "race": ["A", "B", "A", "B"],
            "rate": [placeholder, 75.0, 50.0, 25.0], "n": ["*", 4 * size, 2 * size, 8],
        }
    )  # fmt: skip
    data["x"] = [0, 3 * size, size, 2]
    goal, *_ = goal_of(direction, "proportion")
    options: dict[str, Any] = {
        "segments": "race", "by": "county", "suppressed": {"n": {"*": (low, low + more)}},
    }  # fmt: skip
    published = tu.from_estimates(
        data, estimate="rate", population="n", kind="proportion", per=100, **options
    )
    counted = tu.from_counts(data, numerator="x", denominator="n", **options)
    percent = tu.Goal(target=70, per=100, direction=direction)
    found = tu.assess(published, percent, rollup=True).table
    right = tu.assess(counted, goal, rollup=True).table
    assert found["status"].eq("suppressed").tolist() == right["status"].eq("suppressed").tolist()
    hidden = found["status"] == "suppressed"
    assert found.loc[hidden, ["rate", "population", "needed"]].isna().all(axis=None)
    for name in COLUMNS:
        scale = 100 if name.startswith("gap") else 1
        np.testing.assert_allclose(
            found.loc[hidden, name].astype(float),
            right.loc[hidden, name].astype(float) * scale,
            atol=1e-9,
        )
    assert not found["reason"].str.contains("weight the rates").any()


def test_a_hidden_population_hides_what_was_said_of_precision() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "rate": [0.0, 0.5], "se": [0.1, 0.1], "p": [0, 90]})
    made = tu.from_estimates(
        data, estimate="rate", se="se", population="p", segments="race", kind="proportion",
        suppressed={"p": {0: (1, 10)}},
    )  # fmt: skip
    a = row(tu.assess(made, tu.Goal.at_least(0.9)).table, "A")
    assert a[["rate", "ci_low", "population", "gap", "needed"]].isna().all()
    assert (a["gap_low"], a["gap_high"], a["status"]) == (pytest.approx(-0.1), 0.9, "suppressed")


@pytest.mark.parametrize(
    ("token", "bounds", "gaps"),
    [("250,000+", (250_000, INF), [None, -190_000]), ("2,500-", (0, 2_500), [57_500, 60_000])],
)
def test_a_one_sided_code_keeps_the_side_that_is_known(
    token: str, bounds: tuple[float, float], gaps: list[Any]
) -> None:
    data = pd.DataFrame({"race": ["A", "B"], "pay": [token, "61000"]})
    made = tu.from_estimates(
        data, estimate="pay", segments="race", kind="mean", suppressed={token: bounds}
    )
    a = row(tu.assess(made, tu.Goal.at_least(60_000)).table, "A")
    assert [None if np.isnan(v) else v for v in a[["gap_low", "gap_high"]]] == gaps
    assert a["reason"].startswith("hidden in the input: range of possible values")


def test_nobody_and_a_missing_denominator_are_two_things() -> None:
    data = pd.DataFrame({"race": ["A", "B", "C"], "x": [10, 20, 0], "n": [40, None, 0]})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="race")
    t = tu.assess(made, tu.Goal.at_least(0.5)).table
    assert row(t, "B")["reason"] == row(t, "All")["reason"] == "no denominator in the data"
    assert row(t, "C")["reason"] == "no population"


def test_a_rate_beside_its_cohort_has_the_interval_of_its_counts() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "rate": [45.0, 90.0], "n": [220, 3630]})
    data["x"] = (data["rate"] / 100 * data["n"]).astype(int)
    options: dict[str, Any] = {"segments": "race", "kind": "proportion"}
    made = tu.from_estimates(data, estimate="rate", per=100, population="n", n="n", **options)
    found = tu.assess(made, tu.Goal.at_least(90, per=100)).table
    x, n = [3366, 99, 3267], [3850, 220, 3630]
    low, high = (100 * limit for limit in proportion_confint(x, n, method="wilson"))
    np.testing.assert_allclose(found["ci_low"], low, rtol=1e-12)
    np.testing.assert_allclose(found["ci_high"], high, rtol=1e-12)
    assert made.choices["precision"] == "counts: rate × n of n"
    alone = tu.from_estimates(data, estimate="rate", per=100, population="n", **options)
    without = tu.assess(alone, tu.Goal.at_least(90, per=100)).table
    assert without["ci_low"].isna().all()
    assert without["reason"].str.contains("no interval given").all()


def test_a_rate_with_its_person_time_has_the_exact_interval() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "rate": [4.0, 2.0], "t": [2500, 6000]})
    made = tu.from_estimates(
        data, estimate="rate", n="t", population="t", per=1000, kind="rate", segments="race"
    )
    found = row(tu.assess(made, tu.Goal.at_most(3, per=1000)).table, "A")
    # Garwood's limits of 10 events (1936): 4.7954 and 18.3904
    assert found["ci_low"] == pytest.approx(4.795389 / 2.5, rel=1e-6)
    assert found["ci_high"] == pytest.approx(18.390356 / 2.5, rel=1e-6)


def two(per: Any) -> tu.Segments:
    data = pd.DataFrame(
        {
            "what": ["school", "deaths"] * 2, "race": ["A", "A", "B", "B"],
            "v": [60.0, 129.2, 80.0, 40.0], "n": [200, 3000, 100, 2000],
        }
    )  # fmt: skip
    return tu.from_estimates(
        data, estimate="v", population="n", segments="race", indicator="what",
        kind={"school": "proportion", "deaths": "rate"}, per=per,
    )  # fmt: skip


GOALS = {"school": tu.Goal.at_least(90, per=100), "deaths": tu.Goal.at_most(25, per=1000)}
UNITS = {"school": 100, "deaths": 1000}


def test_indicators_have_units_of_their_own(tmp_path: Any) -> None:
    made = two(UNITS)
    t = tu.assess(made, GOALS).table.set_index(["indicator", "segment"])
    assert t.loc[("deaths", "A"), "rate"] == pytest.approx(129.2)
    assert t.loc[("deaths", "A"), "needed"] == ceil(3000 * (Fraction("129.2") - 25) / 1000)
    assert t.loc[("school", "A"), "needed"] == 60
    assert t.loc[("deaths", "All"), "rate"] == pytest.approx((129.2 * 3000 + 40 * 2000) / 5000)
    assert made.choices["per"] == UNITS
    read = tu.read_segments(made.to_parquet(tmp_path / "s.parquet"))
    pd.testing.assert_frame_equal(tu.assess(read, GOALS).table.set_index(t.index.names), t)
    with pytest.raises(tu.InputError, match="per"):
        made + two({"school": 100, "deaths": 100})
    gaps = tu.assess(made, GOALS).disparities("total")
    rate = gaps[(gaps["indicator"] == "deaths") & (gaps["segment"] == "A")]["rate"]
    assert rate.tolist() == pytest.approx([129.2])


def test_one_unit_for_several_goals_of_several_units_is_an_error() -> None:
    with pytest.raises(tu.InputError, match=r"per=100 was said once.*'deaths': 1000"):
        tu.assess(two(100), GOALS)
    with pytest.raises(tu.InputError, match="names no unit for indicator 'deaths'"):
        two({"school": 100})
    assert len(tu.assess(two({"school": 100, "deaths": 100}), GOALS).table)
