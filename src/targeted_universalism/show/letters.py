"""What files of XML can hold of a text: the rest is marked where it stood, never left out."""

from __future__ import annotations

import re

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML 1.0


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
