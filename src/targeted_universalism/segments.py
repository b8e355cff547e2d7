"""People become segments: the sufficient statistics of every group in every stratum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray, Number
from targeted_universalism.cells import Block, Cells, State, join, pool
from targeted_universalism.counts import count_cells
from targeted_universalism.errors import InputError, Reason
from targeted_universalism.frames import Frame, column_names
from targeted_universalism.layout import KINDS, Layout, Overlapping, make_layout
from targeted_universalism.published import EstimateColumns, estimate_cells
from targeted_universalism.rows import Strata, read_rows
from targeted_universalism.tables import make_blocks

Segmentation = str | Overlapping | Sequence[str | Overlapping]


@dataclass(frozen=True, eq=False, repr=False)
class Segments:
    """Who was counted, and how they are split: layout and one block of cells per dimension.

    Made by :func:`from_counts` or :func:`from_estimates`, never by hand.

    Parameters
    ----------
    strata : Strata
        What the analysis is repeated over.
    blocks : tuple of Block
        One for each dimension, the total first; cells shaped (segments, strata).
    kinds : tuple of str
        Kind of each indicator: proportion, rate, mean or standardized.
    per : number or None
        Unit of published rates; None where it was not said.
    level : float or None
        Level of published intervals; None where none were given.
    facts : mapping
        The choices made on the way in.
    seen : (segments of all dimensions, strata) array of bool
        Which rows a stratum shows: every segment seen anywhere for its indicator.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({"race": ["Asian", "Black"], "out": [30, 50], "all": [300, 200]})
    >>> tu.from_counts(pupils, numerator="out", denominator="all", segments="race")
    Segments of counts (proportion): 1 stratum; race (2 segments)

    """

    strata: Strata
    blocks: tuple[Block, ...]
    kinds: tuple[str, ...]
    per: Number | None
    level: float | None
    facts: Mapping[str, Any]
    seen: BoolArray

    @property
    def source(self) -> str:
        """Family of statistics: "counts" or "estimates"."""
        return self.blocks[0].cells.source

    @property
    def unit(self) -> Number:
        """Unit that rates are held in: `per` for published rates, 1 for counts."""
        return 1 if self.per is None else self.per

    @property
    def choices(self) -> Mapping[str, Any]:
        """What was chosen in the constructor, and by :meth:`Assessment.suppress`."""
        return frozen(self.facts)

    @property
    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """The segments of each dimension, in order."""
        return {block.dimension.name: block.dimension.labels for block in self.blocks[1:]}

    def __repr__(self) -> str:
        splits = ", ".join(
            f"{name} ({len(labels):,} segment{'s' * (len(labels) != 1)})"
            for name, labels in list(self.dimensions.items())[:6]
        )
        more = f" and {len(self.dimensions) - 6} more" if len(self.dimensions) > 6 else ""
        count = len(self.strata)
        kinds = ", ".join(dict.fromkeys(self.kinds))
        return (
            f"Segments of {self.source} ({kinds}): {count:,} strat{'um' if count == 1 else 'a'}; "
            f"{splits}{more}"
        )

    def cells(self) -> Cells:
        """Return all cells, dimension under dimension: shape (segments of all, strata)."""
        return join([block.cells for block in self.blocks], axis=0)

    def take(self, positions: IntArray) -> Segments:
        """Keep some strata."""
        return replace(
            self,
            strata=self.strata.take(positions),
            seen=self.seen[:, positions],
            blocks=tuple(Block(b.dimension, b.cells.strata(positions)) for b in self.blocks),
        )

    def keep(self, dimensions: Sequence[str]) -> Segments:
        """Keep the total and some dimensions."""
        kept = [b.dimension.name in {"total", *dimensions} for b in self.blocks]
        rows = np.repeat(kept, [len(b.dimension) for b in self.blocks])
        blocks = tuple(b for b, here in zip(self.blocks, kept, strict=True) if here)
        return replace(self, blocks=blocks, seen=self.seen[rows])

    def masked(self, hidden: BoolArray, suppression: Mapping[str, Any]) -> Segments:
        """Remove cells for good: `hidden` is shaped as :meth:`cells`.

        The bounds of cells that the input hid go too, so that every hidden cell looks the same.
        """
        blocks, start = [], 0
        for block in self.blocks:
            stop = start + len(block.dimension)
            here = hidden[start:stop] | (block.cells.state == State.SUPPRESSED)
            cells = replace(block.cells.hidden(here), bounds={})
            blocks.append(Block(block.dimension, cells))
            start = stop
        blocks[0] = Block(blocks[0].dimension, _quiet(blocks[0].cells))
        facts = {**self.facts, "suppression": dict(suppression)}
        return replace(self, blocks=tuple(blocks), facts=facts)

    def rolled_up(self) -> Segments:
        """Add one stratum for each indicator, at the end: all strata together."""
        if not self.strata.names:
            raise InputError("rollup=True adds all strata up: name them with by= first.")
        self._check_weights()
        codes, size = self.strata.indicator, len(self.strata.indicators)
        used = np.unique(codes)
        blocks = tuple(
            Block(b.dimension, join([b.cells, _rolled(b.cells, codes, size, used)], axis=1))
            for b in self.blocks
        )
        missing = np.full((len(self.strata.names), len(used)), -1, dtype=np.int64)
        strata = replace(
            self.strata,
            codes=np.concatenate([self.strata.codes, missing], axis=1),
            indicator=np.concatenate([codes, used]),
        )
        shown = [np.any(self.seen[:, codes == i], axis=1, keepdims=True) for i in used]
        seen = np.concatenate([self.seen, *shown], axis=1)
        return replace(self, strata=strata, blocks=blocks, seen=seen)

    def _check_weights(self) -> None:
        for block in self.blocks if self.source == "estimates" else ():
            cells = block.cells
            if ((cells.state == State.OK) & np.isnan(cells.stats["population"])).any():
                raise InputError(
                    f"rollup=True weights rates by population, and {block.dimension.name!r} has "
                    "rates without one: name the column with population=, or leave rollup out."
                )


def _quiet(total: Cells) -> Cells:
    """Take from the total what was noted by comparing it with cells that may now be hidden."""
    compared = np.int64(Reason.PARTITIONS_DIFFER | Reason.TOTAL_OUT_OF_RANGE)
    return replace(total, notes=total.notes & ~compared)


def _seen(strata: Strata, blocks: Sequence[Block]) -> BoolArray:
    """Tell which rows a stratum shows: every segment seen anywhere for its indicator."""
    present = np.concatenate([b.cells.state != State.ABSENT for b in blocks])
    seen: BoolArray = np.zeros(present.shape, dtype=np.bool_)
    for i in range(len(strata.indicators)):
        here = strata.indicator == i
        seen[:, here] = np.any(present[:, here], axis=1, keepdims=True)
    seen[0] = True
    return seen


def _rolled(cells: Cells, indicator: IntArray, size: int, used: IntArray) -> Cells:
    """Add up the strata of each indicator."""
    k = cells.shape[0]
    codes = (np.arange(k)[:, None] * size + indicator[None, :]).ravel()
    pooled = pool(cells.each(np.ravel), codes, k * size).each(lambda v: v.reshape(k, size)[:, used])
    absent = (cells.state == State.ABSENT).ravel()
    gone = np.bincount(codes[absent], minlength=k * size).reshape(k, size)[:, used] > 0
    return pooled.noted(gone & (pooled.state != State.ABSENT), Reason.STRATA_WITHOUT_ROW)


def frozen(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a copy of a mapping, and of the mappings in it, that cannot be written to."""
    return MappingProxyType(
        {k: frozen(v) if isinstance(v, Mapping) else v for k, v in facts.items()}
    )


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
            **facts,
            "exclusive": {b.dimension.name: b.dimension.exclusive for b in blocks[1:]},
            "total": _how_total(layout, blocks),
            "suppressed": {str(k): v for k, v in layout.suppressed.items()},
            "dropped": 0,
            "suppression": None,
        },
        _seen(strata, blocks),
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
