"""Files made to do harm end in a clear error, in little memory; whatever comes, nothing else."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import openpyxl
import pandas as pd
import pytest

import targeted_universalism as tu
from targeted_universalism.read import dialects, workbooks

MIB = 2**20


@contextmanager
def within(megabytes: int) -> Iterator[None]:
    """Fail where more memory is taken at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * MIB
    finally:
        tracemalloc.stop()


def refused(path: Path, said: str, megabytes: int = 48) -> None:
    with within(megabytes), pytest.raises(tu.InputError, match=said):
        tu.read_table(path)


def grown(path: Path, block: bytes, size: int) -> Path:
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)
    return path


def quotes(path: Path, size: int) -> None:
    refused(grown(path, b'"' * MIB, size), "a row of more than 1,048,576 characters")
    refused(grown(path, b'"' + b'""\n' * MIB, size), "more than 1,048,576 characters|cell has more")
    refused(grown(path, b'"a","' * MIB, size), "a row of more than 1,048,576 characters")
    refused(grown(path, b"," * MIB, size), "a row of more than|16,384 columns")


def test_quotes_without_end_are_refused_in_little_memory(tmp_path: Path) -> None:
    quotes(tmp_path / "a.csv", 32 * MIB)


@pytest.mark.long
def test_half_a_gigabyte_of_quotes_is_refused_in_little_memory(tmp_path: Path) -> None:
    quotes(tmp_path / "a.csv", dialects.LARGEST_FILE - 8 * MIB)


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    for name in ("a.csv", "a.xlsx"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2**30)
        refused(tmp_path / name, r"1,073,741,824 bytes.*tu\.from_csv", megabytes=2)


def test_more_columns_or_cells_than_a_table_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(["a"] * 20_000) + "\n", encoding="utf-8")
    refused(path, "20,000 columns")
    monkeypatch.setattr(dialects, "MOST_CELLS", 100)
    path.write_text("a,b\n" * 60, encoding="utf-8")
    refused(path, "more than 100 cells")
    pd.DataFrame({"a": range(60), "b": 1}).to_parquet(tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "more than 100 cells")


# --- workbooks ------------------------------------------------------------------------------------


def book(rows: list[list[object]]) -> bytes:
    made, held = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(held)
    return held.getvalue()


def altered(file: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part of a workbook."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(held, "w", 8) as new:
        for name in {*old.namelist(), part}:
            data = old.read(name) if name in old.namelist() else b""
            new.writestr(name, change(data) if name == part else data)
    return held.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
TWO = [["a", "b"], ["x", 2]]


def bomb(path: Path, size: int) -> None:
    """A part of blanks packs a thousand to one."""
    made = altered(book(TWO), "xl/media/image1.png", lambda _: b" " * size)
    path.write_bytes(made)
    assert len(made) < size / 500


def test_a_zip_bomb_is_refused_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    bomb(path, 24 * MIB)
    monkeypatch.setattr(workbooks, "LARGEST_FILE", 8 * MIB)
    refused(path, "bytes when it is unpacked", megabytes=24)
    data = path.read_bytes().replace((24 * MIB).to_bytes(4, "little"), (99).to_bytes(4, "little"))
    path.write_bytes(data)  # it says that it is small
    refused(path, "is no Excel workbook", megabytes=24)


@pytest.mark.long
def test_a_large_zip_bomb_is_refused_in_little_memory(tmp_path: Path) -> None:
    bomb(tmp_path / "a.xlsx", 2**30)
    refused(tmp_path / "a.xlsx", "bytes when it is unpacked")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'r="B2"', b'r="XFD1048576"', "more than 16,777,216 cells"),
        (b'r="B2"', b'r="ZZZ2"', "columns"),
        (b'r="B2"', b"r='XFD1048576'", "more than 16,777,216 cells"),
        (b'r="B2"', b'r="&#88;FD1048576"', "names a cell"),
        (b'r="2"', b'r="99999999"', "names a cell"),
        (b"<sheetData>", b"<sheetData>\0", "no row of cells"),
    ],
)
def test_two_cells_far_apart_are_refused_in_little_memory(
    tmp_path: Path, old: bytes, new: bytes, said: str
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(altered(book(TWO), SHEET, lambda data: data.replace(old, new)))
    refused(path, said)


def test_a_sheet_in_another_part_is_looked_at_too(tmp_path: Path) -> None:
    far = altered(book(TWO), SHEET, lambda d: d.replace(b'r="B2"', b'r="XFD1048576"'))
    with zipfile.ZipFile(io.BytesIO(far)) as old:
        data = old.read(SHEET)
    (tmp_path / "a.xlsx").write_bytes(altered(book(TWO), "xl/elsewhere.xml", lambda _: data))
    refused(tmp_path / "a.xlsx", "more than 16,777,216 cells")


def test_cells_across_blocks_are_seen_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("python_calamine")
    rows: list[list[object]] = [["a", "f"], *([i, "=1+1"] for i in range(60))]
    path = tmp_path / "a.xlsx"
    path.write_bytes(book(rows))
    for size in (64, 97, 1000, MIB):
        monkeypatch.setattr(workbooks, "_BLOCK", size)
        log = tu.read_table(path).log
        at = log[log["rule"] == "formula without value"]["row"].tolist()
        assert at == list(range(2, 62)), size


# --- whatever comes -------------------------------------------------------------------------------

CELLS = (
    "0",
    "5",
    "1,204",
    "12.5%",
    "<11",
    "*",
    "",
    "NA",
    "01",
    "2020 (x)",
    'a "b"',
    "é;\t|",
    "x\ny",
)


def any_table(rng: Random) -> list[list[str]]:
    """Draw a table whose names and numbers are known."""
    width = rng.randint(2, 5)
    rows = [
        [f"row {i}", *(rng.choice(("0", "7", "41", "<11", "2.5")) for _ in range(1, width))]
        for i in range(rng.randint(1, 8))
    ]
    return [[f"name {i}" for i in range(width)], *rows]


def written(rows: list[list[str]], rng: Random) -> tuple[bytes, str]:
    """Write a table in some dialect."""
    text = io.StringIO()
    csv.writer(
        text, delimiter=rng.choice(",;\t|"), quoting=rng.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
        lineterminator=rng.choice(["\n", "\r\n"]),
    ).writerows(rows)  # fmt: skip
    page = rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    return text.getvalue().encode(page), ".csv"


def right_answer(rng: Random, folder: Path) -> None:
    """A table that is well written comes back cell by cell, and no zero that was not there."""
    rows, header = any_table(rng), rng.choice(["auto", "auto", 1])
    data, suffix = written(rows, rng)
    path = folder / f"a{suffix}"
    path.write_bytes(data)
    frame, _ = tu.read_table(path, suppressed={"<11": (1, 10)}, header=header)
    found = [list(frame.columns), *frame.astype(object).to_numpy().tolist()]
    assert [[_plain(v) for v in row] for row in found] == [[_plain(v) for v in row] for row in rows]


def _plain(value: object) -> object:
    try:
        return float(str(value))
    except ValueError:
        return value


def spoilt(data: bytes, rng: Random) -> bytes:
    """Cut, double, swap or overwrite some of a file."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at, size = rng.randrange(len(made) + 1), rng.randint(1, 40)
        piece = rng.choice([b"", rng.randbytes(size), b'"', b",", b"\n", b"\0", bytes(made[:size])])
        made[at : at + rng.choice([0, len(piece), size])] = piece
    return bytes(made)


def any_file(rng: Random, seeds: dict[str, bytes]) -> tuple[bytes, str]:
    """Draw a file: bytes at random, words in some dialect, a spoilt one of each kind."""
    suffix = rng.choice([".csv", ".csv", ".csv", *seeds])
    if suffix != ".csv":
        return spoilt(seeds[suffix], rng), suffix
    if rng.random() < 0.2:
        return rng.randbytes(rng.randint(0, 300)), suffix
    width = rng.randint(1, 5)
    rows = [
        [rng.choice(CELLS) for _ in range(width if rng.random() < 0.95 else rng.randint(0, 6))]
        for _ in range(rng.randint(0, 8))
    ]
    names = [[f"name {i}" for i in range(width)]] if rng.random() < 0.9 else []
    data, _ = written([*names, *rows], rng)
    return (spoilt(data, rng) if rng.random() < 0.4 else data), suffix


OPTIONS: tuple[dict[str, object], ...] = (
    {}, {"suppressed": {"*": None, "<11": (1, 10)}}, {"missing": ["NA", "*"]},
    {"wide": "{a} {b}"}, {"text": "name 1"}, {"percent": "name 1"}, {"sheet": 0},
    {"preset": "ccwip"}, {"preset": "acs"}, {"header": None}, {"header": 1}, {"header": [1, 3]},
)  # fmt: skip


def no_other_exception(rng: Random, folder: Path, seeds: dict[str, bytes]) -> bool:
    """Whatever a file holds: a frame whose zeros stood in the file, or our error."""
    data, suffix = any_file(rng, seeds)
    path = folder / f"b{suffix}"
    path.write_bytes(data)
    options = rng.choice(OPTIONS)
    try:
        frame, log = tu.read_table(path, **options)  # type: ignore[arg-type]
    except tu.InputError:
        return False
    assert len(log) or suffix == ".parquet"  # which has no heading
    zeros = sum(int((frame[c] == 0).sum()) for c in frame.select_dtypes("number"))
    if suffix == ".csv" and zeros and options.get("preset") != "ccwip":
        assert b"0" in data
    return True


@pytest.fixture(scope="module")
def seeds() -> dict[str, bytes]:
    held = io.BytesIO()
    pd.DataFrame({"name 0": ["a", "b"], "name 1": [1.5, None]}).to_parquet(held)
    return {
        ".xlsx": book([["name 0", "name 1"], ["a", 5], ["b", 0.5]]),
        ".parquet": held.getvalue(),
    }


def fuzzed(seed: int, files: int, folder: Path, seeds: dict[str, bytes]) -> None:
    rng = Random(f"read_table {seed}")  # noqa: S311
    answers = 0
    for _ in range(files):
        right_answer(rng, folder)
        answers += no_other_exception(rng, folder, seeds)
    assert answers > files / 20  # not everything is refused


def test_some_files_are_read_rightly_or_refused_in_words(
    tmp_path: Path, seeds: dict[str, bytes]
) -> None:
    fuzzed(0, 120, tmp_path, seeds)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 9))
def test_many_files_are_read_rightly_or_refused_in_words(
    seed: int, tmp_path: Path, seeds: dict[str, bytes]
) -> None:
    fuzzed(seed, 3_000, tmp_path, seeds)
