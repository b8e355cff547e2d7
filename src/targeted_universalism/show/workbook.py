"""A workbook for people who read tables in Excel: numbers as numbers, text never a formula."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter import Workbook

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import FLAG_WORDS, Answer, goals_table
from targeted_universalism.errors import InputError, check_path
from targeted_universalism.labels import label
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.columns import WORKBOOK
from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.choices import choice_sentences
from targeted_universalism.show.hidden import hidden_words
from targeted_universalism.show.letters import held_by_xml
from targeted_universalism.show.nouns import shared_noun
from targeted_universalism.show.sentences import describe

MOST_ROWS = 1_048_575  # what a sheet holds below its headings
MOST_CHARACTERS = 32_767  # what a cell holds
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "#")
_NO_TIME = dt.datetime(1980, 1, 1)  # the time of the parts in the file, too
_FIRST_DAY = dt.datetime(1900, 3, 1)  # those before it, Excel counts in a calendar of its own
_MOST_WHOLE = 10**15  # Excel keeps fifteen digits
_LOOKS: dict[str, dict[str, object]] = {
    "": {},
    "bold": {"bold": True},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "day": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss"},
}
_NAME = "targeted_universalism"

# Annotation codes of the CalHHS Open Data Portal. Small numbers (1) and complementary cells (2)
# are not told apart: to name a complement would give its neighbour away.
_ANNOTATIONS = (
    (0, "nothing to note"),
    (1, "hidden: small numbers, or to protect others that are (in print: S or *). Code 2, for the "
        "second alone, is not used: which of the two it is would give others away"),
    (3, "no data"),
    (4, "statistically unstable"),
    (5, "incomplete: strata without a row are not in the sum"),
)  # fmt: skip
_READ = (
    ("rate, ci_low, ci_high, goal, gap", "in units of per"),
    ("gap", "the distance still to go: positive is short of the goal, negative is past it"),
    ("needed", "the fewest {people} or events whose outcome must change to reach the goal; the "
               "total's is its own, not the sum"),
    ("needed_low, needed_high", "the range that goes with the interval; for a row hidden in the "
                                "data, the range over every count that it may hold"),
    ("status", "what needs attention is a gap above 0, whether or not the interval holds the goal"),
    ("empty cell", "missing, which is not zero: reason says why"),
)  # fmt: skip


def to_excel(answer: Answer, path: str | Path) -> Path:
    """Write a workbook: the table, the goals, every choice, and notes on how to read them.

    Parameters
    ----------
    path : str or Path
        Where to write it, ending in ``.xlsx``; its folder must exist.

    Returns
    -------
    Path
        The file: the same bytes for the same assessment.

    Raises
    ------
    InputError
        If the path does not fit, or the table is longer than a sheet.

    Notes
    -----
    Sheet ``table`` is :attr:`Assessment.table`, to sixteen digits, with one column more:
    ``annotation``, the code of the CalHHS Open Data Portal (1 hidden, 3 no data, 4 statistically
    unstable, 5 incomplete, 0 nothing). Numbers are numbers; text is never a formula. A public
    assessment writes only what is public.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 30], "n": [90, 70]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = tu.assess(s, tu.Goal.at_least(0.5)).to_excel(pathlib.Path(folder) / "a.xlsx")
    ...     pd.read_excel(path, engine="calamine")["needed"].tolist()
    [10, 5, 5]

    """
    path = check_path("path", path)
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path.name!r} must end in .xlsx, which says what is in it.")
    rows = int(answer.seen.sum())
    if rows > MOST_ROWS:
        raise InputError(
            f"{rows:,} rows are more than a sheet of Excel holds ({MOST_ROWS:,}): keep some with "
            "a.where(…), or write a.table with pandas."
        )
    return write_whole(path, lambda place: _write(answer, place))


def annotation_codes(answer: Answer) -> IntArray:
    """Give every row its CalHHS code: 1 hidden, 3 no data, 4 unstable, 5 incomplete, else 0."""
    code = np.where(answer.reason.any_of(Reason.STRATA_WITHOUT_ROW), 5, 0)
    for word, number in (("unreliable", 4), ("no data", 3), ("suppressed", 1)):
        code[answer.flag == FLAG_WORDS.index(word)] = number
    return code.astype(np.int64)


def _write(answer: Answer, place: Path) -> None:
    """Write the workbook row by row: what is written is no longer in memory."""
    code = answer.frame(WORKBOOK, {"annotation": annotation_codes(answer)})["annotation"]
    goals = goals_table(answer.goals, answer.segments.strata.indicators)
    whole = BytesIO()
    with Workbook(whole, {"constant_memory": True}) as book:
        book.set_properties({"author": _NAME, "created": _NO_TIME})
        sheets = _Sheets(book)
        sheets.add("table", _frame_rows(answer.table().assign(annotation=code)), 14)
        sheets.add("goals", _frame_rows(goals), 24)
        choices = [("choice", "about", "in words"), *choice_sentences(answer)]
        sheets.add("choices", choices, 32, wrapped=True)
        sheets.add("notes", _notes(answer), 32, wrapped=True)
    place.write_bytes(whole.getvalue())  # XlsxWriter has an error of its own for a full disk


def _notes(answer: Answer) -> Iterator[tuple[Any, ...]]:
    """Say what the table says, how to read it, and what is hidden."""
    yield "about", "note"
    for sentence in describe(answer).split("\n"):
        yield "summary", sentence
    for name, note in _READ:
        yield name, note.format(people=shared_noun(answer))
    for code, meaning in _ANNOTATIONS:
        yield f"annotation {code}", meaning
    yield "annotation", "codes of the California Health and Human Services Open Data Portal"
    for paragraph in hidden_words(answer):
        yield "hidden", paragraph
    rule = answer.options.reliability
    if rule is not None:
        yield "flag unreliable", f"{RULES[rule].says} ({RULES[rule].source})"


# --- cells ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Sheets:
    """The sheets of a workbook; what a text and a look became is kept for the cells after it."""

    book: Workbook
    texts: dict[str, tuple[str, bool]] = field(default_factory=dict)
    looks: dict[tuple[str, bool], Any] = field(default_factory=dict)

    def add(
        self, name: str, rows: Iterable[Sequence[Any]], width: int, wrapped: bool = False
    ) -> None:
        """Add a sheet: headings, then rows."""
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        numbers = {
            float: sheet.write_number, int: sheet.write_number, bool: sheet.write_boolean
        }  # fmt: skip
        lines = iter(rows)
        heads = next(lines)
        sheet.set_column(0, len(heads) - 1, 100 if wrapped else width)
        sheet.set_column(0, 0, width)
        for column, head in enumerate(heads):
            self._text(sheet, 0, column, head, "bold")
        look = "wrapped" if wrapped else ""
        for row, line in enumerate(lines, start=1):
            for column, value in enumerate(line):
                write = numbers.get(type(value))
                if write is not None:
                    write(row, column, value)
                elif isinstance(value, str):
                    self._text(sheet, row, column, value, look)
                elif value is not None:
                    when = "day" if value.time() == dt.time() else "moment"
                    sheet.write_datetime(row, column, value, self._look(when))

    def _text(self, sheet: Any, row: int, column: int, text: str, look: str) -> None:
        """Write text that no program reads as a formula, whatever it begins with."""
        if text not in self.texts:
            self.texts[text] = _fitting(held_by_xml(text)), text.startswith(_FORMULA)
        text, quoted = self.texts[text]
        looks = self._look(look, quoted)
        if text.startswith("<r>") and text.endswith("</r>"):  # XlsxWriter would take it for XML
            parts = (text[:1], self.book.add_format(), text[1:], *([looks] if looks else []))
            sheet.write_rich_string(row, column, *parts)
        else:
            sheet.write_string(row, column, text, looks)

    def _look(self, look: str, quoted: bool = False) -> Any:
        """Give the look of a cell, one for all cells that look alike; none for plain ones."""
        key = look, quoted
        if key not in self.looks:
            said = {**_LOOKS[look], **({"quote_prefix": True} if quoted else {})}
            self.looks[key] = self.book.add_format(said) if said else None
        return self.looks[key]


def _fitting(text: str) -> str:
    """Cut what a cell cannot hold: Excel counts a character beyond 16 bits as two."""
    if len(text) <= MOST_CHARACTERS // 2:
        return text
    return text.encode("utf-16-le")[: 2 * MOST_CHARACTERS].decode("utf-16-le", "ignore")


def _frame_rows(frame: pd.DataFrame) -> Iterator[Sequence[Any]]:
    yield [str(name) for name in frame.columns]
    yield from zip(*(_plain(frame[name]) for name in frame.columns), strict=True)


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Give plain Python values: numbers, text, times; None where missing."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = column.dt.tz_localize(None)
    values = column.astype(object)
    return [_held(value) for value in values.where(column.notna(), None)]


def _held(value: Any) -> Any:
    """Give a value as itself where Excel holds it, as text where it would be another one there."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value if abs(value) < _MOST_WHOLE else label(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else label(value)
    if isinstance(value, pd.Timestamp) and value >= _FIRST_DAY:
        return value.to_pydatetime(warn=False)
    return label(value)
