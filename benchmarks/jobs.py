"""The jobs that are timed: ours, and the same sums by other means, each in its best native form.

T1: county × year × race. T2, the cube: every one-, two- and three-way combination of race, sex and
age within county × year, and the totals. "Plain" adds n and Σy, "weighted" n, Σy, Σw, Σwy, Σw²,
Σw²y, over the rows whose outcome (and weight) is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import data
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cores import available

import targeted_universalism as tu

BY = ("county", "year")
SEGMENTS = ("race", "sex", "age")
COMBINATIONS = tuple(c for k in range(len(SEGMENTS) + 1) for c in combinations(SEGMENTS, k))
PLAIN = ("n", "y")
WEIGHTED = ("n", "y", "w", "wy", "w2", "w2y")
GOAL = tu.Goal.at_least(0.8)


@dataclass(frozen=True)
class Inputs:
    """The same rows in every form; each is made when a job first asks for it."""

    path: Path

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        return int(pq.ParquetFile(self.path).metadata.num_rows)

    @cached_property
    def arrow(self) -> pa.Table:
        """An Arrow table with dictionary columns."""
        return pq.read_table(self.path)

    @cached_property
    def pandas(self) -> pd.DataFrame:
        """A pandas frame with categoricals."""
        return data.pandas_frame(self.arrow)

    @cached_property
    def polars(self) -> pl.DataFrame:
        """A polars frame with Enums."""
        enums = {name: pl.Enum(labels) for name, labels in data.LABELS.items()}
        return pl.from_arrow(self.arrow.unify_dictionaries()).cast(enums).rechunk()

    @cached_property
    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB database in memory with a table of its own, dictionaries as ENUMs."""
        connection = duckdb.connect(config={"threads": available()})
        connection.register("incoming", self.arrow.unify_dictionaries())
        connection.execute("CREATE TABLE people AS SELECT * FROM incoming")
        connection.unregister("incoming")
        return connection


Job = Callable[[Inputs], Any]


# Ours


def _options(task: str, weighted: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"outcome": "graduated", "by": list(BY)}
    options |= {"weight": "weight"} if weighted else {}
    cube = {"segments": list(SEGMENTS), "cross": 3}
    return options | ({"segments": "race"} if task == "T1" else cube)


def _ours(task: str, weighted: bool, form: str) -> Job:
    def run(inputs: Inputs) -> tu.Segments:
        return tu.from_records(getattr(inputs, form), **_options(task, weighted))

    return run


def _ours_from_file(task: str, weighted: bool) -> Job:
    return lambda inputs: tu.from_parquet(inputs.path, **_options(task, weighted))


def _ours_to_table(weighted: bool) -> Job:
    """Go from the frame to the tidy table that an analyst reads."""
    return lambda i: tu.assess(_ours("T1", weighted, "arrow")(i), GOAL).table


def several_outcomes(rows: pa.Table, many: int) -> tu.Segments:
    """Ask T1 of many outcomes at once: the one outcome there is, under many names."""
    names = [f"outcome {i}" for i in range(many)]
    for name in names:
        rows = rows.append_column(name, rows["graduated"])
    return tu.from_records(rows, outcome=names, by=list(BY), segments="race")


# Reading, and nothing else


def _used(weighted: bool) -> list[str]:
    return [*BY, *SEGMENTS, "graduated", *(["weight"] if weighted else [])]


def _columns_of(task: str, weighted: bool) -> list[str]:
    unused = ("sex", "age") if task == "T1" else ()
    return [name for name in _used(weighted) if name not in unused]


def _read(task: str, weighted: bool) -> Job:
    return lambda inputs: pq.read_table(inputs.path, columns=_columns_of(task, weighted))


def _decode(task: str, weighted: bool) -> Job:
    def run(inputs: Inputs) -> int:
        columns = _columns_of(task, weighted)
        batches = pq.ParquetFile(inputs.path).iter_batches(2**18, columns=columns)
        return sum(batch.num_rows for batch in batches)

    return run


# pandas


def _pandas_columns(inputs: Inputs, weighted: bool, keys: Sequence[str]) -> pd.DataFrame:
    """Make the columns to add up, once, from the rows that are known."""
    frame = inputs.pandas[_used(weighted)]
    known = frame[["graduated", "weight"] if weighted else ["graduated"]].notna().all(axis=1)
    frame = frame[known]
    y = frame["graduated"].to_numpy(dtype=np.float64)
    sums: dict[str, Any] = {"n": np.ones(len(y)), "y": y}
    if weighted:
        w = frame["weight"].to_numpy()
        sums |= {"w": w, "wy": w * y, "w2": w * w, "w2y": w * w * y}
    return pd.DataFrame({**{name: frame[name] for name in keys}, **sums}, index=frame.index)


def _pandas_sums(frame: pd.DataFrame, keys: Sequence[str], weighted: bool) -> pd.DataFrame:
    grouped = frame.groupby(list(keys), observed=True, dropna=False, sort=False)
    return grouped[list(WEIGHTED if weighted else PLAIN)].sum().reset_index()


def _pandas_t1(weighted: bool) -> Job:
    keys = (*BY, "race")
    return lambda i: [_pandas_sums(_pandas_columns(i, weighted, keys), keys, weighted)]


def _pandas_each(weighted: bool) -> Job:
    def run(inputs: Inputs) -> list[pd.DataFrame]:
        frame = _pandas_columns(inputs, weighted, (*BY, *SEGMENTS))
        return [_pandas_sums(frame, (*BY, *some), weighted) for some in COMBINATIONS]

    return run


def _pandas_rolled(weighted: bool) -> Job:
    def run(inputs: Inputs) -> list[pd.DataFrame]:
        keys = (*BY, *SEGMENTS)
        finest = _pandas_sums(_pandas_columns(inputs, weighted, keys), keys, weighted)
        return [_pandas_sums(finest, (*BY, *some), weighted) for some in COMBINATIONS]

    return run


# polars


def _polars_finest(rows: pl.LazyFrame, keys: Sequence[str], weighted: bool) -> pl.LazyFrame:
    y, w = pl.col("graduated"), pl.col("weight")
    sums = [pl.len().alias("n"), y.sum().alias("y")]
    if weighted:
        more = {"w": w, "wy": w * y, "w2": w * w, "w2y": w * w * y}
        sums += [each.sum().alias(name) for name, each in more.items()]
        rows = rows.filter(w.is_not_null())
    return rows.filter(y.is_not_null()).group_by(list(keys)).agg(sums)


def _rolled_up(finest: pl.DataFrame, weighted: bool) -> list[pl.DataFrame]:
    sums = pl.col(list(WEIGHTED if weighted else PLAIN)).sum()
    return pl.collect_all(finest.lazy().group_by([*BY, *some]).agg(sums) for some in COMBINATIONS)


def _polars_t1(weighted: bool) -> Job:
    keys = (*BY, "race")
    return lambda i: [_polars_finest(i.polars.lazy(), keys, weighted).collect()]


def _polars_each(weighted: bool) -> Job:
    def run(inputs: Inputs) -> list[pl.DataFrame]:
        rows = inputs.polars.lazy()
        each = (_polars_finest(rows, (*BY, *some), weighted) for some in COMBINATIONS)
        return pl.collect_all(each)

    return run


def _polars_rolled(weighted: bool) -> Job:
    def run(inputs: Inputs) -> list[pl.DataFrame]:
        finest = _polars_finest(inputs.polars.lazy(), (*BY, *SEGMENTS), weighted).collect()
        return _rolled_up(finest, weighted)

    return run


def _polars_file(task: str, weighted: bool) -> Job:
    def run(inputs: Inputs) -> list[pl.DataFrame]:
        keys = (*BY, "race") if task == "T1" else (*BY, *SEGMENTS)
        asked = _polars_finest(pl.scan_parquet(inputs.path), keys, weighted)
        finest = asked.collect(engine="streaming")
        return [finest] if task == "T1" else _rolled_up(finest, weighted)

    return run


# DuckDB

_SQL_SUMS = {
    "n": "count(*)", "y": "sum(graduated::int)", "w": "sum(weight)",
    "wy": "sum(weight * graduated::int)", "w2": "sum(weight * weight)",
    "w2y": "sum(weight * weight * graduated::int)",
}  # fmt: skip


def _sql(task: str, weighted: bool, source: str) -> str:
    keys = ", ".join([*BY, "race"] if task == "T1" else [*BY, *SEGMENTS])
    sums = ", ".join(f"{_SQL_SUMS[s]} AS {s}" for s in (WEIGHTED if weighted else PLAIN))
    sets = ", ".join(f"({', '.join([*BY, *some])})" for some in COMBINATIONS)
    groups = keys if task == "T1" else f"GROUPING SETS ({sets})"
    which = "" if task == "T1" else f", grouping({', '.join(SEGMENTS)}) AS set_of"
    known = "graduated IS NOT NULL" + (" AND weight IS NOT NULL" if weighted else "")
    return f"SELECT {keys}{which}, {sums} FROM {source} WHERE {known} GROUP BY {groups}"  # noqa: S608


def _duckdb(task: str, weighted: bool) -> Job:
    return lambda i: [i.duckdb.sql(_sql(task, weighted, "people")).to_arrow_table()]


def _duckdb_file(task: str, weighted: bool) -> Job:
    def run(inputs: Inputs) -> list[pa.Table]:
        source = f"read_parquet('{inputs.path}')"
        with duckdb.connect(config={"threads": available()}) as connection:
            return [connection.sql(_sql(task, weighted, source)).to_arrow_table()]

    return run


# pyarrow


def _arrow_t1(weighted: bool) -> Job:
    def run(inputs: Inputs) -> list[pa.Table]:
        rows = inputs.arrow.unify_dictionaries().select(_columns_of("T1", weighted))
        known = pc.is_valid(rows["graduated"])
        if weighted:
            known = pc.and_(known, pc.is_valid(rows["weight"]))
        rows = rows.filter(known)
        y = rows["graduated"].cast(pa.float64())
        sums = {"n": pa.repeat(1.0, len(y)), "y": y}
        if weighted:
            w = rows["weight"]
            wy = pc.multiply(w, y)
            sums |= {"w": w, "wy": wy, "w2": pc.multiply(w, w), "w2y": pc.multiply(w, wy)}
        keys = [*BY, "race"]
        table = pa.table({**{name: rows[name] for name in keys}, **sums})
        added = table.group_by(keys).aggregate([(name, "sum") for name in sums])
        return [added.rename_columns([n.removesuffix("_sum") for n in added.column_names])]

    return run


def _all_jobs() -> dict[str, Job]:
    """Name every job "who, task, kind"."""
    jobs: dict[str, Job] = {}
    for kind, weighted in (("plain", False), ("weighted", True)):
        for task in ("T1", "T2"):
            jobs[f"ours on Arrow, {task} {kind}"] = _ours(task, weighted, "arrow")
            jobs[f"ours on pandas, {task} {kind}"] = _ours(task, weighted, "pandas")
            jobs[f"ours on polars, {task} {kind}"] = _ours(task, weighted, "polars")
            jobs[f"ours on the file, {task} {kind}"] = _ours_from_file(task, weighted)
            jobs[f"reading, {task} {kind}"] = _read(task, weighted)
            jobs[f"decoding, {task} {kind}"] = _decode(task, weighted)
            jobs[f"DuckDB, {task} {kind}"] = _duckdb(task, weighted)
            jobs[f"DuckDB on the file, {task} {kind}"] = _duckdb_file(task, weighted)
            jobs[f"polars on the file, {task} {kind}"] = _polars_file(task, weighted)
        jobs[f"ours to a.table, T1 {kind}"] = _ours_to_table(weighted)
        jobs[f"pandas, T1 {kind}"] = _pandas_t1(weighted)
        jobs[f"pandas per combination, T2 {kind}"] = _pandas_each(weighted)
        jobs[f"pandas finest + roll-up, T2 {kind}"] = _pandas_rolled(weighted)
        jobs[f"polars, T1 {kind}"] = _polars_t1(weighted)
        jobs[f"polars per combination, T2 {kind}"] = _polars_each(weighted)
        jobs[f"polars finest + roll-up, T2 {kind}"] = _polars_rolled(weighted)
        jobs[f"pyarrow, T1 {kind}"] = _arrow_t1(weighted)
    return jobs


JOBS = _all_jobs()
