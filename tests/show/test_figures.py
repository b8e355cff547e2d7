"""Pictures say what the table says, in the same order, and nothing that is hidden."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import targeted_universalism as tu
from make import ABSENCE, assessed, drawn, estimates, names, painted

BOTH = pytest.mark.parametrize("name", ["gaps", "needed"])


def counts(
    rows: list[tuple[str | None, object, object]],
    goal: tu.Goal | None = None,
    kind: str = "proportion",
    **options: Any,
) -> tu.Assessment:
    goal = goal or tu.Goal.at_least(0.8, name="Graduate in four years")
    return assessed(rows, goal, kind=kind, suppressed={"<11": (1, 10)}, **options)


def published(kind: str, goal: tu.Goal, **options: Any) -> tu.Assessment:
    data = pd.DataFrame(
        {"race": ["A", "B", "C"], "rate": [7.1, 3.25, 6.0], "se": [0.2, 1.0, np.nan]}
    )
    return assessed(data, goal, make=estimates, kind=kind, **options)


MIXED = [("Black", 45, 60), ("Asian", 300, 320), ("Latino", 80, 100), (None, 12, 20)]
HIDDEN = [*MIXED, ("Pacific Islander", "<11", 30), ("Other", 0, 0)]


def places() -> tu.Assessment:
    data = {
        "county": ["Inyo", "Inyo", "Mono", "Mono"], "year": [2021, 2021, 2022, 2022],
        "race": ["White", "Latino"] * 2, "x": [30, 90, 18, 60], "n": [200, 400, 150, 300],
    }  # fmt: skip
    return assessed(data, ABSENCE, by=["county", "year"])


def draw(a: tu.Assessment, name: str) -> Axes:
    """Draw a picture whose words and numbers are asked; where they stand on the page is not."""
    ax: Axes = getattr(a.plot, name)()
    return ax


@cache
def hidden(name: str) -> Axes:
    """Draw once for all who only look."""
    return draw(counts(HIDDEN), name)


def words(ax: Axes) -> dict[str, str]:
    """Name of each row to what is written beside it."""
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    return {
        at[float(text.xy[1])]: text.get_text().replace("\n", " ")  # type: ignore[attr-defined]
        for text in ax.texts
        if float(text.xy[1]) in at and not text.get_text().startswith("Goal")  # type: ignore[attr-defined]
    }


def dots(ax: Axes) -> dict[str, tuple[float, str]]:
    """Name of each row to its dot and marker."""
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    return {
        at[y]: (float(x), str(line.get_marker()))
        for line in ax.lines
        if line.get_marker() in ("o", "D")
        for x, y in line.get_xydata()  # type: ignore[union-attr]
    }


def spans(ax: Axes, width: float) -> dict[str, tuple[float, float]]:
    """Name of each row to the ends of its horizontal line of some width."""
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    ways = [
        (path, float(lines.get_linewidth()[0]))
        for lines in ax.collections
        if isinstance(lines, LineCollection)
        for path in lines.get_segments()
    ]
    ways += [(np.asarray(line.get_xydata()), float(line.get_linewidth())) for line in ax.lines]
    return {
        at[path[0][1]]: (float(path[0][0]), float(path[1][0]))
        for path, drawn in ways
        if drawn == width and len(path) == 2 and path[0][1] == path[1][1]
    }


def bars(ax: Axes) -> dict[str, float]:
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    return {
        at[round(bar.get_y() + bar.get_height() / 2, 6)]: float(bar.get_width())
        for bar in ax.patches
        if isinstance(bar, Rectangle)
    }


def text_of(ax: Axes) -> str:
    found = [text.get_text() for text in ax.figure.findobj(Text)]
    return "\n".join([*found, ax.tu_alt])  # type: ignore[attr-defined]


# --- the picture is the table -------------------------------------------------------------------


def test_dots_whiskers_and_gap_lines_stand_at_the_numbers_of_the_table() -> None:
    a = counts(MIXED)
    ax = draw(a, "gaps")
    table = a.table.set_index("segment")
    assert {k: x for k, (x, _) in dots(ax).items()} == pytest.approx(
        {k: 100 * v for k, v in table["rate"].items()}
    )
    for name, (low, high) in spans(ax, 1.6).items():
        assert [low, high] == pytest.approx(100 * table.loc[name, ["ci_low", "ci_high"]].to_numpy())
    assert spans(ax, 1.6).keys() == set(table.index)
    short = table.index[table["gap"] > 0]
    assert spans(ax, 6.0) == {k: (pytest.approx(100 * table["rate"][k]), 80.0) for k in short}


def test_the_goal_is_one_labelled_line() -> None:
    ax = draw(counts(MIXED), "gaps")
    line = [artist for artist in ax.lines if list(artist.get_xdata()) == [80.0, 80.0]]
    assert len(line) == 1
    assert [t.get_text() for t in ax.texts if t.get_text().startswith("Goal")] == [
        "Goal: at least 80 %"
    ]


def test_the_gap_line_follows_the_point_and_not_the_interval() -> None:
    a = counts([("A", 79, 100), ("B", 81, 100)])
    assert list(a.table["status"]) == ["uncertain"] * 3
    assert "A" in spans(draw(a, "gaps"), 6.0)
    assert words(draw(a, "gaps"))["A"] == "79.0 %, 1.0 points to go, the interval includes the goal"


def test_marker_shape_tells_who_is_past_the_goal() -> None:
    shapes = {k: shape for k, (_, shape) in dots(draw(counts(MIXED), "gaps")).items()}
    assert shapes == {"All": "D", "Black": "o", "Asian": "D", "Latino": "D", "Unknown": "o"}


def test_bars_and_ranges_are_people_needed() -> None:
    a = counts(MIXED)
    table = a.table.set_index("segment")
    ax = draw(a, "needed")
    assert bars(ax) == {k: float(v) for k, v in table["needed"].items()}  # one is short: no sum
    ranges = [tuple(map(float, line.get_xdata())) for line in ax.lines if line.get_marker() == "|"]
    wide = table[table["needed_low"] < table["needed_high"]]
    assert ranges == list(zip(wide["needed_low"], wide["needed_high"], strict=True))
    assert ax.get_xlim()[0] == 0


def test_the_sum_of_a_dimension_stands_under_it_with_its_own_range() -> None:
    rows = [("A", 300, 900), ("B", 100, 500), ("C", 950, 950)]
    a = counts(rows, tu.Goal.at_least(0.5, people="pupils"))
    e = a.effort().iloc[1]
    low, high = e["dimension_needed_low"], e["dimension_needed_high"]
    ax = draw(a, "needed")
    assert names(ax)[-1] == "Together"
    assert bars(ax)["Together"] == 300.0
    assert words(ax)["Together"] == f"300 ({low} to {high})"
    assert f"Together: 300 pupils ({low} to {high})" in ax.tu_alt  # type: ignore[attr-defined]
    several = counts(rows, exclusive={"race": False})
    assert "Together" not in names(draw(several, "needed"))


def test_one_wide_range_does_not_take_the_axis_from_the_others() -> None:
    """A large group just at the goal: 0 to 50 events, beside ranges that end at 6 and 7."""
    rows = [("A", 3, 1000), ("B", 4, 1200), ("C", 600, 200_100)]
    a = counts(rows, tu.Goal.at_most(3, per=1000), kind="rate", exclusive={"race": False})
    assert a.table["needed_high"].tolist()[1:] == [6, 7, 50]
    ax = draw(a, "needed")
    assert ax.get_xlim() == (0, 1.5 * 7)
    assert [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == ">"] == [
        [[10.5, ax.get_yticks()[-1]]]
    ]
    assert "arrows: beyond the axis" in ax.get_xlabel()
    assert words(ax)["C"] == "0 (0 to 50)"
    even = draw(counts(rows[:2], tu.Goal.at_most(3, per=1000), kind="rate"), "needed")
    assert "arrows" not in even.get_xlabel()


def test_numbers_stand_beside_each_row() -> None:
    a = counts([("A", 81_153, 100_000), ("B", 9_000, 10_000), ("C", 4_000, 5_000)])
    beside = words(draw(a, "gaps"))
    assert beside["A"] == "81.2 %, past the goal by 1.2 points"
    assert beside["C"] == "80.0 %, at the goal, the interval includes the goal"
    a = counts([("A", 70_000, 100_000)])
    low, high = a.table.loc[1, ["needed_low", "needed_high"]]
    assert words(draw(a, "needed"))["A"] == f"10,000 ({low:,} to {high:,})"


@BOTH
def test_rows_keep_the_order_of_the_data_with_the_total_first(name: str) -> None:
    ax = draw(counts(MIXED), name)
    assert names(ax) == ["All", "Black", "Asian", "Latino", "Unknown"]
    assert list(ax.get_yticks()) == sorted(ax.get_yticks())
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert np.diff(ax.get_yticks())[0] > np.diff(ax.get_yticks())[1]


@BOTH
def test_dimensions_have_headings_where_there_are_several(name: str) -> None:
    data = pd.DataFrame({"race": ["A", "A", "B", "B"], "sex": ["F", "M"] * 2})
    data = data.assign(x=[30, 40, 50, 60], n=100)
    s = tu.from_counts(data, numerator="x", denominator="n", segments=["race", "sex", "race*sex"])
    ax = draw(tu.assess(s, tu.Goal.at_most(0.4)), name)
    downward = [text for _, text in sorted(zip(ax.get_yticks(), names(ax), strict=True))]
    sums = [name for name in downward if name == "Together"]
    assert [name for name in downward if name != "Together"] == [
        "All", "race", "A", "B", "sex", "F", "M", "race × sex", "A × F", "A × M", "B × F", "B × M",
    ]  # fmt: skip
    assert len(sums) == (1 if name == "needed" else 0)  # of B × F and B × M
    bold = {t.get_text() for t in ax.get_yticklabels() if t.get_fontweight() == "bold"}
    assert bold == {"race", "sex", "race × sex"}
    assert "By race. A: " in ax.tu_alt  # type: ignore[attr-defined]


# --- kinds, directions --------------------------------------------------------------------------


def test_less_is_better_turns_the_gap_and_not_the_axis() -> None:
    a = counts([("A", 30, 100), ("B", 5, 100)], tu.Goal.at_most(10, per=100, deadline=2030))
    ax = draw(a, "gaps")
    assert dots(ax)["A"] == (30.0, "o")
    assert dots(ax)["B"] == (5.0, "D")
    assert "Goal: at most 10 % by 2030" in text_of(ax)
    assert ax.get_xlabel().startswith("Percent")
    assert ax.get_xlim()[0] >= 0


@pytest.mark.parametrize(("target", "per"), [(0.07, 1), (7, 100)])
def test_a_proportion_is_shown_in_percent_whatever_its_unit(target: float, per: int) -> None:
    a = counts([("A", 30, 100), ("B", 5, 100)], tu.Goal.at_most(target, per=per))
    ax = draw(a, "gaps")
    assert words(ax)["A"] == "30.0 %, 23.0 points to go"
    assert "Goal: at most 7 %" in text_of(ax)


def test_a_proportion_per_thousand_stays_per_thousand() -> None:
    a = counts([("A", 30, 1000), ("B", 5, 1000)], tu.Goal.at_most(7, per=1000))
    assert words(draw(a, "gaps"))["A"] == "30.00 per 1,000, 23.00 to go"


def test_rates_are_per_thousand_and_need_events() -> None:
    a = counts([("A", 49, 10_000), ("B", 70, 100_000)], tu.Goal.at_most(3, per=1000), kind="rate")
    ax = draw(a, "gaps")
    assert words(ax)["A"] == "4.90 per 1,000, 1.90 to go"
    assert words(ax)["B"] == "0.70 per 1,000, past the goal by 2.30"
    assert ax.get_xlabel().startswith("Per 1,000")
    ax = draw(a, "needed")
    assert ax.get_xlabel().startswith("Events to avert to reach the goal")
    assert "A: 19 events (" in ax.tu_alt  # type: ignore[attr-defined]


def test_small_gaps_never_read_as_zero() -> None:
    a = counts([("A", 80_010, 100_000), ("B", 79_999, 100_000)])
    beside = words(draw(a, "gaps"))
    assert beside["A"] == "80.0 %, past the goal by 0.01 points, the interval includes the goal"
    assert beside["B"] == "80.0 %, 0.001 points to go, the interval includes the goal"


def test_means_are_plain_and_have_no_people() -> None:
    a = published("mean", tu.Goal.at_least(6, name="Score"), se="se")
    ax = draw(a, "gaps")
    assert words(ax)["A"] == "7.10, past the goal by 1.10"
    assert words(ax)["B"] == "3.25, 2.75 to go"
    assert words(ax)["C"] == "6.00, at the goal, no interval"
    assert ax.get_xlabel().startswith("higher is wanted →\nThin lines: 95 % intervals")
    beside = words(draw(a, "needed"))
    assert beside["A"] == "people not available from a mean"
    assert beside["All"].startswith("no data: no population")


@BOTH
def test_estimates_without_intervals(name: str) -> None:
    a = published("rate", tu.Goal.at_most(5, per=1000), per=1000)
    ax = draw(a, name)
    assert "Thin lines" not in ax.get_xlabel()
    expected = {
        "gaps": "7.10 per 1,000, 2.10 to go, no interval",
        "needed": "people not available without a population",
    }
    assert words(ax)["A"] == expected[name]


def test_without_confidence_the_point_decides_and_nothing_is_said_of_intervals() -> None:
    ax = draw(tu.assess(counts(MIXED).segments, tu.Goal.at_least(0.8), confidence=None), "gaps")
    assert words(ax)["Latino"] == "80.0 %, at the goal"
    assert spans(ax, 1.6) == {}


# --- what is hidden -----------------------------------------------------------------------------


@BOTH
def test_hidden_rows_are_named_and_differ_from_rows_without_data(name: str) -> None:
    ax = hidden(name)
    beside = words(ax)
    assert beside["Pacific Islander"].startswith("suppressed")
    assert beside["Other"] == "no data: no population"
    boxes = {t.get_text().split(":")[0]: t.get_bbox_patch() is not None for t in ax.texts}
    assert boxes["suppressed"]
    assert not boxes["no data"]
    style = {t.get_text().split(":")[0]: t.get_fontstyle() for t in ax.texts}
    assert (style["suppressed"], style["no data"]) == ("normal", "italic")


def test_a_cell_hidden_in_the_input_shows_the_range_of_people_without_a_bar() -> None:
    a = counts(HIDDEN)
    row = a.table.set_index("segment").loc["Pacific Islander"]
    ax = draw(a, "needed")
    said = f"suppressed: between {row['needed_low']} and {row['needed_high']} people"
    assert words(ax)["Pacific Islander"] == said
    assert "Pacific Islander" not in bars(ax)
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    low, high = row["needed_low"], row["needed_high"]
    short = a.table.set_index("segment").loc["Black", "needed"]
    assert [list(line.get_xdata()) for line in dotted] == [
        [low, high], [low + short, high + short],
    ]  # fmt: skip
    assert (
        words(ax)["Together, Unknown left out"]
        == f"between {low + short} and {high + short} people"
    )
    assert "dotted lines: all that the hidden counts allow" in ax.get_xlabel()


@BOTH
def test_a_public_picture_depends_on_published_cells_alone(name: str) -> None:
    pictures = []
    for small in (1, 7):
        rows = [*MIXED, ("Pacific Islander", small, 30), ("Native", 12 + small, 13 + small)]
        data = [*rows, ("All", 500, 600)]
        a = counts(data, total="All").suppress()  # type: ignore[arg-type]
        ax = drawn(draw(a, name))
        assert words(ax)["Pacific Islander"] == words(ax)["Native"] == "suppressed"
        assert "Pacific Islander: suppressed." in ax.tu_alt  # type: ignore[attr-defined]
        artists = [
            (type(line).__name__, np.asarray(line.get_xydata()).tolist())
            for line in ax.findobj(Line2D)
        ]
        bodies = [patch.get_extents().extents.tolist() for patch in ax.patches]
        shown = spans(ax, 1.6), spans(ax, 6.0), ax.get_xlim(), text_of(ax)
        pictures.append((artists, bodies, shown))
    assert pictures[0] == pictures[1]


@BOTH
def test_everything_suppressed_still_names_everybody(name: str) -> None:
    a = counts([("A", 3, 9), ("B", 2, 8)]).suppress(minimum=20)
    ax = draw(a, name)
    assert words(ax) == {"All": "suppressed", "A": "suppressed", "B": "suppressed"}
    beside = text_of(ax).replace("Goal: at least 80 %", "")
    numbers = {t.get_text() for t in ax.get_xticklabels()}
    assert not re.search(r"\d", "".join(line for line in beside.split("\n") if line not in numbers))


@BOTH
def test_a_stratum_without_anything_but_empty_rows(name: str) -> None:
    ax = draw(counts([("A", 0, 0)]), name)
    assert words(ax) == {"All": "no data: no population", "A": "no data: no population"}


# --- one stratum, not too many rows -------------------------------------------------------------


@BOTH
def test_several_strata_are_an_error_that_writes_the_call(name: str) -> None:
    with pytest.raises(tu.InputError, match="There are 2 strata") as error:
        draw(places(), name)
    call = f"a.where(county='Inyo', year=2021).plot.{name}()"
    assert call in str(error.value)
    ax: Axes = eval(call, {"a": places()})  # noqa: S307
    assert ax.get_title(loc="left").startswith("Chronic absence\ncounty Inyo, year 2021")


def test_the_call_also_works_for_columns_that_are_no_python_names() -> None:
    data = pd.DataFrame({"school year": ["a", "b"], "race": ["A", "A"], "x": [3, 4], "n": [9, 9]})
    s = tu.from_counts(data, numerator="x", denominator="n", segments="race", by="school year")
    a = tu.assess(s, tu.Goal.at_least(0.5))
    with pytest.raises(tu.InputError, match="choose it") as error:
        a.plot.gaps()
    assert "a.where({'school year': 'a'}).plot.gaps()" in str(error.value)


@BOTH
def test_a_roll_up_is_the_stratum_that_is_drawn(name: str) -> None:
    a = tu.assess(places().segments, tu.Goal.at_most(15, per=100), rollup=True)
    ax = draw(a, name)
    assert "all together: every county and year" in ax.get_title(loc="left")
    assert "All: 18.9 %" in a.plot.gaps().tu_alt  # type: ignore[attr-defined]


def test_roll_ups_of_several_indicators_ask_for_an_indicator() -> None:
    data = pd.DataFrame(
        {"what": ["in", "out"] * 2, "county": ["I", "I", "M", "M"], "race": "A", "x": 3, "n": 9}
    )
    s = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", by="county", indicator="what"
    )
    goals = {"in": tu.Goal.at_least(0.5), "out": tu.Goal.at_most(0.5)}
    a = tu.assess(s, goals, rollup=True)
    with pytest.raises(tu.InputError, match=r"a\.where\(indicator='in'\)\.plot\.gaps\(\)"):
        a.plot.gaps()
    assert (
        a.where(indicator="in")
        .plot.gaps()
        .get_title(loc="left")
        .startswith("in, all together: every county")
    )


@BOTH
def test_more_rows_than_anyone_reads_are_an_error(name: str) -> None:
    labels = [f"tract {i}" for i in range(160)]
    data = pd.DataFrame({"tract": labels, "half": ["E", "W"] * 80, "x": 3, "n": 9})
    s = tu.from_counts(data, numerator="x", denominator="n", segments=["half", "tract"])
    a = tu.assess(s, tu.Goal.at_least(0.5))
    with pytest.raises(
        tu.InputError, match=rf"163 rows .*a\.where\(dimension='half'\)\.plot\.{name}"
    ):
        draw(a, name)
    assert names(draw(a.where(dimension="half"), name))[:3] == ["All", "E", "W"]
    with pytest.raises(tu.InputError, match=r"161 rows .*a\.table"):
        draw(a.where(dimension="tract"), name)


@BOTH
def test_one_segment(name: str) -> None:
    assert names(draw(counts([("A", 30, 90)]), name)) == ["All", "A"]


@BOTH
def test_the_total_alone(name: str) -> None:
    assert names(draw(counts(MIXED).where(dimension="total"), name)) == ["All"]


# --- axes, labels, alt text ---------------------------------------------------------------------


@BOTH
def test_given_axes_are_used_and_returned(name: str) -> None:
    figure, axes = plt.subplots(1, 2, layout="constrained")
    a = counts(MIXED)
    assert getattr(a.plot, name)(axes[1]) is axes[1]
    assert plt.get_fignums() == [figure.number]
    assert not axes[0].lines
    assert list(figure.get_size_inches()) == mpl.rcParams["figure.figsize"]


@BOTH
def test_no_settings_leak(name: str) -> None:
    before = dict(mpl.rcParams)
    drawn(draw(counts(HIDDEN), name))
    assert dict(mpl.rcParams) == before


@BOTH
def test_labels_are_never_mathematics(name: str) -> None:
    odd = [("A$B$_x^", 30, 90), ("$\\frac{1", 40, 90), ("Ελληνικά", 50, 90), ("Кириллица", 60, 90)]
    goal = tu.Goal.at_least(0.5, name="Earn $15 or $20 an hour")
    ax = draw(counts(odd, goal), name)
    assert names(ax)[1:5] == [label for label, _, _ in odd]
    assert "Earn $15 or $20 an hour" in ax.get_title(loc="left")
    assert not any(text.get_parse_math() for text in ax.get_yticklabels())
    assert all(f"{label}: " in ax.tu_alt for label, _, _ in odd)  # type: ignore[attr-defined]


@BOTH
def test_long_labels_are_wrapped_and_do_not_overlap(name: str) -> None:
    long = "American Indian or Alaska Native alone or in combination with one or more other races"
    ax = drawn(draw(counts([(f"{long} {i}", 30 + i, 90) for i in range(6)]), name))
    assert max(len(line) for t in ax.get_yticklabels() for line in t.get_text().split("\n")) <= 28
    boxes = sorted(t.get_window_extent().extents[[1, 3]].tolist() for t in ax.get_yticklabels())
    assert all(lower[1] <= upper[0] + 1 for lower, upper in pairwise(boxes))
    page = ax.figure.bbox
    for text in [*ax.texts, *ax.get_yticklabels(), ax.title, ax.xaxis.label]:
        box = text.get_window_extent()
        assert page.x0 <= box.x0
        assert box.x1 <= page.x1 + 1


@BOTH
def test_all_text_is_at_least_nine_points(name: str) -> None:
    with plt.style.context({"font.size": 5}):
        ax = draw(counts(HIDDEN), name)
    assert min(text.get_fontsize() for text in ax.findobj(Text) if text.get_text()) >= 9


@BOTH
def test_alt_text_holds_every_row_once(name: str) -> None:
    a = counts(HIDDEN)
    alt: str = hidden(name).tu_alt  # type: ignore[attr-defined]
    assert alt.startswith("Graduate in four years. ")
    assert "Goal: at least 80 %" in alt
    for segment in a.table["segment"]:
        assert alt.count(f"{segment}: ") == 1


def test_alt_text_is_the_chart_in_words(sample: object) -> None:
    data = pd.read_csv(f"{sample}/chronic_absence_california_2021_22.csv")
    s = tu.from_counts(
        data, numerator="chronically_absent", denominator="eligible", segments="group",
        dimension="dimension", total="All students", exclusive={"programme": False},
    )  # fmt: skip
    a = tu.assess(s, tu.Goal.at_most(10, per=100, name="Chronic absence"))
    alt: str = a.plot.gaps().tu_alt  # type: ignore[attr-defined]
    assert "Asian: 11.5 %, interval 11.4 to 11.6, 1.5 points to go." in alt
    alt = a.plot.needed().tu_alt  # type: ignore[attr-defined]
    assert "Asian: 5,831 people (5,443 to 6,222)." in alt
    assert "All: its own need, not the sum of the segments" in a.plot.needed().get_xlabel()


@BOTH
def test_words_describe_structures_and_not_people(name: str) -> None:
    said = text_of(hidden(name)).lower()
    for word in ("deficit", "underperform", "target group", "worst", "best", "fail"):
        assert word not in said


@BOTH
def test_the_same_answer_gives_the_same_picture(name: str) -> None:
    first, second = hidden(name), draw(counts(HIDDEN), name)
    assert np.array_equal(painted(first), painted(second))
    assert text_of(first) == text_of(second)
    assert first.get_xlim() == second.get_xlim()


@pytest.mark.parametrize("ax", [5, "x", [], plt, object(), pd.DataFrame()])
def test_what_is_no_axes_is_an_error(ax: Any) -> None:
    a = assessed([("A", 40, 90), ("B", 30, 70)], ABSENCE)
    for picture in (a.plot.gaps, a.plot.needed, a.plot.disparities, a.plot.equiplot):
        with pytest.raises(tu.InputError, match="must be Axes of matplotlib"):
            picture(ax=ax)


def test_a_picture_of_no_comparison_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="nothing to compare"):
        assessed([("A", 40, 90)], ABSENCE).plot.disparities("each")


# --- wide intervals -----------------------------------------------------------------------------


def test_one_wide_interval_does_not_take_the_axis_from_the_others() -> None:
    """Nobody of 20: an interval to 184 per 1,000, beside rates of 2 to 7."""
    rows = [("Black", 5, 731), ("AI/AN", 0, 20), ("Latino", 14, 5626), ("White", 6, 2803)]
    ax = draw(counts(rows, tu.Goal.at_most(2.5, per=1000), kind="rate"), "gaps")
    rates = [1000 * x / n for _, x, n in rows]
    low, high = ax.get_xlim()
    assert (max(rates) - min(rates)) / (high - low) > 0.3
    arrows = [line for line in ax.lines if line.get_marker() == ">"]
    assert [line.get_xydata().tolist() for line in arrows] == [[[high, ax.get_yticks()[2]]]]
    assert "interval 0.00 to 184" in ax.tu_alt  # type: ignore[attr-defined]


def test_where_most_intervals_are_wide_they_are_seen_whole() -> None:
    ax = draw(counts([("A", 79, 100), ("B", 81, 100), ("C", 80, 100)]), "gaps")
    assert not [line for line in ax.lines if line.get_marker() in ("<", ">")]


def test_gaps_mark_what_is_unreliable_by_hollow_marks() -> None:
    ax = draw(counts([("A", 3, 9), ("B", 300, 900)]), "gaps")
    ground = mpl.rcParams["axes.facecolor"]
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    hollow = {
        at[float(line.get_ydata()[0])]  # type: ignore[index]
        for line in ax.lines
        if line.get_marker() in ("o", "D") and line.get_markerfacecolor() == ground
    }
    assert hollow == {"A"}
    assert "hollow marks: unreliable" in ax.get_xlabel().lower().replace("\n", " ")


def test_what_is_measured_and_its_goal_are_named_once_where_they_are_one() -> None:
    data = pd.DataFrame(
        {"what": ["Ready", "Ready"], "race": ["A", "B"], "x": [30, 40], "n": [60, 70]}
    )
    goals = {"Ready": tu.Goal.at_least(0.8, name="Ready")}
    a = assessed(data, goals, indicator="what")
    assert a.plot.gaps().get_title(loc="left").count("Ready") == 1
