"""The picture of a pathway says what its table says, and gives hidden counts no place."""

from __future__ import annotations

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
from make import LONG, STAGES, alt, drawn, painted


def counts(**more: list[object]) -> pd.DataFrame:
    rows = [
        ("Black", 10_000, 800, 240, 96), ("Latino", 42_000, 2_300, 560, 170),
        ("Native", 900, 90, 31, 4), ("White", 40_000, 1_600, 400, 120),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["race", *STAGES]).assign(**more)


def path(data: pd.DataFrame | None = None, **options: Any) -> pd.DataFrame:
    options = {"segments": "race", "reference": "White", "directions": "at most"} | options
    return tu.pathway(counts() if data is None else data, stages=STAGES, **options)


def pictured(table: pd.DataFrame) -> Axes:
    """Draw a table; where its words stand on the page is not asked."""
    ax: Axes = tu.plot_pathway(table)
    return ax


def marks(ax: Axes, shape: str) -> list[float]:
    """Places of all marks of a shape, from above downward."""
    found = [
        (float(np.atleast_1d(line.get_ydata())[0]), float(np.atleast_1d(line.get_xdata())[0]))
        for line in ax.lines
        if line.get_marker() == shape
    ]
    return [x for _, x in sorted(found)]


def test_circles_and_squares_stand_at_the_indices_of_the_table() -> None:
    table = path()
    ax = pictured(table)
    others = table[table["reference"].notna() & (table["segment"] != "White")]
    assert marks(ax, "o") == pytest.approx(others["stage_index"].tolist())
    assert marks(ax, "s") == pytest.approx(others["population_index"].tolist())


def test_lines_are_the_intervals_of_the_table() -> None:
    table = path(directions="at most", data=counts().iloc[[0, 3]])
    ax = pictured(table)
    lines = sorted(
        (float(line.get_ydata()[0]), [float(x) for x in line.get_xdata()])  # type: ignore[index,union-attr]
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_ydata()[0] == line.get_ydata()[1]  # type: ignore[arg-type,index]
    )
    black = table[table["segment"] == "Black"]
    expected = [
        [row[f"{name}_low"], row[f"{name}_high"]]
        for _, row in black.iterrows()
        for name in ("stage_index", "population_index")
    ]
    assert [ends for _, ends in lines] == [pytest.approx(ends) for ends in expected]


def test_stages_stand_under_each_other_for_each_segment_in_the_order_of_the_data() -> None:
    ax = pictured(path())
    named = sorted(zip(ax.get_yticks(), ax.get_yticklabels(), strict=True), key=lambda x: x[0])
    bold = [t.get_text() for _, t in named if t.get_fontweight() == "bold"]
    rest = [t.get_text().replace("\n", " ") for _, t in named if t.get_fontweight() != "bold"]
    assert bold == ["Black", "Latino", "Native"]
    stages = ["referred (of children)", "substantiated (of referred)", "removed (of substantiated)"]
    assert rest == 3 * stages
    assert ax.get_title(loc="left") == "Each stage of the pathway: ratio of rates to that of White"


def test_words_hold_indices_shares_and_intervals() -> None:
    table = path()
    said = alt(pictured(table))
    row = table[(table["segment"] == "Black") & (table["stage"] == "removed")].iloc[0]
    assert (
        f"removed (of substantiated): stage {row['stage_index']:.2f} (interval "
        f"{row['stage_index_low']:.2f} to {row['stage_index_high']:.2f}), population "
        f"{row['population_index']:.2f} (interval {row['population_index_low']:.2f} to "
        f"{row['population_index_high']:.2f}), share {100 * row['disparity_share']:.0f} %"
    ) in said


def test_the_wanted_side_is_on_the_axis_or_with_each_stage_where_they_differ() -> None:
    assert pictured(path()).get_xlabel().startswith("Ratio, log scale; lower is wanted ←")
    mixed = dict.fromkeys(STAGES[1:], "at most") | {"substantiated": "at least"}
    ax = pictured(path(directions=mixed))
    assert "lower is wanted ← unless said" in ax.get_xlabel()
    assert "substantiated (of referred, higher is wanted →): stage" in alt(ax)
    assert "removed (of substantiated): stage" in alt(ax)


def test_a_share_of_almost_nothing_is_no_negative_zero() -> None:
    data = counts()
    data.loc[0, "removed"] = 72  # as many of the 240 as of White's 400: 120
    assert alt(pictured(path(data.iloc[[0, 3]]))).endswith(", share 0 %.")


def test_side_branches_have_no_share() -> None:
    said = alt(pictured(path(parents={"removed": "referred"})))
    assert "removed (of referred)" in said
    branch = next(part for part in said.split(". ") if part.startswith("substantiated"))
    assert "share" not in branch


def test_small_counts_are_hollow_and_said_to_be_unreliable() -> None:
    ax = pictured(path())
    last = alt(ax).split("Native")[1].split(". ")[3]
    assert last.startswith(
        "removed (of substantiated): stage 0.4 (interval 0.2 to 1.0), population"
    )
    assert last.endswith(", unreliable.")
    ground = mpl.rcParams["axes.facecolor"]
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == ground]
    assert len(hollow) == 2
    assert "hollow marks: unreliable" in ax.get_xlabel().replace("\n", " ")


def test_a_hidden_count_hides_what_follows_from_it_and_no_more() -> None:
    data = counts().astype(object)
    data.loc[0, "substantiated"] = "*"
    ax = pictured(path(data, suppressed={"*": (1, 10)}))
    black = alt(ax).split("Black. ")[1].split(". Latino")[0].split(". ")
    assert black[0].startswith("referred (of children): stage 2.00")
    assert black[1] == "substantiated (of referred): suppressed"
    assert black[2].startswith("removed (of substantiated): stage suppressed, population 3.20")
    boxes = [t.get_text() for t in ax.texts if t.get_bbox_patch() is not None]
    assert boxes == ["suppressed"]
    assert len(marks(ax, "o")) == 7


def test_hidden_counts_change_nothing_that_is_drawn() -> None:
    pictures = []
    for most in (10, 400):
        data = counts().astype(object)
        data.loc[0, "substantiated"] = "*"
        ax = pictured(path(data, suppressed={"*": (1, most)}))
        pictures.append((alt(ax), painted(ax).tobytes()))
    assert pictures[0] == pictures[1]


def test_everything_hidden_still_names_every_stage() -> None:
    data = counts().astype(object)
    data[STAGES[1:]] = "*"
    ax = pictured(path(data, suppressed={"*": (1, 10)}))
    assert marks(ax, "o") == marks(ax, "s") == []
    assert alt(ax).count("suppressed") == 9


def test_a_reference_of_zero_has_no_index_and_says_so() -> None:
    data = counts()
    data.loc[3, ["substantiated", "removed"]] = 0
    ax = pictured(path(data))
    assert "no index: the rate of the reference is 0" in alt(ax)
    assert all(np.isfinite(marks(ax, "o") + marks(ax, "s")))


def test_one_segment_is_its_own_reference() -> None:
    ax = pictured(path(counts().iloc[[3]]))
    assert marks(ax, "o") == [1.0, 1.0, 1.0]


def test_more_than_at_the_stage_before_is_drawn_and_not_cut() -> None:
    data = counts()
    data.loc[0, "removed"] = 500
    table = path(data)
    ax = pictured(table)
    row = table[(table["segment"] == "Black") & (table["stage"] == "removed")].iloc[0]
    assert row["stage_rate"] > 1
    assert marks(ax, "o")[2] == pytest.approx(row["stage_index"])


@pytest.mark.parametrize("name", ["county", "year", "dimension"])
def test_several_strata_or_dimensions_are_an_error_that_writes_the_choice(name: str) -> None:
    if name == "dimension":
        half = pd.DataFrame({"race": ["A", "A", "B", "B"], "sex": ["F", "M"] * 2})
        data = half.assign(children=900, referred=90, substantiated=40, removed=20)
        table = path(data, segments=["race", "sex"], reference={"race": "A", "sex": "F"})
    else:
        two = ["Inyo", "Mono"] if name == "county" else [2021, 2022]
        table = path(pd.concat([counts(**{name: value}) for value in two]), by=name)  # type: ignore[arg-type]
    with pytest.raises(tu.InputError, match="choose it, as in") as error:
        tu.plot_pathway(table)
    chosen = eval(str(error.value).partition("as in ")[2].removesuffix("."), {"table": table})  # noqa: S307
    ax = pictured(chosen)
    assert marks(ax, "o")
    if name != "dimension":
        assert alt(ax).startswith(f"{name} {'Inyo' if name == 'county' else 2021}. Each stage")


def test_what_is_no_pathway_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="not list"):
        tu.plot_pathway([1, 2])  # type: ignore[arg-type]
    with pytest.raises(tu.InputError, match="has no column 'dimension'"):
        tu.plot_pathway(counts())
    with pytest.raises(tu.InputError, match="nothing to draw"):
        tu.plot_pathway(path().iloc[:0])


def test_more_rows_than_anyone_reads_are_an_error() -> None:
    many = pd.concat([counts().iloc[[0]].assign(race=f"G{i}") for i in range(52)])
    with pytest.raises(tu.InputError, match=r"153 rows .*table\['segment'\]\.isin"):
        tu.plot_pathway(path(many, reference="G0"))


@pytest.mark.parametrize("count", [2, 12])
def test_long_names_neither_overlap_nor_leave_the_page(count: int) -> None:
    data = pd.concat([counts().iloc[[i % 3]].assign(race=f"{LONG} {i}") for i in range(count)])
    ax = drawn(pictured(path(data, reference=f"{LONG} 0")))
    boxes = sorted(t.get_window_extent().extents[[1, 3]].tolist() for t in ax.get_yticklabels())
    assert all(lower[1] <= upper[0] + 1 for lower, upper in pairwise(boxes))
    page, title = ax.figure.bbox, ax._left_title.get_window_extent()  # type: ignore[attr-defined]
    for text in [*ax.texts, *ax.get_yticklabels(), ax.xaxis.label]:
        box = text.get_window_extent()
        assert page.x0 - 1 <= box.x0 <= box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0 <= box.y1 <= title.y0 + 1


def test_given_axes_are_used_and_words_are_plain_and_legible() -> None:
    figure, axes = plt.subplots(1, 2, layout="constrained", figsize=(16, 6))
    data = counts(race=["A$B$_x", "$\\frac{1", "C", "White"])
    with plt.style.context({"font.size": 5}):
        assert tu.plot_pathway(path(data), axes[0]) is axes[0]
    assert plt.get_fignums() == [figure.number]
    said = [t for t in axes[0].findobj(Text) if t.get_text()]
    assert not any(t.get_parse_math() for t in said if "$" in t.get_text())
    assert min(t.get_fontsize() for t in said) >= 9
    for word in ("deficit", "underperform", "target group", "worst", "best", "fail", "nan"):
        assert word not in " ".join([*(t.get_text() for t in said), alt(axes[0])]).lower()
