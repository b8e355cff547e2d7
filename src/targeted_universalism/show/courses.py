"""The course of every segment along time: what was, where its trend leads, what the goal asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.answer.units import in_percent
from targeted_universalism.ask.progress import ProgressOptions, followed
from targeted_universalism.ask.series import Series, Window, series_of
from targeted_universalism.ask.trends import Trends
from targeted_universalism.labels import label_set
from targeted_universalism.segments.cells import State
from targeted_universalism.show.outlook import Outlook
from targeted_universalism.show.words import UNRELIABLE, dimension_words, place_words

INNER = 0.8  # the narrower of the two bands of a fan
_STEPS = 25  # of what is drawn ahead
_BEYOND = 0.25  # of the years behind: how far ahead a picture without a deadline looks
_STEP = 1.5  # times the usual step of time: points further apart are not joined


@dataclass(frozen=True, eq=False, kw_only=True)
class Ahead:
    """What may lie ahead of one segment: values at some times, in the unit that is shown.

    Parameters
    ----------
    when : (times,) array
    trend : (times,) array
        Where the trend leads; missing where there is none.
    bands : tuple of ((times,) array, (times,) array)
        Low and high of each band of the fan, the wider first.
    needed : (times,) array
        The rates on the way from the latest rate to the goal by its deadline; missing where there
        is no such way, or no need of one.
    """

    when: FloatArray
    trend: FloatArray
    bands: tuple[tuple[FloatArray, FloatArray], ...]
    needed: FloatArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Course:
    """One segment along time; arrays shaped (levels,), rates in the unit that is shown.

    `new` says at which levels a new series begins; `used` which the trend goes through.
    """

    name: str
    dimension: str
    total: bool
    when: FloatArray
    rate: FloatArray
    low: FloatArray
    high: FloatArray
    hidden: BoolArray
    unreliable: BoolArray
    used: BoolArray
    new: BoolArray
    ahead: Ahead
    outlook: Outlook

    @property
    def known(self) -> BoolArray:
        """Where there is a rate."""
        return np.asarray(np.isfinite(self.rate))

    @property
    def missing(self) -> BoolArray:
        """Where there is none, and nothing is hidden."""
        return np.asarray(~self.known & ~self.hidden)

    @property
    def apart(self) -> BoolArray:
        """Where there is a rate that the trend does not go through, though it does through some."""
        return np.asarray(self.known & ~self.used & self.used.any())

    def beyond(self, low: float, high: float) -> tuple[BoolArray, BoolArray]:
        """Tell which intervals reach below, and which above, what an axis shows."""
        with np.errstate(invalid="ignore"):
            return self.low < low, self.high > high

    @property
    def last(self) -> int:
        """The last level with a rate; −1 where there is none."""
        known = np.flatnonzero(self.known)
        return int(known[-1]) if known.size else -1

    def runs(self) -> list[IntArray]:
        """Give the levels that may be joined: no gap, and no new series, between them."""
        known = np.flatnonzero(self.known)
        steps = np.diff(self.when)
        usual = float(np.median(steps)) if steps.size else 1.0
        apart = [
            bool((b - a > 1) | self.new[b] | (self.when[b] - self.when[a] > _STEP * usual))
            for a, b in pairwise(known)
        ]
        return [run for run in np.split(known, np.flatnonzero(apart) + 1) if run.size]


@dataclass(frozen=True, eq=False)
class Courses:
    """All segments of one series.

    Parameters
    ----------
    window : Window
        From when to when all series are looked at.
    position : int
        Which of them it is.
    asked : ProgressOptions
        What was asked.
    trends : Trends
        Those of its indicator.
    lines : list of mapping
        Its lines of ``a.progress``.
    """

    window: Window
    position: int
    asked: ProgressOptions
    trends: Trends
    lines: list[dict[str, Any]]

    @property
    def series(self) -> Series:
        """All series."""
        return self.window.series

    @property
    def _answer(self) -> Answer:
        return self.series.answer

    @property
    def _indicator(self) -> int:
        return int(self.series.strata.indicator[self.position])

    @property
    def goal(self) -> Goal:
        """The goal that holds for it."""
        return self._answer.goals[self._indicator]

    @property
    def kind(self) -> str:
        """The kind of its outcome."""
        return self._answer.segments.kinds[self._indicator]

    @property
    def words(self) -> str:
        """Its name: "county Inyo"; empty where there is only one."""
        return place_words(self.series.strata, self.position)

    @cached_property
    def scale(self) -> float:
        """What turns rates into the unit that is shown."""
        per = float(self.goal.per)
        return 100.0 / per if in_percent(self.kind, per) else 1.0

    @property
    def shift(self) -> float:
        """1 where times are dates: the end of a year is the beginning of the next."""
        return self.series.times.deadline(0.0)

    @property
    def stratum(self) -> int:
        """The stratum of the latest time; −1 where there is none."""
        return int(self.series.stratum(self.window.latest)[self.position])

    @property
    def alone(self) -> Answer:
        """The answer for the strata of this series."""
        places = self.series.place[:, self.position]
        return self._answer.take(places[places >= 0])

    @property
    def since(self) -> float:
        """The latest time."""
        return float(self.series.time_of(self.window.latest)[self.position])

    @property
    def deadline(self) -> float:
        """When the goal is to be reached, on the line of time; NaN without a deadline."""
        return float(self.series.deadline[self.position])

    @property
    def passed(self) -> bool:
        """Whether the deadline lies at or before the latest time."""
        return self.deadline <= self.since

    @property
    def here(self) -> IntArray:
        """The levels from the first to the last that the series has."""
        return np.arange(
            int(self.series.first[self.position]), int(self.series.last[self.position]) + 1
        )

    @property
    def breaks(self) -> list[tuple[float, str]]:
        """Where a new series begins, and what that time is called."""
        times = self.series.times
        levels = sorted(times.place("breaks", text) for text in label_set(self.asked.breaks))
        return [(float(times.at[i]), times.labels[i]) for i in levels if i in self.here[1:]]

    @property
    def end(self) -> float:
        """How far ahead is looked: to the deadline, or a little beyond the latest time."""
        last = float(self.series.times.at[self.here[-1]])
        if self.deadline > last:
            return self.deadline
        first = float(self.series.times.at[self.here[0]])
        return last + max(1.0, _BEYOND * (last - first))

    @cached_property
    def _fans(self) -> tuple[FloatArray, list[tuple[FloatArray, FloatArray]]]:
        """Give trend and bands ahead, shaped (times, rows), in the unit that is shown."""
        asked = self.asked
        found = [
            self.trends.fan(
                self.position, self._when, confidence, draws=asked.draws, seed=asked.seed
            )
            for confidence in self.confidences
        ]
        bands = [(low * self.scale, high * self.scale) for _, low, high in found]
        return found[0][0] * self.scale, bands

    @property
    def confidences(self) -> tuple[float, ...]:
        """The levels of the bands of a fan, the wider first."""
        level = self._answer.options.confidence or 0.95
        return (level, INNER) if level > INNER else (level,)

    @cached_property
    def _when(self) -> FloatArray:
        return np.linspace(self.since, self.end, _STEPS)

    @cached_property
    def each(self) -> list[Course]:
        """The course of every segment that the series shows, the total first."""
        rows = np.flatnonzero(self.series.seen[:, self.position]).tolist()
        return [
            self._course(row, Outlook.of_line(line, self.since, self.shift))
            for row, line in zip(rows, self.lines, strict=True)
        ]

    def _course(self, row: int, outlook: Outlook) -> Course:
        answer, here = self._answer, self.here
        place = self.series.place[here, self.position]
        there = place >= 0

        def along(values: FloatArray) -> FloatArray:
            return np.where(there, values[row, place] * self.scale, np.nan)

        rate = along(answer.values["rate"])
        when = self.series.times.at[here]
        return Course(
            name=answer.labels[row],
            dimension=dimension_words(answer.dimensions[answer.dimension_of[row]].name),
            total=row == 0,
            when=when,
            rate=rate,
            low=along(answer.values["ci_low"]),
            high=along(answer.values["ci_high"]),
            hidden=there & (answer.cells.state[row, place] == State.SUPPRESSED),
            unreliable=there & (answer.flag[row, place] == UNRELIABLE) & np.isfinite(rate),
            used=self.window.points[here, self.position] & np.isfinite(rate),
            new=np.isin(when, [at for at, _ in self.breaks]),
            ahead=self._ahead(row, outlook),
            outlook=outlook,
        )

    def _ahead(self, row: int, outlook: Outlook) -> Ahead:
        trend, bands = self._fans
        return Ahead(
            when=self._when,
            trend=trend[:, row],
            bands=tuple((low[:, row], high[:, row]) for low, high in bands),
            needed=self._needed(row, outlook),
        )

    def _needed(self, row: int, outlook: Outlook) -> FloatArray:
        """Give the way from the latest rate to the goal, at every time ahead."""
        if outlook.arrived or not self.deadline > self.since:
            return np.full(len(self._when), np.nan)
        rate = self._answer.values["rate"][row, self.stratum]
        part = (self._when - self.since) / (self.deadline - self.since)
        return self.trends.way(rate, part) * self.scale


def since_break(answer: Answer, time: str, breaks: object) -> ProgressOptions:
    """Ask for the progress since the last break, as nothing before it can be held against now."""
    times = series_of(answer, time).times
    levels = [times.place("breaks", text) for text in label_set(breaks)]
    baseline = times.labels[max(levels)] if levels else None
    return ProgressOptions(time=time, baseline=baseline, breaks=breaks)


def courses_of(answer: Answer, asked: ProgressOptions) -> list[Courses]:
    """Lay an answer along time: the courses of every series.

    Raises
    ------
    InputError
        As ``a.progress`` does.
    """
    found = followed(answer, asked)
    lines = [
        {str(name): value for name, value in line.items()}
        for line in found.table.to_dict("records")
    ]
    ends = [0, *np.cumsum(found.window.series.seen.sum(axis=0)).tolist()]
    return [
        Courses(found.window, i, asked, trends, lines[ends[i] : ends[i + 1]])
        for trends in found.trends
        for i in trends.here.tolist()
    ]


def joined(words: Sequence[str]) -> str:
    """Join clauses; empty ones are left out."""
    return "; ".join(word for word in words if word)
