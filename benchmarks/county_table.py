"""The main job on 3,144 counties × 10 years × 8 segments of counts, beside plain pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import targeted_universalism as tu

COUNTIES, YEARS, SEGMENTS = 3144, 10, 8


def county_table() -> pd.DataFrame:
    """Make the counts, the same every time."""
    rng = np.random.default_rng(20260101)
    rows = COUNTIES * YEARS * SEGMENTS
    people = rng.integers(0, 5000, rows)
    county, year, race = np.unravel_index(np.arange(rows), (COUNTIES, YEARS, SEGMENTS))
    return pd.DataFrame(
        {
            "county": county,
            "year": 2015 + year,
            "race": pd.Categorical.from_codes(race, [f"group {i}" for i in range(SEGMENTS)]),
            "people": people,
            "events": rng.binomial(people, 0.3),
        }
    )


def jobs() -> tuple[dict[str, Callable[[], object]], Callable[[], object]]:
    """Give our jobs by name, and the group-by of the same rows that they are set beside."""
    data = county_table()
    goal = tu.Goal.at_least(0.35)

    def segments() -> tu.Segments:
        return tu.from_counts(
            data, numerator="events", denominator="people", segments="race", by=["county", "year"]
        )

    made = segments()
    ours: dict[str, Callable[[], object]] = {
        "from_counts": segments,
        "assess": lambda: tu.assess(made, goal),
        "assess and a.table": lambda: tu.assess(made, goal).table,
    }
    return ours, lambda: data.groupby(["county", "year", "race"], observed=True).sum()
