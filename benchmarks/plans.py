"""Print the plan that each engine makes of one `from_records`: the group-by that cells come from.

Run with the environment of `make test-engines`: `.venv-engines/bin/python benchmarks/plans.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import targeted_universalism as tu
from targeted_universalism.read import engines


def rows() -> pd.DataFrame:
    """Make a few rows of the shape that plans are asked for."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "county": rng.choice(["Inyo", "Mono"], 100),
            "race": rng.choice(["A", "B", "C"], 100),
            "graduated": rng.integers(0, 2, 100).astype(float),
        }
    )


def _duckdb(data: pd.DataFrame) -> Any:
    import duckdb

    connection = duckdb.connect()
    connection.register("people", data)
    return connection.sql("SELECT * FROM people")


def _polars(data: pd.DataFrame) -> Any:
    import polars as pl

    return pl.from_pandas(data).lazy()


def _dask(data: pd.DataFrame) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(data, npartitions=4)


def _spark(data: pd.DataFrame) -> Any:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    return session.getOrCreate().createDataFrame(data)


def _ibis(data: pd.DataFrame) -> Any:
    import ibis

    return ibis.memtable(data)


def _text_of(native: Any) -> str:
    """Ask an engine's frame for its plan, in the engine's own words."""
    if hasattr(native, "dask"):
        return str(native.optimize().expr.tree_repr())
    if hasattr(native, "explain"):
        said = native.explain()
        return "" if said is None else str(said)
    import ibis

    return str(ibis.to_sql(native))


MAKERS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "DuckDB": _duckdb, "polars": _polars, "Dask": _dask, "Ibis": _ibis, "Spark": _spark,
}  # fmt: skip


def main(names: list[str]) -> None:
    """Print the plan of every engine, or of those that are named."""
    collect = engines._collect

    def shown(lazy: Any) -> Any:
        print(_text_of(lazy.to_native()))
        return collect(lazy)

    engines._collect = shown
    for name in names or list(MAKERS):
        print(f"== {name}")
        tu.from_records(MAKERS[name](rows()), outcome="graduated", segments="race", by="county")


if __name__ == "__main__":
    main(sys.argv[1:])
