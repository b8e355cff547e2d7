"""A table's counts laid flat, with everything that they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.disclosure.counted import Counted, counted
from targeted_universalism.disclosure.relations import (
    Group,
    may_be_nested,
    parts_of_overlapping,
    rolled_up,
    row_keys,
    row_sums,
    stratum_keys,
    summed_over,
)
from targeted_universalism.rows import Strata
from targeted_universalism.segments import Segments


@dataclass(frozen=True, eq=False)
class Sums:
    """Signed members of sums, entry by entry: +1 for what is added, −1 for what it adds up to."""

    row: IntArray
    cell: IntArray
    sign: FloatArray
    size: int

    def keep(self, wanted: BoolArray) -> Sums:
        """Keep some sums."""
        here = wanted[self.row]
        place = np.cumsum(wanted) - 1
        return Sums(place[self.row[here]], self.cell[here], self.sign[here], int(wanted.sum()))


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a table and of the sums that are published beside it, laid flat.

    Parameters
    ----------
    counts : Counted
        Shaped (cells,).
    own : (cells,) array of bool
        Which cells are the table's.
    sums : Sums
        What adds up to what.
    people_at : (cells,) array of int64
        The cell that tells of the same people: the same group under another indicator.
    within : (pairs, 2) array of int64
        Overlapping segments, and the groups that they are parts of.
    nested : (pairs, 2) array of int64
        Overlapping segments, the first of which may lie within the second.
    keys : tuple of two lists
        What each row and each stratum is about, the same in every table.
    """

    counts: Counted
    own: BoolArray
    sums: Sums
    people_at: IntArray
    within: IntArray
    nested: IntArray
    keys: tuple[list[object], list[object]]

    def only(self, there: BoolArray) -> Grid:
        """Keep some cells, and the sums that are among them."""
        if there.all():
            return self
        place = np.cumsum(there) - 1
        inside = np.ones(self.sums.size, dtype=np.bool_)
        inside[self.sums.row[~there[self.sums.cell]]] = False
        sums = self.sums.keep(inside)
        at = self.people_at[there]
        at = np.where(there[at], at, np.flatnonzero(there))
        within, nested = (pairs[there[pairs].all(axis=1)] for pairs in (self.within, self.nested))
        return Grid(
            self.counts.each(lambda values: values[there]),
            self.own[there],
            replace(sums, cell=place[sums.cell]),
            place[at],
            place[within],
            place[nested],
            ([], []),
        )


def grid(segments: Segments, beside: Sequence[Sequence[str]] = ()) -> Grid:
    """Lay the counts of segments out with everything that they add up to.

    Parameters
    ----------
    segments : Segments
        Any roll-up included; public or not.
    beside : sequence of sequences of str
        `by` columns that are summed away in what is published beside the table.
    """
    counts = counted(segments)
    strata = counts.shape[1]
    sums = [(names, group) for names in beside for group in summed_over(segments.strata, names)]
    groups = [group for _, group in sums]
    every = [*rolled_up(segments.strata), *((strata + i, g) for i, g in enumerate(groups))]
    counts = counts.with_sums(groups)
    shape = counts.shape
    own = np.broadcast_to(np.arange(shape[1]) < strata, shape)
    return Grid(
        counts.each(np.ravel),
        own.ravel(),
        _sums(counts, list(row_sums(segments)), every),
        _same_people(segments, counts, groups),
        _over_strata(parts_of_overlapping(segments), strata, shape[1]),
        _over_strata(may_be_nested(segments), strata, shape[1]),
        (row_keys(segments), stratum_keys(segments.strata, sums)),
    )


def margins(strata: Strata, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """List every choice of columns that can be summed away; a roll-up holds the last already."""
    choices = [c for k in range(len(columns)) for c in combinations(columns, k + 1)]
    rolled = bool(strata.rolled_up.any())
    return [c for c in choices if not (rolled and set(c) == set(strata.names))]


def _over_strata(pairs: IntArray, strata: int, step: int) -> IntArray:
    """Repeat pairs of rows over the table's strata, as pairs of cells."""
    return (pairs[:, None, :] * step + np.arange(strata)[None, :, None]).reshape(-1, 2)


def _same_people(segments: Segments, counts: Counted, beside: Sequence[IntArray]) -> IntArray:
    """Point strata of several indicators to the first that shows the same people, if one does."""
    rows, strata = counts.shape
    source = np.arange(strata)
    if len(segments.strata.indicators) > 1:
        seen: dict[object, list[int]] = {}
        for stratum, key in enumerate(_places(segments, beside)):
            known = seen.setdefault(key, [])
            same = [s for s in known if _alike(counts.people[:, s], counts.people[:, stratum])]
            source[stratum] = same[0] if same else stratum
            known += [] if same else [stratum]
    return (np.arange(rows)[:, None] * strata + source).ravel()


def _places(segments: Segments, beside: Sequence[IntArray]) -> list[object]:
    """Name each stratum, and each sum of strata, by what it covers, whatever the indicator."""
    own = [tuple(column) for column in segments.strata.codes.T.tolist()]
    return [*own, *(tuple(sorted(own[i] for i in members)) for members in beside)]


def _alike(one: FloatArray, other: FloatArray) -> bool:
    both = np.isfinite(one) & np.isfinite(other)
    return bool(both.any() and (one[both] == other[both]).all())


# --- sums ---------------------------------------------------------------------------------------


def _sums(counts: Counted, rows: Sequence[Group], strata: Sequence[Group]) -> Sums:
    """Lay sums of rows out over all strata, and sums of strata over all rows."""
    shape = counts.shape
    first = _spread(rows, shape[1], (shape[1], 1))
    second = _spread(strata, shape[0], (1, shape[1]))
    row = np.concatenate([first[0], second[0] + len(rows) * shape[1]])
    cell = np.concatenate([first[1], second[1]])
    sign = np.concatenate([first[2], second[2]])
    size = len(rows) * shape[1] + len(strata) * shape[0]
    absent = counts.absent.ravel()[cell]
    without = np.zeros(size, dtype=np.bool_)
    without[row[absent & (sign < 0)]] = True
    members = np.bincount(row[~absent & (sign > 0)], minlength=size)
    found = Sums(row[~absent], cell[~absent], sign[~absent], size)
    return found.keep(~without & (members > 0))


def _spread(
    groups: Sequence[Group], times: int, step: tuple[int, int]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Repeat groups along the other axis: entry by entry, the sum, the cell and the sign."""
    if not groups:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, np.zeros(0)
    member = np.concatenate([np.append(members, parent) for parent, members in groups])
    lengths = [len(members) + 1 for _, members in groups]
    group = np.repeat(np.arange(len(groups)), lengths)
    sign = np.ones(len(member))
    sign[np.cumsum(lengths) - 1] = -1.0
    other = np.arange(times)
    row = (group[:, None] * times + other).ravel()
    cell = (member[:, None] * step[0] + other * step[1]).ravel()
    return row, cell, np.repeat(sign, times)
