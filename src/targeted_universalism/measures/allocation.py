"""How an amount is shared out over segments that are short of a goal: one register of rules.

Every rule forms a queue of the people who are needed, and the amount reaches them one after another
(RULES 7). Nobody is counted off one by one: the place in the queue at which the amount runs out is
found by halving, in all strata at once, and only the last few people are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.entry import Entry, by_name, entry_of

__all__ = ["awarded"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule(Entry):
    """How an amount is shared out: it says who comes first.

    Its judge takes needs and an amount, and gives the awards.
    """

    judge: Callable[[_Needs, bool], FloatArray]


def awarded(
    amount: FloatArray,
    needed: FloatArray,
    gap: FloatArray,
    population: FloatArray,
    *,
    rule: str = "proportional",
    cost: FloatArray | float = 1.0,
    whole: bool = True,
) -> FloatArray:
    """People of each segment whom an amount reaches, by a rule.

    Parameters
    ----------
    amount : (...) array
        What is there for each stratum, in the unit of `cost`.
    needed : (k, ...) array
        People needed to reach the goal; segments that do not take part (an Unknown) hold 0.
    gap : (k, ...) array
        Distance still to go, for each member of the population; positive is short of the goal.
    population : (k, ...) array
        Members of each segment.
    rule : {"proportional", "maximin", "most people"}
        Who comes first: see Notes.
    cost : (k, ...) array or number
        What it costs to reach one more person, above 0; 1 where the amount is of people.
    whole : bool
        Whether people are whole; False gives the solution in fractions of people, which spend the
        amount to the last cent.

    Returns
    -------
    (k, ...) array
        Never above the need, and never costing more than the amount; missing where the need of any
        segment is, or its cost.

    Notes
    -----
    With needs k_i, costs c_i and an amount B, the solution in fractions is

    - proportional: a_i = k_i·min(1, B / Σck), the same share of every need;
    - maximin: a_i = min(k_i, n_i·max(0, gap_i − L)), with the one gap L down to which B lifts those
      who are further from the goal (water-filling);
    - most people: the cheapest first, and maximin among those of one cost.

    Whole people are reached one at a time: the next is of the segment with the least (a_i + ½)/k_i
    (proportional; Webster's method), or of the segment that is furthest from the goal now
    (maximin); ties go by the order of the segments, and a segment whose next person costs more than
    what is left is passed over. Where everyone costs the same, more never takes from anyone. Whole
    awards are then at most ½ + s_i(k − 2)/2 people from the fractions under the proportional rule,
    s_i being the segment's share of the need: less than 1 for up to three segments. Under maximin
    they are less than 1 above, and a large segment can be further below, since one person is a
    large step for a small segment that is as far from the goal; no other whole awards leave the
    worst-off nearer to it.

    Balinski & Young (1982), Fair Representation, for Webster's method; Rawls (1971), to whom
    powell, Menendian & Ake (2019) relate targeted universalism, for maximin.

    Examples
    --------
    >>> needed, people = np.array([40.0, 20.0, 0.0]), np.array([400.0, 100.0, 250.0])
    >>> gap = np.array([0.1, 0.2, -0.05])
    >>> for rule in ("proportional", "maximin"):
    ...     print(awarded(30, needed, gap, people, rule=rule))
    [20. 10.  0.]
    [16. 14.  0.]

    """
    shape = np.broadcast_shapes(*(np.shape(v) for v in (needed, gap, population, cost)))
    strata = np.broadcast_shapes(shape[1:], np.shape(amount))
    shape = (shape[0], *strata)
    laid_out = [
        np.broadcast_to(np.asarray(v, dtype=np.float64), shape).reshape(shape[0], -1)
        for v in (needed, gap, population, cost)
    ]
    amounts = np.broadcast_to(np.asarray(amount, dtype=np.float64), strata).reshape(-1)
    chosen, found, width = entry_of(RULES, rule), np.empty(laid_out[0].shape), _width(shape[0])
    for here in (slice(i, i + width) for i in range(0, len(amounts), width)):
        needs, unknown = _needs(amounts[here], [v[:, here] for v in laid_out], whole)
        found[:, here] = np.where(unknown, np.nan, chosen.judge(needs, whole))
    return found.reshape(shape)


def _width(segments: int) -> int:
    """Give how many strata are done at a time, so that their arrays stay near the processor."""
    return max(1, 2**14 // max(1, segments))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Needs:
    """Needs of segments along the first axis, strata along the second, and what there is for them.

    Parameters
    ----------
    amount : (s,) array
        In the units of `cost`: in whole ones where decimals allow it, so that sums are exact; else
        larger by a hair, so that a rounding error does not decide.
    needed, gap, population, cost : (k, s) array
        Known, with a need of 0 for whoever takes no part.
    """

    amount: FloatArray
    needed: FloatArray
    gap: FloatArray
    population: FloatArray
    cost: FloatArray

    def of(self, needed: FloatArray, amount: FloatArray) -> _Needs:
        """Give other needs of the same segments, and another amount."""
        return _Needs(
            amount=amount, needed=needed, gap=self.gap, population=self.population, cost=self.cost
        )


def _needs(
    amount: FloatArray, laid_out: Sequence[FloatArray], whole: bool
) -> tuple[_Needs, BoolArray]:
    """Make needs of what is known, and tell in which strata something is missing, shaped (s,)."""
    needed, gap, population, cost = laid_out
    some = ~(needed == 0)
    lacking = np.isnan(needed) | np.isnan(gap) | np.isnan(cost) | ~(population > 0)
    unknown = (some & lacking).any(axis=0) | np.isnan(amount)
    some = some & ~unknown
    need = np.where(some, needed, 0.0)
    scale = decimal_scale(np.append(amount[~unknown], cost[some]))
    needs = _Needs(
        amount=_scaled(np.where(unknown, 0.0, amount), scale) * (1.0 if scale else 1 + _NEAR),
        needed=np.floor(need) if whole else need,
        gap=np.where(some, gap, 0.0),
        population=np.where(some, population, 1.0),
        cost=_scaled(np.where(some, cost, 1.0), scale),
    )
    return needs, unknown


def decimal_scale(money: FloatArray) -> float:
    """Give the power of ten that makes whole numbers of all amounts; 0 where none does.

    Examples
    --------
    >>> decimal_scale(np.array([717393.0, 700.0])), decimal_scale(np.array([12.25, 0.1]))
    (1.0, 100.0)

    """
    for scale in (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6):
        scaled = money * scale
        if scaled.max(initial=0.0) > _EXACT:
            return 0.0
        if (np.abs(scaled - np.rint(scaled)) <= np.maximum(_HAIR, _ROUNDING * scaled)).all():
            return scale
    return 0.0


def _scaled(money: FloatArray, scale: float) -> FloatArray:
    return np.rint(money * scale) if scale else money


# Whole numbers are exact up to here; a decimal is one if it is as near as floats of its size are.
_EXACT, _HAIR, _ROUNDING = 2.0**53, 1e-9, 2.0**-50
_NEAR = 1e-12


# --- the rules ------------------------------------------------------------------------------------


def _proportional(needs: _Needs, whole: bool) -> FloatArray:
    if whole:
        return _one_at_a_time(needs, _webster)
    all_of_it = (needs.cost * needs.needed).sum(axis=0)
    return needs.needed * np.minimum(1.0, needs.amount / np.where(all_of_it > 0, all_of_it, 1.0))


def _maximin(needs: _Needs, whole: bool) -> FloatArray:
    if whole:
        return _one_at_a_time(needs, _furthest)
    level = _level(needs)
    lifted: FloatArray = np.clip(needs.population * (level + needs.gap), 0.0, needs.needed)
    return lifted


def _most_people(needs: _Needs, whole: bool) -> FloatArray:
    """Reach all of the cheapest, and so on; maximin among those who are not all reached."""
    through = _cost_through(needs)
    all_of_them = through <= needs.amount
    reached = np.where(all_of_them, needs.needed, 0.0)
    left = needs.amount - (needs.cost * reached).sum(axis=0)
    waiting = ~all_of_them & (needs.needed > 0)
    next_cost = np.where(waiting, needs.cost, np.inf).min(axis=0)
    next_ones = np.where(waiting & (needs.cost == next_cost), needs.needed, 0.0)
    return reached + _maximin(needs.of(next_ones, np.maximum(left, 0.0)), whole)


RULES = by_name(
    Rule(
        name="proportional",
        says="the same share of every segment's need",
        source="Webster's method: Balinski & Young (1982), Fair Representation",
        judge=_proportional,
    ),
    Rule(
        name="maximin",
        says="always the segment that is furthest from the goal now, so that the worst-off segment "
        "comes as far as it can",
        source="Rawls (1971), to whom powell, Menendian & Ake (2019) relate targeted universalism",
        judge=_maximin,
    ),
    Rule(
        name="most people",
        says="the segments with the lowest cost, so that no other way reaches more people; among "
        "those of one cost the one that is furthest from the goal now",
        source="by arithmetic: the cheapest first",
        judge=_most_people,
    ),
)


def _cost_through(needs: _Needs) -> FloatArray:
    """Give what all segments cost that are no dearer than each, shaped (k, s)."""
    order = np.argsort(needs.cost, axis=0, kind="stable")
    cost, needed = (np.take_along_axis(v, order, axis=0) for v in (needs.cost, needs.needed))
    sums = np.cumsum(cost * needed, axis=0)
    last = np.ones(cost.shape, dtype=np.bool_)
    last[:-1] = cost[1:] > cost[:-1]
    ends = np.where(last, sums, np.inf)
    through = np.empty_like(sums)
    np.put_along_axis(through, order, np.minimum.accumulate(ends[::-1], axis=0)[::-1], axis=0)
    return through


def _level(needs: _Needs) -> FloatArray:
    """Find the level, minus the common gap, to which the amount lifts the furthest; (s,).

    What it costs to lift everybody to a level is a broken line, which bends where a segment is
    reached by the level and where its need is met.
    """
    start, pace = -needs.gap, needs.cost * needs.population
    pace = np.where(needs.needed > 0, pace, 0.0)
    bends = np.concatenate([start, start + needs.needed / needs.population])
    order = np.argsort(bends, axis=0, kind="stable")
    bends = np.take_along_axis(bends, order, axis=0)
    slope = np.cumsum(np.take_along_axis(np.concatenate([pace, -pace]), order, axis=0), axis=0)
    slope = np.maximum(slope, 0.0)
    cost = np.zeros(bends.shape)
    np.cumsum(slope[:-1] * np.diff(bends, axis=0), axis=0, out=cost[1:])
    at = np.maximum((cost <= needs.amount).sum(axis=0) - 1, 0)[None]
    here, before, steep = (np.take_along_axis(v, at, axis=0)[0] for v in (bends, cost, slope))
    flat = steep <= _NEAR * pace.sum(axis=0)
    beyond = (needs.amount - before) / np.where(flat, 1.0, steep)
    return np.asarray(np.where(flat, bends[-1], here + beyond))


# --- whole people, in a queue ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Queue:
    """Where every person stands: the j-th of a segment, from 1, at (j − lead) / pace − ahead.

    Places are rounded to `_DIGITS`, so that ties are ties whatever the rounding of floats.
    """

    lead: float
    pace: FloatArray
    ahead: FloatArray

    def strata(self, here: IntArray) -> _Queue:
        """Keep some strata."""
        return _Queue(self.lead, self.pace[:, here], self.ahead[:, here])

    def each(self) -> _Queue:
        """Lay out places of several people of each segment, along a second axis."""
        return _Queue(self.lead, self.pace[:, None], self.ahead[:, None])

    def place(self, person: FloatArray) -> FloatArray:
        """Give the place of one person of each segment."""
        return np.asarray(np.round((person - self.lead) / self.pace - self.ahead, _DIGITS))

    def before(self, place: FloatArray) -> FloatArray:
        """Count each segment's people up to a place, (s,), to within one person."""
        return np.floor((place + self.ahead) * self.pace + self.lead)


_DIGITS = 12


def _webster(needs: _Needs) -> _Queue:
    return _Queue(0.5, np.maximum(needs.needed, 1.0), np.zeros(needs.needed.shape))


def _furthest(needs: _Needs) -> _Queue:
    """Measure gaps by a power of two near the largest, which costs no digit of small ones."""
    largest = needs.gap.max(axis=0)
    unit = np.exp2(np.floor(np.log2(np.where(largest > 0, largest, 1.0))))
    return _Queue(1.0, needs.population * unit, needs.gap / unit)


def _one_at_a_time(needs: _Needs, form: Callable[[_Needs], _Queue]) -> FloatArray:
    """Reach people in the order of a queue, passing over segments that are too dear by then.

    Each round goes as far down the queue as the amount does, and ends at a segment whose next
    person costs more than what is left; the next round goes on without it.
    """
    queue, reached, left = form(needs), np.zeros(needs.needed.shape), needs.amount.copy()
    while True:
        open_ = (reached < needs.needed) & (needs.cost <= left)
        here = np.flatnonzero(open_.any(axis=0))
        if not here.size:
            return reached
        most = np.where(open_, needs.needed - reached, 0.0)[:, here]
        cost = needs.cost[:, here]
        more = _down_the_queue(queue.strata(here), reached[:, here], most, cost, left[here])
        reached[:, here] += more
        left[here] -= (cost * more).sum(axis=0)


def _down_the_queue(
    queue: _Queue, reached: FloatArray, most: FloatArray, cost: FloatArray, left: FloatArray
) -> FloatArray:
    """Give how many more of each segment stand before the first whom the amount cannot reach.

    Parameters
    ----------
    queue : _Queue
        Where people stand.
    reached, most : (k, s) array
        People of each segment who were reached before, and the most who may be reached yet.
    cost : (k, s) array
        What one person costs.
    left : (s,) array
        What is left.
    """

    def up_to(place: FloatArray) -> FloatArray:
        return np.clip(queue.before(place) - reached, 0.0, most)

    waiting = most > 0
    low = np.where(waiting, queue.place(reached + 1), np.inf).min(axis=0) - 1.0
    high = np.where(waiting, queue.place(reached + most), -np.inf).max(axis=0) + 1.0
    fewest, all_ = up_to(low), up_to(high)
    for _ in range(_HALVINGS):
        if (all_ - fewest).max() <= 1:
            break
        middle = low + (high - low) / 2
        found = up_to(middle)
        fits = (cost * found).sum(axis=0) <= left
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
        fewest, all_ = np.where(fits, found, fewest), np.where(fits, all_, found)
    return _last_few(queue, reached, np.maximum(fewest - 1, 0.0), most, cost=cost, left=left)


# Enough for places that differ by a rounding error of their span.
_HALVINGS = 64
_LAST = 3


def _last_few(
    queue: _Queue,
    reached: FloatArray,
    more: FloatArray,
    most: FloatArray,
    *,
    cost: FloatArray,
    left: FloatArray,
) -> FloatArray:
    """Look at the next few people of each segment one by one, in the order of their places."""
    k, s = more.shape
    nth = np.arange(1.0, _LAST + 1)[None, :, None] + more[:, None]
    place = queue.each().place(reached[:, None] + nth)
    place = np.where(nth <= most[:, None], place, np.inf).reshape(k * _LAST, s)
    order = np.argsort(place, axis=0, kind="stable")
    there = np.isfinite(np.take_along_axis(place, order, axis=0))
    price = np.repeat(cost, _LAST, axis=0)
    spent = np.cumsum(np.where(there, np.take_along_axis(price, order, axis=0), 0.0), axis=0)
    taken = there & ((cost * more).sum(axis=0) + spent <= left)
    by_person = np.zeros((k * _LAST, s))
    np.put_along_axis(by_person, order, taken.astype(np.float64), axis=0)
    return np.asarray(more + by_person.reshape(k, _LAST, s).sum(axis=1))
