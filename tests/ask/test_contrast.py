"""Cells of two strata compared: two years of one group, many counties at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, hypergeom
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

import targeted_universalism as tu
from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.agreement import Levels, agreeing, contrast, excluding
from targeted_universalism.ask.contrast import Pairs, compare
from targeted_universalism.ask.sides import Side
from targeted_universalism.measures.rare import (
    auto,
    dispersion,
    effective_size,
    pooled_dispersion,
    repeated_rate,
    weighted_proportion,
)
from targeted_universalism.measures.significance import score_test

score_test_of_statsmodels = test_proportions_2indep
del test_proportions_2indep  # its name would make it a test


def mid_p_of_scipy(x: int, n: int, y: int, m: int) -> float:
    """Twice the smaller tail given all events, half of what was seen in it."""
    given_all = hypergeom(n + m, x + y, n)
    below, same, above = given_all.cdf(x - 1), given_all.pmf(x), given_all.sf(x)
    return float(min(1.0, 2 * (min(below, above) + same / 2)))


COUNTIES, YEARS, RACES = 40, [2021, 2019, 2023, 2020], ["A", "B", "C"]


def counted(kinds: dict[str, str], interval: str = "auto") -> tuple[pd.DataFrame, Answer]:
    rng = np.random.default_rng(11)
    index = pd.MultiIndex.from_product(
        [list(kinds), [f"c{i}" for i in range(COUNTIES)], YEARS, RACES],
        names=["what", "county", "year", "race"],
    )
    data = index.to_frame(index=False)
    data["n"] = rng.integers(15, 400, len(data))
    data["x"] = rng.binomial(data["n"], 0.3)
    data = data[~((data["county"] == "c3") & (data["year"] == 2019))]
    s = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", by=["county", "year"],
        indicator="what", kind=kinds,
    )  # fmt: skip
    goals = {name: tu.Goal.at_most(0.2, per=1) for name in kinds}
    return data.set_index(index.names), tu.assess(s, goals, interval=interval)._answer


def against_2019(answer: Answer) -> Pairs:
    """Every row of every stratum, and the same row in the baseline year."""
    baseline = answer.segments.strata.pair("year", 2019)
    rows = np.arange(len(answer.labels))[:, None]
    shape = len(answer.labels), len(baseline)
    row, stratum = np.broadcast_to(rows, shape), np.broadcast_to(np.arange(shape[1]), shape)
    return Pairs(row, stratum, np.where(baseline < 0, -1, rows), np.broadcast_to(baseline, shape))


def test_two_years_of_one_group_agree_with_newcombe_and_miettinen_nurminen() -> None:
    data, answer = counted({"share": "proportion"}, interval="wilson")
    found = compare(answer, against_2019(answer), "baseline")
    strata = answer.segments.strata
    checked = 0
    for stratum, (county, year) in enumerate(strata.texts()):
        for row, race in enumerate(RACES, start=1):
            at = row, stratum
            now = data.loc[("share", county, int(year), race)]
            if county == "c3":
                assert np.isnan(found.reference_rate[at])
                assert np.isnan(found.difference[at])
                continue
            then = data.loc[("share", county, 2019, race)]
            assert found.difference[at] == pytest.approx(now.x / now.n - then.x / then.n)
            if year == "2019":
                assert np.isnan(found.difference_low[at])
                assert found.ratio[at] == 1
                continue
            low, high = confint_proportions_2indep(
                now.x, now.n, then.x, then.n, compare="diff", method="newcomb"
            )
            test = score_test_of_statsmodels(
                now.x, now.n, then.x, then.n, compare="diff", method="score", correction=True
            )
            ends = found.difference_low[at], found.difference_high[at]
            assert ends == pytest.approx((low, high), abs=1e-12)
            pooled = (now.x + then.x) / (now.n + then.n)
            few = min(now.n, then.n) * min(pooled, 1 - pooled) < 5
            expected = mid_p_of_scipy(now.x, now.n, then.x, then.n) if few else test.pvalue
            assert found.p_value[at] == pytest.approx(expected, abs=1e-12)
            checked += 1
    assert checked == (COUNTIES - 1) * 3 * len(RACES)


def test_by_hand() -> None:
    """Newcombe (1998), table II (a): 56/70 and 48/80 give 0.0524 to 0.3339."""
    data = pd.DataFrame({"race": "A", "year": [2022, 2023], "x": [48, 56], "n": [80, 70]})
    s = tu.from_counts(data, numerator="x", denominator="n", segments="race", by="year")
    answer = tu.assess(s, tu.Goal.at_least(0.9))._answer
    one = np.array([1])
    found = compare(answer, Pairs(one, one, one, one - 1), "baseline")
    limits = found.difference_low[0], found.difference_high[0]
    assert found.difference[0] == pytest.approx(0.2)
    assert limits == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_every_indicator_is_compared_in_its_own_way() -> None:
    """Pairs may come in any order and shape; a rate is tested as a rate."""
    data, answer = counted({"share": "proportion", "events": "rate"})
    whole = compare(answer, against_2019(answer), "baseline")
    pairs = against_2019(answer)
    some = np.random.default_rng(2).permutation(pairs.row.size)[:600]
    found = compare(answer, pairs.take(some), "baseline")
    for name in ("rate", "difference_low", "ratio_high", "p_value"):
        expected = getattr(whole, name).ravel()[some]
        np.testing.assert_array_equal(getattr(found, name), expected)
    expected = whole.reason.mapped(np.ravel)[some]
    assert (expected.sets, expected.codes.tolist()) == (
        found.reason.sets, found.reason.codes.tolist()
    )  # fmt: skip
    strata = answer.segments.strata
    stratum = int(strata.select({"county": "c5", "year": 2023, "indicator": "events"})[0])
    now, then = (data.loc[("events", "c5", year, "B")] for year in (2023, 2019))
    exact = binomtest(int(now.x), int(now.x + then.x), now.n / (now.n + then.n))
    smaller = min(
        binomtest(exact.k, exact.n, now.n / (now.n + then.n), alternative=side).pvalue
        for side in ("less", "greater")
    )
    assert whole.p_value[2, stratum] == pytest.approx(min(2 * smaller, 1))


def test_within_a_stratum_pairs_are_those_of_disparities() -> None:
    _, answer = counted({"share": "proportion"})
    pairs = Pairs.within(np.array([2]), np.full((1, len(answer.segments.strata)), 1))
    found = compare(answer, pairs, "A")
    table = tu.Assessment(answer).disparities("A")
    b = table[table["segment"] == "B"]
    np.testing.assert_array_equal(found.difference[0], b["difference"])
    np.testing.assert_array_equal(found.ratio_low[0], b["ratio_low"])
    np.testing.assert_array_equal(found.p_value[0], b["p_value"])


# --- sides whose counts are effective ones -------------------------------------------------------


def side_of(events: np.ndarray, people: np.ndarray, squares: np.ndarray) -> Side:
    """Sides of repeated events, shaped (segments, draws), from Σy, n and Σy²."""
    own = dispersion(
        events, people, people, squares=squares, exposure_squares=people, products=events
    )
    phi = pooled_dispersion(own, events, people)
    low, high = repeated_rate(events, people, phi)
    none = np.zeros(events.shape, dtype=np.bool_)
    known = np.full(events.shape, np.inf)
    variance = phi * events / people**2
    return Side(
        events / people, low, high, events / phi, people / phi, variance, known, phi, none
    )  # fmt: skip


@pytest.mark.parametrize(("people", "mean"), [(600, 0.1), (60, 0.4), (30, 0.5)])
@pytest.mark.parametrize("spread", [1.6, 2.7, 5.0])
def test_equal_groups_of_repeated_events_are_seldom_called_different(
    people: int, mean: float, spread: float
) -> None:
    """Negative binomial events, variance/mean `spread`, two groups, 600 draws; at most 6 %."""
    rng = np.random.default_rng(people)
    q = 1 / spread
    y = rng.negative_binomial(mean * q / (1 - q), q, (2, 600, people)).astype(float)
    sides = side_of(y.sum(2), np.full((2, 600), float(people)), (y**2).sum(2))
    one, two = (sides.take(np.arange(600) + 600 * i) for i in (0, 1))
    levels = Levels(0.95, np.full(600, 0.95))
    found = agreeing("rate", contrast("rate", one, two, levels.sides), one, two, levels)
    apart = excluding(found, one.rate - two.rate)
    assert ((found.p_value < 0.05) == apart).all()
    assert (found.p_value < 0.05).mean() <= 0.06 + 0.01


@pytest.mark.parametrize(("n", "p"), [(200, 0.005), (40, 0.99)])
def test_families_of_rare_events_are_seldom_wrong(n: int, p: float) -> None:
    """Of 30 equal groups against all others, Holm's p of scores is below .05 in 21 % of tables."""
    rng, k, tables = np.random.default_rng(3), 30, 300
    x = rng.binomial(n, p, (k, tables)).astype(float)
    size, none = np.full(x.shape, float(n)), np.zeros(x.shape, dtype=np.bool_)
    whole, rest = np.full(x.shape, np.inf), x.sum(axis=0) - x

    def side(events: np.ndarray, people: np.ndarray) -> Side:
        rate = events / people
        low, high = auto(events, people)
        known = rate * (1 - rate) / people
        return Side(rate, low, high, events, people, known, whole, np.ones(x.shape), none)

    tested = contrast("proportion", side(x, size), side(rest, size * (k - 1)), None)
    scores = score_test(x, size, rest, size * (k - 1))
    assert (scores.min(axis=0) * k < 0.05).mean() > 0.1
    assert (tested.p_value.min(axis=0) * k < 0.05).mean() <= 0.05 + 0.025


@pytest.mark.parametrize(("n", "p"), [(12, 0.3), (60, 0.1), (300, 0.5)])
def test_equal_weighted_groups_are_seldom_called_different(n: int, p: float) -> None:
    """Lognormal weights: limits with Student's t, so that their p-values agree with them."""
    rng = np.random.default_rng(n)
    y, w = (rng.random((2, 800, n)) < p).astype(float), rng.lognormal(0, 0.7, (2, 800, n))
    rate, rows = (w * y).sum(2) / w.sum(2), np.full((2, 800), float(n))
    size = effective_size(rate, rows, w.sum(2), (w**2).sum(2), (w**2 * y).sum(2))
    low, high = weighted_proportion(rate, size, rows)
    known, none = np.full(rate.shape, np.inf), np.zeros(rate.shape, dtype=np.bool_)
    variance = rate * (1 - rate) / size
    both = Side(rate, low, high, rate * size, size, variance, rows - 1, known, none)
    one, two = (both.take(np.arange(800) + 800 * i) for i in (0, 1))
    levels = Levels(0.95, np.full(800, 0.95))
    tested = contrast("proportion", one, two, levels.sides)
    assert (tested.p_value < 0.05).mean() <= 0.05 + 0.02
    found = agreeing("proportion", tested, one, two, levels)
    known_p = ~np.isnan(found.p_value + found.below + found.above)
    apart = excluding(found, one.rate - two.rate)
    assert ((found.p_value < 0.05) == apart)[known_p].all()
    assert apart.mean() <= 0.05 + 0.02
