"""The register of inequality measures: a plain function and what is known of it.

A function that ``@measure`` marks has its standard error, its interval, its place in
``summarize()``, its row in the docs and every law test, with no other edit. The names of its
parameters say what it is given; those with a default are not asked for.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from typing import Any, ParamSpec

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.errors import InputError, check_one_of, shown
from targeted_universalism.measures.entry import Entry
from targeted_universalism.measures.goal import sign_of
from targeted_universalism.measures.inequality.arithmetic import Array, gradient
from targeted_universalism.measures.inequality.noise import by_points, widened
from targeted_universalism.reasons import Reason

P = ParamSpec("P")
Function = Callable[..., Any]

INFINITY = float("inf")
_ROUNDING = 1e-12
SCALES = ("absolute", "relative")

# What a measure can be given, by the name of its parameter.
PARAMETERS = {
    "rate": "(k, ...) array\n    Segment rates, in the outcome's unit.",
    "share": "(k, ...) array\n    Population shares, summing to 1 over k.",
    "rank": "(k, ...) array\n    Mid-ranks between 0 and 1, the most disadvantaged lowest: "
    ":func:`midrank`.",
    "se": "(k, ...) array\n    Standard errors of the rates.",
    "direction": '{"at least", "at most"}\n    Which side of the goal is wanted.',
    "goal": "float or array that broadcasts\n    The universal goal, in the unit of `rate`.",
    "reference": "int or (...) array of int\n    Position of the segment that others are set "
    "against.",
    "alpha": "float\n    The weight given to high rates: the higher, the more. Not 0 or 1.",
    "epsilon": "float above 0\n    Aversion to inequality: the higher, the more low rates weigh.",
    "mean": "(...) array, optional\n    The overall rate, where it is known from elsewhere.",
}
_BY_SEGMENT = ("rate", "share", "rank", "se")
CHOICES = ("reference", "alpha", "epsilon")
_UNITS = {0: "A plain number.", 1: "In the unit of `rate`.", 2: "In the square of that of `rate`."}


@dataclass(frozen=True, eq=False, kw_only=True)
class Measure(Entry):
    """One inequality measure; its judge reduces the segment axis, the first.

    Parameters
    ----------
    name, says, source, judge
        As in :class:`Entry`: the name and the first line of the function, and the function.
    code : str
        Short code; measures that do one job for different kinds of data share it.
    also : str
        A code that it answers to where no measure of that code fits the data.
    scale : {"absolute", "relative"}
        Absolute measures have a unit; relative ones are plain numbers.
    value_at_equality : float
        Value when all segments are equal (and meet the goal).
    degree : int
        Power of the outcome's unit in the value.
    weighted : bool
        Whether segments count by their population.
    splits : bool
        Whether splitting a segment in two alike changes nothing.
    mirrors : bool
        Whether those with the outcome and those without it give the same size (proportions).
    ordered : bool or None
        True: for ordered dimensions alone; False: for the others alone; None: for all.
    picks : bool
        Whether the data pick a segment, or two, for it: the best, the worst.
    kinds : tuple of str
        Kinds of outcome it is for; all without any.
    bounds : tuple of float
        Least and most that it can be.
    error : callable or None
        Its standard error, where the first derivative does not give it.
    slope : callable or None
        Its derivatives by the rates, where they are written out; complex steps give them otherwise.
    expected : callable or None
        What noise alone makes it, on average, where segments are equal.
    undefined : Reason
        Why it is missing where nothing more is known.
    """

    code: str
    also: str
    scale: str
    value_at_equality: float
    degree: int
    weighted: bool
    splits: bool
    mirrors: bool
    ordered: bool | None
    picks: bool
    kinds: tuple[str, ...]
    bounds: tuple[float, float]
    error: Function | None
    slope: Function | None
    expected: Function | None
    undefined: Reason

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Names of what it must be given."""
        return needs_of(self.judge)

    @property
    def choice(self) -> str | None:
        """Which of its parameters a person must choose, if any."""
        return next((name for name in self.needs if name in CHOICES), None)

    @property
    def one_sided(self) -> bool:
        """Whether noise can only raise it above its value at equality."""
        return self.bounds[0] == self.value_at_equality

    @property
    def on_log_scale(self) -> bool:
        """Whether it is a ratio, whose interval is made on the scale of its logarithm."""
        return self.value_at_equality == 1

    def fits(self, kind: str, ordered: bool) -> bool:
        """Tell whether it is for this kind of outcome and dimension."""
        return self.fits_order(ordered) and (not self.kinds or kind in self.kinds)

    def fits_order(self, ordered: bool) -> bool:
        """Tell whether it is for a dimension with, or without, an order."""
        return self.ordered is None or self.ordered == ordered

    def value(self, given: Mapping[str, Any]) -> FloatArray:
        """Compute it from what its parameters name; missing where it is undefined, never inf."""
        return finite(self.computed(given))

    def bounded(self, value: FloatArray, rate: FloatArray) -> FloatArray:
        """Put on its bound what rounding took beyond it; `rate` holds the (k, ...) rates."""
        least, most = self.bounds
        beyond = (value < least) | (value > most)
        if not beyond.any():
            return value
        slack = _ROUNDING * np.maximum(np.abs(rate).max(axis=0), 1) ** self.degree
        bound = np.clip(value, least, most)
        return np.where(beyond & (np.abs(value - bound) <= slack), bound, value)

    def standard_error(self, given: Mapping[str, Any]) -> FloatArray:
        """Propagate the segments' standard errors; missing where the derivative has none."""
        if self.error is not None:
            names = needs_of(self.error)
            with np.errstate(all="ignore"):
                return finite(np.asarray(self.error(**{name: given[name] for name in names})))
        slope = self.slopes(given)
        with np.errstate(all="ignore"):
            # A segment that the measure does not look at needs no standard error.
            parts = np.where(slope == 0, 0.0, slope * given["se"])
            return finite(np.sqrt((parts**2).sum(axis=0)))

    def slopes(self, given: Mapping[str, Any]) -> FloatArray:
        """Differentiate it by each segment's rate."""
        if self.slope is None:
            return gradient(lambda rate: self.computed({**given, "rate": rate}), given["rate"])
        names = needs_of(self.slope)
        with np.errstate(all="ignore"):
            return np.asarray(self.slope(**{name: given[name] for name in names}))

    def cornered(self, given: Mapping[str, Any]) -> BoolArray:
        """Tell where it has no derivative: where the order of tied segments would decide it.

        `given` holds arrays shaped (k, m) or (m,). Not for measures of an order.
        """
        turned = {k: v[::-1] if k in _BY_SEGMENT else v for k, v in given.items()}
        if "reference" in given:
            turned["reference"] = len(given["rate"]) - 1 - np.asarray(given["reference"])
        slope, other = self.slopes(given), self.slopes(turned)[::-1]
        with np.errstate(invalid="ignore"):  # at a rate of 0 a slope may be infinite
            away, size = np.abs(slope - other), np.abs(slope)
            return np.asarray((away > 1e-9 * size.max(axis=0)).any(axis=0))

    def if_equal(self, given: Mapping[str, Any]) -> FloatArray:
        """Average it over what noise alone makes of equal segments.

        Measures that noise moves both ways are at their value at equality; the others are missing
        where noise is not known.

        `given` holds the standard errors that equal segments would have, and their `mean`.
        """
        mean, se = given["mean"], given["se"]
        if not self.one_sided:
            return np.full(mean.shape, self.value_at_equality)
        with np.errstate(all="ignore"):
            if self.expected is None:
                wide = widened(given)
                found = by_points(lambda rate: self.computed({**wide, "rate": rate}), mean, se)
            else:
                found = self.expected(**{name: given[name] for name in needs_of(self.expected)})
        return np.where(np.isnan(se).any(axis=0), np.nan, finite(np.asarray(found)))

    def computed(self, given: Mapping[str, Any]) -> Array:
        """Compute it for rates real or complex; where it is undefined it may be infinite."""
        with np.errstate(all="ignore"):
            return np.asarray(self.judge(**{name: given[name] for name in self.needs}))


REGISTER: dict[str, Measure] = {}


def measure(
    *,
    code: str,
    scale: str,
    value_at_equality: float,
    source: str,
    also: str = "",
    degree: int | None = None,
    weighted: bool | None = None,
    splits: bool | None = None,
    mirrors: bool | None = None,
    ordered: bool | None = None,
    picks: bool = False,
    kinds: tuple[str, ...] = (),
    bounds: tuple[float, float] = (-INFINITY, INFINITY),
    error: Function | None = None,
    slope: Function | None = None,
    expected: Function | None = None,
    undefined: Reason = Reason.UNDEFINED,
) -> Callable[[Callable[P, Array]], Callable[P, FloatArray]]:
    """Enter a function into the register, and give it checks, a whole docstring and no infinities.

    Parameters are those of :class:`Measure`; `degree` is 1 for absolute measures unless said,
    `weighted` whether `share` is among the parameters, `splits` the same as `weighted`, `mirrors`
    whether it is absolute.
    """
    check_one_of("scale", scale, SCALES)

    def enter(function: Callable[P, Array]) -> Callable[P, FloatArray]:
        by_share = "share" in inspect.signature(function).parameters
        counts_people = by_share if weighted is None else weighted
        made = Measure(
            name=function.__name__,
            says=inspect.cleandoc(function.__doc__ or "").split("\n")[0],
            source=source,
            judge=function,
            code=code,
            also=also,
            scale=scale,
            value_at_equality=value_at_equality,
            degree=int(scale == "absolute") if degree is None else degree,
            weighted=counts_people,
            splits=counts_people if splits is None else splits,
            mirrors=scale == "absolute" if mirrors is None else mirrors,
            ordered=ordered,
            picks=picks,
            kinds=kinds,
            bounds=bounds,
            error=error,
            slope=slope,
            expected=expected,
            undefined=undefined,
        )
        REGISTER[made.name] = made

        @wraps(function)
        def public(*args: P.args, **kwargs: P.kwargs) -> FloatArray:
            given = inspect.signature(function).bind(*args, **kwargs).arguments
            with np.errstate(all="ignore"):
                read = checked(given)
                value = finite(np.asarray(made.judge(**read)))
            return made.bounded(value, read["rate"])[()]

        public.__doc__ = documented(made)
        return public

    return enter


@cache
def needs_of(function: Function) -> tuple[str, ...]:
    """Name the parameters of a function that have no default."""
    parameters = inspect.signature(function).parameters.values()
    return tuple(p.name for p in parameters if p.default is inspect.Parameter.empty)


def finite(values: Array) -> FloatArray:
    """Make what is infinite, or no real number, missing."""
    known = np.isfinite(values)
    real = np.asarray(values.real, dtype=np.float64)
    return real if known.all() else np.where(known, real, np.nan)


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a person hands to a measure: shapes that agree, and shares that sum to 1."""
    given = {k: v if k == "direction" else np.asarray(v) for k, v in given.items() if v is not None}
    rate = given["rate"] = np.asarray(given["rate"], dtype=np.float64)
    if rate.ndim == 0 or not len(rate):
        raise InputError("A measure needs the rates of segments along the first axis: an array.")
    for name in given.keys() & {"share", "rank", "se"}:
        if given[name].shape != rate.shape:
            raise InputError(
                f"{name} has shape {given[name].shape} and rate {rate.shape}: give one for each "
                "segment and stratum."
            )
    if "share" in given:
        _check_shares(given["share"])
    if "direction" in given:
        sign_of(given["direction"])
    for name in given.keys() & {"alpha", "epsilon"}:
        check_choice(name, float(given[name]))
    return given


def _check_shares(share: FloatArray) -> None:
    total = share.sum(axis=0)
    wrong = np.ravel(total)[~(np.abs(np.ravel(total) - 1) <= 1e-9) & ~np.isnan(np.ravel(total))]
    if wrong.size or (share < 0).any():
        found = f"they sum to {wrong[0]:g}" if wrong.size else "one is below 0"
        raise InputError(
            f"Population shares sum to 1 over the segments, and {found}: give "
            "population / population.sum(axis=0)."
        )


def check_choice(name: str, value: float) -> None:
    """Stop where a measure's own number cannot be used."""
    if name == "alpha" and (value in (0, 1) or not np.isfinite(value)):
        raise InputError(
            f"alpha={value:g} cannot be used: 0 is the mean log deviation (mld) and 1 is "
            "Theil's index (ti). Any other number can."
        )
    if name == "epsilon" and not 0 < value < INFINITY:
        raise InputError(
            f"epsilon={value:g} must be above 0: the higher, the more low rates weigh."
        )


def documented(made: Measure) -> str:
    """Complete a docstring: parameters and returns before its notes, the source at its end."""
    text = inspect.cleandoc(made.judge.__doc__ or "")
    names = inspect.signature(made.judge).parameters
    parameters = "\n".join(f"{name} : {PARAMETERS[name]}" for name in names)
    returns = f"(...) array\n    {_UNITS[made.degree]} {_at_equality(made)}"
    head = f"Parameters\n----------\n{parameters}\n\nReturns\n-------\n{returns}\n\nNotes\n-----\n"
    notes = f"{facts(made).capitalize()}.\n\n"
    text = text.replace("Notes\n-----\n", head + notes, 1)
    return f"{text}\n\nReferences\n----------\n{made.source}\n"


def _at_equality(made: Measure) -> str:
    when = " and meet the goal" if "goal" in made.needs else ""
    return f"{made.value_at_equality:g} when all segments are equal{when}."


def facts(made: Measure) -> str:
    """Say what kind of measure it is: absolute or relative, weighted or not, ordered or not."""
    weighted = "weighted" if made.weighted else "unweighted"
    order = {True: "for ordered segments", False: "for segments without order", None: ""}
    parts = [made.scale, weighted, order[made.ordered]]
    return ", ".join(part for part in parts if part)


def formula(made: Measure) -> str:
    """Give its formula: what stands between double backticks in its notes."""
    found = re.search(r"``(.+?)``", made.judge.__doc__ or "", re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def notes(made: Measure) -> str:
    """Give its formula and how to read it: the notes of its docstring, in one line."""
    text = inspect.cleandoc(made.judge.__doc__ or "")
    inside = text.partition("Notes\n-----\n")[2].partition("\n\nExamples")[0]
    return " ".join(inside.replace("``", "`").split())


@dataclass(frozen=True)
class Asked:
    """A measure as it was asked for: a code, and the choice that goes with it.

    `text` is how it is written: "ti", "atkinson(1)", "mdru(White)".
    """

    code: str
    chosen: str | None = None

    @property
    def text(self) -> str:
        """How it is written."""
        return self.code if self.chosen is None else f"{self.code}({self.chosen})"

    @property
    def variants(self) -> list[Measure]:
        """The measures that do this job for some kind of data, the first to fit goes first."""
        own = [m for m in REGISTER.values() if self.code in (m.code, m.name)]
        others = [m for m in REGISTER.values() if self.code == m.also]
        return [m for m in own + others if (m.choice is None) == (self.chosen is None)]


def asked(measures: Sequence[str] | None) -> list[Asked]:
    """Read the measures a person asks for; all that leave nothing to choose without any."""
    if measures is None:
        codes = dict.fromkeys(m.code for m in REGISTER.values() if m.choice is None)
        return [Asked(code) for code in codes]
    listed = isinstance(measures, (list, tuple)) and all(isinstance(m, str) for m in measures)
    if not listed or not measures:
        raise InputError(
            f"measures= takes a list of names or codes, as ['d', 'ti']; not {shown(measures)}."
        )
    return [_read(text) for text in dict.fromkeys(measures)]


def _read(text: str) -> Asked:
    from_text = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*", text, re.DOTALL)
    name, chosen = (from_text[1], from_text[2]) if from_text else (text, None)
    known = [m for m in REGISTER.values() if name in (m.code, m.name)]
    if not known:
        codes = dict.fromkeys(m.code for m in REGISTER.values())
        raise InputError(f"There is no measure {name!r}. There are: {', '.join(codes)}.")
    found = Asked(name, None if chosen is None else chosen.strip())
    if not found.variants:
        choice = next((m.choice for m in known if m.choice), None)
        example = {"reference": "White", "alpha": "2", "epsilon": "0.5"}.get(choice or "", "")
        raise InputError(
            f"{name!r} takes no choice in brackets: write it alone."
            if choice is None
            else f"{name!r} needs its {choice} in brackets, as in '{name}({example})'."
        )
    _check_number(found)
    return found


def _check_number(found: Asked) -> None:
    choice = found.variants[0].choice
    if choice in ("alpha", "epsilon"):
        try:
            number = float(found.chosen or "")
        except ValueError:
            raise InputError(f"{found.text!r}: {choice} must be a number.") from None
        check_choice(choice, number)
