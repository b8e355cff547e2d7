"""The order of rows in a picture: that of the data, and another only where it is asked for.

Rows stay in their group, so that the total stands first and no dimension mixes with another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from targeted_universalism.errors import InputError, check_text, did_you_mean, shown
from targeted_universalism.labels import UNKNOWN

# Every order, and what the picture says of it.
SORTS = {
    "data": "",
    "gap": "rows: the furthest from the goal first",
    "value": "rows: the highest number first",
    "name": "rows: by name",
}
_NUMBER = re.compile(r"([0-9]+)")


class Placed(Protocol):
    """What has a place among others: by its name, its gap to the goal, or the value it shows."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def gap(self) -> float:
        """Its gap to the goal; NaN where none is known."""

    @property
    def value(self) -> float:
        """The number that the picture is about; NaN where none is known."""

    @property
    def last(self) -> bool:
        """Whether it ends its group in any order, as a sum does."""


_Placed = TypeVar("_Placed", bound=Placed)


def check_sort(sort: object) -> None:
    """Stop where an order is none that there is."""
    check_text("sort", sort)
    if sort not in SORTS:
        raise InputError(f"sort={shown(sort)} is no order of rows. {did_you_mean(sort, SORTS)}")


def in_order(rows: Sequence[_Placed], sort: str) -> list[_Placed]:
    """Put the rows of one group in the order that is asked for.

    Parameters
    ----------
    rows : sequence of Placed
        In the order of the data, which those keep that nothing tells apart.
    sort : {"data", "gap", "value", "name"}
        "gap" has the furthest from the goal first, "value" the highest number. Those without a
        number come after all that have one, Unknown after all others, and a sum at the end.

    Examples
    --------
    >>> from types import SimpleNamespace as Made
    >>> rows = [Made(name=f"{i} years", gap=g, value=0, last=False) for i, g in ((10, 1), (9, 2))]
    >>> [row.name for row in in_order(rows, "gap")], [row.name for row in in_order(rows, "name")]
    (['9 years', '10 years'], ['9 years', '10 years'])

    """
    if sort == "data":
        return list(rows)
    if sort == "name":
        return sorted(rows, key=lambda row: (*_at_the_end(row), _spelled(row.name)))
    return sorted(rows, key=lambda row: (row.last, *_downward(getattr(row, sort), row)))


def _at_the_end(row: Placed) -> tuple[bool, bool]:
    return row.last, row.name == UNKNOWN


def _downward(number: float, row: Placed) -> tuple[bool, bool, float]:
    """Compare by a number, the highest first: a hidden one has no place among the others."""
    missing = math.isnan(number)
    return missing, row.name == UNKNOWN, 0.0 if missing else -number


def _spelled(name: str) -> list[tuple[int, str]]:
    """Compare as people do: 9 before 10, and capitals beside small letters."""
    parts = _NUMBER.split(name.casefold())
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(parts)]
