"""A panel for the total and for each segment, all with the same axes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from targeted_universalism.show.courses import Course, joined
from targeted_universalism.show.pictures.canvas import (
    BLUE,
    GREY,
    KEY_CHARS,
    LEAST,
    NAME,
    PLAIN,
    SMALL,
    TITLE,
    key_lines,
    say,
    title_lines,
    wrapped,
)
from targeted_universalism.show.pictures.paper import WIDTH, leaf, new_figure
from targeted_universalism.show.pictures.trajectory.lines import CourseLook, draw_course
from targeted_universalism.show.pictures.trajectory.scene import Scene
from targeted_universalism.show.pictures.trajectory.words import latest, outlook_words, sentences

_PANEL, _AROUND = 2.2, 2.2  # inches: one panel, and title and key around them
_EDGE = 0.2  # at the right, for half of the last year
_BESIDE = 0.4  # between panels: half the last year of one, and half the first of the next
_PANEL_CHARS = 34


def draw_panels(scene: Scene) -> Axes:
    """Draw a panel for the total and for each segment, all with the same axes."""
    every = scene.courses.each
    columns = max(1, int((3 if len(every) <= 12 else 4) * leaf().width / WIDTH))
    part = leaf().choose(leaf().shares([_PANEL] * -(-len(every) // columns), _AROUND))
    each = every[part.start * columns : part.stop * columns]
    rows = -(-len(each) // columns)
    lines = title_lines(scene.title)
    text = key_lines(scene.axis_words, scene.key(together=False), KEY_CHARS + 14)
    figure = new_figure(_PANEL * rows + 0.22 * len(lines) + 0.9, leaf().width)
    chars = _PANEL_CHARS if columns < 4 else _PANEL_CHARS - 9
    heads = [_Head.of(scene, course, chars) for course in each]
    over = max(head.inches for head in heads)
    numbers = 0.2 * (len(each) < rows * columns)  # of years, under a row that is not the last
    room = _Room(
        left=_number_width(scene), above=0.22 * len(lines) + 0.1, over=over,
        between=over + 0.1 + numbers, below=0.17 * len(text) + 0.35,
    )  # fmt: skip
    grid = _grid(figure, rows, columns, room)
    panels = list(grid.ravel())
    scene.scale(panels[0], years=4)
    for panel, course, head in zip(panels, each, heads, strict=False):
        _draw_panel(panel, scene, course)
        head.write(panel)
    for panel in panels[len(each) :]:
        panel.set_axis_off()
    for above, below in pairwise(grid[-2:]) if rows > 1 else ():
        for i in range(len(below)):
            if (rows - 1) * columns + i >= len(each):
                above[i].tick_params(labelbottom=True)
    edge = 0.08 / figure.get_figheight()  # in inches, however many panels there are
    figure.suptitle("\n".join(lines), x=0.01, y=1 - edge, ha="left", fontsize=TITLE, **PLAIN)
    figure.supxlabel("\n".join(text), x=0.01, y=edge, ha="left", fontsize=SMALL, **PLAIN)
    say(panels[0], [*scene.title, scene.goal_words, *sentences(scene)])
    first: Axes = panels[0]
    return first


@dataclass(frozen=True)
class _Head:
    """What stands over a panel: the name, and what is said of its course."""

    name: list[str]
    below: list[str]

    @classmethod
    def of(cls, scene: Scene, course: Course, chars: int) -> _Head:
        """Break both into lines of so many letters."""
        several = len({one.dimension for one in scene.segments}) > 1 and not course.total
        name = f"{course.dimension}: {course.name}" if several else course.name
        when, *chance = [*outlook_words(course, scene), ""]
        said = (joined([latest(course, scene.unit), when]), *chance)
        lines = [line for part in said for line in wrapped(part, chars + 4)]
        return cls(wrapped(name, chars), lines)

    @property
    def inches(self) -> float:
        """How high it is."""
        return (self._pad + 1.3 * NAME * len(self.name)) / 72

    @property
    def _pad(self) -> float:
        return 7 + 1.3 * LEAST * len(self.below)

    def write(self, ax: Axes) -> None:
        """Write it over its panel."""
        ax.set_title(
            "\n".join(self.name), loc="left", fontsize=NAME, fontweight="bold", pad=self._pad,
            **PLAIN,
        )  # fmt: skip
        ax.annotate(
            "\n".join(self.below), (0, 1), xycoords="axes fraction", xytext=(0, 4),
            textcoords="offset points", va="bottom", fontsize=LEAST, annotation_clip=False,
            in_layout=False, **PLAIN,
        )  # fmt: skip


def _number_width(scene: Scene) -> float:
    """Give the inches that the numbers of the axis of rates take."""
    low, high = scene.limits()
    ticks = [t for t in MaxNLocator(nbins=5).tick_values(low, high) if low <= t <= high]
    return 0.2 + 0.085 * max((len(f"{t:,.10g}") for t in ticks), default=0)


class _Room(NamedTuple):
    """Inches that panels leave free: at the left, above all, over each, between rows, and below."""

    left: float
    above: float
    over: float
    between: float
    below: float


def _grid(figure: Figure, rows: int, columns: int, room: _Room) -> Any:
    """Place panels that share their axes.

    By hand: matplotlib's own layout would measure every letter of every panel, twice.
    """
    width, height = figure.get_size_inches()
    figure.set_layout_engine("none")
    panel = (height - room.above - room.over - room.below - (rows - 1) * room.between) / rows
    across = (width - room.left - _EDGE - (columns - 1) * _BESIDE) / columns
    return figure.subplots(
        rows, columns, sharex=True, sharey=True, squeeze=False,
        gridspec_kw={
            "left": room.left / width, "right": 1 - _EDGE / width, "bottom": room.below / height,
            "top": 1 - (room.above + room.over) / height, "hspace": room.between / panel,
            "wspace": _BESIDE / across,
        },
    )  # fmt: skip


def _draw_panel(ax: Axes, scene: Scene, course: Course) -> None:
    scene.style(ax)
    scene.goal_line(ax)
    scene.breaks(ax, words=course.total)
    for run in [] if course.total else scene.total.runs():
        when, rate = scene.total.when[run], scene.total.rate[run]
        ax.plot(when, rate, color=GREY, linewidth=1.2, zorder=1.5)
    color = mpl.rcParams["text.color"] if course.total else BLUE
    look = CourseLook(color=color, marker="o", width=2.4 if course.total else 1.8)
    draw_course(ax, course, look, course.ahead.bands)
