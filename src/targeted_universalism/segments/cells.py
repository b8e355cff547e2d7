"""Cells of sufficient statistics, and the one way they are added up.

A cell holds what is known of one group in one stratum. Rows become cells, cells become margins,
strata roll up and partners merge by the same function, :func:`pool`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.measures.intervals import Limits
from targeted_universalism.reasons import Reason, Reasons, because, joined
from targeted_universalism.segments.index import Dimension, Index

Stats = Mapping[str, FloatArray]
Moments = tuple[str, str, str]


class State(IntEnum):
    """What is known of a cell. Missing, hidden, empty and zero are different things."""

    OK = 0
    SUPPRESSED = 1
    NO_DATA = 2
    ABSENT = 3


@dataclass(frozen=True, eq=False)
class Cells:
    """Statistics of many cells, every array of one shape.

    Parameters
    ----------
    family : Family
        What the statistics are, and how a rate, an interval or a sum is made of them.
    state : array of uint8
        Values of :class:`State`.
    stats : mapping of str to array
        The statistics; NaN where they are not known.
    bounds : mapping of str to array
        Least and most that hidden statistics can be; empty where nothing is hidden.
    reasons : Reasons
        What was known when the cells were made.
    """

    family: Family
    state: ByteArray
    stats: Stats
    bounds: Stats
    reasons: Reasons

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every array."""
        return self.state.shape

    @property
    def population(self) -> FloatArray:
        """The denominator: people, person-time, or the sum of their weights."""
        return self.stats[self.family.people]

    def mapped(self, f: Callable[[Any], Any]) -> Cells:
        """Apply a shape-changing function (take, reshape) to every array."""
        return replace(
            self,
            state=f(self.state),
            stats={k: f(v) for k, v in self.stats.items()},
            bounds={k: f(v) for k, v in self.bounds.items()},
            reasons=self.reasons.mapped(f),
        )

    def ravel(self) -> Cells:
        """Lay all cells in one row."""
        return self.mapped(np.ravel)

    def reshape(self, *shape: int) -> Cells:
        """Give every array another shape."""
        return self.mapped(lambda values: values.reshape(shape))

    def take(self, positions: IntArray | BoolArray | slice) -> Cells:
        """Keep some cells along the first axis."""
        return self.mapped(lambda values: values[positions])

    def strata(self, positions: IntArray | BoolArray | slice) -> Cells:
        """Keep some strata, the second axis."""
        return self.mapped(lambda values: values[:, positions])

    def kept(self, here: BoolArray, other: Cells) -> Cells:
        """Keep these cells where `here` holds, take the other's elsewhere."""

        def pick(a: FloatArray, b: FloatArray) -> FloatArray:
            return np.where(here, a, b)

        names = dict.fromkeys([*self.bounds, *other.bounds])
        return replace(
            self,
            state=np.where(here, self.state, other.state).astype(np.uint8),
            stats={k: pick(self.stats[k], other.stats[k]) for k in self.stats},
            bounds={k: pick(self.bound(k), other.bound(k)) for k in names},
            reasons=self.reasons.kept(here, other.reasons),
        )

    def bound(self, name: str) -> FloatArray:
        """Give a bound ("events_low"); where nothing is hidden, it is the value itself."""
        if name in self.bounds:
            return self.bounds[name]
        return self.family.value(self.stats, name.rpartition("_")[0])

    @property
    def coarse(self) -> BoolArray:
        """Which cells hold sums of weights that were rounded."""
        return self.reasons.any_of(Reason.COARSE)

    def noted(self, here: BoolArray, reason: Reason) -> Cells:
        """Add a reason to some cells."""
        if not np.any(here):
            return self
        return replace(self, reasons=self.reasons | because(here, reason))

    def in_state(self, here: BoolArray, state: State) -> Cells:
        """Give some cells another state."""
        return replace(self, state=np.where(here, state, self.state).astype(np.uint8))

    def removed(self, here: BoolArray) -> Cells:
        """Remove every trace of some cells: values, bounds and reasons."""

        def gone(values: FloatArray) -> FloatArray:
            return np.where(here, np.nan, values)

        return replace(
            self.in_state(here, State.SUPPRESSED),
            stats={k: gone(v) for k, v in self.stats.items()},
            bounds={k: gone(v) for k, v in self.bounds.items()},
            reasons=self.reasons.without(here),
        )


@dataclass(frozen=True, eq=False)
class Block:
    """The cells of one dimension, shaped (segments, strata)."""

    dimension: Dimension
    cells: Cells


# --- what statistics there are, and what follows from them ----------------------------------------


class Adder(Protocol):
    """Sums the parts that share a code, into an array where one is given."""

    def __call__(self, values: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """Add up."""
        ...


class Pooled(NamedTuple):
    """What cells add up to, before it is told which sums have a rate."""

    stats: dict[str, FloatArray]
    bounds: dict[str, FloatArray]
    reasons: Reasons


class Protected(NamedTuple):
    """The counts that disclosure control protects; NaN where a count is not there."""

    people: FloatArray
    events: FloatArray
    sample: FloatArray


@dataclass(frozen=True)
class Family:
    """What is known of a group in a stratum.

    Attributes
    ----------
    name : str
        What a file of segments calls it.
    source : str
        "counts" or "estimates", as an analyst reads it.
    statistics : tuple of str
        What is held of every cell.
    people : str
        The statistic that is the denominator.
    counted : bool
        Whether events and people were counted, so that rates follow from them exactly.
    counts_rows : bool
        Whether the rows themselves were counted, so that no row means nobody.
    moments : tuple of (weight, mean, second moment)
        Names of centred moments among the statistics.
    precision : tuple of str
        Statistics that tell how precise a rate is, beyond its events and people; they add up, or
        what follows from them does.
    weighted : tuple of str
        Statistics that are sums of weights.
    """

    name: ClassVar[str]
    source: ClassVar[str]
    statistics: ClassVar[tuple[str, ...]]
    people: ClassVar[str] = "population"
    counted: ClassVar[bool] = True
    counts_rows: ClassVar[bool] = False
    moments: ClassVar[tuple[Moments, ...]] = ()
    precision: ClassVar[tuple[str, ...]] = ()
    weighted: ClassVar[tuple[str, ...]] = ()

    @property
    def sums(self) -> tuple[str, ...]:
        """Statistics that are added up as they are: all but means and their moments."""
        inner = {name for moment in self.moments for name in moment[1:]}
        return tuple(name for name in self.statistics if name not in inner)

    def without_rate(self, stats: Stats) -> BoolArray:
        """Tell which cells have no rate."""
        raise NotImplementedError

    def informed(self, cells: Cells, index: Index) -> Cells:
        """Tell cells, shaped (rows, strata), what each can only learn from its dimension."""
        return cells

    def value(self, stats: Stats, name: str) -> FloatArray:
        """Give what a bound is a bound of: a statistic, or "rest", people without the event."""
        if name == "population":
            return stats[self.people]
        return stats[self.people] - stats["events"] if name == "rest" else stats[name]

    def pooled(self, parts: Cells, codes: IntArray, size: int) -> Pooled:
        """Add up cells, shaped (m,), that share a code."""
        raise NotImplementedError

    def summed(
        self, stats: Stats, codes: IntArray, added: Adder, room: dict[str, FloatArray] | None = None
    ) -> dict[str, FloatArray]:
        """Add up statistics; `added` sums the parts that share a code, into `room` if given."""
        raise NotImplementedError

    def rate(self, stats: Stats, kind: str) -> FloatArray:
        """Give rates, in the unit in which they are held."""
        raise NotImplementedError

    def effective(self, stats: Stats, kind: str) -> tuple[FloatArray, FloatArray]:
        """Give the events and people that carry as much information (RULES 3); NaN for none."""
        raise NotImplementedError

    def standard_error(self, stats: Stats, kind: str, unit: float) -> FloatArray:
        """Give the standard errors of rates, per member of the population."""
        raise NotImplementedError

    def variance(self, stats: Stats, kind: str, unit: float) -> FloatArray:
        """Give the variances of rates, per member of the population squared."""
        return self.standard_error(stats, kind, unit) ** 2

    def df(self, stats: Stats, kind: str) -> FloatArray:
        """Give the degrees of freedom of the variances; infinite where taken as known."""
        return np.full(stats[self.people].shape, np.inf)

    def intervals_for(self, kind: str) -> Sequence[str]:
        """Name the intervals that a kind of outcome can have."""
        raise NotImplementedError

    def interval(self, stats: Stats, kind: str, unit: float, confidence: float, how: str) -> Limits:
        """Give the limits of rates, in the unit in which they are held."""
        raise NotImplementedError

    def why_no_interval(self, stats: Stats) -> Reasons:
        """Say why a rate has no interval."""
        raise NotImplementedError

    def events(self, stats: Stats, unit: float | FloatArray) -> FloatArray:
        """Give events: counted, or implied by a rate and its population."""
        raise NotImplementedError

    def rows(self, stats: Stats) -> FloatArray:
        """Give the people who were counted or asked, without weights."""
        raise NotImplementedError

    def protected(self, stats: Stats, unit: float | FloatArray) -> Protected:
        """Give the counts that disclosure control protects."""
        raise NotImplementedError

    def additive(self, stats: Stats) -> list[FloatArray]:
        """Give what adds up of the precision of rates."""
        return [stats[name] for name in self.precision]


# --- adding up ----------------------------------------------------------------------------------


def sums_of(values: FloatArray, codes: IntArray, size: int) -> FloatArray:
    """Add up values, shaped (m,), that share a code."""
    return np.asarray(np.bincount(codes, weights=values, minlength=size), dtype=np.float64)


def missing_like(values: FloatArray) -> FloatArray:
    """Give as many missing values."""
    return np.full(values.shape, np.nan)


def stacked(blocks: Sequence[Block]) -> tuple[Index, Cells]:
    """Lay blocks under each other, with an index of the rows."""
    index = Index(tuple(block.dimension for block in blocks))
    return index, join([block.cells for block in blocks], axis=0)


def join(parts: Sequence[Cells], axis: int) -> Cells:
    """Lay cells of one family side by side along an axis."""
    bounded = dict.fromkeys(name for part in parts for name in part.bounds)
    return Cells(
        parts[0].family,
        np.concatenate([part.state for part in parts], axis),
        {k: np.concatenate([part.stats[k] for part in parts], axis) for k in parts[0].stats},
        {k: np.concatenate([part.bound(k) for part in parts], axis) for k in bounded},
        joined([part.reasons for part in parts], axis),
    )


def pool(cells: Cells, codes: IntArray, size: int) -> Cells:
    """Add up cells that share a code.

    Parameters
    ----------
    cells : Cells
        Of shape (m,).
    codes : (m,) array of int64
        In 0 … size − 1.
    size : int
        Number of pooled cells.

    Returns
    -------
    Cells
        Of shape (size,). A pooled cell is suppressed if any part is, without data if a part has
        people and no rate, absent if it has no part.
    """
    here = np.flatnonzero(cells.state != State.ABSENT)
    parts, codes = cells.take(here), codes[here]
    empty = parts.population == 0
    number = np.bincount(codes, minlength=size)
    pooled = cells.family.pooled(parts, codes, size)
    reasons = parts.reasons.pooled(codes, size)
    reasons = reasons.kept(number == 1, reasons.other_than(_OF_ONE_ROW)) | pooled.reasons
    peopled = pooled.stats[cells.family.people] > 0
    reasons = reasons.kept(~peopled, reasons.other_than({Reason.NO_OUTCOME}))

    def any_of(mask: BoolArray) -> BoolArray:
        return np.bincount(codes[mask], minlength=size) > 0

    state = np.full(size, State.OK, dtype=np.uint8)
    state[cells.family.without_rate(pooled.stats)] = State.NO_DATA
    state[any_of((parts.state == State.NO_DATA) & ~empty)] = State.NO_DATA
    state[any_of(parts.state == State.SUPPRESSED)] = State.SUPPRESSED
    state[number == 0] = State.ABSENT
    stats = _absent_unknown(cells.family, pooled.stats, state)
    return Cells(cells.family, state, stats, pooled.bounds, reasons)


# What a code in a single published row says is no reason of a sum.
_OF_ONE_ROW = frozenset({Reason.ESTIMATE_CODE, Reason.MARGIN_CODE, Reason.CONTROLLED})


def _absent_unknown(
    family: Family, stats: dict[str, FloatArray], state: ByteArray
) -> dict[str, FloatArray]:
    """Make what no row tells of missing; where rows themselves are counted it is 0, and known."""
    if not family.counts_rows:
        absent = state == State.ABSENT
        for values in stats.values():
            values[absent] = np.nan
    return stats
