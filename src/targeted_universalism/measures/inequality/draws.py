"""Counts as chance makes them, the same for every stratum: well-spread points, made counts.

Nothing here is random twice: the points are multiples of square roots of primes (Richtmyer 1951),
so that a stratum has the same answer alone, beside others, and tomorrow. Segments take the points
in the order of their sizes, rates and shares, so that the order of the rows does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray

FEW = 10.0  # an expected count below it is drawn
_AT_ONCE = 1 << 19  # numbers in one array
_NUMBERS = 1 << 12  # half the numbers drawn for a stratum
_LEAST_AND_MOST = 160, 1024
_MOST = 48  # of counts whose mean is below FEW nothing is left beyond


@cache
def places(k: int, points: int) -> FloatArray:
    """Spread points evenly in k dimensions, with their mirror images: (k, 2·points) in (0, 1).

    Examples
    --------
    >>> places(2, 2).round(3)
    array([[0.914, 0.328, 0.086, 0.672],
           [0.232, 0.964, 0.768, 0.036]])

    """
    primes = [p for p in range(2, 40 * k + 20) if all(p % q for q in range(2, int(p**0.5) + 1))]
    roots = np.sqrt(np.array(primes[:k], dtype=np.float64))
    spread = (roots[:, None] * np.arange(1, points + 1) + 0.5) % 1
    both = np.concatenate([spread, 1 - spread], axis=1)
    return np.asarray(np.clip(both, 1e-12, 1 - 1e-12))


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
        Half the number of draws b; without it the more, the fewer segments there are.

    Yields
    ------
    strata, rates : slice and (k, m', b) array
        So that no array is large.

    Examples
    --------
    >>> n, w = np.full((2, 1), 8.0), np.full((2, 1), 0.5)
    >>> [rates.shape for _, rates in drawn(n, np.full((2, 1), 0.5), w, "proportion", points=64)]
    [(2, 1, 128)]

    """
    k, m = size.shape
    half = int(np.clip(_NUMBERS // k, *_LEAST_AND_MOST)) if points is None else points
    people, spread = np.maximum(np.rint(size), 1.0), places(k, half)
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
