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
from targeted_universalism.answer.tables import Values, Words
from targeted_universalism.ask.contrast import Compared, Pairs, compare
from targeted_universalism.ask.references import best_rows, own_reasons, with_suppressed
from targeted_universalism.errors import InputError, check_one_of, check_whole, did_you_mean
from targeted_universalism.measures.significance import benjamini_hochberg, holm
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.columns import DISPARITIES

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


def disparities(
    answer: Answer, reference: str = "best", *, minimum: int = 30, adjust: str | None = "holm"
) -> pd.DataFrame:
    """Compare segments with each other: differences and ratios, the reference named.

    A disparity says how differently structures serve two groups; the gap to the goal, in
    ``table``, says how far each has to go. The two are never merged.

    Parameters
    ----------
    reference : str
        ``"best"``, the segment furthest towards the goal; ``"total"``; ``"rest"``, everybody
        else as one group; ``"goal"``; ``"each"``, every pair, both ways round; or the label of
        a segment, in every dimension that has it.
    minimum : int
        Fewest people of a segment that may be ``"best"``.
    adjust : {"holm", "bh", None}
        Holm's or Benjamini and Hochberg's adjustment of the p-values. A family is one stratum,
        indicator and dimension, without the reference and Unknown.

    Returns
    -------
    DataFrame
        Differences and ratios are never turned round, whatever the direction of the goal. The
        reference's own row is 0 and 1.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``reference``: what the segment is compared with: a segment, total, rest or goal
        - ``rate`` (``per``): the rate
        - ``reference_rate`` (``per``): the rate of the reference
        - ``difference``, ``difference_low``, ``difference_high`` (``per``): rate − reference rate,
          and its interval
        - ``ratio``, ``ratio_low``, ``ratio_high``: rate / reference rate, and its interval
        - ``p_value``: of the test that both rates are equal
        - ``p_adjusted``: the same, adjusted for the tests of one dimension of one stratum
        - ``method``: interval, test and adjustment
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If the reference is no segment, or stands for a missing one.

    Notes
    -----
    Proportions: MOVER of the segments' intervals (Newcombe's, with Wilson's), Miettinen and
    Nurminen's score test. Rates: MOVER of the exact limits for differences, the conditional
    exact limits for ratios and its test. Means: Welch. Estimates: normal, ratios on the log
    scale. The goal has no error: the rate's own interval, shifted, with an exact test. A group
    inside the total: (1 − w) times the difference to the rest.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "group": ["Asian", "Black", "Latino", "White"],
    ...     "graduated": [1910, 462, 2520, 1800], "cohort": [2000, 600, 3000, 2000],
    ... })
    >>> s = tu.from_counts(
    ...     pupils, numerator="graduated", denominator="cohort", segments="group"
    ... )
    >>> a = tu.assess(s, tu.Goal.at_least(0.90, name="Graduate in four years"))
    >>> a.disparities("White")[["segment", "difference", "difference_low", "ratio"]].round(3)
      segment  difference  difference_low  ratio
    0   Asian       0.055           0.039  1.061
    1   Black      -0.130          -0.167  0.856
    2  Latino      -0.060          -0.078  0.933
    3   White       0.000             NaN  1.000

    """
    check_one_of("adjust", adjust, ADJUSTMENTS)
    minimum = check_whole("minimum", minimum, 1)
    asked = _comparisons(answer, reference, minimum)
    result = compare(answer, Pairs.within(asked.row, asked.other), reference)
    partly_hidden = with_suppressed(answer)[asked.row]
    lost = partly_hidden & (reference in ("best", "total", "rest"))
    result = result.without(lost)
    reason = _reasons(answer, asked, reference, result, lost)
    apart = (answer.unknown[asked.row][:, None] | partly_hidden) & ~np.isnan(result.p_value)
    reason |= because(apart & partly_hidden, Reason.SUPPRESSED_SEGMENT)
    reason |= because(apart & ~partly_hidden, Reason.UNKNOWN_APART)
    return _table(
        answer, asked, {
            "reference": _called(answer, asked, reference, lost),
            **{name: values for name, values in vars(result).items() if name != "reason"},
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
) -> Reasons:
    """Say why a value is missing, or must be read with care."""
    rated = ~np.isnan(result.rate)
    itself = comparisons.other == comparisons.row[:, None]
    compared_with = rated & ~np.isnan(result.reference_rate) & ~itself
    without = rated & ~hidden & np.isnan(result.reference_rate)
    lost = {"best": Reason.NO_REFERENCE, "rest": Reason.NO_REST, "total": Reason.NO_REST}
    reason = own_reasons(answer)[comparisons.row] | result.reason
    reason |= because(rated & hidden, Reason.SUPPRESSED_SEGMENT)
    no_total = without & np.isnan(answer.values["rate"][0]) & (reference == "total")
    reason |= because(no_total, Reason.REFERENCE_MISSING)
    reason |= because(without & ~no_total, lost.get(reference, Reason.REFERENCE_MISSING))
    reason |= because(rated & itself & ~hidden, Reason.OWN_REFERENCE)
    reason |= because(rated & (result.reference_rate == 0), Reason.REFERENCE_ZERO)
    if reference == "best":
        unsized = np.isnan(_size(answer))[comparisons.row]
        reason |= because(compared_with, Reason.REFERENCE_CHOSEN)
        reason |= because(compared_with & unsized, Reason.SIZE_UNKNOWN)
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
    if not answer.cells.family.counted:
        return "estimate"
    other = {("proportion", "exact"): "exact", ("rate", "byar"): "byar"}
    return other.get((kind, answer.options.interval), kind)


def _table(answer: Answer, comparisons: Comparisons, columns: dict[str, Values]) -> pd.DataFrame:
    row, other = comparisons.row, comparisons.other
    strata = np.arange(other.shape[1])
    seen = answer.seen[row] & ((other < 0) | answer.seen[np.maximum(other, 0), strata])
    stratum, place = np.nonzero(seen.T)
    cells = {name: values[place, stratum] for name, values in columns.items()}
    return answer.keyed(DISPARITIES, stratum, row[place], cells)
