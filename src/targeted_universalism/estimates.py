"""From the statistics of a cell to its rate, interval and people: one way for every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.cells import Cells, State
from targeted_universalism.errors import InputError, Reason, check_one_of
from targeted_universalism.intervals import (
    Limits,
    byar_or_exact,
    clopper_pearson,
    from_standard_error,
    poisson,
    wilson,
)
from targeted_universalism.segments import Segments

INTERVALS = ("auto", "wilson", "exact", "byar", "student")

_OF_COUNTS: dict[tuple[str, str], Callable[[FloatArray, FloatArray, float], Limits]] = {
    ("proportion", "auto"): wilson,
    ("proportion", "wilson"): wilson,
    ("proportion", "exact"): clopper_pearson,
    ("rate", "auto"): poisson,
    ("rate", "exact"): poisson,
    ("rate", "byar"): byar_or_exact,
}


@dataclass(frozen=True, eq=False)
class Estimates:
    """Rate and interval of every cell, in units of ``segments.unit``, shaped (segments, strata).

    `reason` holds why an interval is missing; `se` is missing for counts, whose intervals come
    from their own distributions.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    se: FloatArray
    population: FloatArray
    n: FloatArray
    events: FloatArray
    reason: IntArray


def estimate(
    segments: Segments, cells: Cells, confidence: float | None, interval: str
) -> Estimates:
    """Estimate every cell of `segments` (`cells` are its cells, all dimensions together)."""
    _check(segments, confidence, interval)
    read = _from_counts if segments.source == "counts" else _from_published
    parts = [
        (here, read(segments, cells.each(lambda v, h=here: v[:, h]), kind, confidence, interval))  # type: ignore[misc]
        for kind, here in _strata_by_kind(segments)
    ]
    whole = {
        field.name: np.zeros(
            cells.shape, dtype=np.int64 if field.name == "reason" else np.float64
        )
        for field in fields(Estimates)
    }
    for here, part in parts:
        for name, values in whole.items():
            values[:, here] = getattr(part, name)
    return Estimates(**whole)


def _strata_by_kind(segments: Segments) -> list[tuple[str, IntArray]]:
    kinds = np.array(segments.kinds)[segments.strata.indicator]
    return [(str(kind), np.flatnonzero(kinds == kind)) for kind in dict.fromkeys(kinds)]


def _check(segments: Segments, confidence: float | None, interval: str) -> None:
    check_one_of("interval", interval, INTERVALS)
    if confidence is not None and not (
        isinstance(confidence, float) and 0 < confidence < 1
    ):
        raise InputError(f"confidence={confidence!r} must lie between 0 and 1, or be None.")
    if segments.source == "counts":
        for kind in dict.fromkeys(segments.kinds):
            if (kind, interval) not in _OF_COUNTS:
                allowed = ", ".join(repr(i) for k, i in _OF_COUNTS if k == kind)
                raise InputError(f"interval={interval!r} does not fit a {kind}: use {allowed}.")
        return
    if interval != "auto":
        raise InputError(
            f"interval={interval!r} needs counts. Published estimates have the interval of their "
            "kind: logit for proportions, log for rates, identity for means."
        )
    if segments.level is not None and confidence not in (None, segments.level):
        raise InputError(
            f"The published intervals are at level {segments.level}: confidence={confidence} would "
            f"change them. Say confidence={segments.level}, or give their standard errors."
        )


def _from_counts(
    segments: Segments, cells: Cells, kind: str, confidence: float | None, interval: str
) -> Estimates:
    known = cells.state == State.OK
    events = np.where(cells.state == State.SUPPRESSED, np.nan, cells.stats["events"])
    population = cells.stats["population"]
    missing = np.full(cells.shape, np.nan)
    rate, low, high = missing.copy(), missing.copy(), missing.copy()
    x, n = events[known], population[known]
    rate[known] = x / n
    if confidence is not None:
        low[known], high[known] = _OF_COUNTS[kind, interval](x, n, confidence)
    reason = np.zeros(cells.shape, dtype=np.int64)
    return Estimates(rate, low, high, missing, population, population.copy(), events, reason)


def _from_published(
    segments: Segments, cells: Cells, kind: str, confidence: float | None, interval: str
) -> Estimates:
    unit = float(segments.unit)
    known = cells.state == State.OK
    stats = {name: np.where(known, values, np.nan) for name, values in cells.stats.items()}
    rate, se, low, high = (stats[name] for name in ("rate", "se", "ci_low", "ci_high"))
    reason = np.zeros(cells.shape, dtype=np.int64)
    if confidence is None:
        low, high = np.full(cells.shape, np.nan), np.full(cells.shape, np.nan)
    else:
        made = from_standard_error(rate / unit, se / unit, kind, confidence)
        given = np.isfinite(low) & np.isfinite(high)
        low, high = np.where(given, low, made[0] * unit), np.where(given, high, made[1] * unit)
        lost = known & np.isnan(low)
        reason[lost & np.isnan(se)] |= Reason.NO_INTERVAL
        reason[lost & ~np.isnan(se)] |= Reason.INTERVAL_UNDEFINED
    missing = np.full(cells.shape, np.nan)
    n = cells.stats["n"]
    return Estimates(rate, low, high, se, cells.stats["population"], n, missing, reason)
