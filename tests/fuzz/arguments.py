"""What is given to each parameter of each public function: what fits, and what never can.

A parameter is looked up as ``function.parameter`` first, else by its own name. One without an entry
fails the test: a new function is fuzzed as it arrives, or says here what it takes.
"""

from __future__ import annotations

import csv
import datetime
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import targeted_universalism as tu
from fuzz import arrays, containers
from fuzz.tables import Table


@dataclass
class Context:
    """What right arguments are drawn from: one table, and all that was made of it."""

    rng: Random
    folder: Path
    table: Table
    segments: Any = None
    a: Any = None
    goal: Any = None

    @cached_property
    def public(self) -> tu.Assessment:
        """The assessment as it may be published; where it may not, nothing can be asked of it."""
        try:
            return self.a.suppress()  # type: ignore[no-any-return]
        except tu.InputError as error:
            raise NotHereError from error

    @cached_property
    def one_stratum(self) -> tu.Assessment:
        """The assessment of one stratum, as a picture shows it."""
        first = self.a.table.iloc[0]
        over = ("indicator", *self.table.options.get("by", ()))
        return self.a.where({name: first[name] for name in over if name in first})  # type: ignore[no-any-return]

    @cached_property
    def one_place(self) -> tu.Assessment:
        """The assessment of one place at all times, as a picture along time shows it."""
        first = self.a.table.iloc[0]
        over = ("indicator", *self.table.options.get("by", ()))
        wanted = {name: first[name] for name in over if name in first and name != "year"}
        return self.a.where(wanted)  # type: ignore[no-any-return]

    @cached_property
    def money(self) -> dict[str, int]:
        """Money on every segment of the first dimension of one stratum."""
        found = self.a.table
        first = found[found["dimension"] != "total"].iloc[0]["dimension"]
        named = dict.fromkeys(found[found["dimension"] == first]["segment"].astype(str))
        return {name: self.rng.randint(0, 900) for name in named}

    @cached_property
    def plan(self) -> tu.Plan:
        """A plan for some rows of the assessment."""
        over = list(self.table.options.get("by", ()))
        found = self.a.table
        rows = found[[c for c in (*over, "indicator", "dimension", "segment") if c in found]]
        some = self.rng.sample(range(len(rows)), min(len(rows), self.rng.randint(0, 6)))
        said = {"structure": "t", "strategy": "s", "reach": self.rng.randint(0, 90), "end": 2031}
        more = {name: value for name, value in said.items() if self.rng.random() < 0.7}
        return tu.Plan(rows.iloc[some].assign(**more), by=over)

    @cached_property
    def path(self) -> pd.DataFrame:
        """Counts along a path of decisions."""
        rows = []
        for county, race in product(["I", "M"], "ABC"):
            counts = [self.rng.randint(20, 900)]
            for _ in STAGES[1:]:
                counts.append(self.rng.randint(0, counts[-1]))
            rows.append({"county": county, "race": race} | dict(zip(STAGES, counts, strict=True)))
        return pd.DataFrame(rows)

    @cached_property
    def pathway(self) -> pd.DataFrame:
        """A table of the path."""
        return tu.pathway(
            self.path, stages=list(STAGES), segments="race", by="county", reference="A",
            directions="at most",
        ).query("county == 'I'")  # fmt: skip

    @cached_property
    def arrays(self) -> tuple[Random, int]:
        """What all arrays of one call are drawn from: as many segments in each."""
        return self.rng, self.rng.randint(2, 6)


STAGES = ("children", "referred", "removed")
Given = Callable[[Context], Any]


def one_of(*values: Any) -> Given:
    """Draw one of several values."""
    return lambda c: c.rng.choice(values)


def option(name: str) -> Given:
    """Take what the table's own options say; what needs it is not asked where they do not."""

    def given(context: Context) -> Any:
        if name not in context.table.options:
            raise NotHereError
        return context.table.options[name]

    return given


def maybe(name: str) -> Given:
    """Take what the table's own options say, or nothing where they do not."""
    return lambda c: c.table.options.get(name)


INSPECTED = (
    "numerator", "denominator", "estimate", "segments", "kind", "per", "by", "indicator",
    "population",
)  # fmt: skip


# --- every public function ----------------------------------------------------------------------


def public() -> dict[str, Callable[..., Any]]:
    """List everything that the library lets one call, by name, found as a user would find it."""
    found: dict[str, Callable[..., Any]] = {}
    for name in tu.__all__:
        one = getattr(tu, name)
        if isinstance(one, ModuleType):
            found |= {f"{name}.{of}": getattr(one, of) for of in one.__all__}
        elif inspect.isclass(one):
            found |= dict(_methods(one))
        else:
            found[name] = one
    plots = type(tu.Assessment.plot.fget(_NoAnswer()))  # type: ignore[attr-defined]
    return found | dict(_methods(plots))


class _NoAnswer:
    """Stands in for an assessment, to ask of what class its pictures are."""

    _answer = None


def _methods(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    if issubclass(kind, Exception):
        return iter(())
    names = [name for name in dir(kind) if not name.startswith("_")]
    held = ((name, inspect.getattr_static(kind, name)) for name in names)
    return (
        (f"{kind.__name__}.{name}", getattr(kind, name))
        for name, one in held
        if not isinstance(one, property) and callable(getattr(kind, name))
    )


OWNERS: dict[str, Given] = {
    "Assessment": lambda c: c.a, "Segments": lambda c: c.segments, "Goal": lambda c: tu.Goal,
    "Definition": lambda c: DEFINED,
    "Plots": lambda c: c.one_stratum.plot, "measures": lambda c: tu.measures,
    "Plots.trajectory": lambda c: c.one_place.plot, "Plots.slope": lambda c: c.one_place.plot,
    "Plan": lambda c: c.plan,
}  # fmt: skip


def bound(name: str, context: Context) -> Callable[..., Any]:
    """Give a function as a user calls it: of an object where it is a method."""
    owner, _, method = name.rpartition(".")
    made = OWNERS.get(name) or OWNERS.get(owner, lambda _: tu)
    return getattr(made(context), method)  # type: ignore[no-any-return]


def parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """List what a user gives: no object that the method is of."""
    found = inspect.signature(function).parameters
    return {name: p for name, p in found.items() if name not in ("self", "answer", "cls")}


# --- what fits ----------------------------------------------------------------------------------


def _data(c: Context) -> Any:
    columns = c.table.columns
    names = [n for n in containers.CONTAINERS if containers.fits(n, columns)]
    return containers.CONTAINERS[c.rng.choice(names)](columns)


def _segments(c: Context) -> Any:
    asked = list(c.table.options["segments"])
    if "flags" in c.table.options:
        asked.append(tu.overlapping(list(c.table.options["flags"]), name="programme"))
    return asked[0] if len(asked) == 1 and c.rng.random() < 0.5 else asked


def _reference(c: Context) -> Any:
    """Draw a word, or the label of a segment."""
    named = c.a.table[c.a.table["dimension"].astype(str) != "total"]["segment"].astype(str)
    return c.rng.choice(["best", "total", "rest", "goal", "each", named.iloc[0]])


def _time(c: Context) -> str:
    """Draw the column of years, or another one; without any nothing of time can be asked."""
    by = list(c.table.options.get("by", ()))
    if not by:
        raise NotHereError
    return "year" if "year" in by else str(c.rng.choice(by))


def _since(c: Context) -> Any:
    """Draw a time that is there, or none."""
    return c.rng.choice([None, None, c.rng.choice(c.table.rows).get("year")])


def _other(c: Context) -> Any:
    """Draw a reference that may be looked at over time."""
    return c.rng.choice(["total", "rest", c.a.table["segment"].astype(str).iloc[-1]])


def _wanted(c: Context) -> dict[str, Any]:
    """Ask for a stratum or a dimension that is there."""
    found = {"dimension": str(c.rng.choice(list(c.a.table["dimension"])))}
    row = c.rng.choice(c.table.rows)
    by = {name: row[name] for name in c.table.options.get("by", ())}
    return c.rng.choice([{}, found, by])


def _path(suffix: str) -> Given:
    return lambda c: c.rng.choice([str, Path])(c.folder / f"a{suffix}")


def _file(kind: str) -> Given:
    return lambda c: getattr(containers, kind)(c.table.columns, c.folder)


DEFINED = tu.Definition(numerator="absent", denominator="enrolled 31 days or more")


def _goals(c: Context) -> Path:
    path = c.folder / "goals.csv"
    path.write_text("indicator,direction,target,unit\na,at least,0.5,person\n", encoding="utf-8")
    return path


def _published(c: Context) -> Path:
    """Write a file as an agency does: a title, words among numbers, a note."""
    cells = ["5", "1,204", "12.5%", "<11", "*", "", "NA", "01", "2020 (note)", "Black"]
    rows = [[c.rng.choice(cells) for _ in "abc"] for _ in range(c.rng.randint(1, 6))]
    path = c.folder / "published.csv"
    with path.open("w", newline="", encoding=c.rng.choice(["utf-8", "utf-8-sig", "utf-16"])) as f:
        write = csv.writer(f, delimiter=c.rng.choice(",;\t"))
        write.writerows([["A title", "", ""], ["a", "b", "b"], *rows, ["Source: us", "", ""]])
    return path


def _stored(c: Context) -> Path:
    return c.segments.to_parquet(c.folder / "kept.parquet", confidential=True)


def _kind_of_sums(c: Context) -> str:
    """Say what the counts of a table are; published sums hold no words for hidden cells."""
    kind = option("kind")(c)
    if kind not in ("proportion", "rate") or "suppressed" in c.table.options:
        raise NotHereError
    return str(kind)


def _pool(c: Context) -> bool:
    """Let strata compete where their gaps have a unit in common."""
    return c.rng.choice([False, not isinstance(c.goal, dict)])


MEASURES = ("d", "r", "bgv", "cov", "ti", "mld", "gini", "paf", "mdbw", "atkinson(0.5)", "ge(2)")

RIGHT: dict[str, Given] = {
    # doors
    "data": _data, "segments": _segments, "numerator": option("numerator"),
    "denominator": option("denominator"), "kind": option("kind"),
    "estimate": option("estimate"), "outcome": option("outcome"),
    "by": one_of(None), "indicator": one_of(None), "cross": one_of(1, 2, np.int64(2)),
    "order": one_of(None, {}), "total": one_of((), "Everybody", ["Everybody", 7]),
    "dimension": one_of(None), "exclusive": one_of(True, False, {}),
    "unknown": one_of(None, "n/a", ["n/a", -1]), "labels": one_of(None),
    "suppressed": one_of(None, {}, {"*": None}),
    "rounded": one_of(None), "se": one_of(None), "moe": one_of(None), "ci": one_of(None),
    "level": one_of(None), "population": one_of(None, "people"), "n": one_of(None),
    "from_estimates.per": option("per"), **{f"inspect.{name}": maybe(name) for name in INSPECTED},
    "adjusted": one_of(False),
    "weight": one_of(None), "exposure": one_of(None), "unit": one_of(None),
    "repeats": one_of(None, "events"),
    "from_parquet.path": _file("parquet"), "from_csv.path": _file("csv"),
    "read_segments.path": _stored, "columns": one_of(["flag"], ("flag", "other flag")),
    "overlapping.name": one_of("programme", "other"),
    # assess and goals
    "assess.segments": lambda c: c.segments, "assess.goal": lambda c: c.goal,
    "confidence": one_of(0.95, 0.9, 0.99, None), "Assessment.joint.confidence": one_of(0.9, 0.99),
    "interval": one_of("auto"),
    "assess.reliability": one_of("nchs", "rse-30", None),
    "assess.rollup": one_of(False),
    "Goal.at_least.target": one_of(0, 1, 0.5, Fraction(1, 3), Decimal("0.9")),
    "Goal.at_most.target": one_of(0, 3, 0.5, np.float32(0.25), Decimal("0.9")),
    "per": one_of(None, 1, 100, 1_000.0, Fraction(10)), "name": one_of("", "A goal", "<b>&"),
    "deadline": one_of(None, 2030, np.int16(2031)),
    "ambition": one_of("aspirational", "interim", "statutory"),
    "rationale": one_of("", "Because"), "source": one_of("", "A page"),
    "definition": one_of(None, DEFINED), "version": one_of("", "2026-03"),
    "other": one_of(DEFINED, tu.Definition(unit="person")), "read_goals.path": _goals,
    # files as agencies publish them
    "read_table.path": _published, "missing": one_of((), "n/a", ["n/a", -999], {}),
    "percent": one_of(None, {}), "text": one_of((), []), "wide": one_of(None),
    "sheet": one_of(None), "preset": one_of(None), "header": one_of("auto"),
    # questions
    "reference": _reference, "minimum": one_of(0, 1, 11, 30, np.int64(12)),
    "Plots.funnel.segment": lambda c: c.rng.choice([None, c.a.table["segment"].iloc[0]]),
    "adjust": one_of("holm", "bh", None), "Assessment.impact.minimum": one_of(1, 11, 30),
    "Assessment.disparities.minimum": one_of(1, 11, 30),
    "Plots.disparities.minimum": one_of(1, 11, 30),
    "Assessment.summarize.measures": one_of(*([m] for m in MEASURES), ["d", "ti"]),
    "intervals": one_of("analytic", "analytic", "simulate"), "draws": one_of(100, 150),
    "seed": one_of(0, 7), "Assessment.impact.rule":
        one_of("ppg1-2022", "ppg-2017", "index-80", "proportionality", "idea"),
    "Assessment.impact.threshold": one_of(None), "base": one_of(None),
    "Assessment.reliability.rule": one_of(
        "nchs", "nchs-20", "nchs-rounded", "rse-30", "rse-30-inclusive", "calhhs-survey"),
    "Assessment.suppress.minimum": one_of(2, 5, 11), "Assessment.suppress.rule":
        one_of("count", "count", "nsize"),
    "zeros": one_of("show", "hide"), "width": one_of(1, 3, 5), "sums_over": one_of((), []),
    "published": one_of((), []), "score": one_of(None), "short": one_of(False, True),
    "wanted": _wanted, "rollup": one_of(None, False), "named": one_of({}),
    "Assessment.report.path": lambda c: _path(c.rng.choice([".html", ".html", ".docx", ".md"]))(c),
    "Assessment.to_excel.path": _path(".xlsx"), "Segments.to_parquet.path": _path(".parquet"),
    "confidential": one_of(True), "measure": one_of("ratio", "difference"),
    "ax": lambda c: c.rng.choice([None, plt.figure().add_subplot()]),
    "sort": one_of("data", "gap", "value", "name"),
    "numerator_moe": option("numerator"), "denominator_moe": option("denominator"),
    "add_estimates.by": option("segments"), "add_estimates.kind": _kind_of_sums,
    "Assessment.suppression_log.public": lambda c: c.public,
    "public": lambda c: [c.public], "parts": lambda c: [c.segments] * c.rng.randint(1, 2),
    "shared": one_of("add"),
    # questions of time
    "time": _time, "baseline": _since, "latest": _since, "breaks": one_of((), []),
    "every": one_of(1, 2, 0.5, Decimal("1.5"), np.int64(3)), "pace": one_of(None, "linear"),
    "Assessment.gap_trends.reference": _other,
    "Assessment.report.plan": lambda c: c.rng.choice([None, c.plan]),
    "title": one_of(None, "A page"), "author": one_of(None, "<b>Us"), "date": one_of(None, "2026"),
    "Assessment.progress.rule": one_of("general", "hp2020"),
    "candidate_goals.segments": lambda c: c.segments, "candidate_goals.time": one_of(None),
    "candidate_goals.direction": one_of("at least", "at most"),
    "percentile": one_of(90, 75.5, np.int64(10)),
    "improvement": one_of(0.1, 0.05, 1, Decimal("0.2")),
    # effort and money
    "cost": one_of(None, 5, 12.5), "default_cost": one_of(700, 12.5, Decimal("900")),
    "amount": one_of(0, 7, 500, np.int64(90)), "pool": _pool,
    "rule": one_of("proportional", "maximin", "most people"),
    "people": one_of("people", "children"),
    "threads": one_of(None, 1, 2, np.int64(3)),
    "money": lambda c: c.money, "years": one_of(None, 1, 3), "same_people": one_of(None, {}),
    "adds_to": one_of((), []), "census": one_of((), []),
    # pathways
    "stages": one_of(STAGES, list(STAGES), list(STAGES[:2])), "pathway.reference": one_of("A"),
    "directions": one_of("at least", "at most"), "parents": one_of(None, {}),
    "pathway.data": lambda c: c.path, "pathway.segments": one_of("race"),
    "pathway.minimum": one_of(0, 5), "pathway.total": one_of(None, ()),
    "pathway.by": one_of("county", ["county"]),
    "table": lambda c: c.pathway,
    # plans
    "Plan.check.a": lambda c: c.rng.choice([c.a, c.public]), "Plan.coverage.a": lambda c: c.a,
    "catch_all": one_of(0, 0.05, 1, Fraction(1, 3)),
}  # fmt: skip


def right(name: str, parameter: str, context: Context) -> Any:
    """Draw an argument that fits."""
    if name.startswith("measures."):
        return arrays.argument(name.removeprefix("measures."), parameter, context.arrays)
    given = RIGHT.get(f"{name}.{parameter}") or RIGHT[parameter]
    return given(context)


def options(table: Table) -> dict[str, Any]:
    """Give a table's options as the constructor takes them."""
    return with_flags(table.options)


def with_flags(said: Mapping[str, Any]) -> dict[str, Any]:
    """Make a dimension of flags, where some are asked for."""
    found = {name: value for name, value in said.items() if name != "flags"}
    if "flags" in said:
        flags = tu.overlapping(list(said["flags"]), name="programme")
        found["segments"] = [*said["segments"], flags]
    return found


def goal_for(table: Table, goal: Any) -> Any:
    """Make the goal, one for each indicator where there are several."""
    made = tu.Goal(
        direction=goal.direction, target=goal.target, per=goal.per, deadline=2030
    )  # fmt: skip
    outcome = table.options.get("outcome")
    if isinstance(outcome, list):
        return dict.fromkeys(outcome, made)
    return dict.fromkeys(table.known["kinds"], made) if "indicator" in table.options else made


class NotHereError(Exception):
    """A function that has nothing to be asked of this table."""


def given(
    name: str, function: Callable[..., Any], context: Context, *, mixed: bool
) -> dict[str, Any]:
    """Draw arguments: all that are needed, and some of the others."""
    if name.startswith("from_") and not _fits_door(name, context.table):
        raise NotHereError
    if name == "overlapping" or name.startswith(("measures.", "Goal.")):
        mixed = True
    asked = parameters(function)
    told = options(context.table) if name.startswith("from_") else {}
    found = {p: told[p] for p in asked if p in told}
    for p, one in asked.items():
        needed = one.default is inspect.Parameter.empty or {p, f"{name}.{p}"} & set(NEEDED)
        if p not in found and (needed or context.rng.random() < (0.5 if mixed else 0.2)):
            found[p] = right(name, p, context)
    return found


# Options without which what is asked here is rightly refused.
NEEDED = (
    "confidential", "pathway.by", "measures.calhhs_score.residence", "add_estimates.kind",
)  # fmt: skip


def _fits_door(name: str, table: Table) -> bool:
    """Tell whether a table can come through a door: files hold one type in a column."""
    if name == table.door:
        return True
    return (
        name in ("from_parquet", "from_csv")
        and table.door == "from_records"
        and containers.fits("arrow", table.columns)
        and (name == "from_parquet" or _written(table))
    )


def _written(table: Table) -> bool:
    """Tell whether a table is the same when it is written as text."""
    return all(
        isinstance(row[c], str) or row[c] is None
        for row in table.rows
        for c in (*table.options["segments"], *table.options.get("by", ()))
    )


def shown(given: Mapping[str, Any]) -> str:
    """Write arguments for a message."""
    return ", ".join(f"{name}={_short(value)}" for name, value in given.items())


def _short(value: Any) -> str:
    try:
        return repr(value)[:60].replace("\n", " ")
    except RuntimeError:
        return type(value).__name__


def called(function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """Call with arguments by name, but those that can only stand in their place."""
    places = inspect.signature(function).parameters
    first = [given[n] for n, p in places.items() if p.kind is p.POSITIONAL_ONLY and n in given]
    rest = [v for n, p in places.items() if p.kind is p.VAR_POSITIONAL for v in given.get(n, ())]
    more = [given[n] for n, p in places.items() if p.kind is p.VAR_KEYWORD and n in given]
    apart = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = {n: given[n] for n, p in places.items() if p.kind in apart and n in given}
    return function(*first, *rest, **named, **(more[0] if more else {}))


# --- what never fits ----------------------------------------------------------------------------


class Rude:
    """An object that cannot be compared and is neither true nor false, as arrays are."""

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = object.__hash__


# What stands for many arguments must hold many.
SEVERAL = {
    "public": [[one] for one in (None, 5, "x", object(), [], 2j, float("nan"))],
    "named": [{"county": one} for one in (None, 5, object(), [], 2j, float("nan"), print)],
}
JUNK: tuple[Any, ...] = (
    None, object(), 2j, b"9", {1, 2}, print, int, float("nan"), float("inf"), [], {}, (), "",
    "\ud800", "x\x00y", "no such thing", 10**400, -1, 0, 1.5, True, np.array([1, 2]),
    np.array([[1.0]]), pd.NA, pd.NaT, ..., range(3), [None], [[1]], {"a": {"b": 1}}, {None: 1},
    {1: 2}, Decimal("sNaN"), Fraction(1, 3), datetime.date(2020, 1, 1), np.float64("nan"),
    pd.DataFrame(), pd.Series([1, 2]), pd.DataFrame({"x": [1]}), Path("no/such/file"), Rude(),
    slice(2), "a*b", ["x", "x"], "county", np.datetime64("NaT"), lambda: 1, [Rude()], {"x": Rude()},
)  # fmt: skip
TEXT_WANTED = (None, 5, 2.5, b"x", ["x"], object(), {"a": 1}, "no such thing", "")
WHOLE_WANTED = (-1, 2.5, "11", None, float("nan"), [3], True, 10**400 * -1, object(), 2j)
NUMBER_WANTED = ("1", None, [1], float("nan"), float("inf"), 10**400, 2j, b"1", True, object())
WORD_WANTED = ("no such thing", 5, [], {}, object(), 2j, "", b"best")
PATH_WANTED = (None, 5, b"a.html", "", [], object(), "no/such/folder/a.html")
COLUMN_WANTED = (5, b"x", "no such column", "", object(), 2j, ["no such column"], {"a": 1})

WRONG: dict[str, tuple[Any, ...]] = {
    "data": (None, 5, "x", [], {"a": [1]}, [{"a": 1}], object(), pd.Series([1]), np.ones(3),
             pd.DataFrame, b"x"),
    "segments": (None, 5, [], (), {}, "no such column", ["no such column"], [5], b"x", object(),
                 "", [None], [[]]),
    "numerator": TEXT_WANTED, "denominator": TEXT_WANTED, "estimate": TEXT_WANTED,
    "outcome": (None, 5, [], "no such column", {"a": 1}, ["no such column"], object(), [5]),
    "kind": WORD_WANTED, "by": COLUMN_WANTED, "indicator": COLUMN_WANTED,
    "cross": (0, -1, 1.5, "2", None, True, [2], object()),
    "order": (5, "x", ["a"], {"a": "b"}, {1: 2}, object(), {"no such dimension": ["a"]}),
    "total": ({"a": 1}, [["a"]], [{}]), "unknown": ({"a": 1}, [["a"]], [{}]),
    # There nothing needs to be said, and what names rows that are not there is a finding.
    **{f"inspect.{name}": TEXT_WANTED[1:] for name in ("numerator", "denominator", "estimate")},
    "inspect.segments": (5, [], (), {}, "no such column", ["no such column"], [5], object(), [[]]),
    "inspect.order": (5, "x", ["a"], {"a": "b"}, {1: 2}, object()),
    "inspect.labels": ({}, "a", ["a"], {"a": ""}, {"a": {"b": 1}}),
    "labels": ({}, "a", ["a"], {"no such label": "b"}, {"a": ""}, {"a": {"b": 1}}),
    "dimension": (5, {}, "no such column", [], object(), 2j),
    "exclusive": (None, 5, "x", [], {"a": 1}, object(), 1),
    "suppressed": (5, "x", ["*"], {"*": 5}, {"*": (2, 1)}, {"*": (-1, 2)}, {"*": ("a", "b")},
                   {"no such column": {"*": (1, 2)}}, object(), pd.NA, "", []),
    "rounded": (0, -5, 2.5, "5", True, [5], {"no such column": 5}, object()),
    "se": COLUMN_WANTED, "moe": COLUMN_WANTED, "population": COLUMN_WANTED, "n": COLUMN_WANTED,
    "ci": ("x", 5, ("a",), ("a", "b", "c"), ("no", "such"), {}, object(), b"x",
           (None, None), [], ("a", 5)),
    "level": (0, 1, 95, "0.9", float("nan"), True, [0.9], object(), -0.5),
    "from_estimates.per": (0, -1, "100", float("nan"), [1], True, {"a": 1}, object()),
    "adjusted": (None, 5, "yes", [], object()),
    "weight": COLUMN_WANTED, "exposure": COLUMN_WANTED, "unit": COLUMN_WANTED,
    "repeats": (5, "people", [], object(), True),
    "from_parquet.path": (None, 5, b"x", "", [], object(), "no/such/file", {"a": 1}),
    "from_csv.path": (None, 5, b"x", "", [], object(), "no/such/file", {"a": 1}),
    "read_segments.path": (None, 5, b"x", "", [], object(), "no/such/file"),
    "columns": (None, 5, "flag", [], [5], {}, object()), "overlapping.name": (None, 5, "", " ", []),
    "assess.segments": (None, 5, "x", [], pd.DataFrame(), object()),
    "assess.goal": (None, 5, 0.5, "best", [0.5], {}, {"no such thing": 1}, object()),
    "confidence": (0, 1, 95, -0.5, "0.95", float("nan"), [0.95], True, object(), 2j),
    "interval": (None, *WORD_WANTED), "assess.reliability": WORD_WANTED,
    "assess.rollup": (5, "no such column", ["no such column"], object(), 2j, b"x"),
    "Goal.at_least.target": NUMBER_WANTED, "Goal.at_most.target": NUMBER_WANTED,
    "per": (0, -1, "100", float("nan"), [1], True, object(), 10**400, 2j),
    "name": (None, 5, b"x", [], object()), "rationale": (None, 5, b"x", [], object()),
    "source": (None, 5, b"x", [], object()), "version": (None, 5, b"x", [], object()),
    "definition": (5, "x", [], {}, object(), {"no such thing": "x"}),
    "other": (None, 5, "x", {}, object()),
    "read_goals.path": (None, 5, b"x", "", [], object(), "no/such/goals.toml", "goals.xlsx"),
    "read_table.path": (None, 5, b"x", "", [], object(), "no/such/file.csv", "tests", {"a": 1}),
    "missing": (None, b"x", [None], [["x"]], {"no such column": "x"}, object(), 2j),
    "percent": (5, "no such column", {"no such column": 1}, [5], {5: 1}, object()),
    "text": (None, 5, "no such column", [5], {}, object(), b"x"),
    "wide": (5, "", "x", "{}", "{measure}", "{a}{a}", "no such {year} name", [], object()),
    "header": (0, -1, 1.5, "x", [], [2, 1], {1}, True, object(), 2j, b"x", 10**9),
    "sheet": ("no such sheet", 5, -1, [], object(), 2j),
    "preset": (5, "no such preset", [], object(), "phe"),
    "deadline": ("2030", 2030.5, 0, -1, True, [2030], 10**9, object()),
    "ambition": (None, *WORD_WANTED),
    "reference": ("no such thing", 12345, object(), [], {}, 2j, b"best", None),
    "Plots.funnel.segment": ("no such thing", 5, b"x", [], {}, object(), 2j),
    "minimum": WHOLE_WANTED, "adjust": WORD_WANTED,
    "Assessment.summarize.measures": (5, [], ["no such thing"], ["atkinson"], ["d("], [5],
                                      object(), {"a": 1}, ["ge(x)"], ["atkinson(-1)"]),
    "intervals": (None, *WORD_WANTED), "draws": (99, *WHOLE_WANTED), "seed": WHOLE_WANTED,
    "Assessment.impact.rule": (None, *WORD_WANTED),
    "Assessment.impact.threshold": ("0.8", float("nan"), float("inf"), Decimal("sNaN"), [1],
                                    object(), 2j, True),
    "base": (5, "x", pd.DataFrame(), object()),
    "Assessment.reliability.rule": (None, *WORD_WANTED),
    "Assessment.suppress.minimum": WHOLE_WANTED,
    "Assessment.suppress.rule": (None, *WORD_WANTED), "zeros": (None, *WORD_WANTED),
    "width": (0, *WHOLE_WANTED), "sums_over": (None, 5, "no such column", [5], object(), b"x"),
    "published": (None, 5, "x", [5], object(), [None]),
    "score": ("x", [1], object(), 5), "short": (None, 5, "yes", [], object()),
    "wanted": (5, "x", ["x"], object(), {"no such column": 1}),
    "rollup": ("x", 5, object(), [], True), "named": ({"no such column": 1}, {"dimension": "no"}),
    "Assessment.report.path": (*PATH_WANTED, "a.doc"), "Assessment.to_excel.path": PATH_WANTED,
    "Segments.to_parquet.path": PATH_WANTED, "confidential": (None, 5, "yes", [], object()),
    "measure": (None, *WORD_WANTED), "ax": (5, "x", [], object(), plt), "sort": WORD_WANTED,
    "numerator_moe": TEXT_WANTED, "denominator_moe": TEXT_WANTED,
    "Assessment.suppression_log.public": (None, 5, "x", [5], object(), pd.DataFrame()),
    "public": ([None], [5], ["x"], [pd.DataFrame()]),
    "parts": (None, 5, "x", [], [5], {}, object(), [None]),
    "shared": (None, *WORD_WANTED),
    "time": (None, 5, "no such column", [], object(), ["year"], b"year"),
    "baseline": ("no such time", [], {}, object(), 2j), "breaks": ("no such time", object(), 2j),
    "latest": ("no such time", [], {}, object(), 2j), "pace": WORD_WANTED,
    "every": (0, -1, "1", None, float("nan"), [1], True, object(), 2j),
    "Assessment.progress.rule": (None, *WORD_WANTED),
    "Assessment.report.plan": (5, "x", [], object(), pd.DataFrame()),
    "Assessment.report.time": (5, "no such column", [], object(), ["year"]),
    "title": (5, [], object(), b"x"), "author": (5, [], object(), b"x"),
    "date": (5, [], object(), b"x"),
    "Assessment.gap_trends.reference": ("no such thing", object(), [], {}, None),
    "candidate_goals.segments": (None, 5, "x", [], pd.DataFrame(), object()),
    "candidate_goals.direction": (None, *WORD_WANTED),
    "candidate_goals.time": (5, "no such column", [], object(), ["year"]),
    "percentile": (0, 100, -1, "90", None, float("nan"), [90], True, object(), 2j),
    "improvement": (0, 2, -0.1, "0.1", None, float("nan"), [0.1], True, object(), 2j),
    "cost": (-5, "x", ["a"], {"no such segment": 1}, object()),
    "default_cost": ("5", -1, 0, float("nan"), Decimal("sNaN"), [1], object(), 2j, True),
    "amount": (None, "5", -1, float("nan"), [1], object(), 2j, {"no such stratum": 5}),
    "pool": (None, 5, "yes", [], object()), "rule": (None, *WORD_WANTED),
    "people": (None, 5, [], object()),
    "money": (None, 5, "x", [], object(), {"no such segment": 5}, pd.DataFrame()),
    "years": (0, -1, "3", float("nan"), [3], object(), True),
    "threads": (0, -1, "2", 1.5, float("nan"), [2], object(), True, 2j),
    "same_people": (5, "x", ["x"], {"no such": "indicator"}, object()),
    "Plan.check.a": (None, 5, "x", [], object(), pd.DataFrame()),
    "Plan.coverage.a": (None, 5, "x", [], object(), pd.DataFrame()),
    "catch_all": (-1, 2, "0.05", None, [1], float("nan"), 2j, True, object()),
    "adds_to": (5, "x", [5], ["no such indicator"], object()), "census": (5, "x", [5], object()),
    "stages": (None, 5, "x", [], ["people"], ["people", "no such column"], [1, 2], object()),
    "directions": (None, 5, "up", {}, [], object()),
    "parents": (5, "x", ["x"], {"no such": "stage"}, object()),
    "pathway.reference": ("no such thing", None, [], object(), 2j),
    "table": (None, 5, "x", [], pd.DataFrame(), object(), pd.DataFrame({"stage": ["x"]})),
}  # fmt: skip
WRONG_ARRAYS = ("x", object(), [[1.0], [1.0, 2.0]], 2j, [None, "b"], b"9", print, Rude(), [{}])


def wrong(name: str, parameter: str) -> tuple[Any, ...]:
    """List arguments that must be refused, whatever else is given."""
    if name.startswith("measures."):
        return WRONG_ARRAYS
    return WRONG.get(f"{name}.{parameter}") or WRONG[parameter]


ODD_ARRAYS = (
    np.array([0.5]), np.array([]), np.zeros((0, 3)), np.array(0.5), np.full((2, 3), 0.5),
    np.full(3, np.nan), np.array([np.inf, 1.0]), np.array([1e308, 1e308]), [True, False], [-1, 0],
    np.ma.masked_array([1.0, 2.0], [True, False]), np.zeros(4), [[], []], np.full((1, 4), 0.25),
    np.array([0.0, 5e-324]), [10**400], np.ones((2, 2, 2)), np.array(["a"]), [pd.NA, 1], "best",
)  # fmt: skip


def junk(name: str, parameter: str) -> Any:
    """List anything at all."""
    if name.startswith("measures."):
        return JUNK + ODD_ARRAYS
    return SEVERAL.get(f"{name}.{parameter}", SEVERAL.get(parameter, JUNK))


def unprepared() -> list[str]:
    """Name every parameter of every public function that has no arguments here."""
    return [
        f"{name}({parameter}=)"
        for name, function in public().items()
        for parameter in parameters(function)
        if not _prepared(name, parameter)
    ]


def _prepared(name: str, parameter: str) -> bool:
    if name.startswith("measures."):
        return parameter in arrays.GIVEN
    return all({parameter, f"{name}.{parameter}"} & set(held) for held in (RIGHT, WRONG))
