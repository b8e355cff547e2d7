"""What may be said of several segments in one breath: their need, and who is surely short."""

from __future__ import annotations

import numpy as np

from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.effort import needs_together
from targeted_universalism.ask.joint import held_together
from targeted_universalism.show.nouns import counted_noun, list_words, need_words, what_is_done

MOST_NAMED = 8


def sum_sentence(answer: Answer, stratum: int, dimension: int) -> str:
    """Say what the segments of a dimension need together; empty where that is one need, or none.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 20, 95], "n": [90, 50, 95]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> sum_sentence(tu.assess(s, tu.Goal.at_least(0.5))._answer, 0, 1)
    'Together that is 10 people (0 to 21), though the total needs none.'

    """
    one = answer.take(np.array([stratum]))
    here = one.segments.index.rows(dimension)
    found = needs_together(one)
    together, low, high = (found[name][here[0], 0] for name in ("needed", "low", "high"))
    hidden = np.isnan(together)
    needs = one.values["needed" if not hidden else "needed_high"][here, 0]
    if (needs > 0).sum() < 2 or (hidden and np.isnan(low + high)):
        return ""
    goal, kind = one.goal(0), one.kind(0)
    if hidden:
        noun, done = counted_noun(goal, kind), what_is_done(goal, kind)
        return f"Together that is between {low:,.0f} and {high:,.0f} {noun}{done}."
    span = f" ({low:,.0f} to {high:,.0f})" if low < high else ""
    return f"Together that is {need_words(together, goal, kind)}{span}{_beside(one, together)}."


def _beside(one: Answer, together: float) -> str:
    """Hold a sum against the total's own need, where more than rounding up lies between them."""
    alone = float(one.values["needed"][0, 0])
    if np.isnan(alone) or together - alone <= len(one.labels):
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
    short = np.flatnonzero(held_together(one, level).short[:, 0]).tolist()
    if not short:
        return ""
    if len(short) == one.seen.sum() > MOST_NAMED:
        return f"With {100 * level:g} % certainty every one is short of the goal, the total too."
    named = ["the total" if row == 0 else one.labels[row] for row in short[:MOST_NAMED]]
    these = "all of these are" if len(short) > 1 else "one is"
    words = list_words(named, len(short))
    return f"With {100 * level:g} % certainty {these} short of the goal: {words}."
