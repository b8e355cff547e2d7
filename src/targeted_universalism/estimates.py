"""From the statistics of a cell to its rate, interval and people: one way for every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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


def check_interval(segments: Segments, confidence: float | None, interval: str) -> None:
    """Stop where the kind of interval asked for does not fit the data."""
    check_one_of("interval", interval, INTERVALS)
    if confidence is not None and not (isinstance(confidence, float) and 0 < confidence < 1):
        raise InputError(
            f"confidence={confidence!r} must lie between 0 and 1, as 0.95 does, or be None."
        )
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


def estimate(
    cells: Cells, kind: str, unit: float, confidence: float | None, interval: str
) -> Estimates:
    """Estimate the cells of one kind.

    Parameters
    ----------
    cells : Cells
        Of shape (rows, strata).
    kind : str
        Kind of outcome.
    unit : float
        Unit of published rates; 1 for counts.
    confidence : float or None
        Level of the intervals, or none.
    interval : str
        Kind of interval, checked by :func:`check_interval`.

    Returns
    -------
    Estimates
        Missing wherever a cell's state is not OK; people are kept where they are known.
    """
    if cells.source == "counts":
        return _from_counts(cells, kind, confidence, interval)
    return _from_published(cells, kind, unit, confidence)


def _from_counts(cells: Cells, kind: str, confidence: float | None, interval: str) -> Estimates:
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


def _from_published(cells: Cells, kind: str, unit: float, confidence: float | None) -> Estimates:
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
