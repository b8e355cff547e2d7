"""Groups that nobody publishes and several crossings share: race by sex by age, behind three pairs.

Race by sex, race by age and sex by age are sums of the same groups, of whom there cannot be fewer
than none. Two crossings say no more of these than the margin that both add up to; where they form
a ring, as the three do, what is shown of two narrows the third down.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from targeted_universalism._typing import IntArray
from targeted_universalism.privacy.counts import Counted
from targeted_universalism.privacy.parts import Leftover
from targeted_universalism.privacy.sums import Sums

Axes = frozenset[str]

# So many groups are looked at, not more: each is an unknown in every system.
_MOST = 20_000

_PLACE, _PEOPLE, _ABSENT = "\x00place", "\x00people", "\x00absent"


def ring(edges: Collection[Axes]) -> dict[Axes, Axes]:
    """Take away what hangs on others by a margin alone, until nothing is left or a ring is.

    Parameters
    ----------
    edges : collection of sets of str
        The axes of every crossing.

    Returns
    -------
    dict
        The crossings of the ring, and which of their axes others share; none where there is none
        (Graham, On the universal relation, 1979).

    Examples
    --------
    >>> ring([frozenset("ab"), frozenset("bc"), frozenset("abd")])
    {}
    >>> sorted("".join(sorted(one)) for one in ring(map(frozenset, ["ab", "bc", "cad", "d"])))
    ['ab', 'acd', 'bc']

    """
    left = {edge: edge for edge in sorted(edges, key=sorted)}
    before = -1
    while before != sum(map(len, left.values())) + len(left):
        before = sum(map(len, left.values())) + len(left)
        for edge, kept in left.items():
            others = frozenset[str]().union(*(e for one, e in left.items() if one != edge))
            left[edge] = kept & others
        for edge in list(left):
            if any(left[edge] <= other for one, other in left.items() if one != edge):
                del left[edge]
    return {edge: kept for edge, kept in left.items() if kept}


def finest(
    about: Mapping[str, IntArray], measure: IntArray, counts: Counted, people_at: IntArray
) -> Leftover | None:
    """Find the groups that crossings in a ring share.

    Parameters
    ----------
    about : mapping of axis to (places,) array of int64
        The number of each place's label on the axis; 0 where it says nothing of it. An axis on
        which people overlap is one axis for each label: 1 with it, 2 without.
    measure : (places,) array of int64
        What every place measures; below 0 where it is left out.
    counts : Counted
        Of all places; of their people it is seen whether crossings add up to the same.
    people_at : (places,) array of int64
        The place that tells of the same people.

    Returns
    -------
    Leftover or None
        The groups, of whom nothing is known, and what they add up to; None where there are none.
    """
    names, labels = np.array(list(about)), np.stack(list(about.values()), axis=1)
    patterns, of = np.unique(labels > 0, axis=0, return_inverse=True)
    axes = [frozenset(names[pattern].tolist()) for pattern in patterns]
    found: list[IntArray] = []
    for one in np.unique(measure[measure >= 0]):
        here = {axes[i]: np.flatnonzero((measure == one) & (of == i)) for i in np.unique(of)}
        here = {edge: places for edge, places in here.items() if len(places)}
        core = {kept if kept in here else edge for edge, kept in ring(here).items()}
        tables = [_table(about, sorted(edge), here[edge], counts) for edge in core]
        if tables and _fit(tables):
            found.append(_joined(tables))
    found = [each for each in found if len(each)]
    return _written(found, counts, people_at) if found else None


def _table(
    about: Mapping[str, IntArray], axes: Sequence[str], places: IntArray, counts: Counted
) -> pd.DataFrame:
    """Lay a crossing out: labels by axis, the place, its people, and whether anybody is there."""
    absent = counts.absent[places]
    people = np.where(absent, 0.0, counts.people[places])
    labels = {axis: about[axis][places] for axis in axes}
    return pd.DataFrame({**labels, _PLACE: places, _PEOPLE: people, _ABSENT: absent})


def _axes(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table if name not in (_PLACE, _PEOPLE, _ABSENT)]


def _fit(tables: Sequence[pd.DataFrame]) -> bool:
    """Tell whether crossings have the same labels, and add up to the same people, if that is known.

    What covers a part of the others is no sum of all that they share.
    """
    for one, other in combinations(tables, 2):
        shared = [axis for axis in _axes(one) if axis in _axes(other)]
        if any(set(one[axis]) != set(other[axis]) for axis in shared):
            return False
        if shared:
            sums = [
                table.groupby(shared)[_PEOPLE].agg(lambda each: each.sum(skipna=False))
                for table in (one, other)
            ]
            mine, theirs = sums[0].align(sums[1], fill_value=0.0)
            if ((mine - theirs).abs() > 1e-6).any():
                return False
    return True


def _joined(tables: Sequence[pd.DataFrame]) -> IntArray:
    """List the groups with a place in every crossing: (groups, crossings); none if too many."""
    there = [table[~table[_ABSENT]] for table in tables]
    found = there[0][_axes(there[0])].assign(**{f"{_PLACE}0": there[0][_PLACE]})
    waiting = list(enumerate(there))[1:]
    while waiting:
        waiting.sort(key=lambda one: -len(set(one[1]) & set(found)))
        number, table = waiting.pop(0)
        shared = [axis for axis in _axes(table) if axis in found]
        more = table[_axes(table)].assign(**{f"{_PLACE}{number}": table[_PLACE]})
        if _size(found, more, shared) > _MOST:
            return np.zeros((0, len(tables)), dtype=np.int64)
        found = found.merge(more, on=shared, how="inner") if shared else found.merge(more, "cross")
    columns = [f"{_PLACE}{number}" for number in range(len(tables))]
    return found[columns].to_numpy(dtype=np.int64)


def _size(one: pd.DataFrame, other: pd.DataFrame, shared: list[str]) -> int:
    """Count the rows of two tables joined."""
    if not shared:
        return len(one) * len(other)
    each = (one.groupby(shared).size() * other.groupby(shared).size()).dropna()
    return int(each.sum())


def _written(found: Sequence[IntArray], counts: Counted, people_at: IntArray) -> Leftover:
    """Write the groups of every measure down, after all places, and what adds up to these."""
    size, tops = len(people_at), np.cumsum([0, *map(len, found)])
    row, cell, sign, sums, same = [], [], [], 0, []
    alike: dict[tuple[int, ...], int] = {}
    for groups, top in zip(found, tops, strict=False):
        for places in groups.T:
            wholes, of = np.unique(places, return_inverse=True)
            row += [of + sums, np.arange(len(wholes)) + sums]
            cell += [size + top + np.arange(len(groups)), wholes]
            sign += [np.ones(len(groups)), -np.ones(len(wholes))]
            sums += len(wholes)
        whose = people_at[groups].tolist()
        same += [alike.setdefault(tuple(key), int(top) + i) for i, key in enumerate(whose)]
    first = np.concatenate([groups[:, 0] for groups in found])
    nothing = np.full(len(first), np.nan)
    return Leftover(
        first,
        counts.of_new_cells(first, nothing, nothing.copy(), nothing.copy()),
        Sums(np.concatenate(row), np.concatenate(cell), np.concatenate(sign), sums),
        np.array(same, dtype=np.int64),
    )  # fmt: skip
