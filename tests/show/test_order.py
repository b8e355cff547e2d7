"""Rows of a picture keep the order of the data, and have another only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import targeted_universalism as tu
from make import alt, assessed
from targeted_universalism.show.pictures.order import SORTS, in_order
from targeted_universalism.show.pictures.rows import Row

GROUPS = ["9 to 12", "Unknown", "under 9", "10 and 11", "Élan", "elk", "13 and more"]
EVENTS = [30, 40, 9, "*", 50, 12, 20]
GOAL = tu.Goal.at_most(10, per=100)
SPENT = dict(zip(GROUPS, [70, 5, 10, 40, 30, 90, 60], strict=True))


@cache
def made() -> tu.Assessment:
    data = pd.DataFrame({"race": GROUPS, "x": pd.Series(EVENTS, dtype=object), "n": 100})
    return assessed(data, GOAL, suppressed={"*": (1, 10)}, unknown="Unknown")


@cache
def whole() -> tu.Assessment:
    data = {"race": GROUPS, "x": [3 if x == "*" else x for x in EVENTS], "n": 100}
    return assessed(data, GOAL, unknown="Unknown")


# Each picture with a row for each segment: how it is asked, and the column that it is about.
PICTURES: dict[str, tuple[Callable[..., tu.Assessment], Callable[..., Axes], str]] = {
    "gaps": (made, lambda a, **k: a.plot.gaps(**k), "rate"),
    "needed": (made, lambda a, **k: a.plot.needed(**k), "needed"),
    "disparities": (made, lambda a, **k: a.plot.disparities("goal", **k), "rate"),
    "allocation": (whole, lambda a, **k: a.plot.allocation(20, **k), "rate"),
    "spending": (whole, lambda a, **k: a.plot.spending(SPENT, **k), "spent"),
}
EVERY = pytest.mark.parametrize("name", PICTURES)


def rows_of(ax: Axes) -> list[str]:
    """Name the rows downward."""
    named = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    return [text.get_text() for _, text in sorted(named, key=lambda pair: float(pair[0]))]


def expected(a: tu.Assessment, sort: str, column: str) -> list[str]:
    """Sort by pandas: missing numbers last, and Unknown behind all that have one."""
    table = a.table[a.table["dimension"] == "race"].assign(spent=a.table["segment"].map(SPENT))
    if sort == "name":
        return ["9 to 12", "10 and 11", "13 and more", "elk", "under 9", "Élan", "Unknown"]
    if sort != "data":
        by = table["gap" if sort == "gap" else column].astype(float)
        known = table.assign(by=-by, end=by.isna(), unknown=table["segment"] == "Unknown")
        table = known.sort_values(["end", "unknown", "by"], kind="stable")
    return table["segment"].tolist()


@EVERY
@pytest.mark.parametrize("sort", SORTS)
def test_rows_stand_as_asked_and_the_words_with_them(name: str, sort: str) -> None:
    make, draw, column = PICTURES[name]
    a = make()
    ax = draw(a, sort=sort)
    ends = ("Together", "All segments")  # the sum, where a picture has one, is the last of all
    shown = rows_of(ax)
    assert not any(row.startswith(ends) for row in shown[:-1])
    shown = [row for row in shown if row not in ("All", "(total)") and not row.startswith(ends)]
    assert [*dict.fromkeys(shown)] == expected(a, sort, column)
    said = alt(ax)
    places = [said.index(f". {row}: ") for row in shown]
    assert places == sorted(places)
    assert SORTS[sort] in ax.get_xlabel().replace("\n", " ").lower()


@EVERY
def test_nothing_is_ranked_unless_asked(name: str) -> None:
    make, draw, _ = PICTURES[name]
    plain, asked = draw(make()), draw(make(), sort="data")
    assert rows_of(plain) == rows_of(asked)
    assert alt(plain) == alt(asked)
    assert "first" not in plain.get_xlabel()


def test_places_stand_by_their_total_above_what_is_rolled_up() -> None:
    data = pd.DataFrame({
        "county": np.repeat(["Mono", "Inyo", "Kern"], 2), "race": ["A", "B"] * 3,
        "x": [10, 30, 5, 6, 40, 50], "n": 100,
    })  # fmt: skip
    a = assessed(data, GOAL, by="county", rollup=True)
    orders = {sort: rows_of(a.plot.equiplot(sort=sort)) for sort in SORTS}
    assert {sort: found[:3] for sort, found in orders.items()} == {
        "data": ["Mono", "Inyo", "Kern"], "gap": ["Kern", "Mono", "Inyo"],
        "value": ["Kern", "Mono", "Inyo"], "name": ["Inyo", "Kern", "Mono"],
    }  # fmt: skip
    assert {found[-1] for found in orders.values()} == {"all together"}


def test_dimensions_do_not_mix() -> None:
    rows = pd.DataFrame({"race": ["B", "A"] * 2, "sex": ["w", "w", "m", "m"], "x": [9, 40, 60, 20],
                         "n": 100})  # fmt: skip
    s = tu.from_counts(rows, numerator="x", denominator="n", segments=["race", "sex"])
    ax = tu.assess(s, GOAL).plot.gaps(sort="name")
    assert rows_of(ax)[1:] == ["race", "A", "B", "sex", "m", "w"]


def test_what_is_alike_keeps_the_order_of_the_data() -> None:
    same = [Row(name=name, sentence="", gap=1.0) for name in "cab"]
    assert [row.name for row in in_order(same, "gap")] == ["c", "a", "b"]
    assert [row.name for row in in_order(same, "value")] == ["c", "a", "b"]


@EVERY
def test_an_order_that_is_none_is_an_error(name: str) -> None:
    make, draw, _ = PICTURES[name]
    with pytest.raises(tu.InputError, match=r"Did you mean 'gap'.* 'data', 'gap'"):
        draw(make(), sort="gaps")


@pytest.mark.parametrize("sort", [None, True, ["gap"], ""])
def test_an_order_that_is_no_word_is_an_error(sort: Any) -> None:
    with pytest.raises(tu.InputError, match="sort"):
        made().plot.gaps(sort=sort)
