"""What goes wrong, in words: bad input stops here, an undefined answer gets a reason."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from numbers import Real
from pathlib import Path


class InputError(ValueError):
    """Input that would give a wrong answer: what is wrong, what was expected, what to do.

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> try:
    ...     tu.Goal.at_least([0.9, 0.8])
    ... except tu.InputError as error:
    ...     print(str(error).split(".")[0])
    target must be one number for every segment, not list

    """


def did_you_mean(name: object, options: Iterable[object]) -> str:
    """Name the nearest option, or list them all, as the last sentence of a message.

    Examples
    --------
    >>> did_you_mean("contry", ["county", "year"])
    "Did you mean 'county'? There are: 'county', 'year'."

    """
    known = {str(option): repr(option) for option in options}
    shown = ", ".join(list(known.values())[:12]) + (", …" if len(known) > 12 else "")
    near = get_close_matches(str(name), known, n=1)
    return f"Did you mean {known[near[0]]}? There are: {shown}." if near else f"There are: {shown}."


def check_one_of(parameter: str, value: object, allowed: Iterable[object]) -> None:
    """Stop when `value` is none of `allowed`, naming them."""
    options = list(allowed)
    if not any(value is option or value == option for option in options):
        listed = ", ".join(repr(option) for option in options)
        raise InputError(f"{parameter}={value!r} is not known. Expected one of: {listed}.")


def check_whole(parameter: str, value: object, least: int, hint: str = "") -> int:
    """Give `value` back, or stop when it is no whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        more = f": {hint}." if hint else "."
        raise InputError(f"{parameter}={value!r} must be a whole number from {least}{more}")
    return value


def check_folder(path: Path) -> None:
    """Stop when the folder of a file to be written is not there."""
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name!r} into.")


def check_unit(per: object) -> None:
    """Stop where a unit is no number above 0."""
    number = isinstance(per, (Real, Decimal)) and not isinstance(per, bool)
    if not number or not 0 < float(str(per)) < float("inf"):
        raise InputError(f"per={per!r} must be a number above 0: 1, 100, 1_000 or 100_000.")
