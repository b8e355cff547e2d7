"""A picture as SVG or PNG: letters as text, the same bytes every time, no setting is touched."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure

from targeted_universalism.answer.answer import Answer
from targeted_universalism.show.pictures.paper import apart_from_pyplot, one_at_a_time

_SALT = "targeted_universalism"
_POINTS = 72  # to an inch
# Matplotlib does not say what types these take.
_Svg: Any = RendererSVG
_Mixed: Any = MixedModeRenderer
# What holds the picture says it in words, and when it was made.
_BARE = {"Date": None, "Description": None}
_BARE_PNG = {"Software": None, "Description": None}
Draw: TypeAlias = Callable[..., Axes]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture that has been drawn, to be written in a format; pyplot never hears of it."""

    axes: Axes

    def svg(self) -> str:
        """Give it as SVG: letters as text, the same bytes every time."""
        buffer = io.StringIO()
        with _in_private():
            _Canvas(self._figure)
            self._figure.savefig(buffer, format="svg", bbox_inches="tight", metadata=_BARE)
        return buffer.getvalue()

    def png(self, dpi: int = 200) -> bytes:
        """Give it as PNG of some dots to an inch, for what shows no SVG."""
        buffer = io.BytesIO()
        with _in_private():
            FigureCanvasAgg(self._figure)
            self._figure.savefig(
                buffer,
                format="png",
                dpi=dpi,
                bbox_inches="tight",
                metadata={"Software": None, "Description": None},
            )
        return buffer.getvalue()

    @property
    def _figure(self) -> Figure:
        return cast(Figure, self.axes.figure)


def drawing(draw: Draw, answer: Answer, *args: Any, **options: Any) -> Drawing:
    """Draw an answer in a figure of its own."""
    with _in_private():
        return Drawing(draw(answer, *args, **options))


def drawn(draw: Draw, answer: Answer, *args: Any, **options: Any) -> tuple[Axes, str]:
    """Draw an answer in a figure of its own; give its axes, and the figure as SVG."""
    made = drawing(draw, answer, *args, **options)
    return made.axes, made.svg()


@contextmanager
def _in_private() -> Iterator[None]:
    """Keep from pyplot what is drawn, one picture at a time."""
    with one_at_a_time, apart_from_pyplot():
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
    """A canvas that draws by our renderer."""

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
