"""Sums of which one person makes up most: whoever knows the others knows that person's value.

A sum is dominated where the largest contribution lies within p % of the total of the others: the
second largest contributor, who takes his own away, then knows it to within p %. Cells keep their
sums and sums of squares, not each person's value; these bound the largest and the second largest,
so that what is found safe is safe, and of few people with very unequal values some are hidden that
need not be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments

_P = 0.15


@dataclass(frozen=True, eq=False)
class Magnitudes:
    """People, sums of their contributions, and of the squares of these, of cells; NaN for none."""

    people: FloatArray
    total: FloatArray
    squares: FloatArray

    def dominated(self) -> BoolArray:
        """Tell which sums may be dominated.

        Of n contributions with mean m and Σ(c − m)² = M, the largest is at most m + √((n−1)M/n),
        the two largest together at most 2m + √(2(n−2)M/n).
        """
        n, total = self.people, self.total
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.maximum(self.squares - total**2 / n, 0.0)
            one = total / n + np.sqrt(np.maximum(n - 1, 0) * spread / n)
            two = 2 * total / n + np.sqrt(2 * np.maximum(n - 2, 0) * spread / n)
            rest = total - np.minimum(two, total)
            return np.asarray((n > 0) & (total > 0) & (rest < _P * np.minimum(one, total)))

    def of(self, sums: IntArray, cells: IntArray, size: int) -> Magnitudes:
        """Add cells up, entry by entry the sum and the cell."""

        def added(values: FloatArray) -> FloatArray:
            return np.bincount(sums, values[cells], size).astype(np.float64)

        return Magnitudes(added(self.people), added(self.total), added(self.squares))


def magnitudes(segments: Segments, place: IntArray, size: int) -> Magnitudes | None:
    """Lay the contributions to means of records out; None where there are none.

    None too where a sum of squares exceeds the square of the sum: some values then lie below 0, so
    that nobody knows a bound of another's value.

    Parameters
    ----------
    segments : Segments
        Before anything is hidden.
    place : (rows, strata) array of int64
        Where each cell is among all places.
    size : int
        How many places there are.
    """
    cells = segments.cells
    kinds = np.array(segments.kinds)[segments.strata.indicator]
    here = np.broadcast_to(kinds == "mean", cells.shape) & (cells.state == State.OK)
    if not here.any() or not cells.family.moments:
        return None
    weight, mean, second = cells.family.moments[-1]
    stats = cells.stats
    squares = stats[second] + stats[weight] * stats[mean] ** 2
    total = stats[cells.family.people] * stats["mean"]
    if (here & (squares > total**2 * (1 + 1e-9))).any():
        return None
    laid = np.full((3, size), np.nan)
    for row, values in zip(laid, (stats["n"], total, squares), strict=True):
        row[place] = np.where(here, values, np.nan)
    return Magnitudes(*laid)
