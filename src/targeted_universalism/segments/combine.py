"""Merging the segments of several partners or files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.errors import CallError, InputError, advised, check_one_of, shown
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import Cells, State, join, pool
from targeted_universalism.segments.definition import merged
from targeted_universalism.segments.index import Dimension, Index
from targeted_universalism.segments.statistics import Statistics, empty_not_absent, rows_there
from targeted_universalism.segments.strata import Strata, union

S = TypeVar("S", bound=Statistics)


@advised
def combine(parts: Sequence[S], *, shared: str = "add") -> S:
    """Merge segments of several partners or files: counts are shared, people are not.

    Parameters
    ----------
    parts : sequence of Segments
        With the same `by` columns, dimensions, kinds and indicators.
    shared : {"add", "error"}
        What to do with a group that several parts count in one stratum: add the counts, or stop,
        as a guard against the same file twice.

    Returns
    -------
    Segments
        Every stratum and segment of any part, in the order of arrival.

    Raises
    ------
    InputError
        If the parts differ in how they were made or in what they measure by their definitions, if
        published estimates of one group meet, or if a part has been made public by ``suppress``.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> def county(name, rows):
    ...     data = pd.DataFrame({"county": name, "race": ["A", "B"], "x": rows, "n": [50, 60]})
    ...     return tu.from_counts(
    ...         data, numerator="x", denominator="n", segments="race", by="county"
    ...     )
    >>> tu.combine([county("Inyo", [10, 20]), county("Mono", [5, 30])])
    Segments of counts (proportion): 2 strata; race (2 segments)

    """
    check_one_of("shared", shared, ("add", "error"))
    parts = _listed(parts)
    for part in parts[1:]:
        _check_alike(parts[0], part)
    if any(part.facts["suppression"] is not None for part in parts):
        raise InputError(
            "Public segments cannot be added: what was removed from them would count as nothing. "
            "Combine first, then suppress."
        )
    strata, places = union([part.strata for part in parts])
    stops = shared == "error" or not parts[0].cells.family.counted
    index, cells = _merged(parts, strata, places, stops)
    facts = _merged_facts(parts)
    there = rows_there(strata, cells)
    if cells.family.counts_rows:
        cells = empty_not_absent(cells)
    return replace(parts[0], strata=strata, index=index, cells=cells, facts=facts, there=there)


def _listed(parts: Iterable[S]) -> list[S]:
    """Give the parts as a list, or stop at what is no Segments."""
    if isinstance(parts, Statistics):
        raise CallError("combine() takes a list of Segments, and got one: write [segments].")
    if not isinstance(parts, Iterable):
        raise CallError(f"combine() takes a list of Segments, not {shown(parts)}.")
    listed = list(parts)
    for part in listed:
        if not isinstance(part, Statistics):
            raise CallError(
                f"combine() takes a list of Segments, and it holds {shown(part)}: make them with "
                "tu.from_counts(data, …), or read them with tu.read_segments(path)."
            )
    if not listed:
        raise InputError("combine() takes a list of Segments, and it is empty.")
    return listed


def _check_alike(first: Statistics, other: Statistics) -> None:
    """Stop where two parts were made in different ways, listing the differences."""
    mine, yours = _shape(first), _shape(other)
    differ = [
        f"{name}: {mine[name]!r} and {yours[name]!r}" for name in mine if mine[name] != yours[name]
    ]
    if differ:
        raise InputError(f"These segments cannot be added; they differ in {'; '.join(differ)}.")


def _shape(part: Statistics) -> dict[str, object]:
    """Give all in which segments that are added must be alike."""
    return {
        "source": part.source,
        "statistics": sorted(part.cells.stats),
        "by": part.strata.names,
        "indicator": part.strata.indicators,
        "kind": part.kinds,
        "per": part.per,
        "level": part.level,
        "years": part.facts.get("years"),
        "dimensions": tuple(d.name for d in part.index.dimensions[1:]),
        "exclusive": tuple(d.exclusive for d in part.index.dimensions[1:]),
    }


def _merged_facts(parts: Sequence[Statistics]) -> dict[str, Any]:
    """Put on record what was chosen for any part; what was said once for all is as of the first."""
    each = [part.facts for part in parts]
    facts = {
        **each[0],
        "dropped": sum(one["dropped"] for one in each),
        "total": "; ".join(dict.fromkeys(one["total"] for one in each)),
        "suppressed": _all_tokens([one["suppressed"] for one in each]),
        "total_labels": sorted({text for one in each for text in one.get("total_labels", ())}),
        "no_total": all(one.get("no_total", False) for one in each),
    }
    if any("labels" in one for one in each):
        facts["labels"] = {k: v for one in each for k, v in one.get("labels", {}).items()}
    if any("rounded" in one for one in each):
        steps = [pair for one in each for pair in one.get("rounded", {}).items()]
        facts["rounded"] = {column: max(s for c, s in steps if c == column) for column, _ in steps}
    if "repeats" in facts:
        facts["repeats"] = any(one["repeats"] for one in each)
    definition = merged([(p.facts, p.strata.indicator_name is not None) for p in parts])
    return facts if definition is None else {**facts, "definition": definition}


def _all_tokens(declared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put the tokens of hidden cells on record as one: for all columns, or by column.

    One that means several ranges means all of them.
    """
    found: dict[str, Any] = {}
    for token, bounds in (pair for tokens in declared for pair in tokens.items()):
        known = found.get(token)
        if isinstance(bounds, Mapping):
            known = known if isinstance(known, Mapping) else {}
            found[token] = _all_tokens([known, bounds])
        elif known is None:
            found[token] = bounds
        elif not isinstance(known, Mapping):
            found[token] = min(known[0], bounds[0]), max(known[1], bounds[1])
    return found


def _merged(
    parts: Sequence[Statistics], strata: Strata, places: Sequence[IntArray], stops: bool
) -> tuple[Index, Cells]:
    """Add all parts up; with `stops`, a cell that two parts hold is an error."""
    dimensions = zip(*(part.index.dimensions for part in parts), strict=True)
    index = Index(tuple(_merged_dimension(same) for same in dimensions))
    codes = np.concatenate(
        [
            np.add.outer(index.match(part.index) * len(strata), place).ravel()
            for part, place in zip(parts, places, strict=True)
        ]
    )
    flat = join([part.cells.ravel() for part in parts], axis=0)
    if flat.family.counts_rows:
        nobody = (flat.stats["n"] == 0) & ~flat.reasons.any_of(Reason.NO_OUTCOME)
        flat = flat.in_state(nobody, State.ABSENT)
    if stops:
        _check_once(flat, codes, index, strata)
    shape = len(index), len(strata)
    return index, pool(flat, codes.astype(np.int64), shape[0] * shape[1]).reshape(*shape)


def _check_once(flat: Cells, codes: IntArray, index: Index, strata: Strata) -> None:
    """Stop where two of the cells, shaped (m,), that count somebody have one code."""
    somebody = (flat.state != State.ABSENT) & ~(flat.population == 0)
    twice = np.bincount(codes[somebody], minlength=len(index) * len(strata)) > 1
    if twice.any():
        row, stratum = divmod(int(np.argmax(twice)), len(strata))
        name = index.dimensions[int(index.dimension_of[row])].name
        raise InputError(
            f"Two parts hold {name!r} {index.labels[row]!r} in "
            f"{strata.describe(stratum)}: published estimates are not added, and "
            "shared='error' stops at the same file twice."
        )


def _merged_dimension(dimensions: Sequence[Dimension]) -> Dimension:
    """Give the segments of any part, in the order of arrival, those that stand for Unknown last."""
    named = dict.fromkeys(
        x for d in dimensions for x, u in zip(d.labels, d.unknown, strict=True) if not u
    )
    lost = dict.fromkeys(
        x for d in dimensions for x, u in zip(d.labels, d.unknown, strict=True) if u
    )
    labels = (*named, *lost)
    unknown: BoolArray = np.repeat([False, True], [len(named), len(lost)])
    return replace(dimensions[0], labels=labels, unknown=unknown)
