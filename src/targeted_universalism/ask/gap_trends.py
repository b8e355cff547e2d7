"""Are gaps between segments closing: in points, as a ratio, and why (METHODS 10)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import Values, Words
from targeted_universalism.ask.contrast import Compared, Pairs, compare
from targeted_universalism.ask.references import (
    named_rows,
    own_reasons,
    reference_word,
    with_suppressed,
)
from targeted_universalism.ask.series import Window, series_of, window_of
from targeted_universalism.errors import InputError
from targeted_universalism.measures.contrasts import mover_arms
from targeted_universalism.measures.intervals import z_value
from targeted_universalism.measures.significance import normal_p
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.columns import GAP_TRENDS

KEYWORDS = ("total", "rest")
_ELSEWHERE = {
    "best": "the best at one time need not be so at another, and one that chance made the best "
    "falls back by itself: name the segment, as a.disparities('best') does at each time",
    "each": "name one segment, or ask for each in turn",
    "goal": "a.progress(time) says how the distance to the goal has changed",
}
_LEVEL = 0.95
_SAME = 1e-12
# By the sign of the change in points (rows: narrowing, unchanged, widening) and of that of the
# ratio, or where there is no ratio.
_WORDS = (
    "both narrowing", "absolute narrowing, relative unchanged",
    "absolute narrowing, relative widening", "absolute narrowing",
    "relative narrowing, absolute unchanged", "no change",
    "relative widening, absolute unchanged", "absolute unchanged",
    "relative narrowing, absolute widening", "absolute widening, relative unchanged",
    "both widening", "absolute widening",
)  # fmt: skip
_NO_RATIO = 3


def gap_trends(
    answer: Answer,
    time: str,
    reference: object,
    *,
    baseline: object = None,
    latest: object = None,
    breaks: object = (),
) -> pd.DataFrame:
    """Say whether segments have come closer to a reference, in points and as a ratio.

    Where rates fall, a gap can narrow in points while the ratio rises: both stand side by side,
    and the words say which of the two it is. What counts for the goal is in ``progress``.

    Parameters
    ----------
    time : str
        The `by` column of years, school years or dates.
    reference : str or label
        The label of a segment, as text or as the data have it, in every dimension that has it;
        ``"total"``; or ``"rest"``, everybody else as one group.
    baseline, latest : value of that column, optional
        The two times that are held against each other; the first and the last of each series
        without them.
    breaks : value of that column, or collection of them
        Times at which a new series begins. Nothing before a break is held against what lies after.

    Returns
    -------
    DataFrame
        Changes are latest − baseline, never turned round; narrowing is of the size of the gap.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``reference``: what the segment is compared with: a segment, total or rest
        - ``difference_change`` (``per``): how rate − reference rate has changed, from the baseline
          to the latest time
        - ``ratio_change``: how rate / reference rate has changed
        - ``trend``: whether the gap has narrowed or widened in points (absolute) and as a ratio
          (relative), whichever side it is on
        - ``p_value``: of the test that the difference has not changed
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If the reference is no segment, or the latest time is not after the baseline.

    Notes
    -----
    Moonesinghe & Beckles (2015) show when points and ratio part. The difference is
    that of ``disparities`` at each time, to the total by the exact covariance; MOVER (Zou & Donner
    2008) puts the two intervals together, and the p-value is that of a normal statistic with the
    length of the arm towards no change. A Wald statistic, ΔD/√Σse², finds a change in up to 43 % of
    samples where there is none (20 people beside 5,000, rates of 1 to 4 %): this one in at most
    6 %. It takes the two times as independent: where periods share years, or ids say that the same
    people are counted twice, there is no test; where they are and nothing says so it does not hold.

    A gap that narrows because the better-off of the two fell back is no way to a universal goal:
    the reason says so.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> deaths = pd.DataFrame({
    ...     "decade": [1955, 1955, 2015, 2015], "group": ["Black", "White"] * 2,
    ...     "deaths": [5181, 2703, 1073, 499], "births": 100_000,
    ... })
    >>> s = tu.from_counts(
    ...     deaths, numerator="deaths", denominator="births", segments="group", by="decade"
    ... )
    >>> a = tu.assess(s, tu.Goal.at_most(400, per=100_000, name="Infant deaths"))
    >>> found = a.gap_trends("decade", "White").iloc[0]
    >>> found["difference_change"].round(), found["ratio_change"].round(2), found["trend"]
    (np.float64(-1904.0), np.float64(0.23), 'absolute narrowing, relative widening')

    """
    word = reference_word(reference, KEYWORDS)
    if word in _ELSEWHERE and word not in answer.labels:
        raise InputError(f"reference={word!r} is none here: {_ELSEWHERE[word]}.")
    window = window_of(series_of(answer, time), baseline, latest, breaks)
    row, other = _rows(answer, word)
    ends = _Ends.of(window, word, row, other)
    p_value = ends.p_value()
    seen, there = window.series.seen, window.series.there
    series, place = np.nonzero((seen[row] & (there[other] | (other < 0)[:, None])).T)
    columns: dict[str, Values] = {
        "reference": _called(answer, word, other, len(window.series.strata)),
        "difference_change": ends.change("difference"),
        "ratio_change": ends.change("ratio"),
        "trend": Words(_WORDS, ends.trend()),
        "p_value": p_value,
        "reason": ends.reasons(word, p_value),
    }
    listed = {name: values[place, series] for name, values in columns.items()}
    return window.series.keyed(GAP_TRENDS, series, row[place], listed)


def _rows(answer: Answer, reference: str) -> tuple[IntArray, IntArray]:
    """Say which rows are compared, and with which: −1 for none of the rows."""
    every = np.arange(len(answer.labels))
    if reference == "total":
        return every, np.zeros_like(every)
    if reference == "rest":
        kept = every[answer.dimension_of > 0]
        return kept, np.full_like(kept, -1)
    hint = "Or leave the segments as they are, and see a.disparities() at each time."
    return named_rows(answer, reference, KEYWORDS, hint)


def _called(answer: Answer, reference: str, other: IntArray, series: int) -> Words:
    """Name the reference of each row."""
    if reference in KEYWORDS:
        return Words([reference], np.zeros((len(other), series), dtype=np.int64))
    return Words(answer.labels, np.repeat(other[:, None], series, axis=1))


@dataclass(frozen=True, eq=False)
class _Ends:
    """Comparisons at the baseline and at the latest time.

    Parameters
    ----------
    window : Window
        Over the series of the answer.
    row : (m,) array of int64
        Which rows are compared.
    compared : Compared
        Shaped (2, m, series): the baseline first.
    hidden : (2, m, series) array of bool
        Where a hidden segment hides what the reference adds up.
    level : float
        Level of the intervals.
    """

    window: Window
    row: IntArray
    compared: Compared
    hidden: BoolArray
    level: float

    @classmethod
    def of(cls, window: Window, reference: str, row: IntArray, other: IntArray) -> _Ends:
        """Compare at both times."""
        answer, series = window.series.answer, window.series
        stratum = np.stack([series.stratum(e) for e in (window.baseline, window.latest)])[:, None]
        shape = 2, len(row), len(series.strata)
        rows, others, strata = (
            np.broadcast_to(v, shape)
            for v in (row[:, None], other[:, None], np.maximum(stratum, 0))
        )
        level = answer.segments.level or _LEVEL
        leveled = replace(answer, options=replace(answer.options, confidence=level))
        compared = compare(leveled, Pairs(rows, strata, others, strata), reference)
        hidden = with_suppressed(answer)[rows, strata] & (reference in KEYWORDS) & (stratum >= 0)
        lost = hidden | window.one_time | window.broken | (stratum < 0)
        return cls(window, row, compared.without(lost), hidden, level)

    def change(self, name: str) -> FloatArray:
        """Give latest − baseline of a difference or a ratio, shaped (m, series)."""
        before, now = vars(self.compared)[name]
        return np.asarray(now - before)

    @property
    def size(self) -> FloatArray:
        """Size of the gaps in points."""
        return np.abs(self.compared.difference)

    @property
    def narrower(self) -> BoolArray:
        """Where the gap has narrowed in points."""
        return np.asarray(self._moved(self.size, self._near) < 0)

    @property
    def _near(self) -> FloatArray:
        """Give what counts as no change of points, which rounding alone makes."""
        return np.asarray(_SAME * np.fmax(*np.abs(self.compared.rate)))

    def _moved(self, sizes: FloatArray, near: FloatArray | float) -> FloatArray:
        """Give −1, 0 or 1 where a size has fallen, stayed or grown; NaN where it is not known."""
        before, now = sizes
        with np.errstate(invalid="ignore"):
            same = (before == now) | (np.abs(now - before) <= near)
            return np.asarray(np.where(same, 0.0, np.sign(now - before)))

    def trend(self) -> IntArray:
        """Give the position in ``_WORDS`` of what has become of each gap; −1 where not known."""
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = self._moved(np.abs(np.log(self.compared.ratio)), _SAME)
        points = self._moved(self.size, self._near)
        column = np.where(np.isnan(relative), _NO_RATIO, relative + 1)
        place = (points + 1) * (_NO_RATIO + 1) + column
        return np.where(np.isnan(place), -1, place).astype(np.int64)

    def p_value(self) -> FloatArray:
        """Test that the difference has not changed, by the arm of its interval towards none."""
        both = self.compared
        before, now = (
            (both.difference[i], both.difference_low[i], both.difference_high[i]) for i in (0, 1)
        )
        change = now[0] - before[0]
        below, above = mover_arms(now, before)
        arm = np.where(change > 0, below, above)
        with np.errstate(invalid="ignore", divide="ignore"):
            p = normal_p(np.where(arm > 0, change / arm, np.nan) * z_value(self.level))
        return np.where(self.window.dependent, np.nan, p)

    def reasons(self, reference: str, p_value: FloatArray) -> Reasons:
        """Say why a value is missing, or must be read with care."""
        compared = ~np.isnan(self.change("difference"))
        turned = np.prod(np.sign(self.compared.difference), axis=0) < 0
        no_ratio = self.compared.why_no_ratio
        return (
            self._why_lost(reference, compared)
            | self._why_untested(compared & np.isnan(p_value))
            | (no_ratio[0] | no_ratio[1]).without(~compared)
            | because(turned, Reason.GAP_TURNED)
            | because(self._leveled_down(), Reason.LEVELED_DOWN)
        )

    def _leveled_down(self) -> BoolArray:
        """Tell where the better-off of the two fell back while the gap narrowed."""
        sign = self.window.series.goal_values("sign")
        own, reference = (
            sign * rate for rate in (self.compared.rate, self.compared.reference_rate)
        )
        with np.errstate(invalid="ignore"):
            better = np.where(own[0] > reference[0], own, reference)
            return np.asarray(self.narrower & (better[1] < better[0]))

    def _why_lost(self, reference: str, compared: BoolArray) -> Reasons:
        """Say why there is no comparison at one of the times."""
        window, series = self.window, self.window.series
        own = own_reasons(series.answer)[self.row]
        every = np.ones(compared.shape, dtype=np.bool_)
        reasons = because(every & window.one_time, Reason.ONE_TIME)
        reasons |= because(every & window.broken, Reason.BREAK)
        rated = ~np.isnan(self.compared.rate)
        apart = window.one_time | window.broken
        for end, level, why in (
            (0, window.baseline, Reason.NO_BASELINE), (1, window.latest, Reason.NO_LATEST),
        ):  # fmt: skip
            stratum = series.stratum(level)
            with_rate = rated[end] & (stratum >= 0)
            reasons |= own[:, np.maximum(stratum, 0)].without(every & (stratum < 0))
            reasons |= because(~with_rate, why)
            lost = with_rate & ~apart & np.isnan(self.compared.difference[end])
            reasons |= because(lost & self.hidden[end], Reason.SUPPRESSED_SEGMENT)
            missing = Reason.NO_REST if reference == "rest" else Reason.REFERENCE_MISSING
            reasons |= because(lost & ~self.hidden[end], missing)
        return reasons

    def _why_untested(self, here: BoolArray) -> Reasons:
        """Say why a change has no test."""
        dependent = here & self.window.dependent
        itself = here & (self.size == 0).all(axis=0) & np.isnan(self.compared.difference_low[0])
        unsure = self.compared.reason.any_of(Reason.NO_INTERVAL).any(axis=0)
        untold = here & ~dependent & ~itself
        return (
            self.window.untested(here)
            | because(itself, Reason.OWN_REFERENCE)
            | because(untold & unsure, Reason.NO_INTERVAL)
            | because(untold & ~unsure, Reason.INTERVAL_UNDEFINED)
        )
