"""Sums along the segments that every measure is written with, for rates real or complex.

Derivatives are taken by complex steps: a function is computed at rate + ih, and its imaginary part
over h is the derivative, without subtraction and so without loss of digits. What is written here is
therefore analytic; where it has corners, the branch is chosen by the real part.

What several measures are made of, averages, distances and logarithms, is computed once for all that
are asked for within :func:`sharing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from targeted_universalism._typing import BoolArray, FloatArray, IntArray

__all__ = ["midrank", "quantile_group"]

Array: TypeAlias = npt.NDArray[Any]

_STEP = 1e-30
_MANY = 256

P = ParamSpec("P")
R = TypeVar("R")
_SHARED: ContextVar[dict[tuple[Any, ...], tuple[Any, Any]] | None] = ContextVar(
    "shared", default=None
)


@contextmanager
def sharing() -> Iterator[None]:
    """Let measures of the same arrays share their parts, until the end of the block.

    Arrays must not be written to inside it.
    """
    before = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(before)


def shared(part: Callable[P, R]) -> Callable[P, R]:
    """Compute a part once for the same arrays, where it is shared."""

    @wraps(part)
    def once(*args: P.args, **kwargs: P.kwargs) -> R:
        found = _SHARED.get()
        if found is None:
            return part(*args, **kwargs)
        key = (part, *map(id, args))
        if key not in found:
            # The arrays are kept beside it, so that no other one takes their places in memory.
            found[key] = args, part(*args, **kwargs)
        result: R = found[key][1]
        return result

    return once


@shared
def average(rate: Array, share: Array) -> Array:
    """Average over the segments, weighted by population share."""
    return weighted_sum(rate, share)


def overall(rate: Array, share: Array, mean: Array | None) -> Array:
    """Give the overall rate: `mean` where it is given, else the average of the segments."""
    return average(rate, share) if mean is None else np.asarray(mean)


def weighted_sum(values: Array, weight: Array) -> Array:
    """Sum over the segments, with weights; of draws, whose last axis is long, in one pass."""
    if values.ndim > 2:
        return np.asarray(np.einsum("k...,k...->...", values, weight))
    return np.asarray((values * weight).sum(axis=0))


def running(values: FloatArray, out: FloatArray) -> None:
    """Add up along the segments, from the first on; of many strata row by row, which is faster."""
    if values[0].size < _MANY:
        values.cumsum(axis=0, out=out)
        return
    out[0] = values[0]
    for i in range(1, len(values)):
        np.add(out[i - 1], values[i], out=out[i])


@shared
def apart(rate: Array, share: Array) -> Array:
    """Each rate less the average."""
    return np.asarray(rate - average(rate, share))


def over(top: Array, bottom: Array) -> Array:
    """Divide; missing where the divisor is not above zero."""
    return np.asarray(top / np.where(bottom.real > 0, bottom, np.nan))


@shared
def relative(rate: Array, share: Array) -> Array:
    """Each rate over the average; missing where that is not above zero or a rate is below it."""
    usable = smallest(rate).real >= 0
    return over(rate, np.where(usable, average(rate, share), np.nan))


@shared
def logarithm(value: Array) -> Array:
    """Natural logarithm; minus infinity of 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(value))


def magnitude(value: Array) -> Array:
    """Absolute value, with the derivative of the side on which it lies."""
    if not np.iscomplexobj(value):
        return np.abs(value)
    return np.asarray(np.where(value.real < 0, -value, value))


@shared
def largest(rate: Array) -> Array:
    """Largest rate, with its own derivative."""
    return pick(rate, rate.real.argmax(axis=0)) if np.iscomplexobj(rate) else rate.max(axis=0)


@shared
def smallest(rate: Array) -> Array:
    """Smallest rate, with its own derivative."""
    return pick(rate, rate.real.argmin(axis=0)) if np.iscomplexobj(rate) else rate.min(axis=0)


def best(rate: Array, sign: int) -> Array:
    """Most favourable rate: the largest where at least the goal is wanted, else the smallest."""
    return largest(rate) if sign > 0 else smallest(rate)


def at_best(rate: FloatArray, sign: int) -> FloatArray:
    """Say which segment has the most favourable rate: 1 there, 0 elsewhere."""
    place = rate.argmax(axis=0) if sign > 0 else rate.argmin(axis=0)
    return at(rate, place)


def at(rate: FloatArray, position: Any) -> FloatArray:
    """Say which segment has a position: 1 there, 0 elsewhere."""
    place = np.arange(len(rate)).reshape((-1,) + (1,) * (rate.ndim - 1))
    return np.asarray(place == np.asarray(position), dtype=np.float64) + 0 * rate


def over_mean(slope: FloatArray, value: FloatArray, rate: FloatArray, share: FloatArray) -> Array:
    """Differentiate what is divided by the average: from the dividend's slopes, and the ratio."""
    return over(slope - share * value, average(rate, share))


@shared
def from_best(rate: Array, sign: int) -> Array:
    """Distance of each rate from the most favourable one."""
    favourable = best(rate, sign)
    if np.iscomplexobj(rate):
        return magnitude(rate - favourable)
    return np.asarray(favourable - rate if sign > 0 else rate - favourable)


def pick(rate: Array, position: Any) -> Array:
    """Take the rate of one segment, by position, in each stratum."""
    place = np.broadcast_to(np.asarray(position, dtype=np.int64), rate.shape[1:])
    return np.asarray(np.take_along_axis(rate, place[None], axis=0)[0])


def times_log(value: Array) -> Array:
    """Compute x ln x, which is 0 at 0."""
    with np.errstate(invalid="ignore"):
        product = np.asarray(value * logarithm(value))
    np.copyto(product, 0.0, where=value == 0)
    return product


def gradient(function: Callable[[Array], Array], rate: FloatArray) -> FloatArray:
    """Differentiate by each segment's rate, by complex steps.

    Parameters
    ----------
    function : callable
        From (k, ...) rates to (...) values, written as this module asks.
    rate : (k, ...) array
        Where to differentiate.

    Returns
    -------
    (k, ...) array
        Derivatives.
    """
    slope = np.empty(rate.shape)
    step = rate.astype(np.complex128)
    for i in range(len(rate)):
        step[i] += 1j * _STEP
        with sharing():
            slope[i] = function(step).imag / _STEP
        step[i] = rate[i]
    return slope


def midrank(share: FloatArray, order: IntArray | None = None) -> FloatArray:
    """Place of each segment between 0 and 1: the share before it and half its own.

    Parameters
    ----------
    share : (k, ...) array
        Population shares, summing to 1 over k.
    order : (k,) array of int, optional
        Place of each segment, the most disadvantaged lowest; equal places share one mid-rank.
        Without it, the order of the rows.

    Returns
    -------
    (k, ...) array
        Mid-ranks (ridits).

    Notes
    -----
    After Bross (1958). Large groups lie further from the ends than small ones.

    Examples
    --------
    >>> midrank(np.array([0.2, 0.3, 0.5]))
    array([0.1 , 0.35, 0.75])
    >>> midrank(np.array([0.2, 0.3, 0.5]), order=np.array([0, 1, 1]))
    array([0.1, 0.6, 0.6])

    """
    if order is None:
        return np.asarray(share.cumsum(axis=0) - share / 2)
    place = np.asarray(order)
    before: BoolArray = place[None, :] < place[:, None]
    tied: BoolArray = place[None, :] == place[:, None]
    weight = before + tied / 2
    return np.asarray(np.tensordot(weight, share, axes=(1, 0)))


def quantile_group(values: FloatArray, groups: int, *, highest_first: bool = True) -> FloatArray:
    """Cut segments into groups of equal numbers by a value, as English public health cuts areas.

    Parameters
    ----------
    values : (k, ...) array
        What segments are sorted by, a deprivation score for instance. Missing values get no group.
    groups : int
        5 for fifths, 10 for tenths.
    highest_first : bool
        Whether group 1 holds the highest values: the most deprived of a deprivation score.

    Returns
    -------
    (k, ...) array
        Groups from 1, which sort as numbers; missing where there are fewer values than groups.

    Notes
    -----
    After UKHSA PHEindicatormethods: equal values are in one group, of the lowest of their ranks.

    Examples
    --------
    >>> quantile_group(np.array([30.0, 10.0, 20.0, 40.0]), 2)
    array([1., 2., 2., 1.])

    """
    score = -values if highest_first else values
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    below: FloatArray = np.zeros(values.shape)
    for other in score:
        below += other < score
    # Whole numbers until the end: (m + 1 − rank)·groups / m is cut at exact multiples.
    after = (count - below) * groups
    with np.errstate(divide="ignore", invalid="ignore"):
        group = groups + 1 + np.floor(-after / count)
    group = np.maximum(group, 1)
    return np.where(known & (count >= groups), group, np.nan)
