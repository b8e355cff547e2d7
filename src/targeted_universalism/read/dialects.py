"""Files of separated text as they come: code page, separator, quotes, and limits to their size."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from targeted_universalism.errors import InputError
from targeted_universalism.read.changes import Changes

TextRows = list[list[str]]

CODE_PAGES = ("utf-8-sig", "utf-16", "utf-8", "cp1252")  # the order in which they are tried
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LARGEST_FILE = 2**29  # bytes
LONGEST_RECORD = 2**20  # characters
MOST_COLUMNS = 2**14
MOST_CELLS = 2**24
_BLOCK = 2**20
_SAMPLE = 200  # records
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


class Dialect(NamedTuple):
    """How the text of a file is read: its code page, and what separates cells."""

    code_page: str
    separator: str


def separated_rows(file: Path, changes: Changes) -> tuple[TextRows, Dialect]:
    """Read every cell of a file of separated text as text.

    Parameters
    ----------
    file : Path
        Its code page is that of its mark of byte order, else UTF-8, else cp1252.
    changes : Changes
        Notes the code page and the separator, where they are not UTF-8 and commas.

    Returns
    -------
    list of lists of str, Dialect
        One list for each record, blank ones too, in the order of the file.

    Raises
    ------
    InputError
        If the file is larger than 512 MiB, holds bytes that are no text, a line or record of more
        than a million characters, a quotation mark that stands alone, more than 16,384 columns or
        16.7 million cells; or if two separators fit it.
    """
    check_size(file, LARGEST_FILE)
    dialect = _dialect(file)
    if dialect.code_page != "utf-8":
        changes.one("code page", became=dialect.code_page)
    if dialect.separator != ",":
        changes.one("separator", became=SEPARATORS[dialect.separator])
    rows, cells = [], 0
    for record in _records(file, dialect):
        cells += len(record)
        check_cells(file, len(record), cells)
        rows.append(record)
    return rows, dialect


def check_size(file: Path, most: int) -> None:
    """Stop at a file that cannot be held."""
    size = file.stat().st_size
    if size > most:
        raise InputError(
            f"The file {str(file)!r} has {size:,} bytes, and read_table() takes {most:,}: it looks "
            "at every cell. Records about people of any number are read by tu.from_csv(path, …) "
            "and tu.from_parquet(path, …)."
        )


def check_cells(file: Path, columns: int, cells: int) -> None:
    """Stop at more columns or cells than a table can have here."""
    if columns <= MOST_COLUMNS and cells <= MOST_CELLS:
        return
    what = f"{columns:,} columns" if columns > MOST_COLUMNS else f"more than {MOST_CELLS:,} cells"
    raise InputError(
        f"The file {str(file)!r} has {what}, and read_table() takes {MOST_COLUMNS:,} columns and "
        f"{MOST_CELLS:,} cells. Take out what is not needed, or read records about people by "
        "tu.from_csv(path, …) or tu.from_parquet(path, …)."
    )


# --- code pages -----------------------------------------------------------------------------------


def _dialect(file: Path) -> Dialect:
    page = _code_page(file)
    return Dialect(page, _separator(file, page))


def _code_page(file: Path) -> str:
    """Find the first code page that every byte of a file fits."""
    with file.open("rb") as stream:
        start = stream.read(4)
    marked = [page for mark, page in _MARKS if start.startswith(mark)]
    for page in marked or CODE_PAGES[2:]:
        if _fits(file, page):
            return page
    raise InputError(
        f"The file {str(file)!r} is no text: its bytes are none of {', '.join(CODE_PAGES)}. "
        "Save it as CSV in UTF-8; a workbook must end in .xlsx, a Parquet file in .parquet."
    )


def _fits(file: Path, page: str) -> bool:
    decoder = codecs.getincrementaldecoder(page)()
    try:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                if "\0" in decoder.decode(block):
                    return False
        return "\0" not in decoder.decode(b"", final=True)
    except UnicodeError:
        return False


# --- separators -----------------------------------------------------------------------------------


def _separator(file: Path, page: str) -> str:
    """Find the separator by which most records have the same number of cells, two or more."""
    scores = {one: _score(file, Dialect(page, one)) for one in SEPARATORS}
    best = max(scores.values())
    found = [one for one, score in scores.items() if score == best]
    if best == (0, 0):
        return ","
    if len(found) > 1:
        names = " or ".join(SEPARATORS[one] for one in found)
        raise InputError(
            f"The cells of {str(file)!r} may be separated by {names}: every record has {best[1]} "
            "cells either way. Save it with cells that hold them in quotation marks."
        )
    return found[0]


def _score(file: Path, dialect: Dialect) -> tuple[int, int]:
    """Count the records of a sample with as many cells as most have, and those cells."""
    try:
        widths = Counter(len(r) for r in islice(_records(file, dialect), _SAMPLE) if len(r) > 1)
    except InputError:
        return (0, 0)
    return max(((times, width) for width, times in widths.items()), default=(0, 0))


# --- records --------------------------------------------------------------------------------------


def _records(file: Path, dialect: Dialect) -> Iterator[list[str]]:
    """Read record by record; a record of no characters is one without cells."""
    with file.open(encoding=dialect.code_page, newline="") as stream:
        lines = _Lines(stream, file)
        reader = csv.reader(lines, delimiter=dialect.separator, strict=True)
        given = 0
        try:
            for record in reader:
                lines.size, given = 0, given + 1
                yield record
        except csv.Error as error:
            raise InputError(_in_words(file, given + 1, str(error))) from None


class _Lines:
    """The lines of a file, none of them longer than memory allows, nor many of one record."""

    def __init__(self, stream: TextIO, file: Path) -> None:
        self._stream, self._file, self.size = stream, file, 0

    def __iter__(self) -> Iterator[str]:
        while line := self._stream.readline(LONGEST_RECORD + 1):
            self.size += len(line)
            if self.size > LONGEST_RECORD:
                raise InputError(
                    f"The file {str(self._file)!r} has a row of more than {LONGEST_RECORD:,} "
                    "characters: a quotation mark may never be closed. Mend the file, or take its "
                    "long text out."
                )
            yield line


def _in_words(file: Path, row: int, error: str) -> str:
    """Say what to do about text that is no CSV."""
    about = f"Row {row:,} of {str(file)!r} cannot be read: "
    if "field larger than" in error:
        return (
            f"{about}a cell has more than {csv.field_size_limit():,} characters: a quotation mark "
            "may never be closed. Mend the file, or take its long text out."
        )
    return (
        f"{about}a quotation mark stands alone ({error}). A cell that starts with one must end "
        'with one, and a mark within it is written twice (""). Mend the row.'
    )
