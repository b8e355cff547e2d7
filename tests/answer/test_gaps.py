"""Where a segment stands when the goal is an end of the scale: no interval can pass it."""

from __future__ import annotations

import pytest

import targeted_universalism as tu
from make import assessed


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_nobody_has_the_event_and_the_goal_is_zero(kind: str) -> None:
    """0 of 50 meet it, though the interval reaches above; 1 of 50 does not, though it reaches 0."""
    table = assessed([("A", 0, 50), ("B", 1, 50)], tu.Goal.at_most(0), kind=kind).table
    assert table["status"].tolist() == ["short", "met", "short"]
    assert table["needed"].tolist() == [1, 0, 1]


def test_everybody_has_the_event_and_the_goal_is_one() -> None:
    table = assessed([("A", 50, 50), ("B", 40, 60)], tu.Goal.at_least(1)).table
    assert table["status"].tolist() == ["short", "met", "short"]
    assert table["needed"].tolist() == [20, 0, 20]


def test_one_is_no_end_of_a_rate() -> None:
    """Byar's interval of 50 events in 50 holds 1: events may repeat."""
    table = assessed([("A", 50, 50), ("B", 40, 60)], tu.Goal.at_least(1, per=1), kind="rate").table
    assert table["status"].tolist() == ["uncertain", "uncertain", "short"]
