"""The workbook: numbers as numbers, text as text, the same bytes every time, nothing hidden."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from pandas.testing import assert_frame_equal

import targeted_universalism as tu
from make import assessed

ROWS = pd.DataFrame(
    {
        "county": ["Inyo"] * 3 + ["Mono"] * 3,
        "g": ["=1+1", "+B", "@SUM(A1)"] * 2,
        "x": [50, 7, 80, 40, 55, 0],
        "n": [100, 53, 120, 90, 70, 0],
    }
)
LIKE_MARKS = [
    "<r>a</r>", "<r><t>&</t></r>", "_x0041_", "<b>&amp;\"'", "a\u200fb", "🎓", "שלום abc",
]  # fmt: skip
GOAL = tu.Goal.at_least(0.9, name='=HYPERLINK("x")', rationale="-because", deadline=2030)


def assessment(data: pd.DataFrame = ROWS, **options: Any) -> tu.Assessment:
    return assessed(data, GOAL, segments="g", by="county", exclusive=False, **options)


def text_of(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        return "".join(book.read(name).decode("utf-8") for name in book.namelist())


def sheet(path: Path, name: str) -> pd.DataFrame:
    return pd.read_excel(
        path, sheet_name=name, keep_default_na=False, na_values=[""], engine="openpyxl"
    )


def test_the_table_comes_back_as_it_was(tmp_path: Path) -> None:
    a = assessment()
    path = a.to_excel(tmp_path / "a.xlsx")
    assert path == tmp_path / "a.xlsx"
    back, table = sheet(path, "table"), a.table
    assert back.columns.tolist() == [*table.columns, "annotation"]
    for name in table.select_dtypes("number"):
        values = table[name].astype("Float64").to_numpy(float, na_value=np.nan)
        # A sheet keeps sixteen digits.
        np.testing.assert_allclose(back[name].to_numpy(float), values, rtol=5e-16)
    for name in ("county", "segment", "status", "flag"):
        assert back[name].tolist() == table[name].astype(str).tolist()
    assert back["reason"].fillna("").tolist() == table["reason"].tolist()


def test_numbers_are_numbers_and_no_text_is_a_formula(tmp_path: Path) -> None:
    book = load_workbook(assessment().to_excel(tmp_path / "a.xlsx"))
    assert book.sheetnames == ["table", "goals", "choices", "notes"]
    kinds = {cell.data_type for s in book.worksheets for row in s.rows for cell in row}
    assert kinds == {"n", "s"}  # "f" would be a formula
    numbers = {cell.data_type for row in book["table"].iter_rows(2, 9, 4, 15) for cell in row}
    assert numbers == {"n"}
    labels = [row[2] for row in book["table"].iter_rows(min_row=2)]
    for cell in labels:
        assert cell.quotePrefix == (cell.value != "All")
    assert {cell.value for cell in labels} == {"All", "=1+1", "+B", "@SUM(A1)"}
    assert "<f>" not in text_of(tmp_path / "a.xlsx")


def test_goals_and_choices_are_those_of_the_assessment(tmp_path: Path) -> None:
    a = assessment()
    path = a.to_excel(tmp_path / "a.xlsx")
    goals = sheet(path, "goals")
    assert goals["name"].tolist() == [GOAL.name]
    assert (goals["target"][0], goals["deadline"][0]) == (0.9, 2030)
    assert sheet(path, "choices")["choice"].tolist() == list(a.choices)


def test_the_same_answer_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assessment().to_excel(tmp_path / "a.xlsx").read_bytes()

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return cls(2031, 5, 4, tzinfo=tz)

    monkeypatch.setattr("xlsxwriter.workbook.datetime", Later)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert assessment().to_excel(tmp_path / "b.xlsx").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "b.xlsx") as book:
        assert {info.date_time[0] for info in book.infolist()} == {1980}


def test_what_is_hidden_is_not_in_the_file(tmp_path: Path) -> None:
    """Any count that the rule hides gives the same bytes."""
    files = []
    for events, people in ((7, 53), (3, 90), (60, 62)):
        changed = ROWS.copy()
        changed.loc[1, ["x", "n"]] = events, people
        public = assessment(changed).suppress()
        assert public.table["status"].eq("suppressed").sum() == 1
        files.append(public.to_excel(tmp_path / f"{events}.xlsx").read_bytes())
    assert files[0] == files[1] == files[2]


def test_annotation_codes_of_calhhs(tmp_path: Path) -> None:
    data = ROWS.copy()
    data.loc[2, ["x", "n"]] = 12, 25
    code = sheet(assessment(data).suppress().to_excel(tmp_path / "a.xlsx"), "table")
    found = dict(zip(zip(code["county"], code["segment"], strict=True), code["annotation"],
                     strict=True))  # fmt: skip
    assert found["Inyo", "=1+1"] == 0
    assert found["Inyo", "+B"] == 1
    assert found["Inyo", "@SUM(A1)"] == 4
    assert found["Mono", "@SUM(A1)"] == 3
    notes = sheet(tmp_path / "a.xlsx", "notes")
    about = notes["about"].tolist()
    assert [f"annotation {i}" in about for i in range(6)] == [True, True, False, True, True, True]


def test_a_cell_hidden_in_the_input_has_code_1_and_an_incomplete_sum_code_5(
    tmp_path: Path,
) -> None:
    data = ROWS.astype({"x": object}).drop(index=3)
    data.loc[1, "x"] = "<11"
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="g", by="county", suppressed={"<11": (1, 10)}
    )
    a = tu.assess(made, GOAL, rollup=True)
    code = sheet(a.to_excel(tmp_path / "a.xlsx"), "table")
    assert code.loc[code["status"] == "suppressed", "annotation"].eq(1).all()
    incomplete = code["reason"].fillna("").str.contains("strata without a row")
    known = incomplete & (code["status"] != "suppressed")
    assert known.any()
    assert code.loc[known, "annotation"].eq(5).all()
    assert code.loc[~known & (code["flag"] == "ok"), "annotation"].eq(0).all()


def test_characters_that_a_sheet_cannot_hold_are_marked(tmp_path: Path) -> None:
    data = ROWS.assign(g=["a\x00b", "日\ufffe", "x" * 40_000] * 2)
    found = sheet(assessment(data).to_excel(tmp_path / "a.xlsx"), "table")["segment"]
    assert found.iloc[1:4].str.len().tolist() == [3, 2, 32_767]
    assert found.iloc[1:3].tolist() == ["a\ufffdb", "日\ufffd"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose labels look like marks of its format, or do not fit it."""
    names = [*LIKE_MARKS, "a\ud83d", "🎓" * 20_000]
    rows = pd.DataFrame({"g": pd.Series(names, dtype=object), "x": 9, "n": 20})
    goal = tu.Goal.at_least(0.9, name="<r>&</r>", rationale="=_x0041_")
    made = assessed(rows, goal, segments="g")
    return made.to_excel(tmp_path_factory.mktemp("odd") / "a.xlsx")


def test_names_are_text_whatever_the_format_would_make_of_them(odd: Path) -> None:
    def read(text: str) -> str:
        return text.replace("_x005F_", "_")  # before 0.3 calamine gives it as the file writes it

    found = pd.read_excel(odd, engine="calamine", keep_default_na=False)["segment"]
    assert [read(one) for one in found[1 : len(LIKE_MARKS) + 1]] == LIKE_MARKS
    goals = pd.read_excel(odd, sheet_name="goals", engine="calamine").iloc[0]
    assert [read(goals[one]) for one in ("name", "rationale")] == ["<r>&</r>", "=_x0041_"]


def test_half_a_character_is_marked_and_a_long_text_ends_with_a_whole_one(odd: Path) -> None:
    found = sheet(odd, "table")["segment"].tolist()
    assert found[-2:] == ["a\ufffd", "🎓" * (32_767 // 2)]  # Excel counts 16-bit units


def test_what_excel_would_change_without_a_word_is_text(tmp_path: Path) -> None:
    """Excel keeps fifteen digits, and no day before the first of its calendar."""
    numbers = assessment(ROWS.assign(county=[10**14] * 3 + [10**18 + 1] * 3))
    days = assessment(ROWS.assign(county=pd.to_datetime(["1899-12-31"] * 3 + ["1900-03-01"] * 3)))
    for made, wanted in (
        (numbers, [10**14, "1000000000000000001"]),
        (days, ["1899-12-31", dt.datetime(1900, 3, 1)]),
    ):
        book = load_workbook(made.to_excel(tmp_path / "a.xlsx"))
        assert [row[0].value for row in book["table"].iter_rows(min_row=2)] == [
            one for one in wanted for _ in range(4)
        ]


@pytest.mark.parametrize("years", [[2021] * 3 + [2022] * 3, pd.to_datetime(["2021-01-01"] * 3 +
                                                                            ["2022-01-01"] * 3)],
                         ids=["numbers", "dates"])  # fmt: skip
def test_years_and_dates_keep_their_type(tmp_path: Path, years: Any) -> None:
    path = assessment(ROWS.assign(county=years)).to_excel(tmp_path / "a.xlsx")
    back = sheet(path, "table")["county"]
    assert_frame_equal(
        pd.DataFrame({"y": back.unique()}), pd.DataFrame({"y": years}).drop_duplicates()
        .reset_index(drop=True), check_dtype=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "said"), [("a.xls", "must end in .xlsx"), ("none/a.xlsx", "There is no folder")]
)
def test_a_path_that_does_not_fit_is_an_error(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        assessment().to_excel(tmp_path / name)


def test_more_rows_than_a_sheet_holds_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("targeted_universalism.show.workbook.MOST_ROWS", 7)
    with pytest.raises(tu.InputError, match="8 rows are more than a sheet"):
        assessment().to_excel(tmp_path / "a.xlsx")


def test_the_notes_say_what_is_hidden_and_by_which_rule(tmp_path: Path) -> None:
    for rule in ("count", "cms", "ccwip", "nsize", "calhhs"):
        public = assessment().suppress(rule=rule)
        notes = sheet(public.to_excel(tmp_path / "a.xlsx"), "notes")
        hidden = " ".join(notes.loc[notes["about"] == "hidden", "note"])
        assert f"“{rule}”" in hidden
        assert "Rows that are hidden: 1 of 8." in hidden
        assert "7" not in hidden.replace("2017", "").replace("300.647", "")
