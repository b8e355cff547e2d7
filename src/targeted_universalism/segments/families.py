"""Families of statistics: one class each for what is known of a group, and what follows from it.

A family says how its statistics are added up, and makes of them a rate, its variance and its
interval. Statistics come as arrays of one shape; kinds are "proportion", "rate", "mean" and
"standardized".

What the statistics are, w being a row's weight (1 without), y its outcome and t its person-time
(1 without):

===================  ================================================================
n                    rows; of a published rate the people who were asked
population           Σwt: people, person-time, or what their weights add up to
events, events_n     Σwy, and Σy without weights
mean, m2             Σwy/Σw of a score, and Σw(y − mean)²
w2, w2y              Σw²t and Σw²y: how unequal the weights are, and those of the events
mean2, m22           Σw²y/Σw² of a score, and Σw²(y − mean2)²
y2, t2, yt           Σw²y², Σw²t² and Σw²yt: how unequally events fall to people
rate, se             a published rate and its standard error, in its `unit`
ci_low, ci_high      its published limits
df                   degrees of freedom of its standard error
standardized         1 where it is standardized to other people's ages
unit, size           what it is per; the people or person-time it was counted on
===================  ================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures import rare
from targeted_universalism.measures.intervals import (
    Limits,
    byar_or_exact,
    clopper_pearson,
    poisson,
    student,
    wilson,
)
from targeted_universalism.reasons import Reason, Reasons, because, no_reason
from targeted_universalism.segments.cells import (
    Adder,
    Cells,
    Family,
    Moments,
    Pooled,
    Protected,
    State,
    Stats,
    missing_like,
    sums_of,
)
from targeted_universalism.segments.index import Index
from targeted_universalism.segments.published import Published

# --- counts --------------------------------------------------------------------------------------

_OF_COUNTS: dict[str, dict[str, Callable[[FloatArray, FloatArray, float], Limits]]] = {
    "proportion": {
        "auto": rare.auto,
        "wilson": wilson,
        "midp": rare.mid_p,
        "exact": clopper_pearson,
    },
    "rate": {"auto": poisson, "exact": poisson, "byar": byar_or_exact},
}
_OF_MEANS = ("auto", "student")


class Counts(Family):
    """Events and people, counted."""

    name = "counts"
    source = "counts"
    statistics: ClassVar[tuple[str, ...]] = ("events", "population")

    def without_rate(self, stats: Stats) -> BoolArray:
        """Tell which cells have no events, or nobody."""
        return np.asarray(np.isnan(stats["events"]) | (stats[self.people] == 0))

    def pooled(self, parts: Cells, codes: IntArray, size: int) -> Pooled:
        """Add counts, and the bounds of hidden counts."""

        def added(values: FloatArray, out: FloatArray | None = None) -> FloatArray:
            return sums_of(values, codes, size)

        bounds = {name: added(values) for name, values in parts.bounds.items()}
        return Pooled(self.summed(parts.stats, codes, added), bounds, no_reason(size))

    def summed(
        self, stats: Stats, codes: IntArray, added: Adder, room: dict[str, FloatArray] | None = None
    ) -> dict[str, FloatArray]:
        """Add every count; what follows from counts is not added."""
        out = {} if room is None else room
        return {n: added(stats[n], out.get(n)) for n in stats if n in self.sums}

    def rate(self, stats: Stats, kind: str) -> FloatArray:
        """Divide events by people."""
        return np.asarray(stats["events"] / stats[self.people])

    def effective(self, stats: Stats, kind: str) -> tuple[FloatArray, FloatArray]:
        """Give the counts themselves."""
        return stats["events"], stats[self.people]

    def standard_error(self, stats: Stats, kind: str, unit: float) -> FloatArray:
        """Give the binomial or Poisson standard error."""
        x, n = self.effective(stats, kind)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.sqrt(x * (n - x) / n if kind == "proportion" else x) / n)

    def variance(self, stats: Stats, kind: str, unit: float) -> FloatArray:
        """Give p(1 − p)/n of a proportion, x/n² of a rate."""
        x, n = self.effective(stats, kind)
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = x / n
            return np.asarray(rate * ((1 - rate) if kind == "proportion" else 1.0) / n)

    def intervals_for(self, kind: str) -> Sequence[str]:
        """Name those of proportions, or of rates."""
        return list(_OF_COUNTS.get(kind, _OF_MEANS))

    def interval(self, stats: Stats, kind: str, unit: float, confidence: float, how: str) -> Limits:
        """Give the limits of a count's own distribution."""
        return _OF_COUNTS[kind][how](*self.effective(stats, kind), confidence)

    def why_no_interval(self, stats: Stats) -> Reasons:
        """Say that it is not defined."""
        return because(np.ones(stats[self.people].shape, np.bool_), Reason.INTERVAL_UNDEFINED)

    def events(self, stats: Stats, unit: float | FloatArray) -> FloatArray:
        """Give the events."""
        return stats["events"]

    def rows(self, stats: Stats) -> FloatArray:
        """Give the people."""
        return stats[self.people]

    def kish(self, stats: Stats) -> FloatArray:
        """Give the people who count as much as all of them, unequally weighted."""
        return self.rows(stats)

    def protected(self, stats: Stats, unit: float | FloatArray) -> Protected:
        """Protect people and events."""
        return Protected(self.rows(stats), stats["events"], missing_like(stats["events"]))


class Records(Counts):
    """Rows about people, and how many of them have the event."""

    name = "records"
    statistics: ClassVar[tuple[str, ...]] = ("n", "events")
    people = "n"
    counts_rows = True


class Weighted(Records):
    """Rows about people, with sampling weights."""

    name = "weighted"
    statistics: ClassVar[tuple[str, ...]] = ("n", "population", "events", "events_n", "w2", "w2y")
    people = "population"
    precision: ClassVar[tuple[str, ...]] = ("events_n", "w2", "w2y")
    weighted: ClassVar[tuple[str, ...]] = ("population", "events")

    def effective(self, stats: Stats, kind: str) -> tuple[FloatArray, FloatArray]:
        """Give the counts of an unweighted sample that tells as much.

        For a rate the events are (Σwy)²/Σw²y. Equal weights are no weights: the rows themselves.
        """
        x, n = stats["events"], stats["population"]
        with np.errstate(invalid="ignore", divide="ignore"):
            p = x / n
            if kind != "proportion":
                events = np.where(x > 0, x**2 / stats["w2y"], 0.0)
                return events, np.where(x > 0, events / p, n**2 / stats["w2"])
        size = rare.effective_size(p, stats["n"], n, stats["w2"], stats["w2y"])
        return np.where(self._equal(stats), stats["events_n"], p * size), size

    def interval(self, stats: Stats, kind: str, unit: float, confidence: float, how: str) -> Limits:
        """Give a proportion the limits of its effective size, with Student's quantile."""
        if kind != "proportion":
            return super().interval(stats, kind, unit, confidence, how)
        p, (_, size) = self.rate(stats, kind), self.effective(stats, kind)
        limits = rare.weighted_proportion if how in ("auto", "wilson") else _OF_WEIGHTED[how]
        low, high = limits(p, size, stats["n"], confidence)
        equal = self._equal(stats)
        if not equal.any():
            return low, high
        made = super().interval(stats, kind, unit, confidence, how)
        return np.where(equal, made[0], low), np.where(equal, made[1], high)

    def df(self, stats: Stats, kind: str) -> FloatArray:
        """Give n − 1 for a proportion; none for equal weights, which are no weights."""
        if kind != "proportion":
            return super().df(stats, kind)
        return np.where(self._equal(stats), np.inf, stats["n"] - 1.0)

    def _equal(self, stats: Stats) -> BoolArray:
        return rare.equal_weights(stats["n"], stats["population"], stats["w2"])

    def rows(self, stats: Stats) -> FloatArray:
        """Give the rows."""
        return stats["n"]

    def kish(self, stats: Stats) -> FloatArray:
        """Give (Σw)²/Σw²."""
        return np.asarray(stats["population"] ** 2 / stats["w2"])

    def protected(self, stats: Stats, unit: float | FloatArray) -> Protected:
        """Protect rows, not weights."""
        return Protected(stats["n"], stats["events_n"], missing_like(stats["n"]))


def _as_student(
    limits: Callable[[FloatArray, FloatArray, float], Limits],
) -> Callable[[FloatArray, FloatArray, FloatArray, float], Limits]:
    """Take limits at the size at which the normal quantile is as wide as Student's at the own."""

    def made(p: FloatArray, size: FloatArray, rows: FloatArray, confidence: float) -> Limits:
        tail = 0.5 + confidence / 2
        t = special.stdtrit(np.where(rows > 1, rows - 1, np.nan), tail)
        size = size * (special.ndtri(tail) / t) ** 2
        events = np.where(p == 1, size, p * size)
        return limits(events, size, confidence)

    return made


_OF_WEIGHTED = {"midp": _as_student(rare.mid_p), "exact": _as_student(clopper_pearson)}


# --- scores --------------------------------------------------------------------------------------


class Scores(Records):
    """Rows about people with a score of each: a mean and its second moment, beside any events."""

    name = "scores"
    statistics: ClassVar[tuple[str, ...]] = (*Records.statistics, "mean", "m2")
    precision: ClassVar[tuple[str, ...]] = ("m2",)
    moments: ClassVar[tuple[Moments, ...]] = (("n", "mean", "m2"),)

    def summed(
        self, stats: Stats, codes: IntArray, added: Adder, room: dict[str, FloatArray] | None = None
    ) -> dict[str, FloatArray]:
        """Add what is counted; merge means and their moments."""
        sums, out = super().summed(stats, codes, added, room), {} if room is None else room
        for moment in self.moments:
            sums |= _merged_moments(stats, moment, codes, sums[moment[0]], added=added, room=out)
        return sums

    def rate(self, stats: Stats, kind: str) -> FloatArray:
        """Give the mean of scores."""
        return stats["mean"] if kind == "mean" else super().rate(stats, kind)

    def effective(self, stats: Stats, kind: str) -> tuple[FloatArray, FloatArray]:
        """Give none for means."""
        if kind != "mean":
            return super().effective(stats, kind)
        missing = missing_like(stats["mean"])
        return missing, missing

    def standard_error(self, stats: Stats, kind: str, unit: float) -> FloatArray:
        """Give that of a mean, s/√n; equal scores have none."""
        if kind != "mean":
            return super().standard_error(stats, kind, unit)
        n, second = stats["n"], self._second(stats)
        # Equal scores can leave a trace of rounding, which is no variance.
        second = np.where(second <= 1e-24 * stats["mean"] ** 2 * self._squares(stats), 0.0, second)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = second / stats[self.people] ** 2 * n / (n - 1)
            return np.asarray(np.where(n > 1, np.sqrt(variance), np.nan))

    def variance(self, stats: Stats, kind: str, unit: float) -> FloatArray:
        """Square the standard error of a mean."""
        if kind != "mean":
            return super().variance(stats, kind, unit)
        return self.standard_error(stats, kind, unit) ** 2

    def df(self, stats: Stats, kind: str) -> FloatArray:
        """Give n − 1 for means."""
        return stats["n"] - 1 if kind == "mean" else super().df(stats, kind)

    def interval(self, stats: Stats, kind: str, unit: float, confidence: float, how: str) -> Limits:
        """Give Student's limits of a mean."""
        if kind != "mean":
            return super().interval(stats, kind, unit, confidence, how)
        se = self.standard_error(stats, kind, unit)
        return student(stats["mean"], se, self.df(stats, kind), confidence)

    def _second(self, stats: Stats) -> FloatArray:
        return stats["m2"]

    def _squares(self, stats: Stats) -> FloatArray:
        return stats["n"]


class WeightedScores(Scores, Weighted):
    """Rows about people with a score and a sampling weight of each."""

    name = "weighted scores"
    statistics: ClassVar[tuple[str, ...]] = (*Weighted.statistics, "mean", "m2", "mean2", "m22")
    people = "population"
    precision: ClassVar[tuple[str, ...]] = (*Weighted.precision, "m2", "mean2", "m22")
    moments: ClassVar[tuple[Moments, ...]] = (
        ("population", "mean", "m2"),
        ("w2", "mean2", "m22"),
    )

    def _second(self, stats: Stats) -> FloatArray:
        return np.asarray(stats["m22"] + stats["w2"] * (stats["mean2"] - stats["mean"]) ** 2)

    def _squares(self, stats: Stats) -> FloatArray:
        return stats["w2"]


# --- events that repeat in one person ------------------------------------------------------------

DISPERSION = "dispersion"


class Repeated(Records):
    """Rows about people with a count of events each, which may repeat in one person.

    Σy² tells how much the events of people vary; a rate's interval widens by it (RULES 3).
    """

    name = "repeated"
    statistics: ClassVar[tuple[str, ...]] = (*Records.statistics, "y2")
    precision: ClassVar[tuple[str, ...]] = ("y2",)

    def informed(self, cells: Cells, index: Index) -> Cells:
        """Let cells with few events share in the dispersion of their dimension."""
        known = cells.state == State.OK
        stats = {k: np.where(known, cells.stats[k], np.nan) for k in self.statistics}
        own, events = self._own_dispersion(stats), super().effective(stats, "rate")[0]
        shared = [
            rare.pooled_dispersion(own[rows], events[rows], stats["n"][rows])
            for rows in index.slices
        ]
        return replace(cells, stats={**cells.stats, DISPERSION: np.concatenate(shared)})

    def effective(self, stats: Stats, kind: str) -> tuple[FloatArray, FloatArray]:
        """Give Σy/φ events in Σt/φ of person-time for a rate."""
        events, size = super().effective(stats, kind)
        if kind != "rate":
            return events, size
        phi = self.dispersion(stats)
        return events / phi, size / phi

    def dispersion(self, stats: Stats) -> FloatArray:
        """Give φ: how many times more events vary than independent ones."""
        return stats[DISPERSION] if DISPERSION in stats else self._own_dispersion(stats)

    def _own_dispersion(self, stats: Stats) -> FloatArray:
        """Give φ of each cell by itself."""
        return rare.dispersion(
            stats["events"], stats[self.people], stats["n"],
            squares=stats["y2"], exposure_squares=stats["n"], products=stats["events"],
        )  # fmt: skip


class WeightedRepeated(Repeated, Weighted):
    """The same with sampling weights, where Σw²y² stands for Σy²."""

    name = "weighted repeated"
    statistics: ClassVar[tuple[str, ...]] = (*Weighted.statistics, "y2")
    people = "population"
    precision: ClassVar[tuple[str, ...]] = (*Weighted.precision, "y2")

    def _own_dispersion(self, stats: Stats) -> FloatArray:
        """Give φ of each cell by itself."""
        return self._against(stats, stats["w2"], stats["w2y"])

    def _against(self, stats: Stats, squares: FloatArray, products: FloatArray) -> FloatArray:
        """Hold Σw²(y − Rt)² against Σw²y, which it would be on average were events independent."""
        with np.errstate(invalid="ignore", divide="ignore"):
            exposure = stats["w2y"] / (stats["events"] / stats["population"])
        return rare.dispersion(
            stats["w2y"], exposure, stats["n"],
            squares=stats["y2"], exposure_squares=squares, products=products,
        )  # fmt: skip


class RepeatedScores(Repeated, Scores):
    """Rows about people, where one outcome is a count of events and another a score."""

    name = "repeated scores"
    statistics: ClassVar[tuple[str, ...]] = (*Scores.statistics, "y2")
    precision: ClassVar[tuple[str, ...]] = (*Scores.precision, "y2")


class WeightedRepeatedScores(WeightedRepeated, WeightedScores):
    """The same with sampling weights."""

    name = "weighted repeated scores"
    statistics: ClassVar[tuple[str, ...]] = (*WeightedScores.statistics, "y2")
    precision: ClassVar[tuple[str, ...]] = (*WeightedScores.precision, "y2")


class Exposed(Repeated):
    """Rows about people with a count of events and a time at risk each: Σt is the denominator."""

    name = "exposed"
    statistics: ClassVar[tuple[str, ...]] = ("n", "population", "events", "y2", "t2", "yt")
    people = "population"
    precision: ClassVar[tuple[str, ...]] = ("y2", "t2", "yt")

    def rows(self, stats: Stats) -> FloatArray:
        """Give the rows."""
        return stats["n"]

    def _own_dispersion(self, stats: Stats) -> FloatArray:
        """Give φ of each cell by itself."""
        return rare.dispersion(
            stats["events"], stats["population"], stats["n"],
            squares=stats["y2"], exposure_squares=stats["t2"], products=stats["yt"],
        )  # fmt: skip


class WeightedExposed(WeightedRepeated):
    """The same with sampling weights: Σw²t stands for Σw², beside Σw²y², Σw²t² and Σw²yt."""

    name = "weighted exposed"
    statistics: ClassVar[tuple[str, ...]] = (*WeightedRepeated.statistics, "t2", "yt")
    precision: ClassVar[tuple[str, ...]] = (*WeightedRepeated.precision, "t2", "yt")

    def _own_dispersion(self, stats: Stats) -> FloatArray:
        """Give φ of each cell by itself."""
        return self._against(stats, stats["t2"], stats["yt"])


_OF_RECORDS: dict[tuple[bool, bool, bool], Records] = {
    # weighted, scores, repeats
    (False, False, False): Records(),
    (True, False, False): Weighted(),
    (False, True, False): Scores(),
    (True, True, False): WeightedScores(),
    (False, False, True): Repeated(),
    (True, False, True): WeightedRepeated(),
    (False, True, True): RepeatedScores(),
    (True, True, True): WeightedRepeatedScores(),
}
_OF_EXPOSED: dict[bool, Records] = {False: Exposed(), True: WeightedExposed()}
COUNTS, PUBLISHED = Counts(), Published()
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (COUNTS, *_OF_RECORDS.values(), *_OF_EXPOSED.values(), PUBLISHED)
}


def family_of_records(*, kinds: Collection[str], weighted: bool, exposed: bool) -> Records:
    """Choose the family that holds outcomes of some kinds."""
    if exposed:
        return _OF_EXPOSED[weighted]
    return _OF_RECORDS[weighted, "mean" in kinds, "rate" in kinds]


def rates(cells: Cells) -> FloatArray:
    """Give the rate of every cell, in its own unit; missing where there is none."""
    if not cells.family.counted:
        return cells.stats["rate"]
    n = cells.population
    rate: FloatArray = np.full(n.shape, np.nan)
    np.divide(cells.stats["events"], n, out=rate, where=n > 0)
    return rate


def _merged_moments(
    parts: Stats,
    names: Moments,
    codes: IntArray,
    total: FloatArray,
    *,
    added: Adder,
    room: dict[str, FloatArray],
) -> dict[str, FloatArray]:
    """Merge centred moments: never from raw sums of squares (Chan, Golub and LeVeque 1983)."""
    weight, mean, second = (parts[name] for name in names)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = added(np.where(weight > 0, weight * mean, 0.0), room.get(names[1]))
        pooled /= total
    inside = np.where(weight > 0, second + weight * (mean - pooled[codes]) ** 2, 0.0)
    return {names[1]: pooled, names[2]: added(inside, room.get(names[2]))}
