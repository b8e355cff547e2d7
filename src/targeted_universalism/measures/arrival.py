"""When straight lines over time reach a goal, and how surely (METHODS 8.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.trend import Trend

LEAST_POINTS = 3  # two make a line, but say nothing of how far rates lie from it
_AT_ONCE = 2**15  # numbers drawn at a time: what a processor keeps beside it
_FOR_EVER = 1e100  # years


@dataclass(frozen=True, eq=False)
class Arrival:
    """When lines reach a goal; arrays of one shape, missing for fewer than three points.

    Parameters
    ----------
    time : array
        Where the line itself reaches the goal for good: its `at` where it is there already,
        infinite where it never will on the current trend, or leaves the goal again before the
        deadline.
    low, high : array
        Interval of that time; either may be infinite.
    probability : array
        Chance that the line is at the goal at the deadline; missing without a deadline.
    """

    time: FloatArray
    low: FloatArray
    high: FloatArray
    probability: FloatArray


def errors_to_limits(
    trend: Trend, *, confidence: float = 0.95, draws: int = 2000, seed: int = 0
) -> FloatArray:
    """Give how many standard errors away the limits of a line lie, and those of its slope.

    Parameters
    ----------
    trend : Trend
        Lines.
    confidence, draws, seed
        As in :func:`arrival`.

    Returns
    -------
    (...) array
        For the root of any variance that the trend gives; missing for fewer than three points.

    Examples
    --------
    >>> from targeted_universalism.measures.trend import fitted
    >>> when, value = np.arange(6.0), np.array([0.0, 1.1, 1.9, 3.2, 3.8, 5.1])
    >>> line = fitted(when, value, np.full(6, np.nan), when[-1])
    >>> t = 2.7764  # Student's, on four degrees of freedom
    >>> (errors_to_limits(line) / np.sqrt(line.scatter)).round(1), round(t, 1)
    (np.float64(2.8), 2.8)

    """
    shape = trend.value.shape
    lines = _Lines.of(trend, np.asarray(1.0), np.asarray(0.0), shape)
    found = np.full(lines.df.shape, np.nan)
    inside = min(int(confidence * draws), draws - 1)
    for some, deviations in lines.at_once(draws, seed):
        off = np.abs(lines.radii(some, deviations) * deviations[2])
        found[some] = np.partition(off, inside, axis=1)[:, inside]
    return found.reshape(shape)[()]


def arrival(
    trend: Trend,
    goal: FloatArray,
    *,
    direction: FloatArray,
    deadline: FloatArray,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Arrival:
    """Tell when lines reach a goal, how surely, and how likely by a deadline.

    Parameters
    ----------
    trend : Trend
        Lines; they are drawn on from their `at`, the last time that is known.
    goal : (...) array
        The goal on the scale; nothing is said where it is not finite.
    direction : (...) array
        +1 where at least the goal is wanted, −1 where at most.
    deadline : (...) array
        Times; NaN where there is none.
    confidence : float
        Of the interval.
    draws : int
        How many lines are drawn for each series: evenly spread, the same deviations for all, so
        that no series depends on those beside it.
    seed : int
        Turns the directions of the deviations.

    Returns
    -------
    Arrival

    Notes
    -----
    Derived. Two things move the points of a series: that few people were counted, which is known,
    and all that happens beside it, which shows in how far points lie from the line. A drawn line
    deviates from the fitted one as if the first were all (in two dimensions, normally), or as the
    second says (by Student's distribution on points − 2 degrees of freedom), whichever is further,
    in the same direction. So a line through few counts is never surer than their number allows
    because they happen to lie straight, and where real trends scatter more the interval holds its
    level; where variances are not known the second stands alone. docs/coverage-trends.md has the
    figures, and what other rules hold.

    Examples
    --------
    >>> from targeted_universalism.measures.trend import fitted
    >>> when, value = np.arange(2018.0, 2024.0), np.array([0.0, 1.1, 1.9, 3.2, 3.8, 5.1])
    >>> line = fitted(when, value, np.full(6, np.nan), when[-1])
    >>> found = arrival(line, np.asarray(8.0), direction=np.asarray(1), deadline=np.asarray(2027))
    >>> print(found.time.round(1), found.low.round(1), found.high.round(1), found.probability)
    2026.0 2025.4 2026.7 0.99

    """
    shape = np.broadcast_shapes(trend.value.shape, np.shape(goal))
    sign, goal, left = (
        np.broadcast_to(np.asarray(v, dtype=np.float64), shape).ravel()
        for v in (direction, goal, deadline - trend.at)
    )
    lines = _Lines.of(trend, sign, goal, shape)
    low, high, chance = (np.full(len(goal), np.nan) for _ in range(3))
    for some, deviations in lines.at_once(draws, seed):
        drawn = _years_to(*lines.deviated(some, deviations), left[some, None])
        chance[some] = (drawn <= left[some, None]).mean(axis=1)
        low[some], high[some] = _limits(drawn, confidence)
    point = np.where(lines.usable, _years_to(lines.distance, lines.speed, left), np.nan)
    chance = np.where(np.isnan(left), np.nan, chance)
    at = np.broadcast_to(trend.at, shape)
    time, low, high = (at + years.reshape(shape) for years in (point, low, high))
    return Arrival(time, low, high, chance.reshape(shape))


def fan(
    trend: Trend,
    when: FloatArray,
    *,
    direction: int = 1,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give where lines lead, and between which values at each of some times.

    Parameters
    ----------
    trend : Trend
        Lines.
    when : (times,) array
        Times, in years.
    direction : {1, -1}
        As in :func:`arrival`, so that both look at the same lines.
    confidence : float
        The part of the drawn lines that lies between low and high, at each time by itself.
    draws, seed : int
        The lines that are drawn: those of :func:`arrival`.

    Returns
    -------
    value, low, high : (times, ...) arrays
        On the scale; missing for fewer than three points. Of the lines alone: what chance adds to
        a rate that is counted later comes on top.

    Examples
    --------
    >>> from targeted_universalism.measures.trend import fitted
    >>> times = np.array([0.0, 1.0, 2.0, 3.0])
    >>> line = fitted(times, np.array([1.0, 3.1, 4.9, 7.0]), np.full(4, 0.01), np.array(3.0))
    >>> value, low, high = fan(line, np.array([3.0, 6.0]))
    >>> print(value.round(2), (high - low).round(2))
    [ 6.97 12.91] [0.68 1.69]

    """
    shape = trend.value.shape
    sign, zero = np.full(trend.value.size, float(direction)), np.zeros(trend.value.size)
    lines = _Lines.of(trend, sign, zero, shape)
    ahead = when[:, None] - np.broadcast_to(trend.at, shape).ravel()
    value = np.where(lines.usable, direction * (lines.speed * ahead - lines.distance), np.nan)
    low, high = np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    for some, deviations in lines.at_once(draws, seed):
        distance, speed = lines.deviated(some, deviations)
        for i, years in enumerate(ahead):
            drawn = direction * (speed * years[some, None] - distance)
            low[i, some], high[i, some] = _limits(drawn, confidence)
    value, low, high = (v.reshape(len(when), *shape) for v in (value, low, high))
    return value, low, high


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines seen from the goal, one a row: how far it is still, and how fast it comes nearer.

    A draw deviates by `first` times its first coordinate in distance, and by `along` times its
    first and `second` times its second coordinate in speed, all under the known variances; `wider`
    is the root of the scatter, `floor` 1 where variances are known and 0 where they are not.
    """

    distance: FloatArray
    speed: FloatArray
    first: FloatArray
    along: FloatArray
    second: FloatArray
    wider: FloatArray
    floor: FloatArray
    df: FloatArray
    usable: BoolArray

    @classmethod
    def of(cls, trend: Trend, sign: FloatArray, goal: FloatArray, shape: tuple[int, ...]) -> _Lines:
        def flat(values: FloatArray | BoolArray) -> FloatArray:
            return np.asarray(np.broadcast_to(values, shape), dtype=np.float64).ravel()

        with np.errstate(invalid="ignore", divide="ignore"):
            first = np.sqrt(flat(trend.value_variance))
            along = flat(trend.covariance) / first
            second = np.sqrt(np.maximum(flat(trend.slope_variance) - along**2, 0.0))
            distance, speed = sign * (goal - flat(trend.value)), sign * flat(trend.slope)
        df = flat(trend.df)
        usable = (df >= LEAST_POINTS - 2) & np.isfinite(distance) & np.isfinite(speed)
        return cls(
            distance, speed, first, -along, second,
            np.sqrt(flat(trend.scatter)), flat(trend.known), df, usable,
        )  # fmt: skip

    def at_once(self, draws: int, seed: int) -> Iterator[tuple[IntArray, tuple[FloatArray, ...]]]:
        """Go through the rows that can be drawn, some at a time, with their deviations."""
        for df in np.unique(self.df[self.usable]):
            deviations = _deviations(float(df), draws, seed)
            rows = np.flatnonzero(self.usable & (self.df == df)).astype(np.int64)
            for some in np.array_split(rows, -(-len(rows) * draws // _AT_ONCE)):
                yield some, deviations

    def radii(self, rows: IntArray, deviations: tuple[FloatArray, ...]) -> FloatArray:
        """Give how far draws deviate, in known standard errors, shaped (rows, draws)."""
        normal, student = deviations[:2]
        return np.maximum(self.floor[rows, None] * normal, self.wider[rows, None] * student)

    def deviated(
        self, rows: IntArray, deviations: tuple[FloatArray, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """Draw lines: how far each is from the goal, and how fast, shaped (rows, draws)."""
        radii = self.radii(rows, deviations)
        x, y = (radii * place for place in deviations[2:])
        first, along, second = (v[rows, None] for v in (self.first, self.along, self.second))
        return (
            self.distance[rows, None] + first * x,
            self.speed[rows, None] + along * x + second * y,
        )


def _years_to(distance: FloatArray, speed: FloatArray, left: FloatArray) -> FloatArray:
    """Give the years until a distance is gone for good.

    0 where it is gone; infinite where it grows, also from a goal that is left again in the `left`
    years to the deadline, or ever where there is none ahead.
    """
    years = np.full(np.shape(distance), np.inf)
    np.divide(distance, speed, out=years, where=speed > 0)
    until = np.where((left > 0) & (left < _FOR_EVER), left, _FOR_EVER)
    np.copyto(years, 0.0, where=(distance <= 0) & (distance <= speed * until))
    return years


def _deviations(df: float, draws: int, seed: int) -> tuple[FloatArray, ...]:
    """Give evenly spread deviations in a plane: two radii of each, and its direction.

    The first radius is that of two independent normal deviates, the second of Student's.
    """
    place = (np.arange(draws) + 0.5) / draws
    golden = (np.sqrt(5.0) - 1.0) / 2.0
    turn = np.random.default_rng(seed).random()
    angle = 2.0 * np.pi * ((np.arange(draws) * golden + turn) % 1.0)
    normal = np.sqrt(-2.0 * np.log1p(-place))
    student = np.sqrt(df * np.expm1(-2.0 / df * np.log1p(-place)))
    return normal, student, np.cos(angle), np.sin(angle)


def _limits(drawn: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Give the draws that leave out as many on each side."""
    draws = drawn.shape[1]
    out = min(int((1.0 - confidence) / 2.0 * draws), (draws - 1) // 2)
    ordered = np.partition(drawn, (out, draws - 1 - out), axis=1)
    return ordered[:, out], ordered[:, draws - 1 - out]
