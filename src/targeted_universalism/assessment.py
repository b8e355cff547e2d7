"""The façade: ``assess`` and the object it returns; every method hands over in a line or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from targeted_universalism.answer import gaps
from targeted_universalism.answer import reliability as flagging
from targeted_universalism.answer import select as choosing
from targeted_universalism.answer.answer import Answer, Options, goals_table
from targeted_universalism.answer.goals import Goal, goals_by_indicator
from targeted_universalism.ask import (
    disparities as comparisons,
)
from targeted_universalism.ask import (
    impact as impacts,
)
from targeted_universalism.ask import (
    representation as representations,
)
from targeted_universalism.errors import InputError, check_one_of
from targeted_universalism.segments.segments import Segments, frozen
from targeted_universalism.show import text as markup
from targeted_universalism.show import words
from targeted_universalism.show.plots import Plots


def assess(
    segments: Segments,
    goal: Goal | Mapping[str, Goal],
    *,
    confidence: float | None = 0.95,
    interval: str = "auto",
    reliability: str | None = "nchs",
    rollup: bool = False,
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
    interval : {"auto", "wilson", "exact", "byar", "student"}
        ``"auto"`` is Wilson's for proportions, the exact Poisson interval for rates; published
        estimates keep the scale of their kind.
    reliability : str or None
        The rule behind ``flag``, a name in :meth:`Assessment.reliability`; None for no flag.
    rollup : bool
        Add one stratum at the end, its `by` values missing: all strata together.

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
        raise TypeError(
            f"assess() takes Segments first, not {type(segments).__name__}: make them with "
            "tu.from_counts(data, …) or tu.from_estimates(data, …)."
        )
    check_one_of("reliability", reliability, flagging.NAMES)
    goals = goals_by_indicator(
        goal, segments.strata.indicators, segments.strata.indicator_name is not None
    )
    options = Options(
        confidence=confidence, interval=interval, reliability=reliability, rollup=bool(rollup)
    )
    gaps.check(segments, goals, options)
    return _assessed(segments.rolled_up() if rollup else segments, goals, options)


def _assessed(segments: Segments, goals: tuple[Goal, ...], options: Options) -> Assessment:
    return Assessment(flagging.flagged(gaps.measure(segments, goals, options)))


def audit(*public: Assessment, width: int = 5) -> pd.DataFrame:
    """Attack what is published: the range that every hidden count can be narrowed down to.

    The attacker knows every published number to its last digit, the rule, the minimum and the
    policy for zeros, and puts all tables that are given here together.

    Parameters
    ----------
    *public : Assessment
        From :meth:`Assessment.suppress`; several may overlap, or be each other's sums.
    width : int
        How many values every hidden count must keep.

    Returns
    -------
    DataFrame
        One row for each hidden count.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``quantity``: people, events, or people without the event
        - ``low``, ``high`` (people): the range that the count can be narrowed down to; high is
          missing where nothing bounds it
        - ``possible_values``: how many values are left to it
        - ``passes``: whether at least width values are possible, and the range does not lie within
          1 to minimum − 1

    Raises
    ------
    InputError
        If an assessment has not been made public.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 4, 30], "n": [90, 50, 70]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> public = tu.assess(s, tu.Goal.at_least(0.5)).suppress()
    >>> tu.audit(public)[["segment", "quantity", "low", "high", "passes"]]
      segment                  quantity  low   high  passes
    0       B                    people  1.0  119.0    True
    1       B                    events  0.0   34.0    True
    2       B  people without the event  0.0   86.0    True
    3       C                    people  1.0  119.0    True
    4       C                    events  0.0   34.0    True
    5       C  people without the event  0.0   86.0    True

    """
    from targeted_universalism.privacy import audit as auditing

    return auditing.audit([one._answer for one in _public("audit()", public)], width)


def _public(where: str, released: Sequence[Assessment]) -> Sequence[Assessment]:
    """Stop at what has not been made public."""
    released = (released,) if isinstance(released, Assessment) else released
    for one in released:
        if not isinstance(one, Assessment):
            raise TypeError(
                f"{where} takes public assessments, not {type(one).__name__}: a.suppress(…)."
            )
        if not one._answer.public:
            raise InputError(
                f"{where} looks at what is published, and this assessment still holds everything: "
                "say a.suppress(…) first."
            )
    return released


@dataclass(frozen=True, eq=False, repr=False)
class Assessment:
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

    _answer: Answer

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
        - ``needed_low``, ``needed_high`` (people): the range of people needed that goes with the
          range of the gap
        - ``effort_share``: the segment's share of all people needed in its dimension; missing for
          totals, Unknown and overlapping segments
        - ``flag``: ok, unreliable, suppressed, no data, by the reliability rule (nchs unless you
          choose)
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say
        """
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
        """
        return goals_table(self._answer.goals, self._answer.segments.strata.indicators)

    @property
    def choices(self) -> Mapping[str, Any]:
        """Every choice behind the numbers, from the constructor on."""
        return frozen(self._answer.choices())

    @property
    def segments(self) -> Segments:
        """The segments behind the answer; without hidden values if it is public."""
        return self._answer.segments

    @property
    def plot(self) -> Plots:
        """Pictures, each in words too: ``a.plot.gaps()``, ``a.plot.equiplot()`` and others."""
        return Plots(self._answer)

    def summarize(
        self,
        measures: Sequence[str] | None = None,
        *,
        intervals: str = "analytic",
        draws: int = 2000,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Say in one number how unequal segments are: one row for each stratum and measure.

        Parameters
        ----------
        measures : list of str, optional
            Names or codes (``"ti"``, ``"sii"``); those that need a choice carry it in brackets:
            ``"mdru(White)"``, ``"d(White)"``, ``"atkinson(0.5)"``, ``"ge(2)"``, ``"renyi(2)"``.
            Without it, every measure that leaves nothing to choose.
        intervals : {"analytic", "simulate"}
            ``"analytic"`` propagates the segments' standard errors by the delta method, ratios on
            the scale of their logarithm. ``"simulate"`` draws rates inside their bounds (Beta for
            proportions, Gamma for rates, normal for means) and takes percentiles.
        draws : int
            Number of draws, at least 100.
        seed : int
            Where the draws start. Every stratum starts from it.

        Returns
        -------
        DataFrame
            One row for each stratum, dimension and measure.

            Columns (units in brackets): the `by` columns, and

            - ``indicator``: what is measured, where indicator= says
            - ``dimension``: how people are split: race, race*sex, total
            - ``measure``: name of the function in tu.measures
            - ``code``: the measure as it is asked for: ti, atkinson(0.5)
            - ``scale``: absolute or relative
            - ``value`` (``per``): the measure; variances in the square of the unit, relative
              measures plain numbers
            - ``se`` (``per``): its standard error
            - ``ci_low``, ``ci_high`` (``per``): its interval
            - ``expected_if_equal`` (``per``): what noise alone makes of it, on average, where all
              segments are equal
            - ``segments``: how many segments are in it
            - ``reason``: why a value is missing or must be read with care; empty where there is
              nothing to say

        Raises
        ------
        InputError
            If a measure is not known, or its choice is missing or of no use.

        Notes
        -----
        ``tu.measures`` has each formula and how to read it. ``expected_if_equal`` is what noise
        alone makes of it, on average, where all segments are equal. Segments that overlap,
        or that hide one, have no summary; Unknown is not a segment. Ordered measures need
        ``order=``.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> births = pd.DataFrame({
        ...     "wealth": ["poorest", "middle", "richest"],
        ...     "attended": [756, 960, 992], "births": [1000, 1000, 1000],
        ... })
        >>> a = tu.assess(
        ...     tu.from_counts(
        ...         births, numerator="attended", denominator="births", segments="wealth",
        ...         order={"wealth": ["poorest", "middle", "richest"]},
        ...     ),
        ...     tu.Goal.at_least(95, per=100, name="Births attended by skilled staff"),
        ... )
        >>> found = a.summarize(["d", "mdg", "sii"])
        >>> found[["code", "value", "ci_low", "ci_high"]].round(2)
          code  value  ci_low  ci_high
        0    d  23.60   20.88    26.32
        1  mdg   6.47    5.58     7.35
        2  sii  45.72   39.68    51.76

        """
        from targeted_universalism.ask import inequality as summaries

        return summaries.summarize(self._answer, measures, intervals, draws, seed)

    def where(self, strata: Mapping[str, object] | None = None, /, **named: object) -> Assessment:
        """Keep some strata or dimensions: ``a.where(county="Inyo", dimension="race")``.

        Parameters
        ----------
        strata : mapping, optional
            Wanted values by column, for columns whose names are no Python names.
        **named
            A value or a list of values for a `by` column, ``indicator`` or ``dimension``.

        Returns
        -------
        Assessment
            The total stays in every stratum that is kept.

        Raises
        ------
        InputError
            If a column or a value is not there.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"county": ["Inyo", "Mono"], "race": "A", "x": 3, "n": [9, 8]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="county")
        >>> tu.assess(s, tu.Goal.at_least(0.5)).where(county="Mono").table["needed"].tolist()
        [1, 1]

        """
        return Assessment(choosing.where(self._answer, {**(strata or {}), **named}))

    def suppress(
        self,
        minimum: int = 11,
        *,
        rule: str = "count",
        zeros: str = "show",
        width: int = 5,
        sums_over: str | Sequence[str] = (),
        published: Sequence[Assessment] = (),
        score: float | Mapping[Any, float] | None = None,
    ) -> Assessment:
        """Remove small cells and what would give them away: an assessment that can be published.

        Parameters
        ----------
        minimum : int
            Cells are hidden where people, events, or people without the event (for proportions)
            are 1 to minimum − 1.
        rule : str
            Rules, and what they hide:

            - ``"count"``: a minimum count: 1 to `minimum` − 1 people, events, or people without the
              event
            - ``"cms"``: the cell size suppression policy of the US Centers for Medicare & Medicaid
              Services: 1 to `minimum` − 1 people, events, or people without the event; `minimum` is
              11 at least
            - ``"ccwip"``: the masking of the California Child Welfare Indicators Project: 1 to
              `minimum` − 1 people, events, or people without the event; `minimum` is 11 at least
            - ``"nsize"``: a minimum group size, as education agencies use it: groups of fewer than
              `minimum` people, and 1 to 10 events or people without the event
            - ``"calhhs"``: the CalHHS Data De-Identification Guidelines, Edition 2.0: 1 to
              `minimum` − 1 people, events, or people without the event; `minimum` is 11 at least;
              strata whose `score` is at most 12 are released whole
        zeros : {"show", "hide"}
            Whether cells with no events, or nothing but events, are shown.
        width : int
            How many values every hidden count must keep, to somebody who knows every published
            number and how many people there are.
        sums_over : str or list of str
            `by` columns whose totals are published too, as a state's beside its counties'.
        published : sequence of Assessment
            Earlier public releases about the same people: what they hide stays hidden, and what
            they show is known to everybody.
        score : number or mapping of stratum to number, optional
            Publication score by ``tu.measures.calhhs_score``, for ``rule="calhhs"``: one for all
            strata, or one for each value of the `by` column (a tuple where there are several).
            What has no score is not released.

        Returns
        -------
        Assessment
            Every value of a hidden cell is missing, in it and in all that follows from it. Which
            cells are small, and which are hidden beside them, is not told.

        See Also
        --------
        audit : What an attacker can work out from what is published.

        Notes
        -----
        No hidden count can be shown to lie in 1 … minimum − 1 by adding and subtracting what is
        published: over segments, crossed segments and strata. The page "Publish safely" says
        against whom this holds, and what it cannot know.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 4, 30], "n": [90, 50, 70]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> a = tu.assess(s, tu.Goal.at_least(0.5)).suppress()
        >>> a.table[["segment", "events", "status"]]
          segment  events      status
        0     All    74.0       short
        1       A    40.0   uncertain
        2       B     NaN  suppressed
        3       C     NaN  suppressed

        """
        from targeted_universalism.privacy import suppress as suppression

        segments = self._answer.segments
        masked = suppression.suppressed(
            segments, minimum, rule=rule, zeros=zeros, width=width, sums_over=sums_over,
            released=suppression.released(segments, rule, score),
            published=[one.segments for one in _public("published", published)],
        )  # fmt: skip
        return _assessed(masked, self._answer.goals, self._answer.options)

    def reliability(self, rule: str = "nchs") -> pd.DataFrame:
        """Judge every rate by a reliability rule, and show what the rule looks at.

        Parameters
        ----------
        rule : str
            Rules, and what they call unreliable:

            - ``"nchs"``: by the standards of the US National Center for Health Statistics: fewer
              than 30 people, or an interval of 30 points or more, or one above 5 points and 130 %
              of the proportion; for rates fewer than 10 events, or an interval above 160 % of the
              rate
            - ``"nchs-20"``: by the standards of the US National Center for Health Statistics: fewer
              than 30 people, or an interval of 30 points or more, or one above 5 points and 130 %
              of the proportion; for rates fewer than 20 events, or an interval above 160 % of the
              rate
            - ``"nchs-rounded"``: by the standards of the US National Center for Health Statistics:
              fewer than 30 people, or an interval of 30 points or more, or one above 5 points and
              130 % of the proportion; for rates fewer than 10 events, or an interval above 160 % of
              the rate; widths are rounded to a tenth of a point first
            - ``"rse-30"``: fewer than 30 people, or a relative standard error above 30 %
            - ``"rse-30-inclusive"``: fewer than 30 people, or a relative standard error of 30 % or
              more
            - ``"calhhs-survey"``: fewer than 30 sample cases in the denominator

        Returns
        -------
        DataFrame
            One row for each segment in each stratum, the total first.

            Columns (units in brackets): the `by` columns, and

            - ``indicator``: what is measured, where indicator= says
            - ``dimension``: how people are split: race, race*sex, total
            - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for
              the total
            - ``rule``: the rule
            - ``n_effective`` (cases): the cases that carry the information: for rates, events
            - ``rse``: standard error / rate
            - ``ci_width`` (``per``): the width of the rule's own exact 95 % interval
            - ``relative_width``: that width / rate
            - ``df``: degrees of freedom, where a survey design has them
            - ``flag``: ok, unreliable, suppressed, no data
            - ``footnote``: what to print beside a rate that is shown
            - ``reason``: why the rate is not reliable

        Raises
        ------
        InputError
            If there is no such rule.

        Notes
        -----
        A flag never removes a value, and is no protection of people: that is :meth:`suppress`.
        Proportions: Parker et al. (2017), Vital and Health Statistics 2(175); rates and counts:
        Parker et al. (2023), 2(200); the sources of the others are in the page on reliability.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [5, 33, 12], "n": [100, 110, 29]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> a = tu.assess(s, tu.Goal.at_least(0.5))
        >>> a.reliability()[["segment", "ci_width", "flag", "reason"]].round(3)
          segment  ci_width        flag                                         reason
        0     All     0.107          ok
        1       A     0.096  unreliable     interval too wide for the size of the rate
        2       B     0.178          ok
        3       C     0.375  unreliable  fewer people or events than the rule asks for

        """
        return flagging.reliability(self._answer, rule)

    def disparities(
        self, reference: str = "best", *, minimum: int = 30, adjust: str | None = "holm"
    ) -> pd.DataFrame:
        """Compare segments with each other: differences and ratios, the reference named.

        A disparity says how differently structures serve two groups; the gap to the goal, in
        ``table``, says how far each has to go. The two are never merged.

        Parameters
        ----------
        reference : str
            ``"best"``, the segment furthest towards the goal; ``"total"``; ``"rest"``, everybody
            else as one group; ``"goal"``; ``"each"``, every pair, both ways round; or the label of
            a segment, in every dimension that has it.
        minimum : int
            Fewest people of a segment that may be ``"best"``.
        adjust : {"holm", "bh", None}
            Holm's or Benjamini and Hochberg's adjustment of the p-values. A family is one stratum,
            indicator and dimension, without the reference and Unknown.

        Returns
        -------
        DataFrame
            Differences and ratios are never turned round, whatever the direction of the goal. The
            reference's own row is 0 and 1.

            Columns (units in brackets): the `by` columns, and

            - ``indicator``: what is measured, where indicator= says
            - ``dimension``: how people are split: race, race*sex, total
            - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for
              the total
            - ``reference``: what the segment is compared with: a segment, total, rest or goal
            - ``rate`` (``per``): the rate
            - ``reference_rate`` (``per``): the rate of the reference
            - ``difference``, ``difference_low``, ``difference_high`` (``per``): rate − reference
              rate, and its interval
            - ``ratio``, ``ratio_low``, ``ratio_high``: rate / reference rate, and its interval
            - ``p_value``: of the test that both rates are equal
            - ``p_adjusted``: the same, adjusted for the tests of one dimension of one stratum
            - ``method``: interval, test and adjustment
            - ``reason``: why a value is missing or must be read with care; empty where there is
              nothing to say

        Raises
        ------
        InputError
            If the reference is no segment, or stands for a missing one.

        Notes
        -----
        Proportions: MOVER of the segments' intervals (Newcombe's, with Wilson's), Miettinen and
        Nurminen's score test. Rates: MOVER of the exact limits for differences, the conditional
        exact limits for ratios and its test. Means: Welch. Estimates: normal, ratios on the log
        scale. The goal has no error: the rate's own interval, shifted, with an exact test. A group
        inside the total: (1 − w) times the difference to the rest.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> pupils = pd.DataFrame({
        ...     "group": ["Asian", "Black", "Latino", "White"],
        ...     "graduated": [1910, 462, 2520, 1800], "cohort": [2000, 600, 3000, 2000],
        ... })
        >>> s = tu.from_counts(
        ...     pupils, numerator="graduated", denominator="cohort", segments="group"
        ... )
        >>> a = tu.assess(s, tu.Goal.at_least(0.90, name="Graduate in four years"))
        >>> a.disparities("White")[["segment", "difference", "difference_low", "ratio"]].round(3)
          segment  difference  difference_low  ratio
        0   Asian       0.055           0.039  1.061
        1   Black      -0.130          -0.167  0.856
        2  Latino      -0.060          -0.078  0.933
        3   White       0.000             NaN  1.000

        """
        return comparisons.disparities(self._answer, reference, minimum, adjust)

    def impact(self, rule: str = "ppg1-2022", *, threshold: float | None = None) -> pd.DataFrame:
        """Say which segments a rule of disproportionate impact flags, and what would end it.

        These rules hold groups against each other, as agencies must report it. They are not gaps
        to the goal: a flag can go because the reference falls.

        Parameters
        ----------
        rule : str
            Rules, and what they flag:

            - ``"ppg1-2022"``: a rate that even with its margin, max(1.96√(p(1−p)/n), 2 points), is
              not above the rate of everybody else; more than 10 people
            - ``"ppg-2017"``: a rate that even with its margin, max(1.96√(0.25/n), 3 points), is not
              above the rate of everybody, the segment included
            - ``"index-80"``: a rate below four fifths of that of the best segment that has 2 % of
              the people
            - ``"proportionality"``: a share of the events below four fifths of the share of the
              people
            - ``"idea"``: a risk ratio to everybody else beyond the threshold that the State sets
              (without one nothing is flagged); at least 10 events and 30 people in both; where the
              others are too few, to those of all strata (the alternate risk ratio)
        threshold : number, optional
            Another threshold for the index, as 0.9 or 3. The State sets it for ``"idea"``: without
            one nothing is flagged.

        Returns
        -------
        DataFrame
            One row for each segment in each stratum, totals left out.

            Columns (units in brackets): the `by` columns, and

            - ``indicator``: what is measured, where indicator= says
            - ``dimension``: how people are split: race, race*sex, total
            - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for
              the total
            - ``rule``: the rule
            - ``reference``: whom the segment is held against: a segment, total, rest or rest of all
              strata
            - ``reference_rate`` (``per``): the rate of the reference
            - ``margin`` (``per``): how far a gap may go for lack of people; percentage point gaps
              only
            - ``index``: rate / reference rate, or the ratio of shares; for percentage point gaps
              rate − reference rate, in units of per
            - ``threshold``: the index at which the flag begins
            - ``flagged``: whether the rule flags the segment
            - ``needed_to_leave`` (people): the fewest people whose outcome must change for the
              flag, computed again, to go
            - ``needed_to_parity`` (people): the fewest people whose outcome must change to reach
              the reference
            - ``reason``: why a value is missing or must be read with care; empty where there is
              nothing to say

        Raises
        ------
        InputError
            If the rule is not known, or has no threshold to choose.

        Notes
        -----
        ``needed_to_leave`` is the fewest people whose outcome must change for the flag, computed
        again, to be gone; ``needed_to_parity`` to reach the reference itself. The reference stays
        as it is, except for ``"proportionality"``, where people added to a group are added to the
        whole. Where lower is better everything is turned round: four fifths becomes five quarters.
        California Community Colleges (2014, 2017, 2022); Uniform Guidelines on Employee Selection
        Procedures (1978); 34 CFR 300.647.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> pupils = pd.DataFrame({
        ...     "group": ["Asian", "Black", "Latino", "White"],
        ...     "graduated": [1910, 462, 2520, 1800], "cohort": [2000, 600, 3000, 2000],
        ... })
        >>> s = tu.from_counts(
        ...     pupils, numerator="graduated", denominator="cohort", segments="group"
        ... )
        >>> a = tu.assess(s, tu.Goal.at_least(0.90, name="Graduate in four years"))
        >>> a.impact()[["segment", "index", "margin", "flagged", "needed_to_leave"]].round(3)
          segment  index  margin  flagged  needed_to_leave
        0   Asian  0.101   0.020    False                0
        1   Black -0.120   0.034     True               56
        2  Latino -0.067   0.020     True              141
        3   White  0.026   0.020    False                0

        """
        return impacts.impact(self._answer, rule, threshold)

    def representation(self, base: Segments | None = None) -> pd.DataFrame:
        """Compare each segment's share of the events with its share of a base population.

        Parameters
        ----------
        base : Segments, optional
            Another base than the denominators: segments whose *events* are the base, as children
            in poverty, or the decision before. Same `by` columns, dimensions and segments.

        Returns
        -------
        DataFrame
            Shares are of the segments that are known; Unknown takes no part.

            Columns (units in brackets): the `by` columns, and

            - ``indicator``: what is measured, where indicator= says
            - ``dimension``: how people are split: race, race*sex, total
            - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for
              the total
            - ``events_share``: the segment's share of the events
            - ``base_share``: its share of the base: of the people unless you say
            - ``index``: events share / base share
            - ``ceiling``: the most that the index can be: 1 / base share
            - ``reason``: why a value is missing or must be read with care; empty where there is
              nothing to say

        Raises
        ------
        InputError
            If the base has other strata columns, dimensions or segments.

        Notes
        -----
        ``index`` = events share / base share (the disproportionality index of child welfare). It
        cannot exceed ``ceiling`` = 1 / base share, so that it depends on composition and does not
        compare groups or places: ``disparities`` does (Shaw, Putnam-Hornstein, Magruder & Needell
        2008; California Child Welfare Indicators Project).

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> children = pd.DataFrame({
        ...     "race": ["Black", "White", "Other"], "entries": [187, 240, 573],
        ...     "children": [55_000, 283_000, 662_000],
        ... })
        >>> s = tu.from_counts(
        ...     children, numerator="entries", denominator="children", segments="race", kind="rate"
        ... )
        >>> a = tu.assess(s, tu.Goal.at_most(0.9, per=1_000, name="Entries"))
        >>> a.representation()[["segment", "events_share", "index", "ceiling"]].round(3)
          segment  events_share  index  ceiling
        0   Black         0.187  3.400   18.182
        1   White         0.240  0.848    3.534
        2   Other         0.573  0.866    1.511

        """
        return representations.representation(self._answer, base)

    def describe(self) -> str:
        """Say in two or three sentences who has how far to go, in points and in people.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> tu.assess(s, tu.Goal.at_least(0.5)).describe().split(". ")[2]
        'By race, the distance still to go is: A 5.6 points (5 people); at or past the goal: B'

        """
        return words.describe(self._answer)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained HTML page: sentences, table, pictures, choices, sources.

        Parameters
        ----------
        path : str or Path
            Where to write it; its folder must exist.

        Returns
        -------
        Path
            The file.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page = tu.assess(s, tu.Goal.at_least(0.5)).report(pathlib.Path(folder) / "a.html")
        ...     "One goal for everyone: at least 50 %" in page.read_text(encoding="utf-8")
        True

        """
        from targeted_universalism.show import page

        return page.write(self._answer, Path(path))

    def to_excel(self, path: str | Path) -> Path:
        """Write a workbook: the table, the goals, every choice, and notes on how to read them.

        Parameters
        ----------
        path : str or Path
            Where to write it, ending in ``.xlsx``; its folder must exist.

        Returns
        -------
        Path
            The file: the same bytes for the same assessment.

        Raises
        ------
        InputError
            If the path does not fit, or the table is longer than a sheet.

        Notes
        -----
        Sheet ``table`` is :attr:`table`, to sixteen digits, with one column more: ``annotation``,
        the code of the CalHHS Open Data Portal (1 hidden, 3 no data, 4 statistically unstable,
        5 incomplete, 0 nothing). Numbers are numbers; text is never a formula. A public assessment
        writes only what is public.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 30], "n": [90, 70]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = tu.assess(s, tu.Goal.at_least(0.5)).to_excel(pathlib.Path(folder) / "a.xlsx")
        ...     pd.read_excel(path, sheet_name="table")["needed"].tolist()
        [10, 5, 5]

        """
        from targeted_universalism.show import workbook

        return workbook.write(self._answer, Path(path))

    def __repr__(self) -> str:
        return markup.text(self._answer)

    def _repr_html_(self) -> str:
        return markup.html(self._answer)
