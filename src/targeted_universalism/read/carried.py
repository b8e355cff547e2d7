"""What was said of hidden cells when a table was read goes with the table to who counts it.

A data frame of pandas keeps it in its ``attrs``, which get lost where two are put together. Every
hidden cell is then still a word, and no number: whoever reads it asks what it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from targeted_universalism.read.numerals import Tokens, bounds_of_words

_KEY = "targeted_universalism"


def carry(frame: pd.DataFrame, tokens: Mapping[str, Tokens]) -> None:
    """Put into a frame what its hidden cells stand for.

    Parameters
    ----------
    frame : DataFrame
        Just read.
    tokens : mapping of str to Tokens
        What was declared of each of its columns.
    """
    found = {name: bounds_of_words(_words(frame[name]), tokens[name]) for name in tokens}
    suppressed = {
        name: {w: [*b] for w, b in words.items()} for name, words in found.items() if words
    }
    if suppressed:
        frame.attrs[_KEY] = {"suppressed": suppressed}


def carried(
    data: object, columns: Sequence[str], suppressed: Mapping[Any, Any] | None
) -> Mapping[Any, Any] | None:
    """Give what is said of hidden cells, or was said when the table was read.

    Parameters
    ----------
    data : data frame
    columns : sequence of str
        The columns of numbers that are used.
    suppressed : mapping, optional
        What is said now: if anything is, nothing else counts.
    """
    if suppressed is not None or not isinstance(data, pd.DataFrame):
        return suppressed
    kept = data.attrs.get(_KEY)
    said = kept.get("suppressed") if isinstance(kept, Mapping) else None
    if not isinstance(said, Mapping):
        return None
    return {name: said[name] for name in columns if name in said} or None


def _words(series: pd.Series[Any]) -> list[str]:
    if series.dtype != object:
        return []
    return [word for word in series.unique() if isinstance(word, str)]
