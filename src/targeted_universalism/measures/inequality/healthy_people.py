"""What Healthy People measures from the best segment."""

from __future__ import annotations

import numpy as np

from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality.arithmetic import Array, best, magnitude, over
from targeted_universalism.measures.inequality.register import INFINITY, measure
from targeted_universalism.measures.inequality.simple import NCHS

__all__ = ["hp_index_of_disparity"]


@measure(
    code="hp_index_of_disparity", picks=True, scale="relative", value_at_equality=0, source=NCHS,
    bounds=(0, INFINITY),
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
    favourable = best(rate, sign_of(direction))
    left = len(rate) - 1 or float("nan")
    return over(np.asarray(magnitude(rate - favourable).sum(axis=0) / left), favourable)
