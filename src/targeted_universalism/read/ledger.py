"""The ledger of a table before it is assessed: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

import pandas as pd

from targeted_universalism._typing import Number
from targeted_universalism.errors import advised
from targeted_universalism.read.carried import carried
from targeted_universalism.read.constructors import Segmentation
from targeted_universalism.read.frames import column_names, opened
from targeted_universalism.read.quality.finding import SEVERITIES, Finding, Seen
from targeted_universalism.read.quality.register import FINDINGS
from targeted_universalism.read.quality.sheet import Columns, make_sheet
from targeted_universalism.segments.columns import INSPECT
from targeted_universalism.segments.definition import Defining


@advised
def inspect(
    data: object,
    *,
    numerator: str | None = None,
    denominator: str | None = None,
    estimate: str | None = None,
    segments: Segmentation | None = None,
    kind: str | Mapping[str, str] | None = None,
    se: str | None = None,
    moe: str | None = None,
    ci: tuple[str, str] | None = None,
    level: float | None = None,
    population: str | None = None,
    n: str | None = None,
    per: Number | Mapping[str, Number] | None = None,
    adjusted: bool = False,
    by: str | Sequence[str] | None = None,
    indicator: str | None = None,
    cross: int = 1,
    order: Mapping[str, Sequence[object]] | None = None,
    total: object = None,
    dimension: str | Mapping[Any, str] | None = None,
    exclusive: bool | Mapping[str, bool] = True,
    unknown: object = None,
    labels: Mapping[Any, str] | Mapping[str, Mapping[Any, str]] | None = None,
    suppressed: Mapping[Any, Any] | None = None,
    rounded: int | Mapping[str, int] | None = None,
    years: float | Mapping[str, float] | None = None,
    definition: Defining | None = None,
) -> pd.DataFrame:
    """List what would lead an answer astray: what is wrong, where, in how many rows, what to do.

    It stops at nothing that a table holds. Say as much of the table as you know: the same options
    go to the constructor afterwards, and what needs an option that is not there is not looked for.

    Parameters
    ----------
    data : data frame
        pandas, polars, pyarrow or their kin. It is never changed.
    numerator, denominator, segments, kind, by, indicator, cross, order, total, dimension, \
exclusive, unknown, labels, suppressed, rounded, years, definition
        As in :func:`from_counts`. Without `segments` every column of text is looked at as labels.
    estimate, se, moe, ci, level, population, n, per, adjusted
        As in :func:`from_estimates`. An estimate beside a numerator and a denominator is held
        against them.

    Returns
    -------
    DataFrame
        One row for each thing that was seen, errors first; empty where nothing was.

        Columns (units in brackets):

        - ``severity``: error: the answer would be wrong, or is refused; warning: it may be wrong;
          note
        - ``where``: the column or group, and its first rows, counted from 0
        - ``rows`` (rows): how many rows it is about; missing where it is the whole table
        - ``finding``: the name of the finding, and what was seen
        - ``advice``: what to do

    Raises
    ------
    InputError
        If a column is not there, or an option is none that a constructor takes.

    Notes
    -----
    Findings, and what they say:

    - ``"refused"``: a constructor stops at the table, with what it says
    - ``"no number"``: a column of numbers holds text that is no declared token
    - ``"impossible value"``: counts below 0, numbers that are not finite, numerators above their
      denominators, proportions above their whole, estimates outside their own limits
    - ``"rows that repeat"``: several rows are about the same group in the same stratum
    - ``"undeclared total"``: a label reads as a total, or is the sum of all others, and is counted
      as a segment
    - ``"stacked partitions"``: segments together are far above their total, or some of them alone
      add up to it
    - ``"total outside its segments"``: the rate of a total lies below or above that of every
      segment
    - ``"totals that do not add up"``: a declared total is not the sum of its segments
    - ``"percent or proportion"``: no value is above 1 though per=100 was said, or a few are where
      the same group has percentages elsewhere
    - ``"rates that do not fit"``: a rate is not its counts, or no whole number of events out of n
      gives it, to the digits that are written
    - ``"zeros for hidden counts"``: there are zeros, and no counts between them and the least that
      agencies show
    - ``"heaping"``: more different counts are multiples of 5 than chance gives (level 0.001, and a
      share above 30%); few say nothing
    - ``"twins of labels"``: labels that differ in case, blanks or punctuation alone
    - ``"undeclared unknown"``: a label reads as not known, and is counted as a segment
    - ``"share of unknown"``: at least 5% of people (of rows, where nothing counts them) are of no
      known segment
    - ``"years that repeat"``: every number of a year is that of the year before, in ten groups or
      more
    - ``"places that repeat"``: every number of a place is that of another, in ten groups or more
    - ``"groups that disappear"``: a group has a row in one year and none in the next, though its
      place has others

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "race": ["Black", "black", "White", "Everyone"], "out": [30, 5, 50, 85],
    ...     "all": [300, 60, 900, 1260],
    ... })
    >>> found = tu.inspect(
    ...     pupils, numerator="out", denominator="all", segments="race", total="Everyone"
    ... )
    >>> found[["severity", "rows", "finding"]].to_dict("records")
    [{'severity': 'warning', 'rows': 1,
      'finding': "twins of labels: 'Black', 'black' are several labels"}]

    """
    options = {name: value for name, value in locals().items() if name != "data"}
    data = opened(data)
    # None says nothing where it is the default; elsewhere it is refused as by the constructors.
    silent = {name for name, one in signature(inspect).parameters.items() if one.default is None}
    said = {k: value for k, value in options.items() if value is not None or k not in silent}
    columns = Columns(**{name: said.get(name) for name in Columns.__annotations__})
    hidden = carried(data, columns.named, said.get("suppressed"))
    said |= {} if hidden is None else {"suppressed": hidden}
    sheet = make_sheet(data, column_names(data), columns, said)
    found = [(finding, seen) for finding in FINDINGS.values() for seen in finding.judge(sheet)]
    return _table(found)


def _table(found: Sequence[tuple[Finding, Seen]]) -> pd.DataFrame:
    """Make the table, errors first."""
    found = sorted(found, key=lambda one: SEVERITIES.index(_severity(*one)))
    return pd.DataFrame({
        "severity": pd.Categorical([_severity(*one) for one in found], SEVERITIES, ordered=True),
        "where": pd.Series([seen.where for _, seen in found], dtype=object),
        "rows": pd.array([seen.rows for _, seen in found], dtype="Int64"),
        "finding": pd.Series([f"{f.name}: {seen.words}" for f, seen in found], dtype=object),
        "advice": pd.Series([seen.advice or f.advice for f, seen in found], dtype=object),
    })[list(INSPECT.names)]  # fmt: skip


def _severity(finding: Finding, seen: Seen) -> str:
    return seen.severity or finding.severity
