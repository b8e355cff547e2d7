"""Cells of sufficient statistics, and the one way they are added up.

A cell holds what is known of one group in one stratum. Rows become cells, cells become margins,
strata roll up and partners merge by the same function, :func:`pool`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.reasons import Reason

Stats = Mapping[str, FloatArray]

# Centred moments: the weight they are taken with, the mean, the second moment about it.
MOMENTS = (("population", "mean", "m2"), ("w2", "mean2", "m22"))


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
    source : str
        The family of statistics: "counts" (events, population) or "estimates" (rate, se, …).
    state : array of uint8
        Values of :class:`State`.
    stats : mapping of str to array
        The statistics; NaN where they are not known.
    bounds : mapping of str to array
        Least and most that hidden statistics can be; empty where nothing is hidden.
    notes : array of int64
        Reasons that were known when the cells were made.
    """

    source: str
    state: ByteArray
    stats: Stats
    bounds: Stats
    notes: IntArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every array."""
        return self.state.shape

    def each(self, f: Callable[[np.ndarray], np.ndarray]) -> Cells:
        """Apply a shape-changing function (take, reshape) to every array."""
        return replace(
            self,
            state=f(self.state),
            stats={k: f(v) for k, v in self.stats.items()},
            bounds={k: f(v) for k, v in self.bounds.items()},
            notes=f(self.notes),
        )

    def take(self, positions: IntArray) -> Cells:
        """Keep some cells along the first axis."""
        return self.each(lambda values: values[positions])

    def strata(self, positions: IntArray) -> Cells:
        """Keep some strata, the second axis."""
        return self.each(lambda values: values[:, positions])

    def where(self, mine: BoolArray, other: Cells) -> Cells:
        """Keep these cells where `mine` holds, take the other's elsewhere."""

        def pick(a: FloatArray, b: FloatArray) -> FloatArray:
            return np.where(mine, a, b)

        names = dict.fromkeys([*self.bounds, *other.bounds])
        return replace(
            self,
            state=np.where(mine, self.state, other.state).astype(np.uint8),
            stats={k: pick(self.stats[k], other.stats[k]) for k in self.stats},
            bounds={k: pick(self.bound(k), other.bound(k)) for k in names},
            notes=np.where(mine, self.notes, other.notes),
        )

    def bound(self, name: str) -> FloatArray:
        """Give a bound ("events_low"); where nothing is hidden, it is the value itself."""
        if name in self.bounds:
            return self.bounds[name]
        value = name.rpartition("_")[0]
        if value == "rest":
            return self.stats["population"] - self.stats["events"]
        return self.stats[value]

    def noted(self, here: BoolArray, reason: Reason) -> Cells:
        """Add a reason to some cells."""
        return replace(self, notes=self.notes | marks(here, reason))

    def hidden(self, here: BoolArray) -> Cells:
        """Remove every trace of some cells: values, bounds and notes."""

        def gone(values: FloatArray) -> FloatArray:
            return np.where(here, np.nan, values)

        return replace(
            self,
            state=np.where(here, State.SUPPRESSED, self.state).astype(np.uint8),
            stats={k: gone(v) for k, v in self.stats.items()},
            bounds={k: gone(v) for k, v in self.bounds.items()},
            notes=np.where(here, 0, self.notes),
        )


@dataclass(frozen=True, eq=False)
class Dimension:
    """One way people are split.

    Parameters
    ----------
    name : str
        "race", or "race*sex" for a crossing, or "total".
    labels : tuple of str
        Its segments, in order.
    unknown : (k,) array of bool
        Which of them stand for a missing segment.
    exclusive : bool
        Whether nobody is in two segments.
    ordered : bool
        Whether the order means something, most disadvantaged first.
    """

    name: str
    labels: tuple[str, ...]
    unknown: BoolArray
    exclusive: bool = True
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Block:
    """The cells of one dimension, shaped (segments, strata)."""

    dimension: Dimension
    cells: Cells


def marks(here: BoolArray, why: IntFlag) -> IntArray:
    """Give cells a reason where one holds, as bits to be put together with others."""
    return np.where(here, np.int64(why), np.int64(0))


def join(parts: list[Cells], axis: int) -> Cells:
    """Lay cells of one family side by side along an axis."""
    bounded = dict.fromkeys(name for part in parts for name in part.bounds)
    return Cells(
        parts[0].source,
        np.concatenate([part.state for part in parts], axis),
        {k: np.concatenate([part.stats[k] for part in parts], axis) for k in parts[0].stats},
        {k: np.concatenate([part.bound(k) for part in parts], axis) for k in bounded},
        np.concatenate([part.notes for part in parts], axis),
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
    empty = parts.stats["population"] == 0
    stats, bounds, notes = _POOLERS[parts.source](parts, codes, size, empty)
    np.bitwise_or.at(notes, codes, parts.notes)
    alone = np.bincount(codes, minlength=size) == 1
    notes = np.where(alone, notes, notes & ~_OF_ONE_ROW)

    def any_of(mask: BoolArray) -> BoolArray:
        return np.bincount(codes[mask], minlength=size) > 0

    state = np.full(size, State.OK, dtype=np.uint8)
    state[_without_rate(stats)] = State.NO_DATA
    state[any_of((parts.state == State.NO_DATA) & ~empty)] = State.NO_DATA
    state[any_of(parts.state == State.SUPPRESSED)] = State.SUPPRESSED
    state[np.bincount(codes, minlength=size) == 0] = State.ABSENT
    return Cells(parts.source, state, _absent_unknown(stats, state), bounds, notes)


# What a code in a single published row says is no reason of a sum.
_OF_ONE_ROW = np.int64(Reason.ESTIMATE_CODE | Reason.MARGIN_CODE | Reason.CONTROLLED)


def counts_rows(stats: Stats) -> bool:
    """Tell whether the rows themselves were counted, so that no row means nobody."""
    return "n" in stats and "rate" not in stats


def _absent_unknown(stats: dict[str, FloatArray], state: ByteArray) -> dict[str, FloatArray]:
    """Make what no row tells of missing; where rows themselves are counted it is 0, and known."""
    if not counts_rows(stats):
        absent = state == State.ABSENT
        for values in stats.values():
            values[absent] = np.nan
    return stats


def fold(cells: Cells, codes: IntArray, size: int) -> Cells:
    """Add up segments, the first axis, that share a code: as :func:`pool`, stratum by stratum.

    Parameters
    ----------
    cells : Cells
        Of shape (segments, strata).
    codes : (segments,) array of int64
        In 0 … size − 1, each used at least once.
    size : int
        Number of pooled segments.

    Returns
    -------
    Cells
        Of shape (size, strata).
    """
    strata = cells.shape[1]
    plain = bool(((cells.state == State.OK) | (cells.state == State.ABSENT)).all())
    if not plain or cells.source != "counts" or cells.notes.any():
        flat = (codes[:, None] * strata + np.arange(strata)).ravel()
        return pool(cells.each(np.ravel), flat, size * strata).each(
            lambda values: values.reshape(size, strata)
        )
    absent = cells.state == State.ABSENT
    known_zero = counts_rows(cells.stats)
    adder = _adder(codes, size)

    def added(values: FloatArray) -> FloatArray:
        return np.asarray(adder @ (values if known_zero else np.where(absent, 0.0, values)))

    stats = _pool_sums(cells.stats, codes, added)
    nobody = stats["n"] == 0 if known_zero else adder @ (~absent).astype(np.float64) == 0
    state = np.full((size, strata), State.OK, dtype=np.uint8)
    state[_without_rate(stats)] = State.NO_DATA
    state[nobody] = State.ABSENT
    notes = np.zeros((size, strata), dtype=np.int64)
    return Cells(cells.source, state, _absent_unknown(stats, state), {}, notes)


def _adder(codes: IntArray, size: int) -> Any:
    """Make the sparse matrix that adds up rows which share a code."""
    from scipy import sparse

    ones, parts = np.ones(len(codes)), np.arange(len(codes))
    return sparse.coo_array((ones, (codes, parts)), shape=(size, len(codes))).tocsr()


def _without_rate(stats: Stats) -> BoolArray:
    known = stats["events" if "events" in stats else "rate"]
    return np.asarray(np.isnan(known) | (stats["population"] == 0))


Pooled = tuple[dict[str, FloatArray], dict[str, FloatArray], IntArray]


def _add(values: FloatArray, codes: IntArray, size: int) -> FloatArray:
    return np.asarray(np.bincount(codes, weights=values, minlength=size), dtype=np.float64)


def _pool_counts(parts: Cells, codes: IntArray, size: int, empty: BoolArray) -> Pooled:
    """Add counts and weights; merge means; add the bounds of hidden counts."""

    def added(values: FloatArray) -> FloatArray:
        return _add(values, codes, size)

    stats = _pool_sums(parts.stats, codes, added)
    bounds = {name: _add(values, codes, size) for name, values in parts.bounds.items()}
    return stats, bounds, np.zeros(size, dtype=np.int64)


def _pool_sums(
    parts: Stats, codes: IntArray, added: Callable[[FloatArray], FloatArray]
) -> dict[str, FloatArray]:
    """Pool every statistic of counted cells; `added` sums the parts that share a code."""
    inner = {name for group in MOMENTS for name in group[1:]}
    # Without weights people and rows are one array, which is added up once.
    once = {id(values): values for name, values in parts.items() if name not in inner}
    sums = {place: added(values) for place, values in once.items()}
    stats = {name: sums[id(values)] for name, values in parts.items() if name not in inner}
    for names in MOMENTS:
        if names[1] in parts:
            stats |= _pool_moments(parts, names, codes, stats[names[0]], added)
    return stats


def _pool_moments(
    parts: Stats,
    names: tuple[str, str, str],
    codes: IntArray,
    total: FloatArray,
    added: Callable[[FloatArray], FloatArray],
) -> dict[str, FloatArray]:
    """Merge centred moments: never from raw sums of squares (Chan, Golub and LeVeque 1983)."""
    weight, mean, second = (parts[name] for name in names)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = added(np.where(weight > 0, weight * mean, 0.0)) / total
    inside = np.where(weight > 0, second + weight * (mean - pooled[codes]) ** 2, 0.0)
    return {names[1]: pooled, names[2]: added(inside)}


def _pool_estimates(parts: Cells, codes: IntArray, size: int, empty: BoolArray) -> Pooled:
    """Rates are weighted by population, as if independent; a cell of one row is that row."""
    weight = parts.stats["population"]
    alone = np.bincount(codes, minlength=size) == 1
    only = np.full(size, -1)
    only[codes] = np.arange(len(codes))
    total = _add(weight, codes, size)

    def mean(values: FloatArray, power: int = 1) -> FloatArray:
        weighted = np.where(empty, 0.0, weight**power * values)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(_add(weighted, codes, size) / total**power, dtype=np.float64)

    def lone(values: FloatArray) -> FloatArray:
        return np.asarray(np.append(values, np.nan)[only], dtype=np.float64)

    fixed = _add(parts.stats["standardized"], codes, size) > 0
    pooled = {
        "rate": np.where(fixed, np.nan, mean(parts.stats["rate"])),
        "se": np.sqrt(mean(parts.stats["se"] ** 2, 2)),
        "ci_low": np.full(size, np.nan),
        "ci_high": np.full(size, np.nan),
        "population": total,
        "n": _add(parts.stats["n"], codes, size),
        "standardized": fixed.astype(np.float64),
    }
    stats = {k: np.where(alone, lone(parts.stats[k]), values) for k, values in pooled.items()}
    bounds = {k: np.where(alone, lone(values), mean(values)) for k, values in parts.bounds.items()}
    notes = marks(fixed & ~alone, Reason.NOT_ADDED)
    notes |= marks(np.isnan(total) & ~alone & ~fixed, Reason.NO_WEIGHTS)
    return stats, bounds, notes


_POOLERS: dict[str, Callable[[Cells, IntArray, int, BoolArray], Pooled]] = {
    "counts": _pool_counts,
    "estimates": _pool_estimates,
}


def rates(cells: Cells) -> FloatArray:
    """Give the rate of every cell, in its own unit; missing where there is none."""
    if "rate" in cells.stats:
        return cells.stats["rate"]
    n = cells.stats["population"]
    rate: FloatArray = np.full(n.shape, np.nan)
    np.divide(cells.stats["events"], n, out=rate, where=n > 0)
    return rate
