"""Every public name has an example, and no `by` column can hide a column of a table."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from rlcompleter import Completer
from typing import Any

import pandas as pd
import pytest

import targeted_universalism as tu
from targeted_universalism.answer.questions import Question
from targeted_universalism.segments.columns import RESERVED

PLOTS = import_module("targeted_universalism.show.plots").Plots
ROOT = Path(__file__).parents[1]

# What a table needs to be asked for, by the name of the parameter.
MONEY = pd.DataFrame({
    "county": ["Inyo"] * 3, "year": 2021, "race": ["Black", "Latino", "White"], "spent": [5, 6, 7],
})  # fmt: skip
ASKED: dict[str, object] = {"time": "year", "amount": 10, "reference": "White", "money": MONEY}
KEYS = {"county", "year", "time"}  # what a table of milestones calls the year


def methods(cls: type) -> dict[str, Callable[..., Any]]:
    found = inspect.getmembers(cls, inspect.isfunction)
    return {name: value for name, value in found if not name.startswith("_")}


def questions(cls: type) -> list[str]:
    return [n for n, one in vars(cls).items() if isinstance(one, Question) and n[0] != "_"]


def tables() -> list[str]:
    """Name the methods of an assessment that give a table."""
    return [
        name
        for name, method in methods(tu.Assessment).items()
        if "DataFrame" in str(inspect.signature(method).return_annotation)
    ]


@pytest.fixture(scope="module")
def a() -> tu.Assessment:
    data = pd.DataFrame(
        [
            (county, year, race, 40 + i + 3 * j, 90 + 10 * i)
            for county in ("Inyo", "Mono")
            for j, year in enumerate((2020, 2021, 2022))
            for i, race in enumerate(("Black", "Latino", "White"))
        ],
        columns=["county", "year", "race", "x", "n"],
    )
    s = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", by=["county", "year"],
        order={"race": ["Black", "Latino", "White"]},
    )  # fmt: skip
    return tu.assess(s, tu.Goal.at_least(0.8, deadline=2030))


@pytest.mark.parametrize("name", tu.__all__)
def test_every_public_name_has_a_docstring_with_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(getattr(tu, name)) or "")


@pytest.mark.parametrize("name", tu.measures.__all__)
def test_every_array_function_has_a_docstring_with_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(getattr(tu.measures, name)) or "")


@pytest.mark.parametrize("cls", [tu.Assessment, tu.Plan, PLOTS])
def test_every_question_to_an_assessment_has_an_example(cls: type) -> None:
    bare = [n for n, method in methods(cls).items() if ">>> " not in (method.__doc__ or "")]
    assert bare == []


@pytest.mark.parametrize("name", tu.__all__)
def test_a_public_name_fetched_twice_is_the_same_and_no_module(name: str) -> None:
    first, second = getattr(tu, name), getattr(tu, name)
    assert first is second
    assert inspect.ismodule(first) is (name == "measures")
    assert name == "measures" or callable(first)


def tab(name: str, **there: object) -> list[str]:
    """List what Tab offers after `name` and a dot."""
    offered = Completer(there).attr_matches(f"{name}.") or []
    return sorted(word.partition(".")[2].rstrip("()") for word in offered)


def test_tab_shows_what_users_need_and_nothing_else(a: tu.Assessment) -> None:
    assert dir(tu) == sorted(tu.__all__) == tab("tu", tu=tu)
    assert tab("measures", measures=tu.measures) == sorted(tu.measures.__all__)
    shown = ["choices", "goals", "plot", "segments", "table"]
    assert tab("a", a=a) == sorted(shown + questions(tu.Assessment))
    assert tab("plot", plot=a.plot) == sorted(questions(PLOTS))
    assert {"disparities", "suppress", "report"} <= set(questions(tu.Assessment))
    assert tab("s", s=a.segments) == ["choices", "dimensions", "to_parquet"]
    assert "__add__" in dir(a.segments)
    assert tab("plan", plan=tu.Plan([])) == ["check", "coverage", "table"]
    assert tab("goal", goal=tu.Goal.at_least(0.8)) == [
        "ambition", "at_least", "at_most", "deadline", "definition", "direction", "name", "people",
        "per", "rationale", "source", "target", "version",
    ]  # fmt: skip
    assert tab("definition", definition=tu.Definition(unit="student")) == [
        "denominator", "differences", "exclusions", "fingerprint", "numerator", "period", "unit",
    ]  # fmt: skip


@pytest.mark.parametrize("cls", [tu.Assessment, PLOTS])
def test_a_question_has_the_docstring_and_the_parameters_of_its_function(
    cls: type, a: tu.Assessment
) -> None:
    for name, method in methods(cls).items():
        one = a if cls is tu.Assessment else a.plot
        bound, function = getattr(one, name), inspect.unwrap(method)
        assert method is getattr(cls, name)
        assert (bound.__self__, bound.__doc__) == (one, function.__doc__)
        assert next(iter(inspect.signature(method).parameters)) == "answer"
        assert "answer" not in inspect.signature(bound).parameters


def test_a_question_can_be_asked_of_the_class_and_answers_with_the_same_class(
    a: tu.Assessment,
) -> None:
    class Mine(tu.Assessment):
        pass

    mine = Mine(a._answer)
    assert tu.Assessment.describe(a) == a.describe()
    assert type(mine.where(county="Inyo").suppress()) is Mine
    assert tu.Assessment.where(a, county="Inyo").table.equals(a.where(county="Inyo").table)


@pytest.mark.parametrize("name", ["check", "coverage"])
def test_no_table_of_a_plan_hides_a_stratum(name: str, a: tu.Assessment) -> None:
    table = getattr(tu.Plan([{"segment": "Black", "owner": "county"}]), name)(a)
    assert len(table)
    assert set(table.columns) - KEYS <= RESERVED


def test_the_table_of_the_gaps_hides_no_stratum(a: tu.Assessment) -> None:
    assert set(a.table.columns) - KEYS <= RESERVED


@pytest.mark.parametrize("name", tables())
def test_every_table_hides_no_stratum(name: str, a: tu.Assessment) -> None:
    method = getattr(a, name)
    needed = [p.name for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    asked = {**ASKED, "public": a.suppress()}
    table = method(**{p: asked[p] for p in needed})
    assert set(map(str, table.columns)) - KEYS <= RESERVED


def test_a_reserved_name_is_refused_as_a_stratum() -> None:
    for name in sorted(RESERVED - {"segment"}):
        data = pd.DataFrame({"race": ["A", "B"], name: "one", "count_x": [3, 4], "count_n": [9, 9]})
        with pytest.raises(tu.InputError, match=f"by='{name}' is the name of a column"):
            tu.from_counts(
                data, numerator="count_x", denominator="count_n", segments="race", by=name
            )


def test_every_call_that_the_page_of_questions_names_is_there() -> None:
    page = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    calls = set(re.findall(r"`[^`]*?\b(a\.plot|tu\.measures|tu\.Goal|tu|a|s)\.(\w+)[(`]", page))
    homes = {
        "a": tu.Assessment, "a.plot": PLOTS, "tu": tu, "tu.measures": tu.measures,
        "tu.Goal": tu.Goal, "s": tu.Segments,
    }  # fmt: skip
    assert len(calls) > 15
    assert [call for call in sorted(calls) if not hasattr(homes[call[0]], call[1])] == []


def test_pages_link_to_pages_that_are_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), f"{page.name} links to {link}"


@pytest.mark.parametrize("name", [n for n in tu.__all__ if inspect.isfunction(getattr(tu, n))])
def test_every_function_answers_a_call_that_does_not_fit_with_advice(name: str) -> None:
    with pytest.raises(tu.InputError, match=r"takes no no_such_option="):
        getattr(tu, name)(no_such_option=1)
