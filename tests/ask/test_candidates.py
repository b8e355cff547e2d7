"""Candidates for a goal: published targets, numbers by hand, what is hidden, and what is none."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from statsmodels.stats.proportion import proportion_effectsize

import targeted_universalism as tu
from make import HALF, counts, estimates, fewer, records, rule_tests
from targeted_universalism.ask.candidates.register import REGISTER

LEAST = {"direction": "at least"}
RACES = [("A", 30, 100), ("B", 60, 120), ("C", 150, 200), ("D", 9, 10)]


def of(
    segments: tu.Segments, candidate: str, indicator: str = "", **options: Any
) -> pd.Series[Any]:
    found = tu.candidate_goals(segments, **{**LEAST, **options})
    assert found["candidate"].tolist() == list(REGISTER) * found["indicator"].nunique()
    rows = found[(found["candidate"] == candidate) & (found["indicator"] == indicator)]
    assert len(rows) == 1
    return rows.iloc[0]


# --- published, and by hand ----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["phi04", "ahs08"])
def test_cohens_h_gives_the_targets_of_healthy_people_2030(shared: Path, code: str) -> None:
    (entry,) = rule_tests(shared, f"hp2030_{code}")
    assert entry["inputs"]["direction"] == "higher"
    baseline, expected = entry["inputs"]["baseline_pct"], entry["expected"]
    rates = {"race": ["All"], "rate": [baseline]}
    found = of(estimates(rates, per=100, total="All"), "Cohen's h")
    assert found["value"] == pytest.approx(expected["target_pct_unrounded"], abs=1e-6)
    assert round(found["value"], 1) == expected["target_pct"]
    assert found["per"] == 100
    assert f"{baseline:g}" in found["provenance"]
    counted = of(counts([("A", round(10 * baseline), 1000)]), "Cohen's h")
    assert 100 * counted["value"] == pytest.approx(found["value"])


def test_cohens_h_is_the_effect_size_from_today() -> None:
    """h = 2·asin√T − 2·asin√B (Cohen 1988), as statsmodels has it, whichever side is wanted."""
    for direction, sign in (("at least", 1), ("at most", -1)):
        found = of(counts(RACES), "Cohen's h", direction=direction)
        assert proportion_effectsize(found["value"], 249 / 430) == pytest.approx(sign * 0.1)


@pytest.mark.parametrize(("direction", "sign"), [("at least", 1), ("at most", -1)])
def test_values_by_hand(direction: str, sign: int) -> None:
    rate = 249 / 430
    error = np.sqrt(rate * (1 - rate) / 430)
    expected = {
        "overall rate": rate,
        "baseline": rate,
        "best segment": 0.75 if sign > 0 else 0.3,
        "better than the best": 0.75 if sign > 0 else 0.3,
        "per cent better": rate * (1 + sign * 0.2),
        "points better": rate + sign * 0.2,
        "minimal significance": rate + sign * stats.norm.isf(0.025) * np.sqrt(2) * error,
    }
    found = tu.candidate_goals(counts(RACES), direction=direction, improvement=0.2)
    values = found.set_index("candidate")["value"]
    for name, value in expected.items():
        assert values[name] == pytest.approx(value), name
    assert values[["percentile of places", "projection"]].isna().all()


def test_a_percentile_of_places_is_that_of_the_wanted_side() -> None:
    rows = pd.DataFrame({"place": range(21), "race": "A", "x": range(30, 51), "n": 100})
    s = counts(rows, by="place")
    assert of(s, "percentile of places")["value"] == pytest.approx(0.48)
    less = of(s, "percentile of places", direction="at most", percentile=75)
    assert less["value"] == pytest.approx(0.35)
    assert (
        "percentile 25 of the overall rates of 21 strata, each counted once" in less["provenance"]
    )
    assert of(s, "overall rate")["value"] == pytest.approx(0.40)


def test_the_projection_is_the_line_of_a_regression() -> None:
    """On the log-odds by statsmodels' weighted least squares, with large counts of equal size."""
    years, rates = np.array([2017, 2018, 2020, 2022]), np.array([0.80, 0.815, 0.84, 0.86])
    rows = pd.DataFrame({"year": years, "race": "A", "x": rates * 1e9, "n": 1e9})
    rows = pd.concat([rows, rows.assign(race="B")])
    s = counts(rows.round(), by="year")
    found = of(s, "projection", time="year", deadline=2030)
    weight = np.sqrt(rates * (1 - rates))
    slope, start = np.polyfit(years - 2030, special.logit(rates), 1, w=weight)
    assert found["value"] == pytest.approx(special.expit(start), abs=2e-4)
    assert slope > 0
    assert "of 4 times, 2017 to 2022, at 2030" in found["provenance"]
    falling = of(s, "projection", time="year", deadline=2030, direction="at most")
    assert falling["value"] == pytest.approx(found["value"])
    assert "worse than 0.86 today" in falling["provenance"]


def test_a_mean_is_projected_in_a_straight_line() -> None:
    rows = {"year": [2019, 2020, 2022], "race": ["All"] * 3, "rate": [10.0, 12.0, 16.0],
            "se": [0.5] * 3}  # fmt: skip
    s = estimates(rows, kind="mean", se="se", by="year", total="All")
    assert of(s, "projection", time="year", deadline=2025)["value"] == pytest.approx(22)


# --- which may be a goal -------------------------------------------------------------------------


def test_what_one_group_has_is_context_and_no_goal() -> None:
    found = tu.candidate_goals(counts(RACES), **LEAST)
    groups = found[found["refers_to_group"]]
    assert groups["candidate"].tolist() == ["best segment", "better than the best"]
    assert (found["admissible"] == ~found["refers_to_group"]).all()
    assert groups["provenance"].str.contains(r"C \(race\) has 0\.75 ").all()


def test_no_candidate_becomes_a_goal_by_itself() -> None:
    found = tu.candidate_goals(counts(RACES), **LEAST)
    for given_ in (found, found["value"], found.set_index("candidate").loc["overall rate"]):
        for make in (tu.Goal.at_least, tu.Goal.at_most):
            with pytest.raises(tu.InputError, match="one number for every segment"):
                make(given_)
    assert found["provenance"].str.len().min() > 20


@given(st.permutations(RACES), st.permutations("ABCD"))
@fewer(2)
def test_what_may_be_a_goal_does_not_look_at_groups(rows: list[Any], names: list[str]) -> None:
    renamed = [(dict(zip("ABCD", names, strict=True))[r], x, n) for r, x, n in rows]
    one, other = (
        tu.candidate_goals(counts(r), **LEAST).query("admissible") for r in (RACES, renamed)
    )
    pd.testing.assert_frame_equal(one, other)


# --- over places, times and indicators -----------------------------------------------------------

PANEL = pd.DataFrame(
    [
        (place, year, race, 30 + 7 * i + 3 * t + 4 * j, 100)
        for i, place in enumerate(["Inyo", "Mono", "Kern"])
        for t, year in enumerate(["2019-20", "2020-21", "2021-22"])
        for j, race in enumerate("AB")
    ],
    columns=["place", "year", "race", "x", "n"],
)


def test_today_is_the_last_time_and_all_its_places_are_one() -> None:
    s = counts(PANEL, by=["place", "year"])
    last = PANEL[PANEL["year"] == "2021-22"]
    overall = of(s, "overall rate", time="year")
    assert overall["value"] == pytest.approx(last["x"].sum() / last["n"].sum())
    assert "in 2021-22" in overall["provenance"]
    assert f"{last['x'].sum()} of 600" in overall["provenance"]
    alone = counts(last, by="place")
    for name in ("percentile of places", "best segment", "points better"):
        assert of(s, name, time="year")["value"] == of(alone, name)["value"]
    projected = of(s, "projection", time="year", deadline=2025)["value"]
    assert 0.6 > projected > overall["value"]


def test_a_roll_up_among_the_strata_is_no_place() -> None:
    s = counts(PANEL, by=["place", "year"])
    rolled = tu.assess(s, HALF, rollup="place").segments
    one, other = (tu.candidate_goals(each, time="year", **LEAST) for each in (s, rolled))
    pd.testing.assert_frame_equal(one, other)


def test_each_indicator_has_its_own_direction_and_times() -> None:
    rows = pd.concat([
        PANEL.assign(what="in"), PANEL[PANEL["year"] < "2021"].assign(what="out", x=20),
    ])  # fmt: skip
    s = counts(rows, by=["place", "year"], indicator="what")
    options = {"direction": {"in": "at least", "out": "at most"}, "time": "year", "deadline": 2030}
    found = tu.candidate_goals(s, **options)
    assert found["indicator"].unique().tolist() == ["in", "out"]
    better = found[found["candidate"] == "points better"].set_index("indicator")
    assert better["value"]["out"] == pytest.approx(0.1)
    assert "in 2020-21" in better["provenance"]["out"]
    lines = found[found["candidate"] == "projection"].set_index("indicator")
    assert np.isnan(lines["value"]["out"])
    assert "fewer than 3 times" in lines["provenance"]["out"]


def test_pooled_years_that_overlap_are_not_points_of_a_line() -> None:
    labels = [f"{y}-{y + 4}" for y in range(2010, 2019)]
    rows = pd.DataFrame({"year": labels, "race": "A", "x": range(40, 49), "n": 100})
    found = of(counts(rows, by="year"), "projection", time="year", deadline=2030)
    assert np.isnan(found["value"])
    assert "that share no year" in found["provenance"]
    longer = pd.DataFrame({"year": [*labels[:1], "2015-2019", "2020-2024"], "race": "A",
                           "x": [40, 45, 50], "n": 100})  # fmt: skip
    assert of(counts(longer, by="year"), "projection", time="year", deadline=2030)["value"] > 0.5


# --- hidden, missing, none -----------------------------------------------------------------------


def test_a_hidden_segment_leaves_no_best_and_everything_else() -> None:
    rows = [("A", 90, 100), ("B", 60, 120), ("C", 150, 200), ("D", 4, 30)]
    s = tu.assess(counts(rows), HALF).suppress().segments
    for name in ("best segment", "better than the best"):
        found = of(s, name)
        assert np.isnan(found["value"])
        assert "a segment is hidden" in found["provenance"]
    assert of(s, "overall rate")["value"] == pytest.approx(304 / 450)


def test_hidden_counts_change_no_byte() -> None:
    moved = ([(40, 90), (4, 50), (30, 70), (60, 200)], [(40, 90), (5, 50), (29, 70), (60, 200)])
    pages = []
    for cells in moved:
        rows = pd.DataFrame([(y, r, x + y - 2020, n) for y in range(2020, 2024)
                             for r, (x, n) in zip("ABCD", cells, strict=True)],
                            columns=["year", "race", "x", "n"])  # fmt: skip
        rows.loc[rows["race"] == "B", "x"] = cells[1][0]
        rows.loc[rows["race"] == "C", "x"] = cells[2][0]
        s = tu.assess(counts(rows, by="year"), HALF).suppress().segments
        pages.append(pickle.dumps(tu.candidate_goals(s, time="year", deadline=2030, **LEAST)))
    assert pages[0] == pages[1]


def test_hidden_places_are_counted_and_left_out() -> None:
    rows = pd.DataFrame({"place": range(6), "race": "A", "x": [40, 50, 60, 70, 80, "*"], "n": 100})
    s = counts(rows, by="place", suppressed={"*": (1, 10)})
    found = of(s, "percentile of places")
    assert found["value"] == pytest.approx(0.76)
    assert "5 strata, each counted once, 1 more are hidden" in found["provenance"]
    assert np.isnan(of(s, "overall rate")["value"])
    assert of(s, "per cent better")["provenance"].startswith("no overall rate: it is hidden")


def test_strata_that_cannot_be_added_up_still_have_percentiles() -> None:
    rows = {"place": [1, 2, 3], "race": ["All"] * 3, "rate": [0.2, 0.4, 0.6]}
    s = estimates(rows, by="place", total="All")
    assert np.isnan(of(s, "overall rate")["value"])
    assert "cannot be added up" in of(s, "points better")["provenance"]
    assert of(s, "percentile of places", percentile=50)["value"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("rows", "kind", "direction", "candidate", "says"),
    [
        ([("A", 97, 100), ("B", 95, 100)], "proportion", "at least", "per cent better", "1.056"),
        ([("A", 97, 100), ("B", 95, 100)], "proportion", "at least", "points better", "1.06"),
        ([("A", 1, 100), ("B", 2, 100)], "proportion", "at most", "points better", "-0.085"),
        ([("A", 100, 100), ("B", 100, 100)], "proportion", "at least", "Cohen's h", "no such"),
        ([("A", 0, 100), ("B", 0, 100)], "rate", "at most", "minimal significance", "no standard"),
        (
            [("A", 5, 100), ("B", 9, 100)],
            "rate",
            "at most",
            "points better",
            "only for proportions",
        ),
        ([("A", 5, 9), ("B", 9, 12)], "proportion", "at least", "best segment", "fewer than two"),
    ],
)
def test_a_value_that_is_none_is_missing_and_explained(
    rows: list[Any], kind: str, direction: str, candidate: str, says: str
) -> None:
    found = of(counts(rows, kind=kind), candidate, direction=direction)
    assert np.isnan(found["value"])
    assert says in found["provenance"]


def test_means_below_0_have_no_per_cent() -> None:
    scores = pd.DataFrame({"race": list("AABB"), "y": [-2.0, -4.0, -1.0, -3.0]})
    s = records(scores, kind="mean")
    assert np.isnan(of(s, "per cent better")["value"])
    assert of(s, "overall rate")["value"] == pytest.approx(-2.5)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"direction": "higher"}, r"direction='higher' is not known.*'at least', 'at most'"),
        ({"direction": {"in": "at least"}}, "is by indicator, and the data name none: say"),
        ({"direction": {}}, "is by indicator, and the data name none: say"),
        ({"percentile": 100}, "percentile=100 must lie from 1 to 99.9"),
        ({"percentile": 0.9}, "percentile=0.9 must lie from 1 to 99.9: 90 is what a tenth"),
        ({"percentile": 0}, "percentile=0 must be a number above 0"),
        ({"improvement": 10}, r"improvement=10 is a share: 0\.10 is 10 %"),
        ({"improvement": -0.1}, "improvement=-0.1 must be a number above 0"),
        ({"time": "place"}, "There is no column 'place'|have no by= columns"),
        ({"deadline": "2030"}, "deadline='2030' must be a whole number"),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(tu.InputError, match=says):
        tu.candidate_goals(counts(RACES), **{**LEAST, **options})


def test_the_direction_of_each_indicator_is_said() -> None:
    s = counts(pd.DataFrame(RACES, columns=["race", "x", "n"]).assign(what="in"), indicator="what")
    with pytest.raises(tu.InputError, match="names no indicator 'out'"):
        tu.candidate_goals(s, direction={"out": "at least", "in": "at least"})
    with pytest.raises(tu.InputError, match="does not say which side is wanted of 'in'"):
        tu.candidate_goals(s, direction={})


def test_other_bad_input_is_refused() -> None:
    s = counts(PANEL, by=["place", "year"])
    for year in (1999, 2022):
        with pytest.raises(tu.InputError, match=f"deadline={year} is in the past: .* 2021-22"):
            tu.candidate_goals(s, time="year", deadline=year, **LEAST)
    with pytest.raises(tu.InputError, match="takes Segments first, not Assessment"):
        tu.candidate_goals(tu.assess(s, HALF), **LEAST)  # type: ignore[arg-type]
    with pytest.raises(tu.InputError):
        tu.candidate_goals(s)  # type: ignore[call-arg]
