"""The axis that all rows share, by what stands on them, and the line they are held against."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from targeted_universalism.show.pictures.canvas import NAME, PLAIN, Stratum, fitting, wrapped
from targeted_universalism.show.pictures.marks import Mark, Range
from targeted_universalism.show.pictures.rows import Row, ends_of

_LINE_CHARS = 60
_ROOM = 0.04  # of the axis: between its ends and what stands nearest to them

# Gives the axis its ends, numbers and kind, by the rows that stand on it.
Scale = Callable[[Axes, Sequence[Row]], None]


def limits(values: Iterable[float]) -> tuple[float, float]:
    """Give the ends of an axis that shows some values, with room around them."""
    shown = list(values)
    low, high = min(shown), max(shown)
    room = _ROOM * (high - low) or max(abs(high), 1.0) * 0.1
    return low - room, high + room


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
    nearest, far = (
        max([abs(math.log(x)) for x in places if x > 0], default=0.0) for places in (values, ends)
    )
    most = max(min(far, nearest + math.log(4)), nearest, math.log(1.2)) * 1.06
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
