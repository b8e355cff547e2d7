"""Answers beside answers: comparisons of rates beside those of proportions, growth in segments."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import effort
from inequality import Job

CELLS, STRATA, SEGMENTS = 24_000, 3_000, 8
RATES = 3.0  # the most that a comparison of rates may cost of one of proportions
WIDER = (40, 200, 1000)
REFERENCES = ("rest", "total", "best", "each")


def jobs() -> Iterator[Job]:
    """Give comparisons by each reference, and one cell of many segments beside one of few."""
    rows = effort.places(STRATA, SEGMENTS)
    rates, proportions = (effort.assessed(rows, kind) for kind in ("rate", "proportion"))
    for reference in REFERENCES:
        yield Job(f"disparities of rates, {reference}", partial(rates.disparities, reference),
                  "of proportions", partial(proportions.disparities, reference), 1.0,
                  RATES)  # fmt: skip
    few = effort.assessed(effort.places(CELLS // SEGMENTS, SEGMENTS))
    for many in WIDER:
        wide = effort.assessed(effort.places(CELLS // many, many))
        yield Job(f"summarize, {many:,} segments", wide.summarize, f"{SEGMENTS} segments",
                  few.summarize, 1.0)  # fmt: skip
    rare = effort.assessed(effort.places(STRATA, SEGMENTS, rate=0.004, most=2000))
    yield Job("summarize, few events", rare.summarize, "many events", few.summarize, 1.0)
