"""How unequal segments are, in one number: every measure, for all strata at once (RULES 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.rates import estimate, standard_errors
from targeted_universalism.answer.tables import Words
from targeted_universalism.errors import InputError, check_one_of, check_whole, did_you_mean
from targeted_universalism.measures.draws import bounded_draws
from targeted_universalism.measures.inequality import noise
from targeted_universalism.measures.inequality.arithmetic import average, midrank, times_log
from targeted_universalism.measures.inequality.entropy import (
    theil_by_place,
    theil_by_place_error,
    theil_by_place_if_equal,
)
from targeted_universalism.measures.inequality.register import (
    REGISTER,
    SCALES,
    Asked,
    Measure,
    asked,
)
from targeted_universalism.measures.intervals import z_value
from targeted_universalism.reasons import (
    Reason,
    Reasons,
    ReasonsInPlaces,
    because,
    first_that_holds,
)
from targeted_universalism.segments.cells import Dimension, State
from targeted_universalism.segments.columns import SUMMARY

INTERVALS = ("analytic", "simulate")
SPLIT = {"ti_between": "theil_between_places", "ti_within": "theil_within_places"}
_CHUNK = 1 << 14  # numbers in one array: a chunk stays in the processor's cache
_DRAWN = 1 << 18

Interval = tuple[FloatArray, FloatArray, FloatArray, Reasons]


@dataclass(frozen=True)
class How:
    """How intervals are made."""

    level: float | None
    intervals: str
    draws: int
    seed: int


def summarize(
    answer: Answer,
    measures: Sequence[str] | None = None,
    *,
    intervals: str = "analytic",
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
        ``"analytic"`` propagates the segments' standard errors by the delta method, ratios on
        the scale of their logarithm. ``"simulate"`` draws rates inside their bounds (Beta for
        proportions, Gamma for rates, normal for means) and takes percentiles.
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
    0    d  23.60   20.88    26.32
    1  mdg   6.47    5.58     7.35
    2  sii  45.72   39.68    51.76

    """
    check_one_of("intervals", intervals, INTERVALS)
    draws = check_whole("draws", draws, 100, "2000 is usual")
    seed = check_whole("seed", seed, 0)
    split, left = _split_asked(measures, answer)
    wanted = [] if split and not left and left is not None else asked(left)
    _check_references(wanted, answer)
    how = How(answer.options.confidence, intervals, draws, seed)
    shape = len(answer.segments.strata), len(answer.dimensions) - 1, len(wanted) + len(split)
    grid = _Grid(*shape)
    for d, dimension in enumerate(answer.dimensions[1:]):
        rows = np.flatnonzero(answer.dimension_of == d + 1)
        for i in range(len(answer.goals)):
            here = np.flatnonzero(
                (answer.segments.strata.indicator == i) & answer.seen[rows].any(axis=0)
            )
            group = _Group(answer, dimension, rows, here, i)
            group.fill(grid, d, wanted, how)
            if split:
                _Split(group, answer.segments.strata.rolled_up[here]).fill(
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


class _Grid:
    """The answers, shaped (strata, dimensions, measures), with the rows that are shown."""

    def __init__(self, *shape: int) -> None:
        self.numbers = {name: np.full(shape, np.nan) for name in SUMMARY.numbers}
        self.measure = np.zeros(shape, dtype=np.int64)
        self.reason = ReasonsInPlaces(shape)
        self.shown = np.zeros(shape, dtype=np.bool_)

    def table(self, answer: Answer, codes: Sequence[str]) -> pd.DataFrame:
        stratum, dimension, column = np.nonzero(self.shown)
        measure = self.measure[self.shown]
        scales = np.array([*(SCALES.index(m.scale) for m in REGISTER.values()), 1, 1])
        columns: dict[str, Any] = {
            "measure": Words([*REGISTER, *SPLIT.values()], measure),
            "code": Words(codes, column),
            "scale": Words(SCALES, scales[measure]),
            **{name: values[self.shown] for name, values in self.numbers.items()},
            "reason": self.reason[self.shown],
        }
        return answer.by_dimension(SUMMARY, stratum, dimension + 1, columns)


class _Group:
    """The segments of one dimension in the strata of one indicator."""

    def __init__(
        self, answer: Answer, dimension: Dimension, rows: IntArray, here: IntArray, indicator: int
    ) -> None:
        known = ~dimension.unknown
        cells = answer.cells.take(rows[known]).strata(here)
        unit = float(answer.segments.unit)
        self.kind = answer.segments.kinds[indicator]
        self.goal, self.dimension, self.here = answer.goals[indicator], dimension, here
        self.labels = [x for x, k in zip(dimension.labels, known, strict=True) if k]
        self.population = cells.population
        self.rate = estimate(cells, self.kind, unit, None, "auto").rate / unit
        self.se, self.size = standard_errors(cells, self.kind, unit)
        nobody = self.population == 0
        self.there: BoolArray = (cells.state == State.OK) & ~nobody
        self.lost = (cells.state >= State.NO_DATA) & ~nobody & answer.seen[rows[known]][:, here]
        self.hidden = (cells.state == State.SUPPRESSED).any(axis=0)
        self.count = np.where(self.hidden, 0, self.there.sum(axis=0))
        if not dimension.exclusive:
            self.count[:] = 0
        counted = cells.family.counted
        self.no_error = Reason.INTERVAL_UNDEFINED if counted else Reason.NO_INTERVAL

    def reason(self) -> Reasons:
        """Say why no measure can be had, or what is left out of all of them."""
        return first_that_holds(
            [
                (not self.dimension.exclusive, Reason.OVERLAPPING),
                (self.hidden, Reason.SUPPRESSED_SEGMENT),
                (self.count < 2, Reason.FEW_SEGMENTS),
                (self.lost.any(axis=0), Reason.LEFT_OUT),
            ],
            self.count.shape,
        )

    def fill(self, grid: _Grid, d: int, wanted: Sequence[Asked], how: How) -> None:
        """Summarize every stratum by every measure."""
        names, reason = list(REGISTER), self.reason()
        grid.shown[self.here, d, : len(wanted)] = True
        grid.numbers["segments"][self.here, d] = np.where(self.told, self.count, np.nan)[:, None]
        chosen: dict[int, Measure] = {}
        for m, ask in enumerate(wanted):
            fitting = [v for v in ask.variants if v.fits(self.kind, self.dimension.ordered)]
            measure = fitting[0] if fitting else ask.variants[0]
            grid.measure[self.here, d, m] = names.index(measure.name)
            grid.reason.add((self.here, d, m), reason)
            if fitting:
                chosen[m] = measure
            else:
                misfit = because(self.count >= 2, self.misfit(ask))
                grid.reason.add((self.here, d, m), misfit)
        for strata, chunk in self.chunks(how):
            for m, measure in chosen.items():
                place = (self.here[strata], d, m)
                numbers, why = chunk.summary(measure, wanted[m])
                for name, values in numbers.items():
                    grid.numbers[name][place] = values * float(self.goal.per) ** measure.degree
                grid.reason.add(place, why)

    @property
    def told(self) -> BoolArray:
        """Where the number of segments is told."""
        return np.asarray(~self.hidden & self.dimension.exclusive)

    def error_if_equal(self, mean: FloatArray, se: FloatArray, size: FloatArray) -> FloatArray:
        """Give the standard errors that segments would have if their rates were the overall one."""
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = mean * (1 - mean) if self.kind == "proportion" else mean
            equal = np.sqrt(np.maximum(spread, 0) / size)
        return np.where(np.isnan(size), se, equal)

    def misfit(self, ask: Asked) -> Reason:
        """Say why a measure is not for these segments."""
        in_order = any(m.fits_order(self.dimension.ordered) for m in ask.variants)
        return Reason.NOT_BOUNDED if in_order else Reason.NOT_ORDERED

    def chunks(self, how: How) -> Iterator[tuple[IntArray, _Chunk]]:
        """Give strata of one number of segments together, as many as fit a cache."""
        order = np.argsort(~self.there, axis=0, kind="stable")
        most = _CHUNK if how.intervals == "analytic" else _DRAWN // how.draws
        for k in np.unique(self.count[self.count >= 2]):
            alike = np.flatnonzero(self.count == k)
            step = max(1, most // int(k))
            for start in range(0, len(alike), step):
                strata = alike[start : start + step]
                yield strata, _Chunk(self, how, order[:k, strata], strata)


class _Chunk:
    """Some strata with the same number of segments: what measures are given, and what they say."""

    def __init__(self, group: _Group, how: How, rows: IntArray, strata: IntArray) -> None:
        self.group, self.how, self.strata = group, how, strata

        def those(values: FloatArray) -> FloatArray:
            return np.ascontiguousarray(values[rows, strata])

        self.rate, self.size = those(group.rate), those(group.size)
        people = those(group.population)
        share = people / people.sum(axis=0)
        self.unweighted = np.isnan(share).any(axis=0)
        mean = np.where(self.unweighted, self.rate.mean(axis=0), average(self.rate, share))
        self.given: dict[str, Any] = {
            "rate": self.rate,
            "share": share,
            "rank": midrank(share),
            "se": those(group.se),
            "direction": group.goal.direction,
            "goal": float(group.goal.fraction),
            "mean": mean,
        }

    @cached_property
    def if_equal(self) -> dict[str, Any]:
        """What measures are given where all segments have the overall rate."""
        se = self.group.error_if_equal(self.given["mean"], self.given["se"], self.size)
        return noise.equal(self.given, se)

    @cached_property
    def drawn(self) -> dict[str, Any]:
        """What measures are given in simulations: rates shaped (segments, strata, draws).

        Every stratum starts from the same seed, so that it has the same interval alone or beside
        others.
        """
        se, how = self.given["se"], self.how
        rates = np.empty((*self.rate.shape, how.draws))
        for j in range(self.rate.shape[1]):
            rates[:, j] = bounded_draws(
                self.rate[:, j], se[:, j], self.size[:, j], self.group.kind, count=how.draws,
                rng=np.random.default_rng(how.seed),
            )  # fmt: skip
        return {**noise.widened(self.given), "rate": rates}

    def summary(self, measure: Measure, ask: Asked) -> tuple[dict[str, FloatArray], Reasons]:
        """Give the numbers of one measure, and the reasons for those that miss."""
        choice, lost = self._choice(measure, ask)
        value = np.where(lost, np.nan, measure.value({**self.given, **choice}))
        undefined = np.isnan(value)
        reason = self._undefined(measure, lost).without(~undefined)
        if self.how.intervals == "analytic":
            se, low, high, why = self._analytic(measure, value, choice)
        else:
            se, low, high, why = self._simulated(measure, choice)
        known = ~np.isnan(value)
        numbers: dict[str, FloatArray] = {
            "value": value,
            "se": np.where(known, se, np.nan),
            "ci_low": np.where(known, low, np.nan),
            "ci_high": np.where(known, high, np.nan),
            "expected_if_equal": np.where(
                known, measure.if_equal({**self.if_equal, **choice}), np.nan
            ),
        }
        return numbers, reason | why.without(~known)

    def _choice(self, measure: Measure, ask: Asked) -> tuple[dict[str, Any], BoolArray]:
        """Give what a person chose, and where the segment they named has no rate."""
        if measure.choice != "reference":
            chosen = {} if measure.choice is None else {measure.choice: float(ask.chosen or "nan")}
            return chosen, np.zeros(len(self.strata), dtype=np.bool_)
        labels = self.group.labels
        if ask.chosen not in labels:
            nowhere = np.zeros(len(self.strata), dtype=np.int64)
            return {"reference": nowhere}, np.ones(len(self.strata), dtype=np.bool_)
        row = labels.index(ask.chosen)
        there = self.group.there[:, self.strata]
        return {"reference": there[:row].sum(axis=0)}, ~there[row]

    def _undefined(self, measure: Measure, lost: BoolArray) -> Reasons:
        """Say why a value is missing."""
        relative = measure.scale == "relative"
        zero = (self.rate == 0).any(axis=0) & (measure.undefined == Reason.UNDEFINED)
        return first_that_holds(
            [
                (lost, Reason.NO_SUCH_REFERENCE),
                (self.unweighted & ("share" in measure.needs), Reason.NO_WEIGHTS),
                (relative & ~(self.given["mean"] > 0), Reason.ZERO_MEAN),
                (zero, Reason.ZERO_RATE),
                (True, measure.undefined),
            ],
            lost.shape,
        )

    def _analytic(self, measure: Measure, value: FloatArray, choice: dict[str, Any]) -> Interval:
        se = measure.standard_error({**self.given, **choice})
        se = np.where(se > 0, se, np.nan)
        reason = self._no_error().without(~np.isnan(se))
        if self.how.level is None:
            nothing = np.full(value.shape, np.nan)
            return se, nothing, nothing, reason | because(True, Reason.NO_LEVEL)
        half = z_value(self.how.level) * se
        with np.errstate(all="ignore"):
            if measure.on_log_scale:
                low, high = value * np.exp(-half / value), value * np.exp(half / value)
            else:
                low, high = value - half, value + half
        least, most = measure.bounds
        near = low <= least
        reason |= because(near & measure.one_sided, Reason.NEAR_EQUALITY)
        return se, np.maximum(low, least), np.minimum(high, most), reason

    def _no_error(self) -> Reasons:
        """Say why there is no interval: a segment without a standard error, or a sum of zero."""
        missing = np.isnan(self.given["se"]).any(axis=0)
        undefined = because(~missing, Reason.INTERVAL_UNDEFINED)
        return undefined | because(missing, self.group.no_error)

    def _simulated(self, measure: Measure, choice: dict[str, Any]) -> Interval:
        drawn = measure.value({**self.drawn, **noise.widened(choice)})
        undrawn = np.isnan(self.drawn["rate"]).any(axis=(0, 2))
        lost: BoolArray = np.asarray(np.isnan(drawn).any(axis=1))
        se = np.where(lost, np.nan, drawn.std(axis=1, ddof=1))
        reason = self._no_error().where(lost & undrawn, because(lost, Reason.DRAWS_UNDEFINED))
        if self.how.level is None:
            nothing = np.full(se.shape, np.nan)
            return se, nothing, nothing, reason | because(True, Reason.NO_LEVEL)
        tail = (1 - self.how.level) / 2
        low, high = np.quantile(drawn, (tail, 1 - tail), axis=1)
        return se, np.where(lost, np.nan, low), np.where(lost, np.nan, high), reason


class _Split:
    """Theil's index of all segments in all strata, between the strata and within them."""

    def __init__(self, group: _Group, rolled: BoolArray) -> None:
        self.group, self.rolled = group, rolled
        there = group.there[:, ~rolled]
        people = np.where(there, group.population[:, ~rolled], 0.0)
        self.share = people / people.sum()
        self.rate = np.where(there, group.rate[:, ~rolled], 0.0)
        self.se = np.where(there, group.se[:, ~rolled], 0.0)
        self.size = np.where(there, group.size[:, ~rolled], np.nan)
        self.mean = np.asarray((self.rate * self.share).sum())

    def fill(self, grid: _Grid, d: int, start: int, split: Sequence[str], how: How) -> None:
        """Give both parts a row in the stratum that is all others together."""
        reason = self._reason()
        usable = reason in (None, Reason.LEFT_OUT)
        numbers, why = self._numbers(how)
        if how.level is None:
            why |= because(True, Reason.NO_LEVEL)
        for m, code in enumerate(split):
            part, place = list(SPLIT).index(code), (self.group.here[self.rolled], d, start + m)
            grid.shown[place] = True
            grid.measure[place] = len(REGISTER) + part
            if reason is not None:
                grid.reason.add(place, because(True, reason))
            if usable:
                grid.reason.add(place, why[part])
            for name, values in numbers.items() if usable else ():
                grid.numbers[name][place] = values[part]

    def _numbers(self, how: How) -> tuple[dict[str, FloatArray], Reasons]:
        """Give the numbers of both parts, and why there is no interval, or none that is valid."""
        value = np.array(theil_by_place(self.rate, self.share))
        equal_se = self.group.error_if_equal(self.mean, self.se, self.size)
        equal = theil_by_place_if_equal(self.share, equal_se, self.mean)
        interval = self._analytic if how.intervals == "analytic" else self._simulated
        se, low, high, why = interval(value, how)
        numbers = {
            "value": value,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "expected_if_equal": np.array(equal),
            "segments": np.full(2, float((self.share > 0).sum())),
        }
        return numbers, why

    def _reason(self) -> Reason | None:
        group, here = self.group, ~self.rolled
        if not group.dimension.exclusive:
            return Reason.OVERLAPPING
        if group.hidden[here].any():
            return Reason.SUPPRESSED_SEGMENT
        if np.isnan(self.share).any():
            return Reason.NO_WEIGHTS
        if (self.share > 0).sum() < 2:
            return Reason.FEW_SEGMENTS
        if not (self.mean > 0 and (self.rate >= 0).all()):
            return Reason.ZERO_MEAN
        return Reason.LEFT_OUT if group.lost[:, here].any() else None

    def _analytic(self, value: FloatArray, how: How) -> Interval:
        se = np.array(theil_by_place_error(self.rate, self.share, self.se))
        se = np.where(se > 0, se, np.nan)
        half = np.nan if how.level is None else z_value(how.level) * se
        low, high = value - half, value + half
        reason = because(np.isnan(se), self.group.no_error)
        reason |= because(low <= 0, Reason.NEAR_EQUALITY)
        return se, np.maximum(low, 0), high, reason

    def _simulated(self, value: FloatArray, how: How) -> Interval:
        """Draw stratum by stratum, and keep the three sums that both parts are made of."""
        sums = np.zeros((3, how.draws))
        rng = np.random.default_rng(how.seed)
        for j in np.flatnonzero(self.share.sum(axis=0) > 0):
            in_it = self.share[:, j] > 0
            drawn = bounded_draws(
                self.rate[in_it, j], self.se[in_it, j], self.size[in_it, j], self.group.kind,
                count=how.draws, rng=rng,
            )  # fmt: skip
            w = self.share[in_it, j, None]
            place = (w * drawn).sum(axis=0)
            sums += place, (w * times_log(drawn)).sum(axis=0), place * np.log(place / w.sum())
        mean, whole, between = sums
        parts = np.array([between / mean - np.log(mean), (whole - between) / mean])
        lost = np.isnan(parts).any(axis=1)
        reason = because(lost, Reason.DRAWS_UNDEFINED)
        level = np.nan if how.level is None else how.level
        tails = (0, 0) if how.level is None else ((1 - level) / 2, (1 + level) / 2)
        low, high = np.quantile(parts, tails, axis=1) + 0 * level
        return parts.std(axis=1, ddof=1), low, high, reason
