"""Files as agencies publish them: one register of their words, codes and columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from targeted_universalism.errors import InputError
from targeted_universalism.measures.entry import Entry, by_name

Bounds = tuple[float, float] | None


class Settings(NamedTuple):
    """How the columns of a file of one shape are read.

    `missing`, `suppressed` and `codes` are by column: words that stand for nothing, words of hidden
    cells with their bounds, and codes with what they stand for. `text` are columns that stay text.
    """

    missing: Mapping[str, Sequence[str]] = {}
    suppressed: Mapping[str, Mapping[str, Bounds]] = {}
    codes: Mapping[str, Mapping[str, str]] = {}
    text: Sequence[str] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Preset(Entry):
    """One shape of files.

    Its judge goes from the names of columns, and the titles over them, to :class:`Settings`.

    Parameters
    ----------
    name, says, source, judge
        As in :class:`Entry`: what it is called, what it reads, who publishes it, and how.
    labels : bool
        Whether a row below the names says in words what they mean.
    needs : tuple of str
        Columns by which the shape is known, blanks, case and underscores aside.
    """

    judge: Callable[[Sequence[str], str], Settings]
    labels: bool = False
    needs: tuple[str, ...] = ()

    def settings(self, names: Sequence[str], titles: str = "") -> Settings:
        """Say how these columns are read, or stop where they are of another shape."""
        there = {_plain(name) for name in names}
        absent = [name for name in self.needs if _plain(name) not in there]
        if absent:
            shown = ", ".join(map(repr, [*names][:12]))
            raise InputError(
                f"preset={self.name!r} is for {self.says}, and the file has no column "
                f"{absent[0]!r}. There are: {shown}. Leave preset= out, and declare missing= and "
                "suppressed= yourself."
            )
        return self.judge(names, titles)


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "", name).lower()


def _those(names: Iterable[str], pattern: str) -> list[str]:
    """Give the columns whose plain names fit a pattern."""
    return [name for name in names if re.search(pattern, _plain(name))]


# --- California's Department of Education ---------------------------------------------------------


def _cde(names: Sequence[str], _: str) -> Settings:
    """Keep codes and years as text; a star hides a cell, and it does not say why.

    A star stands for a group of 10 or fewer, or for any number of students whose race is not
    reported where another race is hidden: the bounds of a cell are not known.
    """
    words = _those(names, r"year$|level$|code$|name$|category$|charter|dass")
    measures = [name for name in names if name not in words]
    return Settings(suppressed={name: {"*": None} for name in measures}, text=words)


# --- California Child Welfare Indicators Project --------------------------------------------------


_QUOTIENT = r"\brates?\b|percent|%|\bper 1,?000\b|incidence|prevalence|median|average|\bmean\b"


def _ccwip(names: Sequence[str], titles: str) -> Settings:
    """Read M and a star as masked cells, and a period as 0; in a quotient it is 0 or 0/0: missing.

    Which columns are quotients their names say, or the title over all of them, where columns are
    named by times alone. Where several groups are shown, the lowest counts above 10 are masked too,
    so that nothing bounds a masked cell. Who knows that one table has no such masks declares it:
    ``suppressed={"M": (1, 10)}``.
    """
    quotients = [name for name in names if _quotient(name)]
    if not quotients and _quotient(titles):
        quotients = list(names)
    return Settings(
        missing=dict.fromkeys(quotients, (".",)),
        suppressed={name: {"M": None, "*": None} for name in names},
        codes={name: {".": "0"} for name in names if name not in quotients},
    )


def _quotient(words: str) -> bool:
    return re.search(_QUOTIENT, words.replace("_", " "), re.IGNORECASE) is not None


# --- CDC WONDER -----------------------------------------------------------------------------------


def _wonder(names: Sequence[str], _: str) -> Settings:
    """Keep codes and notes as text; counts below 10 are suppressed, rates on them are not given."""
    words = _those(names, r"code$|^notes$")
    counts = _those(names, r"^(deaths|births|count|cases)$")
    measures = [name for name in names if name not in words]
    nothing = ("Unreliable", "Not Applicable", "Not Available", "Missing")
    return Settings(
        missing=dict.fromkeys(measures, nothing),
        suppressed={n: {"Suppressed": (0.0, 9.0) if n in counts else None} for n in measures},
        text=words,
    )


# --- American Community Survey --------------------------------------------------------------------

_NOT_GIVEN = (
    "-666666666", "-999999999", "-888888888", "-222222222", "-333333333",
    "-", "N", "(X)", "**", "***", "null", "NA",
)  # fmt: skip
_CONTROLLED = {"-555555555": "0", "-555555555.0": "0", "*****": "0"}


def _acs(estimates: str, margins: str) -> Callable[[Sequence[str], str], Settings]:
    """Make a reading of estimates and margins: codes are no numbers.

    A margin of -555555555, or five stars, belongs to an estimate that is controlled to a count: the
    Bureau says that its margin may be treated as zero.
    """

    def read(names: Sequence[str], _: str) -> Settings:
        values, errors = _those(names, estimates), _those(names, margins)
        return Settings(
            missing=dict.fromkeys([*values, *errors], _NOT_GIVEN),
            codes=dict.fromkeys(errors, _CONTROLLED),
            text=_those(names, r"^geoid$|^name$|^variable$|^(state|county|tract|blockgroup)$"),
        )

    return read


# --- England, and WHO -----------------------------------------------------------------------------


def _phe(names: Sequence[str], _: str) -> Settings:
    """Read a star as a count that is not shown; codes of areas stay text."""
    measures = _those(names, r"^(x|n|value|rate|proportion|lower.*|upper.*)$")
    return Settings(
        missing=dict.fromkeys(measures, ("NA",)),
        suppressed={name: {"*": None} for name in measures},
        text=_those(names, r"code$"),
    )


def _heat_plus(names: Sequence[str], _: str) -> Settings:
    """Read the columns of numbers; what is compared, and between whom, stays text."""
    words = _those(
        names, r"^(setting|source|indicatorabbr|indicatorname|dimension|subgroup|iso3|whoreg\w*|"
        r"wbincome\w*|flag|update)$",
    )  # fmt: skip
    measures = [name for name in names if name not in words]
    return Settings(missing=dict.fromkeys(measures, ("NA", ".")), text=words)


PRESETS = by_name(
    Preset(
        name="cde-acgr",
        says="adjusted cohort graduation rates and outcomes",
        source="California Department of Education, File Structure: ACGR and Outcome Data "
        "(cde.ca.gov/ds/ad/fsacgr.asp): * where the cohort is 10 or fewer, and for race not "
        "reported where another race is hidden",
        judge=_cde,
        needs=("Reporting Category", "Cohort Students"),
    ),
    Preset(
        name="cde-chronic-absenteeism",
        says="chronic absenteeism, counted among eligible cumulative enrollment",
        source="California Department of Education, File Structure: Chronic Absenteeism Data "
        "(cde.ca.gov/ds/ad/fsabd.asp): * where eligible enrollment is 10 or fewer, and for race "
        "not reported where another race is hidden",
        judge=_cde,
        needs=("Reporting Category", "Chronic Absenteeism Eligible Cumulative Enrollment"),
    ),
    Preset(
        name="ccwip",
        says="downloads of reports on child welfare",
        source="California Child Welfare Indicators Project, University of California, Berkeley, "
        "Notes on Source Data: values of 1 to 10, what is computed from them, and the lowest "
        "others where groups are shown, as M or *; a period is zero, or 0/0 in a quotient",
        judge=_ccwip,
    ),
    Preset(
        name="cdc-wonder",
        says="tables exported as text separated by tabs",
        source="after CDC WONDER, US Centers for Disease Control and Prevention: counts of 0 to 9 "
        "as Suppressed, rates on fewer than 20 as Unreliable, and notes below a line of ---",
        judge=_wonder,
        needs=("Notes",),
    ),
    Preset(
        name="tidycensus",
        says="estimates and margins in long form, as the R package tidycensus gives them",
        source="tidycensus (GEOID, NAME, variable, estimate, moe); codes by the US Census Bureau, "
        "Notes on ACS Estimate and Annotation Values",
        judge=_acs(r"^(estimate|summaryest)$", r"^(moe|summarymoe)$"),
        needs=("GEOID", "estimate", "moe"),
    ),
    Preset(
        name="acs",
        says="tables of the American Community Survey, with labels in their second row",
        source="US Census Bureau, data.census.gov (GEO_ID, NAME, …E, …M); codes by its Notes on "
        "ACS Estimate and Annotation Values",
        judge=_acs(r"[0-9]p?e$", r"[0-9]p?m$"),
        labels=True,
        needs=("GEO_ID",),
    ),
    Preset(
        name="phe",
        says="numerators x and denominators n, as the R package PHEindicatormethods takes them",
        source="after Public Health England, now the Office for Health Improvement and "
        "Disparities: PHEindicatormethods; a star after its public tables",
        judge=_phe,
        needs=("x", "n"),
    ),
    Preset(
        name="heat-plus",
        says="disaggregated data in the template of HEAT Plus",
        source="after the World Health Organization, Health Equity Assessment Toolkit Plus: "
        "setting, date, source, indicator, dimension, subgroup, estimate and what stands beside it",
        judge=_heat_plus,
        needs=("setting", "indicator_name", "dimension", "subgroup", "estimate"),
    ),
)  # fmt: skip
