"""What the tables of effort, allocations, spending and joint intervals tell of hidden counts.

Written from RULES 8 and from what the columns are documented to hold. What follows from the row
that it stands in says nothing new, and that it does follow is checked. A sum over a dimension, a
share of it and whatever is handed out in it are equations about the needs of its hidden segments:
needed = max(0, ⌈s(G·n − x)⌉) is a whole number of its own in the attacker's program, and so is
what a hidden segment is awarded, which is never more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from attacker import EVENTS, GRAIN, PEOPLE, Attack, Form, Leak, Release, Row, World
from scipy.optimize import brentq
from scipy.special import betainc
from scipy.stats import norm
from scipy.stats import t as student

import targeted_universalism as tu
from make import records_of

RULES = ("proportional", "maximin", "most people")
INPUTS = {"unit_cost", "spent", "spent_share"}  # of effort and spending: what the asker brings
FEW, MANY, MONEY = 25, 20_000, 9_000
NEAR = 1e-7

Place = tuple[tuple[str, ...], str]  # where a row stands, and its indicator
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """A table that a public assessment was asked for, and what it was asked with.

    Attributes
    ----------
    what : {"effort", "allocate", "spending", "joint"}
        The question.
    table : DataFrame
        The answer.
    dimension : str
        Whose segments share.
    amount : float
        What is handed out.
    cost : mapping
        The cost of one person by segment; one for each where there are none.
    pool : bool
        Whether strata compete for the amount.
    """

    what: str
    table: pd.DataFrame
    dimension: str = ""
    amount: float = np.nan
    cost: Mapping[str, float] = field(default_factory=dict)
    pool: bool = False

    @cached_property
    def lines(self) -> list[tuple[Place, Numbers, dict[Any, Any]]]:
        """Place, numbers and all else of every row."""
        names = list(self.table.columns[: list(self.table.columns).index("dimension")])
        by = [name for name in names if name != "indicator"]
        found = []
        for line in records_of(self.table):
            where = (*(str(line[name]) for name in by), line["dimension"], line["segment"])
            numbers = {
                str(name): float(value)
                for name, value in line.items()
                if name not in names and isinstance(value, (int, float)) and not math.isnan(value)
            }
            place = tuple(map(str, where)), str(line.get("indicator", ""))
            found.append((place, numbers, line))
        return found


@lru_cache(maxsize=4)
def shown(public: tu.Assessment) -> Asked:
    """Read the public table itself, once for all who look at it."""
    return Asked("table", public.table)


def asked(a: tu.Assessment, flags: Sequence[str] = ()) -> list[Asked]:
    """Ask for every table, as a board would: by rule, for people and for money, and pooled."""
    rows = a.table[~a.table["segment"].astype(str).isin(["All", "Unknown"])]
    apart = [d for d in rows["dimension"].astype(str).unique() if d not in flags]
    apart = [d for d in apart if not {*d.split("*")} & {*flags}]
    segments = rows["segment"].astype(str).unique()
    cost = {name: 100.0 * (3 + i % 5) for i, name in enumerate(segments)}
    found = [Asked("effort", a.effort(cost=cost), cost=cost), Asked("joint", a.joint())]
    several = "indicator" in a.table and a.table["indicator"].nunique() > 1
    pools = [False] if several or next(iter(a.table)) == "dimension" else [False, True]
    for name in apart:
        found.append(Asked("spending", a.spending(_money(rows, name)), name))
        for pool in pools:
            share = {"dimension": name, "rule": list(RULES), "pool": pool}
            found += [Asked("allocate", a.allocate(n, **share), name, n, pool=pool)
                      for n in (FEW, MANY)]  # fmt: skip
            table = a.allocate(MONEY, cost=cost, **share)
            found.append(Asked("allocate", table, name, MONEY, cost, pool))
    return found


def _money(rows: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Say what is spent on every segment of a dimension in every stratum that is no roll-up."""
    names = list(rows.columns[: list(rows.columns).index("dimension")])
    by = [name for name in names if name != "indicator" and rows[name].notna().any()]
    kept = rows[(rows["dimension"] == dimension) & rows[by].notna().all(axis=1)]
    kept = kept[[*by, "segment"]].drop_duplicates().rename(columns={"segment": dimension})
    return kept.assign(money=1000.0 * (1 + np.arange(len(kept))))


# --- what stands in a row that does not follow from it --------------------------------------------


def unexplained(public: tu.Assessment, tables: Sequence[Asked]) -> list[str]:
    """List numbers that a hidden row shows, or that what its row publishes does not explain."""
    published = {place: (numbers, line) for place, numbers, line in shown(public).lines}
    (direction,) = {goal.direction for goal in public._answer.goals}  # everybody knows the goal
    sign = 1 if direction == "at least" else -1
    faults = []
    for one in tables:
        for place, numbers, line in one.lines:
            known, row = published[place]
            if row["status"] == "suppressed":
                more = {*numbers} - (INPUTS if one.what != "allocate" else {"unit_cost"})
                faults += [f"{one.what} {place}: hidden, with {sorted(more)}"] * bool(more)
                continue
            follows = _follows(one.what, known, numbers, str(line["dimension"]), sign)
            faults += [
                f"{one.what} {place}: {name} is {numbers[name]}, not {value}"
                for name, value in follows.items()
                if name in numbers and not np.isclose(numbers[name], value, rtol=1e-9, atol=1e-9)
            ]
    return faults


def _follows(
    what: str, known: Numbers, numbers: Numbers, dimension: str, sign: int
) -> dict[str, float]:
    """Work out what a row's own published numbers say, by column."""
    nothing = float("nan")
    needed, population = known.get("needed", nothing), known.get("population", nothing)
    people = population or nothing
    if what == "spending":
        spent = numbers.get("spent", nothing)
        return {"spent_per_head": spent / people, "spent_per_needed": spent / (needed or nothing)}
    rate, goal = known.get("rate", nothing), known.get("goal", nothing)
    if what == "joint":
        ends = [numbers.get(name, nothing) for name in ("ci_low", "ci_high")][::-sign]
        gaps = {f"gap_{n}": sign * (goal - v) for n, v in zip(("low", "high"), ends, strict=True)}
        return {"rate": rate, **gaps}
    own = {name: known.get(name, nothing) for name in ("needed", "needed_low", "needed_high")}
    if what == "allocate":
        return {"needed": needed}
    events = known.get("events", rate * people / known.get("per", 1.0))
    left = people - events if sign > 0 else events
    unit = numbers.get("unit_cost", nothing)
    money = {name.replace("needed", "cost"): value * unit for name, value in own.items()}
    if dimension == "total":
        own |= {f"dimension_{name}": value for name, value in {**own, **money}.items()}
    return {"population": population, **own, **money, "intensity": needed / people,
            "intensity_remaining": needed / (left or nothing)}  # fmt: skip


# What RULES 8 has missing wherever a segment of the dimension and stratum is hidden.
WITH_ALL: Mapping[str, Sequence[str]] = {
    "effort": ("effort_share", "effort_index", *(
        f"dimension_{what}{end}" for what in ("needed", "cost") for end in ("", "_low", "_high"))),
    "spending": ("effort_share", "population_share"),
    "allocate": ("awarded", "awarded_low", "awarded_high", "spent", "rate_after", "gap_after",
                 "gap_closed", "needed_after", "worst_rate_after", "unspent"),
    "joint": (),
}  # fmt: skip


def beside_hidden(public: tu.Assessment, tables: Sequence[Asked]) -> list[str]:
    """List numbers that need every segment of a dimension, although one of them is hidden."""
    hidden = {
        (place[0][:-1], place[1])
        for place, _, line in shown(public).lines
        if line["status"] == "suppressed" and line["dimension"] != "total"
    }
    faults = []
    for one in tables:
        for (where, indicator), numbers, _ in one.lines:
            own = where[:-1] if where[-2] != "total" else (*where[:-2], one.dimension)
            if (own, indicator) in hidden and (where[-2] != "total" or one.what == "allocate"):
                told = sorted({*WITH_ALL[one.what]} & {*numbers})
                faults += [f"{one.what} {where} {indicator}: {told}"] * bool(told)
    return faults


# --- the equations --------------------------------------------------------------------------------


@dataclass(eq=False)
class Board:
    """An attack that has read the tables too.

    Attributes
    ----------
    attack : Attack
        Of one release, whose program is added to.
    goal : Goal
        The goal that everybody knows.
    said : int
        How many equations there are about needs and people of dimensions with a hidden segment.
    """

    attack: Attack
    goal: tu.Goal
    said: int = 0
    needs: dict[Row, int] = field(default_factory=dict)

    def read(self, tables: Sequence[Asked]) -> None:
        """Write what tables say."""
        for one in tables:
            if one.what == "effort":
                self._effort(one)
            elif one.what == "spending":
                self._shares(one)
            elif one.what == "allocate":
                for rule in RULES:
                    _Handed(self, one, rule).read()

    @cached_property
    def rows(self) -> dict[Place, Row]:
        """Every row by its place."""
        return {(row.where, row.indicator): row for row in self.attack.releases[0].rows}

    def segments(self, place: Place, dimension: str) -> list[Row]:
        """Give the segments of a dimension in the stratum and indicator of a place."""
        return [
            row
            for row in self.attack.releases[0].rows
            if row.where[:-1] == (*place[0][:-2], dimension) and row.indicator == place[1]
        ]

    def say(self, form: Form, low: float, high: float | None = None) -> None:
        """Add an equation about hidden segments."""
        self.said += 1
        self.attack.program.tie(form, low, high)

    def people(self, row: Row) -> Form:
        """Write the population of a row, weighted where people are."""
        return self._weighted(self.attack.form(row, PEOPLE), ("people", ""))

    def _weighted(self, form: Form, what: tuple[str, str]) -> Form:
        if not self.attack.weights:
            return form
        weight = dict(zip(self.attack.unknown[what], self.attack.weights, strict=True))
        return {j: c * weight[j] for j, c in form.items()}

    def need(self, row: Row) -> int:
        """Make an unknown of the people needed in a row."""
        if row not in self.needs:
            (m,) = self.attack.program.more(1)
            self.needs[row] = m
            if row.hidden or row.unit:  # of rounded sums, what stands there is the need of those
                self._shortfall(row, m)
            else:
                self.attack.program.tie({m: 1}, row.shown.get("needed", 0.0))
        return self.needs[row]

    def _shortfall(self, row: Row, m: int) -> None:
        """Say that m = max(0, ⌈z⌉) of z = s(G·n − x), by a switch that is 1 where m is above 0."""
        program = self.attack.program
        goal = Fraction(str(self.goal.target)) / Fraction(str(self.goal.per))
        whole = goal.denominator * (GRAIN if self.attack.weights else 1)  # whole · z is whole
        sign = 1 if self.goal.direction == "at least" else -1
        z = {j: sign * whole * float(goal) * c for j, c in self.people(row).items()}
        events = self._weighted(self.attack.form(row, EVENTS), ("events", row.indicator))
        z |= {j: -sign * whole * c for j, c in events.items()}
        (above,) = program.more(1)
        most = self._most
        program.tie({above: 1}, 0, 1)
        program.tie({m: 1, above: -1}, 0, np.inf)
        program.tie({m: -1, above: most}, 0, np.inf)
        less = {j: -c for j, c in z.items()}
        program.tie({m: whole, **less}, 0, np.inf)
        program.tie({m: whole, **less, above: whole * most}, -np.inf, whole - 1 + whole * most)

    @cached_property
    def _most(self) -> float:
        """More than anybody can need, or be past the goal by."""
        shown = [row.shown.get("population", 0.0) for row in self.rows.values()]
        heaviest = max(self.attack.weights, default=1.0)
        return 4.0 * max([*shown, heaviest * self.attack.world.people(frozenset(), "")])

    def together(self, rows: Sequence[Row], cost: Mapping[str, float]) -> Form:
        """Add up the needs of rows, or what they cost."""
        return {self.need(row): cost.get(row.where[-1], 1.0) for row in rows}

    def everybody(self, rows: Sequence[Row], times: float) -> Form:
        """Add up the people of rows, times a number."""
        return {j: times * c for row in rows for j, c in self.people(row).items()}

    def _open(self, one: Asked) -> Iterator[tuple[Row, Sequence[Row], Numbers]]:
        """Give the shown rows beside a hidden one, with all segments of their dimension."""
        for place, numbers, line in one.lines:
            rows = self.segments(place, str(line["dimension"]))
            row = self.rows[place]
            if not row.hidden and any(r.hidden for r in rows):
                yield row, rows, numbers

    def _effort(self, one: Asked) -> None:
        for row, rows, numbers in self._open(one):
            for what, cost in (("needed", {}), ("cost", one.cost)):
                name = f"dimension_{what}"
                if name in numbers:
                    self.say(self.together(rows, cost), numbers[name])
                if f"{name}_low" in numbers:
                    self.say(self.together(rows, cost), numbers[f"{name}_low"], np.inf)
                if f"{name}_high" in numbers:
                    self.say(self.together(rows, cost), 0, numbers[f"{name}_high"])
            needed, people = row.shown.get("needed", 0.0), row.shown.get("population", 0.0)
            self._share(rows, needed, numbers)
            if "effort_index" in numbers and needed > 0:  # (needed / D) / (people / all people)
                times = dict.fromkeys(self.together(rows, {}), numbers["effort_index"])
                all_people = self.everybody(rows, -needed / people)
                self.say({**times, **all_people}, -NEAR * needed, NEAR * needed)

    def _share(self, rows: Sequence[Row], needed: float, numbers: Numbers) -> None:
        if "effort_share" not in numbers:
            return
        share = numbers["effort_share"]
        needs = self.together(rows, {})
        self.say(needs, *([round(needed / share)] if share > 0 else [1, np.inf]))

    def _shares(self, one: Asked) -> None:
        for row, rows, numbers in self._open(one):
            people = row.shown.get("population", 0.0)
            self._share(rows, row.shown.get("needed", 0.0), numbers)
            if numbers.get("population_share", 0.0) > 0:
                all_people = people / numbers["population_share"]
                near = NEAR * all_people
                self.say(self.everybody(rows, 1.0), all_people - near, all_people + near)


@dataclass(eq=False)
class _Handed:
    """What one rule hands out, as whole numbers that are never above the needs."""

    board: Board
    asked: Asked
    rule: str

    def read(self) -> None:
        """Write what is said stratum by stratum, and of the one amount of all."""
        lines = {p: numbers for p, numbers, line in self.asked.lines if line["rule"] == self.rule}
        awards: Form = {}
        unspent: set[float] = set()
        for place, numbers in lines.items():
            rows = self.board.segments(place, self.asked.dimension)
            if place[0][-2] != "total" or not any(row.hidden for row in rows):
                continue
            one = _Stratum(self, rows, self.board.rows[place], lines)
            if one.silent:
                continue
            one.read(numbers)
            awards |= one.priced
            unspent |= {numbers["unspent"]} if "unspent" in numbers else set()
        if self.asked.pool and awards and unspent:
            self._pooled(lines, awards, min(unspent))

    def _pooled(self, lines: Mapping[Place, Numbers], awards: Form, unspent: float) -> None:
        """What strata without a hidden segment leave of the amount, the others have had."""
        had = sum(
            numbers.get("spent", 0.0)
            for place, numbers in lines.items()
            if place[0][-2] == "total"
            and not any(row.hidden for row in self.board.segments(place, self.asked.dimension))
        )
        self.board.say(awards, self.asked.amount - unspent - had)

    def cost(self, row: Row) -> float:
        """Give what one person of a segment costs."""
        return self.asked.cost.get(row.where[-1], 1.0)


@dataclass(eq=False)
class _Stratum:
    """The total and the segments of one stratum, and what a rule hands out to them."""

    handed: _Handed
    rows: Sequence[Row]
    total: Row
    lines: Mapping[Place, Numbers]

    @property
    def board(self) -> Board:
        """The attack."""
        return self.handed.board

    @cached_property
    def known(self) -> dict[Row, float]:
        """The awards that are told in one way or another."""
        told = {row: self._reached(row) for row in [self.total, *self.rows] if not row.hidden}
        return {row: n for row, n in told.items() if n is not None}

    def _numbers(self, row: Row) -> Numbers:
        return self.lines.get((row.where, row.indicator), {})

    @property
    def silent(self) -> bool:
        """Whether no row says anything of awards."""
        columns = {*WITH_ALL["allocate"]}
        return not any(columns & {*self._numbers(row)} for row in [self.total, *self.rows])

    @cached_property
    def awards(self) -> dict[Row, int]:
        """An unknown for the award of every segment."""
        unknowns = self.board.attack.program.more(len(self.rows))
        return dict(zip(self.rows, unknowns, strict=True))

    @cached_property
    def priced(self) -> Form:
        """What all awards cost."""
        return {a: self.handed.cost(row) for row, a in self.awards.items()}

    def _reached(self, row: Row) -> float | None:
        """Work out what a row was awarded, by any column that says so."""
        numbers, goal, shown = self._numbers(row), self.board.goal, row.shown
        sign = 1 if goal.direction == "at least" else -1
        people, rate = shown.get("population", 0.0), shown.get("rate", 0.0) / shown.get("per", 1.0)
        gap = sign * (goal.target / goal.per - rate)
        ways: dict[str, Callable[[float], float]] = {
            "awarded": lambda v: v,
            "needed_after": lambda v: shown["needed"] - v,
            "rate_after": lambda v: sign * (v / goal.per - rate) * people,
            "gap_after": lambda v: (gap - v / goal.per) * people,
            "gap_closed": lambda v: v * gap * people,
            "spent": lambda v: v / self.handed.cost(row),
        }
        nothing = {"needed_after": 0.0, "gap_closed": 1.0}  # as much as is needed, or more
        skipped = {"spent"} if row is self.total else set()
        for name, way in ways.items():
            if name in numbers and numbers[name] != nothing.get(name) and name not in skipped:
                return float(round(way(numbers[name])))
        return None

    def read(self, numbers: Numbers) -> None:
        """Write what the total says, and what the rule makes of the segments."""
        board = self.board
        for row, a in self.awards.items():
            board.attack.program.tie({board.need(row): 1, a: -1}, 0, np.inf)
            if row in self.known:
                board.attack.program.tie({a: 1}, self.known[row])
        board.attack.program.tie(self.priced, 0, self.handed.asked.amount)
        if self.total in self.known:
            board.say(dict.fromkeys(self.awards.values(), 1.0), self.known[self.total])
        if "spent" in numbers:
            board.say(self.priced, numbers["spent"])
        told = {self._numbers(row)["unspent"] for row in [self.total, *self.rows]
                if "unspent" in self._numbers(row)}  # fmt: skip
        if told and not self.handed.asked.pool:
            self._left(min(told))
        self._worst()
        if not self.handed.asked.pool:
            {"proportional": self._proportional, "maximin": self._maximin,
             "most people": self._cheapest}[self.handed.rule]()  # fmt: skip

    def _left(self, unspent: float) -> None:
        """Whoever costs no more than what is left has been reached."""
        self.board.say(self.priced, self.handed.asked.amount - unspent)
        for row, a in self.awards.items():
            if self.handed.cost(row) <= unspent:
                self.board.say({self.board.need(row): 1, a: -1}, 0)

    def _worst(self) -> None:
        """No segment is then further from the goal than the worst-off one, which is one of them."""
        told = [self._numbers(row).get("worst_rate_after") for row in [self.total, *self.rows]]
        worst = next((v for v in told if v is not None), None)
        if worst is None:
            return
        shown = [self._numbers(row).get("rate_after") for row in self.rows if not row.hidden]
        hidden = [row for row in self.rows if row.hidden]
        alone = len(hidden) == 1 and None not in shown and not np.isclose(shown, worst).any()
        for row in hidden:
            behind = self._gap_beyond(row, worst / self.board.goal.per)
            self.board.say({**behind, self.awards[row]: -1}, -NEAR if alone else -np.inf, NEAR)

    def _gap_beyond(self, row: Row, rate: float) -> Form:
        """Write the people of a segment who are missing to a rate: s(rate·n − x)."""
        board = self.board
        sign = 1 if board.goal.direction == "at least" else -1
        people = {j: sign * rate * c for j, c in board.people(row).items()}
        events = board._weighted(board.attack.form(row, EVENTS), ("events", row.indicator))
        return {**people, **{j: -sign * c for j, c in events.items()}}

    def _waiting(self) -> Iterator[tuple[Row, float, float]]:
        """Give shown segments with a need, what they were awarded and what they need."""
        for row in self.rows:
            if row in self.known and row.shown.get("needed", 0.0) > 0:
                yield row, self.known[row], row.shown["needed"]

    def _proportional(self) -> None:
        """Every award is within one of needed · amount / Σ needed, where not all are reached."""
        if self.handed.asked.cost:
            return
        needs = self.board.together(self.rows, {})
        for _, award, needed in self._waiting():
            if award < needed:
                amount = needed * self.handed.asked.amount
                self.board.say(dict.fromkeys(needs, award + 1.0), amount, np.inf)
                self.board.say(dict.fromkeys(needs, award - 1.0), -np.inf, amount)

    def _maximin(self) -> None:
        """Nobody is further from the goal than whoever was reached last, nor nearer if reached."""
        if self.handed.asked.cost:
            return
        goal = self.board.goal
        sign = 1 if goal.direction == "at least" else -1
        for row, award, _ in self._waiting():
            people, rate = row.shown["population"], row.shown["rate"] / row.shown["per"]
            if award >= 1:
                before = rate + sign * (award - 1) / people
                for other in self.rows:
                    if other.hidden:
                        behind = self._gap_beyond(other, before)
                        self.board.say({**behind, self.awards[other]: -1}, -np.inf, NEAR)

    def _cheapest(self) -> None:
        """Whoever costs less than somebody reached is reached; dearer than one waiting, is not."""
        for row, award, needed in self._waiting():
            for other in self.rows:
                if not other.hidden:
                    continue
                a, m = self.awards[other], self.board.need(other)
                if award >= 1 and self.handed.cost(other) < self.handed.cost(row):
                    self.board.say({m: 1, a: -1}, 0)
                if award < needed and self.handed.cost(other) > self.handed.cost(row):
                    self.board.say({a: 1}, 0)


# --- the attack -----------------------------------------------------------------------------------


def narrowed(world: World, one: Release, goal: tu.Goal, tables: Sequence[Asked]) -> list[str]:
    """List the hidden counts to which the tables leave less than the release does without them."""
    found = []
    for census in (True, False):
        attack = Attack(world, [one], census=census)
        if attack.kind == "mean":
            continue
        board = Board(attack, goal)
        board.read(tables)
        if board.said:
            found += list(_narrower(attack, Attack(world, [one], census=census)))
    return found


def _narrower(after: Attack, before: Attack) -> Iterator[str]:
    for row in after.releases[0].rows:
        if not row.hidden:
            continue
        for quantity in after.quantities(row.indicator):
            ends = [_ends(attack, row, quantity) for attack in (before, after)]
            true = after.true(row, quantity)
            assert ends[1][0] <= true <= ends[1][1], "the truth contradicts what the tables say"
            if ends[0] != ends[1]:
                yield f"{row.where} {row.indicator} {quantity}: {ends[0]} became {ends[1]}"


def _ends(attack: Attack, row: Row, quantity: str) -> tuple[float, float]:
    """Give the least and the most that a count can be."""
    form = attack.form(row, quantity)
    ends = []
    for sign in (1, -1):
        found = attack.program.solve(form, sign)
        assert found is not None, "what is published contradicts itself"
        ends.append(float(sum(c * found[j] for j, c in form.items())))
    return ends[0], ends[1]


# --- joint intervals ------------------------------------------------------------------------------


def by_joint(one: Release, tables: Sequence[Asked], *, estimates: bool) -> Release:
    """Read a release with what its joint intervals come to at 95 %, where it has none.

    Joint limits of m rows stand at the m-th root of .95: of published rates on the logit scale,
    of means by Student's t, of weighted records mid-p at an effective number of people. Whether m
    counts hidden rows shows in the rows that have both intervals.
    """
    (joint,) = [table for table in tables if table.what == "joint"]
    lines = {place: numbers for place, numbers, _ in joint.lines}
    both = [_with_ends(one, lines, hidden=hidden, estimates=estimates) for hidden in (False, True)]
    return min(both, key=lambda found: found[1])[0]


def _with_ends(
    one: Release, lines: Mapping[Place, Numbers], *, hidden: bool, estimates: bool
) -> tuple[Release, float]:
    """Put intervals where there are none, and say how far off the others would be."""
    shown = Counter(
        (row.where[:-2], row.indicator)
        for row in one.rows
        if "rate" in row.shown or (hidden and row.hidden)
    )
    rows, off = [], 0.0
    for row in one.rows:
        numbers = lines[row.where, row.indicator]
        if "ci_high" in numbers:
            level = 0.95 ** (1 / shown[row.where[:-2], row.indicator])
            ends = _at_95(row, numbers, level, one.kind, estimates=estimates)
            off += abs(row.shown.get("ci_high", ends["ci_high"]) - ends["ci_high"])
            row = replace(row, shown={**ends, **row.shown})  # noqa: PLW2901
        rows.append(row)
    return replace(one, rows=tuple(rows)), off


def _at_95(
    row: Row, numbers: Numbers, level: float, kind: str, *, estimates: bool
) -> dict[str, float]:
    """Take an interval from a higher level to 95 %."""
    low, high, rate = (numbers[name] for name in ("ci_low", "ci_high", "rate"))
    per, n, tail = row.shown.get("per", 1.0), row.shown.get("n", 0.0), (1 + level) / 2
    if kind == "mean":
        factor = student.ppf(0.975, n - 1) / student.ppf(tail, n - 1)
        return {"ci_low": rate + (low - rate) * factor, "ci_high": rate + (high - rate) * factor}
    p, ends = rate / per, (low / per, high / per)
    if not 0 < p < 1:
        return {"ci_low": low, "ci_high": high}
    if estimates:
        factor = norm.ppf(0.975) / norm.ppf(tail)
        moved = [_logistic(_logit(p) + factor * (_logit(end) - _logit(p))) for end in ends]
        return {"ci_low": moved[0] * per, "ci_high": moved[1] * per}
    t, z = student.ppf(tail, n - 1), norm.ppf(tail)
    m = _size_of_mid_p(p, ends[1], 1 - tail) * (t / z) ** 2
    return {"ci_high": _wilson_high(p, m, float(student.ppf(0.975, n - 1))) * per}


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def _size_of_mid_p(p: float, high: float, tail: float) -> float:
    """Find the number of people whose upper mid-p limit at a rate lies where it does."""

    def beyond(size: float) -> float:
        x = p * size
        both = betainc([x, x + 1], [size - x + 1, size - x], high)
        return float(1 - both.mean() - tail)

    return float(brentq(beyond, 1.0, 1e7))


def _wilson_high(p: float, m: float, t: float) -> float:
    """Give the upper limit of Wilson's interval, with Student's t."""
    middle = p + t**2 / (2 * m)
    half = t * np.sqrt(p * (1 - p) / m + t**2 / (4 * m**2))
    return float((middle + half) / (1 + t**2 / m))


def joint_leaks(world: World, one: Release, tables: Sequence[Asked]) -> tuple[Release, list[Leak]]:
    """Read joint intervals into a release; of weighted records, list what sums then tell."""
    if one.kind != "mean" and not (world.estimates or world.weight):
        return one, []  # of counts an interval says what the counts beside it say
    read = by_joint(one, tables, estimates=world.estimates)
    if world.weight is None:
        return read, []
    return read, Attack(world, [read], census=True).leaks()
