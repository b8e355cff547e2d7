"""Solutions far inside a very large system of sums, and how far each unknown moves from there.

A linear program for each end of each unknown is too slow where thousands are tied together. One
solution that lies away from all bounds is found by Newton's method; from it every unknown is moved
along the direction in which the others, weighted by the room they have, move least. What is
reached is possible; more may be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from targeted_universalism._typing import FloatArray, IntArray

_STEPS = 80
_BATCH = 256


@dataclass(frozen=True, eq=False)
class Inside:
    """A solution with room on all sides, of unknowns that are not fixed by their bounds."""

    matrix: sparse.csr_array
    value: FloatArray
    low: FloatArray
    high: FloatArray

    def reach(self, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
        """Find how low and how high some unknowns can be brought."""
        room = np.minimum(self.value - self.low, self.high - self.value)
        weight = room**2
        prices = _Inverse(_normal(self.matrix, weight))
        least, most = self.value[wanted].copy(), self.value[wanted].copy()
        for start in range(0, len(wanted), _BATCH):
            here = wanted[start : start + _BATCH]
            pull = (self.matrix[:, here] * weight[here]).T
            way = -weight[:, None] * (self.matrix.T @ prices.solve(pull.toarray()).T)
            way[here, np.arange(len(here))] += weight[here]
            up, down = self._steps(way)
            along = way[here, np.arange(len(here))]
            most[start : start + len(here)] += up * along
            least[start : start + len(here)] -= down * along
        return least, most

    def _steps(self, way: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Find how far each direction can be followed, forwards and backwards."""
        above, below = 1 / (self.high - self.value)[:, None], 1 / (self.value - self.low)[:, None]
        with np.errstate(divide="ignore"):
            up = 1 / np.maximum(way * above, way * -below).max(axis=0)
            down = 1 / np.maximum(way * below, way * -above).max(axis=0)
        return up, down


def _normal(matrix: sparse.csr_array, weight: FloatArray) -> sparse.csc_array:
    """Multiply the sums by their transpose, weighted, with a trace to keep it invertible."""
    product = (matrix * weight) @ matrix.T
    ridge = 1e-11 * (product.diagonal() + 1e-9)
    return sparse.csc_array(product + sparse.diags_array(ridge))


class _Inverse:
    """Solves by a symmetric matrix, its rows brought to one scale first."""

    def __init__(self, normal: sparse.csc_array) -> None:
        self._scale = 1 / np.sqrt(normal.diagonal())
        scaled = normal * self._scale * self._scale[:, None]
        self._factors = splu(sparse.csc_array(scaled))

    def solve(self, rows: FloatArray) -> FloatArray:
        """Solve for the rows of a dense array."""
        found = self._factors.solve((rows * self._scale).T).T
        return np.asarray(found * self._scale, dtype=np.float64)


def inside(
    matrix: sparse.csr_array, total: FloatArray, low: FloatArray, high: FloatArray
) -> Inside | None:
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
    price = np.zeros(len(total))
    share = np.full(len(low), 0.5)
    worth = _worth(matrix, width, left, price)
    for _ in range(_STEPS):
        miss = matrix @ (width * share) - left
        if np.abs(miss).max(initial=0.0) < 1e-7:
            value = low + width * share
            roomy = bool(((value > low) & (value < high)).all())
            return Inside(matrix, value, low, high) if roomy else None
        slope = np.maximum(width * share * (1 - share), 1e-12)
        step = splu(_normal(matrix, slope)).solve(miss)
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
