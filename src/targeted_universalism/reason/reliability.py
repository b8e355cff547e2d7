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
from targeted_universalism.estimates import effective
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
    if kind == "mean":
        nowhere = np.zeros(cells.shape, dtype=np.bool_)[:, here]
        return nowhere, nowhere, ~nowhere
    if answer.segments.source == "counts":
        judge = proportion_of_counts if kind == "proportion" else rate_of_counts
        return judge(*effective(stats, kind))
    unit = float(answer.segments.unit)
    rate, se = stats["rate"] / unit, stats["se"] / unit
    if kind == "proportion":
        return _proportion_of_estimates(rate, se, stats["n"], stats["population"])
    adjusted = stats["standardized"] > 0
    width = (stats["ci_high"] - stats["ci_low"]) / unit
    people = np.where(adjusted, np.nan, stats["population"])
    return _rate_of_estimates(rate, se, width, people)


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
    p: FloatArray, se: FloatArray, n: FloatArray, population: FloatArray
) -> Judged:
    """Judge by the effective sample size p(1 − p)/se², at most the sample's own.

    Without either, only a population below 30 is known to be too few.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = np.fmin(p * (1 - p) / se**2, n)
    edge = (p == 0) | (p == 1)
    effective = np.where(edge | ~(se > 0), n, effective)
    bad, review, _ = proportion_of_counts(p * effective, effective)
    unknown = np.isnan(effective)
    few = population < 30
    return few | (bad & ~unknown), review & ~unknown, unknown & ~few


def _rate_of_estimates(
    rate: FloatArray, se: FloatArray, width: FloatArray, population: FloatArray
) -> Judged:
    """Judge by ten events where people are known, and by a relative width of at most 160 %.

    The width is that of the published interval where there is one, else of exp(ln r ± z·se/r).
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        step = np.exp(z_value(0.95) * se / rate)
        relative = np.where(np.isfinite(width), width / rate, step - 1 / step)
        few = rate * population < 10
    judged = np.isfinite(relative) & (rate > 0) & ((se > 0) | np.isfinite(width))
    unknown: BoolArray = ~judged & np.isnan(population)
    return few | (judged & (relative > 1.60)), np.zeros(rate.shape, dtype=np.bool_), unknown
