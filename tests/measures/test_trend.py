"""Straight lines over time: held against statsmodels, closed forms, and draws of another kind."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special, stats

import targeted_universalism as tu
from make import examples
from targeted_universalism.measures.arrival import Arrival, arrival, errors_to_limits
from targeted_universalism.measures.pace import PACES
from targeted_universalism.measures.trend import Trend, fitted, on_scale

NAN = np.nan
Array = np.ndarray
WHEN = np.array([2014.0, 2015.0, 2016.0, 2018.0, 2019.0, 2020.0, 2022.0])
AT = np.asarray(2022.0)


def series(seed: int, points: int = 7, shape: tuple[int, ...] = ()) -> tuple[Array, Array]:
    """Draw points and variances."""
    rng = np.random.default_rng(seed)
    variance = rng.uniform(0.01, 0.2, (points, *shape))
    slope = rng.normal(0, 0.2, shape)
    value = slope * np.arange(points).reshape(-1, *[1] * len(shape))
    return value + np.sqrt(variance) * rng.standard_normal(variance.shape), variance


def reach(line: Trend, goal: float, deadline: float = NAN, sign: int = 1, **more: int) -> Arrival:
    return arrival(
        line, np.asarray(goal), direction=np.asarray(sign), deadline=np.asarray(deadline), **more
    )


def one_line(
    value: float, slope: float, *, errors: tuple[float, float], scatter: float, points: int
) -> Trend:
    """Make a line with independent errors of its value and slope."""
    numbers = (points, 0.0, value, slope, errors[0] ** 2, errors[1] ** 2, 0.0, scatter)
    return Trend(*(np.asarray(float(v)) for v in numbers), known=np.asarray(True))


# --- the line, against another library -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_a_weighted_line_is_that_of_statsmodels(seed: int) -> None:
    value, variance = series(seed)
    value[seed] = NAN
    line, there = fitted(WHEN, value, variance, AT), ~np.isnan(value)
    other = sm.WLS(
        value[there], sm.add_constant(WHEN[there] - AT), weights=1 / variance[there]
    ).fit()
    known = sm.WLS(
        value[there], sm.add_constant(WHEN[there] - AT), weights=1 / variance[there]
    ).fit(cov_type="fixed scale", cov_kwds={"scale": 1.0})
    np.testing.assert_allclose([line.value, line.slope], other.params, rtol=1e-9)
    ours = [[line.value_variance, line.covariance], [line.covariance, line.slope_variance]]
    np.testing.assert_allclose(ours, known.cov_params(), rtol=1e-9)
    np.testing.assert_allclose(line.scatter, other.scale, rtol=1e-9)
    np.testing.assert_allclose(line.scatter * ours, other.cov_params(), rtol=1e-9)
    assert (line.points, line.df) == (6, other.df_resid)


@pytest.mark.parametrize("lacking", [slice(None), slice(2, 3)])
def test_where_a_variance_is_not_known_points_are_not_weighted(lacking: slice) -> None:
    value, variance = series(3)
    variance[lacking] = NAN
    line = fitted(WHEN, value, variance, AT)
    other = sm.OLS(value, sm.add_constant(WHEN - AT)).fit()
    assert not line.known
    np.testing.assert_allclose([line.value, line.slope], other.params, rtol=1e-9)
    np.testing.assert_allclose(line.scatter * line.slope_variance, other.bse[1] ** 2, rtol=1e-9)


def test_a_line_goes_on_as_statsmodels_predicts() -> None:
    value, _ = series(4)
    line = fitted(WHEN, value, np.full(7, NAN), AT)
    later = np.array([2010.0, 2022.0, 2030.0])
    mean, variance = line.ahead(later)
    model = sm.OLS(value, sm.add_constant(WHEN)).fit().get_prediction(sm.add_constant(later))
    np.testing.assert_allclose(mean, model.predicted_mean, rtol=1e-8)
    np.testing.assert_allclose(np.sqrt(line.scatter * variance), model.se_mean, rtol=1e-8)
    low, high = model.conf_int().T
    half = errors_to_limits(line, draws=20_000) * np.sqrt(variance)
    np.testing.assert_allclose(mean - half, low, rtol=0.005)
    np.testing.assert_allclose(mean + half, high, rtol=0.005)


def test_exact_lines_are_found_exactly() -> None:
    line = fitted(np.array([0.0, 2.0, 3.0, 7.0]), np.array([1.0, 5, 7, 15]), np.ones(4), AT)
    assert (line.value, line.slope, line.scatter) == (4045.0, 2.0, 0.0)


# --- on the scale --------------------------------------------------------------------------------


def counts(kind: str, seed: int, level: float, people: float) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    size = np.floor(people * rng.uniform(0.7, 1.3, 7))
    if kind == "proportion":
        rate = special.expit(special.logit(level) + 0.08 * (WHEN - AT))
        return rng.binomial(size.astype(int), rate).astype(float), size
    return rng.poisson(size * level * np.exp(0.08 * (WHEN - AT))).astype(float), size


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.DomainWarning")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("kind", "pace", "level", "people"),
    [
        ("proportion", "log-odds", 0.3, 40), ("proportion", "log-odds", 0.95, 200),
        ("proportion", "log-odds", 0.03, 150), ("rate", "geometric", 0.02, 500),
        ("rate", "geometric", 3.0, 400), ("rate", "linear", 0.4, 200),
        ("proportion", "geometric", 0.2, 100), ("proportion", "linear", 0.4, 100),
    ],
)  # fmt: skip
def test_the_line_of_counts_is_that_of_the_model_for_counts(
    kind: str, pace: str, level: float, people: float, seed: int
) -> None:
    """Statsmodels' GLM, with its errors and its Pearson dispersion."""
    x, n = counts(kind, seed, level, people)
    none = np.full(7, NAN)
    points = on_scale(WHEN, pace=pace, kind=kind, rate=x / n, se=none, events=x, size=n)
    line = fitted(WHEN, *points[:2], AT)
    families, links = sm.families, sm.families.links
    link = {"log-odds": links.Logit, "geometric": links.Log, "linear": links.Identity}[pace]()
    design = sm.add_constant(WHEN - AT)
    family = (families.Binomial if kind == "proportion" else families.Poisson)(link=link)
    weights = {"var_weights": n}
    model = sm.GLM(x / n, design, family=family, **weights)
    fit = model.fit(tol=1e-12, maxiter=200, scale=1.0, start_params=[line.value, line.slope])
    np.testing.assert_allclose([line.value, line.slope], fit.params, rtol=1e-4, atol=1e-5)
    ours = [[line.value_variance, line.covariance], [line.covariance, line.slope_variance]]
    np.testing.assert_allclose(ours, fit.cov_params(), rtol=2e-3)
    np.testing.assert_allclose(line.scatter, fit.pearson_chi2 / fit.df_resid, rtol=2e-3)


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.DomainWarning")
@pytest.mark.parametrize(
    ("kind", "pace", "events", "people"),
    [
        ("rate", "geometric", [0, 1, 1, 8, 0, 18, 16], 300),
        ("proportion", "log-odds", [0, 0, 0, 2, 14, 8, 1], 30),
        ("proportion", "log-odds", [30, 29, 30, 21, 10, 23, 19], 30),
    ],
)  # fmt: skip
def test_sparse_counts_scatter_more_than_their_residuals_show(
    kind: str, pace: str, events: list[int], people: int
) -> None:
    """Fletcher's dispersion of statsmodels' fit, its variance function differentiated by steps."""
    x, n, none = np.array(events, dtype=float), np.full(7, float(people)), np.full(7, NAN)
    points = on_scale(WHEN, pace=pace, kind=kind, rate=x / n, se=none, events=x, size=n)
    line = fitted(WHEN, points.value, points.variance, AT, points.lean)
    families, links = sm.families, sm.families.links
    link = {"log-odds": links.Logit, "geometric": links.Log, "linear": links.Identity}[pace]()
    family = (families.Binomial if kind == "proportion" else families.Poisson)(link=link)
    model = sm.GLM(x / n, sm.add_constant(WHEN - AT), family=family, var_weights=n)
    start = [line.value, line.slope]
    fit = model.fit(tol=1e-12, maxiter=200, scale=1.0, start_params=start)
    mean, step = fit.fittedvalues, 1e-6
    steeper = (family.variance(mean + step) - family.variance(mean - step)) / (2 * step)
    showing = 1 + (steeper * (x / n - mean) / family.variance(mean)).mean()
    assert showing < 0.86
    expected = fit.pearson_chi2 / fit.df_resid / showing
    np.testing.assert_allclose(line.scatter, expected, rtol=3e-3)


def test_many_events_and_means_scatter_as_their_residuals_show() -> None:
    rng, none = np.random.default_rng(3), np.full((7, 50), NAN)
    n = np.full((7, 50), 4000.0)
    x = rng.binomial(4000, 0.4, (7, 50)).astype(float)
    points = on_scale(
        WHEN, pace="log-odds", kind="proportion", rate=x / n, se=none, events=x, size=n
    )
    bare = fitted(WHEN, points.value, points.variance, AT)
    line = fitted(WHEN, points.value, points.variance, AT, points.lean)
    np.testing.assert_allclose(line.scatter, bare.scatter, rtol=0.01)
    assert (line.scatter >= bare.scatter).all()
    mean, se = rng.normal(5, 1, (7, 50)), np.full((7, 50), 0.1)
    given = on_scale(WHEN, pace="linear", kind="mean", rate=mean, se=se, events=none, size=none)
    assert (given.lean == 0).all()


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("x", [0.0, 40.0])
def test_a_rate_that_is_the_same_every_year_has_no_scatter(kind: str, x: float) -> None:
    none, size, pace = np.full(7, NAN), np.full(7, 40.0), "log-odds"
    points = on_scale(
        WHEN, pace=pace if kind == "proportion" else "geometric", kind=kind, rate=x / size,
        se=none, events=np.full(7, x), size=size,
    )  # fmt: skip
    line = fitted(WHEN, points.value, points.variance, AT, points.lean)
    np.testing.assert_allclose(line.scatter, 0.0, atol=1e-20)


@pytest.mark.parametrize(
    ("kind", "pace", "rate", "size"),
    [
        ("proportion", "linear", [66 / 80, 326 / 340, 303 / 306, 65 / 80, 36 / 46, 446 / 600],
         [80, 340, 306, 80, 46, 600]),
        ("proportion", "geometric", [66 / 80, 326 / 340, 303 / 306, 65 / 80, 36 / 46, 446 / 600],
         [80, 340, 306, 80, 46, 600]),
        ("rate", "linear", [2.5, 0.5, 2.0, 0.1, 1.5, 0.2], [10, 40, 20, 50, 10, 40]),
        ("rate", "linear", [0.2, 1.8, 0.3, 2.6, 0.4, 0.9], [50, 10, 40, 10, 30, 20]),
    ],
)  # fmt: skip
def test_where_whole_steps_go_back_and_forth_the_likeliest_line_is_found(
    kind: str, pace: str, rate: list[float], size: list[float]
) -> None:
    """The highest point of the likelihood, searched for without its slopes."""
    when, p, n = np.array([2016.0, 2017, 2018, 2020, 2021, 2022]), np.array(rate), np.array(size)
    none = np.full(6, NAN)
    points = on_scale(when, pace=pace, kind=kind, rate=p, se=none, events=p * n, size=n)
    line = fitted(when, *points[:2], AT)

    def unlikely(ends: Array) -> float:
        mean = PACES[pace].back(np.interp(when, when[[0, -1]], ends))
        if (mean <= 0).any() or (kind == "proportion" and (mean >= 1).any()):
            return np.inf
        without = (1 - p) * np.log1p(-mean) if kind == "proportion" else -mean
        return -float((n * (p * np.log(mean) + without)).sum())

    start = PACES[pace].judge(np.full(2, (p * n).sum() / n.sum()))
    exact = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000}
    ends = optimize.minimize(unlikely, start, method="Nelder-Mead", options=exact).x
    ours = line.value + line.slope * (when[[0, -1]] - AT)
    np.testing.assert_allclose(ours, ends, rtol=1e-5, atol=1e-6)


def test_a_series_that_ends_as_it_began_has_no_slope() -> None:
    """Rates whose likeliest line is level: 0, not what rounding or scoring left.

    Level is likeliest where the people over and under it weigh up along time, on any scale.
    """
    level = {
        (2014, 2015, 2016): (2, 1, 2), (2016, 2018, 2021): (30, 22, 29),
        (2015, 2017, 2020): (4, 28, 7), (2016, 2018, 2019): (8, 24, 4),
        (2014, 2016, 2017, 2021): (4, 16, 22, 7), (2012, 2013, 2014, 2020): (7, 25, 7, 13),
    }  # fmt: skip
    for years, counted in level.items():
        when, events = np.array(years, dtype=float), np.array(counted, dtype=float)
        size, none = np.full(len(years), 40.0), np.full(len(years), NAN)
        off = events - events.mean()
        assert abs(off @ when) < 1e-9, counted
        for pace in PACES:
            points = on_scale(
                when, pace=pace, kind="proportion", rate=events / size, se=none, events=events,
                size=size,
            )  # fmt: skip
            assert fitted(when, *points[:2], when[-1]).slope == 0, (pace, counted)


def test_published_estimates_weigh_as_the_counts_that_their_errors_amount_to() -> None:
    none = np.full(7, NAN)
    for kind, pace in (("proportion", "log-odds"), ("rate", "geometric")):
        x, n = counts(kind, 1, 0.2, 300)
        se = np.sqrt(x * ((n - x) / n if kind == "proportion" else 1.0)) / n
        given = {"pace": pace, "rate": x / n}
        counted = on_scale(WHEN, kind=kind, se=none, events=x, size=n, **given)
        published = on_scale(WHEN, kind=kind, se=se, events=none, size=none, **given)
        np.testing.assert_allclose(published, counted, rtol=1e-9)
    standardized = on_scale(
        WHEN, pace="geometric", kind="standardized", rate=x / n, se=se, events=none, size=none
    )
    np.testing.assert_allclose(standardized, published, rtol=1e-12)


def test_means_have_the_variances_that_were_given_or_those_of_the_delta_method() -> None:
    mean, se, none = np.linspace(2, 3, 7), np.linspace(0.1, 0.2, 7), np.full(7, NAN)
    given = {"kind": "mean", "rate": mean, "se": se, "events": none, "size": none}
    value, variance, _ = on_scale(WHEN, pace="linear", **given)
    np.testing.assert_allclose([value, variance], [mean, se**2])
    value, variance, _ = on_scale(WHEN, pace="geometric", **given)
    np.testing.assert_allclose([value, variance], [np.log(mean), (se / mean) ** 2])


@pytest.mark.parametrize(("kind", "pace"), [("proportion", "log-odds"), ("rate", "geometric")])
def test_a_year_without_events_does_not_lose_the_series(kind: str, pace: str) -> None:
    none, size = np.full((7, 3), NAN), np.full((7, 3), 40.0)
    events = np.tile([[3.0, 0.0, 40.0]], (7, 1))
    events[4, 0] = 0.0
    rate = events / size
    points = on_scale(WHEN, pace=pace, kind=kind, rate=rate, se=none, events=events, size=size)
    assert np.isfinite(points).all()
    line = fitted(WHEN, *points[:2], AT)
    assert line.known.all()
    assert abs(PACES[pace].back(line.value[0]) - 0.075) < 0.03
    np.testing.assert_allclose(line.slope[1:], 0.0, atol=1e-9)
    # Where the counts are not known, what is left without its zero would be another series.
    bare = on_scale(WHEN, pace=pace, kind=kind, rate=rate, se=none, events=none, size=none)
    assert np.isnan(bare[0][:, :2]).all()
    assert np.isnan(bare[1]).all()


def test_without_any_error_rates_stand_as_they_are() -> None:
    rate, none = np.linspace(0.2, 0.4, 7), np.full(7, NAN)
    value, variance, _ = on_scale(
        WHEN, pace="log-odds", kind="proportion", rate=rate, se=none, events=none, size=none
    )
    np.testing.assert_allclose(value, special.logit(rate))
    assert np.isnan(variance).all()


# --- when the goal is reached --------------------------------------------------------------------


def test_scatter_alone_gives_students_distribution() -> None:
    """The chance that a line has reached the goal, and Fieller's limits, by Student's t."""
    value = np.array([0.1, 0.3, 0.2, 0.5, 0.55, 0.5, 0.8]) * 10
    line = fitted(WHEN, value, np.full(7, NAN), AT)
    for deadline in (2024.0, 2026.0, 2031.0):
        found = reach(line, 10.0, deadline, draws=20_000)
        mean, variance = line.ahead(np.asarray(deadline))
        t = (mean - 10.0) / np.sqrt(line.scatter * variance)
        assert abs(found.probability - stats.t.cdf(t, 5)) < 0.002
    for limit, tail in ((found.low, 0.025), (found.high, 0.975)):
        mean, variance = line.ahead(limit)
        t = (mean - 10.0) / np.sqrt(line.scatter * variance)
        assert abs(stats.t.cdf(t, 5) - tail) < 0.002
    assert abs(found.time - (AT + (10.0 - line.value) / line.slope)) < 1e-9


def test_known_variances_alone_give_the_normal_distribution() -> None:
    line = one_line(0.0, 0.2, errors=(0.05, 0.02), scatter=0.0, points=8)
    for years in (4.0, 5.0, 7.0):
        mean, variance = line.ahead(np.asarray(years))
        chance = reach(line, 1.0, years, draws=20_000).probability
        assert abs(chance - stats.norm.cdf((mean - 1.0) / np.sqrt(variance))) < 0.002
    assert abs(errors_to_limits(line, draws=20_000) - 1.96) < 0.01


@pytest.mark.parametrize("df", [1, 2, 4, 8])
@pytest.mark.parametrize("scatter", [0.1, 1.0, 4.0])
def test_a_draw_lies_as_far_off_as_the_larger_of_both_says(df: int, scatter: float) -> None:
    """The same by other draws: normal ones, put at the quantile of F where that is further."""
    rng = np.random.default_rng(5)
    z = rng.standard_normal((2, 200_000))
    square = (z**2).sum(axis=0)
    upper = stats.chi2.sf(square, 2)
    student = 2 * stats.f.isf(upper, 2, df) * scatter
    z *= np.sqrt(np.maximum(square, student) / square)
    line = one_line(-1.0, 0.25, errors=(0.3, 0.05), scatter=scatter, points=df + 2)
    value, slope = line.value + 0.3 * z[0], line.slope + 0.05 * z[1]
    for deadline in (2.0, 4.0, 9.0, 50.0):
        found = reach(line, 0.0, deadline)
        assert abs(found.probability - (value + slope * deadline >= 0).mean()) < 0.005
    with np.errstate(divide="ignore"):
        there = np.where(value + slope * deadline >= 0, 0.0, np.inf)
        ahead = np.where(slope > 0, -value / slope, np.inf)
    years = np.where(value >= 0, there, ahead)
    for limit, tail in ((found.low, 0.025), (found.high, 0.975)):
        assert (years < limit).mean() < tail + 0.004
        assert (years <= limit).mean() > tail - 0.004


def test_lines_that_lead_elsewhere_never_reach_the_goal() -> None:
    for slope in (0.0, -0.2):
        line = one_line(0.0, slope, errors=(0.05, 0.02), scatter=1.0, points=8)
        found = reach(line, 1.0, 20.0)
        assert np.isinf([found.time, found.high]).all()
        assert found.probability < 0.5
        turned = reach(line, -1.0, 20.0, sign=-1)
        assert np.isfinite(turned.time) == (slope < 0)


def test_who_is_there_has_arrived() -> None:
    line = one_line(2.0, -0.01, errors=(0.1, 0.001), scatter=1.0, points=8)
    found = reach(line, 1.0, 5.0)
    assert (found.time, found.low, found.high, found.probability) == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize("deadline", [5.0, -1.0, NAN])
def test_who_leaves_the_goal_before_the_deadline_does_not_arrive(deadline: float) -> None:
    line = one_line(1.02, -0.01, errors=(0.001, 0.001), scatter=1.0, points=8)
    found = reach(line, 1.0, deadline)
    assert (found.time, found.high) == (np.inf, np.inf)
    assert deadline != 5.0 or found.probability < 0.01
    stays = reach(line, 1.0, 1.5)
    assert (stays.time, stays.low) == (0.0, 0.0)
    assert stays.probability > 0.9


def test_nothing_is_said_of_two_points_or_without_a_goal_on_the_scale() -> None:
    value, variance = series(2, shape=(2,))
    value[2:, 0] = NAN
    line = fitted(WHEN, value, variance, AT)
    assert line.points.tolist() == [2, 7]
    assert np.isfinite(line.slope).all()
    assert np.isnan(errors_to_limits(line)).tolist() == [True, False]
    found = reach(line, 5.0, 2040.0)
    for field in fields(found):
        assert np.isnan(getattr(found, field.name)).tolist() == [True, False]
    assert np.isnan(reach(line, -np.inf, 2040.0).time).all()
    assert np.isnan(reach(line, 5.0).probability).all()
    nobody = fitted(WHEN, np.full((7, 1), NAN), np.full((7, 1), NAN), AT)
    assert np.isnan(nobody.value).all()


# --- laws ----------------------------------------------------------------------------------------


@given(seed=st.integers(0, 500), keep=st.lists(st.integers(0, 11), min_size=1, unique=True))
def test_no_series_depends_on_those_beside_it(seed: int, keep: list[int]) -> None:
    value, variance = series(seed, shape=(12,))
    value[np.random.default_rng(seed).random(value.shape) < 0.3] = NAN
    variance[:, ::5] = NAN

    def found(some: list[int]) -> list[Array]:
        line = fitted(WHEN, value[:, some], variance[:, some], AT)
        there = reach(line, 1.0, 2030.0, draws=300)
        return [getattr(there, f.name) for f in fields(there)] + [errors_to_limits(line)]

    for part, whole in zip(found(keep), found(list(range(12))), strict=True):
        np.testing.assert_array_equal(part, whole[keep])
    alone = fitted(WHEN, value[:, keep[0]], variance[:, keep[0]], AT)
    np.testing.assert_array_equal(reach(alone, 1.0, 2030.0, draws=300).low, found(keep)[1][0])


@given(seed=st.integers(0, 500), shift=st.sampled_from([-3.0, 7.0]))
def test_direction_mirrors_and_nothing_hangs_on_where_time_starts(seed: int, shift: float) -> None:
    value, variance = series(seed, shape=(4,))
    line = reach(fitted(WHEN, value, variance, AT), 1.0, 2030.0)
    mirrored = reach(fitted(WHEN, -value, variance, AT), -1.0, 2030.0, sign=-1)
    moved = reach(fitted(WHEN + shift, value + 2, variance, AT + shift), 3.0, 2030.0 + shift)
    for name, by in (("time", shift), ("low", shift), ("high", shift), ("probability", 0)):
        first = getattr(line, name)
        np.testing.assert_array_equal(getattr(mirrored, name), first)
        np.testing.assert_allclose(getattr(moved, name) - by, first, rtol=1e-6)


@given(seed=st.integers(0, 500))
def test_more_time_and_more_confidence_never_lower_either(seed: int) -> None:
    value, variance = series(seed, shape=(6,))
    line = fitted(WHEN, value, variance, AT)
    years = 2023.0, 2030, 2060, 2400
    chances = np.array([reach(line, 50.0, year).probability for year in years])
    assert (np.diff(chances, axis=0) >= 0).all()  # of a goal that no draw is at, and could leave
    wide, narrow = (
        arrival(line, np.asarray(1.0), direction=np.asarray(1), deadline=AT, confidence=c)
        for c in (0.95, 0.8)
    )
    assert (wide.low <= narrow.low).all()
    assert (narrow.low <= narrow.high).all()
    assert (narrow.high <= wide.high).all()


# --- average annual change -----------------------------------------------------------------------


def test_a_fall_by_a_fixed_share_is_found_by_regression(shared: Path) -> None:
    """DSIR, R/aarr.R: 2.4 % fewer every year from 2000 to 2015."""
    expected = examples(shared)["aarr_exact_exponential"]["expected"]
    years = np.arange(2000.0, 2016.0)
    change = tu.measures.annual_change(100 * (1 - 0.024) ** (years - 2000), years)
    assert abs(-change - expected["regression"]) < 1e-10


def test_annual_change_is_the_regression_of_logarithms() -> None:
    """UNICEF Technical Note 185, by statsmodels; rates of 0 have no logarithm."""
    rates = np.array([[41.5, 39.1, 38.2, NAN, 33.0], [41.5, 39.1, 38.2, 36.6, 33.0]]).T
    years = np.array([1990.0, 1994.0, 1996.0, 2000.0, 2004.0])
    found = tu.measures.annual_change(rates, years)
    for i, there in enumerate(~np.isnan(rates.T)):
        slope = sm.OLS(np.log(rates[there, i]), sm.add_constant(years[there])).fit().params[1]
        assert abs(found[i] - np.expm1(slope)) < 1e-10
    assert np.isnan(tu.measures.annual_change([0.0, 1.0, 2.0], [1, 2, 3]))
    assert np.isnan(tu.measures.annual_change([3.0, NAN, NAN], [1, 2, 3]))
