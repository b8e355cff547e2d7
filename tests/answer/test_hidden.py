"""Hidden cells in words: ranges stay ranges, rules are named, and nothing is given away."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import page_of, some_of
from targeted_universalism.privacy.rules import RULES as PRESETS
from targeted_universalism.show.hidden import hidden_words

GOAL = tu.Goal.at_least(0.9)
ROWS = pd.DataFrame(
    {
        "group": ["All", "Asian", "Black", "Latino"],
        "graduated": ["170", "<11", "40", "120"],
        "students": [224, 14, 60, 150],
    }
)


def received(
    data: pd.DataFrame = ROWS, goal: tu.Goal = GOAL, /, tokens: Any = None, **options: Any
) -> tu.Assessment:
    made = tu.from_counts(
        data, numerator="graduated", denominator="students", segments="group", total="All",
        suppressed=tokens or {"<11": (1, 10)}, **options,
    )  # fmt: skip
    return tu.assess(made, goal)


def paragraphs(a: tu.Assessment) -> str:
    return " ".join(hidden_words(a._answer))


# --- ranges --------------------------------------------------------------------------------------


def test_a_hidden_need_is_between_two_numbers_wherever_it_is_read(tmp_path: Path) -> None:
    """1 to 10 of 14 against 90 %, which is 12.6: between 3 and 12 people."""
    a = received()
    assert "Asian: suppressed; its need is between 3 and 12 people." in a.describe()
    line = next(row for row in repr(a).splitlines() if "Asian" in row)
    assert line.split() == ["Asian", "between", "3", "and", "12", "■", "suppressed"]
    page = page_of(a, tmp_path)
    assert '<td class="number">between 3 and 12</td>' in page
    # The gap runs from 12.6 − 10 to 12.6 − 1 of 14.
    assert "between 18.6 and 82.9 points to go</small>" in page


def test_a_range_that_holds_the_goal_says_both_sides(tmp_path: Path) -> None:
    a = received(tokens={"<11": (1, 14)})
    page = page_of(a, tmp_path)
    assert "between 10.0 points past and 82.9 points to go</small>" in page
    assert "between 0 and 12 people" in a.describe()


def test_one_need_for_every_hidden_count_is_said_to_be_so() -> None:
    rows = ROWS.assign(graduated=["170", "<11", "40", "120"], students=[1000, 100, 60, 150])
    a = received(rows, tu.Goal.at_most(0.5))
    assert "Asian: suppressed; its need is 0 people whatever the hidden count." in a.describe()


def test_a_rate_speaks_of_events() -> None:
    a = received(ROWS, tu.Goal.at_most(10, per=1000), kind="rate")
    assert "Asian: suppressed; its need is between 1 and 10 events." in a.describe()
    assert "The visible groups hold 210 of a population of 224." in a.describe()


@given(
    low=st.integers(0, 10), span=st.integers(0, 10), people=st.integers(20, 60),
    target=st.integers(1, 99), most=st.booleans(),
)  # fmt: skip
def test_the_range_is_that_of_every_count_put_in(
    low: int, span: int, people: int, target: int, most: bool
) -> None:
    """Brute force: each allowed count typed in gives a need, and the range is theirs."""
    goal = (tu.Goal.at_most if most else tu.Goal.at_least)(target, per=100)
    rows = ROWS.assign(students=[500, people, 60, 150])
    a = received(rows, goal, tokens={"<11": (low, low + span)})
    asian = a.table.iloc[1]
    sign = -1 if most else 1
    needs = [
        max(0, -((-sign * (target * people - 100 * x)) // 100)) for x in range(low, low + span + 1)
    ]
    assert (asian["needed_low"], asian["needed_high"]) == (min(needs), max(needs))
    assert pd.isna(asian["needed"])
    assert np.isnan(asian["rate"])
    said = f"between {min(needs)} and {max(needs)} people"
    assert (said in a.describe()) == (min(needs) < max(needs))


# --- totals and what is visible ------------------------------------------------------------------


def test_a_given_total_is_kept_and_the_visible_groups_are_set_against_it() -> None:
    a = received()
    total = a.table.iloc[0]
    assert (total["events"], total["population"], total["needed"]) == (170, 224, 32)
    assert "The visible groups hold 210 of 224 people." in a.describe()


def test_nothing_is_said_of_visible_groups_where_all_are_or_the_total_is_not() -> None:
    whole = ROWS.assign(graduated=["170", "10", "40", "120"])
    assert "visible" not in received(whole).describe()
    unknown = ROWS.astype({"students": object})
    unknown.loc[[0, 1], "students"] = "*"
    assert "visible" not in received(unknown, tokens={"<11": (1, 10), "*": None}).describe()
    assert "visible" not in received(exclusive=False).describe()


def test_visible_people_are_counted_without_the_hidden() -> None:
    public = received().suppress()
    visible = public.table["population"].iloc[1:].sum()
    assert 0 < visible < 224
    assert f"hold {visible:.0f} of 224 people" in public.describe()


# --- which rule ----------------------------------------------------------------------------------


def test_a_page_without_hidden_cells_has_no_such_section(tmp_path: Path) -> None:
    made = tu.from_counts(
        ROWS.assign(graduated=[170, 10, 40, 120]), numerator="graduated",
        denominator="students", segments="group", total="All",
    )  # fmt: skip
    a = tu.assess(made, GOAL)
    assert paragraphs(a) == ""
    assert "What is hidden" not in page_of(a, tmp_path)
    page = page_of(received(), tmp_path)
    section = page.partition(">What is hidden</h2>")[2].partition("</section>")[0]
    for paragraph in hidden_words(received()._answer):
        assert html.escape(paragraph, quote=False) in section


def test_marks_of_the_data_are_named_with_what_they_stand_for() -> None:
    said = paragraphs(received())
    assert "Rows that are hidden: 1 of 4." in said
    assert "“<11” for 1 to 10" in said
    assert "no count is put in their place" in said
    by_column = received(tokens={"graduated": {"<11": (1, 10), "S": None, "M": (5, np.inf)}})
    said = paragraphs(by_column)
    assert "“<11” in graduated for 1 to 10; “S” in graduated for any number" in said


RULES = [(rule, 11, "1 to 10 people, events, or people without the event") for rule in PRESETS] + [
    ("nsize", 30, "1 to 29 people, or 1 to 10 events or people without the event"),
    ("count", 2, "1 people, events, or people without the event"),
    ("cms", 21, "1 to 20 people, events"),
]


@pytest.mark.parametrize(("rule", "minimum", "counts"), RULES)
def test_the_rule_is_named_with_its_source(rule: str, minimum: int, counts: str) -> None:
    said = paragraphs(received().suppress(minimum, rule=rule))
    assert f"rule “{rule}”: {PRESETS[rule].says}" in said
    assert PRESETS[rule].source in said
    assert counts in said
    assert "or with nothing but events, are shown" in said
    assert "such rows stay hidden" in said


def test_a_policy_on_zeros_and_a_score_are_named() -> None:
    said = paragraphs(received().suppress(rule="calhhs", zeros="hide", score=14))
    assert "or with nothing but events, are hidden too" in said
    assert "Publication score: 14." in said


@pytest.mark.parametrize("rule", some_of(["count", "nsize"], "count"))
def test_a_page_is_the_same_for_every_count_that_a_rule_hides(tmp_path: Path, rule: str) -> None:
    pages, words = set(), set()
    for events, people in ((7, 53), (3, 90), (60, 62)):
        data = pd.DataFrame({"g": ["a", "b", "c"], "x": [50, events, 80], "n": [100, people, 120]})
        made = tu.from_counts(data, numerator="x", denominator="n", segments="g", exclusive=False)
        public = tu.assess(made, GOAL).suppress(rule=rule)
        assert public.table["status"].eq("suppressed").sum() == 1
        pages.add(public.report(tmp_path / "page.html").read_bytes())
        words.add((repr(public), public.describe(), public.reliability().to_csv()))
    assert len(pages) == len(words) == 1


def shifted(data: pd.DataFrame, hidden: list[int], rng: np.random.Generator) -> pd.DataFrame:
    """Move one event from one hidden group of a county to another: no sum changes."""
    changed = data.copy()
    if len(hidden) > 1:
        give, take = rng.choice(hidden, 2, replace=False)
        if changed.loc[give, "x"] > 1 and changed.loc[take, "x"] + 1 < changed.loc[take, "n"]:
            changed.loc[give, "x"] -= 1
            changed.loc[take, "x"] += 1
    return changed


@pytest.mark.parametrize("seed", some_of(range(1, 12), 1, 5, 9))
def test_what_is_written_is_a_function_of_what_is_public(tmp_path: Path, seed: int) -> None:
    """Two tables with one public face give the same bytes in every file and sentence."""
    rng = np.random.default_rng(seed)
    n = rng.integers(60, 400, 12)
    data = pd.DataFrame(
        {"county": np.repeat(["A", "B"], 6), "g": list("abcdef") * 2, "n": n,
         "x": rng.binomial(n, rng.choice([0.03, 0.3, 0.6], 12))}
    )  # fmt: skip

    def public(rows: pd.DataFrame) -> tu.Assessment:
        made = tu.from_counts(rows, numerator="x", denominator="n", segments="g", by="county")
        return tu.assess(made, GOAL).suppress(rule="calhhs")

    first = public(data)
    gone = first.table.query("dimension == 'g' and status == 'suppressed' and county == 'A'")
    hidden = [list("abcdef").index(segment) for segment in gone["segment"]]
    other = shifted(data, hidden, rng)
    assert not other.equals(data)
    second = public(other)
    if not second.table.equals(first.table):
        pytest.skip("the other counts have another public face")
    files = [a.to_excel(tmp_path / f"{i}.xlsx") for i, a in enumerate((first, second))]
    assert files[0].read_bytes() == files[1].read_bytes()
    for rule in ("nchs", "rse-30"):
        pd.testing.assert_frame_equal(first.reliability(rule), second.reliability(rule))
    assert (repr(first), first.describe()) == (repr(second), second.describe())
    assert paragraphs(first) == paragraphs(second)


# --- reliability in words ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "said", "source"),
    [
        ("nchs", "oo few events or people for a reliable rate (NCHS)", "2(175)"),
        ("rse-30", "a relative standard error too large", "older surveys"),
        ("calhhs-survey", "oo few sample cases for a reliable rate (CalHHS)", "Edition 2.0 (2025)"),
    ],
)
def test_words_name_the_rule_that_was_chosen(
    tmp_path: Path, rule: str, said: str, source: str
) -> None:
    data = pd.DataFrame({"g": ["a", "b"], "x": [50, 7], "n": [100, 25]})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g")
    a = tu.assess(made, GOAL, reliability=rule)
    assert said in a.describe()
    assert said in repr(a)
    page = page_of(a, tmp_path)
    assert source in page
    assert "† not reliable" in page


def test_no_mark_of_reliability_without_a_rule(tmp_path: Path) -> None:
    data = pd.DataFrame({"g": ["a", "b"], "x": [50, 7], "n": [100, 25]})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g")
    silent = tu.assess(made, GOAL, reliability=None)
    assert "†" not in page_of(silent, tmp_path)
