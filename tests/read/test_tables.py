"""Files as agencies publish them: every lesson of the real ones, and every change on record."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

import targeted_universalism as tu
from targeted_universalism.read.changes import LEFT_OUT, RULES
from targeted_universalism.segments.columns import READING

SLOW = [HealthCheck.function_scoped_fixture]
HIDDEN = {"<11": (1, 10)}


def read(tmp_path: Path, content: str | bytes, name: str = "a.csv", **said: Any) -> Any:
    """Write a file, and read it."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tu.read_table(path, **said)


def refused(tmp_path: Path, content: str | bytes, name: str = "a.csv", **said: Any) -> str:
    with pytest.raises(tu.InputError) as error:
        read(tmp_path, content, name, **said)
    return str(error.value)


def noted(log: pd.DataFrame, rule: str) -> list[tuple[Any, ...]]:
    """List row, column, text before and text after of every change by a rule."""
    found = log[log["rule"] == rule]
    columns = ["row", "column", "was", "became"]
    return [tuple(None if v is pd.NA else v for v in row) for row in found[columns].to_numpy()]


def left_out(log: pd.DataFrame) -> list[int]:
    return sorted(log[log["rule"].astype(str).str.startswith(LEFT_OUT)]["row"])


# --- the lessons of ../shared/data/CATALOG.md, by number ------------------------------------------


def test_1_none_and_na_are_labels_until_somebody_says_otherwise(tmp_path: Path) -> None:
    text = "race,reason,n\nNone,NA,5\nN/A,null,7\nnan,,9\n"
    frame, _ = read(tmp_path, text)
    assert frame["race"].tolist() == ["None", "N/A", "nan"]
    assert frame["reason"].tolist() == ["NA", "null", ""]
    assert frame["n"].tolist() == [5, 7, 9]
    frame, log = read(tmp_path, text, missing={"reason": ["NA", "null"]})
    assert frame["race"].tolist() == ["None", "N/A", "nan"]
    assert frame["reason"].tolist() == [None, None, ""]
    assert noted(log, "missing word") == [(2, "reason", "NA", ""), (3, "reason", "null", "")]


@pytest.mark.parametrize("word", [".", "*", "Suppressed", "Data not available", "M", "S", "<11"])
def test_2_a_suppressed_word_is_a_hidden_cell_and_never_0(tmp_path: Path, word: str) -> None:
    text = f"race,x,n\nA,{word},40\nB,30,60\n"
    frame, log = read(tmp_path, text, suppressed={word: None})
    assert frame["x"].tolist() == [word, 30]
    assert noted(log, "suppressed word") == [(2, "x", word, word)]
    s = tu.from_counts(
        frame, numerator="x", denominator="n", segments="race", suppressed={word: None}
    )
    table = tu.assess(s, tu.Goal.at_least(0.9)).table.set_index("segment")
    assert table.loc["A", "status"] == "suppressed"
    assert np.isnan(table.loc["A", "rate"])
    undeclared, log = read(tmp_path, text)
    assert undeclared["x"].tolist() == [word, "30"]
    assert noted(log, "text: other words") == [(2, "x", word, word)]
    with pytest.raises(tu.InputError, match="declare"):
        tu.from_counts(undeclared, numerator="x", denominator="n", segments="race")


def test_2_a_zero_that_stands_for_a_hidden_cell_is_one_where_it_is_declared(
    tmp_path: Path,
) -> None:
    hidden = {"n": {0: (1, 10)}}
    frame, log = read(tmp_path, "race,x,n\nA,0,0\nB,30,60\n", suppressed=hidden)
    assert frame["n"].tolist() == ["0 (hidden)", 60]  # nobody reckons with it by mistake
    assert noted(log, "suppressed word") == [(2, "n", "0", "0 (hidden)")]
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race", suppressed=hidden)
    table = tu.assess(s, tu.Goal.at_least(0.9)).table.set_index("segment")
    assert table.loc["A", "status"] == "suppressed"


def test_3_zero_of_zero_is_no_rate_though_the_file_prints_0_percent(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "race,x,n,rate\nA,0,0,0.0%\nB,30,60,50.0%\n")
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race")
    table = tu.assess(s, tu.Goal.at_least(0.9)).table.set_index("segment")
    assert table.loc["A", "status"] == "no data"
    assert np.isnan(table.loc["A", "rate"])


def test_4_scales_that_mix_are_asked_about_and_declared(tmp_path: Path) -> None:
    text = "race,Rate (%),Done (Rate\nA,0.885,62.4\nB,0.038,13.9\n"
    message = refused(tmp_path, text)
    assert "'Rate (%)' is called a percentage, and its largest number is 0.885" in message
    assert "percent={'Rate (%)': 100}" in message
    frame, log = read(tmp_path, text, percent={"Rate (%)": 1})
    assert frame["Rate (%)"].tolist() == [88.5, 3.8]  # exact, as typed
    assert frame["Done (Rate"].tolist() == [62.4, 13.9]
    assert noted(log, "percent of proportion") == [
        (2, "Rate (%)", "0.885", "88.5"), (3, "Rate (%)", "0.038", "3.8"),
    ]  # fmt: skip
    assert read(tmp_path, text, percent="Rate (%)").frame["Rate (%)"].tolist() == [0.885, 0.038]
    assert "above 1" in refused(tmp_path, text, percent={"Rate (%)": 1, "Done (Rate": 1})


def test_4_signs_on_some_numbers_are_asked_about(tmp_path: Path) -> None:
    text = "race,rate\nA,45%\nB,0.125\nC,\n"
    assert "'45%' and '0.125'" in refused(tmp_path, text)
    assert read(tmp_path, text, percent={"rate": "signs"}).frame["rate"].tolist()[:2] == [45, 12.5]
    assert read(tmp_path, text, percent={"rate": 100}).frame["rate"].tolist()[:2] == [45, 0.125]
    assert "with a percent sign" in refused(tmp_path, text, percent={"rate": 1})
    frame, log = read(tmp_path, "race,rate\nA,45 %\nB,7%\n")
    assert frame["rate"].tolist() == [45, 7]
    assert noted(log, "percent sign") == [(2, "rate", "45 %", "45"), (3, "rate", "7%", "7")]


def test_5_totals_stay_rows_for_the_constructor(tmp_path: Path) -> None:
    text = "group,x,n\nTA,90,100\nA,40,50\nB,50,50\n"
    frame, _ = read(tmp_path, text)
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="group", total="TA")
    blank, _ = read(tmp_path, text.replace("TA", ""))
    again = tu.from_counts(blank, numerator="x", denominator="n", segments="group", total="")
    goal = tu.Goal.at_least(0.95)
    pd.testing.assert_frame_equal(tu.assess(s, goal).table, tu.assess(again, goal).table)


def test_6_stacked_partitions_are_read_as_they_are(tmp_path: Path) -> None:
    text = "code,x,n\nRA,40,50\nRB,50,50\nGF,30,40\nGM,60,60\n"
    frame, _ = read(tmp_path, text)
    named = {"RA": "race", "RB": "race", "GF": "sex", "GM": "sex"}
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="code", dimension=named)
    table = tu.assess(s, tu.Goal.at_least(0.95)).table
    assert table["dimension"].astype(str).tolist() == ["total", "race", "race", "sex", "sex"]
    assert table["population"].tolist()[0] == 100


def test_7_unknown_is_shown_and_never_best(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "race,x,n\nNot reported,50,50\nA,30,50\nB,40,50\n")
    s = tu.from_counts(
        frame, numerator="x", denominator="n", segments="race", unknown="Not reported"
    )
    a = tu.assess(s, tu.Goal.at_least(0.95))
    assert "Unknown" in a.table["segment"].astype(str).tolist()
    assert set(a.disparities(minimum=1)["reference"].dropna().astype(str)) == {"B"}


def test_8_codes_with_leading_zeros_stay_text_and_others_where_said(tmp_path: Path) -> None:
    text = "fips,state,county,n\n06001,6,1,5\n06003,6,3,7\n"
    frame, log = read(tmp_path, text, text="county")
    assert frame["fips"].tolist() == ["06001", "06003"]
    assert frame["county"].tolist() == ["1", "3"]
    assert frame["state"].tolist() == [6, 6]
    assert noted(log, "text: leading zeros") == [(2, "fips", "06001", "06001")]
    assert read(tmp_path, "a,n\n0.5,5\n0,7\n").frame["a"].tolist() == [0.5, 0]


def test_9_the_total_of_hidden_cells_is_a_range(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "race,x,n\nA,<11,40\nB,30,60\n", suppressed=HIDDEN)
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race", suppressed=HIDDEN)
    total = tu.assess(s, tu.Goal.at_least(0.9)).table.iloc[0]
    assert total["gap_low"] == pytest.approx(0.9 - 40 / 100)
    assert total["gap_high"] == pytest.approx(0.9 - 31 / 100)


def test_10_a_total_is_of_counts_and_never_an_average_of_rates(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, 'race,x,n\nA,10,"1,000"\nB,90,100\n')
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race")
    assert tu.assess(s, tu.Goal.at_least(0.9)).table["rate"].iloc[0] == 100 / 1100


def test_11_a_rate_without_people_has_a_gap_and_no_people_needed(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "race,rank,se\nA,4.5,0.2\nB,6.25,0.1\n")
    s = tu.from_estimates(frame, estimate="rank", se="se", segments="race", kind="mean")
    table = tu.assess(s, tu.Goal.at_least(7)).table.set_index("segment")
    assert table.loc["B", "gap"] == 0.75
    assert table["needed"].isna().all()
    assert table.loc["B", "reason"] != ""


def test_12_people_needed_are_whole_and_exact(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "race,x,n\nA,0,10\nB,9,10\n")  # 0.9 · 10 is 9, not 9.000000000000002
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race")
    table = tu.assess(s, tu.Goal.at_least(0.9)).table.set_index("segment")
    assert table.loc[["A", "B"], "needed"].tolist() == [9, 0]


def test_13_a_ratio_to_zero_is_missing_and_not_infinite(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "race,x,n\nA,0,50\nB,9,50\n")
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race")
    ratios = tu.assess(s, tu.Goal.at_most(0.1)).disparities("A")["ratio"]
    assert not np.isinf(ratios.astype(float)).any()


def test_14_a_tiny_group_is_not_best(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "race,x,n\nA,8,8\nB,900,1000\nC,500,1000\n")
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race")
    found = tu.assess(s, tu.Goal.at_least(0.95)).disparities()
    assert set(found["reference"].dropna().astype(str)) == {"B"}


def test_15_codes_are_categories_and_order_is_declared(tmp_path: Path) -> None:
    frame, _ = read(
        tmp_path, "age_cat,race,x,n\n25 - 45,1,8,9\nGreater than 45,2,8,9\nLess than 25,1,8,9\n"
    )
    assert frame["race"].tolist() == [1, 2, 1]
    order = ["Less than 25", "25 - 45", "Greater than 45"]
    s = tu.from_counts(
        frame, numerator="x", denominator="n", segments="age_cat", order={"age_cat": order}
    )
    assert [*s.dimensions["age_cat"]] == order
    s = tu.from_counts(frame.iloc[:2], numerator="x", denominator="n", segments="race")
    assert [*s.dimensions["race"]] == ["1", "2"]


def test_16_footers_marks_unnamed_and_doubled_columns_and_years_with_notes(
    tmp_path: Path,
) -> None:
    text = (
        '\ufeffReport of 2022,,,,\n\nyear,n,n,,\n2019,"1,204",5,,\n'
        "2020 (COVID-19 Pandemic),900,6,,\n"
        '2021*,"2,000",7,,\n\n* provisional\nSource: us\n'
    )
    frame, log = read(tmp_path, text)
    assert frame.to_dict("list") == {
        "year": [2019, 2020, 2021], "n": [1204, 900, 2000], "n (2)": [5, 6, 7],
    }  # fmt: skip
    assert noted(log, "code page") == [(None, "", "", "utf-8-sig")]
    assert noted(log, "left out: title") == [(1, "", "Report of 2022", "")]
    assert noted(log, "left out: heading") == [(3, "", "year | n | n", "")]
    assert noted(log, "left out: note") == [(8, "", "* provisional", ""), (9, "", "Source: us", "")]
    assert noted(log, "column named twice") == [(3, "n (2)", "n", "n (2)")]
    assert [column for _, column, *_ in noted(log, "column left out")] == ["column 4", "column 5"]
    assert noted(log, "note split off") == [
        (5, "year", "2020 (COVID-19 Pandemic)", "2020"), (6, "year", "2021*", "2021"),
    ]  # fmt: skip
    assert noted(log, "thousands comma") == [(4, "n", "1,204", "1204"), (6, "n", "2,000", "2000")]
    assert left_out(log) == [1, 2, 3, 7, 8, 9]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (["2019-20", "2020-21"], ["2019-20", "2020-21"]),
        (["2015.0", "2016.0"], [2015.0, 2016.0]),
        (["2019-20", "2020-21 (revised)"], ["2019-20", "2020-21"]),
    ],
)
def test_16_years_in_every_form(tmp_path: Path, written: list[str], read_as: list[Any]) -> None:
    rows = "".join(f"{year},{race},{x},9\n" for year in written for race, x in (("A", 3), ("B", 4)))
    frame, _ = read(tmp_path, f"year,race,x,n\n{rows}")
    assert frame["year"].tolist() == [year for year in read_as for _ in "AB"]
    s = tu.from_counts(frame, numerator="x", denominator="n", segments="race", by="year")
    strata = tu.assess(s, tu.Goal.at_least(0.9)).table["year"].astype(str).unique()
    assert [text.removesuffix(".0") for text in strata] == [
        str(y).removesuffix(".0") for y in read_as
    ]


def test_17_repeated_values_are_kept_row_by_row(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "county,race,x,n\nA,B,5,9\nA,C,5,9\nB,B,5,9\nB,C,5,9\n")
    assert len(frame) == 4
    assert frame["x"].tolist() == [5] * 4


def test_18_a_version_beside_the_figures_is_a_column_like_any_other(tmp_path: Path) -> None:
    frame, _ = read(
        tmp_path, "version,race,x,n\n2021-07 corrected,A,5,9\n2021-07 corrected,B,5,9\n"
    )
    assert frame["version"].tolist() == ["2021-07 corrected"] * 2


# --- text first -----------------------------------------------------------------------------------


def test_numbers_are_those_that_are_written_and_nothing_else(tmp_path: Path) -> None:
    for column, values in {
        "12,5": ["12,5", "3,4"],  # lists of codes, in a file of commas
        "1E5": ["1E5", "2E7"],  # codes of schools
        "١٢": ["١٢", "٣"],
        "$5": ["$5", "$6"],
        "(5)": ["(5)", "(6)"],
        "inf": ["inf", "nan"],
        "0x1": ["0x1", "0x2"],
        "1_000": ["1_000", "2_000"],
        "99999999999999999999": ["99999999999999999999", "1"],
        "1e+999": ["1e+999", "1"],
        "5 6": ["5 6", "7"],
    }.items():
        rows = "".join(f'"{value}",x\n' for value in values)
        frame, _ = read(tmp_path, f"a,b\n{rows}")
        assert frame["a"].tolist() == values, column
    frame, _ = read(tmp_path, "a,b,c,d\n+5,-0.5,1e-05,9007199254740993\n 6 ,.5,2.5E+01,-1\n")
    assert frame["a"].tolist() == [5, 6]
    assert frame["b"].tolist() == [-0.5, 0.5]
    assert frame["c"].tolist() == [1e-05, 25.0]
    assert frame["d"].tolist() == [9007199254740993, -1]  # a float holds no such number


def test_gaps_in_whole_numbers_stay_gaps(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "a,n\nx,5\ny,\nz,-999\n", missing=-999)
    assert str(frame["n"].dtype) == "Int64"
    assert frame["n"].isna().tolist() == [False, True, True]
    assert noted(log, "missing word") == [(3, "n", "", ""), (4, "n", "-999", "")]
    frame, _ = read(tmp_path, "code,x\n00,-999.00\n0,5\n01,-999.5\n", missing=["-999", 0])
    assert frame["code"].tolist() == ["00", None, "01"]  # codes are no numbers
    assert frame["x"].isna().tolist() == [True, False, False]


def test_commas_of_a_file_of_semicolons_are_proved_or_asked_about(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "a;rate;n\nx;0,5;1,234,567\ny;12,75;900\n")
    assert frame["rate"].tolist() == [0.5, 12.75]
    assert frame["n"].tolist() == [1234567, 900]
    assert noted(log, "separator") == [(None, "", "", "semicolons")]
    assert noted(log, "decimal comma") == [(2, "rate", "0,5", "0.5"), (3, "rate", "12,75", "12.75")]
    for cell in ("1,200", "1.200", "0,5\ny;1,234,567"):
        assert "may be a decimal point" in refused(tmp_path, f"a;n\nx;{cell}\n")
    assert read(tmp_path, "a;n\nx;1,200\n", text="n").frame["n"].tolist() == ["1,200"]
    assert read(tmp_path, "a;n\nx;1.25\n").frame["n"].tolist() == [1.25]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("page", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_every_separator_code_page_and_line(
    tmp_path: Path, separator: str, page: str, line: str
) -> None:
    rows = [["año", "raza", "n"], ["2019-20", "Café, «x»; y", "5"], ["2020-21", 'a "b"', "7"]]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line).writerows(rows)
    frame, log = read(tmp_path, text.getvalue().encode(page))
    assert [list(frame.columns), *frame.astype(str).to_numpy().tolist()] == rows
    assert len(noted(log, "code page")) == (page != "utf-8")
    assert len(noted(log, "separator")) == (separator != ",")


def test_a_separator_that_could_be_two_is_asked_about(tmp_path: Path) -> None:
    assert "commas or semicolons" in refused(tmp_path, "a;x,n\nb;y,5\n")
    assert read(tmp_path, "a,x;y,n\nb,c;d,5\n").frame.columns.tolist() == ["a", "x;y", "n"]


# --- where the table begins and ends --------------------------------------------------------------


def test_names_in_two_lines_are_joined_whichever_holds_the_years(tmp_path: Path) -> None:
    measures_below = "county,2019,,2020,\n,n,rate,n,rate\nA,5,1.5,7,2.5\n"
    years_below = ",n,,rate,\ncounty,2019,2020,2019,2020\nA,5,7,1.5,2.5\n"
    years_alone = "county,n,,rate,\n,2019,2020,2019,2020\nA,5,7,1.5,2.5\n"
    doubled = "county,2019,2019,2020,2020\n,n,rate,n,rate\nA,5,1.5,7,2.5\n"
    wide = {"county": ["A"] * 2, "year": [2019, 2020], "n": [5, 7], "rate": [1.5, 2.5]}
    for text, pattern in (
        (measures_below, "{year}_{measure}"), (doubled, "{year}_{measure}"),
        (years_alone, "{measure}_{year}"), (years_below, "{measure}_{year}"),
    ):  # fmt: skip
        frame, log = read(tmp_path, text, wide=pattern)
        assert frame.to_dict("list") == wide
        assert left_out(log) == [1, 2]
        assert len(noted(log, "name in several lines")) == 4


@pytest.mark.parametrize(
    "text",
    [
        ",race,n\na,Black,5\nb,White,6\n",  # an index without a name
        "race,,n\nBlack,x,5\nWhite,y,6\n",  # a name that is not there
        "race,n,n\nBlack,5,6\nWhite,7,8\n",  # a name that is there twice
        "race,n,n\nNA,*,*\nWhite,7,8\n",
        "race,n,\nBlack,a,b\nWhite,c,d\n",
        "race,n,\nBlack,Suppressed,x\nWhite,5,y\n",
    ],
)
def test_a_row_of_data_is_never_taken_for_names(tmp_path: Path, text: str) -> None:
    frame, _ = read(tmp_path, text)
    assert len(frame) == 2


def test_a_label_without_numbers_is_a_row_and_a_note_is_none(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "county,n,m\nA,5,6\nMono,,\n")
    assert frame["county"].tolist() == ["A", "Mono"]
    frame, log = read(tmp_path, "county,n,m\nA,5,6\n\nMono,,\n")
    assert frame["county"].tolist() == ["A"]
    assert noted(log, "left out: note") == [(4, "", "Mono", "")]
    frame, log = read(tmp_path, "county,n,m\nA,5,6\nNote: children, all ages\n")
    assert noted(log, "left out: note") == [(3, "", "Note: children | all ages", "")]


def test_blank_rows_and_headings_again_are_left_out(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "a,n\nx,5\n,\na,n\ny,6\n\n")
    assert frame.to_dict("list") == {"a": ["x", "y"], "n": [5, 6]}
    assert noted(log, "left out: heading again") == [(4, "", "a | n", "")]
    assert left_out(log) == [1, 3, 4, 6]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no table"),
        ("\n\n", "holds no table"),
        ("a,b\n", "no row below its heading"),
        ("a,b\n1,2\n3,4,5\n", r"Row 3 of .* has 3 cells"),
        ("a,b,c\n1,2,3\n4,5\n6,7,8\n", r"Row 3 of .* has 2 cells"),
        ("5,6\n7,8\n", "should name the columns, and holds the number '5'"),
        ("race,\nBlack,5\nWhite,6\n", "should name the columns"),
        ('a,b\n"x,1\n', "quotation mark stands alone"),
        ('a,b\n"x"y,1\n', "quotation mark stands alone"),
        ("County:,Inyo,,,\nrace,n,m,o,p\nA,5,6,7,8\n", "names 2 of 5 columns"),
        (b"a,b\n\x00\x01,\x02\n", "is no text"),
        (b"a,b\n\x81\x8d,5\n", "is no text"),
        (b"\xff\xfea", "is no text"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        read(tmp_path, text)


# --- what is declared -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"missing": [None]}, "takes words and numbers"),
        ({"missing": {"m": "x"}}, "missing= names 'm', which is no column. There are: 'a', 'n'"),
        ({"missing": "*", "suppressed": {"*": None}}, "is in missing= and in suppressed="),
        ({"suppressed": {"m": {"*": None}}}, "suppressed= names 'm'"),
        ({"suppressed": {"*": (5, 1)}}, "must be"),
        ({"percent": "m"}, "percent= names 'm'"),
        ({"percent": {"n": 1000}}, "must say of a column 100"),
        ({"text": "m"}, "text= names 'm'"),
        ({"sheet": 0}, "is for workbooks"),
        ({"preset": "cde"}, "is not known. Expected one of: 'cde-acgr'"),
        ({"wide": "n"}, "must be a name with parts in braces"),
        ({"wide": "{measure}"}, "must be a name with parts in braces"),
        ({"wide": "{year}"}, "No column fits"),
        ({"wide": "{measure:n}{a:}"}, "makes a column 'a', and there is another"),
    ],
)
def test_what_is_declared_wrongly_is_refused(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(tu.InputError, match=said):
        read(tmp_path, "a,n\nx,5\n", **options)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    for path, said in (
        (tmp_path, "is a folder"), (tmp_path / "no.csv", "There is no file"), (5, "path of a file"),
    ):  # fmt: skip
        with pytest.raises(tu.InputError, match=said):
            tu.read_table(path)  # type: ignore[arg-type]
    assert "ends in '.pdf'" in refused(tmp_path, "a,b\n", "a.pdf")


def test_two_wide_columns_that_say_the_same_are_refused(tmp_path: Path) -> None:
    text = "a,n_2019,n _2019\nx,5,6\n"
    assert "'n_2019' and 'n _2019' say the same" in refused(tmp_path, text, wide="{measure}_{year}")


def test_a_wide_cell_that_is_not_there_is_missing(tmp_path: Path) -> None:
    frame, log = read(
        tmp_path, "a,n_2019,m_2019,n_2020\nx,1,2,3\ny,4,5,6\n", wide="{measure}_{year}"
    )
    assert frame["year"].tolist() == [2019, 2020] * 2
    assert frame["n"].tolist() == [1, 3, 4, 6]
    assert frame["m"].isna().tolist() == [False, True] * 2
    assert [was for _, _, was, _ in noted(log, "wide to long")] == ["n_2019", "m_2019", "n_2020"]


# --- workbooks and stored files -------------------------------------------------------------------


@pytest.fixture
def calamine() -> object:
    """Return the reader of workbooks, or skip."""
    return pytest.importorskip("python_calamine")


def book(*sheets: list[list[Any]]) -> bytes:
    made, held = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for i, rows in enumerate(sheets):
        sheet = made.create_sheet(f"Table {i + 1}")
        for row in rows:
            sheet.append(row)
    made.save(held)
    return held.getvalue()


@pytest.mark.usefixtures("calamine")
def test_a_workbook_is_read_as_the_same_table(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Report"], [], ["fips", "n", "Percent", "note"], ["06001", 1200, 45.25, None],
        ["06003", "*", 3, "x"], [], ["Source: x, y"],
    ]  # fmt: skip
    frame, log = read(tmp_path, book(rows), "a.xlsx", suppressed={"*": None})
    assert frame.to_dict("list") == {
        "fips": ["06001", "06003"], "n": [1200, "*"], "Percent": [45.25, 3.0], "note": ["", "x"],
    }  # fmt: skip
    assert noted(log, "sheet") == [(None, "", "", "Table 1")]
    assert left_out(log) == [1, 2, 3, 6, 7]


@pytest.mark.usefixtures("calamine")
def test_a_percentage_of_excel_is_a_proportion_and_asked_about(tmp_path: Path) -> None:
    assert "is called a percentage" in refused(
        tmp_path, book([["a", "Pct %"], ["x", 0.452]]), "a.xlsx"
    )


@pytest.mark.usefixtures("calamine")
def test_sheets_are_chosen_and_never_guessed(tmp_path: Path) -> None:
    two = book([["a"], [1]], [["b"], [2]])
    assert "several sheets: name one, as in sheet='Table 1'" in refused(tmp_path, two, "a.xlsx")
    assert read(tmp_path, two, "a.xlsx", sheet="Table 2").frame["b"].tolist() == [2]
    assert read(tmp_path, two, "a.xlsx", sheet=0).frame["a"].tolist() == [1]
    assert "from 0 to 1" in refused(tmp_path, two, "a.xlsx", sheet=2)
    assert "no sheet 'Table'" in refused(tmp_path, two, "a.xlsx", sheet="Table")
    assert "No sheet" in refused(tmp_path, book([]), "a.xlsx")


@pytest.mark.usefixtures("calamine")
def test_cells_that_excel_did_not_compute_are_on_record(tmp_path: Path) -> None:
    _, log = read(tmp_path, book([["a", "f"], [1, "=1+1"], [2, 3]]), "a.xlsx")
    assert noted(log, "formula without value") == [(2, "", "B2 of sheet1", "")]


def test_without_calamine_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = book([["a"], [1]])
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    assert "targeted-universalism[excel]" in refused(tmp_path, made, "a.xlsx")


def test_a_parquet_file_keeps_its_types_and_declared_words(tmp_path: Path) -> None:
    day = pd.Timestamp("2020-01-02")
    given = pd.DataFrame({
        "race": ["A", "NA", None], "n": ["5", "*", "1,200"], "x": [1.5, np.nan, -999.0],
        "big": [2**53 + 1, 1, 2], "day": [day] * 3, "flag": [True, False, True],
    })  # fmt: skip
    given.to_parquet(tmp_path / "a.parquet")
    frame, log = tu.read_table(tmp_path / "a.parquet", missing=-999, suppressed={"*": None})
    assert frame["race"].tolist() == ["A", "NA", ""]
    assert frame["n"].tolist() == [5, "*", 1200]
    assert frame["x"].isna().tolist() == [False, True, True]
    assert frame["big"].tolist() == [2**53 + 1, 1, 2]
    assert frame["day"].tolist() == [day] * 3
    assert frame["flag"].tolist() == [True, False, True]
    assert (2, "n", "*", "*") in noted(log, "suppressed word")


def test_a_parquet_file_that_is_none_or_holds_lists_is_refused(tmp_path: Path) -> None:
    assert "cannot be read as a Parquet file" in refused(tmp_path, "a,b\n", "a.parquet")
    pd.DataFrame({"a": [[1, 2]]}).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(tu.InputError, match="'a' holds list"):
        tu.read_table(tmp_path / "b.parquet")


# --- laws -----------------------------------------------------------------------------------------

words = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=0, max_size=8
)
cells = st.one_of(words, st.sampled_from(["5", "1,204", "45%", "01", "NA", "*", "2020 (note)", ""]))


@settings(suppress_health_check=SLOW, deadline=None)
@given(st.data())
def test_rows_and_texts_are_all_there(tmp_path: Path, data: st.DataObject) -> None:
    """Rows of the file are rows of the frame and rows left out; texts are unchanged."""
    width = data.draw(st.integers(2, 5))
    names = [f"name {i}" for i in range(width)]
    body = data.draw(
        st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=9)
    )
    notes = data.draw(st.lists(st.just(["Source: us"]), max_size=2))
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([names, *body, *notes])
    try:
        frame, log = tu.read_table(path, text=names)
    except tu.InputError as error:
        assert "no row below" in str(error) or "may be separated" in str(error)  # noqa: PT017
        return
    out = left_out(log)
    assert len(frame) + len(out) == 1 + len(body) + len(notes)
    assert len({*out}) == len(out)
    kept = [row for i, row in enumerate(body, start=2) if i not in out]
    there = [i for i, name in enumerate(names) if name in frame]
    assert frame.to_numpy().tolist() == [[row[i] for i in there] for row in kept]


@settings(suppress_health_check=SLOW, deadline=None)
@given(st.lists(st.sampled_from(["5", "1,204", "<11", "", "N/A", "12.5"]), min_size=1, max_size=12))
def test_the_log_counts_every_change_cell_by_cell(tmp_path: Path, column: list[str]) -> None:
    rows = "".join(f'x,"{cell}"\n' for cell in column)
    frame, log = read(tmp_path, f"a,n\n{rows}", missing="N/A", suppressed=HIDDEN)
    numbers = any(cell in ("5", "1,204", "12.5") for cell in column)
    nothing = ["", "N/A"] if numbers else ["N/A"]
    for rule, said in (
        ("thousands comma", ["1,204"]), ("suppressed word", ["<11"]), ("missing word", nothing),
    ):  # fmt: skip
        at = [i for i, cell in enumerate(column, start=2) if cell in said]
        assert sorted(row for row, *_ in noted(log, rule)) == at
    value = {"5": 5, "1,204": 1204, "12.5": 12.5, "<11": "<11"}
    assert [v for v in frame["n"] if not pd.isna(v) and v != ""] == [
        value[cell] for cell in column if cell in value
    ]


def test_the_log_has_its_columns_and_rules(tmp_path: Path) -> None:
    _, log = read(tmp_path, "a,n\nx,5\n")
    assert tuple(log.columns) == READING.names
    assert [*log["rule"].cat.categories] == [*RULES]
    assert str(log["row"].dtype) == "Int64"


# --- real files, each in ten lines or fewer -------------------------------------------------------


def test_real_california_graduation(shared: Path) -> None:
    path = shared / "data" / "ca_acgr_county_2017_2022.csv"
    rates = ["Still Enrolled (%)", "Dropout Rate (%)", "Graduation Rate (%)"]
    hidden = {"CohortStudents": {0: (1, 10)}}
    frame, log = tu.read_table(
        path, preset="cde-acgr", percent=dict.fromkeys(rates, 1), suppressed=hidden
    )
    assert frame.shape == (6146, 23)
    assert noted(log, "code page") == [(None, "", "", "utf-8-sig")]
    assert len(noted(log, "column left out")) == 3
    assert len(noted(log, "suppressed word")) == 1058
    raw = pd.read_csv(path, encoding="utf-8-sig")
    rate, cohort = frame["Graduation Rate (%)"], frame["CohortStudents"]
    cohort = cohort.mask(cohort == "0 (hidden)", 0)
    np.testing.assert_allclose(rate, 100 * raw["Graduation Rate (%)"], atol=1e-9)
    assert cohort.tolist() == raw["CohortStudents"].tolist()
    assert frame["CountyCode"].tolist() == raw["CountyCode"].astype(str).tolist()
    answers = pd.read_csv(shared / "data" / "answers" / "ca_acgr_county_2017_2022.csv")
    for year in ("2019-20", "2021-22"):
        mine = frame[frame["AcademicYear"] == year].assign(CohortStudents=cohort.astype(int))
        mine["x"] = (mine["CohortStudents"] * rate / 100).round()
        sums = mine.groupby("ReportingCategory")[["x", "CohortStudents"]].sum()
        there = answers[(answers["slice"] == f"sum of 58 counties {year}") & answers["x"].notna()]
        for code, name in {"RA": "Asian", "RB": "African American", "RW": "White"}.items():
            told = there[there["segment"] == name].iloc[0]
            assert sums.loc[code].tolist() == pytest.approx([told["x"], told["n"]], abs=1)


@pytest.mark.parametrize(
    "name",
    [
        "compas_two_years", "wa_ooh_entry_rates_counties", "wa_ooh_population_counties",
        "who_individual_sba_dtp3", "who_nonordered_region", "who_ordered_wealth",
    ],
)  # fmt: skip
def test_real_files_are_read_as_another_reader_reads_them(shared: Path, name: str) -> None:
    path = shared / "data" / f"{name}.csv"
    frame, log = tu.read_table(path)
    other = pd.read_csv(path, keep_default_na=False, na_values=[""])
    text = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=str)
    assert list(frame.columns) == list(other.columns)
    for column in frame:
        mine, theirs = frame[column], other[column]
        assert pd.api.types.is_numeric_dtype(mine) == pd.api.types.is_numeric_dtype(theirs), column
        assert mine.isna().tolist() == theirs.isna().tolist()
        written = text[column].dropna()  # some pandas read the last bit of a decimal wrong
        numbers = pd.api.types.is_numeric_dtype(mine)
        assert mine.dropna().tolist() == [float(one) if numbers else one for one in written]
    assert left_out(log) == [1]
