"""What several tables measure: which indicators are one, by name, definition or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.laid import Measure, Release


@dataclass(frozen=True, eq=False)
class _Indicator:
    """One indicator of one table, and the counts that are known of it.

    `alone` says that the table has no other. Of each count, (known,), there is what it is about
    (`key`), events, people without the event (`rest`), and whether anybody publishes it (`told`).
    """

    table: int
    measure: Measure
    alone: bool
    key: IntArray
    events: FloatArray
    rest: FloatArray
    told: BoolArray


# How many known counts must agree before indicators with other names are taken to be one.
_ENOUGH = 2


def same_indicators(tables: Sequence[Release]) -> tuple[list[IntArray], list[BoolArray]]:
    """Tell which indicators of several tables are one, and which count the other side of it.

    Indicators of different tables are one where they have one name, or one of them has none, or
    both have one definition, unless most of what both publish differs or they are defined
    otherwise; and whatever they are called and defined as, where most of the counts that both show
    are the same, or the events of one are those without the event of the other.

    Returns
    -------
    number : list of (indicators,) arrays of int64
        The same for indicators that are one.
    turned : list of (indicators,) arrays of bool
        Whether its events are the rest of what the first of its kind counts.
    """
    every = [one for i, table in enumerate(tables) for one in _indicators(i, table)]
    number, turned = list(range(len(every))), [False] * len(every)
    for j, one in enumerate(every):
        for i, earlier in enumerate(every[:j]):
            found = _relation(earlier, one)
            if found is not None:
                number[j], turned[j] = number[i], turned[i] != found
                break
    _, numbers = np.unique(number, return_inverse=True)
    stops = np.cumsum([len(table.measures) for table in tables])[:-1]
    return (
        np.split(numbers.astype(np.int64), stops),
        np.split(np.array(turned, dtype=np.bool_), stops),
    )


def _indicators(i: int, table: Release) -> list[_Indicator]:
    """Take the indicators of a table apart, each with the counts that are known of it."""
    counts, several = table.grid.counts, len(table.measures)
    found = []
    for k, measure in enumerate(table.measures):
        here = np.flatnonzero((table.indicator == k) & np.isfinite(counts.events))
        here = here[np.unique(table.key[here], return_index=True)[1]]
        values = counts.events[here], counts.rest[here], table.grid.told[here]
        found.append(_Indicator(i, measure, several == 1, table.key[here], *values))
    return found


def _relation(one: _Indicator, other: _Indicator) -> bool | None:
    """Tell whether two indicators are one: False where they are, True where turned round."""
    if one.table == other.table:
        return None
    taken = _said_alike(one, other)
    if not (one.measure.counted and other.measure.counted):
        return False if taken else None
    _, here, there = np.intersect1d(one.key, other.key, True, return_indices=True)
    mine, theirs = one.events[here], other.events[there]
    informative = (mine > 0) & (theirs > 0)
    if taken:
        # Sums of a part of the strata need not be those of another part, or of all.
        informative &= one.told[here] & other.told[there]
    same = int((informative & (mine == theirs)).sum())
    turned = int((informative & (one.rest[here] == theirs)).sum())
    many, enough = int(informative.sum()), 1 if taken else _ENOUGH
    if turned > same and 2 * turned >= many and turned >= enough:
        return True
    agree = 2 * same >= many and same >= enough
    return False if agree or (taken and not many) else None


def _said_alike(one: _Indicator, other: _Indicator) -> bool:
    """Tell whether names or definitions say that two indicators are one, whatever they count."""
    mine, theirs = one.measure, other.measure
    if mine.kind != theirs.kind or mine.differs(theirs):
        return False
    named = mine.name == theirs.name or _unnamed(one, other) or _unnamed(other, one)
    return named or mine.alike(theirs)


def _unnamed(one: _Indicator, other: _Indicator) -> bool:
    return one.measure.name == "" and one.alone and other.alone
