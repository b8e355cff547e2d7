"""Intervals of sums with signs, of ratios of two such sums, and of lines on another scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.errors import InputError
from targeted_universalism.measures.inequality.known import (
    Bounds,
    Caution,
    Known,
    bounds,
    by_count,
    few_events,
)
from targeted_universalism.measures.intervals import Limits

_STEPS = 60
Value = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


def _mover(known: Known, weight: FloatArray) -> Limits:
    """Limits of Σ c y by MOVER: of each segment the arm on the side that its sign turns."""
    down, up = known.arms()
    value = (weight * known.rate).sum(axis=0)
    below = (weight * np.where(weight > 0, down, up)) ** 2
    above = (weight * np.where(weight > 0, up, down)) ** 2
    return value - np.sqrt(below.sum(axis=0)), value + np.sqrt(above.sum(axis=0))


def concentration_weights(share: FloatArray, rank: FloatArray) -> FloatArray:
    """Weights of the rates in the absolute concentration index, 2w(R − R̄).

    Examples
    --------
    >>> concentration_weights(np.array([0.5, 0.5]), np.array([0.25, 0.75]))
    array([-0.25,  0.25])

    """
    return np.asarray(2 * share * (rank - (share * rank).sum(axis=0)))


def line_weights(share: FloatArray, rank: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights of the rates in both ends of the weighted least-squares line, at ranks 0 and 1.

    Examples
    --------
    >>> line_weights(np.array([0.5, 0.5]), np.array([0.25, 0.75]))
    (array([ 1.5, -0.5]), array([-0.5,  1.5]))

    """
    centre = (share * rank).sum(axis=0)
    away = share * (rank - centre)
    slope = away / (away * (rank - centre)).sum(axis=0)
    return share - slope * centre, share + slope * (1 - centre)


def _rank(known: Known) -> FloatArray:
    if known.rank is None:
        raise InputError("Measures of an order need the segments' mid-ranks: Known(rank=...).")
    return known.rank


@by_count()
def concentration(known: Known, *, times: float = 1.0) -> Bounds:
    """Limits of the absolute concentration index (aci), or of a multiple of it (erreygers: 4).

    Notes
    -----
    MOVER (Zou and Donner 2008) of Σ 2w(R − R̄)y; missing upper or lower arms make it missing.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> rank = np.array([0.132, 0.421, 0.789])
    >>> known = known_counts(x, n, kind="proportion", rank=rank)
    >>> print(*(v.round(4) for v in concentration(known)[:2]))
    0.0578 0.1214

    """
    low, high = _mover(known, times * concentration_weights(known.share, _rank(known)))
    return bounds(low, high)


@by_count()
def slope(known: Known) -> Bounds:
    """Limits of the linear slope index of inequality; as :func:`concentration`.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> rank = np.array([0.132, 0.421, 0.789])
    >>> known = known_counts(x, n, kind="proportion", rank=rank)
    >>> print(*(v.round(4) for v in slope(known)[:2]))
    0.3971 0.8341

    """
    start, end = line_weights(known.share, _rank(known))
    return bounds(*_mover(known, end - start))


@by_count()
def over_mean(known: Known, *, of: str) -> Bounds:
    """Limits of the relative concentration index, or of the linear slope over the mean.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments, with ranks; rates of 0 or more.
    of : {"concentration", "slope"}
        What is divided by the overall rate.

    Notes
    -----
    After Fieller (1954): all ratios ρ for which MOVER's interval of Σ (c − ρw)y holds 0. As rates
    are never below 0, ρ lies between the least and the largest c/w.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> rank = np.array([0.132, 0.421, 0.789])
    >>> known = known_counts(x, n, kind="proportion", rank=rank)
    >>> print(*(v.round(4) for v in over_mean(known, of="concentration")[:2]))
    0.1906 0.3906

    """
    share, rank = known.share, _rank(known)
    if of == "concentration":
        top = concentration_weights(share, rank)
    else:
        start, end = line_weights(share, rank)
        top = end - start
    least, most = (top / share).min(axis=0), (top / share).max(axis=0)
    value = (top * known.rate).sum(axis=0) / known.mean
    low, high = _fieller(
        known, top - least * share, top - most * share, (value - least) / (most - least)
    )
    low, high = (least + (most - least) * v for v in (low, high))
    zero = ~(known.mean > 0)
    low, high = (np.where(zero, np.nan, v) for v in (low, high))
    return Bounds(low, high, np.where(zero, np.int64(Caution.ZERO_RATE), 0))


@by_count()
def ends_of_line(known: Known) -> Bounds:
    """Limits of the ratio of the two ends of a straight line (rii_linear).

    Notes
    -----
    As :func:`over_mean`. Without an upper limit where the lower end may lie at 0; missing where the
    line itself ends at or below 0.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([25.0, 22, 40]), np.array([50.0, 60, 80])
    >>> rank = np.array([0.132, 0.421, 0.789])
    >>> known = known_counts(x, n, kind="proportion", rank=rank)
    >>> print(*(v.round(3) for v in ends_of_line(known)[:2]))
    0.623 1.99

    """
    start, end = line_weights(known.share, _rank(known))
    first, last = ((w * known.rate).sum(axis=0) for w in (start, end))
    lost = ~((first > 0) & (last > 0))
    low, high = _fieller(known, end, -start, last / (first + last))
    ends = (np.where(lost, np.nan, v / (1 - v)) for v in (low, high))
    found = bounds(*ends)
    return found._replace(caution=np.where(lost, np.int64(Caution.UNDEFINED), found.caution))


def _fieller(known: Known, at_0: FloatArray, at_1: FloatArray, value: FloatArray) -> Limits:
    """Bisect for the two t between which MOVER of Σ ((1 − t)·at_0 + t·at_1)y holds 0.

    Parameters
    ----------
    known : Known
        Complete segments.
    at_0, at_1 : (k, ...) array
        Weights at t = 0 and at t = 1; their sum of rates falls from above 0 to below it.
    value : (...) array
        The t at which the sum is 0.
    """

    def clear(t: FloatArray, side: int) -> FloatArray:
        limits = _mover(known, (1 - t) * at_0 + t * at_1)
        return np.asarray(limits[0] > 0 if side == 0 else limits[1] < 0)

    found = []
    for side, end in ((0, np.zeros(value.shape)), (1, np.ones(value.shape))):
        inside, outside = value.copy(), end
        for _ in range(_STEPS):
            t = (inside + outside) / 2
            beyond = clear(t, side)
            inside, outside = np.where(beyond, inside, t), np.where(beyond, t, outside)
        found.append(np.where(clear(end, side), inside, end))
    missing = np.isnan(value + known.low.sum(axis=0) + known.high.sum(axis=0))
    low, high = (np.where(missing, np.nan, v) for v in found)
    return low, high


@by_count()
def refitted(known: Known, *, value: Value, log: bool = False) -> Bounds:
    """Limits of any smooth measure, computed again with one segment at a time at its limits.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments, with ranks.
    value : callable
        From (k, ...) rates, shares and ranks to the (...) measure.
    log : bool
        Whether changes are squared and added on the scale of logarithms: of ratios.

    Returns
    -------
    Bounds
        In the unit of the measure.

    Notes
    -----
    MOVER's idea for a measure that is not a sum: each segment moves to its own limits, and what
    falls, and what rises, is squared and added. For a sum it is MOVER. The delta method covers as
    little as 79 % for a logistic line.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> from targeted_universalism.measures.inequality.slope import slope_index_logit
    >>> x, n = np.array([25.0, 22, 40]), np.array([50.0, 60, 80])
    >>> rank = np.array([0.132, 0.421, 0.789])
    >>> known = known_counts(x, n, kind="proportion", rank=rank)
    >>> print(*(v.round(3) for v in refitted(known, value=slope_index_logit)[:2]))
    -0.209 0.298

    """
    to, back = (np.log, np.exp) if log else (np.positive, np.positive)
    share, rank = known.share, _rank(known)
    point = to(value(known.rate, share, rank))
    falls, rises = np.zeros(point.shape), np.zeros(point.shape)
    for i in range(len(known.rate)):
        for limit in (known.low, known.high):
            moved = known.rate.copy()
            moved[i] = limit[i]
            change = to(value(moved, share, rank)) - point
            falls, rises = falls + np.minimum(change, 0) ** 2, rises + np.maximum(change, 0) ** 2
    low, high = back(point - np.sqrt(falls)), back(point + np.sqrt(rises))
    return Bounds(
        low, high, np.where(np.isnan(low), np.int64(Caution.UNDEFINED), few_events(known))
    )
