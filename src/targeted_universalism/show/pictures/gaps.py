"""Pictures of an answer: one row for each segment, in the order of the data.

An answer in, Axes out. Nothing is computed here beyond units and rounding, every picture is also
in words in ``ax.tu_alt``, and no meaning hangs on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from targeted_universalism.answer.answer import FLAG_WORDS, Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.measures.goal import STATUS_WORDS
from targeted_universalism.reasons import NO_PEOPLE, NO_RATE_GIVEN, Reason, sentence
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import BLUE, GREY, ORANGE, Stack, Unit
from targeted_universalism.show.words import stratum_words


def gaps(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw each segment's rate and interval against the goal line, in the order of the data.

    Parameters
    ----------
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
        If there are several strata and no roll-up: choose one with ``a.where(…)``.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> ax = tu.assess(s, tu.Goal.at_least(0.5)).plot.gaps()
    >>> ax.tu_alt.split(". ")[-2]
    'A: 44.4 %, interval 34.6 to 54.7, 5.6 points to go, uncertain'

    """
    picture = _picture(answer, "gaps()")
    unit = picture.unit
    ax = _framed(picture, ax, [picture.goal.name, picture.stratum_words], pad=24)
    _draw_distances(ax, picture)
    _draw_rates(ax, picture)
    canvas.draw_goal(ax, picture.target, unit, picture.goal_words)
    for row in picture.rows:
        words = "\n".join(canvas.wrapped(_gap_words(row, unit), canvas.WORDS_CHARS))
        _write(ax, row, words, (1.0, row.y), xycoords=ax.get_yaxis_transform())
    canvas.write_key(ax, unit.axis, _gap_key(picture))
    clauses = [_gap_words(row, unit, interval=True) for row in picture.rows]
    canvas.say(ax, _alt(picture, "Rate of each segment and its gap to the goal", clauses))
    return ax


def needed(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw the people each segment needs to reach the goal, with their range.

    Parameters and errors as in :meth:`gaps`.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> ax = tu.assess(s, tu.Goal.at_least(0.5)).plot.needed()
    >>> ax.tu_alt.split(". ")[-2]
    'A: 5 people (0 to 14)'

    """
    picture = _picture(answer, "needed()")
    unit = picture.unit
    title = [picture.goal.name, picture.stratum_words, picture.goal_words]
    ax = _framed(picture, ax, title, pad=10)
    _draw_people(ax, picture)
    for row in picture.rows:
        _write(ax, row, _needed_words(row, unit), (row.end, row.y), xycoords="data")
    canvas.write_key(ax, unit.needed_axis, _needed_key(picture))
    clauses = [_needed_words(row, unit, noun=True) for row in picture.rows]
    canvas.say(ax, _alt(picture, unit.needed_axis, clauses))
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One segment, in shown units, and the height at which it stands."""

    label: str
    dimension: int
    y: float
    status: str
    flag: str
    reason: frozenset[Reason]
    rate: float
    ci_low: float
    ci_high: float
    gap: float
    needed: float
    needed_low: float
    needed_high: float

    @property
    def hidden(self) -> bool:
        return self.status == "suppressed"

    @property
    def known(self) -> bool:
        return math.isfinite(self.rate)

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.ci_low) and math.isfinite(self.ci_high)

    @property
    def ranged(self) -> bool:
        return math.isfinite(self.needed_low) and math.isfinite(self.needed_high)

    @property
    def end(self) -> float:
        """Where the drawing of the people needed ends."""
        return max([0.0, *(n for n in (self.needed, self.needed_high) if math.isfinite(n))])


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """One stratum, ready to draw."""

    rows: tuple[_Row, ...]
    stack: Stack
    unit: Unit
    kind: str
    goal: Goal
    stratum_words: str
    confidence: float | None

    @property
    def target(self) -> float:
        return canvas.target_of(self.goal, self.unit)

    @property
    def goal_words(self) -> str:
        return canvas.goal_line_words(self.goal, self.kind)

    @property
    def level(self) -> str:
        return "" if self.confidence is None else f"{100 * self.confidence:g} % intervals"


def _picture(answer: Answer, method: str) -> _Picture:
    stratum = canvas.one_stratum(answer, method)
    shown = np.flatnonzero(answer.seen[:, stratum])
    canvas.check_rows(answer, shown.size, method)
    kind, goal = answer.kind(stratum), answer.goal(stratum)
    unit, stack = canvas.unit_of(kind, goal), _stack(answer, shown.tolist())
    return _Picture(
        rows=tuple(
            _row(answer, i, stratum, y, unit) for i, y in zip(shown.tolist(), stack.y, strict=True)
        ),
        stack=stack,
        unit=unit,
        kind=kind,
        goal=goal,
        stratum_words=stratum_words(answer, stratum),
        confidence=answer.options.confidence,
    )


def _stack(answer: Answer, shown: Sequence[int]) -> Stack:
    """Give dimensions a heading where there are several."""
    names = [canvas.heading_words(d.name) for d in answer.dimensions]
    headings = dict(list(enumerate(names))[1:]) if len(names) > 2 else {}
    groups = [int(answer.dimension_of[i]) for i in shown]
    return canvas.stacked([answer.labels[i] for i in shown], groups, headings)


def _row(answer: Answer, i: int, stratum: int, y: float, unit: Unit) -> _Row:
    here = {name: float(values[i, stratum]) for name, values in answer.values.items()}
    rates = {name: here[name] * unit.scale for name in ("rate", "ci_low", "ci_high", "gap")}
    people = {name: here[name] for name in ("needed", "needed_low", "needed_high")}
    return _Row(
        label=answer.labels[i],
        dimension=int(answer.dimension_of[i]),
        y=y,
        status=STATUS_WORDS[answer.status[i, stratum]],
        flag=FLAG_WORDS[answer.flag[i, stratum]],
        reason=answer.reason.at(i, stratum),
        **rates,
        **people,
    )


# --- words --------------------------------------------------------------------------------------


def _gap_words(row: _Row, unit: Unit, interval: bool = False) -> str:
    """Say '11.5 %, 1.5 points to go', or why there is no number."""
    if not row.known:
        return _why_missing(row)
    parts = [unit.rate(row.rate)]
    if interval and row.bounded:
        parts.append(f"interval {unit.number(row.ci_low)} to {unit.number(row.ci_high)}")
    parts.append(_distance(row.gap, unit))
    if row.status == "uncertain":
        parts.append("uncertain" if row.bounded else "no interval")
    if row.flag == "unreliable":
        parts.append("unreliable")
    return ", ".join(parts)


def _distance(gap: float, unit: Unit) -> str:
    size = f"{unit.number(abs(gap))}{unit.points}"
    if gap == 0:
        return "at the goal"
    return f"{size} to go" if gap > 0 else f"past the goal by {size}"


def _needed_words(row: _Row, unit: Unit, noun: bool = False) -> str:
    """Say '5,831 (5,443 to 6,222)', or why there is no number."""
    low, high = row.needed_low, row.needed_high
    if row.hidden and row.ranged:
        between = f"between {low:,.0f} and {high:,.0f}" if low < high else f"{low:,.0f}"
        return f"suppressed: {between} {_noun(high, unit)}"
    if row.hidden or row.status == "no data":
        return _why_missing(row)
    if math.isnan(row.needed):
        return sentence(row.reason & NO_PEOPLE) or f"{_noun(2, unit)} not available"
    text = f"{row.needed:,.0f}{f' {_noun(row.needed, unit)}' if noun else ''}"
    if not row.ranged or low == high:
        return text
    return f"{text} ({low:,.0f} to {high:,.0f})"


def _noun(count: float, unit: Unit) -> str:
    if unit.noun == "event":
        return "event" if count == 1 else "events"
    return "person" if count == 1 else "people"


def _why_missing(row: _Row) -> str:
    if row.hidden:
        return "suppressed"
    why = sentence(row.reason & NO_RATE_GIVEN)
    return f"no data: {why}" if why else "no data"


def _alt(picture: _Picture, what: str, clauses: Sequence[str]) -> Iterator[str]:
    """Put the picture into words: title, goal, then one clause for each row."""
    yield from (picture.goal.name, picture.stratum_words, what, picture.goal_words)
    dimension = 0
    for row, clause in zip(picture.rows, clauses, strict=True):
        if row.dimension != dimension and row.dimension in picture.stack.headings:
            yield f"By {picture.stack.headings[row.dimension][1]}"
        dimension = row.dimension
        yield f"{row.label}: {clause}"


# --- drawing ------------------------------------------------------------------------------------


def _framed(picture: _Picture, ax: Axes | None, title: Sequence[str], pad: float) -> Axes:
    ax = canvas.framed(picture.stack, ax, title, pad)
    if len(picture.rows) > 1:
        ax.axhline(picture.rows[0].y + 0.75, color=GREY, linewidth=0.8)
    return ax


def _draw_distances(ax: Axes, picture: _Picture) -> None:
    """Draw the way still to go, by the point, and hatch the rows that are hidden."""
    short = [row for row in picture.rows if row.gap > 0]
    ax.hlines(
        [row.y for row in short], [row.rate for row in short], picture.target,
        color=BLUE, alpha=0.35, linewidth=6,
    )  # fmt: skip
    for row in picture.rows:
        if row.hidden:
            canvas.hatch(ax, row.y)


def _draw_rates(ax: Axes, picture: _Picture) -> None:
    """Draw intervals and points: circles on the way to the goal, diamonds at or past it."""
    for ahead, marker, color in ((True, "o", BLUE), (False, "D", ORANGE)):
        rows = [row for row in picture.rows if row.known and (row.gap > 0) is ahead]
        if not rows:
            continue
        bounded = [row for row in rows if row.bounded]
        ax.hlines(
            [row.y for row in bounded], [row.ci_low for row in bounded],
            [row.ci_high for row in bounded], color=color, linewidth=1.6,
        )  # fmt: skip
        ax.plot(
            [row.rate for row in rows], [row.y for row in rows], linestyle="none",
            marker=marker, color=color, markersize=7, clip_on=False,
        )  # fmt: skip


def _draw_people(ax: Axes, picture: _Picture) -> None:
    """Draw bars from zero with thin ranges; the total hollow, hidden rows a dotted range only."""
    for row in picture.rows:
        if math.isfinite(row.needed):
            fill = (BLUE, 0.0 if row.dimension == 0 else 0.4)
            ax.barh(
                row.y, row.needed, height=0.5, facecolor=fill, edgecolor=BLUE, linewidth=1.2,
                clip_on=False,
            )  # fmt: skip
        if row.ranged and row.needed_low < row.needed_high:
            ax.plot(
                [row.needed_low, row.needed_high], [row.y, row.y], clip_on=False,
                color=plt.rcParams["text.color"], linestyle=":" if row.hidden else "-",
                linewidth=1.4, marker="|", markersize=7,
            )  # fmt: skip
    ax.set_xlim(0, max([1.0, *(row.end for row in picture.rows)]))
    ax.spines["left"].set_visible(True)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    if not any(math.isfinite(row.needed) or row.ranged for row in picture.rows):
        ax.set_xticks([])


def _write(ax: Axes, row: _Row, words: str, at: tuple[float, float], xycoords: object) -> None:
    canvas.write(ax, words, at, row.hidden, row.status == "no data", xycoords=xycoords)


def _gap_key(picture: _Picture) -> Iterator[str]:
    """Say once what the marks are."""
    known = [row for row in picture.rows if row.known]
    if any(row.bounded for row in known):
        yield f"Thin lines: {picture.level}"
    if any(row.gap > 0 for row in known):
        yield "wide lines: distance still to go"
    if any(row.gap <= 0 for row in known):
        yield "diamonds: at or past the goal"


def _needed_key(picture: _Picture) -> Iterator[str]:
    ranged = [row for row in picture.rows if row.ranged and row.needed_low < row.needed_high]
    if any(not row.hidden for row in ranged):
        yield f"Thin lines: range from {picture.level}"
    if any(row.hidden for row in ranged):
        yield "dotted lines: all that the hidden counts allow"
    if math.isfinite(picture.rows[0].needed) and len(picture.rows) > 1:
        yield f"{picture.rows[0].label}: its own need, not the sum of the segments"
