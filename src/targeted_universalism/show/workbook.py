"""A workbook for people who read tables in Excel: numbers as numbers, text never a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import FLAG_WORDS, Answer, goals_table
from targeted_universalism.errors import InputError, check_path
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.columns import WORKBOOK
from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.hidden import hidden_words
from targeted_universalism.show.lines import choice_words
from targeted_universalism.show.nouns import shared_noun
from targeted_universalism.show.sentences import describe

MOST_ROWS = 1_048_575  # what a sheet holds below its headings
MOST_CHARACTERS = 32_767  # what a cell holds
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "#")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML 1.0
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_NAME = "targeted_universalism"

# Annotation codes of the CalHHS Open Data Portal. Small numbers (1) and complementary cells (2)
# are not told apart: to name a complement would give its neighbour away.
_ANNOTATIONS = (
    (0, "nothing to note"),
    (1, "hidden: small numbers, or to protect others that are (in print: S or *). Code 2, for the "
        "second alone, is not used: which of the two it is would give others away"),
    (3, "no data"),
    (4, "statistically unstable"),
    (5, "incomplete: strata without a row are not in the sum"),
)  # fmt: skip
_READ = (
    ("rate, ci_low, ci_high, goal, gap", "in units of per"),
    ("gap", "the distance still to go: positive is short of the goal, negative is past it"),
    ("needed", "the fewest {people} or events whose outcome must change to reach the goal; the "
               "total's is its own, not the sum"),
    ("needed_low, needed_high", "the range that goes with the interval; for a row hidden in the "
                                "data, the range over every count that it may hold"),
    ("status", "what needs attention is a gap above 0, whether or not the interval holds the goal"),
    ("empty cell", "missing, which is not zero: reason says why"),
)  # fmt: skip


def to_excel(answer: Answer, path: str | Path) -> Path:
    """Write a workbook: the table, the goals, every choice, and notes on how to read them.

    Parameters
    ----------
    path : str or Path
        Where to write it, ending in ``.xlsx``; its folder must exist.

    Returns
    -------
    Path
        The file: the same bytes for the same assessment.

    Raises
    ------
    InputError
        If the path does not fit, or the table is longer than a sheet.

    Notes
    -----
    Sheet ``table`` is :attr:`Assessment.table`, to sixteen digits, with one column more:
    ``annotation``, the code of the CalHHS Open Data Portal (1 hidden, 3 no data, 4 statistically
    unstable, 5 incomplete, 0 nothing). Numbers are numbers; text is never a formula. A public
    assessment writes only what is public.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 30], "n": [90, 70]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = tu.assess(s, tu.Goal.at_least(0.5)).to_excel(pathlib.Path(folder) / "a.xlsx")
    ...     pd.read_excel(path, engine="openpyxl")["needed"].tolist()
    [10, 5, 5]

    """
    path = check_path("path", path)
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path.name!r} must end in .xlsx, which says what is in it.")
    rows = int(answer.seen.sum())
    if rows > MOST_ROWS:
        raise InputError(
            f"{rows:,} rows are more than a sheet of Excel holds ({MOST_ROWS:,}): keep some with "
            "a.where(…), or write a.table with pandas."
        )
    book = _packed(_workbook(answer))
    return write_whole(path, lambda place: place.write_bytes(book))


def annotation_codes(answer: Answer) -> IntArray:
    """Give every row its CalHHS code: 1 hidden, 3 no data, 4 unstable, 5 incomplete, else 0."""
    code = np.where(answer.reason.any_of(Reason.STRATA_WITHOUT_ROW), 5, 0)
    for word, number in (("unreliable", 4), ("no data", 3), ("suppressed", 1)):
        code[answer.flag == FLAG_WORDS.index(word)] = number
    return code.astype(np.int64)


def _workbook(answer: Answer) -> Workbook:
    book = Workbook(write_only=True)
    book.properties.creator = _NAME
    book.properties.created = datetime(*_NO_TIME)
    code = answer.frame(WORKBOOK, {"annotation": annotation_codes(answer)})["annotation"]
    _sheet(book, "table", _frame_rows(answer.table().assign(annotation=code)), 14)
    goals = goals_table(answer.goals, answer.segments.strata.indicators)
    _sheet(book, "goals", _frame_rows(goals), 24)
    choices = [("choice", "value"), *choice_words(answer.choices())]
    _sheet(book, "choices", choices, 32, wrapped=True)
    _sheet(book, "notes", _notes(answer), 32, wrapped=True)
    return book


def _notes(answer: Answer) -> Iterator[tuple[Any, ...]]:
    """Say what the table says, how to read it, and what is hidden."""
    yield "about", "note"
    for sentence in describe(answer).split("\n"):
        yield "summary", sentence
    for name, note in _READ:
        yield name, note.format(people=shared_noun(answer))
    for code, meaning in _ANNOTATIONS:
        yield f"annotation {code}", meaning
    yield "annotation", "codes of the California Health and Human Services Open Data Portal"
    for paragraph in hidden_words(answer):
        yield "hidden", paragraph
    rule = answer.options.reliability
    if rule is not None:
        yield "flag unreliable", f"{RULES[rule].says} ({RULES[rule].source})"


# --- cells ----------------------------------------------------------------------------------------


def _sheet(
    book: Workbook, name: str, rows: Iterable[Sequence[Any]], width: int, wrapped: bool = False
) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    lines = iter(rows)
    heads = next(lines)
    for i in range(len(heads)):
        wide = 100 if wrapped and i else width
        sheet.column_dimensions[get_column_letter(i + 1)].width = wide
    sheet.append([_text(sheet, head, bold=True) for head in heads])
    for line in lines:
        sheet.append([_text(sheet, v, wrapped=wrapped) if isinstance(v, str) else v for v in line])


def _text(sheet: Any, text: str, *, bold: bool = False, wrapped: bool = False) -> Any:
    """Make a cell of text that no program reads as a formula, whatever it begins with."""
    clean = _NO_TEXT.sub("\ufffd", text)[:MOST_CHARACTERS]
    if not (bold or wrapped or clean.startswith(_FORMULA)):
        return clean
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    cell.quotePrefix = clean.startswith(_FORMULA)
    if bold:
        cell.font = Font(bold=True)
    if wrapped:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _frame_rows(frame: pd.DataFrame) -> Iterator[Sequence[Any]]:
    yield [str(name) for name in frame.columns]
    yield from zip(*(_plain(frame[name]) for name in frame.columns), strict=True)


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Give plain Python values: whole and measured numbers, text, dates; None where missing."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = column.dt.tz_localize(None)
        return [None if pd.isna(v) else v.to_pydatetime() for v in column]
    values = column.astype(object)
    return [_scalar(v) for v in values.where(column.notna(), None)]


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


# --- the file -------------------------------------------------------------------------------------


def _packed(book: Workbook) -> bytes:
    """Pack the workbook again without the time of writing."""
    written, packed = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", data
                )
            info = zipfile.ZipInfo(name, date_time=_NO_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return packed.getvalue()
