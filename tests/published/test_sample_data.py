"""Checks of the files in data/sample: published figures as published, synthetic ones as said."""

import runpy
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
GENERATOR = SAMPLE / "synthetic_child_welfare.py"
ENTRIES = SAMPLE / "synthetic_child_welfare_entries.csv"

# Group: percent chronically absent 2021-22, then the change in the graduation rate from 2019-20 to
# 2020-21 in points. The department prints both beside the figures that we typed.
PUBLISHED = {
    "All students": (30.0, -0.6),
    "African American": (42.9, -4.3),
    "American Indian or Alaska Native": (42.9, -2.8),
    "Asian": (11.5, 1.6),
    "Filipino": (16.2, 1.5),
    "Hispanic or Latino": (35.8, -1.6),
    "Pacific Islander": (43.9, -2.6),
    "White": (21.9, 0.4),
    "Two or More Races": (25.1, 0.0),
    "Foster youth": (42.1, -2.3),
    "Homeless youth": (45.1, -1.8),
}
# First entries per 1,000, California 2011-13; Multiracial is assumed.
ENTRY_RATE = {
    "Black": 8.5,
    "American Indian or Alaska Native": 8.8,
    "Latino": 2.7,
    "White": 2.6,
    "Asian or Pacific Islander": 0.7,
    "Multiracial": 2.4,
}


@pytest.fixture(scope="module")
def absence() -> pd.DataFrame:
    """Chronic absence, one row per group."""
    return pd.read_csv(SAMPLE / "chronic_absence_california_2021_22.csv")


@pytest.fixture(scope="module")
def graduation() -> pd.DataFrame:
    """Graduation rates, one row per year and group."""
    return pd.read_csv(SAMPLE / "graduation_california_2020_2021.csv")


@pytest.fixture(scope="module")
def entries() -> pd.DataFrame:
    """Synthetic entries, one row per county, year, race and age."""
    return pd.read_csv(ENTRIES)


@pytest.mark.parametrize("column", ["chronically_absent", "eligible"])
def test_race_groups_add_up_to_the_total_exactly(absence: pd.DataFrame, column: str) -> None:
    count = absence.groupby("dimension")[column].sum()
    assert (absence["dimension"] == "race/ethnicity").sum() == 8
    assert count["race/ethnicity"] == count["total"]


def test_absence_counts_give_the_published_percentages(absence: pd.DataFrame) -> None:
    rate = 100 * absence["chronically_absent"] / absence["eligible"]
    assert absence["group"].tolist() == list(PUBLISHED)
    assert rate.round(1).tolist() == [percent for percent, _ in PUBLISHED.values()]


def test_graduation_rates_give_the_published_changes(graduation: pd.DataFrame) -> None:
    rate = graduation.pivot(index="group", columns="year", values="rate").loc[list(PUBLISHED)]
    change = (rate["2020-21"] - rate["2019-20"]).round(1)
    assert change.tolist() == [change for _, change in PUBLISHED.values()]


def test_both_published_files_name_the_same_groups(
    absence: pd.DataFrame, graduation: pd.DataFrame
) -> None:
    names = absence[["dimension", "group"]].to_numpy().tolist()
    for _, year in graduation.groupby("year"):
        assert year[["dimension", "group"]].to_numpy().tolist() == names


def test_generator_writes_the_committed_bytes_again(tmp_path: Path) -> None:
    runpy.run_path(str(shutil.copy(GENERATOR, tmp_path)), run_name="__main__")
    assert (tmp_path / ENTRIES.name).read_bytes() == ENTRIES.read_bytes()


def test_synthetic_file_is_under_two_megabytes() -> None:
    assert ENTRIES.stat().st_size < 2_000_000


def test_every_county_year_race_and_age_has_one_row(entries: pd.DataFrame) -> None:
    keys = entries[["county", "year", "race", "age"]]
    assert keys.nunique().tolist() == [40, 8, 6, 4]
    assert len(entries) == 40 * 8 * 6 * 4
    assert not keys.duplicated().any()


def test_entries_are_between_zero_and_the_children(entries: pd.DataFrame) -> None:
    assert entries["entries"].between(0, entries["children"]).all()


def test_there_are_small_cells_and_cells_without_entries(entries: pd.DataFrame) -> None:
    assert (entries["entries"] == 0).sum() > 100
    assert entries["entries"].between(1, 10).sum() > 100
    assert entries["children"].between(1, 10).sum() > 100


@pytest.mark.parametrize("race", ENTRY_RATE)
def test_statewide_rate_of_each_group_is_the_published_one(
    entries: pd.DataFrame, race: str
) -> None:
    """Within 3 % and, tighter for large groups, 4 standard deviations of the binomial."""
    own = entries[entries["race"] == race]
    expected = own["children"].sum() * ENTRY_RATE[race] / 1000
    difference = own["entries"].sum() - expected
    assert abs(difference) < min(0.03 * expected, 4 * np.sqrt(expected))


def test_statewide_rate_of_all_children_is_the_published_one(entries: pd.DataFrame) -> None:
    rate = 1000 * entries["entries"].sum() / entries["children"].sum()
    assert rate == pytest.approx(2.8, rel=0.03)
