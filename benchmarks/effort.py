"""Effort, allocations and joint intervals, beside what one would write instead, and their growth.

The same counts as of the main job: 3,144 counties × 10 years × 8 segments, as 31,440 places.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import county_table
import numpy as np
import pandas as pd
from inequality import FEW, Job
from scipy.stats import beta

import targeted_universalism as tu

RULES = ("proportional", "maximin", "most people")
PLACES, AMOUNT, TARGET = county_table.COUNTIES * county_table.YEARS, 500, 0.35
GROWTH = 1.3  # the most that one row of many may cost of one row of few
LEVEL = 0.95 ** (1 / (county_table.SEGMENTS + 1))


def places(many: int, segments: int, rate: float = 0.3, most: int = 5000) -> pd.DataFrame:
    """Make counts of people and events, the same every time."""
    rng = np.random.default_rng(20260101)
    place, race = np.divmod(np.arange(many * segments), segments)
    people = rng.integers(1, most, len(race))
    names = [f"group {i}" for i in range(segments)]
    return pd.DataFrame(
        {
            "place": place,
            "race": pd.Categorical.from_codes(race, names),
            "people": people,
            "events": rng.binomial(people, rate),
        }
    )


def assessed(rows: pd.DataFrame, kind: str = "proportion") -> tu.Assessment:
    """Assess counts by place, as proportions or as rates."""
    made = tu.from_counts(
        rows, numerator="events", denominator="people", segments="race", by="place", kind=kind
    )
    return tu.assess(made, tu.Goal.at_least(TARGET, per=1))


def jobs() -> Iterator[Job]:
    """Give the comparisons, each checked to agree first; then growth in strata and segments."""
    rows = places(PLACES, county_table.SEGMENTS)
    some = rows[rows["place"] < FEW]
    a, part = assessed(rows), FEW / PLACES
    _check(a, some)
    yield Job("effort, county table", a.effort, "plain pandas: need, sum and share",
              lambda: by_pandas(rows), 1.0)  # fmt: skip
    yield Job("allocate by three rules, county table", lambda: allocated(a),
              "a heap in a loop, three rules", lambda: by_heap(some), part)  # fmt: skip
    yield Job("joint, county table", a.joint, "scipy's beta quantiles",
              lambda: by_beta(rows), 1.0)  # fmt: skip
    yield from growth(a)


def growth(a: tu.Assessment) -> Iterator[Job]:
    """Hold the cost of one row of many strata, or segments, against that of one row of few."""
    questions: dict[str, Callable[[tu.Assessment], object]] = {
        "effort": tu.Assessment.effort, "allocate by three rules": allocated,
        "joint": tu.Assessment.joint,
    }  # fmt: skip
    fewer = {n: assessed(places(n, county_table.SEGMENTS)) for n in (PLACES // 4, PLACES // 2)}
    wider = {k: assessed(places(PLACES // 8, k)) for k in (4, 8, 16, 32)}
    for name, ask in questions.items():
        for n, few in fewer.items():
            yield Job(f"{name}, {PLACES:,} strata", partial(ask, a), f"{n:,} strata",
                      partial(ask, few), n / PLACES, GROWTH)  # fmt: skip
        for k in (8, 16, 32):
            yield Job(f"{name}, {k} segments", partial(ask, wider[k]), "4 segments",
                      partial(ask, wider[4]), 4 / k, GROWTH)  # fmt: skip


def allocated(a: tu.Assessment) -> pd.DataFrame:
    """Share the same number of people out in every stratum, by three rules."""
    return a.allocate(AMOUNT, rule=list(RULES))


# --- the others -----------------------------------------------------------------------------------


def by_pandas(rows: pd.DataFrame) -> pd.DataFrame:
    """Add needs up by place, and take shares, as an analyst does; without a range."""
    short = np.ceil(TARGET * rows["people"] - rows["events"] - 1e-9).clip(lower=0)
    together = short.groupby(rows["place"]).transform("sum")
    return rows.assign(needed=short, together=together, share=short / together)


def by_heap(rows: pd.DataFrame) -> dict[str, list[list[int]]]:
    """Reach people one at a time, place by place, always the next in a heap."""
    needs = by_pandas(rows)["needed"].to_numpy(dtype=int)
    people, events = rows["people"].to_numpy(), rows["events"].to_numpy()
    ends = np.flatnonzero(np.diff(rows["place"])) + 1
    each = [np.split(v, ends) for v in (needs, people, events)]
    found: dict[str, list[list[int]]] = {rule: [] for rule in RULES}
    for need, n, x in zip(*each, strict=True):
        gap = TARGET - x / n
        webster = [lambda j, k=k: (j + 0.5) / k for k in need]
        # Rounded, so that ties are ties.
        furthest = [lambda j, g=g, m=m: round(j / m - g, 12) for g, m in zip(gap, n, strict=True)]
        for rule in RULES:
            found[rule].append(_queued(need, webster if rule == RULES[0] else furthest))
    return found


def _queued(need: Sequence[int], place: Sequence[Callable[[int], float]]) -> list[int]:
    awards = [0] * len(need)
    heap = [(place[i](0), i) for i, k in enumerate(need) if k > 0]
    heapq.heapify(heap)
    for _ in range(AMOUNT):
        if not heap:
            break
        _, i = heapq.heappop(heap)
        awards[i] += 1
        if awards[i] < need[i]:
            heapq.heappush(heap, (place[i](awards[i]), i))
    return awards


def by_beta(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Take exact limits at the level that holds for all segments and the total of a place."""
    x, n = rows["events"].to_numpy(), rows["people"].to_numpy()
    low = np.where(x > 0, beta.ppf((1 - LEVEL) / 2, x, n - x + 1), 0.0)
    return low, np.where(x < n, beta.isf((1 - LEVEL) / 2, x + 1, n - x), 1.0)


def _check(a: tu.Assessment, some: pd.DataFrame) -> None:
    """Stop unless needs, sums, shares and awards are those of the others, and limits near them."""
    few = a.where(place=list(range(FEW)))
    mine, theirs = (t[t["dimension"] == "race"] for t in (few.effort(), few.joint()))
    other = by_pandas(some)
    for name, values in (("needed", other["needed"]), ("dimension_needed", other["together"]),
                         ("effort_share", other["share"])):  # fmt: skip
        if not np.allclose(mine[name].astype(float), values, equal_nan=True):
            raise AssertionError(f"pandas has another {name}")
    low, high = by_beta(some)
    if (theirs["ci_low"] < low - 1e-9).any() or (theirs["ci_high"] > high + 1e-9).any():
        raise AssertionError("exact limits are narrower")
    awards = allocated(few)
    for rule, found in by_heap(some).items():
        chosen = awards[(awards["rule"] == rule) & (awards["dimension"] == "race")]
        if not (chosen["awarded"].to_numpy(dtype=int) == np.concatenate(found)).all():
            raise AssertionError(f"the heap hands out otherwise: {rule}")
