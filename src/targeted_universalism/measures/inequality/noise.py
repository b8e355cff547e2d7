"""What noise alone makes of a measure, on average, where all segments are equal.

Segments with one true rate still differ in what is counted: six groups of 200 with a rate of 0.3
show a difference of eight points between best and worst. Each function gives the mean of a measure
over estimates about a common `mean` with standard errors `se` and skewness `skew`, which is that of
counts; closed forms where there are any, one-dimensional integrals, or averages over well-spread
points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality.arithmetic import Array, average, over

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_FAR = 7.0  # standard errors: nothing is left beyond
_NONE = 1e-6  # a standard error that is none beside the widest
POINTS = 128
_AT_ONCE = 1 << 14


def absolute(se: FloatArray) -> FloatArray:
    """Mean absolute value of a normal error."""
    return np.asarray(se * np.sqrt(2 / np.pi))


def about_the_mean(share: FloatArray, se: FloatArray) -> FloatArray:
    """Compute the standard error of each rate less the average, which it is part of."""
    whole = average(se**2, share**2)
    return np.asarray(np.sqrt(np.maximum((1 - 2 * share) * se**2 + whole, 0)))


def largest_errors(se: FloatArray, skew: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean of the largest of independent errors, up and down, by Gauss–Legendre quadrature.

    Chances are those of a normal error after Cornish and Fisher's (1938) transformation, with the
    kurtosis of a Poisson count of that skewness.
    """
    most = se.max(axis=0)
    widest = np.where(most > 0, most, 1.0)
    up, down = np.zeros(se.shape[1:]), np.zeros(se.shape[1:])
    precision = widest / np.maximum(se, _NONE * widest)
    once, twice = skew / 6, skew**2 * (5 / 72)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        z = (node + 1) / 2 * _FAR * precision
        beyond = z * z - 1
        odd, even = z * (1 + twice * beyond), once * beyond
        below, above = special.ndtr(odd - even), special.ndtr(odd + even)
        up += weight * (1 - below.prod(axis=0) - (1 - above).prod(axis=0))
        down += weight * (1 - above.prod(axis=0) - (1 - below).prod(axis=0))
    scale = np.where(most > 0, widest * _FAR / 2, 0.0)
    return up * scale, down * scale


def variance_between(share: FloatArray, se: FloatArray) -> FloatArray:
    """Mean between-group variance of equal segments: Σ w(1 − w)se²."""
    return np.asarray((share * (1 - share) * se**2).sum(axis=0))


def spread(share: FloatArray, se: FloatArray) -> FloatArray:
    """Variance of the between-group variance of equal segments, 2 tr((AΣ)²)."""
    part = share**2 * se**2
    same = share**2 * (1 - share) ** 2 * se**4
    return np.asarray(2 * (part.sum(axis=0) ** 2 - (part**2).sum(axis=0) + same.sum(axis=0)))


def deviation_between(share: FloatArray, se: FloatArray) -> FloatArray:
    """Mean square root of the between-group variance, as a gamma with its mean and variance."""
    mean, variance = variance_between(share, se), spread(share, se)
    shape = over(mean**2, variance)
    root = np.exp(special.gammaln(shape + 0.5) - special.gammaln(shape)) / np.sqrt(shape)
    return np.asarray(np.where(mean > 0, np.sqrt(mean) * root, 0.0))


def squared_cv(share: FloatArray, se: FloatArray, mean: FloatArray) -> FloatArray:
    """Mean squared coefficient of variation, to which entropies are proportional near equality."""
    return over(variance_between(share, se), mean**2)


def entropy(alpha: float, share: FloatArray, part: FloatArray, skew: FloatArray) -> FloatArray:
    """Mean generalized entropy of order α of equal segments, to fourth order in their errors.

    Parameters
    ----------
    alpha : float
        0 is the mean log deviation, 1 Theil's index.
    share, part, skew : (k, ...) array
        Population shares; standard errors as parts of the common rate; their skewness.

    Notes
    -----
    With e a relative error, ē = Σ w e, S_j = Σ w e^j, the entropy is (S₂ − ē²)/2 + (α − 2)S₃/6 −
    αēS₂/2 + (α + 1)ē³/3 + (α − 2)(α − 3)S₄/24 − α(α − 2)ēS₃/6 + α(α + 1)ē²S₂/4 −
    (α + 1)(α + 2)ē⁴/8 and smaller terms.
    """
    w, v = share, part**2
    whole, third = average(v, w**2), skew * part**3
    second = (average(v, w) - whole) / 2
    cubes = (alpha - 2) / 6 * w - alpha / 2 * w**2 + (alpha + 1) / 3 * w**3
    fourth = (alpha - 2) * (alpha - 3) / 8 * w - alpha * (alpha - 2) / 2 * w**2
    fourth = fourth + alpha * (alpha + 1) / 2 * w**3
    both = alpha * (alpha + 1) / 4 * average(v, w) - 3 * (alpha + 1) * (alpha + 2) / 8 * whole
    return np.asarray(second + average(third, cubes) + average(v**2, fourth) + whole * both)


def entropy_squared(
    alpha: float, share: FloatArray, part: FloatArray, skew: FloatArray
) -> FloatArray:
    """Mean square of the generalized entropy of equal segments; parameters as :func:`entropy`."""
    return np.asarray(entropy(alpha, share, part, skew) ** 2 + spread(share, part) / 4)


def equal(
    given: Mapping[str, Any], se: FloatArray, skew: FloatArray | None = None
) -> dict[str, Any]:
    """Say what measures are given where all segments have the overall rate.

    `se` holds the standard errors that they would then have, `skew` their skewness (none without
    it); the mean of the largest error up and down, which several measures need, is computed once.
    """
    lean = np.zeros(se.shape) if skew is None else skew
    largest_error, lowest_error = largest_errors(se, lean)
    return {
        **given, "se": se, "skew": lean, "largest_error": largest_error,
        "lowest_error": lowest_error,
    }  # fmt: skip


def of_best(largest_error: FloatArray, lowest_error: FloatArray, direction: str) -> FloatArray:
    """Mean distance of the best of equal segments from what they share."""
    return largest_error if sign_of(direction) > 0 else lowest_error


def widened(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give every array one more axis, at the end, for draws."""
    return {k: v[..., None] if isinstance(v, np.ndarray) else v for k, v in given.items()}


def by_points(function: Callable[[Array], Array], mean: FloatArray, se: FloatArray) -> FloatArray:
    """Average any measure over well-spread errors, the same for every stratum.

    The errors are log-normal where the rate is above zero, so that ratios stay defined.

    Parameters
    ----------
    function : callable
        From (k, ..., b) rates to (..., b) values.
    mean, se : (...) array, (k, ...) array
        The common rate and the standard errors.

    Returns
    -------
    (...) array
        The average over ``POINTS`` points of Richtmyer's sequence and their mirror images.
    """
    # The widest error takes the first coordinate: the order of segments is irrelevant.
    points, place = _errors(len(se)), (-se).argsort(axis=0, kind="stable").argsort(axis=0)
    total = np.zeros(se.shape[1:])
    block = max(1, _AT_ONCE // se.size)
    positive = np.where(mean > 0, mean, np.nan)
    width = np.sqrt(np.log1p((se / positive) ** 2))[..., None]
    middle, wide = (positive * np.exp(-(width[..., 0] ** 2) / 2))[..., None], se[..., None]
    below = ~(mean > 0)
    for start in range(0, POINTS, block):
        part = points[start : start + block].T[place]
        for error in (part, -part):
            rate = middle * np.exp(width * error)
            if below.any():
                rate = np.where(below[..., None], mean[..., None] + wide * error, rate)
            total += function(rate).real.sum(axis=-1)
    return total / (2 * POINTS)


def _errors(k: int) -> FloatArray:
    """Spread points evenly in k dimensions (multiples of square roots of primes), made normal."""
    primes = [p for p in range(2, 40 * k + 20) if all(p % q for q in range(2, int(p**0.5) + 1))]
    roots = np.sqrt(np.array(primes[:k], dtype=np.float64))
    places = (np.arange(1, POINTS + 1)[:, None] * roots + 0.5) % 1
    return np.asarray(special.ndtri(np.clip(places, 1e-9, 1 - 1e-9)))
