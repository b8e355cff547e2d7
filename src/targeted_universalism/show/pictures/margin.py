"""Names in the margin of a picture, each beside what it names, and none on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Transform, offset_copy

from targeted_universalism.show.pictures.canvas import PLAIN, SMALL, Stratum, wrapped

_LINE, _APART = 12.5, 5.0  # points: a line of a label, room between two
_LAID_OUT = 0.92  # of the height of given axes: what title and key leave of it
_AWAY = 0.05  # of the width of the axes: from their side to the words


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words beside the axes, and the place that they speak of, in data."""

    words: str
    x: float
    y: float
    color: str
    bold: bool = False

    @property
    def points(self) -> float:
        """The height that it takes, with room to the next."""
        return _LINE * (self.words.count("\n") + 1) + _APART


def goal_label(stratum: Stratum, x: float, chars: int) -> Label:
    """Name the goal line where it ends."""
    words = "\n".join(wrapped(stratum.goal_words, chars))
    ink = mpl.rcParams["text.color"]
    return Label(words=words, x=x, y=stratum.target, color=ink, bold=True)


def inches_of(labels: Sequence[Label]) -> float:
    """Give the height that the axes need for some labels on one side."""
    return sum(label.points for label in labels) / 72


def write_labels(
    ax: Axes, labels: Sequence[Label], inches: float | None = None, *, left: bool = False
) -> None:
    """Write labels down one side, each with a line to what it names.

    They stand at fixed distances from the top of the axes, so that none lies on another however
    high the axes turn out to be: about `inches`, or what they are now. Limits are set already.
    """
    low, high = ax.get_ylim()
    if inches is None:
        inches = _LAID_OUT * ax.get_window_extent().height / ax.figure.figure.dpi
    top = 72 * inches
    ordered = sorted(labels, key=lambda label: label.y)
    heights = [min(max(label.y, low), high) for label in ordered]
    places = spread(
        [top * (height - low) / (high - low) for height in heights],
        [label.points for label in ordered],
        (0.0, top),
    )
    for label, place, height in zip(ordered, places, heights, strict=True):
        _write(ax, label, place - top, height, left)


def _write(ax: Axes, label: Label, up: float, height: float, left: bool) -> None:
    below = offset_copy(ax.transAxes, ax.figure.figure, y=up, units="points")
    ax.add_artist(
        _Pointing(
            -_AWAY if left else 1 + _AWAY, 1, label.words, to=(label.x, height),
            data=ax.transData, ink=label.color, transform=below, clip_on=False, va="center",
            ha="right" if left else "left", fontsize=SMALL,
            fontweight="bold" if label.bold else "normal", **PLAIN,
        )
    )  # fmt: skip


class _Pointing(Text):
    """Words with a line, from their edge to a place in the data, that ends short of both.

    Of matplotlib's own, an annotation, the curve is searched each time that it is measured for
    where it leaves the words: most of the time that a picture of many took.
    """

    _SHORT = (4.0, 3.0)  # points: of the words, and of the place

    def __init__(
        self, *args: Any, to: tuple[float, float], data: Transform, ink: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._to, self._data, self._ink = to, data, ink

    def draw(self, renderer: Any) -> None:
        """Draw the line, and the words."""
        start, end = (
            np.asarray(places.transform(one))
            for places, one in ((self.get_transform(), self.get_position()), (self._data, self._to))
        )
        of_words, of_place = (renderer.points_to_pixels(points) for points in self._SHORT)
        length = float(np.hypot(*(end - start)))
        if length > of_words + of_place:
            way = (end - start) / length
            ends = np.stack([start + of_words * way, end - of_place * way])
            line = Line2D(*ends.T, color=self._ink, linewidth=1.0, solid_capstyle="round")
            line.set_figure(self.figure)
            line.draw(renderer)
        super().draw(renderer)


def spread(
    wanted: Sequence[float], sizes: Sequence[float], ends: tuple[float, float]
) -> list[float]:
    """Move places apart so that none overlap, as little as it takes; both go upward.

    Blocks of labels that touch stand around the mean of what their members want, between the ends;
    where there is less room than they take, they go beyond the lower.
    """

    def inside(middle: float, size: float) -> float:
        return min(max(middle, ends[0] + size / 2), ends[1] - size / 2)

    blocks: list[list[int]] = []
    middle: list[float] = []
    for i in range(len(wanted)):
        blocks.append([i])
        middle.append(inside(wanted[i], sizes[i]))
        while len(blocks) > 1 and _touch(blocks[-2:], middle[-2:], sizes):
            last, _ = blocks.pop(), middle.pop()
            blocks[-1] += last
            mean = sum(wanted[k] for k in blocks[-1]) / len(blocks[-1])
            middle[-1] = inside(mean, sum(sizes[k] for k in blocks[-1]))
    places = [0.0] * len(wanted)
    for block, center in zip(blocks, middle, strict=True):
        down = center - sum(sizes[k] for k in block) / 2
        for k in block:
            places[k] = down + sizes[k] / 2
            down += sizes[k]
    return places


def _touch(pair: Sequence[list[int]], middle: Sequence[float], sizes: Sequence[float]) -> bool:
    half = [sum(sizes[k] for k in block) / 2 for block in pair]
    return middle[1] - half[1] < middle[0] + half[0]
