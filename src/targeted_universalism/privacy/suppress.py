"""Hide small cells and what they follow from, by removing them (RULES 8).

A primary rule says which cells are small. What must be hidden beside them, so that they cannot be
worked out from what is left, does not depend on the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import held_against_goals
from targeted_universalism.answer.questions import Assessed, public_answers, segments_behind
from targeted_universalism.answer.reliability import flagged
from targeted_universalism.errors import (
    InputError,
    check_names,
    check_one_of,
    check_whole,
    did_you_mean,
    some_of,
)
from targeted_universalism.privacy.complement import Hiding
from targeted_universalism.privacy.counts import QUANTITIES, counted
from targeted_universalism.privacy.declared import check_ties, ties_of
from targeted_universalism.privacy.dominance import magnitudes
from targeted_universalism.privacy.equations import Terms
from targeted_universalism.privacy.merge import Together
from targeted_universalism.privacy.precision import left_vague
from targeted_universalism.privacy.primary import Score, hidden_for_themselves, released_strata
from targeted_universalism.privacy.releases import together
from targeted_universalism.privacy.rules import rule_of
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.statistics import Statistics

ZEROS = ("show", "hide")


def suppress(
    answer: Answer,
    minimum: int = 11,
    *,
    rule: str = "count",
    zeros: str = "show",
    width: int = 5,
    sums_over: str | Sequence[str] = (),
    published: Sequence[Assessed] = (),
    score: Score | None = None,
    same_people: Mapping[str, str] | None = None,
    adds_to: Sequence[str] | Sequence[Sequence[str]] = (),
    census: Assessed | Statistics | Sequence[Assessed | Statistics] = (),
) -> Answer:
    """Remove small cells and what would give them away: an assessment that can be published.

    Parameters
    ----------
    minimum : int
        Cells are hidden where people, events, or people without the event (for proportions)
        are 1 to minimum − 1.
    rule : str
        Rules, and what they hide:

        - ``"count"``: a minimum count: 1 to `minimum` − 1 people, events, or people without the
          event
        - ``"cms"``: the cell size suppression policy of the US Centers for Medicare & Medicaid
          Services: 1 to `minimum` − 1 people, events, or people without the event; `minimum` is 11
          at least
        - ``"ccwip"``: the masking of the California Child Welfare Indicators Project: 1 to
          `minimum` − 1 people, events, or people without the event; `minimum` is 11 at least
        - ``"nsize"``: a minimum group size, as education agencies use it: groups of fewer than
          `minimum` people, and 1 to 10 events or people without the event
        - ``"calhhs"``: the CalHHS Data De-Identification Guidelines, Edition 2.0: 1 to `minimum` −
          1 people, events, or people without the event; `minimum` is 11 at least; strata whose
          `score` is at most 12 are released whole
    zeros : {"show", "hide"}
        Whether cells with no events, or nothing but events, are shown.
    width : int
        How many values every hidden count must keep, to somebody who knows every published
        number and how many people there are.
    sums_over : str or list of str
        `by` columns whose totals are published too, as a state's beside its counties'.
    published : sequence of Assessment
        Earlier public releases about the same people: what they hide stays hidden, and what
        they show is known to everybody.
    score : number or mapping of stratum to number, optional
        Publication score by ``tu.measures.calhhs_score``, for ``rule="calhhs"``: one for all
        strata, or one for each value of the `by` column (a tuple where there are several).
        What has no score is not released.
    same_people : mapping of str to str, optional
        Indicators whose events are the people of another: ``{"substantiated": "removed"}``.
    adds_to : list of str, or list of such lists
        Indicators whose events make up the cohort together: graduated, still enrolled, dropped out.
    census : Assessment, Segments or a list of them, optional
        Confidential tables of the people of groups that earlier releases hide. Without them those
        people are unknown here, and whatever number of them fits must leave enough open.

    Returns
    -------
    Assessment
        Every value of a hidden cell is missing, in it and in all that follows from it. Which
        cells are small, and which are hidden beside them, is not told.

    See Also
    --------
    audit : What an attacker can work out from what is published.

    Notes
    -----
    No hidden count can be shown to lie in 1 … minimum − 1 by adding and subtracting what is
    published: over segments, crossed segments and strata. The page "Publish safely" says
    against whom this holds, and what it cannot know.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 4, 30], "n": [90, 50, 70]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> a = tu.assess(s, tu.Goal.at_least(0.5)).suppress()
    >>> a.table[["segment", "events", "status"]]
      segment  events      status
    0     All    74.0       short
    1       A    40.0   uncertain
    2       B     NaN  suppressed
    3       C     NaN  suppressed

    """
    segments = answer.segments
    spared = released_strata(segments, rule, score)
    public = [one.segments for one in public_answers("published", published)]
    minimum, width = check_whole("minimum", minimum, 1), check_whole("width", width, 1)
    least = rule_of(rule, minimum).judge(minimum)
    columns = check_names("sums_over", sums_over)
    _check(segments, zeros, columns)
    terms = Terms(*least, width, int(zeros == "show"))
    merged = together([segments, *public], columns, segments_behind("census", census))
    first = hidden_for_themselves(merged, segments, spared, least, zeros)
    tables, own = [segments, *public], merged.cells[0]
    ties = check_ties(segments.strata, same_people, adds_to)
    merged = merged.tied(ties_of(merged, tables, [ties, *map(suppression_of, public)]))
    kept = with_published(merged, public, terms)
    while True:
        hidden = _hidden(merged, tables, first, kept)
        vague = left_vague(merged, tables, hidden, terms)
        if not vague.useless.any():
            break
        first |= vague.useless
    record = {
        "rule": rule, "minimum": minimum, "zeros": zeros, "width": width, "sums_over": columns,
        "published": len(public), **spared.choices, **ties,
    }  # fmt: skip
    masked = segments.masked(hidden[own], record).withheld(vague.here[own], vague.unit[own])
    found = flagged(held_against_goals(masked, answer.goals, answer.options))
    return replace(found, chosen=answer.chosen)


def _check(segments: Segments, zeros: str, columns: Sequence[str]) -> None:
    """Stop at options that are not known, or name what is not there."""
    check_one_of("zeros", zeros, ZEROS)
    for column in columns:
        if column not in segments.strata.names:
            raise InputError(
                f"sums_over= names {column!r}, which is no column of by=. "
                f"{did_you_mean(column, segments.strata.names)}"
            )


def with_published(merged: Together, published: Sequence[Segments], terms: Terms) -> Terms:
    """Ask of what earlier tables hide what they asked for, where that is more."""
    for i, table in enumerate(published, start=1):
        here = merged.marked(i, table.cells.state == State.SUPPRESSED)
        terms = terms.stricter(here, terms_of(suppression_of(table)))
    return terms


def suppression_of(public: Segments) -> Mapping[str, Any]:
    """Give what a public table says of how it was suppressed."""
    record: Mapping[str, Any] = public.facts["suppression"]
    return record


def terms_of(record: Mapping[str, Any]) -> Terms:
    """Say what a suppression on record keeps."""
    least = rule_of(record["rule"], record["minimum"]).judge(record["minimum"])
    return Terms(*least, record["width"], int(record["zeros"] == "show"))


def _hidden(
    merged: Together, tables: Sequence[Segments], first: BoolArray, terms: Terms
) -> BoolArray:
    """Hide what must be hidden beside the small cells: in published sums first, then below them.

    What earlier tables show is known and cannot be hidden; what they hide is protected too.
    """
    grid = merged.grid
    shown, before = shown_and_hidden(merged, tables, first=1)
    again = np.isin(merged.number, merged.number[before]) & grid.own
    first = first | again
    secret = (first | before) & ~shown
    if merged.beside.any():
        there = ~grid.own
        fixed = (shown | ~merged.beside)[there]
        of_sums = Hiding(grid.only(there), secret[there], fixed, terms.of_cells(there))
        secret[there], _ = of_sums.hidden()
    sums = magnitudes(tables[0], merged.cells[0], len(merged.number))
    hiding = Hiding(grid, secret, ~grid.own | shown, terms, sums)
    secret, lost = hiding.hidden()
    lost[:, first & shown & grid.own] = True
    if lost.any():
        _stop(merged, tables, hiding, secret | (first & shown), lost)
    return np.asarray(secret | first)


def shown_and_hidden(
    merged: Together, tables: Sequence[Segments], first: int = 0
) -> tuple[BoolArray, BoolArray]:
    """Tell which places tables show, and which they hide and none of them shows."""
    shown, hidden = (np.zeros(len(merged.number), dtype=np.bool_) for _ in range(2))
    for i, table in enumerate(tables[first:], start=first):
        counts = counted(table)
        suppressed = counts.state == State.SUPPRESSED
        some = np.isfinite(counts.people) | np.isfinite(counts.events)
        hidden |= merged.marked(i, suppressed)
        shown |= merged.marked(i, some & ~suppressed)
    return shown, hidden & ~shown


def _stop(
    merged: Together, tables: Sequence[Segments], hiding: Hiding, secret: BoolArray, lost: BoolArray
) -> None:
    """Stop where a hidden count follows from what is published already, or beside the table."""
    grid = merged.grid
    elsewhere = lost & ~grid.own
    if elsewhere.any():
        # What earlier tables give away without this one is not of its making.
        shown = hiding.fixed & grid.own
        lost = lost & ~(hiding.exposed(secret | (grid.own & ~shown)) & ~grid.own)
    names = [
        f"{name} ({' and '.join(QUANTITIES[q] for q in np.flatnonzero(lost[:, place]))})"
        for place, name in _names(merged, tables, np.asarray(lost.any(axis=0))).items()
    ]
    if names:
        raise InputError(
            f"suppress() cannot protect {some_of(names, 5, '; ')}: what is published already, "
            "or beside this table, tells too much of it, and nothing that is left to hide would "
            "help. Leave these rows out, or publish the sums in the same table with rollup=, where "
            "they can be hidden too."
        )


def _names(merged: Together, tables: Sequence[Segments], wanted: BoolArray) -> dict[int, str]:
    """Name places by the first table that has them."""
    found: dict[int, str] = {}
    # The cells of a census come last; nobody publishes them.
    for i, (table, cells) in enumerate(zip(tables, merged.cells, strict=False)):
        which = "" if i == 0 else f" of published table {i}"
        for row, stratum in np.argwhere(wanted[cells]):
            dimension = table.index.dimensions[int(table.index.dimension_of[row])].name
            words = (
                f"{table.strata.describe(int(stratum))}, {dimension} {table.index.labels[row]!r}"
            )
            words = words.removeprefix("the data, ")
            found.setdefault(int(cells[row, stratum]), words + which)
    return found
