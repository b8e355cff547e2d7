"""Is a rate precise enough to be read? One register of the rules that public agencies use.

A rule is a function of what is known of a rate. It gives reasons: why the rate is
unreliable, what to print beside it, or that it cannot be judged. A rule never removes a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.measures.entry import Entry, by_name
from targeted_universalism.reasons import Reason, Reasons, all_that_hold

# What a rule finds in an interval that is too wide, and never in a narrower one alone.
OF_WIDTH = frozenset({Reason.WIDE, Reason.RELATIVELY_WIDE})
UNRELIABLE = OF_WIDTH | {Reason.FEW_CASES, Reason.LARGE_RSE}
FOOTNOTES = frozenset({Reason.REVIEW, Reason.FEW_DF, Reason.COMPLEMENT})

PROPORTIONS = "Parker et al. (2017), Vital and Health Statistics 2(175)"
RATES = "Parker et al. (2023), Vital and Health Statistics 2(200)"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a rule may ask of rates of one kind; arrays of one shape, NaN where not known.

    Parameters
    ----------
    kind : {"proportion", "rate", "mean", "standardized"}
        Kind of outcome.
    rate : array
        In natural units: a proportion lies in [0, 1].
    effective : array
        Cases that carry the information: for proportions and means the effective sample size
        before any adjustment for degrees of freedom, for rates the effective number of events.
    people : array
        Unweighted denominator: people in the sample or in the population.
    width : array
        Width of the 95 % interval that the rules name, in natural units. Missing means narrow, or
        not known.
    rse : array
        Standard error over the rate.
    df : array
        Degrees of freedom, where a survey design has them.
    """

    kind: str
    rate: FloatArray
    effective: FloatArray
    people: FloatArray
    width: FloatArray
    rse: FloatArray
    df: FloatArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule(Entry):
    """One reliability rule: it says when a rate is unreliable.

    Its judge goes from :class:`Evidence` to bits of ``Reason``.

    Parameters
    ----------
    name, says, source, judge
        As in :class:`Entry`.
    short : str
        What it finds, in a few words.
    """

    short: str
    judge: Callable[[Evidence], Reasons]


def _findings(**named: BoolArray) -> Reasons:
    """Put findings together, named as in ``Reason``."""
    return all_that_hold({Reason[name]: here for name, here in named.items()})


def _quiet(judge: Callable[..., Reasons]) -> Callable[..., Reasons]:
    """Let comparisons with missing values be false without a warning."""

    def quietly(evidence: Evidence, **options: Any) -> Reasons:
        with np.errstate(invalid="ignore", divide="ignore"):
            return judge(evidence, **options)

    return quietly


@_quiet
def nchs(evidence: Evidence, *, events: float = 10, rounded: bool = False) -> Reasons:
    """Judge by the presentation standards of the US National Center for Health Statistics."""
    if evidence.kind == "proportion":
        return _nchs_proportion(evidence, rounded)
    if evidence.kind == "mean":
        return _findings(NOT_ASSESSED=np.ones(evidence.rate.shape, dtype=np.bool_))
    return _nchs_rate(evidence, events)


def _nchs_proportion(evidence: Evidence, rounded: bool) -> Reasons:
    """Ask for 30 cases, and for an interval that is narrow, or narrow for its proportion.

    The NCHS macro rounds widths to a tenth of a point first (`rounded`).
    """
    p, size, few = evidence.rate, evidence.effective, evidence.people < 30
    width = np.round(evidence.width, 3) if rounded else evidence.width
    few = few | (size < 30)
    edge = (p == 0) | (p == 1)
    tested = ~few & ~edge & (size >= 30)
    wide = tested & (width >= 0.30)
    relative = tested & ~wide & (width > 0.05) & (width / p > 1.30)
    shown = ~few & (size >= 30) & ~wide & ~relative
    return _findings(
        FEW_CASES=few,
        WIDE=wide,
        RELATIVELY_WIDE=relative,
        REVIEW=shown & edge,
        FEW_DF=shown & (evidence.df < 8),
        COMPLEMENT=shown & tested & (width > 0.05) & (width / (1 - p) > 1.30),
        NOT_ASSESSED=np.isnan(size) & ~few,
    )


def _nchs_rate(evidence: Evidence, events: float) -> Reasons:
    """Ask for events and people, and for an interval of at most 160 % of the rate."""
    few = (evidence.effective < events) | (evidence.people < events)
    relative = ~few & (evidence.width / evidence.rate > 1.60)
    return _findings(
        FEW_CASES=few,
        RELATIVELY_WIDE=relative,
        FEW_DF=~few & ~relative & (evidence.df < 8),
        NOT_ASSESSED=np.isnan(evidence.width) & np.isnan(evidence.effective),
    )


@_quiet
def relative_error(evidence: Evidence, *, inclusive: bool = False) -> Reasons:
    """Ask for 30 people and a relative standard error of at most 30 % (or below it)."""
    few, rse = evidence.people < 30, evidence.rse
    # Without events the error of a rate is without bound, which no column holds.
    boundless = (evidence.rate == 0) & (evidence.kind != "mean") & ~(rse >= 0)
    large = ~few & (boundless | (rse >= 0.30 if inclusive else rse > 0.30))
    return _findings(FEW_CASES=few, LARGE_RSE=large, NOT_ASSESSED=np.isnan(rse) & ~few & ~large)


@_quiet
def thirty_cases(evidence: Evidence) -> Reasons:
    """Ask for 30 cases in the denominator."""
    few = evidence.people < 30
    return _findings(FEW_CASES=few, NOT_ASSESSED=np.isnan(evidence.people))


def _with(judge: Callable[..., Reasons], **options: Any) -> Callable[[Evidence], Reasons]:
    return lambda evidence: judge(evidence, **options)


_NCHS = "too few events or people for a reliable rate (NCHS)"
_RSE = "too few people, or a relative standard error too large, for a reliable rate"
_NCHS_SAYS = (
    "by the standards of the US National Center for Health Statistics: fewer than 30 people, or an "
    "interval of 30 points or more, or one above 5 points and 130 % of the proportion; for rates "
    "fewer than {} events, or an interval above 160 % of the rate"
)
RULES = by_name(
    Rule(
        name="nchs",
        says=_NCHS_SAYS.format("10"),
        source=f"{PROPORTIONS}; {RATES}",
        judge=nchs,
        short=_NCHS,
    ),
    Rule(
        name="nchs-20",
        says=_NCHS_SAYS.format("20"),
        source=f"{PROPORTIONS}; vital statistics to data year 2022, in {RATES}",
        judge=_with(nchs, events=20),
        short=_NCHS,
    ),
    Rule(
        name="nchs-rounded",
        says=f"{_NCHS_SAYS.format('10')}; widths are rounded to a tenth of a point first",
        source=f"{PROPORTIONS}, as the NCHS SAS macro for Korn–Graubard intervals rounds; {RATES}",
        judge=_with(nchs, rounded=True),
        short=_NCHS,
    ),
    Rule(
        name="rse-30",
        says="fewer than 30 people, or a relative standard error above 30 %",
        source="older surveys of the National Center for Health Statistics",
        judge=relative_error,
        short=_RSE,
    ),
    Rule(
        name="rse-30-inclusive",
        says="fewer than 30 people, or a relative standard error of 30 % or more",
        source="older surveys of the National Center for Health Statistics, as R surveytable "
        "applies it",
        judge=_with(relative_error, inclusive=True),
        short=_RSE,
    ),
    Rule(
        name="calhhs-survey",
        says="fewer than 30 sample cases in the denominator",
        source="CalHHS Data De-Identification Guidelines, Edition 2.0 (2025), 5.2",
        judge=thirty_cases,
        short="too few sample cases for a reliable rate (CalHHS)",
    ),
)
