"""What is the same in every row is said once below the table; numbers keep their signs."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import assessed, estimates, fewer, spaced, unpainted
from targeted_universalism.show.footnotes import said_once
from targeted_universalism.show.letters import unbroken

notes = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3).map(tuple)


@fewer(60)
@given(
    st.lists(st.tuples(st.sampled_from(["race", "sex"]), st.lists(notes, max_size=4)), max_size=3)
)
def test_every_note_is_said_once_of_every_row(
    groups: list[tuple[str, list[tuple[str, ...]]]],
) -> None:
    """What stands in a row and below the table is together what was to be said of it."""
    left, below = said_once(groups)
    told = [re.fullmatch(r"Every (row|group by (\w+)) – (.*)\.", line) for line in below]
    everywhere = {n for m in told if m and m[1] == "row" for n in m[3].split("; ")}
    counted = sum(len(rows) for _, rows in groups)
    for i, (name, rows) in enumerate(groups):
        alike = [n for n in rows[0] if all(n in row for row in rows)] if len(rows) > 1 else []
        for row, words in zip(rows, left[i], strict=True):
            here = [n for n in words.split("; ") if n]
            assert set(here) | set(alike) | everywhere == set(row) | everywhere
            assert not set(here) & (set(alike) | everywhere)
        if set(alike) - everywhere:
            assert any(
                m and m[2] == name and set(m[3].split("; ")) == set(alike) - everywhere
                for m in told
            )
    if counted > 1:
        every = [set(row) for _, rows in groups for row in rows]
        assert everywhere == set.intersection(*every)


def test_overlapping_groups_say_once_that_they_have_no_share(tmp_path: Path) -> None:
    rows = pd.DataFrame({"x": [1, 0] * 60, "A": [1] * 90 + [0] * 30, "B": [0] * 20 + [1] * 100})
    s = tu.from_records(rows, outcome="x", segments=tu.overlapping(["A", "B"], name="race"))
    a = tu.assess(s, tu.Goal.at_least(0.6))
    said = "Every group by race – no share: segments overlap."
    with unpainted():
        paths = {suffix: a.report(tmp_path / f"a.{suffix}") for suffix in ("html", "md", "docx")}
    for suffix in ("html", "md"):
        text = spaced(paths[suffix].read_text(encoding="utf-8"))
        assert text.count("no share: segments overlap") == text.count(said) == 1
        assert "Share of effort" not in text  # a column that says nothing
        assert text.index(said) > text.index("short by the count")
    document = Document(str(paths["docx"]))
    assert [p.text for p in document.paragraphs].count(said) == 1
    assert not any(
        "share" in cell.text for t in document.tables for row in t.rows for cell in row.cells
    )


def test_rates_without_people_have_no_empty_columns(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"race": ["All", "A", "B"], "rate": [80.0, 90.0, 70.5], "se": [1.0, 2.0, 3.5]}
    )
    a = assessed(rows, tu.Goal.at_most(75, per=100_000), estimates, kind="standardized", se="se",
                 estimate="rate", per=100_000, total="All")  # fmt: skip
    with unpainted():
        text = a.report(tmp_path / "a.md").read_text(encoding="utf-8")
    assert "| Group | Rate | Gap to the goal | Status |" in text
    assert "**Rate and gap to the goal**" in text
    assert text.count("Every row – people not available from a standardized rate.") == 1
    assert "(people not available" not in text


# --- numbers and their signs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("at least 90 % of them", "at least 90_% of them"),
        ("3.9 points to go", "3.9_points to go"),
        ("at most 3 per 1,000 children", "at most 3_per_1,000 children"),
        ("12.5 % †", "12.5_%_†"),
        ("n = 5, p < 0.01", "n_=_5, p_<_0.01"),
        ("~▲ short by the count", "~▲_short by the count"),
        ("of 100 intervals, 95 per cent", "of 100 intervals, 95 per cent"),
    ],
)
def test_no_line_breaks_between_a_number_and_its_sign(text: str, kept: str) -> None:
    assert unbroken(text) == kept.replace("_", "\u00a0")
    assert spaced(unbroken(text)) == text


@pytest.mark.parametrize("suffix", ["html", "md", "docx"])
def test_nothing_that_is_written_parts_a_number_from_its_sign(suffix: str, tmp_path: Path) -> None:
    rows = {"race": ["A", "B", "Under 5 % of it"], "x": [30, 45, 2], "n": [900, 500, 61]}
    a = assessed(rows, tu.Goal.at_most(20, per=1000), kind="rate")
    with unpainted():
        path = a.report(tmp_path / f"a.{suffix}", title="Entries: at most 20 per 1,000")
    if suffix == "docx":
        document = Document(str(path))
        cells = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
        text = "\n".join([p.text for p in document.paragraphs] + cells)
    else:
        text = html.unescape(path.read_text(encoding="utf-8"))
    assert not re.search(r"\d (%|per \d|points)", text)
    assert len(re.findall("\u00a0per\u00a01,000", text)) > 10
    assert "Under 5\u00a0% of it" in text
