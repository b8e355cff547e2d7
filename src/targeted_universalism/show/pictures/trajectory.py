"""The trajectory: each segment along time, where its trend leads, and what the goal asks of it.

What was observed is a line with marks; it is never joined over a year that is hidden or missing,
nor over a break. What lies ahead is a band and a thin line, and what the goal asks is dashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.progress import Asked
from targeted_universalism.errors import InputError
from targeted_universalism.show.courses import Course, Courses, courses_of, joined
from targeted_universalism.show.nouns import join_words
from targeted_universalism.show.pictures.canvas import (
    BLUE,
    GREEN,
    GREY,
    HOLLOW,
    KEY_CHARS,
    LEAST,
    NAME,
    ORANGE,
    PLAIN,
    PURPLE,
    SMALL,
    TITLE,
    WANTED_UPWARD,
    WIDTH,
    Unit,
    fewer_segments,
    fitting,
    goal_line_words,
    only_series,
    say,
    target_in,
    title_lines,
    titled,
    unit_of,
    wrapped,
    write_key,
)
from targeted_universalism.show.pictures.margin import Label, write_labels
from targeted_universalism.show.pictures.paper import leaf, new_figure

# Together in one panel: more lines than this nobody can tell apart.
_TOGETHER = 4
MOST_PANELS = 48
_LOOKS = ((BLUE, "o"), (ORANGE, "s"), (PURPLE, "^"), (GREEN, "D"))
_HEIGHT, _PANEL, _AROUND = 4.6, 2.2, 2.2  # inches: one for all, one of many, title and key
_LABEL_CHARS, _PANEL_CHARS = 44, 34
_REACH = 0.5  # how far intervals and bands may stretch the axis beyond rates, goal and ways


def trajectory(
    answer: Answer,
    time: str,
    *,
    baseline: object = None,
    latest: object = None,
    pace: str | None = None,
    breaks: object = (),
    draws: int = 2000,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw every segment along time: its rates, its trend ahead, and the way to the goal.

    Parameters
    ----------
    time, baseline, latest, pace, breaks, draws, seed
        As in :meth:`Assessment.progress`.
    ax : Axes, optional
        Where to draw up to four segments, best in a figure with ``layout="constrained"``, since
        labels stand beside the axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``. Beyond four segments each has a panel of its
        own, and the axes are those of the first; ``ax.figure`` holds them all.

    Raises
    ------
    InputError
        As ``a.progress``; if there are several series (choose one with ``a.where(…)``), more
        segments than panels, or more than four and an ``ax``.

    Notes
    -----
    The band is where the trend may lead: 80 % of drawn trends and the confidence of the answer,
    the same draws as those of the probability in ``a.progress``. A rate that is counted later
    varies by chance around its trend.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "year": [2019, 2019, 2020, 2020, 2021, 2021, 2022, 2022],
    ...     "group": ["Black", "White"] * 4,
    ...     "graduated": [690, 1700, 705, 1710, 722, 1705, 741, 1712],
    ...     "cohort": [1000, 2000] * 4,
    ... })
    >>> a = tu.assess(
    ...     tu.from_counts(
    ...         pupils, numerator="graduated", denominator="cohort", segments="group", by="year"
    ...     ),
    ...     tu.Goal.at_least(0.90, name="Graduate in four years", deadline=2030),
    ... )
    >>> a.plot.trajectory("year").tu_alt.split(". ")[4]
    'Black: 69.0 % in 2019 to 74.1 % in 2022; at the goal in 2036 (2030 at the earliest); \
chance by 2030: 6 %'

    """
    asked = Asked(
        time=time, baseline=baseline, latest=latest, pace=pace, breaks=breaks, draws=draws,
        seed=seed,
    )  # fmt: skip
    return _drawn(answer, _Picture(_one_series(answer, asked)), ax)


def along(answer: Answer, courses: Courses) -> Axes:
    """Draw a series that has been followed already; the answer is that of its strata."""
    return _drawn(answer, _Picture(courses), None)


def _drawn(answer: Answer, picture: _Picture, ax: Axes | None) -> Axes:
    if len(picture.segments) <= _TOGETHER:
        return _draw_together(picture, ax)
    _check_panels(answer, picture, ax)
    return _draw_panels(picture)


def fits(answer: Answer) -> bool:
    """Tell whether a picture can show every segment."""
    return int(answer.seen.any(axis=1).sum()) <= MOST_PANELS


def _one_series(answer: Answer, asked: Asked) -> Courses:
    """Give the series that is drawn: the only one, or the only roll-up."""
    every = courses_of(answer, asked)
    position = only_series(every[0].series.strata, asked.time, "trajectory")
    return next(one for one in every if one.position == position)


def _check_panels(answer: Answer, picture: _Picture, ax: Axes | None) -> None:
    """Stop where there are more panels than fit, or where they should go into one."""
    if not fits(answer):
        fix = fewer_segments(answer, "trajectory(…)", "a.progress(…)")
        raise InputError(
            f"{len(picture.courses.each)} panels are more than a picture can show ({MOST_PANELS}): "
            f"{fix}."
        )
    if ax is not None:
        raise InputError(
            f"{len(picture.segments)} segments need a panel each, and ax= is one: leave it out, or "
            f"keep up to {_TOGETHER}, as in a.where(dimension=…)."
        )


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Picture:
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
        return goal_line_words(self.courses.goal, self.courses.kind)

    @property
    def axis_words(self) -> str:
        """What is on the axis of rates, and which way the goal points."""
        wanted = WANTED_UPWARD[self.courses.goal.direction]
        return "; ".join(part for part in (self.unit.axis, wanted) if part)

    @property
    def title(self) -> list[str]:
        """Its lines; empty ones are left out."""
        return [*filter(None, dict.fromkeys((self.courses.goal.name, self.courses.words)))]

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
        bottom = 0.0 if self.courses.kind != "mean" else -np.inf
        return max(float(low), bottom), min(float(high), 100.0) if self.unit.percent else float(
            high
        )

    def axis(self, ax: Axes) -> None:
        """Make both axes: time to the deadline, rates with the goal among them."""
        first, end = float(self.courses.each[0].when[0]), self.courses.end
        ax.set_xlim(first - 0.02 * (end - first), end)
        ax.set_ylim(*self.limits())
        ax.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
        ax.xaxis.set_major_formatter("{x:.0f}")
        ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
        ax.yaxis.set_major_formatter("{x:,.10g}")
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


@dataclass(frozen=True, kw_only=True)
class _Look:
    """Colour, marker and width of a course, and its lane at the foot."""

    color: str
    marker: str
    width: float = 1.6
    lane: int = 0


def _draw_course(ax: Axes, course: Course, look: _Look, bands: Sequence[Any]) -> None:
    """Draw what lies ahead behind what was observed."""
    ahead = course.ahead
    for low, high in bands:
        ax.fill_between(
            ahead.when, low, high, color=look.color, alpha=0.16, linewidth=0, zorder=1.3
        )
    ax.plot(ahead.when, ahead.trend, color=look.color, linewidth=1.0, zorder=1.9)
    ax.plot(ahead.when, ahead.needed, color=look.color, linewidth=1.4, linestyle="--", zorder=2.1)
    ax.vlines(course.when, course.low, course.high, color=look.color, linewidth=1.0, zorder=2.0)
    for run in course.runs():
        ax.plot(
            course.when[run], course.rate[run], color=look.color, linewidth=look.width, zorder=2.5
        )
    _draw_marks(ax, course, look)
    _draw_foot(ax, course, look)


def _draw_marks(ax: Axes, course: Course, look: _Look) -> None:
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


def _draw_foot(ax: Axes, course: Course, look: _Look) -> None:
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


# --- one panel ----------------------------------------------------------------------------------


def _draw_together(picture: _Picture, ax: Axes | None) -> Axes:
    """Draw all segments in one panel, each named at the end of its line."""
    title = [*picture.title, "Along time, where the trend leads, and the way to the goal"]
    inches = _HEIGHT if ax is None else None
    ax = titled(ax, title, _HEIGHT + 1.1, 10)
    picture.axis(ax)
    picture.goal_line(ax)
    picture.breaks(ax, words=True)
    each = picture.courses.each
    looks = list(_looks(each))
    for course, look in reversed(list(zip(each, looks, strict=False))):
        _draw_course(ax, course, look, course.ahead.bands[-1:])
    write_labels(ax, list(_labels(ax, picture, [look.color for look in looks])), inches)
    write_key(ax, picture.axis_words, picture.key(together=True))
    say(ax, [*title, picture.goal_words, *_sentences(picture)])
    return ax


def _looks(each: Sequence[Course]) -> Iterator[_Look]:
    """Give each course a colour and a marker, and those with gaps a lane at the foot."""
    lane = 0
    first = _Look(color=mpl.rcParams["text.color"], marker="o", width=3.0)
    every = [first, *(_Look(color=color, marker=marker) for color, marker in _LOOKS)]
    for course, look in zip(each, every, strict=False):
        yield replace(look, lane=lane)
        lane += int((course.hidden | course.missing).any())


def _labels(ax: Axes, picture: _Picture, colors: Sequence[str]) -> Iterator[Label]:
    """Name the goal and every course at the right, where each ends."""
    end = ax.get_xlim()[1]
    goal = _wrapped(picture.goal_words)
    yield Label(words=goal, x=end, y=picture.target, color=colors[0], bold=True)
    for course, color in zip(picture.courses.each, colors, strict=False):
        said = [f"{course.name}: {_latest(course, picture.unit)}", *_outlook(course, picture)]
        height = _end(course)
        yield Label(
            words="\n".join(_wrapped(part) for part in said),
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


# --- a panel for each ---------------------------------------------------------------------------


def _draw_panels(picture: _Picture) -> Axes:
    """Draw a panel for the total and for each segment, all with the same axes."""
    every = picture.courses.each
    columns = max(1, int((3 if len(every) <= 12 else 4) * leaf().width / WIDTH))
    part = leaf().choose(leaf().shares([_PANEL] * -(-len(every) // columns), _AROUND))
    each = every[part.start * columns : part.stop * columns]
    rows = -(-len(each) // columns)
    title = [*picture.title, "Along time, where the trend leads, and the way to the goal"]
    lines = title_lines(title)
    key = "; ".join(picture.key(together=False))
    words = [picture.axis_words, f"{key[:1].upper()}{key[1:]}."]
    text = [line for part in words for line in wrapped(part, fitting(KEY_CHARS + 14))]
    figure = new_figure(_PANEL * rows + 0.22 * len(lines) + 0.9, leaf().width)
    chars = _PANEL_CHARS if columns < 4 else _PANEL_CHARS - 9
    heads = [_Head.of(picture, course, chars) for course in each]
    over = max(head.inches for head in heads)
    numbers = 0.2 * (len(each) < rows * columns)  # of years, under a row that is not the last
    room = _Room(
        left=_number_width(picture), above=0.22 * len(lines) + 0.1, over=over,
        between=over + 0.1 + numbers, below=0.17 * len(text) + 0.35,
    )  # fmt: skip
    grid = _grid(figure, rows, columns, room)
    panels = list(grid.ravel())
    for panel, course, head in zip(panels, each, heads, strict=False):
        _draw_panel(panel, picture, course)
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
    say(panels[0], [*title, picture.goal_words, *_sentences(picture)])
    first: Axes = panels[0]
    return first


@dataclass(frozen=True)
class _Head:
    """What stands over a panel: the name, and what is said of its course."""

    name: list[str]
    below: list[str]

    @classmethod
    def of(cls, picture: _Picture, course: Course, chars: int) -> _Head:
        """Break both into lines of so many letters."""
        several = len({one.dimension for one in picture.segments}) > 1 and not course.total
        name = f"{course.dimension}: {course.name}" if several else course.name
        when, *chance = [*_outlook(course, picture), ""]
        said = (joined([_latest(course, picture.unit), when]), *chance)
        lines = [line for part in said for line in wrapped(part, chars + 4)]
        return cls(wrapped(name, chars), lines)

    @property
    def inches(self) -> float:
        """How high it is."""
        return (self._pad + 1.3 * NAME * len(self.name)) / 72

    @property
    def _pad(self) -> float:
        return 6 + 1.3 * LEAST * len(self.below)

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


def _number_width(picture: _Picture) -> float:
    """Give the inches that the numbers of the axis of rates take."""
    low, high = picture.limits()
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
    across = (width - room.left - 0.1 - (columns - 1) * 0.15) / columns
    return figure.subplots(
        rows, columns, sharex=True, sharey=True, squeeze=False,
        gridspec_kw={
            "left": room.left / width, "right": 1 - 0.1 / width, "bottom": room.below / height,
            "top": 1 - (room.above + room.over) / height, "hspace": room.between / panel,
            "wspace": 0.15 / across,
        },
    )  # fmt: skip


def _draw_panel(ax: Axes, picture: _Picture, course: Course) -> None:
    picture.axis(ax)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    picture.goal_line(ax)
    picture.breaks(ax, words=course.total)
    for run in [] if course.total else picture.total.runs():
        when, rate = picture.total.when[run], picture.total.rate[run]
        ax.plot(when, rate, color=GREY, linewidth=1.2, zorder=1.5)
    color = mpl.rcParams["text.color"] if course.total else BLUE
    look = _Look(color=color, marker="o", width=2.4 if course.total else 1.8)
    _draw_course(ax, course, look, course.ahead.bands)


# --- in words -----------------------------------------------------------------------------------


def _wrapped(text: str) -> str:
    return "\n".join(wrapped(text, fitting(_LABEL_CHARS)))


def _latest(course: Course, unit: Unit) -> str:
    """Say the latest rate, or that there is none."""
    if course.last >= 0:
        return unit.rate(float(course.rate[course.last]))
    return "hidden every year" if course.hidden.any() else "no rate in any year"


def _outlook(course: Course, picture: _Picture) -> list[str]:
    """Say when the goal is reached, and how likely by the deadline."""
    if course.last < 0:
        return []
    chance, by = course.outlook.chance, picture.courses.goal.deadline
    return [course.outlook.sentence, *([f"chance by {by}: {chance}"] if chance else [])]


def _sentences(picture: _Picture) -> Iterator[str]:
    """Put every course into words, the total first."""
    for _, name in picture.courses.breaks:
        yield f"A new series begins in {name}"
    for course in picture.courses.each:
        words = [_observed(course, picture), *_outlook(course, picture), *_gaps(course, picture)]
        yield f"{course.name}: {joined(words)}"


def _observed(course: Course, picture: _Picture) -> str:
    known = np.flatnonzero(course.known).tolist()
    if not known:
        return _latest(course, picture.unit)
    labels = [picture.courses.series.times.labels[i] for i in picture.courses.here]
    ends = [
        f"{picture.unit.rate(float(course.rate[i]))} in {labels[i]}" for i in (known[0], known[-1])
    ]
    return " to ".join(dict.fromkeys(ends))


def _gaps(course: Course, picture: _Picture) -> Iterator[str]:
    """Name the years without a rate."""
    if course.last < 0:
        return
    labels = np.array([picture.courses.series.times.labels[i] for i in picture.courses.here])
    for words, here in (("hidden in", course.hidden), ("no rate in", course.missing)):
        if here.any():
            yield f"{words} {join_words(labels[here].tolist())}"
