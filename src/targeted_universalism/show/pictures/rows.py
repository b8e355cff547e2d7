"""The row picture: marks and words on labelled rows, under headings, against one line.

A picture turns what it shows into rows, groups them and calls `draw`, which lays them out, sizes
the figure, draws axis, line and marks, writes names, words and key, and says it all in words. On a
row stand a `Mark`, a `Stretch`, a `Bar` or a `Range`; anything else that has their two members can
stand beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from statistics import median
from typing import Any, Protocol

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from matplotlib.transforms import offset_copy

from targeted_universalism.show.nouns import capital
from targeted_universalism.show.pictures.canvas import (
    GREY,
    NAME,
    PLAIN,
    SHORT,
    SMALL,
    TITLE,
    Span,
    Stratum,
    fitting,
    say,
    title_lines,
    titled,
    wrapped,
    write_key,
)
from targeted_universalism.show.pictures.order import SORTS, in_order
from targeted_universalism.show.pictures.paper import (
    TITLE_LINE,
    WIDTH,
    find_letters,
    leaf,
    whatever_script,
)

LANE = 0.32  # of a row: the height of one mark, where marks stand under each other
_NAME_LINE, _WORDS_LINE, _APART = 0.52, 0.44, 0.5  # of a row: lines of text, room between groups
_ON_PAPER = 0.78  # of a row
_ROW, _FRAME = 0.36, 1.4  # inches: a row, all that is not rows
_NAME_CHARS, _WORDS_CHARS, _LINE_CHARS, _LEGEND_CHARS = 28, 48, 60, 42
_LEGEND_WIDTH = 560.0  # points
_ROOM = 0.04  # of the axis: between its ends and what stands nearest to them


# --- what is drawn on a row ---------------------------------------------------------------------


class Drawn(Protocol):
    """Something on a row."""

    @property
    def ends(self) -> tuple[float, ...]:
        """Where it stands on the axis."""

    def draw(self, ax: Axes, y: float) -> None:
        """Draw it at the height of its row."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """Shape, colour and size of a mark, in points."""

    marker: str
    color: str
    hollow: bool = False
    size: float = 7.0
    edge: float = 1.0

    @property
    def options(self) -> dict[str, Any]:
        """The same for matplotlib."""
        return {
            "linestyle": "none", "marker": self.marker, "color": self.color,
            "markerfacecolor": mpl.rcParams["axes.facecolor"] if self.hollow else self.color,
            "markersize": self.size,
            "markeredgewidth": max(self.edge, 1.4) if self.hollow else self.edge,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A value and its interval; what lies beyond the axis ends in an arrow at its edge.

    `down` moves it from the middle of its row, in rows.
    """

    span: Span
    look: Look
    down: float = 0.0

    @property
    def ends(self) -> tuple[float, ...]:
        """Where it stands on the axis."""
        ends = (self.span.value, self.span.low, self.span.high)
        return tuple(end for end in ends if self.span.known and math.isfinite(end))

    def draw(self, ax: Axes, y: float) -> None:
        """Draw the interval, then the value."""
        y += self.down
        if self.span.bounded:
            self._draw_interval(ax, y)
        if self.span.known:
            shown, beyond = _on_axis(ax, self.span.value)
            arrow = {"marker": beyond, "markersize": 9} if beyond else {}
            _line(ax, [shown], [y], clip_on=False, **{**self.look.options, **arrow})

    def _draw_interval(self, ax: Axes, y: float) -> None:
        ends = [_on_axis(ax, end) for end in (self.span.low, self.span.high)]
        _line(
            ax, [x for x, _ in ends], [y, y], color=self.look.color, linewidth=1.6, zorder=1.8,
            solid_capstyle="butt",
        )  # fmt: skip
        for (x, beyond), side in zip(ends, "<>", strict=True):
            if beyond == side:
                _line(ax, [x], [y], marker=side, color=self.look.color, markersize=6, clip_on=False)


def _line(ax: Axes, x: Sequence[float], y: Sequence[float], **look: Any) -> None:
    """Draw a line, or a mark: the limits of the axes are set, and not looked at again."""
    ax.add_artist(Line2D(x, y, **look))


def _on_axis(ax: Axes, x: float) -> tuple[float, str]:
    """Give the nearest place on the axis, and the arrow that points beyond it: "<", ">" or ""."""
    low, high = ax.get_xlim()
    hair = 1e-9 * (high - low)
    return min(max(x, low), high), "<" if x < low - hair else ">" if x > high + hair else ""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A line between two values, behind marks and the line of reference."""

    start: float
    end: float
    color: str
    width: float
    opacity: float = 1.0

    @property
    def ends(self) -> tuple[float, ...]:
        """Where it stands on the axis."""
        return self.start, self.end

    def draw(self, ax: Axes, y: float) -> None:
        """Draw it."""
        _line(
            ax, [self.start, self.end], [y, y], color=self.color, linewidth=self.width,
            alpha=self.opacity, zorder=1.2, solid_capstyle="butt",
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar from zero; narrow where it is of several rows together."""

    end: float
    hollow: bool = False
    narrow: bool = False

    @property
    def ends(self) -> tuple[float, ...]:
        """Where it stands on the axis."""
        return 0.0, self.end

    def draw(self, ax: Axes, y: float) -> None:
        """Draw it."""
        ax.barh(
            y, self.end, height=0.22 if self.narrow else 0.5, edgecolor=SHORT, linewidth=1.2,
            facecolor=(SHORT, 0.0 if self.hollow else 0.4), clip_on=False,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Range:
    """A thin line with stops at both ends: all that is possible, dotted where nothing is known.

    An end beyond the axis is an arrow at its edge.
    """

    low: float
    high: float
    dotted: bool = False

    @property
    def ends(self) -> tuple[float, ...]:
        """Where it stands on the axis."""
        return self.low, self.high

    def draw(self, ax: Axes, y: float) -> None:
        """Draw it."""
        ends = [_on_axis(ax, end) for end in (self.low, self.high)]
        look = {"color": mpl.rcParams["text.color"], "markersize": 7, "clip_on": False}
        _line(
            ax, [x for x, _ in ends], [y, y], linewidth=1.4, linestyle=":" if self.dotted else "-",
            marker="|", markevery=[i for i, (_, beyond) in enumerate(ends) if not beyond], **look,
        )  # fmt: skip
        for x, beyond in ends:
            if beyond:
                _line(ax, [x], [y], marker=beyond, linestyle="none", **look)


# --- rows and their groups ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Words beside a row: in a frame where it is hidden, in italics where it has no data."""

    words: str
    hidden: bool = False
    no_data: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: its name, what is drawn on it, what is written beside it, and the same in words.

    Parameters
    ----------
    name : str
        Stands at its left.
    sentence : str
        What follows the name in the picture's words.
    drawn : tuple of Mark, Stretch, Bar, Range
        What stands on it, the last in front.
    asides : tuple of Aside
        What is written beside it, under each other.
    asides_at : float, optional
        Where on the axis they begin; right of the axes without it.
    hatched : bool
        Whether it is marked as hidden over its whole width, so that no place is given away.
    height : float
        The least it takes, in rows; a row, names and words may take more.
    gap, value : float
        What it is sorted by where that is asked for; NaN where nothing is known.
    last : bool
        Whether it ends its group in any order, as a sum does.
    """

    name: str
    sentence: str
    drawn: tuple[Drawn, ...] = ()
    asides: tuple[Aside, ...] = ()
    asides_at: float | None = None
    hatched: bool = False
    height: float = 0.0
    gap: float = math.nan
    value: float = math.nan
    last: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that stand together, with a heading and its sentence, or under a thin line."""

    rows: tuple[Row, ...]
    heading: str = ""
    sentence: str = ""
    ruled: bool = False


def dimension_groups(
    rows: Iterable[Row], dimensions: Iterable[int], headings: Mapping[int, str], ruled: int = 0
) -> list[Group]:
    """Group the rows of each dimension under its heading, one of them under a thin line."""
    pairs = zip(dimensions, rows, strict=True)
    return [
        Group(
            rows=tuple(row for _, row in together),
            heading=headings.get(dimension, ""),
            sentence=f"By {headings[dimension]}" if dimension in headings else "",
            ruled=0 < dimension == ruled,
        )
        for dimension, together in groupby(pairs, key=lambda pair: pair[0])
    ]


def segment_groups(stratum: Stratum, rows: Sequence[Row]) -> list[Group]:
    """Group a row for each segment of a stratum: the total, a thin line, then each dimension."""
    return under_headings(stratum, rows, [segment.dimension for segment in stratum.segments])


def under_headings(stratum: Stratum, rows: Sequence[Row], dimensions: Sequence[int]) -> list[Group]:
    """Group rows of any number for each dimension, as :func:`segment_groups` does."""
    headings = dict(list(enumerate(stratum.headings))[1:])
    first = next((dimension for dimension in dimensions if dimension), 0)
    return dimension_groups(rows, dimensions, headings if len(headings) > 1 else {}, first)


# --- the axis -----------------------------------------------------------------------------------

Scale = Callable[[Axes, Sequence[Row]], None]


def limits(values: Iterable[float]) -> tuple[float, float]:
    """Give the ends of an axis that shows some values, with room around them."""
    shown = list(values)
    low, high = min(shown), max(shown)
    room = _ROOM * (high - low) or max(abs(high), 1.0) * 0.1
    return low - room, high + room


def ends_of(rows: Sequence[Row]) -> list[float]:
    """Give all places on the axis at which something stands, words included."""
    drawn = [end for row in rows for thing in row.drawn for end in thing.ends]
    return [*drawn, *(row.asides_at for row in rows if row.asides_at is not None)]


def reach(firm: Sequence[float], spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Give the ends of an axis that no wide interval takes from all else.

    What is `firm` is on it. Intervals stretch it to either side by half as much again as that
    takes, or by twice the width of the middle one: where most are wide, they are seen whole.
    """
    low, high = min(firm), max(firm)
    ends = [(a, b) for a, b in spans if math.isfinite(a) and math.isfinite(b)]
    if not ends:
        return low, high
    most = max(_LONGER * (high - low), 2 * median(b - a for a, b in ends))
    bottom, top = min(a for a, _ in ends), max(b for _, b in ends)
    return max(min(low, bottom), low - most), min(max(high, top), high + most)


def rate_scale(stratum: Stratum) -> Scale:
    """Make the axis of rates, the goal on it, cut at the bounds of what is measured.

    What an interval has beyond it ends in an arrow.
    """
    target = stratum.target

    def scale(ax: Axes, rows: Sequence[Row]) -> None:
        drawn = [thing for row in rows for thing in row.drawn]
        marks = [thing.span for thing in drawn if isinstance(thing, Mark)]
        others = [end for thing in drawn if not isinstance(thing, Mark) for end in thing.ends]
        firm = [target, *others, *(span.value for span in marks if span.known)]
        low, high = limits(reach(firm, [(span.low, span.high) for span in marks if span.bounded]))
        ax.set_xlim(*stratum.cut(low, high))
        ax.xaxis.set_major_formatter("{x:,.10g}")

    return scale


def counts_end(rows: Sequence[Row]) -> float:
    """Give the end of an axis of counts, so that no one range takes it from all other rows.

    Every bar is on it, and every range over hidden counts; of other ranges the longest goes at most
    half as far again as the next, or as the longest bar.
    """
    drawn = [thing for row in rows for thing in row.drawn]
    ranges = [thing for thing in drawn if isinstance(thing, Range) and not thing.dotted]
    fixed = max([1.0, *(end for thing in drawn if thing not in ranges for end in thing.ends)])
    *_, second, longest = [0.0, 0.0, *sorted(one.high for one in ranges)]
    if len(ranges) == 1:
        second = longest
    return max(fixed, min(longest, _LONGER * max(second, fixed)))


_LONGER = 1.5


def count_scale(ax: Axes, rows: Sequence[Row]) -> None:
    """Make the axis of whole numbers from zero; without numbers where there is none."""
    ax.set_xlim(0, counts_end(rows))
    ax.spines["left"].set_visible(True)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    if not any(row.drawn for row in rows):
        ax.set_xticks([])


def difference_scale(ax: Axes, rows: Sequence[Row]) -> None:
    """Make the axis of differences, with 0 on it."""
    ax.set_xlim(limits([0.0, *ends_of(rows)]))
    ax.xaxis.set_major_formatter("{x:,.10g}")


def ratio_scale(ax: Axes, rows: Sequence[Row]) -> None:
    """Make the axis of ratios: log, as far below 1 as above, so that 1/2 and 2 look alike."""
    marks = [drawn for row in rows for drawn in row.drawn if isinstance(drawn, Mark)]
    values = [mark.span.value for mark in marks if mark.span.known]
    ends = [end for mark in marks if mark.span.bounded for end in mark.ends]
    reach, far = (
        max([abs(math.log(x)) for x in places if x > 0], default=0.0) for places in (values, ends)
    )
    most = max(min(far, reach + math.log(4)), reach, math.log(1.2)) * 1.06
    ax.set_xscale("log")
    ax.set_xlim(math.exp(-most), math.exp(most))
    fitting = [[tick for tick in ticks if abs(math.log(tick)) <= most] for ticks in _RATIO_TICKS]
    ticks = next((ticks for ticks in fitting if len(ticks) >= 5), fitting[-1]) if values else [1.0]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:,.10g}")


# From coarse to fine: the first that gives five ticks is used.
_RATIO_TICKS = (
    [10.0**i for i in range(-9, 10)],
    [k * 10.0**i for i in range(-9, 10) for k in (1, 2, 5)],
    [0.25, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 4],
    [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2],
    [0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25],
)


@dataclass(frozen=True, kw_only=True)
class VerticalLine:
    """The one line that all rows are held against, with its words over the axes."""

    value: float
    words: str
    width: float = 1.2

    @property
    def lines(self) -> list[str]:
        """Its words, a line each."""
        return wrapped(self.words, fitting(_LINE_CHARS))

    def draw(self, ax: Axes) -> None:
        """Draw it, its words to the side that has room."""
        ax.axvline(self.value, color=mpl.rcParams["text.color"], linewidth=self.width, zorder=1.5)
        pixels = ax.transData.transform((self.value, 0.0))
        place = ax.transAxes.inverted().transform(pixels)[0]
        ax.annotate(
            "\n".join(self.lines), (self.value, 1), xycoords=ax.get_xaxis_transform(),
            xytext=(0, 4), textcoords="offset points", va="bottom",
            ha="left" if place < 0.25 else "right" if place > 0.75 else "center",
            fontsize=NAME, fontweight="bold", annotation_clip=False, **PLAIN,
        )  # fmt: skip


def goal_line(stratum: Stratum) -> VerticalLine:
    """Give the line of the goal, the same for everybody."""
    return VerticalLine(value=stratum.target, words=stratum.goal_words, width=1.6)


# --- the picture --------------------------------------------------------------------------------


def draw(
    groups: Iterable[Group],
    *,
    title: Sequence[str],
    opening: Sequence[str],
    scale: Scale,
    axis: str,
    line: VerticalLine | None = None,
    key: Iterable[str] = (),
    legend: Sequence[tuple[str, Look]] = (),
    aside_chars: int = _WORDS_CHARS,
    sort: str = "data",
    ax: Axes | None = None,
) -> Axes:
    """Draw rows under each other, and put them into words.

    Parameters
    ----------
    groups : iterable of Group
        What is shown, from above downward.
    title : sequence of str
        Its lines; empty ones are left out.
    opening : sequence of str
        The sentences that come before those of the rows.
    scale : callable
        What makes the axis: ``rate_scale(stratum)``, ``count_scale``, ``ratio_scale`` or
        ``difference_scale``.
    axis : str
        What is on the axis, and its unit.
    line : VerticalLine, optional
        What all rows are held against.
    key : iterable of str
        What the marks are, a clause each.
    legend : sequence of (str, Look)
        Marks that have names, over the axes.
    aside_chars : int
        The longest line beside a row.
    sort : {"data", "gap", "value", "name"}
        The order of the rows in each group.
    ax : Axes, optional
        Where to draw; a new figure of fitting size without it.
    """
    # Over the axes, in points: the words of the line, 16 for each of their lines.
    pad = 10 if line is None else 8 + 16 * len(line.lines)
    frame = _FRAME + max(0, pad - 24) / 72
    every = [_sorted(group, sort) for group in groups]
    above = TITLE_LINE * (len(title_lines(title)) + 1 + _legend_lines(legend))
    layout = _layout(_on_leaf(every, aside_chars, frame + above), aside_chars)
    own = ax is None
    ax = titled(ax, title, frame + _ROW * layout.height, pad)
    _name_rows(ax, layout)
    if own:
        ax.yaxis.set_label_coords(0, 0.5)  # it has no label: no place is looked for
    if legend:
        _write_legend(ax, legend, pad, own)
    scale(ax, [row for group in every for row in group.rows])
    if line is not None:
        line.draw(ax)
    for row, y in layout.rows:
        _draw_row(ax, row, y, aside_chars)
    order = SORTS[sort]
    write_key(ax, axis, [*key, *([order] if order else [])])
    say(ax, [*opening, capital(order), *layout.sentences])
    return ax


def _sorted(group: Group, sort: str) -> Group:
    return replace(group, rows=tuple(in_order(group.rows, sort)))


def _on_leaf(groups: Sequence[Group], aside_chars: int, frame: float) -> list[Group]:
    """Give what stands on one sheet of paper, where that is not all: the axis is that of all."""
    rows = [(i, row) for i, group in enumerate(groups) for row in group.rows]
    heights = [_height(row, aside_chars) for _, row in rows]
    for i, (group, first) in enumerate(zip(groups, _firsts(groups), strict=True)):
        heights[first] += _APART * (i > 0) + _heading_height(group)
    parts = leaf().shares([_ROW * height for height in heights], frame)
    chosen = leaf().choose(parts)
    return [
        replace(groups[i], rows=tuple(row for _, row in together))
        for i, together in groupby(rows[chosen], key=lambda pair: pair[0])
    ]


def _firsts(groups: Sequence[Group]) -> Iterator[int]:
    """Give the place of the first row of each group among all rows."""
    yield from accumulate((len(group.rows) for group in groups[:-1]), initial=0)


def _heading_height(group: Group) -> float:
    """Give the height of a heading, in rows; 0 where there is none."""
    return max(_least(), _NAME_LINE * len(_wrapped(group.heading))) if group.heading else 0.0


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Rows and headings with their heights, and those of thin lines, downward in rows."""

    rows: list[tuple[Row, float]]
    headings: list[tuple[str, float]]
    rules: list[float]
    sentences: list[str]
    height: float


def _layout(groups: Iterable[Group], aside_chars: int) -> _Layout:
    """Stack rows downward, with room between groups and a heading where a group has one."""
    rows: list[tuple[Row, float]] = []
    headings: list[tuple[str, float]] = []
    rules: list[float] = []
    sentences: list[str] = []
    down = 0.0
    for group in groups:
        down += _APART if rows else 0.0
        if group.ruled and rows:
            rules.append(down - _APART / 2)
        if group.heading:
            height = _heading_height(group)
            headings.append((group.heading, down + height / 2))
            down += height
        for row in group.rows:
            height = _height(row, aside_chars)
            rows.append((row, down + height / 2))
            down += height
        sentences += [group.sentence, *(f"{row.name}: {row.sentence}" for row in group.rows)]
    return _Layout(rows=rows, headings=headings, rules=rules, sentences=sentences, height=down)


def _height(row: Row, aside_chars: int) -> float:
    """Give the height of a row, in rows."""
    words = sum(len(_wrapped(aside.words, aside_chars)) for aside in row.asides)
    name = _NAME_LINE * len(_wrapped(row.name))
    return max(_least(), row.height, name, _WORDS_LINE * words)


def _least() -> float:
    """Give the least height of a row, in rows: they stand closer on paper."""
    return 1.0 if math.isinf(leaf().height) else _ON_PAPER


def asides_height(asides: Sequence[Aside], aside_chars: int) -> float:
    """Give the height that asides take under each other, frames included, in rows."""
    return sum(_aside_height(aside, aside_chars) for aside in asides)


def _aside_height(aside: Aside, aside_chars: int) -> float:
    return _NAME_LINE * (len(_wrapped(aside.words, aside_chars)) + 0.2)


def _wrapped(text: str, width: int = _NAME_CHARS) -> list[str]:
    """Break a text into lines, at least one."""
    return wrapped(text, fitting(width)) or [""]


def _name_rows(ax: Axes, layout: _Layout) -> None:
    """Name the rows down the left side: headings are bold."""
    named = [*((row.name, y) for row, y in layout.rows), *layout.headings]
    names = ["\n".join(_wrapped(name)) for name, _ in named]
    ax.set_yticks([y for _, y in named], names, fontsize=NAME, **PLAIN)
    for text in ax.get_yticklabels()[len(layout.rows) :]:
        text.set_fontweight("bold")
    ax.set_ylim(layout.height, 0)
    ax.tick_params(axis="y", length=0, pad=8)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(axis="x", color=GREY, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    for y in layout.rules:
        ax.axhline(y, color=GREY, linewidth=0.8)


def _draw_row(ax: Axes, row: Row, y: float, aside_chars: int) -> None:
    if row.hatched:
        ax.axhspan(
            y - 0.2, y + 0.2, facecolor="none", edgecolor=GREY, alpha=0.6, hatch="////", linewidth=0
        )
    for drawn in row.drawn:
        drawn.draw(ax, y)
    above = -asides_height(row.asides, aside_chars) / 2
    for aside in row.asides:
        height = _aside_height(aside, aside_chars)
        _write_aside(ax, row, aside, y + (above + height / 2), aside_chars)
        above += height


def _write_aside(ax: Axes, row: Row, aside: Aside, y: float, aside_chars: int) -> None:
    frame = {"boxstyle": "square,pad=0.25", "facecolor": "none", "edgecolor": GREY}
    right = row.asides_at is None
    start = 1.0 if row.asides_at is None else _on_axis(ax, row.asides_at)[0]
    ax.annotate(
        "\n".join(_wrapped(aside.words, aside_chars)), (start, y),
        xycoords=ax.get_yaxis_transform() if right else "data",
        xytext=(8, 0), textcoords="offset points", va="center", fontsize=SMALL,
        fontstyle="italic" if aside.no_data else "normal",
        bbox=frame if aside.hidden else None, annotation_clip=False, **PLAIN,
    )  # fmt: skip


def _write_legend(ax: Axes, names: Sequence[tuple[str, Look]], pad: float, own: bool) -> None:
    """Write the legend over the words of the line, and lift the title over it."""
    entries = list(_entries(names))
    above = offset_copy(ax.transAxes, ax.figure.figure, y=pad - 2, units="points")
    legend = ax.legend(
        handles=entries, ncols=_legend_columns(names), loc="lower left",
        bbox_to_anchor=(0, 1), bbox_transform=above, frameon=False, fontsize=SMALL,
        borderpad=0, borderaxespad=0, handletextpad=0.2, columnspacing=1.2, labelspacing=0.4,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)
        text.set_usetex(False)
    find_letters(ax)
    figure = ax.figure.figure
    with whatever_script():
        inches = legend.get_window_extent().height / figure.dpi
    title = ax.get_title(loc="left")
    ax.set_title(title, loc="left", pad=pad + 10 + 75 * inches, fontsize=TITLE, **PLAIN)
    if own:
        figure.set_figheight(figure.get_figheight() + inches + 8 / 72)


def _legend_columns(names: Sequence[tuple[str, Look]]) -> int:
    """Give how many names stand beside each other."""
    widest = max(len(line) for name, _ in names for line in _wrapped(name, _LEGEND_CHARS))
    return max(1, int(_LEGEND_WIDTH * leaf().width / WIDTH // (5.6 * widest + 34)))


def _legend_lines(names: Sequence[tuple[str, Look]]) -> int:
    """Give how many lines the legend takes at most."""
    if not names:
        return 0
    most = max(len(_wrapped(name, _LEGEND_CHARS)) for name, _ in names)
    return most * math.ceil(len(names) / _legend_columns(names))


def _entries(names: Sequence[tuple[str, Look]]) -> Iterator[Line2D]:
    for name, look in names:
        text = "\n".join(_wrapped(name, _LEGEND_CHARS))
        yield Line2D([], [], label=text, **look.options)
