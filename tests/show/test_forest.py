"""The forest says what the table of disparities says, and nothing that is hidden."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

import targeted_universalism as tu
from make import ABSENCE, LONG, alt, assessed, drawn, names, painted, some_of

MEASURE = pytest.mark.parametrize("measure", ["ratio", "difference"])


def counts(
    rows: list[tuple[str | None, float, float]], goal: tu.Goal = ABSENCE, **options: Any
) -> tu.Assessment:
    return assessed(rows, goal, **options)


ROWS: list[tuple[str | None, float, float]] = [
    ("Black", 840, 2000), ("Latino", 3240, 9000), ("White", 1680, 8000), ("Asian", 330, 3000),
    (None, 30, 90),
]  # fmt: skip


def points(ax: Axes) -> dict[str, float]:
    """Name of each row to its mark."""
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    return {
        at[float(line.get_ydata()[0])]: float(line.get_xdata()[0])  # type: ignore[index]
        for line in ax.lines
        if line.get_marker() in ("o", "D")
    }


def intervals(ax: Axes) -> dict[str, list[float]]:
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    return {
        at[float(line.get_ydata()[0])]: [float(x) for x in line.get_xdata()]  # type: ignore[index,union-attr]
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_ydata()[0] == line.get_ydata()[1]  # type: ignore[arg-type,index]
    }


def beside(ax: Axes) -> dict[str, str]:
    at = dict(zip(ax.get_yticks(), names(ax), strict=True))
    return {
        at[t.xy[1]]: t.get_text().replace("\n", " ")  # type: ignore[attr-defined]
        for t in ax.texts
        if t.xy[1] in at and not t.get_text().startswith("Same")  # type: ignore[attr-defined]
    }


# --- the picture is the table -------------------------------------------------------------------


@MEASURE
@pytest.mark.parametrize("reference", ["best", "White", "total", "rest", "goal"])
def test_marks_and_lines_stand_at_the_numbers_of_the_table(measure: str, reference: str) -> None:
    a = counts(ROWS)
    table = a.disparities(reference).set_index("segment")
    ax = a.plot.disparities(reference, measure=measure)
    known = table[measure].dropna()
    assert points(ax) == {k: pytest.approx(v) for k, v in known.items()}
    bounded = table.dropna(subset=f"{measure}_low")
    assert intervals(ax) == {
        k: pytest.approx([low, high])
        for k, low, high in zip(
            bounded.index, bounded[f"{measure}_low"], bounded[f"{measure}_high"], strict=True
        )
    }
    assert names(ax) == list(table.index)


def test_a_difference_of_proportions_is_in_points() -> None:
    a = counts(ROWS, tu.Goal.at_most(0.15))
    table = a.disparities("White").set_index("segment")
    ax = a.plot.disparities("White", measure="difference")
    assert points(ax)["Black"] == pytest.approx(100 * table.loc["Black", "difference"])
    assert beside(ax)["Black"].startswith("+21.0 points (+18.7 to +23.3)")
    assert beside(ax)["Asian"].startswith("−10.0 points (−")
    assert ax.get_xlabel().startswith("Difference, points; lower is wanted ←")


def test_every_pair_is_named() -> None:
    a = counts(ROWS[:3])
    ax = a.plot.disparities("each")
    assert names(ax) == [
        "Black / Latino", "Black / White", "Latino / Black", "Latino / White", "White / Black",
        "White / Latino",
    ]  # fmt: skip
    table = a.disparities("each")
    assert list(points(ax).values()) == pytest.approx(table["ratio"].tolist())
    assert names(a.plot.disparities("each", measure="difference"))[0] == "Black − Latino"


def test_the_reference_is_in_the_title_on_its_line_and_a_diamond() -> None:
    ax = counts(ROWS).plot.disparities("White")
    assert ax.get_title(loc="left") == "Chronic absence\nRatio of rates to that of White"
    assert [t.get_text() for t in ax.texts if t.get_text().startswith("Same")] == ["Same as White"]
    assert beside(ax)["White"] == "the reference"
    assert [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "D"] == [2.5]  # type: ignore[index]


@pytest.mark.parametrize(
    ("reference", "words"),
    [("total", "the total"), ("rest", "the rest"), ("goal", "the goal (at most 15 %)")],
)
def test_references_that_are_no_segment_are_named(reference: str, words: str) -> None:
    ax = counts(ROWS).plot.disparities(reference)
    assert f"Ratio of rates to that of {words}" in alt(ax)


def test_a_reference_chosen_from_the_data_says_so() -> None:
    a = counts(ROWS)
    assert "reference chosen from the data" in a.plot.disparities().get_xlabel()
    assert "chosen" not in a.plot.disparities("White").get_xlabel()


def test_each_dimension_has_its_reference_in_its_heading() -> None:
    data = pd.DataFrame({"race": ["A", "A", "B", "B"], "sex": ["F", "M"] * 2})
    data = data.assign(x=[30, 50, 60, 90], n=300)
    s = tu.from_counts(data, numerator="x", denominator="n", segments=["race", "sex"])
    ax = tu.assess(s, ABSENCE).plot.disparities()
    bold = [t.get_text() for t in ax.get_yticklabels() if t.get_fontweight() == "bold"]
    assert bold == ["race, to A", "sex, to F"]
    assert "By sex, to F. F: the reference" in alt(ax)


def test_a_half_and_a_double_are_equally_far_from_one() -> None:
    ax = drawn(counts([("A", 100, 1000), ("B", 200, 1000), ("C", 50, 1000)]).plot.disparities("A"))
    x = ax.transData.transform([(v, 0) for v in (points(ax)["C"], 1, points(ax)["B"])])[:, 0]
    assert x[1] - x[0] == pytest.approx(x[2] - x[1])
    low, high = ax.get_xlim()
    assert low * high == pytest.approx(1)


def test_what_lies_beyond_the_axis_ends_in_an_arrow() -> None:
    ax = counts([("A", 0, 300), ("B", 150, 300), ("C", 60, 900)]).plot.disparities("C")
    low, high = ax.get_xlim()
    arrows = [line for line in ax.lines if line.get_marker() == "<"]
    assert {float(line.get_xdata()[0]) for line in arrows} == {low}  # type: ignore[index]
    assert beside(ax)["A"].startswith("0.00 (0.00 to ")
    assert all(low <= x <= high for ends in intervals(ax).values() for x in ends)


def test_ticks_are_few_round_and_around_one() -> None:
    for scale in (1.02, 1.2, 1.9, 3.5, 9, 80):
        n = 10_000_000
        rows = [("A", 1_000, n), ("B", round(1_000 * scale), n)]
        ax = counts(rows, tu.Goal.at_most(0.5)).plot.disparities("A")
        low, high = ax.get_xlim()
        ticks = [t for t in ax.get_xticks() if low <= t <= high]
        assert 1.0 in ticks
        assert 3 <= len(ticks) <= 12
        plt.close(ax.figure)  # type: ignore[arg-type]


def test_unreliable_comparisons_are_hollow_and_said_to_be() -> None:
    ax = counts([("A", 3, 20), ("B", 300, 1000), ("C", 200, 1000)]).plot.disparities("B")
    assert beside(ax)["A"].endswith("unreliable")
    assert not beside(ax)["C"].endswith("unreliable")
    assert "hollow marks: unreliable" in ax.get_xlabel()
    by_unreliable = counts([("A", 3, 20), ("C", 200, 1000)]).plot.disparities("A")
    assert beside(by_unreliable)["C"].endswith("unreliable")


def test_rates_and_directions() -> None:
    a = counts([("A", 49, 10_000), ("B", 70, 100_000)], tu.Goal.at_least(3, per=1000), kind="rate")
    ax = a.plot.disparities("B", measure="difference")
    assert beside(ax)["A"].startswith("+4.20 (+")
    assert ax.get_xlabel().startswith("Difference, per 1,000; higher is wanted →")


def test_estimates_without_intervals_say_so() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "rate": [30.0, 20.0]})
    s = tu.from_estimates(data, estimate="rate", segments="race", kind="rate", per=1000)
    ax = tu.assess(s, tu.Goal.at_most(15, per=1000)).plot.disparities("B")
    assert beside(ax)["A"] == "1.50, no interval"
    assert "Thin lines" not in ax.get_xlabel()


# --- what is hidden, what is missing ------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "references"),
    [
        ("ratio", ("White",)), ("ratio", ("each",)),
        pytest.param("difference", ("best",), marks=pytest.mark.long),
        pytest.param("difference", ("White", "each"), marks=pytest.mark.long),
        pytest.param("ratio", ("best",), marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_a_public_forest_depends_on_published_cells_alone(
    measure: str, references: tuple[str, ...]
) -> None:
    pictures = []
    for small in (1, 7):
        rows = [*ROWS[:3], ("Pacific Islander", small, 30), ("Native", 12 + small, 13 + small)]
        a = counts([*rows, ("All", 9000, 30000)], total="All").suppress()
        for reference in references:
            ax = a.plot.disparities(reference, measure=measure)
            image = painted(ax).tobytes()
            data = [np.asarray(line.get_xydata()).tolist() for line in ax.lines]
            said = [t.get_text() for t in ax.figure.findobj(Text)]
            pictures.append((small, (data, said, alt(ax), ax.get_xlim(), image)))
        assert "suppressed" in alt(ax)
    half = len(pictures) // 2
    assert [p[1] for p in pictures[:half]] == [p[1] for p in pictures[half:]]


def test_hidden_rows_are_named_and_have_no_place() -> None:
    a = counts([*ROWS[:3], ("Pacific Islander", 3, 30), ("Other", 0, 0)]).suppress()
    ax = a.plot.disparities("White")
    # Black is hidden beside Pacific Islander, which would follow from the total.
    assert beside(ax)["Pacific Islander"] == beside(ax)["Black"] == "suppressed"
    assert beside(ax)["Other"].startswith("no data")
    assert "Pacific Islander" not in points(ax) | intervals(ax)
    ax = a.plot.disparities()
    assert beside(ax)["Latino"] == "not compared: suppressed segment"


def test_everything_suppressed_still_names_everybody() -> None:
    ax = counts(ROWS[:3]).suppress(minimum=20_000).plot.disparities("total")
    assert beside(ax) == dict.fromkeys(("All", "Black", "Latino", "White"), "suppressed")
    assert not any(c.isdigit() for c in alt(ax))


def test_one_segment_says_why_it_is_not_compared() -> None:
    ax = counts([("A", 30, 90)]).plot.disparities()
    assert beside(ax)["A"].startswith("not compared: ")


# --- strata, axes, labels -----------------------------------------------------------------------


def test_several_strata_are_an_error_that_writes_the_call() -> None:
    data = pd.DataFrame({"county": ["I", "I", "M", "M"], "race": ["A", "B"] * 2})
    s = tu.from_counts(
        data.assign(x=[3, 4, 5, 6], n=90), numerator="x", denominator="n", segments="race",
        by="county",
    )  # fmt: skip
    a = tu.assess(s, ABSENCE)
    with pytest.raises(tu.InputError, match=r"a\.where\(county='I'\)\.plot\.disparities\(\)"):
        a.plot.disparities("A")
    ax = a.where(county="M").plot.disparities("A")
    assert "county M" in alt(ax)
    assert points(ax)["B"] == pytest.approx(6 / 5)
    rolled = tu.assess(s, ABSENCE, rollup=True).plot.disparities("A")
    assert "all together" in alt(rolled)
    assert points(rolled)["B"] == pytest.approx(10 / 8)


def test_a_measure_that_is_not_known_and_too_many_pairs_are_errors() -> None:
    with pytest.raises(tu.InputError, match="measure='odds' is not known"):
        counts(ROWS).plot.disparities(measure="odds")
    many: list[tuple[str | None, float, float]] = [(f"G{i}", 30, 90) for i in range(14)]
    with pytest.raises(tu.InputError, match="182 rows are more than a picture can show"):
        counts(many).plot.disparities("each")


@pytest.mark.parametrize("count", some_of((2, 12, 30), 2, 12))
def test_long_names_neither_overlap_nor_leave_the_page(count: int) -> None:
    ax = drawn(counts([(f"{LONG} {i}", 30 + i, 90) for i in range(count)]).plot.disparities("rest"))
    boxes = sorted(t.get_window_extent().extents[[1, 3]].tolist() for t in ax.get_yticklabels())
    assert all(lower[1] <= upper[0] + 1 for lower, upper in pairwise(boxes))
    page = ax.figure.bbox
    title = ax._left_title.get_window_extent()  # type: ignore[attr-defined]
    for text in [*ax.texts, *ax.get_yticklabels(), ax.xaxis.label]:
        box = text.get_window_extent()
        assert page.x0 - 1 <= box.x0 <= box.x1 <= page.x1 + 1
        assert box.y1 <= title.y0 + 1


def test_given_axes_are_used_no_settings_leak_and_the_picture_is_the_same_again() -> None:
    figure, axes = plt.subplots(1, 2, layout="constrained")
    assert counts(ROWS).plot.disparities("White", ax=axes[0]) is axes[0]
    assert plt.get_fignums() == [figure.number]
    before = dict(mpl.rcParams)
    first, second = (drawn(counts(ROWS).plot.disparities("White")) for _ in range(2))
    assert dict(mpl.rcParams) == before
    assert np.array_equal(painted(first), painted(second))


def test_labels_are_never_mathematics_and_text_is_legible() -> None:
    with plt.style.context({"font.size": 5}):
        ax = drawn(counts([("A$B$_x^", 30, 90), ("$\\frac{1", 40, 90)]).plot.disparities("A$B$_x^"))
    said = [t for t in ax.figure.findobj(Text) if "$" in t.get_text()]  # type: ignore[attr-defined]
    assert said
    assert not any(t.get_parse_math() for t in said)  # type: ignore[attr-defined]
    assert min(t.get_fontsize() for t in ax.findobj(Text) if t.get_text()) >= 9  # type: ignore[attr-defined]


@pytest.mark.parametrize("reference", ["best", "each", "goal", "total"])
def test_words_describe_structures_and_not_people(reference: str) -> None:
    ax = counts(ROWS).plot.disparities(reference)
    said = "\n".join([*(t.get_text() for t in ax.figure.findobj(Text)), alt(ax)]).lower()  # type: ignore[attr-defined]
    for word in ("deficit", "underperform", "target group", "worst", "best", "fail", "nan", "inf"):
        assert word not in said.replace("infant", "")


def test_nothing_drawn_is_ever_infinite() -> None:
    a = counts([("A", 0, 300), ("B", 0, 300), ("C", 60, 900)])
    for reference in ("A", "C", "best", "each"):
        ax = a.plot.disparities(reference)
        values = [float(x) for line in ax.lines for x in np.atleast_1d(line.get_xdata())]
        assert all(math.isfinite(x) for x in values)
