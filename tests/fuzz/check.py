"""An assessment held against the oracle, number by number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

import targeted_universalism as tu
from fuzz import oracle, published
from fuzz.oracle import Cell, Goal, Place
from fuzz.tables import Table

Found = Mapping[str, Any]
Key = tuple[tuple[str, ...], str, str, str]
ORACLES: dict[str, Callable[[Table], dict[Place, Any]]] = {
    "from_counts": oracle.of_counts, "from_records": oracle.of_records,
    "from_estimates": published.of_estimates,
}  # fmt: skip
RELATIVE, ABSOLUTE = 1e-9, 1e-12


def close(found: Any, wanted: Any, relative: float = RELATIVE) -> bool:
    """Tell whether two values are one; missing is missing, whatever its type."""
    if isinstance(wanted, str):
        return str(found) == wanted
    lost = oracle.is_missing(found), oracle.is_missing(wanted)
    if any(lost):
        return all(lost)
    return math.isclose(float(found), float(wanted), rel_tol=relative, abs_tol=ABSOLUTE)


def faults(table: Table, a: tu.Assessment, goal: Goal, interval: str = "auto") -> Iterator[str]:
    """Say where an assessment is not what the rows hold."""
    wanted = ORACLES[table.door](table)
    rows = {_key(row, table): row for row in a.table.to_dict("records")}
    places = {(p.over, p.what, p.dimension, p.segment): p for p in wanted}
    if list(rows) != list(places):
        yield f"rows {list(rows)} for {list(places)}"
        return
    for key, place in places.items():
        kind = table.known["kinds"].get(place.what, next(iter(table.known["kinds"].values())))
        of = _of_counts if table.door != "from_estimates" else _of_rate
        for fault in of(wanted[place], rows[key], goal, kind=kind, interval=interval, table=table):
            yield f"{key}: {fault}"
    if table.door == "from_counts":
        yield from _shares(wanted, rows, goal, table)


def _key(row: Found, table: Table) -> Key:
    over = tuple(oracle.text(row[name]) for name in table.options.get("by", ()))
    return over, str(row.get("indicator", "")), str(row["dimension"]), str(row["segment"])


def _compared(found: Found, wanted: Mapping[str, Any], relative: float = RELATIVE) -> Iterator[str]:
    for name, value in wanted.items():
        if not close(found[name], value, relative):
            yield f"{name} is {found[name]!r} for {value!r} ({found['reason']})"


def _of_counts(
    cell: Cell, found: Found, goal: Goal, *, kind: str, interval: str, table: Table
) -> Iterator[str]:
    wanted = oracle.expected(cell, goal)
    if kind == "mean":
        wanted = {k: v for k, v in wanted.items() if k not in ("events", "needed")}
        yield from _compared(found, wanted)
        return
    yield from _compared(found, wanted)
    if cell.hidden:
        ends = oracle.range_needed(cell, goal)
        if ends is not None:
            yield from _compared(found, {"needed_low": ends[0], "needed_high": ends[1]})
    elif cell.rate is not None and table.door == "from_counts":
        x, n = int(cell.events[0]), int(cell.people[0])  # type: ignore[index]
        yield from _limited(oracle.limits(x, n, kind, interval, 0.95), n, found, goal, kind)


def _limited(
    limits: tuple[float, float], n: int | None, found: Found, goal: Goal, kind: str
) -> Iterator[str]:
    """Hold limits, the gaps at them, status, and the range of the need, against the rules."""
    per, s = float(goal.per), goal.sign
    low, high = limits
    gaps = sorted(s * (float(goal.fraction) - end) for end in limits)
    wanted: dict[str, Any] = {
        "ci_low": low * per, "ci_high": high * per, "gap_low": gaps[0] * per,
        "gap_high": gaps[1] * per,
    }  # fmt: skip
    yield from _compared(found, wanted, 1e-7)
    if oracle.bounded(goal, kind):
        wanted = {"status": "short" if found["gap"] > 1e-12 else "met"}
    else:
        said = oracle.status(low, high, goal)
        wanted = {} if said is None else {"status": said}
    yield from _compared(found, wanted)
    if n is None:
        return
    cap = n if kind == "proportion" else math.inf
    for name, gap in zip(("needed_low", "needed_high"), gaps, strict=True):
        least, most = (max(0, min(cap, math.ceil(n * gap + off))) for off in _slack(n))
        need = int(found["needed"])
        least, most = (
            (min(least, need), min(most, need)) if name == "needed_low"
            else (max(least, need), max(most, need))
        )  # fmt: skip
        if not least <= found[name] <= most:
            yield f"{name} is {found[name]} for {least} to {most}"


def _slack(n: int) -> tuple[float, float]:
    return -1e-6 * max(1, n / 1_000), 1e-6 * max(1, n / 1_000)


def _of_rate(
    rate: published.Rate, found: Found, goal: Goal, *, kind: str, interval: str, table: Table
) -> Iterator[str]:
    yield from _compared(found, published.expected(rate, goal, kind))
    if rate.rate is not None and rate.limits is not None and kind in ("proportion", "rate"):
        yield from _limited(rate.limits, rate.people, found, goal, kind)


def _shares(
    wanted: Mapping[Place, Cell], rows: Mapping[Key, Found], goal: Goal, table: Table
) -> Iterator[str]:
    """Hold the shares of effort of each dimension against the needs of its segments."""
    of = {"*".join(map(oracle.text, c)): c for c in oracle.dimensions(table.options)}
    parts = groupby(wanted.items(), key=lambda one: (one[0].over, one[0].what, one[0].dimension))
    for (_, _, name), held in parts:
        groups = dict(held)
        if name == "total":
            continue
        exclusive = oracle.is_exclusive(of[name], table.options)
        for place, share in oracle.shares(groups, goal, exclusive).items():
            found = rows[place.over, place.what, place.dimension, place.segment]
            for fault in _compared(found, {"effort_share": share}):
                yield f"{place}: {fault}"
