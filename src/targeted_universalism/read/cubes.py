"""From a cube of finest cells to the cells of records: finest cells move, margins are added up.

Both are done side by side. Every call of numpy lets other threads run and waits for its turn
afterwards, so each does much: a whole row of strata, or all that go to one sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.read.cube import Cube
from targeted_universalism.read.keys import Rows
from targeted_universalism.read.layout import Layout
from targeted_universalism.read.margins import Crossing, Derivation, Parent, derivations, prepared
from targeted_universalism.read.team import ALONE, Team
from targeted_universalism.segments.cells import Cells, Stats
from targeted_universalism.segments.folding import lost_at, state_rows
from targeted_universalism.segments.index import Index

_TASKS = 32  # as in `scatter`: some for everybody who computes
_STRATA = 2**14  # whose margins one task adds up


def cube_cells(rows: Rows, cube: Cube, layout: Layout, team: Team = ALONE) -> tuple[Index, Cells]:
    """Make the cells of records from a cube of finest cells, whose sums are let go on the way."""
    every = tuple(range(len(rows.axes)))
    codes = tuple(axis.codes for axis in rows.axes)
    derived = derivations(rows, layout, [Parent(every, codes, len(cube.segments), cube=True)])
    index, room, blocks = prepared(rows, cube.family, derived)
    own = every in derived and len(derived[every].plan.dimension) == len(cube.segments)
    row = derived[every].plan.fold.codes if own else np.arange(len(cube.segments))
    folds = {crossing: how for crossing, how in derived.items() if crossing != every or not own}
    places = cube.places(np.argsort(rows.stratum))
    tasks = list(product(range(0, len(cube.strata), _STRATA), _chains(folds)))
    for step in cube.steps:
        names = cube.names_of(step)
        finest = blocks[every].stats if own else _aside(names, cube)
        moving = _Step(cube, step, names, finest, row, places, folds, blocks)
        team.map(moving.move, _runs(len(cube.segments)))
        cube.let_go(step)
        team.map(moving.add, tasks)
    team.map(partial(state_rows, room), _runs(len(index)))
    return index, lost_at(room, _lost(rows, cube, index, derived))


def _aside(names: Sequence[str], cube: Cube) -> Stats:
    """Make room for finest cells that no dimension tells one by one."""
    return {name: np.empty((len(cube.segments), len(cube.strata))) for name in names}


@dataclass(frozen=True, eq=False)
class _Step:
    """Sums that are moved together.

    Parameters
    ----------
    cube : Cube
        Where they are.
    step : sequence of str
        Which of them.
    names : sequence of str
        The statistics that they make.
    finest : dict of str to (rows, strata) array
        Where finest cells go: to their own dimension, or aside.
    row : (segments,) array of int64
        The row of each segment there.
    places : list of (strata, codes)
        What :meth:`Cube.places` says.
    folds : dict of crossing to Derivation
        The dimensions that are added up, finer ones first.
    blocks : dict of crossing to Cells
        Where each dimension is told.
    """

    cube: Cube
    step: Sequence[str]
    names: Sequence[str]
    finest: Stats
    row: IntArray
    places: Sequence[tuple[Any, IntArray]]
    folds: Mapping[Crossing, Derivation]
    blocks: Mapping[Crossing, Cells]

    def move(self, segments: range) -> None:
        """Move some segments."""
        for segment in segments:
            out = {name: self.finest[name][self.row[segment]] for name in self.names}
            self.cube.move(self.step, segment, self.places, out)

    def add(self, task: tuple[int, Sequence[Crossing]]) -> None:
        """Add up some margins in some strata."""
        start, chain = task
        here = slice(start, start + _STRATA)
        for crossing in chain:
            how, sums = self.folds[crossing], self.blocks[crossing].stats
            parts = self.finest if how.above is None else self.blocks[how.above].stats
            how.plan.fold.add_up_statistics(
                self.cube.family,
                {name: parts[name][:, here] for name in self.names},
                {name: sums[name][:, here] for name in self.names},
            )


def _chains(folds: Mapping[Crossing, Derivation]) -> list[list[Crossing]]:
    """Put margins that follow from one another into one chain, the finest of each first."""
    chain_of: dict[Crossing, list[Crossing]] = {}
    for crossing, how in folds.items():
        chain = chain_of.get(how.above, []) if how.above is not None else []
        chain_of[crossing] = chain
        chain.append(crossing)
    return [chain for crossing, chain in chain_of.items() if chain[0] == crossing]


def _lost(
    rows: Rows, cube: Cube, index: Index, derived: Mapping[Crossing, Derivation]
) -> Iterator[tuple[IntArray, IntArray]]:
    """Find where any finest cell has rows whose outcome is not known, dimension by dimension."""
    start_of = dict(zip(((), *rows.crossings), (here.start for here in index.slices), strict=True))
    segments, stratum = cube.unknown[0], rows.stratum[cube.unknown[1]]
    code_of: dict[Crossing, IntArray] = {}  # of each finest segment, dimension by dimension
    for crossing, how in derived.items():
        codes = how.plan.fold.codes
        code_of[crossing] = codes if how.above is None else codes[code_of[how.above]]
        yield code_of[crossing][segments] + start_of[crossing], stratum


def _runs(size: int) -> list[range]:
    """Cut a number of segments into runs, some for everybody who computes."""
    step = -(-size // _TASKS)
    return [range(start, min(start + step, size)) for start in range(0, size, step)]
