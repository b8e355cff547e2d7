"""Names for the array types that cross module borders."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
CodeArray: TypeAlias = npt.NDArray[np.integer[Any]]  # of any width
ByteArray: TypeAlias = npt.NDArray[np.uint8]
Number: TypeAlias = int | float | Decimal | Fraction
