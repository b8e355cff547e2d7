"""Memory that is used for rows again and again: kept between blocks, given back before cells."""

from __future__ import annotations

import ctypes
import sys

import numpy as np

# The largest block, but for what is kept beside it, whose release tells the C library of Linux that
# blocks of its size come and go (mallopt(3), M_MMAP_THRESHOLD).
_LARGE = 2**25 - 2**13


def keep() -> None:
    """Have the C library keep what is free again, up to some 64 MiB, until it is given back.

    Else it gives most blocks of rows back at once, and pages asked of the system anew cost more
    than what is computed in them. No page of the block released here was ever touched.
    """
    np.empty(_LARGE, dtype=np.uint8)


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
