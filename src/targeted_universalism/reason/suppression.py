"""Hide small cells, by removing them: what is left knows only what is public (RULES 8).

The primary rule only: cells that follow from the others by subtraction are not yet hidden.
"""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.cells import State, Stats
from targeted_universalism.errors import check_one_of
from targeted_universalism.measures.presets import Preset, Released, preset_of
from targeted_universalism.segments import Segments

ZEROS = ("show", "hide")


def suppressed(
    segments: Segments, minimum: int, rule: str, zeros: str, released: Released
) -> Segments:
    """Remove every cell whose people, events or people without the event are too few.

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
    released : Released
        Strata that the rule releases whole.

    Returns
    -------
    Segments
        Without a trace of what was hidden.
    """
    preset = preset_of(rule, minimum)
    check_one_of("zeros", zeros, ZEROS)
    hidden = _small(segments, preset, minimum, zeros == "hide") & ~released.strata
    chosen = {"rule": rule, "minimum": minimum, "zeros": zeros, **released.choices}
    return segments.masked(hidden, chosen)


def _small(segments: Segments, preset: Preset, minimum: int, hide_zeros: bool) -> BoolArray:
    cells = segments.cells()
    minimum, least = preset.thresholds(minimum)
    weighted = "events_n" in cells.stats
    people = cells.stats["n" if weighted else "population"]
    with np.errstate(invalid="ignore"):
        hidden = _few(people, minimum)
        for i, kind in enumerate(segments.kinds):
            here = segments.strata.indicator == i
            if kind not in ("proportion", "rate"):
                continue
            n, x = people[:, here], _events(segments, cells.stats, here)
            rest = n - x if kind == "proportion" else np.full(n.shape, np.nan)
            small = _few(x, least) | _few(rest, least)
            if hide_zeros:
                small |= ((x == 0) | (rest == 0)) & (n > 0)
            hidden[:, here] |= small
        if "n" in cells.stats:
            hidden |= _few(cells.stats["n"], minimum)
    hidden &= cells.state != State.ABSENT
    return hidden


def _events(segments: Segments, stats: Stats, here: BoolArray) -> FloatArray:
    """Events, or those that a published rate and its population imply."""
    for unweighted in ("events_n", "events"):
        if unweighted in stats:
            return stats[unweighted][:, here]
    implied = stats["rate"] * stats["population"] / float(segments.unit)
    return implied[:, here]


def _few(count: FloatArray, minimum: int) -> BoolArray:
    return np.asarray((count > 0) & (count < minimum))
