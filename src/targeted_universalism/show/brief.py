"""An answer in the fewest sentences: the total, and who has a distance to go; two numbers each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from targeted_universalism._typing import ByteArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.errors import count_words
from targeted_universalism.measures.goal import Status
from targeted_universalism.show.nouns import everyone_words, join_words, list_words, need_words
from targeted_universalism.show.together import MOST_NAMED
from targeted_universalism.show.words import (
    INCLUDES,
    dimension_words,
    doubt_words,
    gap_words,
    goal_words,
    rate_words,
)


def brief(answer: Answer, indicator: int) -> str:
    """Say of one indicator where the total stands, and who has a distance to go.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    indicator : int
        Its position.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [30, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> brief(tu.assess(s, tu.Goal.at_least(0.6))._answer, 0).split(". ")[1:]
    ['To reach the goal: 9 people', 'By race, 1 of 2 groups has a distance to go: A.']

    """
    strata = np.flatnonzero(answer.segments.strata.indicator == indicator)
    if len(strata) == 1:
        return " ".join(_of_stratum(answer, int(strata[0])))
    rolled = answer.segments.strata.rolled_up[strata]
    single = strata[~rolled]
    said = list(strata_sentences(answer, single)) if single.size else []
    for stratum in strata[rolled].tolist():
        said += [f"{together_words(answer, stratum)}.", *_of_stratum(answer, stratum)]
    return " ".join(said)


def opening(answer: Answer, indicator: int) -> str:
    """Say what an indicator is, what its goal is, and for how many years a need is."""
    strata = answer.segments.strata
    first = int(np.flatnonzero(strata.indicator == indicator)[0])
    words = goal_sentence(answer.goal(first), answer.kind(first))
    years = float(answer.years[indicator])
    if years > 0 and years != 1:
        words += f" Needs are for {years:g} years together."
    named = strata.indicator_name is not None
    return f"{strata.indicators[indicator]}: {words}" if named else words


def goal_sentence(goal: Goal, kind: str) -> str:
    """Say what the goal is: the same for everyone."""
    about = ", ".join(
        word for word in (goal.name, f"by {goal.deadline}" if goal.deadline else "") if word
    )
    everyone = everyone_words(goal.people)
    return f"The goal for {everyone} is {goal_words(goal, kind)}{f' ({about})' if about else ''}."


def together_words(answer: Answer, stratum: int) -> str:
    """Say what a roll-up has added up."""
    strata = answer.segments.strata
    if strata.all_together[stratum]:
        return "All strata together"
    return f"Together: {strata.whatever_indicator().describe(stratum)}"


# --- one stratum ----------------------------------------------------------------------------------


def _of_stratum(answer: Answer, stratum: int) -> Iterator[str]:
    yield from total_sentences(answer, stratum)
    for rows in rows_by_dimension(answer, stratum):
        short = rows[answer.values["gap"][rows, stratum] > 0]
        few = 0 < len(short) <= MOST_NAMED
        who = list_words([answer.labels[row] for row in short], len(short)) if few else ""
        yield from dimension_sentences(answer, stratum, rows, who)


def rows_by_dimension(answer: Answer, stratum: int) -> Iterator[IntArray]:
    """Give the rows of each dimension that are looked at, in the order of the data."""
    for i in range(1, len(answer.dimensions)):
        rows: IntArray = np.flatnonzero((answer.dimension_of == i) & answer.seen[:, stratum])
        if rows.size:
            yield rows


def total_sentences(answer: Answer, stratum: int) -> Iterator[str]:
    """Say where the total stands, and what it needs."""
    status = int(answer.status[0, stratum])
    if status == Status.SUPPRESSED:
        yield "The total is suppressed."
        return
    if status == Status.NO_DATA:
        yield "There is no rate for the total."
        return
    goal, kind = answer.goal(stratum), answer.kind(stratum)
    value = {name: float(values[0, stratum]) for name, values in answer.values.items()}
    rate = rate_words(value["rate"], kind, float(goal.per))
    bounded = not np.isnan(value["ci_low"] + value["ci_high"])
    unsure = doubt_words(status, bounded) == INCLUDES
    doubt = ", though the interval includes the goal" if unsure else ""
    yield f"All together: {rate}, {_distance(value['gap'], kind, float(goal.per))}{doubt}."
    if value["gap"] > 0 and not np.isnan(value["needed"]):
        yield f"To reach the goal: {need_words(value['needed'], goal, kind)}."


def _distance(gap: float, kind: str, per: float) -> str:
    if gap == 0:
        return "exactly at the goal"
    return f"{gap_words(gap, kind, per)} {'to go' if gap > 0 else 'past the goal'}"


def dimension_sentences(
    answer: Answer, stratum: int, rows: IntArray, who: str = ""
) -> Iterator[str]:
    """Say how many of a dimension have a distance to go, and how many cannot be shown.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    stratum : int
        Its position.
    rows : integer array
        Those of the dimension.
    who : str
        The names of those with a distance to go, where some others have none.
    """
    gap = answer.values["gap"][rows, stratum]
    known, short = int((~np.isnan(gap)).sum()), int((gap > 0).sum())
    here = " shown here" if answer.narrowed else " that can be shown" if known < len(rows) else ""
    if not known:
        said = "no rate can be shown"
    elif short in (0, known):
        stands = "has a distance to go" if short else "is at or past the goal"
        said = f"every group{here} {stands}"
    else:
        has = "has" if short == 1 else "have"
        said = f"{short:,} of {known:,} groups{here} {has} a distance to go"
        said += f": {who}" if who else ""
    yield f"By {dimension_words(answer.dimensions[answer.dimension_of[rows[0]]].name)}, {said}."
    yield from _without(answer.status[rows, stratum], "group")


def _without(status: ByteArray, one: str) -> Iterator[str]:
    """Count what has no rate."""
    for standing, words in ((Status.SUPPRESSED, "suppressed"), (Status.NO_DATA, "without data")):
        count = int((status == standing).sum())
        if count:
            yield f"{count_words(count, one)} {'is' if count == 1 else 'are'} {words}."


# --- many -----------------------------------------------------------------------------------------


def strata_sentences(answer: Answer, strata: IntArray) -> Iterator[str]:
    """Count where totals and groups stand, over strata too many to name."""
    total, shown = answer.values["gap"][0, strata], answer.seen[1:, strata]
    gap = answer.values["gap"][1:, strata][shown]
    by = join_words(list(answer.segments.strata.names)) or "indicator"
    known = int((~np.isnan(total)).sum())
    among = (
        f"{len(strata):,} strata" if known == len(strata) else f"the {known:,} that can be shown"
    )
    yield (
        f"By {by}, the total has a distance to go in {int((total > 0).sum()):,} of {among}."
        if known
        else f"By {by}, no rate of the total can be shown."
    )
    rates = int((~np.isnan(gap)).sum())
    if rates:
        yield f"Of {count_words(rates, 'rate')} of groups, {_have(int((gap > 0).sum()))}."
    yield from _without(answer.status[1:, strata][shown], "rate")


def _have(count: int) -> str:
    return f"{count:,} {'has' if count == 1 else 'have'} a distance to go"
