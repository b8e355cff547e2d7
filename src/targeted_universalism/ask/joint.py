"""What may be said of all segments at once: intervals that hold together (RULES 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.checks import check_level
from targeted_universalism.answer.gaps import held_against_goals
from targeted_universalism.answer.tables import Words
from targeted_universalism.ask.references import own_reasons
from targeted_universalism.measures.goal import STATUS_WORDS, Status, gap_limits, status
from targeted_universalism.measures.inequality.known import stretched
from targeted_universalism.measures.intervals import z_value
from targeted_universalism.measures.simultaneous import sidak_level
from targeted_universalism.reasons import Reason, Reasons, ReasonsInPlaces
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import JOINT
from targeted_universalism.segments.segments import Segments

# Limits that keep their level far out in the tails, where Wilson's do not.
_INTERVALS = {"proportion": "midp", "rate": "exact"}


@dataclass(frozen=True, eq=False)
class JointIntervals:
    """Intervals that hold for all rows of a stratum and indicator at once.

    Parameters
    ----------
    low, high, gap_low, gap_high : (rows, strata) array
        Limits of rates and of gaps, in units of the goal's ``per``; missing where a row has none.
    status : (rows, strata) array of uint8
        Values of ``Status``, by the interval alone.
    why : Reasons
        Why a row with a rate has no interval, or one to be read with care.
    """

    low: FloatArray
    high: FloatArray
    gap_low: FloatArray
    gap_high: FloatArray
    status: ByteArray
    why: Reasons

    @property
    def short(self) -> BoolArray:
        """Which rows are short of the goal, with the certainty that was asked for."""
        return self.gap_low > 0


def joint(answer: Answer, *, confidence: float = 0.95) -> pd.DataFrame:
    """Give intervals that hold for all segments of a stratum and indicator at once.

    A table of many 95 % intervals is right as a whole far less often than 95 % of the time. These
    are: what they say may be said of all rows in one breath.

    Parameters
    ----------
    confidence : float
        Level at which all intervals of a stratum and indicator hold together.

    Returns
    -------
    DataFrame
        ``status`` follows from the interval, never from the point, so that it too holds for all
        rows at once.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``rate`` (``per``): the rate
        - ``ci_low``, ``ci_high`` (``per``): its interval, wide enough to hold together with those
          of all other rows of the stratum and indicator
        - ``gap_low``, ``gap_high`` (``per``): the gap at the ends of that interval
        - ``status``: met, short, uncertain by that interval; no data, suppressed
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If the level does not lie between 0 and 1.

    Notes
    -----
    Šidák (1967): each of m intervals is made at the m-th root of the level, m counting the rows
    that are shown with a rate, the total and Unknown among them. Segments may be independent,
    overlapping or crossed. Proportions have mid-p limits and rates exact ones, since Wilson's
    fall short so far out; published limits are stretched on the scale of their kind. Choosing rows
    afterwards does no harm, since all of them hold; keep fewer first, with ``where``, to have
    narrower ones.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "group": ["Asian", "Black", "Latino", "White"],
    ...     "graduated": [1910, 462, 2520, 1800], "cohort": [2000, 600, 3000, 2000],
    ... })
    >>> a = tu.assess(
    ...     tu.from_counts(pupils, numerator="graduated", denominator="cohort", segments="group"),
    ...     tu.Goal.at_least(0.90, name="Graduate in four years"),
    ... )
    >>> a.joint()[["segment", "rate", "ci_low", "ci_high", "status"]].round(3)
      segment   rate  ci_low  ci_high     status
    0     All  0.881   0.871    0.890      short
    1   Asian  0.955   0.942    0.966        met
    2   Black  0.770   0.724    0.812      short
    3  Latino  0.840   0.822    0.857      short
    4   White  0.900   0.882    0.916  uncertain

    """
    check_level(confidence)
    held = held_together(answer, confidence)
    return answer.frame(
        JOINT,
        {
            "rate": answer.values["rate"],
            "ci_low": held.low,
            "ci_high": held.high,
            "gap_low": held.gap_low,
            "gap_high": held.gap_high,
            "status": Words(STATUS_WORDS, held.status.astype(np.int64)),
            "reason": own_reasons(answer) | held.why,
        },
    )


_WITHOUT_INTERVAL = frozenset(
    {
        Reason.ROUNDED, Reason.NO_INTERVAL, Reason.WITHHELD, Reason.INTERVAL_UNDEFINED,
        Reason.MARGIN_CODE,
    }
)  # fmt: skip


def held_together(answer: Answer, confidence: float) -> JointIntervals:
    """Make intervals that hold for all rows with a rate of a stratum and indicator at once.

    Parameters
    ----------
    answer : Answer
        What was assessed, with or without intervals of its own.
    confidence : float
        Level in (0, 1) at which they hold together.

    Returns
    -------
    JointIntervals
    """
    shape = answer.cells.shape
    low, high, gap_low, gap_high = (np.full(shape, np.nan) for _ in range(4))
    standing = np.full(shape, Status.UNCERTAIN, dtype=np.uint8)
    why = ReasonsInPlaces(shape)
    for indicator, here, count in _alike(answer):
        goal = answer.goals[indicator]
        level = sidak_level(confidence, count)
        found, unbounded = _limits(answer, indicator, here, level)
        why.add((slice(None), here), unbounded)
        low[:, here], high[:, here] = found
        target, direction = float(goal.target), goal.direction
        gap_low[:, here], gap_high[:, here] = gap_limits(*found, target, direction=direction)
        standing[:, here] = status(*found, target, direction=direction)
    standing[answer.cells.state == State.SUPPRESSED] = Status.SUPPRESSED
    standing[answer.cells.state >= State.NO_DATA] = Status.NO_DATA
    return JointIntervals(low, high, gap_low, gap_high, standing, why[...])


def _alike(answer: Answer) -> Iterator[tuple[int, IntArray, int]]:
    """Give the strata of each indicator that show as many rates, and how many these are."""
    shown = (answer.cells.state == State.OK).sum(axis=0)
    of = answer.segments.strata.indicator
    for indicator in range(len(answer.goals)):
        for count in np.unique(shown[of == indicator]).tolist():
            yield indicator, np.flatnonzero((of == indicator) & (shown == count)), count


def _limits(
    answer: Answer, indicator: int, here: IntArray, level: float
) -> tuple[tuple[FloatArray, FloatArray], Reasons]:
    """Give limits at a level of all rows of some strata, in units of the goal's ``per``.

    Beside them stands why there are none.
    """
    segments, kind = answer.segments.take(here), answer.segments.kinds[indicator]
    counted = segments.cells.family.counted
    how = _INTERVALS.get(kind, "auto") if counted else "auto"
    options = replace(answer.options, confidence=level, interval=how)
    restated = _restated(segments, kind, float(segments.unit_of(indicator)), level)
    found = held_against_goals(restated, answer.goals, options)
    limits = found.values["ci_low"], found.values["ci_high"]
    return limits, found.reason.only(_WITHOUT_INTERVAL)


def _restated(segments: Segments, kind: str, unit: float, level: float) -> Segments:
    """Take published limits to another level."""
    if segments.level is None:
        return segments
    stats, factor = segments.cells.stats, z_value(level) / z_value(segments.level)
    rate, *limits = (stats[name] / unit for name in ("rate", "ci_low", "ci_high"))
    low, high = stretched(rate, (limits[0], limits[1]), factor, kind)
    moved = {**stats, "ci_low": low * unit, "ci_high": high * unit}
    return replace(segments, cells=replace(segments.cells, stats=moved), level=level)
