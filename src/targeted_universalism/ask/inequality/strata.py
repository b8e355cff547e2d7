"""What measures of inequality say of strata with the same number of segments, and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.draws import bounded_draws
from targeted_universalism.measures.inequality import noise
from targeted_universalism.measures.inequality.arithmetic import (
    average,
    midrank,
    sharing,
)
from targeted_universalism.measures.inequality.equal import expected_if_equal
from targeted_universalism.measures.inequality.known import (
    CAUTIONS,
    Known,
    known_counts,
    known_estimates,
    known_means,
)
from targeted_universalism.measures.inequality.limits import limits_of
from targeted_universalism.measures.inequality.register import Asked, Measure
from targeted_universalism.reasons import (
    Reason,
    Reasons,
    because,
    first_that_holds,
    no_reason,
)

_NOTHING = 1e-9  # of a measure's size: a standard error below it is what rounding leaves
# Plain numbers: arrays ask a member of an enumeration for much before they take its bit.
_CAUTIONS = [(int(caution), reason) for caution, reason in CAUTIONS.items()]
UNBIASED = "corrected_between_group_variance"


@dataclass(frozen=True)
class How:
    """How intervals are made."""

    level: float | None
    intervals: str
    draws: int
    seed: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Rates:
    """Rates of the segments of strata, per member of the population, with what is known of them.

    Arrays are shaped (segments, strata). Events and size are effective ones where weights or
    repeated events make them so, and missing for means and published estimates.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    se: FloatArray
    df: FloatArray
    events: FloatArray
    size: FloatArray
    rows: FloatArray
    population: FloatArray

    def take(self, rows: IntArray, strata: IntArray) -> Rates:
        """Give some rows of some strata."""
        return Rates(**{k: np.ascontiguousarray(v[rows, strata]) for k, v in vars(self).items()})


@dataclass(frozen=True)
class Setting:
    """What holds for all strata of an indicator and dimension."""

    kind: str
    counted: bool
    direction: str
    goal: float
    no_error: Reason

    def error_if_equal(self, mean: FloatArray, se: FloatArray, size: FloatArray) -> FloatArray:
        """Give the standard errors that segments would have if their rates were the overall one."""
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = mean * (1 - mean) if self.kind == "proportion" else mean
            equal = np.sqrt(np.maximum(spread, 0) / size)
        return np.where(np.isnan(size), se, equal)

    def skew_if_equal(self, mean: FloatArray, se: FloatArray, size: FloatArray) -> FloatArray:
        """Give the skewness of the errors of :meth:`error_if_equal`: that of counts."""
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.kind == "proportion":
                skew = se * (1 - 2 * mean) / (mean * (1 - mean))
            else:
                skew = se / mean
        return np.where(np.isnan(size) | ~np.isfinite(skew), 0.0, skew)


class Task(NamedTuple):
    """A measure, what was chosen for it, and the strata where the segment named has no rate."""

    measure: Measure
    choice: Mapping[str, Any]
    lost: BoolArray


class Interval(NamedTuple):
    """Standard error and limits, and why any of them is missing or needs care."""

    se: FloatArray
    low: FloatArray
    high: FloatArray
    why: Reasons


Error = tuple[FloatArray, Reasons]  # a standard error, and why it is missing
Row = tuple[dict[str, FloatArray], Reasons]


class Chunk:
    """Some strata with the same number of segments: what measures are given, and what they say.

    Parameters
    ----------
    setting, how : Setting, How
        What holds for all strata.
    rates : Rates
        Of (k, m) segments that all have a rate.
    """

    def __init__(self, setting: Setting, how: How, rates: Rates) -> None:
        self.setting, self.how, self.rates = setting, how, rates
        rate, people = rates.rate, rates.population
        share = people / people.sum(axis=0)
        self.unweighted = np.isnan(share).any(axis=0)
        mean = np.where(self.unweighted, rate.mean(axis=0), average(rate, share))
        self.given: dict[str, Any] = {
            "rate": rate,
            "share": share,
            "rank": midrank(share),
            "se": rates.se,
            "direction": setting.direction,
            "goal": setting.goal,
            "mean": mean,
        }

    def rows(self, tasks: list[Task]) -> list[Row]:
        """Give, for each measure, its numbers and the reasons for those that miss."""
        with sharing():
            values = [self._value(task) for task in tasks]
            errors = [
                self._standard_error(*each) if self.how.intervals == "analytic" else None
                for each in zip(tasks, values, strict=True)
            ]
            equal = self._if_equal(tasks)
            return [self._row(*each) for each in zip(tasks, values, errors, equal, strict=True)]

    def _row(self, task: Task, value: FloatArray, error: Error | None, equal: FloatArray) -> Row:
        known = ~np.isnan(value)
        if error is None:
            se, low, high, why = self._simulated(task, value)
        else:
            se, low, high, why = self._analytic(task, value, *error)
        numbers = {"se": se, "ci_low": low, "ci_high": high, "expected_if_equal": equal}
        if known.all():
            return {"value": value, **numbers}, why
        kept = {name: np.where(known, values, np.nan) for name, values in numbers.items()}
        return {"value": value, **kept}, self._undefined(task).kept(~known, why)

    def _value(self, task: Task) -> FloatArray:
        given = self._given(task)
        if task.measure.name == UNBIASED:
            given["se"] = self._unbiased
        value = task.measure.bounded(task.measure.value(given), self.rates.rate)
        return np.where(task.lost, np.nan, value)

    def _given(self, task: Task) -> dict[str, Any]:
        return {**self.given, **task.choice}

    @property
    def _unbiased(self) -> FloatArray:
        """Standard errors whose squares are without bias: with n − 1 for counted proportions."""
        rates = self.rates
        if self.setting.kind != "proportion" or not self.setting.counted:
            return rates.se
        # Of weighted ones the effective size holds the n − 1.
        plain, one_less = rates.size == rates.rows, np.where(rates.size > 1, rates.size - 1, np.nan)
        return np.where(plain, rates.se * np.sqrt(rates.size / one_less), rates.se)

    def _undefined(self, task: Task) -> Reasons:
        """Say why a value is missing."""
        measure, rate = task.measure, self.rates.rate
        relative = measure.scale == "relative"
        zero = (rate == 0).any(axis=0) & (measure.undefined == Reason.UNDEFINED)
        return first_that_holds(
            [
                (task.lost, Reason.NO_SUCH_REFERENCE),
                (self.unweighted & ("share" in measure.needs), Reason.NO_WEIGHTS),
                (relative & ~(self.given["mean"] > 0), Reason.ZERO_MEAN),
                (self._some_unsure & ("se" in measure.needs), self.setting.no_error),
                (zero, Reason.ZERO_RATE),
                (True, measure.undefined),
            ],
            task.lost.shape,
        )

    def _if_equal(self, tasks: list[Task]) -> list[FloatArray]:
        """Say what noise alone makes of measures where all segments have the overall rate."""
        size, mean = self.rates.size, self.given["mean"]
        se = self.setting.error_if_equal(mean, self.rates.se, size)
        equal = {**self.given, "se": se, "skew": self.setting.skew_if_equal(mean, se, size)}
        return expected_if_equal(
            [(task.measure, task.choice) for task in tasks], equal, size=size,
            kind=self.setting.kind,
        )  # fmt: skip

    # Analytic intervals

    def _analytic(self, task: Task, value: FloatArray, se: FloatArray, why: Reasons) -> Interval:
        if self.how.level is None:
            return Interval(se, *self._no_limits(), why | because(True, Reason.NO_LEVEL))
        found = limits_of(task.measure.name, self.known, **self._given(task))
        # What rounding moves, and what the correction for noise takes from a value, is held.
        low, high = np.minimum(found.low, value), np.maximum(found.high, value)
        no_limits = np.isnan(low) & np.isnan(high)
        unsaid = no_limits & self._some_unlimited
        said = no_reason(value.shape)
        occurring = int(np.bitwise_or.reduce(found.caution))
        for caution, reason in _CAUTIONS:
            if occurring & caution:
                said |= because((found.caution & caution > 0) & ~unsaid, reason)
        said |= because(unsaid, self.setting.no_error)
        return Interval(se, low, high, said | why.without(unsaid))

    @cached_property
    def known(self) -> Known:
        """What the forms of intervals are given."""
        level = self.how.level or np.nan
        return known_of(self.setting, self.rates, self.given["share"], self.given["rank"], level)

    def _standard_error(self, task: Task, value: FloatArray) -> Error:
        """Propagate the segments' standard errors, where that means something.

        It does not where a segment's own is 0, nor at corners: where rates tie that the measure
        chooses from, or where there is nothing but noise to see.
        """
        measure, given = task.measure, self._given(task)
        with np.errstate(invalid="ignore"):
            corner = measure.one_sided & (np.abs(value - measure.value_at_equality) <= _NOTHING)
        se = measure.standard_error(given)
        tied = corner | self._corner(task) | (se <= _NOTHING * np.abs(value))
        missing = self._some_unsure & np.isnan(se)
        why = first_that_holds(
            [
                (missing, self.setting.no_error),
                (self._some_at_bound, Reason.NO_ERROR_ZERO),
                (tied, Reason.NO_ERROR_TIES),
                (np.isnan(se), Reason.LIMIT_UNDEFINED),
            ],
            value.shape,
        )
        return np.where(why.some, np.nan, se), why

    @cached_property
    def _some_unlimited(self) -> BoolArray:
        """Strata in which some rate has no limits."""
        return np.asarray(np.isnan(self.rates.low + self.rates.high).any(axis=0))

    @cached_property
    def _some_unsure(self) -> BoolArray:
        """Strata in which some rate has no standard error."""
        return np.asarray(np.isnan(self.rates.se).any(axis=0))

    @cached_property
    def _some_at_bound(self) -> BoolArray:
        """Strata in which some rate has a standard error of 0."""
        return np.asarray((self.rates.se == 0).any(axis=0))

    def _corner(self, task: Task) -> BoolArray:
        """Tell where the order of tied rows would decide a standard error."""
        found, strata = np.zeros(self.rates.rate.shape[1], dtype=np.bool_), self._tied
        if strata.size and task.measure.error is None and not task.measure.ordered:
            found[strata] = task.measure.cornered(some(self._given(task), strata))
        return found

    @cached_property
    def _tied(self) -> IntArray:
        """Strata in which two segments have one rate."""
        apart = np.diff(np.sort(self.rates.rate, axis=0), axis=0)
        return np.flatnonzero((apart == 0).any(axis=0))

    def _no_limits(self) -> tuple[FloatArray, FloatArray]:
        nothing = np.full(self.rates.rate.shape[1], np.nan)
        return nothing, nothing

    # Simulated intervals

    @cached_property
    def drawn(self) -> dict[str, Any]:
        """What measures are given in simulations: rates shaped (segments, strata, draws).

        Every stratum starts from the same seed, so that it has the same interval alone or beside
        others.
        """
        rate, how = self.rates.rate, self.how
        rates = np.empty((*rate.shape, how.draws))
        for j in range(rate.shape[1]):
            rates[:, j] = bounded_draws(
                rate[:, j], self.rates.se[:, j], self.rates.size[:, j], self.setting.kind,
                count=how.draws, rng=np.random.default_rng(how.seed),
            )  # fmt: skip
        return {**noise.widened(self.given), "rate": rates}

    def _simulated(self, task: Task, value: FloatArray) -> Interval:
        drawn = task.measure.value({**self.drawn, **noise.widened(task.choice)})
        undrawn = np.isnan(self.drawn["rate"]).any(axis=(0, 2))
        lost: BoolArray = np.asarray(np.isnan(drawn).any(axis=1))
        se = np.where(lost, np.nan, drawn.std(axis=1, ddof=1))
        why = because(lost & undrawn, self.setting.no_error)
        why |= because(lost & ~undrawn, Reason.DRAWS_UNDEFINED)
        if self.how.level is None:
            return Interval(se, *self._no_limits(), why | because(True, Reason.NO_LEVEL))
        tail = (1 - self.how.level) / 2
        low, high = np.quantile(drawn, (tail, 1 - tail), axis=1)
        return Interval(se, np.where(lost, np.nan, low), np.where(lost, np.nan, high), why)


def known_of(
    setting: Setting, rates: Rates, share: FloatArray, rank: FloatArray | None, level: float
) -> Known:
    """Gather what the forms of intervals are given, for every kind of outcome."""
    limits = np.fmin(rates.low, rates.rate), np.fmax(rates.high, rates.rate)
    lost = np.isnan(rates.low + rates.high)
    limits = np.where(lost, np.nan, limits[0]), np.where(lost, np.nan, limits[1])
    kind = setting.kind
    if not setting.counted:
        return known_estimates(
            rates.rate, limits, share, kind=kind, se=rates.se, rank=rank, level=level
        )
    if kind == "mean":
        return known_means(rates.rate, rates.se, rates.df, share, rank=rank, level=level)
    return known_counts(
        rates.events, rates.size, kind=kind, share=share, limits=limits, rank=rank, level=level
    )


def task_of(measure: Measure, ask: Asked, labels: list[str], there: BoolArray) -> Task:
    """Find what a person chose for a measure, and where the segment they named has no rate.

    Parameters
    ----------
    measure, ask : Measure, Asked
        The measure, and how it was asked for.
    labels : list of str
        Names of the segments.
    there : (k, m) array of bool
        Which of them have a rate.
    """
    nowhere = np.zeros(there.shape[1], dtype=np.bool_)
    if measure.choice != "reference":
        chosen = {} if measure.choice is None else {measure.choice: float(ask.chosen or "nan")}
        return Task(measure, chosen, nowhere)
    if ask.chosen not in labels:
        return Task(measure, {"reference": nowhere.astype(np.int64)}, ~nowhere)
    row = labels.index(ask.chosen)
    return Task(measure, {"reference": there[:row].sum(axis=0)}, ~there[row])


def some(given: Mapping[str, Any], strata: IntArray) -> dict[str, Any]:
    """Give what holds for some strata, the last axis of every array."""
    return {k: v[..., strata] if isinstance(v, np.ndarray) else v for k, v in given.items()}
