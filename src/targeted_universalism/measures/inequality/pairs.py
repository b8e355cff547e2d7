"""Sums over all pairs of segments: each pair once, and as many at a time as a cache holds.

What is read off sorted rates takes little more than sorting them. What noise adds to a pair does
not: it depends on both variances together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray

_AT_ONCE = 1 << 14  # pairs in one array
_DENSITY = 1 / np.sqrt(2 * np.pi)  # of the normal distribution in its middle


class Added(NamedTuple):
    """What noise adds to distances, and what it leaves of their curvature."""

    mean: FloatArray  # e φ(q) − |d| Φ(−q): half of what it adds on average
    density: FloatArray  # φ(q)/e


class PairNoise(NamedTuple):
    """What noise makes of each segment's pairs, with |d| the distance and e² both variances."""

    mean: FloatArray  # (...): Σ w_i w_l (e φ(q) − |d| Φ(−q)), each pair once
    density: FloatArray  # (k, ...): Σ_l w_l φ(q)/e
    square: FloatArray  # (k, ...): Σ_l w_l² v_l φ(q)²/e²


def added(size: FloatArray, error: FloatArray) -> Added:
    """Say what normal errors add to distances |d|, at q = |d|/e; nothing where there is no error.

    Parameters
    ----------
    size, error : arrays that broadcast
        The distances |d|, and the standard errors e of the differences.

    Examples
    --------
    >>> added(np.array([0.0, 2.0]), np.array([1.0, 0.5])).mean.round(6)
    array([3.98942e-01, 4.00000e-06])

    """
    q = size / error
    exact: BoolArray = np.asarray(error == 0)
    some = bool(exact.any())
    if some:
        q[exact] = np.inf
    density = q * q
    density *= -0.5
    np.exp(density, out=density)
    density *= _DENSITY
    np.negative(q, out=q)
    special.ndtr(q, out=q)
    q *= size
    mean = density * error
    mean -= q
    density /= np.where(exact, 1.0, error) if some else error
    return Added(mean, density)


def tiles(k: int, m: int) -> Iterator[tuple[slice, slice]]:
    """Cut the pairs of k segments in m strata into tiles: some segments, beside all before them.

    Yields
    ------
    upper, lower : slices of rows
        All of `upper` come after the first of `lower`; :func:`once` leaves out what comes twice.

    Examples
    --------
    >>> list(tiles(3, 1 << 14))
    [(slice(1, 2, None), slice(0, 1, None)), (slice(2, 3, None), slice(0, 2, None))]

    """
    step = max(1, _AT_ONCE // (k * m))
    for start in range(1, k, step):
        end = min(start + step, k)
        yield slice(start, end), slice(0, end - 1)


def _longest_first(values: FloatArray) -> FloatArray:
    """Lay neighbours in memory along the longer axis, which is what loops run along."""
    return np.asfortranarray(values) if values.shape[0] > values.shape[1] else values


def once(values: FloatArray, upper: slice) -> FloatArray:
    """Make 0 of what a tile, shaped (upper, lower, m), holds of a pair the other way round."""
    if len(values) > 1:
        values *= np.tri(values.shape[0], values.shape[1], upper.start - 1)[:, :, None]
    return values


def over_lower(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Add a tile up for each of its upper segments, the lower ones weighted."""
    return np.asarray(np.einsum("ulm,lm->um", values, weight))


def over_upper(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Add a tile up for each of its lower segments, the upper ones weighted."""
    return np.asarray(np.einsum("ulm,um->lm", values, weight))


def noise_of_pairs(rate: FloatArray, v: FloatArray, share: FloatArray) -> PairNoise:
    """Say what noise makes of the pairs of segments whose rates rise.

    Parameters
    ----------
    rate, v, share : (k, m) array
        Rates, rising in every stratum, their variances and population shares.

    Examples
    --------
    >>> found = noise_of_pairs(np.zeros((2, 1)), np.full((2, 1), 0.5), np.full((2, 1), 0.5))
    >>> found.mean.round(4), found.density.ravel().round(4)
    (array([0.0997]), array([0.1995, 0.1995]))

    """
    rate, v, share = _longest_first(rate), _longest_first(v), _longest_first(share)
    mean, weight = np.zeros(rate.shape[1:]), share**2 * v
    density, square = np.zeros_like(rate), np.zeros_like(rate)
    for upper, lower in tiles(*rate.shape):
        apart = rate[upper, None] - rate[lower]
        found = added(apart, np.sqrt(v[upper, None] + v[lower]))
        mean += (share[upper] * over_lower(once(found.mean, upper), share[lower])).sum(axis=0)
        part = once(found.density, upper)
        density[upper] += over_lower(part, share[lower])
        density[lower] += over_upper(part, share[upper])
        part *= part
        square[upper] += over_lower(part, weight[lower])
        square[lower] += over_upper(part, weight[upper])
    return PairNoise(mean, density, square)


def error_of_pairs(variance: FloatArray, share: FloatArray) -> FloatArray:
    """Sum the standard errors of the differences of pairs, Σ w_i w_l √(v_i + v_l), each pair once.

    Parameters
    ----------
    variance, share : (k, ...) array
        Variances of the rates and population shares.

    Examples
    --------
    >>> error_of_pairs(np.full((3, 1), 0.5), np.full((3, 1), 1 / 3)).round(4)
    array([0.3333])

    """
    v, w = (_longest_first(values.reshape(len(values), -1)) for values in (variance, share))
    total = np.zeros(w.shape[1])
    for upper, lower in tiles(*w.shape):
        error = once(np.sqrt(v[upper, None] + v[lower]), upper)
        total += (w[upper] * over_lower(error, w[lower])).sum(axis=0)
    return total.reshape(share.shape[1:])


def sides(rate: FloatArray, share: FloatArray, tie: FloatArray) -> FloatArray:
    """Give the share below each of some rising rates less the share above it.

    Parameters
    ----------
    rate, share : (k, m) array
        Rates, rising in every stratum, and population shares.
    tie : (m,) array
        Neighbours that are not farther apart than this are on neither side of each other.

    Examples
    --------
    >>> sides(np.array([[1.0], [2.0], [2.0]]), np.array([[0.5], [0.25], [0.25]]), np.zeros(1))
    array([[-0.5],
           [ 0.5],
           [ 0.5]])

    """
    apart = np.diff(rate, axis=0) > tie
    below, above = np.zeros(rate.shape), np.zeros(rate.shape)
    below[1:] = np.where(apart, share.cumsum(axis=0)[:-1], 0.0)
    above[:-1] = np.where(apart, share[::-1].cumsum(axis=0)[-2::-1], 0.0)
    below = np.maximum.accumulate(below, axis=0)
    above = np.maximum.accumulate(above[::-1], axis=0)[::-1]
    return np.asarray(below - above)
