"""The equiplot and the concentration curve say what the table says, and nothing that is hidden."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.text import Text

import targeted_universalism as tu
from make import ABSENCE, LONG, alt, assessed, drawn, frame, painted


def places(
    rows: list[tuple[str, str, object, object]], goal: tu.Goal = ABSENCE, **options: Any
) -> tu.Assessment:
    given = {"by": "county", "suppressed": {"<11": (1, 10)}, **options}
    return assessed(frame(rows, "county", "race"), goal, **given)


TWO = [
    ("Inyo", "White", 30, 200), ("Inyo", "Latino", 90, 400), ("Inyo", "Black", 8, 80),
    ("Mono", "White", 18, 150), ("Mono", "Latino", 60, 300), ("Mono", "Black", "<11", 40),
]  # fmt: skip

FOUR = [row for row in TWO if row[1] != "Black"]


def incomes(
    rates: list[float], people: list[int], goal: tu.Goal = ABSENCE, **options: Any
) -> tu.Assessment:
    labels = options.pop("labels", [f"Q{i + 1}" for i in range(len(rates))])
    counts = [round(r * n) for r, n in zip(rates, people, strict=True)]
    rows = list(zip(labels, counts, people, strict=True))
    # Round numbers: in some of these tables one quintile happens to be all the others together.
    options = {"total": (), "order": {"income": labels}, **options}
    return assessed(rows, goal, segments="income", **options)


def rows_of(ax: Axes) -> dict[str, float]:
    return {
        t.get_text().replace("\n", " "): float(y)
        for t, y in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)
    }


def marks(ax: Axes) -> list[tuple[str, str, str, float]]:
    """Row, shape, colour and place of every mark."""
    rows = rows_of(ax)
    found = []
    for line in ax.lines:
        x, y = line.get_xdata(), line.get_ydata()
        if len(np.atleast_1d(x)) == 1:
            row = min(rows, key=lambda name: abs(rows[name] - float(np.atleast_1d(y)[0])))
            found.append(
                (row, str(line.get_marker()), str(line.get_color()), float(np.atleast_1d(x)[0]))
            )
    return found


def key(ax: Axes) -> dict[str, tuple[str, str]]:
    """Label of the key to shape and colour."""
    legend = ax.get_legend()
    assert legend is not None
    return {
        text.get_text().replace("\n", " "): (str(h.get_marker()), str(h.get_color()))  # type: ignore[union-attr]
        for text, h in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }


def asides(ax: Axes) -> dict[str, list[str]]:
    rows = rows_of(ax)
    found: dict[str, list[str]] = {}
    for text in ax.texts:
        if not text.get_text().startswith("Goal"):
            y = float(text.xy[1])  # type: ignore[attr-defined]
            row = min(rows, key=lambda name: abs(rows[name] - y))
            found.setdefault(row, []).append(text.get_text().replace("\n", " "))
    return found


# --- equiplot: the picture is the table ---------------------------------------------------------


def test_every_mark_stands_at_the_rate_of_the_table_in_the_shape_of_its_segment() -> None:
    a = places(TWO)
    ax = a.plot.equiplot()
    looks = {look: name.removesuffix(" (the total)") for name, look in key(ax).items()}
    found = {(row, looks[shape, color]): x for row, shape, color, x in marks(ax)}
    known = a.table.dropna(subset="rate")
    assert found == {
        (county, segment): pytest.approx(rate)
        for county, segment, rate in zip(
            known["county"], known["segment"], known["rate"], strict=True
        )
    }


def test_a_proportion_is_drawn_in_percent_whatever_its_unit() -> None:
    one, hundred = (
        [x for _, _, _, x in marks(places(FOUR, goal).plot.equiplot())]
        for goal in (tu.Goal.at_most(0.15), ABSENCE)
    )
    assert one == pytest.approx(hundred)
    assert min(one) > 1


def test_lines_of_the_equiplot_keep_the_order_of_the_data() -> None:
    rows = [(c, "A", 30, 90) for c in ("Mono", "Alpine", "Kern")]
    ax = places(rows).plot.equiplot()
    assert list(rows_of(ax)) == ["Mono", "Alpine", "Kern"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert list(key(ax)) == ["All (the total)", "A"]


def test_the_key_keeps_the_order_of_the_segments_whatever_their_rates() -> None:
    ax = places(TWO).plot.equiplot()
    assert list(key(ax)) == ["All (the total)", "White", "Latino", "Black"]


def test_thin_lines_run_from_the_lowest_to_the_highest_segment() -> None:
    a = places(TWO)
    ax = a.plot.equiplot()
    across = [line for line in ax.lines if line.get_marker() == "None" and line.get_zorder() == 1.2]
    ends = [np.asarray(line.get_xdata()) for line in across]
    segments = a.table[(a.table["dimension"] == "race") & a.table["rate"].notna()]
    expected = segments.groupby("county", observed=True)["rate"].agg(["min", "max"])
    assert np.allclose(ends, expected.to_numpy())


def test_a_roll_up_is_the_last_line() -> None:
    ax = places(FOUR, rollup=True).plot.equiplot()
    assert list(rows_of(ax)) == ["Inyo", "Mono", "all together"]


def test_marks_at_one_place_are_put_under_each_other() -> None:
    rows = [("Inyo", f"G{i}", 30, 90) for i in range(6)]
    ax = places(rows).plot.equiplot()
    ys = sorted(float(np.atleast_1d(line.get_ydata())[0]) for line in ax.lines
                if line.get_marker() not in ("|", "None", None))  # fmt: skip
    heights = np.abs(np.diff([ax.transData.transform((0, y))[1] for y in ys]))
    points = heights * 72 / ax.figure.dpi
    assert len(ys) == 6
    assert points.min() > 7
    assert max(ys) < ax.get_ylim()[0]
    assert min(ys) > 0


def test_thirty_six_segments_have_marks_that_differ_and_more_are_an_error() -> None:
    rows = [("Inyo", f"G{i}", 30 + i, 90) for i in range(36)]
    ax = places(rows).plot.equiplot()
    assert len(set(key(ax).values())) == 37
    with pytest.raises(tu.InputError, match="37 segments are more than there are marks"):
        places([*rows, ("Inyo", "one more", 1, 9)]).plot.equiplot()


def test_unreliable_segments_are_hollow_and_said_to_be() -> None:
    a = places([("Inyo", "A", 300, 900), ("Inyo", "B", 3, 9)])
    ax = a.plot.equiplot()
    filled = {str(line.get_marker()): line.get_markerfacecolor() for line in ax.lines
              if line.get_marker() in ("o", "s")}  # fmt: skip
    ground = mpl.rcParams["axes.facecolor"]
    assert filled["s"] == ground != filled["o"]
    assert "hollow marks: unreliable" in ax.get_xlabel()
    assert "B 33.3 % (unreliable)" in alt(ax)


def test_units_and_the_way_the_goal_points_are_on_the_axis() -> None:
    ax = places(TWO).plot.equiplot()
    assert ax.get_xlabel().startswith("Percent; lower is wanted ←")
    rows = [("Inyo", "A", 49, 10_000), ("Mono", "A", 70, 100_000)]
    a = places(rows, tu.Goal.at_least(3, per=1000), kind="rate")
    ax = a.plot.equiplot()
    assert ax.get_xlabel().startswith("Per 1,000; higher is wanted →")
    assert "Inyo: All 4.90 per 1,000; A 4.90 per 1,000" in alt(ax)
    assert "Goal: at least 3 per 1,000" in alt(ax)


def test_without_strata_there_is_one_line() -> None:
    ax = places(TWO[:3], by=None).plot.equiplot()
    assert list(rows_of(ax)) == ["race"]
    assert ax.get_title(loc="left").endswith("One mark for each race")


def test_several_strata_columns_are_joined() -> None:
    rows = [("Inyo", "A", 30, 90), ("Mono", "A", 20, 90)]
    data = pd.DataFrame(rows, columns=["county", "race", "x", "n"]).assign(year=[2021, 2022])
    s = tu.from_counts(data, numerator="x", denominator="n", segments="race", by=["county", "year"])
    ax = tu.assess(s, ABSENCE).plot.equiplot()
    assert list(rows_of(ax)) == ["Inyo, 2021", "Mono, 2022"]
    assert "One line for each county and year" in alt(ax)


def test_totals_alone() -> None:
    ax = places(TWO).where(dimension="total").plot.equiplot()
    assert {shape for _, shape, _, _ in marks(ax)} == {"|"}


@pytest.mark.parametrize("kind", ["indicator", "dimension"])
def test_one_goal_and_one_dimension_or_the_call_that_chooses(kind: str) -> None:
    data = pd.DataFrame(
        {"what": ["in", "out"] * 2, "race": ["A", "A", "B", "B"], "sex": ["F", "M"] * 2}
    ).assign(x=[3, 4, 5, 6], n=9)
    if kind == "indicator":
        s = tu.from_counts(data, numerator="x", denominator="n", segments="race", indicator="what")
        a = tu.assess(s, {"in": tu.Goal.at_least(0.5), "out": tu.Goal.at_most(0.5)})
    else:
        s = tu.from_counts(data, numerator="x", denominator="n", segments=["race", "sex"])
        a = tu.assess(s, tu.Goal.at_least(0.5))
    with pytest.raises(tu.InputError, match="choose one") as error:
        a.plot.equiplot()
    call = str(error.value).partition("as in ")[2].removesuffix(".")
    assert isinstance(eval(call, {"a": a}), Axes)  # noqa: S307


def test_more_lines_than_anyone_reads_are_an_error() -> None:
    rows = [(f"tract {i}", "A", 30, 90) for i in range(151)]
    with pytest.raises(tu.InputError, match=r"151 strata .*a\.where\(county="):
        places(rows).plot.equiplot()
    places(rows[:58]).plot.equiplot()


# --- equiplot: what is hidden, labels -----------------------------------------------------------


def test_hidden_and_empty_segments_are_named_beside_their_line() -> None:
    rows = [*TWO, ("Inyo", "Other", 5, 10), ("Mono", "Other", 0, 0)]
    ax = places(rows).plot.equiplot()
    assert asides(ax) == {"Mono": ["suppressed: All and Black", "no data: Other"]}
    boxes = {t.get_text().split(":")[0]: t.get_bbox_patch() is not None for t in ax.texts}
    assert boxes["suppressed"]
    assert not boxes["no data"]
    assert "Black suppressed; Other no data" in alt(ax)


def test_overlapping_segments_have_no_total_and_that_is_not_missing_data() -> None:
    a = places(TWO[:2], exclusive=False)
    assert asides(a.plot.equiplot()) == {"Inyo": ["no rate: All"]}


@pytest.mark.parametrize("name", ["equiplot", "concentration"])
def test_a_public_picture_depends_on_published_cells_alone(name: str) -> None:
    pictures = []
    for small in (1, 7):
        x, n = [30, 90, small, 18, 60, 44], [200, 400, 60, 150, 300, 90]
        data = pd.DataFrame({"race": ["a", "b", "c"] * 2, "county": ["I"] * 3 + ["M"] * 3})
        extra = pd.DataFrame({"race": "All", "county": ["I", "M"], "x": 200, "n": 800})
        data = pd.concat([data.assign(x=x, n=n), extra])
        s = tu.from_counts(
            data, numerator="x", denominator="n", segments="race", by="county", total="All",
            order={"race": ["a", "b", "c"]},
        )  # fmt: skip
        a = tu.assess(s, ABSENCE).suppress()
        if name == "concentration":
            a = a.where(county="I")
        ax = getattr(a.plot, name)()
        assert "c suppressed" in alt(ax) or "c: suppressed" in alt(ax)
        data_of = [np.asarray(line.get_xydata()).tolist() for line in ax.lines]
        said = [t.get_text() for t in ax.figure.findobj(Text)]
        pictures.append((data_of, said, alt(ax), ax.get_xlim(), ax.get_ylim(), painted(ax)))
    assert pictures[0][:-1] == pictures[1][:-1]
    assert np.array_equal(pictures[0][-1], pictures[1][-1])


def test_everything_suppressed_still_has_its_goal_and_its_key() -> None:
    ax = places(FOUR).suppress(minimum=2000).plot.equiplot()
    assert marks(ax) == []
    assert asides(ax) == {name: ["suppressed: All, White and Latino"] for name in ("Inyo", "Mono")}
    assert list(key(ax)) == ["White", "Latino"]


def test_many_hidden_segments_are_counted_beside_and_named_in_words() -> None:
    rows: list[tuple[str, str, object, object]] = [("Inyo", f"G{i}", "<11", 40) for i in range(7)]
    ax = places([*rows, ("Inyo", "A", 30, 90)]).plot.equiplot()
    assert asides(ax) == {"Inyo": ["suppressed: All and 7 segments"]}
    assert all(f"G{i} suppressed" in alt(ax) for i in range(7))


@pytest.mark.parametrize("groups", [1, 5, 30])
def test_long_names_neither_overlap_nor_leave_the_page(groups: int) -> None:
    rows = [(f"County {LONG} {c}", f"{LONG} {i}", 20 + i + c, 90)
            for c in range(3) for i in range(groups)]  # fmt: skip
    ax = drawn(places(rows).plot.equiplot())
    page = ax.figure.bbox
    legend = ax.get_legend()
    assert legend is not None
    texts = [*ax.texts, *ax.get_yticklabels(), *legend.get_texts(),
             ax.xaxis.label]  # fmt: skip
    for text in texts:
        box = text.get_window_extent()
        assert page.x0 - 1 <= box.x0 <= box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0 <= box.y1 <= page.y1 + 1
    title = ax._left_title.get_window_extent()  # type: ignore[attr-defined]
    top = max(t.get_window_extent().y1 for t in legend.get_texts())
    low = min(t.get_window_extent().y0 for t in legend.get_texts())
    goal = next(t for t in ax.texts if t.get_text().startswith("Goal")).get_window_extent()
    assert title.y0 >= top - 1
    assert low >= goal.y1 - 1
    names = sorted(t.get_window_extent().extents[[1, 3]].tolist() for t in ax.get_yticklabels())
    assert all(lower[1] <= upper[0] + 1 for lower, upper in pairwise(names))


# --- the curve on arrays ------------------------------------------------------------------------

RATES = st.lists(st.floats(0.01, 1), min_size=1, max_size=9)


@given(rates=RATES, data=st.data())
def test_twice_the_area_is_the_index_of_mid_ranks(rates: list[float], data: st.DataObject) -> None:
    k = len(rates)
    people = np.array(data.draw(st.lists(st.integers(1, 900), min_size=k, max_size=k)), float)
    rank = np.array(data.draw(st.lists(st.integers(0, 4), min_size=k, max_size=k)))
    y, w = np.array(rates), people / people.sum()
    before = np.array([w[rank < r].sum() for r in rank])
    mid = before + np.array([w[rank == r].sum() for r in rank]) / 2
    index = 2 * (w * y * mid).sum() / (w * y).sum() - 1
    curve = tu.measures.concentration_curve(y, people, rank)
    assert tu.measures.twice_the_area(*curve) == pytest.approx(index, abs=1e-12)
    registered = tu.measures.relative_concentration_index(y, w, mid)
    assert registered == pytest.approx(index, abs=1e-12)


@given(rates=RATES, data=st.data())
def test_the_curve_runs_from_nothing_to_everything(rates: list[float], data: st.DataObject) -> None:
    k = len(rates)
    people = np.array(data.draw(st.lists(st.integers(1, 900), min_size=k, max_size=k)), float)
    for points in tu.measures.concentration_curve(np.array(rates), people):
        assert (points[0], points[-1]) == (0.0, 1.0)
        assert (np.diff(points) > 0).all()


def test_the_published_index_of_healthequal() -> None:
    # WHO's healthequal, tests/testthat/test-aci.R: the absolute index is 7.3284202.
    people = np.array([78.0, 91, 162, 103, 105])
    rate = np.array([20.0, 30, 40, 50, 60])
    mean = (people * rate).sum() / people.sum()
    index = tu.measures.twice_the_area(*tu.measures.concentration_curve(rate, people))
    assert index * mean == pytest.approx(7.3284202, abs=1e-6)


def test_the_index_of_healthequal_on_its_ordered_sample(shared: Path) -> None:
    data = pd.read_csv(shared / "golden/inputs/he_OrderedSample.csv")
    expected = pd.read_csv(shared / "golden/expected_healthequal.csv")
    cases = pd.read_csv(shared / "golden/cases_healthequal.csv")
    plain = cases[(cases["function"] == "rci") & cases["case"].str.contains("OrderedSample")
                  & ~cases["arguments"].str.contains("method")
                  & cases["arguments"].str.contains("pop")]  # fmt: skip
    rows = expected[expected["case"].isin(plain["case"]) & (expected["output_name"] == "estimate")]
    data = data.sort_values("subgroup_order")
    curve = tu.measures.concentration_curve(
        data["estimate"].to_numpy(), data["population"].to_numpy()
    )
    assert len(rows)
    for value in rows["value"].astype(float):
        assert tu.measures.twice_the_area(*curve) == pytest.approx(value, rel=1e-9)


def test_tied_segments_share_one_straight_step() -> None:
    people, outcome = tu.measures.concentration_curve(
        np.array([0.4, 0.1, 0.3]), np.array([100.0, 100, 100]), np.array([0, 1, 0])
    )
    assert people == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert outcome == pytest.approx([0, 3.5 / 8, 7 / 8, 1])
    other = tu.measures.concentration_curve(
        np.array([0.3, 0.1, 0.4]), np.array([100.0, 100, 100]), np.array([0, 1, 0])
    )
    assert other[1] == pytest.approx(outcome)


def test_segments_without_rate_or_people_take_no_part() -> None:
    rate = np.array([0.4, np.nan, 0.2, 0.9, 0.9])
    x, y = tu.measures.concentration_curve(rate, np.array([100.0, 500, 300, 0, np.nan]))
    assert x == pytest.approx([0, 0.25, 0.25, 1, 1, 1])
    assert y == pytest.approx([0, 0.4, 0.4, 1, 1, 1])


def test_an_outcome_nobody_has_has_no_shares() -> None:
    people, outcome = tu.measures.concentration_curve(np.zeros(2), np.array([10.0, 30]))
    assert people == pytest.approx([0, 0.25, 1])
    assert np.isnan(outcome).all()
    below = tu.measures.concentration_curve(np.array([-1.0, 2]), np.array([10.0, 30]))
    assert np.isnan(below).all()


def test_many_strata_at_once_are_one_at_a_time() -> None:
    random = np.random.default_rng(7)
    rate, people = random.random((6, 40)), random.integers(0, 90, (6, 40)).astype(float)
    rank = np.array([2, 0, 1, 1, 5, 4])
    many = tu.measures.concentration_curve(rate, people, rank)
    for j in range(40):
        one = tu.measures.concentration_curve(rate[:, j], people[:, j], rank)
        assert np.array_equal(many[0][:, j], one[0])
        assert np.array_equal(many[1][:, j], one[1])


@pytest.mark.parametrize(
    ("people", "rank"), [(np.ones(3), None), (np.ones(2), np.zeros(3, dtype=int))]
)
def test_shapes_that_do_not_fit_are_an_error(people: Any, rank: Any) -> None:
    with pytest.raises(tu.InputError, match=r"shape|do not fit each other"):
        tu.measures.concentration_curve(np.ones(2), people, rank)


# --- the picture of the curve -------------------------------------------------------------------


def curve_of(ax: Axes) -> tuple[Any, Any]:
    line = next(line for line in ax.lines if line.get_linewidth() == 1.8)
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_the_curve_is_cumulative_people_against_cumulative_events() -> None:
    a = incomes([0.4, 0.3, 0.2, 0.1], [100, 200, 300, 400])
    t = a.table[a.table["dimension"] == "income"]
    x, y = curve_of(a.plot.concentration())
    for drawn_points, column in ((x, "population"), (y, "events")):
        shares = (t[column].cumsum() / t[column].sum()).to_numpy()
        assert drawn_points == pytest.approx([0, *(100 * shares)])


def test_the_index_and_every_share_are_in_words() -> None:
    ax = incomes([0.3, 0.2, 0.1], [100, 200, 100]).plot.concentration()
    said = "Relative concentration index: -0.188"
    assert said in ax.get_title(loc="left")
    assert said in alt(ax)
    assert "below 0: more of the outcome with the most disadvantaged" in alt(ax)
    assert "Q1: 25.0 % of people, 37.5 % of the outcome" in alt(ax)
    assert [t.get_text() for t in ax.texts if t.get_text().startswith("1  ")] == [
        "1  Q1: 25.0 % of people, 37.5 % of the outcome"
    ]


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([0.1, 0.2, 0.3], "above 0: less of the outcome with the most disadvantaged"),
        ([0.2, 0.2, 0.2], "0: on the whole, equal shares"),
    ],
)
def test_the_sign_of_the_index_in_words(rates: list[float], words: str) -> None:
    assert words in alt(incomes(rates, [100, 200, 100]).plot.concentration())


def test_a_dimension_without_order_says_how_to_declare_one() -> None:
    with pytest.raises(tu.InputError, match=r"order=\{'race': \['Q1', 'Q2', …\]\}"):
        places(TWO[:3], by=None).plot.concentration()


def test_two_ordered_dimensions_ask_for_one() -> None:
    data = pd.DataFrame({"income": ["l", "h"] * 2, "school": ["l", "l", "h", "h"]})
    data = data.assign(x=[3, 4, 5, 6], n=9)
    order = {"income": ["l", "h"], "school": ["l", "h"]}
    s = tu.from_counts(
        data, numerator="x", denominator="n", segments=["income", "school"], order=order
    )
    a = tu.assess(s, ABSENCE)
    with pytest.raises(tu.InputError, match=r"a\.where\(dimension='income'\)"):
        a.plot.concentration()
    assert isinstance(a.where(dimension="school").plot.concentration(), Axes)


def test_several_strata_are_an_error_that_writes_the_call() -> None:
    a = places(FOUR, order={"race": ["Latino", "White"]})
    with pytest.raises(tu.InputError, match=r"a\.where\(county='Inyo'\)\.plot\.concentration\(\)"):
        a.plot.concentration()
    assert "county Inyo" in alt(a.where(county="Inyo").plot.concentration())


def test_a_hidden_segment_leaves_no_curve_and_no_shares() -> None:
    a = incomes([0.4, 0.5, 0.1], [90, 10, 100]).suppress()
    ax = a.plot.concentration()
    assert not [line for line in ax.lines if line.get_marker() == "o"]
    assert "No curve and no index: suppressed segment" in ax.get_title(loc="left")
    assert "%" not in "".join(t.get_text() for t in ax.texts)
    assert "Q1: no share. Q2: suppressed" in alt(ax)


@pytest.mark.parametrize(
    ("rates", "people", "options", "why"),
    [
        ([0.0, 0.0], [90, 100], {}, "the outcome has no share"),
        ([0.0, 0.0], [0, 0], {}, "no rate in the data"),
        ([0.3, 0.2], [90, 100], {"exclusive": False}, "segments overlap"),
    ],
)
def test_without_a_curve_the_reason_is_said(
    rates: list[float], people: list[int], options: Any, why: str
) -> None:
    ax = incomes(rates, people, **options).plot.concentration()
    assert f"No curve and no index: {why}" in alt(ax)
    assert not [line for line in ax.lines if line.get_marker() == "o"]


def test_rates_without_people_have_no_curve() -> None:
    data = pd.DataFrame({"income": ["low", "high"], "rate": [30.0, 20.0]})
    s = tu.from_estimates(
        data, estimate="rate", segments="income", kind="rate", per=1000,
        order={"income": ["low", "high"]},
    )  # fmt: skip
    ax = tu.assess(s, tu.Goal.at_most(15, per=1000)).plot.concentration()
    assert "no population to weight the rates by" in alt(ax)


def test_an_unknown_segment_is_left_out_of_the_curve() -> None:
    data = pd.DataFrame({"income": ["low", "high", None], "x": [30, 20, 90], "n": [100, 100, 100]})
    s = tu.from_counts(
        data, numerator="x", denominator="n", segments="income", order={"income": ["low", "high"]}
    )
    ax = tu.assess(s, ABSENCE).plot.concentration()
    assert curve_of(ax)[1] == pytest.approx([0, 60, 100])
    assert "Unknown" not in alt(ax)


@pytest.mark.parametrize("count", [1, 5, 30])
def test_long_names_stay_on_the_page(count: int) -> None:
    labels = [f"{LONG} {i}" for i in range(count)]
    rates = np.linspace(0.5, 0.1, count).tolist()
    ax = drawn(incomes(rates, [200] * count, labels=labels).plot.concentration())
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text()[:1].isdigit()
             and len(t.get_text()) > 3]  # fmt: skip
    page = ax.figure.bbox
    assert len(boxes) == count
    assert all(page.y0 - 1 <= b.y0 and b.x1 <= page.x1 + 1 for b in boxes)
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairwise(boxes))


# --- both ---------------------------------------------------------------------------------------


def either(name: str) -> tu.Assessment:
    if name == "equiplot":
        return places(TWO)
    return incomes([0.4, 0.3, 0.2], [100, 200, 5])


EITHER = pytest.mark.parametrize("name", ["equiplot", "concentration"])


@EITHER
def test_given_axes_are_used_and_returned(name: str) -> None:
    figure, axes = plt.subplots(1, 2, layout="constrained", figsize=(14, 5))
    assert getattr(either(name).plot, name)(axes[1]) is axes[1]
    assert plt.get_fignums() == [figure.number]
    assert list(figure.get_size_inches()) == [14, 5]


@EITHER
def test_no_settings_leak_and_the_same_answer_gives_the_same_picture(name: str) -> None:
    before = dict(mpl.rcParams)
    first, second = (drawn(getattr(either(name).plot, name)()) for _ in range(2))
    assert dict(mpl.rcParams) == before
    assert np.array_equal(painted(first), painted(second))


@EITHER
def test_all_text_is_at_least_nine_points(name: str) -> None:
    with plt.style.context({"font.size": 5}):
        ax = getattr(either(name).plot, name)()
    assert min(t.get_fontsize() for t in ax.findobj(Text) if t.get_text()) >= 9  # type: ignore[attr-defined]


@EITHER
def test_labels_are_never_mathematics(name: str) -> None:
    odd = ["A$B$_x^", "$\\frac{1"]
    rows = [("Inyo", label, 30, 90) for label in odd]
    a = places(rows, tu.Goal.at_most(0.2, name="$x_1$"), by=None, order={"race": odd})
    ax = getattr(a.plot, name)()
    assert all(label in alt(ax) for label in odd)
    said = [t for t in ax.figure.findobj(Text) if "$" in t.get_text()]
    assert said
    assert not any(t.get_parse_math() for t in said)  # type: ignore[attr-defined]


@EITHER
def test_words_describe_structures_and_not_people(name: str) -> None:
    ax = getattr(either(name).plot, name)()
    said = "\n".join([*(t.get_text() for t in ax.figure.findobj(Text)), alt(ax)]).lower()  # type: ignore[attr-defined]
    for word in ("deficit", "underperform", "target group", "worst", "best", "fail"):
        assert word not in said
