"""The heat map: where every segment stands on every indicator, or in every place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, product

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.symbols import (
    BY_THE_COUNT,
    MEANINGS,
    SYMBOLS,
    symbol_places,
)
from targeted_universalism.errors import InputError
from targeted_universalism.labels import label
from targeted_universalism.measures.goal import STATUS_WORDS
from targeted_universalism.show.pictures.canvas import (
    GREY,
    NAME,
    PLAIN,
    SHORT,
    SMALL,
    THERE,
    Segment,
    Stratum,
    check_rows,
    choice_words,
    fitting,
    say,
    titled,
    wrapped,
    write_key,
)
from targeted_universalism.show.pictures.paper import WIDTH, leaf, shares
from targeted_universalism.show.words import (
    goal_words,
    status_words,
    stratum_words,
    unreliable_words,
)

MOST_SEGMENTS, MOST_COLUMNS = 60, 30

# By the symbol. Who has way to go stands out, surely before perhaps; what is not full leaves the
# ground its own colour.
_FILLS = ((THERE, 0.32), (SHORT, 1.0), (THERE, 0.12), (SHORT, 0.32))
_FULL, _HIDDEN = 1, 5
_ON_FULL = "#ffffff"

# Inches, on both axes of a picture of its own.
_ROW, _LINE, _APART, _EDGE = 0.3, 0.185, 0.16, 0.03
_LETTER, _AROUND, _NAMES, _FRAME = 0.082, 0.14, 2.7, 0.75
_OVER = 2.6  # what of a sheet of paper is title, heads, headings and key
_NAME_CHARS, _LEAST_CHARS, _WORD_CHARS, _MOST_CHARS = 28, 7, 16, 18
_NAME_LINES = 4
_HEADING_LINE = 1.25 * SMALL  # points


def heatmap(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw where every segment stands: a row for each, a column for each indicator or place.

    A cell has the symbol of :meth:`Assessment.scorecard`, and the rate in the unit of its column,
    whose goal stands over it. Nothing is averaged over columns, and no row is ranked.

    Parameters
    ----------
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
        If there are several indicators in several places and no roll-up (choose with
        ``a.where(…)``), more than 60 rows, or more than 30 columns.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({
    ...     "what": ["graduated", "graduated", "absent", "absent"], "race": ["A", "B"] * 2,
    ...     "x": [180, 850, 20, 160], "n": [200, 1000, 200, 1000],
    ... })
    >>> s = tu.from_counts(
    ...     rows, numerator="x", denominator="n", segments="race", indicator="what"
    ... )
    >>> goals = {"graduated": tu.Goal.at_least(0.9), "absent": tu.Goal.at_most(10, per=100)}
    >>> ax = tu.assess(s, goals).plot.heatmap()
    >>> ax.tu_alt.split(". ")[-1]
    'B: graduated 85.0 %, short; absent 16.0 %, short.'

    """
    matrix = _on_leaf(_matrix(answer))
    columns, rows = _across(matrix.columns), _down(answer, matrix.rows)
    lines = max(len(c.name) for c in columns), max(len(c.goal) for c in columns)
    above = 12 + _HEADING_LINE * sum(lines)
    names = _names_width()
    room = max(leaf().width - names, columns[-1].right)
    height = _FRAME + rows[-1].bottom + above / 72
    width = columns[-1].right if ax is not None else room
    ax = titled(ax, matrix.title, height, above, room + names)
    ax.set_xlim(0, width)
    _name_rows(ax, rows)
    for place, column in zip(columns, matrix.columns, strict=True):
        _head(ax, place, lines[1])
        for row in rows:
            if row.row is not None:
                _draw_cell(ax, column.cells[row.row], place, row)
    write_key(ax, "", _key(matrix))
    say(ax, [*matrix.title, *_sentences(matrix)])
    return ax


def fits(answer: Answer) -> bool:
    """Tell whether one heat map can show all strata."""
    try:
        _matrix(answer)
    except InputError:
        return False
    return True


def in_parts(answer: Answer, most: int) -> list[Answer]:
    """Share out the columns among answers with as few each, so that each can be read on paper."""
    positions, _ = _columns_of(answer)
    parts = -(-len(positions) // most)
    return [answer.take(some) for some in np.array_split(positions, parts)]


# --- what is shown ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class _Cell:
    """One segment in one column."""

    segment: Segment
    stratum: Stratum

    @property
    def status(self) -> int:
        """Its standing, as a small integer."""
        return STATUS_WORDS.index(self.segment.status)

    @cached_property
    def place(self) -> int:
        """Place of its symbol in ``SYMBOLS``."""
        return int(symbol_places(np.array(self.status), np.array(self.segment.gap)))

    @property
    def text(self) -> str:
        """What is written in it: the unit stands over the column."""
        rate, unit = self.segment.rate, self.stratum.unit
        if not rate.known:
            return SYMBOLS[self.place]
        percent = "\u00a0%" * unit.percent
        return f"{SYMBOLS[self.place]}\u00a0{unit.number(rate.value)}{percent}{self._mark}"

    @property
    def words(self) -> str:
        """The same for whoever does not see it."""
        segment = self.segment
        if not segment.rate.known:
            return segment.missing_words
        standing = status_words(self.status, segment.gap, segment.rate.bounded)
        parts = [f"{self.stratum.unit.rate(segment.rate.value)}, {standing}"]
        return ", ".join(parts + ["unreliable"] * segment.unreliable)

    @property
    def _mark(self) -> str:
        return "\u00a0†" * self.segment.unreliable


@dataclass(frozen=True, eq=False, kw_only=True)
class _Column:
    """An indicator or a place: its name, the words of its goal, and a cell for each row."""

    name: str
    goal: str
    cells: dict[int, _Cell]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Matrix:
    """Rows by their place in the answer, the columns, and the lines of the title."""

    answer: Answer
    title: tuple[str, ...]
    rows: list[int]
    columns: list[_Column]


def _matrix(answer: Answer) -> _Matrix:
    """Choose rows and columns; stop where there are more than anyone reads."""
    positions, by_place = _columns_of(answer)
    rows = np.flatnonzero(answer.seen[:, positions].any(axis=1)).tolist()
    check_rows(answer, len(rows), "heatmap()", MOST_SEGMENTS)
    strata = [Stratum(answer=answer, position=position) for position in positions.tolist()]
    if by_place:
        title, names = _title_of_places(answer, strata[0]), _place_names(answer, strata)
    else:
        place = _place_words(answer, strata[0].position)
        title, names = (place, "Each column against its own goal"), _indicator_names(strata)
    columns = [
        _Column(
            name=name,
            goal="" if by_place else _goal_words(stratum),
            cells={row: _Cell(segment=stratum.segment(row), stratum=stratum) for row in rows},
        )
        for name, stratum in zip(names, strata, strict=True)
    ]
    return _Matrix(answer=answer, title=title, rows=rows, columns=columns)


def _columns_of(answer: Answer) -> tuple[IntArray, bool]:
    """Give the strata that are columns, and whether these are places.

    Columns are the indicators of one place, or of the only roll-up; else the places of one
    indicator.
    """
    strata = answer.segments.strata
    first, place = strata.whatever_indicator().alike()
    if len(first) == 1:
        return _few(answer, np.arange(len(strata)), "indicator"), False
    if len(strata.measured) == 1:
        return _few(answer, np.arange(len(strata)), strata.names[0]), True
    rolled = np.flatnonzero(strata.rolled_up[first])
    if len(rolled) == 1:
        return _few(answer, np.flatnonzero(place == rolled[0]), "indicator"), False
    of_one, of_all = (
        choice_words(answer.segments.strata, 0, of) for of in (("by",), ("indicator",))
    )
    raise InputError(
        f"There are {len(first):,} places with several indicators, and a picture shows the "
        f"indicators of one, as in a.where({of_one}).plot.heatmap(), or the places of one "
        f"indicator, as in a.where({of_all}).plot.heatmap()."
    )


def _few(answer: Answer, positions: IntArray, column: str) -> IntArray:
    """Stop where there are more columns than anyone reads."""
    if len(positions) <= MOST_COLUMNS:
        return positions
    strata = answer.segments.strata
    names = strata.indicators if column == "indicator" else strata.labels(column)
    raise InputError(
        f"{len(positions):,} columns are more than a picture can show ({MOST_COLUMNS}): choose "
        f"some, as in a.where({{{column!r}: {list(names[:2])!r}}}).plot.heatmap(); a.scorecard() "
        "holds them all."
    )


# --- words --------------------------------------------------------------------------------------


def _place_words(answer: Answer, position: int) -> str:
    """Name a stratum whatever is measured in it."""
    strata = answer.segments.strata.whatever_indicator()
    return stratum_words(
        replace(answer, segments=replace(answer.segments, strata=strata)), position
    )


def _title_of_places(answer: Answer, first: Stratum) -> tuple[str, ...]:
    strata = answer.segments.strata
    measured = "" if strata.indicator_name is None else strata.indicators[strata.indicator[0]]
    return first.goal.name or measured, f"By {' and '.join(strata.names)}", first.goal_words


def _place_names(answer: Answer, strata: Sequence[Stratum]) -> list[str]:
    """Name the places: by their label alone where one column tells them apart."""
    one = len(answer.segments.strata.names) == 1
    values = [s.answer.segments.strata.texts_of(s.position) for s in strata]
    return [
        value[0] if one and value[0] else _place_words(answer, s.position)
        for value, s in zip(values, strata, strict=True)
    ]


def _indicator_names(strata: Sequence[Stratum]) -> list[str]:
    """Name the indicators by their goals where these have names that differ."""
    measured = [label(_measured(stratum)) for stratum in strata]
    named = [stratum.goal.name or text for stratum, text in zip(strata, measured, strict=True)]
    return named if len(set(named)) == len(named) else measured


def _measured(stratum: Stratum) -> str:
    strata = stratum.answer.segments.strata
    return strata.indicators[int(strata.indicator[stratum.position])]


def _goal_words(stratum: Stratum) -> str:
    year = "" if stratum.goal.deadline is None else f" by\u00a0{stratum.goal.deadline}"
    words = goal_words(stratum.goal, stratum.kind).replace(" %", "\u00a0%")
    return words.replace("per ", "per\u00a0") + year


def _key(matrix: _Matrix) -> Iterator[str]:
    """Say once what the symbols that occur mean."""
    cells = [cell for column in matrix.columns for cell in column.cells.values()]
    for place in sorted({cell.place for cell in cells}):
        yield f"{SYMBOLS[place]}\u00a0{MEANINGS[place]}"
    if any(cell.segment.status == "uncertain" for cell in cells):
        yield BY_THE_COUNT
    if any(cell.segment.unreliable for cell in cells):
        yield f"†\u00a0{unreliable_words(matrix.answer)}"


def _sentences(matrix: _Matrix) -> Iterator[str]:
    """Say every goal, then every row."""
    for column in matrix.columns:
        if column.goal:
            yield f"{column.name}: {column.goal}".replace("\u00a0", " ")
    for row in matrix.rows:
        cells = "; ".join(f"{column.name} {column.cells[row].words}" for column in matrix.columns)
        yield f"{matrix.answer.labels[row]}: {cells}"


# --- where it stands ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Across:
    """Place of a column, and the lines over it."""

    left: float
    right: float
    name: list[str]
    goal: list[str]


@dataclass(frozen=True, kw_only=True)
class _Down:
    """Place of a row, or of a heading, which has no row of the answer."""

    row: int | None
    name: list[str]
    top: float
    bottom: float


def _names_width() -> float:
    """Give the inches that the names of the rows take."""
    return _NAMES * leaf().width / WIDTH


def _on_leaf(matrix: _Matrix) -> _Matrix:
    """Give the rows and columns that stand on one sheet of paper, where that is not all."""
    sheet = leaf()
    if math.isinf(sheet.height):
        return matrix
    wide = [_LETTER * _chars(column) + _AROUND for column in matrix.columns]
    columns = shares(wide, sheet.width - _names_width())
    high = [
        row.bottom - row.top for row in _down(matrix.answer, matrix.rows) if row.row is not None
    ]
    rows = sheet.shares(high, _OVER)
    down, right = sheet.choose(list(product(rows, columns)))
    return replace(matrix, rows=matrix.rows[down], columns=matrix.columns[right])


def _across(columns: Sequence[_Column]) -> list[_Across]:
    """Lay columns side by side, each as wide as its cells and its words need."""
    share = int((leaf().width - _names_width()) / len(columns) / _LETTER)
    found: list[_Across] = []
    left = 0.0
    for column in columns:
        chars = max(_chars(column), min(share - 2, _MOST_CHARS))
        right = left + _LETTER * chars + _AROUND
        name, goal = (wrapped(text, chars) for text in (column.name, column.goal))
        found.append(_Across(left=left, right=right, name=name, goal=goal))
        left = right
    return found


def _chars(column: _Column) -> int:
    """Count the letters that a column has room for at least."""
    words = [word for text in (column.name, column.goal) for word in text.split(" ")]
    longest = min(max(map(len, words), default=0), _WORD_CHARS)
    cells = max(len(cell.text) for cell in column.cells.values())
    return max(_LEAST_CHARS, longest, cells, -(-len(column.name) // _NAME_LINES))


def _down(answer: Answer, rows: Sequence[int]) -> list[_Down]:
    """Stack rows downward: the total, then each dimension, under a heading if there are several."""
    names = Stratum(answer=answer, position=0).headings
    several = len({int(answer.dimension_of[row]) for row in rows} - {0}) > 1
    found: list[_Down] = []
    down = 0.0
    for dimension, together in groupby(rows, key=lambda row: int(answer.dimension_of[row])):
        down += _APART if found else 0.0
        heading = [(None, names[dimension])] if several and dimension else []
        for row, name in [*heading, *((row, answer.labels[row]) for row in together)]:
            lines = wrapped(name, fitting(_NAME_CHARS)) or [""]
            height = max(_ROW, _LINE * len(lines) + 0.06)
            found.append(_Down(row=row, name=lines, top=down, bottom=down + height))
            down += height
    return found


def _name_rows(ax: Axes, rows: Sequence[_Down]) -> None:
    """Name the rows down the left side: headings are bold."""
    middles = [(row.top + row.bottom) / 2 for row in rows]
    ax.set_yticks(middles, ["\n".join(row.name) for row in rows], fontsize=NAME, **PLAIN)
    for text, row in zip(ax.get_yticklabels(), rows, strict=True):
        text.set_fontweight("bold" if row.row is None else "normal")
    ax.set_ylim(rows[-1].bottom, 0)
    ax.tick_params(axis="y", length=0, pad=8)
    ax.set_xticks([])
    ax.spines[["top", "right", "left", "bottom"]].set_visible(False)
    ax.grid(False)


def _head(ax: Axes, column: _Across, goal_lines: int) -> None:
    """Write the name of a column in bold over its cells, and under it its goal."""
    up = 4.0 + _HEADING_LINE * goal_lines
    for lines, weight, side in ((column.name, "bold", "bottom"), (column.goal, "normal", "top")):
        ax.annotate(
            "\n".join(lines), ((column.left + column.right) / 2, 1),
            xycoords=ax.get_xaxis_transform(), xytext=(0, up), textcoords="offset points",
            ha="center", va=side, fontsize=SMALL, fontweight=weight, annotation_clip=False,
            **PLAIN,
        )  # fmt: skip


def _draw_cell(ax: Axes, cell: _Cell, column: _Across, row: _Down) -> None:
    """Fill a cell by its status, hatch it where it is hidden, and write symbol and rate."""
    fill = _FILLS[cell.place] if cell.place < len(_FILLS) else None
    hidden = cell.place == _HIDDEN
    ax.add_artist(  # limits are set already
        Rectangle(
            (column.left + _EDGE / 2, row.top + _EDGE / 2),
            column.right - column.left - _EDGE, row.bottom - row.top - _EDGE,
            facecolor=fill or "none", edgecolor=(GREY, 0.6 if hidden else 0.0), linewidth=0,
            hatch="////" if hidden else None,
        )
    )  # fmt: skip
    ax.text(
        (column.left + column.right) / 2,
        (row.top + row.bottom) / 2,
        cell.text,
        ha="center",
        va="center",
        fontsize=SMALL,
        color=_ON_FULL if cell.place == _FULL else mpl.rcParams["text.color"],
        **PLAIN,
    ).set_in_layout(False)  # fmt: skip - it stands in its cell, and takes no room beside the axes
