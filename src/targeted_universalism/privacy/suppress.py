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
from targeted_universalism.errors import InputError, check_one_of, check_whole, did_you_mean
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
from targeted_universalism.privacy.rules import PRESETS, Released, preset_of
from targeted_universalism.privacy.sums import Grid
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments

ZEROS = ("show", "hide")


def suppressed(
    segments: Segments,
    minimum: int,
    *,
    rule: str,
    zeros: str,
    width: int,
    sums_over: str | Sequence[str],
    released: Released,
    published: Sequence[Segments],
) -> Segments:
    """Remove small cells, and every cell that would give one of them away.

    Parameters
    ----------
    segments : Segments
        What was assessed, any roll-up included.
    minimum : int
        The smallest count that may be shown; 1 … minimum − 1 are hidden.
    rule : str
        The primary rule, a name of the register.
    zeros : {"show", "hide"}
        Whether cells with no events, or with nothing but events, are shown.
    width : int
        How many values every hidden count must keep.
    sums_over : sequence of str
        `by` columns whose totals are published too.
    released : Released
        Strata that the rule releases whole.
    published : sequence of Segments
        Public tables of earlier releases.

    Returns
    -------
    Segments
        Without a trace of what was hidden.
    """
    preset = preset_of(rule, minimum)
    columns = (sums_over,) if isinstance(sums_over, str) else tuple(sums_over)
    _check(segments, zeros, width, columns)
    terms = Terms(*preset.thresholds(minimum), width, zeros)
    releases = beside(segments, published, columns)
    table, earlier = releases[0].grid, releases[1:]
    small = few_people_or_events(table.counts, terms) | _nearly_another(table, terms)
    small[table.own] &= ~np.tile(released.strata, len(releases[0].rows))
    small |= (table.counts.state == State.SUPPRESSED) | hidden_before(releases[0], earlier)
    hidden = _hidden(merged(releases), small, earlier, terms)
    record = {
        "rule": rule, "minimum": minimum, "zeros": zeros, "width": width, "sums_over": columns,
        "published": len(published), **released.choices,
    }  # fmt: skip
    return segments.masked(hidden[table.own].reshape(-1, len(segments.strata)), record)


def _check(segments: Segments, zeros: str, width: object, columns: Sequence[str]) -> None:
    check_one_of("zeros", zeros, ZEROS)
    check_whole("width", width, 1)
    for column in columns:
        if column not in segments.strata.names:
            raise InputError(
                f"sums_over= names {column!r}, which is no column of by=. "
                f"{did_you_mean(column, segments.strata.names)}"
            )


def few_people_or_events(counts: Counted, terms: Terms) -> BoolArray:
    """Find cells whose people, events or people without the event are too few, and not nobody."""
    hidden: BoolArray = np.zeros(counts.shape, dtype=np.bool_)
    for count, minimum in (
        (counts.people, terms.people), (counts.sample, terms.people),
        (counts.events, terms.events), (counts.rest, terms.events),
    ):  # fmt: skip
        hidden |= (count > 0) & (count < minimum)
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

Score = float | Mapping[Any, float]


def released(segments: Segments, rule: str, score: Score | None) -> Released:
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
    if rule not in PRESETS or not PRESETS[rule].scored:
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
