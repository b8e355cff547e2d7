"""Where trends lead: paces so far and needed, projected times and probabilities, and why not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer.tables import Values, Words
from targeted_universalism.ask.progress.ends import Ends
from targeted_universalism.ask.trends import Trends
from targeted_universalism.measures.arrival import LEAST_POINTS
from targeted_universalism.measures.pace import PACES, acceleration
from targeted_universalism.reasons import Reason, Reasons, because


def where_trends_lead(
    ends: Ends, trends: Sequence[tuple[Trends, bool]], draws: int, seed: int
) -> tuple[dict[str, Values], Reasons]:
    """Say how fast each segment moves, how fast it would have to, and when it arrives."""
    series = ends.window.series
    found = {name: np.full(series.shape, np.nan) for name in _AHEAD}
    code = np.zeros(len(series.strata), dtype=np.int64)
    bound = np.zeros(len(series.strata), dtype=np.bool_)
    for one, kept in trends:
        here = one.here
        code[here], bound[here] = list(PACES).index(one.pace.name), kept
        for name, values in _of_indicator(ends, one, draws, seed).items():
            found[name][:, here] = values
    columns: dict[str, Values] = {**found, "pace": Words(list(PACES), code)}
    return columns, _why_not_ahead(ends, found, bound)


_AHEAD = (
    "pace_so_far", "pace_needed", "acceleration", "projected_time", "projected_low",
    "projected_high", "probability",
)  # fmt: skip


def _of_indicator(ends: Ends, trends: Trends, draws: int, seed: int) -> dict[str, FloatArray]:
    """Give paces, projected times and probabilities of an indicator, shaped (rows, its series)."""
    now, going = ends.now[:, trends.here], ends.going[:, trends.here]
    so_far, needed = trends.so_far(), trends.needed(now)
    when = trends.arrival(draws, seed)
    ahead = {
        "pace_needed": needed,
        "acceleration": acceleration(needed, so_far, direction=trends.goal.direction),
        "projected_time": when.time,
        "projected_low": when.low,
        "projected_high": when.high,
        "probability": when.probability,
    }
    found = {name: np.where(going, values, np.nan) for name, values in ahead.items()}
    return {"pace_so_far": np.where(np.isnan(now), np.nan, so_far), **found}


def _why_not_ahead(ends: Ends, found: dict[str, FloatArray], bound: BoolArray) -> Reasons:
    """Say why there is no pace, or no projection."""
    window, going = ends.window, ends.going
    known = ~np.isnan(ends.now)
    latest, deadline = window.series.time_of(window.latest), window.series.deadline
    points = (window.series.known & window.points[:, None]).sum(axis=0)
    with np.errstate(invalid="ignore"):
        passed = deadline <= latest
    no_pace = going & np.isnan(found["pace_needed"]) & (deadline > latest)
    no_pace |= known & (points > 1) & np.isnan(found["pace_so_far"])
    away = going & (points > 1) & ~np.isnan(found["pace_so_far"] + found["pace_needed"])
    thinned = (window.series.place >= 0) & ~window.points & window.between
    return (
        because(known & ends.arrived, Reason.AT_GOAL)
        | because(going & np.isnan(deadline), Reason.NO_DEADLINE)
        | because(going & passed, Reason.DEADLINE_PASSED)
        | because(known & bound, Reason.PACE_BOUND)
        | because(no_pace, Reason.NO_PACE)
        | because(away & np.isnan(found["acceleration"]), Reason.WRONG_WAY)
        | because(going & (points < LEAST_POINTS), Reason.FEW_TIMES)
        | because(np.isposinf(found["projected_time"]), Reason.NEVER)
        | because(known & thinned.any(axis=0), Reason.OVERLAP_LEFT_OUT)
    )
