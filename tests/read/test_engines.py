"""Frames that live in an engine are reduced there, and give the same table.

Polars and DuckDB are asked here; `make test-engines` asks Dask, Ibis and Spark too, in an
environment of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import targeted_universalism as tu


def arrow(data: pd.DataFrame) -> pa.Table:
    """Keep NaN in `y` as NaN, which is not null, and make other missing cells null."""
    return pa.table({c: pa.array(data[c], from_pandas=c != "y") for c in data.columns})


ENGINES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "polars": lambda data: pl.from_arrow(arrow(data)).lazy(),  # type: ignore[union-attr]
    "duckdb": lambda data: duckdb.from_arrow(arrow(data)),
}

if os.environ.get("TU_ENGINES"):
    import dask.dataframe as dd
    import ibis
    from pyspark.sql import SparkSession

    ENGINES["dask"] = lambda data: dd.from_pandas(data, npartitions=3)
    ENGINES["ibis"] = lambda data: ibis.memtable(arrow(data))

    def spark(data: pd.DataFrame) -> Any:
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        rows = arrow(data).to_pylist()
        types = {"f": "double", "i": "long"}
        schema = ", ".join(f"{c} {types.get(data[c].dtype.kind, 'string')}" for c in data.columns)
        return session.createDataFrame([tuple(row.values()) for row in rows], schema)

    ENGINES["spark"] = spark


def records(rows: int = 900) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    data = pd.DataFrame(
        {
            "county": rng.choice(["Inyo", "Mono"], rows),
            "race": rng.choice(np.array(["A", "B", None], dtype=object), rows),
            "sex": rng.choice(["F", "M"], rows),
            "y": rng.integers(0, 2, rows).astype(float),
            "visits": rng.poisson(2, rows).astype(float),
            "score": rng.normal(1e4, 1, rows),
            "w": rng.gamma(2, 1, rows),
            "id": np.arange(rows),
        }
    )
    data.loc[::17, "y"] = np.nan
    data.loc[5::29, "w"] = np.nan
    return data


SHAPE: dict[str, Any] = {"segments": ["race", "sex"], "cross": 2, "by": "county"}
CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "proportion": ({"outcome": "y"}, tu.Goal.at_least(0.5)),
    "weighted": ({"outcome": "y", "weight": "w"}, tu.Goal.at_least(0.5)),
    "rate": ({"outcome": "visits", "kind": "rate"}, tu.Goal.at_most(1, per=1)),
    "mean": ({"outcome": "score", "kind": "mean"}, tu.Goal.at_least(1e4, per=1)),
    "weighted mean": (
        {"outcome": "score", "kind": "mean", "weight": "w"}, tu.Goal.at_least(1e4, per=1),
    ),
    "two outcomes": (
        {"outcome": ["y", "visits"], "kind": {"y": "proportion", "visits": "rate"}},
        {"y": tu.Goal.at_least(0.5), "visits": tu.Goal.at_most(1, per=1)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_table_of_rows_in_memory(engine: str, case: str) -> None:
    options, goal = CASES[case]
    data = records()
    here = tu.assess(tu.from_records(data, **SHAPE, **options), goal)
    there = tu.assess(tu.from_records(ENGINES[engine](data), **SHAPE, **options), goal)
    ours, theirs = here.table, there.table
    text = {name: str for name in ours.columns if ours[name].dtype == "category"}
    for name in ("n", "needed"):
        assert ours[name].equals(theirs[name]), name
    pd.testing.assert_frame_equal(ours.astype(text), theirs.astype(text), rtol=1e-9)
    assert here.choices["dropped"] == there.choices["dropped"]


@pytest.mark.parametrize("engine", ENGINES)
def test_weighted_sums_agree_to_rounding(engine: str) -> None:
    data = records()
    ours, theirs = (
        tu.assess(tu.from_records(d, outcome="y", weight="w", **SHAPE), tu.Goal.at_least(0.5)).table
        for d in (data, ENGINES[engine](data))
    )
    for name in ("population", "events", "rate", "ci_low"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"y": 2.0}, {"outcome": "y"}, r"outcome='y' is not 0 or 1 in 1 row"),
        ({"y": 1e200}, {"outcome": "y"}, "outcome='y' is not 0 or 1 in 1 row"),
        ({"y": 1e200}, {"outcome": "y", "kind": "rate"}, "'y' is not a count of 0 to 2⁵³ in 1 row"),
        ({"y": 1e200}, {"outcome": "y", "kind": "mean"}, "not finite and within 10¹⁵⁰ in 1 row"),
        ({"w": 1e200}, {"outcome": "y", "weight": "w"}, "below 0 or above 2⁵³ in 1 row"),
        ({"visits": -1.0}, {"outcome": "visits", "kind": "rate"}, "not a count of 0 to 2⁵³"),
        ({"visits": 1e17}, {"outcome": "visits", "kind": "rate"}, "not a count of 0 to 2⁵³"),
        ({"score": np.inf}, {"outcome": "score", "kind": "mean"}, "not finite"),
        ({"w": -0.5}, {"outcome": "y", "weight": "w"}, "below 0 or above 2⁵³ in 1 row"),
        ({"w": np.inf}, {"outcome": "y", "weight": "w"}, "below 0 or above 2⁵³ in 1 row"),
        ({"county": None}, {"outcome": "y"}, "'county' is missing"),
        ({"id": 8}, {"outcome": "y", "unit": "id"}, "1 id of unit='id' repeats"),
    ],
)
def test_bad_rows_in_an_engine_are_errors(
    engine: str, change: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    data = records()
    for name, value in change.items():
        data[name] = data[name].astype(object) if value is None else data[name]
        data.loc[7, name] = value
    data.loc[[7, 8], "county"] = None if "county" in change else "Inyo"
    with pytest.raises(tu.InputError, match=said):
        tu.from_records(ENGINES[engine](data), **SHAPE, **options)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_that_an_engine_does_not_have_is_named(engine: str) -> None:
    with pytest.raises(tu.InputError, match="Did you mean 'county'"):
        tu.from_records(ENGINES[engine](records()), outcome="y", segments="race", by="contry")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("column", ["y", "w"])
def test_text_and_dates_in_an_engine_are_no_numbers(engine: str, column: str) -> None:
    data = records().assign(**{column: "1"})
    with pytest.raises(tu.InputError, match=rf"Column '{column}' holds .*, not numbers: cast it"):
        tu.from_records(ENGINES[engine](data), outcome="y", weight="w", segments="race")


@pytest.mark.parametrize("column", ["y", "w"])
def test_the_first_day_of_time_is_no_outcome_of_0(column: str) -> None:
    day = pl.lit(0).cast(pl.Date).alias(column)
    data = pl.LazyFrame({"race": ["A"], "y": [1], "w": [1.0]}).with_columns(day)
    with pytest.raises(tu.InputError, match=rf"Column '{column}' holds Date, not numbers"):
        tu.from_records(data, outcome="y", weight="w", segments="race")


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_and_published_rates_may_live_in_an_engine_too(engine: str) -> None:
    data = pd.DataFrame(
        {
            "county": ["Inyo", "Inyo", "Mono"],
            "race": ["A", "B", "A"],
            "y": [12.0, 30.0, 8.0],
            "w": [40.0, 50.0, 20.0],
        }
    )
    counts: dict[str, Any] = {"numerator": "y", "denominator": "w"}
    rates: dict[str, Any] = {"estimate": "y", "population": "w", "kind": "rate", "per": 1000}
    shape: dict[str, Any] = {"segments": "race", "by": "county"}
    there = ENGINES[engine](data)
    for make, options, goal in (
        (tu.from_counts, counts, tu.Goal.at_least(0.5)),
        (tu.from_estimates, rates, tu.Goal.at_most(5, per=1000)),
    ):
        ours, theirs = (
            tu.assess(make(d, **shape, **options), goal).table  # type: ignore[operator]
            for d in (data, there)
        )
        keys = ["county", "dimension", "segment"]
        a, b = (t.astype(dict.fromkeys(keys, str)).sort_values(keys) for t in (ours, theirs))
        assert a["needed"].tolist() == b["needed"].tolist()
        np.testing.assert_array_equal(a["rate"], b["rate"])
