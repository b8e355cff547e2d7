"""Numbers in words: rates, gaps and goals in their units, and where a rate stands."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from targeted_universalism.answer.answer import FLAG_WORDS, Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.answer.units import in_percent, per_words
from targeted_universalism.labels import label
from targeted_universalism.measures.exact import as_fraction
from targeted_universalism.measures.goal import STATUS_WORDS, Status
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.segments.strata import Strata
from targeted_universalism.show.nouns import join_words

INCLUDES, NO_INTERVAL = "the interval includes the goal", "no interval"
PASSED = ", which has passed"  # after a deadline that lies at or before the latest time
UNRELIABLE = FLAG_WORDS.index("unreliable")


def rate_words(value: float, kind: str, per: float) -> str:
    """Write a rate in its unit: "86.1 %", "4.89 per 1,000", "12.3".

    Examples
    --------
    >>> rate_words(0.861, "proportion", 1), rate_words(4.89, "rate", 1000)
    ('86.1 %', '4.89 per 1,000')

    """
    if np.isnan(value):
        return ""
    if in_percent(kind, per):
        return f"{number_words(value * 100 / per, 1)} %"
    return f"{number_words(value, 2)}{per_words(per)}"


def gap_words(value: float, kind: str, per: float) -> str:
    """Write a distance in its unit, without its sign: "3.9 points", "1.89 per 1,000".

    Examples
    --------
    >>> gap_words(-0.039, "proportion", 1), gap_words(1.89, "rate", 1000)
    ('3.9 points', '1.89 per 1,000')

    """
    if in_percent(kind, per):
        size = number_words(abs(value) * 100 / per, 1)
        return f"{size} point{'' if size == '1.0' else 's'}"
    return f"{number_words(abs(value), 2)}{per_words(per)}"


def goal_words(goal: Goal, kind: str) -> str:
    """Write a goal as its author did: "at least 90 %", "at most 3 per 1,000".

    Examples
    --------
    >>> goal_words(Goal.at_least(0.9), "proportion")
    'at least 90 %'

    """
    per = float(goal.per)
    target = as_fraction(goal.target)
    if in_percent(kind, per):
        return f"{goal.direction} {float(target * 100 / as_fraction(goal.per)):,.6g} %"
    return f"{goal.direction} {float(target):,.6g}{per_words(per)}"


def dimension_words(name: str) -> str:
    """Write the name of a dimension: "race × sex"."""
    return name.replace("*", " × ")


def stratum_words(answer: Answer, stratum: int) -> str:
    """Name a stratum for a heading: "county Inyo, year 2022"; empty where there is only one."""
    return place_words(answer.segments.strata, stratum)


def place_words(strata: Strata, stratum: int) -> str:
    """Name one of some strata, or of some series of them."""
    words = [
        f"{name} {label(value)}" if value is not None else f"every {name}"
        for name, value in ((n, strata.value(n, stratum)) for n in strata.names)
    ]
    if strata.all_together[stratum]:
        words = [f"all together: every {join_words(list(strata.names))}"]
    if strata.indicator_name is not None:
        words.insert(0, strata.indicators[int(strata.indicator[stratum])])
    return ", ".join(word for word in words if word)


def goals_with_words(answer: Answer) -> list[tuple[Goal, str, str]]:
    """Give the goal of each indicator that is here, its words, and what the indicator is called."""
    strata, kinds = answer.segments.strata, answer.segments.kinds
    return [
        (answer.goals[i], goal_words(answer.goals[i], kinds[i]), strata.indicators[i])
        for i in strata.measured
    ]


def status_words(status: int, gap: float, bounded: bool) -> str:
    """Write where a rate stands; what its interval leaves open, by the count.

    Examples
    --------
    >>> status_words(Status.UNCERTAIN, 0.02, True), status_words(Status.UNCERTAIN, -0.1, False)
    ('short by the count', 'met, no interval')

    """
    if status != Status.UNCERTAIN:
        return STATUS_WORDS[status]
    word = STATUS_WORDS[Status.SHORT if gap > 0 else Status.MET]
    return f"{word} by the count" if bounded else f"{word}, no interval"


def doubt_words(status: int, bounded: bool) -> str:
    """Say why it is open where a rate stands; nothing is said of an interval that is not there.

    Examples
    --------
    >>> doubt_words(Status.UNCERTAIN, True), doubt_words(Status.UNCERTAIN, False)
    ('the interval includes the goal', 'no interval')

    """
    if status != Status.UNCERTAIN:
        return ""
    return INCLUDES if bounded else NO_INTERVAL


def doubt_notes(words: Iterable[str]) -> list[str]:
    """Explain the words of :func:`status_words` that occur, as notes under a table.

    Examples
    --------
    >>> doubt_notes(["met", "short by the count"])
    ['by the count: the interval includes the goal.']

    """
    found = list(words)
    notes = {
        "by the count": INCLUDES,
        NO_INTERVAL: "whether chance alone could make the gap cannot be said",
    }
    return [
        f"{ending}: {why}." for ending, why in notes.items()
        if any(word.endswith(ending) for word in found)
    ]  # fmt: skip


def unreliable_words(answer: Answer) -> str:
    """Say what "unreliable" means by the rule that judged."""
    return RULES[answer.options.reliability or "nchs"].short


def number_words(value: float, digits: int) -> str:
    """Write a measured number with fixed decimals, more where it would read as zero.

    Examples
    --------
    >>> number_words(1234.567, 1), number_words(0.0004, 2), number_words(0.0, 1)
    ('1,234.6', '0.0004', '0.0')

    """
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) != 0 or value == 0:
        return text
    return np.format_float_positional(value, precision=1, fractional=False, trim="-")
