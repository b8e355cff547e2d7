"""How long the main job takes on 3,144 counties × 10 years × 8 segments, beside plain pandas.

Timed in turn, A B A B …, in one run: the ratio is the result, the seconds are this machine's.
Run with `make bench`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import targeted_universalism as tu

COUNTIES, YEARS, SEGMENTS, REPEATS = 3144, 10, 8, 7


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


def cpu(job: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    job()
    return time.process_time() - start


def main() -> None:
    """Time each job in turn with a pandas group-by of the same rows, and print the ratios."""
    data = county_table()
    goal = tu.Goal.at_least(0.35)

    def segments() -> tu.Segments:
        return tu.from_counts(
            data, numerator="events", denominator="people", segments="race", by=["county", "year"]
        )

    made = segments()
    jobs: dict[str, Callable[[], object]] = {
        "from_counts": segments,
        "assess": lambda: tu.assess(made, goal),
        "assess, and its table": lambda: tu.assess(made, goal).table,
    }
    print(f"{len(data):,} rows; pandas: groupby(county, year, race).sum() of the same rows")
    print(f"{'job':24}{'CPU s':>8}{'ratio to pandas':>18}")
    for name, job in jobs.items():
        job()
        own, other = [], []
        for _ in range(REPEATS):
            own.append(cpu(job))
            other.append(cpu(lambda: data.groupby(["county", "year", "race"], observed=True).sum()))
        ratio = statistics.median(a / b for a, b in zip(own, other, strict=True))
        print(f"{name:24}{statistics.median(own):8.2f}{ratio:18.1f}")


if __name__ == "__main__":
    main()
