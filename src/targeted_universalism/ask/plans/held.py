"""A plan held against an answer: what it holds for whom, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import short
from targeted_universalism.answer.tables import segment_columns, stratum_columns
from targeted_universalism.ask.plans.places import alike, matches_of, rows_of, scopes_of
from targeted_universalism.read.plans.rows import PlanRows
from targeted_universalism.segments.cells import State

CATCH_ALL = 0.05  # of all people: the share from which a segment called Other is named

# Says something of each of some cells, by their positions among strata and rows.
Say: TypeAlias = Callable[[IntArray, IntArray], list[str]]


class _Reach(NamedTuple):
    """What the rows for a segment in a stratum plan together, (rows, strata).

    In a stratum that is a sum of others, the rows for these too. `said` tells where any row has a
    reach; `people` and their `cost` are those of strategies with money, `unfunded` of the others.
    """

    said: BoolArray
    people: FloatArray
    cost: FloatArray
    unfunded: FloatArray


class Found(NamedTuple):
    """Where something was found: positions of strata and of rows, and what to say of each."""

    stratum: IntArray
    row: IntArray
    detail: list[str]


class HeldPlan:
    """A plan, held against an answer.

    Arrays of the answer are shaped (rows, strata), those of the plan's n rows (n,).

    Parameters
    ----------
    answer : Answer
        Public or not.
    rows : PlanRows
        The plan, as it was read.
    catch_all : float
        The share of all people from which a segment called Other or Unknown is named; what a plan
        holds for whom does not depend on it.

    Attributes
    ----------
    row : (n,) array of int64
        The answer's row that each is for.
    scopes : (by and indicator, n) array of int64
        What each names of a stratum; -1 where it names nothing.
    """

    def __init__(self, answer: Answer, rows: PlanRows, catch_all: float = CATCH_ALL) -> None:
        self.answer, self.rows, self.catch_all = answer, rows, catch_all
        strata = answer.segments.strata
        self.row = rows_of(rows, answer)
        self.scopes = scopes_of(rows, strata)
        self._named = np.concatenate([strata.codes, strata.indicator[None]])
        self._matches = matches_of(self.scopes, self._named)

    # --- what a plan holds for whom ---

    def cells_of(self, which: BoolArray) -> BoolArray:
        """Tell which cells, (rows, strata), some rows of the plan are for, `which` being (n,)."""
        cells = np.zeros(self.answer.cells.shape, dtype=np.bool_)
        for match in self._matches:
            by_key = np.zeros((len(cells), match.size), dtype=np.bool_)
            chosen = which[match.rows]
            by_key[self.row[match.rows[chosen]], match.row_key[chosen]] = True
            cells[:, match.strata] |= by_key[:, match.stratum_key]
        return cells

    @cached_property
    def in_place(self) -> BoolArray:
        """Which rows are for any stratum of the answer, and for a segment that is looked at."""
        rows = np.zeros(len(self.rows), dtype=np.bool_)
        for match in self._matches:
            rows[match.rows] |= np.isin(match.row_key, match.stratum_key)
        chosen = self.answer.chosen
        return rows if chosen is None else rows & chosen[self.row]

    @cached_property
    def inside(self) -> BoolArray:
        """Which rows are for one stratum of the answer, or for a part of it."""
        rows = np.zeros(len(self.rows), dtype=np.bool_)
        for match in self._matches:
            rows[match.rows] |= match.within & np.isin(match.row_key, match.stratum_key)
        return rows

    def sums_of(self, values: FloatArray) -> FloatArray:
        """Add up a number of each row, (n,), over the rows inside each cell: (rows, strata)."""
        sums = np.zeros(self.answer.cells.shape)
        for match in self._matches:
            if match.within:
                part = np.zeros((len(sums), match.size))
                np.add.at(part, (self.row[match.rows], match.row_key), values[match.rows])
                sums[:, match.strata] += part[:, match.stratum_key]
        return sums

    @cached_property
    def own_stratum(self) -> IntArray:
        """The one stratum that each row is for; -1 where it is for several, or none."""
        key = alike(*np.concatenate([self._named, self.scopes], axis=1))
        strata = self._named.shape[1]
        place = np.full(key.max(initial=-1) + 1, -1, dtype=np.int64)
        place[key[:strata]] = np.arange(strata)
        return place[key[strata:]]

    @cached_property
    def listed_under(self) -> IntArray:
        """The stratum that each row is listed under: its own, else what it names, after them."""
        _, first, scope = np.unique(alike(*self.scopes), return_index=True, return_inverse=True)
        return np.where(self.own_stratum < 0, self._named.shape[1] + first[scope], self.own_stratum)

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
            self.sums_of(said.astype(np.float64)) > 0,
            self.sums_of(np.where(said & funded, reach, 0.0)),
            self.sums_of(np.where(said & funded, self.cost, 0.0)),
            self.sums_of(np.where(said & ~funded, reach, 0.0)),
        )

    # --- what is known of the answer ---

    @cached_property
    def segments(self) -> BoolArray:
        """Which cells are of segments, looked at or not; the total and Unknown are left out."""
        rows = (self.answer.dimension_of > 0) & ~self.answer.unknown
        return np.asarray(self.answer.there & rows[:, None])

    @cached_property
    def hidden(self) -> BoolArray:
        """Which cells are hidden."""
        return np.asarray(self.answer.cells.state == State.SUPPRESSED)

    @cached_property
    def short(self) -> BoolArray:
        """Which segments have a gap, at the point; of hidden ones, those that surely have one."""
        return np.asarray(self.segments & short(self.answer))

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

    def found_in(self, where: BoolArray, say: Say) -> Found:
        """List the cells where something was found, stratum by stratum, and what to say of each."""
        stratum, row = np.nonzero((where & self.answer.seen).T)
        return Found(stratum, row, say(stratum, row))

    def found_of_rows(self, which: BoolArray, say: Callable[[int], str]) -> Found:
        """List rows of the plan where something was found, each named before what is said of it."""
        rows = np.flatnonzero(which & self.in_place)
        detail = [f"{self.named(i)}: {say(i)}" for i in rows.tolist()]
        return Found(self.listed_under[rows], self.row[rows], detail)

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
