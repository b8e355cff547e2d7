"""Numbers that cannot be, were rounded, or stand for something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from targeted_universalism._typing import BoolArray
from targeted_universalism.errors import count_words, some_of
from targeted_universalism.read.estimates import CODES_FROM
from targeted_universalism.read.quality.finding import Seen
from targeted_universalism.read.quality.sheet import Sheet
from targeted_universalism.segments.findings import HEAPED, heaped, least_beside_zeros

_SEPARATED = re.compile(r"[^\w<>*]*\d[\d.,\s'_]*\D{0,3}")


def no_number(sheet: Sheet) -> Iterator[Seen]:
    """Find text where numbers should be."""
    for name in sheet.columns.all:
        words = sheet.figures(name).words
        if not words:
            continue
        listed = [f"{word!r} ({count:,})" for word, count in words.items()]
        written = all(_SEPARATED.fullmatch(word) for word in words)
        advice = "Write numbers without separators, units or signs such as %." if written else ""
        yield Seen(
            f"column {name!r}; {sheet.at(sheet.figures(name).wrong)}",
            sum(words.values()),
            f"text that is neither a number nor a declared token: {some_of(listed, 5)}",
            advice,
        )


def impossible(sheet: Sheet) -> Iterator[Seen]:
    """Find numbers that cannot be."""
    for name, here, words in _impossible_values(sheet):
        if here.any():
            yield Seen(f"{name}; {sheet.at(here)}", int(here.sum()), words)


def _impossible_values(sheet: Sheet) -> Iterator[tuple[str, BoolArray, str]]:
    columns = sheet.columns
    for name in columns.all:
        value = sheet.figures(name).value
        yield f"column {name!r}", np.isinf(value), "a number that is not finite"
        coded = value <= CODES_FROM if name in (columns.estimate, columns.moe) else value > np.inf
        yield f"column {name!r}", _below_0(sheet, name) & ~coded, "a number below 0"
    yield from _too_many(sheet)
    yield from _outside(sheet)


def _below_0(sheet: Sheet, name: str) -> BoolArray:
    """Find numbers below 0, where there can be none: means and their limits may be."""
    rate = name == sheet.columns.estimate or name in (sheet.columns.ci or ())
    below = np.isfinite(sheet.figures(name).value) & (sheet.figures(name).value < 0)
    return np.asarray(below & (np.isin(sheet.kind, ("proportion", "rate")) if rate else True))


def _too_many(sheet: Sheet) -> Iterator[tuple[str, BoolArray, str]]:
    x, n = sheet.columns.numerator, sheet.columns.denominator
    if x is None or n is None:
        return
    step = steps(sheet, x) / 2 + steps(sheet, n) / 2
    above = sheet.figures(x).value > sheet.figures(n).value + step
    words = f"{x!r} is above its {n!r}; if events can repeat per person, say kind='rate'"
    yield f"columns {x!r} and {n!r}", above & (sheet.kind == "proportion"), words


def _outside(sheet: Sheet) -> Iterator[tuple[str, BoolArray, str]]:
    """Find estimates above their unit, and outside their own limits."""
    name, ci = sheet.columns.estimate, sheet.columns.ci
    if name is None:
        return
    rate = sheet.figures(name).value
    above = (rate > sheet.unit) & (sheet.kind == "proportion")
    yield f"column {name!r}", above, "a proportion above per=, its whole"
    if ci is not None:
        low, high = (sheet.figures(limit).value for limit in ci)
        words = "an estimate outside its own limits: check the order of ci= and the unit"
        yield f"columns {name!r}, {ci[0]!r} and {ci[1]!r}", (rate < low) | (rate > high), words


def steps(sheet: Sheet, name: str) -> float:
    """To what a column was said to be rounded; 0 where it was not."""
    rounded = sheet.said.get("rounded")
    step = rounded.get(name) if isinstance(rounded, dict) else rounded
    return float(step or 0)


def zeros(sheet: Sheet) -> Iterator[Seen]:
    """Find zeros that stand where small counts should: nothing between 0 and the next."""
    for name in sheet.columns.counts:
        value = sheet.figures(name).value
        zero, least = value == 0, least_beside_zeros(value)
        if least is None or steps(sheet, name):
            continue
        yield Seen(
            f"column {name!r}; {sheet.at(zero)}", int(zero.sum()),
            f"{count_words(int(zero.sum()), 'zero')} and not one count from 1 to {least - 1:,.0f}",
            f"If 0 stands for a hidden count, say suppressed={{{name!r}: {{0: (0, "
            f"{least - 1:.0f})}}}}.",
        )  # fmt: skip


def heaping(sheet: Sheet) -> Iterator[Seen]:
    """Find counts that are multiples of five more often than chance makes them."""
    for name in sheet.columns.counts:
        whole = np.unique(sheet.figures(name).known)
        whole = whole[(whole > 0) & (whole == np.floor(whole))]
        p = heaped(whole)
        if p >= HEAPED or steps(sheet, name):
            continue
        share = float(np.mean(whole % 5 == 0))
        most = 0.9 * share * len(whole)
        step = next(s for s in (1000, 100, 10, 5) if (whole % s == 0).sum() >= most)
        yield Seen(
            f"column {name!r}", int(np.isin(sheet.figures(name).value, whole).sum()),
            f"{share:.0%} of {len(whole):,} different counts are multiples of 5, most of them of "
            f"{step}; chance gives 20 % (p {_p_words(p)})",
            f"If they were rounded before they were published, say rounded={{{name!r}: {step}}}: "
            "people needed then get their range.",
        )  # fmt: skip


def _p_words(p: float) -> str:
    return "below 0.0001" if p < 1e-4 else f"= {p:.4f}"
