"""The slope: each segment then and now, against the one goal line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.series import series_of, window_of
from targeted_universalism.errors import InputError
from targeted_universalism.show.nouns import join_words
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import GREY, SHORT, THERE, Segment, Stratum, wrapped
from targeted_universalism.show.pictures.margin import Label, goal_label, inches_of, write_labels
from targeted_universalism.show.pictures.marks import Look
from targeted_universalism.show.pictures.scales import limits
from targeted_universalism.show.words import place_words

MOST_SEGMENTS = 60
_HEIGHT, _FRAME = 4.6, 1.1  # inches: the least of the axes, title and key
_LABEL_CHARS, _MOST_NAMED = 34, 6


def slope(
    answer: Answer,
    time: str,
    *,
    baseline: object = None,
    latest: object = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each segment's rate then and now, joined by a line, against the goal line.

    Parameters
    ----------
    time, baseline, latest
        As in :meth:`Assessment.progress`: the column of time, the first and the last time without
        them.
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since names stand beside the
        axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``. A segment that is hidden, or has no rate, at
        one end has a mark at the other and no line.

    Raises
    ------
    InputError
        As ``a.progress``; if there are several series (choose one with ``a.where(…)``), one time
        only, or more segments than anyone reads.

    Notes
    -----
    Two times say nothing of what lay between them, nor of chance: ``a.plot.trajectory`` draws
    every time, and ``a.progress`` tests the change.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "year": [2019, 2019, 2022, 2022], "group": ["A", "B"] * 2,
    ...     "absent": [30, 45, 21, 48], "pupils": [90, 250, 92, 240],
    ... })
    >>> s = tu.from_counts(
    ...     pupils, numerator="absent", denominator="pupils", segments="group", by="year"
    ... )
    >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.slope("year")
    >>> ax.tu_alt.split(". ")[-2]
    'A: 33.3 % in 2019, 22.8 % in 2022; nearer to the goal by 10.5 points'

    """
    shown = _two_times(answer, time, baseline, latest)
    sides = (
        list(_labels(shown, 0)),
        [*_labels(shown, 1), goal_label(shown.stratum, 1, _LABEL_CHARS)],
    )
    height = max(_HEIGHT, *map(inches_of, sides))
    inches = height if ax is None else None
    ax = canvas.titled(ax, shown.title, height + _FRAME, 10)
    _draw_axes(ax, shown)
    for change in reversed(shown.changes):
        _draw(ax, change)
    for labels, left in zip(sides, (True, False), strict=True):
        write_labels(ax, labels, inches, left=left)
    canvas.write_key(ax, shown.axis, _key(shown))
    canvas.say(ax, [*shown.title, shown.stratum.goal_words, *_sentences(shown)])
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Change:
    """One segment at two times."""

    name: str
    ends: tuple[Segment, Segment]

    @property
    def total(self) -> bool:
        """Whether it is of all segments together."""
        return self.ends[0].row == 0

    @property
    def nowhere(self) -> bool:
        """Whether it has no rate at either time."""
        return not any(end.rate.known for end in self.ends)

    @property
    def whole(self) -> bool:
        """Whether it has a rate at both."""
        return all(end.rate.known for end in self.ends)


@dataclass(frozen=True, kw_only=True)
class _Slope:
    """The segments of one series at two times, whose names are `times`."""

    stratum: Stratum
    place: str
    times: tuple[str, str]
    changes: tuple[_Change, ...]

    @property
    def title(self) -> tuple[str, ...]:
        return (
            self.stratum.goal.name,
            self.place,
            f"Then and now: {self.times[0]} and {self.times[1]}",
        )

    @property
    def axis(self) -> str:
        wanted = canvas.WANTED_UPWARD[self.stratum.goal.direction]
        return "; ".join(part for part in (self.stratum.unit.axis, wanted) if part)


def _two_times(answer: Answer, time: str, baseline: object, latest: object) -> _Slope:
    """Give the two times of the series that is drawn."""
    window = window_of(series_of(answer, time), baseline, latest)
    position = canvas.only_series(window.series.strata, time, "slope")
    series = window.series
    levels = int(window.baseline[position]), int(window.latest[position])
    if min(levels) < 0 or levels[0] == levels[1]:
        raise InputError(
            f"A slope needs two times of {time!r}, and there is one: give more of them, or draw it "
            "alone, as in a.plot.gaps()."
        )
    then, now = (
        Stratum(answer=answer, position=int(series.place[level, position])) for level in levels
    )
    rows = [row for row in range(len(answer.labels)) if series.seen[row, position]]
    _check(answer, len(rows))
    several = len({int(answer.dimension_of[row]) for row in rows} - {0}) > 1
    return _Slope(
        stratum=now,
        place=place_words(series.strata, position),
        times=(series.times.labels[levels[0]], series.times.labels[levels[1]]),
        changes=tuple(
            _Change(name=now.name(end, several), ends=(then.segment(end.row), end))
            for end in map(now.segment, rows)
        ),
    )


def _check(answer: Answer, rows: int) -> None:
    if rows - 1 > MOST_SEGMENTS:
        fix = canvas.fewer_segments(answer, "slope(…)", "a.progress(…)")
        raise InputError(
            f"{rows - 1:,} segments are more than a picture can show ({MOST_SEGMENTS}): {fix}."
        )


# --- drawing ------------------------------------------------------------------------------------


def _draw_axes(ax: Axes, shown: _Slope) -> None:
    """Make the axis of rates, the goal on it, and one upright for each time."""
    rates = [end.rate.value for c in shown.changes for end in c.ends if end.rate.known]
    ax.set_ylim(*shown.stratum.cut(*limits([shown.stratum.target, *rates])))
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 1], shown.times, fontsize=canvas.NAME, fontweight="bold", **canvas.PLAIN)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.set_yticklabels([])
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "bottom"]].set_visible(False)
    ax.spines[["left", "right"]].set_color(GREY)
    ax.axhline(shown.stratum.target, color=mpl.rcParams["text.color"], linewidth=1.6, zorder=1.6)


def _draw(ax: Axes, change: _Change) -> None:
    """Draw both ends by where they stand, and the line between them."""
    if change.whole:
        ax.plot(
            [0, 1], [end.rate.value for end in change.ends], color=_color(change.ends[1], change),
            linewidth=2.6 if change.total else 1.4, zorder=2,
        )  # fmt: skip
    for x, end in enumerate(change.ends):
        if end.rate.known:
            look = Look(
                marker="o" if end.gap > 0 else "D", color=_color(end, change), size=6,
                hollow=end.unreliable,
            )  # fmt: skip
            ax.plot(x, end.rate.value, clip_on=False, zorder=3, **look.options)


def _color(end: Segment, change: _Change) -> str:
    if change.total:
        return str(mpl.rcParams["text.color"])
    return SHORT if end.gap > 0 else THERE


def _labels(shown: _Slope, side: int) -> Iterator[Label]:
    """Name every segment at one of its ends, and say there what is not known of the other."""
    unit = shown.stratum.unit
    for change in shown.changes:
        end, other = change.ends[side], change.ends[1 - side]
        if end.rate.known:
            name = change.name if side or not other.rate.known else ""
            words = ": ".join(part for part in (name, unit.rate(end.rate.value)) if part)
            if not other.rate.known:
                words = f"{words} ({_missing(other)} in {shown.times[1 - side]})"
            lines = "\n".join(wrapped(words, _LABEL_CHARS))
            color = _color(end, change)
            yield Label(words=lines, x=side, y=end.rate.value, color=color, bold=change.total)


def _missing(end: Segment) -> str:
    return "suppressed" if end.hidden else "no data"


# --- words --------------------------------------------------------------------------------------


def _key(shown: _Slope) -> Iterator[str]:
    """Say once what the marks are, and who has none."""
    ends = [end for change in shown.changes for end in change.ends if end.rate.known]
    if any(end.gap > 0 for end in ends):
        yield "circles: way still to go"
    if any(end.gap <= 0 for end in ends):
        yield "diamonds: at or past the goal"
    if any(end.unreliable for end in ends):
        yield canvas.HOLLOW
    for what, hidden in (("suppressed both times", True), ("no data", False)):
        names = [c.name for c in shown.changes if c.nowhere and _hidden(c) == hidden]
        if names:
            few = len(names) <= _MOST_NAMED
            yield f"{what}: {join_words(names) if few else f'{len(names)} segments'}"


def _hidden(change: _Change) -> bool:
    return any(end.hidden for end in change.ends)


def _sentences(shown: _Slope) -> Iterator[str]:
    """Say every segment then and now, and whether it came nearer to the goal."""
    unit = shown.stratum.unit
    for change in shown.changes:
        said = [
            f"{unit.rate(end.rate.value) if end.rate.known else _missing(end)} in {time}"
            + ", unreliable" * end.unreliable
            for end, time in zip(change.ends, shown.times, strict=True)
        ]
        moved = _moved(change.ends, shown) if change.whole else ""
        yield f"{change.name}: {'; '.join(part for part in (', '.join(said), moved) if part)}"


def _moved(ends: Sequence[Segment], shown: _Slope) -> str:
    """Say by how much the gap changed, if at all."""
    unit = shown.stratum.unit
    nearer = ends[0].gap - ends[1].gap
    size = f"{unit.number(abs(nearer))}{unit.points}"
    if nearer == 0:
        return "no change"
    if ends[1].gap <= 0:
        return "at or past the goal"
    return f"nearer to the goal by {size}" if nearer > 0 else f"further from the goal by {size}"
