"""Laws at the edges for every method of an assessment; a new method is asked as it arrives.

Data that are valid, however odd, never raise; a table has the same columns and types whatever it
is made of; nothing is infinite; what is missing has a reason; row order and names change nothing.
"""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import targeted_universalism as tu
from make import required
from targeted_universalism.show.plots import Plots

Frame = pd.DataFrame
HALF = tu.Goal.at_least(0.5)


# --- data at the edges --------------------------------------------------------------------------


@dataclass
class Case:
    """Rows, how segments are made of them, and how they are assessed."""

    rows: Frame
    make: Callable[[Frame], tu.Segments]
    goal: tu.Goal = HALF
    options: dict[str, Any] = field(default_factory=dict)
    after: Callable[[tu.Assessment], tu.Assessment] = lambda a: a

    def assess(self, rows: Frame | None = None) -> tu.Assessment:
        made = self.make(self.rows if rows is None else rows)
        return self.after(tu.assess(made, replace(self.goal, deadline=2025), **self.options))


def counts(**options: Any) -> Callable[[Frame], tu.Segments]:
    given = {"numerator": "x", "denominator": "n", "segments": "race", "by": "year", **options}
    return lambda rows: tu.from_counts(rows, **given)


def estimates(**options: Any) -> Callable[[Frame], tu.Segments]:
    given = {"estimate": "x", "segments": "race", "by": "year", "kind": "proportion", **options}
    return lambda rows: tu.from_estimates(rows, **given)


def records(**options: Any) -> Callable[[Frame], tu.Segments]:
    given = {"outcome": "x", "segments": "race", "by": "year", **options}
    return lambda rows: tu.from_records(rows, **given)


def table(
    *cells: tuple[object, ...], races: str = "ABC", years: Sequence[int] = (2021, 2022)
) -> Frame:
    """Counts (events, people) of every race in every year."""
    keys = [(year, race) for year in years for race in races]
    return Frame(
        [(*key, *cell) for key, cell in zip(keys, cells, strict=True)],
        columns=["year", "race", *["x", "n", "m"][: len(cells[0])]],
    )


def people(rows: int = 240) -> Frame:
    rng = np.random.default_rng(3)
    return Frame(
        {
            "year": rng.choice([2021, 2022], rows), "race": rng.choice(["A", "B", "C", None], rows),
            "x": rng.integers(0, 2, rows), "score": rng.normal(3, 1, rows).round(3),
            "w": rng.integers(1, 9, rows) / 4, "f": rng.integers(0, 2, rows),
            "g": rng.integers(0, 2, rows),
        }
    )  # fmt: skip


PLAIN = table((60, 100), (45, 90), (30, 80), (200, 300), (90, 210), (70, 150))
SMALL = table((60, 100), (4, 90), (30, 80), (200, 300), (90, 210), (70, 150))
RATES = table((0.6, 0.02), (0.45, 0.03), (0.3, 0.04), (0.7, 0.01), (0.5, 0.02), (0.4, 0.05))
PEOPLED = RATES.assign(m=[100, 90, 80, 300, 210, 150])
SCORE = {"outcome": "score", "kind": "mean"}

CASES: dict[str, Case] = {
    "plain": Case(PLAIN, counts()),
    "at most": Case(PLAIN, counts(), tu.Goal.at_most(0.4)),
    "goal 0": Case(PLAIN, counts(), tu.Goal.at_most(0)),
    "goal 1": Case(PLAIN, counts(), tu.Goal.at_least(1)),
    "goal 0 at least": Case(PLAIN, counts(), tu.Goal.at_least(0)),
    "goal 1 at most": Case(PLAIN, counts(), tu.Goal.at_most(1)),
    "per 1,000": Case(PLAIN, counts(), tu.Goal.at_most(400, per=1000)),
    "exact": Case(PLAIN, counts(), options={"interval": "exact"}),
    "no confidence": Case(PLAIN, counts(), options={"confidence": None}),
    "no reliability": Case(PLAIN, counts(), options={"reliability": None}),
    "rolled up": Case(PLAIN, counts(), options={"rollup": True}),
    "one segment": Case(table((5, 10), (50, 60), races="A"), counts()),
    "one stratum": Case(table((5, 10), (31, 60), (7, 8), years=(2021,)), counts()),
    "one cell": Case(table((5, 10), races="A", years=(2021,)), counts()),
    "one person": Case(table((1, 1), (0, 1), (0, 1), (1, 1), (1, 1), (1, 1)), counts()),
    "no events": Case(table(*[(0, 50)] * 6), counts()),
    "no events at most": Case(table(*[(0, 50)] * 6), counts(), tu.Goal.at_most(0.1)),
    "all events": Case(table(*[(50, 50)] * 6), counts()),
    "nobody": Case(table(*[(0, 0)] * 6), counts()),
    "an empty stratum": Case(table((5, 10), (9, 40), (8, 90), *[(0, 0)] * 3), counts()),
    "an empty segment": Case(table((5, 10), (0, 0), (8, 90), (9, 20), (0, 0), (3, 30)), counts()),
    "no numerator": Case(table(*[(np.nan, 50)] * 2, *[(20, 50)] * 4), counts()),
    "a missing row": Case(PLAIN.drop(index=[1, 5]), counts()),
    "all alike": Case(table(*[(20, 50)] * 6), counts()),
    "one known in a stratum": Case(PLAIN.drop(index=[0, 1]), counts()),
    "huge": Case(table(*[(2**40 + i * 2**33, 2**42) for i in range(6)]), counts()),
    "Unknown": Case(PLAIN.replace({"race": {"C": None}}), counts()),
    "only Unknown": Case(table((5, 10), (9, 40), races="A").assign(race=None), counts()),
    "a declared total": Case(
        pd.concat([PLAIN, table((150, 300), (380, 700), races="T")]), counts(total="T")
    ),
    "overlapping": Case(PLAIN, counts(exclusive=False)),
    "ordered": Case(PLAIN, counts(order={"race": ["A", "B", "C"]})),
    "rates": Case(PLAIN, counts(kind="rate"), tu.Goal.at_most(0.4, per=1)),
    "no events of a rate": Case(
        table(*[(0, 50)] * 6), counts(kind="rate"), tu.Goal.at_most(4, per=1000)
    ),
    "rates above 1": Case(
        table((90, 10), (45, 9), (3, 80), (20, 3), (9, 21), (0, 15)),
        counts(kind="rate"), tu.Goal.at_most(2, per=1),
    ),
    "hidden": Case(
        SMALL.astype({"x": object}).replace({"x": {4: "<11"}}), counts(suppressed={"<11": (1, 10)})
    ),
    "all hidden": Case(PLAIN.assign(x="*"), counts(suppressed={"*": None})),
    "public": Case(SMALL, counts(), after=lambda a: a.suppress()),
    "all suppressed": Case(table(*[(2, 5)] * 6), counts(), after=lambda a: a.suppress()),
    "public and rolled up": Case(
        SMALL, counts(), options={"rollup": True}, after=lambda a: a.suppress()
    ),
    "estimates": Case(RATES, estimates(se="n")),
    "estimates of people": Case(PEOPLED, estimates(se="n", population="m")),
    "estimates alone": Case(RATES, estimates()),
    "estimates without error": Case(RATES.assign(n=0.0), estimates(se="n")),
    "estimates at the bounds": Case(
        PEOPLED.assign(x=[0.0, 1.0, 0.5, 0.0, 0.0, 1.0]), estimates(se="n", population="m")
    ),
    "estimates that are missing": Case(
        PEOPLED.assign(x=[np.nan, 0.4, 0.5, np.nan, np.nan, np.nan]),
        estimates(se="n", population="m"),
    ),
    "estimates of rates": Case(
        PEOPLED.assign(x=[6.0, 4.5, 3.0, 0.0, 5.0, 4.0]),
        estimates(se="n", population="m", kind="rate", per=1000), tu.Goal.at_most(4, per=1000),
    ),
    "standardized": Case(
        RATES.assign(x=RATES["x"] * 10), estimates(se="n", kind="standardized", per=1000),
        tu.Goal.at_most(4, per=1000),
    ),
    "standardized of people": Case(
        PEOPLED.assign(x=RATES["x"] * 10),
        estimates(se="n", population="m", kind="standardized", per=1000),
        tu.Goal.at_most(4, per=1000),
    ),
    "estimated means": Case(
        PEOPLED.assign(x=PEOPLED["x"] * 10 - 4), estimates(se="n", population="m", kind="mean"),
        tu.Goal.at_least(1, per=1),
    ),
    "records": Case(people(), records()),
    "weighted records": Case(people(), records(weight="w")),
    "flags": Case(people(), records(segments=tu.overlapping(["f", "g"], name="race"))),
    "means": Case(people(), records(**SCORE), tu.Goal.at_least(3, per=1)),
    "weighted means": Case(people(), records(**SCORE, weight="w"), tu.Goal.at_least(3, per=1)),
    "few means": Case(people(5), records(**SCORE), tu.Goal.at_least(3, per=1)),
    "means below 0": Case(
        people().assign(score=lambda d: d["score"] - 3), records(**SCORE),
        tu.Goal.at_least(0, per=1),
    ),
    "means all alike": Case(
        people().assign(score=2.0), records(**SCORE), tu.Goal.at_least(3, per=1)
    ),
}  # fmt: skip


ALIKE = {
    "no events", "no events at most", "all events", "no numerator", "all alike", "one person",
    "no events of a rate", "estimates at the bounds",
}  # fmt: skip
NAMED = {"ordered", "flags"}  # by the options of the call, not by rows alone


# --- every method -------------------------------------------------------------------------------


def spent(a: tu.Assessment) -> Frame:
    """Money for every segment of every year."""
    rows = a.table.query("dimension != 'total'").dropna(subset="year")
    return rows[["year", "segment"]].rename(columns={"segment": "race"}).assign(spent=100)


# What a question cannot do without, by the name of its parameter.
NEEDED: dict[str, Any] = {
    "time": "year", "amount": 30, "money": spent, "public": lambda a: a.suppress(),
}  # fmt: skip
# How a method is called; without an entry it is called with what it needs.
CALLS: dict[str, list[dict[str, Any]]] = {
    "disparities": [
        *({"reference": r} for r in ("best", "total", "rest", "goal", "each")),
        {"adjust": "bh", "minimum": 1},
    ],
    "impact": [
        {"rule": r} for r in ("ppg1-2022", "ppg-2017", "index-80", "proportionality", "idea")
    ]
    + [{"rule": "idea", "threshold": 3}],
    "effort": [{"cost": 700}, {"default_cost": 0.5}],
    "allocate": [
        {"amount": 30},
        {"amount": 1_000, "default_cost": 7.5, "rule": ["proportional", "maximin", "most people"]},
    ],
    "progress": [{"time": "year", "draws": 100}],
    "milestones": [{"time": "year"}, {"time": "year", "pace": "linear", "every": 1.5}],
    "gap_trends": [{"time": "year", "reference": r} for r in ("total", "rest")],
    "reliability": [{"rule": r} for r in ("nchs", "rse-30", "nchs-rounded", "calhhs-survey")],
    "suppress": [{}, {"minimum": 5, "zeros": "hide"}],
    "where": [{"year": 2021}],
}
OF_CONFIDENTIAL = {"suppression_log"}
FILES = {"report": "a.html", "to_excel": "a.xlsx"}
# By the contract: the total and Unknown have no share, estimates no count of rows or events; not
# every rule has a margin or degrees of freedom, not every measure a value where all are equal.
# Without years= there is nothing to say per year, without cost= no cost; the total has no share.
APART = {
    "effort_share", "effort_index", "needed_per_year", "n", "events", "n_effective", "df", "margin",
    "expected_if_equal", "unit_cost", "spent_share", "population_share",
}  # fmt: skip
# Left out by confidence=None, which is a choice of the whole assessment.
UNSAID = {("no confidence", "summarize {}")}
# Drawn by a seed, segment after segment: the order of rows moves it within its Monte Carlo error.
DRAWN = ["expected_if_equal"]
# Where segments are alike, the best is the first.
CHOSEN = {"disparities", "impact", "summarize"}
# Who is as far from the goal comes first by the order of the rows: one person, and not one more.
SHARED_OUT = {"allocate"}
TOGETHER = ["rule", "needed", "awarded", "spent", "rate_after", "unspent", "reason"]

Call = tuple[str, dict[str, Any]]


def public(kind: type) -> dict[str, Callable[..., Any]]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: function for name, function in found if not name.startswith("_")}


@cache
def ways() -> dict[str, list[dict[str, Any]]]:
    """Every public method, and the ways it is asked here; a new one is asked as it stands."""
    methods = public(tu.Assessment).items()
    return {
        name: CALLS.get(name) or [required(method, NEEDED)]
        for name, method in methods
        if name not in FILES
    }


def calls(case: str) -> list[Call]:
    """Ask a case in every way; of the short list all but the first in some, by turns.

    What is asked in one way is always asked; of several ways a third or a half, others of the next.
    """
    if case not in SHORT[1:]:
        return [(name, options) for name, many in ways().items() for options in many]
    turn = SHORT.index(case)
    return [
        (name, options)
        for name, many in ways().items()
        for i, options in enumerate(many)
        if (turn - i) % len(many) in (0, 3)
    ]


def given(a: tu.Assessment, options: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of a call, those made for the assessment among them."""
    return {name: value(a) if callable(value) else value for name, value in options.items()}


def asked(a: tu.Assessment, call: Call) -> Frame | str:
    name, options = call
    result = getattr(a, name)(**given(a, options))
    return result.table if isinstance(result, tu.Assessment) else result


def tables(a: tu.Assessment, case: str) -> dict[str, Frame]:
    """Give every table of an assessment of a case, its own first."""
    found: dict[str, Frame | str] = {"table": a.table, "goals": a.goals}
    shown = OF_CONFIDENTIAL if a.choices["suppression"] else set()
    own = [call for call in calls(case) if call[0] not in shown]
    found |= {f"{call[0]} {call[1]}": asked(a, call) for call in own}
    return {name: result for name, result in found.items() if isinstance(result, Frame)}


@dataclass(frozen=True)
class Made:
    """A case that is assessed once for every law that only asks, and what it was before that."""

    assessment: tu.Assessment
    rows: Frame
    cells: bytes


@cache
def made(name: str) -> Made:
    case = CASES[name]
    rows, a = case.rows.copy(), case.assess()
    return Made(a, rows, pickle.dumps(a.segments.cells))


@cache
def answers(name: str) -> dict[str, Frame]:
    """Keep the tables of a case for every law, and write into those that were given."""
    found = tables(made(name).assessment, name)
    kept = {call: result.copy() for call, result in found.items()}
    for result in found.values():
        for column in [name for name, dtype in result.dtypes.items() if dtype.kind == "f"][:1]:
            result[column] = -1.0
    return kept


# One of each kind of data, and of each way of having no answer; the others are tried at length.
SHORT = (
    "plain", "goal 0", "no confidence", "rolled up", "one cell", "one person", "no events",
    "nobody", "an empty stratum", "one known in a stratum", "Unknown", "overlapping", "ordered",
    "rates above 1", "hidden", "public", "estimates of people", "estimates that are missing",
    "standardized of people", "weighted records", "few means", "weighted means",
)  # fmt: skip
WHOLE = ", in every way"
CASES |= {f"{name}{WHOLE}": CASES[name] for name in SHORT[1:]}


def some_cases(first: int = 0, step: int = 1) -> pytest.MarkDecorator:
    """Ask every `step`-th of the short list of cases from `first` on; at length all, in every way.

    Tests of one case run one after the other, so that its tables are made once on every core.
    """
    chosen = SHORT[first::step]
    cases = [pytest.param(name, marks=() if name in chosen else pytest.mark.long) for name in CASES]
    return pytest.mark.parametrize("name", cases, scope="module")


def shape(result: Frame) -> dict[str, str]:
    return {str(column): str(dtype) for column, dtype in result.dtypes.items()}


@cache
def shape_of(call: str) -> dict[str, str]:
    """Give the shape that a table has, whatever it is made of."""
    return shape(answers("plain")[call])


def numbers(result: Frame) -> dict[str, np.ndarray[Any, Any]]:
    return {
        str(name): column.to_numpy(dtype=float, na_value=np.nan)
        for name, column in result.items()
        if column.dtype.kind in "iuf"
    }


def unexplained(result: Frame, held: dict[str, np.ndarray[Any, Any]]) -> Frame:
    """Rows with a missing number and no reason."""
    asked = [np.isnan(values) for name, values in held.items() if name not in {"year", *APART}]
    found = result[np.any(asked, axis=0)] if asked else result[:0]
    said = found["reason"].astype(str)
    if "footnote" in found:
        said += found["footnote"].astype(str)
    return found[said == ""]


def texts(result: Frame) -> set[str]:
    """Name the columns of words."""
    return {str(name) for name, dtype in result.dtypes.items() if dtype.kind not in "iufbM"}


def words(result: Frame) -> Frame:
    """Columns of words as plain text, so that categories are not compared."""
    text = texts(result)
    plain = {c: result[c].to_numpy(object) if c in text else result[c].array for c in result}
    return Frame(plain, index=range(len(result)))


def equal(one: Frame, other: Frame, rtol: float, atol: float) -> bool:
    """Say whether the values of two tables are one, to the bit or nearly, and numbers of a type."""
    text = texts(one)
    if list(one) != list(other) or len(one) != len(other) or text != texts(other):
        return False
    for name in one:
        values = [(t[name].astype(object) if name in text else t[name]).array for t in (one, other)]
        if values[0].dtype.kind == "f" and rtol:
            same = np.allclose(*map(np.asarray, values), rtol=rtol, atol=atol, equal_nan=True)
        else:
            same = values[0].equals(values[1])  # of one type
        if not same:
            return False
    return True


def alike(one: Frame, other: Frame, call: str, rtol: float = 0.0, atol: float = 0.0) -> None:
    """Compare the values of two tables; those that are equal need no closer look."""
    if not equal(one, other, rtol, atol):
        near: dict[str, Any] = {"rtol": rtol, "atol": atol} if rtol else {"check_exact": True}
        pd.testing.assert_frame_equal(words(one), words(other), obj=call, **near)


@some_cases()
def test_tables_keep_their_shape_hold_nothing_infinite_and_say_why(name: str) -> None:
    for call, result in answers(name).items():
        assert shape(result) == shape_of(call), call
        held = numbers(result)
        assert not any(np.isinf(values).any() for values in held.values()), call
        if "reason" in result:
            assert result["reason"].notna().all(), call
            assert (name.removesuffix(WHOLE), call) in UNSAID or unexplained(result, held).empty, (
                call
            )


@some_cases()
def test_sentences_are_said_of_every_case(name: str) -> None:
    a = made(name).assessment
    for said in (a.describe(), repr(a), a._repr_html_(), repr(a.segments), repr(a.choices)):
        assert said.strip()
        assert "nan" not in said.lower().replace("unanswered", "")


@some_cases(3, 5)
def test_nothing_that_is_asked_changes_the_assessment(name: str) -> None:
    first, before = answers(name), made(name)
    for call, result in tables(before.assessment, name).items():
        if not result.equals(first[call]):
            pd.testing.assert_frame_equal(result, first[call], obj=call)
    assert pickle.dumps(before.assessment.segments.cells) == before.cells
    pd.testing.assert_frame_equal(CASES[name].rows, before.rows)


def in_order(result: Frame) -> Frame:
    names = ("year", "dimension", "segment", "reference", "measure", "time")
    keys = [name for name in names if name in result]
    rows = list(zip(*(map(str, result[key]) for key in keys), strict=True))
    order = sorted(range(len(rows)), key=rows.__getitem__) if keys else range(len(result))
    return result.iloc[list(order)].reset_index(drop=True)


@some_cases(0, 5)
def test_the_order_of_rows_changes_nothing(name: str) -> None:
    case = CASES[name]
    turned = tables(case.assess(case.rows.iloc[::-1].reset_index(drop=True)), name)
    for call, result in answers(name).items():
        if name.removesuffix(WHOLE) in ALIKE and call.split()[0] in CHOSEN:
            continue
        one, other = (
            in_order(r).drop(columns=DRAWN, errors="ignore") for r in (result, turned[call])
        )
        if call.split()[0] in SHARED_OUT:
            assert not ((one["awarded"] - other["awarded"]).abs() > 1).any(), call
            one, other = (r[r["dimension"] == "total"][TOGETHER] for r in (one, other))
        alike(one, other, call, rtol=1e-9, atol=1e-12)


@some_cases(1, 5)
def test_names_change_nothing_but_names(name: str) -> None:
    case = CASES[name]
    if name.removesuffix(WHOLE) in NAMED:
        return
    renamed = case.rows["race"].map(lambda v: f"g {v}" if v in ("A", "B", "C") else v)
    other = tables(case.assess(case.rows.assign(race=renamed)), name)
    for call, result in answers(name).items():
        back = other[call]
        for column in back.columns.intersection(["segment", "reference"]):
            back[column] = back[column].astype(object).str.replace("g ", "")
        alike(result, back, call)


@some_cases(4, 5)
def test_looking_at_one_segment_shows_its_rows_and_moves_no_number(name: str) -> None:
    """Sums, references, the best, and measures of all stay those of the whole."""
    a = made(name).assessment
    ours = [a.table["segment"].iloc[0], a.table["segment"].iloc[-1]]
    some = a.where(segment=ours[1])
    narrowed = tables(some, name)
    for call, whole in answers(name).items():
        if call.startswith("spending"):
            narrowed[call] = some.spending(spent(a))
        rows = whole[whole["segment"].isin(ours)] if "segment" in whole else whole
        alike(narrowed[call], rows, call)


@some_cases(0, 12)
def test_every_picture_of_one_stratum_is_drawn(name: str) -> None:
    along, year = made(name).assessment, made(name).assessment.where(year=2021)
    for picture, draw in public(Plots).items():
        if picture == "concentration" and name.removesuffix(WHOLE) != "ordered":
            continue
        needed = required(draw, NEEDED)
        a = along if "time" in needed else year
        if picture == "slope" and a.table["year"].nunique() < 2:
            continue
        drawn = getattr(a.plot, picture)(**given(a, needed))
        assert isinstance(drawn, Axes), picture
        assert drawn.tu_alt.strip(), picture  # type: ignore[attr-defined]
        plt.close("all")


@some_cases(3, 8)
def test_every_case_is_written(name: str, tmp_path: Path) -> None:
    a = made(name).assessment
    for method in public(tu.Assessment).keys() & FILES:
        assert getattr(a, method)(tmp_path / FILES[method]).stat().st_size > 0
