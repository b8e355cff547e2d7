"""What the overall rate would gain if every segment were as the best."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    at_best,
    average,
    best,
    over,
    over_mean,
    overall,
)
from targeted_universalism.measures.inequality.noise import of_best
from targeted_universalism.measures.inequality.register import INFINITY, measure
from targeted_universalism.measures.inequality.simple import WHO

__all__ = [
    "attributable_fraction",
    "attributable_fraction_by_order",
    "attributable_risk",
    "attributable_risk_by_order",
]


def _slope(rate: FloatArray, share: FloatArray, direction: str) -> FloatArray:
    sign = sign_of(direction)
    return np.asarray(sign * (at_best(rate, sign) - share))


def _slope_of_fraction(rate: FloatArray, share: FloatArray, direction: str) -> FloatArray:
    sign = sign_of(direction)
    value = over(sign * (best(rate, sign) - average(rate, share)), average(rate, share))
    return over_mean(_slope(rate, share, direction), value, rate, share)


def _noise_fraction(
    mean: FloatArray, largest_error: FloatArray, lowest_error: FloatArray, direction: str
) -> FloatArray:
    return over(of_best(largest_error, lowest_error, direction), mean)


@measure(
    code="par", picks=True, scale="absolute", value_at_equality=0, source=WHO, ordered=False,
    bounds=(0, INFINITY), expected=of_best, slope=_slope,
)  # fmt: skip
def attributable_risk(
    rate: Array, share: Array, direction: str, mean: Array | None = None
) -> Array:
    """Attributable risk of the population: what the overall rate would gain at the best.

    Notes
    -----
    ``s(y_best − μ)``. The best rate is a yardstick between segments, not a goal: it may itself be
    short of the goal, or past it.

    Examples
    --------
    >>> attributable_risk(np.array([0.5, 0.75]), np.array([0.5, 0.5]), "at least")
    np.float64(0.125)

    """
    sign = sign_of(direction)
    return _gain(best(rate, sign), rate, share, sign, mean)


@measure(
    code="par", scale="absolute", value_at_equality=0, source=WHO, ordered=True,
    bounds=(0, INFINITY), expected=lambda mean, share, se: _noise_at_top(share, se),
)  # fmt: skip
def attributable_risk_by_order(
    rate: Array, share: Array, direction: str, mean: Array | None = None
) -> Array:
    """Attributable risk of an ordered dimension: the gain at the top segment's rate.

    Notes
    -----
    ``max(0, s(y_k − μ))``, y_k the most advantaged segment. 0 where it fares worse than the
    whole.

    Examples
    --------
    >>> attributable_risk_by_order(np.array([0.5, 0.75]), np.array([0.5, 0.5]), "at least")
    np.float64(0.125)

    """
    return _gain(rate[-1], rate, share, sign_of(direction), mean)


@measure(
    code="paf", picks=True, scale="relative", value_at_equality=0, source=WHO, ordered=False,
    bounds=(0, INFINITY), expected=_noise_fraction, slope=_slope_of_fraction,
)  # fmt: skip
def attributable_fraction(
    rate: Array, share: Array, direction: str, mean: Array | None = None
) -> Array:
    """Attributable fraction of the population: the attributable risk as a part of the overall rate.

    Notes
    -----
    ``s(y_best − μ) / μ``. 0.1 means that the overall rate would be a tenth better.

    Examples
    --------
    >>> attributable_fraction(np.array([0.5, 0.75]), np.array([0.5, 0.5]), "at least")
    np.float64(0.2)

    """
    sign = sign_of(direction)
    return over(_gain(best(rate, sign), rate, share, sign, mean), overall(rate, share, mean))


@measure(
    code="paf", scale="relative", value_at_equality=0, source=WHO, ordered=True,
    bounds=(0, INFINITY),
    expected=lambda mean, share, se: over(_noise_at_top(share, se), mean),
)  # fmt: skip
def attributable_fraction_by_order(
    rate: Array, share: Array, direction: str, mean: Array | None = None
) -> Array:
    """Attributable fraction of an ordered dimension: the gain at the top segment.

    Notes
    -----
    ``max(0, s(y_k − μ)) / μ``, y_k the most advantaged segment.

    Examples
    --------
    >>> attributable_fraction_by_order(np.array([0.5, 0.75]), np.array([0.5, 0.5]), "at least")
    np.float64(0.2)

    """
    sign = sign_of(direction)
    return over(_gain(rate[-1], rate, share, sign, mean), overall(rate, share, mean))


def _gain(reference: Array, rate: Array, share: Array, sign: int, mean: Array | None) -> Array:
    gain = sign * (reference - overall(rate, share, mean))
    return np.asarray(np.where(gain.real < 0, 0.0, gain))


def _noise_at_top(share: FloatArray, se: FloatArray) -> FloatArray:
    """Mean of the part above 0 of the top segment's error less the average one."""
    whole = average(se**2, share**2)
    apart = np.maximum((1 - 2 * share[-1]) * se[-1] ** 2 + whole, 0)
    return np.asarray(np.sqrt(apart / (2 * np.pi)))
