"""How labels are spelt: which read as a total or as not known, which are one in two spellings."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable

TOTAL = re.compile(
    r"(grand |sub|over)?total|all|overall|combined|everyone|everybody|both sexes|"
    r"(state|city|county|nation)[ -]?wide( total)?|(all|total) (?!masked|other).+|.+ total",
    re.IGNORECASE,
)
# Among places, what they all are together; elsewhere it may be one of several.
TOTAL_OF_PLACES = re.compile(rf"{TOTAL.pattern}|(the )?(state|nation)|national", re.IGNORECASE)
NOT_KNOWN = re.compile(
    r"unknown|missing|n/?a|none|null|nan|(data )?not (available|applicable|reported|known|stated|"
    r"specified|collected|recorded)|un(reported|specified|recorded)|declined( to (state|answer))?|"
    r"refused|no (data|response|answer)|(.+ )?(unknown|not reported|not stated)|all masked values",
    re.IGNORECASE,
)
_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}


def folded(text: str) -> str:
    """Give what is left of a label without case, blanks and punctuation.

    A sign between two digits stays, as those do that mean something: 10-14, <5, 18+.

    Examples
    --------
    >>> folded("Two or More  Races"), folded("two or more-races"), folded("10 – 14")
    ('twoormoreraces', 'twoormoreraces', '10-14')

    """
    if text.isascii() and text.isalnum():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‐-―−]", "-", "".join(text.split()))
    text = re.sub(r"(?<=\d)[./:,-](?=\d)", lambda sign: f"\0{sign[0]}\0", text)
    plain = re.sub(r"(?<!\0)[^\w<>≤≥+=%$#&*\0](?!\0)|_", "", text)
    return plain.replace("\0", "")


def twins(labels: Iterable[str]) -> list[list[int]]:
    """List the positions of labels that differ in case, blanks or punctuation alone.

    Examples
    --------
    >>> twins(["Black", "White", "black", "10-14", "1014", "", " "])
    [[0, 2]]

    """
    texts = list(labels)
    alike = _grouped(range(len(texts)), lambda i: _letters(texts[i]))
    found = [_grouped(places, lambda i: folded(texts[i])) for places in alike if len(places) > 1]
    return [places for groups in found for places in groups if len(places) > 1]


def _letters(text: str) -> str:
    """Give letters and digits alone: what labels that fold alike share, found without care."""
    if text.isascii():
        return text.lower().translate(_SIGNS)
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())


def _grouped(places: Iterable[int], key: Callable[[int], str]) -> list[list[int]]:
    """Put together what has one key, in the order of arrival; what has none is left out."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i in places:
        groups[key(i)].append(i)
    groups.pop("", None)
    return list(groups.values())
