"""Disparities between segments: each one's ratio or difference to a reference, a forest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.disparities import disparities as compare
from targeted_universalism.errors import InputError, check_one_of
from targeted_universalism.reasons import Reason, told
from targeted_universalism.show.pictures.canvas import (
    BLUE,
    HOLLOW,
    Segment,
    Span,
    Stratum,
    Unit,
    check_rows,
    stratum_alone,
    table_lines,
    text_or_empty,
)
from targeted_universalism.show.pictures.marks import Look, Mark
from targeted_universalism.show.pictures.order import check_sort
from targeted_universalism.show.pictures.row_picture import draw_rows
from targeted_universalism.show.pictures.rows import Aside, Group, Row, dimension_groups
from targeted_universalism.show.pictures.scales import (
    Scale,
    VerticalLine,
    difference_scale,
    ratio_scale,
)
from targeted_universalism.show.words import goal_words, number_words

_CHOSEN = Reason.REFERENCE_CHOSEN.value


def disparities(
    answer: Answer,
    reference: object = "best",
    *,
    measure: str = "ratio",
    minimum: int = 30,
    sort: str = "data",
    ax: Axes | None = None,
) -> Axes:
    """Draw each segment's ratio or difference to a reference, with its interval.

    Parameters
    ----------
    reference, minimum
        As in :meth:`Assessment.disparities`.
    measure : {"ratio", "difference"}
        Ratios on a log axis, where 1/2 and 2 are equally far from 1, or differences.
    sort : {"data", "gap", "value", "name"}
        The order of the rows in each dimension: that of the data, the furthest from the
        goal first, the highest ratio or difference first, or by name. Nothing is ranked
        unless asked, and hidden rows come last.
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since labels stand beside
        the axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several strata and no roll-up (choose one with ``a.where(…)``), the reference
        is no segment, `sort` is no order of rows, or there are too many rows to read.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "group": ["Black", "Latino", "White"], "absent": [90, 240, 150],
    ...     "pupils": [300, 1000, 1000],
    ... })
    >>> s = tu.from_counts(pupils, numerator="absent", denominator="pupils", segments="group")
    >>> ax = tu.assess(s, tu.Goal.at_most(0.1)).plot.disparities("White")
    >>> ax.tu_alt.split(". ")[2]
    'Black: 2.00, interval 1.59 to 2.50'

    """
    check_one_of("measure", measure, _MEASURES)
    check_sort(sort)
    stratum = stratum_alone(answer, "disparities()")
    table = compare(stratum.answer, reference, minimum=minimum, adjust="holm")
    if table.empty:
        raise InputError("There is nothing to compare: no segment stands beside another here.")
    check_rows(answer, len(table), "disparities()")
    return _draw(_comparisons(stratum, table, measure), stratum, _MEASURES[measure], sort, ax)


def _draw(
    comparisons: Sequence[_Comparison],
    stratum: Stratum,
    measure: _Measure,
    sort: str,
    ax: Axes | None,
) -> Axes:
    references = {comparison.reference for comparison in comparisons} - {""}
    one = references.pop() if len(references) == 1 else ""
    to_whom = f"that of {one}" if one else "the reference named"
    title = stratum.goal.name, stratum.words, f"{measure.title} {to_whom}"
    axis = f"{measure.axis(stratum.unit)}; {stratum.wanted_words}"
    return draw_rows(
        _groups(comparisons, stratum, measure),
        title=title,
        opening=(*title, axis),
        scale=measure.scale,
        axis=axis,
        line=VerticalLine(value=measure.equality, words=f"Same as {one or 'the reference'}"),
        key=_key(comparisons, stratum),
        sort=sort,
        ax=ax,
    )


# --- ratios and differences ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Measure:
    """A way to hold one rate against another: its words, and its value at equality."""

    title: str
    sign: str
    equality: float
    scale: Scale

    @property
    def in_units(self) -> bool:
        """Whether its values have the unit of the rates."""
        return self.equality == 0

    def axis(self, unit: Unit) -> str:
        """Write what is on the axis."""
        if not self.in_units:
            return "Ratio, log scale"
        return ", ".join(part for part in ("Difference", _unit_words(unit)) if part)

    def number(self, value: float, unit: Unit) -> str:
        """Write a value, without its unit."""
        if math.isinf(value):
            return "no limit"
        if not self.in_units:
            return number_words(value, 2)
        return f"{'+' if value > 0 else '−' if value < 0 else ''}{unit.number(abs(value))}"


_MEASURES = {
    "ratio": _Measure(title="Ratio of rates to", sign="/", equality=1.0, scale=ratio_scale),
    "difference": _Measure(
        title="Difference of rates from", sign="−", equality=0.0, scale=difference_scale
    ),
}


def _unit_words(unit: Unit) -> str:
    return "points" if unit.points else unit.suffix.strip()


# --- what is compared ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Comparison:
    """A segment, what it is compared with, and the ratio or difference of their rates."""

    segment: Segment
    reference: str
    span: Span
    unreliable: bool
    reason: str

    @property
    def own(self) -> bool:
        """Whether the segment is the reference."""
        return Reason.OWN_REFERENCE in told(self.reason)


def _comparisons(stratum: Stratum, table: pd.DataFrame, name: str) -> list[_Comparison]:
    answer = stratum.answer
    dimensions = [answer.dimensions[d].name for d in answer.dimension_of]
    segments = {
        key: stratum.segment(row)
        for row, key in enumerate(zip(dimensions, answer.labels, strict=True))
    }
    return [_comparison(line, segments, stratum, name) for line in table_lines(table)]


def _comparison(
    line: Mapping[str, Any],
    segments: Mapping[tuple[str, str], Segment],
    stratum: Stratum,
    name: str,
) -> _Comparison:
    dimension, reference = str(line["dimension"]), text_or_empty(line["reference"])
    segment = segments[dimension, str(line["segment"])]
    other = segments.get((dimension, reference))
    scale = stratum.unit.scale if _MEASURES[name].in_units else 1.0
    return _Comparison(
        segment=segment,
        reference=_reference_words(reference, stratum) if other is None else other.label,
        span=Span.of_line(line, name, scale),
        unreliable=segment.unreliable or (other is not None and other.unreliable),
        reason=text_or_empty(line["reason"]),
    )


def _reference_words(reference: str, stratum: Stratum) -> str:
    """Name a reference that is no segment."""
    if reference == "goal":
        return f"the goal ({goal_words(stratum.goal, stratum.kind)})"
    return f"the {reference}" if reference else ""


# --- rows ---------------------------------------------------------------------------------------


def _groups(comparisons: Sequence[_Comparison], stratum: Stratum, measure: _Measure) -> list[Group]:
    """Name the reference of each dimension in its heading, or of each row where it differs."""
    dimensions = [comparison.segment.dimension for comparison in comparisons]
    references: dict[int, set[str]] = {dimension: set() for dimension in dimensions}
    for comparison in comparisons:
        references[comparison.segment.dimension] |= {comparison.reference} - {""}
    headings = {d: stratum.headings[d] for d in dimensions if d}
    if len(set().union(*references.values())) > 1:
        for d in headings:
            if len(references[d]) == 1:
                headings[d] += f", to {next(iter(references[d]))}"
    drawn = [
        _row(c, stratum, measure, several=len(references[c.segment.dimension]) > 1)
        for c in comparisons
    ]
    return dimension_groups(drawn, dimensions, headings if len(headings) > 1 else {})


def _row(comparison: _Comparison, stratum: Stratum, measure: _Measure, *, several: bool) -> Row:
    segment, reference = comparison.segment, comparison.reference
    aside = Aside(
        words=_words(comparison, stratum, measure),
        hidden=segment.hidden,
        no_data=segment.no_data,
    )
    return Row(
        name=f"{segment.label} {measure.sign} {reference}" if several and reference
        else segment.label,
        sentence=_words(comparison, stratum, measure, interval=True),
        drawn=(Mark(span=comparison.span, look=_look(comparison)),),
        asides=(aside,),
        hatched=segment.hidden,
        gap=segment.gap,
        value=comparison.span.value,
    )  # fmt: skip


def _look(comparison: _Comparison) -> Look:
    """Mark the reference by a diamond."""
    return Look(
        marker="D" if comparison.own else "o",
        color=mpl.rcParams["text.color"] if comparison.own else BLUE,
        hollow=comparison.unreliable,
    )


def _words(
    comparison: _Comparison, stratum: Stratum, measure: _Measure, interval: bool = False
) -> str:
    """Say '1.46 (1.31 to 1.63)', or why there is no number."""
    segment, span, unit = comparison.segment, comparison.span, stratum.unit
    if segment.hidden:
        return segment.missing_words
    if not span.known:
        why = "no data" if segment.no_data else "not compared"
        return f"{why}: {comparison.reason}".rstrip(": ")
    if comparison.own:
        return "the reference"
    low, high = (measure.number(end, unit) for end in (span.low, span.high))
    parts = [measure.number(span.value, unit) + unit.points * measure.in_units]
    if span.bounded:
        parts[0] += f", interval {low} to {high}" if interval else f" ({low} to {high})"
    elif stratum.interval_words:
        parts.append("no interval")
    return ", ".join([*parts, *(["unreliable"] if comparison.unreliable else [])])


def _key(comparisons: Sequence[_Comparison], stratum: Stratum) -> Iterator[str]:
    """Say once what the marks are."""
    compared = [comparison for comparison in comparisons if comparison.span.known]
    if any(comparison.span.bounded for comparison in compared) and stratum.interval_words:
        yield f"Thin lines: {stratum.interval_words}"
    if any(_CHOSEN in comparison.reason for comparison in compared):
        yield _CHOSEN
    if any(comparison.own for comparison in compared):
        yield "diamond: the reference itself"
    if any(comparison.unreliable for comparison in compared):
        yield HOLLOW
