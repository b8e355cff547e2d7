"""An assessment for other programs: plain lists, numbers, text and None."""

from __future__ import annotations

from typing import Any

import pandas as pd

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.goals import goals_table
from targeted_universalism.segments.choices import plain


def to_dict(answer: Answer) -> dict[str, Any]:
    """Give table, goals and choices as plain lists, numbers, text and None: strict JSON.

    Returns
    -------
    dict
        ``table`` and ``goals``: one dict a row, by column, None where missing; ``choices``: a dict.
        Dates are text.

    Examples
    --------
    >>> import json
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> found = tu.assess(s, tu.Goal.at_least(0.5)).to_dict()
    >>> found["table"][1]["segment"], found["table"][1]["needed"], found["goals"][0]["target"]
    ('A', 5, 0.5)
    >>> json.loads(json.dumps(found, allow_nan=False)) == found
    True

    """
    goals = goals_table(answer.goals, answer.segments.strata.indicators)
    return {
        "table": _records(answer.table()),
        "goals": _records(goals),
        "choices": _listed(plain(answer.choices())),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give each row as a dict; None where a value is missing."""
    gone = frame.isna().to_numpy().T
    columns = {
        str(name): [None if lost else plain(value) for value, lost in
                    zip(frame[name].tolist(), gone[i], strict=True)]
        for i, name in enumerate(frame.columns)
    }  # fmt: skip
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _listed(value: Any) -> Any:
    """Turn tuples into lists, as JSON reads them back, and keys into text."""
    if isinstance(value, dict):
        return {str(key): _listed(each) for key, each in value.items()}
    return [_listed(each) for each in value] if isinstance(value, tuple) else value
