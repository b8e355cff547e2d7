"""Theil's index of all segments in all strata, parted by place: between the strata and within."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.ask.inequality.grid import SPLIT, SummaryGrid
from targeted_universalism.ask.inequality.groups import DimensionGroup
from targeted_universalism.ask.inequality.strata import How, Rates, known_of
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
from targeted_universalism.measures.inequality.register import REGISTER
from targeted_universalism.reasons import Reason, Reasons, because, no_reason

_ROUNDING = 1e-12

# Standard errors, low and high ends of both parts, (2,), and why they miss.
SplitInterval = tuple[FloatArray, FloatArray, FloatArray, Reasons]


class TheilByPlace:
    """Theil's index of all segments in all strata, between the strata and within them.

    Arrays are shaped (segments, strata), roll-ups left out; `share` sums to 1 over all of them.
    """

    def __init__(self, group: DimensionGroup, rolled: BoolArray) -> None:
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

    def fill(self, grid: SummaryGrid, d: int, start: int, split: Sequence[str], how: How) -> None:
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
        """Say why there is no index, or who is left out of it; None where all is well."""
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
        """Say what noise alone makes of both parts where all segments are equal."""
        setting = self.group.setting
        if setting.counted and setting.kind != "mean":
            return split_if_equal(self.share, self.rates.size, float(self.mean), setting.kind)
        return theil_by_place_if_equal(self.share, self.se, self.mean)

    def _analytic(self, value: FloatArray, how: How) -> SplitInterval:
        """Give both parts the intervals that follow from the segments' own limits."""
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
