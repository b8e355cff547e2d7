"""What stands on a row: a value with its interval, a stretch, a bar, or all that is possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from targeted_universalism.show.pictures.canvas import SHORT, Span

LANE = 0.32  # of a row: the height of one mark, where marks stand under each other


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
            shown, beyond = on_axis(ax, self.span.value)
            arrow = {"marker": beyond, "markersize": 9} if beyond else {}
            line(ax, [shown], [y], clip_on=False, **{**self.look.options, **arrow})

    def _draw_interval(self, ax: Axes, y: float) -> None:
        ends = [on_axis(ax, end) for end in (self.span.low, self.span.high)]
        line(
            ax, [x for x, _ in ends], [y, y], color=self.look.color, linewidth=1.6, zorder=1.8,
            solid_capstyle="butt",
        )  # fmt: skip
        for (x, beyond), side in zip(ends, "<>", strict=True):
            if beyond == side:
                line(ax, [x], [y], marker=side, color=self.look.color, markersize=6, clip_on=False)


def line(ax: Axes, x: Sequence[float], y: Sequence[float], **look: Any) -> None:
    """Draw a line, or a mark: the limits of the axes are set, and not looked at again."""
    ax.add_artist(Line2D(x, y, **look))


def on_axis(ax: Axes, x: float) -> tuple[float, str]:
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
        line(
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
        ends = [on_axis(ax, end) for end in (self.low, self.high)]
        look = {"color": mpl.rcParams["text.color"], "markersize": 7, "clip_on": False}
        line(
            ax, [x for x, _ in ends], [y, y], linewidth=1.4, linestyle=":" if self.dotted else "-",
            marker="|", markevery=[i for i, (_, beyond) in enumerate(ends) if not beyond], **look,
        )  # fmt: skip
        for x, beyond in ends:
            if beyond:
                line(ax, [x], [y], marker=beyond, linestyle="none", **look)
