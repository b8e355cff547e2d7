"""Gaps over time: published and by hand, the size of the test, why gaps narrow, the edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

import targeted_universalism as tu
from make import HALF, assessed, estimates, examples, fewer, row_of
from targeted_universalism.segments.columns import GAP_TRENDS

NUMBERS = ["difference_change", "ratio_change", "p_value"]


def over(cells: dict[str, tuple[Any, Any]], goal: tu.Goal = HALF, **options: Any) -> Any:
    """Assess segments of (events, people) in 2015 and in 2020."""
    rows = [
        (year, race, *cell)
        for race, both in cells.items()
        for year, cell in zip((2015, 2020), both, strict=True)
    ]
    data = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    return assessed(data, goal, by="year", **options)


def of(a: tu.Assessment, segment: str = "A", reference: Any = "B", **options: Any) -> Any:
    return row_of(a.gap_trends("year", reference, **options), segment)


# --- published, and by hand ----------------------------------------------------------------------


def test_infant_mortality_narrows_in_points_and_widens_as_a_ratio(shared: Path) -> None:
    entry = examples(shared)["infant_mortality_absolute_vs_relative"]
    then, now = (entry["inputs"][decade] for decade in ("1950s", "2010s"))
    expected, near = entry["expected"], entry["tolerance"]["abs"]
    rows = {race: ((then[race], 100_000), (now[race], 100_000)) for race in ("black", "white")}
    a = over(rows, tu.Goal.at_most(400, per=100_000))
    found = of(a, "black", "white")
    assert found["difference_change"] == pytest.approx(
        expected["diff_2010s"] - expected["diff_1950s"]
    )
    assert found["ratio_change"] == pytest.approx(
        expected["ratio_2010s"] - expected["ratio_1950s"], abs=2 * near
    )
    assert found["trend"] == "absolute narrowing, relative widening"
    assert found["p_value"] < 1e-12
    assert found["reason"] == ""


@pytest.mark.parametrize(
    ("own", "reference", "trend"),
    [
        ((40, 50), (60, 60), "both narrowing"),
        ((40, 30), (60, 60), "both widening"),
        ((40, 45), (60, 67), "absolute widening, relative narrowing"),
        ((60, 30), (40, 15), "absolute narrowing, relative widening"),
        ((40, 40), (60, 60), "no change"),
        ((20, 40), (40, 60), "relative narrowing, absolute unchanged"),
        ((40, 20), (60, 40), "relative widening, absolute unchanged"),
        ((20, 40), (40, 80), "absolute widening, relative unchanged"),
        ((40, 20), (80, 40), "absolute narrowing, relative unchanged"),
        ((0, 10), (40, 50), "relative narrowing, absolute unchanged"),
        ((10, 0), (40, 30), "relative widening, absolute unchanged"),
        ((0, 0), (40, 30), "absolute narrowing, relative unchanged"),
        ((20, 10), (0, 0), "absolute narrowing"),
        ((10, 10), (0, 5), "absolute narrowing"),
        ((10, 20), (0, 5), "absolute widening"),
        ((10, 10), (0, 0), "absolute unchanged"),
    ],
)
def test_what_has_become_of_a_gap_in_points_and_as_a_ratio(
    own: tuple[int, int], reference: tuple[int, int], trend: str
) -> None:
    words = {*trend.split(", ")}
    cells = {name: tuple((x, 100) for x in both) for name, both in (("A", own), ("B", reference))}
    found = of(over(cells))  # type: ignore[arg-type]
    assert {*str(found["trend"]).split(", ")} == words
    assert np.isnan(found["ratio_change"]) == (0 in reference)
    assert ("no ratio: the reference is 0" in found["reason"]) == (0 in reference)


def test_changes_are_those_of_the_comparisons_at_each_time() -> None:
    a = over({"A": ((31, 80), (40, 70)), "B": ((52, 90), (66, 91)), "C": ((9, 20), (11, 30))})
    for reference in ("B", "total", "rest"):
        found = a.gap_trends("year", reference).set_index("segment")
        then, now = (
            a.where(year=y).disparities(reference).set_index("segment") for y in (2015, 2020)
        )
        for name in ("difference", "ratio"):
            pd.testing.assert_series_equal(
                found[f"{name}_change"], now[name] - then[name], check_names=False,
                check_index_type=False, rtol=1e-12,
            )  # fmt: skip


def test_the_test_turns_at_5_percent_where_the_interval_does() -> None:
    """MOVER of two of Newcombe's intervals, as statsmodels makes them, by hand."""
    cells = [[(31, 80), (46, 70)], [(52, 90), (60, 91)]]
    found = of(over({"A": tuple(cells[0]), "B": tuple(cells[1])}))  # type: ignore[arg-type]
    (d0, l0, h0), (d1, l1, h1) = (
        (x / n - y / m, *confint_proportions_2indep(x, n, y, m, method="newcomb"))
        for (x, n), (y, m) in zip(*cells, strict=True)
    )
    arm = np.hypot(d1 - l1, h0 - d0) if d1 > d0 else np.hypot(h1 - d1, d0 - l0)
    z = abs(d1 - d0) / arm * stats.norm.isf(0.025)
    assert found["p_value"] == pytest.approx(2 * stats.norm.sf(z), rel=1e-6)


def test_estimates_are_tested_by_their_standard_errors() -> None:
    """ΔD over the root of four squared errors, as METHODS 10 has it."""
    rows = pd.DataFrame({
        "year": [2015, 2020] * 2, "race": list("AABB"), "rate": [12.0, 9.0, 6.0, 5.0],
        "se": [0.7, 0.6, 0.4, 0.5],
    })  # fmt: skip
    goal = tu.Goal.at_most(4, per=1)
    a = tu.assess(estimates(rows, kind="mean", se="se", by="year"), goal)
    z = ((9 - 5) - (12 - 6)) / np.sqrt((rows["se"] ** 2).sum())
    assert of(a)["p_value"] == pytest.approx(2 * stats.norm.sf(abs(z)))


# --- the size of the test ------------------------------------------------------------------------

REPLICATES = 2000


def share_found(n: list[int], p: list[float], kind: str, reference: str) -> float:
    """Draw (A then, A now, B then, B now) many times; count how often a change is found."""
    rng = np.random.default_rng([*n, *(int(1000 * one) for one in p)])
    size = (REPLICATES, 4)
    x = rng.binomial(n, p, size) if kind == "proportion" else rng.poisson(np.multiply(n, p), size)
    rows = pd.DataFrame({
        "place": np.repeat(np.arange(REPLICATES), 4), "race": np.tile(list("AABB"), REPLICATES),
        "year": np.tile([2015, 2020] * 2, REPLICATES), "x": x.ravel(), "n": np.tile(n, REPLICATES),
    })  # fmt: skip
    a = assessed(
        rows, tu.Goal.at_least(0.5, per=1), by=["place", "year"], kind=kind, reliability=None
    )
    found = a.gap_trends("year", reference).query("segment == 'A'")
    return float((found["p_value"] < 0.05).mean())


RATES = [[0.5] * 4, [0.3, 0.4, 0.5, 0.6], [0.02, 0.05, 0.06, 0.09], [0.95, 0.9, 0.9, 0.85]]


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("p", RATES)
@pytest.mark.parametrize("n", [[20] * 4, [20, 20, 5000, 5000], [20, 100, 500, 5000]])
def test_an_equal_change_is_seldom_called_one_of_the_gap(
    n: list[int], p: list[float], kind: str
) -> None:
    """Three standard errors above 5 % at most; a Wald statistic has up to 25 % here."""
    assert share_found(n, p, kind, "B") <= 0.065


@pytest.mark.parametrize(("kind", "least"), [("proportion", 0.035), ("rate", 0.025)])
@pytest.mark.parametrize("p", RATES)
@pytest.mark.parametrize("n", [[500] * 4, [5000] * 4])
def test_of_large_groups_five_in_a_hundred_are(
    n: list[int], p: list[float], kind: str, least: float
) -> None:
    assert least <= share_found(n, p, kind, "B") <= 0.065


@pytest.mark.parametrize("n", [[20, 20, 200, 200], [300] * 4])
def test_inside_the_total_too(n: list[int]) -> None:
    """With fixed shares the gap to the total changes as the one to the rest does."""
    assert 0.03 <= share_found(n, [0.3, 0.4, 0.5, 0.6], "proportion", "total") <= 0.065


def test_a_real_change_is_found() -> None:
    assert share_found([500] * 4, [0.5, 0.5, 0.7, 0.5], "proportion", "B") > 0.95


# --- why a gap narrows ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "reference", "direction", "down"),
    [
        ((40, 40), (60, 50), "at least", True),
        ((40, 45), (60, 55), "at least", True),
        ((40, 55), (60, 60), "at least", False),
        ((40, 30), (60, 55), "at least", False),
        ((60, 50), (40, 40), "at least", True),
        ((40, 40), (60, 50), "at most", False),
        ((40, 50), (60, 60), "at most", True),
    ],
)
def test_a_gap_that_narrows_as_the_better_off_fell_back_is_said_to(
    own: tuple[int, int], reference: tuple[int, int], direction: str, down: bool
) -> None:
    cells = {n: tuple((x, 100) for x in b) for n, b in (("A", own), ("B", reference))}
    a = over(cells, tu.Goal(direction=direction, target=0.5))  # type: ignore[arg-type]
    assert ("leveling down" in of(a)["reason"]) is down


def test_sides_that_are_changed_are_said() -> None:
    found = of(over({"A": ((40, 100), (62, 100)), "B": ((60, 100), (60, 100))}))
    assert found["trend"] == "both narrowing"
    assert found["reason"] == "the two have changed sides"


# --- laws ----------------------------------------------------------------------------------------

cell = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
both = st.tuples(cell, cell)


@given(both, both)
@fewer(1)
def test_who_is_the_reference_turns_the_sign_and_nothing_else(one: Any, other: Any) -> None:
    a = over({"A": one, "B": other})
    mine, theirs = of(a, "A", "B"), of(a, "B", "A")
    assert mine["difference_change"] == pytest.approx(-theirs["difference_change"])
    assert mine["p_value"] == pytest.approx(theirs["p_value"])
    ratios = [x / n for x, n in (*one, *other)]
    if min(ratios) > 0:
        assert mine["trend"] == theirs["trend"]


@given(st.lists(st.tuples(both, both), min_size=2, max_size=4))
@fewer(2)
def test_many_series_are_as_one_at_a_time(cells: list[Any]) -> None:
    rows = [
        (place, year, race, *c)
        for place, pair in enumerate(cells)
        for race, times in zip("AB", pair, strict=True)
        for year, c in zip((2015, 2020), times, strict=True)
    ]
    data = pd.DataFrame(rows, columns=["place", "year", "race", "x", "n"])
    found = assessed(data, by=["place", "year"]).gap_trends("year", "B")
    for place, pair in enumerate(cells):
        alone = over(dict(zip("AB", pair, strict=True))).gap_trends("year", "B")
        part = found[found["place"] == place].reset_index(drop=True)
        pd.testing.assert_frame_equal(
            part[alone.columns].astype({"reason": str, "trend": str}),
            alone.astype({"reason": str, "trend": str}), check_categorical=False,
        )  # fmt: skip


def test_the_level_of_the_table_changes_nothing() -> None:
    cells = {"A": ((31, 80), (46, 70)), "B": ((52, 90), (60, 91))}
    for reference in ("B", "total", "rest"):
        found = over(cells).gap_trends("year", reference)
        for confidence in (0.8, None):
            other = over(cells, confidence=confidence).gap_trends("year", reference)
            pd.testing.assert_frame_equal(found, other)


# --- edges ---------------------------------------------------------------------------------------


def test_pooled_years_that_overlap_are_not_tested() -> None:
    rows = [(y, r, 30 + i, 90) for y in ("2014-2018", "2016-2020", "2019-2023") for i, r in
            enumerate("AB")]  # fmt: skip
    data = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    a = assessed(data, by="year")
    apart = of(a, baseline="2014-2018")
    assert apart["p_value"] == 1
    shared = of(a, baseline="2016-2020")
    assert np.isnan(shared["p_value"])
    assert shared["reason"] == "no test: the periods share years"
    ends = data.assign(year=data["year"].str[-4:].astype(int))
    told = assessed(ends, by="year", years=5)
    assert np.isnan(of(told, baseline=2020)["p_value"])
    assert of(told, baseline=2018)["p_value"] == 1


def test_a_break_or_one_time_alone_is_no_trend() -> None:
    a = over({"A": ((31, 80), (46, 70)), "B": ((52, 90), (60, 91))})
    broken = of(a, breaks=2020)
    assert broken[NUMBERS].isna().all()
    assert pd.isna(broken["trend"])
    assert "a break in the series" in broken["reason"]
    once = of(a.where(year=2020))
    assert once[NUMBERS].isna().all()
    assert once["reason"] == "one time only"


def test_hidden_cells_hide_what_follows_from_them() -> None:
    cells: dict[str, Any] = {
        "A": ((31, 80), (6, 70)), "B": ((52, 90), (60, 91)), "C": ((50, 99), (60, 120)),
        "D": ((30, 70), (8, 60)),
    }  # fmt: skip
    a = over(cells).suppress()
    gone = of(a, "A", "B")
    assert gone[NUMBERS].isna().all()
    assert gone["reason"] == "suppressed; no rate at the latest time"
    lost = of(a, "B", "A")
    assert lost[NUMBERS].isna().all()
    assert lost["reason"] == "the reference has no rate"
    for reference in ("total", "rest"):
        found = of(a, "B", reference)
        assert found[NUMBERS].isna().all()
        assert found["reason"] == "suppressed segment"
    assert of(a, "C", "B")[NUMBERS].notna().all()


def test_the_reference_itself_has_not_changed() -> None:
    found = of(over({"A": ((31, 80), (46, 70)), "B": ((52, 90), (60, 91))}), "B", "B")
    assert found[["difference_change", "ratio_change"]].tolist() == [0, 0]
    assert np.isnan(found["p_value"])
    assert (found["trend"], found["reason"]) == ("no change", "the reference itself")


def test_a_standard_error_that_is_missing_or_0_makes_no_test() -> None:
    rows = {"year": [2015, 2020] * 2, "race": list("AABB"), "rate": [0.4, 0.5, 0.6, 0.6]}
    without = tu.assess(estimates(rows, by="year"), HALF)
    assert of(without)["reason"] == "no interval given"
    zero = tu.assess(estimates({**rows, "se": [0.0] * 4}, se="se", by="year"), HALF)
    for a in (without, zero):
        found = of(a)
        assert np.isnan(found["p_value"])
        assert found["trend"] == "both narrowing"
    assert of(zero)["reason"].startswith("no interval: standard error of zero")


def test_bad_input_is_refused() -> None:
    a = over({"A": ((31, 80), (46, 70)), "B": ((52, 90), (60, 91))})
    for word, hint in (
        ("best", "name the segment"),
        ("goal", r"a\.progress"),
        ("each", "name one"),
    ):
        with pytest.raises(tu.InputError, match=rf"reference='{word}' is none here: .*{hint}"):
            a.gap_trends("year", word)
    with pytest.raises(tu.InputError, match="Did you mean 'total'"):
        a.gap_trends("year", "totl")
    with pytest.raises(tu.InputError, match="must be a word"):
        a.gap_trends("year", ["A"])
    with pytest.raises(tu.InputError, match="latest=2015 is not after baseline=2020"):
        a.gap_trends("year", "B", baseline=2020, latest=2015)
    with pytest.raises(tu.InputError, match="baseline=2016 is no value"):
        a.gap_trends("year", "B", baseline=2016)
    assert GAP_TRENDS.names == (
        "reference", "difference_change", "ratio_change", "trend", "p_value", "reason",
    )  # fmt: skip


def test_a_mean_below_0_has_no_ratio_at_one_of_the_times_and_says_so() -> None:
    data = pd.DataFrame({"race": ["A", "A", "B", "B"], "year": [2020, 2021] * 2})
    data = data.assign(score=[1.0, 2.0, -3.0, 4.0], se=0.1)
    made = tu.from_estimates(
        data, estimate="score", se="se", kind="mean", segments="race", by="year"
    )
    found = tu.assess(made, tu.Goal.at_least(3)).gap_trends("year", "A").set_index("segment")
    assert found.loc["B", "difference_change"] == 6
    assert np.isnan(found.loc["B", "ratio_change"])
    assert found.loc["B", "reason"].startswith("no ratio: a mean below 0 is in it")
    assert found.loc["A", "ratio_change"] == 0
    assert "no ratio" not in found.loc["A", "reason"]
