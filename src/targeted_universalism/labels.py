"""Text of labels: what a value is called, and the words that are ours."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

ALL = "All"
UNKNOWN = "Unknown"
TIMES = " × "


def label(value: object) -> str:
    """Text of a label, the same for all that read alike.

    Blanks of any kind around a text are left out, and runs of them inside are one blank. Whole
    numbers are written without their .0, so that 1 and 1.0 are one segment.

    Examples
    --------
    >>> label(1.0), label(" Two or\u00a0 more "), label(True)
    ('1', 'Two or more', 'True')

    """
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (Real, Decimal)):
        return _digits(value)
    if isinstance(value, (datetime.date, pd.Timestamp)):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)


def _digits(number: Real | Decimal) -> str:
    """Write a number as short as it can be, with all its digits."""
    if isinstance(number, Integral):
        return str(int(number))
    if isinstance(number, Decimal) and number.is_finite():
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    whole = isinstance(number, Real) and float(number).is_integer()
    return str(int(float(number))) if whole else str(number)


def levels_of(values: Iterable[object]) -> pd.Index[Any]:
    r"""Make an index of levels, of their own type; texts that Arrow cannot hold stay objects.

    Examples
    --------
    >>> levels_of([2021, 2022]).dtype, levels_of(["half of a letter: \ud800"]).dtype
    (dtype('int64'), dtype('O'))

    """
    listed = list(values)
    try:
        return pd.Index(listed)
    except UnicodeEncodeError:  # a lone surrogate, where pandas holds texts in Arrow
        return pd.Index(listed, dtype=object)


def is_blank(value: object) -> bool:
    """Tell whether a value is no label: None, NaN, or a text of nothing but blanks.

    Examples
    --------
    >>> is_blank(None), is_blank(float("nan")), is_blank("\u00a0"), is_blank(0)
    (True, True, True, False)

    """
    if isinstance(value, str):
        return not value or value.isspace()
    if isinstance(value, Decimal):  # pandas does not take one that signals
        return value.is_nan()
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))  # type: ignore[call-overload]


def label_or_blank(value: object) -> str:
    """Text of a label, empty where the value is none.

    Examples
    --------
    >>> label_or_blank(None), label_or_blank("All students ")
    ('', 'All students')

    """
    return "" if is_blank(value) else label(value)


def label_set(value: object) -> set[str]:
    """Text of one label, or of each in a list, tuple, set or array; empty for a missing label.

    Examples
    --------
    >>> label_set(2022.0), sorted(label_set(["Inyo", 2022]))
    ({'2022'}, ['2022', 'Inyo'])

    """
    several = pd.api.types.is_list_like(value)
    return {label_or_blank(one) for one in (value if several else [value])}  # type: ignore[attr-defined]
