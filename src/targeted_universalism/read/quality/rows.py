"""Rows that are there twice, or no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from targeted_universalism._typing import IntArray
from targeted_universalism.errors import count_words, some_of
from targeted_universalism.read.coding import numbered
from targeted_universalism.read.quality.finding import Seen
from targeted_universalism.read.quality.sheet import Sheet

_MOST_GROUPS = 12
_ENOUGH = 10  # numbers that are the same; by chance they hardly are


def repeats(sheet: Sheet) -> Iterator[Seen]:
    """Find rows that are about the same group."""
    if not sheet.layout.axes:
        return
    keys = sheet.layout.columns
    twice = pd.Series(sheet.numbered(keys)).duplicated(keep=False).to_numpy()
    if not twice.any():
        return
    same = [*(sheet.texts(k).one for k in keys), *(_coded(sheet, n) for n in sheet.columns.all)]
    again = pd.Series(numbered(same, len(sheet))).duplicated().to_numpy()
    whole = again.sum() and not pd.Series(sheet.numbered(keys))[~again].duplicated().any()
    yield Seen(
        f"columns {', '.join(map(repr, keys))}; {sheet.at(twice)}", int(twice.sum()),
        "rows that are about the same group as another",
        "They are the same in every number too: keep one of each." if whole else "",
    )  # fmt: skip


def _coded(sheet: Sheet, name: str) -> IntArray:
    return np.asarray(pd.factorize(sheet.figures(name).value)[0], dtype=np.int64)


def copied_years(sheet: Sheet) -> Iterator[Seen]:
    """Find years in which every number is that of the year before."""
    if sheet.time is None or not sheet.columns.all:
        return
    for name in sheet.columns.all:
        for before, after, wide in _years_side_by_side(sheet, name):
            both = wide[[before, after]].dropna()
            both = both[both[after] != 0]
            if (
                len(both) >= _ENOUGH
                and both[after].nunique() >= _ENOUGH / 2
                and both[before].equals(both[after].rename(before))
            ):
                yield Seen(
                    f"column {name!r}; {sheet.time} {after!r}", len(both),
                    f"all {len(both):,} numbers are those of {before!r}",
                )  # fmt: skip


def copied_places(sheet: Sheet) -> Iterator[Seen]:
    """Find places whose every number is another's: copies, or imputed from what holds both."""
    for column in sheet.layout.by:
        if column == sheet.time:
            continue
        for name in sheet.columns.all:
            alike: dict[bytes, list[int]] = defaultdict(list)
            wide, names = _side_by_side(sheet, name, column)
            for place, value in zip(sorted(names), wide.to_numpy().T, strict=True):
                known = value[~np.isnan(value) & (value != 0)]
                if len(known) >= _ENOUGH and len(np.unique(known)) >= _ENOUGH / 2:
                    alike[value.tobytes()].append(place)
            for places in (found for found in alike.values() if len(found) > 1):
                rows = int(wide[places].notna().to_numpy().sum())
                listed = some_of([repr(names[place]) for place in places], 4)
                yield Seen(
                    f"column {name!r}; {column}", rows, f"every number is the same in {listed}"
                )


def _years_side_by_side(sheet: Sheet, name: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    wide, names = _side_by_side(sheet, name, str(sheet.time))
    wide = wide.rename(columns=names)
    for before, after in pairwise(sorted(wide.columns)):
        yield before, after, wide


def _side_by_side(sheet: Sheet, name: str, column: str) -> tuple[pd.DataFrame, dict[int, str]]:
    """Lay numbers out by the labels of one column, a row for each group in all the others.

    The columns are numbers of labels, which the names say in words: not every text is a name to
    pandas.
    """
    texts = sheet.texts(column)
    group = sheet.numbered([c for c in sheet.layout.columns if c != column])
    table = pd.DataFrame({"g": group, "y": texts.one, "v": sheet.figures(name).value})
    wide = table.drop_duplicates(["g", "y"]).pivot(index="g", columns="y", values="v")
    row = np.unique(texts.one, return_index=True)[1]
    return wide, {int(texts.one[i]): texts.read[texts.codes[i]] for i in row}


def disappear(sheet: Sheet) -> Iterator[Seen]:
    """Find groups that a place had a year before, and has no more, though it has other rows."""
    if sheet.time is None or not sheet.layout.axes:
        return
    texts, about = sheet.texts(sheet.time), sheet.layout.indicator
    years = sorted({text for text in texts.read if text})
    at = {year: i for i, year in enumerate(years)}
    year = np.array([at.get(text, -1) for text in texts.read])[texts.codes]
    place = sheet.numbered(
        [*(n for n in sheet.layout.by if n != sheet.time), *([] if about is None else [about])]
    )
    group = sheet.numbered(sheet.layout.segment_columns)
    gone, when = _gone(group, place, year, len(years))
    order = np.unique(gone)
    for one in order[:_MOST_GROUPS].tolist():
        here, first = when[gone == one], int(np.argmax(group == one))
        named = [f"{c} {sheet.texts(c).read[sheet.texts(c).codes[first]]!r}"
                 for c in sheet.layout.segment_columns]  # fmt: skip
        yield Seen(", ".join(named), len(here), _gone_words(sheet, years, here))
    rest = np.isin(gone, order[_MOST_GROUPS:])
    if rest.any():
        where = f"{count_words(len(order) - _MOST_GROUPS, 'group')} more"
        yield Seen(where, int(rest.sum()), _gone_words(sheet, years, when[rest]))


def _gone_words(sheet: Sheet, years: Sequence[str], when: IntArray) -> str:
    rows = len(when)
    listed = some_of([repr(years[i]) for i in np.unique(when).tolist()], 3)
    return (
        f"in {rows:,} place{'s' if rows > 1 else ''} a row that the year before had is not there: "
        f"{sheet.time} {listed}"
    )


def _gone(
    group: IntArray, place: IntArray, year: IntArray, years: int
) -> tuple[IntArray, IntArray]:
    """List the groups that are gone from a place, and the year in which they first are."""
    known = year >= 0
    places = int(place.max(initial=0)) + 1
    there = np.unique(place[known] * years + year[known])
    rows = np.unique((group[known] * places + place[known]) * years + year[known])
    after = rows[rows % years < years - 1] + 1
    place_then = after % (places * years)  # the place, and the year after
    lost = after[np.isin(place_then, there) & ~np.isin(after, rows)]
    return lost // (places * years), lost % years
