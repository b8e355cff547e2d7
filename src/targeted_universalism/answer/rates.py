"""From the statistics of a cell to its rate, interval and people: one way for every kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.reasons import Reason, Reasons, because, no_reason
from targeted_universalism.segments.cells import Cells, State, Stats


@dataclass(frozen=True, eq=False)
class Estimates:
    """Rate and interval of every cell, as it is held, shaped (rows, strata).

    `population` is the denominator, `n` the people who were counted or asked, `events` those that
    were counted; `reason` holds why an interval is missing.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    population: FloatArray
    n: FloatArray
    events: FloatArray
    reason: Reasons


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
        Kind of interval, checked by :func:`check_fit`.

    Returns
    -------
    Estimates
        Missing wherever a cell's state is not OK; people are kept where they are known.
    """
    family, known = cells.family, cells.state == State.OK
    stats = known_stats(cells)
    rate, low, high = (np.full(cells.shape, np.nan) for _ in range(3))
    rate[known] = family.rate(stats, kind)
    if confidence is not None:
        low[known], high[known] = family.interval(stats, kind, unit, confidence, interval)
    return Estimates(
        rate, low, high, cells.population, family.rows(cells.stats),
        _events(cells, kind), _why_no_interval(cells, known & np.isnan(low), confidence),
    )  # fmt: skip


def known_stats(cells: Cells) -> Stats:
    """Take the statistics of the cells that have a rate, each laid flat."""
    known = cells.state == State.OK
    return {name: values[known] for name, values in cells.stats.items()}


def _events(cells: Cells, kind: str) -> FloatArray:
    """Give the events that were counted, where they may be told."""
    if kind == "mean" or not cells.family.counted:
        return np.full(cells.shape, np.nan)
    return np.where(cells.state == State.SUPPRESSED, np.nan, cells.stats["events"])


def _why_no_interval(cells: Cells, lost: BoolArray, confidence: float | None) -> Reasons:
    """Say why cells that have a rate have `lost` its interval."""
    if confidence is None:
        return because(lost, Reason.NO_LEVEL)
    explained = cells.reasons.any_of(Reason.MARGIN_CODE)
    why = cells.family.why_no_interval(cells.stats)
    why = why.kept(~explained, why.other_than({Reason.NO_INTERVAL}))
    why = why.without(cells.reasons.any_of(Reason.WITHHELD))
    return why.kept(lost, no_reason(cells.shape))
