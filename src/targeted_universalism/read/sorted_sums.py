"""Sums of the cells that any row fell into, by their sorted keys: where all cells are too many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.read.addends import Addends, RowBlock
from targeted_universalism.read.coding import row_keys
from targeted_universalism.read.cube import Sums
from targeted_universalism.read.summing import Summing
from targeted_universalism.read.team import Team

_FEW = 2**20


class SortedSums:
    """Sums by key: each block on its own, and blocks merged in order.

    Parameters
    ----------
    how : Summing
        What is added up, every sum by its own name.
    room : sequence of int
        How many codes of each column have a place.
    keys : (cells,) array of int
        Cells that have rows, in any order.
    sums : dict of str to (cells,) array
        Their sums.
    lost : array of int
        Keys of cells with a row of somebody whose outcome is not known.
    """

    def __init__(
        self, how: Summing, room: Sequence[int], keys: IntArray, sums: Sums, lost: IntArray
    ) -> None:
        order = np.argsort(keys)
        self._how, self.room = how, room
        self._keys, self._sums = keys[order], {name: v[order] for name, v in sums.items()}
        self._lost = np.sort(lost)
        self._waiting: list[tuple[IntArray, Sums]] = []  # pieces by sorted keys, not yet merged

    def add(self, blocks: Iterable[RowBlock], team: Team) -> None:
        """Add a wave of blocks, whose codes have room."""
        for lost, keys, piece in team.each(self._piece, blocks):
            self._lost = _distinct(np.concatenate([self._lost, lost]))
            self._waiting.append((keys, piece))
            # Kept until they are as many as the cells: each cell is moved seldom.
            if sum(len(keys) for keys, _ in self._waiting) >= max(len(self._keys), _FEW):
                self._merge()

    def known(self) -> tuple[IntArray, Sums, IntArray]:
        """Give the cells that count any row, their sums, and those with a lost outcome, sorted."""
        self._merge()
        return self._keys, self._sums, self._lost

    def _piece(self, block: RowBlock) -> tuple[IntArray, IntArray, Sums]:
        """Give the keys of cells with a lost outcome, and those of rows that count, with sums."""
        key = np.asarray(row_keys(block.columns, self.room, np.int64), dtype=np.int64)
        unknown = block.unknown
        y = block.outcome.astype(np.float64, copy=False)
        rows = Addends(key, y, block.weight, block.exposure).taken(np.flatnonzero(~unknown))
        keys, cell = np.unique(np.asarray(rows.cell, dtype=np.int64), return_inverse=True)
        piece = self._how.piece(Addends(cell, *rows.values), len(keys))
        return key[block.of_somebody(np.flatnonzero(unknown))], keys, piece

    def _merge(self) -> None:
        """Make room for all keys, and add the pieces that wait, in the order of their blocks."""
        union = _distinct(np.concatenate([self._keys, *(keys for keys, _ in self._waiting)]))
        sums = {name: np.zeros(len(union)) for name in self._sums}
        place = np.searchsorted(union, self._keys)
        for name, values in self._sums.items():
            sums[name][place] = values
        for keys, piece in self._waiting:
            self._how.add(piece, sums, np.searchsorted(union, keys))
        self._keys, self._sums, self._waiting = union, sums, []


def _distinct(keys: IntArray) -> IntArray:
    """Sort keys, each once. np.unique of numpy 2.3 and later hashes, which is many times slower."""
    ordered = np.sort(keys)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]
