"""What is asked of candidates for a goal: a side, a percentile, an improvement, a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from targeted_universalism.answer.goals import LAST_YEAR
from targeted_universalism.ask.series import laid_along
from targeted_universalism.errors import (
    InputError,
    check_above_0,
    check_one_of,
    check_whole,
    did_you_mean,
    shown,
)
from targeted_universalism.labels import label
from targeted_universalism.measures.goal import DIRECTIONS
from targeted_universalism.segments.segments import Segments


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked for, checked: `signs` holds +1 or −1 for each indicator."""

    signs: tuple[int, ...]
    percentile: float
    improvement: float
    deadline: int | None

    @classmethod
    def checked(
        cls,
        segments: Segments,
        direction: object,
        percentile: object,
        improvement: object,
        deadline: object,
    ) -> Asked:
        """Stop at what is out of its range."""
        hint = "90 is what a tenth of all places reach"
        share = check_above_0("improvement", improvement, "0.10 is 10 %")
        place = check_above_0("percentile", percentile, hint)
        if share > 1:
            raise InputError(f"improvement={shown(improvement)} is a share: 0.10 is 10 %.")
        if not 1 <= place < 100:  # 0.9 is meant as 90
            raise InputError(f"percentile={shown(percentile)} must lie from 1 to 99.9: {hint}.")
        return cls(_signs(segments, direction), place, share, _year(deadline))


def _year(deadline: object) -> int | None:
    """Read the year of a deadline, as a goal does."""
    if deadline is None:
        return None
    year = check_whole("deadline", deadline, 1, "a year, such as 2030")
    if year > LAST_YEAR:
        raise InputError(f"deadline={shown(year)} must be a year, such as 2030.")
    return year


def check_deadline(segments: Segments, time: str | None, deadline: int | None) -> None:
    """Stop at a deadline that is not after the data."""
    if time is None or deadline is None:
        return
    times, _ = laid_along(segments.strata, time)
    if times.deadline(float(deadline)) <= times.at[-1]:
        raise InputError(
            f"deadline={deadline} is in the past: the data end with {times.labels[-1]}."
        )


def _signs(segments: Segments, direction: object) -> tuple[int, ...]:
    """Read which side is wanted, for each indicator."""
    names = segments.strata.indicators
    if not isinstance(direction, Mapping):
        check_one_of("direction", direction, DIRECTIONS)
        return (DIRECTIONS[str(direction)],) * len(names)
    said = {label(key): value for key, value in direction.items()}
    if names == ("",):
        raise InputError(
            f"direction={shown(dict(direction))} is by indicator, and the data name none: say "
            "direction='at least' or 'at most'."
        )
    for name in said.keys() - set(names):
        raise InputError(f"direction= names no indicator {name!r}. {did_you_mean(name, names)}")
    for name in names:
        if name not in said:
            raise InputError(
                f"direction= does not say which side is wanted of {name!r}: 'at least' or "
                "'at most'."
            )
        check_one_of(f"direction[{name!r}]", said[name], DIRECTIONS)
    return tuple(DIRECTIONS[said[name]] for name in names)
