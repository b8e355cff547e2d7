"""What many tests make in the same way: data, segments, assessments, examples and pictures."""

from __future__ import annotations

import inspect
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from PIL import Image

import targeted_universalism as tu
from targeted_universalism.show.pictures import svg

HALF = tu.Goal.at_least(0.5, per=1)
ABSENCE = tu.Goal.at_most(15, per=100, name="Chronic absence")
LONG = "American Indian or Alaska Native alone or in combination with one or more other races"
STAGES = ["children", "referred", "substantiated", "removed"]

# --- segments and assessments -------------------------------------------------------------------

_OF_ASSESS = ("confidence", "interval", "reliability", "rollup")


def frame(data: Any, *keys: str) -> Any:
    """Rows (*keys, events, people) or columns by name as a frame; a frame as it is."""
    if isinstance(data, list):
        return pd.DataFrame(data, columns=[*keys, "x", "n"])
    return pd.DataFrame(data) if isinstance(data, dict) else data


def counts(data: Any, /, **options: Any) -> tu.Segments:
    """Make segments of x events among n people, by race unless said."""
    options = {"numerator": "x", "denominator": "n", "segments": "race", **options}
    return tu.from_counts(frame(data, str(options["segments"])), **options)


def estimates(data: Any, /, **options: Any) -> tu.Segments:
    """Make segments of published proportions, by race unless said."""
    options = {"estimate": "rate", "segments": "race", "kind": "proportion", **options}
    return tu.from_estimates(frame(data), **options)


def records(data: Any, /, **options: Any) -> tu.Segments:
    """Make segments of rows about people with an outcome y, by race unless said."""
    return tu.from_records(frame(data), **{"outcome": "y", "segments": "race", **options})


def assessed(
    data: Any, goal: Any = HALF, /, make: Callable[..., tu.Segments] = counts, **options: Any
) -> tu.Assessment:
    """Assess what is made of data; what `assess` can be told goes there, all else to `make`."""
    later = {name: options.pop(name) for name in _OF_ASSESS if name in options}
    return tu.assess(make(data, **options), goal, **later)


def required(function: Callable[..., Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a function cannot do without, by the names of its parameters.

    So that a new question is asked by every law, as it stands.
    """
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return {p.name: known[p.name] for p in parameters if p.default is p.empty}


# --- tables -------------------------------------------------------------------------------------


def row_of(table: pd.DataFrame, segment: str = "All", **keys: object) -> Any:
    """Take the one row of a segment."""
    found = table[table["segment"] == segment]
    for name, value in keys.items():
        found = found[found[name] == value]
    assert len(found) == 1, found
    return found.iloc[0]


def plain(table: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Make text of categories, so that frames compare by their values; sorted by `keys`."""
    text = table.astype({name: object for name in table if table[name].dtype == "category"})
    return (text.sort_values(list(keys)) if keys else text).reset_index(drop=True)


def records_of(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Make dictionaries of rows as ``to_dict("records")`` does, in half the time."""
    columns = [table[name].tolist() for name in table]
    return [dict(zip(table, row, strict=True)) for row in zip(*columns, strict=True)]


def identical(one: pd.DataFrame, other: pd.DataFrame, rtol: float = 0.0) -> None:
    """Assert that two tables are one: to the bit, or to a relative difference."""
    options: dict[str, Any] = {"rtol": rtol, "atol": 1e-12} if rtol else {"check_exact": True}
    pd.testing.assert_frame_equal(one, other, **options)


def hidden(a: tu.Assessment, *keys: str) -> list[Any]:
    """List the segments that are suppressed, each with its keys where some are asked for."""
    found = a.table[a.table["status"] == "suppressed"]
    if not keys:
        return found["segment"].tolist()
    return found[[*keys, "segment"]].astype(str).to_numpy().tolist()


# --- what laws are tried on ---------------------------------------------------------------------

goals = st.builds(
    lambda direction, twentieths: tu.Goal(direction=direction, target=twentieths / 20),
    st.sampled_from(["at least", "at most"]),
    st.integers(0, 20),
)


def fewer(part: int, away: int = 1) -> settings:
    """Try a law on a part of the profile's examples; where they are few on a part of those.

    `part` where each example holds many cases, `away` where each takes long; never fewer than two.
    """
    examples = settings.default.max_examples
    few = examples < settings.get_profile("full").max_examples
    return settings(max_examples=max(2, examples // part // (away if few else 1)))


def more(times: int, **options: Any) -> settings:
    """Try a law on several times the profile's examples, where each is a few numbers."""
    return settings(max_examples=times * settings.default.max_examples, **options)


def some_of(values: Iterable[Any], *chosen: Any) -> list[Any]:
    """Try what is chosen of some values, and all of them at length."""
    return [
        pytest.param(value, marks=() if value in chosen else pytest.mark.long) for value in values
    ]


def pairs(most: int) -> st.SearchStrategy[tuple[int, int]]:
    """Draw (events, people)."""
    return st.integers(1, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def groups(most: int, size: int) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """Draw rows (segment, events, people) of at least two segments."""
    return st.lists(pairs(most), min_size=2, max_size=size).map(
        lambda found: [("ABCDEF"[i], x, n) for i, (x, n) in enumerate(found)]
    )


# --- published examples -------------------------------------------------------------------------


def examples(shared: Path, name: str = "worked_examples.json") -> dict[str, dict[str, Any]]:
    """Read a file of published examples, by id."""
    entries = json.loads((shared / "examples" / name).read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in entries}


def rule_tests(shared: Path, prefix: str) -> list[dict[str, Any]]:
    """Take the examples of rules whose id starts in one way."""
    found = examples(shared, "rule_tests.json").values()
    return [entry for entry in found if entry["id"].startswith(prefix)]


# --- pictures -----------------------------------------------------------------------------------


@contextmanager
def unpainted() -> Iterator[None]:
    """Leave the pictures of a page unpainted, where its words alone are asked."""
    png = io.BytesIO()
    Image.new("1", (1, 1)).save(png, "png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(svg, "_svg", lambda figure: "<svg/>")
        patch.setattr(svg, "_png", lambda figure, dpi: png.getvalue())
        patch.setattr(svg, "_settled", lambda *_: pytest.fail("a picture is painted"))
        yield


def page_of(a: tu.Assessment, folder: Path, **options: Any) -> str:
    """Write a page for its words, as they are read."""
    with unpainted():
        return spaced(a.report(folder / "page.html", **options).read_text(encoding="utf-8"))


def drawn(ax: Axes) -> Axes:
    """Lay out, so that every place is known; nothing is painted."""
    ax.figure.draw_without_rendering()
    return ax


def painted(ax: Axes) -> Any:
    """Paint, and give the pixels."""
    ax.figure.canvas.draw()
    return np.asarray(ax.figure.canvas.buffer_rgba()).copy()


def spaced(text: str) -> str:
    """Give text as it is read: spaces that no line breaks at are spaces."""
    return text.replace("\u00a0", " ")


def alt(ax: Axes) -> str:
    """Give the words of a picture for those who do not see it."""
    return str(vars(ax)["tu_alt"])


def names(ax: Axes) -> list[str]:
    """Name the rows of a picture."""
    return [text.get_text().replace("\n", " ") for text in ax.get_yticklabels()]
