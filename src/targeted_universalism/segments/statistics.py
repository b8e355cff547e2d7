"""Sufficient statistics of every group in every stratum: how strata are kept, masked, rolled up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray, Number
from targeted_universalism.errors import InputError, count_words, some_of
from targeted_universalism.labels import ALL
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import Cells, State, join, pool
from targeted_universalism.segments.choices import Choices, recorded
from targeted_universalism.segments.findings import findings
from targeted_universalism.segments.index import Index
from targeted_universalism.segments.strata import Strata
from targeted_universalism.segments.tab import Tidy

_OURS = ("total_labels", "no_total")  # what later steps need to know, said in words elsewhere


@dataclass(frozen=True, eq=False, repr=False)
class Statistics(Tidy):
    """What segments hold: cells of every segment in every stratum, and what was chosen.

    Parameters
    ----------
    strata : Strata
        What the analysis is repeated over.
    index : Index
        Which row holds which segment, the total first.
    cells : Cells
        Their statistics, shaped (rows, strata).
    kinds : tuple of str
        Kind of each indicator: proportion, rate, mean or standardized.
    per : tuple of number or None
        Unit of each indicator's published rates; None where it was not said.
    level : float or None
        Level of published intervals; None where none were given.
    facts : mapping
        The choices made on the way in.
    there : (rows, strata) array of bool
        Which rows a stratum has: every segment that its indicator has anywhere.
    """

    strata: Strata
    index: Index
    cells: Cells
    kinds: tuple[str, ...]
    per: tuple[Number | None, ...]
    level: float | None
    facts: Mapping[str, Any]
    there: BoolArray

    @property
    def source(self) -> str:
        """Family of statistics: "counts" or "estimates"."""
        return self.cells.family.source

    def unit_of(self, indicator: int) -> Number:
        """Give the unit that an indicator's rates are held in; 1 for counts."""
        per = self.per[indicator]
        return 1 if per is None else per

    @property
    def units(self) -> FloatArray:
        """The unit of every stratum."""
        units = [float(self.unit_of(i)) for i in range(len(self.per))]
        return np.array(units)[self.strata.indicator]

    @property
    def choices(self) -> Choices:
        """What was chosen in the constructor and by :meth:`Assessment.suppress`, and was seen."""
        said = {k: v for k, v in self.facts.items() if k not in _OURS}
        return recorded({**said, "findings": self.findings})

    @cached_property
    def findings(self) -> Mapping[str, tuple[str, ...]]:
        """What the cells and their labels hold that would lead an answer astray, in words."""
        return findings(self)

    @property
    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """The segments of each dimension, in order."""
        return {dimension.name: dimension.labels for dimension in self.index.dimensions[1:]}

    def __repr__(self) -> str:
        splits = [
            f"{name} ({count_words(len(labels), 'segment')})"
            for name, labels in self.dimensions.items()
        ]
        kinds = ", ".join(dict.fromkeys(self.kinds))
        return (
            f"Segments of {self.source} ({kinds}): "
            f"{count_words(len(self.strata), 'stratum', 'strata')}; "
            f"{some_of(splits, 6)}"
        )

    def take(self, positions: IntArray) -> Self:
        """Keep some strata."""
        return replace(
            self,
            strata=self.strata.take(positions),
            there=self.there[:, positions],
            cells=self.cells.strata(positions),
        )

    def keep(self, dimensions: Sequence[str]) -> Self:
        """Keep the total and some dimensions."""
        index, rows = self.index.keep(dimensions)
        return replace(self, index=index, cells=self.cells.take(rows), there=self.there[rows])

    def masked(self, hidden: BoolArray, suppression: Mapping[str, Any]) -> Self:
        """Remove cells, shaped as :attr:`cells`, for good.

        The bounds of cells that the input hid go too, so that every hidden cell looks the same;
        counts that are shown and were rounded keep theirs.
        """
        gone = hidden | (self.cells.state == State.SUPPRESSED)
        cells = _without_comparisons(self.cells.removed(gone))
        if not cells.reasons.any_of(Reason.ROUNDED).any():
            cells = replace(cells, bounds={})
        facts = {**self.facts, "suppression": _strictest(self.facts["suppression"], suppression)}
        dropped, least = facts["dropped"], facts["suppression"]["minimum"]
        if not isinstance(dropped, str) and 0 < dropped < least:
            facts["dropped"] = f"fewer than {least}"
        return replace(self, cells=cells, facts=facts)

    def withheld(self, vague: BoolArray, unit: FloatArray) -> Self:
        """Take from cells what tells how precise they are, and round their sums of weights.

        Parameters
        ----------
        vague : (rows, strata) array of bool
            Which cells.
        unit : (rows, strata) array
            What sums of weights are rounded to; 0 leaves them.
        """
        cells, family = self.cells, self.cells.family
        coarse = vague & (unit > 0)
        step = np.where(coarse, unit, 1.0)
        stats = dict(cells.stats)
        for name in (name for name in family.precision if name in stats):
            stats[name] = np.where(vague, np.nan, stats[name])
        for name in family.weighted:
            stats[name] = np.where(coarse, np.round(stats[name] / step) * step, stats[name])
        cells = replace(cells, stats=stats).noted(vague, Reason.WITHHELD)
        return replace(self, cells=cells.noted(coarse, Reason.COARSE))

    def rolled_up(self, over: bool | Sequence[str] = True) -> Self:
        """Add strata at the end that are others together, for each indicator.

        Roll-ups that are there already are in no sum: they are made anew.

        Parameters
        ----------
        over : True or sequence of str
            The ``by`` columns that are summed away; True for all of them.
        """
        if not self.strata.names:
            raise InputError("rollup=True adds all strata up: name them with by= first.")
        if self.facts.get("repeats"):
            raise InputError(
                "rollup= would count people twice: ids repeat across strata. Assess the data "
                "without by= instead."
            )
        self._check_weights()
        if self.strata.rolled_up.any():
            return self.take(np.flatnonzero(~self.strata.rolled_up)).rolled_up(over)
        columns = self.strata.names if isinstance(over, bool) else tuple(over)
        self._check_margins(columns)
        sums, group = self.strata.add_up(columns)
        size = len(sums)
        shown = [np.bincount(group[row], minlength=size) > 0 for row in self.there]
        there = np.concatenate([self.there, np.stack(shown)], axis=1)
        cells = join([self.cells, _rolled(self.cells, group, size)], axis=1)
        return replace(self, strata=self.strata.followed_by(sums), cells=cells, there=there)

    def _check_margins(self, columns: Sequence[str]) -> None:
        """Stop where a stratum that would be added up is a total of others by its label."""
        ours = {ALL, *self.facts.get("total_labels", ())}
        for name in columns:
            for text in self.strata.labels(name):
                if text in ours:
                    raise InputError(
                        f"Column {name!r} of by= holds {text!r}, a label of totals: rollup= would "
                        "count its people twice. Leave these rows out of the data; rollup= adds "
                        "the others up."
                    )

    def _check_weights(self) -> None:
        """Stop where published rates have no population to weight them by."""
        if self.cells.family.counted:
            return
        lacking = (self.cells.state == State.OK) & np.isnan(self.cells.population)
        if lacking.any():
            row = int(np.argmax(lacking.any(axis=1)))
            name = self.index.dimensions[int(self.index.dimension_of[row])].name
            raise InputError(
                f"rollup=True weights rates by population, and {name!r} has "
                "rates without one: name the column with population=, or leave rollup out."
            )


def _strictest(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, Any]:
    """Put two suppressions on record as one: what either has hidden stays hidden."""
    if before is None:
        return dict(now)
    zeros = "hide" if "hide" in (before["zeros"], now["zeros"]) else "show"
    most = {name: max(before[name], now[name]) for name in ("minimum", "width")}
    sums_over = tuple(dict.fromkeys([*before["sums_over"], *now["sums_over"]]))
    ties = {
        name: tuple(dict.fromkeys([*before.get(name, ()), *now.get(name, ())]))
        for name in ("same_people", "adds_to")
        if name in before or name in now
    }
    return {**now, **most, "zeros": zeros, "sums_over": sums_over, **ties}


def _without_comparisons(cells: Cells) -> Cells:
    """Take from totals what was noted by comparing them with cells that may now be hidden."""
    compared = {Reason.PARTITIONS_DIFFER, Reason.TOTAL_OUT_OF_RANGE}
    return replace(cells, reasons=cells.reasons.other_than(compared))


def rows_there(strata: Strata, cells: Cells) -> BoolArray:
    """Tell which rows a stratum has: every segment that its indicator has anywhere."""
    present = cells.state != State.ABSENT
    there: BoolArray = np.zeros(present.shape, dtype=np.bool_)
    for i in range(len(strata.indicators)):
        ours = strata.of(i)
        there[:, ours] = np.any(present[:, ours], axis=1, keepdims=True)
    there[0] = True
    return there


def _rolled(cells: Cells, group: IntArray, size: int) -> Cells:
    """Add up the strata of each group."""
    k = cells.shape[0]
    codes = (np.arange(k)[:, None] * size + group).ravel()
    pooled = pool(cells.ravel(), codes, k * size).reshape(k, size)
    absent = (cells.state == State.ABSENT).ravel()
    gone = np.bincount(codes[absent], minlength=k * size).reshape(k, size) > 0
    # A stratum's total may lie outside its segments where the total of all strata does not.
    pooled = replace(pooled, reasons=pooled.reasons.other_than({Reason.TOTAL_OUT_OF_RANGE}))
    return pooled.noted(gone & (pooled.state != State.ABSENT), Reason.STRATA_WITHOUT_ROW)


def empty_not_absent(cells: Cells) -> Cells:
    """In records a combination without a row has nobody in it, which is known."""
    return replace(cells, state=np.minimum(cells.state, np.uint8(State.NO_DATA)))
