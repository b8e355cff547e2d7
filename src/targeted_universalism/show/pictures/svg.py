"""A picture as SVG or PNG: letters as text, the same bytes every time, no setting is touched."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeAlias, TypeVar, cast

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from targeted_universalism.answer.answer import Answer
from targeted_universalism.show.pictures.canvas import alt_text
from targeted_universalism.show.pictures.paper import (
    Leaf,
    apart_from_pyplot,
    drawn_on,
    one_at_a_time,
    whatever_script,
)

_SALT = "targeted_universalism"
_POINTS = 72  # to an inch
_MARGIN = 0.1  # inches
# Matplotlib does not say what types these take.
_Svg: Any = RendererSVG
_Mixed: Any = MixedModeRenderer
# What holds the picture says it in words, and when it was made.
_BARE = {"Date": None, "Description": None}
_BARE_PNG = {"Software": None, "Description": None}
Draw: TypeAlias = Callable[..., Axes]
_Written = TypeVar("_Written", str, bytes)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture that is drawn as what it is written in asks; pyplot never hears of it."""

    draw: Callable[[], Axes]

    @cached_property
    def axes(self) -> Axes:
        """Give it as a screen shows it."""
        with _in_private():
            return self.draw()

    def svg(self) -> str:
        """Give it as SVG, as a screen shows it: letters as text, the same bytes every time."""
        with _in_private():
            return _svg(cast(Figure, self.axes.figure))

    def pages(self, width: float, height: float, more: float) -> Iterator[tuple[str, str]]:
        """Give it for a page that may be printed: as :meth:`sheets` does, and SVG."""
        return self._on_leaves(_leaf_in(width, height, more), _svg)

    def sheets(
        self, width: float, height: float, more: float, dpi: int = 200
    ) -> Iterator[tuple[str, bytes]]:
        """Give it for paper: on each sheet that it takes its words, and PNG.

        Parameters
        ----------
        width, height, more : float
            The most that the first may take, and the height of more: it is drawn so, in inches,
            and not made smaller.
        dpi : int
            Dots to an inch.
        """
        return self._on_leaves(_leaf_in(width, height, more), partial(_png, dpi=dpi))

    def _on_leaves(
        self, sheet: Leaf, write: Callable[[Figure], _Written]
    ) -> Iterator[tuple[str, _Written]]:
        """Draw it on as many sheets as it takes: the words of each, and what is written of it."""
        while sheet.part < sheet.parts:
            with _in_private(), drawn_on(sheet):
                axes = self.draw()
                made = alt_text(axes), write(cast(Figure, axes.figure))
            yield made
            sheet.part += 1


def _leaf_in(width: float, height: float, more: float) -> Leaf:
    """Give what lies inside the margin that is around every picture."""
    around = 2 * _MARGIN
    return Leaf(width - around, height - around, more - around)


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    _Canvas(figure)
    box = _settled(figure, _POINTS)
    figure.savefig(buffer, format="svg", bbox_inches=box, metadata=_BARE)
    return buffer.getvalue()


def _png(figure: Figure, dpi: int) -> bytes:
    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    box = _settled(figure, dpi)
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches=box, metadata=_BARE_PNG)
    return buffer.getvalue()


def drawing(draw: Draw, answer: Answer, *args: Any, **options: Any) -> Drawing:
    """Draw an answer in a figure of its own."""
    return Drawing(partial(draw, answer, *args, **options))


def drawn(draw: Draw, answer: Answer, *args: Any, **options: Any) -> tuple[Axes, str]:
    """Draw an answer in a figure of its own; give its axes, and the figure as SVG."""
    made = drawing(draw, answer, *args, **options)
    return made.axes, made.svg()


def _settled(figure: Figure, dpi: float) -> Bbox:
    """Lay a figure out, once, and give the part of its sheet that is drawn upon, in inches.

    ``bbox_inches="tight"`` would draw it all, unseen, before it is drawn: a fifth of the time.
    """
    figure.dpi = dpi
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        vars(figure)["_layout_engine"] = None  # even "none" would make savefig draw it twice
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return figure.get_tightbbox(renderer).padded(_MARGIN)


@contextmanager
def _in_private() -> Iterator[None]:
    """Keep from pyplot what is drawn, one picture at a time."""
    with one_at_a_time, apart_from_pyplot(), whatever_script():
        yield


class _Renderer(_Svg):  # type: ignore[misc]
    """Matplotlib's own, with two of its process-wide settings fixed: names of parts, and text."""

    def _make_id(self, kind: str, content: Any) -> str:
        return f"{kind}{hashlib.sha256(f'{_SALT}{content}'.encode()).hexdigest()[:10]}"

    def draw_text(  # noqa: PLR0917 - as matplotlib calls it
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float,
        ismath: Any = False, mtext: Any = None,
    ) -> None:  # fmt: skip
        clip = self._get_clip_attrs(gc)
        if clip:
            self.writer.start("g", **clip)
        self._draw_text_as_text(gc, x, y, s, prop, angle, ismath, mtext)
        if clip:
            self.writer.end("g")


class _Canvas(FigureCanvasSVG):
    """A canvas that draws by our renderer, and measures with one of its kind."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self._measuring: Any = None

    def get_renderer(self) -> Any:
        """Give what measures words: one for all of them, since it remembers."""
        if self._measuring is None:
            figure = self.figure
            width, height = figure.get_size_inches()
            svg = _Renderer(width * _POINTS, height * _POINTS, io.StringIO())
            self._measuring = _Mixed(figure, width, height, figure.dpi, svg)
        return self._measuring

    def print_svg(
        self, filename: Any, *, bbox_inches_restore: Any = None, metadata: Any = None, **_: Any
    ) -> None:
        text = isinstance(filename, io.TextIOBase)
        stream = filename if text else io.TextIOWrapper(filename, encoding="utf-8")
        figure = self.figure
        dpi, figure.dpi = figure.dpi, _POINTS
        width, height = figure.get_size_inches()
        svg = _Renderer(width * _POINTS, height * _POINTS, stream, image_dpi=dpi, metadata=metadata)
        renderer = _Mixed(figure, width, height, dpi, svg, bbox_inches_restore=bbox_inches_restore)
        figure.draw(renderer)
        renderer.finalize()
