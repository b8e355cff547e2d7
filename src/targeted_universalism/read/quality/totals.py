"""Totals that are not declared, do not add up, or are stacked on several partitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.read.coding import numbered
from targeted_universalism.read.quality.finding import Seen
from targeted_universalism.read.quality.labels import labels_that_are
from targeted_universalism.read.quality.numbers import steps
from targeted_universalism.read.quality.rates import half_a_step
from targeted_universalism.read.quality.sheet import Sheet, Split
from targeted_universalism.segments.spelling import TOTAL, TOTAL_OF_PLACES

FAR = 1.1  # a total this many times outside its segments is no slip of rounding
LEAST_CUT = 10  # sums that are short for each to be no chance: one in 1,000


def undeclared_total(sheet: Sheet) -> Iterator[Seen]:
    """Find labels of totals that are not declared."""
    for split in sheet.splits:
        if sheet.layout.total_said and not sheet.layout.total:
            continue
        named = dict(labels_that_are(split.texts, TOTAL))
        summed = _sums_of_others(sheet, split) if not split.total.any() else {}
        for text in dict.fromkeys([*named, *summed]):
            if text in sheet.layout.total | sheet.layout.unknown:
                continue
            words = "is all the others together" if text in summed else "reads as a total"
            yield Seen(
                f"column {split.name!r}", named.get(text, summed.get(text, 0)),
                f"{text!r} {words}, and is counted as a segment",
                f"Say total={text!r}, or total=() if it is a segment.",
            )  # fmt: skip
    for name in sheet.layout.by:
        for text, rows in labels_that_are(sheet.texts(name), TOTAL_OF_PLACES):
            yield Seen(
                f"column {name!r}", rows, f"{text!r} reads as a total over {name!r}",
                "Leave these rows out: tu.assess(…, rollup=True) makes them.",
            )  # fmt: skip


def _sums_of_others(sheet: Sheet, split: Split) -> dict[str, int]:
    """Find labels that are the sum of all others of their place, in every place and column."""
    used = split.parts
    place = numbered([split.place, split.partition], len(sheet))
    known = np.zeros(len(sheet), dtype=np.bool_)
    holds = np.ones(len(sheet), dtype=np.bool_)
    for name in sheet.columns.counts:
        value = sheet.figures(name).value
        total = _added(np.where(used, value, np.nan), place)
        known |= used & (value > 0)
        holds &= ~(np.abs(2 * value - total) > 1e-9 * total)
    known &= np.bincount(place[used], minlength=place.max(initial=0) + 1)[place] > 2
    rows, held = (np.bincount(split.texts.one[here], minlength=len(split.texts.read))
                  for here in (known, known & holds))  # fmt: skip
    labels = dict.fromkeys(split.texts.read)
    return {
        text: int(count)
        for text, count, same in zip(labels, rows, held, strict=False)
        if text and count and count == same
    }


def _added(value: FloatArray, place: IntArray) -> FloatArray:
    """Give every row the sum of its place; missing where any of it is."""
    sums = np.bincount(place, weights=np.nan_to_num(value, posinf=0, neginf=0))
    return np.asarray(sums[place], dtype=np.float64)


class _BesideTotal(NamedTuple):
    """The sum of segments beside the total, in every place of one partition and column.

    `row` is where the total stands, `whole` whether every segment of the partition has a row.
    """

    column: str
    partition: str
    total: FloatArray
    added: FloatArray
    row: IntArray
    whole: BoolArray
    segments: int


def _beside_totals(sheet: Sheet) -> Iterator[tuple[Split, _BesideTotal]]:
    """Hold sums of segments against declared totals, where nothing is hidden or missing."""
    for split in sheet.splits:
        for p, parts in split.by_partition() if split.total.any() else ():
            for name in sheet.columns.counts:
                value = sheet.figures(name).value
                yield split, _beside_total(name, split.partitions[p], value, split, parts)


def _beside_total(
    name: str, partition: str, value: FloatArray, split: Split, parts: BoolArray
) -> _BesideTotal:
    places = int(split.place.max(initial=0)) + 1
    total, row = np.full(places, np.nan), np.full(places, -1)
    total[split.place[split.total]] = value[split.total]
    row[split.place[split.total]] = np.flatnonzero(split.total)
    # A cell that is not known leaves a sum that is not, as NaN does.
    added = np.bincount(split.place[parts], weights=value[parts], minlength=places)
    rows = np.bincount(split.place[parts], minlength=places)
    here = (rows > 0) & np.isfinite(total) & np.isfinite(added)
    whole = rows == rows.max(initial=0)
    return _BesideTotal(
        name, partition, total[here], added[here], row[here], whole[here], int(rows.max(initial=0))
    )


def stacked(sheet: Sheet) -> Iterator[Seen]:
    """Find partitions that stand one on another."""
    for split, held in _beside_totals(sheet):
        over = _over(held)
        if over.any() and _stacks(held):
            times = float(np.median(held.added[over] / held.total[over]))
            yield Seen(
                f"column {split.name!r}, {held.column!r}", int(over.sum()),
                f"the segments of {held.partition!r} are {times:.3g} times the total together",
            )  # fmt: skip
    for split in sheet.splits:
        if sheet.layout.partition is None and not split.total.any():
            yield from _several_partitions(sheet, split)


def _over(held: _BesideTotal) -> BoolArray:
    return np.asarray((held.total > 0) & (held.added > 1.2 * held.total))


def _stacks(held: _BesideTotal) -> bool:
    """Tell whether most totals are far exceeded, which is no slip but another table."""
    return bool(2 * _over(held).sum() > (held.total > 0).sum())


def _several_partitions(sheet: Sheet, split: Split) -> Iterator[Seen]:
    """Find a label that some of the others add up to, and others again."""
    text, groups = partitions_of(sheet, split)
    if text:
        listed = "; and ".join(", ".join(map(repr, group)) for group in groups[:2])
        yield Seen(
            f"column {split.name!r}", int(split.texts.are({text}).sum()),
            f"{text!r} is the sum of {listed}, and not of all the others",
            f"Say total={text!r}, and which label belongs to which partition with dimension=.",
        )  # fmt: skip


def partitions_of(sheet: Sheet, split: Split, most: int = 18) -> tuple[str, list[list[str]]]:
    """Find the label of a total, and the sets of labels that add up to it in every place.

    Every choice of labels is tried on the first places in which all of them stand, and a sum is
    believed only where it holds in so many numbers that chance would hardly give one.
    """
    labels = [t for t in dict.fromkeys(split.texts.read) if t]
    if not 3 < len(labels) <= most + 1:
        return "", []
    numbers = _numbers_by_label(sheet, split, labels)
    if not numbers.shape[1]:
        return "", []
    largest = np.flatnonzero((numbers >= numbers.max(axis=0)).all(axis=1))
    if len(largest) != 1:
        return "", []
    total, rest = numbers[largest[0]], np.delete(numbers, largest[0], axis=0)
    chance = len(rest) * np.log(2) - np.log(np.maximum(total / 4, 1)).sum()
    if chance > np.log(1e-3):
        return "", []
    sets = [s for s in _choices_that_add_up(rest, total) if 1 < len(s) < len(rest)]
    others = [text for i, text in enumerate(labels) if i != largest[0]]
    return (labels[largest[0]], [[others[i] for i in s] for s in sets]) if sets else ("", [])


def _numbers_by_label(sheet: Sheet, split: Split, labels: Sequence[str]) -> FloatArray:
    """Lay counts out by label, a column for each place and count in which all labels stand."""
    place = pd.Series(split.place)
    found = []
    code = np.array([labels.index(t) if t else -1 for t in split.texts.read])[split.texts.codes]
    for name in sheet.columns.counts:
        table = pd.DataFrame({"p": place, "c": code, "v": sheet.figures(name).value})
        wide = (
            table[table["c"] >= 0]
            .drop_duplicates(["c", "p"])
            .pivot(index="c", columns="p", values="v")
        )
        wide = wide.reindex(range(len(labels)))
        found.append(wide.loc[:, (wide > 0).all()].to_numpy()[:, :20])
    return np.concatenate(found, axis=1) if found else np.zeros((len(labels), 0))


def _choices_that_add_up(rest: FloatArray, total: FloatArray) -> list[list[int]]:
    """List the sets of rows whose sums are the total, in every column."""
    sums = np.zeros(1)
    for value in rest[:, 0]:
        sums = np.concatenate([sums, sums + value])
    found = []
    for choice in np.flatnonzero(np.abs(sums - total[0]) <= 1e-9 * total[0])[:1000].tolist():
        rows = [i for i in range(len(rest)) if choice >> i & 1]
        if np.allclose(rest[rows].sum(axis=0), total, rtol=1e-9, atol=0):
            found.append(rows)
    return found


def do_not_add_up(sheet: Sheet) -> Iterator[Seen]:
    """Find totals that are not the sum of their segments."""
    for split, held in _beside_totals(sheet):
        if _stacks(held):
            continue
        off = held.added - held.total
        step = max(1.0, steps(sheet, held.column))
        little = np.abs(off) <= step * (held.segments + 1) / 2
        wrong = np.abs(off) > 1e-9 * np.abs(held.total)
        if steps(sheet, held.column):
            wrong &= ~little
        left_out = wrong & ~held.whole & (off < 0)
        wrong &= ~left_out
        cut = _cut(off / step, wrong, held.segments)
        for here, words, severity in (
            (wrong & ~little & ~cut, "", ""),
            (wrong & little & ~cut, ", no further off than rounding takes them", "note"),
            (cut, ", short as sums are of numbers that were cut and not rounded", "note"),
            (left_out, ", in places where a segment has no row", "note"),
        ):
            if here.any():
                yield _off(sheet, split, held, (here, words))._replace(severity=severity)


def _cut(steps_off: FloatArray, wrong: BoolArray, segments: int) -> BoolArray:
    """Tell which sums are short because decimals were cut off, and not rounded.

    Each segment loses less than one step by it, so that the sum is short by less than one for each,
    and hardly ever too large; rounding makes sums too large as often as too small.
    """
    short = wrong & (steps_off < 0) & (steps_off > -segments)
    told = short.sum() >= LEAST_CUT and short.sum() >= 0.95 * wrong.sum()
    return np.asarray(short & told)


def _off(sheet: Sheet, split: Split, held: _BesideTotal, of: tuple[BoolArray, str]) -> Seen:
    """Say of some totals that they are not the sum of their segments, with the first of them."""
    here, words = of
    first = int(np.argmax(here))
    off = held.added[first] - held.total[first]
    mask = np.isin(np.arange(len(sheet)), held.row[here])
    return Seen(
        f"columns {split.name!r}, {held.column!r}; {sheet.at(mask)}",
        int(here.sum()),
        f"totals that are not the sum of {held.partition!r}{words}: {held.total[first]:,.10g}, and "
        f"the segments are {abs(off):,.10g} {'more' if off > 0 else 'fewer'}",
    )


def outside_segments(sheet: Sheet) -> Iterator[Seen]:
    """Find totals whose rate lies below or above that of every segment."""
    name = sheet.columns.estimate
    if name is None:
        return
    rate = np.where(_nobody(sheet), np.nan, sheet.figures(name).value)
    slack = 2 * half_a_step(sheet.figures(name))
    for split in sheet.splits:
        for p, parts in split.by_partition() if split.total.any() else ():
            low, high = _range_of_segments(rate, split, parts)
            wrong = split.total & ((rate < low - slack) | (rate > high + slack))
            far = wrong & ((rate < low / FAR) | (rate > high * FAR))
            for here, severity in ((far, ""), (wrong & ~far, "warning")):
                if here.any():
                    row = int(np.argmax(here))
                    yield Seen(
                        f"column {split.name!r}; {sheet.at(here)}", int(here.sum()),
                        f"a total of {rate[row]:g}, and the segments of {split.partitions[p]!r} "
                        f"lie between {low[row]:g} and {high[row]:g}",
                        severity=severity,
                    )  # fmt: skip


def _nobody(sheet: Sheet) -> BoolArray:
    """Tell which rows count nobody, or hide how many: no rate beside them is one."""
    none = np.zeros(len(sheet), dtype=np.bool_)
    for name in sheet.columns.counts:
        none |= sheet.figures(name).hidden | (sheet.figures(name).value == 0)
    return none


def _range_of_segments(
    rate: FloatArray, split: Split, parts: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Least and most of the rates of every row's place, where all its segments have one."""
    frame = pd.DataFrame({"rate": rate, "place": split.place})[parts]
    places = frame.groupby("place")["rate"].agg(["min", "max", "size", "count"])
    whole = (places["count"] == places["size"]) & (places["size"] == places["size"].max())
    places = places[whole].reindex(split.place)
    return places["min"].to_numpy(np.float64), places["max"].to_numpy(np.float64)
