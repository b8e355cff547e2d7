"""From the statistics of a cell to its rate, interval and people: one way for every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.errors import InputError, check_one_of
from targeted_universalism.measures.intervals import (
    Limits,
    byar_or_exact,
    clopper_pearson,
    from_standard_error,
    poisson,
    student,
    wilson,
)
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import Cells, State, Stats, marks
from targeted_universalism.segments.segments import Segments

INTERVALS = ("auto", "wilson", "exact", "byar", "student")

_OF_COUNTS: dict[tuple[str, str], Callable[[FloatArray, FloatArray, float], Limits]] = {
    ("proportion", "auto"): wilson,
    ("proportion", "wilson"): wilson,
    ("proportion", "exact"): clopper_pearson,
    ("rate", "auto"): poisson,
    ("rate", "exact"): poisson,
    ("rate", "byar"): byar_or_exact,
}
_OF_MEANS = ("auto", "student")


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
            of_kind = [i for k, i in _OF_COUNTS if k == kind] or _OF_MEANS
            if interval not in of_kind:
                allowed = ", ".join(map(repr, of_kind))
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
    population = cells.stats["population"]
    hidden = cells.state == State.SUPPRESSED
    events = np.where(hidden | (kind == "mean"), np.nan, cells.stats["events"])
    missing = np.full(cells.shape, np.nan)
    rate, low, high, se = (missing.copy() for _ in range(4))
    stats = {name: values[known] for name, values in cells.stats.items()}
    rate[known] = stats["mean"] if kind == "mean" else stats["events"] / stats["population"]
    if kind == "mean":
        se[known] = error_of_mean(stats)
    if confidence is not None:
        if kind == "mean":
            low[known], high[known] = student(rate[known], se[known], stats["n"] - 1, confidence)
        else:
            x, n = effective(stats, kind)
            low[known], high[known] = _OF_COUNTS[kind, interval](x, n, confidence)
    lost = known & np.isnan(low)
    why = Reason.NO_LEVEL if confidence is None else Reason.INTERVAL_UNDEFINED
    reason = marks(lost, why)
    n_rows = cells.stats.get("n", population).copy()
    return Estimates(rate, low, high, se, population, n_rows, events, reason)


def effective(stats: Stats, kind: str) -> tuple[FloatArray, FloatArray]:
    """Give the events and people that carry as much information as weighted ones (RULES 3).

    Without weights, the counts themselves. For a proportion the effective size is p(1 − p) over the
    linearised variance, at most the number of rows; at 0 and 1 Kish's. For a rate the effective
    events are (Σwy)²/Σw²y.
    """
    x, n = stats["events"], stats["population"]
    if "w2" not in stats:
        return x, n
    with np.errstate(invalid="ignore", divide="ignore"):
        p = x / n
        if kind != "proportion":
            events = np.where(x > 0, x**2 / stats["w2y"], 0.0)
            return events, np.where(x > 0, events / p, n**2 / stats["w2"])
        variance = ((1 - 2 * p) * stats["w2y"] + p**2 * stats["w2"]) / n**2
        kish = n**2 / stats["w2"]
        edge = (p == 0) | (p == 1)
        equal = np.abs(kish - stats["n"]) <= 1e-12 * stats["n"]
        size = np.where(edge, kish, p * (1 - p) / variance)
        size = np.where(equal, stats["n"], np.minimum(size, stats["n"]))
    return p * size, size


def standard_errors(cells: Cells, kind: str, unit: float) -> tuple[FloatArray, FloatArray]:
    """Give the standard error of every rate, and the people behind it.

    Parameters
    ----------
    cells, kind, unit
        As in :func:`estimate`.

    Returns
    -------
    se, size : arrays
        Per member of the population; effective people where weighted. The size is missing for
        means and for published estimates, whose standard errors are as given.
    """
    known = cells.state == State.OK
    se, size = np.full(cells.shape, np.nan), np.full(cells.shape, np.nan)
    if cells.source != "counts":
        se[known] = cells.stats["se"][known] / unit
        return se, size
    stats = {name: values[known] for name, values in cells.stats.items()}
    if kind == "mean":
        se[known] = error_of_mean(stats)
        return se, size
    x, n = effective(stats, kind)
    with np.errstate(invalid="ignore", divide="ignore"):
        se[known] = np.sqrt(x * (n - x) / n if kind == "proportion" else x) / n
    size[known] = n
    return se, size


def implied_events(stats: Stats, unit: float) -> FloatArray:
    """Give the events that published rates imply, as their population is known."""
    return stats["population"] * stats["rate"] / unit


def error_of_mean(stats: Stats) -> FloatArray:
    """Compute the standard error of a mean, weighted where there are weights: s/√n without."""
    n = stats["n"]
    second = stats["m2"]
    if "w2" in stats:
        second = stats["m22"] + stats["w2"] * (stats["mean2"] - stats["mean"]) ** 2
    # Equal scores can leave a trace of rounding, which is no variance.
    trace = 1e-24 * stats["mean"] ** 2 * stats.get("w2", stats["population"])
    second = np.where(second <= trace, 0.0, second)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = second / stats["population"] ** 2 * n / (n - 1)
        return np.asarray(np.where(n > 1, np.sqrt(variance), np.nan))


def _from_published(cells: Cells, kind: str, unit: float, confidence: float | None) -> Estimates:
    known = cells.state == State.OK
    stats = {name: np.where(known, values, np.nan) for name, values in cells.stats.items()}
    rate, se, low, high = (stats[name] for name in ("rate", "se", "ci_low", "ci_high"))
    reason = np.zeros(cells.shape, dtype=np.int64)
    if confidence is None:
        low, high = np.full(cells.shape, np.nan), np.full(cells.shape, np.nan)
        reason[known] |= Reason.NO_LEVEL
    else:
        made = from_standard_error(rate / unit, se / unit, kind, confidence)
        given = np.isfinite(low) & np.isfinite(high)
        low, high = np.where(given, low, made[0] * unit), np.where(given, high, made[1] * unit)
        lost = known & np.isnan(low)
        coded = cells.notes & np.int64(Reason.MARGIN_CODE) != 0
        reason[lost & np.isnan(se) & ~coded] |= Reason.NO_INTERVAL
        reason[lost & ~np.isnan(se)] |= Reason.INTERVAL_UNDEFINED
    missing = np.full(cells.shape, np.nan)
    n = cells.stats["n"]
    return Estimates(rate, low, high, se, cells.stats["population"], n, missing, reason)
