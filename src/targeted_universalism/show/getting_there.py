"""The progress of one series in words: from where to where, how fast, when, and how surely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from targeted_universalism.answer.symbols import SYMBOLS
from targeted_universalism.measures.goal import STATUS_WORDS, Status
from targeted_universalism.reasons import WITHOUT_RATE, Reason, sentences, told
from targeted_universalism.show.courses import Course, Courses
from targeted_universalism.show.outlook import AT_GOAL
from targeted_universalism.show.pictures.canvas import text_or_empty
from targeted_universalism.show.words import rate_words

_HIDDEN = f"{SYMBOLS[-1]} {STATUS_WORDS[Status.SUPPRESSED]}"

_WHY_NO_STATUS = WITHOUT_RATE | {
    Reason.NO_BASELINE, Reason.NO_LATEST, Reason.ONE_TIME, Reason.BREAK
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Headway:
    """One segment's progress, in words."""

    segment: str
    dimension: str
    total: bool
    before: str
    before_time: str
    now: str
    now_time: str
    status: str
    pace: str
    when: str
    chance: str
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The table of one series.

    `by` is the deadline in words, empty where the goal has none ahead, and `passed` one that has
    passed.
    """

    heading: str
    groups: list[tuple[str, list[Headway]]]
    by: str
    passed: str


def progress_of(courses: Courses) -> Progress:
    """Put the progress of one series into words.

    Parameters
    ----------
    courses : Courses
        Of a series.
    """
    rows = [
        _headway(courses, course, line)
        for course, line in zip(courses.each, courses.lines, strict=True)
    ]
    deadline = "" if courses.goal.deadline is None else f"{courses.goal.deadline}"
    return Progress(
        heading=courses.words,
        groups=[(name, list(some)) for name, some in groupby(rows, lambda row: row.dimension)],
        by="" if courses.passed else deadline,
        passed=deadline if courses.passed else "",
    )


def _headway(courses: Courses, course: Course, line: Mapping[str, Any]) -> Headway:
    kind, per = courses.kind, float(courses.goal.per)
    status, outlook = text_or_empty(line["progress"]), course.outlook
    no_rate = np.isnan(float(line["latest_rate"]))
    hidden = bool(course.hidden[-1])
    when = "" if no_rate or outlook.words == AT_GOAL else outlook.words
    return Headway(
        segment=course.name,
        dimension=course.dimension,
        total=course.total,
        before=rate_words(float(line["baseline_rate"]), kind, per),
        before_time=text_or_empty(line["baseline_time"]),
        now=rate_words(float(line["latest_rate"]), kind, per),
        now_time=text_or_empty(line["latest_time"]),
        status=_HIDDEN if hidden else status or _standing(course),
        pace=outlook.pace,
        when=when,
        chance=outlook.chance,
        notes=tuple(_notes(line, status, hidden)),
    )


def _standing(course: Course) -> str:
    """Say where a segment stands of which no change can be told."""
    return AT_GOAL if course.outlook.arrived else ""


def _notes(line: Mapping[str, Any], status: str, hidden: bool) -> Iterator[str]:
    """Say what a status and an average would hide, and why there is no status."""
    reasons = told(text_or_empty(line["reason"]))
    if Reason.FELL_BACK in reasons:
        yield Reason.FELL_BACK.value
    if line["masked_shortfall"] is True:
        yield "at the goal, and a group inside it is not"
    if line["leveling_down"] is True:
        yield "fell back toward the group that is furthest from the goal"
    if not status and not hidden:
        yield from sentences(reasons & _WHY_NO_STATUS)
