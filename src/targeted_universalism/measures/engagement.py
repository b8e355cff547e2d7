"""The spectrum of community engagement to ownership: stances, and the split of resources of each.

Names and shares of resources are given after Rosa González (Facilitating Power, with Movement
Strategy Center, 2019), whose own table has not been held beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.measures.entry import Entry, by_name

PARTS = ("administration", "promotion", "consultation", "involvement", "partners")
SOURCE = (
    "after Rosa González, The Spectrum of Community Engagement to Ownership, Facilitating Power "
    "and Movement Strategy Center (2019)"
)
_TRACE = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Stance(Entry):
    """One stance of the spectrum: it says how resources are split.

    Its judge tells which parts of a split lie outside, as :func:`outside` does.

    Parameters
    ----------
    name, says, source, judge
        As in :class:`Entry`.
    number : int
        Its place on the spectrum, from 0.
    shares : mapping of str to (float, float)
        The least and the most of each part of ``PARTS`` that the spectrum speaks of.
    """

    number: int
    shares: Mapping[str, tuple[float, float]]


def outside(shares: FloatArray, stated: Mapping[str, tuple[float, float]]) -> BoolArray:
    """Tell which parts of splits lie outside what a stance states.

    Parameters
    ----------
    shares : (5, ...) array
        Shares of all resources, in the order of ``PARTS``; missing where they are not known.
    stated : mapping of str to (float, float)
        The least and the most of some parts.

    Returns
    -------
    (5, ...) array of bool
        False for parts of which nothing is stated, and where shares are missing.

    Examples
    --------
    >>> split = np.array([0.7, 0, 0, 0, 0.3])
    >>> outside(split, {"administration": (0.2, 0.5), "partners": (0.5, 0.7)})
    array([ True, False, False, False,  True])

    """
    found = np.zeros(shares.shape, dtype=np.bool_)
    for part, (least, most) in stated.items():
        share = shares[PARTS.index(part)]
        found[PARTS.index(part)] = (share < least - _TRACE) | (share > most + _TRACE)
    return found


def _stance(number: int, name: str, says: str, **shares: tuple[float, float]) -> Stance:
    judge = partial(outside, stated=shares)
    return Stance(name=name, says=says, source=SOURCE, judge=judge, number=number, shares=shares)


STANCES = by_name(
    _stance(0, "Marginalization", "all to the administration of the system",
            administration=(1.0, 1.0)),
    _stance(1, "Placation", "70–90 % to administration, 10–30 % to promotion",
            administration=(0.7, 0.9), promotion=(0.1, 0.3)),
    _stance(2, "Tokenization", "60–80 % to administration, 20–40 % to consultation",
            administration=(0.6, 0.8), consultation=(0.2, 0.4)),
    _stance(3, "Voice", "50–60 % to administration, 40–50 % to community involvement",
            administration=(0.5, 0.6), involvement=(0.4, 0.5)),
    _stance(4, "Delegated Power", "20–50 % to administration, 50–70 % to community partners",
            administration=(0.2, 0.5), partners=(0.5, 0.7)),
    _stance(5, "Community Ownership",
            "80–100 % to community partners and community-driven processes",
            partners=(0.8, 1.0)),
)  # fmt: skip
