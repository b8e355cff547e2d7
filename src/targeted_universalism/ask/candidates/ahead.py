"""Where the trend of everybody leads by a deadline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from targeted_universalism._typing import BoolArray
from targeted_universalism.ask.candidates.today import Found, Now, Rates, added_up
from targeted_universalism.ask.series import times_apart
from targeted_universalism.measures.arrival import LEAST_POINTS
from targeted_universalism.measures.pace import PACE_OF_KIND, PACES
from targeted_universalism.measures.trend import fitted, on_scale


def projection(now: Now) -> Found:
    """Follow the line through the overall rates of all times to the deadline."""
    if now.time is None or now.times is None or now.asked.deadline is None:
        return np.nan, "no projection without time= and deadline="
    times = now.times[0]
    end = times.deadline(float(now.asked.deadline))
    found = _over_time(now)
    if found is None:
        return np.nan, now.without
    used = times_apart(times.at, len(times.at) - 1, _pools(now)) & ~np.isnan(found.rate)
    if used.sum() < LEAST_POINTS:
        return np.nan, f"fewer than {LEAST_POINTS} times with an overall rate that share no year"
    value = _on_line(now, found, used, end)
    labels = [text for text, here in zip(times.labels, used, strict=True) if here]
    said = (
        f"the {PACE_OF_KIND[now.kind]} line through the overall rates of {len(labels)} times, "
        f"{labels[0]} to {labels[-1]}, at {now.asked.deadline}"
    )
    if np.isnan(value):
        return np.nan, f"{said}: a rate has no place on it"
    worse = now.sign * (value - now.rate) < 0
    return now.better(value, f"{said}; worse than {now.number(now.rate)} today" if worse else said)


def _over_time(now: Now) -> Rates | None:
    """Give the overall rate of every time, shaped (levels,); None where strata cannot be added."""
    time, (_, codes) = str(now.time), now.times or (None, [])
    others = [name for name in now.own.strata.names if name != time]
    every = added_up(now.own, others)
    if every is None:
        return None
    strata = every.strata
    place = {int(code): i for i, code in enumerate(strata.codes[strata.names.index(time)])}
    there = every.take(np.array([place[code] for code in codes], dtype=np.int64))
    return Rates.of(there, now.indicator, 0)


def _pools(now: Now) -> float:
    """Give how many years one time pools, by the labels or as ``years=`` said; a date none."""
    said = now.segments.facts.get("years")
    name = now.segments.strata.indicators[now.indicator]
    years = said.get(name) if isinstance(said, Mapping) else said
    labels = 0.0 if now.times is None else float(now.times[0].pools.max(initial=0.0))
    return max(labels, 0.0 if years is None else float(years))


def _on_line(now: Now, found: Rates, used: BoolArray, end: float) -> float:
    """Give the rate at the end of the line through some times."""
    when = () if now.times is None else now.times[0].at[used]
    pace = PACE_OF_KIND[now.kind]
    column = [
        values[used, None]
        for values in (
            found.rate / now.unit,
            np.sqrt(found.variance) / now.unit,
            found.events,
            found.size,
        )
    ]
    rate, se, events, size = column
    points = on_scale(
        np.asarray(when), pace=pace, kind=now.kind, rate=rate, se=se, events=events, size=size
    )
    line = fitted(np.asarray(when), points.value, points.variance, np.array([end]))
    return float(PACES[pace].back(line.value)[0] * now.unit)
