"""Speed comes from shape: what is loaded when, what is public, and how large a table may be."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu

HEAVY = ("matplotlib", "statsmodels", "scipy.stats", "pyarrow.dataset", "pandas")
FOR_PICTURES = ("matplotlib", "statsmodels", "scipy.stats")
FOR_HIDING = ("scipy.optimize", "openpyxl")

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


def loaded_after(code: str, names: tuple[str, ...]) -> list[str]:
    """Run code in a fresh interpreter and say which modules it loaded."""
    ask = f"\nimport sys\nprint('loaded:', *[m for m in {names!r} if m in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-W", "error", "-c", code + ask],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert words[0] == "loaded:"
    return words[1:]


def test_the_probe_sees_what_is_loaded() -> None:
    assert loaded_after("import pandas, scipy.stats", HEAVY) == ["scipy.stats", "pandas"]


def test_importing_the_library_loads_nothing_heavy() -> None:
    assert loaded_after(IMPORT, HEAVY) == []


def test_assessing_loads_nothing_that_only_pictures_need() -> None:
    assert loaded_after(ASSESS, FOR_PICTURES) == []


def test_assessing_loads_no_solver_and_no_workbook() -> None:
    assert loaded_after(ASSESS, FOR_HIDING) == []


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


def test_no_module_shares_its_name_with_a_public_callable() -> None:
    """A module binds its name on the package it stands in, so modules further in shadow nothing."""
    members = {name: value for name, value in vars(tu.Assessment).items() if name[0] != "_"}
    methods = {name for name, value in members.items() if callable(value)}
    assert {"where", "describe", "report"} <= methods
    top = {module.name for module in pkgutil.iter_modules(tu.__path__)}
    assert {"assessment", "segments", "answer"} <= top
    assert not top & (set(tu.__all__) - {"measures"})
    assert not top & methods
    of_arrays = {module.name for module in pkgutil.iter_modules(tu.measures.__path__)}
    assert {"goal", "intervals"} <= of_arrays
    assert not (top | of_arrays) & set(tu.measures.__all__)


FETCH = """
import pkgutil
from importlib import import_module
from types import ModuleType
import targeted_universalism as tu
first = {name: getattr(tu, name) for name in tu.__all__}
for module in pkgutil.walk_packages(tu.__path__, f"{tu.__name__}."):
    import_module(module.name)
second = {name: getattr(tu, name) for name in tu.__all__}
assert all(first[name] is second[name] for name in tu.__all__), (first, second)
assert [name for name in tu.__all__ if isinstance(second[name], ModuleType)] == ["measures"]
assert all(callable(second[name]) for name in tu.__all__ if name != "measures")
"""


def test_a_public_name_is_the_same_before_and_after_every_module_is_loaded() -> None:
    assert loaded_after(FETCH, ("targeted_universalism.privacy.audit",)) != []


def test_public_names_are_listed_and_others_are_named_in_the_error() -> None:
    assert set(tu.__all__) <= set(dir(tu))
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
