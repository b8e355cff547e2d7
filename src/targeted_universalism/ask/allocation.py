"""Whom a fixed number of places, or a budget, reaches in each segment, by one rule or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray, Number
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.gaps import unrated
from targeted_universalism.answer.tables import Words
from targeted_universalism.ask.costs import Costs, check_amount, unit_costs
from targeted_universalism.ask.references import own_reasons
from targeted_universalism.errors import InputError, check_one_of, did_you_mean, shown, some_of
from targeted_universalism.labels import label, label_or_blank
from targeted_universalism.measures.allocation import RULES, awarded, decimal_scale
from targeted_universalism.measures.entry import entry_of
from targeted_universalism.measures.exact import snap
from targeted_universalism.reasons import NO_PEOPLE, Reason, Reasons, because
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import ALLOCATION

Amounts: TypeAlias = "Number | Mapping[Any, Number] | pd.Series[Any]"
Values = dict[str, FloatArray]
_MOST_NAMED = 3


def allocate(
    answer: Answer,
    amount: Amounts,
    *,
    rule: str | Sequence[str] = "proportional",
    cost: Costs = None,
    default_cost: Number | None = None,
    dimension: str | None = None,
    pool: bool = False,
) -> pd.DataFrame:
    """Share a number of places, or a budget, out over the segments that are short of the goal.

    Segments at the goal are awarded nothing, none more than its need, and what is left undone
    stands beside what is done. Which rule is right is not for arithmetic to say: put several side
    by side.

    Parameters
    ----------
    amount : number, or mapping of stratum to number
        People who can be reached or, with costs, money: for each stratum alike, or by the value of
        its `by` column (a tuple of values where there are several).
    rule : str or sequence of str
        Rules, and whom they reach:

        - ``"proportional"``: the same share of every segment's need
        - ``"maximin"``: always the segment that is furthest from the goal now, so that the
          worst-off segment comes as far as it can
        - ``"most people"``: the segments with the lowest cost, so that no other way reaches more
          people; among those of one cost the one that is furthest from the goal now
    cost, default_cost
        What reaching one more person costs, as in :meth:`Assessment.effort`; without it the amount
        is of people.
    dimension : str, optional
        Whose segments share; needed where there are several that do not overlap, since one amount
        is shared out once.
    pool : bool
        Whether the amount is one for all strata together, for whose segments they all compete.

    Returns
    -------
    DataFrame
        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``rule``: the rule
        - ``needed`` (people): the fewest people whose outcome must change; of the total its own
          need, which is no sum
        - ``unit_cost`` (money): what reaching one more person costs
        - ``awarded`` (people): the people whom the amount reaches; of the total those of all
          segments together
        - ``awarded_low``, ``awarded_high`` (people): the same if the needs of all segments lay at
          the low ends of their ranges, or at the high ends
        - ``spent`` (money): awarded × unit cost; without costs the people themselves
        - ``rate_after`` (``per``): the rate when those awarded have been reached
        - ``gap_after`` (``per``): the distance that is then still to go
        - ``gap_closed``: the share of the gap that is closed; missing where there is no gap
        - ``needed_after`` (people): the people who are then still needed
        - ``worst_rate_after`` (``per``): the rate of the segment of the stratum that is then
          furthest from the goal
        - ``unspent`` (money): what is left of the stratum's amount, or of the one amount of all
          strata; without costs people
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If the amount is below 0 or no whole number of people, a cost is missing, or a rule, a
        stratum or a dimension is not there.

    Notes
    -----
    People are reached one at a time, whole: by Webster's method (proportional), or always in the
    segment that is furthest from the goal now (maximin); a segment whose next person costs more
    than what is left is passed over, and ``unspent`` is what nobody can be reached with.
    :func:`targeted_universalism.measures.awarded` has the formulas and the laws. The point decides
    who takes part, never significance. ``awarded_low`` and ``awarded_high`` say whether the choice
    depends on noise: what the same amount would do if every need lay at its low end, or at its
    high end.

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
    >>> t = a.allocate(100, rule=["proportional", "maximin"])
    >>> t[["rule", "segment", "needed", "awarded", "rate_after", "worst_rate_after"]].round(3)
               rule segment  needed  awarded  rate_after  worst_rate_after
    0  proportional     All     148      100       0.894             0.820
    1  proportional   Asian       0        0       0.955             0.820
    2  proportional   Black      78       30       0.820             0.820
    3  proportional  Latino     180       70       0.863             0.820
    4  proportional   White       0        0       0.900             0.820
    5       maximin     All     148      100       0.894             0.856
    6       maximin   Asian       0        0       0.955             0.856
    7       maximin   Black      78       52       0.857             0.856
    8       maximin  Latino     180       48       0.856             0.856
    9       maximin   White       0        0       0.900             0.856

    """
    rules = _rules(rule)
    check_one_of("pool", pool, (True, False))
    chosen = _dimension(answer, dimension)
    unit = _costs_of(answer, chosen, cost, default_cost)
    sharing = _Sharing(
        answer=answer,
        dimension=chosen,
        amount=_amounts(answer, amount, people=unit is None, pool=bool(pool)),
        unit=unit,
        pool=bool(pool),
    )
    return _table(answer, sharing, rules)


def _table(answer: Answer, sharing: _Sharing, rules: Sequence[str]) -> pd.DataFrame:
    """Put rules side by side, stratum by stratum: the total, then the segments."""
    rows = sharing.rows
    by_rule = [sharing.outcome(rule) for rule in rules]
    seen = np.repeat(answer.seen[rows].T[:, None], len(rules), axis=1)
    stratum, which, row = np.nonzero(seen)
    columns: dict[str, Any] = {
        name: np.stack([one[name].T for one in by_rule], axis=1)[seen] for name in by_rule[0]
    }
    columns["rule"] = Words(list(rules), which)
    columns["reason"] = sharing.reasons()[row, stratum]
    return answer.keyed(ALLOCATION, stratum, rows[row], columns)


# --- what is shared out, over whom ----------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class _Sharing:
    """One amount for each stratum, or for all together, and the segments that share it.

    Arrays are shaped (rows, strata), the total first, or (strata,).
    """

    answer: Answer
    dimension: int
    amount: FloatArray
    unit: FloatArray | None
    pool: bool

    @cached_property
    def rows(self) -> IntArray:
        """The total, and the segments of the dimension."""
        return np.append(0, self.answer.segments.index.rows(self.dimension))

    @cached_property
    def values(self) -> Values:
        """What is known of the rows; rates and gaps for each member of the population."""
        strata, found = self.answer.segments.strata, self.answer.values
        per = np.array([float(goal.per) for goal in self.answer.goals])[strata.indicator]
        people = found["population"][self.rows]
        names = ("rate", "gap", "gap_low", "gap_high", "needed", "needed_low", "needed_high")
        rates = {name: found[name][self.rows] for name in names}
        return {
            **{n: v if n.startswith("needed") else v / per for n, v in rates.items()},
            "population": np.where(people > 0, people, np.nan),
            "per": np.broadcast_to(per, rates["rate"].shape),
        }

    @cached_property
    def segment(self) -> BoolArray:
        """Which rows, shaped (rows, 1), are segments and not the total or Unknown."""
        return ~self.answer.unknown[self.rows][:, None] & (self.rows > 0)[:, None]

    @cached_property
    def taking_part(self) -> BoolArray:
        """Which rows may have a need: segments with people."""
        cells = self.answer.cells.take(self.rows)
        nobody = (cells.state >= State.NO_DATA) & ~unrated(cells)
        return self.segment & ~nobody

    @cached_property
    def refused(self) -> BoolArray:
        """In which strata nothing can be shared out, whatever the needs are."""
        overlapping = not self.answer.dimensions[self.dimension].exclusive
        return np.asarray(self.sums_apart | overlapping)

    @cached_property
    def sums_apart(self) -> BoolArray:
        """Which strata are sums of others, with which they do not compete in a pool."""
        rolled_up = self.answer.segments.strata.rolled_up
        return np.asarray(rolled_up & (self.pool and not rolled_up.all()))

    @cached_property
    def untold(self) -> BoolArray:
        """In which strata the need of a segment is not told."""
        untold = self.taking_part & np.isnan(self.values["needed"])
        return np.asarray(untold.any(axis=0))

    def awards(self, rule: str, end: str = "") -> FloatArray:
        """Share out by needs at the point, or at an end of their ranges ("_low", "_high")."""
        needed, gap = self.values[f"needed{end}"], self.values[f"gap{end}"]
        missing = (self.taking_part & np.isnan(needed)).any(axis=0) | self.refused
        needed = np.where(self.taking_part & ~missing, needed, 0.0)
        cost = np.broadcast_to(1.0 if self.unit is None else self.unit, needed.shape)
        people, amount = self._people(needed, gap), self.amount
        if not self.pool:
            found = awarded(amount, needed, gap, people, rule=rule, cost=cost)
        else:
            needed, gap, people, cost = (_together(v) for v in (needed, gap, people, cost))
            found = awarded(amount[:1], needed, gap, people, rule=rule, cost=cost)
            found = found.reshape(missing.size, -1).T
        return np.where(missing, np.nan, found)

    def _people(self, needed: FloatArray, gap: FloatArray) -> FloatArray:
        """Give the people of segments; where they are hidden, those that need and gap imply."""
        people, some = self.values["population"], needed > 0
        implied = np.where(some, needed, 1.0) / np.where(some & (gap > 0), gap, 1.0)
        return np.where(np.isnan(people), implied, people)

    def outcome(self, rule: str) -> Values:
        """Give what a rule awards, and what follows from it."""
        reached = self._with_total(self.awards(rule))
        spent = self._with_total(self._cost_of(reached))
        gap_after = self._gap_after(reached)
        values, per = self.values, self.values["per"]
        rate_after = per * self._rate_after(reached)
        columns = {
            "needed": values["needed"],
            "unit_cost": np.where(self.segment, np.nan if self.unit is None else self.unit, np.nan),
            "awarded": reached,
            "awarded_low": self._with_total(self.awards(rule, "_low")),
            "awarded_high": self._with_total(self.awards(rule, "_high")),
            "spent": spent,
            "rate_after": rate_after,
            "gap_after": per * gap_after,
            "gap_closed": self._closed(gap_after),
            "needed_after": np.maximum(values["needed"] - reached, 0.0),
            "worst_rate_after": self._worst(rate_after, gap_after),
            "unspent": self._unspent(spent[0]),
        }
        return {n: np.broadcast_to(v, reached.shape) for n, v in columns.items()}

    @cached_property
    def _sign(self) -> FloatArray:
        """The side of the goal that is wanted in each stratum."""
        of = self.answer.segments.strata.indicator
        return np.array([float(goal.sign) for goal in self.answer.goals])[of]

    def _with_total(self, of_segments: FloatArray) -> FloatArray:
        """Put the sum of the segments in the total's row; whoever takes no part has no number."""
        found = np.where(self.taking_part, of_segments, np.nan)
        sums = np.where(self.taking_part, of_segments, 0.0).sum(axis=0)
        found[0] = np.where(np.isnan(of_segments[0]), np.nan, sums)
        return found

    def _cost_of(self, reached: FloatArray) -> FloatArray:
        """Give what it costs to reach people, to the cent; themselves where there is no cost."""
        if self.unit is None:
            return reached
        return self._money(reached * np.where(self.segment, self.unit, 0.0))

    def _money(self, money: FloatArray) -> FloatArray:
        """Take the rounding of floats out of sums of money."""
        scale = self._scale
        return np.rint(money * scale) / scale if scale else money

    @cached_property
    def _scale(self) -> float:
        """The power of ten that makes whole numbers of all money; 0 where none does."""
        costs = np.zeros(0) if self.unit is None else self.unit[np.isfinite(self.unit)]
        return decimal_scale(np.append(costs, self.amount))

    def _rate_after(self, reached: FloatArray) -> FloatArray:
        """Give the rate of the counts after; of a published rate, what is added to it."""
        moved, people = self._sign * reached, self.values["population"]
        counted = (self.answer.values["events"][self.rows] + moved) / people
        return np.where(np.isnan(counted), self.values["rate"] + moved / people, counted)

    def _gap_after(self, reached: FloatArray) -> FloatArray:
        """Give the distance still to go, whose sign is never a rounding error."""
        gap, rate = self.values["gap"], self.values["rate"]
        after = gap - reached / self.values["population"]
        return snap(after, np.maximum(np.abs(gap), np.abs(rate)))

    def _closed(self, gap_after: FloatArray) -> FloatArray:
        """Give the share of a gap that is closed; where there is no gap there is no share."""
        gap = self.values["gap"]
        some = gap > 0
        return np.where(some, 1 - np.maximum(gap_after, 0.0) / np.where(some, gap, 1.0), np.nan)

    def _worst(self, rate_after: FloatArray, gap_after: FloatArray) -> FloatArray:
        """Give the rate of the segment that is then furthest from the goal, (strata,)."""
        gaps = np.where(self.segment & ~np.isnan(gap_after), gap_after, -np.inf)
        worst = np.take_along_axis(rate_after, gaps.argmax(axis=0)[None], axis=0)[0]
        return np.where(np.isneginf(gaps.max(axis=0)), np.nan, worst)

    def _unspent(self, spent: FloatArray) -> FloatArray:
        """Give what is left of each stratum's amount, or of the one amount of all, (strata,)."""
        used = np.nansum(spent) if self.pool else spent
        return np.where(np.isnan(spent), np.nan, self._money(np.maximum(self.amount - used, 0.0)))

    def reasons(self) -> Reasons:
        """Say why a row has no award, or a value of it is missing."""
        answer, rows = self.answer, self.rows
        hidden = self._hidden
        rated = ~np.isnan(self.values["rate"])
        met = rated & ~(self.values["gap"] > 0)
        apart = np.bool_(answer.dimensions[self.dimension].exclusive)
        why = own_reasons(answer)[rows] | answer.reason.only(_SAID)[rows]
        why |= because(rated & hidden, Reason.SUPPRESSED_SEGMENT)
        why |= because(rated & ~hidden & self.untold & apart, Reason.NEED_UNKNOWN)
        why |= because(rated & ~apart, Reason.OVERLAPPING)
        why |= because(rated & self.sums_apart, Reason.ROLLUP_APART)
        unknown = answer.unknown[rows][:, None] & rated
        alone = ~(rated & self.segment).any(axis=0) & unknown.any(axis=0)
        why |= because(unknown | (alone & rated & ~self.segment), Reason.UNKNOWN_APART)
        why |= because(rated & self._unranged, Reason.NO_RANGE_OF_SUM)
        return why | because(met & ~answer.unknown[rows][:, None], Reason.NO_GAP)

    @cached_property
    def _unranged(self) -> BoolArray:
        """In which strata needs are told and the range of one is not, though there is a level."""
        untold = (self.taking_part & np.isnan(self.values["needed_low"])).any(axis=0)
        level = self.answer.options.confidence is not None
        return np.asarray(untold & ~self.untold & ~self.refused & level)

    @cached_property
    def _hidden(self) -> BoolArray:
        """In which strata a segment of the dimension is hidden."""
        state = self.answer.cells.state[self.rows]
        return np.asarray(((state == State.SUPPRESSED) & (self.rows > 0)[:, None]).any(axis=0))


def _together(values: FloatArray) -> FloatArray:
    """Lay the segments of all strata under each other, as of one stratum."""
    return values.T.reshape(-1, 1)


_SAID = NO_PEOPLE | {
    Reason.APPROXIMATE, Reason.WEIGHT_UNITS, Reason.NO_INTERVAL, Reason.NO_LEVEL,
    Reason.INTERVAL_UNDEFINED, Reason.MARGIN_CODE,
}  # fmt: skip


# --- what was asked -------------------------------------------------------------------------------


def _rules(rule: object) -> tuple[str, ...]:
    """Give one rule or several, each known and named once."""
    several = isinstance(rule, Sequence) and not isinstance(rule, (str, bytes))
    names = tuple(rule) if several else (rule,)  # type: ignore[arg-type]
    found = tuple(entry_of(RULES, name).name for name in names)
    if not found or len({*found}) < len(found):
        raise InputError(f"rule={shown(rule)} must name a rule, or several of them once each.")
    return found


def _dimension(answer: Answer, wanted: object) -> int:
    """Find the dimension whose segments share: one that is named, or the only one there can be."""
    names = [dimension.name for dimension in answer.dimensions]
    if wanted is not None:
        named = label(wanted) if isinstance(wanted, str) else None
        if named not in names[1:]:
            raise InputError(
                f"There is no dimension {shown(wanted)}. {did_you_mean(shown(wanted), names[1:])}"
            )
        return names.index(named)
    apart = [d for d in range(1, len(names)) if answer.dimensions[d].exclusive]
    possible = apart or list(range(1, len(names)))
    if len(possible) > 1:
        listed = ", ".join(repr(names[d]) for d in possible)
        raise InputError(
            f"One amount is shared out once, and people are split in several ways: {listed}. "
            f"Choose one, as in dimension={names[possible[0]]!r}."
        )
    return possible[0]


def _costs_of(
    answer: Answer, dimension: int, cost: Costs, default_cost: Number | None
) -> FloatArray | None:
    """Give the costs of the total and the segments, shaped (rows, 1); None where there are none."""
    if cost is None and default_cost is None:
        return None
    rows = np.append(0, answer.segments.index.rows(dimension))
    unit = unit_costs(answer, cost, default_cost)[rows]
    if np.isnan(unit[1:][~answer.unknown[rows[1:]]]).any():
        raise InputError(
            f"cost= names no segment of {answer.dimensions[dimension].name!r}, whose segments "
            "share the amount: give their costs, or default_cost=."
        )
    return np.asarray(unit[:, None])


def _amounts(answer: Answer, amount: object, *, people: bool, pool: bool) -> FloatArray:
    """Give every stratum's amount, or the one of all."""
    strata = answer.segments.strata
    if not isinstance(amount, (Mapping, pd.Series)):
        _check_amount("amount", amount, people)
        if pool and len(strata.measured) > 1:
            first = strata.indicators[int(strata.indicator[0])]
            raise InputError(
                "pool=True lets strata compete by their gaps, and gaps of several indicators have "
                f"no common unit: choose one, as in a.where(indicator={first!r})."
            )
        return np.full(len(strata), float(amount))  # type: ignore[arg-type]
    if pool:
        raise InputError("pool=True shares one amount over all strata: give a number.")
    return _by_stratum(answer, amount, people)


def _by_stratum(
    answer: Answer, given: Mapping[Any, Number] | pd.Series[Any], people: bool
) -> FloatArray:
    """Match a mapping with the strata, by the labels of their `by` values."""
    strata = answer.segments.strata
    place = {key: i for i, key in enumerate(_stratum_keys(answer))}
    found = np.full(len(strata), np.nan)
    for name, value in given.items():
        key = (
            tuple(map(label_or_blank, name)) if isinstance(name, tuple) else (label_or_blank(name),)
        )
        if key not in place:
            options = [key[0] if len(key) == 1 else key for key in place]
            raise InputError(
                f"amount= names {shown(name)}, which is no stratum. "
                f"{did_you_mean(key[0] if len(key) == 1 else key, options)}"
            )
        _check_amount(f"amount[{shown(name)}]", value, people)
        found[place[key]] = float(value)
    without = np.flatnonzero(np.isnan(found))
    if without.size:
        named = some_of([strata.describe(i) for i in without.tolist()], _MOST_NAMED, "; ")
        raise InputError(f"amount= names nothing for {named}: give a number, 0 for nothing.")
    return found


def _stratum_keys(answer: Answer) -> list[tuple[str, ...]]:
    """Label every stratum by its `by` values, and by its indicator where there are several."""
    strata = answer.segments.strata
    several = len(strata.indicators) > 1 or not strata.names
    what = [strata.indicators[i] for i in strata.indicator]
    return [
        (*text, about) if several else text
        for text, about in zip(strata.texts(), what, strict=True)
    ]


def _check_amount(name: str, amount: object, people: bool) -> None:
    check_amount(name, amount, zero=True)
    if people and float(amount) != int(float(amount)):  # type: ignore[arg-type]
        raise InputError(
            f"{name}={shown(amount)} must be a whole number of people. Is it money? Then say what "
            "reaching one more person costs: cost=."
        )
