"""What an amount does under each rule: rates today and after, against the goal line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes

from targeted_universalism._typing import Number
from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.allocation import allocate
from targeted_universalism.ask.costs import Costs
from targeted_universalism.show.nouns import people_words, what_is_done
from targeted_universalism.show.pictures.canvas import (
    BLUE,
    HOLLOW,
    ORANGE,
    PURPLE,
    Segment,
    Span,
    Stratum,
    check_rows,
    stratum_alone,
    table_lines,
    text_or_empty,
)
from targeted_universalism.show.pictures.marks import LANE, Drawn, Look, Mark
from targeted_universalism.show.pictures.order import check_sort
from targeted_universalism.show.pictures.row_picture import draw_rows
from targeted_universalism.show.pictures.rows import Aside, Row, dimension_groups
from targeted_universalism.show.pictures.scales import goal_line, rate_scale

_LOOKS = {
    "proportional": Look(marker="o", color=BLUE),
    "maximin": Look(marker="D", color=ORANGE, size=6),
    "most people": Look(marker="^", color=PURPLE),
}


def allocation(
    answer: Answer,
    amount: Number,
    *,
    rule: str | Sequence[str] = tuple(_LOOKS),
    cost: Costs = None,
    default_cost: Number | None = None,
    dimension: str | None = None,
    sort: str = "data",
    ax: Axes | None = None,
) -> Axes:
    """Draw each segment's rate today and what an amount makes of it, under each rule.

    Parameters
    ----------
    amount, rule, cost, default_cost, dimension
        As in :meth:`Assessment.allocate`; without `rule` all of them.
    sort : {"data", "gap", "value", "name"}
        The order of the rows in each dimension: that of the data, the furthest from the
        goal first, the highest of today's rates first, or by name. Nothing is ranked unless
        asked, and hidden rows come last.
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
        to read, `sort` is no order of rows, or the amount cannot be shared out.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({"race": ["A", "B"], "graduates": [40, 45], "pupils": [90, 60]})
    >>> s = tu.from_counts(pupils, numerator="graduates", denominator="pupils", segments="race")
    >>> ax = tu.assess(s, tu.Goal.at_least(0.8)).plot.allocation(15, rule="maximin")
    >>> ax.tu_alt.split(". ")[-2]
    'A: 44.4 % today, 61.1 % under maximin (15 of 32)'

    """
    check_sort(sort)
    stratum = stratum_alone(answer, "allocation(…)")
    table = allocate(
        stratum.answer, amount, rule=rule, cost=cost, default_cost=default_cost,
        dimension=dimension,
    )  # fmt: skip
    found = _outcomes(stratum, table)
    check_rows(answer, len(found), "allocation(…)")
    money = cost is not None or default_cost is not None
    rules = found[0].rules
    people = f"{people_words(float(amount), stratum.unit.noun)} {_done(stratum)}"
    what = f"a budget of {float(amount):,.10g}" if money else people
    under = "each rule" if len(rules) > 1 else rules[0]
    title = stratum.goal.name, stratum.words, f"Rates today, and after {what} under {under}"
    return draw_rows(
        dimension_groups(
            [_row(outcome, stratum) for outcome in found],
            [outcome.segment.dimension for outcome in found],
            {},
            ruled=max(outcome.segment.dimension for outcome in found),
        ),
        title=title,
        opening=(*title, stratum.goal_words),
        scale=rate_scale(stratum),
        axis=stratum.rate_axis,
        line=goal_line(stratum),
        key=_key(found, stratum),
        legend=list(_legend(found, stratum)),
        sort=sort,
        ax=ax,
    )


def _done(stratum: Stratum) -> str:
    """Say what an award does: people are reached, events averted or added."""
    done = what_is_done(stratum.goal, stratum.kind)
    return {" to avert": "averted", " to add": "added"}.get(done, "reached")


# --- what is drawn --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """A segment, and what each rule makes of it, in the unit that is drawn.

    `rates` are those after, `worst` those of the segment that is then furthest from the goal.
    """

    segment: Segment
    needed: float
    reason: str
    rules: tuple[str, ...]
    awarded: tuple[float, ...]
    rates: tuple[float, ...]
    worst: tuple[float, ...]

    @property
    def total(self) -> bool:
        """Whether it is of all segments together."""
        return self.segment.row == 0

    @property
    def shared(self) -> bool:
        """Whether it has awards."""
        return all(math.isfinite(awarded) for awarded in self.awarded)

    @property
    def moved(self) -> bool:
        """Whether any rule awards it anything."""
        return self.shared and max(self.awarded) > 0


def _outcomes(stratum: Stratum, table: pd.DataFrame) -> list[_Outcome]:
    """Give an outcome for each row of the picture, from the lines of all rules."""
    by_row: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in table_lines(table):
        by_row.setdefault((str(line["dimension"]), str(line["segment"])), []).append(line)
    return [_outcome(stratum.named[key], lines, stratum) for key, lines in by_row.items()]


def _outcome(segment: Segment, lines: Sequence[Mapping[str, Any]], stratum: Stratum) -> _Outcome:
    def numbers(name: str, scale: float = 1.0) -> tuple[float, ...]:
        values = (line[name] for line in lines)
        return tuple(math.nan if pd.isna(v) else scale * float(v) for v in values)

    return _Outcome(
        segment=segment,
        needed=numbers("needed")[0],
        reason=text_or_empty(lines[0]["reason"]),
        rules=tuple(str(line["rule"]) for line in lines),
        awarded=numbers("awarded"),
        rates=numbers("rate_after", stratum.unit.scale),
        worst=numbers("worst_rate_after", stratum.unit.scale),
    )


def _row(outcome: _Outcome, stratum: Stratum) -> Row:
    segment = outcome.segment
    aside = Aside(words=_words(outcome), hidden=segment.hidden, no_data=segment.no_data)
    return Row(
        name=segment.label,
        sentence=_sentence(outcome, stratum),
        drawn=tuple(_drawn(outcome)),
        asides=(aside,),
        hatched=segment.hidden,
        height=LANE * (len(outcome.rules) + 1) if outcome.moved else 0.0,
        gap=segment.gap,
        value=segment.rate.value,
    )


def _drawn(outcome: _Outcome) -> Iterator[Drawn]:
    """Draw a tick for today, and from it a line to the rate after under each rule."""
    today, rules = outcome.segment.rate.value, outcome.rules
    lanes = len(rules) if outcome.moved else 1
    if outcome.moved:
        for i, (name, rate) in enumerate(zip(rules, outcome.rates, strict=True)):
            way = Span(value=rate, low=min(rate, today), high=max(rate, today))
            look = replace(_LOOKS[name], hollow=outcome.segment.unreliable)
            yield Mark(span=way, look=look, down=LANE * (i - (lanes - 1) / 2))
    yield Mark(span=Span(value=today), look=_today(lanes))


def _today(lanes: int = 1) -> Look:
    """Give a tick as tall as the lanes beside it."""
    return Look(marker="|", color=mpl.rcParams["text.color"], size=7 + 8 * lanes, edge=1.4)


# --- words ----------------------------------------------------------------------------------------


def _words(outcome: _Outcome) -> str:
    """Say '30, 52, 12 of 78', or why there is no number."""
    segment = outcome.segment
    if not segment.rate.known:
        return segment.missing_words
    if not outcome.shared:
        return f"no awards: {outcome.reason}"
    if not outcome.total and outcome.needed == 0:
        return "at or past the goal"
    awarded = ", ".join(f"{people:,.0f}" for people in outcome.awarded)
    return (
        f"{awarded} {'in all' if outcome.total else f'of {outcome.needed:,.0f}'}{_doubt(outcome)}"
    )


def _doubt(outcome: _Outcome) -> str:
    """Say that what is awarded hangs on a rate that is not reliable."""
    return ", unreliable" if outcome.segment.unreliable else ""


def _sentence(outcome: _Outcome, stratum: Stratum) -> str:
    """Say '77.0 % today, 82.0 % under proportional (30 of 78)', rule after rule."""
    rate, unit = outcome.segment.rate, stratum.unit
    if not rate.known or not outcome.moved:
        today = f"{unit.rate(rate.value)} today, " if rate.known else ""
        return f"{today}{_words(outcome)}"
    of = "in all" if outcome.total else f"of {outcome.needed:,.0f}"
    after = (
        f"{unit.rate(rate)} under {name} ({people:,.0f} {of})"
        for name, rate, people in zip(outcome.rules, outcome.rates, outcome.awarded, strict=True)
    )
    return ", ".join([f"{unit.rate(rate.value)} today", *after]) + _doubt(outcome)


def _legend(found: Sequence[_Outcome], stratum: Stratum) -> Iterator[tuple[str, Look]]:
    """Name the marks, and the rate of the worst-off segment under each rule."""
    first = found[0]
    yield "today", _today()
    for name, worst in zip(first.rules, first.worst, strict=True):
        told = f", worst-off at {stratum.unit.rate(worst)}" if math.isfinite(worst) else ""
        yield f"{name}{told}", _LOOKS[name]


def _key(found: Sequence[_Outcome], stratum: Stratum) -> Iterator[str]:
    """Say once what the numbers are."""
    if any(outcome.moved for outcome in found):
        noun, several = stratum.unit.noun, len(found[0].rules) > 1
        each = " under each rule in turn" if several else ""
        yield f"numbers: {noun} {_done(stratum)}{each}, of those needed"
    if any(outcome.moved and outcome.segment.unreliable for outcome in found):
        yield HOLLOW
