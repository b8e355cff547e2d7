"""Differences and ratios of two segments, and of the best with the average of the others."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    at_best,
    best,
    largest,
    over,
    pick,
    shared,
    smallest,
)
from targeted_universalism.measures.inequality.noise import of_best
from targeted_universalism.measures.inequality.register import INFINITY, measure

__all__ = [
    "difference",
    "difference_by_order",
    "difference_from_reference",
    "ratio",
    "ratio_by_order",
    "ratio_from_reference",
    "summary_rate_difference",
    "summary_rate_ratio",
]

WHO = "Schlotheuber and Hosseinpoor (2022), IJERPH 19(6), 3697."
NCHS = "Talih and Huang (2016), Healthy People Statistical Notes 27."


def _slope_of_difference(rate: FloatArray) -> FloatArray:
    return at_best(rate, 1) - at_best(rate, -1)


def _slope_of_ratio(rate: FloatArray) -> FloatArray:
    low = smallest(rate)
    return over(at_best(rate, 1) - over(largest(rate), low) * at_best(rate, -1), low)


def _slope_of_summary_difference(rate: FloatArray, direction: str) -> FloatArray:
    sign, k = sign_of(direction), len(rate)
    return np.asarray(sign * (k * at_best(rate, sign) - 1) / (k - 1))


def _slope_of_summary_ratio(rate: FloatArray, direction: str) -> FloatArray:
    sign, k = sign_of(direction), len(rate)
    own = at_best(rate, sign)
    ends, slopes = (best(rate, sign), _others(rate, sign)), (own, (1 - own) / (k - 1))
    (top, bottom), (rises, falls) = (ends, slopes) if sign > 0 else (ends[::-1], slopes[::-1])
    return over(rises - over(top, bottom) * falls, bottom)


def _noise_range(largest_error: FloatArray, lowest_error: FloatArray) -> FloatArray:
    return largest_error + lowest_error


def _noise_of_others(
    se: FloatArray, largest_error: FloatArray, lowest_error: FloatArray, direction: str
) -> FloatArray:
    return of_best(largest_error, lowest_error, direction) * len(se) / max(len(se) - 1, 1)


@measure(
    code="d", picks=True, scale="absolute", value_at_equality=0, source=WHO, ordered=False,
    bounds=(0, INFINITY), expected=_noise_range, slope=_slope_of_difference,
)  # fmt: skip
def difference(rate: Array) -> Array:
    """Difference between the highest and the lowest rate.

    Notes
    -----
    ``max y − min y``. Read it in the outcome's own unit. It looks at two segments, whatever lies
    between them, and noise alone makes it larger than 0: see what is expected if all are equal.

    Examples
    --------
    >>> difference(np.array([0.5, 0.75, 0.25]))
    np.float64(0.5)

    """
    return np.asarray(largest(rate) - smallest(rate))


@measure(code="d", scale="absolute", value_at_equality=0, source=WHO, ordered=True)
def difference_by_order(rate: Array, direction: str) -> Array:
    """Difference between the two ends of an order, above 0 where the advantaged fare better.

    Notes
    -----
    ``s·(y_k − y_1)``, y_1 the most disadvantaged segment and y_k the most advantaged. Below 0
    where the disadvantaged fare better.

    Examples
    --------
    >>> difference_by_order(np.array([0.5, 0.625, 0.75]), "at least")
    np.float64(0.25)
    >>> difference_by_order(np.array([0.5, 0.625, 0.75]), "at most")
    np.float64(-0.25)

    """
    return np.asarray(sign_of(direction) * (rate[-1] - rate[0]))


@measure(code="d", picks=True, scale="absolute", value_at_equality=0, source=WHO, ordered=False)
def difference_from_reference(rate: Array, reference: int, direction: str) -> Array:
    """Difference between a segment that a person names and the one that fares worst beside it.

    Notes
    -----
    ``s·(y_ref − y_worst)``, y_worst the least favourable rate of the other segments. Below 0 where
    all the others fare better.

    Examples
    --------
    >>> difference_from_reference(np.array([0.5, 0.75, 0.25]), 0, "at least")
    np.float64(0.25)

    """
    sign = sign_of(direction)
    return sign * (pick(rate, reference) - _worst_other(rate, reference, sign))


@measure(
    code="r", picks=True, scale="relative", value_at_equality=1, source=WHO, ordered=False,
    bounds=(1, INFINITY), slope=_slope_of_ratio,
)  # fmt: skip
def ratio(rate: Array) -> Array:
    """Ratio of the highest to the lowest rate.

    Notes
    -----
    ``max y / min y``. 2 means twice the rate. It says nothing about the size of either, grows as
    the outcome becomes rare, and is undefined where the lowest is 0. Its interval is made on the
    scale of its logarithm.

    Examples
    --------
    >>> ratio(np.array([0.5, 0.75, 0.25]))
    np.float64(3.0)

    """
    return over(largest(rate), smallest(rate))


@measure(code="r", scale="relative", value_at_equality=1, source=WHO, ordered=True)
def ratio_by_order(rate: Array, direction: str) -> Array:
    """Ratio of the two ends of an order: the more favourable end is above where it is over 1.

    Notes
    -----
    ``y_k / y_1`` where at least the goal is wanted, ``y_1 / y_k`` where at most: above 1 where the
    advantaged fare better.

    Examples
    --------
    >>> ratio_by_order(np.array([0.5, 0.625, 0.75]), "at least")
    np.float64(1.5)

    """
    ends = (rate[-1], rate[0]) if sign_of(direction) > 0 else (rate[0], rate[-1])
    return over(_above_zero(ends[0]), ends[1])


@measure(code="r", picks=True, scale="relative", value_at_equality=1, source=WHO, ordered=False)
def ratio_from_reference(rate: Array, reference: int, direction: str) -> Array:
    """Ratio between a segment that a person names and the one that fares worst beside it.

    Notes
    -----
    ``y_ref / y_worst`` where at least the goal is wanted, ``y_worst / y_ref`` where at most.

    Examples
    --------
    >>> ratio_from_reference(np.array([0.5, 0.75, 0.25]), 0, "at least")
    np.float64(2.0)

    """
    sign = sign_of(direction)
    ends = pick(rate, reference), _worst_other(rate, reference, sign)
    top, bottom = ends if sign > 0 else ends[::-1]
    return over(_above_zero(top), bottom)


@measure(
    code="srd", scale="absolute", value_at_equality=0, source=NCHS, picks=True,
    bounds=(0, INFINITY), expected=_noise_of_others, slope=_slope_of_summary_difference,
)  # fmt: skip
def summary_rate_difference(rate: Array, direction: str) -> Array:
    """Difference between the best rate and the plain average of all the others.

    Notes
    -----
    ``|ȳ_others − y_best|``, ȳ_others the unweighted average without the best segment. How far the
    other segments are, taken together, from the best.

    Examples
    --------
    >>> summary_rate_difference(np.array([0.5, 0.75, 0.25]), "at least")
    np.float64(0.375)

    """
    sign = sign_of(direction)
    return np.asarray(sign * (best(rate, sign) - _others(rate, sign)))


@measure(
    code="srr", scale="relative", value_at_equality=1, source=NCHS, picks=True,
    bounds=(1, INFINITY), slope=_slope_of_summary_ratio,
)  # fmt: skip
def summary_rate_ratio(rate: Array, direction: str) -> Array:
    """Ratio of the best rate and the plain average of all the others, oriented to be 1 or more.

    Notes
    -----
    ``ȳ_others / y_best`` where at most the goal is wanted, ``y_best / ȳ_others`` where at least.

    Examples
    --------
    >>> summary_rate_ratio(np.array([0.5, 0.75, 0.25]), "at least")
    np.float64(2.0)

    """
    sign = sign_of(direction)
    ends = best(rate, sign), _others(rate, sign)
    top, bottom = ends if sign > 0 else ends[::-1]
    return over(_above_zero(top), bottom)


def _above_zero(value: Array) -> Array:
    """Leave out what has no logarithm, and so no interval."""
    return np.asarray(np.where(value.real > 0, value, np.nan))


@shared
def _others(rate: Array, sign: int) -> Array:
    left = len(rate) - 1
    return np.asarray((rate.sum(axis=0) - best(rate, sign)) / left) if left else rate[0] * np.nan


def _worst_other(rate: Array, reference: int, sign: int) -> Array:
    place = np.broadcast_to(np.asarray(reference), rate.shape[1:])
    worst = np.where(
        np.arange(len(rate)).reshape((-1,) + (1,) * place.ndim) == place, sign * np.inf, rate.real
    )
    at = worst.argmin(axis=0) if sign > 0 else worst.argmax(axis=0)
    return pick(rate, at)
