"""The picture of a pathway: how each stage adds to, or takes from, what came before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from targeted_universalism.errors import InputError
from targeted_universalism.show.pictures import canvas
from targeted_universalism.show.pictures.canvas import BLUE, GREY, ORANGE, Span, Stack
from targeted_universalism.show.words import join_words, number_words

COLUMNS = (
    "dimension", "segment", "stage", "parent", "direction", "reference", "stage_index",
    "stage_index_low", "stage_index_high", "population_index", "population_index_low",
    "population_index_high", "disparity_share", "flag", "reason",
)  # fmt: skip
_WANTED = {"at most": "lower is wanted ←", "at least": "higher is wanted →"}
_APART = 0.2  # of a row: each of the two marks from its middle


def plot_pathway(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a pathway: at each stage, each segment's rate as a ratio to the reference's.

    Parameters
    ----------
    table : DataFrame
        From :func:`pathway`, of one stratum and one dimension.
    ax : Axes, optional
        Where to draw, best in a figure with ``layout="constrained"``; a new figure of fitting size
        without it.

    Returns
    -------
    Axes
        Two marks for each segment and stage: the ratio among those who reached the stage before
        (circle), and in the whole population (square), on a log axis; in words in ``ax.tu_alt``.

    Raises
    ------
    InputError
        If the table is no pathway, or holds several strata or dimensions, or more rows than a
        picture can show.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> counts = pd.DataFrame({
    ...     "race": ["Black", "White"], "children": [10_000, 40_000], "referred": [800, 1_600],
    ...     "removed": [96, 120],
    ... })
    >>> table = tu.pathway(
    ...     counts, stages=["children", "referred", "removed"], segments="race",
    ...     reference="White", directions="at most",
    ... )
    >>> tu.plot_pathway(table).tu_alt.split(". ")[2].partition(" (interval")[0]
    'referred (of children): stage 2.00'

    """
    picture = _picture(table)
    same = canvas.same_words(picture.reference)
    ax = canvas.framed(picture.stack, ax, picture.title, pad=10 + 16 * len(same))
    canvas.ratio_axis(ax, [span for row in picture.rows for span in (row.stage, row.population)])
    canvas.draw_same(ax, 1.0, same)
    for row, y in zip(picture.rows, picture.stack.y, strict=True):
        _draw_row(ax, row, y)
    axis = "; ".join(part for part in ("Ratio, log scale", picture.wanted) if part)
    canvas.write_key(ax, axis, _key(picture))
    canvas.say(ax, _alt(picture))
    return ax


# --- what is drawn ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One stage of one segment."""

    segment: str
    name: str
    stage: Span
    population: Span
    share: float
    flag: str
    reason: str

    @property
    def hidden(self) -> bool:
        return self.flag == "suppressed" and not self.known

    @property
    def known(self) -> bool:
        return self.stage.known or self.population.known

    @property
    def poor(self) -> bool:
        return self.flag == "unreliable"


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """The stages of each segment, ready to draw."""

    rows: tuple[_Row, ...]
    stack: Stack
    reference: str
    wanted: str
    title: tuple[str, ...]


def _picture(table: pd.DataFrame) -> _Picture:
    _check_columns(table)
    table = table[table["reference"].notna()]  # the total holds the reference
    by = _check_one(table)
    lines = [{str(k): v for k, v in line.items()} for line in table.to_dict("records")]
    compared = [line for line in lines if line["segment"] != line["reference"]] or lines
    segments = list(dict.fromkeys(str(line["segment"]) for line in compared))
    lines = [line for name in segments for line in compared if str(line["segment"]) == name]
    directions = [_word(line["direction"]) for line in lines]
    usual = max(dict.fromkeys(directions), key=directions.count)
    rows = tuple(_row(line, usual) for line in lines)
    if len(rows) > canvas.MOST_ROWS:
        raise InputError(
            f"{len(rows):,} rows are more than a picture can show ({canvas.MOST_ROWS}): keep some "
            "segments, as in table[table['segment'].isin([…])]."
        )
    references = dict.fromkeys(str(line["reference"]) for line in lines)
    groups = [segments.index(row.segment) for row in rows]
    reference = join_words(list(references)) or "the reference"
    where = ", ".join(f"{name} {_word(lines[0][name])}" for name in by if lines)
    what = f"Each stage of the pathway: ratio of rates to that of {reference}"
    return _Picture(
        rows=rows,
        stack=canvas.stacked([row.name for row in rows], groups, dict(enumerate(segments))),
        reference=reference,
        wanted=_WANTED.get(usual, "") + " unless said" * (len(set(directions)) > 1),
        title=(where, what),
    )


def _row(line: Mapping[str, Any], usual: str) -> _Row:
    """Make a row, named with its direction where it is not the usual one."""
    parent, direction = _word(line["parent"]), _word(line["direction"])
    wanted = _WANTED.get(direction, "") if direction != usual else ""
    after = ", ".join(part for part in (parent and f"of {parent}", wanted) if part)
    return _Row(
        segment=str(line["segment"]),
        name=f"{line['stage']} ({after})" if after else str(line["stage"]),
        stage=_span(line, "stage_index"),
        population=_span(line, "population_index"),
        share=float(line["disparity_share"]),
        flag=_word(line["flag"]),
        reason=_word(line["reason"]),
    )


def _span(line: Mapping[str, Any], name: str) -> Span:
    value, low, high = (float(line[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return Span(value=value, low=low, high=high)


def _word(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _check_columns(table: pd.DataFrame) -> None:
    """Stop where the table is no pathway."""
    if not isinstance(table, pd.DataFrame):
        raise InputError(
            f"plot_pathway() takes the table of tu.pathway(…), not {type(table).__name__}."
        )
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(
            f"The table has no column {missing[0]!r}: plot_pathway() takes the table of "
            "tu.pathway(…)."
        )


def _check_one(table: pd.DataFrame) -> list[str]:
    """Stop where there is no row, or more than one stratum or dimension; give the `by` columns."""
    if not len(table):
        raise InputError("The table has no row of a segment with a reference: nothing to draw.")
    by = [str(name) for name in table.columns[: list(table.columns).index("dimension")]]
    for name in (*by, "dimension"):
        values = table[name].drop_duplicates()
        if len(values) > 1:
            raise InputError(
                f"The table holds {len(values):,} values of {name!r}, and a picture shows one: "
                f"choose it, as in table[table[{name!r}] == {_literal(values.iloc[0])}]."
            )
    return by


def _literal(value: object) -> str:
    return str(value) if isinstance(value, (Number, np.bool_)) else repr(str(value))


# --- drawing ------------------------------------------------------------------------------------


def _draw_row(ax: Axes, row: _Row, y: float) -> None:
    if row.hidden:
        canvas.hatch(ax, y)
    for span, marker, color, down in (
        (row.stage, "o", BLUE, -_APART), (row.population, "s", ORANGE, _APART)
    ):  # fmt: skip
        shown = GREY if row.poor else color
        face = "none" if row.poor else shown
        canvas.draw_span(ax, span, y + down, marker=marker, color=shown, markerfacecolor=face)
    words = "\n".join(canvas.wrapped(_words(row), canvas.WORDS_CHARS))
    canvas.write(
        ax, words, (1.0, y), row.hidden, not row.known and not row.hidden,
        xycoords=ax.get_yaxis_transform(),
    )  # fmt: skip


# --- words --------------------------------------------------------------------------------------


def _words(row: _Row, interval: bool = False) -> str:
    """Say 'stage 1.35, population 2.10, 31 % of the disparity', or why there is no number."""
    if row.hidden:
        return "suppressed"
    if not row.known:
        return f"no index: {row.reason.removeprefix('no index: ')}".removesuffix(": ")
    missing = "suppressed" if row.flag == "suppressed" else "missing"
    parts = [
        f"{name} {_ratio(span, 1 if row.poor else 2, interval) if span.known else missing}"
        for name, span in (("stage", row.stage), ("population", row.population))
    ]
    if row.share == row.share:
        parts.append(f"share {round(100 * row.share):,} %")
    return ", ".join([*parts, *([row.flag] if row.poor else [])])


def _ratio(span: Span, digits: int, interval: bool) -> str:
    """Write an index, with one decimal where counts are small."""
    value, low, high = (
        "no limit" if number == float("inf") else number_words(number, digits)
        for number in (span.value, span.low, span.high)
    )
    return f"{value} (interval {low} to {high})" if interval and span.bounded else value


def _key(picture: _Picture) -> Iterator[str]:
    """Say once what the marks are."""
    if any(row.stage.known for row in picture.rows):
        yield "circles: among those who reached the stage before"
    if any(row.population.known for row in picture.rows):
        yield "squares: in the whole population"
    if any(row.share == row.share for row in picture.rows):
        yield "share: part of the disparity at the last stage"
    if any(span.bounded for row in picture.rows for span in (row.stage, row.population)):
        yield "thin lines: 95 % intervals"
    if any(row.poor and row.known for row in picture.rows):
        yield "hollow grey marks: unreliable, small counts"


def _alt(picture: _Picture) -> Iterator[str]:
    """Put the picture into words: title, then one clause for each stage of each segment."""
    yield from picture.title
    segment = ""
    for row in picture.rows:
        if row.segment != segment:
            yield row.segment
        segment = row.segment
        yield f"{row.name}: {_words(row, interval=True)}"
