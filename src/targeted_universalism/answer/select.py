"""Keep some strata and dimensions of an answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from targeted_universalism._typing import BoolArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import label
from targeted_universalism.segments.strata import Strata


def where(answer: Answer, wanted: Mapping[str, object] | None = None, /, **named: object) -> Answer:
    """Keep some strata or dimensions: ``a.where(county="Inyo", dimension="race")``.

    Parameters
    ----------
    wanted : mapping, optional
        Wanted values by column, for columns whose names are no Python names.
    **named
        A value or a list of values for a `by` column, ``indicator`` or ``dimension``.

    Returns
    -------
    Assessment
        The total stays in every stratum that is kept.

    Raises
    ------
    InputError
        If a column or a value is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"county": ["Inyo", "Mono"], "race": "A", "x": 3, "n": [9, 8]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="county")
    >>> tu.assess(s, tu.Goal.at_least(0.5)).where(county="Mono").table["needed"].tolist()
    [1, 1]

    """
    wanted = {**(wanted or {}), **named}
    strata = answer.segments.strata
    kept = np.ones(len(strata), dtype=np.bool_)
    rows = np.ones(len(answer.labels), dtype=np.bool_)
    for column, value in wanted.items():
        values = {label(v) for v in (value if isinstance(value, (list, tuple, set)) else [value])}
        if column == "dimension":
            rows = _rows(answer, values)
        else:
            kept &= _strata(strata, column, values)
    if not kept.any():
        raise InputError(f"No stratum has {wanted!r} together.")
    return answer.take(np.flatnonzero(kept), rows)


def _rows(answer: Answer, wanted: set[str]) -> BoolArray:
    names = [d.name for d in answer.dimensions]
    for name in wanted - set(names):
        raise InputError(f"There is no dimension {name!r}. {did_you_mean(name, names[1:])}")
    return np.isin(answer.dimension_of, [0, *(names.index(name) for name in wanted)])


def _strata(strata: Strata, column: str, wanted: set[str]) -> BoolArray:
    if column == "indicator" and strata.indicator_name is not None:
        labels, codes = list(strata.indicators), strata.indicator
    elif column in strata.names:
        row = strata.names.index(column)
        labels, codes = [label(v) for v in strata.levels[row]], strata.codes[row]
    else:
        columns = [*strata.names, "dimension"]
        raise InputError(f"There is no column {column!r} in by=. {did_you_mean(column, columns)}")
    for value in wanted - set(labels):
        raise InputError(f"Column {column!r} holds no {value!r}. {did_you_mean(value, labels)}")
    return np.isin(codes, [i for i, text in enumerate(labels) if text in wanted])
