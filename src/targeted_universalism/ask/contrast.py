"""Two sides, and what is between them: difference, ratio and p-value, many at once.

A side is a row of an answer in one stratum; the other side is a row in the same stratum or in
another one, the total, the rest of the total, or the goal. A group that is inside its reference is
never treated as independent of it (RULES 5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.rates import estimate, known_stats
from targeted_universalism.ask.references import by_dimension, rest_of_total
from targeted_universalism.measures.contrasts import (
    Known,
    inside_total,
    mover_arms,
    mover_ratio,
    poisson_ratio,
)
from targeted_universalism.measures.exact import as_fraction
from targeted_universalism.measures.intervals import Limits, z_value
from targeted_universalism.measures.significance import (
    binomial_test,
    conditional_test,
    normal_p,
    poisson_test,
    score_test,
    student_p,
)
from targeted_universalism.reasons import Reason, Reasons, because, joined
from targeted_universalism.segments.cells import Cells, State


@dataclass(frozen=True, eq=False)
class Side:
    """What is known of one side of a comparison: arrays of one shape.

    Parameters
    ----------
    rate, low, high : array
        In units of the goal's ``per``.
    events, size : array
        Counts, or for weighted records the counts that carry as much information; missing for
        means and published estimates.
    variance : array
        Of the rate, in its unit squared; of counts, the binomial or Poisson one.
    df : array
        Degrees of freedom of the variance; infinite where it is taken as known.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    events: FloatArray
    size: FloatArray
    variance: FloatArray
    df: FloatArray

    @property
    def known(self) -> Known:
        """The rate and its limits."""
        return self.rate, self.low, self.high

    def at(self, cells: IntArray) -> Side:
        """Take cells of arrays shaped (rows, strata), by their position row after row."""
        return Side(*(getattr(self, f.name).ravel().take(cells) for f in fields(self)))


def side(answer: Answer, indicator: int, cells: Cells) -> Side:
    """Describe cells of one indicator, shaped (rows, strata), as sides of a comparison."""
    segments, options = answer.segments, answer.options
    kind, goal, per = (
        segments.kinds[indicator],
        answer.goals[indicator],
        segments.unit_of(indicator),
    )
    unit, factor = float(per), float(as_fraction(goal.per) / as_fraction(per))
    of = estimate(cells, kind, unit, options.confidence, options.interval)
    known = cells.state == State.OK
    missing = np.full(cells.shape, np.nan)
    events, size, variance = missing.copy(), missing.copy(), missing.copy()
    df, stats = np.full(cells.shape, np.inf), known_stats(cells)
    events[known], size[known] = cells.family.effective(stats, kind)
    variance[known] = cells.family.variance(stats, kind, 1.0)
    df[known] = cells.family.df(stats, kind)
    return Side(
        of.rate * factor, of.low * factor, of.high * factor,
        events, size, variance * factor**2, df,
    )  # fmt: skip


# --- contrasts, by kind of outcome ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Contrast:
    """How far two sides are apart: arms of the difference's interval, limits of the ratio, p."""

    below: FloatArray
    above: FloatArray
    ratio_low: FloatArray
    ratio_high: FloatArray
    p_value: FloatArray


def contrast(kind: str, mine: Side, other: Side, confidence: float | None) -> Contrast:
    """Compare two independent groups.

    Parameters
    ----------
    kind : {"proportion", "rate", "mean", "estimate"}
        What was counted; "estimate" for anything published with a standard error.
    mine, other : Side
        Of one shape.
    confidence : float or None
        Level of the intervals, or none.
    """
    return _CONTRASTS[kind](mine, other, confidence)


def against_goal(kind: str, mine: Side, goal: float, natural: float) -> FloatArray:
    """Give the two-sided p-value that a rate equals the goal.

    `goal` is in the unit of the rates, `natural` is events per member of the population.
    """
    if kind == "proportion":
        return binomial_test(mine.events, mine.size, np.full(mine.rate.shape, natural))
    if kind == "rate":
        return poisson_test(mine.events, natural * mine.size)
    return _p_value(kind, mine.rate - goal, mine.variance, mine.df)


def _proportions(mine: Side, other: Side, confidence: float | None) -> Contrast:
    p = score_test(mine.events, mine.size, other.events, other.size)
    below, above = mover_arms(mine.known, other.known)
    low, high = mover_ratio(mine.known, other.known)
    return Contrast(below, above, low, high, p)


def _rates(mine: Side, other: Side, confidence: float | None) -> Contrast:
    counts = mine.events, mine.size, other.events, other.size
    nothing = np.full(mine.rate.shape, np.nan)
    low, high = (nothing, nothing) if confidence is None else poisson_ratio(*counts, confidence)
    below, above = mover_arms(mine.known, other.known)
    return Contrast(below, above, low, high, conditional_test(*counts))


def _means(mine: Side, other: Side, confidence: float | None) -> Contrast:
    return _by_variance("mean", mine, other, confidence)


def _estimates(mine: Side, other: Side, confidence: float | None) -> Contrast:
    return _by_variance("estimate", mine, other, confidence)


def _by_variance(kind: str, mine: Side, other: Side, confidence: float | None) -> Contrast:
    variance = mine.variance + other.variance
    df = satterthwaite((mine.variance, mine.df), (other.variance, other.df))
    arm = quantile(confidence, df) * np.sqrt(np.where(variance > 0, variance, np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = mine.variance / mine.rate**2, other.variance / other.rate**2
        log_df = satterthwaite((parts[0], mine.df), (parts[1], other.df))
    times = quantile(confidence, log_df)
    low, high = log_limits(mine.rate, other.rate, parts[0] + parts[1], times)
    return Contrast(arm, arm, low, high, _p_value(kind, mine.rate - other.rate, variance, df))


def quantile(confidence: float | None, df: FloatArray) -> FloatArray:
    """Two-sided quantile of Student's distribution, the normal's where df is infinite."""
    if confidence is None:
        return np.full(df.shape, np.nan)
    normal = np.isinf(df)
    t = special.stdtrit(np.where(normal | ~(df > 0), np.nan, df), 0.5 + confidence / 2)
    return np.where(normal, z_value(confidence), t)


def log_limits(
    rate: FloatArray, other: FloatArray, variance: FloatArray, times: FloatArray
) -> Limits:
    """Limits of rate / other from the variance of its logarithm; missing unless both exceed 0."""
    known = (rate > 0) & (other > 0) & (variance > 0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio, factor = rate / other, np.exp(times * np.sqrt(np.where(known, variance, np.nan)))
        low, high = ratio / factor, ratio * factor
    return low, np.where(np.isinf(high), np.nan, high)


def satterthwaite(*parts: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Degrees of freedom of a sum of independent variances (Welch 1947)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.sum([variance for variance, _ in parts], axis=0)
        lost = np.sum([variance**2 / df for variance, df in parts], axis=0)
        return np.where(lost == 0, np.inf, total**2 / lost)


def _p_value(kind: str, difference: FloatArray, variance: FloatArray, df: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(variance > 0, difference / np.sqrt(variance), np.nan)
    return student_p(statistic, df) if kind == "mean" else normal_p(statistic)


_CONTRASTS: dict[str, Callable[[Side, Side, float | None], Contrast]] = {
    "proportion": _proportions,
    "rate": _rates,
    "mean": _means,
    "estimate": _estimates,
}


# --- comparing cells of an answer ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which cells are compared, and with which: (row, stratum) against (row, stratum).

    Parameters
    ----------
    row, stratum : arrays of int64
        The cells, of any one shape.
    other_row, other_stratum : arrays of int64
        What each is compared with; row −1 for none. The stratum is of the same indicator.
    """

    row: IntArray
    stratum: IntArray
    other_row: IntArray
    other_stratum: IntArray

    @classmethod
    def within(cls, row: IntArray, other: IntArray) -> Pairs:
        """Pair rows, shaped (m,), with others of the same stratum, shaped (m, strata)."""
        stratum = np.broadcast_to(np.arange(other.shape[1]), other.shape)
        return cls(np.broadcast_to(row[:, None], other.shape), stratum, other, stratum)

    def at(self, positions: IntArray) -> Pairs:
        """Keep some pairs, as if laid flat."""
        return Pairs(*(getattr(self, f.name).ravel()[positions] for f in fields(self)))

    @property
    def same(self) -> BoolArray:
        """Which cells are compared with themselves."""
        same: BoolArray = (self.row == self.other_row) & (self.stratum == self.other_stratum)
        return same


@dataclass(frozen=True, eq=False)
class Compared:
    """Rates, what they are compared with, and how far apart they are; arrays of one shape."""

    rate: FloatArray
    reference_rate: FloatArray
    difference: FloatArray
    difference_low: FloatArray
    difference_high: FloatArray
    ratio: FloatArray
    ratio_low: FloatArray
    ratio_high: FloatArray
    p_value: FloatArray
    reason: Reasons

    def itself(self, same: BoolArray) -> Compared:
        """Give cells that are their own reference 0 and 1, without interval or p."""
        names = "difference_low", "difference_high", "ratio_low", "ratio_high", "p_value"
        return self._missing(same, names)

    def because(self, cells: BoolArray, why: Reason) -> Compared:
        """Give another reason for what is missing of some cells."""
        return replace(self, reason=because(True, why).where(cells, self.reason))

    def without(self, cells: BoolArray) -> Compared:
        """Take away every comparison of some cells; their own rate stays."""
        names = [f.name for f in fields(self) if f.name not in ("rate", "reason")]
        return self._missing(cells, names)

    def _missing(self, cells: BoolArray, names: Sequence[str]) -> Compared:
        values = {name: np.where(cells, np.nan, getattr(self, name)) for name in names}
        return replace(self, **values, reason=self.reason.without(cells))


def compare(answer: Answer, pairs: Pairs, reference: str) -> Compared:
    """Compare cells with their references.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    pairs : Pairs
        The cells, and what they are compared with.
    reference : str
        "total", "rest" and "goal" are those of each cell's own stratum; for anything else the
        other cell of the pair is the reference, as an independent group: a roll-up and a stratum
        in it are not.

    Returns
    -------
    Compared
        Shaped as the pairs; a cell that is its own reference has 0 and 1, no interval and no p.
    """
    how = {"total": _with_total, "rest": _with_rest, "goal": _with_goal}.get(reference, _with_cell)
    if len(answer.goals) == 1:
        return how(_Indicator(answer, 0), pairs).itself(pairs.same)
    of_indicator = answer.segments.strata.indicator[pairs.stratum].ravel()
    positions = [np.flatnonzero(of_indicator == i) for i in range(len(answer.goals))]
    parts = [how(_Indicator(answer, i), pairs.at(at)) for i, at in enumerate(positions)]
    back = np.argsort(np.concatenate(positions), kind="stable").reshape(pairs.row.shape)
    names = [f.name for f in fields(Compared) if f.name != "reason"]
    arrays = {name: np.concatenate([getattr(p, name) for p in parts])[back] for name in names}
    reason = joined([part.reason for part in parts], axis=0)[back]
    return Compared(**arrays, reason=reason).itself(pairs.same)


class _Indicator:
    """Every cell of one indicator as a side, computed once for all pairs."""

    def __init__(self, answer: Answer, position: int) -> None:
        strata = answer.segments.strata.indicator == position
        self.answer, self.position = answer, position
        self.cells = answer.cells if strata.all() else answer.cells.strata(np.flatnonzero(strata))
        self.counted = self.cells.family.counted
        self.kind = answer.segments.kinds[position] if self.counted else "estimate"
        self.goal = answer.goals[position]
        self.confidence = answer.options.confidence
        self.own = side(answer, position, self.cells)
        self._column = np.cumsum(strata) - 1

    def cell(self, row: IntArray | int, stratum: IntArray) -> IntArray:
        """Position of cells in arrays shaped (rows, strata of the indicator), row after row."""
        return row * self.cells.shape[1] + self._column[stratum]

    def rest(self) -> Side:
        """Everybody but each row, as one group."""
        if not self.counted:
            return self._others()
        proportion = np.full(self.cells.shape[1], self.kind == "proportion")
        return side(self.answer, self.position, rest_of_total(self.cells, proportion))

    def _others(self) -> Side:
        """Pool the other published segments of each dimension."""
        share, others, complete = self.inside()
        people = np.where(complete, self.cells.population, np.nan)
        events = np.nan_to_num(people * self.own.rate)
        pooled = self._sum(events) - events
        left = self._sum(np.nan_to_num(people)) - people
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = np.where(left > 0, pooled / left, np.nan)
            variance = others / (1 - share) ** 2
        missing = np.full(rate.shape, np.nan)
        known = np.full(rate.shape, np.inf)
        return Side(rate, missing, missing, missing, missing, variance, known)

    def share(self) -> FloatArray:
        """Give each row's people over those of the total."""
        people = self.cells.population
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(people / people[:1])

    def inside(self) -> tuple[FloatArray, FloatArray, BoolArray]:
        """Give each group's share w of its total, Σw²v of all other groups, and where it is known.

        Known where segments do not overlap and every one that has people has a rate and a variance.
        """
        people, v = self.cells.population, self.own.variance
        nobody = (self.cells.state == State.ABSENT) | (people == 0)
        people = np.where(nobody, 0.0, people)
        v = np.where(nobody, 0.0, v)
        with np.errstate(invalid="ignore", divide="ignore"):
            weight = people / self._sum(people)
        parts = weight**2 * v
        others = np.maximum(self._sum(parts) - parts, 0.0)
        exclusive = np.array([d.exclusive for d in self.answer.dimensions])
        exclusive[0] = False
        return weight, others, ~np.isnan(others) & exclusive[self.answer.dimension_of][:, None]

    def _sum(self, values: FloatArray) -> FloatArray:
        """Add up the rows of each dimension; every row gets its dimension's sum."""
        return by_dimension(self.answer, lambda rows: values[rows].sum(axis=0))


def _with_cell(indicator: _Indicator, pairs: Pairs) -> Compared:
    """Compare with another cell, of the same stratum or of another one."""
    mine = indicator.own.at(indicator.cell(pairs.row, pairs.stratum))
    other = indicator.own.at(indicator.cell(np.maximum(pairs.other_row, 0), pairs.other_stratum))
    other = replace(other, rate=np.where(pairs.other_row < 0, np.nan, other.rate))
    apart = contrast(indicator.kind, mine, other, indicator.confidence)
    return _put_together(indicator, mine.rate, other.rate, apart, mine.variance + other.variance)


def _with_rest(indicator: _Indicator, pairs: Pairs) -> Compared:
    cells = indicator.cell(pairs.row, pairs.stratum)
    mine, rest = indicator.own.at(cells), indicator.rest().at(cells)
    apart = contrast(indicator.kind, mine, rest, indicator.confidence)
    return _put_together(indicator, mine.rate, rest.rate, apart, mine.variance + rest.variance)


def _with_total(indicator: _Indicator, pairs: Pairs) -> Compared:
    """Compare with the total of the stratum, which the group is part of."""
    cells = indicator.cell(pairs.row, pairs.stratum)
    total = indicator.own.rate.ravel()[indicator.cell(0, pairs.stratum)]
    if indicator.counted:
        return _counts_with_total(indicator, pairs.row, cells, total)
    mine = indicator.own.at(cells)
    share, others = (values.ravel()[cells] for values in _inside_published(indicator))
    total = np.where(_everybody(share, pairs.row), np.nan, total)
    variance, of_log = inside_total(mine.rate, total, share, mine.variance, others)
    z = quantile(indicator.confidence, np.full(total.shape, np.inf))
    with np.errstate(invalid="ignore", divide="ignore"):
        arm = z * np.sqrt(np.where(variance > 0, variance, np.nan))
        p = normal_p(np.where(variance > 0, (mine.rate - total) / np.sqrt(variance), np.nan))
    low, high = log_limits(mine.rate, total, of_log, z)
    apart = Contrast(arm, arm, low, high, p)
    unweighted = np.isnan(share) & ~np.isnan(mine.variance) & ~np.isnan(total)
    compared = _put_together(indicator, mine.rate, total, apart, variance)
    return compared.because(unweighted, Reason.NO_WEIGHTS)


def _everybody(share: FloatArray, row: IntArray) -> BoolArray:
    """Tell which groups, the total aside, are all people: they have nobody to differ from."""
    return (np.abs(share - 1) <= 1e-11) & (row > 0)


def _inside_published(indicator: _Indicator) -> tuple[FloatArray, FloatArray]:
    """Give w and Σw²v of the others, from the total's own variance where groups overlap."""
    share, others, complete = indicator.inside()
    of_total = indicator.share()
    left = indicator.own.variance[:1] - of_total**2 * indicator.own.variance
    left = np.where(left > 0, left, np.nan)
    return np.where(complete, share, of_total), np.where(complete, others, left)


class _Inside(NamedTuple):
    """A group, the rest of its total, the total's rate, the group's share w, Σw²v of the others."""

    mine: Side
    rest: Side
    total: FloatArray
    share: FloatArray
    others: FloatArray


def _counts_with_total(
    indicator: _Indicator, row: IntArray, cells: IntArray, total: FloatArray
) -> Compared:
    """Compare counts with the total through the rest: p − μ = (1 − w)(p − rest)."""
    mine, rest = indicator.own.at(cells), indicator.rest().at(cells)
    share = indicator.share().ravel()[cells]
    total = np.where(_everybody(share, row), np.nan, total)
    apart = contrast(indicator.kind, mine, rest, indicator.confidence)
    _, others, complete = indicator.inside()
    complete, others = complete.ravel()[cells], others.ravel()[cells]
    others = np.where(complete, others, (1 - share) ** 2 * rest.variance)
    low, high = _ratio_to_total(indicator, _Inside(mine, rest, total, share, others), apart)
    left = 1 - share
    shrunk = Contrast(left * apart.below, left * apart.above, low, high, apart.p_value)
    compared = _put_together(indicator, mine.rate, total, shrunk, mine.variance + rest.variance)
    return compared.because(np.isnan(rest.rate) & ~np.isnan(compared.difference), Reason.NO_REST)


def _ratio_to_total(indicator: _Indicator, inside: _Inside, apart: Contrast) -> Limits:
    """Limits from the variance of ln(p/μ); without events, those of the ratio to the rest, turned.

    p/μ = r/(wr + 1 − w) rises with r = p/rest, so that limits of r become limits of p/μ.
    """
    mine, rest, total, share, others = inside
    _, variance = inside_total(mine.rate, total, share, mine.variance, others)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = (1 / mine.rate - share / total) ** 2 * mine.variance
        df = satterthwaite((own, mine.df), (others / total**2, rest.df))
        turned = [r / (share * r + 1 - share) for r in (apart.ratio_low, apart.ratio_high)]
    limits = log_limits(mine.rate, total, variance, quantile(indicator.confidence, df))
    low, high = (np.where(np.isnan(a), b, a) for a, b in zip(limits, turned, strict=True))
    return low, high


def _with_goal(indicator: _Indicator, pairs: Pairs) -> Compared:
    """Compare with the goal, which has no error: the interval of the rate, shifted and scaled."""
    mine, target = (
        indicator.own.at(indicator.cell(pairs.row, pairs.stratum)),
        float(indicator.goal.target),
    )
    natural = float(indicator.goal.fraction)
    goal = np.full(mine.rate.shape, target)
    p = against_goal(indicator.kind, mine, target, natural)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = [np.where(goal == 0, np.nan, limit / goal) for limit in (mine.low, mine.high)]
    apart = Contrast(mine.rate - mine.low, mine.high - mine.rate, ratio[0], ratio[1], p)
    return _put_together(indicator, mine.rate, goal, apart, mine.variance)


def _put_together(
    indicator: _Indicator,
    rate: FloatArray,
    reference: FloatArray,
    apart: Contrast,
    variance: FloatArray,
) -> Compared:
    """Put a comparison together, and say why an interval is missing."""
    difference = rate - reference
    known = ~np.isnan(difference)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(reference == 0, np.nan, rate / reference)
    low, high = difference - apart.below, difference + apart.above
    limits = [np.where(np.isnan(ratio), np.nan, v) for v in (apart.ratio_low, apart.ratio_high)]
    unlimited = np.isnan(limits[0] + limits[1]) & ~np.isnan(ratio)
    lost = known & (np.isnan(low + high) | unlimited)
    unsaid = Reason.NO_INTERVAL, Reason.INTERVAL_UNDEFINED
    if indicator.confidence is None:
        unsaid = Reason.NO_LEVEL, Reason.NO_LEVEL
    lacking = np.isnan(variance)
    reason = because(lost & lacking, unsaid[0]) | because(lost & ~lacking, unsaid[1])
    p = np.where(known, apart.p_value, np.nan)
    return Compared(rate, reference, difference, low, high, ratio, limits[0], limits[1], p, reason)
