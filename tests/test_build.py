"""The two scripts that `make quick` and `make matrix` stand on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import oldest
import quick

ROOT = Path(__file__).parents[1]
ROOM = "src/targeted_universalism"
LAWS = ["tests/fuzz/test_fuzz.py", "tests/laws/test_laws.py", "tests/test_public_names.py"]


@pytest.mark.parametrize(
    ("bound", "pin"),
    [
        ("numpy>=2.0", "numpy==2.0.*"),
        ("pandas>=2.2.2,<4", "pandas==2.2.2.*"),
        ("pytest-cov>=5", "pytest-cov==5.*"),
        ("dask[dataframe] >= 2024.8", "dask==2024.8.*"),
    ],
)
def test_a_lower_bound_becomes_a_pin(bound: str, pin: str) -> None:
    assert oldest.oldest([bound]) == [pin]


def test_what_has_no_lower_bound_stays_free() -> None:
    assert oldest.oldest(["targeted-universalism[test]", "tqdm", "jinja2<4"]) == []


def test_every_requirement_has_a_lower_bound() -> None:
    wanted = oldest.supported(ROOT / "pyproject.toml")
    assert len(oldest.oldest(wanted)) == len(wanted) > 10


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        (f"{ROOM}/privacy/audit.py", [*LAWS[:2], "tests/privacy", LAWS[2]]),
        (f"{ROOM}/measures/inequality/rank.py", [*LAWS[:2], "tests/measures", LAWS[2]]),
        (f"{ROOM}/reasons.py", LAWS),
        ("tests/ask/test_impact.py", ["tests/ask/test_impact.py"]),
        ("tests/ask/test_gone.py", []),
        ("tests/make.py", LAWS),
        ("docs/table.md", LAWS[2:]),
        ("README.md", []),
    ],
)
def test_a_change_asks_for_the_tests_of_its_room(file: str, tests: list[str]) -> None:
    assert quick.touched([file]) == tests


def test_a_file_in_a_folder_that_is_run_is_not_run_twice() -> None:
    files = [f"{ROOM}/ask/impact.py", "tests/ask/test_impact.py", "tests/show/test_words.py"]
    assert quick.touched(files) == sorted(["tests/ask", "tests/show/test_words.py", *LAWS])


def test_every_room_has_tests_of_its_own() -> None:
    rooms = [path.parent.name for path in (ROOT / ROOM).glob("*/__init__.py")]
    assert len(rooms) == 8
    for room in rooms:
        assert list((ROOT / "tests" / room).glob("test_*.py")), room


def test_the_house_stays_as_small_as_it_was_drawn() -> None:
    """Rooms, floors, and which room imports which: the limits of the plan (docs/house.md)."""
    arrows = {
        (path.relative_to(ROOT / ROOM).with_suffix("").parts[0], other)
        for path in (ROOT / ROOM).rglob("*.py")
        for other in re.findall(r"from targeted_universalism\.(\w+)", path.read_text("utf-8"))
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert len(layers) == 7
    assert len({room for room, _ in arrows}) <= 14
    assert len({(one, other) for one, other in arrows if one != other}) <= 60


def test_files_that_are_not_yet_committed_are_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"merge-base": ["abc"], "diff": ["a.py"], "ls-files": ["b.py"]}
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(quick, "git", lambda *words: (asked.append(words), said[words[0]])[1])
    assert quick.changed() == ["a.py", "b.py"]
    assert asked[1] == ("diff", "--name-only", "abc")


def test_without_a_change_nothing_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quick, "git", lambda *_: [])
    assert quick.main([]) == 0
    assert "nothing to run" in capsys.readouterr().out


SKIPPED = """
import pytest

def test_of_real_data(shared):
    pytest.skip("not today")
"""


@pytest.mark.parametrize(
    ("there", "end"),
    [(True, "1 failed"), pytest.param(False, "1 skipped", marks=pytest.mark.long)],
)
def test_a_skip_is_a_failure_where_the_real_data_are(there: bool, end: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    if there:
        data.mkdir()
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    (tmp_path / "test_one.py").write_text(SKIPPED)
    # What lies in a folder above, such as the conftest.py of somebody else, is none of ours.
    given = ["-c", str(ROOT / "pyproject.toml"), f"--confcutdir={tmp_path}", str(tmp_path)]
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-m", "pytest", "-q", *given], env={**os.environ, "TU_SHARED": str(data)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith(end), done.stdout
