"""What Tab shows of a noun: the names that users need, and none of those that the house needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class _Tidy(type):
    _shown: tuple[str, ...]

    def __dir__(cls) -> list[str]:  # consoles ask the class of an object too
        return _tidied(super().__dir__(), cls._shown)


class Tidy(metaclass=_Tidy):
    """An object of which ``dir`` lists special names and those in ``_shown``."""

    _shown: ClassVar[tuple[str, ...]] = ()

    def __dir__(self) -> list[str]:
        return _tidied(super().__dir__(), self._shown)


def _tidied(names: Iterable[str], shown: tuple[str, ...]) -> list[str]:
    return [name for name in names if name.startswith("__") or name in shown]
