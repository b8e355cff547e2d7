"""Excel workbooks as they come: one sheet as rows of text, never larger than memory allows."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from targeted_universalism.errors import InputError, did_you_mean, is_number, shown
from targeted_universalism.labels import label
from targeted_universalism.read.changes import Changes
from targeted_universalism.read.dialects import LARGEST_FILE, TextRows, check_cells, check_size

_BLOCK = 2**20
_LONGEST_ROW = 2**23  # bytes of XML
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([^"']*)["']""")
_PLACE = re.compile(rb"([A-Z]{0,3})([0-9]{1,7})")
_ERROR = re.compile(rb"""<(?:\w+:)?c\b([^>]*\st\s*=\s*["']e["'][^>]*)>""")
_NEVER_COMPUTED = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</|</(?:\w+:)?c>)"
)
_SHEET = b"sheetData"
_ENDS = ((b"</c>", 4), (b":c>", 3), (b"<row", 0), (b":row", 0), (_SHEET, len(_SHEET)))


def sheet_rows(file: Path, sheet: object, changes: Changes) -> TextRows:
    """Read every cell of one sheet as text: numbers as short as they can be, dates as ISO has them.

    Parameters
    ----------
    file : Path
        A workbook that ends in .xlsx or .xlsm.
    sheet : str, int or None
        The sheet's name, or its place counting from 0; None where only one has cells.
    changes : Changes
        Notes the sheet, and cells that Excel could not or did not compute.

    Returns
    -------
    list of lists of str
        One list for each row from the first on, all of one length.

    Raises
    ------
    InputError
        If python-calamine is not installed, the file is no workbook or larger than memory allows
        when it is unpacked, there is no such sheet, or several sheets have cells and none is named.
    """
    check_size(file, LARGEST_FILE)
    _check_parts(file, changes)
    book = _opened(file)
    name = _sheet_name(file, book, sheet)
    changes.one("sheet", became=name)
    return [[_text(value) for value in row] for row in _cells(file, book, name)]


def _text(value: object) -> str:
    """Write a cell's value as text; a text stays as it is."""
    return value if isinstance(value, str) else label(value)


# --- what calamine reads --------------------------------------------------------------------------


def _opened(file: Path) -> Any:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise InputError(
            f"Reading {file.name!r} needs python-calamine: pip install "
            "'targeted-universalism[excel]'; or save the sheet as CSV in UTF-8."
        ) from None
    return _guarded(file, lambda: CalamineWorkbook.from_path(str(file)))


def _guarded(file: Path, read: Any) -> Any:
    """Read, and say in words why it cannot be done, also where the reader panics."""
    try:
        return read()
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise InputError(
            f"The file {str(file)!r} cannot be read as an Excel workbook: {shown(error)}. Open it "
            "and save it again as .xlsx, without a password, or as CSV in UTF-8."
        ) from None


def _cells(file: Path, book: Any, name: str) -> list[list[object]]:
    found: list[list[object]] = _guarded(
        file, lambda: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    )
    return found


def _sheet_name(file: Path, book: Any, sheet: object) -> str:
    names: list[str] = list(book.sheet_names)
    if isinstance(sheet, str):
        if sheet in names:
            return sheet
        raise InputError(f"There is no sheet {sheet!r}. {did_you_mean(sheet, names)}")
    if sheet is not None:
        return _by_place(names, sheet)
    filled = [name for name in names if any(map(any, _cells(file, book, name)))]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise InputError(f"No sheet of {str(file)!r} has cells: {', '.join(map(repr, names))}.")
    raise InputError(
        f"{str(file)!r} has several sheets: name one, as in sheet={filled[0]!r}. There are: "
        f"{', '.join(map(repr, filled))}."
    )


def _by_place(names: list[str], sheet: object) -> str:
    whole = is_number(sheet) and sheet == int(sheet)  # type: ignore[call-overload]
    if whole and 0 <= int(sheet) < len(names):  # type: ignore[call-overload]
        return names[int(sheet)]  # type: ignore[call-overload]
    raise InputError(
        f"sheet={shown(sheet)} must be a sheet's name, or its place from 0 to {len(names) - 1}. "
        f"There are: {', '.join(map(repr, names))}."
    )


# --- what may be unpacked -------------------------------------------------------------------------


class _Extent(NamedTuple):
    """The last row and column of a sheet."""

    rows: int = 0
    columns: int = 0


def _check_parts(file: Path, changes: Changes) -> None:
    """Unpack every part once, block by block, before anything is kept of it.

    A part may be a thousand times its packed size, and two cells in opposite corners of a sheet
    span seventeen thousand million.
    """
    try:
        with zipfile.ZipFile(file) as parts:
            _check_sizes(file, parts)
            for part in parts.infolist():
                _check_part(file, parts, part, changes)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"The file {str(file)!r} is no Excel workbook (.xlsx): {error}. Open it and save it "
            "again as .xlsx, without a password, or as CSV in UTF-8."
        ) from None
    except Exception as error:  # whatever a broken stream may raise in its own library
        raise InputError(f"The file {str(file)!r} is a broken workbook: {error}.") from None


def _check_sizes(file: Path, parts: zipfile.ZipFile) -> None:
    size = sum(part.file_size for part in parts.infolist())
    if size > LARGEST_FILE:
        raise InputError(
            f"The workbook {str(file)!r} is {size:,} bytes when it is unpacked, and read_table() "
            f"takes {LARGEST_FILE:,}. Take out what is not needed, or save the sheet as CSV."
        )


def _check_part(
    file: Path, parts: zipfile.ZipFile, part: zipfile.ZipInfo, changes: Changes
) -> None:
    extent = _Extent()
    for block in _cell_blocks(file, parts, part):
        extent = _extent(file, block, extent)
        check_cells(file, extent.columns, extent.rows * extent.columns)
        _note(block, part.filename, changes)


def _cell_blocks(file: Path, parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack a part; give what it has of cells, in blocks that end where a cell or a row does."""
    held, size, of_a_sheet = b"", 0, False
    with parts.open(part) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > LARGEST_FILE:
                raise InputError(f"The workbook {str(file)!r} is larger than it says it is.")
            held += block
            of_a_sheet = of_a_sheet or _SHEET in held
            if not of_a_sheet:
                held = held[-len(_SHEET) :]
                continue
            if len(held) > _LONGEST_ROW or b"\0" in held:
                raise InputError(f"A sheet of {str(file)!r} holds what is no row of cells.")
            cut = max((held.rfind(e) + more for e, more in _ENDS if e in held), default=0)
            yield held[:cut]
            held = held[cut:]
    if of_a_sheet:
        yield held


def _extent(file: Path, block: bytes, extent: _Extent) -> _Extent:
    """Find how far a sheet reaches, from what its rows and cells say of their places."""
    rows, columns = extent
    for text in set(_REFERENCE.findall(block)):
        place = _PLACE.fullmatch(text)
        if place is None:
            raise InputError(
                f"A sheet of {str(file)!r} names a cell {shown(text.decode('latin1'))}."
            )
        rows = max(rows, int(place[2]))
        columns = max(columns, _column(place[1]))
    return _Extent(rows, columns)


def _column(letters: bytes) -> int:
    """Give the place of a column, counting from 1; 0 where no letters name one."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place


def _note(block: bytes, part: str, changes: Changes) -> None:
    for rule, pattern in (("error value", _ERROR), ("formula without value", _NEVER_COMPUTED)):
        for cell in pattern.findall(block):
            named = _REFERENCE.search(b" " + cell)
            place = _PLACE.fullmatch(named[1]) if named else None
            where = named[1].decode() if named else "a cell"
            changes.one(
                rule, row=int(place[2]) if place else None, was=f"{where} of {Path(part).stem}"
            )
