"""What an attacker can work out: the range of every unknown in a system of published sums.

Arrays only. Bounds that are passed along the sums are exact where the sums form no ring; elsewhere
linear programs look for solutions at the ends, many blocks at a time, and integer programs decide
where an end is close to failing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.exchange import reach_by_exchanges
from targeted_universalism.privacy.interior import inner_solution
from targeted_universalism.privacy.system import System, propagate

VERY_LARGE = 200  # unknowns of a block: above, solutions are looked for far inside; no end is exact
_LARGE = 20  # unknowns: above, they are so where it is enough to know that a range is wide enough
_CROWD = 4  # how often all open unknowns are sent to an end together
_TRIES = 20  # how often a large block is tried in vain before it is left
_SINGLE = 40  # unknowns that are still open, and too few to be moved from inside
_PUTS = 40  # how many groups of unknowns are put where they are wanted


@dataclass(frozen=True, eq=False)
class Demand:
    """What each unknown must keep: enough possible values, and one outside what is small.

    Parameters
    ----------
    values : (unknowns,) array
        How many values must stay possible; 0 where nothing is asked.
    small : sequence of pairs of (unknowns,) arrays
        Least and most of ranges that it must not be shown to lie in.
    grain : (unknowns,) array, optional
        What one of each unknown weighs, where sums are of weights; `values` and `small` count.
    """

    values: FloatArray
    small: tuple[tuple[FloatArray, FloatArray], ...]
    grain: FloatArray | None = None

    def part(self, unknowns: BoolArray) -> Demand:
        """Keep some unknowns."""
        small = tuple((low[unknowns], high[unknowns]) for low, high in self.small)
        grain = None if self.grain is None else self.grain[unknowns]
        return Demand(self.values[unknowns], small, grain)

    def of(self, unknowns: BoolArray) -> Demand:
        """Ask of some unknowns only."""
        return replace(self, values=np.where(unknowns, self.values, 0.0))

    def met(self, low: FloatArray, high: FloatArray) -> BoolArray:
        """Tell which ranges are wide enough."""
        if self.grain is not None:
            low, high = np.ceil(low / self.grain - 1e-6), np.floor(high / self.grain + 1e-6)
        enough = high - low + 1 >= self.values - 1e-6
        for least, most in self.small:
            enough &= ~((low > least - 0.5) & (high < most + 0.5))
        return np.asarray((self.values <= 0) | enough)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What was found of unknowns that something is asked of, (unknowns,).

    Parameters
    ----------
    failing : array of bool
        Which keep too little, or are not decided: in every block at least one, if any does.
    proven : array of bool
        Which keep enough by solutions that were found, or by exact bounds.
    """

    failing: BoolArray
    proven: BoolArray


def judged(system: System, demand: Demand, ringed: BoolArray) -> Verdict:
    """Find the unknowns that keep too little.

    Parameters
    ----------
    system : System
        What is known.
    demand : Demand
        What must stay open.
    ringed : (unknowns,) array of bool
        Unknowns whose bounds cannot be trusted to passing along alone.
    """
    low, high, used = propagate(system)
    failing = ~demand.met(low, high)
    proven = ~failing & ~ringed
    block = used.blocks()
    lost = np.bincount(block, failing) > 0
    look = ringed & ~lost[block] & (np.bincount(block, demand.values > 0) > 0)[block]
    if look.any():
        part = replace(used.part(look), low=low[look], high=high[look])
        found = Search(part, demand.part(look))
        found.run()
        failing[look] = ~demand.part(look).met(found.low, found.high) | found.open()
        proven[look] = found.met()
    return Verdict(failing, proven)


def ranges(system: System, demand: Demand, ringed: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Find the range of every unknown that something is asked of.

    As :func:`judged`, but to the last value; in blocks of very many unknowns, the range of the
    solutions that were found, which the true range may exceed.
    """
    low, high, used = propagate(system)
    if ringed.any():
        found = Search(
            replace(used.part(ringed), low=low[ringed], high=high[ringed]),
            demand.part(ringed),
            exact=True,
        )
        found.run()
        low[ringed], high[ringed] = found.found_range()
    return low, high


class Search:
    """Looks for solutions at the ends of many blocks at once.

    Blocks share no sum, so one program that adds up an aim of each reaches all of them.
    """

    def __init__(self, system: System, demand: Demand, *, exact: bool = False) -> None:
        self.system, self.demand = system, demand
        self.low, self.high = system.low.copy(), system.high.copy()
        size = len(self.low)
        self.least = np.full(size, np.inf)  # of the solutions that were found
        self.most = np.full(size, -np.inf)
        self.known = np.zeros((2, size), dtype=np.bool_)  # the end is exact: low, high
        self.block = system.blocks()
        # Where it is enough to know that a range is wide enough.
        self.loose = (
            np.bincount(self.block)[self.block] > VERY_LARGE if exact else np.ones(size, bool)
        )
        self.random = np.random.default_rng(0)

    def met(self) -> BoolArray:
        """Tell which unknowns keep enough by solutions that were found."""
        return self.demand.met(self.least, self.most)

    def found_range(self) -> tuple[FloatArray, FloatArray]:
        """Give exact ends where they are known, the ends of what was found elsewhere."""
        wanted = self.demand.values > 0
        exact_low = self.known[0] | (self.least <= self.low + 1e-6) | ~wanted
        exact_high = self.known[1] | (self.most >= self.high - 1e-6) | ~wanted
        return (
            np.where(exact_low, self.low, self.least),
            np.where(exact_high, self.high, self.most),
        )

    def open(self) -> BoolArray:
        """Tell which unknowns are not yet decided."""
        ends = self.known.copy()
        ends[0] |= self.least <= self.low + 1e-6
        ends[1] |= self.most >= self.high - 1e-6
        proven = ~self.demand.met(self.low, self.high)
        lost = np.bincount(self.block, proven)[self.block] > 0
        seen = self.loose & (self.met() | lost)
        return np.asarray((self.demand.values > 0) & ~ends.all(axis=0) & ~seen)

    def run(self) -> None:
        """Solve until each unknown is decided, or a large block was tried often enough in vain.

        First all open unknowns of all blocks are sent up or down together, at random; then each
        block sends one unknown at a time to its end.
        """
        self._from_inside()
        for _ in range(_CROWD):
            if not (waiting := self.open()).any():
                return
            sign = self.random.choice([-1.0, 1.0], len(waiting))
            blocks = np.isin(self.block, self.block[waiting])
            self._solve(np.where(waiting, sign, 0.0), blocks)
        tries = np.zeros(len(self.block), dtype=np.int64)
        while (waiting := self.open() & ~(self.loose & (tries[self.block] >= _TRIES))).any():
            before = np.bincount(self.block[waiting], minlength=len(tries))
            self._aim(waiting)
            after = np.bincount(self.block[self.open()], minlength=len(tries))
            tries[(before > 0) & (after >= before)] += self.loose[waiting].any()

    def _from_inside(self) -> None:
        """Move every open unknown of the larger blocks from one solution inside them.

        Of blocks that are not very large, those in which fractions tell of whole numbers. What
        could not be brought out of a range that it must not be shown to lie in is put there, all
        at once if that leaves a solution, else by halves.
        """
        size = np.bincount(self.block)[self.block]
        large = self.open() & (size > (_LARGE if self.loose.any() else VERY_LARGE))
        if large.any():
            large &= (size > VERY_LARGE) | (self.loose & self.system.network())
        for block in np.unique(self.block[large]):
            here = self.block == block
            self._inside(here, self.low, self.high)
            one = 1.0 if self.demand.grain is None else self.demand.grain
            for least, most in self.demand.small:
                below, above = (least - 1) * one, (most + 1) * one
                caught = (self.least > below + one / 2) & (self.most < above - one / 2)
                up = self.high > above - one / 2
                self._put(here, np.flatnonzero(here & large & caught), np.where(up, above, below))
            for end in (self.low, self.high):
                bounded = here & large & np.isfinite(end)
                self._put(here, np.flatnonzero(bounded & ~self.met()), end.copy())

    def _put(self, here: BoolArray, at: IntArray, wanted: FloatArray) -> None:
        """Look for solutions that have some unknowns at wanted values: all at once, else by halves.

        What stands in the way of each other are members of one small sum: they are put into
        different halves. What a solution for others brought far enough is left out.
        """
        waiting = [at[np.argsort(self._smallest[at], kind="stable")]]
        for _ in range(_PUTS):
            if not waiting:
                break
            some = waiting.pop(0)
            some = some[~self.met()[some]]
            if len(some) and not self._solved_with(here, some, wanted[some]) and len(some) > 1:
                waiting += [some[::2], some[1::2]]

    @cached_property
    def _smallest(self) -> IntArray:
        """Give each unknown the sum of fewest members that it is in."""
        row, col = self.system.row, self.system.col
        order = np.lexsort((row, np.bincount(row)[row], col))
        _, first = np.unique(col[order], return_index=True)
        out = np.full(len(self.low), -1)
        out[col[order][first]] = row[order][first]
        return out

    def _solved_with(self, here: BoolArray, at: IntArray, wanted: FloatArray) -> bool:
        """Look for a solution of a block with some unknowns at wanted values."""
        low, high = self.low.copy(), self.high.copy()
        if (wanted < low[at] - 1e-6).any() or not (wanted <= high[at]).all():
            return False
        low[at] = high[at] = wanted
        low, high, used = propagate(replace(self.system, low=low, high=high))
        if len(used.total) < len(self.system.total) or not self._inside(here, low, high):
            return False
        self._reached(at, (wanted, wanted))
        return True

    def _inside(self, here: BoolArray, low: FloatArray, high: FloatArray) -> bool:
        """Find a solution of a block away from bounds, and move everything from there."""
        part = replace(self.system, low=low, high=high).part(here)
        high = np.where(np.isfinite(part.high), part.high, part.low + self._far(part))
        free = high - part.low > 1e-9
        matrix = part.matrix()
        left = part.total - matrix[:, ~free] @ part.low[~free]
        used = np.bincount(matrix[:, free].nonzero()[0], minlength=len(left)) > 0
        if np.abs(left[~used]).max(initial=0.0) > part.slack:
            return False
        found = inner_solution(matrix[used][:, free], left[used], part.low[free], high[free])
        if found is None:
            return False
        cells = np.flatnonzero(here)[free]
        self._reached(cells, reach_by_exchanges(found.matrix, found.value, found.low, found.high))
        for further in (found.reach_nearby, found.reach):
            wanted = np.flatnonzero((self.open() & ~self.met())[cells])
            if len(wanted) > _SINGLE or not self.loose[here].all():
                self._reached(cells[wanted], further(wanted))
        return True

    def _reached(self, at: IntArray, ends: tuple[FloatArray, FloatArray]) -> None:
        """Take note of values that were shown to be possible."""
        least, most = ends
        if self.system.whole:
            least, most = np.ceil(least - 1e-6), np.floor(most + 1e-6)
        self.least[at] = np.minimum(self.least[at], least)
        self.most[at] = np.maximum(self.most[at], most)

    def _far(self, part: System) -> float:
        """Give a distance that no count reaches."""
        return float(np.abs(part.total).max(initial=0.0)) * 4 + 1e4

    def _aim(self, waiting: BoolArray) -> None:
        """Send each block to one end of one unknown."""
        where = np.flatnonzero(waiting)
        where = where[np.argsort((self.high - self.low)[where], kind="stable")]
        _, first = np.unique(self.block[where], return_index=True)
        aimed = where[first]
        to_high = ~(self.known[1, aimed] | (self.most[aimed] >= self.high[aimed] - 1e-6))
        aim = np.zeros(len(waiting))
        aim[aimed] = np.where(to_high, 1.0, -1.0)
        here = np.isin(self.block, self.block[aimed])
        found = self._solve(aim, here)
        for one, up in zip(aimed, to_high, strict=True):
            self.known[int(up), one] = True
            if up:
                self.high[one] = min(self.high[one], found[one])
            else:
                self.low[one] = max(self.low[one], found[one])

    def _solve(self, aim: FloatArray, here: BoolArray) -> FloatArray:
        """Find the solution of some blocks that is furthest along an aim, in whole numbers."""
        part = self.system.part(here)
        far = part.low + self._far(part)
        bounds = Bounds(part.low, np.where(np.isfinite(part.high), part.high, far))
        limits = LinearConstraint(part.matrix(), part.total, part.total) if len(part.total) else ()
        found = milp(-aim[here], bounds=bounds, constraints=limits)
        value = found.x
        if part.whole and value is not None and (np.abs(value - value.round()) > 1e-6).any():
            integers = np.ones(len(part.low), dtype=np.int64)
            found = milp(-aim[here], bounds=bounds, constraints=limits, integrality=integers)
            value = found.x
        if value is None:
            return self._apart(aim, here)
        out = np.full(len(here), np.nan)
        out[here] = value.round() if part.whole else value
        self.least[here] = np.minimum(self.least[here], out[here])
        # What runs half as far as it may has no end.
        endless = np.isinf(part.high) & (value - part.low > self._far(part) / 2)
        out[here] = np.where(endless, np.inf, out[here])
        self.most[here] = np.maximum(self.most[here], out[here])
        return out

    def _apart(self, aim: FloatArray, here: BoolArray) -> FloatArray:
        """Solve blocks one by one; one without a solution tells nothing beyond its bounds."""
        blocks = np.unique(self.block[here])
        out = np.full(len(here), np.nan)
        if len(blocks) == 1:
            self.known[:, here] = True
            self.least[here], self.most[here] = self.low[here], self.high[here]
            return out
        for block in blocks:
            one = self.block == block
            out[one] = self._solve(aim, one)[one]
        return out
