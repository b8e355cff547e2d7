"""Limits and p-values that hold for many comparisons at once."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray, IntArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)
_STEPS = 60


@cache
def tukey_quantile(k: int, level: float = 0.95) -> float:
    """Quantile for all pairs of k segments at once, in place of 1.96: q(k, ∞)/√2.

    Parameters
    ----------
    k : int
        Segments, two or more; the normal quantile with fewer.
    level : float
        Level in (0, 1) at which all pairs hold together.

    Notes
    -----
    Tukey (1953) and Kramer (1956), from the studentized range. Each is computed once, by bisection.

    Examples
    --------
    >>> [round(tukey_quantile(k), 4) for k in (2, 3, 12, 30)]
    [1.96, 2.3437, 3.268, 3.7486]

    """
    low, high = 0.0, 40.0
    for _ in range(_STEPS):
        z = (low + high) / 2
        beyond = tukey_p(np.array(z), max(k, 2)) < 1 - level
        low, high = (low, z) if beyond else (z, high)
    return (low + high) / 2


def pairs_z(count: IntArray, level: float = 0.95) -> FloatArray:
    """Give Tukey's quantile for each number of segments in an array.

    Examples
    --------
    >>> pairs_z(np.array([2, 3])).round(4)
    array([1.96  , 2.3437])

    """
    counts, where = np.unique(count, return_inverse=True)
    return np.array([tukey_quantile(int(k), level) for k in counts])[where].reshape(count.shape)


def pairs_level(count: IntArray, level: float = 0.95) -> FloatArray:
    """Give the level of one segment's limits at Tukey's quantile: 2Φ(q/√2) − 1.

    Examples
    --------
    >>> pairs_level(np.array([2, 3, 30])).round(5)
    array([0.95   , 0.98091, 0.99982])

    """
    return np.asarray(special.erf(pairs_z(count, level) / np.sqrt(2)))


def tukey_p(statistic: FloatArray, count: IntArray | int) -> FloatArray:
    """P-value of a pair among all pairs of segments, from the studentized range.

    Parameters
    ----------
    statistic : (...) array
        Standard normal statistic of the pair, of either sign.
    count : int or array that broadcasts
        Number of segments in the family.

    Returns
    -------
    (...) array
        Chance that some pair of equal segments is as far apart.

    Notes
    -----
    The statistic is that of the score test; where an expected count is below five that of the
    conditional mid-p, :func:`statistic_of`.

    Examples
    --------
    >>> tukey_p(np.array([1.96, 2.3437, -3.2679]), np.array([2, 3, 12])).round(4)
    array([0.05, 0.05, 0.05])

    """
    z, k = np.broadcast_arrays(np.abs(np.asarray(statistic, dtype=np.float64)), count)
    q, others = z[..., None] * np.sqrt(2), k[..., None] - 1.0
    # Of k errors the largest is y, and all others lie between y − q and y, unless the range is
    # wider: k∫φ(y){Φ(y)^(k−1) − [Φ(y) − Φ(y − q)]^(k−1)}dy.
    half = 9 + q / 4
    y = q / 4 + half * _NODES
    under, outside = special.ndtr(y), special.ndtr(y - q)
    with np.errstate(all="ignore"):
        wider = -np.expm1(others * np.log1p(-outside / under)) * under**others
    density = np.exp(-(y**2) / 2) / np.sqrt(2 * np.pi)
    found = k * (density * wider * half * _WEIGHTS).sum(axis=-1)
    return np.where(np.isfinite(z) & (k >= 2), np.minimum(found, 1.0), np.nan)[()]


_STEP, _FAR = 0.02, 38.0


@cache
def _log_table(k: int) -> FloatArray:
    far = np.arange(0, _FAR + 3 * _STEP, _STEP)
    return np.asarray(np.log(np.maximum(tukey_p(far, k), 1e-300)))


def tukey_p_of_many(statistic: FloatArray, count: IntArray) -> FloatArray:
    """Give :func:`tukey_p` of any number of pairs, from a table of each number of segments.

    Parameters
    ----------
    statistic : (...) array
        Standard normal statistics; beyond 38 they count as 38.
    count : (...) array of int64
        Numbers of segments, two or more.

    Returns
    -------
    (...) array
        Cubic interpolation of the logarithm in steps of 0.02: within 1e-7 of the integral.

    Examples
    --------
    >>> tukey_p_of_many(np.array([1.96, 2.3437, np.nan]), np.array([2, 3, 3])).round(4)
    array([0.05, 0.05,  nan])

    """
    place = np.minimum(np.abs(statistic), _FAR) / _STEP
    known = ~np.isnan(place)
    found = np.full(place.shape, np.nan)
    for k in np.unique(count[known]):
        here, table = known & (count == k), _log_table(int(k))
        i = np.maximum(place[here].astype(np.intp), 1)
        t = place[here] - i
        weights = (
            -t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2,
            -(t + 1) * t * (t - 2) / 2, (t + 1) * t * (t - 1) / 6,
        )  # fmt: skip
        log_p = sum(w * table[i + j] for w, j in zip(weights, (-1, 0, 1, 2), strict=True))
        found[here] = np.exp(np.minimum(log_p, 0.0))
    return found


def statistic_of(p: FloatArray) -> FloatArray:
    """Size of the standard normal statistic that has a two-sided p-value.

    Examples
    --------
    >>> statistic_of(np.array([0.05, 1.0])).round(2)
    array([1.96, 0.  ])

    """
    return np.asarray(np.maximum(-special.ndtri(p / 2), 0.0))


def conditional_mid_p(
    events: FloatArray,
    population: FloatArray,
    other_events: FloatArray,
    other_population: FloatArray,
    *,
    kind: str = "proportion",
) -> FloatArray:
    """Two-sided mid-p value that two segments are equal, given all their events.

    Parameters
    ----------
    events, population : (...) array
        Whole numerators and denominators; effective ones are rounded.
    other_events, other_population : (...) array
        Those of the segment it is compared with.
    kind : {"proportion", "rate"}
        Given all events, those of one segment are hypergeometric, or binomial.

    Returns
    -------
    (...) array
        Twice the smaller tail, half the chance of what was seen in it, at most 1.

    Notes
    -----
    Lancaster (1961), on the conditional test of Fisher (1935), or of Przyborowski and Wilenski
    (1940).

    Examples
    --------
    >>> conditional_mid_p(*np.array([[5.0], [5.0], [1.0], [5.0]])).round(4)
    array([0.0238])

    """
    known = (population > 0) & (other_population > 0) & ~np.isnan(events + other_events)
    x, n, other, m = (
        np.where(known, v, f)
        for v, f in ((events, 0), (population, 1), (other_events, 0), (other_population, 1))
    )
    # Effective counts are rounded one by one, so that none is more than its people.
    at, beside = np.rint(x), np.rint(other)
    seen = at + beside
    if kind == "proportion":
        people = np.maximum(np.rint(n), at), np.maximum(np.rint(m), beside)
        below, same, above = _hypergeometric(at, *people, seen)
    else:
        below, same, above = _binomial(at, seen, n / (n + m), m / (n + m))
    p = 2 * np.minimum(below, above) + same
    return np.where(known, np.clip(p, 0.0, 1.0), np.nan)


Chances = tuple[FloatArray, FloatArray, FloatArray]  # of fewer events, as many, and more


def _binomial(x: FloatArray, n: FloatArray, share: FloatArray, other: FloatArray) -> Chances:
    rest = n - x
    below = np.where(x > 0, special.betainc(rest + 1, np.maximum(x, 1), other), 0.0)
    above = np.where(rest > 0, special.betainc(x + 1, np.maximum(rest, 1), share), 0.0)
    log_same = _log_choose(n, x) + special.xlogy(x, share) + special.xlog1py(rest, -share)
    return below, np.exp(log_same), above


def _hypergeometric(x: FloatArray, n: FloatArray, m: FloatArray, total: FloatArray) -> Chances:
    """Add up the chances of fewer and of more events, as far as they count."""
    same = np.exp(_log_choose(n, x) + _log_choose(m, total - x) - _log_choose(n + m, total))
    below, above = np.zeros(same.shape), np.zeros(same.shape)
    down, up = same.copy(), same.copy()
    i = np.zeros(same.shape)
    while (down > 1e-17 * (below + same)).any() or (up > 1e-17 * (above + same)).any():
        low, high = x - i, x + i
        down = down * low * (m - total + low) / ((n - low + 1) * (total - low + 1))
        up = up * (n - high) * (total - high) / ((high + 1) * (m - total + high + 1))
        down, up, i = np.maximum(down, 0.0), np.maximum(up, 0.0), i + 1
        below, above = below + down, above + up
    return below, same, above


def _log_choose(n: FloatArray, x: FloatArray) -> FloatArray:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1))


def sidak_level(level: float, rows: int) -> float:
    """Level of each row's limits, so that all rows hold together at `level`.

    Notes
    -----
    Šidák (1967): level^(1/rows). Independent segments hold exactly so; overlapping and crossed
    ones at least. Use mid-p or exact limits: Wilson's fail at such levels for rare outcomes.

    Examples
    --------
    >>> round(sidak_level(0.95, 10), 5)
    0.99488

    """
    return float(level ** (1 / max(rows, 1)))
