"""The page of a command line: what stands over it, and the plan that goes with it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import targeted_universalism as tu
from targeted_universalism.command.options import options_of, values
from targeted_universalism.errors import InputError
from targeted_universalism.labels import is_blank, label

PAGE = options_of(tu.Assessment.report, leave=("plan",))
(_COLUMNS,) = options_of(tu.Plan, leave=("by",))
PLAN_COLUMNS = replace(_COLUMNS, name="plan_columns")
_MOST_FINDINGS = 30


def plan_of(asked: argparse.Namespace, by: str | Sequence[str]) -> tu.Plan | None:
    """Read the plan that is named, if one is; it is about those of the places that it names.

    Parameters
    ----------
    asked : Namespace
        Its file, and what its columns are called in a plan.
    by : str or sequence of str
        The strata of the data.
    """
    columns = values([PLAN_COLUMNS], asked).get("plan_columns")
    if asked.plan is None:
        if columns is not None:
            raise InputError("--plan-columns says what the columns of a plan are: name --plan.")
        return None
    frame, _ = tu.read_table(asked.plan)
    theirs = [*frame, *(columns or {}).values()]
    places = [by] if isinstance(by, str) else by
    return tu.Plan(frame, by=[name for name in places if name in theirs], columns=columns)


def page_values(asked: argparse.Namespace, paged: bool, plan: tu.Plan | None) -> dict[str, Any]:
    """Give what ``report`` takes, or stop at words for a page where none is written."""
    said = values(PAGE, asked)
    if said and not paged:
        first = f"--{next(iter(said))}"
        raise InputError(f"{first} is for a page: say where, as in --out report.html.")
    return {**said, "plan": plan}


def open_ends(plan: tu.Plan, a: tu.Assessment) -> Iterator[str]:
    """Say what a plan leaves open, a line each; the page has them all."""
    found = plan.check(a)
    keys = [name for name in found if name not in ("finding", "detail")]
    yield f"{plan!r}. What it leaves open: {len(found):,} finding{'s' * (len(found) != 1)}."
    for row in found.head(_MOST_FINDINGS).to_dict("records"):
        who = ", ".join(label(row[key]) for key in keys if not is_blank(row[key]))
        yield f"  {who}: {row['finding']}{'. ' + row['detail'] if row['detail'] else ''}"
    if len(found) > _MOST_FINDINGS:
        yield f"  {len(found) - _MOST_FINDINGS:,} more: --out report.html has them all."
