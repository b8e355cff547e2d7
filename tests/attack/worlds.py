"""Random people, and public tables of them, made through the public API alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

import attacker
import numpy as np
import pandas as pd

import targeted_universalism as tu

Key = attacker.Key
COLUMNS = ("race", "sex", "county")


@dataclass(frozen=True, eq=False)
class People:
    """Counted people: one row of `cells` for every combination of values, flags 0 or 1."""

    cells: pd.DataFrame  # columns, flags, n, and one column of events for each indicator
    columns: Mapping[str, Sequence[str]]
    flags: Sequence[str] = ()
    indicators: Sequence[str] = ("x",)
    kind: str = "proportion"
    weights: Mapping[str, float] = field(default_factory=dict)  # of a race
    cohorts: Mapping[str, str] = field(default_factory=dict)  # indicator: column of its people

    @cache  # noqa: B019 (as long as the people)
    def count(self, key: Key, what: str) -> float:
        """Count people (`n`), or events of an indicator, of a key."""
        return float(self._of(key)[what].sum())

    def weighted(self, key: Key) -> float:
        """Add up the weights of a key's people, as a census would."""
        found = self._of(key)
        return float((found["n"] * found["race"].map(self.weights)).sum())

    def values(self, key: Key) -> np.ndarray:
        """Collect the magnitudes of a key's people."""
        return np.concatenate([np.zeros(0), *self._of(key)["values"]])

    def _of(self, key: Key) -> pd.DataFrame:
        kept = np.ones(len(self.cells), dtype=bool)
        for column, wanted in key:
            name, _, flag = column.partition(": ")
            kept &= (self.cells[flag] == 1) if flag else (self.cells[name] == wanted)
        return self.cells[kept]

    def world(self, **meanings: Any) -> attacker.World:
        """Say what everybody knows of them."""
        weight = (lambda key: self.weights[dict(key)["race"]]) if self.weights else None
        return attacker.World(
            self.columns,
            lambda key, indicator: self.count(key, self.cohorts.get(indicator, "n")),
            lambda key, indicator: self.count(key, indicator or self.indicators[0]),
            lambda key: self.count(key, "sample"),
            weight=weight,
            one_cohort=not self.cohorts,
            **meanings,
        )


def people(
    rng: np.random.Generator,
    sizes: Mapping[str, int],
    flags: Sequence[str] = (),
    indicators: Sequence[str] = ("x",),
    kind: str = "proportion",
) -> People:
    """Draw people: few in some cells and many in others, rare and frequent events.

    Parameters
    ----------
    sizes : mapping
        How many values a column has.
    """
    columns = {name: [f"{name[0]}{i}" for i in range(k)] for name, k in sizes.items()}
    space = [*columns.values(), *([[0, 1]] * len(flags))]
    cells = pd.DataFrame(list(product(*space)), columns=[*columns, *flags])
    scale = rng.choice([3.0, 12.0, 40.0, 150.0], p=[0.1, 0.25, 0.4, 0.25], size=len(cells))
    cells["n"] = rng.integers(0, 2 * scale.astype(int)) * (rng.random(len(cells)) > 0.05)
    for name in indicators:
        p = rng.choice([0.0, 0.04, 0.3, 0.6, 0.97], p=[0.08, 0.22, 0.4, 0.2, 0.1], size=len(cells))
        cells[name] = (
            rng.binomial(cells["n"], p) if kind == "proportion" else rng.poisson(cells["n"] * p)
        )
    return People(cells, columns, flags, indicators, kind)


@dataclass(frozen=True)
class View:
    """What a table shows: by what it is repeated, how people are split, what is added up."""

    segments: Sequence[str]
    by: Sequence[str] = ()
    rollup: bool | Sequence[str] = False
    options: Mapping[str, Any] = field(default_factory=dict)
    door: str = "counts"

    def make(self, people: People) -> tu.Segments:
        """Read the people through one of the doors."""
        doors = {
            "counts": self._from_counts, "records": self._from_records,
            "estimates": self._from_estimates, "magnitudes": self._from_magnitudes,
        }  # fmt: skip
        return doors[self.door](people)

    def assessed(self, people: People, goal: tu.Goal) -> tu.Assessment:
        """Assess the people as this table shows them, before anything is hidden."""
        segments = self.make(people)
        several = len(people.indicators) > 1
        goals = dict.fromkeys(people.indicators, goal) if several else goal
        return tu.assess(segments, goals, rollup=self.rollup)

    def _columns(self) -> list[str]:
        """Name the columns that the table needs."""
        return list(dict.fromkeys([*self.by, *(c for s in self.segments for c in s.split("*"))]))

    def _from_counts(self, people: People) -> tu.Segments:
        columns, names = self._columns(), list(people.indicators)
        cohorts = [people.cohorts.get(name, "n") for name in names]
        sums = people.cells.groupby(columns, as_index=False, sort=False)[
            list(dict.fromkeys([*cohorts, *names]))
        ].sum()
        rows = pd.concat([
            sums[columns].assign(what=name, events=sums[name], people=sums[cohort])
            for name, cohort in zip(names, cohorts, strict=True)
        ], ignore_index=True)  # fmt: skip
        return tu.from_counts(
            rows, numerator="events", denominator="people", segments=list(self.segments),
            by=list(self.by) or None, indicator="what" if len(names) > 1 else None,
            kind=people.kind, **self.options,
        )  # fmt: skip

    def _from_records(self, people: People) -> tu.Segments:
        name = people.indicators[0]
        parts = [people.cells.assign(y=1, k=people.cells[name]),
                 people.cells.assign(y=0, k=people.cells["n"] - people.cells[name])]  # fmt: skip
        cells = pd.concat(parts, ignore_index=True)
        rows = cells.loc[cells.index.repeat(cells["k"].to_numpy())]
        options = dict(self.options)
        if people.weights:
            rows = rows.assign(w=rows["race"].map(people.weights))
            options["weight"] = "w"
        flags = [tu.overlapping(people.flags, name="prog")] if people.flags else []
        return tu.from_records(
            rows, outcome="y", segments=[*self.segments, *flags], by=list(self.by) or None,
            **options,
        )  # fmt: skip

    def _from_estimates(self, people: People) -> tu.Segments:
        columns = self._columns()
        rows = people.cells.groupby(columns, as_index=False, sort=False)[["n", "x", "sample"]].sum()
        p = rows["x"] / rows["n"]
        rows = rows.assign(rate=p, se=np.sqrt(p * (1 - p) / rows["n"]))
        half = 1.959963984540054 * rows["se"]
        rows = rows.assign(low=(p - half).clip(0, 1), high=(p + half).clip(0, 1))
        return tu.from_estimates(
            rows, estimate="rate", population="n", kind="proportion",
            segments=list(self.segments), by=list(self.by) or None, **self.options,
        )  # fmt: skip

    def _from_magnitudes(self, people: People) -> tu.Segments:
        rows = people.cells.explode("values", ignore_index=True).dropna(subset="values")
        return tu.from_records(
            rows.assign(y=rows["values"].astype(float)), outcome="y", kind="mean",
            segments=list(self.segments), by=list(self.by) or None, **self.options,
        )  # fmt: skip
