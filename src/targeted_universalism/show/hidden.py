"""What is hidden, and by which rule: words that tell nothing of what is behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from targeted_universalism.answer.answer import Answer
from targeted_universalism.measures.publication_score import RELEASED
from targeted_universalism.privacy.rules import RULES
from targeted_universalism.segments.cells import State
from targeted_universalism.show.nouns import shared_noun


def hidden_words(answer: Answer) -> list[str]:
    """Say what is hidden, one paragraph for each rule; nothing where nothing can be.

    Parameters
    ----------
    answer : Answer
        Public or not: every word is a function of what it still holds.
    """
    paragraphs = [*_published(answer), *_received(answer)]
    if not paragraphs:
        return []
    hidden = int(((answer.cells.state == State.SUPPRESSED) & answer.seen).sum())
    rows = int(answer.seen.sum())
    return [f"Rows that are hidden: {hidden:,} of {rows:,}.", *paragraphs]


def _published(answer: Answer) -> Iterator[str]:
    """Name the rule of ``suppress``, its source, and what goes with a hidden cell."""
    rule = answer.segments.facts["suppression"]
    if rule is None:
        return
    named = RULES[rule["rule"]]
    noun = shared_noun(answer)
    people, events = named.judge(rule["minimum"])
    shown = "hidden too" if rule["zeros"] == "hide" else "shown"
    yield (
        f"Before publication, {_small(people, events, noun)}, and other rows that would give them "
        f"away, were hidden by rule “{named.name}”: "
        f"{named.says} ({named.source}). Rows without events, or with nothing but events, are "
        f"{shown}."
    )
    if "score" in rule:
        yield (
            f"Publication score: {rule['score']}. Up to {RELEASED} a table is released without "
            "masking."
        )
    yield (
        f"With a hidden row goes all that follows from it: rate, interval, gap, {noun} needed, "
        "shares. Why a row is hidden is not told: to say which are small would give others away."
    )


def _small(people: int, events: int, noun: str) -> str:
    """Say which counts are too small: of people, and of events and people without the event."""
    if people == events:
        return f"rows with {_few(people)} {noun}, events, or {noun} without the event"
    return f"rows with {_few(people)} {noun}, or {_few(events)} events or {noun} without the event"


def _few(minimum: int) -> str:
    return f"1 to {minimum - 1:,}" if minimum > 2 else "1" if minimum == 2 else "fewer than 1"


def _received(answer: Answer) -> Iterator[str]:
    """Name the tokens of cells that the input hides, and what is known of them."""
    tokens = list(_tokens(answer.segments.facts["suppressed"]))
    if not tokens:
        return
    kept = (
        "What they stand for is not used here: such rows stay hidden."
        if answer.public
        else f"Gap and {shared_noun(answer)} needed of such a row are given as the range over "
        "every count that they allow; no count is put in their place."
    )
    yield f"The data hide cells behind these marks: {'; '.join(tokens)}. {kept}"


def _tokens(declared: Mapping[str, Any], column: str = "") -> Iterator[str]:
    for token, bounds in declared.items():
        if isinstance(bounds, Mapping):
            yield from _tokens(bounds, f" in {token}")
        else:
            yield f"“{token}”{column} for {_bounds(*bounds)}"


def _bounds(low: float, high: float) -> str:
    if np.isinf(high):
        return f"{low:,.10g} or more" if low > 0 else "any number"
    return f"{low:,.10g} to {high:,.10g}"
