"""Stop where a goal, data and options do not fit each other, before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from targeted_universalism._typing import FloatArray, Number
from targeted_universalism.answer.answer import Options
from targeted_universalism.answer.goals import Goal
from targeted_universalism.errors import InputError, check_one_of, did_you_mean, shown
from targeted_universalism.segments.cells import Cells
from targeted_universalism.segments.definition import declared_in
from targeted_universalism.segments.families import rates
from targeted_universalism.segments.segments import Segments

INTERVALS = ("auto", "wilson", "midp", "exact", "byar", "student")


def check_fit(segments: Segments, goals: tuple[Goal, ...], options: Options) -> None:
    """Stop where goal, data and options do not fit: asked of all data, never of what is left."""
    _check_interval(segments, options.confidence, options.interval)
    cells = segments.cells
    _check_definitions(segments, goals)
    _check_units_by_indicator(segments, goals)
    for i, goal in enumerate(goals):
        _check_scale(segments, i, goal, cells)


def check_level(confidence: object, otherwise: str = "") -> None:
    """Stop where a level of intervals does not lie between 0 and 1; say what it may be besides."""
    if not (isinstance(confidence, float) and 0 < confidence < 1):
        raise InputError(
            f"confidence={shown(confidence)} must lie between 0 and 1, as 0.95 does{otherwise}."
        )


def _check_interval(segments: Segments, confidence: float | None, interval: str) -> None:
    """Stop where the kind of interval asked for does not fit the data."""
    check_one_of("interval", interval, INTERVALS)
    if confidence is not None:
        check_level(confidence, ", or be None")
    family = segments.cells.family
    for kind in dict.fromkeys(segments.kinds) if family.counted else ():
        fitting = family.intervals_for(kind)
        if interval not in fitting:
            allowed = ", ".join(map(repr, fitting))
            raise InputError(f"interval={interval!r} does not fit a {kind}: use {allowed}.")
    if not family.counted and interval != "auto":
        raise InputError(
            f"interval={interval!r} needs counts. Published estimates have the interval of their "
            "kind: logit for proportions, log for rates, identity for means."
        )
    if segments.level is not None and confidence not in (None, segments.level):
        raise InputError(
            f"The published intervals are at level {segments.level}: confidence={confidence} would "
            f"change them. Say confidence={segments.level}, or give their standard errors."
        )


def _check_definitions(segments: Segments, goals: tuple[Goal, ...]) -> None:
    """Stop where a goal is for something else than what the data measure."""
    strata = segments.strata
    declared = declared_in(segments.facts, strata.indicator_name is not None)
    for name, goal in zip(strata.indicators, goals, strict=True):
        if goal.definition is None or name not in declared:
            continue
        differ = goal.definition.differences(declared[name])
        if differ:
            what = f" for {name!r}" if name else ""
            raise InputError(
                f"The goal{what} and the data do not measure the same (the goal's words come "
                f"first). {' '.join(differ)} Count by the goal's definition, or correct "
                "definition= where only its words differ."
            )


def _check_scale(segments: Segments, indicator: int, goal: Goal, cells: Cells) -> None:
    """Stop where goal and data are on different scales: 60 against 0.60."""
    kind = segments.kinds[indicator]
    if kind == "proportion" and not 0 <= goal.fraction <= 1:
        raise InputError(
            f"The goal {goal.target} per {float(goal.per):,.10g} is {float(goal.fraction):g}, and "
            f"a proportion lies between 0 and 1. For {goal.target} % write per=100."
        )
    if kind in ("rate", "standardized") and goal.fraction < 0:
        raise InputError(f"The goal {goal.target} is below 0, and a rate is 0 or more.")
    if not cells.family.counted:
        _check_unit(segments.per[indicator], goal)
    unstated = not goal.per_stated and goal.per == 1 and segments.per[indicator] is None
    if kind != "proportion" and unstated and goal.fraction != 0:
        strata = np.flatnonzero(segments.strata.indicator == indicator)
        if not strata.size:
            return
        _check_side(goal, rates(cells.strata(strata)), segments.strata.describe(int(strata[0])))


def _check_side(goal: Goal, rate: FloatArray, first: str) -> None:
    """Stop where no unit was said and goal and data lie on different sides of 1."""
    rate = rate[np.isfinite(rate)]
    if not rate.size:
        return
    below = bool((rate <= 1).all()) and goal.fraction > 1
    above = bool((rate > 1).all()) and goal.fraction < 1
    if below or above:
        raise InputError(
            f"The goal is {goal.target}, and every rate (the first is {rate[0]:g}, in {first}) "
            "lies on the other side of 1. Say the unit of the goal, as in per=1_000; if both are "
            "meant as they stand, say per=1."
        )


def _check_unit(per: Number | None, goal: Goal) -> None:
    """Units of published rates and of the goal are both said, or both left out."""
    if per is None and goal.per != 1:
        raise InputError(
            f"The goal is per {float(goal.per):,.10g}, and from_estimates was not told the unit of "
            "the rates: say per= there too (per=1 for proportions)."
        )
    if per not in (None, 1) and not goal.per_stated:
        raise InputError(
            f"The rates are per {float(per or 1):,.10g}, and the goal of {goal.target} has no "
            f"unit: say per={per} in the goal (or per=1 for a proportion)."
        )


def _check_units_by_indicator(segments: Segments, goals: tuple[Goal, ...]) -> None:
    """Stop where one unit was said for several indicators and is that of some of the goals only.

    Rates that are at most 1 fit a unit of 1, whatever the goal is per.
    """
    unit, names = segments.facts.get("per"), segments.strata.indicators
    if unit is None or isinstance(unit, Mapping) or len(goals) == 1:
        return
    other = [i for i, goal in enumerate(goals) if goal.per != segments.unit_of(i)]
    if len(other) in (0, len(goals)):
        return
    for i in other:
        rate = rates(segments.cells.strata(np.flatnonzero(segments.strata.indicator == i)))
        if unit == 1 and not (rate > 1).any():
            continue
        units = {name: goal.per for name, goal in zip(names, goals, strict=True)}
        raise InputError(
            f"per={unit} was said once for all indicators, and the goal for {names[i]!r} is per "
            f"{float(goals[i].per):,.10g}. Say the unit of each: per={units!r}."
        )


def check_rollup(rollup: object, names: Sequence[str]) -> bool | tuple[str, ...]:
    """Give what ``rollup=`` sums away: all `by` columns, none, or those of `names` that it has."""
    if isinstance(rollup, (bool, np.bool_)) or rollup is None:
        return bool(rollup)
    columns = (rollup,) if isinstance(rollup, str) else rollup
    if not isinstance(columns, (list, tuple)) or not columns:
        raise InputError(
            f"rollup={rollup!r} is not known. Expected True, False, a column of by= or a list of "
            "them."
        )
    for name in columns:
        if name not in names:
            raise InputError(
                f"rollup= names {name!r}, which is no column of by=. {did_you_mean(name, names)}"
            )
    return True if {*columns} == {*names} else tuple(n for n in names if n in columns)
