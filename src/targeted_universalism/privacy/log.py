"""What was hidden, and why: for the analyst who holds the confidential assessment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.questions import Assessed, public_answers
from targeted_universalism.answer.tables import Words
from targeted_universalism.errors import CallError, InputError, shown
from targeted_universalism.privacy.counts import PEOPLE, QUANTITIES, Counted, counted
from targeted_universalism.privacy.dominance import magnitudes
from targeted_universalism.privacy.primary import hidden_for_themselves, released_strata
from targeted_universalism.privacy.releases import together
from targeted_universalism.privacy.rules import Least, rule_of
from targeted_universalism.privacy.suppress import suppression_of
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import LOG

COMPLEMENT, INPUT = "complement", "hidden in the input"
NEARLY = "small: those outside it"
DOMINATED = "dominated: one person may make up most of the sum"


def suppression_log(answer: Answer, public: Assessed) -> pd.DataFrame:
    """List what a public assessment hides, and why; as confidential as the counts themselves.

    Nothing of it is in the public assessment: it is worked out from the confidential one.

    Parameters
    ----------
    public : Assessment
        What :meth:`suppress` made of this assessment.

    Returns
    -------
    DataFrame
        One row for each hidden cell, with what it hides.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``population`` (people): the denominator
        - ``events`` (events): the numerator
        - ``why``: small, and which counts are; dominated: one person may make up most of the sum
          behind a mean; hidden in the input; or complement: hidden so that another cannot be worked
          out, or because an earlier table hides it

    Raises
    ------
    InputError
        If this assessment is public itself, or the other was not made of it.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 4, 30], "n": [90, 50, 70]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> a = tu.assess(s, tu.Goal.at_least(0.5))
    >>> a.suppression_log(a.suppress())[["segment", "population", "events", "why"]]
      segment  population  events            why
    0       B        50.0     4.0  small: events
    1       C        70.0    30.0     complement

    """
    if not isinstance(public, Assessed):
        raise CallError(
            f"suppression_log() takes one public assessment, a.suppress(…), not {shown(public)}."
        )
    (other,) = public_answers("suppression_log()", public)
    _check(answer, other)
    hidden = other.cells.state == State.SUPPRESSED
    why = _why(answer, suppression_of(other.segments))
    stratum, row = np.nonzero((hidden & answer.seen).T)
    stats = answer.values
    return answer.keyed(
        LOG,
        stratum,
        row,
        {
            "population": stats["population"][row, stratum],
            "events": stats["events"][row, stratum],
            "why": why[row, stratum],
        },
    )


def _check(answer: Answer, other: Answer) -> None:
    """Stop where the two are not one assessment before and after it was made public."""
    if answer.public:
        raise InputError(
            "suppression_log() is asked of the confidential assessment, and this one is public: "
            "what it hid is gone."
        )
    same = answer.segments.index.labels == other.segments.index.labels
    same &= answer.segments.strata.texts() == other.segments.strata.texts()
    if not same:
        raise InputError(
            "suppression_log() takes what suppress() made of this assessment: the other has other "
            "segments or strata."
        )


def _why(answer: Answer, record: Mapping[str, Any]) -> Words:
    """Say why each cell is hidden if it is, (rows, strata), by what is on record of the hiding."""
    segments = answer.segments
    least = rule_of(record["rule"], record["minimum"]).judge(record["minimum"])
    small, words = _small(counted(segments), least, record["zeros"])
    merged = together([segments])
    spared = released_strata(segments, record["rule"], None)
    first = hidden_for_themselves(merged, segments, spared, least, record["zeros"])
    sums = magnitudes(segments, merged.cells[0], len(merged.number))
    dominated = np.zeros_like(first) if sums is None else sums.dominated()
    codes = small
    for word, here in (
        (NEARLY, first[merged.cells[0]] & (small == 0)),
        (DOMINATED, dominated[merged.cells[0]] & (small == 0)),
        (INPUT, segments.cells.state == State.SUPPRESSED),
    ):
        codes = np.where(here, len(words), codes)
        words.append(word)
    return Words(words, codes)


def _small(counts: Counted, least: Least, zeros: str) -> tuple[IntArray, list[str]]:
    """Name the counts of each cell that are small: positions in words, the first for none."""
    few = [
        (counts.value(q) < (least.people if q == PEOPLE else least.events))
        & (counts.value(q) > (-1 if q != PEOPLE and zeros == "hide" else 0))
        for q in range(len(QUANTITIES))
    ]
    few.append((counts.sample > 0) & (counts.sample < least.people))
    names = [*QUANTITIES, "people asked"]
    which = sum(here.astype(np.int64) << i for i, here in enumerate(few))
    kinds, codes = np.unique(np.append(0, which), return_inverse=True)  # none of them comes first
    words = [
        "small: " + ", ".join(name for i, name in enumerate(names) if kind >> i & 1)
        for kind in kinds[1:].tolist()
    ]
    return codes[1:].reshape(counts.shape), [COMPLEMENT, *words]
