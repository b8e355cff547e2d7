"""Intervals of measures that are squares of differences near equality: variances and entropies.

There they have no slope: noise lifts them by b on average, with a variance V₀ of its own. Away from
equality their variance grows in proportion to themselves, c·f. The limits are the values φ at which
``|f − b − φ| = z √(cφ + V₀)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.measures.inequality.arithmetic import gradient, shared, sharing
from targeted_universalism.measures.inequality.draws import drawn, mean_of_known
from targeted_universalism.measures.inequality.known import (
    Bounds,
    Caution,
    Known,
    bounds,
    by_count,
    few_events,
)
from targeted_universalism.measures.inequality.limits_two import two_segments

Value = Callable[[Any, FloatArray], Any]

ALIKE = 1e-9
STEEPER = 1.25  # on b and √V₀ of measures that are far from squares where groups are small
_SMALL = 40
_DRAWN_BELOW = 10.0
_POINTS = 64

Drawn = tuple[IntArray, FloatArray, Any]


@dataclass(frozen=True)
class Square:
    """A measure that is ``(α/2) Σ w (y/μ − 1)²`` near equality.

    Parameters
    ----------
    value : callable
        From (k, ...) rates, real or complex, and shares to the (...) measure.
    bend : float
        α: 2 for variances and squared coefficients of variation, ε for Atkinson's index, 1 for
        entropies.
    relative : bool
        Whether it is divided by powers of the overall rate.
    logs : bool
        Whether it takes logarithms or roots of the rates, which are far from squares where groups
        are small.
    root : bool
        Whether the limits' square roots are wanted.
    slope : callable, optional
        Derivatives by the rates, from rates and shares; complex steps give them without it.
    needs_events : bool
        Whether it has no interval where a rate is 0.
    """

    value: Value
    bend: float = 1.0
    relative: bool = True
    logs: bool = False
    root: bool = False
    needs_events: bool = False
    slope: Value | None = None


@by_count()
def square_limits(known: Known, *, square: Square) -> Bounds:
    """Limits of a measure that is a square near equality.

    Parameters
    ----------
    known : Known
        What is known of (k, ...) segments.
    square : Square
        The measure.

    Returns
    -------
    Bounds
        In the unit of the measure, or of its root.

    Notes
    -----
    Derived; of two segments, from the limits of their difference or ratio. Where every group has
    fewer than 40 people, lower limits of measures with logarithms are approximate.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([5.0, 12, 40]), np.array([50.0, 60, 80])
    >>> known = known_counts(x, n, kind="proportion")
    >>> def variance(rate, share):
    ...     return (share * (rate - (share * rate).sum(axis=0)) ** 2).sum(axis=0)
    >>> bgv = Square(variance, bend=2, relative=False)
    >>> print(*(v.round(5) for v in square_limits(known, square=bgv)[:2]))
    0.01331 0.05597

    """
    if len(known.rate) == 2:
        found = two_segments(known, square.value, relative=square.relative)
    else:
        found = _roots(known, square)
    low, high = (np.sqrt(v) if square.root else v for v in found[:2])
    caution = found.caution | _small(known, square)
    missing = ~(known.mean > 0) if square.relative else np.zeros(low.shape, dtype=np.bool_)
    if square.needs_events:
        missing |= (known.rate <= 0).any(axis=0)
        caution |= few_events(known)
    caution = np.where(missing, np.int64(Caution.ZERO_RATE), caution)
    return Bounds(np.where(missing, np.nan, low), np.where(missing, np.nan, high), caution)


def _small(known: Known, square: Square) -> IntArray:
    small = square.logs & (np.nan_to_num(known.size, nan=np.inf).max(axis=0) < _SMALL)
    return np.where(small, np.int64(Caution.SMALL_GROUPS), np.int64(0))


def _roots(known: Known, square: Square) -> Bounds:
    f = square.value(known.rate, known.share)
    bias, spread = _noise(known, square)
    plain = _second_order(known, square, known.variance_plain)
    return roots(f, (bias, plain), spread, _variance_rate(known, square, f), known.z)


def roots(
    f: FloatArray,
    bias: tuple[FloatArray, FloatArray],
    spread: FloatArray,
    rate: tuple[FloatArray, FloatArray],
    z: float,
) -> Bounds:
    """Find the values φ at which ``|f − b − φ| = z √(cφ + V₀)``.

    Parameters
    ----------
    f : (...) array
        The measure.
    bias, rate : tuple of (...) array
        b and c, for the lower end and for the upper one.
    spread : (...) array
        V₀.
    z : float
        The level's quantile.
    """
    height = f - bias[0]
    low = height + z**2 * rate[0] / 2 - _root(rate[0], height, spread, z)
    low = np.where(height <= z * np.sqrt(spread), 0.0, np.clip(low, 0.0, f))
    height = f - bias[1]
    high = height + z**2 * rate[1] / 2 + _root(rate[1], height, spread, z)
    return bounds(low, np.maximum(high, f), equality=0)


def _root(c: FloatArray, height: FloatArray, spread: FloatArray, z: float) -> FloatArray:
    under = z**2 * c * height + z**4 * c**2 / 4 + z**2 * spread
    return np.asarray(np.sqrt(np.maximum(under, 0.0)))


def _unit(known: Known, square: Square) -> FloatArray | float:
    return np.where(known.mean > 0, known.mean, np.nan) if square.relative else 1.0


def _second_order(known: Known, square: Square, v: FloatArray) -> FloatArray:
    part = (known.share * (1 - known.share) * v).sum(axis=0)
    return np.asarray(square.bend / 2 * part / _unit(known, square) ** 2)


def _noise(known: Known, square: Square) -> tuple[FloatArray, FloatArray]:
    """Give b and V₀: the mean and the variance of what noise makes of equal segments."""
    w, v = known.share, known.variance
    moments = (w**2 * v).sum(axis=0) ** 2 - (w**4 * v**2).sum(axis=0)
    moments = moments + (w**2 * (1 - w) ** 2 * v**2).sum(axis=0)
    spread = square.bend**2 / 2 * moments / _unit(known, square) ** 4
    bias = _second_order(known, square, v)
    if square.logs:
        bias = STEEPER * np.fmax(bias, _drawn_bias(known, square))
        spread = STEEPER**2 * spread
    return bias, spread


def _drawn_bias(known: Known, square: Square) -> FloatArray:
    """Draw what noise adds at the rates themselves, (x + ½)/(n + 1), where counts are small."""
    found = np.full(known.rate.shape[1:], np.nan)
    for strata, rate, rates in _drawn(known):
        share = known.share[:, strata]
        with sharing():
            mean = mean_of_known(square.value(rates, share[..., None]))
        found[strata] = mean - square.value(rate, share)
    return found


@shared
def _drawn(known: Known) -> list[Drawn]:
    """Draw rates once for all measures: strata, the rates behind, and the draws."""
    n = known.size
    x = known.rate * n
    counted = known.kind in ("proportion", "rate")
    few = np.fmin(x, n - x) if known.kind == "proportion" else x
    strata = np.flatnonzero(counted & ~np.isnan(n).any(axis=0) & (few < _DRAWN_BELOW).any(axis=0))
    people, share = np.maximum(np.rint(n[:, strata]), 1.0), known.share[:, strata]
    more = 1.0 if known.kind == "proportion" else 0.0
    rate = (known.rate[:, strata] * people + 0.5) / (people + more)
    return [
        (strata[part], rate[:, part], rates)
        for part, rates in drawn(people, rate, share, known.kind, points=_POINTS)
    ]


def _variance_rate(known: Known, square: Square, f: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give c for both ends: the variance by first derivatives, as a multiple of the measure."""
    rate, share = known.rate, known.share
    if square.slope is None:
        slope = gradient(lambda y: square.value(y, share), rate)
    else:
        slope = square.slope(rate, share)
    steep = np.where(rate == 0, _secants(known, square, f), slope)
    down, up = known.arms()
    falls = (steep * np.where(steep > 0, down, up)) ** 2
    rises = (steep * np.where(steep > 0, up, down)) ** 2
    alike = np.ptp(rate, axis=0) <= ALIKE * np.abs(rate).max(axis=0)
    v = known.variance
    at_equality = 2 * square.bend * (share**2 * v**2).sum(axis=0) / (share * v).sum(axis=0)
    at_equality = at_equality / _unit(known, square) ** 2
    falling, rising = (
        np.where(alike, at_equality, part.sum(axis=0) / (known.z**2 * np.where(alike, 1.0, f)))
        for part in (falls, rises)
    )
    return falling, rising


def _secants(known: Known, square: Square, f: FloatArray) -> FloatArray:
    """Change per unit up to a segment's upper limit, where a rate is 0."""
    found = np.zeros(known.rate.shape)
    for i, j in _zeros(known.rate):
        moved = known.rate[:, j]
        moved[i] = known.high[i, j]
        rise = square.value(moved, known.share[:, j]) - f[j]
        found[i, j] = rise / (known.high[i, j] - known.rate[i, j])
    return found


def _zeros(rate: FloatArray) -> Iterator[tuple[int, IntArray]]:
    """Give each segment that has a rate of 0 somewhere, and the strata where it has."""
    zero = rate == 0
    return ((i, np.flatnonzero(zero[i])) for i in np.flatnonzero(zero.any(axis=1)).tolist())
