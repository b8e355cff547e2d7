"""Real public tables, suppressed and attacked: California's graduates and Washington's entries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_real_data import CALIFORNIA, ENTRIES, GRADUATE, RACE, entries, graduates

import targeted_universalism as tu


@pytest.fixture(scope="module")
def cohorts(shared: Path) -> pd.DataFrame:
    """Cohorts of every county and group, one year."""
    rows = pd.read_csv(shared / "data" / CALIFORNIA, encoding="utf-8-sig")
    rows = rows[(rows["AggregateLevel"] == "C") & (rows["AcademicYear"] == "2021-22")]
    rows = rows.assign(x=(rows["CohortStudents"] * rows["Graduation Rate (%)"]).round())
    return rows.reset_index(drop=True)


def check(public: tu.Assessment, least: int) -> None:
    """Nothing hidden follows, and something is hidden."""
    found = tu.audit(public)
    assert (public.table["status"] == "suppressed").sum() >= least
    assert found["passes"].all(), found[~found["passes"]].to_string()


@pytest.mark.parametrize("zeros", ["show", "hide"])
def test_california_by_county_and_stacked_partition(cohorts: pd.DataFrame, zeros: str) -> None:
    check(tu.assess(graduates(cohorts), GRADUATE).suppress(zeros=zeros), 100)


@pytest.mark.long
def test_california_by_county_and_group_with_the_state_beside(cohorts: pd.DataFrame) -> None:
    races = cohorts[cohorts["ReportingCategory"].isin(RACE) & (cohorts["CohortStudents"] > 0)]
    made = tu.from_counts(
        races, numerator="x", denominator="CohortStudents", segments="ReportingCategory",
        by="CountyName",
    )  # fmt: skip
    state = tu.from_counts(
        races.groupby("ReportingCategory", as_index=False)[["x", "CohortStudents"]].sum(),
        numerator="x", denominator="CohortStudents", segments="ReportingCategory",
    )  # fmt: skip
    whole = tu.assess(state, GRADUATE).suppress()
    counties = tu.assess(made, GRADUATE)
    public = counties.suppress(published=[whole])
    found = tu.audit(public, whole)
    assert found["passes"].all(), found[~found["passes"]].to_string()
    check(counties.suppress(sums_over="CountyName"), 100)
    check(tu.assess(made, GRADUATE, rollup=True).suppress(), 100)


def test_california_small_cells_alone_would_be_told(cohorts: pd.DataFrame) -> None:
    """Many a cell of few non-graduates is the only one of its county, and is its total's rest."""
    races = cohorts[cohorts["ReportingCategory"].isin(RACE) & (cohorts["CohortStudents"] > 0)]
    made = tu.from_counts(
        races, numerator="x", denominator="CohortStudents", segments="ReportingCategory",
        by="CountyName",
    )  # fmt: skip
    private = tu.assess(made, GRADUATE).table
    n, x = private["population"], private["events"]
    small = (n.between(1, 10) | x.between(1, 10) | (n - x).between(1, 10)).to_numpy()
    hidden = (tu.assess(made, GRADUATE).suppress().table["status"] == "suppressed").to_numpy()
    assert (hidden >= small).all()
    lone = (
        pd.Series(small & (private["dimension"] != "total"))
        .groupby(private["CountyName"], observed=False)
        .sum()
    )
    assert (lone == 1).sum() >= 3
    more = pd.Series(hidden).groupby(private["CountyName"].to_numpy()).sum()
    assert (more[lone[lone == 1].index] >= 2).all()
    assert np.count_nonzero(hidden) < 1.6 * np.count_nonzero(small)


def test_washington_by_county_and_partition(children: pd.DataFrame) -> None:
    check(tu.assess(entries(children, by="geog"), ENTRIES).suppress(), 100)
