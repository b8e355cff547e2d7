"""Confidence intervals, one small function each: arrays in, (low, high) out, no frames.

Limits at the edge of the scale are assigned, never computed: floats put the Wilson upper limit
of n of n below 1 for a third of all n.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.quantiles import beta_log_odds, gamma_logarithm

__all__ = [
    "byar",
    "byar_or_exact",
    "clopper_pearson",
    "from_standard_error",
    "korn_graubard",
    "poisson",
    "wilson",
]

Limits = tuple[FloatArray, FloatArray]


def z_value(confidence: float) -> float:
    """Two-sided standard normal quantile: 1.96 for 0.95."""
    return float(special.ndtri(0.5 + confidence / 2))


def wilson(events: FloatArray, population: FloatArray, confidence: float = 0.95) -> Limits:
    """Wilson score interval of a proportion.

    Parameters
    ----------
    events, population : (...) array
        Numerator and denominator; effective sizes need not be whole.
    confidence : float
        Level in (0, 1).

    Returns
    -------
    low, high : (...) arrays
        Proportions; low is 0 where there are no events, high is 1 where all are events.

    Notes
    -----
    Wilson (1927). Mean coverage is close to the level at every n, unlike Wald's.

    Examples
    --------
    >>> low, high = wilson(np.array([65.0]), np.array([100.0]))
    >>> print(low.round(6), high.round(6))
    [0.552544] [0.736358]

    """
    z = z_value(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = events / population
        middle = p + z * z / (2 * population)
        half = z * np.sqrt(p * (1 - p) / population + (z / (2 * population)) ** 2)
        scale = 1 + z * z / population
        low, high = (middle - half) / scale, (middle + half) / scale
    low = np.where(events == 0, 0.0, low)
    high = np.where(events == population, 1.0, high)
    return where_known(population > 0, low, high)


def clopper_pearson(
    events: FloatArray, population: FloatArray, confidence: float | FloatArray = 0.95
) -> Limits:
    """Exact (Clopper–Pearson) interval of a proportion, at one level or one for each stratum.

    Parameters
    ----------
    events, population : (...) array
        Numerator and denominator; effective sizes need not be whole.
    confidence : float or array that broadcasts
        Level in (0, 1).

    Returns
    -------
    low, high : (...) arrays
        Proportions; missing where there are no people.

    Notes
    -----
    Clopper & Pearson (1934), from the quantiles of the Beta distribution. Coverage is never below
    the level, and often well above it. A general solver's quantiles were wrong where a parameter
    was 1,000 exactly: 0.2506 instead of 0.1049 above 999 of 10,100.

    Examples
    --------
    >>> low, high = clopper_pearson(np.array([15.0, 999.0]), np.array([148.0, 10_100.0]))
    >>> print(low.round(4), high.round(4))
    [0.0578 0.0932] [0.1617 0.1049]

    """
    tail = (1 - np.asarray(confidence)) / 2
    rest = population - events
    with np.errstate(invalid="ignore"):
        low, high = beta_log_odds(events, rest + 1, tail), -beta_log_odds(rest, events + 1, tail)
        low = np.where(events > 0, special.expit(low), 0.0)
        high = np.where(rest > 0, special.expit(high), 1.0)
    return where_known(population > 0, low, high)


def clopper_pearson_at_most(
    events: FloatArray, population: FloatArray, confidence: float = 0.95
) -> FloatArray:
    """Width that no exact (Clopper–Pearson) interval exceeds, without the Beta distribution.

    Parameters as in :func:`wilson`; counts need not be whole.

    Returns
    -------
    (...) array
        Wider than the interval, with a hundred events and a hundred people without by less than
        half: what is narrow by it is narrow. Found in a fraction of the time.

    Notes
    -----
    By Chernoff's bound a share that follows Beta(a, b) lies beyond t with a chance of at most
    ``exp(−(a + b) KL(m, t))``, m = a/(a + b), and ``KL(m, t) ≥ d²/2v``, d the distance and v the
    largest p(1 − p) between m and t. The limits are quantiles of Beta(x, n − x + 1) and
    Beta(x + 1, n − x).

    Examples
    --------
    >>> clopper_pearson_at_most(np.array([15.0]), np.array([148.0])).round(4)
    array([0.1647])

    """
    scale = population + 1
    chance = np.log(2 / (1 - confidence)) / scale
    down, up = (_farthest(m / scale, chance) for m in (scale - events, events + 1))
    return np.asarray(down + up + 1 / scale)


def _farthest(m: FloatArray, chance: FloatArray) -> FloatArray:
    """Solve d² = 2c(m(1 − m) + d max(1 − 2m, 0)): how far above m a limit may lie."""
    rising = chance * np.maximum(1 - 2 * m, 0.0)
    return np.asarray(rising + np.sqrt(rising**2 + 2 * chance * m * (1 - m)))


def korn_graubard(
    p: FloatArray, effective: FloatArray, n: FloatArray, df: FloatArray, confidence: float = 0.95
) -> Limits:
    """Exact interval of a proportion from a survey: Clopper–Pearson at the effective size.

    Parameters
    ----------
    p : (...) array
        Proportions in [0, 1].
    effective : (...) array
        Effective sample sizes p(1 − p)/se².
    n : (...) array
        Sample sizes; missing where they are not known.
    df : (...) array
        Degrees of freedom of the design; missing where there are none, and no adjustment.
    confidence : float
        Level in (0, 1).

    Returns
    -------
    low, high : (...) arrays
        Proportions.

    Notes
    -----
    Korn and Graubard (1998). With degrees of freedom the effective size is multiplied by
    (t(n − 1)/t(df))²; it is at most n.

    Examples
    --------
    >>> one = np.ones(1)
    >>> low, high = korn_graubard(0.25 * one, 80 * one, 120 * one, 20 * one)
    >>> print(low.round(4), high.round(4))
    [0.1554] [0.366]

    """
    tail = 0.5 + confidence / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = special.stdtrit(np.where(n > 1, n - 1, np.nan), tail) / special.stdtrit(
            np.where(df > 0, df, np.nan), tail
        )
        size = effective * np.where(np.isfinite(ratio), ratio, 1.0) ** 2
        size = np.fmin(size, np.where(np.isnan(effective), np.nan, n))
    return clopper_pearson(p * size, size, confidence)


def poisson(
    events: FloatArray, population: FloatArray, confidence: float | FloatArray = 0.95
) -> Limits:
    """Exact interval of a rate whose events are counted; parameters as in :func:`clopper_pearson`.

    Returns limits per member of the population (or per unit of person-time).

    Notes
    -----
    Garwood (1936): ½χ² quantiles with 2x and 2x+2 degrees of freedom. At one level each distinct
    count is computed once.

    Examples
    --------
    >>> low, high = poisson(np.array([15.0]), np.array([400.0]))
    >>> print(low.round(6), high.round(6))
    [0.020988] [0.061851]

    """
    tail = (1 - np.asarray(confidence)) / 2
    if tail.ndim:
        low, high = garwood(events, tail)
    else:
        counts, where = np.unique(events, return_inverse=True)
        low, high = (limit[where].reshape(np.shape(events)) for limit in garwood(counts, tail))
    with np.errstate(invalid="ignore", divide="ignore"):
        return where_known(population > 0, low / population, high / population)


def garwood(events: FloatArray, tail: FloatArray | float) -> Limits:
    """Exact limits of how many events are expected where some were counted.

    Parameters
    ----------
    events : (...) array
        Counts, which need not be whole.
    tail : float or array that broadcasts
        Chance that is left out on each side.

    Returns
    -------
    low, high : (...) arrays
        Numbers of events; 0 and more.

    Examples
    --------
    >>> low, high = garwood(np.array([15.0]), 0.025)
    >>> print(low.round(4), high.round(4))
    [8.3954] [24.7402]

    """
    low = np.where(events > 0, np.exp(gamma_logarithm(events, tail)), 0.0)
    return low, np.exp(gamma_logarithm(events + 1, tail, above=True))


def byar(events: FloatArray, population: FloatArray, confidence: float = 0.95) -> Limits:
    """Byar's approximation to the interval of a rate (Breslow & Day 1987).

    Uses x in the lower and x + 1 in the upper limit. A lower limit below zero is not defined and
    is missing (one event at 99.8 %); no events have a lower limit of 0.

    Examples
    --------
    >>> low, high = byar(np.array([65.0]), np.array([1.0]))
    >>> print(low.round(4), high.round(4))
    [50.1632] [82.8491]

    """
    z = z_value(confidence)
    after = events + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        low = events * (1 - 1 / (9 * events) - z / (3 * np.sqrt(events))) ** 3
        high = after * (1 - 1 / (9 * after) + z / (3 * np.sqrt(after))) ** 3
        low = np.where(events == 0, 0.0, np.where(low < 0, np.nan, low))
        return where_known(population > 0, low / population, high / population)


def byar_or_exact(events: FloatArray, population: FloatArray, confidence: float = 0.95) -> Limits:
    """Exact interval below ten events, Byar's from ten on, as English public health publishes it.

    Examples
    --------
    >>> low, high = byar_or_exact(np.array([5.0, 20.0]), np.array([100.0, 100.0]))
    >>> print(low.round(6), high.round(6))
    [0.016235 0.122114] [0.116683 0.308899]

    """
    few = events < 10
    exact, approximate = (f(events, population, confidence) for f in (poisson, byar))
    low, high = (np.where(few, e, a) for e, a in zip(exact, approximate, strict=True))
    return low, high


def student(mean: FloatArray, se: FloatArray, df: FloatArray, confidence: float = 0.95) -> Limits:
    """Student's interval of a mean, from its standard error and degrees of freedom.

    Returns limits in the unit of the mean; missing where the standard error is 0 or missing.

    Examples
    --------
    >>> low, high = student(np.array([2.5]), np.array([0.5]), np.array([9.0]))
    >>> print(low.round(4), high.round(4))
    [1.3689] [3.6311]

    """
    half = special.stdtrit(np.where(df > 0, df, np.nan), 0.5 + confidence / 2) * se
    return where_known(se > 0, mean - half, mean + half)


def from_standard_error(
    rate: FloatArray, se: FloatArray, kind: str, confidence: float = 0.95
) -> Limits:
    """Interval of an estimate with a standard error, on the scale its kind fixes.

    Parameters
    ----------
    rate, se : (...) array
        Estimate and standard error in natural units: a proportion lies in [0, 1].
    kind : {"proportion", "rate", "mean", "standardized"}
        Logit scale for proportions, log for rates, identity for means.
    confidence : float
        Level in (0, 1).

    Returns
    -------
    low, high : (...) arrays
        Missing where the standard error is 0 or the estimate lies at its bound.

    Examples
    --------
    >>> low, high = from_standard_error(np.array([0.756]), np.array([0.016]), "proportion")
    >>> print(low.round(4), high.round(4))
    [0.7233] [0.786]

    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = z_value(confidence) * se
        if kind == "proportion":
            centre, step = special.logit(rate), half / (rate * (1 - rate))
            low, high = special.expit(centre - step), special.expit(centre + step)
            inside = (rate > 0) & (rate < 1)
        elif kind == "mean":
            low, high, inside = rate - half, rate + half, np.isfinite(rate)
        else:
            factor = np.exp(half / rate)
            low, high, inside = rate / factor, rate * factor, rate > 0
    return where_known(inside & (se > 0), low, high)


def standard_error(
    rate: FloatArray, low: FloatArray, high: FloatArray, kind: str, confidence: float
) -> FloatArray:
    """Recover the standard error behind a published interval, on the scale of its kind.

    Examples
    --------
    >>> standard_error(np.array([10.0]), np.array([8.04]), np.array([11.96]), "mean", 0.95).round(4)
    array([1.])

    """
    width = 2 * z_value(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "proportion":
            slope = rate * (1 - rate)
            se = slope * (special.logit(high) - special.logit(low)) / width
        elif kind == "mean":
            se = (high - low) / width
        else:
            se = rate * np.log(high / low) / width
    return np.where(np.isfinite(se) & (se >= 0), se, np.nan)


def where_known(known: np.typing.NDArray[np.bool_], low: FloatArray, high: FloatArray) -> Limits:
    """Give limits where something is known, and missing ones elsewhere."""
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
