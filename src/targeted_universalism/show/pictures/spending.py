"""Today's money beside the need: each segment's share of people, of need and of money."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.spending import spending as beside
from targeted_universalism.labels import UNKNOWN
from targeted_universalism.show.nouns import what_is_done
from targeted_universalism.show.pictures.canvas import (
    BLUE,
    GREEN,
    GREY,
    HOLLOW,
    ORANGE,
    Segment,
    Span,
    Stratum,
    check_rows,
    stratum_alone,
    table_lines,
    text_or_empty,
)
from targeted_universalism.show.pictures.marks import Drawn, Look, Mark, Stretch
from targeted_universalism.show.pictures.order import check_sort
from targeted_universalism.show.pictures.row_picture import draw_rows
from targeted_universalism.show.pictures.rows import Aside, Row, dimension_groups, ends_of
from targeted_universalism.show.words import number_words

_SHARES = {
    "population_share": ("share of the people", Look(marker="o", color=BLUE, edge=1.4)),
    "effort_share": ("share of the need", Look(marker="D", color=ORANGE, size=6)),
    "spent_share": ("share of the money", Look(marker="s", color=GREEN)),
}


def spending(answer: Answer, money: object, *, sort: str = "data", ax: Axes | None = None) -> Axes:
    """Draw each segment's share of the people, of the need and of the money, on one row.

    Parameters
    ----------
    money
        As in :meth:`Assessment.spending`.
    sort : {"data", "gap", "value", "name"}
        The order of the rows in each dimension: that of the data, the furthest from the
        goal first, the largest share of the money first, or by name. Nothing is ranked
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
        If there are several strata and no roll-up (choose one with ``a.where(…)``), too many rows
        to read, `sort` is no order of rows, or the money does not fit the segments.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({"race": ["A", "B"], "graduates": [40, 45], "pupils": [90, 60]})
    >>> s = tu.from_counts(pupils, numerator="graduates", denominator="pupils", segments="race")
    >>> ax = tu.assess(s, tu.Goal.at_least(0.8)).plot.spending({"A": 30_000, "B": 30_000})
    >>> ax.tu_alt.split(". ")[2]
    'A: share of the people 60 %, share of the need 91 %, share of the money 50 %; 333 a head, \
938 for each still to reach'

    """
    check_sort(sort)
    stratum = stratum_alone(answer, "spending(…)")
    found = _lines(stratum, beside(stratum.answer, money))
    check_rows(answer, len(found), "spending(…)")
    title = stratum.goal.name, stratum.words, "Shares of people, need and money"
    return draw_rows(
        dimension_groups(
            [_row(line, _to_reach(stratum)) for line in found],
            [int(not line.total) for line in found],
            {},
            ruled=1,
        ),
        title=title,
        opening=title,
        scale=_scale,
        axis="Percent of all segments together",
        key=_key(found, stratum),
        legend=list(_SHARES.values()),
        sort=sort,
        ax=ax,
    )


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A row of the table: shares in percent, money in its unit; missing parts are NaN."""

    name: str
    total: bool
    state: str
    shares: Mapping[str, float]
    spent: float
    per_head: float
    per_needed: float
    reason: str
    unreliable: bool
    gap: float

    @property
    def hidden(self) -> bool:
        """Whether its cell is suppressed."""
        return self.state == "suppressed"


def _lines(stratum: Stratum, table: pd.DataFrame) -> list[_Line]:
    found = []
    for line in table_lines(table):
        segment = stratum.named.get((str(line["dimension"]), str(line["segment"])))
        found.append(_line(line, segment))
    return found


def _line(line: Mapping[str, Any], segment: Segment | None) -> _Line:
    """Read a line of the table; Unknown, of whom nobody knows where they belong, is no segment."""
    missing = segment is not None and not segment.rate.known
    return _Line(
        name=str(line["segment"]),
        total=line["dimension"] == "total",
        state=segment.missing_words if segment and missing else "",
        shares={name: 100 * float(line[name]) for name in _SHARES},
        spent=float(line["spent"]),
        per_head=float(line["spent_per_head"]),
        per_needed=float(line["spent_per_needed"]),
        reason=text_or_empty(line["reason"]),
        unreliable=segment is not None and segment.unreliable,
        gap=segment.gap if segment else math.nan,
    )


def _row(line: _Line, to_reach: str) -> Row:
    no_data = bool(line.state) and not line.hidden
    shares = [
        f"{_SHARES[name][0]} {share:,.0f} %"
        for name, share in line.shares.items()
        if math.isfinite(share) and not line.hidden
    ]
    words = _words(line, to_reach)
    return Row(
        name=line.name,
        sentence="; ".join(part for part in (", ".join(shares), words) if part),
        drawn=() if line.hidden else tuple(_drawn(line)),
        asides=(Aside(words=words, hidden=line.hidden, no_data=no_data),),
        hatched=line.hidden,
        gap=line.gap,
        value=math.nan if line.hidden else line.shares["spent_share"],
    )


def _drawn(line: _Line) -> Iterator[Drawn]:
    """Draw the three shares, linked from the least to the most."""
    known = {name: share for name, share in line.shares.items() if math.isfinite(share)}
    if known:
        yield Stretch(start=min(known.values()), end=max(known.values()), color=GREY, width=1.2)
    for name, share in known.items():
        look = replace(_SHARES[name][1], hollow=line.unreliable and name == "effort_share")
        yield Mark(span=Span(value=share), look=look)


def _to_reach(stratum: Stratum) -> str:
    """Say what is still to be done: people still to reach, events to avert or to add."""
    return what_is_done(stratum.goal, stratum.kind) or " still to reach"


def _words(line: _Line, to_reach: str) -> str:
    """Say '70 a head, 538 for each still to reach', or why there is no number."""
    if line.state:
        return line.state
    if not math.isfinite(line.spent):
        return line.reason
    if line.name == UNKNOWN and not math.isfinite(line.per_head):
        return f"{_money(line.spent)} without a segment"
    parts = [f"{_money(line.spent)} in all"] if line.total else []
    if math.isfinite(line.per_head):
        parts.append(f"{_money(line.per_head)} a head")
    if math.isfinite(line.per_needed):
        parts.append(f"{_money(line.per_needed)} for each{to_reach}")
    parts = parts or [f"{_money(line.spent)} in all"]
    return ", ".join([*parts, *(["unreliable"] if line.unreliable else [])])


def _money(amount: float) -> str:
    """Write money to three digits or to the whole."""
    return number_words(amount, 0 if amount >= 100 else 2)


def _scale(ax: Axes, shown: Sequence[Row]) -> None:
    """Make the axis of shares, from zero."""
    ax.set_xlim(0, max([1.0, *(1.04 * end for end in ends_of(shown))]))
    ax.spines["left"].set_visible(True)
    ax.xaxis.set_major_formatter("{x:,.10g}")


def _key(found: Sequence[_Line], stratum: Stratum) -> Iterator[str]:
    """Say once what the numbers are."""
    if any(math.isfinite(line.per_needed) for line in found):
        noun, to_reach = stratum.unit.noun, _to_reach(stratum)
        yield f"numbers: money a head, and for each of the {noun}{to_reach}"
    if any(line.unreliable and math.isfinite(line.shares["effort_share"]) for line in found):
        yield HOLLOW
