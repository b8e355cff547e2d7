"""Several tables about the same people, put together: a cell that two of them hold is one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.privacy.counts import Counted, joined
from targeted_universalism.privacy.sums import Grid, Sums, grid, margins
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.segments import Segments


@dataclass(frozen=True, eq=False)
class Together:
    """Grids as one: `places` says where the cells of each went."""

    grid: Grid
    places: tuple[IntArray, ...]


def coarser(segments: Segments, others: Sequence[Segments]) -> list[tuple[str, ...]]:
    """List the `by` columns that other tables sum away."""
    names = segments.strata.names
    found = [tuple(n for n in names if n not in other.strata.names) for other in others]
    fits = [set(other.strata.names) <= set(names) for other in others]
    return list(dict.fromkeys(f for f, fit in zip(found, fits, strict=True) if f and fit))


def together(tables: Sequence[Segments]) -> Together:
    """Put published tables together: sums of one that another publishes are one cell."""
    grids = [grid(table, coarser(table, [t for t in tables if t is not table])) for table in tables]
    return merged(grids)


def beside(
    segments: Segments, releases: Sequence[Segments], sums_over: Sequence[str]
) -> list[Grid]:
    """Lay a table out with the sums beside it, and earlier tables with it."""
    sums = [*margins(segments.strata, sums_over), *coarser(segments, releases)]
    every = [segments, *releases]
    return [
        grid(segments, list(dict.fromkeys(sums))),
        *(grid(one, coarser(one, [t for t in every if t is not one])) for one in releases),
    ]


def keys_hidden(one: Grid) -> set[tuple[object, object]]:
    """Name the cells that a table hides, as every other table names them."""
    rows, strata = one.keys
    state = one.counts.state.reshape(len(rows), len(strata))
    return {(rows[r], strata[s]) for r, s in np.argwhere(state == State.SUPPRESSED)}


def hidden_before(one: Grid, releases: Sequence[Grid]) -> BoolArray:
    """Tell which cells of a table an earlier one hides, whatever their numbers are now."""
    names = set().union(*(keys_hidden(release) for release in releases))
    rows, strata = one.keys
    return np.array([(row, stratum) in names for row in rows for stratum in strata], dtype=np.bool_)


def shown_before(whole: Together, releases: Sequence[Grid]) -> tuple[BoolArray, BoolArray]:
    """Tell which cells earlier tables show, and which they hide."""
    shown, hidden = (np.zeros(len(whole.grid.own), dtype=np.bool_) for _ in range(2))
    for release, place in zip(releases, whole.places[1:], strict=True):
        state, counts = release.counts.state, release.counts
        hidden[place[state == State.SUPPRESSED]] = True
        there = np.isfinite(counts.people) | np.isfinite(counts.events)
        shown[place[there & (state != State.SUPPRESSED)]] = True
    return shown, hidden & ~shown


def merged(grids: Sequence[Grid]) -> Together:
    """Make one grid of several, the first's own; strata whose numbers differ are kept apart."""
    if len(grids) == 1:
        return Together(grids[0], (np.arange(len(grids[0].own)),))
    keys: dict[object, int] = {}
    places: list[IntArray] = []
    values: dict[int, tuple[float, float]] = {}
    for i, one in enumerate(grids):
        place = _placed(one, i, keys, values)
        places.append(place)
    return Together(_joined(grids, places, len(keys)), tuple(places))


def _placed(
    one: Grid, release: int, keys: dict[object, int], values: dict[int, tuple[float, float]]
) -> IntArray:
    """Find a place for every cell: that of an earlier table where the numbers agree."""
    rows, strata = one.keys
    people = one.counts.people.reshape(len(rows), len(strata))
    events = one.counts.events.reshape(people.shape)
    place = np.empty(people.shape, dtype=np.int64)
    for s, stratum in enumerate(strata):
        pairs = list(zip(people[:, s].tolist(), events[:, s].tolist(), strict=True))
        known = [values.get(keys.get((row, stratum), -1)) for row in rows]
        clash = any(k is not None and not _agree(p, k) for p, k in zip(pairs, known, strict=True))
        apart = (release,) if clash else ()
        for r, row in enumerate(rows):
            at = keys.setdefault((row, stratum, *apart), len(keys))
            place[r, s] = at
            values[at] = pairs[r] if known[r] is None or clash else _first(known[r], pairs[r])
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
        ([], []),
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
