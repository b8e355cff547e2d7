"""How many people each segment needs to reach the goal, with the range of that number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.reasons import NO_PEOPLE, Reason, sentence
from targeted_universalism.show.nouns import people_words
from targeted_universalism.show.pictures.canvas import (
    Segment,
    Stratum,
    Unit,
    readable_stratum,
)
from targeted_universalism.show.pictures.marks import Bar, Drawn, Range
from targeted_universalism.show.pictures.order import check_sort
from targeted_universalism.show.pictures.row_picture import draw_rows
from targeted_universalism.show.pictures.rows import Aside, Row, under_headings
from targeted_universalism.show.pictures.scales import count_scale, counts_end
from targeted_universalism.show.together import Sum, sums_of_needs


def needed(answer: Answer, ax: Axes | None = None, *, sort: str = "data") -> Axes:
    """Draw the people each segment needs to reach the goal, with their range.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since labels stand beside
        the axes; a new figure of fitting size without it.
    sort : {"data", "gap", "value", "name"}
        The order of the rows in each dimension: that of the data, the furthest from the
        goal first, the most people first, or by name. Nothing is ranked unless asked, and
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
    >>> ax = tu.assess(s, tu.Goal.at_least(0.5)).plot.needed()
    >>> ax.tu_alt.split(". ")[-2]
    'A: 5 people (0 to 14)'

    """
    check_sort(sort)
    stratum = readable_stratum(answer, "needed()")
    about = stratum.goal.name, stratum.words
    dimensions, shown = zip(*_rows(stratum), strict=True)
    return draw_rows(
        under_headings(stratum, shown, dimensions),
        title=(*about, stratum.goal_words),
        opening=(*about, stratum.unit.needed_axis, stratum.goal_words),
        scale=count_scale,
        axis=stratum.unit.needed_axis,
        key=_key(stratum, shown),
        sort=sort,
        ax=ax,
    )


def _rows(stratum: Stratum) -> Iterator[tuple[int, Row]]:
    """Give a row for each segment, and the sum at the end of each dimension that has one."""
    sums = sums_of_needs(stratum.answer, stratum.position)
    for dimension, segments in groupby(stratum.segments, key=lambda segment: segment.dimension):
        for segment in segments:
            yield dimension, _row(segment, stratum.unit)
        if dimension in sums:
            name = _ALL_TOGETHER if stratum.answer.narrowed else _TOGETHER
            name += _WITHOUT if sums[dimension].without else ""
            yield dimension, _sum_row(sums[dimension], stratum.unit, name)


def _sum_row(together: Sum, unit: Unit, name: str) -> Row:
    """Draw a sum as the total is drawn, narrow; with its range, dotted where it is hidden."""
    low, high = f"{together.low:,.0f}", f"{together.high:,.0f}"
    span = f" ({low} to {high})" if together.low < together.high else ""
    most = people_words(together.high, unit.noun)
    between = f"between {low} and {most}" if span else most
    drawn: list[Drawn] = [] if together.hidden else [Bar(end=together.needed, narrow=True)]
    if together.low < together.high:
        drawn.append(Range(low=together.low, high=together.high, dotted=together.hidden))
    written, said = (
        between if together.hidden else f"{number}{span}"
        for number in (f"{together.needed:,.0f}", people_words(together.needed, unit.noun))
    )
    return Row(
        name=name,
        sentence=said,
        drawn=tuple(drawn),
        asides=(Aside(words=written),),
        asides_at=together.high if together.hidden else max(together.needed, together.high),
        last=True,
    )


_TOGETHER, _ALL_TOGETHER = "Together", "All segments together, shown or not"
_WITHOUT = ", Unknown left out"


def _row(segment: Segment, unit: Unit) -> Row:
    aside = Aside(
        words=_words(segment, unit, f"{segment.needed:,.0f}"),
        hidden=segment.hidden,
        no_data=segment.no_data,
    )
    numbers = segment.needed, segment.needed_high
    return Row(
        name=segment.label,
        sentence=_words(segment, unit, people_words(segment.needed, unit.noun)),
        drawn=tuple(_drawn(segment)),
        asides=(aside,),
        asides_at=max([0.0, *(number for number in numbers if math.isfinite(number))]),
        gap=segment.gap,
        value=segment.needed,
    )


def _drawn(segment: Segment) -> Iterator[Drawn]:
    """Draw a bar, narrow for the total, and its range; of hidden segments a dotted range only."""
    if math.isfinite(segment.needed):
        yield Bar(end=segment.needed, narrow=segment.row == 0, hollow=segment.unreliable)
    if _ranged(segment):
        yield Range(low=segment.needed_low, high=segment.needed_high, dotted=segment.hidden)


def _ranged(segment: Segment) -> bool:
    """Tell whether there is more than one number that it may be."""
    return segment.needed_low < segment.needed_high


def _words(segment: Segment, unit: Unit, number: str) -> str:
    """Say '5,831 (5,443 to 6,222)', or why there is no number."""
    low, high = segment.needed_low, segment.needed_high
    if segment.hidden and low <= high:
        between = f"between {low:,.0f} and " if low < high else ""
        return f"suppressed: {between}{people_words(high, unit.noun)}"
    if segment.hidden or segment.no_data:
        return segment.missing_words
    if math.isnan(segment.needed):
        return sentence(segment.reason & NO_PEOPLE) or f"{unit.noun} not available"
    span = f" ({low:,.0f} to {high:,.0f})" if _ranged(segment) else ""
    return f"{number}{span}{', unreliable' if segment.unreliable else ''}"


def _key(stratum: Stratum, shown: Sequence[Row]) -> Iterator[str]:
    """Say once what the marks are."""
    ranges = [thing for row in shown for thing in row.drawn if isinstance(thing, Range)]
    if not all(one.dotted for one in ranges):
        rounded = any(Reason.ROUNDED in segment.reason for segment in stratum.segments)
        whence = "all counts that round to these" if rounded else stratum.interval_words
        yield f"Thin lines: range from {whence}"
    end = counts_end(shown)
    if any(one.high > end for one in ranges):
        yield "arrows: beyond the axis"
    if any(one.dotted for one in ranges):
        yield "dotted lines: all that the hidden counts allow"
    if any(segment.unreliable and segment.needed > 0 for segment in stratum.segments):
        yield "hollow bars: unreliable"
    total, *others = stratum.segments
    if math.isfinite(total.needed) and others:
        yield f"{total.label}: its own need, not the sum of the segments"
