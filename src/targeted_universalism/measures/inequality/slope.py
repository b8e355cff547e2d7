"""Slope and relative index of inequality: a line through the segments, from one end to the other.

The line runs over mid-ranks, from 0, the most disadvantaged person, to 1, the most advantaged, each
segment counting once by its population.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    apart,
    average,
    over,
    over_mean,
    weighted_sum,
)
from targeted_universalism.measures.inequality.register import measure
from targeted_universalism.reasons import Reason

__all__ = [
    "relative_index_linear",
    "relative_index_log",
    "relative_index_logit",
    "relative_index_logit_line",
    "slope_index_linear",
    "slope_index_log",
    "slope_index_logit",
    "slope_index_logit_line",
    "slope_over_mean",
]

_PAMUK = "After Pamuk (1985), as in WHO's healthequal."
_KUNST = "After Kunst and Mackenbach (1995)."
_PHE = "UKHSA PHEindicatormethods, phe_sii."
_MOST_STEPS = 60


def _slope_linear(rate: FloatArray, share: FloatArray, rank: FloatArray) -> FloatArray:
    away = apart(rank, share)
    return over(share * away, average(away**2, share)) + 0 * rate


def _slope_over_mean(rate: FloatArray, share: FloatArray, rank: FloatArray) -> FloatArray:
    slope = _slope_linear(rate, share, rank)
    value = over((slope * rate).sum(axis=0), average(rate, share))
    return over_mean(slope, value, rate, share)


Line = tuple[Array, Array]  # of each stratum: the level and the slope, or the two ends


@measure(
    code="sii", scale="absolute", value_at_equality=0, source=_PAMUK, ordered=True, splits=False,
    kinds=("proportion",), undefined=Reason.NO_FIT,
)  # fmt: skip
def slope_index_logit(rate: Array, share: Array, rank: Array) -> Array:
    """Slope index of inequality of a proportion, by a logistic line.

    Notes
    -----
    ``m(1) − m(0)``, m the logistic curve through the segments, fitted by maximum likelihood. The
    difference between the two ends of the order, with all segments taken into account. Splitting a
    segment moves mid-ranks, and changes it slightly.

    Examples
    --------
    >>> slope_index_logit(
    ...     np.array([0.2, 0.4, 0.6]), np.array([0.3, 0.4, 0.3]), np.array([0.15, 0.5, 0.85])
    ... ).round(6)
    np.float64(0.541958)

    """
    low, high = logistic_ends(rate, share, rank)
    return high - low


@measure(
    code="sii_linear", also="sii", scale="absolute", value_at_equality=0, source=_PAMUK,
    ordered=True, splits=False, slope=_slope_linear,
)  # fmt: skip
def slope_index_linear(rate: Array, share: Array, rank: Array) -> Array:
    """Slope index of inequality, by a straight line.

    Notes
    -----
    ``b = Σ w (R − R̄) y / Σ w (R − R̄)²``. The difference between the two ends of the order. Public
    health in England publishes it so where it uses no transformation.

    Examples
    --------
    >>> slope_index_linear(np.array([0.25, 0.75]), np.array([0.5, 0.5]), np.array([0.25, 0.75]))
    np.float64(1.0)

    """
    low, high = _ends(rate, share, rank)
    return high - low


@measure(
    code="sii_log", scale="absolute", value_at_equality=0, source=_PHE, ordered=True,
    splits=False, mirrors=False, undefined=Reason.NO_FIT,
)  # fmt: skip
def slope_index_log(rate: Array, share: Array, rank: Array) -> Array:
    """Slope index of inequality, by a straight line through the logarithms of the rates.

    Notes
    -----
    ``exp(a + b) − exp(a)``, a + bR the weighted least-squares line through ln y. Public health in
    England publishes rates so. Undefined where a rate is 0.

    Examples
    --------
    >>> slope_index_log(
    ...     np.array([1.0, 2.0]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(2.12132)

    """
    low, high = _transformed(rate, share, rank, np.log, np.exp)
    return high - low


@measure(
    code="sii_logit", scale="absolute", value_at_equality=0, source=_PHE, ordered=True,
    splits=False, kinds=("proportion",), undefined=Reason.NO_FIT,
)  # fmt: skip
def slope_index_logit_line(rate: Array, share: Array, rank: Array) -> Array:
    """Slope index of inequality, by a straight line through the log odds of the proportions.

    Notes
    -----
    ``m(1) − m(0)``, the logit of m the weighted least-squares line through the log odds. Public
    health in England publishes proportions so. Undefined where a proportion is 0 or 1.

    Examples
    --------
    >>> slope_index_logit_line(
    ...     np.array([0.2, 0.8]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(0.882353)

    """
    low, high = _transformed(rate, share, rank, _log_odds, _from_log_odds)
    return high - low


@measure(
    code="rii", scale="relative", value_at_equality=1, source=_PAMUK, ordered=True, splits=False,
    kinds=("proportion",), undefined=Reason.NO_FIT,
)  # fmt: skip
def relative_index_logit(rate: Array, share: Array, rank: Array) -> Array:
    """Relative index of inequality of a proportion, by a logistic line.

    Notes
    -----
    ``m(1) / m(0)``, m the logistic curve of ``slope_index_logit``. The ratio of the two ends of
    the order: 2 means that the proportion doubles from one to the other.

    Examples
    --------
    >>> relative_index_logit(
    ...     np.array([0.2, 0.4, 0.6]), np.array([0.3, 0.4, 0.3]), np.array([0.15, 0.5, 0.85])
    ... ).round(5)
    np.float64(4.57265)

    """
    return _ratio(*logistic_ends(rate, share, rank))


@measure(
    code="rii_linear", also="rii", scale="relative", value_at_equality=1, source=_KUNST,
    ordered=True, splits=False, undefined=Reason.NO_FIT,
)  # fmt: skip
def relative_index_linear(rate: Array, share: Array, rank: Array) -> Array:
    """Kunst and Mackenbach's relative index: the ratio of the two ends of a straight line.

    Notes
    -----
    ``(a + b) / a``, a + bR the weighted least-squares line. Public health in England publishes it
    so where it uses no transformation. Undefined where the line ends at or below 0.

    Examples
    --------
    >>> relative_index_linear(
    ...     np.array([0.375, 0.625]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... )
    np.float64(3.0)

    """
    return _ratio(*_ends(rate, share, rank))


@measure(
    code="rii_log", scale="relative", value_at_equality=1, source=_PHE, ordered=True,
    splits=False, undefined=Reason.NO_FIT,
)  # fmt: skip
def relative_index_log(rate: Array, share: Array, rank: Array) -> Array:
    """Relative index of inequality, by a straight line through the logarithms of the rates.

    Notes
    -----
    ``exp(b)``, a + bR the weighted least-squares line through ln y. Undefined where a rate is 0.

    Examples
    --------
    >>> relative_index_log(
    ...     np.array([1.0, 2.0]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(4.0)

    """
    return _ratio(*_transformed(rate, share, rank, np.log, np.exp))


@measure(
    code="rii_logit", scale="relative", value_at_equality=1, source=_PHE, ordered=True,
    splits=False, kinds=("proportion",), undefined=Reason.NO_FIT,
)  # fmt: skip
def relative_index_logit_line(rate: Array, share: Array, rank: Array) -> Array:
    """Relative index of inequality, by a straight line through the log odds of the proportions.

    Notes
    -----
    ``m(1) / m(0)``, m as in ``slope_index_logit_line``. Undefined where a proportion is 0 or 1.

    Examples
    --------
    >>> relative_index_logit_line(
    ...     np.array([0.2, 0.8]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(16.0)

    """
    return _ratio(*_transformed(rate, share, rank, _log_odds, _from_log_odds))


@measure(
    code="rii_mean", scale="relative", value_at_equality=0, source=_PAMUK, ordered=True,
    splits=False, slope=_slope_over_mean,
)  # fmt: skip
def slope_over_mean(rate: Array, share: Array, rank: Array) -> Array:
    """Slope index of inequality as a part of the overall rate, which some call relative index.

    Notes
    -----
    ``b / μ``, b the slope of ``slope_index_linear``. 0 at equality, unlike the ratios of two ends.

    Examples
    --------
    >>> slope_over_mean(np.array([0.25, 0.75]), np.array([0.5, 0.5]), np.array([0.25, 0.75]))
    np.float64(2.0)

    """
    low, high = _ends(rate, share, rank)
    return over(high - low, average(rate, share))


def _ends(rate: Array, share: Array, rank: Array) -> tuple[Array, Array]:
    """Fit a weighted least-squares line and give its ends, at ranks 0 and 1."""
    middle, centre = average(rate, share), average(rank, share)
    away = apart(rank, share)
    both = weighted_sum(apart(rate, share) * away, share)
    slope = over(both, weighted_sum(away**2, share))
    start = middle - slope * centre
    return start, start + slope


def _transformed(
    rate: Array,
    share: Array,
    rank: Array,
    to: Callable[[Array], Array],
    back: Callable[[Array], Array],
) -> tuple[Array, Array]:
    usable = np.where(rate.real > 0, rate, np.nan)
    low, high = _ends(to(usable), share, rank)
    return back(low), back(high)


def _log_odds(rate: Array) -> Array:
    return np.log(over(rate, 1 - rate))


def _from_log_odds(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def _ratio(low: Array, high: Array) -> Array:
    return over(np.where(high.real > 0, high, np.nan), low)


def logistic_ends(rate: Array, share: Array, rank: Array) -> tuple[Array, Array]:
    """Fit logit m = a + bR by maximum likelihood to all strata at once; give m(0) and m(1).

    Parameters
    ----------
    rate, share, rank : (k, ...) array
        Proportions, population shares and mid-ranks.

    Returns
    -------
    m(0), m(1) : (...) arrays
        Missing where proportions of 0 and 1 leave no finite slope. Proportions that are all 0, or
        all 1, are their own line.

    Notes
    -----
    Newton's method with two parameters, written out; steps that would lower the likelihood too far
    are shortened. A last step with complex rates makes the result differentiable.
    """
    a, b = _newton(np.asarray(rate.real), share, rank)
    a, b = _step((a, b), rate, share, rank)
    flat = (rate.real == rate.real[:1]).all(axis=0) & np.isin(rate.real[0], (0, 1))
    low, high = (np.where(flat, rate[0], _from_log_odds(end)) for end in (a, a + b))
    return low, high


def _newton(rate: Array, share: Array, rank: Array) -> Line:
    middle = np.clip(average(rate, share), 1e-9, 1 - 1e-9)
    a, b = special.logit(middle), np.zeros(rate.shape[1:])
    for _ in range(_MOST_STEPS):
        new_a, new_b = _step((a, b), rate, share, rank)
        longest = np.maximum(np.abs(new_a - a), np.abs(new_b - b))
        short = np.minimum(1.0, 4 / np.where(longest > 0, longest, 1.0))
        a, b = a + short * (new_a - a), b + short * (new_b - b)
        if not (longest > 1e-12 * (1 + np.abs(a) + np.abs(b))).any():
            break
    found = longest <= 1e-7 * (1 + np.abs(a) + np.abs(b))
    return np.where(found, a, np.nan), np.where(found, b, np.nan)


def _step(line: Line, rate: Array, share: Array, rank: Array) -> Line:
    """Solve the two equations of one Newton step, centred so that no digits are lost."""
    a, b = line
    fitted = special.expit(a + b * rank)
    curve = share * fitted * (1 - fitted)
    weight = curve.sum(axis=0)
    centre = over((curve * rank).sum(axis=0), weight)
    away = rank - centre
    left = share * (rate - fitted)
    slope = over((left * away).sum(axis=0), (curve * away**2).sum(axis=0))
    level = over(left.sum(axis=0), weight)
    return a + level - slope * centre, b + slope
