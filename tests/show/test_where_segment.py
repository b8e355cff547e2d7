"""``where(segment=…)`` narrows what is shown, and says nothing of all that only holds for some."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import targeted_universalism as tu
from make import HALF, alt, assessed, drawn, names

ROWS = [("A", 30, 90), ("B", 10, 50), ("C", 80, 95), ("D", 3, 9)]
YEARS = [(year, name, x + year - 2020, n) for year in (2020, 2021) for name, x, n in ROWS]


@pytest.fixture(scope="module")
def a() -> tu.Assessment:
    return assessed(ROWS, HALF)


def shown(a: tu.Assessment) -> list[str]:
    return [str(name) for name in a.table["segment"]]


def test_the_total_and_the_segments_asked_for_are_shown(a: tu.Assessment) -> None:
    assert shown(a.where(segment="B")) == ["All", "B"]
    assert shown(a.where(segment=["C", "A"])) == ["All", "A", "C"]
    assert shown(a.where(segment="All")) == ["All"]
    assert a.where(segment="B").choices["shown"] == ("B",)
    assert "shown" not in a.choices


def test_what_is_no_longer_shown_cannot_be_asked_for(a: tu.Assessment) -> None:
    with pytest.raises(tu.InputError, match=r"no segment 'A' here.*There are: 'All', 'B'"):
        a.where(segment="B").where(segment="A")
    with pytest.raises(tu.InputError, match="no segment 'a' here"):
        a.where(segment="a")
    with pytest.raises(tu.InputError, match="missing value"):
        a.where(segment=None)


def test_the_segments_are_still_there(a: tu.Assessment) -> None:
    some = a.where(segment="B")
    assert some.segments.dimensions == a.segments.dimensions
    assert some.summarize().equals(a.summarize())
    assert some.disparities("best")["reference"].iloc[-1] == "C"


def test_suppression_hides_as_much_as_without_it() -> None:
    everybody = assessed(ROWS, HALF).suppress()
    some = assessed(ROWS, HALF).where(segment=["C", "D"]).suppress()
    assert shown(some) == ["All", "C", "D"]
    whole = everybody.table.set_index("segment")["status"]
    assert all(row.status == whole[row.segment] for row in some.table.itertuples())
    assert tu.audit(some).equals(tu.audit(everybody))


def test_words_name_nobody_who_is_not_shown_and_claim_nothing_of_everybody(
    a: tu.Assessment,
) -> None:
    said = a.where(segment=["A", "C"]).describe()
    assert "A: 16.7 points to go (15 people)." in said
    assert "At or past the goal: C." in said
    for short in (True, False):
        of_one = a.where(segment="C").describe(short=short)
        assert "By race, every group shown here is at or past the goal." in of_one
    assert "All segments, shown here or not, need 32 people" in said
    assert "With 95 % certainty one is short of the goal: A." in said
    assert not {"B", "D"} & {*re.findall(r"\w+", said)}


@pytest.mark.parametrize("draw", [
    lambda a: a.plot.gaps(), lambda a: a.plot.needed(), lambda a: a.plot.heatmap(),
    lambda a: a.plot.disparities("C"), lambda a: a.plot.allocation(10),
    lambda a: a.plot.equiplot(), lambda a: a.plot.funnel(),
    lambda a: a.plot.spending({"A": 5, "B": 5, "C": 5, "D": 5}),
])  # fmt: skip
def test_pictures_show_who_is_asked_for(a: tu.Assessment, draw: Callable[[Any], Any]) -> None:
    ax = drawn(draw(a.where(segment=["A", "B"])))
    said = alt(ax)
    assert "A: " in said or "; A " in said
    for name in ("C", "D"):
        assert f"{name}: " not in said
        assert f"; {name} " not in said
        assert name not in names(ax)


def test_the_curve_of_an_order_stays_that_of_everybody() -> None:
    a = assessed(ROWS, HALF, order={"race": ["A", "B", "C", "D"]})
    whole, some = a.plot.concentration(), a.where(segment="B").plot.concentration()
    assert whole.get_title(loc="left") == some.get_title(loc="left")
    lines = [[line.get_xydata().tolist() for line in ax.lines] for ax in (whole, some)]
    assert lines[0] == lines[1]
    assert "B: " in alt(some)
    assert "C: " not in alt(some)


def test_pictures_along_time_show_who_is_asked_for() -> None:
    data = pd.DataFrame(YEARS, columns=["year", "race", "x", "n"])
    a = assessed(data, HALF, by="year").where(segment="B")
    for ax in (a.plot.slope("year"), a.plot.trajectory("year", draws=100)):
        assert "B: " in alt(ax)
        assert "A: " not in alt(ax)
    assert [str(name) for name in a.progress("year", draws=100)["segment"]] == ["All", "B"]
