"""The counts that disclosure control protects: people, events, and people without the event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.protected import ProtectedCounts, protected_counts
from targeted_universalism.segments.segments import Segments

QUANTITIES = ("people", "events", "people without the event")
PEOPLE, EVENTS, REST = range(len(QUANTITIES))


@dataclass(frozen=True, eq=False)
class Counted(ProtectedCounts):
    """The protected counts of many cells, every array of one shape, and what is known of each.

    Parameters
    ----------
    people, events, rest, sample : array
        As in :class:`ProtectedCounts`.
    state : array of uint8
        Values of ``State``.
    with_events, proportion : array of bool
        Where events are counted, and where people without the event are.
    """

    state: ByteArray
    with_events: BoolArray
    proportion: BoolArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every array."""
        return self.state.shape

    @property
    def whole(self) -> bool:
        """Whether people and events are whole numbers."""
        return all(
            bool((values[np.isfinite(values)] % 1 == 0).all())
            for values in (self.people, self.events)
        )

    @property
    def absent(self) -> BoolArray:
        """Which cells add nothing to a sum: no row tells of them."""
        return np.asarray(self.state == State.ABSENT)

    @property
    def incomplete(self) -> BoolArray:
        """Which cells lack a count that has a meaning."""
        out: BoolArray = np.zeros(self.shape, dtype=np.bool_)
        for quantity in range(len(QUANTITIES)):
            out |= np.isnan(self.value(quantity)) & self.meant(quantity)
        return out & ~self.absent

    def value(self, quantity: int) -> FloatArray:
        """Give one kind of count."""
        return (self.people, self.events, self.rest)[quantity]

    def meant(self, quantity: int) -> BoolArray:
        """Tell where a kind of count has a meaning."""
        every: BoolArray = np.ones(self.shape, dtype=np.bool_)
        return (every, self.with_events, self.proportion)[quantity]

    def each(self, f: Callable[[Any], Any]) -> Counted:
        """Apply a shape-changing function to every array."""
        return Counted(*(f(getattr(self, one.name)) for one in fields(self)))

    def of_new_cells(
        self, alike: IntArray, people: FloatArray, events: FloatArray, rest: FloatArray
    ) -> Counted:
        """Make counts of cells that no table has, (new,), which count what some of these do.

        `alike` are positions of these; of sampled people nothing is known.
        """
        return Counted(
            people,
            events,
            rest,
            np.full(len(alike), np.nan),
            np.full(len(alike), State.OK, dtype=np.uint8),
            self.with_events[alike],
            self.proportion[alike],
        )

    def with_rows(self, groups: Sequence[tuple[int, IntArray]], first: int, size: int) -> Counted:
        """Add rows that nobody publishes, counts shaped (rows, strata).

        Parameters
        ----------
        groups : sequence of (int, array)
            Rows that others add up to: the row, and its members.
        first : int
            The first of the rows that are added.
        size : int
            How many rows there are then.
        """
        if size == first:
            return self
        out = self.each(lambda values: np.pad(values, ((0, size - first), (0, 0))))
        out.state[first:] = State.ABSENT
        for name in ("with_events", "proportion"):
            getattr(out, name)[first:] = getattr(self, name)[0]
        for parent, members in groups:
            new = parent >= first and (out.state[parent] == State.ABSENT).all()
            if members[-1] < first and new:
                out._add_up(parent, members)
            elif members[-1] >= first:
                if new:
                    out._leave_open(parent)
                out._take_away(int(members[-1]), parent, int(members[0]))
        return out

    def _leave_open(self, row: int) -> None:
        """Let a row be there, of which no count is known."""
        for values in (self.people, self.events, self.rest, self.sample):
            values[row] = np.nan
        self.state[row] = State.OK

    def _add_up(self, parent: int, members: IntArray) -> None:
        """Fill a row in with the sum of its members."""
        absent = self.absent[members]
        for values in (self.people, self.events, self.rest, self.sample):
            values[parent] = np.where(absent, 0.0, values[members]).sum(axis=0)
        self.state[parent] = np.where(absent.all(axis=0), State.ABSENT, State.OK)

    def _take_away(self, others: int, whole: int, part: int) -> None:
        """Fill in those of a group who are not in a part; none where the part is no part."""
        there = ~self.absent[whole] & ~self.absent[part]
        for values in (self.people, self.events, self.rest, self.sample):
            values[others] = np.where(there, values[whole] - values[part], np.nan)
            there = there & ~(values[others] < 0)
        self.state[others] = np.where(there, State.OK, State.ABSENT)

    def with_sums(self, groups: Sequence[IntArray]) -> Counted:
        """Add one stratum for each group of strata: their sum, absent where all of them are."""
        if not groups:
            return self
        absent = self.absent
        first = np.array([members[0] for members in groups])

        def added(values: FloatArray) -> FloatArray:
            there = np.where(absent, 0.0, values)
            return np.stack([there[:, members].sum(axis=1) for members in groups], axis=1)

        gone = np.stack([absent[:, members].all(axis=1) for members in groups], axis=1)
        sums = Counted(
            added(self.people),
            added(self.events),
            added(self.rest),
            added(self.sample),
            np.where(gone, State.ABSENT, State.OK).astype(np.uint8),
            self.with_events[:, first],
            self.proportion[:, first],
        )
        return side_by_side([self, sums], axis=1)


def side_by_side(parts: Sequence[Counted], axis: int) -> Counted:
    """Lay counts side by side."""
    names = [one.name for one in fields(Counted)]
    return Counted(*(np.concatenate([getattr(p, name) for p in parts], axis) for name in names))


def counted(segments: Segments) -> Counted:
    """Take the counts that are protected from segments, public or not; (rows, strata)."""
    counts, state = protected_counts(segments), segments.cells.state
    kinds = np.array(segments.kinds)[segments.strata.indicator]
    with_events = np.broadcast_to(np.isin(kinds, ("proportion", "rate")), state.shape)
    proportion = np.broadcast_to(kinds == "proportion", state.shape)
    return Counted(
        counts.people, counts.events, counts.rest, counts.sample, state, with_events, proportion
    )
