"""What chance alone makes of a measure, on average, where all segments share one rate.

Where few events are expected, closed forms do not hold and a measure may not even be defined: there
counts are drawn. So are they for measures without a closed form. Elsewhere those of the room
``noise`` hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.inequality import noise
from targeted_universalism.measures.inequality.arithmetic import sharing
from targeted_universalism.measures.inequality.draws import drawn, mean_of_known
from targeted_universalism.measures.inequality.entropy import TheilSplit, theil_by_place
from targeted_universalism.measures.inequality.noise import widened
from targeted_universalism.measures.inequality.register import Measure

_FEWEST, _IN_ALL = 8.0, 50.0  # expected counts from which closed forms are right within 3 %
_LESS = 128  # points where events are many
_SEED, _FEWEST_DRAWS, _ALL_DRAWS = 5, 16, 1 << 18
Asked = tuple[Measure, Mapping[str, Any]]


def few_expected(size: FloatArray, mean: FloatArray, kind: str) -> tuple[BoolArray, BoolArray]:
    """Tell the strata in which some segment has few expected events, and those where any are.

    Parameters
    ----------
    size : (k, ...) array
        People behind each rate; missing for means and published estimates.
    mean : (...) array
        The overall rate.
    kind : str
        Of proportions, those without the outcome are counted too.

    Returns
    -------
    few, counted : (...) arrays of bool
        Few: below eight in some segment, or below fifty in all together. Counted: wherever counts
        are known and chance moves them.

    Examples
    --------
    >>> few_expected(np.array([[30.0, 30.0], [500.0, 500.0]]), np.array([0.5, 0.9]), "proportion")
    (array([False,  True]), array([ True,  True]))

    """
    if kind not in ("proportion", "rate"):
        nowhere = np.zeros(np.shape(mean), dtype=np.bool_)
        return nowhere, nowhere
    part = np.minimum(mean, 1 - mean) if kind == "proportion" else mean
    with np.errstate(invalid="ignore"):
        counted = np.asarray(size.min(axis=0) * part > 0)
        few = (size.min(axis=0) * part < _FEWEST) | (size.sum(axis=0) * mean < _IN_ALL)
    return counted & few, counted


def expected_if_equal(
    asked: Sequence[Asked], given: Mapping[str, Any], *, size: FloatArray, kind: str
) -> list[FloatArray]:
    """Average measures over what chance makes of segments that share the overall rate.

    Parameters
    ----------
    asked : sequence of (Measure, mapping)
        Measures, and what was chosen for each.
    given : mapping
        What measures are given where all segments are equal: the overall rate `mean`, (m,), the
        shares, (k, m), and the standard errors `se` that there would be, with their skewness
        `skew`, (k, m), among it.
    size : (k, m) array
        People behind each rate.
    kind : str
        Kind of outcome.

    Returns
    -------
    list of (m,) arrays
        One for each measure. Of the draws in which it is defined; its value at equality where
        chance moves it both ways.

    Notes
    -----
    One set of draws serves all measures, and they share their parts. Within 3 % of the average over
    all samples; within 5 % where many of them leave a measure undefined. Of a shortfall it is not
    what noise adds, but all that segments at the overall rate would show: above 0 where that rate
    itself falls short.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.register import REGISTER
    >>> n, w, mean = np.full((2, 1), 8.0), np.full((2, 1), 0.5), np.array([0.5])
    >>> given = {"share": w, "mean": mean, "se": np.sqrt(0.25 / n), "skew": 0 * n}
    >>> asked = [(REGISTER["difference"], {})]
    >>> expected_if_equal(asked, given, size=n, kind="proportion")[0].round(3)
    array([0.198])

    """
    mean = given["mean"]
    found = [np.full(mean.shape, float(measure.value_at_equality)) for measure, _ in asked]
    moved = [i for i, (measure, _) in enumerate(asked) if measure.one_sided]
    few, counted = few_expected(size, mean, kind)
    formless = [i for i in moved if asked[i][0].expected is None]
    formal = [i for i in moved if i not in formless]
    for which, strata in ((formal, ~few), (formless, ~counted)):
        others = np.flatnonzero(strata)
        if others.size and which:
            part = _some(given, len(mean), others)
            part = noise.equal(part, part["se"], part["skew"])
            for i in which:
                measure, choice = asked[i]
                own = {**part, **_some(choice, len(mean), others)}
                found[i][others] = measure.if_equal(own)
    for which, strata, points in ((moved, few, None), (formless, counted & ~few, _LESS)):
        at = np.flatnonzero(strata)
        averages = _drawn_averages([asked[i] for i in which], given, size, kind, at, points=points)
        for i, average in zip(which, averages, strict=True):
            found[i][at] = average
    return found


def split_if_equal(share: FloatArray, size: FloatArray, mean: float, kind: str) -> TheilSplit:
    """Average both parts of Theil's index over counts of equal segments in equal places.

    Parameters
    ----------
    share, size : (k, places) array
        Shares of the whole population, 0 where a place lacks a segment, and people behind rates.
    mean : float
        The overall rate.
    kind : {"proportion", "rate"}
        Kind of outcome.

    Returns
    -------
    between, within : floats
        Of seeded draws, of bounded number; places and segments take theirs by size.

    Examples
    --------
    >>> share, size = np.full((3, 2), 1 / 6), np.full((3, 2), 50.0)
    >>> split = split_if_equal(share, size, 0.2, "proportion")
    >>> print(split.between.round(3), split.within.round(3))
    0.007 0.028

    """
    places = np.argsort(share.sum(axis=0), kind="stable")
    share, size = share[:, places], size[:, places]
    rows = np.argsort(share, axis=0, kind="stable")
    share, size = (np.take_along_axis(v, rows, axis=0) for v in (share, size))
    people = np.where(share > 0, np.maximum(np.rint(np.nan_to_num(size)), 1.0), 1.0)
    shape = max(_FEWEST_DRAWS, _ALL_DRAWS // share.size), *share.shape
    rng = np.random.default_rng(_SEED)
    counts = rng.binomial(people.astype(np.int64), mean, shape) if kind == "proportion" else (
        rng.poisson(people * mean, shape)
    )  # fmt: skip
    rates = np.moveaxis(counts / people, 0, -1) * (share > 0)[..., None]
    between, within = theil_by_place(rates, share[..., None])
    return TheilSplit(mean_of_known(between), mean_of_known(within))


def _drawn_averages(
    asked: Sequence[Asked],
    given: Mapping[str, Any],
    size: FloatArray,
    kind: str,
    strata: IntArray,
    *,
    points: int | None,
) -> FloatArray:
    """Average measures over counts that are drawn in some strata: one row for each measure."""
    m, found = len(given["mean"]), np.full((len(asked), len(strata)), np.nan)
    if not found.size:
        return found
    n, share = size[:, strata], given["share"][:, strata]
    needed = {name for measure, _ in asked for name in measure.needs}
    given, mean = {name: v for name, v in given.items() if name in needed}, given["mean"]
    rate = np.broadcast_to(mean[strata], n.shape)
    for part, rates in drawn(n, rate, share, kind, points=points):
        wide = widened(_some(given, m, strata[part]))
        with sharing():
            for row, (measure, choice) in zip(found, asked, strict=True):
                own = widened(_some(choice, m, strata[part]))
                row[part] = mean_of_known(measure.computed({**wide, **own, "rate": rates}))
    return found


def _some(given: Mapping[str, Any], m: int, strata: IntArray) -> dict[str, Any]:
    """Give what holds for some of m strata."""
    if len(strata) == m:
        return dict(given)
    return {
        k: v[..., strata] if isinstance(v, np.ndarray) and v.shape[-1:] == (m,) else v
        for k, v in given.items()
    }
