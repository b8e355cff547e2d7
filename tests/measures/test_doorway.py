"""The door of tu.measures: numbers of any type are one, and nonsense is answered in words."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from targeted_universalism.measures import intervals

EVENTS, PEOPLE = np.array([20.0, 8.0, 30.0, 58.0]), np.array([65.0, 69.0, 100.0, 120.0])
LIMITS = np.array([3.0, 1.0, 4.0, 2.0]), np.array([2.0, 0.0, 3.0, 1.0]), np.array([4.0, 2, 5, 3])
SHARE = np.full(4, 0.25)

GIVEN: dict[str, Any] = {
    "events": EVENTS, "population": PEOPLE, "other_events": EVENTS[::-1] - 5,
    "other_population": PEOPLE[::-1], "reference_events": EVENTS + 40,
    "reference_population": PEOPLE + 5, "total_events": EVENTS + 60, "total_population": PEOPLE + 7,
    "numerator": EVENTS, "denominator": PEOPLE, "needed": EVENTS, "expected": EVENTS + 3,
    "rate": LIMITS[0], "low": LIMITS[1], "high": LIMITS[2], "share": SHARE, "mean": np.array(2.5),
    "rank": np.array([0.125, 0.375, 0.625, 0.875]), "se": np.array([1.0, 2.0, 1.0, 2.0]),
    "order": np.array([0.0, 1.0, 2.0, 3.0]), "p": np.array([0.0, 1.0, 1.0, 0.0]),
    "values": EVENTS, "people": np.array([0.0, 0.25, 0.75, 1.0]), "gap": LIMITS[0],
    "outcome": np.array([0.0, 0.5, 0.75, 1.0]), "total": np.array(3.0), "own": SHARE,
    "others": SHARE, "effective": PEOPLE - 9, "n": PEOPLE, "df": EVENTS, "size": PEOPLE,
    "goal": 3, "target": 1, "per": 2, "direction": "at least", "kind": "mean", "confidence": 0.9,
    "reference": 2, "groups": 2, "alpha": 2, "epsilon": 0.5, "threshold": 0.8, "floor": 0.02,
    "observed": False, "highest_first": False, "one": LIMITS, "other": LIMITS,
    "variable": "events", "value": EVENTS, "smallest_cell": EVENTS, "time": "annual",
    "residence": PEOPLE, "service": None, "members": PEOPLE, "means_tested": PEOPLE,
    "variables": {"sex": "male, female"}, "dependent": 1, "amount": np.array(40.0),
    "rule": "maximin", "cost": PEOPLE, "whole": True, "pace": "linear", "start": EVENTS,
    "end": EVENTS + 4, "years": LIMITS[0], "part": SHARE, "needed_pace": EVENTS,
    "pace_so_far": PEOPLE, "baseline": EVENTS, "latest": EVENTS + 1, "p_value": SHARE,
    "gap_before": EVENTS, "when": np.array([2018.0, 2019.0, 2021.0, 2022.0]),
}  # fmt: skip
PLACES = np.full((2, 2), 0.25)
OTHERWISE: dict[str, dict[str, Any]] = {
    "theil_by_place": {"rate": np.array([[1.0, 3.0], [2.0, 4.0]]), "share": PLACES},
    "korn_graubard": {"p": SHARE},
    "concentration_curve": {"rank": np.array([3.0, 1.0, 2.0, 0.0])},
    "progress_status": {"rule": "hp2020", "goal": 30},
}
NONSENSE = ("x", object(), [[1.0], [1.0, 2.0]], {"a": 1}, 2j, [None, "b"], b"9")
every_function = pytest.mark.parametrize("name", tu.measures.__all__)


def arguments(name: str) -> dict[str, Any]:
    asked = inspect.signature(getattr(tu.measures, name)).parameters
    given = {**GIVEN, **OTHERWISE.get(name, {})}
    return {parameter: given[parameter] for parameter in asked}


def each(given: dict[str, Any], change: Callable[[np.ndarray[Any, Any]], Any]) -> dict[str, Any]:
    """Change every array, also those in a rate with its limits."""

    def changed(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(changed(part) for part in value)
        return change(value) if isinstance(value, np.ndarray) else value

    return {name: changed(value) for name, value in given.items()}


def found(name: str, given: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
    result = getattr(tu.measures, name)(**given)
    if isinstance(result, tuple):
        return [np.asarray(part) for part in result]
    if hasattr(result, "__dataclass_fields__"):
        return [np.asarray(getattr(result, part)) for part in result.__dataclass_fields__]
    return [np.asarray(result)]


def narrow(dtype: type) -> Callable[[np.ndarray[Any, Any]], Any]:
    return lambda array: array.astype(dtype) if (array == np.floor(array)).all() else array


@every_function
def test_numbers_of_any_width_are_one(name: str) -> None:
    given = arguments(name)
    wanted = found(name, given)
    for dtype in (np.int8, np.uint8, np.int16, np.uint64, np.float32):
        made = found(name, each(given, narrow(dtype)))
        np.testing.assert_equal(made, wanted, err_msg=str(dtype))


FORMS: dict[str, Callable[[np.ndarray[Any, Any]], Any]] = {
    "list": lambda v: v.tolist(),
    "Series": lambda v: pd.Series(v) if v.ndim == 1 else v,
    "Float64": lambda v: pd.Series(v, dtype="Float64") if v.ndim == 1 else v,
    "fractions": lambda v: np.array([Fraction(x) for x in v.flat], object).reshape(v.shape),
    "masked": np.ma.masked_array,
}


@every_function
def test_lists_and_series_are_arrays(name: str) -> None:
    given = arguments(name)
    wanted = found(name, given)
    for said, form in FORMS.items():
        np.testing.assert_equal(found(name, each(given, form)), wanted, err_msg=said)


@every_function
def test_nonsense_in_any_place_is_answered_in_words(name: str) -> None:
    given = arguments(name)
    for parameter in given:
        for nonsense in NONSENSE:
            if parameter == "variables" and nonsense is NONSENSE[3]:
                continue  # a mapping is what it takes; of an unknown variable it speaks below
            with pytest.raises(tu.InputError):
                getattr(tu.measures, name)(**{**given, parameter: nonsense})


OUT_OF_RANGE = [
    ("wilson", {"confidence": 95}), ("poisson", {"confidence": -1}), ("byar", {"confidence": True}),
    ("clopper_pearson", {"events": PEOPLE + 1}), ("newcombe", {"other_events": PEOPLE + 50}),
    ("needed", {"events": -EVENTS}), ("needed", {"per": 0}), ("needed", {"target": SHARE}),
    ("needed", {"target": float("nan")}), ("holm", {"p": [-2, 0.1]}), ("holm", {"p": 0.3}),
    ("benjamini_hochberg", {"p": [0.1, 1.5]}), ("quantile_group", {"groups": 0}),
    ("quantile_group", {"groups": 2.5}), ("difference_from_reference", {"reference": 1.7}),
    ("difference_from_reference", {"reference": 7}), ("ratio_from_reference", {"reference": -1}),
    ("midrank", {"share": [5.0, 5.0]}), ("midrank", {"order": [1, 2]}),
    ("theil_by_place", {"share": PLACES * 10}), ("theil_by_place", {"share": [0.5, 0.5]}),
    ("theil", {"share": [0.5, 0.5, 0.5, 0.5]}), ("from_standard_error", {"kind": "prop"}),
    ("gap", {"direction": "up"}), ("wilson", {"events": [1, 2, 3]}),
    ("wilson", {"events": 10**400}),
    ("wilson", {"events": [Decimal("sNaN")]}), ("calhhs_score", {"dependent": -1}),
    ("calhhs_score", {"variables": {"shoes": 1}}), ("mover_ratio", {"one": LIMITS[:2]}),
    ("awarded", {"amount": -1}), ("awarded", {"cost": 0}), ("awarded", {"cost": [1, 2, 3, -4]}),
    ("awarded", {"rule": "maximum"}), ("awarded", {"whole": 1}),
    ("pace_between", {"pace": "logit"}), ("pace_between", {"years": -1}),
    ("rate_on_path", {"part": 1.5}), ("acceleration", {"direction": "down"}),
    ("progress_status", {"rule": "hp2030"}), ("progress_status", {"p_value": 5}),
    ("annual_change", {"when": [2018, 2019]}), ("annual_change", {"when": [1, 2, 3, None]}),
    ("annual_change", {"rate": 3.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), OUT_OF_RANGE)
def test_values_out_of_range_are_answered_in_words(name: str, given: dict[str, Any]) -> None:
    with pytest.raises(tu.InputError):
        getattr(tu.measures, name)(**{**arguments(name), **given})


def test_missing_numbers_stay_missing() -> None:
    masked = np.ma.masked_array([3.0, 4.0], mask=[False, True])
    for events in ([3, None], pd.Series([3, pd.NA], dtype="Int8"), masked):
        low, _ = tu.measures.wilson(events, [10, 10])  # type: ignore[arg-type]
        assert np.isnan(low).tolist() == [False, True]


def test_weighted_sums_may_differ_by_rounding() -> None:
    low, high = tu.measures.wilson(np.array([30.000000000000004]), np.array([30.0]))
    assert 0 < low[0] < 1
    assert not high[0] > 1


@every_function
def test_the_door_keeps_name_signature_docstring_and_pickles(name: str) -> None:
    function = getattr(tu.measures, name)
    assert function.__name__ == name
    assert inspect.signature(function) == inspect.signature(inspect.unwrap(function))
    assert pickle.loads(pickle.dumps(function)) is function  # noqa: S301


def test_inside_the_library_there_is_no_door() -> None:
    assert intervals.wilson is inspect.unwrap(tu.measures.wilson)


def test_a_call_that_does_not_fit_is_answered_with_advice() -> None:
    with pytest.raises(tu.InputError, match=r"takes no level=. There are: .*confidence"):
        tu.measures.wilson(EVENTS, PEOPLE, level=0.9)  # type: ignore[call-arg]
    with pytest.raises(tu.InputError, match="the rest by name: direction="):
        tu.measures.gap(EVENTS, 3, "at least")  # type: ignore[misc]


OF_RATES = [
    name
    for name in tu.measures.__all__
    if "rate" in inspect.signature(getattr(tu.measures, name)).parameters
]


@pytest.mark.parametrize("name", OF_RATES)
def test_a_missing_rate_leaves_no_number(name: str) -> None:
    """A rate that is not known is neither short of the goal nor as good as the best."""
    given = {k: v for k, v in arguments(name).items() if k != "mean"}
    rate = np.full_like(given["rate"], np.nan)
    parts = found(name, {**given, "rate": rate} if name != "inside_total" else arguments(name))
    assert name == "inside_total" or all(np.isnan(part).all() for part in parts)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("twice_the_area", {"outcome": 0.5}), ("twice_the_area", {"outcome": [1.0]}),
        ("mover_difference", {"other": np.array(0.5)}),
        ("effort_share", {"needed": [1e308, 1e308]}),
        ("ratio_from_reference", {"reference": [1, 0]}),
        ("mean_difference_from_reference", {"reference": 1e308}),
        ("quantile_group", {"groups": 10**400}),
    ],
)  # fmt: skip
def test_shapes_and_sizes_that_do_not_fit_are_answered_in_words(
    name: str, given: dict[str, Any]
) -> None:
    with pytest.raises(tu.InputError):
        getattr(tu.measures, name)(**{**arguments(name), **given})


def test_a_goal_may_have_more_places_than_the_rate() -> None:
    ratio = tu.measures.ratio_to_goal(np.array([1.0, 3.0]), np.array([[2.0, 4.0], [0.0, 6.0]]))
    np.testing.assert_array_equal(ratio, [[0.5, 0.75], [np.nan, 0.5]])


def test_a_zero_has_no_sign() -> None:
    """At a goal of at most, what is left to go is 0 and not −0."""
    gap = tu.measures.gap([0.5, 0.25], 0.5, direction="at most")
    low, high = tu.measures.gap_limits([0.5], [0.5], 0.5, direction="at most")
    equal = [0.25] * 4
    for zero in (gap[0], low, high, tu.measures.mean_log_deviation([0.1] * 4, share=equal)):
        assert zero == 0
        assert not np.signbit(zero).any()
