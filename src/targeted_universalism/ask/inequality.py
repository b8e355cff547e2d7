"""How unequal segments are, in one number: every measure, for all strata at once (RULES 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.rates import known_stats
from targeted_universalism.answer.tables import Words
from targeted_universalism.ask.inequality_of_strata import (
    Chunk,
    How,
    Rates,
    Setting,
    Task,
    known_of,
    some,
    task_of,
)
from targeted_universalism.errors import InputError, check_one_of, check_whole, did_you_mean
from targeted_universalism.measures.draws import bounded_draws
from targeted_universalism.measures.inequality.arithmetic import times_log
from targeted_universalism.measures.inequality.entropy import (
    TheilSplit,
    theil_by_place,
    theil_by_place_error,
    theil_by_place_if_equal,
)
from targeted_universalism.measures.inequality.equal import split_if_equal
from targeted_universalism.measures.inequality.known import CAUTIONS
from targeted_universalism.measures.inequality.limits_places import between_places, within_places
from targeted_universalism.measures.inequality.register import (
    REGISTER,
    SCALES,
    Asked,
    Measure,
    asked,
)
from targeted_universalism.reasons import (
    Reason,
    Reasons,
    ReasonsInPlaces,
    because,
    first_that_holds,
    no_reason,
)
from targeted_universalism.segments.cells import Cells, Dimension, State
from targeted_universalism.segments.columns import SUMMARY

INTERVALS = ("analytic", "simulate")
SPLIT = {"ti_between": "theil_between_places", "ti_within": "theil_within_places"}
_CHUNK = 1 << 15  # numbers in one array: a chunk stays in the processor's cache
_DRAWN = 1 << 18
_ROUNDING = 1e-12

SplitInterval = tuple[FloatArray, FloatArray, FloatArray, Reasons]


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
    grid = _Grid(*shape)
    for d, dimension in enumerate(answer.dimensions[1:]):
        rows = np.flatnonzero(answer.dimension_of == d + 1)
        for i in range(len(answer.goals)):
            here = np.flatnonzero(
                (answer.segments.strata.indicator == i) & answer.there[rows].any(axis=0)
            )
            group = _Group(answer, dimension, rows, here, i)
            for m, ask in enumerate(wanted):
                group.enter(grid, d, m, ask)
            for part, tasks in group.parts(wanted, minimum):
                part.fill(grid, d, tasks, how)
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
        known = rows[~dimension.unknown]
        cells = answer.cells.take(known).strata(here)
        kind, self.goal = answer.segments.kinds[indicator], answer.goals[indicator]
        self.dimension, self.here = dimension, here
        self.labels = [x for x, k in zip(dimension.labels, ~dimension.unknown, strict=True) if k]
        self.rates = _rates(answer, cells, np.ix_(known, here), indicator)
        self.setting = Setting(
            kind=kind,
            counted=cells.family.counted,
            direction=self.goal.direction,
            goal=float(self.goal.fraction),
            no_error=Reason.INTERVAL_UNDEFINED if cells.family.counted else Reason.NO_INTERVAL,
        )
        nobody = cells.population == 0
        self.there: BoolArray = (cells.state == State.OK) & ~nobody
        self.lost = (cells.state >= State.NO_DATA) & ~nobody & answer.there[known][:, here]
        self.hidden = (cells.state == State.SUPPRESSED).any(axis=0)
        self.told: BoolArray = ~self.hidden & self.dimension.exclusive
        self._leave_out(np.zeros_like(self.there), np.zeros(len(here), dtype=np.bool_))

    def _leave_out(self, small: BoolArray, unsized: BoolArray) -> None:
        """Say which segments are too small, how many take part, and why no measure can be had."""
        self.small, self.unsized = small, unsized
        self.count: IntArray = np.where(self.told, (self.there & ~small).sum(axis=0), 0)
        self.segments = np.where(self.told, self.count, np.nan)
        self.reason = self._reason()

    def larger(self, minimum: int, named: str | None) -> _Group:
        """Leave out segments with fewer people, but not the one that is named."""
        rows, people = self.rates.rows, self.rates.population
        size = np.where(np.isnan(rows), people, rows)
        spared = np.array([label == named for label in self.labels], dtype=np.bool_)[:, None]
        unsized = np.asarray((self.there & np.isnan(size)).any(axis=0))
        part = copy(self)
        part._leave_out(np.asarray(self.there & (size < minimum) & ~spared), unsized)
        return part

    def parts(self, wanted: Sequence[Asked], minimum: int) -> list[tuple[_Group, dict[int, Task]]]:
        """Put measures together that are made of the same segments."""
        parts: dict[str | None, tuple[_Group, dict[int, Task]]] = {}
        for m, ask in enumerate(wanted):
            fitting = self.fitting(ask)
            if fitting is None:
                continue
            chosen = fitting.picks and minimum > 0
            named = ask.chosen if fitting.choice == "reference" else ""
            key = named if chosen else None
            if key not in parts:
                parts[key] = (self.larger(minimum, named) if chosen else self, {})
            part, tasks = parts[key]
            tasks[m] = task_of(fitting, ask, self.labels, part.there & ~part.small)
        return list(parts.values())

    def fitting(self, ask: Asked) -> Measure | None:
        """Find the measure that does a job for this kind and order; none may fit."""
        fits = (v for v in ask.variants if v.fits(self.setting.kind, self.dimension.ordered))
        return next(fits, None)

    def enter(self, grid: _Grid, d: int, m: int, ask: Asked) -> None:
        """Show a row for a measure, and say why it has no value where it does not fit."""
        fitting, place = self.fitting(ask), (self.here, d, m)
        grid.shown[place] = True
        grid.measure[place] = list(REGISTER).index((fitting or ask.variants[0]).name)
        if fitting is None:
            grid.numbers["segments"][place] = self.segments
            grid.reason.add(place, self.reason | because(self.count >= 2, self.misfit(ask)))

    def _reason(self) -> Reasons:
        """Say why no measure can be had, or what is left out of all of them."""
        why = first_that_holds(
            [
                (not self.dimension.exclusive, Reason.OVERLAPPING),
                (self.hidden, Reason.SUPPRESSED_SEGMENT),
                (self.count < 2, Reason.FEW_SEGMENTS),
                (self.lost.any(axis=0), Reason.LEFT_OUT),
            ],
            self.count.shape,
        )
        why |= because(self.small.any(axis=0) & self.told, Reason.SMALL_LEFT_OUT)
        return why | because(self.unsized & self.told, Reason.SIZE_UNKNOWN)

    def misfit(self, ask: Asked) -> Reason:
        """Say why a measure is not for these segments."""
        in_order = any(m.fits_order(self.dimension.ordered) for m in ask.variants)
        return Reason.NOT_BOUNDED if in_order else Reason.NOT_ORDERED

    def fill(self, grid: _Grid, d: int, tasks: Mapping[int, Task], how: How) -> None:
        """Summarize every stratum by some measures."""
        for m in tasks:
            place = (self.here, d, m)
            grid.numbers["segments"][place] = self.segments
            grid.reason.add(place, self.reason)
        for strata, rows in self.chunks(how):
            chunk = Chunk(self.setting, how, self.rates.take(rows, strata))
            here = [task._replace(choice=some(task.choice, strata), lost=task.lost[strata])
                    for task in tasks.values()]  # fmt: skip
            for m, task, (numbers, why) in zip(tasks, here, chunk.rows(here), strict=True):
                place = (self.here[strata], d, m)
                for name, values in numbers.items():
                    scaled = values * float(self.goal.per) ** task.measure.degree
                    grid.numbers[name][place] = scaled
                grid.reason.add(place, why)

    def chunks(self, how: How) -> Iterator[tuple[IntArray, IntArray]]:
        """Give strata of one number of segments together, as many as fit a cache, and their rows.

        Rows are shaped (segments, strata).
        """
        order = np.argsort(~(self.there & ~self.small), axis=0, kind="stable")
        most = _CHUNK if how.intervals == "analytic" else _DRAWN // how.draws
        for k in np.unique(self.count[self.count >= 2]):
            alike = np.flatnonzero(self.count == k)
            step = max(1, most // int(k))
            for start in range(0, len(alike), step):
                strata = alike[start : start + step]
                yield strata, order[:k, strata]


def _rates(answer: Answer, cells: Cells, place: Any, indicator: int) -> Rates:
    """Gather what is known of segments, per member of the population, with the table's limits."""
    kind, per = answer.segments.kinds[indicator], float(answer.goals[indicator].per)
    unit, family = float(answer.segments.unit_of(indicator)), cells.family
    known, stats = cells.state == State.OK, known_stats(cells)

    def spread(values: FloatArray) -> FloatArray:
        whole = np.full(cells.shape, np.nan)
        whole[known] = values
        return whole

    events, size = family.effective(stats, kind)
    return Rates(
        rate=spread(family.rate(stats, kind) / unit),
        low=answer.values["ci_low"][place] / per,
        high=answer.values["ci_high"][place] / per,
        se=spread(family.standard_error(stats, kind, unit)),
        df=spread(family.df(stats, kind)),
        events=spread(events),
        size=spread(size),
        rows=spread(family.rows(stats)),
        population=cells.population,
    )


class _Split:
    """Theil's index of all segments in all strata, between the strata and within them."""

    def __init__(self, group: _Group, rolled: BoolArray) -> None:
        self.group, self.rolled = group, rolled
        there = group.there[:, ~rolled]
        rates = group.rates
        people = np.where(there, rates.population[:, ~rolled], 0.0)
        with np.errstate(invalid="ignore"):  # nobody may be there
            self.share = people / people.sum()
        self.rate = np.where(there, rates.rate[:, ~rolled], 0.0)
        self.se = np.where(there, rates.se[:, ~rolled], 0.0)
        self.rates = Rates(**{
            name: np.where(there, values[:, ~rolled], np.nan)
            for name, values in vars(rates).items()
        })  # fmt: skip
        self.mean = np.asarray((self.rate * self.share).sum())

    def fill(self, grid: _Grid, d: int, start: int, split: Sequence[str], how: How) -> None:
        """Give both parts a row in the stratum that is all others together."""
        reason = self._reason()
        usable = reason in (None, Reason.LEFT_OUT)
        numbers, why = self._numbers(how) if usable else ({}, no_reason((len(SPLIT),)))
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
            for name, values in numbers.items():
                grid.numbers[name][place] = values[part]

    def _numbers(self, how: How) -> tuple[dict[str, FloatArray], Reasons]:
        """Give the numbers of both parts, and why there is no interval, or none that is valid."""
        value = np.maximum(theil_by_place(self.rate, self.share), 0.0)  # rounding may leave −1e-17
        interval = self._analytic if how.intervals == "analytic" else self._simulated
        se, low, high, why = interval(value, how)
        numbers = {
            "value": value,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "expected_if_equal": np.array(self._if_equal()),
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

    def _if_equal(self) -> TheilSplit:
        setting = self.group.setting
        if setting.counted and setting.kind != "mean":
            return split_if_equal(self.share, self.rates.size, float(self.mean), setting.kind)
        return theil_by_place_if_equal(self.share, self.se, self.mean)

    def _analytic(self, value: FloatArray, how: How) -> SplitInterval:
        se = np.array(theil_by_place_error(self.rate, self.share, self.se))
        se = np.where(se > _ROUNDING, se, np.nan)  # equal rates leave what rounding leaves
        reason = because(np.isnan(se), self._no_error())
        if how.level is None:
            return se, np.full(2, np.nan), np.full(2, np.nan), reason
        known = known_of(self.group.setting, self.rates, self.share, None, how.level)
        found = [form(known, self.share) for form in (between_places, within_places)]
        low, high, caution = (np.array(values) for values in zip(*found, strict=True))
        for one, why in CAUTIONS.items():
            reason |= because((caution & one > 0) & ~np.isnan(low), why)
        reason = reason.kept(~np.isnan(low), because(np.isnan(low), self.group.setting.no_error))
        return se, np.minimum(low, value), np.maximum(high, value), reason

    def _no_error(self) -> Reason:
        """Say why a standard error is missing."""
        se = self.se[self.share > 0]
        if np.isnan(se).any():
            return self.group.setting.no_error
        return Reason.NO_ERROR_ZERO if (se == 0).any() else Reason.NO_ERROR_TIES

    def _simulated(self, value: FloatArray, how: How) -> SplitInterval:
        """Draw stratum by stratum, and keep the three sums that both parts are made of."""
        sums = np.zeros((3, how.draws))
        rng = np.random.default_rng(how.seed)
        for j in np.flatnonzero(self.share.sum(axis=0) > 0):
            in_it = self.share[:, j] > 0
            drawn = bounded_draws(
                self.rate[in_it, j], self.se[in_it, j], self.rates.size[in_it, j],
                self.group.setting.kind, count=how.draws, rng=rng,
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
