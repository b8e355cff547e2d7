"""Two segments: a measure without sign follows from their difference, or their ratio."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.inequality.known import Bounds, Known, bounds
from targeted_universalism.measures.intervals import Limits
from targeted_universalism.measures.parts import ratio_limits

Value = Callable[[FloatArray, FloatArray], FloatArray]


def two_segments(known: Known, value: Value, *, relative: bool) -> Bounds:
    """Put the limits of the difference, or of the ratio, of two segments into a measure.

    Parameters
    ----------
    known : Known
        What is known of (2, ...) segments.
    value : callable
        From (2, ...) rates and shares to the (...) measure. An absolute one depends on the
        difference alone, a relative one on the ratio alone, and either grows away from equality.
    relative : bool
        Which of the two it is.

    Returns
    -------
    Bounds
        From 0 where the limits hold equality.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> found = two_segments(known, lambda rate, _: np.abs(rate[0] - rate[1]), relative=False)
    >>> print(found.low.round(4), found.high.round(4))
    0.2439 0.5239

    """
    ends, inside = _of_ratio(known) if relative else _of_difference(known)
    at_ends = [value(rates, known.share) for rates in ends]
    low, high = np.minimum(*at_ends), np.maximum(*at_ends)
    return bounds(np.where(inside, 0.0, low), high, equality=0)


def _of_difference(known: Known) -> tuple[Limits, FloatArray]:
    down, up = known.arms()
    apart = known.rate[0] - known.rate[1]
    low, high = apart - np.hypot(down[0], up[1]), apart + np.hypot(up[0], down[1])
    ends = tuple(np.stack([d, np.zeros(d.shape)]) for d in (low, high))
    return (ends[0], ends[1]), np.asarray((low <= 0) & (high >= 0))


def _of_ratio(known: Known) -> tuple[Limits, FloatArray]:
    rates = known.rate, known.low, known.high
    one, other = (tuple(v[i] for v in rates) for i in (0, 1))
    low, high = ratio_limits((one[0], one[1], one[2]), (other[0], other[1], other[2]))
    # Of rates r and 1 the larger is made 1, so that a ratio without bound has rates 1 and 0.
    ends = [np.stack([np.minimum(r, 1.0), np.minimum(1 / r, 1.0)]) for r in (low, high)]
    return (ends[0], ends[1]), np.asarray((low <= 1) & (high >= 1))
