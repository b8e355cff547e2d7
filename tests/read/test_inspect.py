"""The ledger of data quality: planted faults are found, clean tables raise no alarm."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import targeted_universalism as tu
from make import some_of
from targeted_universalism.read.quality.register import FINDINGS
from targeted_universalism.segments.columns import INSPECT
from targeted_universalism.segments.findings import HEAPED, heaped
from targeted_universalism.segments.spelling import folded

RACES = ("Black", "Latino", "White", "Asian")
COUNTIES = ("Inyo", "Mono", "Alpine", "Kern")
YEARS = ("2019-20", "2020-21", "2021-22")


def counted(seed: int = 3) -> pd.DataFrame:
    """Four races in four counties and three years, with a total row that is their sum."""
    rng = np.random.default_rng(seed)
    rows = []
    for county, year in product(COUNTIES, YEARS):
        people = rng.integers(200, 9_000, len(RACES))
        events = rng.binomial(people, rng.uniform(0.1, 0.3, len(RACES)))
        rows += [(county, year, *row) for row in zip(RACES, events, people, strict=True)]
        rows.append((county, year, "All", events.sum(), people.sum()))
    return pd.DataFrame(rows, columns=["county", "year", "race", "absent", "pupils"])


COUNTS: dict[str, Any] = {
    "numerator": "absent", "denominator": "pupils", "segments": "race", "by": ["county", "year"],
    "total": "All",
}  # fmt: skip
RATES: dict[str, Any] = {
    "estimate": "rate", "n": "pupils", "population": "pupils", "kind": "proportion", "per": 100,
    **{name: COUNTS[name] for name in ("segments", "by", "total")},
}  # fmt: skip


def rated(seed: int = 3) -> pd.DataFrame:
    """The same, published as percentages to one decimal."""
    data = counted(seed)
    return data.assign(rate=(100 * data["absent"] / data["pupils"]).round(1))


def row(data: pd.DataFrame, race: str, county: str = "Mono", year: str = YEARS[1]) -> Any:
    here = (data["race"] == race) & (data["county"] == county) & (data["year"] == year)
    return data.index[here][0]


Plant = Callable[[pd.DataFrame], pd.DataFrame]


def put(race: str, column: str, value: Any) -> Plant:
    """Put a value into one cell."""

    def planted(data: pd.DataFrame) -> pd.DataFrame:
        data = data.astype({column: str}) if isinstance(value, str) else data
        data.loc[row(data, race), column] = value
        return data

    return planted


def relabelled(of: str, written: str, every: int = 3) -> Plant:
    def planted(data: pd.DataFrame) -> pd.DataFrame:
        here = data.index[data["race"] == of][::every]
        data.loc[here, "race"] = written
        return data

    return planted


def without(*dropped: tuple[str, str, str]) -> Plant:
    return lambda data: data.drop([row(data, *one) for one in dropped]).reset_index(drop=True)


def with_twin_row(data: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([data, data.loc[[row(data, "Asian")]]], ignore_index=True)


def stacked(data: pd.DataFrame) -> pd.DataFrame:
    """Add girls and boys, who are all pupils once more, under the races."""
    total = data[data["race"] == "All"]
    half = total.assign(absent=total["absent"] // 2, pupils=total["pupils"] // 2, race="Girls")
    rest = total.assign(
        absent=total["absent"] - half["absent"], pupils=total["pupils"] - half["pupils"],
        race="Boys",
    )  # fmt: skip
    return pd.concat([data, half, rest], ignore_index=True)


def copied_year(data: pd.DataFrame) -> pd.DataFrame:
    numbers_of = data.loc[data["year"] == YEARS[1], ["absent", "pupils"]].to_numpy()
    data.loc[data["year"] == YEARS[2], ["absent", "pupils"]] = numbers_of
    return data


def copied_county(data: pd.DataFrame) -> pd.DataFrame:
    numbers_of = data.loc[data["county"] == "Inyo", ["absent", "pupils"]].to_numpy()
    data.loc[data["county"] == "Mono", ["absent", "pupils"]] = numbers_of
    return data


def rounded_to_5(data: pd.DataFrame) -> pd.DataFrame:
    data["pupils"] = (data["pupils"] / 5).round().astype(int) * 5
    return data


def small_as_0(data: pd.DataFrame) -> pd.DataFrame:
    """Overwrite small groups by 0, as in some agencies' files; counts from 11 on are left."""
    rng = np.random.default_rng(5)
    small = data.index[data["race"] == "Asian"]
    data.loc[small, "pupils"] = rng.integers(11, 30, len(small))
    data.loc[small, "absent"] = rng.integers(0, 11, len(small))
    data.loc[small[:6], ["absent", "pupils"]] = 0
    return data


def proportions_among(data: pd.DataFrame) -> pd.DataFrame:
    here = data.index[(data["race"] == "White") & (data["county"] == "Kern")][:2]
    data.loc[here, "rate"] = (data.loc[here, "rate"] / 100).round(3)
    return data


def not_reported(data: pd.DataFrame) -> pd.DataFrame:
    """A sixth of the pupils are of no known race."""
    some = data[data["race"] == "Black"].assign(race=None)
    return pd.concat([data[data["race"] != "All"], some], ignore_index=True)


def as_proportions(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(rate=(data["rate"] / 100).round(3))


def ten_times(data: pd.DataFrame) -> pd.DataFrame:
    data.loc[row(data, "All"), "rate"] = 10 * data.loc[row(data, "Black"), "rate"].max()
    return data


NO_TOTAL = {**COUNTS, "total": None}

# Fifteen tables and more, each with one fault: how it is planted, and what must be said of it.
PLANTED: dict[str, tuple[Plant, dict[str, Any], str, int | None, str]] = {
    "a total that is 40 too many": (
        lambda d: put("All", "pupils", d.loc[row(d, "All"), "pupils"] + 40)(d), COUNTS,
        "totals that do not add up", 1, "the segments are 40 fewer"),
    "case": (relabelled("Black", "BLACK"), COUNTS, "twins of labels", 4, "'BLACK', 'Black' are"),
    "punctuation": (relabelled("Latino", "Latino."), COUNTS, "twins of labels", 4, "several"),
    "a total that is not declared": (
        lambda d: d.replace({"race": {"All": "Everybody"}}), NO_TOTAL,
        "undeclared total", 12, "'Everybody' is all the others together"),
    "a total by its name": (
        lambda d: d.replace({"race": {"All": "All pupils"}}).drop(columns=["absent", "pupils"]),
        {"segments": "race", "by": ["county", "year"]},
        "undeclared total", 12, "'All pupils' reads as a total"),
    "a county that is the State": (
        lambda d: d.replace({"county": {"Kern": "Statewide"}}), COUNTS,
        "undeclared total", 15, "reads as a total over 'county'"),
    "a second partition under the first": (
        stacked, COUNTS, "stacked partitions", 12, "are 2 times the total together"),
    "a second partition, and no total declared": (
        lambda d: stacked(d).replace({"race": {"All": "TA"}}), NO_TOTAL,
        "stacked partitions", 12, "'Girls', 'Boys'"),
    "the same keys twice": (
        with_twin_row, COUNTS, "rows that repeat", 2, "about the same group"),
    "a rate of other counts": (
        lambda d: put("Black", "rate", d.loc[row(d, "Black"), "rate"] + 3)(d),
        {**COUNTS, "estimate": "rate", "kind": "proportion", "per": 100},
        "rates that do not fit", 1, "that are not 'absent' of 'pupils'"),
    "a rate that no whole number gives": (
        lambda d: d.assign(rate=d["rate"].where(d["race"] != "Asian", 33.4)).assign(
            pupils=d["pupils"].where(d["race"] != "Asian", 12)), {**RATES, "total": None},
        "rates that do not fit", 12, "no whole number of events"),
    "proportions, and per=100": (
        as_proportions, RATES, "percent or proportion", 60, "no value is above 1"),
    "a few proportions among percentages": (
        proportions_among, RATES, "percent or proportion", 2, "values of 1 or less"),
    "percentages, and no per=": (
        lambda d: d, {**RATES, "per": None}, "impossible value", 60, "above per="),
    "counts rounded to 5": (rounded_to_5, COUNTS, "heaping", 60, "are multiples of 5"),
    "more events than people": (
        lambda d: put("Black", "absent", d.loc[row(d, "Black"), "pupils"] + 1)(d),
        COUNTS, "impossible value", 1, "'absent' is above its 'pupils'"),
    "a negative count": (put("Latino", "absent", -9), COUNTS, "impossible value", 1, "below 0"),
    "an infinite count": (
        lambda d: put("Latino", "pupils", np.inf)(d.astype({"pupils": float})), COUNTS,
        "impossible value", 1, "not finite"),
    "thousands commas": (
        put("White", "pupils", "1,234"), COUNTS, "no number", 1, "'1,234' (1)"),
    "a word for what is hidden": (put("White", "absent", "*"), COUNTS, "no number", 1, "'*' (1)"),
    "a group that is gone": (
        without(("Asian", "Inyo", YEARS[1]), ("Asian", "Kern", YEARS[2])), NO_TOTAL,
        "groups that disappear", 2, "in 2 places a row"),
    "a year that is the one before": (
        copied_year, COUNTS, "years that repeat", 20, f"are those of '{YEARS[1]}'"),
    "a county that is another": (
        copied_county, COUNTS, "places that repeat", 30, "is the same in 'Inyo', 'Mono'"),
    "small groups as 0": (small_as_0, {**COUNTS, "total": None},
                          "zeros for hidden counts", 6, "not one count from 1 to 1"),
    "many unknown": (not_reported, NO_TOTAL, "share of unknown", 12, "% are of no known segment"),
    "a word for unknown": (
        relabelled("Asian", "Not reported", 1), COUNTS, "undeclared unknown", 12, "not known"),
    "a total ten times too high": (
        ten_times, {**RATES, "per": None, "kind": "rate"},
        "total outside its segments", 1, "and the segments of 'race' lie between"),
}  # fmt: skip


def alarms(found: pd.DataFrame) -> pd.DataFrame:
    """What is said to be wrong, or may be."""
    return found[found["severity"] != "note"]


def test_there_are_more_than_fifteen_tables_with_a_fault() -> None:
    assert len(PLANTED) > 15
    assert {name for _, _, name, _, _ in PLANTED.values()} == {*FINDINGS} - {"refused"}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_where_it_was_planted(name: str) -> None:
    plant, options, finding, rows, words = PLANTED[name]
    data = plant(rated() if "estimate" in options else counted())
    told = {key: value for key, value in options.items() if value is not None}
    found = tu.inspect(data, **told)
    named = found[found["finding"].str.startswith(f"{finding}: ")]
    assert words in " ".join(named["finding"]), found.to_string()
    assert rows in named["rows"].tolist()
    assert (named["advice"] != "").all()
    assert list(found.columns) == list(INSPECT.names)


@pytest.mark.parametrize("seed", some_of(range(10), 0, 1, 2))
@pytest.mark.parametrize(("make", "options"), [(counted, COUNTS), (rated, RATES)])
def test_clean_tables_raise_no_alarm(
    make: Callable[[int], pd.DataFrame], options: dict[str, Any], seed: int
) -> None:
    found = tu.inspect(make(seed), **options)
    assert alarms(found).empty, found.to_string()


def test_the_sample_raises_no_alarm_once_it_is_told(sample: Path) -> None:
    absent = pd.read_csv(sample / "chronic_absence_california_2021_22.csv")
    told = {
        "numerator": "chronically_absent", "denominator": "eligible", "segments": "group",
        "dimension": "dimension", "total": "All students", "exclusive": {"programme": False},
    }  # fmt: skip
    assert tu.inspect(absent, **told).empty
    entries = pd.read_csv(sample / "synthetic_child_welfare_entries.csv")
    assert tu.inspect(
        entries, numerator="entries", denominator="children", segments=["race", "age"],
        by=["county", "year"], kind="rate",
    ).empty  # fmt: skip


# --- real files -----------------------------------------------------------------------------------

CODES = {"R": "race", "G": "gender", "S": "programme"}


def test_the_graduation_file_says_what_is_known_of_it(shared: Path) -> None:
    """CATALOG: 1,058 zeros are hidden counts, partitions overlap, groups come and go."""
    data = pd.read_csv(shared / "data" / "ca_acgr_county_2017_2022.csv", encoding="utf-8-sig")
    keys = {"segments": "ReportingCategory", "by": ["CountyName", "AcademicYear"]}
    first = tu.inspect(data, denominator="CohortStudents", **keys)
    assert re.search(r"'TA' is the sum of 'RA'.*'RW'; and 'GF', 'GM'", " ".join(first["finding"]))
    assert "zeros for hidden counts: 1,058 zeros" in " ".join(first["finding"])
    codes = data["ReportingCategory"].unique()
    found = tu.inspect(
        data, estimate="Graduation Rate (%)", n="CohortStudents", population="CohortStudents",
        kind="proportion", total="TA", unknown="RD", exclusive={"programme": False}, **keys,
        dimension={code: CODES[code[0]] for code in codes if code != "TA"},
        suppressed={"CohortStudents": {0: (1, 10)}},
    )  # fmt: skip
    assert set(alarms(found)["finding"].str.split(":").str[0]) == {"groups that disappear"}
    assert alarms(found)["rows"].sum() < 0.01 * len(data)


def test_the_child_welfare_files_say_what_is_known_of_them(shared: Path) -> None:
    """CATALOG: two partitions in one column, and 2019 is a copy of 2018."""
    data = pd.read_csv(shared / "data" / "wa_ooh_population_counties.csv")
    keys = {"denominator": "datacol", "segments": "ethnicityCensus", "total": 0}
    by = ["date", "ageCensus", "geog"]
    found = " ".join(tu.inspect(data, by=by, **keys)["finding"])
    assert "the segments of 'ethnicityCensus' are 2 times the total together" in found
    assert "years that repeat: all 2,509 numbers are those of '2018'" in found
    known = {**dict.fromkeys((1, 2, 3, 4, 5, 8), "one"), **dict.fromkeys((9, 10, 11, 12), "other")}
    before = data[data["date"] < 2019]
    told = tu.inspect(before, by=by, dimension=known, **keys)
    assert alarms(told).empty
    # Every number was cut to a whole one: k of them are short by k - 1 at most, seldom too many.
    wide = before.pivot(index=by, columns="ethnicityCensus", values="datacol")
    off = {
        d: wide[[c for c in known if known[c] == d]].sum(axis=1) - wide[0] for d in ("one", "other")
    }
    assert [(one.min(), one.max()) for one in off.values()] == [(-5, 0), (-3, 1)]
    cut = told[told["finding"].str.contains("cut and not rounded")]
    assert cut["rows"].tolist() == [int((one < 0).sum()) for one in off.values()] == [2590, 2404]


def in_places(off: Callable[[int], int], places: int = 40) -> list[str]:
    """Say what is found where the total of five segments is off in each of some places."""
    rows = [(p, s, 100 + 7 * p) for p in range(places) for s in "abcde"]
    rows += [(p, "All", 5 * (100 + 7 * p) - off(p)) for p in range(places)]
    data = pd.DataFrame(rows, columns=["place", "group", "n"])
    found = tu.inspect(data, denominator="n", segments="group", by="place", total="All")
    found = found[found["finding"].str.startswith("totals that do not")]
    return [f"{s}: {r}" for s, r in zip(found["severity"], found["rows"], strict=True)]


def test_sums_are_short_of_cut_numbers_only_where_hardly_one_is_too_large() -> None:
    assert in_places(lambda p: -(p % 5)) == ["note: 32"]
    assert in_places(lambda p: -4 if p == 3 else 0) == ["warning: 1"]
    assert in_places(lambda p: 4 * (-1) ** p) == ["warning: 40"]
    assert in_places(lambda p: -5 if p == 3 else -(p % 4)) == ["warning: 1", "note: 29"]


def test_who_s_setting_average_is_found_ten_times_too_high(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "who_ordered_wealth.csv")
    total = data.drop_duplicates("indicator").assign(
        subgroup="setting", estimate=lambda d: d["setting_average"], population=np.nan
    )
    births, deaths = data["indicator"].unique()
    options = {
        "estimate": "estimate", "se": "se", "population": "population", "segments": "subgroup",
        "indicator": "indicator", "kind": {births: "proportion", deaths: "rate"},
        "per": {births: 100, deaths: 1000},
    }  # fmt: skip
    assert tu.inspect(data, **options).empty
    found = tu.inspect(pd.concat([data, total]), total="setting", **options)
    (said,) = found["finding"]
    assert said.startswith("total outside its segments: a total of 340.384, and")


@pytest.mark.parametrize(
    "name", ["compas_two_years", "who_individual_sba_dtp3", "who_nonordered_region"]
)
def test_files_of_which_nothing_is_said_raise_no_alarm(shared: Path, name: str) -> None:
    assert tu.inspect(pd.read_csv(shared / "data" / f"{name}.csv")).empty


# --- judges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [4, 8, 20, 200])
def test_heaping_is_seldom_seen_by_chance(size: int) -> None:
    """The level is 0.001: of 10,000 tables about ten at most; 30 would be chance in a million."""
    rng = np.random.default_rng(size)
    drawn = rng.integers(50, 9_000, (10_000, size)).astype(float)
    assert sum(heaped(np.unique(row)) < HEAPED for row in drawn) < 30


def test_a_few_round_counts_say_nothing_and_many_do() -> None:
    def said(counts: list[int]) -> list[str]:
        return tu.inspect(pd.DataFrame({"n": counts}), denominator="n")["finding"].tolist()

    assert 0.2**4 > HEAPED > 0.2**5
    assert said([105, 210, 315, 420]) == []
    assert len(said([105, 210, 315, 420, 525])) == 1
    assert said([100, 300, 900, 1200, 1700])[0].endswith("chance gives 20 % (p = 0.0003)")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Two or More Races", "two or more  races", True),
        ("African-American", "African American", True),
        ("Native Hawaiian/Pacific Islander", "Native Hawaiian / Pacific Islander", True),
        ("25 - 45", "25–45", True),
        ("10-14", "1014", False),
        ("<5", "5", False),
        ("18+", "18", False),
        ("C+", "C-", False),
        ("A&B", "AB", False),
        ("Asián", "Asian", False),
        ("3.5", "35", False),
    ],
)
def test_labels_are_twins_where_they_read_alike(one: str, other: str, same: bool) -> None:
    assert (folded(one) == folded(other)) is same


def test_labels_that_the_library_reads_as_one_are_a_note() -> None:
    data = counted()
    data.loc[data.index[:3], "race"] += " "
    found = tu.inspect(data, **COUNTS)
    assert found["severity"].astype(str).tolist() == ["note"] * 3
    assert found["finding"].str.contains("read as one label").all()


def test_a_constructor_that_stops_is_told_with_its_own_words() -> None:
    data = put("Black", "absent", 10**6)(counted())
    with pytest.raises(tu.InputError) as stopped:
        tu.from_counts(data, **COUNTS)
    first = tu.inspect(data, **COUNTS).iloc[0]
    assert first["finding"] == f"refused: stops here: {stopped.value}"
    assert pd.isna(first["rows"])


# --- whatever the table ---------------------------------------------------------------------------

CONTAINERS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "polars": pl.from_pandas,
    "lazy polars": lambda data: pl.from_pandas(data).lazy(),
    "arrow": pa.Table.from_pandas,
    "duckdb": duckdb.from_df,
    "categories": lambda data: data.astype({"race": "category"}),
}


ALIKE = ("case", "a group that is gone", "many unknown", "a word for what is hidden")


@cache
def planted(name: str) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame]:
    """Plant a fault; give the table, what is told of it, and what is found in it."""
    plant, options, *_ = PLANTED[name]
    told = {key: value for key, value in options.items() if value is not None}
    data = plant(counted())
    return data, told, tu.inspect(data, **told)


@pytest.mark.parametrize(
    ("kind", "name"),
    [  # each kind of two tables, and each table of two kinds at least
        pytest.param(kind, name, marks=() if (i + k) % 4 < 2 else pytest.mark.long)
        for i, kind in enumerate(CONTAINERS)
        for k, name in enumerate(ALIKE)
    ],
)
def test_every_kind_of_frame_is_inspected_alike(kind: str, name: str) -> None:
    data, told, found = planted(name)
    pd.testing.assert_frame_equal(tu.inspect(CONTAINERS[kind](data), **told), found)


def test_a_column_that_is_not_there_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(tu.InputError, match="Did you mean 'pupils'"):
        tu.inspect(counted(), denominator="pupil")


@pytest.mark.parametrize(
    "option",
    [
        {"adjusted": []}, {"per": "100"}, {"level": 95}, {"rounded": "5"}, {"ci": ("a",)},
        {"ci": (None, None)}, {"estimate": {"a": 1}}, {"population": ["pupils"]},
        {"suppressed": pd.NA}, {"suppressed": ""},
    ],
    ids=str,
)  # fmt: skip
def test_an_option_that_no_constructor_takes_is_refused(option: dict[str, Any]) -> None:
    """Also where there is nothing yet to make segments of."""
    with pytest.raises(tu.InputError, match=f"{next(iter(option))}=|column"):
        tu.inspect(counted(), **option)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_table_of_which_nothing_is_said_and_that_holds_no_text_is_clean(kind: str) -> None:
    data = counted().assign(race=1)[["race", "pupils"]]
    assert tu.inspect(CONTAINERS[kind](data)).empty


MESS: list[Any] = [
    None, float("nan"), float("inf"), -3, 7.5, 10**30, "", " ", "<11", "1,234", "12 %", "Total",
    "N/A", True, b"\xff", "\ud800", pd.Timestamp("2020-01-01"), 1 + 2j, [1], {"a": 1},
]  # fmt: skip


def held(seed: int) -> None:
    """Spoil a table at random, ask with some of the options, and look at what comes back."""
    rng = Random(seed)  # noqa: S311
    data = rated(seed).astype(object)
    for _ in range(rng.randint(0, 30)):
        data.iat[rng.randrange(len(data)), rng.randrange(data.shape[1])] = rng.choice(MESS)
    if rng.random() < 0.2:
        data = data.head(rng.choice([0, 1, 2]))
    every = {**COUNTS, **RATES, "suppressed": {"<11": (1, 10)}, "unknown": "N/A", "rounded": 5,
             "se": "rate", "ci": ("rate", "rate"), "cross": 1, "dimension": "county"}  # fmt: skip
    some = {name: every[name] for name in every if rng.random() < 0.5}
    if "dimension" in some and "segments" in some:
        some["by"] = "year"
    else:
        some.pop("dimension", None)
    found = tu.inspect(data, **some)
    assert list(found.columns) == list(INSPECT.names)
    assert (found["rows"].dropna() > 0).all()
    assert found["finding"].str.split(":").str[0].isin([*FINDINGS]).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning:pandas")
def test_a_messy_table_never_stops_the_ledger() -> None:
    for seed in range(25):
        held(seed)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::RuntimeWarning:pandas")
@pytest.mark.parametrize("first", range(25, 4_025, 500))
def test_many_messy_tables_never_stop_the_ledger(first: int) -> None:
    for seed in range(first, first + 500):
        held(seed)
