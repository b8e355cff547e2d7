"""The total of each stratum: declared, else from the first complete partition (RULES 2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import Block, Cells, State, pool
from targeted_universalism.segments.families import rates


def segments_pooled(block: Block) -> Cells:
    """Add up the segments of a block within each stratum."""
    k, strata = block.cells.shape
    codes = np.tile(np.arange(strata), k)
    return pool(block.cells.ravel(), codes, strata)


def total_of(blocks: Sequence[Block], declared: Cells) -> Cells:
    """Give every stratum its total: declared, else from the first complete partition.

    `declared` has shape (1, strata) and is absent where no total row was given.
    """
    partitions = [block for block in blocks if block.dimension.exclusive]
    given = declared.state[0] != State.ABSENT
    outside = (_out_of_range(partitions, declared) & given)[None]
    told = declared.noted(outside, Reason.TOTAL_OUT_OF_RANGE)
    if not partitions:
        every = np.ones(declared.shape, dtype=np.bool_)
        nothing = declared.in_state(every, State.NO_DATA).noted(every, Reason.NO_TOTAL)
        return told.kept(given[None], nothing)
    sums = [segments_pooled(block).mapped(lambda v: v[None]) for block in partitions]
    best = _first_best(sums).noted(_differ(sums)[None], Reason.PARTITIONS_DIFFER)
    return told.kept(given[None], best)


def _rank(cells: Cells) -> IntArray:
    """Return the state as a rank: 0 is complete, or empty, then hidden, without a rate, absent."""
    empty = (cells.state == State.NO_DATA) & (cells.population == 0)
    return np.where(empty, 0, cells.state.astype(np.int64))


def _first_best(sums: Sequence[Cells]) -> Cells:
    """Give each stratum the first of the sums that tell most of it."""
    best = sums[0]
    for other in sums[1:]:
        best = best.kept(_rank(best) <= _rank(other), other)
    return best


def _differ(sums: Sequence[Cells]) -> BoolArray:
    """Tell in which strata two complete partitions add to different totals."""
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
        empty = (cells.state == State.ABSENT) | (cells.population == 0)
        complete = (empty | (cells.state == State.OK)).all(axis=0) & ~empty.all(axis=0)
        rate = np.where(empty, np.nan, rates(cells))
        low = np.where(empty, np.inf, rate).min(axis=0, initial=np.inf)
        high = np.where(empty, -np.inf, rate).max(axis=0, initial=-np.inf)
        slack = 1e-9 * np.abs(total)
        outside |= complete & ((total < low - slack) | (total > high + slack))
    return outside
