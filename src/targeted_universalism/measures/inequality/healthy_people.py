"""What Healthy People measures from the best segment."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality.arithmetic import (
    Array,
    at_best,
    best,
    from_best,
    over,
)
from targeted_universalism.measures.inequality.register import INFINITY, measure
from targeted_universalism.measures.inequality.simple import NCHS

__all__ = ["hp_index_of_disparity"]


def _slope(rate: FloatArray, direction: str) -> FloatArray:
    sign, k = sign_of(direction), len(rate)
    favourable, own = best(rate, sign), at_best(rate, sign)
    value = over(from_best(rate, sign).sum(axis=0), favourable)
    return over(sign * (k * own - 1) - value * own, favourable) / (k - 1)


@measure(
    code="hp_index_of_disparity", picks=True, scale="relative", value_at_equality=0, source=NCHS,
    bounds=(0, INFINITY), slope=_slope,
)  # fmt: skip
def hp_index_of_disparity(rate: Array, direction: str) -> Array:
    """Healthy People's index of disparity: how far the others are from the best, relative to it.

    Notes
    -----
    ``Σ |y − y_best| / (k − 1) / y_best``, over the segments other than the best. Healthy People
    publishes 100 times this, for outcomes of which less is better; there it is the summary rate
    ratio less 1. WHO's index of disparity is another one (``index_of_disparity``).

    Examples
    --------
    >>> hp_index_of_disparity(np.array([0.5, 0.75, 0.25]), "at most")
    np.float64(1.5)

    """
    sign, left = sign_of(direction), len(rate) - 1 or float("nan")
    return over(np.asarray(from_best(rate, sign).sum(axis=0) / left), best(rate, sign))
