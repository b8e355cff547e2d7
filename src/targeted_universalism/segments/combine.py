"""Merging the segments of several partners or files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.errors import InputError, check_one_of
from targeted_universalism.segments.cells import Block, Dimension, State, counts_rows, join, pool
from targeted_universalism.segments.segments import Segments, empty_not_absent, seen_rows
from targeted_universalism.segments.strata import Strata, union


def combine(parts: Sequence[Segments], *, shared: str = "add") -> Segments:
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
        If the parts differ in how they were made, if published estimates of one group meet, or if
        a part has been made public by ``suppress``.

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
    parts = list(parts)
    if not parts or not all(isinstance(part, Segments) for part in parts):
        raise InputError("combine() takes a list of Segments.")
    for part in parts[1:]:
        _check_alike(parts[0], part)
    if any(part.facts["suppression"] is not None for part in parts):
        raise InputError(
            "Public segments cannot be added: what was removed from them would count as nothing. "
            "Combine first, then suppress."
        )
    strata, places = union([part.strata for part in parts])
    stops = shared == "error" or parts[0].source == "estimates"
    blocks = tuple(
        _merged([part.blocks[i] for part in parts], strata, places, stops)
        for i in range(len(parts[0].blocks))
    )
    facts = {**parts[0].facts, "dropped": sum(part.facts["dropped"] for part in parts)}
    if "repeats" in facts:
        facts["repeats"] = any(part.facts["repeats"] for part in parts)
    seen = seen_rows(strata, blocks)
    if counts_rows(parts[0].blocks[0].cells.stats):
        blocks = tuple(empty_not_absent(block) for block in blocks)
    return replace(parts[0], strata=strata, blocks=blocks, facts=facts, seen=seen)


def _check_alike(first: Segments, other: Segments) -> None:
    """Stop where two parts were made in different ways, listing the differences."""
    mine, yours = _shape(first), _shape(other)
    differ = [
        f"{name}: {mine[name]!r} and {yours[name]!r}" for name in mine if mine[name] != yours[name]
    ]
    if differ:
        raise InputError(f"These segments cannot be added; they differ in {'; '.join(differ)}.")


def _shape(part: Segments) -> dict[str, object]:
    return {
        "source": part.source,
        "statistics": sorted(part.blocks[0].cells.stats),
        "by": part.strata.names,
        "indicator": part.strata.indicators,
        "kind": part.kinds,
        "per": part.per,
        "level": part.level,
        "dimensions": tuple(b.dimension.name for b in part.blocks[1:]),
        "exclusive": tuple(b.dimension.exclusive for b in part.blocks[1:]),
    }


def _merged(
    blocks: Sequence[Block], strata: Strata, places: Sequence[IntArray], stops: bool
) -> Block:
    """Add one dimension of all parts up; with `stops`, a cell that two parts hold is an error."""
    dimension = _merged_dimension([block.dimension for block in blocks])
    row = {label: i for i, label in enumerate(dimension.labels)}
    size = len(dimension) * len(strata)
    target = [
        np.add.outer([row[x] * len(strata) for x in block.dimension.labels], place).ravel()
        for block, place in zip(blocks, places, strict=True)
    ]
    flat = join([block.cells.each(np.ravel) for block in blocks], axis=0)
    if counts_rows(flat.stats):
        nobody = np.where(flat.stats["n"] == 0, State.ABSENT, flat.state)
        flat = replace(flat, state=nobody.astype(np.uint8))
    codes = np.concatenate(target)
    if stops:
        held = (flat.state != State.ABSENT) & ~(flat.stats["population"] == 0)
        twice = np.bincount(codes[held], minlength=size) > 1
        if twice.any():
            label, stratum = divmod(int(np.argmax(twice)), len(strata))
            raise InputError(
                f"Two parts hold {dimension.name!r} {dimension.labels[label]!r} in "
                f"{strata.describe(stratum)}: published estimates are not added, and "
                "shared='error' stops at the same file twice."
            )
    pooled = pool(flat, codes.astype(np.int64), size)
    return Block(dimension, pooled.each(lambda v: v.reshape(len(dimension), len(strata))))


def _merged_dimension(dimensions: Sequence[Dimension]) -> Dimension:
    known = dict.fromkeys(
        x for d in dimensions for x, u in zip(d.labels, d.unknown, strict=True) if not u
    )
    lost = dict.fromkeys(
        x for d in dimensions for x, u in zip(d.labels, d.unknown, strict=True) if u
    )
    labels = (*known, *lost)
    unknown: BoolArray = np.repeat([False, True], [len(known), len(lost)])
    return replace(dimensions[0], labels=labels, unknown=unknown)
