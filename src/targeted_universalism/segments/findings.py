"""What cells and their labels hold that would lead an answer astray, said without a count.

It is seen on the cells as they are now: of a public table, on what it shows and nothing else.
``tu.inspect`` looks closer, at the rows from which cells are made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.errors import some_of
from targeted_universalism.reasons import Reason
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.choices import Choices
from targeted_universalism.segments.index import Dimension
from targeted_universalism.segments.spelling import NOT_KNOWN, TOTAL, TOTAL_OF_PLACES, twins

if TYPE_CHECKING:
    from targeted_universalism.segments.statistics import Statistics

UNKNOWN_FROM = 0.05
HEAPED = 0.001  # level of the test of heaping
TOO_ROUND = 0.3  # and the share of multiples of five from which it says so; chance gives 0.2
LEAST_SHOWN = 5  # a count below this is seldom published where small ones are hidden

_MOST_LABELS = 50_000  # of a column of strata; more are numbers of rows, and no names
_MOST_BINS = 2**22  # up to so large numbers are counted, larger ones sorted
_SLIP = 1e-9  # of a total: by how little sums of floats may miss it


def findings(segments: Statistics) -> Mapping[str, tuple[str, ...]]:
    """Say what is seen: sentences by the name that ``tu.inspect`` has for them, if any.

    Parameters
    ----------
    segments : Statistics
        The cells, public or not.
    """
    found = {name: tuple(look(segments)) for name, look in _LOOKS.items()}
    return Choices({name: said for name, said in found.items() if said})


def _uncrossed(segments: Statistics) -> Iterator[tuple[Dimension, slice]]:
    """Give every dimension that is not crossed, and its rows."""
    index = segments.index
    for dimension, rows in zip(index.dimensions[1:], index.slices[1:], strict=True):
        if "*" not in dimension.name:
            yield dimension, rows


def _known_labels(segments: Statistics) -> Iterator[tuple[str, list[str]]]:
    """Give every dimension that is not crossed, and its labels, Unknown left out."""
    for dimension, _ in _uncrossed(segments):
        labels = zip(dimension.labels, dimension.unknown, strict=True)
        yield dimension.name, [text for text, unknown in labels if not unknown]


def _all_labels(segments: Statistics) -> Iterator[tuple[str, Sequence[str]]]:
    """Give every column of labels that somebody wrote, and its labels."""
    yield from _known_labels(segments)
    strata = segments.strata
    for name, levels in zip(strata.names, strata.levels, strict=True):
        if len(levels) <= _MOST_LABELS:
            yield name, strata.labels(name)
    if strata.indicator_name is not None:
        yield strata.indicator_name, [strata.indicators[i] for i in strata.measured]


# --- labels ---------------------------------------------------------------------------------------


def _twins_of_labels(segments: Statistics) -> Iterator[str]:
    """Find labels that are one in two spellings."""
    for name, labels in _all_labels(segments):
        for places in twins(labels):
            listed = some_of([repr(labels[i]) for i in places], 4)
            yield (
                f"in {name}, {listed} differ in case, blanks or punctuation alone, and are counted "
                "apart"
            )


def _undeclared_totals(segments: Statistics) -> Iterator[str]:
    """Find labels that read as a total where tables are read; records hold people, not totals."""
    if segments.cells.family.counts_rows or segments.facts.get("no_total"):
        return
    for name, labels in _known_labels(segments):
        for text in filter(TOTAL.fullmatch, labels):
            yield f"{text!r} of {name} reads as a total, and is counted as a group"
    for name in segments.strata.names:
        for text in filter(TOTAL_OF_PLACES.fullmatch, segments.strata.labels(name)):
            yield f"{text!r} of {name} reads as a total, and stands beside what it adds up"


def _undeclared_unknown(segments: Statistics) -> Iterator[str]:
    """Find labels that read as not known, of groups that are counted as any other."""
    for name, labels in _known_labels(segments):
        for text in filter(NOT_KNOWN.fullmatch, labels):
            yield f"{text!r} of {name} reads as not known, and is counted as a group"


# --- numbers --------------------------------------------------------------------------------------


def _counts(segments: Statistics) -> list[FloatArray]:
    """Give the statistics that count people or events, shaped (rows, strata); NaN if not known."""
    cells = segments.cells
    known = np.isin(cells.state, (State.OK, State.NO_DATA))
    named = ("events", cells.family.people) if cells.family.counted else (cells.family.people,)
    return [np.where(known, cells.stats[name], np.nan) for name in named if name in cells.stats]


def _not_adding_up(segments: Statistics) -> Iterator[str]:
    """Find groups that do not add up to the total, though none is hidden or without a row."""
    if segments.cells.family.counts_rows:
        return
    for dimension, rows in _uncrossed(segments):
        if not dimension.exclusive:
            continue
        off = [_share_missed(value[0], value[rows], segments) for value in _counts(segments)]
        far = np.max(off, axis=0)
        if far.any():
            most = f"{'up to ' if len(far) > 1 else ''}{_percent(float(far.max()))}"
            yield (
                f"the groups of {dimension.name} do not add up to the total{_among(far > 0)}: "
                f"they are off by {most}"
            )


def _share_missed(total: FloatArray, parts: FloatArray, segments: Statistics) -> FloatArray:
    """Give by what share sums of groups miss their total; 0 where rounding takes them so far."""
    step = max((segments.facts.get("rounded") or {}).values(), default=1)
    off = parts.sum(axis=0) - total
    little = np.abs(off) <= np.maximum(step * (len(parts) + 1) / 2, _SLIP * np.abs(total))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(little | np.isnan(off) | (total == 0), 0.0, np.abs(off) / total)


def _among(here: BoolArray) -> str:
    """Say in how many strata something holds, where there are several."""
    return f" in {int(here.sum()):,} of {len(here):,} strata" if len(here) > 1 else ""


def _percent(share: float) -> str:
    """Write a share so roughly that no count follows from it."""
    return "less than 1 %" if share < 0.01 else f"about {100 * share:.0f} %"


def _total_outside(segments: Statistics) -> Iterator[str]:
    """Find totals whose rate no average of their groups can have."""
    outside = segments.cells.reasons.any_of(Reason.TOTAL_OUT_OF_RANGE)[0]
    if outside.any():
        yield f"the rate of the total lies outside the rates of its groups{_among(outside)}"


def _share_unknown(segments: Statistics) -> Iterator[str]:
    """Find dimensions on which a large share of the people is of no known group."""
    people = _counts(segments)[-1]
    hidden = segments.cells.state == State.SUPPRESSED
    for dimension, rows in _uncrossed(segments):
        if not (dimension.exclusive and dimension.unknown.any()):
            continue
        whole = ~segments.strata.rolled_up & ~hidden[rows].any(axis=0)
        here = people[rows][:, whole]
        lost = np.nansum(here[dimension.unknown])
        share = lost / max(float(np.nansum(here)), 1.0)
        if share >= UNKNOWN_FROM:
            yield (
                f"{_percent(float(share))} are of no known {dimension.name}: every group's people "
                "are too few by its part of them"
            )


def _published_counts(segments: Statistics) -> list[FloatArray]:
    """Give the counts of groups that somebody else published, each column laid flat."""
    if segments.cells.family.name != "counts" or segments.facts.get("rounded"):
        return []
    groups = [value[1:][~np.isnan(value[1:])] for value in _counts(segments)]
    return [value for value in groups if len(value)]


def _zeros_for_hidden(segments: Statistics) -> Iterator[str]:
    """Find zeros that stand where small counts should; not once small counts are hidden here."""
    if segments.facts["suppression"] is not None:
        return
    for value in _published_counts(segments):
        least = least_beside_zeros(value)
        if least is not None:
            yield (
                f"there are zeros, and no count between them and {least:,.0f}: a zero may stand "
                "for a hidden count"
            )
            return


def least_beside_zeros(value: FloatArray) -> float | None:
    """Give the least count above 0 where zeros look as if smaller ones were hidden, else None.

    They do where five or more stand beside none below ``LEAST_SHOWN``, and five or more different
    counts stand near the least: large counts alone have no small ones among them.

    Parameters
    ----------
    value : (n,) array
        Counts; those that are missing say nothing.
    """
    least = float(np.min(value, where=value > 0, initial=np.inf))
    if (value == 0).sum() < 5 or not least >= LEAST_SHOWN:
        return None
    near = np.unique(value[(value >= least) & (value <= 3 * least)])
    return least if len(near) >= 5 else None


def _heaping(segments: Statistics) -> Iterator[str]:
    """Find columns of counts of which too many are multiples of five."""
    for value in _published_counts(segments):
        if heaped(_different(value[(value > 0) & (value == np.floor(value))])) < HEAPED:
            yield "far more counts are multiples of 5 than chance gives: they may have been rounded"
            return


def _different(whole: FloatArray) -> FloatArray:
    """Give whole numbers above 0, each once: without sorting them where all are small."""
    if whole.max(initial=0) > _MOST_BINS:
        return np.unique(whole)
    return np.flatnonzero(np.bincount(whole.astype(np.int64))).astype(np.float64)


def heaped(whole: FloatArray) -> float:
    """Give the p-value that so many counts, or more, are multiples of 5 by chance.

    A binomial test of one fifth; 1 where they are no larger a share than ``TOO_ROUND``.

    Parameters
    ----------
    whole : (n,) array
        Different whole numbers above 0.
    """
    multiples = int((whole % 5 == 0).sum())
    if multiples <= TOO_ROUND * len(whole):
        return 1.0
    return float(special.betainc(multiples, len(whole) - multiples + 1, 0.2))


_LOOKS: Mapping[str, Callable[[Statistics], Iterator[str]]] = {
    "undeclared total": _undeclared_totals,
    "total outside its segments": _total_outside,
    "totals that do not add up": _not_adding_up,
    "twins of labels": _twins_of_labels,
    "undeclared unknown": _undeclared_unknown,
    "share of unknown": _share_unknown,
    "zeros for hidden counts": _zeros_for_hidden,
    "heaping": _heaping,
}
