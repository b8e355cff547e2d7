"""Which counts are too small to publish: one register of the rules of public agencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from targeted_universalism._typing import BoolArray
from targeted_universalism.errors import InputError, check_one_of, check_whole
from targeted_universalism.measures import publication_score as screening


@dataclass(frozen=True)
class Preset:
    """One rule for small cells.

    Parameters
    ----------
    name : str
        What ``suppress(rule=)`` calls it.
    title : str
        Whose rule it is, in words.
    source : str
        Where it is written down.
    least_minimum : int
        The smallest ``minimum`` that the rule allows.
    cells : int or None
        Counts of events, and of people without the event, below this are hidden whatever
        `minimum` says; without it `minimum` holds for them as for people.
    scored : bool
        Whether tables with a low publication score are released whole.
    """

    name: str
    title: str
    source: str
    least_minimum: int = 11
    cells: int | None = None
    scored: bool = False

    def thresholds(self, minimum: int) -> tuple[int, int]:
        """Give the smallest number of people, and the smallest count of cells, that is shown."""
        return minimum, minimum if self.cells is None else self.cells


@dataclass(frozen=True, eq=False)
class Released:
    """Strata that are released without masking, and what was said of them, for the record."""

    strata: BoolArray
    choices: Mapping[str, str]


_PRESETS = (
    Preset("count", "a minimum count", "chosen by the publisher", least_minimum=1),
    Preset(
        "cms",
        "the cell size suppression policy of the US Centers for Medicare & Medicaid Services",
        "ResDAC, CMS Cell Size Suppression Policy, 26 January 2024: 1 to 10 are not shown, nor any "
        "value from which they follow; 0 may be shown",
    ),
    Preset(
        "ccwip",
        "the masking of the California Child Welfare Indicators Project",
        "California Child Welfare Indicators Project, University of California, Berkeley, and "
        "California Department of Social Services: values of 10 or less, and what is computed from "
        "them, are masked in public reports",
    ),
    Preset(
        "nsize",
        "a minimum group size, as education agencies use it",
        "34 CFR 300.647: the minimum n size (denominator) and cell size (numerator) are the "
        "State's, presumed reasonable up to 30 and 10",
        least_minimum=1,
        cells=11,
    ),
    Preset(
        "calhhs",
        "the CalHHS Data De-Identification Guidelines, Edition 2.0",
        f"{screening.SOURCE}, 4.2 to 4.4",
        scored=True,
    ),
)
PRESETS = {preset.name: preset for preset in _PRESETS}


def preset_of(rule: object, minimum: object) -> Preset:
    """Find a rule by name, and stop at a minimum that it does not allow."""
    check_one_of("rule", rule, PRESETS)
    preset = PRESETS[str(rule)]
    if check_whole("minimum", minimum, 1) < preset.least_minimum:
        raise InputError(
            f"minimum={minimum} is below what rule={preset.name!r} asks for: "
            f"{preset.least_minimum}. For a smaller minimum of your own use rule='count'."
        )
    return preset
