"""Rows as people read them: rounded, worded, marked; one form for terminal, notebook and page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.symbols import SYMBOLS, symbol_places
from targeted_universalism.measures.goal import STATUS_WORDS, Status
from targeted_universalism.show.words import (
    UNRELIABLE,
    dimension_words,
    gap_words,
    rate_words,
    status_words,
    stratum_words,
)


@dataclass(frozen=True)
class Line:
    """One row of the table, in words."""

    stratum: str
    dimension: str
    segment: str
    population: str
    rate: str
    interval: str
    gap: str
    gap_range: str
    needed: str
    needed_range: str
    share: str
    status: str
    status_word: str
    notes: tuple[str, ...]
    total: bool
    unreliable: bool


def lines(answer: Answer, most: int | None = None) -> Iterator[Line]:
    """Give the rows of the table in their order, at most `most` of them."""
    places = (
        (row, stratum)
        for stratum in range(len(answer.segments.strata))
        for row in np.flatnonzero(answer.seen[:, stratum]).tolist()
    )
    for row, stratum in islice(places, most):
        yield line(answer, row, stratum)


def count(answer: Answer) -> int:
    """Count the rows of the table."""
    return int(answer.seen.sum())


def line(answer: Answer, row: int, stratum: int) -> Line:
    """Word one row of the table."""
    kind, per = answer.kind(stratum), float(answer.goal(stratum).per)
    value = {name: float(values[row, stratum]) for name, values in answer.values.items()}
    status = int(answer.status[row, stratum])
    status_word = STATUS_WORDS[status]
    hidden = status == Status.SUPPRESSED
    bounded = not np.isnan(value["ci_low"] + value["ci_high"])
    people = _range(_whole(value["needed_low"]), _whole(value["needed_high"]))
    return Line(
        stratum=stratum_words(answer, stratum),
        dimension=dimension_words(answer.dimensions[answer.dimension_of[row]].name),
        segment=answer.labels[row],
        population=_whole(value["population"]),
        rate=rate_words(value["rate"], kind, per),
        interval=_range(
            rate_words(value["ci_low"], kind, per), rate_words(value["ci_high"], kind, per)
        ),
        gap=_gap(value["gap"], kind, per),
        gap_range=_gap_range(value["gap_low"], value["gap_high"], kind, per) if hidden else "",
        needed=_between(people) if hidden else _whole(value["needed"]),
        needed_range="" if hidden else people,
        share="" if np.isnan(value["effort_share"]) else f"{100 * value['effort_share']:.1f} %",
        status=f"{_symbol(answer, row, stratum)} {status_words(status, value['gap'], bounded)}",
        status_word=status_word,
        notes=tuple(note for note in answer.reason.said_of(row, stratum) if note != status_word),
        total=row == 0,
        unreliable=answer.flag[row, stratum] == UNRELIABLE,
    )


def _symbol(answer: Answer, row: int, stratum: int) -> str:
    cell = answer.status[row, stratum], answer.values["gap"][row, stratum]
    return SYMBOLS[int(symbol_places(*cell))]


def _gap(value: float, kind: str, per: float) -> str:
    if np.isnan(value):
        return ""
    words = gap_words(value, kind, per)
    return "at the goal" if value == 0 else f"{words} {'to go' if value > 0 else 'past'}"


def _between(limits: str) -> str:
    """Word the range of what is hidden: "between 3 and 12"; one value where all counts agree."""
    return f"between {limits.replace(' to ', ' and ')}" if " to " in limits else limits


def _gap_range(low: float, high: float, kind: str, per: float) -> str:
    """Word the range of a hidden gap: "between 5.0 points past and 12.3 points to go"."""
    if np.isnan(low) or np.isnan(high):
        return ""
    least, most = _gap(low, kind, per), _gap(high, kind, per)
    if least == most:
        return least
    number, _, unit = least.partition(" ")
    return f"between {number if unit and most.endswith(f' {unit}') else least} and {most}"


def _range(low: str, high: str) -> str:
    """Join two limits, naming a shared unit once: "11.4 to 11.6 %"."""
    if not low or not high:
        return ""
    if low == high:
        return low
    first, _, unit = low.partition(" ")
    return f"{first} to {high}" if unit and high.endswith(unit) else f"{low} to {high}"


def _whole(value: float) -> str:
    return "" if np.isnan(value) else f"{value:,.0f}"
