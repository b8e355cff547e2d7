"""Differences and ratios between segments, the reference named, for all strata at once (RULES 5).

The signs are those of the numbers: difference = rate − reference rate, never turned round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import Column, Words
from targeted_universalism.ask.contrast import Compared, Pairs, compare
from targeted_universalism.ask.references import best_rows, own_reasons, with_suppressed
from targeted_universalism.errors import InputError, check_one_of, check_whole, did_you_mean
from targeted_universalism.measures.significance import benjamini_hochberg, holm
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import marks

KEYWORDS = ("best", "total", "rest", "goal", "each")
ADJUSTMENTS = {"holm": "Holm", "bh": "Benjamini–Hochberg", None: "not adjusted"}
METHODS = {
    "proportion": "Newcombe interval, score test",
    "exact": "MOVER of exact limits, score test",
    "rate": "MOVER of exact limits, conditional exact test",
    "byar": "MOVER of Byar's limits, conditional exact test",
    "mean": "Welch interval and test",
    "estimate": "normal interval and test",
}
METHODS_OF_GOAL = {
    "proportion": "Wilson interval, exact binomial test",
    "exact": "exact interval, exact binomial test",
    "rate": "exact interval, exact Poisson test",
    "byar": "Byar's interval, exact Poisson test",
    "mean": "Student interval, t test",
    "estimate": "interval of the rate, normal test",
}
_ADJUST: dict[str | None, Callable[[FloatArray], FloatArray]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
    None: np.copy,
}
COLUMNS = (
    "rate", "reference_rate", "difference", "difference_low", "difference_high", "ratio",
    "ratio_low", "ratio_high", "p_value",
)  # fmt: skip
_NONE = -1


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Which rows are compared, and with what, in every stratum.

    Parameters
    ----------
    row : (m,) array of int64
        Rows of the answer.
    other : (m, strata) array of int64
        The row that each is compared with, −1 where it is no row of the answer.
    twin : (m,) array of int64
        The comparison that is the same test the other way round, else the comparison itself.
    """

    row: IntArray
    other: IntArray
    twin: IntArray


def disparities(answer: Answer, reference: str, minimum: int, adjust: str | None) -> pd.DataFrame:
    """Compare every segment with a reference, in every stratum.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    reference : str
        One of ``KEYWORDS``, or the label of a segment.
    minimum : int
        Fewest people of a segment that may be "best".
    adjust : {"holm", "bh", None}
        How the p-values of one dimension and stratum are adjusted.

    Returns
    -------
    DataFrame
        DESIGN 3.
    """
    check_one_of("adjust", adjust, ADJUSTMENTS)
    check_whole("minimum", minimum, 1)
    asked = _comparisons(answer, reference, minimum)
    result = compare(answer, Pairs.within(asked.row, asked.other), reference)
    partly_hidden = with_suppressed(answer)[asked.row]
    lost = partly_hidden & (reference in ("best", "total", "rest"))
    result = result.without(lost)
    reason = _reasons(answer, asked, reference, result, lost)
    apart = (answer.unknown[asked.row][:, None] | partly_hidden) & ~np.isnan(result.p_value)
    reason |= marks(apart & partly_hidden, Reason.SUPPRESSED_SEGMENT)
    reason |= marks(apart & ~partly_hidden, Reason.UNKNOWN_APART)
    return _table(
        answer, asked, {
            "reference": _called(answer, asked, reference, lost),
            **{name: getattr(result, name) for name in COLUMNS},
            "p_adjusted": _adjusted(answer, asked, np.where(apart, np.nan, result.p_value), adjust),
            "method": _methods(answer, asked, reference, adjust),
            "reason": reason,
        },
    )  # fmt: skip


# --- who is compared with whom -------------------------------------------------------------------


def _comparisons(answer: Answer, reference: str, minimum: int) -> Comparisons:
    rows = np.arange(len(answer.labels))
    strata = len(answer.segments.strata)
    if reference == "each":
        return _each(answer)
    if reference in ("rest", "goal", "total"):
        kept = rows if reference != "rest" else rows[answer.dimension_of > 0]
        other = np.full((len(kept), strata), 0 if reference == "total" else _NONE)
        return Comparisons(kept, other, np.arange(len(kept)))
    if reference == "best":
        kept = rows[answer.dimension_of > 0]
        other = best_rows(answer, ~(_size(answer) < minimum))[kept]
        return Comparisons(kept, other, np.arange(len(kept)))
    return _named(answer, reference)


def _size(answer: Answer) -> FloatArray:
    """Give the people that a minimum is held against: those counted, else the population."""
    n, population = answer.values["n"], answer.values["population"]
    return np.where(np.isnan(n), population, n)


def _named(answer: Answer, label: str) -> Comparisons:
    """Compare with one segment, in every dimension that has it."""
    if not isinstance(label, str):
        raise InputError(f"reference= takes a word or the label of a segment, not {label!r}.")
    rows = [i for i, text in enumerate(answer.labels) if text == label and answer.dimension_of[i]]
    if not rows:
        options = [*KEYWORDS, *dict.fromkeys(answer.labels[1:])]
        raise InputError(
            f"reference={label!r} is no segment. {did_you_mean(label, options)} To compare with a "
            "number, make it the goal and say reference='goal'."
        )
    if any(answer.unknown[i] for i in rows):
        raise InputError(f"{label!r} stands for a missing segment: it cannot be the reference.")
    reference_of = {int(answer.dimension_of[i]): i for i in rows}
    row = np.flatnonzero(np.isin(answer.dimension_of, list(reference_of)))
    references = [reference_of[int(d)] for d in answer.dimension_of[row]]
    other = np.repeat(
        np.array(references, dtype=np.int64)[:, None], len(answer.segments.strata), axis=1
    )
    return Comparisons(row, other, np.arange(len(row)))


def _each(answer: Answer) -> Comparisons:
    """Compare every segment with every other one of its dimension; Unknown is no reference."""
    pairs = [
        (i, j)
        for d in range(1, len(answer.dimensions))
        for i, j in permutations(np.flatnonzero(answer.dimension_of == d).tolist(), 2)
        if not answer.unknown[j]
    ]
    place = {pair: k for k, pair in enumerate(pairs)}
    twin = np.array([place.get((j, i), k) for k, (i, j) in enumerate(pairs)], dtype=np.int64)
    row, reference = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    other = np.repeat(reference[:, None], len(answer.segments.strata), axis=1)
    return Comparisons(row, other, twin)


# --- what is said of it --------------------------------------------------------------------------


def _called(answer: Answer, comparisons: Comparisons, reference: str, lost: BoolArray) -> Words:
    """Name the reference of each row: a segment, or the total, the rest or the goal."""
    if reference in ("total", "rest", "goal"):
        return Words([reference], np.zeros(comparisons.other.shape, dtype=np.int64))
    return Words(answer.labels, np.where(lost, _NONE, comparisons.other))


def _reasons(
    answer: Answer, comparisons: Comparisons, reference: str, result: Compared, hidden: BoolArray
) -> IntArray:
    """Say why a value is missing, or must be read with care."""
    rated = ~np.isnan(result.rate)
    itself = comparisons.other == comparisons.row[:, None]
    compared_with = rated & ~np.isnan(result.reference_rate) & ~itself
    without = rated & ~hidden & np.isnan(result.reference_rate)
    lost = {"best": Reason.NO_REFERENCE, "rest": Reason.NO_REST, "total": Reason.NO_REST}
    reason = own_reasons(answer)[comparisons.row] | result.reason
    reason |= marks(rated & hidden, Reason.SUPPRESSED_SEGMENT)
    no_total = without & np.isnan(answer.values["rate"][0]) & (reference == "total")
    reason |= marks(no_total, Reason.REFERENCE_MISSING)
    reason |= marks(without & ~no_total, lost.get(reference, Reason.REFERENCE_MISSING))
    reason |= marks(rated & itself & ~hidden, Reason.OWN_REFERENCE)
    reason |= marks(rated & (result.reference_rate == 0), Reason.REFERENCE_ZERO)
    if reference == "best":
        unsized = np.isnan(_size(answer))[comparisons.row]
        reason |= marks(compared_with, Reason.REFERENCE_CHOSEN)
        reason |= marks(compared_with & unsized, Reason.SIZE_UNKNOWN)
    return reason


def _adjusted(
    answer: Answer, comparisons: Comparisons, p: FloatArray, adjust: str | None
) -> FloatArray:
    """Adjust the p-values of each dimension and stratum; a test both ways round counts once."""
    position = np.arange(len(comparisons.row))
    first = np.minimum(comparisons.twin, position)
    dimension = answer.dimension_of[comparisons.row]
    adjusted = np.full(p.shape, np.nan)
    for d in np.unique(dimension):
        rows = np.flatnonzero((dimension == d) & (first == position))
        adjusted[rows] = _ADJUST[adjust](p[rows])
    return adjusted[first]


def _methods(answer: Answer, comparisons: Comparisons, reference: str, adjust: str | None) -> Words:
    """Name interval, test and adjustment of each stratum."""
    methods = METHODS_OF_GOAL if reference == "goal" else METHODS
    words = [f"{text}; {ADJUSTMENTS[adjust]}" for text in methods.values()]
    way = [list(methods).index(_way(answer, kind)) for kind in answer.segments.kinds]
    codes = np.array(way)[answer.segments.strata.indicator]
    return Words(words, np.broadcast_to(codes, (len(comparisons.row), len(codes))))


def _way(answer: Answer, kind: str) -> str:
    if answer.segments.source == "estimates":
        return "estimate"
    other = {("proportion", "exact"): "exact", ("rate", "byar"): "byar"}
    return other.get((kind, answer.options.interval), kind)


def _table(answer: Answer, comparisons: Comparisons, columns: dict[str, Column]) -> pd.DataFrame:
    row, other = comparisons.row, comparisons.other
    strata = np.arange(other.shape[1])
    seen = answer.seen[row] & ((other < 0) | answer.seen[np.maximum(other, 0), strata])
    stratum, place = np.nonzero(seen.T)
    cells = {name: values[place, stratum] for name, values in columns.items()}
    return answer.keyed(stratum, row[place], cells)
