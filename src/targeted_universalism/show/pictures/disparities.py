"""The forest: each segment's ratio or difference to a reference, with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from targeted_universalism.answer.answer import FLAG_WORDS, Answer
from targeted_universalism.ask.disparities import disparities as compare
from targeted_universalism.errors import check_one_of
from targeted_universalism.measures.goal import Status
from targeted_universalism.reasons import Reason
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import BLUE, GREY, Span, Stack, Unit
from targeted_universalism.show.words import goal_words, number_words, stratum_words

MEASURES = ("ratio", "difference")
_OWN = Reason.OWN_REFERENCE.value
_CHOSEN = Reason.REFERENCE_CHOSEN.value
_UNRELIABLE = FLAG_WORDS.index("unreliable")


def disparities(
    answer: Answer,
    reference: str = "best",
    *,
    measure: str = "ratio",
    minimum: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Draw each segment's ratio or difference to a reference, with its interval.

    Parameters
    ----------
    reference, minimum
        As in :meth:`Assessment.disparities`.
    measure : {"ratio", "difference"}
        Ratios on a log axis, where 1/2 and 2 are equally far from 1, or differences.
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``; a new figure of fitting size
        without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several strata and no roll-up, the reference is no segment, or there are
        too many rows to read.

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
    answer = canvas.chosen(answer, "disparities()")
    table = compare(answer, reference, minimum=minimum)
    check_one_of("measure", measure, MEASURES)
    canvas.check_rows(answer, len(table), "disparities()")
    picture = _picture(answer, table, measure)
    same = canvas.same_words(picture.reference)
    ax = canvas.framed(picture.stack, ax, picture.title, pad=10 + 16 * len(same))
    spans = [row.span for row in picture.rows]
    if measure == "ratio":
        canvas.ratio_axis(ax, spans)
    else:
        canvas.difference_axis(ax, spans)
    canvas.draw_same(ax, picture.same, same)
    for row, y in zip(picture.rows, picture.stack.y, strict=True):
        _draw_row(ax, picture, row, y)
    canvas.write_key(ax, picture.axis, _key(picture))
    canvas.say(ax, _alt(picture))
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One comparison."""

    label: str
    reference: str
    group: int
    span: Span
    hidden: bool
    no_data: bool
    own: bool
    unreliable: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """The comparisons of one stratum, ready to draw."""

    rows: tuple[_Row, ...]
    stack: Stack
    measure: str
    reference: str
    unit: Unit
    wanted: str
    confidence: float | None
    title: tuple[str, ...]

    @property
    def same(self) -> float:
        return 1.0 if self.measure == "ratio" else 0.0

    @property
    def axis(self) -> str:
        unit = "points" if self.unit.points else self.unit.suffix.strip()
        what = "Ratio, log scale" if self.measure == "ratio" else "Difference"
        shown = f", {unit}" if unit and self.measure == "difference" else ""
        return f"{what}{shown}; {self.wanted}"


def _picture(answer: Answer, table: pd.DataFrame, measure: str) -> _Picture:
    unit = canvas.unit_of(answer.kind(0), answer.goal(0))
    names = [answer.dimensions[d].name for d in answer.dimension_of]
    place = {key: i for i, key in enumerate(zip(names, answer.labels, strict=True))}
    scale = 1.0 if measure == "ratio" else unit.scale
    rows = [
        _row(answer, place, {str(k): v for k, v in line.items()}, measure, scale)
        for line in table.to_dict("records")
    ]
    references = {row.reference for row in rows} - {""}
    stack = _stack(answer, rows, "/" if measure == "ratio" else "−")
    one = references.pop() if len(references) == 1 else ""
    return _Picture(
        rows=tuple(rows),
        stack=stack,
        measure=measure,
        reference=one or "the reference",
        unit=unit,
        wanted=canvas.wanted_words(answer.goal(0)),
        confidence=answer.options.confidence,
        title=_title(answer, measure, one),
    )


def _row(
    answer: Answer,
    place: Mapping[tuple[str, str], int],
    line: Mapping[str, Any],
    measure: str,
    scale: float,
) -> _Row:
    dimension, other = str(line["dimension"]), _text(line["reference"])
    i = place[dimension, str(line["segment"])]
    j = place.get((dimension, other), i)
    value, low, high = (scale * float(line[f"{measure}{end}"]) for end in ("", "_low", "_high"))
    reason = _text(line["reason"])
    return _Row(
        label=str(line["segment"]),
        reference=other if (dimension, other) in place else _called(answer, other),
        group=int(answer.dimension_of[i]),
        span=Span(value=value, low=low, high=high),
        hidden=answer.status[i, 0] == Status.SUPPRESSED,
        no_data=answer.status[i, 0] == Status.NO_DATA,
        own=_OWN in reason.split("; "),
        unreliable=_UNRELIABLE in (answer.flag[i, 0], answer.flag[j, 0]),
        reason=reason,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _called(answer: Answer, reference: str) -> str:
    """Name a reference that is no segment."""
    if reference == "goal":
        return f"the goal ({goal_words(answer.goal(0), answer.kind(0))})"
    return f"the {reference}" if reference else ""


def _stack(answer: Answer, rows: list[_Row], sign: str) -> Stack:
    """Name the reference of each dimension in its heading, or of each row where it differs."""
    groups = [row.group for row in rows]
    of = {g: {r.reference for r in rows if r.group == g} - {""} for g in groups}
    names = [
        f"{r.label} {sign} {r.reference}" if len(of[r.group]) > 1 and r.reference else r.label
        for r in rows
    ]
    headings = {g: canvas.heading_words(answer.dimensions[g].name) for g in groups if g}
    several = len({name for found in of.values() for name in found}) > 1
    for group, name in headings.items():
        if several and len(of[group]) == 1:
            headings[group] = f"{name}, to {next(iter(of[group]))}"
    return canvas.stacked(names, groups, headings if len(headings) > 1 else {})


def _title(answer: Answer, measure: str, reference: str) -> tuple[str, ...]:
    what = "Ratio of rates to" if measure == "ratio" else "Difference of rates from"
    about = f"{what} {f'that of {reference}' if reference else 'the reference named'}"
    return answer.goal(0).name, stratum_words(answer, 0), about


# --- drawing ------------------------------------------------------------------------------------


def _draw_row(ax: Axes, picture: _Picture, row: _Row, y: float) -> None:
    if row.hidden:
        canvas.hatch(ax, y)
    ink = plt.rcParams["text.color"]
    look = {"marker": "D", "color": ink} if row.own else {"marker": "o", "color": BLUE}
    if row.unreliable:
        look = {**look, "color": GREY}
    face = "none" if row.unreliable or row.own else look["color"]
    canvas.draw_span(ax, row.span, y, markerfacecolor=face, **look)
    words = "\n".join(canvas.wrapped(_words(row, picture), canvas.WORDS_CHARS))
    place = ax.get_yaxis_transform()
    canvas.write(ax, words, (1.0, y), row.hidden, row.no_data, xycoords=place)


# --- words --------------------------------------------------------------------------------------


def _words(row: _Row, picture: _Picture, between: str = "") -> str:
    """Say '1.46 (1.31 to 1.63)', or why there is no number."""
    if row.hidden:
        return "suppressed"
    if not row.span.known:
        return f"{'no data' if row.no_data else 'not compared'}: {row.reason}".rstrip(": ")
    if row.own:
        return "the reference"
    low, high = (_number(end, picture) for end in (row.span.low, row.span.high))
    parts = [_number(row.span.value, picture) + (picture.unit.points if picture.same == 0 else "")]
    if row.span.bounded:
        parts[0] += f"{between} {low} to {high}" if between else f" ({low} to {high})"
    elif picture.confidence is not None:
        parts.append("no interval")
    return ", ".join([*parts, *(["unreliable"] if row.unreliable else [])])


def _number(value: float, picture: _Picture) -> str:
    if math.isinf(value):
        return "no limit"
    if picture.measure == "ratio":
        return number_words(value, 2)
    text = picture.unit.number(abs(value))
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{text}"


def _key(picture: _Picture) -> Iterator[str]:
    """Say once what the marks are."""
    drawn = [row for row in picture.rows if row.span.known]
    if any(row.span.bounded for row in drawn) and picture.confidence is not None:
        yield f"Thin lines: {100 * picture.confidence:g} % intervals"
    if any(_CHOSEN in row.reason for row in drawn):
        yield _CHOSEN
    if any(row.own for row in drawn):
        yield "diamond: the reference itself"
    if any(row.unreliable for row in drawn):
        yield "hollow grey marks: unreliable"


def _alt(picture: _Picture) -> Iterator[str]:
    """Put the picture into words: title, then one clause for each row."""
    yield from picture.title
    yield picture.axis
    group = 0
    for row, name in zip(picture.rows, picture.stack.names, strict=True):
        if row.group != group and row.group in picture.stack.headings:
            yield f"By {picture.stack.headings[row.group][1]}"
        group = row.group
        yield f"{name}: {_words(row, picture, ', interval')}"
