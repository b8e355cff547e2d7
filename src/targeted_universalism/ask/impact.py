"""Disproportionate impact as agencies must report it: one register of rules, exact people.

Agencies hold groups against each other; a rule here is how, with its source. What it asks of a
group depends on who else is there, which a universal goal does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray, Number
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import Words
from targeted_universalism.ask.references import (
    best_rows,
    by_dimension,
    less,
    own_reasons,
    people_of,
    rest_of_total,
    with_suppressed,
)
from targeted_universalism.errors import InputError, check_whole, is_finite
from targeted_universalism.measures.entry import Entry, by_name, entry_of
from targeted_universalism.measures.exact import is_whole
from targeted_universalism.measures.impact import Impact, impact_ratio, point_gap, proportionality
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import IMPACT

_REFERENCES = ("total", "rest", "rest of all strata")


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule(Entry):
    """How an agency decides that a group is disproportionately impacted: it says what it flags.

    Its judge is an array function of :mod:`targeted_universalism.measures.impact`, with the options
    that it is always given.

    Parameters
    ----------
    name, says, source, judge
        As in :class:`Entry`.
    reference : {"total", "rest", "best"}
        What a group is held against.
    kinds : tuple of str
        Kinds of outcome that it can judge.
    threshold : number or None
        The usual threshold; None where there is none to choose.
    chosen : bool
        Whether `threshold` may be given by the user.
    people, events : int
        Fewest people, and fewest events, of a group that is assessed.
    share : number
        Smallest share of all people of a segment that may be "best".
    unknown : bool
        Whether people whose segment is not known are judged, and are among the others.
    """

    judge: Callable[..., Impact]
    reference: str
    kinds: tuple[str, ...] = ("proportion", "rate")
    threshold: Number | None = None
    chosen: bool = True
    people: int = 1
    events: int = 0
    share: float = 0.0
    unknown: bool = True


def _ppg(floor: Fraction, observed: bool) -> Callable[..., Impact]:
    def judge(*counts: FloatArray, **options: Any) -> Impact:
        return point_gap(*counts, floor=floor, observed=observed, **options)

    return judge


def _ratio(*counts: FloatArray, size: FloatArray, **options: Any) -> Impact:
    return impact_ratio(*counts, **options)


def _share(*counts: FloatArray, size: FloatArray, **options: Any) -> Impact:
    return proportionality(*counts, **options)


RULES = by_name(
    Rule(
        name="ppg1-2022",
        says="a rate that even with its margin, max(1.96√(p(1−p)/n), 2 points), is not above the "
        "rate of everybody else; more than 10 people",
        source="California Community Colleges, Percentage Point Gap minus one, PPG-1 (2022)",
        judge=_ppg(Fraction(2, 100), True),
        reference="rest",
        kinds=("proportion",),
        chosen=False,
        people=11,
    ),
    Rule(
        name="ppg-2017",
        says="a rate that even with its margin, max(1.96√(0.25/n), 3 points), is not above the "
        "rate of everybody, the segment included",
        source="California Community Colleges, Percentage Point Gap method (2017)",
        judge=_ppg(Fraction(3, 100), False),
        reference="total",
        kinds=("proportion",),
        chosen=False,
    ),
    Rule(
        name="index-80",
        says="a rate below four fifths of that of the best segment that has 2 % of the people",
        source="Uniform Guidelines on Employee Selection Procedures (1978)",
        judge=_ratio,
        reference="best",
        threshold=Fraction(4, 5),
        share=0.02,
    ),
    Rule(
        name="proportionality",
        says="a share of the events below four fifths of the share of the people",
        source="California Community Colleges, Guidelines for Measuring Disproportionate Impact "
        "(2014)",
        judge=_share,
        reference="total",
        threshold=Fraction(4, 5),
    ),
    Rule(
        name="idea",
        says="a risk ratio to all other groups beyond the threshold that the State sets (without "
        "one nothing is flagged); at least 10 events and 30 people in both; where the others are "
        "too few, to those of all strata (the alternate risk ratio); Unknown is no group",
        source="34 CFR 300.647",
        judge=_ratio,
        reference="rest",
        people=30,
        events=10,
        unknown=False,
    ),
)


class _Counts(NamedTuple):
    """Events and people of every row, and the people behind a margin; (rows, strata)."""

    events: FloatArray
    population: FloatArray
    size: FloatArray


class _Reference(NamedTuple):
    """What each row is held against: a fraction, its name, and whether it is of all strata."""

    events: FloatArray
    population: FloatArray
    named: IntArray
    wider: BoolArray


def impact(
    answer: Answer, rule: str = "ppg1-2022", *, threshold: Number | None = None, minimum: int = 30
) -> pd.DataFrame:
    """Say which segments a rule of disproportionate impact flags, and what would end it.

    These rules hold groups against each other, as agencies must report it. They are not gaps
    to the goal: a flag can go because the reference falls.

    Parameters
    ----------
    rule : str
        Rules, and what they flag:

        - ``"ppg1-2022"``: a rate that even with its margin, max(1.96√(p(1−p)/n), 2 points), is not
          above the rate of everybody else; more than 10 people
        - ``"ppg-2017"``: a rate that even with its margin, max(1.96√(0.25/n), 3 points), is not
          above the rate of everybody, the segment included
        - ``"index-80"``: a rate below four fifths of that of the best segment that has 2 % of the
          people
        - ``"proportionality"``: a share of the events below four fifths of the share of the people
        - ``"idea"``: a risk ratio to all other groups beyond the threshold that the State sets
          (without one nothing is flagged); at least 10 events and 30 people in both; where the
          others are too few, to those of all strata (the alternate risk ratio); Unknown is no group
    threshold : number, optional
        Another threshold for the index, as 0.9 or 3. The State sets it for ``"idea"``: without
        one nothing is flagged.
    minimum : int
        Fewest people of a segment that may be "best", as in :meth:`Assessment.disparities`.

    Returns
    -------
    DataFrame
        One row for each segment in each stratum, totals left out.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``rule``: the rule
        - ``reference``: whom the segment is held against: a segment, total, rest or rest of all
          strata
        - ``reference_rate`` (``per``): the rate of the reference
        - ``margin`` (``per``): how far a gap may go for lack of people; percentage point gaps only
        - ``index``: rate / reference rate, or the ratio of shares; for percentage point gaps rate −
          reference rate, in units of per
        - ``threshold``: the index at which the flag begins
        - ``flagged``: whether the rule flags the segment
        - ``needed_to_leave`` (people): the fewest people whose outcome must change for the flag,
          computed again, to go
        - ``needed_to_parity`` (people): the fewest people whose outcome must change to reach the
          reference
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If the rule is not known or has no threshold to choose, or the minimum is no whole number.

    Notes
    -----
    ``needed_to_leave`` is the fewest people whose outcome must change for the flag, computed
    again, to be gone; ``needed_to_parity`` to reach the reference itself. The reference stays
    as it is, except for ``"proportionality"``, where people added to a group are added to the
    whole. Where lower is better everything is turned round: four fifths becomes five quarters.
    California Community Colleges (2014, 2017, 2022); Uniform Guidelines on Employee Selection
    Procedures (1978); 34 CFR 300.647.

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
    >>> a.impact()[["segment", "index", "margin", "flagged", "needed_to_leave"]].round(3)
      segment  index  margin  flagged  needed_to_leave
    0   Asian  0.101   0.020    False                0
    1   Black -0.120   0.034     True               56
    2  Latino -0.067   0.020     True              141
    3   White  0.026   0.020    False                0

    """
    how = entry_of(RULES, rule)
    cut = _threshold(rule, how, threshold)
    check_whole("minimum", minimum, 1)
    counts = _counts(answer, how)
    reference = _reference(answer, how, counts, minimum)
    allowed, reason = _allowed(answer, how, counts, reference)
    found = _judged(answer, how, counts, reference, cut)
    reason |= because(reference.wider & allowed, Reason.ALL_STRATA)
    reason |= because(allowed & np.isnan(found.index), Reason.REFERENCE_ZERO)
    reason |= because(allowed & _weighted(counts), Reason.APPROXIMATE)
    itself = reference.named == np.arange(len(answer.labels))[:, None]
    reason |= because(allowed & itself, Reason.OWN_REFERENCE)
    found = found.mapped(lambda values: np.where(allowed, values, np.nan))
    if how.chosen and cut is None:
        nothing = np.full(allowed.shape, np.nan)
        found = replace(found, threshold=nothing, flagged=nothing, needed_to_leave=nothing)
        reason |= because(allowed, Reason.NO_THRESHOLD)
    shown = answer.seen & (answer.dimension_of > 0)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = reference.events / reference.population * _per(answer)
    words = [*answer.labels, *_REFERENCES]
    return answer.frame(
        IMPACT,
        {
            "rule": Words([rule], np.zeros(allowed.shape, dtype=np.int64)),
            "reference": Words(words, np.where(allowed, reference.named, -1)),
            "reference_rate": np.where(allowed, rate, np.nan),
            **{field.name: getattr(found, field.name) for field in fields(found)},
            "reason": reason,
        },
        shown,
    )


def _threshold(name: str, rule: Rule, threshold: Number | None) -> Number | None:
    if threshold is None:
        return rule.threshold
    if not rule.chosen:
        raise InputError(f"rule={name!r} has no threshold to choose: leave threshold= out.")
    if not is_finite(threshold) or not threshold > 0:
        raise InputError(
            f"threshold={threshold!r} must be a number above 0: 0.8 for four fifths, 3 for a risk "
            "ratio of three."
        )
    return threshold


def _per(answer: Answer) -> FloatArray:
    of = np.array([float(goal.per) for goal in answer.goals])
    return of[answer.segments.strata.indicator]


def _weighted(counts: _Counts) -> BoolArray:
    return ~is_whole(np.nan_to_num(counts.events), np.nan_to_num(counts.population))


# --- who, and against whom -----------------------------------------------------------------------


def _counts(answer: Answer, rule: Rule) -> _Counts:
    """Give events and people where the rule can judge them; published rates imply their events."""
    cells, stats, family = answer.cells, answer.cells.stats, answer.cells.family
    kinds = np.array([kind in rule.kinds for kind in answer.segments.kinds])
    known = (cells.state == State.OK) & kinds[answer.segments.strata.indicator]
    people, events = cells.population, family.events(stats, answer.segments.units)
    if family.counted:
        size = np.full(people.shape, np.nan)
        for i, kind in enumerate(answer.segments.kinds):
            strata = answer.segments.strata.indicator == i
            part = {name: values[:, strata] for name, values in stats.items()}
            size[:, strata] = family.effective(part, kind)[1] if kind in rule.kinds else np.nan
    else:
        size = family.rows(stats)
        if rule.chosen:  # no margin hangs on the people who were asked
            size = np.where(np.isnan(size), people, size)
        known &= ~(stats["standardized"] > 0)
    return _Counts(*(np.where(known, v, np.nan) for v in (events, people, size)))


def _reference(answer: Answer, rule: Rule, counts: _Counts, minimum: int) -> _Reference:
    shape = counts.events.shape
    narrow = np.zeros(shape, dtype=np.bool_)
    if rule.reference == "best":
        with np.errstate(invalid="ignore", divide="ignore"):
            large = ~(counts.population / counts.population[:1] < rule.share)
        large &= ~(people_of(answer) < minimum)
        best = best_rows(answer, large & ~np.isnan(counts.events))
        place = (np.maximum(best, 0), np.arange(shape[1]))
        none = best < 0
        x, n = (np.where(none, np.nan, v[place]) for v in (counts.events, counts.population))
        return _Reference(x, n, best, narrow)
    named = np.full(shape, len(answer.labels) + _REFERENCES.index(rule.reference))
    if rule.reference == "total":
        x, n = (np.broadcast_to(v[:1], shape) for v in (counts.events, counts.population))
        return _Reference(x, n, named, narrow)
    x, n = _rest(answer, counts, rule.unknown)
    if not rule.events:
        return _Reference(x, n, named, narrow)
    return _alternate(answer, rule, counts, _Reference(x, n, named, narrow))


def _rest(answer: Answer, counts: _Counts, unknown: bool) -> tuple[FloatArray, FloatArray]:
    """Everybody but each row, with those whose segment is not known or without them."""
    if answer.cells.family.counted:
        kinds = np.array(answer.segments.kinds)[answer.segments.strata.indicator]
        left = rest_of_total(answer.cells, kinds == "proportion", answer.segments.index)
        known = left.state == State.OK
        x, n = (np.where(known, v, np.nan) for v in (left.stats["events"], left.population))
    else:
        x, n = (less(v[:1], v) for v in (counts.events, counts.population))
    if not unknown:
        x, n = (
            less(v, _of_unknown(answer, own))
            for v, own in ((x, counts.events), (n, counts.population))
        )
    some = (n > 0) & (x >= 0)
    return np.where(some, x, np.nan), np.where(some, n, np.nan)


def _of_unknown(answer: Answer, values: FloatArray) -> FloatArray:
    """Give each row what Unknown holds in its dimension: 0 where nobody is there."""
    cells = answer.cells
    nobody = (cells.state == State.ABSENT) | (cells.population == 0)
    held = np.where(answer.unknown[:, None], np.where(nobody, 0.0, values), 0.0)
    return by_dimension(answer, lambda rows: held[rows].sum(axis=0))


def _alternate(answer: Answer, rule: Rule, counts: _Counts, plain: _Reference) -> _Reference:
    """Compare with the others of all strata where those of the stratum are too few (IDEA)."""
    strata = answer.segments.strata
    few = ~_enough(rule, plain.events, plain.population)
    x, n = plain.events.copy(), plain.population.copy()
    swapped = np.zeros(few.shape, dtype=np.bool_)
    for i in range(len(answer.goals)):
        of = (strata.indicator == i) & ~strata.rolled_up
        wide = _others_of_all(answer, counts, of)
        swap = few & _enough(rule, *wide) & of & (of.sum() > 1)
        x, n = np.where(swap, wide[0], x), np.where(swap, wide[1], n)
        swapped |= swap
    x, n = (np.where(few & ~swapped, np.nan, v) for v in (x, n))
    return _Reference(x, n, plain.named + swapped, swapped)


def _others_of_all(answer: Answer, counts: _Counts, of: BoolArray) -> tuple[FloatArray, FloatArray]:
    """All other known segments in all strata; missing where any of them hides or lacks one."""
    cells = answer.cells
    unknown = (cells.state == State.NO_DATA) & (cells.population > 0)
    unknown |= with_suppressed(answer) & answer.there
    unknown |= (np.isnan(counts.events) & (cells.state == State.OK))[:1]
    lost = unknown[:, of].any(axis=1, keepdims=True)
    x, n = (
        np.nansum(v[:1, of], axis=1)
        - np.nansum(v[:, of], axis=1, keepdims=True)
        - np.nansum(_of_unknown(answer, v)[:, of], axis=1, keepdims=True)
        for v in (counts.events, counts.population)
    )
    return np.where(lost, np.nan, x), np.where(lost, np.nan, n)


def _enough(rule: Rule, events: FloatArray, people: FloatArray) -> BoolArray:
    return (events >= rule.events) & (people >= rule.people)


def _allowed(
    answer: Answer, rule: Rule, counts: _Counts, reference: _Reference
) -> tuple[BoolArray, Reasons]:
    """Tell which rows the rule can judge, and why it cannot judge the others."""
    reason = own_reasons(answer)
    rated = ~np.isnan(answer.values["rate"])
    apart = rated & answer.unknown[:, None] & (not rule.unknown)
    reason |= because(apart, Reason.UNKNOWN_APART)
    rated &= ~apart
    hidden = rated & with_suppressed(answer)
    uncounted = rated & ~hidden & np.isnan(counts.events + counts.population + counts.size)
    few = rated & ~hidden & ~uncounted & ~_enough(rule, counts.events, counts.size)
    left = rated & ~hidden & ~uncounted & ~few
    lost = left & np.isnan(reference.population)
    why = {"best": Reason.NO_REFERENCE, "rest": Reason.NO_REST, "total": Reason.REFERENCE_MISSING}
    reason |= because(hidden, Reason.SUPPRESSED_SEGMENT)
    reason |= because(uncounted, Reason.NEEDS_COUNTS)
    reason |= because(few, Reason.TOO_FEW)
    reason |= because(lost, why[rule.reference])
    return left & ~lost, reason


def _judged(
    answer: Answer, rule: Rule, counts: _Counts, reference: _Reference, cut: Number | None
) -> Impact:
    """Apply the rule in the direction of each indicator's goal, in units of its ``per``."""
    parts = {field.name: np.full(counts.events.shape, np.nan) for field in fields(Impact)}
    options: dict[str, Any] = {} if not rule.chosen else {"threshold": 1 if cut is None else cut}
    for i, goal in enumerate(answer.goals):
        strata = answer.segments.strata.indicator == i
        found = rule.judge(
            *(v[:, strata] for v in (*counts[:2], reference.events, reference.population)),
            size=counts.size[:, strata],
            direction=goal.direction,
            **options,
        )
        scale = 1.0 if rule.chosen else float(goal.per)
        for name, values in parts.items():
            in_units = name in ("margin", "index", "threshold")
            values[:, strata] = getattr(found, name) * (scale if in_units else 1.0)
    return Impact(**parts)
