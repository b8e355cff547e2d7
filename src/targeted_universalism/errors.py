"""What goes wrong, in words: bad input stops here, an undefined answer gets a reason."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from functools import wraps
from numbers import Integral, Real
from os import PathLike, fsdecode, fsencode
from pathlib import Path
from typing import ParamSpec, TypeVar

_Options = ParamSpec("_Options")
_Found = TypeVar("_Found")
_LONGEST = 80
_TOO_LARGE = 10**18


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


class CallError(InputError, TypeError):
    """A call that does not fit the function: a value of another type, or in another place."""


def shown(value: object) -> str:
    """Write a value for a message, cut where it is long.

    Examples
    --------
    >>> shown("county"), len(shown(10**400))
    ("'county'", 80)

    """
    try:
        text = repr(value)
    except Exception:  # whatever an object of others may raise
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def some_of(words: Sequence[str], most: int, between: str = ", ") -> str:
    """Name the first of some things, and count the rest.

    Examples
    --------
    >>> some_of(["Inyo", "Mono"], 2), some_of(["Inyo", "Mono", "Kern"], 1, "; ")
    ('Inyo, Mono', 'Inyo and 2 more')

    """
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"{between.join(words[:most])}{more}"


def count_words(count: float, one: str, many: str = "") -> str:
    """Write a number with its noun: one of them, or several.

    Examples
    --------
    >>> count_words(1, "row"), count_words(1200, "row"), count_words(2, "stratum", "strata")
    ('1 row', '1,200 rows', '2 strata')

    """
    return f"{count:,.0f} {one if count == 1 else many or f'{one}s'}"


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
    if not any(_same(value, option) for option in options):
        listed = ", ".join(repr(option) for option in options)
        raise InputError(f"{parameter}={shown(value)} is not known. Expected one of: {listed}.")


def _same(value: object, option: object) -> bool:
    """Compare with an option; an array, or a missing value, is none."""
    try:
        hash(value)
        return value is option or bool(value == option)
    except Exception:  # whatever an object of others may raise
        return False


def check_whole(parameter: str, value: object, least: int, hint: str = "") -> int:
    """Give a whole number of any type as Python's, or stop when it is none from `least` on.

    Numbers that 64 bits cannot hold are none that anybody means.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        more = f": {hint}." if hint else "."
        raise InputError(f"{parameter}={shown(value)} must be a whole number from {least}{more}")
    if int(value) >= _TOO_LARGE:
        raise InputError(f"{parameter}={shown(value)} must be a whole number below 10^18.")
    return int(value)


def is_number(value: object) -> bool:
    """Tell whether a value is one real number of any type, finite or not; True is none."""
    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Tell whether a value is one number that a float can hold.

    Examples
    --------
    >>> [is_finite(value) for value in (0.5, 10**400, Decimal("sNaN"), "1")]
    [True, False, False, False]

    """
    if not is_number(value):
        return False
    try:
        return math.isfinite(float(value))  # type: ignore[arg-type]
    except (OverflowError, ValueError):
        return False


def check_text(parameter: str, value: object) -> None:
    """Stop where words are something else, or no file can hold them."""
    if not isinstance(value, str):
        raise InputError(f"{parameter}={shown(value)} must be text; leave it out for none.")
    if not is_writable(value):
        raise InputError(f"{parameter}={value!r} {HALVED}")


HALVED = "holds half of a character, which no file can hold: read the text anew from its source."


def check_names_of_columns(names: Iterable[object]) -> None:
    """Stop at the name of a column that is no text, or that cannot be written."""
    for name in names:
        if not isinstance(name, str):
            raise InputError(
                f"A column is named by text, not by {name!r}. Write data.columns = "
                "data.columns.map(str) first."
            )
        if not is_writable(name):
            raise InputError(f"The name of column {name!r} {HALVED}")


def is_writable(text: str) -> bool:
    """Tell whether text can be written: halves of characters (lone surrogates) cannot.

    Examples
    --------
    >>> is_writable("é"), is_writable(chr(0xD800))
    (True, False)

    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_names(parameter: str, value: object) -> tuple[str, ...]:
    """Give one name, or several, as a tuple; stop where they are no text."""
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, Iterable) or isinstance(names, (bytes, dict)):
        raise InputError(f"{parameter}={shown(value)} must be a column or a list of columns.")
    found = tuple(names)
    for name in found:
        if not isinstance(name, str):
            raise InputError(f"{parameter}= holds {shown(name)}, which is no name of a column.")
    return found


def as_path(parameter: str, path: object) -> Path:
    """Give the path of a file, or stop where no file can have it.

    Examples
    --------
    >>> as_path("path", "a.csv").suffix
    '.csv'

    """
    try:
        text = fsdecode(path) if isinstance(path, (str, PathLike)) else ""
        if text.strip() and b"\0" not in fsencode(text):
            return Path(text)
    except (TypeError, ValueError):
        pass
    raise InputError(f"{parameter}={shown(path)} must be the path of a file.")


def check_path(parameter: str, path: object) -> Path:
    """Give a path to a file to be written, or stop where there can be none."""
    found = as_path(parameter, path)
    if found.is_dir():
        raise InputError(f"{str(found)!r} is a folder: name the file to write into it.")
    check_folder(found)
    return found


def check_folder(path: Path) -> None:
    """Stop when the folder of a file to be written is not there."""
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name!r} into.")


def check_above_0(parameter: str, value: object, hint: str) -> float:
    """Give a number of any type as Python's, or stop when it is none above 0."""
    if not is_finite(value) or not float(value) > 0:  # type: ignore[arg-type]
        raise InputError(f"{parameter}={shown(value)} must be a number above 0: {hint}.")
    return float(value)  # type: ignore[arg-type]


def check_unit(per: object) -> None:
    """Stop where a unit is no number above 0."""
    check_above_0("per", per, "1, 100, 1_000 or 100_000")


def advised(function: Callable[_Options, _Found]) -> Callable[_Options, _Found]:
    """Answer a call that does not fit with what the function takes, and how.

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> try:
    ...     tu.Goal.at_most(3, 1_000)
    ... except tu.InputError as error:
    ...     print(error)
    at_most() takes target in its place, and the rest by name: per=, name=, deadline=, ambition=, \
rationale=, source=, people=, definition=, version=. By name: at_most(…, per=1000).

    """

    @wraps(function)
    def called(*args: _Options.args, **kwargs: _Options.kwargs) -> _Found:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            advice = advice_on_call(function, args, kwargs)
            if advice is None:
                raise
            raise CallError(advice) from error

    return called


def advice_on_call(
    function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> str | None:
    """Say how a function is called, where it was called otherwise; None where the call fits."""
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        pass
    else:
        return None
    known = [
        p
        for p in signature.parameters.values()
        if p.name not in _OWNERS and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
    names = [p.name for p in known]
    anything = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    called = _called(function)
    for name in kwargs:
        if name not in names and not anything:
            return f"{called}() takes no {name}=. {did_you_mean(name, names)}"
    in_place = [p.name for p in known if p.kind is not p.KEYWORD_ONLY]
    by_name = [f"{p.name}=" for p in known if p.kind is p.KEYWORD_ONLY]
    places = f"{', '.join(in_place)} in its place" if in_place else "nothing in its place"
    rest = f", and the rest by name: {', '.join(by_name)}" if by_name else ""
    owned = next(iter(signature.parameters), "") in _OWNERS
    more = _written_out(called, known, args[int(owned) :], kwargs)
    return f"{called}() takes {places}{rest}.{more}"


_OWNERS = ("self", "cls", "answer")


def _called(function: Callable[..., object]) -> str:
    """Name what was called; a class where it is made."""
    name = function.__name__
    return function.__qualname__.split(".")[-2] if name == "__init__" else name


def _written_out(
    called: str,
    known: Sequence[inspect.Parameter],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> str:
    """Write what stood in a place that is none by the names in their order, or name what lacks."""
    in_place = [p for p in known if p.kind is not p.KEYWORD_ONLY]
    by_name = [p for p in known if p.kind is p.KEYWORD_ONLY and p.name not in kwargs]
    surplus = args[len(in_place) :]
    if surplus and len(surplus) <= len(by_name):
        pairs = (f"{p.name}={shown(v)}" for p, v in zip(by_name, surplus, strict=False))
        return f" By name: {called}(…, {', '.join(pairs)})."
    there = {*kwargs, *(p.name for p in in_place[: len(args)])}
    lacking = [p.name for p in known if p.default is p.empty and p.name not in there]
    return f" Not said here: {', '.join(lacking)}." if lacking else ""
