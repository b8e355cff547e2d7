"""All courses in one panel, each named at the end of its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from targeted_universalism.show.courses import Course
from targeted_universalism.show.pictures.canvas import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    say,
    titled,
    write_key,
)
from targeted_universalism.show.pictures.margin import Label, write_labels
from targeted_universalism.show.pictures.trajectory.lines import CourseLook, draw_course
from targeted_universalism.show.pictures.trajectory.scene import Scene
from targeted_universalism.show.pictures.trajectory.words import (
    broken,
    latest,
    outlook_words,
    sentences,
)

_HEIGHT = 4.6  # inches
_LOOKS = ((BLUE, "o"), (ORANGE, "s"), (PURPLE, "^"), (GREEN, "D"))


def draw_together(scene: Scene, ax: Axes | None) -> Axes:
    """Draw all segments in one panel, each named at the end of its line."""
    inches = _HEIGHT if ax is None else None
    ax = titled(ax, scene.title, _HEIGHT + 1.1, 10)
    scene.scale(ax, years=7)
    scene.style(ax)
    scene.goal_line(ax)
    scene.breaks(ax, words=True)
    each = scene.courses.each
    looks = list(_looks(each))
    for course, look in reversed(list(zip(each, looks, strict=False))):
        draw_course(ax, course, look, course.ahead.bands[-1:])
    write_labels(ax, list(_labels(ax, scene, [look.color for look in looks])), inches)
    write_key(ax, scene.axis_words, scene.key(together=True))
    say(ax, [*scene.title, scene.goal_words, *sentences(scene)])
    return ax


def _looks(each: Sequence[Course]) -> Iterator[CourseLook]:
    """Give each course a colour and a marker, and those with gaps a lane at the foot."""
    lane = 0
    first = CourseLook(color=mpl.rcParams["text.color"], marker="o", width=3.0)
    every = [first, *(CourseLook(color=color, marker=marker) for color, marker in _LOOKS)]
    for course, look in zip(each, every, strict=False):
        yield replace(look, lane=lane)
        lane += int((course.hidden | course.missing).any())


def _labels(ax: Axes, scene: Scene, colors: Sequence[str]) -> Iterator[Label]:
    """Name the goal and every course at the right, where each ends."""
    end = ax.get_xlim()[1]
    goal = broken(scene.goal_words)
    yield Label(words=goal, x=end, y=scene.target, color=colors[0], bold=True)
    for course, color in zip(scene.courses.each, colors, strict=False):
        said = [f"{course.name}: {latest(course, scene.unit)}", *outlook_words(course, scene)]
        height = _end(course)
        yield Label(
            words="\n".join(broken(part) for part in said),
            x=end,
            y=ax.get_ylim()[0] if np.isnan(height) else height,
            color=color,
        )


def _end(course: Course) -> float:
    """Give the height at which a course ends: its trend's, else that of its latest rate."""
    trend = course.ahead.trend[-1]
    if np.isfinite(trend):
        return float(trend)
    return float(course.rate[course.last]) if course.last >= 0 else float("nan")
