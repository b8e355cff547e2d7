"""Who each row of a table is about: its stratum, and its place on every axis.

Each row fills some axes (a label of race, a label of sex) and stands for the margin of the others
(the label named by ``total=``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Protocol

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import ALL, TIMES, UNKNOWN, label, levels_of
from targeted_universalism.read.levels import Keys
from targeted_universalism.read.numerals import first_rows
from targeted_universalism.read.options import Axis, Layout
from targeted_universalism.segments.strata import Strata

MARGIN = -2
_NO = frozenset({"0", "0.0", "false", "no", "n"})
_YES = frozenset({"1", "1.0", "true", "yes", "y"})
LARGEST_KEY = 2**62


@dataclass(frozen=True, eq=False)
class AxisCodes:
    """One axis, coded for every row.

    `codes` holds a position in `labels` or MARGIN. Where segments overlap it numbers the patterns
    of flags, and `members` holds every segment of every row, those of row i at `starts[i]` to
    `starts[i + 1]`.
    """

    name: str
    labels: tuple[str, ...]
    has_unknown: bool
    ordered: bool
    codes: IntArray
    starts: IntArray | None = None
    members: IntArray | None = None

    @property
    def unknown(self) -> BoolArray:
        """Which labels stand for a missing segment."""
        mask: BoolArray = np.zeros(len(self.labels), dtype=np.bool_)
        mask[-1:] = self.has_unknown
        return mask


@dataclass(frozen=True, eq=False)
class Rows:
    """Who each row is about: its stratum and its place on every axis.

    `signature` has a bit for each axis that a row fills; -1 leaves out a row that tells a margin a
    second time (each partition of a stacked file may bring its total). `repeats` pairs such rows
    with the first.
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


class Labels(Protocol):
    """What rows are read from: columns of labels by name."""

    def __len__(self) -> int: ...

    def keys(self, name: str) -> Keys:
        """Code a column."""
        ...


def read_rows(frame: Labels, layout: Layout, *, unique: bool = False) -> Rows:
    """Code the columns that say who each row is about; `unique` rows have no duplicates."""
    if not len(frame):
        raise InputError("The data hold no rows: there is nothing to assess.")
    _check_renamed(frame, frame, layout)
    frame = _renamed(frame, layout)
    strata, stratum = _read_strata(frame, layout)
    keys = {name: frame.keys(name) for name in layout.segment_columns}
    if layout.partition is None:
        axes = tuple(_read_axis(axis, keys, layout) for axis in layout.axes)
        crossings = layout.crossings
        _check_not_stacked(axes)
    else:
        axes = _read_stacked(frame, keys[layout.axes[0].columns[0]], layout)
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
    axes = tuple(_read_axis(axis, keys, layout) for axis in layout.axes)
    _check_not_stacked(axes)
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
    held = {
        name: (strata if name in of_strata else segments).keys(name).labels
        for name in asked.columns
    }
    anywhere = list(dict.fromkeys(text for texts in held.values() for text in texts))
    for column, names in asked.columns.items():
        known = held[column] if asked.by_column else anywhere
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
            f"Column {name!r} is missing in {int(missing.sum())} rows (data row {shown}, counting "
            "from 0). Every row must say which stratum it belongs to: fill them, or leave them out "
            "if they are totals, which assess(…, rollup=True) makes."
        )
    return keys


# --- axes ---------------------------------------------------------------------------------------


def _read_axis(axis: Axis, keys: Mapping[str, Keys], layout: Layout) -> AxisCodes:
    if axis.overlapping:
        return _read_flags(axis, keys, layout)
    return _code_labels(axis.name, keys[axis.columns[0]], layout)


def _code_labels(name: str, keys: Keys, layout: Layout, rows: BoolArray | None = None) -> AxisCodes:
    """Code labels as known segments in their order, Unknown last, or MARGIN."""
    used = np.ones(keys.codes.shape, dtype=np.bool_) if rows is None else rows
    texts = keys.texts
    held = np.zeros(len(texts), dtype=np.bool_)
    held[keys.codes[used]] = True
    present = [texts[code] for code in range(-1, len(texts) - 1) if held[code]]
    unknown = (layout.unknown | {""}) - layout.total
    named = [text for text in present if text not in unknown | layout.total]
    for text in named:
        _check_label(name, text)
    segments = _in_order(name, named, layout)
    has_unknown = not unknown.isdisjoint(present)
    place = {text: i for i, text in enumerate(segments)} | dict.fromkeys(unknown, len(segments))
    lookup = np.array([place.get(text, MARGIN) for text in texts])
    codes = np.where(used, lookup[keys.codes], MARGIN).astype(np.int64)
    return AxisCodes(
        name,
        (*segments, UNKNOWN) if has_unknown else tuple(segments),
        has_unknown,
        keys.ordered or name in layout.order,
        codes,
    )


def _check_label(column: str, text: str) -> None:
    """Stop at the label of a segment that would read as a word of ours."""
    if TIMES.strip() in text:
        raise InputError(
            f"Segment {text!r} in column {column!r} holds ×, the sign of a crossing: rename it."
        )
    if text == ALL:
        raise InputError(
            f"Column {column!r} holds the label 'All', which names the total: say total='All' if "
            "these rows are totals (records hold none: leave such rows out), or rename the segment."
        )
    if text == UNKNOWN:
        raise InputError(
            f"Column {column!r} holds the label 'Unknown': say unknown='Unknown' if the segment "
            "is missing in these rows, or rename it."
        )


def _in_order(name: str, named: list[str], layout: Layout) -> list[str]:
    if name not in layout.order:
        return named
    declared = layout.order[name]
    left = [text for text in named if text not in declared]
    if left:
        raise InputError(
            f"order= for {name!r} leaves out {left[0]!r}. {did_you_mean(left[0], declared)}"
        )
    return [text for text in dict.fromkeys(declared) if text in named]


def _read_flags(axis: Axis, keys: Mapping[str, Keys], layout: Layout) -> AxisCodes:
    """Every segment of every row, from columns of 0 and 1."""
    segments = tuple(map(label, axis.columns))
    for column, text in zip(axis.columns, segments, strict=True):
        _check_label(f"flag {column}", text)
    read = [_flag(column, keys[column], layout) for column in axis.columns]
    flags = np.stack([flag for flag, _ in read], axis=1)
    margins = np.stack([margin for _, margin in read], axis=1).all(axis=1)
    unknown: BoolArray = np.asarray((flags < 0).any(axis=1)) & ~margins
    member = np.concatenate([flags == 1, unknown[:, None]], axis=1)
    row, members = np.nonzero(member)
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(flags)))])
    has_unknown = bool(unknown.any())
    return AxisCodes(
        axis.name,
        (*segments, UNKNOWN) if has_unknown else segments,
        has_unknown,
        False,
        np.where(margins, MARGIN, _pattern(flags)).astype(np.int64),
        starts.astype(np.int64),
        members.astype(np.int64),
    )


def _pattern(flags: IntArray) -> IntArray:
    """Give each pattern of flags a number, so that rows with the same pattern share a code."""
    _, pattern = np.unique(flags, axis=0, return_inverse=True)
    return pattern.reshape(-1).astype(np.int64)


def _flag(column: str, keys: Keys, layout: Layout) -> tuple[IntArray, BoolArray]:
    meaning = [
        -1 if text in {"", *layout.total} else _yes_or_no(column, text) for text in keys.texts
    ]
    values = np.array(meaning, dtype=np.int64)[keys.codes]
    margins = np.array([text in layout.total for text in keys.texts])[keys.codes]
    if (values == 1).any() and not (values == 0).any() and ((values < 0) & ~margins).any():
        raise InputError(
            f"Flag column {column!r} holds yes and blank cells, and no 0: whether blank means no, "
            f"or not known, cannot be told. Fill it first, data[{column!r}].fillna(0), and leave "
            "blank only what is not known."
        )
    return values, margins


def _yes_or_no(column: str, text: str) -> int:
    """Read a flag as files write it: 1, 1.0, True, TRUE, yes or Y."""
    word = text.casefold()
    if word in _NO or word in _YES:
        return int(word in _YES)
    raise InputError(
        f"Flag column {column!r} holds {text!r}: expected 0/1, True/False, Yes/No, Y/N or missing. "
        f"Say which of its words means yes, as by data[{column!r}].map({{'X': 1, '-': 0}})."
    )


def _read_stacked(frame: Labels, keys: Keys, layout: Layout) -> tuple[AxisCodes, ...]:
    """One axis for each partition that a column stacks."""
    margin = np.array([text in layout.total for text in keys.texts])[keys.codes]
    names, partition = _partition_codes(frame, keys, margin, layout)
    return tuple(
        _code_labels(name, keys, layout, (partition == i) & ~margin) for i, name in enumerate(names)
    )


def _partition_codes(
    frame: Labels, keys: Keys, margin: BoolArray, layout: Layout
) -> tuple[list[str], IntArray]:
    """Name the partitions that a column stacks, and give every row the position of its own."""
    column = layout.axes[0].columns[0]
    if isinstance(layout.partition, str):
        split = frame.keys(layout.partition)
        lost = (split.codes < 0) & ~margin
        if lost.any():
            raise InputError(
                f"Column {layout.partition!r} names no dimension in data row "
                f"{int(first_rows(lost)[0])} (counting from 0), which is no total row."
            )
        if "total" in {split.labels[code] for code in np.unique(split.codes[~margin])}:
            raise InputError(
                f"Column {layout.partition!r} holds the dimension 'total': say which label of "
                f"{column!r} is the total row with total=."
            )
        used = np.unique(split.codes[~margin])
        place = np.full(len(split.levels) + 1, -1)
        place[used] = np.arange(len(used))
        return [split.labels[code] for code in used], place[split.codes]
    mapping = dict(layout.partition or {})
    names = list(dict.fromkeys(mapping.values()))
    for text in (t for t in keys.labels if t not in mapping and t not in layout.total):
        raise InputError(
            f"dimension= says no partition for {text!r} of column {column!r}. Add it to the "
            f"mapping, or to total=. {did_you_mean(text, mapping)}"
        )
    lost = (keys.codes < 0) & ~margin
    if lost.any() and len(names) > 1:
        raise InputError(
            f"Column {column!r} is missing in data row {int(np.argmax(lost))} (counting "
            "from 0): dimension= cannot say which partition it belongs to. Fill it with a label."
        )
    place = np.array([names.index(mapping[t]) if t in mapping else -1 for t in keys.labels] + [0])
    return names, place[keys.codes]


# --- checks -------------------------------------------------------------------------------------


def _check_not_stacked(axes: Sequence[AxisCodes]) -> None:
    plain = [axis for axis in axes if axis.members is None]
    if len(plain) < 2:
        return
    missing = np.stack([_is_unknown(axis) for axis in plain])
    filled = ~missing & np.stack([axis.codes != MARGIN for axis in plain])
    if missing.any() and filled.sum(axis=0).max() == 1 and filled.any(axis=1).sum() > 1:
        names = ", ".join(repr(axis.name) for axis in plain)
        raise InputError(
            f"No row fills more than one of {names}: the file stacks one partition under another "
            "and every total would double. Put the labels in one column and name their partition "
            "with dimension=, or fill the empty cells with a label and say it is total=."
        )


def _is_unknown(axis: AxisCodes) -> BoolArray:
    return np.asarray((axis.codes == len(axis.labels) - 1) & axis.has_unknown)


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
