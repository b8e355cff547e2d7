"""The universal goal: one number for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd

from targeted_universalism._typing import Number
from targeted_universalism.answer.tables import tabled
from targeted_universalism.errors import (
    InputError,
    advised,
    check_one_of,
    check_text,
    check_unit,
    check_whole,
    did_you_mean,
    is_finite,
    is_number,
    shown,
)
from targeted_universalism.labels import label
from targeted_universalism.measures.exact import as_fraction
from targeted_universalism.measures.goal import DIRECTIONS
from targeted_universalism.segments.columns import GOALS
from targeted_universalism.segments.definition import Definition
from targeted_universalism.segments.tab import Tidy

AMBITIONS = ("aspirational", "interim", "statutory")
PEOPLE = "people"
LAST_YEAR = 9999


@dataclass(frozen=True, kw_only=True)
class Goal(Tidy):
    """One number that everybody should reach, and why.

    Write ``Goal.at_least(0.90)`` where more is better and ``Goal.at_most(3, per=1_000)`` where
    less is: the direction has no default.

    Parameters
    ----------
    direction : {"at least", "at most"}
        Which side of the target is wanted.
    target : number
        The goal, in units of `per`.
    per : number
        The unit rates and gaps are shown in: 1 (a proportion of 1), 100, 1,000, 100,000.
    name : str
        What everybody should reach, in words ("Graduate in four years").
    deadline : int, optional
        The year to reach it by.
    ambition : {"aspirational", "interim", "statutory"}
        What kind of goal it is.
    rationale, source : str
        Why this number, and where it is written down.
    people : str
        The noun, in the plural, for whom the goal counts ("children"): it stands in every sentence,
        heading and picture.
    definition : Definition, optional
        What is measured, in words; segments that are defined otherwise are then refused.
    version : str
        Which edition of a shared goal this is ("2026-03").

    Raises
    ------
    InputError
        If the target is not one finite number: a list of targets by segment or a group's name is
        not a universal goal.

    Notes
    -----
    powell, Menendian & Ake (2019), *Targeted Universalism: Policy & Practice*: the goal is
    universal, the strategies are targeted. A goal is never "the best group".

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> tu.Goal.at_most(3, per=1_000, name="Entries into foster care", deadline=2030)
    Goal: Entries into foster care: at most 3 per 1,000 by 2030

    """

    _shown = (
        "at_least", "at_most", "direction", "target", "per", "name", "deadline", "ambition",
        "rationale", "source", "people", "definition", "version",
    )  # fmt: skip

    direction: str
    target: Number
    per: Number = 1
    name: str = ""
    deadline: int | None = None
    ambition: str = "aspirational"
    rationale: str = ""
    source: str = ""
    people: str = PEOPLE
    definition: Definition | None = None
    version: str = ""
    per_stated: bool = field(default=True, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_one_of("direction", self.direction, DIRECTIONS)
        check_one_of("ambition", self.ambition, AMBITIONS)
        _check_one_number("target", self.target)
        check_unit(self.per)
        for words in ("name", "rationale", "source", "version"):
            check_text(words, getattr(self, words))
        _check_definition(self.definition)
        check_text("people", self.people)
        object.__setattr__(self, "people", label(self.people) or PEOPLE)
        if self.deadline is not None:
            year = check_whole("deadline", self.deadline, 1000, "a year, such as 2030")
            if year > LAST_YEAR:
                raise InputError(f"deadline={shown(year)} must be a year, such as 2030.")
            object.__setattr__(self, "deadline", year)

    @classmethod
    @advised
    def at_least(
        cls,
        target: Number,
        *,
        per: Number | None = None,
        name: str = "",
        deadline: int | None = None,
        ambition: str = "aspirational",
        rationale: str = "",
        source: str = "",
        people: str = PEOPLE,
        definition: Definition | None = None,
        version: str = "",
    ) -> Goal:
        """Set a goal to reach or exceed: more is better. Parameters as in :class:`Goal`.

        Examples
        --------
        >>> import targeted_universalism as tu
        >>> tu.Goal.at_least(0.90, name="Graduate in four years").fraction
        Fraction(9, 10)

        """
        return cls(
            direction="at least", target=target, per=1 if per is None else per, name=name,
            deadline=deadline, ambition=ambition, rationale=rationale, source=source,
            people=people, definition=definition, version=version, per_stated=per is not None,
        )  # fmt: skip

    @classmethod
    @advised
    def at_most(
        cls,
        target: Number,
        *,
        per: Number | None = None,
        name: str = "",
        deadline: int | None = None,
        ambition: str = "aspirational",
        rationale: str = "",
        source: str = "",
        people: str = PEOPLE,
        definition: Definition | None = None,
        version: str = "",
    ) -> Goal:
        """Set a goal to stay at or below: less is better. Parameters as in :class:`Goal`.

        Examples
        --------
        >>> import targeted_universalism as tu
        >>> tu.Goal.at_most(10, per=100, name="Chronic absence").sign
        -1

        """
        return cls(
            direction="at most", target=target, per=1 if per is None else per, name=name,
            deadline=deadline, ambition=ambition, rationale=rationale, source=source,
            people=people, definition=definition, version=version, per_stated=per is not None,
        )  # fmt: skip

    @property
    def sign(self) -> int:
        """+1 when at least the target is wanted, −1 when at most."""
        return DIRECTIONS[self.direction]

    @cached_property
    def fraction(self) -> Fraction:
        """The goal per member of the population, exactly as written."""
        return as_fraction(self.target) / as_fraction(self.per)

    def __repr__(self) -> str:
        name = f"{self.name}: " if self.name else ""
        per = "" if self.per == 1 else f" per {float(self.per):,.10g}"
        year = f" by {self.deadline}" if self.deadline is not None else ""
        return f"Goal: {name}{self.direction} {self.target}{per}{year}"


def goals_by_indicator(
    goal: object, indicators: tuple[str, ...], has_indicator: bool
) -> tuple[Goal, ...]:
    """Give each indicator its goal, in order; an indicator or a goal left over is an error."""
    if not has_indicator:
        return (_one_goal(goal),)
    if not isinstance(goal, Mapping):
        if len(indicators) == 1 and isinstance(goal, Goal):
            return (goal,)
        raise InputError(
            f"The data hold {len(indicators)} indicators: give a goal for each, as in "
            f"{{{indicators[0]!r}: tu.Goal.at_least(…)}}. {did_you_mean('', indicators)}"
        )
    named = {label(key): value for key, value in goal.items()}
    if len(named) < len(goal):
        raise InputError(
            f"Two goals are for indicators that read alike: {', '.join(map(repr, goal))}."
        )
    for left in [name for name in named if name not in indicators]:
        raise InputError(f"There is no indicator {left!r}. {did_you_mean(left, indicators)}")
    for missing in [name for name in indicators if name not in named]:
        raise InputError(
            f"Indicator {missing!r} has no goal. {did_you_mean(missing, named)} "
            "Give it a goal, or leave its rows out of the data."
        )
    return tuple(_one_goal(named[name]) for name in indicators)


def _one_goal(goal: object) -> Goal:
    """Give a goal that is one; stop at what is none, and say what it may be."""
    if isinstance(goal, Goal):
        return goal
    if isinstance(goal, Mapping):
        raise InputError(
            "A mapping of goals needs an indicator column: one goal holds for every segment. "
            "Pass one tu.Goal, or name the column with indicator=."
        )
    if is_number(goal):
        one = shown(goal)
        raise InputError(
            f"{one} alone does not say which side is wanted: write tu.Goal.at_least({one}) "
            f"or tu.Goal.at_most({one})."
        )
    _check_one_number("goal", goal)
    raise InputError(f"A goal must be a tu.Goal, not {type(goal).__name__}.")


def _check_definition(definition: object) -> None:
    """Stop where a definition is none."""
    if not (definition is None or isinstance(definition, Definition)):
        raise InputError(
            f"definition={shown(definition)} must be a tu.Definition; leave it out for none."
        )


def _check_one_number(name: str, value: object) -> None:
    """Stop at what is not one finite number."""
    if isinstance(value, str):
        raise InputError(
            f"{name}={shown(value)} is text. A goal is a number that everybody should reach, never "
            "a group's name or 'the best group': type the number."
        )
    if not is_number(value):
        raise InputError(
            f"{name} must be one number for every segment, not {type(value).__name__}. A goal is "
            "universal: strategies are targeted, the goal is not."
        )
    if not is_finite(value):
        raise InputError(f"{name}={shown(value)} must be a finite number.")


def goals_table(goals: tuple[Goal, ...], indicators: tuple[str, ...]) -> pd.DataFrame:
    """Make one row for each goal: what it is, and why."""
    deadlines = [np.nan if g.deadline is None else float(g.deadline) for g in goals]
    return tabled(
        GOALS,
        {},
        {
            "indicator": list(indicators),
            "name": [g.name for g in goals],
            "direction": [g.direction for g in goals],
            "target": np.array([float(g.target) for g in goals]),
            "per": np.array([float(g.per) for g in goals]),
            "deadline": np.array(deadlines),
            "ambition": [g.ambition for g in goals],
            "rationale": [g.rationale for g in goals],
            "source": [g.source for g in goals],
            "people": [g.people for g in goals],
            "version": [g.version for g in goals],
            "fingerprint": [
                "" if g.definition is None else g.definition.fingerprint for g in goals
            ],
        },
    )
