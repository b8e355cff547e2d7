"""The sides of a comparison: what is known of a cell, of a group of others, or at another level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.rates import estimate, known_stats
from targeted_universalism.measures.contrasts import Known
from targeted_universalism.measures.exact import as_fraction
from targeted_universalism.measures.intervals import Limits, z_value
from targeted_universalism.segments.cells import Cells, State


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
        Degrees of freedom of the variance; infinite where it is taken as known, as of counts.
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
    def limited(self) -> Known:
        """The rate and its limits."""
        return self.rate, self.low, self.high

    def take(self, places: IntArray) -> Side:
        """Take cells of arrays shaped (rows, strata), by their place row after row."""
        return Side(*(getattr(self, f.name).ravel().take(places) for f in fields(self)))


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
    options = answer.options
    kind, unit, factor = _units(answer, indicator)
    own = estimate(cells, kind, unit, options.confidence, options.interval)
    low, high = own.low, own.high
    if level is not None and options.confidence is not None:
        low, high = _at_levels(answer, indicator, cells, level)
    return _side(cells, kind, (own.rate, low, high), factor)


def side_without_limits(answer: Answer, indicator: int, cells: Cells, rate: FloatArray) -> Side:
    """Describe cells of one indicator where no limits are asked for.

    `rate` holds their rates, in units of the goal's ``per``.
    """
    kind, _, factor = _units(answer, indicator)
    nothing = np.full(cells.shape, np.nan)
    return _side(cells, kind, (rate / factor, nothing, nothing), factor)


def _units(answer: Answer, indicator: int) -> tuple[str, float, float]:
    """Give the kind of an indicator, the unit its rates are held in, and that of the goal in it."""
    segments, goal = answer.segments, answer.goals[indicator]
    per = segments.unit_of(indicator)
    return segments.kinds[indicator], float(per), float(as_fraction(goal.per) / as_fraction(per))


def _side(cells: Cells, kind: str, limited: Known, factor: float) -> Side:
    known = cells.state == State.OK
    missing = np.full(cells.shape, np.nan)
    events, size, variance = missing.copy(), missing.copy(), missing.copy()
    df, stats = np.full(cells.shape, np.inf), known_stats(cells)
    events[known], size[known] = cells.family.effective(stats, kind)
    variance[known] = cells.family.variance(stats, kind, 1.0)
    df[known] = cells.family.df(stats, kind)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = cells.population / size
    rate, low, high = (values * factor for values in limited)
    return Side(
        rate, low, high, events, size, variance * factor**2, df, spread, _published(cells)
    )  # fmt: skip


def _at_levels(answer: Answer, indicator: int, cells: Cells, level: FloatArray) -> Limits:
    """Give cells limits at levels of their own."""
    segments, options = answer.segments, answer.options
    kind, unit = segments.kinds[indicator], float(segments.unit_of(indicator))
    flat = cells.ravel()
    if not cells.family.counted and options.confidence is not None:
        own = estimate(cells, kind, unit, options.confidence, options.interval)
        times = special.ndtri(0.5 + level / 2) / z_value(options.confidence)
        low, high = stretched((own.rate / unit, own.low / unit, own.high / unit), kind, times)
        return low * unit, high * unit
    low, high = np.full((2, level.size), np.nan)
    for one in np.unique(level[~np.isnan(level)]):
        places = np.flatnonzero(level.ravel() == one)
        own = estimate(flat.take(places), kind, unit, float(one), options.interval)
        low[places], high[places] = own.low, own.high
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


def stretched(published: Known, kind: str, times: FloatArray) -> Limits:
    """Take published limits to another level: their distance, on the scale of their kind.

    A rate at a bound of that scale has its limits stretched as they are.

    Examples
    --------
    >>> low, high = stretched((np.array(4.0), np.array(2.0), np.array(8.0)), "rate", np.array(2.0))
    >>> print(low.round(6), high.round(6))
    1.0 16.0

    """
    rate, low, high = published
    to, back = _SCALES.get(kind, (np.log, np.exp))
    bounds = {"proportion": (0.0, 1.0), "mean": (-np.inf, np.inf)}.get(kind, (0.0, np.inf))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        centre = to(rate)
        ends = [back(centre + times * (to(end) - centre)) for end in (low, high)]
    plain = [np.clip(rate + times * (end - rate), *bounds) for end in (low, high)]
    inside = np.isfinite(centre)
    return np.where(inside, ends[0], plain[0]), np.where(inside, ends[1], plain[1])


def independent(one: Side) -> BoolArray:
    """Tell where a rate's events are plain counts: they neither repeat nor carry weights."""
    return np.asarray(np.isclose(one.spread, 1.0, rtol=1e-9, atol=0) | np.isnan(one.spread))


def repeated(answer: Answer, indicator: int) -> bool:
    """Tell whether any events of an indicator repeat in one person, or have weights, as rates."""
    segments, cells = answer.segments, answer.cells
    if segments.kinds[indicator] != "rate" or not cells.family.counted:
        return False
    rated = (cells.state == State.OK) & (segments.strata.indicator == indicator)
    stats = {name: values[rated] for name, values in cells.stats.items()}
    size = cells.family.effective(stats, "rate")[1]
    return not bool(np.isclose(cells.population[rated], size, rtol=1e-9, atol=0).all())
