"""One axis of a table, coded: a segment for each row, or several where segments overlap.

A label of a total is no segment: such a row stands for the margin of the axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import ALL, TIMES, UNKNOWN, label
from targeted_universalism.read.layout import Axis, Layout
from targeted_universalism.read.levels import Keys, Labels
from targeted_universalism.read.numerals import first_rows

MARGIN = -2
_NO = frozenset({"0", "0.0", "false", "no", "n"})
_YES = frozenset({"1", "1.0", "true", "yes", "y"})


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


def read_axis(axis: Axis, keys: Mapping[str, Keys], layout: Layout) -> AxisCodes:
    """Code one axis for every row, from its column of labels or from its columns of flags.

    Parameters
    ----------
    axis : Axis
        Which columns.
    keys : mapping of str to Keys
        The columns of segments, coded, each (n,).
    layout : Layout
        What was said of totals, missing segments and order.

    Raises
    ------
    InputError
        If a label reads as a word of ours, is left out of its order, or a flag is neither yes nor
        no.
    """
    if axis.overlapping:
        return _read_flags(axis, keys, layout)
    return _code_labels(axis.name, keys[axis.columns[0]], layout)


def _code_labels(name: str, keys: Keys, layout: Layout, rows: BoolArray | None = None) -> AxisCodes:
    """Code labels as known segments in their order, Unknown last, or MARGIN.

    `rows`, (n,) of bool, says which rows are on the axis at all; all of them without it.
    """
    used = np.ones(keys.codes.shape, dtype=np.bool_) if rows is None else rows
    texts = keys.texts
    occurs = np.zeros(len(texts), dtype=np.bool_)
    occurs[keys.codes[used]] = True
    present = [texts[code] for code in range(-1, len(texts) - 1) if occurs[code]]
    unknown = (layout.unknown | {""}) - layout.total
    named = [text for text in present if text not in unknown | layout.total]
    for text in named:
        _check_label(name, text)
    segments = _declared_order(name, named, layout)
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


def _declared_order(name: str, named: list[str], layout: Layout) -> list[str]:
    """Put labels in the order of ``order=``; without one they stay as they came."""
    if name not in layout.order:
        return named
    declared = layout.order[name]
    left = [text for text in named if text not in declared]
    if left:
        strange = [text for text in dict.fromkeys(declared) if text not in named]
        nowhere = f" It lists {strange[0]!r}, which is in no row." if strange else ""
        raise InputError(
            f"order= for {name!r} leaves out {left[0]!r}: every label needs its place.{nowhere} "
            f"{did_you_mean(strange[0] if strange else '', named)}"
        )
    return [text for text in dict.fromkeys(declared) if text in named]


def _read_flags(axis: Axis, keys: Mapping[str, Keys], layout: Layout) -> AxisCodes:
    """Code every segment of every row, from columns of 0 and 1."""
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
    """Read a column of flags: 1, 0 or -1 where it is missing, and where it is a margin."""
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


def read_stacked(frame: Labels, keys: Keys, layout: Layout) -> tuple[AxisCodes, ...]:
    """Code one axis for each partition that a column stacks."""
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
        return _partitions_named(frame.keys(layout.partition), margin, column, layout.partition)
    return _partitions_mapped(keys, margin, layout)


def _partitions_named(
    partition: Keys, margin: BoolArray, column: str, name: str
) -> tuple[list[str], IntArray]:
    """Take the partition of each row from a column that names it."""
    lost = (partition.codes < 0) & ~margin
    if lost.any():
        raise InputError(
            f"Column {name!r} names no dimension in data row "
            f"{int(first_rows(lost)[0])} (counting from 0), which is no total row."
        )
    used = np.unique(partition.codes[~margin])
    labels = partition.labels
    names = [labels[code] for code in used]
    if "total" in names:
        raise InputError(
            f"Column {name!r} holds the dimension 'total': say which label of "
            f"{column!r} is the total row with total=."
        )
    place = np.full(len(partition.levels) + 1, -1)
    place[used] = np.arange(len(used))
    return names, place[partition.codes]


def _partitions_mapped(keys: Keys, margin: BoolArray, layout: Layout) -> tuple[list[str], IntArray]:
    """Take the partition of each row from its label, by a mapping."""
    column, partition = layout.axes[0].columns[0], layout.partition
    mapping = dict(partition) if isinstance(partition, Mapping) else {}
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


def check_not_stacked(axes: Sequence[AxisCodes]) -> None:
    """Stop at a file with one partition under another, of which each row fills a single axis."""
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
