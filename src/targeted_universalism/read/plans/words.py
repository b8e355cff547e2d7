"""Words of a plan, read however they are written: levels, grades of evidence, dates."""

from __future__ import annotations

import datetime
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from targeted_universalism._typing import FloatArray
from targeted_universalism.errors import InputError, did_you_mean, is_writable
from targeted_universalism.read.levels import Keys

LEVELS = ("service", "program", "system")
IV_E, CEBC, COMMUNITY = "Title IV-E", "CEBC", "community-defined"
SCALES: Mapping[str, tuple[str, ...]] = {
    IV_E: ("well-supported", "supported", "promising", "does not currently meet criteria"),
    CEBC: ("1", "2", "3", "4", "5", "NR"),
    COMMUNITY: (),
}
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]\d{2}:.*)?)?)?")

_Read = TypeVar("_Read")


def place_of(name: str, text: str, row: int) -> str:
    """Say where a value stands, as the beginning of a message."""
    return f"Column {name!r} holds {text!r} in data row {row} (counting from 0)"


def folded(text: str) -> str:
    """Give a text that is the same however a word is written: case, blanks, hyphens."""
    return re.sub(r"[\s_-]+", " ", text.casefold())


def each(keys: Keys, name: str, read: Callable[[str, str], _Read]) -> list[_Read]:
    """Read every label once; what is said of it names the first row that has it."""
    return [
        read(text, place_of(name, text, int(np.argmax(keys.codes == i))))
        for i, text in enumerate(keys.labels)
    ]


def writable(text: str, place: str) -> str:
    """Stop at half a character, which no file and no page can hold."""
    if not is_writable(text):
        raise InputError(f"{place}, which is broken text: type it again.")
    return text


def renamed(keys: Keys, name: str, read: Callable[[str, str], str]) -> Keys:
    """Give labels the words that they are read as; those that read alike become one."""
    return _worded(np.array([*each(keys, name, read), ""], dtype=object)[keys.codes])


def _worded(texts: Iterable[str]) -> Keys:
    """Code words, the empty one as missing."""
    codes, levels = pd.factorize(np.array([text or None for text in texts], dtype=object))
    return Keys(np.asarray(codes, dtype=np.int64), pd.Index(levels, dtype=object))


def one_of(options: Sequence[str], what: str) -> Callable[[str, str], str]:
    """Find a word among those that are known, however it is written."""
    known = {folded(option): option for option in options}

    def read(text: str, place: str) -> str:
        if folded(text) in known:
            return known[folded(text)]
        raise InputError(f"{place}, which is not {what}. {did_you_mean(text, options)}")

    return read


def evidence(grade: Keys, scale: Keys) -> tuple[Keys, Keys]:
    """Read grades, each with its scale: the one that is named, else the one that has the grade."""
    named = renamed(scale, "evidence_scale", one_of(list(SCALES), "a scale"))
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
    if not scale and folded(grade) == folded(COMMUNITY):
        return COMMUNITY, COMMUNITY
    grades = {
        folded(known): (known, name)
        for name, all_of_it in SCALES.items()
        for known in all_of_it
        if scale in ("", name)
    }
    if folded(grade) in grades:
        return grades[folded(grade)]
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


def dates(keys: Keys, name: str) -> tuple[Keys, FloatArray, FloatArray]:
    """Read dates: how they are written, and the first and last day that is meant."""
    read = each(keys, name, _date)
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
