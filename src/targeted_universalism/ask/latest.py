"""What was assessed, as of the latest time of every place."""

from __future__ import annotations

import numpy as np

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

    """
    series = series_of(answer, time)
    return answer.take(np.unique(series.stratum(series.last)))
