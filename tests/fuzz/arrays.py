"""Arguments of the array functions, by the name of the parameter: random, legal, at the edges."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pandas as pd

Given = Callable[[np.random.Generator, int], Any]


def _counts(rng: np.random.Generator, k: int) -> Any:
    return rng.integers(0, 40, k).astype(float)


def _people(rng: np.random.Generator, k: int) -> Any:
    return rng.integers(40, 2_000, k).astype(float)


def _share(rng: np.random.Generator, k: int) -> Any:
    weights = rng.integers(1, 9, k)
    return weights / weights.sum()


def _rate(rng: np.random.Generator, k: int) -> Any:
    return rng.choice([0.125, 0.25, 0.5, 0.75], k)


def _limits(rng: np.random.Generator, k: int) -> Any:
    rate = _rate(rng, k)
    return rate, rate * 0.5, rate * 1.25


def _rank(rng: np.random.Generator, k: int) -> Any:
    return (np.arange(k) + 0.5) / k


def _number(*values: Any) -> Given:
    return lambda rng, k: values[rng.integers(len(values))]


GIVEN: dict[str, Given] = {
    **dict.fromkeys(
        ("events", "other_events", "numerator", "needed", "smallest_cell", "value", "values"),
        _counts,
    ),
    **dict.fromkeys(
        ("population", "other_population", "denominator", "n", "size", "residence", "members",
         "means_tested"),
        _people,
    ),
    "reference_events": lambda rng, k: _counts(rng, k) + 1,
    "reference_population": _people, "expected": lambda rng, k: _counts(rng, k) + 0.5,
    "total_events": lambda rng, k: np.full(k, 500.0),
    "total_population": lambda rng, k: np.full(k, 5_000.0),
    "effective": lambda rng, k: rng.integers(5, 40, k).astype(float),
    "df": lambda rng, k: rng.integers(2, 40, k).astype(float),
    "rate": _rate, "gap": _rate, "low": lambda rng, k: np.full(k, 0.125),
    "high": lambda rng, k: np.full(k, 0.875), "share": _share, "rank": _rank,
    "mean": _number(0.5), "se": lambda rng, k: np.full(k, 0.03125),
    "order": lambda rng, k: np.arange(k), "p": lambda rng, k: rng.random(k),
    "people": lambda rng, k: np.linspace(0, 1, k),
    "outcome": lambda rng, k: np.linspace(0, 1, k) ** 2, "total": _rate,
    "own": lambda rng, k: np.full(k, 0.001), "others": lambda rng, k: np.full(k, 0.001),
    "one": _limits, "other": _limits, "goal": _number(0.5, 0.9, 0), "target": _number(0.5, 1, 0),
    "per": _number(1, 100), "direction": _number("at least", "at most"),
    "kind": _number("proportion", "mean", "rate"), "confidence": _number(0.9, 0.95, 0.99),
    "reference": _number(0, 1), "groups": _number(2, 4), "alpha": _number(2, 0.5, -1),
    "epsilon": _number(0.5, 1, 2), "threshold": _number(0.8), "floor": _number(0.02),
    "observed": _number(True, False), "highest_first": _number(True, False),
    "variable": _number("events"), "time": _number("annual"), "service": _number(None),
    "short": lambda rng, k: rng.integers(-9, 9, k).astype(float), "more": _number(0.0, 3.0),
    "less": _number(0.0, 2.0), "unit": lambda rng, k: np.ones(k), "amount": _number(0, 5, 40),
    "rule": _number("proportional", "maximin", "most people"), "cost": _number(1.0, 2.5),
    "whole": _number(True, False), "variables": _number(None, {"sex": "male, female"}),
    "dependent": _number(0, 1),
    "needed_pace": lambda rng, k: rng.normal(0, 0.1, k),
    "pace_so_far": lambda rng, k: rng.normal(0, 0.1, k),
    "start": _rate, "end": _rate, "baseline": _rate, "latest": _rate, "gap_before": _rate,
    "years": lambda rng, k: rng.integers(1, 9, k).astype(float),
    "part": lambda rng, k: np.linspace(0, 1, k), "pace": _number("linear", "geometric", "log-odds"),
    "p_value": lambda rng, k: rng.random(k), "when": lambda rng, k: 2000.0 + np.arange(k),
}  # fmt: skip
OTHERWISE: dict[str, Given] = {
    "progress_status.rule": _number("general", "hp2020"),
    "theil_by_place.rate": lambda rng, k: _rate(rng, 2 * k).reshape(2, k),
    "theil_by_place.share": lambda rng, k: np.full((2, k), 0.5 / k),
    "concentration_curve.rank": lambda rng, k: rng.permutation(k),
    "korn_graubard.p": _rate, "binomial_test.share": _rate,
    "inside_total.share": lambda rng, k: np.full(k, 0.25),
}  # fmt: skip


def argument(name: str, parameter: str, draw: tuple[Random, int]) -> Any:
    """Draw an argument for one parameter of an array function, in one of the forms of arrays."""
    seed, k = draw
    rng = np.random.default_rng(seed.randrange(2**32))
    given = OTHERWISE.get(f"{name}.{parameter}") or GIVEN[parameter]
    found = given(rng, k)
    return _formed(found, seed) if isinstance(found, np.ndarray) and found.ndim == 1 else found


def _formed(array: Any, seed: Random) -> Any:
    """Give an array as a list, a Series, or itself."""
    form = seed.choice(["array", "array", "list", "series", "nullable"])
    if form == "array":
        return array
    if form == "list":
        return array.tolist()
    return pd.Series(array, dtype="Float64" if form == "nullable" else None)
