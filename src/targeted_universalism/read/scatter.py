"""Rows of any number, added up in one pass on every core: coded columns scattered into cells.

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
others, which no one holds. Where even the held sums would be too large, the same integer is sorted
instead: each block on its own, and blocks merged in order. Memory is bounded by cells, never by
rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, CodeArray, FloatArray, IntArray
from targeted_universalism.errors import InputError
from targeted_universalism.read.addends import Addends, RowBlock, joined, product
from targeted_universalism.read.coding import codes_of, joint_keys, row_keys
from targeted_universalism.read.cube import DenseSums, Sums
from targeted_universalism.read.memory import keep
from targeted_universalism.read.team import ALONE, Team
from targeted_universalism.segments.cells import Moments

DENSE_CODES = 2**26
FEW_SUMS = 2**21  # that the last cache holds: to put rows in order first costs more than it saves
LANE_ROWS = 2**20
PIECE = 2**19  # rows that are split at once
# Of the cells in a part: so few that their sums fit a cache, unless rows come in order anyway.
PART_BITS, BITS_IN_ORDER = range(12, 18), range(12, 22)
_LARGEST_KEY = 2**62
_LARGEST_COUNT = 2**31 - 1
_FEW = 2**20
_TASKS = 32  # more would wait for each other, fewer leave some of many cores alone
_PARTS = 64

# A yes-or-no outcome is one digit of the cell: sums over all rows, and over those with a yes.
_OF_YES = {"n": "events"}
_OF_YES_WEIGHTED = {"n": "events_n", "population": "events", "w2": "w2y"}


class Scatter:
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
        self._names, self._moments = tuple(names), tuple(moments)
        self.binary = binary
        weighted = "w2" in names
        self._digits = (_OF_YES_WEIGHTED if weighted else _OF_YES) if binary else {}
        self._alike = binary and not weighted
        self._room = [1] * columns  # how many codes of each column have a place
        self._rows = 0
        self._keys: IntArray | None = None  # of the cells, sorted; None while they are dense
        self._sums = self._empty()  # one of each cell, shaped (cells,)
        # Cells with a row of somebody whose outcome is not known: marked, or listed by their keys.
        self._lost: BoolArray = np.zeros(1, dtype=np.bool_)
        self._lost_keys = np.zeros(0, dtype=np.int64)
        self._waiting: list[tuple[IntArray, Sums]] = []  # pieces by sorted keys, not yet merged

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
        self._rows += sum(map(len, blocks))
        if self._keys is not None:
            for lost, keys, piece in team.each(self._sorted_piece, blocks):
                self._lost_keys = _distinct(np.concatenate([self._lost_keys, lost]))
                self._merge_sorted(keys, piece)
            return
        if self._rows > _LARGEST_COUNT:
            self._sums["n"] = self._sums["n"].astype(np.float64, copy=False)
        if self._cells * len(self._sums) <= FEW_SUMS:
            self._add_by_lanes(blocks, team)
        else:
            self._add_by_parts(blocks, team)

    @property
    def _cells(self) -> int:
        """Cells of the held sums, the digit of the outcome included."""
        return (2 if self._digits else 1) * prod(self._room)

    def _add_by_lanes(self, blocks: Sequence[RowBlock], team: Team) -> None:
        """Give each lane a run of blocks, and all cells."""
        keep()
        cells = self._cells

        def piece(lane: Sequence[RowBlock]) -> Sums:
            sums = self._summed(joined([self._coded(block, cells) for block in lane]), cells + 1)
            return {name: values[:cells] for name, values in sums.items()}

        for sums in team.each(piece, _runs(blocks)):
            self._merge_at(self._sums, slice(None), sums)

    def _add_by_parts(self, blocks: list[RowBlock], team: Team) -> None:
        """Give each part a range of cells, and its rows of all blocks."""
        cells, bits = self._cells, self._bits_of_part
        split = team.map(lambda block: self._split(block, bits), _used_up(blocks))

        def add(parts: range) -> None:
            for part in parts:
                here = slice(part << bits, min((part + 1) << bits, cells))
                rows = joined([rows for rows, _ in split], [which[part] for _, which in split])
                if len(rows):
                    self._merge_at(self._sums, here, self._summed(rows, here.stop - here.start))

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
        key = row_keys(block.columns, self._room, np.int32)
        unknown = np.flatnonzero(block.unknown)
        self._lost[key[block.of_somebody(unknown)]] = True
        y = None if self._digits else block.outcome.astype(np.float64, copy=False)
        if self._digits:
            key += np.multiply(block.outcome, prod(self._room), dtype=np.int32)
        key[unknown] = nowhere
        return Addends(key, y, block.weight, block.exposure)

    def _sorted_piece(self, block: RowBlock) -> tuple[IntArray, IntArray, Sums]:
        """Give the keys of cells with a lost outcome, and those of rows that count, with sums."""
        key = np.asarray(row_keys(block.columns, self._room, np.int64), dtype=np.int64)
        unknown = block.unknown
        y = block.outcome.astype(np.float64, copy=False)
        rows = Addends(key, y, block.weight, block.exposure).taken(np.flatnonzero(~unknown))
        keys, cell = np.unique(np.asarray(rows.cell, dtype=np.int64), return_inverse=True)
        piece = self._summed(Addends(cell, *rows.values), len(keys))
        return key[block.of_somebody(np.flatnonzero(unknown))], keys, piece

    def dense(self) -> DenseSums | None:
        """Give the sums of all cells; None where keys are sorted."""
        if self._keys is not None:
            return None
        return DenseSums(self._sums, self._digits, self._room, self._lost)

    def listed(self) -> tuple[list[IntArray], Sums]:
        """List the cells that any row fell into: their codes by column, and finished sums.

        Where no outcome is known, "n" is 0.
        """
        keys, sums = self._known()
        lost = np.flatnonzero(self._lost) if self._keys is None else self._lost_keys
        more = np.setdiff1d(lost, keys, assume_unique=True)
        if len(more):
            every = np.concatenate([keys, more])
            order = np.argsort(every)
            nothing = np.zeros(len(more))
            sums = {name: np.concatenate([v, nothing])[order] for name, v in sums.items()}
            keys = every[order]
        return codes_of(keys, self._room), sums

    def _known(self) -> tuple[IntArray, Sums]:
        """Give the cells that count any row, and their sums."""
        if self._keys is not None:
            self._merge_waiting()
            return self._keys, self._sums
        dense = DenseSums(self._sums, self._digits, self._room, self._lost)
        cells = np.flatnonzero(dense.counted)
        return cells, dense.at(cells)

    def _empty(self) -> Sums:
        """Hold nothing yet. Counts are narrow while they fit; they are finished as floats."""
        if self._digits:
            kinds = {name: np.int32 if name == "n" else np.float64 for name in self._digits}
            return {name: np.zeros(self._cells, kind) for name, kind in kinds.items()}
        inner = [name for group in self._moments for name in group[1:]]
        return {name: np.zeros(self._cells) for name in (*self._names, *inner)}

    def _summed(self, rows: Addends, size: int) -> Sums:
        """Sum rows into one piece, its moments about the piece's own means."""

        def added(values: FloatArray | None) -> FloatArray:
            return np.bincount(rows.cell, values, size)  # type: ignore[return-value]

        sums = {name: added(rows.value(name)) for name in self._digits or self._names}
        for weight, mean, second in self._moments:
            w, y = rows.value(weight), np.asarray(rows.y)
            total = np.where(sums[weight] > 0, sums[weight], 1.0)
            sums[mean] = added(product(w, y)) / total
            sums[second] = added(product(w, (y - sums[mean][rows.cell]) ** 2))
        return sums

    def _merge_at(self, sums: Sums, cells: IntArray | slice, piece: Sums) -> None:
        """Add a piece to the sums of its cells, in place: moments first, by the sums before it."""
        for weight, mean, second in self._moments:
            before, more = sums[weight][cells], piece[weight]
            total = np.where(before + more > 0, before + more, 1.0)
            step = piece[mean] - sums[mean][cells]
            sums[mean][cells] += step * more / total
            sums[second][cells] += piece[second] + step**2 * before * more / total
        for name in self._digits or self._names:
            if isinstance(cells, slice):
                here = sums[name][cells]
                np.add(here, piece[name], out=here, casting="unsafe")
            else:
                sums[name][cells] += piece[name]

    def _merge_sorted(self, keys: IntArray, piece: Sums) -> None:
        """Keep a piece until those kept are as many as the cells: each cell is moved seldom."""
        self._waiting.append((keys, piece))
        if sum(len(keys) for keys, _ in self._waiting) >= max(len(self._keys_held()), _FEW):
            self._merge_waiting()

    def _merge_waiting(self) -> None:
        """Make room for all keys, and add the pieces that wait, in the order of their blocks."""
        old = self._keys_held()
        union = _distinct(np.concatenate([old, *(keys for keys, _ in self._waiting)]))
        sums = {name: np.zeros(len(union)) for name in self._sums}
        place = np.searchsorted(union, old)
        for name, values in self._sums.items():
            sums[name][place] = values
        for keys, piece in self._waiting:
            self._merge_at(sums, np.searchsorted(union, keys), piece)
        self._keys, self._sums, self._waiting = union, sums, []

    def _keys_held(self) -> IntArray:
        return np.zeros(0, dtype=np.int64) if self._keys is None else self._keys

    def _make_room(self, sizes: Sequence[int]) -> None:
        """Grow columns whose codes no longer fit, doubling; leave the dense array if too large."""
        if all(size <= room for size, room in zip(sizes, self._room, strict=True)):
            return
        tight = prod(sizes) > DENSE_CODES // 8
        room = [
            have if size <= have else (size if tight else max(size, 2 * have))
            for size, have in zip(sizes, self._room, strict=True)
        ]
        digit = [2] if self._digits else []
        if self._keys is None and prod([*digit, *room]) <= DENSE_CODES:
            old, new = [*digit, *self._room], [*digit, *room]
            self._sums = {k: _grown(v, old, new) for k, v in self._sums.items()}
            self._lost = _grown(self._lost, self._room, room)
        else:
            self._to_sorted_keys(room)
        self._room = room

    def _to_sorted_keys(self, room: Sequence[int]) -> None:
        """Leave the dense array, or name the cells anew where keys need more room."""
        if prod(room) >= _LARGEST_KEY:
            raise InputError(
                f"The columns make {prod(room):.1e} combinations, too many for one integer key: "
                "name fewer columns in segments= and by=."
            )
        before, sums = self._known()
        keys = joint_keys(codes_of(before, self._room), room)
        lost = np.flatnonzero(self._lost) if self._keys is None else self._lost_keys
        self._lost_keys = np.sort(joint_keys(codes_of(lost, self._room), room))
        self._lost = np.zeros(1, dtype=np.bool_)
        order = np.argsort(keys)
        self._keys, self._sums = keys[order], {k: v[order] for k, v in sums.items()}
        self._digits = {}


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


def _distinct(keys: IntArray) -> IntArray:
    """Sort keys, each once. np.unique of numpy 2.3 and later hashes, which is many times slower."""
    ordered = np.sort(keys)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _grown(values: Any, old: Sequence[int], new: Sequence[int]) -> Any:
    """Move sums into a larger array."""
    grown = np.zeros(new, dtype=values.dtype)
    grown[tuple(slice(0, size) for size in old)] = values.reshape(old)
    return grown.ravel()
