"""What a segment is compared with: the best segment, the rest of the total, and who is hidden.

Shared by the rooms that compare. Arrays are shaped (rows, strata) as in an ``Answer``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import InputError, did_you_mean, shown
from targeted_universalism.labels import label
from targeted_universalism.measures.exact import is_whole
from targeted_universalism.reasons import WITHOUT_RATE, Reason, Reasons, because, no_reason
from targeted_universalism.segments.cells import Cells, State
from targeted_universalism.segments.index import Index

Number = TypeVar("Number", bound=np.generic)


def people_of(answer: Answer) -> FloatArray:
    """Give the people that a minimum is held against: those counted, else the population."""
    n, population = answer.values["n"], answer.values["population"]
    return np.where(np.isnan(n), population, n)


def own_reasons(answer: Answer) -> Reasons:
    """Say why a row has no rate, and nothing else of what its table says."""
    ranged = answer.reason.any_of(Reason.HIDDEN_RANGE)
    own = answer.reason.only(WITHOUT_RATE - {Reason.HIDDEN_RANGE})
    return own | because(ranged, Reason.HIDDEN)


def by_dimension(
    answer: Answer, ask: Callable[[IntArray], npt.NDArray[Number]]
) -> npt.NDArray[Number]:
    """Ask something of the rows of each dimension; every row gets its dimension's answer."""
    found = [ask(np.flatnonzero(answer.dimension_of == d)) for d in range(len(answer.dimensions))]
    return np.stack(found)[answer.dimension_of]


def with_suppressed(answer: Answer) -> BoolArray:
    """Tell which rows are of a dimension and stratum in which any segment is hidden."""
    hidden = answer.cells.state == State.SUPPRESSED
    return by_dimension(answer, lambda rows: hidden[rows].any(axis=0))


def overlapping_rows(answer: Answer) -> BoolArray:
    """Tell which rows, shaped (rows,), are of a dimension whose segments overlap."""
    return np.array([not d.exclusive for d in answer.dimensions])[answer.dimension_of]


def reference_word(reference: object, keywords: Sequence[str]) -> str:
    """Give the text of a reference: a label may have any type, as it has in the data."""
    if reference is None or isinstance(reference, (list, tuple, set, dict)):
        raise InputError(
            f"reference={shown(reference)} must be a word ({', '.join(map(repr, keywords))}) or "
            "the label of one segment."
        )
    return label(reference)


def named_rows(
    answer: Answer, name: str, keywords: Sequence[str], hint: str
) -> tuple[IntArray, IntArray]:
    """Find a segment in every dimension that has it.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    name : str
        The label of the reference.
    keywords : sequence of str
        The words that are offered beside the labels where there is no such segment.
    hint : str
        What else such a message says.

    Returns
    -------
    row, reference : (m,) arrays of int64
        The rows of those dimensions, and the row of the reference in each one's dimension.
    """
    rows = [i for i, text in enumerate(answer.labels) if text == name and answer.dimension_of[i]]
    if not rows:
        options = [*keywords, *dict.fromkeys(answer.labels[1:])]
        raise InputError(f"reference={name!r} is no segment. {did_you_mean(name, options)} {hint}")
    if any(answer.unknown[i] for i in rows):
        raise InputError(f"{name!r} stands for a missing segment: it cannot be the reference.")
    reference_of = {int(answer.dimension_of[i]): i for i in rows}
    row = np.flatnonzero(np.isin(answer.dimension_of, list(reference_of)))
    references = [reference_of[int(d)] for d in answer.dimension_of[row]]
    return row, np.array(references, dtype=np.int64)


def best_rows(answer: Answer, allowed: BoolArray) -> IntArray:
    """Find each row's best segment: the one whose rate is furthest towards its goal.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    allowed : (rows, strata) array of bool
        Which segments may be the reference; Unknown, overlapping and total rows never are.

    Returns
    -------
    (rows, strata) array of int64
        Position of the best segment of the row's dimension, the first on ties; −1 for none, or
        where fewer than two segments have a rate.
    """
    sign = np.array([goal.sign for goal in answer.goals])[answer.segments.strata.indicator]
    rate = sign * answer.values["rate"]
    never = answer.unknown | overlapping_rows(answer) | (answer.dimension_of == 0)
    counted = ~np.isnan(rate) & ~answer.unknown[:, None]
    rate = np.where(allowed & ~never[:, None] & ~np.isnan(rate), rate, -np.inf)
    best = np.full(rate.shape, -1, dtype=np.int64)
    for d in range(1, len(answer.dimensions)):
        rows = np.flatnonzero(answer.dimension_of == d)
        if not rows.size:  # nobody's segment is known
            continue
        first = rate[rows].argmax(axis=0)
        none = np.isneginf(rate[rows].max(axis=0)) | (counted[rows].sum(axis=0) < 2)
        best[rows] = np.where(none, -1, rows[first])
    return best


def rest_of_total(cells: Cells, proportion: BoolArray, index: Index) -> Cells:
    """Count everybody but the group, as one group of its own.

    The others are added up where they and the group are the total, so that weights leave no trace
    of rounding; elsewhere the group is taken from the total.

    Parameters
    ----------
    cells : Cells
        Counts, the total in the first row.
    proportion : (strata,) array of bool
        Where events are people, so that there are never more of them than people.
    index : Index
        Which row holds which segment.

    Returns
    -------
    Cells
        Of the same shape; without data where nobody is left, or where group and total disagree.
    """
    total, family = cells.mapped(lambda values: values[:1]), cells.family
    left = {name: less(total.stats[name], cells.stats[name]) for name in family.sums}
    left = _added_up(cells, left, index)
    for moment in family.moments:
        left |= _moments_less(total, cells, moment, left[moment[0]])
    people, events = left[family.people], left["events"]
    every = proportion & (np.abs(people - events) <= _TRACE * np.abs(total.population))
    left["events"] = events = np.where(every, people, events)
    known = (cells.state == State.OK) & (total.state == State.OK) & (people > 0)
    known &= ((events >= 0) & (~proportion | (events <= people))) | np.isnan(events)
    state = np.where(known, State.OK, State.NO_DATA).astype(np.uint8)
    return Cells(family, state, left, {}, no_reason(cells.shape))


def _added_up(cells: Cells, left: dict[str, FloatArray], index: Index) -> dict[str, FloatArray]:
    """Put sums of the other segments in place of differences of weights."""
    fractions = ~is_whole(cells.population, cells.stats["events"])
    if not (fractions & (cells.state == State.OK)).any():
        return left
    left = dict(left)
    for dimension, rows in zip(index.dimensions[1:], index.slices[1:], strict=True):
        if not dimension.exclusive:
            continue
        parts = {name: np.nan_to_num(cells.stats[name][rows]) for name in left}
        hidden = (cells.state[rows] == State.SUPPRESSED).any(axis=0)
        fits = [np.isclose(v.sum(axis=0), cells.stats[n][0], rtol=1e-9) for n, v in parts.items()]
        complete = np.logical_and.reduce(fits) & ~hidden
        for name, values in parts.items():
            left[name][rows] = np.where(complete, sum_of_others(values), left[name][rows])
    return left


def sum_of_others(values: FloatArray) -> FloatArray:
    """Add up all other rows of each, without subtracting it from their sum.

    Examples
    --------
    >>> sum_of_others(np.array([[0.1], [0.2], [0.4]])).ravel()
    array([0.6, 0.5, 0.3])

    """
    none = np.zeros((1, *values.shape[1:]))
    before = np.cumsum(np.concatenate([none, values[:-1]]), axis=0)
    after = np.cumsum(np.concatenate([none, values[:0:-1]]), axis=0)[::-1]
    return np.asarray(before + after)


_TRACE = 1e-11


def less(total: FloatArray, part: FloatArray) -> FloatArray:
    """Subtract; what is left of weights by rounding alone is nothing."""
    left = total - part
    counted = is_whole(part, total)
    return np.where(~counted & (np.abs(left) <= _TRACE * np.abs(total)), 0.0, left)


def _moments_less(
    total: Cells, part: Cells, names: tuple[str, str, str], left: FloatArray
) -> dict[str, FloatArray]:
    """Take a group out of a mean and its centred second moment."""
    weight, mean, second = names
    with np.errstate(invalid="ignore", divide="ignore"):
        held = total.stats[weight] * total.stats[mean] - part.stats[weight] * part.stats[mean]
        middle = held / left
        between = part.stats[weight] * left / total.stats[weight]
        spread = between * (part.stats[mean] - middle) ** 2
        rest = total.stats[second] - part.stats[second] - spread
    trace = 1e-12 * np.abs(total.stats[second])
    return {mean: middle, second: np.where(rest <= trace, 0.0, rest)}
