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
from targeted_universalism.ask.references import (
    best_rows,
    by_dimension,
    named_rows,
    own_reasons,
    people_of,
    reference_word,
    with_suppressed,
)
from targeted_universalism.ask.sides import repeated
from targeted_universalism.errors import (
    check_one_of,
    check_whole,
)
from targeted_universalism.measures.significance import benjamini_hochberg, holm
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.columns import DISPARITIES

KEYWORDS = ("best", "total", "rest", "goal", "each")
ADJUSTMENTS = {"holm": "Holm", "bh": "Benjamini–Hochberg", None: "not adjusted"}
TOGETHER = "Tukey–Kramer for all pairs at once"
_LIMITS = {
    ("proportion", "auto"): "Wilson's limits with mid-p for rare counts",
    ("proportion", "wilson"): "Wilson's limits",
    ("proportion", "midp"): "mid-p limits",
    ("proportion", "exact"): "exact limits",
    ("rate", "auto"): "exact limits",
    ("rate", "exact"): "exact limits",
    ("rate", "byar"): "Byar's limits",
}
_RARE = "score test, mid-p for rare counts"
_TESTS = {"proportion": _RARE, "rate": "conditional exact ratio and test"}
_TESTS_OF_GOAL = {"proportion": "exact binomial test", "rate": "exact Poisson test"}
_OTHERS = {
    "mean": ("Welch interval and test", "Student interval, t test"),
    "estimate": ("normal interval and test", "interval of the rate, normal test"),
    "published limits": ("MOVER of the published limits, normal test",
                         "published limits, normal test"),
}  # fmt: skip
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
    twin : (m, strata) array of int64
        The comparison that is the same test the other way round, else the comparison itself.
    together : (rows of the answer, strata) array of int64, optional
        How many segments there are whose pairs must hold at once.
    """

    row: IntArray
    other: IntArray
    twin: IntArray
    together: IntArray | None = None


def disparities(
    answer: Answer, reference: object = "best", *, minimum: int = 30, adjust: str | None = "holm"
) -> pd.DataFrame:
    """Compare segments with each other: differences and ratios, the reference named.

    A disparity says how differently structures serve two groups; the gap to the goal, in
    ``table``, says how far each has to go. The two are never merged.

    Parameters
    ----------
    reference : str or label
        ``"best"``, the segment furthest towards the goal; ``"total"``; ``"rest"``, everybody
        else as one group; ``"goal"``; ``"each"``, every pair, both ways round; or the label of
        a segment, as text or as the data have it, in every dimension that has it.
    minimum : int
        Fewest people of a segment that may be ``"best"``.
    adjust : {"holm", "bh", None}
        Holm's or Benjamini and Hochberg's adjustment of the p-values. A family is one stratum,
        indicator and dimension, without the reference and Unknown; two segments held against all
        others, or the total, are one test. Under ``"best"`` the data chose the pair: intervals and
        ``p_adjusted`` hold for all pairs at once (Tukey–Kramer), whatever is said here.

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
    Differences are MOVER of the intervals that ``table`` shows (Zou & Donner 2008; of Wilson's it
    is Newcombe's), ratios those of Donner & Zou (2012). Proportions have Miettinen and Nurminen's
    score test, and where fewer than five with or without the event are expected the conditional
    mid-p, since a score has no normal tail there; rates the conditional exact test and limits of
    the ratio, or, where events repeat in one person, the conditional mid-p of effective events and
    MOVER; means Welch's interval and test. Published estimates are normal, ratios on the log scale,
    and MOVER of limits that were published. The goal has no error: the rate's own interval,
    shifted, with an exact test. A group
    inside the total: (1 − w) times the difference to the rest, and r/(wr + 1 − w) of the ratio r
    to the rest.

    At the level of the intervals, difference, ratio and p-value say the same of equality. Where an
    approximate test and the interval would not (fewer than one row in 100), the p-value is that of
    the interval; where the exact test of rates keeps equality, the interval reaches to it.

    ``"best"``: the normal quantile of every limit is q(k, ∞)/√2, and ``p_adjusted`` comes from the
    studentized range of the test's statistic, that of the conditional mid-p where fewer than five
    are expected; k are the segments of the dimension that have a rate. ``p_value`` is of the pair
    alone, as if it had been named beforehand.

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
    reference = reference_word(reference, KEYWORDS)
    asked = _comparisons(answer, reference, minimum)
    pairs = Pairs.within(asked.row, asked.other, asked.twin)
    result = compare(answer, pairs, reference, asked.together)
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
            **{name: vars(result)[name] for name in DISPARITIES.names if name in vars(result)},
            "p_adjusted": _adjusted(answer, asked, result, apart, adjust),
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
        twin = _alone(len(kept), strata) if reference == "goal" else _two_sides(answer, kept)
        return Comparisons(kept, other, twin)
    if reference == "best":
        kept = rows[answer.dimension_of > 0]
        other = best_rows(answer, ~(people_of(answer) < minimum))[kept]
        return Comparisons(kept, other, _alone(len(kept), strata), _comparable(answer))
    return _named(answer, reference)


def _alone(comparisons: int, strata: int) -> IntArray:
    """Make every comparison a test of its own."""
    return np.repeat(np.arange(comparisons)[:, None], strata, axis=1)


def _comparable(answer: Answer) -> IntArray:
    """Count the segments of each row's dimension that may be compared: two at least."""
    rated = ~np.isnan(answer.values["rate"]) & ~answer.unknown[:, None]
    return by_dimension(answer, lambda rows: np.maximum(rated[rows].sum(axis=0), 2))


def _two_sides(answer: Answer, kept: IntArray) -> IntArray:
    """Pair the only two segments that have people: each is the rest of the other."""
    twin = _alone(len(kept), len(answer.segments.strata))
    peopled = answer.cells.population > 0
    for dimension, rows in zip(answer.dimensions, answer.segments.index.slices, strict=True):
        strata = np.flatnonzero(peopled[rows].sum(axis=0) == 2)
        if dimension.exclusive and strata.size:
            start = int(np.searchsorted(kept, rows.start))
            first = start + peopled[rows][:, strata].argmax(axis=0)
            last = start + len(dimension) - 1 - peopled[rows][::-1, strata].argmax(axis=0)
            twin[first, strata], twin[last, strata] = last, first
    return twin


def _named(answer: Answer, label: str) -> Comparisons:
    """Compare with one segment, in every dimension that has it."""
    hint = "To compare with a number, make it the goal and say reference='goal'."
    row, references = named_rows(answer, label, KEYWORDS, hint)
    strata = len(answer.segments.strata)
    other = np.repeat(references[:, None], strata, axis=1)
    return Comparisons(row, other, _alone(len(row), strata))


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
    strata = len(answer.segments.strata)
    other, twins = (np.repeat(v[:, None], strata, axis=1) for v in (reference, twin))
    return Comparisons(row, other, twins)


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
    reason |= result.why_no_ratio
    reason |= because(
        compared_with & _single_event(answer, comparisons, reference), Reason.FEW_EVENTS
    )
    if reference == "best":
        unsized = np.isnan(people_of(answer))[comparisons.row]
        reason |= because(compared_with, Reason.REFERENCE_CHOSEN)
        reason |= because(compared_with & unsized, Reason.SIZE_UNKNOWN)
    return reason


def _single_event(answer: Answer, comparisons: Comparisons, reference: str) -> BoolArray:
    """Tell where a reference has one event: in as many samples it has none, and there is no ratio.

    Ratios are told of the other samples alone, and there no interval holds its level.
    """
    if reference in ("total", "rest", "goal"):
        return np.zeros(comparisons.other.shape, dtype=np.bool_)
    place = np.maximum(comparisons.other, 0)
    events = np.take_along_axis(answer.values["events"], place, axis=0)
    return np.asarray(events == 1)


def _adjusted(
    answer: Answer, comparisons: Comparisons, result: Compared, apart: BoolArray, adjust: str | None
) -> FloatArray:
    """Adjust the p-values of each dimension and stratum; a test that two rows hold counts once."""
    if comparisons.together is not None:
        return np.where(apart, np.nan, result.p_together)
    p = np.where(apart, np.nan, result.p_value)
    position = np.arange(len(p))[:, None]
    same = np.isclose(np.take_along_axis(p, comparisons.twin, axis=0), p, rtol=1e-6, atol=0)
    first = np.where(same, np.minimum(comparisons.twin, position), position)
    once = np.where(first == position, p, np.nan)
    dimension = answer.dimension_of[comparisons.row]
    adjusted = np.full(p.shape, np.nan)
    for d in np.unique(dimension):
        rows = np.flatnonzero((dimension == d) & (first == position).any(axis=1))
        adjusted[rows] = _ADJUST[adjust](once[rows])
    return np.take_along_axis(adjusted, first, axis=0)


def _methods(answer: Answer, comparisons: Comparisons, reference: str, adjust: str | None) -> Words:
    """Name interval, test and adjustment of each stratum."""
    done = TOGETHER if comparisons.together is not None else ADJUSTMENTS[adjust]
    ways = [_way(answer, i, reference) for i in range(len(answer.goals))]
    words = list(dict.fromkeys(f"{way}; {done}" for way in ways))
    place = np.array([words.index(f"{way}; {done}") for way in ways])
    codes = place[answer.segments.strata.indicator]
    return Words(words, np.broadcast_to(codes, (len(comparisons.row), len(codes))))


def _way(answer: Answer, indicator: int, reference: str) -> str:
    """Name interval and test of one indicator."""
    segments, kind, goal = answer.segments, answer.segments.kinds[indicator], reference == "goal"
    if not answer.cells.family.counted:
        return _OTHERS["estimate" if segments.level is None else "published limits"][goal]
    if kind == "mean":
        return _OTHERS[kind][goal]
    limits, test = _LIMITS[kind, answer.options.interval], _TESTS[kind]
    if repeated(answer, indicator):
        limits, test = "limits for events that repeat or have weights", "conditional mid-p test"
    if goal:
        return f"{limits}, {_TESTS_OF_GOAL[kind]}"
    if reference == "best":
        test = _RARE if kind == "proportion" else "conditional mid-p"
    return f"MOVER of {limits}, {test}"


def _table(answer: Answer, comparisons: Comparisons, columns: dict[str, Values]) -> pd.DataFrame:
    row, other = comparisons.row, comparisons.other
    strata = np.arange(other.shape[1])
    seen = answer.seen[row] & ((other < 0) | answer.there[np.maximum(other, 0), strata])
    stratum, place = np.nonzero(seen.T)
    shown = {name: values[place, stratum] for name, values in columns.items()}
    return answer.keyed(DISPARITIES, stratum, row[place], shown)
