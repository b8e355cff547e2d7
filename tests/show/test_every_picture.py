"""Laws of all pictures: each is drawn small and large, with long names, and in many scripts."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import combinations
from pathlib import Path
from typing import Any
from unicodedata import bidirectional

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text
from PIL import Image

import targeted_universalism as tu
from make import LONG, alt, assessed, drawn, painted, required, some_of
from targeted_universalism.answer.questions import Question
from targeted_universalism.show.pictures import paper, svg
from targeted_universalism.show.pictures.gaps import gaps
from targeted_universalism.show.pictures.paper import Leaf, drawn_on
from targeted_universalism.show.plots import Plots

GOAL = tu.Goal.at_most(15, per=100, name="Chronic absence", deadline=2030)
SCRIPTS = (
    "Latin", "Кириллица", "Ελληνικά", "漢字圏の人々の長い名前が続きますので折り返します", "العربية",
    "עברית", "👩‍🎓 emoji", "हिन्दी", "half a letter \ud800",
)  # fmt: skip


# --- a register of pictures: data for some labels, and one call ---------------------------------


def table(labels: Sequence[str], hidden: int | str = "*") -> pd.DataFrame:
    """Groups of 20 to 3,000 people: the second is hidden, the small ones are unreliable."""
    sizes = [(400, 60, 20, 3000, 500)[i % 5] for i in range(len(labels))]
    events = [n * (3 + 2 * i % 23) // 80 for i, n in enumerate(sizes)]
    found = pd.DataFrame({"x": pd.Series(events, dtype=object), "n": sizes})
    found["race"] = pd.Series(labels, dtype=object)  # text that Arrow cannot hold stays as it is
    found.loc[1, "x"] = hidden
    if isinstance(hidden, int):
        found.loc[0, "x"] += 10 - hidden  # the total stays as it is
    return found


def one(labels: Sequence[str], hidden: int | str = "*", **options: Any) -> tu.Assessment:
    return assessed(table(labels, hidden), GOAL, suppressed={"*": (1, 10)}, **options)


def ordered(labels: Sequence[str], hidden: int | str = 3) -> tu.Assessment:
    return one(labels, 3 if hidden == "*" else hidden, order={"race": list(labels)})


def several(name: str, values: Sequence[object]) -> Callable[..., tu.Assessment]:
    """Make the same groups in some places, years or indicators."""

    def made(labels: Sequence[str], hidden: int | str = "*") -> tu.Assessment:
        data = pd.concat([table(labels, hidden).assign(at=value) for value in values])
        over: dict[str, Any] = {"indicator": "at"} if name == "indicator" else {"by": "at"}
        goal: Any = dict.fromkeys(values, GOAL) if name == "indicator" else GOAL
        return assessed(data, goal, suppressed={"*": (1, 10)}, **over)

    return made


def path(labels: Sequence[str], hidden: int | str = "*") -> pd.DataFrame:
    """Make a table of a pathway, the second group hidden."""
    counts = pd.DataFrame({
        "race": pd.Series(labels, dtype=object), "children": 10_000,
        "referred": [700 + 3 * i for i in range(len(labels))],
        "removed": [96 + i % 7 for i in range(len(labels))],
    }).astype({"removed": object})  # fmt: skip
    counts.loc[1, "removed"] = hidden
    return tu.pathway(
        counts, stages=["children", "referred", "removed"], segments="race", reference=labels[0],
        directions="at most", suppressed={"*": (1, 10)},
    )  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """How it is made of labels, how it is called, and how many segments it takes."""

    make: Callable[..., Any]
    call: Callable[..., Axes]
    most: int = 40

    def draw(self, labels: Sequence[str], **options: Any) -> Axes:
        return self.call(self.make(labels), **options)


def spent(a: tu.Assessment) -> dict[str, int]:
    return dict.fromkeys(a.table["segment"].tolist()[1:], 1_000)


PICTURES = {
    "gaps": Picture(one, lambda a, **k: a.plot.gaps(**k)),
    "needed": Picture(one, lambda a, **k: a.plot.needed(**k)),
    "allocation": Picture(ordered, lambda a, **k: a.plot.allocation(20, **k)),
    "spending": Picture(ordered, lambda a, **k: a.plot.spending(spent(a), **k)),
    "disparities": Picture(one, lambda a, **k: a.plot.disparities("goal", **k)),
    "equiplot": Picture(several("by", ["Inyo", "Mono"]), lambda a, **k: a.plot.equiplot(**k), 36),
    "heatmap": Picture(
        several("indicator", ["absence", "entries"]), lambda a, **k: a.plot.heatmap(**k)
    ),
    "trajectory": Picture(
        several("by", [2019, 2020, 2021]), lambda a, **k: a.plot.trajectory("at", draws=100, **k)
    ),
    "funnel": Picture(one, lambda a, **k: a.plot.funnel(**k)),
    "slope": Picture(several("by", [2019, 2021]), lambda a, **k: a.plot.slope("at", **k)),
    "concentration": Picture(ordered, lambda a, **k: a.plot.concentration(**k)),
    "pathway": Picture(path, tu.plot_pathway),
}


def as_it_stands(name: str) -> Picture:
    """Draw a picture with what it cannot do without, so that a new one is held to every law."""
    needed = required(getattr(Plots, name), {"time": "at", "amount": 20})
    make = several("by", [2019, 2021]) if "time" in needed else ordered
    return Picture(make, lambda a, **k: getattr(a.plot, name)(**needed, **k))


QUESTIONS = {name for name, what in vars(Plots).items() if isinstance(what, Question)}
PICTURES |= {name: as_it_stands(name) for name in sorted(QUESTIONS - set(PICTURES))}
EVERY = pytest.mark.parametrize("name", PICTURES)
SHORTLY = {("gaps", "short"), ("needed", "long"), ("equiplot", "scripts"), ("heatmap", "short"),
           ("trajectory", "long")}  # fmt: skip


def named(count: int, kind: str) -> list[str]:
    if kind == "scripts":
        return [f"{script} {i}" for i, script in enumerate(SCRIPTS)]
    return [f"{LONG if kind == 'long' else 'Group'} {i}" for i in range(count)]


@cache
def figure_of(name: str, count: int, kind: str) -> Axes:
    """Draw once for all laws; nothing that a law looks at changes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return drawn(PICTURES[name].draw(named(min(count, PICTURES[name].most), kind)))


def words_of(figure: Any) -> Iterator[Text]:
    """Give the words that are drawn: those of ticks on the axis, and all others."""
    for ax in figure.axes:
        low, high = sorted(ax.get_xlim())
        hidden = {
            id(label)
            for at, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=False)
            if not low <= at <= high
        }
        bottom, top = sorted(ax.get_ylim())
        hidden |= {
            id(label)
            for at, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=False)
            if not bottom <= at <= top
        }
        for text in ax.findobj(Text):
            if text.get_text().strip() and text.get_visible() and id(text) not in hidden:
                yield text
    yield from (text for text in figure.texts if text.get_text())
    for title in (figure._suptitle, figure._supxlabel):
        if title is not None and title not in figure.texts:
            yield title


# As many rows as there may be: a picture of rows, of cells and of marks; all others at length.
IN_FULL = ("gaps", "heatmap", "funnel")
# Others that are drawn by what draws "gaps", in scripts that these have too.
OF_ROWS = ("needed", "allocation", "spending", "disparities")
SIZED = pytest.mark.parametrize(("name", "count", "kind"), [
    pytest.param(name, count, kind, marks=pytest.mark.long if at_length else ())
    for name in PICTURES
    for count, kind, at_length in (
        (3, "short", True), (3, "long", False), (len(SCRIPTS), "scripts", name in OF_ROWS),
        (40, "short", name not in IN_FULL), (40, "long", True),
    )
])  # fmt: skip


def test_every_picture_of_an_assessment_is_in_the_register() -> None:
    assert set(PICTURES) - {"pathway"} == QUESTIONS


@SIZED
def test_all_words_are_large_enough_none_lies_on_another_and_none_is_cut_off(
    name: str, count: int, kind: str
) -> None:
    check_words(figure_of(name, count, kind))


@pytest.mark.parametrize("name", ["gaps", "heatmap"])
def test_names_of_rows_are_given_a_font_that_has_their_letters(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "_letters_of", lambda font: {ord("漢")} if "JP" in font else set())
    ax = PICTURES[name].draw(["Latin", "漢字", "Also Latin"])
    fonts = {text.get_text(): text.get_fontfamily() for text in ax.get_yticklabels()}
    assert "Noto Sans JP" in fonts["漢字"]
    assert "Noto Sans JP" not in fonts["Latin"]


# Those that stand on pages.
PAPER = pytest.mark.parametrize(("name", "count", "kind"), [
    pytest.param(name, count, kind, marks=() if (name, kind) in SHORTLY else pytest.mark.long)
    for name in ("gaps", "needed", "equiplot", "heatmap", "trajectory", "disparities")
    for count, kind in ((3, "long"), (40, "short"), (len(SCRIPTS), "scripts"))
])  # fmt: skip


@PAPER
def test_on_paper_letters_are_as_large_on_as_many_sheets_as_it_takes(
    name: str, count: int, kind: str
) -> None:
    picture, labels = PICTURES[name], named(min(count, PICTURES[name].most), kind)
    made, sheet = picture.make(labels), Leaf(6.8, 6.9, 9.0)
    said = ""
    while sheet.part < sheet.parts:
        with drawn_on(sheet):
            ax = drawn(picture.call(made))
        assert ax.figure.get_size_inches()[0] == pytest.approx(6.8, abs=0.01)
        assert ax.figure.get_size_inches()[1] <= (9.0 if sheet.part else 6.9)
        check_words(ax)
        said += alt(ax)
        sheet.part += 1
    assert sheet.parts > 1 or len(labels) < 40
    assert not [label for label in labels if label.encode(errors="replace").decode() not in said]


@pytest.mark.parametrize("height", some_of((5.0, 6.1, 6.85, 7.6, 9.0), 5.0, 6.85, 9.0))
def test_every_row_stands_on_one_sheet_of_paper(height: float) -> None:
    """Which part it is takes a line of its own, on the first sheet too."""
    labels = [f"School {i:02d} of the unified district" for i in range(40)]
    a = PICTURES["gaps"].make(labels)
    pages = list(svg.drawing(gaps, a._answer).pages(7.3, height, 9.4))
    said = " ".join(alt for alt, _ in pages)
    assert [said.count(f"{label}: ") for label in labels] == [1] * len(labels)
    for i, (_, text) in enumerate(pages):
        wide, high = (float(one) / 72 for one in re.findall(r'(?:width|height)="([\d.]+)pt"', text))
        assert wide <= 7.3
        assert high <= (9.4 if i else height)


@pytest.mark.parametrize("name", ["slope", "concentration"])
def test_words_and_numbers_keep_their_order_beside_a_name_from_the_right(name: str) -> None:
    """The first strong letter of a line gives its way: a mark of no width stands before it."""
    words = [t.get_text() for t in words_of(figure_of(name, len(SCRIPTS), "scripts").figure)]
    for script in ("العربية", "עברית"):
        (line,) = (line for text in words for line in text.split("\n") if script in line)
        way = [bidirectional(letter) for letter in line]
        assert next(one for one in way if one in {"L", "R", "AL"}) == "L"
        after = line.index(script) + len(script)
        assert bidirectional(line[after]) == "L"  # so that the number after it is none of it


def check_words(ax: Axes) -> None:
    page, words = ax.figure.bbox, list(words_of(ax.figure))
    assert min(text.get_fontsize() for text in words) >= 9
    # Of words alone, without the arrow that an annotation may have.
    boxes = [(Text.get_window_extent(text), text.get_text()) for text in words]
    out = [
        words for box, words in boxes
        if box.x0 < page.x0 - 2 or box.x1 > page.x1 + 2 or box.y0 < page.y0 - 2
        or box.y1 > page.y1 + 2
    ]  # fmt: skip
    assert not out
    both = [(one, two) for (a, one), (b, two) in combinations(boxes, 2) if _cross(a, b)]
    assert not both


def _cross(a: Any, b: Any) -> bool:
    """Tell whether two boxes share more than their edges, where leading stands."""
    wide = min(a.x1, b.x1) - max(a.x0, b.x0)
    high = min(a.y1, b.y1) - max(a.y0, b.y0)
    return bool(wide > 1.5 and high > 2.5)


@pytest.mark.parametrize("name", some_of(PICTURES, "gaps", "pathway"))
def test_the_words_of_a_picture_go_with_it_into_notebooks_and_files(
    name: str, tmp_path: Path
) -> None:
    ax = figure_of(name, 3, "long")
    figure: Any = ax.figure
    assert alt(ax).count(f"{LONG} 2") >= 1
    assert figure.tu_alt == alt(ax)
    assert f'<img alt="{escape(alt(ax))}" src="data:image/png;base64,' in figure._repr_html_()
    for suffix, held in (("png", "Description"), ("svg", None)):
        path = tmp_path / f"a.{suffix}"
        figure.savefig(path, dpi=30)
        if held:
            with Image.open(path) as image:
                assert image.info[held] == alt(ax)
        else:
            assert escape(alt(ax), quote=False) in path.read_text(encoding="utf-8")


@EVERY
def test_given_axes_are_used_and_returned(name: str) -> None:
    figure, axes = plt.subplots(1, 2, layout="constrained", figsize=(16, 5))
    assert PICTURES[name].draw(named(3, "scripts")[:3], ax=axes[1]) is axes[1]
    assert plt.get_fignums() == [figure.number]
    assert not axes[0].lines
    assert not axes[0].texts
    assert min(text.get_fontsize() for text in words_of(figure)) >= 9
    plt.close(figure)


# Of all others the words, places and colours are compared in test_noninterference.
@pytest.mark.parametrize(
    "name", some_of([name for name in PICTURES if name != "pathway"], *IN_FULL, "slope")
)
def test_what_is_hidden_leaves_no_trace_in_a_picture(name: str) -> None:
    """Two counts behind one hidden cell give the same pixels and the same words."""
    picture = PICTURES[name]
    of = [picture.make(named(5, "short"), x).suppress(minimum=11) for x in (2, 7)]
    assert {"Group 1"} <= {*of[0].table.query("status == 'suppressed'")["segment"]}
    one, other = (picture.call(a) for a in of)
    assert alt(one) == alt(other)
    assert np.array_equal(painted(one), painted(other))
