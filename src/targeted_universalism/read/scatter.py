"""Rows of any number, added up in one pass on every core: coded columns scattered into all cells.

One integer names the cell of a row, the last column fastest. Rows come in waves of blocks; within a
wave every sum has one owner, who adds rows up in their order, in a piece of memory of its own, with
`bincount`, which lets other threads run. Who owns what depends on cells and blocks alone, never on
threads, so neither do the bits. Every call of numpy waits for its turn afterwards: calls are few,
and each does much::

    a space of few cells, which fits a cache       one of many cells

              cells 0 … C                              cells 0 … C
    blocks    +-------------------+          blocks    +----+----+----+----+
     1 2 3    | lane 1: one piece |           1 2 3    |part|part|part|part|
    ----------+-------------------+           4 5 6    | 1  | 2  | 3  | 4  |
     4 5 6    | lane 2: one piece |           7 8      |    |    |    |    |
    ----------+-------------------+                    +----+----+----+----+
     7 8      | lane 3: one piece |
              +-------------------+          each block is sorted by part; a part takes its
    pieces are added to the held sums,       rows of all blocks, in order, and adds its piece
    lane after lane                          to its own held sums

A yes-or-no outcome is the first digit of the cell. Rows that do not count share a cell behind all
others, which no one holds. Memory is bounded by cells, never by rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, CodeArray, IntArray
from targeted_universalism.read.addends import Addends, RowBlock, joined
from targeted_universalism.read.coding import row_keys
from targeted_universalism.read.cube import DenseSums, Sums
from targeted_universalism.read.memory import keep
from targeted_universalism.read.summing import Summing
from targeted_universalism.read.team import Team

FEW_SUMS = 2**21  # that the last cache holds: to put rows in order first costs more than it saves
LANE_ROWS = 2**20
PIECE = 2**19  # rows that are split at once
# Of the cells in a part: so few that their sums fit a cache, unless rows come in order anyway.
PART_BITS, BITS_IN_ORDER = range(12, 18), range(12, 22)
_LARGEST_COUNT = 2**31 - 1
_TASKS = 32  # more would wait for each other, fewer leave some of many cores alone
_PARTS = 64


class Scatter:
    """Sums of rows by cell, all cells held.

    Parameters
    ----------
    how : Summing
        What is added up.
    columns : int
        Number of coded columns, of each of which no code has a place yet but that for missing.
    """

    def __init__(self, how: Summing, columns: int) -> None:
        self._how = how
        self._alike = len(how.digits) == 1  # all that a row adds is told by its cell
        self.room = [1] * columns  # how many codes of each column have a place
        self._rows = 0
        self._sums = how.nothing(self._cells)  # one of each cell, shaped (cells,)
        # Cells with a row of somebody whose outcome is not known.
        self._lost: BoolArray = np.zeros(1, dtype=np.bool_)

    def add(self, blocks: list[RowBlock], team: Team) -> None:
        """Add a wave of blocks, whose codes have room; each goes as soon as it is used up."""
        self._rows += sum(map(len, blocks))
        if self._rows > _LARGEST_COUNT:
            self._sums["n"] = self._sums["n"].astype(np.float64, copy=False)
        if self._cells * len(self._sums) <= FEW_SUMS:
            self._add_by_lanes(blocks, team)
        else:
            self._add_by_parts(blocks, team)

    def size(self, room: Sequence[int]) -> int:
        """Count cells with this room, the digit of the outcome included."""
        return prod(self._shape(room))

    def make_room(self, room: Sequence[int]) -> None:
        """Move sums to where they are in a larger space."""
        old, new = self._shape(self.room), self._shape(room)
        self._sums = {name: _grown(sums, old, new) for name, sums in self._sums.items()}
        self._lost = _grown(self._lost, self.room, room)
        self.room = list(room)

    def dense(self) -> DenseSums:
        """Give the sums of all cells."""
        return DenseSums(self._sums, self._how.digits, self.room, self._lost)

    def known(self) -> tuple[IntArray, Sums, IntArray]:
        """Give the cells that count any row, their finished sums, and those with a lost outcome."""
        dense = self.dense()
        cells = np.flatnonzero(dense.counted)
        return cells, dense.at(cells), np.flatnonzero(self._lost)

    def _shape(self, room: Sequence[int]) -> list[int]:
        return [*([2] if self._how.digits else []), *room]

    @property
    def _cells(self) -> int:
        return self.size(self.room)

    def _add_by_lanes(self, blocks: Sequence[RowBlock], team: Team) -> None:
        """Give each lane a run of blocks, and all cells."""
        keep()
        cells = self._cells

        def piece(lane: Sequence[RowBlock]) -> Sums:
            rows = joined([self._coded(block, cells) for block in lane])
            return {name: sums[:cells] for name, sums in self._how.piece(rows, cells + 1).items()}

        for sums in team.each(piece, _runs(blocks)):
            self._how.add(sums, self._sums, slice(None))

    def _add_by_parts(self, blocks: list[RowBlock], team: Team) -> None:
        """Give each part a range of cells, and its rows of all blocks."""
        cells, bits = self._cells, self._bits_of_part
        split = team.map(lambda block: self._split(block, bits), _used_up(blocks))

        def add(parts: range) -> None:
            for part in parts:
                here = slice(part << bits, min((part + 1) << bits, cells))
                rows = joined([rows for rows, _ in split], [which[part] for _, which in split])
                if len(rows):
                    piece = self._how.piece(rows, here.stop - here.start)
                    self._how.add(piece, self._sums, here)

        count = -(-cells >> bits)
        team.map(add, [range(first, count, _TASKS) for first in range(min(_TASKS, count))])

    @property
    def _bits_of_part(self) -> int:
        """In how many bits cells of a part are counted: so that all have some work."""
        bits = BITS_IN_ORDER if self._alike else PART_BITS
        return next((b for b in bits if self._cells >> b < _PARTS), bits[-1])

    def _split(self, block: RowBlock, bits: int) -> tuple[Addends, list[slice]]:
        """Put the rows of a block in the order of parts, their cells counted within each."""
        parts = -(-self._cells >> bits)
        rows = self._coded(block, parts << bits)
        if self._alike:
            rows.cell.sort()
            starts = np.arange(parts + 1, dtype=rows.cell.dtype) << bits
            ends = np.searchsorted(rows.cell, starts).tolist()
        else:
            order, ends = _in_order(rows.cell >> bits, parts)
            rows = rows.taken(order)
        last = (1 << bits) - 1
        within = np.bitwise_and(rows.cell, last, out=rows.cell).astype(np.min_scalar_type(last))
        return replace(rows, cell=within), [slice(*here) for here in pairwise(ends)]

    def _coded(self, block: RowBlock, nowhere: int) -> Addends:
        """Give each row its dense cell; those that do not count are nowhere."""
        key = row_keys(block.columns, self.room, np.int32)
        unknown = np.flatnonzero(block.unknown)
        self._lost[key[block.of_somebody(unknown)]] = True
        y = None if self._how.digits else block.outcome.astype(np.float64, copy=False)
        if self._how.digits:
            key += np.multiply(block.outcome, prod(self.room), dtype=np.int32)
        key[unknown] = nowhere
        return Addends(key, y, block.weight, block.exposure)


def _in_order(part: CodeArray, parts: int) -> tuple[IntArray, list[int]]:
    """Give the rows of a block that count by part, in their order within each, and where parts end.

    Part and row are one number: whole numbers are sorted faster than places are found by them.
    """
    bits = len(part).bit_length()
    narrow = bits + parts.bit_length() <= 32
    kind: type[np.unsignedinteger[Any]] = np.uint32 if narrow else np.uint64
    number = part.astype(kind)
    number <<= kind(bits)
    number |= np.arange(len(part), dtype=kind)
    number.sort()
    ends = np.searchsorted(number, np.arange(parts + 1, dtype=kind) << kind(bits)).tolist()
    number &= kind((1 << bits) - 1)
    return number[: ends[-1]].astype(np.intp), ends


def _used_up(blocks: list[RowBlock]) -> Iterator[RowBlock]:
    """Give blocks one by one, and keep none."""
    while blocks:
        yield blocks.pop(0)


def _runs(blocks: Sequence[RowBlock]) -> list[Sequence[RowBlock]]:
    """Cut a wave into runs of blocks with enough rows for a piece of their own."""
    ends = np.cumsum([len(block) for block in blocks]) // LANE_ROWS
    cuts = [0, *(np.flatnonzero(np.diff(ends)) + 1).tolist(), len(blocks)]
    return [blocks[start:stop] for start, stop in pairwise(cuts)]


def _grown(values: Any, old: Sequence[int], new: Sequence[int]) -> Any:
    """Move sums into a larger array."""
    grown = np.zeros(new, dtype=values.dtype)
    grown[tuple(slice(0, size) for size in old)] = values.reshape(old)
    return grown.ravel()
