"""Segments made of cells, with what is on record of them: kinds, years, where totals come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.read.layout import Layout
from targeted_universalism.segments.cells import Cells, Family
from targeted_universalism.segments.definition import on_record
from targeted_universalism.segments.index import Index
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.statistics import rows_there
from targeted_universalism.segments.strata import Strata


def segments_of(
    strata: Strata, index: Index, cells: Cells, layout: Layout, facts: Mapping[str, Any]
) -> Segments:
    """Make segments of cells, shaped (rows, strata), and put on record what was chosen.

    Parameters
    ----------
    strata : Strata
        What the analysis is repeated over.
    index : Index
        Which row holds which segment.
    cells : Cells
        Their statistics.
    layout : Layout
        The options that all constructors share.
    facts : mapping
        What one constructor alone puts on record, or says otherwise.
    """
    kinds = tuple(layout.kind_of(name) for name in strata.indicators)
    chosen = {
        "kind": named_kinds(strata, kinds),
        "denominators": None,
        "events": None,
        "exclusive": {d.name: d.exclusive for d in index.dimensions[1:]},
        "total": _how_total(layout, index, cells.family),
        "suppressed": {str(k): v for k, v in layout.suppressed.items()},
        "dropped": 0,
        "suppression": None,
        "total_labels": sorted(layout.total),
        "no_total": layout.total_said and not layout.total,
        **facts,
    }
    if layout.years is not None:
        chosen["years"] = _checked_years(layout.years, strata.indicators)
    if layout.labels is not None:
        chosen["labels"] = layout.labels.said
    if layout.definition is not None:
        named = strata.indicator_name is not None
        chosen["definition"] = on_record(layout.definition, strata.indicators, named)
    per = (None,) * len(kinds)
    return Segments(strata, index, cells, kinds, per, None, chosen, rows_there(strata, cells))


def named_kinds(strata: Strata, kinds: tuple[str, ...]) -> str | dict[str, str]:
    """Give the kind of the one indicator, or that of each by its name."""
    if strata.indicator_name is None:
        return kinds[0]
    return dict(zip(strata.indicators, kinds, strict=True))


def events_in_words(kinds: Iterable[str], *, counted_by_person: bool) -> str | None:
    """Say what the intervals of rates take of events of one person; None where there is no rate."""
    if "rate" not in kinds:
        return None
    if counted_by_person:
        return "may repeat in one person: intervals widen by how unequally they fall"
    return "taken as independent"


def _checked_years(
    years: float | Mapping[str, float], indicators: Sequence[str]
) -> float | dict[str, float]:
    """Give the years that are pooled; stop at those of an indicator that is not there."""
    if not isinstance(years, Mapping):
        return years
    for name in years:
        if name not in indicators:
            raise InputError(
                f"years= names indicator {name!r}, which is not in the data. "
                f"{did_you_mean(name, indicators)}"
            )
    return dict(years)


def _how_total(layout: Layout, index: Index, family: Family) -> str:
    """Say in words where totals come from, and whether a partition could be checked."""
    exclusive = [d.name for d in index.dimensions[1:] if d.exclusive]
    added = f"sum of {exclusive[0]}" if exclusive else "none: overlapping segments are never summed"
    if exclusive and not family.counted:
        added += ", weighted by population as if independent"
    if layout.total:
        names = ", ".join(text or "blank" for text in sorted(layout.total))
        return f"declared ({names}), else {added}"
    alone = len(layout.axes) == 1 and layout.partition is None and exclusive
    return f"{added} (partition not verified)" if alone else added
