"""Notes on the rows of a table: what all rows of a group have in common is said once, below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Notes: TypeAlias = Sequence[tuple[str, ...]]  # of each row


def said_once(groups: Sequence[tuple[str, Notes]]) -> tuple[list[list[str]], tuple[str, ...]]:
    """Take from rows the notes that all of them have, or all of their group.

    Parameters
    ----------
    groups : sequence of (str, sequence of tuple of str)
        The name of each group of rows, empty for the total, and the notes of its rows.

    Returns
    -------
    list of list of str
        What is left to say in each row, by group.
    tuple of str
        What stands below the table.

    Examples
    --------
    >>> rows = [("no share",), ("suppressed", "no share")]
    >>> said_once([("", [()]), ("race", rows)])
    ([[''], ['', 'suppressed']], ('Every group by race – no share.',))

    """
    everywhere = _shared([notes for _, rows in groups for notes in rows])
    below = [_sentence("Every row", everywhere)]
    left = []
    for name, rows in groups:
        shared = [note for note in _shared(rows) if note not in everywhere] if name else []
        below.append(_sentence(f"Every group by {name}", shared))
        gone = {*everywhere, *shared}
        left.append(["; ".join(note for note in notes if note not in gone) for notes in rows])
    return left, tuple(filter(None, below))


def _shared(rows: Notes) -> list[str]:
    """Give the notes that every one of several rows has, in their order."""
    if len(rows) < 2:
        return []
    return [note for note in rows[0] if all(note in notes for notes in rows)]


def _sentence(whose: str, notes: Sequence[str]) -> str:
    return f"{whose} – {'; '.join(notes)}." if notes else ""
