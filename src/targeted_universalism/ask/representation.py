"""Share of the events over share of the people: who is over- and under-represented.

The index depends on composition: its ceiling is 1/share, so that indices of groups of different
size, or of two places, are not comparable. `disparities` compares; this shows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.references import (
    by_dimension,
    overlapping_rows,
    own_reasons,
    with_suppressed,
)
from targeted_universalism.errors import InputError
from targeted_universalism.labels import UNKNOWN
from targeted_universalism.reasons import Reason, because
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import REPRESENTATION
from targeted_universalism.segments.segments import Segments


def representation(answer: Answer, base: Segments | None = None) -> pd.DataFrame:
    """Compare each segment's share of the events with its share of a base population.

    Parameters
    ----------
    base : Segments, optional
        Another base than the denominators: segments whose *events* are the base, as children
        in poverty, or the decision before. Same `by` columns, dimensions and segments.

    Returns
    -------
    DataFrame
        Shares are of the segments that are known; Unknown takes no part.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``events_share``: the segment's share of the events
        - ``base_share``: its share of the base: of the people unless you say
        - ``index``: events share / base share
        - ``ceiling``: the most that the index can be: 1 / base share
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If the base has other strata columns, dimensions or segments.

    Notes
    -----
    ``index`` = events share / base share (the disproportionality index of child welfare). It
    cannot exceed ``ceiling`` = 1 / base share, so that it depends on composition and does not
    compare groups or places: ``disparities`` does (Shaw, Putnam-Hornstein, Magruder & Needell
    2008; California Child Welfare Indicators Project).

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> children = pd.DataFrame({
    ...     "race": ["Black", "White", "Other"], "entries": [187, 240, 573],
    ...     "children": [55_000, 283_000, 662_000],
    ... })
    >>> s = tu.from_counts(
    ...     children, numerator="entries", denominator="children", segments="race", kind="rate"
    ... )
    >>> a = tu.assess(s, tu.Goal.at_most(0.9, per=1_000, name="Entries"))
    >>> a.representation()[["segment", "events_share", "index", "ceiling"]].round(3)
      segment  events_share  index  ceiling
    0   Black         0.187  3.400   18.182
    1   White         0.240  0.848    3.534
    2   Other         0.573  0.866    1.511

    """
    events, hidden = _events(answer.segments), with_suppressed(answer)
    if base is None:
        shown = answer.cells.state <= State.NO_DATA
        people = np.where(shown, answer.cells.population, np.nan)
    else:
        people, unseen = _aligned(answer, base)
        hidden = hidden | unseen
    counted = ~_uncounted(answer)
    taken = counted & ~hidden & ~(answer.unknown | overlapping_rows(answer))[:, None]
    x, n = (np.where(taken, v, np.nan) for v in (np.where(people == 0, 0.0, events), people))
    rated = counted & ~np.isnan(answer.values["rate"])
    uncounted = (answer.cells.state == State.NO_DATA) & np.isnan(answer.cells.population)
    one_sided = taken & ((np.isnan(x) != np.isnan(n)) | (rated & np.isnan(n)) | uncounted)
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
        reason |= because(here, why)
    return answer.frame(
        REPRESENTATION,
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
    cells = segments.cells
    events = cells.family.events(cells.stats, segments.units)
    return np.where(cells.state == State.OK, events, np.nan)


def _uncounted(answer: Answer) -> BoolArray:
    """Tell where rates are means or standardized, and imply no events."""
    of = np.array([kind not in ("proportion", "rate") for kind in answer.segments.kinds])
    uncounted: BoolArray = np.zeros(answer.cells.shape, dtype=np.bool_)
    uncounted |= of[answer.segments.strata.indicator]
    if not answer.cells.family.counted:
        uncounted |= answer.cells.stats["standardized"] > 0
    return uncounted


def _share(answer: Answer, values: FloatArray) -> FloatArray:
    """Share of each dimension's sum; missing where nothing adds up to more than 0."""
    added = np.nan_to_num(values)
    sums = by_dimension(answer, lambda rows: added[rows].sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums > 0, values / sums, np.nan)


# --- another base --------------------------------------------------------------------------------


def _aligned(answer: Answer, base: Segments) -> tuple[FloatArray, BoolArray]:
    """Give the base's events for every row and stratum, and where the base hides any of them."""
    _check(answer, base)
    if answer.options.rollup:
        base = base.rolled_up(answer.options.rollup)
    stratum = answer.segments.strata.whatever_indicator().match(base.strata.whatever_indicator())
    rows, theirs = base.index.match(answer.segments.index), _events(base)
    events = np.where((rows >= 0)[:, None] & (stratum >= 0), theirs[rows][:, stratum], np.nan)
    events[0] = np.nan
    unseen = np.zeros(events.shape, dtype=np.bool_)
    places = {dimension.name: d for d, dimension in enumerate(base.index.dimensions)}
    for d, dimension in enumerate(answer.dimensions[1:], start=1):
        there = base.index.slices[places[dimension.name]]
        hides = (base.cells.state[there] == State.SUPPRESSED).any(axis=0)
        unseen[answer.segments.index.slices[d]] = (stratum >= 0) & hides[stratum]
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
        named = {x for x, u in zip(dimension.labels, dimension.unknown, strict=True) if not u}
        differ = sorted(named ^ (set(theirs) - {UNKNOWN}))
        if differ:
            raise InputError(
                f"base= and the answer differ in the segments of {dimension.name!r}: {differ}. "
                "Shares need the same segments on both sides."
            )
