"""What every cell is about: a label on every axis, whether the axis is `by` or a segment column.

Two tables hold the same cell where they say the same of it, in whatever order and by whichever
argument. What a table does not publish and another can tell of is in its rows too, unpublished: the
sum of the crossed segments of a race, and the people of a race who do not have a flag.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.labels import ALL, TIMES, label
from targeted_universalism.segments.index import Dimension
from targeted_universalism.segments.strata import Strata

Key = tuple[tuple[str, str], ...]
Group = tuple[int, IntArray]

# A label that no segment can have: those of a group who are not in an overlapping segment.
_NOT = "\x00"


@dataclass(frozen=True, eq=False)
class Split:
    """A dimension taken apart into the axes it crosses.

    Parameters
    ----------
    axes : tuple of str
        The axes; none for the total.
    labels : tuple of tuple of str
        A label on each axis for every segment.
    exclusive : bool
        Whether nobody is in two segments.
    first : int
        The row of its first segment.
    """

    axes: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    exclusive: bool
    first: int

    def key(self, segment: int) -> Key:
        """Say what a segment is about: axis and label, in the order of the axes' names."""
        return tuple(sorted(zip(self.axes, self.labels[segment], strict=True)))

    def members(self, parent: Split) -> Iterator[Group]:
        """For each segment of a coarser split, the rows of this one that it is made of."""
        at = [self.axes.index(axis) for axis in parent.axes]
        found: dict[tuple[str, ...], list[int]] = {}
        for j, labels in enumerate(self.labels):
            found.setdefault(tuple(labels[i] for i in at), []).append(self.first + j)
        for i, labels in enumerate(parent.labels):
            if members := found.get(labels if parent.axes else ()):
                yield parent.first + i, np.array(members, dtype=np.int64)


def splits_of(dimensions: Sequence[Dimension]) -> list[Split]:
    """Take dimensions apart, the total first."""
    single = {d.name for d in dimensions if len(d) and TIMES not in d.labels[0]}
    out, first = [], 0
    for dimension in dimensions:
        parts = tuple(tuple(text.split(TIMES)) for text in dimension.labels)
        ways = len(parts[0]) if parts else 1
        axes = () if first == 0 else _axes(dimension.name, ways, single)
        labels = parts if first else ((),)
        out.append(Split(axes, labels, dimension.exclusive, first))
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


@dataclass(frozen=True, eq=False)
class TableRows:
    """What the rows of a table are about, and what they add up to.

    Parameters
    ----------
    keys : tuple of Key
        Those of the table, then those that nobody publishes.
    published : int
        How many are the table's.
    added : int
        How many are the table's or the sum of some of them.
    sums : tuple of (int, array)
        Rows that other rows add up to within a stratum: the row, and its members.
    within : (pairs, 2) array of int64
        Overlapping segments, and the nearest groups that they are parts of.
    nested : (pairs, 2) array of int64
        Overlapping segments, the first of which may lie within the second.
    """

    keys: tuple[Key, ...]
    published: int
    added: int
    sums: tuple[Group, ...]
    within: IntArray
    nested: IntArray


def rows_of(dimensions: Sequence[Dimension], others: Sequence[frozenset[str]] = ()) -> TableRows:
    """Say what rows are about, and what others could tell of that is not among them.

    Splits of one table tell of each other too: crossings of race with age and of sex with age both
    add up to the ages.

    Parameters
    ----------
    dimensions : sequence of Dimension
        Of the table, the total first.
    others : sequence of sets of str
        The axes of every split of other tables, their `by` columns among them.
    """
    splits = splits_of(dimensions)
    exclusive = exclusive_axes(splits)
    published = sum(len(split.labels) for split in splits)
    sums = list(_sums(splits, exclusive))
    own = [frozenset(split.axes) for split in splits]
    margins = _margins(splits, exclusive, [*others, *own], published)
    sums += [group for split, margin in margins for group in split.members(margin)]
    hidden = list(dict.fromkeys(margin for _, margin in margins))
    added = published + sum(len(split.labels) for split in hidden)
    hidden += _wholes([*splits, *hidden], exclusive, others)
    keys = [split.key(i) for split in (*splits, *hidden) for i in range(len(split.labels))]
    within = _within([*splits, *hidden], exclusive)
    for part, whole in within.tolist():
        sums.append((whole, np.array([part, len(keys)], dtype=np.int64)))
        keys.append(_other_than(keys[part], keys[whole]))
    shown = within[(within < published).all(axis=1)]
    return TableRows(tuple(keys), published, added, tuple(sums), shown, _nested(splits, exclusive))


def exclusive_axes(splits: Sequence[Split]) -> set[str]:
    """Axes on which nobody has two places: by their own dimension, else by a crossing of them."""
    own = {s.axes[0]: s.exclusive for s in splits if len(s.axes) == 1}
    crossed = {axis for s in splits if s.exclusive for axis in s.axes}
    return {axis for axis in crossed | set(own) if own.get(axis, True)}


def _sums(splits: Sequence[Split], exclusive: set[str]) -> Iterator[Group]:
    """Rows that other rows add up to: those of the nearest coarser splits."""
    for split in splits[1:]:
        above = [s for s in splits if s is not split and set(s.axes) < set(split.axes)]
        above = [s for s in above if set(split.axes) - set(s.axes) <= exclusive]
        for parent in above:
            nearer = any(set(parent.axes) < set(s.axes) for s in above)
            if not nearer and (split.exclusive or parent.axes):
                yield from split.members(parent)


def _margins(
    splits: Sequence[Split], exclusive: set[str], others: Sequence[frozenset[str]], first: int
) -> list[tuple[Split, Split]]:
    """List splits that nobody publishes and others share, beside what adds up to them."""
    own = {frozenset(split.axes) for split in splits}
    made: dict[frozenset[str], Split] = {}
    found = []
    for split in splits[1:]:
        for axes in dict.fromkeys(frozenset(split.axes) & other for other in others):
            if axes in own or not set(split.axes) - axes <= exclusive:
                continue
            if axes not in made:
                made[axes] = _coarser(split, axes, first)
                first += len(made[axes].labels)
            found.append((split, made[axes]))
    return found


def _coarser(split: Split, axes: frozenset[str], first: int) -> Split:
    """Leave axes out of a split."""
    kept = tuple(axis for axis in split.axes if axis in axes)
    at = [split.axes.index(axis) for axis in kept]
    labels = dict.fromkeys(tuple(one[i] for i in at) for one in split.labels)
    return Split(kept, tuple(labels), True, first)


def _wholes(
    splits: Sequence[Split], exclusive: set[str], others: Sequence[frozenset[str]]
) -> list[Split]:
    """List splits that nobody here publishes, whose segments hold overlapping ones of the table."""
    first = sum(len(split.labels) for split in splits)
    known = {frozenset(split.axes) for split in splits}
    found = []
    for split in splits[1:]:
        beside = [frozenset(s.axes) for s in splits if not set(split.axes) <= set(s.axes)]
        for axis in sorted(set(split.axes) - exclusive):
            axes = frozenset(split.axes) - {axis}
            if axes not in known and any(axes <= other for other in (*others, *beside)):
                known.add(axes)
                found.append(_coarser(split, axes, first))
                first += len(found[-1].labels)
    return found


def _other_than(part: Key, whole: Key) -> Key:
    """Say what those of a group are about who are not in one part of it."""
    return tuple(
        sorted([*whole, *((axis, _NOT + text) for axis, text in part if (axis, text) not in whole)])
    )


def _within(splits: Sequence[Split], exclusive: set[str]) -> IntArray:
    """Pair every overlapping segment with the nearest group that it is a part of."""
    pairs: list[tuple[int, int]] = []
    for split in splits[1:]:
        for axis in set(split.axes) - exclusive:
            rest = set(split.axes) - {axis}
            for parent in (s for s in splits if set(s.axes) == rest):
                for row, members in split.members(parent):
                    pairs += [(int(member), row) for member in members]
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _nested(splits: Sequence[Split], exclusive: set[str]) -> IntArray:
    """Pair overlapping segments of one dimension that differ on overlapping axes only."""
    pairs: list[tuple[int, int]] = []
    for split in splits[1:]:
        fixed = [i for i, axis in enumerate(split.axes) if axis in exclusive]
        alike: dict[tuple[str, ...], list[int]] = {}
        for i, labels in enumerate(split.labels if len(fixed) < len(split.axes) else ()):
            alike.setdefault(tuple(labels[k] for k in fixed), []).append(split.first + i)
        pairs += [pair for rows in alike.values() for pair in permutations(rows, 2)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def words_of(key: Key) -> str:
    """Name a row by its labels.

    Examples
    --------
    >>> words_of((("race", "Black"), ("sex", "Female")))
    'Black × Female'

    """
    said = [f"without {text[1:]}" if text.startswith(_NOT) else text for _, text in key]
    return TIMES.join(said) or ALL


# --- numbers for what cells are about -----------------------------------------------------------


class Vocabulary:
    """Numbers for labels, the same in every table: what is not said of a cell is 0."""

    def __init__(self, axes: Sequence[str]) -> None:
        self.axes = tuple(dict.fromkeys(axes))
        self._codes: dict[str, dict[str, int]] = {axis: {} for axis in self.axes}

    def of_rows(self, keys: Sequence[Key]) -> IntArray:
        """Turn the labels of rows into numbers, shaped (rows, axes)."""
        out = np.zeros((len(keys), len(self.axes)), dtype=np.int64)
        place = {axis: i for i, axis in enumerate(self.axes)}
        for row, key in enumerate(keys):
            for axis, text in key:
                out[row, place[axis]] = self._code(axis, text)
        return out

    def of_strata(self, strata: Strata) -> IntArray:
        """Turn `by` labels of strata into numbers, (strata, axes); 0 where summed away."""
        out = np.zeros((len(strata), len(self.axes)), dtype=np.int64)
        for name, levels, codes in zip(strata.names, strata.levels, strata.codes, strict=True):
            numbers = np.array([*(self._code(name, label(value)) for value in levels), 0])
            out[:, self.axes.index(name)] = numbers[codes]
        return out

    def apart(self, codes: IntArray, overlapping: Collection[str]) -> dict[str, IntArray]:
        """Give the numbers by axis; an axis on which people overlap is one for each label.

        Parameters
        ----------
        codes : (cells, axes) array of int64
            By `of_rows` and `of_strata`.
        overlapping : collection of str
            Axes on which somebody may have several places.

        Returns
        -------
        dict
            (cells,) arrays; on an axis of one label 1 is with it and 2 without.
        """
        found = {}
        for axis, numbers in zip(self.axes, codes.T, strict=True):
            if axis not in overlapping:
                found[axis] = numbers
                continue
            known = self._codes[axis]
            for text in (text for text in known if not text.startswith(_NOT)):
                without = numbers == known.get(_NOT + text, -1)
                found[f"{axis}{TIMES}{text}"] = np.where(numbers == known[text], 1, 2 * without)
        return found

    def _code(self, axis: str, text: str) -> int:
        known = self._codes[axis]
        return known.setdefault(text, len(known) + 1)


def cell_numbers(codes: Sequence[IntArray]) -> list[IntArray]:
    """Give the cells of several tables numbers, the same for those that are about the same.

    Parameters
    ----------
    codes : sequence of (cells, axes) arrays
        Numbers of labels by one vocabulary.
    """
    every = np.concatenate(codes)
    key = np.zeros(len(every), dtype=np.int64)
    for column in every.T:
        size = int(column.max(initial=0)) + 1
        if int(key.max(initial=0)) + 1 > 2**62 // size:
            key = np.unique(key, return_inverse=True)[1]
        key = key * size + column
    number = np.unique(key, return_inverse=True)[1].astype(np.int64)
    return np.split(number, np.cumsum([len(one) for one in codes])[:-1])
