"""Archives that are the same bytes every time: what they hold has no time of its own."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable
from pathlib import Path

NO_TIME = dt.datetime(1980, 1, 1)  # the first that an archive can hold


def write_archive(parts: Iterable[tuple[str, Iterable[bytes]]], place: Path) -> None:
    """Write parts to a file, each by its name, piece by piece: the same bytes for the same parts.

    Parameters
    ----------
    parts : iterable of (str, iterable of bytes)
        In their order.
    place : Path
        Where to write it.
    """
    with zipfile.ZipFile(place, "w") as file:
        for name, pieces in parts:
            info = zipfile.ZipInfo(name, NO_TIME.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with file.open(info, "w") as part:
                part.writelines(pieces)
