"""The choices behind the numbers, each a sentence for a board: one register, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import some_of
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.segments.definition import PARTS
from targeted_universalism.show.nouns import capital, join_words, shared_noun
from targeted_universalism.show.words import dimension_words

_MOST_RENAMED = 12


class Choice(NamedTuple):
    """One choice: what it is about, and the words for a value of it."""

    title: str
    words: Callable[[Any, Answer], str]


class Said(NamedTuple):
    """A choice as it was made: its name in ``a.choices``, what it is about, and a sentence."""

    name: str
    title: str
    words: str


def choice_sentences(answer: Answer) -> list[Said]:
    """Say every choice behind the numbers in plain words, in the order of ``a.choices``.

    Parameters
    ----------
    answer : Answer
        Public or not: every word is a function of what it still holds.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [30, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> [said.words for said in choice_sentences(tu.assess(s, tu.Goal.at_least(0.6))._answer)][:2]
    ['Each rate is a share: of the people counted, those with the event.',
     "The people behind each rate are those of the column 'n'."]

    """
    found = answer.choices().items()
    return [Said(k, CHOICES[k].title, CHOICES[k].words(value, answer)) for k, value in found]


def finding_sentences(answer: Answer) -> list[str]:
    """Say what was seen in the data that would lead the answer astray, a sentence each."""
    listed = (words for each in answer.segments.findings.values() for words in each)
    return [f"{capital(words)}." for words in listed]


# --- what is measured -----------------------------------------------------------------------------

_KINDS = {
    "proportion": "a share: of the people counted, those with the event",
    "rate": "events for so many people, or so much time; one person can have several",
    "mean": "the average of a score",
    "standardized": "a rate as it would be if all groups had the same ages",
}
_INTERVALS = {
    "auto": "Intervals are computed as the data ask for: see the sources of the methods.",
    "wilson": "Intervals of shares are Wilson's.",
    "midp": "Intervals of shares are exact ones with the mid-p correction.",
    "exact": "Intervals are exact ones: wide rather than too narrow.",
    "byar": "Intervals of rates are Byar's.",
    "student": "Intervals of averages are Student's.",
}


def _each(value: Any, one: Callable[[Any], str]) -> str:
    """Word a value, or the value of each indicator."""
    if not isinstance(value, Mapping):
        return one(value)
    return "; ".join(f"{name}: {one(v)}" for name, v in value.items())


def _kind(value: Any, _: Answer) -> str:
    return f"Each rate is {_each(value, _KINDS.__getitem__)}."


def _denominators(value: str | None, answer: Answer) -> str:
    if value is None:
        return "No column says how many people are behind a rate: people needed are not available."
    if answer.cells.family.counts_rows:
        rows = value == "rows"
        return f"The people behind each rate are the {value}{' of the data' if rows else ''}."
    return f"The people behind each rate are those of the column {value!r}."


def _events(value: str | None, answer: Answer) -> str:
    if value is None and not answer.cells.family.counted:
        return "Events were not counted here: the rates are those of the source."
    if value is None:
        single = set(answer.segments.kinds) == {"proportion"}
        return f"Every person {'has the event once, or not' if single else 'counts once'}."
    if value == "taken as independent":
        return (
            "Events are taken as independent: where one person has several, intervals are too "
            "narrow."
        )
    return f"Events {value}."


def _exclusive(value: Mapping[str, bool], _: Answer) -> str:
    once = [dimension_words(name) for name, exclusive in value.items() if exclusive]
    often = [dimension_words(name) for name, exclusive in value.items() if not exclusive]
    parts = []
    if once:
        parts.append(f"By {join_words(once)}, everybody is in one group")
    if often:
        parts.append(f"by {join_words(often)}, people can be in several, which are never added up")
    return f"{capital('; '.join(parts))}."


def _total(value: str, answer: Answer) -> str:
    """Say where totals come from, as the constructor put it on record."""
    if answer.cells.family.counts_rows:
        return "The total is all rows whose outcome is known."
    exclusive = [d.name for d in answer.dimensions[1:] if d.exclusive]
    added = ""
    if exclusive:
        added = f"the groups of {dimension_words(exclusive[0])} added up"
        if not answer.cells.family.counted:
            added += ", weighted by their people as if they were independent"
    labels = answer.segments.facts.get("total_labels", ())
    if labels:
        rows = join_words([f"“{text}”" if text else "without a label" for text in labels], "or")
        return f"The total is the row {rows}{f'; where there is none, {added}' if added else ''}."
    if not added:
        return "There is no total: groups that overlap are never added up."
    unsure = ". No total in the data says whether they are everybody"
    return f"The total is {added}{unsure if 'not verified' in value else ''}."


# --- the data -------------------------------------------------------------------------------------


def _suppressed(value: Mapping[str, Any], _: Answer) -> str:
    if not value:
        return "No word in the data stands for a hidden count."
    return f"In the data, {'; '.join(_tokens(value))}."


def _tokens(value: Mapping[str, Any], where: str = "") -> list[str]:
    said = []
    for token, bounds in value.items():
        if isinstance(bounds, Mapping):
            said += _tokens(bounds, f" in the column {token!r}")
        else:
            said.append(f"“{token}”{where} stands for a hidden count {_bounds(bounds)}")
    return said


def _bounds(bounds: tuple[float | None, float | None] | None) -> str:
    if bounds is None:
        return "of any size"
    low, high = ("" if end is None else f"{end:,g}" for end in bounds)
    return f"from {low or 0} to {high}" if high else f"of {low or 0} or more"


def _dropped(value: int | str, _: Answer) -> str:
    if value == 0:
        return "No row was left out."
    if value == 1:
        return "1 row that says no outcome, or weighs nothing, was left out."
    rows = value if isinstance(value, str) else f"{value:,}"
    return f"{capital(rows)} rows that say no outcome, or weigh nothing, were left out."


def _rounded(value: Mapping[str, int], _: Answer) -> str:
    each = join_words([f"{name!r} to multiples of {step:,}" for name, step in value.items()])
    return f"Counts were rounded before they were published, {each}: what follows is a range."


def _per(value: Any, _: Answer) -> str:
    if value is None:
        return "Nothing was said of the unit of the rates in the data: they are taken as they are."
    return f"Rates in the data are per {_each(value, lambda unit: f'{unit:,}')}."


def _precision(value: str, _: Answer) -> str:
    if value == "none given":
        return "The data do not say how precise rates are: there are no intervals."
    if value.startswith("counts"):
        return "Intervals follow from each rate and the number of people it was counted on."
    return f"Intervals follow from the {value} in the data."


def _repeats(value: bool, _: Answer) -> str:
    if value:
        return "The same people are in several strata: strata are not added up."
    return "As far as ids tell, nobody is in two strata."


def _years(value: Any, _: Answer) -> str:
    return f"Years that each row holds together: {_each(value, lambda years: f'{years:g}')}."


def _labels(value: Mapping[str, Any], _: Answer) -> str:
    flat = [v for v in value.values() if isinstance(v, Mapping)] or [value]
    named = [f"“{old}” is “{new}”" for names in flat for old, new in names.items()]
    return f"Labels got new names: {some_of(named, _MOST_RENAMED)}."


def _definition(value: Mapping[str, Any], _: Answer) -> str:
    named = all(isinstance(v, Mapping) for v in value.values())
    if not named:
        return f"What is measured, in words: {_parts(value)}"
    return " ".join(f"What {name!r} measures: {_parts(parts)}" for name, parts in value.items())


def _parts(parts: Mapping[str, str]) -> str:
    said = [f"{name}: {text}" for name, text in parts.items() if text and name in PARTS]
    by = f"; declared by {parts['declared by']}" if "declared by" in parts else ""
    return f"{'; '.join(said)} (fingerprint {parts['fingerprint']}{by})."


# --- the assessment -------------------------------------------------------------------------------


def _confidence(value: float | None, _: Answer) -> str:
    if value is None:
        return "No intervals were asked for."
    return f"Of 100 intervals like these, about {100 * value:g} hold the true rate."


def _reliability(value: str | None, _: Answer) -> str:
    if value is None:
        return "No rule says which rates are too imprecise to be read."
    return f"Rates are marked as not reliable by the rule “{value}”: {RULES[value].says}."


def _rollup(value: bool | tuple[str, ...], answer: Answer) -> str:
    names = answer.segments.strata.names
    if not names:
        return "There is one table, and nothing else to add up."
    if value is False:
        return f"Each stratum stands for itself: nothing is added up over {join_words(names)}."
    over = names if value is True else value
    return f"Beside each stratum stand all together, added up over {join_words(over)}."


def _shown(value: tuple[str, ...], _: Answer) -> str:
    return f"Groups that were asked for: {join_words(value)}. The others stay in the total."


def _suppression(value: Mapping[str, Any] | None, answer: Answer) -> str:
    if value is None:
        return "Nothing was hidden here to protect people: do not publish small counts as they are."
    return " ".join(_hidden(value, shared_noun(answer)))


def _hidden(value: Mapping[str, Any], people: str) -> list[str]:
    """Say how small counts were hidden, sentence by sentence."""
    zeros = "shown" if value["zeros"] == "show" else "hidden too"
    said = [
        f"Counts of {people} below {value['minimum']:,} are hidden by the rule “{value['rule']}”, "
        f"and whatever gives them away; rows without events, or with nothing but events, are "
        f"{zeros}.",
        f"Every hidden count keeps at least {value['width']:,} values that it could have.",
    ]
    if value["sums_over"]:
        said.append(f"Sums over {join_words(value['sums_over'])} are taken as published too.")
    if value["published"]:
        said.append(f"Earlier tables that were taken into account: {value['published']:,}.")
    if "score" in value:
        said.append(f"Publication score: {value['score']}.")
    for name, words in (("same_people", "are the same people as"), ("adds_to", "adds up with")):
        for tied in value.get(name) or ():
            one, *others = (tied,) if isinstance(tied, str) else tied
            said.append(f"“{one}” {words} {join_words([f'“{o}”' for o in others])}.")
    return said


def _findings(value: Mapping[str, Any], answer: Answer) -> str:
    if not value:
        return "Nothing was seen in the data that would lead the answer astray."
    return " ".join(finding_sentences(answer))


CHOICES: Mapping[str, Choice] = {
    "kind": Choice("What a rate is", _kind),
    "denominators": Choice("People", _denominators),
    "events": Choice("Events", _events),
    "exclusive": Choice("Groups", _exclusive),
    "total": Choice("The total", _total),
    "suppressed": Choice("Hidden in the data", _suppressed),
    "dropped": Choice("Left out", _dropped),
    "rounded": Choice("Rounded counts", _rounded),
    "per": Choice("Unit", _per),
    "precision": Choice("Precision", _precision),
    "repeats": Choice("People in several strata", _repeats),
    "years": Choice("Years", _years),
    "labels": Choice("New names", _labels),
    "definition": Choice("Definition", _definition),
    "confidence": Choice("Certainty", _confidence),
    "interval": Choice("Intervals", lambda value, _: _INTERVALS[value]),
    "reliability": Choice("Reliability", _reliability),
    "rollup": Choice("Together", _rollup),
    "shown": Choice("Shown", _shown),
    "suppression": Choice("Hidden before publication", _suppression),
    "findings": Choice("Seen in the data", _findings),
}
