"""Are we getting there: change since a baseline, its pace, and when the goal is reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import unrated
from targeted_universalism.answer.tables import Values, Words
from targeted_universalism.ask.series import Window, series_of, window_of
from targeted_universalism.ask.sides import side_without_limits
from targeted_universalism.ask.tests import equality
from targeted_universalism.ask.trends import Trends, trends_of
from targeted_universalism.errors import check_whole
from targeted_universalism.measures.entry import entry_of
from targeted_universalism.measures.pace import PACES, acceleration
from targeted_universalism.measures.progress import (
    PROGRESS_RULES,
    PROGRESS_WORDS,
    Progress,
    ProgressRule,
    movement,
    percent_change,
    percent_of_targeted_change,
    progress_status,
)
from targeted_universalism.measures.trend import LEAST_POINTS
from targeted_universalism.reasons import (
    WITHOUT_RATE,
    Reason,
    Reasons,
    ReasonsInPlaces,
    because,
)
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import PROGRESS
from targeted_universalism.segments.nesting import insides

# The progress of a row that has not been assessed.
_NOT_ASSESSED = -1
_SAME = 1e-12


def progress(
    answer: Answer,
    time: str,
    *,
    baseline: object = None,
    latest: object = None,
    pace: str | None = None,
    breaks: object = (),
    rule: str = "general",
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Say how far each segment has come since a baseline, and when it reaches the goal at its pace.

    Parameters
    ----------
    time : str
        The column of `by` that holds the time: years (2022), school or fiscal years ("2021-22",
        known by their last year), pooled years ("2018-2022") or dates.
    baseline, latest : value of that column, optional
        The first and the last time of each place without them.
    pace : {"linear", "geometric", "log-odds"}, optional
        How a rate is taken to move; without it log-odds for proportions, geometric for rates,
        linear for means, and linear where the goal is a bound of the scale.
    breaks : value of that column, or collection of them
        Times at which a new series begins: a changed definition, a year like no other. Nothing
        before a break is held against what lies after.
    rule : {"general", "hp2020"}
        Whose test says that something changed: ours, two-sided at .05, or Healthy People 2020's,
        one-sided at .05.
    draws, seed : int
        Simulated trends behind the interval of the projected time and the probability, and where
        they start: the same seed gives the same numbers.

    Returns
    -------
    DataFrame
        Status, pace so far and needed, acceleration, and the projected time with its interval.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``baseline_time``: the baseline, as the column of time has it
        - ``baseline_rate`` (``per``): the rate at the baseline
        - ``latest_time``: the latest time, as the column of time has it
        - ``latest_rate`` (``per``): the rate at the latest time
        - ``goal`` (``per``): the goal
        - ``change`` (``per``): latest rate − baseline rate
        - ``percent_of_target``: percent of the targeted change that is achieved: 100 is all of it;
          only for movement toward the goal (Healthy People's for a total; for segments ours)
        - ``percent_change``: percent of the baseline rate by which it changed, up or down
        - ``p_value``: that there was no change: two-sided under our rule, one-sided under hp2020
        - ``progress``: target met or exceeded, improving, little or no detectable change, getting
          worse, baseline only, by Healthy People's rules
        - ``pace``: the kind of pace: linear, geometric or log-odds
        - ``pace_so_far``, ``pace_needed``: the trend from baseline to latest time, and the pace
          that leads from the latest rate to the goal by the deadline: linear in units of the goal a
          year, geometric as relative change a year, log-odds as change of the log-odds a year
        - ``acceleration``: pace needed / pace so far: how many times as fast; missing where the
          pace so far leads away from the goal
        - ``projected_time`` (year): when the trend reaches the goal; infinite if never on the
          current trend
        - ``projected_low``, ``projected_high`` (year): its interval, by simulation; infinite where
          the trend may never reach it
        - ``probability``: the share of simulated trends that reach the goal by its deadline
        - ``leveling_down``: whether the segment moved away from the goal and toward the segment of
          its dimension that is furthest from it: a smaller gap that helped nobody; missing where
          that hangs on a segment that is hidden or has no rate
        - ``masked_shortfall``: whether it is at the goal, and a segment inside it is not; missing
          where that hangs on a segment that is hidden or has no rate
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If the column holds something that is no time, or two of the same; if the latest time is
        not after the baseline; if a pace does not fit what is measured.

    Notes
    -----
    Statuses are Healthy People's (NCHS, Healthy People 2020 Final Progress Table), who assess
    totals; that segments are assessed too is ours. The trend is a straight line on the scale of the
    pace through the times from baseline, or last break, to the latest, each weighted by its
    precision; of pooled years that overlap only those that share no year are used. The projected
    time is that of the trend, never of the last two points, and needs three times. The pace needed
    starts at the latest rate, the projection at the trend, which may stand a little elsewhere: a
    pace that seems just enough can arrive a year late.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "year": [2019, 2019, 2020, 2020, 2021, 2021, 2022, 2022],
    ...     "group": ["Black", "White"] * 4,
    ...     "graduated": [690, 1700, 705, 1710, 722, 1705, 741, 1712],
    ...     "cohort": [1000, 2000] * 4,
    ... })
    >>> a = tu.assess(
    ...     tu.from_counts(
    ...         pupils, numerator="graduated", denominator="cohort", segments="group", by="year"
    ...     ),
    ...     tu.Goal.at_least(0.90, name="Graduate in four years", deadline=2030),
    ... )
    >>> a.progress("year")[["segment", "progress", "acceleration", "projected_time"]].round(1)
      segment                        progress  acceleration  projected_time
    0     All                       improving           2.0          2038.3
    1   Black                       improving           1.7          2035.8
    2   White  little or no detectable change           4.2          2055.7

    """
    asked = Asked(
        time=time, baseline=baseline, latest=latest, pace=pace, breaks=breaks, rule=rule,
        draws=draws, seed=seed,
    )  # fmt: skip
    return followed(answer, asked).table


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of :func:`progress`, and of a picture of it."""

    time: str
    baseline: object = None
    latest: object = None
    pace: str | None = None
    breaks: object = ()
    rule: str = "general"
    draws: int = 2000
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Followed:
    """Every series followed along time.

    Parameters
    ----------
    window : Window
        From when to when.
    trends : tuple of Trends
        Those of each indicator.
    table : DataFrame
        What ``a.progress`` gives.
    """

    window: Window
    trends: tuple[Trends, ...]
    table: pd.DataFrame


def followed(answer: Answer, asked: Asked) -> Followed:
    """Follow every series, as :func:`progress` does: its table, and the trends behind it."""
    judged = entry_of(PROGRESS_RULES, asked.rule)
    check_whole("draws", asked.draws, 100)
    check_whole("seed", asked.seed, 0)
    series = series_of(answer, asked.time)
    window = window_of(series, asked.baseline, asked.latest, asked.breaks)
    trends = list(trends_of(window, asked.pace))
    ends = Ends.of(window)
    changed, away, of_change = _changes(ends, judged)
    down, of_down = _leveling_down(ends, away)
    masked, of_masked = _masked_shortfall(ends)
    found: dict[str, Values] = {
        "goal": window.series.goal_values("target"),
        "leveling_down": down,
        "masked_shortfall": masked,
    }
    ahead, of_trend = _ahead(ends, trends, asked.draws, asked.seed)
    reason = ends.reason | of_change | of_trend | of_down | of_masked
    table = window.series.frame(
        PROGRESS, {**found, **_times(window), **changed, **ahead, "reason": reason}
    )
    return Followed(window, tuple(one for one, _ in trends), table)


@dataclass(frozen=True, eq=False)
class Ends:
    """The two ends of every series, arrays shaped (rows, series).

    Parameters
    ----------
    window : Window
    before, now : array
        Rates at the baseline and at the latest time, in units of the goal; NaN where not known.
    reason : Reasons
        Why a rate is not known, or the two are not held against each other.
    """

    window: Window
    before: FloatArray
    now: FloatArray
    reason: Reasons

    @classmethod
    def of(cls, window: Window) -> Ends:
        """Take the rates at both ends of every series."""
        series, rate = window.series, window.series.answer.values["rate"]
        before, now = (series.at_level(rate, e) for e in (window.baseline, window.latest))
        first, last = (
            series.reasons_at(e).only(WITHOUT_RATE) for e in (window.baseline, window.latest)
        )
        everywhere = np.ones(series.shape, dtype=np.bool_)
        reason = (
            (first | because(np.isnan(before), Reason.NO_BASELINE))
            | (last | because(np.isnan(now), Reason.NO_LATEST))
            | because(everywhere & window.one_time, Reason.ONE_TIME)
            | because(everywhere & window.broken, Reason.BREAK)
        )
        return cls(window, before, now, reason)

    @property
    def held(self) -> BoolArray:
        """Where the two ends may be held against each other."""
        apart = ~(self.window.one_time | self.window.broken)
        return np.asarray(~np.isnan(self.before) & ~np.isnan(self.now) & apart)

    @property
    def baseline_only(self) -> BoolArray:
        """Where there is a baseline, and no second rate that may be held against it."""
        alone = self.window.one_time & ~np.isnan(self.now)
        lost = ~np.isnan(self.before) & np.isnan(self.now) & ~self.window.broken
        return np.asarray(alone | lost)

    @cached_property
    def unknown(self) -> tuple[tuple[BoolArray, BoolArray], ...]:
        """Which rows are hidden, and which have people and no rate: at the baseline, and latest."""
        series, cells = self.window.series, self.window.series.answer.cells
        states = cells.state == State.SUPPRESSED, unrated(cells)
        first, last = (
            tuple(series.at_level(state, level, False) for state in states)
            for level in (self.window.baseline, self.window.latest)
        )
        return (first[0], first[1]), (last[0], last[1])

    @cached_property
    def gap(self) -> FloatArray:
        """Distance of the latest rate to the goal: positive is short of it."""
        series = self.window.series
        return np.asarray(series.at_level(series.answer.values["gap"], self.window.latest))

    @cached_property
    def gap_before(self) -> FloatArray:
        """Distance of the baseline to the goal."""
        series = self.window.series
        return np.asarray(series.at_level(series.answer.values["gap"], self.window.baseline))

    @property
    def arrived(self) -> BoolArray:
        """Where the latest rate is at or past the goal."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.gap <= 0)

    def by_indicator(self) -> Iterator[tuple[int, IntArray]]:
        """Give the series of each indicator."""
        of = self.window.series.strata.indicator
        for indicator in range(len(self.window.series.answer.goals)):
            yield indicator, np.flatnonzero(of == indicator)


def _times(window: Window) -> dict[str, Values]:
    """Say which times are held against each other, and the rates then."""
    labels = window.series.times.labels
    rate = window.series.answer.values["rate"]
    found: dict[str, Values] = {}
    for name, level in (("baseline", window.baseline), ("latest", window.latest)):
        found[f"{name}_time"] = Words(labels, level)
        found[f"{name}_rate"] = window.series.at_level(rate, level)
    return found


# --- what has changed -----------------------------------------------------------------------------


def _changes(ends: Ends, rule: ProgressRule) -> tuple[dict[str, Values], BoolArray, Reasons]:
    """Hold the latest rate against the baseline: change, test, status, and who moved away."""
    before = np.where(ends.held, ends.before, np.nan)
    now = np.where(ends.held, ends.now, np.nan)
    p_value = np.full(before.shape, np.nan)
    code = np.full(before.shape, _NOT_ASSESSED, dtype=np.int64)
    percent, moved = np.full(before.shape, np.nan), np.zeros(before.shape)
    for indicator, here in ends.by_indicator():
        goal = ends.window.series.answer.goals[indicator]
        target, direction = float(goal.target), goal.direction
        pair = before[:, here], now[:, here], np.array(target)
        two_sided = _two_sided(ends, indicator, here, rule.normal)
        code[:, here] = progress_status(
            *pair, direction=direction, p_value=two_sided, rule=rule.name,
            gap=ends.gap[:, here], gap_before=ends.gap_before[:, here],
        )  # fmt: skip
        moved[:, here] = movement(
            *pair, direction=direction, p_value=two_sided, rule=rule.name,
            gap_before=ends.gap_before[:, here],
        )  # fmt: skip
        p_value[:, here] = rule.judge(two_sided)
        percent[:, here] = percent_of_targeted_change(*pair, direction=direction)
    code[~ends.held] = _NOT_ASSESSED
    code[ends.baseline_only] = Progress.BASELINE_ONLY
    away = np.asarray(ends.held & (moved < 0))
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
    return np.where(usable & ends.held[:, here], p, np.nan)


def _why_not(ends: Ends, p_value: FloatArray) -> Reasons:
    """Say why there is no percent of the target, or no test."""
    held = ends.held
    with np.errstate(invalid="ignore"):
        short = ends.gap_before > 0
        away = ends.gap >= ends.gap_before
    untested = held & np.isnan(p_value) & (ends.before != ends.now)
    dependent = ends.window.dependent & untested
    return (
        because(held & ~short, Reason.BASELINE_MET)
        | because(held & short & away, Reason.AWAY)
        | because(held & (ends.before == 0), Reason.ZERO_RATE)
        | ends.window.untested(untested)
        | because(untested & ~dependent, Reason.NO_TEST)
    )


# --- where it leads -------------------------------------------------------------------------------


def _ahead(
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
    now = ends.now[:, trends.here]
    going = ~(ends.arrived | np.isnan(ends.now))[:, trends.here]
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
    window, now = ends.window, ends.now
    known, arrived = ~np.isnan(now), ends.arrived
    latest, deadline = window.series.time_of(window.latest), window.series.deadline
    points = (window.series.known & window.points[:, None]).sum(axis=0)
    going = known & ~arrived
    with np.errstate(invalid="ignore"):
        passed = deadline <= latest
    no_pace = going & np.isnan(found["pace_needed"]) & (deadline > latest)
    no_pace |= known & (points > 1) & np.isnan(found["pace_so_far"])
    away = going & (points > 1) & ~np.isnan(found["pace_so_far"] + found["pace_needed"])
    thinned = (window.series.place >= 0) & ~window.points & window.between
    return (
        because(known & arrived, Reason.AT_GOAL)
        | because(going & np.isnan(deadline), Reason.NO_DEADLINE)
        | because(going & passed, Reason.DEADLINE_PASSED)
        | because(known & bound, Reason.PACE_BOUND)
        | because(no_pace, Reason.NO_PACE)
        | because(away & np.isnan(found["acceleration"]), Reason.WRONG_WAY)
        | because(going & (points < LEAST_POINTS), Reason.FEW_TIMES)
        | because(np.isposinf(found["projected_time"]), Reason.NEVER)
        | because(known & thinned.any(axis=0), Reason.OVERLAP_LEFT_OUT)
    )


# --- what an average hides ------------------------------------------------------------------------


def _leveling_down(ends: Ends, away: BoolArray) -> tuple[FloatArray, Reasons]:
    """Tell which segments fell back toward the one furthest from the goal: 1, 0 or NaN.

    A smaller gap between groups helps nobody where it is made by those who were better off. Only a
    movement that counts as one is told of: rates of few people fall a little every other year.
    Which segment is furthest is not known where one is hidden, or has people and no rate.
    """
    gaps = [np.where(ends.held, gap, np.nan) for gap in (ends.gap_before, ends.gap)]
    hidden, lacking = (first | last for first, last in zip(*ends.unknown, strict=True))
    index = ends.window.series.answer.segments.index
    out, reason = np.full(gaps[0].shape, np.nan), ReasonsInPlaces(gaps[0].shape)
    for dimension in range(1, len(index.dimensions)):
        rows = index.rows(dimension)
        rows = rows[~index.unknown[rows]]
        before, now = (gap[rows] for gap in gaps)
        furthest = [_largest(gap) for gap in (before, now)]
        near = _SAME * ends.window.series.goal_values("per")  # rounding alone
        with np.errstate(invalid="ignore"):
            down = away[rows] & ((furthest[0] - before) - (furthest[1] - now) > near)
        open_, why = _left_open(away[rows], hidden[rows], lacking[rows])
        out[rows] = np.where(np.isnan(now) | open_, np.nan, down)
        reason.add(rows, why)
    return out, reason[...]


def _largest(gap: FloatArray) -> FloatArray:
    return np.asarray(np.max(gap, axis=0, initial=-np.inf, where=~np.isnan(gap)))


def _masked_shortfall(ends: Ends) -> tuple[FloatArray, Reasons]:
    """Tell which rows are at the goal while a segment inside them is short: 1, 0 or NaN.

    Where none is known to be short and one is hidden, or has people and no rate, nobody can tell.
    """
    gap, index = ends.gap, ends.window.series.answer.segments.index
    hidden, lacking = ends.unknown[1]
    out, reason = np.where(np.isnan(gap), np.nan, 0.0), ReasonsInPlaces(gap.shape)
    for parent, inside in insides(index):
        with np.errstate(invalid="ignore"):
            there = gap[parent] <= 0
            short = (gap[inside] > 0).any(axis=0)
        open_, why = _left_open(there & ~short, hidden[inside], lacking[inside])
        told = np.where(open_, np.nan, np.where(there & short, 1.0, out[parent]))
        out[parent] = told
        reason.add(parent, why)
    return out, reason[...]


def _left_open(
    asked: BoolArray, hidden: BoolArray, lacking: BoolArray
) -> tuple[BoolArray, Reasons]:
    """Tell where an answer hangs on segments, shaped (m, series), that are not known, and why."""
    of_hidden, of_lacking = (asked & some.any(axis=0) for some in (hidden, lacking))
    return of_hidden | of_lacking, (
        because(of_hidden, Reason.SUPPRESSED_SEGMENT) | because(of_lacking, Reason.NEED_UNKNOWN)
    )
