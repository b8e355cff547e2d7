"""The equiplot: one line for each stratum, a mark for each segment, against one goal line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import InputError
from targeted_universalism.labels import label
from targeted_universalism.show.nouns import capital, join_words
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import GREY, Segment, Span, Stratum, Unit
from targeted_universalism.show.pictures.marks import LANE, Drawn, Look, Mark, Stretch
from targeted_universalism.show.pictures.order import check_sort
from targeted_universalism.show.pictures.row_picture import asides_height, draw_rows
from targeted_universalism.show.pictures.rows import Aside, Group, Row
from targeted_universalism.show.pictures.scales import goal_line, limits, rate_scale
from targeted_universalism.show.words import dimension_words

# Nine shapes and four colours share no factor: the first 36 pairs differ.
_SHAPES = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
_COLORS = (canvas.BLUE, canvas.ORANGE, canvas.PURPLE, canvas.GREEN)
MOST_SEGMENTS = len(_SHAPES) * len(_COLORS)
_MOST_NAMED = 3
_ASIDE_CHARS = 30
_NEAR = 0.02  # of the width of the axis: marks nearer than this are put under each other


def equiplot(answer: Answer, ax: Axes | None = None, *, sort: str = "data") -> Axes:
    """Draw the rates of all segments on one line for each stratum, against the goal line.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since labels stand beside
        the axes; a new figure of fitting size without it.
    sort : {"data", "gap", "value", "name"}
        The order of the lines: that of the data, by the gap of the total, the furthest from the
        goal first, by its rate, the highest first, or by name. Nothing is ranked unless asked, a
        stratum whose total is hidden comes last, and what is rolled up stays below.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several indicators or dimensions (choose with ``a.where(…)``), or more
        strata or segments than a picture can show, or `sort` is no order of rows.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> absent = pd.DataFrame({
    ...     "county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["White", "Latino"] * 2,
    ...     "absent": [30, 90, 18, 60], "pupils": [200, 400, 150, 300],
    ... })
    >>> s = tu.from_counts(
    ...     absent, numerator="absent", denominator="pupils", segments="race", by="county"
    ... )
    >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.equiplot()
    >>> ax.tu_alt.split(". ")[-1]
    'Mono: All 17.3 %; White 12.0 %; Latino 20.0 %.'

    """
    check_sort(sort)
    why = _why_not(answer)
    if why:
        raise InputError(why)
    lines = _lines(answer)
    stratum = lines[0].stratum
    goal, title = stratum.goal, _title(answer)
    return draw_rows(
        _groups(lines),
        title=(goal.name, *title),
        opening=(goal.name, *title, stratum.goal_words),
        scale=rate_scale(stratum),
        axis=stratum.rate_axis,
        line=goal_line(stratum),
        key=_key(lines),
        legend=list(_legend(answer, lines)),
        aside_chars=_ASIDE_CHARS,
        sort=sort,
        ax=ax,
    )


def _title(answer: Answer) -> tuple[str, ...]:
    strata = answer.segments.strata
    about = "" if strata.indicator_name is None else strata.indicators[int(strata.indicator[0])]
    by = f"one line for each {join_words(list(strata.names))}" if strata.names else ""
    marks = [f"one mark for each {dimension_words(d.name)}" for d in answer.dimensions[1:]]
    what = ", ".join(part for part in (by, *marks) if part)
    return about, capital(what)


def _legend(answer: Answer, lines: Sequence[_StratumLine]) -> Iterator[tuple[str, Look]]:
    """Name the marks of the total and of each segment, in the order of the data."""
    if any(line.total is not None for line in lines):
        yield f"{answer.labels[0]} (the total)", _look(0)
    looked_at = np.flatnonzero(answer.seen.any(axis=1)).tolist()
    for row in looked_at:
        if row > 0:
            yield answer.labels[row], _look(row)


def _key(lines: Sequence[_StratumLine]) -> Iterator[str]:
    """Say once what the marks are."""
    if any(len(line.segments) > 1 for line in lines):
        yield "thin lines: from the lowest to the highest segment shown"
    if any(segment.unreliable for line in lines for segment in line.segments):
        yield canvas.HOLLOW


# --- what fits ----------------------------------------------------------------------------------


def fits(answer: Answer) -> bool:
    """Tell whether one equiplot can show all strata."""
    return not _why_not(answer)


def _why_not(answer: Answer) -> str:
    """Say what would need two goals, two sets of marks or too much room; empty where it fits."""
    strata, names = answer.segments.strata, [d.name for d in answer.dimensions[1:]]
    if len(strata.measured) > 1:
        first = strata.indicators[int(strata.indicator[0])]
        return (
            "An equiplot has one goal line, and there are several indicators: choose one, as in "
            f"a.where(indicator={first!r}).plot.equiplot()."
        )
    if len(names) > 1:
        return (
            f"An equiplot shows the segments of one dimension, and there are {len(names)}: choose "
            f"one, as in a.where(dimension={names[0]!r}).plot.equiplot()."
        )
    if len(strata) > canvas.MOST_ROWS:
        return (
            f"{len(strata):,} strata are more lines than a picture can show ({canvas.MOST_ROWS}): "
            f"keep some with a.where({strata.names[0]}=[…]); a.table holds them all."
        )
    segments = int(answer.seen[1:].any(axis=1).sum())
    if segments > MOST_SEGMENTS:
        return (
            f"{segments} segments are more than there are marks to tell apart "
            f"({MOST_SEGMENTS}): use fewer segments, or a.where(…).plot.gaps() for one stratum."
        )
    return ""


# --- the line of a stratum ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _StratumLine:
    """One stratum; `lanes` puts segments with nearly the same rate under each other."""

    stratum: Stratum
    lanes: tuple[int, ...] = ()

    @property
    def rolled_up(self) -> bool:
        """Whether it is a sum of other strata."""
        return bool(self.stratum.answer.segments.strata.rolled_up[self.stratum.position])

    @property
    def total(self) -> Segment | None:
        """The total, where it has a rate."""
        return next((s for s in self.stratum.segments if s.row == 0 and s.rate.known), None)

    @property
    def segments(self) -> list[Segment]:
        """Segments with a rate, in the order of the data."""
        return [s for s in self.stratum.segments if s.row > 0 and s.rate.known]

    @property
    def name(self) -> str:
        """Values of the columns that strata stand for; the dimension where there are none."""
        answer, position = self.stratum.answer, self.stratum.position
        strata = answer.segments.strata
        if strata.all_together[position]:
            return "all together"
        named = ((name, strata.value(name, position)) for name in strata.names)
        values = ", ".join(
            f"every {name}" if value is None else label(value) for name, value in named
        )
        return values or "; ".join(self.stratum.headings[1:])


def _lines(answer: Answer) -> list[_StratumLine]:
    strata = range(len(answer.segments.strata))
    lines = [_StratumLine(stratum=Stratum(answer=answer, position=position)) for position in strata]
    rates = [s.rate.value for line in lines for s in line.stratum.segments if s.rate.known]
    low, high = limits([lines[0].stratum.target, *rates])
    return [
        replace(line, lanes=_lanes([s.rate.value for s in line.segments], (high - low) * _NEAR))
        for line in lines
    ]


def _lanes(rates: Sequence[float], near: float) -> tuple[int, ...]:
    """Give each rate a lane, so that marks at one place stand under each other."""
    ends: list[float] = []
    lanes = [0] * len(rates)
    for i in np.argsort(rates, kind="stable").tolist():
        free = [lane for lane, end in enumerate(ends) if rates[i] - end >= near]
        lanes[i] = free[0] if free else len(ends)
        ends[lanes[i] : lanes[i] + 1] = [rates[i]]
    return tuple(lanes)


# --- rows ---------------------------------------------------------------------------------------


def _groups(lines: Sequence[_StratumLine]) -> list[Group]:
    """Put every roll-up under a thin line."""
    places = accumulate(line.rolled_up for line in lines)
    groups = groupby(zip(places, lines, strict=True), key=lambda pair: pair[0])
    return [
        Group(rows=tuple(_row(line) for _, line in together), ruled=place > 0)
        for place, together in groups
    ]


def _row(line: _StratumLine) -> Row:
    segments, unit = line.stratum.segments, line.stratum.unit
    asides = tuple(_asides([segment for segment in segments if not segment.rate.known]))
    total = line.total
    return Row(
        name=line.name,
        sentence="; ".join(_clause(segment, unit) for segment in segments),
        drawn=tuple(_drawn(line)),
        asides=asides,
        height=max(
            LANE * (max(line.lanes, default=0) + 2),
            asides_height(asides, _ASIDE_CHARS) + 0.2,
        ),
        gap=total.gap if total else math.nan,
        value=total.rate.value if total else math.nan,
    )


def _drawn(line: _StratumLine) -> Iterator[Drawn]:
    """Draw a mark for each segment, linked from the lowest to the highest, and the total."""
    rates = [segment.rate.value for segment in line.segments]
    if rates:
        yield Stretch(start=min(rates), end=max(rates), color=GREY, width=1.2)
    middle = max(line.lanes, default=0) / 2
    for segment, lane in zip(line.segments, line.lanes, strict=True):
        look = replace(_look(segment.row), hollow=segment.unreliable)
        yield Mark(span=Span(value=segment.rate.value), look=look, down=LANE * (lane - middle))
    if line.total is not None:
        yield Mark(span=Span(value=line.total.rate.value), look=_look(0))


def _look(row: int) -> Look:
    """Shape and colour of a segment by its place in the answer; the total is a tick."""
    if row == 0:
        return Look(marker="|", color=mpl.rcParams["text.color"], size=15, edge=1.4)
    place = row - 1
    shape, color = _SHAPES[place % len(_SHAPES)], _COLORS[place % len(_COLORS)]
    return Look(marker=shape, color=color, size=6 if shape == "D" else 7, edge=1.4)


def _asides(missing: Sequence[Segment]) -> Iterator[Aside]:
    """Say who is hidden and who has no data."""
    hidden = [segment for segment in missing if segment.hidden]
    segments = [segment for segment in missing if not segment.hidden and segment.row > 0]
    total = [segment for segment in missing if not segment.hidden and segment.row == 0]
    if hidden:
        yield Aside(words=f"suppressed: {_names(hidden)}", hidden=True)
    for what, without in (("no data", segments), ("no rate", total)):
        if without:
            yield Aside(words=f"{what}: {_names(without)}", no_data=True)


def _names(segments: Sequence[Segment]) -> str:
    """Name a few, count many; the total is always named."""
    names = [segment.label for segment in segments if segment.row > 0]
    total = [segment.label for segment in segments if segment.row == 0]
    few = len(names) <= _MOST_NAMED
    return join_words([*total, *(names if few else [f"{len(names)} segments"])])


def _clause(segment: Segment, unit: Unit) -> str:
    if not segment.rate.known:
        missing = "no data" if segment.row > 0 else "no rate"
        return f"{segment.label} {'suppressed' if segment.hidden else missing}"
    unreliable = " (unreliable)" if segment.unreliable else ""
    return f"{segment.label} {unit.rate(segment.rate.value)}{unreliable}"
