"""How Segments are made: from counts, from published estimates, from records about people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from targeted_universalism._typing import Number
from targeted_universalism.cells import Block, State
from targeted_universalism.counts import count_cells
from targeted_universalism.errors import InputError, Reason
from targeted_universalism.frames import Frame, column_names
from targeted_universalism.layout import KINDS, Layout, Overlapping, make_layout
from targeted_universalism.published import EstimateColumns, estimate_cells
from targeted_universalism.records import OUTCOMES, Reduction
from targeted_universalism.rows import Strata, read_rows
from targeted_universalism.segments import Segments, seen_rows
from targeted_universalism.tables import make_blocks

Segmentation = str | Overlapping | Sequence[str | Overlapping]


def from_counts(
    data: object,
    *,
    numerator: str,
    denominator: str,
    segments: Segmentation,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    kind: str | Mapping[str, str] = "proportion",
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    total: object = None,
    dimension: str | Mapping[Any, str] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    suppressed: Mapping[Any, Any] | None = None,
) -> Segments:
    """Make segments from a table of counts: one row for each group, with people and events.

    Parameters
    ----------
    data : data frame
        pandas, polars, pyarrow or their kin. It is never changed.
    numerator, denominator : str
        Columns of events and of people (or person-time): whole numbers, or weighted sums.
    segments : str, overlapping(…) or list of these
        Columns whose values are segments; ``"race*sex"`` crosses two.
    by : str or list of str, optional
        Columns the analysis is repeated over: the strata.
    indicator : str, optional
        Column that names what is measured.
    kind : {"proportion", "rate"} or mapping by indicator
        Whether events are among the people counted, or may repeat.
    cross : int
        Add every combination of the columns, up to this many ways.
    order : mapping of str to list, optional
        Order of ordinal dimensions, most disadvantaged first.
    total : label or list of labels, optional
        Labels of total rows in the data.
    dimension : str or mapping, optional
        Where one column stacks several partitions: the column that names the partition, or a
        mapping from label to partition.
    exclusive : bool or mapping of dimension to bool
        False where people can be in several segments.
    unknown : label or list of labels, optional
        Labels that mean a missing segment.
    suppressed : mapping, optional
        Tokens of hidden cells with their bounds, ``{"<11": (1, 10)}``, for all columns or by
        column, ``{"cohort": {0: (1, 10)}}``; None where the bounds are not known.

    Returns
    -------
    Segments
        Small: it holds counts by group, not people.

    Raises
    ------
    InputError
        If a column is missing, a count is negative, a numerator exceeds its denominator, a group
        appears twice, or the table stacks partitions that are not named.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "group": ["All", "Asian", "Black", "Latino"],
    ...     "graduated": [4870, 1910, "*", 2020], "cohort": [5600, 2000, 600, 3000],
    ... })
    >>> tu.from_counts(
    ...     pupils, numerator="graduated", denominator="cohort", segments="group",
    ...     total="All", suppressed={"*": None},
    ... )
    Segments of counts (proportion): 1 stratum; group (3 segments)

    """
    layout = make_layout(
        column_names(data), segments=segments, by=by, indicator=indicator, kind=kind,
        kinds=("proportion", "rate"), order=order, total=total, dimension=dimension,
        exclusive=exclusive, unknown=unknown, suppressed=suppressed, cross=cross,
    )  # fmt: skip
    layout.check_tokens([numerator, denominator])
    frame = Frame(data, [*layout.columns, numerator, denominator])
    rows = read_rows(frame, layout)
    blocks = make_blocks(rows, count_cells(frame, rows, layout, numerator, denominator), layout)
    return _segments(rows.strata, blocks, layout, {"denominators": denominator})


def from_estimates(
    data: object,
    *,
    estimate: str,
    segments: Segmentation,
    kind: str | Mapping[str, str],
    se: str | None = None,
    moe: str | None = None,
    ci: tuple[str, str] | None = None,
    level: float | None = None,
    population: str | None = None,
    n: str | None = None,
    per: Number | None = None,
    adjusted: bool = False,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    total: object = None,
    dimension: str | Mapping[Any, str] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    suppressed: Mapping[Any, Any] | None = None,
) -> Segments:
    """Make segments from a table of published estimates: one row for each group, with its rate.

    Parameters
    ----------
    data : data frame
        pandas, polars, pyarrow or their kin. It is never changed.
    estimate : str
        Column of the published rates, in units of `per`.
    kind : {"proportion", "rate", "mean", "standardized"} or mapping by indicator
        What the estimates are; never inferred from their values.
    se, moe, ci : str, str, pair of str, optional
        At most one: the column of standard errors, of margins of error (90 % unless `level` says
        otherwise, as the American Community Survey publishes them), or of both limits (95 %).
    level : float, optional
        Level of `moe` or `ci`.
    population : str, optional
        Column of people behind each estimate; without it people needed are not available.
    n : str, optional
        Column of sample sizes.
    per : number, optional
        Unit of the estimates: 100 for percentages, 1,000 for rates per 1,000.
    adjusted : bool
        Whether the rates are age-adjusted: people needed are then not available.
    segments, by, indicator, cross, order, total, dimension, exclusive, unknown, suppressed
        As in :func:`from_counts`; bounds of hidden estimates are in units of `per`.

    Returns
    -------
    Segments
        With totals weighted by population, as if segments were independent.

    Raises
    ------
    InputError
        If a proportion lies outside 0 to `per`, an estimate outside its interval, a standard
        error is negative, or for anything that :func:`from_counts` stops at.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rates = pd.DataFrame({
    ...     "race": ["Asian", "Black"], "rate": [0.37, 4.89], "children": [76637, 39302],
    ... })
    >>> tu.from_estimates(
    ...     rates, estimate="rate", segments="race", kind="rate", per=1000, population="children"
    ... )
    Segments of estimates (rate): 1 stratum; race (2 segments)

    """
    columns = EstimateColumns(
        estimate=estimate, se=se, moe=moe, ci=ci, level=level, population=population, n=n,
        per=1 if per is None else per, adjusted=adjusted,
    )  # fmt: skip
    layout = make_layout(
        column_names(data), segments=segments, by=by, indicator=indicator, kind=kind, kinds=KINDS,
        order=order, total=total, dimension=dimension, exclusive=exclusive, unknown=unknown,
        suppressed=suppressed, cross=cross,
    )  # fmt: skip
    layout.check_tokens(columns.columns)
    frame = Frame(data, [*layout.columns, *columns.columns])
    rows = read_rows(frame, layout)
    blocks = make_blocks(rows, estimate_cells(frame, rows, layout, columns), layout)
    made = _segments(rows.strata, blocks, layout, {"denominators": population})
    kinds = tuple("standardized" if adjusted and k == "rate" else k for k in made.kinds)
    shown = None if ci is None else (0.95 if level is None else level)
    facts = {**made.facts, "kind": _named_kinds(made.strata, kinds)}
    return replace(made, kinds=kinds, per=per, level=shown, facts=facts)


BLOCK_ROWS = 2**20


def from_records(
    data: object,
    *,
    outcome: str | Sequence[str],
    segments: Segmentation,
    kind: str | Mapping[str, str] = "proportion",
    weight: str | None = None,
    unit: str | None = None,
    repeats: str | None = None,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
) -> Segments:
    """Make segments from records: one row for each person (or event), reduced in one pass.

    Parameters
    ----------
    data : data frame
        pandas, polars, pyarrow or their kin. It is never changed.
    outcome : str or list of str
        Columns of 0/1 or booleans, of counts (``kind="rate"``) or of scores (``kind="mean"``).
        Several become indicators.
    segments : str, overlapping(…) or list of these
        Columns whose values are segments; ``"race*sex"`` crosses two.
    kind : {"proportion", "rate", "mean"} or mapping by outcome
        What the outcomes are; never inferred from their values.
    weight : str, optional
        Column of sampling weights, 0 or more. People are then counted in units of the weights,
        and intervals use the effective sample size.
    unit : str, optional
        Column of person ids: a repeated id within a stratum is an error. The check holds all ids
        in memory.
    repeats : {"events"}, optional
        Say that ids may repeat, because rows are events.
    by, indicator, cross, order, exclusive, unknown
        As in :func:`from_counts`. Without a declared order, labels are sorted.

    Returns
    -------
    Segments
        Counts (or weighted moments) of every segment in every stratum; the total is all rows with
        a known outcome.

    Raises
    ------
    InputError
        If an outcome is not 0 or 1 under ``kind="proportion"``, a stratum is missing, a weight is
        negative, an id repeats, or for anything that :func:`from_counts` stops at.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> students = pd.DataFrame({
    ...     "race": ["Black", "Black", "White", "White", None], "sex": ["F", "M", "F", "M", "M"],
    ...     "graduated": [True, False, True, True, None],
    ... })
    >>> s = tu.from_records(students, outcome="graduated", segments=["race", "sex"], cross=2)
    >>> tu.assess(s, tu.Goal.at_least(0.9)).table[["segment", "n", "events"]].head(3)
      segment  n  events
    0     All  4     3.0
    1   Black  2     1.0
    2   White  2     2.0

    """
    outcomes = _outcomes(outcome, indicator)
    several = len(outcomes) > 1
    layout = make_layout(
        column_names(data), segments=segments, by=by, indicator=OUTCOMES if several else indicator,
        kind=kind, kinds=("proportion", "rate", "mean"), order=order, total=None, dimension=None,
        exclusive=exclusive, unknown=unknown, suppressed=None, cross=cross,
    )  # fmt: skip
    kinds = [layout.kind_of(name) if several else _only_kind(layout) for name in outcomes]
    reduction = Reduction(
        replace(layout, indicator=None if several else indicator), outcomes, kinds, weight
    )
    numbers = [*outcomes, *([] if weight is None else [weight])]
    frame = Frame(data, [*reduction.layout.columns, *numbers, *([] if unit is None else [unit])])
    repeated = _check_units(frame, reduction.layout, unit, repeats)
    for block in frame.blocks(BLOCK_ROWS):
        reduction.add(block)
    return _reduced(reduction, layout, repeated)


def _outcomes(outcome: str | Sequence[str], indicator: str | None) -> list[str]:
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    if not outcomes or len(set(outcomes)) < len(outcomes):
        raise InputError(f"outcome= takes a column, or different columns, not {outcome!r}.")
    if len(outcomes) > 1 and indicator is not None:
        raise InputError(
            "Several outcome columns become the indicators: leave indicator= out, or name one "
            "outcome."
        )
    return outcomes


def _only_kind(layout: Layout) -> str:
    if isinstance(layout.kind, str):
        return layout.kind
    kinds = set(layout.kind.values())
    if len(kinds) > 1:
        raise InputError("One outcome has one kind: say kind='proportion', 'rate' or 'mean'.")
    return kinds.pop()


def _check_units(frame: Frame, layout: Layout, unit: str | None, repeats: str | None) -> bool:
    """Stop at an id that repeats within a stratum; tell whether ids repeat across strata."""
    if repeats not in (None, "events"):
        raise InputError(f"repeats={repeats!r} is not known. Expected 'events', or nothing.")
    if unit is None:
        return False
    ids = frame.keys(unit).codes
    if (ids < 0).any():
        row = int(np.argmax(ids < 0))
        raise InputError(f"unit={unit!r} is missing in data row {row} (counting from 0).")
    stratum = np.zeros(len(ids), dtype=np.int64)
    for name in (*layout.by, *([] if layout.indicator is None else [layout.indicator])):
        keys = frame.keys(name)
        _, stratum = np.unique(stratum * (len(keys.levels) + 1) + keys.codes, return_inverse=True)
    key = stratum.astype(np.int64) * (int(ids.max(initial=0)) + 1) + ids
    if repeats is None and len(np.unique(key)) < len(key):
        _, first, count = np.unique(key, return_index=True, return_counts=True)
        row = int(first[count > 1].min())
        raise InputError(
            f"{int((count > 1).sum()):,} ids of unit={unit!r} repeat within a stratum (first in "
            f"data row {row}, counting from 0): each person must be counted once. If rows are "
            "events, say repeats='events'."
        )
    return len(np.unique(ids)) < len(ids)


def _reduced(reduction: Reduction, layout: Layout, repeated: bool) -> Segments:
    """Make segments of what a reduction has added up."""
    if not reduction.rows:
        raise InputError("The data hold no rows: there is nothing to assess.")
    coded, cells = reduction.cells()
    if not len(coded):
        raise InputError("Every outcome is missing: there is nothing to assess.")
    if reduction.weights_sum and abs(reduction.weights_sum / reduction.rows - 1) <= 0.01:
        cells = cells.noted(np.ones(cells.shape, dtype=np.bool_), Reason.WEIGHT_UNITS)
    rows = read_rows(coded, layout, unique=True)
    blocks = make_blocks(rows, cells, layout, whole=True)
    facts = {
        "denominators": "rows" if reduction.weight is None else f"sum of {reduction.weight}",
        "dropped": reduction.dropped,
        "repeats": repeated,
        "total": "all rows with a known outcome",
    }
    made = _segments(rows.strata, blocks, layout, facts)
    return replace(made, blocks=tuple(_empty_not_absent(block) for block in made.blocks))


def _empty_not_absent(block: Block) -> Block:
    """In records a combination without a row has nobody in it, which is known."""
    cells = block.cells
    absent = cells.state == State.ABSENT
    unknown = {"mean", "mean2", "m2", "m22"}
    stats = {k: v if k in unknown else np.where(absent, 0.0, v) for k, v in cells.stats.items()}
    state = np.where(absent, State.NO_DATA, cells.state).astype(np.uint8)
    return Block(block.dimension, replace(cells, state=state, stats=stats))


def _segments(
    strata: Strata, blocks: tuple[Block, ...], layout: Layout, facts: Mapping[str, Any]
) -> Segments:
    kinds = tuple(layout.kind_of(name) for name in strata.indicators)
    return Segments(
        strata,
        blocks,
        kinds,
        None,
        None,
        {
            "kind": _named_kinds(strata, kinds),
            "denominators": None,
            "exclusive": {b.dimension.name: b.dimension.exclusive for b in blocks[1:]},
            "total": _how_total(layout, blocks),
            "suppressed": {str(k): v for k, v in layout.suppressed.items()},
            "dropped": 0,
            "suppression": None,
            **facts,
        },
        seen_rows(strata, blocks),
    )


def _named_kinds(strata: Strata, kinds: tuple[str, ...]) -> str | dict[str, str]:
    if strata.indicator_name is None:
        return kinds[0]
    return dict(zip(strata.indicators, kinds, strict=True))


def _how_total(layout: Layout, blocks: tuple[Block, ...]) -> str:
    """Say in words where totals come from, and whether a partition could be checked."""
    exclusive = [b.dimension.name for b in blocks[1:] if b.dimension.exclusive]
    added = f"sum of {exclusive[0]}" if exclusive else "none: overlapping segments are never summed"
    if exclusive and blocks[0].cells.source == "estimates":
        added += ", weighted by population as if independent"
    if layout.total:
        names = ", ".join(sorted(layout.total))
        return f"declared ({names}), else {added}"
    alone = len(layout.axes) == 1 and layout.partition is None and exclusive
    return f"{added} (partition not verified)" if alone else added
