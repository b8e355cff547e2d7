"""How unequal segments are, in one number: every measure, for all strata at once (RULES 6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.inequality.grid import SPLIT, SummaryGrid
from targeted_universalism.ask.inequality.groups import DimensionGroup
from targeted_universalism.ask.inequality.strata import How
from targeted_universalism.ask.inequality.theil import TheilByPlace
from targeted_universalism.errors import InputError, check_one_of, check_whole, did_you_mean
from targeted_universalism.measures.inequality.register import Asked, asked

INTERVALS = ("analytic", "simulate")


def summarize(
    answer: Answer,
    measures: Sequence[str] | None = None,
    *,
    intervals: str = "analytic",
    minimum: int = 0,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Say in one number how unequal segments are: one row for each stratum and measure.

    Parameters
    ----------
    measures : list of str, optional
        Names or codes (``"ti"``, ``"sii"``); those that need a choice carry it in brackets:
        ``"mdru(White)"``, ``"d(White)"``, ``"atkinson(0.5)"``, ``"ge(2)"``, ``"renyi(2)"``.
        Without it, every measure that leaves nothing to choose.
    intervals : {"analytic", "simulate"}
        ``"analytic"`` makes each interval of the segments' own limits, by the form that belongs to
        the measure's shape, so that small segments, those without events, ties and equal rates
        are held too. ``"simulate"`` draws rates inside their bounds (Beta for proportions, Gamma
        for rates, normal for means) and takes percentiles.
    minimum : int
        Measures that look for the best or the worst segment (d, r, par, paf, mdbu, mdbw, srd, srr,
        hp_index_of_disparity, unless an order says which it is) leave out segments with fewer
        people: these are neither best nor worst, nor in the average beside them, and ``segments``
        does not count them. A segment that is named stays. All other measures are of all
        segments. People are those counted, else the population; where neither is known, nobody is
        left out and the row says so. 0 leaves nobody out.
    draws : int
        Number of draws, at least 100.
    seed : int
        Where the draws start. Every stratum starts from it.

    Returns
    -------
    DataFrame
        One row for each stratum, dimension and measure.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``measure``: name of the function in tu.measures
        - ``code``: the measure as it is asked for: ti, atkinson(0.5)
        - ``scale``: absolute or relative
        - ``value`` (``per``): the measure; variances in the square of the unit, relative measures
          plain numbers
        - ``se`` (``per``): its standard error
        - ``ci_low``, ``ci_high`` (``per``): its interval
        - ``expected_if_equal`` (``per``): what noise alone makes of it, on average, where all
          segments are equal
        - ``segments``: how many segments are in it
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If a measure is not known, or its choice is missing or of no use.

    Notes
    -----
    ``tu.measures`` has each formula and how to read it. ``expected_if_equal`` is what noise
    alone makes of it, on average, where all segments are equal. Segments that overlap,
    or that hide one, have no summary; Unknown is not a segment. Ordered measures need
    ``order=``.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> births = pd.DataFrame({
    ...     "wealth": ["poorest", "middle", "richest"],
    ...     "attended": [756, 960, 992], "births": [1000, 1000, 1000],
    ... })
    >>> a = tu.assess(
    ...     tu.from_counts(
    ...         births, numerator="attended", denominator="births", segments="wealth",
    ...         order={"wealth": ["poorest", "middle", "richest"]},
    ...     ),
    ...     tu.Goal.at_least(95, per=100, name="Births attended by skilled staff"),
    ... )
    >>> found = a.summarize(["d", "mdg", "sii"])
    >>> found[["code", "value", "ci_low", "ci_high"]].round(2)
      code  value  ci_low  ci_high
    0    d  23.60   20.93    26.39
    1  mdg   6.47    5.60     7.40
    2  sii  45.72   39.40    51.59

    """
    check_one_of("intervals", intervals, INTERVALS)
    minimum = check_whole("minimum", minimum, 0, "0 leaves nobody out")
    draws = check_whole("draws", draws, 100, "2000 is usual")
    seed = check_whole("seed", seed, 0)
    split, left = _split_asked(measures, answer)
    wanted = [] if split and not left and left is not None else asked(left)
    _check_references(wanted, answer)
    how = How(answer.options.confidence, intervals, draws, seed)
    shape = len(answer.segments.strata), len(answer.dimensions) - 1, len(wanted) + len(split)
    grid = SummaryGrid(*shape)
    for d, dimension in enumerate(answer.dimensions[1:]):
        rows = np.flatnonzero(answer.dimension_of == d + 1)
        for i in range(len(answer.goals)):
            here = np.flatnonzero(
                (answer.segments.strata.indicator == i) & answer.there[rows].any(axis=0)
            )
            group = DimensionGroup(answer, dimension, rows, here, i)
            for m, ask in enumerate(wanted):
                group.enter(grid, d, m, ask)
            for part, tasks in group.parts(wanted, minimum):
                part.fill(grid, d, tasks, how)
            if split:
                TheilByPlace(group, answer.segments.strata.rolled_up[here]).fill(
                    grid, d, len(wanted), split, how
                )
    return grid.table(answer, [*(ask.text for ask in wanted), *split])


def _split_asked(
    measures: Sequence[str] | None, answer: Answer
) -> tuple[list[str], Sequence[str] | None]:
    """Take the parts of Theil's index by place out of what is asked for: they need a roll-up."""
    there = bool(answer.segments.strata.rolled_up.any())
    if measures is None:
        return list(SPLIT) if there else [], None
    if not isinstance(measures, (list, tuple)) or not all(isinstance(m, str) for m in measures):
        return [], measures
    named = [code for code in dict.fromkeys(measures) if code in SPLIT]
    if named and not there:
        raise InputError(
            f"{named[0]!r} splits an index between the strata and within them, and belongs to all "
            "strata together: say rollup=True in assess()."
        )
    return named, [m for m in measures if m not in SPLIT] if named else measures


def _check_references(wanted: Sequence[Asked], answer: Answer) -> None:
    """Stop where a reference is a segment of no dimension."""
    labels = dict.fromkeys(x for d in answer.dimensions[1:] for x in d.labels)
    for ask in wanted:
        if ask.variants[0].choice == "reference" and ask.chosen not in labels:
            raise InputError(
                f"{ask.text!r} refers to a segment that is not there. "
                f"{did_you_mean(ask.chosen, labels)}"
            )
