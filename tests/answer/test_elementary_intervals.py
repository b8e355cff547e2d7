"""Intervals of rates and proportions, against scipy, plain numpy and what they promise to hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import targeted_universalism as tu
from make import HALF, some_of
from targeted_universalism._typing import FloatArray

ONE = tu.Goal.at_most(1, per=1, name="moves")
PER_DAY = tu.Goal.at_most(5, per=1_000)


def counts(x: FloatArray, n: float, **options: Any) -> tuple[FloatArray, FloatArray]:
    """Limits of x of n, for every x at once."""
    rows = pd.DataFrame({"row": np.arange(len(x)), "g": "A", "x": x, "n": n})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="g", by="row")
    return limits(tu.assess(segments, HALF, reliability=None, **options).table)


def limits(table: pd.DataFrame, segment: str = "A") -> tuple[FloatArray, FloatArray]:
    table = table[table["segment"] == segment]
    return table["ci_low"].to_numpy(), table["ci_high"].to_numpy()


def garwood(events: float, level: float = 0.95) -> tuple[float, float]:
    """Exact limits of a count, from the chi-square distribution."""
    tail = (1 - level) / 2
    low = stats.chi2.ppf(tail, 2 * events) / 2 if events > 0 else 0.0
    return low, stats.chi2.isf(tail, 2 * events + 2) / 2


# --- proportions ---------------------------------------------------------------------------------


def mid_p_by_root(x: int, n: int, level: float) -> tuple[float, float]:
    """Where half the chance of x, and all beyond it, are the tail: found by scipy's root finder."""
    tail, tiny = (1 - level) / 2, 1e-12

    def above(p: float) -> float:
        return float(stats.binom.sf(x, n, p) + stats.binom.pmf(x, n, p) / 2 - tail)

    def below(p: float) -> float:
        return float(stats.binom.cdf(x - 1, n, p) + stats.binom.pmf(x, n, p) / 2 - tail)

    low = optimize.brentq(above, tiny, 1 - tiny, xtol=1e-14) if x > 0 else 0.0
    high = optimize.brentq(below, tiny, 1 - tiny, xtol=1e-14) if x < n else 1.0
    return low, high


@pytest.mark.parametrize("level", some_of([0.8, 0.95, 0.999], 0.95))
@pytest.mark.parametrize("n", [1, 7, 50, 400])
def test_limits_of_proportions_are_those_of_scipy(n: int, level: float) -> None:
    x = np.unique(np.linspace(0, n, 26).round())
    tests = [stats.binomtest(int(k), n) for k in x]
    score = np.array([t.proportion_ci(level, method="wilson") for t in tests]).T
    exact = np.array([t.proportion_ci(level, method="exact") for t in tests]).T
    mid = np.array([mid_p_by_root(int(k), n, level) for k in x]).T
    low = np.where(x <= 10, np.minimum(score[0], mid[0]), score[0])
    high = np.where(n - x <= 10, np.maximum(score[1], mid[1]), score[1])
    for how, expected in (
        ("wilson", score), ("exact", exact), ("midp", mid), ("auto", (low, high)),
    ):  # fmt: skip
        found = counts(x, n, confidence=level, interval=how)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("n", "least", "of_wilson"), [(20, 0.95, 0.84), (50, 0.95, 0.84), (200, 0.937, 0.84)]
)
def test_rare_proportions_hold_their_level(n: int, least: float, of_wilson: float) -> None:
    x, truth = np.arange(n + 1.0), np.exp(np.linspace(np.log(0.0005), np.log(0.05), 1_500))
    chance = stats.binom.pmf(x[:, None], n, truth)

    def coverage(how: str) -> float:
        low, high = (limit[:, None] for limit in counts(x, n, interval=how))
        return float((chance * ((low <= truth) & (truth <= high))).sum(axis=0).min())

    assert coverage("auto") >= least
    assert coverage("wilson") < of_wilson


# --- weights -------------------------------------------------------------------------------------


def weighted_by_hand(y: FloatArray, w: FloatArray) -> tuple[float, float]:
    """RULES 3 from the records: v by linearisation, at most Kish's size, Student's quantile."""
    n, p = len(y), float(np.average(y, weights=w))
    kish = w.sum() ** 2 / (w**2).sum()
    v = (w**2 * (y - p) ** 2).sum() / w.sum() ** 2
    size = min((n - 1) / n * p * (1 - p) / v, kish) if 0 < p < 1 else kish
    z = stats.t.ppf(0.975, n - 1)
    low, high = sorted(np.roots([1 + z * z / size, -2 * p - z * z / size, p * p]).real)
    return (0.0 if p == 0 else low), (1.0 if p == 1 else high)


@pytest.mark.parametrize("seed", some_of(range(12), *range(5)))
def test_weighted_limits_are_wilsons_at_the_effective_size_with_students_quantile(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    y, w = (rng.random(n) < rng.choice([0.0, 0.2, 0.6, 1.0])).astype(float), rng.lognormal(0, 1, n)
    a = tu.assess(weighted(y, w), HALF)
    np.testing.assert_allclose(
        np.ravel(limits(a.table)), weighted_by_hand(y, w), rtol=1e-9, atol=1e-12
    )
    for how in ("auto", "wilson", "midp", "exact"):
        low, high = limits(tu.assess(weighted(y, w), HALF, interval=how).table)
        assert low <= np.average(y, weights=w) + 1e-12 <= high + 2e-12


def weighted(y: FloatArray, w: FloatArray, **more: Any) -> tu.Segments:
    rows = pd.DataFrame({"g": "A", "y": y, "w": w, **more})
    by = list(more) or None
    return tu.from_records(rows, outcome="y", segments="g", weight="w", by=by)


@pytest.mark.parametrize("how", ["auto", "wilson", "midp", "exact"])
@pytest.mark.parametrize("weight", [0.1, 1.0, 7.3])
def test_equal_weights_are_no_weights(how: str, weight: float) -> None:
    y = np.repeat([1.0, 0.0], [4, 33])
    found = limits(tu.assess(weighted(y, np.full(37, weight)), HALF, interval=how).table)
    assert found == counts(np.array([4.0]), 37, interval=how)


@pytest.mark.parametrize("n", [10, 30, 100])
def test_unequally_weighted_proportions_hold_their_level(n: int) -> None:
    rng, draws, truth = np.random.default_rng(n), 1_500, 0.3
    y = (rng.random(n * draws) < truth).astype(float)
    draw = np.repeat(np.arange(draws), n)
    made = weighted(y, rng.lognormal(0, 1, n * draws), draw=draw)
    for how in ("auto", "midp", "exact"):
        low, high = limits(tu.assess(made, HALF, interval=how, reliability=None).table)
        assert ((low <= truth) & (truth <= high)).mean() >= 0.93, how


# --- events that repeat in one person ------------------------------------------------------------


def moves(y: FloatArray, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"g": "A", "y": y}).assign(**columns)


def rates(data: pd.DataFrame, goal: tu.Goal = ONE, **options: Any) -> tu.Assessment:
    made = tu.from_records(data, outcome="y", segments="g", kind="rate", **options)
    return tu.assess(made, goal, reliability=None)


def test_the_interval_of_a_rate_widens_by_how_unequally_events_fall() -> None:
    y = np.array([0.0, 0, 0, 1, 1, 0, 6, 2, 9, 0, 1, 0, 14, 3, 0, 40])
    phi = y.var(ddof=1) / y.mean()
    expected = np.array(garwood(y.sum() / phi)) * phi / len(y)
    np.testing.assert_allclose(np.ravel(limits(rates(moves(y)).table)), expected, rtol=1e-12)


def test_nobody_with_two_events_is_the_exact_interval() -> None:
    y = np.repeat([1.0, 0.0], [9, 91])
    expected = np.array(garwood(9)) / 100
    np.testing.assert_allclose(np.ravel(limits(rates(moves(y)).table)), expected, rtol=1e-12)


@pytest.mark.parametrize("lengths", [[30, 400, 365, 90], [1.5, 40.25, 3, 700]])
def test_rates_per_person_time(lengths: list[float]) -> None:
    y, days = np.array([0.0, 5, 1, 4]), np.array(lengths)
    a = rates(moves(y, days=days), PER_DAY, exposure="days")
    rate = y.sum() / days.sum()
    phi = max(4 / 3 * ((y - rate * days) ** 2).sum() / y.sum(), 1)
    row = a.table.iloc[1]
    assert (row["population"], row["n"], row["events"]) == (days.sum(), 4, 10)
    assert row["rate"] == pytest.approx(1_000 * rate)
    expected = np.array(garwood(10 / phi)) * phi / days.sum() * 1_000
    np.testing.assert_allclose([row["ci_low"], row["ci_high"]], expected, rtol=1e-12)
    assert row["needed"] == max(0, np.ceil(10 - 0.005 * days.sum()))
    assert a.choices["denominators"] == "sum of days"


def test_few_events_share_in_the_dispersion_of_their_dimension() -> None:
    small, large = np.repeat([0.0, 1, 2], [7, 2, 1]), np.tile([0.0, 0, 0, 6, 1], 40)
    data = pd.concat([moves(small), moves(large, g="B")])
    own = [max(y.var(ddof=1) / y.mean(), 1) for y in (small, large)]
    free = np.array([len(small) - 1, len(large) - 1])
    phi = max(own[0], float(free @ own / free.sum()))
    table = rates(data).table
    expected = np.array(garwood(4 / phi)) * phi / 10
    np.testing.assert_allclose(np.ravel(limits(table)), expected, rtol=1e-12)
    expected = np.array(garwood(large.sum() / own[1])) * own[1] / 200
    np.testing.assert_allclose(np.ravel(limits(table, "B")), expected, rtol=1e-12)


def test_equal_weights_change_nothing_of_a_rate() -> None:
    y, days = np.array([0.0, 5, 1, 4, 0, 0, 2]), np.array([9.0, 12, 20, 3, 30, 30, 1])
    data = moves(y, days=days, w=2.5)
    with_time: list[dict[str, Any]] = [{}, {"exposure": "days"}]
    for more in with_time:
        plain, same = rates(data, **more), rates(data, weight="w", **more)
        np.testing.assert_allclose(limits(plain.table), limits(same.table), rtol=1e-12)


@pytest.mark.parametrize("shape", [np.inf, 2.0, 0.7, 0.3])
def test_rates_of_repeated_events_hold_their_level(shape: float) -> None:
    """Negative binomial events of 600 children: variance/mean 1, 1.6, 2.7 and 5."""
    rng, draws, mean = np.random.default_rng(7), 500, 1.2
    y = drawn(rng, shape, mean, (draws, 600))
    low, high = limits(
        rates(moves(y.ravel(), draw=np.repeat(np.arange(draws), 600)), by="draw").table
    )
    assert 0.93 <= ((low <= mean) & (mean <= high)).mean() <= 0.975


def test_thirty_children_with_five_effective_events_hold_most_of_it() -> None:
    rng, draws, mean, shape = np.random.default_rng(3), 600, 0.45, 0.26
    groups = [
        moves(drawn(rng, shape, mean, (draws, 30)).ravel(), g=name) for name in ("A", "B", "C", "D")
    ]
    data = pd.concat(groups).assign(draw=np.tile(np.repeat(np.arange(draws), 30), 4))
    assert 30 * mean / (1 + mean / shape) == pytest.approx(5, abs=0.1)
    low, high = limits(rates(data, by="draw").table)
    assert ((low <= mean) & (mean <= high)).mean() >= 0.88


def drawn(rng: np.random.Generator, shape: float, mean: float, size: tuple[int, int]) -> FloatArray:
    if np.isinf(shape):
        return rng.poisson(mean, size).astype(float)
    return rng.negative_binomial(shape, shape / (shape + mean), size).astype(float)


def test_comparisons_and_flags_know_that_events_repeat() -> None:
    rng = np.random.default_rng(1)
    y = drawn(rng, 0.7, 1.2, (2, 300))
    data = pd.concat([moves(y[0]), moves(y[1], g="B")])
    a = rates(data)
    phi = [v.var(ddof=1) / v.mean() for v in y]
    (of_a, of_b) = (np.array(garwood(v.sum() / f)) * f / 300 for v, f in zip(y, phi, strict=True))
    rate = y.mean(axis=1)
    low = rate[1] - rate[0] - np.hypot(rate[1] - of_b[0], of_a[1] - rate[0])
    high = rate[1] - rate[0] + np.hypot(of_b[1] - rate[1], rate[0] - of_a[0])
    for reference in ("A", "rest"):  # the rest of B is A: sums of squares subtract exactly
        row = a.disparities(reference).set_index("segment").loc["B"]
        found = [row["difference_low"], row["difference_high"]]
        np.testing.assert_allclose(found, [low, high], rtol=1e-9)
    effective = a.reliability().set_index("segment")["n_effective"]
    np.testing.assert_allclose(effective[["A", "B"]], y.sum(axis=1) / phi, rtol=1e-12)


def test_choices_say_what_was_taken_of_events() -> None:
    data = moves(np.array([0.0, 3]), id=[1, 2], n=1)
    repeats = "may repeat in one person: intervals widen by how unequally they fall"
    assert rates(data).choices["events"] == repeats
    apart = tu.from_records(
        data, outcome="y", segments="g", kind="rate", unit="id", repeats="events"
    )
    assert apart.choices["events"] == "taken as independent"
    counted: dict[str, Any] = {"numerator": "y", "denominator": "n", "segments": "g"}
    made = tu.from_counts(data.groupby("g", as_index=False).sum(), kind="rate", **counted)
    assert made.choices["events"] == "taken as independent"
    made = tu.from_counts(data.tail(1).assign(n=9), **counted)
    assert made.choices["events"] is None


# --- people needed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "n", "goal", "kind"),
    [
        (0, 60, tu.Goal.at_most(5, per=1_000), "proportion"),
        (2, 200, tu.Goal.at_most(5, per=1_000), "proportion"),
        (90, 100, tu.Goal.at_least(0.99), "proportion"),
        (2, 1_000, tu.Goal.at_least(2, per=1), "rate"),
    ],
)
def test_needed_is_what_it_would_be_at_the_limits(x: int, n: int, goal: tu.Goal, kind: str) -> None:
    data = pd.DataFrame({"g": ["A"], "x": [x], "n": [n]})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g", kind=kind)
    row = tu.assess(made, goal).table.iloc[1]
    ends = [n * row[gap] / row["per"] for gap in ("gap_low", "gap_high")]
    low, high = (max(0, int(np.ceil(end - 1e-9))) for end in ends)
    assert (row["needed_low"], row["needed_high"]) == (min(low, row["needed"]), high)


def test_needed_is_at_most_everybody() -> None:
    data = pd.DataFrame({"g": ["A"], "x": [0], "n": [3]})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g")
    assert tu.assess(made, tu.Goal.at_least(1.0)).table["needed_high"].tolist() == [3, 3]


@pytest.mark.parametrize("confidence", [0.95, 0.99, 0.995, 0.999])
@pytest.mark.parametrize("interval", ["midp", "exact", "auto"])
def test_very_few_weighted_people_have_limits_at_every_level(
    interval: str, confidence: float
) -> None:
    """A lower limit that is smaller than any float is 0, and not missing without a word."""
    data = pd.DataFrame({"race": ["A", "A", "B"], "y": [1, 1, 0], "w": [1.0, 0.25, 1.0]})
    made = tu.from_records(data, outcome="y", segments="race", weight="w")
    a = tu.assess(made, tu.Goal.at_least(0.5), interval=interval, confidence=confidence)
    assert a.table[["ci_low", "ci_high"]].notna().all(axis=None)
    assert a.joint(confidence=confidence)[["ci_low", "ci_high"]].notna().all(axis=None)
