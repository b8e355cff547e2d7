"""Ways to the one goal: where they start and end, what lies between, and data at the edges."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import assessed, fewer, row_of

BY_2026 = tu.Goal.at_least(0.9, deadline=2026)


def yearly(rows: list[tuple[Any, str, int, int]], goal: tu.Goal = BY_2026, **o: Any) -> Any:
    """Assess rows of (year, race, events, people)."""
    return assessed(pd.DataFrame(rows, columns=["year", "race", "x", "n"]), goal, by="year", **o)


TWO = [(2022, "A", 20, 80), (2022, "B", 60, 80), (2023, "A", 24, 80), (2023, "B", 72, 80)]


def way(a: tu.Assessment, segment: str = "A", **options: Any) -> list[float]:
    found = a.milestones("year", **options)
    return found[found["segment"] == segment]["milestone"].tolist()


# --- by hand -------------------------------------------------------------------------------------


def test_log_odds_go_up_by_the_same_step_each_year() -> None:
    """From 3/10 to 9/10 the odds go from 3/7 to 9, by 21; in three years by its cube root."""
    odds = [3 / 7 * 21 ** (k / 3) for k in (1, 2)]
    assert way(yearly(TWO)) == pytest.approx([*(o / (1 + o) for o in odds), 0.9])


def test_a_geometric_way_loses_the_same_share_each_year() -> None:
    """The pace of UNICEF's average annual rate of reduction: 80 to 10 per 1,000 halves thrice."""
    rows = [(2023, "A", 80, 1000), (2023, "B", 50, 1000)]
    goal = tu.Goal.at_most(10, per=1000, deadline=2026)
    assert way(yearly(rows, goal, kind="rate")) == pytest.approx([40, 20, 10])


def test_means_and_whoever_asks_go_in_a_straight_line() -> None:
    assert way(yearly(TWO), pace="linear") == pytest.approx([0.5, 0.7, 0.9])
    scores = pd.DataFrame({"year": 2023, "race": list("AABB"), "y": [2.0, 4.0, 7.0, 9.0]})
    s = tu.from_records(scores, outcome="y", segments="race", by="year", kind="mean")
    a = tu.assess(s, tu.Goal.at_least(6, per=1, deadline=2026))
    assert way(a) == pytest.approx([4, 5, 6])
    assert set(a.milestones("year")["pace"]) == {"linear"}


def test_milestones_stand_in_the_unit_of_the_goal() -> None:
    per_100 = yearly(TWO, tu.Goal.at_least(90, per=100, deadline=2026))
    assert way(per_100) == pytest.approx([100 * rate for rate in way(yearly(TWO))])


def test_a_segment_at_or_past_the_goal_has_the_goal() -> None:
    found = yearly([*TWO, (2023, "C", 79, 80)]).milestones("year")
    for segment in "BC":
        there = found[found["segment"] == segment]
        assert there["milestone"].tolist() == [0.9] * 3
        assert set(there["reason"]) == {"at or past the goal"}


# --- laws ----------------------------------------------------------------------------------------

cells = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
of_goal = st.builds(
    tu.Goal, direction=st.sampled_from(["at least", "at most"]),
    target=st.integers(0, 20).map(lambda i: i / 20), deadline=st.integers(2024, 2035),
)  # fmt: skip


@given(
    st.lists(cells, min_size=2, max_size=5), of_goal, st.sampled_from([0.5, 1, 3, 2.5, 40]),
    st.sampled_from([None, "linear", "geometric", "log-odds"]),
)  # fmt: skip
@fewer(1)
def test_every_way_leads_to_the_one_goal_and_nowhere_else(
    pairs: list[tuple[int, int]], goal: tu.Goal, every: float, pace: str | None
) -> None:
    a = yearly([(2023, "ABCDE"[i], *pair) for i, pair in enumerate(pairs)], goal)
    found = a.milestones("year", every=every, pace=pace)
    rates = a.table.set_index("segment")[["rate", "gap"]]
    for segment, rows in found.groupby("segment", observed=True):
        rate, gap = rates.loc[segment]
        values = rows["milestone"].to_numpy()
        assert values[-1] == goal.target
        assert rows["time"].iloc[-1] == goal.deadline
        assert rows["time"].to_numpy()[:-1] == pytest.approx(2023 + every * np.arange(1, len(rows)))
        assert len(rows) == math.ceil((goal.deadline - 2023) / every)
        assert (values >= min(rate, goal.target)).all()
        assert (values <= max(rate, goal.target)).all()
        assert (np.diff(values) * goal.sign >= 0).all()
        assert gap > 0 or (values == goal.target).all()


def test_many_series_are_as_one_at_a_time() -> None:
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        [(c, y, r) for c in range(6) for y in (2019, 2021, 2022) for r in "AB"],
        columns=["county", "year", "race"],
    )
    rows["n"] = rng.integers(20, 300, len(rows))
    rows["x"] = rng.binomial(rows["n"], 0.6)
    rows = rows.drop(rows.index[(rows["county"] == 2) & (rows["year"] == 2022)])
    a = assessed(rows, BY_2026, by=["county", "year"])
    every = a.milestones("year")
    for county, part in every.groupby("county"):
        alone = a.where(county=county).milestones("year")
        pd.testing.assert_frame_equal(part.reset_index(drop=True), alone, check_categorical=False)
    assert every[every["county"] == 2]["time"].min() == 2022
    assert every[every["county"] == 3]["time"].min() == 2023


# --- edges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "goal", "kind"),
    [
        ((0, 80), BY_2026, "proportion"),
        ((0, 80), tu.Goal.at_least(0.9, deadline=2026), "rate"),
        ((80, 80), tu.Goal.at_most(0.3, deadline=2026), "proportion"),
        ((24, 80), tu.Goal.at_least(1, deadline=2026), "proportion"),
        ((24, 80), tu.Goal.at_most(0, deadline=2026), "rate"),
    ],
)
def test_a_rate_or_a_goal_at_a_bound_goes_in_a_straight_line_and_says_so(
    cell: tuple[int, int], goal: tu.Goal, kind: str
) -> None:
    a = yearly([(2023, "A", *cell), (2023, "B", 40, 80)], goal, kind=kind)
    found = a.milestones("year").query("segment == 'A'")
    start, end = cell[0] / cell[1], float(goal.target)
    assert found["milestone"].tolist() == pytest.approx(np.linspace(start, end, 4)[1:].tolist())
    assert set(found["pace"]) == {"linear"}
    assert found["reason"].str.startswith("linear pace").all()


def test_a_hidden_or_missing_rate_has_no_way_and_still_the_goal() -> None:
    rows = [("2022", "A", "20", 80), ("2022", "B", "60", 80), ("2022", "C", "50", 80)]
    rows += [("2023", "A", "*", 80), ("2023", "B", "70", 80)]
    a = yearly(rows, suppressed={"*": (1, 10)})  # type: ignore[arg-type]
    found = a.milestones("year")
    for segment, why in (("A", "hidden in the input"), ("C", "no row in the data")):
        rows_of = found[found["segment"] == segment]
        assert rows_of["milestone"].isna().tolist() == [True, True, False]
        assert rows_of["milestone"].iloc[-1] == 0.9
        assert rows_of["reason"].tolist() == [why, why, ""]
    assert way(a, "A", latest=2022)[-1] == 0.9
    assert len(way(a, "A", latest="2022")) == 4


def test_a_public_assessment_tells_nothing_of_the_hidden() -> None:
    rows = [*TWO[:2], (2023, "A", 6, 80), (2023, "B", 72, 80), (2023, "C", 9, 90)]
    found = yearly(rows).suppress().milestones("year")
    hidden = found[found["segment"] == "A"]
    assert hidden["reason"].tolist() == ["suppressed", "suppressed", ""]
    assert hidden["milestone"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("labels", "deadline", "times"),
    [
        (("2020-21", "2021-22"), 2024, [2023, 2024]),
        ((2021, 2022), 2024, [2023, 2024]),
        (("2013-2017", "2018-2022"), 2024, [2023, 2024]),
        (
            (datetime.date(2021, 7, 2), datetime.date(2022, 7, 2)), 2024,
            [2023 + 182 / 365, 2024 + 182 / 365, 2025],
        ),
    ],
)  # fmt: skip
def test_years_of_every_kind(labels: tuple[Any, Any], deadline: int, times: list[float]) -> None:
    rows = [(label, race, x, 80) for label in labels for race, x in (("A", 20), ("B", 50))]
    a = yearly(rows, tu.Goal.at_least(0.9, deadline=deadline))
    found = a.milestones("year").query("segment == 'A'")
    assert found["time"].tolist() == pytest.approx(times)
    assert found["milestone"].iloc[-1] == 0.9


def test_a_step_longer_than_the_time_left_leads_to_the_goal_at_once() -> None:
    assert way(yearly(TWO), every=10) == [0.9]
    assert way(yearly(TWO), every=3) == [0.9]
    assert len(way(yearly(TWO), every=0.25)) == 12


@pytest.mark.parametrize("every", [0, -1, True, "1", math.nan, math.inf, None])
def test_a_step_that_is_none_is_refused(every: Any) -> None:
    with pytest.raises(tu.InputError, match=r"every=.* must be a number above 0"):
        yearly(TWO).milestones("year", every=every)


def test_a_step_that_makes_too_many_milestones_is_refused() -> None:
    with pytest.raises(tu.InputError, match=r"every=1e-06 makes 3,000,000 milestones"):
        yearly(TWO).milestones("year", every=1e-6)


def test_a_goal_needs_a_deadline_and_one_to_come() -> None:
    with pytest.raises(tu.InputError, match=r"no deadline.*tu\.Goal\.at_least\(0\.9, deadline="):
        yearly(TWO, tu.Goal.at_least(0.9)).milestones("year")
    for year in (1990, 2023):
        a = yearly(TWO, tu.Goal.at_least(0.9, deadline=year))
        with pytest.raises(tu.InputError, match=f"deadline {year} is in the past.* with 2023"):
            a.milestones("year")
    assert len(way(a, latest=2022)) == 1


def test_of_several_indicators_the_one_without_a_date_to_come_is_named() -> None:
    data = pd.DataFrame([(*row, what) for row in TWO for what in ("calls", "permits")],
                        columns=["year", "race", "x", "n", "what"])  # fmt: skip
    s = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", by="year", indicator="what"
    )
    timed = tu.Goal.at_least(90, per=100, deadline=2026)
    for goal, words in (
        (tu.Goal.at_least(60, per=100), r"of indicator 'permits' has no.*\(60, per=100, deadline="),
        (
            tu.Goal.at_least(60, per=100, deadline=2020),
            "2020 of indicator 'permits' is in the past",
        ),
    ):
        a = tu.assess(s, {"calls": timed, "permits": goal})
        with pytest.raises(tu.InputError, match=words + r".*where\(indicator="):
            a.milestones("year")
        assert len(a.where(indicator=["calls"]).milestones("year")) == 9


def test_other_bad_input_is_refused() -> None:
    a = yearly(TWO)
    with pytest.raises(tu.InputError, match="'yaer'"):
        a.milestones("yaer")
    with pytest.raises(tu.InputError, match="latest=2024 is no value of 'year'"):
        a.milestones("year", latest=2024)
    with pytest.raises(tu.InputError, match="pace='logit' is not known"):
        a.milestones("year", pace="logit")
    with pytest.raises(tu.InputError, match="for proportions, and a rate is measured"):
        yearly(TWO, kind="rate").milestones("year", pace="log-odds")
    with pytest.raises(tu.InputError, match="'2022' and '2021-22' are one time"):
        yearly([("2022", "A", 3, 9), ("2021-22", "A", 3, 9)]).milestones("year")
    with pytest.raises(tu.InputError, match="no year"):
        yearly([("spring", "A", 3, 9), ("fall", "A", 3, 9)]).milestones("year")


def test_a_column_called_time_is_the_one_they_are_laid_along_and_no_other() -> None:
    rows = pd.DataFrame(TWO, columns=["time", "race", "x", "n"])
    found = assessed(rows, BY_2026, by="time").milestones("time")
    assert row_of(found, "A", time=2026)["milestone"] == 0.9
    both = assessed(rows.assign(year=rows["time"]), BY_2026, by=["time", "year"])
    with pytest.raises(tu.InputError, match=r"'time' has the name of a column of a\.milestones"):
        both.milestones("year")
