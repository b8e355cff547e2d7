"""What reading a file changed: a log of every change, countable row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism._typing import IntArray
from targeted_universalism.segments.columns import READING

Texts = npt.NDArray[np.object_]
Row = int | None

# Every rule, in the order of reading, with what it says. Rows of the file are rows of the frame
# and rows that a rule which begins with LEFT_OUT names, each once.
LEFT_OUT = "left out: "
RULES: Mapping[str, str] = {
    "code page": "the file is not plain UTF-8: its text was read as named",
    "separator": "cells are separated by something else than commas",
    "sheet": "the sheet of the workbook that was read",
    "preset": "the shape of file that was asked for, and who publishes it",
    "error value": "Excel could not compute the cell, and it is read as an empty one",
    "formula without value": "the formula was never computed, and is read as an empty cell",
    "left out: heading": "the row names the columns",
    "left out: title": "a row above the heading with nothing but one text",
    "left out: labels": "the row says in words what the names above it mean",
    "left out: blank row": "no cell of the row holds anything",
    "left out: heading again": "the row repeats the heading",
    "left out: note": "a row below the table with nothing but one text",
    "column left out": "it has no name, and none of its cells holds anything",
    "column without name": "it is named by its place, counting from 1",
    "column named twice": "a number was added to its name",
    "name in several lines": "its name stands in several rows, which were joined",
    "blanks in name": "blanks around the name, or several in a row, were taken out",
    "wide to long": "the column's cells became rows of their own",
    "coded value": "a code of the publisher's became what it stands for",
    "missing word": "the cell became missing",
    "suppressed word": "the cell is hidden, and keeps its word for suppressed= of the constructors",
    "thousands comma": "commas between thousands were taken out",
    "decimal comma": "the comma became a decimal point",
    "percent sign": "the sign was taken off; the number is in percent",
    "percent of proportion": "a proportion was multiplied by 100; the number is in percent",
    "note split off": "a note behind a year was taken off",
    "text: leading zeros": "the column holds codes such as 01, and stays text",
    "text: numbers too long": "no integer of 64 bits holds one of its numbers, and it stays text",
    "text: other words": "most of its cells are numbers, but not all, and it stays text",
}


class Changes:
    """A log that grows while a file is read."""

    def __init__(self) -> None:
        self._parts: list[tuple[Any, str, Sequence[str], Sequence[str], str]] = []

    def one(
        self, rule: str, *, row: Row = None, column: str = "", was: str = "", became: str = ""
    ) -> None:
        """Note one change: of a cell, a row, a column or the whole file."""
        self._parts.append(([row], column, [was], [became], rule))

    def cells(
        self, rule: str, rows: IntArray, column: str, was: Sequence[str], became: Sequence[str]
    ) -> None:
        """Note the change of some cells of one column, whose rows in the file are `rows`."""
        if len(rows):
            self._parts.append((rows, column, was, became, rule))

    def said(self, rule: str) -> str:
        """Give the words that one rule has taken out so far."""
        return "\n".join(text for *_, was, _, known in self._parts if known == rule for text in was)

    def table(self) -> pd.DataFrame:
        """Give the log as a table: one row for each change."""
        sizes = [len(rows) for rows, *_ in self._parts]
        every = {
            "row": pd.array([r for rows, *_ in self._parts for r in rows], dtype="Int64"),
            "column": np.repeat(_texts([p[1] for p in self._parts]), sizes),
            "was": _texts([text for p in self._parts for text in p[2]]),
            "became": _texts([text for p in self._parts for text in p[3]]),
            "rule": pd.Categorical(
                np.repeat(_texts([p[4] for p in self._parts]), sizes), categories=list(RULES)
            ),
        }
        found = pd.DataFrame({name: pd.Series(every[name]) for name in READING.names})
        return found.astype(dict.fromkeys(("column", "was", "became"), object))


def _texts(values: Sequence[str]) -> Texts:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
