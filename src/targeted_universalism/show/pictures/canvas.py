"""What all pictures share: the stratum that is drawn, its unit, colours, words and new axes.

No meaning hangs on colour alone: shapes, words and frames say it too. Labels are data, so a "$" or
"_" in them is never mathematics.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from keyword import iskeyword
from numbers import Integral
from typing import Any
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.answer.units import in_percent, per_words
from targeted_universalism.errors import InputError, shown
from targeted_universalism.labels import label
from targeted_universalism.measures.goal import STATUS_WORDS
from targeted_universalism.reasons import NO_RATE_GIVEN, Reason, sentence
from targeted_universalism.segments.strata import Strata
from targeted_universalism.show.nouns import capital, counted_noun, what_is_done
from targeted_universalism.show.pictures.paper import (
    TITLE_LINE,
    WIDTH,
    find_letters,
    leaf,
    new_figure,
)
from targeted_universalism.show.words import (
    UNRELIABLE,
    dimension_words,
    goal_words,
    number_words,
    stratum_words,
)

MOST_ROWS = 150
WANTED = {"at most": "lower is wanted ←", "at least": "higher is wanted →"}
WANTED_UPWARD = {"at most": "lower is wanted ↓", "at least": "higher is wanted ↑"}
HOLLOW = "hollow marks: unreliable"  # in every picture that has marks

# These have a contrast above 3:1 on white and on black; blue and orange differ for every colour
# vision. Text, ranges and the goal line take the text colour of the user's own style.
BLUE, ORANGE, GREY, PURPLE, GREEN = "#2b74b4", "#b65400", "#808080", "#9a5cb4", "#1a8a5f"
# Way still to go, and at the goal or past it: warm asks for something, cool is well. Shapes and
# words say it too.
SHORT, THERE = ORANGE, BLUE
NAME, SMALL, LEAST, TITLE = 10.0, 9.5, 9.0, 12.0  # points
TITLE_CHARS, KEY_CHARS = 70, 92  # on a screen, as all numbers of letters are
PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}


# --- units --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Unit:
    """How numbers of a kind are shown: proportions in percent, rates per 1,000 (or their `per`)."""

    scale: float
    suffix: str
    points: str
    axis: str
    noun: str
    needed_axis: str

    @property
    def percent(self) -> bool:
        """Whether numbers are shown in percent."""
        return self.suffix == " %"

    def number(self, value: float) -> str:
        """Write a shown number, without its unit."""
        return number_words(value, 1 if self.percent else 2)

    def rate(self, value: float) -> str:
        """Write a shown rate with its unit."""
        return f"{self.number(value)}{self.suffix}"


def target_in(unit: Unit, goal: Goal) -> float:
    """Give a goal in the unit in which rates are drawn."""
    return float(goal.fraction * 100) if unit.percent else float(goal.target)


def within_bounds(unit: Unit, kind: str, low: float, high: float) -> tuple[float, float]:
    """Cut the ends of an axis of rates at the bounds of what is measured."""
    bottom = low if kind == "mean" else max(low, 0.0)
    return bottom, min(high, 100.0) if unit.percent else high


def goal_line_words(goal: Goal, kind: str) -> str:
    """Name the goal line: "Goal: at most 10 % by 2030"."""
    year = "" if goal.deadline is None else f" by {goal.deadline}"
    return f"Goal: {goal_words(goal, kind)}{year}"


def unit_of(kind: str, goal: Goal) -> Unit:
    """Give the unit in which rates of a kind are drawn."""
    percent = in_percent(kind, float(goal.per))
    per = per_words(float(goal.per))
    counted, done = counted_noun(goal, kind), what_is_done(goal, kind)
    return Unit(
        scale=100 / float(goal.per) if percent else 1.0,
        suffix=" %" if percent else per,
        points=" points" if percent else "",
        axis="Percent" if percent else per.strip().capitalize() or "Rate" * (kind != "mean"),
        noun=counted,
        needed_axis=f"{counted.capitalize()}{done or ' needed'} to reach the goal",
    )


# --- one stratum and its segments ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Span:
    """A value with its interval; missing parts are NaN."""

    value: float
    low: float = math.nan
    high: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)

    @property
    def bounded(self) -> bool:
        """Whether there is an interval; its upper end may be out of reach."""
        return self.known and not math.isnan(self.low) and not math.isnan(self.high)

    @classmethod
    def of_line(cls, line: Mapping[str, Any], name: str, scale: float = 1.0) -> Span:
        """Read a value from the columns `name`, `name_low` and `name_high` of a table's line."""
        value, low, high = (scale * float(line[f"{name}{end}"]) for end in ("", "_low", "_high"))
        return cls(value=value, low=low, high=high)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One segment in one stratum, its rate and gap in the unit that is shown.

    `row` is its place in the answer, 0 for the total; `dimension` that of its dimension.
    """

    row: int
    label: str
    dimension: int
    status: str
    reason: frozenset[Reason]
    unreliable: bool
    rate: Span
    gap: float
    needed: float
    needed_low: float
    needed_high: float

    @property
    def hidden(self) -> bool:
        """Whether its cell is suppressed."""
        return self.status == "suppressed"

    @property
    def no_data(self) -> bool:
        """Whether there is nothing to show of it."""
        return self.status == "no data"

    @property
    def missing_words(self) -> str:
        """Why there is no number: "suppressed", "no data: no population"."""
        if self.hidden:
            return "suppressed"
        why = sentence(self.reason & NO_RATE_GIVEN)
        return f"no data: {why}" if why else "no data"


@dataclass(frozen=True, eq=False, kw_only=True)
class Stratum:
    """One stratum of an answer: its goal, its unit, its words and its segments."""

    answer: Answer
    position: int

    @cached_property
    def goal(self) -> Goal:
        """The goal that holds in it."""
        return self.answer.goal(self.position)

    @property
    def kind(self) -> str:
        """The kind of its outcome."""
        return self.answer.kind(self.position)

    @cached_property
    def unit(self) -> Unit:
        """The unit in which its rates are drawn."""
        return unit_of(self.kind, self.goal)

    @property
    def target(self) -> float:
        """The goal in the unit in which rates are drawn."""
        return target_in(self.unit, self.goal)

    @property
    def words(self) -> str:
        """Its name: "county Inyo, year 2022"; empty where there is only one."""
        return stratum_words(self.answer, self.position)

    @property
    def goal_words(self) -> str:
        """The words of the goal line: "Goal: at most 10 % by 2030"."""
        return goal_line_words(self.goal, self.kind)

    @property
    def wanted_words(self) -> str:
        """Which way the goal points along a horizontal axis."""
        return WANTED[self.goal.direction]

    @property
    def rate_axis(self) -> str:
        """What is on an axis of rates, and which way the goal points: "Percent; …"."""
        return "; ".join(part for part in (self.unit.axis, self.wanted_words) if part)

    @property
    def interval_words(self) -> str:
        """The level of its intervals: "95 % intervals"; empty without."""
        level = self.answer.options.confidence
        return "" if level is None else f"{100 * level:g} % intervals"

    @property
    def headings(self) -> tuple[str, ...]:
        """Name of each dimension, that of the total first."""
        return tuple(dimension_words(d.name) for d in self.answer.dimensions)

    def name(self, segment: Segment, several: bool) -> str:
        """Name a segment; where dimensions are `several`, with its own."""
        heading = self.headings[segment.dimension] if several and segment.row else ""
        return f"{heading}: {segment.label}" if heading else segment.label

    def cut(self, low: float, high: float) -> tuple[float, float]:
        """Cut the ends of an axis of rates at the bounds of what is measured."""
        return within_bounds(self.unit, self.kind, low, high)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The segments that the table shows, the total first."""
        rows = np.flatnonzero(self.answer.seen[:, self.position])
        return tuple(self.segment(row) for row in rows.tolist())

    @cached_property
    def named(self) -> Mapping[tuple[str, str], Segment]:
        """The segments that the table shows, by the dimension and the label that it prints."""
        names = [dimension.name for dimension in self.answer.dimensions]
        return {(names[one.dimension], one.label): one for one in self.segments}

    @cached_property
    def every(self) -> tuple[Segment, ...]:
        """All segments that are there, those that are not looked at too, the total first."""
        rows = np.flatnonzero(self.answer.there[:, self.position])
        return tuple(self.segment(row) for row in rows.tolist())

    def segment(self, row: int) -> Segment:
        """Give what is shown of one row of the answer."""
        answer, cell = self.answer, (row, self.position)
        value = {name: float(values[cell]) for name, values in answer.values.items()}
        rate, low, high, gap = (
            value[name] * self.unit.scale for name in ("rate", "ci_low", "ci_high", "gap")
        )
        return Segment(
            row=row,
            label=answer.labels[row],
            dimension=int(answer.dimension_of[row]),
            status=STATUS_WORDS[answer.status[cell]],
            reason=answer.reason.of_cell(*cell),
            unreliable=bool(answer.flag[cell] == UNRELIABLE),
            rate=Span(value=rate, low=low, high=high),
            gap=gap,
            **{name: value[name] for name in ("needed", "needed_low", "needed_high")},
        )


def table_lines(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the lines of a table, each a mapping from column to value."""
    return [{str(name): value for name, value in line.items()} for line in table.to_dict("records")]


def text_or_empty(value: object) -> str:
    """Give a text of a table, empty where it is missing."""
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def one_stratum(answer: Answer, method: str) -> Stratum:
    """Give the stratum that is drawn: the only one, or the only roll-up."""
    return Stratum(answer=answer, position=_only(answer.segments.strata, "strata", method))


def stratum_alone(answer: Answer, method: str) -> Stratum:
    """Give the stratum that is drawn as an answer of its own, of which a question can be asked."""
    position = one_stratum(answer, method).position
    return Stratum(answer=answer.take(np.array([position])), position=0)


def readable_stratum(answer: Answer, method: str) -> Stratum:
    """Give the stratum that is drawn; stop where it has more segments than anyone reads."""
    stratum = one_stratum(answer, method)
    check_rows(answer, len(stratum.segments), method)
    return stratum


def only_series(strata: Strata, time: str, method: str) -> int:
    """Give the place of the series that is drawn: the only one, or the only roll-up."""
    return _only(strata, f"series of {time!r}", f"{method}({time!r})")


def _only(strata: Strata, what: str, method: str) -> int:
    """Choose the only one, or the only roll-up; say how to choose where there are several."""
    together = np.flatnonzero(strata.rolled_up).tolist()
    if 1 in (len(strata), len(together)):
        return int(together[0]) if together else 0
    choice = choice_words(strata, together[0] if together else 0)
    raise InputError(
        f"There are {len(strata):,} {what}, and a picture shows one: choose it, as in "
        f"a.where({choice}).plot.{method}."
    )


def choice_words(strata: Strata, position: int, of: Iterable[str] = ("by", "indicator")) -> str:
    """Write the arguments of ``where`` that choose one of some strata: by place, by indicator."""
    names = strata.names if "by" in of else ()
    found = {name: strata.value(name, position) for name in names}
    wanted = {name: _value(value) for name, value in found.items() if value is not None}
    if strata.indicator_name is not None and "indicator" in of:
        wanted["indicator"] = repr(strata.indicators[int(strata.indicator[position])])
    if all(n.isidentifier() and not iskeyword(n) and n != "rollup" for n in wanted):
        return ", ".join(f"{name}={value}" for name, value in wanted.items())
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in wanted.items()) + "}"


def _value(value: object) -> str:
    whole = isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))
    return label(value) if whole else repr(label(value))


def check_rows(answer: Answer, rows: int, method: str, most: int = MOST_ROWS) -> None:
    """Stop where a picture would have more rows than anyone reads."""
    if rows <= most:
        return
    fix = fewer_segments(answer, method, "a.table")
    raise InputError(f"{rows:,} rows are more than a picture can show ({most}): {fix}.")


def fewer_segments(answer: Answer, method: str, table: str) -> str:
    """Say how a picture gets fewer segments, and which table holds all of them."""
    names = [d.name for d in answer.dimensions[1:]]
    if len(names) > 1:
        return f"choose a dimension, as in a.where(dimension={names[0]!r}).plot.{method}"
    return f"use fewer segments; {table} holds them all"


# --- axes and words -----------------------------------------------------------------------------


def titled(
    ax: Axes | None, title: Sequence[str], height: float, pad: float, width: float | None = None
) -> Axes:
    """Write the title, in a new figure that is `height` inches without it if there is none yet."""
    lines = title_lines(title)
    place: dict[str, Any] = {}
    if ax is None:
        width = leaf().width if width is None else width
        ax = new_figure(height + TITLE_LINE * len(lines), width).add_subplot()
        place = {"y": 1.0}  # its pad keeps it over the axes: no other place is looked for
    elif not isinstance(ax, Axes):
        raise InputError(f"ax={shown(ax)} must be Axes of matplotlib, or nothing for a new figure.")
    ax.set_title("\n".join(lines), loc="left", pad=pad, fontsize=TITLE, **place, **PLAIN)
    return ax


def title_lines(title: Sequence[str]) -> list[str]:
    """Break a title into lines, which part of the picture it is at the end."""
    parts = dict.fromkeys([*title, leaf().words])
    return [line for part in parts for line in wrapped(part, fitting(TITLE_CHARS))]


def fitting(chars: int) -> int:
    """Give how many letters stand in the place of so many on a screen."""
    return round(chars * leaf().width / WIDTH)


def write_key(ax: Axes, axis: str, marks: Iterable[str]) -> None:
    """Write the unit of the axis, and under it what the marks are."""
    ax.set_xlabel("\n".join(key_lines(axis, marks, KEY_CHARS)), loc="left", fontsize=SMALL, **PLAIN)


def key_lines(axis: str, marks: Iterable[str], chars: int) -> list[str]:
    """Break the unit of an axis, and what the marks are, into lines of so many letters."""
    key = capital("; ".join(marks))
    parts = (axis, f"{key}." if key else "")
    return [line for part in parts for line in wrapped(part, fitting(chars))]


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of so many letters; a wide one, as of Chinese, counts as two.

    Half a letter, which no font and no file can hold, becomes a question mark.
    """
    whole = text.encode(errors="replace").decode()
    spaced = "".join(x + _WIDE * (east_asian_width(x) in "WF") for x in whole)
    return [line.replace(_WIDE, "") for line in textwrap.wrap(spaced, width)]


_WIDE = "\ue000"  # no letter: what makes a wide one two


def say(ax: Axes, sentences: Iterable[str]) -> None:
    """Put the finished picture into words, in ``ax.tu_alt``, and find fonts for those in it."""
    words = ". ".join(part for part in sentences if part) + "."
    vars(ax)["tu_alt"] = words.encode(errors="replace").decode()
    find_letters(ax)


def alt_text(ax: Axes) -> str:
    """Give the picture in words."""
    return str(vars(ax)["tu_alt"])
