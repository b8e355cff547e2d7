"""What files of XML can hold of a text, and what of it stays on one line."""

from __future__ import annotations

import re

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML 1.0
_NO_BREAK = "\u00a0"
_SIGNS = re.compile(
    r"(?<=\d) (?=[%‰†]|points?\b)"  # 95 %, 3.9 points
    r"|(?<=\d) per (?=\d)"  # 3 per 1,000
    r"|(?<=%) (?=†)"
    r"|(?<=\b[np]) (?=[=<>≤≥≠] ?\d)|(?<=[=<>≤≥≠±]) (?=\d)"  # n = 5, ± 2
    r"|(?<=[✓▲■†]) (?=\w)"  # a mark and its word
)


def held_by_xml(text: str) -> str:
    r"""Put U+FFFD for every character that XML cannot hold, halves of a character too.

    Parameters
    ----------
    text : str
        Any text.

    Examples
    --------
    >>> held_by_xml("a\x00b\ud83d, 日本 🎓\n")
    'a�b�, 日本 🎓\n'

    """
    return _NO_XML.sub("\ufffd", text)


def unbroken(text: str) -> str:
    r"""Put spaces that no line breaks at between a number and its sign or unit.

    Parameters
    ----------
    text : str
        Any text; nothing else of it changes.

    Examples
    --------
    >>> unbroken("95 % of them, 3 per 1,000 (n = 5)").split(" ")
    ['95\xa0%', 'of', 'them,', '3\xa0per\xa01,000', '(n\xa0=\xa05)']

    """
    return _SIGNS.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
