"""Rates that do not fit the counts beside them, or stand on another scale than was said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray
from targeted_universalism.read.quality.finding import Seen
from targeted_universalism.read.quality.sheet import Figures, Sheet


def misfit(sheet: Sheet) -> Iterator[Seen]:
    """Find rates that are not what the counts beside them give."""
    columns = sheet.columns
    if columns.estimate is None:
        return
    if columns.numerator is not None and columns.denominator is not None:
        yield from _against_counts(sheet, columns.numerator, columns.denominator)
    elif columns.n is not None:
        yield from _against_size(sheet, columns.n)


def half_a_step(rate: Figures) -> float:
    """Half a step of the last digit that is written, and a little for the rounding of floats."""
    places = rate.decimals
    return 1e-6 if places is None else 0.5000001 * 10.0**-places


def _against_counts(sheet: Sheet, numerator: str, denominator: str) -> Iterator[Seen]:
    name = str(sheet.columns.estimate)
    rate = sheet.figures(name)
    x, n = sheet.figures(numerator).value, sheet.figures(denominator).value
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = np.where(n > 0, x / n, np.nan)
    wrong = np.abs(rate.value - whole * sheet.unit) > half_a_step(rate) + 1e-9 * np.abs(rate.value)
    if not wrong.any():
        return
    shown = np.isfinite(whole) & np.isfinite(rate.value) & (whole > 0)
    factor = np.median(rate.value[shown] / whole[shown]) if shown.any() else np.nan
    unit = next((u for u in (1, 100, 1_000, 10_000, 100_000) if abs(factor / u - 1) < 0.02), None)
    advice = (
        f"The rates look like rates per {unit:,}: say per={unit}."
        if unit and (sheet.unit != unit).all()
        else ""
    )
    yield Seen(
        f"column {name!r}; {sheet.at(wrong)}", int(wrong.sum()),
        f"rates that are not {numerator!r} of {denominator!r}", advice,
    )  # fmt: skip


def _against_size(sheet: Sheet, size: str) -> Iterator[Seen]:
    """Find rates that no whole number of events out of n gives, to the digits that are written."""
    name = str(sheet.columns.estimate)
    rate, n = sheet.figures(name), sheet.figures(size).value
    counted = np.isin(sheet.kind, ("proportion", "rate")) & (n > 0) & (n == np.floor(n))
    with np.errstate(invalid="ignore", over="ignore"):
        events = np.round(rate.value * n / sheet.unit)
        nearest = events * sheet.unit / n
        wrong = counted & (
            np.abs(nearest - rate.value) > half_a_step(rate) + 1e-9 * np.abs(rate.value)
        )
    wrong &= np.isfinite(rate.value) & np.isfinite(n) & (rate.value >= 0)
    if wrong.any():
        yield Seen(
            f"columns {name!r} and {size!r}; {sheet.at(wrong)}", int(wrong.sum()),
            f"rates that no whole number of events out of {size!r} gives",
        )  # fmt: skip


def scale(sheet: Sheet) -> Iterator[Seen]:
    """Find proportions where percentages were said, and few among many."""
    name = sheet.columns.estimate
    if name is None:
        return
    figures, kinds = sheet.figures(name), sheet.kind
    value = figures.value
    about = sheet.layout.indicator
    indicator = np.zeros(len(sheet), dtype=np.int64) if about is None else sheet.texts(about).one
    for one in np.unique(indicator):
        here = (indicator == one) & np.isfinite(value) & (value > 0)
        here &= np.isin(kinds, ("proportion", ""))
        if not here.any():
            continue
        unit, most, said = sheet.unit[here][0], value[here].max(), (kinds[here] != "").all()
        if said and unit == 100 and most <= 1 and here.sum() >= 3:
            yield Seen(
                f"column {name!r}; {sheet.at(here)}", int(here.sum()),
                f"per=100 was said, and no value is above 1: the largest is {most:g}",
                "If they are proportions of 1, say per=1.",
            )  # fmt: skip
        else:
            yield from _mixed_scales(sheet, name, here)


def _mixed_scales(sheet: Sheet, name: str, here: BoolArray) -> Iterator[Seen]:
    """Find values that are a hundredth of what the same group has everywhere else."""
    value = np.where(here, sheet.figures(name).value, np.nan)
    group = sheet.numbered([*sheet.layout.segment_columns])
    frame = pd.DataFrame({"v": value, "g": group})
    large = frame[frame["v"] > 1].groupby("g")["v"].agg(["min", "max", "count"])
    least, most, count = (large[c].reindex(group).to_numpy() for c in ("min", "max", "count"))
    with np.errstate(invalid="ignore"):
        lost = here & (value <= 1) & (count >= 3) & (least >= 5)
        lost &= (100 * value >= least / 2) & (100 * value <= most * 2)
    if lost.any():
        yield Seen(
            f"column {name!r}; {sheet.at(lost)}", int(lost.sum()),
            "values of 1 or less where the same group has percentages elsewhere",
            "Put all of them on one scale, proportions or percentages, and say which with per=.",
        )  # fmt: skip
