"""Are we getting there: statuses, paces, projections, and what is not held against what."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import fewer, identical, row_of, rule_tests

GOAL = tu.Goal.at_least(0.9, name="Graduate in four years", deadline=2030)
YEARS = [2018, 2019, 2020, 2021, 2022]


def panel(
    rates: dict[str, list[float]], years: list[Any] | None = None, people: int = 1000
) -> pd.DataFrame:
    """Rows of segments over years, as many people in each."""
    return pd.DataFrame(
        [
            {"race": name, "year": year, "x": round(rate * people), "n": people}
            for name, many in rates.items()
            for year, rate in zip(years or YEARS, many, strict=False)
        ]
    )


def of(data: pd.DataFrame, goal: tu.Goal = GOAL, **options: Any) -> tu.Assessment:
    asked = {"numerator": "x", "denominator": "n", "segments": "race", "by": "year", **options}
    return tu.assess(tu.from_counts(data, **asked), goal)


# --- Healthy People's statuses, through the door -------------------------------------------------

CODES = {
    "target_met_or_exceeded": "target met or exceeded",
    "improving": "improving",
    "little_or_no_detectable_change": "little or no detectable change",
    "getting_worse": "getting worse",
    "baseline_only": "baseline only",
}


def published(case: dict[str, Any]) -> pd.DataFrame:
    """What a.progress says of a rule test: one published rate at one or two times."""
    given = case["inputs"]
    rows = pd.DataFrame(
        {
            "race": "Latino",
            "year": [2010, 2020],
            "rate": [given["baseline"], given["latest"]],
            "se": [given.get(f"se_{end}", np.nan) for end in ("baseline", "latest")],
            "people": 1000,
        }
    ).dropna(subset=["rate"])
    segments = tu.from_estimates(
        rows, estimate="rate", se="se", population="people", segments="race", by="year",
        kind="rate", per=1000,
    )  # fmt: skip
    make = tu.Goal.at_least if given["direction"] == "higher" else tu.Goal.at_most
    a = tu.assess(segments, make(given["target"], per=1000))
    rule = "hp2020" if given.get("sided") == 1 else "general"
    return a.progress("year", rule=rule)


def test_every_status_is_that_of_the_published_rules(shared: Path) -> None:
    cases = [c for c in rule_tests(shared, "hp") if c["inputs"].get("target") is not None]
    cases = [c for c in cases if "h" not in c["inputs"]]
    assert len(cases) > 15
    for case in cases:
        row, expected = row_of(published(case), "Latino"), case["expected"]
        if "status" in expected:
            assert row["progress"] == CODES[expected["status"]], case["id"]
        if expected.get("ptca") is not None:
            assert row["percent_of_target"] == pytest.approx(expected["ptca"]), case["id"]
        elif "ptca" in expected:
            assert math.isnan(row["percent_of_target"]), case["id"]
        if "pct_change" in expected:
            assert row["percent_change"] == pytest.approx(expected["pct_change"]), case["id"]
        if "p_value" in expected:
            assert row["p_value"] == pytest.approx(expected["p_value"], abs=1e-6), case["id"]


def test_a_change_of_a_small_group_is_tested_by_its_counts() -> None:
    a = of(panel({"A": [0.1, 0.45], "B": [0.5, 0.5]}, [2020, 2022], people=20))
    ours, theirs = (
        row_of(a.progress("year", rule=rule), "A")["p_value"] for rule in ("general", "hp2020")
    )
    # Miettinen & Nurminen's score test of 2/20 against 9/20, by hand: pooled p = 11/40.
    pooled = 11 / 40
    z = (9 / 20 - 2 / 20) / math.sqrt(pooled * (1 - pooled) * (2 / 20) * 40 / 39)
    assert ours == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-9)
    wald = (9 / 20 - 2 / 20) / math.sqrt(0.1 * 0.9 / 20 + 0.45 * 0.55 / 20)
    assert theirs == pytest.approx(math.erfc(wald / math.sqrt(2)) / 2, rel=1e-9)


# --- paces ----------------------------------------------------------------------------------------


def test_paces_by_hand() -> None:
    a = of(panel({"A": [0.5, 0.6], "B": [0.9, 0.9]}, [2020, 2022]))
    logit = {p: math.log(p / (1 - p)) for p in (0.5, 0.6, 0.9)}
    row = row_of(a.progress("year"), "A")
    assert row["pace"] == "log-odds"
    assert row["pace_needed"] == pytest.approx((logit[0.9] - logit[0.6]) / 8)
    assert row["pace_so_far"] == pytest.approx((logit[0.6] - logit[0.5]) / 2, rel=1e-3)
    linear = row_of(a.progress("year", pace="linear"), "A")
    assert linear["pace_so_far"] == pytest.approx(0.05)
    assert linear["pace_needed"] == pytest.approx(0.3 / 8)
    assert linear["acceleration"] == pytest.approx(0.75)
    geometric = row_of(a.progress("year", pace="geometric"), "A")
    assert geometric["pace_needed"] == pytest.approx((0.9 / 0.6) ** (1 / 8) - 1)
    assert geometric["pace_so_far"] == pytest.approx((0.6 / 0.5) ** (1 / 2) - 1, rel=1e-3)


def test_linear_paces_are_in_units_of_the_goal() -> None:
    goal = tu.Goal.at_most(2, per=1000, deadline=2030)
    rows = pd.DataFrame({"race": "A", "year": [2020, 2022], "x": [60, 40], "n": 10_000})
    a = of(rows, goal, kind="rate")
    row = row_of(a.progress("year", pace="linear"), "A")
    assert row["pace_so_far"] == pytest.approx(-1.0)
    assert row["pace_needed"] == pytest.approx(-0.25)
    usual = row_of(a.progress("year"), "A")
    assert usual["pace"] == "geometric"
    assert usual["pace_needed"] == pytest.approx(0.5 ** (1 / 8) - 1)


def test_a_goal_that_no_usual_pace_reaches_has_a_linear_one() -> None:
    a = of(panel({"A": [0.5, 0.6, 0.7]}, [2020, 2021, 2022]), tu.Goal.at_least(1, deadline=2030))
    row = row_of(a.progress("year"), "A")
    assert row["pace"] == "linear"
    assert row["projected_time"] == pytest.approx(2025.0, abs=1e-6)
    assert "linear pace: the goal is a bound of the usual scale" in row["reason"]
    forced = row_of(a.progress("year", pace="log-odds"), "A")
    assert math.isnan(forced["pace_needed"])
    assert "no pace: the scale has no such rate" in forced["reason"]


def test_no_rate_of_zero_grows_at_a_geometric_pace() -> None:
    goal = tu.Goal.at_least(5, per=1000, deadline=2030)
    rows = pd.DataFrame({"race": "A", "year": [2020, 2021, 2022], "x": [4, 1, 0], "n": 1000})
    row = row_of(of(rows, goal, kind="rate").progress("year"), "A")
    assert math.isnan(row["pace_needed"])
    assert "no pace: the scale has no such rate" in row["reason"]


# --- projections ----------------------------------------------------------------------------------


def test_a_straight_line_arrives_where_it_leads() -> None:
    a = of(panel({"A": [0.50, 0.55, 0.60, 0.65, 0.70]}, people=10_000))
    row = row_of(a.progress("year", pace="linear"), "A")
    assert row["projected_time"] == pytest.approx(2026.0, abs=1e-6)
    assert row["projected_low"] < 2026 < row["projected_high"] < 2028
    assert row["probability"] == 1.0
    assert row_of(a.progress("year", pace="linear", latest=2021), "A")["latest_time"] == "2021"


def test_never_is_said_plainly() -> None:
    a = of(panel({"A": [0.70, 0.68, 0.66, 0.65, 0.63], "B": [0.95] * 5}, people=10_000))
    row = row_of(a.progress("year"), "A")
    assert row["progress"] == "getting worse"
    assert math.isinf(row["projected_time"])
    assert math.isinf(row["projected_high"])
    assert row["probability"] == 0.0
    assert math.isnan(row["acceleration"])
    assert "never on the current trend" in row["reason"]
    assert "no acceleration: the pace so far leads away from the goal" in row["reason"]


def test_two_points_make_a_pace_and_no_projection() -> None:
    row = row_of(of(panel({"A": [0.5, 0.6]}, [2020, 2022])).progress("year"), "A")
    assert row["pace_so_far"] > 0
    assert math.isnan(row["projected_time"])
    assert math.isnan(row["probability"])
    assert "no projection from fewer than three times" in row["reason"]


def test_what_is_at_the_goal_needs_no_pace() -> None:
    row = row_of(of(panel({"A": [0.85, 0.88, 0.95]}, [2020, 2021, 2022])).progress("year"), "A")
    assert row["progress"] == "target met or exceeded"
    assert row["percent_of_target"] == pytest.approx(200.0)
    assert math.isnan(row["projected_time"])
    assert math.isnan(row["pace_needed"])
    assert row["reason"] == "at or past the goal"


@pytest.mark.parametrize(
    ("deadline", "said"), [(None, "no deadline"), (2022, "the deadline has passed")]
)
def test_without_time_left_there_is_no_pace_needed(deadline: int | None, said: str) -> None:
    goal = tu.Goal.at_least(0.9, deadline=deadline)
    row = row_of(of(panel({"A": [0.5, 0.6, 0.7]}, [2020, 2021, 2022]), goal).progress("year"), "A")
    assert math.isnan(row["pace_needed"])
    assert math.isnan(row["probability"])
    assert row["projected_time"] > 2022
    assert said in row["reason"]


def test_the_seed_and_nothing_else_turns_the_draws() -> None:
    a = of(panel({"A": [0.5, 0.56, 0.58, 0.66], "B": [0.7, 0.72, 0.71, 0.75]}, people=200))
    first = a.progress("year")
    identical(first, a.progress("year"))
    other = a.progress("year", seed=1)
    assert not np.allclose(first["projected_high"], other["projected_high"])
    np.testing.assert_allclose(first["probability"], other["probability"], atol=0.02)


@given(st.permutations(["A", "B", "C", "D"]), st.sets(st.sampled_from("ABCD"), min_size=1))
@fewer(4)
def test_no_row_depends_on_which_others_there_are(order: list[str], kept: set[str]) -> None:
    rates = {"A": [0.5, 0.6, 0.62], "B": [0.2, 0.4, 0.3], "C": [0.9, 0.8, 0.85], "D": [0.1] * 3}
    rows = panel(rates, [2020, 2021, 2022], people=60)
    whole = of(rows).progress("year").drop(columns="leveling_down")
    part = of(panel({name: rates[name] for name in order if name in kept}, [2020, 2021, 2022], 60))
    for name in kept:
        mine, theirs = (row_of(t, name) for t in (part.progress("year"), whole))
        pd.testing.assert_series_equal(
            mine.drop("leveling_down"), theirs, check_names=False, check_exact=True
        )


# --- what is not held against what ----------------------------------------------------------------


def test_nothing_before_a_break_is_held_against_what_lies_after() -> None:
    a = of(panel({"A": [0.8, 0.8, 0.5, 0.55, 0.6]}, people=10_000))
    row = row_of(a.progress("year", breaks=2020, pace="linear"), "A")
    for name in ("change", "percent_of_target", "percent_change", "p_value"):
        assert math.isnan(row[name]), name
    assert pd.isna(row["progress"])
    assert pd.isna(row["leveling_down"])
    assert row["pace_so_far"] == pytest.approx(0.05)
    assert row["projected_time"] == pytest.approx(2028.0, abs=1e-6)
    assert "a break in the series lies between baseline and latest time" in row["reason"]
    after = row_of(a.progress("year", breaks=[2020], baseline=2020), "A")
    assert after["change"] == pytest.approx(0.1)
    assert after["progress"] == "improving"
    later = row_of(a.progress("year", breaks=(2019, 2022), pace="linear"), "A")
    assert math.isnan(later["pace_so_far"])


def test_periods_that_share_years_are_neither_tested_nor_fitted_as_if_independent() -> None:
    rates = {"A": [0.50, 0.51, 0.53, 0.54, 0.56]}
    a = of(panel(rates, people=10_000), years=3)
    row = row_of(a.progress("year", pace="linear"), "A")
    assert row["change"] == pytest.approx(0.06)
    assert row["pace_so_far"] == pytest.approx((0.56 - 0.51) / 3)  # 2022 and 2019 alone
    assert row["p_value"] < 0.001  # 2018 and 2022 share no year
    assert "periods that share years are not in the trend" in row["reason"]
    near = row_of(a.progress("year", baseline=2020), "A")
    assert math.isnan(near["p_value"])
    assert "no test: the periods share years" in near["reason"]
    labels = [f"{year - 2}-{year}" for year in YEARS]
    told = row_of(of(panel(rates, labels, 10_000)).progress("year", pace="linear"), "A")
    assert told["pace_so_far"] == pytest.approx(row["pace_so_far"])


def test_the_same_people_at_two_times_are_no_two_samples() -> None:
    rows = pd.DataFrame(
        [(i, year, "AB"[i % 2], (i * 7 + year) % 10 < year - 2015) for i in range(200)
         for year in (2020, 2021, 2022)],
        columns=["id", "year", "race", "y"],
    )  # fmt: skip
    asked = {"outcome": "y", "segments": "race", "by": "year"}
    panel_, apart = (
        tu.assess(tu.from_records(data, unit="id", **asked), GOAL)
        for data in (rows, rows.assign(id=range(len(rows))))
    )
    row, other = (row_of(a.progress("year"), "A") for a in (panel_, apart))
    assert math.isnan(row["p_value"])
    assert "no test: ids repeat, so that both times may count the same people" in row["reason"]
    assert other["p_value"] < 0.05
    gaps, others = (row_of(a.gap_trends("year", "A"), "B") for a in (panel_, apart))
    assert math.isnan(gaps["p_value"])
    assert "ids repeat" in gaps["reason"]
    assert not math.isnan(others["p_value"])
    assert gaps["difference_change"] == others["difference_change"]


def test_a_hidden_end_has_no_progress_and_says_why() -> None:
    rows = panel({"A": [0.5, 0.6, 0.7, 0.7, 0.8], "B": [0.4, 0.5, 0.5, 0.5, 0.5]})
    rows["x"] = rows["x"].astype(object)
    rows.loc[(rows["race"] == "A") & (rows["year"] == 2022), "x"] = "<11"
    a = of(rows, suppressed={"<11": (1, 10)})
    row = row_of(a.progress("year"), "A")
    assert math.isnan(row["latest_rate"])
    assert math.isnan(row["pace_needed"])
    assert row["progress"] == "baseline only"  # Healthy People's, of a point that is not published
    assert "no rate at the latest time" in row["reason"]
    assert "hidden in the input" in row["reason"]


def test_a_hidden_year_between_is_left_out_of_the_trend() -> None:
    rows = panel({"A": [0.5, 0.55, 0.1, 0.65, 0.7], "B": [0.9] * 5}, people=10_000)
    rows["x"] = rows["x"].astype(object)
    rows.loc[(rows["race"] == "A") & (rows["year"] == 2020), "x"] = "*"
    a = of(rows, suppressed={"*": (0, 10_000)})
    assert row_of(a.progress("year", pace="linear"), "A")["projected_time"] == pytest.approx(2026.0)


def test_a_public_assessment_tells_of_its_published_cells_alone() -> None:
    rows = panel({"A": [0.5, 0.6, 0.7], "B": [0.4, 0.5, 0.5], "C": [0.7] * 3}, [2020, 2021, 2022])
    rows.loc[(rows["race"] == "A") & (rows["year"] == 2021), ["x", "n"]] = [3, 9]
    a = of(rows)
    public = a.suppress(11).progress("year")
    hidden = a.suppress(11).table.query("status == 'suppressed'")
    assert {"A"} < set(hidden["segment"])
    row = row_of(public, "A")
    assert row["change"] == pytest.approx(0.2)
    assert "no projection from fewer than three times" in row["reason"]


def test_one_time_is_a_baseline() -> None:
    row = row_of(of(panel({"A": [0.5]}, [2022])).progress("year"), "A")
    assert row["progress"] == "baseline only"
    assert row["reason"] == "one time only; no projection from fewer than three times"


def test_each_place_has_its_own_first_and_last_time() -> None:
    rows = pd.concat(
        [
            panel({"A": [0.5, 0.6, 0.7, 0.75, 0.8]}).assign(county="Inyo"),
            panel({"A": [0.4, 0.5, 0.6]}, [2019, 2020, 2021]).assign(county="Mono"),
        ]
    )
    a = of(rows, by=["county", "year"])
    found = a.progress("year").query("segment == 'A'")
    assert found["baseline_time"].tolist() == ["2018", "2019"]
    assert found["latest_time"].tolist() == ["2022", "2021"]
    named = a.progress("year", latest=2022).query("segment == 'A'")
    assert named["change"].isna().tolist() == [False, True]
    assert list(found.columns[:3]) == ["county", "dimension", "segment"]


def test_rolled_up_places_are_a_series_of_their_own() -> None:
    rows = pd.concat(
        panel({"A": [0.5, 0.6, 0.7, 0.7, 0.8]}).assign(county=c) for c in ("Inyo", "Mono")
    )
    segments = tu.from_counts(
        rows, numerator="x", denominator="n", segments="race", by=["county", "year"]
    )
    found = tu.assess(segments, GOAL, rollup="county").progress("year").query("segment == 'A'")
    assert found["county"].isna().tolist() == [False, False, True]
    assert found["change"].tolist() == pytest.approx([0.3] * 3)


# --- what an average hides ------------------------------------------------------------------------


def test_a_gap_that_closes_from_above_is_leveling_down() -> None:
    rates = {"A": [0.9, 0.8], "B": [0.5, 0.5], "C": [0.6, 0.7], "D": [0.85, 0.86]}
    found = of(panel(rates, [2020, 2022])).progress("year").set_index("segment")
    assert found["leveling_down"].drop("All").tolist() == [True, False, False, False]
    assert pd.isna(found.loc["All", "leveling_down"])


@pytest.mark.parametrize(("ends", "down"), [(0.5, True), (0.45, True), (0.15, True), (0.05, False)])
def test_who_falls_past_all_others_levels_down_only_to_a_smaller_gap(
    ends: float, down: bool
) -> None:
    """From .4 above the other to 0, .05, .35 and .45 below it."""
    rates = {"A": [0.9, ends], "B": [0.5, 0.5], "C": [0.6, 0.6]}
    found = of(panel(rates, [2020, 2022])).progress("year").set_index("segment")
    assert found["leveling_down"].drop("All").tolist() == [down, False, False]


def test_what_chance_alone_may_do_is_no_leveling_down() -> None:
    """Of California's counties 17 of 18 that fell a little had a p above .05."""
    rates = {"A": [0.95, 0.925], "B": [0.5, 0.5]}
    few, many = (
        row_of(of(panel(rates, [2020, 2022], people=n)).progress("year"), "A") for n in (40, 4000)
    )
    assert few["change"] == many["change"] < 0
    assert (few["leveling_down"], many["leveling_down"]) == (False, True)
    assert few["progress"] == many["progress"] == "target met or exceeded"
    assert ["moved away from the goal" in row["reason"] for row in (few, many)] == [False, True]


def test_a_rate_that_left_the_goal_is_not_said_to_be_at_it() -> None:
    """Its reasons speak of the baseline, which was at or past the goal."""
    rates = {"A": [0.95, 0.93, 0.91, 0.89, 0.87], "B": [0.93] * 5}
    a = of(panel(rates), tu.Goal.at_least(0.9, deadline=2030))
    row = row_of(a.progress("year"), "A")
    assert row["progress"] == "getting worse"
    assert np.isinf(row["projected_time"])
    words = a.plot.trajectory("year").tu_alt
    assert "A: 95.0 % in 2018 to 87.0 % in 2022; never on the current trend" in words


def test_a_trend_that_leaves_the_goal_leads_to_no_year() -> None:
    """Colusa's graduates: the line stands at the goal, the last rate below it, and both fall."""
    rates = {"A": [0.97, 0.96, 0.93, 0.92, 0.897], "B": [0.93] * 5}
    row = row_of(of(panel(rates), tu.Goal.at_least(0.9, deadline=2030)).progress("year"), "A")
    assert np.isinf(row["projected_time"])
    assert row["probability"] < 0.1
    assert "never on the current trend" in row["reason"]


def test_everybody_falling_back_alike_is_no_smaller_gap() -> None:
    rates = {"A": [0.9, 0.8], "B": [0.5, 0.4]}
    found = of(panel(rates, [2020, 2022])).progress("year").set_index("segment")
    assert found["leveling_down"].drop("All").tolist() == [False, False]


def test_a_total_at_the_goal_masks_a_segment_that_is_not() -> None:
    rows = pd.DataFrame(
        [
            ("A", "F", 2022, 95, 100), ("A", "M", 2022, 89, 100),
            ("B", "F", 2022, 900, 900), ("B", "M", 2022, 810, 900),
        ],
        columns=["race", "sex", "year", "x", "n"],
    )  # fmt: skip
    a = of(rows, segments=["race", "sex", "race*sex"])
    found = a.progress("year").set_index("segment")["masked_shortfall"]
    assert found["All"]
    assert found["A"]  # 184 of 200, and 89 % of its men
    assert not found["B"]
    assert not found["M"]  # 899 of 1000 are short themselves: nothing is masked


def test_a_crossing_of_two_masks_a_crossing_of_three() -> None:
    rows = pd.DataFrame(
        [(a, b, c, 2022, 95, 100) for a in "AB" for b in "FM" for c in "yo"],
        columns=["race", "sex", "age", "year", "x", "n"],
    )
    rows.loc[0, "x"] = 86  # of A × F × y
    segments = ["race", "sex*race", "race*sex*age", "age"]
    found = of(rows, segments=segments).progress("year").set_index("segment")["masked_shortfall"]
    masking = {"All", "A", "F × A", "y"}
    assert set(found[found].index) == masking


def test_what_hangs_on_a_hidden_segment_is_not_told() -> None:
    rates = {"A": [0.95, 0.92], "B": [0.5, 0.5], "C": [0.6, 0.7], "D": [0.97, 0.98]}
    rows = panel(rates, [2020, 2022])
    rows["x"] = rows["x"].astype(object)
    rows.loc[(rows["race"] == "B") & (rows["year"] == 2022), "x"] = "*"
    totals = pd.DataFrame({"race": "All", "year": [2020, 2022], "x": [3620, 3680], "n": 4000})
    a = of(pd.concat([rows, totals]), suppressed={"*": (0, 1000)}, total="All")
    found = a.progress("year").set_index("segment")
    assert found["leveling_down"].isna().tolist() == [True, True, True, False, False]
    assert "suppressed segment" in found.loc["A", "reason"]
    assert "suppressed segment" not in found.loc["C", "reason"]
    assert found.loc["All", "masked_shortfall"]  # C is short, whatever B is
    rows.loc[rows["race"].isin(["A", "C"]), "x"] = 950
    totals["x"] = [3800, 3700]
    a = of(pd.concat([rows, totals]), suppressed={"*": (0, 1000)}, total="All")
    total = row_of(a.progress("year"), "All")
    assert pd.isna(total["masked_shortfall"])
    assert "suppressed segment" in total["reason"]


def test_a_hidden_segment_that_is_short_whatever_it_hides_is_masked() -> None:
    """Its count is hidden, and all that it may be is below the goal, as `plan.check` says too."""
    rows = panel({"A": [0.95, 0.97], "B": [0.95, 0.5]}, [2020, 2022], people=100)
    rows["x"] = rows["x"].astype(object)
    rows.loc[(rows["race"] == "B") & (rows["year"] == 2022), "x"] = "*"
    totals = pd.DataFrame({"race": "All", "year": [2020, 2022], "x": [190, 181], "n": 200})
    for most, told in ((89, True), (90, None)):
        a = of(pd.concat([rows, totals]), suppressed={"*": (0, most)}, total="All")
        total = row_of(a.progress("year"), "All")
        assert total["masked_shortfall"] is pd.NA if told is None else total["masked_shortfall"]
        latest = tu.Plan([]).check(a.where(year=2022))
        assert ("masked shortfall" in set(latest["finding"])) is bool(told)


def test_a_segment_with_people_and_no_rate_may_be_short() -> None:
    rows = panel({"A": [0.95, 0.95], "B": [0.96, 0.94]}, [2020, 2022])
    rows = pd.concat([rows, pd.DataFrame({"race": "C", "year": [2020, 2022], "n": 100})])
    totals = pd.DataFrame({"race": "All", "year": [2020, 2022], "x": [1900, 1990], "n": 2100})
    total = row_of(of(pd.concat([rows, totals]), total="All").progress("year"), "All")
    assert pd.isna(total["masked_shortfall"])
    assert "the need of a segment is not known" in total["reason"]


@pytest.mark.parametrize(
    ("x", "n"),
    [
        ([2, 100, 50, 3], [6, 300, 150, 9]), ([0, 0, 0, 0], [100, 200, 400, 50]),
        ([27, 192, 192, 27], [40, 300, 300, 40]),
    ],
)  # fmt: skip
def test_a_rate_that_stays_the_same_has_no_pace_and_never_arrives(x: Any, n: Any) -> None:
    """Rounding made of it 384,334,845,701 times the pace, and the year 7,885,070,564,695."""
    rows = pd.DataFrame({"race": "A", "year": YEARS[:4], "x": x, "n": n})
    row = row_of(of(rows).progress("year"), "A")
    assert row["pace_so_far"] == 0
    assert math.isnan(row["acceleration"])
    assert row["projected_time"] == math.inf
    assert row["progress"] == "little or no detectable change"
    assert "no movement toward the goal" in row["reason"]
    assert "never on the current trend" in row["reason"]


# --- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "years",
    [
        ["2019-20", "2020-21", "2021-22"],
        ["FY2020", "FY2021", "FY 2022"],
        ["2019/2020", "2020/2021", "2021/2022"],
        [2020.0, 2021.0, 2022.0],
        ["2020", "2021", "2022"],
        [pd.Period("2020"), pd.Period("2021"), pd.Period("2022")],
    ],
)
def test_years_of_many_kinds_are_years(years: list[Any]) -> None:
    row = row_of(of(panel({"A": [0.5, 0.6, 0.7]}, years)).progress("year", pace="linear"), "A")
    assert row["pace_so_far"] == pytest.approx(0.1)
    assert row["pace_needed"] == pytest.approx(0.2 / 8)


def test_dates_are_parts_of_years() -> None:
    days = [datetime.date(2021, 7, 2), datetime.date(2022, 7, 2), datetime.date(2023, 7, 2)]
    row = row_of(of(panel({"A": [0.5, 0.6, 0.7]}, days)).progress("year", pace="linear"), "A")
    assert row["pace_so_far"] == pytest.approx(0.1)
    assert row["projected_time"] == pytest.approx(2025.5, abs=0.01)
    assert row["pace_needed"] == pytest.approx(0.2 / 7.5, rel=1e-3)  # to the end of 2030


def test_five_years_with_a_short_end_are_five_years_and_no_months() -> None:
    labels = ["1995-99", "1996-00", "2001-05", "2006-10"]
    row = row_of(of(panel({"A": [0.4, 0.5, 0.6, 0.7]}, labels)).progress("year"), "A")
    assert "periods that share years are not in the trend" in row["reason"]
    whole = [f"{y[:4]}-{int(y[:4]) + 4}" for y in labels]
    told = row_of(of(panel({"A": [0.4, 0.5, 0.6, 0.7]}, whole)).progress("year"), "A")
    assert row["pace_so_far"] == told["pace_so_far"]


@pytest.mark.parametrize(
    "days",
    [
        [datetime.date(2020, 6, 30), datetime.date(2021, 6, 30)],  # a leap day less than a year
        [datetime.date(2021, 1, 1), datetime.date(2021, 7, 1)],
        [2021.25, 2021.5],
        list(pd.period_range("2021-01", periods=2, freq="Q")),
    ],
)
def test_days_share_no_year(days: list[Any]) -> None:
    row = row_of(of(panel({"A": [0.5, 0.6]}, days)).progress("year"), "A")
    assert row["p_value"] < 0.001
    assert "share years" not in row["reason"]


def test_days_of_which_each_stands_for_a_year_share_it() -> None:
    days = [datetime.date(2020, 6, 30), datetime.date(2020, 12, 31), datetime.date(2021, 6, 30)]
    a = of(panel({"A": [0.5, 0.55, 0.6]}, days), years=1)
    row = row_of(a.progress("year"), "A")
    assert row["p_value"] < 0.001  # a year apart, but for the leap day
    assert "periods that share years are not in the trend" in row["reason"]
    assert math.isnan(row_of(a.progress("year", baseline="2020-12-31"), "A")["p_value"])


def test_years_in_any_order_are_in_order() -> None:
    rates = [0.7, 0.5, 0.6]
    shuffled = of(panel({"A": rates}, ["2021-22", "2019-20", "2020-21"])).progress("year")
    sorted_ = of(panel({"A": sorted(rates)}, ["2019-20", "2020-21", "2021-22"])).progress("year")
    assert row_of(shuffled, "A")["change"] == pytest.approx(0.2)
    assert row_of(shuffled, "A")["projected_time"] == row_of(sorted_, "A")["projected_time"]


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (["before", "after"], "'before', which is no year"),
        (["2020", "2019-20"], "'2020' and '2019-20' are one time|'2019-20' and '2020' are one"),
        ([2020, datetime.date(2021, 1, 1)], "dates and years side by side"),
        (["2022-2018", "2020"], "ends before it starts"),
        (["2020-13-45", "2021-01-01"], "which is no date"),
        ([True, False], "which is no year"),
        ([20, 21], "which is no year"),
        (["2021-01", "2021-02"], "'2021-01', which ends before it starts. Of a month"),
        (["2008-09", "2008-10"], "'2008-09': is it a month, or are years pooled"),
        (["2005-09"], "'2005-09': is it a month, or are years pooled"),
        (["2021-19", "2022-20"], "ends before it starts"),
        ([202001, 202002], "202001, which is no year"),
    ],
)
def test_what_is_no_time_is_said(years: list[Any], said: str) -> None:
    a = of(panel({"A": [0.5, 0.6]}, years))
    with pytest.raises(tu.InputError, match=said):
        a.progress("year")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"time": "yaer"}, "Did you mean 'year'"),
        ({"time": 2020}, "must name a column"),
        ({"baseline": 2017}, "baseline=2017 is no value of 'year'"),
        ({"latest": 2030}, "latest=2030 is no value of 'year'"),
        ({"breaks": 1999}, "breaks="),
        ({"baseline": 2020, "latest": 2020}, "is not after"),
        ({"baseline": 2021, "latest": 2019}, "is not after"),
        ({"pace": "fast"}, "pace='fast'"),
        ({"rule": "hp2010"}, "rule='hp2010'"),
        ({"draws": 10}, "draws"),
        ({"draws": 1.5}, "draws"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_answered_in_words(options: dict[str, Any], said: str) -> None:
    a = of(panel({"A": [0.5, 0.6, 0.7, 0.75, 0.8]}))
    with pytest.raises(tu.InputError, match=said):
        a.progress(**{"time": "year", **options})


def test_log_odds_are_of_proportions() -> None:
    rows = pd.DataFrame({"race": "A", "year": [2020, 2022], "x": [60, 40], "n": 10_000})
    a = of(rows, tu.Goal.at_most(2, per=1000), kind="rate")
    with pytest.raises(tu.InputError, match="for proportions, and a rate is measured"):
        a.progress("year", pace="log-odds")


def test_without_by_there_is_no_time() -> None:
    rows = pd.DataFrame({"race": ["A"], "x": [5], "n": [10]})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    with pytest.raises(tu.InputError, match="have no by= columns"):
        tu.assess(segments, GOAL).progress("year")


def test_where_nobody_is_known_in_a_dimension_nobody_levels_down() -> None:
    data = pd.DataFrame({"race": None, "year": [2020, 2021], "x": [50, 60], "n": 100})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="race", by="year")
    found = tu.assess(made, tu.Goal.at_least(0.8)).progress("year")
    assert found["segment"].tolist() == ["All", "Unknown"]
    assert found["leveling_down"].isna().all()
