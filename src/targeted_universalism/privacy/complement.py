"""Which cells to hide beside those that a rule hides, so that none follows from the others.

What is hidden is decided by what stays public and by how many people there are. Events that end up
hidden are looked at twice: a sum of which every hidden count is 3 or less wants one more cell, and
of the cells that could be hidden those without an event, or with nothing else, come last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.attack import VERY_LARGE, judged
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, QUANTITIES, REST
from targeted_universalism.privacy.dominance import Magnitudes
from targeted_universalism.privacy.equations import (
    Puzzle,
    Terms,
    blocks,
    of_all_counts,
    of_events,
    of_people,
    uncounted,
)
from targeted_universalism.privacy.sums import Grid, Sums
from targeted_universalism.segments.cells import State

_FEW = 3.0

Puzzles = Callable[[BoolArray], list[Puzzle]]


@dataclass(frozen=True, eq=False)
class Hiding:
    """A table on its way to being safe.

    Parameters
    ----------
    grid : Grid
        Its counts, and what they add up to.
    first : (cells,) array of bool
        Cells that a rule hides.
    fixed : (cells,) array of bool
        Cells that cannot be hidden, or not shown.
    terms : Terms
        What every hidden count must keep.
    magnitudes : Magnitudes, optional
        What people contribute to sums behind means.
    """

    grid: Grid
    first: BoolArray
    fixed: BoolArray
    terms: Terms
    magnitudes: Magnitudes | None = None

    @cached_property
    def ties(self) -> Sums:
        """What adds up, and what is declared to."""
        declared = self.grid.declared
        ties = Sums(declared.row, declared.cell, declared.sign, declared.size)
        return self.grid.sums.followed_by(ties)

    def hidden(self) -> tuple[BoolArray, BoolArray]:
        """Hide more until nothing hidden follows, then show again what need not be hidden.

        Returns
        -------
        secret : (cells,) array of bool
            What is hidden.
        lost : (quantities, cells) array of bool
            What follows all the same, because of what cannot be hidden.
        """
        secret = self.first.copy()
        lost = np.zeros((len(QUANTITIES), len(secret)), dtype=np.bool_)
        self._grow(secret, lost, self._quickly)
        self._show_again(secret, lost)
        before = 0
        while before < int(secret.sum()):
            before = int(secret.sum())
            self._grow(secret, lost, self._fully)
            if before < int(secret.sum()):
                self._grow(secret, lost, self._quickly)
        return secret, self.exposed(secret) if lost.any() else lost

    def exposed(self, secret: BoolArray) -> BoolArray:
        """Tell which quantities of cells an attacker can narrow down too far."""
        dark = self.grid.unknown(secret)
        puzzles = [*self._quickly(dark), *self._fully(dark)]
        every: BoolArray = np.ones_like(secret)
        nothing = np.zeros((len(QUANTITIES), len(secret)), dtype=np.bool_)
        return self._exposed(puzzles, every, nothing) | self._uncounted(dark, nothing)

    def _grow(self, secret: BoolArray, lost: BoolArray, puzzles: Puzzles) -> None:
        """Hide more until no block of hidden cells is in trouble; look again only where it grew."""
        safe = np.zeros_like(secret)
        proven = defaultdict[int, FloatArray](lambda: np.zeros(lost.shape))
        while secret.any():
            dark = self.grid.unknown(secret)
            block = blocks(self.grid, dark)
            grown = np.isin(block, block[dark & ~safe])
            failing = self._exposed(puzzles(dark), grown, lost, proven)
            failing |= self._uncounted(dark, lost)
            exposed = self._cells_of(failing)
            thin = self.thin(secret)
            chosen = self._complements(secret, exposed, thin, block)
            if chosen.size:
                trouble = [block[exposed], self._blocks_of(thin, block)]
                safe = dark & ~np.isin(block, np.concatenate(trouble))
                secret[chosen] = True
            elif exposed.any():
                lost |= failing
            else:
                break

    def _cells_of(self, failing: BoolArray) -> BoolArray:
        """Tell which cells are in trouble: people are told of wherever the group is shown."""
        at = self.grid.people_at
        shared = np.zeros(failing.shape[1], dtype=np.bool_)
        shared[at[failing[PEOPLE]]] = True
        return np.asarray(failing.any(axis=0) | shared[at])

    # --- what is wrong ---

    def _exposed(
        self,
        puzzles: Sequence[Puzzle],
        among: BoolArray,
        lost: BoolArray,
        proven: dict[int, FloatArray] | None = None,
    ) -> BoolArray:
        """Tell which quantities of cells of some blocks an attacker can narrow down too far.

        Parameters
        ----------
        puzzles : sequence of Puzzle
            What attackers can write down.
        among : (cells,) array of bool
            The cells of some blocks.
        lost : (quantities, cells) array of bool
            What follows whatever is hidden; it is not asked again.
        proven : dict of int to (quantities, cells) array, optional
            By puzzle, how many values each was shown to keep while less was hidden: what was
            possible then is possible now, and is not asked again. It is added to.
        """
        out = np.zeros_like(lost)
        for i, puzzle in enumerate(one.part(among) for one in puzzles):
            at = puzzle.quantity, puzzle.cell
            asked = ~lost[at]
            if proven is not None:
                asked &= proven[i][at] < puzzle.demand.values
            found = judged(puzzle.system, puzzle.demand.of(asked), puzzle.ringed)
            out[at] |= found.failing
            if proven is not None:
                proven[i][at] = np.where(asked & found.proven, puzzle.demand.values, proven[i][at])
        return out

    def _uncounted(self, dark: BoolArray, lost: BoolArray) -> BoolArray:
        """Tell what follows for events where nobody here knows how many people there are."""
        out = np.zeros_like(lost)
        for quantity in (EVENTS, REST):
            out[quantity] = uncounted(self.grid, dark, quantity, self.terms)
        return out & ~lost

    def _quickly(self, dark: BoolArray) -> list[Puzzle]:
        """Write down events as one sees them who knows the people, and people by themselves."""
        return [
            of_events(self.grid, dark, EVENTS, self.terms),
            of_people(self.grid, dark, self.terms),
        ]

    def _fully(self, dark: BoolArray) -> list[Puzzle]:
        """Write down all else; the sums of people, events and the rest need not agree.

        Where people add up everywhere, or there is one table alone, whose hidden people may have
        been left out of its total, events and a census tell no more together than events do.
        """
        made = [of_all_counts(self.grid, dark, self.terms)]
        adds_up = self._adds_up()
        several = bool((self.grid.told & ~self.grid.own).any())
        if self.grid.declared.size or (several and not adds_up):
            made.append(of_all_counts(self.grid, dark, self.terms, census=True))
        if not adds_up:
            made.append(of_events(self.grid, dark, REST, self.terms))
        return made

    def _adds_up(self) -> bool:
        """Tell whether people add up everywhere, so that the rest follows from the events."""
        sums = self.grid.sums
        people = self.grid.counts.people
        left = np.bincount(sums.row, sums.sign * people[sums.cell], minlength=sums.size)
        return bool((np.abs(left) < 1e-6).all())

    def thin(self, secret: BoolArray) -> BoolArray:
        """Tell which sums hide too little: fewer than the minimum, or nothing above 3."""
        sums = self.grid.sums
        out = np.zeros(sums.size, dtype=np.bool_)
        inside = secret[sums.cell]
        parent = np.zeros(sums.size, dtype=np.bool_)
        parent[sums.row[inside & (sums.sign < 0)]] = True
        parent[sums.row[~self.grid.told[sums.cell]]] = True
        for quantity in range(len(QUANTITIES)):
            value, meant = self.grid.counts.value(quantity), self.grid.counts.meant(quantity)
            open_ = (inside | np.isnan(value[sums.cell])) & meant[sums.cell]
            left = np.bincount(
                sums.row[~open_], -(sums.sign * value[sums.cell])[~open_], minlength=sums.size
            )
            size = np.bincount(sums.row[inside], minlength=sums.size)
            opened = np.bincount(sums.row[open_], minlength=sums.size)
            plain = (size > 0) & (opened == size) & ~parent
            out |= plain & (left > 0.5) & (left < np.max(self.terms.of(quantity)))
            most = np.full(sums.size, -np.inf)
            np.maximum.at(
                most, sums.row[inside], np.nan_to_num(value[sums.cell[inside]], nan=np.inf)
            )
            out |= plain & (most <= _FEW) & (left > 0.5)
        if self.magnitudes is not None:
            some = (np.bincount(sums.row[inside], minlength=sums.size) > 0) & ~parent
            together = self.magnitudes.of(sums.row[inside], sums.cell[inside], sums.size)
            out |= some & together.dominated()
        return out

    # --- what to hide beside it ---

    def _complements(
        self, secret: BoolArray, exposed: BoolArray, thin: BoolArray, block: IntArray
    ) -> IntArray:
        """Choose one cell for every block in trouble, one for every sum where blocks are large."""
        sums = self.ties
        free = self._free(secret)
        thin = np.pad(thin, (0, sums.size - len(thin)))
        members = free[sums.cell] & ~(thin[sums.row] & (sums.sign < 0))
        open_sums = np.bincount(sums.row[members], minlength=sums.size) > 0
        wanted = self._sums_of(secret, exposed, open_sums)
        wanted = np.union1d(wanted, np.flatnonzero(thin & open_sums))
        if not wanted.size:
            return self._anywhere(secret, exposed, free)
        wanted = self._one_for_each_block(secret, wanted, block)
        here = members & np.isin(sums.row, wanted)
        return self._cheapest(secret, here)

    def _free(self, secret: BoolArray) -> BoolArray:
        """Cells that can be hidden: shown, about somebody, and the table's own."""
        ok = np.isin(self.grid.counts.state, (State.OK, State.NO_DATA))
        return np.asarray(ok & ~secret & ~self.fixed & (self.grid.counts.people > 0))

    def _sums_of(self, secret: BoolArray, exposed: BoolArray, usable: BoolArray) -> IntArray:
        """Give each exposed cell's sum with the fewest hidden members, and least people in them."""
        sums = self.ties
        people = np.nan_to_num(self.grid.counts.people)
        inside = secret[sums.cell]
        hidden = np.bincount(sums.row[inside], minlength=sums.size)
        room = np.bincount(sums.row[inside], people[sums.cell[inside]], sums.size)
        here = exposed[sums.cell] & usable[sums.row]
        cell, row = sums.cell[here], sums.row[here]
        order = np.lexsort((row, room[row], hidden[row], cell))
        _, first = np.unique(cell[order], return_index=True)
        return np.unique(row[order][first])

    def _one_for_each_block(self, secret: BoolArray, wanted: IntArray, block: IntArray) -> IntArray:
        """Take the sum with the fewest hidden members in a small block, all sums in a large one."""
        sums = self.ties
        size = np.bincount(block)
        inside = secret[sums.cell]
        of_sum = np.full(sums.size, -1)
        of_sum[sums.row[inside]] = block[sums.cell[inside]]
        hidden = np.bincount(sums.row[inside], minlength=sums.size)
        order = wanted[np.lexsort((wanted, hidden[wanted], of_sum[wanted]))]
        _, first = np.unique(of_sum[order], return_index=True)
        lone = np.zeros(len(order), dtype=np.bool_)
        lone[first] = True
        return np.asarray(order[lone | (size[of_sum[order]] > VERY_LARGE)], dtype=np.int64)

    def _cheapest(self, secret: BoolArray, here: BoolArray) -> IntArray:
        """Choose one member of each sum: one that other sums hide already, then fewest people."""
        sums = self.ties
        hidden = np.bincount(sums.row[secret[sums.cell]], minlength=sums.size)
        lonely = np.bincount(sums.cell, hidden[sums.row] == 0, minlength=len(secret))
        zero = np.zeros(len(secret))
        for quantity in (EVENTS, REST):
            zero += self.grid.counts.value(quantity) == 0
        row, cell = sums.row[here], sums.cell[here]
        people = self.grid.counts.people
        order = np.lexsort((cell, people[cell], zero[cell], lonely[cell], row))
        _, first = np.unique(row[order], return_index=True)
        return np.unique(cell[order][first])

    def _anywhere(self, secret: BoolArray, exposed: BoolArray, free: BoolArray) -> IntArray:
        """Where no sum of an exposed cell has more to hide, look in the sums next to them."""
        sums = self.ties
        reach = exposed.copy()
        for _ in range(len(reach)):
            near = np.zeros(sums.size, dtype=np.bool_)
            near[sums.row[reach[sums.cell]]] = True
            here = near[sums.row] & free[sums.cell]
            if here.any():
                return self._cheapest(secret, here)[:1]
            before = int(reach.sum())
            reach[sums.cell[near[sums.row]]] = True
            if int(reach.sum()) == before:
                break
        return np.zeros(0, dtype=np.int64)

    # --- what need not be hidden ---

    def _show_again(self, secret: BoolArray, lost: BoolArray) -> None:
        """Try to show complements again, the most people first, one in each block at a time."""
        people = np.nan_to_num(self.grid.counts.people)
        block = blocks(self.grid, self.grid.unknown(secret))
        left = secret & ~self.first & ~self.fixed
        left &= np.bincount(block)[block] <= VERY_LARGE
        while (left := left & ~self._needed(secret, lost)).any():
            cells = np.flatnonzero(left)
            order = cells[np.lexsort((cells, -people[cells], block[cells]))]
            _, first = np.unique(block[order], return_index=True)
            tried = order[first]
            left[tried] = False
            trial = secret.copy()
            trial[tried] = False
            dark = self.grid.unknown(trial)
            failing = self._exposed(self._quickly(dark), np.isin(block, block[tried]), lost)
            failing |= self._uncounted(dark, lost)
            bad = block[failing.any(axis=0)]
            bad = np.union1d(bad, self._blocks_of(self.thin(trial) & ~self.thin(secret), block))
            back = ~np.isin(block[tried], bad)
            secret[tried[back]] = False

    def _needed(self, secret: BoolArray, lost: BoolArray) -> BoolArray:
        """Tell which cells, if they were shown, would leave one cell of a sum hidden by itself."""
        if lost.any():
            return np.zeros_like(secret)
        sums, dark = self.grid.sums, self.grid.unknown(secret)
        closed = dark | self.grid.counts.incomplete
        two = np.bincount(sums.row[closed[sums.cell]], minlength=sums.size) == 2
        two &= np.bincount(sums.row[secret[sums.cell]], minlength=sums.size) == 2
        out = np.zeros_like(secret)
        out[sums.cell[two[sums.row]]] = True
        return out

    def _blocks_of(self, wanted: BoolArray, block: IntArray) -> IntArray:
        """Name the blocks of the cells in some sums."""
        sums = self.ties
        wanted = np.pad(wanted, (0, sums.size - len(wanted)))
        found = block[sums.cell[wanted[sums.row]]]
        return np.unique(found[found > 0])
