"""The same table in every container that people bring, and in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

Columns = Mapping[str, list[Any]]
Container = Callable[[Columns], Any]


def objects(columns: Columns) -> pd.DataFrame:
    """Give pandas with a column of Python objects each, as a reader of odd files does."""
    return pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in columns.items()})


def plain(columns: Columns) -> pd.DataFrame:
    """Give pandas as it guesses types."""
    return pd.DataFrame(dict(columns))


def nullable(columns: Columns) -> pd.DataFrame:
    """Give pandas with types that can be missing."""
    return objects(columns).convert_dtypes()


def arrow_backed(columns: Columns) -> pd.DataFrame:
    """Give pandas that stands on Arrow."""
    return pd.DataFrame(
        {n: pd.Series(arrow(columns).column(n).to_pandas(types_mapper=pd.ArrowDtype))
         for n in columns}
    )  # fmt: skip


def odd_index(columns: Columns) -> pd.DataFrame:
    """Give pandas with an index that repeats."""
    made = objects(columns)
    return made.set_axis([7] * len(made))


def arrow(columns: Columns) -> pa.Table:
    """Give an Arrow table."""
    return pa.table({n: pa.array(v) for n, v in columns.items()})


def chunks(columns: Columns) -> pa.Table:
    """Give an Arrow table in pieces, one of them empty."""
    whole = arrow(columns)
    half = len(whole) // 2
    return pa.concat_tables([whole.slice(0, half), whole.slice(0, 0), whole.slice(half)])


def eager(columns: Columns) -> pl.DataFrame:
    """Give polars."""
    return pl.DataFrame(arrow(columns))


def lazy(columns: Columns) -> pl.LazyFrame:
    """Give polars that has not looked yet."""
    return eager(columns).lazy()


def relation(columns: Columns) -> duckdb.DuckDBPyRelation:
    """Give a relation of DuckDB."""
    return duckdb.from_arrow(arrow(columns))


CONTAINERS: dict[str, Container] = {
    function.__name__: function
    for function in (
        objects, plain, nullable, arrow_backed, odd_index, arrow, chunks, eager, lazy, relation,
    )
}  # fmt: skip


def fits(name: str, columns: Columns) -> bool:
    """Tell whether a container holds such columns: Arrow's kin want one type each, within range."""
    if name in ("objects", "odd_index"):
        return True
    for values in columns.values():
        kinds = {type(v) for v in values if v is not None}
        if len(kinds) > 1:
            return False
        if kinds <= {int, bool} and any(v is None for v in values) and name == "plain":
            return not any(isinstance(v, int) and abs(v) > 2**53 for v in values)
    return True


def parquet(columns: Columns, folder: Path) -> Path:
    """Write a file of Parquet in small groups of rows."""
    path = folder / "rows.parquet"
    eager(columns).write_parquet(path, row_group_size=7)
    return path


def csv(columns: Columns, folder: Path) -> Path:
    """Write a file of text."""
    path = folder / "rows.csv"
    eager(columns).write_csv(path)
    return path
