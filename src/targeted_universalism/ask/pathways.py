"""Where along a path of decisions a disparity arises: rates and relative indices of every stage.

The stage index compares the rates at which one stage leads to the next, the population index the
rates per head of the first stage. Along one path the stage indices multiply to the population index
of its end, so that each stage has its share of the logarithm (RULES 5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.answer.answer import FLAG_WORDS
from targeted_universalism.answer.tables import (
    Values,
    Words,
    segment_columns,
    stratum_columns,
    tabled,
)
from targeted_universalism.errors import InputError, advised, check_whole, did_you_mean, shown
from targeted_universalism.labels import label
from targeted_universalism.measures.contrasts import mover_ratio, poisson_ratio
from targeted_universalism.measures.intervals import Limits, wilson
from targeted_universalism.read.constructors import Segmentation, from_counts
from targeted_universalism.read.frames import opened
from targeted_universalism.read.layout import check_columns_of_tokens
from targeted_universalism.reasons import Reason, Reasons, because, no_reason
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import PATHWAY
from targeted_universalism.segments.segments import Segments

OK, UNRELIABLE, SUPPRESSED, NO_DATA = range(len(FLAG_WORDS))
DIRECTION_WORDS = ("at least", "at most")
_EQUAL = 1e-12


@dataclass(frozen=True)
class Path:
    """The stages of a path, checked.

    Parameters
    ----------
    stages : tuple of str
        The population first.
    parents : tuple of int
        Position of the stage that feeds each stage; −1 for the population.
    directions : tuple of int
        Position in ``DIRECTION_WORDS`` of the side that is wanted; −1 for the population.
    """

    stages: tuple[str, ...]
    parents: tuple[int, ...]
    directions: tuple[int, ...]

    @property
    def spine(self) -> tuple[int, ...]:
        """Stages on the path from the population to the last stage."""
        stage, path = len(self.stages) - 1, []
        while stage > 0:
            path.append(stage)
            stage = self.parents[stage]
        return tuple(path[::-1])


def make_path(
    stages: Sequence[str],
    parents: Mapping[str, str] | None,
    directions: str | Mapping[str, str],
) -> Path:
    """Check the stages of a path, what feeds each, and which side is wanted of it."""
    listed = isinstance(stages, (list, tuple)) and all(isinstance(s, str) for s in stages)
    if not listed or len(stages) < 2:
        raise InputError(
            "stages= takes a list of the columns of the path in order, the population first, not "
            f"{shown(stages)}."
        )
    if not (parents is None or isinstance(parents, Mapping)):
        raise InputError(
            "parents= takes a mapping from a stage to the one that feeds it, as in "
            f"{{{stages[-1]!r}: {stages[0]!r}}}, not {shown(parents)}."
        )
    if len(set(stages)) < len(stages):
        raise InputError(f"stages={list(stages)!r} names a column twice.")
    names = tuple(stages)
    return Path(names, _parents(names, parents or {}), _directions(names, directions))


def _parents(stages: tuple[str, ...], parents: Mapping[str, str]) -> tuple[int, ...]:
    for name in [*parents, *parents.values()]:
        if name not in stages:
            raise InputError(f"parents= names {name!r}. {did_you_mean(name, stages)}")
    if stages[0] in parents:
        raise InputError(f"parents= gives {stages[0]!r} a parent, and it is the population.")
    found = [-1]
    for i, stage in enumerate(stages[1:], start=1):
        parent = stages.index(parents.get(stage, stages[i - 1]))
        if parent >= i:
            raise InputError(
                f"parents= lets {stages[parent]!r} feed {stage!r}, which is not after it: put "
                "stages= in the order of the path."
            )
        found.append(parent)
    return tuple(found)


def _directions(stages: tuple[str, ...], directions: str | Mapping[str, str]) -> tuple[int, ...]:
    whole = isinstance(directions, str)
    of = dict.fromkeys(stages[1:], directions) if whole else directions
    if not isinstance(of, Mapping):
        raise InputError(f"directions= takes a mapping by stage, not {directions!r}.")
    for name in of:
        if name not in stages[1:]:
            raise InputError(f"directions= names {name!r}. {did_you_mean(name, stages[1:])}")
    for stage in stages[1:]:
        if of.get(stage) not in DIRECTION_WORDS:
            raise InputError(
                f"directions= must say 'at least' or 'at most' of stage {stage!r}, not "
                f"{of.get(stage)!r}: an index above 1 is good news of one stage and not of another."
            )
    return (-1, *(DIRECTION_WORDS.index(str(of[stage])) for stage in stages[1:]))


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of every stage, shaped (stages, rows, strata), and where they are hidden."""

    segments: Segments
    count: FloatArray
    hidden: BoolArray


def count_stages(parts: Sequence[Segments]) -> Counts:
    """Lay the stages' counts on top of each other, the population first."""
    cells = [part.cells for part in parts]
    states = np.stack([cells[0].state, *(c.state for c in cells)])
    counts = [cells[0].population, *(c.stats["events"] for c in cells)]
    hidden = states == State.SUPPRESSED
    hidden[0] = np.isnan(counts[0]) & hidden[0]
    return Counts(parts[0], np.where(hidden, np.nan, np.stack(counts)), hidden)


def pathway_table(counts: Counts, path: Path, reference: object, minimum: int) -> pd.DataFrame:
    """Make the table of DESIGN 3: a row for each stage of each segment in each stratum."""
    minimum = check_whole("minimum", minimum, 0)
    held = _Held(counts, path, _references(counts.segments, reference), minimum)
    return held.table()


def _references(segments: Segments, reference: object) -> IntArray:
    """Position of each row's reference; −1 for the total."""
    if not isinstance(reference, (str, Mapping)):
        raise InputError(
            "reference= takes a segment, or a mapping as {'race': 'White', 'sex': 'Male'}, not "
            f"{shown(reference)}."
        )
    index, rows = segments.index, [-1]
    for dimension in index.dimensions[1:]:
        name, labels = dimension.name, dimension.labels
        asked = reference.get(name) if isinstance(reference, Mapping) else reference
        named = [x for x, u in zip(labels, dimension.unknown, strict=True) if not u]
        if asked is None or label(asked) not in named:
            raise InputError(
                f"reference={asked!r} is no segment of {name!r}. {did_you_mean(asked, named)} "
                "For several dimensions give a mapping, as in {'race': 'White', 'sex': 'Male'}."
            )
        rows += [index.place[name, label(asked)]] * len(labels)
    return np.array(rows, dtype=np.int64)


class _Held:
    """A path of counts, held against its reference; arrays are shaped (stages, rows, strata)."""

    def __init__(self, counts: Counts, path: Path, reference: IntArray, minimum: int) -> None:
        self.counts, self.path, self.minimum = counts, path, minimum
        self.total = reference < 0
        self.other = np.where(self.total, np.arange(len(reference)), reference)
        self.own = (self.other == np.arange(len(reference))) & ~self.total
        self.count = counts.count[1:]
        self.base = counts.count[list(path.parents[1:])]
        self.people = np.broadcast_to(counts.count[:1], self.count.shape)
        self.stage_rate = _over(self.count, self.base)
        self.population_rate = _over(self.count, self.people)
        self.stage_index = self._index(self.stage_rate)
        self.population_index = self._index(self.population_rate)

    def _index(self, rate: FloatArray) -> FloatArray:
        index = _over(rate, rate[:, self.other])
        index[:, self.total] = np.nan
        return index

    def _limits(self, base: FloatArray, index: FloatArray) -> Limits:
        """Limits of an index: of proportions where people move on, else of rates."""
        x, y = self.count, self.count[:, self.other]
        n, m = base, base[:, self.other]
        limits = _proportions(x, n, y, m)
        above = (x > n) | (y > m)
        exact = poisson_ratio(x[above], n[above], y[above], m[above])
        compared = ~np.isnan(index) & ~self.own[:, None]
        found = []
        for limit, other in zip(limits, exact, strict=True):
            limit[above] = other
            found.append(np.where(compared, limit, np.nan))
        return found[0], found[1]

    def _shares(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, Reasons]:
        """Share of each stage of the path in the logarithm of its end's population index.

        Parameters
        ----------
        low, high : (rows, strata) array
            Limits of that index: between limits on both sides of 1 there may be nothing to share.
        """
        spine = np.array(self.path.spine) - 1
        share = np.full(self.count.shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(self.stage_index[spine])
            whole = np.log(self.population_index[-1])
        defined = np.isfinite(logs).all(axis=0) & np.isfinite(whole)
        unequal = defined & (np.abs(whole) >= _EQUAL)
        apart = unequal & ((low > 1) | (high < 1))
        share[spine] = np.where(apart, logs / np.where(apart, whole, 1.0), np.nan)
        compared = ~(self.total | self.own)[:, None]
        on_path = np.isin(np.arange(len(self.count)), spine)[:, None, None]
        hidden = self._hidden()[spine].any(axis=0)
        hidden = hidden | hidden[self.other]
        said = [
            (compared & ~on_path, Reason.STAGE_SIDE_BRANCH),
            (compared & on_path & ~defined & hidden, Reason.STAGE_HIDDEN),
            (compared & on_path & ~defined & ~hidden, Reason.STAGE_NO_SHARE),
            (compared & on_path & defined & ~unequal, Reason.STAGE_NO_DISPARITY),
            (compared & on_path & unequal & ~apart, Reason.STAGE_UNSURE),
        ]
        share[:, self.own] = np.nan
        return share, self._because(said)

    def _because(self, said: Sequence[tuple[BoolArray, Reason]]) -> Reasons:
        reasons = no_reason(self.count.shape)
        for here, why in said:
            reasons |= because(here, why)
        return reasons

    def _small(self) -> BoolArray:
        return (self.count < self.minimum) | (self.base < self.minimum)

    def _hidden(self) -> BoolArray:
        hidden = self.counts.hidden
        return hidden[1:] | hidden[list(self.path.parents[1:])]

    def _reasons(self) -> Reasons:
        hidden, small = self._hidden(), self._small()
        compared = ~(self.total | self.own)[:, None] & ~np.isnan(self.stage_rate)
        theirs = self.stage_rate[:, self.other]
        lost = np.isnan(self.count) | np.isnan(self.base)
        return self._because(
            [
                (hidden, Reason.HIDDEN),
                (lost & ~hidden, Reason.STAGE_NO_COUNT),
                (self.base == 0, Reason.STAGE_NO_BASE),
                (small, Reason.STAGE_SMALL),
                (small[:, self.other] & ~self.total[:, None], Reason.STAGE_SMALL_REFERENCE),
                (self.count > self.base, Reason.STAGE_ABOVE_ONE),
                (np.broadcast_to(self.total[:, None], lost.shape), Reason.STAGE_TOTAL),
                (np.broadcast_to(self.own[:, None], lost.shape), Reason.OWN_REFERENCE),
                (compared & np.isnan(theirs), Reason.STAGE_NO_REFERENCE),
                (compared & (theirs == 0), Reason.STAGE_REFERENCE_ZERO),
            ]
        )

    def _flags(self) -> ByteArray:
        small = self._small()
        flag = np.where(small | (small[:, self.other] & ~self.total[:, None]), UNRELIABLE, OK)
        flag = np.where(np.isnan(self.stage_rate), NO_DATA, flag)
        return np.where(self._hidden(), SUPPRESSED, flag).astype(np.uint8)

    def table(self) -> pd.DataFrame:
        """Lay strata, segments and stages under each other."""
        path, index = self.path, self.counts.segments.index
        stage_low, stage_high = self._limits(self.base, self.stage_index)
        low, high = self._limits(self.people, self.population_index)
        share, why = self._shares(low[-1], high[-1])
        referred = np.where(self.total, -1, self.other)[None, :, None]
        columns: dict[str, Values] = {
            "stage": self._of_stage(path.stages, range(1, len(path.stages))),
            "parent": self._of_stage(path.stages, path.parents[1:]),
            "direction": self._of_stage(DIRECTION_WORDS, path.directions[1:]),
            "count": self.count,
            "base": self.base,
            "stage_rate": self.stage_rate,
            "population_rate": self.population_rate,
            "reference": Words(index.labels, np.broadcast_to(referred, self.count.shape)),
            "stage_index": self.stage_index,
            "stage_index_low": stage_low,
            "stage_index_high": stage_high,
            "population_index": self.population_index,
            "population_index_low": low,
            "population_index_high": high,
            "disparity_share": share,
            "flag": Words(FLAG_WORDS, self._flags().astype(np.int64)),
            "reason": self._reasons() | why,
        }
        stratum, row, stage = np.nonzero(
            np.broadcast_to(self.counts.segments.there, self.count.shape).transpose(2, 1, 0)
        )
        keys = stratum_columns(self.counts.segments.strata, stratum)
        keys |= segment_columns(index.dimensions, row)
        place = (stage, row, stratum)
        return tabled(PATHWAY, keys, {name: v[place] for name, v in columns.items()})

    def _of_stage(self, words: Sequence[str], codes: Sequence[int]) -> Words:
        """Give every row of a stage the stage's word."""
        of = np.array(codes, dtype=np.int64)[:, None, None]
        return Words(words, np.broadcast_to(of, self.count.shape))


def _over(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide; missing where the bottom is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def _proportions(x: FloatArray, n: FloatArray, y: FloatArray, m: FloatArray) -> Limits:
    """Limits of a ratio of proportions, where both are proportions."""
    within = (x <= n) & (y <= m)
    low, high = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    x, n, y, m = (v[within] for v in (x, n, y, m))
    low[within], high[within] = mover_ratio(
        (_over(x, n), *wilson(x, n)), (_over(y, m), *wilson(y, m))
    )
    return low, high


# --- The façade of pathways: a table of stages in, a table of indices out.


@advised
def pathway(
    data: object,
    *,
    stages: Sequence[str],
    segments: Segmentation,
    reference: object,
    directions: str | Mapping[str, str],
    by: str | Sequence[str] | None = None,
    parents: Mapping[str, str] | None = None,
    minimum: int = 5,
    total: object = None,
    dimension: str | Mapping[Any, str] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    suppressed: Mapping[Any, Any] | None = None,
) -> pd.DataFrame:
    """Follow groups through decision points, to find where along the path a disparity arises.

    Parameters
    ----------
    data : data frame
        One row for each group, one column of counts for each stage; any frame that
        :func:`from_counts` reads.
    stages : list of str
        Columns in the order of the path, the population first.
    segments, by, total, dimension, exclusive, unknown, suppressed
        As in :func:`from_counts`; tokens of hidden cells may be given by column.
    reference : label or mapping
        The segment that others are compared with, as text or as the data have it, or one for each
        dimension.
    directions : str or mapping
        "at least" or "at most" is wanted of each stage: more diversion, fewer detentions. Indices
        are never turned round.
    parents : mapping, optional
        The stage that feeds a stage, where it is not the one before: ``{"diversion": "referral"}``.
    minimum : int
        Counts below it, of the segment or of the reference, are flagged "unreliable".

    Returns
    -------
    DataFrame
        A row for each stage after the population, of each segment in each stratum.

        Columns (units in brackets): the `by` columns, and

        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``stage``: the stage
        - ``parent``: the stage that feeds it
        - ``direction``: which side is wanted: at least or at most
        - ``count`` (people): how many reach the stage
        - ``base`` (people): how many are at its parent
        - ``stage_rate``: count / base
        - ``population_rate``: count / people at the first stage
        - ``reference``: the segment that others are compared with
        - ``stage_index``, ``stage_index_low``, ``stage_index_high``: stage rate / that of the
          reference, and its interval
        - ``population_index``, ``population_index_low``, ``population_index_high``: population rate
          / that of the reference, and its interval
        - ``disparity_share``: the share of the stage in the disparity at the end of the path;
          missing where that cannot be told from none
        - ``flag``: ok, unreliable, suppressed, no data
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Raises
    ------
    InputError
        If a stage has no direction, a parent comes after its child, or the reference is no segment.

    Notes
    -----
    ``stage_index`` is the relative rate index of the OJJDP: the ratio of the rates from one stage
    to the next. ``population_index`` is the ratio of rates per head of the first stage, which
    carries the disparity of all stages before. Along the path to the last stage the stage indices
    multiply to the population index, so that ``disparity_share`` = ln(stage index) / ln(population
    index of the last stage); it may lie below 0 or above 1. Stages off that path have none,
    and there is none where the interval of that population index includes 1: the disparity cannot
    be told from none, and its shares could be any.
    Intervals at 95 %: MOVER of Wilson limits; exact conditional ones where a count exceeds its
    base, which is reported and not cut. All stages must count the same unit, children or events.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> counts = pd.DataFrame({
    ...     "race": ["Black", "White"], "children": [10_000, 40_000], "referred": [800, 1_600],
    ...     "substantiated": [240, 400], "removed": [96, 120],
    ... })
    >>> table = tu.pathway(
    ...     counts, stages=["children", "referred", "substantiated", "removed"], segments="race",
    ...     reference="White", directions="at most",
    ... )
    >>> table[table["segment"] == "Black"][
    ...     ["stage", "stage_index", "population_index", "disparity_share"]
    ... ].round(2)
               stage  stage_index  population_index  disparity_share
    3       referred         2.00               2.0             0.60
    4  substantiated         1.20               2.4             0.16
    5        removed         1.33               3.2             0.25

    """
    path = make_path(stages, parents, directions)
    if not (suppressed is None or isinstance(suppressed, Mapping)):
        raise InputError(
            "suppressed= takes tokens with their bounds, as in {'<11': (1, 10)}, not "
            f"{shown(suppressed)}."
        )
    frame, tokens = opened(data), suppressed or {}
    by_column = any(isinstance(value, Mapping) for value in tokens.values())
    if by_column:
        check_columns_of_tokens(tokens, path.stages)
    parts = [
        from_counts(
            frame, numerator=stage, denominator=path.stages[0], segments=segments, by=by,
            kind="rate", total=total, dimension=dimension, exclusive=exclusive, unknown=unknown,
            suppressed=_of(tokens, (stage, path.stages[0])) if by_column else suppressed,
        )
        for stage in path.stages[1:]
    ]  # fmt: skip
    return pathway_table(count_stages(parts), path, reference, minimum)


def _of(tokens: Mapping[Any, Any], columns: Sequence[str]) -> dict[Any, Any]:
    """Keep the tokens of some columns."""
    return {name: bounds for name, bounds in tokens.items() if name in columns}
