"""Memory that was used for rows and is free again, given back before cells need it."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Give back to the system what Arrow and the C library keep for further rows.

    The C library of Linux keeps it for each thread by itself, where no other can use it.
    """
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not every C library has it
        if trim is not None:
            trim(0)
