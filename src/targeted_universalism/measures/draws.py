"""Draws of what rates could have been, inside the bounds of their kind."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray


def bounded_draws(
    rate: FloatArray,
    se: FloatArray,
    size: FloatArray,
    kind: str,
    *,
    count: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw rates with the mean and the standard error of their estimates.

    Parameters
    ----------
    rate, se : (k,) array
        Estimates and standard errors, per member of the population.
    size : (k,) array
        People behind each rate, effective ones where weighted; missing where only `se` is known.
    kind : {"proportion", "rate", "mean", "standardized"}
        Beta draws for proportions, gamma for rates, normal for means.
    count : int
        Number of draws.
    rng : Generator
        Where chance comes from.

    Returns
    -------
    (k, count) array
        Never below 0, nor above 1 for proportions. A rate at its bound is drawn from Jeffreys'
        posterior where its size is known. Missing where no such distribution has that mean and
        standard error.

    Examples
    --------
    >>> drawn = bounded_draws(
    ...     np.array([0.01]), np.array([0.01]), np.array([100.0]), "proportion",
    ...     count=4000, rng=np.random.default_rng(1),
    ... )
    >>> bool((drawn >= 0).all()), round(float(drawn.mean()), 3), round(float(drawn.std()), 3)
    (True, 0.01, 0.01)

    """
    shape = (count, len(rate))
    if kind == "mean":
        return np.asarray((rate + se * rng.standard_normal(shape)).T)
    fixed = (se == 0) & np.isnan(size)
    first, second = _beta(rate, se, size) if kind == "proportion" else _gamma(rate, se, size)
    possible = (first > 0) & (second > 0) & np.isfinite(first) & np.isfinite(second)
    a, b = np.where(possible, first, 1.0), np.where(possible, second, 1.0)
    drawn = rng.beta(a, b, shape) if kind == "proportion" else rng.standard_gamma(a, shape) / b
    return np.asarray(np.where(possible, drawn, np.where(fixed, rate, np.nan)).T)


Shapes = tuple[FloatArray, FloatArray]


def _beta(rate: FloatArray, se: FloatArray, size: FloatArray) -> Shapes:
    with np.errstate(all="ignore"):
        weight = rate * (1 - rate) / se**2 - 1
    first, second = rate * weight, (1 - rate) * weight
    edge = ((rate == 0) | (rate == 1)) & (size > 0)
    return np.where(edge, rate * size + 0.5, first), np.where(edge, (1 - rate) * size + 0.5, second)


def _gamma(rate: FloatArray, se: FloatArray, size: FloatArray) -> Shapes:
    with np.errstate(all="ignore"):
        shape, pace = rate**2 / se**2, rate / se**2
    edge = (rate == 0) & (size > 0)
    return np.where(edge, 0.5, shape), np.where(edge, size, pace)
