"""Rows of a picture: a name, what stands on the row and beside it, and groups under headings.

On a row stand a `Mark`, a `Stretch`, a `Bar` or a `Range`; anything else that has their two members
can stand beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from targeted_universalism.show.pictures.canvas import Stratum
from targeted_universalism.show.pictures.marks import Drawn


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Words beside a row: in a frame where it is hidden, in italics where it has no data."""

    words: str
    hidden: bool = False
    no_data: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: its name, what is drawn on it, what is written beside it, and the same in words.

    Parameters
    ----------
    name : str
        Stands at its left.
    sentence : str
        What follows the name in the picture's words.
    drawn : tuple of Mark, Stretch, Bar, Range
        What stands on it, the last in front.
    asides : tuple of Aside
        What is written beside it, under each other.
    asides_at : float, optional
        Where on the axis they begin; right of the axes without it.
    hatched : bool
        Whether it is marked as hidden over its whole width, so that no place is given away.
    height : float
        The least it takes, in rows; a row, names and words may take more.
    gap, value : float
        What it is sorted by where that is asked for; NaN where nothing is known.
    last : bool
        Whether it ends its group in any order, as a sum does.
    """

    name: str
    sentence: str
    drawn: tuple[Drawn, ...] = ()
    asides: tuple[Aside, ...] = ()
    asides_at: float | None = None
    hatched: bool = False
    height: float = 0.0
    gap: float = math.nan
    value: float = math.nan
    last: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that stand together, with a heading and its sentence, or under a thin line."""

    rows: tuple[Row, ...]
    heading: str = ""
    sentence: str = ""
    ruled: bool = False


def dimension_groups(
    rows: Iterable[Row], dimensions: Iterable[int], headings: Mapping[int, str], ruled: int = 0
) -> list[Group]:
    """Group the rows of each dimension under its heading, one of them under a thin line."""
    pairs = zip(dimensions, rows, strict=True)
    return [
        Group(
            rows=tuple(row for _, row in together),
            heading=headings.get(dimension, ""),
            sentence=f"By {headings[dimension]}" if dimension in headings else "",
            ruled=0 < dimension == ruled,
        )
        for dimension, together in groupby(pairs, key=lambda pair: pair[0])
    ]


def segment_groups(stratum: Stratum, rows: Sequence[Row]) -> list[Group]:
    """Group a row for each segment of a stratum: the total, a thin line, then each dimension."""
    return under_headings(stratum, rows, [segment.dimension for segment in stratum.segments])


def under_headings(stratum: Stratum, rows: Sequence[Row], dimensions: Sequence[int]) -> list[Group]:
    """Group rows of any number for each dimension, as :func:`segment_groups` does."""
    headings = dict(list(enumerate(stratum.headings))[1:])
    first = next((dimension for dimension in dimensions if dimension), 0)
    return dimension_groups(rows, dimensions, headings if len(headings) > 1 else {}, first)


def ends_of(rows: Sequence[Row]) -> list[float]:
    """Give all places on the axis at which something stands, words included."""
    drawn = [end for row in rows for thing in row.drawn for end in thing.ends]
    return [*drawn, *(row.asides_at for row in rows if row.asides_at is not None)]
