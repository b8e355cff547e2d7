"""The columns of a table of a plan, whatever their headings are called there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.errors import InputError, did_you_mean, shown
from targeted_universalism.read.frames import Frame, check_columns, column_names, opened
from targeted_universalism.read.levels import Keys
from targeted_universalism.read.plans.words import each, folded, writable
from targeted_universalism.segments.columns import PLAN

# What other plans call a column of ours; which one is meant is for the user to say.
_ELSEWHERE = {
    "barrier": "structure", "root cause": "structure", "group": "segment", "strength": "assets",
    "action": "strategy", "intervention": "strategy", "lead agency": "owner",
    "responsible": "owner", "start date": "start", "due date": "end", "end date": "end",
    "cost": "unit_cost", "budget": "amount", "funding": "amount", "people reached": "reach",
}  # fmt: skip
_NO_LABELS = pd.Index([], dtype=object)


def as_table(data: object) -> object:
    """Make a table of a list of rows; leave every other table as it is."""
    if isinstance(data, (list, tuple)) and all(isinstance(row, Mapping) for row in data):
        rows = [dict(row) for row in data]
        return pd.DataFrame(rows, columns=None if rows else ["segment"], dtype=object)
    return opened(data)


class Columns:
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
            each(keys, name, writable)
            return keys
        return Keys(np.full(len(self._frame), -1, dtype=np.int64), _NO_LABELS)

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
    words = {**{folded(one): one for one in ours}, **_ELSEWHERE}
    near = get_close_matches(folded(f"{name}").strip(), words, n=1, cutoff=0.7)
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
    names = {folded(name): name for name in known}
    found: dict[str, str] = {}
    for text in theirs:
        name = text if text in known else names.get(folded(f"{text}".strip()), text)
        if name in found:
            raise InputError(
                f"Columns {found[name]!r} and {text!r} are both read as {name!r}: keep one of them."
            )
        found[name] = text
    return found
