"""The concentration curve: how an outcome is spread over people in a declared order."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from targeted_universalism._typing import FloatArray
from targeted_universalism.answer.answer import FLAG_WORDS, Answer
from targeted_universalism.answer.goals import Goal
from targeted_universalism.errors import InputError
from targeted_universalism.measures import concentration_curve, twice_the_area
from targeted_universalism.measures.goal import Status
from targeted_universalism.reasons import Reason
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import BLUE, GREY, PLAIN
from targeted_universalism.show.words import number_words, stratum_words

_LIST_CHARS, _STEP, _SIDE = 58, 13.5, 4.6  # of the list: characters, points a line; inches
_NEAR = 0.035  # numbers of points nearer than this to the last one are left out


def concentration(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw the concentration curve of an ordered dimension, with its relative index.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``; a new figure of fitting size
        without it.

    Returns
    -------
    Axes
        Cumulative percent of people against cumulative percent of the outcome, most
        disadvantaged first; in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If there are several strata and no roll-up, or not exactly one dimension with a
        declared order.

    Notes
    -----
    Above the diagonal the outcome lies more with the most disadvantaged, and the relative
    concentration index is below 0 (Kakwani, Wagstaff & van Doorslaer 1997).

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> absent = pd.DataFrame({
    ...     "income": ["low", "middle", "high"], "absent": [30, 40, 10],
    ...     "pupils": [100, 200, 100],
    ... })
    >>> s = tu.from_counts(
    ...     absent, numerator="absent", denominator="pupils", segments="income",
    ...     order={"income": ["low", "middle", "high"]},
    ... )
    >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.concentration()
    >>> ax.tu_alt.split(". ")[-1]
    'high: 25.0 % of people, 12.5 % of the outcome.'

    """
    picture = _picture(answer)
    blocks = list(_list(picture))
    tall = sum(len(text.split("\n")) for text, _, _ in blocks) * _STEP / 72
    ax = canvas.titled(ax, picture.title, max(_SIDE, tall) + 0.9, pad=10)
    _draw_axes(ax, picture)
    if not picture.why:
        _draw_curve(ax, picture)
    _write_list(ax, blocks)
    canvas.say(ax, _alt(picture))
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Segment:
    """One segment: where its step ends, in percent; or why it takes no part."""

    label: str
    people: float
    outcome: float
    people_share: float
    outcome_share: float
    hidden: bool
    unreliable: bool
    takes_part: bool


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """One ordered dimension in one stratum, ready to draw."""

    segments: tuple[_Segment, ...]
    dimension: str
    index: float
    why: str
    goal: Goal
    stratum_words: str

    @property
    def title(self) -> list[str]:
        about = f"Concentration over {self.dimension}, most disadvantaged first"
        return [self.goal.name, self.stratum_words, about, self.index_words]

    @property
    def index_words(self) -> str:
        if self.why:
            return f"No curve and no index: {self.why}"
        return f"Relative concentration index: {number_words(self.index, 3)} ({self.meaning})"

    @property
    def meaning(self) -> str:
        if number_words(self.index, 3) == "0.000":
            return "0: on the whole, equal shares"
        where = "more" if self.index < 0 else "less"
        side = "below" if self.index < 0 else "above"
        return f"{side} 0: {where} of the outcome with the most disadvantaged"


def _picture(answer: Answer) -> _Picture:
    stratum = canvas.one_stratum(answer, "concentration()")
    dimension = _ordered(answer)
    in_order = (answer.dimension_of == dimension) & answer.seen[:, stratum]
    rows = np.flatnonzero(in_order & ~answer.unknown)
    rate, people = (answer.values[name][rows, stratum] for name in ("rate", "population"))
    hidden = answer.status[:, stratum] == Status.SUPPRESSED
    why = _why_not(answer, rate, people, dimension, bool((hidden & in_order).any()))
    points = concentration_curve(rate, people)
    if not why and not np.isfinite(points[1]).all():
        why = "the outcome has no share: it is zero, or below zero somewhere"
    takes_part = np.isfinite(rate) & (people > 0)
    shares = [100 * np.diff(values) for values in points]
    return _Picture(
        segments=tuple(
            _Segment(
                label=answer.labels[row],
                people=100 * float(points[0][i + 1]),
                outcome=100 * float(points[1][i + 1]),
                people_share=float(shares[0][i]),
                outcome_share=float(shares[1][i]),
                hidden=bool(hidden[row]),
                unreliable=FLAG_WORDS[answer.flag[row, stratum]] == "unreliable",
                takes_part=bool(takes_part[i]),
            )
            for i, row in enumerate(rows.tolist())
        ),
        dimension=canvas.heading_words(answer.dimensions[dimension].name),
        index=float(twice_the_area(*points)),
        why=why,
        goal=answer.goal(stratum),
        stratum_words=stratum_words(answer, stratum),
    )


def _ordered(answer: Answer) -> int:
    """Find the one ordered dimension."""
    found = [i for i, dimension in enumerate(answer.dimensions) if dimension.ordered]
    if len(found) == 1:
        return found[0]
    names = [d.name for d in answer.dimensions[1:]]
    if found:
        raise InputError(
            f"{len(found)} dimensions are ordered, and a concentration curve follows one: choose "
            f"it, as in a.where(dimension={answer.dimensions[found[0]].name!r})"
            ".plot.concentration()."
        )
    raise InputError(
        "A concentration curve needs an ordered dimension, and none of "
        f"{', '.join(map(repr, names)) or 'them'} is: declare the order in the constructor, most "
        f"disadvantaged first, as in order={{{(names or ['income'])[0]!r}: ['Q1', 'Q2', …]}}."
    )


def _why_not(
    answer: Answer, rate: FloatArray, people: FloatArray, dimension: int, hidden: bool
) -> str:
    """Say why there is no curve; empty where there is one."""
    if hidden:
        return "suppressed segment"
    if not answer.dimensions[dimension].exclusive:
        return "segments overlap"
    if not np.isfinite(rate).any():
        return "no rate in the data"
    if np.isnan(people[np.isfinite(rate)]).any():
        return Reason.NO_WEIGHTS.value
    return ""


# --- drawing ------------------------------------------------------------------------------------


def _draw_axes(ax: Axes, picture: _Picture) -> None:
    """Draw the square and its diagonal, on which everyone has an equal share."""
    ax.plot([0, 100], [0, 100], color=plt.rcParams["text.color"], linewidth=1.2, linestyle="--")
    ax.set(xlim=(0, 100), ylim=(0, 100), aspect="equal", anchor="NW")
    free = -1 if picture.why or picture.index <= 0 else 1  # the side without the curve
    ax.annotate(
        "equal shares", (88, 88), xytext=(-7 * free, 7 * free), textcoords="offset points",
        rotation=45, rotation_mode="anchor", ha="right", va="bottom" if free > 0 else "top",
        fontsize=canvas.SMALL,
    )  # fmt: skip
    ax.tick_params(labelsize=canvas.SMALL)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=GREY, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    people = f"Cumulative percent of people, by {picture.dimension}"
    ax.set_xlabel("\n".join(textwrap.wrap(people, 60)), fontsize=canvas.SMALL, **PLAIN)
    ax.set_ylabel("Cumulative percent of the outcome", fontsize=canvas.SMALL)


def _draw_curve(ax: Axes, picture: _Picture) -> None:
    """Draw the curve, the area to the diagonal, and the number of each segment at its point."""
    x = [0.0, *(s.people for s in picture.segments)]
    y = [0.0, *(s.outcome for s in picture.segments)]
    ax.fill(x, y, color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(x, y, color=BLUE, linewidth=1.8, marker="o", markersize=5, clip_on=False)
    last = (-100.0, -100.0)
    for i, s in enumerate(picture.segments):
        if not s.takes_part or max(s.people - last[0], s.outcome - last[1]) < 100 * _NEAR:
            continue
        above = s.outcome >= s.people
        ax.annotate(
            str(i + 1), (s.people, s.outcome), xytext=(-6, 4) if above else (6, -4),
            textcoords="offset points", ha="right" if above else "left",
            va="bottom" if above else "top", fontsize=canvas.SMALL, annotation_clip=False,
        )  # fmt: skip
        last = (s.people, s.outcome)


def _write_list(ax: Axes, blocks: list[tuple[str, bool, bool]]) -> None:
    """Write the segments beside the square, from its top downward."""
    frame = {"boxstyle": "square,pad=0.15", "facecolor": "none", "edgecolor": GREY}
    down = 0
    for words, hidden, empty in blocks:
        ax.annotate(
            words, (1, 1), xycoords="axes fraction", xytext=(18, -_STEP * down),
            textcoords="offset points", va="top", fontsize=canvas.SMALL, annotation_clip=False,
            fontstyle="italic" if empty else "normal", bbox=frame if hidden else None, **PLAIN,
        )  # fmt: skip
        down += len(words.split("\n"))


# --- words --------------------------------------------------------------------------------------


def _list(picture: _Picture) -> Iterator[tuple[str, bool, bool]]:
    """Give what is written of each segment, whether it is hidden, and whether it has no data."""
    for i, s in enumerate(picture.segments):
        words = textwrap.wrap(f"{i + 1}  {s.label}: {_clause(s, picture)}", _LIST_CHARS)
        yield "\n".join(words), s.hidden, not s.hidden and not s.takes_part


def _clause(s: _Segment, picture: _Picture) -> str:
    if s.hidden:
        return "suppressed"
    if not s.takes_part:
        return "no data" if not picture.why else "no share"
    if picture.why:
        return "no share"
    words = f"{s.people_share:.1f} % of people, {s.outcome_share:.1f} % of the outcome"
    return f"{words}, unreliable" if s.unreliable else words


def _alt(picture: _Picture) -> Iterator[str]:
    """Put the picture into words: title and index, then one clause for each segment."""
    yield from picture.title
    for s in picture.segments:
        yield f"{s.label}: {_clause(s, picture)}"
