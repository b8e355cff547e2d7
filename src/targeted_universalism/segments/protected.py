"""The counts of segments that disclosure control protects, and which of them are small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.statistics import Statistics

# The most people that stay confidential in a file, as most agencies publish it.
FEW = 10


@dataclass(frozen=True, eq=False)
class ProtectedCounts:
    """The counts that disclosure control protects, shaped (rows, strata); NaN where not there.

    Parameters
    ----------
    people : array
        Rows about people where there are such, else the population.
    events : array
        Events: counted, or implied by a published rate and its population.
    rest : array
        People without the event; missing where events may repeat.
    sample : array
        Sampled people behind a published estimate.
    """

    people: FloatArray
    events: FloatArray
    rest: FloatArray
    sample: FloatArray

    def few(self, people: int, events: int) -> BoolArray:
        """Tell where a count is small: less than so many people (or events), and not nobody."""
        small: BoolArray = np.zeros(self.people.shape, dtype=np.bool_)
        for count, minimum in (
            (self.people, people), (self.sample, people),
            (self.events, events), (self.rest, events),
        ):  # fmt: skip
            small |= (count > 0) & (count < minimum)
        return small


def protected_counts(segments: Statistics) -> ProtectedCounts:
    """Take the counts that are protected from segments, public or not."""
    cells, kinds = segments.cells, np.array(segments.kinds)[segments.strata.indicator]
    people, events, sample = cells.family.protected(cells.stats, segments.units)
    events = np.where(np.isin(kinds, ("proportion", "rate")), events, np.nan)
    rest = np.where(kinds == "proportion", people - events, np.nan)
    return ProtectedCounts(people, events, rest, sample)


def small_cells(segments: Statistics) -> BoolArray:
    """Tell which cells hold a count of 1 to ``FEW``."""
    few = protected_counts(segments).few(FEW + 1, FEW + 1)
    return np.asarray(few & (segments.cells.state != State.SUPPRESSED))
