"""The doorway of the array functions: what comes in is checked here, once, by its name.

Inside the library the functions are called as they are; ``tu.measures`` gives them with this door
in front.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import wraps
from numbers import Real
from typing import Any, ParamSpec, TypeGuard, TypeVar

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.errors import (
    InputError,
    advised,
    check_one_of,
    check_unit,
    check_whole,
    is_finite,
    shown,
)
from targeted_universalism.measures.goal import DIRECTIONS

P = ParamSpec("P")
Found = TypeVar("Found")
Given = dict[str, Any]

KINDS = ("proportion", "rate", "mean", "standardized")
_INFINITY = float("inf")
_ROUNDING = 1e-9

# The range of every number in an array, by the name of the parameter.
_COUNT = (0.0, 1e100)  # beyond it sums and squares are no numbers any more
_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(
        (
            "events", "population", "other_events", "other_population", "reference_events",
            "reference_population", "total_events", "total_population", "numerator", "denominator",
            "needed", "expected", "amount",
        ),
        _COUNT,
    ),
    **dict.fromkeys(("se", "size", "effective", "n", "df", "own", "others"), (0.0, _INFINITY)),
    **dict.fromkeys(("p", "p_value", "share", "people", "part"), (0.0, 1.0)),
    "years": (0.0, _INFINITY),
    **dict.fromkeys(
        ("rate", "low", "high", "goal", "gap", "mean", "rank", "order", "values", "outcome",
         "total", "start", "end", "needed_pace", "pace_so_far", "baseline",
         "latest", "gap_before", "when"),
        (-_INFINITY, _INFINITY),
    ),
}  # fmt: skip

# Events are among the population: functions of proportions, and which pairs of theirs.
_PAIRS = (
    ("events", "population"),
    ("other_events", "other_population"),
    ("reference_events", "reference_population"),
    ("total_events", "total_population"),
)
_OF_PROPORTIONS = {
    "wilson", "clopper_pearson", "newcombe", "score_test", "binomial_test", "point_gap",
}  # fmt: skip
# `share` is a share of the population along the first axis, but for these.
_OTHER_SHARES = {"binomial_test", "inside_total"}
_OVER_PLACES = {"theil_by_place"}
# What lies along the first axis of other values, whatever further axes these have.
_ALONG = {"midrank": ("order", "share"), "annual_change": ("when", "rate")}
# Functions of segments along the first axis that are not in the register.
_OF_SEGMENTS = {"p", "needed", "values", "people", "share"}


def doorway(function: Callable[P, Found]) -> Callable[P, Found]:
    """Put the door in front of a function; its signature and docstring stay."""
    parameters = inspect.signature(function).parameters

    @wraps(function)
    def through(*args: P.args, **kwargs: P.kwargs) -> Found:
        bound = inspect.signature(function).bind(*args, **kwargs)
        given = {name: _read(name, value, parameters[name]) for name, value in
                 bound.arguments.items()}  # fmt: skip
        _check_shapes(function.__name__, given)
        _check_together(function.__name__, given)
        bound.arguments.update(given)
        found: Found = _signless(function(*bound.args, **bound.kwargs))
        return found

    checked = advised(through)
    checked.__module__ = "targeted_universalism.measures"
    return checked


def _signless(found: Any) -> Any:
    """Give 0 for what a turned sign left as −0."""
    if isinstance(found, tuple):
        parts = map(_signless, found)
        return type(found)(*parts) if hasattr(found, "_fields") else tuple(parts)
    if isinstance(found, np.ndarray) and found.dtype.kind == "f":
        return np.asarray(found + 0.0)
    return found + 0.0 if isinstance(found, np.floating) else found


# --- One value ------------------------------------------------------------------------------------


def _read(name: str, value: object, parameter: inspect.Parameter) -> Any:
    """Check a value by the name of its parameter; arrays become float64."""
    if value is None and parameter.default is None:
        return None
    if name in _VALUES:
        return _VALUES[name](name, value)
    if name in ("one", "other"):
        return _known(name, value)
    if name not in _RANGES:
        return value
    array = numbers(name, value)
    _check_range(name, array, *_RANGES[name])
    return array


def numbers(name: str, value: object) -> FloatArray:
    """Give numbers of any type as float64, missing ones as NaN; stop where they are none.

    Examples
    --------
    >>> numbers("events", [3, None, 5])
    array([ 3., nan,  5.])

    """
    if isinstance(value, np.ma.MaskedArray):
        value = np.ma.filled(value.astype(np.float64), np.nan)
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError(f"{name} is no array: its rows have different lengths.") from None
    if array.dtype.kind == "O":
        array = np.array([_number(name, v) for v in array.ravel()]).reshape(array.shape)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name}={shown(value)} must be numbers: an array, a list or a Series.")
    return array.astype(np.float64, copy=False)


def _number(name: str, value: object) -> float:
    if value is None or type(value).__name__ == "NAType":
        return float("nan")
    if isinstance(value, (Real, Decimal)):
        try:
            return float(value)
        except (OverflowError, ValueError):
            pass
    raise InputError(f"{name} holds {shown(value)}, which is no number that a float can hold.")


def _check_range(name: str, array: FloatArray, least: float, most: float) -> None:
    """Stop at the first number out of range; missing ones pass."""
    outside: BoolArray = array < least
    if most < _INFINITY:
        outside |= array > most
    if outside.any():
        place = _first(outside)
        above = most == 1 or array[place] > most
        limits = f"between {least:g} and {most:g}" if above else f"{least:g} or more"
        raise InputError(f"{name} holds {array[place]:g}{_at(place)}: it must be {limits}.")


def _first(wrong: BoolArray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))


def _at(place: tuple[int, ...]) -> str:
    return f" at position {', '.join(map(str, place))}" if place else ""


def _confidence(name: str, value: object) -> float:
    if not is_finite(value) or not 0 < float(value) < 1:  # type: ignore[arg-type]
        raise InputError(f"{name}={shown(value)} must lie between 0 and 1, as 0.95 does.")
    return float(value)  # type: ignore[arg-type]


def _one_number(name: str, value: object) -> Any:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not is_finite(value):
        raise InputError(f"{name}={shown(value)} must be one number, the same for every segment.")
    return value


def _positive(name: str, value: object) -> Any:
    number = _one_number(name, value)
    if name == "per":
        check_unit(number)
    if not number > 0:
        raise InputError(f"{name}={shown(value)} must be above 0.")
    return number


def _not_negative(name: str, value: object) -> Any:
    number = _one_number(name, value)
    if number < 0:
        raise InputError(f"{name}={shown(value)} must be 0 or more.")
    return number


def _yes_or_no(name: str, value: object) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}={shown(value)} must be True or False.")
    return bool(value)


def _direction(name: str, value: object) -> object:
    check_one_of(name, value, DIRECTIONS)
    return value


def _kind(name: str, value: object) -> object:
    check_one_of(name, value, KINDS)
    return value


def _whole_positions(name: str, value: object) -> Any:
    places = numbers(name, value)
    wrong = ~((places >= 0) & (places == np.floor(places)) & (places < 2**53))
    if wrong.any():
        raise InputError(
            f"{name}={shown(value)} must be the position of a segment: a whole number from 0."
        )
    whole = places.astype(np.int64)
    return int(whole) if whole.ndim == 0 else whole


def _words(name: str, value: object) -> object:
    if value is not None and not isinstance(value, Mapping):
        raise InputError(f"{name}={shown(value)} must be a mapping from variable to value.")
    return value


def _words_or_sizes(name: str, value: object) -> Any:
    """Let words through; of what is no word make numbers."""
    try:
        array = np.asarray(value, dtype=object)
    except ValueError:
        raise InputError(f"{name} is no array: its rows have different lengths.") from None
    if array.size and all(isinstance(v, str) for v in array.ravel()):
        return value
    return _sizes(name, value)


def _sizes(name: str, value: object) -> FloatArray:
    array = numbers(name, value)
    _check_range(name, array, 0.0, _INFINITY)
    return array


def _costs(name: str, value: object) -> FloatArray:
    array = numbers(name, value)
    wrong = ~(np.isnan(array) | ((array > 0) & np.isfinite(array)))
    if wrong.any():
        place = _first(wrong)
        raise InputError(f"{name} holds {array[place]:g}{_at(place)}: it must be above 0.")
    return array


_VALUES: Mapping[str, Callable[[str, object], Any]] = {
    "confidence": _confidence,
    "direction": _direction,
    "kind": _kind,
    "reference": _whole_positions,
    "groups": lambda name, value: check_whole(name, value, 1),
    "dependent": lambda name, value: check_whole(name, value, 0),
    "per": _positive,
    "threshold": _positive,
    "floor": _not_negative,
    "target": _one_number,
    "alpha": _one_number,
    "epsilon": _one_number,
    "observed": _yes_or_no,
    "highest_first": _yes_or_no,
    "whole": _yes_or_no,
    "cost": _costs,
    "variables": _words,
    "value": _words_or_sizes,
    "time": _words_or_sizes,
    **dict.fromkeys(("smallest_cell", "residence", "service", "members", "means_tested"), _sizes),
}


def _known(name: str, value: object) -> tuple[FloatArray, ...]:
    """Read a rate with its limits."""
    parts = list(value) if _in_parts(value) else []
    if len(parts) != 3:
        raise InputError(f"{name}={shown(value)} must be a rate and its limits: (rate, low, high).")
    rate, low, high = (numbers(f"{name}, its {what},", part) for what, part in
                       zip(("rate", "low", "high"), parts, strict=True))  # fmt: skip
    return rate, low, high


def _in_parts(value: object) -> TypeGuard[Iterable[object]]:
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


# --- Values together ------------------------------------------------------------------------------


def _check_shapes(function: str, given: Given) -> None:
    """Stop where arrays do not lie over each other, or have no segments."""
    arrays = {k: v for k, v in given.items() if isinstance(v, np.ndarray)}
    for name in ("one", "other"):
        for part, array in zip(("rate", "low", "high"), given.get(name, ()), strict=False):
            arrays[f"{name}'s {part}"] = array
    apart = {"rank", "order"} if "population" in given else set(_ALONG.get(function, ())[:1])
    shapes = {k: v.shape for k, v in arrays.items() if k not in apart}
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise InputError(f"These arrays do not fit each other: {listed}.") from None
    for name in _OF_SEGMENTS & arrays.keys():
        if arrays[name].ndim == 0 and function not in _OTHER_SHARES | {"korn_graubard"}:
            raise InputError(f"{name} must be an array with the segments along its first axis.")


def _check_together(function: str, given: Given) -> None:
    """Check what two values say together."""
    if function in _OF_PROPORTIONS:
        for events, population in _PAIRS:
            if events in given and population in given:
                _check_among(events, population, given)
    if "share" in given and function not in _OTHER_SHARES:
        _check_sum(given["share"], (0, 1) if function in _OVER_PLACES else (0,))
    if "reference" in given and given["rate"].ndim:
        _check_position(given["reference"], given["rate"].shape)
    if function in _ALONG:
        _check_along(*_ALONG[function], given)
    if function == "theil_by_place" and given["rate"].shape != given["share"].shape:
        raise InputError(
            f"share has shape {given['share'].shape} and rate {given['rate'].shape}: give one for "
            "each segment and place."
        )


def _check_among(events: str, population: str, given: Given) -> None:
    x, n = given[events], given[population]
    above: BoolArray = x > n
    if above.any():  # weighted sums may differ by rounding
        above = np.asarray(x - n > _ROUNDING * np.maximum(n, 1.0))
    if above.any():
        place = _first(above)
        one, all_ = (np.broadcast_to(v, above.shape)[place] for v in (x, n))
        raise InputError(
            f"{events} {one:g} of {population} {all_:g}{_at(place)}: a proportion has no more "
            "events than people. Where events repeat use the functions of rates (poisson, "
            "poisson_ratio, conditional_test)."
        )


def _check_sum(share: FloatArray, axes: tuple[int, ...]) -> None:
    if share.ndim < len(axes):
        raise InputError(
            f"share has shape {share.shape}: it needs segments on the first axis, places on the "
            "second."
        )
    total = np.atleast_1d(share.sum(axis=axes))
    wrong = np.abs(total - 1) > _ROUNDING
    if wrong.any():
        raise InputError(
            f"Population shares sum to 1 over the segments, and they sum to {total[wrong][0]:g}: "
            "give population / population.sum(axis=0)."
        )


def _check_position(reference: Any, shape: tuple[int, ...]) -> None:
    size, strata = shape[0], shape[1:]
    if np.ndim(reference) and np.shape(reference) != strata:
        raise InputError(
            f"reference={shown(reference)} must be one position, or one for each stratum, as the "
            f"rates have it after their first axis: {strata}."
        )
    if np.any(np.asarray(reference) >= size):
        raise InputError(
            f"reference={shown(reference)} is no position of {size} segments: 0 to {size - 1}."
        )


def _check_along(name: str, other: str, given: Given) -> None:
    """Hold what lies along the first axis of other values against them."""
    array, values = given.get(name), given[other]
    if array is None:
        return
    if array.ndim != 1 or array.shape != values.shape[:1] or not array.size:
        raise InputError(
            f"{name} has shape {array.shape} and {other} {values.shape}: give one number for each "
            f"place on the first axis of {other}."
        )
    wrong = ~np.isfinite(array)
    if wrong.any():
        place = _first(wrong)
        raise InputError(f"{name} holds {array[place]:g}{_at(place)}: it must be a finite number.")
