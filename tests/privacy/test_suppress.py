"""What ``suppress`` hides is gone: from every table, choice, array and pickle ."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import HALF, fewer, goals, hidden, records, row_of
from targeted_universalism.segments.columns import TABLE

VALUES = [name for name in TABLE.numbers if name not in ("goal", "per")]

# Black has 7 of 53: 7 and 46 appear nowhere else, and no sum of visible cells gives 53.
HIDDEN = (7.0, 53.0, 46.0)
DATA: dict[str, list[Any]] = {
    "race": ["All", "White", "Black", "Asian"],
    "x": [500, 120, 7, 80],
    "n": [1000, 310, 53, 130],
}


def with_total(data: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Declare the total row where there is one."""
    return {**({"total": "All"} if "All" in list(data["race"]) else {}), **options}


def assess(data: Any, /, goal: tu.Goal = HALF, **options: Any) -> tu.Assessment:
    rollup = options.pop("rollup", False)
    options = {"numerator": "x", "denominator": "n", "segments": "race", **options}
    made = tu.from_counts(pd.DataFrame(data), **with_total(data, options))
    return tu.assess(made, goal, rollup=rollup)


def published(data: Any, /, goal: tu.Goal = HALF, **options: Any) -> tu.Assessment:
    options = {"estimate": "rate", "segments": "race", "kind": "proportion", **options}
    made = tu.from_estimates(pd.DataFrame(data), population="n", **with_total(data, options))
    return tu.assess(made, goal)


def parts(thing: Any) -> list[Any]:
    """What a thing is made of."""
    if isinstance(thing, pd.DataFrame):
        return [thing[name].dropna().tolist() for name in thing.select_dtypes("number")]
    if isinstance(thing, Mapping):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, np.ndarray):
        return thing.ravel().tolist() if thing.dtype.kind in "fO" else []
    if isinstance(thing, (list, tuple, set, frozenset)):
        return list(thing)
    return [vars(thing)] if is_dataclass(thing) and not isinstance(thing, type) else []


def held(thing: object, seen: dict[int, object] | None = None) -> Iterator[float]:
    """Every float that can be reached from an object, however deep."""
    seen = {} if seen is None else seen
    if isinstance(thing, float):
        yield thing
    elif id(thing) not in seen:
        seen[id(thing)] = thing
        for part in parts(thing):
            yield from held(part, seen)


# --- nothing is left ----------------------------------------------------------------------------


@pytest.mark.parametrize("rollup", [False, True])
def test_the_walk_finds_the_counts_before_they_are_hidden(rollup: bool) -> None:
    a = assess({**DATA, "county": ["Inyo"] * 4}, by="county", rollup=rollup)
    assert set(HIDDEN[:2]) <= set(held(a))


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("options", [{}, {"by": "county"}, {"by": "county", "rollup": True}])
def test_no_array_of_a_public_assessment_holds_a_hidden_count(
    kind: str, options: dict[str, Any]
) -> None:
    private = assess({**DATA, "county": ["Inyo"] * 4}, kind=kind, **options)
    assert private.table["rate"].notna().all()
    public = private.suppress()
    assert public.table["status"].eq("suppressed").any()
    # 7 people, 53, their rate, gap and need: the private need is ⌈0.5·53⌉ − 7 = 20.
    secret = {*HIDDEN, 7 / 53, 39 / 106, 20.0}
    assert secret <= {*held(private), 46.0}
    assert not secret & set(held(public))


def test_no_array_of_public_estimates_holds_a_hidden_rate() -> None:
    data = {"race": ["All", "White", "Black"], "rate": [0.4, 0.45, 0.132], "n": [1000, 310, 53]}
    public = published({**data, "se": [0.01, 0.02, 0.0467]}, se="se").suppress()
    assert hidden(public) == ["White", "Black"]
    assert not {0.132, 53.0, 0.0467} & set(held(public))


def test_no_pickle_of_a_public_assessment_holds_a_hidden_count() -> None:
    private = assess(DATA)
    packed = [struct.pack("<d", value) for value in HIDDEN[:2]]
    assert all(value in pickle.dumps(private) for value in packed)
    public = pickle.dumps(private.suppress())
    assert not any(value in public for value in packed)


def test_a_public_assessment_comes_back_from_a_pickle() -> None:
    public = assess(DATA).suppress()
    again = pickle.loads(pickle.dumps(public))  # noqa: S301
    pd.testing.assert_frame_equal(again.table, public.table)
    assert again.choices["suppression"] == public.choices["suppression"]


@pytest.mark.parametrize("options", [{}, {"exclusive": False}, {"kind": "rate"}])
def test_every_value_of_a_hidden_row_is_missing(options: dict[str, Any]) -> None:
    black = row_of(assess(DATA, **options).suppress().table, "Black")
    assert black[VALUES].isna().all()
    assert (black["status"], black["flag"]) == ("suppressed", "suppressed")
    assert black["reason"].startswith("suppressed")
    assert (black["goal"], black["per"]) == (0.5, 1)


def test_what_is_not_hidden_stays_as_it_was_except_for_shares() -> None:
    private, public = assess(DATA), assess(DATA).suppress()
    assert hidden(public) == ["Black", "Asian"]
    for segment in ("All", "White"):
        before, after = row_of(private.table, segment), row_of(public.table, segment)
        kept = [name for name in VALUES if name != "effort_share"]
        pd.testing.assert_series_equal(before[kept], after[kept], check_names=False)


def test_the_segments_of_a_public_assessment_know_no_more_than_its_table() -> None:
    public = assess(DATA).suppress()
    again = tu.assess(public.segments, tu.Goal.at_most(0.1), confidence=0.8)
    assert hidden(again) == ["Black", "Asian"]
    assert row_of(again.table, "Black")[VALUES].isna().all()
    assert repr(public.segments) == "Segments of counts (proportion): 1 stratum; race (3 segments)"


def test_choices_say_what_was_hidden_by_which_rule_and_not_where() -> None:
    public = assess(DATA).suppress(minimum=20, zeros="hide")
    assert dict(public.choices["suppression"]) == {
        "rule": "count", "minimum": 20, "zeros": "hide", "width": 5, "sums_over": (),
        "published": 0,
    }  # fmt: skip
    assert assess(DATA).choices["suppression"] is None
    assert public.segments.choices["suppression"] == public.choices["suppression"]


def test_the_private_assessment_is_left_alone() -> None:
    private = assess(DATA)
    before = private.table
    private.suppress()
    pd.testing.assert_frame_equal(private.table, before)
    assert row_of(private.table, "Black")["events"] == 7


def test_a_chosen_part_of_a_public_assessment_is_public() -> None:
    public = assess({**DATA, "county": ["Inyo"] * 4}, by="county").suppress()
    part = public.where(county="Inyo", dimension="race")
    assert hidden(part) == ["Black", "Asian"]
    assert not set(HIDDEN) & set(held(part))
    assert part.choices["suppression"] is not None


def test_suppressing_again_never_brings_a_value_back() -> None:
    twice = assess(DATA).suppress(11).suppress(2)
    assert hidden(twice) == ["Black", "Asian"]
    assert row_of(twice.table, "Black")[VALUES].isna().all()


def test_suppressing_again_never_weakens_the_record() -> None:
    assert assess(DATA).suppress(11).suppress(2).choices["suppression"]["minimum"] == 11


# --- the primary rule ---------------------------------------------------------------------------


@pytest.mark.parametrize(("outside", "small"), [(0, False), (1, True), (10, True), (30, False)])
def test_a_group_of_nearly_everybody_is_hidden_as_the_few_outside_would_be(
    outside: int, small: bool
) -> None:
    """The total less the group is who is outside: 1 to 10 people are few, nobody is no one."""
    people = 90 + outside
    at = np.arange(people)
    rows = pd.DataFrame({"fed": at < 90, "bused": at % 2, "y": at // 2 % 2})
    s = records(rows, segments=[tu.overlapping(["fed", "bused"], name="programme")])
    private = tu.assess(s, HALF)
    public = private.suppress()
    assert ("fed" in hidden(public)) is small
    assert "bused" not in hidden(public)
    why = private.suppression_log(public).set_index("segment")["why"]
    assert why.get("fed", "") == ("small: those outside it" if small else "")


@pytest.mark.parametrize("zeros", ["show", "hide"])
@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("minimum", [1, 2, 4, 6])
def test_cells_are_hidden_where_a_count_is_below_the_minimum(
    kind: str, zeros: str, minimum: int
) -> None:
    pairs = [(x, n) for n in range(12) for x in range(n + 1) if n or not x]
    names = [f"{x} of {n}" for x, n in pairs]
    data = {"race": ["A"] * len(pairs), "x": [x for x, _ in pairs], "n": [n for _, n in pairs]}
    alone = assess({**data, "place": names}, kind=kind, by="place")
    found = alone.suppress(minimum, zeros=zeros).table.query("dimension == 'race'")

    def hides(x: int, n: int) -> bool:
        parts = [n, x, n - x] if kind == "proportion" else [n, x]
        few = any(1 <= part < minimum for part in parts)
        none = zeros == "hide" and n > 0 and 0 in parts
        return few or none

    hidden = found["place"][found["status"] == "suppressed"].tolist()
    assert hidden == [f"{x} of {n}" for x, n in pairs if hides(x, n)]


def test_a_small_total_is_hidden_too() -> None:
    public = assess({"race": ["A", "B"], "x": [1, 2], "n": [20, 30]}).suppress()
    assert hidden(public) == ["All", "A", "B"]


def test_unknown_and_crossed_cells_are_hidden_alike() -> None:
    data = {
        "race": ["White", "White", None, None],
        "sex": ["Female", "Male", "Female", "Male"],
        "x": [50, 60, 3, 30],
        "n": [100, 120, 40, 60],
    }
    public = assess(data, segments=["race", "sex", "race*sex"]).suppress()
    assert hidden(public) == [
        "White × Female", "White × Male", "Unknown × Female", "Unknown × Male",
    ]  # fmt: skip


@pytest.mark.parametrize("zeros", ["show", "hide"])
def test_a_group_of_nobody_is_not_hidden(zeros: str) -> None:
    data = {"race": ["A", "B"], "x": [50, 0], "n": [90, 0]}
    assert row_of(assess(data).suppress(zeros=zeros).table, "B")["reason"].startswith(
        "no population"
    )


@pytest.mark.parametrize(
    ("x", "n", "kind"),
    [
        (4, None, "proportion"),
        (4, None, "rate"),
        (3, 0, "rate"),
        (None, 5, "proportion"),
        (None, 5, "rate"),
    ],
)
def test_a_small_count_without_a_rate_is_hidden(x: Any, n: Any, kind: str) -> None:
    data = {"race": ["All", "A", "B"], "x": [500, 50, x], "n": [1000, 90, n]}
    public = assess(data, kind=kind).suppress()
    assert "B" in hidden(public)
    assert row_of(public.table, "B")[["population", "events"]].isna().all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"minimum": 0}, "minimum=0"),
        ({"minimum": -1}, "minimum=-1"),
        ({"minimum": 10.5}, "minimum=10.5"),
        ({"minimum": True}, "minimum=True"),
        ({"minimum": "11"}, "minimum='11'"),
        ({"rule": "cms2"}, "rule='cms2'"),
        ({"zeros": "round"}, "zeros='round'.*'show', 'hide'"),
    ],
)
def test_an_option_of_suppress_is_checked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        assess(DATA).suppress(**options)


def test_events_implied_by_a_rate_and_its_people_are_hidden() -> None:
    data = {
        "race": ["All", "few people", "few events", "few others", "plenty"],
        "rate": [40, 50, 9, 97, 45],
        "n": [1000, 8, 100, 200, 300],
    }
    public = published(data, per=100, goal=tu.Goal.at_least(50, per=100)).suppress()
    assert hidden(public) == ["few people", "few events", "few others"]
    for segment in hidden(public):
        assert row_of(public.table, segment)[VALUES].isna().all()


def test_a_small_sample_is_hidden_whatever_its_population() -> None:
    data = {"race": ["All", "A", "B"], "rate": [0.4, 0.4, 0.4], "n": [9e5, 5e5, 4e5]}
    public = published({**data, "sample": [900, 8, 400]}, n="sample").suppress()
    assert hidden(public) == ["A", "B"]


@pytest.mark.parametrize("kind", ["mean", "standardized"])
def test_a_mean_is_hidden_where_its_people_are_few(kind: str) -> None:
    data = {"race": ["All", "A", "B"], "rate": [2.0, 2.0, 2.0], "n": [900, 8, 400]}
    public = published(data, kind=kind, per=1, goal=tu.Goal.at_most(3, per=1)).suppress()
    assert hidden(public) == ["A", "B"]


# --- what follows from a hidden cell ------------------------------------------------------------


def test_shares_are_missing_in_the_dimension_and_stratum_of_a_hidden_cell() -> None:
    data = {
        "county": ["Inyo"] * 4 + ["Mono"] * 4,
        "race": ["White", "White", "Black", "Black"] * 2,
        "sex": ["Female", "Male"] * 4,
        "x": [40, 30, 5, 40, 40, 30, 20, 40],
        "n": [100, 90, 80, 95, 100, 90, 80, 95],
    }
    found = assess(data, segments=["race", "sex", "race*sex"], by="county").suppress().table
    quiet = (found["county"] == "Inyo") & (found["dimension"] == "race*sex")
    assert (found.loc[quiet, "status"] == "suppressed").all()
    assert found.loc[quiet, "effort_share"].isna().all()
    assert found.loc[quiet, "reason"].str.contains("no share: suppressed segment").all()
    others = ~quiet & (found["dimension"] != "total")
    assert found.loc[others, "effort_share"].notna().all()
    assert not found.loc[~quiet, "reason"].str.contains("suppressed").any()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (
            lambda: assess({**DATA, "race": [*"ABCD"]}, exclusive=False),
            "no total: overlapping segments are never summed",
        ),
        (
            lambda: published(
                {"race": ["A", "B"], "rate": [2.0, 2.0], "n": [8, 90]},
                kind="standardized", per=1, goal=tu.Goal.at_most(3, per=1),
            ),
            "standardized rates are not added: declare the total",
        ),
    ],
)  # fmt: skip
def test_a_total_that_cannot_be_says_the_same_after_suppression(made: Any, reason: str) -> None:
    private = made()
    assert row_of(private.table, "All")["reason"] == reason
    assert row_of(private.suppress().table, "All")["reason"] == reason


def test_an_assessment_that_was_accepted_can_be_suppressed() -> None:
    data = {"race": ["All", "A", "B"], "rate": [0.9, 0.8, 1.5], "n": [900, 800, 6]}
    private = published(data, kind="rate", goal=tu.Goal.at_least(2))
    assert hidden(private.suppress()) == ["A", "B"]


def test_cells_hidden_in_the_input_lose_their_ranges() -> None:
    data = {**DATA, "x": [500, 120, "<11", 80]}
    private = assess(data, suppressed={"<11": (1, 10)})
    assert row_of(private.table, "Black")[["gap_low", "needed_high"]].notna().all()
    public = private.suppress()
    black = row_of(public.table, "Black")
    assert black[VALUES].isna().all()
    assert black["reason"] == "suppressed; no share: suppressed segment"
    assert not {53.0, 43.0} & set(held(public))


def test_a_total_hidden_by_its_segments_loses_its_range() -> None:
    data = {"race": ["A", "B"], "x": ["<11", 60], "n": [53, 200]}
    public = assess(data, suppressed={"<11": (1, 10)}).suppress()
    assert hidden(public) == ["All", "A"]
    assert public.table.loc[[0, 1], VALUES].isna().all().all()


def test_a_roll_up_hides_what_its_sums_hide() -> None:
    data = {
        "county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["A", "B"] * 2,
        "x": [5, 50, 8, 60], "n": [100, 200, 100, 200],
    }  # fmt: skip
    found = assess(data, by="county", rollup=True).suppress().table
    last = found[found["county"].isna()]
    assert last["events"].tolist() == [123, 13, 110]
    small = assess({**data, "x": [5, 50, 3, 60]}, by="county", rollup=True).suppress().table
    assert small[small["county"].isna()]["status"].tolist()[1] == "suppressed"


def test_a_hidden_row_says_nothing_but_that_it_is_hidden() -> None:
    data = {
        "county": ["Inyo", "Inyo", "Mono"], "race": ["A", "B", "B"],
        "x": [5, 50, 60], "n": [100, 200, 200],
    }  # fmt: skip
    private = assess(data, by="county", rollup=True)
    assert "strata without a row are not in the sum" in private.table["reason"].iloc[-2]
    public = private.suppress().table
    said = public.loc[public["status"] == "suppressed", "reason"].tolist()
    assert said == ["suppressed; no share: suppressed segment"] * 4


def test_a_roll_up_of_public_segments_knows_no_more() -> None:
    data = {
        "county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["A", "B"] * 2,
        "x": [5, 50, 80, 60], "n": [100, 200, 100, 200],
    }  # fmt: skip
    public = assess(data, by="county").suppress()
    again = tu.assess(public.segments, HALF, rollup=True)
    last = again.table[again.table["county"].isna()]
    assert last["status"].tolist()[1] == "suppressed"
    assert last.iloc[1][VALUES].isna().all()


# --- non-interference ---------------------------------------------------------------------------

few = st.integers(1, 10)
people = st.integers(60, 400)


@st.composite
def hidden_pairs(draw: st.DrawFn, kind: str) -> tuple[int, int]:
    """Draw counts that the primary rule hides."""
    shape = draw(
        st.sampled_from(["few events", "few people", "few others"][: 2 + (kind[0] == "p")])
    )
    small = draw(few)
    if shape == "few people":
        return draw(st.integers(0, small)), small
    n = draw(people)
    return (small, n) if shape == "few events" else (n - small, n)


@st.composite
def twins(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Draw two tables that differ in hidden cells only, with declared totals."""
    kind = draw(st.sampled_from(["proportion", "rate"]))
    one: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    for county in ("Inyo", "Mono"):
        total = {"county": county, "race": "All", "x": draw(st.integers(11, 2000)), "n": 3000}
        one, other = [*one, total], [*other, total]
        for race in ("Asian", "Black", "White"):
            if race != "White" and draw(st.booleans()):
                first, second = draw(hidden_pairs(kind)), draw(hidden_pairs(kind))
            else:
                n = draw(people)
                first = second = (draw(st.integers(11, n - 11)), n)
            keys = {"county": county, "race": race}
            one = [*one, {**keys, "x": first[0], "n": first[1]}]
            other = [*other, {**keys, "x": second[0], "n": second[1]}]
    return pd.DataFrame(one), pd.DataFrame(other), kind


@given(tables=twins(), goal=goals, zeros=st.sampled_from(["show", "hide"]))
def test_other_hidden_counts_change_no_byte_of_the_table(
    tables: tuple[pd.DataFrame, pd.DataFrame, str], goal: tu.Goal, zeros: str
) -> None:
    one, other, kind = tables
    a, b = (
        assess(data, goal, by="county", kind=kind).suppress(zeros=zeros) for data in (one, other)
    )
    assume(hidden(a) == hidden(b))
    assert a.table.to_csv() == b.table.to_csv()
    assert pickle.dumps(a.table) == pickle.dumps(b.table)
    assert repr(a.segments) == repr(b.segments)
    assert str(dict(a.choices)) == str(dict(b.choices))
    np.testing.assert_array_equal(sorted(map(repr, held(a))), sorted(map(repr, held(b))))


@fewer(3)
@given(tables=twins(), goal=goals)
def test_other_hidden_counts_change_no_byte_of_the_pickle(
    tables: tuple[pd.DataFrame, pd.DataFrame, str], goal: tu.Goal
) -> None:
    one, other, kind = tables
    a, b = (assess(data, goal, by="county", kind=kind).suppress() for data in (one, other))
    assume(hidden(a) == hidden(b))
    assert pickle.dumps(a) == pickle.dumps(b)


@fewer(3)
@given(x=few, y=few, goal=goals)
def test_a_cell_hidden_here_looks_like_one_hidden_in_the_input(
    x: int, y: int, goal: tu.Goal
) -> None:
    frames = (
        pd.DataFrame({**DATA, "x": [500, 120, value, 80]}).astype({"x": object})
        for value in (x, y, "<11")
    )
    first, *rest = (assess(data, goal, suppressed={"<11": (1, 10)}).suppress() for data in frames)
    for one in rest:
        assert one.table.to_csv() == first.table.to_csv()
        assert sorted(map(repr, held(one))) == sorted(map(repr, held(first)))


@pytest.mark.parametrize("change", [{"rate": [0.4, 0.45, 0.1]}, {"n": [1000, 310, 33]}])
def test_other_hidden_rates_change_no_byte_of_the_table(change: dict[str, Any]) -> None:
    data = {"race": ["All", "White", "Black"], "rate": [0.4, 0.45, 0.13], "n": [1000, 310, 53]}
    a, b = published(data).suppress(), published({**data, **change}).suppress()
    assert hidden(a) == hidden(b) == ["White", "Black"]
    assert a.table.to_csv() == b.table.to_csv()


def test_other_hidden_counts_change_no_reason_of_the_roll_up() -> None:
    def public(inyo: int, mono: int) -> tu.Assessment:
        data = {
            "county": ["Inyo"] * 3 + ["Mono"] * 3, "race": ["All", "A", "B"] * 2,
            "x": [17, inyo, 20, 30, mono, 20], "n": [100, 50, 50] * 2,
        }  # fmt: skip
        return assess(data, by="county", rollup=True).suppress()

    # Both hide A in each county and publish 18 of 100 for A over both.
    a, b = public(9, 9), public(8, 10)
    assert a.table["events"].equals(b.table["events"])
    assert a.table["reason"].tolist() == b.table["reason"].tolist()


def test_a_dimension_left_out_leaves_no_note_of_its_hidden_cells() -> None:
    def public(black: int) -> tu.Assessment:
        data = {
            "race": ["Female", "Male", "Black", "White"], "what": ["sex", "sex", "race", "race"],
            "x": [50, 60, black, 101], "n": [200, 300, 100, 400],
        }  # fmt: skip
        return assess(data, dimension="what").where(dimension="sex").suppress()

    assert public(9).table.to_csv() == public(8).table.to_csv()
