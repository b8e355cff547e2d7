"""The equiplot: one line for each stratum, a mark for each segment, against one goal line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import offset_copy

from targeted_universalism.answer.answer import FLAG_WORDS, Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.errors import InputError
from targeted_universalism.labels import label
from targeted_universalism.measures.goal import Status
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import GREY, Stack, Unit
from targeted_universalism.show.words import join_words

# Nine shapes and four colours share no factor: the first 36 pairs differ.
_SHAPES = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
_COLORS = (canvas.BLUE, canvas.ORANGE, canvas.PURPLE, canvas.GREEN)
MOST_SEGMENTS = len(_SHAPES) * len(_COLORS)
_MOST_NAMED = 3
_ASIDE_CHARS, _KEY_CHARS, _KEY_WIDTH = 30, 42, 560.0  # words beside a row, in the key; points
_NEAR = 0.02  # of the width of the axis: marks nearer than this are put under each other
_LANE, _LINE = 0.32, 0.52  # of a row: the height of one mark, of one line of words


def equiplot(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw the rates of all segments on one line for each stratum, against the goal line.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``; a new figure of fitting size
        without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several indicators or dimensions (choose with ``a.where(…)``), or more
        strata or segments than a picture can show.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> absent = pd.DataFrame({
    ...     "county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["White", "Latino"] * 2,
    ...     "absent": [30, 90, 18, 60], "pupils": [200, 400, 150, 300],
    ... })
    >>> s = tu.from_counts(
    ...     absent, numerator="absent", denominator="pupils", segments="race", by="county"
    ... )
    >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.equiplot()
    >>> ax.tu_alt.split(". ")[-1]
    'Mono: All 17.3 %; White 12.0 %; Latino 20.0 %.'

    """
    picture = _picture(answer)
    own = ax is None
    ax = canvas.framed(picture.stack, ax, [picture.goal.name, *picture.title], pad=32)
    _legend(ax, list(_entries(picture)), own)
    ax.set_xlim(*picture.limits)
    for row, y in zip(picture.rows, picture.stack.y, strict=True):
        _draw_row(ax, picture, row, y)
        _write_aside(ax, row, y)
        if row.together and len(picture.rows) > 1:
            ax.axhline(y - _size(row) / 2 - 0.25, color=GREY, linewidth=0.8)
    canvas.draw_goal(ax, picture.target, picture.unit, picture.goal_words)
    axis = [picture.unit.axis, canvas.wanted_words(picture.goal)]
    canvas.write_key(ax, "; ".join(part for part in axis if part), _key(picture))
    canvas.say(ax, _alt(picture))
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Mark:
    """One segment of one stratum; `place` is its position in the dimension, -1 for the total."""

    label: str
    place: int
    rate: float
    status: int
    unreliable: bool

    @property
    def hidden(self) -> bool:
        return self.status == Status.SUPPRESSED

    @property
    def known(self) -> bool:
        return math.isfinite(self.rate)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One stratum: its total, then its segments."""

    name: str
    together: bool
    marks: tuple[_Mark, ...]
    lanes: tuple[int, ...] = ()

    @property
    def segments(self) -> list[_Mark]:
        """Segments with a rate, in the order of the data."""
        return [mark for mark in self.marks if mark.place >= 0 and mark.known]

    @property
    def aside(self) -> list[tuple[str, bool]]:
        """What is written beside the row: who is hidden, who has no data."""
        unknown = [mark for mark in self.marks if not mark.known]
        groups = {
            "suppressed": [mark for mark in unknown if mark.hidden],
            "no data": [mark for mark in unknown if not mark.hidden and mark.place >= 0],
            "no rate": [mark for mark in unknown if not mark.hidden and mark.place < 0],
        }
        return [
            (f"{what}: {_named(marks)}", what == "suppressed")
            for what, marks in groups.items()
            if marks
        ]


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """Strata of one indicator and one dimension, ready to draw."""

    rows: tuple[_Row, ...]
    labels: tuple[str, ...]
    stack: Stack
    title: tuple[str, ...]
    unit: Unit
    kind: str
    goal: Goal

    @property
    def target(self) -> float:
        return canvas.target_of(self.goal, self.unit)

    @property
    def goal_words(self) -> str:
        return canvas.goal_line_words(self.goal, self.kind)

    @property
    def limits(self) -> tuple[float, float]:
        return _limits(self.rows, self.target)


def _picture(answer: Answer) -> _Picture:
    why = _why_not(answer)
    if why:
        raise InputError(why)
    kind, goal = answer.kind(0), answer.goal(0)
    unit = canvas.unit_of(kind, goal)
    rows = [_row(answer, stratum, unit) for stratum in range(len(answer.segments.strata))]
    low, high = _limits(rows, canvas.target_of(goal, unit))
    rows = [replace(row, lanes=_lanes(row, (high - low) * _NEAR)) for row in rows]
    groups = np.cumsum([row.together for row in rows])
    return _Picture(
        rows=tuple(rows),
        labels=tuple(label for d in answer.dimensions[1:] for label in d.labels),
        stack=canvas.stacked([r.name for r in rows], groups.tolist(), {}, [_size(r) for r in rows]),
        title=_title(answer),
        unit=unit,
        kind=kind,
        goal=goal,
    )


def _row(answer: Answer, stratum: int, unit: Unit) -> _Row:
    strata = answer.segments.strata
    together = bool(strata.rolled_up[stratum])
    values = ["" if together else label(strata.value(name, stratum)) for name in strata.names]
    name = "all together" if together else ", ".join(values)
    return _Row(
        name=name or "; ".join(canvas.heading_words(d.name) for d in answer.dimensions[1:]),
        together=together,
        marks=tuple(
            _Mark(
                label=answer.labels[i],
                place=i - 1,
                rate=float(answer.values["rate"][i, stratum]) * unit.scale,
                status=int(answer.status[i, stratum]),
                unreliable=FLAG_WORDS[answer.flag[i, stratum]] == "unreliable",
            )
            for i in np.flatnonzero(answer.seen[:, stratum]).tolist()
        ),
    )


def _title(answer: Answer) -> tuple[str, ...]:
    strata = answer.segments.strata
    about = "" if strata.indicator_name is None else strata.indicators[int(strata.indicator[0])]
    by = f"one line for each {join_words(list(strata.names))}" if strata.names else ""
    marks = [f"one mark for each {canvas.heading_words(d.name)}" for d in answer.dimensions[1:]]
    what = ", ".join(part for part in (by, *marks) if part)
    return about, f"{what[:1].upper()}{what[1:]}"


def fits(answer: Answer) -> bool:
    """Tell whether one equiplot can show all strata."""
    return not _why_not(answer)


def _why_not(answer: Answer) -> str:
    """Say what would need two goals, two sets of marks or too much room; empty where it fits."""
    strata, names = answer.segments.strata, [d.name for d in answer.dimensions[1:]]
    if len(np.unique(strata.indicator)) > 1:
        first = strata.indicators[int(strata.indicator[0])]
        return (
            "An equiplot has one goal line, and there are several indicators: choose one, as in "
            f"a.where(indicator={first!r}).plot.equiplot()."
        )
    if len(names) > 1:
        return (
            f"An equiplot shows the segments of one dimension, and there are {len(names)}: choose "
            f"one, as in a.where(dimension={names[0]!r}).plot.equiplot()."
        )
    if len(strata) > canvas.MOST_ROWS:
        return (
            f"{len(strata):,} strata are more lines than a picture can show ({canvas.MOST_ROWS}): "
            f"keep some with a.where({strata.names[0]}=[…]); a.table holds them all."
        )
    if len(answer.labels) - 1 > MOST_SEGMENTS:
        return (
            f"{len(answer.labels) - 1} segments are more than there are marks to tell apart "
            f"({MOST_SEGMENTS}): use fewer segments, or a.where(…).plot.gaps() for one stratum."
        )
    return ""


def _limits(rows: Sequence[_Row], target: float) -> tuple[float, float]:
    drawn = [target, *(mark.rate for row in rows for mark in row.marks if mark.known)]
    low, high = min(drawn), max(drawn)
    room = 0.04 * (high - low) or max(abs(high), 1.0) * 0.1
    return low - room, high + room


def _lanes(row: _Row, near: float) -> tuple[int, ...]:
    """Give each drawn segment a lane, so that marks at one place stand under each other."""
    rates = [mark.rate for mark in row.segments]
    ends: list[float] = []
    lanes = [0] * len(rates)
    for i in np.argsort(rates, kind="stable").tolist():
        free = [lane for lane, end in enumerate(ends) if rates[i] - end >= near]
        lanes[i] = free[0] if free else len(ends)
        ends[lanes[i] : lanes[i] + 1] = [rates[i]]
    return tuple(lanes)


def _size(row: _Row) -> float:
    lines = sum(len(canvas.wrapped(words, _ASIDE_CHARS)) + 0.2 for words, _ in row.aside)
    return max(1.0, _LANE * (max(row.lanes, default=0) + 2), _LINE * lines + 0.2)


def _named(marks: Sequence[_Mark]) -> str:
    """Name a few, count many; the total is always named."""
    segments = [mark.label for mark in marks if mark.place >= 0]
    total = [mark.label for mark in marks if mark.place < 0]
    few = len(segments) <= _MOST_NAMED
    return join_words([*total, *(segments if few else [f"{len(segments)} segments"])])


# --- drawing ------------------------------------------------------------------------------------


def _draw_row(ax: Axes, picture: _Picture, row: _Row, y: float) -> None:
    segments = row.segments
    rates = [mark.rate for mark in segments]
    if rates:
        ax.hlines(y, min(rates), max(rates), color=GREY, linewidth=1.2, zorder=1.2)
    middle = max(row.lanes, default=0) / 2
    for mark, lane in zip(segments, row.lanes, strict=True):
        ax.plot(
            mark.rate, y + _LANE * (lane - middle), clip_on=False, **_look(mark.place),
            markerfacecolor="none" if mark.unreliable else _look(mark.place)["color"],
        )  # fmt: skip
    for mark in row.marks:
        if mark.place < 0 and mark.known:
            ax.plot(mark.rate, y, clip_on=False, **_look(-1))


def _look(place: int) -> dict[str, Any]:
    """Shape and colour of a segment by its position; the total is a tick."""
    plain: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 1.4}
    if place < 0:
        return plain | {"marker": "|", "color": plt.rcParams["text.color"], "markersize": 15}
    shape, color = _SHAPES[place % len(_SHAPES)], _COLORS[place % len(_COLORS)]
    return plain | {"marker": shape, "color": color, "markersize": 6 if shape == "D" else 7}


def _write_aside(ax: Axes, row: _Row, y: float) -> None:
    blocks = [(canvas.wrapped(words, _ASIDE_CHARS), hidden) for words, hidden in row.aside]
    down = y - _LINE * sum(len(lines) + 0.2 for lines, _ in blocks) / 2
    for lines, hidden in blocks:
        tall = _LINE * (len(lines) + 0.2)
        canvas.write(
            ax, "\n".join(lines), (1.0, down + tall / 2), hidden, not hidden,
            xycoords=ax.get_yaxis_transform(),
        )  # fmt: skip
        down += tall


def _entries(picture: _Picture) -> Iterator[Line2D]:
    """Give one entry of the key for the total and each segment, in the order of the data."""
    totals = [mark for row in picture.rows for mark in row.marks if mark.place < 0]
    if any(mark.known for mark in totals):
        yield Line2D([], [], label=f"{totals[0].label} (the total)", **_look(-1))
    for place, name in enumerate(picture.labels):
        text = "\n".join(canvas.wrapped(name, _KEY_CHARS))
        yield Line2D([], [], label=text, **_look(place))


def _legend(ax: Axes, entries: Sequence[Line2D], own: bool) -> None:
    """Write the key above the axes and the goal's words, and lift the title over it."""
    widest = max((len(x) for e in entries for x in str(e.get_label()).split("\n")), default=0)
    above = offset_copy(ax.transAxes, ax.figure.figure, y=22, units="points")
    legend = ax.legend(
        handles=entries, ncols=max(1, int(_KEY_WIDTH // (5.6 * widest + 34))), loc="lower left",
        bbox_to_anchor=(0, 1), bbox_transform=above, frameon=False, fontsize=canvas.SMALL,
        borderpad=0, borderaxespad=0, handletextpad=0.2, columnspacing=1.2, labelspacing=0.4,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)
        text.set_usetex(False)
    canvas.lift_title(ax, legend.get_window_extent().height, own)


# --- words --------------------------------------------------------------------------------------


def _key(picture: _Picture) -> Iterator[str]:
    """Say once what the marks are."""
    marks = [mark for row in picture.rows for mark in row.segments]
    if any(len(row.segments) > 1 for row in picture.rows):
        yield "thin lines: from the lowest to the highest segment shown"
    if any(mark.unreliable for mark in marks):
        yield "hollow marks: unreliable"


def _alt(picture: _Picture) -> Iterator[str]:
    """Put the picture into words: title, goal, then one sentence for each line."""
    yield from (picture.goal.name, *picture.title, picture.goal_words)
    for row in picture.rows:
        yield f"{row.name}: {'; '.join(_clause(mark, picture.unit) for mark in row.marks)}"


def _clause(mark: _Mark, unit: Unit) -> str:
    if not mark.known:
        missing = "no data" if mark.place >= 0 else "no rate"
        return f"{mark.label} {'suppressed' if mark.hidden else missing}"
    return f"{mark.label} {unit.rate(mark.rate)}{' (unreliable)' if mark.unreliable else ''}"
