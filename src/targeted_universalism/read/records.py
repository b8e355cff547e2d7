"""Rows about people, reduced to the cells they fall into: blocks of rows in, coded cells out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Protocol

import numpy as np
import numpy.typing as npt

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import InputError
from targeted_universalism.labels import levels_of
from targeted_universalism.read import scatter
from targeted_universalism.read.addends import DigitArray, RowBlock
from targeted_universalism.read.coding import CodedColumn, Coder
from targeted_universalism.read.cube import Coded, Cube, DenseSums, Sums
from targeted_universalism.read.finest_sums import FinestSums
from targeted_universalism.read.frames import Frame
from targeted_universalism.read.ids import PersonIds
from targeted_universalism.read.layout import Layout
from targeted_universalism.read.levels import Keys, RawKeys
from targeted_universalism.read.memory import give_back
from targeted_universalism.read.numerals import first_below_0, first_rows
from targeted_universalism.read.team import ALONE, Team, Work
from targeted_universalism.reasons import Reason, no_reason
from targeted_universalism.segments.cells import Cells, State, join
from targeted_universalism.segments.families import Records, family_of_records

OUTCOMES = "the outcome columns"
WAVE_ROWS = 2**22
WAVE_BYTES = 2**26
_FEW_CELLS = 2**20


class Finest(Protocol):
    """Finest cells of one outcome, wherever they were added up: codes by column, and sums."""

    def listed(self) -> tuple[list[IntArray], Sums]:
        """List the cells that any row fell into."""
        ...

    def dense(self) -> DenseSums | None:
        """Give all cells of the space; None where cells are listed by sorted keys."""
        ...


@dataclass(frozen=True, eq=False)
class _Numbers:
    """The numbers of a block: outcomes that do not count are missing."""

    outcomes: list[FloatArray | DigitArray]
    weight: FloatArray | None
    exposure: FloatArray | None
    dropped: int
    weights_sum: float
    weighted_rows: int


@dataclass(frozen=True, eq=False)
class _Read:
    """A block of rows that was read: who they are about, and their numbers."""

    keys: list[RawKeys]
    ids: RawKeys | None
    numbers: _Numbers


@dataclass(frozen=True, eq=False)
class _Reading:
    """A block of rows that is being read."""

    before: int
    rows: int
    work: Work[_Read]


@dataclass(eq=False)
class Reduction:
    """Adds blocks of rows up by cell, one outcome beside another.

    Blocks are read as they come, side by side, and added up in waves, so that what is held does not
    grow with rows. Labels are coded, and errors found, in the order of the rows.

    Parameters
    ----------
    layout : Layout
        Who the rows are about.
    outcomes : sequence of str
        Columns of outcomes; several become indicators.
    kinds : sequence of str
        Kind of each: proportion, rate or mean.
    weight : str or None
        Column of sampling weights.
    unit : str or None
        Column of person ids, whose hashes are kept.
    exposure : str or None
        Column of person-time, the denominator of rates.
    indicator : str
        What the column of the outcomes' names is called where there are several: no name of theirs.
    team : Team
        Who computes.
    """

    layout: Layout
    outcomes: Sequence[str]
    kinds: Sequence[str]
    weight: str | None
    unit: str | None = None
    exposure: str | None = None
    indicator: str = OUTCOMES
    team: Team = ALONE
    family: Records = field(init=False)
    rows: int = 0
    dropped: int = 0
    weights_sum: float = 0.0
    weighted_rows: int = 0
    _coders: dict[str, Coder] = field(default_factory=dict)
    _sums: list[Finest] = field(default_factory=list)
    _adding: list[FinestSums] = field(default_factory=list)
    _wave: list[_Reading] = field(default_factory=list)
    _full: list[list[_Reading]] = field(default_factory=list)
    _ids: PersonIds = field(init=False)

    def __post_init__(self) -> None:
        # Strata last: sums over segments then run along memory.
        strata = [*self.layout.by, *([self.layout.indicator] if self.layout.indicator else [])]
        self._coders = {name: Coder() for name in (*self.layout.segment_columns, *strata)}
        # Kinds share their statistics, so that outcomes can stand in one block of cells.
        self.family = family_of_records(
            kinds=self.kinds, weighted=self.weight is not None, exposed=self.exposure is not None
        )
        names, moments = self.family.sums, self.family.moments
        binary = set(self.kinds) == {"proportion"}
        self._adding = [
            FinestSums(len(self._coders), names, moments, binary=binary) for _ in self.outcomes
        ]
        self._sums: list[Finest] = list(self._adding)
        self._ids = PersonIds(
            str(self.unit), list(self._coders), self.layout.indicator, self.layout.by
        )

    def add(self, block: Frame) -> None:
        """Add one block of rows."""
        block.before = self.rows
        work = self.team.submit(self._read, block, self.rows)
        self._wave.append(_Reading(self.rows, len(block), work))
        self.rows += len(block)
        if sum(reading.rows for reading in self._wave) >= self.most_rows:
            self._full.append(self._wave)
            self._wave = []
        # While a wave is added up, others read what comes next, a block each or a wave.
        while len(self._full) > 1 or (self._full and len(self._wave) >= self.team.ahead):
            self._add_wave(self._full.pop(0))

    @property
    def most_rows(self) -> int:
        """Rows of a wave: the same whoever computes, and few where each holds many numbers."""
        width = sum(1 if sums.binary else 8 for sums in self._adding)
        return min(WAVE_ROWS, WAVE_BYTES // width)

    def _add_wave(self, wave: list[_Reading]) -> None:
        """Code the blocks of a wave in their order, and add them up."""
        columns, numbers = [], []
        for reading in wave:
            block = reading.work.result()
            columns.append(self._coded(block.keys, reading.before))
            if block.ids is not None:
                self._ids.keep(block.ids, columns[-1], reading.before)
            numbers.append(block.numbers)
            self.dropped += numbers[-1].dropped
            self.weights_sum += numbers[-1].weights_sum
            self.weighted_rows += numbers[-1].weighted_rows
        sizes = [coder.size for coder in self._coders.values()]
        del wave, reading, block
        for i, sums in enumerate(self._adding):
            blocks = [
                piece
                for coded, read in zip(columns, numbers, strict=True)
                for piece in self._block(coded, read, i).pieces(scatter.PIECE)
            ]
            if sums is self._adding[-1]:  # what is read goes as it is used up
                columns, numbers = [], []
            sums.add(blocks, sizes, self.team)

    def _block(self, columns: list[CodedColumn], numbers: _Numbers, outcome: int) -> RowBlock:
        return RowBlock(columns, numbers.outcomes[outcome], numbers.weight, numbers.exposure)

    def _read(self, block: Frame, before: int) -> _Read:
        """Read a block by one piece of work: threads wait for each other at every other one."""
        ids = None if self.unit is None else block.raw_keys(self.unit)
        return _Read(self._raw_keys(block), ids, self._read_numbers(block, before))

    def _read_numbers(self, block: Frame, before: int) -> _Numbers:
        """Read outcomes, weights and person-time; an outcome without them does not count."""
        weight = None if self.weight is None else self._weights(block, before)
        exposure = None if self.exposure is None else self._exposures(block, before)
        nobody = np.zeros(0, np.int64) if weight is None else np.flatnonzero(~(weight > 0))
        outcomes: list[FloatArray | DigitArray] = []
        dropped = 0
        for outcome, kind, sums in zip(self.outcomes, self.kinds, self._adding, strict=True):
            read = _yes_or_no if sums.binary else _numbers
            y = read(block, outcome, kind, before)
            y[nobody] = -1 if sums.binary else np.nan
            if exposure is not None:
                y[np.isnan(exposure)] = np.nan
            known = y >= 0 if sums.binary else ~np.isnan(y)
            dropped += len(y) - int(np.count_nonzero(known))
            outcomes.append(y)
        if weight is None:
            return _Numbers(outcomes, None, exposure, dropped, 0.0, 0)
        some = len(weight) - len(nobody)
        total = float(np.fmax(weight, 0.0).sum())  # what is missing adds nothing
        return _Numbers(outcomes, weight, exposure, dropped, total, some)

    def recode(self, block: Frame) -> list[IntArray]:
        """Code the columns that say who each row of a block is about."""
        return [column.values for column in self._coded(self._raw_keys(block), self.rows)]

    def _raw_keys(self, block: Frame) -> list[RawKeys]:
        return [block.raw_keys(name) for name in self._coders]

    def _coded(self, raw: Sequence[RawKeys], before: int) -> list[CodedColumn]:
        coders = self._coders.values()
        columns = [
            CodedColumn(one.codes, coder.lookup(one))
            for one, coder in zip(raw, coders, strict=True)
        ]
        self._check_strata(columns, before)
        return columns

    def keep_ids(self, block: Frame) -> None:
        """Keep the ids of rows that are reduced elsewhere."""
        columns = self._coded(self._raw_keys(block), self.rows)
        self._ids.keep(block.raw_keys(str(self.unit)), columns, self.rows)

    def finish(self) -> None:
        """End adding blocks: the cells can then be read."""
        self._full += [self._wave] if self._wave else []
        self._wave = []
        while self._full:
            self._add_wave(self._full.pop(0))
        if self.rows >= WAVE_ROWS:
            self.team.rest()
            give_back()

    def take(self, sums: Sequence[Finest]) -> None:
        """Take finest cells that were added up elsewhere, one set for each outcome."""
        self._sums = list(sums)

    def listed(self) -> tuple[Coded, Cells]:
        """List the finest cells, outcome under outcome, with the labels of each."""
        per_outcome = [source.listed() for source in self._sums]
        size = [len(sums["n"]) for _, sums in per_outcome]
        columns = {
            name: coder.keys(np.concatenate([codes[i] for codes, _ in per_outcome]))
            for i, (name, coder) in enumerate(self._coders.items())
        }
        if len(self.outcomes) > 1:
            place = np.repeat(np.arange(len(per_outcome)), size)
            columns[self.indicator] = Keys(place, levels_of(self.outcomes))
        return Coded(columns, sum(size)), join(
            [_cells(self.family, sums) for _, sums in per_outcome], axis=0
        )

    def cube(self) -> Cube | None:
        """Hand the finest cells over as a cube, where they are dense and no waste of room.

        Where all columns are crossed, all cells of the cube are told, mostly empty or not. Segments
        that overlap are counted row by row, which a cube cannot do. The sums are large, and go with
        the cube: after it nothing can be added.
        """
        dense = [one for one in (source.dense() for source in self._sums) if one is not None]
        if len(dense) < len(self._sums) or any(axis.overlapping for axis in self.layout.axes):
            return None
        split = len(self.layout.segment_columns)
        inner, outer = dense[0].room[:split], dense[0].room[split:]
        shape = prod(inner), prod(outer)
        counted = np.concatenate([one.counted.reshape(shape) for one in dense], axis=1)
        lost = np.concatenate([one.lost.reshape(shape) for one in dense], axis=1)
        present = counted | lost
        rows, strata = (np.flatnonzero(present.any(axis=axis)) for axis in (1, 0))
        if not counted.any() or not self._worth_a_cube(len(rows) * len(strata), present):
            return None
        outcome, stratum = np.divmod(strata, shape[1])
        names = list(self._coders)
        segment, column = np.divmod(np.flatnonzero(lost & ~counted), lost.shape[1])
        places = np.unravel_index(stratum, outer) if outer else ()
        labels = self._labels(names[split:], places)
        self._sums, self._adding = [], []
        if len(self.outcomes) > 1:
            labels[self.indicator] = Keys(outcome, levels_of(self.outcomes))
        return Cube(
            Coded(self._labels(names[:split], np.unravel_index(rows, inner)), len(rows)),
            Coded(labels, len(stratum)),
            dense,
            rows,
            outcome,
            stratum,
            self.family,
            (np.searchsorted(rows, segment), np.searchsorted(strata, column)),
        )

    def _worth_a_cube(self, cells: int, present: BoolArray) -> bool:
        """Tell whether a cube is not mostly empty, or all of its cells are told."""
        whole = tuple(range(len(self.layout.axes))) in self.layout.crossings
        return whole or cells <= max(_FEW_CELLS, 8 * int(np.count_nonzero(present)))

    def _labels(
        self, names: Sequence[str], codes: Sequence[npt.NDArray[np.intp]]
    ) -> dict[str, Keys]:
        return {
            name: self._coders[name].keys(code) for name, code in zip(names, codes, strict=True)
        }

    @property
    def columns(self) -> list[str]:
        """Every column in use."""
        single = [n for n in (self.weight, self.exposure, self.unit) if n is not None]
        return [*self.layout.columns, *self.outcomes, *single]

    def ids_repeat(self, allowed: bool) -> bool:
        """Tell whether ids repeat across strata; stop where they do within one, unless allowed."""
        return self.unit is not None and self._ids.repeat(allowed)

    def _weights(self, block: Frame, before: int) -> FloatArray:
        weight = block.numbers(str(self.weight), None).value
        _check_not_below_0(f"weight={self.weight!r}", weight, "weights are", before)
        return weight

    def _exposures(self, block: Frame, before: int) -> FloatArray:
        exposure = block.numbers(str(self.exposure), {}, counts=False).value
        _check_not_below_0(f"exposure={self.exposure!r}", exposure, "person-time is", before)
        return exposure

    def _check_strata(self, columns: Sequence[CodedColumn], before: int) -> None:
        for name, column in zip(self._coders, columns, strict=True):
            if name not in (*self.layout.by, self.layout.indicator):
                continue
            if column.complete:
                continue
            missing = column.values == 0
            if missing.any():
                row = before + int(np.argmax(missing))
                raise InputError(
                    f"Column {name!r} is missing in data row {row} (counting from 0). Every row "
                    "must say which stratum it belongs to: fill or leave out such rows."
                )


def _numbers(block: Frame, outcome: str, kind: str, before: int) -> FloatArray:
    """Read an outcome, NaN where it is missing."""
    y = block.numbers(outcome, None, counts=kind != "mean").value.copy()
    _check_outcome(outcome, kind, y, before)
    return y


def _yes_or_no(block: Frame, outcome: str, kind: str, before: int) -> DigitArray:
    """Read an outcome of 0 and 1 as digits, -1 where it is missing."""
    digits = block.booleans(outcome)
    if digits is not None:
        return digits
    y = _numbers(block, outcome, kind, before)
    y[np.isnan(y)] = -1
    return y.astype(np.int8)


def _check_not_below_0(column: str, value: FloatArray, what: str, before: int) -> None:
    row = first_below_0(value)
    if row is not None:
        raise InputError(
            f"{column} is {value[row]:g} in data row {before + row} "
            f"(counting from 0): {what} 0 or more."
        )


def _check_outcome(name: str, kind: str, y: FloatArray, before: int) -> None:
    wrong = np.isinf(y)
    expected = "a finite number"
    if kind == "proportion":
        wrong |= ~np.isnan(y) & (y != 0) & (y != 1)
        expected = (
            "0, 1, True or False under kind='proportion' (a count is a 'rate', a score a 'mean')"
        )
    elif kind == "rate":
        wrong |= y < 0
        expected = "a count of 0 or more under kind='rate'"
    if wrong.any():
        row = int(first_rows(wrong)[0])
        raise InputError(
            f"outcome={name!r} is {y[row]:g} in data row {before + row} (counting from 0): "
            f"expected {expected}."
        )


def _cells(family: Records, sums: Sums) -> Cells:
    """Make cells of sums; where there are rows and no outcome is known, they say so."""
    shape = sums["n"].shape
    cells = Cells(family, np.full(shape, State.OK, dtype=np.uint8), sums, {}, no_reason(shape))
    unknown = sums["n"] == 0
    if not unknown.any():
        return cells
    return cells.in_state(unknown, State.NO_DATA).noted(unknown, Reason.NO_OUTCOME)
