"""Finer segments folded into coarser ones, all strata at a time, in room made for the sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.reasons import Reason, because_marked, no_reason
from targeted_universalism.segments.cells import Cells, Family, State, Stats, pool

# Below this, rows are too short to be added one by one.
_FEW_STRATA = 256
# Cells whose state is told at once: what is in between fits a cache.
_AT_ONCE = 2**16


def room_for(family: Family, shape: tuple[int, int]) -> Cells:
    """Make cells to be written to, without bounds and reasons; what they hold has no meaning."""
    stats = {name: np.empty(shape) for name in family.statistics}
    return Cells(family, np.empty(shape, dtype=np.uint8), stats, {}, no_reason(shape))


def moved(cells: Cells, room: Cells) -> Cells:
    """Write cells without bounds into room that was made for them."""
    room.state[...] = cells.state
    for name, values in cells.stats.items():
        room.stats[name][...] = values
    return replace(room, reasons=cells.reasons)


class _Run(NamedTuple):
    """Segments side by side that go to one sum, or to sums side by side, which they may begin."""

    parts: slice
    sums: slice
    begins: bool


@dataclass(frozen=True, eq=False)
class Fold:
    """Which sum each segment, the first axis, is part of; each sum has its parts in their order.

    Parameters
    ----------
    codes : (segments,) array of int64
        In 0 … size − 1, each used at least once.
    size : int
        Number of sums.
    """

    codes: IntArray
    size: int

    def add_up(self, cells: Cells, room: Cells) -> Cells:
        """Add up cells, shaped (segments, strata), as :func:`pool` does, into room for the sums."""
        unknown = cells.reasons.any_of(Reason.NO_OUTCOME)
        plain = (cells.state == State.OK) | (cells.state == State.ABSENT) | unknown
        explained = cells.reasons.other_than({Reason.NO_OUTCOME}).some
        if not plain.all() or not cells.family.counts_rows or explained.any():
            strata = cells.shape[1]
            flat = (self.codes[:, None] * strata + np.arange(strata)).ravel()
            pooled = pool(cells.ravel(), flat, self.size * strata)
            return moved(pooled.reshape(self.size, strata), room)
        self.add_up_statistics(cells.family, cells.stats, room.stats)
        segments, where = np.nonzero(unknown)
        return lost_at(with_states(room), [(self.codes[segments], where)])

    def add_up_statistics(self, family: Family, stats: Stats, room: Stats) -> None:
        """Add up statistics of counted rows, shaped (segments, strata), into room for the sums.

        These are all that the family has, or any of its plain sums.
        """
        shape = next(iter(room.values())).shape

        def added(values: FloatArray, out: FloatArray | None = None) -> FloatArray:
            return self.added(values, np.empty(shape) if out is None else out)

        family.summed(stats, self.codes, added, dict(room))

    def added(self, values: FloatArray, out: FloatArray) -> FloatArray:
        """Add up values, each sum from its first part to its last; `out` has a row for each sum."""
        if values.shape[1] < _FEW_STRATA < len(self.codes):
            out[...] = self._adder @ values
            return out
        for run in self._runs:
            sums, parts = out[run.sums], values[run.parts]
            if len(parts) > len(sums):
                _added_down(parts, sums[0], begins=run.begins)
            elif run.begins:
                sums[...] = parts
            else:
                sums += parts
        return out

    @cached_property
    def _runs(self) -> list[_Run]:
        """Segments side by side that numpy adds to their sums at once, in their order."""
        codes, begun, runs, start = self.codes.tolist(), set[int](), list[_Run](), 0
        while start < len(codes):
            first, stop = codes[start], start + 1
            step = codes[stop] - first if stop < len(codes) else 0
            begins = first not in begun
            begun.add(first)
            while step in (0, 1) and stop < len(codes) and codes[stop] == codes[stop - 1] + step:
                if step and (codes[stop] not in begun) != begins:
                    break
                begun.add(codes[stop])
                stop += 1
            runs.append(_Run(slice(start, stop), slice(first, codes[stop - 1] + 1), begins))
            start = stop
        return runs

    @cached_property
    def _adder(self) -> Any:
        """The sparse matrix that adds up rows."""
        from scipy import sparse

        ones, parts = np.ones(len(self.codes)), np.arange(len(self.codes))
        shape = self.size, len(self.codes)
        return sparse.coo_array((ones, (self.codes, parts)), shape=shape).tocsr()


def _added_down(parts: FloatArray, out: FloatArray, *, begins: bool) -> None:
    """Add rows to one, from the first to the last."""
    if begins and len(out) > 1:  # numpy adds a single column in another order
        np.add.reduce(parts, axis=0, out=out)
        return
    if begins:
        out[...] = 0.0
    for part in parts:
        out += part


def with_states(room: Cells) -> Cells:
    """Say what is known of cells, shaped (segments, strata), that hold sums of counted rows."""
    state_rows(room, range(len(room.state)))
    return replace(room, reasons=no_reason(room.shape))


def state_rows(room: Cells, segments: range) -> None:
    """Say it of some segments side by side, a few at once."""
    step = max(1, _AT_ONCE // max(1, room.shape[1]))
    for start in range(segments.start, segments.stop, step):
        rows = slice(start, min(start + step, segments.stop))
        stats = {name: values[rows] for name, values in room.stats.items()}
        room.state[rows] = room.family.without_rate(stats) * np.uint8(State.NO_DATA)
        room.state[rows][stats["n"] == 0] = State.ABSENT


def lost_at(room: Cells, places: Iterable[tuple[IntArray, IntArray]]) -> Cells:
    """Note where there are rows whose outcome is not known, unless there are others too.

    Parameters
    ----------
    room : Cells
        With all statistics and states, shaped (segments, strata).
    places : iterable of two (places,) arrays of int64
        Segments and strata where such rows are, also more than once.
    """
    marks = np.zeros(room.shape, dtype=np.uint16)
    for segments, strata in places:
        nobody = room.stats["n"][segments, strata] == 0
        here = segments[nobody], strata[nobody]
        marks[here] = 1
        room.state[here] = State.NO_DATA
    return replace(room, reasons=because_marked(marks, Reason.NO_OUTCOME))
