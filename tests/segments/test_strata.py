"""The verbs of strata: select, match, join, add up and pair, held against plain Python."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from targeted_universalism.labels import label
from targeted_universalism.segments import strata as rooms
from targeted_universalism.segments.strata import Strata, members_of, union

Row = tuple[Any, ...]


def strata_of(names: list[str], rows: list[Row], indicators: list[str] | None = None) -> Strata:
    """Lay rows of `by` values out as strata; None is summed away."""
    levels, codes = [], []
    for i, _ in enumerate(names):
        values = list(dict.fromkeys(row[i] for row in rows if row[i] is not None))
        levels.append(pd.Index(values))
        codes.append([-1 if row[i] is None else values.index(row[i]) for row in rows])
    which = indicators or [""] * len(rows)
    known = tuple(dict.fromkeys(which))
    return Strata(
        names=tuple(names),
        levels=tuple(levels),
        codes=np.array(codes, dtype=np.int64).reshape(len(names), len(rows)),
        indicator_name=None if indicators is None else "what",
        indicators=known,
        indicator=np.array([known.index(one) for one in which], dtype=np.int64),
    )


@st.composite
def tables(draw: st.DrawFn) -> tuple[Strata, list[tuple[frozenset[tuple[str, str]], str]]]:
    """Strata, all different, of some of three columns; and what each is about, in plain Python."""
    names = draw(st.permutations(["county", "year", "sex"]))[: draw(st.integers(0, 3))]
    values = {
        "county": st.sampled_from(["Inyo", "Mono", None]),
        "year": st.sampled_from([2022, 2023.0, "2024", None]),
        "sex": st.sampled_from(["F", "M"]),
    }
    one = st.tuples(*(values[name] for name in names), st.sampled_from(["a", "b"]))
    rows = draw(st.lists(one, min_size=1, max_size=12, unique_by=lambda row: tuple(map(str, row))))
    made = strata_of(names, [row[:-1] for row in rows], [row[-1] for row in rows])
    about = [
        (
            frozenset((n, label(v)) for n, v in zip(names, row, strict=False) if v is not None),
            row[-1],
        )
        for row in rows
    ]
    return made, about


@given(first=tables(), second=tables())
def test_strata_are_matched_by_what_they_are_about(first: Any, second: Any) -> None:
    (one, about), (other, about_other) = first, second
    place = {what: i for i, what in enumerate(about_other)}
    assert one.match(other).tolist() == [place.get(what, -1) for what in about]
    both, (here, there) = union([one, other])
    assert len(both) == len({*about, *about_other})
    for i, j in enumerate(here):
        for k, m in enumerate(there):
            assert (j == m) == (about[i] == about_other[k])


@given(table=tables(), data=st.data())
def test_strata_add_up_to_what_is_left_when_columns_are_summed_away(
    table: Any, data: st.DataObject
) -> None:
    strata, about = table
    over = data.draw(st.sets(st.sampled_from(["county", "year", "sex"])))
    sums, group = strata.add_up(sorted(over))
    left: dict[Any, list[int]] = {}
    for i, (values, indicator) in enumerate(about):
        if len(values) == len(strata.names):
            kept = frozenset(pair for pair in values if pair[0] not in over)
            left.setdefault((kept, indicator), []).append(i)
        else:
            assert group[i] == -1
    found = members_of(group, len(sums))
    assert sorted(part.tolist() for part in found) == sorted(left.values())
    for i, part in enumerate(found):
        texts = dict(zip(sums.names, sums.texts()[i], strict=True))
        values, _ = about[part[0]]
        assert texts == {n: "" if n in over else dict(values)[n] for n in sums.names}


@given(table=tables(), data=st.data())
def test_a_twin_differs_in_one_column_only(table: Any, data: st.DataObject) -> None:
    strata, about = table
    if not strata.names:
        return
    column = data.draw(st.sampled_from(strata.names))
    order = [label(strata.levels[strata.names.index(column)][i]) for i in strata.in_order(column)]
    place = {what: i for i, what in enumerate(about)}

    def twin(i: int, text: str | None) -> int:
        values, indicator = about[i]
        if text is None or column not in dict(values):
            return -1
        return place.get((frozenset({**dict(values), column: text}.items()), indicator), -1)

    every = strata.along(column)
    assert every.shape == (len(order), len(strata))
    for text, row in zip(order, every, strict=True):
        expected = [twin(i, text) for i in range(len(strata))]
        assert row.tolist() == strata.pair(column, text).tolist() == expected
    for step in (-2, -1, 0, 1):
        beside = []
        for i, (values, _) in enumerate(about):
            here = order.index(dict(values)[column]) if column in dict(values) else -9
            beside.append(twin(i, order[here + step] if 0 <= here + step < len(order) else None))
        assert strata.pair(column, step=step).tolist() == beside


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2023, 2021, 2022], [1, 2, 0]),
        ([2.5, -1.0, 10.0], [1, 0, 2]),
        ([Decimal("10"), Decimal("9.5")], [1, 0]),
        ([dt.date(2023, 1, 1), dt.date(2022, 12, 31)], [1, 0]),
        (list(pd.to_datetime(["2023-01-01", "2022-05-01"])), [1, 0]),
        (list(pd.PeriodIndex(["2023Q1", "2022Q4"], freq="Q")), [1, 0]),
        (["2021-22", "2019-20", "2020-21"], [0, 1, 2]),
    ],
)
def test_numbers_and_dates_are_in_order_and_text_is_as_in_the_data(
    values: list[Any], expected: list[int]
) -> None:
    strata = strata_of(["time"], [(value,) for value in values])
    assert strata.in_order("time").tolist() == expected


def test_the_level_before_is_among_those_that_are_left() -> None:
    strata = strata_of(["year"], [(2020,), (2021,), (2022,)]).take(np.array([0, 2]))
    assert strata.pair("year", step=-1).tolist() == [-1, 0]


def test_a_selection_names_what_it_does_not_find() -> None:
    strata = strata_of(["county", "year"], [("Inyo", 2022), ("Mono", 2023)], ["a", "b"])
    assert strata.select({"year": "2022", "indicator": ["a", "b"]}).tolist() == [0]
    with pytest.raises(tu.InputError, match=r"holds no 'Ino'. Did you mean 'Inyo'"):
        strata.select({"county": "Ino"})
    with pytest.raises(tu.InputError, match=r"no column 'yeer' in by=. Did you mean 'year'"):
        strata.select({"yeer": 2022})
    with pytest.raises(tu.InputError, match="holds no '2024'"):
        strata.pair("year", 2024)
    with pytest.raises(tu.InputError, match="no column 'indicator'"):
        strata.pair("indicator", "a")


def test_many_columns_do_not_overflow_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(i % 3, i % 4, i % 5) for i in range(60)]
    strata = strata_of(["a", "b", "c"], rows)
    plain = strata.alike()[1]
    monkeypatch.setattr(rooms, "_LARGEST_KEY", 70)
    assert strata.alike()[1].tolist() == plain.tolist()


def test_rolling_up_again_counts_nobody_twice() -> None:
    data = pd.DataFrame({"county": ["Inyo", "Mono"], "race": "A", "x": [1, 2], "n": [10, 20]})
    s = tu.from_counts(data, numerator="x", denominator="n", segments="race", by="county")
    goal = tu.Goal.at_least(0.5)
    once = tu.assess(s, goal, rollup=True)
    again = tu.assess(once.segments, goal, rollup=True)
    pd.testing.assert_frame_equal(once.table, again.table)
    assert again.table["population"].tolist()[-1] == 30
