"""What a finding is: how bad, where it was seen, in how many rows, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from targeted_universalism.measures.entry import Entry
from targeted_universalism.read.quality.sheet import Sheet

SEVERITIES = ("error", "warning", "note")


class Seen(NamedTuple):
    """One thing that was seen: where, in how many rows, in words.

    `advice` and `severity` stand for those of the finding, where they are given.
    """

    where: str
    rows: int | None
    words: str
    advice: str = ""
    severity: str = ""


Judge: TypeAlias = Callable[[Sheet], Iterator[Seen]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Finding(Entry):
    """One kind of fault, with how bad it is, and what to do about it."""

    severity: str
    advice: str
