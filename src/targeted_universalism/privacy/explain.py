"""Why a hidden count can be narrowed down: the published numbers that do it, in words.

For the analyst alone: what it says is what an attacker would find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.releases import Together
from targeted_universalism.segments.strata import members_of

SHOWN = "shown in another of these tables"
SECOND = "intervals or weighted sums tell as much again as the counts"
CENSUS = "with the people of every group known"
SEVERAL = "several sums together"
ENDLESS = "passes: nothing that is published bounds it from above"
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
    whole : Together
        All tables.
    low, high : (quantities, places) arrays
        What every count can be narrowed down to.
    dark : (places,) array of bool
        Of which places nothing is shown.
    """

    whole: Together
    low: FloatArray
    high: FloatArray
    dark: BoolArray

    def because(self, place: int, quantity: int) -> str:
        """Write down the sum that narrows a count down most: 5 = 114 (A) − 60 (Alpine, A) − …."""
        sums = self.whole.grid.sums
        rows = sums.row[sums.cell == place]
        found = [self._by(row, place, quantity) for row in rows]
        if not found:
            return SEVERAL
        low, high, row = min(found, key=lambda one: (one[1] - one[0], self._hidden(one[2])))
        words = self._words(row, place, quantity, low, high)
        narrowest = self.low[quantity, place], self.high[quantity, place]
        exact = low >= narrowest[0] - 1e-6 and high <= narrowest[1] + 1e-6
        return words if exact else f"{SEVERAL}, {words} among them"

    @cached_property
    def _entries(self) -> list[IntArray]:
        """List the entries of each sum."""
        sums = self.whole.grid.sums
        return members_of(sums.row, sums.size)

    def _hidden(self, row: int) -> int:
        """Count what is hidden of a sum: a sum of shown numbers says more."""
        return sum(bool(self.dark[cell]) for cell, _ in self._members(row))

    def _by(self, row: int, place: int, quantity: int) -> tuple[float, float, int]:
        """Range of a count by one sum alone."""
        others = list(self._others(row, place))
        side = -next(sign for cell, sign in self._members(row) if cell == place)
        ends = []
        for low, high in ((self.low, self.high), (self.high, self.low)):
            ends.append(sum(
                sign * side * (low if sign * side > 0 else high)[quantity, cell]
                for cell, sign in others
            ))  # fmt: skip
        return max(ends[0], 0.0), ends[1], row

    def _members(self, row: int) -> Iterator[tuple[int, float]]:
        sums = self.whole.grid.sums
        here = self._entries[row]
        yield from zip(sums.cell[here].tolist(), sums.sign[here].tolist(), strict=True)

    def _others(self, row: int, place: int) -> Iterator[tuple[int, float]]:
        return ((cell, sign) for cell, sign in self._members(row) if cell != place)

    def _words(self, row: int, place: int, quantity: int, low: float, high: float) -> str:
        side = -next(sign for cell, sign in self._members(row) if cell == place)
        parts = sorted(self._others(row, place), key=lambda one: -one[1] * side)
        said = [
            f"{'+' if sign * side > 0 else '−'} {self._range(cell, quantity)} "
            f"({self.whole.words(cell)})"
            for cell, sign in parts
        ]
        return f"{_between(low, high)} = {' '.join(said).removeprefix('+ ')}"

    def _range(self, cell: int, quantity: int) -> str:
        return _between(self.low[quantity, cell], self.high[quantity, cell])


def _between(low: float, high: float) -> str:
    if low == high:
        return f"{low:,.10g}"
    return f"{low:,.10g} to {high:,.10g}" if np.isfinite(high) else f"{low:,.10g} or more"
