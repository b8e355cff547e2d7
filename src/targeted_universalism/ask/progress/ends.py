"""The two ends of every series: rates at the baseline and at the latest time, and the gaps then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.gaps import short, unrated
from targeted_universalism.answer.tables import Values, Words
from targeted_universalism.ask.series import Window
from targeted_universalism.reasons import WITHOUT_RATE, Reason, Reasons, because
from targeted_universalism.segments.cells import State


@dataclass(frozen=True, eq=False)
class Ends:
    """The two ends of every series, arrays shaped (rows, series).

    Parameters
    ----------
    window : Window
    before, now : array
        Rates at the baseline and at the latest time, in units of the goal; NaN where not known.
    reason : Reasons
        Why a rate is not known, or the two are not held against each other.
    """

    window: Window
    before: FloatArray
    now: FloatArray
    reason: Reasons

    @classmethod
    def of(cls, window: Window) -> Ends:
        """Take the rates at both ends of every series."""
        series, rate = window.series, window.series.answer.values["rate"]
        before, now = (series.at_level(rate, e) for e in (window.baseline, window.latest))
        first, last = (
            series.reasons_at(e).only(WITHOUT_RATE) for e in (window.baseline, window.latest)
        )
        everywhere = np.ones(series.shape, dtype=np.bool_)
        reason = (
            (first | because(np.isnan(before), Reason.NO_BASELINE))
            | (last | because(np.isnan(now), Reason.NO_LATEST))
            | because(everywhere & window.one_time, Reason.ONE_TIME)
            | because(everywhere & window.broken, Reason.BREAK)
        )
        return cls(window, before, now, reason)

    @cached_property
    def comparable(self) -> BoolArray:
        """Where the two ends may be held against each other."""
        apart = ~(self.window.one_time | self.window.broken)
        return np.asarray(~np.isnan(self.before) & ~np.isnan(self.now) & apart)

    @property
    def baseline_only(self) -> BoolArray:
        """Where there is a baseline, and no second rate that may be held against it."""
        alone = self.window.one_time & ~np.isnan(self.now)
        lost = ~np.isnan(self.before) & np.isnan(self.now) & ~self.window.broken
        return np.asarray(alone | lost)

    @cached_property
    def unknown(self) -> tuple[tuple[BoolArray, BoolArray], ...]:
        """Which rows are hidden, and which have people and no rate: at the baseline, and latest."""
        series, cells = self.window.series, self.window.series.answer.cells
        states = cells.state == State.SUPPRESSED, unrated(cells)
        first, last = (
            tuple(series.at_level(state, level, False) for state in states)
            for level in (self.window.baseline, self.window.latest)
        )
        return (first[0], first[1]), (last[0], last[1])

    @cached_property
    def gap(self) -> FloatArray:
        """Distance of the latest rate to the goal: positive is short of it."""
        series = self.window.series
        return np.asarray(series.at_level(series.answer.values["gap"], self.window.latest))

    @cached_property
    def gap_before(self) -> FloatArray:
        """Distance of the baseline to the goal."""
        series = self.window.series
        return np.asarray(series.at_level(series.answer.values["gap"], self.window.baseline))

    @cached_property
    def short(self) -> BoolArray:
        """Where the latest rate is short of the goal; of hidden ones, where it surely is."""
        series = self.window.series
        return np.asarray(series.at_level(short(series.answer), self.window.latest, False))

    @cached_property
    def arrived(self) -> BoolArray:
        """Where the latest rate is at or past the goal."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.gap <= 0)

    @cached_property
    def going(self) -> BoolArray:
        """Where the latest rate is known, and not yet at the goal."""
        return np.asarray(~np.isnan(self.now) & ~self.arrived)

    def by_indicator(self) -> Iterator[tuple[int, IntArray]]:
        """Give the series of each indicator."""
        of = self.window.series.strata.indicator
        for indicator in range(len(self.window.series.answer.goals)):
            yield indicator, np.flatnonzero(of == indicator)

    @property
    def columns(self) -> dict[str, Values]:
        """Which times are held against each other, and the rates then."""
        labels = self.window.series.times.labels
        return {
            "baseline_time": Words(labels, self.window.baseline), "baseline_rate": self.before,
            "latest_time": Words(labels, self.window.latest), "latest_rate": self.now,
        }  # fmt: skip
