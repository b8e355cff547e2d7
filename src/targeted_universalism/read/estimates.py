"""Published estimates as they come: rates with their standard errors, margins or intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from targeted_universalism._typing import BoolArray, FloatArray, Number
from targeted_universalism.errors import InputError, check_unit
from targeted_universalism.measures.intervals import standard_error, z_value
from targeted_universalism.read.frames import Frame, Numbers, first_rows
from targeted_universalism.read.keys import Rows
from targeted_universalism.read.options import Layout
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.families import PUBLISHED

# American Community Survey codes: what stands in the cell instead of a number.
_CONTROLLED = -555555555.0
_MARGIN_MISSING = (-222222222.0, -333333333.0)
_ESTIMATE_MISSING = (-666666666.0, -888888888.0, -999999999.0)
# No estimate is this small: a number beyond is a code.
_CODES_FROM = -111_111_111.0


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
    per: Number
    adjusted: bool

    def __post_init__(self) -> None:
        given = [v for v in ("se", "moe", "ci") if getattr(self, v) is not None]
        if len(given) > 1:
            raise InputError(f"Give one of se=, moe= and ci=, not {' and '.join(given)}.")
        if self.level is not None and (self.moe is None and self.ci is None):
            raise InputError("level= is the level of moe= or ci=: neither is given.")
        if self.level is not None and not (isinstance(self.level, float) and 0 < self.level < 1):
            raise InputError(f"level={self.level!r} must lie between 0 and 1, as 0.95 does.")
        if self.ci is not None and (isinstance(self.ci, str) or len(self.ci) != 2):
            raise InputError(f"ci= takes two columns, (low, high), not {self.ci!r}.")
        check_unit(self.per)

    @property
    def columns(self) -> list[str]:
        """Every column that holds a number."""
        single = [self.estimate, self.se, self.moe, self.population, self.n]
        return [name for name in [*single, *(self.ci or ())] if name is not None]


@dataclass(frozen=True, eq=False)
class _Source:
    """Where numbers are read from, and how a row is named in a message."""

    frame: Frame
    layout: Layout
    rows: Rows

    @property
    def kind(self) -> NDArray[np.str_]:
        """Kind of every row's outcome."""
        strata = self.rows.strata
        kinds = np.array([self.layout.kind_of(name) for name in strata.indicators])
        return kinds[strata.indicator[self.rows.stratum]]

    def numbers(self, name: str) -> Numbers:
        return self.frame.numbers(name, self.layout.tokens(name))

    def positive(self, name: str, value: FloatArray) -> FloatArray:
        """Stop at a negative or infinite value, else give the values back."""
        wrong = (value < 0) | np.isinf(value)
        if wrong.any():
            row = int(first_rows(wrong)[0])
            raise InputError(
                f"Column {name!r} holds {value[row]:g} in {self.rows.where(row)}: "
                "expected 0 or more."
            )
        return value


def estimate_cells(frame: Frame, rows: Rows, layout: Layout, names: EstimateColumns) -> Cells:
    """Turn rows of published estimates into cells, one each; rates stay in their own unit."""
    source = _Source(frame, layout, rows)
    kind = source.kind
    read = source.numbers(names.estimate)
    rate = _without(read, _ESTIMATE_MISSING)
    _check_estimates(names, rate, kind, rows)
    _check_bounds(names, rate, kind, rows)
    population, hidden_population = _people(source, names.population)
    n, _ = _people(source, names.n)
    low, high = _interval(source, names, rate.value)
    empty = population == 0
    hidden = rate.hidden & ~empty
    state = np.full(len(kind), State.OK, dtype=np.uint8)
    state[empty | np.isnan(rate.value)] = State.NO_DATA
    state[hidden] = State.SUPPRESSED
    stats = {
        "rate": np.where(empty, np.nan, rate.value),
        "se": _standard_error(source, names, rate.value, (low, high)),
        "ci_low": low,
        "ci_high": high,
        "population": population,
        "n": n,
        "standardized": ((kind == "standardized") | names.adjusted).astype(np.float64),
    }
    reasons = because(hidden_population, Reason.HIDDEN)
    reasons |= _code_reasons(source, names, read.value, empty)
    bounds = _bounds(rate, kind, float(names.per), hidden) if hidden.any() else {}
    return Cells(PUBLISHED, state, stats, bounds, reasons)


def _code_reasons(
    source: _Source, names: EstimateColumns, rate: FloatArray, empty: BoolArray
) -> Reasons:
    """Say where a code of the American Community Survey stands for a number."""
    missing = np.isin(rate, _ESTIMATE_MISSING) & ~empty
    reasons = because(missing, Reason.ESTIMATE_CODE)
    if names.moe is not None:
        moe = source.numbers(names.moe).value
        known = ~empty & ~missing & np.isfinite(rate)
        coded = np.isin(moe, (*_MARGIN_MISSING, *_ESTIMATE_MISSING))
        reasons |= because(known & coded, Reason.MARGIN_CODE)
        reasons |= because(known & (moe == _CONTROLLED), Reason.CONTROLLED)
    return reasons


def _without(numbers: Numbers, codes: tuple[float, ...]) -> Numbers:
    return replace(numbers, value=np.where(np.isin(numbers.value, codes), np.nan, numbers.value))


def _check_estimates(
    names: EstimateColumns, rate: Numbers, kind: NDArray[np.str_], rows: Rows
) -> None:
    top = np.where(kind == "proportion", float(names.per), np.inf)
    bottom = np.where(kind == "mean", -np.inf, 0.0)
    wrong = (rate.value < bottom) | (rate.value > top) | np.isinf(rate.value)
    coded = rate.value <= _CODES_FROM
    if coded.any():
        row = int(first_rows(coded)[0])
        raise InputError(
            f"Column {names.estimate!r} holds {rate.value[row]:.0f} in {rows.where(row)}, which "
            "looks like a code of the American Community Survey and is none that stands for a "
            "missing estimate. Replace it, or declare it with suppressed=."
        )
    if wrong.any():
        row = int(first_rows(wrong)[0])
        unit = (
            f"A proportion lies between 0 and per={names.per}: for percentages say per=100."
            if kind[row] == "proportion"
            else "A rate is 0 or more: if this value stands for a hidden cell, declare it with "
            "suppressed=."
        )
        raise InputError(
            f"Column {names.estimate!r} holds {rate.value[row]:g} in {rows.where(row)}. {unit}"
        )


def _check_bounds(
    names: EstimateColumns, rate: Numbers, kind: NDArray[np.str_], rows: Rows
) -> None:
    wrong = rate.hidden & (kind == "proportion") & (rate.low > float(names.per))
    if wrong.any():
        row = int(first_rows(wrong)[0])
        raise InputError(
            f"{rows.where(row)}: the token in {names.estimate!r} stands for at least "
            f"{rate.low[row]:g}, above per={names.per}: bounds are in the unit of the estimates."
        )


def _people(source: _Source, name: str | None) -> tuple[FloatArray, BoolArray]:
    """Read a column of people, 0 or more; missing where there is no such column."""
    if name is None:
        size = len(source.frame)
        return np.full(size, np.nan), np.zeros(size, dtype=np.bool_)
    numbers = source.numbers(name)
    return source.positive(name, numbers.value), numbers.hidden


def _interval(
    source: _Source, names: EstimateColumns, rate: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if names.ci is None:
        return np.full(rate.shape, np.nan), np.full(rate.shape, np.nan)
    low, high = (source.numbers(name).value for name in names.ci)
    outside = (rate < low) | (rate > high)
    if outside.any():
        row = int(first_rows(outside)[0])
        raise InputError(
            f"{source.rows.where(row)}: the estimate {rate[row]:g} lies outside its interval "
            f"({low[row]:g} to {high[row]:g}). Check the order of ci= and the unit."
        )
    return low, high


def _standard_error(
    source: _Source,
    names: EstimateColumns,
    rate: FloatArray,
    interval: tuple[FloatArray, FloatArray],
) -> FloatArray:
    if names.se is not None:
        return source.positive(names.se, source.numbers(names.se).value)
    if names.moe is not None:
        moe = _without(source.numbers(names.moe), (*_MARGIN_MISSING, *_ESTIMATE_MISSING)).value
        moe = source.positive(names.moe, np.where(moe == _CONTROLLED, 0.0, moe))
        return moe / (1.645 if names.level in (None, 0.90) else z_value(names.level or 0.90))
    per, se, kind = float(names.per), np.full(rate.shape, np.nan), source.kind
    for one in np.unique(kind) if names.ci is not None else ():
        here = kind == one
        low, high = (limit[here] / per for limit in interval)
        found = standard_error(rate[here] / per, low, high, str(one), names.level or 0.95)
        se[here] = found * per
    return se


def _bounds(
    rate: Numbers, kind: NDArray[np.str_], per: float, hidden: BoolArray
) -> Mapping[str, FloatArray]:
    top = np.where(kind == "proportion", np.minimum(rate.high, per), rate.high)
    return {
        "rate_low": np.where(hidden, rate.low, rate.value),
        "rate_high": np.where(hidden, top, rate.value),
    }
