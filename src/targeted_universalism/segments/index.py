"""Which row holds which segment: ways in which people are split, one under the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray


@dataclass(frozen=True, eq=False)
class Dimension:
    """One way people are split.

    Parameters
    ----------
    name : str
        "race", or "race*sex" for a crossing, or "total".
    labels : tuple of str
        Its segments, in order.
    unknown : (k,) array of bool
        Which of them stand for a missing segment.
    exclusive : bool
        Whether nobody is in two segments.
    ordered : bool
        Whether the order means something, most disadvantaged first.
    """

    name: str
    labels: tuple[str, ...]
    unknown: BoolArray
    exclusive: bool = True
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Index:
    """Which row holds which segment: dimension under dimension, the total first.

    Parameters
    ----------
    dimensions : tuple of Dimension
        All of them, in the order of the rows.
    """

    dimensions: tuple[Dimension, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Segment of every row."""
        return tuple(label for d in self.dimensions for label in d.labels)

    @cached_property
    def dimension_of(self) -> IntArray:
        """Position of every row's dimension."""
        return np.repeat(np.arange(len(self.dimensions)), [len(d) for d in self.dimensions])

    @cached_property
    def unknown(self) -> BoolArray:
        """Which rows stand for a missing segment."""
        return np.concatenate([d.unknown for d in self.dimensions])

    @cached_property
    def exclusive(self) -> BoolArray:
        """Which rows are of a dimension whose segments do not overlap."""
        return np.array([d.exclusive for d in self.dimensions])[self.dimension_of]

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """The rows of each dimension."""
        stops = np.cumsum([len(d) for d in self.dimensions]).tolist()
        starts = [0, *stops[:-1]]
        return tuple(slice(start, stop) for start, stop in zip(starts, stops, strict=True))

    def rows(self, dimension: int) -> IntArray:
        """Positions of the rows of a dimension."""
        return np.arange(len(self))[self.slices[dimension]]

    @cached_property
    def place(self) -> dict[tuple[str, str], int]:
        """Row of every segment, by the names of its dimension and its own."""
        names = [self.dimensions[d].name for d in self.dimension_of]
        return {key: row for row, key in enumerate(zip(names, self.labels, strict=True))}

    def match(self, other: Index) -> IntArray:
        """Find the row of each of another's segments; −1 where there is none."""
        return np.array([self.place.get(key, -1) for key in other.place], dtype=np.int64)

    def keep(self, names: Sequence[str]) -> tuple[Index, BoolArray]:
        """Keep the total and some dimensions; tell which rows that are."""
        kept = np.array([d.name in {"total", *names} for d in self.dimensions])
        left = tuple(d for d, here in zip(self.dimensions, kept, strict=True) if here)
        return Index(left), np.asarray(kept[self.dimension_of])
