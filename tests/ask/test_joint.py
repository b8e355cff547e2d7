"""Intervals that hold together: their coverage, what may be said of them, and other data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import targeted_universalism as tu
from make import HALF, assessed, counts, estimates, identical, records

REPLICATES = 600


def share_all_held(
    n: np.ndarray, p: np.ndarray, kind: str, segments: Sequence[str], labels: pd.DataFrame
) -> float:
    """Draw the finest cells many times, as strata, and see how often every row holds its rate."""
    rng = np.random.default_rng(len(n))
    size = (REPLICATES, len(n))
    x = rng.binomial(n, p, size) if kind == "proportion" else rng.poisson(n * p, size)
    rows = pd.concat([labels] * REPLICATES, ignore_index=True)
    rows["place"] = np.repeat(np.arange(REPLICATES), len(n))
    rows["n"], rows["x"], rows["true"] = (
        np.tile(n, REPLICATES),
        x.ravel(),
        np.tile(n * p, REPLICATES),
    )
    options = {"segments": list(segments), "by": "place", "kind": kind}
    goal = tu.Goal.at_least(0.5, per=1)
    found = tu.assess(counts(rows, **options), goal).joint()
    true = tu.assess(
        counts(rows.assign(x=rows["true"]), **options), goal, confidence=None, reliability=None
    ).table["rate"]
    held = (found["ci_low"] <= true) & (true <= found["ci_high"])
    return float(held.groupby(found["place"]).all().mean())


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize(("k", "p"), [(2, 0.5), (8, 0.3), (30, 0.01), (30, 0.9), (12, 0.98)])
def test_independent_segments_hold_all_at_once(k: int, p: float, kind: str) -> None:
    rng = np.random.default_rng([k, int(100 * p)])
    n = np.round(np.exp(rng.uniform(np.log(20), np.log(3000), k))).astype(int)
    labels = pd.DataFrame({"race": np.arange(k)})
    assert share_all_held(n, np.full(k, p), kind, ["race"], labels) >= 0.94


@pytest.mark.parametrize("p", [0.02, 0.6])
def test_crossed_segments_and_their_margins_hold_all_at_once(p: float) -> None:
    """Seven by four: 40 rows, the total and both margins among them."""
    rng = np.random.default_rng(int(100 * p))
    labels = pd.DataFrame([(r, s) for r in "ABCDEFG" for s in "WXYZ"], columns=["race", "sex"])
    n = rng.integers(20, 800, len(labels))
    rates = np.clip(p + rng.uniform(-0.015, 0.015, len(labels)), 0, 1)
    assert share_all_held(n, rates, "proportion", ["race", "sex", "race*sex"], labels) >= 0.94


def test_overlapping_segments_hold_all_at_once() -> None:
    """Three flags that share people; the true rates of everybody with a flag are known."""
    rng = np.random.default_rng(5)
    people, chance = 400, np.array([0.2, 0.35, 0.5, 0.7])
    flags = rng.random((people, 3)) < [0.3, 0.5, 0.6]
    p = chance[flags.sum(axis=1)]
    y = rng.random((REPLICATES, people)) < p
    rows = pd.DataFrame(np.tile(flags, (REPLICATES, 1)).astype(int), columns=["a", "b", "c"])
    rows["place"], rows["y"] = np.repeat(np.arange(REPLICATES), people), y.ravel().astype(int)
    a = tu.assess(
        records(rows, segments=tu.overlapping(["a", "b", "c"], name="programme"), by="place"), HALF
    )
    found = a.joint()
    true = {"All": p.mean(), **{name: p[flags[:, i]].mean() for i, name in enumerate("abc")}}
    rate = found["segment"].astype(str).map(true)
    held = (found["ci_low"] <= rate) & (rate <= found["ci_high"])
    assert held.groupby(found["place"]).all().mean() >= 0.94


def test_separate_intervals_are_right_together_far_less_often() -> None:
    """The reason for all this: 27 rows at 95 % each."""
    rng = np.random.default_rng(1)
    x = rng.binomial(200, 0.4, (REPLICATES, 27))
    rows = pd.DataFrame({"place": np.repeat(np.arange(REPLICATES), 27), "x": x.ravel(), "n": 200})
    rows["race"] = np.tile(np.arange(27), REPLICATES)
    a = tu.assess(counts(rows, by="place"), HALF)
    alone, together = a.table, a.joint()
    for table, least, most in ((alone, 0.1, 0.5), (together, 0.94, 1)):
        held = (table["ci_low"] <= 0.4) & (table["ci_high"] >= 0.4)
        assert least <= held.groupby(table["place"]).all().mean() <= most


def test_limits_are_those_of_the_level_for_each_row() -> None:
    """Two segments and the total: each at the cube root of 95 %; mid-p by its own definition."""
    rows = [("A", 3, 50), ("B", 40, 90)]
    found = assessed(rows).joint(confidence=0.95).set_index("segment")
    tail = (1 - 0.95 ** (1 / 3)) / 2
    for name, x, n in [("All", 43, 140), *rows]:
        low, high = found.loc[name, ["ci_low", "ci_high"]]
        for p, beyond in (
            (low, stats.binom.sf(x, n, low)),
            (high, stats.binom.cdf(x - 1, n, high)),
        ):
            assert beyond + stats.binom.pmf(x, n, p) / 2 == pytest.approx(tail, rel=1e-6)
    rates = assessed(rows, kind="rate").joint().set_index("segment")
    assert rates.loc["A", "ci_low"] == pytest.approx(stats.chi2.ppf(tail, 6) / 2 / 50)
    assert rates.loc["A", "ci_high"] == pytest.approx(stats.chi2.isf(tail, 8) / 2 / 50)


def test_one_row_alone_is_a_separate_interval() -> None:
    rows = [("A", 30, 90)]
    a = assessed(rows, interval="midp", exclusive={"race": False})
    identical(a.joint()[["ci_low", "ci_high"]][1:], a.table[["ci_low", "ci_high"]][1:])


def test_gaps_and_status_follow_from_the_interval() -> None:
    rows = [("A", 300, 1000), ("B", 470, 1000), ("C", 900, 1000)]
    found = assessed(rows).joint().set_index("segment")
    assert found["status"][["A", "B", "C"]].tolist() == ["short", "uncertain", "met"]
    assert found["gap_low"]["A"] == pytest.approx(0.5 - found["ci_high"]["A"])
    assert found["gap_high"]["A"] == pytest.approx(0.5 - found["ci_low"]["A"])
    fewer = assessed(rows, tu.Goal.at_most(50, per=100)).joint().set_index("segment")
    assert fewer["status"][["A", "B", "C"]].tolist() == ["met", "uncertain", "short"]
    assert fewer["gap_low"]["C"] == pytest.approx(fewer["ci_low"]["C"] - 50)


def test_the_point_never_decides_what_is_said_of_all() -> None:
    found = assessed([("A", 90, 90), ("B", 89, 90)], tu.Goal.at_least(1, per=1)).joint()
    assert found["status"].tolist() == ["short", "uncertain", "short"]


def test_fewer_rows_are_narrower_and_strata_are_apart() -> None:
    rows = pd.DataFrame(
        [("Inyo", "A", "W", 30, 90), ("Inyo", "B", "W", 20, 60), ("Mono", "A", "X", 9, 40)],
        columns=["place", "race", "sex", "x", "n"],
    )
    a = tu.assess(counts(rows, segments=["race", "sex"], by="place"), HALF)
    both, race = a.joint(), a.where(dimension="race").joint()

    def width(table: pd.DataFrame, place: str) -> float:
        one = table[(table["place"] == place) & (table["segment"] == "A")].iloc[0]
        return float(one["ci_high"] - one["ci_low"])

    assert width(race, "Inyo") < width(both, "Inyo")
    alone = assessed(
        rows[rows["place"] == "Mono"][["race", "sex", "x", "n"]], segments=["race", "sex"]
    )
    one = alone.joint().set_index("segment").loc["A"]
    assert width(both, "Mono") == one["ci_high"] - one["ci_low"]


def test_published_limits_are_stretched_on_their_scale_and_errors_are_used() -> None:
    rows = pd.DataFrame({"race": ["A", "B"], "rate": [10.0, 20.0], "pop": [90, 90]})
    z = stats.norm.isf((1 - np.sqrt(0.95)) / 2)
    for se in (0.1, 0.3):
        on_log = rows.assign(
            low=rows["rate"] * np.exp(-1.96 * se), high=rows["rate"] * np.exp(1.96 * se)
        )
        s = estimates(on_log, kind="rate", per=1000, ci=("low", "high"))
        found = tu.assess(s, tu.Goal.at_most(5, per=1000)).joint()
        factor = z / stats.norm.isf(0.025) * 1.96
        assert found["ci_low"][1] == pytest.approx(10 * np.exp(-factor * se))
        assert found["ci_high"][2] == pytest.approx(20 * np.exp(factor * se))
    s = estimates(rows.assign(se=2.0), kind="mean", se="se", per=1)
    found = tu.assess(s, tu.Goal.at_most(5, per=1)).joint()
    assert found["ci_high"][1] == pytest.approx(10 + z * 2)


def test_what_has_no_interval_says_why_and_claims_nothing() -> None:
    rows = pd.DataFrame({"race": ["A", "B"], "rate": [0.1, 0.2]})
    found = tu.assess(estimates(rows), HALF).joint()
    assert found["status"].tolist() == ["no data", "uncertain", "uncertain"]
    assert "no interval given" in found["reason"][1]
    hidden = assessed([("A", "*", 60), ("B", 20, 90)], suppressed={"*": (1, 10)}).joint()
    assert hidden["status"].tolist() == ["suppressed", "suppressed", "short"]
    assert hidden.loc[1, ["rate", "ci_low", "gap_low"]].isna().all()
    assert hidden["reason"][1] == "hidden in the input"


def test_rounded_counts_are_held_wherever_they_were() -> None:
    rows = [("A", 20, 60), ("B", 40, 90)]
    rounded, plain = assessed(rows, rounded=5).joint(), assessed(rows).joint()
    assert (rounded["ci_low"] < plain["ci_low"]).all()
    assert (rounded["ci_high"] > plain["ci_high"]).all()
    assert (rounded["gap_low"] == 0.5 - rounded["ci_high"]).all()


def test_the_level_of_the_answer_is_not_that_of_all_together() -> None:
    rows = [("A", 20, 60), ("B", 40, 90)]
    identical(assessed(rows).joint(), assessed(rows, confidence=None, interval="wilson").joint()
              .assign(reason=assessed(rows).joint()["reason"]))  # fmt: skip
    wide, narrow = (assessed(rows).joint(confidence=c)["ci_low"] for c in (0.99, 0.8))
    assert (wide < narrow).all()
    for level in (95, 0, 1, None, "95 %", True):
        with pytest.raises(tu.InputError, match=r"must lie between 0 and 1, as 0\.95 does"):
            assessed(rows).joint(confidence=level)  # type: ignore[arg-type]


@pytest.mark.parametrize("interval", ["auto", "exact"])
def test_each_indicator_has_the_intervals_of_its_kind(interval: str) -> None:
    data = pd.DataFrame(
        {"what": ["a", "a", "b", "b"], "race": ["A", "B"] * 2, "x": [30, 20, 90, 8],
         "n": [60, 90, 70, 80]}
    )  # fmt: skip
    kinds = {"a": "proportion", "b": "rate"}
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", indicator="what", kind=kinds
    )
    found = tu.assess(made, dict.fromkeys("ab", HALF), interval=interval).joint()
    for name, kind in kinds.items():
        part = data[data["what"] == name].drop(columns="what")
        alone = assessed(part, HALF, kind=kind, interval=interval).joint()
        there = found[found["indicator"] == name].drop(columns="indicator")
        identical(there.reset_index(drop=True), alone)


@pytest.mark.parametrize("confidence", [None, 0.95])
def test_a_rate_without_an_interval_says_why_whatever_the_assessment_was_asked(
    confidence: float | None,
) -> None:
    data = {"race": ["A", "B"], "rate": [0.4, 0.5]}
    found = assessed(data, HALF, make=estimates, confidence=confidence).joint()
    assert found["reason"].str.contains("no interval given").tolist() == [False, True, True]
    assert (found["reason"] != "").all()
