"""Values that people look at before they set a goal, each with where it comes from (TU13)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from targeted_universalism._typing import Number
from targeted_universalism.answer.tables import Words, tabled
from targeted_universalism.ask.candidates.asked import Asked, check_deadline
from targeted_universalism.ask.candidates.register import REGISTER, Candidate
from targeted_universalism.ask.candidates.today import Now
from targeted_universalism.errors import CallError, advised
from targeted_universalism.segments.columns import CANDIDATES
from targeted_universalism.segments.segments import Segments


@advised
def candidate_goals(
    segments: Segments,
    *,
    direction: str | Mapping[str, str],
    percentile: Number = 90,
    improvement: Number = 0.10,
    time: str | None = None,
    deadline: int | None = None,
) -> pd.DataFrame:
    """List values that people look at before they set a goal; none of them is one by itself.

    Which number everybody should reach is for those to say whom it concerns, with their reasons:
    type it into ``tu.Goal``. What one group has is shown as context and can be no universal goal.

    Parameters
    ----------
    segments : Segments
        What is known, public or not; all strata together are the overall rate, each is a place.
    direction : {"at least", "at most"} or mapping of indicator to one of them
        Which side is wanted: data do not say.
    percentile : number
        Of the places, from 1 to 99.9, from the side that is not wanted: at 90 a tenth of them
        are there or better.
    improvement : number
        How much better than today, as a share: 0.10 is 10 %, or 10 points.
    time : str, optional
        The `by` column of years, school years or dates: today is then its last time, and the
        overall rate of all times makes the trend.
    deadline : int, optional
        The year for which the trend is projected.

    Returns
    -------
    DataFrame
        The same candidates whatever the data; a value that cannot be had is missing, and
        ``provenance`` says why.

        Columns (units in brackets):

        - ``indicator``: what is measured; empty where nothing says
        - ``candidate``: where the value comes from
        - ``value`` (``per``): the value; missing where there is none
        - ``per``: the unit of the value
        - ``refers_to_group``: whether it is what one group has
        - ``admissible``: whether such a value may be a universal goal: none that refers to a group
          may
        - ``provenance``: the numbers that the value comes from, or why there is none, and whose
          method

    Raises
    ------
    InputError
        If the direction of an indicator is not said, or an option is out of its range.

    Notes
    -----
    powell, Menendian & Ake (2019): a universal goal is set without reference to a group. The
    methods are those by which Healthy People 2030 sets its targets, and the "better than the best"
    of Healthy People 2010. The projection is a straight line on the scale of the usual pace of each
    kind, through at least three times that share no year. The best segment has at least 30 people
    and is missing where any segment is hidden.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "group": ["Asian", "Black", "Latino", "White"],
    ...     "graduated": [1910, 462, 2520, 1800], "cohort": [2000, 600, 3000, 2000],
    ... })
    >>> s = tu.from_counts(
    ...     pupils, numerator="graduated", denominator="cohort", segments="group"
    ... )
    >>> found = tu.candidate_goals(s, direction="at least")
    >>> found[["candidate", "value", "admissible"]].round(3).head(2)
           candidate  value  admissible
    0   overall rate  0.881        True
    1   best segment  0.955       False

    """
    if not isinstance(segments, Segments):
        raise CallError(
            f"candidate_goals() takes Segments first, not {type(segments).__name__}: those of an "
            "assessment are a.segments."
        )
    asked = Asked.checked(segments, direction, percentile, improvement, deadline)
    own = segments.take(np.flatnonzero(~segments.strata.rolled_up))
    check_deadline(own, time, asked.deadline)
    rows = [
        (name, entry, *entry.judge(now))
        for i, name in enumerate(own.strata.indicators)
        for now in [Now(own, i, asked, time)]
        for entry in REGISTER.values()
    ]
    return _table(own, rows)


def _table(segments: Segments, rows: list[tuple[str, Candidate, float, str]]) -> pd.DataFrame:
    names, entries, values, sentences = (list(part) for part in zip(*rows, strict=True))
    of = [segments.strata.indicators.index(name) for name in names]
    position = np.array([list(REGISTER).index(entry.name) for entry in entries], dtype=np.int64)
    return tabled(
        CANDIDATES, {},
        {
            "indicator": names,
            "candidate": Words(tuple(REGISTER), position),
            "value": np.array(values, dtype=np.float64),
            "per": np.array([float(segments.unit_of(i)) for i in of]),
            "refers_to_group": np.array([entry.of_group for entry in entries]),
            "admissible": np.array([not entry.of_group for entry in entries]),
            "provenance": [f"{said} ({entry.source})" for said, entry in
                           zip(sentences, entries, strict=True)],
        },
    )  # fmt: skip
