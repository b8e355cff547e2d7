"""People become segments: the sufficient statistics of every group in every stratum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray, Number
from targeted_universalism.errors import InputError
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import (
    Block,
    Cells,
    State,
    join,
    pool,
)
from targeted_universalism.segments.strata import Strata


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

    def __add__(self, other: object) -> Segments:
        """Merge with a partner's segments: sufficient statistics add exactly."""
        if not isinstance(other, Segments):
            return NotImplemented
        from targeted_universalism.segments.combine import combine

        return combine([self, other])

    def to_parquet(self, path: str | Path, *, confidential: bool = False) -> Path:
        """Write the statistics to a file that a partner can read and add to theirs.

        Parameters
        ----------
        path : str or Path
            Where to write; its folder must exist.
        confidential : bool
            Needed where any cell counts 1 to 10 people, events, or people without the event: the
            file is marked, and must be kept as safe as the records.

        Returns
        -------
        Path
            The file; :func:`read_segments` reads it.
        """
        from targeted_universalism.segments import store

        return store.write(self, Path(path), confidential)

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
        facts = {**self.facts, "suppression": _strictest(self.facts["suppression"], suppression)}
        return replace(self, blocks=tuple(blocks), facts=facts)

    def rolled_up(self) -> Segments:
        """Add one stratum for each indicator, at the end: all strata together.

        Roll-ups that are there already are in no sum: they are made anew.
        """
        if not self.strata.names:
            raise InputError("rollup=True adds all strata up: name them with by= first.")
        if self.facts.get("repeats"):
            raise InputError(
                "rollup=True would count people twice: ids repeat across strata. Assess the data "
                "without by= instead."
            )
        self._check_weights()
        if self.strata.rolled_up.any():
            return self.take(np.flatnonzero(~self.strata.rolled_up)).rolled_up()
        sums, group = self.strata.add_up(self.strata.names)
        size = len(sums)
        blocks = tuple(
            Block(b.dimension, join([b.cells, _rolled(b.cells, group, size)], axis=1))
            for b in self.blocks
        )
        shown = [np.any(self.seen[:, group == i], axis=1, keepdims=True) for i in range(size)]
        seen = np.concatenate([self.seen, *shown], axis=1)
        return replace(self, strata=self.strata.followed_by(sums), blocks=blocks, seen=seen)

    def _check_weights(self) -> None:
        for block in self.blocks if self.source == "estimates" else ():
            cells = block.cells
            if ((cells.state == State.OK) & np.isnan(cells.stats["population"])).any():
                raise InputError(
                    f"rollup=True weights rates by population, and {block.dimension.name!r} has "
                    "rates without one: name the column with population=, or leave rollup out."
                )


def _strictest(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, Any]:
    """Put two suppressions on record as one: what either has hidden stays hidden."""
    if before is None:
        return dict(now)
    zeros = "hide" if "hide" in (before["zeros"], now["zeros"]) else "show"
    most = {name: max(before[name], now[name]) for name in ("minimum", "width")}
    sums_over = tuple(dict.fromkeys([*before["sums_over"], *now["sums_over"]]))
    return {**now, **most, "zeros": zeros, "sums_over": sums_over}


def _quiet(total: Cells) -> Cells:
    """Take from the total what was noted by comparing it with cells that may now be hidden."""
    compared = np.int64(Reason.PARTITIONS_DIFFER | Reason.TOTAL_OUT_OF_RANGE)
    return replace(total, notes=total.notes & ~compared)


def seen_rows(strata: Strata, blocks: Sequence[Block]) -> BoolArray:
    """Tell which rows a stratum shows: every segment seen anywhere for its indicator."""
    present = np.concatenate([b.cells.state != State.ABSENT for b in blocks])
    seen: BoolArray = np.zeros(present.shape, dtype=np.bool_)
    if len(strata.indicators) == 1:
        seen[:] = present.any(axis=1, keepdims=True)
    for i in range(len(strata.indicators) if len(strata.indicators) > 1 else 0):
        here = strata.indicator == i
        seen[:, here] = np.any(present[:, here], axis=1, keepdims=True)
    seen[0] = True
    return seen


def _rolled(cells: Cells, group: IntArray, size: int) -> Cells:
    """Add up the strata of each group."""
    k = cells.shape[0]
    codes = (np.arange(k)[:, None] * size + group).ravel()
    pooled = pool(cells.each(np.ravel), codes, k * size).each(lambda v: v.reshape(k, size))
    absent = (cells.state == State.ABSENT).ravel()
    gone = np.bincount(codes[absent], minlength=k * size).reshape(k, size) > 0
    # A stratum's total may lie outside its segments where the total of all strata does not.
    pooled = replace(pooled, notes=pooled.notes & ~np.int64(Reason.TOTAL_OUT_OF_RANGE))
    return pooled.noted(gone & (pooled.state != State.ABSENT), Reason.STRATA_WITHOUT_ROW)


def frozen(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a copy of a mapping, and of the mappings in it, that cannot be written to."""
    return MappingProxyType(
        {k: frozen(v) if isinstance(v, Mapping) else v for k, v in facts.items()}
    )


def empty_not_absent(block: Block) -> Block:
    """In records a combination without a row has nobody in it, which is known."""
    state = np.minimum(block.cells.state, np.uint8(State.NO_DATA))
    return Block(block.dimension, replace(block.cells, state=state))
