"""Questions of time beside plain loops over the raw rows, written from the rules alone.

From RULES 2 and 7, METHODS 2.1, 8.3 and 10: nothing here asks the library for more than its table.
A random panel has some of: two places, roll-ups, crossed dimensions, two indicators with goals of
their own, Unknown, years that are missing, hidden cells, pooled years, weights, published rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu

NAN = math.nan
YEARS = [2016, 2017, 2018, 2020, 2021, 2022]
Key = tuple[str, tuple[str, ...], str, str]  # indicator, place, dimension, segment


@dataclass(frozen=True)
class Point:
    """What a cell holds at one time: a rate in units of the goal, and what it is made of."""

    rate: float
    events: float = NAN
    size: float = NAN
    variance: float = NAN  # of a mean, in units of the goal


@dataclass
class Panel:
    """Segments, their goals, and the points that loops found of the same rows."""

    segments: tu.Segments
    goals: dict[str, tu.Goal]
    points: dict[Key, dict[int, Point]]
    kind: str
    rollup: bool = False
    pools: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    hidden: set[tuple[Key, int]] = field(default_factory=set)

    @property
    def assessed(self) -> tu.Assessment:
        goals = self.goals if len(self.goals) > 1 else next(iter(self.goals.values()))
        return tu.assess(self.segments, goals, rollup=self.rollup)

    def known(self, key: Key, year: int) -> Point | None:
        """Give a point that is shown."""
        return None if (key, year) in self.hidden else self.points[key].get(year)

    def rate(self, key: Key, year: int) -> float:
        point = self.known(key, year)
        return NAN if point is None else point.rate

    def years(self, key: Key) -> list[int]:
        """List the years in which a place has any row of the indicator."""
        return sorted({
            year for other, along in self.points.items() if other[:2] == key[:2] for year in along
        })  # fmt: skip

    def beside(self, key: Key, dimension: str) -> list[Key]:
        """List the segments of a dimension in the place of another, Unknown left out."""
        return [k for k in self.points if k[:2] == key[:2] and k[2] == dimension and
                "Unknown" not in k[3]]  # fmt: skip


# --- panels ---------------------------------------------------------------------------------------

GOALS = [
    tu.Goal.at_least(0.8, deadline=2030), tu.Goal.at_most(30, per=100, deadline=2026),
    tu.Goal.at_least(1, deadline=2030), tu.Goal.at_most(0, deadline=2030),
    tu.Goal.at_most(250, per=1000, deadline=2040), tu.Goal.at_least(0.5),
]  # fmt: skip


GOALS_OF_RATES = [
    tu.Goal.at_most(0.3, deadline=2030), tu.Goal.at_most(200, per=1000, deadline=2030),
    tu.Goal.at_least(0.5, deadline=2024), tu.Goal.at_most(0, per=100, deadline=2030),
]  # fmt: skip
LEVELS = {"race": ["A", "B", None], "sex": ["F", "M"], "age": ["y", "o"]}
DIMENSIONS = [
    ["race"], ["race", "sex", "race*sex"],
    ["race", "sex", "race*sex", "age", "race*age", "sex*age", "race*sex*age"],
]  # fmt: skip


def groups(row: dict[str, Any], dimensions: list[str]) -> Iterator[tuple[str, str]]:
    """Name every dimension and segment that a row of people belongs to."""
    yield "total", "All"
    for dimension in dimensions:
        parts = [row[name] or "Unknown" for name in dimension.split("*")]
        yield dimension, " × ".join(parts) if "Unknown" not in parts or len(parts) > 1 else parts[0]


def places(county: str | None, rollup: bool) -> list[tuple[str, ...]]:
    if county is None:
        return [()]
    return [(county,), ("nan",)] if rollup else [(county,)]


def counted(rng: np.random.Generator, kind: str = "proportion") -> Panel:
    """Draw counted people: all that a panel may have."""
    by_county, rollup = bool(rng.integers(2)), bool(rng.integers(2))
    dimensions = DIMENSIONS[rng.choice(3, p=[0.4, 0.4, 0.2])]
    names = sorted({name for d in dimensions for name in d.split("*")})
    indicators = ["one", "two"][: rng.integers(1, 3)]
    among = GOALS if kind == "proportion" else GOALS_OF_RATES
    chosen = rng.choice(len(among), len(indicators), replace=False)
    goals = {name: among[i] for name, i in zip(indicators, chosen, strict=True)}
    counties = ["c0", "c1"] if by_county else [None]
    rows = [row for what in indicators for row in _rows(rng, what, counties, names, kind)]
    by = ["county", "year"] if by_county else "year"
    rollup = rollup and by_county
    segments = tu.from_counts(
        pd.DataFrame(rows).sample(frac=1, random_state=int(rng.integers(1000))),
        numerator="x", denominator="n", segments=dimensions, by=by, kind=kind,
        indicator="what" if len(indicators) > 1 else None,
    )  # fmt: skip
    sums: dict[Key, dict[int, list[int]]] = {}
    for row in rows:
        for place in places(row["county"], rollup):
            for dimension, segment in groups(row, dimensions):
                name = row["what"] if len(indicators) > 1 else ""
                held = sums.setdefault((name, place, dimension, segment), {})
                held = held.setdefault(row["year"], [0, 0])
                held[0] += row["x"]
                held[1] += row["n"]
    goals = goals if len(indicators) > 1 else {"": goals["one"]}
    points = {
        key: {
            year: Point(float(Fraction(x, n)) * goals[key[0]].per, x, n)
            for year, (x, n) in along.items() if n
        }
        for key, along in sums.items()
    }  # fmt: skip
    rolled: Any = ["county"] if rollup else False
    panel = Panel(segments, goals, points, kind, rolled)
    panel.options = {"rows": sums}
    return panel


def _rows(
    rng: np.random.Generator, what: str, counties: list[Any], names: list[str], kind: str
) -> Iterator[dict[str, Any]]:
    """Draw the people of one indicator: in each county a year may be missing."""
    years = sorted(rng.choice(YEARS, rng.integers(2, 7), replace=False).tolist())
    cells = _cells([LEVELS[name] for name in names])
    start = {cell: float(rng.choice([0.0, 0.02, 0.3, 0.7, 1.0])) for cell in cells}
    slope = {cell: float(rng.normal(0, 0.05)) for cell in cells}
    for county in counties:
        gone = rng.choice(years) if len(years) > 2 and rng.integers(2) else None
        for year, cell in product([y for y in years if y != gone], cells):
            n = int(rng.choice([0, 6, 40, 300], p=[0.05, 0.15, 0.4, 0.4]))
            p = min(1.0, start[cell] * (1 + slope[cell] * (year - 2019)))
            x = int(rng.binomial(n, p) if kind == "proportion" else rng.poisson(n * p))
            place = {"county": county, "what": what, "year": year, "x": x, "n": n}
            yield {**place, **dict(zip(names, cell, strict=True))}


def _cells(levels: list[list[Any]]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [()]
    for one in levels:
        found = [(*cell, value) for cell in found for value in one]
    return found


def rates(rng: np.random.Generator) -> Panel:
    """Draw events that may repeat, per 1 and per 1,000."""
    return counted(rng, "rate")


def hidden(rng: np.random.Generator) -> Panel:
    """Draw a panel and publish it: what is hidden then is missing, whatever it was.

    One that suppress refuses, since nothing that is left to hide would help, is drawn anew.
    """
    while True:
        panel = counted(rng)
        try:
            public = panel.assessed.suppress(5, width=3)
            break
        except tu.InputError as refused:
            if "nothing that is left to hide would help" not in str(refused):
                raise
    table = public.table.astype(object)
    for row in table[table["status"] == "suppressed"].to_dict("records"):
        panel.hidden.add((_key(row, panel), int(row["year"])))
    panel.options["public"] = public
    return panel


def _key(row: dict[str, Any], panel: Panel) -> Key:
    place = (str(row["county"]),) if "county" in row else ()
    what = row["indicator"] if len(panel.goals) > 1 else ""
    return what, place, row["dimension"], row["segment"]


def pooled(rng: np.random.Generator) -> Panel:
    """Draw years that pool three."""
    pools = int(rng.integers(2, 4))
    years = list(range(2012, 2012 + int(rng.integers(4, 11))))
    rows = [
        {"race": race, "year": year, "x": int(rng.binomial(200, p)), "n": 200}
        for race, p in (("A", 0.3), ("B", 0.6)) for year in years
    ]  # fmt: skip
    goal = GOALS[rng.integers(2)]
    segments = tu.from_counts(
        pd.DataFrame(rows), numerator="x", denominator="n", segments="race", by="year", years=pools
    )
    points: dict[Key, dict[int, Point]] = {}
    for year in years:
        here = [row for row in rows if row["year"] == year]
        for name, some in (("All", here), *((r["race"], [r]) for r in here)):
            x, n = (sum(row[what] for row in some) for what in ("x", "n"))
            dimension = "total" if name == "All" else "race"
            point = Point(float(Fraction(x, n)) * goal.per, x, n)
            points.setdefault(("", (), dimension, name), {})[year] = point
    return Panel(segments, {"": goal}, points, "proportion", pools=pools)


def weighted(rng: np.random.Generator) -> Panel:
    """Draw records with weights."""
    rows = [
        {"race": race, "year": year, "y": int(rng.random() < p), "w": float(rng.lognormal(0, 0.7))}
        for race, p in (("A", 0.3), ("B", 0.6), ("C", 0.9))
        for year in YEARS[: rng.integers(2, 7)]
        for _ in range(rng.integers(20, 60))
    ]
    goal = GOALS[rng.integers(len(GOALS))]
    segments = tu.from_records(
        pd.DataFrame(rows), outcome="y", segments="race", by="year", weight="w"
    )
    points: dict[Key, dict[int, Point]] = {}
    for year in {row["year"] for row in rows}:
        for name in ("All", "A", "B", "C"):
            some = [r for r in rows if r["year"] == year and name in ("All", r["race"])]
            if some:
                dimension = "total" if name == "All" else "race"
                points.setdefault(("", (), dimension, name), {})[year] = _weighted(some, goal)
    return Panel(segments, {"": goal}, points, "proportion")


def _weighted(rows: list[dict[str, Any]], goal: tu.Goal) -> Point:
    """RULES 3: v = [(1−2p)Σw²y + p²Σw²]/(Σw)², n_eff = (n−1)/n·p(1−p)/v, at most Kish's."""
    w = math.fsum(r["w"] for r in rows)
    wy, w2 = math.fsum(r["w"] * r["y"] for r in rows), math.fsum(r["w"] ** 2 for r in rows)
    w2y, n = math.fsum(r["w"] ** 2 * r["y"] for r in rows), len(rows)
    p, kish = wy / w, w**2 / w2
    size = kish
    if 0 < p < 1:
        v = ((1 - 2 * p) * w2y + p**2 * w2) / w**2
        size = min(kish, (n - 1) / n * p * (1 - p) / v)
    return Point(p * goal.per, p * size, size)


def published(rng: np.random.Generator) -> Panel:
    """Draw published rates, in a unit that need not be the goal's, with their errors or without."""
    kind = str(rng.choice(["proportion", "rate", "standardized"]))
    per, goal_per = (int(rng.choice([100, 1000])) for _ in range(2))
    make = tu.Goal.at_least if rng.integers(2) else tu.Goal.at_most
    target = float(rng.choice([0.2, 0.5]))
    goal = make(target * goal_per, per=goal_per, deadline=2030)
    years = YEARS[: rng.integers(2, 7)]
    with_errors = rng.random() < 0.7
    rows = [
        {"race": race, "year": year, "rate": round(float(rng.uniform(0.05, 0.9)) * per, 2),
         "se": round(float(rng.uniform(0.004, 0.05)) * per, 3) if with_errors else NAN, "n": 1000}
        for race in ("A", "B", "C") for year in years
    ]  # fmt: skip
    totals = [{**row, "race": "All people", "n": 3000} for row in rows[: len(years)]]
    segments = tu.from_estimates(
        pd.DataFrame(rows + totals), estimate="rate", se="se", segments="race", by="year",
        kind=kind, per=per, total="All people", population="n",
    )  # fmt: skip
    points: dict[Key, dict[int, Point]] = {}
    for row in rows + totals:
        p, se = row["rate"] / per, row["se"] / per
        size = (p * (1 - p) if kind == "proportion" else p) / se**2
        whole = row["race"] == "All people"
        key = ("", (), "total" if whole else "race", "All" if whole else row["race"])
        rate = float(Fraction(str(row["rate"])) * goal_per / per)
        points.setdefault(key, {})[row["year"]] = Point(rate, p * size, size)
    return Panel(segments, {"": goal}, points, kind)


def means(rng: np.random.Generator) -> Panel:
    """Draw means of what people have."""
    rows = [
        {"race": race, "year": year, "y": float(rng.normal(50, 10))}
        for race in ("A", "B") for year in YEARS[: rng.integers(2, 7)]
        for _ in range(rng.integers(2, 40))
    ]  # fmt: skip
    goal = tu.Goal.at_least(float(rng.choice([49.0, 60.0])), deadline=2030)
    segments = tu.from_records(
        pd.DataFrame(rows), outcome="y", segments="race", by="year", kind="mean"
    )
    points: dict[Key, dict[int, Point]] = {}
    for year in {row["year"] for row in rows}:
        for name in ("All", "A", "B"):
            y = [r["y"] for r in rows if r["year"] == year and name in ("All", r["race"])]
            if y:
                middle = math.fsum(y) / len(y)
                spread = math.fsum((v - middle) ** 2 for v in y) / (len(y) - 1) / len(y)
                dimension = "total" if name == "All" else "race"
                point = Point(middle, variance=spread)
                points.setdefault(("", (), dimension, name), {})[year] = point
    return Panel(segments, {"": goal}, points, "mean")


FAMILIES: dict[str, Callable[[np.random.Generator], Panel]] = {
    f.__name__: f for f in (counted, rates, hidden, pooled, weighted, published, means)
}

# --- loops ----------------------------------------------------------------------------------------

SCALES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "linear": (lambda p: p, lambda v: v),
    "geometric": (lambda p: math.log(p) if p > 0 else -math.inf, math.exp),
    "log-odds": (
        lambda p: math.log(p / (1 - p)) if 0 < p < 1 else math.copysign(math.inf, p - 0.5),
        lambda v: 1 / (1 + math.exp(-v)),
    ),
}
SLOPES: dict[str, Callable[[float], float]] = {
    "linear": lambda p: 1.0, "geometric": lambda p: 1 / p, "log-odds": lambda p: 1 / (p * (1 - p)),
}  # fmt: skip


def usual(kind: str, goal: tu.Goal) -> str:
    """METHODS 8.3: log-odds, log or linear; linear where the goal has no place on the scale."""
    pace = {"proportion": "log-odds", "mean": "linear"}.get(kind, "geometric")
    return pace if math.isfinite(SCALES[pace][0](goal.target / goal.per)) else "linear"


def line(points: list[tuple[int, Point]], panel: Panel, goal: tu.Goal, pace: str) -> Any:
    """Fit the logistic, log-linear or plain line: slope, value at the last time, error, or None.

    None where its likelihood has no highest point within reach: years without events at an end.
    The error is 0 where the line is found exactly.
    """
    to = SCALES[pace][0]
    when = [float(year) for year, _ in points]
    p = [point.rate / goal.per for _, point in points]
    if len(points) < 2:
        return NAN, NAN, 0.0
    if panel.kind == "mean" or any(math.isnan(point.size) for _, point in points):
        known = all(point.variance > 0 for _, point in points)
        weights = [1 / point.variance if known else 1.0 for _, point in points]
        return *_least_squares(when, [to(v) for v in p], weights)[:2], 0.0
    if any(v <= 0 or (panel.kind == "proportion" and v >= 1) for v in p):
        return None
    if max(p) - min(p) <= 1e-12 * max(p):
        return 0.0, to(p[-1]), 0.0
    return _scored(when, p, [point.size for _, point in points], panel.kind, pace)


def _scored(when: list[float], p: list[float], size: list[float], kind: str, pace: str) -> Any:
    """Follow Fisher's scoring to its end, by half steps: whole ones may go back and forth."""
    to, back = SCALES[pace]
    top = 1.0 if kind == "proportion" else math.inf
    slope, value, error = _least_squares(when, [to(v) for v in p], [1.0] * len(p))
    for _ in range(200):
        mean = [back(value + slope * (t - when[-1])) for t in when]
        least = [0.5 / (n + 1) for n in size]
        if any(not low < m < top - low for low, m in zip(least, mean, strict=True)):
            return None
        spread = [m * (1 - m) if kind == "proportion" else m for m in mean]
        weights = [
            n / (SLOPES[pace](m) ** 2 * v) for n, m, v in zip(size, mean, spread, strict=True)
        ]
        y = [to(m) + SLOPES[pace](m) * (v - m) for v, m in zip(p, mean, strict=True)]
        whole, there, error = _least_squares(when, y, weights)
        slope, value = (slope + whole) / 2, (value + there) / 2
    slope = 0.0 if abs(slope) * (when[-1] - when[0]) < 1e-11 else slope
    line_there = [value + slope * (t - when[-1]) for t in when]
    left = math.fsum(w * (v - at) ** 2 for w, v, at in zip(weights, y, line_there, strict=True))
    return slope, value, error * math.sqrt(max(1.0, left / max(1, len(p) - 2)))


def _least_squares(when: list[float], y: list[float], w: list[float]) -> tuple[float, ...]:
    """Give slope, value at the last time, and the standard error of the slope."""
    total = math.fsum(w)
    middle = math.fsum(a * b for a, b in zip(w, when, strict=True)) / total
    mean = math.fsum(a * b for a, b in zip(w, y, strict=True)) / total
    spread = math.fsum(a * (t - middle) ** 2 for a, t in zip(w, when, strict=True))
    slope = math.fsum(
        a * (t - middle) * v for a, t, v in zip(w, when, y, strict=True)) / spread  # fmt: skip
    slope = 0.0 if abs(slope) * (when[-1] - when[0]) < 1e-11 else slope
    return slope, mean + slope * (when[-1] - middle), 1 / math.sqrt(spread)


def status(before: float, now: float, goal: tu.Goal, p: float, alpha: float = 0.05) -> str:
    """METHODS 2.1: Healthy People's final statuses."""
    s = 1 if goal.direction == "at least" else -1
    if near(now, goal.target) or s * (now - goal.target) > 0:
        return "target met or exceeded"
    return movement(before, now, goal, p, alpha)


def movement(before: float, now: float, goal: tu.Goal, p: float, alpha: float = 0.05) -> str:
    """Say which way a rate moved, whatever it met."""
    s = 1 if goal.direction == "at least" else -1
    if now == before:
        return "little or no detectable change"
    toward = s * (now - before) > 0
    met_before = near(before, goal.target) or s * (before - goal.target) > 0
    if math.isnan(p):
        whole = abs(goal.target - before) if toward and not met_before else abs(before)
        counts = abs(now - before) >= whole / 10 * (1 - 1e-9)
    else:
        counts = p < alpha
    if not counts:
        return "little or no detectable change"
    return "improving" if toward else "getting worse"


def near(one: float, other: float, rel: float = 1e-12) -> bool:
    return math.isclose(one, other, rel_tol=rel, abs_tol=1e-14)


def parents(key: Key) -> list[tuple[str, str]]:
    """Name every row that a segment is inside of: the total, and each part of its crossing."""
    ways = list(zip(key[2].split("*"), key[3].split(" × "), strict=False))
    found = [("total", "All")]
    for k in range(1, len(ways)):
        for some in combinations(ways, k):
            found.append(("*".join(d for d, _ in some), " × ".join(v for _, v in some)))
    return found


OF_TREND = ("pace_so_far", "acceleration", "projected_time")


class Loop:
    """One row of a.progress, worked out in loops."""

    def __init__(self, panel: Panel, key: Key, row: dict[str, Any]) -> None:
        self.panel, self.key, self.row = panel, key, row
        self.goal = panel.goals[key[0]]
        self.sign = 1 if self.goal.direction == "at least" else -1
        years = panel.years(key)
        self.first, self.last = years[0], years[-1]
        self.before, self.now = panel.rate(key, self.first), panel.rate(key, self.last)
        self.error = 0.0
        self.held = self.first != self.last and not math.isnan(self.before + self.now)

    def gap(self, rate: float) -> float:
        return 0.0 if near(rate, self.goal.target) else self.sign * (self.goal.target - rate)

    def changes(self) -> dict[str, Any]:
        """Changes, per cents and the status."""
        if not self.held:
            return dict.fromkeys(("change", "percent_of_target", "percent_change", "p_value"), NAN)
        before, now = self.before, self.now
        toward = self.sign * (now - before) > 0 and self.gap(before) > 0
        whole = self.goal.target - before
        return {
            "change": now - before,
            "percent_of_target": 100 * (now - before) / whole if toward else NAN,
            "percent_change": 100 * abs(now - before) / before if before else NAN,
        }

    def status(self) -> str | float:
        if self.first == self.last:
            return NAN if math.isnan(self.now) else "baseline only"
        if math.isnan(self.now) and not math.isnan(self.before):
            return "baseline only"
        if not self.held:
            return NAN
        return status(self.before, self.now, self.goal, self.row["p_value"])

    def leveling(self) -> bool | float:
        """Away from the goal, and nearer to the segment that is furthest of the others."""
        if self.key[2] == "total" or not self.held or "Unknown" in self.key[3]:
            return NAN
        mine = self.gap(self.before), self.gap(self.now)
        if movement(self.before, self.now, self.goal, self.row["p_value"]) != "getting worse":
            return False
        ends: tuple[list[float], list[float]] = ([], [])
        others = [key for key in self.panel.beside(self.key, self.key[2]) if key != self.key]
        for other in others:
            rates = [self.panel.rate(other, year) for year in (self.first, self.last)]
            for gaps, rate in zip(ends, rates, strict=True):
                if not math.isnan(sum(rates)):
                    gaps.append(self.gap(rate))
            if any((other, year) in self.panel.hidden for year in (self.first, self.last)):
                return NAN
        before, now = (
            max(gaps, default=-math.inf) - own for gaps, own in zip(ends, mine, strict=True)
        )
        return abs(now) < before - 1e-9 * self.goal.per

    def masked(self) -> bool | float:
        """At the goal, and a segment inside is not."""
        if math.isnan(self.now):
            return NAN
        if self.gap(self.now) > 0:
            return False
        inside = [
            k for k in self.panel.points
            if k[:2] == self.key[:2] and "Unknown" not in k[3] and k[2] != "total"
            and self.key[2:] in parents(k)
        ]  # fmt: skip
        if any(self.gap(self.panel.rate(k, self.last)) > 0 for k in inside):
            return True
        return NAN if any((k, self.last) in self.panel.hidden for k in inside) else False

    def fitted(self) -> list[tuple[int, Point]]:
        """Points of the trend; of those that share years the latest first."""
        kept: list[tuple[int, Point]] = []
        last = math.inf
        for year in sorted(self.panel.years(self.key), reverse=True):
            if last - year >= self.panel.pools:
                last = year
                point = self.panel.known(self.key, year)
                if point is not None:
                    kept.append((year, point))
        return kept[::-1]

    def milestone(self) -> float:
        """Where the way from the latest rate to the goal is at the time of the row."""
        goal, time = self.goal, self.row["time"]
        if time == goal.deadline or self.gap(self.now) <= 0:
            return float(goal.target)
        part = (time - self.last) / (goal.deadline - self.last)
        for pace in (usual(self.panel.kind, goal), "linear"):
            to, back = SCALES[pace]
            ends = to(self.now / goal.per), to(goal.target / goal.per)
            if all(map(math.isfinite, ends)):
                return back(ends[0] + (ends[1] - ends[0]) * part) * goal.per
        return NAN

    def unlike(self) -> Iterator[str]:
        """List numbers of the row that are others than those of the loops.

        The line of the plain scale is not followed to the end: it may be off by a twentieth of its
        standard error, and what follows from it by more.
        """
        ahead = self.ahead()
        slack = 0.05 * self.error * self.goal.per
        unlike_slope = not _same(ahead.get("pace_so_far", NAN), self.row["pace_so_far"], 1e-3, 0)
        for name, value in {**self.changes(), **ahead}.items():
            rel, near_by = (2e-3, 1e-4) if name in OF_TREND else (1e-9, 1e-12)
            if self.error and name in OF_TREND:
                near_by = math.inf if name != "pace_so_far" and unlike_slope else slack
            if not _same(value, self.row[name], rel, near_by):
                yield f"{name}: {self.row[name]}, not {value}"

    def ahead(self) -> dict[str, float]:
        """Paces and projected time."""
        goal, pace = self.goal, usual(self.panel.kind, self.goal)
        to = SCALES[pace][0]
        points = self.fitted()
        found = line(points, self.panel, goal, pace)
        if math.isnan(self.now):
            names = "pace_so_far", "pace_needed", "acceleration", "projected_time"
            return dict.fromkeys(names, NAN)
        going = self.gap(self.now) > 0
        unit = {"linear": lambda b: b * goal.per, "geometric": math.expm1}.get(pace, lambda b: b)
        left = NAN if goal.deadline is None else goal.deadline - self.last
        distance = to(goal.target / goal.per) - to(self.now / goal.per)
        open_ = going and left > 0 and math.isfinite(distance)
        needed = unit(distance / left) if open_ else NAN
        out = {"pace_needed": needed}
        if found is None:
            return out
        slope, value, error = found
        self.error = error if pace == "linear" else 0.0
        value += slope * (self.last - points[-1][0]) if points else 0
        so_far = unit(slope) if not math.isnan(slope) else NAN
        out["pace_so_far"] = so_far
        out["acceleration"] = needed / so_far if self.sign * so_far > 0 else NAN
        out["projected_time"] = NAN
        if going and len(points) > 2:
            way = self.sign * (to(goal.target / goal.per) - value)
            years = way / (self.sign * slope) if self.sign * slope > 0 else math.inf
            stays = self.sign * slope >= 0 or (left > 0 and way <= self.sign * slope * left)
            out["projected_time"] = self.last + (years if way > 0 else 0.0 if stays else math.inf)
        return out


def differences(panel: Panel) -> list[str]:
    """Compare a.progress with loops, cell by cell."""
    a = panel.options.get("public", panel.assessed)
    table = a.progress("year", draws=100)
    seen, found = set(), []
    for row in table.astype(object).where(table.notna(), NAN).to_dict("records"):
        key = _key(row, panel)
        seen.add(key)
        if key not in panel.points:
            continue
        loop = Loop(panel, key, row)
        found += [f"{key} {what}" for what in loop.unlike()]
        for name, word in (("progress", loop.status()), ("leveling_down", loop.leveling()),
                           ("masked_shortfall", loop.masked())):  # fmt: skip
            if not (pd.isna(word) and pd.isna(row[name])) and word != row[name]:
                found.append(f"{key} {name}: {row[name]}, not {word} ({loop.before} {loop.now})")
    missing = {k for k, along in panel.points.items() if along} - seen
    return found + [f"no row for {key}" for key in sorted(missing)]


def _same(one: float, other: float, rel: float, abs_tol: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=rel, abs_tol=abs_tol)


def unlike_milestones(panel: Panel) -> list[str]:
    """Compare a.milestones with loops: straight on the scale of the pace, to the one goal."""
    a = panel.options.get("public", panel.assessed)
    if any(goal.deadline is None for goal in panel.goals.values()):
        with pytest.raises(tu.InputError, match="has no deadline"):
            a.milestones("year")
        return []
    table, found = a.milestones("year").astype(object), []
    for row in table.where(table.notna(), NAN).to_dict("records"):
        loop = Loop(panel, _key(row, panel), row)
        if loop.key in panel.points and not _same(loop.milestone(), row["milestone"], 1e-9, 1e-12):
            found.append(f"{loop.key} {row['time']}: {row['milestone']}, not {loop.milestone()}")
    return found


def unlike_gaps(panel: Panel) -> list[str]:
    """Compare a.gap_trends with loops, to a group, to all and to all others."""
    a, found = panel.options.get("public", panel.assessed), []
    for reference in ("A", "total", "rest") if panel.kind != "mean" else ("A", "total"):
        table = a.gap_trends("year", reference).astype(object)
        for row in table.where(table.notna(), NAN).to_dict("records"):
            key = _key(row, panel)
            if key not in panel.points or (reference == "rest" and "rows" not in panel.options):
                continue
            gaps = Gaps(panel, key, reference)
            for name, value in gaps.changes().items():
                if not _same(value, row[name], 1e-9, 1e-12):
                    found.append(f"{key} {reference} {name}: {row[name]}, not {value}")
            word = gaps.word()
            if word != row["trend"] and not (pd.isna(word) and pd.isna(row["trend"])):
                found.append(f"{key} {reference} trend: {row['trend']}, not {word}")
    return found


class Gaps:
    """A gap at the first and the last time of a place."""

    def __init__(self, panel: Panel, key: Key, reference: str) -> None:
        self.panel, self.key, self.reference = panel, key, reference
        years = panel.years(key)
        self.ends = [self._pair(year) for year in (years[0], years[-1])]
        if years[0] == years[-1]:
            self.ends = [(NAN, NAN)] * 2

    def _pair(self, year: int) -> tuple[float, float]:
        """Give the rate, and that of the reference."""
        panel, key = self.panel, self.key
        mine, total = panel.known(key, year), panel.known((*key[:2], "total", "All"), year)
        if mine is None:
            return NAN, NAN
        if self.reference not in ("total", "rest"):
            return mine.rate, panel.rate((*key[:3], self.reference), year)
        aside = [k for k in panel.points if k[:3] == key[:3] and (k, year) in panel.hidden]
        if total is None or aside:
            return mine.rate, NAN
        others = [k for k in panel.points if k[:3] == key[:3] and k != key]
        if key[2] != "total" and not any(year in panel.points[k] for k in others):
            return mine.rate, NAN  # it is everybody
        if self.reference == "total":
            return mine.rate, total.rate
        left, events = total.size - mine.size, total.events - mine.events
        return mine.rate, events / left * panel.goals[key[0]].per if left else NAN

    def changes(self) -> dict[str, float]:
        differences = [rate - other for rate, other in self.ends]
        ratios = [rate / other if other else NAN for rate, other in self.ends]
        return {
            "difference_change": differences[1] - differences[0],
            "ratio_change": NAN if math.isnan(sum(differences)) else ratios[1] - ratios[0],
        }

    def word(self) -> str | float:
        """METHODS 10: both narrowing, both widening, or one of the two and not the other."""
        if math.isnan(sum(map(sum, self.ends))):
            return NAN
        near_by = 1e-12 * max(rate for rate, _ in self.ends)
        points = _direction([abs(rate - other) for rate, other in self.ends], near_by)
        ratio = None
        if all(other for _, other in self.ends):
            logs = [abs(math.log(r / other)) if r else math.inf for r, other in self.ends]
            ratio = _direction(logs, 1e-12)
        if ratio is None:
            return f"absolute {points}"
        if points == ratio:
            return "no change" if points == "unchanged" else f"both {points}"
        if points == "unchanged" or (points, ratio) == ("widening", "narrowing"):
            return f"relative {ratio}, absolute {points}"
        return f"absolute {points}, relative {ratio}"


def _direction(sizes: list[float], near_by: float) -> str:
    before, now = sizes
    if before == now or abs(now - before) <= near_by:
        return "unchanged"
    return "narrowing" if now < before else "widening"


def held(family: str, numbers: range) -> None:
    told = []
    for number in numbers:
        panel = FAMILIES[family](np.random.default_rng([number, len(family)]))
        for ask in (differences, unlike_milestones, unlike_gaps):
            told += [f"{number} {fault}" for fault in ask(panel)]
    assert not told, "\n".join([f"{len(told)} in {family}", *told[:60]])


@pytest.mark.parametrize("family", FAMILIES)
def test_time_is_what_plain_loops_make_of_the_same_rows(family: str) -> None:
    held(family, range(1))


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
def test_time_is_what_loops_make_of_200_panels(family: str) -> None:
    held(family, range(1, 200))
