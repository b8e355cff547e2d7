"""Records of every shape, in every kind of frame and file, against loops over rows.

The oracle adds rows up one by one, in fractions; it knows nothing of codes, blocks or engines.
"""

from __future__ import annotations

import datetime
import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import event, given
from hypothesis import strategies as st
from pyarrow import parquet

import targeted_universalism as tu
from targeted_universalism.read import (
    constructors,
    files,
    finest_sums,
    records,
    scatter,
    sorted_sums,
)

Row = dict[str, Any]
Key = tuple[tuple[str, ...], str, str, str]
Counts = tuple[Fraction, int, Fraction]

# --- what is asked ------------------------------------------------------------------------------

WORDS = [
    "A", "B", "a", " A", "A ", "Ä", "A\u0308", "01", "1", "1.0", "nan", "None", "NA", "null", "-",
    "é\u200b", "👩🏽‍🦱", "x" * 3000, "<11", "a,b", 'say "so"', "two\nlines", "\u00a0n",
]  # fmt: skip
HOLES = [None, "", "  "]
POOLS: dict[str, list[Any]] = {
    "text": WORDS,
    "whole": [0, 1, -1, 7, 2022, 2**53 + 1, 2**62, -(2**62)],
    "near": [2019, 2020, 2021, 2022],
    "float": [0.0, -0.0, 1.5, 2.0, -3.25, 1e300, 0.1],
    "bool": [False, True],
    "date": [datetime.date(1899, 12, 31), datetime.date(2020, 2, 29), datetime.date(2021, 1, 1)],
    "time": [
        datetime.datetime(2020, 2, 29, 13, 5, 0, 1),
        datetime.datetime(2020, 2, 29),
        datetime.datetime(1969, 7, 20, 20, 17),
    ],
}
TYPES = {
    "text": pa.string(), "whole": pa.int64(), "near": pa.int16(), "float": pa.float64(),
    "bool": pa.bool_(), "date": pa.date32(), "time": pa.timestamp("us"), "flag": pa.int8(),
    "weight": pa.float64(), "proportion": pa.int8(), "rate": pa.int32(), "mean": pa.float64(),
}  # fmt: skip
NULLABLE = {
    pa.string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(),
    pa.int16(): pd.Int16Dtype(), pa.int8(): pd.Int8Dtype(), pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip


@dataclass
class Asked:
    """Rows, the type of each column, and the options of the call."""

    rows: list[Row]
    types: dict[str, str]
    by: list[str]
    plain: list[str]
    flags: list[str]
    outcomes: dict[str, str]
    indicator: str | None
    weight: str | None
    cross: int
    unknown: list[str]
    order: dict[str, list[str]] = field(default_factory=dict)

    @property
    def axes(self) -> list[str]:
        return [*self.plain, *(["programme"] if self.flags else [])]

    @property
    def dimensions(self) -> list[tuple[str, ...]]:
        ways = range(1, self.cross + 1)
        return [c for k in ways for c in itertools.combinations(self.axes, k)]

    @property
    def options(self) -> dict[str, Any]:
        flags = [tu.overlapping(self.flags, name="programme")] if self.flags else []
        kind = self.outcomes if len(self.outcomes) > 1 else next(iter(self.outcomes.values()))
        return {
            "outcome": list(self.outcomes), "segments": [*self.plain, *flags], "kind": kind,
            "by": self.by or None, "indicator": self.indicator, "weight": self.weight,
            "cross": self.cross, "unknown": self.unknown or None, "order": self.order,
        }  # fmt: skip


# --- the oracle ---------------------------------------------------------------------------------


def text(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())  # labels that read alike are one (RULES 2)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value.isoformat()).removesuffix("T00:00:00")


def is_hole(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def members(row: Row, axis: str, asked: Asked) -> list[str]:
    """Labels of one row on one axis."""
    if axis != "programme":
        value = row[axis]
        lost = is_hole(value) or text(value) in asked.unknown
        return ["Unknown" if lost else text(value)]
    found = [flag for flag in asked.flags if row[flag]]
    return found + (["Unknown"] if any(row[f] is None for f in asked.flags) else [])


def oracle(asked: Asked) -> dict[Key, Counts]:
    """Add every row to every cell it belongs to; cells of a shown segment without rows are 0.

    A row whose outcome or weight nobody knows shows its segments and strata, and adds nothing; a
    row of weight 0 is as if it were not there (RULES 1).
    """
    sums: dict[Key, Counts] = {}
    shown: dict[str, dict[tuple[str, str], None]] = {}
    strata: dict[str, dict[tuple[str, ...], None]] = {}
    for row, outcome in itertools.product(asked.rows, asked.outcomes):
        if asked.weight and row[asked.weight] == 0:
            continue
        several = len(asked.outcomes) > 1
        measured = outcome if several else text(row[asked.indicator]) if asked.indicator else ""
        place = tuple(text(row[name]) for name in asked.by)
        strata.setdefault(measured, {})[place] = None
        w = Fraction(row[asked.weight] or 0) if asked.weight else Fraction(1)
        cells = [("total", "All")]
        for dimension in asked.dimensions:
            sides = [members(row, axis, asked) for axis in dimension]
            cells += [("*".join(dimension), " × ".join(c)) for c in itertools.product(*sides)]
        for cell in cells:
            shown.setdefault(measured, {})[cell] = None
            if row[outcome] is None or (asked.weight and row[asked.weight] is None):
                continue
            key = (place, measured, *cell)
            people, n, events = sums.get(key, (Fraction(0), 0, Fraction(0)))
            sums[key] = people + w, n + 1, events + w * Fraction(row[outcome])
    nothing = Fraction(0), 0, Fraction(0)
    return {
        (place, measured, *cell): sums.get((place, measured, *cell), nothing)
        for measured, cells_of in shown.items()
        for place in strata[measured]
        for cell in cells_of
    }


def answered(asked: Asked, segments: tu.Segments) -> dict[Key, Counts]:
    """Read the same from the library's table; rates stand for events where events are missing."""
    goals = {name: tu.Goal.at_least(0.5, per=1) for name in segments.strata.indicators}
    goal = goals if segments.strata.indicator_name else tu.Goal.at_least(0.5, per=1)
    table = tu.assess(segments, goal).table
    out: dict[Key, Counts] = {}
    for i in range(len(table)):
        row = {name: table[name].iloc[i] for name in table.columns}
        place = tuple(text(plain(row[name])) for name in asked.by)
        key = (place, str(row.get("indicator", "")), str(row["dimension"]), str(row["segment"]))
        assert key not in out
        people = Fraction(float(row["population"]))
        events = row["events"]
        if pd.isna(events):
            events = float(row["rate"]) * float(people) if people else 0.0
        out[key] = people, int(row["n"]), Fraction(float(events))
    return out


def plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def place_of(key: Key, asked: Asked, order: str) -> list[Any]:
    """Sort by stratum, dimension and segment, text in the order of its frame's categories."""
    place, measured, dimension, segment = key
    dimensions = ["total", *("*".join(d) for d in asked.dimensions)]
    labels = segment.split(" × ") if dimension != "total" else []
    axes = dimension.split("*")
    indicators = list(asked.outcomes) if len(asked.outcomes) > 1 else ranks("what", asked, order)
    return [
        [ranks(name, asked, order).index(x) for name, x in zip(asked.by, place, strict=True)],
        indicators.index(measured) if measured else 0,
        dimensions.index(dimension),
        "Unknown" in labels,
        [
            [*ranks(axis, asked, order), "Unknown"].index(x)
            for axis, x in zip(axes, labels, strict=False)
        ],
    ]


def ranks(name: str, asked: Asked, order: str) -> list[str]:
    """Labels of a column: as they arrive, by value, or by categories that are sorted backwards."""
    if name == "programme":
        return asked.flags
    values = dict.fromkeys(v for v in (row.get(name) for row in asked.rows) if not is_hole(v))
    if asked.types.get(name) != "text":
        return [text(v) for v in sorted(values)]
    if order == "values":
        return sorted({*map(text, values)})
    raw = values if order == "arrival" else sorted(values, reverse=True)
    return list(dict.fromkeys(map(text, raw)))


def check(asked: Asked, segments: tu.Segments, order: str) -> None:
    expected, found = oracle(asked), answered(asked, segments)
    assert list(found) == sorted(expected, key=lambda key: place_of(key, asked, order))
    for key, (people, n, events) in expected.items():
        assert found[key][:2] == (people, n), key
        if "mean" in asked.outcomes.values():
            assert abs(found[key][2] - events) <= Fraction(1, 10**9) * max(1, abs(events)), key
        else:
            assert found[key][2] == events, key
    known = [
        1
        for row in asked.rows
        for y in asked.outcomes
        if row[y] is not None and not (asked.weight and not row[asked.weight])
    ]
    assert segments.choices["dropped"] == len(asked.rows) * len(asked.outcomes) - len(known)


# --- what is drawn ------------------------------------------------------------------------------


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    types: dict[str, str] = {}
    kinds = st.sampled_from(list(POOLS))

    def columns(stem: str, most: int) -> list[str]:
        names = [f"{stem} {i}" for i in range(draw(st.integers(0, most)))]
        types.update({name: draw(kinds) for name in names})
        return names

    by, plain_axes = columns("by", 2), columns("s", 3)
    flags = [f"f{i}" for i in range(draw(st.integers(0, 2)))]
    if not plain_axes and not flags:
        plain_axes = ["s 0"]
        types["s 0"] = "text"
    kind = draw(st.sampled_from(["proportion", "rate", "mean"]))
    outcomes = {f"y{i}": kind for i in range(draw(st.integers(1, 3)))}
    if len(outcomes) > 1:
        outcomes = {n: draw(st.sampled_from(["proportion", "rate", "mean"])) for n in outcomes}
    indicator = "what" if len(outcomes) == 1 and draw(st.booleans()) else None
    weight = draw(st.sampled_from([None, "w"]))
    types |= dict.fromkeys(flags, "flag") | outcomes
    types |= {"w": "weight"} if weight else {}
    types |= {"what": "text"} if indicator else {}

    pools: dict[str, list[Any]] = {}
    for name in [*by, *plain_axes, *([indicator] if indicator else [])]:
        pool = POOLS[types[name]]
        some = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=6, unique=True))
        hole = [None, *(HOLES if types[name] == "text" else [])] if name in plain_axes else []
        pools[name] = some + hole
    pools |= {name: [0, 1, None] for name in flags}
    values = {
        "proportion": [0, 1, None],
        "rate": [0, 1, 2, 250, None],
        "mean": [-7.5, 0.25, 3, None],
    }
    pools |= {name: values[k] for name, k in outcomes.items()}
    pools |= {"w": [0.125, 0.5, 1.0, 3.0, 0.0, None]} if weight else {}

    number = draw(st.integers(1, 40))
    rows = [
        {name: draw(st.sampled_from(pool)) for name, pool in pools.items()} for _ in range(number)
    ]
    # One complete row, whose flags are not set, so that the question has an answer.
    first = {name: pool[0] for name, pool in pools.items()}
    rows.append(first | dict.fromkeys(flags, 0) | ({"w": 0.5} if weight else {}))
    axes = len(plain_axes) + bool(flags)
    kept = {text(pools[name][0]) for name in plain_axes}
    second = {text(v) for n in plain_axes for v in pools[n][1:2] if not is_hole(v)}
    unknown = sorted(second - kept) if draw(st.booleans()) else []
    return Asked(
        rows, types, by, plain_axes, flags, outcomes, indicator, weight,
        draw(st.integers(1, axes)), unknown,
    )  # fmt: skip


# --- frames -------------------------------------------------------------------------------------


def arrow(asked: Asked, rows: list[Row] | None = None) -> pa.Table:
    rows = asked.rows if rows is None else rows
    return pa.table(
        {n: pa.array([r[n] for r in rows], type=TYPES[t]) for n, t in asked.types.items()}
    )


def pieces(asked: Asked, cuts: list[int]) -> Iterator[list[Row]]:
    ends = sorted(cut % (len(asked.rows) + 1) for cut in cuts)
    for start, stop in itertools.pairwise([0, *ends, len(asked.rows)]):
        yield asked.rows[start:stop]


def in_chunks(asked: Asked, cuts: list[int]) -> pa.Table:
    return pa.concat_tables([arrow(asked, rows) for rows in pieces(asked, cuts)])


def in_dictionaries(asked: Asked, cuts: list[int]) -> pa.Table:
    """Every chunk has a dictionary of its own, in its own order."""
    made = []
    for rows in pieces(asked, cuts):
        table = arrow(asked, rows)
        for i, name in enumerate(table.column_names):
            if asked.types[name] == "text":
                column = table[name].combine_chunks().dictionary_encode()
                table = table.set_column(i, name, column)
        made.append(table)
    return pa.concat_tables(made)


def in_large_text(asked: Asked, cuts: list[int]) -> pa.Table:
    table = in_chunks(asked, cuts)
    large = {pa.string(): pa.large_string()}
    return table.cast(pa.schema([(f.name, large.get(f.type, f.type)) for f in table.schema]))


def as_objects(asked: Asked, cuts: list[int]) -> pd.DataFrame:
    columns = {n: pd.Series([r[n] for r in asked.rows], dtype=object) for n in asked.types}
    return pd.DataFrame(columns)


def as_categories(asked: Asked, cuts: list[int]) -> pd.DataFrame:
    """Categories that no row uses, holes among them."""
    frame = arrow(asked).to_pandas(integer_object_nulls=True)
    for name, kind in asked.types.items():
        if kind == "text":
            used = sorted({r[name] for r in asked.rows if r[name] is not None})
            frame[name] = pd.Categorical(
                [r[name] for r in asked.rows], categories=["never", *used[::-1], "nor this"]
            )
    return frame


def with_nan(asked: Asked, cuts: list[int]) -> pl.DataFrame:
    """Missing numbers are NaN, not null."""
    frame = pl.from_arrow(arrow(asked))
    assert isinstance(frame, pl.DataFrame)
    floats = [n for n, kind in asked.types.items() if kind in ("float", "mean", "weight", "rate")]
    return frame.with_columns(pl.col(floats).cast(pl.Float64).fill_null(float("nan")))


def in_files(asked: Asked, cuts: list[int]) -> Path:
    folder = Path(tempfile.mkdtemp())
    for i, rows in enumerate(pieces(asked, cuts)):
        table = arrow(asked, rows)
        dictionary = [n for n, kind in asked.types.items() if kind == "text" and i % 2]
        turned = table.select(table.column_names[:: (-1 if i % 3 else 1)])
        parquet.write_table(
            turned, folder / f"{i}.parquet", row_group_size=1 + i * 3, use_dictionary=dictionary
        )
    return folder


FRAMES: dict[str, Callable[[Asked, list[int]], Any]] = {
    "pandas": lambda a, c: arrow(a).to_pandas(integer_object_nulls=True),
    "pandas objects": as_objects,
    "pandas categories": as_categories,
    "pandas nullable": lambda a, c: arrow(a).to_pandas(types_mapper=NULLABLE.get),
    "pandas Arrow": lambda a, c: in_chunks(a, c).to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda a, c: pl.from_arrow(in_chunks(a, c)),
    "polars NaN": with_nan,
    "polars categories": lambda a, c: pl.from_arrow(in_chunks(a, c)).with_columns(
        pl.col(pl.String).cast(pl.Categorical)
    ),
    "polars lazy": lambda a, c: pl.from_arrow(in_chunks(a, c)).lazy(),
    "pyarrow": in_chunks,
    "pyarrow dictionaries": in_dictionaries,
    "pyarrow large": in_large_text,
    "a stream": lambda a, c: pa.RecordBatchReader.from_batches(
        arrow(a).schema, in_chunks(a, c).to_batches()
    ),
    "DuckDB": lambda a, c: duckdb.from_arrow(in_chunks(a, c)),
    "files": in_files,
}  # fmt: skip

# The order of categories, where a frame has such.
CATEGORIES = {
    "pandas categories": "backwards",
    "polars categories": "arrival",
    "pyarrow dictionaries": "arrival",
}


@given(
    asked=questions(),
    kind=st.sampled_from(list(FRAMES)),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    limits=st.tuples(
        st.sampled_from([1, 2, 7, 2**20]), st.sampled_from([1, 60, 2**26]), st.sampled_from([0, 99])
    ),
    lanes=st.tuples(
        st.sampled_from([3, 16, 2**22]), st.sampled_from([0, 2**20]), st.sampled_from([1, 4, 2**19])
    ),
)
def test_every_cell_is_the_sum_of_its_rows(
    asked: Asked,
    kind: str,
    cuts: list[int],
    limits: tuple[int, int, int],
    lanes: tuple[int, int, int],
) -> None:
    """Limits: rows of a block, cells of a dense space, cells that may stand empty in a cube.

    Lanes: rows of a wave, cells that go in lanes (more go in parts), rows of a lane.
    """
    event(kind)
    block, dense, empty = limits
    wave, few, lane = lanes
    with (
        patch.object(constructors, "BLOCK_ROWS", block),
        patch.object(files, "BATCH_ROWS", block),
        patch.object(finest_sums, "DENSE_CODES", dense),
        patch.object(sorted_sums, "_FEW", 3 if dense == 1 else 2**20),
        patch.object(records, "WAVE_ROWS", wave),
        patch.object(scatter, "FEW_SUMS", few),
        patch.object(scatter, "LANE_ROWS", lane),
        patch.object(scatter, "PART_BITS", range(3, 4)),
        patch.object(records, "_FEW_CELLS", empty),
    ):
        frame = FRAMES[kind](asked, cuts)
        read = tu.from_parquet if kind == "files" else tu.from_records
        check(asked, read(frame, **asked.options), CATEGORIES.get(kind, "values"))
