"""What was assessed, as of the latest time of every place."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import IntArray
from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.series import series_of


def at_latest(answer: Answer, time: object) -> Answer:
    """Keep the latest time of every place, whichever that is, as pages do.

    Parameters
    ----------
    answer : Answer
        What was assessed.
    time : str
        The `by` column of time.

    Returns
    -------
    Answer
        One stratum for each place and indicator.

    Raises
    ------
    InputError
        If there is no such column, or what it holds is no time.
    """
    return answer.take(latest_strata(answer, time))


def latest_strata(answer: Answer, time: object) -> IntArray:
    """Say which strata are the latest of their place, in their order; as :func:`at_latest`.

    Returns
    -------
    (series,) array of int64
        A place whose last time lies before that of others, or before a break, has its own.
    """
    series = series_of(answer, time)
    return np.unique(series.stratum(series.last))
