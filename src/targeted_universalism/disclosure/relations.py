"""Which cells add up to which: segments to their total, crossings to parents, strata to sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.cells import Dimension
from targeted_universalism.frames import label
from targeted_universalism.layout import TIMES
from targeted_universalism.rows import Strata
from targeted_universalism.segments import Segments

Group = tuple[int, IntArray]

# --- sums over strata ---------------------------------------------------------------------------


def rolled_up(strata: Strata) -> Iterator[Group]:
    """Each roll-up that is a stratum of the table, with the strata in it."""
    together = strata.rolled_up
    for parent in np.flatnonzero(together):
        same = strata.indicator == strata.indicator[parent]
        yield int(parent), np.flatnonzero(same & ~together)


def summed_over(strata: Strata, columns: Sequence[str]) -> Iterator[IntArray]:
    """Strata that share every `by` column but these."""
    alone = np.flatnonzero(~strata.rolled_up)
    left = [i for i, name in enumerate(strata.names) if name not in columns]
    key = np.stack([*strata.codes[left][:, alone], strata.indicator[alone]])
    _, group = np.unique(key, axis=1, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    stops = np.cumsum(np.bincount(group.ravel()))[:-1]
    yield from np.split(alone[order], stops)


def stratum_keys(strata: Strata, sums: Sequence[tuple[Sequence[str], IntArray]]) -> list[object]:
    """Say what each stratum, and each sum of strata, is about: `by` values and the indicator."""
    found = [_stratum_key(strata, i, ()) for i in range(len(strata))]
    return found + [_stratum_key(strata, int(members[0]), names) for names, members in sums]


def _stratum_key(strata: Strata, stratum: int, summed: Sequence[str]) -> object:
    values = {n: strata.value(n, stratum) for n in strata.names if n not in summed}
    present = frozenset((name, label(v)) for name, v in values.items() if v is not None)
    return present, strata.indicators[int(strata.indicator[stratum])]


def row_keys(segments: Segments) -> list[object]:
    """Say what each row is about: its label on every axis, whatever their order."""
    return [
        frozenset(zip(split.axes, labels, strict=False))
        for split in _splits([block.dimension for block in segments.blocks])
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
    splits = _splits([block.dimension for block in segments.blocks])
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
    splits = _splits([block.dimension for block in segments.blocks])
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
    splits = _splits([block.dimension for block in segments.blocks])
    exclusive = _exclusive_axes(splits)
    pairs: list[tuple[int, int]] = []
    for split in splits[1:]:
        fixed = [i for i, axis in enumerate(split.axes) if axis in exclusive]
        alike: dict[tuple[str, ...], list[int]] = {}
        for i, labels in enumerate(split.labels if len(fixed) < len(split.axes) else ()):
            alike.setdefault(tuple(labels[k] for k in fixed), []).append(split.first + i)
        pairs += [pair for rows in alike.values() for pair in permutations(rows, 2)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)
