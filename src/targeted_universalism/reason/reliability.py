"""Is a rate precise enough to be read? Flags by the NCHS standards, kept apart from disclosure.

Proportions: Parker et al. (2017), Vital Health Stat 2(175). Rates and counts: Parker et al.
(2023), Vital Health Stat 2(200). A flag never removes a value.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.answer import FLAG_WORDS, Answer
from targeted_universalism.cells import State
from targeted_universalism.errors import Reason
from targeted_universalism.intervals import clopper_pearson, z_value

RULES = ("nchs", None)
OK, UNRELIABLE, SUPPRESSED, NO_DATA = range(len(FLAG_WORDS))

# From this size on, every exact interval is narrower than 5 points: nothing is left to test.
_ALWAYS_NARROW = 1_700.0


def flagged(answer: Answer) -> Answer:
    """Give every row its flag, by the rule in the answer's options."""
    cells = answer.cells
    flag = np.full(cells.shape, OK, dtype=np.uint8)
    reason = answer.reason.copy()
    if answer.options.reliability is not None:
        for i in range(len(answer.goals)):
            here = answer.segments.strata.indicator == i
            bad, review, unknown = _judge(answer, answer.segments.kinds[i], here)
            flag[:, here] = np.where(bad, UNRELIABLE, OK)
            reason[:, here] |= np.where(review, np.int64(Reason.REVIEW), np.int64(0))
            reason[:, here] |= np.where(unknown, np.int64(Reason.NOT_ASSESSED), np.int64(0))
    for state, code in ((State.SUPPRESSED, SUPPRESSED), (State.NO_DATA, NO_DATA)):
        flag[cells.state == state] = code
    flag[cells.state == State.ABSENT] = NO_DATA
    known = cells.state == State.OK
    reason = np.where(known, reason, answer.reason)
    return replace(answer, flag=flag, reason=reason)


Judged = tuple[BoolArray, BoolArray, BoolArray]


def _judge(answer: Answer, kind: str, here: BoolArray) -> Judged:
    """Tell which rates are unreliable, which ask for review, and which cannot be judged."""
    cells = answer.cells
    stats = {name: values[:, here] for name, values in cells.stats.items()}
    if answer.segments.source == "counts":
        judge = proportion_of_counts if kind == "proportion" else rate_of_counts
        return judge(stats["events"], stats["population"])
    unit = float(answer.segments.unit)
    rate, se = stats["rate"] / unit, stats["se"] / unit
    size = np.where(np.isnan(stats["n"]), stats["population"], stats["n"])
    if kind == "proportion":
        return _proportion_of_estimates(rate, se, size, np.isfinite(stats["n"]))
    if kind == "mean":
        nowhere = np.zeros(rate.shape, dtype=np.bool_)
        return nowhere, nowhere, ~nowhere
    adjusted = stats["standardized"] > 0
    return _rate_of_estimates(rate, se, np.where(adjusted, np.nan, stats["population"]))


def proportion_of_counts(events: FloatArray, size: FloatArray) -> Judged:
    """Judge counts: at least 30 people, and an exact interval that is narrow or relatively so."""
    with np.errstate(invalid="ignore"):
        few = size < 30
        edge = (events == 0) | (events == size)
        tested = ~few & ~edge & (size < _ALWAYS_NARROW) & (events >= 0)
    wide = np.zeros(events.shape, dtype=np.bool_)
    wide[tested] = too_wide(events[tested], size[tested])
    return few | wide, edge & ~few, np.zeros(events.shape, dtype=np.bool_)


def too_wide(events: FloatArray, size: FloatArray) -> BoolArray:
    """Test the exact interval's width: 0.30 or more, or above 0.05 and 130 % of the proportion."""
    low, high = clopper_pearson(events, size)
    width = high - low
    return np.asarray((width >= 0.30) | ((width > 0.05) & (width / (events / size) > 1.30)))


def rate_of_counts(events: FloatArray, size: FloatArray) -> Judged:
    """Judge a rate: at least ten events and ten people; the width rule then holds by itself."""
    nowhere = np.zeros(events.shape, dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        return (events < 10) | (size < 10), nowhere, nowhere


def _proportion_of_estimates(
    p: FloatArray, se: FloatArray, size: FloatArray, sampled: BoolArray
) -> Judged:
    """Judge by the effective sample size p(1 − p)/se², at most the sample's own."""
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = p * (1 - p) / se**2
    edge = (p == 0) | (p == 1)
    usable = np.isfinite(effective) & ~edge
    effective = np.where(usable, np.where(sampled, np.fmin(effective, size), effective), size)
    bad, review, _ = proportion_of_counts(p * effective, effective)
    unknown = np.isnan(effective)
    return bad & ~unknown, review & ~unknown, unknown


def _rate_of_estimates(rate: FloatArray, se: FloatArray, population: FloatArray) -> Judged:
    """Judge by ten events where people are known, and by a relative width of at most 160 %."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        step = np.exp(z_value(0.95) * se / rate)
        wide = (step - 1 / step) > 1.60
        few = rate * population < 10
    judged = np.isfinite(se) & (se > 0) & (rate > 0)
    unknown: BoolArray = ~judged & np.isnan(population)
    return few | (judged & wide), np.zeros(rate.shape, dtype=np.bool_), unknown
