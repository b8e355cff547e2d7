"""CSV as it comes: quoted line breaks make no people, and what is no CSV is refused in words."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given

import targeted_universalism as tu
from make import more
from targeted_universalism.read import csv as door

OPTIONS = {"outcome": "out", "segments": "race"}
SLOW = [HealthCheck.function_scoped_fixture]
notes = st.text(alphabet='a,"\n\r ;', max_size=12)


def written(path: Path, rows: list[tuple[str, int, str]], line: str) -> Path:
    """Write rows as RFC 4180 has it; Python's own writer left a lone \\r bare before 3.13."""
    cells = [["race", "out", "note"], *([race, str(out), note] for race, out, note in rows)]
    text = "".join(",".join(map(_cell, row)) + line for row in cells)
    path.write_bytes(text.encode())
    return path


def _cell(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if set(text) & set(',"\r\n') else text


def counted(path: Path) -> dict[str, tuple[int, float]]:
    t = tu.assess(tu.from_csv(path, **OPTIONS), tu.Goal.at_least(0.5)).table
    return {s: (int(n), x) for s, n, x in t[["segment", "n", "events"]].itertuples(index=False)}


@more(3, suppress_health_check=SLOW)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 1), notes), min_size=1, max_size=40),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(40, 200),
)
def test_every_row_is_one_person_whatever_its_notes_hold(
    tmp_path: Path, rows: list[tuple[str, int, str]], line: str, size: int
) -> None:
    """Against the standard library's reader, with blocks that end anywhere."""
    path = written(tmp_path / "a.csv", rows, line)
    with pytest.MonkeyPatch.context() as patch, path.open(newline="", encoding="utf-8") as file:
        patch.setattr(door, "_BLOCK_BYTES", size)
        read = [*csv.reader(file)][1:]
        found = counted(path)
    assert found["All"] == (len(read), sum(int(out) for _, out, _ in read))
    for race in {race for race, _, _ in read}:
        mine = [int(out) for r, out, _ in read if r == race]
        assert found[race] == (len(mine), sum(mine))


def test_a_quoted_line_break_at_a_block_border_makes_no_person(tmp_path: Path) -> None:
    n = 120_000
    path = written(tmp_path / "a.csv", [("A", 1, "x\nB,0,y")] * n, "\n")
    assert counted(path) == {"All": (n, n), "A": (n, n)}


@pytest.mark.parametrize(
    "text",
    [
        'race,out,note\nA,1,"x\nB,0,y\n',  # never closed: all that follows is a note
        'race,out,note\nA,1,"x\nB,0,y\nA,1,"q\nA,1,r\n',  # closed by the next: a row is lost
        'race,out,note\nA,1,5" pipe\nB,0,6" pipe\n',
        'race,out,note\nA,1,"5" pipe"\n',
        'race,out,note\nA,1,"x"y\n',
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_quotation_mark_that_stands_alone_is_an_error(text: str, size: int) -> None:
    stream = door._Checked(io.BytesIO(text.encode()), Path("a.csv"))
    with pytest.raises(tu.InputError, match=r"stands alone, in line [24]"):
        read_through(stream, size)


def test_the_check_of_marks_agrees_with_a_strict_reader() -> None:
    """Python's strict reader stops at text after a closed cell and at a cell that never closes."""
    rng = np.random.default_rng(0)
    signs = np.array(list('a",\n'))
    told = []
    for _ in range(3000):
        text = "".join(rng.choice(signs, size=rng.integers(1, 12), p=[0.3, 0.4, 0.2, 0.1]))
        if any(not cell.startswith('"') and '"' in cell for cell in _cells(text)):
            continue  # a mark inside an unquoted cell, which that reader lets pass
        try:
            [*csv.reader(io.StringIO(text, newline=""), strict=True)]
            right = True
        except csv.Error:
            right = False
        stream = door._Checked(io.BytesIO(text.encode()), Path("a.csv"))
        try:
            read_through(stream, int(rng.integers(1, 6)))
            found = True
        except tu.InputError:
            found = False
        assert found == right, text
        told.append(right)
    assert 0.1 < np.mean(told) < 0.9


def read_through(stream: Any, size: int) -> None:
    while stream.read(size):
        pass


def _cells(text: str) -> list[str]:
    """Split at commas and ends of lines that stand outside of marks."""
    cells, inside = [""], False
    for sign in text:
        inside ^= sign == '"'
        if sign in ",\n" and not inside:
            cells.append("")
        else:
            cells[-1] += sign
    return cells


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("race,out\nEspañol,1\n".encode("cp1252"), "not UTF-8.*encoding='cp1252'"),
        ("raçe,out\nA,1\n".encode("latin-1"), "not UTF-8.*encoding='cp1252'"),
        ("race,out\nA,1\n".encode("utf-16"), "not UTF-8"),
        (b"race;out\nA;1\n", r"separated by ';'.*sep=';'"),
        (b"race\tout\nA\t1\n", r"separated by '\\t'"),
        (b"race,out\nA,1\nSource: county\n", "notes below the table"),
        (b"race,out\nA,yes\n", "map words to 1 and 0"),
        (b"", "Empty CSV file"),
    ],
)
def test_what_is_no_csv_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(tu.InputError, match=words):
        tu.from_csv(tmp_path / "a.csv", **OPTIONS)
    with pytest.raises(tu.InputError, match="is a folder: name one CSV file"):
        tu.from_csv(tmp_path, **OPTIONS)


def test_a_file_with_a_mark_of_byte_order_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('\ufeff"race",out\n"A",1\n'.encode())
    assert counted(tmp_path / "a.csv")["A"] == (1, 1)
