"""One course, drawn: what was observed, the band ahead, and the way that the goal asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from targeted_universalism._typing import BoolArray
from targeted_universalism.show.courses import Course


@dataclass(frozen=True, kw_only=True)
class CourseLook:
    """Colour, marker and width of a course, and its lane at the foot."""

    color: str
    marker: str
    width: float = 1.6
    lane: int = 0


def draw_course(ax: Axes, course: Course, look: CourseLook, bands: Sequence[Any]) -> None:
    """Draw what lies ahead behind what was observed."""
    ahead = course.ahead
    for low, high in bands:
        ax.fill_between(
            ahead.when, low, high, color=look.color, alpha=0.16, linewidth=0, zorder=1.3
        )
    ax.plot(ahead.when, ahead.trend, color=look.color, linewidth=1.0, zorder=1.9)
    ax.plot(ahead.when, ahead.needed, color=look.color, linewidth=1.4, linestyle="--", zorder=2.1)
    ax.vlines(course.when, course.low, course.high, color=look.color, linewidth=1.0, zorder=2.0)
    _draw_arrows(ax, course, look)
    for run in course.runs():
        ax.plot(
            course.when[run], course.rate[run], color=look.color, linewidth=look.width, zorder=2.5
        )
    _draw_marks(ax, course, look)
    _draw_foot(ax, course, look)


def _draw_arrows(ax: Axes, course: Course, look: CourseLook) -> None:
    """End intervals in an arrow where they go beyond the axis."""
    for edge, marker, beyond in zip(
        ax.get_ylim(), "v^", course.beyond(*ax.get_ylim()), strict=True
    ):
        if beyond.any():
            ax.plot(
                course.when[beyond], np.full(int(beyond.sum()), edge), linestyle="none",
                marker=marker, markersize=5, color=look.color, clip_on=False, in_layout=False,
            )  # fmt: skip


def _draw_marks(ax: Axes, course: Course, look: CourseLook) -> None:
    """Draw a mark for each rate: hollow where unreliable, small where no trend goes through it."""
    for size, where in ((5.5, ~course.apart), (3.5, course.apart)):
        for face, hollow in ((look.color, False), ("none", True)):
            here = course.known & where & (course.unreliable == hollow)
            if not here.any():
                continue
            ax.plot(
                course.when[here], course.rate[here], linestyle="none", marker=look.marker,
                markersize=size, color=look.color, markerfacecolor=face, zorder=3, clip_on=False,
                in_layout=False,
            )  # fmt: skip


def _draw_foot(ax: Axes, course: Course, look: CourseLook) -> None:
    """Mark the years without a rate at the foot, where no rate is told by a place."""
    height = 0.025 + 0.04 * look.lane
    marks: tuple[tuple[str, BoolArray], ...] = (("s", course.hidden), ("x", course.missing))
    for marker, here in marks:
        if not here.any():
            continue
        ax.plot(
            course.when[here], np.full(int(here.sum()), height), linestyle="none", marker=marker,
            markersize=5, color=look.color, transform=ax.get_xaxis_transform(), clip_on=False,
            in_layout=False,
        )  # fmt: skip
