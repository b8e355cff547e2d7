"""The façade: ``assess`` and the object it returns; every method hands over in a line or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from targeted_universalism.answer import Answer, Options, goals_table
from targeted_universalism.errors import check_one_of
from targeted_universalism.goals import Goal, goals_by_indicator
from targeted_universalism.reason import choosing, gaps, reliability, summaries, suppression
from targeted_universalism.segments import Segments, frozen
from targeted_universalism.show import markup, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    reliability : {"nchs", None}
        The rule behind ``flag``.
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
    check_one_of("reliability", reliability, _RELIABILITY)
    goals = goals_by_indicator(
        goal, segments.strata.indicators, segments.strata.indicator_name is not None
    )
    options = Options(
        confidence=confidence, interval=interval, reliability=reliability, rollup=bool(rollup)
    )
    gaps.check(segments, goals, options)
    return _assessed(segments.rolled_up() if rollup else segments, goals, options)


_RELIABILITY = reliability.RULES


def _assessed(segments: Segments, goals: tuple[Goal, ...], options: Options) -> Assessment:
    return Assessment(reliability.flagged(gaps.measure(segments, goals, options)))


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

        Columns: the `by` columns, ``indicator`` where there is one, ``dimension``, ``segment``,
        ``population``, ``n``, ``events``, ``rate``, ``ci_low``, ``ci_high``, ``goal``, ``per``,
        ``gap``, ``gap_low``, ``gap_high``, ``ratio_to_goal``, ``status``, ``needed``,
        ``needed_low``, ``needed_high``, ``effort_share``, ``flag``, ``reason``. Rates, gaps and
        goals are in units of ``per``.
        """
        return self._table.copy()

    @property
    def goals(self) -> pd.DataFrame:
        """One row for each goal: what it is, why, and where it is written down."""
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
        """Pictures: ``a.plot.gaps()``, ``a.plot.needed()``."""
        return Plots(self._answer)

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
        """
        return Assessment(choosing.where(self._answer, {**(strata or {}), **named}))

    def suppress(
        self, minimum: int = 11, *, rule: str = "count", zeros: str = "show"
    ) -> Assessment:
        """Remove small cells: a new assessment that no longer knows them.

        This is the primary rule only and is not yet enough to publish: a single hidden cell still
        follows from the total by subtraction.

        Parameters
        ----------
        minimum : int
            Cells are hidden where people, events, or people without the event (for proportions)
            are 1 to minimum − 1.
        rule : {"count"}
            The primary rule.
        zeros : {"show", "hide"}
            Whether cells with no events, or nothing but events, are shown.

        Returns
        -------
        Assessment
            Every value of a hidden cell is missing, in it and in all that follows from it.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 4], "n": [90, 50]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> a = tu.assess(s, tu.Goal.at_least(0.5)).suppress()
        >>> a.table[["segment", "events", "status"]]
          segment  events      status
        0     All    44.0       short
        1       A    40.0   uncertain
        2       B     NaN  suppressed

        """
        masked = suppression.suppressed(self._answer.segments, minimum, rule, zeros)
        return _assessed(masked, self._answer.goals, self._answer.options)

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
            The `by` columns, ``indicator`` where there is one, ``dimension``, ``measure``,
            ``code``, ``scale`` ("absolute" or "relative"), ``value``, ``se``, ``ci_low``,
            ``ci_high``, ``expected_if_equal``, ``segments``, ``reason``. Absolute measures are in
            units of the goal's ``per`` (variances in its square), relative ones plain numbers.

        Raises
        ------
        InputError
            If a measure is not known, or its choice is missing or of no use.

        Notes
        -----
        ``tu.measures`` has each formula and how to read it. ``expected_if_equal`` is what noise
        alone makes of a measure that cannot be below its value at equality. Segments that overlap,
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
        return summaries.summarize(self._answer, measures, intervals, draws, seed)

    def describe(self) -> str:
        """Say in two or three sentences who has how far to go, in points and in people."""
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
        """
        from targeted_universalism.show import page

        return page.write(self._answer, Path(path))

    def __repr__(self) -> str:
        return markup.text(self._answer)

    def _repr_html_(self) -> str:
        return markup.html(self._answer)


@dataclass(frozen=True, eq=False, repr=False)
class Plots:
    """Pictures of an assessment: an answer in, matplotlib Axes out."""

    _answer: Answer

    def gaps(self, ax: Axes | None = None) -> Axes:
        """Draw each segment's rate and interval against the goal line, in the order of the data.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure of fitting size without it.

        Returns
        -------
        Axes
            With the picture in words in ``ax.tu_alt``.

        Raises
        ------
        InputError
            If there are several strata and no roll-up: choose one with ``a.where(…)``.
        """
        from targeted_universalism.show import figures

        return figures.gaps(self._answer, ax)

    def needed(self, ax: Axes | None = None) -> Axes:
        """Draw the people each segment needs to reach the goal, with their range.

        Parameters and errors as in :meth:`gaps`.
        """
        from targeted_universalism.show import figures

        return figures.needed(self._answer, ax)

    def __repr__(self) -> str:
        return "Pictures of an assessment: .gaps(), .needed()"
