"""Any number of threads gives the same bits, the same errors, and leaves nothing behind."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import fewer
from targeted_universalism.read import constructors, files, finest_sums, records, scatter
from targeted_universalism.read.team import Team

THREADS = (1, 2, 3, 8)
FLAGS = tu.overlapping(["foster", "homeless"], name="programme")
QUESTIONS: dict[str, dict[str, Any]] = {
    "proportion": {"outcome": "y"},
    "weighted": {"outcome": "y", "weight": "w"},
    "rate": {"outcome": "visits", "kind": "rate"},
    "rate of time": {"outcome": "visits", "kind": "rate", "exposure": "days", "weight": "w"},
    "mean": {"outcome": "score", "kind": "mean"},
    "weighted mean": {"outcome": "score", "kind": "mean", "weight": "w"},
    "several": {
        "outcome": ["y", "visits", "score"], "weight": "w",
        "kind": {"y": "proportion", "visits": "rate", "score": "mean"},
    },
    "flags": {"outcome": "y", "weight": "w", "segments": [FLAGS, "race"]},
    "people": {"outcome": "y", "unit": "person", "repeats": "events"},
}  # fmt: skip


def people(seed: int, rows: int) -> pd.DataFrame:
    """Make records whose weights no binary fraction holds: every order of adding shows."""
    rng = np.random.default_rng(seed)
    hole = rng.random((4, rows)) < 0.1
    return pd.DataFrame(
        {
            "county": rng.choice([f"c{i}" for i in range(9)], rows),
            "race": np.where(hole[0], None, rng.choice(["A", "B", "C", "D"], rows)),
            "sex": rng.choice(["F", "M"], rows),
            "foster": rng.integers(0, 2, rows),
            "homeless": np.where(hole[1], np.nan, rng.integers(0, 2, rows)),
            "y": np.where(hole[2], np.nan, rng.integers(0, 2, rows)),
            "visits": rng.poisson(2.0, rows),
            "days": rng.gamma(2.0, 30.0, rows),
            "score": np.where(hole[3], np.nan, rng.normal(size=rows)),
            "w": rng.gamma(2.0, 0.3, rows) * (rng.random(rows) < 0.95),
            "person": rng.permutation(rows) % max(1, rows - 3),
        }
    )


def bits(segments: tu.Segments) -> list[Any]:
    """Give everything that is told, floats as bytes."""
    cells = segments.cells
    return [
        segments.dimensions, segments.choices, segments.strata.codes.tobytes(),
        segments.strata.levels, cells.state.tobytes(),
        {name: values.tobytes() for name, values in cells.stats.items()},
    ]  # fmt: skip


def told(
    read: Callable[..., tu.Segments], data: object, threads: int | None, asked: str
) -> list[Any]:
    options = {"segments": ["race", "sex"], "by": "county", "cross": 2} | QUESTIONS[asked]
    made = bits(read(data, **options, threads=threads))
    return [list(map(str, made[0].items())), str(made[1]), made[2], str(made[3]), *made[4:]]


LIMITS = {
    (constructors, "BLOCK_ROWS"): st.integers(3, 80),
    (records, "WAVE_ROWS"): st.sampled_from([5, 60, 150, 2**22]),
    (scatter, "PIECE"): st.integers(3, 80),
    (scatter, "FEW_SUMS"): st.sampled_from([0, 40, 2**20]),
    (scatter, "LANE_ROWS"): st.integers(1, 90),
    (scatter, "PART_BITS"): st.integers(0, 6).map(lambda bits: range(bits, bits + 1)),
    (scatter, "BITS_IN_ORDER"): st.integers(0, 6).map(lambda bits: range(bits, bits + 1)),
    (finest_sums, "DENSE_CODES"): st.sampled_from([30, 2**26]),
}


@fewer(2)
@given(
    asked=st.sampled_from(list(QUESTIONS)),
    rows=st.integers(60, 400),
    seed=st.integers(0, 99),
    limits=st.fixed_dictionaries(LIMITS),
)
def test_no_number_of_threads_changes_a_bit(
    asked: str, rows: int, seed: int, limits: dict[Any, int]
) -> None:
    data = people(seed, rows)
    with ExitStack() as patches:
        for (room, name), value in limits.items():
            patches.enter_context(patch.object(room, name, value))
        found = [told(tu.from_records, data, threads, asked) for threads in THREADS]
    assert all(one == found[0] for one in found[1:])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything small, so that few rows make many waves, lanes, parts and batches."""
    monkeypatch.setattr(files, "BATCH_ROWS", 50)
    monkeypatch.setattr(constructors, "BLOCK_ROWS", 50)
    monkeypatch.setattr(records, "WAVE_ROWS", 400)
    monkeypatch.setattr(scatter, "LANE_ROWS", 110)
    monkeypatch.setattr(scatter, "PART_BITS", range(3, 4))
    monkeypatch.setattr(scatter, "BITS_IN_ORDER", range(3, 4))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write files whose dictionaries differ, in row groups shorter and longer than a batch."""
    data = people(5, 1200)
    for i, rows in enumerate(np.array_split(np.arange(len(data)), 4)):
        some = data.iloc[rows].assign(race=data["race"].iloc[rows].astype("category"))
        some.to_parquet(tmp_path / f"{i}.parquet", row_group_size=[7, 50, 133, 999][i], index=False)
    return tmp_path


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("asked", "few"),
    [
        ("weighted", 0), ("weighted mean", 2**20), ("several", 0),
        pytest.param("weighted", 2**20, marks=pytest.mark.long),
        pytest.param("weighted mean", 0, marks=pytest.mark.long),
        pytest.param("several", 2**20, marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_files_are_decoded_side_by_side_to_the_same_bits(
    asked: str, few: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scatter, "FEW_SUMS", few)
    found = [told(tu.from_parquet, folder, threads, asked) for threads in THREADS]
    assert all(one == found[0] for one in found[1:])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("form", ["frame", "file"])
def test_the_first_wrong_row_is_named_whoever_finds_it(
    form: str, threads: int, tmp_path: Path
) -> None:
    data = people(1, 900)
    data.loc[[217, 333, 871], "w"] = -1.0
    data.loc[[430, 777], "county"] = None
    data.loc[600, "y"] = 7.0
    options = {"outcome": "y", "segments": "race", "by": "county", "weight": "w"}
    path = tmp_path / "rows.parquet"
    data.to_parquet(path, row_group_size=70)
    read, given_ = (tu.from_records, data) if form == "frame" else (tu.from_parquet, path)
    with pytest.raises(tu.InputError, match=r"weight='w' is -1 in data row 217 "):
        read(given_, **options, threads=threads)
    fixed = data.assign(w=1.5)
    fixed.to_parquet(path, row_group_size=70)
    with pytest.raises(tu.InputError, match=r"'county' is missing in data row 430 "):
        read(fixed if form == "frame" else path, **options, threads=threads)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("wrong", "words"),
    [(2.0**60, "above 2⁵³"), ("yes", "no plain number"), (10**400, "larger than a float")],
)
def test_a_number_that_cannot_be_read_is_named_by_its_row_in_all_data(
    wrong: object, words: str
) -> None:
    data = people(1, 900)
    data["w"] = data["w"].astype(object) if not isinstance(wrong, float) else data["w"]
    data.loc[[217, 333], "w"] = wrong
    with pytest.raises(tu.InputError, match=f"in data row 217 .*{words}"):
        tu.from_records(data, outcome="y", segments="race", weight="w", threads=3)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("threads", [1, 8])
def test_an_interrupted_sum_leaves_no_thread_and_no_open_file(
    threads: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    waves: list[int] = []

    def interrupted(self: object, blocks: list[Any], *_: object) -> None:
        waves.append(len(blocks))
        if len(waves) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(finest_sums.FinestSums, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        told(tu.from_parquet, folder, threads, "weighted")
    assert set(threading.enumerate()) <= before
    for path in folder.iterdir():
        path.unlink()


class Seen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("where", [io.StringIO, Seen])
def test_progress_is_shown_where_somebody_looks_and_leaves_no_thread(
    where: type[io.StringIO], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, screen = set(threading.enumerate()), where()
    monkeypatch.setattr(sys, "stderr", screen)
    told(tu.from_parquet, folder, 2, "proportion")
    assert set(threading.enumerate()) <= before
    assert ("rows" in screen.getvalue()) == screen.isatty()


def test_work_begun_by_a_team_is_given_in_order_and_little_of_it_waits() -> None:
    running: list[int] = []
    most = [0]
    here = threading.Barrier(2)

    def work(i: int) -> int:
        if i < 2:
            here.wait(10)  # two threads are there at one time, or this breaks
        running.append(i)
        return i * i

    with Team(2) as team:
        for i, made in enumerate(team.each(work, range(40))):
            assert made == i * i
            most[0] = max(most[0], len(running) - i)
    assert most[0] <= 4
    left = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("targeted_universalism") for name in left)


# --- how many -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "threads", [0, -1, 1.5, True, "two", "2", pd.NA, np.array([1, 2])], ids=str
)
def test_a_number_of_threads_that_is_none_is_an_error(threads: Any) -> None:
    with pytest.raises(tu.InputError, match=r"threads=.* is no number of threads"):
        told(tu.from_records, people(0, 60), threads, "proportion")


def test_threads_that_rest_are_gone_and_come_again() -> None:
    before = threading.active_count()
    with Team(3) as team:
        assert team.map(abs, [-1, 2]) == [1, 2]
        assert threading.active_count() > before
        team.rest()
        assert threading.active_count() == before
        assert team.map(abs, [-3]) == [3]
    assert threading.active_count() == before
    alone = Team(1)
    alone.rest()
    assert alone.map(abs, [-4]) == [4]


def test_the_environment_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TU_THREADS", "5")
    assert Team().threads == 5
    assert Team(2).threads == 2
    assert Team(rows=3).threads == 5
    monkeypatch.setenv("TU_THREADS", "many")
    with pytest.raises(tu.InputError, match="TU_THREADS='many' is no number of threads"):
        tu.from_records(people(0, 60), outcome="y", segments="race")
    monkeypatch.setenv("TU_THREADS", "")
    assert Team().threads >= 1


def test_few_rows_start_no_thread_unless_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TU_THREADS", raising=False)
    monkeypatch.setattr("targeted_universalism.read.team._cores", lambda: 4)
    begun: list[object] = []
    begin = ThreadPoolExecutor.submit

    def counting(self: Any, *work: Any) -> Any:
        begun.append(work)
        return begin(self, *work)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", counting)
    expected = told(tu.from_records, people(0, 60), 1, "weighted")
    assert told(tu.from_records, people(0, 60), None, "weighted") == expected
    assert not begun
    assert told(tu.from_records, people(0, 60), 2, "weighted") == expected
    assert begun
    assert Team(rows=10**6).threads == 4


@pytest.mark.usefixtures("small")
def test_one_thread_is_enough_where_a_platform_has_no_others(folder: Path) -> None:
    expected = told(tu.from_parquet, folder, 3, "weighted")

    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with patch.object(ThreadPoolExecutor, "submit", none):
        assert told(tu.from_parquet, folder, 3, "weighted") == expected
        assert told(tu.from_parquet, folder, 1, "weighted") == expected


def test_rows_of_one_arrow_dictionary_are_looked_up_once() -> None:
    """The labels of a dictionary are looked at once, not once for each block."""
    race = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1] * 50), pa.array(["B", "A"]))
    table = pa.table({"race": race, "y": pa.array([0, 1, 1, 0] * 50)})
    looked: list[int] = []
    look = records.Coder._looked_up

    def counting(self: Any, column: Any) -> Any:
        looked.append(1)
        return look(self, column)

    with (
        patch.object(constructors, "BLOCK_ROWS", 9),
        patch.object(records.Coder, "_looked_up", counting),
    ):
        made = tu.from_records(table, outcome="y", segments="race")
    assert len(looked) == 1
    assert made.dimensions["race"] == ("B", "A", "Unknown")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("asked", ["proportion", "weighted"])
def test_every_cell_of_a_full_cube_is_told_by_some_part(
    asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the parts, sums are those of pandas: the first cell and the last have rows."""
    monkeypatch.setattr(scatter, "FEW_SUMS", 0)
    monkeypatch.setattr(scatter, "BITS_IN_ORDER", range(3, 4))
    for room, limit in ((constructors, "BLOCK_ROWS"), (records, "WAVE_ROWS")):
        monkeypatch.setattr(room, limit, 10**6)
    grid = pd.MultiIndex.from_product([range(13), range(7), range(6)], names=["a", "b", "y"])
    data = grid.to_frame(index=False).assign(y=lambda rows: rows["y"] % 3 == 0)
    data["w"] = 1.0 + np.arange(len(data)) % 5
    weight = {"weight": "w"} if asked == "weighted" else {}
    made = tu.from_records(data, outcome="y", segments="a", by="b", threads=2, **weight)
    told = tu.assess(made, tu.Goal.at_least(0.5)).table.query("segment != 'All'")
    counted = data.assign(w=data["w"] if weight else 1.0).groupby(["b", "a"])["w"].sum()
    assert told["population"].tolist() == counted.tolist()
