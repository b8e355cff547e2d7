"""Are we getting there: change since a baseline, its pace, and when the goal is reached."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import Values
from targeted_universalism.ask.progress.ahead import where_trends_lead
from targeted_universalism.ask.progress.change import changes
from targeted_universalism.ask.progress.ends import Ends
from targeted_universalism.ask.progress.hidden_by_averages import leveling_down, masked_shortfall
from targeted_universalism.ask.series import Window, series_of, window_of
from targeted_universalism.ask.trends import Trends, trends_of
from targeted_universalism.errors import check_whole
from targeted_universalism.measures.entry import entry_of
from targeted_universalism.measures.progress import PROGRESS_RULES
from targeted_universalism.segments.columns import PROGRESS


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
          current trend, or if it is at the goal and leaves it before the deadline
        - ``projected_low``, ``projected_high`` (year): its interval, by simulation; infinite where
          the trend may never reach it
        - ``probability``: the share of simulated trends that are at the goal at its deadline
        - ``leveling_down``: whether the segment moved away from the goal, by more than the rule
          takes for chance, and toward the segment of its dimension that is furthest from it: a
          smaller gap that helped nobody; missing where that hangs on a segment that is hidden or
          has no rate
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
    asked = ProgressOptions(
        time=time, baseline=baseline, latest=latest, pace=pace, breaks=breaks, rule=rule,
        draws=draws, seed=seed,
    )  # fmt: skip
    return followed(answer, asked).table


@dataclass(frozen=True, kw_only=True)
class ProgressOptions:
    """The options of :func:`progress`, as it lists them, and of a picture of it."""

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


def followed(answer: Answer, asked: ProgressOptions) -> Followed:
    """Follow every series, as :func:`progress` does: its table, and the trends behind it."""
    judged = entry_of(PROGRESS_RULES, asked.rule)
    check_whole("draws", asked.draws, 100)
    check_whole("seed", asked.seed, 0)
    series = series_of(answer, asked.time)
    window = window_of(series, asked.baseline, asked.latest, asked.breaks)
    trends = list(trends_of(window, asked.pace))
    ends = Ends.of(window)
    changed, away, of_change = changes(ends, judged)
    down, of_down = leveling_down(ends, away)
    masked, of_masked = masked_shortfall(ends)
    found: dict[str, Values] = {
        "goal": window.series.goal_values("target"),
        "leveling_down": down,
        "masked_shortfall": masked,
    }
    ahead, of_trend = where_trends_lead(ends, trends, asked.draws, asked.seed)
    reason = ends.reason | of_change | of_trend | of_down | of_masked
    table = window.series.frame(
        PROGRESS, {**found, **ends.columns, **changed, **ahead, "reason": reason}
    )
    return Followed(window, tuple(one for one, _ in trends), table)
