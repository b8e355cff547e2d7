"""Intervals of inequality measures by their shape, and the pieces they are made of (RULES 3-6)."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize, special, stats

from make import some_of
from targeted_universalism.measures import midrank, simultaneous
from targeted_universalism.measures.contrasts import mover_difference, mover_ratio
from targeted_universalism.measures.inequality import noise
from targeted_universalism.measures.inequality.draws import counts_at, lattice
from targeted_universalism.measures.inequality.entropy import theil_by_place
from targeted_universalism.measures.inequality.equal import expected_if_equal
from targeted_universalism.measures.inequality.known import (
    Caution,
    Known,
    known_counts,
    known_estimates,
    known_means,
)
from targeted_universalism.measures.inequality.limits import FORMS, limits_of
from targeted_universalism.measures.inequality.limits_places import between_places, within_places
from targeted_universalism.measures.inequality.limits_sums import needed_in_all
from targeted_universalism.measures.inequality.register import REGISTER
from targeted_universalism.measures.intervals import clopper_pearson, poisson, wilson
from targeted_universalism.measures.parts import ratio_low, ratio_to_total
from targeted_universalism.measures.rare import (
    auto,
    dispersion,
    effective_size,
    mid_p,
    pooled_dispersion,
    repeated_rate,
    weighted_proportion,
)
from targeted_universalism.measures.simultaneous import (
    conditional_mid_p,
    pairs_level,
    sidak_level,
    tukey_p,
    tukey_quantile,
)

GRID = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "maker" / "grid.py"))
SIGNED = {
    "difference_by_order", "difference_from_reference", "ratio_by_order", "ratio_from_reference",
    "corrected_between_group_variance", "absolute_concentration_index", "erreygers_index",
    "relative_concentration_index", "wagstaff_index",
}  # fmt: skip


def table(k: int, strata: int, seed: int = 1, kind: str = "proportion") -> Known:
    rng = np.random.default_rng(seed)
    n = np.broadcast_to(np.rint(np.geomspace(20, 2000, k))[:, None], (k, strata)).copy()
    rate = rng.uniform(0.2, 0.6, (k, 1))
    x = rng.binomial(n.astype(int), rate) if kind == "proportion" else rng.poisson(n * rate)
    return known_counts(x.astype(float), n, kind=kind, rank=midrank(n / n.sum(axis=0)))


def given(name: str, **more: Any) -> dict[str, Any]:
    choices = {"alpha": 2.0, "epsilon": 0.5, "reference": np.array(1)}
    return {"direction": "at least", "goal": 0.4, **choices, **more}


# Elementary pieces


@pytest.mark.parametrize(("x", "n"), [(0, 12), (1, 50), (3, 7), (10, 400), (399, 400), (12, 12)])
def test_mid_p_limits_are_the_roots_of_their_tails(x: int, n: int) -> None:
    def beyond(p: float) -> float:
        law = stats.binom(n, p)
        return float(law.sf(x) + law.pmf(x) / 2)

    low, high = mid_p(np.array([x + 0.0]), np.array([n + 0.0]), 0.9)
    roots = [
        optimize.brentq(lambda p, t=tail: beyond(p) - t, 0, 1, xtol=1e-14) if inside else end
        for tail, inside, end in ((0.05, x > 0, 0.0), (0.95, x < n, 1.0))
    ]
    np.testing.assert_allclose([low[0], high[0]], roots, atol=1e-10)


def test_auto_limits_are_wilson_s_far_from_the_bounds_and_hold_rare_proportions() -> None:
    middle = np.array([30.0, 300.0]), np.array([90.0, 700.0])
    np.testing.assert_allclose(auto(*middle), wilson(*middle), rtol=1e-12)
    n, p = 200, np.exp(np.linspace(np.log(0.0005), np.log(0.05), 300))
    x = np.arange(n + 1.0)
    low, high = auto(x, np.full(n + 1, 200.0))
    held = (low[:, None] <= p) & (p <= high[:, None])
    assert (stats.binom.pmf(x[:, None], n, p) * held).sum(axis=0).min() > 0.935
    assert low[0] == 0
    assert high[-1] == 1


def test_exact_limits_agree_with_scipy_at_one_level_for_each_stratum() -> None:
    x, n, level = np.array([3.0, 40.0]), np.array([50.0, 90.0]), np.array([0.95, 0.999])
    for i in range(2):
        exact = stats.binomtest(int(x[i]), int(n[i])).proportion_ci(level[i], "exact")
        np.testing.assert_allclose(np.array(clopper_pearson(x, n, level))[:, i], exact)
    ends = (
        stats.chi2.ppf((1 - level) / 2, 2 * x) / 2,
        stats.chi2.isf((1 - level) / 2, 2 * x + 2) / 2,
    )
    np.testing.assert_allclose(poisson(x, n, level), np.array(ends) / n)
    np.testing.assert_array_equal(poisson(x, n, np.array([0.95, 0.95])), poisson(x, n))


def at_least(x: int, n: int, p: float) -> float:
    """Give the chance of x or more of n, term by term."""
    k = np.arange(x, n + 1.0)
    ways = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in k]
    return math.fsum(np.exp(ways + k * math.log(p) + (n - k) * math.log1p(-p)))


def test_exact_limits_around_a_thousand_leave_the_tails_that_they_promise() -> None:
    # SciPy's inverse of the beta distribution is wrong where one parameter is 1,000 exactly.
    low, high = (limit[0] for limit in clopper_pearson(np.array([999.0]), np.array([10_100.0])))
    assert at_least(999, 10_100, low) == pytest.approx(0.025, rel=1e-8)
    assert 1 - at_least(1000, 10_100, high) == pytest.approx(0.025, rel=1e-8)
    assert high == pytest.approx(0.1049, abs=5e-5)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99, 0.9999])
def test_exact_and_mid_p_limits_leave_their_tails_wherever_the_count_stands(level: float) -> None:
    some = np.unique(
        np.concatenate([np.arange(1, 30.0), np.arange(990, 1010.5, 0.5), 10 ** np.arange(2, 6.0)])
    )
    x, rest = (v.ravel() for v in np.meshgrid(some, np.append(some, [9_100, 175_000, 3e8])))
    tail, n = (1 - level) / 2, x + rest
    low, high = clopper_pearson(x, n, level)
    np.testing.assert_allclose(special.betainc(x, rest + 1, low), tail, rtol=1e-6)
    np.testing.assert_allclose(special.betainc(rest, x + 1, 1 - high), tail, rtol=1e-6)
    low, _ = mid_p(x, n, level)
    half = (special.betainc(x, rest + 1, low) + special.betainc(x + 1, rest, low)) / 2
    np.testing.assert_allclose(half, tail, rtol=1e-4)


def test_limits_of_repeated_events_are_phi_times_garwood_s() -> None:
    y = np.array([0, 0, 0, 3, 5, 1, 0, 4, 0, 7.0])
    phi = dispersion(
        y.sum(), np.array(10.0), np.array(10.0),
        squares=y @ y, exposure_squares=np.array(10.0), products=y.sum(),
    )  # fmt: skip
    assert phi == pytest.approx(np.var(y, ddof=1) / y.mean())
    low, high = repeated_rate(np.array([20.0]), np.array([10.0]), np.array([phi]))
    ends = stats.chi2.ppf(0.025, 40 / phi) / 2, stats.chi2.ppf(0.975, 40 / phi + 2) / 2
    np.testing.assert_allclose([low[0], high[0]], phi * np.array(ends) / 10)


def test_segments_with_few_events_share_in_the_dispersion_of_all() -> None:
    phi, events = np.array([1.0, 4.0, np.nan]), np.array([3.0, 800.0, 1.0])
    found = pooled_dispersion(phi, events, np.array([11.0, 21.0, np.nan]))
    np.testing.assert_allclose(found, [3.0, 4.0, np.nan])


def test_weights_that_are_equal_are_none_and_lognormal_ones_keep_the_level() -> None:
    rows, sums = np.array([40.0]), (np.array([80.0]), np.array([160.0]))
    assert effective_size(np.array([0.3]), rows, *sums, np.array([48.0])) == rows
    rng, n, p = np.random.default_rng(2), 20, 0.4
    w, y = rng.lognormal(0, 0.8, (n, 4000)), rng.random((n, 4000)) < p
    rate = (w * y).sum(axis=0) / w.sum(axis=0)
    size = effective_size(
        rate, np.full(4000, n + 0.0), w.sum(axis=0), (w**2).sum(axis=0), (w**2 * y).sum(axis=0)
    )
    low, high = weighted_proportion(rate, size, np.full(4000, n + 0.0))
    assert ((low <= p) & (p <= high)).mean() > 0.935


@pytest.mark.parametrize("k", [2, 3, 12, 30])
def test_tukey_s_quantile_and_tail_agree_with_scipy(k: int) -> None:
    assert tukey_quantile(k) * np.sqrt(2) == pytest.approx(
        stats.studentized_range.ppf(0.95, k, np.inf)
    )
    z = np.array([0.3, 1.0, 2.5, 4.0])
    np.testing.assert_allclose(
        tukey_p(z, k), stats.studentized_range.sf(z * np.sqrt(2), k, np.inf), rtol=1e-6
    )
    assert tukey_p(np.array(12.0), k) > 0


def test_conditional_mid_p_agrees_with_scipy_however_small() -> None:
    rng = np.random.default_rng(5)
    n, m = rng.integers(2, 2000, (2, 200))
    x, y = rng.binomial(n, rng.uniform(0, 0.3, 200)), rng.binomial(m, 0.02)
    counts = (v.astype(float) for v in (x, n, y, m))
    args = list(counts)
    for kind, law in (
        ("proportion", stats.hypergeom(n + m, x + y, n)),
        ("rate", stats.binom(x + y, n / (n + m))),
    ):
        half = law.pmf(x) / 2
        ours = conditional_mid_p(*args, kind=kind)
        theirs = np.minimum(1, 2 * np.minimum(law.cdf(x) - half, law.sf(x) + half))
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-14)


def test_sidak_s_level_makes_independent_rows_hold_together() -> None:
    assert sidak_level(0.95, 12) ** 12 == pytest.approx(0.95)
    assert sidak_level(0.95, 1) == 0.95


def test_ratio_to_the_total_is_turned_from_the_ratio_to_the_rest() -> None:
    one, rest = (0.5, 0.4, 0.6), (0.25, 0.2, 0.3)
    low, high = mover_ratio(*(tuple(np.array([v]) for v in rate) for rate in (one, rest)))
    turned = [r / (0.25 * r + 0.75) for r in (low[0], high[0])]
    np.testing.assert_allclose(ratio_to_total(one, rest, np.array(0.25)), turned)
    nothing = ratio_to_total((0.5, 0.4, 0.6), (0.0, 0.0, 0.1), np.array(0.25))
    assert nothing[1] == 4
    assert ratio_low((0.0, 0.0, 0.1), rest) == 0


# Shapes


def test_two_segments_have_newcombe_s_interval_of_their_difference() -> None:
    x, n = np.array([10.0, 60.0]), np.array([80.0, 100.0])
    known = known_counts(x, n, kind="proportion")
    one, other = ((known.rate[i], known.low[i], known.high[i]) for i in (1, 0))
    low, high = mover_difference(one, other)
    assert limits_of("difference", known).high == pytest.approx(high)
    named = limits_of("mean_difference_from_reference", known, reference=np.array(0))
    np.testing.assert_allclose(named[:2], np.array([low, high]) / 2)
    variance = limits_of("between_group_variance", known)
    np.testing.assert_allclose(variance[:2], 20 / 81 * np.array([low, high]) ** 2)


def test_the_ends_of_an_order_have_the_interval_of_that_pair() -> None:
    known = table(5, 1)
    first, last = (tuple(v[i] for v in (known.rate, known.low, known.high)) for i in (0, -1))
    found = limits_of("difference_by_order", known, direction="at least")
    np.testing.assert_allclose(found[:2], mover_difference(last, first))
    found = limits_of("ratio_by_order", known, direction="at most")
    np.testing.assert_allclose(found[:2], mover_ratio(first, last))


def test_a_relative_concentration_index_lies_where_mover_holds_zero() -> None:
    known = table(4, 1)
    assert known.rank is not None
    for limit in limits_of("relative_concentration_index", known)[:2]:
        w = (2 * known.rank - 1 - limit) * known.share
        low, high = known.rate - known.low, known.high - known.rate
        value = (w * known.rate).sum()
        arms = np.where(w > 0, low, high), np.where(w > 0, high, low)
        ends = value - np.hypot.reduce(w * arms[0]), value + np.hypot.reduce(w * arms[1])
        assert min(np.abs(ends).ravel()) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_the_value_lies_inside_and_strata_are_alike_alone_or_together(name: str, kind: str) -> None:
    if kind not in (REGISTER[name].kinds or (kind,)):
        pytest.skip("not for this kind")
    known = table(4, 6, kind=kind)
    chosen = given(name)
    low, high, _ = limits_of(name, known, **chosen)
    plain = {"share": known.share, "rank": known.rank, "se": np.sqrt(known.variance)}
    value = REGISTER[name].value({**plain, "rate": known.rate, **chosen})
    assert np.isfinite(low + high).all()
    assert ((low <= value + 1e-12) & (value <= high + 1e-12)).all()
    for j in range(6):
        alone = known.take(np.arange(4)[:, None], np.array([j]))
        np.testing.assert_allclose(
            np.array(limits_of(name, alone, **chosen)[:2])[:, 0], [low[j], high[j]], rtol=1e-9
        )


@pytest.mark.parametrize("name", FORMS)
def test_a_segment_without_a_rate_takes_no_part(name: str) -> None:
    known = table(4, 1)
    x, n = known.rate * known.size, known.size.copy()
    with_gap = known_counts(
        np.insert(x, 1, np.nan, axis=0), np.insert(n, 1, 70.0, axis=0), kind="proportion",
        share=np.insert(n, 1, 70.0, axis=0),
        rank=None if known.rank is None else np.insert(known.rank, 1, np.nan, axis=0),
    )  # fmt: skip
    here = limits_of(name, known, **given(name))
    there = limits_of(name, with_gap, **given(name, reference=np.array(2)))
    np.testing.assert_allclose(there[:2], here[:2], rtol=1e-9)


@pytest.mark.parametrize("name", sorted(n for n in FORMS if not REGISTER[n].ordered))
def test_the_order_of_rows_and_ties_do_not_matter(name: str) -> None:
    x, n = np.array([5.0, 500, 200, 11]), np.array([10.0, 1000, 1000, 22])
    turn = np.array([2, 0, 3, 1])
    chosen = given(name, goal=0.9)
    known = known_counts(x, n, kind="proportion")
    turned = known_counts(x[turn], n[turn], kind="proportion")
    other = {**chosen, "reference": np.array(3)}
    np.testing.assert_allclose(
        limits_of(name, turned, **other)[:2], limits_of(name, known, **chosen)[:2], rtol=1e-9
    )


@pytest.mark.parametrize("name", sorted(set(FORMS) - SIGNED))
@pytest.mark.parametrize("k", [2, 3, 8])
def test_equal_rates_have_an_interval_that_tells_something(name: str, k: int) -> None:
    n = np.full(k, 50.0)
    known = known_counts(0.4 * n, n, kind="proportion", rank=midrank(n / n.sum()))
    low, high, caution = limits_of(name, known, **given(name, reference=np.array(0)))
    measure = REGISTER[name]
    assert high - low > 1e-4
    if measure.one_sided:
        assert low == measure.value_at_equality
        assert caution & Caution.INCLUDES_EQUALITY


def test_a_rate_of_zero_takes_the_interval_of_what_divides_by_it() -> None:
    n = np.full(3, 40.0)
    known = known_counts(np.array([0.0, 4, 9]), n, kind="proportion")
    for name in ("ratio", "mean_log_deviation", "atkinson"):
        found = limits_of(name, known, **given(name, epsilon=1.0))
        assert np.isnan(found.low)
        assert found.caution == Caution.ZERO_RATE
    assert np.isfinite(limits_of("theil", known).high)
    assert limits_of("theil", table(3, 1)).caution == 0


def test_published_and_mean_segments_have_intervals_of_every_shape() -> None:
    rate, se = np.array([2.0, 5.0, 9.0]), np.array([0.3, 0.4, 0.5])
    share, df = np.array([0.2, 0.3, 0.5]), np.full(3, 30.0)
    rank = midrank(share)
    limits = rate * np.exp(-2 * se / rate), rate * np.exp(2 * se / rate)
    for known in (
        known_means(rate, se, df, share, rank=rank),
        known_estimates(rate, limits, share, kind="rate", rank=rank),
    ):
        for name in FORMS:
            if not REGISTER[name].kinds:
                low, high, _ = limits_of(name, known, **given(name, goal=6.0))
                assert low < high


def test_people_needed_in_all_lie_in_a_range_narrower_than_the_sum_of_limits() -> None:
    known = table(8, 1)
    n, goal = known.size, 0.7
    needed = np.ceil(np.maximum(n * (goal - known.rate) - 1e-9, 0)).sum(axis=0)
    low, high, _ = needed_in_all(known, n, goal, 1, needed)
    sums = [(n * np.maximum(goal - limit, 0)).sum(axis=0) for limit in (known.high, known.low)]
    assert sums[0] < low <= needed <= high < sums[1]
    assert low == np.ceil(low)


CELLS = {  # on purpose unkind: groups of 5 to 5,000 in one table, rare and universal outcomes
    "rare": (12, "5-5000 shuffled", "proportion", 0.03, "linear"),
    "universal": (5, "5-5000", "proportion", 0.99, "halves"),
    "best is smallest": (5, "5-5000", "proportion", 0.9, "linear"),
    "equal": (30, "200", "proportion", 0.3, "equal"),
    "two": (2, "5-40", "proportion", 0.5, "halves"),
    "reference is small": (30, "5-5000 shuffled", "proportion", 0.9, "linear"),
    "rates": (12, "50-2000", "rate", 0.03, "mixed"),
}


@pytest.mark.parametrize("name", some_of(CELLS, "rare", "best is smallest", "rates"))
def test_intervals_hold_where_nobody_was_kind(name: str) -> None:
    k, sizes, kind, level, pattern = CELLS[name]
    draws = 150 if k == 30 else 300
    with np.errstate(all="ignore"):
        found = GRID["one_cell"](GRID["Cell"](k, sizes, kind, level, pattern, 6), draws)
    noise_of_draws = 2.6 * np.sqrt(0.92 * 0.08 / draws)
    low = {
        measure: row[0] for measure, row in found.items()
        # Given that a ratio exists in a part of the tables only, nothing holds.
        if row[3] > 0.9 * draws and row[0] < 0.92 - noise_of_draws
    }  # fmt: skip
    assert not low


@pytest.mark.parametrize(
    ("k", "places", "sizes", "p"),
    [(5, 12, (5, 5000), 0.3), (2, 39, (5, 40), 0.9), (12, 2, (50, 900), 0.05)],
)
@pytest.mark.parametrize("apart", some_of([0.0, 0.7], 0.7))
def test_both_parts_of_theils_index_hold_the_truth(
    k: int, places: int, sizes: tuple[int, int], p: float, apart: float
) -> None:
    """The delta method holds within-place inequality in as little as none of these tables."""
    rng, draws = np.random.default_rng(places), 120
    n = np.rint(np.exp(rng.uniform(*np.log(sizes), (k, places))))
    odds = p / (1 - p) * np.exp(rng.normal(0, apart, (k, places)))
    rate, share = odds / (1 + odds), n / n.sum()
    truth, held = theil_by_place(rate, share), np.zeros(2)
    for _ in range(draws):
        x = rng.binomial(n.astype(int), rate).astype(float)
        known, found = known_counts(x, n, kind="proportion"), theil_by_place(x / n, share)
        for i, form in enumerate((between_places, within_places)):
            low, high, _ = form(known, share)
            assert low <= found[i] + 1e-12
            assert found[i] <= high + 1e-12
            held[i] += low <= truth[i] + 1e-12 and truth[i] <= high
    assert (held / draws >= 0.92 - 2.6 * np.sqrt(0.92 * 0.08 / draws)).all()


# What chance makes


def test_drawn_counts_are_quantiles() -> None:
    points, alone = lattice(1, 256), np.zeros((1, 1), dtype=np.int64)
    u = (np.arange(256) + points.shift) / 256

    def rising(n: float, p: float, kind: str) -> np.ndarray:
        [(_, counts)] = counts_at(points, alone, np.array([[n]]), np.array([[p]]), kind)
        return np.sort(counts[0, 0])

    for n, p in ((20.0, 0.1), (20.0, 0.9), (400.0, 0.3), (3000.0, 0.002), (2000.0, 0.998)):
        ours = rising(n, p, "proportion")
        assert np.abs(ours - stats.binom.ppf(u, n, p)).max() <= (0 if min(p, 1 - p) * n < 10 else 1)
    np.testing.assert_array_equal(rising(100.0, 0.05, "rate"), stats.poisson.ppf(u, 5))


def test_segments_are_drawn_apart_at_the_points_of_the_lattice() -> None:
    points, place = lattice(3, 128), np.array([[2], [0], [1]])
    n, p = np.array([[9.0], [40.0], [900.0]]), np.full((3, 1), 0.3)
    [(_, counts)] = counts_at(points, place, n, p, "proportion")
    u = (points.step + points.shift[:, None]) / 128
    expected = stats.binom.ppf(u[place[:, 0]], n, p)
    assert np.abs(counts[:, 0] - expected).max() <= 1
    assert (counts[0, 0] == expected[0]).all()


@pytest.mark.parametrize(
    ("sizes", "p"),
    [
        ([100, 400, 2000], 0.01), ([12] * 10, 0.4), ([50] * 5, 0.97), ([120] * 8, 0.1),
        ([1200] * 30, 0.99), ([60, 900], 0.9), ([100] * 12, 0.06), ([40, 3000, 9000], 0.995),
    ],
)  # fmt: skip
def test_what_is_expected_if_equal_is_the_average_of_tables(sizes: list[int], p: float) -> None:
    n, mean = np.array(sizes, dtype=float)[:, None], np.array([p])
    share = n / n.sum()
    rng = np.random.default_rng(3)
    drawn = rng.binomial(n.astype(int), p, (len(n), 40_000)) / n
    base = noise.equal(
        {"share": share, "mean": mean, "direction": "at least", "goal": p},
        np.sqrt(p * (1 - p) / n),
        (1 - 2 * p) / np.sqrt(n * p * (1 - p)),
    )
    names = ("difference", "attributable_risk", "attributable_fraction", "summary_rate_difference",
             "theil", "gini", "between_group_standard_deviation", "mean_shortfall",
             "weighted_mean_difference_from_mean", "index_of_disparity",
             "coefficient_of_variation", "between_group_variance")  # fmt: skip
    asked = [(REGISTER[name], {}) for name in names]
    asked += [(REGISTER["atkinson"], {"epsilon": 0.5}), (REGISTER["renyi"], {"alpha": 2.0}),
              (REGISTER["generalized_entropy"], {"alpha": 2.0})]  # fmt: skip
    found = expected_if_equal(asked, base, size=n, kind="proportion")
    for (measure, choice), values in zip(asked, found, strict=True):
        wide = {**base, **choice, "share": np.broadcast_to(share, drawn.shape), "rate": drawn}
        average = np.nanmean(measure.value(wide))
        assert values[0] == pytest.approx(average, rel=0.03)


def test_levels_for_all_pairs_follow_the_number_of_segments_of_a_stratum() -> None:
    np.testing.assert_allclose(pairs_level(np.array([2, 5])), [0.95, 2 * stats.norm.cdf(
        stats.studentized_range.ppf(0.95, 5, np.inf) / np.sqrt(2)) - 1])  # fmt: skip


@pytest.mark.parametrize("k", [2, 3, 12, 30])
def test_the_table_of_the_studentized_range_is_the_integral(k: int) -> None:
    drawn = np.random.default_rng(k).uniform(0, 9, 60)
    z = np.concatenate([[0.0, 0.003, 0.021, 37.9, 50.0], drawn])
    found = simultaneous.tukey_p_of_many(z, np.full(z.shape, k))
    exact = simultaneous.tukey_p(np.minimum(z, 38.0), k)
    np.testing.assert_allclose(found[exact > 1e-290], exact[exact > 1e-290], rtol=1e-6)
    some = z[(z > 0.5) & (z < 5)][:5]
    published = stats.studentized_range.sf(some * np.sqrt(2), k, np.inf)
    np.testing.assert_allclose(
        simultaneous.tukey_p_of_many(some, np.full(5, k)), published, rtol=1e-5, atol=1e-9
    )
