"""Text of labels: what a value is called, and the words that are ours."""

from __future__ import annotations

import datetime
from decimal import Decimal
from numbers import Integral, Real

import numpy as np
import pandas as pd

ALL = "All"
UNKNOWN = "Unknown"
TIMES = " × "


def label(value: object) -> str:
    """Text of a label: whole numbers without their .0, so that 1 and 1.0 are one segment.

    Examples
    --------
    >>> label(1.0), label("Two or more"), label(True)
    ('1', 'Two or more', 'True')

    """
    if isinstance(value, str):
        return value
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


def label_set(value: object) -> set[str]:
    """Text of one label, or of each in a list, tuple or set.

    Examples
    --------
    >>> label_set(2022.0), sorted(label_set(["Inyo", 2022]))
    ({'2022'}, ['2022', 'Inyo'])

    """
    return {label(one) for one in (value if isinstance(value, (list, tuple, set)) else [value])}
