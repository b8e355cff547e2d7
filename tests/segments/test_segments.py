"""The table's contract, where totals come from, and what a hidden input cell still says."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import HALF, counts, estimates, row_of
from targeted_universalism import assessment

COLUMNS = [
    "dimension", "segment", "population", "n", "events", "rate", "ci_low", "ci_high", "goal",
    "per", "gap", "gap_low", "gap_high", "ratio_to_goal", "status", "needed", "needed_low",
    "needed_high", "effort_share", "flag", "reason",
]  # fmt: skip
CATEGORIES = {"dimension", "segment", "status", "flag", "reason"}
WHOLE = {"n", "needed", "needed_low", "needed_high"}


def table(made: tu.Segments, goal: Any = HALF, **options: Any) -> pd.DataFrame:
    return tu.assess(made, goal, **options).table


def places(found: pd.DataFrame) -> list[str]:
    return [f"{d}: {s}" for d, s in zip(found["dimension"], found["segment"], strict=True)]


DATA: dict[str, list[Any]] = {
    "county": ["Mono", "Mono", "Inyo", "Inyo", "Inyo"],
    "race": ["White", "Black", None, "White", "Asian"],
    "sex": ["Male", "Female", "Female", "Male", "Male"],
    "x": [30, 10, 5, 30, 12],
    "n": [60, 50, 20, 70, 20],
}

# --- columns ------------------------------------------------------------------------------------

FRAMES = {
    "pandas": lambda: pd.DataFrame(DATA),
    "nullable": lambda: pd.DataFrame(DATA).convert_dtypes(),
    "arrow types": lambda: pd.DataFrame(DATA).convert_dtypes(dtype_backend="pyarrow"),
    "objects": lambda: pd.DataFrame(DATA).astype(object),
    "pyarrow": lambda: pa.table(DATA),
    "polars": lambda: pl.DataFrame(DATA),
    "polars, lazy": lambda: pl.LazyFrame(DATA),
    "polars, categorical": lambda: pl.DataFrame(DATA).with_columns(
        pl.col("race").cast(pl.Categorical), pl.col("county").cast(pl.Categorical)
    ),
    "pyarrow, dictionaries": lambda: pa.table(
        {**DATA, "race": pa.array(DATA["race"]).dictionary_encode()}
    ),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_every_kind_of_frame_gives_the_same_table(make: Any) -> None:
    wanted = table(counts(DATA, segments=["race", "sex"], by="county"))
    pd.testing.assert_frame_equal(
        table(counts(make(), segments=["race", "sex"], by="county")), wanted
    )


@pytest.mark.parametrize(
    ("column", "values"),
    [("race", ["A", "B", None, "C"]), ("race", [7, 8, None, 9]), ("x", [1, None, 3, 4])],
)
def test_a_missing_cell_stays_missing_in_an_arrow_dictionary(column: str, values: Any) -> None:
    data = {"race": [*"ABCD"], "x": [1, 2, 3, 4], "n": [9, 9, 9, 9]}
    plain = table(counts(pa.table({**data, column: pa.array(values)})))
    coded = table(counts(pa.table({**data, column: pa.array(values).dictionary_encode()})))
    pd.testing.assert_frame_equal(coded, plain)


YEARS = {**DATA, "year": [2021, 2021, 2020, 2020, 2020]}


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame(YEARS),
        pd.DataFrame(YEARS).convert_dtypes(),
        pd.DataFrame(YEARS).convert_dtypes(dtype_backend="pyarrow"),
        pd.DataFrame(YEARS).astype({"year": "category"}),
        pd.DataFrame(YEARS).astype({"year": object}),
        pa.table(YEARS),
        pl.DataFrame(YEARS),
    ],
    ids=["pandas", "nullable", "arrow types", "category", "object", "pyarrow", "polars"],
)
def test_a_year_is_a_whole_number_in_every_frame(data: Any) -> None:
    found = table(counts(data, by="year"))["year"]
    assert found.dtype == "Int64"
    assert set(found) == {2020, 2021}


@pytest.mark.parametrize(
    "values",
    [
        [dt.date(2021, 7, 1), dt.date(2020, 7, 1)],
        [dt.datetime(2021, 7, 1, 12), dt.datetime(2020, 7, 1)],
        [True, False],
        [1.5, 0.5],
        [Decimal("1.50"), Decimal("2.00")],
        ["b", "a"],
    ],
    ids=lambda v: type(v[0]).__name__,
)
@pytest.mark.parametrize(
    "make",
    [
        pa.table,
        pl.DataFrame,
        pytest.param(lambda d: pd.DataFrame(d).convert_dtypes(dtype_backend="pyarrow"), id="arrow"),
    ],
)
def test_strata_have_one_type_in_every_frame(make: Any, values: list[Any]) -> None:
    data = {"time": values, "race": ["A", "B"], "x": [1, 2], "n": [5, 5]}
    pd.testing.assert_frame_equal(
        table(counts(make(data), by="time")), table(counts(data, by="time"))
    )


@pytest.mark.parametrize("column", ["race", "x"])
@pytest.mark.parametrize("make", [pa.table, pl.DataFrame, pl.LazyFrame])
def test_a_column_of_nothing_is_missing_in_every_frame(make: Any, column: str) -> None:
    data = {"race": ["A", "B"], "sex": ["F", "M"], "x": [1, 2], "n": [5, 5], column: [None, None]}
    options = {"segments": ["race", "sex"]}
    pd.testing.assert_frame_equal(
        table(counts(make(data), **options)), table(counts(pd.DataFrame(data), **options))
    )


def test_dictionaries_that_differ_between_chunks_are_read_as_one() -> None:
    first, second = (
        pa.table({"race": pa.array(labels).dictionary_encode(), "x": [1, 2], "n": [5, 5]})
        for labels in (["A", None], ["B", "C"])
    )
    found = table(counts(pa.concat_tables([first, second])))
    assert found["segment"].tolist() == ["All", "A", "B", "C", "Unknown"]
    assert found["events"].tolist() == [6, 1, 1, 2, 2]


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame])
def test_a_column_of_lists_is_no_column_of_labels(make: Any) -> None:
    with pytest.raises(tu.InputError, match="'race'"):
        counts(make({"race": [["A"], ["B"]], "x": [1, 2], "n": [5, 5]}))


@pytest.mark.parametrize(
    "made",
    [
        lambda: counts(DATA, by="county", segments=["race", "sex"], cross=2),
        lambda: counts(DATA, by="county", kind="rate"),
        lambda: counts({**DATA, "x": ["*", 10, 5, 30, 12]}, suppressed={"*": (1, 9)}, by="county"),
        lambda: counts(DATA, by=["county", "sex"]),
        lambda: counts({k: v[:1] for k, v in DATA.items()}),
        lambda: counts({**DATA, "n": [0] * 5, "x": [0] * 5}, by="county"),
        lambda: counts({**DATA, "n": [50.5] * 5}, by="county"),
        lambda: counts(DATA, segments="race", by="county", exclusive=False),
        lambda: estimates({"race": ["A", "B"], "rate": [0.2, 0.3]}),
        lambda: estimates({"race": ["A", "B"], "rate": [0.2, None], "p": [10, 20]}, population="p"),
        lambda: estimates({"race": ["A", "B"], "rate": [2, 3]}, kind="mean"),
        lambda: estimates({"race": ["A"], "rate": [0.2]}, kind="standardized", per=1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", [{}, {"confidence": None, "reliability": None}], ids=str)
def test_columns_and_their_types_are_always_the_same(made: Any, options: dict[str, Any]) -> None:
    segments = made()
    found = table(segments, tu.Goal.at_least(0.5, per=1), **options)
    assert found.columns.tolist() == [*segments.strata.names, *COLUMNS]
    for name in COLUMNS:
        kind = "category" if name in CATEGORIES else "Int64" if name in WHOLE else "float64"
        assert found[name].dtype == kind, name
    assert found.index.equals(pd.RangeIndex(len(found)))
    assert found["reason"].notna().all()


def test_an_indicator_has_a_column_of_its_name_after_the_strata() -> None:
    found = table(counts({**DATA, "what": ["a"] * 5}, by="county", indicator="what"))
    assert found.columns.tolist() == ["county", "indicator", *COLUMNS]
    assert {str(found[name].dtype) for name in ("indicator", "county")} == {"category"}


def test_the_table_is_a_copy() -> None:
    a = tu.assess(counts(DATA, by="county"), HALF)
    before = a.table
    spoiled = a.table
    spoiled["rate"] = 0.0
    spoiled.loc[0, "segment"] = "White"
    pd.testing.assert_frame_equal(a.table, before)


@pytest.mark.parametrize("most", [100_000, 0])
@pytest.mark.parametrize("name", ["county", "segment", "n", "needed", "rate", "goal", "reason"])
def test_nothing_written_into_the_arrays_of_a_table_reaches_the_next(
    name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even what is written behind a table's back, be the table kept or made anew."""
    monkeypatch.setattr(assessment, "_MANY_CELLS", most)
    a = tu.assess(counts(DATA, by="county"), HALF)
    before = a.table.copy()
    spoiled = a.table
    for values in (spoiled[name].array, spoiled[name].to_numpy()):
        with contextlib.suppress(ValueError):  # an array that may only be read
            values[0] = values[-1]
    pd.testing.assert_frame_equal(a.table, before)


@pytest.mark.parametrize("make", [FRAMES["pandas"], FRAMES["nullable"], FRAMES["pyarrow"]])
def test_the_data_that_come_in_are_never_changed(make: Any) -> None:
    data, twin = make(), make()
    a = tu.assess(counts(data, segments=["race", "sex"], by="county"), HALF, rollup=True)
    a.suppress()
    assert data.equals(twin)


def test_choices_cannot_be_changed() -> None:
    a = tu.assess(counts(DATA, by="county"), HALF)
    with pytest.raises(TypeError):
        a.choices["exclusive"]["race"] = False


def test_choices_are_there_in_their_order() -> None:
    a = tu.assess(counts(DATA, by="county"), HALF)
    assert list(a.choices) == [
        "kind", "denominators", "events", "exclusive", "total", "suppressed", "dropped",
        "confidence", "interval", "reliability", "rollup", "suppression", "findings",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "made",
    [
        lambda: counts(DATA, segments=["race", "sex"], by="county"),
        lambda: counts({**DATA, "x": ["*", 10, 5, 30, 12]}, by="county", suppressed={"*": None}),
        lambda: estimates({"race": ["A", "B"], "rate": [0.2, 0.3], "p": [9, 8]}, population="p"),
    ],
)
def test_pickles_come_back_the_same(made: Any) -> None:
    segments = made()
    a = tu.assess(segments, HALF)
    again = pickle.loads(pickle.dumps(a))  # noqa: S301
    pd.testing.assert_frame_equal(again.table, a.table)
    assert dict(again.choices) == dict(a.choices)
    copy = pickle.loads(pickle.dumps(segments))  # noqa: S301
    assert repr(copy) == repr(segments)
    pd.testing.assert_frame_equal(tu.assess(copy, HALF).table, a.table)


# --- rows ---------------------------------------------------------------------------------------


def test_the_total_comes_first_and_unknown_last_in_every_stratum() -> None:
    found = table(counts(DATA, segments=["race", "sex", "race*sex"], by="county"))
    for _, part in found.groupby("county", observed=True):
        assert places(part) == [
            "total: All",
            "race: White", "race: Black", "race: Asian", "race: Unknown",
            "sex: Male", "sex: Female",
            "race*sex: White × Male", "race*sex: Black × Female", "race*sex: Asian × Male",
            "race*sex: Unknown × Female",
        ]  # fmt: skip


def test_a_crossing_with_an_unknown_half_comes_last() -> None:
    data = {
        "race": ["A", "A", "B", None], "sex": [None, "F", "F", "F"],
        "x": [1, 2, 3, 4], "n": [9, 9, 9, 9],
    }  # fmt: skip
    found = table(counts(data, segments="race*sex"))
    assert found["segment"].tolist()[1:] == ["A × F", "B × F", "A × Unknown", "Unknown × F"]
    assert found["effort_share"].notna().tolist() == [False, True, True, False, False]


@pytest.mark.parametrize("empty", [None, float("nan"), pd.NA, pd.NaT, "", "  "], ids=repr)
def test_every_empty_label_is_unknown_and_kept(empty: object) -> None:
    found = table(counts({"race": np.array(["A", empty], dtype=object), "x": [1, 2], "n": [5, 6]}))
    assert found["segment"].tolist() == ["All", "A", "Unknown"]
    assert found["n"].tolist() == [11, 5, 6]


def test_strata_keep_the_order_of_their_first_appearance() -> None:
    found = table(counts(DATA, by="county"))
    assert found["county"].drop_duplicates().tolist() == ["Mono", "Inyo"]


def test_declared_categories_set_the_order_and_unused_ones_are_no_rows() -> None:
    data = pd.DataFrame(DATA)
    data["race"] = pd.Categorical(data["race"], ["Asian", "Martian", "Black", "White"])
    data["county"] = pd.Categorical(data["county"], ["Alpine", "Inyo", "Mono"])
    found = table(counts(data, by="county"))
    assert found["county"].drop_duplicates().tolist() == ["Inyo", "Mono"]
    assert found["segment"].iloc[:5].tolist() == ["All", "Asian", "Black", "White", "Unknown"]
    assert len(found) == 10


def test_a_polars_enum_declares_its_order() -> None:
    order = ["Asian", "Martian", "Black", "White"]
    data = pl.DataFrame(DATA).with_columns(pl.col("race").cast(pl.Enum(order)))
    assert counts(data, by="county").dimensions["race"] == ("Asian", "Black", "White", "Unknown")


def test_a_declared_order_holds_whatever_the_categories_say() -> None:
    made = counts(DATA, by="county", order={"race": ["Black", "Asian", "Martian", "White"]})
    assert made.dimensions["race"] == ("Black", "Asian", "White", "Unknown")


def test_a_segment_seen_anywhere_has_a_row_everywhere() -> None:
    found = table(counts(DATA, by="county"))
    absent = found[(found["county"] == "Mono") & (found["segment"] == "Asian")].iloc[0]
    assert absent[["status", "flag", "reason"]].tolist() == [
        "no data",
        "no data",
        "no row in the data",
    ]
    assert absent[["population", "n", "events", "rate", "needed", "effort_share"]].isna().all()


@pytest.mark.parametrize(
    "goal",
    [
        tu.Goal.at_least(0.0),
        tu.Goal.at_least(0.9),
    ],
)
def test_a_row_without_data_says_that_and_nothing_else(goal: tu.Goal) -> None:
    data = {"county": ["c", "d"], "race": ["A", "B"], "x": [1, 2], "n": [5, 5]}
    found = table(counts(data, by="county"), goal)
    assert found["reason"].iloc[2] == "no row in the data"


def test_a_segment_is_seen_for_its_own_indicator_only() -> None:
    data = {**DATA, "what": ["a", "a", "b", "b", "b"]}
    found = table(counts(data, indicator="what"), {"a": HALF, "b": HALF})
    seen = {
        name: part["segment"].tolist() for name, part in found.groupby("indicator", observed=True)
    }
    assert seen == {
        "a": ["All", "White", "Black"],
        "b": ["All", "White", "Asian", "Unknown"],
    }


def test_a_chosen_stratum_keeps_every_row_it_had() -> None:
    a = tu.assess(counts(DATA, by="county"), HALF)
    mono = a.table[a.table["county"] == "Mono"].reset_index(drop=True)
    assert a.where(county="Mono").table["segment"].tolist() == mono["segment"].tolist()


@pytest.mark.parametrize("wanted", [{"county": "Mono"}, {"dimension": "race"}])
def test_choosing_and_suppressing_can_change_places(wanted: dict[str, str]) -> None:
    a = tu.assess(counts(DATA, segments=["race", "sex"], by="county"), HALF)
    first, last = a.where(wanted).suppress().table, a.suppress().where(wanted).table
    assert first.astype(str).equals(last.astype(str))


@pytest.mark.parametrize("dimension", ["race", ["race", "sex"]])
def test_a_chosen_dimension_stands_below_the_total(dimension: Any) -> None:
    a = tu.assess(counts(DATA, segments=["race", "sex", "race*sex"], by="county"), HALF)
    wanted = {"total", *([dimension] if isinstance(dimension, str) else dimension)}
    kept = a.table[a.table["dimension"].isin(wanted)].reset_index(drop=True)
    found = a.where(dimension=dimension).table
    for name in ("segment", "rate", "needed", "effort_share", "reason"):
        assert found[name].astype(object).equals(kept[name].astype(object)), name


def test_crossing_adds_every_combination_by_number_of_ways() -> None:
    data = {**DATA, "age": ["young", "old", "old", "young", "old"]}
    made = counts(data, segments=["race", "sex", "age"], cross=3, by="county")
    assert list(made.dimensions) == [
        "race", "sex", "age", "race*sex", "race*age", "sex*age", "race*sex*age",
    ]  # fmt: skip


def test_labels_of_every_script_come_back_as_they_were() -> None:
    labels = ["Ελληνικά", "العربية", "汉族", "हिन्दी", "Чеченцы", "Kānaka Maoli", "O’odham", "👪"]
    found = table(counts({"race": labels, "x": [1] * 8, "n": [2] * 8}))
    assert found["segment"].tolist() == ["All", *labels]


@pytest.mark.parametrize(
    "codes",
    [
        [1, 2],
        [1.0, 2.0],
        ["1", "2"],
        np.array([1, 2], dtype=object),
        np.array([1.0, "2"], dtype=object),
        pd.array([1, 2], dtype="Int64"),
        pd.Categorical([1, 2]),
    ],
)
def test_whole_codes_are_segments_by_their_number(codes: Any) -> None:
    found = table(counts({"race": codes, "x": [1, 2], "n": [5, 5]}))
    assert found["segment"].tolist() == ["All", "1", "2"]


@pytest.mark.parametrize("codes", [[1, "1"], [2.0, "2"], [True, "True"]], ids=str)
def test_rows_whose_labels_read_alike_are_duplicates(codes: list[Any]) -> None:
    data = {"race": np.array(codes, dtype=object), "x": [1, 2], "n": [5, 5]}
    with pytest.raises(tu.InputError, match="same group"):
        counts(data)


def test_strata_whose_labels_read_alike_are_one_stratum() -> None:
    data = {
        "county": np.array([1, "1"], dtype=object),
        "race": ["A", "B"],
        "x": [1, 2],
        "n": [5, 5],
    }
    assert table(counts(data, by="county"))["segment"].tolist() == ["All", "A", "B"]


def test_finer_rows_are_added_up_and_are_no_duplicates() -> None:
    data = {"race": ["A", "A", "B"], "sex": ["F", "M", "F"], "x": [1, 2, 4], "n": [5, 6, 7]}
    found = table(counts(data, segments=["race", "sex"]))
    assert found["n"].tolist() == [18, 11, 7, 12, 6]
    assert found["events"].tolist() == [7, 3, 4, 5, 2]


def test_one_segment_alone_has_a_gap() -> None:
    found = table(counts({"race": ["A"], "x": [1], "n": [4]}))
    assert found["gap"].tolist() == [0.25, 0.25]
    assert found["effort_share"].iloc[1] == 1


@pytest.mark.parametrize("unknown", [["Declined", "N/A"], ("N/A", "Declined"), {"N/A", "Declined"}])
def test_every_unknown_label_is_added_to_unknown(unknown: Any) -> None:
    data = {"race": ["A", "N/A", "Declined", None], "x": [1, 2, 3, 4], "n": [10, 10, 10, 10]}
    found = row_of(table(counts(data, unknown=unknown)), "Unknown")
    assert (found["events"], found["n"]) == (9, 30)
    assert np.isnan(found["effort_share"])


def test_overlapping_flags_are_segments_that_are_never_added() -> None:
    data = {
        "foster": [1, 1, 0, None],
        "homeless": [0, 1, 0, 1],
        "x": [1, 2, 3, 4],
        "n": [9, 8, 7, 6],
    }
    found = table(counts(data, segments=tu.overlapping(["foster", "homeless"], name="programme")))
    assert places(found)[1:] == [
        "programme: foster", "programme: homeless", "programme: Unknown",
    ]  # fmt: skip
    assert found["n"].tolist()[1:] == [17, 14, 6]
    assert found["effort_share"].isna().all()
    assert found["reason"].iloc[0] == "no total: overlapping segments are never summed"


def test_a_hundred_thousand_segments_are_no_trouble() -> None:
    k = 100_000
    made = counts(pd.DataFrame({"race": np.arange(k), "x": np.arange(k) % 30, "n": 40}))
    assert repr(made) == "Segments of counts (proportion): 1 stratum; race (100,000 segments)"
    found = table(made)
    assert len(found) == k + 1
    assert found["effort_share"].sum() == pytest.approx(1)
    assert found["needed"].iloc[1:].sum() > found["needed"].iloc[0]


def test_many_dimensions_are_named_in_part() -> None:
    data = {f"d{i}": ["a"] for i in range(9)} | {"x": [1], "n": [2]}
    assert repr(counts(data, segments=[f"d{i}" for i in range(9)])).endswith("and 3 more")


# --- totals -------------------------------------------------------------------------------------


def total(made: tu.Segments, **options: Any) -> Any:
    return table(made, **options).iloc[0]


def test_a_declared_total_wins_over_the_sum() -> None:
    found = total(
        counts({"race": ["All", "A", "B"], "x": [6, 1, 4], "n": [21, 10, 10]}, total="All")
    )
    assert (found["events"], found["n"], found["reason"]) == (6, 21, "")


def test_a_declared_total_is_optional_in_each_stratum() -> None:
    data = {
        "county": ["c", "c", "c", "d", "d"], "race": ["All", "A", "B", "A", "B"],
        "x": [6, 1, 4, 2, 3], "n": [21, 10, 10, 10, 10],
    }  # fmt: skip
    found = table(counts(data, by="county", total="All"))
    assert found.loc[found["dimension"] == "total", "n"].tolist() == [21, 20]


@pytest.mark.parametrize("label", ["All", "Statewide", 99, "Total"])
def test_any_label_can_be_declared_the_total(label: Any) -> None:
    data = {"race": np.array([label, "A", "B"], dtype=object), "x": [5, 1, 4], "n": [20, 10, 10]}
    found = table(counts(data, total=label))
    assert found["segment"].tolist() == ["All", "A", "B"]
    assert found["n"].tolist() == [20, 10, 10]


def test_partitions_that_differ_are_reported_and_the_first_is_the_total() -> None:
    data = {
        "group": ["A", "B", "F", "M"], "kind": ["race", "race", "sex", "sex"],
        "x": [1, 4, 2, 2], "n": [10, 10, 10, 11],
    }  # fmt: skip
    found = total(counts(data, segments="group", dimension="kind"))
    assert (found["n"], found["reason"]) == (20, "partitions differ")


def test_a_partition_with_a_hidden_cell_is_passed_over() -> None:
    data = {
        "group": ["A", "B", "F", "M"], "kind": ["race", "race", "sex", "sex"],
        "x": ["*", 4, 2, 3], "n": [10, 10, 10, 10],
    }  # fmt: skip
    found = total(counts(data, segments="group", dimension="kind", suppressed={"*": (1, 10)}))
    assert (found["events"], found["n"], found["reason"]) == (5, 20, "")


def test_a_partition_with_a_missing_rate_is_passed_over() -> None:
    data = {
        "group": ["A", "B", "F", "M"], "kind": ["race", "race", "sex", "sex"],
        "x": [None, 4, 2, 3], "n": [10, 10, 10, 10],
    }  # fmt: skip
    found = total(counts(data, segments="group", dimension="kind"))
    assert (found["events"], found["n"], found["reason"]) == (5, 20, "")


def test_where_every_partition_hides_a_cell_the_total_is_a_range() -> None:
    data = {"race": ["A", "B"], "x": ["*", 4], "n": [10, 10]}
    found = total(counts(data, suppressed={"*": (1, 3)}))
    assert (found["status"], found["flag"]) == ("suppressed", "suppressed")
    assert found[["gap_low", "gap_high"]].tolist() == pytest.approx([0.15, 0.25])
    assert (found["needed_low"], found["needed_high"]) == (3, 5)
    assert found["reason"] == "hidden in the input: range of possible values"


@pytest.mark.parametrize("exclusive", [False, {"race": False}])
def test_overlapping_segments_alone_have_no_total(exclusive: Any) -> None:
    found = total(counts({"race": ["A", "B"], "x": [1, 4], "n": [10, 10]}, exclusive=exclusive))
    assert found["reason"] == "no total: overlapping segments are never summed"
    assert found[["population", "n", "events", "rate", "needed"]].isna().all()
    assert found["status"] == "no data"


def test_an_exclusive_dimension_gives_the_total_of_overlapping_ones() -> None:
    data = {"race": ["A", "B"], "foster": [1, 1], "x": [1, 4], "n": [10, 10]}
    flags = tu.overlapping(["foster"], name="programme")
    assert total(counts(data, segments=[flags, "race"]))["n"] == 20


MARGINS = {
    "race": ["All", "A", "B", "All", "All", "A", "A", "B", "B"],
    "sex": ["All", "All", "All", "F", "M", "F", "M", "F", "M"],
    "x": [31, 11, 20, 15, 16, 5, 6, 10, 10],
    "n": [101, 50, 51, 51, 50, 20, 30, 31, 20],
}


@pytest.mark.parametrize("left_out", [[], [0], [1, 2], [3, 4], [0, 1, 2], [5, 6, 7, 8]])
def test_margins_declared_in_several_columns_are_never_added(left_out: list[int]) -> None:
    data = pd.DataFrame(MARGINS).drop(index=left_out)
    found = table(counts(data, segments=["race", "sex"], total="All"))
    assert found["n"].tolist() == [101, 50, 51, 51, 50]
    assert found["events"].tolist() == [31, 11, 20, 15, 16]
    assert (found["reason"] != "partitions differ").all()


def test_a_declared_margin_wins_over_finer_rows() -> None:
    data = pd.DataFrame(MARGINS)
    data.loc[1, "n"] = 52
    found = table(counts(data, segments=["race", "sex", "race*sex"], total="All"))
    assert row_of(found, "A", dimension="race")["n"] == 52
    assert row_of(found, "A × F")["n"] == 20


@pytest.mark.parametrize("share", ["column", "mapping"])
def test_partitions_that_each_bring_their_total_row_do_not_double_it(share: str) -> None:
    data = {
        "group": ["All", "A", "B", "Both", "F", "M"],
        "kind": ["race", "race", "race", "sex", "sex", "sex"],
        "x": [30, 10, 20, 30, 15, 15],
        "n": [100, 50, 50, 100, 50, 50],
    }
    names = dict(zip("ABFM", ["race", "race", "sex", "sex"], strict=True))
    found = total(
        counts(
            data,
            segments="group",
            dimension="kind" if share == "column" else names,
            total=["All", "Both"],
        )
    )
    assert (found["n"], found["events"]) == (100, 30)


def test_rows_of_mixed_detail_are_all_counted() -> None:
    data = {
        "race": ["A", "A", "A"], "sex": ["F", "M", "M"], "age": ["All", "old", "young"],
        "x": [10, 5, 5], "n": [20, 10, 10],
    }  # fmt: skip
    assert table(counts(data, segments=["race", "sex", "age"], total="All"))["n"].iloc[1] == 40


def test_a_declared_total_outside_its_segments_is_reported() -> None:
    data = {"race": ["All", "A", "B"], "rate": [0.9, 0.2, 0.4]}
    found = total(estimates(data, total="All"))
    assert found["reason"].startswith("declared total outside the range of its segments")
    assert found["rate"] == 0.9


def test_a_total_outside_its_segments_in_one_stratum_says_nothing_of_the_roll_up() -> None:
    """Inyo: 45 of 100, above 20/50 and 5/40. Together: 60 of 200, between 40/100 and 10/90."""
    data = {
        "county": ["Inyo"] * 3 + ["Mono"] * 3, "race": ["A", "B", "All"] * 2,
        "x": [20, 5, 45, 20, 5, 15], "n": [50, 40, 100, 50, 50, 100],
    }  # fmt: skip
    found = table(counts(data, by="county", total="All"), rollup=True)
    totals = found[found["segment"] == "All"]
    assert totals["rate"].tolist() == [0.45, 0.15, 0.3]
    outside = "declared total outside the range of its segments"
    assert totals["reason"].tolist() == [outside, "", ""]


def test_several_labels_of_unknown_are_added_up_beside_a_declared_total() -> None:
    """They are two rows of one segment, not one row given twice."""
    rows = [("A", 4, 9), ("B", 6, 12), ("NK", 2, 5), ("Missing", 3, 7), ("All", 15, 33)]
    found = table(counts(rows, total="All", unknown=["NK", "Missing"]))
    assert found["segment"].tolist() == ["All", "A", "B", "Unknown"]
    assert found["population"].tolist() == [33, 9, 12, 5 + 7]
    assert found["events"].tolist() == [15, 4, 6, 2 + 3]


@pytest.mark.parametrize("rate", [0.2, 0.3, 0.4])
def test_a_declared_total_within_its_segments_is_not(rate: float) -> None:
    found = total(estimates({"race": ["All", "A", "B"], "rate": [rate, 0.2, 0.4]}, total="All"))
    assert "outside" not in found["reason"]


def test_published_rates_are_weighted_by_their_people() -> None:
    data = {"race": ["A", "B"], "rate": [0.2, 0.5], "se": [0.03, 0.04], "p": [100, 300]}
    made = estimates(data, se="se", population="p")
    found = total(made)
    assert found["rate"] == pytest.approx(0.425)
    assert found["population"] == 400
    se = math.hypot(0.25 * 0.03, 0.75 * 0.04)
    step = 1.959963984540054 * se / (0.425 * 0.575)
    odds = 0.425 / 0.575
    assert found["ci_low"] == pytest.approx(1 / (1 + math.exp(step) / odds))
    assert found["ci_high"] == pytest.approx(1 / (1 + math.exp(-step) / odds))
    assert "as if independent" in made.choices["total"]


def test_a_declared_total_keeps_its_own_standard_error() -> None:
    data = {"race": ["All", "A"], "rate": [0.3, 0.3], "se": [0.01, 0.2], "p": [100, 100]}
    found = total(estimates(data, se="se", population="p", total="All"))
    assert found["ci_high"] - found["ci_low"] < 0.05


def test_without_people_the_total_is_kept_without_a_rate() -> None:
    found = total(estimates({"race": ["A", "B"], "rate": [0.2, 0.5]}))
    assert np.isnan(found["rate"])
    assert found["reason"] == "no population to weight the rates by"
    assert found["status"] == "no data"


def test_standardized_rates_are_never_added() -> None:
    data = {"race": ["A", "B"], "rate": [2.0, 5.0], "p": [100, 300]}
    for options in ({"kind": "standardized"}, {"kind": "rate", "adjusted": True}):
        found = total(estimates(data, population="p", per=1000, **options), goal=GOAL_PER_1000)
        assert found["reason"] == "standardized rates are not added: declare the total"
        assert np.isnan(found["rate"])


GOAL_PER_1000 = tu.Goal.at_most(3, per=1000)


def test_a_declared_total_of_standardized_rates_is_shown() -> None:
    data = {"race": ["All", "A", "B"], "rate": [4.0, 2.0, 5.0]}
    found = total(estimates(data, kind="standardized", per=1000, total="All"), goal=GOAL_PER_1000)
    assert (found["rate"], found["gap"]) == (4.0, 1.0)
    assert "people not available from a standardized rate" in found["reason"]


def test_a_share_that_is_missing_says_why() -> None:
    data = {"race": ["A", "B"], "rate": [0.2, 0.3], "p": [100, None]}
    found = table(estimates(data, population="p"))
    assert found["effort_share"].isna().all()
    assert "no share" in row_of(found, "A")["reason"]


# --- roll-ups -----------------------------------------------------------------------------------


def test_a_roll_up_is_the_last_stratum_with_its_keys_missing() -> None:
    found = table(counts({**DATA, "year": [1, 1, 2, 2, 2]}, by=["county", "year"]), rollup=True)
    last = found[found["county"].isna()]
    assert last.index.tolist() == list(range(len(found) - 5, len(found)))
    assert last["year"].isna().all()
    assert found["year"].dtype == "Int64"
    assert places(last) == [
        "total: All",
        "race: White",
        "race: Black",
        "race: Asian",
        "race: Unknown",
    ]
    assert last["n"].tolist() == [220, 130, 50, 20, 20]


def test_a_roll_up_says_where_strata_had_no_row() -> None:
    last = table(counts(DATA, by="county"), rollup=True).iloc[-5:]
    assert "strata without a row are not in the sum" in row_of(last, "Asian")["reason"]
    assert "strata" not in row_of(last, "White")["reason"]


def test_a_segment_hidden_in_one_stratum_is_a_range_in_the_roll_up() -> None:
    data = {"county": ["c", "d"], "race": ["A", "A"], "x": ["*", 4], "n": [10, 10]}
    last = table(counts(data, by="county", suppressed={"*": (1, 3)}), rollup=True).iloc[-1]
    assert last["status"] == "suppressed"
    assert (last["needed_low"], last["needed_high"]) == (3, 5)


def test_each_indicator_has_a_roll_up_of_its_own() -> None:
    data = {**DATA, "what": ["a", "b", "a", "b", "a"]}
    found = table(counts(data, by="county", indicator="what"), {"a": HALF, "b": HALF}, rollup=True)
    last = found[found["county"].isna() & (found["dimension"] == "total")]
    assert last["indicator"].tolist() == ["a", "b"]
    assert last["n"].tolist() == [100, 120]


# --- hidden input -------------------------------------------------------------------------------

TOKENS: dict[Any, Any] = {"<5": (1, 4), "<3": (0, 2)}


def allowed(x: Any, n: Any, kind: str) -> list[tuple[int, int]]:
    """All counts that a row allows (RULES 2)."""

    def values(cell: Any) -> list[int]:
        if cell not in TOKENS:
            return [cell]
        return list(range(TOKENS[cell][0], TOKENS[cell][1] + 1))

    events = values(x)
    if n in TOKENS and x not in TOKENS:
        events = list(range(TOKENS[n][1] + 1))
    return [(a, b) for a in events for b in values(n) if kind == "rate" or a <= b]


cells_of_rows = st.lists(
    st.tuples(st.sampled_from(["<5", "<3", 0, 1, 2]), st.sampled_from(["<5", "<3", 2, 5, 9])),
    min_size=1,
    max_size=3,
).filter(lambda rows: any(isinstance(cell, str) for pair in rows for cell in pair))


@given(
    rows=cells_of_rows,
    kind=st.sampled_from(["proportion", "rate"]),
    direction=st.sampled_from(["at least", "at most"]),
    tenths=st.integers(0, 10),
)
def test_the_range_of_a_hidden_cell_is_that_of_all_counts_it_allows(
    rows: list[tuple[Any, Any]], kind: str, direction: str, tenths: int
) -> None:
    goal, sign = Fraction(tenths, 10), 1 if direction == "at least" else -1
    pairs = [
        (sum(x for x, _ in some), sum(n for _, n in some))
        for some in itertools.product(*(allowed(x, n, kind) for x, n in rows))
    ]
    gaps = [sign * (goal - Fraction(x, n)) for x, n in pairs if n]
    needed = [max(0, math.ceil(sign * (goal * n - x))) for x, n in pairs if n]

    # A second race, so that the file is not read as stacked.
    data = {
        "race": ["A"] * len(rows) + ["B"],
        "part": [f"p{i}" for i in range(len(rows))] + ["p0"],
        "x": [*(x for x, _ in rows), 5],
        "n": [*(n for _, n in rows), 50],
    }
    made = counts(data, segments=["race", "part"], kind=kind, suppressed=TOKENS)
    found = row_of(table(made, tu.Goal(direction=direction, target=float(goal))), "A")
    assert found["gap_low"] == pytest.approx(float(min(gaps)), abs=1e-12)
    assert found["gap_high"] == pytest.approx(float(max(gaps)), abs=1e-12)
    assert (found["needed_low"], found["needed_high"]) == (min(needed), max(needed))
    assert (found["status"], found["flag"]) == ("suppressed", "suppressed")
    assert found[["events", "rate", "ci_low", "gap", "needed", "effort_share"]].isna().all()


@pytest.mark.parametrize("n", [1, 4, 10])
def test_the_range_of_a_hidden_denominator_holds_the_truth(n: int) -> None:
    events, goal = 20, tu.Goal.at_most(0.5, per=1)
    truth = counts({"race": ["A", "B"], "x": [events, 5], "n": [n, 50]}, kind="rate")
    hidden = {"race": ["A", "B"], "x": [events, 5], "n": ["<11", 50]}
    said = row_of(table(counts(hidden, kind="rate", suppressed={"<11": (1, 10)}), goal), "A")
    real = row_of(table(truth, goal), "A")
    assert said["gap_low"] <= real["gap"] <= said["gap_high"]
    assert said["needed_low"] <= real["needed"] <= said["needed_high"]


@pytest.mark.parametrize(("kind", "x"), [("rate", 1), ("rate", 10), ("proportion", 0.25)])
def test_the_range_over_a_denominator_below_one_holds_the_truth(kind: str, x: float) -> None:
    goal, bounds = tu.Goal.at_most(0.3, per=1), {"*": (x, x)}
    truth = counts({"race": ["A", "B"], "x": [x, 5.0], "n": [0.5, 50.0]}, kind=kind)
    hidden = {"race": ["A", "B"], "x": ["*", "5"], "n": [0.5, 50.0]}
    said = row_of(table(counts(hidden, kind=kind, suppressed=bounds), goal), "A")
    real = row_of(table(truth, goal), "A")
    assert said["gap_low"] == pytest.approx(real["gap"])
    assert said["gap_high"] == pytest.approx(real["gap"])


@pytest.mark.parametrize(
    ("suppressed", "x"),
    [
        ({"<11": (1, 10)}, ["<11", "40"]),
        ({"x": {"<11": (1, 10)}}, ["<11", "40"]),
        ({0: (1, 10)}, [0, 40]),
        ({0: (1, 10)}, ["0", "40"]),
        ({-9: (1, 10)}, [-9, 40]),
        ({"x": {0: (1, 10)}, "n": {0: (1, 20)}}, [0, 40]),
        ({" <11 ": (1, 10)}, ["<11", "40"]),
        ({"<11": (1, 10)}, [" <11 ", "40"]),
        ({0: (1, 10)}, pd.array([0, 40], dtype="Int64")),
        ({"0": (1, 10)}, [0, 40]),
    ],
)  # fmt: skip
def test_a_token_hides_its_cell_however_it_is_written(suppressed: Any, x: Any) -> None:
    data = {"race": ["A", "B"], "x": x, "n": [20, 80]}
    found = row_of(table(counts(data, suppressed=suppressed)), "A")
    assert found["status"] == "suppressed"
    assert found["population"] == 20
    assert (found["needed_low"], found["needed_high"]) == (0, 9)


def test_tokens_of_one_column_leave_the_other_alone() -> None:
    data = {"race": ["A", "B"], "x": [0, 40], "n": [20, 80]}
    found = row_of(table(counts(data, suppressed={"n": {0: (1, 10)}})), "A")
    assert (found["events"], found["rate"]) == (0, 0)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_a_token_without_bounds_still_knows_the_denominator(kind: str) -> None:
    data = {"race": ["A", "B"], "x": ["*", "40"], "n": [20, 80]}
    found = row_of(table(counts(data, suppressed={"*": None}, kind=kind)), "A")
    assert (found["status"], found["population"]) == ("suppressed", 20)
    if kind == "proportion":
        assert found[["gap_low", "gap_high"]].tolist() == [-0.5, 0.5]
        assert (found["needed_low"], found["needed_high"]) == (0, 10)
        assert found["reason"].startswith("hidden in the input: range")
    else:
        # 0 or more events among 20: one side is known.
        assert found[["gap_high", "needed_high"]].tolist() == [0.5, 10]
        assert found[["gap_low", "needed_low"]].isna().all()
        assert found["reason"].startswith("hidden in the input: range")


def test_a_hidden_denominator_hides_its_numerator() -> None:
    data = {"race": ["A", "B"], "x": [3, 40], "n": ["<11", "80"]}
    found = row_of(table(counts(data, suppressed={"<11": (1, 10)})), "A")
    assert found[["population", "n", "events", "rate"]].isna().all()
    assert found[["gap_low", "gap_high"]].tolist() == [-0.5, 0.5]


def test_shares_are_missing_beside_a_hidden_segment() -> None:
    data = {"race": ["A", "B"], "sex": ["F", "M"], "x": ["*", "4"], "n": [20, 80]}
    found = table(counts(data, suppressed={"*": None}))
    assert found["effort_share"].isna().all()
    assert row_of(found, "B")["reason"] == "no share: suppressed segment"


def test_hidden_estimates_keep_the_range_of_their_bounds() -> None:
    data = {"race": ["A", "B"], "rate": ["<20", "60"], "p": [50, 100]}
    made = estimates(data, per=100, population="p", suppressed={"<20": (0, 20)})
    found = row_of(table(made, tu.Goal.at_least(50, per=100)), "A")
    assert found[["gap_low", "gap_high"]].tolist() == [30, 50]
    assert (found["needed_low"], found["needed_high"]) == (15, 25)
    assert (found["status"], found["population"]) == ("suppressed", 50)
