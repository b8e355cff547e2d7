"""Milestones: from where each segment is to the one goal, year by year (METHODS 8.3, TU5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray, Number
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import Words
from targeted_universalism.ask.references import own_reasons
from targeted_universalism.ask.series import Series, paces_of, series_of
from targeted_universalism.errors import InputError, check_above_0, shown
from targeted_universalism.measures.pace import PACES, rate_on_path
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.columns import MILESTONES

_MOST = 1_000
_LINEAR = "linear"


def milestones(
    answer: Answer,
    time: str,
    *,
    every: Number = 1,
    pace: str | None = None,
    latest: object = None,
) -> pd.DataFrame:
    """Lay out the way from each segment's latest rate to the one goal: a rate for every year.

    Segments start where they are, and all of them arrive at the same goal at the same time: those
    with further to go have more to do each year.

    Parameters
    ----------
    time : str
        The `by` column of years, school years or dates.
    every : number
        Years between milestones, above 0; the last one is always that of the deadline.
    pace : {"linear", "geometric", "log-odds"}, optional
        How rates are to move: without it log-odds for proportions, geometric for rates, linear for
        means.
    latest : value of the column of time, optional
        When the way starts; without it, at the last time of each series.

    Returns
    -------
    DataFrame
        One row for each segment and milestone. The last milestone is the goal, for everybody.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``time`` (years): when: a year, a school year by the year it ends in; of dates with the
          part of the year that has passed, so that the end of 2030 is 2031
        - ``milestone`` (``per``): the rate to have reached by then: at the deadline the goal, for
          everybody
        - ``pace``: on which pace: linear, geometric or log-odds
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If a goal has no deadline, or one that is not after the latest time.

    Notes
    -----
    powell, Menendian & Ake (2019): a goal may be far off, and steps on the way to it may differ by
    segment; the goal never does. On the scale of its pace each way is a straight line, so that it
    leads neither past the goal nor back. A segment that is there already has the goal as its
    milestone. The total's own way is one more, no average of the others. With dates, a deadline is
    the end of its year.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "year": [2022, 2022, 2023, 2023], "group": ["Black", "White"] * 2,
    ...     "graduated": [450, 1790, 462, 1850], "cohort": [600, 2000, 600, 2000],
    ... })
    >>> s = tu.from_counts(
    ...     pupils, numerator="graduated", denominator="cohort", segments="group", by="year"
    ... )
    >>> a = tu.assess(s, tu.Goal.at_least(0.90, name="Graduate in four years", deadline=2026))
    >>> way = a.milestones("year")
    >>> way[way["segment"] == "Black"][["segment", "time", "milestone", "pace"]].round(3)
      segment    time  milestone      pace
    3   Black  2024.0      0.823  log-odds
    4   Black  2025.0      0.866  log-odds
    5   Black  2026.0      0.900  log-odds

    """
    series = series_of(answer, time)
    every = check_above_0("every", every, "the years between milestones, such as 1")
    level = series.level("latest", latest, series.last)
    start = series.time_of(level)
    if latest is not None:
        start[:] = series.times.at[series.times.place("latest", latest)]
    _check_deadlines(series, start)
    return _Ways(series, level, start, float(every), paces_of(answer, pace)).table()


def _check_deadlines(series: Series, start: FloatArray) -> None:
    """Stop where a goal has no deadline, or one that has passed."""
    deadlines = series.deadline
    for indicator in series.strata.measured:
        here = series.strata.indicator == indicator
        goal = series.answer.goals[indicator]
        of, or_else = _others_apart(series, indicator)
        if goal.deadline is None:
            unit = "" if goal.per == 1 else f"per={goal.per}, "
            raise InputError(
                f"{goal!r}{of} has no deadline, and milestones lead up to one: give it a year, as "
                f"in tu.Goal.{goal.direction.replace(' ', '_')}({goal.target}, {unit}"
                f"deadline=2030){or_else}."
            )
        if (deadlines[here] <= start[here]).any():
            last = series.times.labels[int(np.flatnonzero(series.times.at == start[here].max())[0])]
            raise InputError(
                f"The deadline {goal.deadline}{of} is in the past: the data end with {last}. Give "
                f"the goal a later one, or say with latest= from which earlier time on{or_else}."
            )


def _others_apart(series: Series, indicator: int) -> tuple[str, str]:
    """Name one of several indicators, and how to ask of the others alone."""
    names = [series.strata.indicators[i] for i in series.strata.measured]
    if len(names) == 1:
        return "", ""
    name = series.strata.indicators[indicator]
    return f" of indicator {name!r}", "; or ask of the others, by where(indicator=[…])"


@dataclass(frozen=True, eq=False)
class _Ways:
    """The ways of all segments to their goals, milestone after milestone.

    Parameters
    ----------
    series : Series
    level : (series,) array of int64
        Level at which each way starts; −1 where the series has none.
    start : (series,) array
        When it starts, in years.
    every : float
        Years between milestones.
    paces : list of (str, bool)
        Name of each indicator's pace, and whether its goal kept it from the usual one.
    """

    series: Series
    level: IntArray
    start: FloatArray
    every: float
    paces: list[tuple[str, bool]]

    def table(self) -> pd.DataFrame:
        """Make the table."""
        series, row = self.place
        milestone = np.where(self._last, self._target, self._rates())
        return self.series.keyed(
            MILESTONES, series, row,
            {
                "time": self._time,
                "milestone": milestone,
                "pace": Words(tuple(PACES), self._pace_codes),
                "reason": self._reasons(np.isnan(milestone)),
            },
        )  # fmt: skip

    @cached_property
    def steps(self) -> IntArray:
        """How many milestones each series has: the last is at the deadline, wherever it lies."""
        steps = np.ceil((self.series.deadline - self.start) / self.every - 1e-9)
        most = steps.max(initial=0.0)
        if most > _MOST:
            raise InputError(
                f"every={shown(self.every)} makes {most:,.0f} milestones for one segment, and "
                f"{_MOST:,} are the most: say how many years should lie between them."
            )
        return np.maximum(steps, 1).astype(np.int64)

    @cached_property
    def place(self) -> tuple[IntArray, IntArray]:
        """Series and row of every line of the table."""
        series, row = np.nonzero(self.series.seen.T)
        many = self.steps[series]
        return np.repeat(series, many), np.repeat(row, many)

    @cached_property
    def _number(self) -> IntArray:
        """Number of every milestone among those of its segment, from 1."""
        many = self.steps[np.nonzero(self.series.seen.T)[0]]
        before = np.repeat(np.cumsum(many) - many, many)
        return np.asarray(np.arange(1, len(before) + 1) - before)

    @property
    def _last(self) -> BoolArray:
        return np.asarray(self._number == self.steps[self.place[0]])

    @cached_property
    def _time(self) -> FloatArray:
        series = self.place[0]
        between = np.round(self.start[series] + self._number * self.every, 9)
        return np.where(self._last, self.series.deadline[series], between)

    @property
    def _target(self) -> FloatArray:
        return self.series.goal_values("target")[self.place[0]]

    def _at_start(self, values: FloatArray) -> FloatArray:
        """Take values, shaped (rows, strata), at the start of every milestone's way."""
        series, row = self.place
        return np.asarray(self.series.at_level(values, self.level)[row, series])

    @cached_property
    def _rate(self) -> FloatArray:
        return self._at_start(self.series.answer.values["rate"])

    @cached_property
    def _there(self) -> BoolArray:
        """Which segments are at the goal, or past it."""
        return np.asarray(self._at_start(self.series.answer.values["gap"]) <= 0)

    @cached_property
    def _named(self) -> IntArray:
        """Position of every milestone's pace among all, as it was named."""
        names = list(PACES)
        return self._of_indicator([names.index(name) for name, _ in self.paces])

    def _of_indicator(self, values: list[int]) -> IntArray:
        """Give every milestone the value of its indicator."""
        each = np.array(values, dtype=np.int64)
        return each[self.series.strata.indicator[self.place[0]]]

    @cached_property
    def _curved(self) -> FloatArray:
        """Rates on the ways as they were named; missing where the scale has no such rate."""
        found = np.full(self._rate.shape, np.nan)
        for code, name in enumerate(PACES):
            here = self._named == code
            found[here] = self._on_way(name, here)
        return found

    @property
    def _straight(self) -> BoolArray:
        """Where a way is linear for want of a place on the scale of its pace."""
        return np.isnan(self._curved) & ~np.isnan(self._rate)

    @property
    def _pace_codes(self) -> IntArray:
        return np.where(self._straight, list(PACES).index(_LINEAR), self._named)

    def _rates(self) -> FloatArray:
        found = self._curved.copy()
        found[self._straight] = self._on_way(_LINEAR, self._straight)
        return np.where(self._there, self._target, found)

    def _on_way(self, pace: str, here: BoolArray) -> FloatArray:
        """Give rates of some milestones on one kind of way, in units of the goal's ``per``."""
        series = self.place[0][here]
        per = self.series.goal_values("per")[series]
        start, end = self.start[series], self.series.deadline[series]
        part = (self._time[here] - start) / (end - start)
        ends = self._rate[here] / per, self._target[here] / per
        low, high = (np.sort([self._rate[here], self._target[here]], axis=0)[i] for i in (0, 1))
        return np.clip(rate_on_path(*ends, part, pace=pace) * per, low, high)

    def _reasons(self, missing: BoolArray) -> Reasons:
        series, row = self.place
        stratum = self.series.stratum(self.level)
        own = own_reasons(self.series.answer)[:, stratum].without(
            np.broadcast_to(stratum < 0, self.series.shape)
        )
        lost = own | because(stratum < 0, Reason.NO_ROW)
        bound = self._of_indicator([int(no) for _, no in self.paces]) == 1
        return (
            lost[row, series].without(~missing)
            | because(self._there, Reason.AT_GOAL)
            | because(bound & ~self._there, Reason.PACE_BOUND)
            | because(self._straight & ~self._there, Reason.RATE_BOUND)
        )
