"""Cells as numbers: what is plain, what stands for a hidden one, what is too large."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import InputError, shown
from targeted_universalism.read.levels import factorized

Bounds = tuple[float, float]
Tokens = Mapping[object, Bounds]
PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WRITTEN = re.compile(r"[^\w<>≤≥]*\d[\d.,\s'_]*\D{0,3}")
LARGEST_WHOLE = 2.0**53
LARGEST_SQUARED = 1e150
_STANDS = " (hidden)"


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers.

    Parameters
    ----------
    value : (n,) array
        NaN where missing or hidden.
    hidden : (n,) array of bool
        Where the input holds a token such as "<11".
    low, high : (n,) array
        The bounds of hidden cells, the value itself elsewhere.
    """

    value: FloatArray
    hidden: BoolArray
    low: FloatArray
    high: FloatArray


def numbers_of(
    name: str, series: pd.Series[Any], tokens: Tokens | None, counts: bool, before: int
) -> Numbers:
    """Read a column of any type as numbers; `before` counts the rows before it, for messages."""
    for kind, word in (("M", "dates"), ("m", "lengths of time"), ("c", "complex numbers")):
        if series.dtype.kind == kind:
            raise InputError(f"Column {name!r} holds {word}, not numbers.")
    read = _numeric(tokens or {})
    if pd.api.types.is_numeric_dtype(series.dtype) and not _is_decimal(series):
        value = series.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        if not read:
            return nothing_hidden(name, value, counts, before)
        hidden, low, high = _numeric_tokens(value, read)
    else:
        value, hidden, low, high = _from_objects(name, series, tokens, before)
    _check_size(name, value, counts, before)
    return Numbers(
        np.where(hidden, np.nan, value),
        hidden,
        np.where(hidden, low, value),
        np.where(hidden, high, value),
    )


def first_rows(mask: BoolArray, most: int = 3) -> IntArray:
    """Positions of the first rows where `mask` holds, for a message."""
    return np.flatnonzero(mask)[:most]


def first_below_0(value: FloatArray) -> int | None:
    """Position of the first number that is no size, below 0 or infinite; None where all are.

    What is missing passes. Where nothing is wrong, nothing is written.
    """
    if np.fmin.reduce(value, initial=0.0) >= 0 and np.fmax.reduce(value, initial=0.0) < np.inf:
        return None
    return int(first_rows((value < 0) | np.isinf(value))[0])


def _numeric_tokens(value: FloatArray, tokens: Tokens) -> tuple[BoolArray, FloatArray, FloatArray]:
    hidden: BoolArray = np.zeros(value.shape, dtype=np.bool_)
    low, high = value.copy(), value.copy()
    for token, (least, most) in tokens.items():
        if isinstance(token, Real):
            here = value == float(token)
            hidden |= here
            low[here], high[here] = least, most
    return hidden, low, high


def _numeric(tokens: Tokens) -> Tokens:
    """Give the tokens that are numbers, also where they were written as text."""
    return {
        float(str(token)): bounds
        for token, bounds in tokens.items()
        if isinstance(token, Real) or PLAIN_NUMBER.fullmatch(str(token).strip())
    }


def hidden_word(word: str) -> str:
    """Give what stands in a cell that is hidden: no number, whatever its word was.

    Examples
    --------
    >>> hidden_word("<11"), hidden_word("0")
    ('<11', '0 (hidden)')

    """
    return f"{word}{_STANDS}" if PLAIN_NUMBER.fullmatch(word.strip()) else word


def bounds_of_words(words: Iterable[object], tokens: Tokens) -> dict[str, Bounds]:
    """Give the bounds of those words that stand for hidden cells, by what was declared."""
    text = {str(k).strip(): v for k, v in tokens.items() if isinstance(k, str)}
    numeric = _numeric(tokens)
    found = {}
    for word in words:
        plain = word.strip() if isinstance(word, str) else ""
        number = plain.removesuffix(_STANDS)
        if plain in text:
            found[str(word)] = text[plain]
        elif number != plain and PLAIN_NUMBER.fullmatch(number) and float(number) in numeric:
            found[str(word)] = numeric[float(number)]
    return found


def _from_objects(
    name: str, series: pd.Series[Any], tokens: Tokens | None, before: int
) -> tuple[FloatArray, BoolArray, FloatArray, FloatArray]:
    """Text and mixed columns: plain numbers and declared tokens, nothing else."""
    try:
        codes, uniques = factorized(series.to_numpy(dtype=object))
    except TypeError as error:
        raise InputError(f"Column {name!r} holds a value that is no number: {error}.") from None
    text = bounds_of_words(uniques, tokens or {})
    parsed = np.full(len(uniques) + 1, np.nan)
    bounds: dict[int, Bounds] = {}
    for i, raw in enumerate(uniques):
        word = raw.strip() if isinstance(raw, str) else raw
        if isinstance(raw, str) and raw in text:
            bounds[i] = text[raw]
        else:
            parsed[i] = _number(name, word, raw, before + int(np.argmax(codes == i)), tokens)
    value = parsed[codes]
    hidden, low, high = _numeric_tokens(value, _numeric(tokens or {}))
    for i, (least, most) in bounds.items():
        here = codes == i
        hidden |= here
        low[here], high[here] = least, most
    return value, hidden, low, high


def _number(name: str, word: object, raw: object, row: int, tokens: Tokens | None) -> float:
    if isinstance(word, (Real, Decimal)):
        return _as_float(name, word, row)
    if isinstance(word, str):
        if not word:
            return math.nan
        if PLAIN_NUMBER.fullmatch(word):
            return float(word)
    found = f"Column {name!r} holds {raw!r} in data row {row} (counting from 0), which is"
    written = isinstance(word, str) and _WRITTEN.fullmatch(word)
    plain = "Write numbers without separators, units or signs such as %"
    if tokens is None:
        remedy = plain if written else "Map words to numbers (1 and 0 where it is yes or no)"
        raise InputError(
            f"{found} no plain number. {remedy}, and leave out the rows, or the value empty, "
            "where nothing is known."
        )
    declared = f" Declared tokens: {', '.join(map(repr, tokens))}." if tokens else ""
    remedy = (
        f"{plain}; suppressed= is for the words of hidden cells."
        if written
        else f"If it stands for a hidden cell, declare it: suppressed={{{raw!r}: (1, 10)}}."
    )
    raise InputError(f"{found} neither a plain number nor a declared token.{declared} {remedy}")


def _as_float(name: str, number: Real | Decimal, row: int) -> float:
    """Give a number as a float, or stop where none is that large."""
    try:
        return float(number)
    except OverflowError:
        raise InputError(
            f"Column {name!r} holds {shown(number)} in data row {row} (counting from 0), which is "
            "larger than a float can be. Check the column's unit."
        ) from None


def nothing_hidden(name: str, value: FloatArray, counts: bool, before: int) -> Numbers:
    """Give numbers none of which stands for a hidden cell, unless one of them is too large."""
    _check_size(name, value, counts, before)
    return Numbers(value, np.zeros(value.shape, dtype=np.bool_), value, value)


def _check_size(name: str, value: FloatArray, counts: bool, before: int) -> None:
    """Stop at numbers that floats cannot count with, or whose squares they cannot hold."""
    most = LARGEST_WHOLE if counts else LARGEST_SQUARED
    if max(np.fmax.reduce(value, initial=0.0), -np.fmin.reduce(value, initial=0.0)) <= most:
        return
    large = (np.abs(value) > most) & np.isfinite(value)
    if large.any():
        row = int(first_rows(large)[0])
        why = (
            "2⁵³, where a float no longer counts whole people"
            if counts
            else "10¹⁵⁰, where a float no longer holds squares"
        )
        raise InputError(
            f"Column {name!r} holds {value[row]:.6g} in data row {before + row} (counting from 0), "
            f"above {why}. Check the column's unit."
        )


def _is_decimal(series: pd.Series[Any]) -> bool:
    return "decimal" in str(series.dtype)
