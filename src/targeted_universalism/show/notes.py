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
    "Intervals: Wilson (1927) for proportions; Garwood (1936) for rates; published estimates on "
    "the logit scale (proportions), the log scale (rates) or as they are (means).",
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
    sources = (*_SOURCES, *([] if rule is None else [f"Reliability: {rule.source}."]))
    yield Section("Sources of the methods", (Items(sources, soft=True),))


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
