"""Counts as they come: numerators and denominators, checked, with the bounds of hidden cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.errors import InputError
from targeted_universalism.read.frames import Frame, Numbers, first_rows
from targeted_universalism.read.keys import Rows
from targeted_universalism.read.options import Layout
from targeted_universalism.reasons import no_reason
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.families import COUNTS


@dataclass(frozen=True)
class _Columns:
    numerator: str
    denominator: str


def count_cells(
    frame: Frame, rows: Rows, layout: Layout, numerator: str, denominator: str
) -> Cells:
    """Turn rows of numerators and denominators into cells, one each."""
    names = _Columns(numerator, denominator)
    x = frame.numbers(numerator, layout.tokens(numerator))
    n = frame.numbers(denominator, layout.tokens(denominator))
    _check_counts(numerator, x, rows)
    _check_counts(denominator, n, rows)
    kinds = np.array([layout.kind_of(name) for name in rows.strata.indicators])
    proportion = (kinds == "proportion")[rows.strata.indicator[rows.stratum]]
    _check_order(names, x, n, proportion, rows)

    empty = n.value == 0
    hidden = (x.hidden | n.hidden) & ~empty
    nobody = empty & ~x.hidden & np.isnan(x.value)
    events = np.where(nobody, 0.0, np.where(hidden, np.nan, x.value))
    state = np.full(len(rows.stratum), State.OK, dtype=np.uint8)
    state[empty | np.isnan(events) | np.isnan(n.value)] = State.NO_DATA
    state[hidden] = State.SUPPRESSED
    return Cells(
        COUNTS,
        state,
        {"events": events, "population": n.value},
        _bounds(x, n, proportion, hidden) if hidden.any() else {},
        no_reason(len(state)),
    )


def _check_counts(name: str, numbers: Numbers, rows: Rows) -> None:
    wrong = (numbers.value < 0) | np.isinf(numbers.value)
    if wrong.any():
        row = int(first_rows(wrong)[0])
        raise InputError(
            f"Column {name!r} holds {numbers.value[row]:g} in {rows.where(row)}. Counts are 0 or "
            "more: if this value stands for a hidden cell, declare it with suppressed=."
        )


def _check_order(
    names: _Columns, x: Numbers, n: Numbers, proportion: BoolArray, rows: Rows
) -> None:
    above = proportion & (x.value > n.value)
    if above.any():
        row = int(first_rows(above)[0])
        raise InputError(
            f"{rows.where(row)}: {names.numerator!r} is {x.value[row]:g}, above its "
            f"{names.denominator!r} of {n.value[row]:g}. If events can repeat per person, say "
            "kind='rate'."
        )
    least = proportion & x.hidden & (x.low > n.high)
    if least.any():
        row = int(first_rows(least)[0])
        raise InputError(
            f"{rows.where(row)}: the token in {names.numerator!r} stands for at least "
            f"{x.low[row]:g}, above its {names.denominator!r} of {n.high[row]:g}."
        )


def _bounds(
    x: Numbers, n: Numbers, proportion: BoolArray, hidden: BoolArray
) -> dict[str, FloatArray]:
    """Least and most of events, people, and people without the event, for every row.

    A hidden denominator hides its numerator, which is then 0 to the largest denominator (or to the
    count that was given, where events may repeat). Three ranges, not two, because they stay exact
    when cells are added up.
    """
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
    value = {"events": x.value, "population": n.value, "rest": n.value - x.value}
    return {
        f"{name}_{end}": np.where(hidden, limit, value[name])
        for name, limits in exact.items()
        for end, limit in zip(("low", "high"), limits, strict=True)
    }
