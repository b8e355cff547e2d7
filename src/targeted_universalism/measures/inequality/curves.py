"""The concentration curve: how an outcome is spread over people in the order of their segments."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import InputError

__all__ = ["concentration_curve", "twice_the_area"]


def concentration_curve(
    rate: FloatArray, population: FloatArray, rank: IntArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Cumulative shares of people and of the outcome, most disadvantaged segments first.

    Parameters
    ----------
    rate : (k, ...) array
        Segment rates, of 0 or more, in any unit.
    population : (k, ...) array
        People in each segment. Segments without a rate or without people take no part: the curve
        stands still at them.
    rank : (k,) array of int, optional
        Place of each segment in the order, the most disadvantaged lowest; equal ranks are tied and
        share one step. The order of the rows without it.

    Returns
    -------
    people, outcome : (k + 1, ...) arrays
        Points of the curve, from 0 to 1, each segment at the end of its step, in the order of
        `rank`. The outcome is missing where nobody has it; both where a rate is below 0.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Notes
    -----
    ``people[i] = Σ_{j≤i} w_j`` and ``outcome[i] = Σ_{j≤i} w_j y_j / μ`` with shares w and mean μ.
    Tied segments lie on one straight line, since nothing tells who of them comes first. On the
    diagonal everyone has an equal share; above it the outcome lies more with the most
    disadvantaged, below it less (Kakwani, Wagstaff & van Doorslaer 1997).

    Examples
    --------
    >>> people, outcome = concentration_curve(np.array([30.0, 20, 10]), np.array([100.0, 200, 100]))
    >>> people
    array([0.  , 0.25, 0.75, 1.  ])
    >>> outcome
    array([0.   , 0.375, 0.875, 1.   ])

    """
    rate, population = (np.asarray(v, dtype=np.float64) for v in (rate, population))
    if rate.shape != population.shape or rate.ndim < 1:
        raise InputError(
            f"rate has shape {rate.shape} and population {population.shape}: give people for each "
            "rate, segments on the first axis."
        )
    order, step = _steps(rate.shape[0], rank)
    there: BoolArray = np.isfinite(rate) & (population > 0)
    weight = np.where(there, population, 0.0)[order]
    amount = _shared(np.where(there, population * rate, 0.0)[order], weight, step)
    valid = ~np.any(there & (rate < 0), axis=0)
    return _cumulative(weight, valid), _cumulative(amount, valid)


def twice_the_area(people: FloatArray, outcome: FloatArray) -> FloatArray:
    """Twice the area between the diagonal and a concentration curve: the relative index.

    Parameters
    ----------
    people, outcome : (k + 1, ...) arrays
        Points of the curve, from :func:`concentration_curve`.

    Returns
    -------
    (...) array
        The relative concentration index, from −1 to 1: 0 for equal shares, below 0 where the curve
        lies above the diagonal and the outcome more with the most disadvantaged.

    Notes
    -----
    1 − Σ (people[i] − people[i−1])(outcome[i] + outcome[i−1]), the trapezoids under the curve;
    equal to 2 Σ w y R / μ − 1 with mid-ranks R (Kakwani, Wagstaff & van Doorslaer 1997).

    Examples
    --------
    >>> twice_the_area(np.array([0.0, 0.25, 0.75, 1.0]), np.array([0.0, 0.375, 0.875, 1.0]))
    np.float64(-0.1875)

    """
    people, outcome = (np.asarray(v, dtype=np.float64) for v in (people, outcome))
    if people.shape != outcome.shape:
        raise InputError(
            f"people has shape {people.shape} and outcome {outcome.shape}: give both for each "
            "point of the curve."
        )
    under: FloatArray = (np.diff(people, axis=0) * (outcome[1:] + outcome[:-1])).sum(axis=0)
    return 1.0 - under


def _steps(size: int, rank: IntArray | None) -> tuple[IntArray, IntArray]:
    """Give the order of the segments, and the step that each ordered segment belongs to."""
    if rank is None:
        return np.arange(size), np.arange(size)
    rank = np.asarray(rank)
    if rank.shape != (size,):
        raise InputError(f"rank has shape {rank.shape}: give one place for each of {size} rates.")
    order = np.argsort(rank, kind="stable")
    return order, np.unique(rank[order], return_inverse=True)[1].astype(np.int64)


def _shared(amount: FloatArray, weight: FloatArray, step: IntArray) -> FloatArray:
    """Spread the outcome of tied segments over them by their people."""
    if step.size == 0 or step[-1] + 1 == step.size:
        return amount
    starts = np.flatnonzero(np.diff(step, prepend=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.add.reduceat(amount, starts, axis=0) / np.add.reduceat(weight, starts, axis=0)
    return np.where(weight > 0, rate[step] * weight, 0.0)


def _cumulative(values: FloatArray, valid: BoolArray) -> FloatArray:
    """Turn amounts into cumulative shares that start at 0 and end at 1."""
    start = np.zeros((1, *values.shape[1:]))
    running = np.concatenate([start, np.cumsum(values, axis=0)])
    total = running[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((total > 0) & valid, running / total, np.nan)
