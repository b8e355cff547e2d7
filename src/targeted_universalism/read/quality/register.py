"""Everything that a ledger of data quality looks for, in the order in which it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

from targeted_universalism.errors import InputError
from targeted_universalism.measures.entry import by_name
from targeted_universalism.read.constructors import from_counts, from_estimates
from targeted_universalism.read.quality import labels, numbers, rates, rows, totals
from targeted_universalism.read.quality.finding import Finding, Seen
from targeted_universalism.read.quality.sheet import Sheet
from targeted_universalism.segments.findings import HEAPED, TOO_ROUND, UNKNOWN_FROM

_MESSINESS = "practice: lessons from agencies' public files"


def refused(sheet: Sheet) -> Iterator[Seen]:
    """Ask the constructor that the options name, and note where it stops."""
    for make, needed in _CONSTRUCTORS:
        if needed <= {*sheet.said}:
            takes = signature(make).parameters
            try:
                make(sheet.data, **{k: v for k, v in sheet.said.items() if k in takes})
            except InputError as error:
                yield Seen(f"tu.{make.__name__}()", None, f"stops here: {error}")


_CONSTRUCTORS: tuple[tuple[Callable[..., Any], set[str]], ...] = (
    (from_counts, {"numerator", "denominator", "segments"}),
    (from_estimates, {"estimate", "kind", "segments"}),
)

FINDINGS = by_name(
    Finding(
        name="refused", severity="error", source="the constructor's own checks",
        says="a constructor stops at the table, with what it says",
        advice="Do what the message says; what is below helps to find it.",
        judge=refused,
    ),
    Finding(
        name="no number", severity="error", source=_MESSINESS,
        says="a column of numbers holds text that is no declared token",
        advice="If a word stands for a hidden count, declare it, as in suppressed={'<11': (1, 10)};"
        " if nothing is known, leave the cell empty.",
        judge=numbers.no_number,
    ),
    Finding(
        name="impossible value", severity="error", source=_MESSINESS,
        says="counts below 0, numbers that are not finite, numerators above their denominators, "
        "proportions above their whole, estimates outside their own limits",
        advice="Correct the rows, or declare the value with suppressed= if it stands for a hidden "
        "count.",
        judge=numbers.impossible,
    ),
    Finding(
        name="rows that repeat", severity="error", source=_MESSINESS,
        says="several rows are about the same group in the same stratum",
        advice="If the table is split by a further column, name it in segments= or by=; if these "
        "are partial counts, add them up.",
        judge=rows.repeats,
    ),
    Finding(
        name="undeclared total", severity="error", source=_MESSINESS,
        says="a label reads as a total, or is the sum of all others, and is counted as a segment",
        advice="Declare it with total=.",
        judge=totals.undeclared_total,
    ),
    Finding(
        name="stacked partitions", severity="error", source=_MESSINESS,
        says="segments together are far above their total, or some of them alone add up to it",
        advice="Say which label belongs to which partition with dimension=, and "
        "exclusive={'programme': False} where people can be in several.",
        judge=totals.stacked,
    ),
    Finding(
        name="total outside its segments", severity="error",
        source="WHO Health Inequality Data Repository, a setting average ten times too high",
        says="the rate of a total lies below or above that of every segment",
        advice="One of them is on another scale, or about other people: look both up.",
        judge=totals.outside_segments,
    ),
    Finding(
        name="totals that do not add up", severity="warning", source=_MESSINESS,
        says="a declared total is not the sum of its segments",
        advice="Look for segments that are left out, or counted twice; if counts were rounded, say "
        "rounded=; if people can be in several segments, exclusive=False.",
        judge=totals.do_not_add_up,
    ),
    Finding(
        name="percent or proportion", severity="error", source=_MESSINESS,
        says="no value is above 1 though per=100 was said, or a few are where the same group has "
        "percentages elsewhere",
        advice="Say the unit with per=.",
        judge=rates.scale,
    ),
    Finding(
        name="rates that do not fit", severity="warning",
        source="Brown & Heathers, The GRIM Test, Soc. Psychol. Pers. Sci. 8 (2017) 363",
        says="a rate is not its counts, or no whole number of events out of n gives it, to the "
        "digits that are written",
        advice="Check which numerator and denominator the rate is of; rates that are adjusted or "
        "modelled are of none: say adjusted=True.",
        judge=rates.misfit,
    ),
    Finding(
        name="zeros for hidden counts", severity="warning", source=_MESSINESS,
        says="there are zeros, and no counts between them and the least that agencies show",
        advice="Declare them with suppressed=, or they count as nobody.",
        judge=numbers.zeros,
    ),
    Finding(
        name="heaping", severity="note",
        source="digit preference, as Whipple's index has it; exact binomial test of one fifth",
        says=f"more different counts are multiples of 5 than chance gives (level "
        f"{HEAPED:g}, and a share above {TOO_ROUND:.0%}); few say nothing",
        advice="Say rounded= if they were rounded.",
        judge=numbers.heaping,
    ),
    Finding(
        name="twins of labels", severity="warning", source=_MESSINESS,
        says="labels that differ in case, blanks or punctuation alone",
        advice="Write one of them everywhere, or rename with labels=, if they mean the same.",
        judge=labels.twins,
    ),
    Finding(
        name="undeclared unknown", severity="warning", source=_MESSINESS,
        says="a label reads as not known, and is counted as a segment",
        advice="Declare it with unknown=.",
        judge=labels.undeclared_unknown,
    ),
    Finding(
        name="share of unknown", severity="note", source=_MESSINESS,
        says=f"at least {UNKNOWN_FROM:.0%} of people (of rows, where nothing counts them) "
        "are of no known segment",
        advice="Every segment's people are too few by its part of them: say so beside the answer.",
        judge=labels.unknown_share,
    ),
    Finding(
        name="years that repeat", severity="warning", source=_MESSINESS,
        says="every number of a year is that of the year before, in ten groups or more",
        advice="It is no second observation: leave the copy out before you look at change.",
        judge=rows.copied_years,
    ),
    Finding(
        name="places that repeat", severity="warning", source=_MESSINESS,
        says="every number of a place is that of another, in ten groups or more",
        advice="They may be imputed from the area that holds both: count them as one place.",
        judge=rows.copied_places,
    ),
    Finding(
        name="groups that disappear", severity="warning", source=_MESSINESS,
        says="a group has a row in one year and none in the next, though its place has others",
        advice="Ask whether the row was hidden, was 0, or was left out: an absent row is no 0.",
        judge=rows.disappear,
    ),
)  # fmt: skip
