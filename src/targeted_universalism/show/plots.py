"""The façade's pictures: ``a.plot``; matplotlib loads when one is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from targeted_universalism.answer.answer import Answer

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Plots:
    """Pictures of an assessment: an answer in, matplotlib Axes out."""

    _answer: Answer

    def gaps(self, ax: Axes | None = None) -> Axes:
        """Draw each segment's rate and interval against the goal line, in the order of the data.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure of fitting size without it.

        Returns
        -------
        Axes
            With the picture in words in ``ax.tu_alt``.

        Raises
        ------
        InputError
            If there are several strata and no roll-up: choose one with ``a.where(…)``.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> ax = tu.assess(s, tu.Goal.at_least(0.5)).plot.gaps()
        >>> ax.tu_alt.split(". ")[-2]
        'A: 44.4 %, interval 34.6 to 54.7, 5.6 points to go, uncertain'

        """
        from targeted_universalism.show.pictures.gaps import gaps

        return gaps(self._answer, ax)

    def needed(self, ax: Axes | None = None) -> Axes:
        """Draw the people each segment needs to reach the goal, with their range.

        Parameters and errors as in :meth:`gaps`.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
        >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
        >>> ax = tu.assess(s, tu.Goal.at_least(0.5)).plot.needed()
        >>> ax.tu_alt.split(". ")[-2]
        'A: 5 people (0 to 14)'

        """
        from targeted_universalism.show.pictures.needed import needed

        return needed(self._answer, ax)

    def equiplot(self, ax: Axes | None = None) -> Axes:
        """Draw the rates of all segments on one line for each stratum, against the goal line.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure of fitting size without it.

        Returns
        -------
        Axes
            With the picture in words in ``ax.tu_alt``.

        Raises
        ------
        InputError
            If there are several indicators or dimensions (choose with ``a.where(…)``), or more
            strata or segments than a picture can show.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> absent = pd.DataFrame({
        ...     "county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["White", "Latino"] * 2,
        ...     "absent": [30, 90, 18, 60], "pupils": [200, 400, 150, 300],
        ... })
        >>> s = tu.from_counts(
        ...     absent, numerator="absent", denominator="pupils", segments="race", by="county"
        ... )
        >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.equiplot()
        >>> ax.tu_alt.split(". ")[-1]
        'Mono: All 17.3 %; White 12.0 %; Latino 20.0 %.'

        """
        from targeted_universalism.show.pictures.equiplot import equiplot

        return equiplot(self._answer, ax)

    def concentration(self, ax: Axes | None = None) -> Axes:
        """Draw the concentration curve of an ordered dimension, with its relative index.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure of fitting size without it.

        Returns
        -------
        Axes
            Cumulative percent of people against cumulative percent of the outcome, most
            disadvantaged first; in words in ``ax.tu_alt``.

        Raises
        ------
        InputError
            If there are several strata and no roll-up, or not exactly one dimension with a
            declared order.

        Notes
        -----
        Above the diagonal the outcome lies more with the most disadvantaged, and the relative
        concentration index is below 0 (Kakwani, Wagstaff & van Doorslaer 1997).

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> absent = pd.DataFrame({
        ...     "income": ["low", "middle", "high"], "absent": [30, 40, 10],
        ...     "pupils": [100, 200, 100],
        ... })
        >>> s = tu.from_counts(
        ...     absent, numerator="absent", denominator="pupils", segments="income",
        ...     order={"income": ["low", "middle", "high"]},
        ... )
        >>> ax = tu.assess(s, tu.Goal.at_most(15, per=100)).plot.concentration()
        >>> ax.tu_alt.split(". ")[-1]
        'high: 25.0 % of people, 12.5 % of the outcome.'

        """
        from targeted_universalism.show.pictures.concentration import concentration

        return concentration(self._answer, ax)

    def disparities(
        self,
        reference: str = "best",
        *,
        measure: str = "ratio",
        minimum: int = 30,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw each segment's ratio or difference to a reference, with its interval.

        Parameters
        ----------
        reference, minimum
            As in :meth:`Assessment.disparities`.
        measure : {"ratio", "difference"}
            Ratios on a log axis, where 1/2 and 2 are equally far from 1, or differences.
        ax : Axes, optional
            Where to draw; a new figure of fitting size without it.

        Returns
        -------
        Axes
            With the picture in words in ``ax.tu_alt``.

        Raises
        ------
        InputError
            If there are several strata and no roll-up, the reference is no segment, or there are
            too many rows to read.

        Examples
        --------
        >>> import pandas as pd
        >>> import targeted_universalism as tu
        >>> pupils = pd.DataFrame({
        ...     "group": ["Black", "Latino", "White"], "absent": [90, 240, 150],
        ...     "pupils": [300, 1000, 1000],
        ... })
        >>> s = tu.from_counts(pupils, numerator="absent", denominator="pupils", segments="group")
        >>> ax = tu.assess(s, tu.Goal.at_most(0.1)).plot.disparities("White")
        >>> ax.tu_alt.split(". ")[2]
        'Black: 2.00, interval 1.59 to 2.50'

        """
        from targeted_universalism.show.pictures.disparities import disparities

        return disparities(self._answer, reference, measure=measure, minimum=minimum, ax=ax)

    def __repr__(self) -> str:
        return (
            "Pictures of an assessment: .gaps(), .needed(), .disparities(), .equiplot(), "
            ".concentration()"
        )
