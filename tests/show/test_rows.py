"""The row picture draws and says what it is given, and nothing overlaps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from targeted_universalism.show.pictures.canvas import GREY, Span
from targeted_universalism.show.pictures.marks import Bar, Look, Mark, Range, Stretch
from targeted_universalism.show.pictures.row_picture import draw_rows
from targeted_universalism.show.pictures.rows import Aside, Group, Row
from targeted_universalism.show.pictures.scales import VerticalLine, count_scale, difference_scale

LOOK = Look(marker="o", color="#2b74b4")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def row(name: str, value: float, low: float = math.nan, high: float = math.nan) -> Row:
    mark = Mark(span=Span(value=value, low=low, high=high), look=LOOK)
    return Row(name=name, sentence=f"{value:g}", drawn=(mark,), asides=(Aside(words=f"{value:g}"),))


def drawn(groups: list[Group], **options: Any) -> Axes:
    chosen = {
        "title": ["Title"], "opening": ["Opening"], "axis": "Points",
        "scale": difference_scale,
    }  # fmt: skip
    ax = draw_rows(groups, **(chosen | options))
    ax.figure.draw_without_rendering()
    return ax


def test_a_picture_says_its_opening_then_every_heading_and_row() -> None:
    groups = [
        Group(rows=(row("All", 1),)),
        Group(rows=(row("A", 2), row("B", 3)), heading="race", sentence="By race"),
    ]
    ax = drawn(groups, opening=["What it is", ""])
    assert vars(ax)["tu_alt"] == "What it is. All: 1. By race. A: 2. B: 3."


def test_rows_stand_downward_with_bold_headings_and_a_rule_between_groups() -> None:
    groups = [
        Group(rows=(row("All", 1),)),
        Group(rows=(row("A", 2),), heading="race", ruled=True),
    ]
    ax = drawn(groups)
    named = dict(zip([t.get_text() for t in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert named["All"] < named["race"] < named["A"]
    assert [t.get_text() for t in ax.get_yticklabels() if t.get_fontweight() == "bold"] == ["race"]
    rules = [
        float(line.get_ydata()[0])  # type: ignore[index]
        for line in ax.lines
        if line.get_color() == GREY
    ]
    assert len(rules) == 1
    assert named["All"] + 0.5 < rules[0] < named["race"] - 0.5


def test_what_lies_beyond_a_scale_ends_in_an_arrow_at_its_edge() -> None:
    def scale(ax: Axes, _rows: object) -> None:
        ax.set_xlim(0, 10)

    ax = drawn([Group(rows=(row("A", 4, -2, 7), row("B", 12), row("C", 5, 4, 6)))], scale=scale)
    arrows = {
        str(line.get_marker()): float(np.atleast_1d(line.get_xdata())[0])
        for line in ax.lines
        if line.get_marker() in ("<", ">")
    }
    assert arrows == {"<": 0, ">": 10}


def test_words_of_many_lines_make_room_for_themselves() -> None:
    words = "no ratio for a reason that takes some words to say, " * 4
    wordy = Row(name="A", sentence="", asides=(Aside(words=words),))
    ax = drawn([Group(rows=(wordy, wordy, wordy))])
    boxes = sorted(t.get_window_extent().extents[[1, 3]].tolist() for t in ax.texts)
    assert len(boxes) == 3
    assert all(lower[1] <= upper[0] for lower, upper in pairwise(boxes))


def test_asides_stand_under_each_other_in_frames_and_italics() -> None:
    asides = (Aside(words="suppressed: A", hidden=True), Aside(words="no data: B", no_data=True))
    ax = drawn([Group(rows=(Row(name="Inyo", sentence="", asides=asides),))])
    hidden, no_data = ax.texts
    assert hidden.get_window_extent().y0 > no_data.get_window_extent().y1
    assert hidden.get_bbox_patch() is not None
    assert no_data.get_fontstyle() == "italic"


def test_counts_begin_at_zero_and_hold_bars_ranges_and_the_words_after_them() -> None:
    people = Row(
        name="A", sentence="", drawn=(Bar(end=30), Range(low=10, high=50)),
        asides=(Aside(words="30"),), asides_at=50.0,
    )  # fmt: skip
    ax = drawn([Group(rows=(people,))], scale=count_scale)
    assert ax.get_xlim() == (0, 50)
    assert ax.texts[0].xy[0] == 50  # type: ignore[attr-defined]
    empty = Row(name="A", sentence="", asides=(Aside(words="no data"),), asides_at=0.0)
    assert list(drawn([Group(rows=(empty,))], scale=count_scale).get_xticks()) == []


def test_the_line_and_its_words_stay_clear_of_the_title() -> None:
    words = "Same as a group whose name takes more than one line of words over the axes, and more"
    line = VerticalLine(value=0.0, words=words)
    ax = drawn([Group(rows=(row("A", 1), row("B", -1)))], line=line)
    over = next(t for t in ax.texts if t.get_text().startswith("Same"))
    title = ax._left_title.get_window_extent()  # type: ignore[attr-defined]
    assert over.get_text().count("\n") == 1
    assert over.get_window_extent().y1 <= title.y0


def test_a_stretch_lies_behind_the_line_and_the_line_behind_marks() -> None:
    look = Mark(span=Span(value=2, low=1, high=3), look=LOOK)
    both = Row(name="A", sentence="", drawn=(Stretch(start=0, end=2, color="k", width=6), look))
    ax = drawn([Group(rows=(both,))], line=VerticalLine(value=0.0, words="Goal"))
    stretch = next(x for x in ax.lines if list(x.get_xdata()) == [0, 2]).get_zorder()
    line = next(x for x in ax.lines if list(x.get_xdata()) == [0.0, 0.0]).get_zorder()
    interval = next(x for x in ax.lines if list(x.get_xdata()) == [1, 3]).get_zorder()
    assert stretch < line < interval


def test_given_axes_are_used_and_no_other_figure_is_opened() -> None:
    figure, axes = plt.subplots(1, 2, layout="constrained")
    assert drawn([Group(rows=(row("A", 1),))], ax=axes[0], legend=[("A", LOOK)]) is axes[0]
    assert plt.get_fignums() == [figure.number]
