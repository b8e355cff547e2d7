"""Intervals of measures that look at a best, a worst or a pair of segments.

Where the data choose which, the interval is an envelope: every segment, or pair, is a candidate.
The measure is the largest that any candidate would make it. So its lower limit is the largest lower
limit of all, of limits that hold for all at once, and its upper limit the largest upper limit of
single ones. Rates that tie therefore never decide, nor does the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.inequality.arithmetic import pick, running, shared
from targeted_universalism.measures.inequality.known import (
    Bounds,
    Caution,
    Known,
    bounds,
    by_count,
    few_events,
)
from targeted_universalism.measures.intervals import Limits
from targeted_universalism.measures.parts import ratio_low, turned

Rate = tuple[FloatArray, FloatArray, FloatArray]
Pair = Callable[[int], FloatArray]  # limits of one candidate beside every other
_NO = np.int64(0)
_FEW = 16  # segments of which every pair is looked at


@by_count()
def largest_difference(known: Known) -> Bounds:
    """Limits of the difference between the highest and the lowest rate.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.

    Returns
    -------
    Bounds
        In the unit of the rates; the lower limit is 0 where equality is inside.

    Notes
    -----
    Envelope of MOVER (Zou and Donner 2008) over all pairs, with exact limits at Tukey's quantile
    for the lower end. With two segments both ends are at the plain quantile.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> print(*(v.round(4) for v in largest_difference(known_counts(x, n, kind="proportion"))[:2]))
    0.204 0.5239

    """
    low, high = (_over_pairs(known, _apart, wide=wide) for wide in (True, False))
    return bounds(np.maximum(low, 0.0), high, equality=0)


def _apart(top: Rate, bottom: Rate, *, low: bool) -> Pair:
    """Limits of the differences of rates, the lower or the upper ones."""
    (p, p_low, p_high), (q, q_low, q_high) = top, bottom
    arms = (p - p_low, q_high - q) if low else (p_high - p, q - q_low)
    (mine, others), side = (arm**2 for arm in arms), -1 if low else 1
    return lambda i: p[i] - q + side * np.sqrt(mine[i] + others)


@by_count()
def largest_ratio(known: Known) -> Bounds:
    """Limits of the ratio of the highest to the lowest rate; missing where a rate is 0.

    Notes
    -----
    As :func:`largest_difference`, with the limits of Donner and Zou (2012) for each pair.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> print(*(v.round(3) for v in largest_ratio(known_counts(x, n, kind="proportion"))[:2]))
    1.933 13.488

    """
    low, high = (_over_pairs(known, _over, wide=wide) for wide in (True, False))
    zero: BoolArray = np.asarray((known.rate <= 0).any(axis=0))
    return _missing_where(zero, bounds(np.maximum(low, 1.0), high, equality=1), few_events(known))


def _over(top: Rate, bottom: Rate, *, low: bool) -> Pair:
    """Limits of the ratios of rates, the lower or the upper ones, as :func:`ratio_low` has them."""
    (p, p_low, p_high), (q, q_low, q_high) = top, bottom
    limits = (p_low, q_high) if low else (p_high, q_low)
    mine, others = (limit * (2 * rate - limit) for limit, rate in zip(limits, (p, q), strict=True))

    def limit(i: int) -> FloatArray:
        product = p[i] * q
        root = np.sqrt(np.maximum(product**2 - mine[i] * others, 0.0))
        if low:
            return np.where(p_low[i] > 0, mine[i] / (product + root), 0.0)
        return np.where(q_low > 0, (product + root) / others, np.inf)

    return limit


def _over_pairs(known: Known, limits: Callable[..., Pair], *, wide: bool) -> FloatArray:
    """Largest limit of all pairs: the lower one where limits are to hold for all at once."""
    rates, (top, bottom) = _rates(known, wide=wide), _candidates(known, wide)
    strata = np.arange(top.shape[1])
    limit = limits(_at(rates, (top, strata)), _at(rates, (bottom, strata)), low=wide)
    found = np.full(len(strata), -np.inf)
    for i, row in enumerate(top):
        values = limit(i)
        np.copyto(values, -np.inf, where=bottom == row)
        np.maximum(found, values.max(axis=0), out=found)
    return np.where(np.isnan(rates[1].sum(axis=0) + rates[2].sum(axis=0)), np.nan, found)


@shared
def _candidates(known: Known, wide: bool) -> tuple[IntArray, IntArray]:
    """Find the segments that can be the upper one, and the lower one, of the pair looked for.

    A lower limit is high where the rate is and its arm is short, an upper one where both are long.
    """
    down, up = known.arms(wide=wide)
    arms = (-down, -up) if wide else (up, down)
    return foremost(known.rate, arms[0]), foremost(-known.rate, arms[1])


def foremost(first: FloatArray, second: FloatArray) -> IntArray:
    """Find the rows that no two others match or surpass in both of two values.

    Parameters
    ----------
    first, second : (k, m) array
        Values: the more, the better.

    Returns
    -------
    (c, m) array of int
        Positions of rows, with some others where strata have fewer; all rows where there are few.
        Whatever rises with both values has its largest one among them, and if one row is set aside
        the largest of the others.

    Examples
    --------
    >>> first, second = np.arange(40.0)[:, None], np.minimum(30.0, np.arange(40.0))[:, None]
    >>> foremost(first, second).ravel()
    array([39, 38])

    """
    k, m = first.shape
    if k <= _FEW:
        return np.broadcast_to(np.arange(k)[:, None], (k, m))
    order = np.lexsort((-second, -first), axis=0)
    left, kept = np.take_along_axis(second, order, axis=0), np.zeros((k, m), dtype=np.bool_)
    for _ in range(2):
        before = np.full((k, m), -np.inf)
        np.maximum.accumulate(left[:-1], axis=0, out=before[1:])
        ahead = left > before
        kept |= ahead
        left = np.where(ahead, -np.inf, left)
    places = np.argsort(~kept, axis=0, kind="stable")[: kept.sum(axis=0).max()]
    return np.take_along_axis(order, places, axis=0)


def _rates(known: Known, *, wide: bool = False) -> Rate:
    if wide:
        return known.rate, known.wide_low, known.wide_high
    return known.rate, known.low, known.high


def _at(rates: Rate, place: Any) -> Rate:
    rate, low, high = rates
    return rate[place], low[place], high[place]


def _missing_where(zero: BoolArray, found: Bounds, few: IntArray | np.int64 = _NO) -> Bounds:
    """Give no interval where a rate that is divided by is 0, and say where that was near."""
    low, high = (np.where(zero, np.nan, limit) for limit in found[:2])
    return Bounds(low, high, np.where(zero, np.int64(Caution.ZERO_RATE), found.caution | few))


@by_count()
def beyond_average(
    known: Known,
    *,
    sign: int,
    weighted: bool,
    place: int | None = None,
    others: bool = False,
) -> Bounds:
    """Limits of how far the best segment is from the average.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.
    sign : {1, -1}
        +1 where the highest rate is the best.
    weighted : bool
        Whether segments count by their population in the average.
    place : int, optional
        The segment that is the best by its place in an order: −1. Without it the data choose.
    others : bool
        Whether the average is that of the other segments, as in the summary rate difference.

    Returns
    -------
    Bounds
        In the unit of the rates.

    Notes
    -----
    Envelope, over the segments, of MOVER of ``s(y_i − Σ a y)``: par and mdbw (a the shares), mdbu
    (a = 1/k) and srd. A segment is part of the average, and the limits know it.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> par = beyond_average(known, sign=1, weighted=True)
    >>> print(par.low.round(4), par.high.round(4))
    0.0938 0.2015

    """
    weight = known.share if weighted else np.full(known.rate.shape, 1 / len(known.rate))
    value = sign * (known.rate - (weight * known.rate).sum(axis=0))
    wide = place is None
    low = value - _arm(*known.arms(sign, wide=wide), weight)
    high = value + _arm(*known.arms(sign)[::-1], weight)
    scale = len(known.rate) / (len(known.rate) - 1) if others else 1.0
    chosen = (v.max(axis=0) if place is None else v[place] for v in (low, high))
    low, high = (np.maximum(v, 0.0) * scale for v in chosen)
    return bounds(low, high, equality=0)


def _arm(down: FloatArray, up: FloatArray, weight: FloatArray) -> FloatArray:
    """Length of MOVER's arm below y_i − Σ a y, for each i."""
    parts = (weight * up) ** 2
    return np.asarray(np.sqrt(_without_each(parts) + ((1 - weight) * down) ** 2))


def _without_each(parts: FloatArray) -> FloatArray:
    """Sum over all segments but each one, without subtracting."""
    before, after = np.zeros(parts.shape), np.zeros(parts.shape)
    running(parts[:-1], out=before[1:])
    running(parts[:0:-1], out=after[-2::-1])
    return before + after


@by_count()
def over_average(
    known: Known, *, sign: int, weighted: bool, part: str, place: int | None = None
) -> Bounds:
    """Limits of measures that divide the best segment by an average, or the other way round.

    Parameters
    ----------
    known, sign, weighted, place
        As in :func:`beyond_average`.
    part : {"fraction", "ratio", "disparity"}
        ``s(y_best/μ − 1)``, the attributable fraction; the ratio of the best and the plain average
        of all others, oriented to be 1 or more, which is the summary rate ratio; how far the
        others are from the best relative to it, which is Healthy People's index of disparity.

    Returns
    -------
    Bounds
        Plain numbers. Missing where a rate that is divided by is 0.

    Notes
    -----
    Envelope, over the segments, of the limits of Donner and Zou (2012) for the ratio of a segment
    to the rest, turned into a ratio to the total where the measure asks for that.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> paf = over_average(known, sign=1, weighted=True, part="fraction")
    >>> print(paf.low.round(4), paf.high.round(4))
    0.2705 0.553

    """
    weight = known.share if weighted else np.full(known.rate.shape, 1 / len(known.rate))
    own, wide = _rates(known), _rates(known, wide=place is None)
    low, high = _to_rest(own, wide, weight, sign)
    if part == "fraction":
        low, high = (sign * (turned(r**sign, weight) - 1) for r in (low, high))
    if place is not None:
        low, high = low[place], high[place]
    else:
        low, high = low.max(axis=0), high.max(axis=0)
    if part == "fraction":
        return _missing_where(
            ~(known.mean > 0), bounds(np.maximum(low, 0), np.maximum(high, 0), equality=0)
        )
    best = known.rate.max(axis=0) if sign > 0 else known.rate.min(axis=0)
    zero, few = ~(best > 0), few_events(known) if sign < 0 else np.int64(0)
    if part == "ratio":
        zero |= ~(known.rate.sum(axis=0) - best > 0)
        return _missing_where(zero, bounds(np.maximum(low, 1), high, equality=1), few)
    low, high = (1 - 1 / r if sign > 0 else r - 1 for r in (low, high))
    return _missing_where(zero, bounds(np.maximum(low, 0), high, equality=0), few)


def _to_rest(own: Rate, wide: Rate, weight: FloatArray, sign: int) -> Limits:
    """Limits of each rate over that of the rest, turned over where the lowest is the best."""
    ends = [(rate, _rest(rate, weight)) for rate in (wide, own)]
    if sign < 0:
        ends = [(rest, rate) for rate, rest in ends]
    (one, other), (top, bottom) = ends
    return ratio_low(one, other), 1 / ratio_low(bottom, top)


def _rest(rates: Rate, weight: FloatArray) -> Rate:
    """Average of all other segments than each, with MOVER's limits of it."""
    rate, low, high = rates
    left = _without_each(weight)
    middle = _without_each(weight * rate) / left
    down, up = (
        np.sqrt(_without_each((weight * arm) ** 2)) / left for arm in (rate - low, high - rate)
    )
    return middle, np.maximum(middle - down, 0.0), middle + up


@by_count()
def from_reference(known: Known, *, reference: IntArray, sign: int) -> Bounds:
    """Limits of the difference between a named segment and the one that fares worst beside it.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.
    reference : (...) array of int
        Position of the named segment.
    sign : {1, -1}
        +1 where the highest rate is the best.

    Returns
    -------
    Bounds
        In the unit of the rates; below 0 where all others fare better.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> from_reference(known, reference=np.array(1), sign=1).low.round(4)
    np.float64(0.2439)

    """
    (down, up), (wide_down, wide_up) = known.arms(sign), known.arms(sign, wide=True)
    apart = sign * (pick(known.rate, reference) - known.rate)
    low = apart - np.hypot(pick(wide_down, reference), wide_up)
    high = apart + np.hypot(pick(up, reference), down)
    return bounds(*(_of_others(limit, reference) for limit in (low, high)))


@by_count()
def over_reference(known: Known, *, reference: IntArray, sign: int) -> Bounds:
    """Limits of the ratio between a named segment and the one that fares worst beside it.

    Parameters as in :func:`from_reference`. The ratio is over the worst where the highest rate is
    the best, and over the named segment where the lowest is.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> over_reference(known, reference=np.array(1), sign=1).low.round(3)
    np.float64(2.24)

    """
    own, wide = _rates(known), _rates(known, wide=True)
    mine, my_wide = (_picked(rates, reference) for rates in (own, wide))
    if sign > 0:
        low, high = ratio_low(my_wide, wide), 1 / ratio_low(own, mine)
        zero = ~(_of_others(-known.rate, reference) < 0)
    else:
        low, high = ratio_low(wide, my_wide), 1 / ratio_low(mine, own)
        zero = ~(mine[0][0] > 0)
    low, high = (_of_others(limit, reference) for limit in (low, high))
    return _missing_where(zero, bounds(low, high), few_events(known))


def _picked(rates: Rate, reference: IntArray) -> Rate:
    rate, low, high = (pick(v, reference)[None] for v in rates)
    return rate, low, high


def _of_others(values: FloatArray, reference: IntArray) -> FloatArray:
    own = np.arange(len(values))[:, None] == reference
    return np.asarray(np.where(own, -np.inf, values).max(axis=0))


@by_count()
def ends_difference(known: Known, *, sign: int) -> Bounds:
    """Limits of the difference of the two ends of an order, the most disadvantaged first.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> ends_difference(known, sign=-1).low.round(4)
    np.float64(-0.5239)

    """
    down, up = known.arms()
    apart = known.rate[-1] - known.rate[0]
    low, high = apart - np.hypot(down[-1], up[0]), apart + np.hypot(up[-1], down[0])
    return bounds(low, high) if sign > 0 else bounds(-high, -low)


@by_count()
def ends_ratio(known: Known, *, sign: int) -> Bounds:
    """Limits of the ratio of the two ends of an order, above 1 where the advantaged fare better.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> ends_ratio(known, sign=1).low.round(3)
    np.float64(2.24)

    """
    top, bottom = (_at(_rates(known), i) for i in ((-1, 0) if sign > 0 else (0, -1)))
    pair = known.take(np.tile([[0], [-1]], known.rate.shape[1]), np.arange(known.rate.shape[1]))
    zero = ~(bottom[0] > 0) | ~(top[0] > 0)
    low, high = ratio_low(top, bottom), 1 / ratio_low(bottom, top)
    return _missing_where(zero, bounds(low, high), few_events(pair))
