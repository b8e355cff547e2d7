"""Hide small cells and what they follow from, by removing them (RULES 8).

A primary rule says which cells are small. What must be hidden beside them, so that they cannot be
worked out from what is left, does not depend on the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import measure
from targeted_universalism.answer.questions import Assessed, public_answers
from targeted_universalism.answer.reliability import flagged
from targeted_universalism.errors import (
    InputError,
    check_names,
    check_one_of,
    check_whole,
    did_you_mean,
)
from targeted_universalism.labels import label
from targeted_universalism.measures.publication_score import RELEASED
from targeted_universalism.privacy.complement import Hiding
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, REST, Counted
from targeted_universalism.privacy.equations import Terms
from targeted_universalism.privacy.releases import (
    Release,
    Together,
    beside,
    hidden_before,
    merged,
    shown_before,
)
from targeted_universalism.privacy.rules import RULES, Released, rule_of
from targeted_universalism.privacy.sums import Grid
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments

ZEROS = ("show", "hide")
Score = float | Mapping[Any, float]


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
    released = _released(segments, rule, score)
    public = [one.segments for one in public_answers("published", published)]
    minimum, width = check_whole("minimum", minimum, 1), check_whole("width", width, 1)
    shown = rule_of(rule, minimum).judge(minimum)
    columns = check_names("sums_over", sums_over)
    _check(segments, zeros, columns)
    terms = Terms(*shown, width, zeros)
    releases = beside(segments, public, columns)
    table, earlier = releases[0].grid, releases[1:]
    small = few_people_or_events(table.counts, terms) | _nearly_another(table, terms)
    small[table.own] &= ~np.tile(released.strata, len(releases[0].rows))
    small |= (table.counts.state == State.SUPPRESSED) | hidden_before(releases[0], earlier)
    hidden = _hidden(merged(releases), small, earlier, terms)
    record = {
        "rule": rule, "minimum": minimum, "zeros": zeros, "width": width, "sums_over": columns,
        "published": len(public), **released.choices,
    }  # fmt: skip
    masked = segments.masked(hidden[table.own].reshape(-1, len(segments.strata)), record)
    return flagged(measure(masked, answer.goals, answer.options))


def _check(segments: Segments, zeros: str, columns: Sequence[str]) -> None:
    check_one_of("zeros", zeros, ZEROS)
    for column in columns:
        if column not in segments.strata.names:
            raise InputError(
                f"sums_over= names {column!r}, which is no column of by=. "
                f"{did_you_mean(column, segments.strata.names)}"
            )


def few_people_or_events(counts: Counted, terms: Terms) -> BoolArray:
    """Find cells whose people, events or people without the event are too few, and not nobody."""
    hidden = counts.protected.few(terms.people, terms.events)
    if terms.zeros == "hide":
        none = (counts.events == 0) | (counts.rest == 0)
        hidden |= none & (counts.people > 0)
    return np.asarray(hidden & (counts.state != State.ABSENT))


def _hidden(
    whole: Together, small: BoolArray, earlier: Sequence[Release], terms: Terms
) -> BoolArray:
    """Hide what must be hidden beside the small cells: in published sums first, then below them.

    What earlier tables show is known and cannot be hidden; what they hide is protected too.
    """
    table = whole.grid
    shown, hidden = shown_before(whole, earlier)
    hidden[whole.places[0][small]] = True
    hidden &= ~shown
    there = ~table.own
    if there.any():
        hidden[there] = Hiding(table.only(there), hidden[there], shown[there], terms).hidden()
    views = _attackers(whole)
    before = -1
    while before < int(hidden.sum()):
        before = int(hidden.sum())
        for seen in views:
            fixed = (~table.own | shown)[seen]
            hidden[seen] = Hiding(table.only(seen), hidden[seen], fixed, terms).hidden()
        if len(views) == 1:
            break
    return np.asarray(hidden[whole.places[0]] | small)


def _attackers(whole: Together) -> list[BoolArray]:
    """Say what each attacker sees: everything, all tables without their sums, this table alone.

    Who sees less is not always told less: what a sum gives away, nobody can hide from those who
    see it, but it can be hidden from others.
    """
    table = whole.grid
    alone = np.zeros(len(table.own), dtype=np.bool_)
    alone[whole.places[0]] = True
    views = [np.ones(len(table.own), dtype=np.bool_), table.own, alone & table.own]
    return [v for i, v in enumerate(views) if not any((v == w).all() for w in views[:i])]


def _nearly_another(table: Grid, terms: Terms) -> BoolArray:
    """Find overlapping segments that leave few people outside: of their group, or of another."""
    counts = table.counts
    hidden: BoolArray = np.zeros(counts.shape, dtype=np.bool_)
    part, whole = table.within.T
    inner, outer = table.nested.T
    fits = np.ones(len(inner), dtype=np.bool_)
    for quantity in (PEOPLE, EVENTS, REST):
        count = counts.value(quantity)
        np.logical_or.at(hidden, part, _few_outside(count, part, whole, terms.of(quantity)))
        fits &= ~(count[inner] > count[outer])
    few = fits & _few_outside(counts.people, inner, outer, terms.people)
    np.logical_or.at(hidden, inner, few)
    return np.asarray(hidden & (counts.state == State.OK))


def _few_outside(count: FloatArray, part: IntArray, whole: IntArray, minimum: int) -> BoolArray:
    outside = count[whole] - count[part]
    return np.asarray((outside > 0) & (outside < minimum))


# --- Which strata the CalHHS publication score releases without masking.


def _released(segments: Segments, rule: str, score: Score | None) -> Released:
    """Tell which strata have a publication score of at most 12; none where nothing was scored.

    Parameters
    ----------
    segments : Segments
        What was assessed, any roll-up included.
    rule : str
        The rule for small cells; only the scored one takes a score.
    score : number or mapping of stratum to number, optional
        One score for every stratum, or one for each value of the `by` column (a tuple where there
        are several). Strata without a score are not released.
    """
    strata = segments.strata
    if score is None:
        return Released(np.zeros(len(strata), dtype=np.bool_), {})
    if rule not in RULES or not RULES[rule].scored:
        raise InputError(
            f"score= is the CalHHS publication score, and rule={rule!r} takes none: say "
            "rule='calhhs', or leave it out."
        )
    if not isinstance(score, Mapping):
        one = _number(score)
        return Released(np.full(len(strata), one <= RELEASED), {"score": f"{one:g}"})
    scores = {_key(key): _number(value) for key, value in score.items()}
    keys = strata.texts()
    for key in scores.keys() - set(keys):
        known = dict.fromkeys(map(_words, keys))
        raise InputError(
            f"score= names {_words(key)!r}, which is no stratum. {did_you_mean(_words(key), known)}"
        )
    low = np.array([scores.get(key, np.inf) <= RELEASED for key in keys], dtype=np.bool_)
    each = ", ".join(f"{_words(key)} {value:g}" for key, value in scores.items())
    return Released(low, {"score": each})


def _words(key: tuple[str, ...]) -> str:
    return " × ".join(key)


def _key(key: object) -> tuple[str, ...]:
    return tuple(label(part) for part in (key if isinstance(key, tuple) else (key,)))


def _number(score: object) -> float:
    if isinstance(score, bool) or not isinstance(score, Real) or np.isnan(float(score)):
        raise InputError(
            f"score={score!r} must be a number, the total of tu.measures.calhhs_score(…), or a "
            "mapping of strata to such numbers."
        )
    return float(score)
