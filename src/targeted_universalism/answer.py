"""The one thing that every question is asked of: an answer for every segment in every stratum.

An Answer is arrays, shaped (segments of all dimensions, strata). The table, the sentences and the
pictures are views of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.cells import Cells, Dimension
from targeted_universalism.errors import sentence
from targeted_universalism.goals import Goal
from targeted_universalism.measures.goal import STATUS_WORDS
from targeted_universalism.segments import Segments

FLAG_WORDS = ("ok", "unreliable", "suppressed", "no data")
WHOLE = ("n", "needed", "needed_low", "needed_high")
COLUMNS = (
    "population", "n", "events", "rate", "ci_low", "ci_high", "goal", "per", "gap", "gap_low",
    "gap_high", "ratio_to_goal", "status", "needed", "needed_low", "needed_high", "effort_share",
    "flag", "reason",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was chosen in ``assess``."""

    confidence: float | None
    interval: str
    reliability: str | None
    rollup: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """Gap, people needed and standing of every segment in every stratum.

    Parameters
    ----------
    segments : Segments
        What was assessed, any roll-up included.
    goals : tuple of Goal
        One for each indicator.
    options : Options
        The choices behind the numbers.
    values : mapping of str to (rows, strata) array
        The numeric columns of the table; NaN where missing.
    status, flag : (rows, strata) array of uint8
        Positions in ``STATUS_WORDS`` and ``FLAG_WORDS``.
    reason : (rows, strata) array of int64
        Bits of ``Reason``.
    """

    segments: Segments
    goals: tuple[Goal, ...]
    options: Options
    values: Mapping[str, FloatArray]
    status: ByteArray
    flag: ByteArray
    reason: IntArray

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions, the total first."""
        return tuple(block.dimension for block in self.segments.blocks)

    @property
    def public(self) -> bool:
        """Whether hidden values have been removed for publication."""
        return self.segments.facts["suppression"] is not None

    @property
    def seen(self) -> BoolArray:
        """Which rows a stratum shows."""
        return self.segments.seen

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
    def cells(self) -> Cells:
        """The statistics behind the answer."""
        return self.segments.cells()

    def goal(self, stratum: int) -> Goal:
        """Goal that holds in a stratum."""
        return self.goals[int(self.segments.strata.indicator[stratum])]

    def kind(self, stratum: int) -> str:
        """Kind of outcome in a stratum."""
        return self.segments.kinds[int(self.segments.strata.indicator[stratum])]

    def take(self, strata: IntArray, rows: BoolArray | None = None) -> Answer:
        """Keep strata by position, and all rows or those of whole dimensions."""
        rows = np.ones(len(self.labels), dtype=np.bool_) if rows is None else rows
        names = [d.name for d in self.dimensions]
        left = [names[i] for i in np.unique(self.dimension_of[rows])]
        return replace(
            self,
            segments=self.segments.take(strata).keep(left),
            values={k: v[rows][:, strata] for k, v in self.values.items()},
            status=self.status[rows][:, strata],
            flag=self.flag[rows][:, strata],
            reason=self.reason[rows][:, strata],
        )

    def choices(self) -> dict[str, Any]:
        """Every choice behind the numbers."""
        facts = dict(self.segments.facts)
        suppression = facts.pop("suppression")
        chosen = {
            "confidence": self.options.confidence,
            "interval": self.options.interval,
            "reliability": self.options.reliability,
            "rollup": self.options.rollup,
        }
        return {**facts, **chosen, "suppression": suppression}

    def table(self) -> pd.DataFrame:
        """Make the table of DESIGN 3: one row for each segment in each stratum."""
        strata = self.segments.strata
        stratum, row = np.nonzero(self.seen.T)
        columns: dict[str, Any] = {
            name: _key(levels, codes[stratum])
            for name, levels, codes in zip(strata.names, strata.levels, strata.codes, strict=True)
        }
        if strata.indicator_name is not None:
            columns["indicator"] = _category(strata.indicators, strata.indicator[stratum])
        names = [d.name for d in self.dimensions]
        columns["dimension"] = _category(names, self.dimension_of[row])
        columns["segment"] = _category(self.labels, np.arange(len(self.labels))[row])
        for name in COLUMNS:
            columns[name] = self._column(name, stratum, row)
        return pd.DataFrame(columns)

    def _column(self, name: str, stratum: IntArray, row: IntArray) -> Any:
        if name in ("goal", "per"):
            numbers = [g.target if name == "goal" else g.per for g in self.goals]
            return np.array(numbers, dtype=np.float64)[self.segments.strata.indicator[stratum]]
        if name in ("status", "flag"):
            codes = self.status if name == "status" else self.flag
            words = STATUS_WORDS if name == "status" else FLAG_WORDS
            return _category(words, codes[row, stratum].astype(np.int64))
        if name == "reason":
            return _reasons(self.reason[row, stratum])
        values = self.values[name][row, stratum]
        return _whole(values) if name in WHOLE else values


def goals_table(goals: tuple[Goal, ...], indicators: tuple[str, ...]) -> pd.DataFrame:
    """Make one row for each goal: what it is, and why."""
    return pd.DataFrame(
        {
            "indicator": list(indicators),
            "name": [g.name for g in goals],
            "direction": [g.direction for g in goals],
            "target": np.array([float(g.target) for g in goals]),
            "per": np.array([float(g.per) for g in goals]),
            "deadline": pd.array([g.deadline for g in goals], dtype="Int64"),
            "ambition": [g.ambition for g in goals],
            "rationale": [g.rationale for g in goals],
            "source": [g.source for g in goals],
        }
    )


def _key(levels: pd.Index[Any], codes: IntArray) -> Any:
    """Make a `by` column: whole numbers stay numbers, text is a category, -1 is missing."""
    missing = codes < 0
    if pd.api.types.is_bool_dtype(levels.dtype):
        values = np.append(levels.to_numpy(dtype=np.bool_), False)[codes]
        return pd.arrays.BooleanArray(values, missing)
    if pd.api.types.is_integer_dtype(levels.dtype):
        whole = np.append(levels.to_numpy(dtype=np.int64), 0)[codes]
        return pd.arrays.IntegerArray(whole, missing)
    if pd.api.types.is_float_dtype(levels.dtype):
        return np.append(levels.to_numpy(dtype=np.float64), np.nan)[codes]
    if pd.api.types.is_datetime64_any_dtype(levels.dtype):
        return pd.Series(levels).reindex(codes).array
    return _category([str(value) for value in levels], codes)


def _category(labels: Any, codes: IntArray) -> pd.Categorical:
    """Make a category column; labels that several dimensions share are one category."""
    place = {text: i for i, text in enumerate(dict.fromkeys(labels))}
    lookup = np.array([place[text] for text in labels] + [-1], dtype=np.int64)
    return pd.Categorical.from_codes(lookup[codes], pd.Index(list(place), dtype="object"))


def _reasons(bits: IntArray) -> pd.Categorical:
    found, codes = np.unique(bits, return_inverse=True)
    return _category([sentence(int(b)) for b in found], codes.astype(np.int64))


def _whole(values: FloatArray) -> Any:
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 0, values).round().astype(np.int64), missing)
