"""Rows of any number, added up in one pass: coded columns scattered into cells.

Every column is coded once to small integers (missing is a level of its own), one mixed-radix
integer names the cell of a row, and blocks of rows are scattered into a dense array whose last
axis is the stratum. Where that array would be too large, the same integer key is sorted instead.
Memory is bounded by cells, never by rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism._typing import BoolArray, CodeArray, FloatArray, IntArray
from targeted_universalism.errors import InputError
from targeted_universalism.labels import label
from targeted_universalism.read.frames import Keys, RawKeys, plain_levels

DENSE_CODES = 2**26
_LARGEST_KEY = 2**62
_FEW = 2**20

Sums = dict[str, FloatArray]
DigitArray = npt.NDArray[np.int8]


class Coder:
    """Codes of one column, growing as labels arrive; code 0 is missing.

    Dictionaries differ between blocks and files, so each block's levels are looked up by label.
    """

    def __init__(self) -> None:
        self.levels: list[Any] = []
        self.declared = False
        self.ordered = False
        self._place: dict[str, int] = {}
        self._before: tuple[pd.Index[Any], IntArray] | None = None

    @property
    def size(self) -> int:
        """Number of codes, missing included."""
        return len(self.levels) + 1

    def lookup(self, column: RawKeys) -> IntArray:
        """Give this column's code for each code of a block; the last is for -1, missing."""
        self._declare(column)
        if self._before is None or not _same(self._before[0], column.levels):
            self._before = column.levels, self._looked_up(column)
        return self._before[1]

    def _declare(self, column: RawKeys) -> None:
        """Keep an order as long as every block that holds a label declares one."""
        if len(column.levels):
            self.declared = column.declared and (self.declared or not self.levels)
            self.ordered = column.ordered and (self.ordered or not self.levels)

    def _looked_up(self, column: RawKeys) -> IntArray:
        lookup = np.zeros(len(column.levels) + 1, dtype=np.int64)
        for i, value in enumerate(column.levels):
            if column.missing(value):
                continue
            text = label(value)
            if text not in self._place:
                self._place[text] = len(self.levels) + 1
                self.levels.append(value)
            lookup[i] = self._place[text]
        return lookup

    def keys(self, codes: IntArray) -> Keys:
        """Give coded cells with levels in their order: declared, else sorted."""
        levels = plain_levels(pd.Index(self.levels))
        order = np.arange(len(levels)) if self.declared else _sorted(levels)
        order = order[np.isin(order + 1, codes)]
        place = np.full(len(levels) + 1, -1, dtype=np.int64)
        place[order + 1] = np.arange(len(order))
        return Keys(place[codes], levels.take(order), self.ordered)


def _same(one: pd.Index[Any], other: pd.Index[Any]) -> bool:
    """Tell whether two blocks have one dictionary, as the blocks of one file mostly do."""
    return one.dtype == other.dtype and one.dtype != object and one.equals(other)


def _sorted(levels: pd.Index[Any]) -> IntArray:
    try:
        order = np.argsort(levels.to_numpy(), kind="stable")
    except TypeError:
        order = np.argsort([label(value) for value in levels], kind="stable")
    return np.asarray(order, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class CodedColumn:
    """A column of a block: its codes, and what each of them is among the codes of all blocks."""

    codes: CodeArray
    lookup: IntArray

    @property
    def complete(self) -> bool:
        """Whether no row can be missing, at a glance."""
        return bool((self.lookup[:-1] > 0).all() and self.codes.min(initial=0) >= 0)

    @property
    def values(self) -> IntArray:
        """Code of every row, 0 where it is missing."""
        return self.lookup[self.codes]


Moments = tuple[str, str, str]

# A yes-or-no outcome is one digit of the key: sums over all rows, and over those with a yes.
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
        self._room = [1] * columns
        self._keys: IntArray | None = None
        self._lost = np.zeros(0, dtype=np.int64)
        self._waiting: list[tuple[IntArray, Sums]] = []
        self._held = self._empty()

    def add(
        self,
        columns: Sequence[CodedColumn],
        sizes: Sequence[int],
        outcome: FloatArray | DigitArray,
        weight: FloatArray | None,
        exposure: FloatArray | None = None,
    ) -> None:
        """Add a block of rows.

        Parameters
        ----------
        columns : sequence of CodedColumn
            Who each row is about.
        sizes : sequence of int
            Codes in use in each column so far.
        outcome : (rows,) array
            NaN where a row does not count; if binary, digits: 0, 1, or -1 where it does not count.
        weight : (rows,) array or None
            Sampling weights; rows of weight 0 stand for nobody.
        exposure : (rows,) array or None
            Person-time.
        """
        self._make_room(sizes)
        key = _row_key(columns, self._room)
        known = outcome >= 0 if self.binary else ~np.isnan(outcome)
        if not known.all():
            self._keep_lost(key, ~known if weight is None else ~known & (weight != 0))
        if self._keys is None and self._digits:
            self._add_digits(key, outcome, weight)
            return
        y, key = outcome[known].astype(np.float64, copy=False), key[known]
        w, t = (None if v is None else v[known] for v in (weight, exposure))
        values = _values(y, w, t, set(self._names))
        if self._keys is None and not self._moments:
            for name in self._names:
                np.add.at(self._held[name], key, values[name])
            return
        found, cell = self._found(key)
        block = self._of_block(cell, len(found), values, y)
        if self._keys is None:
            self._merge_at(self._held, found, block)
        else:
            self._merge_sorted(found, block)

    def _add_digits(
        self, key: IntArray, digit: FloatArray | DigitArray, weight: FloatArray | None
    ) -> None:
        """Add rows where the outcome is the first digit of the key; those left out share a cell."""
        size = prod(self._room)
        key += np.array([0, size, 2 * size])[digit]
        np.minimum(key, 2 * size, out=key)
        np.add.at(self._held["n"], key, 1.0)
        if weight is not None:
            np.add.at(self._held["population"], key, weight)
            np.add.at(self._held["w2"], key, weight * weight)

    def _keep_lost(self, key: IntArray, lost: BoolArray) -> None:
        """Keep the cells of rows without an outcome: groups of such rows alone do not vanish."""
        size = prod(self._room)
        if self._keys is None and size <= len(key):
            marked = np.zeros(size, dtype=np.bool_)
            marked[self._lost] = True
            marked[key[lost]] = True
            self._lost = np.flatnonzero(marked)
        else:
            self._lost = np.union1d(self._lost, key[lost])

    def _found(self, key: IntArray) -> tuple[IntArray, IntArray]:
        """Give the cells of a block: all there are where they are few, else the distinct keys."""
        size = prod(self._room)
        if self._keys is None and size <= len(key):
            return np.arange(size), key
        return np.unique(key, return_inverse=True)

    def dense(self) -> Sums | None:
        """Give finished sums in arrays, one axis a column; None where keys are sorted."""
        if self._keys is not None:
            return None
        return {name: values.reshape(self._room) for name, values in self._held.items()}

    def lost(self) -> BoolArray | None:
        """Tell in which of the dense cells an outcome is not known; None where all are."""
        if not len(self._lost):
            return None
        lost = np.zeros(prod(self._room), dtype=np.bool_)
        lost[self._lost] = True
        return lost.reshape(self._room)

    def listed(self) -> tuple[list[IntArray], Sums]:
        """List the cells that any row fell into: their codes by column, and finished sums.

        Where no outcome is known, "n" is 0.
        """
        keys, held = self._known()
        more = np.setdiff1d(self._lost, keys, assume_unique=True)
        if len(more):
            every = np.concatenate([keys, more])
            order = np.argsort(every)
            nothing = np.zeros(len(more))
            held = {name: np.concatenate([v, nothing])[order] for name, v in held.items()}
            keys = every[order]
        return _codes(keys, self._room), held

    def _known(self) -> tuple[IntArray, Sums]:
        """Give the cells that count any row, and their sums."""
        if self._keys is not None:
            self._merge_waiting()
            return self._keys, self._held
        flat = np.flatnonzero(self._held["n"])
        return flat, {name: values[flat] for name, values in self._held.items()}

    def finish(self) -> None:
        """End the digits: add the rows with a yes to those without, in place.

        Rows that are added afterwards are added without digits.
        """
        sums: Sums = {}
        for name, of_yes in self._digits.items():
            every, yes = self._held[name][:-1].reshape(2, -1)
            every += yes
            sums[name], sums[of_yes] = every, yes
        if self._digits:
            self._held, self._digits = sums, {}

    def _empty(self) -> Sums:
        size = prod(self._room)
        if self._digits:
            return {name: np.zeros(2 * size + 1) for name in self._digits}
        inner = [name for group in self._moments for name in group[1:]]
        return {name: np.zeros(size) for name in (*self._names, *inner)}

    def _of_block(
        self,
        cell: IntArray,
        size: int,
        values: Mapping[str, FloatArray | float],
        outcome: FloatArray,
    ) -> Sums:
        """Sum one block, its moments about its own means."""

        def added(part: FloatArray | float) -> FloatArray:
            return np.asarray(
                np.bincount(cell, np.broadcast_to(part, cell.shape), size), dtype=np.float64
            )

        sums = {name: added(values[name]) for name in self._names}
        for weight, mean, second in self._moments:
            w = np.broadcast_to(values[weight], cell.shape)
            total = np.where(sums[weight] > 0, sums[weight], 1.0)
            sums[mean] = added(w * outcome) / total
            sums[second] = added(w * (outcome - sums[mean][cell]) ** 2)
        return sums

    def _merge_at(self, held: Sums, found: IntArray, block: Sums) -> None:
        for weight, mean, second in self._moments:
            before, more = held[weight][found], block[weight]
            total = np.where(before + more > 0, before + more, 1.0)
            step = block[mean] - held[mean][found]
            held[mean][found] += step * more / total
            held[second][found] += block[second] + step**2 * before * more / total
        for name in self._names:
            held[name][found] += block[name]

    def _merge_sorted(self, found: IntArray, block: Sums) -> None:
        """Keep a block until those kept are as many as the cells: each cell is moved seldom."""
        self._waiting.append((found, block))
        if sum(len(keys) for keys, _ in self._waiting) >= max(len(self._keys_held()), _FEW):
            self._merge_waiting()

    def _merge_waiting(self) -> None:
        old = self._keys_held()
        union = np.unique(np.concatenate([old, *(found for found, _ in self._waiting)]))
        held = {name: np.zeros(len(union)) for name in self._held}
        place = np.searchsorted(union, old)
        for name, values in self._held.items():
            held[name][place] = values
        for found, block in self._waiting:
            self._merge_at(held, np.searchsorted(union, found), block)
        self._keys, self._held, self._waiting = union, held, []

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
            self._held = {k: _grown(v, old, new) for k, v in self._held.items()}
        else:
            self._to_sorted_keys(room)
        self._lost = _key(_codes(self._lost, self._room), room)
        self._room = room

    def _to_sorted_keys(self, room: Sequence[int]) -> None:
        if prod(room) >= _LARGEST_KEY:
            raise InputError(
                f"The columns make {prod(room):.1e} combinations, too many for one integer key: "
                "name fewer columns in segments= and by=."
            )
        self.finish()
        found, sums = self._known()
        keys = _key(_codes(found, self._room), room)
        order = np.argsort(keys)
        self._keys, self._held = keys[order], {k: v[order] for k, v in sums.items()}


def _row_key(columns: Sequence[CodedColumn], room: Sequence[int]) -> IntArray:
    """Name the cell of each row by one mixed-radix integer."""
    key = np.zeros(len(columns[0].codes), dtype=np.int64)
    stride = 1
    for column, size in zip(columns[::-1], room[::-1], strict=True):
        key += (column.lookup * stride)[column.codes]
        stride *= size
    return key


def _key(codes: Sequence[IntArray], room: Sequence[int]) -> IntArray:
    key = codes[0].astype(np.int64)
    for code, size in zip(codes[1:], room[1:], strict=True):
        key *= size
        key += code
    return key


def _codes(keys: IntArray, room: Sequence[int]) -> list[IntArray]:
    return [np.asarray(part, dtype=np.int64) for part in np.unravel_index(keys, tuple(room))]


def _grown(values: FloatArray, old: Sequence[int], new: Sequence[int]) -> FloatArray:
    """Move sums into a larger array; what stands behind them (the rows left out) stays behind."""
    more = len(values) - prod(old)
    grown = np.zeros(prod(new) + more)
    inside = grown[: prod(new)].reshape(new)
    inside[tuple(slice(0, size) for size in old)] = values[: prod(old)].reshape(old)
    grown[prod(new) :] = values[prod(old) :]
    return grown


def _values(
    y: FloatArray, weight: FloatArray | None, exposure: FloatArray | None, names: Collection[str]
) -> dict[str, FloatArray | float]:
    """Give what each row adds to each sum: y events in a time t, with a weight w."""
    w = 1.0 if weight is None else weight
    t = 1.0 if exposure is None else exposure
    square = w * w
    made: dict[str, Callable[[], FloatArray | float]] = {
        "n": lambda: 1.0,
        "events_n": lambda: y,
        "population": lambda: w * t,
        "w2": lambda: square * t,
        "events": lambda: w * y,
        "w2y": lambda: square * y,
        "y2": lambda: square * (y * y),
        "t2": lambda: square * (t * t),
        "yt": lambda: square * (y * t),
    }
    return {name: made[name]() for name in names}
