"""A plan as it comes in a table: whom, which structure, which strategy, whose, when, and with what.

Everything is checked here, so that a plan that was read holds nothing that has no meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import InputError, check_names
from targeted_universalism.read.levels import Keys
from targeted_universalism.read.plans.columns import Columns, as_table
from targeted_universalism.read.plans.numbers import numbers
from targeted_universalism.read.plans.words import LEVELS, dates, evidence, one_of, renamed

_TEXTS = ("structure", "assets", "strategy", "owner", "partner")


@dataclass(frozen=True, eq=False)
class PlanRows:
    """The rows of a plan, checked, column by column.

    Parameters
    ----------
    by : mapping of str to Keys
        The columns that say where a row holds; -1 is everywhere.
    indicator : Keys or None
        What a row is about; None without such a column, -1 is everything that is measured.
    dimension, segment : Keys
        Whom it is for; a dimension may be missing.
    words : mapping of str to Keys
        Columns of words; -1 where empty.
    numbers : mapping of str to (n,) array
        Columns of numbers; NaN where empty.
    first, last : mapping of str to (n,) array
        Of ``start`` and ``end``: the first and the last day that is meant, counted from year 1.
    """

    by: Mapping[str, Keys]
    indicator: Keys | None
    dimension: Keys
    segment: Keys
    words: Mapping[str, Keys]
    numbers: Mapping[str, FloatArray]
    first: Mapping[str, FloatArray]
    last: Mapping[str, FloatArray]

    def __len__(self) -> int:
        return len(self.segment.codes)

    def has(self, name: str) -> BoolArray:
        """Tell which rows say something in a column of words."""
        return self.words[name].codes >= 0

    def texts(self, name: str) -> list[str]:
        """Words of every row, empty where there are none."""
        keys = self.words[name]
        texts = keys.texts
        return [texts[code] for code in keys.codes]


def read_plan(
    data: object, by: str | Sequence[str], columns: Mapping[str, str] | None = None
) -> PlanRows:
    """Read a table of a plan.

    Parameters
    ----------
    data : data frame, or list of mappings
        Anything that reads as a table; of its columns only ``segment`` must be there.
    by : str or sequence of str
        Columns that say where a row holds.
    columns : mapping of str to str, optional
        What columns of the table are called in a plan; others are then no part of it.

    Returns
    -------
    PlanRows

    Raises
    ------
    InputError
        If a column is not known, a value has no meaning, an end lies before its start, shares of
        resources do not sum to 1, or two rows are the same.
    """
    table = Columns(as_table(data), check_names("by", by), columns)
    words = {name: table.words(name) for name in _TEXTS}
    words["level"] = renamed(table.words("level"), "level", one_of(LEVELS, "a level"))
    words["evidence"], words["evidence_scale"] = evidence(
        table.words("evidence"), table.words("evidence_scale")
    )
    first, last = {}, {}
    for name in ("start", "end"):
        words[name], first[name], last[name] = dates(table.words(name), name)
    rows = PlanRows(
        by={name: table.words(name) for name in table.by},
        indicator=table.words("indicator") if "indicator" in table.names else None,
        dimension=table.words("dimension"),
        segment=_segments(table.words("segment")),
        words=words,
        numbers=numbers(table),
        first=first,
        last=last,
    )
    _check_order(rows)
    _check_once(rows)
    return rows


def _segments(keys: Keys) -> Keys:
    """Stop at a row that is for nobody."""
    if (keys.codes < 0).any():
        raise InputError(
            f"Column 'segment' is empty in data row {int(np.argmax(keys.codes < 0))} (counting "
            "from 0): say whom the row is for, 'All' for everybody, or leave the row out."
        )
    return keys


def _check_order(rows: PlanRows) -> None:
    """Stop where an end lies before its start."""
    wrong = np.flatnonzero(rows.last["end"] < rows.first["start"])
    if wrong.size:
        start, end = (rows.texts(name)[wrong[0]] for name in ("start", "end"))
        raise InputError(
            f"Data row {wrong[0]} (counting from 0) ends in {end}, before it starts in {start}: "
            "correct one of them, or leave it empty."
        )


def _check_once(rows: PlanRows) -> None:
    """Stop at a row that stands twice: its people and its money would count twice."""
    keys = {**rows.by, "dimension": rows.dimension, "segment": rows.segment, **rows.words}
    if rows.indicator is not None:
        keys["indicator"] = rows.indicator
    columns: dict[str, FloatArray | IntArray] = {name: keys[name].codes for name in keys}
    table = pd.DataFrame({**columns, **rows.numbers})
    again = table.duplicated().to_numpy()
    if again.any():
        second = int(np.argmax(again))
        alike = table.eq(table.iloc[second]) | (table.isna() & table.iloc[second].isna())
        first = int(np.argmax(alike.all(axis=1)))
        raise InputError(
            f"Data rows {first} and {second} (counting from 0) are the same: leave one out, or "
            "say in what they differ."
        )
