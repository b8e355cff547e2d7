"""What the panels of a trajectory share: courses, unit, limits, axes, the goal, and the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from targeted_universalism._typing import FloatArray
from targeted_universalism.show.courses import Course, Courses
from targeted_universalism.show.nouns import join_words
from targeted_universalism.show.pictures.canvas import (
    GREY,
    HOLLOW,
    LEAST,
    PLAIN,
    SMALL,
    WANTED_UPWARD,
    Unit,
    goal_line_words,
    target_in,
    unit_of,
    within_bounds,
)
from targeted_universalism.show.words import PASSED

_REACH = 0.5  # how far intervals and bands may stretch the axis beyond rates, goal and ways


@dataclass(frozen=True, eq=False)
class Scene:
    """The courses of one series, and the words and limits that all panels share."""

    courses: Courses

    @property
    def segments(self) -> list[Course]:
        """All but the total."""
        return [course for course in self.courses.each if not course.total]

    @property
    def total(self) -> Course:
        """The total."""
        return self.courses.each[0]

    @property
    def unit(self) -> Unit:
        """The unit in which rates are drawn."""
        return unit_of(self.courses.kind, self.courses.goal)

    @property
    def target(self) -> float:
        """The goal in that unit."""
        return target_in(self.unit, self.courses.goal)

    @property
    def goal_words(self) -> str:
        """The words of the goal line."""
        words = goal_line_words(self.courses.goal, self.courses.kind)
        return f"{words}{PASSED if self.courses.passed else ''}"

    @property
    def axis_words(self) -> str:
        """What is on the axis of rates, and which way the goal points."""
        wanted = WANTED_UPWARD[self.courses.goal.direction]
        return "; ".join(part for part in (self.unit.axis, wanted) if part)

    @property
    def title(self) -> list[str]:
        """Its lines; empty ones are left out."""
        about = filter(None, dict.fromkeys((self.courses.goal.name, self.courses.words)))
        return [*about, "Along time, where the trend leads, and the way to the goal"]

    def limits(self) -> tuple[float, float]:
        """Give the ends of the axis of rates: bands and intervals stretch it, within bounds."""
        each = self.courses.each
        firm = np.concatenate(
            [[self.target], *(c.rate for c in each), *(c.ahead.needed for c in each)]
        )
        soft = np.concatenate([
            firm,
            *(end for c in each for end in (c.low, c.high)),
            *(end for c in each for band in c.ahead.bands for end in band),
        ])  # fmt: skip
        low, high = np.nanmin(firm), np.nanmax(firm)
        room = _REACH * (high - low) or abs(high) * 0.1 or 1.0
        low = max(low - room, np.nanmin(soft) - 0.04 * room)
        high = min(high + room, np.nanmax(soft) + 0.04 * room)
        return within_bounds(self.unit, self.courses.kind, float(low), float(high))

    def scale(self, ax: Axes, years: int) -> None:
        """Give axes, and all that share theirs, time to the deadline and rates around the goal.

        At most some `years` are written.
        """
        first, end = float(self.courses.each[0].when[0]), self.courses.end
        ax.set_xlim(first - 0.02 * (end - first), end)
        ax.set_ylim(*self.limits())
        ax.xaxis.set_major_locator(MaxNLocator(nbins=years, integer=True))
        ax.xaxis.set_major_formatter("{x:.0f}")
        ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
        ax.yaxis.set_major_formatter("{x:,.10g}")

    @staticmethod
    def style(ax: Axes) -> None:
        """Give axes small numbers and a quiet grid."""
        ax.tick_params(labelsize=SMALL)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.6)
        ax.set_axisbelow(True)

    def goal_line(self, ax: Axes) -> None:
        """Draw the goal, and a mark where it is to be reached."""
        ink = mpl.rcParams["text.color"]
        ax.axhline(self.target, color=ink, linewidth=1.6, zorder=1.6)
        if self.courses.deadline > self.courses.since:
            ax.plot(
                self.courses.deadline, self.target, marker="*", markersize=13, color=ink,
                clip_on=False, zorder=4, in_layout=False,
            )  # fmt: skip

    def breaks(self, ax: Axes, words: bool) -> None:
        """Draw a line where a new series begins, with its word."""
        when = self.total.when
        for at, _ in self.courses.breaks:
            before = float(when[np.searchsorted(when, at) - 1])
            place = (before + at) / 2
            ax.axvline(place, color=GREY, linewidth=1.2, linestyle=(0, (1, 2)), zorder=1.1)
            if words:
                ax.annotate(
                    "new series", (place, 1), xycoords=ax.get_xaxis_transform(), xytext=(3, -3),
                    textcoords="offset points", rotation=90, va="top", fontsize=LEAST,
                    color=mpl.rcParams["text.color"], **PLAIN,
                )  # fmt: skip

    def key(self, together: bool) -> Iterator[str]:
        """Say once what lines and marks are."""
        each = self.courses.each
        level, bands = self.courses.confidences[0], self.shown_levels(together)
        shares = join_words([f"{100 * share:g} %" for share in bands])
        goal = f"{self.goal_words[:1].lower()}{self.goal_words[1:]}"
        clauses = {
            f"{goal}, the thick line": not together,
            f"thin upright lines: {100 * level:g} % intervals": _any(c.low for c in each),
            "arrows: beyond the axis": any(
                beyond.any() for c in each for beyond in c.beyond(*self.limits())
            ),
            f"bands: where the trend leads, {shares} of drawn trends": _any(
                c.ahead.trend for c in each
            ),
            "dashed: the way that the goal asks for": _any(c.ahead.needed for c in each),
            f"grey: {self.total.name}, for comparison": not together,
            "squares at the foot: hidden that year": any(c.hidden.any() for c in each),
            "crosses at the foot: no rate that year": any(c.missing.any() for c in each),
            HOLLOW: any(c.unreliable.any() for c in each),
            "small marks: not part of the trend": any(c.apart.any() for c in each),
        }
        return (words for words, there in clauses.items() if there)

    def shown_levels(self, together: bool) -> tuple[float, ...]:
        """Give the levels of the bands that are drawn: the narrower alone where lines cross."""
        return self.courses.confidences[-1:] if together else self.courses.confidences


def _any(values: Iterable[FloatArray]) -> bool:
    """Tell whether anything is known."""
    return any(bool(np.isfinite(one).any()) for one in values)
