"""Tables of a document: columns as wide as what they hold asks, the first row on every page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from targeted_universalism.show.content import Blank, Cell, Column, Part, Row, Table
from targeted_universalism.show.documents.looks import SMALLEST, room
from targeted_universalism.show.documents.markup import TWIPS, element, paragraph
from targeted_universalism.show.letters import held_by_xml, unbroken

_LETTER = 0.6 * SMALLEST / 72  # inches that a letter takes at most, on an average
_BOLD = 1.2
_AROUND = 0.12  # inches of room in a cell
_SHORTEST = 6  # letters that every column has room for
_LONGEST_WORD = 22  # letters; longer words are broken
_WHOLE, _WHOLE_NUMBER = 13, 18  # letters of a line that is not broken
_BAND = "F4F6F9"
_LAST = 3  # rows that a page holds at least where a table ends


def needs_width(one: Table) -> bool:
    """Tell whether a table needs paper that lies on its side."""
    return sum(least for least, _ in _needs(one)) > room(wide=False)[0]


def table(one: Table, across: float) -> Any:
    """Make a table.

    Parameters
    ----------
    one : Table
        What it holds.
    across : float
        How wide it is, in inches.
    """
    widths = [round(width * TWIPS) for width in widths_of(one, across)]
    look = element(
        "tblPr",
        element("tblStyle", val="Rows"),
        element("tblW", w=sum(widths), type="dxa"),
        element("tblLayout", type="fixed"),
        element("tblLook", val="00A0", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0,
                noHBand=0, noVBand=1),
        element("tblCaption", val=held_by_xml(one.label)),
        element("tblDescription", val=held_by_xml(one.caption)),
    )  # fmt: skip
    grid = element("tblGrid", *(element("gridCol", w=width) for width in widths))
    return element("tbl", look, grid, _head(one.columns, widths), *_lines(one, widths))


def _head(columns: Sequence[Column], widths: Sequence[int]) -> Any:
    cells = (
        _cell(
            width,
            paragraph([column.name], "Cell", bold=True, right=column.number, keep=True),
            band=True,
        )
        for column, width in zip(columns, widths, strict=True)
    )
    return element("tr", element("trPr", element("cantSplit"), element("tblHeader")), *cells)


def _lines(one: Table, widths: Sequence[int]) -> Iterator[Any]:
    """Give the rows; the last three, and a heading with the row under it, stay on one page."""
    left = sum(len(group.rows) for group in one.groups)
    for group in one.groups:
        if group.heading:
            words = paragraph([group.heading], "Cell", bold=True, keep=True)
            yield _row([_cell(sum(widths), words, span=len(widths))])
        for row in group.rows:
            left -= 1
            cells = zip(row.cells, one.columns, widths, strict=True)
            yield _row([_filled(row, *cell, keep=0 < left < _LAST) for cell in cells])


def _row(cells: Sequence[Any]) -> Any:
    return element("tr", element("trPr", element("cantSplit")), *cells)


def _filled(row: Row, cell: Cell, column: Column, width: int, *, keep: bool) -> Any:
    right = column.number and not isinstance(cell.part, Blank)
    line = width / TWIPS - _AROUND
    look = {"right": right, "keep": keep}
    words = [paragraph([cell.part], "Cell", bold=row.total, width=line, headed=True, **look)]
    words += [paragraph([small], "CellSmall", **look) for small in cell.small]
    return _cell(width, *words, band=row.total)


def _cell(width: int, *words: Any, band: bool = False, span: int = 1) -> Any:
    looks = [element("tcW", w=width, type="dxa")]
    looks += [element("gridSpan", val=span)] if span > 1 else []
    looks += [element("shd", val="clear", color="auto", fill=_BAND)] if band else []
    return element("tc", element("tcPr", *looks), *words)


# --- widths ---------------------------------------------------------------------------------------


def widths_of(one: Table, across: float) -> list[float]:
    """Share out the width of a table: no word is broken that fits, then lines as whole as can be.

    Parameters
    ----------
    one : Table
        What it holds.
    across : float
        How wide it is, in inches.

    Returns
    -------
    list of float
        The width of each column in inches; together they are `across`.
    """
    least, whole = zip(*_needs(one), strict=True)
    spare = across - sum(least)
    if spare < 0:
        return [across * width / sum(least) for width in least]
    more = [want - need for want, need in zip(whole, least, strict=True)]
    if sum(more) <= spare:
        return [across * width / sum(whole) for width in whole]
    return [need + spare * want / sum(more) for need, want in zip(least, more, strict=True)]


def _needs(one: Table) -> Iterator[tuple[float, float]]:
    """Give for each column the width of its longest word, and of its longest line, in inches."""
    rows = [row for group in one.groups for row in group.rows]
    for i, column in enumerate(one.columns):
        lines = [(column.name, _BOLD, 0)]
        whole = _WHOLE_NUMBER if column.number else _WHOLE
        for row in rows:
            lines.append((_said(row.cells[i].part), _BOLD if row.total else 1.0, whole))
            lines += [(line, 1.0, whole) for line in row.cells[i].small]
        words = max(size * _unbroken(text, whole) for text, size, whole in lines)
        line = max(size * _letters(text) for text, size, _ in lines)
        words = max(words, _SHORTEST)
        yield words * _LETTER + _AROUND, max(words, line) * _LETTER + _AROUND


def _said(part: Part) -> str:
    return part if isinstance(part, str) else part.short if isinstance(part, Blank) else part.text


def _unbroken(text: str, whole: int) -> float:
    """Measure what of a text is not broken: its longest word, or all of a short one."""
    if len(text) <= whole:
        return _letters(text)
    return min(max(map(_letters, unbroken(text).split(" ")), default=0), _LONGEST_WORD)


def _letters(text: str) -> float:
    """Count letters; wide ones, as those of Chinese, are two, and marks on letters none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
