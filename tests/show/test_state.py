"""What an assessment leaves behind: choices on record, whole files, no open figure, no setting."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import targeted_universalism as tu
from make import assessed, unpainted
from targeted_universalism.show.pictures import paper

OURS = "targeted_universalism"
ROWS = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})


@pytest.fixture
def a() -> tu.Assessment:
    segments = tu.from_counts(
        ROWS.assign(x=["40", "<11"], n=[90, 50]), numerator="x", denominator="n", segments="race",
        suppressed={"x": {"<11": (1, 10), "*": None}},
    )  # fmt: skip
    return tu.assess(segments, tu.Goal.at_least(0.5, deadline=2030))


def nested(choices: Any) -> list[Any]:
    inner = [v for v in choices.values() if isinstance(v, dict)]
    return [choices, *(one for part in inner for one in nested(part))]


@pytest.mark.parametrize("public", [False, True])
def test_choices_pickle_copy_and_dump_at_every_depth(a: tu.Assessment, public: bool) -> None:
    choices = (a.suppress() if public else a).choices
    for one in nested(choices):
        pickled = [pickle.loads(pickle.dumps(one, protocol)) for protocol in (2, 5)]  # noqa: S301
        for again in (*pickled, copy.copy(one), copy.deepcopy(one)):
            assert again == one
            assert type(again) is type(one)
        json.dumps(one, allow_nan=False)
        json.dumps(dict(one), allow_nan=False)
    assert choices["suppressed"]["x"]["*"] == (0, None)


def test_choices_are_written_to_by_nobody(a: tu.Assessment) -> None:
    for one in nested(a.choices):
        before = dict(one)
        for write in (
            lambda c: c.update(kind="rate"), lambda c: c.clear(), lambda c: c.popitem(),
            lambda c: c.pop("kind", None), lambda c: c.setdefault("new", 1),
            lambda c: c.__setitem__("kind", "rate"), lambda c: c.__ior__({"kind": "rate"}),
        ):  # fmt: skip
            with pytest.raises(TypeError, match="cannot be written"):
                write(one)
        assert dict(one) == before


def test_to_dict_is_strict_json_and_holds_the_table(a: tu.Assessment) -> None:
    found = json.loads(json.dumps(a.to_dict(), allow_nan=False))
    assert found == a.to_dict()
    assert [row["segment"] for row in found["table"]] == a.table["segment"].tolist()
    assert [row["needed"] for row in found["table"]] == [None, 5, None]
    assert found["goals"][0]["deadline"] == 2030
    assert found["choices"]["suppressed"]["x"]["<11"] == [1, 10]
    hidden = a.suppress().to_dict()["table"]
    assert hidden[2]["events"] is None


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.html", "a.xlsx"])
@pytest.mark.parametrize("step", ["write", "replace"])
def test_a_write_that_fails_leaves_the_old_file(
    a: tu.Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, step: str
) -> None:
    write = {"a.html": a.report, "a.xlsx": a.to_excel}[name]
    path = tmp_path / name
    path.write_text("old", encoding="utf-8")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    part = zipfile.ZipFile.open

    def on_disk(self: zipfile.ZipFile, *args: Any, **options: Any) -> Any:
        return full() if self.filename else part(self, *args, **options)

    with unpainted():
        with monkeypatch.context() as patched:
            if step == "write":
                patched.setattr(Path, "write_text", full)
                patched.setattr(Path, "write_bytes", full)
                patched.setattr(zipfile.ZipFile, "open", on_disk)
            else:
                patched.setattr("os.replace", full)
            with pytest.raises(tu.InputError, match=r"cannot be written.*No space left"):
                write(path)
        assert path.read_text(encoding="utf-8") == "old"
        assert [p.name for p in tmp_path.iterdir()] == [name]
        assert write(path) == path
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("method", ["report", "to_excel"])
@pytest.mark.parametrize("path", [None, 3, b"a.html", "", "x.pdf", "x", ".", "nowhere/a.html"])
def test_a_path_that_cannot_be_is_answered_in_words(
    a: tu.Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tu.InputError):
        getattr(a, method)(path)
    assert not list(tmp_path.iterdir())


# --- figures and settings -------------------------------------------------------------------------


def test_reports_in_threads_are_the_sequential_ones(tmp_path: Path) -> None:
    several = [
        assessed(ROWS.assign(x=ROWS["x"] - i), tu.Goal.at_least(0.5, name=f"日本 {i}"))
        for i in range(2)
    ]
    settings = dict(mpl.rcParams)
    one_by_one = [a.report(tmp_path / f"s{i}.html").read_bytes() for i, a in enumerate(several)]
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(a.report, tmp_path / f"t{i}.html") for i, a in enumerate(several * 2)]
        together = [one.result().read_bytes() for one in made]
    assert together == one_by_one * 2
    assert dict(mpl.rcParams) == settings
    assert plt.get_fignums() == []


@pytest.mark.parametrize("picture", ["gaps", "needed", "disparities", "equiplot"])
def test_a_picture_leaves_no_figure_open(a: tu.Assessment, picture: str) -> None:
    ax = getattr(assessed(ROWS, tu.Goal.at_least(0.5)).plot, picture)()
    assert plt.get_fignums() == []
    ax.figure.canvas.draw()


def test_in_a_notebook_pyplot_shows_pictures_and_never_those_of_a_page(
    a: tu.Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not paper._pyplot_shows()
    with monkeypatch.context() as patched:
        notebook = SimpleNamespace(get_ipython=object)
        patched.setitem(sys.modules, "IPython", notebook)  # type: ignore[arg-type]
        assert paper._pyplot_shows()
    monkeypatch.setattr(paper, "_pyplot_shows", lambda: True)
    a.report(tmp_path / "a.html")
    assert plt.get_fignums() == []
    ax = a.plot.gaps()
    assert [plt.figure(i) for i in plt.get_fignums()] == [ax.figure]


def test_where_a_window_can_open_pyplot_shows_pictures(
    a: tu.Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mpl, "get_backend", lambda: "TkAgg")
    a.plot.gaps()
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("modules", [2, pytest.param(12, marks=pytest.mark.long)])
def test_an_interrupted_import_leaves_a_working_process(modules: int) -> None:
    kept = forgotten()
    rng = np.random.default_rng(6)
    try:
        for stopped in rng.choice(sorted(set(kept) - {OURS}), size=modules, replace=False).tolist():
            _interrupt(stopped)
    finally:
        forgotten()
        sys.modules.update(kept)


def forgotten() -> dict[str, ModuleType]:
    """Take our modules from those that are loaded."""
    return {n: sys.modules.pop(n) for n in list(sys.modules) if n.split(".")[0] == OURS}


def _interrupt(stopped: str) -> None:
    """Import anew, stop in one module, and go on."""
    forgotten()

    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == stopped and self in sys.meta_path:
                sys.meta_path.remove(self)  # type: ignore[arg-type]
                raise KeyboardInterrupt

    finder = Interrupted()
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]

    def work() -> list[int]:
        anew = import_module(OURS)
        made = anew.from_counts(ROWS, numerator="x", denominator="n", segments="race")
        found = anew.assess(made, anew.Goal.at_least(0.5))
        for question in (found.summarize, found.disparities, found.suppress, found.plot.gaps):
            question()
        anew.measures.wilson([1], [2])
        return list(found.table["needed"])

    with contextlib.suppress(KeyboardInterrupt):
        work()
    assert work() == [0, 5, 0], stopped
