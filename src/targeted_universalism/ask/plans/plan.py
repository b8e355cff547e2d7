"""A plan: structures, strategies and owners, in one table, held against an assessment.

Structures stand before strategies (METHODS TU9, TU10): a segment with a gap needs both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from targeted_universalism.answer.questions import Assessed, answer_of
from targeted_universalism.answer.tables import (
    Text,
    Values,
    Words,
    category,
    stratum_columns,
    tabled,
)
from targeted_universalism.ask.plans.coverage import Doers
from targeted_universalism.ask.plans.findings import findings_of
from targeted_universalism.ask.plans.held import CATCH_ALL, HeldPlan
from targeted_universalism.errors import InputError, advised, is_finite, shown
from targeted_universalism.read.plans.rows import PlanRows, read_plan
from targeted_universalism.segments.columns import PLAN
from targeted_universalism.segments.strata import Strata
from targeted_universalism.segments.tab import Tidy


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Plan(Tidy):
    """What is to be done so that everybody reaches the goal: structures, strategies, owners.

    One row for a segment, a structure that impedes it or supports it, and a strategy. Whatever
    is not decided yet stays empty: :meth:`check` says what is missing, and nothing is lost.

    Parameters
    ----------
    data : data frame, or list of mappings
        Any table with a column ``segment`` and as many of the columns below as there are. A
        dimension may be left out where one dimension alone has the segment; ``"All"`` is
        everybody. An indicator, or a place of `by`, that is empty means all of them. Shares may be
        in percent; stances and levels by name or number, dates as years or days.
    by : str or list of str
        Columns that say where a row holds, such as a county: `by` columns of the assessment.
    columns : mapping of str to str, optional
        What columns of the table are called in a plan, ``{"Lead agency": "owner"}``. Columns that
        are neither named here nor called as below are then no part of the plan.

    Attributes
    ----------
    table : DataFrame
        Columns (units in brackets):

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``structure``: the structure, rule or practice that impedes the segment or supports it:
          what other pages call a barrier; empty where none was assessed
        - ``assets``: what the community already has to build on
        - ``strategy``: what is to be done; empty where nothing is decided
        - ``level``: where it acts: service, program or system
        - ``owner``: who answers for the row
        - ``partner``: who does it with them; several with semicolons
        - ``start``, ``end``: a year, a month or a day: 2027, 2027-07, 2027-07-01; a year or a month
          is meant from its first day to its last
        - ``unit_cost`` (money): what reaching one person costs
        - ``reach`` (people): how many people the row is expected to reach
        - ``funded``: whether money has been found: yes or no
        - ``amount`` (money): how much money has been found; 0 is none
        - ``evidence``: the grade of the strategy on its own scale; never converted into another
        - ``evidence_scale``: Title IV-E (well-supported, supported, promising, does not currently
          meet criteria), CEBC (1 to 5, 1 the best, and NR) or community-defined (any words)
        - ``stance``: how the community takes part, 0 to 5: Marginalization, Placation,
          Tokenization, Voice, Delegated Power, Community Ownership
        - ``share_administration``, ``share_promotion``, ``share_consultation``,
          ``share_involvement``, ``share_partners``: how the resources are really split: shares of
          all of them, which sum to 1

    Raises
    ------
    InputError
        If a column is not known, a value has no meaning (a stance of 6, people in fractions),
        an end lies before its start, shares of resources do not sum to 1 within rounding, or two
        rows are the same.

    Notes
    -----
    powell, Menendian & Ake (2019): strategies are targeted at structures, not at people. Grades of
    evidence keep the scale they were given on: Title IV-E Prevention Services Clearinghouse,
    California Evidence-Based Clearinghouse (CEBC), or a community's own words. Stances are after
    Rosa González, The Spectrum of Community Engagement to Ownership (2019). Reaches are added up:
    where a strategy stands on several rows for the same people, write its reach on one.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> plan = tu.Plan(pd.DataFrame({
    ...     "segment": ["Black", "Black", "Latino"],
    ...     "structure": ["bus ends at 3 pm", "bus ends at 3 pm", "forms in English only"],
    ...     "strategy": ["late bus", None, "family liaisons"],
    ...     "owner": ["District", "District", None], "reach": [90, None, 120],
    ... }))
    >>> plan
    Plan: 3 rows, 2 segments, 2 structures, 2 strategies, 1 owner
    >>> plan.table[["segment", "structure", "strategy", "reach"]]
      segment              structure         strategy  reach
    0   Black       bus ends at 3 pm         late bus     90
    1   Black       bus ends at 3 pm                    <NA>
    2  Latino  forms in English only  family liaisons    120

    """

    _shown = ("check", "coverage", "table")

    _rows: PlanRows

    @advised
    def __init__(
        self,
        data: object,
        *,
        by: str | Sequence[str] = (),
        columns: Mapping[str, str] | None = None,
    ) -> None:
        object.__setattr__(self, "_rows", read_plan(data, by, columns))

    @property
    def table(self) -> pd.DataFrame:
        """Every row as it was read, in its order: the columns that :class:`Plan` lists."""
        rows = self._rows
        keys = stratum_columns(_strata(rows), np.arange(len(rows)))
        keys |= {
            n: category(k.labels, k.codes)
            for n, k in (("dimension", rows.dimension), ("segment", rows.segment))
        }
        columns: dict[str, Values | Text] = {
            column.name: Words(rows.words[column.name].labels, rows.words[column.name].codes)
            if column.type == "category"
            else rows.texts(column.name)
            if column.type == "text"
            else rows.numbers[column.name]
            for column in PLAN.columns
        }
        return tabled(PLAN, keys, columns)

    @advised
    def check(self, a: Assessed, *, catch_all: float = CATCH_ALL) -> pd.DataFrame:
        """Hold the plan against an assessment: what it leaves open, where, and by how much.

        Parameters
        ----------
        a : Assessment
            Public or not. Every segment of every dimension and stratum is looked at: keep fewer
            with ``where``. Rows for strata or segments that are not looked at are left out.
        catch_all : number
            The share of all people from which a segment called Other or Unknown is named.

        Returns
        -------
        DataFrame
            Columns (units in brackets): the `by` columns, and

            - ``indicator``: what is measured, where indicator= says
            - ``dimension``: how people are split: race, race*sex, total
            - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for
              the total
            - ``finding``: what was found, in words of one register
            - ``detail``: where, and by how much; rows of the plan are counted from 0

            Findings, and what they say:

            - ``"barriers not yet assessed"``: the segment has a gap, and no row names a structure
              for it
            - ``"no strategy yet"``: the segment has a gap, and no row names a strategy for it
            - ``"hidden: its gap is not published"``: the segment is hidden, so that nobody can see
              here whether it has a gap
            - ``"no rate: its gap is not known"``: people may be there, and their rate is not known
            - ``"masked shortfall"``: everybody together, or a segment, is at the goal while a
              segment inside is not: an average hides it
            - ``"catch-all segment"``: a segment called Other or Unknown holds more than 5 % of the
              people (or catch_all=): averages hide who is in it
            - ``"reach below the need"``: the plan reaches fewer people than the low end of the
              people needed
            - ``"reach within the range of the need"``: the plan reaches as many people as may be
              needed
            - ``"reach above the need"``: the plan reaches more people than the high end of the
              people needed
            - ``"reach not said"``: the segment has a gap and a strategy, and no row says how many
              it reaches
            - ``"reach held against no need"``: a row has a reach, and the need that it belongs to
              is hidden, not known, or of several strata that are not added up
            - ``"reach on several rows"``: one strategy for one segment stands on several rows with
              a reach each, which are added up
            - ``"strategy without a structure"``: a row has a strategy, and names no structure that
              it addresses
            - ``"structure without a strategy"``: a structure is named, and no row for the segment
              has a strategy beside it
            - ``"no owner"``: a row has a structure or a strategy, and nobody who owns it
            - ``"starts after the goal's deadline"``: a row starts when the year of the deadline is
              over
            - ``"ends after the goal's deadline"``: a row starts in time, and ends when the year of
              the deadline is over
            - ``"unfunded"``: no money has been found for a row, which stays in the plan
            - ``"funded in part"``: the amount of a row is less than its unit cost × reach
            - ``"stance against the split of resources"``: resources are not split as the stated
              stance has it

        Raises
        ------
        InputError
            If a row is for a segment, dimension, indicator or stratum that is not there.

        Notes
        -----
        Segments at or past the goal stay in the plan, and need no row in it. The reach of a plan
        is the sum of the reaches of the rows for that segment in that stratum, strategies without
        money left out: the people whom it meets, of whom not all will have another outcome. It
        is held against the people needed and their range. Rows for several strata at once are
        held, with the rows for these, against the need of all together, where ``rollup=`` has
        added it up.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> pupils = pd.DataFrame({
        ...     "group": ["Asian", "Black", "Latino", "White"],
        ...     "graduated": [1910, 462, 2520, 1800], "cohort": [2000, 600, 3000, 2000],
        ... })
        >>> a = tu.assess(
        ...     tu.from_counts(
        ...         pupils, numerator="graduated", denominator="cohort", segments="group"
        ...     ),
        ...     tu.Goal.at_least(0.90, name="Graduate in four years", deadline=2030),
        ... )
        >>> plan = tu.Plan([
        ...     {"segment": "Black", "structure": "bus ends at 3 pm", "strategy": "late bus",
        ...      "owner": "District", "end": 2031, "reach": 90, "unit_cost": 700},
        ... ])
        >>> for one in plan.check(a).itertuples():
        ...     print(f"{one.segment}: {one.finding}. {one.detail}")
        Black: reach within the range of the need. 90 planned for 78 needed (59 to 100), at a cost \
of 63,000
        Black: ends after the goal's deadline. row 0 (late bus): ends in 2031, the deadline is 2030
        Latino: barriers not yet assessed. gap 6 points, 180 needed (142 to 221)
        Latino: no strategy yet. gap 6 points, 180 needed (142 to 221)

        """
        if not is_finite(catch_all) or not 0 <= catch_all <= 1:
            raise InputError(f"catch_all={shown(catch_all)} must be a share from 0 to 1.")
        return findings_of(HeldPlan(answer_of("check()", a), self._rows, float(catch_all)))

    @advised
    def coverage(self, a: Assessed) -> pd.DataFrame:
        """Say who does what for whom, and for whom nobody does anything.

        Parameters
        ----------
        a : Assessment
            Public or not, as in :meth:`check`.

        Returns
        -------
        DataFrame
            A row stands for its owner and for each of its partners, so that numbers are not added
            up over them; strategies without money are among them. Nobody stands where a row has
            neither, and where a segment has a gap and no row.

            Columns (units in brackets): the `by` columns, and

            - ``indicator``: what is measured, where indicator= says
            - ``dimension``: how people are split: race, race*sex, total
            - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for
              the total
            - ``who``: an owner or a partner; missing where it is nobody
            - ``role``: owner, partner or nobody
            - ``structures``: the structures that this is about
            - ``strategies``: what they do; empty where there is no strategy
            - ``planned_reach`` (people): the people whom it is expected to reach, added up over
              rows that say so
            - ``planned_cost`` (money): unit cost × reach, added up; missing where a row with a
              reach has no unit cost

        Raises
        ------
        InputError
            If a row is for a segment, dimension, indicator or stratum that is not there.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> pupils = pd.DataFrame({
        ...     "group": ["Black", "Latino"], "graduated": [462, 2520], "cohort": [600, 3000],
        ... })
        >>> a = tu.assess(
        ...     tu.from_counts(
        ...         pupils, numerator="graduated", denominator="cohort", segments="group"
        ...     ),
        ...     tu.Goal.at_least(0.90),
        ... )
        >>> plan = tu.Plan([
        ...     {"segment": "Black", "structure": "bus ends at 3 pm", "strategy": "late bus",
        ...      "owner": "District", "partner": "Transit; Parents", "reach": 90},
        ... ])
        >>> plan.coverage(a)[["segment", "who", "role", "strategies", "planned_reach"]]
          segment       who     role strategies  planned_reach
        0   Black  District    owner   late bus             90
        1   Black   Transit  partner   late bus             90
        2   Black   Parents  partner   late bus             90
        3  Latino       NaN   nobody                      <NA>

        """
        return Doers(HeldPlan(answer_of("coverage()", a), self._rows)).table()

    def __repr__(self) -> str:
        rows = self._rows
        counts = [(len(rows), "row"), (len(rows.segment.levels), "segment")]
        named = (("structure", "structure"), ("strategy", "strategie"), ("owner", "owner"))
        counts += [(len(rows.words[name].levels), word) for name, word in named]
        words = [f"{n} {w}{'s' if n != 1 else ''}" for n, w in counts]
        return f"Plan: {', '.join(words).replace('1 strategie,', '1 strategy,')}"


def _strata(rows: PlanRows) -> Strata:
    """Give the place and the indicator of every row, as it names them."""
    about = rows.indicator
    nothing = np.zeros(len(rows), dtype=np.int64)
    return Strata(
        names=tuple(rows.by),
        levels=tuple(keys.levels for keys in rows.by.values()),
        codes=np.array([keys.codes for keys in rows.by.values()]).reshape(len(rows.by), len(rows)),
        indicator_name=None if about is None else "indicator",
        indicators=("",) if about is None else tuple(about.labels),
        indicator=nothing if about is None else about.codes,
    )
