"""What a plan leaves open: one register of findings, each of them looked for in all strata at once.

What needs attention is decided by the point, gap > 0, never by ``status == "short"``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TypeAlias

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.gaps import unrated
from targeted_universalism.answer.tables import Text, Values, Words, tabled
from targeted_universalism.ask.plans.places import Found, Held, Say, alike
from targeted_universalism.errors import some_of
from targeted_universalism.measures.engagement import PARTS, STANCES
from targeted_universalism.measures.entry import Entry, by_name
from targeted_universalism.read.plan import SHARES
from targeted_universalism.segments.columns import CHECK
from targeted_universalism.segments.nesting import insides
from targeted_universalism.segments.strata import members_of

_POWELL = "powell, Menendian & Ake, Targeted Universalism: Policy & Practice (2019)"
_PLANS = "after advice on California's Comprehensive Prevention Plans (WIC 16585–16589)"
_OURS = "as in every other table of this library"

Ends: TypeAlias = Sequence[float]

_NAMED = 5  # segments whose names are told


def findings(held: Held) -> pd.DataFrame:
    """Look for everything in the register, and list it by strata, segments and the register.

    Parameters
    ----------
    held : Held
        A plan and an answer, held against each other.

    Returns
    -------
    DataFrame
        As ``plan.check(a)`` has it.
    """
    per_finding = [one.judge(held) for one in FINDINGS.values()]
    which = np.repeat(np.arange(len(per_finding)), [len(found.row) for found in per_finding])
    stratum = np.concatenate([found.stratum for found in per_finding])
    row = np.concatenate([found.row for found in per_finding])
    order = np.lexsort((which, row, stratum))
    detail = [text for found in per_finding for text in found.detail]
    columns: dict[str, Values | Text] = {
        "finding": Words(list(FINDINGS), which[order]),
        "detail": [detail[i] for i in order],
    }
    return tabled(CHECK, held.keys(stratum[order], row[order]), columns)


# --- words ----------------------------------------------------------------------------------------


def _ends(held: Held, name: str, row: IntArray, stratum: IntArray) -> list[Ends]:
    """Give a value of some cells, each with its low and its high end."""
    names = (name, f"{name}_low", f"{name}_high")
    values = np.stack([held.answer.values[n][row, stratum] for n in names], axis=1)
    return values.tolist()  # type: ignore[no-any-return]


def _needs(held: Held) -> Say:
    """Say of cells how far they are from the goal, and how many people that is."""
    per = np.array([float(goal.per) for goal in held.answer.goals])
    per = per[held.answer.segments.strata.indicator]

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        ends = (_ends(held, name, row, stratum) for name in ("gap", "needed"))
        return [_need_words(*one) for one in zip(*ends, per[stratum].tolist(), strict=True)]

    return say


def _need_words(gap: Ends, needed: Ends, per: float) -> str:
    """Say how far a cell is from the goal, and how many people that is: at the point, or between.

    `gap` and `needed` are each the value, its low and its high end.
    """
    unit = "" if per == 1 else f" per {per:,.0f}"
    words = f"gap {_between(gap, ',.4g') if isnan(gap[0]) else f'{gap[0]:,.4g}'}{unit}"
    return words if isnan(needed[0]) and isnan(needed[1]) else f"{words}, {_people_words(needed)}"


def _between(ends: Ends, how: str) -> str:
    """Write the low and the high end of a value; nothing bounds one that is missing."""
    _, low, high = ends
    return f"{low:{how}} or more" if isnan(high) else f"{low:{how}} to {high:{how}}"


def _people_words(needed: Ends) -> str:
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


def _unassessed(held: Held) -> Found:
    there = held.anywhere(held.rows.has("structure"))
    return held.cells(held.short & ~there, _needs(held))


def _unplanned(held: Held) -> Found:
    there = held.anywhere(held.rows.has("strategy"))
    return held.cells(held.short & ~there, _needs(held))


def _hidden(held: Held) -> Found:
    def say(stratum: IntArray, row: IntArray) -> list[str]:
        planned = held.anywhere(held.rows.has("strategy"))[row, stratum]
        return [f"{'a' if there else 'no'} strategy is planned" for there in planned]

    return held.cells(held.segments & held.hidden, say)


def _unrated(held: Held) -> Found:
    def say(stratum: IntArray, row: IntArray) -> list[str]:
        texts, codes = held.answer.reason[row, stratum].texts()
        return [texts[code] for code in codes]

    return held.cells(held.segments & unrated(held.answer.cells), say)


def _masked(held: Held) -> Found:
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

    return held.cells(masked, say)


def _some(names: Sequence[str]) -> str:
    """Name the first few, and say how many more there are; one more is named too."""
    return some_of(names, len(names) if len(names) == _NAMED + 1 else _NAMED)


def _catch_all(held: Held) -> Found:
    people = held.answer.values["population"]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = people / people[:1]
    vague = [bool(_VAGUE.match(text)) for text in held.answer.labels]
    rows = (held.answer.unknown | np.array(vague)) & (held.answer.dimension_of > 0)

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        return [f"{_percent(value)} of all people" for value in share[row, stratum]]

    return held.cells(rows[:, None] & (share > held.catch_all), say)


_VAGUE = re.compile(
    r"((all|any|some) )?others?\b|unknown\b|not (reported|stated|known)\b|declined\b",
    re.IGNORECASE,
)


# --- findings about reach -------------------------------------------------------------------------


def _below(held: Held) -> Found:
    return _reached(held, held.reach.people < held.need[0])


def _within(held: Held) -> Found:
    low, high = held.need
    return _reached(held, (held.reach.people >= low) & (held.reach.people <= high))


def _above(held: Held) -> Found:
    return _reached(held, held.reach.people > held.need[1])


def _reached(held: Held, where: BoolArray) -> Found:
    """Say what is planned, what is needed, and what it costs."""

    def say(stratum: IntArray, row: IntArray) -> list[str]:
        planned = np.stack([values[row, stratum] for values in held.reach[1:]], axis=1)
        return [
            _reach_words(*one)
            for one in zip(planned.tolist(), _ends(held, "needed", row, stratum), strict=True)
        ]

    return held.cells(where & held.reach.some, say)


def _reach_words(planned: Ends, needed: Ends) -> str:
    people, cost, more = planned
    of = "that is not known" if isnan(cost) else f"of {_money_words(cost)}"
    at = f", at a cost {of}" if people else ""
    further = f"; {more:,.0f} more by strategies without money" if more else ""
    return f"{people:,.0f} planned for {_people_words(needed)}{at}{further}"


def _unsaid(held: Held) -> Found:
    said = held.anywhere(~np.isnan(held.rows.numbers["reach"]))
    planned = held.anywhere(held.rows.has("strategy"))
    return held.cells(held.short & planned & ~said, _needs(held))


def _unheld(held: Held) -> Found:
    reach, own = held.rows.numbers["reach"], held.own
    unknown = (own >= 0) & np.isnan(held.need[0][held.row, own])

    def say(i: int) -> str:
        if own[i] < 0:
            why = "it is for several strata, whose need is not added up: say which, or use rollup="
        elif held.hidden[held.row[i], own[i]]:
            why = "the need is hidden"
        else:
            why = "how many are needed is not known"
        return f"reach {reach[i]:,.0f}; {why}"

    return held.of_rows(~np.isnan(reach) & (unknown | ~held.inside), say)


def _repeated(held: Held) -> Found:
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

    return held.of_rows(first, say)


# --- findings about rows --------------------------------------------------------------------------


def _unfounded(held: Held) -> Found:
    bare = held.rows.has("strategy") & ~held.rows.has("structure")
    return held.of_rows(bare, lambda _: "names no structure")


def _idle(held: Held) -> Found:
    group = alike(*held.scopes, held.row, held.rows.words["structure"].codes)
    active = np.zeros(group.max(initial=-1) + 1, dtype=np.bool_)
    active[group[held.rows.has("strategy")]] = True
    idle = held.rows.has("structure") & ~active[group]
    return held.of_rows(idle, lambda _: "no strategy addresses it")


def _unowned(held: Held) -> Found:
    something = held.rows.has("structure") | held.rows.has("strategy")
    return held.of_rows(something & ~held.rows.has("owner"), lambda _: "nobody owns it")


def _day(year: FloatArray) -> FloatArray:
    """Give the last day of each year, counted from year 1."""
    return np.array([
        np.nan if np.isnan(y) else datetime.date(int(y), 12, 31).toordinal() for y in year
    ])  # fmt: skip


def _late(held: Held, which: Callable[[BoolArray, BoolArray], BoolArray], column: str) -> Found:
    deadline = _day(held.deadline)
    starts, ends = held.rows.first["start"] > deadline, held.rows.last["end"] > deadline

    def say(i: int) -> str:
        return f"{column}s in {held.texts[column][i]}, the deadline is {held.deadline[i]:.0f}"

    return held.of_rows(which(starts, ends), say)


def _starts_late(held: Held) -> Found:
    return _late(held, lambda starts, _: starts, "start")


def _ends_late(held: Held) -> Found:
    return _late(held, lambda starts, ends: ends & ~starts, "end")


def _unfunded(held: Held) -> Found:
    def say(i: int) -> str:
        cost = held.cost[i]
        need = "" if np.isnan(cost) else f", it needs {_money_words(cost)}"
        return f"no money has been found{need}"

    return held.of_rows(held.unfunded, say)


def _partly_funded(held: Held) -> Found:
    amount, cost = held.rows.numbers["amount"], held.cost

    def say(i: int) -> str:
        return f"{_money_words(amount[i])} of {_money_words(cost[i])} has been found"

    return held.of_rows((amount < cost) & ~held.unfunded, say)


def _split(held: Held) -> Found:
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

    return held.of_rows(wrong, say)


@dataclass(frozen=True, eq=False, kw_only=True)
class Finding(Entry):
    """One thing that a plan may leave open: it says where it is found.

    Parameters
    ----------
    name, says, source
        As in :class:`Entry`.
    judge : callable
        Given a plan held against an answer, tells where it is found.
    """

    judge: Callable[[Held], Found]


FINDINGS = by_name(
    Finding(
        name="barriers not yet assessed",
        says="the segment has a gap, and no row names a structure for it",
        source=f"{_POWELL}, Conclusion: to go from a disparity to a strategy is inadequate",
        judge=_unassessed,
    ),
    Finding(
        name="no strategy yet",
        says="the segment has a gap, and no row names a strategy for it",
        source=f"{_POWELL}, step 5",
        judge=_unplanned,
    ),
    Finding(
        name="hidden: its gap is not published",
        says="the segment is hidden, so that nobody can see here whether it has a gap",
        source=_OURS,
        judge=_hidden,
    ),
    Finding(
        name="no rate: its gap is not known",
        says="people may be there, and their rate is not known",
        source=_OURS,
        judge=_unrated,
    ),
    Finding(
        name="masked shortfall",
        says="everybody together, or a segment, is at the goal while a segment inside is not: an "
        "average hides it",
        source=f"{_POWELL}, step 3: groups should be disaggregated",
        judge=_masked,
    ),
    Finding(
        name="catch-all segment",
        says="a segment called Other or Unknown holds more than 5 % of the people (or "
        "catch_all=): averages hide who is in it",
        source=f"{_POWELL}, step 3: groups should be disaggregated",
        judge=_catch_all,
    ),
    Finding(
        name="reach below the need",
        says="the plan reaches fewer people than the low end of the people needed",
        source=_PLANS,
        judge=_below,
    ),
    Finding(
        name="reach within the range of the need",
        says="the plan reaches as many people as may be needed",
        source=_PLANS,
        judge=_within,
    ),
    Finding(
        name="reach above the need",
        says="the plan reaches more people than the high end of the people needed",
        source=_PLANS,
        judge=_above,
    ),
    Finding(
        name="reach not said",
        says="the segment has a gap and a strategy, and no row says how many it reaches",
        source=_PLANS,
        judge=_unsaid,
    ),
    Finding(
        name="reach held against no need",
        says="a row has a reach, and the need that it belongs to is hidden, not known, or of "
        "several strata that are not added up",
        source=_OURS,
        judge=_unheld,
    ),
    Finding(
        name="reach on several rows",
        says="one strategy for one segment stands on several rows with a reach each, which are "
        "added up",
        source=_PLANS,
        judge=_repeated,
    ),
    Finding(
        name="strategy without a structure",
        says="a row has a strategy, and names no structure that it addresses",
        source=f"{_POWELL}, Conclusion: target structures, not people",
        judge=_unfounded,
    ),
    Finding(
        name="structure without a strategy",
        says="a structure is named, and no row for the segment has a strategy beside it",
        source=f"{_POWELL}, step 5",
        judge=_idle,
    ),
    Finding(
        name="no owner",
        says="a row has a structure or a strategy, and nobody who owns it",
        source=_PLANS,
        judge=_unowned,
    ),
    Finding(
        name="starts after the goal's deadline",
        says="a row starts when the year of the deadline is over",
        source=_PLANS,
        judge=_starts_late,
    ),
    Finding(
        name="ends after the goal's deadline",
        says="a row starts in time, and ends when the year of the deadline is over",
        source=_PLANS,
        judge=_ends_late,
    ),
    Finding(
        name="unfunded",
        says="no money has been found for a row, which stays in the plan",
        source=f"{_POWELL}, Universal Goals and Limited Resources",
        judge=_unfunded,
    ),
    Finding(
        name="funded in part",
        says="the amount of a row is less than its unit cost × reach",
        source=f"{_POWELL}, Universal Goals and Limited Resources",
        judge=_partly_funded,
    ),
    Finding(
        name="stance against the split of resources",
        says="resources are not split as the stated stance has it",
        source="after Rosa González, The Spectrum of Community Engagement to Ownership (2019)",
        judge=_split,
    ),
)
