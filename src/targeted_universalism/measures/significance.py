"""P-values of a comparison, and what many of them at once mean: arrays in, arrays out.

Exact two-sided p-values are twice the smaller tail, at most 1, so that they agree with the exact
intervals, which leave the same share out on each side.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "benjamini_hochberg",
    "binomial_test",
    "conditional_test",
    "holm",
    "poisson_test",
    "score_test",
]


def score_test(
    events: FloatArray,
    population: FloatArray,
    other_events: FloatArray,
    other_population: FloatArray,
    df: FloatArray | None = None,
) -> FloatArray:
    """Two-sided p-value that two independent proportions are equal, by the score test.

    Parameters
    ----------
    events, population : (...) array
        Numerator and denominator; effective sizes need not be whole.
    other_events, other_population : (...) array
        Those of the group it is compared with.
    df : (...) array, optional
        Degrees of freedom, where the sizes are effective ones of weighted records: the statistic is
        Student's there. Normal without it and where it is infinite.

    Returns
    -------
    (...) array
        In [0, 1]; 1 where neither or both have nothing but events.

    Notes
    -----
    Miettinen & Nurminen (1985): the variance under equality, times N/(N − 1).

    Examples
    --------
    >>> score_test(*np.array([[7.0], [34.0], [1.0], [34.0]])).round(6)
    array([0.024984])

    """
    size = population + other_population
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (events + other_events) / size
        spread = pooled * (1 - pooled) * (1 / population + 1 / other_population) * size / (size - 1)
        difference = events / population - other_events / other_population
        z = np.where(difference == 0, 0.0, difference / np.sqrt(spread))
    known = (population > 0) & (other_population > 0) & (size > 1)
    p = normal_p(z) if df is None else np.where(np.isinf(df), normal_p(z), student_p(z, df))
    return np.where(known, p, np.nan)


def conditional_test(
    events: FloatArray,
    population: FloatArray,
    other_events: FloatArray,
    other_population: FloatArray,
) -> FloatArray:
    """Two-sided exact p-value that two rates are equal, given all events; as :func:`score_test`.

    Returns
    -------
    (...) array
        Twice the smaller binomial tail of the group's events among all events, at most 1; 1
        without events.

    Notes
    -----
    Przyborowski & Wilenski (1940). Events that are not whole (weighted ones) are taken through the
    incomplete beta function.

    Examples
    --------
    >>> conditional_test(*np.array([[20.0], [1000.0], [10.0], [1000.0]])).round(6)
    array([0.098737])

    """
    whole = population + other_population
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = population / whole, other_population / whole
    known = (population > 0) & (other_population > 0)
    return np.where(known, _binomial(events, other_events, *shares), np.nan)


def binomial_test(events: FloatArray, population: FloatArray, share: FloatArray) -> FloatArray:
    """Two-sided exact p-value that a proportion equals `share`: twice the smaller tail, at most 1.

    Examples
    --------
    >>> binomial_test(np.array([3.0]), np.array([20.0]), np.array([0.3])).round(6)
    array([0.214174])

    """
    return _binomial(events, population - events, share, 1 - share)


def _binomial(
    events: FloatArray, without: FloatArray, share: FloatArray, other_share: FloatArray
) -> FloatArray:
    """Test that events fall into two parts as their shares say; both are told, to all digits."""
    x, rest, p, q = np.broadcast_arrays(events, without, share, other_share)

    def at_most(i: BoolArray) -> FloatArray:
        # Of the complement, betaincc(x + 1, rest, p), scipy takes four times as long.
        return np.where(rest[i] > 0, special.betainc(rest[i], x[i] + 1, q[i]), 1.0)

    def at_least(i: BoolArray) -> FloatArray:
        return np.where(x[i] > 0, special.betainc(x[i], rest[i] + 1, p[i]), 1.0)

    with np.errstate(invalid="ignore"):
        few = np.asarray(x < (x + rest) * p)
        return _twice_the_smaller(at_most, at_least, few, x + rest + p)


def poisson_test(events: FloatArray, expected: FloatArray) -> FloatArray:
    """Two-sided exact p-value that counted events come from a mean of `expected`.

    Twice the smaller Poisson tail, at most 1.

    Examples
    --------
    >>> poisson_test(np.array([3.0]), np.array([8.0])).round(6)
    array([0.08476])

    """
    x, mean = np.broadcast_arrays(events, expected)

    def at_most(i: BoolArray) -> FloatArray:
        return np.asarray(special.gammaincc(x[i] + 1, mean[i]))

    def at_least(i: BoolArray) -> FloatArray:
        return np.where(x[i] > 0, special.gammainc(x[i], mean[i]), 1.0)

    with np.errstate(invalid="ignore"):
        return _twice_the_smaller(at_most, at_least, np.asarray(x < mean), x + mean)


Tail = Callable[[BoolArray], FloatArray]


def _twice_the_smaller(
    at_most: Tail, at_least: Tail, few: BoolArray, known: FloatArray
) -> FloatArray:
    """Double the smaller tail, at most 1; the other one is not worked out where it must be larger.

    Both together are 1 and more: one of one half or less is the smaller.
    """
    tail = np.full(few.shape, np.nan)
    for one, other, side in ((at_most, at_least, few), (at_least, at_most, ~few)):
        tail[side] = one(side)
        open_ = side & ~(tail <= 0.5)
        if open_.any():
            tail[open_] = np.fmin(tail[open_], other(open_))
    return np.where(np.isnan(known), np.nan, np.minimum(2 * tail, 1.0))


def normal_p(z: FloatArray) -> FloatArray:
    """Two-sided p-value of a standard normal statistic.

    Examples
    --------
    >>> normal_p(np.array([1.96, 40.0])).round(4)
    array([0.05, 0.  ])

    """
    return np.asarray(2 * special.ndtr(-np.abs(z)))


def student_p(t: FloatArray, df: FloatArray) -> FloatArray:
    """Two-sided p-value of Student's statistic.

    Examples
    --------
    >>> student_p(np.array([2.0]), np.array([10.0])).round(6)
    array([0.073388])

    """
    return np.asarray(2 * special.stdtr(np.where(df > 0, df, np.nan), -np.abs(t)))


def holm(p: FloatArray) -> FloatArray:
    """Holm's adjusted p-values of the families in the columns.

    Parameters
    ----------
    p : (m, ...) array
        One family along the first axis for each place in the others; missing values take no part
        and stay missing.

    Returns
    -------
    (m, ...) array
        Running maximum of (m − j + 1)·p over the sorted p-values, at most 1. The chance of any
        false finding in a family stays below the level.

    Notes
    -----
    Holm (1979).

    Examples
    --------
    >>> holm(np.array([0.01, np.nan, 0.04, 0.03]))
    array([0.03,  nan, 0.06, 0.06])

    """
    order, ordered, place, family = _sorted(p)
    stepped = np.maximum.accumulate(np.where(np.isnan(ordered), -1, (family - place) * ordered))
    return _put_back(np.minimum(stepped, 1.0), order, p)


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Benjamini and Hochberg's adjusted p-values of the families in the columns; as :func:`holm`.

    Returns
    -------
    (m, ...) array
        Running minimum, from the largest down, of m·p/j, at most 1. The expected share of false
        findings among the findings stays below the level.

    Notes
    -----
    Benjamini & Hochberg (1995).

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, np.nan, 0.04, 0.03]))
    array([0.03,  nan, 0.04, 0.04])

    """
    order, ordered, place, family = _sorted(p)
    scaled = np.where(np.isnan(ordered), np.inf, family * ordered / (place + 1))
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _put_back(np.minimum(stepped, 1.0), order, p)


def _sorted(p: FloatArray) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """Sort each family, missing values last: order, sorted values, places, size of the family."""
    order = np.asarray(np.argsort(p, axis=0, kind="stable"), dtype=np.int64)
    place = np.arange(len(p), dtype=np.float64).reshape(-1, *[1] * (p.ndim - 1))
    family = np.asarray(np.sum(~np.isnan(p), axis=0, keepdims=True), dtype=np.float64)
    return order, np.take_along_axis(p, order, axis=0), place, family


def _put_back(adjusted: FloatArray, order: IntArray, p: FloatArray) -> FloatArray:
    back: FloatArray = np.empty(p.shape)
    np.put_along_axis(back, order, adjusted, axis=0)
    return np.where(np.isnan(p), np.nan, back)
