"""Why a hidden count can be narrowed down: the published numbers that do it, in words.

For the analyst alone: what it says is what an attacker would find.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.merge import Together
from targeted_universalism.privacy.sums import Sums
from targeted_universalism.privacy.system import System, others
from targeted_universalism.segments.strata import members_of

SHOWN = "shown in another of these tables"
SECOND = "intervals or weighted sums tell as much again as the counts"
CENSUS = "with the people of every group known"
SEVERAL = "several sums together"
ENDLESS = "passes: nothing that is published bounds it from above"
_MOST = 12  # members of a sum that are named
# By which of Together.apart holds.
APART = (
    "",
    "not tied to the same group in an earlier table: most numbers differ",
    "not tied to the same group in an earlier table: what is measured is defined otherwise there",
)


@dataclass(frozen=True, eq=False)
class Explainer:
    """Ranges of every count of every place, and where they come from.

    Parameters
    ----------
    merged : Together
        All tables.
    low, high : (quantities, places) arrays
        What every count can be narrowed down to.
    dark : (places,) array of bool
        Of which places nothing is shown.
    """

    merged: Together
    low: FloatArray
    high: FloatArray
    dark: BoolArray

    def because(self, place: int, quantity: int) -> str:
        """Write down the sum that narrows a count down most: 5 = 114 (A) − 60 (Alpine, A) − …."""
        entries = self._entries_of[place]
        if not len(entries):
            return SEVERAL
        low, high = (end[entries] for end in self._by_one_sum[quantity])
        first = np.lexsort((self._dark_members[self._sums.row[entries]], high - low))[0]
        ends = float(low[first]), float(high[first])
        words = f"{_between(*ends)} = {self._words(int(entries[first]), quantity)}"
        narrowest = self.low[quantity, place], self.high[quantity, place]
        exact = ends[0] >= narrowest[0] - 1e-6 and ends[1] <= narrowest[1] + 1e-6
        return words if exact else f"{SEVERAL}, {words} among them"

    @property
    def _sums(self) -> Sums:
        return self.merged.grid.sums

    @cached_property
    def _entries_of(self) -> list[IntArray]:
        """List the entries of each place."""
        return members_of(self._sums.cell, len(self.dark))

    @cached_property
    def _entries_in(self) -> list[IntArray]:
        """List the entries of each sum."""
        return members_of(self._sums.row, self._sums.size)

    @cached_property
    def _dark_members(self) -> IntArray:
        """Count what is hidden of each sum: a sum of shown numbers says more."""
        return np.bincount(self._sums.row, self.dark[self._sums.cell], self._sums.size)

    @cached_property
    def _by_one_sum(self) -> list[tuple[FloatArray, FloatArray]]:
        """Give what each entry's sum alone says of it, (entries,) low and high, by quantity."""
        sums, nothing = self._sums, np.zeros(self._sums.size)
        out = []
        for low, high in zip(self.low, self.high, strict=True):
            system = System(sums.row, sums.cell, sums.sign, nothing, low, high, True)
            around, up = others(system, low, high), sums.sign > 0
            least = np.where(up, -around.most, around.least)
            out.append((np.maximum(least, 0.0), np.where(up, -around.least, around.most)))
        return out

    def _words(self, entry: int, quantity: int) -> str:
        """Write the other members of an entry's sum down, those that count with it first."""
        sums, row = self._sums, self._sums.row[entry]
        rest = self._entries_in[row][self._entries_in[row] != entry]
        adds = sums.sign[rest] != sums.sign[entry]
        order = np.argsort(~adds, kind="stable")
        said = [
            f"{'+' if plus else '−'} {self._range(cell, quantity)} ({self.merged.words(cell)})"
            for cell, plus in zip(
                sums.cell[rest][order[:_MOST]].tolist(), adds[order].tolist(), strict=False
            )
        ]
        if len(rest) > _MOST:
            said.append(f"… ({len(rest) - _MOST:,} more)")
        return " ".join(said).removeprefix("+ ")

    def _range(self, cell: int, quantity: int) -> str:
        return _between(self.low[quantity, cell], self.high[quantity, cell])


def _between(low: float, high: float) -> str:
    """Write a range; one number where both ends are one."""
    if low == high:
        return f"{low:,.10g}"
    return f"{low:,.10g} to {high:,.10g}" if np.isfinite(high) else f"{low:,.10g} or more"
