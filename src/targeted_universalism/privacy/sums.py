"""Which cells add up to which: segments to their total, crossings to parents, strata to sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, permutations

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.labels import TIMES
from targeted_universalism.privacy.counts import Counted, counted
from targeted_universalism.segments.cells import Dimension
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.strata import Strata, members_of

Group = tuple[int, IntArray]

# --- sums over strata ---------------------------------------------------------------------------


def rolled_up(strata: Strata) -> Iterator[Group]:
    """Each roll-up that is a stratum of the table, with the strata in it."""
    for over in strata.summed_away():
        sums, group = strata.add_up(over)
        away = np.isin(strata.names, over)[:, None]
        parents = np.flatnonzero(((strata.codes == -1) == away).all(axis=0))
        for parent, whole in zip(parents, strata.take(parents).match(sums), strict=True):
            yield int(parent), np.flatnonzero((group == whole) & (whole >= 0))


def sums_beside(strata: Strata, columns: Sequence[Sequence[str]]) -> tuple[Strata, list[IntArray]]:
    """Name the sums that are published beside a table, and the strata in each.

    Parameters
    ----------
    strata : Strata
        Of the table.
    columns : sequence of sequences of str
        `by` columns that are summed away, together.
    """
    added = [strata.add_up(over) for over in columns]
    nothing = strata.take(np.zeros(0, dtype=np.int64))
    every = nothing.followed_by(*(sums for sums, _ in added))
    return every, [group for sums, codes in added for group in members_of(codes, len(sums))]


def row_keys(segments: Segments) -> list[object]:
    """Say what each row is about: its label on every axis, whatever their order."""
    return [
        frozenset(zip(split.axes, labels, strict=False))
        for split in _splits(segments.index.dimensions)
        for labels in split.labels
    ]


# --- sums of segments ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Split:
    """A dimension taken apart into the axes it crosses."""

    axes: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    exclusive: bool
    first: int


def _splits(dimensions: Sequence[Dimension]) -> list[_Split]:
    single = {d.name for d in dimensions if len(d) and TIMES not in d.labels[0]}
    out, first = [], 0
    for dimension in dimensions:
        parts = tuple(tuple(text.split(TIMES)) for text in dimension.labels)
        ways = len(parts[0]) if parts else 1
        axes = () if first == 0 else _axes(dimension.name, ways, single)
        out.append(_Split(axes, parts, dimension.exclusive, first))
        first += len(dimension)
    return out


def _axes(name: str, ways: int, single: set[str]) -> tuple[str, ...]:
    """Split the name of a crossing; a column's own name may hold the sign of a crossing."""
    pieces = name.split("*")
    best: tuple[str, ...] = (name,)
    for cuts in combinations(range(1, len(pieces)), ways - 1):
        edges = (0, *cuts, len(pieces))
        axes = tuple("*".join(pieces[a:b]) for a, b in pairwise(edges))
        if len(best) != ways or sum(a in single for a in axes) > sum(a in single for a in best):
            best = axes
    return best


def _exclusive_axes(splits: Sequence[_Split]) -> set[str]:
    """Axes on which nobody has two places: by their own dimension, else by a crossing of them."""
    own = {s.axes[0]: s.exclusive for s in splits if len(s.axes) == 1}
    crossed = {axis for s in splits if s.exclusive for axis in s.axes}
    return {axis for axis in crossed | set(own) if own.get(axis, True)}


def row_sums(segments: Segments) -> Iterator[Group]:
    """Rows that other rows add up to within a stratum: the row, and its members."""
    splits = _splits(segments.index.dimensions)
    exclusive = _exclusive_axes(splits)
    for split in splits[1:]:
        above = [s for s in splits if s is not split and set(s.axes) < set(split.axes)]
        above = [s for s in above if set(split.axes) - set(s.axes) <= exclusive]
        for parent in above:
            nearer = any(set(parent.axes) < set(s.axes) for s in above)
            if not nearer and (split.exclusive or parent.axes):
                yield from _members(split, parent)


def _members(split: _Split, parent: _Split) -> Iterator[Group]:
    """For each segment of the parent, the segments of a crossing that it is made of."""
    at = [split.axes.index(axis) for axis in parent.axes]
    key = [tuple(labels[i] for i in at) for labels in split.labels]
    for i, labels in enumerate(parent.labels):
        wanted = labels if parent.axes else ()
        members = [j for j, found in enumerate(key) if found == wanted]
        if members:
            yield parent.first + i, np.array(members, dtype=np.int64) + split.first


def parts_of_overlapping(segments: Segments) -> IntArray:
    """Pair every overlapping segment with the nearest group that it is a part of."""
    splits = _splits(segments.index.dimensions)
    exclusive = _exclusive_axes(splits)
    pairs: list[tuple[int, int]] = []
    for split in splits[1:]:
        for axis in set(split.axes) - exclusive:
            rest = set(split.axes) - {axis}
            for parent in (s for s in splits if set(s.axes) == rest):
                for row, members in _members(split, parent):
                    pairs += [(int(member), row) for member in members]
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def may_be_nested(segments: Segments) -> IntArray:
    """Pair overlapping segments of one dimension that differ on overlapping axes only."""
    splits = _splits(segments.index.dimensions)
    exclusive = _exclusive_axes(splits)
    pairs: list[tuple[int, int]] = []
    for split in splits[1:]:
        fixed = [i for i, axis in enumerate(split.axes) if axis in exclusive]
        alike: dict[tuple[str, ...], list[int]] = {}
        for i, labels in enumerate(split.labels if len(fixed) < len(split.axes) else ()):
            alike.setdefault(tuple(labels[k] for k in fixed), []).append(split.first + i)
        pairs += [pair for rows in alike.values() for pair in permutations(rows, 2)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


# --- A table's counts laid flat, with everything that they add up to.


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
    """

    counts: Counted
    own: BoolArray
    sums: Sums
    people_at: IntArray
    within: IntArray
    nested: IntArray

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
    _, groups = sums_beside(segments.strata, beside)
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
    )


def margins(strata: Strata, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """List every choice of columns that can be summed away and that no roll-up shows already."""
    choices = [c for k in range(len(columns)) for c in combinations(columns, k + 1)]
    rolled = [set(over) for over in strata.summed_away()]
    return [c for c in choices if set(c) not in rolled]


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
    own = segments.strata.whatever_indicator().alike()[1].tolist()
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
