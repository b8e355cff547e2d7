"""Numbers of a plan: reach, money, stances and shares of resources, of which none is senseless."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.measures.engagement import PARTS, STANCES
from targeted_universalism.read.levels import Keys
from targeted_universalism.read.plans.columns import Columns
from targeted_universalism.read.plans.words import each, folded

SHARES = tuple(f"share_{part}" for part in PARTS)
_YES_NO = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}
_ROUNDED = 0.01  # by how much shares may miss their sum
_MOST_PARTS_OF_ONE = 2.0  # shares with a larger sum are percent


def numbers(table: Columns) -> dict[str, FloatArray]:
    """Give every column of numbers, (n,), NaN where empty."""
    reach = table.numbers("reach", counts=True)
    table.stop("reach", reach, reach % 1 > 0, "a whole number of people")
    found = {
        "unit_cost": table.numbers("unit_cost"),
        "reach": reach,
        "funded": _yes_no(table.words("funded")),
        "amount": table.numbers("amount"),
        "stance": _stances(table.words("stance")),
        **dict(zip(SHARES, _shares(table), strict=True)),
    }
    _check_money(found["funded"], found["amount"])
    return found


def _valued(keys: Keys, values: Sequence[float]) -> FloatArray:
    """Give every row the value of its label, NaN where it has none."""
    return np.array([*values, np.nan])[keys.codes]


def _yes_no(keys: Keys) -> FloatArray:
    """Read whether there is money: 1 or 0."""

    def read(text: str, place: str) -> float:
        if text.casefold() in _YES_NO:
            return _YES_NO[text.casefold()]
        raise InputError(f"{place}: say yes or no; how much there is belongs into 'amount'.")

    return _valued(keys, each(keys, "funded", read))


def _stances(keys: Keys) -> FloatArray:
    """Read stances by number, by name, or by both ("3 Voice")."""
    known = {
        folded(text): float(stance.number)
        for stance in STANCES.values()
        for text in (str(stance.number), stance.name, f"{stance.number} {stance.name}")
    }
    options = [f"{stance.number} {stance.name}" for stance in STANCES.values()]

    def read(text: str, place: str) -> float:
        if folded(text) in known:
            return known[folded(text)]
        raise InputError(
            f"{place}, which is no stance of the spectrum of community engagement to ownership. "
            f"{did_you_mean(text, options)}"
        )

    return _valued(keys, each(keys, "stance", read))


def _shares(table: Columns) -> FloatArray:
    """Read how resources are split, (5, n): shares of 1, or of 100 where they are percent."""
    given = np.stack([table.numbers(name) for name in SHARES])
    some = ~np.isnan(given).all(axis=0)
    sums = np.nansum(given, axis=0)
    whole = np.where(sums > _MOST_PARTS_OF_ONE, 100.0, 1.0)
    wrong = np.flatnonzero(some & (np.abs(sums / whole - 1) > _ROUNDED + 1e-9))
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            f"The shares of resources in data row {row} (counting from 0) sum to "
            f"{sums[row] / whole[row] * 100:.6g} %: shares of all resources sum to 1, or to 100 "
            "in percent. Leave all of them empty where the split is not known."
        )
    return np.where(some, np.nan_to_num(given) / whole, np.nan)


def _check_money(funded: FloatArray, amount: FloatArray) -> None:
    """Stop where it is said both that there is money and that there is none."""
    wrong = np.flatnonzero(((funded == 0) & (amount > 0)) | ((funded == 1) & (amount == 0)))
    if wrong.size:
        row = int(wrong[0])
        yes = "yes" if funded[row] else "no"
        raise InputError(
            f"Data row {row} (counting from 0) says funded {yes} and an amount of "
            f"{amount[row]:.10g}: correct one of them, or leave it empty."
        )
