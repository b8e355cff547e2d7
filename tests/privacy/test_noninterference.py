"""Tables that differ in hidden cells only give the same bytes, whatever is asked of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import fewer, required, some_of
from targeted_universalism.show.contents import Front, contents
from targeted_universalism.show.courses import since_break
from targeted_universalism.show.page import WRITERS
from targeted_universalism.show.pictures import svg, trajectory
from targeted_universalism.show.pictures.order import SORTS
from targeted_universalism.show.plots import Plots

RACES = list("ABCD")
STRATA = [("Inyo", 2022), ("Mono", 2022), ("Inyo", 2021), ("Inyo", 2020)]
GOALS = [
    tu.Goal(direction=d, target=t, deadline=2027)
    for d in ("at least", "at most")
    for t in (0, 0.3, 0.5, 1)
]

Ask = Callable[[tu.Assessment, Path], Any]


def report(a: tu.Assessment, folder: Path) -> bytes:
    return a.where(county="Inyo").report(folder / "report.html").read_bytes()


def workbook(a: tu.Assessment, folder: Path) -> bytes:
    return a.to_excel(folder / "table.xlsx").read_bytes()


# What a question cannot do without, by the name of its parameter.
NEEDED = {"time": "year", "amount": 20, "money": {**dict.fromkeys(RACES, 5), None: 1}}


def as_it_stands(name: str, method: Callable[..., Any], room: str = "") -> Ask:
    """Ask a question with what it cannot do without."""
    return lambda a, _: getattr(getattr(a, room) if room else a, name)(**required(method, NEEDED))


# How public methods are asked, where they are not asked as they stand.
SAID: dict[str, Ask] = {
    "table": lambda a, _: a.table,
    "goals": lambda a, _: a.goals,
    "choices": lambda a, _: str(a.choices),
    "segments": lambda a, _: [
        (repr(a.segments), pickle.dumps(a.segments.cells)),
        tu.candidate_goals(a.segments, direction="at least", time="year", deadline=2030),
    ],
    "plot": lambda a, _: repr(a.plot),
    "to_dict": lambda a, _: repr(a.to_dict()),
    "where": lambda a, _: a.where(county="Mono", dimension="race").table,
    "suppress": lambda a, _: a.suppress(20).table,
    "suppression_log": lambda a, _: a.suppression_log(a),
    "describe": lambda a, _: a.where(county="Inyo").describe() + a.describe(short=True),
    "report": report,
    "to_excel": workbook,
    "disparities": lambda a, _: [a.disparities(r) for r in ("best", "total", "rest", "goal", "A")],
    "impact": lambda a, _: [a.impact(rule) for rule in ("ppg1-2022", "index-80", "idea")],
    "milestones": lambda a, _: [a.milestones("year"), a.milestones("year", latest=2021, every=3)],
    "gap_trends": lambda a, _: [
        a.gap_trends("year", reference) for reference in ("A", "total", "rest")
    ],
    "progress": lambda a, _: [
        a.progress("year", draws=100),
        a.progress("year", draws=100, rule="hp2020", baseline=2021, breaks=2021, pace="linear"),
    ],
    "allocate": lambda a, _: [
        a.allocate(9, rule=["proportional", "maximin", "most people"]),
        a.allocate(900, cost={"A": 50}, default_cost=7, rule="most people"),
        a.allocate(20, rule="maximin", pool=True),
    ],
    "spending": lambda a, _: a.where(county="Inyo", year=2022).spending(
        {**dict.fromkeys(RACES, 5), None: 1}
    ),
    "effort": lambda a, _: [a.effort(), a.effort(cost={"A": 5}, default_cost=7)],
}
PLAN = tu.Plan(
    [
        {"segment": "A", "structure": "hours", "strategy": "evenings", "owner": "x", "reach": 9},
        {"segment": "B", "strategy": "letters", "unit_cost": 3, "reach": 4},
        {"segment": "C", "structure": "forms", "partner": "y; z", "reach": 2, "county": "Inyo"},
        {"segment": "All", "strategy": "law", "reach": 70, "county": "Inyo"},
    ],
    by="county",
)
PLANS: dict[str, Ask] = {
    "plan.check": lambda a, _: PLAN.check(a),
    "plan.coverage": lambda a, _: PLAN.coverage(a),
}


def public_names(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


METHODS = {
    name: SAID.get(name) or as_it_stands(name, getattr(tu.Assessment, name))
    for name in sorted(public_names(tu.Assessment))
}
PICTURES: dict[str, Ask] = {
    **{name: as_it_stands(name, getattr(Plots, name), "plot") for name in public_names(Plots)},
    "disparities": lambda a, _: a.plot.disparities("rest", sort="value"),
    "gaps": lambda a, _: [a.plot.gaps(sort=sort) for sort in SORTS],
    "funnel": lambda a, _: [a.plot.funnel(), a.plot.funnel("B")],
}
DRAWN = ["report", "to_excel"]


def test_every_public_method_is_answered(tmp_path: Path) -> None:
    """An error, the same for both tables, would tell nothing of the law."""
    a = tu.assess(made_of([(40, 90)] * len(STRATA) * len(RACES)), GOALS[1])
    for name in METHODS.keys() - SAID.keys():
        METHODS[name](a, tmp_path)
    for name, method in PICTURES.items():
        method(drawable(a, name), tmp_path)
        plt.close("all")


def drawable(a: tu.Assessment, picture: str) -> tu.Assessment:
    """Look at one place, at all its years for a picture along time."""
    along = "time" in required(getattr(Plots, picture), NEEDED)
    return a.where(county="Inyo") if along else a.where(county="Inyo", year=2022)


def made_of(pairs: list[tuple[int, int]], **options: Any) -> tu.Segments:
    rows = pd.DataFrame(pairs, columns=["x", "n"])
    rows["race"] = (RACES * len(STRATA))[: len(rows)]
    for place, name in enumerate(("county", "year")):
        rows[name] = np.repeat([one[place] for one in STRATA], len(RACES))[: len(rows)]
    options = {"by": ["county", "year"], "order": {"race": RACES}, **options}
    return tu.from_counts(rows, numerator="x", denominator="n", segments="race", **options)


def drawn(axes: Any) -> Iterator[object]:
    """Tell what a picture holds: its words, and where everything lies."""
    yield getattr(axes, "tu_alt", None)
    for text in axes.figure.findobj(plt.Text):
        yield text.get_text(), text.get_position()
    for line in axes.get_lines():
        yield np.asarray(line.get_xydata()).tolist(), line.get_color(), line.get_linestyle()
    for group in axes.collections:
        yield np.asarray(group.get_offsets()).tolist(), np.asarray(group.get_facecolor()).tolist()
    for patch in axes.patches:
        yield patch.get_extents().extents.tolist(), patch.get_facecolor()
    plt.close(axes.figure)


def as_bytes(answer: Any) -> bytes:
    if isinstance(answer, pd.DataFrame):
        return answer.to_csv().encode() + pickle.dumps(answer)
    if isinstance(answer, list):
        return b"".join(map(as_bytes, answer))
    if hasattr(answer, "get_lines"):
        return repr(list(drawn(answer))).encode()
    return answer if isinstance(answer, bytes) else repr(answer).encode()


def said(ask: Ask, a: tu.Assessment, folder: Path) -> bytes:
    """Ask, and take an error for an answer."""
    try:
        return as_bytes(ask(a, folder))
    except (tu.InputError, ValueError, TypeError) as error:
        return repr(error).encode()


def quickly(a: tu.Assessment, *some: str) -> dict[str, bytes]:
    """Ask every method but those that draw, or some of them."""
    there = set(some) or {*public_names(tu.Assessment), *PLANS} - set(DRAWN)
    return {
        **{name: said(ask, a, Path()) for name, ask in (METHODS | PLANS).items() if name in there},
        "repr": repr(a).encode(),
        "html": a._repr_html_().encode(),
        "pickle": pickle.dumps(a),
        "audit": as_bytes(tu.audit(a)) if a._answer.public else b"",
    }


def slowly(a: tu.Assessment, folder: Path, *some: str) -> dict[str, bytes]:
    """Ask what draws: pages, workbooks and pictures, or some of them."""
    there = some or (*PICTURES, *DRAWN)
    pictures = {
        f"plot.{name}": said(ask, drawable(a, name), folder)
        for name, ask in PICTURES.items()
        if name in there
    }
    return pictures | {name: said(METHODS[name], a, folder) for name in DRAWN if name in there}


def hidden_pairs(a: tu.Assessment) -> list[tuple[int, int]]:
    """Rows of the data that are hidden in the same county, two by two."""
    table = a.table[a.table["dimension"] == "race"].reset_index(drop=True)
    hidden = np.flatnonzero(table["status"] == "suppressed")
    return [(i, k) for i in hidden for k in hidden if i < k and i // len(RACES) == k // len(RACES)]


@dataclass(frozen=True)
class Case:
    """A table, and how it is assessed and suppressed."""

    pairs: list[tuple[int, int]]
    goal: tu.Goal
    zeros: str
    kind: str

    def public(self, pairs: list[tuple[int, int]]) -> tu.Assessment:
        made = made_of(pairs, kind=self.kind)
        return tu.assess(made, self.goal).suppress(zeros=self.zeros)


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Draw events and people of every group in every stratum, small ones among them."""
    found = []
    for _ in range(len(RACES) * len(STRATA)):
        n = draw(st.sampled_from([4, 9, 60, 200, 500, 900]))
        found.append((draw(st.sampled_from([0, 2, 5, n // 3, n // 2, n])) % (n + 1), n))
    return found


cases = st.builds(
    Case, pairs(), st.sampled_from(GOALS), st.sampled_from(["show", "hide"]),
    st.sampled_from(["proportion", "rate"]),
)  # fmt: skip


@fewer(3)
@given(case=cases, data=st.data())
def test_hidden_counts_change_no_byte_of_anything(case: Case, data: st.DataObject) -> None:
    one = case.public(case.pairs)
    together = hidden_pairs(one)
    assume(together)
    first, second = data.draw(st.sampled_from(together))
    moved = list(case.pairs)
    step = data.draw(st.sampled_from([(1, 0), (-1, 0), (2, 0), (-3, 0), (0, 1), (1, 2), (-1, -1)]))
    for at, side in ((first, 1), (second, -1)):
        moved[at] = (moved[at][0] + side * step[0], moved[at][1] + side * step[1])
    assume(all(0 <= x <= n and n > 0 for x, n in moved))
    other = case.public(moved)
    # The law is about tables whose published cells are the same.
    assume(one.table.to_csv() == other.table.to_csv())
    same(quickly(one), quickly(other))


def same(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    for name, found in one.items():
        assert found == other[name], name


@pytest.mark.parametrize("goal", some_of(GOALS, GOALS[6]))
def test_hidden_counts_change_no_byte_of_pages_and_pictures(goal: tu.Goal, tmp_path: Path) -> None:
    one, other = (tu.assess(made_of(p), goal).suppress() for p in (PAIRS, MOVED))
    same(slowly(one, tmp_path), slowly(other, tmp_path))


def written(a: tu.Assessment, folder: Path) -> dict[str, bytes]:
    """Write a file of every format."""
    folder.mkdir()
    for suffix in SUFFIXES:
        a.report(folder / f"a{suffix}", author="The board", date="2026-05-01")
    a.to_excel(folder / "a.xlsx")
    for kind in ("svg", "png", "pdf"):
        figure = a.plot.gaps(sort="gap").figure
        with plt.rc_context({"svg.hashsalt": "the same"}):
            figure.savefig(folder / f"b.{kind}", dpi=40, metadata=UNDATED[kind])
        plt.close(figure)
    return files_of(folder)


def test_hidden_counts_change_no_byte_of_any_file(tmp_path: Path) -> None:
    """Of every format, whole: words for pictures, what a file says of itself, hidden parts."""
    first, second = (
        written(tu.assess(made_of(pairs), GOALS[1]).suppress(), tmp_path / str(i))
        for i, pairs in enumerate((PAIRS, MOVED))
    )
    same(first, second)
    assert first.keys() == second.keys()


def two_worlds(rng: Random) -> Iterator[tuple[tu.Assessment, tu.Assessment]]:
    """Draw public tables of one stratum, each with another that differs in hidden cells alone."""
    while True:
        sizes = [rng.choice([4, 9, 15, 60, 200, 900]) for _ in RACES]
        pairs = [(min(n, rng.choice([0, 2, 5, n // 3, n // 2, n])), n) for n in sizes]
        case = Case(pairs, rng.choice(GOALS), rng.choice(["show", "hide"]),
                    rng.choice(["proportion", "rate"]))  # fmt: skip
        one = case.public(pairs)
        for first, second in hidden_pairs(one):
            moved = list(pairs)
            x, n = rng.choice([(1, 0), (-1, 0), (2, 0), (-3, 0), (0, 1), (1, 2), (-1, -1)])
            moved[first] = (pairs[first][0] + x, pairs[first][1] + n)
            moved[second] = (pairs[second][0] - x, pairs[second][1] - n)
            if all(0 <= x <= n and n > 0 for x, n in moved):
                other = case.public(moved)
                if one.table.to_csv() == other.table.to_csv():
                    yield one, other
                    break


def check_files(seed: int, tables: int, folder: Path) -> None:
    rng = Random(f"two worlds {seed}")  # noqa: S311
    for i, worlds in enumerate(islice(two_worlds(rng), tables)):
        first, second = (written(a, folder / f"{i} {k}") for k, a in enumerate(worlds))
        same(first, second)
        assert len(first) > 6


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 5))
def test_hidden_counts_change_no_byte_of_any_file_of_many_tables(seed: int, tmp_path: Path) -> None:
    check_files(seed, 25, tmp_path)


@pytest.mark.long
def test_a_count_that_is_shown_changes_every_file(tmp_path: Path) -> None:
    first, other = (
        written(tu.assess(made_of(pairs), GOALS[1]).suppress(), tmp_path / str(i))
        for i, pairs in enumerate((PAIRS, SHOWN))
    )
    assert len(first) > 6
    assert [name for name in first if first[name] == other.get(name)] == []


SUFFIXES = {write(): suffix for suffix, write in WRITERS.items()}.values()  # .htm is .html
UNDATED = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}
PAIRS = [(40, 90), (4, 50), (30, 70), (60, 200)]
MOVED = [(40, 90), (5, 50), (29, 70), (60, 200)]
SHOWN = [(41, 90), *PAIRS[1:]]


YEARS_OF_PAIRS = [
    (35, 80),
    (3, 40),
    (20, 60),
    (50, 150),
    *PAIRS,
    (41, 90),
    (40, 60),
    (35, 70),
    (66, 200),
]
YEARS_MOVED = [
    (35, 80),
    (4, 40),
    (19, 60),
    *YEARS_OF_PAIRS[3:5],
    (5, 50),
    (29, 70),
    *YEARS_OF_PAIRS[7:],
]


def over_time(pairs: list[tuple[int, int]]) -> tu.Assessment:
    rows = pd.DataFrame(pairs, columns=["x", "n"]).assign(race=RACES * 3)
    rows["year"] = np.repeat([2020, 2021, 2022], len(RACES))
    s = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="year")
    return tu.assess(s, tu.Goal.at_least(0.5, deadline=2030))


def test_hidden_counts_of_some_years_change_no_byte_of_a_trajectory() -> None:
    """Two groups are hidden in 2020 and 2021, so that no trend of theirs is left."""
    one, other = (over_time(p).suppress() for p in (YEARS_OF_PAIRS, YEARS_MOVED))
    assert one.table.to_csv() == other.table.to_csv()
    assert (one.table["status"] == "suppressed").sum() == 4
    first, second = (svg.drawn(trajectory.trajectory, a._answer, "year") for a in (one, other))
    assert first[1] == second[1]
    assert "hidden in 2020 and 2021" in str(vars(first[0])["tu_alt"])
    bare = [as_bytes(over_time(p).plot.trajectory("year")) for p in (YEARS_OF_PAIRS, YEARS_MOVED)]
    assert bare[0] != bare[1]


@pytest.mark.parametrize("suffix", some_of(WRITERS, ".md"))
def test_hidden_counts_of_some_years_change_no_byte_of_a_plan_with_its_progress(
    suffix: str, tmp_path: Path
) -> None:
    plan = tu.Plan([{"segment": "B", "structure": "forms", "strategy": "liaisons", "reach": 9}])
    pages = [
        contents(a._answer, plan, since_break(a._answer, "year", ()), Front(author="The board"))
        for a in (over_time(p).suppress() for p in (YEARS_OF_PAIRS, YEARS_MOVED))
    ]
    folders = [tmp_path / f"{i}{suffix}" for i in range(len(pages))]
    for folder, page in zip(folders, pages, strict=True):
        folder.mkdir()
        WRITERS[suffix]()(page, folder / f"p{suffix}")
    one, other = (files_of(folder) for folder in folders)
    assert one == other
    assert len(one) == (4 if suffix == ".md" else 1)  # with its pictures


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_law_would_see_a_count_that_is_not_hidden(tmp_path: Path) -> None:
    one, other = (tu.assess(made_of(p), GOALS[1]) for p in (PAIRS, MOVED))
    asked = ["table", "segments", "disparities", "representation", "plan.check"]
    first, second = (
        quickly(a, *asked) | slowly(a, tmp_path, "report", "gaps") for a in (one, other)
    )
    differ = {name for name, found in first.items() if found != second[name]}
    assert differ >= {*asked, "pickle", "report", "plot.gaps"}
