"""A page as HTML: one file that fetches and runs nothing, everything in it escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.content import Blank, Page, Picture, Text
from targeted_universalism.show.letters import held_by_xml, unbroken

# In inches: the room that A4 and Letter both have between their margins, so that nothing is made
# smaller: across, down under a title and some sentences, and down.
_ROOM = (7.3, 7.2, 9.4)
_WHOLE = 18  # letters of a number with its unit that is not broken on paper


def write_html(page: Page, path: Path) -> Path:
    """Write a page to a file, whole or not at all."""
    text = html(page)
    return write_whole(path, lambda place: place.write_text(text, encoding="utf-8"))


def html(page: Page) -> str:
    """Give a page as text; what no file can hold is marked where it stood."""
    return held_by_xml(_template().render(page=page))


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("targeted_universalism", "show"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finished,
    )
    environment.filters["pages"] = _pages
    environment.tests["blank"] = lambda part: isinstance(part, Blank)
    environment.tests["long"] = lambda part: isinstance(part, str) and len(part) > _WHOLE
    environment.tests["text"] = lambda part: isinstance(part, Text)
    return environment.get_template("report.html")


def _finished(value: object) -> object:
    """Keep numbers and their signs together, in text that is not made yet."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return unbroken(value)


def _pages(picture: Picture) -> Iterator[tuple[str, Markup]]:
    """Give a picture as wide as paper, in as many parts as that takes: words, and address."""
    for alt, svg in picture.drawing.pages(*_ROOM):
        yield alt, _address(svg)


def _address(svg: str) -> Markup:
    """Give a picture as an address that holds it."""
    data = base64.b64encode(held_by_xml(svg).encode()).decode("ascii")
    return Markup(f"data:image/svg+xml;base64,{data}")  # noqa: S704 - base64 has nothing to escape
