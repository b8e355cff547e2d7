"""People needed and how they are shared out over segments."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray, Number
from targeted_universalism.errors import InputError
from targeted_universalism.measures.exact import as_fraction, people_needed
from targeted_universalism.measures.goal import sign_of

__all__ = ["effort_share", "needed"]


def needed(
    events: FloatArray, population: FloatArray, target: Number, *, direction: str, per: Number = 1
) -> FloatArray:
    """Fewest people whose outcome must change for each segment to meet the goal.

    Parameters
    ----------
    events, population : (k, ...) array
        Numerators and denominators, of one shape. Missing values give a missing answer.
    target : number
        The universal goal, in units of `per`.
    direction : {"at least", "at most"}
        Which side of the goal is wanted.
    per : number
        The unit of `target`: 1,000 for a goal per 1,000.

    Returns
    -------
    (k, ...) array
        Whole numbers: max(0, ⌈s(G·population − events)⌉), exact for whole counts.

    Notes
    -----
    Derived from the definition of the goal; decimals are read as written, so 0.54 of 2,000 is
    1,080 and not a float beside it.

    Examples
    --------
    >>> needed(np.array([607.0, 4292.0]), np.array([2000.0, 6000.0]), 0.54, direction="at least")
    array([473.,   0.])

    """
    events, population = (np.asarray(v, dtype=np.float64) for v in (events, population))
    if events.shape != population.shape:
        raise InputError(
            f"events has shape {events.shape} and population {population.shape}: give one "
            "denominator for each numerator."
        )
    goal = as_fraction(target) / as_fraction(per)
    flat = people_needed(events.ravel(), population.ravel(), goal, sign_of(direction))
    return flat.reshape(events.shape)


def effort_share(needed: FloatArray) -> FloatArray:
    """Each segment's share of all people needed, along the first axis.

    Parameters
    ----------
    needed : (k, ...) array
        People needed; segments that do not take part (an Unknown) hold 0.

    Returns
    -------
    (k, ...) array
        Shares that sum to 1; missing where nobody is needed or any segment's need is missing.

    Examples
    --------
    >>> effort_share(np.array([[30.0, 0.0], [10.0, 0.0]]))
    array([[0.75,  nan],
           [0.25,  nan]])

    """
    total = needed.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, needed / total, np.nan)
