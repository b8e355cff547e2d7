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
_MONTH = re.compile(r"\d{4}[-–—/](0[1-9]|1[0-2])")
# The most years that a label with a short end pools: 1995-04 is ten years, 2021-19 is none.
_LONGEST = 20
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
        How many years a label says it pools: 1, but 5 for 2018-2022, and 0 for a date or a part of
        a year (2020.25).
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
    _check_months(column, [label(value) for value in levels], [pools for _, pools in found])
    order = sorted(range(len(levels)), key=lambda i: found[i])
    at = np.array([found[i][0] for i in order], dtype=np.float64)
    pools = np.array([found[i][1] for i in order], dtype=np.float64)
    if ((pools == 1) & (at % 1 > 0)).any():  # 2020.25 is no year: all are points in time
        pools[pools == 1] = 0.0
    labels = tuple(label(levels[i]) for i in order)
    for i in np.flatnonzero(at[1:] == at[:-1]).tolist():
        raise InputError(
            f"time={column!r}: {labels[i]!r} and {labels[i + 1]!r} are one time. "
            "Keep one of them, as in a.where(…), or give them labels that say what they are."
        )
    if len({bool(p == 0) for p in pools}) > 1:
        raise InputError(f"time={column!r} holds dates and years side by side: use one of them.")
    return Times(column, labels, at, pools), order


def _check_months(column: str, texts: Sequence[str], pools: Sequence[float]) -> None:
    """Stop at 2008-10 where it may be a month: years of one column are as long as each other.

    Alone, 2008-09 is a school year; five years, 2005-09, need others of five years beside them.
    """
    ends = {text: years for text, years in zip(texts, pools, strict=True) if _short(text)}
    alike = len({*ends.values()}) == 1 and (len(ends) > 1 or {*ends.values()} == {1.0})
    for text in () if alike else ends:
        if _MONTH.fullmatch(text):
            raise InputError(
                f"time={column!r} holds {text!r}: is it a month, or are years pooled? Write a day "
                f"of the month ({text}-28), or the years in full (2005-2009)."
            )


def _short(text: str) -> bool:
    """Tell whether a label is of years with a short end, as in 2021-22."""
    years = _YEARS.fullmatch(text)
    return years is not None and len(years[2]) < len(years[1])


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
    short = len(last) < len(first)
    end = start - start % 100 + int(last) if short else int(last)
    if short and end < start and end + 100 - start < _LONGEST:
        end += 100
    if end <= start:
        month = " Of a month, write a day, such as the last." if _MONTH.fullmatch(text) else ""
        raise InputError(f"time={column!r} holds {text!r}, which ends before it starts.{month}")
    one = end == start + 1
    return float(end), 1.0 if one else float(end - start + 1)


def _of_text_date(column: str, text: str) -> float:
    try:
        return _of_date(pd.Timestamp(text))
    except ValueError:
        raise InputError(f"time={column!r} holds {text!r}, which is no date. {_EXPECTED}") from None


def _of_date(day: pd.Timestamp) -> float:
    return float(day.year + (day.day_of_year - 1) / (366 if day.is_leap_year else 365))
