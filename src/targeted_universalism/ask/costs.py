"""What one more person costs, and other money by segment: checked here, once for every question.

Shared by the rooms that ask about money.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from targeted_universalism._typing import FloatArray, Number
from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import (
    InputError,
    did_you_mean,
    is_finite,
    shown,
    some_of,
)
from targeted_universalism.labels import label

Costs: TypeAlias = "Number | Mapping[Any, Number] | pd.Series[Any] | None"
_MOST_NAMED = 5


def unit_costs(answer: Answer, cost: Costs, default_cost: Number | None) -> FloatArray:
    """Give what it costs to reach one more person of every row.

    Parameters
    ----------
    answer : Answer
        Whose segments are meant.
    cost : number or mapping of segment to number, optional
        One cost for everybody, or one for each segment, in every dimension that has it; labels are
        matched as they read.
    default_cost : number, optional
        The cost of every row that the mapping does not name, the total and Unknown among them.

    Returns
    -------
    (rows,) array
        Costs above 0; missing where none was given: in dimensions of which no segment is named,
        and for a total or an Unknown that is not named.

    Raises
    ------
    InputError
        If a cost is no number above 0, if a segment is not there, or if a dimension has costs for
        some of its segments and not for the others.
    """
    if default_cost is not None:
        check_amount("default_cost", default_cost)
    if cost is not None and not isinstance(cost, (Mapping, pd.Series)):
        check_amount("cost", cost, "one cost for everybody, or a mapping of segment to cost")
        if default_cost is not None:
            raise InputError(
                f"cost={shown(cost)} is for everybody, which leaves nobody for default_cost=: "
                "leave one of them out."
            )
        return np.full(len(answer.labels), float(cost))
    named = {} if cost is None else by_segment(answer, "cost", cost)
    other = np.nan if default_cost is None else float(default_cost)
    costs = np.array([named.get(text, other) for text in answer.labels], dtype=np.float64)
    _check_complete(answer, named, costs)
    return costs


def by_segment(
    answer: Answer,
    parameter: str,
    given: Mapping[Any, Number] | pd.Series[Any],
    *,
    zero: bool = False,
) -> dict[str, float]:
    """Give the amounts of a mapping by the labels of segments.

    Parameters
    ----------
    answer : Answer
        Whose segments are meant.
    parameter : str
        What the mapping is called in the call, for messages.
    given : mapping or Series of segment to number
        Amounts; labels are matched as they read.
    zero : bool
        Whether an amount may be 0.

    Returns
    -------
    dict of str to float
        By label, as `answer.labels` has it.

    Raises
    ------
    InputError
        If a segment is not there or is named twice, or an amount is no such number.
    """
    there = dict.fromkeys(answer.labels)
    found: dict[str, float] = {}
    for key, amount in given.items():
        text = label(key)
        if text not in there:
            raise InputError(
                f"{parameter}= names {shown(key)}, which is no segment. {did_you_mean(text, there)}"
            )
        if text in found:
            raise InputError(f"{parameter}= names {text!r} twice.")
        check_amount(f"{parameter}[{text!r}]", amount, zero=zero)
        found[text] = float(amount)
    return found


def check_amount(name: str, amount: object, hint: str = "", *, zero: bool = False) -> None:
    """Stop where an amount of money is no finite number above 0, or from 0 on."""
    if is_finite(amount) and (float(amount) > 0 or (zero and amount == 0)):  # type: ignore[arg-type]
        return
    wanted = "0 or more" if zero else "above 0"
    if is_finite(amount) and not zero and amount == 0:
        hint = "nobody is reached for nothing; where a cost is not known, leave it out"
    raise InputError(
        f"{name}={shown(amount)} must be a number {wanted}{f': {hint}.' if hint else '.'}"
    )


def _check_complete(answer: Answer, named: Mapping[str, float], costs: FloatArray) -> None:
    """Stop where a dimension has costs for some of its segments and not for the others."""
    for d, dimension in enumerate(answer.dimensions[1:], start=1):
        if named.keys().isdisjoint(dimension.labels):
            continue
        rows = answer.segments.index.rows(d)
        without = [
            repr(answer.labels[row]) for row in rows[np.isnan(costs[rows]) & ~dimension.unknown]
        ]
        if without:
            raise InputError(
                f"cost= names some segments of {dimension.name!r} and not "
                f"{some_of(without, _MOST_NAMED)}: give their costs too, or default_cost= for all "
                "that are not named."
            )
