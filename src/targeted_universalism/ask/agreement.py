"""How far two sides are apart: intervals, ratios and p-values that agree about equality.

Every interval is MOVER of the limits that the two sides have in the table, so that the difference
and the ratio exclude equality together; the p-value is that of the kind's test, and where test and
interval would disagree about equality one of them gives way (:func:`agreeing`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.ask.sides import Side, independent
from targeted_universalism.ask.tests import equality, quantile, satterthwaite
from targeted_universalism.measures.contrasts import Known, mover_arms, poisson_ratio
from targeted_universalism.measures.intervals import Limits
from targeted_universalism.measures.parts import ratio_limits
from targeted_universalism.measures.significance import normal_p
from targeted_universalism.measures.simultaneous import tukey_p_of_many


@dataclass(frozen=True, eq=False)
class Contrast:
    """How far two sides are apart: arms of the difference's interval, limits of the ratio, p.

    An upper limit of the ratio is infinite where nothing bounds it.
    """

    below: FloatArray
    above: FloatArray
    ratio_low: FloatArray
    ratio_high: FloatArray
    p_value: FloatArray

    def spread(self, places: IntArray, mirrored: BoolArray) -> Contrast:
        """Take contrasts by their place, some of them with the sides changed."""
        below, above, low, high, p = (getattr(self, f.name)[places] for f in fields(self))
        with np.errstate(divide="ignore"):
            turned = above, below, 1 / high, 1 / low
        ends = zip(turned, (below, above, low, high), strict=True)
        below, above, low, high = (np.where(mirrored, one, other) for one, other in ends)
        return Contrast(below, above, low, high, p)


def contrast(kind: str, mine: Side, other: Side, level: FloatArray | None) -> Contrast:
    """Compare two independent groups by MOVER of their limits and the test of their kind.

    Parameters
    ----------
    kind : {"proportion", "rate", "mean", "estimate"}
        What was counted; "estimate" for anything published with a standard error.
    mine, other : Side
        Of one shape.
    level : array or None
        Level of the limits of both, or none.
    """
    pair = _limits(kind, mine, other, level)
    below, above = mover_arms(*pair)
    low, high = _ratio(kind, mine, other, pair, level)
    return Contrast(below, above, low, high, equality(kind, mine, other))


def _limits(kind: str, mine: Side, other: Side, level: FloatArray | None) -> tuple[Known, Known]:
    """Give both sides the limits that MOVER puts together.

    Those of the table; of means and of published standard errors the rate ∓ t·se with one t for
    both, so that MOVER is Welch's interval, and the normal one.
    """
    if kind in ("proportion", "rate"):
        return mine.limited, other.limited
    df = satterthwaite((mine.variance, mine.df), (other.variance, other.df))
    shown = mine.given | other.given
    exact = ~shown & ~(mine.variance + other.variance > 0)
    times = np.where(exact, np.nan, quantile(level, df))
    return _around(mine, times, shown), _around(other, times, shown)


def _around(one: Side, times: FloatArray, shown: BoolArray) -> Known:
    """Give a rate its published limits where they are shown, else rate ∓ times · se."""
    with np.errstate(invalid="ignore"):
        arm = times * np.sqrt(np.where(one.variance >= 0, one.variance, np.nan))
    low, high = np.where(shown, one.low, one.rate - arm), np.where(shown, one.high, one.rate + arm)
    return one.rate, low, high


def _ratio(
    kind: str, mine: Side, other: Side, pair: tuple[Known, Known], level: FloatArray | None
) -> Limits:
    """Donner and Zou's limits; exact ones for plain counts of events, log ones for estimates."""
    low, high = _mover_ratio(pair)
    if level is None:
        return low, high
    if kind == "rate":
        plain = independent(mine) & independent(other)
        counts = mine.events, mine.size, other.events, other.size
        exact = poisson_ratio(*counts, level)  # type: ignore[arg-type]
        unbounded = np.where(np.isnan(exact[1]) & ~np.isnan(exact[0]), np.inf, exact[1])
        return np.where(plain, exact[0], low), np.where(plain, unbounded, high)
    if kind == "estimate":
        by_error = ~(mine.given | other.given)
        log_low, log_high = _log_limits(mine, other, level)
        return np.where(by_error, log_low, low), np.where(by_error, log_high, high)
    return low, high


def _mover_ratio(pair: tuple[Known, Known]) -> Limits:
    """Give MOVER's limits of a ratio; none where a rate lies below 0."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        low, high = ratio_limits(*pair)
    defined = (pair[0][0] >= 0) & (pair[1][0] >= 0)
    return np.where(defined, low, np.nan), np.where(defined, high, np.nan)


def _log_limits(mine: Side, other: Side, level: FloatArray) -> Limits:
    """Limits of the ratio from the variance of its logarithm; missing unless both exceed 0."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        parts = mine.variance / mine.rate**2, other.variance / other.rate**2
        times = quantile(level, satterthwaite((parts[0], mine.df), (parts[1], other.df)))
        defined = (mine.rate > 0) & (other.rate > 0) & (parts[0] + parts[1] > 0)
        factor = np.exp(times * np.sqrt(np.where(defined, parts[0] + parts[1], np.nan)))
        ratio = mine.rate / other.rate
        return ratio / factor, ratio * factor


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels of intervals and p-values.

    Parameters
    ----------
    level : float
        The level at which they hold.
    sides : array
        Level of the limits of each side that this takes: `level`, or more where all pairs hold.
    count : array of int64, optional
        Segments whose pairs hold at once.
    """

    level: float
    sides: FloatArray
    count: IntArray | None = None

    @property
    def alpha(self) -> float:
        """What a p-value is held against, as a person types it."""
        return round(1 - self.level, 12)

    def take(self, places: IntArray) -> Levels:
        """Take cells of arrays shaped (rows, strata), by their place row after row."""
        count = None if self.count is None else self.count.ravel()[places]
        return Levels(self.level, self.sides.ravel()[places], count)

    def p_of(self, reach: FloatArray) -> FloatArray:
        """Give the p-value of a difference that is `reach` times as long as its arm."""
        z = special.ndtri(0.5 + self.sides / 2) * reach
        return normal_p(z) if self.count is None else tukey_p_of_many(z, self.count)


def agreeing(
    kind: str, apart: Contrast, mine: Side, other: Side, levels: Levels | None
) -> Contrast:
    """Let the difference's interval, the ratio's and the p-value say the same of equality.

    Notes
    -----
    An exact test that keeps equality lengthens the interval until it reaches it, and so does a
    test of all pairs at once. Elsewhere the interval decides: the p-value is that at which MOVER's
    arm, as long as it is there, just reaches equality, and the ratio's limits are MOVER's, which
    exclude 1 exactly where those of the difference exclude 0.
    """
    if levels is None:
        return apart
    difference = mine.rate - other.rate
    if kind == "rate" or levels.count is not None:
        exact = (independent(mine) & independent(other)) | (levels.count is not None)
        apart = _reaching(apart, difference, exact & (apart.p_value >= levels.alpha))
    apart = deciding(apart, difference, levels)
    with np.errstate(invalid="ignore"):
        ratio_excludes = (apart.ratio_low > 1) | (apart.ratio_high < 1)
    wrong = ratio_excludes != excluding(apart, difference)
    if not wrong.any():
        return apart
    low, high = _mover_ratio(_limits(kind, mine, other, levels.sides))
    return replace(
        apart,
        ratio_low=np.where(wrong, low, apart.ratio_low),
        ratio_high=np.where(wrong, high, apart.ratio_high),
    )


def excluding(apart: Contrast, difference: FloatArray) -> BoolArray:
    """Tell which intervals of a difference lie on one side of 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray((difference - apart.below > 0) | (difference + apart.above < 0))


def _reaching(apart: Contrast, difference: FloatArray, keeping: BoolArray) -> Contrast:
    """Lengthen intervals that lie beside equality, which their test keeps, until they reach it."""
    short = keeping & excluding(apart, difference)
    reach = np.where(short, np.abs(difference) * (1 + 1e-9), 0.0)
    over, under = difference > 0, difference < 0
    return replace(
        apart,
        below=np.where(over, np.maximum(apart.below, reach), apart.below),
        above=np.where(under, np.maximum(apart.above, reach), apart.above),
        ratio_low=np.where(short & over, np.minimum(apart.ratio_low, 1.0), apart.ratio_low),
        ratio_high=np.where(short & under, np.maximum(apart.ratio_high, 1.0), apart.ratio_high),
    )


def deciding(apart: Contrast, difference: FloatArray, levels: Levels) -> Contrast:
    """Give a p-value that contradicts the interval the one at which that just reaches equality."""
    p, beyond = apart.p_value, excluding(apart, difference)
    arm = np.where(difference > 0, apart.below, apart.above)
    wrong = (beyond != (p < levels.alpha)) & ~np.isnan(p + arm)
    if not wrong.any():
        return apart
    with np.errstate(invalid="ignore", divide="ignore"):
        own = levels.take(np.flatnonzero(wrong)).p_of((np.abs(difference) / arm)[wrong])
    p = p.copy()
    p[wrong] = np.where(
        beyond[wrong], np.minimum(own, levels.alpha * (1 - 1e-12)), np.maximum(own, levels.alpha)
    )
    return replace(apart, p_value=p)
