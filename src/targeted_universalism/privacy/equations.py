"""From a table with hidden cells to the systems of sums that its attackers can write down."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.attack import MANY, Demand, System
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, REST
from targeted_universalism.privacy.sums import Grid, Sums

Equations = tuple[IntArray, IntArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class Terms:
    """What must be kept.

    Parameters
    ----------
    people, events : int
        The smallest count of people, and of events or people without the event, that may be shown.
    width : int
        How many values every hidden count must keep.
    zeros : {"show", "hide"}
        Whether counts of 0 are shown.
    """

    people: int
    events: int
    width: int
    zeros: str = "show"

    def of(self, quantity: int) -> int:
        """Give the smallest count of a quantity that may be shown."""
        return self.people if quantity == PEOPLE else self.events

    @property
    def small_low(self) -> float:
        """The least count that counts as small: zeros too where they are hidden."""
        return 0.0 if self.zeros == "hide" else 1.0


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
class Known:
    """What is known of one quantity: the cell that tells of each cell's, its value or not.

    `at` points to the cell that stands for each; `unknown` and `hidden` hold for those.
    """

    at: IntArray
    value: FloatArray
    unknown: BoolArray
    hidden: BoolArray


def known(grid: Grid, secret: BoolArray, quantity: int) -> Known:
    """Look one quantity up; people of a group may be shown under another indicator."""
    size = len(secret)
    at = grid.people_at if quantity == PEOPLE else np.arange(size)
    value, meant = grid.counts.value(quantity), grid.counts.meant(quantity)
    shown = np.flatnonzero(~secret & ~np.isnan(value) & meant)[::-1]
    found = np.full(size, np.nan)
    found[at[shown]] = value[shown]
    used = np.zeros(size, dtype=np.bool_)
    used[at[meant]] = True
    hidden = np.zeros(size, dtype=np.bool_)
    hidden[at[secret & meant]] = True
    unknown = used & np.isnan(found)
    return Known(at, found, unknown, hidden & unknown)


def equations(sums: Sums, of: Known) -> Equations:
    """Move what is known of each sum to the other side; sums without an unknown are dropped."""
    cell = of.at[sums.cell]
    open_ = of.unknown[cell]
    value = np.where(open_, 0.0, np.nan_to_num(of.value[cell]))
    left = -np.bincount(sums.row, sums.sign * value, minlength=sums.size).astype(np.float64)
    used, row = np.unique(sums.row[open_], return_inverse=True)
    col = (np.cumsum(of.unknown) - 1)[cell[open_]].astype(np.int64)
    return row.astype(np.int64), col, sums.sign[open_], left[used]


def hidden_only(secret: BoolArray) -> Known:
    """Look at which cells are hidden, not at any count."""
    return Known(np.arange(len(secret)), np.zeros(len(secret)), secret, secret)


def dark(grid: Grid, secret: BoolArray) -> BoolArray:
    """Tell of which cells something is not known: hidden ones, and those without a count."""
    out = secret.copy()
    for quantity in (PEOPLE, EVENTS, REST):
        out |= np.isnan(grid.counts.value(quantity)) & grid.counts.meant(quantity)
    return out & ~grid.counts.absent


def pattern(grid: Grid, secret: BoolArray) -> System:
    """Write down the sums of dark cells, without what they add up to."""
    unknown = dark(grid, secret)
    row, col, sign, total = equations(grid.sums, hidden_only(unknown))
    nothing = np.zeros(int(unknown.sum()))
    return System(row, col, sign, total, nothing, nothing, True)


def blocks(grid: Grid, secret: BoolArray) -> IntArray:
    """Give each dark cell the number of its block, from 1; 0 to cells of which all is known.

    Sums tie cells together, and so do people who are told of under two indicators.
    """
    unknown = dark(grid, secret)
    system = pattern(grid, secret)
    place = np.cumsum(unknown) - 1
    twice = np.flatnonzero(unknown & (grid.people_at != np.arange(len(unknown))))
    twice = twice[unknown[grid.people_at[twice]]]
    extra = np.arange(len(twice)) + len(system.total)
    tied = replace(
        system,
        row=np.concatenate([system.row, extra, extra]),
        col=np.concatenate([system.col, place[twice], place[grid.people_at[twice]]]),
        sign=np.ones(len(system.row) + 2 * len(twice)),
        total=np.zeros(len(system.total) + len(twice)),
    )
    block = np.zeros(len(unknown), dtype=np.int64)
    block[unknown] = 1 + tied.blocks()
    return block


def census(grid: Grid, secret: BoolArray, quantity: int, terms: Terms) -> Puzzle:
    """Write down what follows for events, or the rest, to one who knows how many people there are.

    Parameters
    ----------
    grid : Grid
        The counts; those of `secret` cells are not looked at, their people are.
    secret : (cells,) array of bool
        Cells that are hidden.
    quantity : int
        EVENTS or REST: both are asked for, as each is the people less the other.
    terms : Terms
        What must be kept.
    """
    of = known(grid, secret, quantity)
    row, col, sign, total = equations(_within(grid.sums, grid.counts.meant(quantity)), of)
    cell = np.flatnonzero(of.unknown)
    people = grid.counts.people[cell]
    capped = grid.counts.proportion[cell] & np.isfinite(people)
    high = np.where(capped, people, np.inf)
    system = System(row, col, sign, total, np.zeros(len(cell)), high, grid.counts.whole)
    few = np.where(capped & (high < terms.events), 1.0, terms.small_low)
    most = np.full(len(cell), terms.events - 1.0)
    others = np.where(capped, high - most, np.nan), np.where(capped, high - few, np.nan)
    wanted = np.where(of.hidden[cell], np.minimum(terms.width, high + 1), 0.0)
    demand = Demand(wanted, ((few, most), others))
    return Puzzle(system, demand, cell, np.full(len(cell), quantity), system.rings())


def people_only(grid: Grid, secret: BoolArray, terms: Terms) -> Puzzle:
    """Write down what the published numbers of people tell of the hidden ones."""
    of = known(grid, secret, PEOPLE)
    row, col, sign, total = equations(grid.sums, of)
    cell = np.flatnonzero(of.unknown)
    hidden, whole = of.hidden[cell], grid.counts.whole
    low = np.where(hidden & whole, 1.0, 0.0)
    system = System(row, col, sign, total, low, np.full(len(cell), np.inf), whole)
    small = np.ones(len(cell)), np.full(len(cell), terms.people - 1.0)
    demand = Demand(np.where(hidden, float(terms.width), 0.0), (small,))
    return Puzzle(system, demand, cell, np.full(len(cell), PEOPLE), system.rings())


def joint(grid: Grid, secret: BoolArray, terms: Terms) -> Puzzle:
    """Write down what follows from the published counts alone: people = events + the rest."""
    quantities = (PEOPLE, EVENTS, REST)
    every = [known(grid, secret, quantity) for quantity in quantities]
    cells = [np.flatnonzero(of.unknown) for of in every]
    starts = np.cumsum([0, *map(len, cells)])
    written = [
        equations(_within(grid.sums, grid.counts.meant(quantity)), of)
        for quantity, of in zip(quantities, every, strict=True)
    ]
    written.append(_splits(grid, every, starts))
    tops = np.cumsum([0, *(len(eq[3]) for eq in written)])
    cell = np.concatenate(cells)
    quantity = np.repeat(quantities, list(map(len, cells)))
    hidden = np.concatenate([of.hidden[c] for of, c in zip(every, cells, strict=True)])
    whole = grid.counts.whole
    shifts = zip(written, tops, (*starts[:3], 0), strict=False)
    moved = [(eq[0] + top, eq[1] + start, eq[2], eq[3]) for eq, top, start in shifts]
    row, col, sign, total = (np.concatenate(part) for part in zip(*moved, strict=True))
    # A group of nobody is never hidden.
    low = np.where((quantity == PEOPLE) & hidden & whole, 1.0, 0.0)
    system = System(row, col, sign, total, low, np.full(len(cell), np.inf), whole)
    few = np.where(quantity == PEOPLE, 1.0, terms.small_low)
    small = few, np.where(quantity == PEOPLE, terms.people, terms.events) - 1.0
    demand = Demand(np.where(hidden, float(terms.width), 0.0), (small,))
    ringed = _ringed(grid, secret) & ~very_large(grid, secret)
    return Puzzle(system, demand, cell, quantity, ringed[cell])


def very_large(grid: Grid, secret: BoolArray) -> BoolArray:
    """Tell which cells are in a block that is looked at one quantity at a time.

    Where nothing ties people to events but what is unknown itself, whatever is possible for one
    quantity by itself is possible: the other takes up the difference.
    """
    block = blocks(grid, secret)
    return np.asarray((np.bincount(block)[block] > MANY) & (block > 0))


def _splits(grid: Grid, every: list[Known], starts: IntArray) -> Equations:
    """People are those with the event and those without, wherever one of them is unknown."""
    here = np.zeros(len(grid.own), dtype=np.bool_)
    for of in every:
        here |= of.unknown[of.at]
    cells = np.flatnonzero(here & grid.counts.proportion)
    row, col, sign = [], [], []
    left = np.zeros(len(cells))
    for of, start, side in zip(every, starts[:3], (-1.0, 1.0, 1.0), strict=True):
        at = of.at[cells]
        open_ = of.unknown[at]
        left[~open_] -= side * of.value[at][~open_]
        row.append(np.flatnonzero(open_))
        col.append((np.cumsum(of.unknown) - 1 + start)[at[open_]])
        sign.append(np.full(int(open_.sum()), side))
    return np.concatenate(row), np.concatenate(col), np.concatenate(sign), left


def _within(sums: Sums, meant: BoolArray) -> Sums:
    """Keep the sums of cells in which a count has a meaning."""
    wanted = np.ones(sums.size, dtype=np.bool_)
    wanted[sums.row[~meant[sums.cell]]] = False
    return sums.keep(wanted)


def _ringed(grid: Grid, secret: BoolArray) -> BoolArray:
    """Tell which cells are in a ring of sums, or share their people with another indicator."""
    ringed = np.zeros(len(secret), dtype=np.bool_)
    ringed[dark(grid, secret)] = pattern(grid, secret).rings()
    elsewhere = np.flatnonzero(grid.people_at != np.arange(len(secret)))
    ringed[elsewhere] = ringed[grid.people_at[elsewhere]] = True
    return ringed
