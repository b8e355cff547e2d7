"""Goals as they are said on a line, one for each indicator, or those of a file."""

from __future__ import annotations

import argparse
import re
from typing import Any

import targeted_universalism as tu
from targeted_universalism.command.options import number, options_of, values
from targeted_universalism.errors import InputError, shown

GOALS = (
    'A goal is written as "at least 90 %", "at most 3 per 1,000" or "at least 0.9"; for an '
    'indicator, as "absent=at most 10 %".'
)
GOAL_WORDS = options_of(tu.Goal.at_least, leave=("per", "definition"))
_GOAL = re.compile(
    r"(?P<side>at least|at most)\s+(?P<target>-?[\d.,]+)\s*(?P<percent>%|percent|per cent)?"
    r"(\s*per\s+(?P<per>[\d,]+))?",
    re.IGNORECASE,
)


def goal(text: str, **words: Any) -> tu.Goal:
    """Read a goal as it is said: "at least 90 %", "at most 3 per 1,000", "at least 0.9".

    Parameters
    ----------
    text : str
        The side, a number, and at most one unit.
    **words
        What else ``Goal.at_least`` takes: ``name``, ``deadline``, …

    Raises
    ------
    InputError
        If it is said otherwise.

    Examples
    --------
    >>> goal("at most 3 per 1,000")
    Goal: at most 3 per 1,000
    >>> goal("at least 90 %").per
    100

    """
    found = _GOAL.fullmatch(" ".join(text.split()))
    if found is None or (found["percent"] and found["per"]):
        raise InputError(f"--goal {shown(text)} is no goal. {GOALS}")
    per = 100 if found["percent"] else None
    if found["per"]:
        per = int(number("--goal", found["per"]))
    side = tu.Goal.at_least if found["side"].casefold() == "at least" else tu.Goal.at_most
    return side(number("--goal", found["target"]), per=per, **words)


def goals(asked: argparse.Namespace) -> tu.Goal | dict[str, tu.Goal]:
    """Read the goal, the goals by indicator, or the file of goals."""
    words = values(GOAL_WORDS, asked)
    if asked.goals is not None:
        if asked.goal or words:
            raise InputError("--goals names a file of goals: leave --goal and its words out.")
        return tu.read_goals(asked.goals)
    if not asked.goal:
        raise InputError(f"What should everybody reach? Say --goal. {GOALS}")
    named = [text.rpartition("=") for text in asked.goal]
    if len(named) == 1 and not named[0][1]:
        return goal(asked.goal[0], **words)
    for name, equals, _ in named:
        if not equals:
            raise InputError(f"Several goals are for one indicator each. {GOALS}")
        if [one for one, *_ in named].count(name) > 1:
            raise InputError(f"--goal names {name!r} twice.")
    return {name: goal(text, **words) for name, _, text in named}
