"""Files as agencies publish them: text first, every change on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from targeted_universalism.errors import (
    InputError,
    advised,
    as_path,
    check_names,
    did_you_mean,
    is_number,
    shown,
)
from targeted_universalism.labels import label
from targeted_universalism.measures.entry import entry_of
from targeted_universalism.read.carried import carry
from targeted_universalism.read.changes import Changes
from targeted_universalism.read.dialects import separated_rows
from targeted_universalism.read.headings import AUTO, Expected, Grid, found_table
from targeted_universalism.read.numerals import Tokens
from targeted_universalism.read.options import suppressed_tokens
from targeted_universalism.read.presets import PRESETS, Preset, Settings
from targeted_universalism.read.stored import stored_table
from targeted_universalism.read.wide import made_long
from targeted_universalism.read.words import SIGNS, Reading, read_column
from targeted_universalism.read.workbooks import sheet_rows

Words = str | float | Sequence[str | float]
MOST_ROWS = 2**31  # of a file, for what counts them
_TEXT, _EXCEL, _PARQUET = (".csv", ".tsv", ".tab", ".txt"), (".xlsx", ".xlsm"), (".parquet", ".pq")


class TableRead(NamedTuple):
    """What :func:`read_table` gives: the table, and the log of what was changed on the way in."""

    frame: pd.DataFrame
    log: pd.DataFrame


@advised
def read_table(
    path: str | Path,
    *,
    missing: Words | Mapping[str, Words] = (),
    suppressed: Mapping[Any, Any] | None = None,
    percent: str | Sequence[str] | Mapping[str, object] | None = None,
    text: str | Sequence[str] = (),
    wide: str | None = None,
    header: int | Sequence[int] | str | None = AUTO,
    sheet: str | int | None = None,
    preset: str | None = None,
) -> TableRead:
    r"""Read a table as an agency publishes it, and say what was changed on the way in.

    Every cell is read as text. A column becomes one of numbers only if each of its cells is a
    number, blank cells and declared words aside; codes such as 01 stay text, and so do "None",
    "NA" and every other word that nobody declared. Titles, notes and blank rows are left out; names
    in several lines are joined; notes behind years, as in "2020 (COVID-19 Pandemic)", are split
    off. Nothing of it happens without a row in the log.

    Parameters
    ----------
    path : str or Path
        A file of separated text (.csv, .tsv, .tab, .txt: commas, semicolons, tabs or bars; UTF-8,
        UTF-16 with its mark, else cp1252), a workbook (.xlsx, .xlsm; needs the extra ``excel``), or
        a Parquet file (.parquet, .pq).
    missing : word or list of words, or mapping of column to these, optional
        Words that stand for nothing, ``["N/A", -999]``, numbers by their value: their cells become
        missing. A blank cell is
        missing in a column of numbers; in one of text it stays blank, as the total's may be.
    suppressed : mapping, optional
        Words of hidden cells with their bounds, ``{"<11": (1, 10)}``, as the constructors take
        them, for all columns or by column. The words stay in the frame, a number as a word too,
        "0 (hidden)", and what they stand for goes with it: the constructors need not be told again.
        Frames that are put together lose it; then say it to the constructor.
    percent : column or list of columns, or mapping of column to 100, 1 or "signs", optional
        How a column of percentages is written: 100 for 12.5 (what a name alone says), 1 for 0.125,
        "signs" where numbers with a percent sign are percentages and those without are proportions.
        It comes out in percent, ``per=100`` of the constructors.
    text : column or list of columns
        Columns that stay text whatever they hold: codes of places that have lost their zeros.
    wide : str, optional
        How the names of wide columns are made, ``"{measure}_{year}"``: what ``measure`` stands for
        stays a column, every other part in braces becomes one that says what the name said. Without
        ``measure`` the cells stand in a column ``value``. ``{year}`` fits years such as 2019 and
        2019-20, ``{race:Black|White}`` one of these words, any other part any text.
    header : "auto", int, list of int or None
        Which row holds the names of columns, or which rows do, counting from 1 as a spreadsheet
        does; None where none does, and columns are called by their place. By default it is found:
        the first row of several cells, and rows that name what it leaves open.
    sheet : str or int, optional
        A sheet of a workbook, by name or by place from 0; needed where several have cells.
    preset : str, optional
        What a file of a known shape declares of itself, beside what is said here:

        Presets, and what they read:

        - ``"cde-acgr"``: adjusted cohort graduation rates and outcomes
        - ``"cde-chronic-absenteeism"``: chronic absenteeism, counted among eligible cumulative
          enrollment
        - ``"ccwip"``: downloads of reports on child welfare
        - ``"cdc-wonder"``: tables exported as text separated by tabs
        - ``"tidycensus"``: estimates and margins in long form, as the R package tidycensus gives
          them
        - ``"acs"``: tables of the American Community Survey, with labels in their second row
        - ``"phe"``: numerators x and denominators n, as the R package PHEindicatormethods takes
          them
        - ``"heat-plus"``: disaggregated data in the template of HEAT Plus

    Returns
    -------
    TableRead
        A named tuple ``(frame, log)``. Whole numbers are int64 (Int64 with gaps), other numbers
        float64; text, and numbers among words of hidden cells, are objects. The rows of the file
        are those of the frame and those of the log whose rule begins with "left out", each once;
        with ``wide=`` each row of the file is one for every combination. The log:

        Columns (units in brackets):

        - ``row``: the row of the file, counting from 1 as a spreadsheet does; missing for a change
          of a whole column or file
        - ``column``: the column; empty for a change of a whole row or file
        - ``was``, ``became``: the text before, and after; empty where there is none
        - ``rule``: what was done, and why

    Raises
    ------
    InputError
        If the file is not there, is none of these kinds, or is larger than it may be; a row has
        more or fewer cells than the heading, or the heading is missing; a declared column is not
        there; or a number could be read in two ways: some cells of a column have a percent sign
        and some have none, a column is called a percentage and holds nothing above 1, or a comma in
        a file of semicolons may be a decimal point.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import targeted_universalism as tu
    >>> text = '''Entries to care,,
    ... county,year,entries
    ... Inyo,2019-20,<11
    ... Kern,2019-20,"1,204"
    ... Source: County records,,
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "entries.csv"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     frame, log = tu.read_table(file, suppressed={"<11": (1, 10)})
    >>> frame
      county     year entries
    0   Inyo  2019-20     <11
    1   Kern  2019-20    1204
    >>> log[["row", "was", "became", "rule"]]
       row                       was became               rule
    0    1           Entries to care           left out: title
    1    2   county | year | entries         left out: heading
    2    5    Source: County records            left out: note
    3    4                     1,204   1204   thousands comma
    4    3                       <11    <11    suppressed word

    """
    declared = _declared(missing, suppressed, percent, text, preset)
    declared = replace(declared, header=_header(header))
    changes = Changes()
    file = _there(path)
    grid, semicolons = _grid(file, sheet, declared, changes)
    if wide is not None:
        grid = made_long(grid, wide, changes)
    known = _known(declared, [*grid.columns], changes)
    readings = _readings(declared, known, [*grid.columns], semicolons)
    series = {
        name: read_column(name, cells, grid.rows, readings[name], changes)
        if cells.dtype == object
        else pd.Series(cells, name=name)
        for name, cells in grid.columns.items()
    }
    frame = pd.DataFrame(series)
    carry(frame, {name: how.tokens for name, how in readings.items() if how.tokens})
    return TableRead(frame, changes.table())


# --- files ----------------------------------------------------------------------------------------


def _there(path: object) -> Path:
    file = as_path("path", path)
    if file.is_dir():
        raise InputError(f"{str(file)!r} is a folder: name one file.")
    if not file.is_file():
        raise InputError(f"There is no file {str(file)!r}.")
    kinds = (*_TEXT, *_EXCEL, *_PARQUET)
    if file.suffix.lower() not in kinds:
        raise InputError(
            f"{file.name!r} ends in {file.suffix!r}, and read_table() reads {', '.join(kinds)}. "
            "Save it as CSV in UTF-8."
        )
    return file


def _grid(file: Path, sheet: object, declared: _Declared, changes: Changes) -> tuple[Grid, bool]:
    """Read a file's table as text; say whether semicolons separate its cells."""
    kind, preset = file.suffix.lower(), declared.preset
    if sheet is not None and kind not in _EXCEL:
        raise InputError(f"sheet={shown(sheet)} is for workbooks, and {file.name!r} is none.")
    if preset is not None:
        changes.one("preset", was=preset.name, became=preset.source)
    semicolons = False
    if kind in _PARQUET and declared.header != AUTO:
        raise InputError(f"{file.name!r} names its columns itself: leave header= out.")
    if kind in _PARQUET:
        return stored_table(file), semicolons
    if kind in _EXCEL:
        rows = sheet_rows(file, sheet, changes)
    else:
        rows, dialect = separated_rows(file, changes)
        semicolons = dialect.separator == ";"
    labels = preset is not None and preset.labels
    expected = Expected(declared.words, labels, declared.header)
    return found_table(file, rows, expected, changes), semicolons


# --- what is declared -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Declared:
    """What was said of a file: for all columns under None, and by column."""

    missing: Mapping[str | None, list[str]]
    tokens: Mapping[str | None, Tokens]
    percent: Mapping[str, object]
    text: tuple[str, ...]
    preset: Preset | None
    header: str | tuple[int, ...] = AUTO

    @property
    def words(self) -> set[str]:
        """Every word that was declared, of whatever column."""
        hidden = (label(token) for tokens in self.tokens.values() for token in tokens)
        return {*hidden, *(word for words in self.missing.values() for word in words)}


def _declared(
    missing: object, suppressed: object, percent: object, text: object, preset: object
) -> _Declared:
    checked = suppressed_tokens(suppressed)
    by_column = any(isinstance(bounds, Mapping) for bounds in checked.values())
    tokens: dict[Any, Any] = dict(checked) if by_column else {None: checked}
    said: dict[Any, Any] = dict(missing) if isinstance(missing, Mapping) else {None: missing}
    found = _Declared(
        missing={column: _words(words) for column, words in said.items()},
        tokens={column: _stripped(words) for column, words in tokens.items()},
        percent=_percent(percent),
        text=check_names("text", text),
        preset=None if preset is None else entry_of(PRESETS, preset, "preset"),
    )
    for column, words in found.missing.items():
        both = {label(t) for t in found.tokens.get(column, {})} & {*words}
        if both:
            raise InputError(
                f"{min(both)!r} is in missing= and in suppressed=: a hidden cell is not a missing "
                "one. Leave it out of one of them."
            )
    return found


def _header(header: object) -> str | tuple[int, ...]:
    """Give the rows of names in their order; none for a table that has none."""
    if isinstance(header, str) and header == AUTO:
        return AUTO
    several = isinstance(header, (list, tuple, range))
    rows: list[Any] = [] if header is None else list(header) if several else [header]  # type: ignore[call-overload]
    whole = all(is_number(row) and 0 < row < MOST_ROWS and row == int(row) for row in rows)
    if not whole or sorted({*rows}) != rows or (several and not rows):
        raise InputError(
            f"header={shown(header)} must be a row of names, or several from above, counting from "
            "1: header=3, or header=[3, 4]; None where there is none."
        )
    return tuple(map(int, rows))


def _stripped(tokens: Tokens) -> Tokens:
    return {t.strip() if isinstance(t, str) else t: bounds for t, bounds in tokens.items()}


def _words(words: object) -> list[str]:
    """Give one word, or several, as texts."""
    several = isinstance(words, Iterable) and not isinstance(words, (str, bytes, Mapping))
    found = list(words) if several else [words]  # type: ignore[call-overload]
    for word in found:
        if not isinstance(word, str) and not is_number(word):
            raise InputError(
                f"missing= holds {shown(word)}, and takes words and numbers: ['N/A', -999], for "
                "all columns or by column."
            )
    return [word.strip() if isinstance(word, str) else label(word) for word in found]


def _percent(percent: object) -> dict[str, object]:
    """Give how percentages are written, by column."""
    if percent is None:
        return {}
    if not isinstance(percent, Mapping):
        return dict.fromkeys(check_names("percent", percent), 100)
    for column, way in percent.items():
        plain = isinstance(way, (int, float, str)) and not isinstance(way, bool)
        if not isinstance(column, str) or not plain or way not in (100, 1, SIGNS):
            raise InputError(
                f"percent={{{shown(column)}: {shown(way)}}} must say of a column 100 (written "
                f"12.5), 1 (written 0.125) or {SIGNS!r} (a sign where it is a percentage)."
            )
    return dict(percent)


# --- how each column is read ----------------------------------------------------------------------


def _known(declared: _Declared, names: Sequence[str], changes: Changes) -> Settings:
    """Say what a preset knows of a file, by the names of its columns and the titles over them."""
    if declared.preset is None:
        return Settings()
    return declared.preset.settings(names, changes.said("left out: title"))


def _readings(
    declared: _Declared, known: Settings, names: Sequence[str], semicolons: bool
) -> dict[str, Reading]:
    """Say how each column is read: what was said here goes before what a preset says."""
    _check_there(declared, names)
    every = declared.missing.get(None, []), declared.tokens.get(None, {})
    found = {}
    for name in names:
        words = {*every[0], *declared.missing.get(name, [])}
        tokens = {**every[1], **declared.tokens.get(name, {})}
        theirs = {w: b for w, b in _bounded(known, name).items() if w not in words}
        found[name] = Reading(
            missing={*words, *(w for w in known.missing.get(name, ()) if w not in tokens)},
            tokens={**theirs, **tokens},
            codes=known.codes.get(name, {}),
            percent=declared.percent.get(name),
            text=name in declared.text or name in known.text,
            semicolons=semicolons,
        )
    return found


def _bounded(known: Settings, name: str) -> Tokens:
    found: Mapping[Any, Any] = known.suppressed.get(name, {})
    return suppressed_tokens(found)  # type: ignore[return-value]


def _check_there(declared: _Declared, names: Sequence[str]) -> None:
    """Stop where something is said of a column that is not there."""
    for option, columns in (
        ("missing", declared.missing), ("suppressed", declared.tokens),
        ("percent", declared.percent), ("text", declared.text),
    ):  # fmt: skip
        for column in columns:
            if column is not None and column not in names:
                raise InputError(
                    f"{option}= names {shown(column)}, which is no column. "
                    f"{did_you_mean(column, names)}"
                )
