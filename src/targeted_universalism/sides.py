"""The two sides of a comparison, and what stands between them: difference, ratio, p-value.

A side is what is known of many groups at once. One function for each kind of outcome puts two
sides together; arrays may have any one shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray
from targeted_universalism.answer import Answer
from targeted_universalism.cells import Cells, State
from targeted_universalism.estimates import effective, error_of_mean, estimate
from targeted_universalism.exact import as_fraction
from targeted_universalism.intervals import Limits, z_value
from targeted_universalism.measures.contrasts import Known, mover_arms, mover_ratio, poisson_ratio
from targeted_universalism.measures.significance import (
    binomial_test,
    conditional_test,
    normal_p,
    poisson_test,
    score_test,
    student_p,
)


@dataclass(frozen=True, eq=False)
class Side:
    """What is known of one side.

    Parameters
    ----------
    rate, low, high : array
        In units of the goal's ``per``.
    events, size : array
        Counts, or for weighted records the counts that carry as much information; missing for
        means and published estimates.
    variance : array
        Of the rate, in its unit squared; of counts, the binomial or Poisson one.
    df : array
        Degrees of freedom of the variance; infinite where it is taken as known.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    events: FloatArray
    size: FloatArray
    variance: FloatArray
    df: FloatArray

    @property
    def known(self) -> Known:
        """The rate and its limits."""
        return self.rate, self.low, self.high

    def at(self, place: object) -> Side:
        """Take some of every array."""
        return Side(*(getattr(self, f.name)[place] for f in fields(self)))


@dataclass(frozen=True, eq=False)
class Contrast:
    """How far two sides are apart: arms of the difference's interval, limits of the ratio, p."""

    below: FloatArray
    above: FloatArray
    ratio_low: FloatArray
    ratio_high: FloatArray
    p_value: FloatArray


def side(answer: Answer, indicator: int, cells: Cells) -> Side:
    """Describe cells of one indicator, shaped (rows, strata), as sides of a comparison."""
    segments, options = answer.segments, answer.options
    kind, goal, unit = segments.kinds[indicator], answer.goals[indicator], float(segments.unit)
    factor = float(as_fraction(goal.per) / as_fraction(segments.unit))
    of = estimate(cells, kind, unit, options.confidence, options.interval)
    known = cells.state == State.OK
    missing = np.full(cells.shape, np.nan)
    events, size, df = missing.copy(), missing.copy(), np.full(cells.shape, np.inf)
    stats = {name: values[known] for name, values in cells.stats.items()}
    if cells.source == "estimates":
        variance = of.se**2
    elif kind == "mean":
        variance = missing.copy()
        variance[known], df[known] = error_of_mean(stats) ** 2, stats["n"] - 1
    else:
        events[known], size[known] = effective(stats, kind)
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = events / size
            variance = rate * ((1 - rate) if kind == "proportion" else 1.0) / size
    return Side(
        of.rate * factor, of.low * factor, of.high * factor,
        events, size, variance * factor**2, df,
    )  # fmt: skip


def contrast(kind: str, mine: Side, other: Side, confidence: float | None) -> Contrast:
    """Compare two independent groups.

    Parameters
    ----------
    kind : {"proportion", "rate", "mean", "estimate"}
        What was counted; "estimate" for anything published with a standard error.
    mine, other : Side
        Of one shape.
    confidence : float or None
        Level of the intervals, or none.
    """
    return _CONTRASTS[kind](mine, other, confidence)


def against_goal(kind: str, mine: Side, goal: float, natural: float) -> FloatArray:
    """Give the two-sided p-value that a rate equals the goal.

    `goal` is in the unit of the rates, `natural` is events per member of the population.
    """
    if kind == "proportion":
        return binomial_test(mine.events, mine.size, np.full(mine.rate.shape, natural))
    if kind == "rate":
        return poisson_test(mine.events, natural * mine.size)
    return _p_value(kind, mine.rate - goal, mine.variance, mine.df)


def _proportions(mine: Side, other: Side, confidence: float | None) -> Contrast:
    p = score_test(mine.events, mine.size, other.events, other.size)
    below, above = mover_arms(mine.known, other.known)
    low, high = mover_ratio(mine.known, other.known)
    return Contrast(below, above, low, high, p)


def _rates(mine: Side, other: Side, confidence: float | None) -> Contrast:
    counts = mine.events, mine.size, other.events, other.size
    nothing = np.full(mine.rate.shape, np.nan)
    low, high = (nothing, nothing) if confidence is None else poisson_ratio(*counts, confidence)
    below, above = mover_arms(mine.known, other.known)
    return Contrast(below, above, low, high, conditional_test(*counts))


def _means(mine: Side, other: Side, confidence: float | None) -> Contrast:
    return _by_variance("mean", mine, other, confidence)


def _estimates(mine: Side, other: Side, confidence: float | None) -> Contrast:
    return _by_variance("estimate", mine, other, confidence)


def _by_variance(kind: str, mine: Side, other: Side, confidence: float | None) -> Contrast:
    variance = mine.variance + other.variance
    df = satterthwaite((mine.variance, mine.df), (other.variance, other.df))
    arm = quantile(confidence, df) * np.sqrt(np.where(variance > 0, variance, np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = mine.variance / mine.rate**2, other.variance / other.rate**2
        log_df = satterthwaite((parts[0], mine.df), (parts[1], other.df))
    times = quantile(confidence, log_df)
    low, high = log_limits(mine.rate, other.rate, parts[0] + parts[1], times)
    return Contrast(arm, arm, low, high, _p_value(kind, mine.rate - other.rate, variance, df))


def quantile(confidence: float | None, df: FloatArray) -> FloatArray:
    """Two-sided quantile of Student's distribution, the normal's where df is infinite."""
    if confidence is None:
        return np.full(df.shape, np.nan)
    normal = np.isinf(df)
    t = special.stdtrit(np.where(normal | ~(df > 0), np.nan, df), 0.5 + confidence / 2)
    return np.where(normal, z_value(confidence), t)


def log_limits(
    rate: FloatArray, other: FloatArray, variance: FloatArray, times: FloatArray
) -> Limits:
    """Limits of rate / other from the variance of its logarithm; missing unless both exceed 0."""
    known = (rate > 0) & (other > 0) & (variance > 0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio, factor = rate / other, np.exp(times * np.sqrt(np.where(known, variance, np.nan)))
        low, high = ratio / factor, ratio * factor
    return low, np.where(np.isinf(high), np.nan, high)


def satterthwaite(*parts: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Degrees of freedom of a sum of independent variances (Welch 1947)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.sum([variance for variance, _ in parts], axis=0)
        lost = np.sum([variance**2 / df for variance, df in parts], axis=0)
        return np.where(lost == 0, np.inf, total**2 / lost)


def _p_value(kind: str, difference: FloatArray, variance: FloatArray, df: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(variance > 0, difference / np.sqrt(variance), np.nan)
    return student_p(statistic, df) if kind == "mean" else normal_p(statistic)


_CONTRASTS: dict[str, Callable[[Side, Side, float | None], Contrast]] = {
    "proportion": _proportions,
    "rate": _rates,
    "mean": _means,
    "estimate": _estimates,
}
