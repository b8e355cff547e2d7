"""What an assessment of published rates must hold: one rate at a time, in fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Any

from scipy import stats

from fuzz.oracle import (
    ALL,
    MISSING,
    Goal,
    Place,
    as_written,
    keys,
    placed,
    read_label,
    strata_of,
    wilson,
)
from fuzz.tables import Row, Table

Z = NormalDist().inv_cdf(0.975)
MOE = 1.645  # the American Community Survey's


@dataclass(frozen=True)
class Rate:
    """A published rate per person, the people behind it, and how sure it is; None where unsaid."""

    rate: Fraction | None
    people: int | None
    n: int | None
    limits: tuple[float, float] | None
    error: float | None
    absent: bool = False


def of_estimates(table: Table) -> dict[Place, Rate]:
    """Give every rate in the order of the answer, the total of a stratum first."""
    options, found = table.options, {}
    (name,) = options["segments"]
    for over in strata_of(table.rows, options):
        here = [row for row in table.rows if strata_of([row], options) == [over]]
        rates = {}
        for key in keys((name,), table.rows, table, sort=False):
            mine = [row for row in here if (read_label(row[name], options),) == key]
            rates[placed(over, "", (name,), key)] = _rate(mine, options)
        found |= {Place(over, "", "total", ALL): total(list(rates.values()), options), **rates}
    return found


def _rate(rows: Sequence[Row], options: Mapping[str, Any]) -> Rate:
    if not rows:
        return Rate(None, None, None, None, None, absent=True)
    (row,) = rows
    people = row["people"] if "population" in options else None
    n = row["n"] if "n" in options else None
    if row["rate"] is None or people == 0:
        return Rate(None, people, n, None, None)
    per = as_written(options["per"])
    return Rate(as_written(row["rate"]) / per, people, n, *_precision(row, options, n))


def _precision(
    row: Row, options: Mapping[str, Any], n: int | None
) -> tuple[tuple[float, float] | None, float | None]:
    """Give limits and standard error per person, on the scale of the kind."""
    per, kind = options["per"], options["kind"]
    rate = row["rate"] / per
    if "ci" in options:
        return (row["low"] / per, row["high"] / per), None
    if n is not None:
        return _counted(rate, n, kind), None
    if "se" not in options and "moe" not in options:
        return None, None
    error = (row["se"] if "se" in options else row["moe"] / MOE) / per
    return around(rate, error, kind), error


def _counted(rate: float, n: int, kind: str) -> tuple[float, float] | None:
    """Give the interval of a rate that was counted on n people."""
    if kind == "proportion":
        return wilson(rate * n, n, Z)
    if kind == "rate":
        x = rate * n
        low = float(stats.gamma.ppf(0.025, x)) if x else 0.0
        return low / n, float(stats.gamma.isf(0.025, x + 1)) / n
    return None


def around(rate: float, error: float, kind: str) -> tuple[float, float] | None:
    """Give the interval of a rate from its standard error: logit, log, or as it is."""
    if not error:
        return None
    if kind == "mean":
        return rate - Z * error, rate + Z * error
    if rate <= 0 or (kind == "proportion" and rate >= 1):
        return None
    if kind in ("rate", "standardized"):
        return rate * math.exp(-Z * error / rate), rate * math.exp(Z * error / rate)
    at, half = math.log(rate / (1 - rate)), Z * error / (rate * (1 - rate))
    return 1 / (1 + math.exp(half - at)), 1 / (1 + math.exp(-half - at))


def total(rates: Sequence[Rate], options: Mapping[str, Any]) -> Rate:
    """Weight rates by their people; a rate or people that are not known leave the total unknown."""
    there = [rate for rate in rates if not rate.absent]
    people = None if any(r.people is None for r in there) else sum(r.people or 0 for r in there)
    n = None if any(r.n is None for r in there) else sum(r.n or 0 for r in there)
    if len(there) == 1:
        return there[0]  # a total of one rate is that rate, whatever it would weigh
    counted = [rate for rate in there if rate.people != 0]
    unknown = people is None or any(rate.rate is None for rate in counted)
    if unknown or not people or options["kind"] == "standardized":
        return Rate(None, people, n, None, None)
    rate = sum(Fraction(r.people or 0) * (r.rate or 0) for r in counted) / people
    return Rate(rate, people, n, None, None)


def expected(rate: Rate, goal: Goal, kind: str) -> dict[str, Any]:
    """Give what the row of one rate must hold."""
    found: dict[str, Any] = {
        "population": MISSING if rate.people is None else float(rate.people), "events": MISSING,
    }  # fmt: skip
    if rate.rate is None:
        return found | {"status": "no data", "rate": MISSING, "gap": MISSING, "needed": None}
    per = Fraction(str(goal.per))
    gap = goal.sign * (goal.fraction - rate.rate)
    people = rate.people if kind in ("proportion", "rate") else None
    return found | {
        "rate": float(rate.rate * per),
        "gap": float(gap * per),
        "needed": None if people is None else max(0, math.ceil(gap * people)),
    }
