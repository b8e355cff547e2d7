"""A file of segments holds what was written, and is whole or not there."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given

import targeted_universalism as tu
from make import more
from targeted_universalism.segments import store

VALUES = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.dates(),
    st.datetimes(),
    st.text("abc1. ", min_size=1).filter(str.strip),
)


def made(values: Any) -> tu.Segments:
    data = pd.DataFrame({"race": "A", "x": 20, "n": 40, "b": values})
    return tu.from_counts(data, numerator="x", denominator="n", segments="race", by="b")


@more(4, suppress_health_check=[*HealthCheck])
@given(st.lists(VALUES, min_size=1, max_size=5, unique_by=str), st.booleans())
def test_by_values_are_read_with_their_labels_and_their_order(
    tmp_path: Path, values: list[Any], mixed: bool
) -> None:
    kept = values if mixed else [v for v in values if type(v) is type(values[0])]
    try:
        here = made(pd.Series(kept, dtype=object))
    except tu.InputError:  # two values may read alike
        return
    there = tu.read_segments(here.to_parquet(tmp_path / "s.parquet"))
    assert there.strata.texts() == here.strata.texts()
    assert there.strata.in_order("b").tolist() == here.strata.in_order("b").tolist()
    assert len((here + there).strata) == len(here.strata)


def test_decimals_and_dates_stay_what_they_are(tmp_path: Path) -> None:
    values = [decimal.Decimal("1.50"), datetime.datetime(2020, 1, 1), datetime.date(2021, 2, 3)]
    read = tu.read_segments(made(values).to_parquet(tmp_path / "s.parquet"))
    assert list(read.strata.levels[0]) == values
    assert [text for (text,) in read.strata.texts()] == ["1.5", "2020-01-01", "2021-02-03"]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(["x"]).to_parquet(tmp_path / "s.parquet")
    path.chmod(0o600)
    before = path.read_bytes()

    def failing(table: pa.Table, where: Path) -> None:
        Path(where).write_bytes(b"half")
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(pq, "write_table", failing)
        with pytest.raises(tu.InputError, match=r"cannot be written: no space left"):
            made(["y"]).to_parquet(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["s.parquet"]
    made(["y"]).to_parquet(path)
    assert tu.read_segments(path).strata.texts() == [("y",)]
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(tu.InputError, match="is a folder: name the file"):
        made(["y"]).to_parquet(tmp_path)


@pytest.mark.parametrize("about", [b"{}", b"xx", b"[]", b"\xff", b'{"version": 3, "strata": 1}'])
def test_spoilt_metadata_are_refused_in_words(tmp_path: Path, about: bytes) -> None:
    path = made(["x"]).to_parquet(tmp_path / "s.parquet")
    table = pq.read_table(path).replace_schema_metadata({store.KEY: about})
    pq.write_table(table, path)
    with pytest.raises(tu.InputError, match="is spoilt"):
        tu.read_segments(path)


def test_rows_that_are_missing_are_noticed(tmp_path: Path) -> None:
    path = made(["x"]).to_parquet(tmp_path / "s.parquet")
    pq.write_table(pq.read_table(path).slice(0, 1), path)
    with pytest.raises(tu.InputError, match="is spoilt"):
        tu.read_segments(path)


def test_a_folder_of_files_is_refused_in_words(tmp_path: Path) -> None:
    made(["x"]).to_parquet(tmp_path / "s.parquet")
    with pytest.raises(tu.InputError, match=r"is a folder: .*tu\.combine"):
        tu.read_segments(tmp_path)
