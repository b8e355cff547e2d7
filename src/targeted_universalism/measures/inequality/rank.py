"""Concentration indices: whether the outcome lies with the advantaged or the disadvantaged."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    apart,
    average,
    over,
    over_mean,
    shared,
    weighted_sum,
)
from targeted_universalism.measures.inequality.register import measure

__all__ = [
    "absolute_concentration_index",
    "erreygers_index",
    "relative_concentration_index",
    "wagstaff_index",
]

_WORLD_BANK = "After Kakwani, Wagstaff and van Doorslaer (1997), as in WHO's healthequal."


def _slope(rate: FloatArray, share: FloatArray, rank: FloatArray) -> FloatArray:
    return np.asarray(2 * share * apart(rank, share)) + 0 * rate


def _slope_relative(rate: FloatArray, share: FloatArray, rank: FloatArray) -> FloatArray:
    value = over(_concentration(rate, share, rank), average(rate, share))
    return over_mean(_slope(rate, share, rank), value, rate, share)


@measure(
    code="aci", scale="absolute", value_at_equality=0, source=_WORLD_BANK, ordered=True,
    slope=_slope,
)  # fmt: skip
def absolute_concentration_index(rate: Array, share: Array, rank: Array) -> Array:
    """Absolute concentration index: how much of the rate goes with a higher place in the order.

    Notes
    -----
    ``2 Σ w y R − μ``, R the mid-rank. Above 0 where the outcome lies with the advantaged, below 0
    where with the disadvantaged, whether the outcome is wanted or not.

    Examples
    --------
    >>> absolute_concentration_index(
    ...     np.array([0.5, 0.75]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(0.0625)

    """
    return _concentration(rate, share, rank)


@measure(
    code="rci", scale="relative", value_at_equality=0, source=_WORLD_BANK, ordered=True,
    slope=_slope_relative,
)  # fmt: skip
def relative_concentration_index(rate: Array, share: Array, rank: Array) -> Array:
    """Relative concentration index: the absolute one as a part of the overall rate.

    Notes
    -----
    ``(2 Σ w y R − μ) / μ``. Between −1 and 1; reads like Gini's index with the order of segments in
    place of that of rates.

    Examples
    --------
    >>> relative_concentration_index(
    ...     np.array([0.5, 0.75]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(0.1)

    """
    return over(_concentration(rate, share, rank), average(rate, share))


@measure(
    code="wagstaff", scale="relative", value_at_equality=0, ordered=True, kinds=("proportion",),
    mirrors=True,
    source="After Wagstaff (2005), on the bounds of the concentration index.",
)  # fmt: skip
def wagstaff_index(rate: Array, share: Array, rank: Array) -> Array:
    """Concentration index of a proportion, in parts of the most it could be.

    Notes
    -----
    ``(2 Σ w y R − μ) / (μ(1 − μ))``, for rates between 0 and 1. Of the same size, with the sign
    turned, for those with the outcome and those without it.

    Examples
    --------
    >>> wagstaff_index(
    ...     np.array([0.25, 0.75]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(0.5)

    """
    middle = average(rate, share)
    return over(_concentration(rate, share, rank), middle * (1 - middle))


@measure(
    code="erreygers", scale="absolute", value_at_equality=0, ordered=True, degree=0,
    kinds=("proportion",), slope=lambda rate, share, rank: 4 * _slope(rate, share, rank),
    source="After Erreygers (2009), Correcting the concentration index.",
)  # fmt: skip
def erreygers_index(rate: Array, share: Array, rank: Array) -> Array:
    """Concentration index of a proportion that measures absolute differences, between −1 and 1.

    Notes
    -----
    ``4 (2 Σ w y R − μ)``, for rates between 0 and 1. Of the same size, with the sign turned, for
    those with the outcome and those without it.

    Examples
    --------
    >>> erreygers_index(
    ...     np.array([0.25, 0.75]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    ... ).round(6)
    np.float64(0.5)

    """
    return 4 * _concentration(rate, share, rank)


@shared
def _concentration(rate: Array, share: Array, rank: Array) -> Array:
    """Twice the covariance of rate and rank: 0 at equality without loss of digits."""
    return np.asarray(2 * weighted_sum(apart(rate, share) * rank, share))
