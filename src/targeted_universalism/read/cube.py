"""Finest cells as a table of segments by strata, a few statistics at a time.

Rows are added up in the order in which labels were first seen. What is told stands in the order of
labels, in one array for each statistic, margins beside finest cells. From one to the other sums
move once, some strata at a time, and are let go as soon as they have moved: they are large.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.read.levels import Keys
from targeted_universalism.segments.families import Records

Sums = dict[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Coded:
    """Columns of labels of the finest cells, read like a table: one row for each cell."""

    columns: Mapping[str, Keys]
    rows: int

    def __len__(self) -> int:
        return self.rows

    def keys(self, name: str) -> Keys:
        """Give a column, coded."""
        return self.columns[name]


@dataclass(frozen=True, eq=False)
class DenseSums:
    """Sums of all cells of a space, as the rows of one outcome were added up.

    Parameters
    ----------
    sums : dict of str to (cells,) array
        One cell for each combination of codes, the last column fastest.
    of_yes : mapping of str to str
        Sums, shaped (2 * cells,), that hold rows with a no before those with a yes, and what those
        with a yes are called.
    room : sequence of int
        Codes of each column.
    lost : (cells,) array of bool
        In which cells an outcome is not known.
    """

    sums: Sums
    of_yes: Mapping[str, str]
    room: Sequence[int]
    lost: BoolArray

    @property
    def counted(self) -> BoolArray:
        """Which cells count any row."""
        if "n" not in self.of_yes:
            return np.asarray(self.sums["n"] > 0)
        return np.asarray(np.logical_or(*self.sums["n"].reshape(2, -1)))

    def parts(self, name: str) -> dict[str, FloatArray]:
        """Give what is held under a name: a sum, or those of rows with a no and with a yes.

        The first is finished by adding the second.
        """
        if name not in self.of_yes:
            return {name: self.sums[name]}
        no, yes = self.sums[name].reshape(2, -1)
        return {name: no, self.of_yes[name]: yes}

    def at(self, cells: IntArray) -> Sums:
        """Finish all sums of some cells."""
        finished: Sums = {}
        for name in self.sums:
            sums = {k: v[cells].astype(np.float64, copy=False) for k, v in self.parts(name).items()}
            if name in self.of_yes:
                sums[name] += sums[self.of_yes[name]]
            finished |= sums
        return finished


@dataclass(frozen=True, eq=False)
class Cube:
    """Finest cells as a table of segments by strata, each listed once with its labels.

    Parameters
    ----------
    segments, strata : Coded
        The segments and strata in which there is any row.
    per_outcome : sequence of DenseSums
        The sums of each outcome, with the codes of segments before those of strata.
    rows : (segments,) array of int64
        Their codes.
    outcome, columns : (strata,) array of int64
        The outcome that each stratum is of, and its code.
    family : Records
        What the sums are statistics of.
    unknown : two (places,) arrays of int64
        Segments and strata where there are rows and no outcome is known.
    """

    segments: Coded
    strata: Coded
    per_outcome: Sequence[DenseSums]
    rows: IntArray
    outcome: IntArray
    columns: IntArray
    family: Records
    unknown: tuple[IntArray, IntArray]

    @property
    def steps(self) -> list[tuple[str, ...]]:
        """Sums that are moved together: each alone, the narrowest last; moments with all others."""
        names = tuple(self.per_outcome[0].sums)
        return [names] if self.family.moments else [(name,) for name in reversed(names)]

    def names_of(self, step: Iterable[str]) -> list[str]:
        """Name the statistics that a step makes."""
        return [name for stored in step for name in self.per_outcome[0].parts(stored)]

    def places(self, strata: IntArray) -> list[tuple[Any, IntArray]]:
        """Say of each outcome which strata are its own, told in this order, and their codes."""
        outcome, columns = self.outcome[strata], self.columns[strata]
        if len(self.per_outcome) == 1:
            return [(slice(None), columns)]
        own = [np.flatnonzero(outcome == i) for i in range(len(self.per_outcome))]
        return [(here, columns[here]) for here in own]

    def move(
        self, step: Iterable[str], segment: int, places: Sequence[tuple[Any, IntArray]], out: Sums
    ) -> None:
        """Finish the sums of a step for one segment, whose row is read once in any order of strata.

        Parameters
        ----------
        step : iterable of str
            Sums that are held.
        segment : int
            Which segment.
        places : list of (strata, codes)
            What :meth:`places` says.
        out : dict of str to (strata,) array
            Where its statistics go.
        """
        code = int(self.rows[segment])
        for dense, (strata, columns) in zip(self.per_outcome, places, strict=True):
            for name in step:
                for statistic, values in dense.parts(name).items():
                    out[statistic][strata] = values.reshape(-1, self._codes)[code].take(columns)
        for name, yes in self.per_outcome[0].of_yes.items():
            if name in step:
                out[name] += out[yes]

    def let_go(self, step: Iterable[str]) -> None:
        """Let sums go that have moved."""
        for dense in self.per_outcome:
            for name in step:
                del dense.sums[name]

    @property
    def _codes(self) -> int:
        """How many codes strata can have, all of their columns together."""
        return prod(self.per_outcome[0].room[len(self.segments.columns) :])
