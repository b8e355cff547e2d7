"""Counts as chance makes them, the same for every stratum: well-spread points, made counts.

The points are a lattice of Korobov (1959), moved by a seed (Cranley and Patterson 1976), so that a
stratum has the same answer alone, beside others, and tomorrow. Segments take its coordinates in the
order of their sizes, rates and shares, so that the order of the rows does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray

_FEW = 10.0  # counts with a mean below it are drawn exactly
_AT_ONCE = 1 << 16  # numbers in one array
_NUMBERS = 1 << 10  # drawn for a stratum
_LEAST_AND_MOST = 128, 1024
_SEED, _TRIES = 5, 48
_MOST = 48  # of counts whose mean is below _FEW nothing is left beyond


class Lattice(NamedTuple):
    """Points spread evenly in k dimensions: each coordinate takes (m + shift)/b, m = 0 … b − 1."""

    step: IntArray  # (k, b): which m a point has
    shift: FloatArray  # (k,) in (0, 1)
    normal: FloatArray  # (k, b): the coordinates as quantiles of the normal distribution


@cache
def lattice(k: int, points: int) -> Lattice:
    """Spread points evenly in k dimensions.

    Of some multipliers the one whose lattice is the most even is taken, by the sum that its error
    for smooth functions is bounded by. Its powers come round (of 128 points no multiplier has more
    than 32), and a coordinate that came twice would make two segments deviate together: further
    ones are points of a Latin hypercube (McKay et al. 1979).

    Examples
    --------
    >>> lattice(2, 4).step
    array([[3, 0, 1, 2],
           [3, 2, 1, 0]])

    """
    rng, best, found = np.random.default_rng(_SEED), (0, np.inf), np.zeros((0, 1), dtype=np.int64)
    start = rng.random((k, 1)) * points
    at = np.arange(points) / points
    factor = 1 + 0.2 * np.pi**2 * (at**2 - at + 1 / 6)
    for multiplier in rng.permutation(np.arange(1, points, 2))[:_TRIES]:
        steps = np.outer(_powers_of(int(multiplier), k, points), np.arange(points)) % points
        quality = (-len(steps), factor[steps].prod(axis=0).mean())
        if quality < best:
            best, found = quality, steps
    further = rng.permuted(np.tile(np.arange(points), (k - len(found), 1)), axis=1)
    found = np.concatenate((found, further))
    whole = np.floor(start).astype(np.int64)
    step, shift = (found + whole) % points, np.clip(start - whole, 1e-9, 1 - 1e-9)
    return Lattice(step, shift[:, 0], special.ndtri((step + shift) / points))


def _powers_of(multiplier: int, k: int, points: int) -> list[int]:
    """Give the first k powers, modulo the points, or those before they come round."""
    powers = [1 % points]
    while len(powers) < k and (power := powers[-1] * multiplier % points) != powers[0]:
        powers.append(power)
    return powers


def counts_at(
    spread: Lattice, place: IntArray, size: FloatArray, rate: FloatArray, kind: str
) -> Iterator[tuple[slice, FloatArray]]:
    """Draw counts at the points of a lattice: binomial ones of proportions, Poisson ones.

    Parameters
    ----------
    spread : Lattice
        b points in k dimensions.
    place : (k, m) array of int
        Which of the k coordinates is whose.
    size, rate : (k, m) array
        People, whole, and the rate behind their counts.
    kind : {"proportion", "rate"}
        Kind of outcome.

    Yields
    ------
    strata, counts : slice and (k, m', b) array
        Whole numbers, so that no array is large. Where fewer than ten are expected (with or without
        the outcome) they are the exact quantiles; elsewhere those of Cornish and Fisher's (1938)
        expansion, rounded.

    Examples
    --------
    >>> n, p = np.array([[20.0], [400.0]]), np.array([[0.1], [0.5]])
    >>> [(_, counts)] = counts_at(lattice(2, 4), np.array([[0], [1]]), n, p, "proportion")
    >>> np.sort(counts[:, 0])
    array([[  0.,   1.,   2.,   3.],
           [184., 195., 201., 209.]])

    """
    (k, m), points = size.shape, spread.step.shape[1]
    few, powers = size * _rarer(rate, kind) < _FEW, _powers(size, rate, kind)
    most = size if kind == "proportion" else np.full(size.shape, np.inf)
    exact = np.empty((k, m), dtype=np.int64)
    exact[few] = np.arange(few.sum())
    rising = _exact(points, spread.shift[place[few]], size[few], rate[few], kind)
    step = max(1, _AT_ONCE // (k * points))
    for start in range(0, m, step):
        strata = slice(start, min(start + step, m))
        at, some = place[:, strata], few[:, strata]
        if some.all():
            counts = np.empty((*at.shape, points))
        else:
            parts = (values[:, strata, None] for values in (most, *powers))
            counts = _about(spread.normal[at], *parts)
        counts[some] = rising.take(exact[:, strata][some, None] * points + spread.step[at[some]])
        yield strata, counts


def _about(z: FloatArray, most: FloatArray, *powers: FloatArray) -> FloatArray:
    """Give the polynomial in z with these coefficients, rounded down, from 0 to what can be."""
    first, *others, last = powers
    counts = z * first
    for power in others:
        counts += power
        counts *= z
    counts += last
    np.floor(counts, out=counts)
    np.maximum(counts, 0.0, out=counts)
    return np.minimum(counts, most, out=counts)


def _rarer(rate: FloatArray, kind: str) -> FloatArray:
    """Rate of those with the outcome, or of those without it where they are fewer."""
    return np.minimum(rate, 1 - rate) if kind == "proportion" else rate


def _exact(points: int, s: FloatArray, n: FloatArray, p: FloatArray, kind: str) -> FloatArray:
    """Give quantiles at (m + s)/points, rising with m, from chances that are added up.

    Those without the outcome are counted, from the other end, where they are fewer.
    """
    many = (p > 0.5) & (kind == "proportion")
    found = _rare(points, np.where(many, 1 - s, s), n, _rarer(p, kind), kind)
    found[many] = n[many, None] - found[many, ::-1]
    return found


def _rare(points: int, s: FloatArray, n: FloatArray, p: FloatArray, kind: str) -> FloatArray:
    """Add chances up: each sum that a quantile lies above makes it one more."""
    if kind == "proportion":
        chance, odds = np.exp(n * np.log1p(-p)), p / (1 - p)
    else:
        chance, odds = np.exp(-n * p), n * p
    below, passed = chance.copy(), np.zeros((len(p), points + 1), dtype=np.uint8)
    cells, most = np.arange(len(p)), n[:, None]
    for x in range(_MOST):
        first = np.floor(below * points - s).astype(np.int64) + 1
        left = first < points
        if not left.any():
            break
        passed[cells, np.clip(first, 0, points)] += 1
        if 2 * left.sum() < len(left):
            cells, s, n = cells[left], s[left], n[left]
            odds, chance, below = odds[left], chance[left], below[left]
        chance = chance * odds * (np.maximum(n - x, 0.0) if kind == "proportion" else 1.0) / (x + 1)
        below = below + chance
    found = passed[:, :-1].cumsum(axis=1, dtype=np.uint8)
    return np.asarray(np.minimum(found, most) if kind == "proportion" else found * 1.0)


def _powers(n: FloatArray, p: FloatArray, kind: str) -> tuple[FloatArray, ...]:
    """Find what z³, z², z and 1 are multiplied by in Cornish and Fisher's expansion.

    It is z + skew (z² − 1)/6 + peak (z³ − 3z)/24 − skew² (2z³ − 5z)/36, in standard deviations.
    """
    q = 1 - p if kind == "proportion" else np.ones(p.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.sqrt(n * p * q)
        skew = (2 * q - 1) / deviation
        peak = (1 - 6 * p * q if kind == "proportion" else 1.0) / deviation**2
        return (
            deviation * (peak / 24 - skew**2 / 18),
            deviation * skew / 6,
            deviation * (1 - peak / 8 + 5 * skew**2 / 36),
            n * p + 0.5 - deviation * skew / 6,
        )


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
    k = len(size)
    usual = int(np.clip(_NUMBERS // k, *_LEAST_AND_MOST))
    many = 1 << (usual - 1).bit_length() if points is None else points
    people, spread = np.maximum(np.rint(size), 1.0), lattice(k, many)
    place = _order(people, rate, share)
    for strata, counts in counts_at(spread, place, people, rate, kind):
        yield strata, counts / people[:, strata, None]


def mean_of_known(values: FloatArray) -> FloatArray:
    """Average along the last axis what is not missing; missing where nothing is known.

    Examples
    --------
    >>> mean_of_known(np.array([[1.0, np.nan, 2.0], [np.nan, np.nan, np.nan]]))
    array([1.5, nan])

    """
    with np.errstate(invalid="ignore"):
        average: FloatArray = np.asarray(values.sum(axis=-1) / values.shape[-1])
        lost = ~np.isfinite(average)
        if lost.any():
            some = values[lost]
            known: BoolArray = np.isfinite(some)
            average[lost] = np.where(known, some, 0.0).sum(axis=-1) / known.sum(axis=-1)
    return average


def _order(size: FloatArray, rate: FloatArray, share: FloatArray) -> IntArray:
    """Place of each segment by size, then rate, then share: the fewest people take the first."""
    first = np.lexsort((share.T, rate.T, size.T), axis=-1).T
    place: IntArray = np.empty(first.shape, dtype=np.int64)
    np.put_along_axis(place, first, np.arange(len(first))[:, None], axis=0)
    return place
