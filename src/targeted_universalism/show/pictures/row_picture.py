"""The row picture: rows laid out under headings, drawn against one line, and put in words.

A picture turns what it shows into rows, groups them and calls `draw_rows`, which lays them out,
sizes the figure, draws axis, line and marks, writes names, words and key, and says it all in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import offset_copy

from targeted_universalism.show.nouns import capital
from targeted_universalism.show.pictures.canvas import (
    GREY,
    NAME,
    PLAIN,
    SMALL,
    TITLE,
    fitting,
    say,
    title_lines,
    titled,
    wrapped,
    write_key,
)
from targeted_universalism.show.pictures.marks import Look, on_axis
from targeted_universalism.show.pictures.order import SORTS, in_order
from targeted_universalism.show.pictures.paper import (
    TITLE_LINE,
    WIDTH,
    find_letters,
    leaf,
    whatever_script,
)
from targeted_universalism.show.pictures.rows import Aside, Group, Row
from targeted_universalism.show.pictures.scales import Scale, VerticalLine

_NAME_LINE, _WORDS_LINE, _APART = 0.52, 0.44, 0.5  # of a row: lines of text, room between groups
_ON_PAPER = 0.78  # of a row
_ROW, _FRAME = 0.36, 1.4  # inches: a row, all that is not rows
_NAME_CHARS, _WORDS_CHARS, _LEGEND_CHARS = 28, 48, 42
_LEGEND_WIDTH = 560.0  # points


def draw_rows(
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
    start = 1.0 if row.asides_at is None else on_axis(ax, row.asides_at)[0]
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
