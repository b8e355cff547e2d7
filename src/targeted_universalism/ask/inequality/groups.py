"""The segments of one dimension in the strata of one indicator, and what measures say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, TypeAlias

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import empty
from targeted_universalism.answer.rates import known_stats
from targeted_universalism.ask.inequality.grid import SummaryGrid
from targeted_universalism.ask.inequality.strata import (
    Chunk,
    How,
    Rates,
    Setting,
    Task,
    some,
    task_of,
)
from targeted_universalism.measures.inequality.register import REGISTER, Asked, Measure
from targeted_universalism.reasons import Reason, Reasons, because, first_that_holds
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.index import Dimension

_CHUNK = 1 << 15  # numbers in one array: a chunk stays in the processor's cache
_DRAWN = 1 << 18  # the same, draws among them

# Some segments, and the measures that are made of them, by their place among those asked for.
Part: TypeAlias = "tuple[DimensionGroup, dict[int, Task]]"


class DimensionGroup:
    """The segments of one dimension in the strata of one indicator.

    Arrays of what is known are shaped (segments, strata), Unknown left out: `there` tells who has a
    rate, `lost` who has people and none, `small` who is left out. Of strata, shaped (strata,):
    `here` are their positions, `hidden` those in which a segment is hidden, `told` those that may
    have a measure, `count` and `segments` how many segments take part.
    """

    def __init__(
        self, answer: Answer, dimension: Dimension, rows: IntArray, here: IntArray, indicator: int
    ) -> None:
        known = rows[~dimension.unknown]
        cells = answer.cells.take(known).strata(here)
        kind, self.goal = answer.segments.kinds[indicator], answer.goals[indicator]
        self.dimension, self.here = dimension, here
        self.labels = [x for x, k in zip(dimension.labels, ~dimension.unknown, strict=True) if k]
        self.rates = rates_of(answer, cells, np.ix_(known, here), indicator)
        self.setting = Setting(
            kind=kind,
            counted=cells.family.counted,
            direction=self.goal.direction,
            goal=float(self.goal.fraction),
            no_error=Reason.INTERVAL_UNDEFINED if cells.family.counted else Reason.NO_INTERVAL,
        )
        nobody: BoolArray = empty(cells)
        self.there: BoolArray = (cells.state == State.OK) & ~nobody
        self.lost: BoolArray = (
            (cells.state >= State.NO_DATA) & ~nobody & answer.there[known][:, here]
        )
        self.hidden = (cells.state == State.SUPPRESSED).any(axis=0)
        self.told: BoolArray = ~self.hidden & self.dimension.exclusive
        self._leave_out(np.zeros_like(self.there), np.zeros(len(here), dtype=np.bool_))

    def _leave_out(self, small: BoolArray, unsized: BoolArray) -> None:
        """Say which segments are too small, how many take part, and why no measure can be had."""
        self.small, self.unsized = small, unsized
        self.count: IntArray = np.where(self.told, (self.there & ~small).sum(axis=0), 0)
        self.segments = np.where(self.told, self.count, np.nan)
        self.reason = self._reason()

    def larger(self, minimum: int, named: str | None) -> DimensionGroup:
        """Leave out segments with fewer people, but not the one that is named."""
        rows, people = self.rates.rows, self.rates.population
        size = np.where(np.isnan(rows), people, rows)
        spared = np.array([label == named for label in self.labels], dtype=np.bool_)[:, None]
        unsized = np.asarray((self.there & np.isnan(size)).any(axis=0))
        part = copy(self)
        part._leave_out(np.asarray(self.there & (size < minimum) & ~spared), unsized)
        return part

    def parts(self, wanted: Sequence[Asked], minimum: int) -> list[Part]:
        """Put measures together that are made of the same segments."""
        parts: dict[str | None, Part] = {}
        for m, ask in enumerate(wanted):
            fitting = self.fitting(ask)
            if fitting is None:
                continue
            chosen = fitting.picks and minimum > 0
            named = ask.chosen if fitting.choice == "reference" else ""
            key = named if chosen else None
            if key not in parts:
                parts[key] = (self.larger(minimum, named) if chosen else self, {})
            part, tasks = parts[key]
            tasks[m] = task_of(fitting, ask, self.labels, part.there & ~part.small)
        return list(parts.values())

    def fitting(self, ask: Asked) -> Measure | None:
        """Find the measure that does a job for this kind and order; none may fit."""
        fits = (v for v in ask.variants if v.fits(self.setting.kind, self.dimension.ordered))
        return next(fits, None)

    def enter(self, grid: SummaryGrid, d: int, m: int, ask: Asked) -> None:
        """Show a row for a measure, and say why it has no value where it does not fit."""
        fitting, place = self.fitting(ask), (self.here, d, m)
        grid.shown[place] = True
        grid.measure[place] = list(REGISTER).index((fitting or ask.variants[0]).name)
        if fitting is None:
            grid.numbers["segments"][place] = self.segments
            grid.reason.add(place, self.reason | because(self.count >= 2, self.misfit(ask)))

    def _reason(self) -> Reasons:
        """Say why no measure can be had, or what is left out of all of them."""
        why = first_that_holds(
            [
                (not self.dimension.exclusive, Reason.OVERLAPPING),
                (self.hidden, Reason.SUPPRESSED_SEGMENT),
                (self.count < 2, Reason.FEW_SEGMENTS),
                (np.asarray(self.lost.any(axis=0)), Reason.LEFT_OUT),
            ],
            self.count.shape,
        )
        why |= because(self.small.any(axis=0) & self.told, Reason.SMALL_LEFT_OUT)
        return why | because(self.unsized & self.told, Reason.SIZE_UNKNOWN)

    def misfit(self, ask: Asked) -> Reason:
        """Say why a measure is not for these segments."""
        in_order = any(m.fits_order(self.dimension.ordered) for m in ask.variants)
        return Reason.NOT_BOUNDED if in_order else Reason.NOT_ORDERED

    def fill(self, grid: SummaryGrid, d: int, tasks: Mapping[int, Task], how: How) -> None:
        """Summarize every stratum by some measures."""
        for m in tasks:
            place = (self.here, d, m)
            grid.numbers["segments"][place] = self.segments
            grid.reason.add(place, self.reason)
        for strata, rows in self.chunks(how):
            chunk = Chunk(self.setting, how, self.rates.take(rows, strata))
            here = [task._replace(choice=some(task.choice, strata), lost=task.lost[strata])
                    for task in tasks.values()]  # fmt: skip
            for m, task, (numbers, why) in zip(tasks, here, chunk.rows(here), strict=True):
                place = (self.here[strata], d, m)
                for name, values in numbers.items():
                    scaled = values * float(self.goal.per) ** task.measure.degree
                    grid.numbers[name][place] = scaled
                grid.reason.add(place, why)

    def chunks(self, how: How) -> Iterator[tuple[IntArray, IntArray]]:
        """Give strata of one number of segments together, as many as fit a cache, and their rows.

        Rows are shaped (segments, strata).
        """
        order = np.argsort(~(self.there & ~self.small), axis=0, kind="stable")
        most = _CHUNK if how.intervals == "analytic" else _DRAWN // how.draws
        for k in np.unique(self.count[self.count >= 2]):
            alike = np.flatnonzero(self.count == k)
            step = max(1, most // int(k))
            for start in range(0, len(alike), step):
                strata = alike[start : start + step]
                yield strata, order[:k, strata]


def rates_of(answer: Answer, cells: Cells, place: Any, indicator: int) -> Rates:
    """Gather what is known of segments, per member of the population, with the table's limits."""
    kind, per = answer.segments.kinds[indicator], float(answer.goals[indicator].per)
    unit, family = float(answer.segments.unit_of(indicator)), cells.family
    known, stats = cells.state == State.OK, known_stats(cells)

    def spread(values: FloatArray) -> FloatArray:
        whole = np.full(cells.shape, np.nan)
        whole[known] = values
        return whole

    events, size = family.effective(stats, kind)
    return Rates(
        rate=spread(family.rate(stats, kind) / unit),
        low=answer.values["ci_low"][place] / per,
        high=answer.values["ci_high"][place] / per,
        se=spread(family.standard_error(stats, kind, unit)),
        df=spread(family.df(stats, kind)),
        events=spread(events),
        size=spread(size),
        rows=spread(family.rows(stats)),
        population=cells.population,
    )
