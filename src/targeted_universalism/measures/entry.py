"""What a register is: entries by name, each with what it says, its source, and who judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from targeted_universalism.errors import check_one_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """One entry of a register: a measure, or a rule of impact, reliability or suppression.

    Parameters
    ----------
    name : str
        What a person calls it.
    says : str
        What it does, in a sentence or the part of one.
    source : str
        Where it is written down.
    judge : callable
        The function that does it.
    """

    name: str
    says: str
    source: str
    judge: Callable[..., Any]


E = TypeVar("E", bound=Entry)


def by_name(*entries: E) -> dict[str, E]:
    """Make a register, in the order in which its entries are given."""
    return {entry.name: entry for entry in entries}


def entry_of(register: Mapping[str, E], name: object, parameter: str = "rule") -> E:
    """Find an entry by name, or stop and name them all."""
    check_one_of(parameter, name, register)
    return register[str(name)]
