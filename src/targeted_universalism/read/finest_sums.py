"""Sums of rows by their finest cells: of all cells while they are few enough, else by key."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.errors import InputError
from targeted_universalism.read.addends import RowBlock
from targeted_universalism.read.coding import codes_of, joint_keys
from targeted_universalism.read.cube import DenseSums, Sums
from targeted_universalism.read.scatter import Scatter
from targeted_universalism.read.sorted_sums import SortedSums
from targeted_universalism.read.summing import Summing
from targeted_universalism.read.team import ALONE, Team
from targeted_universalism.segments.cells import Moments

DENSE_CODES = 2**26
_LARGEST_KEY = 2**62


class FinestSums:
    """Sums of rows by cell, dense while the space of cells allows it, sorted keys beyond.

    Parameters
    ----------
    columns : int
        Number of coded columns.
    names : sequence of str
        What is added up; ``"n"`` is among them and counts rows.
    moments : sequence of (weight, mean, second moment)
        Names of centred moments, merged by the rule of Chan, Golub and LeVeque (1983).
    binary : bool
        Whether the outcome is 0 or 1.
    """

    def __init__(
        self,
        columns: int,
        names: Sequence[str],
        moments: Sequence[Moments] = (),
        *,
        binary: bool = False,
    ) -> None:
        self.binary = binary
        self._how = Summing(tuple(names), tuple(moments))
        how = self._how.by_digit() if binary else self._how
        self._held: Scatter | SortedSums = Scatter(how, columns)

    def add(self, blocks: list[RowBlock], sizes: Sequence[int], team: Team = ALONE) -> None:
        """Add a wave of blocks.

        Parameters
        ----------
        blocks : list of RowBlock
            Rows, in their order; where cells are many, each block goes as soon as it is used up.
        sizes : sequence of int
            Codes in use in each column so far, these blocks included.
        team : Team
            Who computes; the sums are the same to the bit whoever does.
        """
        self._make_room(sizes)
        self._held.add(blocks, team)

    def dense(self) -> DenseSums | None:
        """Give the sums of all cells; None where keys are sorted."""
        return self._held.dense() if isinstance(self._held, Scatter) else None

    def listed(self) -> tuple[list[IntArray], Sums]:
        """List the cells that any row fell into: their codes by column, and finished sums.

        Where no outcome is known, "n" is 0.
        """
        keys, sums, lost = self._held.known()
        more = np.setdiff1d(lost, keys, assume_unique=True)
        if len(more):
            every = np.concatenate([keys, more])
            order = np.argsort(every)
            nothing = np.zeros(len(more))
            sums = {name: np.concatenate([v, nothing])[order] for name, v in sums.items()}
            keys = every[order]
        return codes_of(keys, self._held.room), sums

    def _make_room(self, sizes: Sequence[int]) -> None:
        """Grow columns whose codes no longer fit, doubling; sort keys if cells become too many."""
        held = self._held
        if all(size <= have for size, have in zip(sizes, held.room, strict=True)):
            return
        tight = prod(sizes) > DENSE_CODES // 8
        room = [
            have if size <= have else (size if tight else max(size, 2 * have))
            for size, have in zip(sizes, held.room, strict=True)
        ]
        if isinstance(held, Scatter) and held.size(room) <= DENSE_CODES:
            held.make_room(room)
        else:
            self._to_sorted_keys(room)

    def _to_sorted_keys(self, room: Sequence[int]) -> None:
        """Hold cells with rows alone, or name them anew where keys need more room."""
        if prod(room) >= _LARGEST_KEY:
            raise InputError(
                f"The columns make {prod(room):.1e} combinations, too many for one integer key: "
                "name fewer columns in segments= and by=."
            )
        cells, sums, lost = self._held.known()
        keys, lost = (joint_keys(codes_of(cell, self._held.room), room) for cell in (cells, lost))
        self._held = SortedSums(self._how, room, keys, sums, lost)
