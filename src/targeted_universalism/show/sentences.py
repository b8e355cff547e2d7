"""An answer in two or three plain sentences: who has how far to go, in points and in people."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import PEOPLE
from targeted_universalism.errors import check_one_of
from targeted_universalism.measures.goal import Status
from targeted_universalism.show.brief import brief, opening, together_words
from targeted_universalism.show.choices import finding_sentences
from targeted_universalism.show.nouns import (
    counted_noun,
    join_words,
    list_words,
    need_words,
    people_words,
)
from targeted_universalism.show.together import (
    MOST_NAMED,
    Sum,
    certain_sentence,
    sum_sentence,
    sums_of_needs,
)
from targeted_universalism.show.words import (
    INCLUDES,
    UNRELIABLE,
    dimension_words,
    doubt_words,
    gap_words,
    rate_words,
    unreliable_words,
)


def describe(answer: Answer, *, short: bool = False) -> str:
    """Say in a few sentences who has how far to go, in points and in people.

    Parameters
    ----------
    short : bool
        Only the goal, where the total stands, and who has a distance to go.

    Returns
    -------
    str
        A line for each indicator; unless `short`, one more where something was seen in the data
        that would lead the answer astray.

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
    >>> tu.assess(s, tu.Goal.at_least(0.5)).describe().split(". ")[2]
    'By race, the distance still to go is: A 5.6 points (5 people); at or past the goal: B'
    >>> tu.assess(s, tu.Goal.at_least(0.5)).describe(short=True).split(". ")[2]
    'By race, 1 of 2 groups has a distance to go: A.'

    """
    check_one_of("short", short, (True, False))
    words = brief if short else _at_length
    said = [f"{opening(answer, i)} {words(answer, i)}" for i in answer.segments.strata.measured]
    seen = [] if short else finding_sentences(answer)
    return "\n".join([*said, f"Seen in the data: {' '.join(seen)}"] if seen else said)


def describe_stratum(answer: Answer, stratum: int) -> str:
    """Describe one stratum: the total first, then each dimension in the order of the data."""
    sentences = [_total_sentence(answer, stratum)]
    sums = sums_of_needs(answer, stratum)
    for i in range(1, len(answer.dimensions)):
        rows = np.flatnonzero((answer.dimension_of == i) & answer.seen[:, stratum])
        if rows.size:
            sentences.append(_dimension_sentence(answer, stratum, rows, sums.get(i)))
    sentences.append(certain_sentence(answer, stratum))
    return " ".join(sentence for sentence in sentences if sentence)


def _at_length(answer: Answer, indicator: int) -> str:
    strata = np.flatnonzero(answer.segments.strata.indicator == indicator)
    if len(strata) == 1:
        return describe_stratum(answer, int(strata[0]))
    is_rolled = answer.segments.strata.rolled_up[strata]
    rolled, single = strata[is_rolled], strata[~is_rolled]
    together = [
        f"{together_words(answer, j)}. {describe_stratum(answer, j)}" for j in rolled.tolist()
    ]
    return " ".join([_many_strata(answer, single), *together] if single.size else together)


def _total_sentence(answer: Answer, stratum: int) -> str:
    status = answer.status[0, stratum]
    if status == Status.SUPPRESSED:
        between = _between(answer, 0, stratum)
        return f"The total is suppressed{f': {between} needed' if between else ''}."
    if status == Status.NO_DATA:
        return "There is no rate for the total."
    rate = rate_words(_value(answer, "rate", 0, stratum), *_unit(answer, stratum))
    distance = _distance(answer, 0, stratum)
    unsure = doubt_words(answer.status[0, stratum], _bounded(answer, 0, stratum))
    need = _possible_need(answer, 0, stratum) if unsure == INCLUDES else ""
    said = ", and ".join(part for part in (unsure, need) if part)
    return f"All together: {rate}, {distance}{f' ({said})' if said else ''}."


def _dimension_sentence(answer: Answer, stratum: int, rows: IntArray, together: Sum | None) -> str:
    """Name who is short and by how much, who has arrived, and who cannot be told."""
    name = dimension_words(answer.dimensions[answer.dimension_of[rows[0]]].name)
    gap, status = answer.values["gap"][rows, stratum], answer.status[rows, stratum]
    short, arrived = rows[gap > 0], rows[gap <= 0]
    parts = [
        _short_clause(answer, stratum, short),
        _arrived_clause(answer, arrived, bool(short.size) or answer.narrowed, len(rows)),
        _hidden_clause(answer, stratum, rows[status == Status.SUPPRESSED]),
        _count_clause("without data", int((status == Status.NO_DATA).sum())),
    ]
    unsure = rows[status == Status.UNCERTAIN]
    sentence = f"By {name}, {'; '.join(part for part in parts if part)}."
    sentence += f" {sum_sentence(answer, stratum, together)}" if together is not None else ""
    sentence += _unsure_sentences(answer, stratum, unsure)
    sentence += _coverage_sentence(answer, stratum, rows)
    return sentence + _unreliable_sentence(answer, stratum, rows)


def _short_clause(answer: Answer, stratum: int, short: IntArray) -> str:
    if not short.size:
        return ""
    named = [
        f"{answer.labels[r]} {_distance(answer, int(r), stratum, bare=True)}"
        for r in short[:MOST_NAMED]
    ]
    return f"the distance still to go is: {list_words(named, len(short))}"


def _arrived_clause(answer: Answer, arrived: IntArray, others: bool, rows: int) -> str:
    if not arrived.size:
        return ""
    names = list_words([answer.labels[r] for r in arrived[:MOST_NAMED]], len(arrived))
    if others:
        return f"at or past the goal: {names}"
    if len(arrived) == rows:
        return f"every rate is at or past it: {names}"
    return f"of the rates that can be shown, all are at or past the goal: {names}"


def _hidden_clause(answer: Answer, stratum: int, hidden: IntArray) -> str:
    """Count hidden segments; name those whose need is known to lie in a range."""
    ranges = [(answer.labels[r], _between(answer, int(r), stratum)) for r in hidden]
    named = [f"{name} {between}" for name, between in ranges if between]
    if not named or len(named) < len(ranges):
        return _count_clause("suppressed", len(ranges))
    return f"suppressed, with a need of: {list_words(named[:MOST_NAMED], len(named))}"


def _between(answer: Answer, row: int, stratum: int) -> str:
    """Word the range of a hidden need: "between 14 and 24 people"."""
    low, high = (_value(answer, f"needed_{end}", row, stratum) for end in ("low", "high"))
    if np.isnan(low) or np.isnan(high):
        return ""
    noun = counted_noun(answer.goal(stratum), answer.kind(stratum))
    if low == high:
        return f"{people_words(low, noun)} whatever the hidden count"
    return f"between {low:,.0f} and {high:,.0f} {noun}"


def _coverage_sentence(answer: Answer, stratum: int, rows: IntArray) -> str:
    """Say how many people the visible groups hold, where others are hidden and the total is not."""
    hidden = answer.status[rows, stratum] == Status.SUPPRESSED
    total = _value(answer, "population", 0, stratum)
    exclusive = answer.dimensions[answer.dimension_of[rows[0]]].exclusive
    if not hidden.any() or not exclusive or np.isnan(total):
        return ""
    rows = np.flatnonzero(
        (answer.dimension_of == answer.dimension_of[rows[0]]) & answer.there[:, stratum]
    )
    hidden = answer.status[rows, stratum] == Status.SUPPRESSED
    visible = float(np.nansum(answer.values["population"][rows[~hidden], stratum]))
    noun = answer.goal(stratum).people
    people = answer.kind(stratum) == "proportion" or noun != PEOPLE
    everyone = f"{total:,.0f} {noun}" if people else f"a population of {total:,.0f}"
    return f" The visible groups hold {visible:,.0f} of {everyone}."


def _unsure_sentences(answer: Answer, stratum: int, unsure: IntArray) -> str:
    """Say of whom the point decides: short, or there, though the interval includes the goal."""
    whole = np.array([_bounded(answer, int(r), stratum) for r in unsure], dtype=np.bool_)
    short = answer.values["gap"][unsure, stratum] > 0
    there = unsure[whole & ~short]
    said = [
        ("Short by the count, though the interval includes the goal:", unsure[whole & short]),
        ("At or past the goal by the count, though the interval includes it:", there),
        ("Without an interval it cannot be said how sure this is for", unsure[~whole]),
    ]
    return "".join(
        f" {words} {_with_need(answer, stratum, rows)}." for words, rows in said if rows.size
    )


def _with_need(answer: Answer, stratum: int, rows: IntArray) -> str:
    """Name rows, those that are there with what they may need all the same."""
    named = []
    for row in rows[:MOST_NAMED].tolist():
        need = _possible_need(answer, row, stratum)
        named.append(f"{answer.labels[row]} ({need})" if need else answer.labels[row])
    return list_words(named, len(rows))


def _possible_need(answer: Answer, row: int, stratum: int) -> str:
    """Word what a row at or past the goal may need by its interval: "a need of 0 to 12 people"."""
    low, high = (_value(answer, f"needed_{end}", row, stratum) for end in ("low", "high"))
    if _value(answer, "gap", row, stratum) > 0 or not high > 0:
        return ""
    noun = counted_noun(answer.goal(stratum), answer.kind(stratum))
    return f"a need of {low:,.0f} to {people_words(high, noun)}"


def _unreliable_sentence(answer: Answer, stratum: int, rows: IntArray) -> str:
    poor = rows[answer.flag[rows, stratum] == UNRELIABLE]
    if not poor.size:
        return ""
    names = list_words([answer.labels[r] for r in poor[:MOST_NAMED]], len(poor))
    what = unreliable_words(answer)
    return f" {what[0].upper()}{what[1:]}: {names}."


def _count_clause(what: str, count: int) -> str:
    return f"{count:,} {what}" if count else ""


def _many_strata(answer: Answer, strata: IntArray) -> str:
    """Count where totals and segments stand, over strata too many to name."""
    total = answer.values["gap"][0, strata]
    shown = answer.seen[1:, strata]
    gap = np.where(shown, answer.values["gap"][1:, strata], np.nan)
    status = answer.status[1:, strata]
    bounded = ~np.isnan(answer.values["ci_low"] + answer.values["ci_high"])[1:, strata]
    unsure = status == Status.UNCERTAIN
    hiding = " that can be shown" if np.isnan(gap[shown]).any() else ""
    by = join_words(list(answer.segments.strata.names)) or "indicator"
    rest = int(np.isnan(total).sum())
    totals = (
        f"the total is at or past the goal in {int((total <= 0).sum()):,} and has a distance to go "
        f"in {int((total > 0).sum()):,}"
        + (f"; in {rest:,} it has no rate that can be shown" * (rest > 0))
    )
    parts = [
        f"In {len(strata):,} strata (by {by}), "
        + ("the total has no rate that can be shown." if rest == len(strata) else f"{totals}."),
        f"Of the segments' rates{hiding}, {int((gap <= 0).sum()):,} are at or past the goal"
        f"{_of_them(unsure & bounded & (gap <= 0))} and {int((gap > 0).sum()):,} have a distance "
        f"to go{_of_them(unsure & bounded & (gap > 0))}",
    ]
    without = _count_clause("have no interval", int((unsure & ~bounded & shown).sum()))
    hidden = _count_clause("are suppressed", int(((status == Status.SUPPRESSED) & shown).sum()))
    nothing = _count_clause("have no data", int(((status == Status.NO_DATA) & shown).sum()))
    more = [clause for clause in (without, hidden, nothing) if clause]
    return f"{'; '.join([' '.join(parts), *more])}."


def _of_them(unsure: BoolArray) -> str:
    count = int(unsure.sum())
    return f", for {count:,} of them with an interval that includes the goal" * (count > 0)


def _distance(answer: Answer, row: int, stratum: int, *, bare: bool = False) -> str:
    gap = _value(answer, "gap", row, stratum)
    size = gap_words(gap, *_unit(answer, stratum))
    needed = _value(answer, "needed", row, stratum)
    if gap == 0:
        return "exactly at the goal"
    if gap < 0:
        return f"{size} past the goal"
    goal, kind = answer.goal(stratum), answer.kind(stratum)
    people = "" if np.isnan(needed) else need_words(needed, goal, kind)
    if bare:
        return f"{size} ({people})" if people else size
    return f"{size} to go ({people})" if people else f"{size} to go"


def _bounded(answer: Answer, row: int, stratum: int) -> bool:
    """Tell whether a rate has an interval: both limits."""
    return not any(np.isnan(_value(answer, name, row, stratum)) for name in ("ci_low", "ci_high"))


def _unit(answer: Answer, stratum: int) -> tuple[str, float]:
    return answer.kind(stratum), float(answer.goal(stratum).per)


def _value(answer: Answer, name: str, row: int, stratum: int) -> float:
    return float(answer.values[name][row, stratum])
