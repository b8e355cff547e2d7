"""A system of published sums, and what its bounds tell when they are passed along the sums.

Passed along until nothing moves, bounds are exact where the sums form no ring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from targeted_universalism._typing import BoolArray, FloatArray, IntArray

_ROUNDS = 60


@dataclass(frozen=True, eq=False)
class System:
    """Sums of unknowns that are known: Σ sign · unknown = total, and bounds of the unknowns.

    Parameters
    ----------
    row, col, sign : (entries,) arrays
        Which sum, which unknown, and +1 or −1.
    total : (sums,) array
        What each sum is.
    low, high : (unknowns,) arrays
        Bounds that are known beforehand.
    whole : bool
        Whether the unknowns are whole numbers.
    """

    row: IntArray
    col: IntArray
    sign: FloatArray
    total: FloatArray
    low: FloatArray
    high: FloatArray
    whole: bool

    @property
    def slack(self) -> float:
        """What two numbers may differ by and still be the same."""
        known = self.total[np.isfinite(self.total)]
        return 1e-6 if self.whole else 1e-9 * float(np.abs(known).max(initial=1.0)) + 1e-9

    def keep(self, sums: BoolArray) -> System:
        """Keep some sums; the unknowns stay."""
        here = sums[self.row]
        place = np.cumsum(sums) - 1
        return replace(
            self, row=place[self.row[here]], col=self.col[here], sign=self.sign[here],
            total=self.total[sums],
        )  # fmt: skip

    def matrix(self) -> sparse.csr_array:
        """Give the signs as a sparse matrix, a row for each sum."""
        size = (len(self.total), len(self.low))
        # Older solvers read places of 32 bits only.
        place = self.row.astype(np.int32), self.col.astype(np.int32)
        return sparse.csr_array((self.sign, place), shape=size)

    def part(self, unknowns: BoolArray) -> System:
        """Keep whole blocks of unknowns and their sums."""
        here = unknowns[self.col]
        sums = np.unique(self.row[here])
        return replace(
            self,
            row=np.searchsorted(sums, self.row[here]),
            col=(np.cumsum(unknowns) - 1)[self.col[here]],
            sign=self.sign[here],
            total=self.total[sums],
            low=self.low[unknowns],
            high=self.high[unknowns],
        )

    def blocks(self) -> IntArray:
        """Give each unknown the number of its block: unknowns that sums tie together."""
        size = len(self.low)
        links = sparse.coo_array(
            (np.ones(len(self.row)), (self.col, self.row + size)),
            shape=(size + len(self.total), size + len(self.total)),
        )
        _, label = csgraph.connected_components(links, directed=False)
        return np.unique(label[:size], return_inverse=True)[1].astype(np.int64)

    def network(self) -> BoolArray:
        """Tell in which blocks a solution that is not whole lies between whole ones.

        Each unknown is in two sums at most, and the sums are of two sides: an unknown adds to both,
        or takes from both, where they are of different sides (Heller and Tompkins, 1956).
        """
        size, block = len(self.total), self.blocks()
        order = np.argsort(self.col, kind="stable")
        row, col, sign = self.row[order], self.col[order], self.sign[order]
        twice = np.flatnonzero(col[1:] == col[:-1])
        one, other = row[twice], row[twice + 1]
        turned = size * (sign[twice] == sign[twice + 1])
        links = sparse.coo_array(
            (np.ones(2 * len(twice)), (np.append(one, one + size),
             np.append(other + turned, other + size - turned))),
            shape=(2 * size, 2 * size),
        )  # fmt: skip
        _, side = csgraph.connected_components(links, directed=False)
        bad = np.bincount(col, minlength=len(self.low)) > 2
        bad[col[(side[:size] == side[size:])[row]]] = True
        return np.asarray((np.bincount(block, bad) == 0)[block])

    def rings(self) -> BoolArray:
        """Tell which unknowns are in a block whose sums form a ring."""
        block = self.blocks()
        size = int(block.max(initial=-1)) + 1
        unknowns = np.bincount(block, minlength=size)
        entries = np.bincount(block[self.col], minlength=size)
        _, first = np.unique(self.row, return_index=True)
        sums = np.bincount(block[self.col[first]], minlength=size)
        return np.asarray((entries >= unknowns + sums)[block])


@dataclass(frozen=True, eq=False)
class Others:
    """Least and most of the other members of an entry's sum together, shaped (entries,)."""

    least: FloatArray
    most: FloatArray


def others(system: System, low: FloatArray, high: FloatArray) -> Others:
    """Add up, for each entry, the bounds of all other members of its sum."""
    up = system.sign > 0
    least = np.where(up, low[system.col], -high[system.col])
    most = np.where(up, high[system.col], -low[system.col])
    return Others(_of_others(system, least), _of_others(system, most))


def _of_others(system: System, end: FloatArray) -> FloatArray:
    """Add up an end of every entry over the others of its sum; without end where one of them is."""
    size = len(system.total)
    finite = np.isfinite(end)
    value = np.where(finite, end, 0.0)
    added = np.bincount(system.row, value, size)[system.row] - value
    endless = np.bincount(system.row, ~finite, size)[system.row] - ~finite
    infinite = end[~finite][0] if (~finite).any() else 0.0
    return np.where(endless > 0.5, infinite, added)


def propagate(system: System) -> tuple[FloatArray, FloatArray, System]:
    """Pass bounds along the sums until nothing moves.

    Returns
    -------
    low, high : (unknowns,) arrays
        No solution lies outside; exact where the sums form no ring.
    used : System
        Without the sums that contradict the others: whoever reads them learns that they do not
        hold (a declared total that its segments do not add up to).
    """
    used = system
    for _ in range(10):
        low, high = _passed_along(used)
        around = others(used, low, high)
        gone = np.zeros(len(used.total), dtype=np.bool_)
        up = used.sign > 0
        with np.errstate(invalid="ignore"):  # what has no end contradicts nothing
            least = around.least + np.where(up, low[used.col], -high[used.col])
            most = around.most + np.where(up, high[used.col], -low[used.col])
        total = used.total[used.row]
        gone[used.row[(least > total + used.slack) | (most < total - used.slack)]] = True
        if not gone.any():
            break
        used = used.keep(~_last_of_block(used, gone))
    return low, high, used


def _last_of_block(system: System, gone: BoolArray) -> BoolArray:
    """Of the contradicted sums of a block leave out the last, whichever order they came in."""
    block = np.zeros(len(system.total), dtype=np.int64)
    block[system.row] = system.blocks()[system.col]
    where = np.flatnonzero(gone)
    last = np.full(int(block.max(initial=0)) + 1, -1)
    np.maximum.at(last, block[where], where)
    out = np.zeros_like(gone)
    out[last[last >= 0]] = True
    return out


def _passed_along(system: System) -> tuple[FloatArray, FloatArray]:
    """Narrow bounds sum by sum until nothing moves, or an end would cross the other."""
    low, high = system.low.copy(), system.high.copy()
    total, up = system.total[system.row], system.sign > 0
    for _ in range(_ROUNDS):
        around = others(system, low, high)
        most, least = total - around.least, total - around.most
        before = low.copy(), high.copy()
        np.minimum.at(high, system.col, np.where(up, most, -least))
        np.maximum.at(low, system.col, np.where(up, least, -most))
        crossed = low > high
        low[crossed], high[crossed] = before[0][crossed], before[1][crossed]
        still = np.array_equal(low, before[0]) and np.array_equal(high, before[1])
        if still or crossed.any():
            break
    return low, high
