"""Which strata the CalHHS publication score releases without masking."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.frames import label
from targeted_universalism.measures.presets import PRESETS, Released
from targeted_universalism.measures.screening import RELEASED
from targeted_universalism.rows import Strata
from targeted_universalism.segments import Segments

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
    keys = [_stratum(strata, i) for i in range(len(strata))]
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


def _stratum(strata: Strata, position: int) -> tuple[str, ...]:
    values = (strata.value(name, position) for name in strata.names)
    return tuple("" if value is None else label(value) for value in values)


def _number(score: object) -> float:
    if isinstance(score, bool) or not isinstance(score, Real) or np.isnan(float(score)):
        raise InputError(
            f"score={score!r} must be a number, the total of tu.measures.calhhs_score(…), or a "
            "mapping of strata to such numbers."
        )
    return float(score)
