"""Who and what is counted, in words: people, children or events, one or many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import PEOPLE, Goal

EVENTS = "events"
_ONE = {"people": "person", "children": "child", "men": "man", "women": "woman"}


def one_of(noun: str) -> str:
    """Give the singular of a noun, by its last word.

    Examples
    --------
    >>> [one_of(noun) for noun in ("people", "foster children", "families", "pupils", "staff")]
    ['person', 'foster child', 'family', 'pupil', 'staff']

    """
    *before, last = noun.split(" ")
    if last in _ONE:
        last = _ONE[last]
    elif last.endswith("ies"):
        last = f"{last[:-3]}y"
    elif last.endswith("s") and not last.endswith("ss"):
        last = last[:-1]
    return " ".join([*before, last])


def people_words(count: float, noun: str = PEOPLE) -> str:
    """Write a whole number of people, or of whatever a goal counts.

    Examples
    --------
    >>> people_words(1), people_words(14803), people_words(1, "children")
    ('1 person', '14,803 people', '1 child')

    """
    return f"1 {one_of(noun)}" if count == 1 else f"{count:,.0f} {noun}"


def counted_noun(goal: Goal, kind: str) -> str:
    """Name what a need counts: events for rates, which may repeat in one person, else people.

    Examples
    --------
    >>> goal = Goal.at_least(0.9, people="pupils")
    >>> counted_noun(goal, "proportion"), counted_noun(goal, "rate")
    ('pupils', 'events')

    """
    return EVENTS if kind == "rate" else goal.people


def what_is_done(goal: Goal, kind: str) -> str:
    """Say what is to be done about events that a goal counts; nothing where it counts people.

    Examples
    --------
    >>> what_is_done(Goal.at_most(3, per=1000), "rate")
    ' to avert'

    """
    if kind != "rate":
        return ""
    return " to avert" if goal.sign < 0 else " to add"


def need_words(count: float, goal: Goal, kind: str) -> str:
    """Write a need: "53 events to avert", "148 people".

    Examples
    --------
    >>> goal = Goal.at_most(3, per=1000)
    >>> need_words(1, goal, "rate"), need_words(148, goal, "proportion")
    ('1 event to avert', '148 people')

    """
    return f"{people_words(count, counted_noun(goal, kind))}{what_is_done(goal, kind)}"


def everyone_words(people: str) -> str:
    """Name all for whom a goal counts.

    Examples
    --------
    >>> everyone_words("people"), everyone_words("children")
    ('everyone', 'all children')

    """
    return "everyone" if people == PEOPLE else f"all {people}"


def shared_noun(answer: Answer) -> str:
    """Name whom the goals count: "people" where they differ."""
    nouns = {goal.people for goal in answer.goals}
    return nouns.pop() if len(nouns) == 1 else PEOPLE


def capital(text: str) -> str:
    """Begin a text with a capital letter, and leave the rest as it is.

    Examples
    --------
    >>> capital("of Inyo County"), capital("")
    ('Of Inyo County', '')

    """
    return f"{text[:1].upper()}{text[1:]}"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join words with commas and a last "and".

    Examples
    --------
    >>> join_words(["a", "b", "c"])
    'a, b and c'

    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def list_words(words: Iterable[str], count: int) -> str:
    """Name the first of `count` things, and count the rest.

    Examples
    --------
    >>> list_words(["a", "b"], 2), list_words(["a", "b"], 5)
    ('a and b', 'a, b and 3 more')

    """
    named = list(words)
    if count == len(named):
        return join_words(named)
    return f"{', '.join(named)} and {count - len(named):,} more"
