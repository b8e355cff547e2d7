"""What has changed between the ends: by how much, whether it counts, and what it is called."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.tables import Values, Words
from targeted_universalism.ask.progress.ends import Ends
from targeted_universalism.ask.sides import side_without_limits
from targeted_universalism.ask.tests import equality
from targeted_universalism.measures.progress import (
    PROGRESS_WORDS,
    Progress,
    ProgressRule,
    movement,
    percent_change,
    percent_of_targeted_change,
    status_after,
)
from targeted_universalism.reasons import Reason, Reasons, because

# The progress of a row that has not been assessed.
_NOT_ASSESSED = -1


def changes(ends: Ends, rule: ProgressRule) -> tuple[dict[str, Values], BoolArray, Reasons]:
    """Hold the latest rate against the baseline: change, test, status, and who moved away."""
    before = np.where(ends.comparable, ends.before, np.nan)
    now = np.where(ends.comparable, ends.now, np.nan)
    p_value = np.full(before.shape, np.nan)
    code = np.full(before.shape, _NOT_ASSESSED, dtype=np.int64)
    percent, moved = np.full(before.shape, np.nan), np.zeros(before.shape)
    for indicator, here in ends.by_indicator():
        goal = ends.window.series.answer.goals[indicator]
        target, direction = float(goal.target), goal.direction
        pair = before[:, here], now[:, here], np.array(target)
        two_sided = _two_sided(ends, indicator, here, rule.normal)
        moved[:, here] = movement(
            *pair, direction=direction, p_value=two_sided, rule=rule.name,
            gap_before=ends.gap_before[:, here],
        )  # fmt: skip
        code[:, here] = status_after(
            moved[:, here], *pair, direction=direction, gap=ends.gap[:, here]
        )
        p_value[:, here] = rule.judge(two_sided)
        percent[:, here] = percent_of_targeted_change(*pair, direction=direction)
    code[~ends.comparable] = _NOT_ASSESSED
    code[ends.baseline_only] = Progress.BASELINE_ONLY
    away = np.asarray(ends.comparable & (moved < 0))
    changed: dict[str, Values] = {
        "change": now - before,
        "percent_of_target": percent,
        "percent_change": percent_change(before, now),
        "p_value": p_value,
        "progress": Words(PROGRESS_WORDS, code),
    }
    return changed, away, _why_not(ends, p_value) | because(away & ends.arrived, Reason.FELL_BACK)


def _two_sided(ends: Ends, indicator: int, here: IntArray, normal: bool) -> FloatArray:
    """Test that nothing changed, shaped (rows, series here), where both ends are independent."""
    series = ends.window.series
    answer = series.answer
    first, last = (series.stratum(e)[here] for e in (ends.window.baseline, ends.window.latest))
    usable = (first >= 0) & (last >= 0) & ~ends.window.dependent[here]
    sides = [
        side_without_limits(
            answer, indicator, answer.cells.strata(at), answer.values["rate"][:, at]
        )
        for at in (np.maximum(first, 0), np.maximum(last, 0))
    ]
    kind = answer.segments.kinds[indicator]
    counted = answer.cells.family.counted and not normal
    p = equality(kind if counted else "estimate", sides[1], sides[0])
    return np.where(usable & ends.comparable[:, here], p, np.nan)


def _why_not(ends: Ends, p_value: FloatArray) -> Reasons:
    """Say why there is no percent of the target, or no test."""
    comparable = ends.comparable
    with np.errstate(invalid="ignore"):
        short = ends.gap_before > 0
        away = ends.gap >= ends.gap_before
    untested = comparable & np.isnan(p_value) & (ends.before != ends.now)
    dependent = ends.window.dependent & untested
    return (
        because(comparable & ~short, Reason.BASELINE_MET)
        | because(comparable & short & away, Reason.AWAY)
        | because(comparable & (ends.before == 0), Reason.ZERO_RATE)
        | ends.window.untested(untested)
        | because(untested & ~dependent, Reason.NO_TEST)
    )
