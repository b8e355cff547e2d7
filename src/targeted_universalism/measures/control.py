"""Control limits around a goal: how far from it chance alone may take a group that is at it."""

from __future__ import annotations

import numpy as np
from scipy import stats

from targeted_universalism._typing import FloatArray

__all__ = ["control_limits"]


def control_limits(
    population: FloatArray, target: float, share: float = 0.95, *, kind: str = "proportion"
) -> tuple[FloatArray, FloatArray]:
    """Exact limits of the rate of a group whose chance of an event is the target.

    Parameters
    ----------
    population : (...) array
        People, whole numbers; or person-time of a rate. Above 0.
    target : float
        The goal, in events per member of the population.
    share : float
        What lies between the limits, in (0, 1); half of what is left lies beyond each.
    kind : {"proportion", "rate"}
        Counts are binomial, or Poisson.

    Returns
    -------
    low, high : (...) arrays
        Rates, in events per member. A count of events lies beyond a limit exactly where its tail,
        the count itself included, has a chance below (1 - share) / 2.

    Notes
    -----
    Between whole counts the limit is interpolated by the chance of the counts on either side, so
    that it is smooth in the population (after Spiegelhalter 2005, Statistics in Medicine 24:1185).
    Each limit is taken from its own tail: the upper one is the mirror of the lower, and neither is
    passed more often than said. Counts that scatter by more than chance fall beyond them more
    often; nothing is added for that.

    Examples
    --------
    >>> low, high = control_limits(np.array([100.0, 1000.0]), 0.15)
    >>> print(low.round(4), high.round(4))
    [0.0784 0.1277] [0.2283 0.173 ]

    """
    n = np.asarray(population, dtype=np.float64)
    counts = stats.binom(n, target) if kind == "proportion" else stats.poisson(n * target)
    tail = (1 - share) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.maximum(counts.ppf(tail), 0)
        below, at = counts.cdf(least - 1), counts.cdf(least)
        low = least - np.where(at > below, (at - tail) / (at - below), 0.0)
        most = np.maximum(counts.isf(tail), 0)
        at, above = counts.sf(most - 1), counts.sf(most)
        high = most + np.where(at > above, (at - tail) / (at - above), 0.0)
        top = n if kind == "proportion" else np.inf
        return np.maximum(low, 0.0) / n, np.minimum(high, top) / n
