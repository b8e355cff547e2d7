"""Pictures of an allocation and of spending: what stands where, what is said, who is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

import targeted_universalism as tu
from make import LONG, alt, assessed, drawn, names
from targeted_universalism.show.pictures.canvas import BLUE, GREEN, ORANGE, PURPLE

PUPILS = [("Asian", 1910, 2000), ("Black", 462, 600), ("Latino", 2520, 3000), ("White", 1850, 2000)]
GRADUATE = tu.Goal.at_least(0.9, name="Graduate in four years")
MONEY: dict[Any, float] = {"Asian": 90_000, "Black": 42_000, "Latino": 117_000, "White": 51_000}
COLORS = {"proportional": BLUE, "maximin": ORANGE, "most people": PURPLE}


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def pupils(**options: Any) -> tu.Assessment:
    return assessed(PUPILS, GRADUATE, **options)


def marks(ax: Axes, color: str) -> list[float]:
    """Where single marks of a colour stand, from above downward."""
    found = [
        (float(line.get_ydata()[0]), float(line.get_xdata()[0]))  # type: ignore[index]
        for line in ax.get_lines()
        if len(line.get_xdata()) == 1 and to_hex(line.get_color()) == color  # type: ignore[arg-type]
    ]
    return [x for _, x in sorted(found)]


def words_beside(ax: Axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts if text.get_text()]


# --- allocation -----------------------------------------------------------------------------------


def test_marks_stand_at_the_rates_after_and_ticks_at_those_of_today() -> None:
    ax = pupils().plot.allocation(100, cost={"Black": 2}, default_cost=1)
    table = pupils().allocate(100, rule=list(COLORS), cost={"Black": 2}, default_cost=1)
    moved = table[table["segment"].isin(["All", "Black", "Latino"])]
    for rule, color in COLORS.items():
        wanted = 100 * moved[moved["rule"] == rule]["rate_after"]
        assert marks(ax, color) == pytest.approx(wanted.tolist())
    today = [100 * rate for rate in pupils().table["rate"]]
    assert marks(ax, to_hex(plt.rcParams["text.color"])) == pytest.approx(today)
    assert names(ax) == ["All", "Asian", "Black", "Latino", "White"]


def test_lines_lead_from_today_to_the_rate_after() -> None:
    ax = pupils().plot.allocation(100, rule="maximin")
    lines = [line for line in ax.get_lines() if to_hex(line.get_color()) == ORANGE]  # type: ignore[arg-type]
    ways = [sorted(line.get_xdata()) for line in lines if len(line.get_xdata()) == 2]  # type: ignore[arg-type]
    assert ways[1] == pytest.approx([77.0, 100 * 514 / 600])


def test_the_picture_says_rates_awards_and_the_worst_off() -> None:
    ax = pupils().plot.allocation(100, rule=["proportional", "maximin"])
    said = alt(ax)
    assert "Rates today, and after 100 people reached under each rule. Goal: at least 90 %." in said
    assert (
        "Black: 77.0 % today, 82.0 % under proportional (30 of 78), 85.7 % under maximin (52 of 78)"
    ) in said
    assert "White: 92.5 % today, at or past the goal" in said
    assert {"100, 100 in all", "30, 52 of 78", "70, 48 of 180"} <= set(words_beside(ax))
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == [
        "today", "proportional, worst-off at 82.0 %", "maximin, worst-off at 85.6 %",
    ]  # fmt: skip
    assert "people reached under each rule in turn, of those needed" in ax.get_xlabel()


def test_a_budget_is_called_one_and_fewer_is_wanted_the_other_way() -> None:
    rows = [("Black", 463, 62_130), ("White", 148, 159_389)]
    goal = tu.Goal.at_most(2.5, per=1_000, name="Entries")
    ax = assessed(rows, goal, kind="rate").plot.allocation(9_000, rule="maximin", cost=100)
    assert "Rates today, and after a budget of 9,000 under maximin" in alt(ax)
    assert "Black: 7.45 per 1,000 today, 6.00 per 1,000 under maximin (90 of 308)" in alt(ax)
    assert "events averted, of those needed" in ax.get_xlabel()


def test_a_hidden_segment_has_no_place_and_leaves_no_awards() -> None:
    rows = [("A", 4, 50), ("B", 20, 100), ("C", 30, 90), ("D", 60, 200)]
    public = assessed(rows, tu.Goal.at_least(0.5)).suppress()
    ax = public.plot.allocation(30)
    assert all(not marks(ax, color) for color in COLORS.values())
    assert "A: suppressed." in alt(ax)
    assert "no awards: suppressed segment" in alt(ax)
    hidden = (public.table["status"] == "suppressed").sum()
    assert len(marks(ax, to_hex(plt.rcParams["text.color"]))) == 5 - hidden


def test_one_stratum_and_one_dimension_are_drawn() -> None:
    rows = pd.DataFrame({
        "county": ["Inyo"] * 4 + ["Mono"] * 4, "race": list("AABB") * 2, "sex": list("FMFM") * 2,
        "x": [3, 4, 5, 6] * 2, "n": [20] * 8,
    })  # fmt: skip
    s = tu.from_counts(rows, numerator="x", denominator="n", segments=["race", "sex"], by="county")
    a = tu.assess(s, tu.Goal.at_least(0.5))
    with pytest.raises(tu.InputError, match=r"a\.where\(county='Inyo'\)\.plot\.allocation"):
        a.plot.allocation(5)
    with pytest.raises(tu.InputError, match="Choose one, as in dimension='race'"):
        a.where(county="Inyo").plot.allocation(5)
    assert names(a.where(county="Inyo").plot.allocation(5, dimension="sex")) == [
        "All", "F", "M",
    ]  # fmt: skip
    with pytest.raises(tu.InputError, match=r"a\.where\(county='Inyo'\)\.plot\.spending"):
        a.plot.spending({"F": 1, "M": 2})


# --- spending -------------------------------------------------------------------------------------


def test_three_marks_stand_at_the_shares() -> None:
    ax = pupils().plot.spending(MONEY)
    table = pupils().spending(MONEY).iloc[1:]
    for name, color in (
        ("population_share", BLUE), ("effort_share", ORANGE), ("spent_share", GREEN),
    ):  # fmt: skip
        assert marks(ax, color) == pytest.approx((100 * table[name]).tolist())
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["share of the people", "share of the need", "share of the money"]


def test_money_is_put_into_words() -> None:
    ax = pupils().plot.spending({**MONEY, None: 8_000})
    assert (
        "Black: share of the people 8 %, share of the need 30 %, share of the money "
        "14 %; 70.00 a head, 538 for each still to reach"
    ) in alt(ax)
    assert "Unknown: 8,000 without a segment" in alt(ax)
    assert names(ax)[-1] == "Unknown"
    assert "308,000 in all" in " ".join(words_beside(ax))


def test_money_of_a_hidden_segment_is_not_drawn() -> None:
    rows = [("A", 4, 50), ("B", 20, 100), ("C", 30, 90), ("D", 60, 200)]
    public = assessed(rows, tu.Goal.at_least(0.5)).suppress()
    ax = public.plot.spending(dict.fromkeys("ABCD", 5))
    shown = 4 - (public.table["status"] == "suppressed").sum()
    assert len(marks(ax, GREEN)) == shown
    assert not marks(ax, BLUE)
    assert not marks(ax, ORANGE)


def test_money_that_is_not_known_is_said() -> None:
    ax = pupils().plot.spending({k: v for k, v in MONEY.items() if k != "White"})
    assert "White: share of the people 26 %" in alt(ax)
    assert "the money of a segment is not known" in alt(ax)


@pytest.mark.parametrize("size", [3, 20])
def test_words_stand_beside_each_other_at_any_size(size: int) -> None:
    rows = [(LONG if i == 1 else f"Group {i}", 40 + i, 100 + 7 * i) for i in range(size)]
    a = assessed(rows, tu.Goal.at_least(0.6))
    for ax in (a.plot.allocation(50), a.plot.spending({g: 5.0 for g, _, _ in rows})):
        drawn(ax)
        boxes = [text.get_window_extent() for text in ax.get_yticklabels()]
        boxes.sort(key=lambda box: -box.y0)
        assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairwise(boxes))
        beside = [text.get_window_extent() for text in ax.texts if text.get_position()[0] == 1.0]
        beside.sort(key=lambda box: -box.y0)
        pairs = pairwise(beside)
        assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairs)
