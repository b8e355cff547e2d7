"""The sheet that a picture is drawn on: its words go with it, and letters of any script are drawn.

Where pyplot can show figures it makes them, as people expect of a picture; elsewhere a figure is
nobody's but the caller's, and none is left open.
"""

from __future__ import annotations

import base64
import io
import math
import re
import sys
import threading
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from itertools import accumulate
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends import (  # type: ignore[attr-defined]
    BackendFilter,
    backend_registry,
)
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

_apart: ContextVar[bool] = ContextVar("apart", default=False)
one_at_a_time = threading.RLock()  # Python's filters of warnings are those of all threads

# What a format of file calls a description.
_DESCRIBED = {"png": "Description", "svg": "Description", "pdf": "Subject"}


# --- how large it is ----------------------------------------------------------------------------

WIDTH = 10.0  # inches: of a screen
TITLE_LINE = 0.21  # inches
_Part = TypeVar("_Part")


@dataclass(eq=False)
class Leaf:
    """What a picture is drawn on: a screen, or one of as many sheets of paper as it takes.

    Letters have the size that they have everywhere, so that less of them stands on a line.

    Parameters
    ----------
    width, height : float
        In inches, the most that it may take.
    more : float
        The height of every sheet but the first, on which words stand over it.
    part : int
        Which of its parts is drawn.
    parts : int
        How many it has: a picture that takes more than one sheet says so when it is drawn.
    """

    width: float = WIDTH
    height: float = math.inf
    more: float = math.inf
    part: int = 0
    parts: int = 1
    _parted: Sequence[Any] = ()

    def choose(self, parts: Sequence[_Part]) -> _Part:
        """Give the part that is drawn on this sheet, as things were parted on the first one."""
        if not self.part:
            self._parted = parts
        self.parts = len(self._parted)
        found: _Part = self._parted[self.part]
        return found

    def shares(self, sizes: Sequence[float], frame: float) -> list[slice]:
        """Part things under each other into stretches for a sheet each; `frame` is all else.

        What has room on a sheet of its own is not parted.
        """
        if sum(sizes) <= max(self.height, self.more) - frame:
            return [slice(0, len(sizes))]
        least = max(sizes, default=0.0)
        frame += TITLE_LINE  # says which part it is
        first = _fitting(sizes, max(self.height - frame, least))
        rest = shares(sizes[first:], max(self.more - frame, least)) if first < len(sizes) else []
        return [slice(0, first), *(slice(first + one.start, first + one.stop) for one in rest)]

    @property
    def words(self) -> str:
        """Which part it is, where there are several: "Part 1 of 3"."""
        return f"Part {self.part + 1} of {self.parts}" if self.parts > 1 else ""


_leaf: ContextVar[Leaf] = ContextVar("leaf")


def leaf() -> Leaf:
    """Give what a picture is drawn on."""
    return _leaf.get(None) or Leaf()


@contextmanager
def drawn_on(sheet: Leaf) -> Iterator[None]:
    """Draw on a sheet, in this thread."""
    before = _leaf.set(sheet)
    try:
        yield
    finally:
        _leaf.reset(before)


def shares(sizes: Sequence[float], room: float) -> list[slice]:
    """Part things in a row into as few stretches as have room, all of about one size.

    Examples
    --------
    >>> shares([1.0] * 5, 4.0), shares([1.0] * 5, 9.0)
    ([slice(0, 3, None), slice(3, 5, None)], [slice(0, 5, None)])

    """
    for parts in range(max(1, math.ceil(sum(sizes) / room)), len(sizes)):
        found = _cut(sizes, sum(sizes) / parts)
        if all(sum(sizes[one]) <= room for one in found):
            return found
    return [slice(i, i + 1) for i in range(len(sizes))] or [slice(0, 0)]


def _fitting(sizes: Sequence[float], room: float) -> int:
    """Count how many of some things have room, from the first on."""
    return bisect_right(list(accumulate(sizes)), room)


def _cut(sizes: Sequence[float], size: float) -> list[slice]:
    """Cut where a stretch would be nearer to its size with one thing less."""
    ends, taken = [0], 0.0
    for i, one in enumerate(sizes):
        if taken + one / 2 > size * len(ends):
            ends.append(i)
        taken += one
    return [slice(a, b) for a, b in zip(ends, [*ends[1:], len(sizes)], strict=True)]


# --- figures ------------------------------------------------------------------------------------


@contextmanager
def apart_from_pyplot() -> Iterator[None]:
    """Draw in figures that pyplot never hears of, in this thread: for pages."""
    before = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(before)


def new_figure(height: float, width: float) -> Sheet:
    """Give a new figure of some inches."""
    if not _apart.get() and _pyplot_shows():
        pyplot = import_module("matplotlib.pyplot")
        shown: Sheet = pyplot.figure(
            figsize=(width, height), layout="constrained", FigureClass=Sheet
        )
        return shown
    figure = Sheet(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _pyplot_shows() -> bool:
    """Tell whether a notebook, a console or a window would show what pyplot draws."""
    python = sys.modules.get("IPython")
    if python is not None and python.get_ipython() is not None:
        return True
    if "matplotlib.pyplot" not in sys.modules:
        return False
    windows: list[str] = backend_registry.list_builtin(  # type: ignore[no-untyped-call]
        BackendFilter.INTERACTIVE
    )
    return bool(mpl.get_backend().lower() in windows or mpl.is_interactive())


class Sheet(Figure):
    """A figure that says what it shows, in notebooks and in files."""

    @property
    def tu_alt(self) -> str:
        """The words of its pictures."""
        return " ".join(vars(ax)["tu_alt"] for ax in self.axes if "tu_alt" in vars(ax))

    def _repr_html_(self) -> str:
        """Show it in a notebook with its words as alternative text."""
        data = io.BytesIO()
        self.savefig(data, format="png", bbox_inches="tight")
        image = base64.b64encode(data.getvalue()).decode("ascii")
        return f'<img alt="{escape(self.tu_alt)}" src="data:image/png;base64,{image}">'

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save it, with its words where the format has room for them."""
        about = _DESCRIBED.get(_format_of(fname, options.get("format")))
        if about is not None and self.tu_alt:
            said = {about: self.tu_alt, **(options.get("metadata") or {})}
            options["metadata"] = {k: v for k, v in said.items() if (k, v) != (about, None)}
        super().savefig(fname, **options)

    def draw(self, renderer: Any) -> None:
        """Draw it; a script that no font here has is no news."""
        with whatever_script():
            super().draw(renderer)

    def get_tightbbox(self, *args: Any, **options: Any) -> Any:
        """Measure it; a script that no font here has is no news."""
        with whatever_script():
            return super().get_tightbbox(*args, **options)


def _format_of(file: object, said: object) -> str:
    """Give the format that a figure is saved in: as said, as the name ends, or the usual one."""
    if said is None and isinstance(file, (str, PathLike)):
        said = Path(file).suffix.removeprefix(".")
    return str(said or mpl.rcParams["savefig.format"]).lower()


@contextmanager
def whatever_script() -> Iterator[None]:
    """Say nothing of scripts that no font here has: the reader's program shows them anyway."""
    with one_at_a_time, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


# --- letters of every script --------------------------------------------------------------------

# Asked, in turn, for what the user's own font lacks.
_FALLBACKS = (
    "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC",
    "Noto Sans KR", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari",
    "Noto Sans Ethiopic", "Noto Sans Cherokee", "Noto Sans Symbols 2", "Noto Emoji", "DejaVu Sans",
    "Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Geeza Pro", "Arial Hebrew",
    "Yu Gothic", "Microsoft YaHei", "Malgun Gothic", "Segoe UI", "Segoe UI Symbol",
    "Segoe UI Emoji", "Arial Unicode MS",
)  # fmt: skip
# Draws a frame with the name of the script for every letter; newer matplotlib brings it.
_LAST = "Last Resort High-Efficiency"


def find_letters(ax: Axes) -> None:
    """Give the words of a picture fonts that have their letters, where the user's own has not."""
    figure = ax.figure.figure
    for text in _texts(figure if isinstance(figure, Sheet) else ax):
        words = text.get_text()
        if words.isascii():
            continue
        whole = words.encode(errors="replace").decode()  # no font has half a letter
        text.set_text("\n".join(map(left_to_right, whole.split("\n"))))
        missing = {*map(ord, words)} - _letters(font_manager.findfont(text.get_fontproperties()))
        if missing:
            more = [name for name in _FALLBACKS if missing & _letters_of(name)]
            if _LAST in _installed():
                text.set_fontweight("normal")  # it has no other
                more.append(_LAST)
            text.set_fontfamily([*text.get_fontfamily(), *more])


_LEFTWARD = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"
_NAME_LEFTWARD = re.compile(rf"{_LEFTWARD}+(?:[\s'’-]+{_LEFTWARD}+)*")
_OF_OURS = re.compile(r"[A-Za-z%]|: ")
_MARK = "\u200e"  # has no width, and runs from left to right


def left_to_right(line: str) -> str:
    """Keep our words and numbers in their order around a name that runs from right to left.

    A line takes the way of its first letter, so that "5 %" beside such a name would be "% 5". A
    name that stands alone runs its own way.

    Examples
    --------
    >>> name = chr(0x5D0)
    >>> [ord(letter) for letter in left_to_right(f"{name}: 5 %")[:3]]
    [8206, 1488, 8206]
    >>> left_to_right(name) == name, left_to_right("A: 5 %")
    (True, 'A: 5 %')

    """
    if not _OF_OURS.search(line):
        return line
    return _NAME_LEFTWARD.sub(lambda name: f"{_MARK}{name[0]}{_MARK}", line)


def _texts(artist: Any) -> Iterator[Text]:
    """Give every text; an axis makes no marks for it that nobody has set yet: those say numbers."""
    if isinstance(artist, Text):
        yield artist
    unset = isinstance(artist, Axis) and not isinstance(artist.get_major_locator(), FixedLocator)
    for child in [artist.label, artist.offsetText] if unset else artist.get_children():
        yield from _texts(child)


@cache
def _letters(path: str) -> frozenset[int]:
    """Give the letters that a font has."""
    return frozenset(font_manager.get_font(path).get_charmap())


def _letters_of(family: str) -> frozenset[int]:
    """Give the letters of a family; none where it is not here."""
    path = _installed().get(family)
    return _letters(path) if path else frozenset()


@cache
def _installed() -> dict[str, str]:
    """Give a file of each family that may be asked."""
    wanted = {*_FALLBACKS, _LAST}
    return {font.name: font.fname for font in font_manager.fontManager.ttflist
            if font.name in wanted}  # fmt: skip
