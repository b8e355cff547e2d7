"""Parts of the catalogue's messiness lessons that are no matter of reading alone, by number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu

HERE = Path(__file__).parent
GOAL = tu.Goal.at_least(0.9)


def counts(data: dict[str, Any], **said: Any) -> tu.Segments:
    options = {"segments": "race", **said}
    return tu.from_counts(pd.DataFrame(data), numerator="x", denominator="n", **options)


def by_segment(s: tu.Segments, goal: tu.Goal = GOAL) -> pd.DataFrame:
    return tu.assess(s, goal).table.set_index("segment")


def test_every_lesson_of_the_catalogue_has_a_test(shared: Path) -> None:
    catalogue = (shared / "data" / "CATALOG.md").read_text(encoding="utf-8")
    lessons = catalogue.partition("## Messiness lessons")[2].partition("\n## ")[0]
    numbers = {int(n) for n in re.findall(r"^(\d+)\. ", lessons, re.MULTILINE)}
    code = "".join((HERE / f).read_text() for f in ("test_tables.py", "test_lessons.py"))
    assert len(numbers) >= 18
    assert numbers == {int(n) for n in re.findall(r"def test_(\d+)_", code)}


@pytest.mark.parametrize("word", ["Missing", "Not Applicable", "NA", "null"])
def test_2_words_for_nothing_are_missing_with_a_reason_and_never_0(word: str) -> None:
    data = pd.DataFrame({"race": ["A", "B"], "x": [word, 30], "n": [40, 60]})
    with pytest.raises(tu.InputError, match=f"'{word}'"):
        counts(data.to_dict("list"))
    row = by_segment(counts(data.replace(word, None).to_dict("list"))).loc["A"]
    assert row["status"] == "no data"
    assert np.isnan(row["rate"])
    assert row["reason"] != ""


def test_2_an_absent_row_is_missing_and_is_in_no_total() -> None:
    data = {"place": ["X", "X", "Y"], "race": ["A", "B", "A"], "x": [30, 40, 9], "n": [50, 50, 10]}
    a = tu.assess(counts(data, by="place"), GOAL)
    row = a.table[(a.table["place"] == "Y") & (a.table["segment"] == "B")].iloc[0]
    assert (row["status"], row["reason"]) == ("no data", "no row in the data")
    assert np.isnan(row["rate"])


def test_2_hidden_missing_and_nobody_are_told_apart() -> None:
    data = {"race": list("ABCD"), "x": ["*", None, 0, 0], "n": [40, 40, 0, 40]}
    table = by_segment(counts(data, suppressed={"*": None}))
    assert table.loc[list("ABCD"), "status"].tolist() == [
        "suppressed", "no data", "no data", "short",
    ]  # fmt: skip
    assert table.loc[["A", "B", "C"], "reason"].nunique() == 3


@pytest.mark.parametrize("per", [1, 100, 1_000, 100_000])
def test_4_a_rate_is_held_against_its_counts_and_the_unit_is_named(per: int) -> None:
    data = pd.DataFrame({"race": list("ABC"), "x": [5, 30, 45], "n": [50, 90, 125]})
    data["rate"] = per * data["x"] / data["n"]
    said = {"estimate": "rate", "numerator": "x", "denominator": "n", "kind": "rate"}
    assert tu.inspect(data, segments="race", per=per, **said).empty
    wrong = 1 if per != 1 else 100
    [advice] = tu.inspect(data, segments="race", per=wrong, **said)["advice"]
    assert f"say per={per}" in advice


@pytest.mark.parametrize("name", ["TA", "Total", "All", "Overall", "Citywide", "0", ""])
def test_5_a_total_under_any_name_is_declared_and_is_no_segment(name: str) -> None:
    data = {"race": [name, "A", "B", "C"], "x": [90, 30, 40, 20], "n": [200, 70, 70, 60]}
    s = counts(data, total=name)
    assert [*s.dimensions["race"]] == ["A", "B", "C"]
    assert by_segment(s).loc["All", "population"] == 200
    with pytest.raises(tu.InputError):  # it is all the others together, or a word of ours
        counts(data)


def test_5_a_total_outside_its_segments_is_reported() -> None:
    data = pd.DataFrame({"race": ["TA", "A", "B"], "rate": [340.38, 50.1, 20.4]})
    s = tu.from_estimates(data, estimate="rate", segments="race", kind="rate", per=1000, total="TA")
    total = by_segment(s, tu.Goal.at_most(25, per=1000)).loc["All"]
    assert "declared total outside the range of its segments" in total["reason"]
    assert "total outside its segments" in s.choices["findings"]


def test_6_a_stacked_column_with_a_total_is_refused_until_it_is_declared() -> None:
    data = {
        "race": ["TA", "A", "B", "Girls", "Boys"], "x": [90, 40, 50, 45, 45],
        "n": [100, 45, 55, 50, 50],
    }  # fmt: skip
    with pytest.raises(tu.InputError, match="dimension="):
        counts(data, total="TA")
    named = {"A": "race", "B": "race", "Girls": "sex", "Boys": "sex"}
    assert by_segment(counts(data, total="TA", dimension=named)).loc["All", "population"] == 100


def test_7_a_pooled_remainder_is_no_group_and_never_best() -> None:
    data = {"race": ["All Masked Values", "A", "B"], "x": [50, 30, 40], "n": [50, 50, 50]}
    a = tu.assess(counts(data, unknown="All Masked Values"), GOAL)
    assert a.table["segment"].astype(str).tolist() == ["All", "A", "B", "Unknown"]
    assert set(a.disparities(minimum=1)["reference"].dropna().astype(str)) == {"B"}
    assert "undeclared unknown" in counts(data).choices["findings"]


def test_8_a_place_may_be_two_columns_of_codes() -> None:
    data = {"state": [6, 6, 32], "county": [1, 3, 1], "race": ["A"] * 3, "x": [5] * 3, "n": [9] * 3}
    s = counts(data, by=["state", "county"], labels={"county": {1: "001", 3: "003"}})
    assert s.strata.texts() == [("6", "001"), ("6", "003"), ("32", "001")]


def test_10_counts_are_never_rebuilt_from_adjusted_rates() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "rate": [40.0, 60.0], "people": [900, 800]})
    s = tu.from_estimates(
        data, estimate="rate", segments="race", kind="rate", per=1000, adjusted=True,
        population="people",
    )  # fmt: skip
    table = by_segment(s, tu.Goal.at_most(30, per=1000))
    assert table["needed"].isna().all()
    assert table["events"].isna().all()
    assert np.isnan(table.loc["All", "rate"])


def test_13_a_ratio_to_a_negative_best_is_undefined() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "score": [-2.0, 3.0], "se": 0.1, "p": 100})
    s = tu.from_estimates(data, estimate="score", segments="race", kind="mean", se="se")
    a = tu.assess(s, tu.Goal.at_most(0))
    for reference in "AB":
        found = a.disparities(reference).set_index("segment")
        assert np.isnan(found.loc["A", "ratio"])
        assert "no ratio: a mean below 0 is in it" in found.loc["A", "reason"]
        assert not found["difference"].isna().any()
    assert np.isnan(a.disparities("A").set_index("segment").loc["B", "ratio"])


def test_15_a_sum_of_codes_is_never_made() -> None:
    data = pd.DataFrame({"race": [1, 2, 9], "x": [5, 6, 7], "n": [9, 9, 9]})
    assert [*counts(data.to_dict("list")).dimensions["race"]] == ["1", "2", "9"]


def test_17_copies_are_told_and_not_taken_for_evidence() -> None:
    rng = np.random.default_rng(1)
    rows = [(t, r, int(x), 900) for t in "ST" for r, x in enumerate(rng.integers(1, 900, 12))]
    data = pd.DataFrame(rows, columns=["tract", "race", "x", "n"])
    assert tu.inspect(
        data, numerator="x", denominator="n", segments="race", by="tract"
    ).empty  # fmt: skip
    data.loc[12:, "x"] = data.loc[:11, "x"].to_numpy()
    [said] = tu.inspect(
        data, numerator="x", denominator="n", segments="race", by="tract"
    )["finding"]  # fmt: skip
    assert said == "places that repeat: every number is the same in 'S', 'T'"


def test_18_two_versions_of_a_figure_are_not_added_up() -> None:
    data = {"version": ["old", "new"], "race": ["A", "A"], "x": [5, 6], "n": [9, 9]}
    with pytest.raises(tu.InputError, match=r"twice|same group"):
        counts(data)
    assert tu.assess(counts(data, by="version"), GOAL).table["version"].nunique() == 2
    assert tu.Goal.at_least(0.9, version="2026-03").version == "2026-03"
