"""Where a trend leads, in words: when, how surely, how fast; years are whole, chances percent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from targeted_universalism.reasons import Reason, SetOfReasons, told

NEVER = Reason.NEVER.value
AT_GOAL = Reason.AT_GOAL.value
_FAR = 50.0  # years: what lies further ahead is no year that anybody should plan with
_HAIR = 1e-9
_WHY_NOT = (Reason.FEW_TIMES, Reason.NO_LATEST, Reason.PACE_BOUND)
_HARDLY_MOVES = 100  # times as fast: of a pace that is hardly one, how many times says nothing
_SLOWER = 1.005  # times as fast as so far: what reads as more than 1.0


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a line of ``a.progress`` says of the time ahead.

    Parameters
    ----------
    projected, low, high : float
        When the trend reaches the goal, on the line of time, and its interval.
    probability : float
        That it does by the deadline.
    acceleration : float
        How many times as fast as so far it would have to move.
    since : float
        The latest time.
    reasons : set of Reason
        The line's.
    shift : float
        0 where times are years, known by their number; 1 where they are dates, which lie within
        the year before.
    """

    projected: float
    low: float
    high: float
    probability: float
    acceleration: float
    since: float
    reasons: SetOfReasons = frozenset()
    shift: float = 0.0

    @classmethod
    def of_line(cls, line: Mapping[str, Any], since: float, shift: float) -> Outlook:
        """Read a line of the table."""
        return cls(
            projected=float(line["projected_time"]),
            low=float(line["projected_low"]),
            high=float(line["projected_high"]),
            probability=float(line["probability"]),
            acceleration=float(line["acceleration"]),
            reasons=told(str(line["reason"])),
            since=since,
            shift=shift,
        )

    @property
    def arrived(self) -> bool:
        """Whether the latest rate is at or past the goal."""
        return Reason.AT_GOAL in self.reasons

    @property
    def words(self) -> str:
        """Say when the goal is reached: "in 2031 (2028 at the earliest)", or why that is not said.

        Examples
        --------
        >>> ahead = {"probability": 0.1, "acceleration": 2.0, "since": 2022.0}
        >>> Outlook(projected=2030.4, low=2027.2, high=2041.5, **ahead).words
        'in 2031 (2028 to 2042)'
        >>> Outlook(projected=2030.4, low=2027.2, high=math.inf, **ahead).words
        'in 2031 (2028 at the earliest)'
        >>> Outlook(projected=math.inf, low=2040.0, high=math.inf, **ahead).words
        'never on the current trend'

        """
        if self.arrived:
            return AT_GOAL
        if math.isinf(self.projected):
            return NEVER
        if math.isnan(self.projected):
            return next((one.value for one in _WHY_NOT if one in self.reasons), "")
        if self._far(self.projected):
            return f"in more than {_FAR:.0f} years"
        return f"in {self._year(self.projected)}{self._between}"

    @property
    def sentence(self) -> str:
        """The same where nothing else says that it is about the goal: "at the goal in 2031"."""
        words = self.words
        return f"at the goal {words}" if words.startswith("in ") else words

    @property
    def chance(self) -> str:
        """How likely the goal is reached by the deadline, in percent without decimals.

        Examples
        --------
        >>> years = {"projected": 2030.4, "low": 2027.2, "high": math.inf, "acceleration": 2.0}
        >>> of = [Outlook(probability=p, since=2022.0, **years) for p in (0.004, 0.42)]
        >>> [one.chance for one in of]
        ['under 1 %', '42 %']

        """
        if math.isnan(self.probability):
            return ""
        if self.probability < 0.01:
            return "under 1 %"
        return "over 99 %" if self.probability > 0.99 else f"{100 * self.probability:.0f} %"

    @property
    def pace(self) -> str:
        """How fast it would have to move: "3.9 times as fast as so far".

        Examples
        --------
        >>> years = {"projected": 2090.0, "low": 2040.0, "high": math.inf, "probability": 0.0}
        >>> slow = [Outlook(acceleration=v, since=2022.0, **years) for v in (3.92, 23.1, 717.5)]
        >>> [one.pace for one in slow]  # doctest: +NORMALIZE_WHITESPACE
        ['3.9 times as fast as so far', '23 times as fast as so far',
         'more than 100 times as fast as so far']

        """
        if Reason.WRONG_WAY in self.reasons:
            return "moves away from the goal, or not at all"
        if math.isnan(self.acceleration):
            return ""
        if self.acceleration <= _SLOWER:
            return "as fast as so far is enough"
        return f"{_times(self.acceleration)} times as fast as so far"

    @property
    def _between(self) -> str:
        if math.isnan(self.low) or math.isnan(self.high):
            return ""
        low = self._year(self.low)
        if self._far(self.high):
            return f" ({low} at the earliest)"
        return f" ({low} to {self._year(self.high)})"

    def _far(self, time: float) -> bool:
        return time - self.since > _FAR

    def _year(self, time: float) -> int:
        """Give the first year whose rate is at the goal: not the latest, whose rate is not."""
        return math.ceil(max(time - _HAIR, self.since + _HAIR) - self.shift)


def _times(acceleration: float) -> str:
    """Say how many times as fast, as finely as such a number can be known."""
    if acceleration > _HARDLY_MOVES:
        return f"more than {_HARDLY_MOVES}"
    return f"{acceleration:.1f}" if acceleration < 9.95 else f"{acceleration:.0f}"
