"""Pages whose examples are not run as they stand, and the files of the page of ten lines."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import xlsxwriter

from targeted_universalism.command import main

# Its measure is not in the library: tests/test_docs.py follows the page in a copy.
collect_ignore = ["add-a-measure.md"]


@pytest.fixture(autouse=True)
def files_of_the_page(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Give the page of ten lines a folder with the files that it shows, and run its commands."""
    if request.path.name != "ten-lines.md":
        return
    monkeypatch.chdir(tmp_path)
    page = request.path.read_text(encoding="utf-8")
    for name, text in re.findall(r"`(\w+\.\w+)`[^`]*:\n\n```text\n(.*?)^```$", page, re.S | re.M):
        write(tmp_path / name, text)
    write(tmp_path / "students.csv", "\n".join(students()))
    commands = re.findall(r"^```console\n\$ tu (.*?[^\\])\n(.*?)^```$", page, re.S | re.M)
    for line, said in commands:
        code, told = main(shlex.split(line.replace("\\\n", ""))), capsys.readouterr()
        if (code, told.out) != (0, said):
            pytest.fail(
                f"tu {line}\nends with {code} and says:\n{told.out}{told.err}", pytrace=False
            )


def write(path: Path, text: str) -> None:
    """Write a table as text, or its cells into a workbook."""
    if path.suffix != ".xlsx":
        path.write_text(text, encoding="utf-8")
        return
    with xlsxwriter.Workbook(path, {"strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(csv.reader(text.splitlines())):
            sheet.write_row(at, 0, row)


def students() -> Iterator[str]:
    """Make records of two schools: of each race, so many students and so many often absent."""
    yield "student,school,Black,Latino,White,EL,SWD,days_enrolled,days_absent"
    number = count(1)
    for school, more in (("Alder", 0), ("Birch", 4)):
        for races, size, often in (
            ("1,0,0", 60, 20), ("0,1,0", 200, 40), ("0,0,1", 140, 14), ("1,1,0", 20, 6),
        ):  # fmt: skip
            for i in range(size):
                flags = ",".join("NY"[i % every == 0] for every in (4, 7))
                days = 21 if i < often + more else 5
                yield f"{next(number):05d},{school},{races},{flags},180,{days}"
