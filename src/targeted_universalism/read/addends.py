"""What rows add to sums: a block of rows as it is read, and rows with their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from targeted_universalism._typing import BoolArray, CodeArray, FloatArray, IntArray
from targeted_universalism.read.coding import CodedColumn

DigitArray = npt.NDArray[np.int8]

# What a row adds to each sum, y events in a time t with a weight w: the power of w, and the rest.
_FACTORS = {
    "n": (0, ""), "events_n": (0, "y"), "population": (1, "t"), "w2": (2, "t"), "events": (1, "y"),
    "w2y": (2, "y"), "y2": (2, "yy"), "t2": (2, "tt"), "yt": (2, "yt"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class RowBlock:
    """Rows of one block, as they are read.

    Parameters
    ----------
    columns : sequence of CodedColumn
        Who each row is about.
    outcome : (rows,) array
        NaN where a row does not count; if binary, digits: 0, 1, or -1 where it does not count.
    weight : (rows,) array or None
        Sampling weights; rows of weight 0 stand for nobody.
    exposure : (rows,) array or None
        Person-time.
    """

    columns: Sequence[CodedColumn]
    outcome: FloatArray | DigitArray
    weight: FloatArray | None = None
    exposure: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.outcome)

    def pieces(self, rows: int) -> Iterator[RowBlock]:
        """Cut it into blocks of at most so many rows, as views."""
        for start in range(0, len(self), rows):
            here = slice(start, start + rows)
            yield RowBlock(
                [replace(column, codes=column.codes[here]) for column in self.columns],
                self.outcome[here],
                None if self.weight is None else self.weight[here],
                None if self.exposure is None else self.exposure[here],
            )

    @property
    def unknown(self) -> BoolArray:
        """Which rows do not count."""
        return np.asarray(
            self.outcome < 0 if self.outcome.dtype == np.int8 else np.isnan(self.outcome)
        )

    def of_somebody(self, unknown: IntArray) -> IntArray:
        """Give the rows that lack an outcome and stand for somebody: no such group vanishes."""
        return unknown if self.weight is None else unknown[self.weight[unknown] != 0]


@dataclass(frozen=True, eq=False)
class Addends:
    """What rows add to their cells: events, a weight and a time each, as far as there are such.

    Parameters
    ----------
    cell : (rows,) array of integers
        Where each row is added.
    y : (rows,) array or None
        Outcomes; None where the cell tells them.
    w, t : (rows,) array or None
        Weights and person-time; None where each is 1.
    """

    cell: CodeArray
    y: FloatArray | None
    w: FloatArray | None
    t: FloatArray | None

    def __len__(self) -> int:
        return len(self.cell)

    def taken(self, which: IntArray) -> Addends:
        """Give some rows, or all in another order."""
        return Addends(
            self.cell.take(which), *(None if v is None else v.take(which) for v in self.values)
        )

    @property
    def values(self) -> tuple[FloatArray | None, ...]:
        """Everything but the cells."""
        return self.y, self.w, self.t

    def value(self, name: str) -> FloatArray | None:
        """Give what each row adds to a sum; None for 1."""
        power, rest = _FACTORS[name]
        factors = {"y": self.y, "t": self.t}
        w = self.w if power == 1 or self.w is None else self.w * self.w
        return product(w if power else None, product(*(factors[letter] for letter in rest)))


def product(*factors: FloatArray | None) -> FloatArray | None:
    """Multiply what is there; nothing is 1."""
    arrays = [factor for factor in factors if factor is not None]
    return reduce(np.multiply, arrays) if arrays else None


def joined(parts: Sequence[Addends], which: Sequence[slice] | None = None) -> Addends:
    """Put rows one after another, all or some of each part; cells as `bincount` takes them."""
    which = which or [slice(None)] * len(parts)
    cell, *values = zip(*((part.cell, *part.values) for part in parts), strict=True)
    return Addends(
        _end_to_end(cell, which, np.intp),
        *(None if column[0] is None else _end_to_end(column, which) for column in values),
    )


def _end_to_end(columns: Sequence[Any], which: Sequence[slice], kind: Any = None) -> Any:
    return np.concatenate(
        [column[here] for column, here in zip(columns, which, strict=True)], dtype=kind
    )
