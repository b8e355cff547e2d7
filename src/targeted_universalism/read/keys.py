"""Who each row of a table is about: its stratum, and its place on every axis.

Each row fills some axes (a label of race, a label of sex) and stands for the margin of the others
(the label named by ``total=``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import pandas as pd

from targeted_universalism._typing import IntArray
from targeted_universalism.errors import InputError, count_words, did_you_mean
from targeted_universalism.labels import levels_of
from targeted_universalism.read.axes import (
    MARGIN,
    AxisCodes,
    check_not_stacked,
    read_axis,
    read_stacked,
)
from targeted_universalism.read.layout import Layout
from targeted_universalism.read.levels import Keys, Labels
from targeted_universalism.read.numerals import first_rows
from targeted_universalism.segments.strata import Strata

LARGEST_KEY = 2**62


@dataclass(frozen=True, eq=False)
class Rows:
    """Who each row is about: its stratum and its place on every axis.

    Parameters
    ----------
    strata : Strata
        The strata that occur.
    stratum : (n,) array of int64
        Which of them each row belongs to.
    axes : tuple of AxisCodes
        Each coded for the n rows; of a cube, for its list of segments.
    crossings : tuple of tuple of int
        The dimensions, as positions of axes.
    signature : (n,) array of int64
        A bit for each axis that a row fills; -1 leaves out a row that tells a margin a second time
        (each partition of a stacked file may bring its total).
    repeats : (pairs, 2) array of int64
        The first row of such a margin, and each that tells it again.
    """

    strata: Strata
    stratum: IntArray
    axes: tuple[AxisCodes, ...]
    crossings: tuple[tuple[int, ...], ...]
    signature: IntArray
    repeats: IntArray

    def words(self, row: int) -> str:
        """Name a row in words, for a message."""
        groups = [
            f"{axis.name} {axis.labels[axis.codes[row]]!r}"
            for axis in self.axes
            if axis.members is None and axis.codes[row] >= 0
        ]
        place = self.strata.describe(int(self.stratum[row]))
        who = ", ".join(([] if place == "the data" else [place]) + groups)
        return f"data row {row} (counting from 0{'; ' + who if who else ''})"


def read_rows(frame: Labels, layout: Layout, *, unique: bool = False) -> Rows:
    """Code the columns that say who each row is about; `unique` rows have no duplicates."""
    if not len(frame):
        raise InputError("The data hold no rows: there is nothing to assess.")
    _check_renamed(frame, frame, layout)
    frame = _renamed(frame, layout)
    strata, stratum = _read_strata(frame, layout)
    keys = {name: frame.keys(name) for name in layout.segment_columns}
    if layout.partition is None:
        axes = tuple(read_axis(axis, keys, layout) for axis in layout.axes)
        crossings = layout.crossings
        check_not_stacked(axes)
    else:
        axes = read_stacked(frame, keys[layout.axes[0].columns[0]], layout)
        crossings = tuple((i,) for i in range(len(axes)))
    signature = np.zeros(len(frame), dtype=np.int64)
    for i, axis in enumerate(axes):
        signature |= np.where(axis.codes != MARGIN, np.int64(1 << i), np.int64(0))
    rows = Rows(strata, stratum, axes, crossings, signature, np.zeros((0, 2), dtype=np.int64))
    _check_names(rows, layout)
    _check_total_labels(keys, layout)
    if unique:
        return rows
    _check_duplicates(rows, frame, keys, layout)
    return _without_repeats(rows, keys, layout)


def read_cube(segments: Labels, strata: Labels, layout: Layout) -> Rows:
    """Code labels where segments and strata are listed apart, each once: a table of both."""
    _check_renamed(segments, strata, layout)
    segments, strata = _renamed(segments, layout), _renamed(strata, layout)
    combinations, stratum = _read_strata(strata, layout)
    keys = {name: segments.keys(name) for name in layout.segment_columns}
    axes = tuple(read_axis(axis, keys, layout) for axis in layout.axes)
    check_not_stacked(axes)
    nothing = np.zeros(0, dtype=np.int64)
    rows = Rows(combinations, stratum, axes, layout.crossings, nothing, nothing.reshape(0, 2))
    _check_names(rows, layout)
    return rows


# --- new names ----------------------------------------------------------------------------------


class _Renamed:
    """Columns of labels, some of which are called otherwise from here on."""

    def __init__(self, columns: Labels, names: Mapping[str, Mapping[str, str]]) -> None:
        self._columns, self._names = columns, names

    def __len__(self) -> int:
        return len(self._columns)

    def keys(self, name: str) -> Keys:
        """Code a column; old labels that get one new name become one."""
        keys, names = self._columns.keys(name), self._names.get(name, {})
        texts = keys.labels
        if names.keys().isdisjoint(texts):
            return keys
        place: dict[str, int] = {}
        to = [place.setdefault(names.get(text, text), len(place)) for text in texts]
        lookup = np.array([*to, -1], dtype=np.int64)
        return Keys(lookup[keys.codes], levels_of(place), keys.ordered)


def _renamed(columns: Labels, layout: Layout) -> Labels:
    return columns if layout.labels is None else _Renamed(columns, layout.labels.columns)


def _check_renamed(segments: Labels, strata: Labels, layout: Layout) -> None:
    """Stop at an old label that is nowhere in its column."""
    asked = layout.labels
    if asked is None:
        return
    of_strata = (*layout.by, layout.indicator)
    labels_of = {
        name: (strata if name in of_strata else segments).keys(name).labels
        for name in asked.columns
    }
    anywhere = list(dict.fromkeys(text for texts in labels_of.values() for text in texts))
    for column, names in asked.columns.items():
        known = labels_of[column] if asked.by_column else anywhere
        where = f"column {column!r}" if asked.by_column else "a column of segments"
        for old in (old for old in names if old not in known):
            raise InputError(
                f"labels= renames {old!r}, which is no label in {where}. {did_you_mean(old, known)}"
            )


# --- strata -------------------------------------------------------------------------------------


def _read_strata(frame: Labels, layout: Layout) -> tuple[Strata, IntArray]:
    keys = [_complete(frame, name) for name in layout.by]
    indicator = None if layout.indicator is None else _complete(frame, layout.indicator)
    every = [*keys, *([] if indicator is None else [indicator])]
    sizes = [len(key.levels) for key in every]
    if prod(sizes) >= LARGEST_KEY:
        raise InputError(
            f"by= makes {prod(sizes):.1e} combinations: drop a column, such as a row id."
        )
    combined = np.zeros(len(frame), dtype=np.int64)
    for key, size in zip(every, sizes, strict=True):
        combined = combined * size + key.codes
    different, stratum = np.unique(combined, return_inverse=True)
    parts = np.array(
        np.unravel_index(different, sizes) if sizes else np.zeros((0, 1)), dtype=np.int64
    )
    strata = Strata(
        names=layout.by,
        levels=tuple(key.levels for key in keys),
        codes=parts[: len(keys)].reshape(len(keys), len(different)),
        indicator_name=layout.indicator,
        indicators=("",) if indicator is None else tuple(indicator.labels),
        indicator=np.zeros(len(different), dtype=np.int64) if indicator is None else parts[-1],
    )
    return strata, stratum.astype(np.int64)


def _complete(frame: Labels, name: str) -> Keys:
    keys = frame.keys(name)
    missing = keys.codes < 0
    if missing.any():
        shown = ", ".join(map(str, first_rows(missing)))
        raise InputError(
            f"Column {name!r} is missing in {count_words(int(missing.sum()), 'row')} (data row "
            f"{shown}, counting from 0). Every row must say which stratum it belongs to: fill "
            "them, or leave them out if they are totals, which assess(…, rollup=True) makes."
        )
    return keys


# --- checks -------------------------------------------------------------------------------------


def _check_total_labels(keys: Mapping[str, Keys], layout: Layout) -> None:
    present = {text for key in keys.values() for text in key.labels}
    present |= {"" for key in keys.values() if (key.codes < 0).any()}
    if layout.total and not layout.total & present:
        text = min(layout.total)
        raise InputError(
            f"total={text!r} is in no row of {', '.join(map(repr, keys))}: a total that is spelt "
            f"otherwise would be counted as a segment. {did_you_mean(text, sorted(present))}"
        )


def _check_names(rows: Rows, layout: Layout) -> None:
    dimensions = {"*".join(rows.axes[i].name for i in crossing) for crossing in rows.crossings}
    axes = {axis.name for axis in rows.axes}
    for name in layout.order:
        if name not in axes:
            raise InputError(f"order= names no dimension {name!r}. {did_you_mean(name, axes)}")
    if isinstance(layout.exclusive, Mapping):
        for name in layout.exclusive:
            if name not in dimensions | axes:
                raise InputError(
                    f"exclusive= names no dimension {name!r}. {did_you_mean(name, dimensions)}"
                )
    for indicator in rows.strata.indicators:
        layout.kind_of(indicator)


def _check_duplicates(rows: Rows, frame: Labels, keys: Mapping[str, Keys], layout: Layout) -> None:
    columns = [rows.stratum, *(key.codes for key in keys.values())]
    if isinstance(layout.partition, str):
        columns.append(frame.keys(layout.partition).codes)
    if _all_differ(columns):
        return
    twice = _by_position(columns).duplicated(keep=False).to_numpy()
    first = int(first_rows(twice)[0])
    same = np.ones(len(twice), dtype=np.bool_)
    for codes in columns:
        same &= codes == codes[first]
    second = int(np.flatnonzero(same)[1])
    raise InputError(
        f"Two rows are about the same group: {rows.words(first)} and data row {second}; "
        f"{int(twice.sum())} rows in all have a twin. If the data are split by a further column, "
        "name it in segments= or by=; if they are partial counts, add them up first."
    )


def _without_repeats(rows: Rows, keys: Mapping[str, Keys], layout: Layout) -> Rows:
    """Leave out rows that tell a margin again under another label of the total."""
    if not layout.total:
        return rows
    place = [rows.stratum, rows.signature, *(axis.codes for axis in rows.axes)]
    for key in keys.values():  # several labels of Unknown are several rows, all of them counted
        unknown = np.array([text in layout.unknown for text in key.texts])
        place.append(np.where(unknown[key.codes], key.codes, -1))
    frame = _by_position(place)
    again = frame.duplicated().to_numpy()
    if not again.any():
        return rows
    groups = frame.groupby(list(frame), sort=False).ngroup().to_numpy()
    _, first = np.unique(groups, return_index=True)
    second = np.flatnonzero(again)
    signature = np.where(again, -1, rows.signature)
    pairs = np.stack([first[groups[second]], second], axis=1)
    return replace(rows, signature=signature, repeats=pairs)


def _all_differ(columns: Sequence[IntArray]) -> bool:
    """Tell whether no row has the codes of another: each row is one number where numbers reach."""
    sizes = [int(codes.max(initial=-1)) + 2 for codes in columns]
    if prod(sizes) >= LARGEST_KEY:
        return not _by_position(columns).duplicated().any()
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for codes, size in zip(columns, sizes, strict=True):
        number = number * size + (codes + 1)
    return len(pd.unique(number)) == len(number)


def _by_position(columns: Sequence[IntArray]) -> pd.DataFrame:
    """Lay columns side by side by number: users' names and ours cannot meet."""
    return pd.DataFrame(dict(enumerate(columns)))
