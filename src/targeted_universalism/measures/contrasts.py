"""Intervals of a difference or a ratio of two rates: arrays in, (low, high) out.

MOVER puts the limits of two rates together (Zou & Donner 2008): asymmetric intervals stay
asymmetric, and Newcombe's interval is MOVER of two Wilson intervals.
"""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.intervals import Limits, wilson
from targeted_universalism.measures.quantiles import beta_log_odds

__all__ = ["inside_total", "mover_difference", "mover_ratio", "newcombe", "poisson_ratio"]

Known = tuple[FloatArray, FloatArray, FloatArray]  # a rate, its lower and its upper limit


def mover_difference(one: Known, other: Known) -> Limits:
    """Interval of rate − other, from the intervals of two independent rates.

    Parameters
    ----------
    one : tuple of (...) array
        A rate and its limits: rate, low, high, in any unit.
    other : tuple of (...) array
        The rate it is compared with and its limits, in the same unit.

    Returns
    -------
    low, high : (...) arrays
        d − √((p₁−l₁)² + (u₂−p₂)²) and d + √((u₁−p₁)² + (p₂−l₂)²), in the same unit.

    Notes
    -----
    Zou & Donner (2008). With limits that hold 95 % each, so does the result, nearly.

    Examples
    --------
    >>> limits = mover_difference(np.array([0.5, 0.4, 0.6]), np.array([0.3, 0.2, 0.4]))
    >>> [float(limit.round(4)) for limit in limits]
    [0.0586, 0.3414]

    """
    below, above = mover_arms(one, other)
    difference = one[0] - other[0]
    return difference - below, difference + above


def mover_arms(one: Known, other: Known) -> Limits:
    """Lengths of MOVER's interval below and above the difference, as in :func:`mover_difference`.

    Examples
    --------
    >>> arms = mover_arms(np.array([0.5, 0.4, 0.6]), np.array([0.3, 0.2, 0.4]))
    >>> [float(arm.round(4)) for arm in arms]
    [0.1414, 0.1414]

    """
    below = np.hypot(one[0] - one[1], other[2] - other[0])
    return below, np.hypot(one[2] - one[0], other[0] - other[1])


def mover_ratio(one: Known, other: Known) -> Limits:
    """Interval of rate / other, from the intervals of two independent rates.

    Parameters as in :func:`mover_difference`; rates are 0 or more.

    Returns
    -------
    low, high : (...) arrays
        Limits of the ratio. The upper one is missing where the other's lower limit is 0, both
        where the other rate is 0: the ratio has no bound there.

    Notes
    -----
    Donner & Zou (2012); with Wilson limits it is the interval that Fagerland & Newcombe (2013)
    recommend for a ratio of proportions. Swapping the two rates gives the reciprocal limits.

    Examples
    --------
    >>> low, high = (wilson(np.array([x]), np.array([n])) for x, n in ((24.0, 73.0), (53.0, 65.0)))
    >>> limits = mover_ratio((np.array([24 / 73]), *low), (np.array([53 / 65]), *high))
    >>> print(*(limit.round(3) for limit in limits))
    [0.282] [0.563]

    """
    (a, low, high), (b, b_low, b_high) = one, other
    product = a * b
    with np.errstate(invalid="ignore", divide="ignore"):
        # The textbook's lower limit, (ab − √…)/c, cancels where limits are near their rates.
        under = low * (2 * a - low)
        under = under / (product + _root(product, under * b_high * (2 * b - b_high)))
        bottom = b_low * (2 * b - b_low)
        over = (product + _root(product, high * (2 * a - high) * bottom)) / bottom
    missing = np.isnan(low) | np.isnan(b_high) | ~(b > 0)
    low = np.where(low > 0, under, 0.0)
    high = np.where(b_low > 0, over, np.nan)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def _root(product: FloatArray, limits: FloatArray) -> FloatArray:
    """Compute √((ab)² − limits), which only rounding can take below 0."""
    return np.asarray(np.sqrt(np.maximum(product**2 - limits, 0.0)))


def newcombe(
    events: FloatArray,
    population: FloatArray,
    other_events: FloatArray,
    other_population: FloatArray,
    confidence: float = 0.95,
) -> Limits:
    """Newcombe's hybrid score interval of a difference of two independent proportions.

    Parameters
    ----------
    events, population : (...) array
        Numerator and denominator.
    other_events, other_population : (...) array
        Those of the group it is compared with.
    confidence : float
        Level in (0, 1).

    Returns
    -------
    low, high : (...) arrays
        Limits of p₁ − p₂, within [−1, 1].

    Notes
    -----
    Newcombe (1998), method 10: MOVER of two Wilson intervals.

    Examples
    --------
    >>> low, high = newcombe(*np.array([[5.0], [56.0], [0.0], [29.0]]))
    >>> print(low.round(4), high.round(4))
    [-0.0381] [0.1926]

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = events / population, other_events / other_population
    mine = wilson(events, population, confidence)
    yours = wilson(other_events, other_population, confidence)
    return mover_difference((rates[0], *mine), (rates[1], *yours))


def poisson_ratio(
    events: FloatArray,
    population: FloatArray,
    other_events: FloatArray,
    other_population: FloatArray,
    confidence: float = 0.95,
) -> Limits:
    """Exact interval of a ratio of two rates whose events are counted.

    Parameters as in :func:`newcombe`; the limits are of the ratio of events per population.

    Returns
    -------
    low, high : (...) arrays
        The upper limit is missing where the other group has no events, both where neither has.

    Notes
    -----
    Given all events, those of one group are binomial, so that the limits are those of Clopper and
    Pearson for the share, turned into a ratio (Przyborowski & Wilenski 1940). Coverage is never
    below the level.

    Examples
    --------
    >>> low, high = poisson_ratio(*np.array([[20.0], [1000.0], [10.0], [1000.0]]))
    >>> print(low.round(4), high.round(4))
    [0.8935] [4.7846]

    """
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = other_population / population
        low, other_low = (
            np.where(mine > 0, np.exp(beta_log_odds(mine, others + 1, tail)), 0.0)
            for mine, others in ((events, other_events), (other_events, events))
        )
        low, high = scale * low, np.where(other_events > 0, scale / other_low, np.nan)
    known = (population > 0) & (other_population > 0) & (events + other_events > 0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def inside_total(
    rate: FloatArray, total: FloatArray, share: FloatArray, own: FloatArray, others: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Variances of rate − total and of ln(rate / total) for a group that is inside the total.

    Parameters
    ----------
    rate, total : (...) array
        The group's rate and the total's.
    share : (...) array
        The group's share w of the total's population.
    own : (...) array
        Variance v of the group's rate.
    others : (...) array
        Σ w²v over all other groups.

    Returns
    -------
    difference, log_ratio : (...) arrays
        (1−w)²v + Σw²v of the others, and (1/p − w/μ)²v + Σ(w/μ)²v of the others.

    Notes
    -----
    Derived from μ = Σwp. Treating group and total as independent overstates the variance of a
    large group's ratio: 0.071 for 0.030 where the group is two thirds of the total.

    Examples
    --------
    >>> v = inside_total(*np.array([[0.2], [0.25], [0.5], [0.001], [0.0003]]))
    >>> print(v[0].round(6), v[1].round(4))
    [0.00055] [0.0138]

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = (1 - share) ** 2 * own + others
        log_ratio = (1 / rate - share / total) ** 2 * own + others / total**2
    return difference, np.where((rate > 0) & (total > 0), log_ratio, np.nan)
