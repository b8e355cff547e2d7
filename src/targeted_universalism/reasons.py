"""Why a value is missing or must be read with care: every sentence, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag
from typing import Any


class Reason(IntFlag):
    """Why a value is missing or must be read with care: one bit for each sentence."""

    HIDDEN_RANGE = 1 << 0
    HIDDEN = 1 << 1
    SUPPRESSED = 1 << 2
    NO_ROW = 1 << 3
    NO_POPULATION = 1 << 4
    NO_RATE = 1 << 5
    NO_TOTAL = 1 << 6
    NOT_ADDED = 1 << 7
    NO_WEIGHTS = 1 << 8
    PARTITIONS_DIFFER = 1 << 9
    TOTAL_OUT_OF_RANGE = 1 << 10
    STRATA_WITHOUT_ROW = 1 << 11
    NO_INTERVAL = 1 << 12
    INTERVAL_UNDEFINED = 1 << 13
    NO_PEOPLE_POPULATION = 1 << 14
    NO_PEOPLE_MEAN = 1 << 15
    NO_PEOPLE_STANDARDIZED = 1 << 16
    APPROXIMATE = 1 << 17
    SHARE_SUPPRESSED = 1 << 18
    SHARE_INCOMPLETE = 1 << 19
    SHARE_OVERLAPPING = 1 << 20
    SHARE_NONE = 1 << 21
    REVIEW = 1 << 22
    NOT_ASSESSED = 1 << 23
    WEIGHT_UNITS = 1 << 24
    SUPPRESSED_SEGMENT = 1 << 25
    OVERLAPPING = 1 << 35
    FEW_SEGMENTS = 1 << 36
    LEFT_OUT = 1 << 37
    NOT_ORDERED = 1 << 38
    NOT_BOUNDED = 1 << 39
    NO_SUCH_REFERENCE = 1 << 40
    ZERO_RATE = 1 << 41
    ZERO_MEAN = 1 << 42
    NO_FIT = 1 << 43
    DRAWS_UNDEFINED = 1 << 44
    UNDEFINED = 1 << 45
    NEAR_EQUALITY = 1 << 46
    NO_LEVEL = 1 << 27
    GOAL_ZERO = 1 << 28
    REFERENCE_CHOSEN = 1 << 47
    NO_REFERENCE = 1 << 48
    OWN_REFERENCE = 1 << 49
    REFERENCE_MISSING = 1 << 50
    REFERENCE_ZERO = 1 << 51
    NO_REST = 1 << 52
    SIZE_UNKNOWN = 1 << 53
    UNKNOWN_APART = 1 << 54
    TOO_FEW = 1 << 55
    ALL_STRATA = 1 << 56
    NO_THRESHOLD = 1 << 57
    NEEDS_COUNTS = 1 << 58
    SHARE_UNKNOWN = 1 << 62
    FEW_CASES = 1 << 29
    WIDE = 1 << 30
    RELATIVELY_WIDE = 1 << 31
    LARGE_RSE = 1 << 32
    FEW_DF = 1 << 33
    COMPLEMENT = 1 << 34
    ESTIMATE_CODE = 1 << 59
    MARGIN_CODE = 1 << 60
    CONTROLLED = 1 << 61


SENTENCES: dict[Reason, str] = {
    Reason.HIDDEN_RANGE: "hidden in the input: range of possible values",
    Reason.HIDDEN: "hidden in the input",
    Reason.SUPPRESSED: "suppressed",
    Reason.NO_ROW: "no row in the data",
    Reason.NO_POPULATION: "no population",
    Reason.NO_RATE: "no rate in the data",
    Reason.ESTIMATE_CODE: "no estimate: the American Community Survey gives a code in its place",
    Reason.NO_TOTAL: "no total: overlapping segments are never summed",
    Reason.NOT_ADDED: "standardized rates are not added: declare the total",
    Reason.NO_WEIGHTS: "no population to weight the rates by",
    Reason.PARTITIONS_DIFFER: "partitions differ",
    Reason.TOTAL_OUT_OF_RANGE: "declared total outside the range of its segments",
    Reason.STRATA_WITHOUT_ROW: "strata without a row are not in the sum",
    Reason.MARGIN_CODE: "margin of error not computable: American Community Survey code",
    Reason.CONTROLLED: "controlled estimate: margin of error 0",
    Reason.NO_INTERVAL: "no interval given",
    Reason.NO_LEVEL: "no interval: confidence=None",
    Reason.INTERVAL_UNDEFINED: "no interval: standard error of zero or estimate at its bound",
    Reason.GOAL_ZERO: "no ratio: the goal is 0",
    Reason.NO_PEOPLE_POPULATION: "people not available without a population",
    Reason.NO_PEOPLE_MEAN: "people not available from a mean",
    Reason.NO_PEOPLE_STANDARDIZED: "people not available from a standardized rate",
    Reason.APPROXIMATE: "approximate: weighted",
    Reason.WEIGHT_UNITS: "weights sum to the number of rows: people are in units of the weights",
    Reason.SHARE_SUPPRESSED: "no share: suppressed segment",
    Reason.SHARE_INCOMPLETE: "no share: the need of a segment is not known",
    Reason.SHARE_OVERLAPPING: "no share: segments overlap",
    Reason.SHARE_NONE: "no share: no segment is short of the goal",
    Reason.REVIEW: "no events or all events: NCHS asks for review",
    Reason.FEW_DF: "fewer than 8 degrees of freedom: NCHS asks for review",
    Reason.COMPLEMENT: "the share of people without the event is not reliable",
    Reason.FEW_CASES: "fewer people or events than the rule asks for",
    Reason.WIDE: "interval of 30 points or more",
    Reason.RELATIVELY_WIDE: "interval too wide for the size of the rate",
    Reason.LARGE_RSE: "relative standard error too large",
    Reason.NOT_ASSESSED: "reliability not assessed",
    Reason.SUPPRESSED_SEGMENT: "suppressed segment",
    Reason.OVERLAPPING: "segments overlap",
    Reason.FEW_SEGMENTS: "fewer than two segments with a rate",
    Reason.LEFT_OUT: "segments without a rate are left out",
    Reason.NOT_ORDERED: "segments have no declared order",
    Reason.NOT_BOUNDED: "only for proportions",
    Reason.NO_SUCH_REFERENCE: "the reference has no rate here",
    Reason.ZERO_RATE: "undefined: a rate of zero",
    Reason.ZERO_MEAN: "undefined: the overall rate is not above zero",
    Reason.NO_FIT: "undefined: no line, or its end lies at or below zero",
    Reason.DRAWS_UNDEFINED: "no interval: undefined for some draws",
    Reason.UNDEFINED: "undefined for these rates",
    Reason.NEAR_EQUALITY: "no valid interval near equality",
    Reason.REFERENCE_CHOSEN: "reference chosen from the data",
    Reason.NO_REFERENCE: "no segment can be the best: too small, alone, or overlapping",
    Reason.OWN_REFERENCE: "the reference itself",
    Reason.REFERENCE_MISSING: "the reference has no rate",
    Reason.REFERENCE_ZERO: "no ratio: the reference is 0",
    Reason.NO_REST: "nobody is known in the rest of the total",
    Reason.SIZE_UNKNOWN: "size not known: the minimum was not applied",
    Reason.UNKNOWN_APART: "Unknown takes no part",
    Reason.TOO_FEW: "too few to be assessed by the rule",
    Reason.ALL_STRATA: "too few others here: compared with those of all strata",
    Reason.NO_THRESHOLD: "no flag without a threshold, which is the State's to set",
    Reason.NEEDS_COUNTS: "needs counts of people and events",
    Reason.SHARE_UNKNOWN: "no share: the events or the people of a segment are not known",
}


def sentence(reason: int, sentences: Mapping[Any, str] = SENTENCES) -> str:
    """Sentences of a set of reasons, joined in their fixed order.

    Examples
    --------
    >>> sentence(Reason.APPROXIMATE | Reason.NO_INTERVAL)
    'no interval given; approximate: weighted'

    """
    return "; ".join(text for bit, text in sentences.items() if reason & bit)
