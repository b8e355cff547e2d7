"""What is known of the segments of strata: their rates, limits, variances and shares.

Every form of interval (the rooms ``limits_*``) is written for complete
segments, and takes what a :class:`Known` holds. :func:`by_count` gives it strata with the same
number of segments together, so that segments without a rate take no part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import IntFlag
from functools import cached_property, wraps
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.inequality.arithmetic import shared
from targeted_universalism.measures.intervals import (
    Limits,
    clopper_pearson,
    poisson,
    standard_error,
    student,
    z_value,
)
from targeted_universalism.measures.rare import auto
from targeted_universalism.measures.simultaneous import pairs_level, pairs_z
from targeted_universalism.reasons import Reason

_SURE = 15.0  # events: none at all is out of the question


class Caution(IntFlag):
    """What must be said beside an interval of a measure: one bit for each reason of CAUTIONS."""

    INCLUDES_EQUALITY = 1 << 0
    NO_UPPER_LIMIT = 1 << 1
    ZERO_RATE = 1 << 2
    FEW_EVENTS = 1 << 3
    SMALL_GROUPS = 1 << 4
    UNDEFINED = 1 << 5


CAUTIONS: dict[Caution, Reason] = {
    Caution.INCLUDES_EQUALITY: Reason.INCLUDES_EQUALITY,
    Caution.NO_UPPER_LIMIT: Reason.NO_UPPER_LIMIT,
    Caution.ZERO_RATE: Reason.LIMIT_ZERO_RATE,
    Caution.FEW_EVENTS: Reason.FEW_EVENTS,
    Caution.SMALL_GROUPS: Reason.SMALL_GROUPS,
    Caution.UNDEFINED: Reason.LIMIT_UNDEFINED,
}


class Bounds(NamedTuple):
    """Limits of a measure, and bits of :class:`Caution`: (...) arrays."""

    low: FloatArray
    high: FloatArray
    caution: IntArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Known:
    """What is known of the segments of strata.

    Parameters
    ----------
    rate : (k, ...) array
        Rates; missing where a segment takes no part.
    low, high : (k, ...) array
        Each rate's own limits, at `level`, of any kind.
    wide_low, wide_high : (k, ...) array
        Limits that hold for all segments at once: exact ones, at Tukey's level for as many
        segments as have a rate; of two segments their own.
    variance : (k, ...) array
        Variances of the rates, never 0 for counts: p(1 − p)/(n − 1), and where there are fewer
        than five with or without the outcome at least `variance_plus`.
    variance_plus : (k, ...) array
        The variance with two more people with the outcome and two without it.
    variance_plain : (k, ...) array
        p(1 − p)/n, or x/n².
    share : (k, ...) array
        Population shares; they are made to sum to 1 over the segments that take part.
    size : (k, ...) array
        People (or person-time) behind each rate, effective where weighted; missing for means and
        published estimates.
    rank : (k, ...) array, optional
        Mid-ranks, the most disadvantaged lowest.
    kind : {"proportion", "rate", "mean", "standardized"}
        Kind of outcome.
    level : float
        Level of the limits.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    wide_low: FloatArray
    wide_high: FloatArray
    variance: FloatArray
    variance_plus: FloatArray
    variance_plain: FloatArray
    share: FloatArray
    size: FloatArray
    rank: FloatArray | None = None
    kind: str
    level: float = 0.95

    @property
    def z(self) -> float:
        """The normal quantile of the level."""
        return z_value(self.level)

    @property
    def mean(self) -> FloatArray:
        """The overall rate."""
        return np.asarray((self.rate * self.share).sum(axis=0))

    @cached_property
    def complete(self) -> bool:
        """Whether every segment of every stratum has a rate."""
        return not bool(np.isnan(self.rate).any())

    def arms(self, sign: int = 1, *, wide: bool = False) -> Limits:
        """Distances from each rate down and up to its limits, turned where the sign is −1."""
        low, high = (self.wide_low, self.wide_high) if wide else (self.low, self.high)
        ends = self.rate - low, high - self.rate
        return ends if sign > 0 else ends[::-1]

    def take(self, rows: IntArray, strata: IntArray) -> Known:
        """Give some rows of some strata, with shares that sum to 1."""
        arrays = {
            f.name: getattr(self, f.name).reshape(len(self.rate), -1)[rows, strata]
            for f in fields(self)
            if isinstance(getattr(self, f.name), np.ndarray)
        }
        arrays["share"] = arrays["share"] / arrays["share"].sum(axis=0)
        return replace(self, **arrays)


def known_counts(
    events: FloatArray,
    population: FloatArray,
    *,
    kind: str,
    share: FloatArray | None = None,
    limits: Limits | None = None,
    rank: FloatArray | None = None,
    level: float = 0.95,
) -> Known:
    """Gather what is known of counted segments.

    Parameters
    ----------
    events, population : (k, ...) array
        Numerator and denominator, missing where a segment takes no part. Effective ones where
        they are weighted; both divided by φ where events repeat.
    kind : {"proportion", "rate"}
        Kind of outcome.
    share : (k, ...) array, optional
        Population shares; those of `population` without it.
    limits : tuple of (k, ...) array, optional
        The segments' own limits as shown; without them :func:`auto` limits of proportions, exact
        ones of rates.
    rank : (k, ...) array, optional
        Mid-ranks, the most disadvantaged lowest.
    level : float
        Level of the limits.

    Returns
    -------
    Known

    Examples
    --------
    >>> known = known_counts(np.array([5.0, 150.0]), np.array([5.0, 300.0]), kind="proportion")
    >>> known.rate, known.wide_low.round(3), known.variance.round(4)
    (array([1. , 0.5]), array([0.549, 0.444]), array([0.0192, 0.0008]))

    """
    people = np.where(np.isnan(events) | ~(population > 0), np.nan, population)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = events / people
    count = (~np.isnan(rate)).sum(axis=0)
    wide = pairs_level(count, level)
    own: Callable[..., Limits]
    all_at_once: Callable[..., Limits]
    if kind == "proportion":
        own, all_at_once, spread = auto, clopper_pearson, _of_proportions
    else:
        own, all_at_once, spread = poisson, poisson, _of_rates
    low, high = own(events, people, level) if limits is None else limits
    wide_low, wide_high = all_at_once(events, people, wide)
    # Two segments are one pair, which is compared as in every other table.
    pair = count <= 2
    variance, plus, plain = spread(events, people)
    return Known(
        rate=rate,
        low=low,
        high=high,
        wide_low=np.where(pair, low, np.minimum(wide_low, low)),
        wide_high=np.where(pair, high, np.maximum(wide_high, high)),
        variance=variance,
        variance_plus=plus,
        variance_plain=plain,
        share=_shares(population if share is None else share, rate),
        size=people,
        rank=rank,
        kind=kind,
        level=level,
    )


def known_means(
    mean: FloatArray,
    se: FloatArray,
    df: FloatArray,
    share: FloatArray,
    *,
    rank: FloatArray | None = None,
    level: float = 0.95,
) -> Known:
    """Gather what is known of segments' means: their standard errors and degrees of freedom.

    Parameters as in :func:`known_counts`; limits are Student's.

    Examples
    --------
    >>> one = np.ones(2)
    >>> known = known_means(np.array([2.5, 3.0]), 0.5 * one, 9 * one, 0.5 * one)
    >>> known.low.round(4), known.wide_low.round(4)
    (array([1.3689, 1.8689]), array([1.3689, 1.8689]))

    """
    low, high = student(mean, se, df, level)
    wide = pairs_level((~np.isnan(mean)).sum(axis=0), level)
    half = special.stdtrit(np.where(df > 0, df, np.nan), 0.5 + wide / 2) * se
    return _of_variances(
        mean, se**2, (low, high), (mean - half, mean + half),
        share=share, rank=rank, kind="mean", level=level,
    )  # fmt: skip


def known_estimates(
    rate: FloatArray,
    limits: Limits,
    share: FloatArray,
    *,
    kind: str,
    se: FloatArray | None = None,
    rank: FloatArray | None = None,
    level: float = 0.95,
) -> Known:
    """Gather what is known of published estimates: their limits, asymmetric ones too.

    Parameters
    ----------
    rate : (k, ...) array
        Estimates.
    limits : tuple of (k, ...) array
        Their limits at `level`.
    share : (k, ...) array
        Population shares.
    kind : {"proportion", "rate", "mean", "standardized"}
        Kind of outcome: limits for all at once are stretched on the logit, log or plain scale.
    se : (k, ...) array, optional
        Standard errors; those that the limits imply without it.
    rank : (k, ...) array, optional
        Mid-ranks, the most disadvantaged lowest.
    level : float
        Level of the limits.

    Examples
    --------
    >>> rates, half = np.array([2.0, 9.0, 4.0]), np.array([0.5, 0.5])
    >>> known = known_estimates(
    ...     rates, (rates / 2, rates * 2), np.full(3, 1 / 3), kind="rate"
    ... )
    >>> known.wide_high.round(3)
    array([ 4.581, 20.616,  9.163])

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        error = standard_error(rate, *limits, kind, level) if se is None else se
    factor = pairs_z((~np.isnan(rate)).sum(axis=0), level) / z_value(level)
    wide = stretched(rate, limits, factor, kind)
    return _of_variances(
        rate, error**2, limits, wide, share=share, rank=rank, kind=kind, level=level
    )


def known_limits(
    rate: FloatArray, limits: Limits, variance: FloatArray, *, kind: str, level: float = 0.95
) -> Known:
    """Gather limits and variances alone, for sums over segments that ask for nothing else.

    Parameters
    ----------
    rate : (k, ...) array
        Rates; missing where a segment takes no part.
    limits : tuple of (k, ...) array
        Each rate's own limits, at `level`, of any kind.
    variance : (k, ...) array
        Variances of the rates, as :func:`variance_plus` gives them for counts.
    kind : {"proportion", "rate", "mean", "standardized"}
        Kind of outcome.
    level : float
        Level of the limits.

    Returns
    -------
    Known
        Segments count alike; no limits hold for all of them at once.

    Examples
    --------
    >>> half = np.array([0.1, 0.2])
    >>> known_limits(np.full(2, 0.5), (0.5 - half, 0.5 + half), half**2, kind="mean").arms()
    (array([0.1, 0.2]), array([0.1, 0.2]))

    """
    share = np.ones(rate.shape)
    return _of_variances(rate, variance, limits, limits, share=share, kind=kind, level=level)


def variance_plus(events: FloatArray, population: FloatArray, kind: str) -> FloatArray:
    """Give the variances of counted rates with two more with the outcome and two without it.

    Parameters
    ----------
    events, population : (...) array
        Numerator and denominator, effective ones where they are weighted or repeat.
    kind : {"proportion", "rate"}
        Kind of outcome.

    Examples
    --------
    >>> variance_plus(np.array([0.0]), np.array([16.0]), "proportion").round(4)
    array([0.0045])

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if kind == "proportion":
            p = (events + 2) / (population + 4)
            return np.asarray(p * (1 - p) / (population + 4))
        return np.asarray((events + 2) / population**2)


def stretched(rate: FloatArray, limits: Limits, factor: FloatArray | float, kind: str) -> Limits:
    """Move limits away from their rate by a factor, on the scale of its kind.

    Parameters
    ----------
    rate : (k, ...) array
        Rates per member of the population.
    limits : tuple of (k, ...) array
        Their limits at one level.
    factor : float or array that broadcasts
        The normal quantile of another level over that of the limits' own.
    kind : {"proportion", "rate", "mean", "standardized"}
        Limits are moved on the logit, log or plain scale.

    Examples
    --------
    >>> low, high = stretched(np.array([4.0]), (np.array([2.0]), np.array([8.0])), 2, "rate")
    >>> print(low.round(6), high.round(6))
    [1.] [16.]

    """
    to: Any = {"proportion": special.logit, "mean": np.positive}.get(kind, np.log)
    back: Any = {"proportion": special.expit, "mean": np.positive}.get(kind, np.exp)
    least, most = {"proportion": (0.0, 1.0), "mean": (-np.inf, np.inf)}.get(kind, (0.0, np.inf))
    with np.errstate(all="ignore"):
        centre = to(rate)
        moved = [back(centre + factor * (to(limit) - centre)) for limit in limits]
        plain = [np.clip(rate + factor * (limit - rate), least, most) for limit in limits]
    low, high = (np.where(np.isfinite(m), m, p) for m, p in zip(moved, plain, strict=True))
    return low, high


def _of_variances(
    rate: FloatArray, variance: FloatArray, limits: Limits, wide: Limits, **others: Any
) -> Known:
    """Gather what is known where a rate has one variance, and nothing was counted."""
    variance = np.where(np.isnan(rate), np.nan, variance)
    return Known(
        rate=rate,
        low=limits[0],
        high=limits[1],
        wide_low=wide[0],
        wide_high=wide[1],
        variance=variance,
        variance_plus=variance,
        variance_plain=variance,
        size=np.full(rate.shape, np.nan),
        **{**others, "share": _shares(others["share"], rate)},
    )


def _shares(people: FloatArray, rate: FloatArray) -> FloatArray:
    taking_part = np.where(np.isnan(rate), 0.0, people)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(taking_part / taking_part.sum(axis=0))


Variances = tuple[FloatArray, FloatArray, FloatArray]


def _of_proportions(x: FloatArray, n: FloatArray) -> Variances:
    p = x / n
    plain, plus = p * (1 - p) / n, variance_plus(x, n, "proportion")
    with np.errstate(invalid="ignore", divide="ignore"):
        one_less = np.where(n > 1, p * (1 - p) / (n - 1), 0.0)
    few = (x < 5) | (n - x < 5) | ~(n > 1)
    return np.where(few, np.maximum(one_less, plus), one_less), plus, plain


def _of_rates(x: FloatArray, n: FloatArray) -> Variances:
    plain, plus = x / n**2, variance_plus(x, n, "rate")
    return np.where(x < 5, plus, plain), plus, plain


Form = Callable[..., Bounds]


def by_count(least: int = 2) -> Callable[[Form], Form]:
    """Let a form that wants complete segments take strata in which some have no rate.

    Parameters
    ----------
    least : int
        Fewest segments with which it says anything.

    Notes
    -----
    What a form is given besides :class:`Known` is passed on: arrays with as many axes as the
    rates lose the rows of segments that take no part, arrays of one value a stratum follow their
    strata, and `reference`, a position, is that among the segments that take part.
    """

    def give(form: Form) -> Form:
        @wraps(form)
        def every(known: Known, **given: Any) -> Bounds:
            if known.complete and len(known.rate) >= least and _ready(given, known.rate):
                with np.errstate(all="ignore"):
                    return form(known, **given)
            there = ~np.isnan(known.rate).reshape(len(known.rate), -1)
            found = np.full((2, there.shape[1]), np.nan), np.zeros(there.shape[1], dtype=np.int64)
            count, order = there.sum(axis=0), np.argsort(~there, axis=0, kind="stable")
            place, lost = _positions(given.pop("reference", None), there)
            for k in np.unique(count[(count >= least) & ~lost]):
                strata = np.flatnonzero((count == k) & ~lost)
                rows = order[:k, strata]
                part = {name: _part(v, known.rate, rows, strata) for name, v in given.items()}
                if place is not None:
                    part["reference"] = place[strata]
                with np.errstate(all="ignore"):
                    low, high, caution = form(known.take(rows, strata), **part)
                found[0][:, strata], found[1][strata] = (low, high), caution
            shape = known.rate.shape[1:]
            low, high = found[0].reshape(2, *shape)
            return Bounds(low, high, found[1].reshape(shape))

        return every

    return give


def _ready(given: dict[str, Any], rate: FloatArray) -> bool:
    """Tell whether what a form is given can be handed on as it is."""
    shapes = [v.shape for v in given.values() if isinstance(v, np.ndarray)]
    fitting = all(shape in (rate.shape, rate.shape[1:]) for shape in shapes)
    named = isinstance(given.get("reference", rate), np.ndarray)
    return rate.ndim == 2 and fitting and named


def _positions(reference: Any, there: BoolArray) -> tuple[IntArray | None, BoolArray]:
    """Count a reference's place among the segments that take part; tell where it does not."""
    if reference is None:
        return None, np.zeros(there.shape[1], dtype=np.bool_)
    place = np.broadcast_to(np.ravel(reference), there.shape[1:])[None]
    before = np.take_along_axis(there.cumsum(axis=0), place, axis=0)[0] - 1
    return before, ~np.take_along_axis(there, place, axis=0)[0]


def _part(value: Any, rate: FloatArray, rows: IntArray, strata: IntArray) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    if value.ndim == rate.ndim:
        return np.broadcast_to(value, rate.shape).reshape(len(rate), -1)[rows, strata]
    return value if not value.ndim and rate.ndim > 1 else value.reshape(-1)[strata]


def bounds(low: FloatArray, high: FloatArray, *, equality: float | None = None) -> Bounds:
    """Make limits without an upper end missing there, and say where equality is inside."""
    endless = np.isposinf(high)
    caution = np.where(endless, np.int64(Caution.NO_UPPER_LIMIT), np.int64(0))
    if equality is not None:
        caution |= np.where(low <= equality, np.int64(Caution.INCLUDES_EQUALITY), np.int64(0))
    return Bounds(low, np.where(endless, np.nan, high), caution)


@shared
def few_events(known: Known) -> IntArray:
    """Say where a measure that needs every rate above 0 would be undefined every second time.

    Where the product of the chances c of some event is below one half. That it is defined says that
    there were some everywhere; given that, the likeliest chance is c = 1 − exp(−xc), which is 0
    where a segment has a single event.
    """
    events = np.where(np.isnan(known.size), np.inf, known.rate * known.size)
    chance, some = np.ones(events.shape), events < _SURE
    counts, where = np.unique(events[some], return_inverse=True)
    x = np.asarray(counts, dtype=np.complex128)
    with np.errstate(invalid="ignore", divide="ignore"):
        likeliest = 1 + special.lambertw(-x * np.exp(-x), k=np.array(0)).real / x.real
    chance[some] = np.where(counts > 1, likeliest, 0.0)[where]
    few = chance.prod(axis=0) < 0.5
    return np.where(few, np.int64(Caution.FEW_EVENTS), np.int64(0))
