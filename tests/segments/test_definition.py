"""What is measured: a fingerprint for definitions that read alike, and no sum of what differs."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import HALF, counts, estimates, page_of, records

ROWS = [("A", 40, 90), ("B", 45, 60)]
ENROLLED = tu.Definition(
    numerator="absent on 10 % of days", denominator="enrolled 31 days", unit="student"
)
EVER = tu.Definition(numerator="absent on 10 % of days", denominator="ever enrolled")
TWO = pd.DataFrame({
    "what": ["absent", "absent", "out", "out"], "race": list("ABAB"), "x": [30, 40, 20, 50],
    "n": 90,
})  # fmt: skip
NAMES = ("numerator", "denominator", "exclusions", "period", "unit")
texts = st.text(max_size=12)
definitions = (
    st.fixed_dictionaries(dict.fromkeys(NAMES, texts))
    .filter(lambda parts: any(text.split() for text in parts.values()))
    .map(lambda parts: tu.Definition(**parts))
)


def two(**options: Any) -> tu.Segments:
    return counts(TWO, indicator="what", **options)


# --- the fingerprint ------------------------------------------------------------------------------


def test_the_fingerprint_is_twelve_digits_of_the_sha_256_of_the_parts_in_order() -> None:
    parts = {name: getattr(ENROLLED, name) for name in sorted(NAMES)}
    whole = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    assert ENROLLED.fingerprint == whole[:12]


@given(definitions, st.permutations(NAMES))
def test_order_of_fields_and_outer_blanks_make_no_difference(
    one: tu.Definition, order: list[str]
) -> None:
    again = tu.Definition(**{name: f"\t {getattr(one, name)}\u00a0 " for name in order})
    assert again == one
    assert again.fingerprint == one.fingerprint
    assert one.differences(again) == ()


@given(definitions, definitions)
def test_fingerprints_are_the_same_where_nothing_differs_and_only_there(
    one: tu.Definition, other: tu.Definition
) -> None:
    assert (one.fingerprint == other.fingerprint) == (one.differences(other) == ())
    assert len(one.differences(other)) == len(other.differences(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Students  enrolled", "students enrolled "),
        ("caf\u00e9", "cafe\u0301"),
        ("STRASSE", "Stra\u00dfe"),
    ],
)
def test_texts_that_read_alike_are_one(one: str, other: str) -> None:
    here, there = tu.Definition(numerator=one), tu.Definition(numerator=other)
    assert here.fingerprint == there.fingerprint
    assert here.differences(there) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"numerator": "a"}, {"denominator": "a"}),
        ({"numerator": "a", "denominator": "b"}, {"numerator": "ab"}),
        ({"numerator": "10 %"}, {"numerator": "10%"}),
        ({"numerator": 'a", "unit": "b'}, {"numerator": "a", "unit": "b"}),
    ],
)
def test_any_other_character_or_place_is_another_definition(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert tu.Definition(**one).fingerprint != tu.Definition(**other).fingerprint


def test_differences_name_the_part_and_both_texts() -> None:
    assert ENROLLED.differences(EVER) == (
        "The denominators differ: 'enrolled 31 days' and 'ever enrolled'.",
        "The units differ: 'student' and nothing said.",
    )
    without = tu.Definition(numerator="x", exclusions="home instruction")
    assert without.differences(tu.Definition(numerator="x")) == (
        "The exclusions differ: 'home instruction' and nothing said.",
    )


@pytest.mark.parametrize("parts", [{}, {"numerator": " \u00a0"}])
def test_a_definition_that_says_nothing_is_none(parts: dict[str, str]) -> None:
    with pytest.raises(tu.InputError, match="says at least one of: numerator, denominator"):
        tu.Definition(**parts)


@pytest.mark.parametrize("wrong", [None, 3, b"a", ["a"], float("nan")])
def test_a_part_that_is_no_text_is_refused(wrong: Any) -> None:
    with pytest.raises(tu.InputError, match=r"period=.* must be text"):
        tu.Definition(numerator="a", period=wrong)


# --- goals ----------------------------------------------------------------------------------------


def test_a_goal_has_a_definition_and_a_version_and_lists_them() -> None:
    goal = tu.Goal.at_most(10, per=100, definition=ENROLLED, version="2026-03")
    a = tu.assess(two(), {"absent": goal, "out": HALF})
    assert a.goals["version"].tolist() == ["2026-03", ""]
    assert a.goals["fingerprint"].tolist() == [ENROLLED.fingerprint, ""]
    assert pickle.loads(pickle.dumps(goal)) == goal  # noqa: S301
    assert goal != tu.Goal.at_most(10, per=100, definition=EVER, version="2026-03")


def test_the_page_shows_version_definition_and_fingerprint(tmp_path: Path) -> None:
    one = tu.Definition(numerator="absent <b>", denominator="enrolled")
    goal = tu.Goal.at_most(0.1, definition=one, version="2026-03")
    page = page_of(tu.assess(counts(ROWS), goal), tmp_path)
    assert "Version: 2026-03<" in page
    said = f"numerator: absent &lt;b&gt;; denominator: enrolled; fingerprint {one.fingerprint}<"
    assert f"What is measured: {said}" in page
    without = page_of(tu.assess(counts(ROWS), HALF), tmp_path)
    assert "Version:" not in without
    assert "What is measured" not in without


@pytest.mark.parametrize("wrong", ["a text", {"numerator": "a"}, HALF, 1])
def test_a_goal_takes_a_definition_and_nothing_else(wrong: Any) -> None:
    with pytest.raises(tu.InputError, match=r"definition=.* must be a tu\.Definition"):
        tu.Goal.at_least(0.5, definition=wrong)
    with pytest.raises(tu.InputError, match="version=3 must be text"):
        tu.Goal.at_least(0.5, version=3)  # type: ignore[arg-type]


# --- segments -------------------------------------------------------------------------------------

SAID = {
    "fingerprint": ENROLLED.fingerprint, "numerator": "absent on 10 % of days",
    "denominator": "enrolled 31 days", "unit": "student",
}  # fmt: skip
MAKERS: dict[str, Any] = {
    "counts": lambda d: counts(ROWS, definition=d),
    "estimates": lambda d: estimates(
        {"race": ["A", "B"], "rate": [0.4, 0.7], "n": [90, 80]}, n="n", definition=d
    ),
    "records": lambda d: records({"race": list("ABAB"), "y": [0, 1, 1, 0]}, definition=d),
    "engine": lambda d: records(
        pl.LazyFrame({"race": list("ABAB"), "y": [0, 1, 1, 0]}), definition=d
    ),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_constructor_keeps_what_is_measured(make: Any) -> None:
    made = make(ENROLLED)
    assert made.choices["definition"] == SAID
    assert make(tu.Goal.at_least(0.9, definition=ENROLLED)).choices["definition"] == SAID
    assert "definition" not in make(None).choices
    json.dumps(made.choices, allow_nan=False)


def test_records_in_files_keep_it_too(tmp_path: Path) -> None:
    data = pd.DataFrame({"race": list("ABAB"), "y": [0, 1, 1, 0]})
    data.to_csv(tmp_path / "y.csv", index=False)
    data.to_parquet(tmp_path / "y.parquet")
    for made in (
        tu.from_csv(tmp_path / "y.csv", outcome="y", segments="race", definition=ENROLLED),
        tu.from_parquet(tmp_path / "y.parquet", outcome="y", segments="race", definition=ENROLLED),
    ):
        assert made.choices["definition"] == SAID


def test_several_indicators_have_one_each() -> None:
    goals = {"absent": tu.Goal.at_most(0.1, definition=ENROLLED), "out": HALF}
    assert two(definition=goals).choices["definition"] == {"absent": SAID}
    assert two(definition={"absent ": ENROLLED}).choices["definition"] == {"absent": SAID}
    outcomes = records(
        {"race": list("ABAB"), "y": [0, 1, 1, 0], "z": [1, 1, 0, 0]},
        outcome=["y", "z"], definition={"z": EVER},
    )  # fmt: skip
    assert list(outcomes.choices["definition"]) == ["z"]
    only = counts(TWO[:2], indicator="what", definition=ENROLLED)
    assert only.choices["definition"] == {"absent": SAID}


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (ENROLLED, "the data hold 2 indicators: give each its own"),
        ({"absnt": ENROLLED}, "names indicator 'absnt', .* Did you mean 'absent'"),
        ({"absent": HALF, "out": HALF}, "names no indicator that has a definition"),
        ({"absent": None}, "must be a tu.Definition"),
        ({"absent": "a text"}, "definition='a text' for 'absent' must be a tu.Definition"),
        ({"absent": ENROLLED, " absent": EVER}, "which read alike"),
        ("a text", "definition='a text' must be a tu.Definition"),
        (HALF, "a goal without a definition"),
    ],
)
def test_what_is_no_definition_of_the_data_is_refused(definition: Any, message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        two(definition=definition)
    with pytest.raises(tu.InputError, match="needs indicator="):
        counts(ROWS, definition={"absent": ENROLLED})


def test_it_stays_through_where_a_rollup_suppression_and_a_file(tmp_path: Path) -> None:
    data = pd.DataFrame({
        "county": ["Inyo"] * 2 + ["Mono"] * 2, "race": list("ABAB"), "x": 30, "n": 90,
    })  # fmt: skip
    s = counts(data, by="county", definition=ENROLLED)
    a = tu.assess(s, HALF, rollup=True)
    for found in (a, a.where(county="Inyo"), a.suppress()):
        assert found.choices["definition"] == SAID == found.segments.choices["definition"]
    read = tu.read_segments(s.to_parquet(tmp_path / "s.parquet", confidential=True))
    assert read.choices == s.choices
    with pytest.raises(tu.InputError, match="do not measure the outcome alike"):
        _ = read + counts(data, by="county", definition=EVER)


# --- sums -----------------------------------------------------------------------------------------


def test_a_sum_of_what_is_defined_alike_keeps_the_definition() -> None:
    louder = tu.Definition(**{n: f" {getattr(ENROLLED, n).upper()}" for n in NAMES})
    added = counts(ROWS, definition=ENROLLED) + counts(ROWS, definition=louder)
    assert added.choices["definition"] == SAID


def test_parts_that_are_defined_otherwise_are_refused_with_part_and_texts() -> None:
    parts = [counts(ROWS), counts(ROWS, definition=ENROLLED), counts(ROWS, definition=EVER)]
    with pytest.raises(tu.InputError) as caught:
        tu.combine(parts)
    assert str(caught.value) == (
        "These segments cannot be added: parts 2 and 3 do not measure the outcome alike. The "
        "denominators differ: 'enrolled 31 days' and 'ever enrolled'. The units differ: 'student' "
        "and nothing said. Agree on one definition and count by it, or correct definition= where "
        "only its words differ."
    )
    with pytest.raises(tu.InputError, match="parts 1 and 2 do not measure indicator 'out' alike"):
        _ = two(definition={"out": EVER}) + two(definition={"out": ENROLLED})


def test_a_sum_in_which_some_parts_alone_are_defined_says_so() -> None:
    said, unsaid = counts(ROWS, definition=ENROLLED), counts(ROWS)
    some = {**SAID, "declared by": "some of the parts that were added"}
    for added in (
        said + unsaid, unsaid + said, tu.combine([unsaid, said, said]), said + (unsaid + unsaid),
        (said + unsaid) + said, said + (unsaid + said),
    ):  # fmt: skip
        assert added.choices["definition"] == some
    assert "definition" not in (unsaid + unsaid).choices
    each = two(definition={"absent": ENROLLED}) + two(definition={"absent": ENROLLED, "out": EVER})
    assert each.choices["definition"]["absent"] == SAID
    assert each.choices["definition"]["out"]["declared by"] == "some of the parts that were added"
    with pytest.raises(tu.InputError, match="denominators differ"):
        _ = (said + unsaid) + counts(ROWS, definition=EVER)


# --- goals and data -------------------------------------------------------------------------------


def test_a_goal_for_something_else_than_the_data_is_refused() -> None:
    goal = tu.Goal.at_least(0.5, definition=EVER)
    with pytest.raises(tu.InputError) as caught:
        tu.assess(counts(ROWS, definition=ENROLLED), goal)
    assert str(caught.value) == (
        "The goal and the data do not measure the same (the goal's words come first). The "
        "denominators differ: 'ever enrolled' and 'enrolled 31 days'. The units differ: nothing "
        "said and 'student'. Count by the goal's definition, or correct definition= where only "
        "its words differ."
    )
    with pytest.raises(tu.InputError, match="The goal for 'out' and the data"):
        tu.assess(two(definition={"out": ENROLLED}), {"absent": HALF, "out": goal})


def test_a_goal_or_data_without_a_definition_fit_everything() -> None:
    goal = tu.Goal.at_least(0.5, definition=EVER)
    for s, g in (
        (counts(ROWS), goal),
        (counts(ROWS, definition=EVER), HALF),
        (counts(ROWS, definition=goal), goal),
    ):
        pd.testing.assert_frame_equal(tu.assess(s, g).table, tu.assess(counts(ROWS), HALF).table)
