"""Each segment's gap to the universal goal, and the people needed to close it (RULES 3 and 4)."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
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
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import Block, Cells, State, rates
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
    cells = segments.cells()
    values: Values = {}
    standing = np.zeros(cells.shape, dtype=np.uint8)
    reason = cells.notes | _state_reasons(segments, cells)
    for i, goal in enumerate(goals):
        here = np.flatnonzero(segments.strata.indicator == i)
        held = _Held(segments, i, goal, cells.strata(here), options)
        found, standing[:, here], why = held.answer()
        reason[:, here] |= why
        for name, part in found.items():
            values.setdefault(name, np.full(cells.shape, np.nan))[:, here] = part
    values["effort_share"], why = _shares(segments.blocks, values["needed"], cells)
    return Answer(
        segments=segments,
        goals=goals,
        options=options,
        values=values,
        status=standing,
        flag=np.zeros(cells.shape, dtype=np.uint8),
        reason=reason | why,
    )


def _state_reasons(segments: Segments, cells: Cells) -> IntArray:
    """Say why a cell has no rate."""
    reason = np.zeros(cells.shape, dtype=np.int64)
    population = cells.stats["population"]
    no_data = (cells.state == State.NO_DATA) & (cells.notes & _EXPLAINED == 0)
    unpeopled = (population == 0) | (np.isnan(population) & (segments.source == "counts"))
    reason[no_data & unpeopled] |= Reason.NO_POPULATION
    reason[no_data & ~unpeopled] |= Reason.NO_RATE
    reason[cells.state == State.ABSENT] |= Reason.NO_ROW
    public = segments.facts["suppression"] is not None
    hidden = cells.state == State.SUPPRESSED
    reason[hidden & _bounded(cells)] |= Reason.HIDDEN_RANGE
    reason[hidden & ~_bounded(cells)] |= Reason.SUPPRESSED if public else Reason.HIDDEN
    return reason


_EXPLAINED = np.int64(Reason.NO_TOTAL | Reason.NO_WEIGHTS | Reason.NOT_ADDED | Reason.ESTIMATE_CODE)


def _bounded(cells: Cells) -> BoolArray:
    """Tell where the range of a hidden cell is known."""
    bounded: BoolArray = np.full(cells.shape, bool(cells.bounds), dtype=np.bool_)
    for name, bound in cells.bounds.items():
        if not name.startswith("rest"):
            bounded &= np.isfinite(bound)
    return bounded


class _Held:
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
        self.unit = as_fraction(segments.unit)
        self.factor = float(as_fraction(goal.per) / self.unit)
        self.threshold = float(goal.fraction * self.unit)
        self.of = estimate(cells, self.kind, float(self.unit), options.confidence, options.interval)

    def answer(self) -> tuple[Values, ByteArray, IntArray]:
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
        why[(self.cells.state == State.OK) & (target == 0)] |= Reason.GOAL_ZERO
        return values, self._status(gap), why

    def _gap(self, rate: FloatArray) -> FloatArray:
        goal = self.goal
        if self.segments.source == "counts" and self.kind != "mean":
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

    def _needed(self) -> tuple[FloatArray, IntArray]:
        """Compute people needed at the point, and the reasons where there are none."""
        of, goal, shape = self.of, self.goal, self.of.rate.shape
        known = self.cells.state == State.OK
        why = of.reason.copy()
        if self.kind == "mean":
            why[known] |= Reason.NO_PEOPLE_MEAN
            return np.full(shape, np.nan), why
        if self.segments.source == "counts":
            events = np.where(known, of.events, np.nan)
            people = people_needed(
                events.ravel(), of.population.ravel(), goal.fraction, goal.sign
            ).reshape(shape)
            whole = is_whole(np.nan_to_num(events), np.nan_to_num(of.population))
            why[known & ~whole] |= Reason.APPROXIMATE
            return people, why
        standardized = self.cells.stats["standardized"] > 0
        why[known & standardized] |= Reason.NO_PEOPLE_STANDARDIZED
        why[known & ~standardized & np.isnan(of.population)] |= Reason.NO_PEOPLE_POPULATION
        rate = np.where(standardized, np.nan, of.rate)
        people = people_needed_from_rate(
            rate.ravel(), self.segments.unit, of.population.ravel(), goal.fraction, goal.sign
        ).reshape(shape)
        return people, why

    def _needed_range(self, needed: FloatArray) -> tuple[FloatArray, FloatArray]:
        """People needed at the limits of the interval, widened to hold `needed`, and capped."""
        of, goal, unit = self.of, self.goal, float(self.unit)
        near, far = (of.high, of.low) if goal.sign > 0 else (of.low, of.high)
        n = np.where(np.isnan(needed), np.nan, of.population)
        low = np.fmin(needed_at_limit(near / unit, n, goal.fraction, goal.sign), needed)
        high = np.fmax(needed_at_limit(far / unit, n, goal.fraction, goal.sign), needed)
        missing = np.isnan(of.low) | np.isnan(needed)
        cap = np.fmax(np.ceil(self._changeable(n)), needed)
        return np.where(missing, np.nan, low), np.where(missing, np.nan, np.fmin(high, cap))

    def _changeable(self, n: FloatArray) -> FloatArray:
        """Count the people who could change: those with the event, or those without it yet."""
        counted = self.segments.source == "counts"
        events = self.of.events if counted else n * self.of.rate / float(self.unit)
        if self.goal.sign < 0:
            return events
        return n - events if self.kind == "proportion" else np.full(n.shape, np.inf)

    def _fill_ranges(self, values: Values) -> None:
        """Give hidden cells the exact range over all counts that the input allows."""
        hidden = (self.cells.state == State.SUPPRESSED) & _bounded(self.cells)
        if not hidden.any():
            return
        bounds = {name: bound[hidden] for name, bound in self.cells.bounds.items()}
        counted = self.segments.source == "counts"
        ends = [
            self._at_counts(bounds, most) if counted else self._at_rates(bounds, most, hidden)
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


def _shares(
    blocks: tuple[Block, ...], needed: FloatArray, cells: Cells
) -> tuple[FloatArray, IntArray]:
    """Each segment's share of the people needed in its dimension, where segments do not overlap."""
    share = np.full(needed.shape, np.nan)
    reason = np.zeros(needed.shape, dtype=np.int64)
    start = len(blocks[0].dimension)
    for block in blocks[1:]:
        known = np.flatnonzero(~block.dimension.unknown) + start
        start += len(block.dimension)
        if not block.dimension.exclusive:
            reason[known] |= Reason.SHARE_OVERLAPPING
            continue
        share[known], why = _shares_of(needed[known], cells.take(known))
        reason[known] |= why
    return share, reason


def _shares_of(needed: FloatArray, cells: Cells) -> tuple[FloatArray, IntArray]:
    hidden = (cells.state == State.SUPPRESSED).any(axis=0)
    populated = ~(cells.stats["population"] == 0)
    without = (cells.state == State.NO_DATA) & populated
    unpeopled = (cells.state == State.OK) & np.isnan(needed)
    some = (~np.isnan(needed)).any(axis=0)
    incomplete = (without.any(axis=0) | (unpeopled.any(axis=0) & some)) & ~hidden
    taking_part = np.where(without | unpeopled | hidden, np.nan, np.nan_to_num(needed))
    share = np.where(cells.state == State.OK, effort_share(taking_part), np.nan)
    nobody = (taking_part.sum(axis=0) == 0) & (cells.state == State.OK).any(axis=0)
    reason = np.zeros(needed.shape, dtype=np.int64)
    reason[:, hidden] |= Reason.SHARE_SUPPRESSED
    reason[:, incomplete] |= Reason.SHARE_INCOMPLETE
    reason[:, nobody] |= Reason.SHARE_NONE
    reason[cells.state >= State.NO_DATA] = 0
    return share, reason


def check(segments: Segments, goals: tuple[Goal, ...], options: Options) -> None:
    """Stop where goal, data and options do not fit: asked of all data, never of what is left."""
    check_interval(segments, options.confidence, options.interval)
    cells = segments.cells()
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
    if segments.source == "estimates":
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
