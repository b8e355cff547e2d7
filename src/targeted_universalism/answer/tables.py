"""Arrays become tables: columns in the order of their schema, each of its type.

Questions hand over plain arrays by name; a label or a sentence is a position in a list of words
until it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.labels import label
from targeted_universalism.reasons import Reasons
from targeted_universalism.segments.columns import Column, Schema
from targeted_universalism.segments.index import Dimension
from targeted_universalism.segments.strata import Strata


@dataclass(frozen=True, eq=False)
class Words:
    """A column of words: positions in a list of labels, -1 where missing.

    Parameters
    ----------
    labels : sequence of str
        The words, in the order in which they are to be sorted.
    codes : array of int64
        Positions in `labels`, of any shape.
    """

    labels: Sequence[str]
    codes: IntArray

    def __getitem__(self, place: Any) -> Words:
        return Words(self.labels, np.asarray(self.codes[place], dtype=np.int64))

    def mapped(self, reshape: Callable[[Any], Any]) -> Words:
        """Apply a function that takes, repeats or reshapes cells."""
        return Words(self.labels, reshape(self.codes))


_FEW_LABELS = 100  # more are not remembered: making their type is little beside their values

Values = FloatArray | IntArray | BoolArray | Words | Reasons
Text = list[str]


def typed(column: Column, values: Values | Text) -> Any:
    """Give the values of a column its type; reasons become words."""
    if isinstance(values, Reasons):
        values = Words(*values.texts())
    if isinstance(values, (Words, list)):
        if isinstance(values, Words) and column.type == "category":
            return category(values.labels, values.codes)
        if column.type == "text":
            return values
        raise TypeError(f"Column {column.name!r} is {column.type}, and words were given for it.")
    return _NUMBERS[column.type](np.asarray(values, dtype=np.float64))


def stratum_columns(strata: Strata, stratum: IntArray) -> dict[str, Any]:
    """Make the `by` columns, and `indicator` where there is one, of strata by position."""
    columns: dict[str, Any] = {
        name: _by_column(levels, codes[stratum])
        for name, levels, codes in zip(strata.names, strata.levels, strata.codes, strict=True)
    }
    if strata.indicator_name is not None:
        columns["indicator"] = category(strata.indicators, strata.indicator[stratum])
    return columns


def segment_columns(dimensions: Sequence[Dimension], row: IntArray) -> dict[str, Any]:
    """Make the columns `dimension` and `segment` of rows by position, dimension under dimension."""
    labels = [text for dimension in dimensions for text in dimension.labels]
    dimension_of = np.repeat(np.arange(len(dimensions)), [len(d) for d in dimensions])
    return {
        "dimension": category([d.name for d in dimensions], dimension_of[row]),
        "segment": category(labels, row.astype(np.int64)),
    }


def tabled(
    schema: Schema,
    keys: Mapping[str, Any],
    columns: Mapping[str, Values | Text],
    taken: Callable[[Any], Any] = lambda values: values,
) -> pd.DataFrame:
    """Make a table of keys that are columns already, and of columns by their schema.

    No column is copied on the way: `taken` gives the values of one after the other, as they are
    needed, and its type is made in arrays that the table then owns.
    """
    wrong = set(schema.names) ^ columns.keys()
    if wrong:
        raise KeyError(f"The table of {schema.call} lacks, or has no place for: {sorted(wrong)}.")
    values = {column.name: typed(column, taken(columns[column.name])) for column in schema.columns}
    return pd.DataFrame({**keys, **values}, copy=False)


def category(labels: Sequence[str], codes: IntArray) -> pd.Categorical:
    """Make a category column; labels that several dimensions share are one category."""
    place = {text: i for i, text in enumerate(dict.fromkeys(labels))}
    kind = _category if len(place) <= _FEW_LABELS else _category.__wrapped__
    narrow = np.min_scalar_type(-len(place) - 1)  # which is what a category column holds
    lookup = np.array([place[text] for text in labels] + [-1], dtype=narrow)
    return pd.Categorical.from_codes(lookup[codes], dtype=kind(tuple(place)))


@lru_cache(maxsize=256)
def _category(labels: tuple[str, ...]) -> pd.CategoricalDtype:
    """Make the type of a column of words; columns of the same words share it."""
    return pd.CategoricalDtype(pd.Index(labels, dtype="object"))


def whole(values: FloatArray) -> Any:
    """Make a column of whole numbers with missing values."""
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 0, values).round().astype(np.int64), missing)


def under_each_other(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of one kind under each other; a `by` column that one lacks is missing there."""
    if len(frames) == 1:
        return frames[0]
    first = list(frames[0].columns)
    start = min(first.index(name) for name in ("indicator", "dimension") if name in first)
    more = dict.fromkeys(n for f in frames for n in f.columns if n not in first)
    names = [*first[:start], *more, *first[start:]]
    return pd.DataFrame({name: _column_of_all(frames, name) for name in names})


def _column_of_all(frames: Sequence[pd.DataFrame], name: str) -> Any:
    """Put a column of several tables under each other; categories are those of all of them."""
    kind = next(f[name].dtype for f in frames if name in f)
    parts = [
        f[name] if name in f else pd.Series([None] * len(f), dtype=kind, index=f.index)
        for f in frames
    ]
    if not isinstance(kind, pd.CategoricalDtype):
        return pd.concat(parts, ignore_index=True)
    labels = dict.fromkeys(text for part in parts for text in part.cat.categories)
    both = pd.CategoricalDtype(pd.Index(list(labels), dtype="object"))
    return pd.concat([part.astype(both) for part in parts], ignore_index=True)


def yes_no(values: FloatArray) -> Any:
    """Make a column of truth values that can be missing."""
    return pd.arrays.BooleanArray(values == 1, np.isnan(values))


_NUMBERS: Mapping[str, Callable[[FloatArray], Any]] = {
    "float64": lambda values: values + 0.0,  # a 0 that rounding left below 0 is 0
    "Int64": whole,
    "boolean": yes_no,
    "bool": lambda values: values == 1,
}


def _by_column(levels: pd.Index[Any], codes: IntArray) -> Any:
    """Make a `by` column: whole numbers stay numbers, text is a category, -1 is missing."""
    missing, kind = codes < 0, levels.dtype.kind
    if kind == "b":
        values = np.append(levels.to_numpy(dtype=np.bool_), False)[codes]
        return pd.arrays.BooleanArray(values, missing)
    if kind in "iu":
        numbers = np.append(levels.to_numpy(dtype=np.int64), 0)[codes]
        return pd.arrays.IntegerArray(numbers, missing)
    if kind == "f":
        return np.append(levels.to_numpy(dtype=np.float64), np.nan)[codes]
    if kind == "M":
        return pd.Series(levels).reindex(codes).array
    return category([label(value) for value in levels], codes)
