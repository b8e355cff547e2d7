"""The pages that are looked at: what agencies make, and what strains a page."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import targeted_universalism as tu
from make import ABSENCE, LONG, assessed, estimates, frame

DEMO = Path(__file__).parents[2] / "docs" / "demo.py"
READY = tu.Goal.at_least(
    85, per=100, name="Ready for school", deadline=2030, people="children",
    rationale="Agreed by 84 families", source="Survey 2025",
)  # fmt: skip
PLAN = [
    {"segment": "A", "structure": "places are full by March", "assets": "three churches",
     "strategy": "hold places", "level": "system", "owner": "County", "partner": "First 5; Parents",
     "start": "2026-07", "end": 2028, "unit_cost": 700, "reach": 60, "amount": 20_000,
     "evidence": "promising", "stance": 3, "share_administration": 55, "share_involvement": 45},
    {"segment": "B", "structure": "forms in English only", "strategy": "family liaisons",
     "owner": "District", "unit_cost": 350, "reach": 180, "funded": "no"},
    {"segment": "B", "structure": "forms in English only", "assets": "promotoras"},
]  # fmt: skip
HOSTILE = [
    "<script>alert('x')</script>", '"quoted" & <b>bold</b>', "=HYPERLINK(\"x\")", "👩🏽‍🏫 🧒",
    "العربية والفارسية", "日本語のとても長い名前", "हिन्दी", "ქართველი", "Ελληνικά",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", LONG,
]  # fmt: skip


def sample() -> tu.Assessment:
    """What `make demo` assesses."""
    found: tu.Assessment = runpy.run_path(str(DEMO))["assessed"]()
    return found


def public() -> tu.Assessment:
    """Cells that are hidden, and what follows from them."""
    races = ["Asian", "Black", "Latino", "Native American", "Pacific Islander", "White"]
    data = {"race": races, "x": [412, 131, 520, 22, 9, 760], "n": [450, 210, 800, 41, 17, 900]}
    return assessed(data, READY).suppress(11)


def forty() -> tu.Assessment:
    """Forty segments in one dimension."""
    n = np.arange(40) * 7 + 30
    names = [f"School {i:02d} of the unified district" for i in range(40)]
    return assessed({"race": names, "x": n * (np.arange(40) % 9 + 1) // 12, "n": n}, ABSENCE)


def places() -> tu.Assessment:
    """Places with a roll-up."""
    rows = [
        (county, race, 20 + 7 * i + 3 * j, 150 + 40 * i)
        for i, county in enumerate(["Alpine", "Inyo", "Mono", "San Luis Obispo"])
        for j, race in enumerate(["A", "B", "C"])
    ]
    data = pd.DataFrame(rows, columns=["county", "race", "x", "n"])
    return assessed(data, ABSENCE, by="county", rollup=True)


def years() -> tu.Assessment:
    """Two places along six years."""
    rows = [
        (county, year, race, 60 + 3 * (year - 2018) + 11 * j, 120 + 10 * j)
        for county in ("Inyo", "Mono")
        for year in range(2018, 2024)
        for j, race in enumerate(["A", "B"])
    ]
    data = pd.DataFrame(rows, columns=["county", "year", "race", "x", "n"])
    return assessed(data, READY, by=["county", "year"])


def hostile() -> tu.Assessment:
    """Names that would be markup or formulas, emoji, six scripts, a word without end."""
    n = np.arange(len(HOSTILE)) * 9 + 60
    goal = tu.Goal.at_least(
        50, per=100, name="<b>Reach</b> & 'أهداف'", rationale="<i>We</i> said so", source=LONG
    )
    return assessed(
        {"race": HOSTILE, "x": n * (np.arange(len(HOSTILE)) % 5 + 2) // 8, "n": n}, goal
    )


def indicators() -> tu.Assessment:
    """Things with different units: a percentage, events in a thousand, a mean."""
    parts = {
        "Chronic absence": ([13.3, 22.6, 30.5], [2.0, 2.4, 2.7]),
        "Entries to care": ([1.3, 5.5, 3.1], [0.7, 1.3, 1.0]),
        "Reading score": ([610.5, 702.25, 655.0], [12.0, 9.5, 14.0]),
    }
    data = pd.concat(
        frame({"what": what, "race": ["A", "B", "C"], "rate": rates, "se": errors, "n": 1500})
        for what, (rates, errors) in parts.items()
    )
    kinds = dict(zip(parts, ("proportion", "rate", "mean"), strict=True))
    per = {"Chronic absence": 100, "Entries to care": 1000, "Reading score": 1}
    goals = {
        "Chronic absence": ABSENCE,
        "Entries to care": tu.Goal.at_most(3, per=1000, people="children"),
        "Reading score": tu.Goal.at_least(680),
    }
    options = {"se": "se", "kind": kinds, "indicator": "what", "per": per, "population": "n"}
    return assessed(data, goals, estimates, **options)


# What is written, and what it is told besides.
PAGES: Mapping[str, tuple[Callable[[], tu.Assessment], dict[str, Any]]] = {
    "sample": (sample, {"author": "County Office of Education", "date": "1 May 2026"}),
    "public": (public, {}),
    "forty": (forty, {}),
    "places": (places, {}),
    "plan and progress": (years, {"time": "year", "plan": tu.Plan(PLAN)}),
    "hostile": (hostile, {"title": HOSTILE[0], "author": LONG}),
    "indicators": (indicators, {}),
}


def written(name: str, folder: Path) -> Path:
    """Write one of them."""
    make, told = PAGES[name]
    return make().report(folder / f"{name}.html", **told)
