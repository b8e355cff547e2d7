"""What is known of an indicator today: rates of everybody, of segments, of places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer.rates import estimate, known_stats
from targeted_universalism.ask.candidates.asked import Asked
from targeted_universalism.ask.series import laid_along
from targeted_universalism.errors import InputError
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.times import Times


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates of cells as they are held, with what is known of their precision; of one shape."""

    rate: FloatArray
    variance: FloatArray
    events: FloatArray
    size: FloatArray
    hidden: BoolArray

    @classmethod
    def of(cls, segments: Segments, indicator: int, row: int | slice) -> Rates:
        """Take those of one row, or several, of an indicator's strata."""
        index, kind = segments.index, segments.kinds[indicator]
        cells = segments.cells.family.informed(segments.cells, index)
        cells = cells.mapped(lambda values: values[row])
        own = estimate(cells, kind, float(segments.unit_of(indicator)), None, "auto")
        known, stats = cells.state == State.OK, known_stats(cells)
        variance, events, size = (np.full(cells.shape, np.nan) for _ in range(3))
        variance[known] = cells.family.variance(stats, kind, 1.0)
        events[known], size[known] = cells.family.effective(stats, kind)
        return cls(own.rate, variance, events, size, cells.state == State.SUPPRESSED)


@dataclass(frozen=True, eq=False)
class Now:
    """What is known of one indicator today, and what is asked of it.

    Parameters
    ----------
    segments : Segments
        Without roll-ups.
    indicator : int
    asked : Asked
    time : str or None
        The column of time.
    """

    segments: Segments
    indicator: int
    asked: Asked
    time: str | None

    @property
    def kind(self) -> str:
        """Kind of outcome."""
        return self.segments.kinds[self.indicator]

    @property
    def sign(self) -> int:
        """+1 where more is wanted, −1 where less is."""
        return self.asked.signs[self.indicator]

    @property
    def unit(self) -> float:
        """What rates are per."""
        return float(self.segments.unit_of(self.indicator))

    @cached_property
    def own(self) -> Segments:
        """The strata of the indicator."""
        return self.segments.take(np.flatnonzero(self.segments.strata.indicator == self.indicator))

    @cached_property
    def times(self) -> tuple[Times, list[int]] | None:
        """The times there are, and the code of each."""
        return None if self.time is None else laid_along(self.own.strata, self.time)

    @cached_property
    def today(self) -> Segments:
        """The strata of the last time."""
        if self.times is None or self.time is None:
            return self.own
        strata = self.own.strata
        codes = strata.codes[strata.names.index(self.time)]
        return self.own.take(np.flatnonzero(codes == self.times[1][-1]))

    @property
    def when(self) -> str:
        """Say when today is."""
        return "" if self.times is None else f" in {self.times[0].labels[-1]}"

    @cached_property
    def together(self) -> Segments | None:
        """All strata of today as one; None where they cannot be added up."""
        return added_up(self.today, None)

    @cached_property
    def overall(self) -> Rates | None:
        """The rate of everybody today, in arrays shaped (1,)."""
        return None if self.together is None else Rates.of(self.together, self.indicator, 0)

    @property
    def rate(self) -> float:
        """The rate of everybody today; NaN where it is not known."""
        return np.nan if self.overall is None else float(self.overall.rate[0])

    @property
    def without(self) -> str:
        """Say why there is no overall rate."""
        if self.overall is None:
            return "no overall rate: the strata cannot be added up"
        hidden = bool(self.overall.hidden[0])
        return f"no overall rate: it is {'hidden' if hidden else 'not known'}"

    def number(self, value: float) -> str:
        """Write a rate with its unit."""
        return f"{value:.4g}" if self.unit == 1 else f"{value:.4g} per {self.unit:,.10g}"

    def better(self, value: float, said: str) -> Found:
        """Give a value, or say that no rate of the kind is as good."""
        most = self.unit if self.kind == "proportion" else np.inf
        least = -np.inf if self.kind == "mean" else 0.0
        if least <= value <= most:
            return value, said
        return np.nan, f"{said}: no such rate, it would be {self.number(value)}"


Found: TypeAlias = tuple[float, str]


def added_up(segments: Segments, over: list[str] | None) -> Segments | None:
    """Add strata up over some columns, or all; None where that cannot be done."""
    names = list(segments.strata.names) if over is None else over
    if not names or (over is None and len(segments.strata) == 1):
        return segments
    try:
        rolled = segments.rolled_up(names)
    except InputError:
        return None
    return rolled.take(np.flatnonzero(rolled.strata.rolled_up))
