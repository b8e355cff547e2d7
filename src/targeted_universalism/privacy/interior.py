"""Solutions far inside a very large system of sums, and how far each unknown moves from there.

A linear program for each end of each unknown is too slow where thousands are tied together. One
solution that lies away from all bounds is found by Newton's method; from it every unknown is moved
along the direction in which the others, weighted by the room they have, move least. What is
reached is possible; more may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.privacy.exchange import sums_and_parts

Solver = Callable[[FloatArray], FloatArray]

# Newton's method took 8 steps at most where it found a solution at all.
_STEPS = 30
_BATCH = 256
# A direction that keeps so little of an unknown's own weight is made of rounding errors alone.
_STUCK = 1e-7
# How many parts are moved at once, and how many of those with the most room answer them.
_AT_ONCE = 32
_RICH = 16


class Normal:
    """The sums multiplied by their transpose, whatever the weights of the unknowns.

    Which of its places are not 0 stays the same and is looked up once. Sums with many members come
    last when it is taken apart: before the small ones they would tie all of these together, and
    what must be kept would grow with the square of their number.

    Parameters
    ----------
    matrix : (sums, unknowns) sparse array
        Signs of the members of each sum.
    """

    def __init__(self, matrix: sparse.csr_array) -> None:
        size = matrix.shape[0]
        self._order = np.argsort(np.diff(matrix.indptr), kind="stable")
        entry = sparse.csc_array(matrix[self._order])
        times = np.diff(entry.indptr)
        pairs = times**2  # every unknown multiplies each of its sums by each
        self._unknown = np.repeat(np.arange(len(times)), pairs)
        number = np.arange(pairs.sum()) - np.repeat(np.cumsum(pairs) - pairs, pairs)
        start = np.repeat(entry.indptr[:-1], pairs)
        one, other = (start + part for part in np.divmod(number, np.repeat(times, pairs)))
        self._sign = entry.data[one] * entry.data[other]
        place = entry.indices[other].astype(np.int64) * size + entry.indices[one]
        own = np.arange(size) * (size + 1)  # the diagonal, of empty sums too
        used, at = np.unique(np.concatenate([place, own]), return_inverse=True)
        self._at = at[: len(place)]
        column, self._row = np.divmod(used, size)
        self._start = np.searchsorted(column, np.arange(size + 1))
        self._diagonal = np.flatnonzero(column == self._row)

    def solver(self, weight: FloatArray, *, scaled: bool) -> Solver | None:
        """Make what solves for a right side, (sums,) or (sums, many); None where nothing does.

        Parameters
        ----------
        weight : (unknowns,) array
            A trace is added to keep the matrix invertible.
        scaled : bool
            Whether rows are brought to one scale first.
        """
        product = self._sign * weight[self._unknown]
        data = np.bincount(self._at, product, len(self._row)).astype(np.float64)
        data[self._diagonal] += 1e-11 * (data[self._diagonal] + 1e-9)
        scale = 1 / np.sqrt(data[self._diagonal]) if scaled else np.ones(len(self._diagonal))
        data = data * scale[self._row] * np.repeat(scale, np.diff(self._start))
        size = (len(scale), len(scale))
        try:
            factors = splu(
                sparse.csc_array((data, self._row, self._start), shape=size),
                permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True},
            )  # fmt: skip
        except RuntimeError:  # scipy's word for sums that rounding makes depend on each other
            return None
        back = np.argsort(self._order)

        def solve(right: FloatArray) -> FloatArray:
            each = scale if right.ndim == 1 else scale[:, None]
            found = factors.solve(right[self._order] * each) * each
            return np.asarray(found[back], dtype=np.float64)

        return solve


@dataclass(frozen=True, eq=False)
class Interior:
    """A solution with room on all sides, of unknowns that are not fixed by their bounds."""

    matrix: sparse.csr_array
    normal: Normal
    value: FloatArray
    low: FloatArray
    high: FloatArray

    def reach(self, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
        """Find how low and how high some unknowns can be brought."""
        room = np.minimum(self.value - self.low, self.high - self.value)
        weight = room**2
        solve = self.normal.solver(weight, scaled=True)
        least, most = self.value[wanted].copy(), self.value[wanted].copy()
        if solve is None:
            return least, most
        for start in range(0, len(wanted), _BATCH):
            here = wanted[start : start + _BATCH]
            pull = (self.matrix[:, here] * weight[here]).toarray()
            way = -weight[:, None] * (self.matrix.T @ solve(pull))
            way[here, np.arange(len(here))] += weight[here]
            up, down = self._steps(way)
            along = way[here, np.arange(len(here))]
            stuck = along < _STUCK * weight[here]
            up[stuck] = down[stuck] = 0.0
            most[start : start + len(here)] += up * along
            least[start : start + len(here)] -= down * along
        return least, most

    def reach_nearby(self, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
        """As `reach`, in a few parts of the system at a time: all else stays where it is.

        The parts with the most room are among them each time, to answer what the others change in
        the sums that they share. Time grows with the number of parts, not with its square.
        """
        part = sums_and_parts(self.matrix)[2]
        room = np.bincount(part, np.minimum(self.value - self.low, self.high - self.value))
        rich = np.argsort(-room, kind="stable")[:_RICH]
        lean = np.unique(part[wanted])
        place = np.full(len(self.value), -1)
        place[wanted] = np.arange(len(wanted))
        least, most = self.value[wanted].copy(), self.value[wanted].copy()
        for some in np.array_split(lean, -(-len(lean) // _AT_ONCE)):
            here = np.flatnonzero(np.isin(part, np.union1d(some, rich)))
            at = np.flatnonzero((place[here] >= 0) & np.isin(part[here], some))
            to = place[here[at]]
            least[to], most[to] = self._only(here).reach(at)
        return least, most

    def _only(self, here: IntArray) -> Interior:
        """Keep some unknowns; all others stay where they are."""
        matrix = self.matrix[:, here]
        matrix = sparse.csr_array(matrix[np.diff(matrix.indptr) > 0])
        value, low, high = self.value[here], self.low[here], self.high[here]
        return Interior(matrix, Normal(matrix), value, low, high)

    def _steps(self, way: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Find how far each direction can be followed, forwards and backwards."""
        above, below = 1 / (self.high - self.value)[:, None], 1 / (self.value - self.low)[:, None]
        with np.errstate(divide="ignore"):
            up = 1 / np.maximum(way * above, way * -below).max(axis=0)
            down = 1 / np.maximum(way * below, way * -above).max(axis=0)
        return up, down


def inner_solution(
    matrix: sparse.csr_array, total: FloatArray, low: FloatArray, high: FloatArray
) -> Interior | None:
    """Find a solution of the sums that lies away from its bounds; None if it is not found.

    Parameters
    ----------
    matrix : (sums, unknowns) sparse array
        Signs of the members of each sum.
    total : (sums,) array
        What each sum is.
    low, high : (unknowns,) arrays
        Finite bounds, some distance apart.
    """
    width, left = high - low, total - matrix @ low
    normal = Normal(matrix)
    price = np.zeros(len(total))
    share = np.full(len(low), 0.5)
    worth = _worth(matrix, width, left, price)
    for _ in range(_STEPS):
        miss = matrix @ (width * share) - left
        if np.abs(miss).max(initial=0.0) < 1e-7:
            value = low + width * share
            roomy = bool(((value > low) & (value < high)).all())
            return Interior(matrix, normal, value, low, high) if roomy else None
        slope = np.maximum(width * share * (1 - share), 1e-12)
        solve = normal.solver(slope, scaled=False)
        if solve is None:
            return None
        step = solve(miss)
        size = 1.0
        while size > 1e-8:
            trial = price - size * step
            found = _worth(matrix, width, left, trial)
            if found <= worth - 1e-4 * size * float(miss @ step) + 1e-9 * abs(worth):
                break
            size /= 2
        price, worth = trial, found
        share = 1 / (1 + np.exp(-np.clip(matrix.T @ price, -500, 500)))
    return None


def _worth(
    matrix: sparse.csr_array, width: FloatArray, left: FloatArray, price: FloatArray
) -> float:
    """Compute what Newton's method brings down: its slope is what the sums miss by."""
    return float((width * np.logaddexp(0, matrix.T @ price)).sum() - left @ price)
