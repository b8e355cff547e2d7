"""Choices in plain words: every one is a sentence, in the page, the documents and the workbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

import targeted_universalism as tu
from make import page_of, unpainted
from targeted_universalism.show.choices import CHOICES, choice_sentences
from targeted_universalism.show.content import Items
from targeted_universalism.show.notes import notes

COUNTS = pd.DataFrame(
    {"county": ["Inyo"] * 4 + ["Mono"] * 4, "race": ["Black", "black", "White", "All"] * 2,
     "x": ["<11", 25, 30, 60, 20, 15, 30, 65], "n": [100, 205, 200, 505, 100, 200, 215, 515]}
)  # fmt: skip
RECORDS = pd.DataFrame(
    {"id": range(8), "race": list("AABB") * 2, "y": [0, 1, 1, 0, 1, 0, 1, None], "w": [1.5, 2] * 4}
)
RATES = pd.DataFrame({"race": ["A", "B"], "rate": [30.0, 40.0], "people": [500, 600], "m": [1, 2]})


def of_counts(**more: Any) -> tu.Assessment:
    s = tu.from_counts(
        COUNTS, numerator="x", denominator="n", segments="race", by="county", total="All",
        suppressed={"x": {"<11": (1, 10)}}, rounded={"n": 5}, years=3, labels={"White": "Anglo"},
        definition=tu.Definition(numerator="absent", denominator="enrolled"),
    )  # fmt: skip
    return tu.assess(s, tu.Goal.at_most(0.1, people="pupils"), **more)


def of_records(**more: Any) -> tu.Assessment:
    s = tu.from_records(RECORDS, outcome="y", segments="race", weight="w", unit="id", **more)
    return tu.assess(s, tu.Goal.at_most(0.1), confidence=None, reliability=None)


def of_rates(**more: Any) -> tu.Assessment:
    s = tu.from_estimates(
        RATES, estimate="rate", segments="race", kind="proportion", per=100, population="people",
        moe="m",
    )  # fmt: skip
    return tu.assess(s, tu.Goal.at_most(10, per=100), **more)


MADE = {
    "counts": of_counts, "public": lambda: of_counts(rollup=True).suppress(sums_over="county"),
    "records": of_records, "rates": of_rates, "shown": lambda: of_rates().where(segment="B"),
    "events": lambda: of_records(kind="rate"),
}  # fmt: skip


def said(a: tu.Assessment) -> dict[str, str]:
    return {one.name: one.words for one in choice_sentences(a._answer)}


def test_every_choice_that_is_made_has_words_and_every_word_is_for_a_choice() -> None:
    made = [make() for make in MADE.values()]
    assert {name for a in made for name in a.choices} == {*CHOICES}
    for a in made:
        assert [one.name for one in choice_sentences(a._answer)] == list(a.choices)


@pytest.mark.parametrize("name", MADE)
def test_words_are_sentences_and_no_values(name: str) -> None:
    for words in said(MADE[name]()).values():
        assert re.fullmatch(r"[A-Z“'0-9].*\.", words), words
        assert not re.search(r"None|True|False|[{}\[\]]|nan|_|\binf\b|\.\.", words), words


EXPECTED = {
    "kind": "Each rate is a share: of the people counted, those with the event.",
    "exclusive": "By race, everybody is in one group.",
    "total": "The total is the row “All”; where there is none, the groups of race added up.",
    "suppressed": "In the data, “<11” in the column 'x' stands for a hidden count from 1 to 10.",
    "dropped": "No row was left out.",
    "rounded": "Counts were rounded before they were published, 'n' to multiples of 5: what "
    "follows is a range.",
    "years": "Years that each row holds together: 3.",
    "labels": "Labels got new names: “White” is “Anglo”.",
    "confidence": "Of 100 intervals like these, about 95 hold the true rate.",
    "rollup": "Beside each stratum stand all together, added up over county.",
    "suppression": "Counts of pupils below 11 are hidden by the rule “count”, and whatever gives "
    "them away; rows without events, or with nothing but events, are shown. Every hidden count "
    "keeps at least 5 values that it could have. Sums over county are taken as published too.",
    "findings": "In race, 'Black', 'black' differ in case, blanks or punctuation alone, and are "
    "counted apart.",
}  # fmt: skip


def test_words_say_what_was_chosen() -> None:
    words = said(MADE["public"]())
    assert {name: words[name] for name in EXPECTED} == EXPECTED
    records = said(of_records())
    assert records["dropped"] == "1 row that says no outcome, or weighs nothing, was left out."
    assert records["denominators"] == "The people behind each rate are the sum of w."
    assert records["confidence"] == "No intervals were asked for."
    rates = said(of_rates())
    assert rates["events"] == "Events were not counted here: the rates are those of the source."
    assert (
        rates["precision"] == "Intervals follow from the margins of error at level 0.9 in the data."
    )
    assert "No total in the data says whether they are everybody" in rates["total"]
    assert (
        said(MADE["shown"]())["shown"] == "Groups that were asked for: B. The others stay in "
        "the total."
    )


def test_page_document_markdown_and_workbook_say_the_same(tmp_path: Path) -> None:
    a = MADE["public"]()
    words = said(a)
    page = page_of(a, tmp_path)
    with unpainted():
        text = a.report(tmp_path / "a.md").read_text(encoding="utf-8")
    [*rows] = load_workbook(a.to_excel(tmp_path / "a.xlsx"))["choices"].iter_rows(values_only=True)
    assert rows[0] == ("choice", "about", "in words")
    assert {name: sentence for name, _, sentence in rows[1:]} == words
    for name in ("years", "confidence", "suppression"):
        assert words[name] in page
        assert words[name] in text
    # What was seen stands under a heading of its own, once.
    assert page.count("What was seen in the data") == text.count("What was seen in the data") >= 1
    assert text.count("differ in case, blanks or punctuation alone") == 1


def test_the_sentences_of_an_assessment_end_with_what_was_seen() -> None:
    a = of_counts()
    assert a.describe().split("\n")[-1] == f"Seen in the data: {EXPECTED['findings']}"
    assert "Seen in the data" not in a.describe(short=True)
    assert "Seen in the data" not in of_rates().describe()


@pytest.mark.parametrize(
    ("made", "options", "words"),
    [
        ("counts", {}, "Intervals: Wilson (1927) for proportions, on the side of 0 or 100 %"),
        ("counts", {"interval": "wilson"}, "Intervals: Wilson (1927) for proportions."),
        ("counts", {"interval": "exact"}, "Intervals: Clopper and Pearson (1934) for proportions."),
        ("rates", {}, "Intervals: published estimates on the logit scale"),
        ("counts", {"confidence": None}, None),
    ],
)
def test_the_sources_are_those_of_the_intervals_that_are_shown(
    made: str, options: dict[str, Any], words: str | None
) -> None:
    a = of_counts(**options) if made == "counts" else of_rates(**options)
    *_, sources = notes(a._answer, [])
    (items,) = sources.blocks
    assert isinstance(items, Items)
    listed = [one for one in items.items if one.startswith("Interv")]
    assert [one[: len(words or "")] for one in listed] == ([words] if words else [])
    assert made == "rates" or "Garwood" not in "".join(listed)
