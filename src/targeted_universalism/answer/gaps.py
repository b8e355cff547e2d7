"""Each segment's gap to the universal goal, and the people needed to close it (RULES 3 and 4)."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray
from targeted_universalism.answer.answer import Answer, Options
from targeted_universalism.answer.goals import Goal
from targeted_universalism.answer.rates import check_interval, estimate
from targeted_universalism.errors import InputError
from targeted_universalism.measures.effort import effort_share
from targeted_universalism.measures.exact import (
    as_fraction,
    distance,
    is_whole,
    needed_at_limit,
    people_needed,
    people_needed_from_rate,
    snap,
)
from targeted_universalism.measures.goal import Status, gap_limits, ratio_to_goal, status
from targeted_universalism.reasons import NO_SUM, Reason, Reasons, ReasonsInPlaces, because
from targeted_universalism.segments.cells import Cells, Index, State
from targeted_universalism.segments.families import rates
from targeted_universalism.segments.segments import Segments

Values = dict[str, FloatArray]


def measure(segments: Segments, goals: tuple[Goal, ...], options: Options) -> Answer:
    """Hold every segment in every stratum against its goal.

    Parameters
    ----------
    segments : Segments
        Any roll-up included.
    goals : tuple of Goal
        One for each indicator.
    options : Options
        Level and kind of interval.

    Returns
    -------
    Answer
        Its flags are not yet set.
    """
    cells = segments.cells.family.informed(segments.cells, segments.index)
    values: Values = {}
    standing = np.zeros(cells.shape, dtype=np.uint8)
    reasons = ReasonsInPlaces(cells.shape)
    for i, goal in enumerate(goals):
        here = np.flatnonzero(segments.strata.indicator == i)
        against = _AgainstGoal(segments, i, goal, cells.strata(here), options)
        columns, standing[:, here], why = against.answer()
        reasons.add((slice(None), here), why)
        for name, part in columns.items():
            values.setdefault(name, np.full(cells.shape, np.nan))[:, here] = part
    values["effort_share"], why = _shares(segments.index, values["needed"], cells)
    return Answer(
        segments=segments,
        goals=goals,
        options=options,
        values=values,
        status=standing,
        flag=np.zeros(cells.shape, dtype=np.uint8),
        reason=cells.reasons | _state_reasons(segments, cells) | reasons[...] | why,
    )


def _state_reasons(segments: Segments, cells: Cells) -> Reasons:
    """Say why a cell has no rate."""
    population = cells.population
    no_data = (cells.state == State.NO_DATA) & ~cells.reasons.any_of(*_EXPLAINED)
    unpeopled = (population == 0) | (np.isnan(population) & cells.family.counted)
    hidden, bounded = cells.state == State.SUPPRESSED, _bounded(cells)
    public = segments.facts["suppression"] is not None
    return (
        because(no_data & unpeopled, Reason.NO_POPULATION)
        | because(no_data & ~unpeopled, Reason.NO_RATE)
        | because(cells.state == State.ABSENT, Reason.NO_ROW)
        | because(hidden & bounded, Reason.HIDDEN_RANGE)
        | because(hidden & ~bounded, Reason.SUPPRESSED if public else Reason.HIDDEN)
    )


_EXPLAINED = NO_SUM | {Reason.ESTIMATE_CODE, Reason.NO_OUTCOME}


def _bounded(cells: Cells) -> BoolArray:
    """Tell where the range of a hidden cell is known."""
    bounded: BoolArray = np.full(cells.shape, bool(cells.bounds), dtype=np.bool_)
    for name, bound in cells.bounds.items():
        if not name.startswith("rest"):
            bounded &= np.isfinite(bound)
    return bounded


class _AgainstGoal:
    """The strata of one indicator, held against its goal."""

    def __init__(
        self,
        segments: Segments,
        indicator: int,
        goal: Goal,
        cells: Cells,
        options: Options,
    ) -> None:
        self.segments, self.goal, self.options, self.cells = segments, goal, options, cells
        self.kind = segments.kinds[indicator]
        self.counted = cells.family.counted and self.kind != "mean"
        self.unit = as_fraction(segments.unit)
        self.factor = float(as_fraction(goal.per) / self.unit)
        self.threshold = float(goal.fraction * self.unit)
        self.of = estimate(cells, self.kind, float(self.unit), options.confidence, options.interval)

    def answer(self) -> tuple[Values, ByteArray, Reasons]:
        of, goal = self.of, self.goal
        target, direction = float(goal.target), goal.direction
        rate, low, high = of.rate * self.factor, of.low * self.factor, of.high * self.factor
        gap = self._gap(rate)
        gap_low, gap_high = gap_limits(low, high, target, direction=direction)
        needed, why = self._needed()
        needed_low, needed_high = self._needed_range(needed)
        values = {
            "population": of.population,
            "n": of.n,
            "events": of.events,
            "rate": rate,
            "ci_low": low,
            "ci_high": high,
            "gap": gap,
            "gap_low": gap_low,
            "gap_high": gap_high,
            "ratio_to_goal": ratio_to_goal(rate, target),
            "needed": needed,
            "needed_low": needed_low,
            "needed_high": needed_high,
        }
        self._fill_ranges(values)
        no_ratio = (self.cells.state == State.OK) & (target == 0)
        return values, self._status(gap), why | because(no_ratio, Reason.GOAL_ZERO)

    def _gap(self, rate: FloatArray) -> FloatArray:
        goal = self.goal
        if self.counted:
            known = self.cells.state == State.OK
            events = np.where(known, self.of.events, np.nan).ravel()
            people = self.of.population.ravel()
            gap = distance(events, people, goal.fraction, goal.sign) * float(goal.per)
            return gap.reshape(rate.shape)
        target = float(goal.target)
        return snap(goal.sign * (target - rate), target)

    def _status(self, gap: FloatArray) -> ByteArray:
        goal = self.goal
        bounds = {"proportion": (0, 1), "mean": ()}.get(self.kind, (0,))
        by_point = self.options.confidence is None or goal.fraction in bounds
        code = status(
            self.of.low, self.of.high, self.threshold,
            direction=goal.direction, gap=gap if by_point else None,
        )  # fmt: skip
        code[self.cells.state == State.SUPPRESSED] = Status.SUPPRESSED
        code[self.cells.state >= State.NO_DATA] = Status.NO_DATA
        return code

    def _needed(self) -> tuple[FloatArray, Reasons]:
        """Compute people needed at the point, and the reasons where there are none."""
        of, known = self.of, self.cells.state == State.OK
        if self.kind == "mean":
            return np.full(known.shape, np.nan), of.reason | because(known, Reason.NO_PEOPLE_MEAN)
        people, why = self._from_counts(known) if self.counted else self._from_rates(known)
        return people, of.reason | why

    def _from_counts(self, known: BoolArray) -> tuple[FloatArray, Reasons]:
        events, goal = np.where(known, self.of.events, np.nan), self.goal
        people = people_needed(
            events.ravel(), self.of.population.ravel(), goal.fraction, goal.sign
        ).reshape(known.shape)
        whole = is_whole(np.nan_to_num(events), np.nan_to_num(self.of.population))
        return people, because(known & ~whole, Reason.APPROXIMATE)

    def _from_rates(self, known: BoolArray) -> tuple[FloatArray, Reasons]:
        of, goal = self.of, self.goal
        standardized = self.cells.stats["standardized"] > 0
        unpeopled = ~standardized & np.isnan(of.population)
        rate = np.where(standardized, np.nan, of.rate)
        people = people_needed_from_rate(
            rate.ravel(), self.segments.unit, of.population.ravel(), goal.fraction, goal.sign
        ).reshape(known.shape)
        why = because(known & standardized, Reason.NO_PEOPLE_STANDARDIZED)
        return people, why | because(known & unpeopled, Reason.NO_PEOPLE_POPULATION)

    def _needed_range(self, needed: FloatArray) -> tuple[FloatArray, FloatArray]:
        """People needed if the rate behind the counts lay at its limits, widened to hold `needed`.

        At most everybody, where each person has the outcome once; events have no such cap.
        """
        of, goal, unit = self.of, self.goal, float(self.unit)
        near, far = (of.high, of.low) if goal.sign > 0 else (of.low, of.high)
        n = np.where(np.isnan(needed), np.nan, of.population)
        low = np.fmin(needed_at_limit(near / unit, n, goal.fraction, goal.sign), needed)
        high = np.fmax(needed_at_limit(far / unit, n, goal.fraction, goal.sign), needed)
        missing = np.isnan(of.low) | np.isnan(needed)
        if self.kind == "proportion":
            high = np.fmin(high, np.fmax(np.ceil(n), needed))
        return np.where(missing, np.nan, low), np.where(missing, np.nan, high)

    def _fill_ranges(self, values: Values) -> None:
        """Give hidden cells the exact range over all counts that the input allows."""
        hidden = (self.cells.state == State.SUPPRESSED) & _bounded(self.cells)
        if not hidden.any():
            return
        bounds = {name: bound[hidden] for name, bound in self.cells.bounds.items()}
        ends = [
            self._at_counts(bounds, most)
            if self.cells.family.counted
            else self._at_rates(bounds, most, hidden)
            for most in (self.goal.sign > 0, self.goal.sign < 0)
        ]
        for name, (gap, needed) in zip(("low", "high"), ends, strict=True):
            values[f"gap_{name}"][hidden] = gap
            values[f"needed_{name}"][hidden] = needed

    def _at_counts(self, bounds: Values, most: bool) -> tuple[FloatArray, FloatArray]:
        """Gap and people needed where the rate is the most (or least) that hidden counts allow."""
        x, n = _corner(bounds, most, self.kind == "proportion")
        goal, sign = self.goal.fraction, self.goal.sign
        return distance(x, n, goal, sign) * float(self.goal.per), people_needed(x, n, goal, sign)

    def _at_rates(
        self, bounds: Values, most: bool, hidden: BoolArray
    ) -> tuple[FloatArray, FloatArray]:
        rate = bounds["rate_high" if most else "rate_low"]
        target, sign = float(self.goal.target), self.goal.sign
        people = np.where(self.cells.stats["standardized"] > 0, np.nan, self.of.population)[hidden]
        if self.kind == "mean":
            people = np.full(people.shape, np.nan)
        needed = people_needed_from_rate(rate, self.segments.unit, people, self.goal.fraction, sign)
        return snap(sign * (target - rate * self.factor), target), needed


def _corner(bounds: Values, most: bool, proportion: bool) -> tuple[FloatArray, FloatArray]:
    """Give the counts (events, people) at which the rate is the most, or the least, allowed.

    For proportions the allowed counts are x, y = n − x and n = x + y, each within its bounds; the
    rate, and with it the gap and the people needed, rises with x and falls with y.
    """
    n_low, n_high = bounds["population_low"], bounds["population_high"]
    n_low = np.where(n_low > 0, n_low, np.minimum(1.0, n_high))
    if not proportion:
        return (bounds["events_high"], n_low) if most else (bounds["events_low"], n_high)
    up, down = ("events", "rest") if most else ("rest", "events")
    much = np.minimum(bounds[f"{up}_high"], n_high - bounds[f"{down}_low"])
    little = np.maximum(bounds[f"{down}_low"], n_low - much)
    events = much if most else little
    return events, much + little


def _shares(index: Index, needed: FloatArray, cells: Cells) -> tuple[FloatArray, Reasons]:
    """Each segment's share of the people needed in its dimension, where segments do not overlap."""
    share = np.full(needed.shape, np.nan)
    reasons = ReasonsInPlaces(needed.shape)
    for d, dimension in enumerate(index.dimensions[1:], start=1):
        known = index.rows(d)[~dimension.unknown]
        if not dimension.exclusive:
            reasons.add(known, because(True, Reason.SHARE_OVERLAPPING))
            continue
        share[known], why = _shares_of(needed[known], cells.take(known))
        reasons.add(known, why)
    return share, reasons[...]


def _shares_of(needed: FloatArray, cells: Cells) -> tuple[FloatArray, Reasons]:
    hidden = (cells.state == State.SUPPRESSED).any(axis=0)
    populated = ~(cells.population == 0) | cells.reasons.any_of(Reason.NO_OUTCOME)
    without = (cells.state == State.NO_DATA) & populated
    unpeopled = (cells.state == State.OK) & np.isnan(needed)
    some = (~np.isnan(needed)).any(axis=0)
    incomplete = (without.any(axis=0) | (unpeopled.any(axis=0) & some)) & ~hidden
    taking_part = np.where(without | unpeopled | hidden, np.nan, np.nan_to_num(needed))
    share = np.where(cells.state == State.OK, effort_share(taking_part), np.nan)
    nobody = (taking_part.sum(axis=0) == 0) & (cells.state == State.OK).any(axis=0)
    rated = cells.state < State.NO_DATA
    reasons = because(rated & hidden, Reason.SHARE_SUPPRESSED)
    reasons |= because(rated & incomplete, Reason.SHARE_INCOMPLETE)
    return share, reasons | because(rated & nobody, Reason.SHARE_NONE)


def check(segments: Segments, goals: tuple[Goal, ...], options: Options) -> None:
    """Stop where goal, data and options do not fit: asked of all data, never of what is left."""
    check_interval(segments, options.confidence, options.interval)
    cells = segments.cells
    for i, goal in enumerate(goals):
        _check_scale(segments, i, goal, cells)


def _check_scale(segments: Segments, indicator: int, goal: Goal, cells: Cells) -> None:
    """Stop where goal and data are on different scales: 60 against 0.60."""
    kind = segments.kinds[indicator]
    if kind == "proportion" and not 0 <= goal.fraction <= 1:
        raise InputError(
            f"The goal {goal.target} per {float(goal.per):,.10g} is {float(goal.fraction):g}, and "
            f"a proportion lies between 0 and 1. For {goal.target} % write per=100."
        )
    if kind in ("rate", "standardized") and goal.fraction < 0:
        raise InputError(f"The goal {goal.target} is below 0, and a rate is 0 or more.")
    if not cells.family.counted:
        _check_unit(segments, goal)
    unstated = not goal.per_stated and goal.per == 1 and segments.per is None
    if kind != "proportion" and unstated and goal.fraction != 0:
        here = np.flatnonzero(segments.strata.indicator == indicator)
        if not here.size:
            return
        _check_side(goal, rates(cells.strata(here)), segments.strata.describe(int(here[0])))


def _check_side(goal: Goal, rate: FloatArray, first: str) -> None:
    """Stop where no unit was said and goal and data lie on different sides of 1."""
    known = rate[np.isfinite(rate)]
    if not known.size:
        return
    below = bool((known <= 1).all()) and goal.fraction > 1
    above = bool((known > 1).all()) and goal.fraction < 1
    if below or above:
        raise InputError(
            f"The goal is {goal.target}, and every rate (the first is {known[0]:g}, in {first}) "
            "lies on the other side of 1. Say the unit of the goal, as in per=1_000; if both are "
            "meant as they stand, say per=1."
        )


def _check_unit(segments: Segments, goal: Goal) -> None:
    """Units of published rates and of the goal are both said, or both left out."""
    if segments.per is None and goal.per != 1:
        raise InputError(
            f"The goal is per {float(goal.per):,.10g}, and from_estimates was not told the unit of "
            "the rates: say per= there too (per=1 for proportions)."
        )
    if segments.unit != 1 and not goal.per_stated:
        raise InputError(
            f"The rates are per {float(segments.unit):,.10g}, and the goal of {goal.target} has no "
            f"unit: say per={segments.per} in the goal (or per=1 for a proportion)."
        )
