"""The publication score of the CalHHS Data De-Identification Guidelines, Edition 2.0.

A table whose small counts do not pass the numerator–denominator screen is scored: the finer its
variables and the smaller its places, the more points. Up to 12 it is released without masking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.errors import InputError, check_one_of, did_you_mean

__all__ = ["calhhs_points", "calhhs_score", "passes_screen"]

SOURCE = (
    "CalHHS Data De-Identification Guidelines, Edition 2.0, 24 October 2025 (California Health and "
    "Human Services Agency)"
)
RELEASED = 12
SMALLEST_NUMERATOR, SMALLEST_DENOMINATOR = 11, 20_001


@dataclass(frozen=True)
class Bands:
    """Points by size: `points[i]` holds from `least[i]` on, the first below all of them."""

    least: tuple[float, ...]
    points: tuple[int, ...]

    def of(self, values: FloatArray) -> FloatArray:
        """Give the points of every size, missing where it is missing."""
        place = np.searchsorted(np.array(self.least, dtype=np.float64), values, side="right")
        points = np.array(self.points, dtype=np.float64)[place]
        return np.where(np.isnan(values), np.nan, points)


_PEOPLE = (20_001, 100_001, 300_001, 4_000_001)
_PLACES = (4_001, 20_001, 50_001, 100_001, 250_001, 560_001, 1_000_001, 2_000_001)
_BANDS = {
    "events": Bands((11, 100, 1_000), (7, 5, 3, 2)),
    "age range": Bands((3, 6, 11, 30), (7, 5, 3, 2, 1)),
    "statewide population": Bands(_PEOPLE, (7, 5, 3, 2, 1)),
    "means-tested": Bands((*_PEOPLE, 10_000_001), (7, 5, 3, 2, 1, 0)),
    "residence": Bands(_PLACES, (7, 5, 4, 3, 1, 0, -1, -3, -5)),
    "insurance": Bands(_PLACES[1:], (5, 4, 3, 1, 0, -1, -3, -5)),
    "service": Bands((20_001, 250_001, 560_001, 1_000_001, 2_000_001), (1, 0, -1, -3, -4, -5)),
    "categories": Bands((5, 10), (3, 5, 7)),
}
_WORDS: dict[str, dict[str, int]] = {
    "sex": {"male, female": 1, "with intersex": 2},
    "sexual orientation": {"any": 2},
    "gender identity": {"any": 3, "detailed": 5},
    "race": {"white, asian, black, hispanic, mena": 2, "with aian, nhpi or mixed": 3},
    "hispanic": {"yes, no": 1},
    "language": {"english, spanish, other": 1},
    "citizenship": {"citizen, foreign born": 1, "with naturalized": 1},
    "service place": {"address": 3, "rural": 5, "frontier": 7},
    "time": {
        "5 years": -5, "2 to 4 years": -3, "annual": 0, "bi-annual": 3, "quarterly": 4,
        "monthly": 5, "weekly": 5,
    },
}  # fmt: skip


def calhhs_points(variable: str, value: ArrayLike) -> FloatArray:
    """Points that the CalHHS guidelines give to one variable of a table.

    Parameters
    ----------
    variable : str
        By size: ``"events"`` (the smallest cell), ``"age range"`` (years in a band), ``"statewide
        population"`` (people of a detailed group), ``"means-tested"`` (people enrolled),
        ``"residence"`` and ``"service"`` (people in the place), ``"insurance"`` (members),
        ``"categories"`` (of any other variable). By word: ``"sex"``, ``"sexual orientation"``,
        ``"gender identity"``, ``"race"``, ``"hispanic"``, ``"language"``, ``"citizenship"``,
        ``"service place"``, ``"time"``.
    value : number, word or array of them
        The size, or one of the variable's words.

    Returns
    -------
    array
        Points, one for each value. A variable counts with its highest: take ``.max()``.

    Raises
    ------
    InputError
        If the variable or the word is not in the guidelines.

    Notes
    -----
    CalHHS Data De-Identification Guidelines, Edition 2.0, Figure 6. Noncitizen statuses are at
    high risk and have no score.

    Examples
    --------
    >>> calhhs_points("age range", [12, 3, 4])
    array([2., 5., 5.])
    >>> calhhs_points("time", "quarterly")
    array(4.)

    """
    check_one_of("variable", variable, [*_BANDS, *_WORDS])
    if variable in _BANDS:
        return _BANDS[variable].of(_sizes(variable, value))
    words = _WORDS[variable]
    given = np.asarray(value, dtype=object)
    for word in given.ravel():
        if word not in words:
            raise InputError(
                f"{variable} {word!r} has no score in the CalHHS guidelines. "
                f"{did_you_mean(word, words)}"
            )
    return np.array([words[word] for word in given.ravel()], dtype=np.float64).reshape(given.shape)


@dataclass(frozen=True, eq=False)
class PublicationScore:
    """Points of a table by variable, their total, and whether it is released without masking.

    `others` holds what the caller's own `variables` add.
    """

    events: FloatArray
    time: FloatArray
    geography: FloatArray
    means_tested: FloatArray
    others: FloatArray
    interactions: FloatArray

    @property
    def total(self) -> FloatArray:
        """Sum of all points."""
        return np.asarray(sum(getattr(self, part.name) for part in fields(self)))

    @property
    def released(self) -> BoolArray:
        """Whether the total is at most 12; a missing total is not released."""
        return np.asarray(self.total <= RELEASED)


def calhhs_score(
    smallest_cell: ArrayLike,
    *,
    time: ArrayLike = "annual",
    residence: ArrayLike | None = None,
    service: ArrayLike | None = None,
    members: ArrayLike | None = None,
    means_tested: ArrayLike | None = None,
    variables: Mapping[str, Any] | None = None,
    dependent: int = 0,
) -> PublicationScore:
    """Score tables by the CalHHS guidelines: small places and fine variables weigh most.

    Parameters
    ----------
    smallest_cell : (...) array
        The smallest count of each table, zeros aside.
    time : word or (...) array of words
        ``"5 years"``, ``"2 to 4 years"``, ``"annual"``, ``"bi-annual"``, ``"quarterly"``,
        ``"monthly"`` or ``"weekly"``.
    residence, service : (...) array, optional
        People in the place that the table is about: where they live, or where they are served (if
        they must live there, it is residence). One of them, not both.
    members : (...) array, optional
        People insured, where the table is about an insurance programme: it takes the place of
        residence where it is smaller.
    means_tested : (...) array, optional
        People enrolled in the means-tested programme that the table is about.
    variables : mapping of variable to value, optional
        Every other variable, as in :func:`calhhs_points`; of several values the highest counts.
    dependent : int
        How many further variables depend on those scored, 0 to 3; a means-tested programme of at
        most 10 million people is one more.

    Returns
    -------
    PublicationScore
        ``.total`` and ``.released``, and the points behind them.

    Raises
    ------
    InputError
        If a variable has no score in the guidelines, or more than 3 variables are dependent.

    Notes
    -----
    CalHHS Data De-Identification Guidelines, Edition 2.0, 4.3 and Figure 6. A table of events, time
    and population alone gets −3 if every count is at least 3, −5 if at least 5. The score should
    not by itself decide: it is an aid to people who know the data.

    Examples
    --------
    >>> calhhs_score([2.0, 2.0], residence=[1163.0, 10_000.0]).total
    array([14., 12.])
    >>> calhhs_score(2, residence=39_538_223, means_tested=5_500_000).total
    array(4.)

    """
    smallest = _sizes("smallest_cell", smallest_cell)
    geography = _geography(residence, service, members)
    enrolled = None if means_tested is None else _sizes("means_tested", means_tested)
    others = [np.max(calhhs_points(name, value)) for name, value in (variables or {}).items()]
    few = np.asarray(False if enrolled is None else enrolled <= 10_000_000)
    further = dependent + few.astype(np.int64)
    alone = not others and enrolled is None
    parts = np.broadcast_arrays(
        calhhs_points("events", smallest),
        calhhs_points("time", time),
        geography,
        np.zeros(()) if enrolled is None else calhhs_points("means-tested", enrolled),
        np.asarray(float(sum(others))),
        _interactions(smallest, further, alone),
    )
    return PublicationScore(*parts)


def _geography(
    residence: ArrayLike | None, service: ArrayLike | None, members: ArrayLike | None
) -> FloatArray:
    if residence is not None and service is not None:
        raise InputError("Give residence= or service=, not both: a table has one geography.")
    if service is not None:
        if members is not None:
            raise InputError("members= takes the place of residence=, and service= was given.")
        return calhhs_points("service", service)
    if residence is None and members is None:
        raise InputError("Say where people live with residence=, or where they are served.")
    if members is None:
        return calhhs_points("residence", residence if residence is not None else np.nan)
    insured = _sizes("members", members)
    place = np.inf if residence is None else _sizes("residence", residence)
    points = _BANDS["residence"].of(np.asarray(place, dtype=np.float64))
    return np.where(insured < place, calhhs_points("insurance", insured), points)


def _interactions(smallest: FloatArray, further: Any, alone: bool) -> FloatArray:
    if np.any(further > 3):
        raise InputError(
            "The CalHHS guidelines list points for up to 3 dependent variables "
            f"(a means-tested programme is one): {int(np.max(further))} need an expert's review."
        )
    added = np.array([0.0, 1.0, 2.0, 4.0])[further]
    taken = np.where(smallest >= 5, -5.0, np.where(smallest >= 3, -3.0, 0.0))
    return np.where((further == 0) & alone, taken, added)


def _sizes(name: str, value: ArrayLike) -> FloatArray:
    values = np.asarray(value)
    if values.dtype.kind not in "iuf" and not all(isinstance(v, Real) for v in values.ravel()):
        raise InputError(f"{name}={value!r} must be numbers: counts of people, events or years.")
    sizes = values.astype(np.float64)
    if (sizes < 0).any():
        raise InputError(f"{name} holds {sizes[sizes < 0][0]:g}: sizes are 0 or more.")
    return sizes


def passes_screen(numerator: FloatArray, denominator: FloatArray) -> BoolArray:
    """Tell which cells pass the CalHHS numerator–denominator screen, and need no score.

    Parameters
    ----------
    numerator, denominator : (...) arrays
        Events and the population they are counted in; 0 events pass.

    Returns
    -------
    (...) array of bool
        True for at least 11 of at least 20,001, and for none. Missing values do not pass.

    Notes
    -----
    CalHHS Data De-Identification Guidelines, Edition 2.0, 4.2; 16.2 calls denominators below 20,001
    small, and the stricter is taken.

    Examples
    --------
    >>> passes_screen(np.array([0.0, 10.0, 11.0, 11.0]), np.array([50, 50_000, 20_000, 20_001.0]))
    array([ True, False, False,  True])

    """
    numerator, denominator = (np.asarray(v, dtype=np.float64) for v in (numerator, denominator))
    with np.errstate(invalid="ignore"):
        large = (numerator >= SMALLEST_NUMERATOR) & (denominator >= SMALLEST_DENOMINATOR)
        return np.asarray(large | (numerator == 0))
