"""Published rates: the family of what somebody else has counted, with what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.intervals import Limits, from_standard_error, poisson, wilson
from targeted_universalism.reasons import Reason, Reasons, because
from targeted_universalism.segments.cells import (
    Cells,
    Family,
    Pooled,
    Protected,
    State,
    Stats,
    missing_like,
    sums_of,
)


class Published(Family):
    """Rates as somebody published them, with what was said of their precision.

    `unit` is what the rates are per; `size`, where there is one, the people or the person-time
    that they were counted on, which stand for an interval that was not published.
    """

    name = "published"
    source = "estimates"
    statistics: ClassVar[tuple[str, ...]] = (
        "rate",
        "se",
        "ci_low",
        "ci_high",
        "population",
        "n",
        "standardized",
        "df",
        "unit",
        "size",
    )
    precision: ClassVar[tuple[str, ...]] = ("se", "ci_low", "ci_high", "n", "df", "size")
    counted = False

    def without_rate(self, stats: Stats) -> BoolArray:
        """Tell which cells have no rate, or nobody."""
        return np.asarray(np.isnan(stats["rate"]) | (stats["population"] == 0))

    def value(self, stats: Stats, name: str) -> FloatArray:
        """Give the events that a rate implies, and the people without them; nobody has none."""
        if name not in ("events", "rest"):
            return super().value(stats, name)
        people = stats["population"]
        events = np.where(people == 0, 0.0, self.events(stats, stats["unit"]))
        return events if name == "events" else people - events

    def pooled(self, parts: Cells, codes: IntArray, size: int) -> Pooled:
        """Weight rates by population, as if independent; a cell of one row is that row."""
        weight = parts.population
        empty = weight == 0
        alone = np.bincount(codes, minlength=size) == 1
        only = np.full(size, -1)
        only[codes] = np.arange(len(codes))
        total = sums_of(weight, codes, size)

        def mean(values: FloatArray, power: int = 1) -> FloatArray:
            weighted = np.where(empty, 0.0, weight**power * values)
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.asarray(sums_of(weighted, codes, size) / total**power, dtype=np.float64)

        def lone(values: FloatArray) -> FloatArray:
            return np.asarray(np.append(values, np.nan)[only], dtype=np.float64)

        def kish(values: FloatArray) -> FloatArray:
            shares = np.where(empty, 0.0, weight**2 / values)
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.asarray(total**2 / sums_of(shares, codes, size), dtype=np.float64)

        def bound(name: str, values: FloatArray) -> FloatArray:
            return mean(values) if name.startswith("rate") else sums_of(values, codes, size)

        fixed = sums_of(parts.stats["standardized"], codes, size) > 0
        nothing = np.full(size, np.nan)
        sums = {
            "rate": np.where(fixed, np.nan, mean(parts.stats["rate"])),
            "se": np.sqrt(mean(parts.stats["se"] ** 2, 2)),
            "ci_low": nothing,
            "ci_high": nothing,
            "population": total,
            "n": sums_of(parts.stats["n"], codes, size),
            "standardized": fixed.astype(np.float64),
            "df": nothing,
            "unit": lone(parts.stats["unit"]),
        }
        if "size" in parts.stats:
            sums["size"] = np.where(fixed, np.nan, kish(parts.stats["size"]))
        stats = {k: np.where(alone, lone(v), sums[k]) for k, v in parts.stats.items()}
        bounds = {k: np.where(alone, lone(v), bound(k, v)) for k, v in parts.bounds.items()}
        unweighted = sums_of(np.isnan(weight) & (parts.state != State.SUPPRESSED), codes, size) > 0
        reasons = because(fixed & ~alone, Reason.NOT_ADDED)
        reasons |= because(unweighted & ~alone & ~fixed, Reason.NO_WEIGHTS)
        return Pooled(stats, bounds, reasons)

    def rate(self, stats: Stats, kind: str) -> FloatArray:
        """Give the rates."""
        return stats["rate"]

    def effective(self, stats: Stats, kind: str) -> tuple[FloatArray, FloatArray]:
        """Give none: nothing was counted."""
        missing = missing_like(stats["rate"])
        return missing, missing

    def standard_error(self, stats: Stats, kind: str, unit: float) -> FloatArray:
        """Give what was published."""
        return stats["se"] / unit

    def df(self, stats: Stats, kind: str) -> FloatArray:
        """Give those that a survey's design leaves, where they are known."""
        return stats["df"] if "df" in stats else super().df(stats, kind)

    def intervals_for(self, kind: str) -> Sequence[str]:
        """Name the one on the scale of each kind."""
        return ("auto",)

    def interval(self, stats: Stats, kind: str, unit: float, confidence: float, how: str) -> Limits:
        """Give the published limits, else those of the counts, else by the scale of the kind."""
        low, high = stats["ci_low"], stats["ci_high"]
        made = from_standard_error(stats["rate"] / unit, stats["se"] / unit, kind, confidence)
        counted = self._of_size(stats, kind, unit, confidence)
        made = (
            np.where(np.isnan(counted[0]), made[0], counted[0]),
            np.where(np.isnan(counted[1]), made[1], counted[1]),
        )
        given = np.isfinite(low) & np.isfinite(high)
        return np.where(given, low, made[0] * unit), np.where(given, high, made[1] * unit)

    def _of_size(self, stats: Stats, kind: str, unit: float, confidence: float) -> Limits:
        """Give Wilson's limits of (rate·n, n), or the exact ones of rate·n events (RULES 3)."""
        missing = missing_like(stats["rate"])
        if "size" not in stats or kind not in ("proportion", "rate"):
            return missing, missing
        size = np.where(stats["size"] > 0, stats["size"], np.nan)
        method = wilson if kind == "proportion" else poisson
        return method(stats["rate"] / unit * size, size, confidence)

    def why_no_interval(self, stats: Stats) -> Reasons:
        """Say whether none was given, or none can be made of what was."""
        unsaid = np.isnan(stats["se"])
        given = because(np.ones(unsaid.shape, np.bool_), Reason.NO_INTERVAL)
        return given.kept(unsaid, because(~unsaid, Reason.INTERVAL_UNDEFINED))

    def events(self, stats: Stats, unit: float | FloatArray) -> FloatArray:
        """Give the events that published rates imply, as their population is known."""
        return np.asarray(stats["population"] * stats["rate"] / unit)

    def rows(self, stats: Stats) -> FloatArray:
        """Give the sample size, where it was given."""
        return stats["n"]

    def additive(self, stats: Stats) -> list[FloatArray]:
        """Give the variances of events, the people who were asked, and what their size adds."""
        people, size = stats["population"], stats.get("size", stats["n"])
        with np.errstate(invalid="ignore", divide="ignore"):
            return [(people * stats["se"]) ** 2, stats["n"], people**2 / size]

    def protected(self, stats: Stats, unit: float | FloatArray) -> Protected:
        """Protect people, the events that rates imply, and the people who were asked.

        Where the population is not known, rates are taken as if it were the people asked.
        """
        people = np.where(np.isnan(stats["population"]), stats["n"], stats["population"])
        events = self.events({**stats, "population": people}, unit)
        implied = np.where(stats["standardized"] > 0, np.nan, events)
        return Protected(people, implied, stats["n"])
