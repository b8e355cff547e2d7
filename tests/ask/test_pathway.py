"""Decision points: exact identities, second libraries, edges, the door."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

import targeted_universalism as tu
from make import STAGES, fewer

MAIN = pd.DataFrame({
    "race": ["Black", "White", "Latino"], "children": [10_000, 40_000, 20_000],
    "referred": [800, 1_600, 900], "substantiated": [240, 400, 200], "removed": [96, 120, 3],
})  # fmt: skip


def traced(data: object = MAIN, **options: object) -> pd.DataFrame:
    given = {
        "stages": STAGES, "segments": "race", "reference": "White", "directions": "at most",
        **options,
    }  # fmt: skip
    return tu.pathway(data, **given)  # type: ignore[arg-type]


def of(table: pd.DataFrame, segment: str, stage: str) -> pd.Series:
    (row,) = table[(table["segment"] == segment) & (table["stage"] == stage)].to_dict("records")
    return pd.Series(row)


paths = st.lists(
    st.tuples(st.integers(40, 5000), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    min_size=2, max_size=4,
)  # fmt: skip


def counted(path: list[tuple[int, float, float, float]]) -> pd.DataFrame:
    rows = []
    for i, (people, *shares) in enumerate(path):
        row: list[object] = ["ABCD"[i], people]
        for share in shares:
            row.append(round(row[-1] * share))  # type: ignore[operator]
        rows.append(row)
    return pd.DataFrame(rows, columns=["race", *STAGES])


def test_columns_and_rows_of_the_contract() -> None:
    table = traced()
    assert list(table.columns) == [
        "dimension", "segment", "stage", "parent", "direction", "count", "base", "stage_rate",
        "population_rate", "reference", "stage_index", "stage_index_low", "stage_index_high",
        "population_index", "population_index_low", "population_index_high", "disparity_share",
        "flag", "reason",
    ]  # fmt: skip
    assert len(table) == 4 * 3
    assert table["stage"].tolist()[:3] == STAGES[1:]
    assert table["segment"].tolist()[::3] == ["All", "Black", "White", "Latino"]
    assert set(table["direction"]) == {"at most"}


def test_rates_and_indices_by_hand() -> None:
    row = of(traced(), "Black", "substantiated")
    assert (row["count"], row["base"], row["parent"]) == (240, 800, "referred")
    assert row["stage_rate"] == 0.3
    assert row["population_rate"] == 0.024
    assert row["stage_index"] == pytest.approx(0.3 / 0.25)
    assert row["population_index"] == pytest.approx(2.4)
    assert row["disparity_share"] == pytest.approx(math.log(1.2) / math.log(3.2))
    total = of(traced(), "All", "referred")
    assert total["stage_rate"] == 3300 / 70_000
    assert math.isnan(total["stage_index"])
    assert total["reason"] == "no index: the total holds the reference"


@fewer(1, away=3)
@given(paths)
def test_indices_multiply_and_shares_add_up(path: list[tuple[int, float, float, float]]) -> None:
    table = traced(counted(path), reference="A")
    for name in "BCD"[: len(path) - 1]:
        rows = table[table["segment"] == name]
        whole = rows["population_index"].iloc[-1]
        if not rows["stage_index"].isna().any():
            assert rows["stage_index"].prod() == pytest.approx(whole)
            assert rows["stage_index"].cumprod().tolist() == pytest.approx(
                rows["population_index"].tolist()
            )
        if rows["disparity_share"].notna().any():
            assert rows["disparity_share"].sum() == pytest.approx(1)
        else:
            assert rows["reason"].str.contains("no share").all()
    for index in ("stage_index", "population_index"):
        low, high = table[f"{index}_low"], table[f"{index}_high"]
        assert not (low > table[index] * (1 + 1e-9)).any()
        assert not (high < table[index] * (1 - 1e-9)).any()
    assert not np.isinf(table.select_dtypes("number").to_numpy()).any()
    columns = ["stage_rate", "stage_index", "stage_index_high", "disparity_share"]
    assert (table.loc[table[columns].isna().any(axis=1), "reason"] != "").all()


@fewer(1, away=3)
@given(paths)
def test_the_other_group_as_reference_turns_the_index_round(
    path: list[tuple[int, float, float, float]],
) -> None:
    data = counted(path)
    one, two = traced(data, reference="A"), traced(data, reference="B")
    for stage in STAGES[1:]:
        here, there = of(one, "B", stage), of(two, "A", stage)
        if here["stage_index"] > 0 and there["stage_index"] > 0:
            assert here["stage_index"] == pytest.approx(1 / there["stage_index"])
            assert here["stage_index_low"] == pytest.approx(1 / there["stage_index_high"])


def test_intervals_are_those_of_a_disparity() -> None:
    """The same counts through assess and disparities, stage by stage."""
    table = traced()
    for base, stage in itertools.pairwise(STAGES):
        s = tu.from_counts(MAIN, numerator=stage, denominator=base, segments="race")
        found = tu.assess(s, tu.Goal.at_most(0.1)).disparities("White").set_index("segment")
        row = of(table, "Black", stage)
        assert row["stage_index"] == pytest.approx(found["ratio"]["Black"])
        assert row["stage_index_low"] == pytest.approx(found["ratio_low"]["Black"])
        assert row["stage_index_high"] == pytest.approx(found["ratio_high"]["Black"])


def test_more_than_at_the_stage_before_is_reported_and_not_cut() -> None:
    data = MAIN.assign(removed=[300, 120, 3])
    row = of(traced(data), "Black", "removed")
    assert row["stage_rate"] == 1.25
    assert "more than at the stage before" in row["reason"]
    share = scipy_stats.binomtest(300, 420, 0.5).proportion_ci(0.95, "exact")
    limits = [400 / 240 * s / (1 - s) for s in share]
    assert tuple(row[["stage_index_low", "stage_index_high"]]) == pytest.approx(limits)


def test_side_branches_have_indices_and_no_share() -> None:
    stages = ["children", "referred", "diverted", "substantiated", "removed"]
    data = MAIN.assign(diverted=[100, 400, 200])
    parents = {"substantiated": "referred"}
    directions = {
        "referred": "at most", "diverted": "at least", "substantiated": "at most",
        "removed": "at most",
    }  # fmt: skip
    table = traced(data, stages=stages, parents=parents, directions=directions)
    row = of(table, "Black", "diverted")
    assert row["direction"] == "at least"
    assert row["stage_index"] == pytest.approx(0.5)
    assert math.isnan(row["disparity_share"])
    assert row["reason"] == "no share: not on the path to the last stage"
    for stage in STAGES[1:]:
        plain = of(traced(), "Black", stage)
        assert of(table, "Black", stage)["disparity_share"] == plain["disparity_share"]


def test_shares_may_lie_below_zero_and_above_one() -> None:
    data = pd.DataFrame({
        "race": ["A", "B"], "children": [1000, 1000], "referred": [400, 100],
        "substantiated": [100, 50], "removed": [50, 25],
    })  # fmt: skip
    shares = traced(data, reference="B").query("segment == 'A'")["disparity_share"]
    assert shares.tolist() == pytest.approx([2, -1, 0])


def test_no_disparity_at_the_end_has_no_shares() -> None:
    data = pd.DataFrame({
        "race": ["A", "B"], "children": [1000, 1000], "referred": [400, 100],
        "substantiated": [100, 100], "removed": [50, 50],
    })  # fmt: skip
    rows = traced(data, reference="B").query("segment == 'A'")
    assert rows["disparity_share"].isna().all()
    assert rows["reason"].str.contains("no disparity at the last stage").all()


def test_zero_at_a_stage_leaves_the_later_ones_undefined() -> None:
    data = MAIN.assign(substantiated=[0, 400, 200], removed=[0, 120, 3])
    row = of(traced(data), "Black", "removed")
    assert math.isnan(row["stage_rate"])
    assert "nobody at the stage before" in row["reason"]
    assert row["flag"] == "no data"
    assert row["population_index"] == 0
    assert of(traced(data), "Black", "substantiated")["stage_index"] == 0
    data = MAIN.assign(substantiated=[240, 0, 200], removed=[96, 0, 3])
    row = of(traced(data), "Black", "substantiated")
    assert math.isnan(row["stage_index"])
    assert "the rate of the reference is 0" in row["reason"]


def test_small_counts_are_marked_on_both_sides() -> None:
    row = of(traced(), "Latino", "removed")
    assert row["flag"] == "unreliable"
    assert row["reason"] == "small counts"
    assert of(traced(minimum=3), "Latino", "removed")["flag"] == "ok"
    row = of(traced(reference="Latino"), "Black", "removed")
    assert row["flag"] == "unreliable"
    assert row["reason"] == "small counts of the reference"


def test_hidden_counts_are_suppressed_and_take_the_shares_with_them() -> None:
    data = MAIN.assign(removed=["96", "120", "*"])
    for tokens in ({"*": (1, 10)}, {"removed": {"*": (1, 10)}}):
        table = traced(data, suppressed=tokens)
        row = of(table, "Latino", "removed")
        assert row["flag"] == "suppressed"
        assert row["reason"].startswith("hidden in the input")
        assert row[["count", "stage_rate", "stage_index", "population_rate"]].isna().all()
        latino = table[table["segment"] == "Latino"]
        assert latino["disparity_share"].isna().all()
        assert latino["stage_index"].notna().sum() == 2
        assert latino["reason"].str.endswith("no share: a stage of the path is hidden").all()
        assert of(table, "All", "removed")["flag"] == "suppressed"
        assert of(table, "Black", "removed")["disparity_share"] > 0
    data = MAIN.assign(removed=["96", "*", "3"])
    row = of(traced(data, suppressed={"*": (1, 10)}), "Black", "removed")
    assert math.isnan(row["stage_index"])
    assert "the reference has no rate" in row["reason"]
    assert "a stage of the path is hidden" in row["reason"]


def test_a_hidden_stage_hides_the_rate_of_the_next() -> None:
    data = MAIN.assign(substantiated=["240", "400", "*"])
    row = of(traced(data, suppressed={"*": (1, 10)}), "Latino", "removed")
    assert row["count"] == 3
    assert row["flag"] == "suppressed"
    assert row["reason"].startswith("hidden in the input")
    assert row[["base", "stage_rate", "stage_index"]].isna().all()
    assert row["population_rate"] == 3 / 20_000


def test_strata_dimensions_and_unknown() -> None:
    data = pd.concat([MAIN.assign(year=2020), MAIN.assign(year=2021, removed=[50, 120, 60])])
    data = pd.concat(
        [data, pd.DataFrame([["Unknown", 100, 50, 40, 20, 2020]], columns=data.columns)]
    )
    table = traced(data, by="year", unknown="Unknown")
    assert table["year"].unique().tolist() == [2020, 2021]
    assert table["segment"].unique().tolist() == ["All", "Black", "White", "Latino", "Unknown"]
    alone = traced(data[data["year"] == 2021].drop(columns="year"))
    both = table[(table["year"] == 2021) & (table["segment"] == "Black")]
    expected = alone[alone["segment"] == "Black"]["disparity_share"]
    assert both["disparity_share"].tolist() == expected.tolist()
    rows = [("Black", "F", 50, 20, 10, 5), ("White", "F", 60, 20, 9, 5),
            ("Black", "M", 40, 20, 8, 6), ("White", "M", 50, 10, 5, 2)]  # fmt: skip
    data = pd.DataFrame(rows, columns=["race", "sex", *STAGES])
    table = traced(data, segments=["race", "sex"], reference={"race": "White", "sex": "F"})
    assert of(table, "M", "referred")["reference"] == "F"
    assert of(table, "Black", "referred")["stage_index"] == pytest.approx((40 / 90) / (30 / 110))


def test_every_frame_gives_the_same_table() -> None:
    pd.testing.assert_frame_equal(traced(), traced(pl.from_pandas(MAIN)))
    pd.testing.assert_frame_equal(traced(), traced(pl.from_pandas(MAIN).lazy()))
    before = MAIN.copy()
    traced()
    pd.testing.assert_frame_equal(before, MAIN)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stages": ["children"]}, "the population first"),
        ({"stages": "children"}, "the population first"),
        ({"stages": ["children", "referred", "referred"]}, "twice"),
        ({"directions": {"referred": "at most"}}, "of stage 'substantiated'"),
        ({"directions": "down"}, "'at least' or 'at most'"),
        ({"directions": {"referral": "at most"}}, "Did you mean 'referred'"),
        ({"directions": None}, "mapping by stage"),
        ({"parents": {"removed": "child"}}, "parents= names 'child'"),
        ({"parents": "referred"}, "from a stage to the one that feeds it.*not 'referred'"),
        ({"parents": {"referred": "removed"}}, "in the order of the path"),
        ({"parents": {"children": "referred"}}, "it is the population"),
        ({"reference": "Whit"}, "Did you mean 'White'"),
        ({"reference": ["White"]}, r"takes a segment, or a mapping .* not \['White'\]"),
        ({"reference": {"sex": "F"}}, "is no segment of 'race'"),
        ({"minimum": -1}, "minimum=-1"),
        ({"by": "stage"}, "rename it"),
    ],
)
def test_bad_paths_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        traced(MAIN.assign(stage="x"), **options)


@pytest.mark.parametrize(
    ("removed", "told"),
    [((30, 60), True), ((30, 110), False), ((30, 120), False), ((6, 0), False)],
)
def test_a_disparity_that_cannot_be_told_from_none_is_shared_out_to_nobody(
    removed: tuple[int, int], told: bool
) -> None:
    """By hand: 30 of 1,000 against 60 of 4,000 is a ratio of 2 (Katz's limits 1.3 and 3.1)."""
    data = pd.DataFrame(
        {"race": ["Black", "White"], "children": [1000, 4000], "referred": [80, 160],
         "removed": removed}
    )  # fmt: skip
    table = tu.pathway(
        data, stages=["children", "referred", "removed"], segments="race", reference="White",
        directions="at most",
    )  # fmt: skip
    rows = table[table["segment"] == "Black"]
    last = rows.iloc[-1]
    includes = not (last["population_index_low"] > 1 or last["population_index_high"] < 1)
    assert includes is not told
    assert rows["disparity_share"].notna().all() == told
    assert rows["disparity_share"].isna().all() != told
    unequal = removed[1] not in (0, 120)
    if unequal and not told:
        assert rows["reason"].str.contains("cannot be told from none").all()


def test_a_token_for_a_column_that_is_no_stage_is_refused() -> None:
    data = MAIN.assign(removed=["96", "120", "*"])
    with pytest.raises(tu.InputError, match=r"suppressed= names 'remvoed'.*'removed'"):
        traced(data, suppressed={"removed": {"*": (1, 10)}, "remvoed": {"*": (1, 10)}})
