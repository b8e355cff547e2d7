"""What intervals and weighted sums tell beside the counts, and where they must be left out.

The variance behind an interval adds up over segments as events do, and so do sums of weights, sums
of squares and the people who were asked. What is known of a total and of its shown parts is then a
second equation about the hidden ones. It is taken away where that costs fewest intervals: of one
member of every sum that holds something hidden, and of what follows from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import null_space
from scipy.sparse import csgraph

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.equations import Terms
from targeted_universalism.privacy.merge import Together
from targeted_universalism.privacy.sums import Grid, Sums
from targeted_universalism.privacy.weights import COARSEST, Weights, weights_vary
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.strata import members_of

# The most sums of a block that are looked at as one matrix.
_DENSE = 500


@dataclass(frozen=True, eq=False)
class Vague:
    """What must be left vague, (cells,).

    Parameters
    ----------
    here : array of bool
        Cells that must not tell how precise they are.
    unit : array
        What their sums of weights are rounded to; 0 leaves them.
    useless : array of bool
        Cells that had better be hidden.
    """

    here: BoolArray
    unit: FloatArray
    useless: BoolArray


def left_vague(
    merged: Together, tables: Sequence[Segments], hidden: BoolArray, terms: Terms
) -> Vague:
    """Choose what the first table must leave vague, so that no second equation is told.

    Parameters
    ----------
    merged : Together
        All tables.
    tables : sequence of Segments
        The first before anything is hidden, and what is published already.
    hidden : (places,) array of bool
        What is hidden.
    terms : Terms
        What must be kept of hidden counts.
    """
    table, grid, own = tables[0], merged.grid, merged.cells[0]
    nothing = np.zeros(len(hidden), dtype=np.bool_)
    unit = np.zeros(len(hidden))
    if not table.cells.family.precision or not hidden.any():
        return Vague(nothing, unit, nothing)
    told, before = merged.marked(0, telling(table.cells) & ~hidden[own]), nothing.copy()
    for i, other in enumerate(tables[1:], start=1):
        before |= merged.marked(i, telling(other.cells))
    dark = grid.unknown(hidden & ~before)
    sums = sums_that_hold(grid, tables, merged.cells, hidden)
    secret, unknown, free = dark & grid.told, dark & ~before, told & ~before
    here = withheld(sums, secret, unknown, free, grid.counts.people)
    lost = exposed(sums, secret, unknown | here)
    here |= free & tied(sums, lost, unknown)
    if weights_vary(table.cells):
        unit = Weights.of([(table, own)], len(hidden)).unit(sums, hidden, here, terms)
    laid = np.full(len(hidden), np.inf)
    laid[own] = np.nan_to_num(table.cells.population, nan=np.inf)
    return Vague(here, unit, here & grid.own & (unit > COARSEST * laid))


def telling(cells: Cells) -> BoolArray:
    """Tell which cells say how precise they are."""
    out: BoolArray = np.zeros(cells.shape, dtype=np.bool_)
    for name in set(cells.family.precision) & set(cells.stats):
        out |= np.isfinite(cells.stats[name])
    return np.asarray(out & (cells.state == State.OK))


def sums_that_hold(
    grid: Grid, tables: Sequence[Segments], places: Sequence[IntArray], hidden: BoolArray
) -> Sums:
    """Keep the sums in which precision adds up, as far as anybody can see.

    A published total may have a margin of its own, which is not made of its segments'; of one that
    is hidden nobody knows.

    Parameters
    ----------
    grid : Grid
        What adds up to what.
    tables : sequence of Segments
        Public or not.
    places : sequence of (rows, strata) arrays of int64
        Where the cells of each are in the grid.
    hidden : (cells,) array of bool
        Hidden cells.
    """
    sums, size = grid.sums, len(grid.own)
    kept = np.ones(sums.size, dtype=np.bool_)
    for table, place in zip(tables, places, strict=False):
        cells = table.cells
        if cells.family.counted:
            continue
        declared = np.zeros(size, dtype=np.bool_)
        declared[place] = np.isfinite(cells.stats["unit"]) & ~hidden[place]
        holds = np.zeros(sums.size, dtype=np.bool_)
        for values in cells.family.additive(cells.stats):
            laid = np.full(size, np.nan)
            laid[place] = values
            left = np.bincount(sums.row, sums.sign * laid[sums.cell], sums.size)
            scale = np.bincount(sums.row, np.abs(laid[sums.cell]), sums.size)
            holds |= np.abs(left) <= 1e-6 * scale
        of_its_own = sums.row[declared[sums.cell] & (sums.sign < 0)]
        kept[of_its_own[~holds[of_its_own]]] = False
    return sums.keep(kept)


def withheld(
    sums: Sums, hidden: BoolArray, unknown: BoolArray, free: BoolArray, people: FloatArray
) -> BoolArray:
    """Choose the cells that must not tell how precise they are.

    Every sum with a hidden member gets a member of its own whose precision nobody knows, which no
    sum before it has; so no combination of sums is about hidden cells alone.

    Parameters
    ----------
    sums : Sums
        What adds up to what.
    hidden : (cells,) array of bool
        Hidden cells.
    unknown : (cells,) array of bool
        All cells whose precision is not known, hidden ones among them.
    free : (cells,) array of bool
        Cells whose precision can be left out.
    people : (cells,) array
        Of two that cost as much, the one with more people is taken.
    """
    members = [sums.cell[at] for at in members_of(sums.row, sums.size)]
    of_cell = [sums.row[at] for at in members_of(sums.cell, len(hidden))]
    out = np.zeros_like(hidden)
    seen = np.zeros_like(hidden)
    waiting = list(np.unique(sums.row[unknown[sums.cell]]))
    listed = np.zeros(sums.size, dtype=np.bool_)
    listed[waiting] = True
    for row in waiting:  # grows while it is walked
        cells = members[row]
        fits = cells[~hidden[cells] & ~seen[cells] & (unknown | free)[cells]]
        seen[cells] = True
        if not len(fits):
            out[cells[free[cells] & ~hidden[cells]]] = True
            continue
        cost = [0 if unknown[c] else 1 + int((~listed[of_cell[c]]).sum()) for c in fits]
        chosen = fits[np.lexsort((-np.nan_to_num(people[fits]), cost))[0]]
        out[chosen] |= ~unknown[chosen]
        new = of_cell[chosen][~listed[of_cell[chosen]]]
        listed[new] = True
        waiting += new.tolist()
    return out


def exposed(sums: Sums, hidden: BoolArray, unknown: BoolArray) -> BoolArray:
    """Find hidden cells of which a combination of sums tells the precision.

    Parameters
    ----------
    sums : Sums
        What adds up to what.
    hidden, unknown : (cells,) arrays of bool
        Hidden cells, and all whose precision is not known.
    """
    out = np.zeros_like(hidden)
    kept = _peeled(sums, hidden, unknown)[sums.row]
    row, cell, sign = sums.row[kept], sums.cell[kept], sums.sign[kept]
    size, dark = len(hidden), unknown[cell]
    links = sparse.coo_array(
        (np.ones(int(dark.sum())), (cell[dark], row[dark] + size)),
        shape=(size + sums.size, size + sums.size),
    )
    of_row = csgraph.connected_components(links, directed=False)[1][size:]
    block = of_row[row]
    for one in np.unique(block[hidden[cell]]):
        here = block == one
        out[_in_one(row[here], cell[here], sign[here], hidden, unknown)] = True
    return out


def tied(sums: Sums, cells: BoolArray, unknown: BoolArray) -> BoolArray:
    """Find all members of the sums that some cells are tied to by what is unknown."""
    out = cells.copy()
    while True:
        rows = np.zeros(sums.size, dtype=np.bool_)
        rows[sums.row[out[sums.cell] & unknown[sums.cell]]] = True
        grown = out.copy()
        grown[sums.cell[rows[sums.row]]] = True
        if (grown == out).all():
            return out
        out = grown


def _peeled(sums: Sums, hidden: BoolArray, unknown: BoolArray) -> BoolArray:
    """Leave out, again and again, sums with an unknown that is not hidden and in no other sum."""
    kept = np.ones(sums.size, dtype=np.bool_)
    while True:
        here = unknown[sums.cell] & kept[sums.row]
        times = np.bincount(sums.cell[here], minlength=len(hidden))
        leaf = here & (times[sums.cell] == 1) & ~hidden[sums.cell]
        if not leaf.any():
            return kept
        kept[sums.row[leaf]] = False


def _in_one(
    row: IntArray, cell: IntArray, sign: FloatArray, hidden: BoolArray, unknown: BoolArray
) -> IntArray:
    """Find what combinations of the sums of one block tell of its hidden cells alone.

    A combination without a known member says no more than that sums are sums.
    """
    rows, at = np.unique(row, return_inverse=True)
    cells, of = np.unique(cell, return_inverse=True)
    secret, dark = hidden[cells], unknown[cells]
    if dark.all():
        return cells[:0]
    if len(rows) > _DENSE:
        return cells[secret]
    matrix = np.zeros((len(rows), len(cells)))
    np.add.at(matrix, (at, of), sign)
    other = dark & ~secret
    free = null_space(matrix[:, other].T) if other.any() else np.eye(len(rows))
    if np.abs(matrix[:, ~dark].T @ free).max(initial=0.0) <= _NOTHING:
        return cells[:0]
    told = np.abs(matrix[:, secret].T @ free).max(axis=1, initial=0.0) > _NOTHING
    return np.asarray(cells[secret][told], dtype=np.int64)


_NOTHING = 1e-9
