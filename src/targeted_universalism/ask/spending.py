"""Today's money beside the need: shares, per head, and for each person still to reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import empty
from targeted_universalism.answer.tables import segment_columns, stratum_columns, tabled
from targeted_universalism.ask.costs import by_segment, check_amount
from targeted_universalism.ask.references import own_reasons
from targeted_universalism.errors import InputError
from targeted_universalism.labels import UNKNOWN, is_blank, label
from targeted_universalism.measures.effort import per_head
from targeted_universalism.read.money import MONEY, Money, dimension_of, read_money
from targeted_universalism.reasons import NO_PEOPLE, Reason, Reasons, because, joined, no_reason
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import SPENDING
from targeted_universalism.segments.index import Dimension


def spending(answer: Answer, money: object) -> pd.DataFrame:
    """Hold today's money against people and need: who has which share, and what it comes to.

    Parameters
    ----------
    money : mapping, or data frame
        What is spent on each segment of one dimension: a mapping of segment to money, for one
        stratum; or a table with the `by` columns, a column with the name of the dimension (or
        ``segment``), and one more of money. A segment on which nothing is spent has 0; money whose
        segment is not known stands under a missing label, or Unknown.

    Returns
    -------
    DataFrame
        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``spent`` (money): what is spent on the segment today; of the total, on all, Unknown
          included
        - ``spent_share``: its share of the money whose segment is known
        - ``population_share``: its share of the people whose segment is known
        - ``effort_share``: its share of the people needed
        - ``spent_per_head`` (money): spent / population
        - ``spent_per_needed`` (money): spent / needed: the money for each person still to reach, of
          the total by its own need
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If money is below 0, a segment or a stratum is not there or is named twice, or it cannot be
        told whose segments are meant.

    Notes
    -----
    Money, people and need side by side say whom today's money reaches, not whether it works. Money
    without a segment stays a row of its own and takes no part in shares, and the share of the need
    stands beside the money for each person still to reach: a small segment has a small share
    however dense its need is. California's statewide Racial Equity Framework is to offer such
    tables: budget methods that show how allocations benefit or burden communities of color
    (Government Code 8303.3(a)(1)(B)(ii)).

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
    >>> money = {"Asian": 90_000, "Black": 42_000, "Latino": 117_000, "White": 51_000, None: 8_000}
    >>> shares = ["segment", "spent_share", "population_share", "effort_share"]
    >>> a.spending(money)[[*shares, "spent_per_needed"]].round(2)
       segment  spent_share  population_share  effort_share  spent_per_needed
    0      All          NaN               NaN           NaN           2081.08
    1    Asian         0.30              0.26           0.0               NaN
    2    Black         0.14              0.08           0.3            538.46
    3   Latino         0.39              0.39           0.7            650.00
    4    White         0.17              0.26           0.0               NaN
    5  Unknown          NaN               NaN           NaN               NaN

    """
    if isinstance(money, (Mapping, pd.Series)):
        found = _of_mapping(answer, money)
    else:
        found = read_money(money, answer.segments.strata, answer.dimensions)
    return _Beside(answer, found).table()


def _of_mapping(answer: Answer, money: Mapping[Any, Any] | pd.Series[Any]) -> Money:
    """Read the money of one stratum."""
    strata = answer.segments.strata
    if len(strata.whatever_indicator().alike()[0]) > 1:
        names = ", ".join([*strata.names, answer.dimensions[1].name, MONEY])
        raise InputError(
            "money= is a mapping of segment to money, which is for one stratum, and there are "
            f"{len(strata):,}: give a table with the columns {names}, or choose a stratum with "
            "a.where(…)."
        )
    known: dict[Any, Any] = {}
    without: list[Any] = []
    for key, amount in money.items():
        if is_blank(key) or label(key) == UNKNOWN:
            check_amount(f"money[{UNKNOWN!r}]", amount, zero=True)
            without.append(amount)
        else:
            known[key] = amount
    if len(without) > 1:
        raise InputError(f"money= names {UNKNOWN!r} twice.")
    dimension = dimension_of([label(k) for k in known], answer.dimensions, "money=")
    found = by_segment(answer, "money", known, zero=True)
    labels = answer.dimensions[dimension].labels
    segments = np.array([found.get(text, np.nan) for text in labels], dtype=np.float64)
    unknown = float(without[0]) if without else np.nan
    every = np.ones(len(strata))
    return Money(dimension, segments[:, None] * every, unknown * every)


# --- beside people and need -----------------------------------------------------------------------


class _Beside:
    """Money beside people and need.

    Arrays are shaped (rows, strata): the total, the segments, and an Unknown where money has one
    and the people have none.
    """

    def __init__(self, answer: Answer, money: Money) -> None:
        self.answer, self.money = answer, money
        self.dimension = answer.dimensions[money.dimension]
        known = ~self.dimension.unknown
        self.rows = np.append(0, answer.segments.index.rows(money.dimension))
        self.more = int(known.all() and bool((~np.isnan(money.unknown)).any()))
        self.total = (np.arange(len(self.rows) + self.more) == 0)[:, None]
        none = np.zeros(self.more, dtype=np.bool_)
        self.segment = np.concatenate([[False], known, none])[:, None]
        self.apart = np.bool_(self.dimension.exclusive)

    def _with_more(self, values: FloatArray, missing: float = np.nan) -> FloatArray:
        """Put an Unknown that only money has under rows of the answer."""
        return np.concatenate([values, np.full((self.more, values.shape[1]), missing)])

    def _of(self, name: str) -> FloatArray:
        """Give a column of the table."""
        return self._with_more(self.answer.values[name][self.rows])

    @cached_property
    def state(self) -> FloatArray:
        """What is known of each cell."""
        return self._with_more(self.answer.cells.state[self.rows].astype(np.float64), State.NO_DATA)

    @cached_property
    def asked(self) -> BoolArray:
        """Which segments may have people, so that their money and number must be known."""
        nobody = self._with_more(empty(self.answer.cells)[self.rows].astype(np.float64), 0.0) > 0
        return np.asarray(self.segment & ~nobody & (self.state != State.ABSENT))

    @cached_property
    def given(self) -> FloatArray:
        """The money of every row but the total; in a roll-up that of its strata together."""
        segments, unknown = self.money.segments, self.money.unknown
        rows = np.where(self.dimension.unknown[:, None], unknown, segments)
        money = np.concatenate([np.full((1, len(unknown)), np.nan), rows, unknown[None]])
        return self._rolled_up(money[: len(self.total)])

    def _rolled_up(self, money: FloatArray) -> FloatArray:
        """Add up the money of the strata that roll-ups hold, where all of it is known."""
        strata = self.answer.segments.strata
        known = np.where(np.isnan(money) & ~self.asked, 0.0, money)
        for over in strata.summed_away():
            sums, group = strata.add_up(over)
            parts, into = np.flatnonzero(group >= 0), sums.match(strata)
            added = np.zeros((len(money), len(sums)))
            np.add.at(added.T, group[parts], known[:, parts].T)
            money[:, into[into >= 0]] = added[:, into >= 0]
        return money

    @cached_property
    def untold(self) -> BoolArray:
        """In which strata the money of a segment is not told, (strata,)."""
        return np.asarray((self.asked & np.isnan(self.given)).any(axis=0))

    @cached_property
    def spent(self) -> FloatArray:
        """The money of every row, the total's being the sum of all, Unknown included."""
        sums = np.where(self.untold | ~self.apart, np.nan, np.nansum(self.given, axis=0))
        return np.where(self.total, sums, self.given)

    def _sum(self, values: FloatArray) -> FloatArray:
        """Add up what segments have, (strata,); of those without people what is known of it."""
        known = np.where(self.asked, values, np.nan_to_num(values))
        return np.asarray(np.where(self.segment, known, 0.0).sum(axis=0))

    def _share(self, values: FloatArray) -> FloatArray:
        """Give each segment's share of what all segments have; none where one's is not known."""
        sums = self._sum(values)
        taken = np.where(self.segment & self.apart & (sums > 0), values, np.nan)
        return taken / np.where(sums > 0, sums, 1.0)

    def table(self) -> pd.DataFrame:
        """Make the table."""
        people, needed = self._of("population"), self._of("needed")
        columns: dict[str, Any] = {
            "spent": self.spent,
            "spent_share": self._share(self.spent),
            "population_share": self._share(people),
            "effort_share": self._of("effort_share"),
            "spent_per_head": per_head(self.spent, people),
            "spent_per_needed": per_head(self.spent, needed),
            "reason": self.reasons(),
        }
        seen = np.concatenate([self.answer.seen[self.rows], ~np.isnan(self.given[-1:])])
        stratum, row = np.nonzero(seen[: len(self.total)].T)
        keys = stratum_columns(self.answer.segments.strata, stratum)
        keys |= segment_columns((self.answer.dimensions[0], self._named()), row)
        return tabled(SPENDING, keys, {n: v[row, stratum] for n, v in columns.items()})

    def _named(self) -> Dimension:
        """Name the segments, and the Unknown that only money has."""
        one, more = self.dimension, self.more
        unknown = np.append(one.unknown, np.ones(more, dtype=np.bool_))
        return replace(one, labels=(*one.labels, *([UNKNOWN] * more)), unknown=unknown)

    def reasons(self) -> Reasons:
        """Say why a row lacks a number."""
        answer, segment, total = self.answer, self.segment, self.total
        why = (own_reasons(answer) | answer.reason.only(_SAID))[self.rows]
        why = joined([why, no_reason((self.more, why.shape[1]))], axis=0)
        hidden = (segment & (self.state == State.SUPPRESSED)).any(axis=0)
        shown_ = segment & (self.state != State.SUPPRESSED)
        unpeopled = (self.asked & np.isnan(self._of("population"))).any(axis=0)
        nothing = self._sum(self.given) == 0
        cases = (
            (shown_ & hidden, Reason.SUPPRESSED_SEGMENT),
            (shown_ & ~hidden & unpeopled, Reason.SHARE_UNKNOWN),
            ((total | segment) & self.untold, Reason.MONEY_UNKNOWN),
            (segment & self.apart & nothing, Reason.NO_MONEY),
            ((total | shown_) & ~self.apart, Reason.OVERLAPPING),
            (~total & ~segment, Reason.UNKNOWN_APART),
            ((total | segment) & (self._of("needed") == 0), Reason.NO_GAP),
        )
        for here, reason in cases:
            why |= because(here, reason)
        return why


_SAID = NO_PEOPLE | {
    Reason.APPROXIMATE, Reason.WEIGHT_UNITS, Reason.SHARE_INCOMPLETE, Reason.SHARE_NONE,
}  # fmt: skip
