"""Records become segments: every number against plain pandas, numpy, scipy or published answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import targeted_universalism as tu
from make import HALF, assessed, fewer, identical, plain, records, row_of
from targeted_universalism.read import constructors, finest_sums, sorted_sums
from targeted_universalism.read import margins as tables
from targeted_universalism.read import records as waves
from targeted_universalism.read.arrow import digits
from targeted_universalism.read.frames import Frame

SCORE = tu.Goal.at_least(2, per=1)
TEXT = ["dimension", "segment", "status", "flag", "reason"]
TENTH_DIGIT = 1e-9
WEIGHT_UNITS = "weights sum to the number of rows: people are in units of the weights"


def make(seed: int = 0, rows: int = 400) -> pd.DataFrame:
    """Make records with holes in every column but the strata."""
    rng = np.random.default_rng(seed)
    made = pd.DataFrame(
        {
            "race": rng.choice(["White", "Black", "Asian", "Latino", "Samoan", None], rows),
            "sex": rng.choice(["Male", "Female", None], rows, p=[0.5, 0.4, 0.1]),
            "grade": rng.choice([10.0, 9.0, np.nan], rows),
            "county": rng.choice(["Mono", "Inyo"], rows),
            "y": rng.choice([0.0, 1.0, np.nan], rows, p=[0.3, 0.6, 0.1]),
            "visits": rng.poisson(1.3, rows).astype(float),
            "score": rng.normal(50, 9, rows),
            "w": rng.integers(1, 20, rows) / 4,
        }
    )
    made.loc[3, ["visits", "score"]] = np.nan
    return made


def assess(data: Any, goal: Any = HALF, /, **options: Any) -> tu.Assessment:
    return assessed(data, goal, make=records, **options)


def same(one: pd.DataFrame, other: pd.DataFrame, rtol: float = 0.0) -> None:
    pd.testing.assert_index_equal(one.index, other.index)
    identical(plain(one), plain(other), rtol)


def counted(table: pd.DataFrame, *by: str) -> dict[tuple[object, ...], tuple[float, ...]]:
    """Population, n and events by everything that names a row."""
    numbers = table[["population", "n", "events"]].astype(float).itertuples(index=False, name=None)
    names = plain(table[[*by, "dimension", "segment"]]).itertuples(index=False, name=None)
    return dict(zip(names, numbers, strict=True))


def by_groupby(
    data: pd.DataFrame, *dimensions: str, by: str | None = None, weight: str | None = None
) -> dict[tuple[object, ...], tuple[float, ...]]:
    """Count the same with pandas alone; combinations without a row are zeros."""
    known = data.dropna(subset=["y", *([weight] if weight else [])])
    w = known[weight] if weight else pd.Series(1.0, index=known.index)
    stratum = known[by] if by else pd.Series("", index=known.index)
    numbers = pd.DataFrame({"population": w, "n": 1.0, "events": w * known["y"]})
    out: dict[tuple[object, ...], tuple[float, ...]] = {}
    for dimension in ("total", *dimensions):
        columns = [] if dimension == "total" else dimension.split("*")
        words = [known[c].map(lambda v: f"{v:g}" if isinstance(v, float) else v) for c in columns]
        words = [
            series.where(known[c].notna(), "Unknown")
            for series, c in zip(words, columns, strict=True)
        ]
        label = pd.Series("All", index=known.index) if not columns else words[0]
        for more in words[1:]:
            label = label + " × " + more
        sums = numbers.groupby([stratum, label]).sum()
        every = pd.MultiIndex.from_product([sorted(set(stratum)), sorted(set(label))])
        for (place, segment), found in sums.reindex(every, fill_value=0.0).iterrows():
            key = (place, dimension, segment) if by else (dimension, segment)
            out[key] = tuple(found)
    return out


def wilson(p: float, n: float, z: float = stats.norm.ppf(0.975)) -> tuple[float, float]:
    """Solve (p − π)² = z²π(1 − π)/n for π."""
    low, high = sorted(np.roots([1 + z * z / n, -2 * p - z * z / n, p * p]).real)
    return low, high


# --- counts -------------------------------------------------------------------------------------


def test_counts_are_those_of_a_groupby_in_every_segment_crossing_and_stratum() -> None:
    data = make()
    made = assess(data, segments=["race", "sex", "grade"], cross=3, by="county")
    dimensions = ["race", "sex", "grade", "race*sex", "race*grade", "sex*grade", "race*sex*grade"]
    assert counted(made.table, "county") == by_groupby(data, *dimensions, by="county")
    assert list(dict.fromkeys(made.table["dimension"])) == ["total", *dimensions]


def test_records_are_the_counts_they_add_up_to() -> None:
    data = make(rows=2000).fillna({"race": "Nobody said", "sex": "Nobody said"}).dropna(subset="y")
    groups = data.groupby(["county", "race", "sex"], as_index=False)
    summed = groups["y"].agg(x="sum", people="size")
    options: dict[str, Any] = {"segments": ["race", "sex"], "by": "county", "cross": 2}
    counts = tu.from_counts(summed, numerator="x", denominator="people", **options)
    assert (counts.cells.state == 0).all()
    same(assess(data, rollup=True, **options).table, tu.assess(counts, HALF, rollup=True).table)


def test_the_total_is_every_row_with_a_known_outcome_unknown_segments_included() -> None:
    data = make()
    known = data["y"].dropna()
    total = row_of(assess(data).table)
    assert (total["n"], total["events"]) == (len(known), known.sum())
    unknown = data[data["race"].isna()]["y"].dropna()
    assert row_of(assess(data).table, "Unknown")["n"] == len(unknown)


def test_rows_without_outcome_or_weight_are_left_out_and_counted() -> None:
    data = make()
    data.loc[10:29, "w"] = np.nan
    lost = data["y"].isna()
    assert assess(data).choices["dropped"] == lost.sum()
    either = lost | data["w"].isna()
    weighted = assess(data, weight="w")
    assert weighted.choices["dropped"] == either.sum()
    assert counted(weighted.table) == by_groupby(data, "race", weight="w")


def test_a_missing_stratum_is_an_error_that_names_the_row() -> None:
    data = make()
    data.loc[7, "county"] = None
    with pytest.raises(tu.InputError, match=r"'county' is missing in data row 7 "):
        assess(data, by="county")
    with (
        patch.object(constructors, "BLOCK_ROWS", 3),
        pytest.raises(tu.InputError, match=r"'county' is missing in data row 7 "),
    ):
        assess(data, by="county")


def test_a_missing_indicator_is_an_error_that_names_the_row() -> None:
    data = make().assign(what="graduated")
    data.loc[307, "what"] = None
    with pytest.raises(tu.InputError, match=r"'what' is missing in .*data row 307\b"):
        assess(data, {"graduated": HALF}, indicator="what")


def test_a_combination_without_rows_is_no_data_with_nobody_in_it() -> None:
    data = pd.DataFrame(
        {"county": ["Inyo", "Inyo", "Mono"], "race": ["A", "B", "A"], "y": [1, 0, 1]}
    )
    empty = row_of(assess(data, by="county").table, "B", county="Mono")
    assert (empty["status"], empty["flag"], empty["reason"]) == ("no data",) * 2 + (
        "no population",
    )
    assert (empty["population"], empty["n"], empty["events"]) == (0, 0, 0)
    assert empty[["rate", "ci_low", "gap", "needed"]].isna().all()


# --- labels -------------------------------------------------------------------------------------


def test_labels_and_strata_are_sorted_and_unknown_comes_last() -> None:
    made = assess(make(), segments=["race", "grade"], by="county")
    assert made.segments.dimensions["race"] == (
        "Asian", "Black", "Latino", "Samoan", "White", "Unknown",
    )  # fmt: skip
    assert made.segments.dimensions["grade"] == ("9", "10", "Unknown")
    assert list(dict.fromkeys(made.table["county"])) == ["Inyo", "Mono"]


@pytest.mark.parametrize("block", [1, 7, 2**20])
def test_a_declared_order_is_kept_whatever_the_blocks(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constructors, "BLOCK_ROWS", block)
    data = make(rows=100)
    order = ["White", "Samoan", "Never seen", "Latino", "Black", "Asian"]
    wanted = ("White", "Samoan", "Latino", "Black", "Asian", "Unknown")
    categories = data.assign(race=pd.Categorical(data["race"], categories=order))
    assert assess(categories).segments.dimensions["race"] == wanted
    assert assess(data, order={"race": order}).segments.dimensions["race"] == wanted
    enum = pl.from_pandas(data).with_columns(pl.col("race").cast(pl.Enum(order)))
    assert assess(enum).segments.dimensions["race"] == wanted


def test_unknown_labels_join_the_missing_ones() -> None:
    data = make()
    told = data.assign(race=data["race"].where(np.arange(len(data)) % 2 == 0, "declined"))
    silent = data.assign(race=data["race"].where(np.arange(len(data)) % 2 == 0, None))
    same(assess(told, unknown="declined").table, assess(silent).table)


def test_whole_numbers_of_any_size_keep_their_digits() -> None:
    large = [2**53, 2**53 + 1, 2**64 - 1, 2**70]
    for numbers in (large[:2], np.array(large[:3], dtype=np.uint64), large):
        data = pd.DataFrame({"id": numbers, "race": "A", "y": 1, "n": 20})
        wanted = [str(v) for v in large[: len(data)]]
        assert assess(data, segments="id").segments.dimensions["id"] == tuple(wanted)
        counts = tu.from_counts(data, numerator="y", denominator="n", segments="race", by="id")
        for made in (assess(data, by="id"), tu.assess(counts, HALF)):
            assert list(dict.fromkeys(made.table["id"].astype(str))) == wanted


def test_decimals_that_are_equal_are_one_label() -> None:
    data = pa.table(
        {"s": pa.array([Decimal("1.50"), Decimal("2"), Decimal("100")]), "y": [1, 0, 1]}
    )
    wide = data.set_column(0, "s", data["s"].cast(pa.decimal128(20, 6)))
    for frame in (data, wide, data.to_pandas(), wide.to_pandas()):
        assert assess(frame, segments="s").segments.dimensions["s"] == ("1.5", "2", "100")


def test_zero_has_no_sign_among_strata() -> None:
    data = pd.DataFrame({"b": [-0.0, 0.0, 1.5], "race": "A", "y": 1})
    strata = assess(data, by="b").table["b"].tolist()
    assert np.copysign(1, strata).tolist() == [1.0] * 4


@pytest.mark.parametrize("column", [pd.Series([1]), pl.Series([1])])
def test_one_column_is_no_table(column: object) -> None:
    with pytest.raises(tu.InputError, match=r"Expected a data frame .*, not Series"):
        assess(column)


def test_strata_that_no_row_names_are_no_categories_of_the_table() -> None:
    data = make()
    data["county"] = pd.Categorical(data["county"], categories=["Inyo", "Alpine", "Mono"])
    assert list(assess(data, by="county").table["county"].cat.categories) == ["Inyo", "Mono"]


def test_an_indicator_that_no_row_names_needs_no_goal() -> None:
    data = make()
    data["what"] = pd.Categorical(["graduated"] * len(data), categories=["graduated", "enrolled"])
    made = assess(data, {"graduated": HALF}, indicator="what")
    assert made.goals["indicator"].tolist() == ["graduated"]


# --- frames -------------------------------------------------------------------------------------


def dictionaries(data: pd.DataFrame, nulls: str = "mask") -> pa.Table:
    """Two chunks whose dictionaries differ."""
    parts = []
    for part in (data.iloc[:150], data.iloc[150:]):
        table = pa.Table.from_pandas(part, preserve_index=False)
        for name in ("race", "sex", "county"):
            place = table.schema.get_field_index(name)
            encoded = table[name].combine_chunks().dictionary_encode(null_encoding=nulls)
            table = table.set_column(place, name, encoded)
        parts.append(table)
    return pa.concat_tables(parts)


def polars_with_nan(data: pd.DataFrame) -> pl.DataFrame:
    frame = pl.from_pandas(data, nan_to_null=False)
    assert frame["y"].is_nan().any()
    return frame


FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas nullable": lambda d: d.convert_dtypes(),
    "pandas Arrow": lambda d: d.convert_dtypes(dtype_backend="pyarrow"),
    "pandas object": lambda d: d.astype(object).where(d.notna(), None),
    "pandas boolean": lambda d: d.assign(y=d["y"].map({0.0: False, 1.0: True}).astype("boolean")),
    "pandas category": lambda d: d.assign(race=d["race"].astype("category")),
    "pandas odd index": lambda d: d.set_axis([5] * len(d)),
    "polars": pl.from_pandas,
    "polars NaN": polars_with_nan,
    "polars lazy": lambda d: pl.from_pandas(d).lazy(),
    "polars boolean": lambda d: pl.from_pandas(d).with_columns(pl.col("y").cast(pl.Boolean)),
    "polars category": lambda d: pl.from_pandas(d).cast({"race": pl.Categorical}),
    "pyarrow": lambda d: pa.Table.from_pandas(d, preserve_index=False),
    "pyarrow dictionary": dictionaries,
}  # fmt: skip


# Of these what a block is made of is not what the whole is: it is cut where it lies.
WHOLE = ("pandas odd index", "polars lazy", "pyarrow dictionary")
# Categories order the rows (DESIGN 3), and these frames list theirs as they arrive.
ARRIVING = {"polars category": ["race"], "pyarrow dictionary": ["race", "sex"]}


def as_they_arrive(data: pd.DataFrame, names: list[str]) -> dict[str, list[str]]:
    return {name: data[name].dropna().drop_duplicates().tolist() for name in names}


IN_THREE: dict[str, Any] = {"segments": ["race", "sex", "grade"], "by": "county", "weight": "w"}


@cache
def expected(*arriving: str) -> pd.DataFrame:
    """Make the table of plain records, whose categories arrive as in some frames."""
    return assess(make(), order=as_they_arrive(make(), [*arriving]), **IN_THREE).table


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        pytest.param(kind, block, marks=() if block == 13 or kind in WHOLE else pytest.mark.long)
        for kind in FRAMES
        for block in (13, 2**20)
    ],
)
def test_every_kind_of_frame_and_of_hole_gives_one_table(
    kind: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = expected(*ARRIVING.get(kind, []))
    monkeypatch.setattr(constructors, "BLOCK_ROWS", block)
    same(assess(FRAMES[kind](make()), **IN_THREE).table, wanted)


def test_dictionaries_may_hold_a_null_among_their_values() -> None:
    data = make()
    order = as_they_arrive(data, ["race"])
    same(assess(dictionaries(data, "encode")).table, assess(data, order=order).table)


@pytest.mark.parametrize("kind", FRAMES)
def test_records_are_never_changed(kind: str) -> None:
    data = FRAMES[kind](make())
    before = FRAMES[kind](make())
    assess(data, segments=["race", "sex"], by="county", weight="w")
    if isinstance(data, pd.DataFrame):
        pd.testing.assert_frame_equal(data, before)
    else:
        table, other = (f.collect() if isinstance(f, pl.LazyFrame) else f for f in (data, before))
        assert table.equals(other) or kind == "polars NaN"


# --- weights ------------------------------------------------------------------------------------


def test_weighted_people_are_sums_of_weights_and_n_counts_rows() -> None:
    data = make()
    made = assess(data, weight="w", segments=["race", "sex"], cross=2, by="county").table
    dimensions = ("race", "sex", "race*sex")
    assert counted(made, "county") == by_groupby(data, *dimensions, by="county", weight="w")


def of_student(p: float, size: float, rows: int) -> tuple[float, float]:
    """Give Wilson's limits with Student's quantile (RULES 3)."""
    return wilson(p, size, stats.t.ppf(0.975, rows - 1))


def test_weighted_intervals_are_wilson_through_the_effective_size() -> None:
    data = make().dropna(subset=["y", "race"])
    made = assess(data, weight="w").table
    for race, part in [("All", data), *data.groupby("race")]:
        w, y = part["w"].to_numpy(), part["y"].to_numpy()
        p = np.average(y, weights=w)
        linearised = np.sum((w * (y - p)) ** 2) / w.sum() ** 2
        rows, kish = len(y), w.sum() ** 2 / (w**2).sum()
        n = min((rows - 1) / rows * p * (1 - p) / linearised, kish)
        assert n < rows
        found = row_of(made, race)
        expected = of_student(float(p), n, rows)
        assert (found["ci_low"], found["ci_high"]) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("y", [0, 1])
def test_at_none_or_all_the_effective_size_is_that_of_kish(y: int) -> None:
    w = np.array([1.0, 2.0, 4.0, 0.5])
    found = row_of(assess(pd.DataFrame({"race": "A", "y": y, "w": w}), weight="w").table, "A")
    kish = w.sum() ** 2 / np.sum(w**2)
    low, high = of_student(y, kish, 4)
    expected = (0, pytest.approx(high)) if y == 0 else (pytest.approx(low), 1)
    assert (found["ci_low"], found["ci_high"]) == expected


def test_the_effective_size_is_at_most_that_of_kish() -> None:
    w = np.array([0.5] + [1.0] * 9)
    y = np.array([1] + [0] * 9)
    found = row_of(assess(pd.DataFrame({"race": "A", "y": y, "w": w}), weight="w").table, "A")
    kish = 9.5**2 / 9.25
    expected = of_student(0.5 / 9.5, kish, 10)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(expected)


@pytest.mark.parametrize("weight", [1.0, 0.1, 1 / 3, 250.0])
@pytest.mark.parametrize(("outcome", "kind"), [("y", "proportion"), ("visits", "rate")])
def test_equal_weights_have_the_unweighted_interval(weight: float, outcome: str, kind: str) -> None:
    data = make().assign(w=weight)
    options: dict[str, Any] = {"outcome": outcome, "kind": kind}
    weighted, bare = (assess(data, **options, **w).table for w in ({"weight": "w"}, {}))
    limits = ["rate", "ci_low", "ci_high"]
    np.testing.assert_allclose(weighted[limits], bare[limits], rtol=1e-13)
    if weight == 1:
        assert weighted[limits].equals(bare[limits])


def some_records(*, whole: bool = False) -> st.SearchStrategy[pd.DataFrame]:
    """Some records, the first of which is complete."""
    weight = st.integers(1, 5) if whole else st.integers(1, 400).map(lambda v: v / 8)
    one = st.tuples(
        st.sampled_from(["White", "Black", "Asian", "Latino", "Samoan", None]),
        st.sampled_from(["Female", "Male", None]),
        st.sampled_from(["Mono", "Inyo"]),
        st.sampled_from([0, 1, None]),
        st.integers(-50, 50),
        weight,
    )
    full = st.just(("Black", "Male", "Mono", 1, 3, 2))
    many = st.tuples(full, st.lists(one, max_size=40)).map(lambda t: [t[0], *t[1]])
    return many.map(
        lambda r: pd.DataFrame(r, columns=["race", "sex", "county", "y", "score", "w"]).astype(
            {"y": float, "w": float}
        )
    )


@fewer(3)
@given(data=some_records(whole=True))
def test_weights_are_repeated_rows_for_points(data: pd.DataFrame) -> None:
    again = data.loc[data.index.repeat(data["w"].astype(int))]
    options: dict[str, Any] = {"segments": ["race", "sex"], "cross": 2, "by": "county"}
    one, other = (
        assess(data, weight="w", **options).table,
        assess(again, **options).table,
    )
    points = ["population", "events", "rate", "gap", "ratio_to_goal", "needed", "effort_share"]
    same(one[points], other[points])


def test_weights_are_not_repeated_rows_for_intervals() -> None:
    data = make().assign(w=4.0)
    width = {
        name: np.diff(row_of(assess(frame, **options).table)[["ci_low", "ci_high"]].astype(float))[
            0
        ]
        for name, frame, options in [
            ("weighted", data, {"weight": "w"}),
            ("plain", data, {}),
            ("repeated", data.loc[data.index.repeat(4)], {}),
        ]
    }
    assert width["weighted"] == pytest.approx(width["plain"])
    assert width["weighted"] > 1.9 * width["repeated"]


@pytest.mark.parametrize(
    ("mean", "said"), [(1.0, True), (0.991, True), (1.009, True), (0.98, False), (1.02, False)]
)
def test_weights_that_sum_to_the_rows_are_pointed_out(mean: float, said: bool) -> None:
    data = make().dropna(subset="y")
    data["w"] *= mean / data["w"].mean()
    made = assess(data, weight="w").table
    assert made["reason"].astype(str).str.contains(WEIGHT_UNITS, regex=False).all() == said
    assert made["reason"].astype(str).str.contains(WEIGHT_UNITS, regex=False).any() == said


def test_weights_that_are_all_missing_are_an_error_that_names_them() -> None:
    data = make().dropna(subset="y").assign(w=np.nan)
    with pytest.raises(tu.InputError, match="weight"):
        assess(data, weight="w")


@pytest.mark.parametrize("block", [3, 2**20])
@pytest.mark.parametrize("wrong", [-0.5, np.inf])
def test_a_weight_below_zero_or_without_end_is_an_error_that_names_the_row(
    wrong: float, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constructors, "BLOCK_ROWS", block)
    data = make()
    data.loc[11, "w"] = wrong
    with pytest.raises(tu.InputError, match=rf"weight='w' is {wrong:g} in data row 11 "):
        assess(data, weight="w")


@pytest.mark.parametrize("segments", [["race"], ["race", "sex"]])
def test_people_of_weight_zero_stand_for_nobody(segments: list[str]) -> None:
    data = pd.DataFrame(
        {"race": list("AABB"), "sex": list("FMFM"), "y": [1, 0, 1, 1], "w": [0.0, 0.0, 1.0, 3.0]}
    )
    # Rows of weight 0 are dropped (RULES 1): a group of nothing else is not in the data.
    options: dict[str, Any] = {"weight": "w", "segments": segments, "cross": len(segments)}
    made = assess(data, **options)
    identical(plain(made.table), plain(assess(data.tail(2), **options).table))
    assert made.choices["dropped"] == 2


# --- means --------------------------------------------------------------------------------------


def of_means(data: pd.DataFrame, **options: Any) -> tu.Assessment:
    return assess(data, SCORE, **{"outcome": "score", "kind": "mean", **options})


def test_means_have_the_interval_of_student() -> None:
    data = make()
    made = of_means(data, segments=["race", "sex"], cross=2).table
    known = data.dropna(subset="score")
    for race, part in [("All", known), *known.groupby("race")]:
        y, found = part["score"], row_of(made, race)
        interval = stats.t.interval(0.95, len(y) - 1, loc=y.mean(), scale=stats.sem(y))
        assert found["rate"] == pytest.approx(y.mean(), rel=1e-13)
        assert (found["ci_low"], found["ci_high"]) == pytest.approx(interval, rel=1e-12)
        assert found["n"] == found["population"] == len(y)


@pytest.mark.parametrize("block", [1, 3, 2**20])
def test_a_mean_far_from_zero_keeps_its_variance(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constructors, "BLOCK_ROWS", block)
    small = pd.DataFrame({"race": list("ABAB"), "sex": list("FFMM"), "score": [1.0, 2.0, 3.0, 5.0]})
    large = small.assign(score=small["score"] + 1e9)
    half = stats.t.ppf(0.975, 3) * np.sqrt(35 / 12 / 4)
    for options in ({}, {"segments": ["race", "sex"], "cross": 2}, {"weight": "w"}):
        total = row_of(of_means(large.assign(w=1.0), **options).table)
        assert total["rate"] == 1e9 + 2.75
        assert total["ci_high"] - total["rate"] == pytest.approx(half, rel=1e-6)


def test_weighted_means_and_their_linearised_error() -> None:
    data = make().dropna(subset="score")
    made = of_means(data, weight="w").table
    for race, part in [("All", data), *data.groupby("race")]:
        y, w = part["score"].to_numpy(), part["w"].to_numpy()
        mean, n, found = np.average(y, weights=w), len(y), row_of(made, race)
        scores = w * (y - mean) / w.sum()
        se = np.sqrt(n / (n - 1) * np.sum((scores - scores.mean()) ** 2))
        assert found["rate"] == pytest.approx(mean, rel=1e-13)
        assert found["ci_low"] == pytest.approx(mean - stats.t.ppf(0.975, n - 1) * se, rel=1e-11)
        assert found["population"] == pytest.approx(w.sum(), rel=1e-13)


@pytest.mark.parametrize("weight", [1.0, 0.3, 250.0])
def test_equal_weights_have_the_unweighted_interval_of_a_mean(weight: float) -> None:
    data = make().assign(w=weight)
    limits = ["rate", "ci_low", "ci_high"]
    weighted, bare = (of_means(data, **w).table[limits] for w in ({"weight": "w"}, {}))
    np.testing.assert_allclose(weighted, bare, rtol=1e-12)


def test_people_and_events_are_not_available_from_a_mean() -> None:
    made = of_means(make()).table
    assert made["needed"].isna().all()
    assert made["events"].isna().all()
    assert made["reason"].astype(str).str.contains("people not available from a mean").all()


def test_one_score_has_a_mean_and_no_interval() -> None:
    found = row_of(of_means(pd.DataFrame({"race": ["A"], "score": [3.0]})).table, "A")
    assert (found["rate"], found["status"]) == (3, "uncertain")
    assert found[["ci_low", "ci_high"]].isna().all()


@pytest.mark.parametrize(
    "score",
    [
        2.0,
        0.1,
    ],
)
def test_scores_that_are_all_alike_have_no_interval(score: float) -> None:
    data = pd.DataFrame({"race": ["A"] * 3, "score": score})
    found = row_of(assess(data, tu.Goal.at_least(0.05, per=1), outcome="score", kind="mean").table)
    assert (found["status"], found[["ci_low", "ci_high"]].isna().all()) == ("uncertain", True)


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("cross", [1, 2])
def test_means_merge_across_blocks(
    weight: str | None, cross: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"segments": ["race", "sex"], "cross": cross, "by": "county"}
    whole = of_means(make(rows=120), weight=weight, **options).table
    monkeypatch.setattr(constructors, "BLOCK_ROWS", 3)
    parts = of_means(make(rows=120), weight=weight, **options).table
    counts = ["population", "n"]
    same(parts[counts], whole[counts])
    same(parts, whole, rtol=1e-12)


def test_strata_roll_up_to_the_mean_of_all_rows() -> None:
    data = pd.DataFrame(
        {"county": list("IIIM"), "race": list("AABB"), "score": [1.0, 2.0, 3.0, 5.0]}
    )
    made = of_means(data, by="county", rollup=True).table.query("county.isna()")
    assert row_of(made)["rate"] == 2.75
    assert row_of(made, "B")["rate"] == 4
    assert row_of(made, "A")["rate"] == 1.5


def test_scores_of_weight_zero_leave_the_mean_of_the_others() -> None:
    data = pd.DataFrame(
        {"race": list("AABB"), "sex": list("FFFM"), "score": [1.0, 2, 3, 5], "w": [0.0, 0, 1, 3]}
    )
    made = of_means(data, weight="w", segments=["race", "sex"], cross=2).table
    assert row_of(made)["rate"] == 4.5
    assert row_of(made, "F")["rate"] == 3


# --- rates --------------------------------------------------------------------------------------


def test_rates_are_events_per_row_with_the_exact_poisson_interval() -> None:
    data = make()
    made = assess(data, tu.Goal.at_most(1), outcome="visits", kind="rate").table
    known = data.dropna(subset="visits")
    for race, part in [("All", known), *known.groupby("race")]:
        x, n, found = part["visits"].sum(), len(part), row_of(made, race)
        assert (found["events"], found["n"], found["population"]) == (x, n, n)
        assert found["rate"] == pytest.approx(x / n, rel=1e-15)
        # Events may repeat in one person: Garwood's limits of Σy/φ, times φ (RULES 3).
        phi = max(1, part["visits"].var(ddof=1) / part["visits"].mean())
        assert found["ci_low"] == pytest.approx(stats.chi2.ppf(0.025, 2 * x / phi) / 2 / n * phi)
        high = stats.chi2.ppf(0.975, 2 * x / phi + 2) / 2 / n * phi
        assert found["ci_high"] == pytest.approx(high)
        assert found["needed"] == max(0, x - n)


def test_weighted_rates_have_weighted_points() -> None:
    data = make().dropna(subset="visits")
    found = row_of(
        assess(data, tu.Goal.at_most(1), outcome="visits", kind="rate", weight="w").table
    )
    assert found["events"] == np.sum(data["w"] * data["visits"])
    assert found["rate"] == pytest.approx(np.average(data["visits"], weights=data["w"]))
    assert found["ci_low"] < found["rate"] < found["ci_high"]


# --- several outcomes ---------------------------------------------------------------------------

THREE = {"y": "proportion", "visits": "rate", "score": "mean"}
THREE_GOALS = {"y": HALF, "visits": tu.Goal.at_most(1), "score": SCORE}


@pytest.mark.parametrize("weight", [None, "w"])
def test_several_outcomes_are_indicators_each_as_if_alone(weight: str | None) -> None:
    data = make()
    options: dict[str, Any] = {"segments": ["race", "sex"], "by": "county", "weight": weight}
    several = assess(data, THREE_GOALS, outcome=list(THREE), kind=THREE, **options)
    assert several.choices["kind"] == THREE
    assert several.goals["indicator"].tolist() == list(THREE)
    dropped = 0
    for name, kind in THREE.items():
        alone = assess(data, THREE_GOALS[name], outcome=name, kind=kind, **options)
        mine = several.table.query("indicator == @name").drop(columns="indicator")
        same(mine.reset_index(drop=True), alone.table)
        dropped += alone.choices["dropped"]
    assert several.choices["dropped"] == dropped


def test_every_outcome_has_its_own_goal() -> None:
    with pytest.raises(tu.InputError, match="visits"):
        assess(make(), {"y": HALF}, outcome=["y", "visits"], kind=THREE)


def test_one_outcome_with_an_indicator_column_is_long_data() -> None:
    data = make().dropna(subset=["y"])
    wide = data.assign(left=1 - data["y"])
    long = wide.melt(["race", "county"], ["left", "y"], var_name="what", value_name="value")
    goals = {"y": HALF, "left": tu.Goal.at_most(0.2)}
    one = assess(long, goals, outcome="value", indicator="what", by="county").table
    other = assess(wide, goals, outcome=["left", "y"], by="county").table
    same(one, other)


def test_several_outcomes_leave_no_room_for_an_indicator_column() -> None:
    with pytest.raises(tu.InputError, match="leave indicator= out"):
        assess(make(), outcome=["y", "visits"], indicator="county", kind="rate")


@pytest.mark.parametrize("outcome", ["score", ["score"]])
def test_one_outcome_takes_its_kind_by_name_too(outcome: Any) -> None:
    same(of_means(make(), outcome=outcome, kind={"score": "mean"}).table, of_means(make()).table)


def test_an_outcome_that_is_all_missing_leaves_the_others_their_answers() -> None:
    data = make().assign(score=np.nan)
    goals = {"y": HALF, "score": tu.Goal.at_least(2)}
    made = assess(data, goals, outcome=["y", "score"], kind=THREE)
    alone = assess(data)
    there = made.table.query("indicator == 'y'").drop(columns="indicator")
    same(there.reset_index(drop=True), alone.table)


# --- overlapping segments -----------------------------------------------------------------------


def flagged(rows: int = 300, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = make(seed, rows)
    data["foster"] = rng.choice([True, False], rows)
    data["homeless"] = rng.choice([1.0, 0.0, np.nan], rows, p=[0.2, 0.6, 0.2])
    data["migrant"] = rng.choice([1, 0], rows)
    return data


PROGRAMME = tu.overlapping(["foster", "homeless", "migrant"], name="programme")


def test_rows_count_in_every_flag_that_is_set_and_in_unknown_where_one_is_missing() -> None:
    data = flagged()
    known = data.dropna(subset="y")
    made = assess(data, segments=[PROGRAMME, "race"], cross=2).table
    some = known["homeless"].isna()
    members = {c: known[c] == 1 for c in PROGRAMME.columns} | {"Unknown": some}
    assert made.query("dimension == 'programme'")["segment"].tolist() == list(members)
    for flag, mask in members.items():
        found = row_of(made, flag, dimension="programme")
        assert (found["n"], found["events"]) == (mask.sum(), known[mask]["y"].sum())
        for race, part in known[mask].groupby(known["race"].fillna("Unknown")):
            crossed = row_of(made, f"{flag} × {race}")
            assert (crossed["n"], crossed["events"]) == (len(part), part["y"].sum())
    assert row_of(made)["n"] == len(known)


@pytest.mark.parametrize("alone", [True, False])
def test_overlapping_segments_are_never_summed(alone: bool) -> None:
    data = flagged()
    made = assess(data, segments=PROGRAMME if alone else [PROGRAMME, "race"])
    flags = made.table.query("dimension == 'programme'")
    assert flags["n"].sum() > data["y"].notna().sum() == row_of(made.table)["n"]
    assert flags["effort_share"].isna().all()
    known = flags[flags["segment"] != "Unknown"]
    assert known["reason"].astype(str).str.contains("no share: segments overlap").all()


@pytest.mark.parametrize("block", [2, 2**20])
def test_flags_of_any_type_are_the_same_flags(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = flagged()
    expected = assess(data, segments=PROGRAMME).table
    monkeypatch.setattr(constructors, "BLOCK_ROWS", block)
    flags = list(PROGRAMME.columns)
    as_text = data.assign(**{c: data[c].map({1: "1", 0: "0"}) for c in flags[1:]})
    for other in (data.convert_dtypes(), pl.from_pandas(data), as_text):
        same(assess(other, segments=PROGRAMME).table, expected)


def test_a_flag_that_is_no_flag_is_an_error() -> None:
    data = flagged()
    data.loc[250, "migrant"] = 2
    with pytest.raises(tu.InputError, match="'migrant' holds '2'"):
        assess(data, segments=PROGRAMME)


def test_many_flags_are_counted_in_little_memory() -> None:
    rng = np.random.default_rng(0)
    flags = [f"flag {i}" for i in range(24)]
    data = pd.DataFrame(rng.integers(0, 2, (200, 24)), columns=flags).assign(y=1)
    made = assess(data, segments=tu.overlapping(flags, name="programme")).table
    assert made["n"].tolist() == [200, *data[flags].sum()]


# --- units --------------------------------------------------------------------------------------


def people() -> pd.DataFrame:
    return make().assign(person=[f"p{i}" for i in range(400)])


def test_people_told_once_are_as_without_ids() -> None:
    data = people()
    same(assess(data, unit="person", by="county").table, assess(data, by="county").table)


@pytest.mark.parametrize("as_frame", [lambda d: d, pl.from_pandas, lambda d: d.convert_dtypes()])
def test_a_person_told_twice_in_a_stratum_is_an_error(as_frame: Callable[[Any], Any]) -> None:
    data = people()
    first, second = data.index[data["county"] == "Inyo"][[4, 90]]
    data.loc[second, "person"] = data.loc[first, "person"]
    with pytest.raises(tu.InputError, match=rf"1 id .*'person' repeats .*data row {first},"):
        assess(as_frame(data), unit="person", by="county")


def test_a_person_may_be_in_several_strata_which_then_do_not_roll_up() -> None:
    data = people()
    inyo, mono = (data.index[data["county"] == c][0] for c in ("Inyo", "Mono"))
    data.loc[inyo, "person"] = data.loc[mono, "person"]
    made = assess(data, unit="person", by="county")
    same(made.table, assess(data, by="county").table)
    with pytest.raises(tu.InputError, match="ids repeat across strata"):
        assess(data, unit="person", by="county", rollup=True)
    with pytest.raises(tu.InputError, match="repeats within a stratum"):
        assess(data, unit="person")


def test_rows_that_are_events_may_repeat_people() -> None:
    data = people().assign(person="one and the same")
    same(assess(data, unit="person", repeats="events").table, assess(data).table)


def test_events_of_people_who_stay_in_one_stratum_roll_up() -> None:
    data = people()
    data["person"] = data["county"] + data.groupby("county").cumcount().floordiv(2).astype(str)
    rolled = assess(data, unit="person", repeats="events", by="county", rollup=True).table
    same(rolled, assess(data, by="county", rollup=True).table)


def test_people_told_once_for_each_indicator_roll_up() -> None:
    data = people()
    goals = {"a": HALF, "b": HALF}
    long = pd.concat([data.assign(what="a"), data.assign(what="b")], ignore_index=True)
    options: dict[str, Any] = {"indicator": "what", "by": "county", "rollup": True}
    same(assess(long, goals, unit="person", **options).table, assess(long, goals, **options).table)


def test_a_person_without_id_is_an_error_that_names_the_row() -> None:
    data = people()
    data.loc[33, "person"] = None
    with pytest.raises(tu.InputError, match=r"unit='person' is missing in data row 33 "):
        assess(data, unit="person")


# --- order, blocks, sorted keys -----------------------------------------------------------------


@fewer(3)
@given(data=some_records(), seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(data: pd.DataFrame, seed: int) -> None:
    options: dict[str, Any] = {"segments": ["race", "sex"], "cross": 2, "by": "county"}
    shuffled = data.sample(frac=1, random_state=seed)
    for more in ({}, {"weight": "w"}):
        one, other = (assess(d, **options, **more) for d in (data, shuffled))
        pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    same(of_means(data, **options).table, of_means(shuffled, **options).table, rtol=1e-9)


@fewer(3)
@given(data=some_records(), block=st.integers(1, 45))
def test_any_split_into_blocks_gives_the_same_counts(data: pd.DataFrame, block: int) -> None:
    options: dict[str, Any] = {"segments": ["race", "sex"], "cross": 2, "by": "county"}
    for more in ({}, {"weight": "w"}):
        whole = assess(data, **options, **more)
        with patch.object(constructors, "BLOCK_ROWS", block):
            parts = assess(data, **options, **more)
        pd.testing.assert_frame_equal(parts.table, whole.table, check_exact=True)
        assert parts.choices == whole.choices


@pytest.fixture
def sorted_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Make the dense array too small, and tell how often keys were sorted instead."""
    used: list[bool] = []
    go = finest_sums.FinestSums._to_sorted_keys

    def told(self: finest_sums.FinestSums, room: Sequence[int]) -> None:
        used.append(True)
        go(self, room)

    monkeypatch.setattr(finest_sums.FinestSums, "_to_sorted_keys", told)
    monkeypatch.setattr(finest_sums, "DENSE_CODES", 8)
    monkeypatch.setattr(sorted_sums, "_FEW", 8)
    monkeypatch.setattr(constructors, "BLOCK_ROWS", 11)
    monkeypatch.setattr(waves, "WAVE_ROWS", 30)
    yield used
    assert used


def late(data: pd.DataFrame) -> pd.DataFrame:
    """Put records in an order in which labels keep arriving until the end."""
    return data.sort_values(["race", "county", "sex"], na_position="first", ignore_index=True)


LATE = {"segments": ["race", "sex", "grade"], "cross": 2, "by": "county"}


@pytest.fixture(scope="module")
def dense() -> dict[tuple[str, str | None], pd.DataFrame]:
    """Make the same tables before anything is patched."""
    return {
        (name, weight): assess(
            late(make()), THREE_GOALS[name], outcome=name, kind=kind, weight=weight, **LATE
        ).table
        for name, kind in THREE.items()
        for weight in (None, "w")
    }


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("name", THREE)
def test_sorted_keys_give_the_table_of_the_dense_array(
    name: str, weight: str | None, dense: dict[Any, pd.DataFrame], sorted_keys: list[bool]
) -> None:
    made = assess(
        late(make()), THREE_GOALS[name], outcome=name, kind=THREE[name], weight=weight, **LATE
    )
    same(made.table, dense[name, weight], rtol=1e-12 if name == "score" else 0)
    assert len(sorted_keys) > 1


@pytest.mark.usefixtures("sorted_keys")
def test_sorted_keys_count_several_outcomes_and_flags() -> None:
    data = late(flagged())
    made = assess(
        data,
        THREE_GOALS,
        outcome=list(THREE),
        kind=THREE,
        segments=[PROGRAMME, "race"],
        by="county",
    ).table.query("indicator == 'y' and county == 'Inyo'")
    inyo = data[data["county"] == "Inyo"].dropna(subset="y")
    for name, part in [("All", inyo), ("foster", inyo[inyo["foster"]]), *inyo.groupby("race")]:
        assert (row_of(made, name)["n"], row_of(made, name)["events"]) == (
            len(part),
            part["y"].sum(),
        )


def test_more_combinations_than_a_key_can_name_are_an_error_that_says_what_to_drop() -> None:
    rows = np.arange(70)
    data = pd.DataFrame({f"c{i}": rows for i in range(11)} | {"y": rows % 2})
    with pytest.raises(tu.InputError, match=r"2\.\de\+20 combinations.*fewer columns"):
        tu.from_records(data, outcome="y", segments="c0", by=[f"c{i}" for i in range(1, 11)])


class Stream:
    """A table that speaks nothing but Arrow's stream protocol, and only once."""

    def __init__(self, table: pa.Table) -> None:
        self._reader = table.to_reader()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._reader.__arrow_c_stream__(requested_schema)


def test_a_stream_of_arrow_batches_is_read_once() -> None:
    table = pa.table({"race": ["A", "B", "A"], "y": [True, False, None], "x": [1, 2, 3]})
    made = tu.from_records(Stream(table), outcome="y", segments="race")
    assert tu.assess(made, tu.Goal.at_least(0.5)).table["n"].tolist() == [2, 1, 1]
    counted = tu.from_counts(
        Stream(table.slice(0, 2)), numerator="y", denominator="x", segments="race"
    )
    assert tu.assess(counted, tu.Goal.at_least(0.5)).table["events"].tolist() == [1, 1, 0]


def test_labels_that_arrive_late_find_room() -> None:
    size = 3000
    names = [f"s{i // 3:04}" for i in range(size)]
    data = pd.DataFrame({"race": names, "county": np.arange(size) % 7, "y": np.arange(size) % 2})
    with patch.object(constructors, "BLOCK_ROWS", 100):
        made = assess(data, by="county").table
    assert counted(made, "county") == by_groupby(data, "race", by="county")


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [4, 2**20])
@pytest.mark.parametrize(
    ("kind", "wrong", "words"),
    [
        ("proportion", 2, r"outcome='y' is 2 in data row 9 .*0, 1, True or False"),
        ("proportion", 0.5, r"outcome='y' is 0.5 in data row 9 "),
        ("proportion", -1, r"outcome='y' is -1 in data row 9 "),
        ("rate", -3, r"outcome='visits' is -3 in data row 9 .*0 or more"),
        ("rate", np.inf, r"outcome='visits' is inf in data row 9 "),
        ("mean", np.inf, r"outcome='score' is inf in data row 9 .*finite"),
        ("mean", -np.inf, r"outcome='score' is -inf in data row 9 "),
    ],
)
def test_an_outcome_that_does_not_fit_its_kind_is_an_error_that_names_the_row(
    kind: str, wrong: float, words: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constructors, "BLOCK_ROWS", block)
    data = make()
    outcome = {of: name for name, of in THREE.items()}[kind]
    data.loc[9, outcome] = wrong
    with pytest.raises(tu.InputError, match=words):
        tu.from_records(data, outcome=outcome, kind=kind, segments="race")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"outcome": "sex"}, "'sex' holds 'Male'|'sex' holds 'Female'"),
        ({"outcome": "nothing"}, "Every outcome is missing"),
        ({"outcome": ["y", "y"]}, "different columns"),
        ({"outcome": []}, "different columns"),
        ({"outcome": "visit"}, "no column 'visit'. Did you mean 'visits'"),
        ({"kind": "standardized"}, "kind='standardized' is not known.*'mean'"),
        ({"kind": "median"}, "kind='median' is not known"),
        ({"outcome": ["y", "visits"], "kind": {"y": "rate"}}, "no kind for indicator 'visits'"),
        ({"repeats": "people"}, "repeats='people' is not known. Expected one of: 'events'"),
        ({"weight": "weigth"}, "no column 'weigth'"),
        ({"unit": "id"}, "no column 'id'"),
        ({"segments": "race*race"}, "crosses a column with itself"),
        ({"by": "race"}, "'race' is named twice"),
        ({"order": {"race": ["White"]}}, "order= for 'race' leaves out"),
    ],
)
def test_a_wrong_option_is_an_error_that_says_what_was_expected(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises(tu.InputError, match=words):
        assess(make().assign(nothing=np.nan), **options)


@pytest.mark.parametrize("outcome", [None, 3])
def test_an_outcome_that_names_no_column_is_an_input_error(outcome: Any) -> None:
    with pytest.raises(tu.InputError, match="outcome="):
        assess(make(), outcome=outcome)


@pytest.mark.parametrize("empty", [make().iloc[:0], pl.from_pandas(make()).clear()])
@pytest.mark.parametrize("unit", [None, "race"])
def test_no_rows_are_an_error(empty: Any, unit: str | None) -> None:
    with pytest.raises(tu.InputError, match="hold no rows"):
        assess(empty, unit=unit)


def test_forty_million_cells_are_an_error_with_the_number() -> None:
    size = 6400
    data = pd.DataFrame({"race": np.arange(size), "county": np.arange(size), "y": 1})
    with (
        patch.object(finest_sums, "DENSE_CODES", 2**20),
        pytest.raises(tu.InputError, match=r"6,400 strata make 40,966,400 cells, above the limit"),
    ):
        assess(data, by="county")


def test_the_limit_holds_for_the_cells_of_all_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LARGEST", 300)
    names = [f"{i:02}" for i in range(10)]
    data = pd.DataFrame({"race": names, "sex": names, "county": names, "y": 1})
    with pytest.raises(tu.InputError, match="310 cells, above the limit of 300"):
        assess(data, segments=["race", "sex"], cross=2, by="county")


# --- real data ----------------------------------------------------------------------------------

COLUMNS = {"population": "n", "rate": "rate", "gap": "gap_to_goal"}


def against(table: pd.DataFrame, answers: pd.DataFrame) -> None:
    """Hold points to ten digits and people to the person."""
    names = answers["segment"].str.replace(" x ", " × ")
    mine = plain(table).set_index("segment").loc[names]
    for ours, theirs in COLUMNS.items():
        np.testing.assert_allclose(mine[ours], answers[theirs], rtol=TENTH_DIGIT, atol=1e-10)
    assert mine["needed"].tolist() == answers["people_needed"].tolist()


def answers_of(shared: Path, name: str, dataset: str) -> pd.DataFrame:
    found = pd.read_csv(shared / "data" / "answers" / f"{name}.csv")
    return found[found["dataset"] == dataset]


def test_compas_records_have_the_published_points_people_and_limits(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "compas_two_years.csv", keep_default_na=False)
    answers = answers_of(shared, "compas_two_years", "compas_two_years")
    dimensions = {"race": "race", "sex": "sex", "age_cat": "age_cat", "race x sex": "race*sex"}
    made = assess(
        data, tu.Goal.at_most(0.3), outcome="two_year_recid", segments=list(dimensions.values()),
        interval="wilson",
    ).table  # fmt: skip
    for name, dimension in dimensions.items():
        slice_ = answers[answers["slice"] == f"two_year_recid by {name}"]
        mine = made[made["dimension"].isin(["total", dimension])]
        assert len(mine) == len(slice_) > 2
        against(mine, slice_)
        found = plain(mine).set_index("segment").loc[slice_["segment"].str.replace(" x ", " × ")]
        assert found["events"].tolist() == slice_["x"].tolist()
        np.testing.assert_allclose(found["ci_low"], slice_["rate_lo95"], rtol=2e-8)
        np.testing.assert_allclose(found["ci_high"], slice_["rate_hi95"], rtol=2e-8)


@pytest.mark.parametrize(
    ("reoffended", "scored", "name"),
    [(0, ["Medium", "High"], "false positives"), (1, ["Low"], "false negatives")],
)
def test_compas_error_rates_have_the_published_points_and_people(
    reoffended: int, scored: list[str], name: str, shared: Path
) -> None:
    data = pd.read_csv(shared / "data" / "compas_two_years.csv", keep_default_na=False)
    part = data[data["two_year_recid"] == reoffended]
    wrong = part.assign(wrong=part["score_text"].isin(scored))
    made = assess(wrong, tu.Goal.at_most(tu_goal(shared, name)), outcome="wrong").table
    answers = answers_of(shared, "compas_two_years", "compas_two_years")
    against(made, answers[answers["slice"].str.contains(name)])


def tu_goal(shared: Path, name: str) -> float:
    answers = answers_of(shared, "compas_two_years", "compas_two_years")
    return float(answers[answers["slice"].str.contains(name)]["goal"].iloc[0])


def test_who_births_by_wealth_have_the_published_weighted_points_and_people(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "who_individual_sba_dtp3.csv")
    answers = answers_of(shared, "who_health_inequality", "who_individual_sba_dtp3.csv")
    goal = tu.Goal.at_least(0.95)
    made = assess(
        data, {"sba": goal, "dtp3": goal}, outcome=["sba", "dtp3"], weight="weight",
        segments="subgroup",
    )  # fmt: skip
    assert made.choices["dropped"] == 14313
    for name in ("sba", "dtp3"):
        slice_ = answers[answers["slice"] == f"microdata {name} by wealth quintile"]
        mine = made.table[made.table["indicator"] == name]
        assert len(mine) == len(slice_) == 6
        against(mine, slice_)
        rows = slice_["note"].str.extract(r"; (\d+) sample births")[0].astype(int)
        named = plain(mine).set_index("segment").loc[slice_["segment"]]
        assert named["n"].tolist() == rows.tolist()


@pytest.mark.parametrize("levels", [1, 127, 128, 129, 32_767, 32_768, 32_769])
def test_places_of_a_dictionary_are_held_as_narrow_as_they_fit(levels: int) -> None:
    place = [*range(levels), None, levels - 1]
    held = pa.DictionaryArray.from_arrays(
        pa.array(place, pa.uint32()), list(map(str, range(levels)))
    )
    raw = Frame(pa.table({"place": held}), ["place"]).raw_keys("place")
    assert raw.codes.tolist() == [*range(levels), -1, levels - 1]
    assert raw.codes.dtype.itemsize == (1 if levels < 128 else 2 if levels < 32_768 else 4)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_booleans_are_read_from_their_bits_wherever_a_slice_begins(missing: float) -> None:
    rng = np.random.default_rng(3)
    whole = pa.array(rng.random(60) < 0.5, mask=rng.random(60) < missing)
    for start in range(61):
        for many in (0, 1, 7, 8, 20, 60):
            some = whole.slice(start, many)
            assert digits(some).tolist() == [-1 if v is None else int(v) for v in some.to_pylist()]
