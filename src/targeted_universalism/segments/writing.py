"""Writing a file whole or not at all: what stood there stays until the new one is complete."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from targeted_universalism.errors import InputError


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Write beside the file and put it in its place; a write that fails leaves the old file.

    Parameters
    ----------
    path : Path
        Where the file is to stand. What is no plain file (a pipe) is written to as it is.
    write : callable
        Writes a file to the path that it is given.

    Raises
    ------
    InputError
        If the path is a folder, or cannot be written.
    """
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder: name the file to write.")
    try:
        _put(path.resolve(), write)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error}") from None
    return path


def _put(place: Path, write: Callable[[Path], object]) -> None:
    """Write beside the place and move what is complete there; what is no file is written to."""
    if place.exists() and not place.is_file():
        write(place)
        return
    beside = place.with_name(f".{place.name[:100]}.{uuid4().hex}")
    try:
        write(beside)
        if place.exists():
            beside.chmod(place.stat().st_mode & 0o777)
        os.replace(beside, place)
    finally:
        beside.unlink(missing_ok=True)
