"""What rounded sums of weights tell, and how coarse they must be.

Somebody may know how many people there are of each group, and that all of one group have one
weight. A published sum of weighted events is then an equation about whole numbers, and one that is
rounded says between what two numbers it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.rare import equal_weights
from targeted_universalism.privacy.attack import Demand, judged
from targeted_universalism.privacy.counts import EVENTS
from targeted_universalism.privacy.equations import KnownCounts, Terms, equations
from targeted_universalism.privacy.sums import Sums
from targeted_universalism.privacy.system import System, propagate
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.strata import members_of

# A sum of weights that had to be rounded to more than this share of itself says nothing.
COARSEST = 0.1
_ROUNDS = 20


def weights_vary(cells: Cells) -> bool:
    """Tell whether sums of weights say more than the rows themselves."""
    if not cells.family.weighted:
        return False
    some = (cells.state == State.OK) & (cells.stats["n"] > 0)
    n, w, w2 = (cells.stats[name][some] for name in ("n", "population", "w2"))
    if not len(n):
        return False
    each = w / n
    even = np.abs(each - each[0]) <= 1e-9 * each[0]
    return not bool((even & equal_weights(n, w, w2)).all())


@dataclass(frozen=True, eq=False)
class Weights:
    """Rows and sums of weights of cells, (cells,), of a table before anything is hidden.

    Parameters
    ----------
    rows, people, events : array
        Rows, their weights, and the weights of those with the event; NaN where no row tells.
    even : array of bool
        Where all weights are one.
    """

    rows: FloatArray
    people: FloatArray
    events: FloatArray
    even: BoolArray

    @staticmethod
    def of(tables: Sequence[tuple[Segments, IntArray]], size: int) -> Weights:
        """Lay those of tables out, each by where its cells are; the last that tells is heard."""
        laid = np.full((4, size), np.nan)
        for table, place in tables:
            for values, name in zip(laid, ("n", "population", "events", "w2"), strict=True):
                told = table.cells.stats.get(name, np.full(place.shape, np.nan))
                values[place] = np.where(np.isfinite(told), told, values[place])
        rows, people, events, squares = laid
        rows = np.where(people > 0, rows, np.nan)
        return Weights(rows, people, events, equal_weights(rows, people, squares))

    @cached_property
    def each(self) -> FloatArray:
        """What one row weighs, on average."""
        return np.asarray(self.people / self.rows)

    def unit(self, sums: Sums, hidden: BoolArray, here: BoolArray, terms: Terms) -> FloatArray:
        """Find what sums of weights of some cells must be rounded to.

        Rounded, all sums together must leave every hidden count as many values, and as large ones,
        as a count without weights. Each sum by itself gives the first unit; where several of them
        tell more, the finest of those that are tied is made coarser.

        Parameters
        ----------
        sums : Sums
            What adds up to what.
        hidden, here : (cells,) arrays of bool
            Hidden cells, and those that are rounded.
        terms : Terms
            What must be kept of hidden counts.
        """
        unit = self._one_by_one(sums, hidden, here, terms)
        while (fine := self._too_fine(sums, hidden, unit, terms)).any():
            unit[fine] = [_round_up(value * 1.01) for value in unit[fine]]
        return unit

    # --- one sum ---

    def _one_by_one(
        self, sums: Sums, hidden: BoolArray, here: BoolArray, terms: Terms
    ) -> FloatArray:
        """Find the unit that each sum by itself asks for, the largest for a cell in several."""
        unit = np.zeros(len(hidden))
        inside = hidden[sums.cell] & (self.rows[sums.cell] > 0)
        rounded = np.bincount(sums.row, here[sums.cell], sums.size) > 0
        entries = members_of(sums.row, sums.size)
        for row in np.flatnonzero(rounded & (np.bincount(sums.row, inside, sums.size) > 0)):
            of = entries[row]
            at = of[here[sums.cell[of]]]
            found = self._of_sum(sums.cell[of[inside[of]]], sums.cell[at], -sums.sign[at], terms)
            unit[sums.cell[at]] = np.maximum(unit[sums.cell[at]], found)
        bare = here & (unit == 0)
        unit[bare] = unit.max(initial=0.0)
        return unit

    def _of_sum(self, cells: IntArray, rounded: IntArray, sign: FloatArray, terms: Terms) -> float:
        """Find the finest unit at which one sum leaves its hidden cells enough."""
        weight, coarse = self.each[cells], self.events[rounded]
        rows, total = self.rows[cells], float(self.events[cells].sum())
        most = float((weight * rows).sum())
        demand = self._demand(cells, np.ones(len(cells), dtype=np.bool_), terms)
        unit = _round_up(float(weight.max()))
        while unit < most:
            about = total + float((sign * (np.round(coarse / unit) * unit - coarse)).sum())
            half = unit / 2 * len(rounded)
            low = about - half - (most - weight * rows)
            high = np.minimum(about + half, weight * rows)
            if demand.met(np.maximum(low, 0.0), high).all():
                break
            unit = _round_up(unit * 1.01)
        return unit

    def _demand(self, cells: IntArray, asked: BoolArray, terms: Terms) -> Demand:
        """Ask that the weighted events of cells tell neither events nor people without them."""
        rows = np.nan_to_num(self.rows[cells])
        found = terms.demand(asked & (rows > 0), cells, np.full(len(cells), EVENTS), rows)
        ((low, high),) = found.small
        grain = np.where(rows > 0, self.each[cells], 1.0)
        return Demand(found.values, ((low, high), (rows - high, rows - low)), grain)

    # --- all of them ---

    def _too_fine(self, sums: Sums, hidden: BoolArray, unit: FloatArray, terms: Terms) -> BoolArray:
        """Find the finest rounded cells that are tied to a hidden count which is told."""
        out = np.zeros_like(hidden)
        cells, system = self.system(sums, hidden, unit)
        failing, block = self._failing(cells, system, hidden, terms), system.blocks()
        at = (unit[cells] > 0) & (unit[cells] < COARSEST * self.people[cells])
        finest = np.full(int(block.max(initial=0)) + 1, np.inf)
        np.minimum.at(finest, block[at], unit[cells[at]])
        told = np.bincount(block, failing) > 0
        out[cells[at]] = (told[block] & (unit[cells] == finest[block]))[at]
        return out

    def told(self, sums: Sums, hidden: BoolArray, unit: FloatArray, terms: Terms) -> BoolArray:
        """Tell which hidden cells have weighted events that are told, where they are rounded so.

        Parameters
        ----------
        sums : Sums
            What adds up to what.
        hidden : (cells,) array of bool
            Hidden cells.
        unit : (cells,) array
            What sums of weights are rounded to; 0 where they are not.
        terms : Terms
            What must be kept of hidden counts.
        """
        out = np.zeros_like(hidden)
        cells, system = self.system(sums, hidden, unit)
        out[cells[self._failing(cells, system, hidden, terms)]] = True
        return out

    def _failing(
        self, cells: IntArray, system: System, hidden: BoolArray, terms: Terms
    ) -> BoolArray:
        """Tell which unknowns of a system keep too little."""
        demand = self._demand(cells, hidden[cells], terms)
        return judged(system, demand, system.rings()).failing

    def system(self, sums: Sums, hidden: BoolArray, unit: FloatArray) -> tuple[IntArray, System]:
        """Write down what everybody can read of weighted events.

        Returns
        -------
        cells : (unknowns,) array of int64
            Which cell each unknown is of: what is hidden, rounded or in no table.
        system : System
            Their weighted events.
        """
        vague = hidden | (unit > 0) | np.isnan(self.events)
        vague &= np.bincount(sums.cell, minlength=len(vague)) > 0
        every, cells = np.arange(len(vague)), np.flatnonzero(vague)
        written = equations(sums, KnownCounts(every, self.events, vague, vague))
        low, high = self._read(cells, np.where(hidden, 0.0, unit)[cells])
        return cells, self._in_whole_people(cells, System(*written, low, high, False))

    def _read(self, cells: IntArray, unit: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give the ends between which each published number lies, to who knows the people."""
        laid = np.isfinite(self.events[cells])
        most = np.where(laid, np.nan_to_num(self.people[cells]), np.inf)
        step = np.where(unit > 0, unit, 1.0)
        about = np.round(np.nan_to_num(self.events[cells]) / step) * step
        shown = laid & (unit > 0)
        low = np.where(shown, np.maximum(about - step / 2, 0.0), 0.0)
        return low, np.where(shown, np.minimum(about + step / 2, most), most)

    def _in_whole_people(self, cells: IntArray, system: System) -> System:
        """Narrow bounds down where one weight is that of all: so many whole people have it."""
        even = self.even[cells]
        each = np.where(even, self.each[cells], 1.0)
        for _ in range(_ROUNDS):
            low, high, system = propagate(system)
            least = np.where(even, np.ceil(low / each - 1e-6) * each, low)
            most = np.where(even, np.floor(high / each + 1e-6) * each, high)
            fits = least <= most
            least, most = np.where(fits, least, low), np.where(fits, most, high)
            still = np.array_equal(least, system.low) and np.array_equal(most, system.high)
            system = replace(system, low=least, high=most)
            if still:
                break
        return system


def unit_of_rounding(cells: Cells) -> FloatArray:
    """Read off what sums of weights were rounded to: the largest 1, 2 or 5 · 10^k in both of them.

    Returns
    -------
    (rows, strata) array
        0 where nothing was rounded.
    """
    coarse = cells.coarse
    out = np.zeros(cells.shape)
    people, events = (cells.stats[name][coarse] for name in ("population", "events"))
    found = np.zeros(len(people))
    for power in range(-6, 12):
        for unit in (step * 10.0**power for step in (1, 2, 5)):
            whole = [np.abs(v - np.round(v / unit) * unit) <= 1e-9 * v for v in (people, events)]
            found[np.logical_and(*whole) & (people > 0)] = unit
    out[coarse] = found
    return out


def _round_up(value: float) -> float:
    """Give the next 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> [_round_up(value) for value in (0.3, 1, 43.3, 501)]
    [0.5, 1.0, 50.0, 1000.0]

    """
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(k * power for k in (1.0, 2.0, 5.0, 10.0) if k * power >= value * (1 - 1e-12)))
