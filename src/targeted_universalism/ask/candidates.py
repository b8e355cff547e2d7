"""Values that people look at before they set a goal, each with where it comes from (TU13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, FloatArray, Number
from targeted_universalism.answer.goals import LAST_YEAR
from targeted_universalism.answer.rates import estimate, known_stats
from targeted_universalism.answer.tables import Words, tabled
from targeted_universalism.ask.series import laid_along, times_apart
from targeted_universalism.errors import (
    CallError,
    InputError,
    advised,
    check_above_0,
    check_one_of,
    check_whole,
    did_you_mean,
    shown,
)
from targeted_universalism.labels import label
from targeted_universalism.measures.entry import Entry, by_name
from targeted_universalism.measures.goal import DIRECTIONS
from targeted_universalism.measures.intervals import z_value
from targeted_universalism.measures.pace import PACE_OF_KIND, PACES
from targeted_universalism.measures.trend import LEAST_POINTS, fitted, on_scale
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import CANDIDATES
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.times import Times

# Fewest people of a segment that may be the best, as in a.disparities("best").
LEAST_PEOPLE = 30
_H = 0.10
_CERTAINTY = 0.95


@advised
def candidate_goals(
    segments: Segments,
    *,
    direction: str | Mapping[str, str],
    percentile: Number = 90,
    improvement: Number = 0.10,
    time: str | None = None,
    deadline: int | None = None,
) -> pd.DataFrame:
    """List values that people look at before they set a goal; none of them is one by itself.

    Which number everybody should reach is for those to say whom it concerns, with their reasons:
    type it into ``tu.Goal``. What one group has is shown as context and can be no universal goal.

    Parameters
    ----------
    segments : Segments
        What is known, public or not; all strata together are the overall rate, each is a place.
    direction : {"at least", "at most"} or mapping of indicator to one of them
        Which side is wanted: data do not say.
    percentile : number
        Of the places, from 1 to 99.9, from the side that is not wanted: at 90 a tenth of them
        are there or better.
    improvement : number
        How much better than today, as a share: 0.10 is 10 %, or 10 points.
    time : str, optional
        The `by` column of years, school years or dates: today is then its last time, and the
        overall rate of all times makes the trend.
    deadline : int, optional
        The year for which the trend is projected.

    Returns
    -------
    DataFrame
        The same candidates whatever the data; a value that cannot be had is missing, and
        ``provenance`` says why.

        Columns (units in brackets):

        - ``indicator``: what is measured; empty where nothing says
        - ``candidate``: where the value comes from
        - ``value`` (``per``): the value; missing where there is none
        - ``per``: the unit of the value
        - ``refers_to_group``: whether it is what one group has
        - ``admissible``: whether such a value may be a universal goal: none that refers to a group
          may
        - ``provenance``: the numbers that the value comes from, or why there is none, and whose
          method

    Raises
    ------
    InputError
        If the direction of an indicator is not said, or an option is out of its range.

    Notes
    -----
    powell, Menendian & Ake (2019): a universal goal is set without reference to a group. The
    methods are those by which Healthy People 2030 sets its targets, and the "better than the best"
    of Healthy People 2010. The projection is a straight line on the scale of the usual pace of each
    kind, through at least three times that share no year. The best segment has at least 30 people
    and is missing where any segment is hidden.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "group": ["Asian", "Black", "Latino", "White"],
    ...     "graduated": [1910, 462, 2520, 1800], "cohort": [2000, 600, 3000, 2000],
    ... })
    >>> s = tu.from_counts(
    ...     pupils, numerator="graduated", denominator="cohort", segments="group"
    ... )
    >>> found = tu.candidate_goals(s, direction="at least")
    >>> found[["candidate", "value", "admissible"]].round(3).head(2)
           candidate  value  admissible
    0   overall rate  0.881        True
    1   best segment  0.955       False

    """
    if not isinstance(segments, Segments):
        raise CallError(
            f"candidate_goals() takes Segments first, not {type(segments).__name__}: those of an "
            "assessment are a.segments."
        )
    asked = _Asked.checked(segments, direction, percentile, improvement, deadline)
    own = segments.take(np.flatnonzero(~segments.strata.rolled_up))
    _check_deadline(own, time, asked.deadline)
    rows = [
        (name, entry, *entry.judge(now))
        for i, name in enumerate(own.strata.indicators)
        for now in [_Now(own, i, asked, time)]
        for entry in REGISTER.values()
    ]
    return _table(own, rows)


def _table(segments: Segments, rows: list[tuple[str, Candidate, float, str]]) -> pd.DataFrame:
    names, entries, values, sentences = (list(part) for part in zip(*rows, strict=True))
    of = [segments.strata.indicators.index(name) for name in names]
    position = np.array([list(REGISTER).index(entry.name) for entry in entries], dtype=np.int64)
    return tabled(
        CANDIDATES, {},
        {
            "indicator": names,
            "candidate": Words(tuple(REGISTER), position),
            "value": np.array(values, dtype=np.float64),
            "per": np.array([float(segments.unit_of(i)) for i in of]),
            "refers_to_group": np.array([entry.of_group for entry in entries]),
            "admissible": np.array([not entry.of_group for entry in entries]),
            "provenance": [f"{said} ({entry.source})" for said, entry in
                           zip(sentences, entries, strict=True)],
        },
    )  # fmt: skip


# --- what is asked --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Asked:
    """What was asked for, checked: `signs` holds +1 or −1 for each indicator."""

    signs: tuple[int, ...]
    percentile: float
    improvement: float
    deadline: int | None

    @classmethod
    def checked(
        cls,
        segments: Segments,
        direction: object,
        percentile: object,
        improvement: object,
        deadline: object,
    ) -> _Asked:
        """Stop at what is out of its range."""
        hint = "90 is what a tenth of all places reach"
        share = check_above_0("improvement", improvement, "0.10 is 10 %")
        place = check_above_0("percentile", percentile, hint)
        if share > 1:
            raise InputError(f"improvement={shown(improvement)} is a share: 0.10 is 10 %.")
        if not 1 <= place < 100:  # 0.9 is meant as 90
            raise InputError(f"percentile={shown(percentile)} must lie from 1 to 99.9: {hint}.")
        return cls(_signs(segments, direction), place, share, _year(deadline))


def _year(deadline: object) -> int | None:
    """Read the year of a deadline, as a goal does."""
    if deadline is None:
        return None
    year = check_whole("deadline", deadline, 1, "a year, such as 2030")
    if year > LAST_YEAR:
        raise InputError(f"deadline={shown(year)} must be a year, such as 2030.")
    return year


def _check_deadline(segments: Segments, time: str | None, deadline: int | None) -> None:
    """Stop at a deadline that is not after the data."""
    if time is None or deadline is None:
        return
    times, _ = laid_along(segments.strata, time)
    if times.deadline(float(deadline)) <= times.at[-1]:
        raise InputError(
            f"deadline={deadline} is in the past: the data end with {times.labels[-1]}."
        )


def _signs(segments: Segments, direction: object) -> tuple[int, ...]:
    """Read which side is wanted, for each indicator."""
    names = segments.strata.indicators
    if not isinstance(direction, Mapping):
        check_one_of("direction", direction, DIRECTIONS)
        return (DIRECTIONS[str(direction)],) * len(names)
    said = {label(key): value for key, value in direction.items()}
    if names == ("",):
        raise InputError(
            f"direction={shown(dict(direction))} is by indicator, and the data name none: say "
            "direction='at least' or 'at most'."
        )
    for name in said.keys() - set(names):
        raise InputError(f"direction= names no indicator {name!r}. {did_you_mean(name, names)}")
    for name in names:
        if name not in said:
            raise InputError(
                f"direction= does not say which side is wanted of {name!r}: 'at least' or "
                "'at most'."
            )
        check_one_of(f"direction[{name!r}]", said[name], DIRECTIONS)
    return tuple(DIRECTIONS[said[name]] for name in names)


# --- what is known --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Rates:
    """Rates of cells as they are held, with what is known of their precision; of one shape."""

    rate: FloatArray
    variance: FloatArray
    events: FloatArray
    size: FloatArray
    hidden: BoolArray

    @classmethod
    def of(cls, segments: Segments, indicator: int, row: int | slice) -> _Rates:
        """Take those of one row, or several, of an indicator's strata."""
        index, kind = segments.index, segments.kinds[indicator]
        cells = segments.cells.family.informed(segments.cells, index)
        cells = cells.mapped(lambda values: values[row])
        own = estimate(cells, kind, float(segments.unit_of(indicator)), None, "auto")
        known, stats = cells.state == State.OK, known_stats(cells)
        variance, events, size = (np.full(cells.shape, np.nan) for _ in range(3))
        variance[known] = cells.family.variance(stats, kind, 1.0)
        events[known], size[known] = cells.family.effective(stats, kind)
        return cls(own.rate, variance, events, size, cells.state == State.SUPPRESSED)


@dataclass(frozen=True, eq=False)
class _Now:
    """What is known of one indicator today, and what is asked of it.

    Parameters
    ----------
    segments : Segments
        Without roll-ups.
    indicator : int
    asked : _Asked
    time : str or None
        The column of time.
    """

    segments: Segments
    indicator: int
    asked: _Asked
    time: str | None

    @property
    def kind(self) -> str:
        """Kind of outcome."""
        return self.segments.kinds[self.indicator]

    @property
    def sign(self) -> int:
        """+1 where more is wanted, −1 where less is."""
        return self.asked.signs[self.indicator]

    @property
    def unit(self) -> float:
        """What rates are per."""
        return float(self.segments.unit_of(self.indicator))

    @cached_property
    def _own(self) -> Segments:
        """The strata of the indicator."""
        return self.segments.take(np.flatnonzero(self.segments.strata.indicator == self.indicator))

    @cached_property
    def times(self) -> tuple[Times, list[int]] | None:
        """The times there are, and the code of each."""
        return None if self.time is None else laid_along(self._own.strata, self.time)

    @cached_property
    def today(self) -> Segments:
        """The strata of the last time."""
        if self.times is None or self.time is None:
            return self._own
        strata = self._own.strata
        codes = strata.codes[strata.names.index(self.time)]
        return self._own.take(np.flatnonzero(codes == self.times[1][-1]))

    @property
    def when(self) -> str:
        """Say when today is."""
        return "" if self.times is None else f" in {self.times[0].labels[-1]}"

    @cached_property
    def together(self) -> Segments | None:
        """All strata of today as one; None where they cannot be added up."""
        return _added_up(self.today, None)

    @cached_property
    def overall(self) -> _Rates | None:
        """The rate of everybody today, in arrays shaped (1,)."""
        return None if self.together is None else _Rates.of(self.together, self.indicator, 0)

    @property
    def rate(self) -> float:
        """The rate of everybody today; NaN where it is not known."""
        return np.nan if self.overall is None else float(self.overall.rate[0])

    @property
    def without(self) -> str:
        """Say why there is no overall rate."""
        if self.overall is None:
            return "no overall rate: the strata cannot be added up"
        hidden = bool(self.overall.hidden[0])
        return f"no overall rate: it is {'hidden' if hidden else 'not known'}"

    def number(self, value: float) -> str:
        """Write a rate with its unit."""
        return f"{value:.4g}" if self.unit == 1 else f"{value:.4g} per {self.unit:,.10g}"

    def better(self, value: float, said: str) -> Found:
        """Give a value, or say that no rate of the kind is as good."""
        most = self.unit if self.kind == "proportion" else np.inf
        least = -np.inf if self.kind == "mean" else 0.0
        if least <= value <= most:
            return value, said
        return np.nan, f"{said}: no such rate, it would be {self.number(value)}"


Found: TypeAlias = tuple[float, str]


def _added_up(segments: Segments, over: list[str] | None) -> Segments | None:
    """Add strata up over some columns, or all; None where that cannot be done."""
    names = list(segments.strata.names) if over is None else over
    if not names or (over is None and len(segments.strata) == 1):
        return segments
    try:
        rolled = segments.rolled_up(names)
    except InputError:
        return None
    return rolled.take(np.flatnonzero(rolled.strata.rolled_up))


# --- the candidates -------------------------------------------------------------------------------


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

    judge: Callable[[_Now], Found]
    of_group: bool = False


def _from_today(find: Callable[[_Now], Found]) -> Callable[[_Now], Found]:
    """Ask of an overall rate that is known."""
    return lambda now: (np.nan, now.without) if np.isnan(now.rate) else find(now)


def _overall(now: _Now) -> Found:
    said = f"the overall rate{now.when} is {now.number(now.rate)}"
    cells = None if now.together is None else now.together.cells
    if cells is None or not cells.family.counted or now.kind == "mean":
        return now.rate, said
    events, people = (float(v[0, 0]) for v in (cells.stats["events"], cells.population))
    many = len(now.today.strata)
    places = f" in {many:,} strata" if many > 1 else ""
    return now.rate, f"{said}: {events:,.10g} of {people:,.10g}{places}"


def _maintained(now: _Now) -> Found:
    return now.rate, f"the overall rate{now.when}, {now.number(now.rate)}, kept as it is"


def _best(now: _Now) -> Found:
    """Find the segment that is furthest in the wanted direction."""
    if now.together is None:
        return np.nan, now.without
    index = now.together.index
    exclusive = np.array([d.exclusive for d in index.dimensions])[index.dimension_of]
    allowed = exclusive & ~index.unknown & (index.dimension_of > 0)
    found = _Rates.of(now.together, now.indicator, slice(None))
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


def _better_than_best(now: _Now) -> Found:
    value, said = _best(now)
    return value, said if np.isnan(value) else f"anything better than the best group: {said}"


def _percentile(now: _Now) -> Found:
    """Give the percentile of all strata's overall rates, each counted once."""
    found = _Rates.of(now.today, now.indicator, 0)
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


def _percent(now: _Now) -> Found:
    """Give the rate that is some per cent better; a mean below 0 has no per cent."""
    part = now.asked.improvement
    if now.rate < 0:
        return np.nan, f"no per cent of {now.number(now.rate)}"
    value = now.rate * (1 + now.sign * part)
    return now.better(value, f"{100 * part:g} % better than {now.number(now.rate)}{now.when}")


def _of_proportions(find: Callable[[_Now], Found]) -> Callable[[_Now], Found]:
    """Ask of proportions alone."""
    return lambda now: (
        find(now)
        if now.kind == "proportion"
        else (np.nan, f"only for proportions, not a {now.kind}")
    )


def _points(now: _Now) -> Found:
    points = 100 * now.asked.improvement
    value = now.rate + now.sign * now.asked.improvement * now.unit
    return now.better(value, f"{points:g} points better than {now.number(now.rate)}{now.when}")


def _effect_size(now: _Now) -> Found:
    """Give sin²(asin√B + s·h/2)."""
    said = f"Cohen's h of {_H:.2f} better than {now.number(now.rate)}{now.when}"
    angle = np.arcsin(np.sqrt(now.rate / now.unit)) + now.sign * _H / 2
    if not 0 <= angle <= np.pi / 2:
        return np.nan, f"{said}: no such rate"
    return float(np.sin(angle) ** 2 * now.unit), said


def _significance(now: _Now) -> Found:
    """Give B + s·z·√2·SE of the overall rate B."""
    error = np.nan if now.overall is None else float(np.sqrt(now.overall.variance[0]))
    if not error > 0:
        return np.nan, f"no standard error above 0 of {now.number(now.rate)}{now.when}"
    z = z_value(_CERTAINTY)
    said = f"{z:.2f} × √2 × the standard error {error:.3g} better than {now.number(now.rate)}"
    return now.better(now.rate + now.sign * z * np.sqrt(2) * error, f"{said}{now.when}")


def _projection(now: _Now) -> Found:
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


def _over_time(now: _Now) -> _Rates | None:
    """Give the overall rate of every time, shaped (levels,); None where strata cannot be added."""
    time, (_, codes) = str(now.time), now.times or (None, [])
    others = [name for name in now._own.strata.names if name != time]
    every = _added_up(now._own, others)
    if every is None:
        return None
    strata = every.strata
    place = {int(code): i for i, code in enumerate(strata.codes[strata.names.index(time)])}
    there = every.take(np.array([place[code] for code in codes], dtype=np.int64))
    return _Rates.of(there, now.indicator, 0)


def _pools(now: _Now) -> float:
    """Give how many years one time pools, by the labels or as ``years=`` said; a date none."""
    said = now.segments.facts.get("years")
    name = now.segments.strata.indicators[now.indicator]
    years = said.get(name) if isinstance(said, Mapping) else said
    labels = 0.0 if now.times is None else float(now.times[0].pools.max(initial=0.0))
    return max(labels, 0.0 if years is None else float(years))


def _on_line(now: _Now, found: _Rates, used: BoolArray, end: float) -> float:
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
    value, variance = on_scale(
        np.asarray(when), pace=pace, kind=now.kind, rate=rate, se=se, events=events, size=size
    )
    line = fitted(np.asarray(when), value, variance, np.array([end]))
    return float(PACES[pace].back(line.value)[0] * now.unit)


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
            source=f"{_TARGETS}: projection", judge=_from_today(_projection),
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
