"""Sheets of a workbook: XlsxWriter makes the book, and their cells are written here, row by row.

XlsxWriter asks every cell several times what it is; of a table a column holds one type. Cells are
those of the standard (ECMA-376, part 1, 18.3.1.4): numbers, and texts that are never formulas.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from targeted_universalism._typing import FloatArray
from targeted_universalism.labels import label
from targeted_universalism.show.archives import NO_TIME, write_archive
from targeted_universalism.show.letters import held_by_xml

MOST_CHARACTERS = 32_767  # what a cell holds
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "#")
_DAY_ZERO, _FIRST_DAY = dt.datetime(1899, 12, 30), dt.datetime(1900, 3, 1)  # Excel's calendar
_MOST_WHOLE = 10**15  # Excel keeps fifteen digits
_ESCAPED = re.compile("(?=_x[0-9A-Fa-f]{4}_)")  # what programs read as one character
_AT_ONCE = 2_000  # rows in memory as text
# Every look of a cell, and whether its text begins as a formula does.
_LOOKS: dict[tuple[str, bool], dict[str, object]] = {
    ("", True): {"quote_prefix": True},
    ("bold", False): {"bold": True},
    ("bold", True): {"bold": True, "quote_prefix": True},
    ("wrapped", False): {"text_wrap": True, "valign": "top"},
    ("wrapped", True): {"text_wrap": True, "valign": "top", "quote_prefix": True},
    ("day", False): {"num_format": "yyyy-mm-dd"},
    ("moment", False): {"num_format": "yyyy-mm-dd hh:mm:ss"},
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """One sheet: headings, and under them columns, all of one length.

    Parameters
    ----------
    name : str
        What it is called.
    columns : DataFrame
        What it holds.
    width : float
        Of its columns, in letters; of the first alone where the others hold running text.
    wrapped : bool
        Whether they do.
    """

    name: str
    columns: pd.DataFrame
    width: float
    wrapped: bool = False


def write_book(sheets: Sequence[Sheet], author: str, place: Path) -> None:
    """Write sheets to a file: the same bytes for the same sheets.

    Parameters
    ----------
    sheets : sequence of Sheet
        In their order.
    author : str
        Who made the file, as it says of itself.
    place : Path
        Where to write it.
    """
    with zipfile.ZipFile(_book(sheets, author)) as book:
        names = book.namelist()
        write_archive(((name, _part(name, book.read(name), sheets)) for name in names), place)


def _part(name: str, empty: bytes, sheets: Sequence[Sheet]) -> Iterable[bytes]:
    """Give a part of the book as it is, a sheet with its cells."""
    number = re.fullmatch(r"xl/worksheets/sheet([0-9]+)\.xml", name)
    if number is None:
        return [empty]
    return map(str.encode, _filled(empty.decode(), sheets[int(number[1]) - 1]))


def _book(sheets: Sequence[Sheet], author: str) -> BytesIO:
    """Make a book whose sheets hold no more than one cell of every look."""
    made = BytesIO()
    with Workbook(made) as book:
        book.set_properties({"author": author, "created": NO_TIME})
        looks = [book.add_format(look) for look in _LOOKS.values()]
        for one in sheets:
            sheet = book.add_worksheet(one.name)
            sheet.freeze_panes(1, 0)
            last = len(one.columns.columns) - 1
            sheet.set_column(0, last, 100 if one.wrapped else one.width)
            sheet.set_column(0, 0, one.width)
            for column, look in enumerate(looks):
                sheet.write_blank(0, column, "", look)
    return made


def _filled(empty: str, sheet: Sheet) -> Iterator[str]:
    """Give a sheet with its cells in the place of those that show how cells look."""
    before, samples, after = re.split("(?s)(?<=<sheetData>)(.*)(?=</sheetData>)", empty)
    styles = dict(zip(_LOOKS, re.findall(r' s="[0-9]+"', samples), strict=True))
    letters = [xl_col_to_name(i) for i in range(len(sheet.columns.columns))]
    area = f'<dimension ref="A1:{letters[-1]}{len(sheet.columns) + 1}"/>'
    yield re.sub("<dimension ref=.*?/>", area, before)
    cells = _Cells(styles, "wrapped" if sheet.wrapped else "")
    heads = [cells.text(str(name), "bold") for name in sheet.columns]
    yield _row(1, letters, heads)
    columns = [cells.column(sheet.columns.iloc[:, i]) for i in range(len(letters))]
    rows = (
        _row(number, letters, line)
        for number, line in enumerate(zip(*columns, strict=True), start=2)
    )
    while text := "".join(islice(rows, _AT_ONCE)):
        yield text
    yield after


def _row(number: int, letters: Sequence[str], cells: Iterable[str]) -> str:
    """Write a row; of an empty cell nothing is written."""
    said = [
        f'<c r="{letter}{number}"{cell}'
        for letter, cell in zip(letters, cells, strict=True) if cell
    ]  # fmt: skip
    return f'<row r="{number}">{"".join(said)}</row>'


# --- cells ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Cells:
    """What cells become, from behind their place on; texts are kept for the cells after them."""

    styles: dict[tuple[str, bool], str]
    look: str
    texts: dict[str, str] = field(default_factory=dict)

    def column(self, column: pd.Series[Any]) -> Iterable[str]:
        """Give the cells of a column, one after the other: nothing where it is missing."""
        if column.dtype == np.float64:
            values: FloatArray = column.to_numpy()
            if not np.isinf(values).any():
                return map(_number_or_empty, values.tolist())
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            column = column.dt.tz_localize(None)
        return map(self._cell, column.astype(object).where(column.notna(), None).tolist())

    def text(self, text: str, look: str) -> str:
        """Write text that no program reads as a formula, whatever it begins with."""
        style = self.styles.get((look, text.startswith(_FORMULA)), "")
        held = _ESCAPED.sub("_x005F", _fitting(held_by_xml(text)))
        words = escape(held).replace("\r", "_x000D_")
        space = ' xml:space="preserve"' if words != words.strip() else ""
        return f'{style} t="inlineStr"><is><t{space}>{words}</t></is></c>'

    def _cell(self, value: Any) -> str:
        """Write a value as itself where Excel holds it, as text where it would be another one."""
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, str):
            if value not in self.texts:
                self.texts[value] = self.text(value, self.look)
            return self.texts[value]
        if value is None:
            return ""
        if isinstance(value, bool):
            return f' t="b"><v>{value:d}</v></c>'
        if _keeps_its_digits(value):
            return _number(value)
        if isinstance(value, pd.Timestamp) and value >= _FIRST_DAY:
            return self._moment(value.to_pydatetime(warn=False))
        return self.text(label(value), self.look)

    def _moment(self, value: dt.datetime) -> str:
        style = self.styles["day" if value.time() == dt.time() else "moment", False]
        return f"{style}><v>{(value - _DAY_ZERO) / dt.timedelta(days=1):.16G}</v></c>"


def _number(value: float) -> str:
    return f"><v>{value:.16G}</v></c>"


def _number_or_empty(value: float) -> str:
    return "" if math.isnan(value) else _number(value)


def _keeps_its_digits(value: Any) -> bool:
    """Tell whether a value is a number that Excel holds."""
    if isinstance(value, int):
        return abs(value) < _MOST_WHOLE
    return isinstance(value, float) and math.isfinite(value)


def _fitting(text: str) -> str:
    """Cut what a cell cannot hold: Excel counts a character beyond 16 bits as two."""
    if len(text) <= MOST_CHARACTERS // 2:
        return text
    return text.encode("utf-16-le")[: 2 * MOST_CHARACTERS].decode("utf-16-le", "ignore")
