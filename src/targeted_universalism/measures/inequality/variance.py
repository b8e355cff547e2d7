"""Variance between segments and what follows from it."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    apart,
    average,
    over,
    shared,
    weighted_sum,
)
from targeted_universalism.measures.inequality.noise import (
    deviation_between,
    spread,
    variance_between,
)
from targeted_universalism.measures.inequality.register import INFINITY, measure

__all__ = [
    "between_group_standard_deviation",
    "between_group_variance",
    "coefficient_of_variation",
    "corrected_between_group_variance",
]

_HARPER = "After Harper and Lynch (2005), Methods for Measuring Cancer Disparities, NCI."
_CORRECTED = "Derived from the mean of the variance of independent estimates."


def _slope_of_variance(rate: FloatArray, share: FloatArray) -> FloatArray:
    return np.asarray(2 * share * apart(rate, share))


def _error_of_variance(rate: FloatArray, share: FloatArray, se: FloatArray) -> FloatArray:
    """First and second order: near equality the first vanishes."""
    slope = 4 * (share**2 * se**2 * (rate - average(rate, share)) ** 2).sum(axis=0)
    return np.asarray(np.sqrt(slope + spread(share, se)))


def _error_of_deviation(rate: FloatArray, share: FloatArray, se: FloatArray) -> FloatArray:
    deviation = np.sqrt(_variance(rate, share))
    return over(_error_of_variance(rate, share, se), 2 * deviation)


def _error_of_variation(rate: FloatArray, share: FloatArray, se: FloatArray) -> FloatArray:
    """Add, to first order, that the mean has an error which goes together with the deviation's."""
    mean, deviation = average(rate, share), np.sqrt(_variance(rate, share))
    slope = over(share * (rate - mean), deviation * mean) - share * over(deviation, mean**2)
    curved = over(spread(share, se), (2 * deviation * mean) ** 2)
    return np.asarray(np.sqrt(((slope * se) ** 2).sum(axis=0) + curved))


@shared
def _variance(rate: Array, share: Array) -> Array:
    return weighted_sum(apart(rate, share) ** 2, share)


@measure(
    code="bgv", scale="absolute", value_at_equality=0, source=_HARPER, degree=2,
    bounds=(0, INFINITY), error=_error_of_variance, slope=_slope_of_variance,
    expected=variance_between,
)  # fmt: skip
def between_group_variance(rate: Array, share: Array) -> Array:
    """Variance of the segments' rates about the overall rate, weighted by population.

    Notes
    -----
    ``Σ w (y − μ)²``. In squared units: compare it with another one, or take its root
    (``between_group_standard_deviation``). Large segments and far ones dominate. Its standard
    error has a second-order part, as WHO's has, which alone remains at equality.

    Examples
    --------
    >>> between_group_variance(np.array([1.0, 3.0]), np.array([0.25, 0.75]))
    np.float64(0.75)

    """
    return _variance(rate, share)


@measure(
    code="bgvc", scale="absolute", value_at_equality=0, source=_CORRECTED, degree=2, splits=False,
    error=_error_of_variance,
)  # fmt: skip
def corrected_between_group_variance(rate: Array, share: Array, se: Array) -> Array:
    """Variance between segments, less what noise alone adds to it on average.

    Notes
    -----
    ``Σ w (y − μ)² − Σ w(1 − w) se²``. Without bias: on average 0 where segments are equal, and
    therefore below 0 about as often as above.

    Examples
    --------
    >>> corrected_between_group_variance(
    ...     np.array([1.0, 3.0]), np.array([0.25, 0.75]), np.array([1.0, 1.0])
    ... )
    np.float64(0.375)

    """
    return _variance(rate, share) - variance_between(share, se)


@measure(
    code="bgsd", scale="absolute", value_at_equality=0, source=_HARPER, bounds=(0, INFINITY),
    error=_error_of_deviation, expected=deviation_between,
)  # fmt: skip
def between_group_standard_deviation(rate: Array, share: Array) -> Array:
    """Root of the variance of the segments' rates about the overall rate, by population.

    Notes
    -----
    ``√(Σ w (y − μ)²)``. In the outcome's own unit: the typical distance from the overall rate, far
    segments counting more.

    Examples
    --------
    >>> between_group_standard_deviation(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    np.float64(1.0)

    """
    return np.asarray(np.sqrt(_variance(rate, share)))


@measure(
    code="cov", scale="relative", value_at_equality=0, source=_HARPER, bounds=(0, INFINITY),
    error=_error_of_variation,
    expected=lambda mean, share, se: over(deviation_between(share, se), mean),
)  # fmt: skip
def coefficient_of_variation(rate: Array, share: Array) -> Array:
    """Coefficient of variation: the standard deviation between segments as a part of the rate.

    Notes
    -----
    ``√(Σ w (y − μ)²) / μ``. 0.2 means that the typical distance is a fifth of the overall rate.

    Examples
    --------
    >>> coefficient_of_variation(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    np.float64(0.5)

    """
    return over(np.sqrt(_variance(rate, share)), average(rate, share))
