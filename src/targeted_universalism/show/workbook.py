"""A workbook for people who read tables in Excel: numbers as numbers, text never a formula."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import FLAG_WORDS, Answer
from targeted_universalism.answer.goals import goals_table
from targeted_universalism.errors import InputError, check_path
from targeted_universalism.measures.reliability import RULES
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.columns import WORKBOOK
from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.choices import choice_sentences
from targeted_universalism.show.hidden import hidden_words
from targeted_universalism.show.nouns import shared_noun
from targeted_universalism.show.sentences import describe
from targeted_universalism.show.sheets import Sheet, write_book

MOST_ROWS = 1_048_575  # what a sheet holds below its headings
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
    code = answer.frame(WORKBOOK, {"annotation": annotation_codes(answer)})["annotation"]
    goals = goals_table(answer.goals, answer.segments.strata.indicators)
    choices = pd.DataFrame(
        choice_sentences(answer), columns=["choice", "about", "in words"], dtype=object
    )
    notes = pd.DataFrame(_notes(answer), columns=["about", "note"], dtype=object)
    sheets = (
        Sheet(name="table", columns=answer.table().assign(annotation=code), width=14),
        Sheet(name="goals", columns=goals, width=24),
        Sheet(name="choices", columns=choices, width=32, wrapped=True),
        Sheet(name="notes", columns=notes, width=32, wrapped=True),
    )
    write_book(sheets, _NAME, place)


def _notes(answer: Answer) -> Iterator[tuple[str, str]]:
    """Say what the table says, how to read it, and what is hidden."""
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
