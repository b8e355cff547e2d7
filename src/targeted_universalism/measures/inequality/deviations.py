"""Mean differences from the average, the best, a reference and the goal."""

from __future__ import annotations

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    apart,
    at,
    at_best,
    average,
    from_best,
    magnitude,
    over,
    over_mean,
    overall,
    pick,
    shared,
)
from targeted_universalism.measures.inequality.noise import about_the_mean, absolute, of_best
from targeted_universalism.measures.inequality.register import INFINITY, measure
from targeted_universalism.measures.inequality.simple import WHO

__all__ = [
    "index_of_disparity",
    "mean_difference_from_best",
    "mean_difference_from_mean",
    "mean_difference_from_reference",
    "mean_shortfall",
    "unweighted_mean_shortfall",
    "weighted_index_of_disparity",
    "weighted_mean_difference_from_best",
    "weighted_mean_difference_from_mean",
    "weighted_mean_difference_from_reference",
]

_OURS = "Ours, from powell, Menendian and Ake (2019): distance is measured to the goal."
_FROM_ZERO = (0.0, INFINITY)
_ROUNDING = 1e-12


def _noise_about_mean(share: FloatArray, se: FloatArray) -> FloatArray:
    return np.asarray(absolute(about_the_mean(share, se)).mean(axis=0))


def _noise_about_mean_weighted(share: FloatArray, se: FloatArray) -> FloatArray:
    return average(absolute(about_the_mean(share, se)), share)


def _signs(rate: FloatArray, share: FloatArray) -> FloatArray:
    """Say on which side of the average rates lie: 0 where rounding alone sets them apart."""
    away = apart(rate, share)
    return np.where(np.abs(away) <= _ROUNDING * np.abs(rate).max(axis=0), 0.0, np.sign(away))


def _slope_plain(rate: FloatArray, share: FloatArray) -> FloatArray:
    signs = _signs(rate, share)
    return np.asarray((signs - share * signs.sum(axis=0)) / len(rate))


def _slope_weighted(rate: FloatArray, share: FloatArray) -> FloatArray:
    signs = _signs(rate, share)
    return np.asarray(share * (signs - average(signs, share)))


def _slope_relative(rate: FloatArray, share: FloatArray) -> FloatArray:
    value = over(_distance(rate, share).mean(axis=0), average(rate, share))
    return over_mean(_slope_plain(rate, share), value, rate, share)


def _slope_relative_weighted(rate: FloatArray, share: FloatArray) -> FloatArray:
    value = over(average(_distance(rate, share), share), average(rate, share))
    return over_mean(_slope_weighted(rate, share), value, rate, share)


def _slope_from_best(rate: FloatArray, direction: str) -> FloatArray:
    sign = sign_of(direction)
    return np.asarray(sign * (at_best(rate, sign) - 1 / len(rate)))


def _slope_from_best_weighted(rate: FloatArray, share: FloatArray, direction: str) -> FloatArray:
    sign = sign_of(direction)
    return np.asarray(sign * (at_best(rate, sign) - share))


def _slope_from_reference(rate: FloatArray, reference: int) -> FloatArray:
    weight = np.full(rate.shape, 1 / len(rate))
    return _slope_from_reference_weighted(rate, weight, reference)


def _slope_from_reference_weighted(
    rate: FloatArray, share: FloatArray, reference: int
) -> FloatArray:
    signs = share * np.sign(rate - pick(rate, reference))
    return np.asarray(signs - at(rate, reference) * signs.sum(axis=0))


def _slope_below_goal(
    rate: FloatArray, share: FloatArray, goal: float, direction: str
) -> FloatArray:
    sign = sign_of(direction)
    return np.where(sign * (goal - rate) > 0, -sign * share, 0.0)


def _slope_below_goal_plain(rate: FloatArray, goal: float, direction: str) -> FloatArray:
    return _slope_below_goal(rate, np.full(rate.shape, 1 / len(rate)), goal, direction)


def _noise_about_reference(se: FloatArray, reference: int) -> FloatArray:
    place = np.arange(len(se)).reshape((-1,) + (1,) * (se.ndim - 1))
    apart = absolute(np.sqrt(se**2 + pick(se, reference) ** 2))
    return np.asarray(np.where(place == reference, 0.0, apart))


def _noise_below_goal(
    mean: FloatArray, se: FloatArray, goal: FloatArray, direction: str
) -> FloatArray:
    """Mean of max(0, d − e), d the gap and e a normal error."""
    distance = sign_of(direction) * (goal - mean)
    with np.errstate(all="ignore"):
        z = distance / se
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        smooth = distance * special.ndtr(z) + se * density
    return np.where(se > 0, smooth, np.maximum(distance, 0.0))


@measure(
    code="mdmu", scale="absolute", value_at_equality=0, source=WHO, weighted=False,
    bounds=_FROM_ZERO, expected=_noise_about_mean, slope=_slope_plain,
)  # fmt: skip
def mean_difference_from_mean(rate: Array, share: Array, mean: Array | None = None) -> Array:
    """Plain average of the segments' distances from the overall rate.

    Notes
    -----
    ``(1/k) Σ |y − μ|``, μ = Σ w y. Every segment counts alike, small or large.

    Examples
    --------
    >>> mean_difference_from_mean(np.array([0.5, 0.25]), np.array([0.5, 0.5]))
    np.float64(0.125)

    """
    return np.asarray(_distance(rate, share, mean).mean(axis=0))


@measure(
    code="mdmw", scale="absolute", value_at_equality=0, source=WHO,
    bounds=_FROM_ZERO, expected=_noise_about_mean_weighted, slope=_slope_weighted,
)  # fmt: skip
def weighted_mean_difference_from_mean(rate: Array, share: Array) -> Array:
    """Average of the segments' distances from the overall rate, weighted by population.

    Notes
    -----
    ``Σ w |y − μ|``. How far the average person's segment is from the overall rate.

    Examples
    --------
    >>> weighted_mean_difference_from_mean(np.array([0.5, 0.25]), np.array([0.5, 0.5]))
    np.float64(0.125)

    """
    return average(_distance(rate, share), share)


@measure(
    code="mdbu", picks=True, scale="absolute", value_at_equality=0, source=WHO,
    bounds=_FROM_ZERO, expected=of_best, slope=_slope_from_best,
)  # fmt: skip
def mean_difference_from_best(rate: Array, direction: str) -> Array:
    """Plain average of the segments' distances from the best rate.

    Notes
    -----
    ``(1/k) Σ |y − y_best|``, y_best the highest rate where at least the goal is wanted, the lowest
    where at most. The best segment counts too, with 0.

    Examples
    --------
    >>> mean_difference_from_best(np.array([0.5, 0.25]), "at least")
    np.float64(0.125)

    """
    return np.asarray(from_best(rate, sign_of(direction)).mean(axis=0))


@measure(
    code="mdbw", picks=True, scale="absolute", value_at_equality=0, source=WHO,
    bounds=_FROM_ZERO, expected=of_best, slope=_slope_from_best_weighted,
)  # fmt: skip
def weighted_mean_difference_from_best(rate: Array, share: Array, direction: str) -> Array:
    """Average of the segments' distances from the best rate, weighted by population.

    Notes
    -----
    ``Σ w |y − y_best|``. How far the average person's segment is from the best one.

    Examples
    --------
    >>> weighted_mean_difference_from_best(
    ...     np.array([0.5, 0.25]), np.array([0.5, 0.5]), "at least"
    ... )
    np.float64(0.125)

    """
    return average(from_best(rate, sign_of(direction)), share)


@measure(
    code="mdru", scale="absolute", value_at_equality=0, source=WHO, bounds=_FROM_ZERO,
    slope=_slope_from_reference,
    expected=lambda se, reference: _noise_about_reference(se, reference).mean(axis=0),
)  # fmt: skip
def mean_difference_from_reference(rate: Array, reference: int) -> Array:
    """Plain average of the segments' distances from a segment that a person names.

    Notes
    -----
    ``(1/k) Σ |y − y_ref|``. The reference counts too, with 0. It has no sign: a segment above the
    reference and one below do not cancel.

    Examples
    --------
    >>> mean_difference_from_reference(np.array([0.5, 0.25]), 0)
    np.float64(0.125)

    """
    return np.asarray(magnitude(rate - pick(rate, reference)).mean(axis=0))


@measure(
    code="mdrw", scale="absolute", value_at_equality=0, source=WHO, bounds=_FROM_ZERO,
    slope=_slope_from_reference_weighted,
    expected=lambda se, share, reference: average(_noise_about_reference(se, reference), share),
)  # fmt: skip
def weighted_mean_difference_from_reference(rate: Array, share: Array, reference: int) -> Array:
    """Average of the segments' distances from a segment that a person names, by population.

    Notes
    -----
    ``Σ w |y − y_ref|``. How far the average person's segment is from the reference.

    Examples
    --------
    >>> weighted_mean_difference_from_reference(np.array([0.5, 0.25]), np.array([0.5, 0.5]), 0)
    np.float64(0.125)

    """
    return average(magnitude(rate - pick(rate, reference)), share)


@measure(
    code="mdg", scale="absolute", value_at_equality=0, source=_OURS, bounds=_FROM_ZERO,
    slope=_slope_below_goal,
    expected=lambda mean, se, share, goal, direction: average(
        _noise_below_goal(mean, se, goal, direction), share
    ),
)  # fmt: skip
def mean_shortfall(rate: Array, share: Array, goal: float, direction: str) -> Array:
    """Shortfall to the universal goal, per head of the population.

    Notes
    -----
    ``Σ w max(0, s(G − y))``. Segments past the goal count with 0: their surplus offsets nothing.
    For proportions, population × this is the people needed, before rounding up. 0 where every
    segment meets the goal, and only there: equal segments short of it are still short.

    Examples
    --------
    >>> mean_shortfall(np.array([0.5, 1.0]), np.array([0.25, 0.75]), 0.75, "at least")
    np.float64(0.0625)

    """
    return average(_shortfall(rate, goal, direction), share)


@measure(
    code="mdgu", scale="absolute", value_at_equality=0, source=_OURS, bounds=_FROM_ZERO,
    slope=_slope_below_goal_plain,
    expected=lambda mean, se, goal, direction: _noise_below_goal(mean, se, goal, direction).mean(
        axis=0
    ),
)  # fmt: skip
def unweighted_mean_shortfall(rate: Array, goal: float, direction: str) -> Array:
    """Plain average of the segments' shortfalls to the universal goal.

    Notes
    -----
    ``(1/k) Σ max(0, s(G − y))``. Every segment counts alike, small or large.

    Examples
    --------
    >>> unweighted_mean_shortfall(np.array([0.5, 1.0]), 0.75, "at least")
    np.float64(0.125)

    """
    return np.asarray(_shortfall(rate, goal, direction).mean(axis=0))


@measure(
    code="idisu", scale="relative", value_at_equality=0, source=WHO, weighted=False,
    bounds=_FROM_ZERO, slope=_slope_relative,
    expected=lambda mean, share, se: over(_noise_about_mean(share, se), mean),
)  # fmt: skip
def index_of_disparity(rate: Array, share: Array, mean: Array | None = None) -> Array:
    """WHO's index of disparity: average distance from the overall rate, as a part of it.

    Notes
    -----
    ``(1/k) Σ |y − μ| / μ``. Healthy People's index of disparity is another one: it looks from the
    best segment (``hp_index_of_disparity``).

    Examples
    --------
    >>> index_of_disparity(np.array([0.5, 0.25]), np.array([0.5, 0.5])).round(4)
    np.float64(0.3333)

    """
    middle = overall(rate, share, mean)
    return over(_distance(rate, share, mean).mean(axis=0), middle)


@measure(
    code="idisw", scale="relative", value_at_equality=0, source=WHO, bounds=_FROM_ZERO,
    slope=_slope_relative_weighted,
    expected=lambda mean, share, se: over(_noise_about_mean_weighted(share, se), mean),
)  # fmt: skip
def weighted_index_of_disparity(rate: Array, share: Array) -> Array:
    """WHO's index of disparity, weighted by population.

    Notes
    -----
    ``Σ w |y − μ| / μ``. Half of it is the part of the outcome that would have to move between
    segments for all to be equal.

    Examples
    --------
    >>> weighted_index_of_disparity(np.array([0.5, 0.25]), np.array([0.5, 0.5])).round(4)
    np.float64(0.3333)

    """
    return over(average(_distance(rate, share), share), average(rate, share))


@shared
def _distance(rate: Array, share: Array, mean: Array | None = None) -> Array:
    return magnitude(apart(rate, share) if mean is None else rate - np.asarray(mean))


@shared
def _shortfall(rate: Array, goal: float, direction: str) -> Array:
    gap = goal - rate if sign_of(direction) > 0 else rate - goal
    if np.iscomplexobj(gap):
        return np.asarray(np.where(gap.real < 0, 0.0, gap))
    return np.asarray(np.maximum(gap, 0.0))
