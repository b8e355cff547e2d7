"""Which rows are inside of which: segments of the total, crossed ones of what they cross."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.labels import TIMES
from targeted_universalism.segments.index import Index


def insides(index: Index) -> Iterator[tuple[int, IntArray]]:
    """Give every row that others are inside of, and these; Unknown is inside of none.

    Parameters
    ----------
    index : Index
        Rows.

    Yields
    ------
    int, (m,) array of int64
        The total with all segments, then each part of a crossing with what crosses it.
    """
    names = [dimension.name.split("*") for dimension in index.dimensions]
    known = np.flatnonzero(~index.unknown & (index.dimension_of > 0))
    yield 0, known
    what = {
        frozenset(zip(names[index.dimension_of[row]], index.labels[row].split(TIMES), strict=False))
        : row for row in known.tolist()
    }  # fmt: skip
    members: dict[int, list[int]] = {}
    for whole, row in what.items():
        for size in range(1, len(whole)):
            for part in map(frozenset, combinations(whole, size)):
                if part in what:
                    members.setdefault(what[part], []).append(row)
    for parent, rows in members.items():
        yield parent, np.array(rows)
