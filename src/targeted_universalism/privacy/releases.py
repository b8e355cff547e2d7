"""Several tables about the same people, put together: a cell that two of them hold is one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.counts import Counted, joined
from targeted_universalism.privacy.sums import Grid, Sums, grid, margins, row_keys, sums_beside
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.strata import Strata, union


@dataclass(frozen=True, eq=False)
class Release:
    """A table laid out with its sums, and what its rows and strata are about.

    Parameters
    ----------
    grid : Grid
        Shaped (rows × strata,).
    rows : list
        What each row is about, the same in every table.
    strata : Strata
        Those of the table, then the sums of strata.
    """

    grid: Grid
    rows: list[object]
    strata: Strata


@dataclass(frozen=True, eq=False)
class Together:
    """Grids as one: `places` says where the cells of each went."""

    grid: Grid
    places: tuple[IntArray, ...]


def coarser(segments: Segments, others: Sequence[Segments]) -> list[tuple[str, ...]]:
    """List the `by` columns that other tables sum away."""
    names = segments.strata.names
    away = [tuple(n for n in names if n not in other.strata.names) for other in others]
    fits = [set(other.strata.names) <= set(names) for other in others]
    return list(dict.fromkeys(a for a, fit in zip(away, fits, strict=True) if a and fit))


def together(tables: Sequence[Segments]) -> Together:
    """Put published tables together: sums of one that another publishes are one cell."""
    return merged([_among(table, tables) for table in tables])


def beside(
    segments: Segments, published: Sequence[Segments], sums_over: Sequence[str]
) -> list[Release]:
    """Lay a table out with the sums beside it, and earlier tables with it."""
    sums = [*margins(segments.strata, sums_over), *coarser(segments, published)]
    every = [segments, *published]
    return [
        _release(segments, list(dict.fromkeys(sums))),
        *(_among(table, every) for table in published),
    ]


def _among(table: Segments, tables: Sequence[Segments]) -> Release:
    """Lay a table out with the sums that the others publish."""
    return _release(table, coarser(table, [other for other in tables if other is not table]))


def _release(table: Segments, sums: Sequence[Sequence[str]]) -> Release:
    added, _ = sums_beside(table.strata, sums)
    return Release(grid(table, sums), row_keys(table), table.strata.followed_by(added))


def _cell_numbers(releases: Sequence[Release]) -> list[IntArray]:
    """Give the cells of tables numbers, (rows, strata); a cell of several tables has one number."""
    every, strata = union([release.strata for release in releases])
    number: dict[object, int] = {}
    rows = [[number.setdefault(key, len(number)) for key in release.rows] for release in releases]
    return [
        np.add.outer(np.array(row, dtype=np.int64) * len(every), stratum)
        for row, stratum in zip(rows, strata, strict=True)
    ]


def hidden_before(table: Release, earlier: Sequence[Release]) -> BoolArray:
    """Tell which cells of a table an earlier one hides, whatever their numbers are now."""
    cells, *others = (numbers.ravel() for numbers in _cell_numbers([table, *earlier]))
    states = [release.grid.counts.state for release in earlier]
    hidden = [c[state == State.SUPPRESSED] for c, state in zip(others, states, strict=True)]
    return np.isin(cells, np.concatenate([cells[:0], *hidden]))


def shown_before(whole: Together, earlier: Sequence[Release]) -> tuple[BoolArray, BoolArray]:
    """Tell which cells earlier tables show, and which they hide."""
    shown, hidden = (np.zeros(len(whole.grid.own), dtype=np.bool_) for _ in range(2))
    for release, place in zip(earlier, whole.places[1:], strict=True):
        counts = release.grid.counts
        suppressed = counts.state == State.SUPPRESSED
        hidden[place[suppressed]] = True
        counted = np.isfinite(counts.people) | np.isfinite(counts.events)
        shown[place[counted & ~suppressed]] = True
    return shown, hidden & ~shown


def merged(releases: Sequence[Release]) -> Together:
    """Make one grid of several, the first's own; strata whose numbers differ are kept apart."""
    grids = [release.grid for release in releases]
    if len(grids) == 1:
        return Together(grids[0], (np.arange(len(grids[0].own)),))
    place_of: dict[tuple[int, ...], int] = {}
    counts: dict[int, tuple[float, float]] = {}
    places = [
        _placed(one, numbers, i, place_of, counts)
        for i, (one, numbers) in enumerate(zip(grids, _cell_numbers(releases), strict=True))
    ]
    return Together(_joined(grids, places, len(place_of)), tuple(places))


def _placed(
    one: Grid,
    numbers: IntArray,
    release: int,
    place_of: dict[tuple[int, ...], int],
    counts: dict[int, tuple[float, float]],
) -> IntArray:
    """Find a place for every cell: that of an earlier table where the numbers agree."""
    people = one.counts.people.reshape(numbers.shape)
    events = one.counts.events.reshape(numbers.shape)
    place = np.empty(numbers.shape, dtype=np.int64)
    for s, cells in enumerate(numbers.T.tolist()):
        pairs = list(zip(people[:, s].tolist(), events[:, s].tolist(), strict=True))
        before = [counts.get(place_of.get((cell,), -1)) for cell in cells]
        clash = any(b is not None and not _agree(p, b) for p, b in zip(pairs, before, strict=True))
        apart = (release,) if clash else ()
        for r, cell in enumerate(cells):
            at = place_of.setdefault((cell, *apart), len(place_of))
            place[r, s] = at
            counts[at] = pairs[r] if clash else _first(before[r], pairs[r])
    return place.ravel()


def _agree(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(
        isnan(a) or isnan(b) or abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1.0)
        for a, b in zip(one, other, strict=True)
    )


def _first(one: tuple[float, float] | None, other: tuple[float, float]) -> tuple[float, float]:
    if one is None:
        return other
    a, b = (y if isnan(x) else x for x, y in zip(one, other, strict=True))
    return a, b


def _joined(grids: Sequence[Grid], places: Sequence[IntArray], size: int) -> Grid:
    every = joined([g.counts for g in grids], axis=0)
    place = np.concatenate(places)
    counts = _first_known(every, place, size)
    own = np.zeros(size, dtype=np.bool_)
    own[places[0][grids[0].own]] = True
    tops = np.cumsum([0, *(g.sums.size for g in grids)])
    people_at = np.arange(size)
    for g, at in list(zip(grids, places, strict=True))[::-1]:
        people_at[at] = at[g.people_at]
    return Grid(
        counts,
        own,
        Sums(
            np.concatenate([g.sums.row + top for g, top in zip(grids, tops, strict=False)]),
            np.concatenate([at[g.sums.cell] for g, at in zip(grids, places, strict=True)]),
            np.concatenate([g.sums.sign for g in grids]),
            int(tops[-1]),
        ),
        people_at[people_at],
        np.concatenate([at[g.within] for g, at in zip(grids, places, strict=True)]),
        np.concatenate([at[g.nested] for g, at in zip(grids, places, strict=True)]),
    )


def _first_known(every: Counted, place: IntArray, size: int) -> Counted:
    """Of the cells that share a place take each count from the first that tells it."""

    def taken(values: FloatArray) -> FloatArray:
        out = np.full(size, np.nan)
        here = np.flatnonzero(~np.isnan(values))[::-1]
        out[place[here]] = values[here]
        return out

    state = np.full(size, State.ABSENT, dtype=np.uint8)
    for value in (State.NO_DATA, State.SUPPRESSED, State.OK):
        state[place[every.state == value]] = value

    def anywhere(flag: BoolArray) -> BoolArray:
        out = np.zeros(size, dtype=np.bool_)
        out[place[flag]] = True
        return out

    return Counted(
        taken(every.people),
        taken(every.events),
        taken(every.rest),
        taken(every.sample),
        state,
        anywhere(every.with_events),
        anywhere(every.proportion),
    )
