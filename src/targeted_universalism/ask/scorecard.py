"""Where everybody stands on every indicator: each against its own goal, nothing averaged."""

from __future__ import annotations

import pandas as pd

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.symbols import SYMBOLS, symbol_places
from targeted_universalism.answer.tables import Words
from targeted_universalism.segments.columns import SCORECARD


def scorecard(answer: Answer) -> pd.DataFrame:
    """Say where every segment stands on every indicator, in every place, against its own goal.

    Returns
    -------
    DataFrame
        Each row has the goal and the unit of its indicator; nothing is averaged over indicators,
        and nobody is ranked. ``symbol`` tells the standing without colour, and a screen reader
        says it: ✓ (check mark) met; ▲ (triangle) short, with way to go; ~▲ short by the point, and
        the interval includes the goal or there is none; ~✓ at or past the goal by the point, as
        unsure; – no data; ■ (square) suppressed. Whoever has a triangle, with a tilde or without,
        needs attention.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``status``: met, short, uncertain, no data, suppressed
        - ``symbol``: the status, and for uncertain whether there is way to go: ✓, ▲, ~✓, ~▲, –, ■
        - ``rate`` (``per``): the rate
        - ``goal`` (``per``): the goal
        - ``per``: the unit of rates, goals and gaps: 1, 100, 1,000 or 100,000
        - ``gap`` (``per``): the distance still to go: positive is short of the goal, negative is
          past it
        - ``reason``: why a value is missing or must be read with care; empty where there is nothing
          to say

    Notes
    -----
    powell, Menendian & Ake (2019): progress is followed for every group, on the one goal of each
    indicator. Gaps in different units have no mean.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({
    ...     "what": ["graduated", "graduated", "absent", "absent"], "race": ["A", "B"] * 2,
    ...     "x": [180, 850, 20, 160], "n": [200, 1000, 200, 1000],
    ... })
    >>> s = tu.from_counts(
    ...     rows, numerator="x", denominator="n", segments="race", indicator="what"
    ... )
    >>> goals = {"graduated": tu.Goal.at_least(0.9), "absent": tu.Goal.at_most(10, per=100)}
    >>> tu.assess(s, goals).scorecard()[["indicator", "segment", "symbol", "rate", "goal", "per"]]
       indicator segment symbol       rate  goal    per
    0  graduated     All      ▲   0.858333   0.9    1.0
    1  graduated       A     ~✓   0.900000   0.9    1.0
    2  graduated       B      ▲   0.850000   0.9    1.0
    3     absent     All      ▲  15.000000  10.0  100.0
    4     absent       A     ~✓  10.000000  10.0  100.0
    5     absent       B      ▲  16.000000  10.0  100.0

    """
    told = answer.columns()
    symbol = Words(SYMBOLS, symbol_places(answer.status, answer.values["gap"]))
    columns = {name: told[name] for name in SCORECARD.names if name in told}
    return answer.frame(SCORECARD, {**columns, "symbol": symbol})
