"""The five steps of a plan on one sheet of paper: goal, everybody, groups, structures, strategies.

What the collaborative has not decided is a blank line, and what is hidden is said to be hidden.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.answer.units import in_percent, per_words
from targeted_universalism.ask.milestones import milestones
from targeted_universalism.ask.plans.findings import findings_of
from targeted_universalism.ask.plans.held import HeldPlan
from targeted_universalism.ask.plans.plan import Plan
from targeted_universalism.measures.engagement import PARTS, STANCES
from targeted_universalism.read.plans.numbers import SHARES
from targeted_universalism.show.courses import Courses, joined
from targeted_universalism.show.lines import Line, lines
from targeted_universalism.show.nouns import join_words
from targeted_universalism.show.words import (
    goal_words,
    rate_words,
    stratum_words,
)

_TARGETS = 5  # most targets for a segment: more columns than that do not fit the paper
_FINDINGS = 16  # segments of which something is said under the steps
_STANCES = {stance.number: stance.name for stance in STANCES.values()}
_HAIR = 1e-9
_OF_GAPS = ("barriers not yet assessed", "no strategy yet", "reach not said")


@dataclass(frozen=True, kw_only=True)
class Targets:
    """When everybody is to have got how far: times, and the rates of every segment then.

    Rates are numbers alone where their `unit` is longer than a sign; else that is empty.
    """

    times: list[str]
    unit: str
    of: Mapping[tuple[str, str], list[str]]


@dataclass(frozen=True, kw_only=True)
class Group:
    """One segment on the sheet: where it stands, and what is planned with it.

    `short` says that it has a gap, by the count; `hidden` that nobody can see whether it has.
    """

    name: str
    line: Line
    targets: list[str]
    structures: list[str]
    assets: list[str]
    strategies: list[Strategy]
    short: bool
    hidden: bool
    unknown: bool

    @property
    def shown(self) -> bool:
        """Whether it has lines of its own in steps 4 and 5."""
        unsettled = (self.short or self.hidden) and not self.unknown
        return bool(unsettled or self.structures or self.strategies)


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """One row of the plan, in words; empty where it is not decided."""

    what: str
    structure: str
    level: str
    evidence: str
    scale: str
    owner: str
    partner: str
    when: str
    reach: str
    cost: list[str]
    stance: str
    split: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The five steps for one stratum, and what the institute added to them in 2024."""

    heading: str
    goal: Goal
    goal_words: str
    passed: bool
    total: Line
    groups: list[Group]
    everybody: list[Strategy]
    targets: list[str]
    unit: str
    resting: str
    findings: list[tuple[str, str]]
    more: int
    measured: str

    @property
    def unreliable(self) -> bool:
        """Whether any rate is not reliable."""
        return any(group.line.unreliable for group in self.groups)


def sheet_of(answer: Answer, plan: Plan, courses: Courses | None) -> Sheet:
    """Put the five steps of one stratum on a sheet.

    Parameters
    ----------
    answer : Answer
        Of one stratum.
    plan : Plan
        Rows for other strata are left out.
    courses : Courses, optional
        Of the series whose latest stratum it is: with them there are targets for every year.
    """
    held = _OnPaper(answer, plan._rows)
    passed = courses is not None and courses.passed
    return _Sheets(answer, held, targets_of(courses), passed).sheet()


def targets_of(courses: Courses | None) -> Targets:
    """Give the milestones of a series, at most five of them; none without a deadline ahead."""
    if courses is None or not courses.deadline > courses.since:
        return Targets(times=[], unit="", of={})
    years = courses.deadline - courses.since
    table = milestones(
        courses.alone,
        courses.asked.time,
        every=max(1, math.ceil(years / _TARGETS)),
        pace=courses.asked.pace,
    )
    kind, per = courses.kind, float(courses.goal.per)
    unit = "" if in_percent(kind, per) else per_words(per)
    found: dict[tuple[str, str], list[str]] = {}
    for dimension, segment, rate in zip(
        table["dimension"], table["segment"], table["milestone"], strict=True
    ):
        words = rate_words(rate, kind, per).removesuffix(unit)
        found.setdefault((str(dimension), str(segment)), []).append(words)
    times = table["time"].drop_duplicates().to_numpy() - courses.shift
    return Targets(times=[f"{np.ceil(time - _HAIR):.0f}" for time in times], unit=unit, of=found)


class _OnPaper(HeldPlan):
    """A plan held against an answer; its rows are known by their words, as nobody counts rows."""

    def named(self, i: int) -> str:
        """Name a row of the plan."""
        return f"“{self.texts['strategy'][i] or self.texts['structure'][i]}”"


@dataclass(frozen=True, eq=False)
class _Sheets:
    """A plan held against one stratum, and the words for it."""

    answer: Answer
    held: HeldPlan
    targets: Targets
    passed: bool

    @property
    def goal(self) -> Goal:
        """The goal of the stratum."""
        return self.answer.goal(0)

    def sheet(self) -> Sheet:
        """Make the sheet."""
        total, *rest = list(lines(self.answer))
        rows = np.flatnonzero(self.answer.seen[:, 0]).tolist()
        groups = [self._group(row, line) for row, line in zip(rows[1:], rest, strict=True)]
        found = self._findings()
        return Sheet(
            heading=stratum_words(self.answer, 0),
            goal=self.goal,
            goal_words=goal_words(self.goal, self.answer.kind(0)),
            passed=self.passed,
            total=total,
            groups=groups,
            everybody=list(self._strategies(0)),
            targets=self.targets.times,
            unit=self.targets.unit,
            resting=join_words([g.name for g in groups if not (g.shown or g.unknown)]),
            findings=list(islice(found, _FINDINGS)),
            more=max(0, len(found) - _FINDINGS),
            measured=join_words(self.targets.times),
        )

    def _group(self, row: int, line: Line) -> Group:
        dimension = self.answer.dimensions[self.answer.dimension_of[row]].name
        several = len(self.answer.dimensions) > 2
        label = self.answer.labels[row]
        return Group(
            name=f"{line.dimension}: {label}" if several else label,
            line=line,
            targets=self.targets.of.get((dimension, label), []),
            structures=self._said("structure", row),
            assets=self._said("assets", row),
            strategies=list(self._strategies(row)),
            short=bool(self.held.short[row, 0]),
            hidden=bool(self.held.hidden[row, 0]),
            unknown=bool(self.answer.unknown[row]),
        )

    def _of(self, row: int) -> IntArray:
        """Find the rows of the plan that are for a segment here."""
        return np.flatnonzero((self.held.row == row) & self.held.in_place)

    def _said(self, column: str, row: int) -> list[str]:
        """Give the different words of a column for a segment, in their order."""
        texts = self.held.rows.texts(column)
        return list(dict.fromkeys(texts[i] for i in self._of(row) if texts[i]))

    def _strategies(self, row: int) -> Iterator[Strategy]:
        """Give the rows of the plan for a segment; none for a structure that another meets."""
        strategy, structure = (self._texts[name] for name in ("strategy", "structure"))
        mine = self._of(row).tolist()
        met = {structure[i] for i in mine if strategy[i]}
        for i in mine:
            if strategy[i] or structure[i] not in met:
                yield self._strategy(i)

    @cached_property
    def _texts(self) -> Mapping[str, list[str]]:
        names = (
            "structure", "strategy", "level", "owner", "partner", "start", "end", "evidence",
            "evidence_scale",
        )  # fmt: skip
        return {name: self.held.rows.texts(name) for name in names}

    def _strategy(self, i: int) -> Strategy:
        text = {name: texts[i] for name, texts in self._texts.items()}
        number = {name: float(values[i]) for name, values in self.held.rows.numbers.items()}
        return Strategy(
            what=text["strategy"],
            structure=text["structure"],
            level=text["level"],
            evidence=text["evidence"],
            scale="" if text["evidence_scale"] == text["evidence"] else text["evidence_scale"],
            owner=text["owner"],
            partner=text["partner"],
            when=_when(text["start"], text["end"]),
            reach="" if math.isnan(number["reach"]) else f"{number['reach']:,.0f}",
            cost=list(_money(number)),
            stance=_stance(number["stance"]),
            split=_split([number[name] for name in SHARES]),
        )

    def _findings(self) -> list[tuple[str, str]]:
        """Give what the plan leaves open, segment by segment; gaps stand in the table of step 3."""
        found: dict[str, list[str]] = {}
        table = findings_of(self.held)
        for line in table.to_dict("records"):
            segment, finding = str(line["segment"]), str(line["finding"])
            words = finding if finding in _OF_GAPS else f"{finding}: {line['detail']}"
            found.setdefault(segment, []).append(words)
        return [(segment, joined(words)) for segment, words in found.items()]


# --- words ----------------------------------------------------------------------------------------


def _when(start: str, end: str) -> str:
    """Say from when to when."""
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else ""


def _amount(money: float) -> str:
    return f"{money:,.0f}" if money.is_integer() else f"{money:,.2f}"


def _money(number: Mapping[str, float]) -> Iterator[str]:
    """Say what it costs, and whether the money is there."""
    each, cost = number["unit_cost"], number["unit_cost"] * number["reach"]
    if not math.isnan(cost):
        yield _amount(cost)
    if not math.isnan(each):
        yield f"{_amount(each)} each"
    if number["funded"] == 0 or number["amount"] == 0:
        yield "no money yet"
    elif not math.isnan(number["amount"]):
        yield f"{_amount(number['amount'])} found"


def _stance(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.0f} {_STANCES[int(number)]}"


def _split(shares: Sequence[float]) -> str:
    """Say how the resources are split: "60 % administration, 40 % partners"."""
    return ", ".join(
        f"{100 * share:.3g} % {part}"
        for part, share in zip(PARTS, shares, strict=True)
        if share > 0
    )
