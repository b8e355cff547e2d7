"""Survey estimates added up over places and groups, with the margins that follow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray, Number
from targeted_universalism.errors import (
    InputError,
    advised,
    check_names,
    check_one_of,
    check_unit,
)
from targeted_universalism.measures.margins import margin_of_ratio, margin_of_share, margin_of_sum
from targeted_universalism.read.coding import numbered
from targeted_universalism.read.estimates import estimate_of_code, margin_of_code
from targeted_universalism.read.frames import Frame, check_columns, column_names, opened
from targeted_universalism.read.numerals import first_below_0
from targeted_universalism.segments.columns import ADDED

KINDS = ("proportion", "rate")


@advised
def add_estimates(
    data: object,
    *,
    numerator: str,
    numerator_moe: str,
    denominator: str,
    denominator_moe: str,
    by: str | Sequence[str],
    kind: str = "proportion",
    per: Number = 1,
) -> pd.DataFrame:
    """Add survey estimates up, as over tracts, and make rates of them with their margins of error.

    The table goes to :func:`from_estimates` with ``estimate="estimate", moe="moe",
    population="population"``, and `kind` and `per` as here.

    Parameters
    ----------
    data : data frame
        One row for each place and group, as a survey publishes them. It is never changed.
    numerator, denominator : str
        Columns of estimated people with the event, and of all of them.
    numerator_moe, denominator_moe : str
        Columns of their margins of error, all at one level (the American Community Survey's: 90 %).
    by : str or list of str
        Columns whose values stay apart; over all others rows are added up.
    kind : {"proportion", "rate"}
        Whether the people with the event are among all of them, or a number beside them.
    per : number
        Unit of the rates: 100 for percentages, 1,000 for rates per 1,000.

    Returns
    -------
    DataFrame
        One row for each combination, in the order of the data.

        Columns (units in brackets): the `by` columns, and

        - ``estimate`` (outcome units): the rate of the sums, in units of per=; missing where nobody
          is counted, or an estimate is missing
        - ``moe`` (outcome units): its margin of error, at the level of those that were added up;
          missing where one of them is
        - ``population`` (people): the sum of all people
        - ``population_moe`` (people): its margin of error
        - ``events``: the sum of people with the event
        - ``events_moe``: its margin of error

    Raises
    ------
    InputError
        If a column is missing, an estimate or a margin is below 0 and none of the Survey's codes,
        or a proportion's numerator exceeds its denominator.

    Notes
    -----
    The approximations of the US Census Bureau (Understanding and Using American Community Survey
    Data, 2018, chapter 8): of a sum the root of the sum of squares, of several estimates of 0 the
    largest margin once; of a proportion √(MOE² − p²·MOE²)/n, or the ratio's where that is no
    number; of a ratio √(MOE² + r²·MOE²)/n. They take what is added up as independent: margins are
    too wide or too narrow where it is not. A figure that is published for the whole area is better
    than any sum. Codes are read as :func:`from_estimates` reads them: a controlled estimate has a
    margin of 0, and the other codes are missing.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> tracts = pd.DataFrame({
    ...     "area": ["Port", "Port"], "race": "Black", "poor": [402, 520], "poor_moe": [121, 150],
    ...     "people": [1310, 1890], "people_moe": [214, 260],
    ... })
    >>> sums = tu.add_estimates(
    ...     tracts, numerator="poor", numerator_moe="poor_moe", denominator="people",
    ...     denominator_moe="people_moe", by=["area", "race"], per=100,
    ... )
    >>> sums[["area", "race", "estimate", "moe", "population"]].round(1)
       area   race  estimate  moe  population
    0  Port  Black      28.8  5.2      3200.0

    """
    check_one_of("kind", kind, KINDS)
    check_unit(per)
    data = opened(data)
    names, columns = check_names("by", by), [numerator, numerator_moe, denominator, denominator_moe]
    check_columns([*names, *columns], column_names(data), data)
    _check_kept(names)
    frame = Frame(data, [*names, *columns])
    keys = {name: frame.keys(name) for name in names}
    codes = numbered([each.codes for each in keys.values()], len(frame))
    size = int(codes.max(initial=-1)) + 1
    first = np.unique(codes, return_index=True)[1]
    events, events_moe = _sums(frame, numerator, numerator_moe, codes, size)
    people, people_moe = _sums(frame, denominator, denominator_moe, codes, size)
    if kind == "proportion":
        _check_part(events > people, (numerator, denominator), first)
    margin = margin_of_share if kind == "proportion" else margin_of_ratio
    unit = float(per)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(people > 0, events / people, np.nan)
    found = {
        "estimate": unit * rate,
        "moe": unit * margin(events, events_moe, people, people_moe),
        "population": people, "population_moe": people_moe,
        "events": events, "events_moe": events_moe,
    }  # fmt: skip
    labels = {
        name: np.array([*each.levels, None], dtype=object)[each.codes[first]]
        for name, each in keys.items()
    }
    return pd.DataFrame({**labels, **{name: found[name] for name in ADDED.names}})


def _check_kept(names: Sequence[str]) -> None:
    """Stop at no column, or at one that has the name of a sum."""
    if not names:
        raise InputError("by= names the columns that stay apart, such as the area and the race.")
    for name in names:
        if name in ADDED.names:
            raise InputError(f"by={name!r} is a column of the sums: rename it in the data first.")


def _sums(
    frame: Frame, name: str, moe: str, codes: IntArray, size: int
) -> tuple[FloatArray, FloatArray]:
    """Add a column of estimates up, and the margins beside it."""
    value = estimate_of_code(frame.numbers(name, None, counts=False).value)
    margin = margin_of_code(frame.numbers(moe, None, counts=False).value)
    for column, numbers in ((name, value), (moe, margin)):
        _check_not_below(column, numbers)
    total = np.asarray(np.bincount(codes, weights=value, minlength=size), dtype=np.float64)
    margins = margin_of_sum(value, margin, codes, size)
    return total, np.where(np.isnan(total), np.nan, margins)


def _check_not_below(name: str, value: FloatArray) -> None:
    row = first_below_0(value)
    if row is not None:
        raise InputError(
            f"Column {name!r} holds {value[row]:.10g} in data row {row} (counting from 0): "
            "estimates and margins are 0 or more, and this is no code of the American Community "
            "Survey. Leave the cell empty if nothing is known."
        )


def _check_part(above: BoolArray, names: tuple[str, str], first: IntArray) -> None:
    if above.any():
        row = int(first[np.argmax(above)])
        raise InputError(
            f"The sum that data row {row} (counting from 0) belongs to has more {names[0]!r} than "
            f"{names[1]!r}. If these are not among those, say kind='rate'."
        )
