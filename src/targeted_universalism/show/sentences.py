"""An answer in sentences of two numbers at most: who has how far to go, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import PEOPLE
from targeted_universalism.errors import check_one_of
from targeted_universalism.measures.goal import Status
from targeted_universalism.show.brief import (
    brief,
    dimension_sentences,
    opening,
    rows_by_dimension,
    strata_sentences,
    together_words,
    total_sentences,
)
from targeted_universalism.show.choices import finding_sentences
from targeted_universalism.show.nouns import (
    capital,
    counted_noun,
    list_words,
    need_words,
    people_words,
)
from targeted_universalism.show.together import (
    MOST_NAMED,
    Sum,
    certain_sentence,
    is_rounded,
    sum_sentences,
    sums_of_needs,
)
from targeted_universalism.show.words import UNRELIABLE, gap_words, unreliable_words


def describe(answer: Answer, *, short: bool = False) -> str:
    """Say who has how far to go, in points and in people: at most two numbers a sentence.

    Parameters
    ----------
    short : bool
        Only the goal, where the total stands, and who has a distance to go.

    Returns
    -------
    str
        For each indicator a line with its goal and the total, one for each dimension, and who is
        short for certain; one more where something was seen in the data that would lead the answer
        astray. The short one is a line for each indicator.

    Raises
    ------
    InputError
        If `short` is neither True nor False.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> a = tu.assess(s, tu.Goal.at_least(0.5))
    >>> print(a.describe())
    The goal for everyone is at least 50 %. All together: 60.7 %, 10.7 points past the goal.
    By race, 1 of 2 groups has a distance to go. A: 5.6 points to go (5 people). At or past the \
goal: B. Short by the count, though the interval includes the goal: A.
    >>> print(a.describe(short=True).split(". ")[2])
    By race, 1 of 2 groups has a distance to go: A.

    """
    check_one_of("short", short, (True, False))
    if short:
        return "\n".join(
            f"{opening(answer, i)} {brief(answer, i)}" for i in answer.segments.strata.measured
        )
    said = [line for i in answer.segments.strata.measured for line in _lines(answer, i)]
    seen = finding_sentences(answer)
    return "\n".join([*said, f"Seen in the data: {' '.join(seen)}"] if seen else said)


def describe_stratum(answer: Answer, stratum: int) -> list[str]:
    """Describe one stratum: a line for the total, then one for each dimension, as in the data."""
    sums = sums_of_needs(answer, stratum)
    lines = [_total(answer, stratum)]
    for rows in rows_by_dimension(answer, stratum):
        together = sums.get(int(answer.dimension_of[rows[0]]))
        lines.append(_dimension(answer, stratum, rows, together))
    said = (" ".join(line) for line in lines)
    return [line for line in (*said, certain_sentence(answer, stratum)) if line]


def _lines(answer: Answer, indicator: int) -> Iterator[str]:
    """Describe one indicator, each roll-up by itself; strata too many to name are counted."""
    strata = np.flatnonzero(answer.segments.strata.indicator == indicator)
    rolled = answer.segments.strata.rolled_up[strata]
    lines = []
    if len(strata) > 1 and not rolled.all():
        lines.append(" ".join(_strata(answer, strata[~rolled])))
    for stratum in strata.tolist() if len(strata) == 1 else strata[rolled].tolist():
        first, *others = describe_stratum(answer, stratum)
        about = f"{together_words(answer, stratum)}. " if len(strata) > 1 else ""
        lines += [f"{about}{first}", *others]
    yield f"{opening(answer, indicator)} {lines[0]}"
    yield from lines[1:]


# --- one stratum ----------------------------------------------------------------------------------


def _total(answer: Answer, stratum: int) -> Iterator[str]:
    """Say where the total stands, what it needs, and how sure that is."""
    yield from total_sentences(answer, stratum)
    status, between = answer.status[0, stratum], _between(answer, 0, stratum)
    if status == Status.SUPPRESSED and between:
        yield f"Its need is {between}."
    if status == Status.UNCERTAIN:
        if not _bounded(answer, 0, stratum):
            yield "Without an interval it cannot be said how sure this is."
        elif need := _possible_need(answer, 0, stratum):
            yield f"{_ranged_by(answer, 0, stratum)} the need is {need}."
    if answer.flag[0, stratum] == UNRELIABLE:
        yield f"{capital(unreliable_words(answer))}."


def _dimension(answer: Answer, stratum: int, rows: IntArray, together: Sum | None) -> Iterator[str]:
    """Say how many have a distance to go, each one's, what it adds up to, and how sure it is."""
    yield from dimension_sentences(answer, stratum, rows)
    yield from _distances(answer, stratum, rows)
    yield from _hidden_needs(answer, stratum, rows)
    if together is not None:
        yield from sum_sentences(answer, stratum, together)
    yield from _doubts(answer, stratum, rows)
    yield from _coverage(answer, stratum, rows)
    poor = rows[answer.flag[rows, stratum] == UNRELIABLE]
    if poor.size:
        yield f"{capital(unreliable_words(answer))}: {_named(answer, poor)}."


def _distances(answer: Answer, stratum: int, rows: IntArray) -> Iterator[str]:
    """Give a sentence to each of the first with a distance to go; name who has none."""
    gap = answer.values["gap"][rows, stratum]
    short, arrived = rows[gap > 0], rows[gap <= 0]
    for row in short[:MOST_NAMED].tolist():
        yield f"{answer.labels[row]}: {_distance(answer, row, stratum)}."
    if len(short) > MOST_NAMED:
        yield f"{len(short) - MOST_NAMED:,} more have a distance to go."
    if arrived.size and (len(arrived) < len(rows) or answer.narrowed):
        yield f"At or past the goal: {_named(answer, arrived)}."


def _distance(answer: Answer, row: int, stratum: int) -> str:
    """Write a distance: "5.6 points to go (5 people)"."""
    goal, kind = answer.goal(stratum), answer.kind(stratum)
    size = gap_words(_value(answer, "gap", row, stratum), kind, float(goal.per))
    needed = _value(answer, "needed", row, stratum)
    people = "" if np.isnan(needed) else f" ({need_words(needed, goal, kind)})"
    return f"{size} to go{people}"


def _hidden_needs(answer: Answer, stratum: int, rows: IntArray) -> Iterator[str]:
    """Give a sentence to each hidden segment, where the need of every one lies in a range."""
    hidden = rows[answer.status[rows, stratum] == Status.SUPPRESSED]
    ranges = [_between(answer, row, stratum) for row in hidden.tolist()]
    if not all(ranges):
        return
    for row, between in list(zip(hidden.tolist(), ranges, strict=True))[:MOST_NAMED]:
        yield f"{answer.labels[row]}: suppressed; its need is {between}."


def _between(answer: Answer, row: int, stratum: int) -> str:
    """Word the range of a hidden need: "between 14 and 24 people"."""
    low, high = (_value(answer, f"needed_{end}", row, stratum) for end in ("low", "high"))
    if np.isnan(low) or np.isnan(high):
        return ""
    noun = counted_noun(answer.goal(stratum), answer.kind(stratum))
    if low == high:
        return f"{people_words(low, noun)} whatever the hidden count"
    return f"between {low:,.0f} and {high:,.0f} {noun}"


def _doubts(answer: Answer, stratum: int, rows: IntArray) -> Iterator[str]:
    """Say of whom the point decides: short, or there, though the interval includes the goal."""
    unsure = rows[answer.status[rows, stratum] == Status.UNCERTAIN]
    whole = np.array([_bounded(answer, row, stratum) for row in unsure.tolist()], dtype=np.bool_)
    short = answer.values["gap"][unsure, stratum] > 0
    there = unsure[whole & ~short]
    for words, some in (
        ("Short by the count, though the interval includes the goal:", unsure[whole & short]),
        ("At or past the goal by the count, though the interval includes it:", there),
        ("Without an interval it cannot be said how sure this is for", unsure[~whole]),
    ):
        if some.size:
            yield f"{words} {_named(answer, some)}."
    for row in there[:MOST_NAMED].tolist():
        need = _possible_need(answer, row, stratum)
        if need:
            yield f"{_ranged_by(answer, row, stratum)} {answer.labels[row]} has a need of {need}."


def _ranged_by(answer: Answer, row: int, stratum: int) -> str:
    """Say what the range of a need comes from."""
    rounded = is_rounded(answer)[row, stratum]
    return "As its counts are rounded" if rounded else "By its interval"


def _possible_need(answer: Answer, row: int, stratum: int) -> str:
    """Word what a row at or past the goal may need by its interval: "0 to 12 people"."""
    low, high = (_value(answer, f"needed_{end}", row, stratum) for end in ("low", "high"))
    if _value(answer, "gap", row, stratum) > 0 or not high > 0:
        return ""
    noun = counted_noun(answer.goal(stratum), answer.kind(stratum))
    return f"{low:,.0f} to {people_words(high, noun)}"


def _coverage(answer: Answer, stratum: int, rows: IntArray) -> Iterator[str]:
    """Say how many people the visible groups hold, where others are hidden and the total is not."""
    dimension = answer.dimension_of[rows[0]]
    hidden = answer.status[rows, stratum] == Status.SUPPRESSED
    total = _value(answer, "population", 0, stratum)
    if not hidden.any() or not answer.dimensions[dimension].exclusive or np.isnan(total):
        return
    rows = np.flatnonzero((answer.dimension_of == dimension) & answer.there[:, stratum])
    hidden = answer.status[rows, stratum] == Status.SUPPRESSED
    visible = float(np.nansum(answer.values["population"][rows[~hidden], stratum]))
    noun = answer.goal(stratum).people
    people = answer.kind(stratum) == "proportion" or noun != PEOPLE
    everyone = f"{total:,.0f} {noun}" if people else f"a population of {total:,.0f}"
    yield f"The visible groups hold {visible:,.0f} of {everyone}."


def _named(answer: Answer, rows: IntArray) -> str:
    return list_words([answer.labels[row] for row in rows[:MOST_NAMED]], len(rows))


def _bounded(answer: Answer, row: int, stratum: int) -> bool:
    """Tell whether a rate has an interval: both limits."""
    return not any(np.isnan(_value(answer, name, row, stratum)) for name in ("ci_low", "ci_high"))


def _value(answer: Answer, name: str, row: int, stratum: int) -> float:
    return float(answer.values[name][row, stratum])


# --- many -----------------------------------------------------------------------------------------


def _strata(answer: Answer, strata: IntArray) -> Iterator[str]:
    """Count where totals and segments stand, and how many intervals leave it open."""
    yield from strata_sentences(answer, strata)
    shown = answer.seen[1:, strata]
    gap = answer.values["gap"][1:, strata][shown]
    limits = answer.values["ci_low"] + answer.values["ci_high"]
    bounded = ~np.isnan(limits[1:, strata][shown])
    unsure = answer.status[1:, strata][shown] == Status.UNCERTAIN
    for words, some in (
        ("short by the count, though the interval includes the goal", bounded & (gap > 0)),
        ("at or past the goal by the count, though the interval includes it", bounded & (gap <= 0)),
        ("without an interval, so that it cannot be said how sure this is", ~bounded),
    ):
        count = int((unsure & some).sum())
        if count:
            yield f"{count:,} {'is' if count == 1 else 'are'} {words}."
