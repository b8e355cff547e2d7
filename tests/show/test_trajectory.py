"""The trajectory: what was seen, never joined over a gap; where its trend leads; the goal."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.text import Text

import targeted_universalism as tu
from make import LONG, assessed
from targeted_universalism.show.outlook import Outlook
from targeted_universalism.show.pictures import margin

READY = tu.Goal.at_least(0.8, name="Ready for school", deadline=2030)
BY_2024 = tu.Goal.at_least(0.8, deadline=2024)
RATES = {
    "A": [60, 62, 61, 65, 66, 68],
    "B": [80, 82, 85, 84, 86, 87],
    "C": [70, 69, 68, 66, 66, 64],
}
YEARS = list(range(2017, 2023))


def over_time(
    rates: dict[str, list[Any]] = RATES, goal: tu.Goal = READY, years: Any = YEARS, **options: Any
) -> tu.Assessment:
    """Assess groups of 1,000 over years; None leaves a row out, text is a token."""
    rows = [
        (year, group, value if isinstance(value, str) else 10 * value, 1000)
        for group, values in rates.items()
        for year, value in zip(years, values, strict=True)
        if value is not None
    ]
    data = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    options = {"by": "year", "suppressed": {"<11": (1, 10)}, **options}
    return assessed(data, goal, **options)


def draw(a: tu.Assessment, **options: Any) -> Axes:
    ax: Axes = a.plot.trajectory("year", **options)
    return ax


def said(ax: Axes) -> dict[str, str]:
    """Name of each segment to its words."""
    parts = ax.tu_alt.rstrip(".").split(". ")  # type: ignore[attr-defined]
    return dict(part.split(": ", 1) for part in parts if ": " in part)


def observed(ax: Axes, width: float) -> list[list[list[float]]]:
    """Points of every line of observed rates: years, which fewer points have than lie ahead."""
    solid = [x for x in ax.lines if x.get_linestyle() == "-" and x.get_linewidth() == width]
    points = [np.asarray(line.get_xydata()).tolist() for line in solid]
    return [line for line in points if len(line) < 25 and line[0][0] >= 1000]


def dashed(ax: Axes) -> list[Any]:
    lines = [np.asarray(line.get_xydata()) for line in ax.lines if line.get_linestyle() == "--"]
    return [line for line in lines if np.isfinite(line).all()]


def texts(ax: Axes) -> str:
    return "\n".join(text.get_text() for text in ax.figure.findobj(Text))


# --- what was -----------------------------------------------------------------------------------


def test_lines_stand_at_the_rates_of_the_table() -> None:
    a = over_time()
    ax = draw(a)
    table = a.table
    for segment, width in (("All", 3.0), ("A", 1.6), ("C", 1.6)):
        mine = table[table["segment"] == segment]
        points = np.column_stack([mine["year"].astype(float), 100 * mine["rate"]])
        assert any(np.allclose(line, points) for line in observed(ax, width))
    uprights = [c.get_segments() for c in ax.collections if hasattr(c, "get_segments")]
    ends = {round(float(y), 6) for group in uprights for one in group for y in one[:, 1]}
    assert {round(100 * v, 6) for v in table["ci_low"]} <= ends


def test_no_line_goes_over_a_hidden_or_a_missing_year() -> None:
    a = over_time({**RATES, "A": [60, "<11", 61, 65, None, 68]})
    ax = draw(a)
    mine = a.table[(a.table["segment"] == "A") & a.table["rate"].notna()]
    points = {
        (float(y), round(100 * r, 9)) for y, r in zip(mine["year"], mine["rate"], strict=True)
    }
    runs = [
        [(x, round(y, 9)) for x, y in line]
        for line in observed(ax, 1.6)
        if (line[0][0], round(line[0][1], 9)) in points
    ]
    assert sorted(runs) == [[(2017, 60.0)], [(2019, 61.0), (2020, 65.0)], [(2022, 68.0)]]
    assert said(ax)["A"].endswith("hidden in 2018; no rate in 2021")
    foot = {
        line.get_marker(): list(line.get_xdata())
        for line in ax.lines
        if line.get_marker() in ("s", "x") and line.get_transform() == ax.get_xaxis_transform()
        and len(line.get_xdata())  # type: ignore[arg-type]
    }  # fmt: skip
    assert foot["s"] == [2018]
    assert foot["x"] == [2021]
    assert "squares at the foot: hidden that year" in ax.get_xlabel().replace("\n", " ")


def test_a_year_that_no_row_has_is_a_gap_too() -> None:
    """2020 was not counted anywhere: no line may stand in for it."""
    ax = draw(over_time(years=[2017, 2018, 2019, 2021, 2022, 2023]))
    assert not [
        line
        for line in observed(ax, 1.6)
        for a, b in pairwise(line)
        if (a[0], b[0]) == (2019, 2021)
    ]


def test_a_break_is_marked_and_no_line_crosses_it() -> None:
    ax = draw(over_time(), breaks=2020)
    assert not [
        line
        for line in observed(ax, 1.6)
        for a, b in pairwise(line)
        if (a[0], b[0]) == (2019, 2020)
    ]
    dotted = [line.get_xdata()[0] for line in ax.lines if line.get_linewidth() == 1.2]  # type: ignore[index]
    assert dotted == [2019.5]
    assert "new series" in texts(ax)
    assert "A new series begins in 2020" in ax.tu_alt  # type: ignore[attr-defined]
    assert "small marks: not part of the trend" in ax.get_xlabel().replace("\n", " ")


# --- what lies ahead ----------------------------------------------------------------------------


def test_an_interval_beyond_the_axis_ends_in_an_arrow() -> None:
    """A group of few people would stretch the axis over all others."""
    rows = [(year, g, x, n) for year in YEARS for g, x, n in (("A", 45_000, 100_000), ("B", 5, 10))]
    data = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    a = assessed(data, tu.Goal.at_least(0.5, deadline=2030), by="year")
    ax = draw(a)
    low, high = ax.get_ylim()
    table = a.table[a.table["year"] == YEARS[0]].set_index("segment")
    assert 100 * table["ci_low"]["B"] < low < 100 * table["ci_low"]["A"]
    assert 100 * table["ci_high"]["B"] > high > 100 * table["ci_high"]["A"]
    for marker, edge in (("v", low), ("^", high)):
        (arrows,) = (x for x in ax.lines if x.get_marker() == marker and x.get_markersize() == 5)
        assert np.array(arrows.get_xydata()).tolist() == [[year, edge] for year in YEARS]
    assert "arrows: beyond the axis" in " ".join(ax.get_xlabel().split())
    assert "arrows" not in draw(over_time()).get_xlabel()


def test_the_way_leads_from_the_latest_rate_to_the_goal_at_the_deadline() -> None:
    ends = [(line[0].tolist(), line[-1].tolist()) for line in dashed(draw(over_time()))]
    every = [[2022.0, y] for y in (73.0, 68.0, 64.0)]  # All, A, C; B is past the goal
    np.testing.assert_allclose(sorted(start for start, _ in ends), sorted(every))
    np.testing.assert_allclose([end for _, end in ends], [[2030.0, 80.0]] * 3)


def test_words_are_those_of_the_progress_table() -> None:
    a = over_time()
    words, table = said(draw(a)), a.progress("year").set_index("segment")
    assert words["B"] == "80.0 % in 2017 to 87.0 % in 2022; at or past the goal"
    assert np.isinf(table["projected_time"]["C"])
    assert "never on the current trend; chance by 2030: under 1 %" in words["C"]
    year, low = (math.ceil(table[name]["A"]) for name in ("projected_time", "projected_low"))
    assert f"at the goal in {year} ({low} " in words["A"]
    assert f"chance by 2030: {100 * table['probability']['A']:.0f} %" in words["A"]


def test_a_lower_confidence_and_a_rate_that_should_fall() -> None:
    goal = tu.Goal.at_most(100, per=1000, deadline=2030)
    falling = {"A": [20, 18, 17, 15, 14, 13], "B": [9, 9, 8, 8, 7, 7]}
    a = over_time(falling, goal, kind="rate", confidence=0.5)
    ax = draw(a)
    assert "50 % of drawn trends" in ax.get_xlabel().replace("\n", " ")
    year = math.ceil(a.progress("year").set_index("segment")["projected_time"]["A"])
    assert f"at the goal in {year}" in said(ax)["A"]


def test_two_times_have_no_trend_and_say_so() -> None:
    ax = draw(over_time({k: v[:2] for k, v in RATES.items()}, years=[2021, 2022]))
    assert "no projection from fewer than three times" in said(ax)["A"]
    assert "bands" not in ax.get_xlabel()
    assert len(dashed(ax)) == 3


def test_without_a_deadline_the_axis_ends_a_little_after_the_latest_time() -> None:
    ax = draw(over_time(goal=tu.Goal.at_least(0.8)))
    assert ax.get_xlim()[1] == 2022 + 0.25 * 5
    assert not dashed(ax)
    assert "chance" not in ax.tu_alt  # type: ignore[attr-defined]
    assert draw(over_time()).get_xlim()[1] == 2030


@pytest.mark.parametrize("rates", [RATES, {**RATES, "D": RATES["A"], "E": RATES["B"]}])
def test_a_deadline_that_has_passed_is_said_to(rates: dict[str, list[Any]]) -> None:
    goal = tu.Goal.at_least(0.8, deadline=2021)
    ax = draw(over_time(rates, goal))
    assert "Goal: at least 80 % by 2021, which has passed" in ax.tu_alt  # type: ignore[attr-defined]
    assert "by 2021, which has passed" in " ".join(texts(ax).split())
    assert "passed" not in texts(draw(over_time(rates)))


@pytest.mark.parametrize(
    ("years", "latest", "end"),
    [
        ([f"{y}-{y - 1999:02d}" for y in YEARS], "2022-23", 2030),
        ([f"{y}-06-30" for y in YEARS], "2022-06-30", 2031),
    ],
)
def test_school_years_and_dates_keep_their_names(years: list[str], latest: str, end: float) -> None:
    ax = draw(over_time(years=years))
    assert f" % in {latest}; " in said(ax)["A"]
    assert ax.get_xlim()[1] == end


@pytest.mark.parametrize(
    ("time", "shift", "since", "words"),
    [
        (2030.2, 0.0, 2022.0, "in 2031 (2023 to 2041)"),
        (2030.0, 0.0, 2022.0, "in 2030 (2023 to 2041)"),
        (2030.2, 1.0, 2022.9, "in 2030 (2022 to 2040)"),
        (2090.0, 0.0, 2022.0, "in more than 50 years"),
    ],
)
def test_years_are_whole_and_none_is_before_the_latest_rate(
    time: float, shift: float, since: float, words: str
) -> None:
    """A rate of 2022 that is short of the goal is not at the goal in 2022."""
    one = Outlook(
        projected=time, low=since, high=2040.5, probability=np.nan, acceleration=np.nan,
        since=since, shift=shift,
    )  # fmt: skip
    assert one.words == words


# --- panels, and what is refused ----------------------------------------------------------------


def many(count: int) -> tu.Assessment:
    return over_time({f"{LONG} {i}": RATES["ABC"[i % 3]] for i in range(count)})


def test_more_than_four_segments_have_a_panel_each() -> None:
    a = many(7)
    ax = draw(a)
    panels = ax.figure.axes
    assert ax is panels[0]
    assert len([panel for panel in panels if panel.axison]) == 8
    assert len({panel.get_ylim() for panel in panels}) == 1
    titles = [panel.get_title(loc="left").replace("\n", " ") for panel in panels[:8]]
    assert titles == ["All", *(f"{LONG} {i}" for i in range(7))]
    assert len(said(ax)) == 9  # the goal, and everybody


@pytest.mark.parametrize("groups", [6, 13])
def test_the_last_year_of_a_panel_and_the_first_of_the_next_stand_apart(groups: int) -> None:
    rates = {f"Group {k}": [60, 62, 61, 65, 66, 68, 70] for k in range(groups)}
    figure = draw(over_time(rates, years=range(2012, 2019), goal=BY_2024)).figure
    figure.canvas.draw()
    boxes = [
        text.get_window_extent()
        for panel in figure.axes
        if panel.axison
        for text in panel.get_xticklabels()
        if text.get_visible() and text.get_text() and 2012 <= float(text.get_text()) <= 2024
    ]  # fmt: skip
    assert len(boxes) >= 12
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert max(box.x1 for box in boxes) <= figure.bbox.x1


def test_dimensions_are_named_where_there_are_several() -> None:
    rows = [
        (year, one, 10 * value, 1000)
        for one, values in (("A", RATES["A"]), ("B", RATES["B"]))
        for year, value in zip(YEARS, values, strict=True)
    ]
    data = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    data["sex"], data["town"] = data["race"] + " sex", data["race"] + " town"
    s = tu.from_counts(
        data, numerator="x", denominator="n", segments=["race", "sex", "town"], by="year"
    )
    titles = [panel.get_title(loc="left") for panel in draw(tu.assess(s, READY)).figure.axes]
    assert titles[:4] == ["All", "race: A", "race: B", "sex: A sex"]


def test_what_cannot_be_drawn_is_refused_with_advice() -> None:
    with pytest.raises(tu.InputError, match=r"51 panels .* \(48\): use fewer segments"):
        many(50).plot.trajectory("year")
    with pytest.raises(tu.InputError, match="7 segments need a panel each, and ax= is one"):
        many(7).plot.trajectory("year", ax=draw(over_time()))
    data = pd.DataFrame({"county": ["Inyo", "Mono"] * 2, "year": [2021, 2021, 2022, 2022]})
    data = data.assign(race="A", x=5, n=9)
    a = assessed(data, READY, by=["county", "year"])
    with pytest.raises(
        tu.InputError, match=r"2 series of 'year', .*a\.where\(county='Inyo'\)\.plot\.t"
    ):
        a.plot.trajectory("year")
    with pytest.raises(tu.InputError, match="Did you mean 'year'"):
        a.plot.trajectory("years")
    together = assessed(data, READY, by=["county", "year"], rollup="county")
    assert "every county" in draw(together).get_title(loc="left")


def test_axes_of_ones_own_are_drawn_in() -> None:
    mine = draw(over_time()).figure.add_subplot()
    assert draw(over_time(), ax=mine) is mine
    with pytest.raises(tu.InputError, match="must be Axes"):
        over_time().plot.trajectory("year", ax=3)  # type: ignore[arg-type]


def test_a_segment_that_is_hidden_every_year_is_named() -> None:
    ax = draw(over_time({**RATES, "B": ["<11"] * 6}))
    assert said(ax)["B"] == "hidden every year"
    assert "B: hidden every year" in texts(ax)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(1, 9)), min_size=1, max_size=12).map(sorted))
def test_labels_never_overlap(pairs: list[tuple[float, float]]) -> None:
    wanted, sizes = zip(*pairs, strict=True)
    places = margin.spread(wanted, sizes, (0.0, 100.0))
    for (a, b), (i, k) in zip(pairwise(places), pairwise(sizes), strict=True):
        assert b - a >= (i + k) / 2 - 1e-9
    assert places[-1] + sizes[-1] / 2 <= 100 + 1e-9
