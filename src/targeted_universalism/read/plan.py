"""A plan as it comes in a table: whom, which structure, which strategy, whose, when, and with what.

Everything is checked here, so that a plan that was read holds nothing that has no meaning.
"""

from __future__ import annotations

import datetime
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import (
    InputError,
    check_names,
    did_you_mean,
    is_writable,
    shown,
)
from targeted_universalism.measures.engagement import PARTS, STANCES
from targeted_universalism.read.frames import Frame, check_columns, column_names, opened
from targeted_universalism.read.levels import Keys
from targeted_universalism.segments.columns import PLAN

LEVELS = ("service", "program", "system")
IV_E, CEBC, COMMUNITY = "Title IV-E", "CEBC", "community-defined"
SCALES: Mapping[str, tuple[str, ...]] = {
    IV_E: ("well-supported", "supported", "promising", "does not currently meet criteria"),
    CEBC: ("1", "2", "3", "4", "5", "NR"),
    COMMUNITY: (),
}
SHARES = tuple(f"share_{part}" for part in PARTS)
_TEXTS = ("structure", "assets", "strategy", "owner", "partner")
# What other plans call a column of ours; which one is meant is for the user to say.
_ELSEWHERE = {
    "barrier": "structure", "root cause": "structure", "group": "segment", "strength": "assets",
    "action": "strategy", "intervention": "strategy", "lead agency": "owner",
    "responsible": "owner", "start date": "start", "due date": "end", "end date": "end",
    "cost": "unit_cost", "budget": "amount", "funding": "amount", "people reached": "reach",
}  # fmt: skip
_YES_NO = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]\d{2}:.*)?)?)?")
_ROUNDED = 0.01
_MOST_PARTS_OF_ONE = 2.0

_Read = TypeVar("_Read")


@dataclass(frozen=True, eq=False)
class PlanRows:
    """The rows of a plan, checked, column by column.

    Parameters
    ----------
    by : mapping of str to Keys
        The columns that say where a row holds; -1 is everywhere.
    indicator : Keys or None
        What a row is about; None without such a column, -1 is everything that is measured.
    dimension, segment : Keys
        Whom it is for; a dimension may be missing.
    words : mapping of str to Keys
        Columns of words; -1 where empty.
    numbers : mapping of str to (n,) array
        Columns of numbers; NaN where empty.
    first, last : mapping of str to (n,) array
        Of ``start`` and ``end``: the first and the last day that is meant, counted from year 1.
    """

    by: Mapping[str, Keys]
    indicator: Keys | None
    dimension: Keys
    segment: Keys
    words: Mapping[str, Keys]
    numbers: Mapping[str, FloatArray]
    first: Mapping[str, FloatArray]
    last: Mapping[str, FloatArray]

    def __len__(self) -> int:
        return len(self.segment.codes)

    def has(self, name: str) -> BoolArray:
        """Tell which rows say something in a column of words."""
        return self.words[name].codes >= 0

    def texts(self, name: str) -> list[str]:
        """Words of every row, empty where there are none."""
        keys = self.words[name]
        texts = keys.texts
        return [texts[code] for code in keys.codes]


def read_plan(
    data: object, by: str | Sequence[str], columns: Mapping[str, str] | None = None
) -> PlanRows:
    """Read a table of a plan.

    Parameters
    ----------
    data : data frame, or list of mappings
        Anything that reads as a table; of its columns only ``segment`` must be there.
    by : str or sequence of str
        Columns that say where a row holds.
    columns : mapping of str to str, optional
        What columns of the table are called in a plan; others are then no part of it.

    Returns
    -------
    PlanRows

    Raises
    ------
    InputError
        If a column is not known, a value has no meaning, an end lies before its start, shares of
        resources do not sum to 1, or two rows are the same.
    """
    table = _Columns(_as_table(data), check_names("by", by), columns)
    words = {name: table.words(name) for name in _TEXTS}
    words["level"] = _renamed(table.words("level"), "level", _one_of(LEVELS, "a level"))
    words["evidence"], words["evidence_scale"] = _evidence(table)
    first, last = {}, {}
    for name in ("start", "end"):
        words[name], first[name], last[name] = _dates(table.words(name), name)
    rows = PlanRows(
        by={name: table.words(name) for name in table.by},
        indicator=table.words("indicator") if "indicator" in table.names else None,
        dimension=table.words("dimension"),
        segment=_segments(table.words("segment")),
        words=words,
        numbers=_numbers(table),
        first=first,
        last=last,
    )
    _check_order(rows)
    _check_once(rows)
    return rows


def place_of(name: str, text: str, row: int) -> str:
    """Say where a value stands, as the beginning of a message."""
    return f"Column {name!r} holds {text!r} in data row {row} (counting from 0)"


# --- columns --------------------------------------------------------------------------------------


def _as_table(data: object) -> object:
    """Make a table of a list of rows; leave every other table as it is."""
    if isinstance(data, (list, tuple)) and all(isinstance(row, Mapping) for row in data):
        rows = [dict(row) for row in data]
        return pd.DataFrame(rows, columns=None if rows else ["segment"], dtype=object)
    return opened(data)


class _Columns:
    """The columns of a plan, those that are not there being empty."""

    def __init__(
        self, data: object, by: tuple[str, ...], columns: Mapping[str, str] | None
    ) -> None:
        self.by = by
        ours = [column.name for column in (*PLAN.keys, *PLAN.columns)]
        for name in by:
            if name in ours:
                raise InputError(f"by={name!r} is a column of every plan: name places by others.")
        theirs = column_names(data)
        self._named = _named(columns, data, theirs, [*ours, *by])
        self.names = [*self._named]
        check_columns(by, self.names, data)
        if "segment" not in self.names:
            raise InputError(
                f"There is no column 'segment', which says whom a row is for. "
                f"{did_you_mean('segment', theirs)} If it is called otherwise here, say so: "
                "columns={'Group': 'segment'}."
            )
        for name in self.names:
            if name not in (*ours, *by):
                raise InputError(_no_column(name, ours))
        self._frame = Frame(data, [*self._named.values()])

    def words(self, name: str) -> Keys:
        """Give a column of labels, nothing where it is not there."""
        if name in self._named:
            keys = self._frame.keys(self._named[name])
            _each(keys, name, _writable)
            return keys
        return Keys(np.full(len(self._frame), -1, dtype=np.int64), pd.Index([], dtype=object))

    def numbers(self, name: str, *, counts: bool = False) -> FloatArray:
        """Give a column of numbers of 0 or more, missing where it is not there."""
        if name not in self._named:
            return np.full(len(self._frame), np.nan)
        value = self._frame.numbers(self._named[name], None, counts=counts).value
        self.stop(name, value, (value < 0) | np.isinf(value), "a number of 0 or more")
        return value

    @staticmethod
    def stop(name: str, value: FloatArray, wrong: BoolArray, expected: str) -> None:
        """Stop at the first value that is wrong."""
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                f"Column {name!r} holds {value[row]:.10g} in data row {row} (counting from 0): it "
                f"must be {expected}, and empty where it is not known."
            )


def _no_column(name: str, ours: Sequence[str]) -> str:
    """Say that a plan has no such column, and which one may be meant."""
    words = {**{_folded(one): one for one in ours}, **_ELSEWHERE}
    near = get_close_matches(_folded(f"{name}").strip(), words, n=1, cutoff=0.7)
    meant = words[near[0]] if near else ""
    perhaps = f"Did you mean {meant!r}? " if meant else ""
    return (
        f"A plan has no column {name!r}. {perhaps}There are: {', '.join(map(repr, ours))}. If it "
        f"says where a row holds, such as a county, name it: by={name!r}. If it is called "
        f"otherwise here, say columns={{{name!r}: {meant or 'strategy'!r}}}."
    )


def _named(
    columns: object, data: object, theirs: Sequence[str], known: Sequence[str]
) -> dict[str, str]:
    """Give the table's column for each column of the plan."""
    if columns is None:
        return _alike(theirs, known)
    if not isinstance(columns, Mapping) or not all(
        isinstance(name, str) for pair in columns.items() for name in pair
    ):
        raise InputError(
            f"columns={shown(columns)} must say what the table's columns are in a plan, as in "
            "columns={'Group': 'segment', 'Lead agency': 'owner'}."
        )
    check_columns([*columns], theirs, data)
    found: dict[str, str] = {}
    for name, ours in columns.items():
        if ours not in known:
            raise InputError(
                f"columns= calls {name!r} {ours!r}, which is no column of a plan. "
                f"{did_you_mean(ours, known)}"
            )
        if ours in found:
            raise InputError(f"columns= calls both {found[ours]!r} and {name!r} {ours!r}.")
        found[ours] = name
    # What is named by its own name need not be named twice.
    others = _alike([name for name in theirs if name not in columns], known)
    return {**{name: text for name, text in others.items() if name in known}, **found}


def _alike(theirs: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Know a heading however it is written: "Unit cost" is ``unit_cost``."""
    names = {_folded(name): name for name in known}
    found: dict[str, str] = {}
    for text in theirs:
        name = text if text in known else names.get(_folded(f"{text}".strip()), text)
        if name in found:
            raise InputError(
                f"Columns {found[name]!r} and {text!r} are both read as {name!r}: keep one of them."
            )
        found[name] = text
    return found


def _segments(keys: Keys) -> Keys:
    """Stop at a row that is for nobody."""
    if (keys.codes < 0).any():
        raise InputError(
            f"Column 'segment' is empty in data row {int(np.argmax(keys.codes < 0))} (counting "
            "from 0): say whom the row is for, 'All' for everybody, or leave the row out."
        )
    return keys


# --- words ----------------------------------------------------------------------------------------


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.casefold())


def _each(keys: Keys, name: str, read: Callable[[str, str], _Read]) -> list[_Read]:
    """Read every label once; what is said of it names the first row that has it."""
    return [
        read(text, place_of(name, text, int(np.argmax(keys.codes == i))))
        for i, text in enumerate(keys.labels)
    ]


def _writable(text: str, place: str) -> str:
    """Stop at half a character, which no file and no page can hold."""
    if not is_writable(text):
        raise InputError(f"{place}, which is broken text: type it again.")
    return text


def _renamed(keys: Keys, name: str, read: Callable[[str, str], str]) -> Keys:
    """Give labels the words that they are read as; those that read alike become one."""
    return _worded(np.array([*_each(keys, name, read), ""], dtype=object)[keys.codes])


def _worded(texts: Iterable[str]) -> Keys:
    """Code words, the empty one as missing."""
    codes, levels = pd.factorize(np.array([text or None for text in texts], dtype=object))
    return Keys(np.asarray(codes, dtype=np.int64), pd.Index(levels, dtype=object))


def _one_of(options: Sequence[str], what: str) -> Callable[[str, str], str]:
    """Find a word among those that are known, however it is written."""
    known = {_folded(option): option for option in options}

    def read(text: str, place: str) -> str:
        if _folded(text) in known:
            return known[_folded(text)]
        raise InputError(f"{place}, which is not {what}. {did_you_mean(text, options)}")

    return read


def _evidence(table: _Columns) -> tuple[Keys, Keys]:
    """Read grades, each with its scale: the one that is named, else the one that has the grade."""
    named = _renamed(
        table.words("evidence_scale"), "evidence_scale", _one_of(list(SCALES), "a scale")
    )
    grade = table.words("evidence")
    pairs, first, of = np.unique(
        np.stack([grade.codes, named.codes]), axis=1, return_index=True, return_inverse=True
    )
    found = [
        _graded(grade.texts[g], named.texts[s], int(row))
        for (g, s), row in zip(pairs.T, first, strict=True)
    ]
    each = np.array([*found, ("", "")], dtype=object)[np.asarray(of).ravel()]
    return _worded(each[:, 0]), _worded(each[:, 1])


def _graded(grade: str, scale: str, row: int) -> tuple[str, str]:
    """Give a grade and its scale; stop where that scale does not have it."""
    if scale == COMMUNITY or not grade:
        return grade, scale
    if not scale and _folded(grade) == _folded(COMMUNITY):
        return COMMUNITY, COMMUNITY
    grades = {
        _folded(known): (known, name)
        for name, all_of_it in SCALES.items()
        for known in all_of_it
        if scale in ("", name)
    }
    if _folded(grade) in grades:
        return grades[_folded(grade)]
    known = [known for known, _ in grades.values()]
    if scale:
        remedy = "Grades of one scale are never converted into another's."
    else:
        remedy = f"Where a community says it in its own words, evidence_scale is {COMMUNITY!r}."
    raise InputError(
        f"{place_of('evidence', grade, row)}, which is no grade of {scale or 'either scale'}. "
        f"{did_you_mean(grade, known)} {remedy}"
    )


# --- dates ----------------------------------------------------------------------------------------


def _dates(keys: Keys, name: str) -> tuple[Keys, FloatArray, FloatArray]:
    """Read dates: how they are written, and the first and last day that is meant."""
    read = _each(keys, name, _date)
    texts = np.array([*(text for text, _, _ in read), ""], dtype=object)[keys.codes]
    first, last = (np.array([*(float(one[i]) for one in read), np.nan])[keys.codes] for i in (1, 2))
    return _worded(texts), first, last


def _date(text: str, place: str) -> tuple[str, int, int]:
    """Read a year, a month or a day."""
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in found.groups())
        first = datetime.date(year or 0, month or 1, day or 1)
    except ValueError:
        raise InputError(
            f"{place}, which is no date: write a year, a month or a day as 2027, 2027-07 or "
            "2027-07-01."
        ) from None
    to = first.replace(month=month or 12)
    last = to if day else to.replace(day=monthrange(to.year, to.month)[1])
    return "-".join(part for part in found.groups() if part), first.toordinal(), last.toordinal()


def _check_order(rows: PlanRows) -> None:
    """Stop where an end lies before its start."""
    wrong = np.flatnonzero(rows.last["end"] < rows.first["start"])
    if wrong.size:
        start, end = (rows.texts(name)[wrong[0]] for name in ("start", "end"))
        raise InputError(
            f"Data row {wrong[0]} (counting from 0) ends in {end}, before it starts in {start}: "
            "correct one of them, or leave it empty."
        )


# --- numbers --------------------------------------------------------------------------------------


def _numbers(table: _Columns) -> dict[str, FloatArray]:
    reach = table.numbers("reach", counts=True)
    table.stop("reach", reach, reach % 1 > 0, "a whole number of people")
    found = {
        "unit_cost": table.numbers("unit_cost"),
        "reach": reach,
        "funded": _yes_no(table.words("funded")),
        "amount": table.numbers("amount"),
        "stance": _stances(table.words("stance")),
        **dict(zip(SHARES, _shares(table), strict=True)),
    }
    _check_money(found["funded"], found["amount"])
    return found


def _valued(keys: Keys, values: Sequence[float]) -> FloatArray:
    return np.array([*values, np.nan])[keys.codes]


def _yes_no(keys: Keys) -> FloatArray:
    def read(text: str, place: str) -> float:
        if text.casefold() in _YES_NO:
            return _YES_NO[text.casefold()]
        raise InputError(f"{place}: say yes or no; how much there is belongs into 'amount'.")

    return _valued(keys, _each(keys, "funded", read))


def _stances(keys: Keys) -> FloatArray:
    """Read stances by number, by name, or by both ("3 Voice")."""
    known = {
        _folded(text): float(stance.number)
        for stance in STANCES.values()
        for text in (str(stance.number), stance.name, f"{stance.number} {stance.name}")
    }
    options = [f"{stance.number} {stance.name}" for stance in STANCES.values()]

    def read(text: str, place: str) -> float:
        if _folded(text) in known:
            return known[_folded(text)]
        raise InputError(
            f"{place}, which is no stance of the spectrum of community engagement to ownership. "
            f"{did_you_mean(text, options)}"
        )

    return _valued(keys, _each(keys, "stance", read))


def _shares(table: _Columns) -> FloatArray:
    """Read how resources are split, (5, n): shares of 1, or of 100 where they are percent."""
    given = np.stack([table.numbers(name) for name in SHARES])
    some = ~np.isnan(given).all(axis=0)
    sums = np.nansum(given, axis=0)
    whole = np.where(sums > _MOST_PARTS_OF_ONE, 100.0, 1.0)
    wrong = np.flatnonzero(some & (np.abs(sums / whole - 1) > _ROUNDED + 1e-9))
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            f"The shares of resources in data row {row} (counting from 0) sum to "
            f"{sums[row] / whole[row] * 100:.6g} %: shares of all resources sum to 1, or to 100 "
            "in percent. Leave all of them empty where the split is not known."
        )
    return np.where(some, np.nan_to_num(given) / whole, np.nan)


def _check_money(funded: FloatArray, amount: FloatArray) -> None:
    """Stop where it is said both that there is money and that there is none."""
    wrong = np.flatnonzero(((funded == 0) & (amount > 0)) | ((funded == 1) & (amount == 0)))
    if wrong.size:
        row = int(wrong[0])
        yes = "yes" if funded[row] else "no"
        raise InputError(
            f"Data row {row} (counting from 0) says funded {yes} and an amount of "
            f"{amount[row]:.10g}: correct one of them, or leave it empty."
        )


# --- rows -----------------------------------------------------------------------------------------


def _check_once(rows: PlanRows) -> None:
    """Stop at a row that stands twice: its people and its money would count twice."""
    keys = {**rows.by, "dimension": rows.dimension, "segment": rows.segment, **rows.words}
    if rows.indicator is not None:
        keys["indicator"] = rows.indicator
    columns: dict[str, FloatArray | IntArray] = {name: keys[name].codes for name in keys}
    table = pd.DataFrame({**columns, **rows.numbers})
    again = table.duplicated().to_numpy()
    if again.any():
        second = int(np.argmax(again))
        alike = table.eq(table.iloc[second]) | (table.isna() & table.iloc[second].isna())
        first = int(np.argmax(alike.all(axis=1)))
        raise InputError(
            f"Data rows {first} and {second} (counting from 0) are the same: leave one out, or "
            "say in what they differ."
        )
