"""The façade: ``assess`` and the object it returns; every method is a function of a room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from targeted_universalism.answer import checks, gaps
from targeted_universalism.answer.answer import Options
from targeted_universalism.answer.goals import Goal, goals_by_indicator, goals_table
from targeted_universalism.answer.questions import Assessed, Question, Rooms
from targeted_universalism.answer.reliability import RULE_NAMES, flagged
from targeted_universalism.errors import CallError, advised, check_one_of
from targeted_universalism.segments.choices import Choices, recorded
from targeted_universalism.segments.segments import Segments
from targeted_universalism.show import text
from targeted_universalism.show.plots import Plots

if TYPE_CHECKING:
    import targeted_universalism.answer.reliability
    import targeted_universalism.answer.select
    import targeted_universalism.ask.allocation
    import targeted_universalism.ask.disparities
    import targeted_universalism.ask.effort
    import targeted_universalism.ask.gap_trends
    import targeted_universalism.ask.impact
    import targeted_universalism.ask.inequality
    import targeted_universalism.ask.joint
    import targeted_universalism.ask.latest
    import targeted_universalism.ask.milestones
    import targeted_universalism.ask.progress
    import targeted_universalism.ask.representation
    import targeted_universalism.ask.scorecard
    import targeted_universalism.ask.spending
    import targeted_universalism.privacy.log
    import targeted_universalism.privacy.suppress
    import targeted_universalism.show.page
    import targeted_universalism.show.plain
    import targeted_universalism.show.sentences
    import targeted_universalism.show.workbook

    answer, ask = targeted_universalism.answer, targeted_universalism.ask
    privacy, show = targeted_universalism.privacy, targeted_universalism.show
else:  # pictures, solvers and workbooks load when they are asked for
    answer, ask, privacy, show = (Rooms(name) for name in ("answer", "ask", "privacy", "show"))

# A table of few rows is kept, as copying it takes little; one of many would be held twice.
_MANY_CELLS = 100_000


@advised
def assess(
    segments: Segments,
    goal: Goal | Mapping[str, Goal],
    *,
    confidence: float | None = 0.95,
    interval: str = "auto",
    reliability: str | None = "nchs",
    rollup: bool | str | Sequence[str] = False,
) -> Assessment:
    """Hold every segment against one universal goal: gaps, people needed, and how sure they are.

    Parameters
    ----------
    segments : Segments
        From :func:`from_counts` or :func:`from_estimates`.
    goal : Goal or mapping of indicator to Goal
        One number for everybody, for each indicator.
    confidence : float or None
        Level of the intervals; None leaves them out, and the point decides.
    interval : {"auto", "wilson", "midp", "exact", "byar", "student"}
        ``"auto"`` is Wilson's for proportions, with the mid-p limit on the side of 0 or 1 where at
        most ten people have the outcome or lack it, and the exact Poisson interval for rates;
        published estimates keep the scale of their kind.
    reliability : str or None
        The rule behind ``flag``: one of those that :meth:`Assessment.reliability` lists, or none.
    rollup : bool, str or list of str
        True adds one stratum at the end, its `by` values missing: all strata together. The name of
        a `by` column, or a list of them, adds up over these only: one stratum for each value of the
        others.

    Returns
    -------
    Assessment
        Its ``table`` has one row for each segment in each stratum, the total first.

    Raises
    ------
    InputError
        If the goal is a bare number, differs by segment, or is on another scale than the data.

    Notes
    -----
    The gap is the distance still to go: positive is short of the goal. One group's surplus never
    offsets another's shortfall (powell, Menendian & Ake 2019).

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
    >>> a.table[["segment", "rate", "gap", "status", "needed"]].round(3)
      segment   rate    gap     status  needed
    0     All  0.881  0.019      short     148
    1   Asian  0.955 -0.055        met       0
    2   Black  0.770  0.130      short      78
    3  Latino  0.840  0.060      short     180
    4   White  0.900  0.000  uncertain       0

    """
    if not isinstance(segments, Segments):
        raise CallError(
            f"assess() takes Segments first, not {type(segments).__name__}: make them with "
            "tu.from_counts(data, …) or tu.from_estimates(data, …)."
        )
    check_one_of("reliability", reliability, RULE_NAMES)
    goals = goals_by_indicator(
        goal, segments.strata.indicators, segments.strata.indicator_name is not None
    )
    options = Options(
        confidence=confidence, interval=interval, reliability=reliability,
        rollup=checks.check_rollup(rollup, segments.strata.names),
    )  # fmt: skip
    checks.check_fit(segments, goals, options)
    if options.rollup:
        segments = segments.rolled_up(options.rollup)
    return Assessment(flagged(gaps.held_against_goals(segments, goals, options)))


class Assessment(Assessed):
    """What :func:`assess` found: one answer, seen as a table, sentences, pictures and a page.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> absent = pd.DataFrame({
    ...     "county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["White", "Latino"] * 2,
    ...     "absent": [30, 90, 18, 60], "pupils": [200, 400, 150, 300],
    ... })
    >>> segments = tu.from_counts(
    ...     absent, numerator="absent", denominator="pupils", segments="race", by="county"
    ... )
    >>> a = tu.assess(segments, tu.Goal.at_most(15, per=100, name="Chronic absence"))
    >>> a.where(county="Mono").table["needed"].tolist()
    [11, 0, 15]

    """

    @cached_property
    def _table(self) -> pd.DataFrame:
        return self._answer.table()

    @property
    def table(self) -> pd.DataFrame:
        """One row for each segment in each stratum, the total first, as a copy.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``population`` (people): the denominator
        - ``n`` (people): the unweighted denominator; for published rates the column named by n=
        - ``events`` (events): the numerator; missing for published rates
        - ``rate`` (``per``): the rate
        - ``ci_low``, ``ci_high`` (``per``): the interval of the rate
        - ``goal`` (``per``): the goal
        - ``per``: the unit of rates, goals and gaps: 1, 100, 1,000 or 100,000
        - ``gap`` (``per``): the distance still to go: positive is short of the goal, negative is
          past it
        - ``gap_low``, ``gap_high`` (``per``): the gap at the ends of the interval; for a cell
          hidden in the input, the range over all counts that it may hold
        - ``ratio_to_goal``: rate over goal, never turned round; missing for a goal of 0
        - ``status``: met, short, uncertain, no data, suppressed
        - ``needed`` (people): the fewest people whose outcome must change
        - ``needed_low``, ``needed_high`` (people): the need if the rate behind the counts lay at
          its limits; for a cell hidden in the input, the range over all counts that it may hold
        - ``effort_share``: the segment's share of all people needed in its dimension; missing for
          totals, Unknown and overlapping segments
        - ``flag``: ok, unreliable, suppressed, no data, by the reliability rule (nchs unless you
          choose)
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say
        """
        if self._answer.status.size > _MANY_CELLS:
            return self._answer.table()
        return self._table.copy()

    @property
    def goals(self) -> pd.DataFrame:
        """One row for each goal: what it is, why, and where it is written down.

        Columns (units in brackets):

        - ``indicator``: what is measured; empty where nothing says
        - ``name``: what everybody should reach, in words
        - ``direction``: at least or at most
        - ``target`` (``per``): the goal
        - ``per``: the unit of the target
        - ``deadline``: the year to reach it by
        - ``ambition``: aspirational, interim or statutory
        - ``rationale``, ``source``: why this number, and where it is written down
        - ``people``: for whom it counts: people, children
        - ``version``: which edition of a shared goal it is
        - ``fingerprint``: of its definition: the same where the same is measured; empty without one
        """
        return goals_table(self._answer.goals, self._answer.segments.strata.indicators)

    @property
    def choices(self) -> Choices:
        """Every choice behind the numbers, from the constructor on.

        Under ``findings`` stands what was seen in the cells and their labels that would lead the
        answer astray, sentences by the names of :func:`inspect`, which looks at the rows. No
        sentence holds a count; those of a public assessment are about what it shows alone.
        """
        return recorded(self._answer.choices())

    @property
    def segments(self) -> Segments:
        """The segments behind the answer; without hidden values if it is public."""
        return self._answer.segments

    @property
    def plot(self) -> Plots:
        """Pictures, each in words too: ``a.plot.gaps()``, ``a.plot.equiplot()`` and others."""
        return Plots(self._answer)

    where = Question(lambda: answer.select.where)
    reliability = Question(lambda: answer.reliability.reliability)
    disparities = Question(lambda: ask.disparities.disparities)
    summarize = Question(lambda: ask.inequality.summarize)
    impact = Question(lambda: ask.impact.impact)
    representation = Question(lambda: ask.representation.representation)
    effort = Question(lambda: ask.effort.effort)
    joint = Question(lambda: ask.joint.joint)
    allocate = Question(lambda: ask.allocation.allocate)
    progress = Question(lambda: ask.progress.progress)
    spending = Question(lambda: ask.spending.spending)
    scorecard = Question(lambda: ask.scorecard.scorecard)
    milestones = Question(lambda: ask.milestones.milestones)
    gap_trends = Question(lambda: ask.gap_trends.gap_trends)
    _at_latest = Question(lambda: ask.latest.at_latest)
    suppress = Question(lambda: privacy.suppress.suppress)
    suppression_log = Question(lambda: privacy.log.suppression_log)
    describe = Question(lambda: show.sentences.describe)
    report = Question(lambda: show.page.report)
    to_excel = Question(lambda: show.workbook.to_excel)
    to_dict = Question(lambda: show.plain.to_dict)

    def __repr__(self) -> str:
        return text.text(self._answer)

    def _repr_html_(self) -> str:
        return text.html(self._answer)
