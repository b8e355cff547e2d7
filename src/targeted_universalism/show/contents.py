"""What a page about an assessment holds: plan, goals, where everybody stands, and the notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.ask.latest import latest_strata
from targeted_universalism.ask.plans.plan import Plan
from targeted_universalism.ask.progress import ProgressOptions
from targeted_universalism.labels import label
from targeted_universalism.segments.strata import Strata
from targeted_universalism.show.brief import brief
from targeted_universalism.show.content import Block, Page, Paragraph, Section, Table, Text
from targeted_universalism.show.courses import Courses, courses_of
from targeted_universalism.show.five_steps import sheet_of
from targeted_universalism.show.lines import count
from targeted_universalism.show.notes import notes
from targeted_universalism.show.nouns import counted_noun, everyone_words, shared_noun
from targeted_universalism.show.pictures.equiplot import equiplot, fits
from targeted_universalism.show.pictures.gaps import gaps
from targeted_universalism.show.pictures.heatmap import fits as fits_matrix
from targeted_universalism.show.pictures.heatmap import heatmap, in_parts
from targeted_universalism.show.standing import (
    MOST_PICTURED,
    MOST_ROWS,
    headway,
    one_of,
    picture,
    standing,
)
from targeted_universalism.show.steps import steps
from targeted_universalism.show.words import goals_with_words

MOST_STRATA, MOST_INDICATORS = 12, 30  # of several places, and of one
MOST_LINES = 60
_MOST_TITLED = 3
MOST_ACROSS = 9  # columns of a heat map that can still be read on paper
_PUBLIC = (
    "Small cells have been removed from this page, and from everything that follows from them."
)


@dataclass(frozen=True, kw_only=True)
class Front:
    """What stands over the page: its title, and who wrote it when."""

    title: str | None = None
    author: str | None = None
    date: str | None = None


def contents(
    answer: Answer,
    plan: Plan | None = None,
    asked: ProgressOptions | None = None,
    front: Front = Front(),
) -> Page:
    """Put together what a page about an assessment holds.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    plan : Plan, optional
        With it a sheet for each stratum follows what is read first.
    asked : ProgressOptions, optional
        What is asked of progress: with it everything stands at the latest time.
    front : Front
        What stands over the page.
    """
    series: list[Courses] = []
    if asked is not None:
        latest = latest_strata(answer, asked.time)
        series = _series(answer, asked, latest)
        answer = answer.take(latest)
    chosen = _chosen(answer)
    sheets, strata = [], []
    for stratum in chosen:
        one = one_of(answer, stratum)
        courses = series[stratum] if series else None
        if plan is not None:
            noun = counted_noun(one.goal(0), one.kind(0))
            sheets.append(steps(sheet_of(one, plan, courses), noun, headway(courses)))
        strata.append(standing(one, courses, alone=len(chosen) == 1))
    left_out = len(answer.segments.strata) - len(chosen)
    return Page(
        title=front.title or _title(answer),
        signed=", ".join(part for part in (front.author, front.date) if part),
        sections=(
            *_goals(answer),
            Section("", tuple(_first(answer)), role="first"),
            *sheets,
            *strata,
            *([_left_out(left_out)] if left_out else []),
            *_about(answer),
            *notes(answer, _statuses(strata)),
        ),
        author=front.author or "",
        date=front.date or "",
    )


def _series(answer: Answer, asked: ProgressOptions, latest: IntArray) -> list[Courses]:
    """Give the series that ends in each of the latest strata."""
    ends = {one.stratum: one for one in courses_of(answer, asked)}
    return [ends[stratum] for stratum in latest.tolist()]


def _chosen(answer: Answer) -> list[int]:
    """Give the strata that have a section: all where they are few, else roll-ups and the first."""
    strata = answer.segments.strata
    every, rolled = np.arange(len(strata)), strata.rolled_up
    one_place = len(strata.measured) == len(strata)
    chosen: list[int] = []
    rows = 0
    order = [*every[rolled], *every[~rolled]]
    for stratum in order[: MOST_INDICATORS if one_place else MOST_STRATA]:
        rows += int(answer.seen[:, stratum].sum())
        if chosen and rows > MOST_ROWS:
            break
        chosen.append(int(stratum))
    return chosen


def _title(answer: Answer) -> str:
    """Name what is measured, and where, when, or for whom, if that is one."""
    found = (goal.name or indicator for goal, _, indicator in goals_with_words(answer))
    named = list(dict.fromkeys(filter(None, found)))
    more = f" and {len(named) - _MOST_TITLED} more" if named[_MOST_TITLED:] else ""
    everyone = everyone_words(shared_noun(answer))
    what = " · ".join(named[:_MOST_TITLED]) + more or f"Distance to the goal for {everyone}"
    return ", ".join([what, *_places(answer.segments.strata)])


def _places(strata: Strata) -> Iterator[str]:
    """Name what all strata share."""
    for name in strata.names:
        values = {strata.value(name, stratum) for stratum in range(len(strata))}
        if len(values) == 1 and None not in values:
            yield f"{name} {label(values.pop())}"


# --- what is read first ---------------------------------------------------------------------------


def _goals(answer: Answer) -> Iterator[Section]:
    """Say what each goal is, where the total stands, and who has a distance to go."""
    measured = answer.segments.strata.measured
    for i, (goal, words, indicator) in zip(measured, goals_with_words(answer), strict=True):
        by = f" by {goal.deadline}" if goal.deadline else ""
        name = f"{indicator}. " if indicator else ""
        sentence = f"{name}One goal for {everyone_words(goal.people)}: {words}{by}"
        yield Section(
            "", (Paragraph.of(Text(sentence)), Paragraph.of(brief(answer, i))), role="goal"
        )


def _first(answer: Answer) -> Iterator[Block]:
    """Show everybody in one picture, where one can."""
    if answer.public:
        yield Paragraph.of(_PUBLIC)
    strata = len(answer.segments.strata)
    if strata == 1:
        if count(answer) <= MOST_PICTURED:
            yield picture(gaps, answer, "")
    elif strata <= MOST_LINES and fits(answer):
        yield picture(equiplot, answer, "all strata")
    elif strata <= MOST_LINES and fits_matrix(answer):
        parts = in_parts(answer, MOST_ACROSS)
        for i, part in enumerate(parts, 1):
            yield picture(heatmap, part, f"part {i} of {len(parts)}" if parts[1:] else "all strata")


# --- what is behind it ----------------------------------------------------------------------------


def _about(answer: Answer) -> Iterator[Section]:
    """Say what is measured, why the goals are what they are, and where they are written down."""
    blocks = tuple(
        block
        for goal, _, indicator in goals_with_words(answer)
        for block in _behind(goal, indicator)
    )
    if blocks:
        several = len(answer.segments.strata.measured) > 1
        yield Section(f"About the goal{'s' if several else ''}", blocks)


def _behind(goal: Goal, indicator: str) -> Iterator[Paragraph]:
    names = dict.fromkeys(name for name in (indicator, goal.name) if name)
    if names:
        yield Paragraph.of(f"{': '.join(names)} ({goal.ambition} goal)")
    for what, words in (
        ("Why this number", goal.rationale),
        ("Source", goal.source),
        ("Version", goal.version),
        ("What is measured", _defined(goal)),
    ):
        if words:
            yield Paragraph.of(f"{what}: {words}", soft=True)


def _defined(goal: Goal) -> str:
    if not goal.definition:
        return ""
    parts = [f"{part}: {text}" for part, text in goal.definition.parts.items() if text]
    return "; ".join([*parts, f"fingerprint {goal.definition.fingerprint}"])


def _left_out(count: int) -> Section:
    words = (
        f"{count:,} more strata are not on this page. Choose some before writing it, or read the "
        "whole table in code."
    )
    return Section("", (Paragraph.of(words),))


def _statuses(strata: Sequence[Section]) -> Iterator[str]:
    """Give the words for where a rate stands, the last of each row."""
    for section in strata:
        for block in section.blocks:
            if isinstance(block, Table):
                yield from (str(row.cells[-1].part) for group in block.groups for row in group.rows)
