"""The one thing that every question is asked of: an answer for every segment in every stratum.

An Answer is arrays, shaped (segments of all dimensions, strata). The table, the sentences and the
pictures are views of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.answer.goals import Goal
from targeted_universalism.answer.tables import (
    Values,
    Words,
    category,
    segment_columns,
    stratum_columns,
    tabled,
)
from targeted_universalism.measures.goal import STATUS_WORDS
from targeted_universalism.reasons import Reasons
from targeted_universalism.segments.cells import Cells
from targeted_universalism.segments.columns import TABLE, Schema
from targeted_universalism.segments.index import Dimension
from targeted_universalism.segments.segments import Segments

FLAG_WORDS = ("ok", "unreliable", "suppressed", "no data")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was chosen in ``assess``."""

    confidence: float | None
    interval: str
    reliability: str | None
    rollup: bool | tuple[str, ...]


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
    reason : Reasons
        Why values are missing or must be read with care, shaped (rows, strata).
    chosen : (rows,) array of bool, optional
        Which rows are looked at; all of them without it. It narrows what is shown and nothing else:
        sums, references and whatever belongs to everybody stay what they are.
    """

    segments: Segments
    goals: tuple[Goal, ...]
    options: Options
    values: Mapping[str, FloatArray]
    status: ByteArray
    flag: ByteArray
    reason: Reasons
    chosen: BoolArray | None = None

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions, the total first."""
        return self.segments.index.dimensions

    @property
    def public(self) -> bool:
        """Whether hidden values have been removed for publication."""
        return self.segments.facts["suppression"] is not None

    @property
    def seen(self) -> BoolArray:
        """Which rows a stratum shows: of those that are there, those that are looked at."""
        there = self.there
        return there if self.chosen is None else there & self.chosen[:, None]

    @property
    def there(self) -> BoolArray:
        """Which rows a stratum has, looked at or not."""
        return self.segments.there

    @property
    def narrowed(self) -> bool:
        """Whether some rows are not looked at, though they count."""
        return self.chosen is not None and not bool(self.chosen.all())

    @property
    def labels(self) -> tuple[str, ...]:
        """Segment of every row."""
        return self.segments.index.labels

    @property
    def dimension_of(self) -> IntArray:
        """Position of every row's dimension."""
        return self.segments.index.dimension_of

    @property
    def unknown(self) -> BoolArray:
        """Which rows stand for a missing segment."""
        return self.segments.index.unknown

    @cached_property
    def cells(self) -> Cells:
        """The statistics behind the answer, each cell told what its dimension says of it."""
        cells = self.segments.cells
        return cells.family.informed(cells, self.segments.index)

    def goal(self, stratum: int) -> Goal:
        """Goal that holds in a stratum."""
        return self.goals[int(self.segments.strata.indicator[stratum])]

    def kind(self, stratum: int) -> str:
        """Kind of outcome in a stratum."""
        return self.segments.kinds[int(self.segments.strata.indicator[stratum])]

    @property
    def years(self) -> FloatArray:
        """How many years each indicator pools, as ``years=`` said; missing where nothing was."""
        said = self.segments.facts.get("years")
        names = self.segments.strata.indicators
        each = [said.get(name) if isinstance(said, Mapping) else said for name in names]
        return np.array([np.nan if years is None else float(years) for years in each])

    def take(self, strata: IntArray, dimensions: Sequence[str] | None = None) -> Answer:
        """Keep strata by position, and the total with all dimensions or those that are named."""
        kept = [d.name for d in self.dimensions] if dimensions is None else dimensions
        _, rows = self.segments.index.keep(kept)
        return replace(
            self,
            segments=self.segments.take(strata).keep(kept),
            values={k: v[:, strata][rows] for k, v in self.values.items()},
            status=self.status[:, strata][rows],
            flag=self.flag[:, strata][rows],
            reason=self.reason[:, strata][rows],
            chosen=None if self.chosen is None else self.chosen[rows],
        )

    def choices(self) -> dict[str, Any]:
        """Every choice behind the numbers."""
        facts = dict(self.segments.choices)
        last = {name: facts.pop(name) for name in ("suppression", "findings")}
        rollup = self.options.rollup
        chosen = {
            "confidence": self.options.confidence,
            "interval": self.options.interval,
            "reliability": self.options.reliability,
            "rollup": rollup if isinstance(rollup, bool) else list(rollup),
        }
        return {**facts, **chosen, **self._shown(), **last}

    def _shown(self) -> dict[str, list[str]]:
        """Name the segments that are looked at beside the total, where some are not."""
        if self.chosen is None:
            return {}
        names = zip(self.labels[1:], self.chosen[1:], strict=True)
        return {"shown": [name for name, here in names if here]}

    def columns(self) -> dict[str, Values]:
        """Give what the table says of every row, by column."""
        of_goal = self.segments.strata.indicator
        return {
            **self.values,
            "goal": np.array([g.target for g in self.goals], dtype=np.float64)[of_goal],
            "per": np.array([g.per for g in self.goals], dtype=np.float64)[of_goal],
            "status": Words(STATUS_WORDS, self.status.astype(np.int64)),
            "flag": Words(FLAG_WORDS, self.flag.astype(np.int64)),
            "reason": self.reason,
        }

    def table(self) -> pd.DataFrame:
        """Make the table of DESIGN 3: one row for each segment in each stratum."""
        return self.frame(TABLE, self.columns())

    def frame(
        self, schema: Schema, columns: Mapping[str, Values], shown: BoolArray | None = None
    ) -> pd.DataFrame:
        """Make a table with one row for each segment in each stratum, in the order of the table.

        Parameters
        ----------
        schema : Schema
            Which table it is.
        columns : mapping of str to array or Words
            Shaped (rows, strata), or (strata,) for what all rows of a stratum share.
        shown : (rows, strata) array of bool, optional
            Which rows to give; those of the table without it.
        """
        stratum, row = np.nonzero((self.seen if shown is None else shown).T)
        cell = row * len(self.segments.strata) + stratum

        def taken(values: Any) -> Any:
            if isinstance(values, (Words, Reasons)):
                return values.mapped(taken)
            return values.take(stratum if values.ndim == 1 else cell)

        return tabled(schema, self._keys(stratum, row), columns, taken)

    def keyed(
        self, schema: Schema, stratum: IntArray, row: IntArray, columns: Mapping[str, Values]
    ) -> pd.DataFrame:
        """Make a table of any rows: the keys of each (stratum, row), then its columns."""
        return tabled(schema, self._keys(stratum, row), columns)

    def _keys(self, stratum: IntArray, row: IntArray) -> dict[str, Any]:
        strata = stratum_columns(self.segments.strata, stratum)
        return strata | segment_columns(self.dimensions, row)

    def by_dimension(
        self, schema: Schema, stratum: IntArray, dimension: IntArray, columns: Mapping[str, Values]
    ) -> pd.DataFrame:
        """Make a table of any strata and dimensions: `by`, indicator, dimension, its columns."""
        keys = stratum_columns(self.segments.strata, stratum)
        keys["dimension"] = category([d.name for d in self.dimensions], dimension)
        return tabled(schema, keys, columns)
