"""The unit in which rates of a kind are written: percent, or per so many."""

from __future__ import annotations


def in_percent(kind: str, per: float) -> bool:
    """Tell whether rates of a kind are written in percent, and their distances in points."""
    return kind == "proportion" and per in (1.0, 100.0)


def per_words(per: float) -> str:
    """Write a unit: " per 1,000"; nothing for 1."""
    return "" if per == 1 else f" per {per:,.0f}"
