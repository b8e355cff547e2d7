"""Where the groups of one stratum stand, and how far they have come: its section of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

import numpy as np

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import PEOPLE, Goal
from targeted_universalism.show.content import (
    Block,
    Cell,
    Column,
    Paragraph,
    Picture,
    Row,
    Rows,
    Section,
    Table,
)
from targeted_universalism.show.courses import Courses
from targeted_universalism.show.footnotes import said_once
from targeted_universalism.show.getting_there import Headway, Progress, progress_of
from targeted_universalism.show.lines import Line, count, lines
from targeted_universalism.show.nouns import counted_noun
from targeted_universalism.show.pictures.gaps import gaps
from targeted_universalism.show.pictures.needed import needed
from targeted_universalism.show.pictures.svg import Draw, drawing
from targeted_universalism.show.pictures.trajectory import along
from targeted_universalism.show.pictures.trajectory import fits as fits_panels
from targeted_universalism.show.sentences import describe_stratum
from targeted_universalism.show.words import stratum_words

_STANDING = "Where each group stands"
_NEEDED, _NO_NEED = 4, "Rate and gap to the goal"
MOST_ROWS = 2_000
MOST_PICTURED = 150
_Noted = TypeVar("_Noted", Line, Headway)


def standing(answer: Answer, courses: Courses | None = None, *, alone: bool = True) -> Section:
    """Give the section of one stratum: sentences, a picture, a table; with courses its progress.

    Of several strata with courses each has one picture, along time, right under its sentences: on
    paper a sheet for each, on two sides.

    Parameters
    ----------
    answer : Answer
        Of one stratum.
    courses : Courses, optional
        Of the series whose latest stratum it is.
    alone : bool
        Whether it is the only one: its gaps then stand where the page opens, and people needed
        have a picture of their own. Of several, each has its gaps.
    """
    heading = stratum_words(answer, 0)
    words = map(Paragraph.of, describe_stratum(answer, 0))
    blocks = _blocks(answer, heading, courses, alone=alone)
    title = f"{_STANDING}: {heading}" if alone and heading else heading or _STANDING
    return Section(title, (*words, *blocks), role="stratum")


def _blocks(
    answer: Answer, heading: str, courses: Courses | None, *, alone: bool
) -> Iterator[Block]:
    if courses is not None and not alone:
        yield _progress(courses)
        yield Section(f"{_STANDING}: {heading}", (_table(answer, heading),))
        return
    if count(answer) <= MOST_PICTURED:
        yield picture(needed if alone else gaps, answer, heading)
    yield _table(answer, heading)
    if courses is not None:
        yield _progress(courses)


def picture(draw: Draw, answer: Answer, heading: str, *args: Any, **options: Any) -> Picture:
    """Draw into a figure of its own, when it is written."""
    label = f"Picture: {heading}" if heading else "Picture"
    return Picture(label, drawing(draw, answer, *args, **options))


# --- the table ------------------------------------------------------------------------------------


def _table(answer: Answer, heading: str) -> Table:
    goal, kind = answer.goal(0), answer.kind(0)
    by_dimension = groupby(lines(answer, MOST_ROWS), lambda line: line.dimension)
    groups, notes = _grouped([(name, list(some)) for name, some in by_dimension], _row)
    place = f": {heading}" if heading else ""
    needs = any(row.cells[_NEEDED].part for group in groups for row in group.rows)
    what = f"Rate, gap to the goal and {counted_noun(goal, kind)} needed" if needs else _NO_NEED
    return Table(
        caption=f"{what}{place}",
        columns=(
            Column("Group"), Column(_population(goal, kind), number=True, spared=True),
            Column("Rate", number=True), Column("Gap to the goal", number=True),
            Column("Needed", number=True, spared=True),
            Column("Share of effort", number=True, spared=True), Column("Status"),
        ),
        groups=groups,
        label=f"Table{place}",
        notes=notes,
    ).without_empty_columns()  # fmt: skip


def _grouped(
    groups: Sequence[tuple[str, Sequence[_Noted]]], row: Callable[[_Noted, str], Row]
) -> tuple[tuple[Rows, ...], tuple[str, ...]]:
    """Make rows, each with what is to be noted of it alone; the other notes stand below them all.

    Parameters
    ----------
    groups : sequence of (str, sequence of Line or Headway)
        The name of each dimension, and its rows.
    row : callable
        Makes a row of one of them and its note.
    """
    headings = ["" if name == "total" else name for name, _ in groups]
    notes = [[one.notes for one in some] for _, some in groups]
    left, below = said_once(list(zip(headings, notes, strict=True)))
    made = (
        Rows(heading, tuple(map(row, some, each)))
        for heading, (_, some), each in zip(headings, groups, left, strict=True)
    )
    return tuple(made), below


def _population(goal: Goal, kind: str) -> str:
    """Name those among whom a rate is; of a rate they may be people or their time."""
    known = kind == "proportion" or goal.people != PEOPLE
    return goal.people.capitalize() if known else "Population"


def _row(line: Line, note: str) -> Row:
    mark = " †" if line.unreliable else ""
    return Row(
        (
            Cell.of(line.segment, note),
            Cell(line.population),
            Cell.of(f"{line.rate}{mark}", line.interval),
            Cell.of(line.gap, line.gap_range),
            Cell.of(line.needed, "" if line.needed_range == line.needed else line.needed_range),
            Cell(line.share),
            Cell(line.status),
        ),
        total=line.total,
    )


# --- progress -------------------------------------------------------------------------------------


def _progress(courses: Courses) -> Section:
    progress = progress_of(courses)
    place = f": {progress.heading}" if progress.heading else ""
    return Section(
        f"Are we getting there{place}",
        tuple(_over_time(courses, progress, _headways(progress, place))),
    )


def _over_time(courses: Courses, progress: Progress, table: Table) -> Iterator[Block]:
    """Give a series along time, where a picture can show its segments, and its table."""
    alone = courses.alone
    if fits_panels(alone):
        yield picture(along, alone, progress.heading, courses)
    yield table
    if progress.passed:
        words = (
            f"The deadline, {progress.passed}, has passed: agree on a new one to see what it asks."
        )
        yield Paragraph.of(words)


def _headways(progress: Progress, place: str) -> Table:
    groups, notes = _grouped(progress.groups, lambda row, note: _headway(row, note, progress))
    ahead = [Column("When at the goal, on the current trend")]
    if progress.by:
        chance = Column(f"Chance by {progress.by}", number=True)
        ahead = [Column("Pace that is needed"), *ahead, chance]
    return Table(
        caption=f"Progress toward the goal{place}",
        columns=(
            Column("Group"), Column("From", number=True), Column("To", number=True),
            Column("Progress"), *ahead,
        ),
        groups=groups,
        label=f"Progress{place}",
        notes=notes,
    )  # fmt: skip


def _headway(row: Headway, note: str, progress: Progress) -> Row:
    ahead = [Cell(row.when)]
    if progress.by:
        ahead = [Cell(row.pace), *ahead, Cell(row.chance)]
    return Row(
        (
            Cell.of(row.segment, note),
            Cell.of(row.before, row.before_time if row.before else ""),
            Cell.of(row.now, row.now_time if row.now else ""),
            Cell(row.status),
            *ahead,
        ),
        total=row.total,
    )


def headway(courses: Courses | None) -> Headway | None:
    """Give the progress of the total of a series."""
    return None if courses is None else progress_of(courses).groups[0][1][0]


def one_of(answer: Answer, stratum: int) -> Answer:
    """Give one stratum as an answer of its own."""
    return answer.take(np.array([stratum]))
