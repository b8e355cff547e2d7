"""Labels that are one in two spellings, or mean that nothing is known."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from targeted_universalism._typing import FloatArray
from targeted_universalism.errors import some_of
from targeted_universalism.read.quality.finding import Seen
from targeted_universalism.read.quality.sheet import Sheet, WrittenLabels
from targeted_universalism.segments import spelling
from targeted_universalism.segments.findings import UNKNOWN_FROM
from targeted_universalism.segments.spelling import NOT_KNOWN


def twins(sheet: Sheet) -> Iterator[Seen]:
    """Find labels that differ in case, blanks or punctuation alone."""
    for name in sheet.label_columns:
        texts = sheet.texts(name)
        held = np.flatnonzero(texts.counts)
        for found in spelling.twins(texts.written[i] for i in held):
            places = held[found]
            read = {texts.read[i] for i in places}
            listed = [repr(texts.written[i]) for i in places]
            rare = int(texts.counts[places].sum() - texts.counts[places].max())
            same = len(read) == 1
            yield Seen(
                f"column {name!r}", rare,
                f"{some_of(listed, 4)} are {'read as one label' if same else 'several labels'}",
                "They differ in blanks alone, and are one label here: nothing need be done."
                if same else "",
                "note" if same else "",
            )  # fmt: skip


def undeclared_unknown(sheet: Sheet) -> Iterator[Seen]:
    """Find labels that read as not known and are not declared so."""
    for split in sheet.splits:
        for text, rows in labels_that_are(split.texts, NOT_KNOWN):
            if text not in sheet.layout.unknown | sheet.layout.total:
                yield Seen(
                    f"column {split.name!r}", rows, f"{text!r} reads as not known",
                    f"If it is, say unknown={text!r}: it is then no group of its own.",
                )  # fmt: skip


def labels_that_are(texts: WrittenLabels, words: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """List the labels that are some words, with their rows."""
    rows: dict[str, int] = defaultdict(int)
    for text, count in zip(texts.read, texts.counts.tolist(), strict=True):
        if count and words.fullmatch(text):
            rows[text] += count
    return iter(rows.items())


def unknown_share(sheet: Sheet) -> Iterator[Seen]:
    """Find segments of which many are not known."""
    for split in sheet.splits:
        used = split.parts
        here = used & split.unknown
        if not here.any():
            continue
        size = _sizes(sheet)
        share = float(np.nansum(size[here]) / max(np.nansum(size[used]), 1e-300))
        if share >= UNKNOWN_FROM:
            yield Seen(
                f"column {split.name!r}; {sheet.at(here)}", int(here.sum()),
                f"{share:.0%} are of no known segment",
            )  # fmt: skip


def _sizes(sheet: Sheet) -> FloatArray:
    """How many people each row is about; 1 where nothing says."""
    named = [sheet.columns.denominator, sheet.columns.population, sheet.columns.n]
    for name in named:
        if name is not None:
            return np.where(np.isfinite(sheet.figures(name).value), sheet.figures(name).value, 0)
    return np.ones(len(sheet))
