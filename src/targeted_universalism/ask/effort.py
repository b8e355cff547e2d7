"""How much for whom, and at what cost: people to reach, their density, and money (RULES 4)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray, Number
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import unrated
from targeted_universalism.answer.rates import known_stats
from targeted_universalism.ask.costs import Costs, unit_costs
from targeted_universalism.ask.references import by_dimension
from targeted_universalism.measures.effort import needed_wherever, per_head
from targeted_universalism.measures.exact import people_needed
from targeted_universalism.measures.inequality.known import Known, known_limits, variance_plus
from targeted_universalism.measures.inequality.limits_sums import needed_in_all
from targeted_universalism.measures.intervals import Limits, z_value
from targeted_universalism.reasons import Reason, Reasons, ReasonsInPlaces, because, no_reason
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.columns import EFFORT

Values = dict[str, FloatArray]


def effort(
    answer: Answer, *, cost: Costs = None, default_cost: Number | None = None
) -> pd.DataFrame:
    """Say how many people are to be reached in each segment, how dense the need is, what it costs.

    The sum over the segments of a dimension stands beside what the total alone would need: the
    total can be at the goal while segments are not.

    Parameters
    ----------
    cost : number or mapping of segment to number, optional
        What reaching one more person costs: for everybody, or for each segment by its label. A
        dimension of which a segment is named needs the costs of all its segments.
    default_cost : number, optional
        The cost of every row that the mapping does not name, the total and Unknown among them.

    Returns
    -------
    DataFrame
        Of rates, people are events: those to avert for a goal of at most. Without costs the
        columns of money are missing.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``population`` (people): the denominator
        - ``needed`` (people): the fewest people whose outcome must change; of a rate, the fewest
          events
        - ``needed_low``, ``needed_high`` (people): its range: the need if the rate behind the
          counts lay at its limits; for a cell hidden in the input, over all counts that it may hold
        - ``needed_per_year`` (people): needed / the years that are pooled, where years= said how
          many
        - ``effort_share``: the segment's share of all people needed in its dimension; missing for
          totals, Unknown and overlapping segments
        - ``dimension_needed`` (people): the people needed in all segments of the dimension
          together, Unknown left out; of the total its own need, which is no sum
        - ``dimension_needed_low``, ``dimension_needed_high`` (people): the range of that sum,
          narrower than its segments' ranges added up; where cells are hidden or rounded in the
          input, or a rate is not known, over all counts that they may hold; it holds wherever
          people of unknown segment belong
        - ``intensity``: needed / population: the need per head
        - ``intensity_remaining``: needed / those whose outcome could change: the people without the
          outcome for a goal of at least, the events for one of at most
        - ``effort_index``: the share of the effort / the share of the people: above 1 where need is
          denser
        - ``unit_cost`` (money): what reaching one more person costs
        - ``cost`` (money): needed × unit cost
        - ``cost_low``, ``cost_high`` (money): needed_low, needed_high × unit cost
        - ``dimension_cost`` (money): what all segments of the dimension cost together, Unknown left
          out
        - ``dimension_cost_low``, ``dimension_cost_high`` (money): the range of that sum, made as
          that of dimension_needed
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If a cost is not above 0, a segment is not there, or a dimension has costs for some of its
        segments only.

    Notes
    -----
    Every number of people is the table's own: max(0, ⌈s(G·n − x)⌉), exact. A sum of needs has an
    interval of its own, by MOVER and what noise adds near the goal (RULES 4): the segments' limits
    added up would be 1.7 to 4.3 times too wide for 3 to 20 segments. Share and intensity belong
    together: a small segment has a small share however dense its need is.

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
    >>> e = a.effort(cost={"Black": 900}, default_cost=700)
    >>> e[["segment", "needed", "dimension_needed", "intensity", "cost", "dimension_cost"]]
      segment  needed  dimension_needed  intensity      cost  dimension_cost
    0     All     148               148   0.019474  103600.0        103600.0
    1   Asian       0               258   0.000000       0.0        196200.0
    2   Black      78               258   0.130000   70200.0        196200.0
    3  Latino     180               258   0.060000  126000.0        196200.0
    4   White       0               258   0.000000       0.0        196200.0

    """
    unit = unit_costs(answer, cost, default_cost)[:, None]
    values = {name: answer.values[name] for name in ("needed", "needed_low", "needed_high")}
    people, needed = answer.values["population"], values["needed"]
    money = {name.replace("needed", "cost"): v * unit for name, v in values.items()}
    sums, of_sums = _sums(answer, {**values, **money}, unit)
    left, why = _left(answer)
    years = answer.years[answer.segments.strata.indicator]
    rolled = because((years > 0) & answer.segments.strata.rolled_up, Reason.PERIODS_ADDED)
    uncosted = np.isnan(unit) & ~np.isnan(needed) & ~np.isnan(unit).all()
    reason = answer.reason.other_than(_UNSAID) | of_sums | why | rolled
    columns: dict[str, Any] = {
        "population": people,
        "needed_per_year": needed / np.where(answer.segments.strata.rolled_up, np.nan, years),
        "effort_share": answer.values["effort_share"],
        "intensity": per_head(needed, people),
        "intensity_remaining": per_head(needed, left),
        "effort_index": _index(answer),
        "unit_cost": np.broadcast_to(unit, needed.shape),
        "reason": reason | because(uncosted, Reason.NO_COST),
    }
    return answer.frame(EFFORT, {**columns, **values, **money, **sums})


# What a.table says of ratios, shares and flags, which are not here or are said of sums.
_UNSAID = frozenset(
    {
        Reason.GOAL_ZERO, Reason.SHARE_SUPPRESSED, Reason.SHARE_INCOMPLETE,
        Reason.SHARE_OVERLAPPING, Reason.REVIEW, Reason.FEW_DF, Reason.NOT_ASSESSED,
    }
)  # fmt: skip


def _left(answer: Answer) -> tuple[FloatArray, Reasons]:
    """Count those whose outcome could change: people without it, or its events."""
    cells, of = answer.cells, answer.segments.strata.indicator
    events = np.where(
        cells.state == State.OK, cells.family.events(cells.stats, answer.segments.units), np.nan
    )
    fewer = np.array([goal.sign < 0 for goal in answer.goals])[of]
    people = np.array([kind == "proportion" for kind in answer.segments.kinds])[of]
    without = np.where(people, cells.population - events, np.nan)
    left = np.where(fewer, events, without)
    nothing = np.abs(left) <= _TRACE * cells.population
    counted = ~np.isnan(answer.values["needed"])
    why = because(counted & nothing, Reason.NOBODY_LEFT)
    why |= because(counted & ~fewer & ~people, Reason.REMAINDER_UNCOUNTED)
    return np.where(nothing, 0.0, left), why


_TRACE = 1e-12


def _index(answer: Answer) -> FloatArray:
    """Hold each segment's share of the effort against its share of the people who are rated."""
    share = answer.values["effort_share"]
    people = np.where(np.isnan(share), 0.0, answer.values["population"])
    return per_head(share * by_dimension(answer, lambda rows: people[rows].sum(axis=0)), people)


# --- sums over the segments of a dimension --------------------------------------------------------


def needs_together(answer: Answer) -> Values:
    """Add up needs over the segments of each dimension; the total has its own.

    Parameters
    ----------
    answer : Answer
        What was assessed.

    Returns
    -------
    dict of str to (rows, strata) array
        ``needed``, ``low`` and ``high``: every row holds the sum of its dimension, or NaN.
    """
    names = {"needed": "needed", "low": "needed_low", "high": "needed_high"}
    sums, _ = _sums(answer, {name: answer.values[name] for name in names.values()}, None)
    return {short: sums[f"dimension_{name}"] for short, name in names.items()}


def _sums(answer: Answer, rows: Values, unit: FloatArray | None) -> tuple[Values, Reasons]:
    """Add up needs, and costs where there are any; the total has its own."""
    sums = {f"dimension_{name}": np.full(v.shape, np.nan) for name, v in rows.items()}
    reasons = ReasonsInPlaces(answer.cells.shape)
    for name, values in rows.items():
        sums[f"dimension_{name}"][0] = values[0]
    for d, dimension in enumerate(answer.dimensions[1:], start=1):
        of = answer.segments.index.rows(d)
        known = of[~dimension.unknown]
        if not (dimension.exclusive and known.size):
            why = Reason.UNKNOWN_APART if dimension.exclusive else Reason.OVERLAPPING
            reasons.add(of, because(_shown(answer, of), why))
            continue
        for i in range(len(answer.goals)):
            here = np.flatnonzero(answer.segments.strata.indicator == i)
            group = _Group(answer, known, of[dimension.unknown], here, i)
            place = np.ix_(of, here)
            for name, values in group.sums(None if unit is None else unit[known]).items():
                sums[f"dimension_{name}"][place] = values
            reasons.add(place, group.reasons().kept(_shown(answer, place), no_reason(())))
    return sums, reasons[...]


def _shown(answer: Answer, place: Any) -> BoolArray:
    """Tell which rows are not hidden: a hidden one says so itself."""
    return np.asarray(answer.cells.state[place] != State.SUPPRESSED)


class _Group:
    """The segments of one dimension in the strata of one indicator, Unknown left out.

    Arrays are shaped (segments, strata), those of sums (strata,).
    """

    def __init__(
        self, answer: Answer, rows: IntArray, unknown: IntArray, here: IntArray, indicator: int
    ) -> None:
        self.answer, self.place = answer, np.ix_(rows, here)
        self.others = answer.cells.take(unknown).strata(here)
        self.unit_of_rates = float(answer.segments.unit_of(indicator))
        self.goal, self.kind = answer.goals[indicator], answer.segments.kinds[indicator]
        self.cells = answer.cells.take(rows).strata(here)
        self.needed, self.least, self.most = (
            answer.values[name][self.place] for name in ("needed", "needed_low", "needed_high")
        )
        self.hidden = self.cells.state == State.SUPPRESSED
        self.unrated = unrated(self.cells)
        self.counted = ~np.isnan(self.needed)
        self.rounded = self.counted & self.cells.reasons.any_of(Reason.ROUNDED)
        self.unpeopled = (self.cells.state == State.OK) & ~self.counted

    def sums(self, cost: FloatArray | None) -> Values:
        """Give the sums and their ranges; of money too where it is told what one person costs."""
        sums = {}
        units = {"needed": np.ones((len(self.needed), 1))}
        for name, unit in (units if cost is None else {**units, "cost": cost}).items():
            sums[name] = self._added(self.needed * unit)
            sums[f"{name}_low"], sums[f"{name}_high"] = self._range(sums[name], unit)
        return sums

    @cached_property
    def complete(self) -> BoolArray:
        """Where every segment with people has a need that is told."""
        untold = self.hidden | self.unrated | self.unpeopled
        return np.asarray(~untold.any(axis=0) & self.counted.any(axis=0))

    @cached_property
    def open(self) -> BoolArray:
        """Where counts are not told, and a sum has the range of all that they may be."""
        told = ~(self.hidden | self.unrated | self.rounded)
        return np.asarray(~told.all(axis=0))

    def reasons(self) -> Reasons:
        """Say why a sum is missing, or its range."""
        hidden = self.hidden.any(axis=0)
        some = (self.counted | self.unrated).any(axis=0)
        why = because(hidden, Reason.SUPPRESSED_SEGMENT)
        why |= because(~hidden & ~self.complete & some, Reason.NEED_UNKNOWN)
        why |= because(self.unplaced & ~np.isnan(self.level), Reason.UNKNOWN_ANYWHERE)
        if np.isnan(self.level):
            return why
        unbounded = (self.counted & np.isnan(self.known.low)).any(axis=0)
        return why | because(self.complete & ~self.open & unbounded, Reason.NO_RANGE_OF_SUM)

    def _added(self, values: FloatArray) -> FloatArray:
        """Add up what the segments with people need."""
        sums = np.where(self.counted, values, 0.0).sum(axis=0)
        return np.where(self.complete, sums, np.nan)

    def _range(self, added: FloatArray, unit: FloatArray) -> Limits:
        """Give the interval of a sum; where counts are not told, its range over counts."""
        goal, people = self.goal, self.cells.population
        found = needed_in_all(
            self.known, people, float(goal.fraction), goal.sign, added, unit=unit
        )  # fmt: skip
        low, high = self._wherever(found.low, found.high, unit)
        least, most = ((end * unit).sum(axis=0) for end in self._ends)
        return np.where(self.open, least, low), np.where(self.open, most, high)

    def _wherever(self, low: FloatArray, high: FloatArray, unit: FloatArray) -> Limits:
        """Widen a range to hold the sum wherever people of unknown segment belong."""
        if not self.unplaced.any():
            return low, high
        goal, sign = float(self.goal.fraction), self.goal.sign
        events, people = (values.sum(axis=0) for values in self._events_and_people(self.others))
        rest = people - events if self.kind == "proportion" else people
        part = 1 - goal if self.kind == "proportion" else 1.0
        raising, lowering = (goal * rest, part * events)[::sign]
        x, n = self._events_and_people(self.cells)
        least, most = needed_wherever(sign * (goal * n - x), raising, lowering, unit)
        step = unit.min(axis=0)
        parts = (end / step for end in (least, most))
        least, most = (np.ceil(v - 1e-9 * np.maximum(1.0, np.sqrt(v))) * step for v in parts)
        return (
            np.where(self.unplaced, np.minimum(low, least), low),
            np.where(self.unplaced, np.maximum(high, most), high),
        )

    def _events_and_people(self, cells: Cells) -> tuple[FloatArray, FloatArray]:
        """Give events and people of cells that have a rate, nobody elsewhere."""
        known = cells.state == State.OK
        events = cells.family.events(cells.stats, self.unit_of_rates)
        return np.where(known, events, 0.0), np.where(known, cells.population, 0.0)

    @cached_property
    def unplaced(self) -> BoolArray:
        """Where people whose segment is unknown have a rate that is told."""
        people = self._events_and_people(self.others)[1].sum(axis=0)
        return np.asarray(self.complete & ~self.open & (people > 0))

    @cached_property
    def _ends(self) -> Limits:
        """The least and the most that each segment may need by its counts."""
        wide = self.hidden | self.rounded
        least, most = (
            np.where(wide, end, np.nan_to_num(self.needed)) for end in (self.least, self.most)
        )
        most = np.where(self.unrated, self._worst(), most)
        unpeopled = self.unpeopled.any(axis=0)
        return np.where(unpeopled, np.nan, least), np.where(unpeopled, np.nan, most)

    def _worst(self) -> FloatArray:
        """Give what segments would need if nobody were at the goal.

        Nobody counted the people of whom no outcome is known: how many they are is not known.
        """
        uncounted = self.cells.reasons.any_of(Reason.NO_OUTCOME)
        people, goal = np.where(uncounted, np.nan, self.cells.population), self.goal
        events = {1: np.zeros(people.shape), -1: people}[goal.sign]
        if goal.sign < 0 and self.kind != "proportion":
            events = np.full(people.shape, np.nan)
        worst = people_needed(events.ravel(), people.ravel(), goal.fraction, goal.sign)
        return worst.reshape(people.shape)

    @cached_property
    def known(self) -> Known:
        """What is known of rates per member of the population; they are missing without people."""
        per, values = float(self.goal.per), self.answer.values
        rate, low, high = (
            np.where(self.counted, values[name][self.place] / per, np.nan)
            for name in ("rate", "ci_low", "ci_high")
        )
        return known_limits(
            rate, (np.minimum(low, rate), np.maximum(high, rate)), self._variance(high - low),
            kind=self.kind, level=self.level,
        )  # fmt: skip

    @property
    def level(self) -> float:
        """The level of intervals; missing where there are none."""
        return self.answer.options.confidence or np.nan

    def _variance(self, width: FloatArray) -> FloatArray:
        """Give variances: of counts with two more of each kind, else as published or as implied."""
        family, variance = self.cells.family, np.full(width.shape, np.nan)
        known, stats = self.cells.state == State.OK, known_stats(self.cells)
        if family.counted:
            variance[known] = variance_plus(*family.effective(stats, self.kind), self.kind)
            return variance
        variance[known] = family.variance(stats, self.kind, self.unit_of_rates)
        return np.where(np.isnan(variance), (width / (2 * z_value(self.level))) ** 2, variance)
