"""Share of the events over share of the people: who is over- and under-represented.

The index depends on composition: its ceiling is 1/share, so that indices of groups of different
size, or of two places, are not comparable. `disparities` compares; this shows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.rates import implied_events
from targeted_universalism.ask.references import (
    by_dimension,
    overlapping_rows,
    own_reasons,
    with_suppressed,
)
from targeted_universalism.errors import InputError
from targeted_universalism.labels import UNKNOWN
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import State, marks
from targeted_universalism.segments.segments import Segments


def representation(answer: Answer, base: Segments | None) -> pd.DataFrame:
    """Compare each segment's share of the events with its share of a base population.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    base : Segments, optional
        Whose events are the base; without it the denominators are.

    Returns
    -------
    DataFrame
        DESIGN 3.
    """
    events, hidden = _events(answer.segments), with_suppressed(answer)
    if base is None:
        known = answer.cells.state <= State.NO_DATA
        people = np.where(known, answer.cells.stats["population"], np.nan)
    else:
        people, unseen = _aligned(answer, base)
        hidden = hidden | unseen
    counted = ~_uncounted(answer)
    taken = counted & ~hidden & ~(answer.unknown | overlapping_rows(answer))[:, None]
    x, n = (np.where(taken, v, np.nan) for v in (np.where(people == 0, 0.0, events), people))
    rated = counted & ~np.isnan(answer.values["rate"])
    one_sided = taken & ((np.isnan(x) != np.isnan(n)) | (rated & np.isnan(n)))
    incomplete = by_dimension(answer, lambda rows: one_sided[rows].any(axis=0)) & taken
    x_share, n_share = (np.where(incomplete, np.nan, _share(answer, v)) for v in (x, n))
    some = n_share > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(some, x_share / n_share, np.nan)
        ceiling = np.where(some, 1 / n_share, np.nan)
    said = [
        (~counted & (answer.cells.state == State.OK), Reason.NEEDS_COUNTS),
        (rated & hidden, Reason.SUPPRESSED_SEGMENT),
        (rated & ~hidden & overlapping_rows(answer)[:, None], Reason.SHARE_OVERLAPPING),
        (incomplete, Reason.SHARE_UNKNOWN),
        (taken & ~incomplete & (people == 0), Reason.NO_POPULATION),
        (some & np.isnan(x_share), Reason.REFERENCE_ZERO),
        (rated & answer.unknown[:, None], Reason.UNKNOWN_APART),
    ]
    reason = own_reasons(answer)
    for here, why in said:
        reason |= marks(here, why)
    return answer.frame(
        {
            "events_share": x_share,
            "base_share": n_share,
            "index": index,
            "ceiling": ceiling,
            "reason": reason,
        },
        answer.seen & (answer.dimension_of > 0)[:, None],
    )


def _events(segments: Segments) -> FloatArray:
    """Give the events of every cell; those that a published rate implies."""
    cells = segments.cells()
    if cells.source == "counts":
        events = cells.stats["events"]
    else:
        events = implied_events(cells.stats, float(segments.unit))
    return np.where(cells.state == State.OK, events, np.nan)


def _uncounted(answer: Answer) -> BoolArray:
    """Tell where rates are means or standardized, and imply no events."""
    of = np.array([kind not in ("proportion", "rate") for kind in answer.segments.kinds])
    uncounted: BoolArray = np.zeros(answer.cells.shape, dtype=np.bool_)
    uncounted |= of[answer.segments.strata.indicator]
    if answer.cells.source == "estimates":
        uncounted |= answer.cells.stats["standardized"] > 0
    return uncounted


def _share(answer: Answer, values: FloatArray) -> FloatArray:
    """Share of each dimension's sum; missing where nothing adds up to more than 0."""
    known = np.nan_to_num(values)
    sums = by_dimension(answer, lambda rows: known[rows].sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums > 0, values / sums, np.nan)


# --- another base --------------------------------------------------------------------------------


def _aligned(answer: Answer, base: Segments) -> tuple[FloatArray, BoolArray]:
    """Give the base's events for every row and stratum, and where the base hides any of them."""
    _check(answer, base)
    base = base.rolled_up() if answer.options.rollup else base
    stratum = answer.segments.strata.whatever_indicator().match(base.strata.whatever_indicator())
    events = np.full(answer.cells.shape, np.nan)
    unseen = np.zeros(events.shape, dtype=np.bool_)
    blocks = {block.dimension.name: block for block in base.blocks}
    theirs = _events(base)
    starts = np.cumsum([0, *(len(block.dimension) for block in base.blocks)])
    place = dict(zip(blocks, starts[:-1], strict=True))
    for d, dimension in enumerate(answer.dimensions[1:], start=1):
        block, start = blocks[dimension.name], place[dimension.name]
        row = {text: start + i for i, text in enumerate(block.dimension.labels)}
        mine = np.flatnonzero(answer.dimension_of == d)
        rows = np.array([row.get(text, -1) for text in dimension.labels])
        there = (rows >= 0)[:, None] & (stratum >= 0)
        events[mine] = np.where(there, theirs[rows][:, stratum], np.nan)
        hides = (block.cells.state == State.SUPPRESSED).any(axis=0)
        unseen[mine] = (stratum >= 0) & hides[stratum]
    return events, unseen


def _check(answer: Answer, base: Segments) -> None:
    """Stop where the base does not have the same strata columns and segments."""
    if not isinstance(base, Segments):
        raise InputError(
            f"base= takes Segments whose events are the base, not {type(base).__name__}: make them "
            "with tu.from_counts(…, numerator='referred', …)."
        )
    if len(base.strata.indicators) > 1:
        raise InputError("base= holds several indicators: choose one before.")
    names = answer.segments.strata.names
    if set(base.strata.names) != set(names) or base.strata.names != names:
        raise InputError(f"base= has by={list(base.strata.names)}, the answer by={list(names)}.")
    for dimension in answer.dimensions[1:]:
        theirs = base.dimensions.get(dimension.name)
        if theirs is None:
            raise InputError(f"base= has no dimension {dimension.name!r}.")
        known = {x for x, u in zip(dimension.labels, dimension.unknown, strict=True) if not u}
        differ = sorted(known ^ (set(theirs) - {UNKNOWN}))
        if differ:
            raise InputError(
                f"base= and the answer differ in the segments of {dimension.name!r}: {differ}. "
                "Shares need the same segments on both sides."
            )
