"""Progress towards a target in the words of Healthy People, by one register of rules."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray
from targeted_universalism.measures.entry import Entry, by_name, entry_of
from targeted_universalism.measures.goal import sign_of

__all__ = ["percent_change", "percent_of_targeted_change", "progress_status"]

_ROUNDING = 1e-9  # relative: what is nearer to a threshold is at it, where it was computed
_SURE_DIGITS = 15  # that a float holds of any decimal: a number with no more was written so


class Progress(IntEnum):
    """Where a rate has got since its baseline, as a small integer; the table shows the words."""

    MET = 0
    IMPROVING = 1
    LITTLE_CHANGE = 2
    WORSE = 3
    BASELINE_ONLY = 4
    INFORMATIONAL = 5
    NO_DATA = 6


PROGRESS_WORDS = (
    "target met or exceeded",
    "improving",
    "little or no detectable change",
    "getting worse",
    "baseline only",
    "informational",
    "no data",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class ProgressRule(Entry):
    """When a change counts as one, where its p-value is known.

    Parameters
    ----------
    judge : callable
        Takes two-sided p-values of changes, to those that the rule holds against `alpha`.
    alpha : float
        The level that they must be below.
    normal : bool
        Whether the test is the normal one of published rates with standard errors, whatever is
        known of the counts behind them.
    """

    alpha: float
    normal: bool = False


def _two_sided(p: FloatArray) -> FloatArray:
    return p


def _one_sided(p: FloatArray) -> FloatArray:
    """Halve it: the side is that of the movement that was seen."""
    return p / 2.0


PROGRESS_RULES = MappingProxyType(
    by_name(
        ProgressRule(
            name="general",
            says="a change counts from a two-sided p below .05 on, and without p from 10 % on",
            source="ours; the 10 % are those of Healthy People 2020",
            judge=_two_sided,
            alpha=0.05,
        ),
        ProgressRule(
            name="hp2020",
            says="a change counts from a one-sided p below .05 on, in the direction in which the "
            "rate moved, and without p from 10 % on",
            source="NCHS, Healthy People 2020 Final Progress Table, footnotes 1 and 5 "
            "(data.cdc.gov x749-vh2i)",
            judge=_one_sided,
            alpha=0.05,
            normal=True,
        ),
    )
)


def percent_of_targeted_change(
    baseline: FloatArray, latest: FloatArray, goal: FloatArray, *, direction: str
) -> FloatArray:
    """Give how much of the way from a baseline to a target has been gone, in per cent.

    Parameters
    ----------
    baseline, latest : (...) array
        Rates, in the outcome's unit.
    goal : (...) array
        The target, in the same unit.
    direction : {"at least", "at most"}
        Which side of the target is wanted.

    Returns
    -------
    (...) array
        100·(latest − baseline)/(goal − baseline); above 100 where the target is exceeded. NaN
        unless the rate moved towards the target from a baseline short of it.

    Notes
    -----
    Healthy People: a movement away from the target is not a negative part of the way, but a
    :func:`percent_change`.

    Examples
    --------
    >>> latest = np.array([16.0, 11.0, 21.0])
    >>> percent_of_targeted_change(np.array(20.0), latest, np.array(12.0), direction="at most")
    array([ 50. , 112.5,   nan])

    """
    sign = sign_of(direction)
    with np.errstate(all="ignore"):
        moved, wanted = sign * (latest - baseline), sign * (goal - baseline)
        return np.where((moved > 0) & (wanted > 0), 100.0 * (moved / wanted), np.nan)[()]


def percent_change(baseline: FloatArray, latest: FloatArray) -> FloatArray:
    """Give how far a rate has moved from its baseline, in per cent of the baseline.

    Parameters
    ----------
    baseline, latest : (...) array
        Rates, in one unit.

    Returns
    -------
    (...) array
        100·|latest − baseline|/|baseline|, 0 or more; NaN where the baseline is 0.

    Notes
    -----
    Healthy People 2020 (Talih & Huang 2016) gives the size of the change; its direction is told by
    the status.

    Examples
    --------
    >>> percent_change(np.array([20.0, 50.0, 0.0]), np.array([22.0, 44.0, 1.0]))
    array([10., 12., nan])

    """
    with np.errstate(all="ignore"):
        part = 100.0 * (np.abs(latest - baseline) / np.abs(baseline))
    return np.where(baseline == 0, np.nan, part)[()]


def progress_status(
    baseline: FloatArray,
    latest: FloatArray,
    goal: FloatArray,
    *,
    direction: str,
    p_value: FloatArray | None = None,
    rule: str = "general",
    gap: FloatArray | None = None,
    gap_before: FloatArray | None = None,
) -> ByteArray:
    """Tell where rates have got since their baselines, by a rule of Healthy People.

    Parameters
    ----------
    baseline, latest : (...) array
        Rates, in the outcome's unit; NaN where there is none.
    goal : (...) array
        The target, in the same unit; NaN where there is none.
    direction : {"at least", "at most"}
        Which side of the target is wanted.
    p_value : (...) array, optional
        Two-sided p of the change from baseline to latest. Where it is missing a change counts from
        10 % on: of the targeted change towards the target, of the baseline away from it.
    rule : {"general", "hp2020"}
        When a change with a p counts.
    gap, gap_before : (...) array, optional
        Distances of latest and baseline to the target where they are known exactly, positive short
        of it; without them they are the differences of the rates.

    Returns
    -------
    (...) array of uint8
        Values of ``Progress``: 0 target met or exceeded, 1 improving, 2 little or no detectable
        change, 3 getting worse, 4 baseline only, 5 informational (no target), 6 no data.

    Notes
    -----
    NCHS, Healthy People 2020 Final Progress Table (data.cdc.gov x749-vh2i), in the words of Healthy
    People 2030. Where the rate now meets the target nothing else counts. A baseline that met a
    target which the rate has since left moved away from it. An unchanged rate is little change
    whatever its error. From a baseline of 0 a percent change is not defined, and every change is
    above a tenth of it.

    Rates compare with a threshold as decimals where they were written as such, and within 10⁻⁹ of
    it where they were computed: 20 to 19.2, with 12 wanted, is exactly 10 %.

    Examples
    --------
    >>> latest = np.array([12.0, 19.2, 19.3, 22.0, np.nan])
    >>> progress_status(np.array(20.0), latest, np.array(12.0), direction="at most").tolist()
    [0, 1, 2, 3, 4]

    """
    p_value, gap, gap_before = (
        np.asarray(np.nan) if v is None else v for v in (p_value, gap, gap_before)
    )
    moved = movement(
        baseline, latest, goal, direction=direction, p_value=p_value, rule=rule,
        gap_before=gap_before,
    )  # fmt: skip
    return status_after(moved, baseline, latest, goal, direction=direction, gap=gap)


def status_after(
    moved: FloatArray,
    baseline: FloatArray,
    latest: FloatArray,
    goal: FloatArray,
    *,
    direction: str,
    gap: FloatArray,
) -> ByteArray:
    """Tell where rates have got, of which it is known which way they moved.

    Parameters
    ----------
    moved : (...) array
        What :func:`movement` gives.
    baseline, latest, goal, direction, gap
        As in :func:`progress_status`.

    Returns
    -------
    (...) array of uint8
        Values of ``Progress``.

    Examples
    --------
    >>> ends = np.array(20.0), np.array([12.0, 19.2])
    >>> gap = np.full(2, np.nan)
    >>> status_after(np.ones(2), *ends, np.array(12.0), direction="at most", gap=gap).tolist()
    [0, 1]

    """
    moved, baseline, latest, goal, gap = np.broadcast_arrays(moved, baseline, latest, goal, gap)
    met = _met(latest, goal, direction, gap)
    states: list[tuple[BoolArray, Progress]] = [
        (np.isnan(goal), Progress.INFORMATIONAL),
        (np.isnan(baseline), Progress.NO_DATA),
        (np.isnan(latest), Progress.BASELINE_ONLY),
        (met, Progress.MET),
        (moved == 0, Progress.LITTLE_CHANGE),
        (moved > 0, Progress.IMPROVING),
    ]
    holds, status = zip(*states, strict=True)
    return np.asarray(np.select(holds, status, Progress.WORSE)).astype(np.uint8)


def movement(
    baseline: FloatArray,
    latest: FloatArray,
    goal: FloatArray,
    *,
    direction: str,
    p_value: FloatArray,
    rule: str,
    gap_before: FloatArray,
) -> FloatArray:
    """Tell which way rates moved, at the goal or not, where the rule counts it.

    Parameters
    ----------
    baseline, latest, goal, direction, p_value, rule, gap_before
        As in :func:`progress_status`.

    Returns
    -------
    (...) array
        1 toward the target, −1 away from it, 0 where nothing changed that counts.

    Examples
    --------
    >>> ends = np.array(12.0), np.array([11.0, 15.0, 12.1])
    >>> none = np.full(3, np.nan)
    >>> movement(*ends, np.array(20.0), direction="at most", p_value=none, rule="general",
    ...          gap_before=np.array(-8.0)).tolist()
    [0.0, -1.0, 0.0]

    """
    sign, judged = sign_of(direction), entry_of(PROGRESS_RULES, rule)
    every = np.broadcast_arrays(baseline, latest, goal, p_value, gap_before)
    baseline, latest, goal, p, gap_before = every
    toward = np.asarray(sign * latest > sign * baseline)
    short = toward & ~_met(baseline, goal, direction, gap_before)
    tenth = _reaches_a_tenth(baseline, latest, np.where(short, goal, 0.0))
    counts = np.where(np.isnan(p), tenth, judged.judge(p) < judged.alpha)
    counts &= latest != baseline
    return np.where(counts, np.where(toward, 1.0, -1.0), 0.0)


def _met(rate: FloatArray, goal: FloatArray, direction: str, gap: FloatArray) -> BoolArray:
    """Tell which rates meet the target, by their gap where it is known exactly.

    Computed rates meet it within rounding.
    """
    with np.errstate(invalid="ignore"):
        near = np.abs(rate - goal) <= _ROUNDING * np.abs(goal)
        met = np.asarray(sign_of(direction) * rate >= sign_of(direction) * goal)
    for place in map(tuple, np.argwhere(near & ~met)):
        met[place] = not _written(rate[place], goal[place])
    return np.where(np.isnan(gap), met, gap <= 0)


def _reaches_a_tenth(start: FloatArray, end: FloatArray, whole: FloatArray) -> BoolArray:
    """Tell where |end − start| is at least a tenth of |whole − start|."""
    with np.errstate(all="ignore"):
        moved, tenth = np.abs(end - start), np.abs(whole - start) / 10.0
        reached = np.asarray(moved >= tenth)
        size = np.abs(start) + np.abs(end) + np.abs(whole)
        near = np.abs(moved - tenth) <= _ROUNDING * tenth + np.finfo(float).eps * size
    for place in map(tuple, np.argwhere(near & (moved > 0) & np.isfinite(size))):
        numbers = start[place], end[place], whole[place]
        first, last, other = (Fraction(str(v)) for v in numbers)
        reached[place] = not _written(*numbers) or 10 * abs(last - first) >= abs(other - first)
    return reached


def _written(*numbers: float) -> bool:
    """Tell whether numbers are decimals as somebody wrote them: computed ones have more digits."""
    return all(len(Decimal(str(v)).normalize().as_tuple().digits) <= _SURE_DIGITS for v in numbers)
