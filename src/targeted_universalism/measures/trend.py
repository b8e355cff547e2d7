"""Straight lines over time on the scale of a pace (METHODS 8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.measures.entry import entry_of
from targeted_universalism.measures.pace import PACE_OF_KIND, PACES, Pace

__all__ = ["annual_change"]

# How much of each step of scoring is taken. On the scale that is natural to a kind of count four
# whole ones lead to where the line moves no more, but where years without events drive it on; on
# another whole steps may go back and forth without end, and halved ones do not.
_NATURAL = (1.0,) * 4
_HALVED = (1.0, 0.5) * 8 + (0.5,) * 16
_ROUNDING = 1e-12  # relative: numbers that are nearer to each other are one
_NO_SLOPE = 1e-9  # relative to what points scatter: what is left by rounding or by scoring


@dataclass(frozen=True, eq=False)
class Trend:
    """Straight lines through the points of many series; arrays of one shape, that of the series.

    Parameters
    ----------
    points : array
        How many points each line goes through.
    at : array
        The time at which `value` is the line's.
    value, slope : array
        The line's value at that time and its change a year, on the scale; missing for fewer than
        two points.
    value_variance, slope_variance, covariance : array
        Their variances as the variances of the points say; of points without any, in units of the
        variance of one point.
    scatter : array
        Weighted residual sum of squares over its `df`, more of sparse counts as :func:`fitted`
        says: around 1 where nothing but the known variances moves the points; missing for two.
    known : array of bool
        Where the variances of the points are known.
    """

    points: FloatArray
    at: FloatArray
    value: FloatArray
    slope: FloatArray
    value_variance: FloatArray
    slope_variance: FloatArray
    covariance: FloatArray
    scatter: FloatArray
    known: BoolArray

    @property
    def df(self) -> FloatArray:
        """Degrees of freedom of the scatter: points − 2."""
        return self.points - 2.0

    def ahead(self, when: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give the lines at other times, any shape that fits, and their variances there."""
        years = when - self.at
        variance = self.value_variance + 2.0 * years * self.covariance
        return self.value + years * self.slope, variance + years**2 * self.slope_variance


class Points(NamedTuple):
    """Points of many series on the scale of a pace, arrays shaped (levels, ...).

    Parameters
    ----------
    value, variance : array
        Where they lie, and how surely.
    lean : array
        How much larger the variance of a count would be where the count lies than on the line,
        as a part of it: −1 of no events where some are expected, 0 on the line and of means.
    """

    value: FloatArray
    variance: FloatArray
    lean: FloatArray


def fitted(
    when: FloatArray,
    value: FloatArray,
    variance: FloatArray,
    at: FloatArray,
    lean: FloatArray | None = None,
) -> Trend:
    """Fit a straight line to every series, by weighted least squares.

    Parameters
    ----------
    when : (levels,) array
        Times, in years.
    value : (levels, ...) array
        Points on the scale of a pace; NaN where there is none.
    variance : (levels, ...) array
        Their variances. A series with a point whose variance is not known is not weighted.
    at : (...) array
        The time at which the line's value is wanted.
    lean : (levels, ...) array, optional
        That of :class:`Points`, of counts.

    Returns
    -------
    Trend

    Notes
    -----
    Residuals of a few events a year that come several at a time show too little scatter: most
    years have none, and the line leans towards the years that have. Over 1 + mean lean they show
    what there is (Fletcher, Biometrika 99, 2012, 230–237); here never less than without.

    Examples
    --------
    >>> line = fitted(np.array([0.0, 1, 2, 4]), np.array([1.0, 3, 5, 9]), np.ones(4), np.array(5.0))
    >>> print(line.value, line.slope, line.df)
    11.0 2.0 2.0

    """
    there = np.isfinite(value)
    lacking = there & ~((variance > 0) & np.isfinite(variance))
    known = np.asarray(~lacking.any(axis=0))
    weight = np.where(there, 1.0, 0.0)
    np.divide(1.0, variance, out=weight, where=there & known)
    first = _first(value, there)
    value = np.where(there, value, first)
    when = when.reshape(-1, *[1] * (value.ndim - 1))
    points, total = _sum(there.astype(np.float64)), _sum(weight)
    with np.errstate(all="ignore"):
        value = value - first  # of points that are equal the slope is exactly 0
        middle, mean = _sum(weight * when) / total, _sum(weight * value) / total
        apart, value = when - middle, value - mean
        spread = np.where(points > 1, _sum(weight * apart**2), np.nan)
        slope = _sum(weight * apart * value) / spread
        level = slope**2 * spread <= _NO_SLOPE**2 * _sum(weight * value**2)
        slope = np.where(level, 0.0, slope)
        left = _sum(weight * (value - slope * apart) ** 2)
        scatter = left / _leaning(lean, there & known, points) / (points - 2.0)
        ahead = at - middle
        return Trend(
            points=points,
            at=np.broadcast_to(np.asarray(at, dtype=np.float64), points.shape),
            value=first + mean + slope * ahead,
            slope=slope,
            value_variance=1.0 / total + ahead**2 / spread,
            slope_variance=1.0 / spread,
            covariance=ahead / spread,
            scatter=np.where(points > 2, scatter, np.nan),
            known=known,
        )


def _leaning(lean: FloatArray | None, there: BoolArray, points: FloatArray) -> FloatArray | float:
    """Give the part of the scatter of each series that its residuals show, at most 1."""
    if lean is None:
        return 1.0
    return np.minimum(1.0 + _sum(np.where(there, lean, 0.0)) / points, 1.0)


def _first(values: FloatArray, there: BoolArray) -> FloatArray:
    """Give the first value of every series that is there; 0 where none is."""
    place = np.argmax(there, axis=0)[None]
    found = np.take_along_axis(values, place, axis=0)[0]
    return np.where(there.any(axis=0), found, 0.0)


def _sum(values: FloatArray) -> FloatArray:
    """Add along time in the order of time, so that no series depends on those beside it."""
    return np.asarray(reduce(np.add, values))


def on_scale(
    when: FloatArray,
    *,
    pace: str,
    kind: str,
    rate: FloatArray,
    se: FloatArray,
    events: FloatArray,
    size: FloatArray,
) -> Points:
    """Put rates on the scale of a pace, each with its variance.

    Parameters
    ----------
    when : (levels,) array
        Times, in years.
    pace : {"linear", "geometric", "log-odds"}
        The kind of pace.
    kind : {"proportion", "rate", "mean", "standardized"}
        The kind of outcome.
    rate : (levels, ...) array
        Rates per member of the population; NaN where there is none.
    se : (levels, ...) array
        Their standard errors; NaN where unknown.
    events, size : (levels, ...) array
        The counts that the rates are of, effective ones of weighted records; NaN where unknown.

    Returns
    -------
    Points
        For :func:`fitted`. Every point is missing in a series where a rate has no place on
        the scale (a rate of 0 whose counts are not known); a variance where nothing is known.

    Notes
    -----
    Counts start as rates with half an event added, so that a year without events has its place.
    A line through these gives the rates that are expected, and Fisher's scoring from there points
    and variances that do not depend on the luck of each year: their line is that of the logistic
    or log-linear model. Published estimates go the same way, by the counts that their standard
    errors amount to.
    """
    turn = entry_of(PACES, pace, "pace")
    with np.errstate(all="ignore"):
        if kind == "mean":
            points = _whole(turn.judge(rate), (turn.slope(rate) * se) ** 2, rate)
            return Points(*points, lean=np.zeros(rate.shape))
        bare, spread = turn.judge(rate), _SPREADS[kind]
        implied = spread(rate) / se**2
        size = np.where(events >= 0, size, np.where(implied > 0, implied, np.nan))
        size = np.where((size > 0) & np.isfinite(size), size, np.nan)
        start, more = _half_added(kind, rate, size)
        value, variance = turn.judge(start), turn.slope(start) ** 2 * spread(start) / (size + more)
        years = (when - when[-1]).reshape(-1, *[1] * (rate.ndim - 1))
        line = np.zeros(rate.shape)
        for part in _NATURAL if pace == PACE_OF_KIND[kind] else _HALVED:
            found = fitted(when, value, variance, when[-1])
            ahead = found.value + found.slope * years
            line = ahead if part == 1.0 else line + part * (ahead - line)
            value, variance, lean = _scored(turn, kind, rate, size, line)
    value, flat = np.where(np.isnan(value), bare, value), _flat(rate)
    points = _whole(np.where(flat, _level(value, bare), value), variance, rate)
    return Points(*points, lean=np.where(flat, 0.0, lean))


def _flat(rate: FloatArray) -> BoolArray:
    """Tell which series have one rate throughout, but for rounding."""
    there = np.isfinite(rate)
    apart = np.abs(rate - _first(rate, there)) <= _ROUNDING * np.abs(rate)
    return np.asarray((apart | ~there).all(axis=0))


def _level(value: FloatArray, bare: FloatArray) -> FloatArray:
    """Give the one point of a rate that does not change: a rate of 0 lies where its counts do."""
    there = np.isfinite(value)
    mean = _sum(np.where(there, value, 0.0)) / np.maximum(there.sum(axis=0), 1)
    first = _first(bare, there)
    return np.where(there, np.where(np.isfinite(first), first, mean), np.nan)


def _half_added(kind: str, rate: FloatArray, size: FloatArray) -> tuple[FloatArray, float]:
    """Add half an event, and to proportions half a person without it: rates, people added."""
    more = 1.0 if kind == "proportion" else 0.0
    return (rate * size + 0.5) / (size + more), more


def _scored(
    turn: Pace, kind: str, rate: FloatArray, size: FloatArray, expected: FloatArray
) -> Points:
    """Give the working points of one step of scoring from a line."""
    least = 0.5 / (size + 1.0)
    most = 1.0 - least if kind == "proportion" else np.inf
    mean = np.clip(turn.back(expected), least, most)
    slope, spread, off = turn.slope(mean), _SPREADS[kind](mean), rate - mean
    steeper = 1.0 - 2.0 * mean if kind == "proportion" else 1.0
    return Points(turn.judge(mean) + slope * off, slope**2 * spread / size, steeper * off / spread)


def _binomial(rate: FloatArray) -> FloatArray:
    return rate * (1.0 - rate)


def _poisson(rate: FloatArray) -> FloatArray:
    return rate


_SPREADS = {"proportion": _binomial, "rate": _poisson, "standardized": _poisson}


def _whole(
    value: FloatArray, variance: FloatArray, rate: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Leave no point of a series where one has no place: without its zeros it would be another."""
    lost = (np.isfinite(rate) & ~np.isfinite(value)).any(axis=0)
    usable = np.isfinite(variance) & (variance > 0)
    there = np.isfinite(value) & ~lost
    return np.where(there, value, np.nan), np.where(there & usable, variance, np.nan)


def annual_change(rate: FloatArray, when: FloatArray) -> FloatArray:
    """Relative change a year, by regression of the logarithm of rates on time.

    Parameters
    ----------
    rate : (levels, ...) array
        Rates above 0, times on the first axis; NaN where there is none.
    when : (levels,) array
        Times, in years.

    Returns
    -------
    (...) array
        e^b − 1, b being the slope: −0.05 is 5 % fewer every year. NaN where a rate is 0 or less,
        or there are fewer than two.

    Notes
    -----
    UNICEF Technical Note 185 (2007): its average annual rate of reduction (AARR) is 1 − e^b, the
    same with the other sign.

    Examples
    --------
    >>> annual_change(np.array([100.0, 90.0, 81.0]), np.array([2000.0, 2001.0, 2002.0])).round(4)
    np.float64(-0.1)

    """
    missing = np.full(rate.shape, np.nan)
    value, _ = _whole(PACES["geometric"].judge(rate), missing, rate)
    return np.asarray(np.expm1(fitted(when, value, missing, when[-1]).slope))[()]
