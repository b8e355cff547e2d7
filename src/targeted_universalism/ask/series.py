"""Strata along time: the rates of every segment at every time, shared by all questions of time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import (
    Values,
    Words,
    segment_columns,
    stratum_columns,
    tabled,
)
from targeted_universalism.errors import InputError, shown
from targeted_universalism.labels import label_set
from targeted_universalism.measures.entry import entry_of
from targeted_universalism.measures.pace import PACE_OF_KIND, PACES
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import Schema
from targeted_universalism.segments.strata import Strata
from targeted_universalism.segments.times import Times, times_of

# In years: the same day of two years is never further from whole years than this.
LEAP_DAYS = 0.005


@dataclass(frozen=True, eq=False)
class Series:
    """An answer along one column of time.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    times : Times
        The levels of the column, in the order of time.
    strata : Strata
        One for each series: the strata without their time.
    place : (levels, series) array of int64
        Stratum of every series at every time; −1 where it has none.
    """

    answer: Answer
    times: Times
    strata: Strata
    place: IntArray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows of the answer, and series."""
        return len(self.answer.labels), len(self.strata)

    @cached_property
    def at(self) -> FloatArray:
        """Time of every level, shaped (levels, 1, 1), in years."""
        return self.times.at[:, None, None]

    @cached_property
    def known(self) -> BoolArray:
        """Where a rate is known, shaped (levels, rows, series)."""
        return np.asarray(self.along(self.answer.cells.state, State.NO_DATA) == State.OK)

    @cached_property
    def pools(self) -> FloatArray:
        """How many years a point of each series pools, shaped (series,): 1, and none of a date.

        Or more, where the labels say so, or ``years=`` said it of the indicator.
        """
        said = self.answer.years[self.strata.indicator]
        return np.fmax(float(self.times.pools.max(initial=0.0)), said)

    def along(self, values: Any, missing: Any = np.nan) -> Any:
        """Lay values, shaped (rows, strata) or (strata,), along time: (levels, …, series)."""
        found = np.moveaxis(values[..., self.place], -2, 0)
        here = self.place >= 0
        return np.where(here if values.ndim == 1 else here[:, None], found, missing)

    def rates(self) -> FloatArray:
        """Rates at every time, shaped (levels, rows, series), in units of the goal's ``per``."""
        return np.asarray(self.along(self.answer.values["rate"]))

    def at_level(self, values: Any, level: IntArray, missing: Any = np.nan) -> Any:
        """Take values, shaped (rows, strata), at one level of each series: (rows, series)."""
        place = self.stratum(level)
        return np.where(place >= 0, values[:, place], missing)

    def reasons_at(self, level: IntArray) -> Reasons:
        """Give the reasons of every row at one level of each series."""
        place = self.stratum(level)
        return self.answer.reason[:, place].without(np.broadcast_to(place < 0, self.shape))

    def stratum(self, level: IntArray) -> IntArray:
        """Stratum of every series at one level of each, shaped (series,); −1 where none."""
        return np.where(level >= 0, self.place[level, np.arange(len(self.strata))], -1)

    def time_of(self, level: IntArray) -> FloatArray:
        """Time of one level of each series, in years; NaN where there is none."""
        return np.where(level >= 0, self.times.at[level], np.nan)

    @cached_property
    def first(self) -> IntArray:
        """Level at which each series starts, shaped (series,)."""
        return np.asarray(np.argmax(self.place >= 0, axis=0))

    @cached_property
    def last(self) -> IntArray:
        """Level at which each series ends, shaped (series,)."""
        return np.asarray(len(self.place) - 1 - np.argmax(self.place[::-1] >= 0, axis=0))

    def level(self, parameter: str, value: object, default: IntArray) -> IntArray:
        """Level of each series that a parameter names, or its default; −1 where it has none."""
        if value is None:
            return default
        wanted = self.times.place(parameter, value)
        return np.where(self.place[wanted] >= 0, wanted, -1)

    @cached_property
    def seen(self) -> BoolArray:
        """Which rows a series shows, at any time, shaped (rows, series)."""
        return np.asarray(self.along(self.answer.seen, False).any(axis=0))

    @cached_property
    def there(self) -> BoolArray:
        """Which rows a series has, looked at or not, at any time, shaped (rows, series)."""
        return np.asarray(self.along(self.answer.there, False).any(axis=0))

    def goal_values(self, name: str) -> FloatArray:
        """Give what the goal of each series says: "target", "per", "sign" or "deadline"."""
        each = [getattr(goal, name) for goal in self.answer.goals]
        values = np.array([np.nan if v is None else float(v) for v in each], dtype=np.float64)
        return np.asarray(values[self.strata.indicator])

    @cached_property
    def deadline(self) -> FloatArray:
        """When each series is to reach its goal, on the line of time; NaN without a deadline."""
        shift = self.times.deadline(0.0)
        return self.goal_values("deadline") + shift

    def kinds(self) -> list[str]:
        """Kind of outcome of each indicator."""
        return list(self.answer.segments.kinds)

    def frame(self, schema: Schema, columns: dict[str, Values]) -> pd.DataFrame:
        """Make a table with one row for each segment in each series, in the order of the table."""
        series, row = np.nonzero(self.seen.T)
        return self.keyed(
            schema, series, row, {k: _taken(v, row, series) for k, v in columns.items()}
        )

    def keyed(
        self, schema: Schema, series: IntArray, row: IntArray, columns: dict[str, Values]
    ) -> pd.DataFrame:
        """Make a table of any rows: the keys of each (series, row), then its columns."""
        for name in set(self.strata.names) & set(schema.names):
            raise InputError(
                f"The by= column {name!r} has the name of a column of {schema.call}: rename it."
            )
        keys = stratum_columns(self.strata, series)
        return tabled(schema, keys | segment_columns(self.answer.dimensions, row), columns)


def _taken(values: Values, row: IntArray, series: IntArray) -> Any:
    array = values.codes if isinstance(values, (Words, Reasons)) else values
    return values[series if array.ndim == 1 else (row, series)]


def series_of(answer: Answer, time: object) -> Series:
    """Lay an answer along a `by` column of time.

    Parameters
    ----------
    answer : Answer
        What was assessed; roll-ups over other columns are series too.
    time : str
        The column.

    Returns
    -------
    Series

    Raises
    ------
    InputError
        If there is no such column, or it holds something that is no time.
    """
    strata = answer.segments.strata
    times, codes = laid_along(strata, time)
    without, place = strata.series(str(time), codes)
    return Series(answer, times, without, place)


def laid_along(strata: Strata, time: object) -> tuple[Times, list[int]]:
    """Put the levels of a `by` column in the order of time: the times, and the code of each.

    Raises
    ------
    InputError
        If there is no such column, or it holds something that is no time.
    """
    if not isinstance(time, str):
        raise InputError(f"time={time!r} must name a column of by=, such as {'year'!r}.")
    if not strata.names:
        raise InputError(
            f"time={time!r}: the data have no by= columns. Name the column of years in by= when "
            "segments are made, as in by=['county', 'year']."
        )
    codes = strata.in_order(time)
    levels = strata.levels[strata.names.index(time)]
    times, order = times_of(time, levels.take(codes).tolist())
    return times, codes[order].tolist()


@dataclass(frozen=True, eq=False)
class Window:
    """From when to when each series is looked at, and which of its points may be held together.

    Parameters
    ----------
    series : Series
    baseline, latest : (series,) array of int64
        Levels at which it starts and ends; −1 where the series has none.
    start : (series,) array of int64
        Level of the last break before the end, or the first level: no trend reaches further back.
    """

    series: Series
    baseline: IntArray
    latest: IntArray
    start: IntArray

    @property
    def years(self) -> FloatArray:
        """Years from the baseline to the latest time, shaped (series,)."""
        return self.series.time_of(self.latest) - self.series.time_of(self.baseline)

    @property
    def one_time(self) -> BoolArray:
        """Which series have one time only."""
        return np.asarray((self.baseline == self.latest) & (self.latest >= 0))

    @property
    def broken(self) -> BoolArray:
        """Which series have a break between baseline and latest time."""
        return np.asarray((self.start > self.baseline) & (self.baseline >= 0))

    @property
    def overlapping(self) -> BoolArray:
        """Which baselines share years with the latest time: they are not independent."""
        with np.errstate(invalid="ignore"):
            near = self.years < self.series.pools - LEAP_DAYS
            return np.asarray(near & (self.years > 0))

    @property
    def same_people(self) -> bool:
        """Whether ids say that some people are counted in more than one stratum."""
        return bool(self.series.answer.segments.facts.get("repeats"))

    @property
    def dependent(self) -> BoolArray:
        """Which baselines are not independent of the latest time, so that no test holds."""
        return np.asarray(self.overlapping | self.same_people)

    def untested(self, here: BoolArray) -> Reasons:
        """Say why there is no test where one was asked for, shaped (..., series)."""
        return because(here & self.overlapping, Reason.PERIODS_OVERLAP) | because(
            here & self.same_people, Reason.SAME_PEOPLE
        )

    @property
    def between(self) -> BoolArray:
        """Which levels lie from the baseline, or the last break, to the latest time."""
        level = np.arange(len(self.series.place))[:, None]
        since = np.maximum(self.baseline, self.start)
        return np.asarray((level >= since) & (level <= self.latest) & (self.baseline >= 0))

    @cached_property
    def points(self) -> BoolArray:
        """Which times a trend may use, shaped (levels, series).

        From the baseline, or the last break, to the latest time; of pooled years that overlap those
        alone that share no year, counted back from the latest.
        """
        inside = self.between & (self.series.place >= 0)
        pooled = self.series.pools > 0
        for latest, pools in set(zip(self.latest[pooled], self.series.pools[pooled], strict=True)):
            alike = (self.latest == latest) & (self.series.pools == pools)
            kept = times_apart(self.series.times.at, int(latest), float(pools))
            inside &= kept[:, None] | ~alike
        return np.asarray(inside)


def times_apart(at: FloatArray, latest: int, years: float) -> BoolArray:
    """Choose times that lie some years apart, counted back from the latest, or a leap day less."""
    kept: BoolArray = np.zeros(len(at), dtype=np.bool_)
    last = np.inf
    for level in range(latest, -1, -1):
        if last - at[level] >= years - LEAP_DAYS:
            kept[level], last = True, at[level]
    return kept


def window_of(series: Series, baseline: object, latest: object, breaks: object = ()) -> Window:
    """Say from when to when series are looked at.

    Parameters
    ----------
    series : Series
    baseline, latest : value of the column of time, optional
        The first and the last time of each series without them.
    breaks : value, or collection of them
        Times at which a new series begins: a changed definition, a year like no other. What lies
        before is not held against what lies after.

    Raises
    ------
    InputError
        If a time is not in the column, or the latest is not after the baseline.
    """
    first = series.level("baseline", baseline, series.first)
    last = series.level("latest", latest, series.last)
    if baseline is not None and latest is not None:
        ends = [series.times.place(n, v) for n, v in (("baseline", baseline), ("latest", latest))]
        if ends[0] >= ends[1]:
            raise InputError(
                f"latest={shown(latest)} is not after baseline={shown(baseline)}: change is "
                "measured from the baseline on."
            )
    backward = (first > last) & (last >= 0)
    last = np.where(backward & (latest is None), -1, last)
    first = np.where(backward & (latest is not None), -1, first)
    start = np.zeros(len(series.strata), dtype=np.int64)
    for level in sorted(series.times.place("breaks", text) for text in label_set(breaks)):
        start = np.where(level <= last, level, start)
    return Window(series, first, last, start)


def paces_of(answer: Answer, pace: str | None) -> list[tuple[str, bool]]:
    """Name the pace of each indicator, and say whether its goal kept it from the usual one.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    pace : {"linear", "geometric", "log-odds", None}
        The pace of all, or None for the usual one of each kind; where the goal is a bound of its
        scale, which no such trend ever reaches, that is the linear one.

    Raises
    ------
    InputError
        If the pace is not known, or is that of proportions where something else is measured.
    """
    if pace is not None:
        entry_of(PACES, pace, "pace")
        kinds = [kind for kind in answer.segments.kinds if kind != "proportion"]
        if pace == "log-odds" and kinds:
            raise InputError(
                f"pace='log-odds' is for proportions, and a {kinds[0]} is measured. Leave pace= "
                "out, or say 'linear' or 'geometric'."
            )
        return [(pace, False)] * len(answer.goals)
    usual = [PACE_OF_KIND[kind] for kind in answer.segments.kinds]
    targets = [np.array(float(goal.fraction)) for goal in answer.goals]
    bound = [not np.isfinite(PACES[p].judge(t)) for p, t in zip(usual, targets, strict=True)]
    return [("linear" if no else p, no) for p, no in zip(usual, bound, strict=True)]
