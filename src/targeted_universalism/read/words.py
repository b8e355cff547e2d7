"""A column of text as it comes: numbers where every cell says one, else text as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.errors import InputError
from targeted_universalism.read.changes import Changes, Texts
from targeted_universalism.read.numerals import Tokens, hidden_word

SIGNS = "signs"
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-][0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_SURELY_THOUSANDS = re.compile(r"[+-]?[0-9]+(?:,[0-9]{3})(?:,[0-9]{3}|\.).*")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_POINTS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]+")
_YEAR = r"(?:19|20)[0-9]{2}(?:[-–/][0-9]{2}(?:[0-9]{2})?)?(?:\.0)?"
_PLAIN_YEAR = re.compile(_YEAR)
_YEAR_AND_NOTE = re.compile(rf"({_YEAR})\s*(\(.*\)|\[.*\]|[*†‡]+)", re.DOTALL)
_SAYS_PERCENT = re.compile(r"%|\bper ?cent(?!ile)|percent(?!ile)|\bpct\b|_pct\b", re.IGNORECASE)
_LARGEST_WHOLE = 2**63 - 1


@dataclass(frozen=True)
class Reading:
    """How the cells of one column are to be read.

    Parameters
    ----------
    missing : collection of str
        Words that stand for nothing, numbers by their value; a blank cell of a column of numbers
        is always one.
    tokens : mapping
        Words, and numbers, of hidden cells with their bounds.
    codes : mapping of str to str
        Codes of the publisher's with what they stand for.
    percent : 100, 1, "signs" or None
        How percentages are written, where somebody said so.
    text : bool
        Whether it stays text, whatever it holds.
    semicolons : bool
        Whether semicolons separate the cells of the file, so that a comma may be a decimal point.
    """

    missing: Collection[str] = ()
    tokens: Tokens = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    percent: object = None
    text: bool = False
    semicolons: bool = False

    @cached_property
    def _numbers(self) -> frozenset[float]:
        return frozenset(float(word) for word in self.missing if _PLAIN.fullmatch(word))

    def is_missing(self, word: str) -> bool:
        """Tell whether a word stands for nothing; -999.0 is -999, and the code 00 is not 0."""
        if word in self.missing:
            return True
        by_value = self._numbers and _PLAIN.fullmatch(word) and not _LEADING_ZERO.fullmatch(word)
        return bool(by_value) and float(word) in self._numbers


def looks_like_number(text: str) -> bool:
    """Tell whether a text is a number, whatever its commas and signs.

    Examples
    --------
    >>> [looks_like_number(text) for text in (" 12.5 ", "1,234", "45 %", "2019-20", "1E5")]
    [True, True, True, False, False]

    """
    plain = _without_sign(text)
    return any(form.fullmatch(plain) for form in (_PLAIN, _THOUSANDS, _DECIMAL_COMMA))


def is_year(text: str) -> bool:
    """Tell whether a text is a year, or a school year such as 2019-20."""
    return bool(_PLAIN_YEAR.fullmatch(text.strip()))


def read_column(
    name: str, cells: Texts, rows: IntArray, how: Reading, changes: Changes
) -> pd.Series[Any]:
    """Read one column of cells.

    Parameters
    ----------
    name : str
    cells : (n,) array of str
    rows : (n,) array
        The row of the file that each cell is from, for the log.
    how : Reading
    changes : Changes
        Notes every cell that changes, and why a column that looks like numbers stays text.

    Returns
    -------
    Series
        Whole numbers (of type Int64 where some are missing), floats, or objects: text, and numbers
        among the words of hidden cells.

    Raises
    ------
    InputError
        If percentages are written in more than one way, or not as `how` says; or a comma may be a
        decimal point or stand between thousands.
    """
    column = _Column(name, cells, rows, changes).coded(how.codes)
    if how.text:
        return column.text(how)
    words = [word.strip() for word in column.uniques]
    if any(_YEAR_AND_NOTE.fullmatch(w) for w in words) and all(map(_may_be_year(how), words)):
        column = column.without_notes()
    return _numbers(column, how) if _are_numbers(column, how) else column.text(how)


def _may_be_year(how: Reading) -> Callable[[str], bool]:
    return lambda w: bool(
        not w or how.is_missing(w) or _PLAIN_YEAR.fullmatch(w) or _YEAR_AND_NOTE.fullmatch(w)
    )


class _Column:
    """The cells of a column, each different text of them looked at once."""

    def __init__(self, name: str, cells: Texts, rows: IntArray, changes: Changes) -> None:
        self.name, self.cells, self.rows, self.changes = name, cells, rows, changes
        self.codes, found = pd.factorize(cells)
        self.uniques: list[str] = list(found)

    def note(self, rule: str, places: Collection[int], became: Callable[[int], str]) -> None:
        """Note what the cells of some texts became."""
        chosen = np.zeros(len(self.uniques) + 1, dtype=np.bool_)
        chosen[list(places)] = True
        at = np.flatnonzero(chosen[self.codes])
        now = [became(int(code)) for code in self.codes[at]]
        self.changes.cells(rule, self.rows[at], self.name, list(self.cells[at]), now)

    def replaced(self, rule: str, now: Mapping[int, str]) -> _Column:
        """Give the column with other texts in some cells, and note it."""
        if not now:
            return self
        self.note(rule, now.keys(), now.__getitem__)
        texts = np.empty(len(self.uniques), dtype=object)
        texts[:] = [now.get(i, word) for i, word in enumerate(self.uniques)]
        return _Column(self.name, texts[self.codes], self.rows, self.changes)

    def coded(self, codes: Mapping[str, str]) -> _Column:
        """Give the column with what codes stand for."""
        words = ((i, word.strip()) for i, word in enumerate(self.uniques) if codes)
        return self.replaced("coded value", {i: codes[word] for i, word in words if word in codes})

    def without_notes(self) -> _Column:
        """Give the column without the notes behind its years."""
        found = ((i, _YEAR_AND_NOTE.fullmatch(w.strip())) for i, w in enumerate(self.uniques))
        return self.replaced("note split off", {i: match[1] for i, match in found if match})

    def text(self, how: Reading) -> pd.Series[Any]:
        """Give the column as text, byte for byte; words that stand for nothing are None."""
        words = [word.strip() for word in self.uniques]
        nothing = [i for i, word in enumerate(words) if word and how.is_missing(word)]
        self.note("missing word", nothing, lambda _: "")
        hidden = [i for i, word in enumerate(words) if word in how.tokens]
        self.note("suppressed word", hidden, self.uniques.__getitem__)
        values = np.empty(len(self.uniques), dtype=object)
        values[:] = self.uniques
        values[nothing] = None
        return pd.Series(values[self.codes], name=self.name, dtype=object)

    def stays_text(self, rule: str, word: str) -> None:
        """Note that a column which looks like numbers stays text, and its first odd cell."""
        at = int(np.argmax(self.codes == self.uniques.index(word)))
        self.changes.one(rule, row=int(self.rows[at]), column=self.name, was=word, became=word)


# --- is it a column of numbers? -------------------------------------------------------------------


def _are_numbers(column: _Column, how: Reading) -> bool:
    """Tell whether every cell is a number, words that were declared aside; note a near miss."""
    told = [_is_told(word, how) for word in column.uniques]
    open_ = [word for word, known in zip(column.uniques, told, strict=True) if not known]
    if not open_:
        return False
    plain = [_without_sign(word) for word in open_]
    odd = [w for w, p in zip(open_, plain, strict=True) if not _is_number(p, how)]
    if odd:
        _note_if_most(column, odd, told)
        return False
    for word, p in zip(open_, plain, strict=True):
        if _LEADING_ZERO.fullmatch(p):
            column.stays_text("text: leading zeros", word)
            return False
        if _PLAIN.fullmatch(p) and not _fits(p):
            column.stays_text("text: numbers too long", word)
            return False
    return True


def _is_told(word: str, how: Reading) -> bool:
    plain = word.strip()
    return not plain or how.is_missing(plain) or plain in how.tokens


def _without_sign(word: str) -> str:
    return word.strip().removesuffix("%").rstrip()


def _is_number(plain: str, how: Reading) -> bool:
    comma = _THOUSANDS.fullmatch(plain) or (how.semicolons and _DECIMAL_COMMA.fullmatch(plain))
    return bool(_PLAIN.fullmatch(plain) or comma)


def _fits(plain: str) -> bool:
    """Tell whether a number is none that a float or an integer of 64 bits cannot hold."""
    number = Decimal(plain)
    whole = "." not in plain and "e" not in plain.lower()
    return abs(number) <= _LARGEST_WHOLE if whole else bool(np.isfinite(float(number)))


def _note_if_most(column: _Column, odd: list[str], told: list[bool]) -> None:
    """Note the first odd cell of a column most of whose other cells are numbers."""
    times = np.bincount(column.codes, minlength=len(column.uniques))
    wrong = {column.uniques.index(word) for word in odd}
    others = [i for i, known in enumerate(told) if not known and i not in wrong]
    if others and times[others].sum() >= times[list(wrong)].sum():
        first = min(wrong, key=lambda i: int(np.argmax(column.codes == i)))
        column.stays_text("text: other words", column.uniques[first])


# --- its numbers ----------------------------------------------------------------------------------


class _Written(NamedTuple):
    """A number as it is written: its digits, and whether a percent sign stands behind it."""

    number: Decimal
    whole: bool
    sign: bool


def _numbers(column: _Column, how: Reading) -> pd.Series[Any]:
    words = [word.strip() for word in column.uniques]
    told = np.array([_is_told(word, how) for word in words])
    hidden = np.array([word in how.tokens and not how.is_missing(word) for word in words])
    column.note("missing word", np.flatnonzero(told & ~hidden).tolist(), lambda _: "")
    plain = _without_commas(column, [i for i in range(len(words)) if not told[i]], how)
    found = {
        i: _Written(Decimal(text), "." not in text and "e" not in text.lower(), "%" in words[i])
        for i, text in plain.items()
    }
    found = _in_percent(column, found, how)
    tokens = {float(str(t)) for t in how.tokens if not isinstance(t, str)}
    as_number = [i for i, one in found.items() if tokens and float(one.number) in tokens]
    hidden[as_number] = True
    found = {i: one for i, one in found.items() if not hidden[i]}
    marked = np.flatnonzero(hidden).tolist()
    column.note("suppressed word", marked, lambda i: hidden_word(column.uniques[i]))
    return _series(column, found, hidden)


def _without_commas(column: _Column, places: list[int], how: Reading) -> dict[int, str]:
    """Take commas out of numbers, by what they are in this column."""
    plain = {i: _without_sign(column.uniques[i]) for i in places}
    if how.semicolons:
        _check_points(column, list(plain.values()))
    commas = {i: text for i, text in plain.items() if "," in text}
    if not commas:
        return plain
    decimal = how.semicolons and _are_decimal(column, list(commas.values()))
    rule = "decimal comma" if decimal else "thousands comma"
    now = {i: text.replace(",", "." if decimal else "") for i, text in commas.items()}
    column.note(rule, now.keys(), now.__getitem__)
    return plain | now


def _check_points(column: _Column, texts: list[str]) -> None:
    """Stop where points may stand between thousands, as where commas are decimal points."""
    points = [text for text in texts if "." in text]
    if points and all(_POINTS.fullmatch(text) for text in points):
        raise InputError(
            f"Column {column.name!r} holds {points[0]!r}, and semicolons separate the cells: its "
            "point may be a decimal point or stand between thousands. Save the file without "
            f"separators of thousands, or read it as text: text=[{column.name!r}]."
        )


def _are_decimal(column: _Column, texts: list[str]) -> bool:
    """Tell decimal commas from those between thousands; stop where they may be either."""
    thousands = [t for t in texts if _SURELY_THOUSANDS.fullmatch(t)]
    decimal = [t for t in texts if not _THOUSANDS.fullmatch(t)]
    if bool(thousands) != bool(decimal):
        return bool(decimal)
    raise InputError(
        f"Column {column.name!r} holds {(thousands or texts)[0]!r}"
        f"{f' and {decimal[0]!r}' if decimal else ''}, and semicolons separate the cells: its "
        "comma may be a decimal point or stand between thousands. Save the file with decimal "
        f"points and without commas in numbers, or read it as text: text=[{column.name!r}]."
    )


def _in_percent(column: _Column, found: dict[int, _Written], how: Reading) -> dict[int, _Written]:
    """Bring a column of percentages to percent, as it is declared or says by its signs."""
    signed = [i for i, one in found.items() if one.sign]
    bare = [i for i, one in found.items() if not one.sign]
    _check_percent(column, found, signed, bare, how.percent)
    column.note("percent sign", signed, lambda i: str(found[i].number))
    proportions = bare if how.percent in (1, SIGNS) else []
    now = {i: _times_100(found[i]) for i in proportions}
    column.note("percent of proportion", now.keys(), lambda i: str(now[i].number))
    return found | now


def _times_100(one: _Written) -> _Written:
    return one._replace(number=Decimal(f"{one.number.scaleb(2):f}"), whole=False)


def _check_percent(
    column: _Column, found: dict[int, _Written], signed: list[int], bare: list[int], said: object
) -> None:
    """Stop where percentages are written in more than one way, or otherwise than declared."""
    largest = max((abs(found[i].number) for i in bare), default=Decimal(0))
    ways = (
        f"percent={{{column.name!r}: 100}} where its numbers are percentages (12.5), 1 where they "
        f"are proportions (0.125), {SIGNS!r} where those with a sign are percentages and those "
        "without are proportions."
    )
    if said is None and signed and bare:
        raise InputError(
            f"Column {column.name!r} holds {column.uniques[signed[0]]!r} and "
            f"{column.uniques[bare[0]]!r}: some numbers have a percent sign, some have none. "
            f"Say what they are: {ways}"
        )
    if said is None and _SAYS_PERCENT.search(column.name) and bare and 0 < largest <= 1:
        raise InputError(
            f"Column {column.name!r} is called a percentage, and its largest number is {largest}: "
            f"it may hold proportions. Say what they are: {ways}"
        )
    if said == 1 and signed:
        raise InputError(
            f"Column {column.name!r} is declared to hold proportions, and holds "
            f"{column.uniques[signed[0]]!r}, with a percent sign. Say what its numbers are: {ways}"
        )
    if said in (1, SIGNS) and largest > 1:
        raise InputError(
            f"Column {column.name!r} is declared to hold proportions, and holds {largest}, above "
            f"1. Say what its numbers are: {ways}"
        )


def _series(column: _Column, found: Mapping[int, _Written], hidden: BoolArray) -> pd.Series[Any]:
    """Lay numbers out: whole, whole with gaps, floats, or objects among words of hidden cells."""
    whole = all(one.whole for one in found.values())
    values: npt.NDArray[np.object_] = np.empty(len(column.uniques), dtype=object)
    values[:] = [pd.NA if whole and not hidden.any() else np.nan] * len(values)
    for i, one in found.items():
        values[i] = int(one.number) if one.whole else float(one.number)
    for i in np.flatnonzero(hidden).tolist():
        values[i] = hidden_word(column.uniques[i])
    cells = values[column.codes]
    if hidden.any():
        return pd.Series(cells, name=column.name, dtype=object)
    if not whole:
        return pd.Series(cells.astype(np.float64), name=column.name)
    gaps = len(found) < len(values)
    return pd.Series(cells, name=column.name, dtype="Int64" if gaps else "int64")
