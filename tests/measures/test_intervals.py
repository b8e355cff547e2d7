"""Laws of the intervals: bounds, symmetry, order, and coverage computed exactly, not simulated."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import targeted_universalism as tu
from targeted_universalism.measures.intervals import clopper_pearson_at_most, standard_error

Limits = tuple[np.ndarray, np.ndarray]
Method = Callable[..., Limits]

wilson, clopper_pearson = tu.measures.wilson, tu.measures.clopper_pearson
poisson, byar, byar_or_exact = tu.measures.poisson, tu.measures.byar, tu.measures.byar_or_exact
from_standard_error = tu.measures.from_standard_error

LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99, 0.998]
of_proportions = pytest.mark.parametrize("method", [wilson, clopper_pearson])
of_every_count = pytest.mark.parametrize(
    "method", [wilson, clopper_pearson, poisson, byar, byar_or_exact]
)
at_every_level = pytest.mark.parametrize("level", LEVELS)
LEVEL = st.floats(0.01, 0.999)


def all_counts(most: int) -> Limits:
    """Give every x of every n from 1 to `most`."""
    n = np.repeat(np.arange(1, most + 1), np.arange(2, most + 2))
    x = np.concatenate([np.arange(size + 1) for size in range(1, most + 1)])
    return x.astype(float), n.astype(float)


def z_of(level: float) -> float:
    """Two-sided normal quantile, from the standard library."""
    return NormalDist().inv_cdf(0.5 + level / 2)


# --- every interval of a proportion ------------------------------------------------------------


@of_proportions
@at_every_level
def test_limits_of_a_proportion_lie_around_it_between_zero_and_one(
    method: Method, level: float
) -> None:
    x, n = all_counts(120)
    low, high = method(x, n, level)
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low <= x / n).all()
    assert (x / n <= high).all()
    assert (low < high).all()


@of_proportions
@given(n=st.integers(1, 10**9), share=st.floats(0, 1), level=LEVEL)
def test_limits_of_any_count_lie_around_its_proportion(
    method: Method, n: int, share: float, level: float
) -> None:
    x = float(min(n, int(share * n)))
    (low,), (high,) = method(np.array([x]), np.array([float(n)]), level)
    assert 0 <= low <= x / n <= high <= 1


@of_proportions
@at_every_level
def test_limits_at_the_edges_are_exactly_zero_and_one_for_every_size(
    method: Method, level: float
) -> None:
    n = np.arange(1.0, 5001.0)
    low, _ = method(np.zeros(5000), n, level)
    _, high = method(n, n, level)
    assert (low == 0).all()
    assert (high == 1).all()


@of_proportions
@at_every_level
def test_limits_of_the_others_are_one_minus_the_limits(method: Method, level: float) -> None:
    x, n = all_counts(120)
    low, high = method(x, n, level)
    other_low, other_high = method(n - x, n, level)
    np.testing.assert_allclose(other_low, 1 - high, rtol=0, atol=1e-14)
    np.testing.assert_allclose(other_high, 1 - low, rtol=0, atol=1e-14)


@of_proportions
def test_limits_rise_with_the_events(method: Method) -> None:
    x, n = all_counts(120)
    low, high = method(x, n, 0.95)
    same = n[1:] == n[:-1]
    assert (np.diff(low)[same] > 0).all()
    assert (np.diff(high)[same] > 0).all()


@of_proportions
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_interval_of_one_proportion_narrows_with_its_size(method: Method, share: float) -> None:
    n = np.arange(10.0, 5001.0, 10.0)
    low, high = method(share * n, n, 0.95)
    assert (np.diff(high - low) < 0).all()


def test_wilson_limits_solve_the_score_equation() -> None:
    """Each limit L satisfies (p − L)² = z²·L(1 − L)/n: Wilson's definition, not his formula."""
    x, n = all_counts(120)
    for level in LEVELS:
        low, high = wilson(x, n, level)
        inside = (x > 0) & (x < n)
        for limit in (low[inside], high[inside]):
            distance = (x / n)[inside] - limit
            spread = z_of(level) ** 2 * limit * (1 - limit) / n[inside]
            np.testing.assert_allclose(distance**2, spread, rtol=1e-9)


def test_wilson_takes_effective_sizes_that_are_not_whole() -> None:
    """By hand: p = .5, n = 7.5, z² = 3.8415: .5 ± .5·√(z²/(n + z²)) = .5 ± .2910."""
    low, high = wilson(np.array([3.75]), np.array([7.5]))
    half = 0.5 * np.sqrt(z_of(0.95) ** 2 / (7.5 + z_of(0.95) ** 2))
    assert half == pytest.approx(0.2910, abs=5e-5)
    assert [low[0], high[0]] == pytest.approx([0.5 - half, 0.5 + half], rel=1e-13)


def test_clopper_pearson_limits_leave_half_the_error_in_each_tail() -> None:
    x, n = all_counts(60)
    for level in LEVELS:
        low, high = clopper_pearson(x, n, level)
        tail = (1 - level) / 2
        some, left = x > 0, x < n
        above = stats.binom.sf(x[some] - 1, n[some], low[some])
        below = stats.binom.cdf(x[left], n[left], high[left])
        np.testing.assert_allclose(above, tail, rtol=1e-9)
        np.testing.assert_allclose(below, tail, rtol=1e-9)


# --- every interval of a count -----------------------------------------------------------------


@of_every_count
@given(
    x=st.integers(0, 10**4),
    rest=st.integers(0, 10**4),
    levels=st.tuples(LEVEL, LEVEL).map(sorted),
)
def test_a_higher_level_never_gives_a_narrower_interval(
    method: Method, x: int, rest: int, levels: list[float]
) -> None:
    counts = np.array([float(x)]), np.array([float(max(1, x + rest))])
    (low, high), (lower, higher) = (method(*counts, level) for level in levels)
    # Byar's lower limit is missing where it would be below zero.
    assert lower[0] <= low[0] * (1 + 1e-12) or np.isnan(lower[0])
    assert higher[0] >= high[0] * (1 - 1e-12)


@of_every_count
def test_no_people_have_no_interval(method: Method) -> None:
    low, high = method(np.zeros(2), np.array([0.0, 10.0]))
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] == 0
    assert high[1] > 0


@of_every_count
def test_many_strata_at_once_are_one_at_a_time(method: Method) -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(1, 500, (4, 6, 5)).astype(float)
    x = np.floor(n * rng.uniform(0, 1, n.shape))
    low, high = method(x, n, 0.9)
    assert low.shape == high.shape == n.shape
    for place in np.ndindex(n.shape):
        one = method(x[place].reshape(1), n[place].reshape(1), 0.9)
        assert [low[place], high[place]] == pytest.approx(
            [one[0][0], one[1][0]], rel=1e-14, nan_ok=True
        )


def test_poisson_limits_leave_half_the_error_in_each_tail() -> None:
    x = np.arange(0.0, 400.0)
    for level in LEVELS:
        low, high = poisson(x, np.ones(400), level)
        tail = (1 - level) / 2
        np.testing.assert_allclose(stats.poisson.sf(x[1:] - 1, low[1:]), tail, rtol=1e-9)
        np.testing.assert_allclose(stats.poisson.cdf(x, high), tail, rtol=1e-9)
        assert low[0] == 0


def test_poisson_limits_divide_by_the_people() -> None:
    x = np.arange(0.0, 50.0)
    low, high = poisson(x, np.ones(50))
    spread = poisson(x, np.full(50, 2500.0))
    np.testing.assert_allclose(spread[0], low / 2500, rtol=1e-14)
    np.testing.assert_allclose(spread[1], high / 2500, rtol=1e-14)


def test_byar_is_close_to_the_exact_limits_from_ten_events_on() -> None:
    """Breslow & Day 1987: accurate to the third digit even for few events."""
    x = np.arange(10.0, 2000.0)
    ours, exact = byar(x, np.ones(1990)), poisson(x, np.ones(1990))
    np.testing.assert_allclose(ours[0], exact[0], rtol=2e-3)
    np.testing.assert_allclose(ours[1], exact[1], rtol=2e-3)


def test_exact_limits_give_way_to_byars_at_ten_events() -> None:
    x = np.arange(1.0, 30.0)
    n = np.full(29, 1000.0)
    mixed, exact, approximate = (f(x, n) for f in (byar_or_exact, poisson, byar))
    for side in (0, 1):
        assert mixed[side][:9].tolist() == exact[side][:9].tolist()
        assert mixed[side][9:].tolist() == approximate[side][9:].tolist()
    assert (exact[1] != approximate[1]).all()


# --- coverage, computed exactly (RULES 6) ------------------------------------------------------


def coverage(method: Method, n: int, p: np.ndarray) -> np.ndarray:
    """Probability that the 95 % interval holds p, summed over every count."""
    x = np.arange(n + 1.0)
    low, high = method(x, np.full(n + 1, float(n)))
    holds = (low[:, None] <= p) & (p <= high[:, None])
    return (stats.binom.pmf(x[:, None], n, p) * holds).sum(axis=0)


@pytest.mark.parametrize("n", [10, 13, 20, 30, 50, 75, 100, 150, 200])
def test_mean_coverage_of_wilson_is_close_to_the_level(n: int) -> None:
    mean = coverage(wilson, n, np.linspace(0.05, 0.95, 1801)).mean()
    assert 0.94 <= mean <= 0.96


@pytest.mark.parametrize("n", [1, 2, 5, 10, 20, 30, 50, 100, 200])
def test_coverage_of_clopper_pearson_is_nowhere_below_the_level(n: int) -> None:
    assert coverage(clopper_pearson, n, np.linspace(0.0005, 0.9995, 1999)).min() >= 0.95


def test_coverage_of_exact_poisson_is_nowhere_below_the_level() -> None:
    mean = np.concatenate([np.linspace(0.01, 5, 500), np.linspace(5, 60, 1101)])
    x = np.arange(0.0, 201.0)
    low, high = poisson(x, np.ones(201))
    holds = (low[:, None] <= mean) & (mean <= high[:, None])
    assert (stats.poisson.pmf(x[:, None], mean) * holds).sum(axis=0).min() >= 0.95


# --- estimates with a standard error -----------------------------------------------------------


@given(p=st.floats(0.001, 0.999), se=st.floats(1e-4, 0.2), level=LEVEL)
def test_proportions_have_symmetric_limits_in_log_odds(p: float, se: float, level: float) -> None:
    (low,), (high,) = from_standard_error(np.array([p]), np.array([se]), "proportion", level)
    half = z_of(level) * se / (p * (1 - p))
    odds = p / (1 - p)
    lower, upper = odds * np.exp(-half), odds * np.exp(half)
    assert low == pytest.approx(lower / (1 + lower), rel=1e-9)
    assert 1 - high == pytest.approx(1 / (1 + upper), rel=1e-6, abs=1e-15)
    assert 0 <= low <= p <= high <= 1


@pytest.mark.parametrize("kind", ["rate", "standardized"])
@given(rate=st.floats(0.01, 1e5), relative=st.floats(1e-4, 2), level=LEVEL)
def test_rates_have_symmetric_limits_in_logarithms(
    kind: str, rate: float, relative: float, level: float
) -> None:
    se = rate * relative
    (low,), (high,) = from_standard_error(np.array([rate]), np.array([se]), kind, level)
    assert np.log(high / rate) == pytest.approx(z_of(level) * relative, rel=1e-9, abs=1e-14)
    assert np.log(rate / low) == pytest.approx(z_of(level) * relative, rel=1e-9, abs=1e-14)


@given(mean=st.floats(-1e5, 1e5), se=st.floats(1e-3, 1e3), level=LEVEL)
def test_means_have_symmetric_limits(mean: float, se: float, level: float) -> None:
    (low,), (high,) = from_standard_error(np.array([mean]), np.array([se]), "mean", level)
    assert high - mean == pytest.approx(z_of(level) * se, rel=1e-6, abs=1e-10)
    assert mean - low == pytest.approx(z_of(level) * se, rel=1e-6, abs=1e-10)


@pytest.mark.parametrize(
    ("kind", "rate", "se"),
    [
        ("proportion", 0.0, 0.1),
        ("proportion", 1.0, 0.1),
        ("proportion", 0.5, 0.0),
        ("proportion", 0.5, np.nan),
        ("rate", 0.0, 0.1),
        ("rate", 3.0, 0.0),
        ("standardized", 0.0, 1.0),
        ("mean", 3.0, 0.0),
        ("mean", np.nan, 1.0),
    ],
)
def test_no_interval_at_a_bound_or_without_an_error(kind: str, rate: float, se: float) -> None:
    low, high = from_standard_error(np.array([rate, 0.4]), np.array([se, 0.1]), kind)
    assert np.isnan([low[0], high[0]]).all()
    assert np.isfinite([low[1], high[1]]).all()


def test_a_mean_of_zero_has_an_interval() -> None:
    low, high = from_standard_error(np.array([0.0]), np.array([1.0]), "mean")
    assert [low[0], high[0]] == pytest.approx([-1.959963984540054, 1.959963984540054], rel=1e-13)


@pytest.mark.parametrize("kind", ["proportion", "rate", "mean", "standardized"])
@given(rate=st.floats(0.01, 0.99), relative=st.floats(0.001, 0.5), level=st.floats(0.5, 0.999))
def test_standard_error_is_the_one_behind_its_own_interval(
    kind: str, rate: float, relative: float, level: float
) -> None:
    p, se = np.array([rate]), np.array([rate * (1 - rate) * relative])
    low, high = from_standard_error(p, se, kind, level)
    assert standard_error(p, low, high, kind, level) == pytest.approx(se, rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("proportion", 0.0, 0.6), ("proportion", 0.4, 1.0), ("rate", 0.0, 0.6), ("mean", np.nan, 1.0)],
)
def test_no_standard_error_behind_a_limit_at_the_bound_of_the_scale(
    kind: str, low: float, high: float
) -> None:
    found = standard_error(np.array([0.5]), np.array([low]), np.array([high]), kind, 0.95)
    assert np.isnan(found).all()


# --- a width that no exact interval exceeds ------------------------------------------------------


def beta_width(x: np.ndarray, n: np.ndarray, level: float) -> np.ndarray:
    """Width of the exact interval, by SciPy's distribution."""
    tail = (1 - level) / 2
    low = np.where(x > 0, stats.beta.ppf(tail, np.maximum(x, 1e-9), n - x + 1), 0)
    high = np.where(x < n, stats.beta.isf(tail, x + 1, np.maximum(n - x, 1e-9)), 1)
    return np.asarray(high - low)


@at_every_level
def test_no_exact_interval_is_wider_than_its_bound(level: float) -> None:
    x, n = all_counts(100)
    assert (clopper_pearson_at_most(x, n, level) >= beta_width(x, n, level)).all()


def test_the_bound_holds_for_effective_counts_of_any_size_and_is_of_use() -> None:
    """Effective counts are not whole; the bound is not so far off that it settles nothing."""
    rng = np.random.default_rng(20)
    n = np.exp(rng.uniform(0, np.log(1e7), 20_000))
    x = n * rng.beta(0.3, 0.3, len(n))
    bound, width = clopper_pearson_at_most(x, n), beta_width(x, n, 0.95)
    assert (bound >= width).all()
    many = np.minimum(x, n - x) >= 100
    assert (bound <= 1.5 * width)[many].all()
