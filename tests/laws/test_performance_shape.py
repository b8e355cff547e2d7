"""Speed comes from shape: what is loaded when, what is public, and how large a table may be."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from functools import cache
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu

HEAVY = ("matplotlib", "statsmodels", "scipy.stats", "pyarrow.dataset", "pandas")
FOR_PICTURES = ("matplotlib", "statsmodels", "scipy.stats")
FOR_HIDING = ("scipy.optimize", "xlsxwriter")
ASKED = tuple(
    info.name
    for info in pkgutil.walk_packages(tu.__path__, f"{tu.__name__}.")
    if re.search(r"\.(ask|privacy|pictures)\.|\.show\.(page|workbook)$", info.name)
)

IMPORT = "import targeted_universalism as tu"
ASSESS = """
import pandas as pd
import targeted_universalism as tu
rows = pd.DataFrame({"race": ["a", "b"], "x": [10, 20], "n": [40, 50], "year": [2020, 2020]})
segments = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="year")
table = tu.assess(segments, tu.Goal.at_least(0.5)).table
assert table["needed"].tolist() == [15, 10, 5], table
rates = rows.assign(rate=rows["x"] / rows["n"], se=0.01)
segments = tu.from_estimates(
    rates, estimate="rate", se="se", segments="race", kind="proportion", population="n"
)
assert tu.assess(segments, tu.Goal.at_least(0.5)).table["needed"].tolist() == [15, 10, 5]
"""


# One after the other in one fresh interpreter.
STEPS = {
    "import": IMPORT,
    "assess": ASSESS,
    "ask": "tu.assess(segments, tu.Goal.at_least(0.5)).where(dimension='race').representation()",
    "line": "import targeted_universalism.command",
    "draw": "import matplotlib",
}


def loaded_after(step: str, names: tuple[str, ...]) -> list[str]:
    """Say which of some modules are loaded after a step."""
    return [name for name in names if name in modules_after()[step]]


@cache
def modules_after() -> dict[str, frozenset[str]]:
    """Take all steps, once for all who ask, and name the modules that are loaded after each."""
    code = "\n".join(f"{code}\nprint('{step}:', *sys.modules)" for step, code in STEPS.items())
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-W", "error", "-c", f"import sys\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = [line.split() for line in done.stdout.splitlines()]
    assert [step for step, *_ in said] == [f"{step}:" for step in STEPS]
    return {step: frozenset(names) for step, (_, *names) in zip(STEPS, said, strict=True)}


def test_the_probe_sees_what_is_loaded() -> None:
    assert loaded_after("draw", HEAVY) == ["matplotlib", "pandas"]


def test_importing_the_library_loads_nothing_heavy() -> None:
    assert loaded_after("import", HEAVY) == []


def test_assessing_loads_nothing_that_only_pictures_need() -> None:
    assert loaded_after("assess", FOR_PICTURES) == []


def test_assessing_loads_no_solver_and_no_workbook() -> None:
    assert loaded_after("assess", FOR_HIDING) == []


def test_a_room_loads_when_it_is_asked_and_no_earlier() -> None:
    assert {f"{tu.__name__}.ask.disparities", f"{tu.__name__}.show.page"} <= set(ASKED)
    assert loaded_after("assess", ASKED) == []
    assert loaded_after("ask", ASKED) == [
        f"{tu.__name__}.ask.references", f"{tu.__name__}.ask.representation",
    ]  # fmt: skip


def test_a_command_line_loads_what_draws_only_for_a_page() -> None:
    """Its options are made of what a page can be told."""
    assert loaded_after("line", FOR_PICTURES) == []


@pytest.mark.parametrize("name", sorted(tu.__all__))
def test_every_public_name_is_the_same_callable_each_time(name: str) -> None:
    first, second = getattr(tu, name), getattr(tu, name)
    assert first is second
    if name == "measures":
        assert isinstance(first, ModuleType)
    else:
        assert callable(first)


def test_every_public_name_survives_fetching_all_others() -> None:
    """Importing a module binds its name on the package: it must not cover a public one."""
    for _ in range(2):
        kinds = {name: isinstance(getattr(tu, name), ModuleType) for name in tu.__all__}
        assert [name for name, module in kinds.items() if module] == ["measures"]


@pytest.mark.parametrize("package", [tu, tu.measures])
def test_no_module_shares_its_name_with_a_callable_beside_it(package: ModuleType) -> None:
    """A question has one name everywhere; only where both would be one attribute it must not."""
    modules = {info.name for info in pkgutil.iter_modules(package.__path__)}
    assert modules & {"assessment", "intervals"}
    assert modules & set(package.__all__) <= {"measures"}


def test_public_names_are_listed_and_others_are_named_in_the_error() -> None:
    assert sorted(tu.__all__) == dir(tu)
    with pytest.raises(AttributeError, match="no attribute 'assesss'"):
        _ = tu.assesss  # type: ignore[attr-defined]


def test_every_american_county_for_ten_years_is_one_table() -> None:
    """3,144 counties × 10 years × (8 segments and the total)."""
    counties, years, races = 3144, 10, 8
    rng = np.random.default_rng(20)
    place = np.indices((counties, years, races)).reshape(3, -1)
    people = rng.integers(1, 5000, place.shape[1])
    data = pd.DataFrame(
        {
            "county": place[0],
            "year": 2015 + place[1],
            "race": np.array(list("abcdefgh"))[place[2]],
            "x": rng.binomial(people, 0.8),
            "n": people,
        }
    )
    segments = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", by=["county", "year"]
    )
    table = tu.assess(segments, tu.Goal.at_least(0.9)).table
    assert len(table) == 282_960
    totals = table[table["dimension"] == "total"]
    assert len(totals) == counties * years
    sums = data.groupby(["county", "year"])[["x", "n"]].sum()
    short = -((10 * sums["x"] - 9 * sums["n"]) // 10)
    assert totals["needed"].tolist() == short.clip(lower=0).tolist()
    groups = table[table["dimension"] == "race"]
    short = -((10 * data["x"] - 9 * data["n"]) // 10)
    assert groups["needed"].tolist() == short.clip(lower=0).tolist()
    assert groups["rate"].tolist() == (data["x"] / data["n"]).tolist()
