"""Margins of error of sums, shares and ratios of survey estimates: arrays in, arrays out.

The approximations that the US Census Bureau gives users of the American Community Survey
(Understanding and Using American Community Survey Data, 2018, chapter 8): they take estimates as
independent, which parts of one table are not quite.
"""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray


def margin_of_sum(estimate: FloatArray, moe: FloatArray, codes: IntArray, size: int) -> FloatArray:
    """Root of the sum of squares; of several estimates of 0 the largest margin counts once.

    Parameters
    ----------
    estimate, moe : (n,) array
        Estimates and their margins; a sum of which any margin is missing has none.
    codes : (n,) array of int
        Which sum each belongs to, from 0 to `size` - 1.
    size : int
        How many sums there are.

    Returns
    -------
    (size,) array
        Margins at the level of those that came in.

    Notes
    -----
    Each estimate of 0 has the margin of a model, and adding these up overstates the sum's: US
    Census Bureau, Calculating Margins of Error the ACS Way (2016).

    Examples
    --------
    >>> count, moe = np.array([135173.0, 43104, 24842]), np.array([3860.0, 2642, 1957])
    >>> margin_of_sum(count, moe, np.zeros(3, dtype=int), 1).round()
    array([5070.])

    """
    zero = estimate == 0
    squares = np.bincount(codes, weights=np.where(zero, 0.0, moe**2), minlength=size)
    largest = np.zeros(size)
    np.maximum.at(largest, codes[zero], moe[zero])  # a missing margin stays missing
    return np.asarray(np.sqrt(squares + largest**2))


def margin_of_share(
    part: FloatArray, part_moe: FloatArray, whole: FloatArray, whole_moe: FloatArray
) -> FloatArray:
    """Margin of part / whole, where the part is of the whole.

    Parameters
    ----------
    part, part_moe, whole, whole_moe : (...) array
        Estimates and their margins, all at one level.

    Returns
    -------
    (...) array
        Of the share, from 0 to 1. Where the whole is so uncertain that a root of less than 0 would
        be taken, that of a ratio, as the Bureau advises; missing where the whole is 0.

    Examples
    --------
    >>> margin_of_share(*map(np.array, (203119.0, 5070.0, 630498.0, 831.0))).round(3)
    np.float64(0.008)

    """
    own, of_whole = _squares(part, part_moe, whole, whole_moe)
    return _root_over(whole, np.where(own < of_whole, own + of_whole, own - of_whole))


def margin_of_ratio(
    above: FloatArray, above_moe: FloatArray, below: FloatArray, below_moe: FloatArray
) -> FloatArray:
    """Margin of above / below, where neither is part of the other.

    Parameters
    ----------
    above, above_moe, below, below_moe : (...) array
        Estimates and their margins, all at one level.

    Returns
    -------
    (...) array
        Of the ratio; missing where what is below is 0.

    Examples
    --------
    >>> margin_of_ratio(*map(np.array, (203119.0, 5070.0, 226840.0, 5556.0))).round(3)
    np.float64(0.031)

    """
    own, of_below = _squares(above, above_moe, below, below_moe)
    return _root_over(below, own + of_below)


def _squares(
    above: FloatArray, above_moe: FloatArray, below: FloatArray, below_moe: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give the squared margin of what is above, and what that of what is below adds or takes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return above_moe**2, (above / below * below_moe) ** 2


def _root_over(below: FloatArray, square: FloatArray) -> FloatArray:
    """Give the root over what is below; missing where that is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, np.sqrt(square) / below, np.nan)
