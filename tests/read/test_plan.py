"""Plans as they come: every row is found again, whatever the table, and bad input is named."""

from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from fuzz.arguments import JUNK
from make import identical, plain, some_of

ROW: dict[str, Any] = {"segment": "Black", "structure": "hours", "strategy": "evenings"}
SHARES = ["administration", "promotion", "consultation", "involvement", "partners"]
STANCES = [
    "Marginalization", "Placation", "Tokenization", "Voice", "Delegated Power",
    "Community Ownership",
]  # fmt: skip


def read(by: Any = (), /, **columns: Any) -> pd.DataFrame:
    """Read one row with some columns."""
    return tu.Plan([{**ROW, **columns}], by=by).table


def one(column: str, value: Any) -> Any:
    """What a column holds of one value."""
    return read(**{column: value})[column][0]


# --- nothing is lost ------------------------------------------------------------------------------

words = st.sampled_from([None, "late bus", "forms", "A; B", "no × sign", "1"])
rows = st.fixed_dictionaries({
    "county": st.sampled_from([None, "Inyo", "Mono"]),
    "indicator": st.sampled_from([None, "in", "out"]),
    "dimension": st.sampled_from([None, "race", "race*sex"]),
    "segment": st.sampled_from(["All", "Black", "Black × Female", "Unknown"]),
    **dict.fromkeys(("structure", "assets", "strategy", "owner", "partner"), words),
    "level": st.sampled_from([None, "service", "program", "system"]),
    "start": st.sampled_from([None, "2026", "2026-07", "2026-07-01"]),
    "end": st.sampled_from([None, "2026", "2027-02", "2028-02-29"]),
    "unit_cost": st.sampled_from([None, 0.0, 12.5, 700.0]),
    "reach": st.sampled_from([None, 0, 7, 2**40]),
    "amount": st.sampled_from([None, 0.0, 99.5]),
    "evidence": st.sampled_from([None, "promising", "NR", "1", "community-defined"]),
    "stance": st.sampled_from([None, *range(6)]),
})  # fmt: skip
tables = st.lists(
    rows, min_size=1, max_size=12, unique_by=lambda row: tuple(row[k] for k in sorted(row))
)


@given(given_rows=tables)
def test_every_row_is_found_again_in_its_order(given_rows: list[dict[str, Any]]) -> None:
    table = tu.Plan(given_rows, by="county").table
    assert len(table) == len(given_rows)
    for name in given_rows[0]:
        found = [None if pd.isna(v) or v == "" else v for v in table[name].astype(object)]
        assert found == [row[name] for row in given_rows], name


MAKERS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "polars": pl.from_pandas,
    "lazy polars": lambda data: pl.from_pandas(data).lazy(),
    "arrow": pa.Table.from_pandas,
    "stream": lambda data: pa.Table.from_pandas(data).to_reader(),
    "categories": lambda data: data.astype({"segment": "category", "level": "category"}),
    "arrow types": lambda data: data.convert_dtypes(dtype_backend="pyarrow"),
    "list of rows": lambda data: data.to_dict("records"),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_kind_of_table_reads_alike(kind: str) -> None:
    data = pd.DataFrame({
        "segment": ["Black", "Latino", "Black"], "level": ["service", None, "System"],
        "start": pd.to_datetime(["2026-07-01", None, "2027-01-01"]), "end": [2027.0, np.nan, 2028],
        "reach": [5, 6, 7], "unit_cost": [1.5, np.nan, 0], "funded": [True, False, None],
        "stance": [0, 5, None], "share_administration": [100.0, 20, None],
        "share_partners": [None, 80.0, None], "evidence": ["1", "promising", None],
    })  # fmt: skip
    made = tu.Plan(data).table
    identical(plain(tu.Plan(MAKERS[kind](data)).table), plain(made))
    assert made["start"].tolist() == ["2026-07-01", "", "2027-01-01"]
    assert made["end"].tolist() == ["2027", "", "2028"]
    assert made["funded"].tolist() == [True, False, pd.NA]
    assert made["share_partners"].tolist()[:2] == [0, 0.8]


def test_a_plan_needs_segments_alone_and_may_have_no_row_yet() -> None:
    table = tu.Plan(pd.DataFrame({"segment": ["Black"]})).table
    assert (table["structure"][0], table["owner"][0]) == ("", "")
    assert table.drop(columns="segment").replace("", pd.NA).isna().all(axis=None)
    for empty in ([], pd.DataFrame({"segment": []}), pl.DataFrame({"segment": []})):
        assert tu.Plan(empty).table.columns.tolist() == table.columns.tolist()
        assert repr(tu.Plan(empty)) == (
            "Plan: 0 rows, 0 segments, 0 structures, 0 strategies, 0 owners"
        )


def test_an_indicator_is_a_column_where_it_is_given_and_by_columns_stand_first() -> None:
    assert "indicator" not in read()
    table = read(["county", "year"], county="Inyo", year=2026, indicator="in")
    assert table.columns[:5].tolist() == ["county", "year", "indicator", "dimension", "segment"]
    assert table["year"].tolist() == [2026]


def test_a_plan_is_frozen_and_its_table_a_copy_and_it_travels() -> None:
    plan = tu.Plan([ROW])
    with pytest.raises(FrozenInstanceError):
        plan._rows = None  # type: ignore[misc, assignment]
    table = plan.table
    table["owner"] = "me"
    assert plan.table["owner"].tolist() == [""]
    for other in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan)):  # noqa: S301
        identical(other.table, plan.table)


# --- words ----------------------------------------------------------------------------------------


def test_levels_are_read_however_they_are_written() -> None:
    assert [one("level", text) for text in ("Service", " PROGRAM ", "system")] == [
        "service", "program", "system",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "scale", "expected"),
    [
        ("Well-Supported", None, ("well-supported", "Title IV-E")),
        ("well supported", None, ("well-supported", "Title IV-E")),
        ("Does not currently meet criteria", "title iv-e",
         ("does not currently meet criteria", "Title IV-E")),
        (1, None, ("1", "CEBC")),
        (3.0, "cebc", ("3", "CEBC")),
        ("nr", None, ("NR", "CEBC")),
        ("elders vouch for it", "community-defined",
         ("elders vouch for it", "community-defined")),
        ("1", "community-defined", ("1", "community-defined")),
        ("Community defined", None, ("community-defined", "community-defined")),
        (None, "CEBC", (None, "CEBC")),
    ],
)  # fmt: skip
def test_a_grade_of_evidence_keeps_its_scale(evidence: Any, scale: Any, expected: Any) -> None:
    row = read(evidence=evidence, evidence_scale=scale).astype(object).iloc[0]
    found = tuple(None if pd.isna(row[n]) else row[n] for n in ("evidence", "evidence_scale"))
    assert found == expected


@pytest.mark.parametrize("number", range(6))
def test_a_stance_is_read_by_number_by_name_and_by_both(number: int) -> None:
    name = STANCES[number]
    for given_as in (number, float(number), str(number), name, name.upper(), f"{number} {name}"):
        assert one("stance", given_as) == number


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2027, "2027"), (2027.0, "2027"), ("2027", "2027"), ("2027-07", "2027-07"),
        ("2027-07-01", "2027-07-01"), ("2027-07-01 00:00:00", "2027-07-01"),
        ("2027-07-01T08:30:00Z", "2027-07-01"), (datetime.date(2027, 7, 1), "2027-07-01"),
        (datetime.datetime(2027, 7, 1, 8), "2027-07-01"),
        (pd.Timestamp("2027-07-01", tz="UTC"), "2027-07-01"),
        (np.datetime64("2027-07-01"), "2027-07-01"), (pd.Period("2027-07", "M"), "2027-07"),
    ],
)  # fmt: skip
def test_dates_are_years_months_or_days_of_any_kind(value: Any, text: str) -> None:
    assert one("start", value) == text
    assert one("end", value) == text


def test_an_end_may_be_the_year_or_the_month_of_its_start() -> None:
    assert read(start="2027-07-01", end=2027)["end"].tolist() == ["2027"]
    assert read(start="2027-02-28", end="2027-02")["end"].tolist() == ["2027-02"]
    with pytest.raises(tu.InputError, match=r"row 0 .* ends in 2027-06, before it starts in 2027-"):
        read(start="2027-07-01", end="2027-06")
    with pytest.raises(tu.InputError, match="ends in 2026, before it starts in 2027"):
        read(start=2027, end=2026)


# --- shares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shares", [(0.7, 0.3), (70, 30), (1, None), (100, None), (0, 1), (0.333, 0.667), (33, 66)]
)
def test_shares_are_of_one_or_in_percent_and_the_rest_is_nothing(shares: Any) -> None:
    table = read(share_administration=shares[0], share_partners=shares[1])
    found = table[[f"share_{part}" for part in SHARES]].iloc[0]
    unit = 100 if sum(part or 0 for part in shares) > 2 else 1
    assert found.tolist() == [shares[0] / unit, 0, 0, 0, (shares[1] or 0) / unit]


# --- bad input ------------------------------------------------------------------------------------

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"stance": 6}, r"'stance' holds '6' in data row 0 .*no stance.*'0 Marginalization'"),
    ({"stance": -1}, "no stance"),
    ({"stance": 2.5}, "no stance"),
    ({"stance": "Voise"}, r"Did you mean '3 Voice'|There are: '0 Marg"),
    ({"share_administration": 70, "share_partners": 60}, r"row 0 .* sum to 130 %"),
    ({"share_administration": 0.7, "share_partners": 0.6}, r"sum to 130 %"),
    ({"share_administration": 0.5}, r"sum to 50 %"),
    ({"share_administration": -20, "share_partners": 120}, "'share_administration' holds -20"),
    ({"share_administration": "70%", "share_partners": "30%"}, "no plain number"),
    ({"reach": -5}, r"'reach' holds -5 in data row 0 .*0 or more"),
    ({"reach": 2.5}, r"'reach' holds 2.5 .* whole number of people"),
    ({"reach": float("inf")}, "'reach' holds inf"),
    ({"reach": "many"}, "'reach' holds 'many'"),
    ({"reach": "<11"}, "no plain number"),
    ({"reach": 2**60}, "2⁵³"),
    ({"unit_cost": -1}, "'unit_cost' holds -1"),
    ({"unit_cost": float("inf")}, "'unit_cost' holds inf"),
    ({"amount": -1}, "'amount' holds -1"),
    ({"funded": "partly"}, r"'funded' holds 'partly' .*yes or no.*'amount'"),
    ({"funded": "no", "amount": 5}, "says funded no and an amount of 5"),
    ({"funded": "yes", "amount": 0}, "says funded yes and an amount of 0"),
    ({"level": "sistem"}, "Did you mean 'system'"),
    ({"evidence": "promissing"}, "Did you mean 'promising'"),
    ({"evidence": 6}, r"'evidence' holds '6' .*no grade of either scale"),
    ({"evidence": "promising", "evidence_scale": "CEBC"},
     r"no grade of CEBC.*'1', '2'.*never converted"),
    ({"evidence": "1", "evidence_scale": "Title IV-E"}, "no grade of Title IV-E"),
    ({"evidence": "1", "evidence_scale": "CEBS"}, "Did you mean 'CEBC'"),
    ({"start": "07/01/2027"}, r"'start' holds '07/01/2027' .*no date.*2027-07-01"),
    ({"end": "2026-27"}, "no date"),
    ({"end": "2027-02-30"}, "no date"),
    ({"end": "2027 spring"}, "no date"),
    ({"start": "soon"}, "no date"),
    ({"start": 44000}, "no date"),
    ({"start": 27}, "no date"),
    ({"start": "0000"}, "no date"),
    ({"segment": None}, r"'segment' is empty in data row 0 .*'All' for everybody"),
    ({"strategey": "x"}, r"no column 'strategey'. Did you mean 'strategy'.*by='strategey'"),
    ({"owner": "\ud800"}, r"'owner' holds .* in data row 0 .*broken text"),
    ({"county": "Inyo"}, r"no column 'county'.*by='county'"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "message"), WRONG)
def test_what_has_no_meaning_is_named_with_its_row(columns: Any, message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        read(**columns)


def test_a_message_names_the_first_row_that_is_wrong() -> None:
    data = pd.DataFrame({"segment": ["A", "B", "C"], "stance": [1, 6, 6], "reach": [1, 2, -3]})
    with pytest.raises(tu.InputError, match="data row 2"):
        tu.Plan(data[["segment", "reach"]])
    with pytest.raises(tu.InputError, match="'6' in data row 1"):
        tu.Plan(data[["segment", "stance"]])
    graded = pd.DataFrame({"segment": ["A", "B"], "evidence": ["1", "best"]})
    with pytest.raises(tu.InputError, match="'best' in data row 1"):
        tu.Plan(graded)


def test_a_row_that_stands_twice_is_named_with_its_twin() -> None:
    other = {**ROW, "owner": "county"}
    with pytest.raises(tu.InputError, match=r"Data rows 0 and 2 .* are the same"):
        tu.Plan([ROW, other, ROW])
    assert len(tu.Plan([ROW, other]).table) == 2
    places = [{**ROW, "county": place} for place in ("Inyo", "Mono", None)]
    assert len(tu.Plan(places, by="county").table) == 3


@pytest.mark.parametrize(
    ("data", "by", "message"),
    [
        (pd.DataFrame({"race": ["A"]}), (), "no column 'segment'"),
        (pd.DataFrame({"segment": ["A"]}), "county", "no column 'county'"),
        (pd.DataFrame({"segment": ["A"], "owner": ["x"]}), "owner", "a column of every plan"),
        (pd.DataFrame({"segment": ["A"]}), 5, "by=5 must be a column or a list"),
        (pd.DataFrame({"group": ["A"]}), (), r"columns=\{'Group': 'segment'\}"),
        (pd.DataFrame({"Segment": ["A"], "segment ": ["B"]}), (), "both read as 'segment'"),
        (pd.DataFrame({"segment": ["A"], 5: [1]}), (), "no column 5"),
        ("plan.xlsx", (), r"Expected a data frame.*tu.read_table\('plan.xlsx'\)"),
        (None, (), "Expected a data frame"),
        ([1, 2], (), "Expected a data frame"),
    ],
)
def test_what_is_no_plan_is_refused(data: Any, by: Any, message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        tu.Plan(data, by=by)


def test_headings_are_known_however_they_are_written() -> None:
    heads = {"Segment": "A", "Unit cost": 5, "REACH": 3, "Share-administration": 60,
             "share partners": 40}  # fmt: skip
    row = tu.Plan([heads]).table.iloc[0]
    assert (row["segment"], row["unit_cost"], row["reach"]) == ("A", 5, 3)
    assert (row["share_administration"], row["share_partners"]) == (0.6, 0.4)
    with pytest.raises(tu.InputError, match="'unit_cost' holds -5 in data row 0"):
        tu.Plan([{**heads, "Unit cost": -5}])


def test_a_cost_that_is_not_known_stays_unknown() -> None:
    assert np.isnan(one("unit_cost", float("nan")))
    assert np.isnan(one("unit_cost", None))
    assert one("unit_cost", 0) == 0
    assert one("reach", float("nan")) is pd.NA


@pytest.mark.parametrize(
    "column",
    some_of(("data", "by", "segment", "structure", "level", "start", "reach", "funded", "evidence",
             "stance", "share_partners"),
            "data", "by", "segment", "structure", "start", "reach", "stance", "share_partners"),
)  # fmt: skip
def test_whatever_stands_in_a_plan_is_read_or_refused_in_words(column: str) -> None:
    refused = 0
    for junk in JUNK:
        try:
            if column == "data":
                tu.Plan(junk)
            elif column == "by":
                tu.Plan([ROW], by=junk)
            else:
                repr(tu.Plan([ROW, {**ROW, "owner": "x", column: junk}]).table[column].tolist())
        except tu.InputError:
            refused += 1
    assert refused > (3 if column in ("segment", "structure") else 10)


# --- columns that are called otherwise ------------------------------------------------------------

OTHERWISE = pd.DataFrame(
    {"Group": ["Black", "Latino"], "Lead agency": ["Health", None], "Place": ["Inyo", "Mono"],
     "strategy": ["late bus", "liaisons"], "Children": [90, 260]}
)  # fmt: skip
NAMES = {"Group": "segment", "Lead agency": "owner", "Place": "county"}


def test_columns_that_are_called_otherwise_are_the_plan_s() -> None:
    renamed = OTHERWISE.rename(columns=NAMES).drop(columns="Children")
    expected = tu.Plan(renamed, by="county").table
    pd.testing.assert_frame_equal(tu.Plan(OTHERWISE, by="county", columns=NAMES).table, expected)
    assert expected["owner"].tolist() == ["Health", ""]
    rows = OTHERWISE.to_dict("records")
    pd.testing.assert_frame_equal(tu.Plan(rows, by="county", columns=NAMES).table, expected)


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("barrier", "structure"), ("Barriers", "structure"), ("Lead agency", "owner"),
        ("budget", "amount"), ("cost", "unit_cost"), ("Start date", "start"), ("Asset", "assets"),
        ("Strateggy", "strategy"), ("unit-costs", "unit_cost"),
    ],
)  # fmt: skip
def test_what_other_plans_call_a_column_is_known_for_a_hint(heading: str, meant: str) -> None:
    """Nothing is taken for another column without being told to."""
    rows = pd.DataFrame({"segment": ["A"], heading: ["2027"]})
    with pytest.raises(tu.InputError) as told:
        tu.Plan(rows)
    assert f"Did you mean {meant!r}?" in str(told.value)
    assert f"columns={{{heading!r}: {meant!r}}}" in str(told.value)
    assert tu.Plan(rows, columns={heading: meant}).table[meant].notna().all()


@pytest.mark.parametrize("heading", ["xyz", "county", "2024"])
def test_a_heading_like_no_other_has_no_hint(heading: str) -> None:
    with pytest.raises(tu.InputError, match="A plan has no column") as told:
        tu.Plan(pd.DataFrame({"segment": ["A"], heading: ["1"]}))
    assert "Did you mean" not in str(told.value)
    assert f"by={heading!r}" in str(told.value)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"Gruop": "segment"}, "no column 'Gruop'.*Did you mean 'Group'"),
        ({"Group": "segmnt"}, "calls 'Group' 'segmnt', .*Did you mean 'segment'"),
        ({"Group": "segment", "Place": "segment"}, "calls both 'Group' and 'Place' 'segment'"),
        ({"Lead agency": "owner"}, "no column 'segment'"),
        ({"Group": 5}, "must say what the table's columns are in a plan"),
        (["Group"], "must say what the table's columns are in a plan"),
        (None, "A plan has no column 'Group'.*columns={'Group': 'segment'}"),
    ],
)
def test_names_that_are_none_are_errors(columns: Any, message: str) -> None:
    data = OTHERWISE if columns is not None else OTHERWISE.assign(segment="A")
    with pytest.raises(tu.InputError, match=f"(?s){message}"):
        tu.Plan(data, columns=columns)
