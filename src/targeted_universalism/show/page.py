"""One self-contained HTML page: sentences, tables, pictures, choices and sources."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jinja2
import numpy as np
from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import PEOPLE, Goal
from targeted_universalism.errors import InputError, check_path
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.hidden import hidden_words
from targeted_universalism.show.lines import Line, choice_words, count, lines
from targeted_universalism.show.nouns import counted_noun, everyone_words, shared_noun
from targeted_universalism.show.pictures.canvas import alt_text
from targeted_universalism.show.pictures.equiplot import equiplot, fits
from targeted_universalism.show.pictures.gaps import gaps
from targeted_universalism.show.pictures.needed import needed
from targeted_universalism.show.pictures.svg import drawn
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


def report(answer: Answer, path: str | Path) -> Path:
    """Write one self-contained HTML page: sentences, table, pictures, choices, sources.

    Parameters
    ----------
    path : str or Path
        Where to write it, ending in ``.html``; its folder must exist.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the path is a folder, or ends in another suffix.

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
    page = render(answer)
    return write_whole(path, lambda place: place.write_text(page, encoding="utf-8"))


def render(answer: Answer) -> str:
    """Make the page as text."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("targeted_universalism", "show"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections, left_out = _sections(answer)
    return environment.get_template("report.html").render(
        title=_title(answer),
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


def _overview(answer: Answer) -> Picture | None:
    """Draw several strata under each other, where one picture shows them and stays light."""
    light = 1 < len(answer.segments.strata) <= MOST_LINES
    return _picture(equiplot, answer) if light and fits(answer) else None


def _title(answer: Answer) -> str:
    names = [goal.name for goal in answer.goals if goal.name]
    everyone = everyone_words(shared_noun(answer))
    return " · ".join(names[:3]) or f"Distance to the goal for {everyone}"


def _sections(answer: Answer) -> tuple[list[Section], int]:
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
    return [_section(answer, stratum) for stratum in chosen], len(order) - len(chosen)


def _section(answer: Answer, stratum: int) -> Section:
    one = answer.take(np.array([stratum]))
    shown = list(lines(one, MOST_ROWS))
    return Section(
        heading=stratum_words(answer, stratum),
        sentences=describe_stratum(one, 0),
        pictures=[_picture(draw, one) for draw in (gaps, needed)]
        if count(one) <= MOST_PICTURED
        else [],
        groups=[
            DimensionTable(name, list(group))
            for name, group in groupby(shown, lambda x: x.dimension)
        ],
        population=_population(answer.goal(stratum), answer.kind(stratum)),
        counted=counted_noun(answer.goal(stratum), answer.kind(stratum)),
    )


def _population(goal: Goal, kind: str) -> str:
    """Name those among whom a rate is; of a rate they may be people or their time."""
    known = kind == "proportion" or goal.people != PEOPLE
    return goal.people.capitalize() if known else "Population"


def _picture(draw: Callable[[Answer], Axes], answer: Answer) -> Picture:
    """Draw into a figure of its own and embed it as SVG, the same bytes every time."""
    axes, svg = drawn(draw, answer)
    data = base64.b64encode(svg.encode()).decode("ascii")
    return Picture(f"data:image/svg+xml;base64,{data}", alt_text(axes))
