"""An attacker of public tables, written from RULES 8 and the public API alone.

Nothing here looks into the library. The unknowns are people: how many of every combination of
values there are (`atoms`), and how many of them have each event. Every number that is published
is one linear equation about them, and integer programs say what is left to a hidden count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.stats import t as student

Key = frozenset[tuple[str, str]]
Form = dict[int, float]  # a sum of unknowns: coefficient by unknown

ANSWERS = ("population", "n", "events", "rate", "ci_low", "ci_high", "gap", "gap_low", "gap_high",
           "ratio_to_goal", "needed", "needed_low", "needed_high", "effort_share")  # fmt: skip
PEOPLE, EVENTS, WITHOUT = "people", "events", "people without the event"
SAMPLE = "sample size"
MOST = 100_000  # no count of the tables that are attacked comes near
GRAIN = 20  # weights are whole multiples of 1/20, so that equations about them are whole


# --- what is published --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a public table: whom it counts, and the numbers that it shows of them."""

    key: Key
    indicator: str
    hidden: bool
    shown: Mapping[str, float]
    unit: int  # what its weighted sums are rounded to; 0 where they are not
    where: tuple[str, ...]

    @property
    def events(self) -> float | None:
        """Events, from the rate where they do not stand there."""
        if "events" in self.shown or not {"rate", "population"} <= set(self.shown):
            return self.shown.get("events")
        return self.shown["rate"] * self.shown["population"] / self.shown["per"]


@dataclass(frozen=True)
class Release:
    """A public table as anybody can read it, and the rule that its `choices` name."""

    rows: tuple[Row, ...]
    kind: str
    minimum: int
    width: int
    rule: str

    def small(self, quantity: str) -> int:
        """Give the largest count that the rule hides, of one quantity."""
        return 10 if self.rule == "nsize" and quantity != "people" else self.minimum - 1


def release(public: Any, flags: Sequence[str] = (), indicator: str = "") -> Release:
    """Read a public assessment: its table and its choices, nothing else.

    Parameters
    ----------
    public : Assessment
        From `suppress`.
    flags : sequence of str
        Dimensions whose segments are flags: one person may be in several.
    indicator : str
        What is measured, where the table does not say.
    """
    table, choices = public.table.astype(object), public.choices
    names = list(table.columns[: list(table.columns).index("dimension")])
    by = [name for name in names if name != "indicator"]
    rows = tuple(_row(found, by, flags, indicator) for found in table.to_dict("records"))
    said, kind = choices["suppression"], choices["kind"]
    if not isinstance(kind, str):
        (kind,) = set(kind.values())  # tables of several kinds are not attacked
    return Release(rows, kind, int(said["minimum"]), int(said["width"]), str(said["rule"]))


def _row(found: dict[Any, Any], by: list[str], flags: Sequence[str], indicator: str) -> Row:
    hidden = found["status"] == "suppressed"
    shown = {name: float(found[name]) for name in ANSWERS if pd.notna(found.get(name))}
    assert not (hidden and shown), f"a hidden row shows {shown}: {found}"
    return Row(
        key_of(found, flags), str(found.get("indicator", indicator)), hidden,
        {**shown, **{name: float(found[name]) for name in ("goal", "per") if name in found}},
        _unit(found) if "rounded" in str(found.get("reason")) else 0,
        (*(str(found[name]) for name in by), str(found["dimension"]), str(found["segment"])),
    )  # fmt: skip


def key_of(found: Mapping[Any, Any], flags: Sequence[str] = ()) -> Key:
    """Say whom a row of a public table counts, whatever table it stands in.

    Parameters
    ----------
    found : mapping
        A row; the columns before `dimension` are the strata.
    flags : sequence of str
        Dimensions whose segments are flags.
    """
    names = list(found)[: list(found).index("dimension")]
    place = [(n, str(found[n])) for n in names if n != "indicator" and pd.notna(found[n])]
    return frozenset([*place, *_parts(str(found["dimension"]), str(found["segment"]), flags)])


def _parts(dimension: str, segment: str, flags: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Say of whom a segment consists: values by column; a flag is a column of its own."""
    if dimension == "total":
        return
    for column, value in zip(dimension.split("*"), segment.split(" × "), strict=True):
        yield (f"{column}: {value}", "yes") if column in flags else (column, value)


def _unit(found: dict[Any, Any]) -> int:
    """Give the largest 1, 2 or 5 · 10^k that two rounded sums are multiples of."""
    both = [round(float(found[name])) for name in ("population", "events")]
    steps = (step * 10**k for k in range(7) for step in (1, 2, 5))
    return max(unit for unit in steps if all(total % unit == 0 for total in both))


def spread(row: Row, n: float) -> tuple[float, float, float] | None:
    """Work the variance behind an interval of weighted records out of its upper limit.

    Returns
    -------
    (rate, variance, sum of weights) or None
        None where there is no interval, where it stands on Kish's size, or is not Wilson's alone.
    """
    if "ci_high" not in row.shown or n < 3 or "population" not in row.shown:
        return None
    p, high = (row.shown[name] / row.shown["per"] for name in ("rate", "ci_high"))
    if not 0 < p < 1:
        return None
    t = float(student.ppf(0.975, n - 1))
    # Wilson: (high - p)^2 = t^2 high (1 - high) / m
    m = t**2 * high * (1 - high) / (high - p) ** 2
    if min(p, 1 - p) * m <= 11:
        return None
    return p, (n - 1) / n * p * (1 - p) / m, row.shown["population"]


# --- the integer program ------------------------------------------------------------------------


@dataclass
class Program:
    """Whole numbers that are not negative, tied by sums.

    Attributes
    ----------
    unknowns : int
        How many there are.
    sums : list of (form, low, high)
        What is known of sums of unknowns; an equation where low is high.
    found : list of (unknowns,) array
        Whole numbers that were seen to fit all of them.
    """

    unknowns: int = 0
    sums: list[tuple[Form, float, float]] = field(default_factory=list)
    found: list[np.ndarray] = field(default_factory=list)

    def more(self, how_many: int) -> list[int]:
        """Add unknowns."""
        self.unknowns += how_many
        return list(range(self.unknowns - how_many, self.unknowns))

    def tie(self, form: Form, low: float, high: float | None = None) -> None:
        """Say that a sum lies between two numbers, or is one."""
        self.sums.append((form, low, low if high is None else high))

    @cached_property
    def _constraints(self) -> LinearConstraint | None:
        if not self.sums:
            return None
        entries = [(i, j, c) for i, (form, _, _) in enumerate(self.sums) for j, c in form.items()]
        rows, columns, values = (np.array(part) for part in zip(*entries, strict=True))
        at = rows.astype(np.int32), columns.astype(np.int32)  # as the oldest solver asks
        matrix = csr_array((values.astype(float), at), shape=(len(self.sums), self.unknowns))
        low, high = (np.array([s[i] for s in self.sums], dtype=float) for i in (1, 2))
        return LinearConstraint(matrix, low, high)

    def solve(self, form: Form, sign: int, low: float = -np.inf) -> np.ndarray | None:
        """Make a sum as small (1) or as large (-1) as it can be, from `low` on; None: impossible.

        Returns
        -------
        (unknowns,) array or None
            Whole numbers, checked against every tie.
        """
        quick = self._solved(form, sign, low, presolve=True)
        # HiGHS's presolve calls some programs impossible that have solutions (scipy 1.17.1).
        whole = self._solved(form, sign, low, presolve=False) if quick is None else quick
        if whole is not None:
            self.found.append(whole)
        return whole

    def onward(self, start: np.ndarray, most: int = 6) -> list[np.ndarray]:
        """Walk on in the directions of what was found before, as far as everything holds."""
        tie = self._constraints
        further = []
        for other in self.found[-30:]:
            step = start - other
            divisor = np.gcd.reduce(np.abs(step).astype(int))
            if divisor == 0:
                continue
            step /= divisor
            walk = [start + k * step for k in (*range(-min(divisor, most), 0), 1, 2, 3)]
            for there in walk:
                if (there < 0).any() or tie is None:
                    continue
                held = tie.A @ there
                if (held >= tie.lb - 1e-6).all() and (held <= tie.ub + 1e-6).all():
                    further.append(there)
        self.found.extend(further)
        return further

    def _solved(self, form: Form, sign: int, low: float, *, presolve: bool) -> np.ndarray | None:
        cost = np.zeros(self.unknowns)
        cost[list(form)] = sign * np.array(list(form.values()))
        ties = [] if self._constraints is None else [self._constraints]
        if np.isfinite(low):
            ties.append(LinearConstraint((sign * cost)[None, :], low, np.inf))
        found = milp(
            cost, constraints=ties, integrality=np.ones(self.unknowns), bounds=Bounds(0, MOST),
            options={"time_limit": 60.0, "presolve": presolve},
        )  # fmt: skip
        if found.status == 2:
            return None
        assert found.status == 0, found.message
        whole = np.round(found.x)
        held = [(tie, tie.A @ whole) for tie in ties]
        if all(((v >= t.lb - 1e-6) & (v <= t.ub + 1e-6)).all() for t, v in held):
            return whole
        assert presolve, "rounding broke a tie"
        return self._solved(form, sign, low, presolve=False)


def value(form: Form, solution: np.ndarray) -> float:
    """Add up a form."""
    return float(sum(c * solution[j] for j, c in form.items()))


def possible(
    program: Program, form: Form, enough: int, harmless: Callable[[float], bool]
) -> set[float]:
    """List values that a sum can have: at least `enough` and a harmless one, or all of them.

    Parameters
    ----------
    enough : int
        How many values end the search, if one of them is harmless.
    harmless : callable
        Says of a value that the rule would not hide it.
    """
    seen = {value(form, solution) for solution in program.found}

    def done() -> bool:
        return len(seen) >= enough and any(map(harmless, seen))

    ends: list[float] = []
    for sign in (1, -1):
        if done():
            return seen
        found = program.solve(form, sign)
        assert found is not None, "what is published contradicts itself"
        ends.append(value(form, found))
        seen.add(ends[-1])
    return _between(program, form, (ends[0], ends[1]), done, seen)


def _between(
    program: Program,
    form: Form,
    ends: tuple[float, float],
    done: Callable[[], bool],
    seen: set[float],
) -> set[float]:
    """Ask for every whole number between two ends, until enough are found."""
    last = ends[0]
    while not done():
        while last + 1 in seen:
            last += 1
        found = program.solve(form, 1, low=last + 1)
        if found is None:
            break
        last = value(form, found)
        seen.add(last)
        seen |= {value(form, further) for further in program.onward(found)}
    return seen


# --- the attack ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leak:
    """A hidden count that is told."""

    release: int
    key: Key
    where: tuple[str, ...]
    indicator: str
    quantity: str
    values: tuple[float, ...]
    needs: int

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"release {self.release}: {' '.join(self.where)} {self.indicator}: {self.quantity} "
            f"can only be {', '.join(f'{v:g}' for v in self.values)} ({self.needs} values needed)"
        )


@dataclass(frozen=True)
class World:
    """What is known to everybody about what the tables count.

    Attributes
    ----------
    columns : mapping
        Every value of every column that splits people into exclusive groups.
    people : callable
        The census: how many people a key counts, under an indicator.
    events : callable
        The truth, to see that the attacker's equations hold; never part of an equation.
    sample : callable
        As `events`: the sample that an estimate stands on.
    estimates : bool
        Whether people are a population that stands beside published rates, and `n` a sample of it.
    weight : callable, optional
        The sampling weight of everybody of an atom, where it is one for all and known.
    one_cohort : bool
        Whether indicators are about the same people.
    turned : mapping
        Indicator -> the one that counts the people without its event.
    chain : mapping
        Indicator -> the one whose people are its events.
    adds_up : sequence of indicators
        Indicators whose events make up the people.
    """

    columns: Mapping[str, Sequence[str]]
    people: Callable[[Key, str], float]
    events: Callable[[Key, str], float]
    sample: Callable[[Key], float] = lambda key: 0.0
    estimates: bool = False
    weight: Callable[[Key], float] | None = None
    one_cohort: bool = True
    turned: Mapping[str, str] = field(default_factory=dict)
    chain: Mapping[str, str] = field(default_factory=dict)
    adds_up: Sequence[str] = ()


class Attack:
    """Everything that is published, as equations about people.

    Parameters
    ----------
    world : World
        What everybody knows.
    releases : sequence of Release
        In the order of publication.
    census : bool
        Whether the people of every group are known, hidden or not.
    unread : set of row
        Rows that the attacker has not seen.
    """

    def __init__(
        self,
        world: World,
        releases: Sequence[Release],
        *,
        census: bool,
        unread: frozenset[Row] = frozenset(),
    ) -> None:
        self.world, self.releases, self.census = world, releases, census
        rows = [row for one in releases for row in one.rows]
        self.kind = releases[0].kind
        self.atoms = _atoms(world, {column for row in rows for column, _ in row.key})
        self.weights = [world.weight(atom) for atom in self.atoms] if world.weight else []
        self.program = Program()
        self.unknown: dict[tuple[str, str], list[int]] = {}
        for name in dict.fromkeys(row.indicator for row in rows):
            self._people_and_events(name)
        self._meanings()
        skipped = unread | _revised(rows)
        for row in rows:
            if row not in skipped:
                self._published(row)

    def _people_and_events(self, indicator: str) -> None:
        """Make the unknowns of an indicator, atom by atom."""
        cohort = self._cohort(indicator)
        if ("people", cohort) not in self.unknown:
            self.unknown["people", cohort] = self.program.more(len(self.atoms))
            if self.world.estimates:
                self.unknown[SAMPLE, cohort] = self.program.more(len(self.atoms))
        if self.kind == "mean":
            return
        events = self.unknown["events", indicator] = self.program.more(len(self.atoms))
        if self.kind == "proportion":
            for n, x in zip(self.unknown["people", cohort], events, strict=True):
                self.program.tie({n: 1, x: -1}, 0, np.inf)

    def _cohort(self, indicator: str) -> str:
        return "" if self.world.one_cohort else indicator

    def _meanings(self) -> None:
        """Tie indicators as it is declared: a chain of stages, outcomes that make up a cohort."""
        for stage, later in self.world.chain.items():
            people = self.unknown["people", self._cohort(later)]
            for x, n in zip(self.unknown["events", stage], people, strict=True):
                self.program.tie({x: 1, n: -1}, 0)
        for one, other in self.world.turned.items():
            parts = [self.unknown[PEOPLE, self._cohort(one)]]
            parts += [self.unknown[EVENTS, name] for name in (one, other)]
            for n, x, y in zip(*parts, strict=True):
                self.program.tie({n: 1, x: -1, y: -1}, 0)
        if self.world.adds_up:
            people = self.unknown["people", self._cohort(self.world.adds_up[0])]
            parts = [self.unknown["events", name] for name in self.world.adds_up]
            for n, *events in zip(people, *parts, strict=True):
                self.program.tie({n: -1, **dict.fromkeys(events, 1)}, 0)

    def _known(self, indicator: str) -> bool:
        """Say whether the census has the people of an indicator; later stages it has not."""
        return self.census and indicator not in self.world.chain.values()

    def _published(self, row: Row) -> None:
        """Write what a row says."""
        people = self.form(row, PEOPLE)
        shown = row.shown.get("population" if self.world.estimates else "n")
        if self._known(row.indicator):
            self.program.tie(people, self.world.people(row.key, row.indicator))
        elif shown is not None:
            self.program.tie(people, shown)
        elif row.hidden:
            self.program.tie(people, 1, np.inf)
        if self.world.estimates:
            n = row.shown.get("n")
            least, most = (1, np.inf) if n is None else (n, n)
            self.program.tie(self.form(row, SAMPLE), least, most)
        if self.kind == "mean":
            return
        if self.world.weight is not None:
            self._weighted(row)
        elif row.events is not None:
            self.program.tie(self.form(row, EVENTS), row.events)

    def _weighted(self, row: Row) -> None:
        """Write what weighted sums say, where the weights follow from the census."""
        if not self.census or row.events is None:
            return
        events = self.form(row, EVENTS)
        weight = dict(zip(self.unknown[EVENTS, row.indicator], self.weights, strict=True))
        total, half = row.events, row.unit / 2 or 1e-6
        self.program.tie(
            {x: GRAIN * weight[x] for x in events}, GRAIN * (total - half), GRAIN * (total + half)
        )
        squares = spread(row, self.world.people(row.key, row.indicator))
        if squares is None or row.unit or len({weight[x] for x in events}) == 1:
            return
        p, v, size = squares
        both = sum(
            w**2 * self.world.people(atom, row.indicator)
            for atom, w in zip(self.atoms, self.weights, strict=True)
            if row.key <= atom
        )
        capped = p * (1 - p) / v >= size**2 / both * (1 - 1e-6)
        if abs(1 - 2 * p) > 0.01 and not capped:
            known = (v * size**2 - p**2 * both) / (1 - 2 * p)
            near = max(1e-7 * abs(known), 1e-6)
            self.program.tie({x: weight[x] ** 2 for x in events}, known - near, known + near)

    def form(self, row: Row, quantity: str) -> Form:
        """Write a count of a row as a sum over the atoms that it counts."""
        counted = [i for i, atom in enumerate(self.atoms) if row.key <= atom]
        assert counted, f"nobody can be {sorted(row.key)}"
        people = {self.unknown["people", self._cohort(row.indicator)][i]: 1.0 for i in counted}
        if quantity == PEOPLE:
            return people
        if quantity == SAMPLE:
            return {self.unknown[SAMPLE, self._cohort(row.indicator)][i]: 1.0 for i in counted}
        events = {self.unknown["events", row.indicator][i]: 1.0 for i in counted}
        if quantity == EVENTS:
            return events
        return {**people, **dict.fromkeys(events, -1.0)}

    def true(self, row: Row, quantity: str) -> float:
        """Look up what a count is."""
        if quantity == SAMPLE:
            return self.world.sample(row.key)
        people = self.world.people(row.key, row.indicator)
        if quantity == PEOPLE:
            return people
        events = self.world.events(row.key, row.indicator)
        return events if quantity == EVENTS else people - events

    def quantities(self, indicator: str) -> tuple[str, ...]:
        """Name what is attacked: all that the census does not have, once it is asked."""
        people = () if self._known(indicator) else (PEOPLE,)
        if not self.census:
            return (PEOPLE, SAMPLE) if self.world.estimates else people
        return {"proportion": (*people, EVENTS, WITHOUT), "rate": (*people, EVENTS)}.get(
            self.kind, ()
        )

    def leaks(self) -> list[Leak]:
        """List the hidden counts that are told, and that no table has shown before."""
        return [
            leak
            for i, one in enumerate(self.releases)
            for row in one.rows
            if row.hidden
            for quantity in self.quantities(row.indicator)
            if not self._shown(i, row, quantity)
            if (leak := self.told(i, row, quantity))
        ]

    def _shown(self, place: int, row: Row, quantity: str) -> bool:
        """Say whether a count stands in an earlier table, or under another indicator."""
        earlier = [other for one in self.releases[:place] for other in one.rows]
        same = {row.indicator}
        if quantity in (PEOPLE, SAMPLE):
            same = {r.indicator for r in earlier + list(self.releases[place].rows)
                    if self._cohort(r.indicator) == self._cohort(row.indicator)}  # fmt: skip
            earlier += self.releases[place].rows
        return any(
            other.key == row.key and other.indicator in same and not other.hidden
            for other in earlier
        )

    def told(self, place: int, row: Row, quantity: str) -> Leak | None:
        """Say what is left to a hidden count, if that is too little."""
        one = self.releases[place]
        needs = one.width
        if self._known(row.indicator) and self.kind == "proportion":
            needs = min(needs, int(self.world.people(row.key, row.indicator)) + 1)
        small = one.small(quantity)

        def harmless(v: float) -> bool:
            return not 1 <= v <= small

        form = self.form(row, quantity)
        seen = possible(self.program, form, needs, harmless)
        if len(seen) >= needs and any(map(harmless, seen)):
            return None
        assert self.true(row, quantity) in seen, "the truth contradicts the attacker's equations"
        return Leak(place, row.key, row.where, row.indicator, quantity, tuple(sorted(seen)), needs)


def _revised(rows: Sequence[Row]) -> set[Row]:
    """List rows that another table contradicts: nothing follows from them."""
    shown: dict[tuple[Key, str], set[tuple[float | None, float | None]]] = {}
    for row in rows:
        if not row.hidden:
            found = shown.setdefault((row.key, row.indicator), set())
            found.add((row.shown.get("n"), row.events))
    return {row for row in rows if len(shown.get((row.key, row.indicator), ())) > 1}


def _atoms(world: World, columns: set[str]) -> list[Key]:
    """List every combination of values; a flag is yes or no."""
    values = [
        [(name, value) for value in world.columns.get(name, ("yes", "no"))]
        for name in sorted(columns)
    ]
    return [frozenset(atom) for atom in product(*values)]


def attacked(world: World, releases: Sequence[Release]) -> list[Leak]:
    """List every hidden count that releases tell together: events by census, people without."""
    return [
        leak for census in (True, False) for leak in Attack(world, releases, census=census).leaks()
    ]


def pins(world: World, releases: Sequence[Release], leak: Leak) -> list[Row]:
    """List rows that tell a count together, so few that none of them can be spared."""
    census = leak.quantity in (EVENTS, WITHOUT)
    unread: frozenset[Row] = frozenset()
    rows = dict.fromkeys(row for one in releases for row in one.rows)
    target = next(r for r in rows if (r.where, r.indicator) == (leak.where, leak.indicator))
    for row in rows:
        attack = Attack(world, releases, census=census, unread=unread | {row})
        if attack.told(leak.release, target, leak.quantity):
            unread |= {row}
    return [row for row in rows if row not in unread]
