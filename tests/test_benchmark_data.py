"""The benchmarks' rows: fewer rows are the beginning of more, whatever was made before."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "data.py"


@pytest.fixture(scope="module")
def data() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_data", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.CHUNK_ROWS = 2_000
    return module


def test_fewer_rows_are_the_beginning_of_more(data: ModuleType) -> None:
    few, many = data.arrow_table(4_500), data.arrow_table(9_000)
    assert (len(few), len(many)) == (4_500, 9_000)
    assert few.combine_chunks().equals(many.slice(0, 4_500).combine_chunks())


def test_a_chunk_depends_on_seed_and_number_alone(data: ModuleType) -> None:
    alone = data.chunk(3)
    whole = data.arrow_table(8_000)
    assert alone.equals(whole.slice(6_000).combine_chunks())
    assert not alone.equals(data.chunk(2))
    assert not alone.equals(data.chunk(3, seed=1))


def test_the_file_holds_the_same_rows_in_row_groups(data: ModuleType, tmp_path: Path) -> None:
    path = data.write_parquet(tmp_path / "people.parquet", 5_000)
    assert [file.name for file in tmp_path.iterdir()] == ["people.parquet"]
    assert pq.ParquetFile(path).metadata.num_row_groups == 3
    assert pq.read_table(path).to_pydict() == data.arrow_table(5_000).to_pydict()


def test_the_rows_are_what_the_page_says(data: ModuleType) -> None:
    rows = data.arrow_table(40_000).combine_chunks()
    levels = {name: len(rows[name].unique().drop_null()) for name in ("year", "race", "sex", "age")}
    assert levels == {"year": 10, "race": 8, "sex": 2, "age": 6}
    lost = {name: rows[name].null_count / len(rows) for name in rows.column_names}
    assert lost["county"] == lost["year"] == 0
    for name, expected in {"race": 0.03, "sex": 0.005, "age": 0.01, "graduated": 0.02}.items():
        assert lost[name] == pytest.approx(expected, rel=0.25), name
    size = np.sort(np.asarray(pc.value_counts(rows["county"].combine_chunks()).field("counts")))
    assert size[-314:].sum() > 4 * size[:1572].sum()  # the largest tenth against the smaller half
    assert pa.types.is_boolean(rows["graduated"].type)
    assert pc.min(rows["weight"]).as_py() > 0


def test_pandas_holds_the_same_rows(data: ModuleType) -> None:
    table = data.arrow_table(3_000)
    frame = data.pandas_frame(table)
    assert str(frame["graduated"].dtype) == "boolean"
    for name in data.LABELS:
        assert list(frame[name].cat.categories) == data.LABELS[name]
        missing = frame[name].astype(object).where(frame[name].notna(), None)
        assert missing.tolist() == table[name].to_pylist()
    assert frame["graduated"].isna().sum() == table["graduated"].null_count
