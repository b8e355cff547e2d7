"""Answers to questions, by plain loops over the rows of the table that they are asked of."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import targeted_universalism as tu
from fuzz.check import close
from fuzz.oracle import is_missing, text

Row = Mapping[str, Any]
Group = tuple[tuple[str, ...], str]
ROUNDING = 1e-9


def faults(a: tu.Assessment, by: Sequence[str]) -> Iterator[str]:
    """Say where comparisons, shares and measures are not what the table holds."""
    over = [*by, *(["indicator"] if "indicator" in a.table else [])]
    groups: dict[Group, list[Row]] = defaultdict(list)
    for row in a.table.to_dict("records"):
        groups[_group(row, over)].append(row)
    yield from _disparities(a, groups, over)
    yield from _representation(a, groups, over)
    yield from _measures(a, groups, over)


def _group(row: Row, over: Sequence[str], dimension: str | None = None) -> Group:
    return tuple(text(row[name]) for name in over), dimension or str(row["dimension"])


def _found(rows: Sequence[Row], segment: object) -> Row | None:
    return next((row for row in rows if str(row["segment"]) == str(segment)), None)


REFERENCES = ("best", "total", "rest", "goal", "each")


# --- disparities --------------------------------------------------------------------------------


def _disparities(
    a: tu.Assessment, groups: Mapping[Group, list[Row]], over: Sequence[str]
) -> Iterator[str]:
    for asked in REFERENCES:
        yield from _compared(asked, a, groups, over)


def _compared(
    asked: str, a: tu.Assessment, groups: Mapping[Group, list[Row]], over: Sequence[str]
) -> Iterator[str]:
    for found in a.disparities(asked, minimum=1).to_dict("records"):
        rows = groups[_group(found, over)]
        mine, whole = _found(rows, found["segment"]), groups[_group(found, over, "total")][0]
        if mine is None or is_missing(found["difference"]):
            continue
        held = _reference(asked, found, mine, whole, rows)
        wanted = {"reference_rate": held, "difference": mine["rate"] - held}
        if not is_missing(found["ratio"]):
            wanted["ratio"] = mine["rate"] / held
        for name, value in wanted.items():
            if not _near(found[name], value, mine["rate"]):
                yield f"disparities({asked!r}): {name} is {found[name]} for {value} in {found}"


def _near(found: float, wanted: float, size: float) -> bool:
    return close(found, wanted, ROUNDING) or abs(found - wanted) <= ROUNDING * abs(size)


def _reference(asked: str, found: Row, mine: Row, whole: Row, others: Sequence[Row]) -> float:
    """Give the rate that a row is held against."""
    if asked == "goal":
        return float(mine["goal"])
    if asked == "total":
        return float(whole["rate"])
    if asked == "rest":
        return _rest(mine, whole, others)
    known = [row for row in others if str(row["segment"]) == str(found["reference"])]
    return float(known[0]["rate"])


def _rest(mine: Row, whole: Row, rows: Sequence[Row]) -> float:
    """Give the rate of everybody else: the total less the group, or all others added up."""
    people = whole["population"] - mine["population"]
    if people > 0 and not is_missing(whole["rate"]):
        return (_events(whole) - _events(mine)) / people * float(mine["per"])
    others = [row for row in rows if row is not mine and not is_missing(row["rate"])]
    if len(others) == 1:
        return float(others[0]["rate"])
    people = math.fsum(row["population"] for row in others)
    return math.fsum(row["rate"] * row["population"] for row in others) / people


# --- shares -------------------------------------------------------------------------------------


def _representation(
    a: tu.Assessment, groups: Mapping[Group, list[Row]], over: Sequence[str]
) -> Iterator[str]:
    for found in a.representation().to_dict("records"):
        rows = [row for row in groups[_group(found, over)] if "Unknown" not in _parts(row)]
        mine = _found(rows, found["segment"])
        if mine is None or is_missing(found["events_share"]):
            continue
        events = _events(mine) / math.fsum(map(_events, rows))
        base = mine["population"] / math.fsum(_or_nobody(row["population"]) for row in rows)
        wanted = {"events_share": events, "base_share": base}
        if base:
            wanted |= {"index": events / base, "ceiling": 1 / base}
        for name, value in wanted.items():
            if not close(found[name], value, ROUNDING):
                yield f"representation: {name} is {found[name]} for {value} in {found}"


def _parts(row: Row) -> list[str]:
    return str(row["segment"]).split(" × ")


def _events(row: Row) -> float:
    """Give the events of a row, those that a published rate implies; nobody has none."""
    if not _or_nobody(row["population"]):
        return 0.0
    if is_missing(row["events"]):
        return float(row["rate"] / row["per"] * row["population"])
    return float(row["events"])


def _or_nobody(value: float) -> float:
    return 0.0 if is_missing(value) else value


# --- measures -----------------------------------------------------------------------------------

Pairs = Sequence[tuple[float, float]]  # rate and share of every segment


def _mean(pairs: Pairs) -> float:
    return math.fsum(r * w for r, w in pairs)


def _spread(pairs: Pairs) -> float:
    return math.fsum(w * (r - _mean(pairs)) ** 2 for r, w in pairs)


def _log(ratio: float) -> float:
    return ratio * math.log(ratio) if ratio else 0.0


MEASURES: dict[str, Callable[[Pairs], float]] = {
    "difference": lambda p: max(r for r, _ in p) - min(r for r, _ in p),
    "ratio": lambda p: max(r for r, _ in p) / min(r for r, _ in p),
    "between_group_variance": _spread,
    "between_group_standard_deviation": lambda p: math.sqrt(_spread(p)),
    "coefficient_of_variation": lambda p: math.sqrt(_spread(p)) / _mean(p),
    "weighted_mean_difference_from_mean": lambda p: math.fsum(w * abs(r - _mean(p)) for r, w in p),
    "theil": lambda p: math.fsum(w * _log(r / _mean(p)) for r, w in p),
    "mean_log_deviation": lambda p: -math.fsum(w * math.log(r / _mean(p)) for r, w in p),
    "gini": lambda p: math.fsum(
        v * w * abs(r - s) for r, v in p for s, w in p
    ) / (2 * _mean(p)),
}  # fmt: skip


def _measures(
    a: tu.Assessment, groups: Mapping[Group, list[Row]], over: Sequence[str]
) -> Iterator[str]:
    asked = ["d", "r", "bgv", "bgsd", "cov", "mdmw", "ti", "mld", "gini"]
    for found in a.summarize(asked, draws=100).to_dict("records"):
        if is_missing(found["value"]) or found["measure"] not in MEASURES:
            continue
        rows = [row for row in groups[_group(found, over)] if not is_missing(row["rate"])]
        rows = [row for row in rows if "Unknown" not in _parts(row)]
        people = math.fsum(_or_nobody(row["population"]) for row in rows)
        pairs = [(row["rate"], row["population"] / people if people else 1.0) for row in rows]
        wanted = MEASURES[found["measure"]](pairs)
        size = max(abs(r) for r, _ in pairs)
        if not close(found["value"], wanted, 1e-7) and not _near(found["value"], wanted, size):
            yield f"summarize: {found['measure']} is {found['value']} for {wanted} in {found}"
