"""The goals that a collaborative shares, from a file that everybody can read: TOML or CSV."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

from targeted_universalism._typing import Number
from targeted_universalism.answer.goals import Goal
from targeted_universalism.errors import InputError, advised, as_path, did_you_mean, shown
from targeted_universalism.labels import is_blank, label
from targeted_universalism.measures.goal import DIRECTIONS
from targeted_universalism.segments.definition import PARTS, Definition

NUMBERS = ("target", "per", "deadline")
OF_GOAL = (
    "direction", *NUMBERS, "name", "ambition", "rationale", "source", "people", "version",
)  # fmt: skip
KEYS = (*OF_GOAL, *PARTS)
OF_FILE = ("version", "source")
INDICATOR = "indicator"
_SEPARATORS = ",;\t"
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?")


@advised
def read_goals(path: str | Path) -> dict[str, Goal]:
    r"""Read the goals that partners share, from a TOML or CSV file.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.toml``, with one table for each indicator, or in ``.csv``, with one
        row for each goal and a column ``indicator``. Commas, semicolons or tabs may separate cells.
        Keys, as in :class:`Goal`: direction and target, which every goal has; per, name, deadline,
        ambition, rationale, source, people, version; and the parts of its :class:`Definition`:
        numerator, denominator, exclusions, period, unit. Above its tables a TOML file may name its
        own version and source, which hold for every goal that names none.

    Returns
    -------
    dict of str to Goal
        By indicator, in the order of the file: for :func:`assess`, and for ``definition=`` of the
        constructors. Decimals are exact as they are written.

    Raises
    ------
    InputError
        If a key is unknown, an indicator is there twice, a direction or a target is missing, or a
        number is no plain number: "90 %" is neither 90 nor 0.9 until somebody says so.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import targeted_universalism as tu
    >>> text = '''
    ... version = "2026-03"
    ... [absence]
    ... direction = "at most"
    ... target = 10
    ... per = 100
    ... numerator = "students absent on 10 % or more of the days enrolled"
    ... denominator = "students enrolled for 31 days or more"
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "goals.toml"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     goals = tu.read_goals(file)
    >>> goals["absence"], goals["absence"].version, goals["absence"].definition.fingerprint
    (Goal: at most 10 per 100, '2026-03', 'c2f717b4a197')

    """
    file = as_path("path", path)
    entries = _reader(file)(file, _text(file))
    goals: dict[str, Goal] = {}
    for entry in entries:
        if entry.indicator in goals:
            raise InputError(f"{entry.where} gives indicator {entry.indicator!r} a second goal.")
        goals[entry.indicator] = _goal(entry)
    if not goals:
        raise InputError(f"{file.name!r} holds no goal. {_HOW[file.suffix.lower()]}")
    return goals


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What a file says of one goal, and where it says so."""

    indicator: str
    where: str
    values: Mapping[str, Any]


# --- files --------------------------------------------------------------------------------------


def _reader(file: Path) -> Callable[[Path, str], Iterator[_Entry]]:
    """Give what reads a file by its suffix; stop at one that is not known."""
    found = _READERS.get(file.suffix.lower())
    if found is None:
        raise InputError(
            f"{file.name!r} must end in .toml or .csv, which says how it is to be read. Save a "
            "workbook's sheet as CSV."
        )
    return found


def _text(file: Path) -> str:
    """Read a file as text; a mark of byte order is no part of it."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{str(file)!r} is not in UTF-8: save it in UTF-8.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{str(file)!r} cannot be read: {error}.") from None


def _toml_entries(file: Path, text: str) -> Iterator[_Entry]:
    """Give a goal for each table, with what the file says for all."""
    try:
        found = tomllib.loads(text, parse_float=_number)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file.name!r} is no TOML that can be read: {error}.") from None
    for_all = {key: value for key, value in found.items() if not isinstance(value, dict)}
    for key in for_all:
        if key not in OF_FILE:
            raise InputError(
                f"{file.name!r} says {key!r} above its tables, where only {' and '.join(OF_FILE)} "
                f"stand. {did_you_mean(key, OF_FILE)} {_HOW['.toml']}"
            )
    for name, values in found.items():
        if isinstance(values, dict):
            where = f"{file.name!r}, table [{name}]"
            _check_indicator(where, name)
            said = {key: value for key, value in values.items() if _is_said(value)}
            yield _Entry(indicator=label(name), where=where, values={**for_all, **said})


def _csv_entries(file: Path, text: str) -> Iterator[_Entry]:
    """Give a goal for each row that is not blank; a blank cell says nothing."""
    rows = _csv_rows(file, text)
    line, heading = next(rows, (1, [INDICATOR]))
    names = [label(name) for name in heading]
    if INDICATOR not in names:
        raise InputError(
            f"{file.name!r} has no column {INDICATOR!r} in row {line}. "
            f"{did_you_mean(INDICATOR, names)} {_HOW['.csv']}"
        )
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{file.name!r} has two columns {name!r}: leave one of them out.")
    for line, row in rows:
        where = f"{file.name!r}, row {line}"
        if len(row) != len(names):
            raise InputError(
                f"{where} has {len(row)} cells, and the heading {len(names)}. Put a text "
                "that holds a separator in quotation marks."
            )
        values: dict[str, Any] = {
            n: v.strip() for n, v in zip(names, row, strict=True) if _is_said(v)
        }
        _check_indicator(where, values.get(INDICATOR, ""))
        indicator = label(values.pop(INDICATOR))
        values |= {n: _number(values[n]) for n in NUMBERS if _is_number(values.get(n, ""))}
        yield _Entry(indicator=indicator, where=f"{where} ({indicator})", values=values)


def _csv_rows(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not blank with the line on which each ends."""
    first = next((line for line in StringIO(text, None) if line.strip(_SEPARATORS + " \n")), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if not all(is_blank(cell) for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise InputError(
            f"{file.name!r}, row {reader.line_num} is no CSV that can be read: {error}."
        ) from None


def _check_indicator(where: str, name: str) -> None:
    """Stop where no indicator is named."""
    if not label(name):
        raise InputError(f"{where} does not say which indicator it is for.")


_READERS: Mapping[str, Callable[[Path, str], Iterator[_Entry]]] = {
    ".toml": _toml_entries,
    ".csv": _csv_entries,
}
_HOW = {
    ".toml": 'A goal is a table: [absence], then direction = "at most" and target = 10.',
    ".csv": "A goal is a row, with indicator, direction and target among its columns.",
}


# --- one goal -----------------------------------------------------------------------------------


def _goal(entry: _Entry) -> Goal:
    """Make a goal of what a file says; every fault is told with its place."""
    values = dict(entry.values)
    for key in values:
        if key not in KEYS:
            raise InputError(
                f"{entry.where} says {key!r}, which no goal has. {did_you_mean(key, KEYS)}"
            )
    for key in ("direction", "target"):
        if key not in values:
            options = " or ".join(map(repr, DIRECTIONS)) if key == "direction" else "a number"
            raise InputError(f"{entry.where} has no {key}: say {options}.")
    for key in NUMBERS:
        _check_number(entry.where, key, values.get(key, 0))
    try:
        return _made(values)
    except InputError as error:
        raise InputError(f"{entry.where}: {error}") from None


def _made(values: Mapping[str, Any]) -> Goal:
    """Make a goal of the values of its keys, some of which are those of its definition."""
    said = {name: values[name] for name in PARTS if name in values}
    options = {name: value for name, value in values.items() if name not in PARTS}
    return Goal(
        **{**options, "direction": _word(options["direction"])},
        definition=Definition(**said) if said else None,
        per_stated="per" in options,
    )


def _word(value: object) -> object:
    return label(value) if isinstance(value, str) else value


def _is_said(value: object) -> bool:
    return not (isinstance(value, str) and is_blank(value))


def _check_number(where: str, key: str, value: object) -> None:
    """Stop at a number that is written as text."""
    if isinstance(value, str):
        percent = " (for 90 %, write target 90 and per 100, or target 0.9)" * ("%" in value)
        raise InputError(
            f"{where} has {key}={shown(value)}, which is no plain number such as 1000 or 0.1: "
            f"without quotation marks, unit, blanks or commas{percent}."
        )


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _number(text: str) -> Number:
    """Give the number that a text writes: whole, a float that reads the same, else a decimal."""
    plain = text.replace("_", "")
    if not _is_number(plain):
        raise ValueError(f"{shown(text)} is no plain number of at most 30 digits")
    exact = Decimal(plain)
    if exact == exact.to_integral_value():
        return int(exact)
    near = float(exact)
    return near if Fraction(repr(near)) == Fraction(exact) else exact
