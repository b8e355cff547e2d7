"""From coded rows to blocks of cells: one block for each dimension, the total first.

A dimension takes the rows that fill exactly its axes where there are any (declared margins), and
adds up finer rows where there are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import NamedTuple

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import InputError
from targeted_universalism.labels import ALL, TIMES
from targeted_universalism.read.axes import MARGIN, AxisCodes
from targeted_universalism.read.keys import LARGEST_KEY, Rows
from targeted_universalism.read.layout import Layout
from targeted_universalism.read.numerals import first_rows
from targeted_universalism.read.total import total_of
from targeted_universalism.reasons import Reason, joined
from targeted_universalism.segments.cells import (
    Block,
    Cells,
    Family,
    State,
    pool,
)
from targeted_universalism.segments.folding import Fold, moved, room_for
from targeted_universalism.segments.index import Dimension, Index
from targeted_universalism.segments.spelling import TOTAL
from targeted_universalism.segments.strata import Strata

LARGEST = 2**25

Crossing = tuple[int, ...]


def make_blocks(rows: Rows, cells: Cells, layout: Layout) -> tuple[Block, ...]:
    """Add rows up to one block of cells for each dimension, the total first.

    The total is the declared rows, else a sum of segments.
    """
    plans = [_plan(rows, crossing, layout) for crossing in rows.crossings]
    _check_size([len(plan.dimension) for plan in plans], len(rows.strata))
    if not layout.total_said:
        _check_undeclared_total(rows, cells, layout)
    blocks = tuple(_fill(rows, cells, plan) for plan in plans)
    declared = _fill(rows, cells, _plan(rows, (), layout))
    _check_partitions(blocks, declared.cells, rows.strata)
    total = total_of(blocks, declared.cells)
    total = total.noted(_told_otherwise(rows, cells)[None], Reason.PARTITIONS_DIFFER)
    return (Block(declared.dimension, total), *blocks)


@dataclass(frozen=True, eq=False)
class Parent:
    """What coarser dimensions can be added up from: a dimension, or the cube of all axes.

    `parts` holds the axis codes of its segments.
    """

    crossing: Crossing
    parts: tuple[IntArray, ...]
    size: int
    cube: bool = False


@dataclass(frozen=True, eq=False)
class Derivation:
    """How one dimension of records is made: from the dimension above it, else from finest cells."""

    plan: DimensionPlan
    above: Crossing | None


def record_cells(rows: Rows, cells: Cells, layout: Layout) -> tuple[Index, Cells]:
    """Make the cells of records from a list of finest cells, one for each of the rows.

    Every dimension is written where it stands, the total first: nothing is moved afterwards.
    """
    derived = derivations(rows, layout, [])
    index, room, blocks = prepared(rows, cells.family, derived)
    done: dict[Crossing, Cells] = {}
    for crossing, how in derived.items():
        place, plan = blocks[crossing], how.plan
        if how.above is None:
            done[crossing] = moved(_fill(rows, cells, plan).cells, place)
        else:
            done[crossing] = plan.fold.add_up(done[how.above], place)
    reasons = joined([done[crossing].reasons for crossing in blocks], axis=0)
    return index, replace(room, reasons=reasons)


def derivations(rows: Rows, layout: Layout, parents: list[Parent]) -> dict[Crossing, Derivation]:
    """Plan each crossing from its smallest parent, and from the rows where it has none.

    Finer crossings come first; the total is all rows together.
    """
    derived: dict[Crossing, Derivation] = {}
    for crossing in sorted({*rows.crossings, ()}, key=lambda c: (-len(c), c)):
        finer = [p for p in parents if set(crossing) <= set(p.crossing)]
        parent = min(finer, key=lambda p: (p.size, p.cube), default=None)
        if parent is not None:
            plan = _coarser(rows, parent, crossing, layout)
        else:
            plan = _plan(rows, crossing, layout) if crossing else _every_row(rows, layout)
        above_it = None if parent is None or parent.cube else parent.crossing
        derived[crossing] = Derivation(plan, above_it)
        sizes = [len(how.plan.dimension) for how in derived.values()]
        _check_size(sizes, len(rows.strata))
        if not _overlaps(rows, crossing):
            parents = [*parents, Parent(crossing, plan.parts, sizes[-1])]
    return derived


def prepared(
    rows: Rows, family: Family, derived: dict[Crossing, Derivation]
) -> tuple[Index, Cells, dict[Crossing, Cells]]:
    """Make room for all cells, the total first, and say which of them each dimension has."""
    order = ((), *rows.crossings)
    index = Index(tuple(derived[crossing].plan.dimension for crossing in order))
    room = room_for(family, (len(index), len(rows.strata)))
    views = (room.take(rows) for rows in index.slices)
    return index, room, dict(zip(order, views, strict=True))


def _overlaps(rows: Rows, crossing: Crossing) -> bool:
    return any(rows.axes[i].members is not None for i in crossing)


def _every_row(rows: Rows, layout: Layout) -> DimensionPlan:
    every = np.arange(len(rows.stratum))
    return replace(_plan(rows, (), layout), steps=((every, np.zeros_like(every)),))


def _coarser(rows: Rows, parent: Parent, crossing: Crossing, layout: Layout) -> DimensionPlan:
    """Plan a dimension whose every segment is a sum of a parent's."""
    axes = [rows.axes[i] for i in crossing]
    code = np.zeros(parent.size, dtype=np.int64)
    for i, axis in zip(crossing, axes, strict=True):
        code = code * len(axis.labels) + parent.parts[parent.crossing.index(i)]
    return _planned(rows, crossing, layout, np.unique(code), from_parent=code)


def _told_otherwise(rows: Rows, cells: Cells) -> BoolArray:
    """Tell in which strata a total row is repeated with other numbers."""
    first, second = rows.repeats.T
    differ = np.zeros(len(first), dtype=np.bool_)
    for values in cells.stats.values():
        same = (values[first] == values[second]) | (
            np.isnan(values[first]) & np.isnan(values[second])
        )
        differ |= ~same
    strata = np.zeros(len(rows.strata), dtype=np.bool_)
    strata[rows.stratum[second[differ]]] = True
    return strata


def _check_size(levels: Sequence[int], strata: int) -> None:
    size = (sum(levels) + 1) * strata
    if size > LARGEST:
        raise InputError(
            f"{sum(levels):,} segments × {strata:,} strata make {size:,} cells, above the limit "
            f"of {LARGEST:,}. Cross fewer columns, or repeat over fewer with by=."
        )


def _check_undeclared_total(rows: Rows, cells: Cells, layout: Layout) -> None:
    """Stop at a segment that is all the others together: a total which nobody has declared."""
    for axis in rows.axes:
        if axis.members is not None or not _is_exclusive(axis.name, [axis], layout):
            continue
        people, events = (_added_by_label(rows, axis, held) for held in _ranges(cells))
        summed, read = _is_sum_of_others(people, events), _reads_as_total(axis, people)
        for i in np.flatnonzero(summed | read):
            unknown = bool(axis.unknown[i])
            text = min(layout.unknown, default="") if unknown else axis.labels[i]
            seen = _SUMMED if summed[i] else _READS_AS_TOTAL
            raise InputError(
                f"Segment {axis.labels[i]!r} of {axis.name!r} {seen}: counted beside them it "
                f"doubles the total. If it is the total, say total={text!r}"
                f"{' (the label of these rows), not unknown=' if unknown and text else ''}; if it "
                "is none, say total=()."
            )


_SUMMED = (
    "has the people of all other segments together, to the unit, and the events, in every stratum"
)
_READS_AS_TOTAL = "reads as a total, and has as many people as the other segments together or more"
# Fewer people, or fewer groups, can add up to another by chance.
_FEWEST_OTHERS, _FEWEST_PEOPLE = 2, 100
# A label that reads as a total is believed to be one though a few people are in no other row.
_NEARLY_ALL = 0.9
# So far may the published rate of all be from the mean of its groups, being rounded or revised.
_ALIKE = 0.02


class _ByLabel(NamedTuple):
    """Least and most that the rows of each label count in each stratum, shaped (labels, strata).

    `open` is where there is no telling how many they count at most.
    """

    low: FloatArray
    high: FloatArray
    open: BoolArray

    @property
    def complete(self) -> BoolArray:
        """Tell in which strata all of it is known to the unit, shaped (strata,)."""
        return np.asarray(((self.low == self.high) & ~self.open).all(axis=0))


def _ranges(cells: Cells) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Give the range of what adds up over segments, of every row: people and events.

    Events that a published rate implies are known as well as rates of a total and its parts agree.
    """
    yield cells.bound("population_low"), cells.bound("population_high")
    low, high = cells.bound("events_low"), cells.bound("events_high")
    if not cells.family.counted:
        low, high = low - _ALIKE * np.abs(low), high + _ALIKE * np.abs(high)
    yield low, high


def _added_by_label(rows: Rows, axis: AxisCodes, held: tuple[FloatArray, FloatArray]) -> _ByLabel:
    filling = np.flatnonzero(axis.codes != MARGIN)
    shape = len(axis.labels), len(rows.strata)
    code = axis.codes[filling] * shape[1] + rows.stratum[filling]

    def added(values: FloatArray) -> FloatArray:
        sums = np.bincount(code, values[filling], prod(shape))
        return np.asarray(sums.reshape(shape), dtype=np.float64)

    least, most = held
    low = added(np.where(np.isfinite(least), least, 0.0))
    high = low if most is least else added(np.where(np.isfinite(most), most, 0.0))
    return _ByLabel(low, high, added(~np.isfinite(most)) > 0)


def _is_sum_of_others(people: _ByLabel, events: _ByLabel) -> BoolArray:
    """Tell which labels are the sum of the others wherever that can be known, and nowhere are not.

    Hidden cells leave it open within their ranges. Where people alone tell, round numbers of them
    tell less: 1,000 and 2,000 make 3,000 by chance.
    """
    fits = _may_be_sum(people) & _may_be_sum(events)
    told = people.complete & (_others(people) >= _FEWEST_OTHERS)
    counts = np.where(told & (people.low == np.rint(people.low)), people.low, 0.0)
    step = max(int(np.gcd.reduce(counts.astype(np.int64), axis=None)), 1)
    evidence = people.low / np.where(events.complete, 1, step)
    shown = np.where(fits & told, evidence, 0.0).sum(axis=1)
    return np.asarray(fits.all(axis=1) & (shown >= _FEWEST_PEOPLE))


def _may_be_sum(count: _ByLabel) -> BoolArray:
    least = count.low.sum(axis=0) - count.low
    most = count.high.sum(axis=0) - count.high
    others_open = count.open.sum(axis=0) > count.open
    enough = (most > count.low - 0.5) | others_open
    return np.asarray(enough & ((least < count.high + 0.5) | count.open))


def _reads_as_total(axis: AxisCodes, people: _ByLabel) -> BoolArray:
    """Tell which labels read as a total, and are as large as all others together or larger."""
    named = np.array([bool(TOTAL.fullmatch(text)) for text in axis.labels], dtype=np.bool_)
    if not named.any():
        return named
    beside = (people.low > 0) & (_others(people) > 0)
    own = np.where(beside, people.low, 0.0).sum(axis=1)
    others = np.where(beside, people.low.sum(axis=0) - people.low, 0.0).sum(axis=1)
    return np.asarray(named & (own >= _FEWEST_PEOPLE) & (own >= _NEARLY_ALL * others))


def _others(people: _ByLabel) -> IntArray:
    """Count, for each label, the others of its stratum that have people."""
    here = people.low > 0
    return np.asarray(here.sum(axis=0) - here, dtype=np.int64)


def _check_partitions(blocks: Sequence[Block], declared: Cells, strata: Strata) -> None:
    total = declared.population[0]
    for block in blocks:
        if not block.dimension.exclusive:
            continue
        people = np.nansum(block.cells.population, axis=0)
        over = people > 1.01 * total + len(block.dimension)
        if over.any():
            i = int(first_rows(over)[0])
            raise InputError(
                f"In {strata.describe(i)} the segments of {block.dimension.name!r} add to "
                f"{people[i]:,.0f} people against a declared total of {total[i]:,.0f}. If the "
                "column stacks several partitions (race, sex, programme), name them with "
                "dimension=; if people can be in several segments, say exclusive=False."
            )


@dataclass(frozen=True, eq=False)
class DimensionPlan:
    """Where the rows of one dimension go, level by level of detail.

    `parts` holds the axis codes of every segment; `fold` says to which each of a finer
    dimension's segments goes.
    """

    dimension: Dimension
    crossing: Crossing
    parts: tuple[IntArray, ...]
    steps: tuple[tuple[IntArray, IntArray], ...]
    fold: Fold


def _plan(rows: Rows, crossing: Crossing, layout: Layout) -> DimensionPlan:
    axes = [rows.axes[i] for i in crossing]
    if prod(len(axis.labels) for axis in axes) * max(len(rows.strata), 1) >= LARGEST_KEY:
        raise InputError(f"Crossing {len(axes)} columns makes too many combinations: cross fewer.")
    steps = [_expand(axes, row) for row in _steps(rows, crossing)]
    codes = [_distinct(code, prod(len(axis.labels) for axis in axes)) for _, code in steps]
    seen = np.unique(np.concatenate(codes)) if codes else np.zeros(0, dtype=np.int64)
    seen = seen if crossing else np.zeros(1, np.int64)  # the one code of the total
    return _planned(rows, crossing, layout, seen, steps=steps)


def _distinct(code: IntArray, size: int) -> IntArray:
    """Sorted distinct codes; by marking them where that is less work than sorting."""
    if size > max(len(code), 1024):
        return np.unique(code)
    marked = np.zeros(size, dtype=np.bool_)
    marked[code] = True
    return np.flatnonzero(marked)


def _planned(
    rows: Rows,
    crossing: Crossing,
    layout: Layout,
    seen: IntArray,
    *,
    steps: Sequence[tuple[IntArray, IntArray]] = (),
    from_parent: IntArray | None = None,
) -> DimensionPlan:
    """Put the segments in order, Unknown last, and point rows (or a parent's segments) to them."""
    axes = [rows.axes[i] for i in crossing]
    raw = np.unravel_index(seen, [len(axis.labels) for axis in axes]) if axes else ()
    unknown = np.zeros(len(seen), dtype=np.bool_)
    for axis, part in zip(axes, raw, strict=True):
        unknown |= axis.unknown[part]
    order = np.argsort(unknown, kind="stable")
    place = np.empty(len(seen), dtype=np.int64)
    place[order] = np.arange(len(seen))
    parts = tuple(np.asarray(part[order], dtype=np.int64) for part in raw)

    def position(code: IntArray) -> IntArray:
        return place[np.searchsorted(seen, code)]

    return DimensionPlan(
        _dimension(axes, parts, unknown[order], layout),
        crossing,
        parts,
        tuple((row, position(code)) for row, code in steps),
        Fold(np.zeros(0, np.int64) if from_parent is None else position(from_parent), len(seen)),
    )


def _dimension(
    axes: Sequence[AxisCodes], parts: Sequence[IntArray], unknown: BoolArray, layout: Layout
) -> Dimension:
    if not axes:
        return Dimension("total", (ALL,), unknown)
    name = "*".join(axis.name for axis in axes)
    columns = [[axis.labels[i] for i in part] for axis, part in zip(axes, parts, strict=True)]
    labels = tuple(TIMES.join(words) for words in zip(*columns, strict=True))
    return Dimension(
        name, labels, unknown, _is_exclusive(name, axes, layout),
        ordered=len(axes) == 1 and axes[0].ordered,
    )  # fmt: skip


def _is_exclusive(name: str, axes: Sequence[AxisCodes], layout: Layout) -> bool:
    if any(axis.members is not None for axis in axes):
        return False
    if isinstance(layout.exclusive, bool):
        return layout.exclusive
    if name in layout.exclusive:
        return layout.exclusive[name]
    return all(layout.exclusive.get(axis.name, True) for axis in axes)


def _steps(rows: Rows, crossing: Crossing) -> Iterator[IntArray]:
    """Rows that make up a dimension, best first: those that fill exactly its axes, then finer ones.

    A step of finer rows starts at one level of detail and takes in the rows below it, unless a row
    above them has told of them already.
    """
    wanted = sum(1 << i for i in crossing)
    details = [int(s) for s in np.unique(rows.signature) if s >= 0 and int(s) & wanted == wanted]
    if not crossing:
        details = [s for s in details if s == 0]
    details.sort(key=lambda s: (s.bit_count(), s))
    for start in details:
        if start != wanted and any(s & start == s for s in details if s not in (start, wanted)):
            continue
        below = [s for s in details if s & start == start]
        yield _rows_of(rows, below if start != wanted else [start])


def _rows_of(rows: Rows, signatures: Sequence[int]) -> IntArray:
    """Rows of several levels of detail, without those that a coarser row covers."""
    rows_of_each = [np.flatnonzero(rows.signature == signatures[0])]
    for i, signature in enumerate(signatures[1:], start=1):
        finer = np.flatnonzero(rows.signature == signature)
        for coarser, above in zip(signatures[:i], rows_of_each, strict=True):
            if coarser & signature == coarser:
                finer = finer[~np.isin(_key(rows, finer, coarser), _key(rows, above, coarser))]
        rows_of_each.append(finer)
    return np.concatenate(rows_of_each)


def _key(rows: Rows, row: IntArray, signature: int) -> IntArray:
    """One integer for the stratum and the labels on the axes of a signature."""
    key = rows.stratum[row]
    for i, axis in enumerate(rows.axes):
        if signature >> i & 1:
            key = key * (int(axis.codes.max(initial=0)) + 1) + axis.codes[row]
    return key


def _expand(axes: Sequence[AxisCodes], row: IntArray) -> tuple[IntArray, IntArray]:
    """Give rows, and the code of each on all axes together, the last one fastest.

    A row in several overlapping segments is repeated.
    """
    code = np.zeros(len(row), dtype=np.int64)
    for axis in axes:
        if axis.starts is None or axis.members is None:
            code = code * len(axis.labels) + axis.codes[row]
            continue
        count = axis.starts[row + 1] - axis.starts[row]
        again = np.repeat(np.arange(len(row)), count)
        within = np.arange(len(again)) - np.repeat(np.cumsum(count) - count, count)
        member = axis.members[axis.starts[row][again] + within]
        row, code = row[again], code[again] * len(axis.labels) + member
    return row, code


def _fill(rows: Rows, cells: Cells, plan: DimensionPlan) -> Block:
    """Take declared margins where there are any, sums of finer rows elsewhere."""
    strata = len(rows.strata)
    size = len(plan.dimension) * strata

    def sums(row: IntArray, code: IntArray) -> Cells:
        return pool(cells.take(row), code * strata + rows.stratum[row], size)

    nothing = np.zeros(0, dtype=np.int64)
    best, *finer = plan.steps or ((nothing, nothing),)
    filled = sums(*best)
    for step in finer:
        filled = filled.kept(filled.state != State.ABSENT, sums(*step))
    return Block(plan.dimension, filled.reshape(len(plan.dimension), strata))
