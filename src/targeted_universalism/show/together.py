"""What may be said of several segments in one breath: their need, and who is surely short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import BoolArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.effort import needs_together
from targeted_universalism.ask.joint import held_together
from targeted_universalism.reasons import Reason
from targeted_universalism.show.nouns import (
    counted_noun,
    list_words,
    need_words,
    people_words,
    what_is_done,
)

MOST_NAMED = 8


class Sum(NamedTuple):
    """What the segments of a dimension need together; `needed` is missing where one is hidden.

    `without` says whether Unknown, which no sum holds, has a need of its own, or one not known;
    `rounded` whether the range is that of all counts that round to those of the data.
    """

    needed: float
    low: float
    high: float
    without: bool
    rounded: bool

    @property
    def hidden(self) -> bool:
        """Whether only a range is known, over the counts that are hidden."""
        return bool(np.isnan(self.needed))


def is_rounded(answer: Answer) -> BoolArray:
    """Tell which counts, shaped (rows, strata), the data give rounded: ranges are of that alone."""
    return np.asarray(answer.cells.reasons.any_of(Reason.ROUNDED))


def sums_of_needs(answer: Answer, stratum: int) -> dict[int, Sum]:
    """Add up what the segments of each dimension need, where that is known and no single need.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    stratum : int
        Its position.

    Returns
    -------
    dict of int to Sum
        By the position of the dimension.
    """
    one = answer.take(np.array([stratum]))
    found, sums = needs_together(one), {}
    for dimension in range(1, len(one.dimensions)):
        rows = one.segments.index.rows(dimension)
        if not rows.size:
            continue
        needed = one.values["needed"][rows[one.unknown[rows] & one.there[rows, 0]], 0]
        need, low, high = (float(found[name][rows[0], 0]) for name in ("needed", "low", "high"))
        rounded = is_rounded(one)[rows, 0].any()
        left_out = (~(needed <= 0)).any()
        together = Sum(need, low, high, without=bool(left_out), rounded=bool(rounded))
        most = one.values["needed_high" if together.hidden else "needed"][rows, 0]
        told = not (together.hidden and np.isnan(together.low + together.high))
        if told and (most[~one.unknown[rows]] > 0).sum() > 1:
            sums[dimension] = together
    return sums


def sum_sentences(answer: Answer, stratum: int, together: Sum) -> Iterator[str]:
    """Say what the segments of a dimension need together, beside what the total needs.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 20, 95], "n": [90, 50, 95]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> answer = tu.assess(s, tu.Goal.at_least(0.5))._answer
    >>> for sentence in sum_sentences(answer, 0, sums_of_needs(answer, 0)[1]):
    ...     print(sentence)
    Together that is 10 people, though the total needs none.
    By their intervals it is 0 to 21 people.

    """
    low, high = f"{together.low:,.0f}", f"{together.high:,.0f}"
    goal, kind = answer.goal(stratum), answer.kind(stratum)
    noun, done = counted_noun(goal, kind), what_is_done(goal, kind)
    them = _ALL[together.without] if answer.narrowed else _TOGETHER[together.without]
    if together.hidden:
        yield f"{them} between {low} and {high} {noun}{done}."
        return
    beside = _beside(answer, stratum, together.needed)
    yield f"{them} {need_words(together.needed, goal, kind)}{beside}."
    if together.low < together.high:
        ranged = "As their counts are rounded" if together.rounded else "By their intervals"
        yield f"{ranged} it is {low} to {people_words(together.high, noun)}."


_TOGETHER = "Together that is", "Together, Unknown left out, that is"
_ALL = (
    "All segments, shown here or not, need",
    "All segments, shown here or not, Unknown left out, need",
)


def _beside(answer: Answer, stratum: int, together: float) -> str:
    """Hold a sum against the total's own need, where more than rounding up lies between them."""
    alone = float(answer.values["needed"][0, stratum])
    if np.isnan(alone) or together - alone <= len(answer.labels):
        return ""
    return f", though the total needs {'none' if alone == 0 else f'{alone:,.0f}'}"


def certain_sentence(answer: Answer, stratum: int) -> str:
    """Say who is short of the goal, all of them at once, with the certainty of the intervals.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [30, 10, 95], "n": [90, 50, 95]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> certain_sentence(tu.assess(s, tu.Goal.at_least(0.5))._answer, 0)
    'With 95 % certainty all of these are short of the goal: A and B.'

    """
    level = answer.options.confidence
    if level is None:
        return ""
    one = answer.take(np.array([stratum]))
    short = np.flatnonzero((held_together(one, level).short & one.seen)[:, 0]).tolist()
    if not short:
        return ""
    if len(short) == one.there.sum() > MOST_NAMED:
        return f"With {100 * level:g} % certainty every one is short of the goal, the total too."
    named = ["the total" if row == 0 else one.labels[row] for row in short[:MOST_NAMED]]
    these = "all of these are" if len(short) > 1 else "one is"
    words = list_words(named, len(short))
    return f"With {100 * level:g} % certainty {these} short of the goal: {words}."
