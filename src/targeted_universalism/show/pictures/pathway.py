"""The picture of a pathway: how each stage adds to, or takes from, what came before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from targeted_universalism.errors import InputError, advised
from targeted_universalism.show.nouns import join_words
from targeted_universalism.show.pictures.canvas import (
    BLUE,
    HOLLOW,
    MOST_ROWS,
    ORANGE,
    WANTED,
    Span,
    table_lines,
    text_or_empty,
)
from targeted_universalism.show.pictures.marks import Look, Mark
from targeted_universalism.show.pictures.row_picture import draw_rows
from targeted_universalism.show.pictures.rows import Aside, Group, Row
from targeted_universalism.show.pictures.scales import VerticalLine, ratio_scale
from targeted_universalism.show.words import number_words

COLUMNS = (
    "dimension", "segment", "stage", "parent", "direction", "reference", "stage_index",
    "stage_index_low", "stage_index_high", "population_index", "population_index_low",
    "population_index_high", "disparity_share", "flag", "reason",
)  # fmt: skip
_APART = 0.2  # of a row: each of the two marks from its middle


@advised
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
    _check_columns(table)
    table = table[table["reference"].notna()]  # the total holds the reference
    by = _check_one(table)
    stages = _stages(table)
    if len(stages) > MOST_ROWS:
        raise InputError(
            f"{len(stages):,} rows are more than a picture can show ({MOST_ROWS}): keep some "
            "segments, as in table[table['segment'].isin([…])]."
        )
    stratum = ", ".join(f"{name} {text_or_empty(table[name].iloc[0])}" for name in by)
    reference = join_words(list(dict.fromkeys(stage.reference for stage in stages)))
    title = stratum, f"Each stage of the pathway: ratio of rates to that of {reference}"
    axis = ["Ratio, log scale", _wanted_words([stage.direction for stage in stages])]
    return draw_rows(
        _groups(stages),
        title=title,
        opening=title,
        scale=ratio_scale,
        axis="; ".join(part for part in axis if part),
        line=VerticalLine(value=1.0, words=f"Same as {reference}"),
        key=_key(stages),
        ax=ax,
    )


# --- what the table holds -----------------------------------------------------------------------


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


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """One stage of one segment."""

    segment: str
    reference: str
    name: str
    parent: str
    direction: str
    stage_index: Span
    population_index: Span
    share: float
    flag: str
    reason: str

    @property
    def known(self) -> bool:
        """Whether it has an index."""
        return self.stage_index.known or self.population_index.known

    @property
    def hidden(self) -> bool:
        """Whether all of it is suppressed."""
        return self.flag == "suppressed" and not self.known

    @property
    def unreliable(self) -> bool:
        """Whether its counts are small."""
        return self.flag == "unreliable"

    @property
    def shared(self) -> bool:
        """Whether it has a share of the disparity."""
        return self.share == self.share


def _stages(table: pd.DataFrame) -> list[_Stage]:
    """Give the stages of each segment: of the reference itself only where there is no other."""
    stages = [_stage(line) for line in table_lines(table)]
    stages = [stage for stage in stages if stage.segment != stage.reference] or stages
    order = list(dict.fromkeys(stage.segment for stage in stages))
    return sorted(stages, key=lambda stage: order.index(stage.segment))


def _stage(line: Mapping[str, Any]) -> _Stage:
    return _Stage(
        segment=str(line["segment"]),
        reference=str(line["reference"]),
        name=str(line["stage"]),
        parent=text_or_empty(line["parent"]),
        direction=text_or_empty(line["direction"]),
        stage_index=Span.of_line(line, "stage_index"),
        population_index=Span.of_line(line, "population_index"),
        share=float(line["disparity_share"]),
        flag=text_or_empty(line["flag"]),
        reason=text_or_empty(line["reason"]),
    )


# --- rows ---------------------------------------------------------------------------------------


def _usual(directions: Sequence[str]) -> str:
    """Give the direction of most stages, the first on ties."""
    return max(dict.fromkeys(directions), key=list(directions).count)


def _wanted_words(directions: Sequence[str]) -> str:
    several = len(set(directions)) > 1
    return WANTED.get(_usual(directions), "") + " unless said" * several


def _groups(stages: Sequence[_Stage]) -> list[Group]:
    """Put the stages of each segment under its name."""
    usual = _usual([stage.direction for stage in stages])
    return [
        Group(
            rows=tuple(_row(stage, usual) for stage in together), heading=segment, sentence=segment
        )
        for segment, together in groupby(stages, key=lambda stage: stage.segment)
    ]


def _row(stage: _Stage, usual: str) -> Row:
    """Make a row, named with its direction where it is not the usual one."""
    wanted = WANTED.get(stage.direction, "") if stage.direction != usual else ""
    after = ", ".join(part for part in (stage.parent and f"of {stage.parent}", wanted) if part)
    missing = not stage.known and not stage.hidden
    return Row(
        name=f"{stage.name} ({after})" if after else stage.name,
        sentence=_words(stage, interval=True),
        drawn=tuple(_marks(stage)),
        asides=(Aside(words=_words(stage), hidden=stage.hidden, no_data=missing),),
        hatched=stage.hidden,
    )


def _marks(stage: _Stage) -> Iterator[Mark]:
    """Draw both indices under each other."""
    for span, marker, color, down in (
        (stage.stage_index, "o", BLUE, -_APART), (stage.population_index, "s", ORANGE, _APART)
    ):  # fmt: skip
        look = Look(marker=marker, color=color, hollow=stage.unreliable)
        yield Mark(span=span, look=look, down=down)


def _words(stage: _Stage, interval: bool = False) -> str:
    """Say 'stage 1.35, population 2.10, 31 % of the disparity', or why there is no number."""
    if stage.hidden:
        return "suppressed"
    if not stage.known:
        return f"no index: {stage.reason.removeprefix('no index: ')}".removesuffix(": ")
    missing = "suppressed" if stage.flag == "suppressed" else "missing"
    digits = 1 if stage.unreliable else 2
    parts = [
        f"{name} {_index_words(span, digits, interval) if span.known else missing}"
        for name, span in (("stage", stage.stage_index), ("population", stage.population_index))
    ]
    if stage.shared:
        parts.append(f"share {round(100 * stage.share):,} %")
    return ", ".join([*parts, *(["unreliable"] if stage.unreliable else [])])


def _index_words(span: Span, digits: int, interval: bool) -> str:
    """Write an index, with one decimal where counts are small."""
    value, low, high = (
        "no limit" if number == float("inf") else number_words(number, digits)
        for number in (span.value, span.low, span.high)
    )
    return f"{value} (interval {low} to {high})" if interval and span.bounded else value


def _key(stages: Sequence[_Stage]) -> Iterator[str]:
    """Say once what the marks are."""
    if any(stage.stage_index.known for stage in stages):
        yield "circles: among those who reached the stage before"
    if any(stage.population_index.known for stage in stages):
        yield "squares: in the whole population"
    if any(stage.shared for stage in stages):
        yield "share: part of the disparity at the last stage"
    spans = [span for stage in stages for span in (stage.stage_index, stage.population_index)]
    if any(span.bounded for span in spans):
        yield "thin lines: 95 % intervals"
    if any(stage.unreliable and stage.known for stage in stages):
        yield f"{HOLLOW}, small counts"
