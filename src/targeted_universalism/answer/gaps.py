"""Each segment's gap to the universal goal, and the people needed to close it (RULES 3 and 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray
from targeted_universalism.answer.answer import Answer, Options
from targeted_universalism.answer.goals import Goal
from targeted_universalism.answer.rates import Estimates, estimate
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
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.index import Index
from targeted_universalism.segments.segments import Segments

# Columns of numbers by name; with standings and reasons they answer for the strata of an indicator.
Numbers = dict[str, FloatArray]
Part = tuple[Numbers, ByteArray, Reasons]

# What says by itself why there is no rate.
_EXPLAINED = NO_SUM | {Reason.ESTIMATE_CODE, Reason.NO_OUTCOME, Reason.ROUNDED}


def held_against_goals(segments: Segments, goals: tuple[Goal, ...], options: Options) -> Answer:
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
    looked_at = segments.strata.measured
    places = [segments.strata.of(i) for i in looked_at]
    parts = [
        _AgainstGoal(segments, i, goals[i], cells.strata(place), options).answer()
        for i, place in zip(looked_at, places, strict=True)
    ]
    values, standing, reasons = parts[0] if len(parts) == 1 else _side_by_side(parts, places)
    values["effort_share"], why = _effort_shares(segments.index, values["needed"], cells)
    return Answer(
        segments=segments,
        goals=goals,
        options=options,
        values=values,
        status=standing,
        flag=np.zeros(cells.shape, dtype=np.uint8),
        reason=cells.reasons | _state_reasons(segments, values) | reasons | why,
    )


def _side_by_side(parts: Sequence[Part], places: Sequence[Any]) -> Part:
    """Put the answers of several indicators where their strata are."""
    count = sum(part[1].shape[1] for part in parts)
    shape = len(parts[0][1]), count
    values = {name: np.full(shape, np.nan) for name in parts[0][0]}
    standing, reasons = np.zeros(shape, dtype=np.uint8), ReasonsInPlaces(shape)
    for (columns, code, why), strata in zip(parts, places, strict=True):
        standing[:, strata] = code
        reasons.add((slice(None), strata), why)
        for name, part in columns.items():
            values[name][:, strata] = part
    return values, standing, reasons[...]


def _state_reasons(segments: Segments, values: Numbers) -> Reasons:
    """Say why a cell has no rate; whether a range of its gap is known is seen in `values`."""
    cells = segments.cells
    population = cells.population
    no_data = (cells.state == State.NO_DATA) & ~cells.reasons.any_of(*_EXPLAINED)
    nobody = population == 0
    uncounted = np.isnan(population) & cells.family.counted
    hidden = cells.state == State.SUPPRESSED
    bounded = np.isfinite(values["gap_low"]) | np.isfinite(values["gap_high"])
    public = segments.facts["suppression"] is not None
    return (
        because(no_data & nobody, Reason.NO_POPULATION)
        | because(no_data & uncounted, Reason.NO_DENOMINATOR)
        | because(no_data & ~nobody & ~uncounted, Reason.NO_RATE)
        | because(cells.state == State.ABSENT, Reason.NO_ROW)
        | because(hidden & bounded, Reason.HIDDEN_RANGE)
        | because(hidden & ~bounded, Reason.SUPPRESSED if public else Reason.HIDDEN)
    )


class _AgainstGoal:
    """The strata of one indicator, held against its goal.

    Rates are held per `per` (`unit` as a fraction) and answered per the goal's own: times
    `factor`. `threshold` is the goal in the unit in which they are held. Where events and people
    were `counted`, gaps and people needed are exact; else they follow from rates.
    """

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
        self.per = segments.unit_of(indicator)
        self.unit = as_fraction(self.per)
        self.factor = float(as_fraction(goal.per) / self.unit)
        self.threshold = float(goal.fraction * self.unit)
        self.estimates = estimate(
            cells, self.kind, float(self.unit), options.confidence, options.interval
        )
        self.rounded = (cells.state == State.OK) & cells.reasons.any_of(Reason.ROUNDED)
        if self.rounded.any() and options.confidence is not None:
            self.estimates = self._widened(options.confidence)

    def answer(self) -> Part:
        """Give the columns of the table, where each segment stands, and what is missing and why."""
        own, target, direction = self.estimates, float(self.goal.target), self.goal.direction
        rate, low, high = (v * self.factor for v in (own.rate, own.low, own.high))
        gap = self._gap(rate)
        gap_low, gap_high = gap_limits(low, high, target, direction=direction)
        needed, why = self._needed()
        needed_low, needed_high = self._needed_range(needed)
        values = {
            "population": own.population,
            "n": own.n,
            "events": own.events,
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
        return values, self._status(values), why | because(no_ratio, Reason.GOAL_ZERO)

    def _gap(self, rate: FloatArray) -> FloatArray:
        """Give the way to the goal, from the counts themselves where there are any."""
        goal = self.goal
        if self.counted:
            known = self.cells.state == State.OK
            events = np.where(known, self.estimates.events, np.nan).ravel()
            people = self.estimates.population.ravel()
            gap = distance(events, people, goal.fraction, goal.sign) * float(goal.per)
            return gap.reshape(rate.shape)
        target = float(goal.target)
        return snap(goal.sign * (target - rate), target)

    def _widened(self, confidence: float) -> Estimates:
        """Give rounded counts the widest interval of all counts that round to them."""
        own = self.estimates
        low, high = own.low.copy(), own.high.copy()
        for most, ends in ((False, low), (True, high)):
            x, n = self._counts_at(self.rounded, most)
            limits = self.cells.family.interval(
                {"events": x, "population": n}, self.kind, 1.0, confidence, self.options.interval
            )
            ends[self.rounded] = limits[int(most)]
        return replace(own, low=np.fmin(low, own.low), high=np.fmax(high, own.high))

    def _status(self, values: Numbers) -> ByteArray:
        """Tell where each segment stands; where counts are rounded, if all of them agree."""
        code = self._status_at(values["gap"])
        ends = [self._status_at(values[name]) for name in ("gap_low", "gap_high")]
        disagree = self.rounded & (ends[0] != ends[1])
        code = np.where(self.rounded, ends[0], code).astype(np.uint8)
        code[disagree] = Status.UNCERTAIN
        return code

    def _status_at(self, gap: FloatArray) -> ByteArray:
        """Tell where each segment stands; at a goal that no rate can pass, by the rate alone."""
        goal = self.goal
        ends = {"proportion": (0, 1), "mean": ()}.get(self.kind, (0,))
        by_point = self.options.confidence is None or goal.fraction in ends
        code = status(
            self.estimates.low, self.estimates.high, self.threshold,
            direction=goal.direction, gap=gap if by_point else None,
        )  # fmt: skip
        code[self.cells.state == State.SUPPRESSED] = Status.SUPPRESSED
        code[self.cells.state >= State.NO_DATA] = Status.NO_DATA
        return code

    def _needed(self) -> tuple[FloatArray, Reasons]:
        """Compute people needed at the point, and the reasons where there are none."""
        known, reason = self.cells.state == State.OK, self.estimates.reason
        if self.kind == "mean":
            return np.full(known.shape, np.nan), reason | because(known, Reason.NO_PEOPLE_MEAN)
        people, why = self._from_counts(known) if self.counted else self._from_rates(known)
        return people, reason | why

    def _from_counts(self, known: BoolArray) -> tuple[FloatArray, Reasons]:
        """Count the people needed; where weights make fractions of people, approximately."""
        events, goal = np.where(known, self.estimates.events, np.nan), self.goal
        people = people_needed(
            events.ravel(), self.estimates.population.ravel(), goal.fraction, goal.sign
        ).reshape(known.shape)
        whole = is_whole(np.nan_to_num(events), np.nan_to_num(self.estimates.population))
        return people, because(known & ~whole, Reason.APPROXIMATE)

    def _from_rates(self, known: BoolArray) -> tuple[FloatArray, Reasons]:
        """Work the people needed out from published rates and their population."""
        own, goal = self.estimates, self.goal
        standardized = self.cells.stats["standardized"] > 0
        unpeopled = ~standardized & np.isnan(own.population)
        rate = np.where(standardized, np.nan, own.rate)
        people = people_needed_from_rate(
            rate.ravel(), self.per, own.population.ravel(), goal.fraction, goal.sign
        ).reshape(known.shape)
        why = because(known & standardized, Reason.NO_PEOPLE_STANDARDIZED)
        return people, why | because(known & unpeopled, Reason.NO_PEOPLE_POPULATION)

    def _needed_range(self, needed: FloatArray) -> tuple[FloatArray, FloatArray]:
        """People needed if the rate behind the counts lay at its limits, widened to hold `needed`.

        At most everybody, where each person has the outcome once; events have no such cap.
        """
        own, goal, unit = self.estimates, self.goal, float(self.unit)
        near, far = (own.high, own.low) if goal.sign > 0 else (own.low, own.high)
        n = np.where(np.isnan(needed), np.nan, own.population)
        low = np.fmin(needed_at_limit(near / unit, n, goal.fraction, goal.sign), needed)
        high = np.fmax(needed_at_limit(far / unit, n, goal.fraction, goal.sign), needed)
        missing = np.isnan(own.low) | np.isnan(needed)
        if self.kind == "proportion":
            high = np.fmin(high, np.fmax(np.ceil(n), needed))
        return np.where(missing, np.nan, low), np.where(missing, np.nan, high)

    def _fill_ranges(self, values: Numbers) -> None:
        """Give hidden and rounded cells the exact range over all counts that the input allows."""
        ranged = (self.cells.state == State.SUPPRESSED) | self.rounded
        if not ranged.any() or not self.cells.bounds:
            return
        counted = self.cells.family.counted
        extreme = self._gap_and_need_by_counts if counted else self._gap_and_need_by_rates
        for name, most in (("low", self.goal.sign > 0), ("high", self.goal.sign < 0)):
            gap, needed = extreme(ranged, most)
            values[f"gap_{name}"][ranged] = np.where(np.isfinite(gap), gap, np.nan)
            values[f"needed_{name}"][ranged] = needed

    def _counts_at(self, ranged: BoolArray, most: bool) -> tuple[FloatArray, FloatArray]:
        """Give the counts of some cells at which the rate is the most (or least) allowed."""
        bounds = {name: bound[ranged] for name, bound in self.cells.bounds.items()}
        return _extreme_counts(bounds, most, self.kind == "proportion")

    def _gap_and_need_by_counts(
        self, ranged: BoolArray, most: bool
    ) -> tuple[FloatArray, FloatArray]:
        """Give gap and people needed where the rate is the most (or least) that is allowed."""
        x, n = self._counts_at(ranged, most)
        goal, sign = self.goal.fraction, self.goal.sign
        return distance(x, n, goal, sign) * float(self.goal.per), people_needed(x, n, goal, sign)

    def _gap_and_need_by_rates(
        self, ranged: BoolArray, most: bool
    ) -> tuple[FloatArray, FloatArray]:
        """Do the same for published rates, where people may be hidden too."""
        rate = self.cells.bounds["rate_high" if most else "rate_low"][ranged]
        target, sign = float(self.goal.target), self.goal.sign
        standardized = self.cells.stats["standardized"][ranged] > 0
        people = self.estimates.population[ranged]
        needed = people_needed_from_rate(rate, self.per, people, self.goal.fraction, sign)
        gap = snap(sign * (target - rate * self.factor), target)
        if "events_low" in self.cells.bounds:
            by_counts = self._gap_and_need_by_counts(ranged, most)
            nobody = self.cells.bounds["population_high"][ranged] == 0
            gap = np.where(np.isnan(rate) | nobody, by_counts[0], gap)
            needed = np.where(np.isnan(people), by_counts[1], needed)
        uncounted = standardized | (self.kind not in ("proportion", "rate"))
        return gap, np.where(uncounted, np.nan, needed)


def _extreme_counts(
    bounds: Mapping[str, FloatArray], most: bool, proportion: bool
) -> tuple[FloatArray, FloatArray]:
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


def _effort_shares(index: Index, needed: FloatArray, cells: Cells) -> tuple[FloatArray, Reasons]:
    """Each segment's share of the people needed in its dimension, where segments do not overlap."""
    share = np.full(needed.shape, np.nan)
    reasons = ReasonsInPlaces(needed.shape)
    for d, dimension in enumerate(index.dimensions[1:], start=1):
        rows = index.rows(d)[~dimension.unknown]
        if not dimension.exclusive:
            reasons.add(rows, because(True, Reason.SHARE_OVERLAPPING))
            continue
        share[rows], why = _effort_shares_within(needed[rows], cells.take(rows))
        reasons.add(rows, why)
    return share, reasons[...]


def _effort_shares_within(needed: FloatArray, cells: Cells) -> tuple[FloatArray, Reasons]:
    """Give each segment's share of the need of one dimension; none where any need is not known."""
    hidden = (cells.state == State.SUPPRESSED).any(axis=0)
    without = unrated(cells)
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


def short(answer: Answer) -> BoolArray:
    """Tell which cells have a gap, at the point; of hidden ones, those that surely have one."""
    hidden = answer.cells.state == State.SUPPRESSED
    gap = np.where(hidden, answer.values["gap_low"], answer.values["gap"])
    return np.asarray(gap > 0)


def empty(cells: Cells) -> BoolArray:
    """Tell which cells are known to hold nobody: no people, and no rows of unknown outcome."""
    return np.asarray((cells.population == 0) & ~cells.reasons.any_of(Reason.NO_OUTCOME))


def unrated(cells: Cells) -> BoolArray:
    """Tell which cells may hold people, and have no rate."""
    return np.asarray((cells.state == State.NO_DATA) & ~empty(cells))
