"""Cells of an answer held against others, many at once: difference, ratio and p-value.

A side is a row of an answer in one stratum; the other side is a row in the same stratum or in
another one, the total, the rest of the total, or the goal. A group that is inside its reference is
never treated as independent of it (RULES 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.agreement import Contrast, Levels, agreeing, contrast, deciding
from targeted_universalism.ask.references import by_dimension, rest_of_total, sum_of_others
from targeted_universalism.ask.sides import Side, side
from targeted_universalism.ask.tests import against_goal, among_all_pairs
from targeted_universalism.measures.parts import turned
from targeted_universalism.measures.simultaneous import pairs_level
from targeted_universalism.reasons import Reason, Reasons, because, joined
from targeted_universalism.segments.cells import State


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which cells are compared, and with which: (row, stratum) against (row, stratum).

    Parameters
    ----------
    row, stratum : arrays of int64
        The cells, of any one shape.
    other_row, other_stratum : arrays of int64
        What each is compared with; row −1 for none. The stratum is of the same indicator.
    twin : array of int64, optional
        Place, row after row, of the pair that holds the same two cells, or its own: of two such
        pairs the first is worked out, and the other is its mirror.
    """

    row: IntArray
    stratum: IntArray
    other_row: IntArray
    other_stratum: IntArray
    twin: IntArray | None = None

    @classmethod
    def within(cls, row: IntArray, other: IntArray, twin: IntArray | None = None) -> Pairs:
        """Pair rows, shaped (m,), with others of the same stratum, shaped (m, strata).

        `twin`, of that shape, is the row of `other` with the same two, or its own.
        """
        stratum = np.broadcast_to(np.arange(other.shape[1]), other.shape)
        rows = np.broadcast_to(row[:, None], other.shape)
        places = None if twin is None else twin * other.shape[1] + stratum
        return cls(rows, stratum, other, stratum, places)

    def take(self, places: IntArray) -> Pairs:
        """Take some pairs, by their place row after row, in order; twins stay together."""
        row, stratum, other, other_stratum = (
            v.ravel()[places] for v in (self.row, self.stratum, self.other_row, self.other_stratum)
        )
        twin = None if self.twin is None else np.searchsorted(places, self.twin.ravel()[places])
        return Pairs(row, stratum, other, other_stratum, twin)

    @property
    def first(self) -> IntArray:
        """The pair that each is worked out as: itself, or its twin where that comes before."""
        own = np.arange(self.row.size).reshape(self.row.shape)
        return own if self.twin is None else np.minimum(self.twin, own)

    @property
    def same(self) -> BoolArray:
        """Which cells are compared with themselves."""
        same: BoolArray = (self.row == self.other_row) & (self.stratum == self.other_stratum)
        return same


@dataclass(frozen=True, eq=False)
class Compared:
    """Rates, what they are compared with, and how far apart they are; arrays of one shape.

    `p_together` holds for all pairs at once, and is missing where it was not asked for.
    """

    rate: FloatArray
    reference_rate: FloatArray
    difference: FloatArray
    difference_low: FloatArray
    difference_high: FloatArray
    ratio: FloatArray
    ratio_low: FloatArray
    ratio_high: FloatArray
    p_value: FloatArray
    p_together: FloatArray
    reason: Reasons

    def itself(self, same: BoolArray) -> Compared:
        """Give cells that are their own reference 0 and 1, without interval or p."""
        names = [
            "difference_low", "difference_high", "ratio_low", "ratio_high", "p_value", "p_together",
        ]  # fmt: skip
        return self._missing(same, names)

    @property
    def why_no_ratio(self) -> Reasons:
        """Why rates that are known, and not their own reference, have no ratio."""
        missing = np.isnan(self.ratio) & ~np.isnan(self.rate) & ~np.isnan(self.reference_rate)
        below = (self.rate < 0) | (self.reference_rate < 0)
        return because(missing & (self.reference_rate == 0), Reason.REFERENCE_ZERO) | because(
            missing & below, Reason.BELOW_ZERO
        )

    def explained(self, here: BoolArray, why: Reason) -> Compared:
        """Give another reason for what is missing of some cells."""
        return replace(self, reason=because(True, why).kept(here, self.reason))

    def without(self, here: BoolArray) -> Compared:
        """Take away every comparison of some cells; their own rate stays."""
        names = [f.name for f in fields(self) if f.name not in ("rate", "reason")]
        return self._missing(here, names)

    def _missing(self, here: BoolArray, names: Sequence[str]) -> Compared:
        values = {name: np.where(here, np.nan, getattr(self, name)) for name in names}
        return replace(self, **values, reason=self.reason.without(here))


def compare(
    answer: Answer, pairs: Pairs, reference: str, together: IntArray | None = None
) -> Compared:
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
    together : (rows, strata) array of int64, optional
        Number of segments, as each row's dimension has them in each stratum, whose pairs the
        intervals and `p_together` hold for at once.

    Returns
    -------
    Compared
        Shaped as the pairs; a cell that is its own reference has 0 and 1, no interval and no p.
    """
    how = {"total": _with_total, "rest": _with_rest, "goal": _with_goal}.get(reference, _with_cell)
    if len(answer.goals) == 1:
        return how(_Indicator(answer, 0, together), pairs).itself(pairs.same)
    of_indicator = answer.segments.strata.indicator[pairs.stratum].ravel()
    places = [np.flatnonzero(of_indicator == i) for i in range(len(answer.goals))]
    parts = [how(_Indicator(answer, i, together), pairs.take(p)) for i, p in enumerate(places)]
    back = np.argsort(np.concatenate(places), kind="stable").reshape(pairs.row.shape)
    names = [f.name for f in fields(Compared) if f.name != "reason"]
    arrays = {name: np.concatenate([getattr(p, name) for p in parts])[back] for name in names}
    reason = joined([part.reason for part in parts], axis=0)[back]
    return Compared(**arrays, reason=reason).itself(pairs.same)


@dataclass(frozen=True, eq=False)
class _Parts:
    """Each group's part in its total, and what all others of its dimension add up to.

    Parameters
    ----------
    share : (rows, strata) array
        w, the group's people over those of its dimension.
    variance : (rows, strata) array
        Σw²v of the others.
    below, above : (rows, strata) array
        Σw²(p − l)² and Σw²(u − p)² of the others: how far their limits are from their rates.
    complete : (rows, strata) array of bool
        Where that is known: segments do not overlap, and all that have people have a rate and a
        variance.
    """

    share: FloatArray
    variance: FloatArray
    below: FloatArray
    above: FloatArray
    complete: BoolArray


class _Indicator:
    """Every cell of one indicator as a side, computed once for all pairs."""

    def __init__(self, answer: Answer, position: int, together: IntArray | None) -> None:
        strata = answer.segments.strata.indicator == position
        self.answer, self.position = answer, position
        self.cells = answer.cells if strata.all() else answer.cells.strata(np.flatnonzero(strata))
        self.counted = self.cells.family.counted
        self.kind = answer.segments.kinds[position] if self.counted else "estimate"
        self.goal = answer.goals[position]
        self.together = None if together is None else together[:, strata]
        self.levels = self._levels(self.together)
        level = None if together is None or self.levels is None else self.levels.sides
        self.own = side(answer, position, self.cells, level)
        self._column = np.cumsum(strata) - 1

    def _levels(self, together: IntArray | None) -> Levels | None:
        one = self.answer.options.confidence
        if one is None:
            return None
        shape = self.cells.shape
        sides = np.full(shape, one) if together is None else pairs_level(together, one)
        return Levels(one, sides, together)

    def place(self, row: IntArray | int, stratum: IntArray) -> IntArray:
        """Place of cells in arrays shaped (rows, strata of the indicator), row after row."""
        return row * self.cells.shape[1] + self._column[stratum]

    def apart(self, mine: Side, other: Side, place: IntArray) -> Contrast:
        """Hold two independent sides against each other, so that all that is said agrees."""
        levels = None if self.levels is None else self.levels.take(place)
        apart = contrast(self.kind, mine, other, None if levels is None else levels.sides)
        if self.together is not None:
            count = self.together.ravel()[place]
            p = among_all_pairs(self.kind, mine, other, apart.p_value, count)
            apart = replace(apart, p_value=p)
        return agreeing(self.kind, apart, mine, other, levels)

    def rest(self) -> Side:
        """Everybody but each row, as one group."""
        if not self.counted:
            return self._others()
        proportion = np.full(self.cells.shape[1], self.kind == "proportion")
        index = self.answer.segments.index
        rest = rest_of_total(self.cells, proportion, index)
        rest = rest.family.informed(rest, index)
        return side(self.answer, self.position, rest)

    def _others(self) -> Side:
        """Pool the other published segments of each dimension."""
        parts = self.parts()
        people = np.where(parts.complete, self.cells.population, np.nan)
        events = np.nan_to_num(people * self.own.rate)
        left = self._of_others(np.nan_to_num(people))
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = np.where(left > 0, self._of_others(events) / left, np.nan)
        return self._published(rate, parts)

    def rest_of_published(self) -> Side:
        """Everybody but each published segment, as its total and its share imply."""
        parts, of_total = self.parts(), self.share()
        left = self.own.variance[:1] - of_total**2 * self.own.variance
        share = np.where(parts.complete, parts.share, of_total)
        variance = np.where(parts.complete, parts.variance, np.where(left > 0, left, np.nan))
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = (self.own.rate[:1] - share * self.own.rate) / (1 - share)
        return self._published(rate, replace(parts, share=share, variance=variance))

    def _published(self, rate: FloatArray, parts: _Parts) -> Side:
        """Make a side of what the others of each group's dimension add up to."""
        missing, endless = np.full(rate.shape, np.nan), np.full(rate.shape, np.inf)
        given = by_dimension(self.answer, lambda rows: np.asarray(self.own.given[rows].any(axis=0)))
        left = 1 - parts.share
        with np.errstate(invalid="ignore", divide="ignore"):
            below, above = np.sqrt(parts.below) / left, np.sqrt(parts.above) / left
            variance = parts.variance / left**2
        given = given & ~np.isnan(below + above)
        return Side(
            rate, rate - below, rate + above, missing, missing, variance, endless, missing, given
        )

    def share(self) -> FloatArray:
        """Give each row's people over those of the total."""
        people = self.cells.population
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(people / people[:1])

    def parts(self) -> _Parts:
        """Tell of each group's part in its total, as its dimension adds up."""
        people, own = self.cells.population, self.own
        nobody = (self.cells.state == State.ABSENT) | (people == 0)
        people = np.where(nobody, 0.0, people)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = people / self._sum(people)
        squares = own.variance, (own.rate - own.low) ** 2, (own.high - own.rate) ** 2
        weighted = [share**2 * np.where(nobody, 0.0, square) for square in squares]
        variance, below, above = map(self._of_others, weighted)
        exclusive = np.array([d.exclusive for d in self.answer.dimensions])
        exclusive[0] = False
        complete = ~np.isnan(self._sum(weighted[0])) & exclusive[self.answer.dimension_of][:, None]
        return _Parts(share, variance, below, above, complete)

    def _sum(self, values: FloatArray) -> FloatArray:
        """Add up the rows of each dimension; every row gets its dimension's sum."""
        return by_dimension(self.answer, lambda rows: values[rows].sum(axis=0))

    def _of_others(self, values: FloatArray) -> FloatArray:
        """Add up the other rows of each row's dimension."""
        slices = self.answer.segments.index.slices
        return np.concatenate([sum_of_others(values[rows]) for rows in slices])


def _with_cell(indicator: _Indicator, pairs: Pairs) -> Compared:
    """Compare with another cell, of the same stratum or of another one."""
    mine, other = _cells(indicator, pairs)
    apart = _apart(indicator, pairs, mine, other)
    compared = _put_together(
        indicator, mine.rate, other.rate, apart, mine.variance + other.variance
    )
    if indicator.together is None:
        return compared
    alone = contrast(indicator.kind, mine, other, None).p_value
    return replace(
        compared, p_value=np.where(np.isnan(compared.difference), np.nan, alone),
        p_together=compared.p_value,
    )  # fmt: skip


def _cells(indicator: _Indicator, pairs: Pairs) -> tuple[Side, Side]:
    """Give both cells of each pair as sides."""
    mine = indicator.own.take(indicator.place(pairs.row, pairs.stratum))
    place = indicator.place(np.maximum(pairs.other_row, 0), pairs.other_stratum)
    other = indicator.own.take(place)
    if (pairs.other_row < 0).any():
        other = replace(other, rate=np.where(pairs.other_row < 0, np.nan, other.rate))
    return mine, other


def _apart(indicator: _Indicator, pairs: Pairs, mine: Side, other: Side) -> Contrast:
    """Hold two cells against each other, two pairs of the same two once."""
    place, first = indicator.place(pairs.row, pairs.stratum), pairs.first.ravel()
    own = first == np.arange(first.size)
    if own.all():
        return indicator.apart(mine, other, place)
    once = np.flatnonzero(own)
    found = indicator.apart(mine.take(once), other.take(once), place.ravel()[once])
    at, mirrored = np.searchsorted(once, first), ~own
    return found.spread(at.reshape(place.shape), mirrored.reshape(place.shape))


def _with_rest(indicator: _Indicator, pairs: Pairs) -> Compared:
    """Compare with everybody else in the stratum, who are a group of their own."""
    place = indicator.place(pairs.row, pairs.stratum)
    mine, rest = indicator.own.take(place), indicator.rest().take(place)
    apart = indicator.apart(mine, rest, place)
    return _put_together(indicator, mine.rate, rest.rate, apart, mine.variance + rest.variance)


def _with_total(indicator: _Indicator, pairs: Pairs) -> Compared:
    """Compare with the total of the stratum, which the group is part of, through the rest.

    p − μ is (1 − w)(p − rest), and p/μ is r/(wr + 1 − w) with r = p/rest, which rises with r: the
    limits of the comparison with the rest become limits of the one with the total.
    """
    place = indicator.place(pairs.row, pairs.stratum)
    mine = indicator.own.take(place)
    rest = (indicator.rest() if indicator.counted else indicator.rest_of_published()).take(place)
    total = indicator.own.rate.ravel()[indicator.place(0, pairs.stratum)]
    share = _share_of_total(indicator).ravel()[place]
    total = np.where(_everybody(share, pairs.row), np.nan, total)
    apart, left = indicator.apart(mine, rest, place), 1 - share
    shrunk = replace(
        apart, below=left * apart.below, above=left * apart.above,
        ratio_low=turned(apart.ratio_low, share), ratio_high=turned(apart.ratio_high, share),
    )  # fmt: skip
    variance = mine.variance + rest.variance
    compared = _put_together(indicator, mine.rate, total, shrunk, variance)
    if indicator.counted:
        nobody = np.isnan(rest.rate) & ~np.isnan(compared.difference)
        return compared.explained(nobody, Reason.NO_REST)
    unweighted = np.isnan(share) & ~np.isnan(mine.variance) & ~np.isnan(total)
    return compared.explained(unweighted, Reason.NO_WEIGHTS)


def _share_of_total(indicator: _Indicator) -> FloatArray:
    """Give each group's share of its total; of published rates as far as they add up to it."""
    if indicator.counted:
        return indicator.share()
    parts = indicator.parts()
    return np.where(parts.complete, parts.share, indicator.share())


def _everybody(share: FloatArray, row: IntArray) -> BoolArray:
    """Tell which groups, the total aside, are all people: they have nobody to differ from."""
    return (np.abs(share - 1) <= 1e-11) & (row > 0)


def _with_goal(indicator: _Indicator, pairs: Pairs) -> Compared:
    """Compare with the goal, which has no error: the interval of the rate, shifted and scaled."""
    place = indicator.place(pairs.row, pairs.stratum)
    mine, target = indicator.own.take(place), float(indicator.goal.target)
    goal = np.full(mine.rate.shape, target)
    p = against_goal(indicator.kind, mine, target, float(indicator.goal.fraction))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = (np.where(goal == 0, np.nan, limit / goal) for limit in (mine.low, mine.high))
    apart = Contrast(mine.rate - mine.low, mine.high - mine.rate, low, high, p)
    if indicator.levels is not None:
        apart = deciding(apart, mine.rate - goal, indicator.levels.take(place))
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
    compared = ~np.isnan(difference)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where((reference <= 0) | (rate < 0), np.nan, rate / reference)
    low, high = difference - apart.below, difference + apart.above
    limits = [
        np.where(np.isnan(ratio) | np.isinf(v), np.nan, v)
        for v in (apart.ratio_low, apart.ratio_high)
    ]
    unlimited = np.isnan(limits[0] + limits[1]) & ~np.isnan(ratio)
    lost = compared & (np.isnan(low + high) | unlimited)
    unsaid = Reason.NO_INTERVAL, Reason.INTERVAL_UNDEFINED
    if indicator.levels is None:
        unsaid = Reason.NO_LEVEL, Reason.NO_LEVEL
    lacking = np.isnan(variance)
    reason = because(lost & lacking, unsaid[0]) | because(lost & ~lacking, unsaid[1])
    p = np.where(compared, apart.p_value, np.nan)
    # Published limits can stand beside an estimate of 0, which leaves no standard error.
    reason |= because(np.isnan(p) & ~np.isnan(low + high), Reason.NO_P_VALUE)
    return Compared(
        rate, reference, difference, low, high, ratio, limits[0], limits[1], p,
        np.full(p.shape, np.nan), reason,
    )  # fmt: skip
