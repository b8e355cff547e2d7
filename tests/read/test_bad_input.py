"""Bad input stops at the door with a sentence to act on, or is kept with a reason."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import make
import targeted_universalism as tu
from make import HALF, page_of, row_of

# Two groups, two ways to split them, and one column of everything else a call may name.
GOOD: dict[str, list[Any]] = {
    "race": ["Black", "White"],
    "sex": ["Female", "Male"],
    "county": ["Inyo", "Inyo"],
    "what": ["a", "b"],
    "x": [20, 30],
    "n": [50, 60],
}


def counts(change: dict[str, Any] | None = None, /, **options: Any) -> tu.Segments:
    return make.counts({**GOOD, **(change or {})}, **options)


def published(change: dict[str, Any], /, **options: Any) -> tu.Segments:
    return make.estimates({"race": ["Black", "White"], **change}, **options)


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": [20, 61]}, r"row 1.*'White'.*'x' is 61.*'n' of 60.*kind='rate'"),
        ({"x": [-1, 30]}, r"'x' holds -1.*'Black'.*0 or more.*suppressed="),
        ({"n": [50, -60]}, r"'n' holds -60.*'White'"),
        ({"x": [np.inf, 30]}, r"'x' holds inf"),
        ({"n": [50.0, -np.inf]}, r"'n' holds -inf"),
        ({"n": [2.0**54, 60]}, r"'n' holds 1\.80144e\+16.*2⁵³"),
        (
            {"n": pd.to_datetime(["2020-01-01", "2020-01-02"])},
            r"'n' holds dates, not numbers",
        ),
        ({"n": pd.to_timedelta([1, 2], unit="D")}, r"'n' holds lengths of time, not numbers"),
        ({"race": ["Black", "Black"]}, r"same group.*row 0.*row 1"),
        ({"race": ["", None]}, r"same group.*row 0.*row 1"),
    ],
)
def test_an_impossible_number_is_named_with_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(tu.InputError, match=f"(?s){said}"):
        counts(change)


@pytest.mark.parametrize("text", ["1,009", "*", "12%", "<11", "--", "n/a", "1 009", "twelve"])
def test_text_in_a_number_column_is_named_with_its_row(text: str) -> None:
    with pytest.raises(tu.InputError) as error:
        counts({"x": ["20", text]})
    for part in (repr(text), "'x'", "row 1", "plain number"):
        assert part in str(error.value)


@pytest.mark.parametrize("text", ["*", "<11", "--", "n/a"])
def test_a_word_for_a_hidden_cell_is_offered_as_a_token(text: str) -> None:
    with pytest.raises(tu.InputError, match=r"suppressed=\{"):
        counts({"x": ["20", text]})


def test_the_message_names_the_declared_tokens() -> None:
    with pytest.raises(tu.InputError, match=r"'\*'.*Declared tokens: '<11'"):
        counts({"x": ["<11", "*"]}, suppressed={"<11": (1, 10)})


@pytest.mark.parametrize("text", ["1,009", "12%"])
def test_a_written_number_is_never_offered_as_a_hidden_token(text: str) -> None:
    with pytest.raises(tu.InputError) as error:
        counts({"x": ["20", text]})
    assert f"suppressed={{{text!r}" not in str(error.value)


@pytest.mark.parametrize(
    "values",
    [
        pd.array([20, 30], dtype="Int64"),
        pd.array([20, 30], dtype="int64[pyarrow]"),
        pd.array([20, 30], dtype="Float64"),
        np.array([20, 30], dtype=np.uint8),
        np.array([20, 30], dtype=np.float32),
        np.array([20, 30], dtype=object),
        pd.Categorical([20, 30]),
        pd.array(["20", " 30 "], dtype="string"),
        ["2e1", "30.0"],
        [Decimal(20), Decimal("30.0")],
    ],
    ids=lambda v: str(getattr(v, "dtype", v)),
)
def test_a_count_is_a_count_whatever_its_column_type(values: Any) -> None:
    a = tu.assess(counts({"x": values}), HALF)
    assert a.table.equals(tu.assess(counts(), HALF).table)


@pytest.mark.parametrize("values", [[True, False], pd.array([True, False], dtype="boolean")])
def test_a_column_of_booleans_counts_ones(values: Any) -> None:
    table = tu.assess(counts({"x": values}), HALF).table
    assert table["events"].tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    "values",
    [
        [20, None],
        pd.array([20, None], dtype="Int64"),
        pd.array([20, None], dtype="int64[pyarrow]"),
        [Decimal(20), Decimal("NaN")],
        ["20", ""],
        ["20", "  "],
        np.array([20, None], dtype=object),
    ],
    ids=str,
)
def test_a_missing_count_is_kept_without_a_rate(values: Any) -> None:
    a = tu.assess(counts({"x": values}), HALF)
    white, total = row_of(a.table, "White"), row_of(a.table, "All")
    assert white["population"] == 60
    assert white["reason"].startswith("no rate in the data")
    assert white["status"] == total["status"] == "no data"
    assert np.isnan(total["rate"])
    assert a.table["effort_share"].isna().all()


def test_a_column_of_complex_numbers_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="'x'"):
        counts({"x": np.array([1 + 2j, 3])})


def test_a_group_of_nobody_is_kept_without_a_rate() -> None:
    a = tu.assess(counts({"x": [20, 0], "n": [50, 0]}), HALF)
    nobody = row_of(a.table, "White")
    assert (nobody["population"], nobody["n"], nobody["events"]) == (0, 0, 0)
    assert (nobody["status"], nobody["flag"], nobody["reason"]) == (
        "no data",
        "no data",
        "no population",
    )
    values = ["rate", "ci_low", "gap", "gap_low", "ratio_to_goal", "needed", "effort_share"]
    assert nobody[values].isna().all()
    assert row_of(a.table, "Black")["effort_share"] == 1
    assert row_of(a.table, "All")["needed"] == 5


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_a_hidden_count_of_nobody_is_cut_at_its_denominator(kind: str) -> None:
    """RULES 2: bounds are cut at the denominator's, so that nobody among none has the event."""
    data = {"x": ["<11", "30"], "n": [0, 60]}
    a = tu.assess(counts(data, kind=kind, suppressed={"<11": (1, 10)}), HALF)
    if kind == "proportion":
        assert (row_of(a.table, "Black")["events"], row_of(a.table, "Black")["status"]) == (
            0,
            "no data",
        )
        assert (row_of(a.table, "All")["events"], row_of(a.table, "All")["population"]) == (30, 60)
    else:
        assert np.isnan(row_of(a.table, "Black")["events"])
        assert row_of(a.table, "All")["status"] == "suppressed"


def test_a_token_above_its_denominator_is_an_error() -> None:
    with pytest.raises(tu.InputError, match=r"(?s)Black.*token.*at least 60.*'n' of 50"):
        counts({"x": [">59", "30"]}, suppressed={">59": (60, 99)})


def test_tokens_that_contradict_each_other_are_an_error() -> None:
    with pytest.raises(tu.InputError, match="Black"):
        counts(
            {"x": [">10", "30"], "n": ["<11", "60"]},
            suppressed={">10": (11, 99), "<11": (1, 10)},
        )


def test_a_token_above_the_unit_of_a_proportion_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="per=100"):
        published({"rate": ["*", "40"]}, per=100, suppressed={"*": (150, 200)})


# --- the table itself ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"numerator": "y"}, "There is no column 'y'"),
        ({"denominator": "nn"}, "no column 'nn'. Did you mean 'n'?"),
        ({"segments": "rice"}, "no column 'rice'. Did you mean 'race'?"),
        ({"segments": "race*sexe"}, "no column 'sexe'. Did you mean 'sex'?"),
        ({"by": "contry"}, "no column 'contry'. Did you mean 'county'?"),
        ({"indicator": "whit"}, "no column 'whit'. Did you mean 'what'?"),
        ({"dimension": "wat"}, "no column 'wat'. Did you mean 'what'?"),
        ({"segments": "race*race"}, "crosses a column with itself"),
        ({"by": "race"}, "'race' is named twice"),
        ({"by": ["county", "county"]}, "'county' is named twice"),
        ({"indicator": "race"}, "'race' is named twice"),
        ({"segments": []}, "segments="),
        ({"segments": None}, "segments="),
        ({"segments": 5}, "segments="),
        ({"by": 5}, "by="),
        ({"by": [["county"]]}, "by="),
        ({"cross": 0}, "cross=0"),
        ({"cross": True}, "cross=True"),
        ({"cross": "2"}, "cross='2'"),
        ({"kind": "mean"}, r"kind='mean'.*'proportion', 'rate'"),
        ({"kind": None}, "kind=None"),
        ({"kind": {"a": "rate"}}, "needs indicator="),
        ({"kind": {"a": "rate"}, "indicator": "what"}, r"no kind for indicator 'b'.*'a'"),
        ({"kind": {"a": "rate", "b": "cure"}, "indicator": "what"}, "kind='cure'"),
        (
            {"order": {"race": ["White"]}},
            "order= for 'race' leaves out 'Black'.* There are: 'Black",
        ),
        (
            {"order": {"race": ["White", "black"]}},
            "leaves out 'Black'.* lists 'black', which is in no row. Did you mean 'Black'",
        ),
        ({"order": {"rice": ["White"]}}, "no dimension 'rice'. Did you mean 'race'?"),
        ({"exclusive": {"rice": False}}, "no dimension 'rice'. Did you mean 'race'?"),
        ({"exclusive": "no"}, "exclusive='no'"),
        ({"exclusive": {"race": 0}}, "exclusive="),
        ({"total": {"All": 1}}, "total= takes a label"),
        ({"dimension": {"Black": "race"}}, "no partition for 'White'"),
        ({"dimension": {"Black": "race", "White": "total"}}, "called 'total'"),
        ({"dimension": 5}, "dimension="),
        ({"dimension": "what", "segments": ["race", "sex"]}, "ONE stacked column"),
        ({"suppressed": "<11"}, r"suppressed= takes tokens with their bounds"),
        ({"suppressed": {"<11": 10}}, r"bounds of suppressed token '<11'.*not 10"),
        ({"suppressed": {"<11": (10, 1)}}, r"bounds.*not \(10, 1\)"),
        ({"suppressed": {"<11": (-1, 1)}}, r"bounds.*not \(-1, 1\)"),
        ({"suppressed": {"<11": (float("nan"), 1)}}, "bounds"),
        ({"suppressed": {"x": {"<11": (1, 10)}, "*": None}}, "mixes tokens"),
    ],
    ids=str,
)
def test_an_option_that_cannot_be_is_named_with_its_remedy(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(tu.InputError, match=said):
        counts(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"numerator": ["x", "n"]},
        {"indicator": ["what"]},
        {"order": ["Black", "White"]},
    ],
    ids=str,
)
def test_an_option_of_the_wrong_type_is_an_input_error(options: dict[str, Any]) -> None:
    with pytest.raises(tu.InputError):
        counts(**options)


def test_a_numerator_of_none_is_asked_for_by_name() -> None:
    with pytest.raises(tu.InputError, match="named by text"):
        counts(numerator=None)


@pytest.mark.parametrize("suppressed", [{"nn": {0: (1, 10)}}, {"y": {"<11": (1, 10)}}])
def test_tokens_for_a_column_that_is_not_read_are_an_error(suppressed: dict[str, Any]) -> None:
    with pytest.raises(tu.InputError, match="suppressed="):
        counts(suppressed=suppressed)


def test_a_total_label_that_is_in_no_row_is_an_error() -> None:
    with pytest.raises(tu.InputError, match=r"'Totals'.*'Total'"):
        counts(
            {k: [*v, v[0]] for k, v in GOOD.items()}
            | {"race": ["Black", "White", "Total"], "x": [20, 30, 50], "n": [50, 60, 110]},
            total="Totals",
        )


def test_a_label_cannot_be_the_total_and_unknown() -> None:
    with pytest.raises(tu.InputError, match=r"total=.*unknown="):
        counts({"n": [80, 60]}, total="Black", unknown="Black")


def test_the_stacked_column_cannot_name_its_own_partition() -> None:
    with pytest.raises(tu.InputError, match="dimension="):
        counts(dimension="race")


@pytest.mark.parametrize("data", [None, "table.csv", [{"race": "A"}], {"race": ["A"]}, 5])
def test_what_is_no_table_is_named(data: object) -> None:
    with pytest.raises(tu.InputError, match=f"data frame.*not {type(data).__name__}"):
        tu.from_counts(data, numerator="x", denominator="n", segments="race")


def test_an_empty_table_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="no rows"):
        counts({name: [] for name in GOOD})


def test_a_column_in_the_index_is_told_from_a_missing_one() -> None:
    data = pd.DataFrame(GOOD).set_index("race")
    with pytest.raises(tu.InputError, match=r"'race' is in the index.*reset_index"):
        tu.from_counts(data, numerator="x", denominator="n", segments="race")


def test_a_column_name_that_is_there_twice_is_named() -> None:
    data = pd.DataFrame([["A", 1, 2, 3]], columns=["race", "x", "n", "x"])
    with pytest.raises(tu.InputError, match=r"(?s)'x'.*once each"):
        tu.from_counts(data, numerator="x", denominator="n", segments="race")


@pytest.mark.parametrize("by", ["county", "what"])
@pytest.mark.parametrize("empty", [None, "", float("nan"), pd.NA])
def test_a_row_without_its_stratum_is_an_error(by: str, empty: object) -> None:
    with pytest.raises(tu.InputError, match=rf"'{by}' is missing in 1 row \(data row 1"):
        counts({by: ["Inyo", empty]}, by=by)


@pytest.mark.parametrize(
    ("column", "remedy"), [("rate", "rename"), ("gap", "rename"), ("segment", "rename")]
)
def test_a_stratum_cannot_take_the_name_of_an_answer(column: str, remedy: str) -> None:
    with pytest.raises(tu.InputError, match=f"by='{column}'.*{remedy}"):
        counts({column: [1, 2]}, by=column)


@pytest.mark.parametrize("column", ["rate", "segment", "All"])
def test_a_dimension_may_take_the_name_of_an_answer(column: str) -> None:
    made = counts({column: ["a", "b"]}, segments=column)
    assert tu.assess(made, HALF).table["dimension"].tolist() == ["total", column, column]


def test_a_dimension_cannot_be_called_total() -> None:
    with pytest.raises(tu.InputError, match="'total'"):
        counts({"total": ["a", "b"]}, segments="total")


def test_a_set_of_flags_cannot_be_called_total() -> None:
    with pytest.raises(tu.InputError, match="'total'"):
        counts({"foster": [1, 0]}, segments=tu.overlapping(["foster"], name="total"))


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("All", r"'All'.*total='All'"),
        ("Unknown", r"'Unknown'.*unknown='Unknown'"),
        ("Black × Female", r"×.*rename"),
        ("Black×Female", r"×.*rename"),
    ],
)
def test_a_label_with_a_meaning_of_its_own_must_be_declared(label: str, said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        counts({"race": ["Black", label]})


@pytest.mark.parametrize("flag", ["All", "Unknown", "a × b"])
def test_a_flag_column_with_a_meaning_of_its_own_must_be_renamed(flag: str) -> None:
    with pytest.raises(tu.InputError, match="rename"):
        counts({flag: [1, 0]}, segments=tu.overlapping([flag], name="programme"))


@pytest.mark.parametrize(
    "columns", ["foster", [], [5], ("foster", None)], ids=["text", "empty", "number", "none"]
)
def test_flags_are_a_list_of_columns(columns: Any) -> None:
    with pytest.raises(tu.InputError, match="list of flag columns"):
        tu.overlapping(columns, name="programme")


@pytest.mark.parametrize("name", ["", "  ", None, 5])
def test_a_set_of_flags_has_a_name(name: Any) -> None:
    with pytest.raises(tu.InputError, match="name="):
        tu.overlapping(["foster"], name=name)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, 2], "'foster' holds '2'"),
        (["ja", "nein"], "'foster' holds 'ja'"),
        ([1, None], "holds yes and blank cells, and no 0"),
    ],
)
def test_a_flag_is_set_or_not(values: list[Any], said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        counts({"foster": values}, segments=tu.overlapping(["foster"], name="programme"))


@pytest.mark.parametrize("label", [["list"], {"a": 1}], ids=["list", "dict"])
def test_a_label_that_is_no_label_is_an_input_error(label: Any) -> None:
    with pytest.raises(tu.InputError, match="race"):
        counts({"race": ["Black", label]})


def test_too_many_cells_are_refused_with_their_number() -> None:
    k = 6_000
    data = pd.DataFrame({"race": np.arange(k), "county": np.arange(k), "x": 1, "n": 2})
    with pytest.raises(tu.InputError, match=r"36,006,000 cells.*33,554,432"):
        tu.from_counts(data, numerator="x", denominator="n", segments="race", by="county", total=())


# --- stacked files ------------------------------------------------------------------------------

STACKED: dict[str, list[Any]] = {
    "race": ["All", "Black", "White", "Female", "Male"],
    "x": [50, 20, 30, 25, 25],
    "n": [110, 50, 60, 50, 60],
}


def stacked(change: dict[str, Any] | None = None, /, **options: Any) -> tu.Segments:
    data = pd.DataFrame({**STACKED, **(change or {})})
    return tu.from_counts(data, numerator="x", denominator="n", segments="race", **options)


def test_one_stacked_column_that_doubles_its_total_is_an_error() -> None:
    with pytest.raises(
        tu.InputError, match=r"(?s)220 people.*total of 110.*dimension=.*exclusive="
    ):
        stacked(total="All")


@pytest.mark.parametrize("options", [{"exclusive": False}, {"exclusive": {"race": False}}])
def test_a_stacked_column_said_to_overlap_is_read_as_it_is(options: dict[str, Any]) -> None:
    table = tu.assess(stacked(total="All", **options), HALF).table
    assert table["n"].tolist() == STACKED["n"]
    assert table["effort_share"].isna().all()
    assert (table["reason"].iloc[1:] == "no share: segments overlap").all()


def test_a_stacked_column_without_a_total_says_so_in_the_choices() -> None:
    data = {k: v[1:] for k, v in STACKED.items()}
    made = tu.from_counts(pd.DataFrame(data), numerator="x", denominator="n", segments="race")
    assert "partition not verified" in made.choices["total"]


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (
            {"of": [None, "race", None, "sex", "sex"]},
            {"dimension": "of", "total": "All"},
            "'of' names no dimension in data row 2",
        ),
        (
            {"of": ["total", "race", "race", "sex", "sex"]},
            {"dimension": "of"},
            "'of' holds the dimension 'total'",
        ),
        (
            {"race": ["All", "Black", None, "Female", "Male"]},
            {"dimension": {"Black": "race", "Female": "sex", "Male": "sex"}, "total": "All"},
            "'race' is missing in data row 2.*cannot say which partition",
        ),
    ],
)
def test_a_row_without_its_partition_is_named(
    change: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(tu.InputError, match=said):
        stacked(change, **options)


def test_a_named_partition_makes_dimensions_of_its_own() -> None:
    partition = {"Black": "race", "White": "race", "Female": "sex", "Male": "sex"}
    table = tu.assess(stacked(total="All", dimension=partition), HALF).table
    assert table["dimension"].tolist() == ["total", "race", "race", "sex", "sex"]
    assert table["n"].tolist() == STACKED["n"]


@pytest.mark.parametrize("empty", [None, "", float("nan")])
def test_several_columns_none_filled_twice_are_an_error(empty: object) -> None:
    data = {
        "race": ["Black", "White", empty, empty],
        "sex": [empty, empty, "Female", "Male"],
        "x": [20, 30, 25, 25],
        "n": [50, 60, 50, 60],
    }
    with pytest.raises(tu.InputError, match=r"(?s)'race', 'sex'.*stacks.*dimension="):
        tu.from_counts(pd.DataFrame(data), numerator="x", denominator="n", segments=["race", "sex"])


def test_a_stack_filled_with_the_unknown_label_is_an_error() -> None:
    data = {
        "race": ["Black", "White", "N/A", "N/A"],
        "sex": ["N/A", "N/A", "Female", "Male"],
        "x": [20, 30, 25, 25],
        "n": [50, 60, 50, 60],
    }
    with pytest.raises(tu.InputError, match="stacks"):
        tu.from_counts(
            pd.DataFrame(data),
            numerator="x",
            denominator="n",
            segments=["race", "sex"],
            unknown="N/A",
        )


# --- goals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        [0.9, 0.8],
        (0.9,),
        {"Black": 0.9},
        pd.Series([0.9]),
        np.array([0.9]),
        "best",
        "0.9",
        True,
        None,
        pd.NA,
        1 + 2j,
        float("nan"),
        float("inf"),
        Decimal("NaN"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("make", [tu.Goal.at_least, tu.Goal.at_most])
def test_a_goal_is_one_finite_number(make: Callable[[Any], tu.Goal], target: Any) -> None:
    with pytest.raises(tu.InputError, match="target"):
        make(target)


@pytest.mark.parametrize("target", [[0.9, 0.8], {"Black": 0.9}, pd.Series([0.9])], ids=repr)
def test_a_goal_by_segment_is_told_that_goals_are_universal(target: Any) -> None:
    with pytest.raises(tu.InputError, match="universal"):
        tu.Goal.at_least(target)


@pytest.mark.parametrize("goal", [0.9, 1, Decimal("0.9"), np.float64(0.9)])
def test_a_bare_number_is_told_to_say_its_side(goal: Any) -> None:
    with pytest.raises(tu.InputError, match=r"at_least.*at_most"):
        tu.assess(counts(), goal)


@pytest.mark.parametrize(
    "goal", ["best", True, None, [HALF], {"Black": HALF}, {"Black": 0.9}, np.array(0.9)], ids=repr
)
def test_what_is_no_goal_is_an_input_error(goal: Any) -> None:
    with pytest.raises(tu.InputError, match="goal"):
        tu.assess(counts(), goal)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"per": 0}, "per=0"),
        ({"per": -100}, "per=-100"),
        ({"per": "100"}, "per='100'"),
        ({"per": float("nan")}, "per=nan"),
        ({"per": True}, "per"),
        ({"deadline": "2030"}, "deadline='2030'.*year"),
        ({"deadline": 30}, r"deadline=30 .* from 1000: a year, such as 2030"),
        ({"deadline": "next year"}, "deadline='next year'"),
        ({"deadline": True}, "deadline=True"),
        ({"deadline": 2030.5}, "deadline=2030.5"),
        ({"ambition": "modest"}, "ambition='modest'.*'aspirational'"),
    ],
    ids=str,
)
def test_a_goals_option_is_checked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        tu.Goal.at_least(0.9, **options)


@pytest.mark.parametrize(
    "number",
    [
        100,
        np.int64(100),
        Decimal(100),
        Fraction(100),
    ],
    ids=repr,
)
def test_every_kind_of_number_is_a_unit(number: Any) -> None:
    goal = tu.Goal.at_most(30, per=number)
    assert goal.fraction == Fraction(3, 10)
    assert repr(goal) == "Goal: at most 30 per 100"


@pytest.mark.parametrize("year", [np.int64(2030), np.int32(2030)], ids=repr)
def test_a_deadline_may_come_from_a_column(year: Any) -> None:
    goal = tu.Goal.at_least(0.5, deadline=year)
    assert tu.assess(counts(), goal).goals["deadline"].tolist() == [2030]


def test_a_direction_is_one_of_two() -> None:
    with pytest.raises(tu.InputError, match=r"direction='up'.*'at least', 'at most'"):
        tu.Goal(direction="up", target=0.9)


def test_an_indicator_without_a_goal_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="Indicator 'b' has no goal"):
        tu.assess(counts(indicator="what"), {"a": HALF})


def test_a_goal_without_an_indicator_is_an_error() -> None:
    with pytest.raises(tu.InputError, match=r"no indicator 'grad'\. Did you mean 'grade'\?"):
        tu.assess(
            counts({"what": ["grade", "jobs"]}, indicator="what"),
            {"grad": HALF, "jobs": HALF},
        )


def test_one_goal_for_two_indicators_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="2 indicators"):
        tu.assess(counts(indicator="what"), HALF)


@pytest.mark.parametrize("names", [{1: HALF, 2: HALF}, {"1": HALF, "2": HALF}])
def test_whole_numbers_may_name_indicators(names: dict[Any, tu.Goal]) -> None:
    table = tu.assess(counts({"what": [1, 2]}, indicator="what"), names).table
    assert table["indicator"].tolist() == ["1", "1", "2", "2"]


def test_floats_that_name_indicators_match_their_labels() -> None:
    made = counts({"what": [1.0, 2.0]}, indicator="what", kind={1.0: "rate", 2.0: "proportion"})
    assert len(tu.assess(made, {1.0: HALF, 2.0: HALF}).goals) == 2


# --- scales -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (tu.Goal.at_least(60), r"60 per 1.*per=100"),
        (tu.Goal.at_least(101, per=100), "101"),
        (tu.Goal.at_least(-0.1), "-0.1"),
    ],
)
def test_a_goal_outside_the_scale_of_a_proportion_is_an_error(goal: tu.Goal, said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        tu.assess(counts(), goal)


def test_a_rate_below_zero_cannot_be_a_goal() -> None:
    with pytest.raises(tu.InputError, match="-1 is below 0"):
        tu.assess(counts(kind="rate"), tu.Goal.at_most(-1, per=1000))


@pytest.mark.parametrize("rates", [[60, 0.5], [-0.1, 0.5], [np.inf, 0.5]])
def test_an_estimate_outside_its_scale_is_an_error(rates: list[float]) -> None:
    with pytest.raises(tu.InputError, match=rf"'rate' holds {rates[0]:g} in data row 0"):
        published({"rate": rates})


def test_percentages_without_their_unit_are_told_to_say_it() -> None:
    with pytest.raises(tu.InputError, match="per=100"):
        published({"rate": [60, 70]})


@pytest.mark.parametrize(
    ("per", "goal"),
    [
        (100, tu.Goal.at_least(0.6)),
        (None, tu.Goal.at_least(60, per=100)),
    ],
)
def test_a_unit_said_on_one_side_only_is_an_error(per: int | None, goal: tu.Goal) -> None:
    made = published({"rate": [0.6, 0.7]}, per=per)
    with pytest.raises(tu.InputError, match="per="):
        tu.assess(made, goal)


@pytest.mark.parametrize(
    ("rates", "target"), [([0.6, 0.7], 60), ([60, 70], 0.6)], ids=["goal in %", "data in %"]
)
@pytest.mark.parametrize("kind", ["rate", "standardized"])
def test_rates_and_goal_on_two_sides_of_one_are_an_error(
    rates: list[float], target: float, kind: str
) -> None:
    made = published({"rate": rates}, kind=kind)
    with pytest.raises(tu.InputError, match="other side of 1"):
        tu.assess(made, tu.Goal.at_least(target))


def test_a_unit_of_one_that_was_said_is_believed() -> None:
    made = published({"rate": [0.6, 0.7]}, kind="rate", per=1)
    assert tu.assess(made, tu.Goal.at_most(60, per=1)).table["gap"].iloc[1] == -59.4


@pytest.mark.parametrize("per", [None, 1, 100])
def test_units_said_on_both_sides_are_converted(per: int | None) -> None:
    rates = np.array([60.0, 70.0]) / 100 * (per or 1)
    goal = tu.Goal.at_least(0.65) if per is None else tu.Goal.at_least(65, per=100)
    table = tu.assess(published({"rate": rates}, per=per), goal).table
    assert table["gap"].iloc[1:].tolist() == pytest.approx(
        [0.05 * float(goal.per), -0.05 * float(goal.per)]
    )


def test_a_goal_of_none_at_all_needs_no_unit() -> None:
    made = published({"rate": [1.5, 2.5]}, kind="rate")
    assert tu.assess(made, tu.Goal.at_most(0)).table["gap"].tolist()[1:] == [1.5, 2.5]


# --- published estimates ------------------------------------------------------------------------

RATES = {"rate": [0.4, 0.6], "se": [0.01, 0.02], "low": [0.3, 0.5], "high": [0.5, 0.7]}


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, {"ci": ("high", "low")}, r"0\.4 lies outside its interval \(0\.5 to 0\.3\).*order"),
        ({"high": [0.5, 0.55]}, {"ci": ("low", "high")}, r"'White'.*0\.6 lies outside"),
        ({"se": [0.01, -0.02]}, {"se": "se"}, r"'se' holds -0\.02.*'White'"),
        ({"se": [np.inf, 0.02]}, {"se": "se"}, r"'se' holds inf"),
        ({"se": [0.01, -0.02]}, {"moe": "se"}, r"'se' holds -0\.02.*'White'"),
        ({}, {"moe": "se", "se": "low"}, "one of se=, moe= and ci="),
        ({}, {"moe": "se", "ci": ("low", "high")}, "one of se=, moe= and ci="),
        ({}, {"level": 0.9}, "neither is given"),
        ({}, {"se": "se", "level": 0.9}, "neither is given"),
        ({}, {"moe": "se", "level": 95}, "level=95"),
        ({}, {"moe": "se", "level": 1.0}, "level=1.0"),
        ({}, {"moe": "se", "level": 0}, "level=0"),
        ({}, {"se": "sse"}, "no column 'sse'"),
        ({}, {"kind": "prop"}, "kind='prop'"),
        ({"n": [-1, 5]}, {"population": "n"}, r"'n' holds -1"),
        ({"n": [5, np.inf]}, {"n": "n"}, r"'n' holds inf"),
    ],
    ids=str,
)
def test_a_published_interval_is_checked(
    change: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(tu.InputError, match=f"(?s){said}"):
        published({**RATES, **change}, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"ci": ("low",)},
        {"ci": ("low", "high", "se")},
        {"moe": "se", "level": "95"},
        {"per": 0},
        {"per": -1},
        {"per": float("nan")},
        {"per": True},
        {"per": "1000"},
    ],
    ids=str,
)
def test_an_option_of_published_rates_is_checked(options: dict[str, Any]) -> None:
    with pytest.raises(tu.InputError, match=r"ci=|level=|per="):
        tu.assess(published({**RATES}, kind="rate", **options), tu.Goal.at_least(0.5, per=1))


def test_one_column_is_no_interval() -> None:
    with pytest.raises(tu.InputError, match="ci="):
        published({**RATES}, ci="low")


@pytest.mark.parametrize(
    ("options", "goal", "said"),
    [
        ({"kind": "rate", "per": 1000}, tu.Goal.at_most(-1, per=1000), "goal -1 is below 0"),
        ({"kind": "mean"}, tu.Goal.at_least(3, per=100), r"goal is per 100.*say per= there too"),
        (
            {"kind": "rate", "per": 1000},
            tu.Goal.at_least(3),
            r"per 1,000.*say per=1000 in the goal",
        ),
    ],
)
def test_units_of_rates_and_goal_are_both_said(
    options: dict[str, Any], goal: tu.Goal, said: str
) -> None:
    with pytest.raises(tu.InputError, match=said):
        tu.assess(published({"rate": [4.0, 5.0]}, **options), goal)


def test_a_goal_without_a_unit_is_held_against_no_rate_where_none_is_known() -> None:
    a = tu.assess(published({"rate": [np.nan, np.nan]}, kind="mean"), tu.Goal.at_least(3))
    assert a.table["status"].tolist() == ["no data"] * 3


def test_the_goal_of_an_indicator_that_is_in_no_row_is_held_against_nothing() -> None:
    data = {"rate": [3.0, 300.0], "what": ["u", "v"], "county": ["Inyo", "Mono"], "race": "Black"}
    made = published(data, kind="mean", indicator="what", by="county")
    both = {"u": tu.Goal.at_least(3), "v": tu.Goal.at_least(300)}
    part = tu.assess(made, both).where(county="Inyo")
    again = tu.assess(part.segments, both).table
    assert again["rate"].dropna().unique().tolist() == [3]


@pytest.mark.parametrize("confidence", [0.90, 0.99])
def test_another_level_than_the_published_one_is_an_error(confidence: float) -> None:
    made = published({**RATES}, ci=("low", "high"))
    with pytest.raises(tu.InputError, match=rf"level 0\.95: confidence={confidence}"):
        tu.assess(made, HALF, confidence=confidence)


def test_a_published_interval_is_shown_as_given_at_its_own_level() -> None:
    made = published({**RATES}, ci=("low", "high"), level=0.9)
    table = tu.assess(made, HALF, confidence=0.9).table
    assert table["ci_low"].iloc[1:].tolist() == RATES["low"]
    assert table["ci_high"].iloc[1:].tolist() == RATES["high"]


@pytest.mark.parametrize(
    ("moe", "reason"),
    [
        (-555555555, "controlled estimate: margin of error 0; no interval: standard error of zero"),
        (-222222222, "margin of error not computable: American Community Survey code; "),
        (-333333333, "margin of error not computable: American Community Survey code; "),
    ],
)
def test_census_codes_of_margins_are_reasons(moe: int, reason: str) -> None:
    a = tu.assess(published({"rate": [0.4, 0.6], "moe": [0.02, moe]}, moe="moe"), HALF)
    white = row_of(a.table, "White")
    assert white["rate"] == 0.6
    assert white["reason"].startswith(reason)
    assert "no interval given" not in white["reason"]
    assert white["status"] == "uncertain"
    total = row_of(a.table, "All")["reason"]
    assert "controlled" not in total
    assert "not computable" not in total


@pytest.mark.parametrize("code", [-555555555, -222222222, -111111111])
def test_other_census_codes_are_no_estimates(code: int) -> None:
    with pytest.raises(tu.InputError, match=rf"holds {code} in .*American Community Survey"):
        published({"rate": [0.4, code], "moe": [0.02, 0.01]}, moe="moe", kind="mean")


@pytest.mark.parametrize("code", [-666666666, -888888888, -999999999])
def test_census_codes_of_estimates_are_missing_rates(code: int) -> None:
    a = tu.assess(published({"rate": [0.4, code], "moe": [0.02, -222222222]}, moe="moe"), HALF)
    white = row_of(a.table, "White")
    assert np.isnan(white["rate"])
    assert white["status"] == "no data"
    assert white["reason"].startswith("no estimate: the American Community Survey")
    assert "not computable" not in white["reason"]
    assert "American" not in row_of(a.table, "All")["reason"]


@pytest.mark.parametrize("code", [-888888888, -999999999])
def test_census_codes_of_estimates_may_stand_in_the_margin_too(code: int) -> None:
    a = tu.assess(published({"rate": [0.4, code], "moe": [0.02, code]}, moe="moe"), HALF)
    assert row_of(a.table, "White")["reason"].startswith(
        "no estimate: the American Community Survey"
    )


@pytest.mark.parametrize(
    ("made", "options", "said"),
    [
        (counts, {"confidence": 95}, "confidence=95"),
        (counts, {"confidence": 1}, "confidence=1"),
        (counts, {"confidence": 0.0}, "confidence=0.0"),
        (counts, {"confidence": "95"}, "confidence='95'"),
        (counts, {"confidence": float("nan")}, "confidence=nan"),
        (counts, {"interval": "wald"}, "interval='wald'"),
        (counts, {"interval": "byar"}, "does not fit a proportion"),
        (counts, {"interval": "student"}, "does not fit a proportion"),
        (lambda: counts(kind="rate"), {"interval": "wilson"}, "does not fit a rate"),
        (lambda: published({**RATES}), {"interval": "wilson"}, "needs counts"),
        (counts, {"reliability": "NCHS"}, "reliability='NCHS'"),
        (counts, {"rollup": True}, "rollup=True.*by="),
    ],
)
def test_an_option_of_assess_is_checked(
    made: Callable[[], tu.Segments], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(tu.InputError, match=said):
        tu.assess(made(), HALF, **options)


def test_a_level_next_to_one_gives_no_warning() -> None:
    made = published({"rate": [0.4, 0.6], "se": [0.1, 0.0]}, se="se")
    assert len(tu.assess(made, HALF, confidence=1 - 2.0**-53).table) == 3


def test_a_roll_up_of_rates_without_people_is_an_error() -> None:
    made = published({"rate": [0.4, 0.6], "county": ["Inyo", "Mono"]}, by="county")
    with pytest.raises(tu.InputError, match=r"rollup=True.*population="):
        tu.assess(made, HALF, rollup=True)


def test_goal_and_segments_in_the_wrong_order_are_told_apart() -> None:
    with pytest.raises(TypeError, match="Segments first"):
        tu.assess(HALF, counts())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"contry": "Inyo"}, "no column 'contry'.*'county'"),
        ({"county": "Inio"}, "holds no 'Inio'.*'Inyo'"),
        ({"dimension": "rice"}, "no dimension 'rice'.*'race'"),
        ({"race": "Black"}, "no column 'race'"),
        ({"indicator": "a"}, "no column 'indicator'"),
    ],
)
def test_a_stratum_that_is_not_there_is_named(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        tu.assess(counts(by="county"), HALF).where(**wanted)


@pytest.mark.parametrize("value", [10**400, -(10**400), Fraction(10**400)])
@pytest.mark.parametrize("kind", ["proportion", "mean"])
def test_a_number_that_no_float_holds_is_an_error(value: object, kind: str) -> None:
    data = pd.DataFrame({"race": ["A", "B"], "y": pd.Series([value, 1], dtype=object)})
    with pytest.raises(tu.InputError, match=r"'y' holds .* in data row 0"):
        tu.from_records(data, outcome="y", segments="race", kind=kind)


def test_a_score_whose_square_no_float_holds_is_an_error() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "y": [1e308, 1.0]})
    with pytest.raises(tu.InputError, match=r"'y' holds 1e\+308.*10¹⁵⁰"):
        tu.from_records(data, outcome="y", segments="race", kind="mean")


def test_a_class_in_place_of_a_frame_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="Expected a data frame"):
        tu.from_counts(pd.DataFrame, numerator="x", denominator="n", segments="race")


@pytest.mark.parametrize("path", [None, 5, b"x.csv", "", " ", [], object(), "a\x00b", "\ud800"])
def test_what_is_no_path_is_an_error(path: Any) -> None:
    asked = {"outcome": "y", "segments": "race"}
    for call in (
        lambda: tu.from_csv(path, **asked), lambda: tu.from_parquet(path, **asked),
        lambda: tu.read_segments(path), lambda: counts().to_parquet(path, confidential=True),
        lambda: tu.assess(counts(), HALF).report(path),
        lambda: tu.assess(counts(), HALF).to_excel(path),
    ):  # fmt: skip
        with pytest.raises(tu.InputError):
            call()


@pytest.mark.parametrize("confidential", [None, 5, "yes", [], np.array([1, 2])])
def test_confidential_is_yes_or_no(confidential: Any, tmp_path: Path) -> None:
    with pytest.raises(tu.InputError, match="confidential="):
        counts().to_parquet(tmp_path / "s.parquet", confidential=confidential)


@pytest.mark.parametrize("order", [{1: 2}, {"race": "Black"}, {"race": None}, ["Black"], 5])
def test_an_order_is_a_list_for_each_dimension(order: Any) -> None:
    with pytest.raises(tu.InputError, match="order= takes a list for each dimension"):
        counts(order=order)


@pytest.mark.parametrize("adjusted", [None, 5, "yes", []])
def test_adjusted_is_yes_or_no(adjusted: Any) -> None:
    with pytest.raises(tu.InputError, match="adjusted="):
        published({"rate": [0.4, 0.5]}, adjusted=adjusted)


def test_a_label_that_signals_is_missing_as_a_quiet_one_is() -> None:
    for unknown in (Decimal("sNaN"), Decimal("NaN")):
        assert counts(unknown=unknown).dimensions == counts().dimensions


@pytest.mark.parametrize(("call", "words"), [
    (lambda: tu.from_counts(PUPILS, "x", "n"), r"from_counts\(…, numerator='x', denominator='n'\)"),
    (lambda: tu.from_counts(PUPILS, numerator="x"), "Not said here: denominator, segments"),
    (lambda: tu.Plan([], "county"), r"Plan\(…, by='county'\)"),
    (lambda: tu.Goal.at_most(3, 1_000), r"at_most\(…, per=1000\)"),
])  # fmt: skip
def test_values_in_a_place_that_is_none_are_written_back_by_name(call: Any, words: str) -> None:
    with pytest.raises(tu.InputError, match=words) as error:
        call()
    assert isinstance(error.value, TypeError)


PUPILS = pd.DataFrame({"race": ["A", "B"], "x": [1, 2], "n": [9, 9]})


def test_half_of_a_character_is_a_label_and_no_name(tmp_path: Path) -> None:
    """A lone surrogate is text to Python and to no file: files mark it, names are asked anew."""
    half = "A" + chr(0xD800)
    data = pd.DataFrame({"race": [half, "B"], "x": [21, 32], "n": [43, 64]}, dtype=object)
    made = tu.from_counts(data, numerator="x", denominator="n", segments="race")
    a = tu.assess(made, tu.Goal.at_least(0.5))
    assert a.table["segment"].tolist()[1] == half
    assert "A\ufffd" in page_of(a, tmp_path)
    with pytest.raises(tu.InputError, match="half of a character"):
        tu.Goal.at_least(0.5, name=half)
    with pytest.raises(tu.InputError, match="half of a character"):
        tu.from_counts(data, numerator="x", denominator="n", segments=half)
