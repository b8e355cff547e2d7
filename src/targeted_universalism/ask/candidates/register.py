"""Ways to a candidate for a goal: one register, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.ask.candidates.ahead import projection
from targeted_universalism.ask.candidates.today import Found, Now, Rates
from targeted_universalism.measures.entry import Entry, by_name
from targeted_universalism.measures.intervals import z_value
from targeted_universalism.segments.segments import Segments

# Fewest people of a segment that may be the best, as in a.disparities("best").
LEAST_PEOPLE = 30
_H = 0.10
_CERTAINTY = 0.95


@dataclass(frozen=True, eq=False, kw_only=True)
class Candidate(Entry):
    """One way to come to a value.

    Parameters
    ----------
    judge : callable
        Takes what is known of an indicator; gives the value, missing where there is none, and the
        numbers it comes from, or why there is none.
    of_group : bool
        Whether it is what one group has: context, and no universal goal.
    """

    judge: Callable[[Now], Found]
    of_group: bool = False


def _from_today(find: Callable[[Now], Found]) -> Callable[[Now], Found]:
    """Ask of an overall rate that is known."""
    return lambda now: (np.nan, now.without) if np.isnan(now.rate) else find(now)


def _overall(now: Now) -> Found:
    said = f"the overall rate{now.when} is {now.number(now.rate)}"
    cells = None if now.together is None else now.together.cells
    if cells is None or not cells.family.counted or now.kind == "mean":
        return now.rate, said
    events, people = (float(v[0, 0]) for v in (cells.stats["events"], cells.population))
    many = len(now.today.strata)
    places = f" in {many:,} strata" if many > 1 else ""
    return now.rate, f"{said}: {events:,.10g} of {people:,.10g}{places}"


def _maintained(now: Now) -> Found:
    return now.rate, f"the overall rate{now.when}, {now.number(now.rate)}, kept as it is"


def _best(now: Now) -> Found:
    """Find the segment that is furthest in the wanted direction."""
    if now.together is None:
        return np.nan, now.without
    index = now.together.index
    exclusive = np.array([d.exclusive for d in index.dimensions])[index.dimension_of]
    allowed = exclusive & ~index.unknown & (index.dimension_of > 0)
    found = Rates.of(now.together, now.indicator, slice(None))
    people = _people(now.together)
    if found.hidden[allowed].any():
        return np.nan, "no best segment can be named: a segment is hidden"
    allowed = allowed & ~np.isnan(found.rate[:, 0]) & ~(people < LEAST_PEOPLE)
    if allowed.sum() < 2:
        return np.nan, f"fewer than two segments with a rate and {LEAST_PEOPLE} people"
    best = int(np.argmax(np.where(allowed, now.sign * found.rate[:, 0], -np.inf)))
    rate, dimension = float(found.rate[best, 0]), index.dimensions[index.dimension_of[best]].name
    return rate, f"{index.labels[best]} ({dimension}) has {now.number(rate)}{now.when}"


def _people(segments: Segments) -> FloatArray:
    """Count the people of each row: rows of records where there are such, else the population."""
    cells = segments.cells
    rows = cells.family.rows(cells.stats)[:, 0]
    return np.where(np.isnan(rows), cells.population[:, 0], rows)


def _better_than_best(now: Now) -> Found:
    value, said = _best(now)
    return value, said if np.isnan(value) else f"anything better than the best group: {said}"


def _percentile(now: Now) -> Found:
    """Give the percentile of all strata's overall rates, each counted once."""
    found = Rates.of(now.today, now.indicator, 0)
    rates = found.rate[~np.isnan(found.rate)]
    if len(rates) < 2:
        return np.nan, "fewer than two strata with an overall rate: name places in by="
    at = now.asked.percentile if now.sign > 0 else 100 - now.asked.percentile
    value = float(np.percentile(rates, at))
    hidden = int(found.hidden.sum())
    more = f", {hidden} more are hidden" if hidden else ""
    return value, (
        f"percentile {at:g} of the overall rates of {len(rates):,} strata{now.when}, each counted "
        f"once{more}: {100 - now.asked.percentile:g} % of them are there or better"
    )


def _percent(now: Now) -> Found:
    """Give the rate that is some per cent better; a mean below 0 has no per cent."""
    part = now.asked.improvement
    if now.rate < 0:
        return np.nan, f"no per cent of {now.number(now.rate)}"
    value = now.rate * (1 + now.sign * part)
    return now.better(value, f"{100 * part:g} % better than {now.number(now.rate)}{now.when}")


def _of_proportions(find: Callable[[Now], Found]) -> Callable[[Now], Found]:
    """Ask of proportions alone."""
    return lambda now: (
        find(now)
        if now.kind == "proportion"
        else (np.nan, f"only for proportions, not a {now.kind}")
    )


def _points(now: Now) -> Found:
    points = 100 * now.asked.improvement
    value = now.rate + now.sign * now.asked.improvement * now.unit
    return now.better(value, f"{points:g} points better than {now.number(now.rate)}{now.when}")


def _effect_size(now: Now) -> Found:
    """Give sin²(asin√B + s·h/2)."""
    said = f"Cohen's h of {_H:.2f} better than {now.number(now.rate)}{now.when}"
    angle = np.arcsin(np.sqrt(now.rate / now.unit)) + now.sign * _H / 2
    if not 0 <= angle <= np.pi / 2:
        return np.nan, f"{said}: no such rate"
    return float(np.sin(angle) ** 2 * now.unit), said


def _significance(now: Now) -> Found:
    """Give B + s·z·√2·SE of the overall rate B."""
    error = np.nan if now.overall is None else float(np.sqrt(now.overall.variance[0]))
    if not error > 0:
        return np.nan, f"no standard error above 0 of {now.number(now.rate)}{now.when}"
    z = z_value(_CERTAINTY)
    said = f"{z:.2f} × √2 × the standard error {error:.3g} better than {now.number(now.rate)}"
    return now.better(now.rate + now.sign * z * np.sqrt(2) * error, f"{said}{now.when}")


_TARGETS = "Healthy People 2030"

REGISTER: Mapping[str, Candidate] = MappingProxyType(
    by_name(
        Candidate(
            name="overall rate", says="what everybody has today",
            source="the general population, which comes first",
            judge=_from_today(_overall),
        ),
        Candidate(
            name="best segment", says="what the segment furthest in the wanted direction has",
            source="context: a universal goal refers to no group", judge=_best, of_group=True,
        ),
        Candidate(
            name="better than the best", says="more than the best group has",
            source="context: Healthy People 2010; a universal goal refers to no group",
            judge=_better_than_best, of_group=True,
        ),
        Candidate(
            name="percentile of places", says="what some places have already",
            source="a percentile by linear interpolation", judge=_percentile,
        ),
        Candidate(
            name="per cent better", says="today's rate, better by a share of it",
            source=f"{_TARGETS}: percent improvement", judge=_from_today(_percent),
        ),
        Candidate(
            name="points better", says="today's rate, better by points",
            source=f"{_TARGETS}: percentage point improvement",
            judge=_of_proportions(_from_today(_points)),
        ),
        Candidate(
            name="Cohen's h", says="today's rate, better by an effect size of 0.10",
            source=f"{_TARGETS}: Cohen's h of 0.10",
            judge=_of_proportions(_from_today(_effect_size)),
        ),
        Candidate(
            name="projection", says="where the trend so far leads by the deadline",
            source=f"{_TARGETS}: projection", judge=_from_today(projection),
        ),
        Candidate(
            name="minimal significance",
            says="the nearest rate that would differ from today's beyond chance",
            source=f"after {_TARGETS}: minimal statistical significance",
            judge=_from_today(_significance),
        ),
        Candidate(
            name="baseline", says="today's rate, maintained",
            source=f"{_TARGETS}: maintain the baseline", judge=_from_today(_maintained),
        ),
    )
)  # fmt: skip
