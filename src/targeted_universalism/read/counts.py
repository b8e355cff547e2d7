"""Counts as they come: numerators and denominators, checked, with the bounds of hidden cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.errors import InputError, check_whole, did_you_mean
from targeted_universalism.read.frames import Frame
from targeted_universalism.read.keys import Rows
from targeted_universalism.read.layout import Layout
from targeted_universalism.read.numerals import Numbers, first_below_0, first_rows
from targeted_universalism.reasons import Reason, because
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.families import COUNTS


@dataclass(frozen=True)
class CountColumns:
    """Which columns hold counts, and to what their counts were rounded (1 where they were not)."""

    numerator: str
    denominator: str
    rounded: Mapping[str, int]

    @property
    def columns(self) -> tuple[str, str]:
        """Both columns."""
        return self.numerator, self.denominator


def count_columns(numerator: str, denominator: str, rounded: object) -> CountColumns:
    """Say which columns hold counts, and check to what these were rounded."""
    return CountColumns(numerator, denominator, rounded_to((numerator, denominator), rounded))


def rounded_to(columns: Sequence[str], rounded: object) -> dict[str, int]:
    """Check to what columns of counts were rounded: a whole number, or one for each column."""
    hint = "what counts were rounded to, as in rounded=5"
    if rounded is None:
        return {}
    if not isinstance(rounded, Mapping):
        return dict.fromkeys(columns, check_whole("rounded", rounded, 2, hint))
    for name in rounded:
        if name not in columns:
            raise InputError(
                f"rounded= names {name!r}, which is no column of counts. "
                f"{did_you_mean(name, columns)}"
            )
    return {k: check_whole("rounded", v, 2, hint) for k, v in rounded.items() if v is not None}


def count_cells(frame: Frame, rows: Rows, layout: Layout, names: CountColumns) -> Cells:
    """Turn rows of numerators and denominators into cells, one each."""
    x, n = (_counts(frame, rows, layout, name, names.rounded) for name in names.columns)
    kinds = np.array([layout.kind_of(name) for name in rows.strata.indicators])
    proportion = (kinds == "proportion")[rows.strata.indicator[rows.stratum]]
    _check_order(names, x, n, proportion, rows)

    empty = n.value == 0
    # Nobody has no events; where events may repeat, they may be told of people who are not.
    hidden = (x.hidden | n.hidden) & ~(empty & proportion)
    nobody = empty & np.isnan(x.value) & (proportion | ~x.hidden)
    # Rounded apart, events can come out above the people.
    events = np.where(proportion & (x.value > n.value), n.value, x.value)
    events = np.where(nobody, 0.0, np.where(hidden, np.nan, events))
    state = np.full(len(rows.stratum), State.OK, dtype=np.uint8)
    state[empty | np.isnan(events) | np.isnan(n.value)] = State.NO_DATA
    state[hidden] = State.SUPPRESSED
    rounded = (_ranged(x) | _ranged(n)) & ~hidden
    ranged = hidden | rounded
    return Cells(
        COUNTS,
        state,
        {"events": events, "population": n.value},
        _bounds(x, n, proportion, ranged) if ranged.any() else {},
        because(rounded, Reason.ROUNDED),
    )


def _ranged(numbers: Numbers) -> BoolArray:
    return ~numbers.hidden & (numbers.low < numbers.high)


def _counts(
    frame: Frame, rows: Rows, layout: Layout, name: str, rounded: Mapping[str, int]
) -> Numbers:
    """Read a column of counts; those that were rounded lie within half a step."""
    numbers = frame.numbers(name, layout.tokens(name))
    _check_counts(name, numbers, rows)
    step = rounded.get(name)
    if step is None:
        return numbers
    value = numbers.value
    _check_rounded(name, value, step, rows)
    low = np.maximum(np.ceil(value - step / 2), 0.0)
    high = np.floor(value + step / 2)
    return replace(
        numbers,
        low=np.where(numbers.hidden, numbers.low, low),
        high=np.where(numbers.hidden, numbers.high, high),
    )


def _check_rounded(name: str, value: FloatArray, step: int, rows: Rows) -> None:
    wrong = np.isfinite(value) & (np.mod(value, step) != 0)
    if wrong.any():
        row = int(first_rows(wrong)[0])
        raise InputError(
            f"Column {name!r} holds {value[row]:g} in {rows.words(row)}, which is no multiple of "
            f"rounded={step}. Name the columns that were rounded, as in rounded={{{name!r}: 10}}."
        )


def _check_counts(name: str, numbers: Numbers, rows: Rows) -> None:
    row = first_below_0(numbers.value)
    if row is not None:
        raise InputError(
            f"Column {name!r} holds {numbers.value[row]:g} in {rows.words(row)}. Counts are 0 or "
            "more: if this value stands for a hidden cell, declare it with suppressed=."
        )


def _check_order(
    names: CountColumns, x: Numbers, n: Numbers, proportion: BoolArray, rows: Rows
) -> None:
    above = proportion & ~x.hidden & ~n.hidden & (x.low > n.high)
    if above.any():
        row = int(first_rows(above)[0])
        raise InputError(
            f"{rows.words(row)}: {names.numerator!r} is {x.value[row]:g}, above its "
            f"{names.denominator!r} of {n.value[row]:g}. If events can repeat per person, say "
            "kind='rate'."
        )
    least = proportion & x.hidden & (x.low > n.high) & (n.high > 0)
    if least.any():
        row = int(first_rows(least)[0])
        raise InputError(
            f"{rows.words(row)}: the token in {names.numerator!r} stands for at least "
            f"{x.low[row]:g}, above its {names.denominator!r} of {n.high[row]:g}."
        )


def _bounds(
    x: Numbers, n: Numbers, proportion: BoolArray, ranged: BoolArray
) -> dict[str, FloatArray]:
    """Least and most of events, people, and people without the event, for every row.

    A hidden denominator hides its numerator, which is then 0 to the largest denominator (or to the
    count that was given, where events may repeat). Three ranges, not two, because they stay exact
    when cells are added up.
    """
    events = np.where((n.value == 0) & np.isnan(x.value), 0.0, x.value)
    x_low, x_high = x.low, x.high
    lost = n.hidden & ~x.hidden
    x_low = np.where(lost, 0.0, x_low)
    x_high = np.where(lost, np.fmax(n.high, x.value), x_high)
    x_high = np.where(proportion, np.minimum(x_high, n.high), x_high)
    n_low = np.where(proportion, np.maximum(n.low, x_low), n.low)
    rest_low = np.where(proportion, np.maximum(n_low - x_high, 0.0), -np.inf)
    rest_high = np.where(proportion, n.high - x_low, np.inf)
    exact = {
        "events": (x_low, x_high),
        "population": (n_low, n.high),
        "rest": (rest_low, rest_high),
    }
    value = {"events": events, "population": n.value, "rest": n.value - events}
    return {
        f"{name}_{end}": np.where(ranged, limit, value[name])
        for name, limits in exact.items()
        for end, limit in zip(("low", "high"), limits, strict=True)
    }
