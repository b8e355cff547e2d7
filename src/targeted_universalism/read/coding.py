"""Columns of labels as small integers, the same whatever block a label arrives in.

Every column is coded once (missing is a level of its own), and one mixed-radix integer names the
cell of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import CodeArray, IntArray
from targeted_universalism.labels import label, levels_of
from targeted_universalism.read.levels import Keys, RawKeys, plain_levels, same_levels


class Coder:
    """Codes of one column, growing as labels arrive; code 0 is missing.

    Dictionaries differ between blocks and files, so each block's levels are looked up by label.
    """

    def __init__(self) -> None:
        self.levels: list[Any] = []
        self.declared = False
        self.ordered = False
        self._place: dict[str, int] = {}
        self._before: tuple[Any, IntArray] | None = None

    @property
    def size(self) -> int:
        """Number of codes, missing included."""
        return len(self.levels) + 1

    def lookup(self, column: RawKeys) -> IntArray:
        """Give this column's code for each code of a block; the last is for -1, missing."""
        self._declare(column)
        if self._before is None or not same_levels(self._before[0], column.raw_levels):
            self._before = column.raw_levels, self._looked_up(column)
        return self._before[1]

    def _declare(self, column: RawKeys) -> None:
        """Keep an order as long as every block that holds a label declares one."""
        if len(column.raw_levels):
            self.declared = column.declared and (self.declared or not self.levels)
            self.ordered = column.ordered and (self.ordered or not self.levels)

    def _looked_up(self, column: RawKeys) -> IntArray:
        lookup = np.zeros(len(column.levels) + 1, dtype=np.int64)
        for i, value in enumerate(column.levels.tolist()):
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
        levels = plain_levels(levels_of(self.levels))
        order = np.arange(len(levels)) if self.declared else _sorted(levels)
        order = order[np.isin(order + 1, codes)]
        place = np.full(len(levels) + 1, -1, dtype=np.int64)
        place[order + 1] = np.arange(len(order))
        return Keys(place[codes], levels.take(order), self.ordered)


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
    def less_one(self) -> bool:
        """Whether each code is that among all blocks less one, missing included."""
        return bool(np.array_equal(self.lookup, np.append(np.arange(1, len(self.lookup)), 0)))

    @property
    def complete(self) -> bool:
        """Whether no row can be missing, at a glance."""
        return bool((self.lookup[:-1] > 0).all() and self.codes.min(initial=0) >= 0)

    @property
    def values(self) -> IntArray:
        """Code of every row, 0 where it is missing."""
        return self.lookup[self.codes]


def row_keys(
    columns: Sequence[CodedColumn], room: Sequence[int], kind: type[np.signedinteger[Any]]
) -> CodeArray:
    """Name the cell of each row by one mixed-radix integer of this kind, the last column fastest.

    Where a block's codes are those of all blocks less one, as they mostly are, nothing is looked
    up: missing, -1, becomes 0 like all others.
    """
    key: CodeArray = np.zeros(len(columns[0].codes), dtype=kind)
    more = 0
    for i, (column, size) in enumerate(zip(columns, room, strict=True)):
        if i:
            key *= kind(size)
            more *= size
        less_one = column.less_one
        key += column.codes if less_one else column.lookup.astype(kind)[column.codes]
        more += less_one
    key += kind(more)
    return key


def joint_keys(codes: Sequence[IntArray], room: Sequence[int]) -> IntArray:
    """Name cells by the codes of their columns."""
    key = codes[0].astype(np.int64)
    for code, size in zip(codes[1:], room[1:], strict=True):
        key *= size
        key += code
    return key


def codes_of(keys: IntArray, room: Sequence[int]) -> list[IntArray]:
    """Give the code of each column for cells: the way back."""
    return [np.asarray(part, dtype=np.int64) for part in np.unravel_index(keys, tuple(room))]


def numbered(columns: Sequence[IntArray], size: int) -> IntArray:
    """Give every combination of codes a number, in the order in which they come."""
    found = np.zeros(size, dtype=np.int64)
    for column in columns:
        codes, known = pd.factorize(column)
        found = np.asarray(pd.factorize(found * len(known) + codes)[0], dtype=np.int64)
    return found
