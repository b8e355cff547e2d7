"""Pictures of an answer: one row for each segment, in the order of the data.

An answer in, Axes out. Nothing is computed here beyond units and rounding, every picture is also
in words in ``ax.tu_alt``, and no meaning hangs on colour alone.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from numbers import Integral
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from targeted_universalism._typing import IntArray
from targeted_universalism.answer import FLAG_WORDS, Answer
from targeted_universalism.errors import InputError, Reason, sentence
from targeted_universalism.frames import label
from targeted_universalism.goals import Goal
from targeted_universalism.measures.goal import STATUS_WORDS
from targeted_universalism.show.words import goal_words, number_words, per_words, stratum_words

MOST_ROWS = 150

# These have a contrast above 3:1 on white and on black; blue and orange differ for every colour
# vision. Text, ranges and the goal line take the text colour of the user's own style.
_BLUE, _ORANGE, _GREY = "#2b74b4", "#c05a00", "#808080"
_NAME, _SMALL, _TITLE = 10.0, 9.5, 12.0  # points
_WIDTH, _ROW, _LINE, _FRAME = 10.0, 0.36, 0.21, 1.4  # inches: figure, row, title line, the rest
_LABEL_CHARS, _WORDS_CHARS, _TITLE_CHARS, _KEY_CHARS = 28, 48, 70, 92
# Labels are data: a "$" or "_" in them is never mathematics.
_PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}
_WHY_NO_DATA = (
    Reason.NO_ROW | Reason.NO_POPULATION | Reason.NO_RATE | Reason.ESTIMATE_CODE
    | Reason.NO_TOTAL | Reason.NOT_ADDED | Reason.NO_WEIGHTS
)  # fmt: skip
_WHY_NO_PEOPLE = Reason.NO_PEOPLE_POPULATION | Reason.NO_PEOPLE_MEAN | Reason.NO_PEOPLE_STANDARDIZED


def gaps(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw each segment's rate and interval against the goal line, in the order of the data.

    Parameters
    ----------
    answer : Answer
        With one stratum, or one roll-up.
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since labels stand beside
        the axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several strata and no roll-up, or too many rows to read.
    """
    picture = _picture(answer, "gaps")
    ax = _framed(picture, ax, [picture.goal.name, picture.stratum_words], pad=24)
    _draw_distances(ax, picture)
    _draw_rates(ax, picture)
    _draw_goal(ax, picture)
    for row in picture.rows:
        words = "\n".join(textwrap.wrap(_gap_words(row, picture.unit), _WORDS_CHARS))
        _write(ax, row, words, (1.0, row.y), xycoords=ax.get_yaxis_transform())
    _key(ax, picture.unit.axis, _gap_key(picture))
    clauses = [_gap_words(row, picture.unit, interval=True) for row in picture.rows]
    ax.tu_alt = _alt(picture, "Rate of each segment and its gap to the goal", clauses)  # type: ignore[attr-defined]
    return ax


def needed(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw the people each segment needs to reach the goal, with their range.

    Parameters
    ----------
    answer : Answer
        With one stratum, or one roll-up.
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since labels stand beside
        the axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several strata and no roll-up, or too many rows to read.
    """
    picture = _picture(answer, "needed")
    title = [picture.goal.name, picture.stratum_words, picture.goal_words]
    ax = _framed(picture, ax, title, pad=10)
    _draw_people(ax, picture)
    for row in picture.rows:
        _write(ax, row, _needed_words(row, picture.unit), (row.end, row.y), xycoords="data")
    _key(ax, picture.unit.needed_axis, _needed_key(picture))
    clauses = [_needed_words(row, picture.unit, noun=True) for row in picture.rows]
    ax.tu_alt = _alt(picture, picture.unit.needed_axis, clauses)  # type: ignore[attr-defined]
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Unit:
    """How numbers of a kind are shown: proportions in percent, rates per 1,000 (or their `per`)."""

    scale: float
    suffix: str
    points: str
    axis: str
    noun: str
    needed_axis: str

    @property
    def percent(self) -> bool:
        return self.suffix == " %"


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One segment, in shown units, and the height at which it stands."""

    label: str
    dimension: int
    y: float
    status: str
    flag: str
    reason: int
    rate: float
    ci_low: float
    ci_high: float
    gap: float
    needed: float
    needed_low: float
    needed_high: float

    @property
    def hidden(self) -> bool:
        return self.status == "suppressed"

    @property
    def known(self) -> bool:
        return math.isfinite(self.rate)

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.ci_low) and math.isfinite(self.ci_high)

    @property
    def ranged(self) -> bool:
        return math.isfinite(self.needed_low) and math.isfinite(self.needed_high)

    @property
    def end(self) -> float:
        """Where the drawing of the people needed ends."""
        return max([0.0, *(n for n in (self.needed, self.needed_high) if math.isfinite(n))])


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """One stratum, ready to draw."""

    rows: tuple[_Row, ...]
    headings: dict[int, tuple[float, str]]
    height: float
    unit: _Unit
    kind: str
    goal: Goal
    target: float
    stratum_words: str
    confidence: float | None

    @property
    def goal_words(self) -> str:
        year = "" if self.goal.deadline is None else f" by {self.goal.deadline}"
        return f"Goal: {goal_words(self.goal, self.kind)}{year}"

    @property
    def level(self) -> str:
        return "" if self.confidence is None else f"{100 * self.confidence:g} % intervals"


def _picture(answer: Answer, method: str) -> _Picture:
    stratum = _one_stratum(answer, method)
    shown = np.flatnonzero(answer.seen[:, stratum])
    _check_rows(answer, shown.size, method)
    goal, unit = answer.goal(stratum), _unit(answer.kind(stratum), answer.goal(stratum))
    places, headings, height = _places(answer, shown)
    return _Picture(
        rows=tuple(_row(answer, int(i), stratum, places[int(i)], unit) for i in shown),
        headings=headings,
        height=height,
        unit=unit,
        kind=answer.kind(stratum),
        goal=goal,
        target=float(goal.fraction * 100) if unit.percent else float(goal.target),
        stratum_words=stratum_words(answer, stratum),
        confidence=answer.options.confidence,
    )


def _row(answer: Answer, i: int, stratum: int, y: float, unit: _Unit) -> _Row:
    here = {name: float(values[i, stratum]) for name, values in answer.values.items()}
    rates = {name: here[name] * unit.scale for name in ("rate", "ci_low", "ci_high", "gap")}
    people = {name: here[name] for name in ("needed", "needed_low", "needed_high")}
    return _Row(
        label=answer.labels[i],
        dimension=int(answer.dimension_of[i]),
        y=y,
        status=STATUS_WORDS[answer.status[i, stratum]],
        flag=FLAG_WORDS[answer.flag[i, stratum]],
        reason=int(answer.reason[i, stratum]),
        **rates,
        **people,
    )


def _unit(kind: str, goal: Goal) -> _Unit:
    percent = kind == "proportion" and goal.per in (1, 100)
    per = per_words(float(goal.per))
    fewer = "prevent" if goal.sign < 0 else "add"
    events = kind == "rate"
    return _Unit(
        scale=100 / float(goal.per) if percent else 1.0,
        suffix=" %" if percent else per,
        points=" points" if percent else "",
        axis="Percent" if percent else per.strip().capitalize() or "Rate" * (kind != "mean"),
        noun="event" if events else "people",
        needed_axis=f"{f'Events to {fewer}' if events else 'People needed'} to reach the goal",
    )


def _places(
    answer: Answer, shown: IntArray
) -> tuple[dict[int, float], dict[int, tuple[float, str]], float]:
    """Heights of rows and headings, downward, in units of one row of two lines."""
    places: dict[int, float] = {}
    headings: dict[int, tuple[float, str]] = {}
    many, down, last = len(answer.dimensions) > 2, 0.0, 0
    for i in map(int, shown):
        dimension = int(answer.dimension_of[i])
        if dimension != last:
            down += 0.5
            if many:
                headings[dimension] = (down + 0.5, _heading(answer.dimensions[dimension].name))
                down += 1.0
        last = dimension
        size = max(1.0, 0.52 * len(_lines(answer.labels[i])))
        places[i] = down + size / 2
        down += size
    return places, headings, down


def _heading(name: str) -> str:
    return name.replace("*", " × ")


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, _LABEL_CHARS) or [""]


# --- which stratum ------------------------------------------------------------------------------


def _one_stratum(answer: Answer, method: str) -> int:
    strata = answer.segments.strata
    if len(strata) == 1:
        return 0
    together = strata.rolled_up
    if together.sum() == 1:
        return int(np.flatnonzero(together)[0])
    raise InputError(
        f"There are {len(strata):,} strata, and a picture shows one: choose it, as in "
        f"a.where({_choice(answer, together.sum() > 1)}).plot.{method}()."
    )


def _choice(answer: Answer, rolled_up: bool) -> str:
    """Write the arguments of ``where`` that choose the first stratum, or the first roll-up."""
    strata = answer.segments.strata
    wanted = {} if rolled_up else {name: _value(strata.value(name, 0)) for name in strata.names}
    if strata.indicator_name is not None:
        wanted["indicator"] = repr(strata.indicators[int(strata.indicator[0])])
    if all(name.isidentifier() and not iskeyword(name) for name in wanted):
        return ", ".join(f"{name}={value}" for name, value in wanted.items())
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in wanted.items()) + "}"


def _value(value: object) -> str:
    whole = isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))
    return label(value) if whole else repr(label(value))


def _check_rows(answer: Answer, rows: int, method: str) -> None:
    if rows <= MOST_ROWS:
        return
    names = [d.name for d in answer.dimensions[1:]]
    if len(names) > 1:
        fix = f"choose a dimension, as in a.where(dimension={names[0]!r}).plot.{method}()"
    else:
        fix = "use fewer segments; a.table holds them all"
    raise InputError(f"{rows:,} rows are more than a picture can show ({MOST_ROWS}): {fix}.")


# --- words --------------------------------------------------------------------------------------


def _number(value: float, unit: _Unit) -> str:
    return number_words(value, 1 if unit.percent else 2)


def _gap_words(row: _Row, unit: _Unit, interval: bool = False) -> str:
    """Say '11.5 %, 1.5 points to go', or why there is no number."""
    if not row.known:
        return _why_missing(row)
    parts = [f"{_number(row.rate, unit)}{unit.suffix}"]
    if interval and row.bounded:
        parts.append(f"interval {_number(row.ci_low, unit)} to {_number(row.ci_high, unit)}")
    parts.append(_distance(row.gap, unit))
    if row.status == "uncertain":
        parts.append("uncertain" if row.bounded else "no interval")
    if row.flag == "unreliable":
        parts.append("unreliable")
    return ", ".join(parts)


def _distance(gap: float, unit: _Unit) -> str:
    size = f"{_number(abs(gap), unit)}{unit.points}"
    if gap == 0:
        return "at the goal"
    return f"{size} to go" if gap > 0 else f"past the goal by {size}"


def _needed_words(row: _Row, unit: _Unit, noun: bool = False) -> str:
    """Say '5,831 (5,443 to 6,222)', or why there is no number."""
    low, high = row.needed_low, row.needed_high
    if row.hidden and row.ranged:
        between = f"between {low:,.0f} and {high:,.0f}" if low < high else f"{low:,.0f}"
        return f"suppressed: {between} {_noun(high, unit)}"
    if row.hidden or row.status == "no data":
        return _why_missing(row)
    if math.isnan(row.needed):
        return sentence(row.reason & _WHY_NO_PEOPLE) or f"{_noun(2, unit)} not available"
    text = f"{row.needed:,.0f}{f' {_noun(row.needed, unit)}' if noun else ''}"
    if not row.ranged or low == high:
        return text
    return f"{text} ({low:,.0f} to {high:,.0f})"


def _noun(count: float, unit: _Unit) -> str:
    if unit.noun == "event":
        return "event" if count == 1 else "events"
    return "person" if count == 1 else "people"


def _why_missing(row: _Row) -> str:
    if row.hidden:
        return "suppressed"
    why = sentence(row.reason & _WHY_NO_DATA)
    return f"no data: {why}" if why else "no data"


def _alt(picture: _Picture, what: str, clauses: Sequence[str]) -> str:
    """Put the picture into words: title, goal, then one clause for each row."""
    title = [picture.goal.name, picture.stratum_words, what, picture.goal_words]
    words = [part for part in title if part]
    dimension = 0
    for row, clause in zip(picture.rows, clauses, strict=True):
        if row.dimension != dimension and row.dimension in picture.headings:
            words.append(f"By {picture.headings[row.dimension][1]}")
        dimension = row.dimension
        words.append(f"{row.label}: {clause}")
    return ". ".join(words) + "."


# --- drawing ------------------------------------------------------------------------------------


def _framed(picture: _Picture, ax: Axes | None, title: Sequence[str], pad: float) -> Axes:
    """Write the title, and name the rows down the left side: headings are bold."""
    lines = [line for part in title for line in textwrap.wrap(part, _TITLE_CHARS)]
    if ax is None:
        height = _FRAME + _LINE * len(lines) + _ROW * picture.height
        ax = plt.subplots(figsize=(_WIDTH, height), layout="constrained")[1]
    ax.set_title("\n".join(lines), loc="left", pad=pad, fontsize=_TITLE, **_PLAIN)
    named = [(row.y, row.label) for row in picture.rows] + list(picture.headings.values())
    names = ["\n".join(_lines(name)) for _, name in named]
    ax.set_yticks([y for y, _ in named], names, fontsize=_NAME, **_PLAIN)
    for text in ax.get_yticklabels()[len(picture.rows) :]:
        text.set_fontweight("bold")
    ax.set_ylim(picture.height, 0)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=_SMALL)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(axis="x", color=_GREY, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    if len(picture.rows) > 1:
        ax.axhline(picture.rows[0].y + 0.75, color=_GREY, linewidth=0.8)
    return ax


def _draw_distances(ax: Axes, picture: _Picture) -> None:
    """Draw the way still to go, by the point, and hatch the rows that are hidden."""
    short = [row for row in picture.rows if row.gap > 0]
    ax.hlines(
        [row.y for row in short], [row.rate for row in short], picture.target,
        color=_BLUE, alpha=0.35, linewidth=6,
    )  # fmt: skip
    for row in picture.rows:
        if row.hidden:
            ax.axhspan(
                row.y - 0.2, row.y + 0.2, facecolor="none", edgecolor=_GREY, alpha=0.6,
                hatch="////", linewidth=0,
            )  # fmt: skip


def _draw_rates(ax: Axes, picture: _Picture) -> None:
    """Draw intervals and points: circles on the way to the goal, diamonds at or past it."""
    for ahead, marker, color in ((True, "o", _BLUE), (False, "D", _ORANGE)):
        rows = [row for row in picture.rows if row.known and (row.gap > 0) is ahead]
        if not rows:
            continue
        bounded = [row for row in rows if row.bounded]
        ax.hlines(
            [row.y for row in bounded], [row.ci_low for row in bounded],
            [row.ci_high for row in bounded], color=color, linewidth=1.6,
        )  # fmt: skip
        ax.plot(
            [row.rate for row in rows], [row.y for row in rows], linestyle="none",
            marker=marker, color=color, markersize=7, clip_on=False,
        )  # fmt: skip


def _draw_goal(ax: Axes, picture: _Picture) -> None:
    ax.axvline(picture.target, color=plt.rcParams["text.color"], linewidth=1.6, zorder=1.5)
    low, high = ax.get_xlim()
    top = 100.0 if picture.unit.percent else math.inf
    bottom = 0.0 if picture.unit.axis else -math.inf
    low, high = max(low, bottom), min(high, top)
    ax.set_xlim(low, high)
    ax.xaxis.set_major_formatter("{x:,.10g}")
    place = (picture.target - low) / (high - low)
    ax.annotate(
        picture.goal_words, (picture.target, 1), xycoords=ax.get_xaxis_transform(),
        xytext=(0, 4), textcoords="offset points", va="bottom",
        ha="left" if place < 0.25 else "right" if place > 0.75 else "center",
        fontsize=_NAME, fontweight="bold", annotation_clip=False, **_PLAIN,
    )  # fmt: skip


def _draw_people(ax: Axes, picture: _Picture) -> None:
    """Draw bars from zero with thin ranges; the total hollow, hidden rows a dotted range only."""
    for row in picture.rows:
        if math.isfinite(row.needed):
            fill = (_BLUE, 0.0 if row.dimension == 0 else 0.4)
            ax.barh(
                row.y, row.needed, height=0.5, facecolor=fill, edgecolor=_BLUE, linewidth=1.2,
                clip_on=False,
            )  # fmt: skip
        if row.ranged and row.needed_low < row.needed_high:
            ax.plot(
                [row.needed_low, row.needed_high], [row.y, row.y], clip_on=False,
                color=plt.rcParams["text.color"], linestyle=":" if row.hidden else "-",
                linewidth=1.4, marker="|", markersize=7,
            )  # fmt: skip
    ax.set_xlim(0, max([1.0, *(row.end for row in picture.rows)]))
    ax.spines["left"].set_visible(True)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    if not any(math.isfinite(row.needed) or row.ranged for row in picture.rows):
        ax.set_xticks([])


def _write(ax: Axes, row: _Row, words: str, at: tuple[float, float], **where: Any) -> None:
    """Write a row's words: hidden ones in a frame, those without data in italics."""
    frame = {"boxstyle": "square,pad=0.25", "facecolor": "none", "edgecolor": _GREY}
    ax.annotate(
        words, at, xytext=(8, 0), textcoords="offset points", va="center", fontsize=_SMALL,
        fontstyle="italic" if row.status == "no data" else "normal",
        bbox=frame if row.hidden else None, annotation_clip=False, **where, **_PLAIN,
    )  # fmt: skip


def _gap_key(picture: _Picture) -> Iterator[str]:
    """Say once what the marks are."""
    known = [row for row in picture.rows if row.known]
    if any(row.bounded for row in known):
        yield f"Thin lines: {picture.level}"
    if any(row.gap > 0 for row in known):
        yield "wide lines: distance still to go"
    if any(row.gap <= 0 for row in known):
        yield "diamonds: at or past the goal"


def _needed_key(picture: _Picture) -> Iterator[str]:
    ranged = [row for row in picture.rows if row.ranged and row.needed_low < row.needed_high]
    if any(not row.hidden for row in ranged):
        yield f"Thin lines: range from {picture.level}"
    if any(row.hidden for row in ranged):
        yield "dotted lines: all that the hidden counts allow"
    if math.isfinite(picture.rows[0].needed) and len(picture.rows) > 1:
        yield f"{picture.rows[0].label}: its own need, not the sum of the segments"


def _key(ax: Axes, axis: str, marks: Iterator[str]) -> None:
    """Write the unit of the axis, and under it what the marks are."""
    key = "; ".join(marks)
    key = f"{key[:1].upper()}{key[1:]}." if key else ""
    lines = [line for part in (axis, key) for line in textwrap.wrap(part, _KEY_CHARS)]
    ax.set_xlabel("\n".join(lines), loc="left", fontsize=_SMALL, **_PLAIN)
