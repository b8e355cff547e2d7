"""What the tables of time and of plans tell of hidden counts, beyond what is published.

Written from RULES 8 and from what the columns are documented to hold. What a row says of its own
years follows from those that are published: its trend is that of its published rows alone. What
hangs on every segment of a dimension is missing beside a hidden one. What is told all the same is
an inequality about hidden counts, and what these leave to them is compared with what was left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from attacker import EVENTS, PEOPLE, Attack, Release, Row, World
from cases import Case, Step, options
from effort_tables import _narrower
from worlds import People, View, people

import targeted_universalism as tu
from make import records_of

YEARS = ("2020", "2021", "2022")
GOALS = (
    tu.Goal.at_least(0.5, deadline=2030), tu.Goal.at_most(0.2, deadline=2030),
    tu.Goal.at_least(0.9, deadline=2030), tu.Goal.at_least(0.03, deadline=2030),
)  # fmt: skip
OF_CHANGE = (
    "change", "percent_of_target", "percent_change", "p_value", "progress", "baseline_rate",
)  # fmt: skip
OF_TREND = (
    "latest_rate", "pace", "pace_so_far", "pace_needed", "acceleration", "projected_time",
    "projected_low", "projected_high", "probability",
)  # fmt: skip
OF_PLAN = {
    "no owner", "unfunded", "strategy without a structure", "structure without a strategy",
    "reach on several rows", "catch-all segment", "hidden: its gap is not published",
    "reach held against no need",
}  # fmt: skip

Place = tuple[tuple[str, ...], str]  # by-columns without the year, dimension, segment; indicator
Numbers = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A table that a public assessment was asked for; `reference` of a comparison."""

    what: str
    table: pd.DataFrame
    reference: str = ""

    @cached_property
    def lines(self) -> list[tuple[Place, dict[str, Any]]]:
        """The place and all else of every row."""
        return [(place_of(line), line) for line in plain_lines(self.table)]


def plain_lines(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give every row of a table as plain values, None where there is none."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in line.items()}
        for line in records_of(table)
    ]


def place_of(line: Mapping[Any, Any]) -> Place:
    """Say where a row stands, whenever it is."""
    names = [str(name) for name in line]
    by = [n for n in names[: names.index("dimension")] if n not in ("indicator", "year")]
    where = (*(str(line[n]) for n in by), str(line["dimension"]), str(line["segment"]))
    return where, str(line.get("indicator", ""))


def asked(a: tu.Assessment, goal: tu.Goal) -> list[Asked]:
    """Ask for every table of time and of a plan that has a row for every segment."""
    rows = a.table[a.table["dimension"] != "total"]
    segments = list(dict.fromkeys(zip(rows["dimension"], rows["segment"], strict=True)))
    plan = tu.Plan([
        {"dimension": d, "segment": s, "strategy": "a way", "owner": "District", "reach": 20}
        for d, s in segments[1::2]
    ])  # fmt: skip
    found = [
        Asked("progress", a.progress("year", draws=100)),
        Asked("milestones", a.milestones("year", every=4)),
        Asked("candidates", tu.candidate_goals(
            a.segments, direction=goal.direction, time="year", deadline=2030)),
        Asked("check", plan.check(a)), Asked("coverage", plan.coverage(a)),
        Asked("scorecard", a.scorecard()),
    ]  # fmt: skip
    references = ["total", "rest", *{s for d, s in segments if d == "race" and s != "Unknown"}]
    return found + [Asked("gap_trends", a.gap_trends("year", r), r) for r in sorted(references)]


@dataclass(eq=False)
class Published:
    """The public table, row by row and year by year."""

    table: pd.DataFrame
    goal: tu.Goal

    @cached_property
    def rows(self) -> dict[Place, dict[str, dict[str, Any]]]:
        """Every row by its place and its year."""
        found: dict[Place, dict[str, dict[str, Any]]] = {}
        for line in plain_lines(self.table):
            if line["year"] is not None:  # not of a sum over years
                found.setdefault(place_of(line), {})[str(line["year"])] = line
        return found

    def shown(self, place: Place, year: str) -> dict[str, Any] | None:
        """Give what is published of a row in a year; None where it is hidden."""
        line = self.rows[place].get(year)
        return line if line is not None and line["status"] != "suppressed" else None

    def gap(self, place: Place, year: str) -> float | None:
        line = self.shown(place, year)
        return None if line is None else line["gap"]

    def ends(self, place: Place) -> tuple[str, str]:
        """Give the first and the last year of the row's place."""
        years = [
            year for (where, what), along in self.rows.items() for year in along
            if where[:-2] == place[0][:-2] and what == place[1]
        ]  # fmt: skip
        return min(years), max(years)

    def beside(self, place: Place) -> list[Place]:
        """List the segments of the row's dimension, in its place."""
        return [p for p in self.rows if p[0][:-1] == place[0][:-1] and p[1] == place[1]]

    def inside(self, place: Place) -> list[Place]:
        """List the rows that are inside of a row."""
        mine = _parts(place)
        return [
            p for p in self.rows
            if p[0][:-2] == place[0][:-2] and p[1] == place[1] and _parts(p) > mine
        ]  # fmt: skip

    def hidden(self, place: Place, *years: str) -> bool:
        """Tell whether a row is hidden in any of some years."""
        along = self.rows[place]
        return any(y in along and along[y]["status"] == "suppressed" for y in years)

    def alone(self, place: Place) -> dict[str, Any]:
        """Ask the question of time of the published years of one row, and of nothing else."""
        shown = [(y, line) for y in YEARS if (line := self.shown(place, y)) is not None]
        data = pd.DataFrame(
            [
                {"year": y, "group": "one", "x": line["events"], "n": line["population"]}
                for y, line in shown if line["population"] is not None
            ]
        )  # fmt: skip
        if not len(data):
            return {}
        segments = tu.from_counts(data, numerator="x", denominator="n", segments="group", by="year")
        found = tu.assess(segments, self.goal).progress("year", draws=100).astype(object)
        return dict(found.where(found.notna(), None).iloc[1])


def _parts(place: Place) -> set[tuple[str, str]]:
    dimension, segment = place[0][-2:]
    if dimension == "total":
        return set()
    return {*zip(dimension.split("*"), segment.split(" × "), strict=True)}


def same(one: object, other: object) -> bool:
    """Tell whether two cells of tables say the same."""
    if one is None or other is None or isinstance(one, (str, bool)):
        return one == other
    return bool(np.isclose(float(str(one)), float(str(other)), rtol=1e-7, atol=1e-9))


# --- what does not follow from what is published --------------------------------------------------


def unexplained(public: tu.Assessment, goal: tu.Goal, tables: Sequence[Asked]) -> list[str]:
    """List what tables say that does not follow from the published rows."""
    known = Published(public.table, goal)
    found = []
    for one in tables:
        ask = _ASK[one.what]
        if one.what == "candidates":
            found += [f"candidates: {fault}" for fault in _candidates(known, one)]
            continue
        for place, line in one.lines:
            if place in known.rows:
                found += [
                    f"{one.what} {one.reference} {place}: {f}" for f in ask(known, place, line, one)
                ]
    return found


def _progress(known: Published, place: Place, line: Numbers, one: Asked) -> Iterator[str]:
    yield from _of_years(known, place, line)
    for name, value in (("leveling_down", _leveling(known, place, line["p_value"])),
                        ("masked_shortfall", _masked(known, place))):  # fmt: skip
        if line[name] != value:
            yield f"{name} is {line[name]}, not {value}"


def _of_years(known: Published, place: Place, line: Numbers) -> Iterator[str]:
    """A change needs both ends, a trend the latest: then it is that of the published years."""
    shown = [known.shown(place, year) is not None for year in known.ends(place)]
    alone = known.alone(place) if shown[1] else {}
    follows = [*OF_TREND, *(OF_CHANGE if all(shown) else ())] if alone else []
    missing = [] if all(shown) else ["change", "percent_of_target", "percent_change", "p_value"]
    missing += [] if shown[1] else [name for name in OF_TREND if name != "pace"]
    for name in follows:
        if not same(line[name], alone[name]):
            yield f"{name} is {line[name]}, and {alone[name]} of its published rows alone"
    for name in missing:
        if line[name] is not None:
            yield f"{name} is {line[name]} beside a hidden end"


def _leveling(known: Published, place: Place, p: Any) -> bool | None:
    """Away from the goal by more than chance, and nearer to the furthest of the others.

    Open beside a hidden one.
    """
    first, last = known.ends(place)
    mine = [known.gap(place, year) for year in (first, last)]
    if place[0][-2] == "total" or None in mine or first == last:
        return None
    rates = [(known.shown(place, year) or {})["rate"] for year in (first, last)]
    counts = p < 0.05 if p is not None else abs(rates[1] - rates[0]) >= 0.1 * rates[0]
    if not mine[1] > mine[0] + 1e-12 or not counts:
        return False
    if any(known.hidden(other, first, last) for other in known.beside(place)):
        return None
    others = [other for other in known.beside(place) if other != place]
    gaps = [[known.gap(other, year) for year in (first, last)] for other in others]
    both = [[-math.inf] * 2, *(g for g in gaps if None not in g)]
    before, now = (max(column) for column in zip(*both, strict=True))
    return bool(abs(now - mine[1]) < before - mine[0] - 1e-12)


def _masked(known: Published, place: Place) -> bool | None:
    """At the goal, with somebody inside who is not: not known where one may be."""
    last = known.ends(place)[1]
    own = known.gap(place, last)
    if own is None:
        return None
    inside = known.inside(place) if own <= 0 else []
    if any((known.gap(p, last) or 0) > 0 for p in inside):
        return True
    return None if any(known.hidden(p, last) for p in inside) else False


def _milestones(known: Published, place: Place, line: Numbers, one: Asked) -> Iterator[str]:
    last = known.ends(place)[1]
    if known.shown(place, last) is None and line["milestone"] not in (None, known.goal.target):
        yield f"a milestone of {line['milestone']} on the way from a hidden rate"


def _gap_trends(known: Published, place: Place, line: Numbers, one: Asked) -> Iterator[str]:
    first, last = known.ends(place)
    told = [
        n for n in ("difference_change", "ratio_change", "trend", "p_value") if line[n] is not None
    ]
    gaps = [_difference(known, place, one.reference, year) for year in (first, last)]
    if told and (None in gaps or first == last):
        yield f"{told} beside a hidden segment"
    elif told and not same(line["difference_change"], gaps[1] - gaps[0]):
        yield f"difference_change is {line['difference_change']}, not {gaps[1] - gaps[0]}"


def _difference(known: Published, place: Place, reference: str, year: str) -> Any:
    """Give the difference to a reference from what is published; None where it is hidden."""
    own = known.shown(place, year)
    where = place[0]
    others = {"total": ((*where[:-2], "total", "All"), place[1]),
              "rest": ((*where[:-2], "total", "All"), place[1])}  # fmt: skip
    other = known.shown(others.get(reference, ((*where[:-1], reference), place[1])), year)
    if own is None or other is None or own["rate"] is None or other["rate"] is None:
        return None
    if reference in others and any(known.hidden(p, year) for p in known.beside(place)):
        return None
    if reference != "rest":
        return own["rate"] - other["rate"]
    events, people_ = (other[name] - own[name] for name in ("events", "population"))
    return own["rate"] - events / people_ if people_ else None


def _check(known: Published, place: Place, line: Numbers, one: Asked) -> Iterator[str]:
    if known.hidden(place, str(line["year"])) and line["finding"] not in OF_PLAN:
        yield f"{line['finding']} of a hidden segment"


def _coverage(known: Published, place: Place, line: Numbers, one: Asked) -> Iterator[str]:
    if line["role"] == "nobody" and known.hidden(place, str(line["year"])):
        yield "nobody for a hidden segment: it has a gap"


def _scorecard(known: Published, place: Place, line: Numbers, one: Asked) -> Iterator[str]:
    if line["year"] is None:
        return
    row = known.rows[place][str(line["year"])]
    for name in ("status", "rate", "gap"):
        if not same(line[name], row[name]):
            yield f"{name} is {line[name]}, not {row[name]}"
    if (line["symbol"] == "■") != (row["status"] == "suppressed"):
        yield f"{line['symbol']} of a row that is {row['status']}"


def _candidates(known: Published, one: Asked) -> Iterator[str]:
    """The overall rate is that of all published totals, the best that of all published segments."""
    values = {line["candidate"]: line["value"] for line in records_of(one.table)}
    last = max(year for along in known.rows.values() for year in along)
    now = {
        p: known.rows[p][last] for p in known.rows if last in known.rows[p] and "nan" not in p[0]
    }
    totals = [line for p, line in now.items() if p[0][-2] == "total"]
    if any(line["status"] == "suppressed" for line in totals):
        told = [name for name, value in values.items() if pd.notna(value) and name not in
                ("best segment", "better than the best", "percentile of places")]  # fmt: skip
        if told:
            yield f"{told} although a total is hidden"
    elif not _is_rate(values["overall rate"], totals):
        yield f"the overall rate is {values['overall rate']}"
    if pd.notna(values["best segment"]) and any(
        line["status"] == "suppressed" for p, line in now.items() if p[0][-2] != "total"
    ):
        yield f"the best segment has {values['best segment']} although one is hidden"


def _is_rate(value: float, totals: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a value is the rate of totals together: missing where there is nobody."""
    events, everybody = (sum(t[name] or 0 for t in totals) for name in ("events", "population"))
    return same(value, events / everybody) if everybody else bool(np.isnan(value))


_ASK: Mapping[str, Any] = {
    "progress": _progress, "milestones": _milestones, "gap_trends": _gap_trends, "check": _check,
    "coverage": _coverage, "scorecard": _scorecard, "candidates": _candidates,
}  # fmt: skip


# --- the inequalities -----------------------------------------------------------------------------


@dataclass(eq=False)
class Board:
    """An attack that has read the tables too; `said` counts the inequalities that they add."""

    attack: Attack
    known: Published
    said: int = 0

    @cached_property
    def rows(self) -> dict[tuple[Place, str], Row]:
        """Every row by place and year."""
        release = self.attack.releases[0]
        by = [n for n in self.known.table.columns if n not in ("indicator",)]
        at = list(by).index("year")
        return {
            (((*r.where[:at], *r.where[at + 1 :]), r.indicator), r.where[at]): r
            for r in release.rows
        }  # fmt: skip

    def read(self, tables: Sequence[Asked]) -> None:
        """Write what tables say of hidden rows."""
        for one in tables:
            if one.what == "candidates":
                self._best(one)
                continue
            for place, line in one.lines:
                if place in self.known.rows:
                    self._row(one.what, place, line)

    def _row(self, what: str, place: Place, line: Numbers) -> None:
        if what == "progress" and line["masked_shortfall"] is False:
            last = self.known.ends(place)[1]
            if (gap := self.known.gap(place, last)) is not None and gap <= 0:
                for inside in self.known.inside(place):
                    self._beyond(inside, last, self._goal, there=True)
        short = what == "coverage" and line["role"] == "nobody"
        short |= what == "check" and line["finding"] in (
            "barriers not yet assessed",
            "no strategy yet",
        )
        if short and line["year"] is not None:
            self._beyond(place, str(line["year"]), self._goal, there=False)

    def _best(self, one: Asked) -> None:
        """Nobody has more than the best; of one place, with a segment of 30 people or more."""
        line = one.table[one.table["candidate"] == "best segment"].iloc[0]
        last = max(year for along in self.known.rows.values() for year in along)
        if pd.notna(line["value"]):
            best = Fraction(float(line["value"])).limit_denominator(10**6)
            for place in self.known.rows:
                if place[0][-2] != "total" and len(place[0]) == 2:
                    self._beyond(place, last, best, there=False, strictly=False)

    @property
    def _goal(self) -> Fraction:
        return Fraction(str(self.known.goal.target))

    def _beyond(
        self, place: Place, year: str, rate: Fraction, *, there: bool, strictly: bool = True
    ) -> None:
        """Say that a hidden row is at a rate or past it, or short of it."""
        row = self.rows.get((place, year))
        if row is None or not row.hidden:
            return
        self.said += 1
        sign = 1 if self.known.goal.direction == "at least" else -1
        whole = rate.denominator
        form = {j: sign * whole * c for j, c in self.attack.form(row, EVENTS).items()}
        form |= {j: -sign * rate.numerator * c for j, c in self.attack.form(row, PEOPLE).items()}
        low, high = (0.0, np.inf) if there else (-np.inf, -1.0 if strictly else 1e-6)
        self.attack.program.tie(form, low, high)


def narrowed(world: World, one: Release, known: Published, tables: Sequence[Asked]) -> list[str]:
    """List the hidden counts to which the tables leave less than the release does without them."""
    found = []
    for census in (True, False):
        board = Board(Attack(world, [one], census=census), known)
        board.read(tables)
        if board.said:
            found += list(_narrower(board.attack, Attack(world, [one], census=census)))
    return found


# --- panels ---------------------------------------------------------------------------------------


def panel(rng: np.random.Generator) -> Case:
    """Draw people of three years: of one dimension, crossed, or in two counties."""
    shapes: list[tuple[dict[str, int], View]] = [
        ({"race": int(rng.integers(2, 6))}, View(["race"], ["year"])),
        ({"race": 3, "sex": 2}, View(["race", "sex", "race*sex"], ["year"])),
        ({"race": 3, "county": 2}, View(["race"], ["county", "year"])),
        ({"race": 3, "county": 2}, View(["race"], ["county", "year"], rollup=["county"])),
    ]  # fmt: skip
    sizes, view = shapes[rng.integers(len(shapes))]
    found = people(rng, {**sizes, "year": len(YEARS)})
    goal = GOALS[rng.integers(len(GOALS))]
    return Case(of_years(found), [Step(view)], goal, options(rng))


def of_years(found: People) -> People:
    """Call the years what they are."""
    names = dict(zip(found.columns["year"], YEARS, strict=True))
    cells = found.cells.assign(year=found.cells["year"].map(names))
    return replace(found, cells=cells, columns={**found.columns, "year": list(YEARS)})
