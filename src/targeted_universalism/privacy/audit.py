"""The attacker: what can be worked out about hidden counts from everything that is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.questions import Assessed, public_answers, segments_behind
from targeted_universalism.answer.tables import Words, under_each_other
from targeted_universalism.errors import InputError, advised, check_whole
from targeted_universalism.privacy.attack import ranges
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, QUANTITIES, REST, counted
from targeted_universalism.privacy.declared import ties_of
from targeted_universalism.privacy.equations import (
    Puzzle,
    Terms,
    of_all_counts,
    of_events,
    of_people,
    very_large,
)
from targeted_universalism.privacy.explain import (
    APART,
    CENSUS,
    ENDLESS,
    SECOND,
    SHOWN,
    Explainer,
)
from targeted_universalism.privacy.merge import Together
from targeted_universalism.privacy.precision import exposed, sums_that_hold, telling
from targeted_universalism.privacy.releases import together
from targeted_universalism.privacy.sums import Grid
from targeted_universalism.privacy.suppress import shown_and_hidden, suppression_of, terms_of
from targeted_universalism.privacy.weights import Weights, unit_of_rounding, weights_vary
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import AUDIT
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.statistics import Statistics
from targeted_universalism.segments.strata import members_of

_WHY = ("", SHOWN, SECOND, CENSUS)


@dataclass(frozen=True, eq=False)
class _Found:
    """What was found of every count, each array shaped (quantities, places).

    `low` and `high` are the range that is left to it, `hidden` says which counts are hidden and
    asked about, `passes` which keep enough, and `why`, a position in ``_WHY``, what tells most.
    """

    low: FloatArray
    high: FloatArray
    hidden: BoolArray
    passes: BoolArray
    why: IntArray


@advised
def audit(
    *public: Assessed,
    width: int = 5,
    census: Assessed | Statistics | Sequence[Assessed | Statistics] = (),
) -> pd.DataFrame:
    """Attack what is published: the range that every hidden count can be narrowed down to.

    The attacker knows every published number to its last digit, the rule, the minimum and the
    policy for zeros, and puts all tables that are given here together.

    Parameters
    ----------
    *public : Assessment
        From :meth:`Assessment.suppress`; several may overlap, or be each other's sums.
    width : int
        How many values every hidden count must keep.
    census : Assessment, Segments or a list of them, optional
        Confidential tables whose people the attacker knows, hidden or not, when he attacks events:
        the assessments before they were suppressed.

    Returns
    -------
    DataFrame
        One row for each hidden count.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``quantity``: people, events, or people without the event
        - ``low``, ``high`` (people): the range that the count can be narrowed down to; high is
          missing where nothing that is published bounds it, which passes
        - ``possible_values``: how many values are left to it
        - ``passes``: whether at least width values are possible, and the range does not lie within
          1 to minimum − 1
        - ``reason``: for the analyst alone: the published numbers that narrow the count down most,
          as a sum; why it has no upper end; what could not be tied

    Raises
    ------
    InputError
        If an assessment has not been made public.

    Notes
    -----
    Where more than 200 hidden counts are tied together, as by a roll-up over many counties, `low`
    and `high` are ends that were seen to be possible: the true range may be wider, never narrower.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 4, 30], "n": [90, 50, 70]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> public = tu.assess(s, tu.Goal.at_least(0.5)).suppress()
    >>> tu.audit(public)[["segment", "quantity", "low", "high", "passes"]]
      segment                  quantity  low   high  passes
    0       B                    people  1.0  119.0    True
    1       B                    events  0.0   34.0    True
    2       B  people without the event  0.0   86.0    True
    3       C                    people  1.0  119.0    True
    4       C                    events  0.0   34.0    True
    5       C  people without the event  0.0   86.0    True

    """
    answers = public_answers("audit()", public)
    _check(answers, width)
    tables = [answer.segments for answer in answers]
    counts = segments_behind("census", census)
    merged = together(tables, census=counts)
    merged = merged.tied(ties_of(merged, tables, [*map(suppression_of, tables)]))
    found = _attacked(merged, tables, width, counts)
    frames, done = [], np.zeros(len(merged.number), dtype=np.bool_)
    for i, answer in enumerate(answers):
        frames.append(_table(answer, merged, i, found, done))
        done |= merged.marked(i, answer.cells.state == State.SUPPRESSED)
    return under_each_other(frames)


def _check(answers: Sequence[Answer], width: int) -> None:
    if not answers:
        raise InputError("audit() needs at least one public assessment: a.suppress(…).")
    check_whole("width", width, 1)


def _attacked(
    merged: Together, tables: Sequence[Segments], width: int, census: Sequence[Segments]
) -> _Found:
    """Put together what attackers find: of counts, with a census, by precision and by weights."""
    grid = merged.grid
    terms = Terms(1, 1, width)
    for i, table in enumerate(tables):
        here = merged.marked(i, table.cells.state == State.SUPPRESSED)
        terms = terms.stricter(here, replace(terms_of(suppression_of(table)), width=width))
    shown, secret = shown_and_hidden(merged, tables)
    dark = grid.unknown(secret)
    found = _nothing_found(len(secret))
    _add(found, grid, dark, terms)
    if census:
        before = found.passes.copy()
        people = found.low[PEOPLE].copy(), found.high[PEOPLE].copy()
        _add(found, grid, dark, terms, census=True)
        found.low[PEOPLE], found.high[PEOPLE] = people  # a census is no table's telling
        found.why[before & ~found.passes] = _WHY.index(CENSUS)
    _add_precision(found, merged, tables, dark)
    if census:
        _add_weights(found, merged, tables, census, terms)
    return _with_told(found, merged, tables, shown)


def _add_precision(
    found: _Found, merged: Together, tables: Sequence[Segments], dark: BoolArray
) -> None:
    """Let counts fail of which intervals or weighted sums tell as much again as the counts."""
    told = np.zeros_like(dark)
    for i, table in enumerate(tables):
        told |= merged.marked(i, telling(table.cells))
    if told.any():
        sums = sums_that_hold(merged.grid, tables, merged.cells, dark)
        given = exposed(sums, dark & merged.grid.told, ~told)
        _second(found, given)


def _add_weights(
    found: _Found,
    merged: Together,
    tables: Sequence[Segments],
    census: Sequence[Segments],
    terms: Terms,
) -> None:
    """Let events fail that weighted sums tell to who knows people and weights of each group."""
    every = zip([*tables, *census], merged.cells, strict=True)
    known = [(one, place) for one, place in every if weights_vary(one.cells)]
    public = [(one, place) for one, place in known if any(one is table for table in tables)]
    if not public:
        return
    hidden: BoolArray = np.asarray(found.hidden.any(axis=0))
    unit = np.zeros(len(hidden))
    for one, place in public:
        unit[place] = np.maximum(unit[place], unit_of_rounding(one.cells))
    people, shown = (Weights.of(some, len(hidden)) for some in (known, public))
    sums = sums_that_hold(merged.grid, tables, merged.cells, hidden)
    given = replace(people, events=shown.events).told(sums, hidden, unit, terms)
    _second(found, given)


def _second(found: _Found, given: BoolArray) -> None:
    """Let the events of some cells fail by what is told beside the counts."""
    found.why[EVENTS:, given & found.passes[EVENTS:].any(axis=0)] = _WHY.index(SECOND)
    found.passes[EVENTS:, given] = False


def _nothing_found(size: int) -> _Found:
    """Begin with every count open, and none asked about."""
    shape = (len(QUANTITIES), size)
    no = np.zeros(shape, dtype=np.bool_)
    why = np.zeros(shape, dtype=np.int64)
    return _Found(np.full(shape, -np.inf), np.full(shape, np.inf), no, ~no, why)


def _add(found: _Found, grid: Grid, dark: BoolArray, terms: Terms, *, census: bool = False) -> None:
    """Add what one attacker can work out, who knows the people of all groups or not."""
    puzzle = of_all_counts(grid, dark, terms, census=census)
    low, high = ranges(puzzle.system, puzzle.demand, puzzle.ringed)
    _one_at_a_time(grid, dark, puzzle, (low, high), census=census)
    at = puzzle.quantity, puzzle.cell
    found.low[at] = np.maximum(found.low[at], low)
    found.high[at] = np.minimum(found.high[at], high)
    found.hidden[at] |= puzzle.demand.values > 0
    found.passes[at] &= puzzle.demand.met(low, high)


def _one_at_a_time(
    grid: Grid,
    dark: BoolArray,
    joint_puzzle: Puzzle,
    ends: tuple[FloatArray, FloatArray],
    *,
    census: bool,
) -> None:
    """Fill in the ranges of very large blocks: what is possible for each quantity by itself."""
    large = very_large(grid, dark)
    if not large.any():
        return
    terms = Terms(1, 1, 1)
    for puzzle in (
        of_people(grid, dark, terms),
        of_events(grid, dark, EVENTS, terms, census=census),
        of_events(grid, dark, REST, terms, census=census),
    ):
        where = np.full(len(large), -1)
        alike = np.flatnonzero(np.isin(joint_puzzle.quantity, puzzle.quantity))
        where[joint_puzzle.cell[alike]] = alike
        at = where[puzzle.cell]
        here = np.flatnonzero(large[puzzle.cell] & puzzle.ringed & (at >= 0))
        if not len(here):
            continue
        asked = joint_puzzle.demand.part(at).of(at >= 0)
        low, high = ranges(puzzle.system, asked, puzzle.ringed & large[puzzle.cell])
        for end, found in zip(ends, (low, high), strict=True):
            end[at[here]] = found[here]


def _with_told(
    found: _Found, merged: Together, tables: Sequence[Segments], shown: BoolArray
) -> _Found:
    """Add what is hidden in one table and shown in another: known to the last digit."""
    for i, table in enumerate(tables):
        told = shown & merged.marked(i, table.cells.state == State.SUPPRESSED)
        for quantity in range(len(QUANTITIES)):
            value = merged.grid.counts.value(quantity)
            here = told & np.isfinite(value)
            found.low[quantity, here] = found.high[quantity, here] = value[here]
            found.hidden[quantity, here], found.passes[quantity, here] = True, False
            found.why[quantity, here] = _WHY.index(SHOWN)
    return found


def _table(
    answer: Answer, merged: Together, table: int, found: _Found, done: BoolArray
) -> pd.DataFrame:
    """Make the table of one assessment, without what an earlier one told already (`done`)."""
    cells = merged.cells[table]
    sides = np.stack([merged.side(table, q) for q in range(len(QUANTITIES))])
    told = found.hidden[sides, cells] & ~done[cells] & (answer.cells.state == State.SUPPRESSED)
    ends = found.low[sides, cells], found.high[sides, cells]
    told[PEOPLE] &= ~_shown_elsewhere(answer, ends[0][PEOPLE], ends[1][PEOPLE])
    stratum, row, quantity = np.nonzero(told.transpose(2, 1, 0))
    low, high = (end[quantity, row, stratum] for end in ends)
    low, high = _settled(low), np.where(np.isfinite(high), _settled(high), np.nan)
    return answer.keyed(
        AUDIT,
        stratum,
        row,
        {
            "quantity": Words(QUANTITIES, quantity),
            "low": low,
            "high": high,
            "possible_values": np.floor(high - low + 1e-6) + 1,
            "passes": found.passes[sides, cells][quantity, row, stratum],
            "reason": _reasons(merged, table, found, (sides[quantity, row, stratum], row, stratum)),
        },
    )


def _settled(end: FloatArray) -> FloatArray:
    """Take an end for the whole number that it is but for rounding."""
    whole = np.round(end)
    return np.where(np.isclose(end, whole, rtol=1e-9, atol=1e-9), whole, end) + 0.0


def _reasons(
    merged: Together, table: int, found: _Found, counts: tuple[IntArray, IntArray, IntArray]
) -> Words:
    """Say of each count what narrows it down, why it has no end, or what it was not tied to."""
    quantity, *at = counts
    place, apart = merged.cells[table][*at], merged.apart[table][*at]
    explain = Explainer(merged, *_of_all(merged, found))
    said = []
    for q, cell, untied in zip(quantity.tolist(), place.tolist(), apart.tolist(), strict=True):
        words = [_WHY[found.why[q, cell]]]
        if not found.passes[q, cell] and words[0] in ("", CENSUS):
            words.append(explain.because(cell, q))
        if found.passes[q, cell] and np.isinf(found.high[q, cell]):
            words.append(ENDLESS)
        words.append(APART[untied])
        said.append("; ".join(word for word in words if word))
    texts = sorted(set(said))
    number = {text: i for i, text in enumerate(texts)}
    return Words(texts, np.array([number[text] for text in said], dtype=np.int64))


def _of_all(merged: Together, found: _Found) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Give the ranges of all places: what is shown has no range."""
    counts = merged.grid.counts
    shown = np.stack([counts.value(quantity) for quantity in range(len(QUANTITIES))])
    known = np.isinf(found.low) & np.isinf(found.high)
    shown = np.where(known, shown, np.nan)
    low = np.where(np.isnan(shown), np.maximum(found.low, 0.0), shown)
    high = np.where(np.isnan(shown), found.high, shown)
    return low, high, np.asarray(~known.all(axis=0))


def _shown_elsewhere(answer: Answer, low: FloatArray, high: FloatArray) -> BoolArray:
    """Tell whose people are those that another indicator of the same group shows: not hidden."""
    people = counted(answer.segments).people
    out = np.zeros(low.shape, dtype=np.bool_)
    if len(answer.segments.strata.indicators) < 2:
        return out
    first, place = answer.segments.strata.whatever_indicator().alike()
    for strata in members_of(place, len(first)):
        same = low[:, strata, None] == people[:, None, strata]
        out[:, strata] = same.any(axis=2) & (low == high)[:, strata]
    return out
