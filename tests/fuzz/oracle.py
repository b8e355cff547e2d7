"""What an assessment of counts or records must hold, by plain loops over rows, in fractions.

Written from DESIGN and RULES: it knows nothing of codes, blocks, cubes or margins, and nothing of
the library.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import combinations
from statistics import NormalDist
from typing import Any

import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from fuzz.tables import Row, Table

Range = tuple[Fraction, Fraction]
ALL, UNKNOWN, BLANK, TIMES = "All", "Unknown", "", " × "
MARGIN = "\x00"  # the label of a margin, whatever the file calls it
MISSING = float("nan")


def is_missing(value: Any) -> bool:
    """Tell whether a value is nothing: None, NaN, or what pandas has for them."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def text(value: Any) -> str:
    """Write a label as it reads: nothing around it, one blank inside, whole numbers whole."""
    if is_missing(value):
        return BLANK
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


# --- what a group holds -------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """People and events of one group, each a range; None where the file does not say.

    `rows` are the people counted, whatever they weigh; `absent` says that the file has no row,
    `hidden` that a token stands in it.
    """

    people: Range | None
    events: Range | None
    rows: int | None = None
    absent: bool = False
    hidden: bool = False

    @property
    def rate(self) -> Fraction | None:
        """Events per person, where both are known and somebody is there."""
        if self.hidden or self.people is None or self.events is None or not self.people[0]:
            return None
        return self.events[0] / self.people[0]


NOBODY = (Fraction(0), Fraction(0))


def added(cells: Iterable[Cell]) -> Cell:
    """Add groups up; a sum of what is not known is not known."""
    held = [cell for cell in cells if not cell.absent]
    if not held:
        return Cell(None, None, None, absent=True)
    rows = None if any(c.rows is None for c in held) else sum(c.rows or 0 for c in held)
    people, events = _sum(c.people for c in held), _sum(c.events for c in held)
    return Cell(people, events, rows, hidden=any(c.hidden for c in held))


def _sum(ranges: Iterable[Range | None]) -> Range | None:
    low = high = Fraction(0)
    for one in ranges:
        if one is None:
            return None
        low, high = low + one[0], high + one[1]
    return low, high


# --- who is in which group ----------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A stratum, a dimension and a segment."""

    over: tuple[str, ...]
    what: str
    dimension: str
    segment: str
    unknown: bool = False


def dimensions(options: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """List the columns of every dimension asked for, in order."""
    asked = [(s,) if "*" not in s else tuple(s.split("*")) for s in options["segments"]]
    alone = [columns for columns in asked if len(columns) == 1]
    for ways in range(2, options.get("cross", 1) + 1):
        asked += [tuple(c for part in chosen for c in part) for chosen in combinations(alone, ways)]
    return list(dict.fromkeys(asked))


def read_label(value: Any, options: Mapping[str, Any]) -> str:
    """Say which segment a label means: a margin, Unknown, or itself."""
    said = text(value)
    if said in {text(t) for t in _listed(options.get("total", ()))}:
        return MARGIN
    if said == BLANK or said in {text(u) for u in _listed(options.get("unknown", ()))}:
        return UNKNOWN
    return said


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def ranked(name: str, rows: Sequence[Row], options: Mapping[str, Any], sort: bool) -> list[str]:
    """Put the labels of a column in order: declared, else sorted, else as they first appear."""
    values = [row[name] for row in rows]
    if sort:
        values = sorted((v for v in values if v is not None), key=_sorted_as)
    found = dict.fromkeys(read_label(value, options) for value in values)
    first = [text(label) for label in options.get("order", {}).get(name, ())]
    order = [*first, *(label for label in found if label not in first)]
    return [label for label in order if label not in (MARGIN, UNKNOWN) and label in found]


def _sorted_as(value: Any) -> Any:
    return text(value) if isinstance(value, str) else value


# --- counts -------------------------------------------------------------------------------------


def count_cell(row: Row, options: Mapping[str, Any], kind: str) -> Cell:
    """Read people and events of a row; a hidden one is a range, cut at the people."""
    tokens = options.get("suppressed", {})
    people = _range(row[options["denominator"]], tokens)
    events = _range(row[options["numerator"]], tokens)
    if people is not None and people[0] != people[1] and events is not None:
        most = people[1] if kind == "proportion" else max(people[1], events[1])
        events = (Fraction(0), most)
    elif people == NOBODY and (events is None or kind == "proportion"):
        events, tokens = NOBODY, {}
    elif people is not None and events is not None and kind == "proportion":
        events = (min(events[0], people[0]), min(events[1], people[1]))
    counted = None if people is None or people[0] != people[1] else int(people[0])
    said = row[options["denominator"]], row[options["numerator"]]
    return Cell(people, events, counted, hidden=any(v in tokens for v in said))


def _range(value: Any, tokens: Mapping[Any, Any]) -> Range | None:
    if value is None:
        return None
    low, high = tokens[value] if isinstance(value, str) else (value, value)
    return Fraction(low), Fraction(high)


def of_counts(table: Table) -> dict[Place, Cell]:
    """Give every group of a table of counts, in the order of the answer."""
    options, found = table.options, {}
    for over in strata_of(table.rows, options):
        for what in dict.fromkeys(_what(row, options) for row in table.rows):
            mine = [row for row in table.rows if _what(row, options) == what]
            here = [row for row in mine if _over(row, options) == over]
            if here:
                kind = table.known["kinds"][what]
                found |= _stratum(over, what, here, mine, table=table, kind=kind)
    return found


def _what(row: Row, options: Mapping[str, Any]) -> str:
    return str(row[options["indicator"]]) if "indicator" in options else ""


def _over(row: Row, options: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(text(row[name]) for name in options.get("by", ()))


def strata_of(rows: Sequence[Row], options: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """List the strata, each column in the order in which its values first appear."""
    found = [_over(row, options) for row in rows]
    orders = [list(dict.fromkeys(values)) for values in zip(*found, strict=True)]
    return sorted(
        set(found), key=lambda key: [o.index(v) for o, v in zip(orders, key, strict=True)]
    )


def _stratum(
    over: tuple[str, ...], what: str, here: Sequence[Row], mine: Sequence[Row], *, table: Table,
    kind: str,
) -> dict[Place, Cell]:  # fmt: skip
    """Give the groups of one stratum, the total first."""
    found: dict[Place, Cell] = {}
    options = table.options
    for columns in dimensions(options):
        for key in keys(columns, mine, table, sort=False):
            place = placed(over, what, columns, key)
            found[place] = _group(columns, key, here, options, kind)
    return {Place(over, what, "total", ALL): _total(here, found, options, kind)} | found


def placed(over: tuple[str, ...], what: str, columns: Sequence[str], key: Sequence[str]) -> Place:
    """Name a group."""
    name = "*".join(text(column) for column in columns)
    lost = UNKNOWN in key
    alone = len(key) == 1 and lost
    return Place(over, what, name, UNKNOWN if alone else TIMES.join(key), lost)


def keys(
    columns: Sequence[str], rows: Sequence[Row], table: Table, *, sort: bool
) -> list[tuple[str, ...]]:
    """List the labels that a dimension's groups have in some rows, in order, Unknown last."""
    options = table.options
    orders = [[*ranked(name, table.rows, options, sort), UNKNOWN] for name in columns]
    seen = {tuple(read_label(row[name], options) for name in columns) for row in rows}

    def place(key: tuple[str, ...]) -> tuple[bool, list[int]]:
        return UNKNOWN in key, [o.index(label) for o, label in zip(orders, key, strict=True)]

    return sorted((key for key in seen if MARGIN not in key), key=place)


def _group(
    columns: Sequence[str], key: Sequence[str], here: Sequence[Row],
    options: Mapping[str, Any], kind: str,
) -> Cell:  # fmt: skip
    """Take a declared margin, else add the finest rows up."""
    axes = [s for s in options["segments"] if "*" not in s]
    finest, declared = [], []
    for row in here:
        said = {name: read_label(row[name], options) for name in axes}
        if tuple(said[name] for name in columns) != tuple(key):
            continue
        rest = [said[name] for name in axes if name not in columns]
        cell = count_cell(row, options, kind)
        if MARGIN not in rest:
            finest.append(cell)
        elif set(rest) == {MARGIN}:
            declared.append(cell)
    return declared[0] if declared else added(finest)


def _total(
    here: Sequence[Row], found: Mapping[Place, Cell], options: Mapping[str, Any], kind: str
) -> Cell:
    """Take the declared total, else the first exclusive dimension whose groups are all known."""
    axes = [s for s in options["segments"] if "*" not in s]
    for row in here:
        if all(read_label(row[name], options) == MARGIN for name in axes):
            return count_cell(row, options, kind)
    sums = [
        added(cell for place, cell in found.items() if place.dimension == text(name))
        for name in axes
        if is_exclusive((name,), options)
    ]
    whole = [cell for cell in sums if not cell.hidden]
    return (whole or sums or [Cell(None, None)])[0]


def is_exclusive(columns: Sequence[str], options: Mapping[str, Any]) -> bool:
    """Tell whether nobody is in two segments of a dimension."""
    said = options.get("exclusive", True)
    flags = options.get("flags", ())
    return all(
        c not in flags and (said.get(c, True) if isinstance(said, Mapping) else said)
        for c in columns
    )


# --- records ------------------------------------------------------------------------------------


def of_records(table: Table) -> dict[Place, Cell]:
    """Give every group of records, in the order of the answer, and people without an outcome."""
    table = replace(table, rows=[row for row in table.rows if _weighs(row, table.options)])
    options, found = table.options, {}
    outcomes = _listed(options["outcome"])
    for stratum in sorted({_over_values(row, options) for row in table.rows}, key=_by_value):
        here = [row for row in table.rows if _over_values(row, options) == stratum]
        name = tuple(text(value) for value in stratum)
        for outcome in outcomes:
            what = outcome if len(outcomes) > 1 else ""
            found[Place(name, what, "total", ALL)] = _people(here, outcome, options)
            for columns in dimensions(options):
                for key in keys(columns, table.rows, table, sort=True):
                    group = [row for row in here if _is(row, columns, key, options)]
                    found[placed(name, what, columns, key)] = _people(group, outcome, options)
            found |= _flagged(name, what, here, table.rows, outcome=outcome, options=options)
    return found


def _weighs(row: Row, options: Mapping[str, Any]) -> bool:
    """Tell whether a row is anybody: who weighs nothing is not there, whatever the row says."""
    return "weight" not in options or row[options["weight"]] != 0


def _over_values(row: Row, options: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in options.get("by", ()))


def _by_value(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_sorted_as(value) for value in values)


def _is(row: Row, columns: Sequence[str], key: Sequence[str], options: Mapping[str, Any]) -> bool:
    return tuple(read_label(row[name], options) for name in columns) == tuple(key)


def _flagged(
    over: tuple[str, ...], what: str, here: Sequence[Row], everywhere: Sequence[Row], *,
    outcome: str, options: Mapping[str, Any],
) -> dict[Place, Cell]:  # fmt: skip
    """Give the segments of flags: everybody whose flag is set, and Unknown where one is missing."""
    found = {}
    for flag in options.get("flags", ()):
        if all(row[flag] != 1 for row in everywhere):
            continue
        group = [row for row in here if row[flag] == 1]
        found[Place(over, what, "programme", flag)] = _people(group, outcome, options)
    if any(row[flag] is None for row in everywhere for flag in options.get("flags", ())):
        lost = [row for row in here if any(row[flag] is None for flag in options["flags"])]
        found[Place(over, what, "programme", UNKNOWN, True)] = _people(lost, outcome, options)
    return found


def _people(rows: Sequence[Row], outcome: str, options: Mapping[str, Any]) -> Cell:
    """Add people up, one by one; who has no outcome, weight or time is in no sum."""
    people = events = Fraction(0)
    counted = 0
    for row in rows:
        weight = row[options["weight"]] if "weight" in options else 1
        time = row[options["exposure"]] if "exposure" in options else 1
        if row[outcome] is None or not weight or time is None:
            continue
        counted += 1
        people += Fraction(weight) * Fraction(time)
        events += Fraction(weight) * Fraction(row[outcome])
    return Cell((people, people), (events, events), counted)


# --- what follows -------------------------------------------------------------------------------


def as_written(value: Any) -> Fraction:
    """Read a number as a person wrote it: 0.1 is a tenth, 0.333… to the end is a third."""
    exact = Fraction(str(value))
    near = exact.limit_denominator(10**6)
    return near if abs(near - exact) < Fraction(1, 10**12) else exact


@dataclass(frozen=True)
class Goal:
    """A direction, a target and its unit."""

    direction: str
    target: Any
    per: Any

    @property
    def sign(self) -> int:
        """+1 where more is wanted."""
        return 1 if self.direction == "at least" else -1

    @property
    def fraction(self) -> Fraction:
        """The goal per person, as it is written."""
        return as_written(self.target) / as_written(self.per)

    def needed(self, events: Fraction, people: Fraction) -> int:
        """Count the fewest people whose outcome must change."""
        return max(0, math.ceil(self.sign * (self.fraction * people - events)))


def expected(cell: Cell, goal: Goal) -> dict[str, Any]:
    """Give what the row of one group must hold, as far as counts alone decide it."""
    found: dict[str, Any] = {
        "population": _only(cell.people), "events": _only(cell.events), "n": cell.rows,
    }  # fmt: skip
    if cell.hidden:
        return found | {"status": "suppressed", "rate": MISSING, "needed": None, "events": MISSING}
    rate = cell.rate
    if rate is None:
        return found | {"status": "no data", "rate": MISSING, "gap": MISSING, "needed": None}
    return found | {
        "rate": float(rate * Fraction(str(goal.per))),
        "gap": float(goal.sign * (goal.fraction - rate) * Fraction(str(goal.per))),
        "ratio_to_goal": float(rate / goal.fraction) if goal.fraction else MISSING,
        "needed": goal.needed(cell.events[0], cell.people[0]),  # type: ignore[index]
    }


def _only(one: Range | None) -> float:
    return float(one[0]) if one is not None and one[0] == one[1] else MISSING


def range_needed(cell: Cell, goal: Goal) -> tuple[int, int] | None:
    """Give the least and the most people needed over all counts that a hidden cell may hold."""
    if cell.people is None or cell.events is None or cell.people[0] != cell.people[1]:
        return None
    both = [goal.needed(events, cell.people[0]) for events in cell.events]
    return min(both), max(both)


def shares(groups: Mapping[Place, Cell], goal: Goal, exclusive: bool) -> dict[Place, float]:
    """Give each segment's share of the people needed in its dimension, where all are known."""
    mine = {place: cell for place, cell in groups.items() if not place.unknown}
    without = any(
        cell.hidden or (not cell.absent and cell.rate is None and cell.people != NOBODY)
        for cell in mine.values()
    )
    need = {place: expected(cell, goal).get("needed") for place, cell in mine.items()}
    whole = sum(n or 0 for n in need.values())
    if without or not whole or not exclusive:
        return dict.fromkeys(groups, MISSING)
    found = {place: MISSING if n is None else n / whole for place, n in need.items()}
    return dict.fromkeys(groups, MISSING) | found


# --- limits -------------------------------------------------------------------------------------


def wilson(x: float, n: float, z: float) -> tuple[float, float]:
    """Solve |p − x/n| = z·√(p(1−p)/n) for p."""
    p, middle = x / n, (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(n * p * (1 - p) + z * z / 4)
    return (0.0 if x == 0 else middle - half), (1.0 if x == n else middle + half)


@cache
def midp(x: int, n: int, tail: float) -> tuple[float, float]:
    """Solve P(X > x) + P(X = x)/2 = tail for p, and the same on the other side."""

    def above(p: float) -> float:
        return float(stats.binom.sf(x, n, p) + stats.binom.pmf(x, n, p) / 2 - tail)

    def below(p: float) -> float:
        return float(stats.binom.cdf(x, n, p) - stats.binom.pmf(x, n, p) / 2 - tail)

    low = 0.0 if x == 0 else brentq(above, 0.0, x / n, xtol=1e-300, rtol=1e-13)
    high = 1.0 if x == n else brentq(below, x / n, 1.0, xtol=1e-300, rtol=1e-13)
    return low, high


def limits(x: int, n: int, kind: str, interval: str, confidence: float) -> tuple[float, float]:
    """Give the interval of a rate per person that RULES 3 asks for."""
    tail = (1 - confidence) / 2
    z = NormalDist().inv_cdf(1 - tail)
    if kind == "rate":
        low = stats.chi2.ppf(tail, 2 * x) / 2 if x else 0.0
        return low / n, stats.chi2.isf(tail, 2 * x + 2) / 2 / n
    if interval == "exact":
        low = stats.beta.ppf(tail, x, n - x + 1) if x else 0.0
        return low, stats.beta.isf(tail, x + 1, n - x) if x < n else 1.0
    if interval == "midp":
        return midp(x, n, tail)
    low, high = wilson(x, n, z)
    if interval == "auto" and x <= 10:
        low = min(low, midp(x, n, tail)[0])
    if interval == "auto" and n - x <= 10:
        high = max(high, midp(x, n, tail)[1])
    return low, high


def status(low: float, high: float, goal: Goal) -> str | None:
    """Say what an interval says of the goal; None where a rounding could decide."""
    at = float(goal.fraction)
    if min(abs(low - at), abs(high - at)) < 1e-9:
        return None
    if goal.sign == 1:
        return "met" if low >= at else "short" if high < at else "uncertain"
    return "met" if high <= at else "short" if low > at else "uncertain"


def bounded(goal: Goal, kind: str) -> bool:
    """Tell whether the goal lies at the end of its scale, so that the point decides."""
    return goal.fraction == 0 or (kind == "proportion" and goal.fraction == 1)
