"""Progress on real tables: California's graduates 2017-2022, Washington's entries into care."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import targeted_universalism as tu
from make import row_of

RACES = {
    "RA": "Asian", "RB": "African American", "RF": "Filipino", "RH": "Hispanic",
    "RI": "American Indian", "RP": "Pacific Islander", "RT": "Two or more", "RW": "White",
    "TA": "All",
}  # fmt: skip
GOAL = tu.Goal.at_least(0.9, name="Graduate in four years", deadline=2030)


@pytest.fixture(scope="module")
def cohorts(shared: Path) -> pd.DataFrame:
    """Pupils and graduates, as printed rates imply them, by county, school year and race."""
    rows = pd.read_csv(
        shared / "data" / "ca_acgr_county_2017_2022.csv", encoding="utf-8-sig",
        usecols=[
            "AcademicYear", "CountyName", "ReportingCategory", "CohortStudents",
            "Graduation Rate (%)",
        ],
    )  # fmt: skip
    rows.columns = ["year", "county", "race", "n", "rate"]
    rows = rows[rows["race"].isin(RACES) & (rows["n"] > 0)]
    return rows.assign(race=rows["race"].map(RACES), x=(rows["n"] * rows["rate"]).round())


@pytest.fixture(scope="module")
def state(cohorts: pd.DataFrame) -> pd.DataFrame:
    return cohorts.groupby(["year", "race"], sort=False)[["x", "n"]].sum().reset_index()


def assessed(rows: pd.DataFrame, *by: str) -> tu.Assessment:
    segments = tu.from_counts(
        rows, numerator="x", denominator="n", segments="race", by=list(by), total="All"
    )
    return tu.assess(segments, GOAL)


def test_trends_of_the_state_are_those_of_a_logistic_regression(state: pd.DataFrame) -> None:
    found = assessed(state, "year").progress("year")
    for race in set(RACES.values()):
        rows = state[state["race"] == race]
        years = rows["year"].str[:4].astype(float) + 1
        fit = sm.GLM(
            np.column_stack([rows["x"], rows["n"] - rows["x"]]),
            sm.add_constant(years - 2022), family=sm.families.Binomial(),
        ).fit()  # fmt: skip
        row = row_of(found, race)
        assert row["pace_so_far"] == pytest.approx(fit.params.iloc[1], rel=0.01), race
        if not math.isnan(row["projected_time"]):
            reached = 2022 + (math.log(9) - fit.params.iloc[0]) / fit.params.iloc[1]
            assert row["projected_time"] == pytest.approx(reached, abs=0.2), race


def test_statuses_of_the_state_are_those_of_its_printed_rates(state: pd.DataFrame) -> None:
    found = assessed(state, "year").progress("year")
    rate = state.assign(rate=state["x"] / state["n"]).pivot(
        index="race", columns="year", values="rate"
    )
    for race, line in rate.iterrows():
        row = row_of(found, str(race))
        first, last = line["2016-17"], line["2021-22"]
        assert row["change"] == pytest.approx(last - first)
        assert (row["progress"] == "target met or exceeded") is bool(last >= 0.9)
        if first < 0.9:
            assert row["percent_of_target"] == pytest.approx(100 * (last - first) / (0.9 - first))
    assert {r for r in rate.index if row_of(found, r)["progress"] == "target met or exceeded"} == {
        "Asian", "Filipino", "White",
    }  # fmt: skip
    pacific = row_of(found, "Pacific Islander")
    assert pacific["progress"] == "little or no detectable change"


def test_the_change_across_2020_is_told_honestly(state: pd.DataFrame) -> None:
    a = assessed(state, "year")
    across = a.progress("year", breaks="2019-20")
    assert across["change"].isna().all()
    assert across["progress"].isna().all()
    assert across["reason"].str.contains("a break in the series").all()
    after = a.progress("year", breaks="2019-20", baseline="2019-20")
    assert after["change"].notna().all()
    # Three years alone cannot tell when: the range is far wider than that of six.
    short = after.set_index("segment")["probability"]
    assert short["African American"] > 0.05
    assert row_of(a.progress("year"), "African American")["probability"] < 0.05


def test_counties_have_series_of_their_own(cohorts: pd.DataFrame) -> None:
    found = assessed(cohorts, "county", "year").progress("year")
    assert found["county"].nunique() == 57  # one of 58 has no cohort above ten
    angeles = row_of(found, "American Indian", county="Los Angeles")
    assert angeles["progress"] == "improving"
    small = found[found["progress"] == "getting worse"]
    assert (small["change"] < 0).all()
    known = found["change"].notna()
    assert (found.loc[~known, "reason"] != "").all()


def test_entries_into_care_of_washington(shared: Path) -> None:
    folder = shared / "data"
    keys = ["date", "ageCensus", "ethnicityCensus", "geog"]
    rates = pd.read_csv(folder / "wa_ooh_entry_rates_counties.csv")
    people = pd.read_csv(folder / "wa_ooh_population_counties.csv")
    rows = people.rename(columns={"datacol": "children"}).merge(
        rates.rename(columns={"datacol": "rate"}), on=keys
    )
    rows = rows[(rows["ageCensus"] == 0) & rows["rate"].notna()]
    rows = rows.assign(entries=(rows["rate"] * rows["children"] / 1000).round())
    whole = rows.groupby(["date", "ethnicityCensus"])[["entries", "children"]].sum().reset_index()
    whole = whole[whole["ethnicityCensus"].isin([0, 1, 2, 3, 4])]
    segments = tu.from_counts(
        whole, numerator="entries", denominator="children", segments="ethnicityCensus",
        by="date", kind="rate", total=0,
    )  # fmt: skip
    goal = tu.Goal.at_most(3, per=1000, deadline=2030)
    found = tu.assess(segments, goal).progress("date")
    for code in ("1", "2", "3", "4"):
        mine = whole[whole["ethnicityCensus"] == int(code)].sort_values("date")
        fit = sm.GLM(
            mine["entries"], sm.add_constant(mine["date"] - 2018.0),
            offset=np.log(mine["children"]), family=sm.families.Poisson(),
        ).fit()  # fmt: skip
        row = row_of(found, code)
        assert row["pace"] == "geometric"
        assert row["pace_so_far"] == pytest.approx(math.expm1(fit.params["date"]), abs=2e-3)
        met = row["latest_rate"] <= 3
        assert (row["progress"] == "target met or exceeded") is bool(met)
        assert math.isnan(row["projected_time"]) is bool(met)
