"""The funnel stands at exact quantiles around the goal; the slope joins then and now."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from scipy import stats

import targeted_universalism as tu
from make import alt, assessed, drawn, estimates, fewer
from targeted_universalism.measures.control import control_limits
from targeted_universalism.show.pictures.funnel import SHARES

GOAL = tu.Goal.at_most(15, per=100, name="Chronic absence")


# --- the limits ---------------------------------------------------------------------------------


@fewer(1)
@given(
    st.integers(1, 4_000), st.sampled_from([0.002, 0.15, 0.5, 0.97]), st.sampled_from(SHARES),
    st.sampled_from(["proportion", "rate"]),
)  # fmt: skip
def test_a_count_lies_beyond_a_limit_where_its_own_tail_is_smaller_than_said(
    n: int, target: float, share: float, kind: str
) -> None:
    """Against the tails of every count, one by one."""
    low, high = (float(v) for v in control_limits(np.array(float(n)), target, share, kind=kind))
    of = stats.binom(n, target) if kind == "proportion" else stats.poisson(n * target)
    x = np.arange((n if kind == "proportion" else int(n * target * 3) + 60) + 1)
    tail = (1 - share) / 2
    clear = np.abs(of.cdf(x) - tail) > 1e-12
    assert ((x / n < low - 1e-12) == (of.cdf(x) < tail))[clear].all()
    clear = np.abs(of.sf(x - 1) - tail) > 1e-12
    assert ((x / n > high + 1e-12) == (of.sf(x - 1) < tail))[clear].all()


def test_limits_by_hand() -> None:
    """Binomial of 4 at 1/2 holds 1, 4, 6, 4, 1 sixteenths; a tail of 1/8 lies at 7/16 in it."""
    low, high = control_limits(np.array([4.0]), 0.5, 0.75)
    # The first count whose lower tail reaches 2/16 is 1, at 5/16: 3 of its 4 sixteenths too many.
    assert low.tolist() == pytest.approx([(1 - 3 / 4) / 4])
    assert high.tolist() == pytest.approx([1 - low[0]])


def test_limits_are_smooth_in_the_size_and_close_around_the_goal() -> None:
    n = np.arange(200.0, 20_000.0)
    for share in SHARES:
        low, high = control_limits(n, 0.15, share)
        z = stats.norm.isf((1 - share) / 2) * np.sqrt(0.15 * 0.85 / n)
        assert np.abs(low - (0.15 - z)).max() < 1.2 / 200
        assert np.abs(high - (0.15 + z)).max() < 2 / 200
        assert np.abs(np.diff(low)).max() < 1 / 200
        assert np.abs(np.diff(high)).max() < 1 / 200


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_around_a_bound_everything_but_the_goal_lies_beyond(target: float) -> None:
    for kind in ("proportion", "rate")[: 2 - int(target)]:
        low, high = control_limits(np.array([7.0]), target, kind=kind)
        x = np.arange(8) / 7
        assert ((x < low - 1e-12) | (x > high + 1e-12)).tolist() == (x != target).tolist()


# --- the funnel ---------------------------------------------------------------------------------


def marks(ax: Axes) -> dict[tuple[float, float], str]:
    """Place of each mark to its shape."""
    return {
        (float(line.get_xdata()[0]), round(float(line.get_ydata()[0]), 9)): str(line.get_marker())
        for line in ax.lines
        if line.get_marker() in ("o", "^", "D")
    }


def said(ax: Axes, name: str) -> str:
    return next(part for part in alt(ax).split(". ") if part.startswith(f"{name}: ")).rstrip(".")


COUNTS = [("near", 70, 400), ("far", 76, 400), ("furthest", 300, 1500), ("past", 20, 400),
          ("small", 8, 20)]  # fmt: skip


def test_points_stand_at_size_and_rate_and_say_beyond_which_limit_they_lie() -> None:
    a = assessed(COUNTS, GOAL)
    ax = a.plot.funnel()
    assert marks(ax) == {
        (400.0, 17.5): "o", (400.0, 19.0): "o", (1500.0, 20.0): "^", (400.0, 5.0): "D",
        (20.0, 40.0): "o",
    }  # fmt: skip
    for name, x, n in COUNTS:
        upper, lower = stats.binom.sf(x - 1, n, 0.15), stats.binom.cdf(x, n, 0.15)
        least = min(upper, lower)
        expected = (
            "within the limits" if least >= 0.025
            else f"{'further from' if upper < lower else 'further past'} the goal than the "
            f"{'95' if least >= 0.001 else '99.8'} % limit"
        )  # fmt: skip
        assert expected in said(ax, name), name


def test_only_those_further_from_the_goal_than_a_limit_are_named_in_the_picture() -> None:
    a = assessed(COUNTS, GOAL)
    named = {text.get_text().split(":")[0] for text in a.plot.funnel().texts}
    assert named == {"far", "furthest", "small", "Goal"}
    turned = assessed(COUNTS, tu.Goal.at_least(15, per=100)).plot.funnel()
    assert {text.get_text().split(":")[0] for text in turned.texts} == {"past", "Goal"}


def test_the_centre_is_the_goal_and_not_the_average() -> None:
    ax = assessed(COUNTS, GOAL).plot.funnel()
    flat = {line.get_ydata()[0] for line in ax.lines if len({*line.get_ydata()}) == 1}
    assert 15.0 in flat
    curves = [line for line in ax.lines if len(line.get_xdata()) > 50]
    assert len(curves) == 4
    for line, (share, side) in zip(curves, [(s, i) for s in SHARES for i in (0, 1)], strict=True):
        n = np.asarray(line.get_xdata(), dtype=np.float64)
        assert line.get_ydata() == pytest.approx(100 * control_limits(n, 0.15, share)[side])


def by_county(hidden: Any = 3) -> tu.Assessment:
    rows = [("Inyo", "A", 40, 90), ("Mono", "A", hidden, 60), ("Kern", "A", 300, 2_000),
            ("Inyo", "B", 9, 80), ("Mono", "B", 10, 70), ("Kern", "B", 200, 3_000)]  # fmt: skip
    data = pd.DataFrame(rows, columns=["county", "race", "x", "n"])
    return assessed(data, GOAL, by="county", suppressed={"*": (1, 10)})


def test_one_segment_is_seen_in_every_place() -> None:
    ax = by_county().plot.funnel("A")
    assert marks(ax).keys() == {(90.0, 44.444444444), (60.0, 5.0), (2000.0, 15.0)}
    assert "further from the goal than the 99.8 % limit" in said(ax, "Inyo")
    assert "A, in each county" in ax.get_title(loc="left")


def test_a_hidden_place_has_no_mark_and_is_named() -> None:
    ax = by_county("*").plot.funnel("A")
    assert len(marks(ax)) == 2
    assert "suppressed: Mono" in ax.get_xlabel().replace("\n", " ")
    assert "Suppressed: Mono" in alt(ax)


def test_several_places_ask_which_segment() -> None:
    with pytest.raises(tu.InputError, match=r"a\.plot\.funnel\('All'\)"):
        by_county().plot.funnel()
    with pytest.raises(tu.InputError, match="no segment 'C'"):
        by_county().plot.funnel("C")
    assert len(marks(by_county().where(county="Inyo").plot.funnel())) == 2


def test_rates_have_limits_of_poisson_counts() -> None:
    goal = tu.Goal.at_most(3, per=1_000)
    ax = assessed([("A", 12, 2_000), ("B", 30, 5_000)], goal, kind="rate").plot.funnel()
    assert stats.poisson.sf(11, 6) < 0.025
    assert "further from the goal than the 95 % limit" in said(ax, "A")
    assert stats.poisson.sf(29, 15) < 0.001
    assert "further from the goal than the 99.8 % limit" in said(ax, "B")


def test_what_has_no_whole_counts_is_named_and_not_drawn() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "rate": [0.2, 0.1], "n": [100, 200]})
    ax = assessed(data, GOAL, make=estimates, population="n", per=1).plot.funnel()
    assert marks(ax) == {}
    assert "No funnel: it needs whole counts" in ax.get_title(loc="left")
    assert "No whole counts: A and B" in ax.get_xlabel()


def test_many_places_are_named_by_the_outer_limit_alone() -> None:
    rows = [(f"c{i}", "A", 80 if i < 60 else 60 + i, 400) for i in range(200)]
    data = pd.DataFrame(rows, columns=["county", "race", "x", "n"])
    ax = assessed(data, GOAL, by="county").plot.funnel("A")
    assert len([text for text in ax.texts if text.get_text().startswith("c")]) == 0
    assert "beyond the limits are not named" in ax.get_xlabel().replace("\n", " ")
    assert "of 200 are further from the goal than chance" in alt(ax)


# --- the slope ----------------------------------------------------------------------------------


def over_time(**more: Any) -> tu.Assessment:
    rates = {"A": [30, 21], "B": [14, 12], "C": [10, 18], **more}
    rows = [(year, name, x, 100) for name, two in rates.items()
            for year, x in zip((2019, 2022), two, strict=True)]  # fmt: skip
    data = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    return assessed(data, GOAL, by="year", suppressed={"*": (1, 10)})


def lines(ax: Axes) -> list[tuple[float, ...]]:
    """The ends of every line from then to now."""
    joined = [line.get_ydata() for line in ax.lines if [*line.get_xdata()] == [0, 1]]
    return [tuple(round(float(y), 9) for y in ends) for ends in joined]


def test_every_segment_is_a_line_from_then_to_now() -> None:
    a = over_time()
    ax = a.plot.slope("year")
    table = a.table.astype({"segment": str}).set_index(["segment", "year"])["rate"]
    expected = {
        tuple(round(float(table[name, year]), 9) for year in (2019, 2022))
        for name in ("All", "A", "B", "C")
    }
    assert {ends for ends in lines(ax) if ends != (15.0, 15.0)} == expected
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2019", "2022"]


def test_words_say_whether_a_segment_came_nearer_to_the_goal() -> None:
    ax = over_time().plot.slope("year")
    assert said(ax, "A").endswith("nearer to the goal by 9.0 points")
    assert said(ax, "B").endswith("at or past the goal")
    assert said(ax, "C").endswith("further from the goal by 8.0 points")


def test_shapes_say_where_each_end_stands() -> None:
    shapes = marks(over_time().plot.slope("year"))
    assert shapes[0.0, 30.0] == shapes[1.0, 21.0] == "o"
    assert shapes[0.0, 14.0] == shapes[1.0, 12.0] == "D"
    assert (shapes[0.0, 10.0], shapes[1.0, 18.0]) == ("D", "o")


@pytest.mark.parametrize(("two", "words"), [
    (("*", 40), "D: 40.0 % (suppressed in 2019)"), ((40, "*"), "D: 40.0 % (suppressed in 2022)"),
])  # fmt: skip
def test_who_is_hidden_at_one_end_has_a_mark_at_the_other_and_no_line(
    two: tuple[Any, Any], words: str
) -> None:
    ax = over_time(D=two).plot.slope("year")
    assert words in {text.get_text().replace("\n", " ") for text in ax.texts}
    assert [place for place in marks(ax) if place[1] == 40.0] == [(float(two[0] == "*"), 40.0)]
    assert not any(40.0 in ends for ends in lines(ax))


def test_who_is_hidden_at_both_ends_is_named_under_the_picture() -> None:
    ax = over_time(D=("*", "*")).plot.slope("year")
    assert "suppressed both times: All and D" in ax.get_xlabel().replace("\n", " ")
    assert said(ax, "D") == "D: suppressed in 2019, suppressed in 2022"


def test_one_time_is_no_slope_and_others_can_be_chosen() -> None:
    with pytest.raises(tu.InputError, match="needs two times"):
        over_time().where(year=2019).plot.slope("year")
    with pytest.raises(tu.InputError, match="is not after"):
        over_time().plot.slope("year", baseline=2022, latest=2019)


def test_names_at_the_ends_never_overlap() -> None:
    close = {f"G{i}": (20 + i % 2, 20 + i % 3) for i in range(20)}
    ax = drawn(over_time(**close).plot.slope("year"))
    for side in ("left", "right"):
        texts = [t for t in ax.texts if t.get_ha() == side]
        boxes = sorted(type(t).__mro__[1].get_window_extent(t).extents[[1, 3]].tolist()
                       for t in texts)  # fmt: skip
        assert all(lower[1] <= upper[0] + 2.5 for lower, upper in pairwise(boxes))
