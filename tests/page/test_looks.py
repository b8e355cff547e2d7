"""Pages in a browser: nobody is kept out, nothing is cut off; `make test-page`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Tab, tab
from pages import PAGES, written

LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
AXE = """axe.run({runOnly: %s, resultTypes: ["violations"]}).then(found =>
    found.violations.flatMap(one => one.nodes.map(node => one.id + " at " + node.target + ": "
    + (node.failureSummary || one.help))))"""
WIDE, PHONE, PAPER = 1280, 420, 703  # a desk, a phone, A4 between its margins


@pytest.fixture(scope="module")
def browsed() -> Iterator[Tab]:
    with tab() as one:
        yield one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest, folder: Path) -> Path:
    return written(request.param, folder)


def kept_out(tab: Tab, axe: str) -> list[str]:
    """Say what keeps people out, in the light; in the dark only colours are others."""
    tab.run(axe)
    found: list[str] = tab.run(AXE % ALL)
    return [*found, *tab.dark().run(AXE % COLOURS)]


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_everybody_can_read_all_of_it(page: Path, width: int, browsed: Tab, axe: str) -> None:
    opened = browsed.open(page, width)
    assert opened.run(LOOKS) == []
    assert kept_out(opened, axe) == []


def test_all_of_it_lies_on_the_paper(page: Path, browsed: Tab) -> None:
    assert browsed.open(page, PAPER, media="print").run(LOOKS) == []


# The smallest letters of the page and of its pictures, as large as they are shown, in points.
LETTERS = """(async () => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const around = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && around.checkVisibility() && !around.closest(".hush"))
      found.push([parseFloat(getComputedStyle(around).fontSize) * .75, walker.currentNode.data]);
  }
  for (const img of document.images) {
    const svg = await (await fetch(img.src)).text(), of = img.width / img.naturalWidth;
    for (const [, size] of svg.matchAll(/<text[^>]*font-size: ([\\d.]+)px/g))
      found.push([size * of, img.alt]);
    for (const [, size] of svg.matchAll(/<text[^>]*font: (?:bold )?([\\d.]+)px/g))
      found.push([size * of, img.alt]);
  }
  return found.filter(([size]) => size < %s).map(([size, words]) => size + " pt: " + words);
})()"""


@pytest.mark.parametrize(("width", "media", "least"), [(PAPER, "print", 8.95), (WIDE, "screen", 9)])
def test_no_letter_is_too_small(
    page: Path, width: int, media: str, least: float, browsed: Tab
) -> None:
    assert browsed.open(page, width, media=media).run(LETTERS % least) == []


# --- what is found --------------------------------------------------------------------------------

FAULTS = {
    "no contrast": ('<p style="color: #999">pale</p>', "color-contrast at p"),
    "no contrast in the dark": (
        "<style>@media (prefers-color-scheme: dark) { p { color: #999 } }</style><p>pale</p>",
        "color-contrast at p",
    ),
    "no words for a picture": ('<img src="data:image/svg+xml,<svg/>">', "image-alt at img"),
    "a heading left out": ("<h4>deep</h4>", "heading-order at h4"),
    "a wide table": (
        f"<table><tr><td>{'<td>one cell</td>' * 40}</table>", "the page is",
    ),
    "a cut-off word": (
        '<p style="width: 3rem; overflow: hidden">unbreakable</p>', "does not fit into p",
    ),
    "a word over the edge of a cell": (
        '<table style="table-layout: fixed; width: 5rem"><tr><td>unbreakable<td>x</table>',
        "does not fit into td",
    ),
    "a cut-off line": (
        '<p style="height: 1rem; line-height: 1; overflow: hidden; width: 5rem">two of lines</p>',
        "does not fit into p",
    ),
    "a word cut off in a picture": (
        "<img alt='x' src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='50' "
        "height='20'><text x='10' y='15'>unbreakable</text></svg>\">",
        "is cut off in a picture",
    ),
}  # fmt: skip
SOUND = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>x</title>'
    "<main><h1>one</h1>{}</main></html>"
)


@pytest.mark.parametrize(("part", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(part: str, words: str, tmp_path: Path, browsed: Tab, axe: str) -> None:
    place = tmp_path / "page.html"
    place.write_text(SOUND.format(part), encoding="utf-8")
    opened = browsed.open(place, PHONE)
    assert any(words in fault for fault in [*opened.run(LOOKS), *kept_out(opened, axe)])


def test_what_has_no_fault_has_none(tmp_path: Path, browsed: Tab, axe: str) -> None:
    place = tmp_path / "page.html"
    place.write_text(SOUND.format("<p>all well</p>"), encoding="utf-8")
    opened = browsed.open(place, PHONE)
    assert [*opened.run(LOOKS), *kept_out(opened, axe)] == []
