"""Counts as chance makes them, the same for every stratum: well-spread points, made counts.

The points are a lattice of Korobov (1959), moved by a seed (Cranley and Patterson 1976), so that a
stratum has the same answer alone, beside others, and tomorrow. Segments take its coordinates in the
order of their sizes, rates and shares, so that the order of the rows does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray

FEW = 10.0  # an expected count below it is drawn
_AT_ONCE = 1 << 19  # numbers in one array
_NUMBERS = 1 << 13  # drawn for a stratum
_LEAST_AND_MOST = 512, 2048
_SEED, _TRIES = 5, 48
_MOST = 48  # of counts whose mean is below FEW nothing is left beyond


@cache
def places(k: int, points: int) -> FloatArray:
    """Spread points evenly in k dimensions: a lattice, (k, points) in (0, 1).

    Of some multipliers the one whose lattice is the most even is taken, by the sum that its error
    for smooth functions is bounded by.

    Examples
    --------
    >>> places(2, 4).round(3)
    array([[0.805, 0.055, 0.305, 0.555],
           [0.808, 0.558, 0.308, 0.058]])

    """
    rng, best, found = np.random.default_rng(_SEED), np.inf, np.zeros((k, points))
    shift = rng.random((k, 1))
    for multiplier in rng.permutation(np.arange(1, points, 2))[:_TRIES]:
        powers = [pow(int(multiplier), j, points) for j in range(k)]
        lattice = np.outer(powers, np.arange(points)) % points / points
        uneven = np.prod(1 + 0.2 * np.pi**2 * (lattice**2 - lattice + 1 / 6), axis=0).mean()
        if uneven < best:
            best, found = uneven, lattice
    return np.asarray(np.clip((found + shift) % 1, 1e-12, 1 - 1e-12))


def counts_at(place: FloatArray, size: FloatArray, rate: FloatArray, kind: str) -> FloatArray:
    """Quantiles of counts: binomial ones of proportions, Poisson ones of rates.

    Parameters
    ----------
    place : (..., b) array
        In (0, 1).
    size, rate : (...) array
        People, whole, and the rate behind their counts.
    kind : {"proportion", "rate"}
        Kind of outcome.

    Returns
    -------
    (..., b) array
        Whole numbers. Where fewer than ten are expected (with or without the outcome) they are
        exact; elsewhere by Cornish and Fisher's (1938) expansion, rounded.

    Examples
    --------
    >>> u = np.array([[0.05, 0.5, 0.95], [0.05, 0.5, 0.95]])
    >>> counts_at(u, np.array([20.0, 400.0]), np.array([0.1, 0.5]), "proportion")
    array([[  0.,   2.,   4.],
           [184., 200., 216.]])

    """
    if kind == "proportion":
        many = rate > 0.5
        turned = np.where(many[..., None], 1 - place, place)
        low = np.where(many, 1 - rate, rate)
        found = _quantile(turned, size, low, kind)
        return np.where(many[..., None], size[..., None] - found, found)
    return _quantile(place, size, rate, kind)


def _quantile(u: FloatArray, n: FloatArray, p: FloatArray, kind: str) -> FloatArray:
    found, few = np.empty(u.shape), n * p < FEW
    found[few] = _exact(u[few], n[few], p[few], kind)
    found[~few] = _expanded(u[~few], n[~few], p[~few], kind)
    return found


def _exact(u: FloatArray, n: FloatArray, p: FloatArray, kind: str) -> FloatArray:
    """Add chances up, and count how many sums lie below u."""
    if kind == "proportion":
        chance, odds = np.exp(n * np.log1p(-p)), p / (1 - p)
    else:
        chance, odds = np.exp(-n * p), n * p
    below, found = chance.copy(), np.zeros(u.shape)
    for x in range(_MOST):
        above = u > below[:, None]
        if not above.any():
            break
        found += above
        chance = chance * odds * (np.maximum(n - x, 0.0) if kind == "proportion" else 1.0) / (x + 1)
        below = below + chance
    return np.asarray(np.minimum(found, n[:, None]) if kind == "proportion" else found)


def _expanded(u: FloatArray, n: FloatArray, p: FloatArray, kind: str) -> FloatArray:
    q = 1 - p if kind == "proportion" else np.ones(p.shape)
    middle, deviation = n * p, np.sqrt(n * p * q)
    skew = ((2 * q - 1) / deviation)[:, None]
    peak = ((1 - 6 * p * q if kind == "proportion" else 1.0) / deviation**2)[:, None]
    z = special.ndtri(u)
    bent = z + skew * (z**2 - 1) / 6 + peak * (z**3 - 3 * z) / 24
    bent = bent - skew**2 * (2 * z**3 - 5 * z) / 36
    found = np.maximum(np.floor(middle[:, None] + deviation[:, None] * bent + 0.5), 0.0)
    return np.asarray(np.minimum(found, n[:, None]) if kind == "proportion" else found)


def drawn(
    size: FloatArray, rate: FloatArray, share: FloatArray, kind: str, *, points: int | None = None
) -> Iterator[tuple[slice, FloatArray]]:
    """Draw rates as chance makes them, some strata at a time.

    Parameters
    ----------
    size, rate, share : (k, m) array
        People, the rates behind their counts, and population shares.
    kind : {"proportion", "rate"}
        Kind of outcome.
    points : int, optional
        Number of draws b, a power of two; without it the more, the fewer segments there are.

    Yields
    ------
    strata, rates : slice and (k, m', b) array
        So that no array is large.

    Examples
    --------
    >>> n, w = np.full((2, 1), 8.0), np.full((2, 1), 0.5)
    >>> [rates.shape for _, rates in drawn(n, np.full((2, 1), 0.5), w, "proportion", points=64)]
    [(2, 1, 64)]

    """
    k, m = size.shape
    usual = int(np.clip(_NUMBERS // k, *_LEAST_AND_MOST))
    many = 1 << (usual - 1).bit_length() if points is None else points
    people, spread = np.maximum(np.rint(size), 1.0), places(k, many)
    order = _order(people, rate, share)
    step = max(1, _AT_ONCE // spread.size)
    for start in range(0, m, step):
        strata = slice(start, start + step)
        n = people[:, strata]
        yield strata, counts_at(spread[order[:, strata]], n, rate[:, strata], kind) / n[..., None]


def mean_of_known(values: FloatArray) -> FloatArray:
    """Average along the last axis what is not missing; missing where nothing is known.

    Examples
    --------
    >>> mean_of_known(np.array([[1.0, np.nan, 2.0], [np.nan, np.nan, np.nan]]))
    array([1.5, nan])

    """
    known: BoolArray = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1))


def _order(size: FloatArray, rate: FloatArray, share: FloatArray) -> IntArray:
    """Place of each segment by size, then rate, then share: the fewest people take the first."""
    first = np.lexsort((share.T, rate.T, size.T), axis=-1).T
    place: IntArray = np.empty(first.shape, dtype=np.int64)
    np.put_along_axis(place, first, np.arange(len(first))[:, None], axis=0)
    return place
