"""The concentration curve: how an outcome is spread over people in a declared order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import InputError
from targeted_universalism.measures.inequality.curves import (
    concentration_curve,
    twice_the_area,
)
from targeted_universalism.reasons import Reason
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import BLUE, GREY, PLAIN, Segment
from targeted_universalism.show.pictures.marks import Look
from targeted_universalism.show.words import number_words

_LIST_CHARS, _STEP, _SIDE = 58, 13.5, 4.6  # of the list: characters, points a line; inches
_NEAR = 0.035  # numbers of points nearer than this to the last one are left out


def concentration(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw the concentration curve of an ordered dimension, with its relative index.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``, since the list of segments
        stands beside the axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        Cumulative percent of people against cumulative percent of the outcome, most
        disadvantaged first; in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several strata and no roll-up (choose one with ``a.where(…)``), or not exactly
        one dimension with a declared order.

    Notes
    -----
    Above the diagonal the outcome lies more with the most disadvantaged, and the relative
    concentration index is below 0 (Kakwani, Wagstaff & van Doorslaer 1997).

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> absent = pd.DataFrame({
    ...     "income": ["low", "middle", "high"], "absent": [30, 44, 10],
    ...     "pupils": [100, 200, 100],
    ... })
    >>> s = tu.from_counts(
    ...     absent, numerator="absent", denominator="pupils", segments="income",
    ...     order={"income": ["low", "middle", "high"]},
    ... )
    >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.concentration()
    >>> ax.tu_alt.split(". ")[-1]
    'high: 25.0 % of people, 11.9 % of the outcome.'

    """
    curve = _curve(answer)
    entries = list(_entries(curve))
    height = sum(len(entry.lines) for entry in entries) * _STEP / 72
    ax = canvas.titled(ax, curve.title, max(_SIDE, height) + 1.0, pad=18)
    _draw_axes(ax, curve)
    if not curve.why:
        _draw_curve(ax, curve)
    _write_list(ax, entries)
    canvas.say(ax, [*curve.title, *(f"{s.label}: {_clause(s, curve)}" for s in curve.shown)])
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Step:
    """One segment: its shares, and where its step of the curve ends, all in percent."""

    label: str
    people: float
    outcome: float
    people_share: float
    outcome_share: float
    hidden: bool
    unreliable: bool
    takes_part: bool


@dataclass(frozen=True, kw_only=True)
class _Curve:
    """One ordered dimension in one stratum; `why` says why there is no curve."""

    steps: tuple[_Step, ...]
    looked_at: tuple[bool, ...]
    dimension: str
    noun: str
    index: float
    why: str
    about: tuple[str, str]

    @property
    def shown(self) -> list[_Step]:
        """The steps that are named: those of the segments that are looked at."""
        return [step for step, here in zip(self.steps, self.looked_at, strict=True) if here]

    @property
    def title(self) -> list[str]:
        what = f"Concentration over {self.dimension}, most disadvantaged first"
        return [*self.about, what, self.index_words]

    @property
    def index_words(self) -> str:
        if self.why:
            return f"No curve and no index: {self.why}"
        return f"Relative concentration index: {number_words(self.index, 3)} ({self.meaning})"

    @property
    def meaning(self) -> str:
        if number_words(self.index, 3) == "0.000":
            return "0: on the whole, equal shares"
        amount = "more" if self.index < 0 else "less"
        side = "below" if self.index < 0 else "above"
        return f"{side} 0: {amount} of the outcome with the most disadvantaged"


def _curve(answer: Answer) -> _Curve:
    stratum = canvas.one_stratum(answer, "concentration()")
    dimension = _ordered(answer)
    every = [segment for segment in stratum.every if segment.dimension == dimension]
    segments = [segment for segment in every if not answer.unknown[segment.row]]
    places = [segment.row for segment in segments], stratum.position
    rate, people = answer.values["rate"][places], answer.values["population"][places]
    hidden = any(segment.hidden for segment in every)
    points = concentration_curve(rate, people)
    return _Curve(
        steps=tuple(_steps(segments, np.isfinite(rate) & (people > 0), *points)),
        looked_at=tuple(bool(answer.seen[segment.row, stratum.position]) for segment in segments),
        dimension=stratum.headings[dimension],
        noun=stratum.goal.people,
        index=float(twice_the_area(*points)),
        why=_why_not(rate, people, points[1], hidden, answer.dimensions[dimension].exclusive),
        about=(stratum.goal.name, stratum.words),
    )


def _steps(
    segments: Sequence[Segment], takes_part: BoolArray, people: FloatArray, outcome: FloatArray
) -> Iterator[_Step]:
    people_share, outcome_share = 100 * np.diff(people), 100 * np.diff(outcome)
    for i, segment in enumerate(segments):
        yield _Step(
            label=segment.label,
            people=100 * float(people[i + 1]),
            outcome=100 * float(outcome[i + 1]),
            people_share=float(people_share[i]),
            outcome_share=float(outcome_share[i]),
            hidden=segment.hidden,
            unreliable=segment.unreliable,
            takes_part=bool(takes_part[i]),
        )


def _ordered(answer: Answer) -> int:
    """Give the position of the one ordered dimension."""
    ordered = [i for i, dimension in enumerate(answer.dimensions) if dimension.ordered]
    if len(ordered) == 1:
        return ordered[0]
    names = [d.name for d in answer.dimensions[1:]]
    if ordered:
        raise InputError(
            f"{len(ordered)} dimensions are ordered, and a concentration curve follows one: choose "
            f"it, as in a.where(dimension={answer.dimensions[ordered[0]].name!r})"
            ".plot.concentration()."
        )
    raise InputError(
        "A concentration curve needs an ordered dimension, and none of "
        f"{', '.join(map(repr, names)) or 'them'} is: declare the order in the constructor, most "
        f"disadvantaged first, as in order={{{(names or ['income'])[0]!r}: ['Q1', 'Q2', …]}}."
    )


def _why_not(
    rate: FloatArray, people: FloatArray, outcome: FloatArray, hidden: bool, exclusive: bool
) -> str:
    """Say why there is no curve; empty where there is one."""
    if hidden:
        return Reason.SUPPRESSED_SEGMENT.value
    if not exclusive:
        return Reason.OVERLAPPING.value
    if not np.isfinite(rate).any():
        return Reason.NO_RATE.value
    if np.isnan(people[np.isfinite(rate)]).any():
        return Reason.NO_WEIGHTS.value
    if not np.isfinite(outcome).all():
        return "the outcome has no share: it is zero, or below zero somewhere"
    return ""


# --- drawing ------------------------------------------------------------------------------------


def _draw_axes(ax: Axes, curve: _Curve) -> None:
    """Draw the square and its diagonal, on which everyone has an equal share."""
    ax.plot([0, 100], [0, 100], color=mpl.rcParams["text.color"], linewidth=1.2, linestyle="--")
    ax.set(xlim=(0, 100), ylim=(0, 100), aspect="equal", anchor="NW")
    ax.tick_params(labelsize=canvas.SMALL)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=GREY, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    people = f"Cumulative percent of {curve.noun}, by {curve.dimension}"
    words = [line for part in (people, _key(curve)) for line in canvas.wrapped(part, 60)]
    ax.set_xlabel("\n".join(words), fontsize=canvas.SMALL, **PLAIN)
    ax.set_ylabel("Cumulative percent of the outcome", fontsize=canvas.SMALL)


def _key(curve: _Curve) -> str:
    """Say once what the line and the marks are."""
    doubt = any(step.unreliable for step in curve.steps) and not curve.why
    return f"Dashed: equal shares{f'; {canvas.HOLLOW}' if doubt else ''}"


def _draw_curve(ax: Axes, curve: _Curve) -> None:
    """Draw the curve, the area to the diagonal, and the number of each segment at its point."""
    x = [0.0, *(s.people for s in curve.steps)]
    y = [0.0, *(s.outcome for s in curve.steps)]
    ax.fill(x, y, color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(x, y, color=BLUE, linewidth=1.8)
    for step in [None, *curve.steps]:
        doubt = step is not None and step.unreliable
        at = (0.0, 0.0) if step is None else (step.people, step.outcome)
        look = Look(marker="o", color=BLUE, hollow=doubt, size=5)
        ax.plot(*at, clip_on=False, zorder=2.5, **look.options)
    last = (-100.0, -100.0)
    for i, s in enumerate(curve.steps):
        near = max(s.people - last[0], s.outcome - last[1]) < 100 * _NEAR
        if near or not (s.takes_part and curve.looked_at[i]):
            continue
        above = s.outcome >= s.people
        ax.annotate(
            str(i + 1), (s.people, s.outcome), xytext=(-6, 4) if above else (6, -4),
            textcoords="offset points", ha="right" if above else "left",
            va="bottom" if above else "top", fontsize=canvas.SMALL, annotation_clip=False,
        )  # fmt: skip
        last = (s.people, s.outcome)


def _write_list(ax: Axes, entries: Sequence[_Entry]) -> None:
    """Write the segments beside the square, from its top downward."""
    frame = {"boxstyle": "square,pad=0.15", "facecolor": "none", "edgecolor": GREY}
    down = 0
    for entry in entries:
        ax.annotate(
            "\n".join(entry.lines), (1, 1), xycoords="axes fraction", xytext=(18, -_STEP * down),
            textcoords="offset points", va="top", fontsize=canvas.SMALL, annotation_clip=False,
            fontstyle="italic" if entry.no_data else "normal",
            bbox=frame if entry.hidden else None, **PLAIN,
        )  # fmt: skip
        down += len(entry.lines)


# --- words --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What is written of one segment: in a frame where hidden, in italics without data."""

    lines: list[str]
    hidden: bool
    no_data: bool


def _entries(curve: _Curve) -> Iterator[_Entry]:
    for number, step in enumerate(curve.steps, start=1):
        if not curve.looked_at[number - 1]:
            continue
        yield _Entry(
            lines=canvas.wrapped(f"{number}  {step.label}: {_clause(step, curve)}", _LIST_CHARS),
            hidden=step.hidden,
            no_data=not step.hidden and not step.takes_part,
        )


def _clause(step: _Step, curve: _Curve) -> str:
    if step.hidden:
        return "suppressed"
    if not step.takes_part:
        return "no data" if not curve.why else "no share"
    if curve.why:
        return "no share"
    words = f"{step.people_share:.1f} % of {curve.noun}, {step.outcome_share:.1f} % of the outcome"
    return f"{words}, unreliable" if step.unreliable else words
