"""What was said of hidden cells goes with the table that was read; lost, it makes no number."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import targeted_universalism as tu
from make import identical

BOTH = {"x": {"<11": (1, 10), 0: (1, 10)}}
SAID = {"numerator": "x", "denominator": "n", "segments": "race"}


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    path = tmp_path / "a.csv"
    path.write_text("race,x,n\nA,<11,200\nB,30,300\nC,0,100\nD,45,500\n")
    return tu.read_table(path, suppressed=BOTH).frame


def answer(data: pd.DataFrame, **options: object) -> pd.DataFrame:
    return tu.assess(tu.from_counts(data, **{**SAID, **options}), tu.Goal.at_least(0.2)).table


def test_a_hidden_cell_is_said_once(frame: pd.DataFrame) -> None:
    plain = pd.DataFrame(
        {"race": list("ABCD"), "x": ["<11", 30, "0", 45], "n": [200, 300, 100, 500]}
    )
    wanted = answer(plain, suppressed=BOTH)
    for data in (frame, frame[["n", "x", "race"]], frame.copy(), frame.assign(more=1)):
        identical(answer(data), wanted)
    assert wanted["status"].tolist().count("suppressed") == 3  # two groups and the total


def test_what_is_said_to_the_constructor_wins(frame: pd.DataFrame) -> None:
    wider = {"<11": (2, 20), 0: (0, 30)}
    low = answer(frame, suppressed=wider).set_index("segment")["needed_low"]
    assert (low["A"], low["C"]) == (20, 0)  # 40 and 20 are needed, of them 20 and 30 may be there
    with pytest.raises(tu.InputError, match="'<11'"):
        answer(frame, suppressed={})


@pytest.mark.parametrize("lost", ["put together", "named anew", "a new frame", "from a file"])
def test_where_it_is_lost_no_hidden_cell_is_a_number(
    lost: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    """Not even one whose word was 0."""
    zero = frame[frame["x"].astype(str) != "<11"]
    one = pd.DataFrame({"race": ["Z"], "x": [3], "n": [90]})
    zero.to_csv(tmp_path / "b.csv", index=False)
    data = {
        "put together": lambda: pd.concat([zero, one]),
        "named anew": lambda: zero.rename(columns={"x": "y"}).assign(x=lambda rows: rows["y"]).drop(
            columns="y").pipe(lambda rows: pd.DataFrame(rows.to_dict("list"))),
        "a new frame": lambda: pd.DataFrame(zero.to_dict("list")),
        "from a file": lambda: pd.read_csv(tmp_path / "b.csv"),
    }[lost]()  # fmt: skip
    with pytest.raises(tu.InputError, match=r"'0 \(hidden\)'"):
        answer(data)


def test_numbers_that_are_put_in_later_are_numbers(frame: pd.DataFrame) -> None:
    frame["x"] = [0, 30, 0, 45]
    assert "suppressed" not in answer(frame)["status"].tolist()


def test_published_rates_and_the_ledger_hear_of_it_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("race,rate,n\nA,*,200\nB,30,300\nC,12,400\n")
    frame = tu.read_table(path, suppressed={"*": None}).frame
    s = tu.from_estimates(frame, estimate="rate", population="n", per=100, kind="proportion",
                          segments="race")  # fmt: skip
    found = tu.assess(s, tu.Goal.at_most(10, per=100)).table.set_index("segment")
    assert found.loc["A", "status"] == "suppressed"
    seen = tu.inspect(frame, numerator="rate", denominator="n", segments="race")
    assert not seen["finding"].str.contains("no number").any()


def test_presets_say_it_too(tmp_path: Path) -> None:
    """CCWIP's downloads mark counts of 1 to 10 with M."""
    path = tmp_path / "a.csv"
    path.write_text("race,x,n\nA,M,200\nB,30,300\n")
    frame = tu.read_table(path, preset="ccwip").frame
    if "M" in frame["x"].tolist():
        assert answer(frame).set_index("segment").loc["A", "status"] == "suppressed"


def test_numbers_are_as_they_were_where_nothing_is_hidden(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("race,x,n\nA,12,200\nB,30,300\n")
    frame = tu.read_table(path, suppressed=BOTH).frame
    assert str(frame["x"].dtype) == "int64"
    assert frame.attrs == {}
