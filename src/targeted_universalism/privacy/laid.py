"""A table laid out with its sums: what each of its cells is about, and what it measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.privacy.keys import TableRows, Vocabulary, rows_of, splits_of, words_of
from targeted_universalism.privacy.sums import Grid, grid, margins, sums_beside
from targeted_universalism.segments.definition import declared_in
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.strata import Strata


@dataclass(frozen=True)
class Measure:
    """An indicator of a table: its name, its kind, and the fingerprint of its definition.

    Name and definition are empty where nothing says.
    """

    name: str
    kind: str
    defined: str = ""

    @property
    def counted(self) -> bool:
        """Whether it has events."""
        return self.kind in ("proportion", "rate")

    def differs(self, other: Measure) -> bool:
        """Tell whether both are defined, and not alike."""
        return "" not in (self.defined, other.defined) and self.defined != other.defined

    def alike(self, other: Measure) -> bool:
        """Tell whether both are defined, and alike."""
        return self.defined == other.defined != ""


@dataclass(frozen=True, eq=False)
class Release:
    """A table laid out with its sums.

    Parameters
    ----------
    grid : Grid
        Shaped (rows × strata,).
    key : (cells,) array of int64
        What each cell is about, the same number in every table.
    stratum : (cells,) array of int64
        The stratum of each cell.
    indicator : (cells,) array of int64
        What is measured, among the table's indicators.
    measures : tuple of Measure
        Its indicators.
    shape : tuple of int
        Rows and strata, those that nobody publishes among them.
    rows : TableRows
        What the rows are about.
    strata : Strata
        The strata, sums beside them among them.
    """

    grid: Grid
    key: IntArray
    stratum: IntArray
    indicator: IntArray
    measures: tuple[Measure, ...]
    shape: tuple[int, int]
    rows: TableRows
    strata: Strata

    def words(self, cell: int) -> str:
        """Name a cell: the labels of its stratum and its row."""
        row, stratum = divmod(cell, self.shape[1])
        by: list[str] = [text for text in self.strata.texts_of(stratum) if text]
        return ", ".join([*by, words_of(self.rows.keys[row])])


def laid_out(
    table: Segments,
    others: Sequence[frozenset[str]],
    sums_over: Sequence[str],
    vocabulary: Vocabulary,
) -> tuple[Release, IntArray]:
    """Lay a table out with its sums, and say in numbers what every cell is about.

    Parameters
    ----------
    table : Segments
        Public or not, any roll-up included.
    others : sequence of sets of str
        The axes of every split of other tables.
    sums_over : sequence of str
        `by` columns whose totals are published beside it.
    vocabulary : Vocabulary
        Numbers for the labels of all tables.

    Returns
    -------
    Release
        Its cells not yet numbered: `key` is empty.
    code : (cells, axes) array of int64
        The number of each cell's label on every axis; 0 where it says nothing of it.
    """
    rows = rows_of(table.index.dimensions, others)
    strata = table.strata
    beside = margins(strata, sums_over)
    rolled = {frozenset(over) for over in (*strata.summed_away(), *beside)}
    away = dict.fromkeys(tuple(n for n in strata.names if n not in other) for other in others)
    shared = [over for over in away if over and frozenset(over) not in rolled]
    every = strata.followed_by(*(sums_beside(strata, each)[0] for each in (beside, shared)))
    counts = grid(table, rows, beside, shared)
    shape = len(rows.keys), len(every)
    by_row, by_stratum = vocabulary.of_rows(rows.keys), vocabulary.of_strata(every)
    code = np.maximum(by_row[:, None], by_stratum[None]).reshape(-1, len(vocabulary.axes))
    kinds = dict(zip(strata.indicators, table.kinds, strict=True))
    named = strata.indicator_name is not None
    defined = declared_in(table.facts, named)
    measures = tuple(
        Measure(name, kinds[text], defined[name].fingerprint if name in defined else "")
        for text, name in zip(strata.indicators, strata.indicators if named else [""], strict=True)
    )
    stratum = np.broadcast_to(np.arange(shape[1]), shape).ravel()
    nothing = np.zeros(0, dtype=np.int64)
    return Release(
        counts, nothing, stratum, every.indicator[stratum], measures, shape, rows, every
    ), code


def people_alone(release: Release) -> Release:
    """Leave of a table what its people say: no events, and nothing that is published."""
    counts = release.grid.counts
    nothing, no = np.full(counts.shape, np.nan), np.zeros(counts.shape, dtype=np.bool_)
    alone = replace(counts, events=nothing, rest=nothing, with_events=no, proportion=no)
    return replace(release, grid=replace(release.grid, counts=alone, told=no, own=no))


def axes_of(table: Segments) -> list[frozenset[str]]:
    """List the axes of every split of a table, its `by` columns among them."""
    by = table.strata.names
    rolled = [frozenset(by) - set(away) for away in table.strata.summed_away()]
    splits = [frozenset(split.axes) for split in splits_of(table.index.dimensions)]
    return [split | over for split in splits for over in (frozenset(by), *rolled)]
