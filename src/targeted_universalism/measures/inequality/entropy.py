"""Entropies and their kin: how far shares of the outcome are from shares of the population."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    average,
    logarithm,
    magnitude,
    over,
    over_mean,
    relative,
    shared,
    times_log,
    weighted_sum,
)
from targeted_universalism.measures.inequality.noise import (
    absolute,
    entropy,
    entropy_squared,
    squared_cv,
)
from targeted_universalism.measures.inequality.pairs import error_of_pairs
from targeted_universalism.measures.inequality.register import INFINITY, finite, measure

__all__ = [
    "atkinson",
    "generalized_entropy",
    "gini",
    "mean_log_deviation",
    "renyi",
    "theil",
    "theil_by_place",
]

_PAIRS = 16
_FROM_ZERO = (0.0, INFINITY)
_SHORROCKS = "After Shorrocks (1980), on measures that split into parts."


def _slope_of_theil(rate: FloatArray, share: FloatArray) -> FloatArray:
    logs = logarithm(relative(rate, share))
    return over(share * (logs - theil_of(rate, share)), average(rate, share))


def _slope_of_mld(rate: FloatArray, share: FloatArray) -> FloatArray:
    return np.asarray(over(share, average(rate, share)) - share / rate)


def _slope_of_entropy(rate: FloatArray, share: FloatArray, alpha: float) -> FloatArray:
    powers = relative(rate, share) ** (alpha - 1)
    total = _sum_of_powers(rate, share, alpha)
    return over(share * (powers - total), average(rate, share)) / (alpha - 1)


def _slope_of_renyi(rate: FloatArray, share: FloatArray, alpha: float) -> FloatArray:
    return over(_slope_of_entropy(rate, share, alpha), _sum_of_powers(rate, share, alpha))


def _slope_of_atkinson(rate: FloatArray, share: FloatArray, epsilon: float) -> FloatArray:
    level = 1 - atkinson_of(rate, share, epsilon)
    if epsilon == 1:
        away = over(share, rate) - over(share, average(rate, share))
        return np.asarray(-level * away)
    powers, total = relative(rate, share) ** -epsilon, _sum_of_powers(rate, share, 1 - epsilon)
    return -level * share * over(over(powers, total) - 1, average(rate, share))


def _slope_of_gini(rate: FloatArray, share: FloatArray) -> FloatArray:
    order = np.argsort(rate, axis=0, kind="stable")
    before = np.empty(rate.shape)
    sorted_share = np.take_along_axis(share, order, axis=0)
    np.put_along_axis(before, order, sorted_share.cumsum(axis=0) - sorted_share / 2, axis=0)
    slope = share * (2 * before - 1)
    value = over(average(rate, slope), average(rate, share))
    return over_mean(slope, value, rate, share)


def _noise_of_theil(
    mean: FloatArray, share: FloatArray, se: FloatArray, skew: FloatArray
) -> FloatArray:
    return entropy(1.0, share, over(se, mean), skew)


def _noise_of_mld(
    mean: FloatArray, share: FloatArray, se: FloatArray, skew: FloatArray
) -> FloatArray:
    return entropy(0.0, share, over(se, mean), skew)


def _noise_of_entropy(
    mean: FloatArray, share: FloatArray, se: FloatArray, skew: FloatArray, alpha: float
) -> FloatArray:
    return entropy(alpha, share, over(se, mean), skew)


def _noise_of_renyi(
    mean: FloatArray, share: FloatArray, se: FloatArray, skew: FloatArray, alpha: float
) -> FloatArray:
    """ln(1 + ug)/u, u = α(α − 1), to second order in the entropy g."""
    part = over(se, mean)
    square = entropy_squared(alpha, share, part, skew)
    return entropy(alpha, share, part, skew) - alpha * (alpha - 1) / 2 * square


def _noise_of_atkinson(
    mean: FloatArray, share: FloatArray, se: FloatArray, skew: FloatArray, epsilon: float
) -> FloatArray:
    """1 − (1 + ε(ε − 1)g)^(1/(1 − ε)), to second order in the entropy g of order 1 − ε."""
    part = over(se, mean)
    square = entropy_squared(1 - epsilon, share, part, skew)
    return epsilon * entropy(1 - epsilon, share, part, skew) - epsilon**3 / 2 * square


def _noise_of_pairs(mean: FloatArray, share: FloatArray, se: FloatArray) -> FloatArray:
    return over(absolute(error_of_pairs(se**2, share)), mean)


def atkinson_of(rate: Array, share: Array, epsilon: float) -> Array:
    """Compute Atkinson's index, for itself and its derivative."""
    part = relative(rate, share)
    none = (part.real == 0).any(axis=0)
    power = 1 - epsilon
    if power == 0:
        level = np.exp(average(logarithm(part), share))
    else:
        level = _sum_of_powers(rate, share, power) ** (1 / power)
    return np.where(none & (power <= 0), 1.0, 1 - level)


@shared
def theil_of(rate: Array, share: Array) -> Array:
    """Compute Theil's index, once for itself and its derivative."""
    return weighted_sum(times_log(relative(rate, share)), share)


@measure(
    code="ti", scale="relative", value_at_equality=0, bounds=_FROM_ZERO,
    source="After Theil (1967), as in Schlotheuber and Hosseinpoor (2022), IJERPH 19(6), 3697.",
    expected=_noise_of_theil, slope=_slope_of_theil,
)  # fmt: skip
def theil(rate: Array, share: Array) -> Array:
    """Theil's index: how far shares of the outcome are from shares of the population.

    Notes
    -----
    ``Σ w r ln r``, r = y/μ. A segment with a rate of 0 contributes 0. WHO publishes 1,000 times
    this. It splits exactly into parts between and within groups: ``theil_by_place``.

    Examples
    --------
    >>> theil(np.array([1.0, 3.0]), np.array([0.25, 0.75])).round(6)
    np.float64(0.07246)

    """
    return theil_of(rate, share)


@measure(
    code="mld", scale="relative", value_at_equality=0, bounds=_FROM_ZERO,
    source="Schlotheuber and Hosseinpoor (2022), IJERPH 19(6), 3697.", expected=_noise_of_mld,
    slope=_slope_of_mld,
)  # fmt: skip
def mean_log_deviation(rate: Array, share: Array) -> Array:
    """Mean log deviation: the average person's log distance from the overall rate.

    Notes
    -----
    ``−Σ w ln r``, r = y/μ. Low rates weigh more than in Theil's index; undefined where a rate is 0.
    WHO publishes 1,000 times this.

    Examples
    --------
    >>> mean_log_deviation(np.array([1.0, 3.0]), np.array([0.25, 0.75])).round(6)
    np.float64(0.092332)

    """
    return -average(logarithm(relative(rate, share)), share)


@measure(
    code="ge", scale="relative", value_at_equality=0, bounds=_FROM_ZERO, source=_SHORROCKS,
    expected=_noise_of_entropy, slope=_slope_of_entropy,
)  # fmt: skip
def generalized_entropy(rate: Array, share: Array, alpha: float) -> Array:
    """Generalized entropy of order α.

    Notes
    -----
    ``(Σ w r^α − 1) / (α(α − 1))``, r = y/μ. Near 0 it is the mean log deviation, near 1 Theil's
    index; at 2 half the squared coefficient of variation. The higher α, the more high rates weigh.

    Examples
    --------
    >>> generalized_entropy(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 2.0)
    np.float64(0.125)

    """
    return _sum_of_powers(rate, share, alpha, minus=1) / (alpha * (alpha - 1))


@measure(
    code="renyi", scale="relative", value_at_equality=0, bounds=_FROM_ZERO,
    source="Talih (2015), A Rényi index of disparity: by its abstract.", expected=_noise_of_renyi,
    slope=_slope_of_renyi,
)  # fmt: skip
def renyi(rate: Array, share: Array, alpha: float) -> Array:
    """Rényi's index of order α.

    Notes
    -----
    ``ln(Σ w r^α) / (α(α − 1))``, r = y/μ. Orders segments as generalized entropy of the same α
    does, on a scale that is less driven by single segments.

    Examples
    --------
    >>> renyi(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 2.0).round(6)
    np.float64(0.111572)

    """
    return np.log(_sum_of_powers(rate, share, alpha)) / (alpha * (alpha - 1))


@measure(
    code="atkinson", scale="relative", value_at_equality=0, bounds=(0, 1),
    source="After Atkinson (1970), on the measurement of inequality.",
    expected=_noise_of_atkinson, slope=_slope_of_atkinson,
)  # fmt: skip
def atkinson(rate: Array, share: Array, epsilon: float) -> Array:
    """Atkinson's index: the part of the outcome that equality could do without.

    Notes
    -----
    ``1 − (Σ w r^(1−ε))^(1/(1−ε))``, r = y/μ; for ε = 1, ``1 − Π r^w``. 0.1 means that nine tenths
    of the outcome, shared equally, would be as good. With ε of 1 or more, a rate of 0 gives 1. For
    outcomes of which more is better.

    Examples
    --------
    >>> atkinson(np.arange(1.0, 6.0), np.full(5, 0.2), 1.0).round(6)
    np.float64(0.13161)

    """
    return atkinson_of(rate, share, epsilon)


@measure(
    code="gini", scale="relative", value_at_equality=0, bounds=(0, 1),
    source="After Gini (1912), between groups.", expected=_noise_of_pairs,
    slope=_slope_of_gini,
)  # fmt: skip
def gini(rate: Array, share: Array) -> Array:
    """Gini's index between segments: half the average difference of two people, relative to μ.

    Notes
    -----
    ``Σ Σ w_i w_j |y_i − y_j| / (2μ)``. Two people are drawn, and have their segments' rates: what
    differs within segments is not in it.

    Examples
    --------
    >>> gini(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    np.float64(0.25)

    """
    if len(rate) <= _PAIRS:
        return over(_apart_in_pairs(rate, share), average(rate, share))
    order = np.argsort(rate.real, axis=0, kind="stable")
    weight = np.broadcast_to(share, rate.shape)
    y, w = (np.take_along_axis(v, order, axis=0) for v in (rate, weight))
    place = w.cumsum(axis=0) - w / 2
    return over(average(y * (2 * place - w.sum(axis=0)), w), average(rate, share))


def _apart_in_pairs(rate: Array, share: Array) -> Array:
    """Sum w_i w_j |y_i − y_j| over pairs, which of few segments takes less than sorting them."""
    total = np.zeros(rate.shape[1:], dtype=rate.dtype)
    for i in range(1, len(rate)):
        total += share[i] * weighted_sum(magnitude(rate[i] - rate[:i]), share[:i])
    return total


def _sum_of_powers(rate: Array, share: Array, alpha: float, minus: float = 0) -> Array:
    """Compute Σ w r^α − `minus`: a rate of 0 adds nothing where α is above 0."""
    part = relative(rate, share)
    usable = np.where(part.real == 0, 0 if alpha > 0 else np.nan, part)
    return average(usable**alpha, share) - minus


class TheilSplit(NamedTuple):
    """Theil's index in two parts that add up to the whole."""

    between: FloatArray
    within: FloatArray


def theil_by_place(rate: FloatArray, share: FloatArray) -> TheilSplit:
    """Split Theil's index between places and within them.

    Parameters
    ----------
    rate : (k, places, ...) array
        Rate of each segment in each place.
    share : (k, places, ...) array
        Share of the whole population, summing to 1 over segments and places.

    Returns
    -------
    between, within : (...) arrays
        Plain numbers; between + within is Theil's index of all segments in all places.

    Notes
    -----
    ``Σ_b s_b ln(s_b/w_b) + Σ_b s_b T_b``, w_b and s_b a place's shares of population and outcome,
    T_b Theil's index within it. Of rates of groups: what differs between the people of one segment
    in one place is in neither part. After Theil (1967) and Shorrocks (1980).

    Examples
    --------
    >>> rate = np.array([[1.0, 3.0], [1.0, 3.0]])
    >>> split = theil_by_place(rate, np.full((2, 2), 0.25))
    >>> print(split.between.round(6), split.within.round(6))
    0.130812 0.0

    """
    with np.errstate(all="ignore"):
        people = share.sum(axis=0)
        inside = share / np.where(people > 0, people, np.nan)
        place_rate = np.nan_to_num(average(rate, inside))
        outcome = over(place_rate * people, average(place_rate, people))
        between = average(times_log(relative(place_rate, people)), people)
        within = average(times_log(relative(rate, inside)), inside)
        parts = np.where(outcome > 0, outcome * within, 0.0).sum(axis=0)
        unknown = np.isnan(between) | (np.isnan(rate) & (share > 0)).any(axis=(0, 1))
        return TheilSplit(*(finite(np.where(unknown, np.nan, part)) for part in (between, parts)))


def theil_by_place_error(rate: FloatArray, share: FloatArray, se: FloatArray) -> TheilSplit:
    """Propagate standard errors to the two parts of :func:`theil_by_place`, by first derivatives.

    Parameters
    ----------
    rate, share, se : (k, places, ...) array
        As there, with the standard errors of the rates.

    Returns
    -------
    between, within : (...) arrays
        Standard errors; missing where a rate is 0.

    Notes
    -----
    ``∂T_between/∂y = (w/μ)(ln(μ_b/μ) − T_between)`` and
    ``∂T_within/∂y = (w/μ)(ln(y/μ_b) − T_within)``, μ_b the rate of the place.
    """
    with np.errstate(all="ignore"):
        split, people = theil_by_place(rate, share), share.sum(axis=0)
        place = average(rate, share) / people
        mean = (rate * share).sum(axis=(0, 1))
        weight = share * se / mean
        parts = (
            weight * (np.log(place / mean) - split.between),
            weight * (np.log(rate / place) - split.within),
        )
        errors = (np.sqrt((np.where(share > 0, p, 0.0) ** 2).sum(axis=(0, 1))) for p in parts)
        return TheilSplit(*map(finite, errors))


def theil_by_place_if_equal(share: FloatArray, se: FloatArray, mean: FloatArray) -> TheilSplit:
    """Average both parts over what noise alone makes of equal segments in equal places.

    ``½ Σ W(1 − W)se_b²/μ²`` between places, and what is left of ``½ Σ w(1 − w)se²/μ²`` within.
    """
    people, known = share.sum(axis=0), np.where(share > 0, se, 0.0)
    with np.errstate(all="ignore"):
        place = np.sqrt(((share * known) ** 2).sum(axis=0)) / people
        between = squared_cv(people, np.where(people > 0, place, 0.0), mean) / 2
        whole = (share * (1 - share) * known**2).sum(axis=(0, 1)) / mean**2 / 2
    return TheilSplit(finite(between), finite(whole - between))
