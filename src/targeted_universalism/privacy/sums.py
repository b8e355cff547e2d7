"""Which cells add up to which: segments to their total, crossings to parents, strata to sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.counts import PEOPLE, Counted, counted
from targeted_universalism.privacy.keys import Group, TableRows
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.strata import Strata, members_of

# --- sums over strata ---------------------------------------------------------------------------


def rolled_up(strata: Strata) -> Iterator[Group]:
    """Each roll-up that is a stratum of the table, with the strata in it."""
    for over in strata.summed_away():
        sums, group = strata.add_up(over)
        away = np.isin(strata.names, over)[:, None]
        parents = np.flatnonzero(((strata.codes == -1) == away).all(axis=0))
        for parent, whole in zip(parents, strata.take(parents).match(sums), strict=True):
            yield int(parent), np.flatnonzero((group == whole) & (whole >= 0))


def sums_beside(strata: Strata, columns: Sequence[Sequence[str]]) -> tuple[Strata, list[IntArray]]:
    """Name the sums that are published beside a table, and the strata in each.

    Parameters
    ----------
    strata : Strata
        Of the table.
    columns : sequence of sequences of str
        `by` columns that are summed away, together.
    """
    added = [strata.add_up(over) for over in columns]
    nothing = strata.take(np.zeros(0, dtype=np.int64))
    every = nothing.followed_by(*(sums for sums, _ in added))
    return every, [group for sums, codes in added for group in members_of(codes, len(sums))]


# --- A table's counts laid flat, with everything that they add up to.


@dataclass(frozen=True, eq=False)
class Sums:
    """Signed members of sums, entry by entry: +1 for what is added, −1 for what it adds up to."""

    row: IntArray
    cell: IntArray
    sign: FloatArray
    size: int

    def keep(self, wanted: BoolArray) -> Sums:
        """Keep some sums."""
        here = wanted[self.row]
        place = np.cumsum(wanted) - 1
        return Sums(place[self.row[here]], self.cell[here], self.sign[here], int(wanted.sum()))

    def among(self, cells: BoolArray) -> Sums:
        """Keep the sums that are made of some cells alone."""
        wanted = np.ones(self.size, dtype=np.bool_)
        wanted[self.row[~cells[self.cell]]] = False
        return self.keep(wanted)

    def followed_by(self, other: Sums) -> Sums:
        """Write down more sums of the same cells."""
        return Sums(
            np.concatenate([self.row, other.row + self.size]),
            np.concatenate([self.cell, other.cell]),
            np.concatenate([self.sign, other.sign]),
            self.size + other.size,
        )


@dataclass(frozen=True, eq=False)
class Members:
    """Signed members of sums that add up to 0, entry by entry: a cell, and which of its counts."""

    row: IntArray
    cell: IntArray
    quantity: IntArray
    sign: FloatArray
    size: int

    def only(self, there: BoolArray) -> Members:
        """Keep the sums that are among some cells, which are numbered anew."""
        wanted = np.ones(self.size, dtype=np.bool_)
        wanted[self.row[~there[self.cell]]] = False
        here, row, cell = wanted[self.row], np.cumsum(wanted) - 1, np.cumsum(there) - 1
        return Members(
            row[self.row[here]], cell[self.cell[here]], self.quantity[here], self.sign[here],
            int(wanted.sum()),
        )  # fmt: skip


_NONE = np.zeros(0, dtype=np.int64)
NOTHING_DECLARED = Members(_NONE, _NONE, _NONE, np.zeros(0), 0)


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a table and of the sums that are published beside it, laid flat.

    Parameters
    ----------
    counts : Counted
        Shaped (cells,).
    own : (cells,) array of bool
        Which cells are the table's.
    told : (cells,) array of bool
        Which cells anybody publishes, hidden or not; what nobody publishes is unknown to all, and
        nothing is promised of it.
    sums : Sums
        What adds up to what.
    people_at : (cells,) array of int64
        The cell that tells of the same people: the same group under another indicator.
    within : (pairs, 2) array of int64
        Overlapping segments, and the groups that they are parts of.
    nested : (pairs, 2) array of int64
        Overlapping segments, the first of which may lie within the second.
    declared : Members
        What somebody declared of indicators: events of one that are the people of another, events
        that make up the people.
    """

    counts: Counted
    own: BoolArray
    told: BoolArray
    sums: Sums
    people_at: IntArray
    within: IntArray
    nested: IntArray
    declared: Members = NOTHING_DECLARED

    @cached_property
    def counted_people(self) -> BoolArray:
        """Whose people a census counts: all but those that are declared to be events."""
        out: BoolArray = np.isfinite(self.counts.people)
        events = np.zeros(self.declared.size, dtype=np.bool_)
        events[self.declared.row[self.declared.quantity != PEOPLE]] = True
        single = np.bincount(self.declared.row, minlength=self.declared.size) == 2
        here = self.declared.quantity == PEOPLE
        out[self.declared.cell[here & (events & single)[self.declared.row]]] = False
        return out

    def unknown(self, secret: BoolArray) -> BoolArray:
        """Tell which cells are secret or follow from none that is shown.

        What nobody publishes is known where all else in one of its sums is.
        """
        out = secret | ~self.told
        waiting = out & ~secret & np.isfinite(self.counts.people)
        while waiting.any():
            closed = out | self.counts.incomplete
            left = np.bincount(self.sums.row[closed[self.sums.cell]], minlength=self.sums.size)
            here = waiting[self.sums.cell] & (left[self.sums.row] == 1)
            if not here.any():
                break
            found = self.sums.cell[here]
            out[found] = waiting[found] = False
        return out

    def only(self, there: BoolArray) -> Grid:
        """Keep some cells, and the sums that are among them."""
        if there.all():
            return self
        place = np.cumsum(there) - 1
        sums = self.sums.among(there)
        at = self.people_at[there]
        at = np.where(there[at], at, np.flatnonzero(there))
        within, nested = (pairs[there[pairs].all(axis=1)] for pairs in (self.within, self.nested))
        return Grid(
            self.counts.each(lambda values: values[there]),
            self.own[there],
            self.told[there],
            replace(sums, cell=place[sums.cell]),
            place[at],
            place[within],
            place[nested],
            self.declared.only(there),
        )


def grid(
    segments: Segments,
    rows: TableRows,
    beside: Sequence[Sequence[str]] = (),
    shared: Sequence[Sequence[str]] = (),
) -> Grid:
    """Lay the counts of segments out with everything that they add up to.

    Parameters
    ----------
    segments : Segments
        Any roll-up included; public or not.
    rows : TableRows
        What its rows are about, those among them that nobody publishes.
    beside : sequence of sequences of str
        `by` columns that are summed away in what is published beside the table.
    shared : sequence of sequences of str
        `by` columns that are summed away in other tables, which nobody publishes of this one.
    """
    counts = counted(segments)
    strata = counts.shape[1]
    added = [sums_beside(segments.strata, columns)[1] for columns in (beside, shared)]
    groups = [*added[0], *added[1]]
    every = [*rolled_up(segments.strata), *((strata + i, g) for i, g in enumerate(groups))]
    counts = counts.with_sums(groups).with_rows(rows.sums, rows.published, len(rows.keys))
    shape = counts.shape
    row, stratum = np.ogrid[: shape[0], : shape[1]]
    own = (row < rows.published) & (stratum < strata)
    told = (row < rows.published) & (stratum < strata + len(added[0]))
    return Grid(
        counts.each(np.ravel),
        np.broadcast_to(own, shape).ravel(),
        np.broadcast_to(told, shape).ravel(),
        _sums(counts, rows.sums, every, rows.added),
        np.arange(shape[0] * shape[1]),
        _over_strata(rows.within, strata, shape[1]),
        _over_strata(rows.nested, strata, shape[1]),
    )


def margins(strata: Strata, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """List every choice of columns that can be summed away and that no roll-up shows already."""
    choices = [c for k in range(len(columns)) for c in combinations(columns, k + 1)]
    rolled = [set(over) for over in strata.summed_away()]
    return [c for c in choices if set(c) not in rolled]


def _over_strata(pairs: IntArray, strata: int, step: int) -> IntArray:
    """Repeat pairs of rows over the table's strata, as pairs of cells."""
    return (pairs[:, None, :] * step + np.arange(strata)[None, :, None]).reshape(-1, 2)


# --- sums ---------------------------------------------------------------------------------------


def _sums(counts: Counted, rows: Sequence[Group], strata: Sequence[Group], among: int) -> Sums:
    """Lay sums of rows out over all strata, and sums of strata over the first rows."""
    shape = counts.shape
    first = _spread(rows, shape[1], (shape[1], 1))
    second = _spread(strata, among, (1, shape[1]))
    row = np.concatenate([first[0], second[0] + len(rows) * shape[1]])
    cell = np.concatenate([first[1], second[1]])
    sign = np.concatenate([first[2], second[2]])
    size = len(rows) * shape[1] + len(strata) * among
    absent = counts.absent.ravel()[cell]
    without = np.zeros(size, dtype=np.bool_)
    without[row[absent & (sign < 0)]] = True
    members = np.bincount(row[~absent & (sign > 0)], minlength=size)
    found = Sums(row[~absent], cell[~absent], sign[~absent], size)
    return found.keep(~without & (members > 0))


def _spread(
    groups: Sequence[Group], times: int, step: tuple[int, int]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Repeat groups along the other axis: entry by entry, the sum, the cell and the sign."""
    if not groups:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, np.zeros(0)
    member = np.concatenate([np.append(members, parent) for parent, members in groups])
    lengths = [len(members) + 1 for _, members in groups]
    group = np.repeat(np.arange(len(groups)), lengths)
    sign = np.ones(len(member))
    sign[np.cumsum(lengths) - 1] = -1.0
    other = np.arange(times)
    row = (group[:, None] * times + other).ravel()
    cell = (member[:, None] * step[0] + other * step[1]).ravel()
    return row, cell, np.repeat(sign, times)
