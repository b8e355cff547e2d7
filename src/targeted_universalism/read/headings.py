"""Where a table begins and ends: titles above, names in one line or several, notes below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.errors import InputError, shown
from targeted_universalism.read.changes import Changes, Texts
from targeted_universalism.read.dialects import TextRows
from targeted_universalism.read.words import is_year, looks_like_number
from targeted_universalism.segments.spelling import NOT_KNOWN

_MOST_LINES = 3
_LONG = 60  # characters
_NEAR = 6  # rows below a title in which its table begins
_ENDS, _GOES_ON = re.compile(r"(?<![\d.])\d{1,3}$"), re.compile(r"\d{3}(?!\d)")
_NOTE = re.compile(
    r"\s*(note|source|footnote|\*|†|‡|¹|²|³|-{3}|\(?\d+[).]\s|\[|“|data (source|as of)|suppress|"
    r"prepared|retrieved|accessed|©|copyright|https?:|last updated)",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Grid:
    """A table of text: columns by name, and the row of the file that each of their cells is from.

    Parameters
    ----------
    columns : dict of str to (n,) array
    rows : (n,) array
        Counting from 1, as a spreadsheet does.
    """

    columns: dict[str, Texts]
    rows: IntArray


AUTO = "auto"


class Expected(NamedTuple):
    """What is known of a table before it is found.

    Parameters
    ----------
    words : collection of str
        Words that were declared, which are no names of columns.
    labels : bool
        Whether the row below the names may say in words what they mean: it does if it holds no
        number.
    header : "auto" or tuple of int
        The rows of names, counting from 1; none for a table without names.
    """

    words: Collection[str]
    labels: bool
    header: str | tuple[int, ...]


class _Place(NamedTuple):
    """The places of the rows of names, of a table's first row, and of what stands below it."""

    names: Sequence[int]
    labels: bool
    body: int
    last: int


def found_table(file: Path, rows: TextRows, expected: Expected, changes: Changes) -> Grid:
    """Find the table among the rows of a file.

    Parameters
    ----------
    file : Path
        For messages.
    rows : list of lists of str
    expected : Expected
        What was said of it.
    changes : Changes
        Notes every row that is left out, and every name that is changed.

    Returns
    -------
    Grid

    Raises
    ------
    InputError
        If there is no heading or no row below it, a row has more or fewer cells than the heading,
        or what would be the heading holds numbers.
    """
    at = _place(file, rows, expected)
    _note_around(rows, at, changes)
    lines = [rows[i] for i in at.names]
    names, row = _joined(lines), (at.names[0] if lines else at.body) + 1
    if expected.header == AUTO:
        _check_names(file, lines, row)
    heading = lines[0] if lines else [""] * len(rows[at.body])
    inside = _inside(file, rows, range(at.body, at.last), heading, changes)
    if not inside:
        raise InputError(f"{str(file)!r} has no row below its heading, row {row}.")
    cells = _cells([rows[i] for i in inside])
    if len(lines) > 1:
        _note_joined(lines, names, row, changes)
    columns = _named(names, cells, row, changes)
    if expected.header == AUTO:
        _check_most_named(file, names, len(columns), row)
    return Grid(columns, np.array(inside, dtype=np.int64) + 1)


def _place(file: Path, rows: TextRows, expected: Expected) -> _Place:
    """Find where a table's names, its first row and its end are, or take them as they were said."""
    names: Sequence[int] = ()
    if isinstance(expected.header, tuple):
        names = _said(file, rows, expected.header)
        first = names[0] if names else _first(file, rows)
    else:
        first = _first(file, rows)
        lines = _lines(rows[first : _last(rows, first)], expected.words)
        names = range(first, first + lines)
    last = _last(rows, first)
    body = names[-1] + 1 if names else first
    labels = bool(names) and expected.labels and _says_in_words(rows[body:last])
    return _Place(names, labels, body + labels, last)


def _said(file: Path, rows: TextRows, header: Sequence[int]) -> list[int]:
    """Give the places of the rows that were said to hold names, or stop where one holds none."""
    for row in header:
        if row > len(rows) or _is_blank(rows[row - 1]):
            what = f"has {len(rows):,} rows" if row > len(rows) else "holds nothing there"
            raise InputError(
                f"header= names row {row} of {str(file)!r}, which {what}. Rows count from 1, as a "
                "spreadsheet counts them."
            )
    return [row - 1 for row in header]


# --- rows -----------------------------------------------------------------------------------------


def _filled(row: Sequence[str]) -> list[int]:
    return [i for i, cell in enumerate(row) if cell.strip()]


def _is_blank(row: Sequence[str]) -> bool:
    return not "".join(row).strip()


def _is_again(row: Sequence[str], names: Sequence[str]) -> bool:
    return row[0].strip() == names[0] and [cell.strip() for cell in row] == names


def _filled_to(row: Sequence[str]) -> int:
    """Count the cells of a row up to its last one that is not blank."""
    return max(_filled(row), default=-1) + 1


def _first(file: Path, rows: TextRows) -> int:
    """Find the row of the heading: the first that is more than one text in its first cell."""
    several = any(len(_filled(row)) > 1 for row in rows)
    for i, row in enumerate(rows):
        filled = _filled(row)
        if filled and not (several and filled == [0]) and not _is_cut_title(rows, i):
            return i
    raise InputError(f"{str(file)!r} holds no table: none of its rows has cells.")


def _is_cut_title(rows: TextRows, i: int) -> bool:
    """Tell whether a row is a title cut at its commas: one of a number, or ones before blanks.

    Names follow it, text in every cell, and numbers follow these.
    """
    below = [row for row in rows[i + 1 : i + 1 + _NEAR] if not _is_blank(row)]
    if len(below) < 2 or not (_cuts_a_number(rows[i]) or _is_prose(rows[i], below[0])):
        return False
    names = [cell.strip() for cell in below[0] if cell.strip()]
    named = len(names) > 1 and all(map(_could_name, names)) and not any(map(_is_no_name, names))
    return named and any(map(looks_like_number, below[1]))


def _is_no_name(text: str) -> bool:
    """Tell whether a text is a word for what is not known, or what is left of a number."""
    return bool(NOT_KNOWN.fullmatch(text) or _GOES_ON.match(text))


def _cuts_a_number(row: Sequence[str]) -> bool:
    """Tell whether a number goes on in the next cell: "1,204 pupils" does."""
    return any(_ENDS.search(a) and _GOES_ON.match(b) for a, b in pairwise(row))


def _is_prose(row: Sequence[str], below: Sequence[str]) -> bool:
    """Tell whether commas stand before blanks here, and not in a row of more cells below."""
    after = [row[i] for i in _filled(row)[1:]]
    longer = len(_filled(below)) > len(_filled(row))
    return longer and all(c[0].isspace() for c in after) and not any(c[:1].isspace() for c in below)


def _last(rows: TextRows, first: int) -> int:
    """Find the end of the table: below it stand nothing but notes and blank rows.

    A row with one text, its first cell, is a label without numbers where it follows the table, and
    a note where it has fewer cells, begins as notes do, is long, or stands below a note or a blank
    row.
    """
    width = _filled_to(rows[first])
    end = len(rows)
    while end > first + 1 and _may_be_below(rows[end - 1], width):
        end -= 1
    while end < len(rows) and _filled(rows[end]) and not _is_note(rows[end], width):
        end += 1
    return end


def _may_be_below(row: list[str], width: int) -> bool:
    """Tell whether a row is blank, one text in its first cell, or a note cut by the separator."""
    filled = _filled(row)
    return not filled or (width > 1 and filled == [0]) or _is_cut(row, width)


def _is_note(row: list[str], width: int) -> bool:
    return len(row) < width or bool(_NOTE.match(row[0])) or len(row[0]) > _LONG


def _is_cut(row: list[str], width: int) -> bool:
    return 0 < len(row) < width and bool(_NOTE.match(row[0]))


def _inside(
    file: Path, rows: TextRows, body: range, heading: list[str], changes: Changes
) -> list[int]:
    """Give the places of the rows of a table, without blank ones and its heading again."""
    inside = []
    names = [cell.strip() for cell in heading]
    for i in body:
        if _is_blank(rows[i]):
            changes.one("left out: blank row", row=i + 1)
        elif len(names) > 1 and _is_again(rows[i], names):
            changes.one("left out: heading again", row=i + 1, was=_told(rows[i]))
        else:
            _check_width(file, rows[i], i, heading)
            inside.append(i)
    return inside


def _check_width(file: Path, row: list[str], i: int, heading: list[str]) -> None:
    """Stop at a row that is longer than the heading, or shorter than its last name."""
    if len(row) == len(heading):
        return
    if len(row) >= _filled_to(heading) and _filled_to(row) <= len(heading):
        return
    raise InputError(
        f"Row {i + 1:,} of {str(file)!r} has {len(row)} cells ({shown(_told(row))}), and the "
        f"heading has {len(heading)}. Put cells that hold the separator in quotation marks, take "
        "out what does not belong to the table, and say header= if another row holds the names."
    )


def _note_around(rows: TextRows, at: _Place, changes: Changes) -> None:
    """Note the rows above and below the table, and its heading."""
    named = {*at.names}
    for i in (*range(at.body), *range(at.last, len(rows))):
        if i in named:
            rule = "heading"
        elif _is_blank(rows[i]):
            rule = "blank row"
        elif at.labels and i == at.body - 1:
            rule = "labels"
        else:
            rule = "title" if i < at.body else "note"
        changes.one(f"left out: {rule}", row=i + 1, was=_told(rows[i]))


def _told(row: Sequence[str]) -> str:
    """Write a row as one text."""
    return " | ".join(cell.strip() for cell in row if cell.strip())


def _says_in_words(rows: TextRows) -> bool:
    return bool(rows) and not any(map(looks_like_number, rows[0]))


# --- names ----------------------------------------------------------------------------------------


def _lines(rows: TextRows, words: Collection[str]) -> int:
    """Count the lines of a heading: more than one where the first leaves names open or doubled."""
    lines = 1
    while lines < min(_MOST_LINES, len(rows) - 1):
        names = _joined(rows[:lines])
        if not _goes_on(names, rows[lines], rows[lines + 1], words):
            break
        lines += 1
    return lines


def _goes_on(
    names: Sequence[str], below: Sequence[str], data: Sequence[str], words: Collection[str]
) -> bool:
    """Tell whether a row names what the row above leaves open: text, or years, above numbers.

    Columns must share a name above, be named below, no two alike, and hold a number further down;
    no cell of the row may be a number or a declared word, nor stand below a name of one column.
    """
    names = [*names, *[""] * (len(below) - len(names))]
    cells = [below[i].strip() if i < len(below) else "" for i in range(len(names))]
    group = _in_groups(names)
    if not group or not all(cells[i] for i in group) or {*cells} & {*words}:
        return False
    if any(looks_like_number(cell) and not is_year(cell) for cell in cells):
        return False
    alone = [cell for i, cell in enumerate(cells) if names[i] and i not in group]
    if any(alone) or not all(_could_name(cells[i]) for i in group):
        return False
    pairs = [f"{name}\n{cells[i]}" for i, name in enumerate(_filled_forward(names))]
    return len({*pairs}) == len(pairs) and any(
        looks_like_number(data[i]) for i in group if i < len(data)
    )


def _could_name(text: str) -> bool:
    """Tell whether a text could name a column: it has a letter, or is a year."""
    return is_year(text) or any(letter.isalpha() for letter in text)


def _in_groups(names: Sequence[str]) -> list[int]:
    """Find the columns that share a name: it stands several times, or is merged over them."""
    times = Counter(name for name in names if name)
    shared = {i for i, name in enumerate(names) if times[name] > 1}
    for i in range(1, len(names)):
        if not names[i] and any(names[:i]):
            shared |= {i - 1, i}
    return sorted(shared)


def _filled_forward(names: Sequence[str]) -> list[str]:
    """Give names without one that of the column before, as merged cells mean it."""
    filled: list[str] = []
    for name in names:
        filled.append(name or (filled[-1] if filled else ""))
    return filled


def _joined(lines: TextRows) -> list[str]:
    """Join the lines of a heading into one name for each column."""
    if not lines:
        return []
    above = [[cell.strip() for cell in line] for line in lines]
    upper = [*map(_filled_forward, above[:-1]), above[-1]]
    columns = zip_longest(*upper, fillvalue="")
    return ["_".join(part for part in parts if part) for parts in columns]


def _note_joined(lines: TextRows, names: Sequence[str], row: int, changes: Changes) -> None:
    """Note the names that stand in more than one line."""
    for i, name in enumerate(names):
        if name not in [line[i].strip() for line in lines if i < len(line)]:
            changes.one("name in several lines", row=row, column=name, became=name)


def _check_names(file: Path, lines: TextRows, row: int) -> None:
    """Stop where what would be the names are numbers: the heading is missing."""
    numbers = [c for line in lines for c in line if looks_like_number(c) and not is_year(c)]
    if numbers:
        raise InputError(
            f"Row {row} of {str(file)!r} should name the columns, and holds the number "
            f"{numbers[0].strip()!r}. Say header= which row does, counting from 1, or header=None "
            "where none does."
        )


def _check_most_named(file: Path, names: Sequence[str], columns: int, row: int) -> None:
    """Stop where most columns have no name: what names them stands in another row."""
    named = len(_filled(names))
    if 2 * named < columns:
        raise InputError(
            f"Row {row} of {str(file)!r} names {named} of {columns} columns. If the names stand "
            f"in another row, say so, as in header={row + 1}."
        )


def _cells(rows: TextRows) -> list[Texts]:
    """Lay rows out as columns; a cell that is not there is blank."""
    columns = []
    for cells in zip_longest(*rows, fillvalue=""):
        column = np.empty(len(rows), dtype=object)
        column[:] = cells
        columns.append(column)
    return columns


def _named(names: list[str], cells: list[Texts], row: int, changes: Changes) -> dict[str, Texts]:
    """Name every column, once; leave out those with neither a name nor a cell."""
    names = [*names, *[""] * (len(cells) - len(names))]
    columns: dict[str, Texts] = {}
    for i, raw in enumerate(names):
        column = cells[i] if i < len(cells) else None
        if not raw and (column is None or not any(cell.strip() for cell in column)):
            changes.one("column left out", row=row, column=f"column {i + 1}")
            continue
        name = _once(raw, i, columns, row, changes)
        columns[name] = column if column is not None else _blank(cells)
    return columns


def _blank(cells: list[Texts]) -> Texts:
    """Give a column of blank cells, as long as the others."""
    column = np.empty(len(cells[0]) if cells else 0, dtype=object)
    column[:] = ""
    return column


def _once(raw: str, place: int, taken: Collection[str], row: int, changes: Changes) -> str:
    """Give a column a name that no other has, and note where it is not as it was."""
    name = " ".join(raw.split())
    if name != raw:
        changes.one("blanks in name", row=row, column=name, was=raw, became=name)
    if not name:
        name = f"column {place + 1}"
        changes.one("column without name", row=row, column=name, became=name)
    plain, times = name, 1
    while name in taken:
        times += 1
        name = f"{plain} ({times})"
    if name != plain:
        changes.one("column named twice", row=row, column=name, was=plain, became=name)
    return name
