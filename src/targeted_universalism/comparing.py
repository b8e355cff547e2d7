"""Every row of an answer held against its reference, in all strata at once.

The reference is another row, the total, the rest of the total, or the goal; a group that is inside
its reference is never treated as independent of it (RULES 5).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer import Answer
from targeted_universalism.cells import State
from targeted_universalism.errors import Reason
from targeted_universalism.intervals import Limits
from targeted_universalism.measures.contrasts import inside_total
from targeted_universalism.measures.significance import normal_p
from targeted_universalism.references import by_dimension, rest_of_total
from targeted_universalism.sides import (
    Contrast,
    Side,
    against_goal,
    contrast,
    log_limits,
    quantile,
    satterthwaite,
    side,
)


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
    reason: IntArray

    def itself(self, here: BoolArray) -> Compared:
        """Give rows that are their own reference 0 and 1, without interval or p."""
        gone = {
            name: np.where(here, np.nan, getattr(self, name))
            for name in ("difference_low", "difference_high", "ratio_low", "ratio_high", "p_value")
        }
        return replace(self, **gone, reason=np.where(here, 0, self.reason))

    def because(self, here: BoolArray, why: Reason) -> Compared:
        """Give another reason for what is missing of some rows."""
        return replace(self, reason=np.where(here, np.int64(why), self.reason))

    def without(self, here: BoolArray) -> Compared:
        """Take away every comparison of some rows; their own rate stays."""
        gone = {
            f.name: np.where(here, np.nan, getattr(self, f.name))
            for f in fields(self)
            if f.name not in ("rate", "reason")
        }
        return replace(self, **gone, reason=np.where(here, 0, self.reason))


def compared(answer: Answer, row: IntArray, other: IntArray, reference: str) -> Compared:
    """Compare rows with their references.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    row : (m,) array of int64
        Rows to compare.
    other : (m, strata) array of int64
        The row each is compared with, −1 for none.
    reference : str
        "total", "rest" and "goal" are looked up; anything else is in `other`.

    Returns
    -------
    Compared
        Shaped (m, strata); a row that is its own reference has 0 and 1, no interval and no p.
    """
    how = {"total": _with_total, "rest": _with_rest, "goal": _with_goal}.get(reference, _with_row)
    indicator = answer.segments.strata.indicator
    parts = [np.flatnonzero(indicator == i) for i in range(len(answer.goals))]
    found = [
        how(_Held(answer, i, here), row, other[:, here]).itself(other[:, here] == row[:, None])
        for i, here in enumerate(parts)
    ]
    back = np.argsort(np.concatenate(parts), kind="stable")
    return Compared(
        *(
            np.concatenate([getattr(part, f.name) for part in found], axis=1)[:, back]
            for f in fields(Compared)
        )
    )


class _Inside(NamedTuple):
    """A group, the rest of its total, the total's rate, the group's share w, Σw²v of the others."""

    mine: Side
    rest: Side
    total: FloatArray
    share: FloatArray
    others: FloatArray


class _Held:
    """The strata of one indicator, ready to be compared."""

    def __init__(self, answer: Answer, indicator: int, here: IntArray) -> None:
        self.answer, self.indicator = answer, indicator
        self.cells = answer.cells.strata(here)
        self.counted = self.cells.source == "counts"
        self.kind = answer.kind(int(here[0])) if self.counted and here.size else "estimate"
        self.goal = answer.goals[indicator]
        self.confidence = answer.options.confidence
        self.sides = side(answer, indicator, self.cells)

    def rest(self) -> Side:
        """Everybody but each row, as one group."""
        if not self.counted:
            return self._others()
        proportion = np.full(self.cells.shape[1], self.kind == "proportion")
        return side(self.answer, self.indicator, rest_of_total(self.cells, proportion))

    def _others(self) -> Side:
        """Pool the other published segments of each dimension."""
        share, others, complete = self.inside()
        people = np.where(complete, self.cells.stats["population"], np.nan)
        held = np.nan_to_num(people * self.sides.rate)
        pooled = self._sum(held) - held
        left = self._sum(np.nan_to_num(people)) - people
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = np.where(left > 0, pooled / left, np.nan)
            variance = others / (1 - share) ** 2
        missing = np.full(rate.shape, np.nan)
        known = np.full(rate.shape, np.inf)
        return Side(rate, missing, missing, missing, missing, variance, known)

    def inside(self) -> tuple[FloatArray, FloatArray, BoolArray]:
        """Give each group's share w of its total, Σw²v of all other groups, and where it is known.

        Known where segments do not overlap and every one that has people has a rate and a variance.
        """
        people, v = self.cells.stats["population"], self.sides.variance
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


def _with_row(held: _Held, row: IntArray, other: IntArray) -> Compared:
    strata = np.arange(other.shape[1])
    mine, theirs = held.sides.at(row), held.sides.at((np.maximum(other, 0), strata))
    theirs = replace(theirs, rate=np.where(other < 0, np.nan, theirs.rate))
    apart = contrast(held.kind, mine, theirs, held.confidence)
    return _made(held, mine.rate, theirs.rate, apart, mine.variance + theirs.variance)


def _with_rest(held: _Held, row: IntArray, other: IntArray) -> Compared:
    mine, rest = held.sides.at(row), held.rest().at(row)
    apart = contrast(held.kind, mine, rest, held.confidence)
    return _made(held, mine.rate, rest.rate, apart, mine.variance + rest.variance)


def _with_total(held: _Held, row: IntArray, other: IntArray) -> Compared:
    """Compare with the total, which the group is part of."""
    total = np.broadcast_to(held.sides.rate[0], other.shape)
    if held.counted:
        return _counts_with_total(held, row, total)
    mine = held.sides.at(row)
    share, others = _inside_published(held)
    total = np.where(_everybody(share[row], row), np.nan, total)
    variance, of_log = inside_total(mine.rate, total, share[row], mine.variance, others[row])
    z = quantile(held.confidence, np.full(total.shape, np.inf))
    with np.errstate(invalid="ignore", divide="ignore"):
        arm = z * np.sqrt(np.where(variance > 0, variance, np.nan))
        p = normal_p(np.where(variance > 0, (mine.rate - total) / np.sqrt(variance), np.nan))
    low, high = log_limits(mine.rate, total, of_log, z)
    made = _made(held, mine.rate, total, Contrast(arm, arm, low, high, p), variance)
    unweighted = np.isnan(share[row]) & ~np.isnan(mine.variance) & ~np.isnan(total)
    return made.because(unweighted, Reason.NO_WEIGHTS)


def _everybody(share: FloatArray, row: IntArray) -> BoolArray:
    """Tell which groups, the total aside, are all people: they have nobody to differ from."""
    return (np.abs(share - 1) <= 1e-11) & (row > 0)[:, None]


def _inside_published(held: _Held) -> tuple[FloatArray, FloatArray]:
    """Give w and Σw²v of the others, from the total's own variance where groups overlap."""
    share, others, complete = held.inside()
    people = held.cells.stats["population"]
    with np.errstate(invalid="ignore", divide="ignore"):
        of_total = people / people[:1]
    left = held.sides.variance[:1] - of_total**2 * held.sides.variance
    left = np.where(left > 0, left, np.nan)
    return np.where(complete, share, of_total), np.where(complete, others, left)


def _counts_with_total(held: _Held, row: IntArray, total: FloatArray) -> Compared:
    """Compare counts with the total through the rest: p − μ = (1 − w)(p − rest)."""
    mine, rest = held.sides.at(row), held.rest().at(row)
    people = held.cells.stats["population"]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (people / people[:1])[row]
    total = np.where(_everybody(share, row), np.nan, total)
    apart = contrast(held.kind, mine, rest, held.confidence)
    _, others, complete = held.inside()
    others = np.where(complete[row], others[row], (1 - share) ** 2 * rest.variance)
    low, high = _ratio_to_total(held, _Inside(mine, rest, total, share, others), apart)
    left = 1 - share
    shrunk = Contrast(left * apart.below, left * apart.above, low, high, apart.p_value)
    made = _made(held, mine.rate, total, shrunk, mine.variance + rest.variance)
    return made.because(np.isnan(rest.rate) & ~np.isnan(made.difference), Reason.NO_REST)


def _ratio_to_total(held: _Held, inside: _Inside, apart: Contrast) -> Limits:
    """Limits from the variance of ln(p/μ); without events, those of the ratio to the rest, turned.

    p/μ = r/(wr + 1 − w) rises with r = p/rest, so that limits of r become limits of p/μ.
    """
    mine, rest, total, share, others = inside
    _, variance = inside_total(mine.rate, total, share, mine.variance, others)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = (1 / mine.rate - share / total) ** 2 * mine.variance
        df = satterthwaite((own, mine.df), (others / total**2, rest.df))
        turned = [r / (share * r + 1 - share) for r in (apart.ratio_low, apart.ratio_high)]
    limits = log_limits(mine.rate, total, variance, quantile(held.confidence, df))
    low, high = (np.where(np.isnan(a), b, a) for a, b in zip(limits, turned, strict=True))
    return low, high


def _with_goal(held: _Held, row: IntArray, other: IntArray) -> Compared:
    """Compare with the goal, which has no error: the interval of the rate, shifted and scaled."""
    mine, target = held.sides.at(row), float(held.goal.target)
    natural = float(held.goal.fraction)
    goal = np.full(other.shape, target)
    p = against_goal(held.kind, mine, target, natural)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = [np.where(goal == 0, np.nan, limit / goal) for limit in (mine.low, mine.high)]
    apart = Contrast(mine.rate - mine.low, mine.high - mine.rate, ratio[0], ratio[1], p)
    return _made(held, mine.rate, goal, apart, mine.variance)


def _made(
    held: _Held, rate: FloatArray, reference: FloatArray, apart: Contrast, variance: FloatArray
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
    if held.confidence is None:
        unsaid = Reason.NO_LEVEL, Reason.NO_LEVEL
    why = np.where(np.isnan(variance), *(np.int64(reason) for reason in unsaid))
    reason = np.where(lost, why, np.int64(0))
    p = np.where(known, apart.p_value, np.nan)
    return Compared(rate, reference, difference, low, high, ratio, limits[0], limits[1], p, reason)
