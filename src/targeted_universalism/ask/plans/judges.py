"""Where a plan leaves something open: a function for each finding, asked of all strata at once.

What needs attention is decided by the point, gap > 0, never by ``status == "short"``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from math import isnan
from typing import TypeAlias

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.gaps import unrated
from targeted_universalism.answer.units import in_percent, per_words
from targeted_universalism.ask.plans.held import Found, HeldPlan, Say
from targeted_universalism.ask.plans.places import alike
from targeted_universalism.errors import some_of
from targeted_universalism.measures.engagement import PARTS, STANCES
from targeted_universalism.read.plans.numbers import SHARES
from targeted_universalism.segments.nesting import insides
from targeted_universalism.segments.strata import members_of

ValueAndEnds: TypeAlias = Sequence[float]  # the value, its low and its high end

_NAMED = 5  # segments whose names are told


# --- words ----------------------------------------------------------------------------------------


def _values_and_ends(
    held: HeldPlan, name: str, row: IntArray, stratum: IntArray
) -> list[ValueAndEnds]:
    """Give a value of some cells, each with its low and its high end."""
    names = (name, f"{name}_low", f"{name}_high")
    values = np.stack([held.answer.values[n][row, stratum] for n in names], axis=1)
    return values.tolist()  # type: ignore[no-any-return]


def _needs(held: HeldPlan) -> Say:
    """Say of cells how far they are from the goal, and how many people that is."""
    units = [_unit(held, i) for i in range(len(held.answer.goals))]
    indicator = held.answer.segments.strata.indicator

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        ends = (_values_and_ends(held, name, row, stratum) for name in ("gap", "needed"))
        said = (units[i] for i in indicator[stratum].tolist())
        return [_need_words(*one) for one in zip(*ends, said, strict=True)]

    return say


def _unit(held: HeldPlan, indicator: int) -> tuple[float, str]:
    """Give the factor and the words of an indicator's gaps: points where rates are in percent."""
    per = float(held.answer.goals[indicator].per)
    if in_percent(held.answer.segments.kinds[indicator], per):
        return 100 / per, " points"
    return 1.0, per_words(per)


def _need_words(gap: ValueAndEnds, needed: ValueAndEnds, unit: tuple[float, str]) -> str:
    """Say how far a cell is from the goal, and how many people that is: at the point, or between.

    `gap` and `needed` are each the value, its low and its high end.
    """
    factor, words = unit
    gap = [factor * end for end in gap]
    size = _between(gap, ",.4g") if isnan(gap[0]) else f"{gap[0]:,.4g}"
    distance = f"gap {size}{' point' if (size, words) == ('1', ' points') else words}"
    nobody = isnan(needed[0]) and isnan(needed[1])
    return distance if nobody else f"{distance}, {_people_words(needed)}"


def _between(ends: ValueAndEnds, how: str) -> str:
    """Write the low and the high end of a value; nothing bounds one that is missing."""
    _, low, high = ends
    return f"{low:{how}} or more" if isnan(high) else f"{low:{how}} to {high:{how}}"


def _people_words(needed: ValueAndEnds) -> str:
    """Say how many people are needed, and the range of that number."""
    unsure = not isnan(needed[1]) and len({f"{end:,.0f}" for end in needed}) > 1
    between = _between(needed, ",.0f") if unsure else ""
    if isnan(needed[0]):
        return f"{between} needed"
    return f"{needed[0]:,.0f} needed{f' ({between})' if between else ''}"


def _money_words(amount: float) -> str:
    return f"{amount:,.0f}" if float(amount).is_integer() else f"{amount:,.2f}"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


# --- findings about segments ----------------------------------------------------------------------


def no_structure(held: HeldPlan) -> Found:
    """Find segments with a gap for which no row names a structure."""
    there = held.cells_of(held.rows.has("structure"))
    return held.found_in(held.short & ~there, _needs(held))


def no_strategy(held: HeldPlan) -> Found:
    """Find segments with a gap for which no row names a strategy."""
    there = held.cells_of(held.rows.has("strategy"))
    return held.found_in(held.short & ~there, _needs(held))


def hidden_gap(held: HeldPlan) -> Found:
    """Find hidden segments, and say whether anything is planned for them."""

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        planned = held.cells_of(held.rows.has("strategy"))[row, stratum]
        return [f"{'a' if there else 'no'} strategy is planned" for there in planned]

    return held.found_in(held.segments & held.hidden, say)


def no_rate(held: HeldPlan) -> Found:
    """Find segments whose rate is not known though people may be there, and say why."""

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        texts, codes = held.answer.reason[row, stratum].texts()
        return [texts[code] for code in codes]

    return held.found_in(held.segments & unrated(held.answer.cells), say)


def masked_shortfall(held: HeldPlan) -> Found:
    """Find who is at the goal while a segment inside is not, and name the segments."""
    names = np.array(held.answer.labels, dtype=np.object_)
    met = held.answer.values["gap"] <= 0
    inside = dict(insides(held.answer.segments.index))
    masked = np.zeros(met.shape, dtype=np.bool_)
    for whole, parts in inside.items():
        masked[whole] = met[whole] & held.short[parts].any(axis=0)

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        cells = zip(stratum.tolist(), row.tolist(), strict=True)
        short = (names[inside[r]][held.short[inside[r], at]].tolist() for at, r in cells)
        return [f"at the goal, and short of it are {_some(parts)}" for parts in short]

    return held.found_in(masked, say)


def _some(names: Sequence[str]) -> str:
    """Name the first few, and say how many more there are; one more is named too."""
    return some_of(names, len(names) if len(names) == _NAMED + 1 else _NAMED)


def catch_all(held: HeldPlan) -> Found:
    """Find segments called Other or Unknown that hold a large share of all people."""
    people = held.answer.values["population"]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = people / people[:1]
    vague = [bool(_VAGUE.match(text)) for text in held.answer.labels]
    rows = (held.answer.unknown | np.array(vague)) & (held.answer.dimension_of > 0)

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        return [f"{_percent(value)} of all people" for value in share[row, stratum]]

    return held.found_in(rows[:, None] & (share > held.catch_all), say)


_VAGUE = re.compile(
    r"((all|any|some) )?others?\b|unknown\b|not (reported|stated|known)\b|declined\b",
    re.IGNORECASE,
)


# --- findings about reach -------------------------------------------------------------------------


def reach_below(held: HeldPlan) -> Found:
    """Find where the plan reaches fewer people than the low end of the need."""
    return _reached(held, held.reach.people < held.need[0])


def reach_within(held: HeldPlan) -> Found:
    """Find where the plan reaches as many people as may be needed."""
    low, high = held.need
    return _reached(held, (held.reach.people >= low) & (held.reach.people <= high))


def reach_above(held: HeldPlan) -> Found:
    """Find where the plan reaches more people than the high end of the need."""
    return _reached(held, held.reach.people > held.need[1])


def _reached(held: HeldPlan, where: BoolArray) -> Found:
    """Say what is planned, what is needed, and what it costs."""

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        planned = np.stack([values[row, stratum] for values in held.reach[1:]], axis=1)
        return [
            _reach_words(*one)
            for one in zip(
                planned.tolist(), _values_and_ends(held, "needed", row, stratum), strict=True
            )
        ]

    return held.found_in(where & held.reach.said, say)


def _reach_words(planned: ValueAndEnds, needed: ValueAndEnds) -> str:
    """Write what is planned (people, cost, people without money) beside what is needed."""
    people, cost, unfunded = planned
    of = "that is not known" if isnan(cost) else f"of {_money_words(cost)}"
    at = f", at a cost {of}" if people else ""
    further = f"; {unfunded:,.0f} more by strategies without money" if unfunded else ""
    return f"{people:,.0f} planned for {_people_words(needed)}{at}{further}"


def reach_not_said(held: HeldPlan) -> Found:
    """Find segments with a gap and a strategy, of which no row says how many it reaches."""
    said = held.cells_of(~np.isnan(held.rows.numbers["reach"]))
    planned = held.cells_of(held.rows.has("strategy"))
    return held.found_in(held.short & planned & ~said, _needs(held))


def reach_without_need(held: HeldPlan) -> Found:
    """Find rows whose reach is held against no need, and say why."""
    reach, own = held.rows.numbers["reach"], held.own_stratum
    unknown = (own >= 0) & np.isnan(held.need[0][held.row, own])

    def say(i: int) -> str:
        if own[i] < 0:
            why = "it is for several strata, whose need is not added up: say which, or use rollup="
        elif held.hidden[held.row[i], own[i]]:
            why = "the need is hidden"
        else:
            why = "how many are needed is not known"
        return f"reach {reach[i]:,.0f}; {why}"

    return held.found_of_rows(~np.isnan(reach) & (unknown | ~held.inside), say)


def reach_repeated(held: HeldPlan) -> Found:
    """Find strategies for a segment that stand on several rows with a reach each."""
    reach = held.rows.numbers["reach"]
    said = ~np.isnan(reach) & held.rows.has("strategy")
    alone = alike(*held.scopes, held.row, held.rows.words["strategy"].codes)
    group = np.where(said, alone, -1)
    several = [rows for rows in members_of(group, int(group.max(initial=-1)) + 1) if len(rows) > 1]
    rows_of = {int(rows[0]): rows.tolist() for rows in several}
    first = np.zeros(len(group), dtype=np.bool_)
    first[list(rows_of)] = True

    def say(i: int) -> str:
        parts = ", ".join(f"{reach[r]:,.0f} in row {r}" for r in rows_of[i])
        return f"{parts}: added up; where these are the same people, write them once"

    return held.found_of_rows(first, say)


# --- findings about rows --------------------------------------------------------------------------


def strategy_without_structure(held: HeldPlan) -> Found:
    """Find rows with a strategy that names no structure."""
    bare = held.rows.has("strategy") & ~held.rows.has("structure")
    return held.found_of_rows(bare, lambda _: "names no structure")


def structure_without_strategy(held: HeldPlan) -> Found:
    """Find structures for which no row for the segment has a strategy."""
    group = alike(*held.scopes, held.row, held.rows.words["structure"].codes)
    active = np.zeros(group.max(initial=-1) + 1, dtype=np.bool_)
    active[group[held.rows.has("strategy")]] = True
    idle = held.rows.has("structure") & ~active[group]
    return held.found_of_rows(idle, lambda _: "no strategy addresses it")


def no_owner(held: HeldPlan) -> Found:
    """Find rows with a structure or a strategy that nobody owns."""
    something = held.rows.has("structure") | held.rows.has("strategy")
    return held.found_of_rows(something & ~held.rows.has("owner"), lambda _: "nobody owns it")


def _day(year: FloatArray) -> FloatArray:
    """Give the last day of each year, counted from year 1."""
    return np.array([
        np.nan if np.isnan(y) else datetime.date(int(y), 12, 31).toordinal() for y in year
    ])  # fmt: skip


def _late(held: HeldPlan, which: Callable[[BoolArray, BoolArray], BoolArray], column: str) -> Found:
    """Find rows by whether start and end lie after the deadline; `column` is what is said of it."""
    deadline = _day(held.deadline)
    starts, ends = held.rows.first["start"] > deadline, held.rows.last["end"] > deadline

    def say(i: int) -> str:
        return f"{column}s in {held.texts[column][i]}, the deadline is {held.deadline[i]:.0f}"

    return held.found_of_rows(which(starts, ends), say)


def starts_late(held: HeldPlan) -> Found:
    """Find rows that start when the year of the deadline is over."""
    return _late(held, lambda starts, _: starts, "start")


def ends_late(held: HeldPlan) -> Found:
    """Find rows that start in time, and end when the year of the deadline is over."""
    return _late(held, lambda starts, ends: ends & ~starts, "end")


def unfunded(held: HeldPlan) -> Found:
    """Find rows for which no money has been found."""

    def say(i: int) -> str:
        cost = held.cost[i]
        need = "" if np.isnan(cost) else f", it needs {_money_words(cost)}"
        return f"no money has been found{need}"

    return held.found_of_rows(held.unfunded, say)


def partly_funded(held: HeldPlan) -> Found:
    """Find rows whose money is less than what their reach costs."""
    amount, cost = held.rows.numbers["amount"], held.cost

    def say(i: int) -> str:
        return f"{_money_words(amount[i])} of {_money_words(cost[i])} has been found"

    return held.found_of_rows((amount < cost) & ~held.unfunded, say)


def stance_against_split(held: HeldPlan) -> Found:
    """Find rows whose resources are not split as their stated stance has it."""
    shares = np.stack([held.rows.numbers[name] for name in SHARES])
    stated = held.rows.numbers["stance"]
    outside = np.array([stance.judge(shares).any(axis=0) for stance in STANCES.values()])
    row = np.nan_to_num(stated).astype(np.int64)
    wrong = ~np.isnan(stated) & outside[row, np.arange(len(stated))]
    named = [f"{stance.number} {stance.name}" for stance in STANCES.values()]
    says = [stance.says for stance in STANCES.values()]

    def say(i: int) -> str:
        parts = ", ".join(
            f"{_percent(share)} to {part}"
            for part, share in zip(PARTS, shares[:, i], strict=True)
            if share
        )
        fit = [name for name, out in zip(named, outside[:, i], strict=True) if not out]
        as_in = " or ".join(fit) or "no stance"
        return f"stated is {named[row[i]]}, {says[row[i]]}; the split is {parts}, as in {as_in}"

    return held.found_of_rows(wrong, say)
