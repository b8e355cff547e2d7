"""Several tables about the same people, laid out and put together, with what they all share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from targeted_universalism.privacy.finest import finest, ring
from targeted_universalism.privacy.keys import Vocabulary, cell_numbers, exclusive_axes, splits_of
from targeted_universalism.privacy.laid import axes_of, laid_out, people_alone
from targeted_universalism.privacy.merge import SHARED, Merge, Together
from targeted_universalism.segments.segments import Segments


def together(
    tables: Sequence[Segments], sums_over: Sequence[str] = (), census: Sequence[Segments] = ()
) -> Together:
    """Put tables together; of the first, sums are published beside it.

    Parameters
    ----------
    tables : sequence of Segments
        Public or not, any roll-up included.
    sums_over : sequence of str
        `by` columns of the first table whose totals are published too.
    census : sequence of Segments
        Tables of which the people alone are known, and nothing published.
    """
    every = [*tables, *census]
    axes = [axes_of(table) for table in every]
    vocabulary = Vocabulary([name for each in axes for one in each for name in sorted(one)])
    laid, codes = [], []
    for i, table in enumerate(every):
        others = list(dict.fromkeys(a for k, each in enumerate(axes) if k != i for a in each))
        release, code = laid_out(table, others, sums_over if i == 0 else (), vocabulary)
        laid.append(release if i < len(tables) else people_alone(release))
        codes.append(code)
    keys = cell_numbers(codes)
    releases = [replace(one, key=key) for one, key in zip(laid, keys, strict=True)]
    merge = Merge(releases)
    merged = merge.done([table.cells.shape for table in every])
    if not ring({one for each in axes for one in each}):
        return merged
    about = vocabulary.apart(merged.from_home(codes), _overlapping(every))
    measure = np.where(merged.left > 0, -1, merged.from_home(merge.measures))
    groups = finest(about, measure, merged.grid.counts, merged.grid.people_at)
    return merged if groups is None else merged.with_left(groups, SHARED)


def _overlapping(tables: Sequence[Segments]) -> set[str]:
    """List the axes on which somebody may be in several segments of a table."""
    every = [splits_of(table.index.dimensions) for table in tables]
    return {
        axis for splits in every for split in splits for axis in split.axes
        if axis not in exclusive_axes(splits)
    }  # fmt: skip
