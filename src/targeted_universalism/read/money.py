"""Money by segment as it comes in a table: matched with segments and strata that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import ALL, UNKNOWN, label
from targeted_universalism.read.frames import Frame, column_names
from targeted_universalism.read.levels import Keys
from targeted_universalism.read.numerals import first_below_0
from targeted_universalism.segments.index import Dimension
from targeted_universalism.segments.strata import Strata

MONEY = "spent"


class Money(NamedTuple):
    """Money by segment of one dimension, in every stratum.

    `dimension` is its position; `segments`, (segments, strata), holds the money of each, and
    `unknown`, (strata,), that whose segment is not known; both are missing where none is given.
    """

    dimension: int
    segments: FloatArray
    unknown: FloatArray


def read_money(data: object, strata: Strata, dimensions: Sequence[Dimension]) -> Money:
    """Read a table of money: the `by` columns, a column of segments, and one of money.

    Parameters
    ----------
    data : data frame
        Anything that reads as one. Strata that were known and are not here are left out.
    strata : Strata
        What money is matched with, by the labels of `by` columns and, where the table has that
        column, of indicators.
    dimensions : sequence of Dimension
        The ways people are split, the total first.

    Returns
    -------
    Money

    Raises
    ------
    InputError
        If a column is not there, a label is none of those known, money is below 0, or a segment of
        a stratum has two rows.
    """
    columns = column_names(data)
    by = _by_columns(strata, columns)
    split = _split_column(dimensions, columns)
    amount = _money_column(columns, [*by, split])
    frame = Frame(data, [*by, split, amount])
    value = _money(frame, amount)
    dimension, row = _rows(frame.keys(split), split, dimensions)
    place, own = _places({name: frame.keys(name) for name in by}, strata, len(value))
    cube = np.full((len(dimensions[dimension]) + 1, len(strata) + 1), np.nan)
    _check_once(row, place, dimensions[dimension], split)
    cube[row, place] = value
    cube = cube[:, :-1][:, own]
    return Money(dimension, cube[:-1], cube[-1])


# --- columns --------------------------------------------------------------------------------------


def _by_columns(strata: Strata, columns: Sequence[str]) -> list[str]:
    """Name the columns that say which stratum a row is of."""
    asked = [n for n, c in zip(strata.names, strata.codes, strict=True) if (c >= 0).any()]
    for name in asked:
        if name not in columns:
            raise InputError(
                f"The table of money has no column {name!r}, which tells the strata apart. "
                f"{did_you_mean(name, columns)}"
            )
    about = strata.indicator_name
    return [*asked, *([about] if about is not None and about in columns else [])]


def _split_column(dimensions: Sequence[Dimension], columns: Sequence[str]) -> str:
    """Find the column of segments: named as a dimension, or ``segment``."""
    names = [dimension.name for dimension in dimensions[1:]]
    found = [name for name in (*names, "segment") if name in columns]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(map(repr, found or [*names, "segment"]))
    what = "is split in several ways" if found else "has no column of segments"
    advice = "keep one of its columns" if found else "name it as the dimension, or 'segment'"
    raise InputError(f"The table of money {what}: {advice}: {listed}.")


def _money_column(columns: Sequence[str], keys: Sequence[str]) -> str:
    """Find the column of money: ``spent``, or the only one that is no key."""
    rest = [name for name in columns if name not in keys]
    if MONEY in rest:
        return MONEY
    if len(rest) == 1:
        return rest[0]
    has = f"several columns beside {list(keys)}: {rest}" if rest else f"only the columns {columns}"
    raise InputError(f"The table of money has {has}. Name the column of money {MONEY!r}.")


def _money(frame: Frame, column: str) -> FloatArray:
    value = frame.numbers(column, None, counts=False).value
    row = first_below_0(value)
    if row is not None:
        raise InputError(
            f"Column {column!r} holds {value[row]:g} in data row {row} (counting from "
            "0): money is 0 or more, and empty where it is not known."
        )
    return value


# --- rows -----------------------------------------------------------------------------------------


def dimension_of(labels: Sequence[str], dimensions: Sequence[Dimension], where: str) -> int:
    """Find the one dimension that has all of some segments; stop where none or several have."""
    every = dict.fromkeys(text for dimension in dimensions[1:] for text in dimension.labels)
    for text in labels:
        if text == ALL:
            raise InputError(f"{where} names {ALL!r}, the total, which is added up: leave it out.")
        if text not in every:
            raise InputError(
                f"{where} names {text!r}, which is no segment. {did_you_mean(text, every)}"
            )
    have = [d for d in range(1, len(dimensions)) if {*labels} <= {*dimensions[d].labels}]
    if len(have) == 1:
        return have[0]
    which = "several dimensions have" if have else "no dimension has"
    first = dimensions[have[0] if have else 1].name
    raise InputError(
        f"{where} must name segments of one dimension, and {which} all of them: choose one, as in "
        f"a.where(dimension={first!r})."
    )


def _rows(keys: Keys, split: str, dimensions: Sequence[Dimension]) -> tuple[int, IntArray]:
    """Find the dimension, and each row's place in it; the last for money without a segment."""
    labels = [text for text in keys.labels if text != UNKNOWN]
    possible = [d for d in dimensions[1:] if split in (d.name, "segment")]
    chosen = possible[dimension_of(labels, [dimensions[0], *possible], f"Column {split!r}") - 1]
    last = len(chosen)
    place = {**{text: i for i, text in enumerate(chosen.labels)}, UNKNOWN: last}
    places = np.array([*(place[text] for text in keys.labels), last], dtype=np.int64)
    return [d.name for d in dimensions].index(chosen.name), places[keys.codes]


def _places(keys: Mapping[str, Keys], strata: Strata, size: int) -> tuple[IntArray, IntArray]:
    """Find each row's place among strata that differ; then which of those each stratum is."""
    about = keys.get(strata.indicator_name) if strata.indicator_name is not None else None
    ours = strata.whatever_indicator() if about is None else strata
    for name, column in keys.items():
        known = strata.indicators if column is about else _labels(strata, name)
        _check_labels(name, column, known)
    nothing = np.full(size, -1, dtype=np.int64)
    rows = Strata(
        names=strata.names,
        levels=tuple(
            keys[name].levels if name in keys else levels
            for name, levels in zip(strata.names, strata.levels, strict=True)
        ),
        codes=np.array([keys[n].codes if n in keys else nothing for n in strata.names]).reshape(
            len(strata.names), size
        ),
        indicator_name=ours.indicator_name,
        indicators=ours.indicators if about is None else tuple(about.labels),
        indicator=np.zeros(size, dtype=np.int64) if about is None else about.codes,
    )
    first, own = ours.alike()
    return rows.match(ours.take(first)), own


def _labels(strata: Strata, name: str) -> list[str]:
    """List every value of a `by` column, of strata that were left out too."""
    return [label(value) for value in strata.levels[strata.names.index(name)]]


def _check_labels(name: str, column: Keys, known: Sequence[str]) -> None:
    """Stop at a stratum that never was, and at none."""
    if (column.codes < 0).any():
        row = int(np.argmax(column.codes < 0))
        raise InputError(
            f"Column {name!r} of the table of money is empty in data row {row} (counting from 0)."
        )
    for text in column.labels:
        if text not in known:
            raise InputError(f"Column {name!r} holds {text!r}. {did_you_mean(text, known)}")


def _check_once(row: IntArray, place: IntArray, dimension: Dimension, split: str) -> None:
    """Stop where two rows are about one segment of one stratum."""
    here = place >= 0
    codes, times = np.unique(place[here] * (len(dimension) + 1) + row[here], return_counts=True)
    twice = codes[times > 1]
    if twice.size:
        text = [*dimension.labels, UNKNOWN][int(twice[0]) % (len(dimension) + 1)]
        raise InputError(
            f"The table of money has several rows for {split} {text!r} of one stratum: add them "
            "up first."
        )
