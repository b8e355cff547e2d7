"""Wide tables made long: columns whose names hold a year, a group or a measure become rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from targeted_universalism.errors import InputError, shown
from targeted_universalism.read.changes import Changes, Texts
from targeted_universalism.read.headings import Grid

MEASURE, VALUE, YEAR = "measure", "value", "year"
_PART = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")
_YEAR = r"(?:19|20)\d\d(?:[-–/]\d\d(?:\d\d)?)?"


class _Place(NamedTuple):
    """Where the cells of a wide column belong: what its name says, and which measure it is."""

    parts: tuple[str, ...]
    measure: str


def made_long(grid: Grid, pattern: object, changes: Changes) -> Grid:
    """Make the columns whose names fit a pattern rows of their own.

    Parameters
    ----------
    grid : Grid
    pattern : str
        A name with its parts in braces, ``"{measure}_{year}"``: what ``measure`` stands for stays a
        column, and every other part becomes one that says what the name said. Without ``measure``
        the cells stand in a column ``value``. ``{year}`` fits years such as 2019 and 2019-20,
        ``{race:Black|White}`` one of these words, any other part any text.
    changes : Changes
        Notes every column that became rows.

    Returns
    -------
    Grid
        For each row, one for each combination of what the names said, in the order of the columns;
        a cell whose column is not there is blank.

    Raises
    ------
    InputError
        If the pattern has no part or one twice, no column fits it, two columns say the same, or a
        new column has the name of one that is there.
    """
    names, fits = _parsed(pattern)
    found = {name: match for name in grid.columns if (match := fits.fullmatch(name))}
    if not found:
        columns = ", ".join(map(repr, [*grid.columns][:12]))
        raise InputError(f"No column fits wide={pattern!r}. There are: {columns}.")
    places = {name: _place(names, match) for name, match in found.items()}
    keys = [name for name in names if name != MEASURE]
    typed = [name for name in found if grid.columns[name].dtype != object]
    if typed:
        raise InputError(f"Column {typed[0]!r} fits wide=, and holds neither text nor numbers.")
    kept = {name: cells for name, cells in grid.columns.items() if name not in found}
    _check_new(kept, keys, places)
    for name, place in places.items():
        said = ", ".join(f"{k} {v}" for k, v in zip(keys, place.parts, strict=True))
        changes.one("wide to long", column=name, was=name, became=f"{place.measure} ({said})")
    return _laid_out(grid, kept, keys, places)


def _parsed(pattern: object) -> tuple[list[str], re.Pattern[str]]:
    """Read a pattern: the names of its parts, and what a column's name must look like."""
    parts = [*_PART.finditer(pattern)] if isinstance(pattern, str) else []
    names = [part[1].strip() for part in parts]
    if not names or not all(names) or len({*names}) < len(names) or names == [MEASURE]:
        raise InputError(
            f"wide={shown(pattern)} must be a name with parts in braces, each once, one of them "
            "another than measure: '{measure}_{year}', '{year}' or "
            "'{measure:events|people}_{race}'."
        )
    text, at = "", 0
    for part in parts:
        text += re.escape(str(pattern)[at : part.start()]) + f"({_fitting(part[1], part[2])})"
        at = part.end()
    return names, re.compile(text + re.escape(str(pattern)[at:]), re.DOTALL)


def _fitting(name: str, words: str | None) -> str:
    if words is not None:
        return "|".join(re.escape(word.strip()) for word in words.split("|"))
    return _YEAR if name.strip() == YEAR else ".+?"


def _place(names: Sequence[str], match: re.Match[str]) -> _Place:
    said = dict(zip(names, (text.strip() for text in match.groups()), strict=True))
    measure = said.pop(MEASURE, VALUE)
    return _Place(tuple(said.values()), measure)


def _check_new(
    kept: Mapping[str, Texts], keys: Sequence[str], places: Mapping[str, _Place]
) -> None:
    """Stop where two columns say the same, or a new column has the name of another."""
    first: dict[_Place, str] = {}
    for name, place in places.items():
        if first.setdefault(place, name) != name:
            raise InputError(f"Columns {first[place]!r} and {name!r} say the same by wide=.")
    new = [*keys, *dict.fromkeys(place.measure for place in places.values())]
    for name in new:
        if name in kept or new.count(name) > 1:
            raise InputError(
                f"wide= makes a column {name!r}, and there is another of that name. Name the part "
                "in braces otherwise."
            )


def _laid_out(
    grid: Grid,
    kept: Mapping[str, Texts],
    keys: Sequence[str],
    places: Mapping[str, _Place],
) -> Grid:
    several = list(dict.fromkeys(place.parts for place in places.values()))
    times, size = len(several), len(grid.rows)
    columns = {name: np.repeat(cells, times) for name, cells in kept.items()}
    for i, key in enumerate(keys):
        said = np.empty(times, dtype=object)
        said[:] = [parts[i] for parts in several]
        columns[key] = np.tile(said, size)
    by_place = {place: name for name, place in places.items()}
    for measure in dict.fromkeys(place.measure for place in places.values()):
        block = np.full((size, times), "", dtype=object)
        for j, parts in enumerate(several):
            name = by_place.get(_Place(parts, measure))
            if name is not None:
                block[:, j] = grid.columns[name]
        columns[measure] = block.reshape(-1)
    return Grid(columns, np.repeat(grid.rows, times))
