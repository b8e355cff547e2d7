"""Milestones and gaps over time of California's graduates, 2016-17 to 2021-22."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import targeted_universalism as tu

RACES = {
    "RA": "Asian", "RB": "African American", "RF": "Filipino", "RH": "Hispanic",
    "RI": "American Indian", "RP": "Pacific Islander", "RT": "Two or more", "RW": "White",
    "TA": "All",
}  # fmt: skip
GOAL = tu.Goal.at_least(0.9, name="Graduate in four years", deadline=2030)
FIRST, LAST = "2016-17", "2021-22"


@pytest.fixture(scope="module")
def cohorts(shared: Path) -> pd.DataFrame:
    """Pupils and graduates by county, school year and race; 0 is a cohort of one to ten."""
    path = shared / "data" / "ca_acgr_county_2017_2022.csv"
    rows = pd.read_csv(path, encoding="utf-8-sig").rename(
        columns={"AcademicYear": "year", "CountyName": "county", "CohortStudents": "n"}
    )
    rows = rows.assign(
        race=rows["ReportingCategory"].map(RACES),
        x=(rows["n"] * rows["Graduation Rate (%)"]).round(),
    )
    return rows.dropna(subset="race")[["year", "county", "race", "n", "x"]]


@pytest.fixture(scope="module")
def counties(cohorts: pd.DataFrame) -> tu.Segments:
    return tu.from_counts(
        cohorts, numerator="x", denominator="n", segments="race", by=["county", "year"],
        total="All", suppressed={"n": {0: (1, 10)}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def state(cohorts: pd.DataFrame) -> pd.DataFrame:
    """The same summed over counties, hidden cells left out."""
    shown = cohorts[cohorts["n"] > 0]
    return shown.groupby(["year", "race"], as_index=False)[["x", "n"]].sum()


def test_every_group_of_the_state_arrives_at_90_percent_in_2030(state: pd.DataFrame) -> None:
    s = tu.from_counts(
        state, numerator="x", denominator="n", segments="race", by="year", total="All"
    )
    way = tu.assess(s, GOAL).milestones("year").pivot(
        index="segment", columns="time", values="milestone"
    )  # fmt: skip
    assert way.columns.tolist() == list(range(2023, 2031))
    assert (way[2030] == 0.9).all()
    now = state[state["year"] == LAST].set_index("race")
    for race, rate in (now["x"] / now["n"]).items():
        steps = np.linspace(special.logit(rate), special.logit(0.9), 9)[1:]
        expected = special.expit(steps) if rate < 0.9 else np.full(8, 0.9)
        assert way.loc[race].to_numpy() == pytest.approx(expected), race
    assert 0.80 < way.loc["African American", 2023] < way.loc["Hispanic", 2023] < 0.86


def test_gaps_of_the_state_change_as_its_sums_do(state: pd.DataFrame) -> None:
    s = tu.from_counts(
        state, numerator="x", denominator="n", segments="race", by="year", total="All"
    )
    found = tu.assess(s, GOAL).gap_trends("year", "White").set_index("segment")
    ends = {year: state[state["year"] == year].set_index("race") for year in (FIRST, LAST)}
    rate = {year: rows["x"] / rows["n"] for year, rows in ends.items()}
    for race in set(RACES.values()) - {"All", "White"}:
        then, now = (rate[year][race] - rate[year]["White"] for year in (FIRST, LAST))
        assert found["difference_change"][race] == pytest.approx(now - then)
        squares = [
            rate[year][r] * (1 - rate[year][r]) / ends[year]["n"][r]
            for year in (FIRST, LAST)
            for r in (race, "White")
        ]
        wald = 2 * stats.norm.sf(abs(now - then) / np.sqrt(sum(squares)))
        assert found["p_value"][race] == pytest.approx(wald, abs=0.02), race
    assert found["trend"]["American Indian"] == "both narrowing"
    assert found["p_value"]["American Indian"] < 1e-6


def test_the_pandemic_as_a_break_leaves_no_change_to_speak_of(counties: tu.Segments) -> None:
    found = tu.assess(counties, GOAL).gap_trends("year", "total", breaks=["2019-20"])
    assert found["difference_change"].isna().all()
    assert found["reason"].str.contains("a break in the series").all()


def test_counties_with_a_hidden_group_still_have_its_goal(counties: tu.Segments) -> None:
    way = tu.assess(counties, GOAL).milestones("year")
    inyo = way[way["county"] == "Inyo"].set_index(["segment", "time"])
    assert inyo["milestone"]["Asian", 2030] == 0.9
    assert np.isnan(inyo["milestone"]["Asian", 2029])
    assert inyo["reason"]["Asian", 2029] == "hidden in the input"
    assert inyo["milestone"]["American Indian", 2029] < 0.9
    assert way.groupby("county", observed=True)["time"].max().eq(2030).all()


def test_candidates_of_the_state_are_near_each_other_and_the_best_group_is_not_told(
    counties: tu.Segments, cohorts: pd.DataFrame
) -> None:
    found = tu.candidate_goals(counties, direction="at least", time="year", deadline=2030)
    values = found.set_index("candidate")["value"]
    totals = cohorts[(cohorts["year"] == LAST) & (cohorts["race"] == "All") & (cohorts["n"] > 0)]
    assert values["overall rate"] == pytest.approx(totals["x"].sum() / totals["n"].sum())
    rates = totals["x"] / totals["n"]
    assert values["percentile of places"] == pytest.approx(np.percentile(rates, 90))
    assert np.isnan(values["best segment"])
    assert values[["Cohen's h", "percentile of places", "projection"]].between(0.88, 0.95).all()
