"""Published estimates as they come: rates with their standard errors, margins or intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from targeted_universalism._typing import BoolArray, FloatArray, Number
from targeted_universalism.errors import (
    InputError,
    check_one_of,
    check_unit,
    did_you_mean,
    shown,
)
from targeted_universalism.labels import label
from targeted_universalism.measures.intervals import standard_error, z_value
from targeted_universalism.read.frames import Frame
from targeted_universalism.read.keys import Rows
from targeted_universalism.read.layout import Layout
from targeted_universalism.read.numerals import Numbers, first_below_0, first_rows
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.families import PUBLISHED

# American Community Survey codes: what stands in the cell instead of a number.
_CONTROLLED = -555555555.0
_MARGIN_MISSING = (-222222222.0, -333333333.0)
_ESTIMATE_MISSING = (-666666666.0, -888888888.0, -999999999.0)
# No estimate is this small: a number beyond is a code.
CODES_FROM = -111_111_111.0


@dataclass(frozen=True, kw_only=True)
class EstimateColumns:
    """Which columns hold what, and the unit and level they are in."""

    estimate: str
    se: str | None
    moe: str | None
    ci: tuple[str, str] | None
    level: float | None
    population: str | None
    n: str | None
    per: Number | Mapping[str, Number] | None
    adjusted: bool

    def __post_init__(self) -> None:
        check_each(ci=self.ci, level=self.level, per=self.per, adjusted=self.adjusted)
        given = [v for v in ("se", "moe", "ci") if getattr(self, v) is not None]
        if len(given) > 1:
            raise InputError(f"Give one of se=, moe= and ci=, not {' and '.join(given)}.")
        if self.level is not None and (self.moe is None and self.ci is None):
            raise InputError("level= is the level of moe= or ci=: neither is given.")

    def stated(self, indicator: str) -> Number | None:
        """Give the unit that was said of an indicator."""
        if not isinstance(self.per, Mapping):
            return self.per
        units = {label(name): unit for name, unit in self.per.items()}
        if indicator not in units:
            raise InputError(
                f"per= names no unit for indicator {indicator!r}. {did_you_mean(indicator, units)}"
            )
        return units[indicator]

    @property
    def chosen_unit(self) -> object:
        """The unit or units, in plain numbers."""
        if isinstance(self.per, Mapping):
            return {label(name): _plain(unit) for name, unit in self.per.items()}
        return None if self.per is None else _plain(self.per)

    @property
    def precision(self) -> str:
        """Say in words where intervals come from."""
        if self.se is not None:
            return "standard errors"
        if self.moe is not None:
            return f"margins of error at level {self.level or 0.90:g}"
        if self.ci is not None:
            return f"published limits at level {self.level or 0.95:g}"
        return "none given" if self.n is None else "counts: rate × n of n"

    @property
    def from_size(self) -> bool:
        """Whether `n` stands for a precision that was not given."""
        return self.n is not None and self.se is None and self.moe is None and self.ci is None

    @property
    def columns(self) -> list[str]:
        """Every column that holds a number."""
        more = [self.se, self.moe, self.population, self.n, *(self.ci or ())]
        return [self.estimate, *(name for name in more if name is not None)]


def check_each(*, ci: object, level: object, per: object, adjusted: object) -> None:
    """Check what says how estimates are written, one by one."""
    check_one_of("adjusted", adjusted, (True, False))
    if level is not None and not (isinstance(level, float) and 0 < level < 1):
        raise InputError(f"level={level!r} must lie between 0 and 1, as 0.95 does.")
    if ci is not None and not _are_two(ci):
        raise InputError(f"ci= takes two columns, (low, high), not {shown(ci)}.")
    for unit in per.values() if isinstance(per, Mapping) else [per]:
        if unit is not None:
            check_unit(unit)


def _are_two(names: object) -> bool:
    """Tell whether columns are named as a pair is."""
    if not isinstance(names, (list, tuple)) or len(names) != 2:
        return False
    return all(isinstance(name, str) for name in names)


@dataclass(frozen=True, eq=False)
class _Source:
    """Where numbers are read from, and how a row is named in a message."""

    frame: Frame
    layout: Layout
    rows: Rows
    names: EstimateColumns

    @cached_property
    def unit(self) -> FloatArray:
        """Unit of every row's estimate."""
        strata = self.rows.strata
        stated = [self.names.stated(name) for name in strata.indicators]
        units = np.array([1.0 if unit is None else float(unit) for unit in stated])
        return np.asarray(units[strata.indicator[self.rows.stratum]])

    @cached_property
    def kind(self) -> NDArray[np.str_]:
        """Kind of every row's outcome."""
        strata = self.rows.strata
        kinds = np.array([self.layout.kind_of(name) for name in strata.indicators])
        return kinds[strata.indicator[self.rows.stratum]]

    def numbers(self, name: str) -> Numbers:
        return self.frame.numbers(name, self.layout.tokens(name))

    def positive(self, name: str, value: FloatArray) -> FloatArray:
        """Stop at a negative or infinite value, else give the values back."""
        row = first_below_0(value)
        if row is not None:
            raise InputError(
                f"Column {name!r} holds {value[row]:g} in {self.rows.words(row)}: "
                "expected 0 or more."
            )
        return value


def estimate_cells(frame: Frame, rows: Rows, layout: Layout, names: EstimateColumns) -> Cells:
    """Turn rows of published estimates into cells, one each; rates stay in their own unit."""
    source = _Source(frame, layout, rows, names)
    kind = source.kind
    read = source.numbers(names.estimate)
    rate = replace(read, value=estimate_of_code(read.value))
    _check_estimates(source, rate)
    _check_bounds(source, rate)
    people, n = _people(source, names.population), _people(source, names.n)
    low, high = _interval(source, rate.value)
    empty = people.value == 0
    hidden = (rate.hidden | people.hidden) & ~empty
    state = np.full(len(kind), State.OK, dtype=np.uint8)
    state[empty | np.isnan(rate.value)] = State.NO_DATA
    state[hidden] = State.SUPPRESSED
    stats = {
        "rate": rate.value,
        "se": _standard_error(source, rate.value, (low, high)),
        "ci_low": low,
        "ci_high": high,
        "n": n.value,
    }
    if names.from_size:
        stats["se"] = _error_of_counts(source, rate.value, n.value)
        stats["size"] = n.value
    stats = {name: np.where(empty | people.hidden, np.nan, v) for name, v in stats.items()}
    stats |= {
        "population": people.value,
        "standardized": ((kind == "standardized") | names.adjusted).astype(np.float64),
        "unit": source.unit,
    }
    reasons = _code_reasons(source, read.value, empty)
    bounds = _bounds(source, rate, people, hidden) if hidden.any() else {}
    return Cells(PUBLISHED, state, stats, bounds, reasons)


def _code_reasons(source: _Source, rate: FloatArray, empty: BoolArray) -> Reasons:
    """Say where a code of the American Community Survey stands for a number."""
    names = source.names
    missing = np.isin(rate, _ESTIMATE_MISSING) & ~empty
    reasons = because(missing, Reason.ESTIMATE_CODE)
    if names.moe is not None:
        moe = source.numbers(names.moe).value
        published = ~empty & ~missing & np.isfinite(rate)
        coded = np.isin(moe, (*_MARGIN_MISSING, *_ESTIMATE_MISSING))
        reasons |= because(published & coded, Reason.MARGIN_CODE)
        reasons |= because(published & (moe == _CONTROLLED), Reason.CONTROLLED)
    return reasons


def estimate_of_code(value: FloatArray) -> FloatArray:
    """Give estimates, those missing for which the American Community Survey gives a code."""
    return np.where(np.isin(value, _ESTIMATE_MISSING), np.nan, value)


def margin_of_code(moe: FloatArray) -> FloatArray:
    """Give margins, 0 for those of controlled estimates, missing where another code stands."""
    missing = np.isin(moe, (*_MARGIN_MISSING, *_ESTIMATE_MISSING))
    return np.where(moe == _CONTROLLED, 0.0, np.where(missing, np.nan, moe))


def _check_estimates(source: _Source, rate: Numbers) -> None:
    names, kind, rows, per = source.names, source.kind, source.rows, source.unit
    top = np.where(kind == "proportion", per, np.inf)
    bottom = np.where(kind == "mean", -np.inf, 0.0)
    wrong = (rate.value < bottom) | (rate.value > top) | np.isinf(rate.value)
    coded = rate.value <= CODES_FROM
    if coded.any():
        row = int(first_rows(coded)[0])
        raise InputError(
            f"Column {names.estimate!r} holds {rate.value[row]:.0f} in {rows.words(row)}, which "
            "looks like a code of the American Community Survey and is none that stands for a "
            "missing estimate. Replace it, or declare it with suppressed=."
        )
    if wrong.any():
        row = int(first_rows(wrong)[0])
        unit = (
            f"A proportion lies between 0 and per={per[row]:g}: for percentages say per=100."
            if kind[row] == "proportion"
            else "A rate is 0 or more: if this value stands for a hidden cell, declare it with "
            "suppressed=."
        )
        raise InputError(
            f"Column {names.estimate!r} holds {rate.value[row]:g} in {rows.words(row)}. {unit}"
        )


def _check_bounds(source: _Source, rate: Numbers) -> None:
    per = source.unit
    wrong = rate.hidden & (source.kind == "proportion") & (rate.low > per)
    if wrong.any():
        row = int(first_rows(wrong)[0])
        raise InputError(
            f"{source.rows.words(row)}: the token in {source.names.estimate!r} stands for at least "
            f"{rate.low[row]:g}, above per={per[row]:g}: bounds are in the unit of the estimates."
        )


def _people(source: _Source, name: str | None) -> Numbers:
    """Read a column of people, 0 or more; missing where there is no such column."""
    if name is None:
        missing = np.full(len(source.frame), np.nan)
        return Numbers(missing, np.zeros(missing.shape, dtype=np.bool_), missing, missing)
    numbers = source.numbers(name)
    source.positive(name, numbers.value)
    return numbers


def _error_of_counts(source: _Source, rate: FloatArray, n: FloatArray) -> FloatArray:
    """Give the binomial or Poisson standard error of rates that were counted on n."""
    p = rate / source.unit
    spread = np.where(source.kind == "proportion", 1 - p, 1.0)
    fits = np.isin(source.kind, ("proportion", "rate")) & (not source.names.adjusted) & (n > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(fits, source.unit * np.sqrt(p * spread / n), np.nan)


def _interval(source: _Source, rate: FloatArray) -> tuple[FloatArray, FloatArray]:
    names = source.names
    if names.ci is None:
        return np.full(rate.shape, np.nan), np.full(rate.shape, np.nan)
    low, high = (source.numbers(name).value for name in names.ci)
    outside = (rate < low) | (rate > high)
    if outside.any():
        row = int(first_rows(outside)[0])
        raise InputError(
            f"{source.rows.words(row)}: the estimate {rate[row]:g} lies outside its interval "
            f"({low[row]:g} to {high[row]:g}). Check the order of ci= and the unit."
        )
    return low, high


def _standard_error(
    source: _Source, rate: FloatArray, interval: tuple[FloatArray, FloatArray]
) -> FloatArray:
    names = source.names
    if names.se is not None:
        return source.positive(names.se, source.numbers(names.se).value)
    if names.moe is not None:
        moe = source.positive(names.moe, margin_of_code(source.numbers(names.moe).value))
        return moe / (1.645 if names.level in (None, 0.90) else z_value(names.level or 0.90))
    per, se, kind = source.unit, np.full(rate.shape, np.nan), source.kind
    for one in np.unique(kind) if names.ci is not None else ():
        here = kind == one
        low, high = (limit[here] / per[here] for limit in interval)
        found = standard_error(rate[here] / per[here], low, high, str(one), names.level or 0.95)
        se[here] = found * per[here]
    return se


def _bounds(
    source: _Source, rate: Numbers, people: Numbers, hidden: BoolArray
) -> Mapping[str, FloatArray]:
    """Least and most of hidden rates; where people are hidden, of people and events as well.

    A hidden population hides the rate beside it: that of a proportion can be anything, and a rate's
    events are at most as many as the most people, or as the rate given makes of them.
    """
    kind, per = source.kind, source.unit
    lost = people.hidden & ~rate.hidden
    top = np.where(kind == "proportion", per, np.inf)
    repeated = np.fmax(people.high, np.nan_to_num(rate.value) * people.high / per)
    with np.errstate(invalid="ignore"):
        most = np.where(kind == "rate", per * repeated / np.maximum(people.low, 1.0), top)
    low = np.where(lost, np.where(kind == "mean", -np.inf, 0.0), rate.low)
    high = np.minimum(np.where(lost, most, rate.high), top)
    ends = {"rate": (low, high)}
    if people.hidden.any():
        ends |= _bounds_of_people(source, (low, high), people, lost)
    value = {"rate": rate.value, **_implied(source, rate.value, people.value)}
    return {
        f"{name}_{end}": np.where(hidden, limit, value[name])
        for name, limits in ends.items()
        for end, limit in zip(("low", "high"), limits, strict=True)
    }


def _bounds_of_people(
    source: _Source, rate: tuple[FloatArray, FloatArray], people: Numbers, lost: BoolArray
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Least and most of people, of events, and of people without the event."""
    low, high = (limit / source.unit for limit in rate)
    proportion = source.kind == "proportion"
    with np.errstate(invalid="ignore"):
        # What a hidden population leaves of a rate is a range of events: of the fewest people.
        fewest = np.where(lost & ~proportion, np.maximum(people.low, 1.0), people.high)
        events = low * people.low, high * fewest
        rest = (1 - high) * people.low, (1 - low) * people.high
    return {
        "population": (people.low, people.high),
        "events": events,
        "rest": (np.where(proportion, rest[0], -np.inf), np.where(proportion, rest[1], np.inf)),
    }


def _implied(source: _Source, rate: FloatArray, people: FloatArray) -> dict[str, FloatArray]:
    """Give people, the events that their rate implies, and the people without them."""
    stats = {"rate": rate, "population": people, "unit": source.unit}
    return {name: PUBLISHED.value(stats, name) for name in ("population", "events", "rest")}


def _plain(number: Number) -> int | float:
    return int(number) if int(number) == number else float(number)
