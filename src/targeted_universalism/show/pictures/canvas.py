"""What all pictures share: units, sizes, colours, rows with their names, words beside them.

No meaning hangs on colour alone: shapes, words and frames say it too. Labels are data, so a "$" or
"_" in them is never mathematics.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from numbers import Integral
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.errors import InputError
from targeted_universalism.labels import label
from targeted_universalism.show.words import goal_words, number_words, per_words

MOST_ROWS = 150

# These have a contrast above 3:1 on white and on black; blue and orange differ for every colour
# vision. Text, ranges and the goal line take the text colour of the user's own style.
BLUE, ORANGE, GREY, PURPLE, GREEN = "#2b74b4", "#c05a00", "#808080", "#9a5cb4", "#1a8a5f"
NAME, SMALL, TITLE = 10.0, 9.5, 12.0  # points
WIDTH, ROW, LINE, FRAME = 10.0, 0.36, 0.21, 1.4  # inches: figure, row, title line, the rest
LABEL_CHARS, WORDS_CHARS, TITLE_CHARS, KEY_CHARS = 28, 48, 70, 92
_LINES, _SAME_CHARS = 0.52, 60  # of a row: the height of one line; of the words of equality
PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}


# --- units and words ----------------------------------------------------------------------------


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


def unit_of(kind: str, goal: Goal) -> Unit:
    """Give the unit in which rates of a kind are drawn."""
    percent = kind == "proportion" and goal.per in (1, 100)
    per = per_words(float(goal.per))
    fewer = "prevent" if goal.sign < 0 else "add"
    events = kind == "rate"
    return Unit(
        scale=100 / float(goal.per) if percent else 1.0,
        suffix=" %" if percent else per,
        points=" points" if percent else "",
        axis="Percent" if percent else per.strip().capitalize() or "Rate" * (kind != "mean"),
        noun="event" if events else "people",
        needed_axis=f"{f'Events to {fewer}' if events else 'People needed'} to reach the goal",
    )


def target_of(goal: Goal, unit: Unit) -> float:
    """Give the goal in the unit in which rates are drawn."""
    return float(goal.fraction * 100) if unit.percent else float(goal.target)


def goal_line_words(goal: Goal, kind: str) -> str:
    """Write the words of the goal line: "Goal: at most 10 % by 2030"."""
    year = "" if goal.deadline is None else f" by {goal.deadline}"
    return f"Goal: {goal_words(goal, kind)}{year}"


def wanted_words(goal: Goal) -> str:
    """Say which way the goal points along a horizontal axis."""
    return "lower is wanted ←" if goal.sign < 0 else "higher is wanted →"


def heading_words(name: str) -> str:
    """Write the name of a dimension."""
    return name.replace("*", " × ")


def wrapped(text: str, width: int = LABEL_CHARS) -> list[str]:
    """Break a label into lines, at least one."""
    return textwrap.wrap(text, width) or [""]


def say(ax: Axes, words: Iterable[str]) -> None:
    """Put the picture into words, in ``ax.tu_alt``."""
    vars(ax)["tu_alt"] = ". ".join(part for part in words if part) + "."


def alt_text(ax: Axes) -> str:
    """Give the picture in words."""
    return str(vars(ax)["tu_alt"])


# --- which stratum, which dimension -------------------------------------------------------------


def one_stratum(answer: Answer, method: str) -> int:
    """Give the stratum that is drawn: the only one, or the only roll-up."""
    strata = answer.segments.strata
    if len(strata) == 1:
        return 0
    together = strata.rolled_up
    if together.sum() == 1:
        return int(np.flatnonzero(together)[0])
    raise InputError(
        f"There are {len(strata):,} strata, and a picture shows one: choose it, as in "
        f"a.where({_choice(answer, together.sum() > 1)}).plot.{method}."
    )


def chosen(answer: Answer, method: str) -> Answer:
    """Keep the stratum that is drawn."""
    return answer.take(np.array([one_stratum(answer, method)]))


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


def check_rows(answer: Answer, rows: int, method: str) -> None:
    """Stop where a picture would have more rows than anyone reads."""
    if rows <= MOST_ROWS:
        return
    names = [d.name for d in answer.dimensions[1:]]
    if len(names) > 1:
        fix = f"choose a dimension, as in a.where(dimension={names[0]!r}).plot.{method}"
    else:
        fix = "use fewer segments; a.table holds them all"
    raise InputError(f"{rows:,} rows are more than a picture can show ({MOST_ROWS}): {fix}.")


# --- rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Where rows and the headings of their groups stand, downward, in rows of two lines."""

    names: tuple[str, ...]
    y: tuple[float, ...]
    headings: Mapping[int, tuple[float, str]]
    height: float


def stacked(
    names: Sequence[str],
    groups: Sequence[int],
    headings: Mapping[int, str],
    sizes: Sequence[float] | None = None,
) -> Stack:
    """Stack rows downward, with room between groups and a heading where a group has one."""
    y: list[float] = []
    placed: dict[int, tuple[float, str]] = {}
    down = 0.0
    for i, (name, group) in enumerate(zip(names, groups, strict=True)):
        if i == 0 or group != groups[i - 1]:
            down += 0.5 if i else 0.0
            if group in headings:
                tall = max(1.0, _LINES * len(wrapped(headings[group])))
                placed[group] = (down + tall / 2, headings[group])
                down += tall
        size = max(1.0, _LINES * len(wrapped(name)), 0.0 if sizes is None else sizes[i])
        y.append(down + size / 2)
        down += size
    return Stack(names=tuple(names), y=tuple(y), headings=placed, height=down)


def titled(ax: Axes | None, title: Sequence[str], tall: float, pad: float) -> Axes:
    """Write the title, in a new figure that is `tall` inches without it if there is none yet."""
    lines = [line for part in title for line in textwrap.wrap(part, TITLE_CHARS)]
    if ax is None:
        height = tall + LINE * len(lines)
        ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")[1]
    ax.set_title("\n".join(lines), loc="left", pad=pad, fontsize=TITLE, **PLAIN)
    return ax


def framed(stack: Stack, ax: Axes | None, title: Sequence[str], pad: float) -> Axes:
    """Write the title, and name the rows down the left side: headings are bold."""
    ax = titled(ax, title, FRAME + ROW * stack.height + max(0.0, pad - 24) / 72, pad)
    named = [*zip(stack.y, stack.names, strict=True), *stack.headings.values()]
    names = ["\n".join(wrapped(name)) for _, name in named]
    ax.set_yticks([y for y, _ in named], names, fontsize=NAME, **PLAIN)
    for text in ax.get_yticklabels()[len(stack.y) :]:
        text.set_fontweight("bold")
    ax.set_ylim(stack.height, 0)
    ax.tick_params(axis="y", length=0, pad=8)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(axis="x", color=GREY, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def lift_title(ax: Axes, pixels: float, own: bool) -> None:
    """Lift the title over what stands between it and the axes; `own` figures grow by as much."""
    figure = ax.figure.figure
    inches = pixels / figure.dpi
    title = ax.get_title(loc="left")
    ax.set_title(title, loc="left", pad=34 + 75 * inches, fontsize=TITLE, **PLAIN)
    if own:
        figure.set_figheight(figure.get_figheight() + inches)


# --- ratios -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Span:
    """A value with its interval; missing parts are NaN."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)

    @property
    def bounded(self) -> bool:
        """Whether there is an interval; its upper end may be out of reach."""
        return self.known and not math.isnan(self.low) and not math.isnan(self.high)


def ratio_axis(ax: Axes, spans: Iterable[Span]) -> None:
    """Make the axis of ratios: log, as far below 1 as above, so that 1/2 and 2 look alike."""
    drawn = [span for span in spans if span.known]
    reach = max([abs(math.log(s.value)) for s in drawn if s.value > 0], default=0.0)
    ends = [end for s in drawn if s.bounded for end in (s.low, s.high) if 0 < end < math.inf]
    far = max([abs(math.log(end)) for end in ends], default=0.0)
    most = max(min(far, reach + math.log(4)), reach, math.log(1.2)) * 1.06
    ax.set_xscale("log")
    ax.set_xlim(math.exp(-most), math.exp(most))
    found = [_within(ticks, most) for ticks in _TICKS]
    ticks = next((some for some in found if len(some) >= 5), found[-1]) if drawn else [1.0]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:,.10g}")


def difference_axis(ax: Axes, spans: Iterable[Span]) -> None:
    """Make the axis of differences, with 0 on it."""
    drawn = [x for s in spans if s.known for x in (s.value, s.low, s.high) if math.isfinite(x)]
    low, high = min([0.0, *drawn]), max([0.0, *drawn])
    room = 0.04 * (high - low) or 1.0
    ax.set_xlim(low - room, high + room)
    ax.xaxis.set_major_formatter("{x:,.10g}")


# From coarse to fine: the first that gives five ticks is used.
_TICKS = (
    [10.0**i for i in range(-9, 10)],
    [k * 10.0**i for i in range(-9, 10) for k in (1, 2, 5)],
    [0.25, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 4],
    [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2],
    [0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25],
)


def _within(ticks: Sequence[float], most: float) -> list[float]:
    return [tick for tick in ticks if abs(math.log(tick)) <= most]


def draw_span(ax: Axes, span: Span, y: float, **look: Any) -> None:
    """Draw a value and its interval; what lies beyond the axis ends in an arrow at its edge."""
    low, high = ax.get_xlim()
    color = look["color"]
    if span.bounded:
        start, end = (min(max(x, low), high) for x in (span.low, span.high))
        ax.plot([start, end], [y, y], color=color, linewidth=1.6, zorder=1.8)
        for beyond, x, arrow in ((span.low < low, low, "<"), (span.high > high, high, ">")):
            if beyond:
                ax.plot(x, y, marker=arrow, color=color, markersize=6, clip_on=False)
    if span.known and low <= span.value <= high:
        ax.plot(span.value, y, linestyle="none", markersize=7, clip_on=False, **look)
    elif span.known:
        end, arrow = (low, "<") if span.value < low else (high, ">")
        ax.plot(end, y, linestyle="none", markersize=9, clip_on=False, **{**look, "marker": arrow})


def same_words(reference: str) -> list[str]:
    """Write the words of the line of equality, a line each."""
    return wrapped(f"Same as {reference}", _SAME_CHARS)


def draw_same(ax: Axes, x: float, words: Sequence[str]) -> None:
    """Draw the line of equality with its words."""
    ax.axvline(x, color=plt.rcParams["text.color"], linewidth=1.2, zorder=1.5)
    place = ax.transAxes.inverted().transform(ax.transData.transform((x, 0.0)))[0]
    _write_over(ax, x, "\n".join(words), place)


# --- marks --------------------------------------------------------------------------------------


def draw_goal(ax: Axes, target: float, unit: Unit, words: str) -> None:
    """Draw the goal line with its words, and cut the axis at the bounds of the scale."""
    ax.axvline(target, color=plt.rcParams["text.color"], linewidth=1.6, zorder=1.5)
    low, high = ax.get_xlim()
    top = 100.0 if unit.percent else math.inf
    bottom = 0.0 if unit.axis else -math.inf
    low, high = max(low, bottom), min(high, top)
    ax.set_xlim(low, high)
    ax.xaxis.set_major_formatter("{x:,.10g}")
    _write_over(ax, target, words, (target - low) / (high - low))


def _write_over(ax: Axes, x: float, words: str, place: float) -> None:
    """Write the words of a line over the axes; `place`, from 0 to 1, says where it stands."""
    ax.annotate(
        words, (x, 1), xycoords=ax.get_xaxis_transform(),
        xytext=(0, 4), textcoords="offset points", va="bottom",
        ha="left" if place < 0.25 else "right" if place > 0.75 else "center",
        fontsize=NAME, fontweight="bold", annotation_clip=False, **PLAIN,
    )  # fmt: skip


def hatch(ax: Axes, y: float) -> None:
    """Mark a row that is hidden over the whole width, so that no place is given away."""
    ax.axhspan(
        y - 0.2, y + 0.2, facecolor="none", edgecolor=GREY, alpha=0.6, hatch="////", linewidth=0
    )


def write(
    ax: Axes, words: str, at: tuple[float, float], hidden: bool, no_data: bool, **where: Any
) -> None:
    """Write words beside a row: hidden ones in a frame, those without data in italics."""
    frame = {"boxstyle": "square,pad=0.25", "facecolor": "none", "edgecolor": GREY}
    ax.annotate(
        words, at, xytext=(8, 0), textcoords="offset points", va="center", fontsize=SMALL,
        fontstyle="italic" if no_data else "normal",
        bbox=frame if hidden else None, annotation_clip=False, **where, **PLAIN,
    )  # fmt: skip


def write_key(ax: Axes, axis: str, marks: Iterable[str]) -> None:
    """Write the unit of the axis, and under it what the marks are."""
    key = "; ".join(marks)
    key = f"{key[:1].upper()}{key[1:]}." if key else ""
    lines = [line for part in (axis, key) for line in textwrap.wrap(part, KEY_CHARS)]
    ax.set_xlabel("\n".join(lines), loc="left", fontsize=SMALL, **PLAIN)
