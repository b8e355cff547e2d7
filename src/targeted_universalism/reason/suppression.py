"""Hide small cells and what they follow from, by removing them (RULES 8).

A primary rule says which cells are small. What must be hidden beside them, so that they cannot be
worked out from what is left, does not depend on the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.cells import State
from targeted_universalism.disclosure.counted import Counted
from targeted_universalism.disclosure.grids import Grid, grid, margins
from targeted_universalism.disclosure.hiding import Hiding
from targeted_universalism.disclosure.systems import Terms
from targeted_universalism.errors import InputError, check_one_of, did_you_mean
from targeted_universalism.segments import Segments

ZEROS = ("show", "hide")


@dataclass(frozen=True)
class Rule:
    """A primary rule.

    Parameters
    ----------
    small : function of (Counted, Terms)
        Which cells are hidden for their own counts; called again for what is published beside.
    """

    small: Callable[[Counted, Terms], BoolArray]


def few_people_or_events(counts: Counted, terms: Terms) -> BoolArray:
    """Find cells whose people, events or people without the event are 1 to minimum − 1."""
    hidden: BoolArray = np.zeros(counts.shape, dtype=np.bool_)
    for count in (counts.people, counts.events, counts.rest, counts.sample):
        hidden |= (count > 0) & (count < terms.minimum)
    if terms.zeros == "hide":
        none = (counts.events == 0) | (counts.rest == 0)
        hidden |= none & (counts.people > 0)
    return np.asarray(hidden & (counts.state != State.ABSENT))


RULES: Mapping[str, Rule] = {"count": Rule(few_people_or_events)}


def suppressed(
    segments: Segments,
    minimum: int,
    *,
    rule: str = "count",
    zeros: str = "show",
    width: int = 5,
    sums_over: Sequence[str] = (),
) -> Segments:
    """Remove small cells, and every cell that would give one of them away.

    Parameters
    ----------
    segments : Segments
        What was assessed, any roll-up included.
    minimum : int
        The smallest count that may be shown; 1 … minimum − 1 are hidden.
    rule : str
        The primary rule, one of ``RULES``.
    zeros : {"show", "hide"}
        Whether cells with no events, or with nothing but events, are shown.
    width : int
        How many values every hidden count must keep.
    sums_over : sequence of str
        `by` columns whose totals are published too.

    Returns
    -------
    Segments
        Without a trace of what was hidden.
    """
    columns = (sums_over,) if isinstance(sums_over, str) else tuple(sums_over)
    _check(segments, rule, {"minimum": minimum, "width": width}, zeros, columns)
    terms = Terms(minimum, width, zeros)
    table = grid(segments, margins(segments.strata, columns))
    small = RULES[rule].small(table.counts, terms) | _nearly_another(table, terms)
    hidden = _hidden(table, small | (table.counts.state == State.SUPPRESSED), terms)
    record = {
        "rule": rule, "minimum": minimum, "zeros": zeros, "width": width, "sums_over": columns,
    }  # fmt: skip
    return segments.masked(hidden[table.own].reshape(-1, len(segments.strata)), record)


def _check(
    segments: Segments,
    rule: str,
    numbers: Mapping[str, object],
    zeros: str,
    columns: Sequence[str],
) -> None:
    check_one_of("rule", rule, RULES)
    check_one_of("zeros", zeros, ZEROS)
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise InputError(f"{name}={number!r} must be a whole number from 1.")
    for column in columns:
        if column not in segments.strata.names:
            raise InputError(
                f"sums_over= names {column!r}, which is no column of by=. "
                f"{did_you_mean(column, segments.strata.names)}"
            )


def _hidden(table: Grid, small: BoolArray, terms: Terms) -> BoolArray:
    """Hide what must be hidden beside the small cells: in published sums first, then below them."""
    first = small.copy()
    if not table.own.all():
        beside = table.beside()
        fixed = np.zeros(len(beside.own), dtype=np.bool_)
        first[~table.own], _ = Hiding(beside, first[~table.own], fixed, terms).hidden()
    hidden, _ = Hiding(table, first, ~table.own, terms).hidden()
    return hidden


def _nearly_another(table: Grid, terms: Terms) -> BoolArray:
    """Find overlapping segments that leave few people outside: of their group, or of another."""
    counts = table.counts
    hidden: BoolArray = np.zeros(counts.shape, dtype=np.bool_)
    part, whole = table.within.T
    inner, outer = table.nested.T
    fits = np.ones(len(inner), dtype=np.bool_)
    for count in (counts.people, counts.events, counts.rest):
        np.logical_or.at(hidden, part, _few_outside(count, part, whole, terms))
        fits &= ~(count[inner] > count[outer])
    few = fits & _few_outside(counts.people, inner, outer, terms)
    np.logical_or.at(hidden, inner, few)
    return np.asarray(hidden & (counts.state == State.OK))


def _few_outside(count: FloatArray, part: IntArray, whole: IntArray, terms: Terms) -> BoolArray:
    outside = count[whole] - count[part]
    return np.asarray((outside > 0) & (outside < terms.minimum))
