"""People needed, exactly: counts are integers and goals are decimals, so no float decides.

`ceil((goal - x / n) * n)` in floats is one person too many for 70 of 100 against 0.75.
Here a goal is a fraction and the arithmetic is whole (RULES 4).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from targeted_universalism._typing import BoolArray, FloatArray, Number

_INT64_SAFE = 2**62
_TYPED = 12  # digits of a number as people write it
_ROUNDING = 4  # last places of a float that computing it may cost


def as_fraction(value: Number) -> Fraction:
    """Return the number a person wrote, as a fraction: 0.1 is 1/10, and 0.1 + 0.2 is 3/10.

    Parameters
    ----------
    value : int, float, Decimal or Fraction
        A finite number.

    Returns
    -------
    Fraction
        The decimal as printed. If it has more than twelve digits it was computed: a fraction with a
        denominator up to 10⁶ where rounding alone parts the two. Floats of large numbers have few
        places behind the point: there only fractions count that chance would seldom hit.

    Notes
    -----
    RULES 4 takes every number within 10⁻¹² of such a fraction for it: a typed 0.0000011 would be
    1/909,091, and so would half of all decimals typed to twelve places be some other fraction.

    Examples
    --------
    >>> as_fraction(0.54), as_fraction(0.1 + 0.2), as_fraction(1 / 3)
    (Fraction(27, 50), Fraction(3, 10), Fraction(1, 3))

    """
    text = str(value)
    written = Fraction(text)
    digits = len(text.lower().partition("e")[0].replace(".", "").lstrip("-0"))
    if "/" in text or digits <= _TYPED or written.denominator == 1:
        return written
    place = Fraction(math.ulp(float(value)))
    simple = written.limit_denominator(min(10**6, math.isqrt(int(1 / (1000 * place)) + 1)))
    return simple if simple and abs(written - simple) <= _ROUNDING * place else written


def shortfall(
    events: FloatArray, population: FloatArray, goal: Fraction, sign: int
) -> npt.NDArray[Any]:
    """Compute sign·(goal·population − events) in units of 1/goal.denominator, exactly.

    Parameters
    ----------
    events, population : (m,) array
        Whole numbers, finite.
    goal : Fraction
        The goal as events per member of the population.
    sign : {1, -1}
        +1 when at least the goal is wanted, −1 when at most.

    Returns
    -------
    (m,) array
        int64 where the products fit, Python integers (dtype object) where they do not.

    """
    top, bottom = goal.numerator, goal.denominator
    largest = abs(top) * float(population.max(initial=0)) + bottom * float(events.max(initial=0))
    if largest < _INT64_SAFE:
        return sign * (top * population.astype(np.int64) - bottom * events.astype(np.int64))
    whole_n = np.array([int(v) for v in population], dtype=object)
    whole_x = np.array([int(v) for v in events], dtype=object)
    return np.asarray(sign * (top * whole_n - bottom * whole_x), dtype=object)


def people_needed(
    events: FloatArray, population: FloatArray, goal: Fraction, sign: int
) -> FloatArray:
    """Fewest people whose outcome must change for the group to meet the goal.

    Parameters
    ----------
    events, population : (m,) array
        Numerator and denominator; missing values give a missing answer.
    goal : Fraction
        The goal as events per member of the population.
    sign : {1, -1}
        +1 when at least the goal is wanted, −1 when at most.

    Returns
    -------
    (m,) array
        Whole numbers, 0 where the goal is met. Exact for whole counts; for weighted ones with an
        absolute tolerance of 10⁻⁹·max(1, √(goal·population)).

    Examples
    --------
    >>> people_needed(np.array([70.0]), np.array([100.0]), Fraction(3, 4), 1)
    array([5.])

    """
    needed = np.full(events.shape, np.nan)
    known = np.isfinite(events) & np.isfinite(population)
    whole = known & is_whole(events, population)
    parts = shortfall(events[whole], population[whole], goal, sign)
    needed[whole] = np.maximum(-((-parts) // goal.denominator), 0).astype(np.float64)
    part = known & ~whole
    needed[part] = _ceil_tolerant(
        sign * (float(goal) * population[part] - events[part]), float(goal) * population[part]
    )
    return needed


def distance(events: FloatArray, population: FloatArray, goal: Fraction, sign: int) -> FloatArray:
    """Gap to the goal, sign·(goal − events/population), whose sign is never a rounding error.

    Parameters, shapes and units as in :func:`people_needed`; the gap is a proportion or a rate
    per member of the population, and exactly 0 where the counts meet the goal exactly.

    Examples
    --------
    >>> distance(np.array([3.0]), np.array([10.0]), Fraction(3, 10), 1)
    array([0.])

    """
    gap = np.full(events.shape, np.nan)
    known = np.isfinite(events) & np.isfinite(population) & (population > 0)
    whole = known & is_whole(events, population)
    parts = shortfall(events[whole], population[whole], goal, sign).astype(np.float64)
    gap[whole] = parts / (float(goal.denominator) * population[whole])
    part = known & ~whole
    people = sign * (float(goal) * population[part] - events[part])
    met = np.abs(people) <= _tolerance(float(goal) * population[part])
    gap[part] = np.where(met, 0.0, people / population[part])
    return gap


def people_needed_from_rate(
    rate: FloatArray, per: Number, population: FloatArray, goal: Fraction, sign: int
) -> FloatArray:
    """People needed from a published rate and a population, as if both were exact as printed.

    Parameters
    ----------
    rate : (m,) array
        Published rates, in units of `per`.
    per : number
        The unit of `rate` (1,000 for a rate per 1,000).
    population : (m,) array
        People, not necessarily whole.
    goal, sign
        As in :func:`people_needed`.

    Returns
    -------
    (m,) array
        max(0, ⌈n·s(G − rate/per) − tolerance⌉). Floats decide only where they cannot be wrong;
        the rest is computed in fractions.

    Examples
    --------
    >>> people_needed_from_rate(np.array([3.01]), 1000, np.array([110778.0]), Fraction(3, 1000), -1)
    array([2.])

    """
    needed = np.full(rate.shape, np.nan)
    known = np.flatnonzero(np.isfinite(rate) & np.isfinite(population))
    n, r, g = population[known], rate[known], float(goal)
    people = n * (sign * (g - r / float(per)))
    needed[known] = _ceil_tolerant(people, g * n)
    near = people - _tolerance(g * n)
    doubt = np.abs(near - np.rint(near)) <= 1e-14 * n * (abs(g) + np.abs(r) / float(per)) + 1e-300
    for i in known[doubt]:
        exact = _in_fractions(rate[i], per, population[i], goal, sign)
        needed[i] = _ceil_exact(exact, float(goal) * float(population[i]))
    return needed


def needed_at_limit(
    limit: FloatArray, population: FloatArray, goal: Fraction, sign: int
) -> FloatArray:
    """People needed if the true rate were at one limit of its interval.

    `limit` is a proportion or a rate per member of the population; the limit is an estimate, so
    a float is good enough: max(0, ⌈n·s(G − limit) − tolerance⌉), with the tolerance of weighted
    counts, which at ten million people is what float rounding needs.
    """
    people = population * (sign * (float(goal) - limit))
    return _ceil_tolerant(people, float(goal) * population)


def is_whole(*arrays: FloatArray) -> BoolArray:
    """Tell where every array holds a whole number."""
    whole: BoolArray = np.ones(arrays[0].shape, dtype=np.bool_)
    for values in arrays:
        whole &= values == np.rint(values)
    return whole


def snap(gap: FloatArray, scale: float | FloatArray) -> FloatArray:
    """Set gaps that are rounding error (relative 10⁻¹²) to zero."""
    return np.where(np.abs(gap) <= 1e-12 * np.abs(scale), 0.0, gap)


def _tolerance(expected: FloatArray) -> FloatArray:
    return 1e-9 * np.maximum(1.0, np.sqrt(np.abs(expected)))


def _ceil_tolerant(people: FloatArray, expected: FloatArray) -> FloatArray:
    return np.maximum(np.ceil(people - _tolerance(expected)), 0.0)


def _ceil_exact(people: Fraction, expected: float) -> float:
    slack = Fraction(float(_tolerance(np.array([expected]))[0]))
    return float(max(0, -((slack - people) // 1)))


def _in_fractions(
    rate: float, per: Number, population: float, goal: Fraction, sign: int
) -> Fraction:
    written = Fraction(str(float(rate))) / Fraction(str(per))
    return Fraction(float(population)) * sign * (goal - written)
