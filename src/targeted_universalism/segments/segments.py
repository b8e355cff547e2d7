"""People become segments: the noun that constructors make and ``assess`` takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from targeted_universalism.errors import advised, as_path, check_one_of, check_path
from targeted_universalism.segments import store
from targeted_universalism.segments.combine import combine
from targeted_universalism.segments.statistics import Statistics


@dataclass(frozen=True, eq=False, repr=False)
class Segments(Statistics):
    """Who was counted, and how they are split: the statistics of every segment in every stratum.

    Made by :func:`from_counts`, :func:`from_records` or :func:`from_estimates`, never by hand;
    the parameters are those of :class:`Statistics`.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({"race": ["Asian", "Black"], "out": [30, 50], "all": [300, 200]})
    >>> tu.from_counts(pupils, numerator="out", denominator="all", segments="race")
    Segments of counts (proportion): 1 stratum; race (2 segments)

    """

    _shown = ("choices", "dimensions", "to_parquet")

    def __add__(self, other: object) -> Segments:
        """Merge with a partner's segments: sufficient statistics add exactly."""
        if not isinstance(other, Segments):
            return NotImplemented
        return combine([self, other])

    @advised
    def to_parquet(self, path: str | Path, *, confidential: bool = False) -> Path:
        """Write the statistics to a file that a partner can read and add to theirs.

        Parameters
        ----------
        path : str or Path
            Where to write; its folder must exist.
        confidential : bool
            Needed where any cell counts 1 to 10 people, events, or people without the event: the
            file is marked, and must be kept as safe as the records.

        Returns
        -------
        Path
            The file; :func:`read_segments` reads it.
        """
        check_one_of("confidential", confidential, (True, False))
        return store.write(self, check_path("path", path), confidential)


@advised
def read_segments(path: str | Path) -> Segments:
    """Read segments that ``segments.to_parquet`` wrote.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Segments
        Equal to what was written, to the bit.

    Raises
    ------
    InputError
        If the file holds no segments, or cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> data = pd.DataFrame({"race": ["A", "B"], "x": [40, 30], "n": [90, 70]})
    >>> s = tu.from_counts(data, numerator="x", denominator="n", segments="race")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tu.read_segments(s.to_parquet(pathlib.Path(folder) / "inyo.parquet"))
    Segments of counts (proportion): 1 stratum; race (2 segments)

    """
    return store.read(as_path("path", path), Segments)
