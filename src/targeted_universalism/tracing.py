"""The façade of pathways: a table of stages in, a table of indices out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from targeted_universalism.constructors import Segmentation, from_counts
from targeted_universalism.frames import opened
from targeted_universalism.reason import pathways


def pathway(
    data: object,
    *,
    stages: Sequence[str],
    segments: Segmentation,
    reference: str | Mapping[str, str],
    directions: str | Mapping[str, str],
    by: str | Sequence[str] | None = None,
    parents: Mapping[str, str] | None = None,
    minimum: int = 5,
    total: object = None,
    dimension: str | Mapping[Any, str] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    suppressed: Mapping[Any, Any] | None = None,
) -> pd.DataFrame:
    """Follow groups through decision points, to find where along the path a disparity arises.

    Parameters
    ----------
    data : data frame
        One row for each group, one column of counts for each stage; any frame that
        :func:`from_counts` reads.
    stages : list of str
        Columns in the order of the path, the population first.
    segments, by, total, dimension, exclusive, unknown, suppressed
        As in :func:`from_counts`; tokens of hidden cells may be given by column.
    reference : str or mapping
        The segment that others are compared with, or one for each dimension.
    directions : str or mapping
        "at least" or "at most" is wanted of each stage: more diversion, fewer detentions. Indices
        are never turned round.
    parents : mapping, optional
        The stage that feeds a stage, where it is not the one before: ``{"diversion": "referral"}``.
    minimum : int
        Counts below it, of the segment or of the reference, are flagged "unreliable".

    Returns
    -------
    DataFrame
        A row for each stage after the population, of each segment in each stratum: the `by`
        columns, ``dimension``, ``segment``, ``stage``, ``parent``, ``direction``, ``count``,
        ``base`` (the count of the parent), ``stage_rate``, ``population_rate``, ``reference``,
        ``stage_index``, ``stage_index_low``, ``stage_index_high``, ``population_index``,
        ``population_index_low``, ``population_index_high``, ``disparity_share``, ``flag``,
        ``reason``.

    Raises
    ------
    InputError
        If a stage has no direction, a parent comes after its child, or the reference is no segment.

    Notes
    -----
    ``stage_index`` is the relative rate index of the OJJDP: the ratio of the rates from one stage
    to the next. ``population_index`` is the ratio of rates per head of the first stage, which
    carries the disparity of all stages before. Along the path to the last stage the stage indices
    multiply to the population index, so that ``disparity_share`` = ln(stage index) / ln(population
    index of the last stage); it may lie below 0 or above 1. Stages off that path have none.
    Intervals at 95 %: MOVER of Wilson limits; exact conditional ones where a count exceeds its
    base, which is reported and not cut. All stages must count the same unit, children or events.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> counts = pd.DataFrame({
    ...     "race": ["Black", "White"], "children": [10_000, 40_000], "referred": [800, 1_600],
    ...     "substantiated": [240, 400], "removed": [96, 120],
    ... })
    >>> table = tu.pathway(
    ...     counts, stages=["children", "referred", "substantiated", "removed"], segments="race",
    ...     reference="White", directions="at most",
    ... )
    >>> table[table["segment"] == "Black"][
    ...     ["stage", "stage_index", "population_index", "disparity_share"]
    ... ].round(2)
               stage  stage_index  population_index  disparity_share
    3       referred         2.00               2.0             0.60
    4  substantiated         1.20               2.4             0.16
    5        removed         1.33               3.2             0.25

    """
    path = pathways.make_path(stages, parents, directions)
    frame, tokens = opened(data), suppressed or {}
    by_column = any(isinstance(value, Mapping) for value in tokens.values())
    parts = [
        from_counts(
            frame, numerator=stage, denominator=path.stages[0], segments=segments, by=by,
            kind="rate", total=total, dimension=dimension, exclusive=exclusive, unknown=unknown,
            suppressed=_of(tokens, (stage, path.stages[0])) if by_column else suppressed,
        )
        for stage in path.stages[1:]
    ]  # fmt: skip
    return pathways.pathway_table(pathways.count_stages(parts), path, reference, minimum)


def _of(tokens: Mapping[Any, Any], columns: Sequence[str]) -> dict[Any, Any]:
    """Keep the tokens of some columns."""
    return {name: known for name, known in tokens.items() if name in columns}
