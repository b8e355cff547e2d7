"""The funnel: segments or places by their size, and how far chance alone takes one at the goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import InputError, check_text, did_you_mean
from targeted_universalism.labels import label
from targeted_universalism.measures.control import control_limits
from targeted_universalism.measures.exact import is_whole
from targeted_universalism.show.nouns import join_words
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import GREY, SHORT, THERE, Segment, Stratum, wrapped
from targeted_universalism.show.pictures.margin import Label, goal_label, inches_of, write_labels
from targeted_universalism.show.pictures.marks import Look
from targeted_universalism.show.pictures.scales import limits, reach

SHARES = (0.95, 0.998)
_HEIGHT, _FRAME = 4.6, 1.1  # inches: the least of the axes, title and key
_LABEL_CHARS, _MOST_LABELS, _MOST_NAMED = 40, 40, 6
_STEPS = 300  # of the curves of the limits
_WIDE = 30  # times: where sizes are further apart, they stand on a log axis


def funnel(answer: Answer, segment: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw segments, or one segment in every place, by size, in a funnel around the goal.

    Parameters
    ----------
    segment : str, optional
        The segment, or the total, whose places are drawn; the segments of one stratum without it.
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since names stand beside the
        axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``. Those further from the goal than the limits are
        named, and nobody is ranked.

    Raises
    ------
    InputError
        If there are several strata and no segment is named, or no roll-up; or the segment is not
        there.

    Notes
    -----
    The limits are those of :func:`control_limits`, exact and around the goal, not around an
    average: 95 % and 99.8 % of groups of that size whose chance is the goal lie between them.
    Within them a gap may be chance; it is a gap all the same, and ``a.table`` counts its people.
    Counts that scatter by more than chance lie beyond them more often: there is no allowance for
    overdispersion, which would widen the funnel by the very inequality that it is to show.
    Published rates, weighted records and means have no whole counts and no place in it: they are
    named under it, and ``a.plot.gaps()`` draws them.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({"race": ["A", "B"], "absent": [30, 45], "pupils": [90, 250]})
    >>> s = tu.from_counts(pupils, numerator="absent", denominator="pupils", segments="race")
    >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.funnel()
    >>> ax.tu_alt.split(". ")[-2]
    'A: 33.3 % of 90, further from the goal than the 99.8 % limit'

    """
    shown = _segments(answer) if segment is None else _places(answer, segment)
    labels = list(_labels(shown))
    height = max(_HEIGHT, inches_of([*labels, *labels[:1]]))
    inches = height if ax is None else None
    ax = canvas.titled(ax, shown.title, height + _FRAME, 10)
    _draw_axes(ax, shown)
    _draw_limits(ax, shown)
    for point in sorted(shown.points, key=lambda point: point.outside):
        ax.plot(point.people, point.rate, clip_on=False, zorder=2.5, **_look(point).options)
    goal = goal_label(shown.stratum, ax.get_xlim()[1], _LABEL_CHARS)
    write_labels(ax, [*labels, goal], inches)
    canvas.write_key(ax, shown.axis, _key(shown))
    canvas.say(ax, [*shown.title, shown.stratum.goal_words, *_sentences(shown)])
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Point:
    """A segment in one stratum by its size, in the unit that is shown.

    `outside` counts the limits that it lies beyond; `away` says that this is not past the goal.
    """

    name: str
    people: float
    segment: Segment
    outside: int

    @property
    def rate(self) -> float:
        """Its rate, in the unit that is shown."""
        return self.segment.rate.value

    @property
    def away(self) -> bool:
        """Whether it lies beyond a limit on the side away from the goal."""
        return self.outside > 0 and self.segment.gap > 0


@dataclass(frozen=True, eq=False, kw_only=True)
class _Funnel:
    """Points around the goal of one stratum, and who has no place among them."""

    stratum: Stratum
    what: str
    points: tuple[_Point, ...]
    hidden: tuple[str, ...]
    uncounted: tuple[str, ...]

    @property
    def title(self) -> tuple[str, ...]:
        how = "By size, in a funnel of chance around the goal"
        why = "" if self.points else "No funnel: it needs whole counts of events and people"
        return self.stratum.goal.name, self.what, why or how

    @property
    def axis(self) -> str:
        people = self.stratum.goal.people
        return f"Across: how many {people}. Upward: {self.upward}"

    @property
    def upward(self) -> str:
        unit, goal = self.stratum.unit.axis, self.stratum.goal
        words = (unit[:1].lower() + unit[1:], canvas.WANTED_UPWARD[goal.direction])
        return "; ".join(part for part in words if part)

    @cached_property
    def sizes(self) -> FloatArray:
        return np.array([point.people for point in self.points])

    def limits(self, people: FloatArray, share: float) -> tuple[FloatArray, FloatArray]:
        """Give the limits for groups of some sizes, in the unit that is shown."""
        goal, scale = self.stratum.goal, self.stratum.unit.scale * float(self.stratum.goal.per)
        low, high = control_limits(people, float(goal.fraction), share, kind=self.stratum.kind)
        return low * scale, high * scale


def _segments(answer: Answer) -> _Funnel:
    """Give the segments of the stratum that is drawn."""
    strata = answer.segments.strata
    if len(strata) > 1 and strata.rolled_up.sum() != 1:
        first, total = canvas.choice_words(strata, 0), answer.labels[0]
        raise InputError(
            f"There are {len(strata):,} strata: choose one, as in a.where({first}).plot.funnel(), "
            f"or name a segment to see it in all of them, as in a.plot.funnel({total!r})."
        )
    stratum = canvas.readable_stratum(answer, "funnel()")
    several = len({one.dimension for one in stratum.segments}) > 2
    found = [(stratum.name(one, several), stratum, one) for one in stratum.segments if one.row]
    return _funnel(answer, found, stratum, ["Each segment", stratum.words])


def _places(answer: Answer, name: str) -> _Funnel:
    """Give one segment in every stratum; what is rolled up is none."""
    strata = answer.segments.strata
    if len(strata.measured) > 1:
        first = strata.indicators[int(strata.indicator[0])]
        raise InputError(
            "A funnel has one goal, and there are several indicators: choose one, as in "
            f"a.where(indicator={first!r}).plot.funnel({name!r})."
        )
    row = _row_of(answer, name)
    found = []
    for position in np.flatnonzero(~strata.rolled_up & answer.there[row]).tolist():
        stratum = Stratum(answer=answer, position=position)
        values = (strata.value(column, position) for column in strata.names)
        place = ", ".join(label(value) for value in values if value is not None)
        found.append((place or name, stratum, stratum.segment(row)))
    where = join_words(list(strata.names))
    words = [name, f"in each {where}" if where else ""]
    return _funnel(answer, found, found[0][1], words)


def _row_of(answer: Answer, name: str) -> int:
    check_text("segment", name)
    rows: IntArray = np.flatnonzero(np.array(answer.labels, dtype=object) == name)
    if not len(rows):
        raise InputError(f"There is no segment {name!r}. {did_you_mean(name, answer.labels)}")
    if len(rows) > 1:
        first = answer.dimensions[int(answer.dimension_of[rows[0]])].name
        raise InputError(
            f"{len(rows)} dimensions have a segment {name!r}: choose one, as in "
            f"a.where(dimension={first!r}).plot.funnel({name!r})."
        )
    return int(rows[0])


def _funnel(
    answer: Answer,
    found: Sequence[tuple[str, Stratum, Segment]],
    stratum: Stratum,
    words: Sequence[str],
) -> _Funnel:
    """Give a place to all that have whole counts; name who is hidden, and who has none."""
    rated = [(name, s, one) for name, s, one in found if one.rate.known]
    counted = [(name, s, one) for name, s, one in rated if _counted(answer, s, one.row)]
    shown = _Funnel(
        stratum=stratum,
        what=", ".join(word for word in words if word),
        points=tuple(
            _Point(name=name, people=_value(answer, s, one.row, "population"), segment=one,
                   outside=0)
            for name, s, one in counted
        ),
        hidden=tuple(name for name, _, one in found if one.hidden),
        uncounted=tuple(name for name, s, one in rated if not _counted(answer, s, one.row)),
    )  # fmt: skip
    events = np.array([_value(answer, s, one.row, "events") for _, s, one in counted])
    return replace(shown, points=tuple(_placed(shown, events)))


def _placed(shown: _Funnel, events: FloatArray) -> Iterator[_Point]:
    """Count the limits that each point lies beyond: counts on a limit are within it."""
    beyond = np.zeros(len(shown.points), dtype=np.int64)
    rates = events / shown.sizes * shown.stratum.unit.scale * float(shown.stratum.goal.per)
    for share in SHARES:
        low, high = shown.limits(shown.sizes, share)
        hair = 1e-9 * np.abs(rates)
        beyond += (rates < low - hair) | (rates > high + hair)
    for point, outside in zip(shown.points, beyond.tolist(), strict=True):
        yield replace(point, outside=outside)


def _value(answer: Answer, stratum: Stratum, row: int, name: str) -> float:
    return float(answer.values[name][row, stratum.position])


def _counted(answer: Answer, stratum: Stratum, row: int) -> bool:
    """Tell whether there are whole counts, neither weighted nor published as a rate."""
    events, people, n = (_value(answer, stratum, row, k) for k in ("events", "population", "n"))
    whole = people if stratum.kind == "proportion" else 1.0
    weighted = np.isfinite(n) and n != people and stratum.kind == "proportion"
    return bool(people > 0 and is_whole(np.array(events), np.array(whole)) and not weighted)


# --- drawing ------------------------------------------------------------------------------------


def _draw_axes(ax: Axes, shown: _Funnel) -> None:
    """Make both axes: sizes, log where they lie far apart, and rates with the goal among them."""
    sizes = shown.sizes if shown.points else np.array([1.0])
    smallest, largest = float(sizes.min()), float(sizes.max())
    if largest > _WIDE * smallest:
        ax.set_xscale("log")
        ax.set_xlim(smallest / 1.15, largest * 1.15)
        ax.xaxis.set_minor_formatter("")
    else:
        ax.set_xlim(*limits([smallest, largest]))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.xaxis.set_major_formatter("{x:,.10g}")
    ends = zip(*shown.limits(sizes, SHARES[0]), strict=True)
    rates = [shown.stratum.target, *(point.rate for point in shown.points)]
    wide = reach(rates, [(float(a), float(b)) for a, b in ends])
    ax.set_ylim(*shown.stratum.cut(*limits(wide)))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.yaxis.set_major_formatter("{x:,.10g}")
    ax.tick_params(labelsize=canvas.SMALL)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)


def _draw_limits(ax: Axes, shown: _Funnel) -> None:
    """Draw the goal and the limits around it, for every size on the axis."""
    ink = mpl.rcParams["text.color"]
    ax.axhline(shown.stratum.target, color=ink, linewidth=1.6, zorder=1.6)
    if not shown.points:
        return
    people = np.geomspace(max(ax.get_xlim()[0], 1.0), ax.get_xlim()[1], _STEPS)
    if shown.stratum.kind == "proportion":
        people = np.unique(np.round(people))
    for share, style in zip(SHARES, ((0, (5, 3)), "-"), strict=True):
        for limit in shown.limits(people, share):
            ax.plot(people, limit, color=ink, linewidth=0.9, linestyle=style, zorder=1.4)


def _look(point: _Point) -> Look:
    """Say by shape and colour beyond which limit it lies, and on which side."""
    shape, color, size = "o", GREY, 5.0
    if point.outside:
        color, size = (SHORT, 7.0) if point.away else (THERE, 6.0)
        shape = ("o", "^")[point.outside - 1] if point.away else "D"
    return Look(marker=shape, color=color, size=size, hollow=point.segment.unreliable)


def _labels(shown: _Funnel) -> Iterator[Label]:
    """Name those further from the goal than a limit: all, or where many the outer limit's."""
    named = _named(shown)
    for point in named:
        words = f"{point.name}: {shown.stratum.unit.rate(point.rate)}"
        lines = "\n".join(wrapped(words, _LABEL_CHARS))
        yield Label(words=lines, x=point.people, y=point.rate, color=GREY)


def _named(shown: _Funnel) -> list[_Point]:
    for least in (1, 2):
        found = [point for point in shown.points if point.away and point.outside >= least]
        if len(found) <= _MOST_LABELS:
            return found
    return []


# --- words --------------------------------------------------------------------------------------


def _key(shown: _Funnel) -> Iterator[str]:
    """Say once what lines and marks are, and who has no place."""
    points = shown.points
    clauses = {
        "between the dashed lines lie 95 %, between the thin lines 99.8 % of groups at the goal": (
            bool(points)
        ),
        "circles in colour: further from the goal than 95 %": any(
            point.away and point.outside == 1 for point in points
        ),
        "triangles: further from the goal than 99.8 %": any(
            point.away and point.outside > 1 for point in points
        ),
        "diamonds: past the goal by more than chance": any(
            point.outside and not point.away for point in points
        ),
        "grey: no further than chance alone may take a group": any(
            not point.outside for point in points
        ),
        canvas.HOLLOW: any(point.segment.unreliable for point in points),
    }
    yield from (words for words, there in clauses.items() if there)
    unnamed = sum(point.away for point in points) - len(_named(shown))
    if unnamed:
        yield f"{unnamed:,} beyond the limits are not named"
    for what, names in (("suppressed", shown.hidden), ("no whole counts", shown.uncounted)):
        if names:
            yield f"{what}: {_some(names)}"


def _some(names: Sequence[str]) -> str:
    few = len(names) <= _MOST_NAMED
    return join_words(list(names)) if few else f"{len(names):,} of them"


def _sentences(shown: _Funnel) -> Iterator[str]:
    """Say every point, or of many those alone that lie further from the goal than a limit."""
    points = shown.points
    if len(points) > canvas.MOST_ROWS:
        away = [point for point in points if point.away]
        yield f"{len(away):,} of {len(points):,} are further from the goal than chance"
        points = tuple(away[: canvas.MOST_ROWS])
    for point in points:
        yield f"{point.name}: {_words(point, shown)}"
    for what, names in (("suppressed", shown.hidden), ("no whole counts", shown.uncounted)):
        if names:
            yield f"{what.capitalize()}: {join_words(list(names[: canvas.MOST_ROWS]))}"


def _words(point: _Point, shown: _Funnel) -> str:
    said = f"{shown.stratum.unit.rate(point.rate)} of {point.people:,.10g}"
    if point.outside:
        limit = f"{100 * SHARES[point.outside - 1]:g} % limit"
        side = "further from" if point.away else "further past"
        said = f"{said}, {side} the goal than the {limit}"
    else:
        said = f"{said}, within the limits"
    return f"{said}, unreliable" if point.segment.unreliable else said
