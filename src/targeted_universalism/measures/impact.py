"""Disproportionate impact by the rules of agencies: margin, index, flag, people needed, exactly.

A reference is a fraction, events of population, so that whole counts are compared as whole
numbers: exactly 80 % is never 0.7999. Weighted counts are compared with a tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from targeted_universalism._typing import BoolArray, FloatArray, Number
from targeted_universalism.measures.exact import as_fraction, is_whole
from targeted_universalism.measures.goal import sign_of

__all__ = ["impact_ratio", "point_gap", "proportionality"]

Factors = Sequence[FloatArray | float]

_INT64_SAFE = 2.0**62
_DOUBT = 1e-12
# The rule writes 1.96; the normal quantile is 1.95996.
_TIMES = Fraction(196, 100)


@dataclass(frozen=True, eq=False)
class Impact:
    """What a rule says of each group; arrays of one shape, missing where it cannot say.

    `flagged` is 1 or 0; `needed_to_leave` and `needed_to_parity` are whole people whose outcome
    would have to change.
    """

    margin: FloatArray
    index: FloatArray
    threshold: FloatArray
    flagged: FloatArray
    needed_to_leave: FloatArray
    needed_to_parity: FloatArray

    def mapped(self, f: Callable[[FloatArray], FloatArray]) -> Impact:
        """Apply a function to every array."""
        return Impact(**{field.name: f(getattr(self, field.name)) for field in fields(self)})


def point_gap(
    events: FloatArray,
    population: FloatArray,
    reference_events: FloatArray,
    reference_population: FloatArray,
    *,
    direction: str = "at least",
    floor: Number = Fraction(2, 100),
    observed: bool = True,
    size: FloatArray | None = None,
) -> Impact:
    """Percentage point gap: flagged where even rate + margin does not pass the reference.

    Parameters
    ----------
    events, population : (...) array
        Numerator and denominator of each group.
    reference_events, reference_population : (...) array
        The reference as a fraction; it stays as it is while people are added.
    direction : {"at least", "at most"}
        Which side is wanted; "at most" turns the rule round.
    floor : number
        Smallest margin, as a proportion.
    observed : bool
        Whether the margin uses the group's own proportion, or one half.
    size : (...) array, optional
        People behind the margin, where `population` is a sum of weights.

    Returns
    -------
    Impact
        `margin` E = max(1.96√(p(1−p)/n), floor); `index` the gap p − reference; `threshold` −E
        (+E for "at most"); flagged where the gap is at the threshold or beyond.
        `needed_to_leave` is the fewest people after whose change the flag, with its margin
        computed again, is gone.

    Notes
    -----
    California Community Colleges: Percentage Point Gap method (2017: one half and 3 points, the
    reference being everybody) and PPG-1 (2022: own proportion and 2 points, everybody else). The
    margin is the group's alone: the reference is taken as known.

    Examples
    --------
    >>> counts = np.array([[607.0, 4292.0], [2000.0, 6000.0], [10528.0] * 2, [20000.0] * 2])
    >>> found = point_gap(*counts)
    >>> found.flagged, found.needed_to_leave, found.needed_to_parity
    (array([1., 0.]), array([402.,   0.]), array([446.,   0.]))

    """
    counts = (events, population, reference_events, reference_population)
    given = np.broadcast_arrays(*counts, population if size is None else size)
    x, n, ref_x, ref_n, size = (np.asarray(v, dtype=np.float64).ravel() for v in given)
    sign, least = sign_of(direction), as_fraction(floor)
    rule = _Gap(n, ref_x, ref_n, size, sign, least, observed)
    gap, margin = -rule.sign * rule.behind(x), rule.margin(x)
    known = ~np.isnan(gap) & ~np.isnan(margin)
    flagged = np.zeros(x.shape)
    flagged[known] = rule.take(known).flag(x[known])
    parity = fewest(rule.sign, (rule.population, rule.ref_events), (x, rule.ref_population),
                    (rule.ref_population,))  # fmt: skip
    leave = np.zeros(x.shape)
    here = known & (flagged > 0)
    leave[here] = rule.take(here).needed(x[here], parity[here])
    found = Impact(margin, gap, -rule.sign * margin, flagged, leave, parity)
    return found.mapped(lambda v: np.where(known, v, np.nan).reshape(given[0].shape))


@dataclass(frozen=True, eq=False)
class _Gap:
    """Groups under the percentage point gap rule, and their flag at any count of events."""

    population: FloatArray
    ref_events: FloatArray
    ref_population: FloatArray
    size: FloatArray
    sign: int
    floor: Fraction
    observed: bool

    def take(self, here: BoolArray) -> _Gap:
        """Keep some groups."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self)[:4]}
        return replace(self, **{name: values[here] for name, values in arrays.items()})

    def behind(self, events: FloatArray) -> FloatArray:
        """How far the group is behind the reference, as a proportion."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ahead = self.ref_events / self.ref_population - events / self.population
        return self.sign * ahead

    def margin(self, events: FloatArray) -> FloatArray:
        """Give 1.96 standard errors, or the floor where they are less."""
        with np.errstate(invalid="ignore", divide="ignore"):
            p = events / self.population if self.observed else np.full(events.shape, 0.5)
            spread = float(_TIMES) * np.sqrt(np.maximum(p * (1 - p), 0.0) / self.size)
        return np.maximum(spread, float(self.floor))

    def flag(self, events: FloatArray) -> BoolArray:
        """Tell who is behind by the margin or more; counts too close for floats, in fractions."""
        ahead = self.behind(events) - self.margin(events)
        flagged: BoolArray = ahead >= -_DOUBT
        whole = is_whole(events, self.population, self.ref_events, self.ref_population)
        near = whole & (np.abs(ahead) <= _DOUBT) & (self.size == self.population)
        for i in np.flatnonzero(near):
            flagged[i] = self._flag_exactly(i, int(events[i]))
        return flagged

    def _flag_exactly(self, i: np.intp, events: int) -> bool:
        n, reference = int(self.population[i]), Fraction(int(self.ref_events[i]))
        p = Fraction(events, n)
        behind = self.sign * (reference / int(self.ref_population[i]) - p)
        q = p if self.observed else Fraction(1, 2)
        return behind >= self.floor and behind**2 >= _TIMES**2 * q * (1 - q) / n

    def needed(self, events: FloatArray, parity: FloatArray) -> FloatArray:
        """Halve the range until the fewest people that end the flag are found.

        The flag ends once: rate + margin rises with the rate until it is past 1.
        """
        low = np.zeros(events.shape)
        high = parity + (self.floor == 0)
        while (high - low > 1).any():
            middle = np.floor((low + high) / 2)
            still = self.flag(events + self.sign * middle)
            low, high = np.where(still, middle, low), np.where(still, high, middle)
        left = events if self.sign < 0 else self.population - events
        reached = (high <= left) & ~self.flag(events + self.sign * high)
        return np.where(reached, high, np.nan)


def impact_ratio(
    events: FloatArray,
    population: FloatArray,
    reference_events: FloatArray,
    reference_population: FloatArray,
    *,
    direction: str = "at least",
    threshold: Number = Fraction(4, 5),
) -> Impact:
    """Ratio to a reference, flagged beyond a threshold: the 80 % index, the IDEA risk ratio.

    Parameters
    ----------
    events, population, reference_events, reference_population, direction
        As in :func:`point_gap`.
    threshold : number
        For "at least" flagged where the ratio is below it; for "at most" where it is above the
        threshold, or above 1/threshold if that is the larger.

    Returns
    -------
    Impact
        `index` is the ratio of rates; exactly at the threshold is not flagged. There is no
        `margin`. Missing where the reference is 0.

    Notes
    -----
    Uniform Guidelines on Employee Selection Procedures (1978): a rate below four fifths of the
    highest. 34 CFR 300.647: risk ratio of a group and of all other children.

    Examples
    --------
    >>> found = impact_ratio(*np.array([[48.0, 45.0], [100.0] * 2, [60.0] * 2, [100.0] * 2]))
    >>> found.index, found.flagged, found.needed_to_leave
    (array([0.8 , 0.75]), array([0., 1.]), array([0., 3.]))

    """
    sign, cut = sign_of(direction), _turned(threshold, direction)
    x, n, ref_x, ref_n = _floats(events, population, reference_events, reference_population)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(ref_x > 0, (x / n) / (ref_x / ref_n), np.nan)
    leave = fewest(sign, (cut.numerator, n, ref_x), (cut.denominator, x, ref_n),
                   (cut.denominator, ref_n))  # fmt: skip
    parity = fewest(sign, (n, ref_x), (x, ref_n), (ref_n,))
    return _ratio(index, cut, leave, parity)


def proportionality(
    events: FloatArray,
    population: FloatArray,
    total_events: FloatArray,
    total_population: FloatArray,
    *,
    direction: str = "at least",
    threshold: Number = Fraction(4, 5),
) -> Impact:
    """Share of the events over share of the people, flagged beyond a threshold.

    Parameters
    ----------
    total_events, total_population : (...) array
        Of everybody, the group included.
    events, population, direction, threshold
        As in :func:`impact_ratio`.

    Returns
    -------
    Impact
        As of :func:`impact_ratio`; but people added to the group are added to everybody, so that
        needed k solves (x + k)/(X + k) = c·n/N.

    Notes
    -----
    California Community Colleges, Guidelines for Measuring Disproportionate Impact (2014). The
    index has a ceiling of N/n and depends on composition.

    Examples
    --------
    >>> found = proportionality(*np.array([[847.0], [4000.0], [10528.0], [20000.0]]))
    >>> found.index.round(4), found.needed_to_leave, found.needed_to_parity
    (array([0.4023]), array([997.]), array([1574.]))

    """
    sign, cut = sign_of(direction), _turned(threshold, direction)
    x, n, all_x, all_n = _floats(events, population, total_events, total_population)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(all_x > 0, (x / all_x) / (n / all_n), np.nan)
    leave, parity = (
        fewest(sign, (c.numerator, n, all_x), (c.denominator, x, all_n),
               c.denominator * all_n - c.numerator * n)
        for c in (cut, Fraction(1))
    )  # fmt: skip
    return _ratio(index, cut, leave, parity)


def _turned(threshold: Number, direction: str) -> Fraction:
    """Turn a threshold to the side of the direction: four fifths is five quarters for at most."""
    cut = as_fraction(threshold)
    return min(cut, 1 / cut) if sign_of(direction) > 0 else max(cut, 1 / cut)


def _ratio(index: FloatArray, cut: Fraction, leave: FloatArray, parity: FloatArray) -> Impact:
    nothing = np.full(index.shape, np.nan)
    known = ~np.isnan(index)
    flagged, leave, parity = (np.where(known, v, np.nan) for v in (leave > 0, leave, parity))
    return Impact(nothing, index, np.where(known, float(cut), np.nan), flagged, leave, parity)


def _floats(*values: FloatArray) -> list[FloatArray]:
    return [np.asarray(v, dtype=np.float64) for v in np.broadcast_arrays(*values)]


def fewest(sign: int, ahead: Factors, behind: Factors, bottom: Any) -> FloatArray:
    """Fewest whole people: max(0, ⌈sign·(∏ahead − ∏behind)/bottom⌉), exactly for whole counts.

    Parameters
    ----------
    sign : {1, -1}
        The direction.
    ahead, behind : sequence of arrays or numbers
        Factors of the two products.
    bottom : array or sequence of factors
        What their difference is divided by; where it is 0 or less nobody is needed.

    Examples
    --------
    >>> fewest(1, (3.0, np.array([100.0])), (4.0, np.array([70.0])), (4.0,))
    array([5.])

    """
    under = (bottom,) if isinstance(bottom, np.ndarray) else tuple(bottom)
    shape = np.broadcast_shapes(*(np.shape(v) for v in (*ahead, *behind, *under)))
    parts = [[np.broadcast_to(np.asarray(v, float), shape).ravel() for v in group]
             for group in (ahead, behind, under)]  # fmt: skip
    top, low = sign * (np.prod(parts[0], axis=0) - np.prod(parts[1], axis=0)), np.prod(parts[2], 0)
    people = np.zeros(top.shape)
    some = (low > 0) & (top > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        needed = top / low
    people[some] = np.ceil(needed[some] - 1e-9 * np.maximum(1, np.sqrt(needed[some])))
    people[np.isnan(top) | np.isnan(low)] = np.nan
    whole = is_whole(*(v for group in parts for v in group)) & ~np.isnan(people)
    people[whole] = _exactly(sign, [[v[whole] for v in group] for group in parts])
    return np.maximum(people, 0.0).reshape(shape)


def _exactly(sign: int, parts: list[list[FloatArray]]) -> FloatArray:
    sizes = [np.prod([np.abs(v).max(initial=0) for v in group]) for group in parts]
    fits = sum(sizes) < _INT64_SAFE
    ahead, behind, under = (_product(group, fits) for group in parts)
    above = under > 0
    safe = np.where(above, under, 1)
    return np.where(above, -((-sign * (ahead - behind)) // safe), 0).astype(np.float64)


def _product(factors: list[FloatArray], fits: bool) -> npt.NDArray[Any]:
    """Multiply whole numbers: as int64 where the products fit, else as Python's integers."""
    if fits:
        return np.asarray(np.prod([v.astype(np.int64) for v in factors], axis=0))
    whole = [np.array([int(x) for x in v], dtype=object) for v in factors]
    return np.asarray(np.prod(whole, axis=0))
