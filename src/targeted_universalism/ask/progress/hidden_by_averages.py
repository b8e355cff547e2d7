"""What a smaller gap or an average hides: who fell back, and who is short inside who is there."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.ask.progress.ends import Ends
from targeted_universalism.reasons import Reason, Reasons, ReasonsInPlaces, because
from targeted_universalism.segments.nesting import insides

_SAME = 1e-12  # of the goal's unit: by how little gaps may differ and be the same


def leveling_down(ends: Ends, away: BoolArray) -> tuple[FloatArray, Reasons]:
    """Tell which segments fell back toward the one furthest from the goal: 1, 0 or NaN.

    A smaller gap between groups helps nobody where it is made by those who were better off. Who
    fell past all others made it smaller only if it ended nearer to the furthest of them. Only a
    movement that counts as one is told of: rates of few people fall a little every other year.
    Which segment is furthest is not known where one is hidden, or has people and no rate.
    """
    gaps = [np.where(ends.comparable, gap, np.nan) for gap in (ends.gap_before, ends.gap)]
    hidden, lacking = (first | last for first, last in zip(*ends.unknown, strict=True))
    index = ends.window.series.answer.segments.index
    out, reason = np.full(gaps[0].shape, np.nan), ReasonsInPlaces(gaps[0].shape)
    for dimension in range(1, len(index.dimensions)):
        rows = index.rows(dimension)
        rows = rows[~index.unknown[rows]]
        before, now = (gap[rows] for gap in gaps)
        near = _SAME * ends.window.series.goal_values("per")
        with np.errstate(invalid="ignore"):
            apart = _furthest_of_others(before) - before
            down = away[rows] & (apart - np.abs(_furthest_of_others(now) - now) > near)
        open_, why = _left_open(away[rows], hidden[rows], lacking[rows])
        out[rows] = np.where(np.isnan(now) | open_, np.nan, down)
        reason.add(rows, why)
    return out, reason[...]


def _furthest_of_others(gap: FloatArray) -> FloatArray:
    """Give the largest gap of all segments but one, for each; shaped (segments, series)."""
    if not len(gap):  # a dimension of which no label is known
        return gap
    known = np.where(np.isnan(gap), -np.inf, gap)
    place = np.argmax(known, axis=0)[None]
    largest = np.take_along_axis(known, place, axis=0)
    np.put_along_axis(known, place, -np.inf, axis=0)
    second = np.max(known, axis=0, keepdims=True, initial=-np.inf)
    return np.where(np.arange(len(gap))[:, None] == place, second, largest)


def masked_shortfall(ends: Ends) -> tuple[FloatArray, Reasons]:
    """Tell which rows are at the goal while a segment inside them is short: 1, 0 or NaN.

    Where none is known to be short and one is hidden, or has people and no rate, nobody can tell.
    """
    gap, index = ends.gap, ends.window.series.answer.segments.index
    hidden, lacking = ends.unknown[1]
    out, reason = np.where(np.isnan(gap), np.nan, 0.0), ReasonsInPlaces(gap.shape)
    for parent, inside in insides(index):
        with np.errstate(invalid="ignore"):
            there = gap[parent] <= 0
        short = ends.short[inside].any(axis=0)
        open_, why = _left_open(there & ~short, hidden[inside], lacking[inside])
        told = np.where(open_, np.nan, np.where(there & short, 1.0, out[parent]))
        out[parent] = told
        reason.add(parent, why)
    return out, reason[...]


def _left_open(
    asked: BoolArray, hidden: BoolArray, lacking: BoolArray
) -> tuple[BoolArray, Reasons]:
    """Tell where an answer hangs on segments, shaped (m, series), that are not known, and why."""
    of_hidden, of_lacking = (asked & some.any(axis=0) for some in (hidden, lacking))
    return of_hidden | of_lacking, (
        because(of_hidden, Reason.SUPPRESSED_SEGMENT) | because(of_lacking, Reason.NEED_UNKNOWN)
    )
