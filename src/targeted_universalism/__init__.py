"""One universal goal, each group's distance to it, and the targeted effort needed to reach it.

Names are fetched when they are first used, so that importing the library stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from targeted_universalism import measures as measures
    from targeted_universalism.answer.goal_files import read_goals
    from targeted_universalism.answer.goals import Goal
    from targeted_universalism.ask.candidates.goals import candidate_goals
    from targeted_universalism.ask.pathways import pathway
    from targeted_universalism.ask.plans.plan import Plan
    from targeted_universalism.assessment import Assessment, assess
    from targeted_universalism.errors import InputError
    from targeted_universalism.privacy.audit import audit
    from targeted_universalism.read.added import add_estimates
    from targeted_universalism.read.constructors import (
        from_counts,
        from_csv,
        from_estimates,
        from_parquet,
        from_records,
    )
    from targeted_universalism.read.layout import overlapping
    from targeted_universalism.read.ledger import inspect
    from targeted_universalism.read.tables import read_table
    from targeted_universalism.segments.combine import combine
    from targeted_universalism.segments.definition import Definition
    from targeted_universalism.segments.segments import Segments, read_segments
    from targeted_universalism.show.pictures.pathway import plot_pathway

__version__ = "0.1.0"

_HOME = {
    "Assessment": "assessment",
    "Definition": "segments.definition",
    "Goal": "answer.goals",
    "InputError": "errors",
    "Plan": "ask.plans.plan",
    "Segments": "segments.segments",
    "add_estimates": "read.added",
    "assess": "assessment",
    "audit": "privacy.audit",
    "candidate_goals": "ask.candidates.goals",
    "combine": "segments.combine",
    "from_counts": "read.constructors",
    "from_csv": "read.constructors",
    "from_parquet": "read.constructors",
    "from_estimates": "read.constructors",
    "from_records": "read.constructors",
    "inspect": "read.ledger",
    "overlapping": "read.layout",
    "plot_pathway": "show.pictures.pathway",
    "pathway": "ask.pathways",
    "read_goals": "answer.goal_files",
    "read_segments": "segments.segments",
    "read_table": "read.tables",
}

__all__ = [
    "Assessment",
    "Definition",
    "Goal",
    "InputError",
    "Plan",
    "Segments",
    "add_estimates",
    "assess",
    "audit",
    "candidate_goals",
    "combine",
    "from_counts",
    "from_csv",
    "from_estimates",
    "from_parquet",
    "from_records",
    "inspect",
    "measures",
    "overlapping",
    "pathway",
    "plot_pathway",
    "read_goals",
    "read_segments",
    "read_table",
]


def __getattr__(name: str) -> object:
    if name == "measures":
        return import_module("targeted_universalism.measures")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"targeted_universalism.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
