"""Keep some strata and dimensions of an answer, or look at some of its segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from targeted_universalism._typing import BoolArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import CallError, InputError, check_one_of, did_you_mean, shown
from targeted_universalism.labels import label_set


def where(
    answer: Answer,
    wanted: Mapping[str, object] | None = None,
    /,
    *,
    rollup: bool | None = None,
    **named: object,
) -> Answer:
    """Keep some strata or dimensions, or look at some segments: ``a.where(county="Inyo")``.

    Parameters
    ----------
    wanted : mapping, optional
        Wanted values by column, for columns whose names are no Python names (or ``rollup``).
    rollup : bool, optional
        True keeps what ``assess(…, rollup=…)`` has added up, False everything else.
    **named
        A value or a list of values for a `by` column, ``indicator``, ``dimension`` or ``segment``.

    Returns
    -------
    Assessment
        The total stays in every stratum that is kept. ``segment`` narrows what is shown and nothing
        else: what segments need together, who is compared with whom, the best segment and every
        measure of inequality stay those of all segments, and nothing is hidden from whoever has
        the assessment: ``a.segments`` holds everybody.

    Raises
    ------
    InputError
        If a column or a value is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"county": ["Inyo", "Mono"], "race": "A", "x": 3, "n": [9, 8]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="county")
    >>> tu.assess(s, tu.Goal.at_least(0.5)).where(county="Mono").table["needed"].tolist()
    [1, 1]

    """
    if not (wanted is None or isinstance(wanted, Mapping)):
        raise CallError(
            f"where() takes columns by name, as in where(county='Inyo'), or a mapping such as "
            f"{{'county': 'Inyo'}}; not {shown(wanted)}."
        )
    wanted = {**(wanted or {}), **named}
    columns = {name: value for name, value in wanted.items() if name not in _OF_ROWS}
    _check_values(wanted)
    strata = answer.segments.strata.select(columns, others=_OF_ROWS)
    if rollup is not None:
        strata = strata[answer.segments.strata.rolled_up[strata] == _only_rolled_up(answer, rollup)]
    dimensions = _dimensions(answer, wanted["dimension"]) if "dimension" in wanted else None
    if not strata.size:
        asked = wanted if rollup is None else {**wanted, "rollup": rollup}
        raise InputError(f"No stratum has {asked!r} together.")
    kept = answer.take(strata, dimensions)
    return kept if "segment" not in wanted else _narrowed(kept, wanted["segment"])


_OF_ROWS = ("dimension", "segment")


def _narrowed(answer: Answer, wanted: object) -> Answer:
    """Look at the total and some segments, in whatever dimension they are."""
    seen: BoolArray = np.asarray(answer.seen.any(axis=1))
    there = [name for name, one in zip(answer.labels, seen, strict=True) if one]
    labels = label_set(wanted)
    for name in sorted(labels - set(there)):
        raise InputError(f"There is no segment {name!r} here. {did_you_mean(name, there)}")
    chosen = seen & np.isin(np.array(answer.labels, dtype=object), list(labels))
    chosen[0] = True
    return replace(answer, chosen=chosen)


def _check_values(wanted: Mapping[str, object]) -> None:
    """Stop at a missing value: no stratum has one, and a roll-up is asked for by its name."""
    for name, value in wanted.items():
        if "" in label_set(value):
            raise InputError(
                f"{name}={value!r} asks where() for a missing value, and no stratum lacks one. "
                "What rollup= added up, an empty cell in the table, is where(rollup=True)."
            )


def _only_rolled_up(answer: Answer, rollup: object) -> bool:
    """Check ``rollup=``; what is not there cannot be chosen."""
    check_one_of("rollup", rollup, (True, False))
    if rollup and not answer.segments.strata.rolled_up.any():
        raise InputError("Nothing is rolled up here: say assess(…, rollup=True) first.")
    return bool(rollup)


def _dimensions(answer: Answer, wanted: object) -> list[str]:
    """Name the wanted dimensions, in whatever order; stop at one that is not there."""
    names = [d.name for d in answer.dimensions]
    labels = label_set(wanted)
    for name in labels - set(names):
        raise InputError(f"There is no dimension {name!r}. {did_you_mean(name, names[1:])}")
    return sorted(labels)
