"""Where somebody stands, in one symbol that needs no colour."""

from __future__ import annotations

import numpy as np

from targeted_universalism._typing import ByteArray, FloatArray, IntArray
from targeted_universalism.measures.goal import Status

# One mapping for every table, page and picture: a triangle wherever there is way to go by the
# point, and a tilde before it where the interval leaves it open.
SYMBOLS = ("✓", "▲", "~✓", "~▲", "–", "■")
MEANINGS = ("met", "short", "met by the count", "short by the count", "no data", "suppressed")
BY_THE_COUNT = "by the count: the interval includes the goal, or there is none"
_UNSURE_THERE, _UNSURE_SHORT = 2, 3
_SURE = {Status.MET: 0, Status.SHORT: 1, Status.NO_DATA: 4, Status.SUPPRESSED: 5}


def symbol_places(status: ByteArray, gap: FloatArray) -> IntArray:
    """Give the place of each symbol in ``SYMBOLS``.

    Parameters
    ----------
    status : array of uint8
        Values of ``Status``.
    gap : array
        The distance still to go, of the same shape; it decides where the interval does not.

    Returns
    -------
    array of int64

    Examples
    --------
    >>> places = symbol_places(np.array([0, 1, 2, 2, 4]), np.array([-0.1, 0.2, 0, 0.1, np.nan]))
    >>> [SYMBOLS[place] for place in places]
    ['✓', '▲', '~✓', '~▲', '■']

    """
    lookup = np.full(len(Status), -1, dtype=np.int64)
    lookup[list(_SURE)] = list(_SURE.values())
    unsure = np.where(gap > 0, _UNSURE_SHORT, _UNSURE_THERE)
    return np.where(status == Status.UNCERTAIN, unsure, lookup[status])
