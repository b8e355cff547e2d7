"""Made-up records of any number, the same every time: one row for each person.

County (3,144 of skewed sizes) × year × race × sex × age, a boolean outcome, a weight, and a few
nulls in every hundred. Chunk i depends on (seed, i) alone, so that fewer rows are always the
beginning of more rows, whatever is made first. Nothing here is about real people or places.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20260101
CHUNK_ROWS = 500_000

LABELS: dict[str, list[str]] = {
    "county": [f"{i:05}" for i in range(3144)],
    "year": [str(2015 + i) for i in range(10)],
    "race": [
        "American Indian", "Asian", "Black", "Latino", "Middle Eastern", "Multiracial",
        "Pacific Islander", "White",
    ],
    "sex": ["Female", "Male"],
    "age": ["0-2", "3-5", "6-8", "9-11", "12-14", "15-17"],
}  # fmt: skip
RACE_SHARES = (0.01, 0.07, 0.14, 0.25, 0.03, 0.06, 0.01, 0.43)
MISSING = {"race": 0.03, "sex": 0.005, "age": 0.01, "graduated": 0.02, "weight": 0.015}

Codes = dict[str, npt.NDArray[np.int64]]


def chunk(i: int, seed: int = SEED) -> pa.Table:
    """Make chunk i: `CHUNK_ROWS` rows that depend on nothing but the seed and i."""
    rng = np.random.default_rng([seed, i])
    codes = _codes(rng, seed)
    lost = {name: rng.random(CHUNK_ROWS) < share for name, share in MISSING.items()}
    graduated = rng.random(CHUNK_ROWS) < _chances(seed)[codes["county"], codes["race"]]
    weight = rng.gamma(4.0, 12.0, CHUNK_ROWS)
    columns = {name: _dictionary(name, codes[name], lost.get(name)) for name in LABELS}
    columns["graduated"] = pa.array(graduated, mask=lost["graduated"])
    columns["weight"] = pa.array(weight, mask=lost["weight"])
    return pa.table(columns)


def chunks(rows: int, seed: int = SEED) -> Iterator[pa.Table]:
    """Give the first `rows` rows, chunk by chunk."""
    for i, start in enumerate(range(0, rows, CHUNK_ROWS)):
        yield chunk(i, seed).slice(0, rows - start)


def arrow_table(rows: int, seed: int = SEED) -> pa.Table:
    """Give the first `rows` rows as one Arrow table with dictionary columns."""
    return pa.concat_tables(chunks(rows, seed))


def pandas_frame(table: pa.Table) -> pd.DataFrame:
    """Give the rows as pandas holds them best: categoricals, a nullable boolean, floats."""
    whole = table.unify_dictionaries()
    return whole.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)


def write_parquet(path: Path, rows: int, seed: int = SEED) -> Path:
    """Write the first `rows` rows, one row group a chunk; about 1 GB for 100 million."""
    unfinished = path.with_suffix(".unfinished")
    with pq.ParquetWriter(unfinished, chunk(0, seed).schema) as writer:
        for part in chunks(rows, seed):
            writer.write_table(part, row_group_size=CHUNK_ROWS)
    return unfinished.replace(path)


def _codes(rng: np.random.Generator, seed: int) -> Codes:
    shares = {"county": _county_shares(seed), "race": np.array(RACE_SHARES)}
    return {name: _draw(rng, len(LABELS[name]), shares.get(name)) for name in LABELS}


def _draw(
    rng: np.random.Generator, levels: int, shares: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.int64]:
    if shares is None:
        return rng.integers(0, levels, CHUNK_ROWS)
    bounds = np.cumsum(shares)
    return np.searchsorted(bounds[:-1] / bounds[-1], rng.random(CHUNK_ROWS), side="right")


def _county_shares(seed: int) -> npt.NDArray[np.float64]:
    """Sizes as skewed as American counties: a few hold most people."""
    return np.random.default_rng([seed, 0, 1]).lognormal(0.0, 1.4, len(LABELS["county"]))


def _chances(seed: int) -> npt.NDArray[np.float64]:
    """Chance of the outcome in each county and for each race."""
    rng = np.random.default_rng([seed, 0, 2])
    place = rng.normal(1.2, 0.4, (len(LABELS["county"]), 1))
    group = rng.normal(0.0, 0.5, (1, len(LABELS["race"])))
    return 1 / (1 + np.exp(-(place + group)))


def _dictionary(
    name: str, codes: npt.NDArray[np.int64], lost: npt.NDArray[np.bool_] | None
) -> pa.DictionaryArray:
    narrow = np.int16 if len(LABELS[name]) > 127 else np.int8
    indices = pa.array(codes.astype(narrow), mask=lost)
    return pa.DictionaryArray.from_arrays(indices, pa.array(LABELS[name]))
