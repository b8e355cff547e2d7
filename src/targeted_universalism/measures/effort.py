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


def needed_wherever(
    short: FloatArray, more: FloatArray, less: FloatArray, unit: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least and most that segments may need together, wherever people of no known segment belong.

    Parameters
    ----------
    short : (k, ...) array
        s(G·population − events) of each segment, negative past the goal.
    more, less : (...) array
        By how much a segment's shortfall rises, and falls, when all outcomes that raise, or lower,
        it belong to that segment.
    unit : (k, 1, ...) array
        What one person counts: 1, or a cost.

    Returns
    -------
    low, high : (...) arrays
        The range of Σ unit·max(0, short), before needs are rounded up.

    Notes
    -----
    Derived. The sum is convex in who belongs where: it is largest where all that raises it lies in
    one segment and all that lowers it in one, and smallest where what raises it is taken up by
    segments past the goal and what lowers it goes where a person counts most.

    Examples
    --------
    >>> short = np.array([[10.0], [-4.0]])
    >>> low, high = needed_wherever(short, np.array([6.0]), np.array([3.0]), np.ones((2, 1)))
    >>> print(low, high)
    [9.] [16.]

    """
    return _least(short, more, less, unit), _most(short, more, less, unit)


def _least(short: FloatArray, more: FloatArray, less: FloatArray, unit: FloatArray) -> FloatArray:
    """Take up what raises the sum where there is room, and lower the dearest needs first."""
    order = np.argsort(-unit.ravel(), kind="stable")
    cost, need = unit[order], np.maximum(short[order], 0.0)
    room = np.maximum(-short, 0.0).sum(axis=0)
    need[-1] += np.maximum(more - room, 0.0)
    left = np.maximum(need.cumsum(axis=0) - less, 0.0)
    return np.asarray((np.diff(left, axis=0, prepend=0.0) * cost).sum(axis=0))


def _most(short: FloatArray, more: FloatArray, less: FloatArray, unit: FloatArray) -> FloatArray:
    """Put all that raises the sum into one segment, and all that lowers it into one."""
    now = unit * np.maximum(short, 0.0)
    gain = unit * np.maximum(short + more, 0.0) - now
    loss = now - unit * np.maximum(short - less, 0.0)
    both = unit * np.maximum(short + more - less, 0.0) - now
    first = gain.argmax(axis=0)
    own = np.arange(len(gain)).reshape(-1, *[1] * first.ndim) == first
    second = np.where(own, -np.inf, gain).max(axis=0)
    apart = (np.where(own, second, gain.max(axis=0)) - loss).max(axis=0)
    return np.asarray(now.sum(axis=0) + np.maximum(apart, both.max(axis=0)))


def per_head(amount: FloatArray, people: FloatArray) -> FloatArray:
    """Divide an amount by people; missing where there is nobody.

    Parameters
    ----------
    amount, people : arrays
        Of shapes that fit each other.

    Examples
    --------
    >>> per_head(np.array([30.0, 5.0]), np.array([60.0, 0.0]))
    array([0.5, nan])

    """
    return np.where(people > 0, amount / np.where(people > 0, people, 1.0), np.nan)
