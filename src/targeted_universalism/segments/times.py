"""When: labels of years, school years and dates, put on one line of time."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import FloatArray
from targeted_universalism.errors import InputError, did_you_mean, is_number, shown
from targeted_universalism.labels import label

_YEAR = re.compile(r"(?:FY ?)?(\d{4})", re.IGNORECASE)
_YEARS = re.compile(r"(?:FY ?)?(\d{4})\s*[-–—/]\s*(\d{4}|\d{2})", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
_EXPECTED = (
    "Expected years (2022), school or fiscal years (2021-22), pooled years (2018-2022) or dates "
    "(2022-06-30)."
)


@dataclass(frozen=True, eq=False)
class Times:
    """The levels of a column of time, in the order of time.

    Parameters
    ----------
    column : str
        The `by` column.
    labels : tuple of str
        What each level is called.
    at : (levels,) array
        Years: a year is its number, a school year or several pooled years the number of the last,
        a date the year and the part of it that has passed.
    pools : (levels,) array
        How many years a label says it pools: 1, but 5 for 2018-2022 and 0 for a date.
    """

    column: str
    labels: tuple[str, ...]
    at: FloatArray
    pools: FloatArray

    def place(self, parameter: str, value: object) -> int:
        """Find a level by its label; stop at one that the column does not hold."""
        text = label(value)
        if text not in self.labels:
            raise InputError(
                f"{parameter}={shown(value)} is no value of {self.column!r}. "
                f"{did_you_mean(text, self.labels)}"
            )
        return self.labels.index(text)

    def deadline(self, year: float) -> float:
        """Place the end of a year on the line of time: dates lie within years, labels are years."""
        return year + 1.0 if (self.pools == 0).any() else float(year)


def times_of(column: str, levels: Sequence[Any]) -> tuple[Times, list[int]]:
    """Put the levels of a column in the order of time.

    Parameters
    ----------
    column : str
        The `by` column that they are of.
    levels : sequence
        Numbers, texts or dates, each once.

    Returns
    -------
    Times, list of int
        The levels in order, and where each of them stands among those given.

    Raises
    ------
    InputError
        If a level is no time, two levels are one time, or dates and years stand side by side.

    Examples
    --------
    >>> times, order = times_of("year", ["2021-22", "2019-20", "2020-21"])
    >>> times.at, order
    (array([2020., 2021., 2022.]), [1, 2, 0])

    """
    found = [_time(column, value) for value in levels]
    order = sorted(range(len(levels)), key=lambda i: found[i])
    at = np.array([found[i][0] for i in order], dtype=np.float64)
    pools = np.array([found[i][1] for i in order], dtype=np.float64)
    labels = tuple(label(levels[i]) for i in order)
    for i in np.flatnonzero(at[1:] == at[:-1]).tolist():
        raise InputError(
            f"time={column!r}: {labels[i]!r} and {labels[i + 1]!r} are one time. "
            "Keep one of them, as in a.where(…), or give them labels that say what they are."
        )
    if len({bool(p == 0) for p in pools}) > 1:
        raise InputError(f"time={column!r} holds dates and years side by side: use one of them.")
    return Times(column, labels, at, pools), order


def _time(column: str, value: object) -> tuple[float, float]:
    """Give the time of a label in years, and how many years it pools."""
    if isinstance(value, pd.Period):
        value = value.end_time if value.freqstr[:1] not in ("Y", "A") else value.year
    if isinstance(value, (datetime.date, pd.Timestamp)):
        return _of_date(pd.Timestamp(value)), 0.0
    text = label(value)
    if is_number(value) and not isinstance(value, str):
        number = float(value)  # type: ignore[arg-type]
        if 1000 <= number < 10_000:
            return number, 1.0
    elif single := _YEAR.fullmatch(text):
        return float(single[1]), 1.0
    elif several := _YEARS.fullmatch(text):
        return _of_years(column, text, *several.groups())
    elif _DATE.fullmatch(text):
        return _of_text_date(column, text), 0.0
    raise InputError(f"time={column!r} holds {shown(value)}, which is no year. {_EXPECTED}")


def _of_years(column: str, text: str, first: str, last: str) -> tuple[float, float]:
    """Read 2021-22, a school year, or 2018-2022, five years that are pooled."""
    start = int(first)
    end = int(last) if len(last) == len(first) else start - start % 100 + int(last)
    if end < start and len(last) < len(first):
        end += 100
    if end <= start:
        raise InputError(f"time={column!r} holds {text!r}, which ends before it starts.")
    one = end == start + 1
    return float(end), 1.0 if one else float(end - start + 1)


def _of_text_date(column: str, text: str) -> float:
    try:
        return _of_date(pd.Timestamp(text))
    except ValueError:
        raise InputError(f"time={column!r} holds {text!r}, which is no date. {_EXPECTED}") from None


def _of_date(day: pd.Timestamp) -> float:
    return float(day.year + (day.day_of_year - 1) / (366 if day.is_leap_year else 365))
