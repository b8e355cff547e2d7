"""Choices on record: mappings that nobody writes to, of values that any program can read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, NoReturn

import numpy as np

from targeted_universalism.labels import label


class Choices(dict[str, Any]):
    """A mapping that cannot be written to; it pickles, copies and dumps as strict JSON.

    Examples
    --------
    >>> choices = Choices({"kind": "proportion"})
    >>> choices["kind"] = "rate"
    Traceback (most recent call last):
    TypeError: Choices are on record and cannot be written to: dict(choices) is a copy.

    """

    def __reduce__(self) -> tuple[type[Choices], tuple[dict[str, Any]]]:
        return Choices, (dict(self),)

    def _refused(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("Choices are on record and cannot be written to: dict(choices) is a copy.")

    __setitem__ = __delitem__ = __ior__ = _refused
    clear = pop = popitem = setdefault = update = _refused


def recorded(values: Mapping[Any, object]) -> Choices:
    """Put values on record, each made :func:`plain`; keys are text or whole numbers.

    Examples
    --------
    >>> import json
    >>> choices = recorded({"kind": "proportion", "suppressed": {"*": (0.0, float("inf"))}})
    >>> json.dumps(choices, allow_nan=False)
    '{"kind": "proportion", "suppressed": {"*": [0.0, null]}}'

    """
    return Choices({_key(key): plain(value) for key, value in values.items()})


def plain(value: object) -> Any:
    """Give numbers, text, None, and tuples and mappings of them; limits without end are None.

    Examples
    --------
    >>> plain({"bounds": (np.int64(1), np.inf), "share": Fraction(1, 3)})
    {'bounds': (1, None), 'share': 0.3333333333333333}

    """
    if isinstance(value, Mapping):
        return recorded(value)
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(plain(each) for each in value)
    if isinstance(value, (set, frozenset)):
        return tuple(sorted((plain(each) for each in value), key=str))
    if value is None or isinstance(value, (str, bool)):
        return value
    return _scalar(value)


def _scalar(value: object) -> Any:
    """Give one plain value."""
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, (Real, Decimal, Fraction)):
        number = float(value)
        return number if math.isfinite(number) else None
    return label(value)


def _key(key: Any) -> Any:
    number = isinstance(key, Integral) and not isinstance(key, (bool, np.bool_))
    return int(key) if number else key if isinstance(key, str) else label(key)
