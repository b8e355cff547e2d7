"""Which cells a rule hides for themselves: few people, events, or people without the event."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import label
from targeted_universalism.measures.publication_score import RELEASED
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, REST, Counted
from targeted_universalism.privacy.dominance import magnitudes
from targeted_universalism.privacy.merge import Together
from targeted_universalism.privacy.rules import RULES, Least, Released
from targeted_universalism.privacy.sums import Grid
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments

Score = float | Mapping[Any, float]


def few_people_or_events(counts: Counted, least: Least, zeros: str) -> BoolArray:
    """Find cells whose people, events or people without the event are too few, and not nobody."""
    hidden = counts.few(*least)
    if zeros == "hide":
        none = (counts.events == 0) | (counts.rest == 0)
        hidden |= none & (counts.people > 0)
    return np.asarray(hidden & (counts.state != State.ABSENT))


def hidden_for_themselves(
    merged: Together, segments: Segments, spared: Released, least: Least, zeros: str
) -> BoolArray:
    """Find what is hidden for itself, of the table and of what is published beside it: (places,).

    What the table itself came with hidden stays hidden. `spared` are strata that are released
    whole, and `least` is what is shown.
    """
    grid, own = merged.grid, merged.cells[0]
    small = few_people_or_events(grid.counts, least, zeros) | _nearly_another(grid, least)
    if (sums := magnitudes(segments, own, len(merged.number))) is not None:
        small |= sums.dominated()
    small &= grid.own | merged.beside
    small[own[:, spared.strata]] = False
    small |= merged.marked(0, segments.cells.state == State.SUPPRESSED)
    return small


def _nearly_another(table: Grid, least: Least) -> BoolArray:
    """Find overlapping segments that leave few people outside: of their group, or of another."""
    counts = table.counts
    hidden: BoolArray = np.zeros(counts.shape, dtype=np.bool_)
    part, whole = table.within.T
    inner, outer = table.nested.T
    fits = np.ones(len(inner), dtype=np.bool_)
    for quantity in (PEOPLE, EVENTS, REST):
        few = least.people if quantity == PEOPLE else least.events
        count = counts.value(quantity)
        np.logical_or.at(hidden, part, _few_outside(count, part, whole, few))
        fits &= ~(count[inner] > count[outer])
    alike = fits & _few_outside(counts.people, inner, outer, least.people)
    np.logical_or.at(hidden, inner, alike)
    return np.asarray(hidden & (counts.state == State.OK))


def _few_outside(count: FloatArray, part: IntArray, whole: IntArray, minimum: int) -> BoolArray:
    outside = count[whole] - count[part]
    return np.asarray((outside > 0) & (outside < minimum))


# --- Which strata the CalHHS publication score releases without masking.


def released_strata(segments: Segments, rule: str, score: Score | None) -> Released:
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
    """Check a score."""
    if isinstance(score, bool) or not isinstance(score, Real) or np.isnan(float(score)):
        raise InputError(
            f"score={score!r} must be a number, the total of tu.measures.calhhs_score(…), or a "
            "mapping of strata to such numbers."
        )
    return float(score)
