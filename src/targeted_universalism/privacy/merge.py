"""Tables as one grid: a cell that two of them hold is one cell, where their numbers agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, REST, Counted, side_by_side
from targeted_universalism.privacy.indicators import same_indicators
from targeted_universalism.privacy.laid import Measure, Release
from targeted_universalism.privacy.parts import Leftover, left_over
from targeted_universalism.privacy.sums import Grid, Members, Sums
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.strata import members_of

# What no table has: what parts leave of a whole, and groups that several crossings share.
LEFT, SHARED = 1, 2
_SAID = ("{}", "the rest of {}", "a part of {}")


@dataclass(frozen=True, eq=False)
class Together:
    """Tables as one grid.

    Parameters
    ----------
    grid : Grid
        All cells, the first table's own.
    beside : (places,) array of bool
        Sums that are published beside the first table.
    cells : tuple of (rows, strata) arrays of int64
        Where the cells of each table went.
    turned : tuple of (rows, strata) arrays of bool
        Which cells of each count as an event what the others count as none.
    apart : tuple of (rows, strata) arrays of int64
        Which cells of each are in an earlier table too, and were not tied to it: 1 where numbers
        differ, 2 where what is measured is defined otherwise; 0 for all others.
    number : (places,) array of int64
        What each place is about, and what is measured; places that were not tied may share one.
    releases : tuple of Release
        The tables as they were laid out.
    home : (2, places) array of int64
        The first release with each place, and its cell there; of what no table has, those of a
        whole.
    left : (places,) array of int64
        What no table has: LEFT by parts of a whole, or SHARED by crossings; 0 for all others.
    """

    grid: Grid
    beside: BoolArray
    cells: tuple[IntArray, ...]
    turned: tuple[BoolArray, ...]
    apart: tuple[IntArray, ...]
    number: IntArray
    releases: tuple[Release, ...]
    home: IntArray
    left: IntArray

    def words(self, place: int) -> str:
        """Name a place: the labels of its stratum and its row."""
        release, cell = (int(at) for at in self.home[:, place])
        return _SAID[self.left[place]].format(self.releases[release].words(cell))

    def from_home(self, of_cells: Sequence[IntArray]) -> IntArray:
        """Take for every place what its first table says of it, cell by cell, table by table."""
        out = np.zeros((len(self.number), *of_cells[0].shape[1:]), dtype=np.int64)
        for i, values in enumerate(of_cells):
            here = self.home[0] == i
            out[here] = values[self.home[1, here]]
        return out

    def with_left(self, left: Leftover, why: int) -> Together:
        """Add what parts leave of wholes, or what crossings share."""
        size, more = len(self.number), len(left.whole)
        no = np.zeros(more, dtype=np.bool_)
        new, grid = size + np.arange(more), self.grid
        return replace(
            self,
            grid=replace(
                grid,
                counts=side_by_side([grid.counts, left.counts], axis=0),
                own=np.append(grid.own, no),
                told=np.append(grid.told, no),
                sums=grid.sums.followed_by(left.sums),
                people_at=np.append(grid.people_at, new[left.people_at]),
            ),
            beside=np.append(self.beside, no),
            number=np.append(self.number, self.number.max(initial=0) + 1 + np.arange(more)),
            home=np.append(self.home, self.home[:, left.whole], axis=1),
            left=np.append(self.left, np.full(more, why)),
        )

    def marked(self, table: int, here: BoolArray) -> BoolArray:
        """Mark the places of some of a table's cells."""
        out = np.zeros(len(self.number), dtype=np.bool_)
        out[self.cells[table][here]] = True
        return out

    def tied(self, declared: Members) -> Together:
        """Add what was declared of indicators: who is events of one is not all of its people."""
        at = _apart(self.grid.people_at, declared)
        return replace(self, grid=replace(self.grid, declared=declared, people_at=at))

    def side(self, table: int, quantity: int) -> IntArray:
        """Say which quantity of its place is one of each of a table's cells, (rows, strata)."""
        other = {PEOPLE: PEOPLE, EVENTS: REST, REST: EVENTS}[quantity]
        return np.where(self.turned[table], other, quantity)


class Merge:
    """Tables on their way to being one; cells whose numbers differ are kept apart.

    Parameters
    ----------
    releases : sequence of Release
        The tables as they were laid out, the cells numbered by what they are about.
    """

    def __init__(self, releases: Sequence[Release]) -> None:
        self.releases = releases
        self.of, turned = same_indicators(releases)
        self.turned = [t[r.indicator] for t, r in zip(turned, releases, strict=True)]
        self.counts = [
            _turned(release.grid.counts, at)
            for release, at in zip(releases, self.turned, strict=True)
        ]
        self.measures = [of[r.indicator] for of, r in zip(self.of, releases, strict=True)]
        self.size = max(int(of.max()) for of in self.of) + 1
        nothing = np.zeros(0, dtype=np.int64)
        self.layers: list[tuple[IntArray, IntArray]] = []  # numbers, sorted, and their places
        self.names: dict[str, list[Measure]] = {}
        self.said = nothing
        self.number, self.people, self.events = nothing, np.zeros(0), np.zeros(0)

    def done(self, shapes: Sequence[tuple[int, ...]]) -> Together:
        """Find a place for every cell, and put all tables together; each has (rows, strata)."""
        placed = [self._placed(i) for i in range(len(self.releases))]
        places, apart = [p for p, _ in placed], [a for _, a in placed]
        joined = self._joined(places)
        beside = np.zeros(len(self.number), dtype=np.bool_)
        beside[places[0][self.releases[0].grid.told]] = True

        def own(values: Sequence[np.ndarray]) -> tuple[Any, ...]:
            shaped = (v.reshape(r.shape) for v, r in zip(values, self.releases, strict=True))
            return tuple(
                v[:rows, :strata] for v, (rows, strata) in zip(shaped, shapes, strict=True)
            )

        home = np.zeros((2, len(self.number)), dtype=np.int64)
        for i, at in list(enumerate(places))[::-1]:
            home[:, at] = np.full(len(at), i), np.arange(len(at))
        merged = Together(
            joined, beside & ~joined.own, own(places), own(self.turned), own(apart), self.number,
            tuple(self.releases), home, np.zeros(len(self.number), dtype=np.int64),
        )  # fmt: skip
        left = left_over(self.releases, places, self.measures, joined.counts)
        return merged if left is None else merged.with_left(left, LEFT)

    def _placed(self, i: int) -> tuple[IntArray, IntArray]:
        """Find a place for every cell: that of an earlier table, unless the numbers differ.

        A cell with a hidden side is taken to be the same, unless most of those of its stratum that
        both tables show differ.
        """
        release, counts = self.releases[i], self.counts[i]
        number = release.key * self.size + self.measures[i]
        place = np.full(len(number), -1)
        people, events = counts.people, counts.events
        for known, at in self.layers:
            nearest = _found(known, number)
            there, found = at[nearest], (nearest >= 0) & (place < 0)
            differ = _differ(people, self.people[there]) | _differ(events, self.events[there])
            both = np.isfinite(people) & np.isfinite(self.people[there])
            both |= np.isfinite(events) & np.isfinite(self.events[there])
            votes = found & both & (np.nan_to_num(people) + np.nan_to_num(events) > 0)
            against = np.bincount(release.stratum[votes & differ], minlength=_top(release))
            every = np.bincount(release.stratum[votes], minlength=_top(release))
            other = (2 * against > every)[release.stratum] & ~both
            found &= ~other
            place[found & ~differ] = there[found & ~differ]
        apart = np.where(place < 0, self._said_before(release), 0)
        new = np.flatnonzero(place < 0)
        place[new] = len(self.number) + np.arange(len(new))
        self._grow(place, number, people, events, new)
        return place, apart

    def _said_before(self, release: Release) -> IntArray:
        """Tell which cells an earlier table has too, by their labels and the indicator's name.

        Returns
        -------
        (cells,) array of int64
            2 where every earlier table defines the indicator otherwise, else 1; 0 where it is new.
        """
        said, otherwise = [], []
        for one in release.measures:
            earlier = self.names.setdefault(one.name, [])
            said.append(list(self.names).index(one.name))
            otherwise.append(all(map(one.differs, earlier)))
            earlier.append(one)
        key = release.key * _MANY + np.array(said, dtype=np.int64)[release.indicator]
        before = np.isin(key, self.said)
        self.said = np.concatenate([self.said, key])
        return before * (1 + np.array(otherwise, dtype=np.int64)[release.indicator])

    def _grow(
        self,
        place: IntArray,
        number: IntArray,
        people: FloatArray,
        events: FloatArray,
        new: IntArray,
    ) -> None:
        """Add places for new cells; of the others keep what the first table with a number says."""
        nothing = np.full(len(new), np.nan)
        if len(new):
            order = np.argsort(number[new], kind="stable")
            self.layers.append((number[new][order], place[new][order]))
        self.number = np.concatenate([self.number, number[new]])
        for name, values in (("people", people), ("events", events)):
            first = np.concatenate([getattr(self, name), nothing])
            first[place] = np.where(np.isnan(first[place]), values, first[place])
            setattr(self, name, first)

    def _joined(self, places: Sequence[IntArray]) -> Grid:
        """Lay all tables over each other, cell by cell at its place."""
        key, measure = np.divmod(self.number, self.size)
        grids = [release.grid for release in self.releases]
        place, size = np.concatenate(places), len(self.number)
        own, told = (np.zeros(size, dtype=np.bool_) for _ in range(2))
        own[places[0][grids[0].own]] = True
        for g, at in zip(grids, places, strict=True):
            told[at[g.told]] = True
        tops = np.cumsum([0, *(g.sums.size for g in grids)])
        counts = _first_known(side_by_side(self.counts, axis=0), place, size)
        return Grid(
            counts,
            own,
            told,
            Sums(
                np.concatenate([g.sums.row + top for g, top in zip(grids, tops, strict=False)]),
                np.concatenate([at[g.sums.cell] for g, at in zip(grids, places, strict=True)]),
                np.concatenate([g.sums.sign for g in grids]),
                int(tops[-1]),
            ),
            _same_people(counts.people, key, measure, self._strata_of(places, size)),
            np.concatenate([at[g.within] for g, at in zip(grids, places, strict=True)]),
            np.concatenate([at[g.nested] for g, at in zip(grids, places, strict=True)]),
        )

    def _strata_of(self, places: Sequence[IntArray], size: int) -> IntArray:
        """Give every place the stratum of the first table that holds it."""
        out = np.zeros(size, dtype=np.int64)
        top = 0
        for release, at in list(zip(self.releases, places, strict=True))[::-1]:
            out[at] = release.stratum + top
            top += _top(release)
        return out


# More than there are indicators.
_MANY = 2**20


def _top(release: Release) -> int:
    """Count the strata of a release."""
    return int(release.stratum.max(initial=-1)) + 1


def _found(known: IntArray, asked: IntArray) -> IntArray:
    """Position of numbers among sorted ones; −1 where they are not."""
    if not len(known):
        return np.full(len(asked), -1)
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[at] == asked, at, -1)


def _differ(one: FloatArray, other: FloatArray) -> BoolArray:
    """Tell which numbers are both there and not the same."""
    most = np.maximum(np.maximum(np.abs(one), np.abs(other)), 1.0)
    return np.asarray(np.abs(one - other) > 1e-9 * most)


def _turned(counts: Counted, at: BoolArray) -> Counted:
    """Count as an event what was counted as none."""
    if not at.any():
        return counts
    each = {n: getattr(counts, n) for n in ("people", "sample", "state", "with_events")}
    return Counted(
        events=np.where(at, counts.rest, counts.events),
        rest=np.where(at, counts.events, counts.rest),
        proportion=counts.proportion,
        **each,
    )


def _same_people(
    people: FloatArray, key: IntArray, measure: IntArray, stratum: IntArray
) -> IntArray:
    """Point cells of several measures to the first that is about the same people.

    They are the same in a stratum where most of the people that both measures show agree; that
    nobody is there under both says nothing.
    """
    at = np.arange(len(key))
    of_measure = members_of(measure, int(measure.max(initial=0)) + 1)
    size = int(stratum.max(initial=0)) + 1
    for one, cells in enumerate(of_measure):
        mine = cells[at[cells] == cells]
        mine = mine[np.argsort(key[mine], kind="stable")]
        for others in of_measure[one + 1 :]:
            theirs = others[at[others] == others]
            found = _found(key[mine], key[theirs])
            theirs, first = theirs[found >= 0], mine[found[found >= 0]]
            both = np.isfinite(people[theirs]) & np.isfinite(people[first])
            differ = both & _differ(people[theirs], people[first])
            both &= np.nan_to_num(people[theirs]) + np.nan_to_num(people[first]) > 0
            every = np.bincount(stratum[theirs[both]], minlength=size)
            against = np.bincount(stratum[theirs[both & differ]], minlength=size)
            same = (every > 0) & (2 * against <= every)
            tied = same[stratum[theirs]] & ~differ
            at[theirs[tied]] = first[tied]
    return at


def _apart(at: IntArray, declared: Members) -> IntArray:
    """Point cells whose people are declared to be the events of others to themselves.

    They may look like the same people where all that is shown is events.
    """
    two = np.bincount(declared.row, minlength=declared.size)[declared.row] == 2
    order = np.argsort(declared.row[two], kind="stable")
    cell, people = declared.cell[two][order], declared.quantity[two][order] == PEOPLE
    before, later = cell[~people], cell[people]
    later = np.unique(later[at[before] == at[later]])
    out, every = at.copy(), np.arange(len(at))
    out[later] = later
    left = np.flatnonzero(np.isin(at, later) & ~np.isin(every, later))
    first = np.full(len(at), len(at))
    np.minimum.at(first, at[left], left)
    out[left] = first[at[left]]
    return out


def _first_known(every: Counted, place: IntArray, size: int) -> Counted:
    """Of the cells that share a place take each count from the first that tells it."""

    def taken(values: FloatArray) -> FloatArray:
        out = np.full(size, np.nan)
        here = np.flatnonzero(~np.isnan(values))[::-1]
        out[place[here]] = values[here]
        return out

    state = np.full(size, State.ABSENT, dtype=np.uint8)
    for value in (State.NO_DATA, State.SUPPRESSED, State.OK):
        state[place[every.state == value]] = value

    def anywhere(flag: BoolArray) -> BoolArray:
        out = np.zeros(size, dtype=np.bool_)
        out[place[flag]] = True
        return out

    return Counted(
        taken(every.people),
        taken(every.events),
        taken(every.rest),
        taken(every.sample),
        state,
        anywhere(every.with_events),
        anywhere(every.proportion),
    )
