"""Intervals of sums of absolute differences, and of shortfalls and people needed.

Such sums bend where a difference is 0. There noise alone makes them larger, and a derivative says
nothing. Both ends therefore add what the bend does: its mean B comes off the lower end, and the
variance that it has even where no derivative is left is in both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.measures.inequality.arithmetic import pick, shared
from targeted_universalism.measures.inequality.known import Bounds, Known, bounds, by_count
from targeted_universalism.measures.inequality.limits_two import two_segments
from targeted_universalism.measures.inequality.moves import Moves
from targeted_universalism.measures.inequality.pairs import added, noise_of_pairs, sides

_BEND = 1 + np.sqrt(2)
_TIE = 1e-12


class Sum(NamedTuple):
    """A sum Σ a|d| and what its bends add to it; arrays of one value a stratum but `slope`."""

    value: FloatArray
    slope: FloatArray  # (k, ...): derivatives by the rates
    bend: FloatArray  # B: what noise adds on average
    curved: FloatArray  # r: the variance that bends leave without slope


def _density(q: FloatArray) -> FloatArray:
    return np.asarray(np.exp(q**2 / -2) / np.sqrt(2 * np.pi))


def _bent(weight: FloatArray, apart: FloatArray, error: FloatArray) -> tuple[FloatArray, ...]:
    """Give Σ's terms, their signs, what noise adds to them, and their curvature."""
    size = np.abs(apart)
    noise = added(size, error)
    twice = 2 * weight
    return weight * size, weight * np.sign(apart), twice * noise.mean, twice * noise.density


def _tie(rate: FloatArray) -> FloatArray:
    """Give the largest difference of rates that rounding makes."""
    return np.asarray(_TIE * np.abs(rate).max(axis=0))


def _tied(apart: FloatArray, tie: FloatArray) -> FloatArray:
    """Make 0 of what is left of a difference by rounding."""
    return np.where(np.abs(apart) <= tie, 0.0, apart)


def about_mean(rate: FloatArray, v: FloatArray, share: FloatArray, weight: FloatArray) -> Sum:
    """Sum of the distances from the average, Σ a_j |y_j − Σ w y|.

    Parameters
    ----------
    rate, v, share : (k, ...) array
        Rates, their variances and population shares.
    weight : (k, ...) array
        The weights a.
    """
    whole = (share**2 * v).sum(axis=0)
    error = np.sqrt(np.maximum((1 - 2 * share) * v + whole, 0.0))
    apart = _tied(rate - (share * rate).sum(axis=0), _tie(rate))
    terms, signs, added, c = _bent(weight, apart, error)
    total = c.sum(axis=0)
    # H = diag(c) − cw' − wc' + Σc ww'; its square, summed with the variances, by moments.
    p, m = (c**2 * v).sum(axis=0), (c * share * v).sum(axis=0)
    square = 2 * p * whole + 2 * m**2 - 4 * total * m * whole + (total * whole) ** 2
    corner = (2 * (total * share**2 - 2 * c * share) * c + c**2) * v**2
    curved = np.maximum(square + corner.sum(axis=0), 0.0) / 2
    slope = signs - share * signs.sum(axis=0)
    return Sum(terms.sum(axis=0), slope, added.sum(axis=0), curved)


def of_pairs(rate: FloatArray, v: FloatArray, share: FloatArray) -> Sum:
    """Sum of the distances of pairs, Σ w_i w_l |y_i − y_l|, each pair once.

    Parameters
    ----------
    rate, v, share : (k, ...) array
        Rates, their variances and population shares.
    """
    order = np.argsort(rate, axis=0)
    y, spread, w = (np.take_along_axis(values, order, axis=0) for values in (rate, v, share))
    signs = w * sides(y, w, _tie(rate))
    value = (signs * (y - (w * y).sum(axis=0))).sum(axis=0)
    slope = np.empty(rate.shape)
    np.put_along_axis(slope, order, signs, axis=0)
    noise, twice = noise_of_pairs(y, spread, w), 2 * w
    curved = _curved(spread, twice * noise.density, twice**2 * noise.square)
    return Sum(value, slope, 2 * noise.mean, curved)


def _curved(v: FloatArray, total: FloatArray, square: FloatArray) -> FloatArray:
    """Add up r from each segment's Σ c and Σ c²v over its pairs."""
    return np.asarray((v * (square + total**2 * v)).sum(axis=0) / 2)


def _limits(known: Known, found: Sum, slope: FloatArray, moved: FloatArray) -> Bounds:
    """Put MOVER's arms and the bends together.

    Such a sum rises faster than its slope says, and a small segment may even lie on the other side
    of what it is compared with. A segment's upper arm is therefore also what the sum rises by when
    the segment moves to either of its limits, to what is in `moved`, shaped (2, k, m); with the
    slope alone the mean distance from a small reference covers 84 %.
    """
    down, up = known.arms()
    curved = known.z**2 * found.curved
    below = slope * np.where(slope > 0, down, up)
    above = np.abs(slope * np.where(slope > 0, up, down))
    above = np.maximum(above, moved.max(axis=0) - found.value)
    low = found.value - _BEND * found.bend - np.sqrt((below**2).sum(axis=0) + curved)
    high = found.value + np.sqrt((above**2).sum(axis=0) + curved)
    return bounds(np.maximum(low, 0.0), high, equality=0)


@shared
def _moves(known: Known) -> Moves:
    return Moves(known.rate, known.share, known.low, known.high)


@by_count()
def mean_distance(known: Known, *, weighted: bool, relative: bool = False) -> Bounds:
    """Limits of the mean distance of the segments from the overall rate.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.
    weighted : bool
        Whether segments count by their population (mdmw, idisw) or alike (mdmu, idisu).
    relative : bool
        Whether it is a part of the overall rate (idisu, idisw).

    Returns
    -------
    Bounds
        In the unit of the rates, or a plain number.

    Notes
    -----
    Derived: MOVER where the distances are clear of 0, and B and r of the module's head where not.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> known = known_counts(x, n, kind="proportion")
    >>> print(*(v.round(4) for v in mean_distance(known, weighted=True)[:2]))
    0.1023 0.2266

    """
    weight = known.share if weighted else np.full(known.share.shape, 1 / len(known.share))

    def value(rate: FloatArray, share: FloatArray) -> FloatArray:
        middle = (rate * share).sum(axis=0)
        mean = (np.abs(rate - middle) * weight).sum(axis=0)
        return np.asarray(mean / middle if relative else mean)

    if len(weight) == 2:
        return two_segments(known, value, relative=relative)
    found = about_mean(known.rate, known.variance, known.share, weight)
    moved = _moves(known).about_mean(weight)
    if relative:
        return _relative(known, found, moved)
    return _limits(known, found, found.slope, moved)


def _relative(known: Known, found: Sum, moved: FloatArray) -> Bounds:
    """Divide by the overall rate, which has an error too, and moves with each segment."""
    middle = np.where(known.mean > 0, known.mean, np.nan)
    part = Sum(
        found.value / middle, found.slope / middle, found.bend / middle, found.curved / middle**2
    )
    slope = part.slope - known.share * part.value / middle
    return _limits(known, part, slope, moved / _moves(known).mean)


@by_count()
def reference_distance(known: Known, *, reference: IntArray, weighted: bool) -> Bounds:
    """Limits of the mean distance of the segments from a named one (mdru, mdrw).

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.
    reference : (...) array of int
        Position of the named segment.
    weighted : bool
        Whether segments count by their population.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> known = known_counts(x, n, kind="proportion")
    >>> found = reference_distance(known, reference=np.array(2), weighted=True)
    >>> print(*(v.round(4) for v in found[:2]))
    0.1218 0.2691

    """
    weight = known.share if weighted else np.full(known.rate.shape, 1 / len(known.rate))

    def value(rate: FloatArray, _: FloatArray) -> FloatArray:
        return np.asarray((weight * np.abs(rate - pick(rate, reference))).sum(axis=0))

    if len(known.rate) == 2:
        return two_segments(known, value, relative=False)
    found, moved = _about_reference(known, reference, weight)
    return _limits(known, found, found.slope, moved)


def _about_reference(
    known: Known, reference: IntArray, weight: FloatArray
) -> tuple[Sum, FloatArray]:
    """Sum the distances from a named segment, and do so where each segment has moved."""
    own = np.arange(len(known.rate))[:, None] == reference
    others = np.where(own, 0.0, weight)
    v, limits = known.variance, np.stack([known.low, known.high])
    mine, spread = pick(known.rate, reference), pick(v, reference)
    apart = _tied(known.rate - mine, _tie(known.rate))
    terms, signs, added, c = _bent(others, apart, np.sqrt(v + spread))
    slope = np.where(own, -signs.sum(axis=0), signs)
    square = np.where(own, (c**2 * v).sum(axis=0), c**2 * spread)
    total = np.where(own, c.sum(axis=0), c)
    found = Sum(terms.sum(axis=0), slope, added.sum(axis=0), _curved(v, total, square))
    moved = found.value - others * np.abs(known.rate - mine) + others * np.abs(limits - mine)
    away = [(others * np.abs(known.rate - pick(limit, reference))).sum(axis=0) for limit in limits]
    return found, np.where(own, np.stack(away)[:, None], moved)


@by_count()
def gini_limits(known: Known) -> Bounds:
    """Limits of Gini's index between segments: plain numbers between 0 and 1.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> known = known_counts(x, n, kind="proportion")
    >>> print(*(v.round(4) for v in gini_limits(known)[:2]))
    0.1796 0.3938

    """
    share = known.share
    if len(share) == 2:
        return two_segments(known, _gini, relative=True)
    pairs = of_pairs(known.rate, known.variance, share)
    found = _relative(known, pairs, _moves(known).in_pairs(pairs.value))
    return found._replace(high=np.minimum(found.high, 1.0))


def _gini(rate: FloatArray, share: FloatArray) -> FloatArray:
    order = np.argsort(rate, axis=0, kind="stable")
    y, w = (np.take_along_axis(v, order, axis=0) for v in (rate, share))
    before = w.cumsum(axis=0) - w / 2
    return np.asarray((w * y * (2 * before - 1)).sum(axis=0) / (w * y).sum(axis=0))


@by_count(least=1)
def shortfall(
    known: Known, *, goal: FloatArray | float, sign: int, weight: FloatArray | None = None,
    weighted: bool = True,
) -> Bounds:  # fmt: skip
    """Limits of a sum of shortfalls to a goal: of mdg, mdgu, and of people needed.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.
    goal : float or (...) array
        The universal goal, in the unit of the rates.
    sign : {1, -1}
        +1 when at least the goal is wanted, −1 when at most.
    weight : (k, ...) array, optional
        What a shortfall is multiplied by: populations for people needed. Without it the shares,
        or 1/k.
    weighted : bool
        Whether segments count by their population (mdg) or alike (mdgu), without `weight`.

    Returns
    -------
    Bounds
        Of Σ a·max(0, s(G − y)), before anything is rounded up; 0 below where it is possible that
        nobody falls short.

    Notes
    -----
    Upper end: MOVER of the shortfalls. Lower end: what noise makes of segments near the goal comes
    off, and each segment's arm counts as far as it is likely to be short. Limits that are added up
    instead are 1.7 to 4.3 times too wide for 3 to 20 segments.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> known = known_counts(x, n, kind="proportion")
    >>> needed = shortfall(known, goal=0.5, sign=1, weight=n)
    >>> print(needed.low.round(2), needed.high.round(2))
    21.32 48.35

    """
    a = weight
    if a is None:
        a = known.share if weighted else np.full(known.rate.shape, 1 / len(known.rate))
    down, up = known.arms(sign)
    d, error = sign * (goal - known.rate), np.sqrt(known.variance_plus)
    q = np.where(error > 0, d / np.where(error > 0, error, 1.0), np.sign(d) * np.inf)
    short = np.maximum(d, 0.0)
    bend = a * (error * _density(q) + np.where(np.isinf(q), short, d * special.ndtr(q)) - short)
    likely = np.minimum(1.0, 2 * special.ndtr(q))
    value = (a * short).sum(axis=0)
    below = np.sqrt(((a * up * likely) ** 2).sum(axis=0))
    above = np.sqrt(((a * (np.maximum(d + down, 0.0) - short)) ** 2).sum(axis=0))
    low = value - _BEND * bend.sum(axis=0) - below
    return bounds(np.maximum(low, 0.0), value + above, equality=0)


def needed_in_all(
    known: Known, population: FloatArray, goal: FloatArray | float, sign: int, needed: FloatArray,
    *, unit: FloatArray | None = None,
) -> Bounds:  # fmt: skip
    """Range of the people needed in all segments together, or of what they cost (RULES 4).

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.
    population : (k, ...) array
        People in each segment.
    goal : float or (...) array
        The universal goal, in the unit of the rates.
    sign : {1, -1}
        +1 when at least the goal is wanted, −1 when at most.
    needed : (...) array
        The sum of the segments' people needed, each rounded up: it lies in the range. Of their
        cost where `unit` is given.
    unit : (k, ...) array, optional
        What one person costs in each segment.

    Returns
    -------
    Bounds
        Whole numbers of people; of a cost whole numbers of people where they cost least.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> known = known_counts(x, n, kind="proportion")
    >>> needed_in_all(known, n, 0.5, 1, np.array(38.0))[:2]
    (np.float64(22.0), np.float64(49.0))
    >>> needed_in_all(known, n, 0.5, 1, np.array(3800.0), unit=np.full(3, 100.0))[:2]
    (np.float64(2200.0), np.float64(4900.0))

    """
    unit = np.ones(population.shape) if unit is None else unit
    least = unit.min(axis=0)
    weight = population * (unit / least)
    low, high, caution = shortfall(known, goal=goal, sign=sign, weight=weight)
    low, high = (
        np.maximum(np.ceil(v - 1e-9 * np.maximum(1.0, np.sqrt(v))), 0.0) * least
        for v in (low, high)
    )
    low, high = (f(v, needed) for f, v in ((np.minimum, low), (np.maximum, high)))
    return Bounds(low, high, caution)
