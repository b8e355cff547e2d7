"""Two sides of a comparison, and how far they are apart: intervals and p-values that agree.

Every interval is MOVER of the limits that the two sides have in the table, so that the difference
and the ratio exclude equality together; the p-value is that of the kind's test, and where test and
interval would disagree about equality one of them gives way (:func:`agreeing`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.rates import estimate, known_stats
from targeted_universalism.measures.contrasts import Known, mover_arms, poisson_ratio
from targeted_universalism.measures.exact import as_fraction
from targeted_universalism.measures.intervals import Limits, z_value
from targeted_universalism.measures.parts import ratio_limits
from targeted_universalism.measures.significance import (
    binomial_test,
    conditional_test,
    normal_p,
    poisson_test,
    score_test,
    student_p,
)
from targeted_universalism.measures.simultaneous import (
    conditional_mid_p,
    statistic_of,
    tukey_p_of_many,
)
from targeted_universalism.segments.cells import Cells, State

_FEW = 5
_LEAST = 1e-300  # below it a p-value has no finite statistic


@dataclass(frozen=True, eq=False)
class Side:
    """What is known of one side of a comparison: arrays of one shape.

    Parameters
    ----------
    rate, low, high : array
        In units of the goal's ``per``.
    events, size : array
        Counts, or the counts that carry as much information where records are weighted or events
        repeat in one person; missing for means and published estimates.
    variance : array
        Of the rate, in its unit squared; of counts, the binomial or Poisson one.
    df : array
        Degrees of freedom of the variance; infinite where it is taken as known.
    spread : array
        Population over size: how many times more events vary than independent ones.
    given : array of bool
        Where the limits are published ones.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray
    events: FloatArray
    size: FloatArray
    variance: FloatArray
    df: FloatArray
    spread: FloatArray
    given: BoolArray

    @property
    def known(self) -> Known:
        """The rate and its limits."""
        return self.rate, self.low, self.high

    def where(self, place: tuple[IntArray, ...]) -> Side:
        """Keep some cells, in one row."""
        return Side(*(getattr(self, f.name)[place] for f in fields(self)))

    def at(self, cells: IntArray) -> Side:
        """Take cells of arrays shaped (rows, strata), by their position row after row."""
        return Side(*(getattr(self, f.name).ravel().take(cells) for f in fields(self)))


def side(answer: Answer, indicator: int, cells: Cells, level: FloatArray | None = None) -> Side:
    """Describe cells of one indicator as sides of a comparison.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    indicator : int
        Position of the indicator.
    cells : Cells
        Of any shape.
    level : array, optional
        Level of each cell's limits, missing where none are asked for; that of the answer without.
    """
    segments, options = answer.segments, answer.options
    kind, goal, per = (
        segments.kinds[indicator],
        answer.goals[indicator],
        segments.unit_of(indicator),
    )
    unit, factor = float(per), float(as_fraction(goal.per) / as_fraction(per))
    of = estimate(cells, kind, unit, options.confidence, options.interval)
    low, high = of.low, of.high
    if level is not None and options.confidence is not None:
        low, high = _at_levels(answer, indicator, cells, level)
    known = cells.state == State.OK
    missing = np.full(cells.shape, np.nan)
    events, size, variance = missing.copy(), missing.copy(), missing.copy()
    df, stats = np.full(cells.shape, np.inf), known_stats(cells)
    events[known], size[known] = cells.family.effective(stats, kind)
    variance[known] = cells.family.variance(stats, kind, 1.0)
    df[known] = cells.family.df(stats, kind)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = cells.population / size
    given = _published(cells)
    return Side(
        of.rate * factor, low * factor, high * factor,
        events, size, variance * factor**2, df, spread, given,
    )  # fmt: skip


def _at_levels(answer: Answer, indicator: int, cells: Cells, level: FloatArray) -> Limits:
    """Give cells limits at levels of their own."""
    segments, options = answer.segments, answer.options
    kind, unit = segments.kinds[indicator], float(segments.unit_of(indicator))
    flat = cells.ravel()
    if not cells.family.counted and options.confidence is not None:
        of = estimate(cells, kind, unit, options.confidence, options.interval)
        times = special.ndtri(0.5 + level / 2) / z_value(options.confidence)
        low, high = stretched((of.rate / unit, of.low / unit, of.high / unit), kind, times)
        return low * unit, high * unit
    low, high = np.full((2, level.size), np.nan)
    for one in np.unique(level[~np.isnan(level)]):
        here = np.flatnonzero(level.ravel() == one)
        of = estimate(flat.take(here), kind, unit, float(one), options.interval)
        low[here], high[here] = of.low, of.high
    return low.reshape(level.shape), high.reshape(level.shape)


def _published(cells: Cells) -> BoolArray:
    if cells.family.counted:
        return np.zeros(cells.shape, dtype=np.bool_)
    return np.isfinite(cells.stats["ci_low"]) & np.isfinite(cells.stats["ci_high"])


_Turn = Callable[[FloatArray], FloatArray]
_SCALES: dict[str, tuple[_Turn, _Turn]] = {
    "proportion": (special.logit, special.expit),
    "mean": (np.asarray, np.asarray),
}


def stretched(known: Known, kind: str, times: FloatArray) -> Limits:
    """Take published limits to another level: their distance, on the scale of their kind.

    A rate at a bound of that scale has its limits stretched as they are.

    Examples
    --------
    >>> low, high = stretched((np.array(4.0), np.array(2.0), np.array(8.0)), "rate", np.array(2.0))
    >>> print(low.round(6), high.round(6))
    1.0 16.0

    """
    rate, low, high = known
    to, back = _SCALES.get(kind, (np.log, np.exp))
    bounds = {"proportion": (0.0, 1.0), "mean": (-np.inf, np.inf)}.get(kind, (0.0, np.inf))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        centre = to(rate)
        ends = [back(centre + times * (to(end) - centre)) for end in (low, high)]
    plain = [np.clip(rate + times * (end - rate), *bounds) for end in (low, high)]
    inside = np.isfinite(centre)
    return np.where(inside, ends[0], plain[0]), np.where(inside, ends[1], plain[1])


# --- contrasts, by kind of outcome ---------------------------------------------------------------


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
    return Contrast(below, above, low, high, _TESTS[kind](mine, other))


def _limits(kind: str, mine: Side, other: Side, level: FloatArray | None) -> tuple[Known, Known]:
    """Give both sides the limits that MOVER puts together.

    Those of the table; of means and of published standard errors the rate ∓ t·se with one t for
    both, so that MOVER is Welch's interval, and the normal one.
    """
    if kind in ("proportion", "rate"):
        return mine.known, other.known
    df = satterthwaite((mine.variance, mine.df), (other.variance, other.df))
    shown = mine.given | other.given
    exact = ~shown & ~(mine.variance + other.variance > 0)
    times = np.where(exact, np.nan, quantile(level, df))
    return _around(mine, times, shown), _around(other, times, shown)


def _around(one: Side, times: FloatArray, shown: BoolArray) -> Known:
    with np.errstate(invalid="ignore"):
        arm = times * np.sqrt(np.where(one.variance >= 0, one.variance, np.nan))
    low, high = np.where(shown, one.low, one.rate - arm), np.where(shown, one.high, one.rate + arm)
    return one.rate, low, high


def _ratio(
    kind: str, mine: Side, other: Side, pair: tuple[Known, Known], level: FloatArray | None
) -> Limits:
    """Donner and Zou's limits; exact ones for plain counts of events, log ones for estimates."""
    low, high = _moved(pair)
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


def _moved(pair: tuple[Known, Known]) -> Limits:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        low, high = ratio_limits(*pair)
    defined = (pair[0][0] >= 0) & (pair[1][0] >= 0)
    return np.where(defined, low, np.nan), np.where(defined, high, np.nan)


def _log_limits(mine: Side, other: Side, level: FloatArray) -> Limits:
    """Limits of the ratio from the variance of its logarithm; missing unless both exceed 0."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        parts = mine.variance / mine.rate**2, other.variance / other.rate**2
        times = quantile(level, satterthwaite((parts[0], mine.df), (parts[1], other.df)))
        known = (mine.rate > 0) & (other.rate > 0) & (parts[0] + parts[1] > 0)
        factor = np.exp(times * np.sqrt(np.where(known, parts[0] + parts[1], np.nan)))
        ratio = mine.rate / other.rate
        return ratio / factor, ratio * factor


def independent(one: Side) -> BoolArray:
    """Tell where a rate's events are plain counts: they neither repeat nor carry weights."""
    return np.asarray(np.isclose(one.spread, 1.0, rtol=1e-9, atol=0) | np.isnan(one.spread))


def repeated(answer: Answer, indicator: int) -> bool:
    """Tell whether any events of an indicator repeat in one person, or have weights, as rates."""
    segments, cells = answer.segments, answer.cells
    if segments.kinds[indicator] != "rate" or not cells.family.counted:
        return False
    here = (cells.state == State.OK) & (segments.strata.indicator == indicator)
    stats = {name: values[here] for name, values in cells.stats.items()}
    size = cells.family.effective(stats, "rate")[1]
    return not bool(np.isclose(cells.population[here], size, rtol=1e-9, atol=0).all())


def quantile(level: FloatArray | None, df: FloatArray) -> FloatArray:
    """Two-sided quantile of Student's distribution, the normal's where df is infinite."""
    if level is None:
        return np.full(df.shape, np.nan)
    normal, tail = np.isinf(df), 0.5 + level / 2
    t = special.stdtrit(np.where(normal | ~(df > 0), np.nan, df), tail)
    return np.where(normal, special.ndtri(tail), t)


def satterthwaite(*parts: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Degrees of freedom of a sum of independent variances (Welch 1947)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.sum([variance for variance, _ in parts], axis=0)
        lost = np.sum([variance**2 / df for variance, df in parts], axis=0)
        return np.where(lost == 0, np.inf, total**2 / lost)


# --- tests ---------------------------------------------------------------------------------------


def against_goal(kind: str, mine: Side, goal: float, natural: float) -> FloatArray:
    """Give the two-sided p-value that a rate equals the goal.

    `goal` is in the unit of the rates, `natural` is events per member of the population.
    """
    if kind == "proportion":
        return binomial_test(mine.events, mine.size, np.full(mine.rate.shape, natural))
    if kind == "rate":
        return poisson_test(mine.events, natural * mine.size)
    return _by_variance(mine.rate - goal, mine.variance, mine.df)


def _score(mine: Side, other: Side) -> FloatArray:
    return score_test(mine.events, mine.size, other.events, other.size)


def _conditional(mine: Side, other: Side) -> FloatArray:
    """Test rates exactly, given all events; by the mid-p of effective events where they repeat."""
    plain = independent(mine) & independent(other)
    p = conditional_test(mine.events, mine.size, other.events, other.size)
    return p if plain.all() else np.where(plain, p, mid_p("rate", mine, other))


def mid_p(kind: str, mine: Side, other: Side) -> FloatArray:
    """Conditional mid-p of whole effective counts; rates share the dispersion of both sides."""
    if kind != "rate":
        return conditional_mid_p(mine.events, mine.size, other.events, other.size, kind=kind)
    with np.errstate(invalid="ignore", divide="ignore"):
        people = [one.size * one.spread for one in (mine, other)]
        spread = (people[0] * mine.spread + people[1] * other.spread) / (people[0] + people[1])
        events = [np.rint(one.events * one.spread / spread) for one in (mine, other)]
    return conditional_mid_p(events[0], people[0], events[1], people[1], kind=kind)


def _welch(mine: Side, other: Side) -> FloatArray:
    df = satterthwaite((mine.variance, mine.df), (other.variance, other.df))
    return _by_variance(mine.rate - other.rate, mine.variance + other.variance, df)


def _by_variance(difference: FloatArray, variance: FloatArray, df: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(variance > 0, difference / np.sqrt(variance), np.nan)
    return np.where(np.isinf(df), normal_p(statistic), student_p(statistic, df))


_TESTS: dict[str, Callable[[Side, Side], FloatArray]] = {
    "proportion": _score,
    "rate": _conditional,
    "mean": _welch,
    "estimate": _welch,
}


def among_all_pairs(
    kind: str, mine: Side, other: Side, p_value: FloatArray, count: IntArray
) -> FloatArray:
    """Give p-values that hold for all pairs of `count` segments at once (Tukey–Kramer).

    The studentized range of the score statistic; where fewer than five people with or without the
    event are expected, or events repeat, of the conditional mid-p's; else of the test's own.
    """
    p = p_value
    if kind in ("proportion", "rate"):
        p = p if kind == "proportion" else _score_of_rates(mine, other)
        few = _few(kind, mine, other)
        if few.any():
            at = np.nonzero(few)
            p = p.copy()
            p[at] = mid_p(kind, mine.where(at), other.where(at))
    return np.maximum(tukey_p_of_many(statistic_of(np.maximum(p, _LEAST)), count), p_value)


def _few(kind: str, mine: Side, other: Side) -> BoolArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (mine.events + other.events) / (mine.size + other.size)
        rarer = np.minimum(pooled, 1 - pooled) if kind == "proportion" else pooled
        few = np.minimum(mine.size, other.size) * rarer < _FEW
    return np.asarray(few | (~(independent(mine) & independent(other)) & (kind == "rate")))


def _score_of_rates(mine: Side, other: Side) -> FloatArray:
    """Test that events fall to both sides as their people or time do."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total, share = mine.events + other.events, mine.size / (mine.size + other.size)
        statistic = (mine.events - total * share) / np.sqrt(total * share * (1 - share))
    return normal_p(statistic)


# --- interval, ratio and p-value agree -----------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels of intervals and p-values.

    Parameters
    ----------
    one : float
        The level at which they hold.
    each : array
        Level of the limits of each side that this takes: `one`, or more where all pairs hold.
    count : array of int64, optional
        Segments whose pairs hold at once.
    """

    one: float
    each: FloatArray
    count: IntArray | None = None

    @property
    def alpha(self) -> float:
        """What a p-value is held against, as a person types it."""
        return round(1 - self.one, 12)

    def at(self, cells: IntArray) -> Levels:
        """Take cells of arrays shaped (rows, strata), by their position row after row."""
        count = None if self.count is None else self.count.ravel()[cells]
        return Levels(self.one, self.each.ravel()[cells], count)

    def p_of(self, reach: FloatArray) -> FloatArray:
        """Give the p-value of a difference that is `reach` times as long as its arm."""
        z = special.ndtri(0.5 + self.each / 2) * reach
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
        reaches = (independent(mine) & independent(other)) | (levels.count is not None)
        apart = _reaching(apart, difference, reaches & (apart.p_value >= levels.alpha))
    apart = deciding(apart, difference, levels)
    with np.errstate(invalid="ignore"):
        said = (apart.ratio_low > 1) | (apart.ratio_high < 1)
    wrong = said != excluding(apart, difference)
    if not wrong.any():
        return apart
    low, high = _moved(_limits(kind, mine, other, levels.each))
    return replace(
        apart,
        ratio_low=np.where(wrong, low, apart.ratio_low),
        ratio_high=np.where(wrong, high, apart.ratio_high),
    )


def excluding(apart: Contrast, difference: FloatArray) -> BoolArray:
    """Tell which intervals of a difference lie on one side of 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray((difference - apart.below > 0) | (difference + apart.above < 0))


def _reaching(apart: Contrast, difference: FloatArray, kept: BoolArray) -> Contrast:
    """Lengthen intervals that lie beside equality, which their test keeps, until they reach it."""
    short = kept & excluding(apart, difference)
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
    at = np.nonzero(wrong)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = levels.at(np.flatnonzero(wrong)).p_of((np.abs(difference) / arm)[at])
    p = p.copy()
    p[at] = np.where(
        beyond[at], np.minimum(own, levels.alpha * (1 - 1e-12)), np.maximum(own, levels.alpha)
    )
    return replace(apart, p_value=p)
