"""One self-contained HTML page: sentences, tables, pictures, choices and sources."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jinja2
import numpy as np
from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import PEOPLE, Goal
from targeted_universalism.ask.plans.plan import Plan
from targeted_universalism.errors import CallError, InputError, check_path, check_text, shown
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.courses import Asked, Courses, courses_of, since_break
from targeted_universalism.show.five_steps import Sheet, sheet_of
from targeted_universalism.show.getting_there import Headway, Progress, progress_of
from targeted_universalism.show.hidden import hidden_words
from targeted_universalism.show.lines import Line, choice_words, count, lines
from targeted_universalism.show.nouns import counted_noun, everyone_words, shared_noun
from targeted_universalism.show.pictures.canvas import alt_text
from targeted_universalism.show.pictures.equiplot import equiplot, fits
from targeted_universalism.show.pictures.gaps import gaps
from targeted_universalism.show.pictures.needed import needed
from targeted_universalism.show.pictures.svg import drawn
from targeted_universalism.show.pictures.trajectory import fits as fits_panels
from targeted_universalism.show.pictures.trajectory import trajectory
from targeted_universalism.show.sentences import describe, describe_stratum
from targeted_universalism.show.words import doubt_notes, goals_with_words, stratum_words

SUFFIXES = (".html", ".htm")
MOST_STRATA = 12
MOST_LINES = 60
MOST_PICTURED = 150
MOST_ROWS = 2_000


@dataclass(frozen=True)
class Picture:
    """A picture for the page: its data address and the same in words."""

    source: str
    alt: str


@dataclass(frozen=True)
class DimensionTable:
    """Rows of one dimension, under one heading."""

    dimension: str
    lines: list[Line]


@dataclass(frozen=True)
class Section:
    """One stratum: heading, sentences, pictures and table."""

    heading: str
    sentences: str
    pictures: list[Picture]
    groups: list[DimensionTable]
    population: str
    counted: str
    progress: Progress | None
    trajectory: Picture | None
    sheet: Sheet | None

    @property
    def headway(self) -> Headway | None:
        """The progress of the total."""
        return None if self.progress is None else self.progress.groups[0][1][0]


@dataclass(frozen=True, kw_only=True)
class Front:
    """What stands over the page: its title, and who wrote it when."""

    title: str | None = None
    author: str | None = None
    date: str | None = None


def report(
    answer: Answer,
    path: str | Path,
    *,
    plan: Plan | None = None,
    time: str | None = None,
    breaks: object = (),
    title: str | None = None,
    author: str | None = None,
    date: str | None = None,
) -> Path:
    """Write one self-contained HTML page: sentences, table, pictures, choices, sources.

    Parameters
    ----------
    path : str or Path
        Where to write it, ending in ``.html``; its folder must exist.
    plan : Plan, optional
        With it a sheet for each stratum comes first: the five steps from the goal to the
        strategies, blank lines where nothing is decided, and what the plan leaves open. It prints
        on two sides of paper where it is not much longer than its groups.
    time : str, optional
        The `by` column of years. With it everything stands at the latest time, and the progress
        since the first one beside it, with targets for every year in the plan.
    breaks : value of that column, or collection of them
        Times at which a new series begins; the progress is that since the last of them.
    title, author, date : str, optional
        What stands over the page; nothing is written of author and date without them.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the path is a folder, or ends in another suffix; as ``a.progress`` and ``plan.check`` do.

    Notes
    -----
    The page is made whole before a file is touched: if that fails, an older file stays.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = tu.assess(s, tu.Goal.at_least(0.5)).report(pathlib.Path(folder) / "a.html")
    ...     "One goal for everyone: at least 50 %" in page.read_text(encoding="utf-8")
    True

    """
    path = check_path("path", path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{path.name!r} must end in {' or '.join(SUFFIXES)}, which says what is in it: print "
            "the page to PDF from a browser, or write tables with a.to_excel(path)."
        )
    front = Front(title=title, author=author, date=date)
    for name, text in vars(front).items():
        if text is not None:
            check_text(name, text)
    if not (plan is None or isinstance(plan, Plan)):
        raise CallError(f"plan={shown(plan)} must be a plan: plan = tu.Plan(rows).")
    asked = None if time is None else since_break(answer, time, breaks)
    page = render(answer, plan, asked, front)
    return write_whole(path, lambda place: place.write_text(page, encoding="utf-8"))


def render(
    answer: Answer, plan: Plan | None = None, asked: Asked | None = None, front: Front = Front()
) -> str:
    """Make the page as text."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("targeted_universalism", "show"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    series = [] if asked is None else _series(answer, asked)
    if series:
        answer = answer.take(np.array([one.stratum for one in series]))
    sections, left_out = _sections(answer, plan, series)
    return environment.get_template("report.html").render(
        title=front.title or _title(answer),
        signed=", ".join(part for part in (front.author, front.date) if part),
        goals=goals_with_words(answer),
        summary=describe(answer) if len(answer.segments.strata) > 1 else "",
        overview=_overview(answer),
        sections=sections,
        left_out=left_out,
        hidden=hidden_words(answer),
        rule=RULES.get(answer.options.reliability or ""),
        choices=choice_words(answer.choices()),
        confidence=answer.options.confidence,
        doubts=doubt_notes(
            line.status for section in sections for group in section.groups for line in group.lines
        ),
        public=answer.public,
        people=shared_noun(answer),
        everyone=everyone_words(shared_noun(answer)),
        all_of=everyone_words,
    )


def _series(answer: Answer, asked: Asked) -> list[Courses]:
    """Give the series that have a latest time, in the order of the strata of that time."""
    every = [one for one in courses_of(answer, asked) if one.stratum >= 0]
    return sorted(every, key=lambda one: one.stratum)


def _overview(answer: Answer) -> Picture | None:
    """Draw several strata under each other, where one picture shows them and stays light."""
    light = 1 < len(answer.segments.strata) <= MOST_LINES
    return _picture(equiplot, answer) if light and fits(answer) else None


def _title(answer: Answer) -> str:
    names = [goal.name for goal in answer.goals if goal.name]
    everyone = everyone_words(shared_noun(answer))
    return " · ".join(names[:3]) or f"Distance to the goal for {everyone}"


def _sections(
    answer: Answer, plan: Plan | None, series: Sequence[Courses]
) -> tuple[list[Section], int]:
    """Give the strata their sections: all where they are few, else the roll-ups and the first."""
    every = np.arange(len(answer.segments.strata))
    rolled = answer.segments.strata.rolled_up
    order = [*every[rolled], *every[~rolled]]
    chosen: list[int] = []
    rows = 0
    for stratum in order[:MOST_STRATA]:
        rows += int(answer.seen[:, stratum].sum())
        if chosen and rows > MOST_ROWS:
            break
        chosen.append(int(stratum))
    sections = [
        _section(answer, stratum, plan, series[stratum] if series else None) for stratum in chosen
    ]
    return sections, len(order) - len(chosen)


def _section(answer: Answer, stratum: int, plan: Plan | None, courses: Courses | None) -> Section:
    one = answer.take(np.array([stratum]))
    rows = list(lines(one, MOST_ROWS))
    return Section(
        heading=stratum_words(answer, stratum),
        sentences=describe_stratum(one, 0),
        pictures=[_picture(draw, one) for draw in (gaps, needed)]
        if count(one) <= MOST_PICTURED
        else [],
        groups=[
            DimensionTable(name, list(group))
            for name, group in groupby(rows, lambda x: x.dimension)
        ],
        population=_population(answer.goal(stratum), answer.kind(stratum)),
        counted=counted_noun(answer.goal(stratum), answer.kind(stratum)),
        progress=None if courses is None else progress_of(courses),
        trajectory=None if courses is None else _over_time(courses),
        sheet=None if plan is None else sheet_of(one, plan, courses),
    )


def _over_time(courses: Courses) -> Picture | None:
    """Draw a series along time, where a picture can show its segments."""
    alone = courses.alone
    if not fits_panels(alone):
        return None
    return _picture(trajectory, alone, courses.asked.time, breaks=courses.asked.breaks)


def _population(goal: Goal, kind: str) -> str:
    """Name those among whom a rate is; of a rate they may be people or their time."""
    known = kind == "proportion" or goal.people != PEOPLE
    return goal.people.capitalize() if known else "Population"


def _picture(
    draw: Callable[..., Axes], answer: Answer, *args: object, **options: object
) -> Picture:
    """Draw into a figure of its own and embed it as SVG, the same bytes every time."""
    axes, svg = drawn(draw, answer, *args, **options)
    data = base64.b64encode(svg.encode()).decode("ascii")
    return Picture(f"data:image/svg+xml;base64,{data}", alt_text(axes))
