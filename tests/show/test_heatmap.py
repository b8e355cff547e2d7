"""The heat map is the scorecard, readable without colour, at any size, and tells nothing hidden."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import targeted_universalism as tu
from make import LONG, alt, assessed, drawn, names

KINDS = ("proportion", "proportion", "rate")
GOALS = (
    tu.Goal.at_least(0.9, deadline=2030), tu.Goal.at_most(15, per=100), tu.Goal.at_most(3, per=1000)
)  # fmt: skip
WORDS = (
    "Graduate in four years", "Chronic absence", "Entries into foster care",
    "Hospitalization for asthma", "Median wait for behavioral-health appointments",
)  # fmt: skip


def many(segments: int, indicators: int, dimensions: int = 1, hidden: bool = True) -> tu.Assessment:
    """Make a table of any size, some cells hidden, with goals in three units."""
    rng = np.random.default_rng(segments * 100 + indicators)
    measured = [f"{WORDS[i % len(WORDS)]} {i}" for i in range(indicators)]
    groups = [f"{LONG if j % 9 == 0 else 'Group'} {j}" for j in range(segments)]
    rows = []
    for i, what in enumerate(measured):
        for group in groups:
            n = int(rng.integers(60, 4000))
            x: object = int(rng.binomial(n, (0.88, 0.15, 0.003)[i % 3]))
            rows.append((what, group, "*" if hidden and rng.random() < 0.05 else x, n))
    data = pd.DataFrame(rows, columns=["what", "race", "x", "n"])
    return assessed(
        data, {what: GOALS[i % 3] for i, what in enumerate(measured)}, indicator="what",
        kind={what: KINDS[i % 3] for i, what in enumerate(measured)}, suppressed={"*": None},
        total=(),
        dimension={group: f"dimension {j % dimensions}" for j, group in enumerate(groups)},
    )  # fmt: skip


def places(**options: Any) -> tu.Assessment:
    data = {
        "county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["White", "Latino"] * 2,
        "x": [30, 90, 18, 60], "n": [200, 400, 150, 300],
    }  # fmt: skip
    goal = tu.Goal.at_most(15, per=100, name="Chronic absence")
    return assessed(data, goal, by="county", **options)


def both() -> tu.Assessment:
    rows = [
        (county, what, race, 30 + 9 * i, 100)
        for i, (county, what) in enumerate([(c, w) for c in ("Inyo", "Mono") for w in "ab"])
        for race in ("A", "B")
    ]
    data = pd.DataFrame(rows, columns=["county", "what", "race", "x", "n"])
    goals = {"a": tu.Goal.at_least(0.5), "b": tu.Goal.at_most(0.4)}
    return assessed(data, goals, by="county", indicator="what", rollup=True)


def heads(ax: Axes, weight: str) -> list[str]:
    """List what stands over the columns, from the left: names are bold, goals are not."""
    found = [t for t in ax.texts if getattr(t, "xyann", None) and t.get_fontweight() == weight]
    return [t.get_text().replace("-\n", "-").replace("\n", " ").replace("\xa0", " ") for t in found]


def written(ax: Axes) -> list[Text]:
    """List the texts in the cells."""
    return [text for text in ax.texts if getattr(text, "xyann", None) is None]


def cells(ax: Axes) -> dict[tuple[str, str], str]:
    """Give what is written in each cell, by row and column as they are named."""
    middles = sorted({text.get_position()[0] for text in written(ax)})
    rows = dict(zip(ax.get_yticks().round(6), names(ax), strict=True))
    columns = dict(zip(middles, heads(ax, "bold"), strict=True))
    return {
        (rows[round(text.get_position()[1], 6)], columns[text.get_position()[0]]):
            text.get_text().replace("\xa0", " ")
        for text in written(ax)
    }  # fmt: skip


def number(line: Any) -> str:
    """Write a rate as the cell does, from the scorecard."""
    if pd.isna(line["rate"]):
        return ""
    percent = line["per"] in (1, 100)
    return f" {line['rate'] * 100 / line['per']:.1f} %" if percent else f" {line['rate']:.2f}"


# --- the picture is the scorecard ---------------------------------------------------------------


def test_every_cell_has_the_symbol_and_the_rate_of_the_scorecard() -> None:
    a = many(12, 6, dimensions=2)
    found = {key: text.removesuffix(" †") for key, text in cells(a.plot.heatmap()).items()}
    table = a.scorecard()
    assert found == {
        (str(line["segment"]), str(line["indicator"])): f"{line['symbol']}{number(line)}"
        for _, line in table.iterrows()
    }
    assert len({text[0] for text in found.values()}) > 3


def test_unreliable_rates_are_marked_and_the_key_says_by_which_rule() -> None:
    a = many(6, 3)
    ax = a.plot.heatmap()
    marked = {key for key, text in cells(ax).items() if text.endswith("†")}
    flagged = a.table[a.table["flag"] == "unreliable"]
    assert marked == set(zip(flagged["segment"], flagged["indicator"], strict=True))
    assert "too few events or people" in ax.get_xlabel().replace("\n", " ")


def test_each_column_has_its_own_goal_under_its_name() -> None:
    ax = many(3, 3).plot.heatmap()
    assert heads(ax, "bold") == [
        "Graduate in four years 0", "Chronic absence 1", "Entries into foster care 2"
    ]  # fmt: skip
    assert heads(ax, "normal") == ["at least 90 % by 2030", "at most 15 %", "at most 3 per 1,000"]


def test_goals_of_one_name_are_told_apart_by_their_indicators() -> None:
    data = pd.DataFrame({"what": ["boys", "girls"], "race": "A", "x": [40, 50], "n": 60})
    goal = tu.Goal.at_least(0.9, name="Graduate")
    one = assessed(data, dict.fromkeys(["boys", "girls"], goal), indicator="what")
    assert heads(one.plot.heatmap(), "bold") == ["boys", "girls"]
    named = {"boys": goal, "girls": tu.Goal.at_least(0.9, name="Girls graduate")}
    two = assessed(data, named, indicator="what")
    assert heads(two.plot.heatmap(), "bold") == ["Graduate", "Girls graduate"]


def test_rows_are_in_the_order_of_the_data_under_their_dimension() -> None:
    a = many(6, 2, dimensions=2)
    table = a.table[a.table["indicator"] == a.table["indicator"].iloc[0]]
    wanted = ["All"]
    for name, rows in table[1:].groupby("dimension", observed=True, sort=False):
        wanted += [str(name), *rows["segment"]]
    ax = a.plot.heatmap()
    assert names(ax) == wanted
    bold = [text.get_text() for text in ax.get_yticklabels() if text.get_fontweight() == "bold"]
    assert bold == ["dimension 0", "dimension 1"]
    assert names(many(3, 2).plot.heatmap())[0:2] == ["All", f"{LONG} 0"]


# --- places -------------------------------------------------------------------------------------


def test_one_indicator_has_a_column_for_each_place_and_one_goal_for_all() -> None:
    ax = places(rollup=True).plot.heatmap()
    assert heads(ax, "bold") == ["Inyo", "Mono", "all together: every county"]
    assert heads(ax, "normal") == ["", "", ""]
    assert ax.get_title(loc="left").split("\n") == [
        "Chronic absence", "By county", "Goal: at most 15 %"
    ]  # fmt: skip
    assert cells(ax)["Latino", "Inyo"] == "▲ 22.5 %"


def test_a_group_that_a_place_lacks_has_no_data_there() -> None:
    data = {"county": ["I", "I", "M"], "race": ["A", "B", "A"], "x": [9, 8, 7], "n": [10, 20, 30]}
    ax = assessed(data, by="county").plot.heatmap()
    assert cells(ax)["B", "M"] == "–"
    assert "M no data: no row in the data" in alt(ax)


def test_several_indicators_in_several_places_need_a_choice_and_the_error_writes_it() -> None:
    a = both()
    rolled = a.plot.heatmap()
    assert rolled.get_title(loc="left").startswith("all together: every county")
    apart = a.where(rollup=False)
    with pytest.raises(tu.InputError, match="2 places with several indicators") as caught:
        apart.plot.heatmap()
    calls = re.findall(r"a(\.where\(.+?\)\.plot\.heatmap\(\))", str(caught.value))
    assert calls == [".where(county='Inyo').plot.heatmap()", ".where(indicator='a').plot.heatmap()"]
    inyo, of_a = (eval(f"apart{call}", {"apart": apart}) for call in calls)  # noqa: S307
    assert heads(inyo, "bold") == ["a", "b"]
    assert inyo.get_title(loc="left").startswith("county Inyo")
    assert heads(of_a, "bold") == ["Inyo", "Mono"]
    assert cells(of_a)["A", "Inyo"] == cells(inyo)["A", "a"] == "▲ 30.0 %"


def test_one_segment_and_one_indicator_are_a_picture_too() -> None:
    ax = assessed([("A", 3, 9)], tu.Goal.at_least(0.9)).plot.heatmap()
    assert set(cells(ax).values()) == {"▲ 33.3 % †"}


# --- sizes --------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[(1, 1, 1), (3, 3, 1), (5, 25, 3), (40, 8, 2)])
def sized(request: pytest.FixtureRequest) -> Axes:
    segments, indicators, dimensions = request.param
    return drawn(many(segments, indicators, dimensions).plot.heatmap())


def boxes(ax: Axes, texts: list[Text]) -> list[Any]:
    return [text.get_window_extent() for text in texts if text.get_text()]


def test_words_stay_in_their_cells_and_headings_apart(sized: Axes) -> None:
    ax = sized
    patches = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(patches) == len(written(ax)) > 1
    for text, patch in zip(written(ax), patches, strict=True):
        inner, outer = text.get_window_extent(), patch.get_window_extent()
        assert outer.x0 <= inner.x0 <= inner.x1 <= outer.x1
        assert outer.y0 <= inner.y0 <= inner.y1 <= outer.y1
    over = boxes(ax, [text for text in ax.texts if getattr(text, "xyann", None)])
    title = ax._left_title.get_window_extent()  # type: ignore[attr-defined]
    top = max(patch.get_window_extent().y1 for patch in patches)
    for one, other in combinations([*over, title], 2):
        assert not one.shrunk(0.98, 0.9).overlaps(other.shrunk(0.98, 0.9))
    assert all(box.y0 >= top for box in over)
    labels = boxes(ax, ax.get_yticklabels())
    assert all(not one.shrunk(1, 0.9).overlaps(other) for one, other in combinations(labels, 2))


def test_nothing_is_cut_and_no_letter_is_small(sized: Axes) -> None:
    ax, figure = sized, sized.figure.bbox
    texts = [text for text in ax.figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert min(text.get_fontsize() for text in texts) >= 9
    for box in boxes(ax, texts):
        assert figure.x0 - 1 <= box.x0 <= box.x1 <= figure.x1 + 1
        assert figure.y0 - 1 <= box.y0 <= box.y1 <= figure.y1 + 1


def test_more_than_anyone_reads_is_refused_with_advice() -> None:
    with pytest.raises(tu.InputError, match=r"31 columns are more .* \(30\): choose some, as in"):
        many(2, 31).plot.heatmap()
    two = many(2, 31).where({"indicator": ["Chronic absence 1", "Graduate in four years 0"]})
    assert len(heads(two.plot.heatmap(), "bold")) == 2
    with pytest.raises(tu.InputError, match=r"62 rows .* \(60\): use fewer segments"):
        many(61, 1).plot.heatmap()
    with pytest.raises(tu.InputError, match=r"62 rows .*where\(dimension='dimension 0'\)"):
        many(61, 1, dimensions=3).plot.heatmap()


def test_axes_of_ones_own_are_drawn_into_and_given_back() -> None:
    figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    assert places().plot.heatmap(ax) is ax
    assert figure.get_size_inches().tolist() == [7, 4]
    right = max(patch.get_x() + patch.get_width() for patch in ax.patches)
    assert right == pytest.approx(ax.get_xlim()[1], rel=0.01)
    plt.close(figure)
    for wrong in (3, "x", plt):
        with pytest.raises(tu.InputError, match="must be Axes of matplotlib"):
            places().plot.heatmap(wrong)  # type: ignore[arg-type]


# --- without colour, and for those who do not see it ----------------------------------------------


def luminance(color: Any) -> float:
    """Relative luminance by WCAG 2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], parts))


def contrast(one: Any, other: Any) -> float:
    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def on(ground: str, color: Any) -> tuple[float, ...]:
    """Lay a colour over a ground."""
    *parts, alpha = to_rgba(color)
    return tuple(alpha * c + (1 - alpha) * g for c, g in zip(parts, to_rgb(ground), strict=True))


@pytest.mark.parametrize(("style", "ground"), [("default", "white"), ("dark_background", "black")])
def test_symbols_stand_out_from_their_cells_on_light_and_dark(style: str, ground: str) -> None:
    with plt.style.context(style):
        ax = many(12, 6).plot.heatmap()
        seen = {}
        for text, patch in zip(written(ax), ax.patches, strict=True):
            fill = on(ground, patch.get_facecolor())
            seen[text.get_text().split("\xa0")[0]] = fill
            assert contrast(text.get_color(), fill) >= 4.5
    assert set(seen) == {"✓", "▲", "~✓", "~▲", "■"}
    others = [fill for symbol, fill in seen.items() if symbol != "▲"]
    assert style == "dark_background" or min(contrast(seen["▲"], f) for f in others) >= 3


def test_the_key_explains_every_symbol_that_occurs_and_no_other() -> None:
    ax = many(12, 6).plot.heatmap()
    key = ax.get_xlabel().replace("\n", " ").replace("\xa0", " ")
    assert key.startswith(
        "✓ met; ▲ short; ~✓ met by the count; ~▲ short by the count; ■ suppressed; by the count: "
        "the interval includes the goal, or there is none"
    )
    sure = assessed([("A", 900, 1000)], tu.Goal.at_least(0.5)).plot.heatmap()
    assert sure.get_xlabel() == "✓\xa0met."


def test_the_words_say_goals_and_every_cell() -> None:
    said = alt(many(2, 3, hidden=False).plot.heatmap())
    assert (
        "Graduate in four years 0: at least 90 % by 2030. Chronic absence 1: at most 15 %" in said
    )
    last = said.rstrip(".").split(". ")[-1]
    assert re.fullmatch(
        r"Group 1: Graduate in four years 0 \d\d\.\d %, (short|met)( by the count)?; Chronic "
        r"absence 1 \d+\.\d %, \w+( by the count)?; Entries into foster care 2 \d\.\d\d per 1,000, "
        r"\w+( by the count)?(, unreliable)?",
        last,
    )


def test_hidden_cells_are_hatched_and_have_no_number() -> None:
    public = many(12, 6, hidden=False).suppress()
    ax = public.plot.heatmap()
    table = public.table
    hidden = (table["status"] == "suppressed").sum()
    assert hidden > 3
    hatched = [patch.get_hatch() for patch in ax.patches]
    texts = [text.get_text() for text in written(ax)]
    assert hatched.count("////") == texts.count("■") == hidden
    assert {text for text, hatch in zip(texts, hatched, strict=True) if hatch} == {"■"}
    assert alt(ax).count("suppressed") == hidden


def test_labels_are_data_and_never_mathematics() -> None:
    data = pd.DataFrame({"what": ["$a_b$", "x"], "race": "$\\frac", "x": [4, 5], "n": 60})
    goals = {"$a_b$": tu.Goal.at_least(0.9), "x": tu.Goal.at_least(0.9, name="$_^{")}
    ax = assessed(data, goals, indicator="what").plot.heatmap()
    assert heads(ax, "bold") == ["$a_b$", "$_^{"]
    assert mpl.rcParams["text.parse_math"]
