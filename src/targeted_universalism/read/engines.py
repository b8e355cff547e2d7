"""Frames that live in an engine are reduced there: one group-by to the finest cells.

DuckDB, lazy Polars, Ibis, Dask and Spark are asked for elementary sums only, which all of them
compute alike; only cells travel, and all statistics are made here. Continuous outcomes take two
passes: the mean of all rows first, then sums about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.errors import InputError, count_words
from targeted_universalism.read.cube import Sums
from targeted_universalism.read.frames import Frame, check_columns, native_frame
from targeted_universalism.read.numerals import LARGEST_SQUARED, LARGEST_WHOLE
from targeted_universalism.read.records import Reduction
from targeted_universalism.segments.cells import Moments

ROWS = "tu rows"
_NO_NUMBERS = (nw.String, nw.Categorical, nw.Enum, nw.Binary)
_LARGEST = float(np.finfo(np.float64).max)


class Collected:
    """The finest cells of one outcome, as an engine gave them."""

    def __init__(self, codes: list[IntArray], sums: Sums) -> None:
        self._codes, self._held = codes, sums

    def listed(self) -> tuple[list[IntArray], Sums]:
        """Give codes by column, and sums."""
        return self._codes, self._held

    def dense(self) -> None:
        """Give nothing: engines list the cells that rows fell into."""


def lives_in_an_engine(data: object) -> bool:
    """Tell whether a frame is lazy: its rows are elsewhere until they are asked for."""
    return isinstance(native_frame(data, pass_through=True), nw.LazyFrame)


def reduce_in_engine(data: object, reduction: Reduction) -> None:
    """Have the engine reduce its rows to the finest cells, and take them in.

    Parameters
    ----------
    data : lazy frame
        Anything that narwhals reads lazily.
    reduction : Reduction
        What is wanted; it holds the cells afterwards.
    """
    rows = native_frame(data)
    types = rows.collect_schema()
    check_columns(reduction.columns, types.names(), data)
    _check_types(reduction, types)
    keys = list(dict.fromkeys(reduction.layout.columns))
    numbered = [f"tu key {i}" for i in range(len(keys))]  # no name of theirs meets one of ours
    centres = _centres(rows, reduction)
    prepared = rows.select(
        *(nw.col(name).alias(ours) for name, ours in zip(keys, numbered, strict=True)),
        *_columns(reduction, centres),
    )
    sums = [name for name in prepared.collect_schema().names() if name not in numbered]
    groups = _collect(prepared.group_by(*numbered).agg(nw.col(*sums).sum()))
    if reduction.unit is not None:
        ids = list(dict.fromkeys([*reduction.layout.columns, reduction.unit]))
        reduction.keep_ids(Frame(_collect(rows.select(*ids)), ids))
    frame = Frame(groups, sums)
    named = dict(zip(numbered, keys, strict=True))
    codes = reduction.recode(Frame(groups.select(numbered).rename(named), keys))
    _check(reduction, {name: _numbers(frame, name) for name in sums if _counts_wrong(name)})
    numbers = {name: _numbers(frame, name) for name in sums}
    reduction.rows = int(numbers[ROWS].sum())
    reduction.weights_sum = float(numbers.get("tu weight", np.zeros(1)).sum())
    reduction.weighted_rows = int(numbers.get("tu weighted rows", np.zeros(1)).sum())
    collected = []
    for i, centre in enumerate(centres):
        values = {name: numbers[f"tu {i} {name}"] for name in _names(reduction, centre)}
        reduction.dropped += reduction.rows - int(values["n"].sum())
        cells = np.flatnonzero((values["n"] > 0) | (numbers[f"tu {i} lost"] > 0))
        taken = {name: v[cells] for name, v in values.items()}
        collected.append(
            Collected(
                [code[cells] for code in codes], _centred(taken, centre, reduction.family.moments)
            )
        )
    reduction.take(collected)


def _check_types(reduction: Reduction, types: Mapping[str, Any]) -> None:
    """Stop where an engine would fail to read a column as numbers, or read a date as one."""
    for name in reduction.layout.columns:
        if types[name] in (nw.Int128, nw.UInt128):
            raise InputError(
                f"Column {name!r} holds {types[name]}: cast it to whole numbers of 64 bits or to "
                "text in the engine first, or collect the frame."
            )
    numbers = [reduction.weight, reduction.exposure]
    for name in [*reduction.outcomes, *(name for name in numbers if name is not None)]:
        kind = types[name]
        if kind.is_temporal() or kind.is_nested() or kind in _NO_NUMBERS:
            raise InputError(
                f"Column {name!r} holds {kind}, not numbers: cast it to numbers in the engine "
                "first, or collect the frame."
            )


def _names(reduction: Reduction, centre: float | None) -> tuple[str, ...]:
    family, weighted = reduction.family, reduction.weight is not None
    more = () if centre is None else ("d", "d2", *(("d_w2", "d2_w2") if weighted else ()))
    return (*family.sums, *more)


def _centres(rows: Any, reduction: Reduction) -> list[float | None]:
    """Give the mean of each outcome over all rows, where any outcome is continuous."""
    if "mean" not in reduction.kinds:
        return [None] * len(reduction.outcomes)
    outcomes = list(enumerate(reduction.outcomes))
    fits = {n: _known(n) & ~_misfit(_float(n), _known(n), "mean") for n in reduction.outcomes}
    y = [_given(fits[name], _float(name), f"tu y {i}") for i, name in outcomes]
    n = [_given(_known(name), nw.lit(1.0), f"tu n {i}") for i, name in outcomes]
    key = nw.lit(1).alias("tu key")
    prepared = rows.select(*y, *n).with_columns(key)
    names = [f"tu {what} {i}" for what in "yn" for i in range(len(reduction.outcomes))]
    frame = Frame(_collect(prepared.group_by("tu key").agg(nw.col(*names).sum())), names)
    sums = {name: float(_numbers(frame, name).sum()) for name in names}
    return [sums[f"tu y {i}"] / max(sums[f"tu n {i}"], 1.0) for i in range(len(reduction.outcomes))]


def _columns(reduction: Reduction, centres: Sequence[float | None]) -> list[Any]:
    """Give what each row adds to each sum: columns first, sums later, as every engine can."""
    columns = [nw.lit(1.0).alias(ROWS)]
    weight = reduction.weight
    w = nw.lit(1.0) if weight is None else _float(weight)
    usable = None if weight is None else _known(weight)
    if usable is not None:
        columns.append(_given(usable, w, "tu weight"))
        wrong = usable & ((w < 0) | (w > LARGEST_WHOLE))
        columns.append(_given(wrong, nw.lit(1.0), "tu wrong weights"))
        somebody = ~(usable & (w == 0))
        usable = usable & (w > 0)
        columns.append(_given(usable, nw.lit(1.0), "tu weighted rows"))
    t, timed = nw.lit(1.0), None
    if reduction.exposure is not None:
        t, timed = _float(reduction.exposure), _known(reduction.exposure)
        columns.append(_given(timed & ((t < 0) | (t > _LARGEST)), nw.lit(1.0), "tu wrong times"))
    for i, (name, kind, centre) in enumerate(
        zip(reduction.outcomes, reduction.kinds, centres, strict=True)
    ):
        y, known = _float(name), _known(name)
        columns.append(_given(_misfit(y, known, kind), nw.lit(1.0), f"tu {i} misfit"))
        known = known if usable is None else known & usable
        known = known if timed is None else known & timed
        lost = ~known if usable is None else ~known & somebody
        columns.append(_given(lost, nw.lit(1.0), f"tu {i} lost"))
        d = None if centre is None else y - centre
        terms = {
            "n": nw.lit(1.0), "population": w * t, "events": w * y, "events_n": y,
            "w2": w * w * t, "w2y": w * w * y, "y2": w * w * y * y, "t2": w * w * t * t,
            "yt": w * w * y * t,
        }  # fmt: skip
        if d is not None:
            terms |= {"d": w * d, "d2": w * d * d, "d_w2": w * w * d, "d2_w2": w * w * d * d}
        for term in _names(reduction, centre):
            columns.append(_given(known, terms[term], f"tu {i} {term}"))
    return columns


def _misfit(y: Any, known: Any, kind: str) -> Any:
    if kind == "proportion":
        return known & (y != 0) & (y != 1)
    if kind == "rate":
        return known & ((y < 0) | (y > LARGEST_WHOLE))
    return known & ((y > LARGEST_SQUARED) | (y < -LARGEST_SQUARED))


def _counts_wrong(name: str) -> bool:
    """Tell the sums that count rows of wrong values, which spoil the others."""
    return name.startswith("tu wrong") or name.endswith("misfit")


def _float(name: str) -> Any:
    return nw.col(name).cast(nw.Float64)


def _known(name: str) -> Any:
    """Neither null nor NaN: engines tell them apart."""
    value = _float(name)
    return ~(value.is_null() | value.is_nan())


def _given(here: Any, value: Any, name: str) -> Any:
    return nw.when(here).then(value).otherwise(0.0).alias(name)


def _collect(rows: Any) -> Any:
    """Collect rows in Arrow; those of polars stay there, since Arrow may lose an Enum's order."""
    return rows.collect(backend="polars" if rows.implementation.is_polars() else "pyarrow")


def _numbers(frame: Frame, name: str) -> FloatArray:
    return np.nan_to_num(frame.numbers(name, None, counts=False).value)


def _check(reduction: Reduction, wrong_rows: Sums) -> None:
    """Stop where an engine counted rows that cannot be read, (groups,), by what is wrong."""
    for i, (name, kind) in enumerate(zip(reduction.outcomes, reduction.kinds, strict=True)):
        wrong = int(wrong_rows[f"tu {i} misfit"].sum())
        if wrong:
            words = {
                "proportion": "0 or 1",
                "rate": "a count of 0 to 2⁵³",
                "mean": "finite and within 10¹⁵⁰",
            }
            raise InputError(
                f"outcome={name!r} is not {words[kind]} in {count_words(wrong, 'row')}, under "
                f"kind={kind!r}."
            )
    wrong = int(wrong_rows.get("tu wrong times", np.zeros(1)).sum())
    if wrong:
        raise InputError(
            f"exposure={reduction.exposure!r} is below 0 or endless in "
            f"{count_words(wrong, 'row')}: person-time is 0 or more."
        )
    wrong = int(wrong_rows.get("tu wrong weights", np.zeros(1)).sum())
    if wrong:
        raise InputError(
            f"weight={reduction.weight!r} is below 0 or above 2⁵³ in "
            f"{count_words(wrong, 'row')}: weights are 0 or more, and small enough to be counted."
        )


def _centred(values: Sums, centre: float | None, moments: Sequence[Moments]) -> Sums:
    """Turn sums about the mean of all rows into moments about each cell's own mean."""
    sums = {name: v for name, v in values.items() if not name.startswith("d")}
    if centre is None:
        return sums
    for (weight, mean, moment), (first, second) in zip(moments, _ABOUT_CENTRE, strict=False):
        total = np.where(values[weight] > 0, values[weight], 1.0)
        step = values[first] / total
        sums[mean] = centre + step
        sums[moment] = np.maximum(values[second] - values[first] * step, 0.0)
    return sums


_ABOUT_CENTRE = (("d", "d2"), ("d_w2", "d2_w2"))
