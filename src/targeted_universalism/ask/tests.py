"""Tests of two sides, by kind of outcome: the p-value that they are equal, alone or among many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.ask.sides import Side, independent
from targeted_universalism.measures.significance import (
    binomial_test,
    conditional_test,
    normal_p,
    poisson_test,
    score_test,
    student_p,
)
from targeted_universalism.measures.simultaneous import (
    conditional_mid_p,
    statistic_of,
    tukey_p_of_many,
)

_FEW = 5  # fewer people expected with (or without) the event: no normal statistic
_LEAST = 1e-300  # below it a p-value has no finite statistic


def against_goal(kind: str, mine: Side, goal: float, natural: float) -> FloatArray:
    """Give the two-sided p-value that a rate equals the goal.

    `goal` is in the unit of the rates, `natural` is the same per member of the population.
    """
    if kind == "proportion":
        return binomial_test(mine.events, mine.size, np.full(mine.rate.shape, natural))
    if kind == "rate":
        return poisson_test(mine.events, natural * mine.size)
    return _by_variance(mine.rate - goal, mine.variance, mine.df)


def equality(kind: str, mine: Side, other: Side) -> FloatArray:
    """Give the two-sided p-value that two independent sides are equal."""
    return _TESTS[kind](mine, other)


def _proportions(mine: Side, other: Side) -> FloatArray:
    """Test proportions by scores; where few events are expected, by the conditional mid-p.

    There a score has no normal tail: of 30 equal groups against all others, some p-value adjusted
    by Holm was below .05 in up to 21 % of tables.
    """
    p = _score(mine, other)
    few = _few("proportion", mine, other) & ~np.isnan(p)
    if not few.any():
        return p
    places = np.flatnonzero(few)
    exact = mid_p("proportion", mine.take(places), other.take(places))
    weighted = np.isfinite(mine.df[few]) | np.isfinite(other.df[few])
    p[few] = np.where(weighted, np.maximum(exact, p[few]), exact)
    return p


def _score(mine: Side, other: Side) -> FloatArray:
    """Test proportions by scores; Student's, as their limits are, where records are weighted."""
    with np.errstate(invalid="ignore", divide="ignore"):
        df = satterthwaite((1 / mine.size, mine.df), (1 / other.size, other.df))
    return score_test(mine.events, mine.size, other.events, other.size, df)


def _conditional(mine: Side, other: Side) -> FloatArray:
    """Test rates exactly, given all events; by the mid-p of effective events where they repeat."""
    plain = independent(mine) & independent(other)
    p = conditional_test(mine.events, mine.size, other.events, other.size)
    return p if plain.all() else np.where(plain, p, mid_p("rate", mine, other))


def mid_p(kind: str, mine: Side, other: Side) -> FloatArray:
    """Conditional mid-p of whole effective counts; rates share the dispersion of both sides."""
    if kind != "rate":
        return conditional_mid_p(mine.events, mine.size, other.events, other.size, kind=kind)
    with np.errstate(invalid="ignore", divide="ignore"):
        people = [one.size * one.spread for one in (mine, other)]
        spread = (people[0] * mine.spread + people[1] * other.spread) / (people[0] + people[1])
        events = [np.rint(one.events * one.spread / spread) for one in (mine, other)]
    return conditional_mid_p(events[0], people[0], events[1], people[1], kind=kind)


def _welch(mine: Side, other: Side) -> FloatArray:
    """Test means, and estimates with standard errors, as Welch does."""
    df = satterthwaite((mine.variance, mine.df), (other.variance, other.df))
    return _by_variance(mine.rate - other.rate, mine.variance + other.variance, df)


def _by_variance(difference: FloatArray, variance: FloatArray, df: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(variance > 0, difference / np.sqrt(variance), np.nan)
    return np.where(np.isinf(df), normal_p(statistic), student_p(statistic, df))


_TESTS: dict[str, Callable[[Side, Side], FloatArray]] = {
    "proportion": _proportions,
    "rate": _conditional,
    "mean": _welch,
    "estimate": _welch,
}


def among_all_pairs(
    kind: str, mine: Side, other: Side, p_value: FloatArray, count: IntArray
) -> FloatArray:
    """Give p-values that hold for all pairs of `count` segments at once (Tukey–Kramer).

    The studentized range of the test's own statistic; of rates that of the score, or where fewer
    than five events are expected, or they repeat, of the conditional mid-p.
    """
    p = p_value
    if kind == "rate":
        p = _score_of_rates(mine, other)
        few = _few(kind, mine, other)
        if few.any():
            places = np.flatnonzero(few)
            p = p.copy()
            p[few] = mid_p(kind, mine.take(places), other.take(places))
    return np.maximum(tukey_p_of_many(statistic_of(np.maximum(p, _LEAST)), count), p_value)


def _few(kind: str, mine: Side, other: Side) -> BoolArray:
    """Tell where too few events are expected for a score test, or where they repeat."""
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (mine.events + other.events) / (mine.size + other.size)
        rarer = np.minimum(pooled, 1 - pooled) if kind == "proportion" else pooled
        few = np.minimum(mine.size, other.size) * rarer < _FEW
    return np.asarray(few | (~(independent(mine) & independent(other)) & (kind == "rate")))


def _score_of_rates(mine: Side, other: Side) -> FloatArray:
    """Test that events fall to both sides as their people or time do."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total, share = mine.events + other.events, mine.size / (mine.size + other.size)
        statistic = (mine.events - total * share) / np.sqrt(total * share * (1 - share))
    return normal_p(statistic)


def quantile(level: FloatArray | None, df: FloatArray) -> FloatArray:
    """Two-sided quantile of Student's distribution, the normal's where df is infinite."""
    if level is None:
        return np.full(df.shape, np.nan)
    normal, tail = np.isinf(df), 0.5 + level / 2
    t = special.stdtrit(np.where(normal | ~(df > 0), np.nan, df), tail)
    return np.where(normal, special.ndtri(tail), t)


def satterthwaite(*parts: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Degrees of freedom of a sum of independent variances (Welch 1947)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.sum([variance for variance, _ in parts], axis=0)
        lost = np.sum([variance**2 / df for variance, df in parts], axis=0)
        return np.where(lost == 0, np.inf, total**2 / lost)
