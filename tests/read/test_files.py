"""Files of any size give what the rows in memory give; broken files say which and why."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import targeted_universalism as tu
from targeted_universalism.read import files
from targeted_universalism.read.records import Reduction

OPTIONS: dict[str, Any] = {
    "outcome": "y", "segments": ["race", "sex"], "cross": 2, "by": "county", "weight": "w",
}  # fmt: skip


def records(rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    data = pd.DataFrame(
        {
            "county": rng.choice(["01", "02", "10"], rows),
            "race": rng.choice(np.array(["A", "B", None], dtype=object), rows),
            "sex": rng.choice(["F", "M"], rows),
            "y": rng.integers(0, 2, rows).astype(float),
            "w": rng.gamma(2, 1, rows),
        }
    )
    data.loc[::50, "y"] = np.nan
    data.loc[599, "race"] = "late"
    return data


def table(segments: tu.Segments) -> pd.DataFrame:
    return tu.assess(segments, tu.Goal.at_least(0.5)).table


def same(ours: pd.DataFrame, whole: pd.DataFrame) -> None:
    text = {name: str for name in ours.columns if ours[name].dtype == "category"}
    pd.testing.assert_frame_equal(ours.astype(text), whole.astype(text), rtol=1e-12)
    assert ours["n"].equals(whole["n"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = records()
    for i, part in enumerate(np.array_split(np.arange(len(data)), 3)):
        rows = data.iloc[part].copy()
        rows["race"] = rows["race"].astype("category")  # dictionaries differ between files
        rows.to_parquet(tmp_path / f"part-{i}.parquet", row_group_size=40, index=False)
    return tmp_path


@pytest.mark.parametrize("batch", [7, 2**18])
def test_files_equal_rows_in_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(files, "BATCH_ROWS", batch)
    same(table(tu.from_parquet(folder, **OPTIONS)), table(tu.from_records(records(), **OPTIONS)))


def test_reading_again_gives_the_same_bits(folder: Path) -> None:
    first, second = (table(tu.from_parquet(folder, **OPTIONS)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_a_pattern_and_a_file_name_files_too(folder: Path) -> None:
    same(
        table(tu.from_parquet(str(folder / "part-*.parquet"), **OPTIONS)),
        table(tu.from_parquet(folder, **OPTIONS)),
    )
    one = tu.from_parquet(folder / "part-0.parquet", **OPTIONS)
    assert table(one)["n"].max() < 200


def test_partitions_of_a_path_are_columns(tmp_path: Path) -> None:
    data = records()
    for county, rows in data.groupby("county"):
        (tmp_path / f"county={county}").mkdir()
        rows.drop(columns="county").to_parquet(tmp_path / f"county={county}" / "a.parquet")
    same(table(tu.from_parquet(tmp_path, **OPTIONS)), table(tu.from_records(data, **OPTIONS)))


def test_csv_equals_rows_in_memory_and_keeps_leading_zeros(tmp_path: Path) -> None:
    records().to_csv(tmp_path / "rows.csv", index=False)
    found = table(tu.from_csv(tmp_path / "rows.csv", **OPTIONS))
    same(found, table(tu.from_records(records(), **OPTIONS)))
    assert set(found["county"]) == {"01", "02", "10"}


def test_a_file_that_ends_early_is_named(folder: Path) -> None:
    whole = (folder / "part-1.parquet").read_bytes()
    (folder / "part-1.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(tu.InputError, match=r"part-1\.parquet"):
        tu.from_parquet(folder, **OPTIONS)


def test_a_column_of_another_type_in_a_later_file_is_named(folder: Path) -> None:
    rows = pa.Table.from_pandas(records().iloc[:5], preserve_index=False)
    county = pa.array([1, 2, 3, 4, 5])
    parquet.write_table(rows.set_column(0, "county", county), folder / "part-9.parquet")
    with pytest.raises(tu.InputError, match=r"'county' holds numbers in .*part-9.*text"):
        tu.from_parquet(folder, **OPTIONS)


def test_a_later_file_without_a_column_is_named(folder: Path) -> None:
    records().drop(columns="sex").to_parquet(folder / "part-9.parquet")
    with pytest.raises(tu.InputError, match=r"part-9.*no column 'sex'"):
        tu.from_parquet(folder, **OPTIONS)


def small(**columns: Any) -> pa.Table:
    return pa.table({"race": ["A", "B"], "y": [1, 0], **columns})


def counted(path: Path, segments: str = "race", **options: Any) -> dict[str, int]:
    made = tu.from_parquet(path, outcome="y", segments=segments, **options)
    found = table(made)
    return dict(zip(found["segment"], found["n"], strict=True))


def test_a_column_without_any_value_in_one_file_is_missing_there(tmp_path: Path) -> None:
    for i, race in enumerate([pa.nulls(2), ["A", "B"], pa.nulls(2)]):
        parquet.write_table(small(race=race), tmp_path / f"{i}.parquet")
    assert counted(tmp_path) == {"All": 6, "A": 1, "B": 1, "Unknown": 4}


def test_files_may_hold_times_in_several_units(tmp_path: Path) -> None:
    day = pd.Series(pd.to_datetime(["2020-02-29", "2021-01-01"]))
    for unit in ("s", "ms", "us", "ns"):
        parquet.write_table(
            small(day=pa.array(day).cast(pa.timestamp(unit))), tmp_path / f"{unit}.parquet",
            version="2.6",
        )  # fmt: skip
    assert counted(tmp_path, "day") == {"All": 8, "2020-02-29": 4, "2021-01-01": 4}


def test_partitions_hold_escaped_and_missing_values(tmp_path: Path) -> None:
    for name in ("race=a%2Fb c", "race=x=y", "race=__HIVE_DEFAULT_PARTITION__"):
        (tmp_path / name).mkdir()
        parquet.write_table(small().select(["y"]), tmp_path / name / "0.parquet")
    assert counted(tmp_path) == {"All": 6, "a/b c": 2, "x=y": 2, "Unknown": 2}


def test_what_engines_and_editors_hide_in_a_folder_is_not_counted(tmp_path: Path) -> None:
    for name in ("people.parquet/part-0.parquet", "_temporary/0/part-0.parquet",
                 ".cache/part-0.parquet", "_metadata.parquet"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(small(), tmp_path / name)
    assert counted(tmp_path) == {"All": 2, "A": 1, "B": 1}
    assert counted(tmp_path / "peop*") == {"All": 2, "A": 1, "B": 1}


def test_a_column_that_a_file_holds_twice_is_an_error(tmp_path: Path) -> None:
    twice = pa.table([["A"], [1], [0]], names=["race", "y", "y"])
    parquet.write_table(twice, tmp_path / "0.parquet")
    (tmp_path / "0.csv").write_text("race,y,y\nA,1,0\n")
    for read, name in ((tu.from_parquet, "0.parquet"), (tu.from_csv, "0.csv")):
        with pytest.raises(tu.InputError, match=rf"{name}' has 2 columns 'y': rename one"):
            read(tmp_path / name, outcome="y", segments="race")


def test_csv_holds_words_of_truth_quotes_and_foreign_line_ends(tmp_path: Path) -> None:
    text = '\ufeffrace,y\r\n"a, ""b""",True\r\n"two\nlines",False\r\n"",true\r\nNA,\r\n'
    (tmp_path / "rows.csv").write_bytes(text.encode())
    found = table(tu.from_csv(tmp_path / "rows.csv", outcome="y", segments="race"))
    # A group whose outcome nobody knows is kept, without people (RULES 1).
    assert found["segment"].tolist() == ["All", "NA", 'a, "b"', "two lines", "Unknown"]
    assert found["events"].tolist() == [2, 0, 1, 0, 1]


@pytest.mark.parametrize("read", [tu.from_parquet, tu.from_csv])
def test_a_file_that_is_not_there_is_an_error(read: Any, tmp_path: Path) -> None:
    with pytest.raises(tu.InputError, match="nowhere"):
        read(tmp_path / "nowhere", **OPTIONS)


def test_a_column_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(tu.InputError, match="Did you mean 'county'"):
        tu.from_parquet(folder, **{**OPTIONS, "by": "contry"})


def test_nothing_is_printed_where_nobody_looks_on(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tu.from_parquet(folder, **OPTIONS)
    assert capfd.readouterr() == ("", "")


def bits(segments: tu.Segments) -> bytes:
    return b"".join(v.tobytes() for v in segments.cells.stats.values())


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_number_of_threads_changes_no_bit(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_ROWS", 64)
    data = pd.concat([records()] * 20).assign(z=np.random.default_rng(1).normal(size=12_000))
    path = tmp_path / f"rows.{kind}"
    if kind == "parquet":
        data.to_parquet(path, row_group_size=500)
    else:
        data.to_csv(path, index=False)
    read = tu.from_parquet if kind == "parquet" else tu.from_csv
    options = {**OPTIONS, "outcome": "z", "kind": "mean"}
    before, found = pa.cpu_count(), []
    try:
        for threads in (1, 4, 4):
            pa.set_cpu_count(threads)
            found.append(bits(read(path, **options)))
    finally:
        pa.set_cpu_count(before)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_an_interrupted_read_leaves_no_thread_behind(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH_ROWS", 7)
    records().to_csv(folder / "rows.csv", index=False)
    read = tu.from_parquet if kind == "parquet" else tu.from_csv
    path = folder / ("part-0.parquet" if kind == "parquet" else "rows.csv")
    before = set(threading.enumerate())

    def interrupted(self: object, block: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Reduction, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(path, **OPTIONS)
    assert set(threading.enumerate()) <= before
    path.unlink()  # nothing holds it open where that would stop this


def test_memory_is_bounded_by_cells_not_by_rows(tmp_path: Path) -> None:
    """Blocks are dropped once they are added: two sizes of one file hold the same cells."""
    small, large = records(600), pd.concat([records(600)] * 20)
    small.to_parquet(tmp_path / "small.parquet")
    large.to_parquet(tmp_path / "large.parquet")
    one, many = (
        tu.from_parquet(tmp_path / f"{name}.parquet", **OPTIONS) for name in ("small", "large")
    )
    held = [sum(v.nbytes for v in s.cells.stats.values()) for s in (one, many)]
    assert held[0] == held[1]
    assert table(many)["n"].iloc[0] == 20 * table(one)["n"].iloc[0]


def test_a_file_is_let_go_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the rows need no more of Arrow's memory: what was read ahead is dropped again."""
    monkeypatch.setattr(files, "BATCH_ROWS", 20_000)
    most = []
    for groups in (6, 60):
        path = tmp_path / f"{groups}.parquet"
        rows = np.random.default_rng(groups).normal(size=20_000 * groups)
        parquet.write_table(pa.table({"x": rows}), path, row_group_size=20_000)
        found = files.parquet_files(path)
        before = pa.total_allocated_bytes()
        held = [pa.total_allocated_bytes() for _ in files.parquet_blocks(found, ["x"])]
        most.append(max(held) - before)
    assert most[1] < 1.5 * most[0]


def test_only_folders_below_the_one_named_are_columns(tmp_path: Path) -> None:
    folder = tmp_path / "y=1" / "race=Z"
    folder.mkdir(parents=True)
    parquet.write_table(pa.table({"race": ["A", "B", "B"], "y": [0, 1, 0]}), folder / "d.parquet")
    right = {"All": 3, "A": 1, "B": 2}
    assert counted(folder / "d.parquet") == counted(folder) == right
    assert counted(folder / "*.parquet") == right


@pytest.mark.parametrize("asked", ["", "race=*", "*/0.parquet"])
def test_a_path_and_a_column_that_disagree_are_an_error(tmp_path: Path, asked: str) -> None:
    (tmp_path / "race=A").mkdir()
    agreeing = pa.table({"race": ["A", "A"], "y": [1, 0]})
    parquet.write_table(agreeing, tmp_path / "race=A" / "0.parquet")
    assert counted(tmp_path / asked) == {"All": 2, "A": 2}
    parquet.write_table(small(), tmp_path / "race=A" / "0.parquet")
    with pytest.raises(tu.InputError, match="says race=A, and its column 'race' holds 'B'"):
        counted(tmp_path / asked)
