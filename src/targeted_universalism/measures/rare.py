"""Intervals of rare outcomes, repeated events and weighted proportions: arrays in and out.

`level` may be an array: one level for each stratum, as simultaneous limits need.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.measures.intervals import Limits, poisson, where_known
from targeted_universalism.measures.quantiles import beta_log_odds

_FEW = 10
_STEPS = 3


def mid_p(events: FloatArray, population: FloatArray, level: float | FloatArray = 0.95) -> Limits:
    """Mid-p limits of a proportion; parameters as in :func:`clopper_pearson`.

    Notes
    -----
    Lancaster (1961): of the chance of exactly what was seen, half counts as further out. The
    limits are those proportions at which that tail is (1 − level)/2. They cover less than exact
    limits and about the level on average; each distinct count is worked out once.

    Examples
    --------
    >>> low, high = mid_p(np.array([1.0, 0.0]), np.array([50.0, 50.0]))
    >>> print(low.round(5), high.round(5))
    [0.001 0.   ] [0.09469 0.05816]

    """
    # The upper limit is the lower one of those without the outcome, turned.
    return _mid_p_side(events, population, level), 1 - _mid_p_side(
        population - events, population, level
    )


def _mid_p_side(x: FloatArray, n: FloatArray, level: float | FloatArray) -> FloatArray:
    """Give the lower limits, each distinct case worked out once."""
    shape = np.broadcast_shapes(np.shape(x), np.shape(n))
    known = np.broadcast_to((n > 0) & ~np.isnan(x), shape)
    # A pair of numbers is sorted as one complex number, in a fraction of the time.
    counts = (np.asarray(x) + 1j * np.asarray(n))[known]
    tail = np.broadcast_to((1 - np.asarray(level)) / 2, shape)[known]
    found = np.full(shape, np.nan)
    if np.ndim(level):
        (distinct, t), where = np.unique(np.stack([counts, tail]), axis=1, return_inverse=True)
    else:
        distinct, where = np.unique(counts, return_inverse=True)
        t = tail[: len(distinct)]
    found[known] = _mid_p_low(distinct.real, distinct.imag, np.real(t))[np.ravel(where)]
    return found


def _mid_p_low(x: FloatArray, n: FloatArray, tail: FloatArray) -> FloatArray:
    """Find the proportion at which P(X > x) + P(X = x)/2 is the tail, by Newton's method.

    Steps are taken in logarithms, where the tail is all but a straight line, from Jeffreys' limit,
    which lies close by. I_p(x, rest + 1) is P(X ≥ x), I_p(x + 1, rest) is P(X > x): P(X = x) is
    what they differ by, once, and moves with p as its formula says.
    """
    some = x > 0
    x, rest = np.where(some, x, 1.0), n - x
    p = np.asarray(special.expit(beta_log_odds(x + 0.5, rest + 0.5, tail)))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        above, before = _above(x, rest, p), p
        half = (special.betainc(x, rest + 1, p) - above) / 2
        for step in range(_STEPS):
            if step:
                fewer = special.xlog1py(rest, (before - p) / (1 - before))
                half = half * np.exp(special.xlogy(x, p / before) + fewer)
                above = _above(x, rest, p)
            odds = np.where(rest > 0, rest * p / (1 - p), 0.0)
            reached, slope = above + half, half * (x + odds)
            before, p = p, np.minimum(p * np.exp(np.log(tail / reached) * reached / slope), 1.0)
    # With weights a tail, and its limit, may be smaller than any float: that is 0.
    return np.where(some & (p > 0), p, 0.0)


def _above(x: FloatArray, rest: FloatArray, p: FloatArray) -> FloatArray:
    """Give the chance of more than x; none where everybody has the outcome."""
    return np.where(rest > 0, special.betainc(x + 1, rest, p), 0.0)


def score(events: FloatArray, population: FloatArray, z: FloatArray | float) -> Limits:
    """Wilson's limits at any quantile, Student's too: ends of the scale are assigned.

    Examples
    --------
    >>> low, high = score(np.array([65.0]), np.array([100.0]), 1.959964)
    >>> print(low.round(6), high.round(6))
    [0.552544] [0.736358]

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        p, part = events / population, z * z / population
        half = z * np.sqrt(p * (1 - p) / population + part / (4 * population))
        low, high = ((p + part / 2 + s * half) / (1 + part) for s in (-1, 1))
    low = np.where(events == 0, 0.0, low)
    return where_known(population > 0, low, np.where(events == population, 1.0, high))


def auto(events: FloatArray, population: FloatArray, level: float | FloatArray = 0.95) -> Limits:
    """Wilson's limits of a proportion, with mid-p's on the side of the bound where it is near.

    Parameters as in :func:`clopper_pearson`.

    Notes
    -----
    With at most ten with the outcome the lower limit is the smaller of Wilson's and mid-p's, with
    at most ten without it the upper one the larger. Wilson's alone covers 84 % of proportions
    between .0005 and .05, these at least 94 to 95 %.

    Examples
    --------
    >>> low, high = auto(np.array([1.0, 49.0, 25.0]), np.array([50.0, 50.0, 50.0]))
    >>> print(low.round(4), high.round(4))
    [0.001  0.895  0.3664] [0.105  0.999  0.6336]

    """
    low, high = score(events, population, special.ndtri(0.5 + np.asarray(level) / 2))
    rest = population - events
    with np.errstate(invalid="ignore"):
        few, few_without = events <= _FEW, rest <= _FEW
        x, without = np.where(few, events, np.nan), np.where(few_without, rest, np.nan)
    low = np.fmin(low, _mid_p_side(x, population, level))
    return low, np.fmax(high, 1 - _mid_p_side(without, population, level))


def dispersion(
    events: FloatArray, exposure: FloatArray, people: FloatArray, *, squares: FloatArray,
    exposure_squares: FloatArray, products: FloatArray,
) -> FloatArray:  # fmt: skip
    """How much more events vary than independent ones, from sums over people.

    Parameters
    ----------
    events, exposure : (...) array
        Σy and Σt: events and person-time.
    people : (...) array
        Number of people.
    squares, exposure_squares, products : (...) array
        Σy², Σt² and Σyt. Without exposure t is 1: Σt² is the people and Σyt the events.

    Returns
    -------
    (...) array
        φ = max(1, V/Σy), V = n/(n − 1)·Σ(y − Rt)² with R = Σy/Σt; 1 without events or with one
        person.

    Notes
    -----
    McCullagh and Nelder (1989), with the variance of a ratio of sums.

    Examples
    --------
    >>> y, t = np.array([0.0, 0, 0, 6, 2]), np.ones(5)
    >>> own = {"squares": y @ y, "exposure_squares": t @ t, "products": y @ t}
    >>> dispersion(y.sum(), t.sum(), np.array(5.0), **own).round(3)
    np.float64(4.25)

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = events / exposure
        away = squares - 2 * rate * products + rate**2 * exposure_squares
        phi = people / (people - 1) * np.maximum(away, 0.0) / events
    alone = (events == 0) | (people == 1)
    return np.where(alone, 1.0, np.maximum(phi, 1.0))


def pooled_dispersion(phi: FloatArray, events: FloatArray, people: FloatArray) -> FloatArray:
    """Let segments with few events share in the dispersion of their dimension.

    Parameters
    ----------
    phi, events, people : (k, ...) array
        Own dispersions, events and people of each segment; missing segments take no part.

    Returns
    -------
    (k, ...) array
        The larger of the own φ and Σ(n − 1)φ/Σ(n − 1) where Σy/φ is below 20, the own one
        elsewhere.

    Examples
    --------
    >>> pooled_dispersion(np.array([1.0, 3.0]), np.array([4.0, 90.0]), np.array([11.0, 11.0]))
    array([2., 3.])

    """
    known = ~np.isnan(phi + people)
    free = np.where(known, np.maximum(people - 1, 0), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (free * np.where(known, phi, 0.0)).sum(axis=0) / free.sum(axis=0)
        few = events / phi < 20
    return np.where(few, np.fmax(phi, pooled), phi)


def repeated_rate(
    events: FloatArray, population: FloatArray, phi: FloatArray, level: float | FloatArray = 0.95
) -> Limits:
    """Limits of a rate whose events repeat: φ times Garwood's of the effective events.

    Parameters
    ----------
    events, population : (...) array
        Events and people or person-time.
    phi : (...) array
        Dispersion, 1 or more.
    level : float or array that broadcasts
        Level in (0, 1).

    Returns
    -------
    low, high : (...) arrays
        φ·Garwood(Σy/φ) per member of the population.

    Examples
    --------
    >>> low, high = repeated_rate(np.array([30.0]), np.array([400.0]), np.array([2.0]))
    >>> print(low.round(6), high.round(6))
    [0.041977] [0.123701]

    """
    return poisson(events / phi, population / phi, level)


def effective_size(
    p: FloatArray, rows: FloatArray, weights: FloatArray, squares: FloatArray, outcome: FloatArray
) -> FloatArray:
    """Size of the unweighted sample that tells as much of a weighted proportion.

    Parameters
    ----------
    p : (...) array
        Weighted proportions.
    rows : (...) array
        Numbers of rows.
    weights, squares, outcome : (...) array
        Σw, Σw² and Σw²y.

    Returns
    -------
    (...) array
        (n − 1)/n·p(1 − p)/v, v = [(1 − 2p)Σw²y + p²Σw²]/(Σw)², never above Kish's (Σw)²/Σw²;
        Kish's at 0 and 1, and the rows where all weights are equal.

    Examples
    --------
    >>> w, y = np.array([1.0, 2, 3, 4, 2, 1]), np.array([1.0, 0, 1, 0, 0, 1])
    >>> sums = (np.array([v]) for v in (w @ y / w.sum(), 6, w.sum(), w @ w, (w * w) @ y))
    >>> effective_size(*sums).round(4)
    array([4.32])

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        kish = weights**2 / squares
        v = ((1 - 2 * p) * outcome + p**2 * squares) / weights**2
        size = (rows - 1) / rows * p * (1 - p) / v
    edge = (p == 0) | (p == 1) | ~(size > 0)
    size = np.where(edge, kish, np.fmin(size, kish))
    return np.where(equal_weights(rows, weights, squares), rows, size)


def equal_weights(rows: FloatArray, weights: FloatArray, squares: FloatArray) -> BoolArray:
    """Tell where weights are all equal: Kish's size is the number of rows.

    Examples
    --------
    >>> equal_weights(np.array([2.0, 2.0]), np.array([4.0, 4.0]), np.array([8.0, 10.0]))
    array([ True, False])

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.abs(weights**2 / squares - rows) <= 1e-9 * rows)


def weighted_proportion(
    p: FloatArray, effective: FloatArray, rows: FloatArray, level: float | FloatArray = 0.95
) -> Limits:
    """Limits of a weighted proportion: Wilson's at the effective size, with Student's quantile.

    Parameters
    ----------
    p, effective : (...) array
        Weighted proportions and :func:`effective_size`.
    rows : (...) array
        Numbers of rows: their degrees of freedom are one less.
    level : float or array that broadcasts
        Level in (0, 1).

    Returns
    -------
    low, high : (...) arrays
        Proportions; missing with one row.

    Notes
    -----
    Kish (1965) for the size; Student's t covers 93 to 99 % of lognormally weighted samples of 10
    to 100, the normal quantile 84 to 96 %. Equal weights are no weights: use :func:`auto` there.

    Examples
    --------
    >>> low, high = weighted_proportion(np.array([0.25]), np.array([40.0]), np.array([60.0]))
    >>> print(low.round(4), high.round(4))
    [0.1402] [0.4053]

    """
    t = special.stdtrit(np.where(rows > 1, rows - 1, np.nan), 0.5 + np.asarray(level) / 2)
    low, high = score(p * effective, effective, t)
    # p times a size is not p again: the ends of the scale are told by p.
    missing = np.isnan(t)
    low, high = np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)
