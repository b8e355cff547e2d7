"""Which form of interval belongs to which measure: one table, and one function that reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality import limits_best as best
from targeted_universalism.measures.inequality import limits_linear as linear
from targeted_universalism.measures.inequality import limits_sums as sums
from targeted_universalism.measures.inequality.known import Bounds, Caution, Known
from targeted_universalism.measures.inequality.limits_squares import Square, square_limits
from targeted_universalism.measures.inequality.register import REGISTER

Given = dict[str, Any]
Limits = Callable[[Known, Given], Bounds]


def limits_of(name: str, known: Known, **given: Any) -> Bounds:
    """Limits of a measure of the register.

    Parameters
    ----------
    name : str
        Name of the measure's function, as in ``REGISTER``.
    known : Known
        What is known of the segments.
    **given
        What else the measure is given: `direction`, `goal`, `reference`, `alpha` or `epsilon`.

    Returns
    -------
    Bounds
        Limits in the unit of the measure, with bits of :class:`Caution`. The measure itself lies
        between them.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality.known import known_counts
    >>> known = known_counts(np.array([5.0, 40]), np.array([50.0, 80]), kind="proportion")
    >>> found = limits_of("attributable_risk", known, direction="at least")
    >>> print(found.low.round(4), found.high.round(4))
    0.0938 0.2015

    """
    if name in FORMS:
        return FORMS[name](known, given)
    return _again(name, known, given)


def _again(name: str, known: Known, given: Given) -> Bounds:
    """Compute a measure that has no form of its own again, with each segment at its limits."""
    made = REGISTER[name]

    def value(rate: FloatArray, share: FloatArray, rank: FloatArray) -> FloatArray:
        return made.value({**given, "rate": rate, "share": share, "rank": rank})

    low, high, caution = linear.refitted(known, value=value, log=made.on_log_scale)
    least, most = made.bounds
    equal = made.one_sided & (low <= made.value_at_equality)
    caution = caution | np.where(equal, np.int64(Caution.INCLUDES_EQUALITY), np.int64(0))
    return Bounds(np.maximum(low, least), np.minimum(high, most), caution)


def _value(name: str, given: Given) -> Callable[[Any, FloatArray], Any]:
    """Give a measure of the register as a function of rates, shares and what was chosen."""
    function, choice = REGISTER[name].judge, REGISTER[name].choice
    chosen = {choice: given[choice]} if choice is not None else {}

    def value(rate: Any, share: FloatArray) -> Any:
        return function(rate, np.broadcast_to(share, rate.shape), **chosen)

    return value


def _slope(name: str, given: Given) -> Callable[[Any, FloatArray], Any] | None:
    """Give its derivatives in the same way, where they are written out."""
    made = REGISTER[name]
    if made.slope is None:
        return None
    chosen = {made.choice: given[made.choice]} if made.choice is not None else {}
    return lambda rate, share: made.slopes({**chosen, "rate": rate, "share": share})


def _squared_variation(rate: Any, share: FloatArray) -> Any:
    middle = (rate * share).sum(axis=0)
    return (share * (rate / middle - 1) ** 2).sum(axis=0)


def _slope_of_squared_variation(rate: Any, share: FloatArray) -> Any:
    middle = (rate * share).sum(axis=0)
    return 2 * share * (rate / middle - 1 - _squared_variation(rate, share)) / middle


def _squares(name: str, known: Known, given: Given, **options: Any) -> Bounds:
    square = Square(_value(name, given), slope=_slope(name, given), **options)
    return square_limits(known, square=square)


def _deviation(known: Known, given: Given) -> Bounds:
    return _squares("between_group_variance", known, given, bend=2, relative=False, root=True)


def _variation(known: Known, given: Given) -> Bounds:
    slope = _slope_of_squared_variation
    return square_limits(known, square=Square(_squared_variation, slope=slope, bend=2, root=True))


def _corrected(known: Known, given: Given) -> Bounds:
    """Give the interval of the variance itself, made to hold the corrected one."""
    low, high, caution = _squares("between_group_variance", known, given, bend=2, relative=False)
    lost = np.isnan(known.rate)
    share = np.where(lost, 0.0, known.share)
    middle = np.where(lost, 0.0, known.rate * share).sum(axis=0)
    away = np.where(lost, 0.0, share * (known.rate - middle) ** 2)
    noise = np.where(lost, 0.0, share * (1 - share) * known.variance)
    value = (away - noise).sum(axis=0)
    return Bounds(np.minimum(low, value), np.maximum(high, value), caution)


def _atkinson(known: Known, given: Given) -> Bounds:
    aversion = float(given["epsilon"])
    found = _squares("atkinson", known, given, bend=aversion, logs=True, needs_events=aversion >= 1)
    return found._replace(high=np.minimum(found.high, 1.0))


def _of_powers(name: str) -> Limits:
    """Entropies of order α: with a negative one no rate may be 0."""
    return lambda known, given: _squares(
        name, known, given, needs_events=float(given["alpha"]) < 0, logs=float(given["alpha"]) < 1
    )


def _sign(given: Given) -> int:
    return sign_of(given["direction"])


def _signed(form: Callable[..., Bounds], **options: Any) -> Limits:
    return lambda known, given: form(known, sign=_sign(given), **options)


def _beside(form: Callable[..., Bounds]) -> Limits:
    return lambda known, given: form(known, reference=given["reference"], sign=_sign(given))


def _short(*, weighted: bool) -> Limits:
    return lambda known, given: sums.shortfall(
        known, goal=given["goal"], sign=_sign(given), weighted=weighted
    )


def _about(*, weighted: bool) -> Limits:
    return lambda known, given: sums.reference_distance(
        known, reference=given["reference"], weighted=weighted
    )


def _fitted(name: str, *, log: bool = False) -> Limits:
    return lambda known, _: linear.refitted(known, value=REGISTER[name].judge, log=log)


def _plain(form: Callable[..., Bounds], **options: Any) -> Limits:
    return lambda known, _: form(known, **options)


FORMS: dict[str, Limits] = {
    "difference": _plain(best.largest_difference),
    "difference_by_order": _signed(best.ends_difference),
    "difference_from_reference": _beside(best.from_reference),
    "ratio": _plain(best.largest_ratio),
    "ratio_by_order": _signed(best.ends_ratio),
    "ratio_from_reference": _beside(best.over_reference),
    "summary_rate_difference": _signed(best.beyond_average, weighted=False, others=True),
    "summary_rate_ratio": _signed(best.over_average, weighted=False, part="ratio"),
    "hp_index_of_disparity": _signed(best.over_average, weighted=False, part="disparity"),
    "attributable_risk": _signed(best.beyond_average, weighted=True),
    "attributable_risk_by_order": _signed(best.beyond_average, weighted=True, place=-1),
    "attributable_fraction": _signed(best.over_average, weighted=True, part="fraction"),
    "attributable_fraction_by_order": _signed(
        best.over_average, weighted=True, part="fraction", place=-1
    ),
    "mean_difference_from_best": _signed(best.beyond_average, weighted=False),
    "weighted_mean_difference_from_best": _signed(best.beyond_average, weighted=True),
    "mean_difference_from_mean": _plain(sums.mean_distance, weighted=False),
    "weighted_mean_difference_from_mean": _plain(sums.mean_distance, weighted=True),
    "index_of_disparity": _plain(sums.mean_distance, weighted=False, relative=True),
    "weighted_index_of_disparity": _plain(sums.mean_distance, weighted=True, relative=True),
    "mean_difference_from_reference": _about(weighted=False),
    "weighted_mean_difference_from_reference": _about(weighted=True),
    "gini": _plain(sums.gini_limits),
    "mean_shortfall": _short(weighted=True),
    "unweighted_mean_shortfall": _short(weighted=False),
    "between_group_variance": lambda known, given: _squares(
        "between_group_variance", known, given, bend=2, relative=False
    ),
    "corrected_between_group_variance": _corrected,
    "between_group_standard_deviation": _deviation,
    "coefficient_of_variation": _variation,
    "theil": lambda known, given: _squares("theil", known, given, logs=True),
    "mean_log_deviation": lambda known, given: _squares(
        "mean_log_deviation", known, given, logs=True, needs_events=True
    ),
    "generalized_entropy": _of_powers("generalized_entropy"),
    "renyi": _of_powers("renyi"),
    "atkinson": _atkinson,
    "absolute_concentration_index": _plain(linear.concentration),
    "erreygers_index": _plain(linear.concentration, times=4.0),
    "relative_concentration_index": _plain(linear.over_mean, of="concentration"),
    "wagstaff_index": _fitted("wagstaff_index"),
    "slope_index_linear": _plain(linear.slope),
    "slope_over_mean": _plain(linear.over_mean, of="slope"),
    "relative_index_linear": _plain(linear.ends_of_line),
    "slope_index_logit": _fitted("slope_index_logit"),
    "slope_index_log": _fitted("slope_index_log"),
    "slope_index_logit_line": _fitted("slope_index_logit_line"),
    "relative_index_logit": _fitted("relative_index_logit", log=True),
    "relative_index_log": _fitted("relative_index_log", log=True),
    "relative_index_logit_line": _fitted("relative_index_logit_line", log=True),
}
