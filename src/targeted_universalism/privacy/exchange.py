"""How far unknowns of a very large system can be moved by exchanges that touch a few others.

Take a few sums with very many members away (the roll-ups of thousands of counties) and a system
falls apart into small parts (the counties). Within a part, two unknowns that are in the same sums
can take from each other; what that changes in the large sums, another part gives back by the same
exchange the other way round. Every such exchange is a solution, and none needs a matrix: time and
memory grow with the number of unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from targeted_universalism._typing import BoolArray, FloatArray, IntArray

# A sum with more members than this ties parts together, and is in none.
_HUB = 32
# The most unknowns of a part that are paired with each other: those with the most room.
_PAIRED = 24


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Exchanges within a part: `one` rises by 1 and `other` falls, or both move, by their sides.

    `change` is what that does to the large sums, as a number that is the same for the same change
    and turns its sign with it; `part` is where it happens.
    """

    one: IntArray
    other: IntArray
    part: IntArray
    change: IntArray


def reach_by_exchanges(
    matrix: sparse.csr_array, value: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Find how low and how high every unknown can be brought from one solution.

    Parameters
    ----------
    matrix : (sums, unknowns) sparse array
        Signs of the members of each sum.
    value : (unknowns,) array
        A solution.
    low, high : (unknowns,) arrays
        Finite bounds.

    Returns
    -------
    least, most : (unknowns,) arrays
        What is reached is possible; more may be.
    """
    local, large, part = sums_and_parts(matrix)
    side = np.where(local < 0, -1, 1)
    pairs = _paired(np.abs(local), part, side * large, np.minimum(value - low, high - value))
    up, down = high - value, value - low
    rise, fall = np.where(side > 0, up, down), np.where(side > 0, down, up)
    forth = np.minimum(rise[pairs.one], fall[pairs.other])
    back = np.minimum(fall[pairs.one], rise[pairs.other])
    answers = _answers(pairs, back), _answers(pairs, forth)
    gain = np.minimum(rise, _taken(pairs, answers, fall))
    loss = np.minimum(fall, _taken(pairs, answers[::-1], rise))
    higher, lower = np.where(side > 0, gain, loss), np.where(side > 0, loss, gain)
    return value - lower, value + higher


def sums_and_parts(matrix: sparse.csr_array) -> tuple[IntArray, IntArray, IntArray]:
    """Name the sums that each unknown is in, the small and the large ones, and its part."""
    size = np.diff(matrix.indptr)
    hub = size > _HUB
    names = np.random.default_rng(0).integers(1, 2**40, len(size))
    row = np.repeat(np.arange(len(size)), size)
    signed = np.round(matrix.data).astype(np.int64) * names[row]
    count = matrix.shape[1]
    local, large = (np.zeros(count, dtype=np.int64) for _ in range(2))
    inside = ~hub[row]
    np.add.at(local, matrix.indices[inside], signed[inside])
    np.add.at(large, matrix.indices[~inside], signed[~inside])
    links = sparse.coo_array(
        (np.ones(int(inside.sum())), (matrix.indices[inside], row[inside] + count)),
        shape=(count + len(size), count + len(size)),
    )
    part = csgraph.connected_components(links, directed=False)[1][:count]
    return local, large, part.astype(np.int64)


def _paired(local: IntArray, part: IntArray, large: IntArray, room: FloatArray) -> _Pairs:
    """Pair the unknowns of a part that are in the same small sums, those with the most room."""
    order = np.lexsort((-room, local, part))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (part[order][1:] != part[order][:-1]) | (local[order][1:] != local[order][:-1])
    start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    rank = np.arange(len(order)) - start
    ones, others = [], []
    for step in range(1, min(_PAIRED, int(rank.max(initial=0)) + 1)):
        # Everybody with those of the most room, and these with each other.
        here = np.flatnonzero((rank >= step) & ((rank < _PAIRED) | (step <= 2)))
        back = np.where(rank[here] < _PAIRED, here - step, start[here] + step - 1)
        ones.append(order[here])
        others.append(order[back])
    if not ones:
        nothing = np.zeros(0, dtype=np.int64)
        return _Pairs(nothing, nothing, nothing, nothing)
    one, other = np.concatenate(ones), np.concatenate(others)
    change = large[one] - large[other]
    turned = change < 0
    one, other = np.where(turned, other, one), np.where(turned, one, other)
    return _Pairs(one, other, part[one], np.abs(change))


def _taken(pairs: _Pairs, answers: tuple[FloatArray, FloatArray], room: FloatArray) -> FloatArray:
    """Find what each unknown can take from others of its part: from the best one, or from all.

    Parameters
    ----------
    answers : pair of (pairs,) arrays
        What other parts give back where the first of a pair takes, and where the second does. If
        all give at once, each is asked for its share of that: one part may have to answer all.
    room : (unknowns,) array
        What can be taken from each.
    """
    taker, giver = np.append(pairs.one, pairs.other), np.append(pairs.other, pairs.one)
    answer = np.concatenate(answers)
    best = np.zeros(len(room))
    np.maximum.at(best, taker, np.minimum(room[giver], answer))
    many = np.bincount(taker, minlength=len(room))
    each = np.minimum(room[giver], answer / many[taker])
    return np.maximum(best, np.bincount(taker, each, len(room)))


def _answers(pairs: _Pairs, room: FloatArray) -> FloatArray:
    """Bound exchanges by what another part can give back; what changes no large sum needs none."""
    if not len(room):
        return room
    return np.where(pairs.change == 0, np.inf, _best_elsewhere(pairs, room))


def _best_elsewhere(pairs: _Pairs, room: FloatArray) -> FloatArray:
    """Find the most room that the same change has in any other part; 0 where there is none."""
    _, change = np.unique(pairs.change, return_inverse=True)
    order = np.lexsort((-room, change))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = change[order][1:] != change[order][:-1]
    best = order[first]  # of each change
    elsewhere = pairs.part[order] != pairs.part[best[change[order]]]
    second = np.zeros(len(best))
    np.maximum.at(second, change[order[elsewhere]], room[order[elsewhere]])
    same: BoolArray = pairs.part == pairs.part[best[change]]
    return np.where(same, second[change], room[best[change]])
