"""Which rows of a file hold its names: found, or said with header=."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import targeted_universalism as tu
from targeted_universalism.read.changes import LEFT_OUT

NAMED = {"race": ["Black", "Asian"], "pupils": [100, 1204]}
TABLE = 'race,pupils\nBlack,100\nAsian,"1,204"\n'


def read(tmp_path: Path, text: str, **said: Any) -> Any:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return tu.read_table(path, **said)


def left_out(log: pd.DataFrame) -> dict[int, str]:
    found = log[log["rule"].astype(str).str.startswith(LEFT_OUT)]
    return dict(zip(found["row"], found["rule"].astype(str), strict=True))


@pytest.mark.parametrize(
    "title",
    [
        "Enrolment: 1,204 pupils",
        "Pupils 12,345,678 of 20,000,000",
        "Enrolment 1,204 pupils\n",
        "All counties: 5,812,069 pupils,,",
    ],
)
def test_a_title_cut_at_the_comma_of_a_number_is_no_heading(tmp_path: Path, title: str) -> None:
    frame, log = read(tmp_path, f"{title}\n{TABLE}")
    assert frame.to_dict("list") == NAMED
    assert left_out(log)[1] == "left out: title"
    assert left_out(log)[2 + title.count("\n")] == "left out: heading"


def test_a_title_in_prose_is_no_heading_of_a_wider_table(tmp_path: Path) -> None:
    rows = "county,race,pupils\nInyo,Black,100\nMono,Asian,1204\n"
    frame, log = read(tmp_path, f"Pupils by race, in two counties,\n{rows}")
    assert frame.to_dict("list") == {"county": ["Inyo", "Mono"], **NAMED}
    assert left_out(log) == {1: "left out: title", 2: "left out: heading"}


@pytest.mark.parametrize(
    "text",
    [
        "race, pupils\nBlack,NA\nAsian,5\n",  # a word in the first row is no name
        "ages 0,204\nBlack,NA\nAsian,5\n",
        "race,pupils,\nBlack,NA,low\nAsian,5,high\n",
    ],
)
def test_a_heading_above_words_stays_one(tmp_path: Path, text: str) -> None:
    try:
        frame, log = read(tmp_path, text)
    except tu.InputError as error:
        assert "header=" in str(error)  # noqa: PT017 - one of the three is refused
    else:
        assert len(frame) == 2
        assert left_out(log) == {1: "left out: heading"}


def test_the_row_of_names_may_be_said(tmp_path: Path) -> None:
    text = f"Pupils,2021\n{TABLE}Source: us,\n"
    found, _ = read(tmp_path, text)
    assert list(found) == ["Pupils", "2021"]
    frame, log = read(tmp_path, text, header=2)
    assert frame.to_dict("list") == NAMED
    assert left_out(log) == {1: "left out: title", 2: "left out: heading", 5: "left out: note"}


def test_names_in_several_rows_are_joined_though_something_stands_between(tmp_path: Path) -> None:
    text = "Report,,\n2021,,2022\n\nrace,pupils,pupils\nBlack,100,90\nAsian,1204,9\n"
    frame, log = read(tmp_path, text, header=[2, 4])
    assert frame.to_dict("list") == {
        "2021_race": NAMED["race"], "2021_pupils": NAMED["pupils"], "2022_pupils": [90, 9],
    }  # fmt: skip
    assert left_out(log) == {
        1: "left out: title", 2: "left out: heading", 3: "left out: blank row",
        4: "left out: heading",
    }  # fmt: skip


def test_a_table_without_names_calls_columns_by_their_place(tmp_path: Path) -> None:
    text = 'Black,100\nAsian,"1,204"\nBlack,100\nNote: us\n'
    frame, log = read(tmp_path, text, header=None)
    assert frame.to_dict("list") == {
        "column 1": ["Black", "Asian", "Black"], "column 2": [100, 1204, 100],
    }  # fmt: skip
    assert left_out(log) == {4: "left out: note"}


def test_names_that_are_numbers_are_names_where_they_are_said_to_be(tmp_path: Path) -> None:
    text = "race,204,205\nBlack,100,7\n"
    with pytest.raises(tu.InputError, match=r"holds the number '204'\. Say header="):
        read(tmp_path, text)
    assert list(read(tmp_path, text, header=1).frame) == ["race", "204", "205"]


def test_a_row_of_names_is_said_of_a_workbook_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Pupils", 2021], ["race", "pupils"], ["Black", 100], ["Asian", 1204]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert tu.read_table(tmp_path / "a.xlsx", header=2).frame.to_dict("list") == NAMED


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (0, "must be a row of names, or several from above, counting from 1"),
        ([2, 1], "must be a row of names"),
        ([1, 1], "must be a row of names"),
        ([], "must be a row of names"),
        (True, "must be a row of names"),
        ("race", "must be a row of names"),
        (1.5, "must be a row of names"),
        (float("inf"), "must be a row of names"),
        (9, "names row 9 of .* which has 5 rows. Rows count from 1"),
        (2, "names row 2 of .* which holds nothing there"),
    ],
)
def test_a_row_that_is_none_is_an_error(tmp_path: Path, header: Any, said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        read(tmp_path, f"Report\n\n{TABLE}", header=header)


def test_parquet_names_its_columns_itself(tmp_path: Path) -> None:
    pd.DataFrame(NAMED).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(tu.InputError, match="names its columns itself: leave header= out"):
        tu.read_table(tmp_path / "a.parquet", header=1)
