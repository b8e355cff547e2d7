"""Options that all constructors share, checked once, here: of them a layout is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from numbers import Real
from typing import Any

import pandas as pd

from targeted_universalism.errors import (
    InputError,
    check_above_0,
    check_one_of,
    check_whole,
    did_you_mean,
    shown,
)
from targeted_universalism.labels import label, label_or_blank
from targeted_universalism.read.layout import (
    Axis,
    Layout,
    Overlapping,
    Renaming,
    by_label,
    is_listed,
)
from targeted_universalism.read.numerals import Bounds, Tokens
from targeted_universalism.segments.columns import RESERVED
from targeted_universalism.segments.definition import Definition, definition_of, lacks_definition

KINDS = ("proportion", "rate", "mean", "standardized")


def make_layout(
    names: Sequence[str],
    *,
    segments: object,
    by: object,
    indicator: str | None,
    kind: object,
    kinds: Sequence[str],
    order: Mapping[str, Sequence[object]] | None,
    total: object,
    dimension: object,
    exclusive: object,
    unknown: object,
    suppressed: Mapping[object, object] | None,
    cross: int,
    years: object = None,
    definition: object = None,
    labels: object = None,
) -> Layout:
    """Check the options that all constructors share and lay them out."""
    if indicator is not None and not isinstance(indicator, str):
        raise InputError(f"indicator= takes the name of one column, not {indicator!r}.")
    if order is not None and not (
        isinstance(order, Mapping) and all(map(is_listed, order.values()))
    ):
        raise InputError(f"order= takes a list for each dimension by name, not {order!r}.")
    axes, crossings = _dimensions(names, segments, cross)
    strata = _strata(by, indicator, axes)
    partition = _partition(dimension, axes, crossings)
    totals, unknowns = frozenset(_labels("total", total)), frozenset(_labels("unknown", unknown))
    for both in sorted(totals & unknowns):
        raise InputError(f"{both!r} is named in total= and in unknown=: it can be only one.")
    layout = Layout(
        axes=axes,
        crossings=crossings,
        by=strata,
        indicator=indicator,
        kind=_kind(kind, kinds, indicator),
        order={
            name: tuple(map(label, ranks))
            for name, ranks in by_label("order= names", order or {}).items()
        },
        total=totals,
        total_said=total is not None,
        unknown=unknowns,
        exclusive=_exclusive(exclusive),
        partition=partition,
        suppressed=suppressed_tokens(suppressed),
        years=_years(years, indicator),
        definition=_definition(definition, indicator),
    )
    return replace(layout, labels=_renaming(labels, layout))


def _renaming(labels: object, layout: Layout) -> Renaming | None:
    """Check what labels are to be called: old to new for every column of segments, or by column."""
    if labels is None:
        return None
    if not isinstance(labels, Mapping) or not labels:
        raise InputError(
            f"labels= takes new labels by old ones, as in {{'RB': 'Black'}}, or such a mapping by "
            f"column, not {shown(labels)}."
        )
    nested = [isinstance(value, Mapping) for value in labels.values()]
    if any(nested) and not all(nested):
        raise InputError("labels= mixes labels with mappings by column.")
    if not any(nested):
        said = _new_labels(labels)
        plain = [c for axis in layout.axes if not axis.overlapping for c in axis.columns]
        return Renaming(dict.fromkeys(plain, said), said, by_column=False)
    for column in labels:
        if column not in layout.columns:
            raise InputError(
                f"labels= names column {shown(column)}, which holds no labels in use. "
                f"{did_you_mean(column, layout.columns)}"
            )
    columns = {column: _new_labels(names) for column, names in labels.items()}
    return Renaming(columns, columns, by_column=True)


def _new_labels(names: Mapping[Any, Any]) -> dict[str, str]:
    named = by_label("labels= names", names)
    for old, new in named.items():
        if not pd.api.types.is_scalar(new) or not label_or_blank(new):
            raise InputError(
                f"labels= calls {old!r} {shown(new)}, which is no label. Where nothing is known of "
                f"the group, say unknown={old!r}."
            )
    return {old: label(new) for old, new in named.items()}


def _dimensions(
    names: Sequence[str], segments: object, cross: int
) -> tuple[tuple[Axis, ...], tuple[tuple[int, ...], ...]]:
    axes: dict[str, Axis] = {}
    asked: list[tuple[int, ...]] = []
    for entry in _as_list("segments", segments):
        parts = _parts(entry, names)
        for axis in parts:
            if axes.setdefault(axis.name, axis) != axis:
                raise InputError(f"Two dimensions are called {axis.name!r}: rename one.")
        positions = tuple(list(axes).index(axis.name) for axis in parts)
        if len(set(positions)) < len(positions):
            raise InputError(f"segments={entry!r} crosses a column with itself.")
        asked.append(positions)
    check_whole("cross", cross, 1, "how many ways to cross")
    base = [positions[0] for positions in asked if len(positions) == 1]
    more = [c for ways in range(2, cross + 1) for c in combinations(base, ways)]
    crossings = tuple(dict.fromkeys([*asked, *more]))
    names_of = ["*".join(list(axes)[i] for i in crossing) for crossing in crossings]
    for name in names_of:
        if names_of.count(name) > 1:
            raise InputError(f"Two dimensions are called {name!r}: rename the column.")
    return tuple(axes.values()), crossings


def _parts(entry: object, names: Sequence[str]) -> list[Axis]:
    if isinstance(entry, Overlapping):
        return [Axis(label(entry.name), entry.columns, overlapping=True)]
    if not isinstance(entry, str):
        raise InputError(
            f"segments= takes column names, 'a*b' or tu.overlapping(…), not {entry!r}."
        )
    columns = [entry] if entry in names else [part.strip() for part in entry.split("*")]
    if "total" in map(label, columns):
        raise InputError("A column of segments called 'total' would hide the total row: rename it.")
    return [Axis(label(column), (column,)) for column in columns]


def _strata(by: object, indicator: str | None, axes: Iterable[Axis]) -> tuple[str, ...]:
    strata = tuple(_as_list("by", by)) if by is not None else ()
    for name in strata:
        if not isinstance(name, str):
            raise InputError(f"by= takes column names, not {name!r}.")
        if name in RESERVED:
            raise InputError(
                f"by={name!r} is the name of a column of the answer: rename it first, "
                f"as in data.rename(columns={{{name!r}: '{name}_group'}})."
            )
    segment_columns = [column for axis in axes for column in axis.columns]
    named = [*strata, *segment_columns, *([] if indicator is None else [indicator])]
    for name in named:
        if named.count(name) > 1:
            raise InputError(f"Column {name!r} is named twice in segments=, by= and indicator=.")
    return tuple(map(str, strata))


def _partition(
    dimension: object, axes: Sequence[Axis], crossings: Sequence[tuple[int, ...]]
) -> str | Mapping[str, str] | None:
    if dimension is None:
        return None
    if len(axes) != 1 or len(crossings) != 1 or axes[0].overlapping:
        raise InputError(
            "dimension= says which partition each label of ONE stacked column belongs to: "
            "segments= must then be that one column, without crossing."
        )
    if isinstance(dimension, str):
        if dimension == axes[0].columns[0]:
            raise InputError(
                f"dimension={dimension!r} is the column of segments itself: name the column that "
                "says which partition each label belongs to, or give a mapping."
            )
        return dimension
    if isinstance(dimension, Mapping) and dimension:
        named = {k: label(v) for k, v in by_label("dimension= names", dimension).items()}
        if "total" in named.values():
            raise InputError("No partition can be called 'total': name total rows with total=.")
        return named
    raise InputError(
        f"dimension= takes a column name or a mapping from label to partition, not {dimension!r}."
    )


def _kind(kind: object, kinds: Sequence[str], indicator: str | None) -> str | Mapping[str, str]:
    if isinstance(kind, Mapping):
        if indicator is None:
            raise InputError("kind= by indicator needs indicator=, the column that names them.")
        for value in kind.values():
            check_one_of("kind", value, kinds)
        return {name: str(v) for name, v in by_label("kind= names", kind).items()}
    check_one_of("kind", kind, kinds)
    return str(kind)


def _years(years: object, indicator: str | None) -> float | dict[str, float] | None:
    """Check how many years are pooled."""
    if years is None:
        return None
    if isinstance(years, Mapping):
        if indicator is None:
            raise InputError("years= by indicator needs indicator=, the column that names them.")
        named = by_label("years= names", years)
        return {name: _number_of_years(value) for name, value in named.items()}
    return _number_of_years(years)


def _number_of_years(years: object) -> float:
    return check_above_0("years", years, "how many years are pooled")


def _definition(
    definition: object, indicator: str | None
) -> Definition | dict[str, Definition] | None:
    """Check what is said to be measured; goals of a mapping may lack a definition, not all."""
    if definition is None:
        return None
    if not isinstance(definition, Mapping):
        return definition_of(definition)
    if indicator is None:
        raise InputError("definition= by indicator needs indicator=, the column that names them.")
    named = by_label("definition= names", definition)
    found = {
        name: definition_of(value, f" for {name!r}")
        for name, value in named.items()
        if not lacks_definition(value)
    }
    if not found:
        raise InputError("definition= names no indicator that has a definition; leave it out.")
    return found


def _exclusive(exclusive: object) -> bool | Mapping[str, bool]:
    if isinstance(exclusive, bool):
        return exclusive
    if isinstance(exclusive, Mapping) and all(isinstance(v, bool) for v in exclusive.values()):
        return {name: bool(v) for name, v in by_label("exclusive= names", exclusive).items()}
    raise InputError(
        f"exclusive={exclusive!r} must be True, False or a mapping such as {{'programme': False}}."
    )


def _labels(name: str, value: object) -> list[str]:
    """Give the texts of declared labels; one that is missing is the blank label, an empty text."""
    if value is None:
        return []
    values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    if any(isinstance(v, (Mapping, list, tuple, set, frozenset)) for v in values):
        raise InputError(f"{name}= takes a label or a list of labels, not {value!r}.")
    return [label_or_blank(v) for v in values]


def _as_list(name: str, value: object) -> list[object]:
    if isinstance(value, (str, Overlapping)):
        return [value]
    if isinstance(value, (list, tuple)) and value:
        return list(value)
    raise InputError(f"{name}= takes a column name or a list of them, not {value!r}.")


def suppressed_tokens(suppressed: object) -> Tokens | Mapping[str, Tokens]:
    """Check the words of hidden cells, with their bounds: for all columns, or by column."""
    if suppressed is None:
        return {}
    if not isinstance(suppressed, Mapping):
        raise InputError(
            f"suppressed= takes tokens with their bounds, as in {{'<11': (1, 10)}}, "
            f"not {suppressed!r}."
        )
    nested = [isinstance(value, Mapping) for value in suppressed.values()]
    if any(nested) and not all(nested):
        raise InputError("suppressed= mixes tokens for all columns with tokens by column.")
    if any(nested):
        return {
            str(column): {token: _bounds(token, b) for token, b in tokens.items()}
            for column, tokens in suppressed.items()
            if isinstance(tokens, Mapping)
        }
    return {token: _bounds(token, bounds) for token, bounds in suppressed.items()}


def _bounds(token: object, bounds: object) -> Bounds:
    if bounds is None:
        return (0.0, float("inf"))
    numbers = list(bounds) if isinstance(bounds, (list, tuple)) else []
    if len(numbers) == 2 and all(isinstance(v, Real) for v in numbers):
        low, high = float(numbers[0]), float(numbers[1])
        if 0 <= low <= high:
            return (low, high)
    raise InputError(
        f"The bounds of suppressed token {token!r} must be (least, most), 0 or more, or None "
        f"where they are not known; not {bounds!r}."
    )
