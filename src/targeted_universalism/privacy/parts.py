"""Strata that one table sums away and others tell of, some here and some there.

Whoever has the State from one table and a few counties from others knows that the rest of the State
is what they leave: nobody publishes it, and it holds nobody where the counties are all there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.labels import label
from targeted_universalism.privacy.counts import QUANTITIES, Counted
from targeted_universalism.privacy.keys import Key
from targeted_universalism.privacy.laid import Release
from targeted_universalism.privacy.sums import Sums
from targeted_universalism.segments.cells import State

# What a stratum is about: labels of the `by` columns that are not summed away, and the measure.
About = tuple[frozenset[tuple[str, str]], int]


@dataclass(frozen=True, eq=False)
class _Table:
    """Places of a table's cells, (rows, strata); its strata by what they are about."""

    places: IntArray
    row_of: dict[Key, int]
    strata: dict[About, int]
    published: dict[About, int]


@dataclass(frozen=True, eq=False)
class Leftover:
    """What parts leave of wholes, or share of them: new cells that no table has.

    Parameters
    ----------
    whole : (left,) array of int64
        The place of a whole of each.
    counts : Counted
        Shaped (left,): the whole less its parts; missing where it is not known.
    sums : Sums
        Parts and what they leave add up to the whole; the new cells follow those of the grid.
    people_at : (left,) array of int64
        Which of the new cells tells of the same people.
    """

    whole: IntArray
    counts: Counted
    sums: Sums
    people_at: IntArray


def left_over(
    laid: Sequence[Release],
    places: Sequence[IntArray],
    measures: Sequence[IntArray],
    counts: Counted,
) -> Leftover | None:
    """Find the wholes of which several tables publish parts, and what these leave.

    Parameters
    ----------
    laid : sequence of Release
        Tables, strata that nobody publishes among theirs.
    places : sequence of (cells,) arrays of int64
        Where the cells of each went.
    measures : sequence of (cells,) arrays of int64
        What each cell measures, the same number in every table.
    counts : Counted
        Of all places.
    """
    tables = [_table(*one) for one in zip(laid, places, measures, strict=True)]
    found: list[tuple[int, list[int]]] = []
    for about, parts in _wholes(tables).items():
        cells = list(_cells(tables, about, parts, counts))
        # Parts that exceed the whole are of other people.
        if all(np.nanmin(_left(counts, *cell), initial=0.0) > -1e-6 for cell in cells):
            found += cells
    return _written(found, counts) if found else None


def _table(laid: Release, places: IntArray, measures: IntArray) -> _Table:
    """Say where a table's cells went, by row and by what each stratum is about."""
    measure = measures.reshape(laid.shape)[0].tolist()
    texts = [
        [(name, label(value)) for value in levels]
        for name, levels in zip(laid.strata.names, laid.strata.levels, strict=True)
    ]
    about = [
        (frozenset(text[code] for text, code in zip(texts, codes, strict=True) if code >= 0), of)
        for codes, of in zip(laid.strata.codes.T.tolist(), measure, strict=True)
    ]
    told = laid.grid.told.reshape(laid.shape).max(axis=0).tolist()
    return _Table(
        places.reshape(laid.shape),
        {key: i for i, key in enumerate(laid.rows.keys[: laid.rows.added])},
        {one: s for s, one in enumerate(about)},
        {one: s for s, (one, shown) in enumerate(zip(about, told, strict=True)) if shown},
    )


def _wholes(tables: Sequence[_Table]) -> dict[About, list[list[About]]]:
    """Give each published stratum those that it sums up, by the columns that they name."""
    every = dict.fromkeys(one for table in tables for one in table.published)
    levels = {frozenset(name for name, _ in labels) for labels, _ in every}
    found: dict[About, dict[frozenset[str], list[About]]] = {}
    for part in every:
        names = frozenset(name for name, _ in part[0])
        for coarser in (level for level in levels if level < names):
            whole = frozenset(pair for pair in part[0] if pair[0] in coarser), part[1]
            if whole in every:
                found.setdefault(whole, {}).setdefault(names, []).append(part)
    return {whole: list(by_names.values()) for whole, by_names in found.items()}


def _cells(
    tables: Sequence[_Table], about: About, parts: Sequence[Sequence[About]], counts: Counted
) -> Iterator[tuple[int, list[int]]]:
    """List the cells of a stratum, each with those of its parts, that no table adds up itself."""
    for level in parts:
        done = _added_up(tables, about, level)
        for table in (one for one in tables if about in one.published):
            for key, row in table.row_of.items():
                whole = int(table.places[row, table.published[about]])
                if whole in done or counts.state[whole] == State.ABSENT:
                    continue
                done.add(whole)
                found = [_place(tables, part, key) for part in level]
                there = [p for p in found if p is not None and counts.state[p] != State.ABSENT]
                if there:
                    yield whole, there


def _added_up(tables: Sequence[_Table], about: About, parts: Sequence[About]) -> set[int]:
    """List the places of a stratum's cells in tables that hold all of its parts.

    A census does not: it adds up people alone.
    """
    counting = [table for table in tables if table.published and about in table.strata]
    every = [table for table in counting if all(part in table.strata for part in parts)]
    return {place for t in every for place in t.places[:, t.strata[about]].tolist()}


def _place(tables: Sequence[_Table], about: About, key: Key) -> int | None:
    """Find the place of a cell in the first table that publishes it; None where none does."""
    for table in tables:
        if about in table.published and key in table.row_of:
            return int(table.places[table.row_of[key], table.published[about]])
    return None


def _left(counts: Counted, whole: int, parts: Sequence[int]) -> FloatArray:
    """Take parts away from a whole: people, events and the rest."""
    values = [counts.value(quantity) for quantity in range(len(QUANTITIES))]
    return np.array([value[whole] - value[parts].sum() for value in values])


def _written(found: Sequence[tuple[int, list[int]]], counts: Counted) -> Leftover:
    """Write wholes and their parts down, each with a new cell for what the parts leave."""
    whole = np.array([place for place, _ in found], dtype=np.int64)
    people, events, rest = np.array([_left(counts, *cell) for cell in found]).T
    new = len(counts.state) + np.arange(len(found))
    members = [[*parts, int(left), place] for (place, parts), left in zip(found, new, strict=True)]
    cell = np.array([one for each in members for one in each], dtype=np.int64)
    lengths = np.array([len(each) for each in members])
    sign = np.ones(len(cell))
    sign[np.cumsum(lengths) - 1] = -1.0
    return Leftover(
        whole,
        counts.of_new_cells(whole, people, events, rest),
        Sums(np.repeat(np.arange(len(found)), lengths), cell, sign, len(found)),
        np.arange(len(found)),
    )  # fmt: skip
