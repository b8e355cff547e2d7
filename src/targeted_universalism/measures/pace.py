"""How fast a rate moves, and how fast it would have to: one register of paces (METHODS 8.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from scipy import special

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.entry import Entry, by_name, entry_of
from targeted_universalism.measures.goal import sign_of

__all__ = ["acceleration", "pace_between", "rate_on_path"]

_Turn: TypeAlias = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pace(Entry):
    """One way in which a rate may move over time: in a straight line on a scale of its own.

    Parameters
    ----------
    judge : callable
        Takes rates, per member of the population, to the scale: not finite where it cannot.
    back : callable
        Takes them back.
    slope : callable
        The slope of the scale at a rate, by which standard errors are taken there.
    unit : str
        What a pace of this kind is given in.
    shown : callable
        Turns a slope on the scale, a year, into that unit; rates a year are still per member.
    """

    back: _Turn
    slope: _Turn
    unit: str
    shown: _Turn


def _quietly(turn: _Turn) -> _Turn:
    """Give what a scale does not have as infinite or missing, without a warning."""

    def turned(rate: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(turn(np.asarray(rate, dtype=np.float64)))

    return turned


def _identity(rate: FloatArray) -> FloatArray:
    return np.asarray(rate, dtype=np.float64)


def _slope_of_logit(rate: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (rate * (1.0 - rate)))


PACES = MappingProxyType(
    by_name(
        Pace(
            name="linear",
            says="the same change every year",
            source="METHODS 8.3",
            judge=_identity,
            back=_identity,
            slope=np.ones_like,
            unit="in units of the goal a year",
            shown=_identity,
        ),
        Pace(
            name="geometric",
            says="the same relative change every year, as in average annual rates of reduction",
            source="UNICEF Technical Note 185 (2007)",
            judge=_quietly(np.log),
            back=np.exp,
            slope=_quietly(np.reciprocal),
            unit="relative change a year: −0.05 is 5 % fewer every year",
            shown=np.expm1,
        ),
        Pace(
            name="log-odds",
            says="the same change of the log-odds every year, which slows down near 0 and 1",
            source="METHODS 8.3; the logistic trend of a proportion",
            judge=_quietly(special.logit),
            back=special.expit,
            slope=_quietly(_slope_of_logit),
            unit="change of the log-odds a year",
            shown=_identity,
        ),
    )
)

# The pace that is used where none is named.
PACE_OF_KIND = MappingProxyType(
    {"proportion": "log-odds", "rate": "geometric", "standardized": "geometric", "mean": "linear"}
)


def pace_between(
    start: FloatArray, end: FloatArray, years: FloatArray, *, pace: str = "linear"
) -> FloatArray:
    """Give the pace that leads from one rate to another in some years.

    Parameters
    ----------
    start, end : array
        Rates per member of the population.
    years : array
        Years between them, above 0.
    pace : {"linear", "geometric", "log-odds"}
        The kind of pace.

    Returns
    -------
    array
        In the unit of the pace: change a year, relative change a year, or change of the log-odds
        a year; NaN where the scale has no such rate, or no time is left.

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> tu.measures.pace_between(0.20, 0.10, 5, pace="linear").round(3)
    np.float64(-0.02)
    >>> tu.measures.pace_between(100, 50, 10, pace="geometric").round(4)
    np.float64(-0.067)

    """
    kind = entry_of(PACES, pace, "pace")
    years = np.asarray(years, dtype=np.float64)
    with np.errstate(all="ignore"):
        slope = (kind.judge(np.asarray(end, float)) - kind.judge(np.asarray(start, float))) / years
        found = kind.shown(slope)
    return np.where(np.isfinite(slope) & (years > 0), found, np.nan)[()]


def rate_on_path(
    start: FloatArray, end: FloatArray, part: FloatArray, *, pace: str = "linear"
) -> FloatArray:
    """Give the rate that has been reached after a part of the way from one rate to another.

    Parameters
    ----------
    start, end : array
        Rates per member of the population.
    part : array
        Part of the time that has passed, 0 to 1; at 1 the end is given exactly.
    pace : {"linear", "geometric", "log-odds"}
        The kind of pace.

    Returns
    -------
    array
        Rates; NaN where the scale has no such rate.

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> tu.measures.rate_on_path(0.20, 0.05, 0.5, pace="geometric").round(3)
    np.float64(0.1)

    """
    kind = entry_of(PACES, pace, "pace")
    start, end, part = (np.asarray(v, dtype=np.float64) for v in (start, end, part))
    with np.errstate(invalid="ignore"):
        on_scale = kind.judge(start) * (1 - part) + kind.judge(end) * part
        found = np.where(np.isfinite(on_scale), kind.back(on_scale), np.nan)
    known = ~np.isnan(found)
    return np.where(known & (part == 1), end, np.where(known & (part == 0), start, found))[()]


def acceleration(needed_pace: FloatArray, pace_so_far: FloatArray, *, direction: str) -> FloatArray:
    """Give how many times as fast as so far a rate would have to move.

    Parameters
    ----------
    needed_pace, pace_so_far : array
        Paces in one unit.
    direction : {"at least", "at most"}
        Whether more or less of the outcome is wanted.

    Returns
    -------
    array
        Needed over so far; NaN where the pace so far leads nowhere or away from the goal: a
        negative multiple would mean nothing.

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> tu.measures.acceleration([-0.06, -0.06], [-0.03, 0.01], direction="at most")
    array([ 2., nan])

    """
    needed, so_far = (np.asarray(v, dtype=np.float64) for v in (needed_pace, pace_so_far))
    with np.errstate(all="ignore"):
        return np.where(sign_of(direction) * so_far > 0, needed / so_far, np.nan)[()]
