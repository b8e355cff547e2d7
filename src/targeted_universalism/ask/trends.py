"""The trend of every segment on the scale of its pace, and when it leads to the goal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.answer.goals import Goal
from targeted_universalism.ask.series import Window, paces_of
from targeted_universalism.ask.sides import side_without_limits
from targeted_universalism.measures.arrival import Arrival, arrival, fan
from targeted_universalism.measures.pace import PACES, Pace, pace_between, rate_on_path
from targeted_universalism.measures.trend import Trend, fitted, on_scale

# Of the interval of the projected time, where the answer has no level of its own.
_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Trends:
    """The series of one indicator on the scale of its pace; rates are per member of the population.

    Parameters
    ----------
    window : Window
        From when to when they are looked at.
    indicator : int
        Position of the indicator.
    here : (m,) array of int64
        Positions of its series among all.
    pace : Pace
        On whose scale trends are straight.
    """

    window: Window
    indicator: int
    here: IntArray
    pace: Pace

    @property
    def goal(self) -> Goal:
        """The goal of the indicator."""
        return self.window.series.answer.goals[self.indicator]

    @property
    def now(self) -> FloatArray:
        """The latest time of each series, shaped (m,)."""
        return self.window.series.time_of(self.window.latest)[self.here]

    @property
    def left(self) -> FloatArray:
        """Years from the latest time to the deadline, shaped (m,); NaN where none are left."""
        left = self.window.series.deadline[self.here] - self.now
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(left > 0, left, np.nan))

    @property
    def target(self) -> FloatArray:
        """The goal on the scale; not finite where it has no place there."""
        return np.asarray(self.pace.judge(np.array(float(self.goal.fraction))))

    @cached_property
    def lines(self) -> Trend:
        """The trend of every row, shaped (rows, m), seen from the latest time."""
        series = self.window.series
        answer, place = series.answer, series.place[:, self.here]
        different, back = np.unique(np.maximum(place, 0), return_inverse=True)
        rate = answer.values["rate"][:, different]
        side = side_without_limits(answer, self.indicator, answer.cells.strata(different), rate)
        known = (self.window.points[:, self.here] & (place >= 0))[:, None]

        def along(values: FloatArray) -> FloatArray:
            laid = np.moveaxis(values[:, back.reshape(place.shape)], 1, 0)
            return np.where(known, laid, np.nan)

        points = on_scale(
            series.times.at,
            pace=self.pace.name,
            kind=answer.segments.kinds[self.indicator],
            rate=along(rate / self._per),
            se=along(np.sqrt(side.variance) / self._per),
            events=along(side.events),
            size=along(side.size),
        )
        at = np.broadcast_to(self.now, points.value.shape[1:])
        return fitted(series.times.at, points.value, points.variance, at, points.lean)

    def arrival(self, draws: int, seed: int) -> Arrival:
        """Tell when each trend reaches the goal, shaped (rows, m)."""
        return arrival(
            self.lines,
            np.broadcast_to(self.target, self.lines.value.shape),
            direction=np.array(float(self.goal.sign)),
            deadline=self.now + self.left,
            confidence=self.window.series.answer.options.confidence or _LEVEL,
            draws=draws,
            seed=seed,
        )

    def fan(
        self, series: int, when: FloatArray, confidence: float, *, draws: int, seed: int
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Tell where the trends of one series lead, and between which rates at each of some times.

        Parameters
        ----------
        series : int
            Its position among all series.
        when : (times,) array
            Times, in years.
        confidence : float
            The part of the drawn trends that lies between low and high.
        draws, seed : int
            Those of :meth:`arrival`, which looks at the same lines.

        Returns
        -------
        rate, low, high : (times, rows) arrays
            In units of the goal's ``per``; missing where there is no trend.
        """
        place = int(np.flatnonzero(self.here == series)[0])
        alone = Trend(**{name: values[:, place] for name, values in vars(self.lines).items()})
        courses = fan(
            alone, when, direction=self.goal.sign, confidence=confidence, draws=draws, seed=seed
        )
        with np.errstate(invalid="ignore", over="ignore"):
            rate, low, high = (np.asarray(self.pace.back(v)) * self._per for v in courses)
        return rate, low, high

    def way(self, rate: FloatArray, part: FloatArray) -> FloatArray:
        """Give the rates on the way from a rate to the goal after parts of the time for it.

        Rates are in units of the goal's ``per``; parts run from 0 to 1.
        """
        goal = np.array(float(self.goal.fraction))
        return rate_on_path(rate / self._per, goal, part, pace=self.pace.name) * self._per

    def needed(self, rate: FloatArray) -> FloatArray:
        """Give the pace that leads from rates, shaped (rows, m), to the goal by its deadline."""
        now = rate / self._per
        end, left = (np.broadcast_to(v, now.shape) for v in (float(self.goal.fraction), self.left))
        return self._in_units(pace_between(now, end, left, pace=self.pace.name))

    def so_far(self) -> FloatArray:
        """Give the pace of each trend, shaped (rows, m)."""
        return self._in_units(self.pace.shown(self.lines.slope))

    @property
    def _per(self) -> float:
        return float(self.goal.per)

    def _in_units(self, pace: FloatArray) -> FloatArray:
        return pace * (self._per if self.pace.name == "linear" else 1.0)


def trends_of(window: Window, pace: str | None) -> Iterator[tuple[Trends, bool]]:
    """Give the trends of each indicator, and whether its goal kept it from the usual pace."""
    indicator_of = window.series.strata.indicator
    for indicator, (name, bound) in enumerate(paces_of(window.series.answer, pace)):
        yield (
            Trends(window, indicator, np.flatnonzero(indicator_of == indicator), PACES[name]),
            bound,
        )
