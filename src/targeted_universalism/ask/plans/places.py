"""Where the rows of a plan belong: the segment and the strata of an answer that each is for.

A row that leaves a place or an indicator open is for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import TIMES, label
from targeted_universalism.read.levels import Keys
from targeted_universalism.read.plans.rows import PlanRows
from targeted_universalism.read.plans.words import place_of
from targeted_universalism.segments.strata import Strata


def rows_of(rows: PlanRows, answer: Answer) -> IntArray:
    """Find the row of the answer that each row of a plan is for."""
    named = [d.name for d in answer.dimensions]
    places: dict[tuple[str, str], list[int]] = {}
    for i, (text, d) in enumerate(zip(answer.labels, answer.dimension_of, strict=True)):
        for dimension in ("", named[d]):
            places.setdefault((dimension, text), []).append(i)
    dimension, segment = rows.dimension, rows.segment
    pairs, first, pair_of = np.unique(
        np.stack([dimension.codes, segment.codes]), axis=1, return_index=True, return_inverse=True
    )
    row_of_pair = [
        _row_of(dimension.texts[d], segment.texts[s], int(row), places, named)
        for (d, s), row in zip(pairs.T, first, strict=True)
    ]
    return np.array(row_of_pair, dtype=np.int64)[np.asarray(pair_of).ravel()]


def _row_of(
    dimension: str,
    segment: str,
    row: int,
    places: dict[tuple[str, str], list[int]],
    named: Sequence[str],
) -> int:
    """Find one segment, in its dimension where that is said."""
    within = dimension.replace(TIMES, "*")
    if within and within not in named:
        raise InputError(
            f"{place_of('dimension', dimension, row)}, which is no dimension of the assessment. "
            f"{did_you_mean(within, named)}"
        )
    found = places.get((within, segment), [])
    if len(found) == 1:
        return found[0]
    if not found:
        there = [text for dimension_of, text in places if dimension_of == within]
        raise InputError(
            f"{place_of('segment', segment, row)}, which is no segment of "
            f"{repr(within) if within else 'the assessment'}. {did_you_mean(segment, there)}"
        )
    several = [dimension_of for dimension_of, text in places if dimension_of and text == segment]
    raise InputError(
        f"{place_of('segment', segment, row)}, which several dimensions have: say which in the "
        f"column 'dimension'. There are: {', '.join(map(repr, several))}."
    )


def _codes(keys: Keys, name: str, known: Sequence[str]) -> IntArray:
    """Give every row the position of its label among those known; -1 where it has none."""
    place = {text: i for i, text in enumerate(known)}
    for i, text in enumerate(keys.labels):
        if text not in place:
            row = int(np.argmax(keys.codes == i))
            raise InputError(
                f"{place_of(name, text, row)}, which the assessment does not have. "
                f"{did_you_mean(text, known)} Leave it empty where a row is for all of them."
            )
    return np.array([*(place[text] for text in keys.labels), -1], dtype=np.int64)[keys.codes]


def scopes_of(rows: PlanRows, strata: Strata) -> IntArray:
    """Give what each row names of a stratum, (by and indicator, n): -1 where it names nothing.

    A column that the plan does not have is that of the assessment, where it has one value there.
    """
    for name in rows.by:
        if name not in strata.names:
            raise InputError(
                f"The plan is by {name!r}, which is no column of by= of the assessment. "
                f"{did_you_mean(name, strata.names)}"
            )
    scopes = [
        _codes(rows.by[name], name, [label(value) for value in levels])
        if name in rows.by
        else np.full(len(rows), _only(codes))
        for name, levels, codes in zip(strata.names, strata.levels, strata.codes, strict=True)
    ]
    about = np.full(len(rows), -1)
    if rows.indicator is not None and strata.indicator_name is not None:
        about = _codes(rows.indicator, "indicator", strata.indicators)
    elif rows.indicator is not None and rows.indicator.labels:
        raise InputError(
            f"The plan names the indicator {rows.indicator.labels[0]!r}, and the assessment has "
            "no column of indicators: leave the column out."
        )
    return np.stack([*scopes, np.where(about < 0, _only(strata.indicator), about)])


def _only(codes: IntArray) -> int:
    """Give the one code that occurs; -1 where several do."""
    different = np.unique(codes)
    return int(different[0]) if different.size == 1 else -1


class Match(NamedTuple):
    """Rows of a plan, and strata, that both name the same columns: alike where keys are.

    `within` says that the rows name all that the strata name, so that they are parts of them.
    """

    within: bool
    rows: IntArray
    strata: IntArray
    row_key: IntArray
    stratum_key: IntArray
    size: int


def matches_of(scopes: IntArray, strata: IntArray) -> list[Match]:
    """Pair rows and strata by the columns that both name: what one leaves open is any value."""
    matches = []
    for mine, rows in _patterns(scopes):
        for theirs, places in _patterns(strata):
            both = mine & theirs
            codes = np.concatenate([scopes[both][:, rows], strata[both][:, places]], axis=1)
            key = alike(np.zeros(codes.shape[1], dtype=np.int64), *codes)
            row_key, stratum_key = np.split(key, [len(rows)])
            within, size = not (theirs & ~mine).any(), int(key.max(initial=-1)) + 1
            matches.append(Match(within, rows, places, row_key, stratum_key, size))
    return matches


def alike(*columns: IntArray) -> IntArray:
    """Give one number to what is alike in every column, whose codes are -1 or more."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for codes in columns:
        step = int(codes.max(initial=-1)) + 2
        _, key = np.unique(key * step + codes + 1, return_inverse=True)
    return key


def _patterns(codes: IntArray) -> list[tuple[BoolArray, IntArray]]:
    """Give every choice of columns that are named, with the positions that name these."""
    if not codes.shape[1]:
        return []
    patterns, number = np.unique(codes >= 0, axis=1, return_inverse=True)
    pattern_of = np.asarray(number).ravel()
    return [(p, np.flatnonzero(pattern_of == i)) for i, p in enumerate(patterns.T)]
