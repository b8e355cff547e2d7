"""Intervals of the two parts of Theil's index: between places and within them.

Both are squares near equality, of the rates of the places and of the rates about their place's, so
that their limits have the form of the room ``limits_squares``.
"""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.inequality import noise
from targeted_universalism.measures.inequality.entropy import theil_by_place
from targeted_universalism.measures.inequality.known import Bounds, Known
from targeted_universalism.measures.inequality.limits import limits_of
from targeted_universalism.measures.inequality.limits_squares import ALIKE, STEEPER, roots


def between_places(known: Known, share: FloatArray) -> Bounds:
    """Limits of the part of Theil's index between places.

    Parameters
    ----------
    known : Known
        What is known of (k, places) segments; rates are missing where a place lacks a segment.
    share : (k, places) array
        Shares of the whole population, summing to 1 over segments and places.

    Returns
    -------
    Bounds
        Plain numbers, shaped (); missing with fewer than two places.

    Notes
    -----
    A place's rate is an average of its segments', and has MOVER's limits of it; the places then
    have the limits of Theil's index.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([[50.0, 90], [20, 60], [30, 70]]), np.full((3, 2), 100.0)
    >>> found = between_places(known_counts(x, n, kind="proportion"), n / n.sum())
    >>> print(found.low.round(4), found.high.round(4))
    0.0459 0.1017

    """
    low, high, caution = limits_of("theil", _places(known, share))
    return Bounds(low[0], high[0], caution[0])


def within_places(known: Known, share: FloatArray) -> Bounds:
    """Limits of the part of Theil's index within places; as :func:`between_places`.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> x, n = np.array([[50.0, 90], [20, 60], [30, 70]]), np.full((3, 2), 100.0)
    >>> found = within_places(known_counts(x, n, kind="proportion"), n / n.sum())
    >>> print(found.low.round(4), found.high.round(4))
    0.0134 0.0527

    """
    there = ~np.isnan(known.rate)
    rate, w = (np.where(there, v, 0.0) for v in (known.rate, share))
    f = theil_by_place(rate, w).within
    people, mean = w.sum(axis=0), (rate * w).sum()
    inside = w / np.where(people > 0, people, 1.0)
    place = (rate * inside).sum(axis=0)
    # Σ ½ λ (y − y_place)², λ the share over the rates of the whole and of the place.
    scale = np.where(place > 0, people / np.where(place > 0, place, 1.0), 0.0) / mean
    variance, plain = (np.where(there, v, 0.0) for v in (known.variance, known.variance_plain))
    bias = tuple(
        (scale * noise.variance_between(inside, np.sqrt(v))).sum() / 2 for v in (variance, plain)
    )
    spread = (scale**2 * noise.spread(inside, np.sqrt(variance))).sum() / 4
    slopes = _slopes_within(known, rate, w, f)
    down, up = (np.where(there, arm, 0.0) for arm in known.arms())
    squares = [
        ((slopes * np.where(slopes > 0, one, other)) ** 2).sum()
        for one, other in ((down, up), (up, down))
    ]
    weight = scale * inside
    at_equality = 2 * (weight**2 * variance**2).sum() / (weight * variance).sum()
    alike = np.abs(np.where(there, rate - place, 0.0)).max() <= ALIKE * rate.max()
    falling, rising = (at_equality if alike else one / (known.z**2 * f) for one in squares)
    return roots(f, (STEEPER * bias[0], bias[1]), STEEPER**2 * spread, (falling, rising), known.z)


def _places(known: Known, share: FloatArray) -> Known:
    """Put the segments of each place together: what is known of (places, 1) averages."""
    there = ~np.isnan(known.rate)
    w = np.where(there, share, 0.0)
    people = w.sum(axis=0)
    some = people > 0
    inside = np.where(there, w / np.where(some, people, 1.0), 0.0)[:, some]

    def summed(values: FloatArray, power: int = 1) -> FloatArray:
        part = np.where(there, values, 0.0)[:, some]
        return np.asarray((inside**power * part).sum(axis=0)[:, None])

    rate, plain = summed(known.rate), summed(known.variance_plain, 2)
    down, up = (np.sqrt(summed(arm**2, 2)) for arm in known.arms())
    spread = {"proportion": rate * (1 - rate), "rate": rate}.get(known.kind, rate * np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(plain > 0, spread / plain, np.nan)
    return Known(
        rate=rate,
        low=rate - down,
        high=rate + up,
        wide_low=rate - down,
        wide_high=rate + up,
        variance=summed(known.variance, 2),
        variance_plus=summed(known.variance_plus, 2),
        variance_plain=plain,
        share=people[some][:, None] / people.sum(),
        size=size,
        kind=known.kind,
        level=known.level,
    )


def _slopes_within(known: Known, rate: FloatArray, share: FloatArray, f: FloatArray) -> FloatArray:
    """Give ``(w/μ)(ln(y/μ_b) − T_within)``; at a rate of 0 the secant to its upper limit."""
    people = share.sum(axis=0)
    with np.errstate(all="ignore"):
        place = (rate * share).sum(axis=0) / people
        slopes = share / (rate * share).sum() * (np.log(rate / place) - f)
    slopes = np.where((share > 0) & (rate > 0), slopes, 0.0)
    for at in zip(*np.nonzero((share > 0) & (rate == 0)), strict=True):
        moved = rate.copy()
        moved[at] = known.high[at]
        slopes[at] = (theil_by_place(moved, share).within - f) / known.high[at]
    return slopes
