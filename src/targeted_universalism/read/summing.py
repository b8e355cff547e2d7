"""Sums of rows: which there are, what they are in one piece, and how a piece joins others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.read.addends import Addends, product
from targeted_universalism.read.cube import Sums
from targeted_universalism.segments.cells import Moments

# A yes-or-no outcome is one digit of the cell: sums over all rows, and over those with a yes.
_OF_YES = {"n": "events"}
_OF_YES_WEIGHTED = {"n": "events_n", "population": "events", "w2": "w2y"}


@dataclass(frozen=True, eq=False)
class Summing:
    """How rows are summed.

    Parameters
    ----------
    names : tuple of str
        What is added up; ``"n"`` is among them and counts rows.
    moments : tuple of (weight, mean, second moment)
        Names of centred moments, merged by the rule of Chan, Golub and LeVeque (1983).
    digits : mapping of str to str
        Where the outcome is a digit of the cell, the sums of each half, and what those with a yes
        are called; else nothing.
    """

    names: tuple[str, ...]
    moments: tuple[Moments, ...] = ()
    digits: Mapping[str, str] = field(default_factory=dict)

    def by_digit(self) -> Summing:
        """Hold rows with a no and with a yes apart."""
        return replace(self, digits=_OF_YES_WEIGHTED if "w2" in self.names else _OF_YES)

    def nothing(self, cells: int) -> Sums:
        """Hold no row yet. Counts are narrow while they fit; they are finished as floats."""
        if self.digits:
            kinds = {name: np.int32 if name == "n" else np.float64 for name in self.digits}
            return {name: np.zeros(cells, kind) for name, kind in kinds.items()}
        inner = [name for group in self.moments for name in group[1:]]
        return {name: np.zeros(cells) for name in (*self.names, *inner)}

    def piece(self, rows: Addends, cells: int) -> Sums:
        """Sum rows, their cells as `bincount` takes them; moments about the piece's own means."""

        def added(values: FloatArray | None) -> FloatArray:
            return np.bincount(rows.cell, values, cells)  # type: ignore[return-value]

        sums = {name: added(rows.value(name)) for name in self.digits or self.names}
        for weight, mean, second in self.moments:
            w, y = rows.value(weight), np.asarray(rows.y)
            total = np.where(sums[weight] > 0, sums[weight], 1.0)
            sums[mean] = added(product(w, y)) / total
            sums[second] = added(product(w, (y - sums[mean][rows.cell]) ** 2))
        return sums

    def add(self, piece: Sums, sums: Sums, cells: IntArray | slice) -> None:
        """Add a piece to the sums of its cells, in place: moments first, by the sums before it."""
        for weight, mean, second in self.moments:
            before, more = sums[weight][cells], piece[weight]
            total = np.where(before + more > 0, before + more, 1.0)
            step = piece[mean] - sums[mean][cells]
            sums[mean][cells] += step * more / total
            sums[second][cells] += piece[second] + step**2 * before * more / total
        for name in self.digits or self.names:
            if isinstance(cells, slice):
                here = sums[name][cells]
                np.add(here, piece[name], out=here, casting="unsafe")
            else:
                sums[name][cells] += piece[name]
