"""How Segments are made: from counts, from published estimates, from records about people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from targeted_universalism._typing import Number
from targeted_universalism.errors import InputError, advised
from targeted_universalism.read.carried import carried
from targeted_universalism.read.counts import count_cells, count_columns
from targeted_universalism.read.csv import csv_blocks, csv_columns
from targeted_universalism.read.engines import lives_in_an_engine, reduce_in_engine
from targeted_universalism.read.estimates import EstimateColumns, estimate_cells
from targeted_universalism.read.facts import events_in_words, named_kinds, segments_of
from targeted_universalism.read.files import (
    parquet_blocks,
    parquet_columns,
    parquet_files,
)
from targeted_universalism.read.frames import Frame, check_columns, column_names, opened
from targeted_universalism.read.keys import read_rows
from targeted_universalism.read.layout import Overlapping
from targeted_universalism.read.margins import make_blocks
from targeted_universalism.read.options import KINDS, make_layout
from targeted_universalism.read.reduced import reduction_of, segments_of_records
from targeted_universalism.segments.cells import stacked
from targeted_universalism.segments.definition import Defining
from targeted_universalism.segments.segments import Segments

BLOCK_ROWS = 2**20  # rows of a frame in memory that are read at once

Segmentation = str | Overlapping | Sequence[str | Overlapping]


@advised
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
    labels: Mapping[Any, str] | Mapping[str, Mapping[Any, str]] | None = None,
    suppressed: Mapping[Any, Any] | None = None,
    rounded: int | Mapping[str, int] | None = None,
    years: float | Mapping[str, float] | None = None,
    definition: Defining | None = None,
) -> Segments:
    """Make segments from a table of counts: one row for each group, with people and events.

    Parameters
    ----------
    data : data frame
        pandas, polars, pyarrow or their kin. It is never changed.
    numerator, denominator : str
        Columns of events and of people (or person-time): whole numbers, or weighted sums. Counts
        cannot tell whether events repeat in one person: the intervals of rates take them as
        independent, and are too narrow where they are not.
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
        Labels of total rows in the data; ``""``, NaN or ``[None]`` for a blank one. ``()`` says
        that there is none, where a segment happens to be all the others together.
    dimension : str or mapping, optional
        Where one column stacks several partitions: the column that names the partition, or a
        mapping from label to partition.
    exclusive : bool or mapping of dimension to bool
        False where people can be in several segments.
    unknown : label or list of labels, optional
        Labels that mean a missing segment, as a blank one does.
    labels : mapping, optional
        New labels by old ones, ``{"RB": "Black"}``, for all columns of segments or by column,
        ``{"county": {1: "Alameda"}}``; the other options then name the new ones, and the order
        stays that of the old. Old labels with one new name are one group: records of them are added
        up, and two rows of counts or estimates about it are an error, as any two are.
    suppressed : mapping, optional
        Tokens of hidden cells with their bounds, ``{"<11": (1, 10)}``, for all columns or by
        column, ``{"cohort": {0: (1, 10)}}``; None where the bounds are not known. One bound may be
        infinite: ``{"50+": (50, float("inf"))}``. A hidden denominator hides the numerator too.
        Without it, what :func:`read_table` was told of the frame holds; ``{}`` says that none is.
    rounded : int or mapping of column to int, optional
        What counts were rounded to (the nearest 5: ``rounded=5``) before they were published. The
        rate stays that of the rounded counts; gap and people needed get the exact range over all
        counts that round to them, the interval is the widest of all these, and the status is the
        one that they all have, else uncertain.
    years : number or mapping by indicator, optional
        How many years each row pools. Rates and people needed are for all of them together;
        ``effort`` then says per year too.
    definition : Definition, Goal, or mapping of these by indicator, optional
        What is measured, in words. ``+`` and ``combine`` then refuse segments that are defined
        otherwise, and ``assess`` a goal that is.

    Returns
    -------
    Segments
        Small: it holds counts by group, not people.

    Raises
    ------
    InputError
        If a column is missing, a count is negative, a numerator exceeds its denominator, a group
        appears twice (labels that differ in blanks are one), a count is no multiple of what it was
        rounded to, the table stacks partitions that are not named, or a segment is all the others
        together and `total` is not given.

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
    data = opened(data)
    suppressed = carried(data, [numerator, denominator], suppressed)
    layout = make_layout(
        column_names(data), segments=segments, by=by, indicator=indicator, kind=kind,
        kinds=("proportion", "rate"), order=order, total=total, dimension=dimension,
        exclusive=exclusive, unknown=unknown, suppressed=suppressed, cross=cross, years=years,
        definition=definition, labels=labels,
    )  # fmt: skip
    layout.check_tokens([numerator, denominator])
    frame = Frame(data, [*layout.columns, numerator, denominator])
    columns = count_columns(numerator, denominator, rounded)
    rows = read_rows(frame, layout)
    cells = count_cells(frame, rows, layout, columns)
    index, cells = stacked(make_blocks(rows, cells, layout))
    kinds = [layout.kind_of(name) for name in rows.strata.indicators]
    facts: dict[str, Any] = {
        "denominators": denominator, "events": events_in_words(kinds, counted_by_person=False),
    }  # fmt: skip
    if columns.rounded:
        facts["rounded"] = dict(columns.rounded)
    return segments_of(rows.strata, index, cells, layout, facts)


@advised
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
    per: Number | Mapping[str, Number] | None = None,
    adjusted: bool = False,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    total: object = None,
    dimension: str | Mapping[Any, str] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    labels: Mapping[Any, str] | Mapping[str, Mapping[Any, str]] | None = None,
    suppressed: Mapping[Any, Any] | None = None,
    years: float | Mapping[str, float] | None = None,
    definition: Defining | None = None,
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
        Column of people behind each estimate; without it people needed are not available. A hidden
        population hides the rate beside it, whatever stands there.
    n : str, optional
        Column of the people (for a rate: the person-time) that each estimate was counted on. Where
        no precision is given, the interval is then Wilson's for (rate·n, n), and of a rate the
        exact one for rate·n events. For a published rate beside its cohort name the cohort here
        too: without it there is no interval, and no status but "uncertain".
    per : number or mapping by indicator, optional
        Unit of the estimates: 100 for percentages, 1,000 for rates per 1,000.
    adjusted : bool
        Whether the rates are age-adjusted: people needed are then not available.
    segments, by, indicator, cross, order, total, dimension, exclusive, unknown, labels, \
suppressed, years, definition
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
        per=per, adjusted=adjusted,
    )  # fmt: skip
    if isinstance(per, Mapping) and indicator is None:
        raise InputError("per= by indicator needs indicator=, the column that names them.")
    data = opened(data)
    suppressed = carried(data, columns.columns, suppressed)
    layout = make_layout(
        column_names(data), segments=segments, by=by, indicator=indicator, kind=kind, kinds=KINDS,
        order=order, total=total, dimension=dimension, exclusive=exclusive, unknown=unknown,
        suppressed=suppressed, cross=cross, years=years, definition=definition, labels=labels,
    )  # fmt: skip
    layout.check_tokens(columns.columns)
    frame = Frame(data, [*layout.columns, *columns.columns])
    rows = read_rows(frame, layout)
    cells = estimate_cells(frame, rows, layout, columns)
    index, cells = stacked(make_blocks(rows, cells, layout))
    made = segments_of(rows.strata, index, cells, layout, {"denominators": population})
    kinds = tuple("standardized" if adjusted and k == "rate" else k for k in made.kinds)
    level_of_limits = None if ci is None else (0.95 if level is None else level)
    facts = {
        **made.facts, "kind": named_kinds(made.strata, kinds),
        "per": columns.chosen_unit, "precision": columns.precision,
    }  # fmt: skip
    units = tuple(columns.stated(name) for name in made.strata.indicators)
    return replace(made, kinds=kinds, per=units, level=level_of_limits, facts=facts)


@advised
def from_records(
    data: object,
    *,
    outcome: str | Sequence[str],
    segments: Segmentation,
    kind: str | Mapping[str, str] = "proportion",
    weight: str | None = None,
    exposure: str | None = None,
    unit: str | None = None,
    repeats: str | None = None,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    labels: Mapping[Any, str] | Mapping[str, Mapping[Any, str]] | None = None,
    years: float | Mapping[str, float] | None = None,
    definition: Defining | None = None,
    threads: int | None = None,
) -> Segments:
    """Make segments from records: one row for each person (or event), reduced in one pass.

    Parameters
    ----------
    data : data frame
        pandas, polars, pyarrow or their kin. It is never changed. A frame that lives in an engine
        (lazy polars, a DuckDB relation, Dask, Ibis, Spark) is reduced there; only cells travel.
    outcome : str or list of str
        Columns of 0/1 or booleans, of counts (``kind="rate"``) or of scores (``kind="mean"``).
        Several become indicators. Counts may repeat in one person: Σy² is kept, and intervals of
        rates widen by how unequally events fall.
    segments : str, overlapping(…) or list of these
        Columns whose values are segments; ``"race*sex"`` crosses two.
    kind : {"proportion", "rate", "mean"} or mapping by outcome
        What the outcomes are; never inferred from their values.
    weight : str, optional
        Column of sampling weights, 0 or more. People are then counted in units of the weights,
        and intervals use the effective sample size. Rows of weight 0 are dropped, and counted in
        ``choices["dropped"]``, as rows without an outcome are.
    exposure : str, optional
        Column of person-time, 0 or more, as days in care: with ``kind="rate"`` it is the
        denominator in place of people.
    unit : str, optional
        Column of person ids: a repeated id within a stratum is an error. The check holds all ids
        in memory.
    repeats : {"events"}, optional
        Say that ids may repeat, because rows are events.
    by, indicator, cross, order, exclusive, unknown, labels, years, definition
        As in :func:`from_counts`. Without a declared order, and where the column has no categories,
        labels are sorted.
    threads : int, optional
        How many threads compute; else what the environment variable ``TU_THREADS`` says, else one
        for each core, up to eight, and one alone where the frame has 50,000 rows or fewer. The
        result is the same to the bit, whatever their number.

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
    data = opened(data)
    reduction, layout = reduction_of(
        column_names(data), outcome=outcome, segments=segments, kind=kind, weight=weight,
        exposure=exposure, unit=unit, repeats=repeats, by=by, indicator=indicator, cross=cross,
        order=order, exclusive=exclusive, unknown=unknown, years=years, definition=definition,
        labels=labels,
    )  # fmt: skip
    if lives_in_an_engine(data):
        reduce_in_engine(data, reduction)
        return segments_of_records(reduction, layout, lambda _: (), repeats, threads)
    frame = Frame(data, reduction.columns)
    return segments_of_records(
        reduction,
        layout,
        lambda _: frame.blocks(min(BLOCK_ROWS, reduction.most_rows)),
        repeats,
        threads,
        size=len(frame),
    )


@advised
def from_parquet(
    path: str | Path,
    *,
    outcome: str | Sequence[str],
    segments: Segmentation,
    kind: str | Mapping[str, str] = "proportion",
    weight: str | None = None,
    exposure: str | None = None,
    unit: str | None = None,
    repeats: str | None = None,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    labels: Mapping[Any, str] | Mapping[str, Mapping[Any, str]] | None = None,
    years: float | Mapping[str, float] | None = None,
    definition: Defining | None = None,
    threads: int | None = None,
) -> Segments:
    """Make segments from records in Parquet files of any size, read block by block.

    Parameters
    ----------
    path : str or Path
        A file, a folder (``year=2022`` in its paths is a column), or a glob pattern.
    outcome, segments, kind, weight, exposure, unit, repeats, by, indicator, cross, order, \
exclusive, unknown, labels, years, definition, threads
        As in :func:`from_records`.

    Returns
    -------
    Segments
        The same as from the rows in memory. Memory is bounded by cells, not by rows.

    Raises
    ------
    InputError
        If there is no file, a file is incomplete, or a column changes its type between files.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "students.parquet"
    ...     pd.DataFrame({"race": ["A", "B", "B"], "out": [0, 1, 0]}).to_parquet(file)
    ...     tu.from_parquet(folder, outcome="out", segments="race")
    Segments of counts (proportion): 1 stratum; race (2 segments)

    """
    files = parquet_files(path)
    names = parquet_columns(files)
    reduction, layout = reduction_of(
        names, outcome=outcome, segments=segments, kind=kind, weight=weight,
        exposure=exposure, unit=unit, repeats=repeats, by=by, indicator=indicator, cross=cross,
        order=order, exclusive=exclusive, unknown=unknown, years=years, definition=definition,
        labels=labels,
    )  # fmt: skip
    check_columns(reduction.columns, names, None)
    blocks = partial(parquet_blocks, files, reduction.columns)
    return segments_of_records(reduction, layout, blocks, repeats, threads)


@advised
def from_csv(
    path: str | Path,
    *,
    outcome: str | Sequence[str],
    segments: Segmentation,
    kind: str | Mapping[str, str] = "proportion",
    weight: str | None = None,
    exposure: str | None = None,
    unit: str | None = None,
    repeats: str | None = None,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    labels: Mapping[Any, str] | Mapping[str, Mapping[Any, str]] | None = None,
    years: float | Mapping[str, float] | None = None,
    definition: Defining | None = None,
    threads: int | None = None,
) -> Segments:
    r"""Make segments from records in a CSV file of any size, read block by block.

    Parameters
    ----------
    path : str or Path
        A file with a header line. Labels stay text (01 is not 1); an empty cell is missing.
    outcome, segments, kind, weight, exposure, unit, repeats, by, indicator, cross, order, \
exclusive, unknown, labels, years, definition, threads
        As in :func:`from_records`.

    Returns
    -------
    Segments
        Memory is bounded by cells, not by rows.

    Raises
    ------
    InputError
        If the file cannot be read, or for anything that :func:`from_records` stops at.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import targeted_universalism as tu
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "students.csv"
    ...     _ = file.write_text("race,out\nA,0\nB,1\nB,0\n")
    ...     tu.from_csv(file, outcome="out", segments="race")
    Segments of counts (proportion): 1 stratum; race (2 segments)

    """
    names = csv_columns(path)
    reduction, layout = reduction_of(
        names, outcome=outcome, segments=segments, kind=kind, weight=weight,
        exposure=exposure, unit=unit, repeats=repeats, by=by, indicator=indicator, cross=cross,
        order=order, exclusive=exclusive, unknown=unknown, years=years, definition=definition,
        labels=labels,
    )  # fmt: skip
    check_columns(reduction.columns, names, None)
    texts = [*reduction.layout.columns, *([] if unit is None else [unit])]
    numbers = [name for name in reduction.columns if name not in texts]
    blocks = csv_blocks(path, texts, numbers)
    return segments_of_records(reduction, layout, lambda _: blocks, repeats, threads)
