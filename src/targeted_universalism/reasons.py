"""Why a value is missing or must be read with care: every sentence, in its order.

A reason is a sentence with a place in one list, which grows without end. The reasons of many cells
are positions in a small table of the sets of reasons that occur among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, reduce
from operator import or_
from typing import Any

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


class Reason(Enum):
    """Why a value is missing or must be read with care; sentences are shown in this order."""

    HIDDEN_RANGE = "hidden in the input: range of possible values"
    HIDDEN = "hidden in the input"
    SUPPRESSED = "suppressed"
    ROUNDED = "rounded in the input: range of possible values"
    NO_ROW = "no row in the data"
    NO_OUTCOME = "no outcome is known"
    NO_POPULATION = "no population"
    NO_DENOMINATOR = "no denominator in the data"
    NO_RATE = "no rate in the data"
    ESTIMATE_CODE = "no estimate: the American Community Survey gives a code in its place"
    NO_TOTAL = "no total: overlapping segments are never summed"
    NOT_ADDED = "standardized rates are not added: declare the total"
    NO_WEIGHTS = "no population to weight the rates by"
    PARTITIONS_DIFFER = "partitions differ"
    TOTAL_OUT_OF_RANGE = "declared total outside the range of its segments"
    STRATA_WITHOUT_ROW = "strata without a row are not in the sum"
    MARGIN_CODE = "margin of error not computable: American Community Survey code"
    CONTROLLED = "controlled estimate: margin of error 0"
    NO_INTERVAL = "no interval given"
    NO_LEVEL = "no interval: confidence=None"
    WITHHELD = "no interval: it would tell of hidden parts"
    COARSE = "weighted sums are rounded: they would tell of hidden parts"
    INTERVAL_UNDEFINED = "no interval: standard error of zero or estimate at its bound"
    GOAL_ZERO = "no ratio: the goal is 0"
    NO_PEOPLE_POPULATION = "people not available without a population"
    NO_PEOPLE_MEAN = "people not available from a mean"
    NO_PEOPLE_STANDARDIZED = "people not available from a standardized rate"
    APPROXIMATE = "approximate: weighted"
    WEIGHT_UNITS = "weights sum to the number of rows: people are in units of the weights"
    SHARE_SUPPRESSED = "no share: suppressed segment"
    SHARE_INCOMPLETE = "no share: the need of a segment is not known"
    SHARE_OVERLAPPING = "no share: segments overlap"
    SHARE_NONE = "no share: no segment is short of the goal"
    REVIEW = "no events or all events: NCHS asks for review"
    FEW_DF = "fewer than 8 degrees of freedom: NCHS asks for review"
    COMPLEMENT = "the share of people without the event is not reliable"
    FEW_CASES = "fewer people or events than the rule asks for"
    WIDE = "interval of 30 points or more"
    RELATIVELY_WIDE = "interval too wide for the size of the rate"
    LARGE_RSE = "relative standard error too large"
    NOT_ASSESSED = "reliability not assessed"
    SUPPRESSED_SEGMENT = "suppressed segment"
    OVERLAPPING = "segments overlap"
    FEW_SEGMENTS = "fewer than two segments with a rate"
    LEFT_OUT = "segments without a rate are left out"
    SMALL_LEFT_OUT = "segments with fewer people than the minimum are left out"
    NOT_ORDERED = "segments have no declared order"
    NOT_BOUNDED = "only for proportions"
    NO_SUCH_REFERENCE = "the reference has no rate here"
    ZERO_RATE = "undefined: a rate of zero"
    ZERO_MEAN = "undefined: the overall rate is not above zero"
    NO_FIT = "undefined: no line, or its end lies at or below zero"
    DRAWS_UNDEFINED = "no interval: undefined for some draws"
    UNDEFINED = "undefined for these rates"
    LIMIT_ZERO_RATE = "no interval: a rate of 0"
    LIMIT_UNDEFINED = "no interval: undefined for these rates"
    NO_UPPER_LIMIT = "no upper limit"
    INCLUDES_EQUALITY = "includes equality"
    FEW_EVENTS = "few events: a rate of 0 would leave it undefined"
    SMALL_GROUPS = "small groups: the lower limit is approximate"
    NO_ERROR_ZERO = "no standard error: a segment's own is 0"
    NO_ERROR_TIES = "no standard error: rates tie"
    NO_P_VALUE = "no test: a standard error is not known"
    REFERENCE_CHOSEN = "reference chosen from the data"
    NO_REFERENCE = "no segment can be the best: too small, alone, or overlapping"
    STAGE_NO_COUNT = "no count in the data"
    STAGE_NO_BASE = "no rate: nobody at the stage before"
    STAGE_SMALL = "small counts"
    STAGE_SMALL_REFERENCE = "small counts of the reference"
    STAGE_ABOVE_ONE = "more than at the stage before: some came another way or earlier"
    STAGE_TOTAL = "no index: the total holds the reference"
    OWN_REFERENCE = "the reference itself"
    STAGE_NO_REFERENCE = "no index: the reference has no rate"
    STAGE_REFERENCE_ZERO = "no index: the rate of the reference is 0"
    STAGE_SIDE_BRANCH = "no share: not on the path to the last stage"
    STAGE_NO_SHARE = "no share: a stage of the path has no index above 0"
    STAGE_HIDDEN = "no share: a stage of the path is hidden"
    STAGE_NO_DISPARITY = "no share: no disparity at the last stage"
    STAGE_UNSURE = "no share: the disparity at the last stage cannot be told from none"
    REFERENCE_MISSING = "the reference has no rate"
    REFERENCE_ZERO = "no ratio: the reference is 0"
    BELOW_ZERO = "no ratio: a mean below 0 is in it"
    NO_REST = "nobody is known in the rest of the total"
    SIZE_UNKNOWN = "size not known: the minimum was not applied"
    UNKNOWN_APART = "Unknown takes no part"
    TOO_FEW = "too few to be assessed by the rule"
    ALL_STRATA = "too few others here: compared with those of all strata"
    NO_THRESHOLD = "no flag without a threshold, which is the State's to set"
    NEEDS_COUNTS = "needs counts of people and events"
    SHARE_UNKNOWN = "no share: the events or the people of a segment are not known"
    NEED_UNKNOWN = "the need of a segment is not known"
    NO_RANGE_OF_SUM = "no range of the sum: a segment has no interval"
    UNKNOWN_ANYWHERE = "the range of the sum holds wherever people of unknown segment belong"
    NO_COST = "no cost was given"
    PERIODS_ADDED = "no need per year: a roll-up may add up periods"
    NOBODY_LEFT = "nobody is left whose outcome could change"
    MONEY_UNKNOWN = "the money of a segment is not known"
    NO_MONEY = "no share: no money has a segment"
    NO_GAP = "no gap to close"
    ROLLUP_APART = "a sum of other strata takes no part in what they share"
    NO_BASELINE = "no rate at the baseline"
    NO_LATEST = "no rate at the latest time"
    ONE_TIME = "one time only"
    BREAK = "a break in the series lies between baseline and latest time"
    PERIODS_OVERLAP = "no test: the periods share years"
    SAME_PEOPLE = "no test: ids repeat, so that both times may count the same people"
    OVERLAP_LEFT_OUT = "periods that share years are not in the trend"
    NO_TEST = "no test without standard errors: changes of 10 % count"
    BASELINE_MET = "no percent of target: the baseline was at or past the goal"
    AWAY = "no percent of target: no movement toward the goal"
    PACE_BOUND = "linear pace: the goal is a bound of the usual scale"
    NO_PACE = "no pace: the scale has no such rate"
    AT_GOAL = "at or past the goal"
    FELL_BACK = "moved away from the goal, and is still at or past it"
    NO_DEADLINE = "no deadline"
    DEADLINE_PASSED = "the deadline has passed"
    WRONG_WAY = "no acceleration: the pace so far leads away from the goal, or nowhere"
    FEW_TIMES = "no projection from fewer than three times"
    NEVER = "never on the current trend"
    GAP_TURNED = "the two have changed sides"
    LEVELED_DOWN = "leveling down: the gap narrowed and the better-off of the two fell back"
    RATE_BOUND = "linear pace: the other has no place for such a rate or goal"
    REMAINDER_UNCOUNTED = "events may repeat: who has none is not counted"


SetOfReasons = frozenset[Reason]

# Why a row has no rate of its own: one meaning for every table and picture.
HIDDEN_OF_ITSELF: SetOfReasons = frozenset({Reason.HIDDEN_RANGE, Reason.HIDDEN, Reason.SUPPRESSED})
NO_SUM: SetOfReasons = frozenset({Reason.NO_TOTAL, Reason.NOT_ADDED, Reason.NO_WEIGHTS})
NO_RATE_GIVEN: SetOfReasons = NO_SUM | {
    Reason.NO_ROW, Reason.NO_OUTCOME, Reason.NO_POPULATION, Reason.NO_DENOMINATOR, Reason.NO_RATE,
    Reason.ESTIMATE_CODE,
}  # fmt: skip
WITHOUT_RATE: SetOfReasons = HIDDEN_OF_ITSELF | NO_RATE_GIVEN
# Why a row has a rate and no people.
NO_PEOPLE: SetOfReasons = frozenset(
    {Reason.NO_PEOPLE_POPULATION, Reason.NO_PEOPLE_MEAN, Reason.NO_PEOPLE_STANDARDIZED}
)

_ORDER = tuple(Reason)
_BIT = {reason: 1 << i for i, reason in enumerate(_ORDER)}


def sentence(reasons: Iterable[Reason]) -> str:
    """Sentences of a set of reasons, joined in their fixed order.

    Examples
    --------
    >>> sentence({Reason.APPROXIMATE, Reason.NO_INTERVAL})
    'no interval given; approximate: weighted'

    """
    return "; ".join(sentences(reasons))


def sentences(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Give the sentence of each reason of a set, in their fixed order."""
    kept = set(reasons)
    return tuple(reason.value for reason in _ORDER if reason in kept)


def told(text: str) -> SetOfReasons:
    """Give the reasons that a text of a table tells: whole sentences, never a part of one.

    Examples
    --------
    >>> Reason.AT_GOAL in told("no percent of target: the baseline was at or past the goal")
    False

    """
    return frozenset(Reason(part) for part in text.split("; ") if part)


@lru_cache(maxsize=4096)
def _sentences(bits: int) -> tuple[str, ...]:
    return sentences(_reasons_of(bits))


def _bits(reasons: Iterable[Reason]) -> int:
    return reduce(int.__or__, (_BIT[reason] for reason in reasons), 0)


@dataclass(frozen=True, eq=False)
class Reasons:
    """Reasons of many cells: each holds a position in the table of sets that occur.

    Made by :func:`because`, :func:`no_reason` and by putting reasons together with ``|``; the table
    then lists each set that occurs once, in one order, so that equal reasons are equal objects.

    Parameters
    ----------
    codes : array of uint16
        Positions in `sets`, of any shape.
    sets : tuple of int
        Sets of reasons, as whole numbers with one bit for each.
    """

    codes: npt.NDArray[np.uint16]
    sets: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the cells."""
        return self.codes.shape

    def __getitem__(self, place: Any) -> Reasons:
        return _tidy(np.asarray(self.codes[place]), self.sets)

    def mapped(self, reshape: Callable[[Any], Any]) -> Reasons:
        """Apply a function that takes, repeats or reshapes cells."""
        return _tidy(np.asarray(reshape(self.codes)), self.sets)

    def __or__(self, other: Reasons) -> Reasons:
        """Put two reasons of every cell together; shapes broadcast."""
        for mine, theirs in ((self, other), (other, self)):
            if theirs.sets == (0,) and np.broadcast_shapes(mine.shape, theirs.shape) == mine.shape:
                return mine
        table = [mine | theirs for mine in self.sets for theirs in other.sets]
        wide = np.uint16 if len(table) <= _MOST else np.intp
        return _tidy(self.codes * wide(len(other.sets)) + other.codes, table)

    def kept(self, here: BoolArray, other: Reasons) -> Reasons:
        """Keep these reasons where `here` holds, take the other's elsewhere."""
        if self.shape == other.shape == np.shape(here):
            if self is other or here.all():
                return self
            if not here.any():
                return other
        (mine, theirs), table = _alike((self, other))
        return _tidy(np.where(here, mine, theirs), table)

    def without(self, here: BoolArray) -> Reasons:
        """Take every reason from some cells."""
        return no_reason(()).kept(here, self)

    def only(self, some: Iterable[Reason]) -> Reasons:
        """Keep some reasons, wherever they hold."""
        kept = _bits(some)
        return _tidy(self.codes, [one & kept for one in self.sets])

    def other_than(self, some: Iterable[Reason]) -> Reasons:
        """Keep all reasons but some."""
        gone = _bits(some)
        if not any(one & gone for one in self.sets):
            return self
        return _tidy(self.codes, [one & ~gone for one in self.sets])

    def any_of(self, *some: Reason) -> BoolArray:
        """Tell which cells have any of some reasons."""
        return self._holding(_bits(some))

    @property
    def some(self) -> BoolArray:
        """Which cells have any reason at all."""
        return self._holding(-1)

    def _holding(self, bits: int) -> BoolArray:
        """Tell which cells have any of the reasons whose bits are set."""
        found = np.array([bool(one & bits) for one in self.sets], dtype=np.bool_)
        if not found.any():
            return np.zeros(self.shape, dtype=np.bool_)
        return np.asarray(found.take(self.codes), dtype=np.bool_)

    def texts(self) -> tuple[list[str], IntArray]:
        """Give the sentences that occur, and the position of each cell's."""
        return ["; ".join(_sentences(one)) for one in self.sets], self.codes.astype(np.int64)

    def of_cell(self, *place: int) -> SetOfReasons:
        """Give the reasons of one cell."""
        return _reasons_of(self.sets[int(self.codes[place])])

    def said_of(self, *place: int) -> tuple[str, ...]:
        """Give the sentences of the reasons of one cell, in their order."""
        return _sentences(self.sets[int(self.codes[place])])

    def pooled(self, codes: IntArray, size: int) -> Reasons:
        """Give each of `size` sums the reasons of all its parts, shaped (m,)."""
        pooled = no_reason(size)
        for reason in sorted(_reasons_of(reduce(int.__or__, self.sets, 0)), key=_ORDER.index):
            held = np.zeros(size, dtype=np.bool_)
            held[codes[self.any_of(reason)]] = True
            pooled |= because(held, reason)
        return pooled

    def named(self) -> list[list[str]]:
        """Name every set that occurs, to be stored; :func:`from_names` reads it."""
        return [[r.name for r in _ORDER if r in _reasons_of(one)] for one in self.sets]


def because(here: BoolArray | bool, *why: Reason) -> Reasons:
    """Give cells a reason where one holds."""
    if not np.any(here):
        return no_reason(np.shape(here))
    return _tidy(np.asarray(here, dtype=np.uint16), [0, _bits(why)])


def because_marked(marks: npt.NDArray[np.uint16], *why: Reason) -> Reasons:
    """Give cells a reason where they are marked by 1, not 0; the marks are kept, not copied."""
    sets = (0, _bits(why))
    return Reasons(marks, sets) if marks.any() and not marks.all() else _tidy(marks, sets)


def no_reason(shape: int | tuple[int, ...]) -> Reasons:
    """Give cells of a shape no reason."""
    return Reasons(np.zeros(shape, dtype=np.uint16), (0,))


def first_that_holds(cases: Sequence[tuple[BoolArray | bool, Reason]], shape: Any) -> Reasons:
    """Give every cell the reason of the first case that holds there."""
    found = no_reason(shape)
    for here, why in reversed(cases):
        if np.any(here):
            found = because(True, why).kept(np.broadcast_to(here, found.shape), found)
    return found


def all_that_hold(cases: Mapping[Reason, BoolArray | bool]) -> Reasons:
    """Give every cell the reason of each case that holds there."""
    return reduce(or_, (because(here, why) for why, here in cases.items()))


def joined(parts: Sequence[Reasons], axis: int) -> Reasons:
    """Lay reasons side by side along an axis."""
    codes, table = _alike([part for part in parts if part.codes.size] or parts)
    empty = [part.codes for part in parts if not part.codes.size]
    return Reasons(np.concatenate([*codes, *empty], axis), table)


def from_names(codes: IntArray, sets: Sequence[Sequence[str]]) -> Reasons:
    """Make reasons of positions and names, as :meth:`Reasons.named` gives them."""
    return _tidy(codes, [_bits(Reason[name] for name in names) for names in sets])


class ReasonsInPlaces:
    """Reasons of a table that is filled place by place.

    Parameters
    ----------
    shape : tuple of int
        Shape of the table, which starts without any reason.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._codes = np.zeros(shape, dtype=np.intp)
        self._table = {0: 0}

    def add(self, place: Any, more: Reasons) -> None:
        """Put further reasons to those of a place."""
        sets, many = list(self._table), len(more.sets)
        pairs = np.asarray(self._codes[place] * many + more.codes)
        codes = np.zeros(len(sets) * many, dtype=np.intp)
        for pair in np.flatnonzero(np.bincount(pairs.ravel(), minlength=len(codes))):
            both = sets[pair // many] | more.sets[pair % many]
            codes[pair] = self._table.setdefault(both, len(self._table))
        self._codes[place] = codes[pairs]

    def __getitem__(self, place: Any) -> Reasons:
        return _tidy(self._codes[place], list(self._table))


def _alike(parts: Sequence[Reasons]) -> tuple[list[npt.NDArray[np.uint16]], tuple[int, ...]]:
    """Write several reasons by one table of sets, in order."""
    table = tuple(sorted({one for part in parts for one in part.sets}))
    codes = []
    for part in parts:
        stands = table[: len(part.sets)] == part.sets
        place = np.array([table.index(one) for one in part.sets], dtype=np.uint16)
        codes.append(part.codes if stands else np.asarray(place.take(part.codes)))
    return codes, table


@lru_cache(maxsize=4096)
def _reasons_of(bits: int) -> SetOfReasons:
    return frozenset(reason for reason, bit in _BIT.items() if bits & bit)


def _tidy(codes: npt.NDArray[Any], sets: Sequence[int]) -> Reasons:
    """List each set that occurs once, in order: reasons that are equal are held alike."""
    occurring = _occurring(codes, len(sets))
    kept = sorted({sets[i] for i in occurring})
    place = {one: i for i, one in enumerate(kept)}
    if len(kept) == 1:
        return Reasons(np.zeros(codes.shape, dtype=np.uint16), tuple(kept))
    if all(place[sets[i]] == i for i in occurring):
        return Reasons(codes.astype(np.uint16, copy=False), tuple(kept))
    lookup = np.array([place.get(one, 0) for one in sets], dtype=np.uint16)
    return Reasons(np.asarray(lookup.take(codes)), tuple(kept))


# The most sets of one table: a code is a 16-bit number.
_MOST = 2**16
_FEW = 8


def _occurring(codes: npt.NDArray[Any], size: int) -> list[int]:
    """List the codes that occur; a few are looked for one by one, which is faster."""
    if size <= _FEW:
        return [i for i in range(size) if (codes == i).any()]
    return np.flatnonzero(np.bincount(codes.ravel(), minlength=size)).tolist()
