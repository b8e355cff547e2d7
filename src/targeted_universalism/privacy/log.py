"""What was hidden, and why: for the analyst who holds the confidential assessment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.questions import Assessed, public_answers
from targeted_universalism.answer.tables import Words
from targeted_universalism.errors import CallError, InputError, shown
from targeted_universalism.privacy.counts import PEOPLE, QUANTITIES, counted
from targeted_universalism.privacy.primary import primary, released
from targeted_universalism.privacy.releases import together
from targeted_universalism.privacy.rules import rule_of
from targeted_universalism.privacy.suppress import on_record
from targeted_universalism.segments.cells import State
from targeted_universalism.segments.columns import LOG

COMPLEMENT, INPUT, NEARLY = "complement", "hidden in the input", "small: those outside it"


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
        - ``why``: small, and which counts are; hidden in the input; or complement: hidden so that
          another cannot be worked out, or because an earlier table hides it

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
    codes, words = _why(answer, other, hidden)
    stratum, row = np.nonzero((hidden & answer.seen).T)
    stats = answer.values
    return answer.keyed(
        LOG,
        stratum,
        row,
        {
            "population": stats["population"][row, stratum],
            "events": stats["events"][row, stratum],
            "why": Words(words, codes[row, stratum]),
        },
    )


def _check(answer: Answer, other: Answer) -> None:
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


def _why(answer: Answer, other: Answer, hidden: BoolArray) -> tuple[IntArray, list[str]]:
    """Say why each cell is hidden, (rows, strata): positions in a list of words, and the list."""
    record, segments = on_record(other.segments), answer.segments
    least = rule_of(record["rule"], record["minimum"]).judge(record["minimum"])
    counts = counted(segments)
    few = [
        (counts.value(q) < (least.people if q == PEOPLE else least.events))
        & (counts.value(q) > (-1 if q != PEOPLE and record["zeros"] == "hide" else 0))
        for q in range(len(QUANTITIES))
    ]
    sample = (counts.sample > 0) & (counts.sample < least.people)
    names = [*QUANTITIES, "people asked"]
    flags = np.stack([*few, sample])
    kinds, codes = np.unique(
        (flags.T * (1 << np.arange(len(names)))).sum(axis=-1).T, return_inverse=True
    )
    words = [
        "small: " + ", ".join(name for i, name in enumerate(names) if kind >> i & 1)
        if kind else COMPLEMENT
        for kind in kinds.tolist()
    ]  # fmt: skip
    words += [NEARLY, INPUT]
    codes = codes.reshape(hidden.shape)
    whole = together([segments])
    first = primary(
        whole, segments, released(segments, record["rule"], None), least, record["zeros"]
    )
    near = first[whole.cells[0]] & ~flags.any(axis=0)
    codes = np.where(near, len(words) - 2, codes)
    codes = np.where(segments.cells.state == State.SUPPRESSED, len(words) - 1, codes)
    return codes, words
