"""Indicators that are tied by their meaning, as whoever knows them declares it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.errors import InputError, check_names, did_you_mean, shown
from targeted_universalism.privacy.counts import EVENTS, PEOPLE, QUANTITIES
from targeted_universalism.privacy.merge import Together
from targeted_universalism.privacy.sums import Members
from targeted_universalism.segments.segments import Segments
from targeted_universalism.segments.strata import Strata

Names = tuple[str, ...]


def check_ties(
    strata: Strata,
    same_people: Mapping[str, str] | None,
    adds_to: Sequence[str] | Sequence[Sequence[str]],
) -> dict[str, Any]:
    """Check what is declared, and put it on record.

    Returns
    -------
    dict
        ``same_people``: pairs of names; ``adds_to``: groups of names. Without what was not said.
    """
    if not (same_people is None or isinstance(same_people, Mapping)):
        raise InputError(
            "same_people= takes a mapping from an indicator to the one whose people are its "
            f"events, not {shown(same_people)}."
        )
    if not isinstance(adds_to, Sequence):
        raise InputError(f"adds_to= takes a list of indicators, not {shown(adds_to)}.")
    pairs = [] if same_people is None else list(same_people.items())
    groups = [adds_to] if _is_one_group(adds_to) else list(adds_to)
    found = {
        "same_people": tuple((str(a), str(b)) for a, b in pairs),
        "adds_to": tuple(check_names("adds_to", group) for group in groups),
    }
    for option, many in found.items():
        for name in (name for names in many for name in names):
            if name not in strata.indicators or strata.indicator_name is None:
                raise InputError(
                    f"{option}= names {name!r}, which is no indicator here. "
                    f"{did_you_mean(name, strata.indicators)}"
                )
    for group in found["adds_to"]:
        if len(group) < 2:
            raise InputError(
                f"adds_to= needs two outcomes or more that make up the cohort: {group}."
            )
    return {option: many for option, many in found.items() if many}


def _is_one_group(adds_to: Sequence[Any]) -> bool:
    return isinstance(adds_to, str) or (len(adds_to) > 0 and isinstance(adds_to[0], str))


def ties_of(
    merged: Together, tables: Sequence[Segments], records: Sequence[Mapping[str, Any]]
) -> Members:
    """Write down what was declared of each table; where its own numbers differ, nothing is tied.

    Parameters
    ----------
    merged : Together
        All tables.
    tables : sequence of Segments
        Public or not.
    records : sequence of mappings
        What :func:`check_ties` put on record of each.
    """
    parts = [
        part
        for i, (table, record) in enumerate(zip(tables, records, strict=True))
        for part in _of_table(merged, i, table, record)
    ]
    if not parts:
        return merged.grid.declared
    tops = np.cumsum([0, *(part.size for part in parts)])
    shifted = [part.row + top for part, top in zip(parts, tops, strict=False)]
    return Members(
        np.concatenate(shifted),
        np.concatenate([part.cell for part in parts]),
        np.concatenate([part.quantity for part in parts]),
        np.concatenate([part.sign for part in parts]),
        int(tops[-1]),
    )


def _of_table(
    merged: Together, i: int, table: Segments, record: Mapping[str, Any]
) -> Iterator[Members]:
    """Give the sums that one table's record declares, one set for each declaration."""
    events = merged.side(i, EVENTS)
    for events_of, people_of in record.get("same_people", ()):
        strata = _strata_of(table.strata, (events_of, people_of))
        yield _tied(merged, merged.cells[i], events, strata[:, :1], strata[:, 1])
    for outcomes in record.get("adds_to", ()):
        strata = _strata_of(table.strata, outcomes)
        yield _tied(merged, merged.cells[i], events, strata, strata[:, 0])


def _strata_of(strata: Strata, names: Names) -> IntArray:
    """Find the strata of some indicators that cover the same: (covered, names)."""
    _, place = strata.whatever_indicator().alike()
    found: list[dict[int, int]] = []
    for name in names:
        here = np.flatnonzero(strata.indicator == strata.indicators.index(name))
        found.append(dict(zip(place[here].tolist(), here.tolist(), strict=True)))
    shared = [at for at in found[0] if all(at in other for other in found)]
    return np.array([[one[at] for one in found] for at in shared], dtype=np.int64).reshape(
        -1, len(names)
    )


def _tied(
    merged: Together, cells: IntArray, events: IntArray, outcomes: IntArray, people: IntArray
) -> Members:
    """Let the events of strata add up to the people of another, row by row."""
    rows = len(cells)
    where = np.concatenate([outcomes, people[:, None]], axis=1)  # (covered, members)
    cell = cells[:, where].reshape(-1, where.shape[1])
    quantity = events[:, where].reshape(cell.shape).copy()
    quantity[:, -1] = PEOPLE
    sign = np.ones(cell.shape)
    sign[:, -1] = -1.0
    values = np.stack([merged.grid.counts.value(q) for q in range(len(QUANTITIES))])[quantity, cell]
    left = (sign * values).sum(axis=1)
    kept: BoolArray = ~(np.abs(left) > 1e-6)
    if rows and len(where) and not (np.abs(left) <= 1e-6).any() and np.isfinite(left).any():
        raise InputError(
            "same_people= or adds_to= does not hold in any cell: the events do not make up the "
            "people. Look at which indicator is named for which."
        )
    number = np.repeat(np.arange(int(kept.sum())), cell.shape[1])
    return Members(
        number, cell[kept].ravel(), quantity[kept].ravel(), sign[kept].ravel(), int(kept.sum())
    )
