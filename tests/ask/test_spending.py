"""Today's money beside the need: shares by hand, money without a segment, tables that misfit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import HALF, assessed, counts, estimates, groups, identical, plain, records, row_of

PUPILS = [("Asian", 1910, 2000), ("Black", 462, 600), ("Latino", 2520, 3000), ("White", 1800, 2000)]
GRADUATE = tu.Goal.at_least(0.9)
MONEY: dict[Any, float] = {"Asian": 90_000, "Black": 42_000, "Latino": 117_000, "White": 51_000}


def spending(money: Any, **options: Any) -> pd.DataFrame:
    return assessed(PUPILS, GRADUATE, **options).spending(money).set_index("segment")


def test_shares_and_money_per_head_and_per_person_still_to_reach_by_hand() -> None:
    found = spending({**MONEY, None: 8_000})
    assert found["spent"].tolist() == [308_000, 90_000, 42_000, 117_000, 51_000, 8_000]
    assert found["spent_share"][1:5].tolist() == [0.3, 0.14, 0.39, 0.17]
    assert found["population_share"][1:5].tolist() == [n / 7600 for n in (2000, 600, 3000, 2000)]
    assert found["effort_share"][1:5].tolist() == [0, 78 / 258, 180 / 258, 0]
    assert found["spent_per_head"].tolist()[:5] == [308_000 / 7600, 45, 70, 39, 25.5]
    assert found["spent_per_needed"]["Black"] == 42_000 / 78
    assert found["spent_per_needed"]["All"] == 308_000 / 148
    assert found["spent_per_needed"][["Asian", "White"]].isna().all()
    assert found["reason"]["Asian"] == "no gap to close"
    assert found[["spent_share", "population_share", "effort_share"]].loc["All"].isna().all()


def test_money_without_a_segment_is_a_row_of_its_own_and_takes_no_part_in_shares() -> None:
    without, with_ = spending(MONEY), spending({**MONEY, "Unknown": 8_000})
    assert "Unknown" not in without.index
    unknown = with_.loc["Unknown"]
    assert unknown["spent"] == 8_000
    assert unknown["spent_share":"spent_per_needed"].isna().all()  # type: ignore[misc]
    assert unknown["reason"] == "Unknown takes no part"
    shares = ["spent_share", "population_share", "effort_share"]
    assert (
        without[shares].iloc[1:].to_numpy().tolist() == with_[shares].iloc[1:5].to_numpy().tolist()
    )
    people = pd.DataFrame({
        "race": ["A", "B", None], "x": [3, 4, 1], "n": [9, 9, 5], "spent": [10.0, 30, 7],
    })  # fmt: skip
    found = assessed(people).spending(people[["race", "spent"]]).set_index("segment")
    assert found["spent"].to_dict() == {"All": 47, "A": 10, "B": 30, "Unknown": 7}
    assert found["spent_share"][["A", "B"]].tolist() == [0.25, 0.75]
    assert found["spent_per_head"]["Unknown"] == 7 / 5


@given(rows=groups(300, 5), data=st.data())
def test_shares_sum_to_one_and_money_to_the_total(
    rows: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    money = {g: data.draw(st.integers(0, 10**6)) for g, _, _ in rows}
    found = assessed(rows).spending(money).set_index("segment")
    assert found["spent"]["All"] == sum(money.values())
    np.testing.assert_allclose(found["population_share"].sum(), 1)
    if sum(money.values()):
        np.testing.assert_allclose(found["spent_share"].sum(), 1)
    else:
        assert found["spent_share"].isna().all()
        assert (found["reason"][1:].str.contains("no share: no money has a segment")).all()


def test_a_series_is_a_mapping_with_a_missing_label_too() -> None:
    money = pd.Series([*MONEY.values(), 8_000], index=[*MONEY, float("nan")])
    identical(spending(money), spending({**MONEY, None: 8_000}))


def test_money_that_is_not_known_is_not_nothing() -> None:
    found = spending({k: v for k, v in MONEY.items() if k != "White"})
    assert pd.isna(found["spent"]["White"])
    assert pd.isna(found["spent"]["All"])
    assert found["spent_share"].isna().all()
    assert found["spent_per_head"]["Black"] == 70
    assert found["reason"].str.contains("the money of a segment is not known").all()
    nothing = spending({**MONEY, "White": 0})
    assert nothing["spent_share"]["White"] == 0 == nothing["spent_per_head"]["White"]
    assert nothing["spent"]["All"] == 249_000


def test_who_has_no_people_needs_no_money() -> None:
    found = assessed([*PUPILS, ("Other", 0, 0)], GRADUATE).spending(MONEY).set_index("segment")
    assert found["spent_share"]["Asian"] == 0.3
    assert "no population" in found["reason"]["Other"]


# --- tables ---------------------------------------------------------------------------------------

PLACES = pd.DataFrame({
    "county": ["Inyo"] * 2 + ["Mono"] * 2, "year": 2022, "race": list("ABAB"),
    "x": [10, 30, 3, 9], "n": [50, 60, 20, 30],
})  # fmt: skip
SPENT = PLACES[["county", "year", "race"]].assign(spent=[100.0, 300, 50, 150])


def by_place(**options: Any) -> tu.Assessment:
    return assessed(PLACES, HALF, by=["county", "year"], **options)


def test_money_for_a_segment_of_nobody_is_part_of_all_money() -> None:
    a = assessed([("A", 5, 20), ("B", 6, 20), ("C", 0, 0)], tu.Goal.at_least(0.6))
    found = a.spending({"A": 100, "B": 100, "C": 50}).set_index("segment")
    assert found["spent_share"][["A", "B", "C"]].tolist() == [0.4, 0.4, 0.2]
    alone = a.spending({"A": 0, "B": 0, "C": 50}).set_index("segment")
    assert alone["spent_share"][["A", "B", "C"]].tolist() == [0, 0, 1]


def test_money_of_people_whose_outcomes_are_not_known_must_be_told() -> None:
    """Twenty people are there, of whom no rate is known: they are not nobody."""
    rows = pd.DataFrame({"race": ["A"] * 50 + ["B"] * 50 + ["C"] * 20})
    rows["y"] = [1.0, 0.0] * 50 + [np.nan] * 20
    a = tu.assess(records(rows), tu.Goal.at_least(0.6))
    found = a.spending({"A": 100, "B": 100}).set_index("segment")
    assert found["spent"].isna()["All"]
    assert "money" in found["reason"]["All"]
    (summary,) = a.summarize(["d"])["reason"]
    assert "segments without a rate are left out" in summary


def test_a_table_has_money_for_every_stratum_in_any_order() -> None:
    found = by_place().spending(SPENT.iloc[::-1])
    assert found["spent"].tolist() == [400, 100, 300, 200, 50, 150]
    assert found["spent_share"].dropna().tolist() == [0.25, 0.75] * 2
    labelled = SPENT.assign(year="2022").rename(columns={"race": "segment", "spent": "dollars"})
    identical(by_place().spending(labelled), found)
    identical(by_place().spending(pl.from_pandas(SPENT)), found)
    one = by_place().where(county="Mono")
    alone = one.spending({"A": 50, "B": 150})
    identical(plain(alone), plain(one.spending(SPENT)))
    assert alone["spent"].tolist() == [200, 50, 150]


def test_a_roll_up_has_the_money_of_its_strata_together() -> None:
    a = by_place(rollup="county")
    found = a.spending(SPENT)
    assert found[found["county"].isna()]["spent"].tolist() == [600, 150, 450]
    lacking = a.spending(SPENT[:3])
    assert lacking[lacking["county"].isna()]["spent"].isna().tolist() == [True, False, True]
    whole = by_place(rollup=True).where(rollup=True)
    assert whole.spending({"A": 150, "B": 450})["spent"].tolist() == [600, 150, 450]


def test_a_stratum_without_money_says_so() -> None:
    found = by_place().spending(SPENT[SPENT["county"] == "Inyo"])
    mono = found[found["county"] == "Mono"]
    assert mono["spent"].isna().all()
    assert mono["reason"].astype(str).str.contains("money of a segment is not known").all()


def test_money_is_for_every_indicator_unless_it_says_which() -> None:
    two = pd.concat([PLACES.assign(what="in"), PLACES.assign(what="out")])
    a = tu.assess(counts(two, by="county", indicator="what"), {"in": HALF, "out": HALF})
    money = SPENT.drop(columns="year")
    assert a.spending(money)["spent"].tolist() == [400, 100, 300] * 2 + [200, 50, 150] * 2
    apart = pd.concat([money.assign(what="in"), money.assign(what="out", spent=1.0)])
    found = a.spending(apart)
    assert found[found["indicator"] == "out"]["spent"].tolist() == [2, 1, 1] * 2


# --- who is hidden, and who overlaps --------------------------------------------------------------


def test_a_hidden_segment_leaves_no_share_of_people_or_need_to_any() -> None:
    rows = [("A", 4, 50), ("B", 20, 100), ("C", 30, 90), ("D", 60, 200)]
    public = assessed(rows).suppress()
    found = public.spending({"A": 1, "B": 2, "C": 3, "D": 4}).set_index("segment")
    assert found[["population_share", "effort_share"]].isna().all().all()
    assert found["spent_share"][1:].tolist() == [0.1, 0.2, 0.3, 0.4]
    hidden = [g for g in "ABCD" if found["reason"][g].split("; ")[0] == "suppressed"]
    assert "A" in hidden
    assert len(hidden) >= 2
    assert found.loc[hidden, ["spent_per_head", "spent_per_needed"]].isna().all().all()
    shown = next(g for g in "ABCD" if g not in hidden)
    assert "suppressed segment" in found["reason"][shown]
    assert found["spent_per_head"][shown] > 0


def test_overlapping_segments_have_money_per_head_and_no_shares() -> None:
    found = assessed([("A", 3, 10), ("B", 2, 10)], exclusive=False).spending({"A": 5, "B": 6})
    assert found["spent_per_head"].tolist()[1:] == [0.5, 0.6]
    assert found[["spent_share", "population_share", "effort_share"]].isna().all().all()
    assert pd.isna(found["spent"][0])
    assert (found["reason"].astype(str).str.contains("segments overlap")).all()


def test_published_rates_without_people() -> None:
    rows = pd.DataFrame({"race": list("AB"), "rate": [0.3, 0.4]})
    found = assessed(rows, HALF, estimates).spending({"A": 5, "B": 6}).set_index("segment")
    assert found["spent_share"][["A", "B"]].tolist() == [5 / 11, 6 / 11]
    assert found[["population_share", "spent_per_head", "spent_per_needed"]].isna().all().all()
    assert "people not available" in found["reason"]["A"]


# --- what cannot be meant -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "words"),
    [
        ({**MONEY, "Blck": 5}, "money= names 'Blck', which is no segment. Did you mean 'Black'?"),
        ({**MONEY, "Black": -5}, "money['Black']=-5 must be a number 0 or more."),
        ({**MONEY, "Black": float("nan")}, "money['Black']=nan must be a number 0 or more."),
        ({**MONEY, "Black": "5"}, "must be a number"),
        ({**MONEY, "Black ": 5}, "names 'Black' twice"),
        ({**MONEY, "All": 5}, "names 'All', the total, which is added up: leave it out."),
        ({**MONEY, None: 5, "Unknown": 3}, "money= names 'Unknown' twice"),
        ({**MONEY, None: -5}, "money['Unknown']=-5 must be a number 0 or more."),
        (300, "Expected a data frame"),
        ([MONEY], "Expected a data frame"),
    ],
)
def test_money_that_cannot_be_meant_is_answered_in_words(money: Any, words: str) -> None:
    with pytest.raises(tu.InputError) as error:
        spending(money)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("money", "words"),
    [
        ({"A": 1, "B": 2},
         "for one stratum, and there are 2: give a table with the columns "
         "county, year, race, spent"),
        (SPENT.drop(columns="county"), "no column 'county', which tells the strata apart"),
        (SPENT.drop(columns="race"), "no column of segments: name it as the dimension"),
        (SPENT.assign(segment="A"), "split in several ways: keep one of its columns: 'race'"),
        (SPENT.rename(columns={"spent": "a"}).assign(b=1), "several columns beside"),
        (SPENT.drop(columns="spent"), "Name the column of money 'spent'."),
        (SPENT.assign(race=list("ABAC")), "Column 'race' names 'C', which is no segment"),
        (SPENT.assign(race=["A", "All"] * 2), "the total, which is added up"),
        (SPENT.assign(county=["Inyo", "Inyo", "Mono", "Mnoo"]), "Did you mean 'Mono'?"),
        (SPENT.assign(county=["Inyo", "Inyo", "Mono", None]), "is empty in data row 3"),
        (SPENT.assign(spent=[1.0, 2, -3, 4]), "holds -3 in data row 2"),
        (SPENT.assign(spent=["1", "2", "$3", "4"]), "holds '$3' in data row 2"),
        (SPENT.assign(race="A"), "several rows for race 'A' of one stratum: add them up first."),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_answered_in_words(money: Any, words: str) -> None:
    with pytest.raises(tu.InputError) as error:
        by_place().spending(money)
    assert words in str(error.value)


def test_segments_of_two_dimensions_are_not_mixed() -> None:
    rows = pd.DataFrame({
        "race": list("AABB"), "sex": list("FMFM"), "x": [10, 9, 20, 4], "n": [50, 40, 60, 30],
    })  # fmt: skip
    a = tu.assess(counts(rows, segments=["race", "sex"]), HALF)
    with pytest.raises(tu.InputError, match="no dimension has all of them"):
        a.spending({"A": 1, "F": 2})
    found = a.spending({"F": 1, "M": 3})
    assert found["segment"].tolist() == ["All", "F", "M"]
    assert row_of(found, "M")["spent_share"] == 0.75
    assert a.spending(pd.DataFrame({"sex": ["F", "M"], "usd": [1, 3]})).equals(found)
