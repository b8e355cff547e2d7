"""Which counts are too small to publish: one register of the rules of public agencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from targeted_universalism._typing import BoolArray
from targeted_universalism.errors import InputError, check_whole
from targeted_universalism.measures.entry import Entry, by_name, entry_of
from targeted_universalism.measures.publication_score import SOURCE


class Least(NamedTuple):
    """The fewest people, and the fewest events or people without the event, that are shown."""

    people: int
    events: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule(Entry):
    """One rule for small cells: it says whose it is.

    Its judge goes from ``minimum`` to what is :class:`Least`.

    Parameters
    ----------
    name, says, source, judge
        As in :class:`Entry`.
    least_minimum : int
        The smallest ``minimum`` that the rule allows.
    scored : bool
        Whether tables with a low publication score are released whole.
    """

    judge: Callable[[int], Least]
    least_minimum: int = 11
    scored: bool = False


@dataclass(frozen=True, eq=False)
class Released:
    """Strata that are released without masking, and what was said of them, for the record."""

    strata: BoolArray
    choices: Mapping[str, str]


def _same(minimum: int) -> Least:
    """Ask the same of every count."""
    return Least(minimum, minimum)


def _eleven_events(minimum: int) -> Least:
    """Ask for a size of the group, and for 11 events whatever its size."""
    return Least(minimum, 11)


RULES = by_name(
    Rule(
        name="count",
        says="a minimum count",
        source="chosen by the publisher",
        judge=_same,
        least_minimum=1,
    ),
    Rule(
        name="cms",
        says="the cell size suppression policy of the US Centers for Medicare & Medicaid Services",
        source="ResDAC, CMS Cell Size Suppression Policy, 26 January 2024: 1 to 10 are not shown, "
        "nor any value from which they follow; 0 may be shown",
        judge=_same,
    ),
    Rule(
        name="ccwip",
        says="the masking of the California Child Welfare Indicators Project",
        source="California Child Welfare Indicators Project, University of California, Berkeley, "
        "and California Department of Social Services: values of 10 or less, and what is computed "
        "from them, are masked in public reports",
        judge=_same,
    ),
    Rule(
        name="nsize",
        says="a minimum group size, as education agencies use it",
        source="34 CFR 300.647: the minimum n size (denominator) and cell size (numerator) are the "
        "State's, presumed reasonable up to 30 and 10",
        judge=_eleven_events,
        least_minimum=1,
    ),
    Rule(
        name="calhhs",
        says="the CalHHS Data De-Identification Guidelines, Edition 2.0",
        source=f"{SOURCE}, 4.2 to 4.4",
        judge=_same,
        scored=True,
    ),
)


def rule_of(name: object, minimum: object) -> Rule:
    """Find a rule by name, and stop at a minimum that it does not allow."""
    rule = entry_of(RULES, name)
    if check_whole("minimum", minimum, 1) < rule.least_minimum:
        raise InputError(
            f"minimum={minimum} is below what rule={rule.name!r} asks for: "
            f"{rule.least_minimum}. For a smaller minimum of your own use rule='count'."
        )
    return rule
