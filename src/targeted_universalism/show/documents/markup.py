"""Paragraphs of WordprocessingML, by the ECMA-376 standard; text is text, whatever it holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

from targeted_universalism.show.content import Blank, Part, Text
from targeted_universalism.show.letters import held_by_xml, unbroken

TWIPS = 1440  # to an inch
_HAND = 360  # twips that a line takes that is written by hand


def element(tag: str, *children: Any, **attributes: object) -> Any:
    """Make an element of the word processor's namespace, with its attributes and children."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    made.extend(children)
    return made


def run(text: str, look: str = "", *, bold: bool = False) -> Any:
    """Make a run of text in a style of characters; tabs and new lines stay what they are.

    Parameters
    ----------
    text : str
        Any text.
    look : str
        The identifier of a style of characters.
    bold : bool
        Whether it is set off.
    """
    looks = [element("rStyle", val=look)] if look else []
    looks += [element("b"), element("bCs")] if bold else []
    looks += [element("rtl")] if from_right(text) else []
    made = element("r", element("rPr", *looks)) if looks else element("r")
    made.text = unbroken(held_by_xml(text))
    return made


def from_right(text: str) -> bool:
    """Tell whether text runs from right to left: its first letter does, as in HTML's "auto"."""
    for letter in text:
        side = unicodedata.bidirectional(letter)
        if side in ("L", "R", "AL"):
            return side != "L"
    return False


def paragraph(
    parts: Iterable[Part],
    look: str = "",
    *,
    bold: bool = False,
    right: bool = False,
    keep: bool = False,
    width: float = 0,
    headed: bool = False,
) -> Any:
    """Make a paragraph.

    Parameters
    ----------
    parts : iterable of Part
        What it says.
    look : str
        The identifier of its style.
    bold : bool
        Whether all of it is set off.
    right : bool
        Whether it stands to the right.
    keep : bool
        Whether it stays on the page of what follows.
    width : float
        How far lines to write on go, in inches.
    headed : bool
        Whether a heading over it says what belongs on such lines.
    """
    parts = list(parts)
    said = "".join(part if isinstance(part, str) else part.text for part in parts)
    looks = [element("pStyle", val=look)] if look else []
    looks += [element("keepNext")] if keep else []
    ruled = any(isinstance(part, Blank) for part in parts)
    end = element("tab", val="right", leader="underscore", pos=round(width * TWIPS))
    looks += [element("keepLines"), element("tabs", end)] if ruled else []
    looks += [element("bidi")] if from_right(said) else []
    looks += [element("spacing", line=_HAND, lineRule="atLeast")] if ruled else []
    looks += [element("jc", val="right")] if right else []
    made = element("p", *([element("pPr", *looks)] if looks else []))
    for i, part in enumerate(parts):
        made.extend(_runs(part, bold, first=i == 0, headed=headed))
    return made


def _runs(part: Part, bold: bool, first: bool, headed: bool) -> list[Any]:
    if isinstance(part, Blank):
        # On a line of its own: what belongs there, and a rule to the end of the line.
        why = f" ({part.why})" if part.why else ""
        words = part.short if headed else f"{part.what}{why}:"
        return [run(f"{'' if first else chr(10)}{words} \t", "Blank")]
    strong = bold or (isinstance(part, Text) and part.strong)
    return [run(part if isinstance(part, str) else part.text, bold=strong)]


def field(code: str) -> list[Any]:
    """Make a field that the word processor works out, such as the number of the page."""
    parts = [element("fldChar", fldCharType=kind) for kind in ("begin", "separate", "end")]
    told = element("instrText")
    told.text = code
    begin, between, end = (element("r", part) for part in parts)
    return [begin, element("r", told), between, run("1"), end]


def link(to: str, text: str) -> Any:
    """Make a link to a bookmark of the document."""
    return element("hyperlink", run(text, "Link"), anchor=to, history=1)


def bookmarked(made: Any, name: str) -> Any:
    """Put a bookmark around the runs of a paragraph; its name ends in its number."""
    number = name.rpartition("_")[2]
    made.insert(1, element("bookmarkStart", id=number, name=name))
    made.append(element("bookmarkEnd", id=number))
    return made
