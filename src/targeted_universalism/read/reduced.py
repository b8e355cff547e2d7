"""Segments of records: their options checked, their blocks of rows added up, their cells made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from targeted_universalism.errors import InputError, check_one_of
from targeted_universalism.labels import label
from targeted_universalism.read.cubes import cube_cells
from targeted_universalism.read.facts import events_in_words, segments_of
from targeted_universalism.read.frames import Frame
from targeted_universalism.read.keys import Rows, read_cube, read_rows
from targeted_universalism.read.layout import Layout
from targeted_universalism.read.margins import record_cells
from targeted_universalism.read.options import make_layout
from targeted_universalism.read.records import OUTCOMES, Reduction
from targeted_universalism.read.team import Team
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.index import Index
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.statistics import empty_not_absent


def reduction_of(
    names: Sequence[str],
    *,
    outcome: str | Sequence[str],
    kind: str | Mapping[str, str],
    weight: str | None,
    exposure: str | None,
    unit: str | None,
    repeats: str | None,
    indicator: str | None,
    **options: Any,
) -> tuple[Reduction, Layout]:
    """Check the options of records, and get ready to add rows up.

    Parameters
    ----------
    names : sequence of str
        Columns of the table.
    outcome, kind, weight, exposure, unit, repeats, indicator
        As in :func:`from_records`.
    **options
        Those that all constructors share.

    Returns
    -------
    Reduction, Layout
        What adds the rows up, and who their cells are about: several outcomes are the indicators
        of the layout, while the rows have no column that names one.
    """
    check_one_of("repeats", repeats, ("events", None))
    outcomes = _outcomes(outcome, indicator)
    several = len(outcomes) > 1
    name_of_outcomes = OUTCOMES
    while name_of_outcomes in names:
        name_of_outcomes += "'"
    if isinstance(kind, Mapping) and not several and outcomes[0] in kind:
        kind = kind[outcomes[0]]
    layout = make_layout(
        names, indicator=name_of_outcomes if several else indicator, kind=kind,
        kinds=("proportion", "rate", "mean"), total=None, dimension=None, suppressed=None,
        **options,
    )  # fmt: skip
    kinds = [layout.kind_of(name) if several else _only_kind(layout) for name in outcomes]
    layout_of_rows = replace(layout, indicator=None if several else indicator)
    if exposure is not None and set(kinds) != {"rate"}:
        raise InputError(
            f"exposure={exposure!r} is the denominator of rates, and the outcome is a "
            f"{next(kind for kind in kinds if kind != 'rate')}: say kind='rate', or leave it out."
        )
    reduction = Reduction(
        layout_of_rows, outcomes, kinds, weight,
        unit=unit, exposure=exposure, indicator=name_of_outcomes,
    )  # fmt: skip
    return reduction, layout


def segments_of_records(
    reduction: Reduction,
    layout: Layout,
    blocks: Callable[[Team], Iterable[Frame]],
    repeats: str | None,
    threads: int | None,
    *,
    size: int | None = None,
) -> Segments:
    """Add all blocks of rows up, and make segments of them.

    Parameters
    ----------
    reduction : Reduction
        What adds them up; it may have taken cells already, and then there are no blocks.
    layout : Layout
        Who the cells are about.
    blocks : callable
        Given the team that computes, gives frames, in the order of their rows.
    repeats, threads
        As in :func:`from_records`.
    size : int, optional
        How many rows there are, where it is known.
    """
    with Team(threads, size) as reduction.team:
        for frame in blocks(reduction.team):
            reduction.add(frame)
        if not reduction.rows:
            raise InputError("The data hold no rows: there is nothing to assess.")
        reduction.finish()
        rows, index, cells = _record_cells(reduction, layout)
    weighted = reduction.weighted_rows
    if weighted and abs(reduction.weights_sum / weighted - 1) <= 0.01:
        cells = cells.noted(cells.state != State.ABSENT, Reason.WEIGHT_UNITS)
    facts = {
        "denominators": _denominators(reduction),
        "dropped": reduction.dropped,
        "events": events_in_words(reduction.kinds, counted_by_person=repeats is None),
        "repeats": reduction.ids_repeat(allowed=repeats == "events"),
        "total": "all rows with a known outcome",
    }
    segments = segments_of(rows.strata, index, cells, layout, facts)
    _check_means(segments)
    return replace(segments, cells=empty_not_absent(segments.cells))


def _outcomes(outcome: str | Sequence[str], indicator: str | None) -> list[str]:
    """List the columns of outcomes: different ones, and no column of indicators beside several."""
    if not isinstance(outcome, (str, list, tuple)):
        raise InputError(f"outcome= takes a column or a list of columns, not {outcome!r}.")
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    if not outcomes or len(set(map(label, outcomes))) < len(outcomes):
        raise InputError(f"outcome= takes a column, or different columns, not {outcome!r}.")
    if len(outcomes) > 1 and indicator is not None:
        raise InputError(
            "Several outcome columns become the indicators: leave indicator= out, or name one "
            "outcome."
        )
    return outcomes


def _only_kind(layout: Layout) -> str:
    """Give the kind of a single outcome, which its indicators share."""
    if isinstance(layout.kind, str):
        return layout.kind
    kinds = set(layout.kind.values())
    if len(kinds) > 1:
        raise InputError("One outcome has one kind: say kind='proportion', 'rate' or 'mean'.")
    return kinds.pop()


def _record_cells(reduction: Reduction, layout: Layout) -> tuple[Rows, Index, Cells]:
    """Make the cells of all dimensions: from a cube if finest cells are one, else from a list."""
    cube = reduction.cube()
    if cube is not None:
        rows = read_cube(cube.segments, cube.strata, layout)
        return rows, *cube_cells(rows, cube, layout, reduction.team)
    coded, cells = reduction.listed()
    if not cells.stats["n"].any():
        also = [w for w in ("weight", "exposure") if getattr(reduction, w) is not None]
        lost = f"row lacks {' or '.join(['outcome', *also])}" if also else "outcome is missing"
        raise InputError(f"Every {lost}: there is nothing to assess.")
    rows = read_rows(coded, layout, unique=True)
    return rows, *record_cells(rows, cells, layout)


def _check_means(segments: Segments) -> None:
    """Stop where scores are nothing but 0 and 1: their mean is a proportion, and hides counts."""
    family, stats = segments.cells.family, segments.cells.stats
    for i, kind in enumerate(segments.kinds):
        strata = np.flatnonzero(segments.strata.indicator == i)
        if kind != "mean" or not len(strata):
            continue
        people, mean, second = (stats[k][0, strata] for k in (family.people, "mean", "m2"))
        some = people > 0
        people, mean, second = people[some], mean[some], second[some]
        binary = np.abs(second - people * mean * (1 - mean)) <= 1e-12 * people
        if binary.all() and ((mean > 0) & (mean < 1)).any():
            name = segments.strata.indicators[i] or "the outcome"
            raise InputError(
                f"kind='mean', and {name} is nothing but 0 and 1: say kind='proportion', so that "
                "people with and without the event are counted, and protected."
            )


def _denominators(reduction: Reduction) -> str:
    """Say in words what people or person-time are the sum of."""
    columns = [name for name in (reduction.weight, reduction.exposure) if name is not None]
    return f"sum of {' × '.join(columns)}" if columns else "rows"
