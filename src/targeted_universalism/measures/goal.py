"""Distance of each segment to the universal goal: every formula once, with the sign s."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray
from targeted_universalism.errors import check_one_of

__all__ = ["gap", "gap_limits", "ratio_to_goal", "status"]

DIRECTIONS = {"at least": 1, "at most": -1}


class Status(IntEnum):
    """Where a segment stands, as a small integer; the table shows the words."""

    MET = 0
    SHORT = 1
    UNCERTAIN = 2
    NO_DATA = 3
    SUPPRESSED = 4


STATUS_WORDS = ("met", "short", "uncertain", "no data", "suppressed")


def sign_of(direction: str) -> int:
    """Return +1 when at least the goal is wanted, −1 when at most."""
    check_one_of("direction", direction, DIRECTIONS)
    return DIRECTIONS[direction]


def gap(rate: FloatArray, goal: float | FloatArray, *, direction: str) -> FloatArray:
    """Distance still to go: positive is short of the goal, negative is past it.

    Parameters
    ----------
    rate : (k, ...) array
        Segment rates, in the outcome's unit.
    goal : float or array that broadcasts
        The universal goal, in the same unit.
    direction : {"at least", "at most"}
        Which side of the goal is wanted.

    Returns
    -------
    (k, ...) array
        s·(goal − rate), in the outcome's unit.

    Notes
    -----
    powell, Menendian & Ake (2019): distance is measured to the universal goal, not between groups.

    Examples
    --------
    >>> gap(np.array([3.5, 1.25]), 3.0, direction="at most")
    array([ 0.5 , -1.75])

    """
    return np.asarray(sign_of(direction) * (goal - rate), dtype=np.float64)


def gap_limits(
    low: FloatArray, high: FloatArray, goal: float | FloatArray, *, direction: str
) -> tuple[FloatArray, FloatArray]:
    """Interval of the gap: the interval of the rate, shifted by the goal (which has no error).

    Examples
    --------
    >>> low, high = gap_limits(np.array([0.25]), np.array([0.5]), 0.75, direction="at least")
    >>> print(low, high)
    [0.25] [0.5]

    """
    ends = (gap(low, goal, direction=direction), gap(high, goal, direction=direction))
    return (ends[1], ends[0]) if sign_of(direction) > 0 else ends


def ratio_to_goal(rate: FloatArray, goal: float | FloatArray) -> FloatArray:
    """Rate over goal, never turned round; missing where the goal is 0.

    Examples
    --------
    >>> ratio_to_goal(np.array([0.45, 0.9]), 0.9)
    array([0.5, 1. ])

    """
    rate, target = np.broadcast_arrays(rate, np.asarray(goal, dtype=np.float64))
    ratio: FloatArray = np.full(rate.shape, np.nan)
    np.divide(rate, target, out=ratio, where=target != 0)
    return ratio


def status(
    low: FloatArray,
    high: FloatArray,
    goal: float | FloatArray,
    *,
    direction: str,
    gap: FloatArray | None = None,
) -> ByteArray:
    """Tell where each segment stands: met, short or uncertain (0, 1, 2), by its interval.

    Parameters
    ----------
    low, high : (k, ...) array
        Limits of the rate's interval; missing limits are uncertain.
    goal : float or array that broadcasts
        The universal goal, in the same unit.
    direction : {"at least", "at most"}
        Which side of the goal is wanted.
    gap : (k, ...) array, optional
        If given, the point decides instead: met where the gap is 0 or less.

    Returns
    -------
    (k, ...) array of uint8
        Values of ``Status``.

    Examples
    --------
    >>> low, high = np.array([0.91, 0.7, 0.85]), np.array([0.95, 0.8, 0.93])
    >>> status(low, high, 0.9, direction="at least").tolist()
    [0, 1, 2]

    """
    if gap is not None:
        return np.where(gap > 0, Status.SHORT, Status.MET).astype(np.uint8)
    at_least = sign_of(direction) > 0
    met: BoolArray = low >= goal if at_least else high <= goal
    short: BoolArray = high < goal if at_least else low > goal
    code = np.where(met, Status.MET, np.where(short, Status.SHORT, Status.UNCERTAIN))
    return code.astype(np.uint8)
