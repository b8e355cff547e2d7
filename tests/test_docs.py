"""What pages and docstrings say of the code is made from it, and is up to date."""

from __future__ import annotations

import inspect
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import targeted_universalism as tu
from targeted_universalism.ask import impact
from targeted_universalism.ask.plans import findings
from targeted_universalism.measures import engagement, reliability
from targeted_universalism.measures.entry import Entry, entry_of
from targeted_universalism.measures.inequality.register import REGISTER
from targeted_universalism.privacy import rules as privacy
from targeted_universalism.read.quality import register
from targeted_universalism.segments.columns import SCHEMAS

ROOT = Path(__file__).parents[1]
REGISTERS: dict[str, Mapping[str, Entry]] = {
    "measures": REGISTER,
    "impact": impact.RULES,
    "reliability": reliability.RULES,
    "suppress": privacy.RULES,
    "check": findings.FINDINGS,
    "stances": engagement.STANCES,
    "inspect": register.FINDINGS,
}
LISTED = sorted(set(SCHEMAS) - {"to_excel"})


def run(folder: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder of the project, on its own copy of the library."""
    return subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), **env},
    )  # fmt: skip


def documented(name: str) -> str:
    """Give the docstring of a public function, its spaces evened."""
    homes = (tu.Assessment, tu.Plan)
    home = tu if name in tu.__all__ else next(one for one in homes if hasattr(one, name))
    return " ".join((inspect.getdoc(getattr(home, name)) or "").split())


@pytest.mark.parametrize("name", REGISTERS)
def test_every_register_has_one_shape(name: str) -> None:
    for key, entry in REGISTERS[name].items():
        assert isinstance(entry, Entry)
        assert entry.name == key
        assert entry.says
        assert entry.source
        assert callable(entry.judge)


def test_an_unknown_entry_is_told_of_all_that_are_known() -> None:
    with pytest.raises(tu.InputError, match=r"rule='cmss' is not known.*'count', 'cms'"):
        entry_of(privacy.RULES, "cmss")


def test_pages_and_docstrings_are_what_make_docs_makes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    check = runpy.run_path(str(ROOT / "docs" / "make.py"))["main"]
    assert (check("--check"), *capsys.readouterr()) == (0, "", "")


@pytest.mark.parametrize("name", LISTED)
def test_help_lists_every_column_in_order_and_says_what_it_holds(name: str) -> None:
    text, at = documented(name), 0
    for column in (*SCHEMAS[name].keys, *SCHEMAS[name].columns):
        at = text.index(f"``{column.name}``", at)
        assert column.doc in text[at:]


@pytest.mark.parametrize("name", ["impact", "reliability", "suppress", "check", "inspect"])
def test_help_lists_every_rule(name: str) -> None:
    text = documented(name)
    for rule in REGISTERS[name].values():
        assert f'- ``"{rule.name}"``: ' in text
        assert " ".join(rule.says.split()) in text


def test_ten_lines_are_ten() -> None:
    page = (ROOT / "docs" / "ten-lines.md").read_text(encoding="utf-8")
    jobs = [
        job.count("\n")
        for job in re.findall(r"^```pycon\n(>>> frame.*?)\n^```$", page, re.S | re.M)
    ]
    assert len(jobs) + page.count("```console") == page.count("\n## ") == 5
    assert 1 + max(jobs) <= 10  # with the import


# --- Add a measure in ten minutes -----------------------------------------------------------------


def blocks(page: str) -> list[tuple[str, str]]:
    """Give the blocks of code of a page, each with the text between the last one and it."""
    return re.findall(r"(.*?)^```\w+\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


LAWS = [
    f"measures/{name}"
    for name in ("golden_measures.csv", "test_doorway.py", "test_limits.py", "test_measures.py")
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a contributor changes into a folder of its own, with what is compiled of it."""
    folder = tmp_path_factory.mktemp("project")
    unread = shutil.ignore_patterns("*.png")
    for name in ("src", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=unread)
    # Of the tests those that ask every measure in turn: no other file holds a law of a new one.
    measures = folder / "tests" / "measures"
    measures.mkdir(parents=True)
    for name in ("conftest.py", "make.py", *LAWS):
        shutil.copy2(ROOT / "tests" / name, folder / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_a_measure_is_added_as_the_page_says(copy: Path) -> None:
    page = (ROOT / "docs" / "add-a-measure.md").read_text(encoding="utf-8")
    function, name, golden, commands, question, answer = blocks(page)
    for text, added in (function, golden):
        (path,) = re.findall(r"Append to `(.+?)`", text)
        with (copy / path).open("a", encoding="utf-8") as file:
            file.write(added)
    (path,) = re.findall(r"Append to `(.+?)`", function[0])
    source = (copy / path).read_text(encoding="utf-8")
    first, new, last = name[1].splitlines()
    assert f"{first}\n{last}\n" in source
    source = source.replace(f"{first}\n{last}\n", f"{first}\n{new}\n{last}\n")
    (copy / path).write_text(source, encoding="utf-8")

    docs, laws = commands[1].splitlines()
    assert docs == "make docs"
    compiled = {"PYTHONDONTWRITEBYTECODE": ""}
    made = run(copy, "docs/make.py", "--pages", **compiled)
    assert (made.returncode, made.stdout.splitlines()) == (0, ["docs/measures.md"])
    measures = (copy / "docs" / "measures.md").read_text(encoding="utf-8")
    assert "| `hoover` | `hoover_index` | ½ Σ w" in measures
    kept = run(copy, *shlex.split(laws)[1:], "-p", "no:cacheprovider", **compiled)
    assert kept.returncode == 0, kept.stdout
    assert int(re.findall(r"(\d+) passed", kept.stdout)[0]) >= 12
    said = run(copy, "-c", question[1], **compiled)
    assert (said.stdout, said.stderr) == (answer[1], "")
