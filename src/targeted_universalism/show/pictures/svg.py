"""A picture as SVG text: letters as text, the same bytes every time, and no setting is touched."""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
from collections.abc import Callable
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure

from targeted_universalism.answer.answer import Answer
from targeted_universalism.show.pictures.canvas import apart_from_pyplot

_SALT = "targeted_universalism"
_POINTS = 72  # to an inch
# Matplotlib does not say what types these take.
_Svg: Any = RendererSVG
_Mixed: Any = MixedModeRenderer
_one_at_a_time = threading.RLock()  # Python's filters of warnings are those of all threads


def drawn(
    draw: Callable[..., Axes], answer: Answer, *args: Any, **options: Any
) -> tuple[Axes, str]:
    """Draw an answer in a figure of its own; give its axes, and the figure as SVG."""
    buffer = io.StringIO()
    with _one_at_a_time, warnings.catch_warnings(), apart_from_pyplot():
        # The reader's browser has the glyphs of scripts that matplotlib's font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        axes = draw(answer, *args, **options)
        figure = cast(Figure, axes.figure)
        _Canvas(figure)
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    return axes, buffer.getvalue()


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
