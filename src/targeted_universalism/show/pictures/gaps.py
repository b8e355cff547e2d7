"""How far each segment is from the goal: its rate, its interval and the way still to go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.measures.goal import STATUS_WORDS
from targeted_universalism.show.pictures.canvas import (
    HOLLOW,
    SHORT,
    THERE,
    Segment,
    Stratum,
    Unit,
    readable_stratum,
)
from targeted_universalism.show.pictures.marks import Drawn, Look, Mark, Stretch
from targeted_universalism.show.pictures.order import check_sort
from targeted_universalism.show.pictures.row_picture import draw_rows
from targeted_universalism.show.pictures.rows import Aside, Row, segment_groups
from targeted_universalism.show.pictures.scales import goal_line, rate_scale
from targeted_universalism.show.words import doubt_words

_SHORT = Look(marker="o", color=SHORT)
_THERE = Look(marker="D", color=THERE)


def gaps(answer: Answer, ax: Axes | None = None, *, sort: str = "data") -> Axes:
    """Draw each segment's rate and interval against the goal line, in the order of the data.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since labels stand beside
        the axes; a new figure of fitting size without it.
    sort : {"data", "gap", "value", "name"}
        The order of the rows in each dimension: that of the data, the furthest from the
        goal first, the highest rate first, or by name. Nothing is ranked unless asked, and
        hidden rows come last.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several strata and no roll-up (choose one with ``a.where(…)``), or too many
        rows to read, or `sort` is no order of rows.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({"race": ["A", "B"], "graduates": [40, 45], "pupils": [90, 50]})
    >>> s = tu.from_counts(pupils, numerator="graduates", denominator="pupils", segments="race")
    >>> ax = tu.assess(s, tu.Goal.at_least(0.5)).plot.gaps()
    >>> ax.tu_alt.split(". ")[-2]
    'A: 44.4 %, interval 34.6 to 54.7, 5.6 points to go, the interval includes the goal'

    """
    check_sort(sort)
    stratum = readable_stratum(answer, "gaps()")
    title = stratum.goal.name, stratum.words
    return draw_rows(
        segment_groups(stratum, [_row(segment, stratum) for segment in stratum.segments]),
        title=title,
        opening=(*title, "Rate of each segment and its gap to the goal", stratum.goal_words),
        scale=rate_scale(stratum),
        axis=stratum.rate_axis,
        line=goal_line(stratum),
        key=_key(stratum),
        sort=sort,
        ax=ax,
    )


def _row(segment: Segment, stratum: Stratum) -> Row:
    unit = stratum.unit
    aside = Aside(words=_words(segment, unit), hidden=segment.hidden, no_data=segment.no_data)
    return Row(
        name=segment.label,
        sentence=_words(segment, unit, interval=True),
        drawn=tuple(_drawn(segment, stratum.target)),
        asides=(aside,),
        hatched=segment.hidden,
        gap=segment.gap,
        value=segment.rate.value,
    )


def _drawn(segment: Segment, target: float) -> Iterator[Drawn]:
    """Draw the way still to go, by the point; circles on the way, diamonds at or past the goal."""
    short = segment.gap > 0
    if short:
        yield Stretch(start=segment.rate.value, end=target, color=SHORT, width=6, opacity=0.35)
    look = replace(_SHORT if short else _THERE, hollow=segment.unreliable)
    yield Mark(span=segment.rate, look=look)


def _words(segment: Segment, unit: Unit, interval: bool = False) -> str:
    """Say '11.5 %, 1.5 points to go', or why there is no number."""
    rate = segment.rate
    if not rate.known:
        return segment.missing_words
    parts = [unit.rate(rate.value)]
    if interval and rate.bounded:
        parts.append(f"interval {unit.number(rate.low)} to {unit.number(rate.high)}")
    parts.append(_gap_words(segment.gap, unit))
    if doubt := doubt_words(STATUS_WORDS.index(segment.status), rate.bounded):
        parts.append(doubt)
    if segment.unreliable:
        parts.append("unreliable")
    return ", ".join(parts)


def _gap_words(gap: float, unit: Unit) -> str:
    size = f"{unit.number(abs(gap))}{unit.points}"
    if gap == 0:
        return "at the goal"
    return f"{size} to go" if gap > 0 else f"past the goal by {size}"


def _key(stratum: Stratum) -> Iterator[str]:
    """Say once what the marks are."""
    rated = [segment for segment in stratum.segments if segment.rate.known]
    if any(segment.rate.bounded for segment in rated):
        yield f"Thin lines: {stratum.interval_words}"
    if any(segment.gap > 0 for segment in rated):
        yield "wide lines: distance still to go"
    if any(segment.gap <= 0 for segment in rated):
        yield "diamonds: at or past the goal"
    if any(segment.unreliable for segment in rated):
        yield HOLLOW
