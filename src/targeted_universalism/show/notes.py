"""What stands at the end of a page: how to read it, what is hidden, choices and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from targeted_universalism.answer.answer import Answer
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.show.choices import choice_sentences, finding_sentences
from targeted_universalism.show.content import Items, Paragraph, Section, Terms
from targeted_universalism.show.hidden import hidden_words
from targeted_universalism.show.nouns import everyone_words, shared_noun
from targeted_universalism.show.words import doubt_notes

_SOURCES = (
    "One goal, targeted strategies: powell, Menendian and Ake, Targeted Universalism: Policy & "
    "Practice, University of California, Berkeley, 2019.",
)
_EXACT_RATES = "Garwood (1936) for rates"
_INTERVALS_FROM = {
    "auto": {
        "proportion": "Wilson (1927) for proportions, on the side of 0 or 100 % with the mid-p "
        "limit (Lancaster 1961) where at most ten people have the outcome, or lack it",
        "rate": _EXACT_RATES,
        "mean": "Student (1908) for means",
    },
    "wilson": {"proportion": "Wilson (1927) for proportions"},
    "midp": {"proportion": "mid-p limits (Lancaster 1961) for proportions"},
    "exact": {"proportion": "Clopper and Pearson (1934) for proportions", "rate": _EXACT_RATES},
    "byar": {"rate": "Byar's for rates (Breslow and Day 1987), of fewer than 10 events Garwood's"},
    "student": {"mean": "Student (1908) for means"},
}
_PUBLISHED_FROM = (
    "published estimates on the logit scale (proportions), the log scale (rates) or as they are "
    "(means); where the source says of how many people and nothing of precision, Wilson (1927) "
    "for proportions and Garwood (1936) for rates"
)
_TOTAL = (
    "The need of the total is its own, not the sum of the groups: a total can reach the goal while "
    "groups have not."
)


def notes(answer: Answer, statuses: Iterable[str]) -> Iterator[Section]:
    """Give the last sections of a page.

    Parameters
    ----------
    answer : Answer
        What the page is about.
    statuses : iterable of str
        The words for where a rate stands that the page holds: those that occur are explained.
    """
    rule = RULES.get(answer.options.reliability or "")
    yield Section(
        "How to read this page",
        (
            Paragraph.of(_gap(answer)),
            Paragraph.of(_marks(answer, statuses)),
            Paragraph.of(_TOTAL),
        ),
    )
    hidden = hidden_words(answer)
    if hidden:
        yield Section("What is hidden", tuple(Paragraph.of(words) for words in hidden))
    seen = finding_sentences(answer)
    if seen:
        yield Section("What was seen in the data", (Items(tuple(seen)),))
    named = [one for one in choice_sentences(answer) if not (seen and one.name == "findings")]
    said = tuple((one.title, one.words) for one in named)
    yield Section("Choices behind the numbers", (Terms(said),))
    reliable = [] if rule is None else [f"Reliability: {rule.source}."]
    sources = (*_SOURCES, *_intervals_from(answer), *reliable)
    yield Section("Sources of the methods", (Items(sources, soft=True),))


def _intervals_from(answer: Answer) -> Iterator[str]:
    """Say where the intervals of the kinds that are there come from."""
    if answer.options.confidence is None:
        return
    kinds = dict.fromkeys(answer.segments.kinds)
    if answer.cells.family.counted:
        of = _INTERVALS_FROM["auto"] | _INTERVALS_FROM[answer.options.interval]
        said = [of[kind] for kind in kinds if kind in of]
    else:
        said = [_PUBLISHED_FROM]
    yield f"Intervals: {'; '.join(said)}."


def _gap(answer: Answer) -> str:
    people, level = shared_noun(answer), answer.options.confidence
    words = (
        "The gap is the distance still to go to the goal, which is the same for "
        f"{everyone_words(people)}. “Needed” is the smallest whole number of {people} (or events) "
        "whose outcome must change for the group to reach the goal; groups past the goal need "
        "none, and never offset others."
    )
    if level is None:
        return words
    return (
        f"{words} Small figures are {100 * level:g} % intervals, and the range of {people} needed "
        "that goes with them."
    )


def _marks(answer: Answer, statuses: Iterable[str]) -> str:
    sure = (
        "by the count"
        if answer.options.confidence is None
        else "the whole interval lies on that side of the goal"
    )
    doubts = "".join(f" ~ {note}" for note in doubt_notes(statuses))
    rule = RULES.get(answer.options.reliability or "")
    unreliable = "" if rule is None else f" † not reliable: {rule.says}."
    return (
        f"✓ met, ▲ short: {sure}.{doubts} What needs attention is decided by the count, not by "
        "significance. ■ suppressed: hidden to protect people. – no data: a rate cannot be "
        f"computed, which is not a rate of zero.{unreliable}"
    )
