"""From a table with hidden cells to the systems of sums that its attackers can write down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.attack import VERY_LARGE, Demand
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, REST
from targeted_universalism.privacy.sums import Grid, Members, Sums
from targeted_universalism.privacy.system import System, others, propagate


class Equations(NamedTuple):
    """Sums of unknowns, entry by entry: Σ sign · unknown = total.

    `row` and `col`, (entries,), say which sum and which unknown, `sign` is +1 or −1; `total`,
    (sums,), is what each sum is.
    """

    row: IntArray
    col: IntArray
    sign: FloatArray
    total: FloatArray


@dataclass(frozen=True, eq=False)
class Terms:
    """What must be kept of each cell: numbers for all, or arrays shaped (cells,).

    Parameters
    ----------
    people, events : int or array
        The smallest count of people, and of events or people without the event, that may be shown.
    width : int or array
        How many values every hidden count must keep.
    small_low : int or array
        The least count that counts as small: 0 where zeros are hidden too, else 1.
    """

    people: int | IntArray
    events: int | IntArray
    width: int | IntArray
    small_low: int | IntArray = 1

    def of(self, quantity: int) -> int | IntArray:
        """Give the smallest count of a quantity that may be shown."""
        return self.people if quantity == PEOPLE else self.events

    def minimum(self, cell: IntArray, quantity: IntArray) -> FloatArray:
        """Give the smallest count of each cell's quantity that may be shown."""
        people, events = _at(self.people, cell), _at(self.events, cell)
        return np.where(quantity == PEOPLE, people, events)

    def demand(
        self, asked: BoolArray, cell: IntArray, quantity: IntArray, most: FloatArray
    ) -> Demand:
        """Say what some unknowns must keep.

        Parameters
        ----------
        asked : (unknowns,) array of bool
            Of which anything is asked.
        cell, quantity : (unknowns,) arrays of int64
            What they stand for.
        most : (unknowns,) array
            How many people there are at most, where that is known: no count has more values.
        """
        wanted = np.where(asked, np.minimum(_at(self.width, cell), most + 1), 0.0)
        low = np.where(quantity == PEOPLE, 1.0, _at(self.small_low, cell))
        return Demand(wanted, ((low, self.minimum(cell, quantity) - 1),))

    def of_cells(self, cells: BoolArray) -> Terms:
        """Keep the terms of some cells."""
        each = (self.people, self.events, self.width, self.small_low)
        return Terms(*(v[cells] if isinstance(v, np.ndarray) else v for v in each))

    def stricter(self, cells: BoolArray, other: Terms) -> Terms:
        """Ask of some cells what another asks too."""

        def most(mine: int | IntArray, theirs: int | IntArray) -> IntArray:
            return np.where(cells, np.maximum(mine, theirs), mine)

        low = np.where(cells, np.minimum(self.small_low, other.small_low), self.small_low)
        return Terms(
            most(self.people, other.people), most(self.events, other.events),
            most(self.width, other.width), low,
        )  # fmt: skip


def _at(values: int | IntArray, cell: IntArray) -> FloatArray:
    """Give the number of each cell, where one number may be that of all."""
    if isinstance(values, np.ndarray):
        return values[cell].astype(np.float64)
    return np.full(len(cell), float(values))


@dataclass(frozen=True, eq=False)
class Puzzle:
    """A system of sums, and which cell and quantity each unknown stands for."""

    system: System
    demand: Demand
    cell: IntArray
    quantity: IntArray
    ringed: BoolArray

    def part(self, among: BoolArray) -> Puzzle:
        """Keep the unknowns of some cells, which must be whole blocks."""
        here = among[self.cell]
        return Puzzle(
            self.system.part(here), self.demand.part(here), self.cell[here],
            self.quantity[here], self.ringed[here],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class KnownCounts:
    """What is known of one quantity of all cells.

    Parameters
    ----------
    at : (cells,) array of int64
        The cell that tells of each cell's: of people it may be one under another indicator.
    value : (cells,) array
        The count, where a cell tells; NaN where it is not known.
    unknown : (cells,) array of bool
        Which cells would tell a count that is not known.
    hidden : (cells,) array of bool
        Which of these counts are hidden, and not only left unpublished.
    """

    at: IntArray
    value: FloatArray
    unknown: BoolArray
    hidden: BoolArray


def counts_told(grid: Grid, dark: BoolArray, quantity: int, *, census: bool = False) -> KnownCounts:
    """Look one quantity up; people of a group may be shown under another indicator.

    Parameters
    ----------
    grid : Grid
        The counts.
    dark : (cells,) array of bool
        Cells of which nothing is shown, as :meth:`Grid.unknown` tells.
    quantity : int
        PEOPLE, EVENTS or REST.
    census : bool
        Whether the people of dark cells are known.
    """
    size = len(dark)
    at = grid.people_at if quantity == PEOPLE else np.arange(size)
    value = grid.counts.value(quantity)
    meant = grid.counts.meant(quantity) & ~grid.counts.absent
    open_ = ~dark | grid.counted_people if census and quantity == PEOPLE else ~dark
    shown = np.flatnonzero(open_ & ~np.isnan(value) & meant)[::-1]
    told = np.full(size, np.nan)
    told[at[shown]] = value[shown]
    used = np.zeros(size, dtype=np.bool_)
    used[at[meant]] = True
    hidden = np.zeros(size, dtype=np.bool_)
    hidden[at[dark & grid.told & meant]] = True
    unknown = used & np.isnan(told)
    return KnownCounts(at, told, unknown, hidden & unknown)


def equations(sums: Sums, known: KnownCounts) -> Equations:
    """Move what is known of each sum to the other side; sums without an unknown are dropped."""
    cell = known.at[sums.cell]
    open_ = known.unknown[cell]
    value = np.where(open_, 0.0, np.nan_to_num(known.value[cell]))
    left = -np.bincount(sums.row, sums.sign * value, minlength=sums.size).astype(np.float64)
    used, row = np.unique(sums.row[open_], return_inverse=True)
    col = (np.cumsum(known.unknown) - 1)[cell[open_]].astype(np.int64)
    return Equations(row.astype(np.int64), col, sums.sign[open_], left[used])


def hidden_only(dark: BoolArray) -> KnownCounts:
    """Look at which cells are dark, not at any count."""
    return KnownCounts(np.arange(len(dark)), np.zeros(len(dark)), dark, dark)


def unsaid(grid: Grid, dark: BoolArray) -> BoolArray:
    """Tell of which cells something is not known: dark ones, and those without a count."""
    return (dark | grid.counts.incomplete) & ~grid.counts.absent


def pattern(grid: Grid, dark: BoolArray) -> System:
    """Write down the sums of cells that are not known, without what they add up to."""
    unknown = unsaid(grid, dark)
    nothing = np.zeros(int(unknown.sum()))
    return System(*equations(grid.sums, hidden_only(unknown)), nothing, nothing, True)


def blocks(grid: Grid, dark: BoolArray) -> IntArray:
    """Give each cell that is not known the number of its block, from 1; 0 to all others.

    Sums tie cells together, and so do people who are told of under two indicators, and what is
    declared of indicators.
    """
    unknown = unsaid(grid, dark)
    system = pattern(grid, dark)
    place = np.cumsum(unknown) - 1
    twice = np.flatnonzero(unknown & (grid.people_at != np.arange(len(unknown))))
    twice = twice[unknown[grid.people_at[twice]]]
    declared = unknown[grid.declared.cell]
    extra = np.arange(len(twice)) + len(system.total)
    last = len(system.total) + len(twice)
    row = np.concatenate([system.row, extra, extra, grid.declared.row[declared] + last])
    tied = replace(
        system,
        row=row,
        col=np.concatenate([
            system.col, place[twice], place[grid.people_at[twice]],
            place[grid.declared.cell[declared]],
        ]),
        sign=np.ones(len(row)),
        total=np.zeros(last + grid.declared.size),
    )  # fmt: skip
    block = np.zeros(len(unknown), dtype=np.int64)
    block[unknown] = 1 + tied.blocks()
    return block


def of_events(
    grid: Grid, dark: BoolArray, quantity: int, terms: Terms, *, census: bool = True
) -> Puzzle:
    """Write down what follows for events, or the rest, to one who knows how many people there are.

    Parameters
    ----------
    grid : Grid
        The counts; those of `dark` cells are not looked at, their people are.
    dark : (cells,) array of bool
        Cells of which nothing is shown.
    quantity : int
        EVENTS or REST: both are asked for, as each is the people less the other.
    terms : Terms
        What must be kept.
    census : bool
        Whether the people of dark cells are known; else nothing bounds events from above.
    """
    known = counts_told(grid, dark, quantity)
    written = equations(grid.sums.among(grid.counts.meant(quantity)), known)
    cell = np.flatnonzero(known.unknown)
    counted = grid.counted_people if census else np.zeros_like(dark)
    people = np.where(counted, grid.counts.people, np.nan)[cell]
    capped = grid.counts.proportion[cell] & np.isfinite(people)
    high = np.where(capped, people, np.inf)
    system = System(*written, np.zeros(len(cell)), high, grid.counts.whole)
    each = np.full(len(cell), quantity)
    demand = terms.demand(known.hidden[cell], cell, each, high)
    ((few, most),) = demand.small
    # Zeros of a group that is small itself are no secret; where it is not, they may be one.
    few = np.where(capped & (high <= most), 1.0, few)
    outside = np.where(capped, high - most, np.nan), np.where(capped, high - few, np.nan)
    demand = replace(demand, small=((few, most), outside))
    return Puzzle(system, demand, cell, each, system.rings())


def uncounted(grid: Grid, dark: BoolArray, quantity: int, terms: Terms) -> BoolArray:
    """Find events, or the rest, that follow if the people of others are as few as they may be.

    For cells that earlier tables hide: a census knows their people, and whoever asks here does
    not. In every sum with a member that the table itself shows, all but one of those whose people
    are not known are taken to have the fewest.

    Returns
    -------
    (cells,) array of bool
    """
    out = np.zeros(len(dark), dtype=np.bool_)
    open_ = dark & grid.told & ~grid.own & grid.counts.proportion & ~grid.counted_people
    if not open_.any():
        return out
    events, people = of_events(grid, dark, quantity, terms), of_people(grid, dark, terms)
    fewest, most = grid.counts.people.copy(), grid.counts.people.copy()
    fewest[people.cell], most[people.cell], _ = propagate(people.system)
    unknown = open_[events.cell]
    most = np.where(unknown, most[events.cell], np.inf)
    system = replace(events.system, high=np.minimum(events.system.high, most))
    low, high, _ = propagate(system)
    around = others(system, low, np.where(unknown, np.fmin(high, fewest[events.cell]), high))
    col, total, up = system.col, system.total[system.row], system.sign > 0
    low = np.maximum(low[col], np.where(up, total - around.most, around.least - total))
    high = np.minimum(high[col], np.where(up, total - around.least, around.most - total))
    beside = np.bincount(system.row, unknown[col], len(system.total))[system.row] > unknown[col]
    beside &= _of_own(grid, dark, quantity)[system.row]
    (least, top), *_ = events.demand.small
    demand = Demand(np.fmin(events.demand.values, most + 1)[col], ((least[col], top[col]),))
    fails = beside & ~demand.met(np.minimum(low, high), high)
    out[events.cell[col[fails]]] = True
    return out


def _of_own(grid: Grid, dark: BoolArray, quantity: int) -> BoolArray:
    """Tell which sums of a quantity's system have a member that the table itself shows."""
    known = counts_told(grid, dark, quantity)
    sums = grid.sums.among(grid.counts.meant(quantity))
    own = np.bincount(sums.row[(grid.own & ~dark)[sums.cell]], minlength=sums.size) > 0
    return np.asarray(own[np.unique(sums.row[known.unknown[known.at[sums.cell]]])])


def of_people(grid: Grid, dark: BoolArray, terms: Terms) -> Puzzle:
    """Write down what the published numbers of people tell of the hidden ones."""
    known = counts_told(grid, dark, PEOPLE)
    cell = np.flatnonzero(known.unknown)
    hidden, whole = known.hidden[cell], grid.counts.whole
    low = np.where(hidden & whole, 1.0, 0.0)
    endless = np.full(len(cell), np.inf)
    system = System(*equations(grid.sums, known), low, endless, whole)
    each = np.full(len(cell), PEOPLE)
    return Puzzle(system, terms.demand(hidden, cell, each, endless), cell, each, system.rings())


def of_all_counts(grid: Grid, dark: BoolArray, terms: Terms, *, census: bool = False) -> Puzzle:
    """Write down what follows from all published counts at once: people = events + the rest.

    Parameters
    ----------
    grid : Grid
        The counts.
    dark : (cells,) array of bool
        Cells of which nothing is shown.
    terms : Terms
        What must be kept.
    census : bool
        Whether the attacker knows how many people there are in dark cells.
    """
    every = [counts_told(grid, dark, q, census=census) for q in (PEOPLE, EVENTS, REST)]
    cells = [np.flatnonzero(known.unknown) for known in every]
    starts = np.cumsum([0, *map(len, cells)])
    written = [
        equations(grid.sums.among(grid.counts.meant(quantity)), known)
        for quantity, known in enumerate(every)
    ]
    written += [_splits(grid, every, starts), _declared(grid.declared, every, starts)]
    tops = np.cumsum([0, *(len(one.total) for one in written)])
    shifts = zip(written, tops, (*starts[:3], 0, 0), strict=False)
    moved = [(one.row + top, one.col + start, one.sign, one.total) for one, top, start in shifts]
    row, col, sign, total = (np.concatenate(part) for part in zip(*moved, strict=True))
    cell = np.concatenate(cells)
    quantity = np.repeat((PEOPLE, EVENTS, REST), list(map(len, cells)))
    hidden = np.concatenate([known.hidden[c] for known, c in zip(every, cells, strict=True)])
    whole = grid.counts.whole
    # A group of nobody is never hidden.
    low = np.where((quantity == PEOPLE) & hidden & whole, 1.0, 0.0)
    endless = np.full(len(cell), np.inf)
    system = System(row, col, sign, total, low, endless, whole)
    most = np.nan_to_num(every[PEOPLE].value[every[PEOPLE].at[cell]], nan=np.inf)
    most = np.where((quantity == PEOPLE) | ~grid.counts.proportion[cell], np.inf, most)
    # Who counts people finds out about people by that: a census is asked about events alone.
    asked = hidden & (quantity != PEOPLE) if census else hidden
    demand = terms.demand(asked, cell, quantity, most)
    if census:
        ((few, small),) = demand.small
        # As in of_events: where so few people are there, all counts are small, and 0 says nothing.
        few = np.where((quantity != PEOPLE) & (most <= small), np.maximum(few, 1.0), few)
        demand = replace(demand, small=((few, small),))
    ringed = _ringed(grid, dark) & ~very_large(grid, dark)
    return Puzzle(system, demand, cell, quantity, ringed[cell])


def very_large(grid: Grid, dark: BoolArray) -> BoolArray:
    """Tell which cells are in a block that is looked at one quantity at a time.

    Where nothing ties people to events but what is unknown itself, whatever is possible for one
    quantity by itself is possible: the other takes up the difference.
    """
    block = blocks(grid, dark)
    return np.asarray((np.bincount(block)[block] > VERY_LARGE) & (block > 0))


def _splits(grid: Grid, every: list[KnownCounts], starts: IntArray) -> Equations:
    """People are those with the event and those without, wherever one of them is unknown."""
    here = np.zeros(len(grid.own), dtype=np.bool_)
    for known in every:
        here |= known.unknown[known.at]
    cells = np.flatnonzero(here & grid.counts.proportion & ~grid.counts.absent)
    row = np.repeat(np.arange(len(cells)), 3)
    cell, quantity = np.repeat(cells, 3), np.tile((PEOPLE, EVENTS, REST), len(cells))
    members = Members(row, cell, quantity, np.tile((-1.0, 1.0, 1.0), len(cells)), len(cells))
    return _declared(members, every, starts)


def _declared(members: Members, every: list[KnownCounts], starts: IntArray) -> Equations:
    """Write down sums whose members are of several quantities."""
    row, col, sign = [], [], []
    left = np.zeros(members.size)
    used = np.zeros(members.size, dtype=np.bool_)
    for quantity, (known, start) in enumerate(zip(every, starts[:3], strict=True)):
        here = members.quantity == quantity
        at, side, number = known.at[members.cell[here]], members.sign[here], members.row[here]
        open_ = known.unknown[at]
        np.add.at(left, number[~open_], -(side * known.value[at])[~open_])
        used[number[open_]] = True
        row.append(number[open_])
        col.append((np.cumsum(known.unknown) - 1 + start)[at[open_]])
        sign.append(side[open_])
    used &= np.isfinite(left)
    rows, kept = np.concatenate(row), np.cumsum(used) - 1
    here = used[rows]
    return Equations(
        kept[rows[here]], np.concatenate(col)[here], np.concatenate(sign)[here], left[used]
    )


def _ringed(grid: Grid, dark: BoolArray) -> BoolArray:
    """Tell which cells are in a ring of sums, or share their people with another indicator."""
    ringed = np.zeros(len(dark), dtype=np.bool_)
    ringed[unsaid(grid, dark)] = pattern(grid, dark).rings()
    elsewhere = np.flatnonzero(grid.people_at != np.arange(len(dark)))
    ringed[elsewhere] = ringed[grid.people_at[elsewhere]] = True
    if grid.declared.size:
        ringed[:] = True
    return ringed
