"""The total of each stratum: declared, else from the first complete partition (RULES 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.cells import Block, Cells, State, pool
from targeted_universalism.errors import Reason


def segments_pooled(block: Block) -> Cells:
    """Add up the segments of a block within each stratum."""
    k, strata = block.cells.shape
    codes = np.tile(np.arange(strata), k)
    return pool(block.cells.each(np.ravel), codes, strata)


def total_of(blocks: Sequence[Block], declared: Cells) -> Cells:
    """Give every stratum its total: declared, else from the first complete partition.

    `declared` has shape (1, strata) and is absent where no total row was given.
    """
    partitions = [block for block in blocks if block.dimension.exclusive]
    given = declared.state[0] != State.ABSENT
    noted = declared.noted((_out_of_range(partitions, declared) & given)[None], _OUT)
    if not partitions:
        nothing = replace(
            declared, state=np.full(declared.shape, State.NO_DATA, dtype=np.uint8)
        ).noted(np.ones(declared.shape, dtype=np.bool_), Reason.NO_TOTAL)
        return noted.where(given[None], nothing)
    sums = [segments_pooled(block).each(lambda v: v[None]) for block in partitions]
    best = _first_best(sums).noted(_differ(sums)[None], Reason.PARTITIONS_DIFFER)
    return noted.where(given[None], best)


_OUT = Reason.TOTAL_OUT_OF_RANGE


def _rank(cells: Cells) -> IntArray:
    """Return 0 where a partition is complete, 1 where it hides a cell, 2 where it lacks a rate."""
    empty = (cells.state == State.NO_DATA) & (cells.stats["population"] == 0)
    order = np.array([0, 1, 2, 3])
    return np.where(empty, 0, order[cells.state])


def _first_best(sums: Sequence[Cells]) -> Cells:
    best = sums[0]
    for other in sums[1:]:
        best = best.where(_rank(best) <= _rank(other), other)
    return best


def _differ(sums: Sequence[Cells]) -> BoolArray:
    """Tell where two complete partitions add to different totals."""
    differ = np.zeros(sums[0].shape[1], dtype=np.bool_)
    for i, one in enumerate(sums):
        for other in sums[i + 1 :]:
            both = (_rank(one) == 0) & (_rank(other) == 0)
            for name in ("events", "rate", "population"):
                if name in one.stats:
                    same = _close(one.stats[name], other.stats[name])
                    differ |= (both & ~same)[0]
    return differ


def _close(a: FloatArray, b: FloatArray) -> BoolArray:
    same = np.abs(a - b) <= 1e-9 * np.maximum(np.abs(a), np.abs(b))
    return np.asarray((np.isnan(a) & np.isnan(b)) | same)


def _out_of_range(partitions: Sequence[Block], declared: Cells) -> BoolArray:
    """Tell where a declared total's rate lies outside those of all its segments."""
    total = rates(declared)[0]
    outside = np.zeros(total.shape, dtype=np.bool_)
    for block in partitions:
        cells = block.cells
        empty = (cells.state == State.ABSENT) | (cells.stats["population"] == 0)
        complete = (empty | (cells.state == State.OK)).all(axis=0) & ~empty.all(axis=0)
        rate = np.where(empty, np.nan, rates(cells))
        low = np.where(empty, np.inf, rate).min(axis=0, initial=np.inf)
        high = np.where(empty, -np.inf, rate).max(axis=0, initial=-np.inf)
        slack = 1e-9 * np.abs(total)
        outside |= complete & ((total < low - slack) | (total > high + slack))
    return outside


def rates(cells: Cells) -> FloatArray:
    """Give the rate of every cell, in its own unit; missing where there is none."""
    if "rate" in cells.stats:
        return cells.stats["rate"]
    n = cells.stats["population"]
    rate: FloatArray = np.full(n.shape, np.nan)
    np.divide(cells.stats["events"], n, out=rate, where=n > 0)
    return rate
