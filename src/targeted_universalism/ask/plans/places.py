"""Where the rows of a plan belong: the segment and the strata of an answer that each is for.

A row that leaves a place or an indicator open is for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import segment_columns, stratum_columns
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import TIMES, label
from targeted_universalism.read.levels import Keys
from targeted_universalism.read.plan import PlanRows, place_of
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.strata import Strata


def _rows_of(rows: PlanRows, answer: Answer) -> IntArray:
    """Find the row of the answer that each row of a plan is for."""
    named = [d.name for d in answer.dimensions]
    places: dict[tuple[str, str], list[int]] = {}
    for i, (text, d) in enumerate(zip(answer.labels, answer.dimension_of, strict=True)):
        for dimension in ("", named[d]):
            places.setdefault((dimension, text), []).append(i)
    dimension, segment = rows.dimension, rows.segment
    pairs, first, pair_of = np.unique(
        np.stack([dimension.codes, segment.codes]), axis=1, return_index=True, return_inverse=True
    )
    row_of_pair = [
        _row_of(dimension.texts[d], segment.texts[s], int(row), places, named)
        for (d, s), row in zip(pairs.T, first, strict=True)
    ]
    return np.array(row_of_pair, dtype=np.int64)[np.asarray(pair_of).ravel()]


def _row_of(
    dimension: str,
    segment: str,
    row: int,
    places: dict[tuple[str, str], list[int]],
    named: Sequence[str],
) -> int:
    """Find one segment, in its dimension where that is said."""
    within = dimension.replace(TIMES, "*")
    if within and within not in named:
        raise InputError(
            f"{place_of('dimension', dimension, row)}, which is no dimension of the assessment. "
            f"{did_you_mean(within, named)}"
        )
    found = places.get((within, segment), [])
    if len(found) == 1:
        return found[0]
    if not found:
        there = [text for dimension_of, text in places if dimension_of == within]
        raise InputError(
            f"{place_of('segment', segment, row)}, which is no segment of "
            f"{repr(within) if within else 'the assessment'}. {did_you_mean(segment, there)}"
        )
    several = [dimension_of for dimension_of, text in places if dimension_of and text == segment]
    raise InputError(
        f"{place_of('segment', segment, row)}, which several dimensions have: say which in the "
        f"column 'dimension'. There are: {', '.join(map(repr, several))}."
    )


def _codes(keys: Keys, name: str, known: Sequence[str]) -> IntArray:
    """Give every row the position of its label among those known; -1 where it has none."""
    place = {text: i for i, text in enumerate(known)}
    for i, text in enumerate(keys.labels):
        if text not in place:
            row = int(np.argmax(keys.codes == i))
            raise InputError(
                f"{place_of(name, text, row)}, which the assessment does not have. "
                f"{did_you_mean(text, known)} Leave it empty where a row is for all of them."
            )
    return np.array([*(place[text] for text in keys.labels), -1], dtype=np.int64)[keys.codes]


def _scopes(rows: PlanRows, strata: Strata) -> IntArray:
    """Give what each row names of a stratum, (by and indicator, n): -1 where it names nothing.

    A column that the plan does not have is that of the assessment, where it has one value there.
    """
    for name in rows.by:
        if name not in strata.names:
            raise InputError(
                f"The plan is by {name!r}, which is no column of by= of the assessment. "
                f"{did_you_mean(name, strata.names)}"
            )
    scopes = [
        _codes(rows.by[name], name, [label(value) for value in levels])
        if name in rows.by
        else np.full(len(rows), _only(codes))
        for name, levels, codes in zip(strata.names, strata.levels, strata.codes, strict=True)
    ]
    about = np.full(len(rows), -1)
    if rows.indicator is not None and strata.indicator_name is not None:
        about = _codes(rows.indicator, "indicator", strata.indicators)
    elif rows.indicator is not None and rows.indicator.labels:
        raise InputError(
            f"The plan names the indicator {rows.indicator.labels[0]!r}, and the assessment has "
            "no column of indicators: leave the column out."
        )
    return np.stack([*scopes, np.where(about < 0, _only(strata.indicator), about)])


def _only(codes: IntArray) -> int:
    """Give the one code that occurs; -1 where several do."""
    different = np.unique(codes)
    return int(different[0]) if different.size == 1 else -1


Say: TypeAlias = Callable[[IntArray, IntArray], list[str]]


class _Match(NamedTuple):
    """Rows of a plan, and strata, that both name the same columns: alike where keys are.

    `within` says that the rows name all that the strata name, so that they are parts of them.
    """

    within: bool
    rows: IntArray
    strata: IntArray
    row_key: IntArray
    stratum_key: IntArray
    size: int


def _matches(scopes: IntArray, strata: IntArray) -> list[_Match]:
    """Pair rows and strata by the columns that both name: what one leaves open is any value."""
    matches = []
    for mine, rows in _patterns(scopes):
        for theirs, places in _patterns(strata):
            both = mine & theirs
            codes = np.concatenate([scopes[both][:, rows], strata[both][:, places]], axis=1)
            key = alike(np.zeros(codes.shape[1], dtype=np.int64), *codes)
            row_key, stratum_key = np.split(key, [len(rows)])
            within, size = not (theirs & ~mine).any(), int(key.max(initial=-1)) + 1
            matches.append(_Match(within, rows, places, row_key, stratum_key, size))
    return matches


def alike(*columns: IntArray) -> IntArray:
    """Give one number to what is alike in every column, whose codes are -1 or more."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for codes in columns:
        step = int(codes.max(initial=-1)) + 2
        _, key = np.unique(key * step + codes + 1, return_inverse=True)
    return key


def _patterns(codes: IntArray) -> list[tuple[BoolArray, IntArray]]:
    """Give every choice of columns that are named, with the positions that name these."""
    if not codes.shape[1]:
        return []
    patterns, number = np.unique(codes >= 0, axis=1, return_inverse=True)
    pattern_of = np.asarray(number).ravel()
    return [(p, np.flatnonzero(pattern_of == i)) for i, p in enumerate(patterns.T)]


class _Reach(NamedTuple):
    """What the rows for a segment in a stratum plan together, (rows, strata).

    In a stratum that is a sum of others, the rows for these too. `some` says where any row has a
    reach; `more` is the reach of strategies without money.
    """

    some: BoolArray
    people: FloatArray
    cost: FloatArray
    more: FloatArray


class Found(NamedTuple):
    """Where something was found: positions of strata and of rows, and what to say of each."""

    stratum: IntArray
    row: IntArray
    detail: list[str]


class Held:
    """A plan and an answer, held against each other.

    Arrays of the answer are shaped (rows, strata), those of the plan (n,).
    """

    def __init__(self, answer: Answer, rows: PlanRows, catch_all: float) -> None:
        self.answer, self.rows, self.catch_all = answer, rows, catch_all
        strata = answer.segments.strata
        self.row = _rows_of(rows, answer)
        self.scopes = _scopes(rows, strata)
        self._named = np.concatenate([strata.codes, strata.indicator[None]])
        self._matches = _matches(self.scopes, self._named)

    # --- what a plan holds for whom ---

    def anywhere(self, which: BoolArray) -> BoolArray:
        """Tell which cells, (rows, strata), some rows of the plan are for, `which` being (n,)."""
        cells = np.zeros(self.answer.cells.shape, dtype=np.bool_)
        for match in self._matches:
            by_key = np.zeros((len(cells), match.size), dtype=np.bool_)
            chosen = which[match.rows]
            by_key[self.row[match.rows[chosen]], match.row_key[chosen]] = True
            cells[:, match.strata] |= by_key[:, match.stratum_key]
        return cells

    @cached_property
    def here(self) -> BoolArray:
        """Which rows are for any stratum that is here."""
        rows = np.zeros(len(self.rows), dtype=np.bool_)
        for match in self._matches:
            rows[match.rows] |= np.isin(match.row_key, match.stratum_key)
        return rows

    @cached_property
    def inside(self) -> BoolArray:
        """Which rows are for one stratum that is here, or for a part of it."""
        rows = np.zeros(len(self.rows), dtype=np.bool_)
        for match in self._matches:
            rows[match.rows] |= match.within & np.isin(match.row_key, match.stratum_key)
        return rows

    def added(self, values: FloatArray) -> FloatArray:
        """Add up a number of each row, (n,), over the rows inside each cell: (rows, strata)."""
        sums = np.zeros(self.answer.cells.shape)
        for match in self._matches:
            if match.within:
                part = np.zeros((len(sums), match.size))
                np.add.at(part, (self.row[match.rows], match.row_key), values[match.rows])
                sums[:, match.strata] += part[:, match.stratum_key]
        return sums

    @cached_property
    def own(self) -> IntArray:
        """The one stratum that each row is for; -1 where it is for several, or none."""
        key = alike(*np.concatenate([self._named, self.scopes], axis=1))
        strata = self._named.shape[1]
        place = np.full(key.max(initial=-1) + 1, -1, dtype=np.int64)
        place[key[:strata]] = np.arange(strata)
        return place[key[strata:]]

    @cached_property
    def at(self) -> IntArray:
        """The stratum that each row is listed under: its own, else what it names, after them."""
        _, first, scope = np.unique(alike(*self.scopes), return_index=True, return_inverse=True)
        return np.where(self.own < 0, self._named.shape[1] + first[scope], self.own)

    @cached_property
    def unfunded(self) -> BoolArray:
        """Which rows have no money."""
        numbers = self.rows.numbers
        return np.asarray((numbers["funded"] == 0) | (numbers["amount"] == 0))

    @cached_property
    def cost(self) -> FloatArray:
        """What the reach of each row costs."""
        return self.rows.numbers["unit_cost"] * self.rows.numbers["reach"]

    @cached_property
    def reach(self) -> _Reach:
        """What the plan reaches in each cell, and what that costs."""
        reach = self.rows.numbers["reach"]
        said, funded = ~np.isnan(reach), ~self.unfunded
        return _Reach(
            self.added(said.astype(np.float64)) > 0,
            self.added(np.where(said & funded, reach, 0.0)),
            self.added(np.where(said & funded, self.cost, 0.0)),
            self.added(np.where(said & ~funded, reach, 0.0)),
        )

    # --- what is known of the answer ---

    @cached_property
    def segments(self) -> BoolArray:
        """Which cells are of segments, the total and Unknown left out."""
        rows = (self.answer.dimension_of > 0) & ~self.answer.unknown
        return np.asarray(self.answer.seen & rows[:, None])

    @cached_property
    def hidden(self) -> BoolArray:
        """Which cells are hidden."""
        return np.asarray(self.answer.cells.state == State.SUPPRESSED)

    @cached_property
    def short(self) -> BoolArray:
        """Which segments have a gap, at the point; of hidden ones, those that surely have one."""
        gap = np.where(self.hidden, self.answer.values["gap_low"], self.answer.values["gap"])
        return np.asarray(self.segments & (gap > 0))

    @cached_property
    def need(self) -> tuple[FloatArray, FloatArray]:
        """The range of the people needed; the need itself where there is no range.

        Where nothing bounds the high end of a hidden need, it is infinite.
        """
        needed = self.answer.values["needed"]
        low, high = (self.answer.values[f"needed_{end}"] for end in ("low", "high"))
        most = np.where(np.isnan(needed), np.inf, needed)
        return np.where(np.isnan(low), needed, low), np.where(np.isnan(high), most, high)

    @cached_property
    def deadline(self) -> FloatArray:
        """The year by which each row must be done: of several goals the first; NaN for none."""
        goals, about = self.answer.goals, self.scopes[-1]
        years = np.array([np.nan if g.deadline is None else float(g.deadline) for g in goals])
        first = np.fmin.reduce(years[self.answer.segments.strata.measured])
        return np.asarray(np.where(about < 0, first, years[about]))

    # --- what is said of it ---

    def cells(self, where: BoolArray, say: Say) -> Found:
        """List the cells where something was found, stratum by stratum, and what to say of each."""
        stratum, row = np.nonzero((where & self.answer.seen).T)
        return Found(stratum, row, say(stratum, row))

    def of_rows(self, which: BoolArray, say: Callable[[int], str]) -> Found:
        """List rows of the plan where something was found, each named before what is said of it."""
        rows = np.flatnonzero(which & self.here)
        detail = [f"{self.named(i)}: {say(i)}" for i in rows.tolist()]
        return Found(self.at[rows], self.row[rows], detail)

    def named(self, i: int) -> str:
        """Name a row of the plan."""
        what = self.texts["strategy"][i] or self.texts["structure"][i]
        return f"row {i} ({what})" if what else f"row {i}"

    @cached_property
    def texts(self) -> dict[str, list[str]]:
        """Words of every row."""
        names = ("structure", "strategy", "owner", "partner", "start", "end")
        return {name: self.rows.texts(name) for name in names}

    def keys(self, stratum: IntArray, row: IntArray) -> dict[str, Any]:
        """Make the keys of a table: of strata, and after them of what rows of the plan name."""
        strata = self.answer.segments.strata
        every = replace(
            strata,
            codes=np.concatenate([strata.codes, self.scopes[:-1]], axis=1),
            indicator=np.concatenate([strata.indicator, self.scopes[-1]]),
        )
        return stratum_columns(every, stratum) | segment_columns(self.answer.dimensions, row)
