"""What is published of random people, family by family, and what the attacker makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from zlib import crc32

import attacker
import beyond
import numpy as np
import pandas as pd
from attacker import Leak, Release
from worlds import People, View, people

import targeted_universalism as tu

GOALS = (tu.Goal.at_least(0.5), tu.Goal.at_most(0.2), tu.Goal.at_least(0.9))


@dataclass(frozen=True)
class Step:
    """One release: a table, or a part of it, and which of the releases before it was told of."""

    view: View
    told: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()  # releases whose sums it was told of, not their masks
    part: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Case:
    """People, what is published of them one after the other, and what ties their indicators."""

    people: People
    steps: Sequence[Step]
    goal: tu.Goal
    options: Mapping[str, Any]
    meanings: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Found:
    """What came of a case.

    Attributes
    ----------
    hidden : int
        Counts of rows that are hidden, over all releases.
    refused : str
        The error of the `suppress` that stopped; empty where none did.
    alone : list of Leak
        What one release tells by itself.
    told : list of Leak
        What a release tells together with those that it was told of.
    passed : list of Leak
        What all releases tell together, and `tu.audit` passes.
    failed_alone : list of str
        What the audit of one release fails or gets wrong, with and without a census, except
        where every number from nobody to everybody is left, as the census alone leaves it.
    """

    hidden: int = 0
    refused: str = ""
    alone: list[Leak] = field(default_factory=list)
    told: list[Leak] = field(default_factory=list)
    passed: list[Leak] = field(default_factory=list)
    failed_alone: list[str] = field(default_factory=list)
    public: list[tu.Assessment] = field(default_factory=list)
    confidential: list[tu.Assessment] = field(default_factory=list)

    @property
    def fault(self) -> bool:
        """Whether anything is told."""
        return bool(self.alone or self.told or self.passed or self.failed_alone)


def tried(case: Case, found: Found | None = None) -> Found:
    """Publish a case step by step, attack it, and compare with what `tu.audit` says.

    What was published of it may be given.
    """
    made = published(case) if found is None else found
    tried = Found(refused=made.refused, public=made.public, confidential=made.confidential)
    _attack(case, tried)
    return tried


def published(case: Case) -> Found:
    """Publish a case step by step, until `suppress` stops."""
    found = Found()
    for step in case.steps:
        whole = step.view.assessed(case.people, case.goal)
        part = whole.where(**step.part) if step.part else whole
        options = {**case.options, **step.options}
        if step.told:
            options["published"] = [found.public[i] for i in step.told]
            options["census"] = [found.confidential[i] for i in step.told]
        try:
            found.public.append(part.suppress(**options))
            found.confidential.append(part)
        except tu.InputError as error:
            found.refused = str(error)
            break
    return found


def _attack(case: Case, found: Found) -> None:
    world = case.people.world(**case.meanings)
    releases = [read(case, public) for public in found.public]
    width = int(case.options.get("width", 5))
    found.hidden = sum(row.hidden for one in releases for row in one.rows)
    together = attacker.attacked(world, releases) if releases else []
    if together:  # what a part of the tables tells, all of them tell
        _whose(case, world, releases, found)
    for i, one in enumerate(releases):
        found.alone += further(case, world, one, found.public[i])
        for census in ((), found.confidential[i]):
            audit = tu.audit(found.public[i], width=width, census=census)
            found.failed_alone += [f"{i}: {name}" for name in _narrowed(case, audit)]
    if together:
        flagged = failing(case, tu.audit(*found.public, width=width, census=found.confidential))
        found.passed = [leak for leak in together if (leak.key, leak.quantity) not in flagged]


def _whose(case: Case, world: attacker.World, releases: Sequence[Release], found: Found) -> None:
    """Say which leaks are one release's own, and which it was told of."""
    for one, step in zip(releases, case.steps, strict=False):
        found.alone += attacker.attacked(world, [one])
        if step.told:
            found.told += attacker.attacked(world, [*(releases[j] for j in step.told), one])
        if step.beside:
            leaks = attacker.attacked(world, [*(releases[j] for j in step.beside), one])
            found.told += [leak for leak in leaks if leak.release == len(step.beside)]


def shares_beside_hidden(public: Any) -> list[tuple[str, ...]]:
    """List rows with a share of effort although a segment beside them is hidden."""
    table = public.table.astype(object)
    names = [*table.columns[: list(table.columns).index("dimension")], "dimension"]
    whose = table[names].map(str).agg("|".join, axis=1)
    beside = whose.isin(whose[table["status"] == "suppressed"])
    found = table[beside & table["effort_share"].notna()]
    return [tuple(map(str, row)) for row in found[[*names, "segment"]].to_numpy()]


def read(case: Case, public: Any) -> Release:
    """Read a public table of a case as the attacker does."""
    return attacker.release(public, flags=["prog"] * bool(case.people.flags))


def _narrowed(case: Case, audit: pd.DataFrame) -> list[str]:
    """Name what an audit fails and the tables have narrowed, and ranges without the truth."""
    flags = ["prog"] * bool(case.people.flags)
    names = []
    for row in audit.astype(object).to_dict("records"):
        key, name = attacker.key_of(row, flags), str(row.get("indicator", ""))
        world = case.people.world(**case.meanings)
        true = {attacker.PEOPLE: world.people(key, name)}
        if row["quantity"] != attacker.PEOPLE and case.people.kind != "mean":
            true[attacker.EVENTS] = world.events(key, name)
            true[attacker.WITHOUT] = true[attacker.PEOPLE] - true[attacker.EVENTS]
        what = f"{row['dimension']} {row['segment']} {name} {row['quantity']}"
        if not row["passes"] and (row["low"], row["high"]) != (0, true[attacker.PEOPLE]):
            names.append(what)
        if not row["low"] <= true.get(row["quantity"], row["low"]) <= _top(row["high"]):
            names.append(f"{what} is {true[row['quantity']]}, not {row['low']} to {row['high']}")
    return names


def _top(high: object) -> float:
    """Read an upper end; missing where nothing bounds a count."""
    return float(str(high)) if pd.notna(high) else float("inf")


def further(case: Case, world: attacker.World, one: Release, public: Any) -> list[Any]:
    """Attack what is no sum of whole numbers: variances, weights by census, magnitudes."""
    people = case.people
    if world.estimates:
        return beyond.by_variance(world, one)
    if people.weights:
        return beyond.by_census_totals(lambda row: people.weighted(row.key), one)
    if one.kind == "mean":
        return beyond.dominated({row.key: people.values(row.key) for row in one.rows}, one)
    return []


def failing(case: Case, audit: pd.DataFrame) -> set[tuple[attacker.Key, str]]:
    """Name the counts that an audit fails."""
    flags = ["prog"] * bool(case.people.flags)
    failed = audit[~audit["passes"].astype(bool)].astype(object).to_dict("records")
    return {(attacker.key_of(row, flags), str(row["quantity"])) for row in failed}


# --- the families -------------------------------------------------------------------------------


def options(rng: np.random.Generator) -> dict[str, Any]:
    """Draw the rule that a release follows."""
    rule = str(rng.choice(["count", "count", "count", "cms", "ccwip", "nsize"]))
    found: dict[str, Any] = {
        "minimum": int(rng.choice([5, 11])) if rule == "count" else 11,
        "rule": rule,
        "zeros": str(rng.choice(["show", "hide"])),
        "width": int(rng.choice([3, 5, 5, 8])),
    }
    if rule == "ccwip" and rng.integers(2):
        found |= {"rule": "calhhs", "score": 13}  # not released whole
    return found


def goal(rng: np.random.Generator) -> tu.Goal:
    """Draw a goal."""
    return GOALS[rng.integers(len(GOALS))]


def one_dimension(rng: np.random.Generator) -> Case:
    """Draw groups of one dimension, in one stratum or a few."""
    by = ["county"] * int(rng.integers(2))
    sizes = {"race": int(rng.integers(2, 7)), **dict.fromkeys(by, 2)}
    return Case(people(rng, sizes), [Step(View(["race"], by))], goal(rng), options(rng))


def crossings(rng: np.random.Generator) -> Case:
    """Draw crossed groups with their margins, two ways or three."""
    shapes: list[tuple[dict[str, int], list[str]]] = [
        ({"race": 3, "sex": 2}, ["race", "sex", "race*sex"]),
        ({"race": 4, "sex": 2}, ["race", "race*sex"]),
        ({"race": 3, "age": 3}, ["race", "age", "race*age"]),
        ({"race": 3, "sex": 2}, ["race*sex", "sex"]),
        ({"race": 2, "sex": 2, "age": 2},
         ["race", "sex", "age", "race*sex", "race*age", "sex*age", "race*sex*age"]),
        ({"race": 2, "sex": 2, "age": 2}, ["race*sex", "race*age", "sex*age"]),
    ]  # fmt: skip
    sizes, segments = shapes[rng.integers(len(shapes))]
    return Case(people(rng, sizes), [Step(View(segments))], goal(rng), options(rng))


def roll_ups(rng: np.random.Generator) -> Case:
    """Draw strata and what they add up to, whole or in part."""
    shapes: list[tuple[dict[str, int], View]] = [
        ({"race": 3, "county": 3}, View(["race"], ["county"], rollup=True)),
        ({"race": 4, "county": 2}, View(["race"], ["county"], rollup=True)),
        ({"race": 2, "sex": 2, "county": 2},
         View(["race", "sex", "race*sex"], ["county"], rollup=True)),
        ({"race": 3, "county": 2, "year": 2}, View(["race"], ["county", "year"], rollup="county")),
        ({"race": 2, "county": 3, "year": 2}, View(["race"], ["county", "year"], rollup=True)),
    ]  # fmt: skip
    sizes, view = shapes[rng.integers(len(shapes))]
    return Case(people(rng, sizes), [Step(view)], goal(rng), options(rng))


CUBE = {"race": 3, "sex": 2, "county": 3}
VIEWS = (
    View(["race"]), View(["race"], ["county"]), View(["race*sex"]), View(["race", "sex"]),
    View(["race"], ["sex"]), View(["sex"], ["county"]), View(["race", "sex", "race*sex"]),
    View(["race"], ["county"], rollup=True), View(["race*county"]), View(["county", "sex"]),
    View(["sex*county", "race"]),
)  # fmt: skip


def _releases(rng: np.random.Generator, how_many: int, *, told: bool) -> Case:
    views = [VIEWS[i] for i in rng.choice(len(VIEWS), how_many, replace=False)]
    steps = [Step(view, tuple(range(i)) if told else ()) for i, view in enumerate(views)]
    return Case(people(rng, CUBE), steps, goal(rng), options(rng))


def two_releases(rng: np.random.Generator) -> Case:
    """Draw two tables of the same people, the second told of the first."""
    return _releases(rng, 2, told=True)


def three_releases(rng: np.random.Generator) -> Case:
    """Draw three tables of the same people, each told of those before it."""
    return _releases(rng, 3, told=True)


def untold_releases(rng: np.random.Generator) -> Case:
    """Draw tables of the same people that know nothing of each other: what does audit say?"""
    return _releases(rng, int(rng.integers(2, 4)), told=False)


def where_parts(rng: np.random.Generator) -> Case:
    """Draw one table, published dimension by dimension or county by county."""
    told = bool(rng.integers(2))
    if rng.integers(3):
        view = View(["race", "sex", "race*sex"])
        parts: list[dict[str, Any]] = [{"dimension": d} for d in ("race", "sex", "race*sex")]
    else:
        view = View(["race"], ["county"], rollup=True)
        parts = [{"county": "c0"}, {"county": ["c1", "c2"]}, {"rollup": True}]
    order = [parts[i] for i in rng.permutation(3)[: rng.integers(2, 4)]]
    steps = [Step(view, tuple(range(i)) if told else (), part=part) for i, part in enumerate(order)]
    return Case(people(rng, CUBE), steps, goal(rng), options(rng))


def by_and_segment(rng: np.random.Generator) -> Case:
    """Draw a county that is a stratum in one table and a segment in another."""
    told = bool(rng.integers(2))
    views = [View(["race"], ["county"]), View(["race*county", "race"]), View(["county", "race"])]
    order = [views[i] for i in rng.permutation(3)[:2]]
    steps = [Step(view, tuple(range(i)) if told else ()) for i, view in enumerate(order)]
    return Case(people(rng, {"race": 3, "county": 3}), steps, goal(rng), options(rng))


def indicators(rng: np.random.Generator) -> Case:
    """Draw several indicators: of the same people, stage after stage, or making up the cohort."""
    shape = int(rng.integers(3))
    if shape == 0:
        names = [f"i{k}" for k in range(rng.integers(2, 4))]
        kind = str(rng.choice(["proportion", "rate"]))
        found = people(rng, {"race": int(rng.integers(3, 6))}, (), names, kind)
        return Case(found, [Step(View(["race"]))], goal(rng), options(rng))
    found = people(rng, {"race": int(rng.integers(3, 6))}, (), ["first"])
    cells, more = found.cells, options(rng)
    if shape == 1:
        cells["later"] = rng.binomial(cells["first"], rng.choice([0.1, 0.5], size=len(cells)))
        found = replace(found, indicators=("first", "later"), cohorts={"later": "first"})
        more["same_people"] = {"first": "later"}
        return Case(found, [Step(View(["race"]))], goal(rng), more, {"chain": more["same_people"]})
    cells["second"] = rng.binomial(cells["n"] - cells["first"], 0.6)
    cells["third"] = cells["n"] - cells["first"] - cells["second"]
    found = replace(found, indicators=("first", "second", "third"))
    more["adds_to"] = list(found.indicators)
    return Case(found, [Step(View(["race"]))], goal(rng), more, {"adds_up": more["adds_to"]})


def overlapping_flags(rng: np.random.Generator) -> Case:
    """Draw groups crossed with one flag or two that the same person may have."""
    flags = ["fa", "fb"][: rng.integers(1, 3)]
    found = people(rng, {"race": int(rng.integers(2, 4))}, flags)
    inside = rng.random(len(found.cells)) < 0.15  # nobody of some groups is without a flag
    found.cells.loc[inside & (found.cells["fa"] == 0), ["n", "x"]] = 0
    view = View(["race"], options={"cross": 2} if rng.integers(3) else {}, door="records")
    return Case(found, [Step(view)], goal(rng), options(rng))


def weighted_records(rng: np.random.Generator) -> Case:
    """Draw records whose weight is the same for all of a group, and known from a census."""
    crossed = bool(rng.integers(2))
    found = people(rng, {"race": 3, "sex": 2} if crossed else {"race": int(rng.integers(3, 6))})
    weights = {race: int(rng.integers(20, 400)) / attacker.GRAIN for race in found.columns["race"]}
    segments = ["race", "sex", "race*sex"] if crossed else ["race"]
    return Case(
        replace(found, weights=weights), [Step(View(segments, door="records"))], goal(rng),
        options(rng),
    )  # fmt: skip


def published_estimates(rng: np.random.Generator) -> Case:
    """Draw published rates with a population, and a standard error, an interval or a sample."""
    found = people(rng, {"race": int(rng.integers(3, 6))})
    cells = found.cells
    cells["n"] = np.where(rng.random(len(cells)) < 0.5, cells["n"] % 120, cells["n"]) + 1
    cells["x"] = np.minimum(cells["x"], cells["n"])
    cells["sample"] = rng.integers(1, np.maximum(2, cells["n"]))
    precision: dict[str, Any] = [{"se": "se"}, {"ci": ("low", "high")}, {}][rng.integers(3)]
    if rng.integers(2):
        precision = {**precision, "n": "sample"}
    view = View(["race"], options=precision, door="estimates")
    return Case(found, [Step(view)], goal(rng), options(rng), {"estimates": True})


def means(rng: np.random.Generator) -> Case:
    """Draw magnitudes, of which a few people may have nearly all."""
    found = people(rng, {"race": int(rng.integers(3, 6))}, (), (), "mean")
    heavy = rng.random(len(found.cells)) < 0.3
    found.cells["values"] = [
        np.round(rng.lognormal(3, 3.0 if spread else 0.6, n), 2)
        for spread, n in zip(heavy, found.cells["n"], strict=True)
    ]
    return Case(
        found, [Step(View(["race"], door="magnitudes"))], tu.Goal.at_least(50), options(rng)
    )


def published_sums(rng: np.random.Generator) -> Case:
    """Draw counties beside a State that publishes what they add up to."""
    segments = [["race"], ["race", "sex", "race*sex"]][rng.integers(2)]
    found = people(rng, {"race": 3, "sex": 2, "county": 2} if len(segments) > 1 else
                   {"race": int(rng.integers(2, 5)), "county": 3})  # fmt: skip
    county = Step(View(segments, ["county"]), beside=(0,), options={"sums_over": ["county"]})
    return Case(found, [Step(View(segments)), county], goal(rng), options(rng))


FAMILIES: dict[str, Callable[[np.random.Generator], Case]] = {
    draw.__name__: draw
    for draw in (
        one_dimension, crossings, roll_ups, two_releases, three_releases, untold_releases,
        where_parts, by_and_segment, indicators, overlapping_flags, weighted_records,
        published_estimates, means, published_sums,
    )
}  # fmt: skip


def drawn(family: str, number: int) -> Case:
    """Draw one case of a family: the same one for the same number."""
    return FAMILIES[family](np.random.default_rng([crc32(family.encode()), number]))


@lru_cache(maxsize=32)
def released(family: str, number: int) -> tuple[Case, Found]:
    """Draw a case and publish it, once for all that is asked of it."""
    case = drawn(family, number)
    return case, published(case)
